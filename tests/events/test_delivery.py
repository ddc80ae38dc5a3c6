"""Limits of delivery are megawatts, fixed when they begin."""

import dataclasses

import numpy as np
import pytest
from services.power_systems import two_regions

from gridmodel.events import EveningDemand, build_timeline, load_events
from gridmodel.events.delivery import fixed_mw
from gridmodel.network import build_grid, read_network
from gridmodel.services.power.build_consumers import evening_demand
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.step import first_state, step_power
from gridmodel.services.setup import Clock
from gridmodel.simulation.inputs import setup_of

DAYS = np.repeat([0, 1], 24)
EVENING = EveningDemand(demand_mw=np.array([[[1000.0, 600.0, 400.0]], [[1200.0, 720.0, 480.0]]]), day=DAYS)
"""The second day is colder."""


def delivery_mw(scenario, evening=EVENING):
    net = read_network("three-region")
    _, index = build_grid(net)
    events = load_events(scenario, net)
    return build_timeline(events, scenario, net, index, list(range(scenario.draws)), evening=evening).delivery_mw


def limit(time, share, **more):
    return {"time": f"2026-01-{time}", "target": "TR-1/delivery", "kind": "limit", "share": share} | more


def test_a_share_of_delivery_is_the_same_megawatts_at_night_and_in_harder_frost(three):
    # 1,000 MW of an evening, 600 MW at night, 1,200 MW in frost: a limit of 0.6 passes 600 MW in each of them
    got = delivery_mw(three(end="2026-01-07 00:00", events=[limit("05 03:00", 0.6)]))[:, 0]
    assert (got[:3] == np.inf).all()
    assert got[3:, 0] == pytest.approx(600)
    assert (got[:, 1:] == np.inf).all()


def test_a_limit_refers_to_the_evening_of_the_day_in_which_it_begins(three):
    later = delivery_mw(three(end="2026-01-07 00:00", events=[limit("06 03:00", 0.6)]))[:, 0, 0]
    assert later[27:] == pytest.approx(720)
    lost = limit("06 03:00", 0.4, kind="outage")
    assert delivery_mw(three(end="2026-01-07 00:00", events=[lost]))[27:, 0, 0] == pytest.approx(720)


def test_the_lowest_of_several_limits_in_megawatts_applies_while_it_lasts(three):
    events = [limit("05 03:00", 0.6), limit("06 03:00", 0.55, duration_h=3), limit("06 10:00", None, value=500)]
    got = delivery_mw(three(end="2026-01-07 00:00", events=events))[:, 0, 0]
    # 0.6 of 1,000 MW is less than 0.55 of 1,200 MW
    assert got[3:34] == pytest.approx(600)
    assert got[34:] == pytest.approx(500)


def test_a_limit_of_the_whole_demand_limits_nothing(three):
    assert (delivery_mw(three(end="2026-01-07 00:00", events=[limit("05 03:00", 1.0)])) == np.inf).all()


def test_members_with_more_demand_have_a_network_that_passes_on_more(three):
    evening = EveningDemand(demand_mw=np.array([[[1000.0] * 3, [1100.0] * 3]]), day=np.zeros(24, dtype=int))
    scenario = three(deterministic=False, members=2, events=[limit("05 03:00", 0.5)])
    assert delivery_mw(scenario, evening)[5, :, 0] == pytest.approx([500, 550])


def test_damage_keeps_its_megawatts_from_the_first_hit_until_all_is_repaired():
    share = np.array([1.0, 0.6, 0.3, 0.8, 1.0, 1.0, 0.5])[:, None, None]
    evening = EveningDemand(
        demand_mw=np.array([[[1000.0]], [[1200.0]], [[800.0]]]), day=np.array([0, 0, 1, 1, 1, 2, 2])
    )
    got = fixed_mw(share, evening)[:, 0, 0]
    assert got == pytest.approx([np.inf, 600, 300, 800, np.inf, np.inf, 400])


