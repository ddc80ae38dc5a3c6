"""Times of models on calendars that no clock keeps: years of 365 days always, or of twelve months of 30."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.weather.series import Times

STANDARD = ("", "standard", "gregorian", "proleptic_gregorian")
"""Calendars whose dates are those of a clock."""
DAYS = {"noleap": 365, "365_day": 365, "all_leap": 366, "366_day": 366, "360_day": 360}
"""Days of every year of the calendars that are turned to the standard one."""
JULIAN, JULIAN_FIRST, JULIAN_LAST = "julian", 1901, 2099
"""Calendar whose leap years are those of the standard one between two years."""
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Turned:
    """Steps of a file on the standard calendar."""

    times: Times
    """Shape ``(turned,)``, ascending."""
    rows: npt.NDArray[np.int64]
    """Step of the file of each, shape ``(turned,)``."""
    note: str
    """Sentence for `history`."""


def to_standard(
    year: npt.NDArray[np.int64], day_of_year: npt.NDArray[np.int64], second: npt.NDArray[np.int64], calendar: str
) -> Turned:
    """Turn times of a model's calendar to the standard one, days left out or repeated where they have to be.

    Parameters
    ----------
    year, day_of_year, second
        Of each step: its year, the day of the model's year from 1, and the second of that day.
    calendar
        One of `DAYS`.

    Returns
    -------
    Turned
        Hours of the day stay as they are.

    Notes
    -----
    Of a year of 365 days, 29 February repeats the 28th; of one of 366, 29 February is left out of years that have none.
    Of 360 days, day d becomes day d n / 360, rounded, of a year of n days, as xarray's ``convert_calendar`` with
    ``align_on="year"`` does: seasons stay in their place. The five or six days that are left over repeat the day before
    them. Ours: an interpolated day would have milder extremes than any other.

    Examples
    --------
    >>> days = np.arange(1, 361)
    >>> turned = to_standard(np.full(360, 2026), days, np.zeros(360, int), "360_day")
    >>> len(turned.times), str(turned.times[-1])[:10], (np.diff(turned.rows) == 0).sum().item()
    (365, '2026-12-31', 5)
    """
    length = DAYS[calendar]
    times, rows = [], []
    for one in np.unique(year):
        own = np.flatnonzero(year == one)
        begin = np.datetime64(f"{int(one):04d}-01-01", "D")
        days = int((np.datetime64(f"{int(one) + 1:04d}-01-01", "D") - begin).astype(np.int64))
        source = _source_days(days, length)
        order = own[np.argsort(day_of_year[own], kind="stable")]
        place = np.searchsorted(day_of_year[order], source, side="left")
        count = np.searchsorted(day_of_year[order], source, side="right") - place
        day = np.repeat(np.arange(days), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        chosen = order[np.repeat(place, count) + within]
        moments = begin.astype("datetime64[s]") + (day * DAY_S + second[chosen]) * np.timedelta64(1, "s")
        times.append(moments)
        rows.append(chosen)
    all_times, all_rows = np.concatenate(times), np.concatenate(rows)
    order = np.argsort(all_times, kind="stable")
    return Turned(all_times[order], all_rows[order], _note(calendar, length))


def _source_days(days: int, length: int) -> npt.NDArray[np.int64]:
    """Return the day of the model's year that each day of a real year takes, from 1."""
    day = np.arange(1, days + 1)
    if length == 360:
        put = np.rint(np.arange(1, length + 1) * days / length).astype(np.int64)
        return np.searchsorted(put, day, side="right")
    if days > length:  # 29 February is day 60
        return np.where(day >= 60, day - 1, day)
    return np.where((days < length) & (day >= 60), day + 1, day)


def _note(calendar: str, length: int) -> str:
    if length == 360:
        return f"calendar {calendar} spread over real years: five or six days of each repeat the day before them"
    if length == 365:
        return f"calendar {calendar} read as real dates: 29 February repeats 28 February"
    return f"calendar {calendar} read as real dates: 29 February left out where a year has none"
