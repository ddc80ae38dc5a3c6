"""Plain tables written as pandapower's JSON, Excel or a folder of CSV, with every digit."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import InputError, Problem
from gridmodel.network.formats.plain import PlainNet


def write_plain(net: PlainNet, path: Path) -> None:
    """Write plain tables; what is written is read again as the same tables.

    Parameters
    ----------
    net
        The tables.
    path
        A name that ends in `.json` or `.xlsx`, or a folder that is not there yet.

    Raises
    ------
    InputError
        If the name ends in something else, there is something of that name, or it cannot be written.
    """
    writers = {".json": _write_json, ".xlsx": _write_excel, "": _write_folder}
    write = writers.get(path.suffix.lower())
    if write is None:
        hint = "a name that ends in .json or .xlsx, or a folder"
        raise InputError([Problem(message="is no format that is written", field="TO", value=str(path), hint=hint)])
    if path.exists() or path.is_symlink():
        raise InputError([Problem(message="exists already", field="TO", value=str(path))])
    try:
        write(net, path)
    except OSError as error:
        said = error.strerror or str(error)
        raise InputError([Problem(message=f"cannot be written: {said}", field="TO", value=str(path))]) from None
    except ImportError:
        hint = "pip install 'gridmodel[files]'"
        raise InputError([Problem(message="takes openpyxl", field="TO", value=str(path), hint=hint)]) from None


def _cell(value: Any) -> Any:  # noqa: ANN401 - any cell of a table
    """Return a cell as JSON has it; nothing where it is missing."""
    if isinstance(value, list):
        return value
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and math.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    columns = [[_cell(value) for value in frame[name]] for name in frame.columns]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(frame))]


def _write_json(net: PlainNet, path: Path) -> None:
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
    """Return the type that pandapower is to make of a column."""
    return str(values.dtype) if str(values.dtype) in {"bool", "int64", "uint32", "float64", "Int64"} else "object"


def _values(net: PlainNet) -> dict[str, Any]:
    return {
        "name": net.name, "f_hz": net.f_hz, "sn_mva": net.sn_mva, "version": "3.5.6",
        "format_version": net.format_version,
    }  # fmt: skip


def _write_excel(net: PlainNet, path: Path) -> None:
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
                    cell.data_type = "s"  # a name that begins with = is no formula
                cells.append(cell)
            sheet.append([int(number), *cells])
    book.save(path)


def _write_folder(net: PlainNet, path: Path) -> None:
    path.mkdir(parents=True)
    tables: dict[str, list[list[Any]]] = {
        "net": [["key", "value"], *([key, str(value)] for key, value in _values(net).items())]
    }
    for name, frame in net.tables.items():
        rows = [[int(number), *map(_text, row)] for number, row in zip(frame.index, _rows(frame), strict=True)]
        tables[name] = [["index", *frame.columns], *rows]
    for name, lines in tables.items():
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(lines)


def _text(value: Any) -> str:  # noqa: ANN401
    """Return a cell as CSV has it, numbers with every digit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list) else repr(value) if isinstance(value, float) else str(value)
