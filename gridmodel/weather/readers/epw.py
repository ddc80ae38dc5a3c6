"""EPW, the weather files of EnergyPlus."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import line_numbers
from gridmodel.weather.parsing.text import Row, column
from gridmodel.weather.series import Options, Series
from gridmodel.weather.typical import in_utc

MISSING_WIND, MISSING_SUN = 999.0, 9999.0
"""Codes of missing wind and sun. [m/s, Wh/m²]"""
HEADER_LINES = 8
MISSING_C = 99.9
"""Code of a missing value. [degC]"""


def detect(file: File) -> int:
    """Return the evidence that a file is EPW."""
    return SIGNATURE if file.text.start.startswith("LOCATION,") else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read EnergyPlus weather: 8 header lines, hours 1 to 24 of local standard time, dry bulb in the 7th field.

    Raises
    ------
    InputError
        If its header or a time cannot be read.

    Notes
    -----
    Sun on level ground is the 14th field, wind the 22nd. Hour 1 is the hour that ends at 01:00 and so begins at 00:00.
    A typical year has months of different years, and is laid on the year that is wanted.
    """
    location = [cell.strip() for cell in file.text.lines[0].split(",")]
    try:
        latitude, longitude, ahead_h = (float(cell) for cell in location[6:9])
        timezone(timedelta(hours=ahead_h))
    except (ValueError, OverflowError):
        message = "must contain latitude, longitude and hours ahead of UTC in fields 7 to 9"
        raise InputError([Problem(message=message, table=options.shown, row=1, field="LOCATION")]) from None
    rows: list[Row] = []
    for line, cells in enumerate((line.split(",") for line in file.text.lines[HEADER_LINES:]), HEADER_LINES + 1):
        if len(cells) > 6:
            rows.append((line, cells))
        elif any(cells):
            problems.add("has fewer than 7 fields", table=options.shown, row=line)
        if len(problems.found) > MAX_REPORTED:
            break
    local = np.full(len(rows), np.datetime64("NaT", "s"))
    for row, (line, cells) in enumerate(rows):
        try:
            year, month, day, hour = (int(cell) for cell in cells[:4])
            local[row] = np.datetime64(datetime(year, month, day) + timedelta(hours=hour - 1), "s")
        except (ValueError, OverflowError):
            problems.add(
                "is not a time: the first fields must be year, month, day, hour 1 to 24",
                table=options.shown,
                row=line,
                field="time",
            )
    values = column(rows, 6, problems, options, field="dry bulb", missing=(MISSING_C,))
    beside = {
        name: column(rows, place, problems, options, field=name, missing=(code,))[:, None]
        for name, place, code in (("wind_m_s", 21, MISSING_WIND), ("ghi_w_m2", 13, MISSING_SUN))
        if all(len(cells) > place for _, cells in rows)
    }
    problems.raise_if_any()
    series = Series(
        beside=beside,
        times=local,
        temperature_c=values[:, None],
        places=[location[1] or options.stem],
        lines=line_numbers(rows),
        latitude=np.array([latitude]),
        longitude=np.array([longitude]),
    )
    return in_utc(series, timedelta(hours=ahead_h), options)


FORMAT = Format(
    name="EPW",
    meaning="EnergyPlus, hours of a (typical) year at one place",
    told_by="the first word, `LOCATION`",
    detect=detect,
    read=read,
)
