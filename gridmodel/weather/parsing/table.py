"""Read tables with a column of times and one of temperatures under a common name."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.text import Row, column, find_column, unit_of
from gridmodel.weather.series import Array, Options, Series, Times, parse_time, to_celsius

TIME_NAMES = ("time", "valid_time", "datetime", "timestamp", "date")
LOW_NAMES, HIGH_NAMES = ("tmin", "tasmin", "temperature_2m_min"), ("tmax", "tasmax", "temperature_2m_max")
MEAN_NAMES = ("temperature", "temp", "t2m", "tas", "tavg", "temperature_2m", "temperature_2m_mean", "temperature_c")
TEMPERATURE_NAMES = frozenset({*LOW_NAMES, *HIGH_NAMES, *MEAN_NAMES})


def line_numbers(rows: list[Row]) -> npt.NDArray[np.int64]:
    """Return the line of each row, shape ``(row,)``."""
    return np.array([line for line, _ in rows], dtype=np.int64)


def read_times(rows: list[Row], place: int, problems: Problems, options: Options) -> Times:
    """Read a column of ISO 8601 times as UTC, shape ``(row,)``.

    Raises
    ------
    InputError
        If any cell is not a time.
    """
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    for row, (line, cells) in enumerate(rows):
        times[row] = parse_time(cells[place], problems, shown=options.shown, line=line, zone=options.zone)
        if len(problems.found) > MAX_REPORTED:
            break
    problems.raise_if_any()
    return times


def read_days(rows: list[Row], place: int, problems: Problems, options: Options) -> Times:
    """Read a column of days, written as 2026-01-08 (a time after it is cut off) or 20260108, shape ``(row,)``.

    Raises
    ------
    InputError
        If any cell is not a day.
    """
    days = np.full(len(rows), np.datetime64("NaT", "D"))
    for row, (line, cells) in enumerate(rows):
        try:
            days[row] = np.datetime64(datetime.fromisoformat(cells[place][:10]).date(), "D")
        except ValueError:
            message = "is not a day such as 2026-01-08"
            problems.add(message, table=options.shown, row=line, field="date", value=cells[place])
        if len(problems.found) > MAX_REPORTED:
            break
    problems.raise_if_any()
    return days


def from_table(
    header: list[str], rows: list[Row], problems: Problems, options: Options, unit: str = ""
) -> Series | Daily:
    """Read the hours or days of a table whose columns have common names.

    Parameters
    ----------
    header, rows
        The table.
    problems
        Collects cells that cannot be read.
    options
        Choices of the caller about the file.
    unit
        Unit of the temperatures where the header does not say it; kelvin is told by size where neither does.

    Returns
    -------
    Series or Daily
        `Daily` if the file contains daily extremes, or one time per day.
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
    """Read one column in degrees Celsius, shape ``(row, 1)``; all NaN if the place is None."""
    if place is None:
        return np.full((len(rows), 1), np.nan)
    name = header[place]
    values = column(rows, place, problems, options, field=name)
    return to_celsius(values, unit_of(name) or unit, problems, options, field=name)[:, None]


def _one_a_day(rows: list[Row], when: int) -> bool:
    cells = [cells[when] for _, cells in rows[:3]]
    return bool(cells) and all(len(cell) <= 10 for cell in cells)


def _constant(header: list[str], rows: list[Row], name: str, problems: Problems, options: Options) -> Array | None:
    """Return the coordinate of a file of one point, shape ``(1,)``; None if the file does not say it."""
    place = find_column(header, name)
    if place is None:
        return None
    values = np.unique(column(rows, place, problems, options, field=name))
    if len(values) > 1:
        problems.add("contains several points: keep one", table=options.shown, field=name)
    return values[:1] if np.isfinite(values[:1]).all() else None


def station(header: list[str], rows: list[Row], problems: Problems, options: Options) -> str:
    """Return the id of the station of a file; the name of the file without one, a problem noted with several."""
    place = find_column(header, "station")
    names = {cells[place] for _, cells in rows} if place is not None else set()
    if len(names) > 1:
        message = f"contains {len(names)} stations: keep one"
        problems.add(message, table=options.shown, field="STATION", value=", ".join(sorted(names)[:5]))
    return min(names, default=options.stem)


def coordinates(
    header: list[str], rows: list[Row], problems: Problems, options: Options
) -> tuple[Array, Array] | tuple[None, None]:
    """Return latitude and longitude of the first row, each of shape ``(1,)``; None if the file does not say them."""
    found = []
    for name in ("latitude", "longitude"):
        place = find_column(header, name)
        found.append(column(rows[:1], place, problems, options, field=name.upper()))
    known = all(values.size and np.isfinite(values).all() for values in found)
    return (found[0], found[1]) if known else (None, None)
