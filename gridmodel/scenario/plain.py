"""Values of settings as plain data: those of numpy and pandas become what a file has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np


def plain_value(value: Any) -> Any:  # noqa: ANN401 - any value of a setting
    """Return values of numpy and pandas as plain data, as a file has them; others as they are.

    Missing values in rows (NaN, NaT, NA) are empty.

    Examples
    --------
    >>> plain_value([{"share": np.float32(0.5), "time": np.datetime64("2026-01-05T02:00"), "value": np.nan}])
    [{'share': 0.5, 'time': '2026-01-05 02:00:00', 'value': None}]
    """
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_row(item) for item in value]) if type(value) in {list, tuple} else value
    if isinstance(value, np.ndarray):
        return _plain_scalar(value.item()) if value.ndim == 0 else [plain_value(item) for item in value]
    return _plain_scalar(value)


def _row(item: Any) -> Any:  # noqa: ANN401 - any entry of a list
    """Return an entry of a list as plain data; missing values of a row of a table are None."""
    if not isinstance(item, Mapping):
        return plain_value(item)
    return {str(key): None if _is_missing(cell) else plain_value(cell) for key, cell in item.items()}


def _is_missing(cell: object) -> bool:
    if isinstance(cell, float | np.floating):
        return bool(np.isnan(cell))
    return type(cell).__name__ in {"NaTType", "NAType"}  # of pandas, which scenarios do not need


def _plain_scalar(value: Any) -> Any:  # noqa: ANN401 - any value
    if isinstance(value, np.datetime64):
        return str(np.datetime_as_string(value.astype("datetime64[s]"))).replace("T", " ")
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime):  # a time of pandas is one
        return value.isoformat(sep=" ")
    return value
