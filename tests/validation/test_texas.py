"""Texas, February 2021: its inputs, its scores, and the page."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import LONG

import gridmodel as gm
from gridmodel.inputs.files import bundled_series
from validation import __main__ as validate
from validation import texas, texas_page

pytestmark = pytest.mark.skipif(not texas.FACTS.is_dir(), reason="what was reported stays in the checkout")
QUICK = 16
"""Members of a quick run; evenly spread, their middle is within 0.1 GW of that of 64."""


@pytest.fixture(scope="module")
def result():
    return gm.run(texas.scenario(None if LONG else QUICK))


@pytest.fixture(scope="module")
def scores(result):
    return texas.scores(texas.hourly(result))


@pytest.mark.gate  # at each edit: the scores of a short course
def test_the_order_by_hour_meets_its_targets_and_beats_need_less_available(scores):
    assert all(texas.reached(scores).values()), scores
    assert scores["mean_absolute_error_gw"] < 0.7 * scores["rule_mean_absolute_error_gw"]
    assert scores["nash_sutcliffe"] > scores["rule_nash_sutcliffe"] + 0.3
    assert abs(scores["energy_error"]) < abs(scores["rule_energy_error"])
    assert abs(scores["peak_error"]) < abs(scores["rule_peak_error"])


@pytest.mark.gate  # at each edit: the scores of a short course
def test_the_scores_on_the_page_are_those_of_the_run(scores):
    page = texas.PAGE.read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith("| mean absolute error, GW | ")]
    cells = [cell.strip() for cell in row.split("|")]
    assert float(cells[2]) == pytest.approx(scores["mean_absolute_error_gw"], abs=0.1)
    assert float(cells[6]) == pytest.approx(scores["rule_mean_absolute_error_gw"], abs=0.006)
    assert page.index("## What fails") < page.index("## Ordered load shed") < page.index("## What holds")


@pytest.mark.long
def test_the_page_is_what_the_run_makes(result):
    from validation.texas_page import page

    assert texas.PAGE.read_text(encoding="utf-8") == page(result), "run: python -m validation.texas"


@pytest.mark.gate  # at each edit: the page from recorded scores
def test_make_validate_writes_the_page_of_texas_from_the_run_that_it_scores(monkeypatch, tmp_path, result, scores):
    monkeypatch.setattr(texas, "run", lambda _: result)
    monkeypatch.setattr(texas, "PAGE", tmp_path / "texas-2021.md")
    monkeypatch.setattr(texas, "PICTURE", tmp_path / "texas-2021.svg")
    monkeypatch.setattr(texas_page, "page", lambda result: f"{result.sizes['member']} members")
    assert validate.texas() == scores
    assert texas.PAGE.read_text("utf-8") == f"{result.sizes['member']} members"
    assert texas.PICTURE.read_text("utf-8").startswith("<?xml")


def test_nothing_that_is_scored_is_an_input():
    supply = pd.read_csv(bundled_series("texas-2021/supply.csv"), index_col="time")
    assert set(supply) == {
        "import_limit_mw",
        "wind_mw",
        "solar_mw",
        "thermal_gas_out_mw",
        "thermal_coal_out_mw",
        "nuclear_out_mw",
    }
    demand = pd.read_csv(bundled_series("texas-2021/demand.csv"), index_col="time")
    need = texas.facts("need_forecast_mw")
    assert demand.sum(axis=1).to_numpy() == pytest.approx(need.sum(axis=1).to_numpy())
    scenario = gm.load_scenario("texas-2021")
    assert scenario.events == ()
    assert scenario.rotation == "fixed"


@pytest.mark.gate  # at each edit: availability by technology, in `test_loop.py`
def test_wind_and_sun_give_what_they_gave_and_plant_out_gives_nothing(result):
    local = pd.DatetimeIndex(result["local_time"].to_numpy())
    scored = (local >= texas.FIRST) & (local <= texas.LAST)
    given = texas.facts("wind_solar_mwh").reindex(local)
    output = result["generation_mw"].sum("region").isel(time=scored)
    for kind in ("wind", "solar"):
        assert (output.sel(technology=kind) <= given[kind].to_numpy()[scored] + 1e-6).all()
    wind = output.sel(technology="wind").median("member").to_numpy()
    assert wind == pytest.approx(given["wind"].to_numpy()[scored], abs=1e-6)
    out = texas.facts("capacity_out_mw")["ng"].reindex(local).to_numpy()[scored]
    assert (output.sel(technology="thermal_gas") <= 61422.0 - out + 1e-6).all()
    assert (result["import_mw"] <= 1250.0 + 1e-6).all()


@pytest.mark.gate  # at each edit: the scores of a short course
def test_numbers_that_fail_are_those_that_the_page_names(result):
    wrong = {row.what for row in texas.rows(result) if not row.inside}
    assert wrong == {"People without running water at some time", "People who lost power at some time"}
    assert all(
        row.kind in {"input", "persistence of an input", "calibration", "independent"} for row in texas.rows(result)
    )


def test_the_four_scores_of_a_short_course_by_hand():
    reported, model = pd.Series([1.0, 2.0, 3.0, 6.0]), pd.Series([1.0, 4.0, 3.0, 7.0])
    # gaps 0, 2, 0, 1: 0.75 on average, squares 5; about the mean of 3 what was reported has 4 + 1 + 0 + 9 = 14
    found = texas.errors(model, reported)
    assert found == pytest.approx(
        {"mean_absolute_error_gw": 0.75, "nash_sutcliffe": 1 - 5 / 14, "energy_error": 3 / 12, "peak_error": 1 / 6}
    )
    assert texas.reached(found) == {
        "mean_absolute_error_gw": True, "nash_sutcliffe": True, "energy_error": False, "peak_error": False,
    }  # fmt: skip


@pytest.mark.gate  # at each edit: the scores of a short course
def test_the_plain_rule_is_the_forecast_less_what_was_available(result):
    rule = texas.hourly(result).rule
    assert rule.loc["2021-02-15 10:00"] == pytest.approx(76.317 - 51.015, abs=0.001)
    assert rule.loc["2021-02-15 00:00"] == 0.0
    assert len(rule) == 72


def test_pipes_burst_in_homes_that_stay_off_long_enough_in_the_cold():
    # half of the homes are off for 30 h at −20 °C, a tenth for 100; all attics at outdoor temperature, τ 5 h
    off = np.full((100, 1, 1), 0.1)
    off[:30] = 0.5
    made = xr.Dataset(
        {
            "people_without_power": (("time", "member", "region"), off * 200.0),
            "population": (("region",), np.array([200.0])),
            "outdoor_temperature": (("time", "region"), np.full((100, 1), -20.0)),
        }
    )
    # water of 15 °C is at 0 °C after 5 ln(35 / 20) = 2.8 h, ice is a plug after 160 / 20 = 8 h more
    low, high = texas.burst_homes(made)
    assert high == pytest.approx(100 * 0.5 * 0.5)
    assert 0 < low <= 100 * 0.2 * 0.5  # attics at −5 °C with τ 20 h: 0 °C after 28 h, a plug after 32 h more
    assert low == pytest.approx(100 * 0.2 * 0.1)
    assert (texas.burst_homes(made.assign(outdoor_temperature=made["outdoor_temperature"] + 40)) == 0).all()
