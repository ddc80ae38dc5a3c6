"""Tables with a column of times and one of temperatures under a common name; ERA5 of a point; EPW."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import numpy.typing as npt

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.daily import Daily
from gridmodel.weather.readers.text import Row, Text, column, find_column, unit_of
from gridmodel.weather.series import Array, Options, Series, Times, parse_time, to_celsius

TIME_NAMES = ("time", "valid_time", "datetime", "timestamp", "date")
LOW_NAMES, HIGH_NAMES = ("tmin", "tasmin", "temperature_2m_min"), ("tmax", "tasmax", "temperature_2m_max")
MEAN_NAMES = ("temperature", "temp", "t2m", "tas", "tavg", "temperature_2m", "temperature_2m_mean", "temperature_c")
TEMPERATURE_NAMES = frozenset({*LOW_NAMES, *HIGH_NAMES, *MEAN_NAMES})

EPW_HEADER_LINES = 8
EPW_MISSING_C = 99.9


def line_numbers(rows: list[Row]) -> npt.NDArray[np.int64]:
    """Line of each row."""
    return np.array([line for line, _ in rows], dtype=np.int64)


def read_times(rows: list[Row], place: int, problems: Problems, options: Options) -> Times:
    """UTC times of a column of ISO 8601 cells, shape ``(row,)``.

    Raises
    ------
    InputError
        If any is none.
    """
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    for row, (line, cells) in enumerate(rows):
        times[row] = parse_time(cells[place], problems, shown=options.shown, line=line, zone=options.zone)
        if len(problems.found) > MAX_REPORTED:
            break
    problems.raise_if_any()
    return times


def read_days(rows: list[Row], place: int, problems: Problems, options: Options) -> Times:
    """Days written as 2026-01-08 (a time after it is cut off) or 20260108, shape ``(row,)``.

    Raises
    ------
    InputError
        If any is none.
    """
    days = np.full(len(rows), np.datetime64("NaT", "D"))
    for row, (line, cells) in enumerate(rows):
        try:
            days[row] = np.datetime64(datetime.fromisoformat(cells[place][:10]).date(), "D")
        except ValueError:
            message = "is no day such as 2026-01-08"
            problems.add(message, table=options.shown, row=line, field="date", value=cells[place])
        if len(problems.found) > MAX_REPORTED:
            break
    problems.raise_if_any()
    return days


def read(text: Text, problems: Problems, options: Options) -> Series | Daily:
    """Read a plain table: times (UTC where they say no offset and no zone is given) and temperatures of one place."""
    return from_table(*text.table, problems, options)


def from_table(
    header: list[str], rows: list[Row], problems: Problems, options: Options, unit: str = ""
) -> Series | Daily:
    """Series or days of a table whose columns have common names.

    Parameters
    ----------
    header, rows
        The table.
    problems
        Collects what is wrong.
    options
        What the caller says about the file.
    unit
        Unit of the temperatures where the header does not say it; kelvin is told by size where neither does.

    Returns
    -------
    Series or Daily
        Days where the file holds extremes, or one time a day.
    """
    when = find_column(header, *TIME_NAMES) or 0
    low, high, mean = (find_column(header, *names) for names in (LOW_NAMES, HIGH_NAMES, MEAN_NAMES))
    if low is not None or high is not None or _one_a_day(rows, when):
        values = [temperature(header, rows, place, problems, options, unit=unit) for place in (low, high, mean)]
        days = read_days(rows, when, problems, options)
        lines = line_numbers(rows)
        return Daily(days=days, low=values[0], high=values[1], mean=values[2], places=[options.stem], lines=lines)
    values_c = temperature(header, rows, mean, problems, options, unit=unit)
    times = read_times(rows, when, problems, options)
    latitude, longitude = (_constant(header, rows, name, problems, options) for name in ("latitude", "longitude"))
    return Series(
        times=times,
        temperature_c=values_c,
        places=[options.stem],
        lines=line_numbers(rows),
        latitude=latitude,
        longitude=longitude,
    )


def temperature(
    header: list[str], rows: list[Row], place: int | None, problems: Problems, options: Options, *, unit: str = ""
) -> Array:
    """One column in degrees Celsius, shape ``(row, 1)``; NaN everywhere where there is no such column."""
    if place is None:
        return np.full((len(rows), 1), np.nan)
    name = header[place]
    values = column(rows, place, problems, options, field=name)
    return to_celsius(values, unit_of(name) or unit, problems, options, field=name)[:, None]


def _one_a_day(rows: list[Row], when: int) -> bool:
    cells = [cells[when] for _, cells in rows[:3]]
    return bool(cells) and all(len(cell) <= 10 for cell in cells)


def _constant(header: list[str], rows: list[Row], name: str, problems: Problems, options: Options) -> Array | None:
    """Coordinate of a file of one point; nothing where it has none."""
    place = find_column(header, name)
    if place is None:
        return None
    values = np.unique(column(rows, place, problems, options, field=name))
    if len(values) > 1:
        problems.add("holds several points: keep one", table=options.shown, field=name)
    return values[:1] if np.isfinite(values[:1]).all() else None


def read_era5_point(text: Text, problems: Problems, options: Options) -> Series | Daily:
    """ERA5 time-series of a point as CSV: `valid_time` in UTC, `t2m` in kelvin."""
    return from_table(*text.table, problems, replace(options, zone=None), unit=options.unit or "K")


def read_epw(text: Text, problems: Problems, options: Options) -> Series:
    """EnergyPlus weather: 8 header lines, hours 1 to 24 of local standard time, dry bulb in the 7th field.

    Raises
    ------
    InputError
        If its header or a time cannot be read.

    Notes
    -----
    Hour 1 is the hour that ends at 01:00 and so begins at 00:00. A typical year has months
    of different years; the times stay as they stand in the file.
    """
    location = [cell.strip() for cell in text.lines[0].split(",")]
    try:
        latitude, longitude, ahead_h = (float(cell) for cell in location[6:9])
        zone = timezone(timedelta(hours=ahead_h))
    except (ValueError, OverflowError):
        message = "must hold latitude, longitude and hours ahead of UTC in fields 7 to 9"
        raise InputError([Problem(message=message, table=options.shown, row=1, field="LOCATION")]) from None
    rows: list[Row] = []
    for line, cells in enumerate((line.split(",") for line in text.lines[EPW_HEADER_LINES:]), EPW_HEADER_LINES + 1):
        if len(cells) > 6:
            rows.append((line, cells))
        elif any(cells):
            problems.add("has fewer than 7 fields", table=options.shown, row=line)
        if len(problems.found) > MAX_REPORTED:
            break
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    for row, (line, cells) in enumerate(rows):
        try:
            year, month, day, hour = (int(cell) for cell in cells[:4])
            moment = datetime(year, month, day, tzinfo=zone) + timedelta(hours=hour - 1)
            times[row] = parse_time(moment.isoformat(), problems, shown=options.shown, line=line)
        except (ValueError, OverflowError):
            problems.add("is no time: year, month, day, hour 1 to 24", table=options.shown, row=line, field="time")
    values = column(rows, 6, problems, options, field="dry bulb", missing=(EPW_MISSING_C,))
    problems.raise_if_any()
    return Series(
        times=times,
        temperature_c=values[:, None],
        places=[location[1] or options.stem],
        lines=line_numbers(rows),
        latitude=np.array([latitude]),
        longitude=np.array([longitude]),
    )
