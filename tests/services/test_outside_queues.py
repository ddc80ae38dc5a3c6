"""Homes outside the queues, beside single homes: twelve sub-queues that take turns, and homes that are always on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.power_systems import two_regions

from gridmodel.sampling import Settings
from gridmodel.services.cohorts import cohort_share, homes_may_be_outside, over_cohorts
from gridmodel.services.power.choosing import choose
from gridmodel.services.power.feedback import Heaters, mean_of_step
from gridmodel.services.power.service import step as take_step
from gridmodel.services.power.step import first_state, step_power
from gridmodel.services.power.turns import Turns, depths, hours_off, laid, mean_over_homes, returning, turned
from gridmodel.services.quantiles import people_quantiles

SETTINGS = Settings({
    "pickup_per_h": np.array(0.25), "pickup_most": np.array(1.0), "pickup_tau_h": np.array(1.0),
})  # fmt: skip
SEEN = ("heater_wanted_mw", "heater_wanted_share", "critical_charging_mw", "home_charging_mw")
NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
OUTSIDE = np.array([[0.1]])
HOMES = 240
"""Single homes: 18 in each sub-queue, 24 outside."""


def asked(turns, step_h):
    """Load that returns in the next step, mean of it, over thermostatic load, where nobody is expected back."""
    return returning(turns) * mean_of_step(SETTINGS, step_h=step_h)


def single_homes(off):
    """Hours off and returning load of each home, from what it has been like in every hour, one home after the other."""
    hours, load = np.zeros(HOMES), np.zeros(HOMES)
    for home in range(HOMES):
        since = 0.0
        for is_off in off[:, home]:
            load[home] = min(load[home] * np.exp(-1.0) + (min(0.25 * since, 1.0) if since and not is_off else 0.0), 1.0)
            since = since + 1.0 if is_off else 0.0
            hours[home] += is_off
    return hours, load


def test_hours_off_and_returning_load_are_those_of_single_homes():
    orders = [0, 8, 8, 8, 10, 12, 12, 6, 3, 7, 7, 9, 12, 5, 5, 5, 2, 8] * 3
    emergency = {12, 30}  # all that is in the queues does not suffice, and everybody is cut
    turns, off = Turns.none(13, 1, 1, outside=OUTSIDE), []
    for hour, order in enumerate(orders):
        depth = 1.0 if hour in emergency else 0.9 * order / 12
        queued, others = depths(np.array([[depth]]), OUTSIDE)
        chosen = choose(queued, turns, rotation="queues", block_h=4.0, rest_h=2.0)
        assert chosen.sum() == (12 if hour in emergency else order)  # whole sub-queues, as the order says
        power = 1.0 - np.concatenate([chosen, others[None]])
        assert over_cohorts(1.0 - power, OUTSIDE)[0, 0] == pytest.approx(depth)
        off.append(np.concatenate([np.repeat(chosen[:, 0, 0], 18), np.repeat(others[0, 0], 24)]))
        turns = turned(turns, power, chosen, SETTINGS, step_h=1.0, pickup=True)
    hours, load = single_homes(np.array(off))
    assert hours[-24:] == pytest.approx(np.full(24, 2.0))
    assert over_cohorts(turns.total_h, OUTSIDE)[0, 0] == pytest.approx(hours.mean())
    expected = np.sort(hours)[[int(np.ceil(share * HOMES)) - 1 for share in (0.1, 0.5, 0.9)]]
    assert people_quantiles(turns.total_h, OUTSIDE)[:, 0, 0] == pytest.approx(expected)
    assert expected[0] == pytest.approx(2.0)  # the best tenth are those outside
    assert over_cohorts(turns.pickup_share, OUTSIDE)[0, 0] == pytest.approx(load.mean(), rel=1e-5)
    assert asked(turns, 1.0)[0, 0] == pytest.approx(load.mean() * (1 - np.exp(-1.0)), rel=1e-5)


@given(st.floats(0, 1), st.floats(0, 1))
def test_queues_go_first_and_the_mean_is_the_depth(depth, outside):
    queued, others = (value[0, 0] for value in depths(np.array([[depth]]), np.array([[outside]])))
    assert (1 - outside) * queued + outside * others == pytest.approx(depth, abs=1e-6)
    assert others == 0.0 or queued == 1.0
    assert 0.0 <= min(queued, others) <= max(queued, others) <= 1.0


def test_a_cut_of_whole_sub_queues_is_not_a_little_more_for_a_thirteenth():
    # 8 of 12 of nine tenths, with the rounding of a linear programme
    queued, others = depths(np.array([[0.6 + 3e-9, 0.6 - 3e-9]]), np.full((1, 2), 0.1))
    assert (12 * queued[0]).tolist() == [8.0, 8.0]
    assert others.tolist() == [[0.0, 0.0]]


def two(supply_mw, *, limit_mw=np.inf, consumers=None, queues=None, settings=None, **options):
    """Two regions of 100 MW; a fifth of A's homes and firms share feeders with critical consumers."""
    limit = np.full((4, 1, 2), np.inf)
    limit[1:, 0, 0] = limit_mw
    system = two_regions(
        queues={"shared": np.array([0.2, 0.0])} | (queues or {}), consumers=consumers,
        capacity={"import_mw": np.zeros((4, 1)), "delivery_mw": limit,
                  "generator_share": np.tile([supply_mw / 120.0, 0.0, 1.0], (4, 1, 1))},
        options={"rotation": "queues", "cuts": "order", "cohorts": 13, "breaking": np.array([0]) if np.isfinite(limit_mw) else None,
                 "homes_outside": True, "cold_load_pickup": False} | options,
        settings={"rotation_block_h": 4.0, "rotation_rest_h": 2.0, "industry_limit_share": 0.0, "reserve_mw": 0.0,
                  "critical_second_feed_share": 1.0} | (settings or {}),
    )  # fmt: skip
    return system, first_state(system)


