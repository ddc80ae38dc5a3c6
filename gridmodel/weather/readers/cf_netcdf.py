"""NetCDF of ERA5 and ERA5-Land (both namings), CMIP and other CF files, on a grid or at a point."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import cftime
import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.valid import Valid, valid
from gridmodel.weather import regions as places
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.calendars import DAYS, JULIAN, JULIAN_FIRST, JULIAN_LAST, STANDARD, to_standard
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, NOTHING_ELSE, Format
from gridmodel.weather.parsing.netcdf import check_load, reading_values
from gridmodel.weather.parsing.table import check_extremes
from gridmodel.weather.series import HOUR, HOUR_S, Array, Options, Series, Times, to_celsius, warn, whole_seconds
from gridmodel.weather.window import FIRST_YEAR, LAST_YEAR

MAX_GRID_VALUES = 4_000_000_000
"""Largest grid of which the cells that are needed are read.
Ours: thirty years of hours on 0.25 degrees over a country of 600,000 km2, twice."""
SMALL_GRID_VALUES = 20_000_000
"""Grids up to this size are read at once, which is quicker. Ours: 160 MB as double precision."""
STEPS_AT_ONCE = 500
"""Steps that are looked at together for places that have values. Ours: bounds memory to a few percent of the grid."""

DEFAULT_FILL = 1e30
"""Numbers beyond are the default fill value of netCDF (9.97e36), of a file that does not declare it."""
_NOON_H = 12
_MEAN = ("t2m", "2t", "tas", "temperature", "air_temperature", "temp", "T2", "tg")
_LOW, _HIGH = ("tasmin", "mn2t", "tmin", "tn", "t2m_min"), ("tasmax", "mx2t", "tmax", "tx", "t2m_max")
NAMES = frozenset({*_MEAN, *_LOW, *_HIGH})
"""Names of temperatures that are known."""
MEMBER = "member"
_MEMBERS = (MEMBER, "number", "realization", "ensemble")
"""Names of the dimension of an ensemble."""
_LATITUDES, _LONGITUDES = ("latitude", "lat", "nav_lat"), ("longitude", "lon", "nav_lon")


def detect(file: File) -> int:
    """Return the evidence that a file is NetCDF of any kind."""
    return NOTHING_ELSE if file.is_netcdf else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read temperatures on a grid or at a point from NetCDF that follows the CF conventions.

    Raises
    ------
    InputError
        If it cannot be read, is too large, or does not contain a temperature.
    """
    with reading_values(options.shown):
        return read_dataset(file.dataset, problems, options)


def read_dataset(dataset: xr.Dataset, problems: Problems, options: Options) -> Series | Daily:
    """Read temperatures of an open dataset, as `read` does.

    Raises
    ------
    InputError
        If it does not contain a temperature, or times that are read.
    """
    dataset = _rename(dataset, options)
    if options.centres is None and any(name in dataset.sizes for name in ("latitude", "longitude")):
        options = replace(options, centres=options.grid_centres)
    found = {
        kind: _find(dataset, names, method)
        for kind, names, method in (("low", _LOW, "minimum"), ("high", _HIGH, "maximum"), ("mean", _MEAN, ""))
    }
    present = {kind: data for kind, data in found.items() if data is not None}
    if not present:
        message = "needs a variable temperature(time, region), or a temperature such as t2m or tas"
        raise InputError([Problem(message=message, table=options.shown)])
    dataset, times, notes = _wanted(dataset, options)
    _check_steps(times, present, options)
    present = {kind: dataset[data.name] for kind, data in present.items()}
    check_extremes(present, problems, options)
    ready = {kind: _counting(data, problems, options, notes) for kind, data in present.items()}
    problems.raise_if_any()
    first, names, latitude, longitude = next(iter(ready.values()))
    common: dict[str, Any] = {"places": names, "latitude": latitude, "longitude": longitude}
    if "mean" not in ready or _is_daily(times):
        empty = np.full(first.shape, np.nan)
        low, high, mean = (ready[kind][0] if kind in ready else empty for kind in ("low", "high", "mean"))
        days, offset_h = _days(dataset, times)
        result: Series | Daily = Daily(days=days, low=low, high=high, mean=mean, offset_h=offset_h, **common)
    else:
        members = present["mean"].sizes.get(MEMBER, 1)
        result = Series(times=times, temperature_c=ready["mean"][0], members=members, **common)
    if options.centres is not None:
        result.named = True
        result.places = [str(name) for name in options.centres["id"]]
        result.notes.append(f"grid to regions by {options.spread or options.how}")
    result.notes = [*notes, *result.notes]
    return result


