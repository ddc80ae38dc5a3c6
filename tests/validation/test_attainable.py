"""What can be learned from the winter's reports at all: by arithmetic, from members as they are recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from gridmodel.scenario import load_scenario
from gridmodel.studies.conditioning.observations import Observation
from validation import attainable
from validation.attainable import Winter

START = datetime(2026, 1, 5)


def winter_of(said: list[list[float]], values: list[float], scopes: str, *, report_sd: float = 1.0) -> Winter:
    """Return reports of some places of one zone, all of the same day, and what members say of them."""
    rows = [
        Observation(
            line=2, start=START, end=START + timedelta(days=1), scope=scope, regions=(scope,), zone="N",
            quantity="hours_off_plan", value=value, report_sd=report_sd, low=np.nan, high=np.nan, spread="", source="",
        ) for value, scope in zip(values, scopes, strict=True)
    ]  # fmt: skip
    return Winter(load_scenario("three-region"), rows, list(range(len(rows))), np.array(said))


def test_a_kalman_update_has_the_mean_and_the_spread_of_normal_numbers_that_are_known():
    rng, count = np.random.default_rng(3), 40_000
    cov = np.array([[4.0, 3.0], [3.0, 9.0]])
    winter = winter_of(rng.multivariate_normal([10, 12], cov, count).T.tolist(), [13.0, 12.0], "AB")
    found = attainable.kalman(winter, 1, 2, "test")[0]
    # errors: own, zone and common 1.5² each, and 1 of a report; the second place shares zone and common
    seen, shared, wanted = 4 + 6.75 + 1, 3 + 4.5, 9 + 6.75 + 1
    assert found.mean() == pytest.approx(12 + shared / seen * (13 - 10), abs=0.1)
    assert found.std() == pytest.approx(np.sqrt(wanted - shared**2 / seen), rel=0.02)


def test_errors_that_are_carried_on_move_each_member_by_its_own_miss():
    winter = winter_of([[8.0] * 4_000 + [12.0] * 4_000, [10.0] * 8_000], [13.0, 12.0], "AB")
    found = attainable.carried(winter, 1, 2, "test")[0]
    weight = 4.5 / (6.75 + 1.0)
    assert found[:4_000].mean() == pytest.approx(10 + weight * 5, abs=0.2)
    assert found[4_000:].mean() == pytest.approx(10 + weight * 1, abs=0.2)


def test_evidence_is_the_density_of_the_reports_up_to_a_date():
    rng = np.random.default_rng(4)
    winter = winter_of(rng.normal(10, 3, (2, 30)).tolist(), [13.0, 9.0], "AB")
    cov = np.cov(winter.said) + 2.25 * np.array([[3.0, 2.0], [2.0, 3.0]]) + np.eye(2)
    expected = multivariate_normal(winter.said.mean(axis=1), cov).logpdf([13.0, 9.0])
    assert attainable.evidence(winter, START + timedelta(days=1)) == pytest.approx(expected)
    later = replace(winter.rows[1], start=START + timedelta(days=1), end=START + timedelta(days=2))
    both = replace(winter, rows=[winter.rows[0], later])
    alone = multivariate_normal(winter.said[0].mean(), cov[0, 0]).logpdf(13.0)
    assert attainable.evidence(both, START + timedelta(days=1)) == pytest.approx(alone)


@pytest.fixture(scope="module")
def winter() -> Winter:
    """Return the reports of the winter and the recorded members of the prior."""
    return Winter.read()


def test_reports_up_to_january_speak_for_errors_that_zones_share(winter):
    until = datetime(2026, 1, 12)
    assert attainable.evidence(winter, until) - attainable.evidence(winter.without_zones(), until) > np.log(20)


def test_no_forecast_looks_at_reports_after_its_knot(winter):
    here = next(place for place, row in enumerate(winter.rows) if row.start >= datetime(2026, 2, 2))
    changed = replace(
        winter, rows=[*winter.rows[:here], *(replace(row, value=row.value + 5.0) for row in winter.rows[here:])]
    )
    for guess in (attainable.carried, attainable.kalman):
        one, other = attainable.forecasts(winter, guess), attainable.forecasts(changed, guess)
        earlier = one["observation"].isin([winter.places[place] for place in range(here)])
        assert earlier.sum() > 100
        assert one[earlier].equals(other[earlier])
        assert not one[~earlier].equals(other[~earlier])


def test_errors_carried_on_are_better_than_the_prior_as_the_page_says(winter):
    found = attainable.rolling.score(attainable.forecasts(winter, attainable.carried), attainable.read_members())
    assert found["skill_free"] == pytest.approx([0.14, 0.03, 0.21], abs=0.006)
    assert found["inside"] == pytest.approx([0.92, 0.85, 0.98], abs=0.006)
