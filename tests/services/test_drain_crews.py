"""Crews that are sent to drain pipes: they add to those of the region, building for building."""

import numpy as np
import pytest
from towns import BARE, settled

import gridmodel as gm
from gridmodel.services.heat import step_homes, warm_start
from gridmodel.services.heat.case import HeatServices
from gridmodel.services.heat.homes import BUILDING_M2

CREWS = 4.0


def drained_by_hour(town, crews_per_building, hours):
    """Share of homes that are drained after each hour in which no water circulates, at -20 °C, by region."""
    scenario, homes, settings = town
    state = warm_start(homes, settings, np.full(3, -20.0), 1)
    one = np.ones((1, 3))
    dead = dict.fromkeys(("source", "network", "chp", "plant_power", "backup", "mobile_mw"), 0.0 * one)
    found = []
    for _ in range(hours):
        there = HeatServices(outdoor_c=np.full(3, -20.0), home_power=one, fuel=one, mains=one,
                             crews_per_building=np.asarray(crews_per_building), **dead)  # fmt: skip
        state = step_homes(homes, state, settings, there, step_h=1.0, heaters=scenario.heater_feedback).state
        found.append(state.share[2, 0].copy())
    return np.array(found)


@pytest.mark.parametrize("per_h", [0.5, 1.0])
def test_each_crew_drains_its_buildings_an_hour_beside_those_of_the_region(per_h):
    town = settled(drain_crew_buildings_per_h=per_h, **BARE)
    buildings = 400.0
    own = town[1].drain_share_per_h
    alone, helped = (drained_by_hour(town, crews, 24) for crews in (np.zeros(3), np.full(3, CREWS / buildings)))
    rates = [np.diff(course, axis=0) for course in (alone, helped)]
    full = (rates[0] > 0.99 * own) & (helped[1:] < 0.9)  # whole hours in which crews of both drain, and some are left
    assert full.any()
    # by hand: c crews at r buildings an hour, of n buildings, drain c r / n of the homes more in each hour
    more = (rates[1] - rates[0])[full]
    assert more == pytest.approx(CREWS * per_h / buildings, rel=1e-6)


def test_crews_of_a_scenario_count_for_the_buildings_of_their_region_from_their_arrival(three):
    from gridmodel.simulation.inputs import run_inputs

    crews = {"kind": "drain_crew", "region": "TR-2", "size": 3, "available_from": "2026-01-05 06:00"}
    inputs = run_inputs(three(mitigations=[crews]))
    table = inputs.network.tables["heat_systems"].set_index("region")
    buildings = max(float(table.loc["TR-2", "floor_area_m2"]) / BUILDING_M2, 1.0)
    given = inputs.parts["heat"].crews_per_building
    local = inputs.clock.local[: len(given)]
    place = inputs.network.regions.index("TR-2")
    expected = np.where(local >= np.datetime64("2026-01-05T06:00"), 3 / buildings, 0.0)
    assert given[:, place] == pytest.approx(expected)
    assert not np.delete(given, place, axis=1).any()


def test_no_crews_leave_a_run_as_it_was(three):
    from gridmodel.errors import InputError

    with pytest.raises(InputError, match="whole number"):
        three(mitigations=[{"kind": "drain_crew", "region": "TR-2", "size": 0.5}])
    assert gm.run(three()).equals(gm.run(three(drain_crew_buildings_per_h=2.0)).assign_attrs(gm.run(three()).attrs))
