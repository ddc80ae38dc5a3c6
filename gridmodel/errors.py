"""Problems that a user can correct, and the one error that carries all of them.

Anything that is not an `InputError` is a bug and may crash loudly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar
from unicodedata import category

T = TypeVar("T")
Severity = Literal["error", "warning"]

MAX_SHOWN = 80
"""Longest value that a problem shows. [characters] Ours: one line of a terminal."""


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of signs that steer a terminal, hide, or reorder text."""
_NOT_ASCII = re.compile("[^ -~]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str, *, keep: str = "") -> str:
    r"""Return a text whose control, escape, bidi and other invisible signs are written as escapes.

    Names come from files of strangers: they could steer a terminal, hide a line, or show a text in another order.

    Parameters
    ----------
    text
        The text.
    keep
        Signs that stay as they are, such as line ends of a whole page.

    Examples
    --------
    >>> visible("bus \x1b[2J north\nUA\u202e03")
    'bus \\x1b[2J north\\nUA\\u202e03'
    """
    return _NOT_ASCII.sub(lambda found: found[0] if found[0] in keep or is_seen(found[0]) else _escape(found[0]), text)


def is_seen(sign: str) -> bool:
    """Return whether a sign is shown, and does nothing else."""
    return category(sign) not in _UNSEEN


def _escape(sign: str) -> str:
    code = ord(sign)
    long = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return _SHORT.get(sign, long)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where.

    Examples
    --------
    >>> import gridmodel as gm
    >>> print(gm.Problem(message="must be at most 1", table="mine.csv", row=7, field="share", value="1.2"))
    mine.csv:7: share: '1.2' must be at most 1
    """

    message: str
    """Description of the problem and of what is allowed, as a sentence without its place."""
    severity: Severity = "error"
    """An error stops the command; a warning does not."""
    table: str = ""
    """The file (or the table in it)."""
    row: int | None = None
    """Line in the file, counted from 1."""
    field: str = ""
    """Column or key."""
    value: str = ""
    """The value that was given."""
    hint: str = ""
    """The nearest valid name, or what to do."""

    def __str__(self) -> str:
        place = self.table + (f":{self.row}" if self.row is not None else "")
        parts = [part for part in (place, self.field) if part]
        came = f"{self.value!r} " if self.value else ""
        hint = f"; {self.hint}" if "(" in self.hint else f" ({self.hint})" if self.hint else ""
        return visible(": ".join([*parts, f"{came}{self.message}{hint}"]))


MOST_ALIKE = 3
"""Most problems of one kind that are shown one by one. Ours: more are one mistake, such as a decimal comma."""


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems with those of one kind as one, where they are many; each once, in their order.

    Of one kind are those of a column of a table whose message is the same, and those of a table whose message is the
    same and that have neither row nor value: columns that are missing.

    Examples
    --------
    >>> rows = [Problem(message="is empty", table="a.csv", row=row, field="x") for row in range(2, 50)]
    >>> [str(problem) for problem in gathered(rows)]
    ['a.csv:2: x: is empty (47 more like it, to line 49)']
    >>> rows = [Problem(message="has no column", table="a.csv", field=f"UA-{number}") for number in range(30, 41)]
    >>> [str(problem) for problem in gathered(rows)]
    ['a.csv: UA-30, UA-31, UA-32 and 8 more: has no column']
    """
    alike: dict[tuple[object, ...], list[Problem]] = {}
    order = {problem: number for number, problem in enumerate(dict.fromkeys(problems))}
    for problem in order:
        whole = problem.row is None and not problem.value and bool(problem.table)
        place = (problem.hint, None) if whole else (problem.field, problem.row is None)
        alike.setdefault((problem.severity, problem.table, problem.message, whole, *place), []).append(problem)
    found: dict[int, Problem] = {}
    for key, group in alike.items():
        few = len(group) <= MOST_ALIKE
        found |= {order[problem]: problem for problem in (group if few else ())}
        found |= {} if few else {order[group[0]]: _one_of(group, by_field=bool(key[3]))}
    return [found[number] for number in sorted(found)]


def _one_of(group: Sequence[Problem], *, by_field: bool) -> Problem:
    """Return one problem for many of a kind."""
    first, more = group[0], len(group) - 1
    if by_field:
        names = [problem.field for problem in group]
        shown = ", ".join(names[:MOST_ALIKE])
        return replace(first, field=f"{shown} and {len(names) - MOST_ALIKE} more")
    last = group[-1].row
    tail = f"{more} more like it" + (f", to line {last}" if last is not None else "")
    return replace(first, hint=f"{first.hint}; {tail}" if first.hint else tail)


OF_NETCDF = "NetCDF:"
"""Beginning of what the netCDF library says in errors of its own."""
DAMAGED = "a result that is read is damaged"


def cannot_write(error: OSError | RuntimeError, place: Path | str, *, field: str = "") -> Problem:
    """Return the problem of a file that cannot be written: the netCDF library raises `RuntimeError` for a full disk."""
    said = getattr(error, "strerror", None) or str(error)
    hint = f"the disk is full, or {DAMAGED}" if said.startswith(OF_NETCDF) else ""
    return Problem(message=f"cannot be written: {said}", table="" if field else str(place), field=field, hint=hint,
                   value=str(place) if field else "")  # fmt: skip


class GridModelError(Exception):
    """Base of every error this library raises on purpose.

    Examples
    --------
    >>> import gridmodel as gm
    >>> issubclass(gm.InputError, gm.GridModelError)
    True
    """


class InputError(GridModelError, ValueError):
    """An error that the user can correct: it carries every problem that was found, reported at once.

    Examples
    --------
    >>> import gridmodel as gm
    >>> try:
    ...     gm.load_scenario("three-regions")
    ... except gm.InputError as error:
    ...     print(error.problems[0].message, error.problems[0].hint, sep="; ")
    is neither a bundled scenario nor a file or folder; nearest: three-region
    """

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        listed = [Problem(message=problems)] if isinstance(problems, str) else list(problems)
        self.problems: list[Problem] = listed
        super().__init__("\n".join(str(problem) for problem in listed))


@dataclass(slots=True)
class Problems:
    """A collection of problems, so that a reader reports all of them at once."""

    found: list[Problem] = field(default_factory=list)
    """In the order in which they were found."""

    def add(
        self,
        message: str,
        *,
        table: str = "",
        row: int | None = None,
        field: str = "",
        value: object = "",
        hint: str = "",
        severity: Severity = "error",
    ) -> None:
        """Add an error, or a warning."""
        shown = str(value)
        shown = shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"
        self.found.append(
            Problem(message=message, severity=severity, table=table, row=row, field=field, value=shown, hint=hint)
        )

    def of(self, call: Callable[[], T]) -> T | None:
        """Return what a function returns; if it raises an `InputError`, take over its problems and return None."""
        try:
            return call()
        except InputError as error:
            self.found += error.problems
            return None

    def raise_if_any(self) -> None:
        """Raise everything that was found so far, each thing once.

        Raises
        ------
        InputError
            If there is at least one error among it.
        """
        if any(problem.severity == "error" for problem in self.found):
            raise InputError(dict.fromkeys(self.found))


def of_validator(message: str) -> str:
    """Return a message of the validator in the words of all others.

    Examples
    --------
    >>> of_validator("Input should be less than or equal to 1")
    'must be less than or equal to 1'
    """
    said = message.replace("Input should ", "must ", 1)
    return said[:1].lower() + said[1:]


_WORDED = {
    "missing": "is required",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "float_parsing": "must be a valid number",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping such as {name: value}",
    "model_type": "must be a mapping such as {name: value}",
    "model_attributes_type": "must be a mapping such as {name: value}",
    "string_unicode": "must be a text of valid characters",
}
"""Words for errors of the validator by their type; for all others those of the validator stay."""
_LENGTHS = {
    "too_short": ("min_length", "must have at least", "value"),
    "too_long": ("max_length", "must have at most", "value"),
    "string_too_short": ("min_length", "must have at least", "character"),
    "string_too_long": ("max_length", "must have at most", "character"),
}
"""Errors of lengths: where the limit is, and the words around it."""


LONG_NUMBER = "contains a number of thousands of digits; write it with fewer"
"""Message about an integer that Python refuses to read."""
_LONG_NUMBER = re.compile(r"\d{1000,}")


def long_number(error: Exception, text: str) -> Problem | None:
    r"""Return the problem of a number in a text that is too long to be read; None if it is not what an error is about.

    Examples
    --------
    >>> try:
    ...     int("9" * 5000)
    ... except ValueError as error:
    ...     print(long_number(error, "seed:\n  " + "9" * 5000).row)
    2
    """
    found = _LONG_NUMBER.search(text) if "int_max_str_digits" in str(error) else None
    return None if found is None else Problem(message=LONG_NUMBER, row=text.count("\n", 0, found.start()) + 1)


def worded(kind: str, message: str, context: Mapping[str, object]) -> str:
    """Return what is said of an error of the validator.

    Parameters
    ----------
    kind, message, context
        Its type, its message, and the limits that it names.

    Examples
    --------
    >>> worded("too_short", "List should have at least 1 item after validation, not 0", {"min_length": 1})
    'must not be empty'
    """
    if kind in _LENGTHS:
        limit, said, unit = _LENGTHS[kind]
        most = context[limit]
        if limit == "min_length" and most == 1:
            return "must not be empty"
        return f"{said} {most:,} {unit}{'' if most == 1 else 's'}"
    return _WORDED.get(kind, of_validator(message))


def nearest(name: str, known: Iterable[str], *, most: int = 1) -> str:
    """Return a hint at the known names nearest to one, or at all known names if none is near and they are few.

    Parameters
    ----------
    name
        The name that was given.
    known
        Names that are allowed.
    most
        Largest number of near names in the hint.

    Returns
    -------
    str
        Hint for the end of a message; empty if none is near and more than 16 are known.

    Examples
    --------
    >>> nearest("ukrane", ["ukraine", "three-region"])
    'nearest: ukraine'
    """
    names = list(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = get_close_matches(name.casefold(), list(folded), n=most, cutoff=0.6)
    if close:
        return f"nearest: {', '.join(folded[name] for name in close)}"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 16 else ""
