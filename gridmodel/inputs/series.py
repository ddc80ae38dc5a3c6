"""Series by time in CSV files: a column `time` in UTC, and a column for each region or name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.errors import Problems, nearest
from gridmodel.inputs.tables import MAX_REPORTED, read_rows, read_text

HOUR = np.timedelta64(3600, "s")
"""Length of an hour."""
MOST = 1e7
"""Largest value. Ours: ten terawatts, so that a typing error is noticed."""


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
    path: Path, *, known: Sequence[str], start: np.datetime64, end: np.datetime64, every: bool, hourly: bool
) -> Series:
    """Read a series and check that it covers a run.

    Parameters
    ----------
    path
        CSV file with a column `time` (ISO 8601; UTC unless it has an offset) and columns of numbers from 0 up.
    known
        Names that columns may have.
    start, end
        Period that must be covered, UTC.
    every
        True if each of `known` must have a column.
    hourly
        True if there must be a row for each hour; otherwise a value holds until the next row, whenever that is.

    Raises
    ------
    InputError
        With every problem: columns that are unknown or missing, cells that are not numbers, gaps, a period that is not
        covered.
    """
    problems, shown = Problems(), path.name
    text = read_text(path, problems, shown=shown)
    header, rows = read_rows(text, problems, shown=shown) if text is not None else ([], [])
    problems.raise_if_any()
    names = _names(header, known, problems, shown=shown, every=every)
    problems.raise_if_any()
    times, values = _cells(header, rows, problems, shown=shown)
    problems.raise_if_any()
    _check_times(times, [line for line, _ in rows], problems, shown=shown, hourly=hourly)
    if not len(times) or times[0] > start:
        begins = str(times[0])[:16] if len(times) else ""
        message = f"must begin by {str(start)[:16]} UTC, the start of the run"
        problems.add(message, table=shown, field="time", value=begins)
    elif hourly and times[-1] + HOUR < end:
        message = f"must reach the end of the run, {str(end)[:16]} UTC"
        problems.add(message, table=shown, field="time", value=str(times[-1])[:16])
    problems.raise_if_any()
    return Series(names=tuple(names), times=times, values=values)


def _names(
    header: Sequence[str], known: Sequence[str], problems: Problems, *, shown: str, every: bool
) -> list[str]:  # fmt: skip
    """Return the names of the columns of numbers; what is wrong with the header becomes a problem."""
    names = [name for name in header if name != "time"]
    if "time" not in header:
        problems.add("is missing", table=shown, field="time", hint="a series has a column time, in UTC")
    for name in dict.fromkeys(names):
        if name not in known:
            problems.add("is an unknown column", table=shown, field=name, hint=nearest(name, known))
        elif names.count(name) > 1:
            problems.add("stands in the header twice", table=shown, field=name)
    for name in known if every else ():
        if name not in names:
            problems.add("has no column", table=shown, field=name)
    return names


def _cells(
    header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], problems: Problems, *, shown: str
) -> tuple[npt.NDArray[np.datetime64], Floats]:
    """Read the cells of a series; what cannot be read becomes a problem."""
    at = list(header).index("time")
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    values = np.full((len(rows), len(header) - 1), np.nan)
    for place, (line, cells) in enumerate(rows):
        try:
            found = datetime.fromisoformat(cells[at])
            found = found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
            times[place] = np.datetime64(found, "s")
        except (ValueError, OverflowError):
            problems.add("is not a time such as 2026-01-08 00:00", table=shown, row=line, field="time", value=cells[at])
        others = [(name, cell) for column, (name, cell) in enumerate(zip(header, cells, strict=True)) if column != at]
        for column, (name, cell) in enumerate(others):
            number = _number(cell)
            if number is None:
                message = "is empty; a series has no gaps" if not cell else f"must be a number from 0 to {MOST:,.0f}"
                problems.add(message, table=shown, row=line, field=name, value=cell)
            else:
                values[place, column] = number
        if len(problems.found) > MAX_REPORTED:
            break
    return times, values


def _number(cell: str) -> float | None:
    """Return the number in a cell if it is allowed."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if 0 <= number <= MOST else None


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
