"""Open text files safely, and read the cells of their tables."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.spreadsheet import unguarded
from gridmodel.inputs.tables import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_HEADER,
    MAX_REPORTED,
    filled,
    read_rows,
    without_empty_end,
)
from gridmodel.weather.series import Array, Options, number, unit_named

Row = tuple[int, list[str]]
SEPARATORS = ";\t|,"
"""Marks between columns, the usual one last."""
NO_NAME = ("", "unnamed: 0", "index")
"""Headers of a first column that a program gave no name to."""
NO_VALUE = frozenset({"na", "n/a", "nan", "null", "none", "-", "--"})
"""Cells that stand for a missing value, folded."""
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+", re.ASCII)
_WITH_MINUS = re.compile(r"-\d+(?:[.,]\d+)?", re.ASCII)
_DEGREES = "°º˚℃℉"
"""Signs of degrees: that of temperatures, two that look like it, and those of one letter."""
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([ T]|$)|\d{1,2}[./]\d{1,2}[./]\d{4}")


@dataclass
class Text:
    """One text file."""

    text: str
    shown: str
    """Name of the file in messages."""

    @cached_property
    def lines(self) -> list[str]:
        """Lines of the file."""
        return self.text.splitlines()

    @cached_property
    def table(self) -> str:
        """The text with blank lines in place of the comments before its table, lines that begin with `#`."""
        place = end = 0
        for line in self.text[:MAX_HEADER].splitlines(keepends=True):
            place += len(line)
            if line.lstrip().startswith("#"):
                end = place
            elif line.strip():
                break
        return "\n" * self.text.count("\n", 0, end) + self.text[end:] if end else self.text

    @cached_property
    def start(self) -> str:
        """First 400 characters, without blanks and blank lines before them."""
        return self.text[:400].lstrip()

    @cached_property
    def separator(self) -> str:
        """The mark that separates columns: the most frequent of semicolon, tab, bar and comma in the first line.

        A comma, if it has none of them.
        """
        first = next((line for line in self.table[:MAX_HEADER].splitlines() if line.strip()), "")
        found = max(SEPARATORS, key=first.count)
        return found if found in first else ","

    @cached_property
    def head(self) -> tuple[list[str], list[str]]:
        """Cells of the first two lines that are not blank; a first column of times without a name is called `time`."""
        lines = [line for line in self.table[:MAX_HEADER].splitlines() if line.strip()][:2]
        cells = [cells_of(line, self.separator) for line in lines] + [[], []]
        names, first = filled(cells[0]), cells[1]
        return ["time", *names[1:]] if unnamed_time(names, first) else names, first

    @cached_property
    def names(self) -> set[str]:
        """Names in its first line that is not blank, folded, without quotes and units."""
        return {bare(name) for name in self.head[0]}

    def below(self, line: int, problems: Problems, *, separator: str = ",") -> tuple[list[str], list[Row]]:
        """Return the header and the rows of the table that begins at a line, whose rows may have more or fewer cells.

        Rows are cut or filled with empty cells to the length of the header.

        Raises
        ------
        InputError
            If it is not a table.
        """
        found: list[Row] = []
        cells = 0
        reader = csv.reader(self.lines[line - 1 :], strict=True, delimiter=separator)
        try:
            for row in reader:
                cells += len(row)
                if cells > MAX_CELLS or len(row) > MAX_COLUMNS:
                    message = f"contains more than {MAX_CELLS:,} cells, or {MAX_COLUMNS:,} columns"
                    raise InputError([Problem(message=message, table=self.shown)])
                if any(row):
                    found.append((line - 1 + reader.line_num, [unguarded(cell.strip()) for cell in row]))
        except csv.Error as error:
            problems.add(f"is not a CSV table: {error}", table=self.shown, row=line - 1 + reader.line_num)
        problems.raise_if_any()
        header = found[0][1] if found else []
        width = len(header)
        return header, [(number, (row + [""] * width)[:width]) for number, row in found[1:]]

    def read_table(self, problems: Problems) -> tuple[list[str], list[Row]]:
        """Return the header and the rows of a file that is one table, decimal commas turned to points.

        A first column that has no name is one of times, or of numbers of rows, which is left out.

        Raises
        ------
        InputError
            If it is not a table, with everything that was found before.
        """
        header, rows = read_rows(self.table, problems, shown=self.shown, separator=self.separator)
        problems.raise_if_any()
        if self.separator != ",":
            rows = [(line, [pointed(cell) for cell in cells]) for line, cells in rows]
        if not (header and _TIME.match(header[0])):  # a file without a header has values in its first line
            header, rows = without_empty_end(header, rows)
        return named_index(header, rows)


def check_names(header: list[str], problems: Problems, *, shown: str) -> None:
    """Note columns of places that have values and no name."""
    for place, name in enumerate(header[1:], 2):
        if not name:
            problems.add(f"column {place} has values and no name: name it, or empty it", table=shown, row=1)


def bare(name: str) -> str:
    """Return the name of a column, folded, without its unit.

    Examples
    --------
    >>> bare("temperature_2m (°C)"), bare("Temp [K]"), bare("Температура, °C")
    ('temperature_2m', 'temp', 'температура')
    """
    return _split_end(name.partition("(")[0].partition("[")[0].strip())[0].casefold()


def squeezed(name: str) -> str:
    """Return the name of a column without what divides its words.

    Examples
    --------
    >>> squeezed(bare("Min Temp (°C)")), squeezed("temp_min")
    ('mintemp', 'tempmin')
    """
    return re.sub(r"[\s_./-]+", "", name)


def cells_of(line: str, separator: str) -> list[str]:
    """Return the cells of one line, stripped; split at each mark if quotes do not fit."""
    try:
        found = next(csv.reader([line], strict=True, delimiter=separator), [])
    except csv.Error:
        found = line.split(separator)
    return [cell.strip().strip('"') for cell in found]


def unnamed_time(names: list[str], first: list[str]) -> bool:
    """Return whether the first column of a table has no name, and begins with a time."""
    return bool(names and first) and names[0].casefold() in NO_NAME and _TIME.match(first[0]) is not None


def named_index(header: list[str], rows: list[Row]) -> tuple[list[str], list[Row]]:
    """Return a table whose first column has a name: `time` if it has times, left out if it numbers the rows.

    Examples
    --------
    >>> named_index(["", "t"], [(2, ["2026-01-08 00:00", "-3"])])
    (['time', 't'], [(2, ['2026-01-08 00:00', '-3'])])
    >>> named_index(["", "time", "t"], [(2, ["0", "2026-01-08", "-3"])])
    (['time', 't'], [(2, ['2026-01-08', '-3'])])
    """
    if not header or not rows or header[0].casefold() not in NO_NAME or len(header) < 2:
        return header, rows
    if unnamed_time(header, rows[0][1]):
        return ["time", *header[1:]], rows
    if all(cells[0].isdecimal() for _, cells in rows):
        return header[1:], [(line, cells[1:]) for line, cells in rows]
    return header, rows


def pointed(cell: str) -> str:
    """Return a cell, its decimal comma a point, and the minus of a typesetter a hyphen.

    Examples
    --------
    >>> pointed("\u221212,5"), pointed("\u22123.5"), pointed("3,5"), pointed("1,2,3")
    ('-12.5', '-3.5', '3.5', '1,2,3')
    """
    plain = cell.replace("\u2212", "-")
    return plain.replace(",", ".") if DECIMAL_COMMA.fullmatch(plain) or _WITH_MINUS.fullmatch(plain) else cell


def unit_of(name: str) -> str:
    """Return the unit after the name of a column: in brackets, after a comma, or from a degree sign; empty without one.

    Examples
    --------
    >>> unit_of("temperature_2m (°C)"), unit_of("Температура, °F"), unit_of("Київ (t, °C)"), unit_of("t2m")
    ('°C', '°F', '°C', '')
    """
    for left, right in ("()", "[]"):
        if left in name and name.rstrip().endswith(right):
            inside = name[name.index(left) + 1 :].rstrip()[:-1]
            return inside if unit_named(inside) else _split_end(inside)[1] or inside
    return _split_end(name)[1]


def _split_end(name: str) -> tuple[str, str]:
    """Return a name and the unit of temperature at its end, after a comma or with a degree sign; empty without one."""
    before, _, last = name.rpartition(",")
    if before and unit_named(last):
        return before.strip(), last.strip()
    before, _, last = name.strip().rpartition(" ")
    if before and last[0] in _DEGREES and unit_named(last):
        return before.strip(), last
    return name, ""


def without_unit(name: str) -> str:
    """Return the name of a column without the unit of temperature after it; the whole name where there is none.

    Examples
    --------
    >>> without_unit("UA-30 (°F)"), without_unit("Київ, °C"), without_unit("Київ (місто)")
    ('UA-30', 'Київ', 'Київ (місто)')
    """
    if not unit_named(unit_of(name)):
        return name
    return _split_end(re.split(r"\s*[(\[]", name)[0])[0].strip() or name


def column(
    rows: list[Row],
    place: int | None,
    problems: Problems,
    options: Options,
    *,
    field: str,
    missing: tuple[float, ...] = (),
    read: Callable[[str], float] = number,
) -> Array:
    """Read the numbers of one column.

    Parameters
    ----------
    rows
        Line and cells of each row.
    place
        Of the column among the cells; None if the file does not have it.
    problems
        Collects cells that are not numbers, the first hundred.
    options
        Name of the file.
    field
        Name of the column in messages.
    missing
        Codes of a missing value.
    read
        From a cell to its value: NaN where it is missing, infinite where it is not a number.

    Returns
    -------
    numpy.ndarray
        Shape ``(row,)``; NaN where missing, and everywhere without the column.
    """
    if place is None:
        return np.full(len(rows), np.nan)
    values = np.array(
        [read("" if cells[place].casefold() in NO_VALUE else cells[place]) for _, cells in rows], dtype=np.float64
    )
    values[np.isin(values, missing)] = np.nan
    bad = np.flatnonzero(np.isinf(values))
    for row in bad[:MAX_REPORTED]:
        line, cells = rows[row]
        problems.add("is not a number", table=options.shown, row=line, field=field, value=cells[place])
    if len(bad) > MAX_REPORTED:
        message = f"has {len(bad) - MAX_REPORTED} more cells that are not numbers"
        problems.add(message, table=options.shown, field=field)
    values[bad] = np.nan
    return values


def find_column(header: list[str], *names: str) -> int | None:
    """Return the place of the first of some names (folded, without unit) in a header; None without any of them.

    What divides the words of a name does not matter: `tempmin`, `Temp min` and `temp_min` are the same.
    """
    folded = [squeezed(bare(name)) for name in header]
    return next((folded.index(squeezed(name)) for name in names if squeezed(name) in folded), None)


def need_column(header: list[str], name: str, options: Options) -> int:
    """Return the place of a column that a format must have.

    Raises
    ------
    InputError
        If the header does not have it.
    """
    place = find_column(header, name)
    if place is None:
        message = "is missing: this column is required"
        raise InputError([Problem(message=message, table=options.shown, row=1, field=name)])
    return place
