"""Homes that heat themselves, home by home and array by array: the same bytes."""

from dataclasses import replace

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.services.heat import own_loops
from gridmodel.services.heat.case import HeatServices
from gridmodel.services.heat.homes import warm_start
from gridmodel.services.heat.own_step import step_own
from gridmodel.simulation.inputs import run_inputs

MEMBERS = 50  # more cells than a block of the loops has


@pytest.fixture(scope="module")
def system():
    scenario = gm.load_scenario("three-region").replace(deterministic=False, members=MEMBERS)
    return run_inputs(scenario).parts["heat"]


def some_homes(system, *, kinds, heaters, warm):
    """Homes from warm to far below 0 °C, with radiators that lag behind or are too warm; some of whom use heaters."""
    rng, regions = np.random.default_rng(kinds), len(system.population)
    start = warm_start(
        system.homes,
        system.settings,
        np.zeros(regions),
        MEMBERS,
        cohorts=2 if kinds == 2 else 1,
        gas_may_lack=kinds > 6,
    )
    shape = start.own_mass_c.shape
    assert shape[0] == kinds
    heater = rng.uniform(0.0, 30.0, shape) * (rng.random(shape) < 0.5) if heaters else np.zeros(shape)
    mass_c = rng.uniform(21.0, 22.0, shape) if warm else rng.uniform(-25.0, 22.0, shape)
    return replace(
        start, own_mass_c=mass_c, own_radiator_w=rng.uniform(0.0, 160.0, shape) * (rng.random(shape) < 0.8),
        own_heater_w=heater, own_cold_h=rng.uniform(0.0, 60.0, shape),
        own_charge_h=rng.uniform(0.0, 4.0, (MEMBERS, regions)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kinds", "heaters", "warm"),
    [(6, False, False), (6, True, False), (7, True, False), (2, False, False), (6, False, True)],
)
def test_loops_heat_homes_as_arrays_do(system, monkeypatch, kinds, heaters, warm):
    state, rng = some_homes(system, kinds=kinds, heaters=heaters, warm=warm), np.random.default_rng(1)
    cells, one = state.own_charge_h.shape, np.ones(())
    power = np.ones(cells) if warm else np.clip(rng.uniform(-0.3, 1.3, cells), 0.0, 1.0)
    services = HeatServices(
        outdoor_c=np.array([-18.0, -5.0, 3.0]), source=one, network=one, chp=one, plant_power=one, backup=0.0 * one,
        home_power=power, fuel=np.array([[1.0, 0.6 if kinds == 7 else 1.0, 1.0]]), mains=one, mobile_mw=0.0 * one,
        sun_w=np.full(cells[1], 20.0) if heaters else None,
    )  # fmt: skip
    monkeypatch.setattr(own_loops, "LEAST", 1)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(own_loops, "COMPILED", loops)
        with np.errstate(all="ignore"):
            step = step_own(system.homes, state, system.settings, services, step_h=0.5, heaters=True)
        made = {name: getattr(step.rooms, name) for name in ("mass_c", "air_c", "missing_w", "heating_w")}
        found.append(made | {name: np.asarray(value) for name, value in step.after.items()})
    arrays, one_by_one = found
    assert (arrays["missing_w"] is None) == (one_by_one["missing_w"] is None) == warm
    differ = {name for name in arrays if name != "missing_w" and arrays[name].tobytes() != one_by_one[name].tobytes()}
    assert differ == set()
    assert warm or arrays["missing_w"].tobytes() == one_by_one["missing_w"].tobytes()
    assert warm or arrays["missing_w"].max() > 0
