"""What a message says to do is something that works: units that a file states, codes of missing values, gaps at the ends."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm

HOURS = pd.date_range("2026-01-08", periods=24, freq="h")
CELSIUS = np.round(-8.0 + 6.0 * np.sin(np.arange(24) / 24 * 2 * np.pi), 2)


def own(tmp_path, values, name="UA-30"):
    rows = [f"{time:%Y-%m-%dT%H:%M},{value}" for time, value in zip(HOURS, values, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join([f"time,{name}", *rows]))
    return tmp_path / "a.csv"


def netcdf(tmp_path, values, units):
    data = xr.Dataset({"t2m": ("time", values, {"units": units})}, {"time": HOURS})
    data.to_netcdf(tmp_path / "a.nc")
    return tmp_path / "a.nc"


def said(path, **options):
    return [str(problem).rstrip(")") for problem in gm.check_weather(path, **options)]


@pytest.mark.parametrize("unit", ["", "K"])
def test_kelvin_that_a_file_calls_degrees_is_to_be_corrected_there(tmp_path, unit):
    path = netcdf(tmp_path, CELSIUS + 273.15, "degC")  # unit= does not count where the file states one
    (found,) = said(path, unit=unit)
    assert found.endswith(
        'looks like kelvin: correct the unit where it is stated as degC, in memory with .attrs["units"]'
    )


def test_degrees_that_a_file_calls_kelvin_are_told_as_that(tmp_path):
    (found,) = said(netcdf(tmp_path, CELSIUS, "K"))
    assert found.endswith('looks like degC: correct the unit where it is stated as K, in memory with .attrs["units"]')


def test_where_no_unit_is_stated_it_can_be_given(tmp_path):
    path = own(tmp_path, np.round(CELSIUS + 273.15, 2))
    assert 'looks like kelvin: say so with unit="K" (--unit K' in said(path)[0]
    assert said(path, unit="K") == []
    path = own(tmp_path, np.round(CELSIUS + 273.15, 2), "UA-30 (°C)")
    assert said(path, unit="K")[0].endswith(
        'looks like kelvin: correct the unit where it is stated as degC, in memory with .attrs["units"]'
    )


@pytest.mark.parametrize("code", [-9999.0, -999.0, 99.9, 999.9, 9999.0, 32767.0, -32768.0])
def test_a_code_of_missing_values_is_told_as_one_and_not_as_a_unit(tmp_path, code):
    values = CELSIUS.copy()
    values[[3, 7]] = code
    said_of = "looks like a code of a missing value: leave such cells empty, or declare it as _FillValue"
    assert said(own(tmp_path, values))[0].endswith(said_of)
    assert said(netcdf(tmp_path, values, "degC"))[0].endswith(said_of)


@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize("fill", ["", "linear"])
def test_a_gap_at_an_end_is_not_filled_and_the_message_says_what_helps(tmp_path, place, fill):
    values = CELSIUS.copy()
    values[place] = np.nan
    path = netcdf(tmp_path, values, "degC")
    (found,) = said(path, fill=fill)
    assert (
        "gaps at its ends are not filled: take these hours out, or read the part between with start= and end= (--start, --end"
        in found
    )
    part = {"start": HOURS[1], "end": HOURS[-1]}
    assert said(path, **part) == []


def test_an_hour_that_a_clock_shows_twice_is_read_twice_in_our_own_format_too(tmp_path):
    clock = pd.date_range("2026-10-24 22:00", periods=10, freq="h", tz="UTC").tz_convert("Europe/Kyiv")
    rows = [f"{time:%Y-%m-%d %H:%M},{-hour}" for hour, time in enumerate(clock)]
    (tmp_path / "a.csv").write_text("\n".join(["time,UA-30", *rows]))
    data = gm.load_weather(tmp_path / "a.csv", timezone="Europe/Kyiv")
    assert str(data["time"].to_numpy()[0])[:16] == "2026-10-24T22:00"
    assert data[:, 0].to_numpy().tolist() == [-float(hour) for hour in range(10)]
    assert data.attrs["history"] == "times without an offset read as Europe/Kyiv"


def test_days_in_our_own_csv_are_told_once_and_read_under_the_name_that_is_told(tmp_path):
    days = pd.date_range("2026-01-01", periods=10, freq="D")
    rows = [f"{day:%Y-%m-%d},{-day.day}" for day in days]
    (tmp_path / "a.csv").write_text("\n".join(["time,UA-30", *rows]))
    (found,) = said(tmp_path / "a.csv")
    assert (
        "has one row a day, and must have one each hour (call its first column `date`: means of days are read" in found
    )
    (tmp_path / "a.csv").write_text("\n".join(["date,UA-30", *rows]))
    means = gm.load_weather(tmp_path / "a.csv", timezone="Europe/Kyiv")[:, 0].to_numpy().reshape(10, 24).mean(axis=1)
    assert np.allclose(means, -days.day.to_numpy(), atol=1e-3)


def test_rows_from_the_last_hour_to_the_first_are_told_once(tmp_path):
    path = own(tmp_path, CELSIUS)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *reversed(lines[1:])]))
    assert said(path) == ["a.csv: time: runs backwards (sort the rows by time"]


def test_weather_of_other_regions_is_told_with_the_command_that_makes_columns(three):
    times = pd.date_range("2026-01-01", periods=144, freq="h")
    wrong = pd.DataFrame({"UA-30": np.full(144, -5.0)}, index=times)
    with pytest.raises(gm.InputError, match=r"has no such column .*gridmodel weather convert FILE mine.csv --regions"):
        gm.run(three(weather=wrong, start="2026-01-05 00:00", end="2026-01-05 02:00"))


@pytest.mark.parametrize("zone", ["", "Europe/Kyiv"])
@pytest.mark.filterwarnings("ignore:.*has no unit")
def test_history_says_in_which_zone_times_without_an_offset_were_read(tmp_path, zone):
    data = gm.load_weather(own(tmp_path, CELSIUS, "temperature"), timezone=zone)
    assert ("times without an offset read as Europe/Kyiv" in data.attrs.get("history", "")) == bool(zone)
