"""NetCDF: ERA5 and ERA5-Land (both namings), CMIP and other CF files, on a grid or at a point; our own format."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.hdf5 import check_hdf5
from gridmodel.weather import regions as places
from gridmodel.weather.daily import Daily
from gridmodel.weather.readers import own
from gridmodel.weather.series import MAX_HOURS, MAX_VALUES, Array, Options, Series, Times, to_celsius

_CUT_OFF = (OSError, ValueError, RuntimeError, OverflowError)
"""What xarray and netCDF4 raise when values cannot be read."""
_MALFORMED = (*_CUT_OFF, TypeError, KeyError, IndexError, AttributeError, AssertionError, MemoryError)
"""What they raise on opening a file whose attributes are of any type."""

MAX_GRID_VALUES = 4_000_000_000
"""Largest grid of which the cells that are needed are read. Ours: thirty years of hours over Ukraine, twice."""
SMALL_GRID_VALUES = 20_000_000
"""Grids up to this size are read at once, which is quicker. Ours."""

_MEAN = ("t2m", "2t", "tas", "temperature", "air_temperature", "temp", "T2", "tg")
_LOW, _HIGH = ("tasmin", "mn2t", "tmin", "tn"), ("tasmax", "mx2t", "tmax", "tx")
_LATITUDES, _LONGITUDES = ("latitude", "lat", "nav_lat"), ("longitude", "lon", "nav_lon")


def read(path: Path, problems: Problems, options: Options) -> xr.DataArray | Series | Daily:
    """Read a NetCDF file; our own format comes back as it is, anything else as a series or as days.

    Raises
    ------
    InputError
        If it cannot be read, is too large, or holds no temperature.
    """
    with _open(path, options) as dataset:
        try:
            data = dataset.get("temperature")
            if data is not None and set(data.dims) - {"member"} == {"time", "region"}:
                _check_load(data, options)
                return own.read_netcdf(data.load(), problems, options)
            return _read_dataset(dataset, problems, options)
        except InputError:
            raise
        except _CUT_OFF as error:
            raise InputError([_unreadable(error, options)]) from None


def _open(path: Path, options: Options) -> xr.Dataset:
    """Open a file without reading its values.

    Raises
    ------
    InputError
        If that cannot be done.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
    if magic == b"CDF\x05":
        raise InputError([Problem(message="is a CDF-5 file: convert it to NetCDF 4", table=options.shown)])
    classic = magic[:3] == b"CDF"  # SciPy reads it in Python; the C library crashes on a broken one
    try:
        if not classic:
            check_hdf5(path, options.shown)
            _check_sizes(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)
            return xr.open_dataset(path, engine="scipy" if classic else "netcdf4")
    except InputError:
        raise
    except _MALFORMED as error:
        raise InputError([_unreadable(error, options)]) from None


def _unreadable(error: Exception, options: Options) -> Problem:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return Problem(message=f"cannot be read as NetCDF: {reason}", table=options.shown)


def _check_load(data: xr.DataArray, options: Options, *, most: int = MAX_VALUES) -> None:
    """Refuse to load more than can be held.

    Raises
    ------
    InputError
        If that is asked.
    """
    if data.size > most:
        message = f"holds {data.size} values, at most {most} are read"
        raise InputError([Problem(message=message, table=options.shown, field=str(data.name))])


def _check_sizes(path: Path) -> None:
    """Refuse a file that declares more than can be held, before anything of it is read.

    Raises
    ------
    InputError
        With the first such variable.
    """
    with netCDF4.Dataset(path) as dataset:
        variables = dataset.variables
        for name, variable in variables.items():
            if len(variable.dimensions) < 2 and variable.size > MAX_HOURS:
                message = f"holds {variable.size} values, at most {MAX_HOURS} are read"
                raise InputError([Problem(message=message, table=path.name, field=name)])


