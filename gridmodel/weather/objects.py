"""Weather that is given as an object: it becomes the file that it would be saved as, and is read like any file."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.valid import RANGE, valid
from gridmodel.weather.readers.cf_netcdf import NAMES

WeatherLike: TypeAlias = "str | Path | xr.DataArray | xr.Dataset | pd.DataFrame"
"""File of weather, by its name or path, or the same in memory."""
_WRITABLE = (str, int, float, list, tuple, np.ndarray, np.number)
"""Kinds of attributes that NetCDF has; others are left out."""


@contextmanager
def as_file(value: object) -> Iterator[Path]:
    """Write weather to a file that is there while it is read: NetCDF of an array, CSV of a table.

    Parameters
    ----------
    value
        An array or a dataset such as a file of NetCDF has, over regions, a grid or at a point; or a table such as a CSV
        file has: times as its index or a column, temperatures by region, of one place, or with extremes of days.

    Raises
    ------
    InputError
        If it is of another kind, or cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="gridmodel-") as work:
        if isinstance(value, pd.DataFrame):
            path = Path(work) / "weather.csv"
            dated = isinstance(value.index, pd.DatetimeIndex)
            value.to_csv(path, index=dated, index_label="time" if dated else None)
        elif isinstance(value, xr.DataArray | xr.Dataset):
            path = Path(work) / "weather.nc"
            try:
                _plain(value).to_netcdf(path, engine="netcdf4")
            except (TypeError, ValueError, OverflowError) as error:
                message = f"cannot be written as NetCDF: {str(error).splitlines()[0][:200]}"
                raise InputError([Problem(message=message, field="weather")]) from None
        else:
            message = f"takes a name, a path, a DataArray, a Dataset or a DataFrame, not {type(value).__name__}"
            hint = "of a Series: .to_frame(name)" if isinstance(value, pd.Series) else ""
            raise InputError([Problem(message=message, field="weather", hint=hint)])
        yield path


def _plain(value: xr.DataArray | xr.Dataset) -> xr.Dataset:
    """Return a dataset without the encoding of where it came from, its limits in the unit of its values."""
    if isinstance(value, xr.DataArray):
        known = value.name in NAMES or value.attrs.get("standard_name") == "air_temperature"
        over_regions = "region" in value.dims
        value = value.to_dataset(name="temperature" if over_regions else str(value.name) if known else "t2m")
    made = value.copy()
    for name, variable in made.variables.items():
        counts = valid(made[name])
        limits = (("valid_min", counts.low - counts.slack), ("valid_max", counts.high + counts.slack))
        variable.attrs = _writable(variable.attrs) | {key: limit for key, limit in limits if math.isfinite(limit)}
        calendar = {"calendar": variable.encoding["calendar"]} if "calendar" in variable.encoding else {}
        variable.encoding = calendar
    made.attrs = _writable(made.attrs)
    return made


def _writable(attrs: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the attributes that NetCDF can hold, without limits."""
    return {
        name: one for name, one in attrs.items()
        if name not in RANGE and isinstance(one, _WRITABLE) and not isinstance(one, bool)
    }  # fmt: skip


def unit_of(value: object) -> str:
    """Return the unit that the attributes of a table state; empty for none, and for arrays, which a file states."""
    return str(value.attrs.get("units", "")) if isinstance(value, pd.DataFrame) else ""
