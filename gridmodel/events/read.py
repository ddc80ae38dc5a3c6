"""Read events and check each against the network, the period and what its kind can do."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from gridmodel.arrays import Ints
from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.events.checks import Named, check_numbers, class_of, read_place, read_target
from gridmodel.events.kinds import KINDS
from gridmodel.events.past import PastRow
from gridmodel.events.profiles import PROFILES
from gridmodel.events.schema import EVENTS
from gridmodel.events.weapons import Salvo, read_weapons
from gridmodel.inputs.files import find_events
from gridmodel.inputs.shares import plain_share, split_by_comma
from gridmodel.inputs.table_schema import Column
from gridmodel.inputs.tables import Rows, check_rows, parse_table, read_text
from gridmodel.inputs.technologies import own_technologies
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
    """Class of its target, a key of `EVENT_CLASSES`; empty for a wave."""
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
    healing_h: float = np.nan
    """Time in which what is missing of a loss falls to 1/e; NaN if not given. [h]"""
    value_mw: float = np.nan
    """Limit; NaN if not given. [MW]"""
    profile: str = ""
    """Profile of a wave, a key of `PROFILES`; empty for other kinds."""
    weapons: Mapping[str, Salvo] = field(default_factory=dict)
    """Weapons of a wave by type."""
    row: int = 0
    """Number of its row among the events, from 1; random streams of its numbers are named after it."""
    drawn: Mapping[str, Distribution] = field(default_factory=dict)
    """Distributions of its numbers `share`, `hits`, `interception`, `duration_h`, `healing_h` and `value_mw`, where
    they have one; the attributes are then the medians."""
    strike: int = -1
    """Number of a strike among the strikes of its run, or of a wave among the waves, from 0; its random streams are
    named after it. -1 if it is its place among them."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """Text of each cell that is not empty, by column."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the classes that it may act on."""
        return tuple(PROFILES[self.profile].shares) if self.profile else (self.what,)


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
    scenario: Scenario, network: Network | None, *, unknown: Collection[str] = (),
    past: Sequence[PastRow] | None = None, shown: str = "",
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
    past
        Events before the start, which a state has; None where a run does not begin from one. Rows of the scenario
        before its start are then left out if they are among them, and a problem if not.
    shown
        Name of the file of that state in messages; empty if it cannot be read.

    Returns
    -------
    tuple
        Events of the rows without problems, those of the past first, and all problems.

    Notes
    -----
    Random streams are named after the place of a row and of a strike in the file. Rows that the file lacks of the past
    count as if they came first, so that nothing that is drawn anew has the stream of what has happened.
    """
    if past is None:
        return _examine(_Given(scenario, network, frozenset(unknown)), Problems())
    problems = Problems()
    before = _Given(scenario, network, frozenset(unknown), past=True)
    earlier = _of_past(past, before, problems, shown)
    had = Counter(_alike(event) for event in earlier) if shown and not problems.found else None
    given = _Given(scenario, network, frozenset(unknown), resumed=True, had=had)
    events, found = _examine(given, Problems())
    known = Counter(_numbered(row.cells.get("kind", "")) for row in past if row.strike >= 0)
    rows = max(0, len(past) - given.left_out[ROWS])
    later = [
        replace(
            event, row=event.row + rows,
            strike=event.strike + max(0, known[acts] - given.left_out[acts]) if event.strike >= 0 else -1,
        ) for event in events for acts in [_numbered(event.kind)]
    ]  # fmt: skip
    return [*earlier, *later], [*problems.found, *found]


def _of_past(past: Sequence[PastRow], given: _Given, problems: Problems, shown: str) -> list[Event]:
    """Return the events of rows of the past, checked like any others."""
    drawn = _Distributions(problems, shown)
    names = [column.name for column in EVENTS.columns]
    lines = [(number, [row.cells.get(name, "") for name in names]) for number, row in enumerate(past, start=1)]
    rows = check_rows(names, lines, EVENTS, problems, shown=shown, replace=drawn.take)
    events = _check(rows, given, problems, drawn)
    if problems.found:
        return []
    return [replace(event, row=row.row, strike=row.strike) for event, row in zip(events, past, strict=True)]


def _examine(given: _Given, problems: Problems) -> tuple[list[Event], list[Problem]]:
    """Read the events that a scenario names or contains."""
    scenario = given.scenario
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


ROWS = ""
"""Key of the number of all rows in a count by kind."""
NUMBERED = ("strike", "wave")
"""Actions of kinds whose events are numbered, each action by itself, so that no wave moves what a strike draws."""


def _numbered(kind: str) -> str:
    """Return the action of a kind whose events are numbered; empty for others."""
    acts = KINDS[kind].acts if kind in KINDS else ""
    return str(acts) if acts in NUMBERED else ""


@dataclass(frozen=True, slots=True)
class _Given:
    """Scenario and network that events are checked against."""

    scenario: Scenario
    network: Network | None
    unknown: frozenset[str]
    """Those of `start`, `end` and `timezone` that are not known."""
    past: bool = False
    """True for events that must lie before the start."""
    resumed: bool = False
    """True where rows before the start are left out: the state from which the run begins has them."""
    had: Counter[str] | None = None
    """How often that state has an event, by `_alike`; None if it cannot be read."""
    places: dict[tuple[str, str], Named] = field(default_factory=dict)
    """Targets of waves that were found, by their text and profile."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Number of rows that were left out (`ROWS`), and of those among them that are numbered, by action."""

    @property
    def own_technologies(self) -> tuple[str, ...] | None:
        """Technologies that the network lists; None if its table of them leaves them open."""
        if self.network is not None and "technologies" not in self.network.broken:
            return self.network.own_technologies
        return own_technologies(self.scenario.network, self.scenario.folder)


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
        split = split_by_comma(row or {})
        for name in texts:
            if name not in names:
                hint = split.get(name) or nearest(name, names)
                problems.add("is an unknown column", table=shown, row=number, field=name, hint=hint)
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
        self.texts: dict[int, dict[str, str]] = {}

    def take(self, line: int, column: Column, cell: str) -> str:
        """Note the distribution in a cell and return its median, or an allowed number if the cell is wrong."""
        above = math.isfinite(column.above)
        bounds = Bounds(
            low=column.above if above else column.low, high=column.high, open_low=above, whole=column.kind == "integer"
        )
        try:
            written, _ = parse_yaml(cell, shown="")
            is_share = column.unit == "1" and column.high == 1.0
            made, message = parse_distribution(plain_share(written) if is_share else written, bounds)
        except InputError as error:
            made, message = None, error.problems[0].message
        if made is None:
            self.problems.add(message, table=self.shown, row=line, field=column.name, value=cell)
            return repr(bounds.some())
        self.found.setdefault(line, {})[column.name] = made
        self.texts.setdefault(line, {})[column.name] = cell
        return repr(made.middle())


