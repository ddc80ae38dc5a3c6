"""Station files of NOAA: GHCN-Daily, NCEI daily and monthly summaries, GSOD, ISD (global-hourly), ISD-Lite."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.daily import Daily
from gridmodel.weather.readers.plain import line_numbers, read_days, read_times
from gridmodel.weather.readers.text import Row, Text, bare, column, find_column, need_column
from gridmodel.weather.series import Array, Options, Series, number, to_celsius, warn

GHCN_MISSING = -9999.0
GSOD_MISSING_F = 9999.9
ISD_MISSING = 9999.0
TENTHS_ABOVE = 130.0
"""Daily summaries whose numbers go beyond are tenths: neither degC nor degF reaches it. Ours."""
ISD_GOOD = frozenset("0145 9ACIMPRU")
"""Quality codes of a temperature that is used; 2, 3, 6 and 7 are suspect or wrong."""

ISD_LITE = re.compile(r"\d{4} [ \d]\d [ \d]\d [ \d]\d[ -]+\d+ ")
GHCN_DLY = re.compile(r"[A-Z0-9_-]{11}\d{6}[A-Z0-9]{4}[ \d-]{5}")
GHCN_ROW = re.compile(r"[A-Z]{2}[A-Z0-9_-]{9},\d{8},[A-Z0-9]{4},")
_ELEMENTS = ("TMIN", "TMAX", "TAVG")


def read_ghcn_csv(text: Text, problems: Problems, options: Options) -> Daily:
    """GHCN-Daily as CSV, one element a row: tenths of degC, a value with a quality flag counts as missing."""
    header, rows = text.table
    if GHCN_ROW.match(text.text):
        rows = [(1, header), *rows]
        header = ["id", "date", "element", "data_value", "m_flag", "q_flag", "s_flag", "obs_time"][: len(header)]
    header = [bare(name).replace(" ", "_") for name in header]
    element, value, when = (need_column(header, name, options) for name in ("element", "data_value", "date"))
    flag = find_column(header, "q_flag")
    station = find_column(header, "id", "station")
    kept = [(line, cells) for line, cells in rows if cells[element] in _ELEMENTS]
    tenths = column(kept, value, problems, options, field="DATA_VALUE", missing=(GHCN_MISSING,))
    if flag is not None:
        tenths[[bool(cells[flag]) for _, cells in kept]] = np.nan
    days = read_days(kept, when, problems, options)
    names = {cells[station] for _, cells in kept} if station is not None else set()
    if len(names) > 1:
        message = f"holds {len(names)} stations: keep one"
        problems.add(message, table=options.shown, field="ID", value=", ".join(sorted(names)[:5]))
    records = [(day, cells[element], v) for day, (_, cells), v in zip(days, kept, tenths / 10, strict=True)]
    return _pivot(records, names.pop() if names else options.stem)


def read_dly(text: Text, problems: Problems, options: Options) -> Daily:
    """GHCN-Daily in fixed width: one element and month a line, 31 times value (tenths of degC) and three flags."""
    records: list[tuple[np.datetime64, str, float]] = []
    names: set[str] = set()
    for line, row in enumerate(text.lines, 1):
        element = row[17:21]
        if element not in _ELEMENTS:
            continue
        names.add(row[:11])
        try:
            month = np.datetime64(f"{row[11:15]}-{row[15:17]}", "M")
        except ValueError:
            problems.add("is no year and month", table=options.shown, row=line, value=row[11:17])
            continue
        last = int((month + 1).astype("datetime64[D]").astype(int) - month.astype("datetime64[D]").astype(int))
        for day in range(last):
            cell, flag = row[21 + 8 * day : 26 + 8 * day].strip(), row[27 + 8 * day : 28 + 8 * day].strip()
            tenths = number(cell)
            if np.isinf(tenths):
                message = "is not a number"
                problems.add(message, table=options.shown, row=line, field=f"{element} day {day + 1}", value=cell)
            good = np.isfinite(tenths) and tenths != GHCN_MISSING and not flag
            records.append((month.astype("datetime64[D]") + day, element, tenths / 10 if good else np.nan))
        if len(problems.found) > MAX_REPORTED:
            break
    if len(names) > 1:
        problems.add(f"holds {len(names)} stations: keep one", table=options.shown)
    return _pivot(records, names.pop() if names else options.stem)


def _pivot(records: Iterable[tuple[np.datetime64, str, float]], place: str) -> Daily:
    """Days of records of single elements; of a record that stands twice the last counts."""
    found = [record for record in records if np.isfinite(record[2])]
    days = np.unique(np.array([day for day, _, _ in found], dtype="datetime64[D]"))
    table = np.full((len(_ELEMENTS), len(days)), np.nan)
    for day, element, value in found:
        table[_ELEMENTS.index(element), np.searchsorted(days, day)] = value
    low, high, mean = table[:, :, None]
    return Daily(days=days, low=low, high=high, mean=mean, places=[place])


def read_summaries(text: Text, problems: Problems, options: Options) -> Daily:
    """NCEI daily summaries, one day a row; the unit is told by the numbers only where it is beyond doubt.

    Raises
    ------
    InputError
        If the file is monthly (GSOM): no hours can be made of months.
    """
    header, rows = text.table
    when = need_column(header, "date", options)
    if rows and re.fullmatch(r"\d{4}-\d\d", rows[0][1][when]):
        message = "holds months (GSOM), not days: hours cannot be made of them; take daily summaries of the station"
        raise InputError([Problem(message=message, table=options.shown, row=rows[0][0], field="DATE")])
    places = [find_column(header, name.casefold()) for name in _ELEMENTS]
    cells = [cells[place] for _, cells in rows for place in places if place is not None]
    values = [column(rows, p, problems, options, field=n) for p, n in zip(places, _ELEMENTS, strict=True)]
    unit = options.unit or _summary_unit(cells, np.concatenate(values), problems, options)
    low, high, mean = (to_celsius(v, unit, problems, options, field="TMIN, TMAX")[:, None] for v in values)
    latitude, longitude = _coordinates(header, rows, problems, options)
    return Daily(
        days=read_days(rows, when, problems, options),
        low=low,
        high=high,
        mean=mean,
        places=[_station(header, rows, problems, options)],
        lines=line_numbers(rows),
        latitude=latitude,
        longitude=longitude,
    )


def _summary_unit(cells: list[str], values: Array, problems: Problems, options: Options) -> str:
    if any("." in cell for cell in cells):
        return "degC"
    if np.isfinite(values).any() and float(np.nanmax(np.abs(values))) > TENTHS_ABOVE:
        warn(problems, "has whole numbers beyond 130: read as tenths of degC", shown=options.shown, field="TMIN, TMAX")
        return "tenths"
    hint = "say it with unit= (--unit): degC, degF or tenths"
    problems.add("are whole numbers whose unit cannot be told", table=options.shown, field="TMIN, TMAX", hint=hint)
    return "degC"


def read_gsod(text: Text, problems: Problems, options: Options) -> Daily:
    """GSOD: mean, highest and lowest of the day in degF, 9999.9 where missing; a star after a number is a flag."""
    header, rows = text.table

    def celsius(name: str) -> Array:
        place = find_column(header, name.casefold())
        values = column(
            rows, place, problems, options, field=name, missing=(GSOD_MISSING_F,), read=lambda c: number(c.rstrip("* "))
        )
        return to_celsius(values, "degF", problems, options, field=name)[:, None]

    low, high, mean = (celsius(name) for name in ("MIN", "MAX", "TEMP"))
    latitude, longitude = _coordinates(header, rows, problems, options)
    return Daily(
        days=read_days(rows, need_column(header, "date", options), problems, options),
        low=low,
        high=high,
        mean=mean,
        places=[_station(header, rows, problems, options)],
        lines=line_numbers(rows),
        latitude=latitude,
        longitude=longitude,
    )


def read_isd(text: Text, problems: Problems, options: Options) -> Series:
    """ISD, global-hourly: reports at any minute, `TMP` such as `+0123,1` (tenths of degC and quality)."""
    header, rows = text.table
    tenths = column(
        rows,
        need_column(header, "tmp", options),
        problems,
        options,
        field="TMP",
        missing=(ISD_MISSING,),
        read=_isd_temperature,
    )
    kept = [(row, value) for row, value in zip(rows, tenths, strict=True) if np.isfinite(value)]
    latitude, longitude = _coordinates(header, rows, problems, options)
    return Series(
        times=read_times(
            [row for row, _ in kept], need_column(header, "date", options), problems, replace(options, zone=None)
        ),
        temperature_c=np.array([[value / 10] for _, value in kept]).reshape(-1, 1),
        places=[_station(header, rows, problems, options)],
        lines=line_numbers([row for row, _ in kept]),
        reports=True,
        latitude=latitude,
        longitude=longitude,
        notes=["each hour holds the report nearest to it within half an hour"],
    )


def _isd_temperature(cell: str) -> float:
    value, _, quality = cell.replace(";", ",").partition(",")
    if not cell or abs(number(value)) == ISD_MISSING:
        return np.nan
    return number(value) if quality in ISD_GOOD or not quality else np.nan


def read_isd_lite(text: Text, problems: Problems, options: Options) -> Series:
    """ISD-Lite: year, month, day, hour (UTC), then air temperature in tenths of degC, -9999 where missing."""
    rows: list[Row] = []
    for line, row in enumerate(text.lines, 1):
        cells = row.split()
        if len(cells) < 5:
            problems.add("has fewer than 5 columns", table=options.shown, row=line)
            if len(problems.found) > MAX_REPORTED:
                break
            continue
        rows.append((line, ["-".join(cells[:3]) + f"T{cells[3]}:00Z", cells[4]]))
    tenths = column(rows, 1, problems, options, field="air temperature", missing=(GHCN_MISSING,))
    return Series(
        times=read_times(rows, 0, problems, options),
        temperature_c=tenths[:, None] / 10,
        places=[options.stem],
        lines=line_numbers(rows),
    )


def _station(header: list[str], rows: list[Row], problems: Problems, options: Options) -> str:
    place = find_column(header, "station")
    names = {cells[place] for _, cells in rows} if place is not None else set()
    if len(names) > 1:
        message = f"holds {len(names)} stations: keep one"
        problems.add(message, table=options.shown, field="STATION", value=", ".join(sorted(names)[:5]))
    return min(names, default=options.stem)


def _coordinates(
    header: list[str], rows: list[Row], problems: Problems, options: Options
) -> tuple[Array, Array] | tuple[None, None]:
    """Latitude and longitude of the first row; nothing where the file does not say them."""
    found = []
    for name in ("latitude", "longitude"):
        place = find_column(header, name)
        found.append(column(rows[:1], place, problems, options, field=name.upper()))
    known = all(values.size and np.isfinite(values).all() for values in found)
    return (found[0], found[1]) if known else (None, None)
