"""What help meets of the needs of each region: by hand, beside the sheet, and as `gridmodel plan` prints it."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.output.sheet import Beside, Bought
from gridmodel.output.sheet.lines import lines_of
from gridmodel.output.sheet.page import SheetPage
from gridmodel.output.sheet.purchase import bought_of, planned_of
from gridmodel.results.needs import needed_from, needs
from gridmodel.results.sendable import sendable
from gridmodel.results.sheet import sheet
from gridmodel.scenario import Mitigation, make_scenario
from gridmodel.simulation.files import read_scenario
from gridmodel.studies.remaining import COLUMNS, next_euro, remaining, what_remains

DAY = {"name": "Day", "network": "three-region", "weather": "three-region", "timezone": "UTC",
       "start": "2026-01-05", "end": "2026-01-06", "members": 2,
       "events": [{"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.9},
                  {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.3}]}  # fmt: skip
TENTS = Mitigation(kind="warming_points", region="TR-1", size=20_000, cost_eur=100, name="tents")
BOILER = Mitigation(kind="mobile_boiler", region="TR-1", size=50, cost_eur=100, name="boiler")


@pytest.fixture(scope="module")
def day():
    return make_scenario(DAY)


@pytest.fixture(scope="module")
def results(day):
    return gm.run(day), gm.run(day.replace(mitigations=(BOILER,)))


@pytest.mark.gate  # at each edit: warming places, in `test_mitigation.py`
def test_places_in_tents_are_taken_off_what_a_run_still_needs_and_of_no_other_region(day, results):
    before, after = results
    table = what_remains(before, after, [TENTS, BOILER])
    first, then = needs(before).loc[("TR-1", "warm_places")], needs(after).loc[("TR-1", "warm_places")]
    row = table.loc[("TR-1", "warm_places")]
    assert row["needed_p95"] == first["p95"]
    assert row["remains_p95"] == np.ceil((then["p95"] - 20_000) / 50) * 50  # by hand: a room has 50 places
    assert row["met_p95"] == pytest.approx(first["p95"] - row["remains_p95"])
    assert row["met_p95"] > 20_000  # the boiler keeps homes warm besides
    other = table.loc["TR-2"]
    assert (other["met_p95"].abs() <= 0.1 * other["needed_p95"]).all()
    assert list(table.columns) == list(COLUMNS)
    assert table.equals(remaining(day, [TENTS, BOILER]))


def test_what_is_needed_from_a_time_on_is_the_peak_of_the_hours_from_then_on(results):
    before, _ = results
    table, whole = needs(before), needed_from(before, before["local_time"].to_numpy()[0])
    assert "fuel_m3" not in whole  # it is added over the run
    for need, found in whole.items():
        rows = table[table.index.get_level_values("need") == need]
        assert found == {part: pytest.approx(rows[part].sum()) for part in ("p50", "p95")}
    late = needed_from(before, np.datetime64("2026-01-05T20:00"))
    cold = before["people_without_heat"].transpose("member", "time", "region").to_numpy()[:, 20:].max(axis=1)
    by_hand = sum(float(sendable(value, "1")) for value in np.quantile(cold, 0.95, axis=0))
    assert late["warm_places"]["p95"] == by_hand
    assert "warm_places" in needed_from(before, before["local_time"].to_numpy()[-1])  # the last hour itself counts
    assert needed_from(before, np.datetime64("2026-01-06T00:00")) == {}


def test_nothing_bought_meets_nothing(results):
    before, _ = results
    table = what_remains(before, before, [])
    assert (table[["met_p50", "met_p95"]] == 0).to_numpy().all()


def test_the_sheet_says_the_same_remains_as_the_table(results):
    before, after = results
    bought = Bought(budget_eur=200.0, cost_eur=200.0, chosen=[TENTS, BOILER], helped=after)
    page = SheetPage(before, sheet(before, "TR-1"), Beside(bought=bought), "en")
    shown = {row["what"]: row["after"] for row in bought_of(page)["rows"]}
    row = what_remains(before, after, [TENTS, BOILER]).loc[("TR-1", "warm_places")]
    remains = f"{row['remains_p50']:,.0f} places (bad case {row['remains_p95']:,.0f})"
    assert shown["Places to get warm"] == f"{remains}, beside 20,000 bought"
    last = lines_of(page)[-1]
    assert last.endswith(".")
    assert "With it: in homes below 12 °C " in last
    assert " → " in last


def test_the_next_euro_of_a_region_goes_to_what_prevents_most_for_it_and_is_not_bought():
    ranking = pd.DataFrame({"option": ["a", "b", "c", "d"], "region": ["A", "A", "A", "B"],
                            "saved_h": [9.0, 8.0, 8.0, 0.0], "saved_h_per_eur": [9.0, 1.0, 2.0, 0.0]})  # fmt: skip
    assert next_euro(ranking, ["a"]) == {"A": "c"}


def test_a_dated_delivery_names_its_region_in_any_language_and_the_sheet_says_when_it_comes(tmp_path, results):
    rows = [{"kind": "fuel_truck", "region": "northland", "size": 2, "available_from": "2026-01-05 12:30"},
            {"kind": "mobile_generator", "region": "TR-2", "target": "heat_source", "size": 1.3}]  # fmt: skip
    (tmp_path / "day.yaml").write_text(json.dumps({**DAY, "mitigations": rows}), encoding="utf-8")
    made = read_scenario(tmp_path / "day.yaml")
    assert [one.region for one in made.mitigations] == ["TR-1", "TR-2"]
    assert gm.check_scenario(tmp_path / "day.yaml") == []
    before, _ = results
    for lang, said in (
        (
            "en",
            "Planned: fuel tankers (2), from Mon 5 Jan, 13:00; generators of 1.3 MW for heat sources, Westland. All numbers of this sheet count it already.",
        ),
        (
            "uk",
            "Заплановано: паливовози (2), від пн, 5 січня, 13:00; генератори на 1,3 МВт, джерела тепла, Westland. Усі числа цього аркуша вже враховують цю допомогу.",
        ),
    ):  # by hand: half past twelve is told by the next hour, so that nobody counts on it before
        page = SheetPage(before, sheet(before, "TR-1"), Beside(planned=made.mitigations), lang)
        assert planned_of(page) == said
    (tmp_path / "day.yaml").write_text(json.dumps({**DAY, "mitigations": [{**rows[0], "region": "Nowhere"}]}))
    assert "is not a region" in str(gm.check_scenario(tmp_path / "day.yaml")[0])
    wrong = [{**rows[1], "date": "2026-01-05"}]
    (tmp_path / "day.yaml").write_text(json.dumps({**DAY, "mitigations": wrong}))
    assert "available_from" in gm.check_scenario(tmp_path / "day.yaml")[0].hint


@pytest.mark.gate  # at each edit: the functions that it calls
def test_plan_says_by_region_what_is_met_what_remains_and_what_the_next_euro_buys(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day.yaml").write_text(json.dumps(DAY), encoding="utf-8")
    rows = [one.model_dump(mode="json") for one in (TENTS, BOILER)]
    rows.append({"name": "more", "kind": "import", "size": 100, "cost_eur": 500})
    pd.DataFrame(rows)[["name", "kind", "region", "size", "cost_eur"]].to_csv("o.csv", index=False)
    args = ["plan", "day.yaml", "o.csv", "--budget", "200"]
    shown = CliRunner().invoke(main, args, catch_exceptions=False, env={"COLUMNS": "80"})
    assert shown.exit_code == 0, shown.output
    assert "What is met of needs, and what remains, in the bad case" in shown.stdout
    assert "The whole country, the next euro: more, for 500 EUR; by itself it prevents " in " ".join(
        shown.stdout.split()
    )
    assert "All needs remain in " in shown.stdout
    assert not [line for line in shown.stdout.splitlines() if len(line) > 80 or "…" in line]
    told = json.loads(CliRunner().invoke(main, [*args, "--json"], catch_exceptions=False).stdout)
    assert told["plan"]["next_euro"] == {"ALL": "more"}
    more = next(row for row in told["ranking"] if row["option"] == "more")
    own = {"option": "more", "cost_eur": 500, "low_eur": 500, "high_eur": 500, "saved_h": more["saved_h"]}
    assert told["plan"]["next_lots"] == {"ALL": own}  # a price of one's own has no range
    places = next(row for row in told["needs"] if (row["region"], row["need"]) == ("TR-1", "warm_places"))
    assert places["needed_p95"] == pytest.approx(places["met_p95"] + places["remains_p95"])