def _cell(value: object) -> str:
    """Return the text that a table's cell would have for a value in a scenario file."""
    if isinstance(value, Mapping):
        return json.dumps(value, default=str)
    return "" if value is None else str(value).strip()


def _check(rows: Rows, given: _Given, problems: Problems, drawn: _Distributions) -> list[Event]:
    """Return the events of the rows without problems; note what is wrong with the others."""
    events, numbers, wrong, own = [], Counter[str](), defaultdict(set), given.own_technologies
    for problem in problems.found:
        wrong[problem.row].add(problem.field)
    for number, (row, line) in enumerate(zip(rows.frame.to_dict("records"), rows.lines, strict=True), start=1):
        before = len(problems.found) - len(wrong[line])
        place = {"table": drawn.shown, "row": line}
        kind = KINDS.get(str(row["kind"]))
        acts = _numbered(str(row["kind"]))
        strike = numbers[acts] if acts else -1
        numbers[acts] += 1
        start = _start(str(row["time"]), given, problems, place)
        if start is not None and given.resumed and _before(given, start):
            given.left_out.update([ROWS, *filter(None, [acts])])
            if given.had is not None and given.network is not None and len(problems.found) == before:
                _check_past(row, start, given, problems, place, drawn=drawn.found.get(line, {}))
            continue
        target = _target(row, given, problems, place)
        weapons: Mapping[str, Salvo] = {}
        if kind is not None:
            named = None if kind.by_place else class_of(str(row["target"]), own)
            check_numbers(row, named, problems, place, wrong=wrong[line])
            if "weapons" in kind.columns and row["weapons"]:
                weapons = read_weapons(str(row["weapons"]), problems, place)
        if len(problems.found) == before and start is not None and target is not None:
            cells = _texts(row) | drawn.texts.get(line, {})
            event = _event(row, start, target, drawn.found.get(line, {}), weapons)
            events.append(replace(event, row=number, strike=strike, cells=cells))
    return events


