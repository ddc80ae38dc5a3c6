"""Meteostat: hours or days of a station as CSV, with a header or without (bulk files)."""

from __future__ import annotations

import re
from dataclasses import replace

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format, evidence_of_names
from gridmodel.weather.parsing.table import from_table
from gridmodel.weather.parsing.text import bare, need_column
from gridmodel.weather.series import Options, Series

HOURLY = ["date", "hour", "temp", "dwpt", "rhum", "prcp", "snow", "wdir", "wspd", "wpgt", "pres", "tsun", "coco"]
DAILY = ["date", "tavg", "tmin", "tmax", "prcp", "snow", "wdir", "wspd", "wpgt", "pres", "tsun"]
"""Columns of the bulk files, which have no header."""

_BULK_ROW = re.compile(r"\d{4}-\d\d-\d\d,(\d\d?|-?[\d.]*),")
_HEADERS = (
    {"date", "hour", "temp"},
    {"year", "month", "day", "temp"},
    {"year", "month", "day", "tmin"},
    {"temp", "dwpt", "rhum"},
    {"tmin", "tmax", "prcp", "wspd"},
)
_OWN = frozenset({*HOURLY, *DAILY, "temp_source", "tmin_source"}) - {"date", "hour", "temp", "tavg", "tmin", "tmax"}
"""Names of which tables of other origin have none; theirs may be in any unit, and on any clock."""


def detect(file: File) -> int:
    """Return the evidence that a file is of Meteostat."""
    if _BULK_ROW.match(file.text.start):
        return SIGNATURE
    names = file.text.names
    return evidence_of_names(names, *_HEADERS) if names & _OWN else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read hours or days, with a header or without (bulk): UTC, degC, an empty cell where missing.

    Raises
    ------
    InputError
        If a file without a header has an unknown number of columns, or dates are missing.
    """
    header, rows = file.text.read_table(problems)
    if re.match(r"\d{4}-\d\d-\d\d", header[0]):
        rows = [(1, header), *rows]
        bulk = {len(names): names for names in (HOURLY, DAILY)}
        if len(header) not in bulk:
            message = f"has {len(header)} columns and no header; bulk files of Meteostat have 13 (hours) or 11 (days)"
            raise InputError([Problem(message=message, table=options.shown, row=1)])
        header = bulk[len(header)]
    header = [bare(name) for name in header]
    if {"year", "month", "day"} <= set(header):
        parts = [header.index(name) for name in ("year", "month", "day")]
        rows = [(line, ["-".join(cells[p].zfill(2) for p in parts), *cells]) for line, cells in rows]
        header = ["date", *header]
    if "hour" in header:
        date, hour = need_column(header, "date", options), header.index("hour")
        rows = [(line, [f"{cells[date]}T{cells[hour].zfill(2)}:00", *cells]) for line, cells in rows]
        header = ["time", *header]
    found = from_table(header, rows, problems, replace(options, unit="", zone=None), unit="degC")
    if isinstance(found, Daily) and options.zone is None:
        found.offset_h = 0
    return found


FORMAT = Format(
    name="Meteostat",
    meaning="hours or days of a station as CSV, bulk or with a header; UTC",
    told_by="rows such as `2026-01-08,0,-10.1,...` without a header, or columns such as `temp`, `dwpt`, `rhum`",
    detect=detect,
    read=read,
)
