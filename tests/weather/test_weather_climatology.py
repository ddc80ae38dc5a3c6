"""Generated winters beside stations (`tests/cases/station-extremes`) and beside closed forms of their law."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import LONG

import gridmodel as gm
from gridmodel.errors import Problems
from gridmodel.inputs.files import ROOT
from gridmodel.weather.generator import extremes, generate
from gridmodel.weather.generator.anomalies import remembered, remembered_transposed, skewed, unskewed
from gridmodel.weather.generator.climate import climate_of, period
from gridmodel.weather.generator.extremes import return_levels
from gridmodel.weather.generator.tables import find_climate
from gridmodel.weather.indices import daily_mean
from gridmodel.weather.regions import distance_km

CASE = Path(__file__).parents[1] / "cases" / "station-extremes"
CLIMATE = ROOT / "networks" / "ukraine" / "climate"
NORMS = pd.read_csv(CLIMATE / "norms.csv", index_col="site")
SHARED = pd.read_csv(CLIMATE / "parameters.csv", index_col="name")["value"]
REGION = pd.read_csv(CLIMATE / "sites.csv").drop_duplicates("site").set_index("site")["region"]
SITES = ["Kyiv", "Odesa", "Lviv", "Kharkiv", "Uzhhorod", "Luhansk"]
ALLOWED_K = {12.5: 2.0, 50: 3.4}
"""Twice the standard error of a level that some fifty winters tell, by its return period. [K]"""


@pytest.fixture(scope="module")
def winters():
    """December to February of 800 winters at six sites."""
    regions = [str(REGION[site]) for site in SITES]
    data = gm.generate_weather("2025-11-30T22:00", "2026-02-28T22:00", members=800, seed=7, regions=regions)
    return data.assign_coords(region=SITES)


@pytest.fixture(scope="module")
def january(winters):
    """Anomalies of the local days of January in standard deviations, shape ``(member, day, site)``."""
    days = daily_mean(winters.astype(float), utc_offset_h=2).sel(time="2026-01").to_numpy()
    return (days - days.mean(axis=0)) / days.std(axis=(0, 1))


@pytest.fixture(scope="module")
def law():
    """Anomalies of 8,000 Januaries at five sites in standard deviations, without hours, ``(member, day, site)``."""
    climate = climate_of(period("2026-01-02", "2026-02-01", Problems()), find_climate())
    rng = np.random.default_rng(3)
    inside = (climate.days >= np.datetime64("2026-01-01")) & (climate.days < np.datetime64("2026-02-01"))
    blocks = [
        climate.anomalies(climate.swings(*rng.standard_normal((2, 1000, *climate.mean_c.shape))))[:, inside, ::5]
        for _ in range(8 if LONG else 4)
    ]
    return np.concatenate(blocks) / climate.sd_k[inside, ::5]


@pytest.fixture(autouse=True, scope="module")
def few_winters():
    """A third of the winters that levels are counted in: their errors stay far below those of stations."""
    with pytest.MonkeyPatch.context() as patch:
        extremes._lowest.cache_clear()
        patch.setattr(extremes, "WINTERS", extremes.WINTERS if LONG else 1_500)
        yield
    extremes._lowest.cache_clear()


def levels(climate=None):
    """Levels of the stations' rows and ours, as departures from the January of either. [K]"""
    table = pd.read_csv(CASE / "levels.csv")
    table["station_k"] = table["level_c"] - table["january_c"]
    for (days, years), rows in table.groupby(["days", "winters"]):
        regions = [str(REGION[site]) for site in rows["site"]]
        found = return_levels(int(days), return_period_years=float(years), regions=regions, climate=climate)
        norm = NORMS.loc[rows["site"], "jan_mean_c"].to_numpy()
        table.loc[rows.index, "ours_k"] = found["level_c"].to_numpy() - norm
    return table.assign(miss_k=table["ours_k"] - table["station_k"])


