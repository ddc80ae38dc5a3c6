"""What can be wrong: one error a user can mend, and the list of problems it carries.

Anything that is not an `InputError` is a bug and may crash loudly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]

MAX_SHOWN = 80
"""Longest value that a problem shows. Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where."""

    message: str
    """What is wrong and what is allowed, as a sentence without its place."""
    severity: Severity = "error"
    """An error stops the command; a warning does not."""
    table: str = ""
    """The file (or the table in it)."""
    row: int | None = None
    """Line in the file, counted from 1."""
    field: str = ""
    """Column or key."""
    value: str = ""
    """What came."""
    hint: str = ""
    """The nearest valid name, or what to do."""

    def __str__(self) -> str:
        place = self.table + (f":{self.row}" if self.row is not None else "")
        parts = [part for part in (place, self.field) if part]
        came = f"{self.value!r} " if self.value else ""
        hint = f" ({self.hint})" if self.hint else ""
        return ": ".join([*parts, f"{came}{self.message}{hint}"])


class GridModelError(Exception):
    """Base of every error this library raises on purpose."""


class InputError(GridModelError, ValueError):
    """Something the user can mend: carries every problem found, reported at once."""

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        listed = [Problem(message=problems)] if isinstance(problems, str) else list(problems)
        self.problems: list[Problem] = listed
        super().__init__("\n".join(str(problem) for problem in listed))


@dataclass(slots=True)
class Problems:
    """Collects problems so that a reader reports all of them at once."""

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
        """Note an error, or a warning."""
        shown = str(value)
        shown = shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}…"
        self.found.append(
            Problem(message=message, severity=severity, table=table, row=row, field=field, value=shown, hint=hint)
        )

    def raise_if_any(self) -> None:
        """Raise everything found so far.

        Raises
        ------
        InputError
            If at least one error was noted.
        """
        if any(problem.severity == "error" for problem in self.found):
            raise InputError(self.found)


def nearest(name: str, known: Iterable[str], *, most: int = 1) -> str:
    """Hint at the nearest known names, at most so many, or at all where none is near and they are few.

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
