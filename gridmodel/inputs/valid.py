"""Values that an array itself says are missing: outside its valid range, or never written (CF 2.5.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats

RANGE = ("valid_range", "valid_min", "valid_max")
"""Attributes that give the range."""
_NEVER_WRITTEN = {"i2": -32767, "i4": -2147483647, "u2": 65535, "u4": 4294967295}
"""Values of packed data that the netCDF library leaves where nothing was written, by type; bytes have none (netCDF
Users Guide, appendix A)."""


@dataclass(slots=True)
class Valid:
    """Values of an array that count, in the unit in which it is read, and how many did not."""

    low: float = -math.inf
    high: float = math.inf
    unwritten: float = math.nan
    """Value where nothing was written."""
    slack: float = 0.0
    """Half of a digit of packed values, so that an end itself counts."""
    missing: int = 0
    """Values that were there and did not count so far."""

    def inside(self, values: Floats) -> Floats:
        """Return values of any shape, NaN where they do not count, and add those up."""
        counts = (values >= self.low - self.slack) & (values <= self.high + self.slack)
        counts &= ~(np.abs(values - self.unwritten) <= self.slack)
        self.missing += int((~counts & ~np.isnan(values)).sum())
        return np.where(counts, values, np.nan)

    @property
    def told(self) -> str:
        """How many values did not count and why, in a sentence; empty if all did."""
        if not self.missing:
            return ""
        values = "1 value counts" if self.missing == 1 else f"{self.missing} values count"
        if math.isinf(self.low) and math.isinf(self.high):
            return f"{values} as missing: nothing was written there"
        ends = [f"from {self.low:g}" * math.isfinite(self.low), f"up to {self.high:g}" * math.isfinite(self.high)]
        return f"{values} as missing: outside the valid range that the file states, {' '.join(filter(None, ends))}"


def valid(data: xr.DataArray) -> Valid:
    """Return which values of an array count, by its attributes.

    Parameters
    ----------
    data
        As xarray opens it, `_FillValue` and `missing_value` missing already; its values are not read.

    Notes
    -----
    Limits of the type in which packed values are stored are packed too, others are in the unit of the variable (netCDF
    Users Guide, Best Practices). Attributes that are not numbers, or not two of them, say nothing.
    """
    stored = np.dtype(data.encoding.get("dtype") or data.dtype)
    scale, offset = _number(data, "scale_factor", 1.0), _number(data, "add_offset", 0.0)
    packed = stored.kind in "iu"
    slack = abs(scale) / 2 * (1 - 1e-9) if packed else 0.0

    def limit(value: object) -> tuple[float, bool]:
        """Return a limit in the unit in which values are read, and whether packing turned the order round."""
        found = np.ravel(np.asarray(value))
        if found.size != 1 or found.dtype.kind not in "iuf":
            return math.nan, False
        number = float(found[0])
        if number < 0 and str(data.encoding.get("_Unsigned", "")).lower() == "true":
            number += 256.0**stored.itemsize
        if {"scale_factor", "add_offset"} & data.encoding.keys() and (found.dtype.kind in "iu") == packed:
            return number * scale + offset, scale < 0
        return float(data.dtype.type(number)) if data.dtype.kind == "f" else number, False

    pair = np.ravel(np.asarray(data.attrs.get("valid_range", ())))
    least, most = pair if pair.size == 2 else (data.attrs.get("valid_min"), data.attrs.get("valid_max"))
    (low, turned), (high, other) = limit(least), limit(most)
    if turned or other:
        low, high = high, low
    low, high = -math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high
    silent = not {"_FillValue", "missing_value"} & data.encoding.keys()
    never = _NEVER_WRITTEN.get(stored.str[1:]) if packed and silent else None
    return Valid(low, high, math.nan if never is None else never * scale + offset, slack)


def _number(data: xr.DataArray, name: str, usual: float) -> float:
    """Return a number of the packing, the usual one where it is none."""
    found = np.ravel(np.asarray(data.encoding.get(name)))
    return float(found[0]) if found.size == 1 and found.dtype.kind in "iuf" else usual