def test_sub_queues_are_off_whole_and_homes_outside_them_are_on():
    # 120 MW for 200: 80 of the 72 + 90 MW that are in the queues, 5.93 sub-queues
    system, state = two(120.0)
    for step in range(4):
        done = step_power(system, state, step, NONE)
        state = done.state
        assert done.ordered.subqueues.tolist() == [[6.0, 6.0]]
        assert np.sort(done.cohorts.power[:12], axis=0)[:, 0].tolist() == [[0.0] * 2] * 6 + [[1.0] * 2] * 6
        assert done.cohorts.power[12].tolist() == [[1.0, 1.0]]
        assert done.shares.homes[0] == pytest.approx([0.2 + 0.8 * 0.5, 0.5])
        assert (done.cohorts.share * done.cohorts.power).sum(axis=0) == pytest.approx(done.shares.homes)
    # three or four hours off for those in the queues of A, none for a fifth: the best tenth
    low, middle, high = people_quantiles(state.turns.total_h, state.turns.outside)[:, 0, 0]
    assert low == 0.0
    assert 0.0 <= middle <= high == 4.0


def test_homes_outside_the_queues_have_power_under_a_timetable():
    # eight sub-queues off in both: 10 critical MW, and 18 + 24 and 30 of 90 are on, so that 120 MW suffice
    system, state = two(120.0, consumers={"timetable_off": np.full((29, 2), 8 / 12)})
    for step in range(3):
        done = step_power(system, state, step, NONE)
        state = done.state
        assert np.sort(done.cohorts.power[:12], axis=0)[:, 0] == pytest.approx(
            np.repeat([0.0, 1.0], [8, 4])[:, None] * np.ones(2)
        )
        assert done.cohorts.power[12].tolist() == [[1.0, 1.0]]
        assert done.shares.homes[0] == pytest.approx([0.2 + 0.8 / 3, 1 / 3])
        assert done.served_mw[0].sum(axis=1) == pytest.approx([10 + 18 + 24, 10 + 30])


def test_an_order_beyond_a_timetable_is_told_with_it_and_of_twelve():
    # six sub-queues off leave 10 + 18 + 36 and 10 + 45 MW on: 100 MW lack 19 of the 81 that are in the queues, 1.41 of
    # the six, so that two more are off, eight in all, of 72 and 90 MW
    system, state = two(100.0, consumers={"timetable_off": np.full((29, 2), 6 / 12)})
    for step in range(3):
        state, shown = take_step(system, state, {name: np.zeros((1, 2)) for name in SEEN}, step)
        assert shown["subqueues_off"].tolist() == [[8.0, 8.0]]
        assert shown["cut_stage"].tolist() == [[2.0, 2.0]]
        assert shown["ordered_mw"][0] == pytest.approx([72 / 6, 90 / 6])
        assert shown["served_mw"][0].sum(axis=1) == pytest.approx([10 + 18 + 24, 10 + 30])
        assert np.sort(shown["cohort_power_share"][:12], axis=0)[:, 0] == pytest.approx(
            np.repeat([0.0, 1.0], [8, 4])[:, None] * np.ones(2)
        )


@pytest.mark.parametrize("cuts", ["order", "feeders"])
def test_limits_of_exempt_firms_take_nothing_from_homes_outside_the_queues(cuts):
    # A's industry of 20 is exempt, and a fifth of its 50 + 20 of homes and business is on shared feeders: 56 of A's and
    # 90 of B's can be cut. 190 MW are there for 200; each region's share of the 10 is less than half of its industry
    system, state = two(
        190.0, queues={"exempt": np.array([0.2, 0.0])}, settings={"industry_limit_share": 0.5}, cuts=cuts
    )
    done = step_power(system, state, 0, NONE)
    lacks = 10.0 * np.array([56.0, 90.0]) / 146.0
    assert done.served_mw[0] == pytest.approx(np.array([[10, 50, 20, 20 - lacks[0]], [10, 50, 20, 20 - lacks[1]]]))
    assert done.ordered.industry_mw[0] == pytest.approx(lacks)
    assert done.shares.homes[0] == pytest.approx([1.0, 1.0])


