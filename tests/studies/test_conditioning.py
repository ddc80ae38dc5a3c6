"""Conditioning: the state that goes on, the likelihood, the filter, and what is refused."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing import active_children
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from scipy.stats import multivariate_normal, norm

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.common import EndedBySignal
from gridmodel.errors import InputError, Problem
from gridmodel.network import read_network
from gridmodel.results.observed import OPERATORS
from gridmodel.results.own_inputs import hash_of
from gridmodel.results.posterior import shown_of
from gridmodel.results.run_folder import read_manifest, write_result, write_run
from gridmodel.sampling import Branched, drawn_along, number_at
from gridmodel.scenario import load_scenario
from gridmodel.simulation.held_state import together
from gridmodel.studies.conditioning import api, forecast_log, outcome, timetables
from gridmodel.studies.conditioning import filter as filters
from gridmodel.studies.conditioning.api import answer, ask, condition, posterior_scenario
from gridmodel.studies.conditioning.errors import Errors
from gridmodel.studies.conditioning.filter import Filter, effective, systematic
from gridmodel.studies.conditioning.observations import (
    Asked,
    Observation,
    model_covariance,
    read_observations,
    zone_of,
    zones_of,
)
from gridmodel.studies.conditioning.quantities import QUANTITIES, Quantity
from gridmodel.studies.conditioning.segments import Engine, Members, Segment, blocks_of, knots
from gridmodel.studies.conditioning.store import BLOCKS, Knots
from gridmodel.studies.conditioning.walk import first_scores, persistence, walked
from gridmodel.studies.processes import StudyStoppedError

MEMBERS = 12
START = datetime(2026, 1, 5)


def uncertain(**changes: object) -> gm.Scenario:
    """Return two days of three regions that may be short of power, with strikes on both."""
    events = [
        {"time": "2026-01-05 06:00", "target": "TR-1/heat_source", "kind": "strike", "hits_before_interception": 4,
         "interception": 0.3},
        {"time": "2026-01-05 08:00", "target": "TR-2/delivery", "kind": "limit", "share": {"uniform": [0.3, 0.9]},
         "duration_h": 40},
        {"time": "2026-01-06 05:00", "target": "TR-3/generation", "kind": "strike", "hits_before_interception": 4,
         "interception": 0.3},
    ]  # fmt: skip
    made = {
        "deterministic": False, "rotation": "queues", "members": MEMBERS, "events": events,
        "demand_factor": {"uniform": [0.9, 1.3]}, "availability": {"thermal_coal": {"uniform": [0.4, 1.0]}},
        "forced_outages": {"thermal_coal": {"mttf_h": 40, "mttr_h": 8}},
    }  # fmt: skip
    return load_scenario("three-region").replace(**(made | changes))


def row(**changes: object) -> dict[str, object]:
    """Return a row of observations that is right."""
    made = {
        "from": "2026-01-05 06:00",
        "to": "2026-01-06 00:00",
        "scope": "TR-1",
        "quantity": "share_off",
        "value": 0.4,
    }
    return made | changes


ROWS = [row(), row(scope="TR", quantity="deficit", value=600)]


@pytest.fixture(scope="module")
def posterior() -> xr.Dataset:
    """Return a posterior of the second day from reports of the first."""
    return condition(uncertain(), ROWS, knot_days=1)


def engine_of(scenario: gm.Scenario, days: float = 1) -> Engine:
    """Return an engine with a knot a day."""
    names, _ = first_scores(scenario, 1)
    return Engine(scenario, knots(scenario, scenario.end, days), names)


def same(one: xr.Dataset, other: xr.Dataset, *, but: tuple[str, ...] = ()) -> list[str]:
    """Return the variables with a time in which results differ."""
    return [
        str(name) for name in one.data_vars
        if "time" in one[name].dims and name not in but
        and not np.array_equal(one[name].to_numpy(), other[name].to_numpy(), equal_nan=True)
    ]  # fmt: skip


def test_members_that_go_on_from_memory_are_those_of_a_whole_run_bit_for_bit():
    scenario = uncertain()
    engine = engine_of(scenario)
    _, scores = first_scores(scenario, MEMBERS)
    numbers = np.arange(MEMBERS)
    members = Members(numbers=numbers[None], scores=scores[None])
    whole, _ = engine_of(scenario, 2).run(0, members, None, None, save=False)
    usual = gm.run(scenario)  # quantiles go through normal scores and back
    assert np.allclose(whole["shed_mw"], usual["shed_mw"], atol=1e-6)
    parts = [engine.run(0, members.of(np.array(part)), None, None)[1] for part in (range(5), range(5, MEMBERS))]
    order = np.array([11, 0, 3, 3, 7])
    later = members.after(numbers, scores).of(order)
    result, _ = engine.run(1, later, together(parts).of(order), None, save=False)
    expected = whole.isel(member=order, time=slice(24, None))
    assert same(result, expected) == []


def test_members_go_on_from_memory_with_cascades_in_full():
    scenario = uncertain(cascade="full")
    engine = engine_of(scenario)
    _, scores = first_scores(scenario, MEMBERS)
    numbers = np.arange(MEMBERS)
    members = Members(numbers=numbers[None], scores=scores[None])
    whole, _ = engine_of(scenario, 2).run(0, members, None, None, save=False)
    _, state = engine.run(0, members, None, None)
    result, _ = engine.run(1, members.after(numbers, scores), state, None, save=False)
    assert same(result, whole.isel(time=slice(24, None))) == []
    one = condition(scenario, ROWS, knot_days=1)
    assert "cascade_step" not in one.dims
    assert json.loads(one.attrs["conditioned"])["observations"] == len(ROWS)


def test_random_numbers_branch_at_their_moment_and_not_before():
    scenario = uncertain()
    branch = Branched(3, [(np.datetime64("2026-01-06T00:00"), 70)])
    assert [number_at(branch, datetime(2026, 1, day)) for day in (5, 6, 7)] == [3, 70, 70]
    plain, other, both = (
        drawn_along(scenario, number, "supply.nuclear", 0, lambda own: own.normal(size=48))
        for number in (3, 70, branch)
    )
    assert np.array_equal(both[:24], plain[:24])
    assert np.array_equal(both[24:], other[24:])
    elapsed = drawn_along(scenario, branch, "supply.nuclear", 5, lambda own: own.normal(size=53))
    assert np.array_equal(
        elapsed[:29], drawn_along(scenario, 3, "supply.nuclear", 5, lambda own: own.normal(size=53))[:29]
    )
    again = pickle.loads(pickle.dumps(branch))  # noqa: S301 - made here
    assert (int(again), again.branches) == (3, branch.branches)


@pytest.mark.gate  # at each edit: random numbers branch at their moment
def test_twins_that_part_share_their_past_and_not_their_strikes_after_it():
    scenario, engine = uncertain(), engine_of(uncertain())
    _, scores = first_scores(scenario, MEMBERS)
    members = Members(numbers=np.zeros((1, 8), dtype=int), scores=np.repeat(scores[None, :1], 8, axis=1))
    first, state = engine.run(0, members, None, {"people_without_heat", "generation_mw"})
    assert (first["generation_mw"] == first["generation_mw"][0]).all()
    second, _ = engine.run(
        1, members.after(1_000_000 + np.arange(8), members.scores[0]), state, {"generation_mw"}, save=False
    )
    assert len(np.unique(second["generation_mw"].sum(("time", "region", "technology")).to_numpy())) > 1


def test_settings_that_change_at_a_knot_leave_shares_of_homes_whole(posterior):
    share = posterior["home_share"].sum("heat_state")
    assert np.allclose(share, share.isel(time=[0]).to_numpy(), atol=1e-6)
    people = posterior["population"] * (1 + 1e-9)
    assert (posterior["people_without_heat"] <= people).all()
    assert (posterior["people_without_power"] <= people).all()


def reports_of(
    values: list[float], *, quantity: str = "hours_off", days: list[int], scopes: list[str]
) -> list[Observation]:
    """Return rows of a day each."""
    return [
        Observation(
            line=2 + place, start=START + timedelta(days=day), end=START + timedelta(days=day + 1), scope=scope,
            regions=(scope,), zone="", quantity=quantity, value=value, report_sd=2.0, low=np.nan, high=np.nan, spread="",
            source="",
        ) for place, (value, day, scope) in enumerate(zip(values, days, scopes, strict=True))
    ]  # fmt: skip


def test_errors_of_two_reports_by_hand():
    rows = reports_of([10.0, 12.0], days=[0, 10], scopes=["A", "B"])
    # own and common part 1.5² each; common alone between two places, e⁻¹ after ten days
    expected = np.array([[2 * 2.25, 2.25 / np.e], [2.25 / np.e, 2 * 2.25]])
    assert model_covariance(rows) == pytest.approx(expected)
    assert Errors.of(rows).covariance == pytest.approx(expected + np.diag([4.0, 4.0]))


def test_places_of_one_zone_share_an_error_that_others_do_not_by_hand():
    a, b, c = reports_of([10.0, 12.0, 9.0], days=[0, 10, 0], scopes=["A", "B", "C"])
    country = replace(c, scope="X", regions=("A", "B", "C"))
    rows = [replace(a, zone="N"), replace(b, zone="N"), replace(c, zone="S"), country]
    # own, zone and common part 1.5² each, e⁻¹ after ten days; the country has no zone
    expected = 2.25 * np.array([
        [3, 2 / np.e, 1, 1],
        [2 / np.e, 3, 1 / np.e, 1 / np.e],
        [1, 1 / np.e, 3, 1],
        [1, 1 / np.e, 1, 2],
    ])  # fmt: skip
    assert model_covariance(rows) == pytest.approx(expected)


def test_a_zone_that_is_all_there_is_shares_no_error_of_its_own():
    zones = {"A": "N", "B": "N", "C": "S"}
    assert [zone_of(of, zones) for of in (("A",), ("A", "B"), ("B", "C"), ("A", "B", "C"))] == ["N", "N", "", ""]
    assert not zone_of(("A",), dict.fromkeys("ABC", "N"))


def test_rows_taken_one_after_the_other_weigh_as_much_as_all_at_once():
    rows = reports_of([10.0, 12.0, 9.0], days=[0, 2, 5], scopes=["A", "B", "A"])
    errors, said = Errors.of(rows), np.random.default_rng(1).normal(10, 3, (3, 5))
    parts = errors.log_likelihood(said[:1], 0) + errors.log_likelihood(said, 1)
    whole = [multivariate_normal(said[:, one], errors.covariance).logpdf([10.0, 12.0, 9.0]) for one in range(5)]
    assert parts == pytest.approx(whole)


def test_a_timetable_is_foretold_with_the_mean_and_the_spread_of_normal_numbers_that_are_known():
    first, second = (replace(one, zone="N") for one in reports_of([13.0, np.nan], days=[0, 2], scopes=["A", "B"]))
    said = np.random.default_rng(3).multivariate_normal([10, 12], [[4.0, 3.0], [3.0, 9.0]], 20_000).T
    found = timetables.foretold(load_scenario("three-region"), [second], said[1:], [first], said[:1])
    # members, tapered; zone and common error 1.5² each, which lasts; to each its own too, and that of a report
    shared = 3.0 * np.exp(-2 / 21) + 4.5 * np.exp(-2 / 10)
    seen, wanted = 4.0 + 6.75 + 2.0**2, 9.0 + 6.75 + 2.0**2
    gain = shared / seen
    assert found.shape == (1, 9 * 20_000)
    assert found.mean() == pytest.approx(12 + gain * (13 - 10), abs=0.05)
    # members themselves are not tapered: their covariance with what was seen is 3, not 3 e^(-2/21)
    both = 3.0 + 4.5 * np.exp(-2 / 10)
    assert found.std() == pytest.approx(np.sqrt(wanted - 2 * gain * both + gain**2 * seen), rel=0.02)


def test_timetables_are_foretold_from_reports_of_hours_alone_and_each_draw_is_the_same_again():
    rows = reports_of([13.0, 40.0], days=[0, 1], scopes=["A", "A"])
    wanted = reports_of([np.nan], days=[2], scopes=["A"])
    said = np.random.default_rng(3).normal(10, 3, (3, 50))
    scenario = load_scenario("three-region")
    one = timetables.foretold(scenario, wanted, said[2:], rows[:1], said[:1])
    other = replace(rows[1], quantity="import_energy")
    assert np.array_equal(one, timetables.foretold(scenario, wanted, said[2:], [rows[0], other], said[:2]))
    assert not np.array_equal(one, timetables.foretold(scenario, wanted, said[2:], rows, said[:2]))
    assert timetables.foretold(scenario, [], said[:0], rows, said[:2]).shape == (0, 50)


def test_a_row_left_out_is_told_by_the_others_as_regression_tells_it():
    rows = reports_of([10.0, 12.0, 9.0], days=[0, 2, 5], scopes=["A", "B", "A"])
    errors, said = Errors.of(rows), np.random.default_rng(1).normal(10, 3, (3, 4))
    mean, sd = errors.left_out(said)
    others, cov = [0, 2], errors.covariance
    weight = np.linalg.solve(cov[np.ix_(others, others)], cov[others, 1])
    assert mean[1] == pytest.approx(said[1] + weight @ (errors.value[others, None] - said[others]))
    assert sd[1] == pytest.approx(np.sqrt(cov[1, 1] - weight @ cov[others, 1]))


def test_a_report_far_from_all_others_disagrees_and_the_others_do_not():
    rows = reports_of([10.0, 10.5, 9.5, 22.0], days=[0, 1, 2, 3], scopes=["A"] * 4)
    said = np.random.default_rng(2).normal(10, 0.5, (1, 400)).repeat(4, axis=0)
    found = outcome.left_out(Errors.of(rows), said)
    assert [one["disagrees"] for one in found] == [False, False, False, True]


def test_how_likely_a_report_as_far_off_is_counts_both_sides():
    # own and common error 1.5² each, that of the report 2²: members at 16 h are 6 / √8.5 deviations above 10 h
    (one,) = outcome.left_out(Errors.of(reports_of([10.0], days=[0], scopes=["A"])), np.full((1, 40), 16.0))
    assert one["chance"] == pytest.approx(2.0 * norm.cdf(-6.0 / np.sqrt(8.5)))


def test_members_are_weighted_as_if_a_report_had_not_been_learned_from():
    # of members at 10 and at 16 h the report of 10 h kept the first exp(36 / 17) times as often as the second
    said = np.repeat([10.0, 16.0], 20)[None]
    (one,) = outcome.left_out(Errors.of(reports_of([10.0], days=[0], scopes=["A"])), said)
    weight = np.exp(36.0 / 17.0)
    assert one["expected"] == pytest.approx((10.0 + 16.0 * weight) / (1.0 + weight))


def test_resampling_keeps_a_member_as_often_as_its_weight_says():
    weight = np.array([0.31, 0.02, 0.47, 0.2])
    for start in (0.01, 0.5, 0.99):
        count = np.bincount(systematic(weight, start), minlength=4)
        assert (np.abs(count - 4 * weight) < 1).all()
    assert effective(np.ones(7)) == pytest.approx(7)


def test_the_walk_leaves_the_distribution_of_a_week_as_the_scenario_has_it():
    correlation = persistence(["demand_factor", "critical_share_factor", "own_backup_share"], 7.0)
    assert correlation == pytest.approx([np.exp(-1 / 6), np.exp(-1 / 52), 1.0])
    rng = np.random.default_rng(3)
    before = rng.standard_normal((40_000, 3))
    after = walked(before, rng.standard_normal((40_000, 3)), correlation)
    assert after.std(axis=0) == pytest.approx(np.ones(3), abs=0.02)
    assert np.mean(before * after, axis=0) == pytest.approx(correlation, abs=0.02)


LINE = Quantity(
    operator=lambda result, one: result["x"].sel(time=one["from"]).to_numpy(), meaning="", units={"1": 1.0},
    needs=("x",), report=0.5, model=1e-6, low=-99.0,
)  # fmt: skip
"""Quantity of a system that is a number and no more."""


class Line:
    """Engine of a system whose only state is its setting, so that the exact posterior is a Kalman filter's."""

    def __init__(self, days: int) -> None:
        self.scenario = load_scenario("three-region").replace(deterministic=False, members=10)
        self.segments = [
            Segment(start=START + timedelta(days=day), end=START + timedelta(days=day + 1)) for day in range(days)
        ]
        self.names = ["demand_factor"]

    def run(
        self, segment: int, members: Members, state: object, keep: object, *, save: bool
    ) -> tuple[xr.Dataset, object]:  # fmt: skip
        """Return the number of each member."""
        del state, keep, save
        values = members.scores[segment][:, 0]
        time = np.array([self.segments[segment].start], dtype="datetime64[ns]")
        made = xr.Dataset({"x": (("member", "time"), values[:, None])}, coords={"time": time})
        return made.assign_coords(member=np.arange(len(values))), None


