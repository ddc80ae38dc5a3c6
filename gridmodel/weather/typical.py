"""Typical years: months of different years put together, laid on the year that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from gridmodel.errors import InputError, Problem
from gridmodel.weather.series import Options, Series, Times

SHORTEST_DAYS, LONGEST_DAYS = 360, 366
"""Fewest and most days of a typical year. [d]"""


@dataclass(frozen=True, slots=True)
class Laid:
    """Rows of a file in the order and at the times at which they are laid."""

    times: Times
    """Local times, shape ``(laid,)``."""
    rows: npt.NDArray[np.int64]
    """Row of the file of each, shape ``(laid,)``."""
    notes: list[str]
    """Sentences for `history`."""


def is_typical(local: Times) -> bool:
    """Return whether the rows of a file are one year put together from months of different years.

    Parameters
    ----------
    local
        Times in the order of the file, without those that end at midnight of the year's end.

    Examples
    --------
    >>> days = np.arange("2001-01-01", "2002-01-01", dtype="datetime64[D]")
    >>> mixed = np.concatenate([days[:31], np.arange("1991-02-01", "1992-01-01", dtype="datetime64[D]")])
    >>> is_typical(mixed), is_typical(days)
    (True, False)

    A real year whose months were put in order is none:

    >>> is_typical(np.concatenate([days[:31] + 365, days[31:]]))
    False
    """
    if not local.size or np.isnat(local).any() or not SHORTEST_DAYS <= _days(local) <= LONGEST_DAYS:
        return False
    months = _months(local)
    real = local.max() - local.min() <= np.timedelta64(LONGEST_DAYS, "D")
    return not real and bool((np.diff(months) >= 0).all())


def lay(local: Times, options: Options, *, always: bool = False) -> Laid | None:
    """Lay a typical year on the years that are wanted; None for a file that is none and stays as it is.

    Parameters
    ----------
    local
        Local standard times of the rows, in the order of the file; NaT where one could not be read.
    options
        Name of the file, and the year or period that is wanted.
    always
        True for a file whose years say nothing.

    Returns
    -------
    Laid or None
        29 February repeats the 28th where the file lacks it, and is left out of a year that has none.

    Raises
    ------
    InputError
        If no year is given for a typical year, or one is given for a file of several years.

    Notes
    -----
    Months keep their days and hours, so that a year that begins on another weekday shifts them against it: weather does
    not know weekdays.
    """
    window = options.window
    if not local.size or np.isnat(local).any():
        return None
    if not (always or is_typical(local)):
        if window.year is None or (_years(local) == window.year).all():
            return None
        if _days(local) > LONGEST_DAYS or len(np.unique(_years(local))) > 1:
            message = "does not apply: the file has real dates of more than one year; take a part with start= and end="
            raise InputError([Problem(message=message, table=options.shown, field="year", value=str(window.year))])
    source = _source(local, always=always)
    if not window.laid_on:
        message = f"is a typical year{source}: say which year it is laid on with year= (--year), or a start and an end"
        raise InputError([Problem(message=message, table=options.shown, field="time")])
    parts = [_lay_one(local, year) for year in window.laid_on]
    years = f"{window.laid_on[0]}" + (f" to {window.laid_on[-1]}" if len(window.laid_on) > 1 else "")
    notes = [f"typical year{source} laid on {years}"]
    if any(repeated for _, _, repeated in parts):
        notes.append("29 February repeats 28 February")
    times, rows = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    return Laid(times, rows, notes)


def laid_always(series: Series, ahead: timedelta, options: Options) -> Series:
    """Return hours of a year without dates in UTC, laid on the years that are wanted, as `in_utc` does.

    Raises
    ------
    InputError
        If no year is given.
    """
    return _in_utc(series, lay(series.times, options, always=True), np.timedelta64(0, "h"), ahead)


def in_utc(series: Series, ahead: timedelta, options: Options, *, labelled_at_end: bool = False) -> Series:
    """Return hours of local standard time in UTC, those of a typical year laid on the years that are wanted.

    Parameters
    ----------
    series
        As read, its times local.
    ahead
        Of local standard time before UTC.
    options
        Name of the file, and the year or period that is wanted.
    labelled_at_end
        True where a day has the hours 1 to 24, so that its last belongs to the day after by its time.

    Raises
    ------
    InputError
        If no year is given for a typical year, or one is given for a file of several years.
    """
    shift = np.timedelta64(1 if labelled_at_end else 0, "h")
    return _in_utc(series, lay(series.times - shift, options), shift, ahead)


def _in_utc(series: Series, laid: Laid | None, shift: np.timedelta64, ahead: timedelta) -> Series:
    if laid is not None:
        rows = laid.rows
        series.times = laid.times + shift
        series.temperature_c = series.temperature_c[rows]
        series.beside = {name: values[rows] for name, values in series.beside.items()}
        series.lines = None if series.lines is None else series.lines[rows]
        series.notes += laid.notes
    series.times = series.times - np.timedelta64(round(ahead / timedelta(seconds=1)), "s")
    return series


def _lay_one(local: Times, year: int) -> tuple[Times, npt.NDArray[np.int64], bool]:
    """Return times and rows of a typical year in one year, and whether 29 February was made."""
    month = (np.datetime64(f"{year:04d}-01", "M") + (_months(local) - 1)).astype("datetime64[M]")
    into = local.astype("datetime64[s]") - local.astype("datetime64[M]").astype("datetime64[s]")
    times = month.astype("datetime64[s]") + into
    rows = np.flatnonzero(times.astype("datetime64[M]") == month)  # without a 29 February that the year does not have
    times = times[rows]
    first, leap = np.datetime64(f"{year:04d}-02-28", "D"), np.datetime64(f"{year:04d}-02-28", "D") + 1
    days = times.astype("datetime64[D]")
    last = days == first
    if leap.astype("datetime64[M]") != first.astype("datetime64[M]") or (days == leap).any() or not last.any():
        return times, rows, False
    made = times[last] + np.timedelta64(1, "D")
    return np.concatenate([times, made]), np.concatenate([rows, rows[last]]), True


def _source(local: Times, *, always: bool) -> str:
    years = np.unique(_years(local))
    if always:
        return ""
    return f" (months of {years[0]} to {years[-1]})" if len(years) > 1 else f" ({years[0]})"


def _years(local: Times) -> npt.NDArray[np.int64]:
    return local.astype("datetime64[Y]").astype(np.int64) + 1970


def _months(local: Times) -> npt.NDArray[np.int64]:
    return local.astype("datetime64[M]").astype(np.int64) % 12 + 1


def _days(local: Times) -> int:
    return len(np.unique(local.astype("datetime64[D]")))
