"""GSOD of NOAA (Global Surface Summary of the Day): one day per row."""

from __future__ import annotations

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import Format, evidence_of_names
from gridmodel.weather.parsing.table import coordinates, line_numbers, read_days, station
from gridmodel.weather.parsing.text import column, find_column, need_column
from gridmodel.weather.series import Array, Options, number, to_celsius

MISSING_F = 9999.9
"""Code of a missing value. [degF]"""


def detect(file: File) -> int:
    """Return the evidence that a file is GSOD."""
    return evidence_of_names(file.text.names, {"station", "date", "temp", "max", "min"})


def read(file: File, problems: Problems, options: Options) -> Daily:
    """Read mean, highest and lowest of each day in degF, 9999.9 where missing; a star after a number is a flag.

    Days are those of UTC, as the description of GSOD says.
    """
    header, rows = file.text.read_table(problems)

    def celsius(name: str) -> Array:
        place = find_column(header, name.casefold())
        values = column(
            rows, place, problems, options, field=name, missing=(MISSING_F,), read=lambda c: number(c.rstrip("* "))
        )
        return to_celsius(values, "degF", problems, options, field=name)[:, None]

    low, high, mean = (celsius(name) for name in ("MIN", "MAX", "TEMP"))
    latitude, longitude = coordinates(header, rows, problems, options)
    return Daily(
        days=read_days(rows, need_column(header, "date", options), problems, options),
        low=low,
        high=high,
        mean=mean,
        places=[station(header, rows, problems, options)],
        lines=line_numbers(rows),
        offset_h=0,
        latitude=latitude,
        longitude=longitude,
    )


FORMAT = Format(
    name="GSOD",
    meaning="NOAA, global summary of the day of a station: mean, highest and lowest in degF",
    told_by="the columns `STATION`, `DATE`, `TEMP`, `MAX`, `MIN`",
    detect=detect,
    read=read,
)