def _is_daily(times: Times) -> bool:
    """Return whether steps are days."""
    return len(times) > 1 and bool(np.median(np.diff(times)) == np.timedelta64(24, "h"))


def _check_steps(times: Times, present: dict[str, xr.DataArray], options: Options) -> None:
    """Refuse months and years, and days of the members of an ensemble.

    Raises
    ------
    InputError
        If the file contains them.
    """
    step = np.median(np.diff(times)) if len(times) > 1 else np.timedelta64(0, "s")
    if step > np.timedelta64(27, "D"):
        kind = "years" if step > np.timedelta64(300, "D") else "months"
        message = f"contains {kind}, not hours or days: download hours or days"
        raise InputError([Problem(message=message, table=options.shown, field="time")])
    members = max(data.sizes.get(MEMBER, 0) for data in present.values())
    if members and ("mean" not in present or _is_daily(times)):
        message = f"has days of {members} members of an ensemble, which are not read: hours are"
        raise InputError([Problem(message=message, table=options.shown, field="time", hint="or keep one member")])


def _rename(dataset: xr.Dataset, options: Options) -> xr.Dataset:
    """Give time, latitude, longitude and member one name each, and drop dimensions of one element.

    Raises
    ------
    InputError
        If members lie over regions, as in our own format, under another name than there.
    """
    dataset = _over_valid_time(dataset)
    wanted = {"valid_time": "time"} | dict.fromkeys(_LATITUDES, "latitude") | dict.fromkeys(_LONGITUDES, "longitude")
    if "time" in dataset.variables:
        del wanted["valid_time"]
        dataset = dataset.drop_vars("valid_time", errors="ignore")
    dataset = dataset.rename({old: new for old, new in wanted.items() if old in dataset.variables and old != new})
    one = [
        str(name) for name, size in dataset.sizes.items() if size == 1 and name not in {"time", "latitude", "longitude"}
    ]
    dataset = dataset.squeeze(one)
    name = next((name for name in _MEMBERS if name in dataset.sizes), MEMBER)
    if name != MEMBER and "region" in dataset.variables:
        message = f"has {dataset.sizes[name]} members: keep one, or rename the dimension to member"
        raise InputError([Problem(message=message, table=options.shown, field=name)])
    if name != MEMBER:
        dataset = dataset.drop_vars(MEMBER, errors="ignore").rename({name: MEMBER})
    return dataset


def _over_valid_time(dataset: xr.Dataset) -> xr.Dataset:
    """Return a forecast that lies over steps, with one time of its begin, over the times that it is for."""
    if "valid_time" not in dataset.variables or dataset.sizes.get("time", 1) > 1:
        return dataset
    one = dataset.squeeze("time") if "time" in dataset.sizes and dataset["valid_time"].ndim > 1 else dataset
    if one["valid_time"].ndim != 1 or "time" in one["valid_time"].dims:
        return dataset
    step = str(one["valid_time"].dims[0])
    return one.drop_vars("time", errors="ignore").set_coords("valid_time").swap_dims({step: "valid_time"})


def _find(dataset: xr.Dataset, names: tuple[str, ...], method: str) -> xr.DataArray | None:
    """Return the variable of a quantity by its name, or by standard name and cell method; None without one."""
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