@pytest.mark.parametrize("report", [0.5, 0.1])
def test_the_filter_finds_the_mean_the_spread_and_the_evidence_of_a_kalman_filter(monkeypatch, report):
    count, values = 16_000, [1.2, 0.4, -0.3]
    monkeypatch.setitem(QUANTITIES, "line", LINE)  # type: ignore[arg-type]
    monkeypatch.setattr(
        filters, "first_scores", lambda _, n: (["demand_factor"], np.random.default_rng(4).standard_normal((n, 1)))
    )
    engine = Line(3)
    rows = [
        Observation(
            line=2, start=one.start, end=one.end, scope="A", regions=("A",), zone="", quantity="line", value=value,
            report_sd=report, low=np.nan, high=np.nan, spread="", source="",
        ) for one, value in zip(engine.segments, values, strict=True)
    ]  # fmt: skip
    made = Filter(engine=engine, rows=rows, ends=[1, 2, 3], keep=("x",), members=count)  # type: ignore[arg-type]
    now = made.begin()
    for segment in range(3):
        now = made.step(segment, now)
    rho, mean, variance, evidence = float(persistence(["demand_factor"], 1.0)[0]), 0.0, 1.0, 0.0
    for place, value in enumerate(values):
        if place:
            mean, variance = rho * mean, rho**2 * variance + 1 - rho**2
        evidence += norm(mean, np.sqrt(variance + report**2)).logpdf(value)
        gain = variance / (variance + report**2)
        mean, variance = mean + gain * (value - mean), (1 - gain) * variance
    found = now.members.scores[-1][:, 0]
    assert found.mean() == pytest.approx(mean, abs=0.1 * np.sqrt(variance))
    assert found.std() == pytest.approx(np.sqrt(variance), rel=0.1)
    assert any(one.rounds for one in made.passed)
    # by chance a tenth off with so many members; moves that weigh all of a report at once would add one
    assert sum(one.evidence for one in made.passed) == pytest.approx(evidence, abs=0.35)


