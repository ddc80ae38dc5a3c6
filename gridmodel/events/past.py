"""Damage that has happened before a run begins from a state: its hits, the work done on them, and what it fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import InputError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """Row of an event that has begun, as it was given."""

    cells: Mapping[str, str]
    """Text of each cell that is not empty, by column."""
    row: int
    """Number that its random streams are named after, see `Event.row`."""
    strike: int
    """Number of a strike among all, -1 for another kind, see `Event.strike`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJobs:
    """Hits of all strikes that have begun, and the work done on each, of shape ``(member, job)``.

    A job is a hit that was sent, as in `Repairs`. Steps count from the state: those before it are negative.
    """

    SHAPES: ClassVar[Mapping[str, tuple[str, ...]]] = dict.fromkeys(
        ("unit", "position", "state", "remaining", "work_h", "done_h", "worked", "end"), ("member", "job")
    )
    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = {
        "unit": (-1, 1e7), "position": (0, 1e6), "state": (-1, 10), "remaining": (0, 1), "work_h": (0, 1e7),
        "done_h": (0, 1e7), "worked": (-1e6, 0), "end": (-1e6, 0),
    }  # fmt: skip

    unit: Ints
    """Unit of the target, -1 if the hit did not arrive."""
    position: Ints
    """Position of the unit's row among the rows of the target."""
    state: Ints
    """Position in `DAMAGE_STATES`, -1 if the hit did not arrive."""
    remaining: Floats
    """Share of the unit's capacity that remains. [1]"""
    work_h: Floats
    """Work of a crew at full speed, travel included. [h]"""
    done_h: Floats
    """Work that is done. [h]"""
    worked: Floats
    """First step after the work, infinite while it goes on."""
    end: Floats
    """First step in which it is repaired, infinite while it is not."""

    def of(self, jobs: slice) -> OpenJobs:
        """Return some of the jobs."""
        return OpenJobs(**{name: getattr(self, name)[:, jobs] for name in self.SHAPES})

    def part(self, members: slice | Ints) -> OpenJobs:
        """Return the jobs of some members."""
        return OpenJobs(**{name: getattr(self, name)[members] for name in self.SHAPES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Damage and open jobs that events before a state have left."""

    SHAPES: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "worked_steps": ("two", "strike", "place"), "limit_base_mw": ("limit", "member?", "region"),
        "damaged_mw": ("member?", "region"),
    }  # fmt: skip
    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = {
        "worked_steps": (0, 1e6), "limit_base_mw": (0, 1e7), "damaged_mw": (0, 1e7)
    }  # fmt: skip

    rows: tuple[PastRow, ...] = ()
    """Events that have begun, in their order."""
    jobs: OpenJobs | None = None
    """Hits of strikes; None where none was drawn."""
    worked_steps: Floats | None = None
    """Steps of work at full speed since each strike, one step before the state and at it, of each region and of work
    that takes no region's crews, shape ``(2, strike, region + 1)``; None unless deterministic. [1]"""
    limit_base_mw: Floats | None = None
    """Demand that each limit of delivery by share refers to, shape ``(limit, member, region)``; the member axis may be
    1. None without one. [MW]"""
    damaged_mw: Floats | None = None
    """Demand that hits on delivery refer to, 0 where the network is whole, shape ``(member, region)``; the member axis
    may be 1. None where none is hit. [MW]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """Place at which a run goes on from a state, and what it has to go on with."""

    step: int
    """Step at which it goes on; the step before is as it was in the run that saved the state."""
    past: Past
    """Damage from before; its events are the first of the run."""
    elapsed: int = 0
    """Steps of the runs before that are before the first step of this one."""
    working: Mapping[str, Floats] = field(default_factory=dict)
    """Share of each unit (of each plant, if deterministic) that worked in the step before, by technology, shape
    ``(member, unit)``. [1]"""
    shown: str = ""
    """Name of the file in messages."""


@dataclass(slots=True)
class Noted:
    """Notes that are taken while a timeline is built, for states to be saved at some steps."""

    steps: Sequence[int]
    """Steps of the run, ascending."""
    worked_steps: list[list[Floats]] = field(default_factory=list)
    """By strike of a deterministic run, and step of `steps`: shape ``(2, region + 1)``."""
    damaged_mw: Floats | None = None
    """As in `Past`, at each of `steps`, shape ``(state, member, region)``."""
    working: dict[str, Floats] = field(default_factory=dict)
    """Share of units that work in the step before each of `steps`, by technology, shape ``(state, member, unit)``."""


def check_jobs(jobs: OpenJobs, hits: Sequence[int], units: Sequence[int], rows: Sequence[int], shown: str) -> None:
    """Refuse hits that do not fit the strikes of which they are said to be.

    Parameters
    ----------
    jobs
        Hits of all strikes.
    hits
        Hits of each strike that have a place in the arrays.
    units, rows
        Units and rows of the target of each strike.
    shown
        Name of the file in messages.

    Raises
    ------
    InputError
        If their number is another, or one is on a unit or row that the target does not have.
    """
    problems = []
    if jobs.unit.shape[1] != sum(hits):
        problems.append(_problem(f"has {jobs.unit.shape[1]} hits; its strikes have {sum(hits)}", shown))
    else:
        most, last = (np.repeat(np.asarray(values, dtype=np.intp), hits) for values in (units, rows))
        if (jobs.unit >= most).any() or (jobs.position >= last).any():
            problems.append(_problem("has a hit on a unit that the target of its strike does not have", shown))
    if problems:
        raise InputError(problems)


def _problem(message: str, shown: str) -> Problem:
    return Problem(message=message, table=shown, field="past.jobs")


def rows_of_past(text: object, shown: str) -> list[PastRow]:
    """Return the rows of past events that a file gives, checked as far as no network is needed.

    Parameters
    ----------
    text
        Decoded JSON: a list of mappings with `cells`, `row` and `strike`.
    shown
        Name of the file in messages.

    Raises
    ------
    InputError
        If it is anything else.
    """
    rows: list[PastRow] = []
    for one in text if isinstance(text, list) else [None]:
        given: Any = one if isinstance(one, dict) else {}
        cells, row, strike = given.get("cells"), given.get("row"), given.get("strike")
        texts = isinstance(cells, dict) and all(isinstance(value, str) for value in cells.values())
        whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (row, strike))
        if not (texts and whole and 1 <= row < 2**31 and -1 <= strike < 2**31):
            message = "must be a list of rows of events, each with cells, row and strike"
            raise InputError([Problem(message=message, table=shown, field="events")])
        rows.append(PastRow(cells=dict(cells), row=row, strike=strike))
    return rows
