"""European Climate Assessment & Dataset (ECA&D): days of a station, one element a file."""

from __future__ import annotations

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.parsing.format import NOT_THIS, SIGNATURE, Format
from gridmodel.weather.parsing.table import check_extremes, line_numbers, read_days
from gridmodel.weather.parsing.text import column, find_column
from gridmodel.weather.series import Options

BEGINNING = "EUROPEAN CLIMATE ASSESSMENT"
MISSING = -9999.0
"""Code of a missing value. [0.1 degC]"""
VALID = 0.0
"""Quality of a value that counts; 1 is suspect, 9 missing."""
ELEMENTS = {"tn": "low", "tx": "high", "tg": "mean"}
"""Elements that are temperatures of days."""
LONGEST_HEAD = 60
"""Most lines before the table. Ours: three times those of the files that were seen."""


def detect(file: File) -> int:
    """Return the evidence that a file is of ECA&D."""
    return SIGNATURE if file.text.start.upper().startswith(BEGINNING) else NOT_THIS


def read(file: File, problems: Problems, options: Options) -> Daily:
    """Read days in tenths of degC, -9999 where missing; values that are not valid (suspect) are left out.

    Raises
    ------
    InputError
        If it has no table, or not of temperatures.
    """
    lines = file.text.lines[:LONGEST_HEAD]
    first = next((line for line, text in enumerate(lines, 1) if _has_table(text)), None)
    header, rows = file.text.below(first, problems) if first else ([], [])
    found = {kind: place for name, kind in ELEMENTS.items() if (place := find_column(header, name)) is not None}
    when = find_column(header, "date")
    if when is None or not found or not rows:
        message = "has no table of daily temperatures: columns DATE and TG, TN or TX"
        raise InputError([Problem(message=message, table=options.shown)])
    values = {kind: np.full((len(rows), 1), np.nan) for kind in ("low", "high", "mean")}
    notes = []
    for kind, place in found.items():
        name = header[place]
        tenths = column(rows, place, problems, options, field=name, missing=(MISSING,))
        quality = column(rows, find_column(header, f"q_{name}".casefold()), problems, options, field=f"Q_{name}")
        suspect = np.isfinite(tenths) & np.isfinite(quality) & (quality != VALID)
        values[kind] = np.where(suspect, np.nan, tenths)[:, None] / 10
        notes += [f"{int(suspect.sum())} suspect values of {name} left out"] if suspect.any() else []
    check_extremes(found, problems, options)
    return Daily(
        days=read_days(rows, when, problems, options), low=values["low"], high=values["high"], mean=values["mean"],
        places=[options.stem], lines=line_numbers(rows), notes=notes,
    )  # fmt: skip


def _has_table(text: str) -> bool:
    names = [cell.strip().casefold() for cell in text.split(",")]
    return "date" in names and "souid" in names


FORMAT = Format(
    name="ECA&D",
    meaning="European Climate Assessment, days of a station, one element per file, in tenths of degC",
    told_by="the first words, `EUROPEAN CLIMATE ASSESSMENT`",
    detect=detect,
    read=read,
)
