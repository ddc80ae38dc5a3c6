"""Formulas of electricity on two regions made from a few arrays, without a scenario."""

import dataclasses

import numpy as np
import pytest
from services.power_systems import two_regions

from gridmodel.dispatch import Stock
from gridmodel.services.power.conditions import available_ahead, conditions, group_limits, within_groups
from gridmodel.services.power.consumers import demand_ahead
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.step import critical_share, first_state, step_power, with_feeders
from gridmodel.services.power.storage import charging
from gridmodel.vocabulary import CAUSES, TIERS

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")
NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
EVERYONE = np.array([0])


def course(system, *, heaters=NONE, steps=1):
    """The first steps of a system."""
    state, done = first_state(system), []
    for step in range(steps):
        done.append(step_power(system, state, step, heaters))
        state = done[-1].state
    return done


def by_step(values, steps=4, shape=(1, 2)):
    """Ones, but for the steps that are named."""
    whole = np.ones((steps, *shape))
    for step, value in values.items():
        whole[step] = value
    return whole


def test_demand_rises_by_the_slope_for_each_kelvin_below_the_reference_day():
    system = two_regions(consumers={"effective_c": np.array([[-10.0, 5.0]] * 4)})
    demand = demand_ahead(system.consumers, system.settings, 0)
    assert demand.shape == (1, 1, 2, len(TIERS))
    assert demand.sum(axis=-1)[0, 0] == pytest.approx([120.0, 90.0])
    assert demand[0, 0, 0] == pytest.approx([12.0, 60.0, 24.0, 24.0])


def test_demand_ahead_has_the_shape_of_each_step_and_the_cold_of_the_first():
    shape = np.linspace(1.0, 0.5, 29)
    effective = np.array([[-10.0, 0.0], [-40.0, -40.0], [0.0, 0.0], [0.0, 0.0]])
    system = two_regions(consumers={"effective_c": effective, "shape": shape})
    ahead = demand_ahead(system.consumers, system.settings, 0, steps=3).sum(axis=-1)
    assert ahead[0, :, 0] == pytest.approx(100 * shape[:3] + 20)
    now = demand_ahead(system.consumers, system.settings, 0)
    assert ahead[:, :1].tobytes() == now.sum(axis=-1).tobytes()


def test_demand_of_some_members_is_theirs_in_the_demand_of_all():
    settings = {"temperature_slope_factor": np.array([0.5, 1.0, 2.0])}
    system = two_regions(settings=settings, consumers={"effective_c": np.full((4, 2), -10.0)})
    everyone = demand_ahead(system.consumers, system.settings, 1, steps=2)
    assert everyone.sum(axis=-1)[:, 0, 0] == pytest.approx([110, 120, 140])
    some = demand_ahead(system.consumers, system.settings, 1, steps=2, rows=np.array([2, 0]))
    assert some.tobytes() == everyone[[2, 0]].tobytes()


def test_a_step_without_damage_serves_all_demand_from_the_cheapest_sources():
    (done,) = course(two_regions())
    assert done.served_mw == pytest.approx(done.demand_mw)
    assert done.generation_mw[0] == pytest.approx([120, 50, 30])
    assert done.flow_mw[0] == pytest.approx([50])
    assert done.state.stock.remaining_mwh[0] == pytest.approx([50])
    for share in (done.shares.homes, done.shares.plant, done.shares.critical):
        assert share[0] == pytest.approx([1, 1])


def test_a_region_cut_off_spreads_its_storage_over_the_day_and_serves_the_critical_first():
    (done,) = course(two_regions(capacity={"branch_share": np.zeros((4, 1, 1))}))
    served = done.served_mw[0]
    assert served[0] == pytest.approx(done.demand_mw[0, 0])
    assert served[1] == pytest.approx([100 / 24, 0, 0, 0])  # 100 MWh for 24 hours
    assert done.shares.homes[0] == pytest.approx([1, 0])
    assert done.shares.critical[0, 1] == pytest.approx(1 / 2.4)
    assert done.shares.plant[0, 1] == pytest.approx(0.75 / 2.4)  # a quarter is on feeders that are cut
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)
    assert done.branch_share[0].tolist() == [0.0]


