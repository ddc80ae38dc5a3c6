"""Times of NetCDF as others write them: zones, rounding, forecasts by step; and cells that miss an hour."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm

HOURS = 48
CENTRES = pd.DataFrame({"id": ["A"], "centre_lat": [50.0], "centre_lon": [30.0]})
COLD = -10.0 + np.arange(HOURS) / 10.0
"""Of the cell at the centre; the cells beside it are 20 K warmer."""


def grid(hours=None, units="hours since 2026-01-01", calendar="standard"):
    hours = np.arange(HOURS, dtype=float) if hours is None else hours
    values = np.broadcast_to((COLD + 20.0)[:, None, None], (HOURS, 3, 3)).copy()
    values[:, 1, 1] = COLD
    return xr.Dataset(
        {"t2m": (("time", "latitude", "longitude"), values + 273.15, {"units": "K"})},
        {"time": ("time", hours, {"units": units, "calendar": calendar}), "latitude": [49.5, 50.0, 50.5],
         "longitude": [29.5, 30.0, 30.5]},
    )  # fmt: skip


def load(tmp_path, dataset, **options):
    dataset.to_netcdf(tmp_path / "a.nc")
    return gm.load_weather(tmp_path / "a.nc", regions=CENTRES, **options)


@pytest.mark.parametrize("calendar", ["standard", "noleap"])
@pytest.mark.parametrize(
    ("zone", "first"),
    [("", "2026-01-01T00"), (" 00:00:00 UTC", "2026-01-01T00"), ("T00:00:00Z", "2026-01-01T00"),
     (" 00:00:0.0", "2026-01-01T00"), (" 00:00:00 +02:00", "2025-12-31T22"), (" 00:00:00 -0200", "2026-01-01T02"),
     (" 00:00:00+02", "2025-12-31T22")],
)  # fmt: skip
def test_a_zone_that_is_an_offset_moves_the_times(tmp_path, calendar, zone, first):
    data = load(tmp_path, grid(units=f"hours since 2026-01-01{zone}", calendar=calendar))
    assert str(data["time"].to_numpy()[0])[:13] == first
    assert np.allclose(data[:, 0], COLD)


@pytest.mark.parametrize("calendar", ["standard", "noleap"])
@pytest.mark.parametrize("zone", ["UTC+2", "GMT-3", "2:00", "EET", "UTC +2"])  # read as UTC, or the wrong way round
def test_a_zone_that_libraries_read_wrongly_is_refused(tmp_path, calendar, zone):
    units = f"hours since 2026-01-01 00:00:00 {zone}"
    said = f"time.units: '{units}' has a zone that is not read: write its offset, such as +02:00"
    with pytest.raises(gm.InputError) as caught:
        load(tmp_path, grid(units=units, calendar=calendar))
    assert said in str(caught.value)


def test_the_short_offset_of_the_conventions_is_read_where_the_library_reads_it(tmp_path):
    data = load(tmp_path, grid(units="hours since 2026-01-01 00:00:00 -6:00"))
    assert str(data["time"].to_numpy()[0])[:13] == "2026-01-01T06"
    with pytest.raises(gm.InputError, match="has a zone that is not read"):  # cftime leaves it out
        load(tmp_path, grid(units="hours since 2026-01-01 00:00:00 -6:00", calendar="noleap"))


@pytest.mark.parametrize("units", ["hours", "hours since 02.03.2026", "hour as %Y%m%d.%f"])
def test_times_that_count_from_no_date_are_refused_with_what_is_needed(tmp_path, units):
    said = f"time.units: '{units}' is not a count from a date: write it as hours since 2026-01-01 00:00"
    with pytest.raises(gm.InputError) as caught:
        load(tmp_path, grid(units=units))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("units", "calendar", "begin"),
    [("days since 0001-01-01", "proleptic_gregorian", 739616), ("days since 0001-01-01", "noleap", 739125),
     ("days since 1850-01-01", "360_day", 63360)],
)  # fmt: skip
def test_hours_that_doubles_of_days_hold_to_a_microsecond_are_full_hours(tmp_path, units, calendar, begin):
    data = load(tmp_path, grid(begin + np.arange(HOURS) / 24.0, units, calendar))
    assert str(data["time"].to_numpy()[0])[:19] == "2026-01-01T00:00:00"
    assert np.allclose(data[:, 0], COLD)


def by_step():
    dataset = grid().rename(time="step").drop_vars("step")
    valid = ("step", np.datetime64("2026-01-01") + np.arange(HOURS) * np.timedelta64(1, "h"))
    return dataset.assign_coords(valid_time=valid, time=np.datetime64("2026-01-01"))


@pytest.mark.parametrize("shape", ["step", "valid_time", "one time"])
def test_a_forecast_that_lies_over_steps_is_read_at_the_times_it_is_for(tmp_path, shape):
    dataset = by_step()
    if shape == "valid_time":
        dataset = dataset.swap_dims(step="valid_time")
    if shape == "one time":
        dataset = dataset.drop_vars("valid_time").expand_dims("time").assign_coords(
            valid_time=(("time", "step"), by_step()["valid_time"].to_numpy()[None])
        )  # fmt: skip
    data = load(tmp_path, dataset)
    assert str(data["time"].to_numpy()[-1])[:13] == "2026-01-02T23"
    assert np.allclose(data[:, 0], COLD)


def test_a_cell_that_misses_the_first_hour_is_not_another_cell(tmp_path):
    dataset = grid()
    dataset["t2m"][0, 1, 1] = np.nan
    with pytest.raises(gm.InputError, match="A: is missing for 1 hour from 2026-01-01T00:00 UTC"):
        load(tmp_path, dataset)
    dataset["t2m"][0] = np.nan  # the whole hour
    with pytest.raises(gm.InputError, match="A: is missing for 1 hour from 2026-01-01T00:00 UTC"):
        load(tmp_path, dataset)
    assert np.allclose(load(tmp_path, dataset, start="2026-01-01T01:00", end="2026-01-03")[:, 0], COLD[1:])
    dataset["t2m"][:, 1, 1] = np.nan  # sea: never there
    dataset["t2m"][0] = 270.0
    dataset["t2m"][0, 1, 1] = np.nan
    assert np.allclose(load(tmp_path, dataset)[1:, 0], COLD[1:] + 20.0)


def test_a_large_grid_is_looked_at_in_several_hours(tmp_path, monkeypatch):
    monkeypatch.setattr("gridmodel.weather.readers.cf_netcdf.SMALL_GRID_VALUES", 10)
    dataset = grid()
    dataset["t2m"][0] = np.nan
    with pytest.raises(gm.InputError, match="A: is missing for 1 hour from 2026-01-01T00:00 UTC"):
        load(tmp_path, dataset)


def test_members_of_our_own_format_under_another_name_are_told_with_the_name_they_need(tmp_path):
    values = ("number", "time", "region"), np.zeros((2, 3, 1)), {"units": "degC"}
    times = pd.date_range("2026-01-01", periods=3, freq="h")
    dataset = xr.Dataset({"temperature": values}, {"time": times, "region": ["A"], "number": [0, 1]})
    dataset.to_netcdf(tmp_path / "a.nc")
    with pytest.raises(gm.InputError, match="number: has 2 members: keep one, or rename the dimension to member"):
        gm.load_weather(tmp_path / "a.nc")
