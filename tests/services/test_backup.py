from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from gridmodel.network import read_network
from gridmodel.sampling import draw_settings
from gridmodel.scenario.backup_systems import SYSTEM_TABLE, SYSTEMS
from gridmodel.services import backup_loops
from gridmodel.services.backup import BackupSystems, build_backup, full_tanks, how_many, start, step, step_backup
from gridmodel.services.behind_meter import build_batteries

HEAT, WATER, HOSPITAL, TELECOM = (SYSTEMS.index(name) for name in ("heat", "water", "hospital", "telecom"))


def fleet(three, **changes):
    scenario = three(**({"backup_start_probability": 1.0, "fuel_trucks_per_million": 0.0} | changes))
    members = tuple(range(scenario.draws))
    settings = draw_settings(scenario, members)
    return scenario, build_backup(read_network("three-region"), scenario, members, settings), settings


def course(case, hours, *, power=0.0, trucks=0.0, extra=None, step_h=1.0):
    scenario, backup, settings = case
    fuel, shown = full_tanks(backup), []
    grid = np.full((scenario.draws, 3, len(SYSTEMS)), power)
    for _ in range(hours):
        got = step_backup(
            backup, fuel, settings, power=grid, extra_mw=np.zeros((3, len(SYSTEMS))) if extra is None else extra,
            trucks=np.full(3, trucks), step_h=step_h,
        )  # fmt: skip
        fuel = got.fuel_mwh
        shown.append(got)
    return shown


def test_generators_cover_their_share_for_the_hours_that_the_tank_holds(three):
    steps = course(fleet(three), 30)
    heat = [step.share[0, 0, HEAT] for step in steps]
    assert heat[:24] == pytest.approx([5 / 16] * 24)
    assert heat[24:] == pytest.approx([0.0] * 6)
    assert [step.dark[0, 0, HOSPITAL] for step in steps][23:25] == pytest.approx([0, 1])
    assert [step.dark[0, 0, TELECOM] for step in steps][3:5] == pytest.approx([0, 1])


@pytest.mark.parametrize("starts", [0.9, 0.5])
def test_a_set_that_does_not_start_gives_its_fuel_to_no_other(three, starts):
    steps = course(fleet(three, backup_start_probability=starts), 30)
    heat = [step.share[0, 0, HEAT] for step in steps]
    assert heat == pytest.approx([starts * 5 / 16] * 24 + [0.0] * 6)
    assert steps[11].fuel_h[0, 0, HEAT] == pytest.approx(12.0)
    assert [step.share[0, 0, TELECOM] for step in steps][:5] == pytest.approx([starts] * 4 + [0.0])


@pytest.mark.parametrize("needless", [False, True])
def test_a_loop_runs_the_generators_that_arrays_run(three, monkeypatch, needless):
    scenario, backup, settings = fleet(three, deterministic=False, members=6, backup_start_probability=0.6)
    if needless:
        backup = replace(backup, demand_mw=backup.demand_mw * (np.arange(3) != 1)[:, None])
    monkeypatch.setattr(backup_loops, "LEAST", 1)
    rng, found = np.random.default_rng(2), []
    power = np.clip(rng.uniform(-0.5, 1.2, (scenario.draws, 3, len(SYSTEMS))), 0.0, 1.0)
    for loops in (False, True):
        monkeypatch.setattr(backup_loops, "COMPILED", loops)
        steps = course((scenario, replace(backup), settings), 40, power=power, trucks=1.0)
        found.append(
            [getattr(one, name).tobytes() for one in steps for name in ("fuel_mwh", "share", "dark", "fuel_h")]
        )
    assert found[0] == found[1]
    assert steps[-1].fuel_mwh.any()
    assert steps[-1].dark.any()


def test_half_the_power_halves_what_hospitals_burn(three):
    steps = course(fleet(three), 60, power=0.5)
    assert np.flatnonzero([step.dark[0, 0, HOSPITAL] > 1e-9 for step in steps])[0] == 48


def bridged(case, on, *, step_h):
    """Mean share that runs and is dark over the steps of three regions, and fuel at the end, by system; of cohorts."""
    scenario, backup, settings = case
    none = np.zeros((len(on), 3, len(SYSTEMS)))
    systems = BackupSystems(
        backup=backup, settings=settings, step_h=step_h, population=np.zeros(3), extra_mw=none, extra_trucks=none[..., 0],
        batteries=build_batteries(backup.demand_mw, settings), cohorts=on.shape[1],
    )  # fmt: skip
    state, shown, shape = start(systems).state, [], (scenario.draws, 3)
    for number, cohorts in enumerate(on):
        every = np.full(shape, cohorts.mean())
        seen = {system.grid: every for system in SYSTEM_TABLE} | {
            "cohort_power_share": np.broadcast_to(cohorts[:, None, None], (len(cohorts), *shape)),
            "broken_feeder_share": np.zeros(shape), "critical_power_share": every, "home_power_share": every,
        }  # fmt: skip
        state, made = step(systems, state, seen, number)
        shown.append(made)
    runs, dark = (np.mean([made[name][0, 0] for made in shown], axis=0) for name in ("backup_share", "dark_share"))
    return runs, dark, state.fuel_mwh[0, 0] / backup.demand_mw[0]