def test_the_filter_says_so_when_hardly_any_member_agrees(monkeypatch):
    monkeypatch.setattr(filters, "MOST_ROUNDS", 0)
    monkeypatch.setitem(QUANTITIES, "line", LINE)  # type: ignore[arg-type]
    engine = Line(1)
    (one,) = engine.segments
    rows = [
        Observation(line=2, start=one.start, end=one.end, scope="A", regions=("A",), zone="", quantity="line", value=9.0,
                    report_sd=0.05, low=np.nan, high=np.nan, spread="", source="")
    ]  # fmt: skip
    made = Filter(engine=engine, rows=rows, ends=[1], keep=("x",), members=50)  # type: ignore[arg-type]
    monkeypatch.setattr(
        filters, "first_scores", lambda _, n: (["demand_factor"], np.random.default_rng(4).standard_normal((n, 1)))
    )
    made.step(0, made.begin())
    found = outcome.trust(made.passed, 50)
    assert found["effective"] < 2
    assert not found["trusted"]
    assert "Too few members" in found["warning"]


def test_knots_are_midnights_a_week_apart_and_the_time_up_to_which_is_learned():
    scenario = load_scenario("january-2026")
    ends = [one.end for one in knots(scenario, datetime(2026, 1, 18), 7)]
    assert ends == [datetime(2026, 1, day) for day in (15, 18, 25, 29)]
    assert [list(block) for block in blocks_of(3)] == [[0, 1, 2]]
    assert [len(block) for block in blocks_of(201)] == [100, 101]
    assert [len(block) for block in blocks_of(201, 4)] == [50, 50, 50, 51]
    assert [len(block) for block in blocks_of(600, 2)] == [150] * 4
    assert [len(block) for block in blocks_of(60, 4)] == [60]


def test_a_posterior_has_what_a_run_has_and_says_that_it_is_one(posterior):
    plain = gm.run(uncertain())
    hidden = {str(name) for name in plain.data_vars if "job" in plain[name].dims} | {"crews_busy"}
    assert set(plain.data_vars) - set(posterior.data_vars) == hidden
    assert dict(posterior.sizes)["time"] == 48
    assert "after reports up to 2026-01-06 00:00" in posterior.attrs["title"]
    said = shown_of(posterior)
    assert said is not None
    assert {one["scope"] for one in said["rows"]} == {"TR-1", "TR"}
    moved = {one["setting"] for one in said["settings"]}
    assert "demand_factor" in moved
    assert not any(name.startswith(("events", "damage", "repair")) for name in moved)
    assert len(gm.summarise(posterior)) == len(gm.summarise(plain))


