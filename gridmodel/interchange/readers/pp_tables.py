"""pandapower's tables from Excel sheets or a folder of CSV files, read as plain cells."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.json_text import depth_of
from gridmodel.inputs.tables import read_rows, read_text
from gridmodel.interchange.elements import ELEMENTS, PASSED_OVER
from gridmodel.interchange.readers.guard import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_ROWS,
    MAX_TABLES,
    MAX_VALUES,
    check_archive,
    fault,
)
from gridmodel.interchange.readers.pp_json import pass_over, read_version
from gridmodel.interchange.readers.typed import typed_table
from gridmodel.network.plain import FORMAT_VERSION, PlainNet, StdTypes

PARAMETERS = "parameters"
"""Sheet of single values: name, frequency, base, version of the format."""
NET_FILE = "net"
"""CSV file of single values: columns `key` and `value`."""
_TYPES = "_std_types"

Sheet = tuple[list[Any], list[tuple[int, list[Any]]]]
"""Header and rows, each with its line."""


def read_excel(path: Path, problems: Problems, *, shown: str) -> PlainNet:
    """Read a network that pandapower wrote as Excel: sheets as plain tables, no formula and no object in a cell.

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
        found = _table(name, header, rows, problems, label=f"{shown}/{name}", texts=False)
        if found is not None:
            tables[name], lines[name] = found, [line for line, _ in rows]
    return _net(path, shown, values, tables, lines=lines, problems=problems, std_types=std_types)


def _sheets(path: Path, shown: str) -> Iterable[tuple[str, Sheet]]:
    """Sheets with their rows.

    Raises
    ------
    InputError
        If one is too large, or the workbook is broken.
    """
    try:
        import openpyxl
    except ImportError:
        raise InputError(fault(shown, "is Excel, which takes openpyxl", "pip install 'gridmodel[files]'")) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            if len(book.sheetnames) > MAX_TABLES:
                raise InputError(fault(shown, f"holds more than {MAX_TABLES} sheets"))
            for sheet in book.worksheets:
                yield sheet.title, _rows(sheet, f"{shown}/{sheet.title}")
            book.close()
    except InputError:
        raise
    except _BROKEN as error:
        reason = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        raise InputError(fault(shown, f"is no sound Excel file: {reason}")) from None


_BROKEN = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, SyntaxError, OverflowError, RuntimeError,
    AssertionError, EOFError, ArithmeticError, LookupError,
)  # fmt: skip
"""What openpyxl raises on a workbook that is broken (XML errors are SyntaxErrors)."""


def _rows(sheet: Any, label: str) -> Sheet:  # noqa: ANN401 - openpyxl ships no types
    """Return header and rows of a sheet; empty rows are passed over.

    Raises
    ------
    InputError
        If it is too large.
    """
    sheet.reset_dimensions()  # what the file says of its size is not believed
    header: list[Any] = []
    rows: list[tuple[int, list[Any]]] = []
    held = 0
    for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise InputError(fault(label, f"has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns"))
        held += len(cells)
        if held > MAX_VALUES:
            raise InputError(fault(label, f"holds more than {MAX_VALUES:,} values"))
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


def read_csv_folder(path: Path, problems: Problems, *, shown: str) -> PlainNet:
    """Read pandapower's tables from a folder with one CSV file each, as `gridmodel network convert` writes them.

    Raises
    ------
    InputError
        If the folder as a whole cannot be read.
    """
    files = {file.stem: file for file in sorted(path.glob("*.csv"))}
    if len(files) > MAX_TABLES:
        raise InputError(fault(shown, f"holds more than {MAX_TABLES} tables"))
    values, tables, lines = {}, {}, {}
    for name, file in files.items():
        label = f"{shown}/{file.name}"
        header, rows = _csv(path, file, problems, label=label)
        if name == NET_FILE:
            values = {row[0]: row[1] for _, row in rows if len(row) == 2}
        elif header and not name.startswith("res_"):
            found = _table(name, header, rows, problems, label=label, texts=True)
            if found is not None and len(found):
                tables[name], lines[name] = found, [line for line, _ in rows]
    plain = _net(path, shown, values, tables, lines=lines, problems=problems)
    plain.labels.update({name: f"{shown}/{name}.csv" for name in files})
    return plain


