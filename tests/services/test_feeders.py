"""Broken networks and a short country add up: broken feeders leave the need, one depth holds for all others."""

from dataclasses import replace

import numpy as np
import pytest
from services.power_systems import two_regions

from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.feeders import broken_share, on_feeders_that_work
from gridmodel.services.power.step import first_state, step_power
from gridmodel.services.power.turns import mean_over_homes
from gridmodel.vocabulary import CAUSES, TIERS

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")
NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
KYIV_MW = 1_730.0
"""Need of the capital in the worked case. [MW]"""
SHARES = (0.53, 0.27, 0.1, 0.1)
"""Share of each tier in it: 0.53 critical, all others can be cut. [1]"""


def test_half_of_the_capital_broken_and_a_country_short_of_a_third_give_5_hours_there_and_11_elsewhere():
    # 17 GW are needed and 11.9 are there; 0.47 of the need can be cut. Half of 1.73 GW leaves the need: 16.135 GW.
    # 16.135 (1 - 0.47 k) = 11.9, so k = 0.5585: 24 (1 - k) = 10.6 h, and half of it where half of the feeders work.
    limit = np.full((4, 1, 2), np.inf)
    limit[:, 0, 0] = KYIV_MW / 2
    system = two_regions(
        capacity={"available_mw": np.tile([11_900.0, 0.0, 0.0], (29, 1)), "delivery_mw": limit},
        options={"rotation": "queues", "cohorts": 12, "breaking": np.array([0]), "cold_load_pickup": False},
        consumers={"reference_mw": np.array([KYIV_MW, 17_000.0 - KYIV_MW]), "tier_share": np.tile(SHARES, (2, 1))},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "critical_second_feed_share": 0.0}, line_mw=1e5,
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)
    assert 24 * done.shares.homes[0] == pytest.approx([5.3, 10.6], abs=0.02)
    assert done.served_mw.sum() == pytest.approx(11_900.0)  # no megawatt is wasted


def test_feeders_break_for_what_a_limit_leaves_over():
    limit, demand = np.array([[50.0, np.inf, 120.0, 0.0, 10.0]]), np.array([[100.0, 100.0, 100.0, 100.0, 0.0]])
    assert broken_share(limit, demand)[0] == pytest.approx([0.5, 0.0, 0.0, 1.0, 0.0])


def test_critical_consumers_with_a_second_feed_keep_their_power_when_the_first_breaks():
    demand = np.full((1, 1, len(TIERS)), 100.0)
    left = on_feeders_that_work(demand, np.array([[0.4]]), np.array(0.75))[0, 0]
    assert left[CRITICAL] == pytest.approx(100 * (0.6 + 0.4 * 0.75))
    assert np.delete(left, CRITICAL) == pytest.approx([60.0] * 3)


def short_system(second_feed=0.0, **options):
    """Half of A's feeders broken, 110 MW for the two regions in three hours, and 200 after."""
    out = np.ones((4, 1, 3))
    out[:3, 0] = [110.0 / 120.0, 0.0, 0.0]
    limit = np.full((4, 1, 2), np.inf)
    limit[:, 0, 0] = 50.0
    return two_regions(
        capacity={"generator_share": out, "delivery_mw": limit},
        options={"rotation": "queues", "cohorts": 12, "breaking": np.array([0]), "cold_load_pickup": False} | options,
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "critical_second_feed_share": second_feed},
    )


def test_the_loop_cuts_to_the_depth_that_the_worked_formula_gives():
    system = short_system()
    done = step_power(system, first_state(system), 0, NONE)
    broken = np.array([[0.5, 0.0]])
    depth = (150.0 - 110.0) / (0.9 * 150.0)  # half of A leaves the need, and a tenth of the rest is critical
    expected = (1 - broken) * (1 - depth)
    assert done.shares.homes == pytest.approx(expected)
    assert done.shares.critical == pytest.approx(1 - broken)
    assert done.served_mw.sum() == pytest.approx(110.0)
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)
    spared = short_system(second_feed=1.0)
    again = step_power(spared, first_state(spared), 0, NONE)
    assert again.shares.critical == pytest.approx(np.ones((1, 2)))


