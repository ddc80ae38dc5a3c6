"""Schema of a table: its columns, what their cells may be, and the same as JSON Schema."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

NOT_SHOWN = (
    "\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff0-\\uffff\\ud800-\\udfff"
)
"""Control characters and signs that nobody sees, for a class of a regular expression."""
_MARKS = "\"'`$;,<>|\\\\*?"
PLACE_ID = rf"(?![=+@.-])[^{_MARKS}{NOT_SHOWN}\s/:{{}}\[\]()&%!^~#]{{1,40}}"
"""Id of a place: it may become the name of a file, the target of an event, a cell of a spreadsheet."""
ELEMENT_ID = rf"(?![=+@\s-])[^{_MARKS}{NOT_SHOWN}]{{1,100}}"
"""Id of an element of a network."""
PATTERNS = {
    PLACE_ID: "must be at most 40 letters, digits, hyphens, dots and underscores, and begin with a letter or digit",
    ELEMENT_ID: "must be at most 100 characters that can be seen, without quotes, commas, semicolons, < > | $ * ? and "
    "backslashes, and not begin with = + - or @",
}
"""Rules of the patterns of ids, in words."""
ColumnKind = Literal["text", "number", "integer", "boolean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    kind: ColumnKind = "text"
    unit: str = ""
    meaning: str = ""
    required: bool = True
    """True where no cell may be empty."""
    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf
    """Value that a number must exceed (an open lower bound)."""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    """Regular expression that a whole text must match, the same in Python and in JSON Schema; empty for any text."""
    default: object = None
    """Value of an empty cell; None without one."""
    refers: str = ""
    """Table whose rows the numbers in this column name."""
    drawn: bool = False
    """True where a distribution may replace a number, written ``{uniform: [low, high]}``."""
    family: str = ""
    """Regular expression of the names of a family of columns, of which a file has any number; empty for one column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Schema of one table: file name without suffix, columns, and whether a folder must have it."""

    name: str
    columns: tuple[Column, ...]
    required: bool = True
    meaning: str = ""
    key: str = "id"
    """Column whose values must not repeat; empty for a table without one."""

    def empty(self) -> pd.DataFrame:
        """Return a frame without rows, in the schema's types."""
        return frame_of(self.fitted(()), {})

    def fitted(self, header: Collection[str]) -> Table:
        """Return the table with the columns of a header that belong to a family in the place of the family."""
        if not any(column.family for column in self.columns):
            return self
        single = {column.name for column in self.columns}
        columns: list[Column] = []
        for column in self.columns:
            names = [name for name in dict.fromkeys(header) if re.fullmatch(column.family, name) and name not in single]
            columns += [replace(column, name=name, family="") for name in names] if column.family else [column]
        return replace(self, columns=tuple(columns))


def frame_of(table: Table, data: Mapping[str, list[Any]]) -> pd.DataFrame:
    """Return a frame of values by column in the schema's types; a column without values has no rows."""
    return pd.DataFrame({c.name: np.array(data.get(c.name, []), dtype=_DTYPES[c.kind]) for c in table.columns})


_DTYPES: Mapping[ColumnKind, str] = {
    "text": "object",
    "number": "float64",
    "integer": "float64",
    "boolean": "bool",
}


def json_schema(table: Table) -> dict[str, Any]:
    """Return the JSON Schema of one table, as an array of rows."""
    properties: dict[str, Any] = {}
    families: dict[str, Any] = {}
    for column in table.columns:
        kinds = {"text": "string", "number": "number", "integer": "integer", "boolean": "boolean"}
        entry: dict[str, Any] = {"type": kinds[column.kind] if column.required else [kinds[column.kind], "null"]}
        note = f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
        entry |= {"description": note} if note else {}
        entry |= {"enum": [*column.choices, *([] if column.required else [None])]} if column.choices else {}
        entry |= {"pattern": f"^(?:{column.pattern})$"} if column.pattern else {}
        entry |= {"minimum": column.low} if math.isfinite(column.low) else {}
        entry |= {"maximum": column.high} if math.isfinite(column.high) else {}
        entry |= {"exclusiveMinimum": column.above} if math.isfinite(column.above) else {}
        (families if column.family else properties)[f"^{column.family}$" if column.family else column.name] = entry
    return {
        "type": "array",
        "description": table.meaning,
        "items": {
            "type": "object",
            "properties": properties,
            **({"patternProperties": families} if families else {}),
            "required": [column.name for column in table.columns if column.required],
            "additionalProperties": False,
        },
    }
