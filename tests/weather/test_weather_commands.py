import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.weather.generator import extremes


@pytest.fixture
def cli(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*args, code=0):
        got = CliRunner().invoke(main, ["weather", *args], catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    return call


@pytest.fixture
def era5(tmp_path):
    hours = pd.date_range("2026-01-08", periods=72, freq="h")
    lat, lon = np.arange(53.0, 43.0, -1.0), np.arange(21.0, 41.0)
    values = np.full((72, len(lat), len(lon)), 258.15)
    coords = {"valid_time": hours, "latitude": lat, "longitude": lon}
    data = xr.Dataset({"t2m": (("valid_time", "latitude", "longitude"), values, {"units": "K"})}, coords)
    data.to_netcdf(tmp_path / "era5.nc", engine="netcdf4")
    return "era5.nc"


def test_show_prints_indices(cli, era5):
    got = cli("show", era5, "--regions", "ukraine", "--json")
    region = json.loads(got.stdout)["regions"]["UA-30"]
    assert region["mean_c"] == -15
    assert region["indices"] == {"cold_spell_days": 0, "cold_spell_frequency": 0, "cold_spell_max_length": 3,
                                 "cold_spell_total_length": 3, "heating_degree_days": 96}  # fmt: skip
    text = cli("show", "cold-wave-2026").stdout
    assert "Indices of cold" in text
    assert "degree-days" in text


def test_check_lists_every_problem_and_exits_1(cli, tmp_path):
    (tmp_path / "bad.csv").write_text("time,A\n2026-01-08T00:00Z,cold\n2026-01-08T01:00Z,\n2026-01-08T02:00Z,1\n")
    got = cli("check", "bad.csv", code=1)
    assert "bad.csv:2: A: 'cold' is not a number" in got.stderr
    assert "bad.csv:3: A: is empty" in got.stderr
    assert "2 problems" in got.stderr
    listed = json.loads(cli("check", "bad.csv", "--json", code=1).stdout)["problems"]
    assert [(p["row"], p["field"], p["severity"]) for p in listed] == [(2, "A", "error"), (3, "A", "error")]


def test_check_of_a_good_file_says_what_it_holds_and_warns(cli, tmp_path, era5):
    assert (
        "can be used: hourly, 2026-01-08T00:00 to 2026-01-10T23:00 UTC, 24 regions"
        in cli("check", era5, "--regions", "ukraine").stdout
    )
    (tmp_path / "a.csv").write_text("time,temp\n2026-01-08T00:00,-1\n2026-01-08T01:00,-2\n")
    got = cli("check", "a.csv")
    assert "warning: a.csv: temp: has no unit: read as degC" in got.stderr
    found = json.loads(cli("check", "a.csv", "--json").stdout)
    assert found["problems"][0]["severity"] == "warning"


@pytest.mark.parametrize("out", ["mine.csv", "mine.nc"])
def test_convert_writes_a_file_that_is_read_again(cli, era5, out):
    assert f"Wrote {out}: 72 hours, 24 regions" in cli("convert", era5, out, "--regions", "ukraine").stdout
    data = gm.load_weather(out)
    assert data.sizes == {"time": 72, "region": 24}
    assert np.allclose(data, -15)


def test_convert_fills_on_request_and_records_it(cli, tmp_path):
    (tmp_path / "gap.csv").write_text("time,A\n2026-01-08T00:00Z,-10\n2026-01-08T03:00Z,-13\n")
    assert "does not follow" in cli("convert", "gap.csv", "out.nc", code=1).stderr
    assert not (tmp_path / "out.nc").exists()
    assert "2 missing hours filled" in cli("convert", "gap.csv", "out.nc", "--fill", "linear").stderr
    assert "2 missing hours filled" in gm.load_weather("out.nc").attrs["history"]
    assert (
        "is missing for 2 hours"
        in cli("convert", "gap.csv", "b.nc", "--fill", "linear", "--fill-limit-h", "1", code=1).stderr
    )


def test_one_place_is_named(cli, tmp_path):
    (tmp_path / "isd.csv").write_text(
        'STATION,DATE,TMP\n1,2026-01-08T00:00:00,"-0100,1"\n1,2026-01-08T01:00:00,"-0110,1"\n'
    )
    cli("convert", "isd.csv", "out.csv", "--region", "UA-30")
    assert (tmp_path / "out.csv").read_text() == "time,UA-30\n2026-01-08T00:00Z,-10.00\n2026-01-08T01:00Z,-11.00\n"


def test_what_cannot_be_written_is_said(cli, era5):
    assert "must end in .csv or .nc" in cli("convert", era5, "out.txt", "--regions", "ukraine", code=1).stderr
    assert "is not an existing folder" in cli("convert", era5, "no/out.csv", "--regions", "ukraine", code=1).stderr
    span = ("--start", "2026-01-01", "--end", "2026-01-03", "--members", "2")
    assert "cannot contain several members" in cli("generate", "out.csv", *span, code=1).stderr


def test_generate_writes_members_or_one_series_or_a_design_cold_spell(cli):
    span = ("--start", "2026-01-01", "--end", "2026-01-03", "--seed", "3")
    cli("generate", "many.nc", *span, "--members", "3")
    cli("generate", "one.csv", *span, "--regions", "ukraine")
    many, one = gm.load_weather("many.nc"), gm.load_weather("one.csv")
    assert many.sizes == {"member": 3, "time": 48, "region": 25}
    assert np.allclose(many.isel(member=0).sel(region="UA-30"), one.sel(region="UA-30"), atol=0.006)
    assert "3 members" in cli("show", "many.nc").stdout
    cli("generate", "spell.csv", "--start", "2026-01-01", "--end", "2026-01-15", "--design-cold-spell", "5")
    assert float(gm.load_weather("spell.csv").sel(region="UA-30").min()) == -25
    assert (
        "must be from November"
        in cli("generate", "x.nc", "--start", "2026-06-01", "--end", "2026-06-02", code=1).stderr
    )


@pytest.mark.parametrize("name", ["design-cold-spell", "mild-january"])
def test_the_scenarios_of_design_run(name):
    scenario = gm.load_scenario(name)
    result = gm.run(scenario.replace(members=1, end=scenario.start + pd.Timedelta(days=1)))
    assert float(result["shed_mw"].min()) >= 0


def test_a_cold_spell_of_a_return_period_is_written_and_is_one_series(cli, tmp_path, monkeypatch):
    extremes._lowest.cache_clear()
    monkeypatch.setattr(extremes, "WINTERS", 1_000)
    span = ("--start", "2026-01-07T22:00", "--end", "2026-01-22T22:00", "--regions", "ukraine")
    cli("generate", "fifty.csv", *span, "--return-period", "50")
    cli("generate", "ten.csv", *span, "--return-period", "10", "--design-cold-spell", "5")
    fifty, ten = (pd.read_csv(tmp_path / name, index_col=0) for name in ("fifty.csv", "ten.csv"))
    assert (fifty.min() < ten.min()).all()
    assert fifty.shape == (360, 24)
    said = cli("generate", "draws.nc", *span, "--return-period", "10", "--members", "3", code=1).stderr
    assert "members: '3' must be 1: a cold spell is one series" in said
    assert "must be from 2 to 100 years" in cli("generate", "x.csv", *span, "--return-period", "1", code=1).stderr
    assert not (tmp_path / "x.csv").exists()
    extremes._lowest.cache_clear()
