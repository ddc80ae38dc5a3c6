"""Convert cells of any file to columns of a known kind, noting every problem at its place."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.errors import Problems, nearest
from gridmodel.inputs.json_text import depth_of
from gridmodel.inputs.table_schema import Column
from gridmodel.inputs.tables import MAX_REPORTED, outside, range_message, read_number
from gridmodel.interchange.pandapower_schema import ELEMENTS, OBJECTS, POINTS
from gridmodel.interchange.readers.guard import MAX_TEXT

Place = Callable[[int], tuple[str, int | None]]
"""Place of a row in messages: from its position to a file or table, and a line."""

GEO_TYPES = ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
"""Kinds of geometry that a `geo` cell may contain."""


def typed_table(
    name: str, data: dict[str, list[Any]], index: Sequence[int], problems: Problems, *, place: Place, texts: bool
) -> pd.DataFrame:
    """Return columns of the kinds in the table's schema; unknown columns keep their values.

    Parameters
    ----------
    name
        Table, by pandapower's name.
    data
        Cells by column.
    index
        Number of each element.
    problems
        Collects what is wrong.
    place
        Place of a row in messages.
    texts
        Whether numbers come as text, as they do in CSV.
    """
    known = {column.name: column for column in ELEMENTS[name].columns} if name in ELEMENTS else {}
    before = len(problems.found)
    columns: dict[str, Any] = {}
    for field, cells in data.items():
        if _is_object(field, cells, problems, place=place):
            continue
        if field == "geo":
            columns[field] = _geo(cells, problems, place=place)
        elif (name, field) == POINTS:
            columns[field] = _points(cells, problems, place=place)
        elif field in known:
            columns[field] = _known(cells, known[field], problems, place=place, texts=texts)
        else:
            columns[field] = _unknown(field, cells, problems, place=place, texts=texts)
    if index:
        _check_missing(known, data, problems, shown=place(0)[0])
    extra = len(problems.found) - before - MAX_REPORTED
    if extra > 0:
        del problems.found[before + MAX_REPORTED :]
        problems.add(f"has {extra} more problems", table=place(0)[0])
    return pd.DataFrame(columns, index=pd.Index(np.asarray(index, dtype=np.int64)))


def _check_missing(known: dict[str, Column], data: dict[str, list[Any]], problems: Problems, *, shown: str) -> None:
    for column in known.values():
        if column.required and column.name not in data:
            hint = nearest(column.name, [field for field in data if field not in known])
            hint = hint if hint.startswith("nearest") else ""
            problems.add("is missing: this column is required", table=shown, field=column.name, hint=hint)


def _note(problems: Problems, message: str, place: tuple[str, int | None], field: str, value: object = "") -> None:
    problems.add(message, table=place[0], row=place[1], field=field, value=value)


def _is_object(field: str, cells: list[Any], problems: Problems, *, place: Place) -> bool:
    """Return whether a column is meant for Python objects; note it if it contains any."""
    if field not in OBJECTS:
        return False
    filled = [position for position, cell in enumerate(cells) if cell is not None and cell != ""]
    if filled:
        _note(problems, "contains Python objects, which are never read: remove the column", place(filled[0]), field)
    return True


def _known(cells: list[Any], column: Column, problems: Problems, *, place: Place, texts: bool) -> Any:  # noqa: ANN401
    """Return a column of the schema."""
    if column.kind == "text":
        return _texts(cells, column, problems, place=place)
    if column.kind == "boolean":
        return _flags(cells, column, problems, place=place)
    return _numbers(cells, column, problems, place=place, texts=texts)


def _numbers(cells: list[Any], column: Column, problems: Problems, *, place: Place, texts: bool) -> Any:  # noqa: ANN401
    if texts or not {type(cell) for cell in cells} <= {int, float, type(None)}:
        cells = [_one_number(cell, texts=texts) for cell in cells]
    values = np.zeros(len(cells))
    for position, cell in enumerate(cells):
        if isinstance(cell, _Wrong):
            _note(problems, "is not a number", place(position), column.name, cell.came)
        elif cell is None and column.required:
            _note(problems, "is empty: a number is required", place(position), column.name)
        values[position] = np.nan if cell is None or isinstance(cell, _Wrong) else _as_float(cell)
    empty = np.isnan(values)
    _check_range(values, column, problems, place=place)
    if column.default is not None:
        values = np.where(empty, float(str(column.default)), values)
    if column.kind != "integer":
        return values
    if empty.any() and not column.required and column.default is None:
        return values
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).clip(-(2**53), 2**53).astype(np.int64)


def _check_range(values: Any, column: Column, problems: Problems, *, place: Place) -> None:  # noqa: ANN401
    """Note numbers out of range, infinite values where a number is required, and fractions where it must be whole."""
    infinite = np.isinf(values) & column.required
    out = outside(values, column)
    broken = (
        (values != np.round(values)) & np.isfinite(values)
        if column.kind == "integer"
        else np.zeros(len(values), dtype=bool)
    )
    for place_ in np.flatnonzero(infinite | (out & ~np.isnan(values)) | broken):
        position = int(place_)
        number = float(values[position])
        message = "is not a finite number" if infinite[position] else range_message(number, column)
        _note(problems, message or "is not a whole number", place(position), column.name, f"{number:.6g}")


class _Wrong:
    """Cell that is not a number."""

    def __init__(self, came: object) -> None:
        self.came = came


def _one_number(cell: Any, *, texts: bool) -> Any:  # noqa: ANN401
    if cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)):
        return cell
    if isinstance(cell, str) and texts:
        if cell.strip() == "":
            return None
        number, message = read_number(cell.strip())
        return _Wrong(cell) if message else number
    return _Wrong(type(cell).__name__ if isinstance(cell, list | dict) else cell)


def _flags(cells: list[Any], column: Column, problems: Problems, *, place: Place) -> Any:  # noqa: ANN401
    values = []
    for position, cell in enumerate(cells):
        flag = _FLAGS.get(str(cell).strip().casefold()) if isinstance(cell, bool | int | float | str) else None
        if flag is None and cell is not None and cell != "" and cell == cell:  # noqa: PLR0124 - not missing
            shown = type(cell).__name__ if isinstance(cell, list | dict) else cell
            _note(problems, "is not true or false", place(position), column.name, shown)
        values.append(bool(column.default) if flag is None else flag)
    return np.array(values, dtype=bool)


_FLAGS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def _texts(cells: list[Any], column: Column, problems: Problems, *, place: Place) -> Any:  # noqa: ANN401
    values = [_plain(cell, problems, place=place, position=n, field=column.name) for n, cell in enumerate(cells)]
    for position, value in enumerate(values):
        if column.choices and value not in column.choices:
            choices = ", ".join(column.choices)
            _note(problems, f"is not one of {choices}", place(position), column.name, value)
        if value is None and column.default is not None:
            values[position] = column.default
    return pd.Series(values, dtype=object).to_numpy()


def _unknown(field: str, cells: list[Any], problems: Problems, *, place: Place, texts: bool) -> Any:  # noqa: ANN401
    """Return a column that the schema does not know: as flags, numbers or text."""
    values = [_plain(cell, problems, place=place, position=n, field=field) for n, cell in enumerate(cells)]
    if texts:
        values = _from_texts(values)
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {bool} and None not in values:
        return np.array(values, dtype=bool)
    if kinds and kinds <= {int, float}:
        whole = kinds == {int} and None not in values and all(abs(value) < 2**53 for value in values)
        numbers = [math.nan if value is None else _as_float(value) for value in values]
        return np.array(values, dtype=np.int64) if whole else np.array(numbers, dtype=float)
    return pd.Series(values, dtype=object).to_numpy()


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _from_texts(values: list[Any]) -> list[Any]:
    """Return texts of a CSV column as flags or numbers if all of them are."""
    given = [value for value in values if value is not None]
    if given and all(value in {"true", "false", "True", "False"} for value in given):
        return [None if value is None else value.casefold() == "true" for value in values]
    numbers = [None if value is None else read_number(str(value)) for value in values]
    if given and not any(pair is not None and pair[1] for pair in numbers):
        whole = all(value is None or value.lstrip("-").isdigit() for value in values)
        return [None if pair is None else int(pair[0]) if whole else pair[0] for pair in numbers]
    return values


def _plain(cell: Any, problems: Problems, *, place: Place, position: int, field: str) -> Any:  # noqa: ANN401
    """Return a cell that is text, a number or a flag; None if it is empty or its problem is noted."""
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, list | dict):
        kind = "a list" if isinstance(cell, list) else "an object"
        _note(problems, f"contains {kind}: only plain values are read", place(position), field)
        return None
    if isinstance(cell, str):
        return _safe_text(cell, problems, place=place, position=position, field=field)
    return cell if isinstance(cell, bool | int | float) else str(cell)


def _safe_text(cell: str, problems: Problems, *, place: Place, position: int, field: str) -> str | None:
    if len(cell) > MAX_TEXT:
        _note(problems, f"is longer than {MAX_TEXT:,} characters", place(position), field, cell[:20])
    elif '"_module"' in cell or '"_class"' in cell or "py/object" in cell:
        _note(problems, "contains a serialised object, which is never read", place(position), field, cell[:60])
    elif any("\ud800" <= letter <= "\udfff" for letter in cell) or "\x00" in cell:
        _note(problems, "is not valid text", place(position), field, ascii(cell[:20]))
    else:
        return cell
    return None


def _points(cells: list[Any], problems: Problems, *, place: Place) -> Any:  # noqa: ANN401
    """Return steps of cost: lists of rows of three numbers."""
    values = []
    for position, cell in enumerate(cells):
        rows = _parsed(cell) if isinstance(cell, str) else cell
        good = isinstance(rows, list) and all(
            isinstance(row, list) and len(row) == 3 and all(type(n) in {int, float} for n in row) for row in rows
        )
        if not good:
            _note(problems, "must be rows of three numbers: from MW, to MW, cost", place(position), "points")
        values.append([[float(n) for n in row] for row in rows] if good and rows is not None else [])
    return pd.Series(values, dtype=object).to_numpy()


def _geo(cells: list[Any], problems: Problems, *, place: Place) -> Any:  # noqa: ANN401
    """Return positions as GeoJSON text; None without coordinates."""
    values: list[str | None] = []
    for position, cell in enumerate(cells):
        if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
            values.append(None)
            continue
        shape = _parsed(cell) if isinstance(cell, str) and len(cell) <= MAX_TEXT else None
        if not isinstance(shape, dict) or not _is_shape(shape):
            _note(problems, "is not a GeoJSON geometry with numbers", place(position), "geo", str(cell)[:60])
            values.append(None)
        else:
            given = _numbers_in(shape["coordinates"])
            values.append(json.dumps({"coordinates": shape["coordinates"], "type": shape["type"]}) if given else None)
    return pd.Series(values, dtype=object).to_numpy()


def _parsed(text: str) -> Any:  # noqa: ANN401
    if depth_of(text) > 8:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_shape(shape: dict[str, Any]) -> bool:
    return set(shape) <= {"type", "coordinates", "bbox"} and shape.get("type") in GEO_TYPES and "coordinates" in shape


def _numbers_in(coordinates: Any) -> bool:  # noqa: ANN401
    """Return whether coordinates are finite numbers in lists, at least two per point."""
    if not isinstance(coordinates, list) or not coordinates:
        return False
    if all(type(value) in {int, float} for value in coordinates):
        return len(coordinates) >= 2 and all(math.isfinite(_as_float(value)) for value in coordinates)
    return all(_numbers_in(part) for part in coordinates)