def _wanted(dataset: xr.Dataset, options: Options) -> tuple[xr.Dataset, Times, list[str]]:
    """Return the steps of a file that are wanted, no values read; their times, UTC; and what was done.

    Raises
    ------
    InputError
        If times are missing, all or some, or their calendar is not known.
    """
    times, rows, notes = _times(dataset, options)
    window = options.window
    if not window.is_open:
        window.check(times, options.shown)
        kept = np.flatnonzero(window.inside(times, 72 + (options.fill_limit_h if options.fill else 0)))
        times, rows = times[kept], rows[kept]
    if not np.array_equal(rows, np.arange(dataset.sizes["time"])):
        one_by_one = rows.size and (np.diff(rows) == 1).all()
        dataset = dataset.isel(time=slice(int(rows[0]), int(rows[-1]) + 1) if one_by_one else rows)
    return dataset, times, notes


def _times(dataset: xr.Dataset, options: Options) -> tuple[Times, npt.NDArray[np.int64], list[str]]:
    """Return times of the standard calendar, UTC, the step of the file of each, and what was done.

    Raises
    ------
    InputError
        If times are missing, all or some, or their calendar is not known.
    """
    times = dataset["time"].to_numpy() if "time" in dataset.variables else np.array([], dtype="datetime64[s]")
    if times.ndim != 1 or not times.size:
        raise InputError([Problem(message="has no times, or some are missing", table=options.shown, field="time")])
    if np.issubdtype(times.dtype, np.datetime64) and not np.isnat(times).any():
        return whole_seconds(times), np.arange(len(times)), []
    calendar = str(dataset["time"].encoding.get("calendar", "")).lower()
    moments = [moment for moment in times if isinstance(moment, cftime.datetime)]
    if len(moments) < len(times) or not (calendar in DAYS or calendar in {*STANDARD, JULIAN}):
        message = f"is not on a calendar that is read{f' but on {calendar}' if calendar else ''}: convert it first"
        message = "has no times, or some are missing" if np.issubdtype(times.dtype, np.datetime64) else message
        raise InputError([Problem(message=message, table=options.shown, field="time")])
    if any(moment.microsecond for moment in moments):
        moments = [(moment + timedelta(milliseconds=500)).replace(microsecond=0) for moment in moments]
    second = np.array([moment.hour * 3600 + moment.minute * 60 + moment.second for moment in moments])
    year = np.array([moment.year for moment in moments])
    day = np.array([moment.dayofyr for moment in moments])
    julian = calendar == JULIAN
    since, until = (JULIAN_FIRST, JULIAN_LAST) if julian else (FIRST_YEAR, LAST_YEAR)
    if year.min() < since or year.max() > until:
        message = f"has years from {year.min()} to {year.max()}; those from {since} to {until} are read"
        raise InputError([Problem(message=message, table=options.shown, field="time")])
    if calendar not in DAYS:
        begin = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + (day - 1)
        notes = [f"calendar {JULIAN} read as real dates"] if julian else []
        return begin.astype("datetime64[s]") + second, np.arange(len(times)), notes
    turned = to_standard(year, day, second, calendar)
    return turned.times, turned.rows, [turned.note]


