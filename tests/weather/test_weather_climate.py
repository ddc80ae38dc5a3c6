import re
import shutil
import tomllib
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT, bundled
from gridmodel.network import read_network
from gridmodel.weather.generator.tables import find_climate

CLIMATE = ROOT / "networks" / "ukraine" / "climate"
SPAN = {"start": "2026-01-01", "end": "2026-01-15"}
TABLES = ("norms", "sites", "parameters")


@pytest.fixture
def country(tmp_path):
    """Write a made-up country of one region and one site, in a folder of its name, with changes to its tables."""

    def make(name="arctica", **changes):
        folder = tmp_path / name / "climate"
        shutil.copytree(CLIMATE, folder)
        kept = {each: pd.read_csv(folder / f"{each}.csv") for each in TABLES}
        kept["norms"] = kept["norms"].iloc[:1].assign(site="Base", jan_mean_c=-30.0, design_temperature_c=-50.0)
        kept["sites"] = kept["sites"].iloc[:1].assign(region="AR-1", site="Base")
        for each, table in kept.items():
            changes.get(each, lambda table: table)(table).to_csv(folder / f"{each}.csv", index=False)
        return folder.parent

    return make


def set_value(name, value):
    return lambda table: table.assign(value=table["value"].where(table["name"] != name, value))


def test_a_country_is_a_folder_of_tables(country):
    folder = country(parameters=set_value("utc_offset_h", -3))
    data = gm.generate_weather(**SPAN, climate=folder, members=20)
    assert list(data["region"].to_numpy()) == ["AR-1"]
    assert float(data.mean()) == pytest.approx(-30, abs=4)
    by_hour = data.astype(float).mean("member").groupby("time.hour").mean().to_numpy()
    assert int(by_hour[:, 0].argmin()) == 9  # 06:30 at UTC-3
    spell = gm.design_cold_spell(5, **SPAN, climate=folder)
    assert float(spell.min()) == -53
    level = gm.weather.return_levels(5, return_period_years=10, climate=folder)["level_c"]
    assert -60 < float(level[0]) < -35


def test_a_network_with_a_climate_of_its_own_is_generated_by_it(country, tmp_path):
    folder = country()
    pd.DataFrame({"id": ["AR-1"], "centre_lat": [70.0], "centre_lon": [0.0]}).to_csv(
        folder / "regions.csv", index=False
    )
    args = ("--start", "2026-01-01", "--end", "2026-01-03", "--regions", str(folder))
    got = CliRunner().invoke(main, ["weather", "generate", str(tmp_path / "a.csv"), *args], catch_exceptions=False)
    assert got.exit_code == 0, got.output
    assert float(gm.load_weather(tmp_path / "a.csv").mean()) < -15


def test_the_bundled_climate_is_found_by_its_regions_and_by_its_name():
    assert find_climate() == find_climate(["UA-30"]) == find_climate(network="ukraine")
    by_name = gm.generate_weather(**SPAN, regions=["UA-30"], climate="ukraine")
    assert by_name.equals(gm.generate_weather(**SPAN, regions=["UA-30"]))


def test_without_hourly_noise_temperature_moves_less_from_hour_to_hour(country):
    usual, calm = (
        np.abs(np.diff(gm.generate_weather(**SPAN, climate=folder).to_numpy()[0, :, 0])).max()
        for folder in (country("usual"), country("calm", parameters=set_value("noise_sd_k", 0)))
    )
    assert 0 < calm < 0.75 * usual


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameters": set_value("slow_memory", 1.5)}, r"parameters\.csv:6: slow_memory: '1\.5' must be from 0 to 0\.999"),
        ({"parameters": set_value("utc_offset_h", 5.5)}, r"parameters\.csv:2: utc_offset_h: '5\.5' must be a whole number"),
        ({"norms": lambda t: t.iloc[:0]}, r"norms\.csv: has no rows"),
        ({"parameters": lambda t: t.iloc[1:]}, r"parameters\.csv: utc_offset_h: is missing"),
        ({"parameters": lambda t: t.replace("noise_sd_k", "noise_sd")}, r"'noise_sd' is not a parameter \(nearest: noise_sd_k"),
        ({"sites": lambda t: t.assign(site="Bas")}, r"sites\.csv:2: site: 'Bas' has no norms: add it to norms\.csv \(nearest: Base"),
        ({"norms": lambda t: t.assign(sigma_daily_jan_k=0)}, r"norms\.csv:2: sigma_daily_jan_k"),
        ({"norms": lambda t: t.drop(columns="lat")}, r"norms\.csv:1: lat: is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_climate_is_said_with_its_line(country, changes, message):
    with pytest.raises(gm.InputError, match=message):
        gm.generate_weather(**SPAN, climate=country(**changes))


def test_a_network_without_a_climate_and_a_file_of_it_that_is_missing_are_said(country):
    with pytest.raises(gm.InputError, match="climate: 'three-region' has no climate"):
        gm.generate_weather(**SPAN, climate="three-region")
    folder = country()
    (folder / "climate" / "sites.csv").unlink()
    with pytest.raises(gm.InputError, match=r"climate/sites\.csv: cannot be read"):
        gm.generate_weather(**SPAN, climate=folder)


@pytest.mark.gate  # at each edit: a country is a folder of tables
def test_levels_follow_a_climate_that_was_edited(country):
    folder = country()
    before = gm.weather.return_levels(5, return_period_years=10, climate=folder)["level_c"]
    norms = pd.read_csv(folder / "climate" / "norms.csv")
    norms[["dec_mean_c", "jan_mean_c", "feb_mean_c"]] += 1
    norms.to_csv(folder / "climate" / "norms.csv", index=False)
    after = gm.weather.return_levels(5, return_period_years=10, climate=folder)["level_c"]
    assert float(after[0] - before[0]) == pytest.approx(1)


WITH_CLIMATE = [path for path in bundled("networks").values() if (path / "climate").is_dir()]


def test_the_network_of_ukraine_brings_a_climate():
    assert CLIMATE.parent in WITH_CLIMATE


def test_every_row_of_a_bundled_climate_has_source_and_confidence():
    for folder in (path / "climate" for path in WITH_CLIMATE):
        for name in TABLES:
            table = pd.read_csv(folder / f"{name}.csv")
            assert table[["source", "confidence"]].notna().all(axis=None), name
            assert set(table["confidence"]) <= {"high", "medium", "low", "assumed"}


def test_local_days_of_the_climate_are_winter_time_of_the_network():
    for path in WITH_CLIMATE:
        zone = tomllib.loads((path / "network.toml").read_text(encoding="utf-8"))["timezone"]
        ahead = datetime(2026, 1, 8, tzinfo=ZoneInfo(zone)).utcoffset()
        assert find_climate(network=path).utc_offset_h == ahead / timedelta(hours=1)


@pytest.mark.parametrize("network", ["ukraine", "ukraine-2021"])
def test_the_sites_of_the_climate_are_the_weather_sites_of_the_regions(network):
    regions = read_network(network).tables["regions"]
    site_of = find_climate(regions["id"]).site_of
    assert regions["weather_site"].tolist() == [site_of[region] for region in regions["id"]]


def test_the_code_of_the_generator_knows_no_country():
    files = [*(ROOT / "gridmodel" / "weather" / "generator").glob("*.py")]
    assert files
    for path in files:
        text = "\n".join(line for line in path.read_text().splitlines() if ">>>" not in line)
        assert not re.search(r"Ukrain|Kyiv|Odesa|DSTU|UA-\d\d|1991|GSOM", text), path.name