def _csv(path: Path, file: Path, problems: Problems, *, label: str) -> Sheet:
    """Return header and rows of a CSV file; nothing, and what is wrong noted, where it is none."""
    if not file.is_file() or not file.resolve().is_relative_to(path.resolve()):
        problems.add("leads outside the folder, or is no file", table=label)
        return [], []
    text = read_text(file, problems, shown=label)
    header, rows = read_rows(text, problems, shown=label) if text is not None else ([], [])
    if len(rows) > MAX_ROWS or len(header) > MAX_COLUMNS or len(rows) * len(header) > MAX_VALUES:
        problems.add(f"has more than {MAX_ROWS:,} rows, {MAX_COLUMNS} columns or {MAX_VALUES:,} values", table=label)
        return [], []
    return list(header), [(line, list(cells)) for line, cells in rows]


def _table(
    name: str, header: list[Any], rows: list[tuple[int, list[Any]]], problems: Problems, *, label: str, texts: bool
) -> Any:  # noqa: ANN401
    """Return the frame of one sheet or file, whose first column numbers the elements."""
    if name in PASSED_OVER:
        if rows:
            pass_over(name, header, problems, place=label)
        return None
    titles = [str(title) if title is not None else "" for title in header[1:]]
    for title in sorted({title for title in titles if titles.count(title) > 1 and title}):
        problems.add("stands twice in the header", table=label, row=1, field=title)
    if texts:
        rows = [(line, [None if cell == "" else cell for cell in cells]) for line, cells in rows]
    index = _index([(line, cells[0]) for line, cells in rows], problems, label=label)
    for line, cells in rows:
        if any(cell is not None for cell in cells[len(titles) + 1 :]):
            problems.add("has more cells than the header", table=label, row=line)
    data = {title: [cells[n] for _, cells in rows] for n, title in enumerate(titles, start=1) if title}

    def at(position: int) -> tuple[str, int | None]:
        return label, rows[position][0] if position < len(rows) else None

    return typed_table(name, data, index, problems, place=at, texts=texts)


def _index(cells: list[tuple[int, Any]], problems: Problems, *, label: str) -> list[int]:
    """Return the numbers of the rows: whole, from 0, each once."""
    found: list[int] = []
    seen: dict[int, int] = {}
    for line, cell in cells:
        number = _whole(cell)
        if number is None:
            problems.add(
                "must be a whole number from 0, the number of the element",
                table=label,
                row=line,
                field="index",
                value=cell,
            )
            number = -1 - line
        elif number in seen:
            problems.add(f"already stands in line {seen[number]}", table=label, row=line, field="index", value=number)
        seen.setdefault(number, line)
        found.append(number)
    return found


def _whole(cell: Any) -> int | None:  # noqa: ANN401
    if isinstance(cell, str) and cell.isascii() and cell.isdigit() and len(cell) < 11:
        cell = int(cell)
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell):
        cell = int(cell)
    return cell if type(cell) is int and 0 <= cell < 2**31 else None


def _parameters(sheet: Sheet) -> dict[str, Any]:
    """Return single values: a row of them under their names, or names beside them."""
    header, rows = sheet
    if len(header) == 2 and header[1] == "parameter":
        return {str(cells[0]): cells[1] for _, cells in rows if len(cells) > 1}
    return dict(zip(map(str, header), rows[0][1], strict=False)) if rows else {}


def _std_types(header: list[Any], rows: list[tuple[int, list[Any]]]) -> dict[str, dict[str, object]]:
    """Return standard types; cells that are empty are left out, lists of numbers are read."""
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


def _net(
    path: Path, shown: str, values: dict[str, Any], tables: dict[str, Any], *, lines: dict[str, list[int]],
    problems: Problems, std_types: StdTypes | None = None,
) -> PlainNet:  # fmt: skip
    if "bus" not in tables and not any(problem.severity == "error" for problem in problems.found):
        problems.add("has no buses", table=f"{shown}/bus")
    for name in [name for name in tables if name not in ELEMENTS and hasattr(dict, name)]:
        problems.add("is no name of a table", table=f"{shown}/{name}")
    version = values.get("format_version") or FORMAT_VERSION
    return PlainNet(
        name=str(values.get("name") or path.stem)[:200],
        shown=shown,
        path=path,
        f_hz=_value(values, "f_hz", 50.0, problems, shown=shown),
        sn_mva=_value(values, "sn_mva", 1.0, problems, shown=shown),
        format_version=read_version(str(version), problems, shown=shown),
        tables=tables,
        std_types=std_types or {},
        lines=lines,
    )


def _value(values: dict[str, Any], key: str, default: float, problems: Problems, *, shown: str) -> float:
    cell = values.get(key)
    if cell is None or cell == "":
        return default
    try:
        number = float(cell)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 < number < 1e9:
        problems.add("must be a number more than 0", table=shown, field=key, value=cell)
        return default
    return number
