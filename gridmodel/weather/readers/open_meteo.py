"""Open-Meteo: hours or days of one or more places, as JSON or CSV; hours also of the members of an ensemble."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.tables import read_rows
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import SIGNATURE, Format, evidence_of_names
from gridmodel.weather.parsing.table import TEMPERATURE_NAMES, from_table, temperature
from gridmodel.weather.parsing.text import Row, bare, column, find_column, unit_of
from gridmodel.weather.series import Array, Options, Series, parse_time, warn
from gridmodel.weather.window import LAST_YEAR

MAX_JSON = 1_000_000
"""Most values of a JSON file. Ours: two years of hours in 25 places have half of that."""
_LINE_OF_JSON = 1
BESIDE_NAMES = {"wind_m_s": ("wind_speed_10m", "windspeed_10m"), "ghi_w_m2": ("shortwave_radiation",)}
"""Names of columns of wind and sun."""
BESIDE_UNITS = {
    "wind_m_s": {"km/h": 1 / 3.6, "m/s": 1.0, "mph": 0.44704, "mp/h": 0.44704, "kn": 1852 / 3600},
    "ghi_w_m2": {"W/m²": 1.0, "W/m2": 1.0},
}
"""Units of them that Open-Meteo offers, the usual one first, and their factors."""
_OF_ENSEMBLE = re.compile(r"temperature_2m(_member\d+)?(_(?!min|max|mean|spread|previous)[a-z]\w*)?")
"""Name of the temperature of one member of an ensemble, folded: the control has no number, each model an ending."""
ISSUE_NAMES = (
    "issued",
    "issue_time",
    "issued_at",
    "model_run",
    "forecast_reference_time",
    "last_run_initialisation_time",
)
"""Names under which a file may say when its forecast was issued: an ISO 8601 time, or seconds since 1970 as in
Open-Meteo's metadata of a model. What the service sends has none; whoever stores a forecast adds it."""


def detect(file: File) -> int:
    """Return the evidence that a file is of Open-Meteo: any JSON, or the CSV with its table of places."""
    if file.text.start[:1] in {"{", "["}:
        return SIGNATURE - 1  # other JSON that is known has a signature
    return evidence_of_names(file.text.names, {"latitude", "longitude", "elevation", "utc_offset_seconds"})


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read a file of Open-Meteo in either of its forms."""
    return (read_json if file.text.start[:1] in {"{", "["} else read_csv)(file, problems, options)


def read_csv(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read CSV: a table of places, a blank line, then tables of hours or days (the first is read).

    Raises
    ------
    InputError
        If it does not consist of these parts.
    """
    parts = re.split(r"\r?\n[ \t]*\r?\n", file.text.text.strip())
    if len(parts) < 2:
        raise InputError([Problem(message="ends after its first table", table=options.shown)])
    names, places = read_rows(parts[0], problems, shown=options.shown)
    header, rows = read_rows(parts[1], problems, shown=options.shown)
    problems.raise_if_any()
    skipped = parts[0].count("\n") + 2
    rows = [(line + skipped, cells) for line, cells in rows]
    tables = [{bare(n): c for n, c in zip(names, cells, strict=True)} for _, cells in places]
    own = find_column(header, "location_id")
    found = []
    for table in tables:
        place = table.get("location_id", "0")
        kept = [row for row in rows if own is None or row[1][own] == place]
        found.append(_location(header, kept, table, problems, options, many=len(tables) > 1))
    return _join(found, problems, options)


