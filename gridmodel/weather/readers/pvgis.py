"""PVGIS of the European Commission: hours of years or of a typical year at one place, as CSV or JSON; UTC."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.tables import MAX_CELLS, MAX_HEADER, MAX_REPORTED, read_rows
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import line_numbers
from gridmodel.weather.parsing.text import Row, bare, column, find_column
from gridmodel.weather.series import Options, Series, Times
from gridmodel.weather.typical import in_utc, is_typical

MAX_JSON = 4_000_000
"""Most values of a JSON file. Ours: ten columns of hours of forty years."""
HEAD_LINES = 60
"""Lines in which the header stands: the place, and perhaps the year of each month. Ours: twice what PVGIS writes."""
DRY_BULB, WIND, SUN = "t2m", "ws10m", "g"
_WHEN = re.compile(r"(\d{4})(\d{2})(\d{2}):(\d{2})(\d{2})", re.ASCII)
_PLACE = re.compile(r"(Latitude|Longitude) \(decimal degrees\):\s*([-+.\d]+)", re.ASCII)
_HEADER = re.compile(r"time(\(UTC\))?,", re.ASCII)
_RECORDS = re.compile(r'\[\s*\{\s*"time(\(UTC\))?"\s*:\s*"\d{8}:\d{4}"', re.ASCII)
"""Rows alone, as some programs keep them."""
_FIELDS = ("time(UTC)", "time", "T2m", "WS10m", "G(h)")


def detect(file: File) -> int:
    """Return the evidence that a file is of PVGIS: its JSON, or its CSV with the place above the header."""
    start = file.text.start
    if _RECORDS.match(start):
        return SIGNATURE
    if start.startswith("{"):
        return SIGNATURE if '"meteo_data"' in file.text.text[:MAX_HEADER] else NOT_THIS
    return SIGNATURE if start.startswith("Latitude (decimal degrees):") else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read hours of PVGIS: UTC, degC, wind at 10 m; sun on level ground where the file is of it.

    Raises
    ------
    InputError
        If it has another form, or has no temperatures.

    Notes
    -----
    Times are those of the satellite, some minutes after the hour; each hour takes the row nearest to it.
    """
    parts = _json(file, options) if file.text.start[:1] in {"{", "["} else _csv(file, problems, options)
    header, rows, where = parts
    if find_column(header, DRY_BULB) is None:
        message = "has no temperatures (T2m): ask PVGIS for hourly data or a typical year (TMY)"
        raise InputError([Problem(message=message, table=options.shown)])
    times = _times(rows, problems, options)
    values = column(rows, find_column(header, DRY_BULB), problems, options, field="T2m")
    beside = {}
    for name, found in (("wind_m_s", find_column(header, WIND)), ("ghi_w_m2", _level(header))):
        if found is not None:
            beside[name] = column(rows, found, problems, options, field=header[found])[:, None]
    problems.raise_if_any()
    notes = [] if (times == times.astype("datetime64[h]")).all() else ["each hour takes the row nearest to it"]
    typical = is_typical(times)
    series = Series(
        times=times, temperature_c=values[:, None], beside=beside, places=[options.stem], lines=line_numbers(rows),
        reports=not typical, notes=notes,
        latitude=where[:1] if np.isfinite(where).all() else None,
        longitude=where[1:] if np.isfinite(where).all() else None,
    )  # fmt: skip
    return in_utc(series, timedelta(0), options)


def _level(header: list[str]) -> int | None:
    """Return the place of the sun on level ground; None where the file is of another plane."""
    return next((place for place, name in enumerate(header) if name == "G(h)"), None)


def _csv(file: File, problems: Problems, options: Options) -> tuple[list[str], list[Row], np.ndarray[Any, Any]]:
    """Return header, rows and place of a CSV file; the lines below the rows are notes.

    Raises
    ------
    InputError
        If it has no header.
    """
    lines = file.text.lines
    top = next((place for place, line in enumerate(lines[:HEAD_LINES]) if _HEADER.match(line)), None)
    if top is None:
        message = "has no header that begins with `time`: ask PVGIS for hourly data or a typical year (TMY)"
        raise InputError([Problem(message=message, table=options.shown)])
    end = next((place for place in range(top + 1, len(lines)) if not _WHEN.match(lines[place])), len(lines))
    if (end - top) * (lines[top].count(",") + 1) > MAX_CELLS:
        raise InputError([Problem(message=f"contains more than {MAX_CELLS:,} cells", table=options.shown)])
    header, rows = read_rows("\n".join(lines[top:end]), problems, shown=options.shown)
    problems.raise_if_any()
    found = dict(_PLACE.findall("\n".join(lines[:top])))
    return header, [(line + top, cells) for line, cells in rows], _where(found.get("Latitude"), found.get("Longitude"))


def _json(file: File, options: Options) -> tuple[list[str], list[Row], np.ndarray[Any, Any]]:
    """Return header, rows and place of a JSON file.

    Raises
    ------
    InputError
        If it is not JSON, or has another shape.
    """
    content = parse_json(file.text.text, options.shown, most=MAX_JSON)
    table = content if isinstance(content, dict) else {"outputs": {"hourly": content}}
    outputs = table.get("outputs")
    outputs = outputs if isinstance(outputs, dict) else {}
    items = next((outputs[name] for name in ("tmy_hourly", "hourly") if isinstance(outputs.get(name), list)), None)
    if not items or not all(isinstance(item, dict) for item in items):
        message = (
            "needs a list `hourly` or `tmy_hourly` in `outputs`: ask PVGIS for hourly data or a typical year (TMY)"
        )
        raise InputError([Problem(message=message, table=options.shown)])
    header = [name for name in _FIELDS if name in items[0]]
    if not header or bare(header[0]) != "time":
        raise InputError([Problem(message="has rows without a time", table=options.shown, field="outputs")])
    rows = [(1, ["" if item.get(name) is None else str(item[name]) for name in header]) for item in items]
    inputs = table.get("inputs")
    location = inputs.get("location") if isinstance(inputs, dict) else None
    location = location if isinstance(location, dict) else {}
    return header, rows, _where(location.get("latitude"), location.get("longitude"))


def _where(latitude: object, longitude: object) -> np.ndarray[Any, Any]:
    """Return latitude and longitude, NaN where the file does not say them."""
    found = []
    for cell in (latitude, longitude):
        try:
            found.append(float(str(cell)))
        except ValueError:
            found.append(np.nan)
    return np.array(found)


def _times(rows: list[Row], problems: Problems, options: Options) -> Times:
    """Read times such as 20180101:0010, UTC."""
    times = np.full(len(rows), np.datetime64("NaT", "s"))
    for row, (line, cells) in enumerate(rows):
        found = _WHEN.fullmatch(cells[0])
        try:
            times[row] = np.datetime64("{}-{}-{}T{}:{}".format(*found.groups()) if found else "x", "s")
        except ValueError:
            problems.add("is not a time such as 20180101:0010", table=options.shown, row=line, field="time",
                         value=cells[0])  # fmt: skip
            if len(problems.found) > MAX_REPORTED:
                break
    problems.raise_if_any()
    return times


FORMAT = Format(
    name="PVGIS",
    meaning="European Commission, hours of years or of a typical year (TMY) at one place, as CSV or JSON; UTC",
    told_by="a first line `Latitude (decimal degrees):`, or JSON with `meteo_data`",
    detect=detect,
    read=read,
)
