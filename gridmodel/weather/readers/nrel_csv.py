"""CSV of NREL: the National Solar Radiation Database (PSM) and SAM; a table of the place above one of hours."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.tables import read_rows
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.moments import read_moments
from gridmodel.weather.parsing.table import has_parts, line_numbers, with_time
from gridmodel.weather.parsing.text import bare, column, find_column, need_column
from gridmodel.weather.series import Array, Options, Series, on_hours, to_celsius
from gridmodel.weather.typical import in_utc

DRY_BULB = ("temperature", "tdry", "temp", "dry bulb", "air temperature")
WIND, SUN = ("wind speed", "wspd", "wind"), ("ghi", "global", "gh")
_UNIT_OF_PLACE = "temperature units"


def detect(file: File) -> int:
    """Return the evidence that a file is CSV of NREL: a place with its time zone, then hours in parts."""
    place = {"latitude", "longitude", "time zone"} <= file.text.names
    third = file.text.lines[2:3]
    return SIGNATURE if place and third and has_parts({bare(cell) for cell in third[0].split(",")}) else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read hours of the time zone that the file states, degC.

    Raises
    ------
    InputError
        If latitude, longitude or the time zone are not numbers, or a column is missing.

    Notes
    -----
    Rows in the middle of hours (minute 30, one an hour) count for the hour that they are in. Of several rows an hour,
    that on the full hour counts.
    """
    first = "\n".join(file.text.lines[:2])
    names, values = read_rows(first, problems, shown=options.shown)
    problems.raise_if_any()
    place = {bare(name): cell for name, cell in zip(names, values[0][1] if values else [], strict=False)}
    try:
        latitude, longitude = float(place["latitude"]), float(place["longitude"])
        ahead = timedelta(hours=float(place["time zone"]))
    except (ValueError, KeyError, OverflowError):
        message = "must contain latitude, longitude and time zone as numbers"
        raise InputError([Problem(message=message, table=options.shown, row=2)]) from None
    header, rows = file.text.below(3, problems)
    header, rows = with_time(header, rows)
    dry = find_column(header, *DRY_BULB)
    if dry is None:
        message = "needs a column of temperatures, such as `Temperature` or `Tdry`"
        raise InputError([Problem(message=message, table=options.shown, row=3)])
    local, _ = read_moments(rows, need_column(header, "time", options), problems, options.without_zone())
    numbers = column(rows, dry, problems, options, field=header[dry], missing=(-9999.0,))
    unit = place.get(_UNIT_OF_PLACE, "") or options.unit or "degC"
    beside = {}
    for name, known in (("wind_m_s", WIND), ("ghi_w_m2", SUN)):
        own = find_column(header, *known)
        if own is not None:
            beside[name] = column(rows, own, problems, options, field=header[own], missing=(-9999.0,))[:, None]
    values_c: Array = to_celsius(numbers, unit, problems, options, field=header[dry])
    problems.raise_if_any()
    series = Series(
        times=local, temperature_c=values_c[:, None], beside=beside, places=[options.stem], lines=line_numbers(rows),
        latitude=np.array([latitude]), longitude=np.array([longitude]),
    )  # fmt: skip
    return in_utc(on_hours(series), ahead, options)


FORMAT = Format(
    name="NREL CSV",
    meaning="National Solar Radiation Database (PSM 3 and 4, years or a typical year) and SAM, hours or less of one "
    "place; local time of the stated zone",
    told_by="a first line with `Latitude`, `Longitude`, `Time Zone`, and a third with `Year`, `Month`, `Day`",
    detect=detect,
    read=read,
)
