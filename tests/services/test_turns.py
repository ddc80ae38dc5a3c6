"""Turns without power, sub-queue by sub-queue, and what each brings when it is back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmodel.sampling import Settings
from gridmodel.services.cohorts import over_cohorts
from gridmodel.services.power.feedback import Interruption, interrupted
from gridmodel.services.power.turns import Turns, choose, mean_over_homes, returning, turned
from gridmodel.services.quantiles import people_quantiles, quantiles_of

SETTINGS = Settings({
    "pickup_per_h": np.array(0.25), "pickup_most": np.array(1.0), "pickup_tau_h": np.array(1.0),
})  # fmt: skip
THERMOSTATIC_MW = 300.0 * 0.3
"""Thermostatic load of 300 MW of households. [MW]"""


def course(depths, *, step_h=1.0, rotation="queues", block_h=4.0, rest_h=2.0):
    """Sub-queues off in each step, shape ``(step, sub-queue)``, and the turns after each."""
    turns, chosen, after = Turns.none(12, 1, 1), [], []
    for step, depth in enumerate(depths):
        anew = step * step_h % 1.0 == 0
        off = choose(np.array([[depth]]), turns, rotation=rotation, block_h=block_h, rest_h=rest_h, anew=anew)
        turns = turned(turns, 1.0 - off, off, SETTINGS, step_h=step_h, pickup=True)
        chosen.append(off[:, 0, 0])
        after.append(turns)
    return np.array(chosen), after


def stretches(off):
    """Lengths of the stretches off that end before the last step."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0.0], off, [0.0]])))
    return [last - first for first, last in edges.reshape(-1, 2) if last < len(off)]