def _days(dataset: xr.Dataset, times: Times) -> tuple[Times, float | None]:
    """Return the days of the steps of a file, and the hours that they are ahead of UTC; None if it does not say it.

    Notes
    -----
    The bounds of the time say when a day begins and ends (CF, section 7.1). Days of CMIP and CORDEX, and of calendars
    that only models keep, are those of UTC.
    """
    name = str(dataset["time"].attrs.get("bounds") or dataset["time"].encoding.get("bounds") or "")
    bounds = dataset[name].to_numpy() if name in dataset.variables else np.array([])
    if bounds.shape == (len(times), 2) and np.issubdtype(bounds.dtype, np.datetime64) and not np.isnat(bounds).any():
        begin, end = (bounds[:, place].astype("datetime64[s]") for place in (0, 1))
        into = (begin - begin.astype("datetime64[D]").astype("datetime64[s]")) / HOUR
        if (end - begin == 24 * HOUR).all() and (into == into[0]).all():
            ahead = float(-into[0] if into[0] <= _NOON_H else 24 - into[0])
            return (begin + np.timedelta64(round(ahead * HOUR_S), "s")).astype("datetime64[D]"), ahead
    model = {"mip_era", "project_id", "CORDEX_domain"} & set(dataset.attrs)
    on_its_own = str(dataset["time"].encoding.get("calendar", "")).lower() in {*DAYS, JULIAN}
    return times.astype("datetime64[D]"), 0 if model or on_its_own else None


def _counting(
    data: xr.DataArray, problems: Problems, options: Options, notes: list[str]
) -> tuple[Array, list[str], Array | None, Array | None]:
    """Return what `_points` does; values that do not count, by what the file says of them, are told."""
    counts = valid(data)
    found = _points(data, counts, problems, options)
    if counts.told:
        warn(problems, counts.told, shown=options.shown, field=str(data.name))
        notes.append(f"{data.name}: {counts.told}")
    return found


def _points(
    data: xr.DataArray, counts: Valid, problems: Problems, options: Options
) -> tuple[Array, list[str], Array | None, Array | None]:
    """Return values in degC, as the regions need them, and names and coordinates of the places.

    Values have the shape ``(time, place)``, or ``(time, member * place)`` of an ensemble, as a `Series` has them.
    """
    data = _one_version(data)
    space = [str(dim) for dim in data.dims if dim not in {"time", MEMBER}]
    known = {dim for name in ("latitude", "longitude") if name in data.coords for dim in data[name].dims}
    if set(space) - known:
        extra = ", ".join(sorted(set(space) - known))
        message = f"lies over {extra} without latitude and longitude: keep one element of each"
        problems.add(message, table=options.shown, field=str(data.name))
        return np.empty((0, 0)), [], None, None
    latitude, longitude = (_coordinate(data, name, space) for name in ("latitude", "longitude"))
    if latitude is not None and longitude is not None:
        inside = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 360)
        if not inside.all():
            problems.add("must be degrees", table=options.shown, field="latitude, longitude")
            return np.empty((0, 0)), [], None, None
    data = data.transpose(..., "time", *space)
    check_load(data, options, most=MAX_GRID_VALUES)
    if options.centres is None or latitude is None or longitude is None:
        return _single(data, counts, (latitude, longitude), problems, options)
    data = data.load() if data.size <= SMALL_GRID_VALUES else data
    members = _by_member(data)
    useful = np.any([_have_values(one, space) for one in members], axis=0)  # all members are of the same places
    share = places.weights(latitude, longitude, useful, problems, options)
    values = np.concatenate([_columns(one, space, share, counts) for one in members], axis=1)
    values = _without_default_fill(values)
    unit = str(data.attrs.get("units", ""))
    values = to_celsius(values, unit, problems, options, field=str(data.name))
    regions = options.centres
    names = [str(name) for name in regions["id"]]
    return values, names, regions["centre_lat"].to_numpy(float), regions["centre_lon"].to_numpy(float)


def _by_member(data: xr.DataArray) -> list[xr.DataArray]:
    """Return the data of each member of an ensemble; the data themselves if they are of none."""
    if MEMBER not in data.dims:
        return [data]
    return [data.isel({MEMBER: place}, drop=True) for place in range(data.sizes[MEMBER])]


