"""pandapower's tables from sheets or CSV files: what both readers share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from gridmodel.errors import Problems
from gridmodel.interchange.pandapower_schema import ELEMENTS, OBJECTS, PASSED_OVER
from gridmodel.interchange.readers.pandapower_json import read_version, tell_passed
from gridmodel.interchange.readers.typed_columns import typed_table
from gridmodel.network.plain import FORMAT_VERSION, PlainNet, StdTypes

Sheet = tuple[list[Any], list[tuple[int, list[Any]]]]
"""Header and rows, each with its line."""


def table_of(  # noqa: C901 - what a sheet may have wrong
    name: str, header: list[Any], rows: list[tuple[int, list[Any]]], problems: Problems, *, label: str, texts: bool
) -> Any:  # noqa: ANN401
    """Return the frame of one sheet or file, whose first column numbers the elements."""
    if name in PASSED_OVER:
        if rows:
            tell_passed({name}, problems, shown=label.rpartition("/")[0] or label)
        return None
    titles = [str(title) if title is not None else "" for title in header[1:]]
    for title in sorted({title for title in titles if titles.count(title) > 1 and title}):
        problems.add("is a duplicate column", table=label, row=1, field=title)
    if texts:
        rows = [(line, [None if cell == "" else cell for cell in cells]) for line, cells in rows]
    index = _index([(line, cells[0]) for line, cells in rows], problems, label=label)
    for line, cells in rows:
        if any(cell is not None for cell in cells[len(titles) + 1 :]):
            problems.add("has more cells than the header", table=label, row=line)
    data = {title: [cells[n] for _, cells in rows] for n, title in enumerate(titles, start=1) if title}
    for title in [title for title in OBJECTS if any(cell not in {None, ""} for cell in data.get(title, ()))]:
        tell_passed({f"{name}.{title}"}, problems, shown=label.rpartition("/")[0] or label)
        del data[title]

    def at(position: int) -> tuple[str, int | None]:
        return label, rows[position][0] if position < len(rows) else None

    return typed_table(name, data, index, problems, place=at, texts=texts)


def _index(cells: list[tuple[int, Any]], problems: Problems, *, label: str) -> list[int]:
    """Return the numbers of the rows: whole, from 0, unique."""
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
            problems.add(f"duplicates line {seen[number]}", table=label, row=line, field="index", value=number)
        seen.setdefault(number, line)
        found.append(number)
    return found


def _whole(cell: Any) -> int | None:  # noqa: ANN401
    if isinstance(cell, str) and cell.isascii() and cell.isdigit() and len(cell) < 11:
        cell = int(cell)
    if isinstance(cell, float) and math.isfinite(cell) and cell == int(cell):
        cell = int(cell)
    return cell if type(cell) is int and 0 <= cell < 2**31 else None


def net_of(
    path: Path, shown: str, values: dict[str, Any], tables: dict[str, Any], *, lines: dict[str, list[int]],
    problems: Problems, std_types: StdTypes | None = None,
) -> PlainNet:  # fmt: skip
    """Return the tables with their single values; what is wrong with both is noted."""
    if "bus" not in tables and not any(problem.severity == "error" for problem in problems.found):
        problems.add("has no buses", table=f"{shown}/bus")
    for name in [name for name in tables if name not in ELEMENTS and hasattr(dict, name)]:
        problems.add("is not a table name", table=f"{shown}/{name}")
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
        problems.add("must be more than 0", table=shown, field=key, value=cell)
        return default
    return number
