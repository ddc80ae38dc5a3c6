"""CSV tables read against a schema: every problem found at once, with its line.

A schema is a list of columns. The same list gives the reader, the checks, the JSON Schema and the
page in the docs.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from gridmodel.arrays import Bools, Floats
from gridmodel.errors import Problems, nearest
from gridmodel.inputs.shares import comma_hint, list_hint, plain_share, share_hint
from gridmodel.inputs.spreadsheet import unguarded
from gridmodel.inputs.table_schema import PATTERNS, Column, ColumnKind, Table, frame_of

MAX_BYTES = 50_000_000
"""Largest text that is read. [byte] Ours: bounds memory and time on hostile files."""
MAX_CELLS = 2_000_000
"""Most cells of one table. Ours: nine years of hours in 25 regions; a larger series is NetCDF."""
MAX_HEADER = 100_000
"""Longest first line that separators are counted in. [characters] Ours: twenty for each of the most columns."""
MAX_REPORTED = 100
"""Most problems that one table reports, beyond which they are counted. Ours: keeps reports readable."""

MAX_COLUMNS = 5_000
"""Most columns of one table. Ours: one for each member of a large ensemble."""
MAX_ROW = 1_000_000
"""Longest row. [characters] Ours: two hundred for each of the most columns."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were read: a frame in the schema's types, and the line of each row in the file."""

    frame: pd.DataFrame
    lines: list[int] = field(default_factory=list)


SAVE_AS = 'save it as "CSV UTF-8", not as CSV of the language of the computer'
"""Advice about a table of a spreadsheet that is in another encoding."""


def read_text(path: Path, problems: Problems, *, shown: str) -> str | None:
    """Return the text of a UTF-8 file; None and a problem noted if it cannot be read."""
    try:
        size = path.stat().st_size
        if not (path.is_file() or path.is_dir()):  # reading a pipe or device may never end
            problems.add("is neither a file nor a folder", table=shown)
            return None
        if size > MAX_BYTES:
            problems.add(f"is larger than {MAX_BYTES // 1_000_000} MB", table=shown)
            return None
        return within_lines(path.read_text(encoding="utf-8-sig"), problems, shown=shown)
    except UnicodeDecodeError:
        problems.add("is not UTF-8 text", table=shown, hint=SAVE_AS)
    except OSError as error:
        problems.add(f"cannot be read: {error.strerror}", table=shown)
    except ValueError as error:  # a path with a NUL
        problems.add(f"cannot be read: {error}", table=shown)
    return None


def within_lines(text: str, problems: Problems, *, shown: str) -> str | None:
    """Return a text; None and a problem noted if it has more lines than a table may have cells."""
    if text.count("\n") <= MAX_CELLS:
        return text
    problems.add(f"contains more than {MAX_CELLS:,} lines", table=shown)
    return None


