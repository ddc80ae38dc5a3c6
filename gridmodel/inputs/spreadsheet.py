"""CSV that a spreadsheet may open: no cell is run as a formula, and every cell stays in its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import visible

GUARD = "'"
"""Sign that makes a spreadsheet take a cell as text."""
FORMULAS = frozenset("=+-@\t\r\n＝＋－＠")
"""Signs with which a formula can begin, also in their full width (OWASP, CSV injection)."""


def guarded(cell: str) -> str:
    r"""Return the text of a cell as a spreadsheet shows it: never a formula, invisible signs as escapes.

    Numbers stay as they are.

    Examples
    --------
    >>> guarded("=SUM(A1)"), guarded("-5.2"), guarded("  @x"), guarded("a\nb")
    ("'=SUM(A1)", '-5.2', "'  @x", 'a\\nb')
    """
    return visible(protected(cell))


def protected(cell: str) -> str:
    """Return a text that no spreadsheet runs as a formula; `unguarded` gives it back as it was."""
    return f"{GUARD}{cell}" if _is_formula(cell) and not _is_number(cell) else cell


def unguarded(cell: str) -> str:
    """Return what `protected` was given."""
    return cell[1:] if cell[:1] == GUARD and _is_formula(cell[1:]) else cell


def _is_formula(cell: str) -> bool:
    return bool(cell) and not FORMULAS.isdisjoint({cell[0], cell.lstrip()[:1]})


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell


def csv_text(rows: Iterable[Iterable[Any]], *, end: str = "\n") -> str:
    """Return rows as CSV, with texts guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue()


def frame_csv(frame: pd.DataFrame, *, index: bool = True, date_format: str | None = None) -> str:
    """Return a table as CSV, with texts, names of columns and the index guarded.

    Parameters
    ----------
    frame
        The table.
    index
        Whether to write its index.
    date_format
        Format of times; by default that of pandas.
    """
    whole = frame.reset_index() if index else frame
    whole = whole.rename(columns=lambda name: guarded(str(name)))
    for place, kind in enumerate(whole.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            column = whole.iloc[:, place].astype(object)
            cells = [guarded(cell) if isinstance(cell, str) else cell for cell in column]
            whole.isetitem(place, np.array(cells, dtype=object))
    return str(whole.to_csv(index=False, date_format=date_format, lineterminator="\n"))
