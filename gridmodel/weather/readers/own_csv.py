"""Our own format as CSV: column `time` in UTC, then one column per region in degrees Celsius, hourly.

Columns `REGION:wind_m_s` and `REGION:ghi_w_m2` bring wind and sun, of every region or of none.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import xarray as xr

from gridmodel.errors import Problems
from gridmodel.inputs.tables import MAX_REPORTED
from gridmodel.weather.cut import cut, note_missed
from gridmodel.weather.parsing.dates import both_moments, later_of_twice
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, NOTHING_ELSE, Format
from gridmodel.weather.parsing.strict import check
from gridmodel.weather.parsing.text import Row, check_names, unit_of, without_unit
from gridmodel.weather.series import (
    Array,
    Options,
    Series,
    Times,
    check_beside,
    number,
    parse_time,
    to_array,
    to_celsius,
    unit_named,
)
from gridmodel.weather.wind_and_sun import BESIDE

NOT_FINITE = ("nan", "inf", "-inf", "infinity", "-infinity")
"""Cells that are numbers and not finite; what is wrong with them is said where gaps and sizes are checked."""
UNKNOWN = (
    "for a file of one place: the first line must name its columns, those of times and temperatures `time` and "
    "`temperature`; take out lines above it"
)
"""Way out of a table that no format fits."""


def detect(file: File) -> int:
    """Return the evidence that a file is our own CSV: any table that nothing else is known of."""
    start = file.text.start
    return NOTHING_ELSE if file.suffix == ".csv" or "time" in file.text.names or not start else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> xr.DataArray | Series:
    """Read our own CSV.

    Returns
    -------
    xarray.DataArray or Series
        ``temperature(time, region)``, checked as it is; a `Series` where gaps are to be filled first. [degC]

    Raises
    ------
    InputError
        If it is not a table, or a cell cannot be read.
    """
    if file.text.head[0] and "time" not in file.text.names:
        _check_header(file.text.head[0], problems, shown=options.shown)
        problems.raise_if_any()
    header, rows = file.text.read_table(problems)
    series = _series(header, rows, problems, options)
    cut(series, options, spare_h=options.fill_limit_h if options.fill else 0)
    options.extent.note(series.places, series.times)
    if options.fill:
        problems.raise_if_any()
        return series
    check(series, problems, options)
    note_missed(series, problems, options)
    check_beside(series, problems, options)
    problems.raise_if_any()
    return to_array(series, options)


def _series(header: list[str], rows: list[Row], problems: Problems, options: Options) -> Series:
    """Read column `time`, then one column per region.

    Raises
    ------
    InputError
        If the header does not fit, or rows are missing.
    """
    shown = options.shown
    units = [unit_of(name) if unit_named(unit_of(name)) else "" for name in header]
    header = [without_unit(name) for name in header]
    usable = _check_header(header, problems, shown=shown)
    if not rows:
        problems.add("has no rows", table=shown)
    if not rows or not usable:
        problems.raise_if_any()
    times: Times = np.full(len(rows), np.datetime64("NaT", "s"))
    values = np.full((len(rows), len(header) - 1), np.nan)
    for position, (line, cells) in enumerate(rows):
        times[position] = parse_time(cells[0], problems, shown=shown, line=line, zone=options.zone)
        plain = "".join(cells[1:])
        try:
            values[position] = cells[1:] if plain.isascii() and "_" not in plain else None
        except (ValueError, TypeError):
            values[position] = _cells(header[1:], cells[1:], problems, options, line)
        if len(problems.found) > MAX_REPORTED:
            problems.add("has more problems; only the first are shown", table=shown)
            break
    lines = np.array([line for line, _ in rows], dtype=np.int64)
    times, notes = _on_clock(rows, times, options)
    places, columns = _columns(header[1:], problems, shown=shown)
    chosen = columns.pop("")
    stated = [units[place + 1] for place in chosen]
    temperature = _in_celsius(values[:, chosen], places, stated, problems, options)
    beside = {name: values[:, chosen] for name, chosen in columns.items()}
    return Series(
        times=times, temperature_c=temperature, places=places, lines=lines, named=True, beside=beside, notes=notes
    )


def _in_celsius(values: Array, places: list[str], units: list[str], problems: Problems, options: Options) -> Array:
    """Return temperatures ``(time, place)`` in degC, by the unit of each column, else the caller's. [degC]"""
    if options.unit and not any(units):
        return to_celsius(values, "", problems, options, field="temperature")
    for column, (name, unit) in enumerate(zip(places, units, strict=True)):
        if unit:
            values[:, column] = to_celsius(values[:, column], unit, problems, options, field=name)
    return values


