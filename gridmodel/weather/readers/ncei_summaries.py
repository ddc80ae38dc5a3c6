"""Daily summaries of NOAA NCEI: one day per row, one column per element."""

from __future__ import annotations

import re

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import Format, evidence_of_names
from gridmodel.weather.parsing.table import coordinates, line_numbers, read_days, station
from gridmodel.weather.parsing.text import column, find_column, need_column
from gridmodel.weather.series import Array, Options, to_celsius, warn

TENTHS_ABOVE = 130.0
"""Summaries with numbers beyond are in tenths. Ours: neither degC nor degF of air reaches it."""
_ELEMENTS = ("TMIN", "TMAX", "TAVG")


def detect(file: File) -> int:
    """Return the evidence that a file contains daily summaries."""
    return evidence_of_names(file.text.names, {"station", "date", "tmax"}, {"station", "date", "tavg"})


def read(file: File, problems: Problems, options: Options) -> Daily:
    """Read daily summaries, one day per row; the unit is told by the numbers only where it is beyond doubt.

    Raises
    ------
    InputError
        If the file is monthly (GSOM): hours cannot be made of months.
    """
    header, rows = file.text.read_table(problems)
    when = need_column(header, "date", options)
    if rows and re.fullmatch(r"\d{4}-\d\d", rows[0][1][when]):
        message = "contains months (GSOM), not days, which cannot become hours: download daily summaries of the station"
        raise InputError([Problem(message=message, table=options.shown, row=rows[0][0], field="DATE")])
    places = [find_column(header, name.casefold()) for name in _ELEMENTS]
    cells = [cells[place] for _, cells in rows for place in places if place is not None]
    values = [column(rows, p, problems, options, field=n) for p, n in zip(places, _ELEMENTS, strict=True)]
    unit = options.unit or _summary_unit(cells, np.concatenate(values), problems, options)
    low, high, mean = (to_celsius(v, unit, problems, options, field="TMIN, TMAX")[:, None] for v in values)
    latitude, longitude = coordinates(header, rows, problems, options)
    return Daily(
        days=read_days(rows, when, problems, options),
        low=low,
        high=high,
        mean=mean,
        places=[station(header, rows, problems, options)],
        lines=line_numbers(rows),
        latitude=latitude,
        longitude=longitude,
    )


def _summary_unit(cells: list[str], values: Array, problems: Problems, options: Options) -> str:
    """Return the unit of the numbers: degC with decimals, tenths beyond any temperature, otherwise a problem."""
    if any("." in cell for cell in cells):
        return "degC"
    if np.isfinite(values).any() and float(np.nanmax(np.abs(values))) > TENTHS_ABOVE:
        warn(problems, "has whole numbers beyond 130: read as tenths of degC", shown=options.shown, field="TMIN, TMAX")
        return "tenths"
    hint = "give it with unit= (--unit): degC, degF or tenths"
    problems.add("are whole numbers whose unit cannot be told", table=options.shown, field="TMIN, TMAX", hint=hint)
    return "degC"


FORMAT = Format(
    name="NCEI daily summaries",
    meaning="NOAA, days of a station, one day per row; degC, degF or tenths",
    told_by="the columns `STATION`, `DATE` and `TMAX` or `TAVG`",
    detect=detect,
    read=read,
)
