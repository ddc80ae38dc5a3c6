"""Turns without power, sub-queue by sub-queue, and what each brings when it is back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmodel.sampling import Settings
from gridmodel.services.cohorts import over_cohorts
from gridmodel.services.power import turns_loops
from gridmodel.services.power.choosing import choose
from gridmodel.services.power.feedback import Interruption, interrupted, mean_of_step
from gridmodel.services.power.turns import Turns, laid, mean_over_homes, returning, turned
from gridmodel.services.power.turns_loops import LEVELS
from gridmodel.services.quantiles import people_quantiles, quantiles_of

SETTINGS = Settings({
    "pickup_per_h": np.array(0.25), "pickup_most": np.array(1.0), "pickup_tau_h": np.array(1.0),
})  # fmt: skip
THERMOSTATIC_MW = 300.0 * 0.3
"""Thermostatic load of 300 MW of households. [MW]"""


def asked(turns, step_h):
    """Load that returns in the next step, mean of it, over thermostatic load, where nobody is expected back."""
    return returning(turns) * mean_of_step(SETTINGS, step_h=step_h)


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
    energy = sum(asked(turns, step_h)[0, 0] * step_h for turns in after) * THERMOSTATIC_MW
    assert energy == pytest.approx(0.45, rel=1e-4)


def test_a_dip_brings_no_more_where_others_have_been_off_for_long():
    # a clock of the region would take all for off since the others were: 2 % x min(0.25 x 8, 1) = 1.8 MW
    before = Interruption.none(1, 1)
    for share in [11 / 12] * 7 + [11 / 12 - 0.02, 11 / 12]:
        before = interrupted(before, np.array([[share]]), SETTINGS, step_h=1.0, cold_load_pickup=True)
    assert before.pickup_share[0, 0] * THERMOSTATIC_MW == pytest.approx(1.8)
    _, after = course([1 / 12] * 7 + [1 / 12 + 0.02] + [1 / 12], rotation="fixed")
    assert over_cohorts(after[-1].pickup_share)[0, 0] * THERMOSTATIC_MW == pytest.approx(0.45)


@pytest.mark.parametrize("step_h", [0.25, 1.0])
@pytest.mark.parametrize(("before_h", "half_brings"), [(1, 0.75), (7, 1.0)])
def test_a_dip_brings_no_more_where_a_part_of_its_sub_queue_has_been_off_for_long(step_h, before_h, half_brings):
    # 2 % of homes are 0.24 of a sub-queue: for an hour beside half of it, 0.45 MW, not those of the mean of all that are
    # off. The half stays off an hour more, and brings what its own hours say: of 3.75 MW 75 % after three hours
    steps, half = round(1 / step_h), 0.5 / 12
    depths = np.repeat([half] * before_h + [half + 0.02, half], steps).tolist()
    _, after = course([*depths, 0.0], step_h=step_h, rotation="fixed", block_h=24.0)
    back = len(depths) - steps
    at_once = over_cohorts(after[back].pickup_share)[0, 0] * THERMOSTATIC_MW
    assert at_once == pytest.approx(0.45, rel=1e-5)
    later = over_cohorts(after[-1].pickup_share)[0, 0] * THERMOSTATIC_MW
    assert later == pytest.approx(0.45 * np.exp(-1.0) + half_brings * THERMOSTATIC_MW * half, rel=1e-5)


def brought(shares):
    """What homes bring at the end of each step of an hour, with shares of one sub-queue off, as a share of it."""
    _, after = course([share / 12 for share in shares], rotation="fixed")
    excess = np.array([0.0, *(float(turns.pickup_share.max()) for turns in after)])
    return excess[1:] - np.exp(-1.0) * excess[:-1]


def test_nested_dips_of_one_two_and_three_hours_bring_what_each_was_off_for():
    # a tenth is off for three hours, a fifth for two and three tenths for one: 0.25 x (0.3 + 0.4 + 0.3)
    assert brought([0.1, 0.3, 0.6, 0.0])[-1] == pytest.approx(0.25)
    # who went off last returns first: three tenths after an hour, a fifth after three, and the tenth after five
    assert brought([0.1, 0.3, 0.6, 0.3, 0.1, 0.0]) == pytest.approx([0, 0, 0, 0.3 * 0.25, 0.2 * 0.75, 0.1], abs=1e-6)
    # half of those that went off last, then all of them, and half of those before
    assert brought([0.4, 0.8, 0.6, 0.2]) == pytest.approx([0, 0, 0.2 * 0.25, 0.2 * 0.5 + 0.2 * 0.75], abs=1e-6)


def test_rounding_of_the_dispatch_is_no_part_of_its_own():
    shares = [0.5, 0.5 + 4e-7, 0.5 - 4e-7, 0.5, 0.8, 0.5 + 4e-7, 1.0, 1.0 - 4e-7]
    _, after = course([share / 12 for share in shares], rotation="fixed")
    assert [len(turns.part_h) for turns in after] == [1, 1, 1, 1, 2, 1, 2, 2]
    assert after[-1].part_h[:, after[-1].off_share.argmax(), 0, 0].tolist() == [8.0, 2.0]


HOMES = 240
"""Single homes of a sub-queue."""


def single_homes(off, step_h):
    """What homes bring in each step and sub-queue, as a share of it: each is off while its place is within the cut."""
    place, hours, excess, found = (np.arange(HOMES)[:, None] + 0.5) / HOMES, np.zeros((HOMES, 12)), np.zeros(12), []
    for share in off:
        is_off = place < share
        returns = np.where(is_off, 0.0, np.minimum(0.25 * hours, 1.0)).mean(axis=0)
        excess = np.minimum(excess * np.exp(-step_h) + returns, 1.0)
        hours = np.where(is_off, hours + step_h, 0.0)
        found.append(excess)
    return np.array(found)


def energy_h(turns, step_h):
    """Energy of the load that returns after each step, in hours of all thermostatic load."""
    return sum(asked(one, step_h)[0, 0] for one in turns) * step_h


COURSES = st.one_of([st.lists(st.integers(0, most * HOMES), min_size=1, max_size=40) for most in (1, 2, 12)])
"""Single homes that are off in each step, of one sub-queue, of two and of all."""


@given(COURSES)
def test_homes_that_return_bring_what_single_homes_do_hour_by_hour(numbers):
    for rotation in ("queues", "fixed"):
        off, after = course([number / (12 * HOMES) for number in numbers], rotation=rotation)
        got = np.array([turns.pickup_share[:, 0, 0] for turns in after])
        assert np.abs(got - single_homes(off, 1.0)).max() < 1e-5


@given(COURSES)
def test_homes_that_return_bring_what_single_homes_do_in_quarters_of_an_hour(numbers):
    for rotation in ("queues", "fixed"):
        off, after = course([number / (12 * HOMES) for number in numbers], rotation=rotation, step_h=0.25)
        got, homes = np.array([turns.pickup_share[:, 0, 0] for turns in after]), single_homes(off, 0.25)
        assert np.abs(got - homes).max() < 0.02  # of sixteen parts that may differ, six are kept
        assert got.sum() == pytest.approx(homes.sum(), rel=0.01, abs=0.06)
        assert max(len(turns.part_h) for turns in after) <= LEVELS


def test_of_twenty_parts_those_are_kept_apart_that_bring_something_else():
    # a twentieth of a sub-queue more is off in each quarter of five hours, and then a twentieth less in each
    rising = np.arange(1, 21) / 20
    off, after = course(np.concatenate([rising, 1.0 - rising]) / 12, rotation="fixed", step_h=0.25)
    got, homes = np.array([turns.pickup_share[:, 0, 0] for turns in after]), single_homes(off, 0.25)
    assert homes.max() > 0.15
    assert np.abs(got - homes).max() < 0.012
    assert got.sum() == pytest.approx(homes.sum(), rel=0.006)


@given(COURSES)
def test_the_energy_of_load_that_returns_in_part_does_not_depend_on_the_step(numbers):
    for rotation in ("queues", "fixed"):
        off, hours = course([number / (12 * HOMES) for number in numbers] + [0.0] * 12, rotation=rotation)
        turns, quarters = Turns.none(12, 1, 1), []
        for share in np.repeat(off, 4, axis=0)[..., None, None]:
            turns = turned(turns, 1.0 - share, share, SETTINGS, step_h=0.25, pickup=True)
            quarters.append(turns)
        assert energy_h(quarters, 0.25) == pytest.approx(energy_h(hours, 1.0), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("loops", [False, True])
def test_members_have_the_same_parts_alone_and_beside_others(monkeypatch, loops):
    monkeypatch.setattr(turns_loops, "COMPILED", loops)
    rng, none = np.random.default_rng(4), np.zeros((12, 4, 2))
    rises = rng.uniform(-0.1, 0.2, (30, 12, 4, 2)) * np.array([1.0, 0.0, 4.0, 1.0])[:, None]  # one has power throughout
    together, alone = Turns.none(12, 4, 2), [Turns.none(12, 1, 2) for _ in range(4)]
    off, levels = np.zeros((12, 4, 2)), []
    for rise in rises:
        off = np.where(rng.random(off.shape) < 0.05, 0.0, np.clip(off + rise, 0.0, 1.0))
        together = turned(together, 1.0 - off, none, SETTINGS, step_h=0.25, pickup=True)
        for member, before in enumerate(alone):
            one = slice(member, member + 1)
            alone[member] = turned(
                before, 1.0 - off[:, one], none[:, one], SETTINGS, step_h=0.25, pickup=True
            )  # fmt: skip
            for name in ("part_edge_share", "part_h", "pickup_share", "total_h"):
                mine = getattr(alone[member].as_saved(), name)
                assert mine.tobytes() == getattr(together.as_saved(), name)[..., one, :].tobytes(), name
        levels.append([len(turns.part_h) for turns in alone])
    assert np.max(levels, axis=0).tolist() == [LEVELS, 1, LEVELS, LEVELS]
    assert min(min(row) for row in levels[5:]) == 1


def test_a_state_with_all_levels_goes_on_as_the_one_in_use():
    after = course([0.5 / 12, 0.9 / 12, 0.95 / 12], rotation="fixed")[1][-1]
    saved = after.as_saved()
    assert saved.part_h.shape == saved.part_edge_share.shape == (LEVELS, 12, 1, 1)
    assert saved.off_share.tobytes() == after.off_share.tobytes()
    loaded = saved.as_loaded(after)
    assert loaded.part_h[:, loaded.off_share.argmax(), 0, 0].tolist() == [3.0, 2.0, 1.0]
    assert loaded.part_edge_share.tobytes() == after.part_edge_share.tobytes()


def test_steady_rotation_brings_the_load_of_those_who_return():
    # eight of twelve off for four hours each: two a hour return after four hours with all of their excess
    _, after = course([8 / 12] * 96)
    energy = [asked(turns, 1.0)[0, 0] for turns in after[48:]]
    assert np.mean(energy) == pytest.approx(2 / 12, rel=0.02)
    regional = Interruption.none(1, 1)
    for _ in range(48):
        regional = interrupted(regional, np.array([[4 / 12]]), SETTINGS, step_h=1.0, cold_load_pickup=True)
    assert regional.pickup_share.max() == 0.0  # a clock of the region sees nobody return


def test_homes_on_mended_feeders_return_with_the_hours_that_they_were_off():
    turns, none, power = Turns.none(12, 1, 1, breaking=np.array([0])), np.zeros((12, 1, 1)), np.ones((12, 1, 1))
    for broken in [0.6] * 10 + [0.0]:
        turns = turned(
            laid(turns, np.array([[broken]])), power, none, SETTINGS, step_h=1.0, pickup=True,
            broken=np.array([[broken]]),
        )  # fmt: skip
        hours = mean_over_homes(turns.total_h, turns)[0, 0]
        if broken:
            assert mean_over_homes(turns.part_h[0] * turns.off_share, turns)[0, 0] == pytest.approx(hours)
    assert hours == pytest.approx(6.0)
    assert mean_over_homes(turns.off_share, turns)[0, 0] == 0.0
    assert mean_over_homes(turns.pickup_share, turns)[0, 0] == pytest.approx(0.6)  # after ten hours, all of it
    assert asked(turns, 1.0)[0, 0] == pytest.approx(0.6 * (1 - np.exp(-1.0)))


def test_quantiles_over_people_count_groups_of_any_size():
    values = np.concatenate([np.arange(12.0), [100.0]])[:, None, None]
    assert people_quantiles(values[:12])[:, 0, 0].tolist() == [1.0, 5.0, 10.0]
    for apart, expected in ((0.0, [1.0, 5.0, 10.0]), (0.25, [1.0, 7.0, 100.0]), (0.95, [100.0] * 3)):
        weights = np.array([(1 - apart) / 12] * 12 + [apart])[:, None, None]
        assert quantiles_of(values, weights)[:, 0, 0].tolist() == expected
