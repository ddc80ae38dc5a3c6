"""Rooms on district heat, room by room and array by array: the same bytes. Without numba the loops are plain Python."""

from dataclasses import fields, replace

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.sampling import Settings
from gridmodel.services.heat import district_loops
from gridmodel.services.heat.case import HeatServices
from gridmodel.services.heat.cells import MERGED
from gridmodel.services.heat.district import step_district
from gridmodel.services.heat.homes import warm_start
from gridmodel.services.heat.moving import WIDE, holding
from gridmodel.services.heat.states import CONNECTED
from gridmodel.services.heat.supply import Heat
from gridmodel.services.heat.warming import WARMING
from gridmodel.simulation.inputs import run_inputs

MEMBERS = 50  # more cells than a block of the loops has, and a block that ends within a member


@pytest.fixture(scope="module")
def system():
    scenario = gm.load_scenario("three-region").replace(deterministic=False, members=MEMBERS)
    return run_inputs(scenario).parts["heat"]


@pytest.fixture(scope="module")
def homes(system):
    """Homes of all archetypes but one, of which some have pumps in the building."""
    rng, homes = np.random.default_rng(4), system.homes
    floor_m2 = rng.uniform(1e6, 4e6, homes.floor_m2.shape)
    floor_m2[2] = 0.0
    mixed = replace(homes, floor_m2=floor_m2, pumped=np.arange(len(homes.kinds)).reshape(-1, 1, 1) % 3 == 1)
    return replace(mixed, source_max_mw=mixed.design_mw[0])


def some_homes(system, *, apart, heaters, warm):
    """Homes from warm to below 0 °C, in one state or in all, some of whom use heaters."""
    rng, regions = np.random.default_rng(5), len(system.population)
    start = warm_start(system.homes, system.settings, np.zeros(regions), MEMBERS)
    share = start.share.copy()
    if apart:
        share = rng.random(share.shape) * (rng.random(share.shape) < 0.7)
        share[CONNECTED] += 0.1
        share[WARMING[1], 3:9] = 0.0  # nobody is there
        share /= share.sum(axis=0)
    state = holding(replace(start, share=share), share)
    shape = state.mass_c.shape
    heater = rng.uniform(0.0, 30.0, shape) * (rng.random(shape) < 0.5) if heaters else np.zeros(shape)
    mass_c = rng.uniform(20.0, 22.0, shape) if warm else rng.uniform(-20.0, 24.0, shape)
    radiator_w = rng.uniform(0.0, 90.0, shape) * (rng.random(shape) < 0.8)
    # without heaters nobody has been in the cold, and no riser has frozen
    ice, burst, cold_h = ((rng.random(shape) < 0.5) * rng.random(shape) * heaters for _ in range(3))
    pair = state.coolant_c.shape
    coolant_c, water_ice, tested = (scale * (rng.random(pair) < 0.7) * rng.random(pair) for scale in (60.0, 1.0, 1.0))
    return replace(
        state, mass_c=mass_c, heater_w=heater, radiator_w=radiator_w, riser_ice=ice, riser_burst=burst,
        cold_h=200.0 * cold_h, coolant_c=coolant_c, ice=water_ice, tested=tested,
    )  # fmt: skip


def some_services(system, *, power, source, sunny):
    """Services of a step: power for some, sources that give from nothing to all, sun or none."""
    rng, cells, one = np.random.default_rng(6), (MEMBERS, len(system.population)), np.ones(())

    def part():
        return np.clip(rng.uniform(-0.3, 1.3, cells), 0.0, 1.0)

    return HeatServices(
        outdoor_c=np.array([-24.0, -5.0, 3.0]), source=part() if source else one, network=one, chp=one, plant_power=one,
        backup=0.0 * one, home_power=part() if power else one, fuel=part() if source else one, mains=one,
        mobile_mw=0.0 * one, sun_w=np.array([150.0, 0.0, 60.0]) if sunny else None,
    )  # fmt: skip


def steps(monkeypatch, homes, state, settings, services):
    """Return what a step makes array by array, and room by room."""
    monkeypatch.setattr(district_loops, "LEAST", 1)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(district_loops, "COMPILED", loops)
        with np.errstate(all="ignore"):
            step = step_district(homes, state, settings, services, step_h=0.5, heaters=True)
        made = {one.name: getattr(step.cold.heat, one.name) for one in fields(Heat)}
        made |= {name: getattr(step.state, name) for name in (*WIDE, "coolant_c", "ice", "tested", "circulates")}
        made |= {f"shown {name}": getattr(step, name) for name in (*MERGED, "rooms_c", "heated_c", "connected")}
        found.append(made | {"weight": step.cold.weight, "some": step.cold.some})
    return found