def test_a_posterior_foretells_the_timetables_of_each_region_on_the_days_that_come(posterior):
    said = shown_of(posterior)
    assert said is not None
    assert [(one["from"], one["scope"], one["quantity"]) for one in said["timetables"]] == [
        ("2026-01-06 00:00", scope, "hours_off_plan") for scope in ("TR-1", "TR-2", "TR-3")
    ]
    assert said["timetables_from"] == 0  # a share and a deficit
    zones = zones_of(read_network("three-region"))
    assert timetables.rows_of(datetime(2026, 1, 6), uncertain(), zones, frozenset()) == []  # no rotation, no timetable
    for one in said["timetables"]:
        for low, middle, high in (one["prior"], one["posterior"]):
            assert 0 <= low <= middle <= high <= 24


def test_reports_of_less_missing_than_the_prior_leave_less_missing(posterior):
    said = shown_of(posterior)
    assert said is not None
    for one in said["rows"]:
        assert abs(one["posterior"][1] - one["value"]) <= abs(one["prior"][1] - one["value"])


@pytest.mark.gate  # at each edit: a stop between two knots
def test_a_posterior_is_the_same_again_with_two_workers_and_after_a_stop(posterior, tmp_path, monkeypatch):
    asked = ask(uncertain(), ROWS, knot_days=1)
    two = answer(asked, workers=2)
    assert same(posterior, two) == []
    assert two.attrs["conditioned"] == posterior.attrs["conditioned"]
    calls = []

    def stopped(self: object, segment: int, before: object) -> object:
        calls.append(segment)
        if len(calls) == 3:  # the prior is done, and nothing is learned yet
            raise KeyboardInterrupt
        return step(self, segment, before)

    step = Filter.step
    with monkeypatch.context() as patch:
        patch.setattr(Filter, "step", stopped)
        with pytest.raises(KeyboardInterrupt):
            answer(asked, store=tmp_path / "part")
    again = answer(asked, store=tmp_path / "part")
    assert same(posterior, again) == []
    assert again.attrs["conditioned"] == posterior.attrs["conditioned"]
    with pytest.raises(InputError, match="left over from another study"):
        answer(ask(uncertain(seed=9), ROWS, knot_days=1), store=tmp_path / "part")


@pytest.mark.gate  # at each edit: members that go on from memory
def test_a_stop_between_two_knots_that_are_learned_from_changes_no_bit(tmp_path, monkeypatch):
    rows = [row(), row(**{"from": "2026-01-06 00:00", "to": "2026-01-07 00:00"})]
    asked = ask(uncertain(), rows, knot_days=1)
    whole, step, calls = answer(asked), Filter.step, []

    def stopped(self: object, segment: int, before: object) -> object:
        calls.append(segment)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return step(self, segment, before)

    with monkeypatch.context() as patch:
        patch.setattr(Filter, "step", stopped)
        with pytest.raises(KeyboardInterrupt):
            answer(asked, store=tmp_path / "part")
    again = answer(asked, store=tmp_path / "part")
    assert again.attrs["conditioned"] == whole.attrs["conditioned"]
    assert same(whole, again) == []


def test_blocks_of_a_study_that_was_killed_are_neither_read_nor_left(posterior, tmp_path, monkeypatch):
    asked, part, seen = ask(uncertain(), ROWS, knot_days=1), tmp_path / "part", []
    store = Knots(part, asked.job)
    left = part / f"{BLOCKS}killed"
    left.mkdir()
    (left / "block-0-0.bin").write_bytes(bytes(9))  # one that a process which outlived the study may write yet
    replay = api.replayed

    def watched(*given: object, folder: Path, **named: object) -> object:
        seen.append((folder, sorted(part.glob(f"{BLOCKS}*"))))
        return replay(*given, folder=folder, **named)

    monkeypatch.setattr(api, "replayed", watched)
    again = answer(asked, store=part)
    assert same(posterior, again) == []
    [(folder, there)] = seen
    assert there == [folder] != [left]
    left.mkdir()
    store.remove()
    assert not part.exists()


def test_a_process_ends_when_the_one_that_began_it_is_killed():
    begins = (
        "import multiprocessing as m, os, time\n"
        "from gridmodel.studies.conditioning.segments import end_with_parent\n"
        "def work():\n    end_with_parent()\n    print('begun', flush=True)\n    time.sleep(600)\n"
        "if __name__ == '__main__':\n    m.get_context('fork').Process(target=work).start()\n    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", begins], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "begun\n"
        parent.kill()
        ended = threading.Event()
        threading.Thread(target=lambda: (parent.stdout.read(), ended.set()), daemon=True).start()
        assert ended.wait(30)  # the pipe is closed when no process has it any longer


@pytest.mark.gate  # at each edit: members that go on from memory
def test_members_of_a_posterior_go_on_as_in_it_when_measures_are_ranked(posterior):
    scenario = posterior_scenario(posterior, uncertain())
    again = gm.run(scenario)
    assert same(again, posterior.sel(time=again["time"]), but=("crews_busy",)) == []
    option = {"name": "import", "kind": "import", "size": 50, "cost_eur": 10}
    ranking = gm.rank_mitigations(scenario, [option])
    assert ranking["saved_h"][0] > 0
    assert ranking.attrs["members"] == MEMBERS


def test_paths_that_are_not_those_of_the_scenario_are_refused(posterior):
    said = json.loads(posterior.attrs["conditioned"])
    for name, wrong in (("numbers", [[1]]), ("knots", ["soon"]), ("settings", []), ("learned", 9)):
        other = {**said, "paths": {**said["paths"], name: wrong}}
        with pytest.raises(InputError, match="is not what a posterior of this scenario says"):
            posterior_scenario(posterior.assign_attrs(conditioned=json.dumps(other)), uncertain())


@pytest.mark.gate  # at each edit: a posterior says that it is one
def test_a_posterior_is_written_and_not_repeated_as_a_run(posterior, tmp_path):
    write_run(posterior, uncertain(), tmp_path / "post", command=["gridmodel"], seconds={})
    said = json.loads((tmp_path / "post" / "posterior.json").read_text(encoding="utf-8"))
    assert not {"paths", "prior"} & set(said)
    with pytest.raises(InputError, match="run again by `gridmodel condition`"):
        read_manifest(tmp_path / "post")
    with pytest.raises(InputError, match="run again by `gridmodel condition`"):
        gm.check_ac(posterior)
    with pytest.raises(InputError, match="is not a posterior"):
        posterior_scenario(gm.run(uncertain(members=2)), uncertain())
    from gridmodel.output.report import html

    page = html(posterior)
    assert 'id="learned"' in page
    assert 'id="learned_timetables"' in page
    assert '<th scope="row" data-place="TR-2">' in page  # the script puts the name in the language there
    assert 'data-w="learned_q_share_off"' in page
    assert 'data-w="learned_timetables_none"' in page  # no report is of hours off
    share = next(one for one in said["rows"] if one["quantity"] == "share_off")
    assert f">{100 * share['value']:g}</td>" in page


