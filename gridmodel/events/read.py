"""Read events and check each against the network, the period and what its kind can do."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gridmodel.errors import InputError, Problems, nearest
from gridmodel.inputs.files import find_events
from gridmodel.inputs.tables import Column, Rows, Table, check_rows, json_schema, parse_table, read_text
from gridmodel.network import Network
from gridmodel.scenario import FIRST_YEAR, LAST_YEAR, Distribution, Scenario
from gridmodel.scenario.distributions import Bounds, distribution_schema, parse_distribution
from gridmodel.scenario.read import parse_yaml
from gridmodel.vocabulary import CLASSES, EVENT_KINDS, TECHNOLOGIES

EVENTS = Table(
    name="events",
    meaning="What happens: one row an event",
    key="",
    columns=(
        Column(name="time", meaning="Local time, e.g. 2026-01-09 02:00; rounded down to the step"),
        Column(
            name="target",
            meaning="place/class: a region, zone or the country, and what is hit, e.g. UA-30/delivery",
        ),
        Column(name="kind", choices=EVENT_KINDS, meaning="What happens"),
        Column(
            name="share",
            kind="number",
            unit="1",
            low=0.0,
            high=1.0,
            required=False,
            drawn=True,
            meaning="outage: share of capacity lost; limit: share of need or capacity left",
        ),
        Column(
            name="hits_before_interception",
            kind="integer",
            unit="1",
            low=0,
            high=1000,
            required=False,
            drawn=True,
            meaning="strike: how many are sent",
        ),
        Column(
            name="interception",
            kind="number",
            unit="1",
            low=0.0,
            high=1.0,
            required=False,
            drawn=True,
            meaning="strike: share that is intercepted",
        ),
        Column(
            name="duration_h",
            kind="number",
            unit="h",
            above=0.0,
            high=1e6,
            required=False,
            drawn=True,
            meaning="How long it lasts; empty: to the end, and for a strike until repaired",
        ),
        Column(
            name="value",
            kind="number",
            unit="MW",
            low=0.0,
            high=1e9,
            required=False,
            drawn=True,
            meaning="limit: megawatts in place of a share (delivery and import)",
        ),
        Column(name="note", meaning="Free text", required=False),
    ),
)
"""Columns of an events file."""

_COMPONENTS: dict[str, Literal["generator", "branch"]] = {
    "gen": "generator",
    "line": "branch",
    "trafo": "branch",
}
BUNDLED_TARGETS = (
    "names a single component of a bundled network; events there name classes in a region, a zone or the country, "
    "because this tool protects people and does not point at single assets"
)
"""Why a component target is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, checked."""

    start: datetime
    """Local time."""
    kind: str
    regions: npt.NDArray[np.intp]
    """Positions of the regions it reaches."""
    national: bool
    """Whether the place is the whole country."""
    what: str
    """Class, or `component`."""
    component: str = ""
    """Id of a single component."""
    share: float = np.nan
    hits: int = 0
    interception: float = 0.0
    duration_h: float = np.inf
    value_mw: float = np.nan
    row: int = 0
    """Number of its row among the events, from 1; it names the streams of what is drawn."""
    drawn: Mapping[str, Distribution] = field(default_factory=dict)
    """Numbers of it that members draw: `share`, `hits`, `interception`, `duration_h`, `value_mw`. They themselves hold
    the median."""


def load_events(scenario: Scenario, network: Network) -> list[Event]:
    """Read the events of a scenario.

    Parameters
    ----------
    scenario
        Names a CSV file or holds the rows.
    network
        What the targets are looked up in.

    Raises
    ------
    InputError
        With every problem: unknown targets with the nearest name, an event outside the period, a column
        that its kind needs or cannot use.
    """
    if not isinstance(scenario.events, str):
        return _inline(scenario.events, scenario, network)
    problems = Problems()
    path = find_events(scenario.events, beside=scenario.folder)
    shown = path.name
    if not path.is_file():
        problems.add("is not a file", table=str(path))
    text = read_text(path, problems, shown=shown) if path.is_file() else None
    problems.raise_if_any()
    drawn = _Drawn(problems, shown)
    rows = parse_table(text or "", EVENTS, problems, shown=shown, replace=drawn.take)
    events = _check(rows, scenario, network, problems, drawn)
    problems.raise_if_any()
    return events


def _inline(given: Sequence[Mapping[str, Any]], scenario: Scenario, network: Network) -> list[Event]:
    """Events whose rows stand in the scenario; problems raised, each at its line in the file."""
    problems, shown = Problems(), "events"
    drawn = _Drawn(problems, shown)
    names = [column.name for column in EVENTS.columns]
    cells: list[tuple[int, list[str]]] = []
    for number, row in enumerate(given, start=1):
        texts = {name: _cell(value) for name, value in row.items()}
        if not any(texts.values()):
            problems.add("is empty", table=shown, row=number)
            continue
        for name in texts:
            if name not in names:
                problems.add("is an unknown column", table=shown, row=number, field=name, hint=nearest(name, names))
        cells.append((number, [texts.get(name, "") for name in names]))
    rows = check_rows(names, cells, EVENTS, problems, shown=shown, replace=drawn.take)
    events = _check(rows, scenario, network, problems, drawn)
    problems.found = [
        problem
        if problem.row is None
        else replace(problem, **scenario.origin.row("events", problem.row, problem.field))
        for problem in problems.found
    ]
    problems.raise_if_any()
    return events


class _Drawn:
    """Distributions in cells, by line and column."""

    def __init__(self, problems: Problems, shown: str) -> None:
        self.problems, self.shown = problems, shown
        self.found: dict[int, dict[str, Distribution]] = {}

    def take(self, line: int, column: Column, cell: str) -> str:
        """Note the distribution in a cell, and return its median; a number that is allowed if there is none."""
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
    """What a cell of a table holds for a value of a scenario file."""
    if isinstance(value, Mapping):
        return json.dumps(value, default=str)
    return "" if value is None else str(value).strip()


def _check(rows: Rows, scenario: Scenario, network: Network, problems: Problems, drawn: _Drawn) -> list[Event]:
    events = []
    for number, (row, line) in enumerate(zip(rows.frame.to_dict("records"), rows.lines, strict=True), start=1):
        before = len(problems.found)
        place = {"table": drawn.shown, "row": line}
        start = _start(str(row["time"]), scenario, problems, place)
        target = _target(str(row["target"]), network, problems, place)
        if row["kind"] in EVENT_KINDS and target is not None:
            _check_fields(row, target[2], problems, place)
        if len(problems.found) == before and start is not None and target is not None:
            found = {_FIELDS.get(name, name): made for name, made in drawn.found.get(line, {}).items()}
            events.append(replace(_event(row, start, target), row=number, drawn=found))
    return events


_FIELDS = {"hits_before_interception": "hits", "value": "value_mw"}
"""Columns that an event calls by another name."""


def _event(row: dict[Any, Any], start: datetime, target: tuple[list[int], bool, str, str]) -> Event:
    regions, national, what, component = target
    hits, duration = row["hits_before_interception"], row["duration_h"]
    return Event(
        start=start,
        kind=str(row["kind"]),
        regions=np.array(regions, dtype=np.intp),
        national=national,
        what=what,
        component=component,
        share=float(row["share"]),
        hits=0 if np.isnan(hits) else int(hits),
        interception=float(np.nan_to_num(row["interception"])),
        duration_h=np.inf if np.isnan(duration) else float(duration),
        value_mw=float(row["value"]),
    )


def _start(cell: str, scenario: Scenario, problems: Problems, place: dict[str, Any]) -> datetime | None:
    """Local time of an event, if it is one that the clock shows within the run."""
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
    elif not scenario.exists(start):
        message = "is skipped by the clock that night: summer time begins"
    elif not scenario.start_utc <= scenario.to_utc(start) < scenario.end_utc:
        message = f"is outside the run ({scenario.start:%Y-%m-%d %H:%M} to {scenario.end:%Y-%m-%d %H:%M})"
    else:
        return start
    problems.add(message, **place, field="time", value=cell)
    return None


def _target(
    cell: str, network: Network, problems: Problems, place: dict[str, Any]
) -> tuple[list[int], bool, str, str] | None:
    """Regions, whether national, class and component of a target; notes what is wrong with it."""
    prefix, colon, _ = cell.partition(":")
    if colon and prefix in _COMPONENTS:
        return _component(cell, network, problems, place)
    where, slash, what = cell.rpartition("/")
    if not slash:
        if cell:
            problems.add("must be place/class, e.g. UA-30/delivery", **place, field="target", value=cell)
        return None
    regions = _place(where, network)
    before = len(problems.found)
    _check_names(where, what, regions, network, problems, place)
    if len(problems.found) > before:
        return None
    return regions, len(regions) == len(network.regions), what, ""


def _check_names(  # noqa: PLR0917 - the parts of one cell
    where: str, what: str, regions: list[int], network: Network, problems: Problems, place: dict[str, Any]
) -> None:
    """Note a place or class that is unknown, or that select nothing together."""
    at = {**place, "field": "target"}
    if not regions:
        known = [*network.regions, *dict.fromkeys(network.zones), *filter(None, [network.country])]
        message = "is no region, zone or country of this network"
        problems.add(message, **at, value=where, hint=nearest(where, known))
    if what == "wastewater":
        problems.add("is a class that this version does not model", **at, value=what)
    elif what not in CLASSES:
        problems.add("is no class of this model", **at, value=what, hint=nearest(what, CLASSES))
    elif regions and not _selects(what, regions, network):
        problems.add("selects nothing in this network", **at, value=f"{where}/{what}")


def _component(
    cell: str, network: Network, problems: Problems, place: dict[str, Any]
) -> tuple[list[int], bool, str, str] | None:
    prefix, _, component = cell.partition(":")
    if network.bundled:
        problems.add(BUNDLED_TARGETS, **place, field="target", value=cell)
        return None
    table = {"gen": "generators", "line": "lines", "trafo": "transformers"}[prefix]
    known = list(network.tables[table]["id"])
    if component not in known:
        hint = nearest(component, known)
        problems.add(f"is not in {table}.csv", **place, field="target", value=component, hint=hint)
        return None
    region = str(network.tables[table].set_index("id")["region"][component])
    regions = [network.regions.index(region)] if region else []
    return regions, False, _COMPONENTS[prefix], component


def _place(where: str, network: Network) -> list[int]:
    """Positions of the regions of a place."""
    if where in network.regions:
        return [network.regions.index(where)]
    zones = network.zones
    if where in zones:
        return [position for position, zone in enumerate(zones) if zone == where]
    return list(range(len(zones))) if where and where in {network.country, "ALL"} else []


def _selects(what: str, regions: list[int], network: Network) -> bool:
    """Whether a class has anything in some regions."""
    names = {network.regions[position] for position in regions}
    tables = network.tables
    heat, water, plants = tables["heat_systems"], tables["water_systems"], tables["generators"]
    here = plants[plants["region"].isin(names)]
    if what in {"heat_source", "heat_network"}:
        found = heat["region"].isin(names) & (heat["source_max_mw_th"] > 0)
    elif what in {"water_pumping", "wastewater"}:
        found = water["region"].isin(names)
    elif what == "import":
        found = tables["interconnectors"]["p_max_mw"] >= 0
        return bool(found.any()) and len(regions) == len(network.regions)
    elif what in {"transfer", "delivery", "fuel", "crew"}:
        return what != "transfer" or _has_corridor(names, network)
    else:
        found = here["technology"].isin([what] if what != "generation" else TECHNOLOGIES)
    return bool(found.any())


def _has_corridor(names: set[str], network: Network) -> bool:
    """Whether a branch leaves one of some regions."""
    region = dict(zip(network.tables["buses"]["id"], network.tables["buses"]["region"], strict=True))
    for table, ends in (("lines", ("from_bus", "to_bus")), ("transformers", ("hv_bus", "lv_bus"))):
        for start, end in network.tables[table][[*ends]].itertuples(index=False):
            if region[start] != region[end] and {region[start], region[end]} & names:
                return True
    return False


_NEEDS: dict[str, set[str]] = {
    "outage": {"share"},
    "strike": {"hits_before_interception", "interception"},
    "alert": {"duration_h"},
}
"""Columns that a kind cannot do without."""
_ALLOWS: dict[str, set[str]] = {
    "outage": {"share", "duration_h"},
    "limit": {"share", "value", "duration_h"},
    "strike": {"hits_before_interception", "interception", "duration_h"},
    "alert": {"duration_h"},
    "repair": set(),
}
"""Columns that a kind can use."""


def _check_fields(row: dict[Any, Any], what: str, problems: Problems, place: dict[str, Any]) -> None:
    """Note columns that the kind needs and has not, or has and cannot use."""
    kind = str(row["kind"])
    numbers = ("share", "hits_before_interception", "interception", "value", "duration_h")
    given = {name for name in numbers if not np.isnan(row[name])}
    for name in sorted(_NEEDS.get(kind, set()) - given):
        problems.add(f"is required by kind {kind}", **place, field=name)
    for name in sorted(given - _ALLOWS[kind]):
        problems.add(f"is not used by kind {kind}; leave it empty", **place, field=name, value=row[name])
    if kind == "limit" and len(given & {"share", "value"}) != 1:
        problems.add("limit takes either share or value", **place, field="share")
    if kind == "limit" and "value" in given and what not in {"delivery", "import"}:
        problems.add(f"cannot be given for {what}; give share", **place, field="value", value=row["value"])
    fitting = {"crew": {"alert", "limit", "outage"}, "fuel": {"limit", "repair"}}.get(what, set(_ALLOWS) - {"alert"})
    if kind not in fitting:
        allowed = ", ".join(sorted(fitting))
        problems.add(f"does not go with {what}, which takes {allowed}", **place, field="kind", value=kind)


def events_schema() -> dict[str, Any]:
    """JSON Schema of an events file, as an array of rows."""
    schema = json_schema(EVENTS)
    properties = schema["items"]["properties"]
    for column in EVENTS.columns:
        if column.drawn:
            entry = properties[column.name]
            notes = {"description": entry.pop("description")}
            properties[column.name] = {"anyOf": [entry, distribution_schema()], **notes}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "gridmodel events", **schema}


def scenario_schema() -> dict[str, Any]:
    """JSON Schema of a scenario, with the columns that rows of events have."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}
    settings = made["properties"]
    del settings["folder"]
    rows = {key: value for key, value in events_schema().items() if key not in {"$schema", "title"}}
    settings["events"]["oneOf"] = [rows if form["type"] == "array" else form for form in settings["events"]["oneOf"]]
    return made
