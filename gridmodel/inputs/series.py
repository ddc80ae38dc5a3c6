"""Series by time in CSV files: a column `time` in UTC, and a column for each region or name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.errors import Problems, nearest
from gridmodel.inputs.shares import comma_hint, factor_hint, plain_share
from gridmodel.inputs.tables import MAX_REPORTED, NO_POINTS, SEMICOLON, own_separator, read_rows, read_text, with_point
from gridmodel.regions import Regions

HOUR = np.timedelta64(3600, "s")
"""Length of an hour."""
MOST = 1e7
"""Largest value. Ours: ten terawatts, so that a typing error is noticed."""
MOST_FACTOR = 10.0
"""Largest factor, as of `availability`. Ours: 50 is 50 %, not fifty times what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values that hold from their time to the next."""

    names: tuple[str, ...]
    """Names of the columns, in the order of the file."""
    times: npt.NDArray[np.datetime64]
    """Times in UTC, ascending, shape ``(row,)``."""
    values: Floats
    """Shape ``(row, column)``."""

    def at(self, times: npt.NDArray[np.datetime64]) -> Floats:
        """Return the values that hold at some times, shape ``(time, column)``; before the first row the first."""
        row = np.searchsorted(self.times, times.astype("datetime64[s]"), side="right") - 1
        return np.asarray(self.values[np.maximum(row, 0)])


def read_series(
    path: Path, *, known: Sequence[str], start: np.datetime64 | None, end: np.datetime64 | None, every: bool,
    hourly: bool, factors: Collection[str] = (), check: Callable[[Series, Problems], None] | None = None,
    places: Regions | None = None,
) -> Series:  # fmt: skip
    """Read a series and check that it covers a run.

    Parameters
    ----------
    path
        CSV file with a column `time` (ISO 8601; UTC unless it has an offset) and columns of numbers from 0 up. Columns
        may be separated as those of any table of ours, see `gridmodel.inputs.tables.parse_table`.
    known
        Names that columns may have.
    start, end
        Period that must be covered, UTC; None where it is not known.
    every
        True if each of `known` must have a column.
    hourly
        True if there must be a row for each hour; otherwise a value holds until the next row, whenever that is.
    factors
        Columns of factors from 0 to `MOST_FACTOR`, which may be percentages such as ``80%``.
    check
        Notes what else is wrong with the columns that are known. Cells and times that cannot be read are NaN and NaT.
    places
        Regions, where columns are of regions, which then may have their names too.

    Raises
    ------
    InputError
        With every problem, in one pass: columns that are unknown or missing, cells that are not numbers, gaps, a period
        that is not covered, what `check` finds.
    """
    problems, shown = Problems(), path.name
    text = read_text(path, problems, shown=shown)
    mark = own_separator(text or "")
    header, rows = read_rows(text, problems, shown=shown, separator=mark) if text is not None else ([], [])
    if not header:
        problems.raise_if_any()
    header = [_column(name, known, places) for name in header]
    if header and not {"time", *known} & set(header):  # it may be any file, of which nothing is quoted
        some = ", ".join(["time", *known][:6]) + (" …" if len(known) > 5 else "")
        problems.add(f"is not a series: its first line has none of the columns {some}", table=shown, row=1)
        problems.raise_if_any()
    whole = not problems.found  # of a row that cannot be read the time is unknown too
    _check_names(header, known, problems, shown=shown, every=every, places=places)
    times, values, names = _cells(header, rows, known, problems, shown=shown, factors=factors, commas=mark == SEMICOLON)
    if len(times) > 2 and (np.diff(times) < np.timedelta64(0, "s")).all():
        problems.add("runs backwards: sort the rows by time", table=shown, row=rows[0][0], field="time")
        whole = False
    else:
        _check_times(times, [line for line, _ in rows], problems, shown=shown, hourly=hourly and whole)
    if whole:
        _check_period(times, start, end, problems, shown=shown, hourly=hourly)
    series = Series(names=names, times=times, values=values)
    if check is not None:
        check(series, problems)
    problems.raise_if_any()
    return series


def _check_period(
    times: npt.NDArray[np.datetime64], start: np.datetime64 | None, end: np.datetime64 | None, problems: Problems, *,
    shown: str, hourly: bool,
) -> None:  # fmt: skip
    """Note a period that is not covered, of which an end that is not known is left out."""
    if start is not None and (not len(times) or times[0] > start):
        begins = str(times[0])[:16] if len(times) else ""
        message = f"must begin by {str(start)[:16]} UTC, the start of the run"
        problems.add(message, table=shown, field="time", value=begins)
    elif hourly and end is not None and len(times) and times[-1] + HOUR < end:
        last = times[-1] - (times[-1] + HOUR - end) // HOUR * HOUR  # a row holds for an hour
        message = f"must go on to {str(last)[:16]} UTC, the last hour of the run"
        problems.add(message, table=shown, field="time", value=str(times[-1])[:16])


def _check_names(
    header: Sequence[str], known: Sequence[str], problems: Problems, *, shown: str, every: bool, places: Regions | None
) -> None:  # fmt: skip
    """Note what is wrong with the header."""
    if "time" not in header:
        problems.add("is missing", table=shown, field="time", hint="a series has a column time, in UTC")
    for name in dict.fromkeys(header):
        if name != "time" and name not in known:
            message, hint = "is an unknown column", nearest(name, known)
            message, hint = (message, hint) if places is None else places.unknown(name, "the network")
            problems.add(message, table=shown, field=name, hint=hint)
        elif header.count(name) > 1:
            problems.add("stands in the header twice", table=shown, field=name)
    for name in known if every else ():
        if name not in header:
            problems.add("has no column", table=shown, field=name)
    if set(header) == {"time"} and not every:
        some = ", ".join(known[:5]) + (" …" if len(known) > 5 else "")
        problems.add("is the only column, so that the file says nothing", table=shown, field="time",
                     hint=f"give any of {some}")  # fmt: skip


def _column(name: str, known: Sequence[str], places: Regions | None) -> str:
    """Return the id of the region that a column is of, or its name as it stands."""
    return name if name == "time" or name in known or places is None else places.find(name) or name


def _cells(
    header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], known: Sequence[str], problems: Problems, *,
    shown: str, factors: Collection[str], commas: bool,
) -> tuple[npt.NDArray[np.datetime64], Floats, tuple[str, ...]]:  # fmt: skip
    """Read the cells of the columns that are known; those that cannot be read become problems, and NaT or NaN.

    Returns
    -------
    tuple
        Times, shape ``(row,)``; values, shape ``(row, column)``; names of the columns.
    """
    at = header.index("time") if "time" in header else None
    columns = [(place, name) for place, name in enumerate(header) if name in known and name != "time"]
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    values = np.full((len(rows), len(columns)), np.nan)
    for place, (line, cells) in enumerate(rows):
        if at is not None:
            times[place] = _time(cells[at], problems, shown=shown, line=line)
        for column, (where, name) in enumerate(columns):
            cell = cells[where]
            most = MOST_FACTOR if name in factors else MOST
            text = with_point(cell) if commas else cell
            number = _number(plain_share(text) if name in factors else text, most)
            if number is None:
                message = "is empty; a series has no gaps" if not cell else f"must be a number from 0 to {most:,.0f}"
                hint = NO_POINTS if commas and "." in cell else _hint(text, factor=name in factors)
                problems.add(message, table=shown, row=line, field=name, value=cell, hint=hint)
            else:
                values[place, column] = number
        if len(problems.found) > MAX_REPORTED:
            break
    return times, values, tuple(name for _, name in columns)


def _hint(cell: str, *, factor: bool) -> str:
    """Return the right form of a number or a factor; empty if nothing is near."""
    return factor_hint(cell) if factor else comma_hint(cell)


def _time(cell: str, problems: Problems, *, shown: str, line: int) -> np.datetime64:
    """Return the time in a cell, UTC; NaT, and a problem noted, if it is none."""
    try:
        found = datetime.fromisoformat(cell)
        found = found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
        return np.datetime64(found, "s")
    except (ValueError, OverflowError):
        problems.add("is not a time such as 2026-01-08 00:00", table=shown, row=line, field="time", value=cell)
        return np.datetime64("NaT", "s")


def _number(cell: str | float, most: float) -> float | None:
    """Return the number in a cell if it is allowed."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if 0 <= number <= most else None


def _check_times(
    times: npt.NDArray[np.datetime64], lines: Sequence[int], problems: Problems, *, shown: str, hourly: bool
) -> None:
    """Note times that do not ascend, and hours that lack."""
    steps = np.diff(times)
    for place in np.flatnonzero(steps <= np.timedelta64(0, "s"))[:MAX_REPORTED]:
        message = "does not come after the time in the row before"
        problems.add(message, table=shown, row=lines[place + 1], field="time", value=str(times[place + 1])[:16])
    if hourly:
        for place in np.flatnonzero((steps > np.timedelta64(0, "s")) & (steps != HOUR))[:MAX_REPORTED]:
            message = f"must be an hour after the row before, {str(times[place])[:16]}: a series has no gaps"
            problems.add(message, table=shown, row=lines[place + 1], field="time", value=str(times[place + 1])[:16])