WRONG = [
    (row(to="2026-01-08 00:00"), "to", "is outside the run"),
    (row(**{"from": "2026-01-04 00:00"}), "from", "is outside the run"),
    (row(**{"from": "2026-01-06 00:00", "to": "2026-01-07 00:00"}), "to", "is after --until"),
    (row(to="2026-01-05 06:00"), "to", "must be at least a step after"),
    (row(**{"from": "yesterday"}), "from", "is not a local time"),
    (row(scope="TR-9"), "scope", "is not a region, a zone or the country"),
    (row(quantity="queues", unit="h", value=2), "unit", "is not a unit of queues"),
    (row(value=40), "value", "must be from 0 to 1; look at its unit"),
    (row(low=0.4, high=0.4, spread="error"), "low", "no report is without error"),
    (row(low=0.3), "high", "needs the other end"),
    (row(low=0.3, high=0.5), "spread", "is missing"),
    (row(low=0.5, high=0.6, spread="error"), "value", "is not from low to high"),
    (row(quantity="imports", value=100), "scope", "is known of the whole country only"),
    (row(quantity="homes_still_cold", scope="TR"), "scope", "is known of single regions only"),
    (row(quantity="hours_off_plan", value=5), "from", "begin the run a day earlier"),
    (row(quantity="hours"), "quantity", ""),
]  # fmt: skip


def test_everything_that_is_wrong_is_told_by_row_before_anything_is_run(monkeypatch):
    monkeypatch.setattr("gridmodel.studies.conditioning.api.answer", None)
    given = [one for one, _, _ in WRONG]
    with pytest.raises(InputError) as caught:
        condition(uncertain(), given, until="2026-01-06")
    told = {(problem.row, problem.field): problem.message for problem in caught.value.problems}
    for line, (_, name, message) in enumerate(WRONG, start=2):
        column = "value" if name == "value" else name
        found = [
            said for (at, where), said in told.items() if at == line and (where == column or name in {"high", "low"})
        ]
        assert any(message in said for said in found), (line, name, message, told)


def test_a_row_a_scenario_and_a_time_that_are_wrong_are_told_in_one_pass():
    wrong = row(**{"from": "2026-01-08 00:00", "to": "2026-01-07 00:00"}, scope="TR-9", quantity="hours", value="x")
    late = row(to="2026-01-09 00:00", unit="GW", low=0.3)
    with pytest.raises(InputError) as caught:
        ask(uncertain(members=3), [wrong, late], until="soon")
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [
        (None, "members"), (None, "until"),
        (2, "quantity"), (2, "value"), (2, "scope"), (2, "to"), (3, "unit"), (3, "to"), (3, "low"),
    ]  # fmt: skip


def test_a_scope_may_be_the_name_of_a_region_and_is_kept_as_its_id():
    network = read_network("ukraine")
    names = ("Дніпропетровська", "Житомирська область", "kyiv city", "NORTH", "north", "UA", "ua")
    there = frozenset(QUANTITIES["share_off"].needs)
    told = Asked(scenario=load_scenario("next-cold-spell"), network=network, variables=there, until=None)
    day = {"from": "2026-12-01", "to": "2026-12-02"}
    found = [read_observations([row(**day, scope=name)], told)[0] for name in names]
    assert [one.scope for one in found] == ["UA-12", "UA-18", "UA-30", "NORTH", "NORTH", "UA", "UA"]
    assert [len(one.regions) for one in found] == [1, 1, 1, 4, 4, 24, 24]


def test_ends_of_a_report_in_an_hour_that_the_clock_skips_are_told():
    march = load_scenario("next-cold-spell").replace(start="2027-03-27", end="2027-03-30")
    there = frozenset(QUANTITIES["share_off"].needs)
    told = Asked(scenario=march, network=read_network("ukraine"), variables=there, until=None)
    with pytest.raises(InputError, match="to: '2027-03-28 03:30' is skipped by the clock") as caught:
        read_observations([row(**{"from": "2027-03-28 02:00", "to": "2027-03-28 03:30"}, scope="UA-30")], told)
    assert len(caught.value.problems) == 1


def test_rows_that_repeat_or_contradict_each_other_are_told_with_the_other_row():
    rows = [row(), row(), row(value=0.41), row(value=0.99)]
    with pytest.raises(InputError) as caught:
        ask(uncertain(), rows)
    said = [(problem.row, problem.message.split(";")[0].split(":")[0]) for problem in caught.value.problems]
    assert said == [
        (3, "duplicates line 2"), (4, "is of the same time and place as line 2"),
        (5, "contradicts line 2, which says 0.4"),
    ]  # fmt: skip


def test_what_a_network_lacks_cannot_be_observed(monkeypatch):
    monkeypatch.setattr(
        "gridmodel.studies.conditioning.api.empty_record",
        lambda *_: SimpleNamespace(kept=["people_without_power", "population"]),
    )
    with pytest.raises(InputError, match="needs home_share, which this run does not have"):
        ask(uncertain(), [row(quantity="homes_without_heat", value=0.1)])


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"deterministic": True, "members": 1}, "not deterministic"), ({"members": 3}, "must be a number of 10 or more"),
     ({"sampling": "saltelli"}, "not independent")],
)  # fmt: skip
def test_scenarios_without_members_to_weigh_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        ask(uncertain(**changes), ROWS)


def test_a_time_up_to_which_is_learned_must_be_a_midnight_of_the_run():
    for until, message in (("2026-01-05 12:00", "must be a midnight"), ("2026-01-09", "is not within the run"),
                           ("soon", "is not a local time")):  # fmt: skip
        with pytest.raises(InputError, match=message):
            ask(uncertain(), ROWS, until=until)


def test_a_run_whose_steps_miss_midnight_is_refused_where_members_would_be_weighed_then():
    for start, step in (("2026-01-05 00:30", "1h"), ("2026-01-05 00:15", "30min")):
        other = {"start": start, "end": f"2026-01-07 {start[-5:]}", "step": step}
        with pytest.raises(InputError, match=f"start: '{start}' must be a whole number of steps before midnight"):
            ask(uncertain(**other), ROWS)
    assert ask(uncertain(start="2026-01-05 00:30", step="30min"), ROWS).until == datetime(2026, 1, 6)


def test_cells_that_a_table_marks_as_missing_are_empty():
    frame = pd.DataFrame([row(), row(scope="TR-2", low=0.3, high=0.5, spread="error")]).convert_dtypes()
    assert frame["low"][0] is pd.NA
    found = {one.line: one for one in ask(uncertain(), frame).rows}
    assert np.isnan(found[2].low)
    assert (found[2].spread, found[3].low, found[3].spread) == ("", 0.3, "error")


def test_units_and_errors_of_reports_are_taken_as_given():
    rows = [
        row(value=40, unit="%"), row(scope="TR", quantity="deficit", value=0.6, unit="GW", low=0.5, high=0.8, spread="error"),
        row(scope="SOUTH", value=0.4, low=0.2, high=0.6, spread="people"),
    ]  # fmt: skip
    found = {one.line: one for one in ask(uncertain(), pd.DataFrame(rows)).rows}
    assert found[2].value == pytest.approx(0.4)
    assert found[3].value == pytest.approx(600.0)
    assert found[3].report_sd == pytest.approx(300.0 / (2 * 1.6448536))
    assert found[4].report_sd == pytest.approx(QUANTITIES["share_off"].report)  # a spread over people is not an error
    assert set(found[4].regions) < {"TR-1", "TR-2", "TR-3"}