@pytest.mark.gate  # at each edit: spread of months
def test_levels_of_12_and_50_winters_lie_as_far_below_the_norm_as_those_of_stations():
    table = levels().query("confidence == 'high'")
    assert len(table) == 24
    assert (table["miss_k"].abs() <= table["winters"].map(ALLOWED_K)).all(), table
    for keys, rows in table.groupby(["days", "winters"]):
        assert abs(rows["miss_k"].mean()) < 1, keys


def test_design_temperatures_are_levels_of_12_and_a_half_winters_of_a_colder_january():
    table = levels().query("days == 5 and winters == 12.5")
    assert len(table) == len(NORMS)
    assert abs(table["miss_k"].mean()) < 1
    assert (table["miss_k"].abs() < ALLOWED_K[12.5] + 1).all(), table  # most are within 1 K of a printed table


@pytest.mark.long
def test_a_cold_side_as_narrow_as_the_warm_one_is_too_mild_for_the_stations(tmp_path):
    shutil.copytree(CLIMATE, tmp_path / "climate")
    shared = pd.read_csv(CLIMATE / "parameters.csv")
    shared.loc[shared["name"] == "cold_side_spread", "value"] = 1.0
    shared.to_csv(tmp_path / "climate" / "parameters.csv", index=False)
    table = levels(climate=tmp_path).query("confidence == 'high'")
    assert table["miss_k"].mean() > 2


