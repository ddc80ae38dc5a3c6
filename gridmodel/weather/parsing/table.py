"""Read tables with a column of times and one of temperatures under a common name."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.moments import past_hour_s, read_moments
from gridmodel.weather.parsing.moments import read_days as days_of
from gridmodel.weather.parsing.text import Row, bare, column, find_column, squeezed, unit_of
from gridmodel.weather.series import Array, Options, Series, Times, on_hours, to_celsius
from gridmodel.weather.typical import in_utc

TIME_NAMES = (
    "time", "valid_time", "datetime", "date time", "date_time", "date/time", "timestamp", "time_utc", "utc", "unixtime",
    "unix", "epoch", "dt", "date", "day",
)  # fmt: skip
LOW_NAMES = (
    "tmin", "tasmin", "temperature_2m_min", "temp_min", "min_temp", "tn", "temperature_min", "min_temperature",
    "t2m_min", "tempmin_c", "tmin_c", "minimum_temperature",
)  # fmt: skip
HIGH_NAMES = (
    "tmax", "tasmax", "temperature_2m_max", "temp_max", "max_temp", "tx", "temperature_max", "max_temperature",
    "t2m_max", "tempmax_c", "tmax_c", "maximum_temperature",
)  # fmt: skip
MEAN_NAMES = (
    "temperature", "temp", "t2m", "tas", "tavg", "temperature_2m", "temperature_2m_mean", "temperature_c", "temp_air",
    "air_temperature", "air temperature", "tair", "t_air", "tdry", "dry bulb", "drybulb", "temp_c", "temp_f", "temp_k",
    "temperature_f", "temperature_k", "t2m_c", "mean_temp", "temp_mean", "mean_temperature", "temperature_mean",
    "temp_avg", "avg_temp", "tmean",
)  # fmt: skip
ENDINGS = {"_c": "degC", "_f": "degF", "_k": "K"}
"""Units that the end of a name states."""
DAY_S = 86_400
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
LOCAL = frozenset({"lst", "lt", "local", "local time", "local standard time"})
"""Words in brackets after the name of a column of times on the clock of a place, folded."""
PARTS = ("year", "month", "day")
"""Columns of dates that are in parts."""
TEMPERATURE_NAMES = frozenset({*LOW_NAMES, *HIGH_NAMES, *MEAN_NAMES})
_SQUEEZED = frozenset(map(squeezed, TEMPERATURE_NAMES))


def is_temperature(name: str) -> bool:
    """Return whether a name, folded and without unit, is a common one of temperatures."""
    return squeezed(name) in _SQUEEZED


def line_numbers(rows: list[Row]) -> npt.NDArray[np.int64]:
    """Return the line of each row, shape ``(row,)``."""
    return np.array([line for line, _ in rows], dtype=np.int64)


def read_times(rows: list[Row], place: int, problems: Problems, options: Options) -> Times:
    """Read a column of times as UTC, as `read_moments` does, shape ``(row,)``.

    Raises
    ------
    InputError
        If any cell is not a time.
    """
    return read_moments(rows, place, problems, options)[0]


def read_days(rows: list[Row], place: int, problems: Problems, options: Options) -> Times:
    """Read a column of days, as `moments.read_days` does, shape ``(row,)``.

    Raises
    ------
    InputError
        If any cell is not a day.
    """
    return days_of(rows, place, problems, options)[0]


def has_parts(names: set[str]) -> bool:
    """Return whether a header has year, month and day in columns of their own."""
    return set(PARTS) <= names


def with_time(header: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
    """Return a table with a column `time` before the others where parts of it have their own: year, month, day, hour.

    Examples
    --------
    >>> with_time(["Year", "Month", "Day", "Hour", "t"], [(2, ["2026", "1", "8", "3", "-3"])])[1]
    [(2, ['2026-01-08T03:00', '2026', '1', '8', '3', '-3'])]
    """
    names = [bare(name) for name in header]
    whole = _when(header, rows)
    has_clock = whole is not None and bool(rows) and ":" in rows[0][1][whole]
    if whole is not None and not has_clock and not has_parts(set(names)) and "hour" in names:
        hour = names.index("hour")
        joined = [(line, [f"{cells[whole]} {cells[hour].zfill(2)}:00", *cells]) for line, cells in rows]
        return ["time", *header], joined
    if not has_parts(set(names)) or (has_clock and "hour" not in names):
        return header, rows
    parts = [names.index(name) for name in PARTS]
    clock = [names.index(name) for name in ("hour", "minute") if name in names]

    def moment(cells: list[str]) -> str:
        date = "-".join([cells[parts[0]], *(cells[part].zfill(2) for part in parts[1:])])
        if not clock:
            return date
        hours = [cells[part].zfill(2) for part in clock]
        return f"{date}T{':'.join(hours if len(hours) > 1 else [*hours, '00'])}"

    return ["time", *header], [(line, [moment(cells), *cells]) for line, cells in rows]


def _when(header: list[str], rows: list[Row]) -> int | None:
    """Return the column of times: the first that has dates; None without any."""
    found = [place for name in TIME_NAMES if (place := find_column(header, name)) is not None]
    dated = [place for place in found if rows and not _CLOCK.fullmatch(rows[0][1][place])]
    return next(iter([*dated, *found]), None)


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
    header, rows = with_time(header, rows)
    when = _when(header, rows) or 0
    if unit_of(header[when]).casefold() in LOCAL and options.zone is None:
        hint = "give it with timezone= (--timezone), such as -05:00 or Europe/Kyiv"
        problems.add("contains local times: say of which time zone", table=options.shown, field=header[when], hint=hint)
    low, high, mean = (find_column(header, *names) for names in (LOW_NAMES, HIGH_NAMES, MEAN_NAMES))
    extremes = (low is not None or high is not None) and not (mean is not None and _many_a_day(rows, when))
    if extremes or _one_a_day(rows, when):
        values = [temperature(header, rows, place, problems, options, unit=unit) for place in (low, high, mean)]
        check_extremes([name for name, place in (("low", low), ("high", high), ("mean", mean)) if place is not None],
                       problems, options)  # fmt: skip
        days, notes = days_of(rows, when, problems, options)
        return Daily(
            days=days, low=values[0], high=values[1], mean=values[2], places=[options.stem], lines=line_numbers(rows),
            notes=notes,
        )  # fmt: skip
    values_c = temperature(header, rows, mean, problems, options, unit=unit)
    times, notes = read_moments(rows, when, problems, options)
    latitude, longitude = (_constant(header, rows, name, problems, options) for name in ("latitude", "longitude"))
    series = Series(
        times=times,
        temperature_c=values_c,
        places=[options.stem],
        lines=line_numbers(rows),
        latitude=latitude,
        longitude=longitude,
        notes=notes,
    )
    full_s = past_hour_s(rows, when, times, options)
    return in_utc(on_hours(series, full_s=full_s), timedelta(0), options)


def check_extremes(found: Collection[str], problems: Problems, options: Options) -> None:
    """Note days of which only one extreme is known, and neither the other nor the mean.

    Parameters
    ----------
    found
        Those of `low`, `high` and `mean` that a file has.
    problems
        Collects what is missing.
    options
        Name of the file.
    """
    if len(set(found) & {"low", "high"}) != 1 or "mean" in found:
        return
    there, missing = ("highest", "lowest") if "high" in found else ("lowest", "highest")
    names = "tasmin, tmin" if "high" in found else "tasmax, tmax"
    message = f"has the {there} temperatures of days, but not the {missing}: add them ({names}), or the daily means"
    problems.add(message, table=options.shown)


def temperature(
    header: list[str], rows: list[Row], place: int | None, problems: Problems, options: Options, *, unit: str = ""
) -> Array:
    """Read one column in degrees Celsius, shape ``(row, 1)``; all NaN if the place is None."""
    if place is None:
        return np.full((len(rows), 1), np.nan)
    name = header[place]
    values = column(rows, place, problems, options, field=name)
    stated = unit_of(name) or unit or ENDINGS.get(bare(name)[-2:], "")
    return to_celsius(values, stated, problems, options, field=name)[:, None]


def _one_a_day(rows: list[Row], when: int) -> bool:
    cells = [cells[when] for _, cells in rows[:3]]
    return bool(cells) and all(len(cell) <= 10 and not re.fullmatch(r"\d{9,10}", cell) for cell in cells)


def _many_a_day(rows: list[Row], when: int) -> bool:
    """Return whether rows that follow each other are of one day: extremes beside them are those of an hour."""
    cells = [cells[when] for _, cells in rows[:3]]
    clocks = all(":" in cell for cell in cells) and len({cell[:10] for cell in cells}) < len(cells)
    seconds = all(re.fullmatch(r"\d{9,10}", cell) for cell in cells)
    return len(cells) > 1 and (clocks or (seconds and abs(int(cells[1]) - int(cells[0])) < DAY_S))


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
