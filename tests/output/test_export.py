import csv
import io
import json
import re

import netCDF4
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.export import FORMS
from gridmodel.output import export
from gridmodel.results.metrics import person_hours


def test_the_command_and_the_library_know_the_same_forms():
    assert tuple(export.FORMS) == FORMS


def test_the_table_has_units_under_its_header_and_the_sums_of_the_summary(january):
    rows = list(csv.DictReader(io.StringIO(export.as_csv(january))))
    assert rows[0]["person_hours_without_power"] == "h"
    assert rows[0]["energy_not_served"] == "MWh"
    assert len(rows) == 25
    total = sum(float(row["person_hours_without_heat"]) for row in rows[1:])
    assert total == pytest.approx(float(person_hours(january, "people_without_heat").mean()), rel=1e-5)
    kyiv = next(row for row in rows if row["region"] == "UA-30")
    assert kyiv["homes_12c_local"].startswith("2026-01-09")
    assert kyiv["homes_12c_local_p05"] < kyiv["homes_12c_local"]
    assert "Київ" in kyiv["region_name_uk"]


def test_the_table_has_what_is_typical_the_bad_case_and_chances_beside_its_means(january):
    header, units, *rows = csv.reader(io.StringIO(export.as_csv(january)))
    kyiv = dict(zip(header, next(row for row in rows if row[0] == "UA-30"), strict=True))
    hours = gm.metrics.hours_without_power_per_day(january).sel(region="UA-30").to_numpy()
    middle, bad = np.quantile(hours, (0.5, 0.95))
    assert float(kyiv["hours_without_power_per_day"]) == pytest.approx(hours.mean(), rel=1e-5)
    assert float(kyiv["hours_without_power_per_day_p50"]) == pytest.approx(middle, rel=1e-5)
    assert float(kyiv["hours_without_power_per_day_p95"]) == pytest.approx(bad, rel=1e-5)
    assert int(kyiv["members_over_12_h"]) == (hours > 12).sum()
    assert int(kyiv["members"]) == 10
    at = header.index("hours_without_power_per_day")
    assert header[at + 1 : at + 3] == ["hours_without_power_per_day_p50", "hours_without_power_per_day_p95"]
    assert units[at : at + 3] == ["h d-1"] * 3
    assert len(set(header)) == len(header)
    causes = [name for name in header if name.startswith("person_hours_without_heat_source_damaged")]
    assert len(causes) <= 1  # only means add up


def test_humanitarian_data_carry_a_tag_for_every_column(january):
    header, tags = list(csv.reader(io.StringIO(export.as_hxl(january))))[:2]
    assert len(header) == len(tags) == len(set(tags))
    assert all(re.fullmatch(r"#[a-z][a-z0-9]*(\+[a-z][a-z0-9_]*)*", tag) for tag in tags)
    assert tags[:2] == ["#adm1+code", "#adm1+name"]
    known = {*export.HXL, "region_name_uk"}
    assert all(re.sub(r"_p\d\d$", "", name) in known or "_local" in name for name in header)
    by_name = dict(zip(header, tags, strict=True))
    assert by_name["energy_not_served_p95"] == by_name["energy_not_served"] + "+p95"
    assert by_name["homes_12c_local_p05"] == "#date+heat+deadline+p05"


@pytest.mark.gate  # at each edit: names in languages, in `test_languages.py`
def test_names_of_regions_are_exported_in_every_language_of_the_result(january):
    both = january.assign_coords(region_name_kk=("region", [f"Қала {place}" for place in range(24)]))
    header, _, first = list(csv.reader(io.StringIO(export.as_csv(both))))[:3]
    assert header[1:5] == ["region_name", "region_name_kk", "region_name_uk", "population"]
    assert first[2] == "Қала 0"
    tags = dict(zip(*list(csv.reader(io.StringIO(export.as_hxl(both))))[:2], strict=True))
    assert tags["region_name_kk"] == "#adm1+name+i_kk"
    assert tags["region_name_uk"] == "#adm1+name+i_uk"
    assert tags["region_name"] == "#adm1+name"
    properties = json.loads(export.as_geojson(both))["features"][0]["properties"]
    assert properties["region_name_kk"] == "Қала 0"
    without = csv.reader(io.StringIO(export.as_csv(january.drop_vars("region_name_uk"))))
    assert next(without)[1:3] == ["region_name", "population"]


def test_regions_are_points_at_their_centres(january):
    data = json.loads(export.as_geojson(january))
    kyiv = next(one for one in data["features"] if one["id"] == "UA-30")
    lon, lat = kyiv["geometry"]["coordinates"]
    assert (round(lon), round(lat)) == (31, 50)
    assert kyiv["properties"]["person_hours_without_power"] > 0
    assert (
        json.loads(export.as_geojson(january.drop_vars(["centre_lat", "centre_lon"])))["features"][0]["geometry"]
        is None
    )


