import runpy

import numpy as np
import pandas as pd
import pytest
from conftest import LONG

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from validation import calibration, cascade


@pytest.fixture(scope="module")
def runs():
    return calibration.runs() if LONG else calibration.runs(2)


@pytest.fixture(scope="module")
def rows(runs):
    return calibration.rows(*runs)


@pytest.mark.long
@pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="pages stay in the checkout")
def test_the_page_of_calibration_is_what_the_code_makes(runs, monkeypatch):
    monkeypatch.setattr(calibration, "runs", lambda: runs)
    made = runpy.run_path(str(ROOT / "docs" / "make.py"))["PAGES"]["calibration.md"]()
    assert (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8") == made, "run: python docs/make.py"


@pytest.mark.gate  # at each edit: pairs of rows, in `test_ridge.py`, and the events below
def test_every_calibration_row_holds(rows):
    found = [row for row in rows if row.kind == "calibration"]
    assert len(found) == 5
    assert [row.what for row in found if not row.holds] == []


@pytest.mark.gate  # at each edit: hours of queues by the formula, in `test_ridge.py`
def test_kyiv_under_half_its_need_follows_the_rule_of_hours_and_the_gap_to_the_report_is_shown(rows):
    by_rule, reported = (row for row in rows if "Kyiv" in row.what)
    assert by_rule.holds
    assert (
        by_rule.model > 24 * 0.2 / 0.7
    )  # what half of each hour's demand would leave: half an evening is more by night
    assert not reported.holds  # against 4 to 6: stated, not tuned away
    assert "DOES NOT HOLD" in calibration.table(rows)


@pytest.mark.gate  # at each edit: dispatch law, in `tests/dispatch`
def test_without_a_regional_limit_oblasts_are_served_alike_to_a_percentage_point(rows):
    (row,) = (row for row in rows if "gap between oblasts" in row.what)
    assert row.model <= 0.01


@pytest.mark.gate  # at each edit: events of January as rows, in this file
def test_the_january_events_damage_no_generation_before_the_fifteenth(january):
    calm = gm.load_scenario("cold-without-strikes").replace(members=2, rotation="mean", end="2026-01-16 00:00")
    runs = january.isel(member=slice(2)), gm.run(calm)
    one, other = (calibration.day(run, "2026-01-15")["generation_mw"] for run in runs)
    differs = (one != other).any(("member", "time", "region"))
    assert set(one["technology"].to_numpy()[differs]) <= {
        "battery",
        "hydro",
        "pumped_storage",
    }  # whose plans look at what can be passed on


@pytest.mark.gate  # at each edit: `test_cascade.py`
def test_the_cascade_of_31_january_is_possible_and_follows_what_interconnectors_bear(runs):
    struck = runs[-1]
    count = cascade.oblasts(struck)
    assert len(count) == (200 if LONG else 40)
    assert np.mean(count >= 4) >= 0.05
    log = gm.cascade_log(struck)
    lost = log[(log["mechanism"] == "loss") & (log["technology"] == "nuclear")].groupby("member")["mw"].sum()
    before = struck["import_mw"].isel(time=3).to_numpy()  # 09:00, an hour before
    borders = pd.read_csv(ROOT / "networks" / "ukraine" / "interconnectors.csv")["p_max_mw"].sum()
    factor = struck["drawn_value"].sel(setting="tie_overload_factor").to_numpy()
    opens = before + lost.to_numpy() > 0.75 * borders * factor  # what flowed and what is missing, over what is left
    assert 0.05 < opens.mean() < 1.0
    assert ((count >= 4) == opens).all()
    assert (struck["frequency_nadir_hz"].min("time").to_numpy()[~opens] == 50).all()


@pytest.mark.gate  # at each edit: rows of the winter, in `test_winter.py`
def test_rows_print_with_their_sources(rows):
    text = calibration.table(rows)
    for row in rows:
        assert row.source in text
