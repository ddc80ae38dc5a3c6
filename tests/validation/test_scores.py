"""Scores of forecasts, against closed forms and explicit sums."""

import numpy as np
import pandas as pd
import pytest

from validation import evaluate, learning, persistence, scores


def reports(**given):
    """Four rows: oblast 0 on days 0, 10 and 12, oblast 1 of another group on day 11."""
    usual = {
        "day": np.array([0, 10, 11, 12]), "oblast": np.array([0, 0, 1, 0]), "group": np.array([0, 0, 1, 0]),
        "noise_h": np.ones(4), "value_h": np.array([4.0, 8.0, 2.0, 12.0]),
        "model_h": np.random.default_rng(1).normal(10, 2, (4, 400)),
    }  # fmt: skip
    return learning.Reports(**(usual | given))


def test_the_score_is_the_mean_distance_less_half_the_mean_distance_of_two_different_members():
    members = np.array([3.1, 9.4, 12.0, 7.7, 15.2, 8.8])
    for value in (2.0, 9.0, 20.0):
        pairs = [abs(a - b) for place, a in enumerate(members) for other, b in enumerate(members) if place != other]
        by_hand = np.abs(members - value).mean() - 0.5 * np.mean(pairs)
        assert scores.fair_crps(members, value) == pytest.approx(by_hand)
    # scoringrules 0.10, crps_ensemble(9.0, members, estimator="fair")
    assert scores.fair_crps(members, 9.0) == pytest.approx(0.36666666666666714)


def test_few_members_have_the_expected_score_of_many():
    rng = np.random.default_rng(3)
    value = 0.4
    # of a standard normal distribution: y (2 Φ(y) − 1) + 2 φ(y) − 1/√π
    exact = value * (2 * 0.6554217416103242 - 1) + 2 * np.exp(-(value**2) / 2) / np.sqrt(2 * np.pi) - 1 / np.sqrt(np.pi)
    few = np.mean([scores.fair_crps(rng.normal(size=3), value) for _ in range(20_000)])
    assert few == pytest.approx(exact, abs=0.02)


def test_weeks_are_drawn_whole_so_that_rows_of_one_week_do_not_count_as_many():
    rng = np.random.default_rng(7)
    weeks = np.repeat(np.arange(12), 30)
    values = np.repeat(rng.normal(size=12), 30)  # all rows of a week are the same
    drawn = scores.by_weeks(weeks, lambda rows: values[rows].mean())
    assert drawn.std() == pytest.approx(values.std() / np.sqrt(12), rel=0.1)  # 12 rows, not 360


def test_a_rank_is_the_share_of_members_below():
    assert scores.rank(np.arange(9.0), -1) == pytest.approx(0.05)
    assert scores.rank(np.arange(9.0), 4.0) == pytest.approx(0.5)


def test_the_last_report_is_that_of_the_oblast_then_of_its_group_and_nothing_later_than_the_day_of_issue():
    rows, usable = reports(), np.ones(4, dtype=bool)
    assert persistence.last_report(rows, 3, 2, usable) == (8.0, 0)
    assert (
        persistence.last_report(reports(day=np.array([0, 20, 21, 22])), 3, 7, usable)[1] == -1
    )  # fifteen days are too old
    near = reports(day=np.array([3, 10, 11, 12]))
    assert persistence.last_report(near, 3, 3, usable) == (4.0, 0)
    assert persistence.last_report(near, 2, 2, usable) == (4.0, 2)  # of the country: the other oblast
    assert np.isnan(persistence.last_report(near, 0, 2, usable)[0])


def test_what_is_learned_moves_towards_reports_and_no_further_than_their_error_allows():
    rows = reports()
    nothing = learning.learned(rows, np.zeros(4, dtype=bool), np.array([3]))
    known = np.array([False, True, False, False])
    high, low = (
        learning.learned(reports(value_h=np.array([4.0, value, 2.0, 12.0])), known, np.array([3])).mean()
        for value in (16.0, 8.0)
    )
    assert low < nothing.mean() < high
    # members are independent here, so only the lasting error of 1.5² + 1.5² h² connects the two days
    gain = 4.5 * np.exp(-2 / 10) / (rows.model_h[1].var() + 4.5 + 1.0)
    assert high - low == pytest.approx(8 * gain, rel=0.15)


def test_what_is_reported_later_does_not_change_a_forecast():
    known = np.array([True, True, False, False])
    one = learning.learned(reports(), known, np.array([3]))
    other = learning.learned(reports(value_h=np.array([4.0, 8.0, 20.0, 1.0])), known, np.array([3]))
    assert np.array_equal(one, other)


def test_all_seeds_are_taken_together_and_each_is_the_same_alone():
    known, row = np.array([True, True, False, False]), np.array([3])
    whole = learning.learned(reports(), known, row)
    assert whole.shape == (1, 400 * len(learning.SEEDS))
    for seed, part in zip(learning.SEEDS, np.split(whole, len(learning.SEEDS), axis=1), strict=True):
        alone = learning.learned(reports(), known, row, learning.errors(reports(), (seed,)))
        assert part == pytest.approx(alone)
    assert np.array_equal(whole, learning.learned(reports(), known, row, learning.errors(reports())))


def test_a_score_over_all_seeds_varies_three_times_less_than_over_one():
    few = reports(model_h=np.random.default_rng(1).normal(10, 2, (4, 20)))
    known, row = np.array([True, True, False, False]), np.array([3])

    def score(seeds):
        return scores.fair_crps(learning.learned(few, known, row, learning.errors(few, seeds))[0], 12.0)

    one = np.std([score((seed,)) for seed in range(60)])
    nine = np.std([score(tuple(range(9 * first, 9 * first + 9))) for first in range(60)])
    assert nine < 0.45 * one  # a third, were it not for members that all seeds share


def test_a_gain_is_that_of_two_normal_numbers():
    rows = reports(noise_h=np.array([1.0, 2.0, 1.0, 1.0]))
    of_model = np.cov(rows.model_h[[1, 3]])
    last = 4.5 * np.exp(-2 / 10)  # two days apart, oblast and group alike
    by_hand = (of_model[0, 1] * np.exp(-2 / 21) + last) / (of_model[0, 0] + 4.5 + 2.0**2)
    drawn = np.zeros((4, 400)), np.zeros((4, 400))
    known = np.array([False, True, False, False])
    found = learning.learned(rows, known, np.array([3]), drawn)[0]
    assert found == pytest.approx(np.clip(rows.model_h[3] + by_hand * (8.0 - rows.model_h[1]), 0, 24))


def test_hits_are_shares_of_days_that_came_and_false_alarms_shares_of_announcements():
    """Four days at or above 8 h, of which three were announced; one of four announcements was false."""
    by_row = pd.DataFrame({"chance": [0.9, 0.5, 0.6, 0.4, 0.7, 0.1], "value": [12.0, 8.0, 9.0, 10.0, 7.9, 3.0]})
    assert evaluate.alarms(by_row) == {
        "rows": 6, "events": 4, "announced": 4, "hit_rate": 0.75, "false_alarm_rate": 0.25,
    }  # fmt: skip
    assert evaluate.alarms(by_row[by_row["value"] < 0])["hit_rate"] == 0.0