def test_the_last_stage_reaches_homes_outside_the_queues():
    # 30 MW: 20 critical, and 10 of the 18 MW on shared feeders of A
    system, state = two(30.0)
    done = step_power(system, state, 0, NONE)
    assert done.cohorts.power[:12].max() == 0.0
    assert done.cohorts.power[12, 0] == pytest.approx([10.0 / 18.0, 1.0])  # of nobody in B
    assert done.shares.homes[0] == pytest.approx([0.2 * 10.0 / 18.0, 0.0])


def test_broken_feeders_take_homes_from_inside_and_outside_the_queues():
    # from the second hour on 50 MW of A's 100: half of all feeders; B and the others of A take turns
    system, state = two(120.0, limit_mw=50.0)
    felt = np.zeros((1, 2))
    for step in range(3):
        done = step_power(system, state, step, NONE)
        state = done.state
        working = 1.0 - done.broken
        assert done.broken.tolist() == [[0.5 * (step > 0), 0.0]]
        assert (done.cohorts.share * done.cohorts.power).sum(axis=0) * working == pytest.approx(done.shares.homes)
        assert done.off.by_rotation + done.off.by_damage == pytest.approx(1.0 - done.shares.homes)
        felt += 1.0 - done.shares.homes
        assert mean_over_homes(state.turns.total_h, state.turns) == pytest.approx(felt, rel=1e-6)
        assert done.cohorts.power[12].tolist() == [[1.0, 1.0]]
    low, _, high = hours_off(state.turns)[:, 0, 0]
    assert low == 0.0  # a tenth is outside the queues on feeders that work
    assert high == 3.0  # off by rotation in the first hour, then behind broken feeders


def test_a_cell_without_homes_outside_has_the_bits_that_it_has_without_such_a_cohort():
    rng = np.random.default_rng(4)
    values = rng.random((12, 2, 3)).astype("f4")
    with_one = np.insert(values, 12, 7.0, axis=0)
    outside = np.array([[0.0, 0.2, 0.0], [0.3, 0.0, 0.5]])
    for of in (over_cohorts, people_quantiles):
        assert np.array_equal(of(with_one, outside)[..., outside == 0], of(values)[..., outside == 0])
    assert cohort_share(13, outside).sum(axis=0) == pytest.approx(np.ones((2, 3)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"shared_feeder_share": (0.0, 0.0)}, False), ({"rotation": "mean"}, False)],
)
def test_the_scenario_decides_whether_there_is_such_a_cohort(three, changes, expected):
    assert homes_may_be_outside(three(**({"rotation": "queues"} | changes))) is expected


@given(st.lists(st.integers(0, 9), min_size=13, max_size=13), st.floats(0, 1))
def test_quantiles_over_people_are_those_of_a_crowd(numbers, outside):
    values = np.array(numbers, dtype=float)[:, None, None]
    weight = cohort_share(13, np.array([[outside]]))[:, 0, 0]
    order = np.argsort(values[:, 0, 0], kind="stable")
    reached = np.cumsum(weight[order])
    got = people_quantiles(values, np.array([[outside]]))[:, 0, 0]
    for part, found in zip((0.1, 0.5, 0.9), got, strict=True):
        if np.abs(reached - part).min() > 1e-8:  # at the edge either neighbour is one
            assert found == values[order][np.searchsorted(reached, part), 0, 0]


def test_feeders_that_break_elsewhere_leave_the_hours_of_a_member_to_the_last_bit():
    rng, none = np.random.default_rng(5), Turns.none(13, 2, 2, outside=np.full((2, 2), 0.1), breaking=np.array([1]))
    alone = Turns.none(13, 2, 2, outside=np.full((2, 2), 0.1))
    beside, power = none, rng.random((20, 13, 2, 2))
    for hour, on in enumerate(power):
        given = (on, np.zeros((12, 2, 2)), SETTINGS)
        broken = np.array([[0.0, 0.0], [0.0, 0.4 * (hour % 3 > 0)]])
        beside = turned(laid(beside, broken), *given, step_h=1.0, pickup=True, broken=broken)
        alone = turned(alone, *given, step_h=1.0, pickup=True)
    for of in (hours_off, lambda turns: asked(turns, 1.0)):
        one, other = of(beside), of(alone)
        assert np.array_equal(one[..., 0, :], other[..., 0, :])
        assert np.array_equal(one[..., 1, 0], other[..., 1, 0])
        assert (one[..., 1, 1] != other[..., 1, 1]).any()
