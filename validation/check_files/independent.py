"""Readings of weather files by other programs: pvlib, pandas, xarray and cfgrib. Nothing here calls our readers."""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

Reading = Callable[[Path], "pd.Series[Any]"]


def _when(series: pd.Series[Any]) -> pd.DatetimeIndex:
    """Return the times of a series."""
    return pd.DatetimeIndex(series.index)


def _utc(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return a series in UTC without a zone, in order."""
    if _when(series).tz is not None:
        series.index = _when(series).tz_convert("UTC").tz_localize(None)
    return series.sort_index()


def _laid(series: pd.Series[Any], year: int) -> pd.Series[Any]:
    """Return a series with the year of its local times replaced, in UTC."""
    series = series[~((_when(series).month == 2) & (_when(series).day == 29))]
    series.index = pd.DatetimeIndex([when.replace(year=year) for when in series.index])
    return _utc(series)


def epw(path: Path) -> pd.Series[Any]:
    """Read EPW with pvlib."""
    from pvlib.iotools import read_epw

    return _utc(read_epw(path)[0]["temp_air"])


def epw_on(year: int) -> Reading:
    """Return a reading of EPW with pvlib, laid on a year."""

    def read(path: Path) -> pd.Series[Any]:
        from pvlib.iotools import read_epw

        return _laid(read_epw(path)[0]["temp_air"], year)

    return read


def tmy3(path: Path) -> pd.Series[Any]:
    """Read TMY3 with pvlib."""
    from pvlib.iotools import read_tmy3

    return _utc(read_tmy3(path, map_variables=True, encoding="iso-8859-1")[0]["temp_air"])


def tmy3_on(year: int) -> Reading:
    """Return a reading of TMY3 with pvlib, laid on a year."""

    def read(path: Path) -> pd.Series[Any]:
        from pvlib.iotools import read_tmy3

        return _utc(read_tmy3(path, coerce_year=year, map_variables=True, encoding="iso-8859-1")[0]["temp_air"])

    return read


def _nrel(path: Path) -> pd.Series[Any]:
    """Read CSV of NREL with pandas, in the zone of the file; full hours, or hours in whose middle a row is."""
    zone = float(pd.read_csv(path, nrows=1)["Time Zone"].iloc[0])
    table = pd.read_csv(path, skiprows=2)
    name = "Temperature" if "Temperature" in table else "Tdry"
    series = _parts(table, name)
    series.index = _when(series).tz_localize(
        (pd.Timedelta(hours=zone).total_seconds() and f"{int(zone):+03d}:00") or "UTC"
    )
    return series


def _parts(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return temperatures by year, month, day, hour and minute in columns of their own."""
    columns = [column for column in ("Year", "Month", "Day", "Hour", "Minute") if column in table]
    times = pd.to_datetime(table[columns])
    series = pd.Series(table[name].to_numpy(float), pd.DatetimeIndex(times))
    minutes = _when(series).minute
    if (minutes == 30).all():
        series.index = _when(series) - pd.Timedelta("30min")
        return series
    full: pd.Series[Any] = series[minutes == 0]
    return full


def nrel(path: Path) -> pd.Series[Any]:
    """Read CSV of NREL with pandas, in UTC."""
    return _utc(_nrel(path))


def nrel_on(year: int) -> Reading:
    """Return a reading of CSV of NREL with pandas, laid on a year."""
    return lambda path: _laid(_nrel(path), year)


def parts(path: Path) -> pd.Series[Any]:
    """Read a table with parts of dates with pandas."""
    return _parts(pd.read_csv(path), "Temperature").sort_index()


def parts_on(year: int) -> Reading:
    """Return a reading of a table with parts of dates, laid on a year."""
    return lambda path: _laid(_parts(pd.read_csv(path), "Temperature"), year)


def pvgis_tmy_on(year: int) -> Reading:
    """Return a reading of a typical year of PVGIS with pvlib, laid on a year."""

    def read(path: Path) -> pd.Series[Any]:
        from pvlib.iotools import read_pvgis_tmy

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _laid(read_pvgis_tmy(path)[0]["temp_air"], year)

    return read


def records_on(year: int) -> Reading:
    """Return a reading of rows of PVGIS in a list with pandas, laid on a year."""

    def read(path: Path) -> pd.Series[Any]:
        table = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
        times = pd.DatetimeIndex(pd.to_datetime(table["time(UTC)"], format="%Y%m%d:%H%M"))
        return _laid(pd.Series(table["T2m"].to_numpy(float), times), year)

    return read


def pvgis_hourly(path: Path) -> pd.Series[Any]:
    """Read hours of PVGIS with pvlib; each is minutes after the hour."""
    from pvlib.iotools import read_pvgis_hourly

    series = _utc(read_pvgis_hourly(path)[0]["temp_air"])
    series.index = _when(series).round("h")
    return series


def isd_lite(path: Path) -> pd.Series[Any]:
    """Read ISD-Lite with pandas."""
    table = pd.read_csv(path, sep=r"\s+", header=None, compression="gzip")
    times = pd.to_datetime(pd.DataFrame({"year": table[0], "month": table[1], "day": table[2], "hour": table[3]}))
    series = pd.Series(table[4].to_numpy(float) / 10, pd.DatetimeIndex(times))
    known: pd.Series[Any] = series[series > -900].sort_index()
    return known


def try_on(year: int) -> Reading:
    """Return a reading of a German test reference year with pandas, laid on a year."""

    def read(path: Path) -> pd.Series[Any]:
        text = path.read_text(encoding="latin-1")
        below = text[re.search(r"^\*\*\*.*\n", text, re.MULTILINE).end() :]  # type: ignore[union-attr]
        table = pd.read_csv(io.StringIO(below), sep=r"\s+", header=None)
        times = pd.to_datetime(pd.DataFrame({"year": year, "month": table[2], "day": table[3]})) + pd.to_timedelta(
            table[4] - 1, unit="h"
        )
        return _utc(pd.Series(table[8].to_numpy(float), pd.DatetimeIndex(times).tz_localize("+01:00")))

    return read


def seattle_days(path: Path) -> pd.Series[Any]:
    """Read lowest and highest of days with pandas."""
    table = pd.read_csv(path)
    days = pd.DatetimeIndex(pd.to_datetime(table["date"]))
    low, high = (pd.Series(table[name].to_numpy(float), days) for name in ("temp_min", "temp_max"))
    return pd.concat([low, high], keys=["low", "high"])


def seattle_hours(path: Path) -> pd.Series[Any]:
    """Read hours in degF with pandas."""
    table = pd.read_csv(path)
    return pd.Series((table["temp"].to_numpy(float) - 32) / 1.8, pd.DatetimeIndex(pd.to_datetime(table["date"])))


def indexed(path: Path) -> pd.Series[Any]:
    """Read a table whose first column has no name with pandas; its full hours."""
    series = _utc(pd.read_csv(path, index_col=0, parse_dates=True)["temp_air"])
    full: pd.Series[Any] = series[_when(series).minute == 0]
    return full


def near_ground(path: Path) -> Path:
    """Keep the level of 850 hPa of a file of a model, as our message says that a user should."""
    target = path.with_suffix(".850.nc")
    with xr.open_dataset(path, decode_times=False) as dataset:
        dataset.isel(plev=1).drop_vars(["plev", "plev_bnds"], errors="ignore").load().to_netcdf(
            target, engine="netcdf4"
        )
    return target


def first_cell(path: Path) -> pd.DataFrame:
    """Return a region at the first cell of a grid."""
    with _opened(path) as dataset:
        lat, lon = (
            float(np.ravel(dataset[next(n for n in names if n in dataset)])[0])
            for names in (("lat", "latitude"), ("lon", "longitude"))
        )
    return pd.DataFrame({"id": ["A"], "centre_lat": [lat], "centre_lon": [(lon + 180) % 360 - 180]})


def _opened(path: Path) -> xr.Dataset:
    if path.read_bytes()[:4] == b"GRIB":
        return xr.open_dataset(
            path, engine="cfgrib", backend_kwargs={"indexpath": "", "filter_by_keys": {"shortName": "2t"}}
        )
    return xr.open_dataset(path, decode_times=xr.coders.CFDatetimeCoder(use_cftime=True))


def model_days(path: Path) -> pd.Series[Any]:
    """Read daily means of the first cell of a model with xarray, by the dates of its calendar that are real."""
    with _opened(path) as dataset:
        data = dataset["ta"].isel(lat=0, lon=0).load()
    calendar = dataset["time"].encoding["calendar"]
    if calendar == "360_day":
        data = data.convert_calendar("standard", align_on="year", use_cftime=True)
    days = pd.DatetimeIndex([pd.Timestamp(t.year, t.month, t.day) for t in data["time"].to_numpy()])
    return pd.Series(data.to_numpy().astype(float) - 273.15, days)


def grib(path: Path) -> pd.Series[Any]:
    """Read the first cell of GRIB with cfgrib."""
    with _opened(path) as dataset:
        data = dataset["t2m"].isel(latitude=0, longitude=0).load()
    times = pd.DatetimeIndex(np.atleast_1d(data["valid_time"].to_numpy()))
    return pd.Series(np.atleast_1d(data.to_numpy()).astype(float) - 273.15, times)
