"""ERA5 time series of a point, as the Climate Data Store gives them as CSV."""

from __future__ import annotations

from dataclasses import replace

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import Format, evidence_of_names
from gridmodel.weather.parsing.table import from_table
from gridmodel.weather.series import Options, Series


def detect(file: File) -> int:
    """Return the evidence that a file is an ERA5 time series."""
    return evidence_of_names(file.text.names, {"valid_time", "t2m"})


def read(file: File, problems: Problems, options: Options) -> Series | Daily:
    """Read an ERA5 time series of a point: `valid_time` in UTC, `t2m` in kelvin."""
    header, rows = file.text.read_table(problems)
    return from_table(header, rows, problems, replace(options, zone=None), unit=options.unit or "K")


FORMAT = Format(
    name="ERA5 time series",
    meaning="ERA5 or ERA5-Land of one point as CSV; UTC, kelvin",
    told_by="the columns `valid_time` and `t2m`",
    detect=detect,
    read=read,
)