@pytest.mark.parametrize("step_h", [1.0, 0.5, 0.25])
def test_generators_run_once_batteries_end_whatever_the_step(three, step_h):
    # dead for two hours: batteries for a quarter of an hour and for one and a quarter, then half of the generators start
    case = fleet(three, backup_start_probability=0.5, telecom_battery_h=0.25, hospital_battery_h=1.25)
    full_h = full_tanks(case[1])[0, 0] / case[1].demand_mw[0]
    runs, dark, left_h = bridged(case, np.zeros((round(2 / step_h), 1)), step_h=step_h)
    for system, battery_h in ((TELECOM, 0.25), (HOSPITAL, 1.25)):
        assert 2 * runs[system] == pytest.approx(battery_h + 0.5 * (2 - battery_h))
        assert 2 * dark[system] == pytest.approx(0.5 * (2 - battery_h))
        assert full_h[system] - left_h[system] == pytest.approx(0.5 * (2 - battery_h))


@pytest.mark.parametrize("step_h", [1.0, 0.5, 0.25])
def test_generators_serve_places_without_batteries_beside_those_whose_batteries_end(three, step_h):
    # of four sub-queues two are off for two hours, a third in the second: telecom has batteries for an hour and a quarter
    off = np.repeat([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]], round(1 / step_h), axis=0)
    case = fleet(three, backup_start_probability=0.6, telecom_battery_h=1.25)
    runs, dark, _ = bridged(case, off, step_h=step_h)
    # three quarters lack power in the second hour; after a quarter of it two have nothing, and generators suffice for both
    assert 2 * runs[TELECOM] == pytest.approx(1.25)
    assert dark[TELECOM] == pytest.approx(0.0, abs=1e-9)
    runs, dark, _ = bridged(fleet(three, backup_start_probability=0.3, telecom_battery_h=1.25), off, step_h=step_h)
    assert 2 * dark[TELECOM] == pytest.approx(0.75 * (0.5 - 0.3))


def test_trucks_serve_hospitals_first_and_telecom_last(three):
    case = fleet(three)
    scenario, backup, _ = case
    need = float((backup.demand_mw * backup.cover)[0].sum())
    brought = scenario.truck_load_mwh / scenario.truck_trip_h
    trucks = (float(backup.demand_mw[0, HOSPITAL]) + 1.0) / brought
    last = course(case, 60, trucks=trucks)[-1]
    assert need > trucks * brought
    assert last.dark[0, 0, HOSPITAL] == pytest.approx(0.0)
    assert last.dark[0, 0, TELECOM] == pytest.approx(1.0)
    assert 0 < last.share[0, 0, HEAT] < 5 / 16
    assert last.share[0, 0, WATER] == 0.0


def test_generators_that_help_has_placed_come_on_top_and_with_fuel(three):
    extra = np.zeros((3, len(SYSTEMS)))
    extra[0, HEAT] = 3.0
    steps = course(fleet(three), 30, extra=extra)
    assert steps[0].share[0, 0, HEAT] == pytest.approx(8 / 16)
    assert steps[23].share[0, 0, HEAT] == pytest.approx(8 / 16)  # they burn nothing of the tanks that were there
    assert steps[-1].share[0, 0, HEAT] == pytest.approx(3 / 16)


def test_each_generator_starts_with_its_chance_drawn_once_a_member(three):
    scenario, backup, settings = fleet(three, backup_start_probability=0.8, deterministic=False, members=2000)
    assert backup.starts.mean() == pytest.approx(0.8, abs=0.01)
    assert 0 < backup.starts[:, 0, HOSPITAL].std() < 0.2
    assert np.round(backup.starts[:, 0, HOSPITAL] * 10) == pytest.approx(backup.starts[:, 0, HOSPITAL] * 10)
    again = build_backup(read_network("three-region"), scenario, (5, 6), settings)
    assert (again.starts == backup.starts[5:7]).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0, 5))
def test_fuel_is_burned_or_brought_and_never_made(course_of_power, trucks):
    from gridmodel.scenario import make_scenario

    scenario = make_scenario({"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC",
                              "start": "2026-01-05", "end": "2026-01-06", "deterministic": True})  # fmt: skip
    settings = draw_settings(scenario, [0])
    backup = build_backup(read_network("three-region"), scenario, (0,), settings)
    fuel = full_tanks(backup)
    most = fuel.copy()
    for power in course_of_power:
        got = step_backup(
            backup, fuel, settings, power=np.full((1, 3, len(SYSTEMS)), power), extra_mw=np.zeros((3, len(SYSTEMS))),
            trucks=np.full(3, trucks), step_h=1.0,
        )  # fmt: skip
        burned = got.share * backup.demand_mw
        brought = got.fuel_mwh - fuel + burned
        assert (brought >= -1e-9).all()
        assert (brought.sum(axis=-1) <= trucks * 17.5 / 6 + 1e-9).all()
        assert (got.fuel_mwh <= most + 1e-9).all()
        assert got.share + got.dark + power == pytest.approx(np.ones((1, 3, len(SYSTEMS))))
        fuel = got.fuel_mwh


@given(st.integers(1, 400), st.floats(1e-3, 1.0) | st.just(0.0), st.floats(1e-9, 1.0, exclude_max=True))
def test_generators_that_start_are_the_smallest_number_whose_probability_reaches_the_draw(sets, chance, uniform):
    found = float(how_many(np.array([uniform]), np.array([float(sets)]), np.array([chance]))[0])
    up_to = np.concatenate([[0.0], np.cumsum(binom.pmf(np.arange(sets + 1), sets, chance))])
    assert up_to[int(found)] - 1e-9 <= uniform <= up_to[int(found) + 1] + 1e-9