@pytest.mark.parametrize("second_feed", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("broken", "supply_mw"), [(0.5, 500.0), (1.0, 500.0), (0.5, 120.0), (0.5, 60.0)])
def test_second_feeds_take_nothing_from_homes_on_feeders_that_work(second_feed, broken, supply_mw):
    # A and B need 100 MW each, 10 critical. `Σ need ((1 − b)(1 − k s) + b c g) = supply`: where supply is ample k is 0,
    # homes are off where their feeders are broken, and nobody else is; else B and what works of A are cut alike
    limit = np.full((4, 1, 2), np.inf)
    limit[:, 0, 0] = 100.0 * (1 - broken)
    system = two_regions(
        capacity={"generator_share": np.tile([supply_mw / 120.0, 0.0, 0.0], (4, 1, 1)), "delivery_mw": limit},
        options={"rotation": "queues", "cohorts": 12, "breaking": np.array([0]), "cold_load_pickup": False},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "critical_second_feed_share": second_feed},
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)
    works = np.array([1 - broken, 1.0])
    critical = 10 * works + [10 * broken * second_feed, 0.0]
    others = 90 * works
    depth = np.clip(1 - (supply_mw - critical.sum()) / others.sum(), 0.0, 1.0)
    assert done.served_mw[0, :, CRITICAL] == pytest.approx(critical)
    assert done.served_mw[0, :, HOUSEHOLD] == pytest.approx(50 * works * (1 - depth))
    assert done.off.by_damage[0] == pytest.approx(1 - works)
    assert done.off.by_rotation[0] == pytest.approx(works * depth)
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)


def test_the_networks_own_limit_holds_for_second_feeds_as_well():
    limit = np.full((4, 1, 2), np.inf)
    limit[:, 0, 0] = 50.0
    system = two_regions(
        capacity={"delivery_mw": limit},
        options={"rotation": "queues", "cohorts": 12, "breaking": np.array([0]), "cold_load_pickup": False},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "critical_second_feed_share": 1.0},
    )  # fmt: skip
    system = replace(system, index=replace(system.index, delivery_mw=np.array([52.0, np.inf])))
    done = step_power(system, first_state(system), 0, NONE)  # 55 MW would be: 45 of homes and firms, and 10 critical
    assert done.served_mw[0].sum(axis=-1) == pytest.approx([52.0, 100.0])
    assert done.served_mw[0, :, CRITICAL] == pytest.approx([10.0, 10.0])


def half_broken(steps, *, short=0, **options):
    """Half of A's feeders broken for good; 110 MW for the two regions in the first hours, if any, and ample supply."""
    out, limit = np.full((steps, 1, 3), 5.0), np.full((steps, 1, 2), np.inf)
    out[:short, 0, 0], out[..., 1:] = 110.0 / 120.0, 0.0
    limit[:, 0, 0] = 50.0
    return two_regions(
        steps=steps, capacity={"generator_share": out, "delivery_mw": limit},
        options={"rotation": "queues", "cohorts": 12, "breaking": np.array([0]), "cuts": "order"} | options,
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "critical_second_feed_share": 0.5,
                  "reserve_mw": 0.0, "industry_limit_share": 0.0},
    )  # fmt: skip


@pytest.mark.parametrize(("cuts", "rotation"), [("order", "queues"), ("order", "fixed"), ("optimum", "queues")])
def test_load_that_returns_beside_broken_feeders_switches_nobody_off(cuts, rotation):
    # feeders that work fill what the event leaves of A's network, so that a kilowatt that returns after the shortage
    # would switch a sub-queue off, whose own return would switch off the next one, for ever
    system = half_broken(12, short=3, cuts=cuts, rotation=rotation)
    state = first_state(system)
    for step in range(12):
        done = step_power(system, state, step, NONE)
        state = done.state
        assert done.off.by_damage[0] == pytest.approx([0.5, 0.0])
        if step < 3:
            assert done.off.by_rotation.min() > 0.1
        else:
            assert done.off.by_rotation[0] == pytest.approx([0.0, 0.0], abs=1e-12)
        if step == 4:  # what was off brings 50 to 75 % of its thermostatic load on top, and all of it is served
            pickup_mw = done.added.pickup_mw[0, 0]
            assert pickup_mw > 1.0
            works = 0.5 * done.demand_mw[0, 0]
            works[HOUSEHOLD] += 0.5 * pickup_mw  # all of it is on feeders that work
            works[CRITICAL] *= 1.5
            assert done.served_mw[0, 0] == pytest.approx(works)


