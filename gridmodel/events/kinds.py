"""Kinds of event: which numbers each takes, and how it acts on capacity over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.vocabulary import event_class as class_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """An event seen over time, as a kind's function of capacity takes it."""

    hours: Floats
    """From the start of the event's first step to the middle of each step, shape ``(time, 1, 1)``. [h]"""
    share: Floats
    """The event's share, shape ``()`` or ``(member, 1)``. [1]"""
    duration_h: Floats
    """Duration, infinite if it lasts to the end of the run, shape ``()`` or ``(member, 1)``. [h]"""
    healing_h: Floats
    """Time in which what is missing of a `loss` falls to 1/e, infinite if it does not heal, shape ``()`` or
    ``(member, row)``. [h]"""


HEALED = 0.01
"""Share that a loss still lacks at which it has healed. [1] Ours: far below what anybody notices of a network."""
DAY_H = 24.0
"""Time between two returns of what has been mended. [h]"""


def healing(event: Course) -> Floats:
    """Compute the share that remains of what is lost at once and heals.

    Notes
    -----
    ``1 − share · exp(−24 d/τ)`` in the day ``d`` (0, 1, …) after the loss, and 1 once less than `HEALED` is missing: an
    exponential return, the simplest law with one number. By whole days, because what crews have mended is switched
    on once and not minute by minute; ours.

    Examples
    --------
    >>> at = np.array([0.5, 23.5, 24.5, 200.0])[:, None, None]
    >>> day = Course(hours=at, share=np.array(0.4), duration_h=np.array(np.inf), healing_h=np.array(24 / np.log(2)))
    >>> healing(day)[:, 0, 0].round(3)
    array([0.6, 0.6, 0.8, 1. ])
    """
    days = np.floor(np.maximum(event.hours, 0.0) / DAY_H)
    missing = event.share * np.exp(-DAY_H * days / event.healing_h)
    return np.asarray(np.where(missing < HEALED, 1.0, 1.0 - missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event: a row of `KINDS`. Columns are named with their meaning for this kind."""

    meaning: str
    """Meaning, in one sentence."""
    acts: Callable[[Course], Floats] | Literal["strike", "wave", "alert", "repair"]
    """Action. A function gives the share of capacity that remains while the event lasts, in any shape that
    broadcasts to ``(time, member, row)``. A `strike` sends random hits, which crews repair; a `wave` spreads weapons
    over classes and regions, and what gets through hits like a strike; an `alert` stops crews' work; a `repair` ends
    what began before it on the same target."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Columns that it needs."""
    one_of: Mapping[str, str] = field(default_factory=dict)
    """Columns of which it needs exactly one."""
    allows: Mapping[str, str] = field(default_factory=dict)
    """Other columns that it can use."""
    announced: bool = False
    """True if those who import know of it before: it lowers imports without the shock of a loss."""
    special: bool = False
    """True if it applies only to classes whose row names it."""
    by_place: bool = False
    """True if its target is a place without a class."""

    @property
    def columns(self) -> dict[str, str]:
        """Every column that it can use, with its meaning."""
        return {**self.needs, **self.one_of, **self.allows}


KINDS: Mapping[str, EventKind] = {
    "outage": EventKind(
        meaning="A share of capacity is lost.",
        needs={"share": "share of capacity lost"},
        allows={"duration_h": ""},
        acts=lambda event: 1.0 - event.share,
    ),
    "loss": EventKind(
        meaning="A share of capacity is lost at once and heals day by day, at the pace of its zone.",
        needs={"share": "share of capacity lost at once"},
        allows={"healing_h": ""},
        acts=healing,
    ),
    "limit": EventKind(
        meaning="Capacity falls to a share (for `delivery`, a share of evening demand) or to a number of megawatts.",
        one_of={
            "share": "share of capacity or demand that remains",
            "value": "megawatts in place of a share",
        },
        allows={"duration_h": ""},
        acts=lambda event: event.share,
        announced=True,
    ),
    "strike": EventKind(
        meaning="Hits that are not intercepted damage random units of the target; crews repair them.",
        needs={"hits_before_interception": "how many are sent", "interception": "share that is intercepted"},
        allows={"duration_h": ""},
        acts="strike",
    ),
    "wave": EventKind(
        meaning="Weapons of several types: those that are not intercepted damage random units of the classes of a "
        "profile, in random regions of the target; crews repair them.",
        needs={
            "profile": "classes that weapons are sent to",
            "weapons": "number and interception of each type",
        },
        allows={"duration_h": ""},
        acts="wave",
        by_place=True,
    ),
    "alert": EventKind(
        meaning="Repair crews take shelter, and work stops.",
        needs={"duration_h": ""},
        acts="alert",
        special=True,
    ),
    "repair": EventKind(
        meaning="What began before it on the same target ends at once.",
        acts="repair",
    ),
}
"""Every kind of event. The reader, checks, schemas and docs are made from it."""


def kinds_for(event_class: str) -> tuple[str, ...]:
    """Return the kinds of event that apply to a class, in the order of the table.

    Parameters
    ----------
    event_class
        A key of `gridmodel.vocabulary.EVENT_CLASSES`, or a technology that a network lists.
    """
    takes = class_row(event_class).takes
    return tuple(name for name, kind in KINDS.items() if _applies(name, kind, takes))


def _applies(name: str, kind: EventKind, takes: tuple[str, ...]) -> bool:
    """Return whether a kind applies to a class that lists the kinds it takes, or lists none."""
    return name in takes if takes else not (kind.special or kind.by_place)