def _target(row: Mapping[Any, Any], given: _Given, problems: Problems, place: dict[str, Any]) -> Named | None:
    """Look up the target of a row: a place for a kind that spreads over classes, else a place and a class."""
    kind, cell = KINDS.get(str(row["kind"])), str(row["target"])
    if kind.by_place if kind is not None else row["profile"] or row["weapons"]:
        key = cell, str(row["profile"])
        if key not in given.places:
            found = read_place(*key, given.network, problems, place)
            if found is None:
                return None
            given.places[key] = found  # None is not kept: its problem belongs to each row
        return given.places[key]
    return read_target(cell, given.network, problems, place, own=given.own_technologies)


def _check_past(
    row: dict[Any, Any], start: datetime, given: _Given, problems: Problems, place: dict[str, Any], *,
    drawn: Mapping[str, Distribution],
) -> None:  # fmt: skip
    """Note an event before the state from which a run begins that the run which saved the state did not have."""
    had = Counter[str]() if given.had is None else given.had
    target = _target(row, given, Problems(), place)
    weapons = read_weapons(str(row["weapons"]), Problems(), place) if row["weapons"] else {}
    key = "" if target is None else _alike(_event(row, start, target, drawn, weapons))
    if had[key] > 0:
        had[key] -= 1
        return
    begin = f"{given.scenario.start:%Y-%m-%d %H:%M}"
    message = f"is before the state from which the run begins, {begin}, and was not in the run that saved it"
    hint = f"date it {begin} or later, or save the state again with it"
    problems.add(message, **place, field="time", value=str(row["time"]), hint=hint)


def _alike(event: Event) -> str:
    """Return a text that two events share if they do the same at the same time, however their rows are written."""
    same = replace(event, regions=np.zeros(0, dtype=np.intp), row=0, strike=-1, drawn={}, cells={})
    drawn = sorted((name, repr(made)) for name, made in event.drawn.items())
    return f"{same!r} {event.regions.tolist()} {drawn}"


def _texts(row: Mapping[Any, Any]) -> dict[str, str]:
    """Return the text of each cell that is not empty; numbers are written so that they read the same."""
    given = {str(name): value for name, value in row.items() if value == value and value != ""}  # noqa: PLR0124 - NaN
    return {name: _number(value) if isinstance(value, float) else str(value) for name, value in given.items()}


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(float(value))


def _before(given: _Given, start: datetime) -> bool:
    """Return whether a time is before the start of the run, if that is known."""
    return not given.unknown & {"start", "timezone"} and given.scenario.to_utc(start) < given.scenario.start_utc


_FIELDS = {"hits_before_interception": "hits", "value": "value_mw"}
"""Attributes of an event whose column has another name."""


def _event(
    row: dict[Any, Any], start: datetime, target: Named, drawn: Mapping[str, Distribution],
    weapons: Mapping[str, Salvo],
) -> Event:  # fmt: skip
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
        healing_h=float(row["healing_h"]),
        value_mw=float(row["value"]),
        profile=str(row["profile"]),
        weapons=dict(weapons),
        drawn={_FIELDS.get(name, name): made for name, made in drawn.items()},
    )


def _start(cell: str, given: _Given, problems: Problems, place: dict[str, Any]) -> datetime | None:
    """Return the local time of an event, None if it is outside the run or does not exist."""
    scenario, unknown, hint = given.scenario, given.unknown, ""
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
    elif given.past and not unknown and not _before(given, start):
        message = f"is not before the state, {scenario.start:%Y-%m-%d %H:%M}"
    elif (
        not (given.past or given.resumed) and "start" not in unknown and scenario.to_utc(start) < scenario.start_utc
    ) or ("end" not in unknown and scenario.to_utc(start) >= scenario.end_utc):
        message, hint = _outside(given), "leave such rows out of a copy of the file, or move the start or the end"
        hint = hint if isinstance(scenario.events, str) else "leave such rows out, or move the start or the end"
    else:
        return start
    problems.add(message, **place, field="time", value=cell, hint=hint)
    return None


def _outside(given: _Given) -> str:
    """Return the message about an event outside the run, with as much of its period as is known."""
    ends = (("start", given.scenario.start), ("end", given.scenario.end))
    first, last = ("?" if name in given.unknown else f"{moment:%Y-%m-%d %H:%M}" for name, moment in ends)
    return f"is outside the run, {first} to {last}"