@pytest.mark.parametrize("cuts", ["order", "optimum"])
def test_batteries_that_charge_break_no_feeders_and_switch_nobody_off(cuts):
    # of 4 MW at homes and 1 MW at hospitals, feeders that work have half, on top of the 50 MW that the event leaves
    system, charging = half_broken(2, cuts=cuts), np.zeros((1, 2, len(TIERS)))
    charging[0, 0, [CRITICAL, HOUSEHOLD]] = 1.0, 4.0
    done = step_power(system, first_state(system), 0, NONE, charging)
    assert done.broken[0] == pytest.approx([0.5, 0.0])
    assert done.off.by_damage[0] == pytest.approx([0.5, 0.0])
    assert done.off.by_rotation[0] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert done.served_mw[0, 0, HOUSEHOLD] == pytest.approx(0.5 * 54.0)
    assert done.served_mw[0, 0, CRITICAL] == pytest.approx(0.75 * 11.0)


def test_with_a_mean_batteries_that_charge_are_no_damage():
    limit, charging = np.full((4, 1, 2), np.inf), np.zeros((1, 2, len(TIERS)))
    limit[:, 0, 0], charging[0, 0, HOUSEHOLD] = 50.0, 5.0
    system = two_regions(capacity={"delivery_mw": limit})
    done = step_power(system, first_state(system), 0, NONE, charging)
    assert done.off.by_damage[0] == pytest.approx([0.5, 0.0])


def limited_mw(done):
    """Return what homes of A lack because their feeders are broken. [MW]"""
    return done.cause_mw[0, 0, HOUSEHOLD, CAUSES.index("limit")]


def test_load_that_returns_is_on_feeders_that_work_through_a_lasting_shortage():
    # 25 of the 50 MW of A's homes are behind broken feeders for good; whatever returns is of others, who take turns
    system = half_broken(24, short=24)
    state, back = first_state(system), []
    for step in range(24):
        done = step_power(system, state, step, NONE)
        state, pickup_mw = done.state, done.added.pickup_mw[0, 0]
        back.append(pickup_mw)
        assert limited_mw(done) == pytest.approx(25.0)
        works_mw = 25.0 + pickup_mw
        off = done.ordered.subqueues[0, 0] / 12
        assert done.served_mw[0, 0, HOUSEHOLD] == pytest.approx(works_mw * (1 - off))
        assert done.shares.homes[0, 0] == pytest.approx(0.5 * (1 - off))
        assert done.off.by_rotation[0, 0] == pytest.approx(0.5 * off)
        assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)
    assert max(back) > 1.5


@pytest.mark.parametrize(("strikes", "behind"), [(2, 0.0), (3, 0.5)])
def test_of_load_that_returns_a_part_is_on_feeders_that_break_only_after_it_returned(strikes, behind):
    # homes are cut for two hours and half of A's feeders break: as power returns, so that those behind them stay off,
    # or an hour later, with half of the load that has returned behind them
    limit = np.full((4, 1, 2), np.inf)
    limit[strikes:, 0, 0] = 50.0
    system = half_broken(4, short=2)
    system = replace(system, capacity=replace(system.capacity, delivery_mw=limit))
    state = first_state(system)
    for step in range(4):
        done = step_power(system, state, step, NONE)
        state = done.state
    pickup_mw = done.added.pickup_mw[0, 0]
    assert pickup_mw > 0.8
    assert limited_mw(done) == pytest.approx(25.0 + behind * pickup_mw)
    assert done.served_mw[0, 0, HOUSEHOLD] == pytest.approx(25.0 + (1 - behind) * pickup_mw)


