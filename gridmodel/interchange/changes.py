"""Rows that differ between two tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def changes(table: str, before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return rows removed, added, and changed field by field, of tables indexed by what tells rows apart."""
    found: list[tuple[Any, ...]] = []
    gone, come = before.index.difference(after.index, sort=False), after.index.difference(before.index, sort=False)
    found += [(table, str(name), "removed", "", None, None) for name in gone]
    found += [(table, str(name), "added", "", None, None) for name in come]
    both = before.index.intersection(after.index, sort=False)
    old, new = before.loc[both], after.loc[both]
    changed: list[tuple[int, int, tuple[Any, ...]]] = []
    columns = [*before.columns, *(name for name in after.columns if name not in before.columns)]
    for place, column in enumerate(columns):
        first, second = (frame[column].tolist() if column in frame else [None] * len(both) for frame in (old, new))
        for row, (one, other) in enumerate(zip(first, second, strict=True)):
            if not _same(one, other):
                entry = (table, str(both[row]), "changed", str(column), _value(one), _value(other))
                changed.append((row, place, entry))
    return found + [entry for _, _, entry in sorted(changed, key=lambda item: item[:2])]


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) or value == ""


SAME = 1e-9
"""Largest difference of two numbers that are the same, as a share. [1] Ours: what a change of units leaves behind."""


def _same(one: object, other: object) -> bool:
    if isinstance(one, float | np.floating) and isinstance(other, float | np.floating):
        return bool(one == other) or bool(np.isclose(one, other, rtol=SAME, atol=1e-15, equal_nan=True))
    return (_missing(one) and _missing(other)) or (not _missing(one) and not _missing(other) and bool(one == other))


def _value(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    return None if _missing(value) else value.item() if isinstance(value, np.generic) else value