def by_hand() -> xr.Dataset:
    """Return two regions of 1 and 3 million people over two hours, one member."""
    dims = ("member", "time", "region")
    times = np.array(["2026-01-05T00", "2026-01-05T01"], dtype="datetime64[ns]")
    return xr.Dataset(
        {
            "population": ("region", [1e6, 3e6]),
            "subqueues_off": (dims, [[[6.0, 2.0], [6.0, 4.0]]]),
            "people_without_power": (dims, [[[2e5, 3e5], [4e5, 9e5]]]),
            "people_without_water": (dims, [[[1e5, 2e5], [2e5, 0.0]]]),
            "shed_mw": ((*dims, "tier"), [[[[10.0, 20.0], [0.0, 5.0]], [[30.0, 30.0], [1.0, 1.0]]]]),
            "generation_mw": ((*dims, "technology"), [[[[10.0], [20.0]], [[30.0], [40.0]]]]),
            "import_mw": (("member", "time"), [[100.0, 300.0]]),
            "home_share": ((*dims, "heat_state"), [[[[0.9, 0.1], [1.0, 0.0]], [[0.7, 0.3], [0.8, 0.2]]]]),
            "archetype_share": (("region", "archetype"), [[1.0], [1.0]]),
            "indoor_temperature": (
                (*dims, "archetype", "heat_state"),
                [[[[[20.0, 10.0]], [[20.0, np.nan]]], [[[18.0, 8.0]], [[19.0, 9.0]]]]],
            ),
        },
        coords={
            "time": times, "local_time": ("time", times), "region": ["A", "B"], "heat_state": ["connected", "cut"],
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "scope", "expected"),
    [
        ("queues_off", "A", 3.0), ("queues_off", "AB", (3.0 * 1 + 1.5 * 3) / 4), ("share_off", "A", 0.3),
        ("share_off", "AB", 0.9 / 4), ("people_off", "AB", 9e5), ("people_without_water", "AB", 3e5),
        ("deficit", "AB", 62.0), ("deficit", "B", 5.0), ("generation", "AB", 50.0), ("mean_import", "AB", 200.0),
        ("homes_without_heat", "A", 0.2), ("homes_without_heat", "AB", (0.2 + 3 * 0.1) / 4),
        ("homes_c", "A", (0.9 * 20 + 0.1 * 10 + 0.7 * 18 + 0.3 * 8) / 2),
        ("homes_c", "B", (20.0 + 0.8 * 19 + 0.2 * 9) / 2),
    ],
)  # fmt: skip
def test_operators_by_hand(operator, scope, expected):
    one = {
        "from": np.datetime64("2026-01-05T00"), "to": np.datetime64("2026-01-05T02"), "scope": scope,
        "regions": ["A", "B"] if scope == "AB" else [scope],
    }  # fmt: skip
    assert OPERATORS[operator](by_hand(), one) == pytest.approx([expected])


def test_homes_of_a_region_of_which_no_temperature_is_known_do_not_count_as_homes_at_zero():
    run = by_hand()
    run["indoor_temperature"] = run["indoor_temperature"].where(run["region"] == "A")
    one = {
        "from": np.datetime64("2026-01-05T00"), "to": np.datetime64("2026-01-05T02"), "scope": "AB", "regions": ["A", "B"],
    }  # fmt: skip
    # 0.9 · 20 + 0.1 · 10 and 0.7 · 18 + 0.3 · 8
    assert OPERATORS["homes_c"](run, one) == pytest.approx([(19.0 + 15.0) / 2])


@pytest.fixture(scope="module")
def written(posterior, tmp_path_factory):
    """Return the folder of a posterior."""
    folder = tmp_path_factory.mktemp("log") / "post"
    write_run(posterior, uncertain(), folder, command=["gridmodel"], seconds={})
    return folder


LATER = [row(**{"from": "2026-01-06 00:00", "to": "2026-01-07 00:00", "value": 0.3})]


@pytest.mark.gate  # at each edit: a log that was changed is refused
def test_a_forecast_is_dated_once_and_scored_after_the_event(written):
    line = forecast_log.add(written, now=datetime(2026, 1, 5, 23))
    assert line["dated"] == "2026-01-05T23:00:00Z"
    with pytest.raises(InputError, match="is in the log already"):
        forecast_log.add(written)
    found = forecast_log.score(written, LATER)
    assert found["blind"].all()
    assert 0 <= found["crps"][0] < 0.5
    assert found["low"][0] <= found["median"][0] <= found["high"][0]
    with pytest.raises(InputError, match="up to which was learned"):
        forecast_log.score(written, ROWS)


def test_a_posterior_without_one_of_its_files_is_not_dated(written, tmp_path):
    shutil.copytree(written, tmp_path / "part")
    (tmp_path / "part" / "posterior.json").unlink()
    with pytest.raises(InputError, match=r"lacks posterior\.json"):
        forecast_log.add(tmp_path / "part")
    with pytest.raises(InputError, match="give the whole folder"):
        forecast_log.add(written / "result.nc")
    assert not (tmp_path / forecast_log.LOG).exists()


@pytest.mark.parametrize("name", ["log.docx", "log.json", "LOG.CSV"])
def test_a_log_is_not_written_under_the_name_of_something_else(written, tmp_path, name):
    with pytest.raises(InputError, match=r"must end in \.jsonl, or have no ending"):
        forecast_log.add(written, log=tmp_path / name)
    assert not (tmp_path / name).exists()
    for named in ("log", "log.JSONL"):
        forecast_log.add(written, log=tmp_path / named)
        assert len(forecast_log.read_log(tmp_path / named)) == 1


@pytest.mark.gate  # at each edit: what is foretold, by hand
def test_a_timetable_is_scored_as_it_was_foretold(written, posterior, tmp_path):
    log = tmp_path / "log.jsonl"
    forecast_log.add(written, log=log, now=datetime(2026, 1, 5, 23))
    later = [row(**{"from": "2026-01-06 00:00", "to": "2026-01-07 00:00", "quantity": "hours_off_plan", "value": 5.0})]
    found = forecast_log.score(written, later, log=log)
    said = shown_of(posterior)
    assert said is not None
    (told,) = (one for one in said["timetables"] if one["scope"] == "TR-1")
    assert [found[name][0] for name in ("low", "median", "high")] == pytest.approx(told["posterior"], rel=1e-4)


def test_what_members_said_of_timetables_is_checked_before_it_is_used(posterior):
    found = json.loads(posterior.attrs["conditioned"])
    network = read_network("three-region")
    known = forecast_log._known(found, network)
    coming = timetables.rows_of(
        datetime(2026, 1, 6), uncertain(), zones_of(network), frozenset(map(str, posterior.data_vars))
    )
    right = forecast_log._foretold(found, uncertain(), known, coming)
    assert len(right) == 3
    for name, wrong in (("known", [[1.0]]), ("timetables", "x"), ("timetables", None), ("known", {"a": 1})):
        other = {**found, "prior": {**found["prior"], name: wrong}}
        with pytest.raises(InputError, match="is not what a posterior says of itself"):
            forecast_log._foretold(other, uncertain(), known, coming)
    one = {name: [said[:1] for said in rows] for name, rows in found["prior"].items()}
    with pytest.raises(InputError, match="is not what a posterior says of itself"):
        forecast_log._foretold({**found, "members": 1, "prior": one}, uncertain(), known, coming)
    assert forecast_log._foretold(found, uncertain(), known, []) == {}
    older = {name: value for name, value in found.items() if name not in {"prior", "timetables"}}
    assert forecast_log._foretold(older, uncertain(), known, coming) == {}


