"""Plain table: a column of times and one or more of temperatures under names that many programs use."""

from __future__ import annotations

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import COMMON_NAMES, NOT_THIS, Format
from gridmodel.weather.parsing.table import TIME_NAMES, from_table, has_parts, is_temperature
from gridmodel.weather.parsing.text import squeezed
from gridmodel.weather.series import Options, Series


def detect(file: File) -> int:
    """Return the evidence that a file is a plain table."""
    names = file.text.names
    dated = {squeezed(name) for name in names} & {squeezed(name) for name in TIME_NAMES} or has_parts(names)
    return COMMON_NAMES if dated and any(map(is_temperature, names)) else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read a plain table of one place; times are UTC unless they have an offset or the caller names a zone."""
    header, rows = file.text.read_table(problems)
    return from_table(header, rows, problems, options)


FORMAT = Format(
    name="plain table",
    meaning="CSV with times (or days) and temperatures of one place; also seconds since 1970, year, month, day and "
    "hour in columns of their own, dates as people write them, semicolons with decimal commas",
    told_by="a column such as `time` or `date` and one such as `temperature`, `temp` or `tmin`, and no better fit",
    detect=detect,
    read=read,
)
