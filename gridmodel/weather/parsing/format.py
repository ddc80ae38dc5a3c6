"""Describe a weather format: its name, how a file of it is detected, and its reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import xarray as xr

from gridmodel.errors import Problems
from gridmodel.weather.daily import Daily
from gridmodel.weather.parsing.file import File
from gridmodel.weather.series import Options, Series

Found = Series | Daily | xr.DataArray
"""Result of a reader: hours, days, or a checked ``temperature(time, region)`` that is finished."""

NOT_THIS = 0
"""Evidence that a file is not of the format."""
NOTHING_ELSE = 1
"""Evidence of the format that is assumed of a file that fits no other."""
COMMON_NAMES = 2
"""Evidence of names that many programs use."""
SIGNATURE = 1000
"""Evidence of a beginning that no other format has; more than any number of names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One weather format."""

    name: str
    """Name in lists and messages."""
    meaning: str
    """Contents of such a file, in one line."""
    told_by: str
    """How a file is recognised, in one line."""
    detect: Callable[[File], int]
    """Return the evidence that a file is of this format: `NOT_THIS` to `SIGNATURE`; the format with most is taken."""
    read: Callable[[File, Problems, Options], Found]
    """Read a file of this format. Problems that leave something to read are collected; others raise `InputError`."""
    binary: bool = False
    """True for a format that is asked before the file is opened as text."""


def evidence_of_names(names: set[str], *headers: set[str]) -> int:
    """Return the evidence of a header that contains all names of at least one of some sets.

    Parameters
    ----------
    names
        Names in the header of the file, folded, without units.
    headers
        Sets of names, each of which identifies the format.

    Returns
    -------
    int
        More for a larger set, so that of two formats the more specific is taken; `NOT_THIS` without any.

    Examples
    --------
    >>> evidence_of_names({"station", "date", "tmp", "name"}, {"station", "date", "tmp"}, {"date", "t"})
    5
    """
    return max((COMMON_NAMES + len(header) for header in headers if header <= names), default=NOT_THIS)