def _have_values(data: xr.DataArray, space: list[str]) -> npt.NDArray[np.bool_]:
    """Return whether each place of the flattened grid has values, ``(place,)``.

    A place that has none at one time is looked at again at others: all of a small grid, the middle and the last of a
    large one. Ours: a grid over the sea has none ever, and an hour that was not delivered has none anywhere.
    """
    last = data.sizes["time"] - 1
    steps = np.arange(last + 1) if data.size <= SMALL_GRID_VALUES else np.unique([0, last // 2, last])
    found = np.zeros(tuple(data.sizes[dim] for dim in space), dtype=bool)
    for block in (steps[:1], *np.array_split(steps[1:], 1 + len(steps) // STEPS_AT_ONCE)):
        values = data.isel(time=block).to_numpy().astype(float)
        found |= np.isfinite(valid(data).inside(values)).any(axis=0)
        if found.all():
            break
    return found.ravel()


def _columns(data: xr.DataArray, space: list[str], share: Array, counts: Valid) -> Array:
    """Return the means of places that stand for each region, shape ``(time, region)``, only those places loaded."""
    shape = tuple(data.sizes[dim] for dim in space)
    columns = []
    for row in share:
        chosen = np.flatnonzero(row)
        where = {
            dim: xr.DataArray(index, dims="place")
            for dim, index in zip(space, np.unravel_index(chosen, shape), strict=True)
        }
        part = data.isel(where) if space else data.expand_dims("place", axis=1)
        given = part.transpose("time", "place").to_numpy().astype(float)
        columns.append(counts.inside(given) @ row[chosen])
    return np.stack(columns, axis=1)


def _one_version(data: xr.DataArray) -> xr.DataArray:
    """Join final (1) and preliminary (5) analysis, each of which is missing where the other is there."""
    if "expver" in data.dims:
        versions = [data.isel(expver=place, drop=True) for place in range(data.sizes["expver"])]
        for version in versions[1:]:
            versions[0] = versions[0].combine_first(version)
        return versions[0]
    return data


def _single(
    data: xr.DataArray, counts: Valid, where: tuple[Array | None, Array | None], problems: Problems, options: Options
) -> tuple[Array, list[str], Array | None, Array | None]:
    """Return the values of a file of one place; a problem is noted if it has more."""
    members = data.sizes.get(MEMBER, 1)
    count = data.size // max(data.sizes["time"] * members, 1)
    if count != 1:
        hint = "choose regions with regions= (--regions), the name or folder of a network"
        problems.add(f"is a grid of {count} places", table=options.shown, field=str(data.name), hint=hint)
        return np.empty((0, 0)), [], None, None
    given = data.to_numpy().astype(float).reshape(members, -1).T
    values = _without_default_fill(counts.inside(given))
    values = to_celsius(values, str(data.attrs.get("units", "")), problems, options, field=str(data.name))
    return values, [options.stem], *where


def _without_default_fill(values: Array) -> Array:
    """Return values without those that the netCDF library leaves where nothing was written and nothing says so."""
    return np.where(np.abs(values) > DEFAULT_FILL, np.nan, values)


def _coordinate(data: xr.DataArray, name: str, space: list[str]) -> Array | None:
    """Return latitude or longitude of each place of the flattened grid, shape ``(place,)``; None without any."""
    if name not in data.coords:
        return None
    shape = {dim: data.sizes[dim] for dim in space}
    wide = xr.zeros_like(data[name], dtype=float) + data[name]
    for dim, size in shape.items():
        if dim not in wide.dims:
            wide = wide.drop_vars(dim, errors="ignore").expand_dims({dim: size})
    return np.asarray(wide.transpose(*space).to_numpy(), dtype=float).ravel()


FORMAT = Format(
    name="CF NetCDF",
    meaning="ERA5 and ERA5-Land (either naming), CMIP and other CF files; hours or days, on a grid or at a point; "
    "hours also of the members of an ensemble (a dimension `number`, `member`, `realization` or `ensemble`)",
    told_by="NetCDF with a temperature such as `t2m`, `tas`, `tasmin`, or the standard name `air_temperature`",
    detect=detect,
    read=read,
    binary=True,
)
