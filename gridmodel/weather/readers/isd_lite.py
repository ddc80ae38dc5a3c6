"""ISD-Lite of NOAA: hours of a station in columns of fixed width."""

from __future__ import annotations

import re

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import line_numbers, read_times
from gridmodel.weather.parsing.text import Row, column
from gridmodel.weather.series import Options, Series

MISSING = -9999.0
"""Code of a missing value. [0.1 degC]"""
_START = re.compile(r"\d{4} [ \d]\d [ \d]\d [ \d]\d[ -]+\d+ ")


def detect(file: File) -> int:
    """Return the evidence that a file is ISD-Lite."""
    return SIGNATURE if _START.match(file.text.start) else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read year, month, day, hour (UTC) and air temperature in tenths of degC, -9999 where missing."""
    rows: list[Row] = []
    for line, row in enumerate(file.text.lines, 1):
        cells = row.split()
        if not cells:
            continue
        if len(cells) < 5:
            problems.add("has fewer than 5 columns", table=options.shown, row=line)
            if len(problems.found) > MAX_REPORTED:
                break
            continue
        rows.append((line, ["-".join(cells[:3]) + f"T{cells[3]}:00Z", cells[4]]))
    tenths = column(rows, 1, problems, options, field="air temperature", missing=(MISSING,))
    return Series(
        times=read_times(rows, 0, problems, options),
        temperature_c=tenths[:, None] / 10,
        places=[options.stem],
        lines=line_numbers(rows),
    )


FORMAT = Format(
    name="ISD-Lite",
    meaning="NOAA, hours of a station in columns of fixed width",
    told_by="lines such as `2026 01 08 00  -100  -125`",
    detect=detect,
    read=read,
)
