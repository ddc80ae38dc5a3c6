"""Names as other programs accept them: printable and unique."""

from __future__ import annotations

import math
from collections.abc import Iterable

MAX_NAME = 200
"""Longest name that is written. [character] Ours: keeps files and messages readable."""


def printable(name: str) -> str:
    """Return a name without line breaks and other unprintable characters."""
    return "".join(letter if letter.isprintable() else " " for letter in name)[:MAX_NAME].strip()


def distinct(names: Iterable[str]) -> list[str]:
    """Return unique names: those that repeat are numbered from the second on.

    Examples
    --------
    >>> distinct(["a", "b", "a", "a (2)"])
    ['a', 'b', 'a (2)', 'a (2) (2)']
    """
    taken: set[str] = set()
    found: list[str] = []
    for name in map(printable, names):
        once, count = name or "unnamed", 1
        while once in taken:
            count += 1
            once = f"{name} ({count})"
        taken.add(once)
        found.append(once)
    return found


def label_of(name: object, table: str, index: int) -> str:
    """Return the name of an element; its table and number if it has no name."""
    given = isinstance(name, str | int) or (isinstance(name, float) and math.isfinite(name))
    shown = f"{name:g}" if isinstance(name, float) else str(name)
    return shown if given and shown.strip() else f"{table} {index}"
