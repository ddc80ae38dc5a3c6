import numpy as np
import pandas as pd
import pytest

import gridmodel as gm
from gridmodel.errors import Problems
from gridmodel.inputs.files import ROOT
from gridmodel.weather.generator.climate import climate_of, period
from gridmodel.weather.generator.tables import find_climate
from gridmodel.weather.indices import daily_mean

CLIMATE = ROOT / "networks" / "ukraine" / "climate"


@pytest.fixture(scope="module")
def winters():
    return gm.generate_weather("2025-11-15", "2026-03-15", members=300, seed=1, regions=["UA-30"])


def test_the_mean_is_the_norm_and_the_daily_range_is_the_observed_one(winters):
    january = winters.sel(region="UA-30", time="2026-01").astype(float)
    norm = pd.read_csv(CLIMATE / "norms.csv", index_col="site").loc["Kyiv"]
    error = 3 * norm["sd_monthly_jan_k"] / np.sqrt(300)
    assert float(january.mean()) == pytest.approx(norm["jan_mean_c"], abs=error)
    days = january.to_numpy().reshape(300, 31, 24)
    assert float(np.ptp(days, axis=2).mean()) == pytest.approx(norm["daily_range_jan_k"], abs=0.3)
    assert int(days.mean(axis=(0, 1)).argmin()) == 4  # 06:30 local time


def test_ten_members_are_the_first_of_twenty_and_the_seed_counts():
    span = {"start": "2026-01-01", "end": "2026-01-05"}
    few = gm.generate_weather(**span, members=2, seed=3)
    assert few.equals(gm.generate_weather(**span, members=4, seed=3)[:2])
    assert not few.equals(gm.generate_weather(**span, members=2, seed=4))
    assert few.dims == ("member", "time", "region")
    assert few.sizes["region"] == 25
    assert few.attrs["units"] == "degC"


def test_a_regions_weather_does_not_depend_on_what_else_is_asked_for():
    span = {"start": "2026-01-01", "end": "2026-01-05", "seed": 3}
    alone = gm.generate_weather(**span, regions=["UA-51"])
    assert alone.equals(gm.generate_weather(**span).sel(region=["UA-51"]))


def test_given_daily_means_are_met_and_the_rest_follows():
    days = pd.date_range("2026-01-10", periods=3)
    given = pd.DataFrame({"UA-30": [-20.0, np.nan, -18.0]}, index=days)
    span = {"start": "2026-01-01", "end": "2026-01-25", "members": 200, "seed": 5}
    data = gm.generate_weather(**span, given=given)
    means = daily_mean(data.astype(float), utc_offset_h=2)
    kyiv = means.sel(region="UA-30")
    assert np.allclose(kyiv.sel(time="2026-01-10"), -20, atol=1e-4)
    assert np.allclose(kyiv.sel(time="2026-01-12"), -18, atol=1e-4)
    assert -21 < float(kyiv.sel(time="2026-01-11").mean()) < -16
    free = daily_mean(gm.generate_weather(**span).astype(float), utc_offset_h=2)
    assert float((means - free).sel(region="UA-51", time="2026-01-11").mean()) < -8
    moved = (means - free).sel(region="UA-30").mean("member")
    assert abs(float(moved.sel(time="2026-01-24"))) < abs(float(moved.sel(time="2026-01-12"))) / 3


def test_conditioning_uses_the_covariance_of_the_draws():
    hours = period("2025-12-20", "2026-01-10", Problems())
    climate = climate_of(hours, find_climate())
    shape = climate.mean_c.shape
    one = np.zeros((1, *shape))
    one[0, 12, 0] = 1.0
    reach = climate.covariance(one)[0]
    rng = np.random.default_rng(0)
    draws = climate.swings(*rng.standard_normal((2, 4000, *shape)))
    sample = np.einsum("n,nds->ds", draws[:, 12, 0], draws) / len(draws)
    assert np.allclose(sample, reach, atol=4 / np.sqrt(4000))
    assert reach[12, 0] == pytest.approx(1)


