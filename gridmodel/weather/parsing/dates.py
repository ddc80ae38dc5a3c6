"""Dates and times as people write them: 2026-12-01 02:00, 01.12.2026 02:00, 1/12/2026."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import numpy as np

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.parsing.text import Row
from gridmodel.weather.series import Options, Times
from gridmodel.weather.window import FIRST_YEAR, LAST_YEAR

DAY_H = 24
_WRITTEN = re.compile(
    r"(?P<a>\d{1,4})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})"
    r"(?:[ T,]+(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?::(?P<second>\d{2})(?:\.0+)?)?"
    r"(?: ?(?P<half>[APap])\.?[Mm]\.?)?)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
"""A date with perhaps a time and an offset."""
Parts = tuple[tuple[int, ...], str]
"""The three numbers of a date as written, hour, minute and second; and the offset."""
_ORDERS = {"day first": (2, 1, 0), "month first": (2, 0, 1)}
"""Places of year, month and day in a date that ends with its year."""


def looks_written(cell: str) -> bool:
    """Return whether a cell is a date as people write it, perhaps with a time.

    Examples
    --------
    >>> looks_written("01.12.2026 02:00"), looks_written("2026-12-01"), looks_written("-12.5")
    (True, True, False)
    """
    return _WRITTEN.fullmatch(cell.strip()) is not None


def has_clock(cell: str) -> bool:
    """Return whether a date has a time of day."""
    found = _WRITTEN.fullmatch(cell.strip())
    return found is not None and found["hour"] is not None


def read_written(
    cells: list[Row], field: str, problems: Problems, options: Options, *,
    notes: list[str] | None = None, places: list[str] | None = None,
) -> Times:  # fmt: skip
    """Read dates and times as people write them, in UTC, shape ``(row,)``.

    Parameters
    ----------
    cells
        Line of each row, and the one cell with its date.
    field
        Name of the column.
    problems
        Collects cells that are not dates, and dates that could be read in two ways.
    options
        Name of the file, and the time zone of times without an offset; UTC without one.
    notes
        Takes the order of day and month, where the column had to say it, as a sentence of `history`.
    places
        Place of each row, in a table that has a time once for each.

    Returns
    -------
    numpy.ndarray
        Times, NaT where a cell could not be read.

    Notes
    -----
    A date with the year first is year, month, day; with points, day, month, year. With slashes or hyphens and the year
    last the whole column says which comes first: a number above 12 is a day; otherwise the reading whose dates follow
    each other within a day holds. Where both do, or neither, the dates are refused.
    """
    parts: list[Parts | None] = []
    marks = set()
    for line, (cell,) in cells:
        found = _WRITTEN.fullmatch(cell.strip())
        last_year = found is not None and len(found["c"]) == 4 and len(found["a"]) < 3
        if found is None or not (last_year or (len(found["a"]) == 4 and len(found["c"]) < 3)):
            message = "is not a date such as 2026-12-01 02:00 or 01.12.2026 02:00, the year with four digits"
            problems.add(message, table=options.shown, row=line, field=field, value=cell)
            parts.append(None)
            if len(problems.found) > MAX_REPORTED:
                break
            continue
        marks |= {found["mark"]} if last_year else set()
        numbers = [int(found[name] or 0) for name in ("a", "b", "c", "hour", "minute", "second")]
        numbers[3] = _on_dial(numbers[3], found["half"])
        parts.append((tuple(numbers), found["offset"] or ""))
    parts += [None] * (len(cells) - len(parts))
    readings = {name: _moments(parts, order, options, places) for name, order in _ORDERS.items()}
    chosen = _choose(readings, marks) if marks else readings["day first"]
    if chosen is None:
        message = "could be day/month or month/day: write 2026-12-01 or 01.12.2026"
        problems.add(message, table=options.shown, row=cells[0][0], field=field, value=cells[0][1][0])
        return readings["day first"]
    if notes is not None and marks and marks != {"."}:
        order = next(name for name, times in readings.items() if times is chosen)
        notes.append(f"dates read as {'day, month' if order == 'day first' else 'month, day'}, year")
    for (line, (cell,)), part, moment in zip(cells, parts, chosen, strict=True):
        if part is not None and np.isnat(moment):
            problems.add(
                f"is not a date of the calendar in the years {FIRST_YEAR} to {LAST_YEAR}",
                table=options.shown,
                row=line,
                field=field,
                value=cell,
            )
    return chosen


def _on_dial(hour: int, half: str | None) -> int:
    """Return an hour of the day from one of a dial of twelve; 99 if it is not on the dial."""
    if half is None:
        return hour
    return hour % 12 + (12 if half in "Pp" else 0) if 1 <= hour <= 12 else 99


def _choose(readings: dict[str, Times], marks: set[str]) -> Times | None:
    """Return the reading that holds for a column; None where it cannot be told."""
    day_first, month_first = readings["day first"], readings["month first"]
    if marks == {"."} or np.array_equal(day_first, month_first):
        return day_first
    missing = [int(np.isnat(times).sum()) for times in (day_first, month_first)]
    if missing[0] != missing[1]:
        return day_first if missing[0] < missing[1] else month_first
    fits = [times for times in (day_first, month_first) if _follow(times)]
    return fits[0] if len(fits) == 1 else None


def _follow(times: Times) -> bool:
    """Return whether times follow each other within a day."""
    steps = np.diff(np.unique(times[~np.isnat(times)]))
    return bool((steps <= np.timedelta64(DAY_H, "h")).all())


def _moments(
    parts: list[Parts | None], order: tuple[int, int, int], options: Options, places: list[str] | None
) -> Times:  # fmt: skip
    """Return times in UTC by one order of year, month and day; NaT where that is not a time."""
    both = np.array([_moment(part, order, options) for part in parts], dtype="datetime64[s]").reshape(-1, 2)
    return later_of_twice(both[:, 0], both[:, 1], places)


def later_of_twice(first: Times, second: Times, places: list[str] | None = None) -> Times:
    """Return times of a local clock, the later of two moments where a time that the clock shows twice comes again.

    Parameters
    ----------
    first, second
        Moments that each time may be, in UTC and in the order of the file, shape ``(row,)``.
    places
        Place of each row; None if all are of one.
    """
    times, seen = first.copy(), set()
    for row in np.flatnonzero((first != second) & ~np.isnat(first)):
        key = (first[row], "" if places is None else places[row])
        if key in seen:
            times[row] = second[row]
        seen.add(key)
    return times


def both_moments(local: datetime, zone: tzinfo) -> tuple[np.datetime64, np.datetime64]:
    """Return the two moments in UTC that a local time may be: twice the same but where a clock was set back."""
    if isinstance(zone, timezone):
        only = np.datetime64(local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None), "s")
        return only, only
    found = [
        np.datetime64(local.replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(tzinfo=None), "s")
        for fold in (0, 1)
    ]
    return found[0], max(found)


def _moment(
    part: Parts | None, order: tuple[int, int, int], options: Options
) -> tuple[np.datetime64, np.datetime64]:  # fmt: skip
    """Return the two moments in UTC that a time may be; hour 24 is midnight after the day."""
    never = np.datetime64("NaT", "s")
    if part is None:
        return never, never
    numbers, offset = part
    year, month, day = numbers[:3] if numbers[0] > 999 else (numbers[place] for place in order)
    hour, minute, second = numbers[3:]
    try:
        if hour > DAY_H or (hour == DAY_H and (minute or second)):
            return never, never
        local = datetime(year, month, day, hour % DAY_H, minute, second) + timedelta(days=hour // DAY_H)
        if not FIRST_YEAR <= local.year <= LAST_YEAR:
            return never, never
        return both_moments(local, _zone(offset) or options.zone or UTC)
    except (ValueError, OverflowError):
        return never, never


def _zone(offset: str) -> timezone | None:
    """Return the zone of an offset such as `Z`, `+02:00` or `+0200`; None for an empty one."""
    if not offset:
        return None
    if offset == "Z":
        return timezone.utc  # noqa: UP017 - its type is that of the other
    size = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-size if offset[0] == "-" else size)
