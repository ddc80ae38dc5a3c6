"""Our own format as NetCDF: `temperature` over time and region, hourly, UTC, perhaps with members."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import xarray as xr

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.inputs.valid import valid
from gridmodel.weather.cut import note_missed
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.netcdf import check_load, reading_values
from gridmodel.weather.parsing.strict import check
from gridmodel.weather.series import (
    ISSUED,
    Array,
    Options,
    Series,
    check_beside,
    check_years,
    to_celsius,
    unit_named,
    warn,
    whole_seconds,
)
from gridmodel.weather.wind_and_sun import BESIDE
from gridmodel.weather.wind_and_sun import beside as series_beside

NONE: Mapping[str, xr.DataArray] = MappingProxyType({})


def detect(file: File) -> int:
    """Return the evidence that a file is NetCDF of our own format."""
    if not file.is_netcdf:
        return NOT_THIS
    data = file.dataset.get("temperature")
    return SIGNATURE if data is not None and set(data.dims) - {"member"} == {"time", "region"} else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> xr.DataArray | Series:
    """Read NetCDF of our own format, as `to_own` returns it."""
    dataset = in_window(file.dataset, options)
    data = dataset["temperature"]
    parts = {name: dataset[name] for name in BESIDE if name in dataset.variables}
    for part in (data, *parts.values()):
        check_load(part, options)
    with reading_values(options.shown):
        return to_own(data.load(), problems, options, beside={name: part.load() for name, part in parts.items()})


def in_window(dataset: xr.Dataset, options: Options) -> xr.Dataset:
    """Return the steps of a file that are wanted, no values read; all of them where its times are none."""
    if options.window.is_open or not np.issubdtype(dataset["time"].dtype, np.datetime64):
        return dataset
    times = dataset["time"].to_numpy()
    options.window.check(times, options.shown)
    return dataset.isel(time=np.flatnonzero(options.window.inside(times, options.fill_limit_h if options.fill else 0)))


def to_own(
    data: xr.DataArray, problems: Problems, options: Options, *, beside: Mapping[str, xr.DataArray] = NONE
) -> xr.DataArray | Series:  # fmt: skip
    """Turn a variable over time and region, perhaps with members, to degrees Celsius, and check it.

    Parameters
    ----------
    data
        The variable, loaded, its dimensions in any order.
    problems
        Collects a wrong unit and what `check` finds.
    options
        Name of the file.
    beside
        Wind and sun of the file, by the names of `BESIDE`, with the dimensions of the variable.

    Returns
    -------
    xarray.DataArray or Series
        ``temperature(time, region)`` or ``temperature(member, time, region)``. [degC] Where gaps are to be filled,
        a `Series`, if the file has no members.
    """
    order = ("member", "time", "region") if "member" in data.dims else ("time", "region")
    data = data.transpose(*order)
    units = str(data.attrs.get("units", "")) or options.unit
    known = unit_named(units)
    if known not in {"degC", "K", "degF"}:
        hint = "" if units else "give it with unit= (--unit)"
        problems.add("must be degC or K", table=options.shown, field="temperature.units", value=units, hint=hint)
    if not np.issubdtype(data["time"].dtype, np.datetime64) or not np.issubdtype(data.dtype, np.number):
        problems.add("must be numbers over times of the standard calendar", table=options.shown, field="temperature")
    problems.raise_if_any()
    values = to_celsius(_counting(data, problems, options), units, problems, options, field="temperature")
    times, regions = whole_seconds(data["time"].to_numpy()), [str(r) for r in data["region"].to_numpy()]
    check_years(times, problems, options)
    options.extent.note(regions, times)
    for name in sorted({name for name in regions if regions.count(name) > 1}):
        problems.add("is repeated", table=options.shown, field="region", value=name)
    more = _beside(beside, data, problems, options)
    problems.raise_if_any()
    if options.fill and values.ndim == 2:
        return Series(times=times, temperature_c=values, places=regions, named=True, beside=more)
    members = values if values.ndim == 3 else values[None]
    for number, member in enumerate(members):
        names = [f"{region} (member {number})" for region in regions] if values.ndim == 3 else regions
        series = Series(times=times, temperature_c=member, places=names)
        check(series, problems, options)
        if len(problems.found) > MAX_REPORTED:
            break
    note_missed(Series(times=times, temperature_c=values, places=regions), problems, options)
    return _array(data, values, regions, _checked(more, problems, options), options)


def _counting(data: xr.DataArray, problems: Problems, options: Options) -> Array:
    """Return the values that count by what the file says of them, NaN for others, which are told."""
    counts = valid(data)
    values = counts.inside(data.to_numpy().astype(np.float64))
    if counts.told:
        warn(problems, counts.told, shown=options.shown, field=str(data.name))
    return values


def _array(
    data: xr.DataArray, values: Array, regions: list[str], more: dict[str, Array], options: Options
) -> xr.DataArray:  # fmt: skip
    """Return checked temperatures, with wind and sun beside them, with CF attributes."""
    order = tuple(str(name) for name in data.dims)
    times = whole_seconds(data["time"].to_numpy())
    coords: dict[str, object] = {"time": times.astype("datetime64[ns]"), "region": np.array(regions, dtype=object)}
    coords |= {"member": np.arange(len(values))} if values.ndim == 3 else {}
    coords |= {name: series_beside(name, order, part) for name, part in more.items()}
    attrs = {"units": "degC", "standard_name": "air_temperature", "long_name": "Air temperature"}
    attrs |= {key: str(data.attrs[key]) for key in ("history", ISSUED) if key in data.attrs}
    return xr.DataArray(values, coords, order, "temperature", attrs=attrs | {"source": options.shown})


def _beside(
    given: Mapping[str, xr.DataArray], data: xr.DataArray, problems: Problems, options: Options
) -> dict[str, Array]:  # fmt: skip
    """Return wind and sun in the order of the temperature's dimensions, a unit or shape that is wrong noted."""
    found: dict[str, Array] = {}
    for name, part in given.items():
        units = str(part.attrs.get("units", ""))
        if set(part.dims) != set(data.dims):
            problems.add(f"must have the dimensions {', '.join(map(str, data.dims))}", table=options.shown, field=name)
        elif units not in {BESIDE[name].units, BESIDE[name].units.replace(" s-1", "/s").replace(" m-2", "/m2")}:
            problems.add(f"must be {BESIDE[name].units}", table=options.shown, field=f"{name}.units", value=units)
        elif not np.issubdtype(part.dtype, np.number):
            problems.add("must be numbers", table=options.shown, field=name)
        else:
            found[name] = _counting(part.transpose(*data.dims), problems, options)
    return found


def _checked(more: dict[str, Array], problems: Problems, options: Options) -> dict[str, Array]:
    """Return wind and sun that are possible and whole; all members are looked at as one."""
    if not more:
        return more
    flat = {name: part.reshape(-1, 1) for name, part in more.items()}
    length = len(next(iter(flat.values())))
    series = Series(
        times=np.array([], "datetime64[s]"), temperature_c=np.empty((length, 0)), places=["file"], beside=flat
    )
    check_beside(series, problems, options)
    return {name: more[name] for name in series.beside}


FORMAT = Format(
    name="gridmodel NetCDF",
    meaning="our own format: `temperature(time, region)`, perhaps with `member`; hourly, UTC, degC or K; perhaps with "
    "`wind_m_s` and `ghi_w_m2`",
    told_by="NetCDF with a variable `temperature` over `time` and `region`",
    detect=detect,
    read=read,
    binary=True,
)
