"""Calibration of conditioning by twins whose truth is known, and the rolling forecast of the winter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gridmodel.scenario import load_scenario
from validation import calibrated, rolling
from validation.operators import read_observations


@pytest.mark.gate  # at each edit: recorded twins
def test_bands_contain_uniform_ranks_as_often_as_they_say_and_no_others():
    rng = np.random.default_rng(5)
    low, high = calibrated.band(200)
    uniform = [calibrated.ecdf(rng.integers(0, 20, 200)) for _ in range(1_000)]
    share = np.mean([((one >= low) & (one <= high)).all() for one in uniform])
    assert 0.925 <= share <= 0.975
    assert not calibrated.inside(np.minimum(rng.integers(0, 20, 200), rng.integers(0, 20, 200)))  # truth too low
    assert not calibrated.inside(rng.binomial(19, 0.5, 200))  # posteriors too wide


def test_ranks_of_ties_are_drawn_by_lot_among_all_that_they_may_be():
    rng = np.random.default_rng(6)
    found = [calibrated._rank(np.array([1.0, 2.0, 2.0, 3.0]), 2.0, rng) for _ in range(300)]
    assert set(found) == {1, 2, 3}


@pytest.mark.gate  # at each edit: recorded twins
def test_a_few_twins_are_conditioned_on_what_they_report():
    found = calibrated.ranks(calibrated.system().replace(members=20), 3)
    assert set(found.of) == {*calibrated.SETTINGS, "joint likelihood"}
    for one in found.of.values():
        assert one.shape == (3,)
        assert ((one >= 0) & (one <= calibrated.DRAWS)).all()
    assert (found.effective > 4).all()


@pytest.mark.gate  # at each edit: bands by closed form, in this file
def test_recorded_twins_stay_inside_their_bands():
    found = pd.read_csv(Path(calibrated.__file__).parent / "twins.csv")
    assert len(found) == calibrated.TWINS
    assert all(calibrated.inside(found[name].to_numpy()) for name in (*calibrated.SETTINGS, "joint likelihood"))


def test_what_twins_report_next_is_anywhere_among_what_is_foretold_and_nearer_than_without_reports():
    found, crps = calibrated.foretold_ranks(calibrated.system().replace(members=200), 200)
    assert calibrated.inside(found)
    assert 1 - crps[:, 0].mean() / crps[:, 1].mean() > 0.1
    assert not calibrated.inside(found // 2)  # the band is narrow enough to notice


def test_the_recorded_rolling_forecast_is_scored_as_the_page_says():
    found = rolling.recorded()
    assert found["rows"] == 72
    assert found["crps_h"] == pytest.approx(1.94, abs=0.01)
    assert found["free_crps_h"] == pytest.approx(2.13, abs=0.01)


@pytest.mark.long
def test_two_hundred_twins_stay_inside_their_bands():
    found = calibrated.ranks(calibrated.system(), calibrated.TWINS)
    assert {name: calibrated.inside(one) for name, one in found.of.items()} == dict.fromkeys(found.of, True)


@pytest.mark.long
def test_a_posterior_that_is_the_prior_leaves_the_band_of_the_joint_likelihood():
    found = calibrated.ranks(calibrated.system(), 60, posterior=False)
    assert not calibrated.inside(found.of["joint likelihood"])


def test_rows_of_the_winter_are_taken_with_their_operators_in_the_order_in_which_they_end():
    scenario = load_scenario("winter-2025-26")
    rows, places = rolling.rows_of(scenario, read_observations())
    ends = [one.end for one in rows]
    assert ends == sorted(ends)
    assert max(ends) <= scenario.end
    table = read_observations()
    assert all(
        rolling.OF_OPERATOR[table["operator"][place]] == one.quantity for one, place in zip(rows, places, strict=True)
    )
    country = next(one for one in rows if one.scope == "UA")
    assert len(country.regions) > 20


def test_a_forecast_that_is_what_happened_scores_better_than_the_prior():
    table = read_observations()
    value = table["value"].to_numpy(dtype=float)
    rng = np.random.default_rng(7)
    prior = value[:, None] + rng.normal(0, 5, (len(table), 40))
    rows = pd.DataFrame(value[:, None] + rng.normal(0, 1, (len(table), 40)), columns=[f"m{one}" for one in range(40)])
    rows.insert(0, "lead", [2 + (one % 6) for one in range(len(table))])
    rows.insert(0, "observation", range(len(table)))
    found = rolling.score(rows, prior)
    assert found["skill_free"][1] > 0
    assert found["inside"][0] > 0.8
