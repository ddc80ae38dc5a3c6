"""ISD of NOAA (global-hourly): reports of a station at any minute."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridmodel.errors import Problems
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import Format, evidence_of_names
from gridmodel.weather.parsing.table import coordinates, line_numbers, read_times, station
from gridmodel.weather.parsing.text import column, need_column
from gridmodel.weather.series import Options, Series, number

MISSING = 9999.0
"""Code of a missing value. [0.1 degC]"""
GOOD = frozenset("0145 9ACIMPRU")
"""Quality codes of a temperature that is used; 2, 3, 6 and 7 are suspect or wrong."""


def detect(file: File) -> int:
    """Return the evidence that a file is ISD."""
    return evidence_of_names(file.text.names, {"station", "date", "tmp"})


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read reports at any minute, `TMP` such as `+0123,1` (tenths of degC and quality)."""
    header, rows = file.text.read_table(problems)
    tenths = column(
        rows,
        need_column(header, "tmp", options),
        problems,
        options,
        field="TMP",
        missing=(MISSING,),
        read=_temperature,
    )
    kept = [(row, value) for row, value in zip(rows, tenths, strict=True) if np.isfinite(value)]
    latitude, longitude = coordinates(header, rows, problems, options)
    return Series(
        times=read_times(
            [row for row, _ in kept], need_column(header, "date", options), problems, replace(options, zone=None)
        ),
        temperature_c=np.array([[value / 10] for _, value in kept]).reshape(-1, 1),
        places=[station(header, rows, problems, options)],
        lines=line_numbers([row for row, _ in kept]),
        reports=True,
        latitude=latitude,
        longitude=longitude,
        notes=["each hour takes the report nearest to it within half an hour"],
    )


def _temperature(cell: str) -> float:
    """Return the tenths of degC of a cell; NaN where missing or of bad quality, infinite where not a number."""
    value, _, quality = cell.replace(";", ",").partition(",")
    if not cell or abs(number(value)) == MISSING:
        return np.nan
    return number(value) if quality in GOOD or not quality else np.nan


FORMAT = Format(
    name="ISD",
    meaning="NOAA, reports of a station at any minute (global-hourly)",
    told_by="the columns `STATION`, `DATE`, `TMP`",
    detect=detect,
    read=read,
)
