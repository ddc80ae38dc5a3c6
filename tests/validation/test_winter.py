"""The winter of 2025/26: its observations, its operators, and the score that is recorded."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import LONG

from gridmodel.inputs.files import ROOT
from gridmodel.scenario import load_scenario
from gridmodel.scenario.read import parse_yaml
from gridmodel.studies.run import run
from validation import __main__ as validate
from validation import evaluate, floor, index_page, operators, pages, winter
from validation.statements import FIRST


@pytest.fixture(scope="module")
def observations():
    return operators.read_observations()


@pytest.fixture(scope="module")
def recorded():
    return json.loads(validate.SCORE.read_text("utf-8"))["winter-2025-26"]


def test_every_row_says_where_when_what_and_of_which_kind_and_has_an_operator(observations):
    scenario = load_scenario(winter.SCENARIO)
    assert observations["id"].is_unique
    assert set(observations["operator"]) <= set(operators.OPERATORS)
    assert set(observations["kind"]) <= {"input", "calibration", "independent", "persistence"}
    assert set(observations["scope"]) <= {"UA", *evaluate.groups()}
    assert (observations["source"] != "").all()
    assert (observations["from"] < observations["to"]).all()
    assert (observations["from"] >= scenario.start).all()
    assert (observations["to"] <= scenario.end).all()
    hours = observations[observations["unit"] == "h"]
    assert hours["value"].between(0, 24).all()
    ranged = observations.dropna(subset=["low"])
    assert (ranged["spread"] != "").all()  # a range without what it means would be taken for an error


def test_days_that_set_who_can_be_cut_never_count(observations):
    power = observations[observations["domain"] == "electricity"]
    during = power["from"].between(pd.Timestamp("2026-01-12"), pd.Timestamp("2026-01-20 23:00"))
    assert set(power[during]["kind"]) == {"calibration"}


def test_each_range_of_supply_was_reported_before_the_week_it_is_for_and_stands_in_the_series():
    inputs = pd.read_csv(operators.OBSERVATIONS.parent / "inputs.csv")
    assert (inputs["reported"] <= inputs["from"]).all()
    series = pd.read_csv(ROOT / "scenarios" / "winter-2025-26-supply.csv", index_col="time")
    series.index = [str(time)[:10] for time in series.index]
    for row in inputs.itertuples():
        assert series.loc[row._1, f"{row.series}:low"] == row.low
        assert series.loc[row._1, f"{row.series}:high"] == row.high


def tiny():
    """Two regions of 300 and 100 people, two members, three days of hours.

    Sub-queues are off on the second day and in the last half of the third, in which half of the first region is on
    feeders that are broken.
    """
    local = np.datetime64("2026-01-01T00", "ns") + np.arange(72) * np.timedelta64(1, "h")
    off = np.zeros((2, 72, 2))
    off[:, 24:48] = 3.0
    off[:, 36:48] = 9.0  # half of the second day
    off[:, 60:, 0] = 6.0
    off[1, :, 1] = 12.0  # in the second member the second region is off all the time
    damage = np.zeros((2, 72, 2))
    damage[:, 48:, 0] = 150.0
    dims = ("member", "time", "region")
    return xr.Dataset(
        {"subqueues_off": (dims, off), "people_off_by_damage": (dims, damage), "population": ("region", [300.0, 100.0]),
         "import_mw": (("member", "time"), np.tile(np.repeat([100.0, 300.0, 200.0], 24), (2, 1)))},
        {"time": local, "region": ["A", "B"], "local_time": ("time", local)},
    )  # fmt: skip


def asked(operator, scope, start, end):
    row = {"from": np.datetime64(start, "s"), "to": np.datetime64(end, "s"), "scope": scope}
    return operators.OPERATORS[operator](tiny(), row)


def test_a_plan_is_compared_with_the_order_of_the_day_before():
    # the third day's plan: 3 of 12 for half of the second day, 9 of 12 for the other: 24 · (0.25 + 0.75) / 2
    assert asked("order_day_before", "A", "2026-01-03", "2026-01-04") == pytest.approx([12, 12])
    assert asked("order_day_before", "B", "2026-01-03", "2026-01-04") == pytest.approx([12, 24])
    assert asked("order_day_before", "UA", "2026-01-03", "2026-01-04") == pytest.approx([12, 15])  # by people, 3 to 1
    assert asked("order_day_before", "A", "2026-01-03T12:00", "2026-01-04") == pytest.approx([18, 18])  # its own hours


def test_a_range_over_hours_is_its_middle_and_not_the_mean_over_hours():
    late = asked("order_middle_day_before", "A", "2026-01-03T06:00", "2026-01-04")  # 6 h of 3 and 12 h of 9
    assert late == pytest.approx([12, 12])
    assert asked("order_day_before", "A", "2026-01-03T06:00", "2026-01-04") == pytest.approx([14, 14])


def test_a_report_is_of_the_day_itself_and_counts_broken_feeders_once():
    assert asked("hours_served", "A", "2026-01-02", "2026-01-03") == pytest.approx([12, 12])
    assert asked("hours_served", "A", "2026-01-03", "2026-01-03T12:00") == pytest.approx(
        [12, 12]
    )  # half of the feeders
    # half of the feeders that work are off as well: 24 · (1 − 0.5 · 0.5), where both added up would be the whole day
    assert asked("hours_served", "A", "2026-01-03T12:00", "2026-01-04") == pytest.approx([18, 18])
    assert asked("hours_served", "A", "2026-01-03", "2026-01-04") == pytest.approx([15, 15])
    assert asked("hours_served", "B", "2026-01-03", "2026-01-04") == pytest.approx([0, 24])


def test_imports_are_summed_over_their_span_and_days_of_the_clock():
    assert asked("imported", "UA", "2026-01-01", "2026-01-03") == pytest.approx([9.6, 9.6])  # 24 h · (100 + 300) MW
    assert asked("most_imported", "UA", "2026-01-01", "2026-01-04") == pytest.approx([7.2, 7.2])
    assert asked("peak_import", "UA", "2026-01-01", "2026-01-02") == pytest.approx([0.1, 0.1])


def test_energy_of_imports_is_the_same_in_hours_and_in_half_hours():
    # 100 MW over the 48 half-hours of a day
    local = np.datetime64("2026-01-01T00", "ns") + np.arange(48) * np.timedelta64(30, "m")
    made = xr.Dataset(
        {"import_mw": (("member", "time"), np.full((1, 48), 100.0))}, {"time": local, "local_time": ("time", local)}
    )
    row = {"from": np.datetime64("2026-01-01", "s"), "to": np.datetime64("2026-01-02", "s"), "scope": "UA"}
    for name in ("imported", "most_imported"):
        assert operators.OPERATORS[name](made, row) == pytest.approx([2.4])


@pytest.mark.parametrize("begins", [24, 25, 26])
def test_what_is_still_cold_leaves_out_who_was_cold_before_and_may_begin_late_in_two_hours(begins):
    # a tenth is cold before, half from some hour of the second day on, a fifth at the end: 0.1 of 0.4
    lost = np.full((2, 72, 2, 1), 0.1)
    lost[:, begins:48] = 0.5
    lost[:, 48:] = 0.2
    kept = xr.DataArray(1 - lost, dims=("member", "time", "region", "heat_state"), coords={"heat_state": ["connected"]})
    row = {"from": np.datetime64("2026-01-02", "s"), "to": np.datetime64("2026-01-03T06:00", "s"), "scope": "A"}
    assert operators.OPERATORS["still_cold"](tiny().assign(home_share=kept), row) == pytest.approx([0.25, 0.25])


def test_what_is_still_dry_leaves_out_the_high_floors_that_were_dry_before():
    # 100 people on high floors the day before, 500 at most on the first day, 200 at the end: 100 of 400
    dry = np.full((2, 72, 2), 100.0)
    dry[:, 30:40] = 500.0
    dry[:, 40:] = 200.0
    result = tiny().assign(people_without_water=(("member", "time", "region"), dry))
    row = {"from": np.datetime64("2026-01-02", "s"), "to": np.datetime64("2026-01-04", "s"), "scope": "A"}
    assert operators.OPERATORS["still_dry"](result, row) == pytest.approx([0.25, 0.25])


@pytest.mark.gate  # at each edit: no recorded score falls, in `test_floor.py`
def test_the_recorded_score_is_that_of_the_recorded_members_and_of_the_files_as_they_are(recorded, observations):
    values = validate.read_members()
    assert values.shape[0] == len(observations), "the observations changed: run `make validate`"
    made = validate.rounded(evaluate.score({"observed": values}))
    for domain in ("electricity", "alarms", "heat", "water", "imports"):
        for name, value in made[domain].items():
            if name != "by_lead":
                assert json.dumps(value) == json.dumps(recorded[domain][name]), f"{domain}: run `make validate`"
    assert made["hash"] == recorded["hash"], "the prior or the observations changed: run `make validate`"


def test_no_recorded_score_falls_below_its_floor():
    assert floor.fallen(json.loads(validate.SCORE.read_text("utf-8"))) == []


@pytest.mark.parametrize("bound", floor.bounds(), ids=lambda bound: " ".join(map(str, bound["score"][1:])))
def test_a_score_that_falls_in_any_one_figure_is_noticed(bound):
    whole = json.loads(validate.SCORE.read_text("utf-8"))
    *path, last = bound["score"]
    for side, by in (("least", -1e-3), ("most", 1e-3)):
        if side in bound:
            worse = copy.deepcopy(whole)
            place = worse
            for part in path:
                if isinstance(place, list):
                    (place,) = [row for row in place if row["statement"] == part]
                else:
                    place = place[part]
            place[last] = bound[side] + by
            (told,) = floor.fallen(worse)
            assert told.startswith(" / ".join(map(str, bound["score"])))
            place[last] = None
            assert len(floor.fallen(worse)) == 1


@pytest.mark.gate  # at each edit: the recorded score, above
def test_the_first_weeks_of_the_winter_are_as_recorded(observations):
    until = "2025-10-26 00:00" if LONG else "2025-10-24 00:00"
    scenario = load_scenario(winter.SCENARIO)
    rows = pd.read_csv(ROOT / "scenarios" / "winter-2025-26.csv", dtype=str, keep_default_na=False)
    early = rows[rows["time"] < until].drop(columns="note").to_dict("records")
    events = [{name: _cell(cell) for name, cell in row.items() if cell} for row in early]
    result = run(scenario.replace(members=2, end=until, events=events))
    here = observations.index[(observations["domain"] == "electricity") & (observations["to"] <= pd.Timestamp(until))]
    made = winter.values(result, observations.loc[here])
    assert np.abs(made - validate.read_members()[here, :2]).max() < 1.0, "results moved: run `make validate`"


def _cell(text):
    return text if text.startswith("2025") else parse_yaml(f"cell: {text}", shown="")[0]["cell"]


@pytest.mark.long
def test_a_block_of_the_winter_made_again_scores_as_recorded(observations):
    again = winter.block(0)["observed"]
    here = np.flatnonzero((observations["unit"] == "h").to_numpy())
    assert np.abs(again[here] - validate.read_members()[here, : winter.BLOCK]).mean() < 0.5, "run `make validate`"
    assert str(FIRST) == str(load_scenario(winter.SCENARIO).start.date())


@pytest.mark.gate  # at each edit: no recorded score falls below its floor
def test_the_pages_are_what_the_recorded_score_and_members_make(recorded):
    folder = ROOT / "docs" / "validation"
    whole = json.loads(validate.SCORE.read_text("utf-8"))
    assert (folder / "README.md").read_text("utf-8") == index_page.page(whole), "run `make validate`"
    page = pages.winter_page({"observed": validate.read_members()}, recorded)
    assert (folder / "winter-2025-26.md").read_text("utf-8") == page, "run `make validate`"
    failed = [line for line in page.splitlines() if line.startswith("| e") and "**no**" in line]
    table = page.split("### Independent")[1].split("### ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| e")]
    assert failed
    first = ["**no**" in row.split(" | ")[6] for row in rows]
    assert first == sorted(first, reverse=True)  # failures stand at the top
