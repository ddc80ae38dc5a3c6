import runpy
import subprocess
import sys

import pandas as pd
import pytest

import gridmodel as gm
from gridmodel.inputs.files import ROOT, bundled
from gridmodel.network import read_network

CHECKOUT = pytest.mark.skipif(not (ROOT / "Makefile").is_file(), reason="scripts stay in the checkout")


def test_each_kind_of_data_is_bundled():
    assert {"ukraine", "ukraine-2021", "three-region", "texas-2021"} <= set(bundled("networks"))
    assert {
        "cold-wave-2026",
        "frost-2021",
        "three-region",
        "design-cold-spell",
        "mild-january",
        "next-cold-spell",
        "texas-2021",
        "winter-2025-26",
    } == set(bundled("weather"))
    assert {
        "january-2026",
        "cold-without-strikes",
        "prewar-frost",
        "three-region",
        "design-cold-spell",
        "mild-january",
        "next-cold-spell",
        "texas-2021",
        "winter-2025-26",
    } == set(bundled("scenarios"))


def checked(script, monkeypatch):
    """Run a script with `--check` in this process; return its exit status."""
    monkeypatch.setattr(sys, "argv", [str(script), "--check"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    return ended.value.code


@CHECKOUT
def test_derived_tables_are_what_their_script_makes(monkeypatch):
    assert checked(ROOT / "networks" / "derive.py", monkeypatch) in {0, None}


@CHECKOUT
def test_tables_and_series_of_texas_are_what_their_script_makes_of_the_facts(monkeypatch):
    assert checked(ROOT / "networks" / "texas.py", monkeypatch) in {0, None}


@CHECKOUT
def test_design_weather_is_what_its_script_makes(monkeypatch):
    assert checked(ROOT / "weather" / "design.py", monkeypatch) in {0, None}


@CHECKOUT
@pytest.mark.long
def test_weather_is_what_its_script_makes():
    for script in ("reconstruct.py", "winter.py"):
        subprocess.run([sys.executable, str(ROOT / "weather" / script), "--check"], check=True)


def test_the_winter_has_the_temperatures_that_were_reported_for_kyiv():
    kyiv = gm.load_weather("winter-2025-26").sel(region="UA-30").to_series()
    kyiv.index = kyiv.index + pd.Timedelta(hours=2)
    reported = pd.read_csv(ROOT / "weather" / "winter-anchors.csv")
    for row in reported[(reported["site"] == "Kyiv") & (reported["confidence"] == "high")].itertuples():
        first, _, last = row.date_local.partition("/")
        inside = kyiv[(kyiv.index >= pd.Period(first).start_time) & (kyiv.index <= pd.Period(last or first).end_time)]
        if row.quantity in {"mean", "min", "max"}:
            assert getattr(inside, row.quantity)() == pytest.approx(row.value_c, abs=row.tolerance_k), row
        elif row.quantity == "below":
            assert inside.resample("D").mean().max() <= row.value_c + row.tolerance_k, row
        else:
            beyond = row.value_c - inside.min() if row.quantity == "lowest" else inside.max() - row.value_c
            assert beyond <= row.tolerance_k, row


def test_every_row_has_a_source_and_a_confidence():
    for name in bundled("networks"):
        for table, frame in read_network(name).tables.items():
            if "source" in frame:
                assert (frame["source"] != "").all(), (name, table)
                assert (frame["confidence"] != "").all(), (name, table)


def test_each_network_says_where_it_comes_from():
    for path in bundled("networks").values():
        assert (path / "README.md").is_file()
    assert (ROOT / "weather" / "README.md").is_file()


def test_bundled_places_are_regions_and_coordinates_are_coarse():
    for name in bundled("networks"):
        regions = read_network(name).tables["regions"]
        assert (regions["centre_lat"].round(2) == regions["centre_lat"]).all()
        assert (regions["centre_lon"].round(2) == regions["centre_lon"]).all()
