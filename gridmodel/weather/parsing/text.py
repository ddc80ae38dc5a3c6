"""Open text files safely, and read the cells of their tables."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.tables import MAX_BYTES, MAX_REPORTED, read_rows, read_text, within_lines
from gridmodel.weather.series import Array, Options, number

_CYRILLIC = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъёАБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯЫЭЪЁ"
_SIGNS = "°№«»–—’“”„\u00a0"
"""Signs of Windows-1251 beside letters in tables of people."""

Row = tuple[int, list[str]]


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
    def start(self) -> str:
        """First 400 characters, without blanks and blank lines before them."""
        return self.text[:400].lstrip()

    @cached_property
    def names(self) -> set[str]:
        """Names in its first line that is not blank, folded, without quotes and units."""
        line = next((line for line in self.text[:100_000].splitlines() if line.strip()), "")
        return {bare(cell.strip().strip('"')) for cell in line.split(",")}

    def read_table(self, problems: Problems) -> tuple[list[str], list[Row]]:
        """Return the header and the rows of a file that is one table.

        Raises
        ------
        InputError
            If it is not a table, with everything that was found before.
        """
        table = read_rows(self.text, problems, shown=self.shown)
        problems.raise_if_any()
        return table


def bare(name: str) -> str:
    """Return the name of a column, folded, without its unit.

    Examples
    --------
    >>> bare("temperature_2m (°C)"), bare("Temp [K]")
    ('temperature_2m', 'temp')
    """
    return name.partition("(")[0].partition("[")[0].strip().casefold()


def unit_of(name: str) -> str:
    """Return the unit in brackets after the name of a column; empty without one.

    Examples
    --------
    >>> unit_of("temperature_2m (°C)"), unit_of("t2m")
    ('°C', '')
    """
    for left, right in ("()", "[]"):
        if left in name and name.rstrip().endswith(right):
            return name[name.index(left) + 1 :].rstrip()[:-1]
    return ""


def open_text(path: Path, problems: Problems, *, shown: str) -> str | None:
    """Return the text of a UTF-8 file, unpacked if it is a gzip file; None and a problem if it cannot be read."""
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
        if not packed:
            before = len(problems.found)
            text = read_text(path, problems, shown=shown)
            other = None if text is not None else _windows_cyrillic(path)
            if other is not None:
                del problems.found[before:]
            return other or text
        with gzip.open(path, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        problems.add(f"cannot be read: {error}", table=shown)
        return None
    if len(content) > MAX_BYTES:
        problems.add(f"is larger than {MAX_BYTES // 1_000_000} MB when unpacked", table=shown)
        return None
    try:
        return within_lines(content.decode("utf-8-sig"), problems, shown=shown)
    except UnicodeDecodeError:
        problems.add("is not UTF-8 text", table=shown)
        return None


def _windows_cyrillic(path: Path) -> str | None:
    """Return the text of a small file in Windows-1251, as spreadsheets in Ukrainian save it; None if it is not one.

    All letters beyond ASCII must then be Ukrainian or Russian, beside signs such as ° and №.
    """
    if path.is_dir() or path.stat().st_size > MAX_BYTES:
        return None
    try:
        text = path.read_bytes().decode("cp1251")
    except (OSError, UnicodeDecodeError):
        return None
    other = {sign for sign in text if not sign.isascii()} - {*_CYRILLIC, *_SIGNS}
    return text if set(text) & set(_CYRILLIC) and not other else None


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
    values = np.array([read(cells[place]) for _, cells in rows], dtype=np.float64)
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
    """Return the place of the first of some names (folded, without unit) in a header; None without any of them."""
    folded = [bare(name) for name in header]
    return next((folded.index(name) for name in names if name in folded), None)


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