def _on_clock(rows: list[Row], times: Times, options: Options) -> tuple[Times, list[str]]:
    """Return times in UTC, the later of two where the clock of the caller shows one twice, and what was done."""
    if options.zone is None or np.isnat(times).any():
        return times, []
    moments = [datetime.fromisoformat(cells[0]) for _, cells in rows]
    if all(moment.tzinfo is not None for moment in moments):
        return times, []
    if len(np.unique(times)) < len(times):
        second = times.copy()
        for row, moment in enumerate(moments):
            second[row] = both_moments(moment, options.zone)[1] if moment.tzinfo is None else times[row]
        times = later_of_twice(times, second)
    return times, [f"times without an offset read as {options.zone}"]


def _columns(names: list[str], problems: Problems, *, shown: str) -> tuple[list[str], dict[str, list[int]]]:
    """Return the regions, and the columns of each quantity in their order, under "" those of the temperature."""
    where = {name: place for place, name in enumerate(names)}
    places = [name for name in names if name.partition(":")[2] not in BESIDE]
    found = {"": [where[name] for name in places]}
    for quantity in BESIDE:
        given = {name.partition(":")[0] for name in names if name.partition(":")[2] == quantity}
        for name in sorted(given - set(places)):
            problems.add("has no column of temperatures", table=shown, row=1, field=f"{name}:{quantity}", value=name)
        missing = [name for name in places if name not in given]
        if given and missing:
            message = f"has no column `{missing[0]}:{quantity}`: give {quantity} of every region or of none"
            problems.add(message, table=shown, row=1, field=quantity)
        elif given:
            found[quantity] = [where[f"{name}:{quantity}"] for name in places]
    return places, found


def _check_header(header: list[str], problems: Problems, *, shown: str) -> bool:
    """Note what is wrong with a header; return whether the rows below it can be read all the same."""
    if header[:1] != ["time"]:
        problems.add("must be `time`: the first column is the UTC hour", table=shown, row=1, hint=UNKNOWN)
    check_names(header, problems, shown=shown)
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        problems.add("is repeated in the header", table=shown, row=1, field=name)
    if len(header) < 2:
        problems.add("has no column of temperatures", table=shown)
    return header[:1] == ["time"] and len(header) > 1


def _cells(names: list[str], cells: list[str], problems: Problems, options: Options, line: int) -> Array:
    found = np.full(len(cells), np.nan)
    for place, (name, cell) in enumerate(zip(names, cells, strict=True)):
        value = number(cell)
        found[place] = value
        if not np.isfinite(value) and cell.casefold() not in NOT_FINITE:
            found[place] = np.nan
            if cell or not options.fill:
                message = (
                    "is not a number" if cell else 'is empty: fill the gap first, as fill="linear" (--fill linear) does'
                )
                problems.add(message, table=options.shown, row=line, field=name, value=cell)
    return found


FORMAT = Format(
    name="gridmodel CSV",
    meaning="our own format: `time` in UTC, then one column per region; hourly, degC; perhaps with "
    "`REGION:wind_m_s` and `REGION:ghi_w_m2`",
    told_by="a column `time` or the ending `.csv`, where no other format fits",
    detect=detect,
    read=read,
)
