"""Check the cells of a pandapower net in memory against the schema by which files are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.errors import Problems
from gridmodel.inputs.table_schema import Column
from gridmodel.inputs.tables import MAX_REPORTED, outside, range_message
from gridmodel.interchange.pandapower_schema import ELEMENTS

_OURS = dict.fromkeys(("load", "gen", "sgen", "ext_grid"), ("need_mw",)) | {"load": ("need_mw", "shed_cost")}
"""Columns of numbers that dispatch reads and pandapower does not know."""
_ENDLESS = ("load",)
"""Tables of which a number in `_OURS` may not be infinite."""
_COSTS = ("poly_cost",)
"""Tables whose numbers may be empty, but not infinite."""


def check_cells(net: Any, problems: Problems) -> None:  # noqa: ANN401 - no types in pandapower
    """Note cells of elements in service that are not numbers, out of range, or not true or false.

    Files have been through the same schema when they were read; a net in memory may contain anything.
    """
    for table, schema in ELEMENTS.items():
        frame = net.get(table)
        if not isinstance(frame, pd.DataFrame) or not len(frame):
            continue
        on = np.ones(len(frame), dtype=bool)
        if "in_service" in frame and frame["in_service"].dtype == bool:
            on = frame["in_service"].to_numpy()
        elif "in_service" in frame:
            flags = [_is_flag(value) for value in frame["in_service"]]
            _note(frame, table, "in_service", ~np.array(flags), "is not true or false", problems)
            on = np.array(
                [bool(value) if known else False for value, known in zip(frame["in_service"], flags, strict=True)]
            )
        columns = [column for column in schema.columns if column.kind in {"number", "integer"} and not column.refers]
        columns += [Column(name=name, kind="number", required=False) for name in _OURS.get(table, ())]
        active = frame if on.all() else frame[on]
        for column in columns:
            if column.name in frame and frame[column.name].dtype.kind != "b":
                _check_numbers(active, table, column, problems)


def _check_numbers(frame: pd.DataFrame, table: str, column: Column, problems: Problems) -> None:
    cells = frame[column.name]
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "iuf":
        values, wrong = cells.to_numpy(dtype=float), np.zeros(len(cells), dtype=bool)
    else:
        values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        text = np.array([isinstance(cell, str | bytes) for cell in cells], dtype=bool)
        wrong = (np.isnan(values) & cells.notna().to_numpy()) | (text & (cells.dtype == object))
        _note(frame, table, column.name, wrong, "is not a number", problems)
    endless = np.isinf(values) & (table in _COSTS or (table in _ENDLESS and column.name in _OURS[table]))
    _note(frame, table, column.name, endless, "is not a finite number", problems)
    out = ~wrong & outside(values, column)
    if out.any():
        message = range_message(float(values[out][0]), column)
        _note(frame, table, column.name, out, message, problems)


def _note(  # noqa: PLR0917 - a place and what is wrong there
    frame: pd.DataFrame, table: str, column: str, wrong: npt.NDArray[Any], message: str, problems: Problems
) -> None:
    rows = np.flatnonzero(wrong)
    for row in map(int, rows[:MAX_REPORTED]):
        value = str(frame[column].iloc[row])[:60]
        problems.add(message, table=f"{table}/{frame.index[row]}", field=column, value=value)
    if len(rows) > MAX_REPORTED:
        problems.add(f"has {len(rows) - MAX_REPORTED} more problems", table=table, field=column)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool | np.bool_ | int | np.integer | float) and value in {0, 1}
