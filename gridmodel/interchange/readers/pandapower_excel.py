"""Reader of pandapower's Excel files: sheets as plain cells."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.json_text import depth_of
from gridmodel.interchange.readers.guard import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_TABLES,
    MAX_VALUES,
    check_archive,
    fault,
)
from gridmodel.interchange.readers.pandapower_tables import Sheet, net_of, table_of
from gridmodel.network.plain import PlainNet

PARAMETERS = "parameters"
"""Sheet of single values: name, frequency, base, version of the format."""
_TYPES = "_std_types"


def read_excel(path: Path, problems: Problems, *, shown: str) -> PlainNet:
    """Read a network that pandapower wrote as Excel: plain cells only, neither formulas nor objects.

    Parameters
    ----------
    path
        The file.
    problems
        Collects what is wrong with its tables.
    shown
        Name of the file in messages.

    Raises
    ------
    InputError
        If the file as a whole cannot be read, or openpyxl is not installed.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(fault(shown, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB"))
    check_archive(path, shown)
    sheets = dict(_sheets(path, shown))
    if "bus" not in sheets:
        raise InputError(fault(shown, "has no sheet `bus`", "write it with pandapower.to_excel(net, file)"))
    values = _parameters(sheets.pop(PARAMETERS, ([], [])))
    tables, lines, std_types = {}, {}, {}
    for name, (header, rows) in sheets.items():
        if name.startswith(("res_", "_")) or not rows:
            continue
        if name.endswith(_TYPES):
            std_types[name.removesuffix(_TYPES)] = _std_types(header, rows)
            continue
        found = table_of(name, header, rows, problems, label=f"{shown}/{name}", texts=False)
        if found is not None:
            tables[name], lines[name] = found, [line for line, _ in rows]
    return net_of(path, shown, values, tables, lines=lines, problems=problems, std_types=std_types)


def _sheets(path: Path, shown: str) -> Iterable[tuple[str, Sheet]]:
    """Yield sheets with their rows.

    Raises
    ------
    InputError
        If one is too large, or the workbook is broken.
    """
    try:
        import openpyxl
    except ImportError:
        raise InputError(fault(shown, "is Excel, which needs openpyxl", "pip install 'gridmodel[files]'")) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            if len(book.sheetnames) > MAX_TABLES:
                raise InputError(fault(shown, f"has more than {MAX_TABLES} sheets"))
            for sheet in book.worksheets:
                yield sheet.title, _rows(sheet, f"{shown}/{sheet.title}")
            book.close()
    except InputError:
        raise
    except _BROKEN as error:
        reason = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        raise InputError(fault(shown, f"is a broken Excel file: {reason}")) from None


_BROKEN = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, SyntaxError, OverflowError, RuntimeError,
    AssertionError, EOFError, ArithmeticError, LookupError,
)  # fmt: skip
"""Errors that openpyxl raises on a broken workbook (XML errors are SyntaxErrors)."""


def _rows(sheet: Any, label: str) -> Sheet:  # noqa: ANN401 - openpyxl ships no types
    """Return header and rows of a sheet; empty rows are skipped.

    Raises
    ------
    InputError
        If it is too large.
    """
    sheet.reset_dimensions()  # the size that the file declares is not trusted
    header: list[Any] = []
    rows: list[tuple[int, list[Any]]] = []
    count = 0
    for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise InputError(fault(label, f"has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns"))
        count += len(cells)
        if count > MAX_VALUES:
            raise InputError(fault(label, f"has more than {MAX_VALUES:,} values"))
        if all(cell is None for cell in cells):
            continue
        if not header:
            header = list(cells)
        else:
            rows.append((line, [_cell(cell) for cell in cells] + [None] * (len(header) - len(cells))))
    return header, rows


def _cell(cell: Any) -> Any:  # noqa: ANN401
    """Return a cell as JSON would have it: dates are text."""
    if isinstance(cell, datetime | date | time | timedelta):
        return str(cell)
    return cell if isinstance(cell, str | int | float | bool) or cell is None else str(cell)


def _parameters(sheet: Sheet) -> dict[str, Any]:
    """Return single values: from a row under their names, or from a column beside them."""
    header, rows = sheet
    if len(header) == 2 and header[1] == "parameter":
        return {str(cells[0]): cells[1] for _, cells in rows if len(cells) > 1}
    return dict(zip(map(str, header), rows[0][1], strict=False)) if rows else {}


def _std_types(header: list[Any], rows: list[tuple[int, list[Any]]]) -> dict[str, dict[str, object]]:
    """Return standard types, without empty cells; lists of numbers are read."""
    found: dict[str, dict[str, object]] = {}
    for _, cells in rows:
        values = {}
        for title, cell in zip(header[1:], cells[1:], strict=False):
            value = _list(cell) if isinstance(cell, str) and cell.startswith("[") else cell
            if value is not None and title is not None:
                values[str(title)] = value
        found[str(cells[0])] = values
    return found


def _list(text: str) -> Any:  # noqa: ANN401
    if len(text) > 20_000 or depth_of(text) > 1:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if all(type(value) in {int, float} for value in found) else None
