"""Read temperatures from files of common formats, detected by their content."""

from __future__ import annotations

import warnings
from datetime import tzinfo
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.files import Beside, find
from gridmodel.inputs.memory import TablesLike
from gridmodel.inputs.tables import SAVE_AS
from gridmodel.weather.cut import cut, note_missed
from gridmodel.weather.daily import Daily, to_hours
from gridmodel.weather.gaps import fill_gaps, list_gaps
from gridmodel.weather.objects import WeatherLike, as_file, unit_of
from gridmodel.weather.parsing.file import File
from gridmodel.weather.regions import check_coordinates, name_places, read_centres, select_regions
from gridmodel.weather.registry import detect
from gridmodel.weather.series import (
    Options,
    Series,
    check_beside,
    find_zone,
    regular,
    to_array,
    unit_named,
    warn,
)
from gridmodel.weather.sizes import check_size
from gridmodel.weather.spread import SPREADS
from gridmodel.weather.window import Moment, read_window

Regions = str | Path | pd.DataFrame | TablesLike | dict[str, Any] | None
"""Table of regions, or a network that has one."""


def load_weather(  # noqa: PLR0913 - one argument a choice that a file may leave open
    name: WeatherLike,
    *,
    regions: Regions = None,
    region: str = "",
    how: Literal["nearest", "area"] = "nearest",
    timezone: str = "",
    unit: str = "",
    fill: str = "",
    fill_limit_h: int = 6,
    start: Moment = None,
    end: Moment = None,
    year: int | None = None,
    spread: Literal["", "nearest", "inverse-distance"] = "",
) -> xr.DataArray:
    """Read a temperature series.

    Parameters
    ----------
    name
        A bundled name, or the path of a file; or what a file has, in memory: a DataArray or Dataset (of a grid too), a
        DataFrame. Our own format is CSV (column `time` in UTC, one column per region)
        or NetCDF with a variable `temperature(time, region)`, perhaps with `member`. Others are detected by their
        content: `gridmodel.weather.registry.formats` returns them, docs/weather.md lists them.
    regions
        Regions that a file of many places becomes: a bundled network, a network folder, a network in memory, a CSV file
        or a table with columns `id`, `centre_lat`, `centre_lon`.
    region
        Id of the region whose weather a file of one place is; empty to keep the name of the place. Beside `regions`
        only with a `spread`: the region that the one place is in.
    how
        ``nearest`` place to the centre of a region, or ``area``: the mean of the places around it
        (see `gridmodel.weather.regions.weights`).
    timezone
        Of times and days that do not state one: a name or an offset such as ``+02:00``. If empty, times are UTC, and
        days follow solar time at the longitude, which the file must then state.
    unit
        Of temperatures that do not state one: degC, K, degF or tenths (of degC).
    fill
        ``linear`` fills gaps along a line and records it in `history`; empty to fill none.
    fill_limit_h
        Longest gap that is filled; of days, whole days count. [h]
    start, end
        First hour, and hour after the last, of the part that is read: UTC without an offset. So a part of a century is
        read of a file that is too long to be read whole.
    year
        Year that a typical year (TMY, IWEC, TRY) is laid on; if it is not given, the years from `start` to `end`.
    spread
        ``nearest`` or ``inverse-distance`` gives every one of `regions` a temperature where the file has only a few of
        them, or a few sites, up to 1,000 km away (see `gridmodel.weather.spread`); empty refuses regions without a
        place of their own.

    Returns
    -------
    xarray.DataArray
        ``temperature(time, region)``, hourly, UTC. [degC] Where the file has them, with the coordinates
        ``wind_m_s(time, region)`` and ``ghi_w_m2(time, region)``, the sun on level ground. [m/s, W/m²]

    Raises
    ------
    InputError
        With every problem: gaps, repeated hours, missing values, kelvin, cells that are not numbers.

    Warns
    -----
    UserWarning
        If a unit was told by the size of the numbers.

    Examples
    --------
    >>> import gridmodel as gm
    >>> gm.load_weather("cold-wave-2026").sizes["region"]
    24
    """
    data, noted = read_weather(
        name,
        regions=regions,
        region=region,
        how=how,
        timezone=timezone,
        unit=unit,
        fill=fill,
        fill_limit_h=fill_limit_h,
        start=start,
        end=end,
        year=year,
        spread=spread,
    )
    for problem in noted:
        warnings.warn(str(problem), UserWarning, stacklevel=2)
    return data