def test_heaters_add_to_the_demand_of_homes_and_make_a_damaged_network_no_wider():
    limited = two_regions(
        capacity={"delivery_mw": np.tile([50.0, np.inf], (4, 1, 1))}, options={"feeder_limits": False}
    )
    heaters = Heaters(wanted_mw=np.array([[40.0, 0.0]]), home_share=np.array([[0.5, 0.0]]))
    (done,) = course(limited, heaters=heaters)
    assert done.demand_mw[0, 0] == pytest.approx([10, 90, 20, 20])
    assert done.served_mw[0, 0].sum() == pytest.approx(50)  # not half of 140
    assert done.cause_mw[0, 0].sum(axis=0)[CAUSES.index("limit")] == pytest.approx(90)


def test_load_on_feeders_that_trip_is_demand_that_a_limit_leaves_unserved():
    heaters = Heaters(wanted_mw=np.array([[40.0, 0.0]]), home_share=np.array([[0.5, 0.0]]))
    (done,) = course(two_regions(), heaters=heaters)
    # homes draw 1.25 kW and, half of them, 2 kW more: of 40,000 half would draw 3.25 and may draw 1.6
    off_mw = 20_000 * (3.25 - 1.6) / 1000
    assert done.added.tripped_share[0] == pytest.approx([off_mw / 90, 0])
    assert (done.demand_mw - done.served_mw)[0, 0] == pytest.approx([0, off_mw, 0, 0])
    assert done.cause_mw[0, 0, HOUSEHOLD, CAUSES.index("limit")] == pytest.approx(off_mw)
    assert done.shares.homes[0, 0] == pytest.approx(1 - off_mw / 90)


def test_a_timetable_switches_off_all_but_the_critical():
    off = np.tile([0.5, 0.0], (29, 1))
    (done,) = course(two_regions(consumers={"timetable_off": off}))
    assert done.served_mw[0, 0] == pytest.approx([10, 25, 10, 10])
    assert done.served_mw[0, 1] == pytest.approx(done.demand_mw[0, 1])
    assert done.cause_mw[0, 0].sum(axis=0)[CAUSES.index("limit")] == pytest.approx(45)


OUTSIDE = {"exempt": np.full(2, 0.2), "shared": np.full(2, 0.1)}
"""Outside the queues are all 20 MW of industry, and a tenth of 50 MW of homes and 20 MW of business: 27 of 90 MW."""


def test_a_timetable_reaches_only_what_is_in_the_queues():
    off = np.tile([0.5, 1.0], (29, 1))  # of A six of twelve sub-queues, so half of 63 MW; of B all twelve
    (done,) = course(two_regions(consumers={"timetable_off": off}, queues=OUTSIDE))
    assert done.served_mw[0, 0] == pytest.approx([10, 50 - 22.5, 20 - 9, 20])
    assert done.served_mw[0, 1] == pytest.approx([10, 5, 2, 20])
    assert done.cause_mw[0].sum(axis=1)[:, CAUSES.index("limit")] == pytest.approx([31.5, 63])


def test_what_is_short_under_a_timetable_is_taken_from_what_it_leaves_on_in_the_queues_first():
    off = np.tile([0.5, 0.5], (29, 1))
    short = {"generator_share": np.tile([100 / 120, 0.0, 0.0], (4, 1, 1))}
    outside = {"exempt": np.full(2, 0.3), "shared": np.full(2, 0.1)}  # half of business is exempt as well
    (done,) = course(two_regions(capacity=short, consumers={"timetable_off": off}, queues=outside))
    # 100 MW: 20 are critical, 2 · (5 + 11 + 20) outside the queues, and 8 of 2 · (22.5 + 4.5) that are on in them
    left = 8 / 54
    assert done.served_mw[0] == pytest.approx(np.tile([10, 5 + 22.5 * left, 11 + 4.5 * left, 20], (2, 1)))


def test_a_plan_of_storage_knows_that_a_timetable_leaves_on_what_is_outside_the_queues():
    off = np.zeros((29, 2))
    off[2:, 1] = 1.0  # from the third step on region B has 10 MW that are critical, and 81 on shared feeders
    done = course(
        two_regions(
            capacity={"branch_share": np.zeros((4, 1, 1))}, consumers={"timetable_off": off},
            queues={"shared": np.array([0.0, 0.9])},
        ), steps=3,
    )  # fmt: skip
    level = (2 * 100 + 22 * 91 - 100) / 24  # what is missing in every hour, with 100 MWh spent
    assert [step.generation_mw[0, 1] for step in done] == pytest.approx([100 - level, 100 - level, 91 - level])