def test_damage_from_the_first_step_on_has_the_first_day_and_a_shape_for_members_of_either_side():
    evening = EveningDemand(demand_mw=np.array([[[1000.0, 10.0], [2000.0, 20.0]]]), day=np.zeros(2, dtype=int))
    got = fixed_mw(np.full((2, 1, 2), 0.5), evening)
    assert got.shape == (2, 2, 2)
    assert got[1] == pytest.approx(np.array([[500, 5], [1000, 10]]))
    one = EveningDemand(demand_mw=np.array([[[1000.0]]]), day=np.zeros(1, dtype=int))
    assert fixed_mw(np.array([[[0.5], [1.0], [0.1]]]), one)[0, :, 0] == pytest.approx([500, np.inf, 100])


def clock(begin, steps):
    times = np.datetime64(begin, "s") + np.arange(steps + 25) * np.timedelta64(1, "h")
    hours = times[:steps].astype("datetime64[h]").astype(int) % 24
    return Clock(times=times[:steps], local=times, midnight=hours == 0, remaining=24 - hours, step_h=1.0)


def test_the_evening_is_the_highest_hour_of_a_local_day_in_its_own_cold():
    # shape 0.6 at night, 1 at 18:00, 0.8 by day; 2 MW/K; the second day is 20 K colder from midnight on
    hours = np.arange(48 + 25) % 24
    shape = np.where(hours == 18, 1.0, np.where(hours < 6, 0.6, 0.8))
    cold = np.where(np.arange(48)[:, None] < 24, [0.0, -5.0], [-20.0, -25.0])
    system = two_regions(steps=48, consumers={"shape": shape, "effective_c": cold})
    got = evening_demand(system.consumers, system.settings, clock("2026-01-05T00", 48))
    assert got.day.tolist() == [0] * 24 + [1] * 24
    assert got.demand_mw[:, 0] == pytest.approx(np.array([[100, 110], [140, 150]]))
    assert got.at(30)[0] == pytest.approx([140, 150])


def test_a_run_that_begins_or_ends_at_night_knows_the_evening_that_it_does_not_reach():
    hours = (np.arange(30 + 25) + 23) % 24
    system = two_regions(
        steps=30,
        consumers={"shape": np.where(hours == 18, 1.0, 0.5), "effective_c": np.linspace(0, -29, 30)[:, None] + [0, 0]},
    )
    got = evening_demand(system.consumers, system.settings, clock("2026-01-05T23", 30))
    # -19 °C at 18:00 of the second day, which is within 24 hours of the start; -29 °C at the end
    assert got.demand_mw[:, 0, 0] == pytest.approx([100 + 2 * 19, 100 + 2 * 19, 100 + 2 * 29])


def test_members_have_evenings_of_their_own_slope():
    settings = {"temperature_slope_factor": np.array([0.5, 2.0])}
    system = two_regions(settings=settings, consumers={"effective_c": np.full((4, 2), -10.0)})
    got = evening_demand(system.consumers, system.settings, clock("2026-01-05T00", 4))
    assert got.demand_mw[0, :, 0] == pytest.approx([110, 140])


def test_a_run_has_the_evenings_of_its_own_demand(three):
    events = [limit("05 00:00", 0.5)]
    scenario = three(end="2026-01-05 06:00", events=events, temperature_slope=0.04)
    setup = setup_of(scenario)
    # the bundled day is at -10 °C, that of the reference demand: no cold is added to 1,000 MW
    assert setup.timeline.delivery_mw[:, 0, 0] == pytest.approx(500)


def test_a_limit_that_is_higher_than_what_a_network_can_pass_on_changes_nothing():
    # A passes on 50 MW by itself and B 80; damage leaves 70 of each
    system = two_regions(capacity={"delivery_mw": np.full((4, 1, 2), 70.0)})
    index = dataclasses.replace(system.index, delivery_mw=np.array([50.0, 80.0]))
    system = dataclasses.replace(system, index=index)
    nobody = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
    done = step_power(system, first_state(system), 0, nobody)
    assert done.served_mw.sum(axis=2)[0] == pytest.approx([50, 70])
