"""Archive of rp5 (Reliable Prognosis): reports of a station or an airport, newest first, on the clock of the place."""

from __future__ import annotations

import re

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.weather.parsing.dates import read_written
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import line_numbers
from gridmodel.weather.parsing.text import Row, column, find_column
from gridmodel.weather.series import Options, Series

_CLOCK = re.compile(r"(Local time|Місцевий час|Местное время)\b", re.IGNORECASE)


def detect(file: File) -> int:
    """Return the evidence that a file is an archive of rp5."""
    names = file.text.head[0]
    return SIGNATURE if names and _CLOCK.match(names[0]) and "T" in names[1:3] else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series:
    """Read air temperature in degC; each hour takes the report nearest to it.

    Raises
    ------
    InputError
        If the caller does not say of which zone the times are, or a time cannot be read.
    """
    first = 1 + file.text.table.count("\n", 0, len(file.text.table) - len(file.text.table.lstrip()))
    header, rows = file.text.below(first, problems, separator=";")
    if options.zone is None:
        hint = "give it with timezone= (--timezone), such as Europe/Kyiv"
        message = "contains times on the clock of the place, and does not say of which zone"
        raise InputError([Problem(message=message, table=options.shown, field=header[0], hint=hint)])
    rows.reverse()
    dates: list[Row] = [(line, [cells[0]]) for line, cells in rows]
    times = read_written(dates, "time", problems, options)
    values = column(rows, find_column(header, "t"), problems, options, field="T")
    problems.raise_if_any()
    return Series(
        times=times, temperature_c=values[:, None], places=[options.stem], lines=line_numbers(rows), reports=True,
        notes=["each hour takes the report nearest to it"],
    )  # fmt: skip


FORMAT = Format(
    name="rp5",
    meaning="archive of rp5.ua, reports of a station every three hours or an airport every half hour, as CSV, on the "
    "clock of the place",
    told_by="a first column `Local time in …`, `Місцевий час в …` or `Местное время в …`, with `T` after it",
    detect=detect,
    read=read,
)