CASES = {
    "all connected, by night": ({"apart": False, "heaters": False}, {"power": True, "source": False, "sunny": False}),
    "all connected, by day": ({"apart": False, "heaters": False}, {"power": True, "source": False, "sunny": True}),
    "heat is short": ({"apart": False, "heaters": True}, {"power": False, "source": True, "sunny": False}),
    "every state": ({"apart": True, "heaters": True}, {"power": True, "source": True, "sunny": True}),
    "every state, with power": ({"apart": True, "heaters": False}, {"power": False, "source": True, "sunny": False}),
}


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_loops_heat_rooms_as_arrays_do(system, homes, monkeypatch, case, warm):
    of_homes, of_services = CASES[case]
    state, services = some_homes(system, **of_homes, warm=warm), some_services(system, **of_services)
    arrays, one_by_one = steps(monkeypatch, homes, state, system.settings, services)
    assert {name for name in arrays if arrays[name].tobytes() != one_by_one[name].tobytes()} == set()
    need_w, given = arrays["need_w"], arrays["given"]
    assert (need_w == 0.0).any()
    assert (need_w > 0.0).any()
    assert (given < 1.0).any()
    assert (given == 1.0).any()
    assert bool((arrays["hot_water"] < 0.999).any()) == of_services["source"]


def test_loops_heat_buildings_that_differ_by_region_and_settings_that_differ_by_member_as_arrays_do(
    system, homes, monkeypatch
):  # fmt: skip
    rng, shape = np.random.default_rng(7), (len(homes.kinds), MEMBERS, len(system.population))
    kept = {one.name: getattr(homes.response, one.name) for one in fields(homes.response)}
    varied = replace(homes.response, **{name: value * rng.uniform(0.9, 1.1, shape) for name, value in kept.items()})
    by_member = {name: system.settings[name] * rng.uniform(0.8, 1.2, MEMBERS) for name in (
        "set_point_c", "heat_floor_c", "settled_for_c", "radiator_lag_h", "hot_water_share", "cooker_w_per_m2",
        "building_pump_share",
    )}  # fmt: skip
    settings = Settings(system.settings._values | by_member)
    state = some_homes(system, apart=True, heaters=True, warm=False)
    services = some_services(system, power=True, source=True, sunny=True)
    arrays, one_by_one = steps(monkeypatch, replace(homes, response=varied), state, settings, services)
    assert {name for name in arrays if arrays[name].tobytes() != one_by_one[name].tobytes()} == set()
    assert (arrays["given"] < 1.0).any()


def test_a_region_without_floor_on_district_heat_lacks_nothing_in_loops_as_in_arrays(system, homes, monkeypatch):
    floor_m2 = homes.floor_m2.copy()
    floor_m2[..., 1] = 0.0
    state = some_homes(system, apart=True, heaters=True, warm=False)
    services = some_services(system, power=True, source=True, sunny=False)
    arrays, one_by_one = steps(
        monkeypatch, replace(homes, floor_m2=floor_m2), state, system.settings, services
    )  # fmt: skip
    assert {name for name in arrays if arrays[name].tobytes() != one_by_one[name].tobytes()} == set()
    assert (one_by_one["need_mw"][:, 1] == 0.0).all()
    assert (one_by_one["given"][:, 1] == 1.0).all()
    assert (one_by_one["hot_water"][:, 1] == 1.0).all()


def test_rooms_that_need_no_heat_have_zeros_of_the_same_sign_in_loops_and_arrays(system, homes, monkeypatch):
    state = some_homes(system, apart=False, heaters=False, warm=True)
    services = some_services(system, power=False, source=False, sunny=False)
    still = replace(state, radiator_w=np.zeros_like(state.mass_c), mass_c=np.full_like(state.mass_c, 60.0))
    arrays, one_by_one = steps(monkeypatch, homes, still, system.settings, services)
    assert {name for name in arrays if arrays[name].tobytes() != one_by_one[name].tobytes()} == set()
    assert (one_by_one["need_w"] == 0.0).all()
    assert (one_by_one["given"] == 1.0).all()
