"""Columns of times as programs write them: ISO 8601, dates as people write them, numbers, local clocks."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.parsing.dates import both_moments, later_of_twice, looks_written, read_written
from gridmodel.weather.parsing.text import Row
from gridmodel.weather.series import HOUR_S, Options, Times, offset_hours

_UNIX = re.compile(r"(\d{9,10}|\d{12,13})(\.\d+)?", re.ASCII)
"""Seconds since 1970 from 1973 to 2286, or milliseconds."""
_DIGITS = re.compile(r"\d{8}|\d{10}|\d{12}|\d{14}", re.ASCII)
"""Year, month, day and perhaps hour, minute and second without marks."""
_MILLISECONDS = 10**11
_OFFSET = re.compile(r":\d{2}(?:\.\d+)? ?([+-])(\d{2}):?(\d{2})$")
"""Offset at the end of a time of day."""
_ISO_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
NEVER = np.datetime64("NaT", "s")


def read_moments(rows: list[Row], place: int, problems: Problems, options: Options) -> tuple[Times, list[str]]:
    """Read a column of times as UTC, shape ``(row,)``, and what was done, in sentences of `history`.

    Parameters
    ----------
    rows
        Line and cells of each row.
    place
        Of the column among the cells.
    problems
        Collects cells that are not times.
    options
        Name of the file, and the time zone of times without an offset; UTC without one.

    Raises
    ------
    InputError
        If any cell is not a time.

    Notes
    -----
    The whole column says how it is written. Digits alone are a date where all of them are one (2026010800), otherwise
    seconds or milliseconds since 1970. A clock that was set back shows an hour twice: of a time that comes twice, the
    second is the later one.
    """
    cells = [cells[place] for _, cells in rows]
    if cells and all(_DIGITS.fullmatch(cell) or _UNIX.fullmatch(cell) for cell in cells):
        found = _digits(cells, options)
        if found is not None:
            return found, _told(options)
        if all(_UNIX.fullmatch(cell) for cell in cells):
            return _unix(cells), ["times read as seconds since 1970"]
    if cells and not _ISO_DATE.match(cells[0]) and looks_written(cells[0]):
        dates: list[Row] = [(line, [row[place]]) for line, row in rows]
        notes: list[str] = []
        times = read_written(dates, "time", problems, options, notes=notes)
        problems.raise_if_any()
        return times, notes
    return _iso(rows, place, problems, options)


def _told(options: Options) -> list[str]:
    """Return that times without an offset were read in the zone of the caller; nothing where they are UTC."""
    return [] if options.zone is None else [f"times without an offset read as {options.zone}"]


def past_hour_s(rows: list[Row], place: int, times: Times, options: Options) -> int:
    """Return the seconds by which full hours of the clock of a column of times are past those of UTC. [s]

    Parameters
    ----------
    rows, place, options
        As in `read_moments`.
    times
        The same times in UTC.

    Notes
    -----
    By the offset of the first cell, else by the zone of the caller on its day: 1800 in India, 900 in Nepal.
    """
    if not rows:
        return 0
    stated = _OFFSET.search(rows[0][1][place])
    if stated is not None:
        ahead_h = float(f"{stated[1]}1") * (int(stated[2]) + int(stated[3]) / 60)
    else:
        ahead_h = 0.0 if options.zone is None else offset_hours(options.zone, times[0])
    return round(-ahead_h * HOUR_S) % HOUR_S


def _iso(rows: list[Row], place: int, problems: Problems, options: Options) -> tuple[Times, list[str]]:
    """Read times of ISO 8601, with offsets or in the zone of the caller, and what was done.

    Raises
    ------
    InputError
        If any cell is not a time.
    """
    first = np.full(len(rows), NEVER)
    second = first.copy()
    bare = False
    for row, (line, cells) in enumerate(rows):
        try:
            moment = datetime.fromisoformat(cells[place])
            first[row], second[row] = _both(moment, options)
            bare |= moment.tzinfo is None
        except (ValueError, OverflowError):
            message = "is not a UTC time such as 2026-01-08T00:00Z"
            problems.add(message, table=options.shown, row=line, field="time", value=cells[place])
            if len(problems.found) > MAX_REPORTED:
                break
    problems.raise_if_any()
    return later_of_twice(first, second), _told(options) if bare else []


def _both(moment: datetime, options: Options) -> tuple[np.datetime64, np.datetime64]:
    """Return the two moments in UTC that a local time may be: twice the same but where a clock was set back."""
    if moment.tzinfo is not None:
        utc = np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s")
        return utc, utc
    if options.zone is None:
        utc = np.datetime64(moment, "s")
        return utc, utc
    return both_moments(moment, options.zone)


def _digits(cells: list[str], options: Options) -> Times | None:
    """Read dates without marks; None if any of them is none, or two of them are the same."""
    times = np.full(len(cells), NEVER)
    for row, cell in enumerate(cells):
        try:
            moment = datetime.strptime(cell[:14], "%Y%m%d%H%M%S"[: {8: 6, 10: 8, 12: 10, 14: 12}[len(cell)]])
            times[row] = _both(moment, options)[0]
        except (ValueError, KeyError, OverflowError):
            return None
    return times


def _unix(cells: list[str]) -> Times:
    """Read seconds, or milliseconds, since 1970."""
    numbers = np.array([float(cell) for cell in cells])
    seconds = np.where(numbers >= _MILLISECONDS, numbers / 1000, numbers)
    return np.round(seconds).astype(np.int64).astype("datetime64[s]")


def read_days(rows: list[Row], place: int, problems: Problems, options: Options) -> tuple[Times, list[str]]:
    """Read a column of days, shape ``(row,)``, and what was done, in sentences of `history`.

    A time after a day is cut off; days are not moved by a time zone.

    Raises
    ------
    InputError
        If any cell is not a day.
    """
    cells = [cells[place] for _, cells in rows]
    if cells and not _ISO_DATE.match(cells[0]) and looks_written(cells[0]):
        dates: list[Row] = [(line, [row[place]]) for line, row in rows]
        notes: list[str] = []
        times = read_written(dates, "date", problems, options.without_zone(), notes=notes)
        problems.raise_if_any()
        return times.astype("datetime64[D]"), notes
    days = np.full(len(rows), np.datetime64("NaT", "D"))
    for row, (line, row_cells) in enumerate(rows):
        try:
            days[row] = np.datetime64(datetime.fromisoformat(row_cells[place][:10]).date(), "D")
        except ValueError:
            message = "is not a day such as 2026-01-08"
            problems.add(message, table=options.shown, row=line, field="date", value=row_cells[place])
        if len(problems.found) > MAX_REPORTED:
            break
    problems.raise_if_any()
    return days, []