def test_load_that_returns_is_higher_in_the_step_after_and_only_where_pickup_is_followed():
    out = {"branch_share": by_step({0: 0.0}, shape=(1, 1)), "changed": np.arange(4)[:, None] == 1}
    done = course(two_regions(capacity=out), steps=3)
    homes_off = 1 - done[0].shares.homes[0, 1]
    assert homes_off == pytest.approx(1)
    mean = 1 - np.exp(-1)  # over an hour of what falls with a time constant of an hour
    assert [step.added.pickup_mw[0, 1] for step in done] == pytest.approx([0, 0, 50 * 0.6 * 0.25 * homes_off * mean])
    without = course(two_regions(capacity=out, options={"cold_load_pickup": False}), steps=3)
    assert max(step.added.pickup_mw.max() for step in without) == 0


def test_a_plan_of_storage_is_kept_until_damage_changes():
    cut = {"branch_share": np.zeros((4, 1, 1)), "changed": np.arange(4)[:, None] == 2,
           "generator_share": by_step({2: [[1, 0.04, 1]], 3: [[1, 0.04, 1]]}, shape=(1, 3))}  # fmt: skip
    done = course(two_regions(capacity=cut), steps=4)
    given = [step.generation_mw[0, 1] for step in done]
    assert given == pytest.approx([100 / 24, 100 / 24, 2, 2])
    assert done[2].state.stock.planned_mw[0, 0] == pytest.approx(np.full(21, 2.0))


def test_a_plan_of_storage_knows_the_published_timetable():
    off = np.zeros((29, 2))
    off[2:, 1] = 1.0  # from the third step on region B has its critical 10 MW only
    done = course(
        two_regions(capacity={"branch_share": np.zeros((4, 1, 1))}, consumers={"timetable_off": off}), steps=3
    )
    assert [step.generation_mw[0, 1] for step in done] == pytest.approx([50, 50, 0])


def test_storage_that_refills_takes_the_surplus_of_others_and_is_idle_meanwhile():
    system = two_regions(options={"recharge": "surplus"})
    demand = np.full((1, 2), 100.0)
    there = conditions(system, 0)
    stock = Stock(remaining_mwh=np.array([[40.0]]), planned_mw=np.zeros((1, 1, 24)))
    takes, idle = charging(system, demand, there, stock)
    assert takes[0] == pytest.approx([20])  # 220 MW of others for 200
    assert idle[0].tolist() == [True]
    nearly_full = Stock(remaining_mwh=np.array([[97.0]]), planned_mw=np.zeros((1, 1, 24)))
    assert charging(system, demand, there, nearly_full)[0][0] == pytest.approx([3 / 0.75])
    planned = Stock(remaining_mwh=np.array([[40.0]]), planned_mw=np.full((1, 1, 24), 1.0))
    assert not charging(system, demand, there, planned)[0].any()
    takes, idle = charging(two_regions(), demand, there, stock)
    assert not takes.any()
    assert not idle.any()


def test_storage_charges_with_no_more_than_damage_leaves_of_its_power():
    stock = Stock(remaining_mwh=np.array([[40.0]]), planned_mw=np.zeros((1, 1, 24)))
    for share, takes_mw in ((1.0, 20), (0.1, 5), (0.0, 0)):  # of 50 MW; the surplus is 20
        damaged = {"generator_share": np.tile([1.0, share, 1.0], (4, 1, 1))}
        system = two_regions(options={"recharge": "surplus"}, capacity=damaged)
        takes, _ = charging(system, np.full((1, 2), 100.0), conditions(system, 0), stock)
        assert takes[0] == pytest.approx([takes_mw])


def test_the_limit_of_imports_is_the_least_of_scenario_borders_and_events():
    rows = {"import_mw": np.array([[np.inf], [70.0], [np.inf], [np.inf]]), "import_share": np.array([[1], [1], [0.5], [1.0]]),
            "more_import_mw": np.array([0.0, 0.0, 0.0, 30.0])}  # fmt: skip
    system = two_regions(capacity=rows, settings={"import_limit_mw": 80.0})
    assert [group_limits(system, step, EVERYONE)[0, 0] for step in range(4)] == pytest.approx([80, 70, 40, 100])
    wide = two_regions(capacity=rows, settings={"import_limit_mw": 500.0})
    assert [group_limits(wide, step, EVERYONE)[0, 0] for step in range(4)] == pytest.approx([100, 70, 50, 100])