def test_timetables_that_would_be_made_otherwise_than_they_were_told_are_not_scored(posterior, monkeypatch):
    found, network = json.loads(posterior.attrs["conditioned"]), read_network("three-region")
    known = forecast_log._known(found, network)
    coming = timetables.rows_of(
        datetime(2026, 1, 6), uncertain(), zones_of(network), frozenset(map(str, posterior.data_vars))
    )
    told = [{**one, "posterior": [5.0, 6.0, 7.0]} for one in found["timetables"]]
    with pytest.raises(InputError, match="score it with the version in its manifest"):
        forecast_log._foretold({**found, "timetables": told}, uncertain(), known, coming)
    monkeypatch.setattr(timetables, "DRAWS", 1)
    with pytest.raises(InputError, match="score it with the version in its manifest"):
        forecast_log._foretold(found, uncertain(), known, coming)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("report_sd", 0), ("report_sd", -1.0), ("report_sd", "nan"), ("value", "inf"), ("value", 1.5), ("scope", "XX"),
        ("to", "2026-01-05 06:00"), ("to", "2026-01-06 00:00+02:00"), ("line", float("inf")), ("quantity", "snow"),
    ],
)  # fmt: skip
def test_rows_of_a_posterior_that_cannot_have_been_observed_are_refused(posterior, name, value):
    found, network = json.loads(posterior.attrs["conditioned"]), read_network("three-region")
    (first,) = (one for one in found["rows"] if one["quantity"] == "share_off")
    assert forecast_log._known({"rows": [first]}, network)[0].regions == ("TR-1",)
    with pytest.raises(InputError, match="has rows that are not observations"):
        forecast_log._known({"rows": [first | {name: value}]}, network)


@pytest.mark.parametrize("until", ["junk", "2026-01-06 00:00+00:00", "2020-01-01 00:00", 5])
def test_a_time_up_to_which_no_posterior_of_the_run_can_have_learned_is_refused(until):
    with pytest.raises(InputError, match="is not what a posterior says of itself"):
        forecast_log._until({"until": until}, uncertain())


def test_a_log_that_cannot_be_one_is_told_and_a_title_may_break_lines(written, tmp_path, monkeypatch):
    log = tmp_path / "log.jsonl"
    first = {"dated": "2026-01-06T12:00:00Z", "title": "one\u2028two", "until": "", "files": {}, "before": ""}
    log.write_text(json.dumps(first, ensure_ascii=False) + "\n", encoding="utf-8")
    assert forecast_log.read_log(log) == [first]
    forecast_log.add(written, log=log)
    assert len(forecast_log.read_log(log)) == 2
    monkeypatch.setattr(forecast_log, "MAX_LINES", 1)
    with pytest.raises(InputError, match="has more than 1 lines"):
        forecast_log.add(written, log=log)
    for wrong in (b"\xff\xfe\n", json.dumps(first | {"dated": "today"}).encode(), b"{}\n", b"\n"):
        log.write_bytes(wrong)
        with pytest.raises(InputError, match=r"log\.jsonl"):
            forecast_log.read_log(log)


def test_a_log_that_was_changed_and_a_forecast_that_is_not_in_it_are_refused(written, tmp_path):
    log = tmp_path / "log.jsonl"
    with pytest.raises(InputError, match="is not in the log"):
        forecast_log.score(written, LATER, log=log)
    with pytest.raises(InputError) as told:
        forecast_log.score(written, [*ROWS[:1], LATER[0] | {"scope": "TR-9"}], log=log)
    assert [problem.field for problem in told.value.problems] == ["", "scope"]
    (tmp_path / "o.csv").write_text("from,to,scope,quantity,value\nsoon,,TR-1,x,y\n", encoding="utf-8")
    log.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        forecast_log.score(tmp_path / "nowhere", tmp_path / "o.csv", log=log)
    assert [Path(problem.table).name for problem in told.value.problems][:3] == ["nowhere", "log.jsonl", "o.csv"]
    log.unlink()
    with pytest.raises(InputError, match=r"x\.jsonl: cannot be written"):
        forecast_log.add(written, log=tmp_path / "no" / "x.jsonl")
    first = forecast_log.add(written, log=log, now=datetime(2026, 1, 6, 12))
    assert not forecast_log.score(written, LATER, log=log)["blind"].any()
    other = dict(first, before="", title="earlier")
    log.write_text(json.dumps(other) + "\n" + json.dumps(first) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="does not follow the line before it"):
        forecast_log.read_log(log)