def test_load_of_mended_feeders_is_on_feeders_that_work():
    # half of A's feeders are broken for three hours, then a quarter: a quarter of homes bring 3 h x 25 % of 30 MW, whose
    # mean over the first hour of it is 1 - 1/e, and 12.5 of 50 MW stay behind broken feeders
    limit = np.full((6, 1, 2), np.inf)
    limit[:3, 0, 0], limit[3:, 0, 0] = 50.0, 75.0
    system = half_broken(6)
    system = replace(system, capacity=replace(system.capacity, delivery_mw=limit))
    state = first_state(system)
    for step in range(4):
        done = step_power(system, state, step, NONE)
        state = done.state
    back_mw = 0.25 * 0.75 * 0.6 * 50.0 * (1 - np.exp(-1))
    assert done.added.pickup_mw[0, 0] == pytest.approx(back_mw, rel=1e-6)
    assert done.served_mw[0, 0, HOUSEHOLD] == pytest.approx(37.5 + back_mw, rel=1e-6)
    assert done.shares.homes[0, 0] == pytest.approx(0.75)
    assert limited_mw(done) == pytest.approx(12.5)


def test_what_returns_elsewhere_takes_nothing_from_homes_without_a_demand():
    # nobody is known to take anything in B, a tenth of whose feeders break with half of A's an hour after A's had power
    limit = np.full((4, 1, 2), np.inf)
    limit[[0, 2, 3], 0, 0], limit[2:, 0, 1] = 50.0, 90.0
    system = half_broken(4, breaking=np.array([0, 1]))
    system = replace(
        system, capacity=replace(system.capacity, delivery_mw=limit),
        consumers=replace(system.consumers, tier_share=np.array([[0.1, 0.5, 0.2, 0.2], [0.2, 0.0, 0.4, 0.4]])),
    )  # fmt: skip
    state = first_state(system)
    for step in range(3):
        done = step_power(system, state, step, NONE)
        state = done.state
    assert done.added.pickup_mw[0, 0] > 0.8
    assert done.shares.homes[0] == pytest.approx([0.5, 0.9])
    assert done.off.by_rotation[0] == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("rotation", ["queues", "fixed"])
def test_under_a_timetable_load_that_returns_is_of_homes_that_are_on(rotation):
    # six sub-queues are off for four hours, then the others; homes that return bring all of their excess, 0.6 of 50 MW,
    # whose mean n hours later is (1 - 1/e) e^-n; what they would still take as they are off again, nobody takes
    system = two_regions(
        steps=12, capacity={"available_mw": np.tile([500.0, 0.0, 0.0], (37, 1))},
        consumers={"timetable_off": np.full((37, 2), 0.5)},
        options={"rotation": rotation, "cohorts": 12, "cuts": "order"},
        settings={"rotation_block_h": 4.0, "rotation_rest_h": 1.0, "reserve_mw": 0.0, "industry_limit_share": 0.0},
    )  # fmt: skip
    state = first_state(system)
    for step in range(12):
        done = step_power(system, state, step, NONE)
        state = done.state
        turn = 0.5 * 0.6 * 50.0 * (1 - np.exp(-1)) if rotation == "queues" else 0.0
        on_mw = turn * np.exp(-(step % 4)) if step > 3 else 0.0
        off_mw = turn * np.exp(-(step - 4)) if step > 7 else 0.0
        assert done.added.pickup_mw[0, 0] == pytest.approx(on_mw + off_mw, rel=1e-5), step
        assert done.served_mw[0, :, HOUSEHOLD] == pytest.approx([25.0 + on_mw] * 2, rel=1e-5), step
        assert done.shares.homes[0] == pytest.approx([0.5, 0.5])
        assert done.off.by_rotation[0] == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("heater_mw", [2.0, 4.0])
def test_heaters_beside_broken_feeders_cut_a_whole_sub_queue_as_any_shortage_does(heater_mw):
    # feeders that work want 1 or 2 MW more than the 50 MW that pass; each of twelve sub-queues has 3.8 MW of 46 or 47
    heaters = Heaters(wanted_mw=np.array([[heater_mw, 0.0]]), home_share=np.array([[0.1, 0.0]]))
    system = half_broken(1, feeder_limits=False)
    done = step_power(system, first_state(system), 0, heaters)
    assert done.ordered.subqueues[0].tolist() == [1.0, 0.0]
    assert done.off.by_damage[0] == pytest.approx([0.5, 0.0])
    assert done.off.by_rotation[0] == pytest.approx([0.5 / 12, 0.0])
    optimum_mw = (done.served_mw + done.ordered.more_mw)[0, 0].sum()
    assert optimum_mw == pytest.approx(50.0 + 2.5)  # second feeds carry half of 5 MW of critical consumers on top


