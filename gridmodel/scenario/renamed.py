"""Settings that were renamed: their old names are still read, and their random streams keep the first name.

A stream is named after its setting, so a new name alone would change every draw of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gridmodel.errors import Problem
from gridmodel.scenario.origin import Origin

RENAMED: Mapping[str, str] = {}
"""New name of each setting by its old one."""


def current_name(path: str) -> str:
    """Return the path of a number under the name that its setting has today: `availability.hydro`."""
    name, dot, rest = path.partition(".")
    while name in RENAMED:
        name = RENAMED[name]
    return f"{name}{dot}{rest}"


def stream_name(path: str) -> str:
    """Return the path under the first name that its setting had: the name of its random stream."""
    name, dot, rest = path.partition(".")
    old_names = {new: old for old, new in RENAMED.items()}
    while name in old_names:
        name = old_names[name]
    return f"{name}{dot}{rest}"


def with_current_names(data: Mapping[str, Any], origin: Origin) -> tuple[dict[str, Any], list[Problem]]:
    """Return settings under the names of today, and a problem for each that is given under both names.

    Parameters
    ----------
    data
        Settings by name.
    origin
        Where they are in a file.
    """
    problems = []
    for name in data:
        new = current_name(name)
        if new != name and new in data:
            message = f"is the old name of {new}, which is given too; leave one of them out"
            problems.append(Problem(message=message, table=origin.shown, row=origin.line([name]), field=name))
    return {current_name(name): value for name, value in data.items()}, problems
