"""By when help must be asked for, and what its next lot costs, beside what is worked out by hand."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.results.deadlines import standstill_to_frost_h
from gridmodel.results.needs import NEEDS
from gridmodel.results.sheet import sheet
from gridmodel.results.value import WORTHS, lacked
from gridmodel.scenario import KINDS, Mitigation, make_scenario
from gridmodel.scenario.help import OPTION_COLUMNS
from gridmodel.services.measures import check_measures
from gridmodel.studies.asking import AskBy, OwnWork, ask_by, lot, next_lots, own_work
from gridmodel.studies.brief import Briefing
from gridmodel.studies.options import OPTIONS
from gridmodel.studies.wanted import ARRIVES_H, HELP_OF, options_for, weeks_of

START = np.datetime64("2026-12-01T00:00")


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        # by hand, of help that takes 24 h; a beginning is told by the part of the day that it lies in
        ("2026-12-03T07:29", AskBy(np.datetime64("2026-12-02T06:00"))),
        ("2026-12-03T05:59", AskBy(np.datetime64("2026-12-02T00:00"))),
        ("2026-12-02T06:00", AskBy(np.datetime64("2026-12-01T06:00"))),
        ("2026-12-02T05:59", AskBy(None)),  # 05:59 on the first day, told from its midnight on: now
        ("2026-12-02T00:00", AskBy(None)),
        ("2026-12-01T23:00", AskBy(None, late=True)),
        ("2026-12-01T00:00", AskBy(None, late=True)),
    ],
)  # fmt: skip
def test_help_is_asked_for_a_day_before_the_part_of_the_day_in_which_it_is_needed(since, expected):
    assert ARRIVES_H == 24
    assert ask_by("warm_places", np.datetime64(since), START) == expected


def test_a_need_that_is_told_to_the_hour_is_asked_for_a_day_before_that_hour():
    since = np.datetime64("2026-12-03T17:40")
    assert ask_by("warm_places", since, START, to_the_hour=True) == AskBy(np.datetime64("2026-12-02T17:00"))
    assert ask_by("warm_places", since, START) == AskBy(np.datetime64("2026-12-02T12:00"))


@pytest.mark.parametrize(
    ("amount", "per_h", "within_h", "since", "expected"),
    [
        # by hand: hours of work are rounded up and end with the hour of the deadline
        (84_000, 16_000.0, 6.5, "2026-12-01T12:05", OwnWork(np.datetime64("2026-12-01T06:00"), 0.0)),
        (64_000, 16_000.0, 6.5, "2026-12-01T12:05", OwnWork(np.datetime64("2026-12-01T08:00"), 0.0)),
        (192_000, 16_000.0, 30.0, "2026-12-01T12:05", OwnWork(None, 0.0)),  # 12 h, from the start on
        (193_000, 16_000.0, 30.0, "2026-12-01T12:05", OwnWork(None, 1_000.0)),  # no more than 12 h are left
        (84_000, 16_000.0, 5.9, "2026-12-01T12:05", OwnWork(None, 4_000.0)),  # pipes stand for 5 whole hours only
        (84_000, 16_000.0, 6.5, "2026-12-01T00:30", OwnWork(None, 84_000.0)),
        (84_000, None, 6.5, "2026-12-01T12:05", None),
        (84_000, 0.0, 6.5, "2026-12-01T12:05", None),
        (84_000, 16_000.0, None, "2026-12-01T12:05", None),
        (0, 16_000.0, 6.5, "2026-12-01T12:05", None),
        (84_000, 16_000.0, 6.5, None, None),
    ],
)  # fmt: skip
def test_own_crews_start_so_that_their_work_ends_before_the_deadline_or_leave_the_rest(
    amount, per_h, within_h, since, expected
):
    moment = None if since is None else np.datetime64(since)
    assert own_work(amount, per_h, within_h, moment, START) == expected


def test_the_time_to_drain_is_from_standstill_to_frost_of_each_member(days):
    # by hand: the first hour in which a loop stands, and the earliest frost that any hour foresees from its end on
    _, result = days
    told = standstill_to_frost_h(result)
    for member in range(result.sizes["member"]):
        left = result["deadline_to_drain"].sel(region="TR-1").isel(member=member).to_numpy()
        hours = np.flatnonzero(np.isfinite(left))
        by_hand = min(hour + 1 + left[hour] for hour in hours) - hours[0]
        assert told[member, 0] == pytest.approx(by_hand)
    (want,) = (one for one in sheet(result, "TR-1").wants if one.key == "drain_people")
    assert want.within_h == pytest.approx(told[:, 0].min())
    assert not [one for one in sheet(result).wants if one.within_h is not None]


def test_help_that_is_asked_for_by_the_time_told_is_there_before_the_need_begins():
    for start_h in (0, 5, 13):
        start = START + np.timedelta64(start_h, "h")
        for since in start + np.arange(0, 6 * 24 * 60, 37) * np.timedelta64(1, "m"):
            asked = ask_by("water_m3_per_day", since, start)
            there = (start if asked.moment is None else asked.moment) + np.timedelta64(24, "h")
            assert (there > since) == asked.late
            assert asked.moment is None or asked.moment > start


def test_no_time_is_made_up_for_help_that_the_model_does_not_have():
    without = set(NEEDS) - set(HELP_OF)
    assert without == {"generators_hospital_mw", "generators_telecom_mw"}
    for need in without:
        assert ask_by(need, START + np.timedelta64(48, "h"), START) is None
    assert ask_by("warm_places", None, START) is None
    assert set(HELP_OF.values()) <= set(KINDS)


@pytest.fixture(scope="module")
def days():
    events = [{"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.9}]
    base = {"name": "days", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05", "end": "2026-01-07 06:00", "members": 2, "events": events}  # fmt: skip
    scenario = make_scenario(base)
    return scenario, gm.run(scenario)


def test_all_that_people_lack_is_told_as_help_is_valued(days):
    # by hand: hours that people lack times their weight, those of vulnerable people times theirs, region by region
    scenario, result = days
    told = {region: Briefing(region=region, region_note="", network=None, written=None, scenario=scenario,
                             result=result).whole_h() for region in ("", "TR-1", "TR-2", "TR-3")}  # fmt: skip
    by_hand = 0.0
    for worth in WORTHS:
        hours = lacked(result, worth).sel(region="TR-1").sum("time")
        more = (scenario.vulnerable_weight - 1.0) * result["vulnerable_share"].sel(region="TR-1")
        by_hand += worth.weight * float((hours * (1.0 + more * worth.vulnerable)).mean())
    assert told["TR-1"] == pytest.approx(by_hand)
    assert told[""] == pytest.approx(told["TR-1"] + told["TR-2"] + told["TR-3"])
    assert 0 < told["TR-1"] < told[""]


def test_options_arrive_after_the_time_by_which_help_is_asked_for(days):
    scenario, result = days
    options = options_for(result, scenario, read_network("three-region"), "TR-1", budget_eur=5e6)
    assert {"warming_points", "drain_crew"} <= {option.kind for option in options} & {*HELP_OF.values()}
    for option in options:
        assert option.available_from == scenario.start + timedelta(hours=ARRIVES_H)


@pytest.mark.parametrize(
    ("kind", "size", "weeks", "cost", "expected"),
    [
        # by hand: units × low, likely and high cost of the table; imports for the length of the run
        ("warming_points", 1550.0, 1.0, 248_000.0, (31, 93_000.0, 620_000.0)),
        ("mobile_generator", 1.3, 1.0, 325_000.0, (13, 195_000.0, 520_000.0)),
        ("import", 20.0, 0.5, 290_000.0, (2, 200_000.0, 500_000.0)),
        ("water_truck", 9.0, 1.0, 72_000.0, (9, 27_000.0, 135_000.0)),
        ("water_truck", 9.0, 1.0, 50_000.0, (9, 50_000.0, 50_000.0)),  # a price of somebody's own has no range
    ],
)
def test_a_lot_costs_its_units_at_the_low_and_high_usual_cost(kind, size, weeks, cost, expected):
    target = "heat_source" if kind == "mobile_generator" else ""
    region = "" if KINDS[kind].national else "A"
    option = Mitigation(kind=kind, size=size, region=region, target=target, cost_eur=cost, name="x")
    made = lot(option, 7.0, weeks)
    assert (made.units, made.low_eur, made.high_eur) == pytest.approx(expected)
    assert made.each_eur == pytest.approx(cost / expected[0])
    assert made.is_usual == (made.low_eur < made.high_eur)
    assert made.saved_h == 7.0


def test_the_next_lot_of_a_region_is_the_one_that_prevents_most_for_its_price(days):
    scenario, _ = days
    options = [Mitigation(kind="water_truck", size=1, region="A", cost_eur=8_000, name=name) for name in "ab"]
    options.append(Mitigation(kind="import", size=10, cost_eur=1e6, name="c"))
    ranking = pd.DataFrame({"option": ["a", "b", "c"], "region": ["A", "A", "ALL"], "saved_h": [9.0, 8.0, 5.0],
                            "saved_h_per_eur": [2.0, 1.0, 1.0]})  # fmt: skip
    lots = next_lots(ranking, ["a"], options, weeks_of(scenario))
    assert {region: (one.option.name, one.saved_h) for region, one in lots.items()} == {
        "A": ("b", 8.0),
        "ALL": ("c", 5.0),
    }
    assert weeks_of(scenario) == pytest.approx(54 / 168)


def test_files_of_options_are_written_with_the_columns_that_are_read():
    assert tuple(column.name for column in OPTIONS.columns) == OPTION_COLUMNS


@pytest.mark.parametrize(("since", "refused"), [("2026-03-29 03:30", True), ("2026-03-29 04:00", False)])
def test_help_from_an_hour_that_the_clock_skips_is_refused(three, since, refused):
    week = {"start": "2026-03-28 00:00", "end": "2026-03-31 00:00", "timezone": "Europe/Kyiv"}
    scenario = three(**week, mitigations=[{"kind": "battery", "region": "TR-1", "size": 5, "available_from": since}])
    found = check_measures(scenario, read_network("three-region"))
    assert [(one.field, one.value, one.message) for one in found] == [
        ("available_from", since, "is skipped by the clock that night: summer time begins")
    ] * refused
    assert check_measures(scenario, None, unknown={"timezone"}) == []