def test_a_border_that_may_pass_nothing_holds_no_island():
    shut = two_regions(capacity={"import_mw": np.zeros((4, 1))})
    there = conditions(shut, 0)
    assert there.available_mw[0] == pytest.approx([120, 50, 0])
    assert conditions(two_regions(), 0).available_mw[0] == pytest.approx([120, 50, 100])


def test_damage_of_a_step_holds_for_all_steps_ahead_of_it():
    system = two_regions(capacity={"generator_share": by_step({1: [[0.5, 1, 1]]}, shape=(1, 3))})
    assert available_ahead(system, 1, steps=3, rows=EVERYONE)[0, :, 0] == pytest.approx([60, 60, 60])
    assert available_ahead(system, 2, steps=1, rows=EVERYONE)[0, :, 0] == pytest.approx([120])


def test_generators_of_a_group_are_cut_in_proportion_and_others_are_not():
    power = np.array([[[10.0, 30.0, 5.0], [10.0, 10.0, 5.0]]])
    cut = within_groups(power, [(np.array([0, 1]), np.inf)], np.array([[20.0]]))
    assert cut[0] == pytest.approx(np.array([[5, 15, 5], [10, 10, 5]]))


def test_critical_consumers_without_demand_come_first_on_feeders_that_work_and_fare_as_their_bus_if_no_others_are_there():
    # a quarter of what others need is served, nothing of it, or none need any: on a live bus and on a dead one
    demand = np.array([[[0.0, 60.0, 40.0, 0.0], [0.0, 60.0, 40.0, 0.0], [0.0] * 4, [0.0] * 4]])
    served = demand * np.array([0.25, 0.0, 1.0, 1.0])[:, None]
    live, broken = np.array([[True, True, True, False]]), np.array([[0.6, 0.0, 0.0, 0.0]])
    found = critical_share(demand, demand, served, served, live)
    assert found[0] == pytest.approx([1, 0, 1, 0])
    # of the 60 % on broken feeders nine tenths have a second one; feeders that work need 40 MW less
    found = critical_share(demand, demand, served, served, live, broken=broken, second_feed=np.array(0.9))
    assert found[0] == pytest.approx([0.94, 0, 1, 0])
    demand[0, 0, 0] = served[0, 0, 0] = 8.0
    served[0, 0, 0] = 2.0
    found = critical_share(demand, demand, served, served, live, broken=broken, second_feed=np.array(0.9))
    assert found[0, 0] == pytest.approx(0.25)  # those with a demand have what is served of it
    assert critical_share(demand, demand, 0 * served, served, live)[0, 0] == 0.0


def test_where_an_order_has_all_sub_queues_off_critical_consumers_without_demand_have_power():
    demand = np.array([[[0.0, 60.0, 40.0, 0.0]]])
    live, nothing = np.array([[True]]), 0.0 * demand
    assert critical_share(demand, demand, nothing, 0.05 * demand, live)[0, 0] == 1.0  # as the optimum serves others
    assert critical_share(demand, nothing, nothing, nothing, live)[0, 0] == 1.0  # no others are on feeders that are on
    assert critical_share(demand, nothing, nothing, nothing, ~live)[0, 0] == 0.0


def test_feeders_that_are_off_are_booked_as_a_limit_and_nothing_else_moves():
    cause = np.ones((1, 1, len(TIERS), len(CAUSES)))
    off = np.array([[[0.0, 3.0, 0.0, 0.0]]])
    moved = with_feeders(cause, off_mw=off) - cause
    assert moved[0, 0, HOUSEHOLD, CAUSES.index("limit")] == 3
    assert moved.sum() == 3
    assert with_feeders(cause, off_mw=0 * off) is cause


def test_a_step_leaves_the_state_before_it_as_it_was():
    system = two_regions(capacity={"branch_share": np.zeros((4, 1, 1))}, options={"cascade": "full"})
    state = first_state(system)
    before = {
        part.name: getattr(state.interruption, part.name).copy() for part in dataclasses.fields(state.interruption)
    }
    remaining = state.stock.remaining_mwh.copy()
    step_power(system, state, 0, NONE)
    assert np.array_equal(state.stock.remaining_mwh, remaining)
    assert all(np.array_equal(getattr(state.interruption, name), values) for name, values in before.items())
