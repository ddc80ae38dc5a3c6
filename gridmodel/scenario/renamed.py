"""Settings that were renamed or removed: old names are still read, and random streams keep the first name.

A stream is named after its setting, so a new name alone would change every draw of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gridmodel.errors import Problem
from gridmodel.scenario.origin import Origin

RENAMED: Mapping[str, str] = {}
"""New name of each setting by its old one."""

REMOVED: Mapping[str, str] = {
    "heat_source_trip_below": "was removed: each unit of a heat source now has a threshold of its own; leave it out",
}
"""What is wrong with each setting that was removed; runs and sweeps of before are read without it."""


def without_removed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an earlier version without those that were removed."""
    return {name: value for name, value in data.items() if name not in REMOVED}


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
    """Return settings under the names of today, and a problem for each that is given twice or was removed.

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
        if name in REMOVED:
            problems.append(Problem(message=REMOVED[name], table=origin.shown, row=origin.line([name]), field=name))
        if new != name and new in data:
            message = f"is the old name of {new}, which is given too; leave one of them out"
            problems.append(Problem(message=message, table=origin.shown, row=origin.line([name]), field=name))
    return {current_name(name): value for name, value in without_removed(data).items()}, problems
