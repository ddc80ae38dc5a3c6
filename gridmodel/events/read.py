"""Read events and check each against the network, the period and what its kind can do."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from gridmodel.arrays import Ints
from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.events.checks import Named, check_numbers, class_of, read_target
from gridmodel.events.kinds import KINDS
from gridmodel.events.schema import EVENTS
from gridmodel.inputs.files import find_events
from gridmodel.inputs.tables import Column, Rows, check_rows, parse_table, read_text
from gridmodel.network import Network
from gridmodel.scenario import FIRST_YEAR, LAST_YEAR, Distribution, Scenario
from gridmodel.scenario.distributions import Bounds, parse_distribution
from gridmodel.scenario.read import parse_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, checked."""

    start: datetime
    """Local time."""
    kind: str
    """Key of `KINDS`."""
    regions: Ints
    """Positions of the regions of its target, shape ``(region,)``."""
    national: bool
    """True if its target is the whole country."""
    what: str
    """Class of its target, a key of `EVENT_CLASSES`."""
    component: str = ""
    """Id of a single component; empty if the target is a place and a class."""
    share: float = np.nan
    """Share lost or remaining, as its kind says; NaN if not given. [1]"""
    hits: int = 0
    """Hits sent, before interception. [1]"""
    interception: float = 0.0
    """Share of hits that is intercepted. [1]"""
    duration_h: float = np.inf
    """Duration; infinite if not given. [h]"""
    value_mw: float = np.nan
    """Limit; NaN if not given. [MW]"""
    row: int = 0
    """Number of its row among the events, from 1; random streams of its numbers are named after it."""
    drawn: Mapping[str, Distribution] = field(default_factory=dict)
    """Distributions of its numbers `share`, `hits`, `interception`, `duration_h` and `value_mw`, where they have one;
    the attributes are then the medians."""


def load_events(scenario: Scenario, network: Network) -> list[Event]:
    """Read the events of a scenario.

    Parameters
    ----------
    scenario
        It names a CSV file, or contains the rows.
    network
        Network in which targets are looked up.

    Raises
    ------
    InputError
        With every problem: unknown targets with the nearest name, an event outside the period, a column
        that its kind needs or cannot use.
    """
    events, problems = examine_events(scenario, network)
    if problems:
        raise InputError(problems)
    return events


def examine_events(
    scenario: Scenario, network: Network | None, *, unknown: Collection[str] = ()
) -> tuple[list[Event], list[Problem]]:  # fmt: skip
    """Read the events of a scenario, and check as much of them as can be checked.

    Parameters
    ----------
    scenario
        It names a CSV file, or contains the rows; a row that is None is left out.
    network
        Network in which targets are looked up; None if its regions are not known.
    unknown
        Those of `start`, `end` and `timezone` that are not known.

    Returns
    -------
    tuple
        Events of the rows without problems, and all problems.
    """
    problems = Problems()
    given = _Given(scenario, network, frozenset(unknown))
    if not isinstance(scenario.events, str):
        return _inline(scenario.events, given, problems), problems.found
    try:
        path = find_events(scenario.events, beside=scenario.folder)
    except InputError as error:
        return [], error.problems
    if not path.is_file():
        problems.add("is not a file", table=str(path))
    text = read_text(path, problems, shown=path.name) if path.is_file() else None
    if text is None:
        return [], problems.found
    drawn = _Distributions(problems, path.name)
    rows = parse_table(text, EVENTS, problems, shown=path.name, replace=drawn.take)
    return _check(rows, given, problems, drawn), problems.found


@dataclass(frozen=True, slots=True)
class _Given:
    """Scenario and network that events are checked against."""

    scenario: Scenario
    network: Network | None
    unknown: frozenset[str]
    """Those of `start`, `end` and `timezone` that are not known."""


def _inline(given_rows: Sequence[Mapping[str, Any] | None], given: _Given, problems: Problems) -> list[Event]:
    """Read events whose rows are in the scenario; each problem is reported at its line of the scenario's file."""
    shown = "events"
    drawn = _Distributions(problems, shown)
    names = [column.name for column in EVENTS.columns]
    cells: list[tuple[int, list[str]]] = []
    for number, row in enumerate(given_rows, start=1):
        texts = {name: _cell(value) for name, value in (row or {}).items()}
        if not any(texts.values()):
            if row is not None:
                problems.add("is empty", table=shown, row=number)
            continue
        for name in texts:
            if name not in names:
                problems.add("is an unknown column", table=shown, row=number, field=name, hint=nearest(name, names))
        cells.append((number, [texts.get(name, "") for name in names]))
    rows = check_rows(names, cells, EVENTS, problems, shown=shown, replace=drawn.take)
    events = _check(rows, given, problems, drawn)
    problems.found = [
        problem
        if problem.row is None
        else replace(problem, **given.scenario.origin.row("events", problem.row, problem.field))
        for problem in problems.found
    ]
    return events


