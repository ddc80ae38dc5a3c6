"""Causes of cold homes on district heat, cell by cell and array by array: the same bytes."""

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.services.heat import causes_loops
from gridmodel.services.heat.causes import Cold, OwnCold, Way, Why
from gridmodel.services.heat.causes_in_turns import OF_TURNS, InTurns
from gridmodel.services.heat.homes import LEAST_KINDS, MOST_KINDS
from gridmodel.services.heat.own import ALWAYS_POWERED
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, NO_CIRCULATION
from gridmodel.services.heat.supply import Heat
from gridmodel.services.heat.warming import STATES, WARMING
from gridmodel.simulation.inputs import run_inputs
from gridmodel.vocabulary import HEAT_CAUSES

MEMBERS = 40
OCCUPIED = {
    "all connected": [CONNECTED],
    "waiting": [CONNECTED, WARMING[1], NO_CIRCULATION, DRAINED],
    "every state": [CONNECTED, *WARMING, NO_CIRCULATION, DRAINED, FROZEN],
}


@pytest.fixture(scope="module")
def system():
    scenario = gm.load_scenario("three-region").replace(deterministic=False, members=MEMBERS)
    return run_inputs(scenario).parts["heat"]


def some_cold(system, occupied):
    """Homes from cold to warm, on the way to which anything may be whole, partly lost or wholly lost."""
    rng, cells = np.random.default_rng(3), (MEMBERS, len(system.population))
    heated, kinds = sum(state in (CONNECTED, *WARMING) for state in occupied), len(system.homes.kinds)

    def part():
        return np.clip(rng.uniform(-0.3, 1.3, cells), 0.0, 1.0)

    air_c = rng.uniform(0.0, 24.0, (len(occupied), kinds, *cells))
    air_c[..., :3, :] += 12.0  # some cells are warm
    source, powered, network = part(), part(), part()
    reach, need_w = (
        np.minimum(source * powered * network + 0.1 * part(), 1.0),
        rng.uniform(0.0, 120.0, (heated, kinds, *cells)),
    )
    heat = Heat(
        need_w=need_w, heat_w=need_w * rng.random(need_w.shape), need_mw=rng.uniform(0.0, 900.0, cells),
        supplied_mw=part(), given=part(), hot_water=part(),
    )  # fmt: skip
    return Cold(
        homes=system.homes, settings=system.settings, some=(air_c < 12.0).any(axis=(0, 1)),
        share=rng.uniform(0.01, 0.5, (STATES, *cells)), occupied=np.array(occupied),
        weight=rng.random(air_c.shape) * (rng.random(air_c.shape) < 0.8), rooms_c=air_c, heat=heat,
        capacity_mw=rng.uniform(0.0, 900.0, (1, cells[1])), gains_w=np.full((), 5.0),
        outdoor_c=rng.uniform(-30.0, 5.0, cells[1]), home_power=part(),
        way=Way(source=source, powered=powered, filled=np.ones(()), network=network, reach=reach, held=reach * part()),
    )  # fmt: skip


@pytest.mark.parametrize("case", OCCUPIED)
def test_loops_put_cold_homes_on_district_heat_to_the_causes_that_arrays_put_them_to(system, monkeypatch, case):
    cold, found = some_cold(system, OCCUPIED[case]), []
    monkeypatch.setattr(causes_loops, "LEAST", 1)
    for loops in (False, True):
        monkeypatch.setattr(causes_loops, "COMPILED", loops)
        found.append(cold.causes((np.array([4]), np.array([1]))))
    assert found[0].tobytes() == found[1].tobytes()
    assert not found[1][:3].any()
    assert not found[1][4, 1].any()
    people = np.where(cold.rooms_c < 12.0, cold.weight, 0.0).sum(axis=(0, 1))
    people[4, 1] = 0.0
    assert found[1].sum(axis=-1) == pytest.approx(people)
    of_connected = ("warming_up", "home_without_power", "heat_short", "beyond_installed")
    on_the_way = ("source_damaged", "source_without_power", "network_damaged", "not_reconnected")
    expected = {*of_connected} | ({*on_the_way} if len(cold.occupied) > 1 else set())
    expected |= {"pipes_burst"} if FROZEN in cold.occupied else set()
    assert {name for name, share in zip(HEAT_CAUSES, found[1].max(axis=(0, 1)), strict=True) if share > 0} == expected