def _read_dataset(dataset: xr.Dataset, problems: Problems, options: Options) -> Series | Daily:
    dataset = _rename(dataset, options)
    found = {
        kind: _find(dataset, names, method)
        for kind, names, method in (("low", _LOW, "minimum"), ("high", _HIGH, "maximum"), ("mean", _MEAN, ""))
    }
    present = {kind: data for kind, data in found.items() if data is not None}
    if not present:
        message = "needs a variable temperature(time, region), or a temperature such as t2m or tas"
        raise InputError([Problem(message=message, table=options.shown)])
    times = _times(dataset, options)
    ready = {kind: _points(data, problems, options) for kind, data in present.items()}
    problems.raise_if_any()
    first, names, latitude, longitude = next(iter(ready.values()))
    extremes = "low" in ready and "high" in ready
    steps = np.diff(times)
    daily = bool(steps.size) and np.median(steps) == np.timedelta64(24, "h")
    common: dict[str, Any] = {"places": names, "latitude": latitude, "longitude": longitude}
    if steps.size and np.median(steps) > np.timedelta64(27, "D"):
        raise InputError([Problem(message="holds months, not hours or days", table=options.shown, field="time")])
    if daily or (extremes and "mean" not in ready):
        empty = np.full(first.shape, np.nan)
        low, high, mean = (ready[kind][0] if kind in ready else empty for kind in ("low", "high", "mean"))
        result: Series | Daily = Daily(days=times.astype("datetime64[D]"), low=low, high=high, mean=mean, **common)
    else:
        if "mean" not in ready:
            raise InputError([Problem(message="has only one of the day's extremes", table=options.shown)])
        result = Series(times=times, temperature_c=ready["mean"][0], **common)
    if options.centres is not None:
        result.named = True
        result.places = [str(name) for name in options.centres["id"]]
        result.notes.append(f"grid to regions by {options.how}")
    return result


def _rename(dataset: xr.Dataset, options: Options) -> xr.Dataset:
    """One name for time, latitude and longitude; parts of one element dropped.

    Raises
    ------
    InputError
        If there are members.
    """
    wanted = {"valid_time": "time"} | dict.fromkeys(_LATITUDES, "latitude") | dict.fromkeys(_LONGITUDES, "longitude")
    if "time" in dataset.variables:
        del wanted["valid_time"]
        dataset = dataset.drop_vars("valid_time", errors="ignore")
    dataset = dataset.rename({old: new for old, new in wanted.items() if old in dataset.variables and old != new})
    one = [
        str(name) for name, size in dataset.sizes.items() if size == 1 and name not in {"time", "latitude", "longitude"}
    ]
    dataset = dataset.squeeze(one)
    for name in ("number", "member", "realization", "ensemble"):
        if name in dataset.sizes:
            message = f"has {dataset.sizes[name]} members: keep one"
            raise InputError([Problem(message=message, table=options.shown, field=name)])
    return dataset


def _find(dataset: xr.Dataset, names: tuple[str, ...], method: str) -> xr.DataArray | None:
    """Variable of a quantity by its name, or by standard name and cell method."""
    for name in names:
        if name in dataset.data_vars and "time" in dataset[name].dims:
            return dataset[name]
    for data in dataset.data_vars.values():
        is_air = data.attrs.get("standard_name") == "air_temperature" and "time" in data.dims
        methods = str(data.attrs.get("cell_methods", ""))
        other = "minimum" in methods or "maximum" in methods or str(data.name) in {*_LOW, *_HIGH}
        if is_air and ((method and method in methods) or (not method and not other)):
            return data
    return None


def _times(dataset: xr.Dataset, options: Options) -> Times:
    times = dataset["time"].to_numpy() if "time" in dataset.variables else np.array([], dtype="datetime64[s]")
    if times.ndim != 1 or not np.issubdtype(times.dtype, np.datetime64):
        calendar = dataset["time"].encoding.get("calendar", "")
        message = f"is not on the standard calendar{f' but on {calendar}' if calendar else ''}: convert it first"
        raise InputError([Problem(message=message, table=options.shown, field="time")])
    if not times.size or np.isnat(times).any():
        raise InputError(
            [Problem(message="has no times, or times that are missing", table=options.shown, field="time")]
        )
    return times.astype("datetime64[s]")