class _Distributions:
    """Distributions found in cells, by line and column."""

    def __init__(self, problems: Problems, shown: str) -> None:
        self.problems, self.shown = problems, shown
        self.found: dict[int, dict[str, Distribution]] = {}

    def take(self, line: int, column: Column, cell: str) -> str:
        """Note the distribution in a cell and return its median, or an allowed number if the cell is wrong."""
        above = math.isfinite(column.above)
        bounds = Bounds(
            low=column.above if above else column.low, high=column.high, open_low=above, whole=column.kind == "integer"
        )
        try:
            written, _ = parse_yaml(cell, shown="")
            made, message = parse_distribution(written, bounds)
        except InputError as error:
            made, message = None, error.problems[0].message
        if made is None:
            self.problems.add(message, table=self.shown, row=line, field=column.name, value=cell)
            return repr(bounds.some())
        self.found.setdefault(line, {})[column.name] = made
        return repr(made.middle())


def _cell(value: object) -> str:
    """Return the text that a table's cell would have for a value in a scenario file."""
    if isinstance(value, Mapping):
        return json.dumps(value, default=str)
    return "" if value is None else str(value).strip()


def _check(rows: Rows, given: _Given, problems: Problems, drawn: _Distributions) -> list[Event]:
    """Return the events of the rows without problems; note what is wrong with the others."""
    events, wrong = [], defaultdict(set)
    for problem in problems.found:
        wrong[problem.row].add(problem.field)
    for number, (row, line) in enumerate(zip(rows.frame.to_dict("records"), rows.lines, strict=True), start=1):
        before = len(problems.found) - len(wrong[line])
        place = {"table": drawn.shown, "row": line}
        start = _start(str(row["time"]), given, problems, place)
        target = read_target(str(row["target"]), given.network, problems, place)
        if row["kind"] in KINDS:
            check_numbers(row, class_of(str(row["target"])), problems, place, wrong=wrong[line])
        if len(problems.found) == before and start is not None and target is not None:
            found = {_FIELDS.get(name, name): made for name, made in drawn.found.get(line, {}).items()}
            events.append(replace(_event(row, start, target), row=number, drawn=found))
    return events


_FIELDS = {"hits_before_interception": "hits", "value": "value_mw"}
"""Attributes of an event whose column has another name."""


def _event(row: dict[Any, Any], start: datetime, target: Named) -> Event:
    """Return the event of a row that has no problems."""
    hits, duration = row["hits_before_interception"], row["duration_h"]
    return Event(
        start=start,
        kind=str(row["kind"]),
        regions=np.array(target.regions, dtype=np.intp),
        national=target.national,
        what=target.event_class,
        component=target.component,
        share=float(row["share"]),
        hits=0 if np.isnan(hits) else int(hits),
        interception=float(np.nan_to_num(row["interception"])),
        duration_h=np.inf if np.isnan(duration) else float(duration),
        value_mw=float(row["value"]),
    )


def _start(cell: str, given: _Given, problems: Problems, place: dict[str, Any]) -> datetime | None:
    """Return the local time of an event, None if it is outside the run or does not exist."""
    scenario, unknown = given.scenario, given.unknown
    try:
        start = datetime.fromisoformat(cell)
    except ValueError:
        if cell:
            problems.add("is not a local time such as 2026-01-09 02:00", **place, field="time", value=cell)
        return None
    if start.tzinfo is not None:
        message = "must be local time without an offset"
    elif not FIRST_YEAR <= start.year <= LAST_YEAR:
        message = "must lie in the years 1900 to 2200"
    elif "timezone" not in unknown and not scenario.exists(start):
        message = "is skipped by the clock that night: summer time begins"
    elif ("start" not in unknown and scenario.to_utc(start) < scenario.start_utc) or (
        "end" not in unknown and scenario.to_utc(start) >= scenario.end_utc
    ):
        message = _outside(given)
    else:
        return start
    problems.add(message, **place, field="time", value=cell)
    return None


def _outside(given: _Given) -> str:
    """Return the message about an event outside the run, with as much of its period as is known."""
    ends = (("start", given.scenario.start), ("end", given.scenario.end))
    first, last = ("?" if name in given.unknown else f"{moment:%Y-%m-%d %H:%M}" for name, moment in ends)
    return f"is outside the run ({first} to {last})"