@pytest.mark.gate  # at each edit: levels of winters
def test_records_of_a_century_are_the_lowest_hours_of_a_hundred_generated_winters():
    table = pd.read_csv(CASE / "records.csv", index_col="site")
    regions = [str(REGION[site]) for site in table.index]
    count = 1500 if LONG else 300
    data = gm.generate_weather("2025-12-01", "2026-03-01", members=count, seed=11, regions=regions)
    hundred = (
        np.sort(data.to_numpy().min(axis=1), axis=0)[count // 100 - 1] - NORMS.loc[table.index, "jan_mean_c"].to_numpy()
    )
    miss = hundred - (table["lowest_c"] - table["january_c"]).to_numpy()
    assert np.abs(miss).max() < 4.5  # the lowest of a hundred winters scatters by some 2 K
    assert abs(miss.mean()) < 2


@pytest.mark.parametrize(
    "row", list(pd.read_csv(CASE / "months.csv").itertuples()), ids=lambda row: f"{row.site}-{row.month}"
)
def test_spread_of_months_and_their_lowest_hours_are_those_of_stations(winters, row):
    part = winters.sel(region=row.site)[:, winters["time"].dt.month == row.month].astype(float)
    means, lowest = part.mean("time"), part.min("time") - part.mean("time")
    assert float(means.std()) == pytest.approx(row.sd_of_mean_k, rel=2 / np.sqrt(2 * 44))
    assert float(lowest.mean()) == pytest.approx(row.lowest_below_mean_k, abs=1.3)
    assert float(lowest.std()) == pytest.approx(row.sd_of_lowest_below_mean_k, rel=0.4)


def test_months_and_lowest_hours_of_two_cities_are_as_alike_as_at_stations(winters):
    shape = pd.read_csv(CASE / "shape.csv", index_col="quantity")
    part = winters.sel(time="2026-01", region=["Kyiv", "Odesa"]).astype(float)
    means, lowest = part.mean("time").to_numpy(), part.min("time").to_numpy()
    for name, values in (("monthly means", means), ("lowest hours of a month", lowest)):
        row = shape.loc[f"correlation of {name}, Kyiv and Odesa"]
        assert np.corrcoef(values.T)[0, 1] == pytest.approx(row["value"], abs=row["standard_error"]), name
    kyiv = (means[:, 0] - means[:, 0].mean()) / means[:, 0].std()
    row = shape.loc["skewness of the mean of January, Kyiv"]
    assert float((kyiv**3).mean()) == pytest.approx(row["value"], abs=2 * row["standard_error"])


def test_a_winter_as_cold_as_that_of_2025_26_comes_about_once_in_ten(winters):
    seen = pd.read_csv(CASE / "winter-2025-26.csv", index_col="quantity")["value"]
    kyiv = winters.sel(region="Kyiv").astype(float)
    as_cold = float((kyiv.mean("time") <= seen["mean of December to February, degC"]).mean())
    # two such winters in sixteen: from 0.016 to 0.38 by the binomial distribution (95 %, both tails)
    assert 0.016 < as_cold < 0.38
    lowest = float((kyiv.min("time") <= seen["lowest hour, degC"]).mean())
    assert 0.1 < lowest < 0.5


def alike(correlation):
    """Correlation of two skewed values whose normal values are so correlated, by integrals known in closed form."""
    spread = SHARED["cold_side_spread"]
    straight, bent = (1 + spread) / 2, (1 - spread) / 2  # the cold side is stretched: straight u + bent |u|
    both = 2 / np.pi * (np.sqrt(1 - correlation**2) + correlation * np.arcsin(correlation) - 1)
    return (straight**2 * correlation + bent**2 * both) / (straight**2 + bent**2 * (1 - 2 / np.pi))


def test_daily_values_of_two_cities_are_alike_by_their_distance(january):
    places = NORMS.loc[SITES, ["lat", "lon"]].to_numpy().T
    apart = distance_km(*places, *places)
    share = SHARED["slow_share"]
    slow, fast = (np.exp(-apart / SHARED[f"{name}correlation_length_km"]) for name in ("slow_", ""))
    wanted = alike(np.minimum(share * slow + (1 - share) * fast, 1.0))
    assert np.allclose(np.corrcoef(january.reshape(-1, len(SITES)).T), wanted, atol=0.03)
    assert wanted[0, 1] == pytest.approx(0.87, abs=0.01)  # Kyiv and Odesa, 440 km
    assert 0.6 < wanted[4, 5] < 0.75  # Uzhhorod and Luhansk, 1,250 km


@pytest.mark.parametrize("lag", [1, 2, 3, 5, 10, 20])
def test_a_day_resembles_the_days_before_as_slow_and_fast_swings_make_it(law, lag):
    share = SHARED["slow_share"]
    wanted = alike(share * SHARED["slow_memory"] ** lag + (1 - share) * SHARED["fast_memory"] ** lag)
    assert (law[:, lag:] * law[:, :-lag]).mean() == pytest.approx(wanted, abs=0.02)


def test_the_spectrum_falls_from_slow_to_fast_as_memory_makes_it(law):
    lags = np.arange(31)
    share = SHARED["slow_share"]
    memory = alike(np.minimum(share * SHARED["slow_memory"] ** lags + (1 - share) * SHARED["fast_memory"] ** lags, 1.0))
    matrix = memory[np.abs(lags[:, None] - lags)]
    waves = np.exp(2j * np.pi * np.outer(np.arange(16), lags) / 31)
    wanted = np.einsum("fd,de,fe->f", waves, matrix, waves.conj()).real / 31
    power = np.abs(np.fft.rfft(law, axis=1)) ** 2 / 31
    assert np.allclose(power.mean(axis=(0, 2)) / wanted, 1, atol=0.05)
    assert wanted[1] > 20 * wanted[15]


def test_the_memory_from_day_to_day_is_that_which_monthly_means_and_lowest_hours_tell(january):
    # an AR(1) that meets them in Kyiv and Odesa has 0.85 and 0.80
    for site in (0, 1):
        lag = np.corrcoef(january[:, 1:, site].ravel(), january[:, :-1, site].ravel())[0, 1]
        assert lag == pytest.approx(0.83, abs=0.03)


def test_a_skewed_value_has_mean_0_and_variance_1_and_can_be_undone():
    points = np.linspace(-9, 9, 20_001)
    weights = np.exp(-(points**2) / 2)
    weights /= weights.sum()
    for spread in (0.5, 1.0, 2.8):
        values = skewed(points, spread)
        assert np.sum(weights * values) == pytest.approx(0, abs=1e-6)
        assert np.sum(weights * values**2) == pytest.approx(1, abs=1e-6)
        assert np.allclose(unskewed(values, spread), points)
        assert (np.diff(values) > 0).all()
    # by hand for a spread of 3: m = -2 / sqrt(2 pi) = -0.797885, s^2 = 5 - 0.636620, s = 2.088870
    assert skewed(np.array([-2.0, 0.0, 2.0]), 3.0) == pytest.approx([-2.490397, 0.381970, 1.339426], abs=1e-5)


def test_ar1_days_and_their_transpose_fit_together():
    rng = np.random.default_rng(1)
    shocks, weights = rng.standard_normal((2, 1, 9, 3))
    forth = (weights * remembered(shocks, 0.7)).sum()
    assert (remembered_transposed(weights, 0.7) * shocks).sum() == pytest.approx(forth)


def test_days_are_those_of_streams_of_their_own_worked_out_one_by_one():
    tables = find_climate()
    hours = period("2026-01-10", "2026-01-14", Problems())
    climate = climate_of(hours, tables)
    count, sites = climate.mean_c.shape
    place = list(tables.norms["site"]).index("Odesa")
    shocks = {}
    for purpose in (2000, 2001, 2003):
        rng = np.random.default_rng(np.random.SeedSequence(5, spawn_key=(1, purpose)))
        shocks[purpose] = rng.standard_normal((len(hours) if purpose == 2001 else count, sites))
    lat, lon = (tables.norms[name].to_numpy() for name in ("lat", "lon"))
    apart = distance_km(lat, lon, lat, lon)
    swing = np.zeros(count)
    for purpose, memory, length, share in (
        (2003, "slow_memory", "slow_correlation_length_km", SHARED["slow_share"]),
        (2000, "fast_memory", "correlation_length_km", 1 - SHARED["slow_share"]),
    ):
        local = shocks[purpose] @ np.linalg.cholesky(np.exp(-apart / SHARED[length])).T[:, place]
        days = [local[0]]
        for shock in local[1:]:
            days.append(SHARED[memory] * days[-1] + np.sqrt(1 - SHARED[memory] ** 2) * shock)
        swing += np.sqrt(share) * np.array(days)
    spread = SHARED["cold_side_spread"]
    mean = (1 - spread) / np.sqrt(2 * np.pi)
    deviation = np.sqrt((1 + spread**2) / 2 - mean**2)
    anomaly = [(day * (spread if day < 0 else 1) - mean) / deviation for day in swing]
    wanted = climate.mean_c[:, place] + NORMS.loc["Odesa", "sigma_daily_jan_k"] * np.array(anomaly)
    noise = [SHARED["noise_sd_k"] * shocks[2001][0, place]]
    for shock in shocks[2001][1:, place]:
        noise.append(
            SHARED["noise_memory"] * noise[-1] + SHARED["noise_sd_k"] * np.sqrt(1 - SHARED["noise_memory"] ** 2) * shock
        )
    got = gm.generate_weather("2026-01-10", "2026-01-14", members=2, seed=5, regions=["UA-51"])[1, :, 0].astype(float)
    whole = slice(22, 22 + 72)  # three whole local days
    means = (got.to_numpy() - np.array(noise))[whole].reshape(3, 24).mean(axis=1)
    first = int((np.datetime64("2026-01-11") - climate.days[0]).astype(int))
    assert means == pytest.approx(wanted[first : first + 3], abs=1e-4)


def test_members_do_not_depend_on_how_many_are_worked_out_at_once(monkeypatch):
    given = pd.DataFrame({"UA-30": [-15.0]}, index=["2026-01-03"])
    span = {"start": "2026-01-01", "end": "2026-01-08", "seed": 3, "given": given}
    many = gm.generate_weather(**span, members=7)
    monkeypatch.setattr(generate, "_BLOCK", 3)
    assert many.equals(gm.generate_weather(**span, members=7))
    assert many[:2].equals(gm.generate_weather(**span, members=2))


def test_every_number_of_a_station_has_source_and_confidence():
    files = [*CASE.glob("*.csv")]
    assert files
    for path in files:
        table = pd.read_csv(path)
        assert table[["source", "confidence"]].notna().all(axis=None), path.name
        assert set(table["confidence"]) <= {"high", "medium", "low"}
