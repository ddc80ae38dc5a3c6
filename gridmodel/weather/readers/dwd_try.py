"""Test reference years of the German weather service (TRY 2010): hours of a typical year, without its dates."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import line_numbers
from gridmodel.weather.parsing.text import Row, column
from gridmodel.weather.series import Options, Series
from gridmodel.weather.typical import laid_always

AHEAD = timedelta(hours=1)
"""Of Central European Time, in which the hours 1 to 24 are."""
MONTH, DAY, HOUR_OF_DAY, WIND, DRY_BULB, DIRECT, DIFFUSE = 2, 3, 4, 7, 8, 13, 14
COLUMNS = 15
"""Columns that are read; the file has 18."""
NO_YEAR = 2001
"""Year that dates without one are put in; any without a 29 February."""
_PLACE = re.compile(r"Lage: (\d+)°(\d+)'([NS]).*?(\d+)°(\d+)'([OEW])")


def detect(file: File) -> int:
    """Return the evidence that a file is a test reference year."""
    return SIGNATURE if re.match(r"TRY\d\d ", file.text.start) and "\n***" in file.text.text[:5000] else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read hours 1 to 24 of Central European Time, degC; sun on level ground is direct and diffuse together.

    Raises
    ------
    InputError
        If a row cannot be read, or no year is given that the hours are laid on.
    """
    lines = file.text.lines
    top = next((place for place, line in enumerate(lines[:100]) if line.startswith("***")), len(lines))
    rows: list[Row] = []
    local = []
    for line, text in enumerate(lines[top + 1 :], top + 2):
        cells = text.split()
        if not cells:
            continue
        moment = _moment(cells)
        if moment is None:
            message = f"must have {COLUMNS} or more fields, of which the third to fifth are month, day and hour 1 to 24"
            problems.add(message, table=options.shown, row=line)
            if len(problems.found) > MAX_REPORTED:
                break
            continue
        rows.append((line, cells))
        local.append(moment)
    if not rows:
        problems.add("has no rows below the line of stars", table=options.shown)
    problems.raise_if_any()
    values = column(rows, DRY_BULB, problems, options, field="t", missing=(-999.0,))
    sun = sum(column(rows, place, problems, options, field="B, D") for place in (DIRECT, DIFFUSE))
    wind = column(rows, WIND, problems, options, field="WG")
    problems.raise_if_any()
    where = _place(file)
    series = Series(
        times=np.array(local, dtype="datetime64[s]"), temperature_c=values[:, None],
        beside={"wind_m_s": wind[:, None], "ghi_w_m2": np.asarray(sun)[:, None]},
        places=[options.stem], lines=line_numbers(rows),
        latitude=where[:1] if where.size else None, longitude=where[1:] if where.size else None,
    )  # fmt: skip
    return laid_always(series, AHEAD, options)


def _moment(cells: list[str]) -> np.datetime64 | None:
    """Return the time of a row in a year that stands for any; None if it has too few fields, or no time."""
    try:
        month, day, hour = (int(cells[place]) for place in (MONTH, DAY, HOUR_OF_DAY))
        date = np.datetime64(f"{NO_YEAR}-{month:02d}-{day:02d}", "s")
    except (ValueError, IndexError):
        return None
    return date + np.timedelta64(hour - 1, "h") if len(cells) >= COLUMNS and 1 <= hour <= 24 else None


def _place(file: File) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return latitude and longitude by the header; empty if it does not say them."""
    found = _PLACE.search(file.text.text[:2000])
    if found is None:
        return np.zeros(0)
    north, east = (float(found[place]) + float(found[place + 1]) / 60 for place in (1, 4))
    return np.array([-north if found[3] == "S" else north, -east if found[6] == "W" else east])


FORMAT = Format(
    name="DWD TRY",
    meaning="test reference years of the German weather service (2010), hours of a typical year at one place",
    told_by="a first line such as `TRY04` and a line of stars above the rows",
    detect=detect,
    read=read,
)
