"""Waterworks, cell by cell and array by array: the same bytes. Without numba the loop is plain Python."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from gridmodel.services import waterworks_loops
from gridmodel.services.water import WaterState, WaterSystem, Waterworks, step, step_water
from gridmodel.services.wells import Wells, empty_wells

SHAPE = MEMBERS, REGIONS = (40, 4)
STEPS, STEP_H = 30, 0.5


def waterworks(rng):
    """Waterworks, one without a reservoir and one that nobody draws from."""
    demand = rng.uniform(10.0, 90.0, REGIONS)
    demand[2], storage = 0.0, rng.uniform(10.0, 60.0, REGIONS)
    storage[1] = 0.0
    return Waterworks(
        storage_m3=storage, demand_m3_per_h=demand, loss_m3_per_h=0.3 * demand, litres=rng.uniform(90.0, 300.0, REGIONS),
        high_floor_share=rng.uniform(0.0, 0.6, REGIONS), hold_h=np.array([3.0, 0.0, 6.0, 12.0]),
    )  # fmt: skip


def some_shares(rng, whole):
    """Shares that are often whole or none."""
    return np.clip(rng.uniform(-0.5, 1.5, SHAPE), 0.0, 1.0) if not whole else np.ones(SHAPE)


def bytes_of(value):
    """Bytes of an array, or of all arrays of a result."""
    if is_dataclass(value):
        return [bytes_of(getattr(value, one.name)) for one in fields(value)]
    return value.tobytes()


def course(works, *, whole, settings):
    """Bytes of all values of some steps, and the last of them."""
    rng, found = np.random.default_rng(3), []
    none = np.zeros(SHAPE)
    state = WaterState(fill=np.ones((2, *SHAPE)), without=none, wells=empty_wells(SHAPE), leaking=none)
    for number in range(STEPS):
        power = some_shares(rng, whole)
        done = step_water(
            works, state, stations_left=some_shares(rng, whole), plant_power=power, home_power=some_shares(rng, whole),
            pump_margin=settings, step_h=STEP_H, use=rng.uniform(0.5, 1.4, (MEMBERS, 1)),
            dry_risers=0.3 * some_shares(rng, whole=False), burst_m3_per_h=rng.uniform(0.0, 3.0, SHAPE),
            lift_left=1.0 if number < STEPS // 2 else some_shares(rng, whole), lift_power=power,
            lift_own=power * rng.random(SHAPE), lift_torn=rng.random(SHAPE),
        )  # fmt: skip
        state = done.state
        found.append(bytes_of(done))
    return found, done


@pytest.mark.parametrize("whole", [False, True], ids=["outages", "all works"])
@pytest.mark.parametrize("settings", [0.9, np.linspace(0.7, 1.2, MEMBERS)[:, None]], ids=["one", "by member"])
def test_a_loop_pumps_and_draws_the_water_that_arrays_do(monkeypatch, whole, settings):
    works = waterworks(np.random.default_rng(2))
    monkeypatch.setattr(waterworks_loops, "LEAST", 1)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(waterworks_loops, "COMPILED", loops)
        steps, last = course(works, whole=whole, settings=settings)
        found.append(steps)
    assert found[0] == found[1]
    wells = last.state.wells
    assert isinstance(wells, Wells)
    assert (last.sewage_share > 0.0).any() == (wells.full > 0.0).any() == (not whole)
    assert (last.dry_street > 0.0).any(axis=(1, 2)).tolist() == [not whole, not whole, True]


def test_a_loop_counts_the_people_that_arrays_count(monkeypatch):
    monkeypatch.setattr(waterworks_loops, "LEAST", 1)
    rng, whole = np.random.default_rng(4), np.ones((1, *SHAPE))
    works = waterworks(rng)
    works.litres[0] = 40.0
    none, people = np.zeros(SHAPE), rng.uniform(0.0, 1e6, REGIONS)
    system = WaterSystem(
        works=works, settings={"burst_shut_off_h": 6.0, "burst_leak_m3_per_h": 1.0, "pump_margin": 0.6}, step_h=STEP_H,
        population=people, members=MEMBERS, use=whole[..., :1], stations=0.9 * whole, lifts=0.5 * whole,
    )  # fmt: skip
    state = WaterState(fill=np.zeros((2, *SHAPE)), without=none, wells=empty_wells(SHAPE), leaking=none)
    seen = {
        "backup_share": np.zeros((*SHAPE, 4)), "service_power_share": some_shares(rng, whole=False),
        "home_power_share": some_shares(rng, whole=False), "dry_riser_share": 0.3 * some_shares(rng, whole=False),
        "bursting_buildings": none, "people_off_by_damage": none + 1.0, "people_off_by_rotation": none,
    }  # fmt: skip
    found = []
    for loops in (False, True):
        monkeypatch.setattr(waterworks_loops, "COMPILED", loops)
        _, shown = step(system, state, seen, 0)
        causes = np.full((*SHAPE, 5), 7.0, np.float32)
        shown["people_without_water_cause"](causes)
        counts = {name: values for name, values in shown.items() if name.startswith("people") and not callable(values)}
        found.append({name: values.tobytes() for name, values in {**counts, "causes": causes}.items()})
    assert found[0] == found[1]
    assert all(values.any() for values in counts.values())
    assert causes.sum(axis=-1) == pytest.approx(counts["people_without_water"])