FORGED = {
    "no rows": lambda found: found.update(rows=[]),
    "no rows, and none of members": lambda found: found.update(rows=[], prior={**found["prior"], "known": []}),
    "rows that are none": lambda found: found.update(rows=[[]]),
    "years before the run": lambda found: found["rows"][0].update(
        {"from": "2020-01-05 00:00", "to": "2020-01-06 00:00"}
    ),
    "after what was learned": lambda found: found["rows"][0].update(
        {"from": "2026-01-06 00:00", "to": "2026-01-07 00:00"}
    ),
    "years after the run": lambda found: found["rows"][0].update(
        {"from": "2030-01-05 00:00", "to": "2030-01-06 00:00"}
    ),
    "no step in it": lambda found: found["rows"][0].update({"from": "2026-01-05 00:01", "to": "2026-01-05 00:02"}),
    "what the run does not have": lambda found: found["rows"][0].update(quantity="energy_mwh", value=1.0),
    "a time of another clock": lambda found: found["rows"][0].update(
        {"from": "2026-01-05 00:00+02:00", "to": "2026-01-06 00:00+02:00"}
    ),
    "nothing": lambda found: found.clear(),
    "no timetables": lambda found: found.update(timetables=[]),
    "what members said, without members": lambda found: found.update(prior={"known": [[]], "timetables": [[]]}),
    "until the end": lambda found: found.update(until="2026-01-08 00:00"),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_posterior_is_told_with_its_folder_and_what_to_do(written, posterior, tmp_path, forgery):
    log = tmp_path / "log.jsonl"
    shutil.copytree(written, tmp_path / "forged")
    found = json.loads(posterior.attrs["conditioned"])
    FORGED[forgery](found)
    path, about = tmp_path / "forged" / "result.nc", tmp_path / "forged" / "manifest.json"
    was = hash_of(path)
    write_result(posterior.assign_attrs(conditioned=json.dumps(found)), path)
    about.write_text(about.read_text(encoding="utf-8").replace(was, hash_of(path)), encoding="utf-8")
    files = {name: hash_of(tmp_path / "forged" / name) for name in forecast_log.HASHED}
    line = {"dated": "2026-01-05T23:00:00Z", "title": "forged", "until": "", "files": files, "before": ""}
    log.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        forecast_log.score(tmp_path / "forged", LATER, log=log)
    (problem,) = told.value.problems
    assert Path(problem.table).name == "forged"
    assert problem.hint == "give the folder that `gridmodel condition` wrote, unchanged"


@pytest.mark.gate  # at each edit: the functions that they call
def test_the_commands_condition_log_and_plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = uncertain(members=10, name="Uncertain").model_dump(exclude_unset=True, mode="json")
    kept = {key: value for key, value in settings.items() if key != "folder" and value is not None}
    (tmp_path / "mine.yaml").write_text(json.dumps(kept), encoding="utf-8")
    for name, rows in (("o.csv", ROWS), ("later.csv", LATER)):
        pd.DataFrame(rows).to_csv(tmp_path / name, index=False)
    (tmp_path / "options.csv").write_text("name,kind,region,size,cost_eur\nimport,import,,50,10\n", encoding="utf-8")

    def said(*words: str, status: int = 0) -> str:
        done = CliRunner().invoke(main, list(words))
        assert done.exit_code == status, done.output
        return done.output

    printed = said("condition", "mine.yaml", "o.csv", "-o", "post")
    assert "member-hours" in printed
    assert "What timetables would say next" in " ".join(printed.split())
    assert not (tmp_path / "post.part").exists()
    assert "moved_sd" in said("condition", "mine.yaml", "o.csv", "-o", "other", "--json")
    assert (tmp_path / "other" / "result.nc").read_bytes() == (tmp_path / "post" / "result.nc").read_bytes()
    for command in ("deadlines", "schedule", "report"):
        said(command, "post")
    assert "import" in said("plan", "post", "options.csv")
    assert "does not go with a posterior" in said("plan", "post", "options.csv", "--members", "3", status=1)
    assert "Dated" in said("forecast-log", "add", "post")
    assert "inside the 90 % band" in said("forecast-log", "score", "post", "later.csv")
    assert "do not count as forecasts" in said("forecast-log", "score", "post", "later.csv")
    assert json.loads(said("forecast-log", "score", "post", "later.csv", "--json"))["rows"][0]["scope"] == "TR-1"


@pytest.mark.parametrize(
    "error",
    [InputError([Problem(message="cannot be written: No space left")]), OSError(28, "No space left"),
     StudyStoppedError("a process was ended: No space left")],
)  # fmt: skip
@pytest.mark.parametrize("kept", [True, False])
def test_the_command_says_what_a_study_has_kept_when_the_disk_is_full(tmp_path, monkeypatch, error, kept):
    pd.DataFrame(ROWS).to_csv(tmp_path / "o.csv", index=False)

    def full(asked: api.Asked, *, store: Path, **_: object) -> None:
        Knots(store, asked.job)
        if kept:
            (store / "prior-0000.nc").touch()
        raise error

    monkeypatch.setattr(api, "ask", lambda *_, **__: ask(uncertain(), ROWS))
    monkeypatch.setattr(api, "answer", full)
    done = CliRunner().invoke(main, ["condition", "mine", str(tmp_path / "o.csv"), "-o", str(tmp_path / "post")])
    assert done.exit_code == 1
    assert "No space left" in done.output
    assert (f"What was reached is kept in {tmp_path / 'post.part'}" in done.output) == kept
    assert (tmp_path / "post.part").exists() == kept  # nothing is left of what has reached nothing
    assert "Traceback" not in done.output
    assert "nothing was written" not in done.output or not kept


def test_the_command_says_which_row_of_the_observations_is_wrong(tmp_path):
    pd.DataFrame([row(scope="TR-9")]).to_csv(tmp_path / "bad.csv", index=False)
    done = CliRunner().invoke(
        main, ["condition", "january-2026", str(tmp_path / "bad.csv"), "-o", str(tmp_path / "bad")]
    )
    assert done.exit_code == 1
    assert "bad.csv:2" in done.output
    assert not (tmp_path / "bad").exists()
    assert not (tmp_path / "bad.part").exists()


def test_what_is_wrong_with_a_scenario_its_files_the_time_the_reports_and_the_folder_is_told_in_one_pass(tmp_path):
    wrong = [row(scope="TR-9"), row(**{"from": "2026-01-06 06:00", "to": "2026-01-05 06:00"}, value=2)]
    pd.DataFrame(wrong).to_csv(tmp_path / "bad.csv", index=False)
    scenario = "name: x\nnetwork: three-region\nweather: none.csv\nstart: 2026-01-05 00:00\nend: 2026-01-07 00:00\n"
    scenario += "timezone: UTC\nmembers: 3\n{}events:\n  - {{time: 2026-01-05 06:00, target: TR-8/heat_source, kind: outage, share: 2}}\n"
    (tmp_path / "settings.yaml").write_text(scenario.format("step: 7h\n"))
    (tmp_path / "files.yaml").write_text(scenario.format("").replace("share: 2", "share: 1"))
    (tmp_path / "taken").write_text("mine")
    for name in ("settings.yaml", "files.yaml"):
        given = [str(tmp_path / name), str(tmp_path / "bad.csv"), "-o", str(tmp_path / "taken")]
        done = CliRunner().invoke(main, ["condition", *given, "--until", "2027-01-01"])
        settings = name == "settings.yaml"
        for said in ("weather: 'none.csv'", "target: 'TR-8'", "members: '3' must be a number of 10 or more", "bad.csv:2: scope: 'TR-9'",
                     "bad.csv:3: to: '2026-01-05 06:00' must be", "bad.csv:3: value: '2' must be",
                     "taken: is a file", *(["step: '7h'", "share: '2'"] if settings else ["until: '2027-01-01'"])):  # fmt: skip
            assert done.output.count(said) == 1, (name, said, done.output)
        assert (done.exit_code, len(done.output.splitlines())) == (1, 10 if settings else 9), done.output
    assert not (tmp_path / "taken.part").exists()


def test_reports_of_a_network_that_cannot_be_read_are_checked_as_far_as_they_can_be(tmp_path):
    pd.DataFrame([row(scope="TR-9"), row(quantity="hours")]).to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(InputError) as caught:
        ask(uncertain(network="nowhere"), tmp_path / "bad.csv")
    assert [(problem.row, problem.field) for problem in caught.value.problems] == [(None, "network"), (3, "quantity")]


@pytest.mark.gate  # at each edit: what the command says of it, above
def test_a_study_whose_processes_are_killed_stops_with_a_sentence_and_leaves_none():
    def kill(*_: float) -> None:
        for child in active_children():
            os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(StudyStoppedError, match="a process of the study was ended"):
        api.answer(ask(uncertain(members=60), ROWS), workers=2, progress=kill)
    assert not active_children()


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt(), 130), (EndedBySignal("ended by a signal", 143), 143)]
)
def test_a_study_that_is_stopped_says_by_what_and_leaves_nothing_where_it_has_reached_nothing(
    tmp_path, monkeypatch, error, status
):
    pd.DataFrame(ROWS).to_csv(tmp_path / "o.csv", index=False)

    def stopped(asked: api.Asked, *, store: Path, **_: object) -> None:
        Knots(store, asked.job)
        raise error

    monkeypatch.setattr(api, "ask", lambda *_, **__: ask(uncertain(), ROWS))
    monkeypatch.setattr(api, "answer", stopped)
    done = CliRunner().invoke(main, ["condition", "mine", str(tmp_path / "o.csv"), "-o", str(tmp_path / "post")])
    assert done.exit_code == status
    assert f"stopped: {str(error) or 'interrupted'}" in done.output
    assert not (tmp_path / "post.part").exists()


def test_a_disk_that_is_full_when_a_knot_is_written_is_told_with_its_folder(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise RuntimeError("NetCDF: HDF error")

    monkeypatch.setattr("gridmodel.studies.conditioning.store.write_arrays", full)
    with pytest.raises(InputError, match=r"post\.part: cannot be written: NetCDF: HDF error"):
        condition(uncertain(), ROWS, store=tmp_path / "post.part")