def test_eight_of_twelve_take_turns_of_four_hours_off_and_two_on():
    off, after = course([8 / 12] * 96)
    assert (off.sum(axis=1) == 8).all()
    for queue in off[24:].T:
        assert set(stretches(queue)[1:]) == {4}
        assert set(stretches(1 - queue)[1:]) == {2}
    assert np.ptp(after[-1].total_h) <= 4.0
    assert after[-1].total_h.mean() == pytest.approx(64.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_mean_of_all_sub_queues_is_the_depth(depths):
    for rotation in ("queues", "fixed"):
        off, after = course(depths, rotation=rotation)
        assert off.mean(axis=1) == pytest.approx(depths, abs=1e-9)
        assert ((off > 1e-9) & (off < 1 - 1e-9)).sum(axis=1).max() <= 1  # at most one is off in part
        assert after[-1].total_h.mean() == pytest.approx(sum(depths), rel=1e-5, abs=1e-6)


def test_over_a_month_of_days_that_differ_no_sub_queue_is_off_for_much_longer_than_another():
    hour = np.arange(24 * 30)
    depths = np.clip(0.45 + 0.3 * np.sin(2 * np.pi * (hour - 9) / 24) + 0.15 * np.sin(hour / 50), 0, 1)
    _, after = course(np.ceil(12 * depths) / 12)
    hours = after[-1].total_h
    assert np.ptp(hours) < 0.04 * hours.mean()


def test_stretches_off_grow_beyond_twice_a_block_only_where_nearly_all_are_off():
    off, _ = course([6 / 12] * 200)
    assert max(max(stretches(queue)) for queue in off.T) <= 8
    most, _ = course([11 / 12] * 200)
    assert max(max(stretches(queue)[1:]) for queue in most.T) <= 12  # each is on for about one hour of twelve


def test_fixed_leaves_the_same_homes_off_for_as_long_as_it_lasts():
    off, after = course([0.3] * 48, rotation="fixed")
    assert (off == off[0]).all()
    assert sorted(off[0]) == pytest.approx([0.0] * 8 + [0.6] + [1.0] * 3)
    assert after[-1].total_h.max() == 48.0
    assert after[-1].total_h.min() == 0.0


@pytest.mark.parametrize("step_h", [0.25, 0.5])
def test_shorter_steps_choose_the_same_sub_queues(step_h):
    depths = np.ceil(12 * np.clip(0.5 + 0.4 * np.sin(np.arange(72) / 4), 0, 1)) / 12
    hourly, after = course(depths)
    short, later = course(np.repeat(depths, round(1 / step_h)), step_h=step_h)
    assert np.array_equal(short[:: round(1 / step_h)], hourly)
    assert np.array_equal(short[round(1 / step_h) - 1 :: round(1 / step_h)], hourly)
    assert later[-1].total_h == pytest.approx(after[-1].total_h)


def dip(steps, step_h):
    """Turns after 2 % of homes were off for an hour."""
    _, after = course([0.02] * steps + [0.0] * (12 * steps), step_h=step_h)
    return after


def test_a_block_that_begins_between_full_hours_ends_at_one():
    off, _ = course([0.0] + [0.5] * 31, step_h=0.25)
    first = off[1] > 0
    assert first.sum() == 6
    assert off[1:16, first].all()  # from 00:15 to 04:00
    assert not off[16, first].any()
    assert off[16:, ~first].all()


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_two_percent_of_homes_off_for_an_hour_bring_0_45_megawatts_whatever_the_step(step_h):
    # 300 MW x 0.3 thermostatic x 2 % of homes x 0.25 for an hour = 0.45 MW, and 0.45 MWh with a time constant of an hour
    steps = round(1 / step_h)
    after = dip(steps, step_h)
    returned = over_cohorts(after[steps].pickup_share)[0, 0] * THERMOSTATIC_MW
    assert returned == pytest.approx(0.45)
    energy = sum(returning(turns, SETTINGS, step_h=step_h)[0, 0] * step_h for turns in after) * THERMOSTATIC_MW
    assert energy == pytest.approx(0.45, rel=1e-4)


def test_a_dip_brings_no_more_where_others_have_been_off_for_long():
    # a clock of the region would take all for off since the others were: 2 % x min(0.25 x 8, 1) = 1.8 MW
    before = Interruption.none(1, 1)
    for share in [11 / 12] * 7 + [11 / 12 - 0.02, 11 / 12]:
        before = interrupted(before, np.array([[share]]), SETTINGS, step_h=1.0, cold_load_pickup=True)
    assert before.pickup_share[0, 0] * THERMOSTATIC_MW == pytest.approx(1.8)
    _, after = course([1 / 12] * 7 + [1 / 12 + 0.02] + [1 / 12], rotation="fixed")
    assert over_cohorts(after[-1].pickup_share)[0, 0] * THERMOSTATIC_MW == pytest.approx(0.45)


def test_steady_rotation_brings_the_load_of_those_who_return():
    # eight of twelve off for four hours each: two a hour return after four hours with all of their excess
    _, after = course([8 / 12] * 96)
    energy = [returning(turns, SETTINGS, step_h=1.0)[0, 0] for turns in after[48:]]
    assert np.mean(energy) == pytest.approx(2 / 12, rel=0.02)
    regional = Interruption.none(1, 1)
    for _ in range(48):
        regional = interrupted(regional, np.array([[4 / 12]]), SETTINGS, step_h=1.0, cold_load_pickup=True)
    assert regional.pickup_share.max() == 0.0  # a clock of the region sees nobody return


def test_homes_on_mended_feeders_return_with_the_hours_that_they_were_off():
    turns, none, power = Turns.none(12, 1, 1, breaking=np.array([0])), np.zeros((12, 1, 1)), np.ones((12, 1, 1))
    for broken in [0.6] * 10 + [0.0]:
        turns = turned(
            turns, power, none, SETTINGS, step_h=1.0, pickup=True, broken=np.array([[broken]])
        )  # fmt: skip
        hours = mean_over_homes(turns.total_h, turns)[0, 0]
        if broken:
            assert mean_over_homes(turns.off_h * turns.off_share, turns)[0, 0] == pytest.approx(hours)
    assert hours == pytest.approx(6.0)
    assert mean_over_homes(turns.off_share, turns)[0, 0] == 0.0
    assert mean_over_homes(turns.pickup_share, turns)[0, 0] == pytest.approx(0.6)  # after ten hours, all of it
    assert returning(turns, SETTINGS, step_h=1.0)[0, 0] == pytest.approx(0.6 * (1 - np.exp(-1.0)))


def test_quantiles_over_people_count_groups_of_any_size():
    values = np.concatenate([np.arange(12.0), [100.0]])[:, None, None]
    assert people_quantiles(values[:12])[:, 0, 0].tolist() == [1.0, 5.0, 10.0]
    for apart, expected in ((0.0, [1.0, 5.0, 10.0]), (0.25, [1.0, 7.0, 100.0]), (0.95, [100.0] * 3)):
        weights = np.array([(1 - apart) / 12] * 12 + [apart])[:, None, None]
        assert quantiles_of(values, weights)[:, 0, 0].tolist() == expected