def read_weather(  # noqa: PLR0913 - those of load_weather
    name: WeatherLike,
    *,
    regions: Regions = None,
    region: str = "",
    how: Literal["nearest", "area"] = "nearest",
    timezone: str = "",
    unit: str = "",
    fill: str = "",
    fill_limit_h: int = 6,
    start: Moment = None,
    end: Moment = None,
    year: int | None = None,
    spread: Literal["", "nearest", "inverse-distance"] = "",
) -> tuple[xr.DataArray, list[Problem]]:
    """Read a temperature series as `load_weather` does, and return its warnings instead of issuing them.

    Returns
    -------
    tuple
        ``temperature(time, region)``, hourly, UTC [degC], and the warnings.

    Raises
    ------
    InputError
        With every problem.
    """
    if not isinstance(name, str | Path):
        with as_file(name) as path:
            return read_weather(
                path, regions=regions, region=region, how=how, timezone=timezone, unit=unit or unit_of(name), fill=fill,
                fill_limit_h=fill_limit_h, start=start, end=end, year=year, spread=spread,
            )  # fmt: skip
    problems = Problems()
    file = problems.of(lambda: weather_file(name))
    zone, unit = read_zone(timezone, problems), read_unit(unit, problems)
    choices = (("fill", fill, ("", "linear")), ("how", how, ("nearest", "area")), ("spread", spread, ("", *SPREADS)))
    for field, value, allowed in choices:
        if value not in allowed:
            words = " or ".join(word for word in allowed if word)
            problems.add(f"must be {words}", field=field, value=value)
    if fill_limit_h < 1:
        problems.add("must be at least one hour", field="fill_limit_h", value=fill_limit_h)
    if regions is not None and region and not spread:
        problems.add("cannot be combined with regions=: give one of them", field="region", value=region)
    if spread and regions is None:
        problems.add("needs the regions that places are spread to: regions= (--regions)", field="spread", value=spread)
    window = read_window(start, end, year, problems)
    centres = None if regions is None else problems.of(lambda: read_centres(regions))
    wrong = {problem.field for problem in problems.found}
    if file is None or wrong - READ_WITHOUT:
        raise InputError(problems.found)
    options = Options(
        shown=file.name,
        stem=file.name.split(".")[0],
        centres=centres,
        region=region,
        how="nearest" if "how" in wrong else how,
        zone=zone,
        unit=unit,
        fill="linear" if "fill" in wrong else fill,
        fill_limit_h=max(fill_limit_h, 1),
        window=window,
        spread=spread,
    )
    noted = Problems()
    data = problems.of(lambda: read_file(file, noted, options))
    every = dict.fromkeys([*problems.found, *noted.found])
    problems.found = [one for one in every if not wrong or one.severity == "error"]  # other warnings are of defaults
    problems.raise_if_any()
    assert data is not None  # noqa: S101 - nothing was wrong
    return data, problems.found


READ_WITHOUT = frozenset({"timezone", "unit", "fill", "fill_limit_h", "how"})
"""Choices whose values may be wrong, and what is wrong with the file is told all the same."""


def read_zone(timezone: str, problems: Problems) -> tzinfo | None:
    """Return the time zone that a caller names; None if it is empty, or unknown, which is noted."""
    zone = find_zone(timezone) if timezone else None
    if timezone and zone is None:
        problems.add(
            "is not a time zone; give a name or an offset such as Europe/Kyiv, UTC or +02:00",
            field="timezone",
            value=timezone,
        )
    return zone


def read_unit(unit: str, problems: Problems) -> str:
    """Return the unit that a caller names; empty if it is none of temperature, which is noted."""
    if not unit or unit_named(unit):
        return unit
    problems.add("is not a unit of temperature: use degC, K, degF or tenths (of degC)", field="unit", value=unit)
    return ""


