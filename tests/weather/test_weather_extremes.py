import numpy as np
import pandas as pd
import pytest
from conftest import LONG

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.weather.generator import extremes
from gridmodel.weather.generator.extremes import return_levels
from gridmodel.weather.indices import daily_mean

CLIMATE = ROOT / "networks" / "ukraine" / "climate"
REGIONS = ["UA-30", "UA-51", "UA-63"]


@pytest.fixture(autouse=True, scope="module")
def winters():
    """Fewer winters that levels are counted in; the error that a test allows follows their number."""
    with pytest.MonkeyPatch.context() as patch:
        extremes._lowest.cache_clear()
        patch.setattr(extremes, "WINTERS", extremes.WINTERS if LONG else 2_000)
        yield
    extremes._lowest.cache_clear()


@pytest.fixture(scope="module")
def coldest():
    """Lowest mean of one and of five local days of 700 winters that the generator draws, hourly noise included."""
    data = gm.generate_weather("2025-11-01", "2026-04-01", members=700 if LONG else 400, seed=9, regions=REGIONS)
    days = daily_mean(data, utc_offset_h=2).astype(float)
    return {count: days.rolling(time=count).mean().min("time").to_numpy() for count in (1, 5)}


@pytest.mark.parametrize("years", [2, 5, 10, 50])
@pytest.mark.parametrize("days", [1, 5])
@pytest.mark.gate  # at each edit: the example of `return_levels`
def test_one_generated_winter_in_so_many_is_colder_than_the_level(coldest, days, years):
    level = return_levels(days, return_period_years=years, regions=REGIONS)["level_c"].to_numpy()
    share, winters = 1 / years, len(coldest[days])
    sampling = np.sqrt(share * (1 - share) * (1 / winters + 1 / extremes.WINTERS))
    assert np.abs((coldest[days] < level).mean(axis=0) - share) == pytest.approx(0, abs=3 * sampling)


@pytest.fixture
def few_winters(monkeypatch):
    """A fifth of the winters that levels are counted in."""
    extremes._lowest.cache_clear()
    monkeypatch.setattr(extremes, "WINTERS", 2000)
    yield
    extremes._lowest.cache_clear()


@pytest.mark.gate  # at each edit: one generated winter in so many
def test_a_longer_return_period_is_colder_and_a_longer_spell_is_milder_everywhere(few_winters):
    by_years = [return_levels(5, return_period_years=years)["level_c"].to_numpy() for years in (2, 2.5, 10, 50, 100)]
    assert (np.diff(by_years, axis=0) < 0).all()
    by_days = [return_levels(days, return_period_years=10)["level_c"].to_numpy() for days in (1, 3, 5, 10)]
    assert (np.diff(by_days, axis=0) > 0).all()


@pytest.mark.gate  # at each edit: one generated winter in so many
def test_levels_are_those_of_the_seed_and_two_seeds_differ_by_their_standard_errors(few_winters):
    one, other = (return_levels(5, return_period_years=50, seed=seed) for seed in (0, 1))
    extremes._lowest.cache_clear()
    assert one.identical(return_levels(5, return_period_years=50, seed=0))
    assert one.sel(region=["UA-51"]).identical(return_levels(5, return_period_years=50, regions=["UA-51"]))
    gap = (one["level_c"] - other["level_c"]) / np.hypot(one["standard_error_k"], other["standard_error_k"])
    assert 0.2 < float(np.sqrt((gap**2).mean())) < 2.5
    assert 0.11 < float(one["standard_error_k"].mean()) < 0.45  # of 2,000 winters; of 10,000 less than half of it


def test_quantile_and_standard_error_of_evenly_spread_numbers_are_exact():
    even = ((np.arange(10_000) + 0.5) / 10_000)[:, None]
    level, error = extremes._quantile(even, 0.02)
    assert level[0] == pytest.approx(0.02, abs=1e-12)
    assert error[0] == pytest.approx(np.sqrt(0.02 * 0.98 / 10_000), abs=1e-12)


def test_design_temperatures_are_1_to_5_kelvin_colder_than_levels_of_12_5_years_as_the_help_says():
    table = pd.read_csv(CLIMATE / "norms.csv", index_col="site")["design_temperature_c"]
    sites = pd.read_csv(CLIMATE / "sites.csv")
    level = return_levels(5, return_period_years=12.5, regions=list(sites["region"]))["level_c"].to_numpy()
    gap = level - table[sites["site"]].to_numpy()
    assert gap.min() > 1
    assert gap.max() < 5


def test_a_spell_of_a_return_period_rests_at_its_level():
    span = {"start": "2026-01-07 22:00", "end": "2026-01-23 22:00", "regions": ["UA-30", "UA-51"]}
    data = gm.design_cold_spell(5, **span, return_period_years=50, seed=1)
    level = return_levels(5, return_period_years=50, regions=["UA-30", "UA-51"], seed=1)["level_c"]
    plateau = daily_mean(data, utc_offset_h=2).sel(time=slice("2026-01-14", "2026-01-18"))
    assert np.allclose(plateau, level)
    assert data.attrs["history"] == "design cold spell, plateau of 5 days of 50 years: seed 1"
    before = {"time": slice("2026-01-08", "2026-01-11T21")}
    assert np.allclose(data.sel(before), gm.design_cold_spell(5, **span).sel(before))


def test_what_has_no_level_is_said_all_at_once():
    with pytest.raises(gm.InputError) as caught:
        gm.design_cold_spell(31, start="2026-01-01", end="2026-01-11", return_period_years=float("nan"), seed=-1)
    assert [str(problem).split(":")[0] for problem in caught.value.problems] == [
        "end",
        "days",
        "return_period_years",
        "seed",
    ]
    with pytest.raises(gm.InputError, match="'101' must be from 2 to 100 years"):
        return_levels(5, return_period_years=101)
    with pytest.raises(gm.InputError, match="'UA-99' has no site"):
        return_levels(5, return_period_years=10, regions=["UA-99"])


@pytest.mark.gate  # at each edit: the example of `return_levels`, of fewer winters
def test_the_example_is_that_of_all_winters(monkeypatch):
    monkeypatch.setattr(extremes, "WINTERS", 10_000)
    extremes._lowest.cache_clear()
    levels = return_levels(5, return_period_years=10, regions=["UA-30"])
    assert levels.attrs["winters"] == 10_000
    assert round(float(levels["level_c"][0])) == -18
    extremes._lowest.cache_clear()
