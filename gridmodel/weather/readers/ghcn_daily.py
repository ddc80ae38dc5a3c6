"""GHCN-Daily of NOAA: CSV with one element per row, or fixed width with one month per line."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import SIGNATURE, Format, evidence_of_names
from gridmodel.weather.parsing.table import read_days
from gridmodel.weather.parsing.text import bare, column, find_column, need_column
from gridmodel.weather.series import Options, number

MISSING = -9999.0
"""Code of a missing value. [0.1 degC]"""

_FIXED_WIDTH = re.compile(r"[A-Z0-9_-]{11}\d{6}[A-Z0-9]{4}[ \d-]{5}")
_ROW = re.compile(r"[A-Z]{2}[A-Z0-9_-]{9},\d{8},[A-Z0-9]{4},")
_ELEMENTS = ("TMIN", "TMAX", "TAVG")


def detect(file: File) -> int:
    """Return the evidence that a file is GHCN-Daily, in either of its forms."""
    start = file.text.start
    if _FIXED_WIDTH.match(start) or _ROW.match(start):
        return SIGNATURE
    return evidence_of_names(file.text.names, {"date", "element", "data_value"}, {"date", "element", "data value"})


def read(file: File, problems: Problems, options: Options) -> Daily:
    """Read GHCN-Daily in either of its forms."""
    return (read_fixed_width if _FIXED_WIDTH.match(file.text.start) else read_csv)(file, problems, options)


def read_csv(file: File, problems: Problems, options: Options) -> Daily:
    """Read GHCN-Daily as CSV, one element per row: tenths of degC; a value with a quality flag counts as missing."""
    header, rows = file.text.read_table(problems)
    if _ROW.match(file.text.text):
        rows = [(1, header), *rows]
        header = ["id", "date", "element", "data_value", "m_flag", "q_flag", "s_flag", "obs_time"][: len(header)]
    header = [bare(name).replace(" ", "_") for name in header]
    element, value, when = (need_column(header, name, options) for name in ("element", "data_value", "date"))
    flag = find_column(header, "q_flag")
    station = find_column(header, "id", "station")
    kept = [(line, cells) for line, cells in rows if cells[element] in _ELEMENTS]
    tenths = column(kept, value, problems, options, field="DATA_VALUE", missing=(MISSING,))
    if flag is not None:
        tenths[[bool(cells[flag]) for _, cells in kept]] = np.nan
    days = read_days(kept, when, problems, options)
    names = {cells[station] for _, cells in kept} if station is not None else set()
    if len(names) > 1:
        message = f"contains {len(names)} stations: keep one"
        problems.add(message, table=options.shown, field="ID", value=", ".join(sorted(names)[:5]))
    records = [(day, cells[element], v) for day, (_, cells), v in zip(days, kept, tenths / 10, strict=True)]
    return _pivot(records, names.pop() if names else options.stem)


def read_fixed_width(file: File, problems: Problems, options: Options) -> Daily:
    """Read GHCN-Daily in fixed width: one element and month per line, 31 times value (0.1 degC) and three flags."""
    records: list[tuple[np.datetime64, str, float]] = []
    names: set[str] = set()
    for line, row in enumerate(file.text.lines, 1):
        element = row[17:21]
        if element not in _ELEMENTS:
            continue
        names.add(row[:11])
        try:
            month = np.datetime64(f"{row[11:15]}-{row[15:17]}", "M")
        except ValueError:
            problems.add("is not a year and month", table=options.shown, row=line, value=row[11:17])
            continue
        last = int((month + 1).astype("datetime64[D]").astype(int) - month.astype("datetime64[D]").astype(int))
        for day in range(last):
            cell, flag = row[21 + 8 * day : 26 + 8 * day].strip(), row[27 + 8 * day : 28 + 8 * day].strip()
            tenths = number(cell)
            if np.isinf(tenths):
                message = "is not a number"
                problems.add(message, table=options.shown, row=line, field=f"{element} day {day + 1}", value=cell)
            good = np.isfinite(tenths) and tenths != MISSING and not flag
            records.append((month.astype("datetime64[D]") + day, element, tenths / 10 if good else np.nan))
        if len(problems.found) > MAX_REPORTED:
            break
    if len(names) > 1:
        problems.add(f"contains {len(names)} stations: keep one", table=options.shown)
    return _pivot(records, names.pop() if names else options.stem)


def _pivot(records: Iterable[tuple[np.datetime64, str, float]], place: str) -> Daily:
    """Gather records of single elements to days; the last of repeated records counts."""
    found = [record for record in records if np.isfinite(record[2])]
    days = np.unique(np.array([day for day, _, _ in found], dtype="datetime64[D]"))
    table = np.full((len(_ELEMENTS), len(days)), np.nan)
    for day, element, value in found:
        table[_ELEMENTS.index(element), np.searchsorted(days, day)] = value
    low, high, mean = table[:, :, None]
    return Daily(days=days, low=low, high=high, mean=mean, places=[place])


FORMAT = Format(
    name="GHCN-Daily",
    meaning="NOAA, days of a station: CSV with one element per row, or fixed width (`.dly`)",
    told_by="the columns `DATE`, `ELEMENT`, `DATA_VALUE`, or lines such as `UPM00033345202601TMIN  -52`",
    detect=detect,
    read=read,
)
