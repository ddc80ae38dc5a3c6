"""Rounds of a cascade on two regions made from arrays: 100 MW of load each, and a line of 50 MW flow from A to B."""

import numpy as np
import pytest
from services.power_systems import two_regions

from gridmodel.services.power.rounds import strike
from gridmodel.services.power.shock import Before, make_shock
from gridmodel.vocabulary import CASCADE_STEPS, TIERS

ROW = np.array([0])
COAL, STORAGE, BORDER = range(3)
A, B = range(2)


def before(*, load=(100.0, 100.0), generation=(120.0, 50.0, 30.0)):
    """Each region has a tenth of its load critical."""
    served = np.outer(load, [0.1, 0.5, 0.2, 0.2]).reshape(1, -1)
    flow = load[B] - generation[STORAGE]
    return Before(
        generation_mw=np.array([generation]), available_mw=np.array([[120.0, 50.0, 100.0]]), served_mw=served,
        flow_mw=np.array([[flow]]),
    )  # fmt: skip


def struck(system, start=None, *, kept=(1.0, 1.0, 1.0), line=1.0, ties=1.0):
    return strike(
        system, ROW, start or before(), kept=np.array([kept]), branch_share=np.array([[line]]), ties=np.array([ties])
    )  # fmt: skip


def course(aftermath):
    """Entries of the log: mechanism, round, megawatts."""
    found = []
    for part in aftermath.log.parts:
        words = [CASCADE_STEPS[number] for number in part["mechanism"]]
        found += zip(words, part["number"].tolist(), np.round(part["mw"], 3).tolist(), strict=True)
    return found


def test_an_event_that_takes_nothing_leaves_all_as_it_was():
    for cascade in ("overload", "full"):
        left = struck(two_regions(options={"cascade": cascade}))
        assert course(left) == []
        assert not left.black.any()
        assert not left.tripped.any()
        assert left.nadir_hz[0] == 50


def test_ties_carry_half_as_much_again_as_their_limit_before_they_open():
    full = two_regions(options={"cascade": "full"})
    left = struck(full, kept=(0.0, 1.0, 1.0))  # 120 MW are missing, and ties carry 150, of which 30 flow
    assert course(left) == [("loss", 0, 120.0), ("reserve", 0, 120.0)]
    assert left.nadir_hz[0] == 50
    left = struck(full, before(load=(101.0, 100.0)), kept=(0.0, 1.0, 1.0))
    assert ("tie_opening", 0, 30.0) in course(left)
    assert left.opened[0].tolist() == [False, False, True]


def test_ties_that_are_lost_take_what_they_carried_and_leave_less_to_carry_the_rest():
    full = two_regions(options={"cascade": "full"})
    # half of 30 MW is lost with half of the ties, and 75 MW are left for them and 60 MW of coal on top of 15
    left = struck(full, kept=(0.5, 1.0, 0.5), ties=0.5)
    assert course(left) == [("loss", 0, 60.0), ("loss", 0, 15.0), ("tie_opening", 0, 15.0), *course(left)[3:]]
    held = struck(full, kept=(0.6, 1.0, 0.5), ties=0.5)  # 48 + 15 + 15 = 78 MW; at 0.63 it is 74.4
    assert held.opened.any()
    assert not struck(full, kept=(0.63, 1.0, 0.5), ties=0.5).opened.any()
    # what was lost in an earlier step is still missing: 48 MW fit, beside 30, into 150 and not into 75
    assert not struck(full, kept=(0.6, 1.0, 1.0)).opened.any()
    assert struck(full, kept=(0.6, 1.0, 1.0), ties=0.5).opened.any()


def test_an_island_without_ties_sheds_stage_by_stage_and_no_critical_load():
    left = struck(two_regions(options={"cascade": "full"}), before(load=(100.0, 80.0)), line=0.0)
    # B has 50 MW for 80: stages take 4, 12, 20, 28 and 36 MW in sum, and only the last leaves less than 50
    assert ("under_frequency", 0, 36.0) in course(left)
    assert left.relay_share[0] == pytest.approx([0, 36 / 72])
    assert 47.5 < left.nadir_hz[0] < 48.0
    assert not left.black.any()


def test_an_island_whose_relays_are_not_enough_goes_black():
    left = struck(two_regions(options={"cascade": "full"}), line=0.0)
    assert left.black[0].tolist() == [False, True, False]  # it falls 8 Hz per second, so that one stage sheds in time
    assert left.nadir_hz[0] == 47.5
    assert ("blackout", 0, 95.0) in course(left)
    assert ("unit_trip", 0, 50.0) in course(left)


def test_a_line_loaded_beyond_its_factor_trips_in_the_round_and_the_next_one_counts_without_it():
    system = two_regions(options={"cascade": "overload"}, line_mw=80.0)
    assert not struck(system).tripped.any()
    left = struck(system, kept=(1.0, 0.0, 1.0))  # 100 MW would flow over it, and it carries 96
    assert left.tripped[0].tolist() == [True]
    assert course(left) == [("loss", 0, 50.0), ("reserve", 0, 50.0), ("branch_trip", 0, 100.0)]
    assert not struck(system, kept=(1.0, 0.1, 1.0)).tripped.any()  # 95 MW


def test_reserve_is_a_share_of_the_units_that_run_and_no_more_than_they_have_free():
    shock = make_shock(two_regions(), ROW, before(generation=(58.0, 50.0, 92.0)), kept=np.ones((1, 3)), ties=np.ones(1))
    assert shock.reserve_mw[0] == pytest.approx([0.05 * 60 - 1, 0, 0])  # one unit of 60 MW runs at 58
    assert shock.kinetic_mws[0] == pytest.approx([4 * 60, 3 * 50, 0])
    assert shock.tie_most_mw[0] == pytest.approx([0, 0, 150])
    assert shock.sheddable_mw[0] == pytest.approx([90, 90])
    assert shock.block_mw.sum(axis=-1)[0] == pytest.approx([45, 45])


def test_members_fare_alike_in_any_company():
    system = two_regions(options={"cascade": "full"})
    alone = [struck(system, kept=kept, line=line) for kept, line in (((0.3, 1, 1), 0.0), ((1.0, 1, 0.0), 1.0))]
    one = before()
    both = Before(**{name: np.repeat(getattr(one, name), 2, axis=0) for name in one.__slots__})
    together = strike(
        system,
        np.array([0, 0]),
        both,
        kept=np.array([[0.3, 1, 1], [1.0, 1, 0.0]]),
        branch_share=np.array([[0.0], [1.0]]),
        ties=np.ones(2),
    )
    for name in ("black", "opened", "tripped", "relay_share", "nadir_hz"):
        rows = np.concatenate([getattr(left, name) for left in alone])
        assert getattr(together, name).tobytes() == rows.tobytes(), name


def test_tiers_of_the_hand_made_system_are_those_of_the_vocabulary():
    assert before().served_mw.shape == (1, 2 * len(TIERS))