def check_weather(  # noqa: PLR0913 - those of load_weather
    name: WeatherLike,
    *,
    regions: Regions = None,
    region: str = "",
    how: Literal["nearest", "area"] = "nearest",
    timezone: str = "",
    unit: str = "",
    fill: str = "",
    fill_limit_h: int = 6,
    start: Moment = None,
    end: Moment = None,
    year: int | None = None,
    spread: Literal["", "nearest", "inverse-distance"] = "",
) -> list[Problem]:
    """Return everything that is wrong with a temperature file, errors and warnings; empty if it can be used as it is.

    Parameters
    ----------
    name, regions, region, how, timezone, unit, fill, fill_limit_h, start, end, year, spread
        As in `load_weather`.

    Returns
    -------
    list of Problem
        In the order in which they were found; nothing is raised for a file that is missing or cannot be read.

    Examples
    --------
    >>> import gridmodel as gm
    >>> gm.check_weather("cold-wave-2026")
    []
    """
    try:
        _, noted = read_weather(
            name,
            regions=regions,
            region=region,
            how=how,
            timezone=timezone,
            unit=unit,
            fill=fill,
            fill_limit_h=fill_limit_h,
            start=start,
            end=end,
            year=year,
            spread=spread,
        )
    except InputError as error:
        return error.problems
    return noted


def weather_file(name: str | Path, *, beside: Beside = None) -> Path:
    """Return the path of a weather file.

    Raises
    ------
    InputError
        If it does not exist, or is a folder.
    """
    path = find("weather", name, beside=beside)
    if path.is_dir():
        is_store = any((path / name).is_file() for name in (".zgroup", "zarr.json"))
        hint = "of a Zarr store, give the array: gm.load_weather(xr.open_zarr(path))" if is_store else ""
        raise InputError([Problem(message="is a folder, not a weather file", table=str(path), hint=hint)])
    return path


def examine_file(name: str | Path, options: Options) -> tuple[xr.DataArray | None, list[Problem]]:
    """Read a temperature file, and return its errors and warnings instead of raising them.

    Parameters
    ----------
    name
        A bundled name or a path.
    options
        Choices of the caller; `extent` is filled as far as regions and period can be told.

    Returns
    -------
    tuple
        ``temperature(time, region)``, perhaps with `member`; None if there are errors. [degC]
    """
    problems = Problems()
    try:
        data = read_file(weather_file(name), problems, options)
        problems.raise_if_any()
    except InputError as error:
        return None, list(error.problems)
    return data, problems.found


def read_file(path: Path, problems: Problems, options: Options) -> xr.DataArray:
    """Return the temperatures of a file; what is wrong with them is noted, or raised where nothing can be read."""
    with File(path, options.window.text_years) as file:
        found = _found(file, problems, options)
        if file.guessed:
            hint = "save the file as UTF-8 if names look wrong"
            warn(problems, f"is not UTF-8: read as {file.guessed}", shown=options.shown, hint=hint)
    if isinstance(found, xr.DataArray):
        return select_regions(found, problems, options)
    problems.raise_if_any()
    return _finish(found, problems, options)


def _found(file: File, problems: Problems, options: Options) -> Series | Daily | xr.DataArray:
    """Return what the reader of a file finds.

    Raises
    ------
    InputError
        With every problem; of text that is not UTF-8 first that, since letters that were not read hide columns.
    """
    try:
        return detect(file).read(file, problems, options)
    except InputError as error:
        told = Problems()
        if file.not_utf8:
            warn(told, f"is not UTF-8: read as {file.not_utf8}", shown=options.shown, hint=SAVE_AS)
        raise InputError([*told.found, *error.problems]) from None


def _finish(found: Series | Daily, problems: Problems, options: Options) -> xr.DataArray:
    """Turn what a reader found to checked hours without a gap, in columns of regions."""
    check_coordinates(found, problems, options)
    cut(found, options, spare_h=_spare_h(found, options))
    series = to_hours(found, problems, options) if isinstance(found, Daily) else found
    options.extent.note(series.places if series.named else None, series.times)
    series = regular(series, problems, options)
    if not series.named:
        series = name_places(series, problems, options)
    fill_gaps(series, options)
    cut(series, options)
    note_missed(series, problems, options)
    list_gaps(series, problems, options)
    check_size(series, problems, options, table_lines=False)
    check_beside(series, problems, options)
    problems.raise_if_any()
    data = to_array(series, options)
    return select_regions(data, problems, options) if series.named else data


def _spare_h(found: Series | Daily, options: Options) -> int:
    """Return the hours around a period that its edges need: the nearest report, gaps, the days before and after."""
    gap_h = options.fill_limit_h if options.fill else 0
    return gap_h + (72 if isinstance(found, Daily) else 1)
