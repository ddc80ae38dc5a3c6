"""Load that returns in the hour in which homes come back, and the order that covers its peak."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.power_systems import two_regions

from gridmodel.sampling import Settings
from gridmodel.services.layers import power_of
from gridmodel.services.power.feedback import Heaters, Interruption, mean_of_step, shape_of_step
from gridmodel.services.power.reserve import Peak
from gridmodel.services.power.step import first_state, step_power
from gridmodel.services.power.taking_turns import returns_of, take_turns
from gridmodel.services.power.turns import Turns, coming_back, mean_over_homes

NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
THERMOSTATIC_MW = 0.6 * 50.0
"""Thermostatic load of the households of a region. [MW]"""
TAKING_TURNS = {"rotation": "queues", "cohorts": 12}
RULES = {"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "reserve_mw": 0.0, "industry_limit_share": 0.0,
         "pickup_most": 9.0}  # fmt: skip


def only_coal(coal_mw, **options):
    """Coal of so many megawatts in each step for the 200 MW of two regions, and nothing else."""
    share = np.zeros((len(coal_mw), 1, 3))
    share[:, 0, 0] = np.asarray(coal_mw) / 120.0
    return two_regions(
        steps=len(coal_mw), capacity={"generator_share": share}, options=TAKING_TURNS | options, settings=RULES
    )


def driven(depths, *, step_h=1.0, rotation="queues", broken=None):
    """Load asked for in each step, the turns after them, and what came back, where so many homes of both are off.

    With shares of feeders that are broken, what is asked for is never less than what homes bring that are off again.
    """
    system = only_coal([100.0] * len(depths), rotation=rotation)
    clock = replace(system.clock, step_h=step_h, times=system.clock.times[0] + np.arange(len(depths)) * np.timedelta64(
        round(3600 * step_h), "s"
    ))  # fmt: skip
    system = replace(system, clock=clock)
    turns, asked, came = Turns.none(12, 1, 2, breaking=None if broken is None else np.arange(2)), [], []
    for step, depth in enumerate(depths):
        of_feeders = None if broken is None else np.full((1, 2), broken[step])
        turns, returns = returns_of(system, turns, Interruption.none(1, 2), step, of_feeders)
        if returns.off_share is not None:
            assert (returns.share >= returns.off_share - 1e-12).all()
        before = turns
        turns, cohorts = take_turns(
            system, turns, step, np.full((1, 2), depth), tripped=np.zeros((1, 2)), broken=of_feeders,
            expected=returns.expected,
        )  # fmt: skip
        on = cohorts.power if broken is None else power_of(cohorts.power, before.layers, of_feeders)
        asked.append(returns.share[0, 0])
        came.append(mean_over_homes(coming_back(before, on, system.settings), before)[0, 0])
    return np.array(asked), turns, np.array(came)


def test_homes_that_come_back_as_their_turn_ends_bring_their_load_in_that_hour():
    # six of twelve are off for two hours, then the others: half of homes bring two hours' worth, 0.5 of their load
    asked, _, _ = driven([0.5] * 5)
    mean = 1.0 - np.exp(-1.0)
    assert asked == pytest.approx([0.0, 0.0, 0.25 * mean, 0.25 * mean * np.exp(-1.0), 0.25 * mean * (1 + np.exp(-2.0))])


def test_homes_that_come_back_unexpectedly_bring_their_load_in_the_next_hour():
    asked, _, _ = driven([0.5, 0.0, 0.0, 0.0])
    mean = 1.0 - np.exp(-1.0)
    assert asked == pytest.approx([0.0, 0.0, 0.125 * mean, 0.125 * mean * np.exp(-1.0)])


def test_load_that_was_expected_in_vain_is_taken_from_what_returns_later():
    # after two hours the turn of six ends, but then all are off: what they were to bring, 0.25 for the mean of an hour,
    # is owed, and taken from what all bring an hour later, of whom six have been off for three hours and six for one
    asked, turns, _ = driven([0.5, 0.5, 1.0])
    mean = 1.0 - np.exp(-1.0)
    assert asked[2] == pytest.approx(0.25 * mean)
    assert turns.owed_h[0, 0] == pytest.approx(-0.25 * mean)
    asked, turns, _ = driven([0.5, 0.5, 1.0, 0.0, 0.0])
    assert asked[3] == 0.0  # nobody is expected back
    assert asked[4] == pytest.approx((0.5 * 0.75 + 0.5 * 0.25 - 0.25) * mean)
    assert turns.owed_h[0, 0] == 0.0


def test_what_is_owed_is_not_taken_from_load_of_homes_that_are_off_again():
    # as above, then the sub-queue that has been off for four hours returns unexpectedly and all feeders break: its load
    # is missing where nobody has power, and what is owed waits for load that somebody gets
    asked, turns, _ = driven([0.5, 0.5, 1.0, 1.0, 11 / 12, 1.0], broken=[0.0] * 5 + [1.0])
    mean = 1.0 - np.exp(-1.0)
    assert asked[2:] == pytest.approx([0.25 * mean, 0.0, 0.0, mean / 12])
    assert turns.owed_h[0, 0] == pytest.approx(-0.25 * mean)


def test_what_one_region_owes_changes_no_byte_of_another():
    rng = np.random.default_rng(1)
    mine, broken = rng.uniform(0.0, 0.7, 40), np.where(np.arange(40) % 3, rng.choice([0.0, 0.2, 0.3, 0.6], 40), 0.0)
    owing = np.concatenate([[0.5, 0.5, 1.0, 1.0, 11 / 12], np.ones(35)])
    beside, alone = (driven(np.stack([mine, other], axis=1), broken=broken) for other in (owing, np.zeros_like(owing)))
    assert beside[1].owed_h[0, 1] < 0.0 == alone[1].owed_h[0, 1]
    assert beside[0].tolist() == alone[0].tolist()


def test_homes_bring_their_load_in_the_hour_in_which_all_broken_feeders_are_mended():
    # off for two hours they bring half of their load. Where no feeder works all homes count as off, and none by turns
    mean = 1.0 - np.exp(-1.0)
    asked, turns, _ = driven([0.0, 1.0, 1.0, 0.0, 0.0], broken=[0.0, 1.0, 1.0, 0.0, 0.0])
    assert asked == pytest.approx([0.0, 0.0, 0.0, 0.5 * mean, 0.5 * mean * np.exp(-1.0)])
    assert turns.owed_h[0, 0] == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, 0.0, 0.3, 1.0])), min_size=1, max_size=20),
    st.sampled_from([1.0, 0.5, 0.25]), st.sampled_from(["queues", "fixed"]), st.booleans(),
)  # fmt: skip
def test_what_is_asked_for_and_what_is_still_to_come_is_what_came_back(course, step_h, rotation, breaks):
    depths, broken = zip(*course, strict=True)
    asked, turns, came = driven(depths, step_h=step_h, rotation=rotation, broken=broken if breaks else None)
    left = mean_over_homes(turns.pickup_share, turns)[0, 0] * 1.0 + turns.owed_h[0, 0]
    assert asked.sum() * step_h + left == pytest.approx(came.sum() * 1.0, rel=1e-4, abs=1e-5)
    assert asked.min() >= 0


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_the_shape_of_a_step_is_that_of_a_fine_curve(step_h):
    settings = Settings({"pickup_tau_h": np.array([[0.5], [1.0], [3.0]])})
    time_h = (np.arange(100_000) + 0.5) / 100_000 * step_h
    above_h, below_h = shape_of_step(settings, step_h=step_h)
    mean = mean_of_step(settings, step_h=step_h)
    for row, tau_h in enumerate((0.5, 1.0, 3.0)):
        course = np.exp(-time_h / tau_h)
        assert mean[row, 0] == pytest.approx(course.mean(), rel=1e-6)
        area = np.maximum(course - course.mean(), 0.0).mean() * step_h
        assert above_h[row, 0] == pytest.approx(area / (1.0 - course.mean()), rel=1e-4)
        assert below_h[row, 0] == pytest.approx((course < course.mean()).mean() * step_h, rel=1e-4)


@pytest.mark.parametrize(("given_mw", "could_mw", "power_mw"), [(0.0, 10.0, 90.0), (8.0, 8.0, 90.0), (5.0, 20.0, 60.0)])
def test_storage_covers_the_peak_that_a_fine_curve_lets_it_cover(given_mw, could_mw, power_mw):
    # the highest start of a course of so much mean from which it draws no more energy than it has beyond its plan and
    # than it gives less of while the course is below its mean
    above_h, below_h = shape_of_step(Settings({"pickup_tau_h": np.array(1.0)}), step_h=1.0)
    peak = Peak(mw=np.ones((1, 1)), above_h=above_h, below_h=below_h)
    found = peak.covered_mw(np.array([[given_mw]]), np.array([[could_mw]]), np.array([[power_mw]]))[0, 0]
    time_h = (np.arange(10_000) + 0.5) / 10_000
    course = (np.exp(-time_h) - (1 - np.exp(-1.0))) / np.exp(-1.0)  # 1 as it begins, and 0 in the mean
    able = [
        height for height in np.arange(0.0, 120.0, 0.05)
        if given_mw + height <= power_mw
        and np.maximum(height * course, 0.0).mean() <= could_mw - given_mw + given_mw * (course < 0).mean()
    ]  # fmt: skip
    assert found == pytest.approx(given_mw + max(able), abs=0.06)


def returning_for_certain(cuts, spare_mw):
    """Three hours of which six sub-queues are off in the first two, and come back in the third.

    In the third there is as much more to give as the load that returns is in the mean of the hour, and some megawatts.
    """
    mean_mw = 2 * 0.25 * THERMOSTATIC_MW * (1.0 - np.exp(-1.0))
    system = only_coal([110.0, 110.0, 110.0 + mean_mw + spare_mw], cuts=cuts)
    state, steps = first_state(system), []
    for step in range(3):
        steps.append(step_power(system, state, step, NONE))
        state = steps[-1].state
    return steps


def test_an_order_covers_the_peak_of_the_hour_and_feeders_by_the_megawatt_do_not():
    # two regions bring 15 MW as the hour begins, 5.5 MW above the mean of the hour. Of the 180 + 9.5 MW in the queues
    # 90 MW are short by the mean, 5.70 sub-queues of twelve, and 95.5 MW with the peak, 6.05: seven in place of six
    before, _, third = returning_for_certain("order", 0.0)
    assert before.ordered.subqueues[0].tolist() == [6.0, 6.0]
    begins_mw = 2 * 0.25 * THERMOSTATIC_MW
    assert third.added.pickup_mw.sum() == pytest.approx(begins_mw * (1 - np.exp(-1.0)))
    assert third.added.peak_mw.sum() == pytest.approx(begins_mw * np.exp(-1.0))
    assert third.ordered.subqueues[0].tolist() == [7.0, 7.0]
    _, _, ample = returning_for_certain("order", 2.0)  # 93.5 MW, 5.92 sub-queues
    assert ample.ordered.subqueues[0].tolist() == [6.0, 6.0]
    _, _, exact = returning_for_certain("feeders", 0.0)
    assert exact.ordered.subqueues[0] == pytest.approx([12 * 90.0 / (180.0 + begins_mw * (1 - np.exp(-1.0)))] * 2)


def test_an_order_covers_no_peak_of_a_dead_island():
    # in the third hour the line is out and the second region dead. The first takes 104.74 MW in the mean and 107.5 as
    # the hour begins, of 108; with the 2.76 MW of the other beyond its mean it would lack 2.26
    system = only_coal([110.0, 110.0, 108.0], cuts="order")
    line = np.ones((3, 1, 1))
    line[2] = 0.0
    system = replace(system, capacity=replace(system.capacity, branch_share=line))
    state = first_state(system)
    for step in range(3):
        got = step_power(system, state, step, NONE)
        state = got.state
    assert got.added.peak_mw[0] == pytest.approx([0.25 * THERMOSTATIC_MW * np.exp(-1.0)] * 2)
    assert got.ordered.subqueues[0, 0] == 0.0
    assert got.served_mw[0, 1].sum() == 0.0
