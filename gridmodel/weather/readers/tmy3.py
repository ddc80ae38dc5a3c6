"""TMY3 of NREL, and other programs' files of the same form: hours of a (typical) year at one place."""

from __future__ import annotations

import csv
from datetime import timedelta

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.weather.parsing.dates import read_written
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import line_numbers
from gridmodel.weather.parsing.text import Row, column, find_column
from gridmodel.weather.series import Options, Series
from gridmodel.weather.typical import in_utc

MISSING = (-9900.0, -9999.0)
"""Codes of a missing value."""
_DATE, _TIME, _DRY_BULB, _SUN, _WIND = "date", "time", "dry-bulb", "ghi", "wspd"


def detect(file: File) -> int:
    """Return the evidence that a file is TMY3: a line about the place, then the header with its date."""
    second = file.text.lines[1:2]
    return SIGNATURE if second and second[0].startswith("Date (MM/DD/YYYY),Time (HH:MM)") else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read TMY3: local standard time, hours 1 to 24, degC.

    Raises
    ------
    InputError
        If the line about the place or a time cannot be read, or a column is missing.

    Notes
    -----
    The temperature is that at the time of its row, which NREL calls the time indicated, and the sun the mean of the
    hour before it, so that a row takes the sun of the next (S. Wilcox and W. Marion, Users Manual for TMY3 Data Sets,
    2008).
    """
    first, header, rows = _parts(file, problems, options)
    try:
        ahead = timedelta(hours=float(first[3]))
        latitude, longitude = float(first[4]), float(first[5])
    except (ValueError, IndexError, OverflowError):
        message = "must contain hours ahead of UTC, latitude and longitude in fields 4 to 6"
        raise InputError([Problem(message=message, table=options.shown, row=1)]) from None
    places = [find_column(header, name) for name in (_DATE, _TIME, _DRY_BULB)]
    if None in places:
        message = "needs the columns `Date (MM/DD/YYYY)`, `Time (HH:MM)` and `Dry-bulb (C)`"
        raise InputError([Problem(message=message, table=options.shown, row=2)])
    when, clock, dry = (place for place in places if place is not None)
    dates: list[Row] = [(line, [_iso(cells[when], cells[clock])]) for line, cells in rows]
    local = read_written(dates, "time", problems, options.without_zone())
    values = column(rows, dry, problems, options, field="Dry-bulb", missing=MISSING)
    beside = {}
    for name, column_name in (("wind_m_s", _WIND), ("ghi_w_m2", _SUN)):
        place = find_column(header, column_name)
        if place is not None:
            found = column(rows, place, problems, options, field=column_name, missing=MISSING)[:, None]
            beside[name] = np.roll(found, -1, axis=0) if name == "ghi_w_m2" else found
    problems.raise_if_any()
    series = Series(
        times=local, temperature_c=values[:, None], beside=beside,
        places=[options.stem], lines=line_numbers(rows),
        latitude=np.array([latitude]), longitude=np.array([longitude]),
    )  # fmt: skip
    return in_utc(series, ahead, options, labelled_at_end=True)


def _parts(file: File, problems: Problems, options: Options) -> tuple[list[str], list[str], list[Row]]:
    """Return the cells of the line about the place, the header, and the rows below it.

    Raises
    ------
    InputError
        If it is not a table.
    """
    lines = file.text.lines
    try:
        first = next(csv.reader(lines[:1], strict=True), [])
    except csv.Error as error:
        raise InputError([Problem(message=f"is not a CSV table: {error}", table=options.shown, row=1)]) from None
    header, rows = file.text.below(2, problems)
    return [cell.strip() for cell in first], header, rows


def _iso(date: str, clock: str) -> str:
    """Return a date with the month first as year-month-day, with its time; as it is if it is not like that."""
    parts = date.split("/")
    return f"{parts[2]}-{parts[0]}-{parts[1]} {clock}" if len(parts) == 3 else f"{date} {clock}"


FORMAT = Format(
    name="TMY3",
    meaning="NREL, hours of a typical year at one place, and files of SolarAnywhere and others in the same form",
    told_by="a second line that begins with `Date (MM/DD/YYYY),Time (HH:MM)`",
    detect=detect,
    read=read,
)