@pytest.mark.gate  # at each edit: means and ranges of what is generated
def test_the_law_of_a_conditioned_day_is_that_of_the_draws_that_happen_to_meet_the_condition():
    span = {"start": "2026-01-06", "end": "2026-01-16", "regions": ["UA-30", "UA-51"]}
    given = pd.DataFrame({"UA-30": [-16.0]}, index=["2026-01-10"])
    bent = daily_mean(gm.generate_weather(**span, members=1500, seed=1, given=given).astype(float), utc_offset_h=2)
    free = daily_mean(gm.generate_weather(**span, members=6000, seed=2).astype(float), utc_offset_h=2)
    near = np.abs(free.sel(region="UA-30", time="2026-01-10") + 16).to_numpy() < 1
    found = free[near]
    assert near.sum() > 100
    for region, day in (("UA-30", "2026-01-12"), ("UA-51", "2026-01-10"), ("UA-51", "2026-01-12")):
        drawn, made = (data.sel(region=region, time=day).to_numpy() for data in (found, bent))
        error = 3 * drawn.std() / np.sqrt(near.sum())
        assert made.mean() == pytest.approx(drawn.mean(), abs=error + 0.1)
        assert made.std() == pytest.approx(drawn.std(), rel=0.25)


def test_the_design_cold_spell_rests_at_the_design_temperature():
    data = gm.design_cold_spell(5, start="2026-01-07 22:00", end="2026-01-23 22:00", regions=["UA-30", "UA-51"])
    days = daily_mean(data, utc_offset_h=2)
    climate = pd.read_csv(CLIMATE / "norms.csv", index_col="site").loc[["Kyiv", "Odesa"]]
    plateau = days.sel(time=slice("2026-01-14", "2026-01-18"))
    assert np.allclose(plateau, climate["design_temperature_c"])
    assert np.allclose(days.sel(time=slice("2026-01-08", "2026-01-11")), climate["jan_mean_c"])
    kyiv = days.sel(region="UA-30").to_numpy()
    assert kyiv[4:6].tolist() == pytest.approx([-3.2 - 18.8 / 4, -3.2 - 18.8 * 3 / 4])
    assert kyiv[11:13].tolist() == pytest.approx([-3.2 - 18.8 * 3 / 4, -3.2 - 18.8 / 4])
    assert float(data.sel(region="UA-30").min()) == -25
    assert int(gm.weather.indices.cold_spell_max_length(days.sel(region="UA-30"))) == 7


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": "soon"}, "start: 'soon' is not a UTC time"),
        ({"end": "2025-12-01"}, "must be after the start"),
        ({"end": "2026-12-01"}, "must be in the same winter"),
        ({"start": "2026-03-01", "end": "2026-04-03"}, "must be from November to March"),
        ({"members": 0}, "members: '0' must be at least 1"),
        ({"members": 10**9}, "members x hours x regions at most"),
        ({"seed": -1}, "must not be negative"),
        ({"regions": ["UA-99"]}, "'UA-99' has no site"),
        ({"given": pd.DataFrame({"UA-30": [1.0]}, index=["2027-01-01"])}, "is not a whole local day of the period"),
        ({"given": pd.DataFrame({"XX": [1.0]}, index=["2026-01-03"])}, "'XX' is not generated"),
        ({"given": pd.DataFrame({"UA-30": [1.0], "UA-32": [2.0]}, index=["2026-01-03"])}, "given twice for the same site"),
    ],
)  # fmt: skip
def test_what_cannot_be_generated_is_said(changes, message):
    with pytest.raises(gm.InputError, match=message):
        gm.generate_weather(**({"start": "2026-01-01", "end": "2026-01-08"} | changes))


def test_a_spell_that_does_not_fit_is_said():
    with pytest.raises(gm.InputError, match="leaves 240 hours; a plateau of 5 days needs 312"):
        gm.design_cold_spell(5, start="2026-01-01", end="2026-01-11")
    with pytest.raises(gm.InputError, match="at least one day"):
        gm.design_cold_spell(0, start="2026-01-01", end="2026-01-11")