def read_rows(
    text: str, problems: Problems, *, shown: str, separator: str = ","
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header and rows of a CSV text, each row with its line; blank lines are skipped."""
    if separator == "," and _other_separator(text, problems, shown=shown):
        return [], []
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    ragged = 0
    for line, cells in _filled_rows(text, problems, shown=shown, separator=separator):
        if header and len(cells) != len(header):
            ragged += 1
            problems.add(f"has {len(cells)} fields, but the header has {len(header)}", table=shown, row=line)
        elif header:
            rows.append((line, cells))
        header = header or cells
        if ragged >= MAX_REPORTED:
            problems.add("has too many rows that do not fit the header; the rest was not read", table=shown)
            break
        if len(rows) * len(header) > MAX_CELLS:
            problems.add(f"contains more than {MAX_CELLS:,} cells", table=shown)
            return [], []
    if not header:
        problems.add("is empty", table=shown)
    return header, rows


def filled(cells: list[str]) -> list[str]:
    """Return cells without the empty ones at their end."""
    return cells[: max((place for place, cell in enumerate(cells, 1) if cell), default=0)]


def without_empty_end(
    header: list[str], rows: list[tuple[int, list[str]]]
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return a table without the columns at its end that have neither a name nor a value, as spreadsheets save them.

    Examples
    --------
    >>> without_empty_end(["time", "t", "", ""], [(2, ["2026-01-08", "-3", "", ""])])
    (['time', 't'], [(2, ['2026-01-08', '-3'])])
    """
    if not header or header[-1]:
        return header, rows
    width = max(len(filled(cells)) for cells in (header, *(cells for _, cells in rows)))
    return header[:width], [(line, cells[:width]) for line, cells in rows]


def _filled_rows(text: str, problems: Problems, *, shown: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and cells of every row that is not blank."""
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True, delimiter=separator)
    try:
        for cells in reader:
            lines.characters = 0
            if len(cells) > MAX_COLUMNS:
                problems.add(f"has more than {MAX_COLUMNS:,} columns", table=shown, row=reader.line_num)
                return
            stripped = [unguarded(cell.strip()) for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        problems.add(f"is not a CSV table: {error}", table=shown, row=max(reader.line_num, 1))


class _Lines:
    """Lines of a text with their ends, found one at a time: `io.StringIO` would take four bytes per character."""

    def __init__(self, text: str) -> None:
        self._found = _LINE.finditer(text)
        self.characters = 0
        """Characters since the last row ended."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._found).group()
        self.characters += len(line)
        if self.characters > MAX_ROW:
            raise csv.Error(f"row longer than {MAX_ROW:,} characters")
        return line


OTHERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""Marks between columns in place of commas, and their names."""
SEMICOLON = ";"
"""Mark between columns where numbers have a decimal comma, as spreadsheets save tables in many countries."""
NO_POINTS = (
    "semicolons separate the columns: write numbers with a decimal comma and without points, such as 0,5 and 1234,5"
)
"""Advice about a number with a point beside semicolons. Ours: 1.234 may be a thousand more."""


def _mark(text: str) -> str:
    """Return the mark that separates columns: another than the comma where the first line has more of it."""
    lines = (found.group() for found in _LINE.finditer(text[:MAX_HEADER]))
    first = next((line for line in lines if line.strip()), "")
    return next((mark for mark in OTHERS if first.count(mark) > first.count(",")), ",")


def own_separator(text: str) -> str:
    r"""Return the mark between columns of a table of ours, which may be a comma, a semicolon or a tab.

    Examples
    --------
    >>> own_separator("id;name\nTR-1;North, and East"), own_separator("id|name")
    (';', ',')
    """
    mark = _mark(text)
    return mark if mark in {SEMICOLON, "\t"} else ","


def with_point(cell: str) -> str:
    """Return a number with a decimal comma as one with a point; no number where it has a point, see `NO_POINTS`.

    Examples
    --------
    >>> with_point("12,5 %"), with_point("1.234,5")
    ('12.5 %', 'with a point')
    """
    return "with a point" if "." in cell else cell.replace(",", ".")


def _other_separator(text: str, problems: Problems, *, shown: str) -> bool:
    """Note a table whose first line has more of another separator than commas."""
    mark = _mark(text)
    if mark == ",":
        return False
    hint = "save it as CSV with commas between columns, and points in numbers"
    message = f"separates columns by {OTHERS[mark]}; they must be separated by commas"
    problems.add(message, table=shown, row=1, hint=hint)
    return True


def read_table(path: Path, table: Table, problems: Problems, *, shown: str) -> Rows:
    """Read one CSV file against its schema.

    Parameters
    ----------
    path
        The file.
    table
        Its schema.
    problems
        Collects what is wrong; nothing is raised here.
    shown
        Name of the file in messages.

    Returns
    -------
    Rows
        Rows in the schema's types. A cell that could not be read is missing (NaN or empty).
    """
    text = read_text(path, problems, shown=shown)
    return Rows(table.empty()) if text is None else parse_table(text, table, problems, shown=shown)


Replace = Callable[[int, Column, str], str]
"""Function from line, column and cell to the text to be read in place of the cell."""


def parse_table(
    text: str, table: Table, problems: Problems, *, shown: str, replace: Replace | None = None
) -> Rows:  # fmt: skip
    """Read the text of a CSV file against its schema; see `read_table` and `check_rows`.

    Columns may be separated by commas, by tabs, or by semicolons, beside which numbers have a decimal comma.
    """
    mark = own_separator(text)
    header, rows = without_empty_end(*read_rows(text, problems, shown=shown, separator=mark))
    return check_rows(header, rows, table, problems, shown=shown, replace=replace, commas=mark == SEMICOLON)


def check_rows(
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    table: Table,
    problems: Problems,
    *,
    shown: str,
    replace: Replace | None = None,
    commas: bool = False,
) -> Rows:
    """Check rows of cells, each with its line, against a schema.

    Parameters
    ----------
    header
        Names of the cells.
    rows
        Line and cells of each row.
    table
        The schema.
    problems
        Collects what is wrong.
    shown
        Name of the file in messages.
    replace
        Reads cells of `drawn` columns that begin with a brace.
    commas
        Whether numbers have a decimal comma, and no points.
    """
    if _is_another_kind(header, table, problems, shown=shown):
        return Rows(table.empty())
    _check_header(header, table, problems, shown=shown)
    table = table.fitted(header)
    before = len(problems.found)
    data: dict[str, list[Any]] = {}
    for column in table.columns:
        position = header.index(column.name) if column.name in header else None
        read = _reader(column, commas=commas)
        values: list[Any] = []
        for line, cells in rows:
            cell = cells[position] if position is not None else ""
            if replace is not None and column.drawn and cell.startswith("{"):
                cell = replace(line, column, cell).replace(".", "," if commas else ".")  # it is ours, and has a point
            value, message = read(cell) if position is not None else (_MISSING[column.kind], "")
            if message:
                problems.add(
                    message,
                    table=shown,
                    row=line,
                    field=column.name,
                    value=cell,
                    hint=_hint(cell, column, commas=commas),
                )
            values.append(value)
        data[column.name] = values
    lines = [line for line, _ in rows]
    if table.key:
        _check_key(data.get(table.key, []), lines, problems, shown=shown, key=table.key)
    _cut(problems, before, shown=shown)
    return Rows(frame_of(table, data), lines)


def _cut(problems: Problems, before: int, *, shown: str) -> None:
    """Keep the first problems of one table and count the rest."""
    extra = len(problems.found) - before - MAX_REPORTED
    if extra > 0:
        del problems.found[before + MAX_REPORTED :]
        problems.add(f"has {extra} more problems of this kind", table=shown)


def _is_another_kind(header: Sequence[str], table: Table, problems: Problems, *, shown: str) -> bool:
    """Return whether a table has none of the columns; then nothing of it is quoted, since it may be any file."""
    known = [column.name for column in table.fitted(header).columns]
    if not header or set(header) & set(known):
        return False
    some = ", ".join(known[:6]) + (" …" if len(known) > 6 else "")
    message = f"is not a table of this kind: its first line has none of the columns {some}"
    problems.add(message, table=shown, row=1)
    return True


def _check_header(header: Sequence[str], table: Table, problems: Problems, *, shown: str) -> None:
    table = table.fitted(header)
    known = [column.name for column in table.columns]
    if not header:
        return
    for name in header:
        if name not in known:
            problems.add("is an unknown column", table=shown, row=1, field=name, hint=nearest(name, known))
    for name in sorted({name for name in header if header.count(name) > 1}):
        problems.add("is in the header twice", table=shown, row=1, field=name)
    for column in table.columns:
        if column.name not in header and column.required:
            problems.add("is missing: this column is required", table=shown, row=1, field=column.name)


def _check_key(values: Sequence[Any], lines: Sequence[int], problems: Problems, *, shown: str, key: str) -> None:
    first: dict[Any, int] = {}
    for value, line in zip(values, lines, strict=True):
        if value in first:
            problems.add(f"duplicates line {first[value]}", table=shown, row=line, field=key, value=value)
        first.setdefault(value, line)


_MISSING: Mapping[ColumnKind, Any] = {
    "text": "",
    "number": math.nan,
    "integer": math.nan,
    "boolean": False,
}


def _reader(column: Column, *, commas: bool) -> Callable[[str], tuple[Any, str]]:
    """Return a function from a cell to its value and what is wrong with it; numbers may have a decimal comma."""

    def read(cell: str) -> tuple[Any, str]:
        if cell == "":
            empty = _MISSING[column.kind] if column.default is None else column.default
            return empty, "is empty: a value is required" if column.required else ""
        if column.kind == "text":
            return cell, _wrong_text(cell, column)
        if column.kind == "boolean":
            flag = cell.casefold()  # pandas writes True, spreadsheets TRUE
            return flag == "true", "" if flag in {"true", "false"} else "is not true or false"
        return _read_number(with_point(cell) if commas else cell, column)

    return read


def _wrong_text(cell: str, column: Column) -> str:
    """Return what is wrong with a text; an empty text if nothing is."""
    if column.choices and cell not in column.choices:
        return f"is not one of {', '.join(column.choices)}"
    if column.pattern and not re.fullmatch(column.pattern, cell):
        return PATTERNS.get(column.pattern, f"does not match {column.pattern}")
    return ""


def read_number(cell: str) -> tuple[float, str]:
    """Return the number that a text gives, and what is wrong with it; an empty text if nothing is."""
    try:
        number = float(cell) if cell.isascii() and "_" not in cell else None
    except ValueError:
        number = None
    if number is None:
        return math.nan, "is not a number"
    return (number, "") if math.isfinite(number) else (math.nan, "is not a finite number")


def _is_share(column: Column) -> bool:
    """Return whether a column is a share from 0 to 1."""
    return column.kind == "number" and column.unit in {"", "1"} and column.high == 1.0 and column.low == 0.0


def _hint(cell: str, column: Column, *, commas: bool) -> str:
    """Return what helps with a cell that is wrong; empty if nothing does."""
    if column.choices and cell:
        return nearest(cell, column.choices)
    if not commas:
        return _right_form(cell, column)
    return NO_POINTS if column.kind in {"number", "integer"} and "." in cell else ""


def _right_form(cell: str, column: Column) -> str:
    """Return the right form of a share, a list, or a number with a decimal comma; empty if nothing is near."""
    if column.kind not in {"number", "integer"}:
        return ""
    if column.drawn and (hint := list_hint(cell)):
        return hint
    return share_hint(cell) if _is_share(column) else comma_hint(cell)


def _read_number(cell: str, column: Column) -> tuple[float, str]:
    given = plain_share(cell) if _is_share(column) else cell
    number, message = (given, "") if isinstance(given, float) else read_number(cell)
    if message:
        return number, message
    if column.kind == "integer" and number != round(number):
        return number, "is not a whole number"
    return number, range_message(number, column)


def outside(values: Floats, column: Column) -> Bools:
    """Return True where numbers are out of the range of a column; an infinite number is, where a bound is finite."""
    found = (values < column.low) | (values > column.high)
    return found | (values <= column.above) if math.isfinite(column.above) else found


def range_message(number: float, column: Column) -> str:
    """Return what is wrong with the size of a number; an empty text if nothing is."""
    unit = f" {column.unit}" if column.unit not in {"", "1"} else ""
    if math.isfinite(column.above) and number <= column.above:
        return f"must be more than {column.above:g}{unit}"
    if number < column.low:
        return f"must be at least {column.low:g}{unit}"
    if number > column.high:
        return f"must be at most {column.high:g}{unit}"
    return ""
