"""Writers of pandapower's JSON, Excel and folders of CSV, with every digit."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.network.plain import PlainNet


def _cell(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    """Return a cell as JSON has it; None if it is missing."""
    if isinstance(value, list):
        return value
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and math.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    columns = [[_cell(value) for value in frame[name]] for name in frame.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(frame))]


def write_json(net: PlainNet, path: Path) -> None:
    """Write pandapower's JSON; reading it again gives the same tables."""
    parts: dict[str, Any] = {}
    for name, frame in net.tables.items():
        content = {"columns": list(frame.columns), "index": [int(n) for n in frame.index], "data": _rows(frame)}
        kinds = {column: _kind(frame[column]) for column in frame.columns}
        parts[name] = {
            "_module": "pandas.core.frame", "_class": "DataFrame", "_object": json.dumps(content, ensure_ascii=False),
            "orient": "split", "dtype": kinds, "is_multiindex": False, "is_multicolumn": False,
        }  # fmt: skip
    parts |= _values(net) | {"std_types": net.std_types}
    whole = {"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": parts}
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _kind(values: pd.Series) -> str:
    """Return the type that pandapower gives a column."""
    return str(values.dtype) if str(values.dtype) in {"bool", "int64", "uint32", "float64", "Int64"} else "object"


def _values(net: PlainNet) -> dict[str, Any]:
    return {
        "name": net.name, "f_hz": net.f_hz, "sn_mva": net.sn_mva, "version": "3.5.6",
        "format_version": net.format_version,
    }  # fmt: skip


def write_excel(net: PlainNet, path: Path) -> None:
    """Write pandapower's Excel, which needs openpyxl."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    about = book.create_sheet("parameters")
    about.append([None, *_values(net)])
    about.append([0, *_values(net).values()])
    for name, frame in net.tables.items():
        sheet = book.create_sheet(name)
        sheet.append([None, *frame.columns])
        for number, row in zip(frame.index, _rows(frame), strict=True):
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, json.dumps(value) if isinstance(value, list) else value)
                if isinstance(value, str):
                    cell.data_type = "s"  # a name that begins with = is not a formula
                cells.append(cell)
            sheet.append([int(number), *cells])
    book.save(path)


def write_folder(net: PlainNet, path: Path) -> None:
    """Write one CSV file per table into an existing, empty folder."""
    write_csv(path / "net.csv", [["key", "value"], *([key, str(value)] for key, value in _values(net).items())])
    for name, frame in net.tables.items():
        rows = [[int(number), *row] for number, row in zip(frame.index, _rows(frame), strict=True)]
        write_csv(path / f"{name}.csv", [["index", *frame.columns], *rows])


def write_csv(path: Path, rows: Iterable[Iterable[Any]]) -> None:
    """Write rows of plain cells, numbers with every digit, missing ones empty."""
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([_text(_cell(value)) for value in row] for row in rows)


def _text(value: Any) -> str:  # noqa: ANN401
    """Return a cell as CSV has it, numbers with every digit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list) else repr(value) if isinstance(value, float) else str(value)
