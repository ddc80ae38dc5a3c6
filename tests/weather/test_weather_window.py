"""A part of a long file, typical years on a chosen year, and calendars of models."""

import gzip
from datetime import UTC, datetime, timedelta

import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.weather import check_weather


def write(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_a_part_of_a_station_file_has_just_its_hours(tmp_path):
    hours = pd.date_range("2020-01-01", "2020-02-01", freq="h")
    path = write(
        tmp_path, "a.csv", "time,temp (°C)\n" + "".join(f"{t:%Y-%m-%d %H:%M},{t.day + t.hour / 100}\n" for t in hours)
    )
    data = gm.load_weather(path, start="2020-01-08", end=datetime(2020, 1, 9, 2, tzinfo=UTC))
    assert data.sizes["time"] == 26
    assert data[:, 0].to_numpy()[[0, 23, 24, 25]].tolist() == [8.0, 8.23, 9.0, 9.01]
    later = gm.load_weather(path, start=np.datetime64("2020-01-31T22:00"))
    assert later.sizes["time"] == 3
    assert gm.load_weather(path, start="2020-01-08T02:00+02:00", end="2020-01-08T01:00").sizes["time"] == 1


def test_gaps_outside_the_part_do_not_count_and_gaps_at_its_edge_are_filled(tmp_path):
    text = "time,A\n2026-01-01T00:00Z,5\n2026-01-08T00:00Z,-10\n2026-01-08T01:00Z,\n2026-01-08T02:00Z,-12\n2026-02-01T00:00Z,5\n"
    path = write(tmp_path, "mine.csv", text)
    data = gm.load_weather(path, start="2026-01-08T01:00", end="2026-01-08T03:00", fill="linear")
    assert data[:, 0].to_numpy().tolist() == [-11, -12]


def test_a_period_that_the_file_does_not_have_is_refused_and_one_that_it_has_in_part_warned_of(tmp_path):
    path = write(tmp_path, "a.csv", "time,temp (°C)\n2026-01-08 00:00,1\n2026-01-08 01:00,2\n")
    with pytest.raises(
        gm.InputError,
        match="has nothing in the period that was asked for, 2027-01-01T00:00 to its end: it runs from 2026-01-08T00:00 to 2026-01-08T01:00",
    ):
        gm.load_weather(path, start="2027-01-01")
    with pytest.warns(UserWarning, match="begins at 2026-01-08T00:00, within the period"):
        assert gm.load_weather(path, start="2026-01-07").sizes["time"] == 2
    fields = [problem.field for problem in check_weather(path, start="soon", end="2026-13-01", year=3)]
    assert fields == ["start", "end", "year"]
    assert "must be after the start" in str(check_weather(path, start="2026-01-09", end="2026-01-08")[0])


@pytest.mark.gate  # at each edit: parts of shorter files
def test_a_century_too_long_to_be_read_whole_is_read_in_part(tmp_path, monkeypatch):
    monkeypatch.setattr("gridmodel.weather.parsing.encoding.MAX_BYTES", 100_000)
    hours = pd.date_range("1990-01-01", "1999-12-31 23:00", freq="h")
    lines = "".join(f"{t:%Y %m %d %H}  {-100 - t.day:4d}  -150 10132   270    50     8 -9999 -9999\n" for t in hours)
    (tmp_path / "333450").write_text(lines)
    (tmp_path / "333450.gz").write_bytes(gzip.compress(lines.encode()))
    for name in ("333450", "333450.gz"):
        with pytest.raises(gm.InputError, match=r"is larger than 0 MB.*read a part of it: start="):
            gm.load_weather(tmp_path / name)
        monkeypatch.setattr("gridmodel.weather.parsing.encoding.MAX_BYTES", 2_000_000)
        data = gm.load_weather(tmp_path / name, start="1996-02-28", end="1996-03-02")
        monkeypatch.setattr("gridmodel.weather.parsing.encoding.MAX_BYTES", 100_000)
        assert data[::24, 0].to_numpy().tolist() == [-12.8, -12.9, -10.1]
        assert data.sizes["time"] == 72


def test_lines_of_a_long_file_keep_their_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr("gridmodel.weather.parsing.encoding.MAX_CELLS", 1000)
    hours = pd.date_range("1990-12-01", "1992-01-31 23:00", freq="h")
    rows = [f"{t:%Y-%m-%dT%H:%MZ},{t.day}\n" for t in hours]
    where = list(hours).index(pd.Timestamp("1992-01-10"))
    rows[where] = "1992-01-10T00:00Z,cold\n"
    path = write(tmp_path, "mine.csv", "time,A\n" + "".join(rows))
    with pytest.raises(gm.InputError, match=rf"mine.csv:{where + 2}: A: 'cold' is not a number"):
        gm.load_weather(path, start="1992-01-09", end="1992-01-12")


def test_a_part_of_a_model_century_is_read_without_the_rest(tmp_path):
    days = np.arange(36500)
    with netCDF4.Dataset(tmp_path / "x.nc", "w") as f:
        f.createDimension("time", len(days))
        f.createDimension("lat", 2)
        f.createDimension("lon", 2)
        time = f.createVariable("time", "f8", ("time",))
        time.units, time.calendar = "days since 1950-01-01", "standard"
        time[:] = days + 0.5
        for name in ("lat", "lon"):
            f.createVariable(name, "f8", (name,))[:] = [50.0, 51.0]
        for name, add in (("tasmin", 0.0), ("tasmax", 8.0)):
            data = f.createVariable(name, "f4", ("time", "lat", "lon"))
            data.units = "K"
            data[:] = 260.0 + add + (days % 10)[:, None, None]
        f.mip_era = "CMIP6"
    centre = pd.DataFrame({"id": ["A"], "centre_lat": [50.0], "centre_lon": [50.0]})
    data = gm.load_weather(tmp_path / "x.nc", regions=centre, start="2026-01-08", end="2026-01-11")
    first = (datetime(2026, 1, 8, tzinfo=UTC) - datetime(1950, 1, 1, tzinfo=UTC)).days
    by_day = data[:, 0].to_numpy().reshape(3, 24)
    assert np.allclose(by_day.min(axis=1), [260 - 273.15 + (first + day) % 10 for day in range(3)], atol=1e-4)
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-08T00")  # days of CMIP are those of UTC


def model(path, calendar, days, first="2024-01-01"):
    """Days of a model; the lowest of a day is 200 K plus its number in the file, divided by ten."""
    with netCDF4.Dataset(path, "w") as f:
        f.createDimension("time", days)
        time = f.createVariable("time", "f8", ("time",))
        time.units, time.calendar = f"days since {first}", calendar
        time[:] = np.arange(days) + 0.5
        for name, add in (("tasmin", 0.0), ("tasmax", 5.0)):
            data = f.createVariable(name, "f8", ("time",))
            data.units = "K"
            data[:] = 240 + add + np.arange(days) / 10


def numbers(data):
    """Number in the file of each day, by its lowest temperature."""
    return np.round((data[:, 0].to_numpy().reshape(-1, 24).min(axis=1) + 273.15 - 240) * 10).astype(int)


def test_a_year_of_365_days_repeats_28_february_in_a_leap_year(tmp_path):
    model(tmp_path / "x.nc", "noleap", 365)
    data = gm.load_weather(tmp_path / "x.nc")
    found = numbers(data)
    assert len(found) == 366
    assert found[[0, 57, 58, 59, 60, 365]].tolist() == [0, 57, 58, 58, 59, 364]
    assert "29 February repeats 28 February" in data.attrs["history"]
    assert "UTC+0" in data.attrs["history"]


def test_twelve_months_of_thirty_days_are_spread_over_the_year(tmp_path):
    model(tmp_path / "x.nc", "360_day", 360)
    found = numbers(gm.load_weather(tmp_path / "x.nc"))
    assert len(found) == 366
    # day d becomes day 366 d / 360, rounded: 30 becomes 30.5, so 30, and 31 becomes 31.52, so 32; day 31 repeats day 30
    assert found[[0, 29, 30, 31, 365]].tolist() == [0, 29, 29, 30, 359]
    assert (np.diff(found) == 0).sum() == 6
    assert set(np.diff(found)) == {0, 1}


def test_a_year_of_366_days_leaves_29_february_out(tmp_path):
    model(tmp_path / "x.nc", "all_leap", 366, first="2025-01-01")
    found = numbers(gm.load_weather(tmp_path / "x.nc"))
    assert found[[57, 58, 59, 364]].tolist() == [57, 58, 60, 365]


def test_the_julian_calendar_is_read_where_its_dates_are_real_and_an_unknown_one_refused(tmp_path):
    model(tmp_path / "x.nc", "julian", 5)
    data = gm.load_weather(tmp_path / "x.nc")
    assert numbers(data).tolist() == [0, 1, 2, 3, 4]
    assert "calendar julian read as real dates" in data.attrs["history"]
    model(tmp_path / "y.nc", "julian", 5, first="1850-01-01")
    with pytest.raises(gm.InputError, match="has years from 1850 to 1850; those from 1901 to 2099 are read"):
        gm.load_weather(tmp_path / "y.nc")
    model(tmp_path / "z.nc", "none", 5)
    with pytest.raises(gm.InputError, match=r"z\.nc: "):
        gm.load_weather(tmp_path / "z.nc")


@pytest.mark.parametrize(("there", "missing"), [("tasmax", "lowest"), ("tasmin", "highest")])
def test_one_extreme_alone_says_that_the_other_is_missing(tmp_path, there, missing):
    data = xr.Dataset(
        {there: ("time", np.full(5, 263.15), {"units": "K"})}, {"time": pd.date_range("2026-01-08", periods=5)}
    )
    data.to_netcdf(tmp_path / "x.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match=f"temperatures of days, but not the {missing}: add them"):
        gm.load_weather(tmp_path / "x.nc")
    write(tmp_path, "x.csv", f"date,{there} (K)\n2026-01-08,263\n2026-01-09,264\n")
    with pytest.raises(gm.InputError, match=f"temperatures of days, but not the {missing}: add them"):
        gm.load_weather(tmp_path / "x.csv", timezone="UTC")


def test_bounds_of_the_time_say_when_days_begin(tmp_path):
    days = pd.date_range("2026-01-08 06:00", periods=4)
    bounds = np.stack([days, days + timedelta(days=1)], axis=1)
    xr.Dataset(
        {
            "tasmin": ("time", np.full(4, 260.0), {"units": "K"}),
            "tasmax": ("time", np.full(4, 266.0), {"units": "K"}),
            "time_bnds": (("time", "bnds"), bounds),
        },
        {"time": ("time", days + timedelta(hours=12), {"bounds": "time_bnds"})},
    ).to_netcdf(tmp_path / "x.nc", engine="netcdf4", encoding={"time": {"units": "hours since 2026-01-01"}})
    assert str(gm.load_weather(tmp_path / "x.nc")["time"].to_numpy()[0]).startswith("2026-01-08T06:00")


def epw(years, offset=1.0):
    """A typical year: hour h of day d of month m has m degC and d hundredths."""
    head = [f"LOCATION,Kyiv,-,UKR,x,333450,50.4,30.5,{offset},167.0", *(["X"] * 7)]
    days = pd.date_range("2001-01-01", "2001-12-31")
    rows = [
        f"{years[d.month - 1]},{d.month},{d.day},{hour},0,?9,{d.month + d.day / 100 - hour / 10000:.4f},-12.0,80,100000"
        + ",0" * 25
        for d in days
        for hour in range(1, 25)
    ]
    return "\n".join([*head, *rows]) + "\n"


YEARS = [1999, 1987, 2003, 1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998]


def test_a_typical_year_is_laid_on_the_year_that_is_asked_for(tmp_path):
    path = write(tmp_path, "kyiv.epw", epw(YEARS))
    with pytest.raises(
        gm.InputError, match=r"is a typical year \(months of 1987 to 2003\): say which year it is laid on with year="
    ):
        gm.load_weather(path)
    data = gm.load_weather(path, year=2024)
    at = data[:, 0].to_series()
    assert data.sizes["time"] == 366 * 24
    assert at["2023-12-31 23:00"] == pytest.approx(1.01 - 0.0001)  # the first hour of UTC+1
    assert at["2024-02-27 23:00"] == at["2024-02-28 23:00"] == pytest.approx(2.28 - 0.0001)
    assert at["2024-02-29 23:00"] == pytest.approx(3.01 - 0.0001)
    assert at["2024-12-31 22:00"] == pytest.approx(12.31 - 0.0024)
    assert (
        "typical year (months of 1987 to 2003) laid on 2024; 29 February repeats 28 February" in data.attrs["history"]
    )


def test_a_period_over_the_new_year_repeats_the_typical_year(tmp_path):
    path = write(tmp_path, "kyiv.epw", epw(YEARS))
    data = gm.load_weather(path, start="2025-12-31", end="2026-01-02")
    at = data[:, 0].to_series()
    assert data.sizes["time"] == 48
    assert at["2025-12-31 00:00"] == pytest.approx(12.31 - 0.0002)
    assert at["2026-01-01 00:00"] == pytest.approx(1.01 - 0.0002)


def test_a_real_year_stays_where_it_is_unless_another_is_asked_for(tmp_path):
    path = write(tmp_path, "kyiv.epw", epw([2002] * 12))
    assert str(gm.load_weather(path)["time"].to_numpy()[0]).startswith("2001-12-31T23")
    assert str(gm.load_weather(path, year=2010)["time"].to_numpy()[0]).startswith("2009-12-31T23")
    table = "time,temp (°C)\n2025-12-31 23:00,1\n2026-01-01 00:00,2\n"
    with pytest.raises(
        gm.InputError, match="year: '2030' does not apply: the file has real dates of more than one year"
    ):
        gm.load_weather(write(tmp_path, "a.csv", table), year=2030)


def test_the_commands_take_the_period_and_the_year(tmp_path):
    path = write(tmp_path, "kyiv.epw", epw(YEARS))
    done = CliRunner().invoke(main, ["weather", "convert", str(path), str(tmp_path / "o.csv"), "--year", "2026", "--start", "2026-01-08", "--end", "2026-01-09"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "24 hours" in done.output
    assert "laid on 2026" in done.output
    done = CliRunner().invoke(main, ["weather", "check", str(path), "--start", "2026-01-08", "--end", "2026-01-07"])
    assert done.exit_code == 1
    assert "must be after the start" in done.output
