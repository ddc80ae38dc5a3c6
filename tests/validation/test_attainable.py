"""What can be learned from the winter's reports at all: by arithmetic, from members as they are recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from gridmodel.scenario import load_scenario
from gridmodel.studies.conditioning.observations import Observation
from validation import attainable, rolling
from validation.attainable import Winter

START = datetime(2026, 1, 5)


def winter_of(said: list[list[float]], values: list[float], scopes: str) -> Winter:
    """Return reports of some places of one zone, all of the same day, and what members say of them."""
    rows = [
        Observation(
            line=2, start=START, end=START + timedelta(days=1), scope=scope, regions=(scope,), zone="N",
            quantity="hours_off_plan", value=value, report_sd=1.0, low=np.nan, high=np.nan, spread="", source="",
        ) for value, scope in zip(values, scopes, strict=True)
    ]  # fmt: skip
    return Winter(load_scenario("three-region"), rows, list(range(len(rows))), np.array(said))


def test_errors_that_are_carried_on_move_each_member_by_its_own_miss():
    winter = winter_of([[8.0] * 4_000 + [12.0] * 4_000, [10.0] * 8_000], [13.0, 12.0], "AB")
    found = attainable.carried(winter, 1, 2, "test")[0]
    weight = 4.5 / (6.75 + 1.0)  # zone and common part; all three, and the report
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
    ratio = attainable.evidence(winter, until) - attainable.evidence(winter.without_zones(), until)
    assert np.exp(ratio) == pytest.approx(25.0, abs=0.5)  # as the page says


def changed_from(winter: Winter, moment: datetime) -> tuple[Winter, int]:
    """Return a winter whose later reports say something else, and the position of the first of them."""
    here = next(place for place, row in enumerate(winter.rows) if row.end > moment)
    later = [replace(row, value=row.value + 5.0) for row in winter.rows[here:]]
    return replace(winter, rows=[*winter.rows[:here], *later]), here


def test_no_forecast_looks_at_reports_after_its_knot(winter):
    changed, here = changed_from(winter, datetime(2026, 2, 2))
    for guess in (attainable.carried, attainable.kalman):
        one, other = attainable.forecasts(winter, guess), attainable.forecasts(changed, guess)
        earlier = one["observation"].isin([winter.places[place] for place in range(here)])
        assert earlier.sum() > 100
        assert one[earlier].equals(other[earlier])
        assert not one[~earlier].equals(other[~earlier])


def test_no_forecast_looks_at_reports_of_less_than_its_lead_before(winter):
    day = datetime(2026, 2, 2)
    changed, here = changed_from(winter, day)
    part = slice(here - 12, here + 12)
    few = [replace(of, rows=of.rows[part], places=of.places[part], said=of.said[part]) for of in (winter, changed)]
    one, other = (attainable.daily(of, attainable.kalman) for of in few)
    places = [winter.places.index(int(place)) for place in one["observation"]]
    apart = np.array([(winter.rows[place].start - day) / timedelta(days=1) for place in places])
    same = (one.to_numpy() == other.to_numpy()).all(axis=1)
    assert same[apart < one["lead"]].all()  # issued by the morning of the day on which the first changed report began
    assert not same[apart > one["lead"] + 1].all()


def test_timetables_are_foretold_better_than_by_the_prior_as_the_page_says(winter):
    found = rolling.score(attainable.forecasts(winter, attainable.kalman), attainable.read_members())
    assert found["rows"] == 72
    assert found["skill_free"] == pytest.approx([0.13, 0.03, 0.19], abs=0.006)
    assert found["inside"] == pytest.approx([0.89, 0.82, 0.95], abs=0.006)


@pytest.mark.gate  # at each edit: reports up to the knots alone
def test_timetables_are_foretold_better_at_every_lead_too(winter):
    found = rolling.score(attainable.daily(winter, attainable.kalman), attainable.read_members())
    assert found["rows"] == 91
    assert found["skill_free"] == pytest.approx([0.09, 0.03, 0.15], abs=0.006)
    assert found["inside"] == pytest.approx([0.87, 0.81, 0.93], abs=0.006)


@pytest.mark.gate  # at each edit: all rows that have a last report
def test_parts_of_the_winter_and_rows_without_a_last_report_are_as_the_page_says(winter):
    before, after, every, at_every_lead = attainable.parts(winter).values()
    assert [one["rows"] for one in (before, after, every, at_every_lead)] == [45, 27, 76, 93]
    assert before["skill_free"] == pytest.approx([0.06, -0.03, 0.14], abs=0.006)
    assert after["skill_free"] == pytest.approx([0.19, 0.03, 0.25], abs=0.006)
    assert every["skill_free"] == pytest.approx([0.12, 0.02, 0.18], abs=0.006)
    assert at_every_lead["skill_free"] == pytest.approx([0.07, 0.02, 0.11], abs=0.006)


@pytest.mark.gate  # at each edit: all members
def test_bands_of_timetables_from_few_members_are_too_narrow_as_the_page_says(winter):
    assert [attainable.fewer(winter, members)[1] for members in (10, 40)] == pytest.approx([0.83, 0.89], abs=0.006)