def _points(
    data: xr.DataArray, problems: Problems, options: Options
) -> tuple[Array, list[str], Array | None, Array | None]:
    """Values over time and places, only those that the regions need; names, latitudes and longitudes of the places."""
    data = _one_version(data)
    space = [str(dim) for dim in data.dims if dim != "time"]
    known = {dim for name in ("latitude", "longitude") if name in data.coords for dim in data[name].dims}
    if set(space) - known:
        message = f"lies over {', '.join(sorted(set(space) - known))} without latitude and longitude: keep one of it"
        problems.add(message, table=options.shown, field=str(data.name))
        return np.empty((0, 0)), [], None, None
    latitude, longitude = (_coordinate(data, name, space) for name in ("latitude", "longitude"))
    if latitude is not None and longitude is not None:
        inside = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 360)
        if not inside.all():
            problems.add("must be degrees", table=options.shown, field="latitude, longitude")
            return np.empty((0, 0)), [], None, None
    data = data.transpose("time", *space)
    _check_load(data, options, most=MAX_GRID_VALUES)
    if options.centres is None or latitude is None or longitude is None:
        return _single(data, latitude, longitude, problems, options)
    data = data.load() if data.size <= SMALL_GRID_VALUES else data
    useful = np.isfinite(data.isel(time=0).to_numpy().astype(float).ravel())
    share = places.weights(latitude, longitude, useful, problems, options)
    shape = tuple(data.sizes[dim] for dim in space)
    columns = []
    for row in share:
        chosen = np.flatnonzero(row)
        where = {
            dim: xr.DataArray(index, dims="place")
            for dim, index in zip(space, np.unravel_index(chosen, shape), strict=True)
        }
        part = data.isel(where) if space else data.expand_dims("place", axis=1)
        columns.append(part.transpose("time", "place").to_numpy().astype(float) @ row[chosen])
    values = np.stack(columns, axis=1)
    unit = str(data.attrs.get("units", ""))
    values = to_celsius(values, unit, problems, options, field=str(data.name))
    regions = options.centres
    names = [str(name) for name in regions["id"]]
    return values, names, regions["centre_lat"].to_numpy(float), regions["centre_lon"].to_numpy(float)


def _one_version(data: xr.DataArray) -> xr.DataArray:
    """Final (1) and preliminary (5) analysis put together: each is missing where the other is there."""
    if "expver" in data.dims:
        versions = [data.isel(expver=place, drop=True) for place in range(data.sizes["expver"])]
        for version in versions[1:]:
            versions[0] = versions[0].combine_first(version)
        return versions[0]
    return data


def _single(
    data: xr.DataArray, latitude: Array | None, longitude: Array | None, problems: Problems, options: Options
) -> tuple[Array, list[str], Array | None, Array | None]:
    count = data.size // max(data.sizes["time"], 1)
    if count != 1:
        hint = "say for which regions with regions= (--regions), such as ukraine"
        problems.add(f"is a grid of {count} places", table=options.shown, field=str(data.name), hint=hint)
        return np.empty((0, 0)), [], None, None
    values = data.to_numpy().astype(float).reshape(-1, 1)
    values = to_celsius(values, str(data.attrs.get("units", "")), problems, options, field=str(data.name))
    return values, [options.stem], latitude, longitude


def _coordinate(data: xr.DataArray, name: str, space: list[str]) -> Array | None:
    """Latitude or longitude of each place of the flattened grid."""
    if name not in data.coords:
        return None
    shape = {dim: data.sizes[dim] for dim in space}
    wide = xr.zeros_like(data[name], dtype=float) + data[name]
    for dim, size in shape.items():
        if dim not in wide.dims:
            wide = wide.drop_vars(dim, errors="ignore").expand_dims({dim: size})
    return np.asarray(wide.transpose(*space).to_numpy(), dtype=float).ravel()
