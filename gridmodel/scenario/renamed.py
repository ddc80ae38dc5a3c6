"""Settings that were renamed or removed: old names are still read, or answered with what to give instead.

A stream is named after its setting, so a new name alone would change every draw of it; a renamed setting keeps the
stream of its first name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridmodel.errors import Problem
from gridmodel.scenario.origin import Origin

RENAMED: Mapping[str, str] = {}
"""New name of each setting by its old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A setting that a scenario no longer has."""

    default: Any
    """Its last default; a scenario that gives it that, as the manifest of every old run does, is read without it."""
    message: str
    """Replacement, in words."""
    hint: str = ""
    """Setting to give instead."""


REMOVED: Mapping[str, Removed] = {
    "heat_source_trip_below": Removed(
        default=0.3,
        message="was removed: a region's heat sources are units, each with a threshold of its own, whose "
        "sizes differ as heat_source_spread says",
        hint="heat_source_spread",
    ),
    "drain_below_outdoor_c": Removed(
        default=-3.0,
        message="was removed: crews drain a loop once its water would be at 0 °C within drain_lead_h, so "
        "that nothing jumps at one outdoor temperature; the lead that t °C implied is 5 h · ln((10 - t)/-t)",
        hint="drain_lead_h",
    ),
    "night_work_speed": Removed(
        default=0.7,
        message="was removed: the restoration times of facilities contain their nights; at night, "
        "night_crew_share of the crews are on duty",
        hint="night_crew_share",
    ),
}
"""Settings that were removed, by name."""


EARLIER: Mapping[str, Any] = {"rotation": "mean"}
"""Behaviour of earlier versions, by the setting that says so now, where its default is another."""


def without_removed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an earlier version without those that were removed, and with what it did then."""
    return {**EARLIER, **{name: value for name, value in data.items() if name not in REMOVED}}


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
    """Return settings under the names of today, and a problem for each given under both names or removed.

    Parameters
    ----------
    data
        Settings by name.
    origin
        Where they are in a file.
    """
    problems = []
    for name, value in data.items():
        new, gone = current_name(name), REMOVED.get(name)
        row = origin.line([name])
        if new != name and new in data:
            message = f"is the old name of {new}, which is given too; leave one of them out"
            problems.append(Problem(message=message, table=origin.shown, row=row, field=name))
        elif gone is not None and value != gone.default:
            problems.append(Problem(message=gone.message, table=origin.shown, row=row, field=name, hint=gone.hint))
    return {current_name(name): value for name, value in data.items() if name not in REMOVED}, problems