@pytest.mark.gate  # at each edit: the file of a run follows CF, in `test_run_folder.py`
def test_the_netcdf_follows_cf_as_a_plain_reader_sees_it(january, tmp_path):
    export.write_netcdf(january, tmp_path / "x.nc")
    with netCDF4.Dataset(tmp_path / "x.nc") as data:
        assert data.Conventions.startswith("CF-")
        assert data["time"].units.startswith("minutes since 2026-01-07")
        assert data["time"].calendar == "proleptic_gregorian"
        assert data["time"].bounds == "time_bounds"
        assert data["time_bounds"].shape == (504, 2)
        assert data["centre_lat"].units == "degrees_north"
        assert data["people_without_power"].cell_methods == "time: mean"
        assert data["people_without_power"].comment == "Mean over members"
        assert "centre_lat" in data["people_without_power"].coordinates
        for variable in data.variables.values():
            assert variable.dtype is not object
        for name in ("people_without_power", "people_without_power_p05", "outdoor_temperature"):
            assert data[name].units
            assert data[name].long_name
    with xr.open_dataset(tmp_path / "x.nc") as again:
        assert (again["people_without_power_p05"] <= again["people_without_power_p50"]).all()
        assert (again["people_without_power_p50"] <= again["people_without_power_p95"]).all()
        middle = january["people_without_power"].median("member").to_numpy()
        assert again["people_without_power_p50"].to_numpy() == pytest.approx(middle)
        want = january["people_without_power"].mean("member")
        assert again["people_without_power"].to_numpy() == pytest.approx(want.to_numpy())
        assert np.isfinite(again["people_without_power"]).all()


@pytest.mark.parametrize(
    ("value", "want"),
    [(1234567.8, "1234568"), (0.1234567, "0.123457"), (float("nan"), ""), ("a", "a")],
)
def test_cells_are_short(value, want):
    assert export._cell(value) == want


@pytest.mark.gate  # at each edit: each form by itself
def test_the_command_writes_every_form_and_says_what_it_cannot(run_of_three, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def cli(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    for form in FORMS:
        cli("export", str(run_of_three), form, "-o", form)
        assert (tmp_path / form).stat().st_size > 500
        assert "cannot be written" in cli("export", str(run_of_three), form, "-o", "no/x", code=1).stderr
    cli("export", str(run_of_three), "xls", "-o", "x", code=2)
    with pytest.raises(gm.InputError, match="nearest: netcdf"):
        export.export(xr.Dataset(), "netcd", tmp_path / "x")


ENDINGS = [
    ("export {run} csv -o x.docx", "x.docx", ".csv for csv"), ("export {run} hxl -o x.xlsx", "x.xlsx", ".csv for hxl"),
    ("export {run} geojson -o x.csv", "x.csv", ".geojson or .json for geojson"),
    ("export {run} cap -o x.html", "x.html", ".xml or .cap for cap"),
    ("export {run} trigger -o x.docx", "x.docx", ".html or .htm for trigger"),
    ("export {run} netcdf -o x.csv", "x.csv", ".nc for netcdf"), ("report {run} -o x.pdf", "x.pdf", ".html or .htm"),
    ("report {run} --region TR-1 -o x.docx", "x.docx", ".html or .htm"),
    ("compare {run} three-region --html x.pdf", "x.pdf", ".html or .htm"),
    ("plan three-region options.csv --html x.csv", "x.csv", ".html or .htm"),
    ("quantiles {run} shed_mw -o x.csv", "x.csv", ".nc"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "file", "wanted"), ENDINGS)
def test_a_file_whose_ending_is_of_something_else_is_refused_with_what_is_allowed(
    run_of_three, tmp_path, monkeypatch, words, file, wanted
):
    monkeypatch.chdir(tmp_path)
    got = CliRunner().invoke(main, words.format(run=run_of_three).split())
    assert got.exit_code == 1
    assert f"error: {file}: must end in {wanted}, or have no ending\n" in got.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["X.CSV", "x", "/dev/full"])
def test_endings_in_capitals_names_without_one_and_devices_are_taken(run_of_three, tmp_path, monkeypatch, file):
    monkeypatch.chdir(tmp_path)
    got = CliRunner().invoke(main, ["export", str(run_of_three), "csv", "-o", file])
    assert "must end" not in got.stderr
    assert (got.exit_code == 0) == (not file.startswith("/dev"))


def test_every_form_has_an_ending():
    assert tuple(export.ENDINGS) == FORMS


def test_a_watched_run_shows_where_it_is(three):
    from rich.console import Console

    from gridmodel.commands.said import Said
    from gridmodel.commands.watch import Watch
    from gridmodel.simulation.inputs import run_inputs

    console = Console(width=80, record=True, file=io.StringIO())
    console.print(Watch(run_inputs(three())).picture(6, 24, 3.0))
    text = console.export_text()
    assert "6 of 24" in text
    assert "2026-01-05 05:00" in text
    assert "about 9 s" in text
    console.print(Watch(run_inputs(three()), Said("uk")).picture(6, 24, 3.0))
    told = console.export_text()
    assert "6 з 24" in told
    assert "близько 9 с" in told
    assert not re.search("[a-z]{3}", told.replace("Three regions by hand", "").replace(three().name, ""))


@pytest.mark.gate  # at each edit: a watched run shows where it is
def test_watching_without_a_terminal_prints_nothing_more(tmp_path):
    got = CliRunner().invoke(
        main, ["run", "three-region", "--watch", "-o", str(tmp_path / "x")], catch_exceptions=False
    )
    assert (got.exit_code, got.stderr) == (0, "")
