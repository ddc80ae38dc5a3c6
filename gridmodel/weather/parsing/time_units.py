"""Units of the times of NetCDF: what they count from must be a date, and its zone an offset."""

from __future__ import annotations

import re

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem

TIMES = ("time", "valid_time")
"""Names of times that are looked at."""
_SINCE = re.compile(
    r"\s*[a-z]+\s+since\s+-?(?:\d{1,4}-\d{1,2}(?:-\d{1,2})?|\d{8})"
    r"(?:(?:T|\s+)\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?)?\s*(?P<zone>.*?)\s*",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_ZONE = re.compile(r"|Z|UTC|GMT|[+-]\d\d(?::?\d\d(?::\d\d)?)?|[+-]?0?0:00", re.ASCII | re.IGNORECASE)
"""Zones that pandas and cftime read alike."""
_SHORT = re.compile(r"[+-]\d(?::\d\d)?", re.ASCII)
"""Offsets such as -6:00, which the CF conventions have (section 4.4). pandas reads them, cftime leaves them out."""


def check_time_units(dataset: xr.Dataset, shown: str) -> None:
    """Refuse times whose units libraries read as another moment, or as none.

    Parameters
    ----------
    dataset
        As xarray opened it.
    shown
        Name of the file in messages.

    Raises
    ------
    InputError
        If times count from no date, or from one in a zone that is not an offset. Libraries read EET as UTC, UTC+2 as
        two hours behind it, and 02.03.2026 as 3 February.
    """
    for name in TIMES:
        if name not in dataset.variables:
            continue
        time = dataset[name]
        units = str(time.encoding.get("units") or time.attrs.get("units") or "")
        found = _SINCE.fullmatch(units)
        message = ""
        if units and found is None:
            message = "is not a count from a date: write it as hours since 2026-01-01 00:00"
        elif found is not None and not _is_read(found["zone"], time):
            message = "has a zone that is not read: write its offset, such as +02:00"
        if message:
            raise InputError([Problem(message=message, table=shown, field=f"{name}.units", value=units)])


def _is_read(zone: str, time: xr.DataArray) -> bool:
    """Return whether a zone was read by the library that turned the times."""
    by_pandas = np.issubdtype(time.dtype, np.datetime64)
    return _ZONE.fullmatch(zone) is not None or (by_pandas and _SHORT.fullmatch(zone) is not None)