def read_json(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read JSON: one place or a list of places; `hourly` or `daily` with units and the offset of local time.

    Raises
    ------
    InputError
        If it is not JSON, nests too deep, contains too much, or has another shape.
    """
    content = parse_json(file.text.text, options.shown, most=MAX_JSON)
    content = content if isinstance(content, list) else [content]
    found = [_block(item, position, problems, options, many=len(content) > 1) for position, item in enumerate(content)]
    return _join([series for series in found if series is not None], problems, options)


def _block(item: object, position: int, problems: Problems, options: Options, *, many: bool) -> Series | Daily | None:
    """Read one place of a JSON file; None and a problem noted if it is not like that."""
    table: dict[str, Any] = item if isinstance(item, dict) else {}
    kind = next((kind for kind in ("hourly", "daily") if isinstance(table.get(kind), dict)), "")
    if not kind:
        reason = f": {table['reason']}" if "reason" in table else ""
        problems.add(f"has neither `hourly` nor `daily`{reason}", table=options.shown)
        return None
    block, units = table[kind], table.get(f"{kind}_units")
    wanted = TEMPERATURE_NAMES | {name for names in BESIDE_NAMES.values() for name in names}
    wanted |= {bare(str(name)) for name in block if _OF_ENSEMBLE.fullmatch(bare(str(name)))}
    names = ["time", *(name for name in block if bare(str(name)) in wanted)]
    lists = [block.get(name) for name in names]
    lengths = {len(values) if isinstance(values, list) else -1 for values in lists}
    if len(lengths) > 1 or -1 in lengths or len(names) < 2:
        message = f"needs lists of one length in `{kind}`: time and a temperature such as temperature_2m"
        problems.add(message, table=options.shown, field=kind)
        return None
    units = units if isinstance(units, dict) else {}
    header = ["time", *(f"{name} ({units[name]})" if units.get(name) else name for name in names[1:])]
    rows = [
        (_LINE_OF_JSON, ["" if cell is None else str(cell) for cell in cells]) for cells in zip(*lists, strict=True)
    ]
    where = {key: str(table.get(key, "")) for key in ("latitude", "longitude", "utc_offset_seconds", *ISSUE_NAMES)}
    where["location_id"] = str(table.get("location_id", position))
    return _location(header, rows, where, problems, options, many=many)


def _location(
    header: list[str], rows: list[Row], table: dict[str, str], problems: Problems, options: Options, *, many: bool
) -> Series | Daily:
    """Read the series of one place, in UTC by the offset that the file says.

    Raises
    ------
    InputError
        If offset or coordinates are not numbers.
    """
    try:
        offset = timedelta(seconds=float(table.get("utc_offset_seconds") or 0))
        zone = timezone(offset)
        where = np.array([float(table.get(key) or "nan") for key in ("latitude", "longitude")])
    except (ValueError, OverflowError):
        message = "must be numbers: latitude, longitude, utc_offset_seconds"
        raise InputError([Problem(message=message, table=options.shown, field="location")]) from None
    name = f"location-{table.get('location_id', '0')}" if many else options.stem
    members = _members(header)
    quiet = Problems()  # what members warn of was said of the first
    others = [place for place in range(len(header)) if place not in members]
    first = [*others, *members[:1]]
    names = [header[place] for place in others] + [_control(header[place]) for place in members[:1]]
    alone = [(line, [cells[place] for place in first]) for line, cells in rows] if members else rows
    series = from_table(names if members else header, alone, problems, replace(options, zone=zone, stem=name))
    if isinstance(series, Series):
        series.beside = {} if members else _beside(header, rows, problems, options)
        series.issued = _issued(table, problems, replace(options, zone=zone))
        columns = [temperature(header, rows, place, quiet, options) for place in members[1:]]
        series.temperature_c = np.concatenate([series.temperature_c, *columns], axis=1)
        series.members = 1 + len(columns)
        problems.found += [problem for problem in quiet.found if problem.severity == "error"]
    if isinstance(series, Daily):
        series.offset_h = offset / timedelta(hours=1)
        if any("_member" in name for name in header):
            message = "has days of the members of an ensemble, which are not read; hours are"
            warn(problems, message, shown=options.shown, hint="download `hourly` instead of `daily`")
    if not np.isnan(where).any():
        series.latitude, series.longitude = where[:1], where[1:]
    return series


def _members(header: list[str]) -> list[int]:
    """Return the places of the temperatures of the members of an ensemble; empty of a file that is none."""
    found = [place for place, name in enumerate(header) if _OF_ENSEMBLE.fullmatch(bare(name))]
    return found if any("_member" in bare(header[place]) for place in found) else []


def _control(name: str) -> str:
    """Return the name of a member's column as that of a file without members, with its unit."""
    return f"temperature_2m ({unit_of(name)})" if unit_of(name) else "temperature_2m"


def _issued(table: dict[str, str], problems: Problems, options: Options) -> np.datetime64 | None:
    """Return the time at which the forecast of a place was issued, UTC; None if the file does not say it."""
    name = next((name for name in ISSUE_NAMES if table.get(name)), "")
    cell = table.get(name, "")
    if re.fullmatch(r"\d{9,11}(\.0)?", cell):  # seconds since 1970, from 1973 to 5138
        moment = np.datetime64(int(float(cell)), "s")
        if moment < np.datetime64(f"{LAST_YEAR + 1}"):
            return moment
        problems.add(f"must be before {LAST_YEAR + 1}", table=options.shown, field=name, value=cell)
        return None
    found = parse_time(cell, problems, shown=options.shown, field=name, zone=options.zone) if cell else None
    return None if found is None or np.isnat(found) else found


def _beside(header: list[str], rows: list[Row], problems: Problems, options: Options) -> dict[str, Array]:
    """Read wind and sun, where the table has them in a known unit, or in the usual one if it states none.

    Notes
    -----
    Sun is the mean of the hour before its time, so that a row takes the number of the next.
    """
    found: dict[str, Array] = {}
    for quantity, names in BESIDE_NAMES.items():
        place = find_column(header, *names)
        if place is None:
            continue
        unit = unit_of(header[place]) or next(iter(BESIDE_UNITS[quantity]))
        if unit not in BESIDE_UNITS[quantity]:
            allowed = ", ".join(BESIDE_UNITS[quantity])
            message = f"has no unit among {allowed} and is left out"
            warn(problems, message, shown=options.shown, field=header[place])
            continue
        values = BESIDE_UNITS[quantity][unit] * column(rows, place, problems, options, field=header[place])
        found[quantity] = (np.append(values[1:], values[-1:]) if quantity == "ghi_w_m2" else values)[:, None]
    return found


def _join(found: list[Series | Daily], problems: Problems, options: Options) -> Series | Daily:
    """Join the series of several places.

    Raises
    ------
    InputError
        If there are none, or their times differ.
    """
    problems.raise_if_any()
    if not found:
        raise InputError([Problem(message="has no places", table=options.shown)])
    first = found[0]
    if len(found) == 1:
        return first
    parts = [series for series in found if isinstance(series, type(first))]
    stamps = [series.times if isinstance(series, Series) else series.days for series in parts]
    if len(parts) < len(found) or any(not np.array_equal(stamp, stamps[0]) for stamp in stamps):
        raise InputError(
            [
                Problem(
                    message="contains places whose times differ: keep one place, or the hours that all have",
                    table=options.shown,
                )
            ]
        )
    if isinstance(first, Series):
        each = [series.beside for series in parts if isinstance(series, Series)]
        shared = [name for name in first.beside if all(name in own for own in each)]
        first.beside = {name: np.concatenate([own[name] for own in each], axis=1) for name in shared}
    first.places = [name for series in parts for name in series.places]
    for name in ("latitude", "longitude"):
        values = [getattr(series, name) for series in parts]
        setattr(first, name, None if any(v is None for v in values) else np.concatenate(values))
    if isinstance(first, Series):
        _join_members(first, [series for series in parts if isinstance(series, Series)], options)
        return first
    for name in ("low", "high", "mean"):
        setattr(first, name, np.concatenate([getattr(series, name) for series in parts], axis=1))
    return first


def _join_members(first: Series, parts: list[Series], options: Options) -> None:
    """Join the temperatures of several places into the first: its columns are members, and places within them.

    Raises
    ------
    InputError
        If the places do not have the same number of members.
    """
    counts = [series.members for series in parts]
    if len(set(counts)) > 1:
        message = f"contains places with {min(counts)} to {max(counts)} members: download the same models for each"
        raise InputError([Problem(message=message, table=options.shown)])
    stacked = np.stack([series.temperature_c for series in parts], axis=2)
    first.temperature_c = stacked.reshape(len(first.times), -1)
    first.issued = max((series.issued for series in parts if series.issued is not None), default=None)


FORMAT = Format(
    name="Open-Meteo",
    meaning="hours or days of one or more places, as JSON or CSV, in local time with its offset; hours also of the "
    "members of an ensemble; perhaps with the time of issue",
    told_by="JSON, or a first table with `latitude`, `longitude`, `elevation`, `utc_offset_seconds`",
    detect=detect,
    read=read,
)