def test_homes_off_by_rotation_and_by_damage_are_told_apart_and_add_up():
    system = short_system()
    state = first_state(system)
    for step in range(4):
        done = step_power(system, state, step, NONE)
        state, off = done.state, 1 - done.shares.homes
        assert done.off.by_rotation + done.off.by_damage == pytest.approx(off)
        assert done.off.by_damage == pytest.approx(np.array([[0.5, 0.0]]))
        working = 1 - np.array([[0.5, 0.0]])
        assert done.off.by_rotation == pytest.approx(working * (1 - done.cohorts.power.mean(axis=0)))
    assert done.off.by_rotation.max() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("rotation", ["mean", "queues"])
@pytest.mark.parametrize(
    ("limit_mw", "supply_mw"), [(0.0, 500.0), (0.0, 60.0), (50.0, 500.0), (50.0, 110.0), (np.inf, 110.0)]
)
def test_homes_on_broken_feeders_are_off_by_damage_with_any_rotation(rotation, limit_mw, supply_mw):
    # no critical consumers, so that both rotations cut as many homes; half of A's, or all, are on broken feeders
    limit = np.full((4, 1, 2), np.inf)
    limit[:, 0, 0] = limit_mw
    breaking = {} if rotation == "mean" else {"cohorts": 12, "breaking": np.array([0])}
    system = two_regions(
        capacity={"generator_share": np.tile([supply_mw / 120.0, 0.0, 0.0], (4, 1, 1)), "delivery_mw": limit},
        options={"rotation": rotation, "cold_load_pickup": False} | breaking,
        consumers={"tier_share": np.tile([0.0, 0.6, 0.2, 0.2], (2, 1))},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "critical_second_feed_share": 0.0},
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)
    broken = np.array([1 - min(limit_mw / 100.0, 1.0), 0.0])
    assert done.off.by_damage[0] == pytest.approx(broken)
    assert done.off.by_damage + done.off.by_rotation == pytest.approx(1 - done.shares.homes)
    short = max(1 - supply_mw / (100.0 * (2 - broken.sum())), 0.0)
    assert (100 * done.off.by_rotation).sum() == pytest.approx(100 * (2 - broken.sum()) * short, abs=1e-6)


def test_with_a_mean_homes_off_beyond_broken_feeders_are_off_by_rotation():
    # a limit of 50 MW serves 30 critical first: of 50 MW of homes 14.29 are left, 71 % are off, half of them broken
    limit = np.full((4, 1, 2), np.inf)
    limit[:, 0, 0] = 50.0
    system = two_regions(
        capacity={"delivery_mw": limit}, consumers={"tier_share": np.tile([0.3, 0.5, 0.1, 0.1], (2, 1))}
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)
    assert done.off.by_damage[0] == pytest.approx([0.5, 0.0])
    assert done.off.by_rotation[0] == pytest.approx([0.5 - 2 / 7, 0.0])


def test_a_dead_island_is_damage_and_not_rotation():
    capacity = {"branch_share": np.zeros((4, 1, 1)), "generator_share": np.tile([1.0, 0.0, 1.0], (4, 1, 1))}
    system = two_regions(
        capacity=capacity, options={"rotation": "queues", "cohorts": 12},
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0},
    )  # fmt: skip
    done = step_power(system, first_state(system), 0, NONE)
    assert done.off.by_damage[0] == pytest.approx([0.0, 1.0])
    assert done.off.by_rotation.max() == 0.0
    assert done.cohorts.power[:, 0, 1].max() == 0.0


def test_power_of_cohorts_adds_up_to_that_of_all_homes_with_feeders_that_break_and_trip():
    heaters = Heaters(wanted_mw=np.array([[40.0, 10.0]]), home_share=np.array([[0.5, 0.2]]))
    system = short_system()
    state = first_state(system)
    for step in range(4):
        done = step_power(system, state, step, heaters)
        state, cohorts = done.state, done.cohorts
        working = (cohorts.share * cohorts.power).sum(axis=0)
        assert (1 - done.broken) * working == pytest.approx(done.shares.homes)
        assert mean_over_homes(state.turns.off_share, state.turns) == pytest.approx(1 - done.shares.homes, abs=1e-6)
    assert done.added.tripped_share.max() > 0