def some_own_cold(system, kinds):
    """Homes that heat themselves, from cold to warm, some at the very threshold, with all or some power and gas."""
    rng, cells = np.random.default_rng(8), (MEMBERS, len(system.population))
    air_c = rng.uniform(0.0, 24.0, (kinds.stop - kinds.start, *cells))
    air_c[:, :3] += 12.0  # some cells are warm
    air_c[:, 3] = 12.0
    power, fuel = (np.clip(rng.uniform(0.4, 1.3, cells), 0.0, 1.0) for _ in range(2))
    return OwnCold(
        homes=system.homes, kinds=kinds, weight=rng.random(air_c.shape) * (rng.random(air_c.shape) < 0.8), air_c=air_c,
        heating_w=rng.uniform(0.0, 120.0, air_c.shape), backup=(1.0 - power) * rng.integers(0, 2, cells),
        gains_w=rng.uniform(2.0, 5.0, cells), outdoor_c=rng.uniform(-30.0, 5.0, cells[1]), home_power=power, fuel=fuel,
    )  # fmt: skip


@pytest.mark.parametrize("kinds", [slice(0, LEAST_KINDS), slice(0, MOST_KINDS), ALWAYS_POWERED], ids=str)
def test_loops_put_cold_homes_that_heat_themselves_to_the_causes_that_arrays_put_them_to(system, monkeypatch, kinds):
    cold, before = some_own_cold(system, kinds), np.random.default_rng(9).random((MEMBERS, 3, len(HEAT_CAUSES)))
    monkeypatch.setattr(causes_loops, "LEAST", 1)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(causes_loops, "COMPILED", loops)
        share = before.copy()
        cold.add_to(share)
        found.append(share)
    assert found[0].tobytes() == found[1].tobytes()
    assert found[1][:4].tobytes() == before[:4].tobytes()
    people = np.where(cold.air_c < 12.0, cold.weight, 0.0).sum(axis=0)
    assert (found[1] - before).sum(axis=-1) == pytest.approx(people, abs=1e-12)
    added = {name for name, more in zip(HEAT_CAUSES, (found[1] > before).any(axis=(0, 1)), strict=True) if more}
    may_lack = {"home_without_gas"} if kinds == ALWAYS_POWERED else {"home_without_power", "home_without_gas"}
    assert added == {"warming_up", "beyond_installed"} | may_lack


class SomeTurns:
    """Stands in for homes that stop with their power: some of them are cold."""

    add_to = InTurns.add_to

    def found(self):
        return np.random.default_rng(5).random((len(OF_TURNS), MEMBERS, 3))


@pytest.mark.parametrize("turns", [None, SomeTurns()], ids=["all alike", "in turns"])
def test_a_loop_writes_the_people_that_arrays_write(system, monkeypatch, turns):
    why = Why(cold=some_cold(system, OCCUPIED["waiting"]), own=some_own_cold(system, ALWAYS_POWERED), turns=turns)
    monkeypatch.setattr(causes_loops, "LEAST", 1)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(causes_loops, "COMPILED", loops)
        people = np.full((MEMBERS, 2, 3, len(HEAT_CAUSES)), 7.0, np.float32)
        why.put(people[:, 1], system.population, None)
        found.append(people.tobytes())
        assert (people[:, 0] == 7.0).all()
    assert found[0] == found[1]
    assert people[:, 1] == pytest.approx(why.causes() * system.population[:, None])
