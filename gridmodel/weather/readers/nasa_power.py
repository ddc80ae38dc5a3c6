"""NASA POWER: hours or days of one place from a reanalysis, as CSV with its description before the table."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import line_numbers, read_days, read_times, with_time
from gridmodel.weather.parsing.text import Row, column, find_column
from gridmodel.weather.series import Options, Series

BEGINNING, ENDING = "-BEGIN HEADER-", "-END HEADER-"
MISSING = -999.0
"""Code of a missing value. [degC]"""
LONGEST_HEAD = 200
"""Most lines before the table. Ours: one for each parameter that can be asked for at once, ten times over."""
PARTS = {"YEAR": "year", "MO": "month", "DY": "day", "HR": "hour"}
_PLACE = re.compile(r"latitude\s+(-?\d+(?:\.\d+)?)\s+longitude\s+(-?\d+(?:\.\d+)?)", re.IGNORECASE)
_CLOCK = re.compile(r"^dates .*\bin (LST|UTC)\b", re.IGNORECASE | re.MULTILINE)


def detect(file: File) -> int:
    """Return the evidence that a file is of NASA POWER."""
    return SIGNATURE if file.text.start.startswith(BEGINNING) and "NASA/POWER" in file.text.start else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read temperature at two metres in degC, -999 where missing.

    Raises
    ------
    InputError
        If it does not say where and on which clock it is, or has no table of temperatures.

    Notes
    -----
    Local solar time (LST) is taken as the whole hour of the longitude.
    """
    lines = file.text.lines
    last = next((line for line, text in enumerate(lines[:LONGEST_HEAD], 1) if text.strip() == ENDING), None)
    head = "\n".join(lines[: last or 0])
    place, clock = _PLACE.search(head), _CLOCK.search(head)
    if last is None or place is None or clock is None:
        message = f"must say its location, and LST or UTC, in a description that ends with {ENDING}"
        raise InputError([Problem(message=message, table=options.shown)])
    latitude, longitude = np.array([float(place[1])]), np.array([float(place[2])])
    ahead_h = 0 if clock[1].upper() == "UTC" else round(float(longitude[0]) / 15)
    found, rows = file.text.below(last + 1, problems)
    header, rows = _with_time([PARTS.get(name, name) for name in found], rows)
    if find_column(header, "t2m", "t2m_min") is None or header[:1] != ["time"] or not rows:
        message = "has no table of YEAR, MO, DY, perhaps HR, and T2M, or T2M_MIN and T2M_MAX"
        raise InputError([Problem(message=message, table=options.shown, row=last + 1)])
    low, high, mean = (
        column(rows, find_column(header, name), problems, options, field=name.upper(), missing=(MISSING,))[:, None]
        for name in ("t2m_min", "t2m_max", "t2m")
    )
    if find_column(header, "hour") is None:
        days = read_days(rows, 0, problems, options)
        return Daily(
            days=days, low=low, high=high, mean=mean, places=[options.stem], lines=line_numbers(rows), offset_h=ahead_h,
            latitude=latitude, longitude=longitude,
        )  # fmt: skip
    times = read_times(rows, 0, problems, options.without_zone()) - np.timedelta64(timedelta(hours=ahead_h))
    notes = [f"local solar time read as UTC{ahead_h:+d}"] if ahead_h else []
    return Series(
        times=times, temperature_c=mean, places=[options.stem], lines=line_numbers(rows), latitude=latitude,
        longitude=longitude, notes=notes,
    )  # fmt: skip


def _with_time(header: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
    """Return a table whose first column is `time`."""
    return with_time(header, rows) if rows else (header, rows)


FORMAT = Format(
    name="NASA POWER",
    meaning="NASA, hours or days of one place from a reanalysis, as CSV; local solar time or UTC, as it says",
    told_by="the first words, `-BEGIN HEADER-` and `NASA/POWER`",
    detect=detect,
    read=read,
)
