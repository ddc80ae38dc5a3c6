import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.weather import indices


def days(*values):
    return xr.DataArray(np.array(values, float), {"time": pd.date_range("2026-01-01", periods=len(values))}, ["time"])


# cold: 2 days, then 5, then 3; -10 itself is not cold
TAS = days(-11, -12, -10, -11, -12, -13, -12, -11, 0, -15, -15, -15, 17, 20)


@pytest.mark.parametrize(
    ("index", "expected", "units"),
    [
        (indices.cold_spell_days, 5, "d"),
        (indices.cold_spell_frequency, 1, "1"),
        (indices.cold_spell_max_length, 5, "d"),
        (indices.cold_spell_total_length, 8, "d"),
    ],
)
def test_spells_are_counted_as_by_hand(index, expected, units):
    found = index(TAS)
    assert (int(found), found.attrs["units"], found.name) == (expected, units, index.__name__)


def test_window_and_threshold_can_be_chosen():
    assert int(indices.cold_spell_days(TAS, window=2)) == 10
    assert int(indices.cold_spell_frequency(TAS, window=1)) == 3
    assert int(indices.cold_spell_frequency(TAS, thresh_c=-14, window=3)) == 1
    assert int(indices.cold_spell_max_length(TAS, window=6)) == 0


def test_a_spell_at_the_end_counts_and_members_are_apart():
    both = xr.concat([days(0, 0, -11, -11, -11), days(-11, -11, 0, 0, 0)], "member")
    assert indices.cold_spell_total_length(both).to_numpy().tolist() == [3, 0]
    assert indices.cold_spell_max_length(both).dims == ("member",)


def test_heating_degree_days_add_up():
    found = indices.heating_degree_days(days(17, 20, 7, -13))
    assert (float(found), found.attrs["units"]) == (40, "K d")


def test_wind_chill_meets_the_published_table():
    t, v = xr.DataArray([-10.0, -20.0, -40.0, 0.0]), xr.DataArray([20.0, 40.0, 60.0, 5.0])
    assert indices.wind_chill(t, v).round().to_numpy().tolist() == [-18, -34, -64, -2]


def test_wind_chill_in_near_calm_is_the_short_formula_and_undefined_above_freezing():
    got = indices.wind_chill(xr.DataArray([-10.0, -10.0, 1.0]), xr.DataArray([0.0, 4.0, 30.0])).to_numpy()
    assert got[:2].tolist() == pytest.approx([-10, -10 + (-1.59 - 1.345) * 4 / 5])
    assert np.isnan(got[2])


def test_only_whole_days_have_a_mean_and_they_may_be_local():
    hours = pd.date_range("2026-01-01 22:00", periods=50, freq="h")
    data = xr.DataArray(np.arange(50.0), {"time": hours}, ["time"])
    utc, local = indices.daily_mean(data), indices.daily_mean(data, utc_offset_h=2)
    assert utc.to_numpy().tolist() == [13.5, 37.5]
    assert local.to_numpy().tolist() == [11.5, 35.5]
    assert str(local["time"].to_numpy()[0]).startswith("2026-01-02")
    with pytest.raises(gm.InputError, match="a whole day"):
        indices.daily_mean(data[:10])


CASE = Path(__file__).parents[1] / "cases" / "indices-xclim"
XCLIM = json.loads((CASE / "xclim.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("asked", XCLIM["asked"], ids=lambda asked: " ".join(map(str, asked.values())))
def test_indices_are_those_of_xclim(asked):
    table = pd.read_csv(CASE / "daily.csv", index_col="time")
    tas = xr.DataArray(table.to_numpy(), dims=["time", "series"])
    options = {key: value for key, value in asked.items() if key != "index"}
    expected = XCLIM["indices"][" ".join(map(str, asked.values()))]
    assert list(expected) == list(table.columns)
    assert len(set(expected.values())) > 3
    got = getattr(indices, asked["index"])(tas, **options).to_numpy()
    assert got == pytest.approx(np.array(list(expected.values())), abs=1e-9)


def test_wind_chill_is_that_of_xclim():
    wind = pd.read_csv(CASE / "wind.csv")
    got = indices.wind_chill(xr.DataArray(wind["tas_c"].to_numpy()), xr.DataArray(wind["wind_km_per_h"].to_numpy()))
    expected = np.array(XCLIM["wind_chill_c"], dtype=float)
    assert np.isnan(expected).sum() == (wind["tas_c"] > 0).sum()
    assert got.to_numpy() == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_the_cold_wave_of_2026_is_cold():
    found = indices.all_indices(gm.load_weather("cold-wave-2026"), utc_offset_h=2).sel(region="UA-30")
    assert int(found["cold_spell_total_length"]) >= int(found["cold_spell_days"]) > 0
    assert float(found["heating_degree_days"]) == pytest.approx(63 * 17 + 6.4 * 59 - 4, abs=60)
