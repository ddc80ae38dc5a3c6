"""Homes that take turns, home by home and array by array: the same bytes."""

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from conftest import at_gate

import gridmodel as gm
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat import causes_loops, turns_loops
from gridmodel.services.heat.causes_in_turns import InTurns
from gridmodel.services.heat.homes import OwnTurns
from gridmodel.services.heat.turns import step_turns
from gridmodel.services.layers import Layers
from gridmodel.simulation.inputs import run_inputs
from gridmodel.vocabulary import HEAT_CAUSES

MEMBERS, COHORTS = 50, 13  # more cells than a block of the loops has


@pytest.fixture(scope="module")
def system():
    scenario = gm.load_scenario("three-region").replace(rotation="queues", deterministic=False, members=MEMBERS)
    return run_inputs(scenario).parts["heat"]


def some_homes(rng, rows, regions, *, heaters):
    """Homes from warm to far below 0 °C, by boilers that are off, on, or catching up; some of whom use heaters."""
    shape = (rows, COHORTS, MEMBERS, regions)
    heater = rng.uniform(0.0, 30.0, shape) * (rng.random(shape) < 0.5) if heaters else np.zeros(shape)
    return OwnTurns(
        mass_c=rng.uniform(-5.0, 22.0, shape).astype("f4"),
        radiator_w=(rng.uniform(0.0, 160.0, shape) * (rng.random(shape) < 0.8)).astype("f4"),
        heater_w=heater.astype("f4"),
        cold_h=rng.uniform(0.0, 60.0, shape).astype("f4"),
        charge_h=rng.uniform(0.0, 4.0, shape[1:]).astype("f4"),
    )


def arrays_of(value, path):
    if is_dataclass(value):
        for field in fields(value):
            yield from arrays_of(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, np.ndarray):
        yield path, value


@pytest.mark.parametrize("heaters", [False, True])
@pytest.mark.parametrize("rows", at_gate([3, 5], 2))
@pytest.mark.parametrize("case", at_gate(["mixed", "all warm"], 2))
def test_loops_over_homes_give_the_same_bytes_as_arrays(system, monkeypatch, rows, heaters, case):
    rng = np.random.default_rng(rows + 10 * heaters)
    regions = len(system.population)
    state = some_homes(rng, rows, regions, heaters=heaters)
    power = np.round(rng.uniform(0.0, 1.0, (COHORTS, MEMBERS, regions)), 1)
    if case == "all warm":
        state = replace(state, mass_c=np.abs(state.mass_c) * np.float32(0.01) + np.float32(21.0))
        power = np.ones_like(power)
    cohorts = Cohorts(power=power, outside=np.full((MEMBERS, regions), 0.1) if rows == 3 or heaters else None)
    fuel = np.array([[1.0, 0.6, 1.0]]) if rows == 5 else np.ones((1, 1))
    arrays, loops = both_ways(
        monkeypatch, system, state, cohorts, fuel=fuel, sun_w=None if heaters else np.full((1, 1, regions), 20.0)
    )  # fmt: skip
    assert arrays.keys() == loops.keys()
    assert {name for name in arrays if arrays[name].tobytes() != loops[name].tobytes()} == set()
    if case == "mixed":
        assert arrays["TurnsStep.cold_places"].size > 50
        assert arrays["TurnsStep.left_share"].max() > 0
        assert arrays["TurnsStep.heater_homes"].max() > 0
        assert arrays["OwnTurns.heater_w"].max() > 0
    else:
        assert arrays["TurnsStep.cold_share"].max() == 0


def both_ways(monkeypatch, system, state, cohorts, *, fuel, sun_w, heaters=True):
    """Arrays of a step by name, found array by array and home by home."""
    found = []
    for loops in (False, True):
        monkeypatch.setattr(turns_loops, "COMPILED", loops)
        with np.errstate(all="ignore"):
            step = step_turns(
                system.homes, state, system.settings, cohorts, outdoor_c=np.array([-18.0, -5.0, 3.0]), fuel=fuel,
                sun_w=sun_w, step_h=1.0, heaters=heaters,
            )  # fmt: skip
        found.append(dict(pair for part in step for pair in arrays_of(part, type(part).__name__)))
    return found


def test_loops_plug_no_heaters_in_where_arrays_plug_none_in(system, monkeypatch):
    regions = len(system.population)
    state = some_homes(np.random.default_rng(3), 3, regions, heaters=True)
    cohorts = Cohorts(power=np.full((COHORTS, MEMBERS, regions), 0.5))
    arrays, loops = both_ways(
        monkeypatch, system, state, cohorts, fuel=np.ones((1, 1)), sun_w=None, heaters=False
    )  # fmt: skip
    assert {name for name in arrays if arrays[name].tobytes() != loops[name].tobytes()} == set()
    assert arrays["OwnTurns.cold_h"].max() > 0
    assert arrays["OwnTurns.heater_w"].max() == arrays["TurnsStep.heater_w"].max() == 0


@pytest.mark.parametrize("layered", [False, True])
@pytest.mark.parametrize("short_gas", [False, True])
def test_a_loop_over_cold_homes_puts_each_to_the_cause_that_arrays_put_it_to(system, monkeypatch, short_gas, layered):
    rng = np.random.default_rng(7)
    regions = len(system.population)
    state = some_homes(rng, 5, regions, heaters=False)
    cohorts = Cohorts(
        power=rng.integers(0, 2, (COHORTS, MEMBERS, regions)).astype(float), outside=np.full((MEMBERS, regions), 0.1)
    )
    fuel, outdoor = np.array([[0.6 if short_gas else 1.0, 1.0, 1.0]]), np.array([-70.0, -5.0, 3.0])
    with np.errstate(all="ignore"):
        step = step_turns(
            system.homes, state, system.settings, cohorts, outdoor_c=outdoor, fuel=fuel, sun_w=None, step_h=1.0,
            heaters=True,
        )[1]  # fmt: skip
    layers = Layers.none(np.array([1]), MEMBERS, count=1) if layered else None
    asked, found = InTurns(homes=system.homes, turns=step, outdoor_c=outdoor, fuel=fuel, layers=layers), []
    for loops in (False, True):
        monkeypatch.setattr(causes_loops, "COMPILED", loops)
        share = np.zeros((MEMBERS, regions, len(HEAT_CAUSES)))
        asked.add_to(share)
        found.append(share)
    assert found[0].tobytes() == found[1].tobytes()
    assert (found[1].max(axis=(0, 1)) > 0).sum() == (4 if short_gas else 3)
    assert found[1].sum(axis=-1) == pytest.approx(step.cold_share[2])
