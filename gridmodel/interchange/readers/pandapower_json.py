"""Reader of pandapower's JSON: its envelopes are read as plain tables, and never obeyed."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd

from gridmodel.errors import InputError, Problems
from gridmodel.inputs.json_text import check_json, each_once
from gridmodel.interchange.adapter.upgrade import upgraded
from gridmodel.interchange.pandapower_schema import ELEMENTS, OBJECTS, PASSED_OVER, POINTS
from gridmodel.interchange.readers.guard import (
    MAX_COLUMNS,
    MAX_OUTSIDE,
    MAX_ROWS,
    MAX_TABLES,
    MAX_VALUES,
    decode,
    fault,
    read_bytes,
)
from gridmodel.interchange.readers.typed_columns import typed_table
from gridmodel.network.plain import FORMAT_VERSION, PlainNet, StdTypes

_TABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_STATE = ("converged", "OPF_converged", "version", "format_version", "name", "f_hz", "sn_mva")
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(\.(\d{1,3}))?.{0,20}")
OLDEST = (1, 6, 0)
"""Oldest version whose tables are brought up to date."""
OLD = "table of an old version"
"""Name of tables that are not compared with the present schema."""
_OBJECT_MARKS = ("_module", "_class", "py/object")


def read_json(path: Path, problems: Problems, *, shown: str) -> PlainNet:
    """Read a network that pandapower wrote as JSON.

    Parameters
    ----------
    path
        The file.
    problems
        Collects what is wrong with its tables.
    shown
        Name of the file in messages.

    Returns
    -------
    PlainNet
        Its tables, without results.

    Raises
    ------
    InputError
        If the file as a whole cannot be read.
    """
    text = decode(read_bytes(path, shown), shown)
    if not text.lstrip().startswith("{"):
        raise InputError(
            fault(shown, "is not a JSON object", "an encrypted or pickled network is not read: save it as plain JSON")
        )
    whole = _loads(text, shown, most=MAX_OUTSIDE)
    if isinstance(whole, dict) and str(whole.get("type", "")).startswith("Feature"):
        raise InputError(fault(shown, "is GeoJSON, which has places but no electrical data"))
    parts = _parts_of(whole, shown)
    if len(parts) > MAX_TABLES:
        raise InputError(fault(shown, f"has more than {MAX_TABLES} tables"))
    return _read_parts(parts, problems, shown=shown, path=path)


def _parts_of(whole: Any, shown: str) -> dict[str, Any]:  # noqa: ANN401
    """Return the parts of a net: in an envelope, as text in one, or bare, as versions up to 1.6 have them.

    Raises
    ------
    InputError
        If the file is not a net.
    """
    if isinstance(whole, dict) and whole.get("_class") == "pandapowerNet":
        parts = whole.get("_object")
        if isinstance(parts, str):
            parts = _loads(parts, shown, most=MAX_OUTSIDE)
        if isinstance(parts, dict):
            return parts
        raise InputError(fault(shown, "is marked as a pandapower network, but has no tables in it"))
    if isinstance(whole, dict) and "_class" not in whole and isinstance(whole.get("bus"), dict):
        if whole["bus"].get("_class") == "DataFrame":
            return whole
        known = "is a pandapower network of a version before 1.6, which is not read"
        raise InputError(fault(shown, known, upgrade_command(shown)))
    known = (
        f": it is marked as {str(whole.get('_class'))[:40]!r}" if isinstance(whole, dict) and "_class" in whole else ""
    )
    raise InputError(fault(shown, f"is not a pandapower network{known}", "write it with pandapower.to_json(net, file)"))


def upgrade_command(shown: str) -> str:
    """Return what a user types to bring a file up to date, if it is trusted: pandapower obeys what is in it."""
    name = re.sub(r"[^\w. -]", "_", shown)
    new = f"{name.removesuffix('.json')}-new.json"
    return (
        f"if you trust the file: python -c \"import pandapower as pp; pp.to_json(pp.from_json('{name}', "
        f"convert=True), '{new}')\""
    )


def _read_parts(  # noqa: C901, PLR0912 - one branch for each kind of part
    parts: dict[str, Any], problems: Problems, *, shown: str, path: Path
) -> PlainNet:
    tables = {}
    std_types: StdTypes = {}
    passed: set[str] = set()
    version, old = version_of(parts, problems, shown=shown)
    for name, value in parts.items():
        if name.startswith(("_", "res_")) or name in _STATE:
            continue
        if name in PASSED_OVER or (isinstance(value, dict) and _not_needed(name, value)):
            if not _is_empty(value):
                passed.add(name)
        elif isinstance(value, dict) and "_class" in value:
            table = _read_table(name, value, problems, shown=shown, passed=passed, old=bool(old))
            if table is not None and len(table):
                tables[name] = table
        elif name == "std_types":
            std_types = {} if old else _read_types(value, problems, shown=shown)
        elif _has_objects(value):
            problems.add("contains Python objects, which are never read", table=f"{shown}/{name[:64]}")
        elif value not in ({}, [], None, ""):
            passed.add(name)
    tell_passed(passed, problems, shown=shown)
    if old:
        problems.raise_if_any()
        tables = _brought_up(tables, old, problems, shown=shown)
    return PlainNet(
        name=str(parts.get("name") or path.stem)[:200],
        shown=shown,
        path=path,
        f_hz=_scalar(parts, "f_hz", 50.0, problems, shown=shown),
        sn_mva=1.0 if "sn_mva" not in parts else _scalar(parts, "sn_mva", 1.0, problems, shown=shown),
        format_version=version,
        tables=tables,
        std_types=std_types,
    )


def _not_needed(name: str, value: dict[str, Any]) -> bool:
    """Return whether an envelope is of something that a network keeps beside its elements, such as a graph."""
    kind = str(value.get("_module", ""))
    beside = kind.split(".", maxsplit=1)[0] in {"pandapower", "networkx", "shapely"}
    return "_class" in value and name not in ELEMENTS and beside


def _is_empty(value: Any) -> bool:  # noqa: ANN401
    """Return whether a part has nothing in it; a table is not parsed to find out."""
    if isinstance(value, dict) and isinstance(value.get("_object"), str):
        return re.search(r'"data"\s*:\s*\[\s*\]', value["_object"]) is not None
    return value in ({}, [], None, "")


def tell_passed(passed: set[str], problems: Problems, *, shown: str) -> None:
    """Note in one warning what was passed over; nothing of it is decoded."""
    quiet = {"dtypes", "user_pf_options", "sn_kva"}
    if passed - quiet:
        message = (
            f"has parts that a power flow does not need, and that are not read: {', '.join(sorted(passed - quiet))}"
        )
        problems.add(message[:400], table=shown, severity="warning")


def _brought_up(tables: dict[str, Any], version: str, problems: Problems, *, shown: str) -> dict[str, Any]:
    """Return tables of an old version as those of the present, checked again against their schema.

    Raises
    ------
    InputError
        If they cannot be converted.
    """
    made = {}
    for name, frame in upgraded(tables, version, shown=shown, hint=upgrade_command(shown)).items():
        data = {str(column): [_plain_cell(cell) for cell in frame[column].tolist()] for column in frame.columns}
        index = [int(number) for number in frame.index]

        def at(position: int, name: str = name, index: list[int] = index) -> tuple[str, int | None]:
            return f"{shown}/{name}/{index[position]}", None

        made[name] = typed_table(name, data, index, problems, place=at, texts=False)
    return made


def _plain_cell(cell: Any) -> Any:  # noqa: ANN401
    """Return a cell as JSON has it: nothing for any missing value."""
    missing = cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))
    return None if missing else cell


def _loads(text: str, shown: str, *, most: int) -> Any:  # noqa: ANN401
    """Parse JSON within limits; a duplicate key is refused.

    Raises
    ------
    InputError
        If it is not JSON.
    """
    check_json(text, shown, most=most)
    try:
        return json.loads(text, object_pairs_hook=each_once)
    except (ValueError, RecursionError) as error:
        raise InputError(fault(shown, f"is not valid JSON: {str(error)[:80]}")) from None


def _read_table(
    name: str, envelope: dict[str, Any], problems: Problems, *, shown: str, passed: set[str], old: bool
) -> Any:  # noqa: ANN401
    """Return the frame of one envelope; None if it is refused or has no rows.

    Columns of objects are passed over. A table of an old version is not compared with the present schema.
    """
    place = f"{shown}/{name[:64]}"
    parsed = _content(name, envelope, problems, place=place)
    if parsed is None or not parsed["data"]:
        return None
    if envelope.get("is_multiindex") or envelope.get("is_multicolumn"):
        problems.add("has an index or columns of several levels, which are not read", table=place)
        return None
    index = _index(parsed["index"], name, problems, place=place)
    data = {column: [row[n] for row in parsed["data"]] for n, column in enumerate(parsed["columns"])}
    known = {column.name for column in ELEMENTS[name].columns} | {"geo", POINTS[1]} if name in ELEMENTS else {POINTS[1]}
    for column in [column for column in data if column not in known and _is_of_objects(column, data[column])]:
        passed.add(f"{name}.{column}")
        del data[column]
    if old and name.endswith("geodata"):
        data = {column: cells for column, cells in data.items() if column in {"x", "y"}}

    def at(position: int) -> tuple[str, int | None]:
        return f"{place}/{index[position]}", None

    return typed_table(OLD if old else name, data, index, problems, place=at, texts=False)


def _is_of_objects(column: str, cells: list[Any]) -> bool:
    """Return whether a column that a power flow does not need contains lists, objects or serialised ones."""
    filled = [cell for cell in cells if cell is not None and cell != ""]
    if column in OBJECTS:
        return bool(filled)
    return any(isinstance(cell, list | dict) or (isinstance(cell, str) and '"_module"' in cell) for cell in filled)


def _content(name: str, envelope: dict[str, Any], problems: Problems, *, place: str) -> dict[str, Any] | None:
    """Return columns, index and rows of an envelope; None, with the problem noted, if it is wrong."""
    kind = f"{envelope.get('_module')}.{envelope.get('_class')}"[:80]
    content = envelope.get("_object")
    if kind != "pandas.core.frame.DataFrame":
        problems.add("is not a table, and is never loaded", table=place, field="_class", value=kind)
    elif not _TABLE_NAME.fullmatch(name) or hasattr(dict, name):
        problems.add("is not a table name", table=place)
    elif envelope.get("orient") != "split" or not isinstance(content, str):
        problems.add("must be a table as text with the orientation `split`", table=place, field="orient")
    else:
        try:
            parsed: dict[str, Any] = _loads(content, place, most=MAX_VALUES)
        except InputError as error:
            problems.found += error.problems
            return None
        return parsed if _is_split(parsed, problems, place=place) else None
    return None


def _is_split(parsed: Any, problems: Problems, *, place: str) -> bool:  # noqa: ANN401
    """Return whether a table consists of columns, index and rows that fit together; note what is wrong."""
    keys = ("columns", "index", "data")
    if not isinstance(parsed, dict) or not all(isinstance(parsed.get(key), list) for key in keys):
        problems.add("must have the lists columns, index and data", table=place)
        return False
    columns, index, data = (parsed[key] for key in keys)
    before = len(problems.found)
    if len(columns) > MAX_COLUMNS or len(data) > MAX_ROWS:
        problems.add(f"has more than {MAX_COLUMNS} columns or {MAX_ROWS:,} rows", table=place)
    if not all(isinstance(column, str) and len(column) <= 100 for column in columns):
        problems.add("has a column without a name", table=place)
    elif len(set(columns)) < len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        problems.add("is a duplicate column", table=place, field=twice)
    if len(index) != len(data):
        problems.add(f"has {len(data)} rows but {len(index)} row numbers", table=place)
    for position, row in enumerate(data):
        if not isinstance(row, list) or len(row) != len(columns):
            problems.add(f"must have {len(columns)} values", table=f"{place}, row {position + 1}")
            break
    return len(problems.found) == before


def _index(index: list[Any], name: str, problems: Problems, *, place: str) -> list[int]:
    """Return numbers of elements; a table that pandapower does not know may be numbered in any way."""
    whole = all(type(value) is int and 0 <= value < 2**31 for value in index)
    if not whole:
        if name in ELEMENTS:
            problems.add("must number its rows with whole numbers from 0", table=place, field="index")
        return list(range(len(index)))
    if len(set(index)) < len(index):
        seen: set[int] = set()
        twice = next(value for value in index if value in seen or seen.add(value))  # type: ignore[func-returns-value]
        problems.add("is a duplicate", table=place, field="index", value=twice)
        return list(range(len(index)))
    return index


def _has_objects(value: Any) -> bool:  # noqa: ANN401
    """Return whether a plain part of the file contains something that a decoder would turn into an object."""
    if isinstance(value, dict):
        return any(mark in value for mark in _OBJECT_MARKS) or any(_has_objects(part) for part in value.values())
    if isinstance(value, list):
        return any(_has_objects(part) for part in value)
    return isinstance(value, str) and any(f'"{mark}"' in value for mark in _OBJECT_MARKS)


def _read_types(value: Any, problems: Problems, *, shown: str) -> StdTypes:  # noqa: ANN401
    """Return standard types: element, name, and values that are plain or lists of numbers."""
    good = isinstance(value, dict) and all(
        isinstance(types, dict)
        and all(isinstance(one, dict) and all(_plain(v) for v in one.values()) for one in types.values())
        for types in value.values()
    )
    if not good or _has_objects(value):
        problems.add("must have plain values by element and name", table=f"{shown}/std_types")
        return {}
    return {str(element): types for element, types in value.items()}


def _plain(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, list):
        return len(value) <= 1000 and all(type(part) in {int, float} for part in value)
    return value is None or isinstance(value, str | int | float | bool)


def _scalar(parts: dict[str, Any], key: str, default: float, problems: Problems, *, shown: str) -> float:
    value = parts.get(key, default)
    if type(value) not in {int, float} or not (0 < value < 1e9) or math.isnan(value):
        problems.add("must be more than 0", table=shown, field=key, value=value)
        return default
    return float(value)


def version_of(parts: dict[str, Any], problems: Problems, *, shown: str) -> tuple[str, str]:
    """Return the version of the table format, and that from which the tables must be brought up to date, if any."""
    said = parts.get("format_version", parts.get("version"))
    said = str(said) if type(said) is float else said
    found = _VERSION.fullmatch(said) if isinstance(said, str) else None
    if found is None or int(found[1]) >= 3:
        return read_version(said if said is not None else "", problems, shown=shown), ""
    version = (int(found[1]), int(found[2]), int(found[4] or 0))
    if version < OLDEST:
        message = "is a version before 1.6, which is not read"
        problems.add(message, table=shown, field="version", value=said, hint=upgrade_command(shown))
    return FORMAT_VERSION, ".".join(map(str, version))


def read_version(value: Any, problems: Problems, *, shown: str) -> str:  # noqa: ANN401
    """Return the version of the table format, 3.0 or later."""
    found = _VERSION.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[1]) < 3:
        message = (
            "is a table format before 3.0, which is not read" if found else "is not a version of pandapower's tables"
        )
        problems.add(message, table=shown, field="format_version", value=value, hint=upgrade_command(shown))
        return FORMAT_VERSION
    version = (int(found[1]), int(found[2]), int(found[4] or 0))
    if version > tuple(int(part) for part in FORMAT_VERSION.split(".")):
        message = f"is a newer table format than {FORMAT_VERSION}; what it adds may be missed"
        problems.add(message, table=shown, field="format_version", value=value, severity="warning")
        return FORMAT_VERSION
    return ".".join(str(part) for part in version)
