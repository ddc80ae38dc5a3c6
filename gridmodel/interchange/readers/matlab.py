"""The subset of MATLAB that a MATPOWER case needs: numbers, texts, matrices of numbers. Nothing is evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gridmodel.errors import Problems
from gridmodel.interchange.readers.guard import MAX_COLUMNS, MAX_LINES, MAX_ROWS, MAX_VALUES
from gridmodel.interchange.readers.matpower_units import Units

_NUMBER = re.compile(r"[+-]?(\d++\.?\d*+|\.\d++)([eEdD][+-]?\d{1,4})?|[+-]?(Inf|inf|NaN|nan)")
_DECIMAL_COMMA = re.compile(r"\d,\d")
_BLANK_BETWEEN = re.compile(r"\d\s+[-+.\d]")
"""A row with both has decimal commas, each of which would make two numbers of one: programs write one mark only."""
_RATIO = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,9})?)/([1-9]\d{0,8}|sqrt\(3\))")
"""A quotient by a whole number or the root of three, as published cases give voltages to earth and their base."""
_ASSIGN = re.compile(r"([A-Za-z]\w{0,40})\.([A-Za-z]\w{0,40}(?:\.[A-Za-z]\w{0,40}){0,3})\s*=\s*(.*)", re.DOTALL)
_FUNCTION = re.compile(r"function\s+(?:\[?\s*([A-Za-z]\w{0,40})\s*\]?\s*=\s*)?([A-Za-z]\w{0,80})\s*(\(\s*\))?\s*;?")
_TEXT = re.compile(r"'((?:[^']|'')*)'")


@dataclass(slots=True)
class Case:
    """Fields of a case file."""

    name: str = ""
    scalars: dict[str, float | str] = field(default_factory=dict)
    matrices: dict[str, list[list[float]]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    """Cell arrays of text, by field."""
    lines: dict[str, list[int]] = field(default_factory=dict)
    """Line of each row of a matrix."""
    places: dict[str, int] = field(default_factory=dict)
    """Line at which a field begins."""


_IS_CASE = re.compile(r"(?m)^[ \t]*+(?:function\b|mpc\.)")
"""Beginning of a line that only a case has."""


def parse_case(  # noqa: C901 - one branch for each kind of statement
    text: str, problems: Problems, *, shown: str
) -> Case:
    """Read assignments of plain values; every other statement is refused with its line.

    Parameters
    ----------
    text
        The file.
    problems
        Collects what is wrong.
    shown
        Name of the file in messages.
    """
    case = Case()
    if text.count("\n") > MAX_LINES:
        problems.add(f"has more than {MAX_LINES:,} lines", table=shown)
        return case
    if not _IS_CASE.search(text):  # any file may be given; nothing of it is quoted
        problems.add("is not a MATPOWER case: it assigns no field of mpc", table=shown)
        return case
    variable = "mpc"
    rows, units = _Rows(text), Units()
    while rows.more():
        line, content = rows.next()
        if not content:
            continue
        begun = _FUNCTION.fullmatch(content)
        if begun and not case.name:
            case.name, variable = begun[2], begun[1] or variable
            continue
        if units.skips(content) or content in {"end", "return", "end;", "return;"}:
            continue
        if units.apply(content, variable, case.matrices, case.scalars):
            continue
        found = _ASSIGN.fullmatch(content)
        if not found or found[1] != variable:
            _refuse(problems, shown, line, content)
            rows.skip_block(content)
            continue
        _assign(case, found[2], found[3].strip(), rows, problems, shown=shown, line=line)
    return case


def _refuse(problems: Problems, shown: str, line: int, content: str) -> None:
    problems.add(
        "is not a plain assignment: only numbers, texts, matrices of numbers and known conversions of units are read",
        table=shown, row=line, value=content[:60], hint="save the case with savecase, which writes plain numbers",
    )  # fmt: skip


def _assign(case: Case, name: str, value: str, rows: _Rows, problems: Problems, *, shown: str, line: int) -> None:
    if name in case.places:
        problems.add(f"duplicates line {case.places[name]}", table=shown, row=line, field=name)
    case.places.setdefault(name, line)
    if value.startswith("["):
        _matrix(case, name, rows.block(line, value[1:], "]"), problems, shown=shown, line=line)
    elif value.startswith("{"):
        cells = [part for _, row in rows.block(line, value[1:], "}") or [] for part in _TEXT.findall(row)]
        case.texts[name] = [part.replace("''", "'") for part in cells]
    else:
        plain = value.rstrip(";").strip()
        text = _TEXT.fullmatch(plain)
        if text:
            case.scalars[name] = text[1]
        elif _NUMBER.fullmatch(plain):
            case.scalars[name] = _number(plain)
        elif _RATIO.fullmatch(plain):
            case.scalars[name] = float(_quotient(plain))
        else:
            _refuse(problems, shown, line, f"{name} = {plain}")


def _matrix(
    case: Case, name: str, block: list[tuple[int, str]] | None, problems: Problems, *, shown: str, line: int
) -> None:
    if block is None:
        problems.add("is not closed", table=shown, row=line, field=name)
        return
    matrix: list[list[float]] = []
    lines: list[int] = []
    count = 0
    for place, row in block:
        parts = _parts(row, problems, shown=shown, line=place, field=name)
        if not parts:
            continue
        count += len(parts)
        if len(matrix) > MAX_ROWS or len(parts) > MAX_COLUMNS or count > MAX_VALUES:
            problems.add(f"has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns", table=shown, row=line, field=name)
            return
        matrix.append([_number(part) for part in parts])
        lines.append(place)
        if len(parts) != len(matrix[0]):
            message = f"has {len(parts)} numbers, the first row has {len(matrix[0])}"
            problems.add(message, table=shown, row=place, field=name)
            matrix.pop()
            lines.pop()
    case.matrices[name], case.lines[name] = matrix, lines


def _parts(row: str, problems: Problems, *, shown: str, line: int, field: str) -> list[str]:
    """Return the numbers of a row as text; none if it is blank, or what is wrong with it is noted."""
    if "," in row and _DECIMAL_COMMA.search(row) and _BLANK_BETWEEN.search(row):
        message = "has commas within numbers, or between some of them only: write decimal points"
        problems.add(message, table=shown, row=line, field=field)
        return []
    parts = [_quotient(part) if "/" in part else part for part in row.replace(",", " ").split()]
    wrong = [part for part in parts if not _NUMBER.fullmatch(part)]
    for part in wrong[:5]:
        problems.add("is not a number", table=shown, row=line, field=field, value=part)
    return [] if wrong else parts


def _quotient(text: str) -> str:
    """Return a number that is written as a quotient, such as 12/sqrt(3) or 50/3; else the text itself."""
    found = _RATIO.fullmatch(text)
    return repr(float(found[1]) / (3**0.5 if found[2] == "sqrt(3)" else float(found[2]))) if found else text


def _number(text: str) -> float:
    return float(text.lower().replace("d", "e"))


class _Rows:
    """Lines of a file without comments, with continued lines joined."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._next = 0
        self._deep = 0

    def more(self) -> bool:
        return self._next < len(self._lines)

    def next(self) -> tuple[int, str]:
        """Return the number and content of the next line; block comments are skipped."""
        number = self._next + 1
        content = _bare(self._lines[self._next])
        self._next += 1
        if self._lines[number - 1].strip() == "%{":
            while self.more() and self._lines[self._next].strip() != "%}":
                self._next += 1
            self._next += 1
            return number, ""
        parts = []
        while content.endswith("...") and self.more():
            parts.append(content[:-3])
            content = _bare(self._lines[self._next])
            self._next += 1
        return number, " ".join([*parts, content]).strip()

    def block(self, line: int, first: str, end: str) -> list[tuple[int, str]] | None:
        """Return the rows up to a closing bracket, each with its line; None if it is not closed."""
        rows: list[tuple[int, str]] = []
        content = _bare(first)
        while True:
            place = _outside(content, end)
            body = content if place < 0 else content[:place]
            rows += [(line, part) for part in (body.split(";") if end == "]" else [body])]
            if place >= 0:
                return rows
            if not self.more():
                return None
            line, content = self.next()

    def skip_block(self, content: str) -> None:
        """Skip the rows of a matrix that belongs to a refused statement."""
        if content.rstrip().endswith("[") and "]" not in content:
            self.block(self._next, "", "]")


def _outside(content: str, end: str) -> int:
    """Return the position of a bracket outside texts, or -1."""
    return _TEXT.sub(lambda found: " " * len(found[0]), content).find(end)


def _bare(line: str) -> str:
    """Return a line without its comment."""
    if "%" not in line and "#" not in line:
        return line.strip()
    masked = _TEXT.sub(lambda found: "_" * len(found[0]), line)
    places = [place for place in (masked.find("%"), masked.find("#")) if place >= 0]
    return line[: min(places)].strip() if places else line.strip()
