"""Climate Data Center of the German weather service (DWD): `produkt_…txt`, hours, ten minutes or days of a station."""

from __future__ import annotations

import numpy as np

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import Format, evidence_of_names
from gridmodel.weather.parsing.table import line_numbers, read_days, read_times
from gridmodel.weather.parsing.text import column, find_column, need_column
from gridmodel.weather.series import Array, Options, Series, on_hours, warn

MISSING = -999.0
"""Code of a missing value. [degC]"""
UTC_SINCE = np.datetime64("2000-01-01")
"""First day whose times are surely UTC. DWD: ten minutes were in CET until the end of 1999; days until March 2001."""
_HOURS, _DAYS = ("tt_tu", "tt_10", "tt_std"), ("tnk", "txk", "tmk")


def detect(file: File) -> int:
    """Return the evidence that a file is one of the Climate Data Center."""
    station = {"stations_id", "mess_datum"}
    return evidence_of_names(file.text.names, *({*station, name} for name in (*_HOURS, "tmk")))


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read air temperature at two metres in degC, -999 where missing; times and days are those of UTC.

    A time zone that the caller names counts instead, for years in which the service used another clock.
    """
    header, rows = file.text.read_table(problems)
    when = need_column(header, "mess_datum", options)

    def celsius(*names: str) -> Array:
        place = find_column(header, *names)
        return column(rows, place, problems, options, field=names[0].upper(), missing=(MISSING,))[:, None]

    stations = sorted({cells[0] for _, cells in rows})
    if len(stations) > 1:
        problems.add(f"contains {len(stations)} stations: keep one", table=options.shown, field="STATIONS_ID")
    place = stations[0] if stations else options.stem
    if find_column(header, *_HOURS) is None:
        low, high, mean = (celsius(name) for name in _DAYS)
        days = read_days(rows, when, problems, options)
        _warn_of_clock(days, problems, options)
        ahead = None if options.zone is not None else 0
        return Daily(days=days, low=low, high=high, mean=mean, places=[place], lines=line_numbers(rows), offset_h=ahead)
    times = read_times(rows, when, problems, options)
    _warn_of_clock(times, problems, options)
    series = Series(times=times, temperature_c=celsius(*_HOURS), places=[place], lines=line_numbers(rows))
    return on_hours(series)


def _warn_of_clock(
    times: np.ndarray[tuple[int, ...], np.dtype[np.datetime64]], problems: Problems, options: Options
) -> None:
    """Warn of years in which times may be those of Central Europe, where the caller names no zone."""
    if options.zone is None and times.size and (times < UTC_SINCE).any():
        hint = 'read them alone, with start=, end= and timezone="+01:00", if its description says so'
        warn(problems, "times before 2000 may be CET: read as UTC", shown=options.shown, field="MESS_DATUM", hint=hint)


FORMAT = Format(
    name="DWD CDC",
    meaning="Climate Data Center of the German weather service, hours, ten minutes or days of a station; UTC",
    told_by="the columns `STATIONS_ID`, `MESS_DATUM` and `TT_TU`, `TT_10` or `TMK`",
    detect=detect,
    read=read,
)
