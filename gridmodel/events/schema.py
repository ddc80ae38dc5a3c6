"""Columns of an events file, and JSON Schemas of events and scenarios, made from the tables of kinds and classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gridmodel.events.kinds import KINDS, EventKind
from gridmodel.events.profiles import PROFILES
from gridmodel.events.weapons import FORM as WEAPONS_FORM
from gridmodel.events.weapons import MOST, PARTS
from gridmodel.inputs.table_schema import Column, Table, json_schema
from gridmodel.scenario import Scenario
from gridmodel.scenario.distributions import distribution_schema
from gridmodel.scenario.drawable import OPEN
from gridmodel.scenario.weapons import WEAPON_TABLE
from gridmodel.vocabulary import CLASSES, EVENT_CLASSES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMPONENTS = {
    prefix: (name, table) for name, row in EVENT_CLASSES.items() for prefix, table in row.components
}  # fmt: skip
"""Class and network table of a single component, by the prefix that names it in a target."""
IN_MW = tuple(name for name, row in EVENT_CLASSES.items() if row.in_mw)
"""Classes that can be limited in megawatts."""


def _meaning(column: str, general: str = "") -> str:
    """Return the meaning of a column: in general, then for each kind that gives it one of its own."""
    own = [f"{name}: {kind.columns[column]}" for name, kind in KINDS.items() if kind.columns.get(column)]
    return "; ".join([general, *own] if general else own)


EVENTS = Table(
    name="events",
    meaning="What happens: one row per event",
    key="",
    columns=(
        Column(name="time", meaning="Local time, e.g. 2026-01-09 02:00; rounded down to the step"),
        Column(
            name="target",
            meaning="place/class: a region, a zone or the country, and what is hit there, e.g. UA-30/delivery; of a "
            "wave the place alone, e.g. NORTH; in your own network also a single component, e.g. line:ID; "
            f"classes: {', '.join(CLASSES)}",
        ),
        Column(name="kind", choices=tuple(KINDS), meaning="What happens"),
        Column(
            name="share", kind="number", unit="1", low=0.0, high=1.0, required=False, drawn=True,
            meaning=_meaning("share"),
        ),
        Column(
            name="hits_before_interception", kind="integer", unit="1", low=0, high=1000, required=False, drawn=True,
            meaning=_meaning("hits_before_interception"),
        ),
        Column(
            name="interception", kind="number", unit="1", low=0.0, high=1.0, required=False, drawn=True,
            meaning=_meaning("interception"),
        ),
        Column(
            name="duration_h", kind="number", unit="h", above=0.0, high=1e6, required=False, drawn=True,
            meaning=_meaning("duration_h", "How long it lasts; empty: to the end of the run, after a strike or "
                             "wave until repaired"),
        ),
        Column(
            name="healing_h", kind="number", unit="h", above=0.0, high=1e6, required=False, drawn=True,
            meaning=_meaning("healing_h", "loss: time in which what is missing falls to 1/e; empty: drawn for each "
                             "zone from `healing_days`"),
        ),
        Column(
            name="value", kind="number", unit="MW", low=0.0, high=1e9, required=False, drawn=True,
            meaning=f"{_meaning('value')} ({' and '.join(IN_MW)} only)",
        ),
        Column(name="profile", choices=tuple(PROFILES), required=False, meaning=_meaning("profile")),
        Column(name="weapons", required=False, meaning=f"{_meaning('weapons')}, {WEAPONS_FORM}"),
        Column(name="note", meaning="Free text", required=False),
    ),
)  # fmt: skip
"""Columns of an events file."""
NUMBERS = tuple(column.name for column in EVENTS.columns if column.drawn)
"""Columns with numbers, each used by some kinds of event."""
USED = (*NUMBERS, "profile", "weapons")
"""Columns that some kinds of event use, and others must leave empty."""


def events_schema(own: Sequence[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of an events file, as an array of rows.

    Parameters
    ----------
    own
        Technologies that the network lists.
    """
    schema = json_schema(EVENTS)
    rows = schema["items"]
    for name in NUMBERS:
        entry = rows["properties"][name]
        notes = {"description": entry.pop("description")}
        rows["properties"][name] = {"anyOf": [entry, distribution_schema()], **notes}
    rows["properties"]["weapons"] = _weapons_schema() | {"description": rows["properties"]["weapons"]["description"]}
    whole = f"(.*/({'|'.join((*CLASSES, *own))})|({'|'.join(COMPONENTS)}):.*)$"
    rows["allOf"] = [
        {"if": {"properties": {"kind": {"const": name}}}, "then": _row_schema(kind, whole)}
        for name, kind in KINDS.items()
    ]
    return {"$schema": DIALECT, "title": "gridmodel events", **schema}


def _weapons_schema() -> dict[str, Any]:
    """Return the JSON Schema of the weapons of a wave: a mapping, its text, or nothing."""
    share = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string"}, distribution_schema()]}
    number = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": MOST}, distribution_schema()]}
    one = {
        "type": "object", "properties": {"number": number, "interception": share}, "required": [*PARTS],
        "additionalProperties": False,
    }  # fmt: skip
    types = {weapon.name: one | {"description": weapon.words.capitalize()} for weapon in WEAPON_TABLE}
    return {
        "anyOf": [
            {"type": "object", "properties": types, "additionalProperties": False, "minProperties": 1},
            {"type": ["string", "null"]},
        ]
    }


def _row_schema(kind: EventKind, target: str) -> dict[str, Any]:
    """Return the JSON Schema of what a row of one kind gives; `target` is the pattern of a place with a class."""
    unused: dict[str, Any] = {name: {"type": "null"} for name in USED if name not in kind.columns}
    unused["target"] = {"pattern": "^[^/:]*$" if kind.by_place else target}
    made = {**_filled(kind.needs), "properties": unused | _filled(kind.needs)["properties"]}
    return made | ({"oneOf": [_filled([name]) for name in kind.one_of]} if kind.one_of else {})


def _filled(columns: Iterable[str]) -> dict[str, Any]:
    """Return a JSON Schema of a row that has a value in each of some columns."""
    return {"required": [*columns], "properties": {name: {"not": {"type": "null"}} for name in columns}}


def scenario_schema(own: Sequence[str] = ()) -> dict[str, Any]:
    """Return the JSON Schema of a scenario, with the columns of events that are given in it.

    Parameters
    ----------
    own
        Technologies that the network lists.
    """
    made = {"$schema": DIALECT, **Scenario.model_json_schema()}
    settings = made["properties"]
    del settings["folder"]
    rows = {key: value for key, value in events_schema(own).items() if key not in {"$schema", "title"}}
    settings["events"]["oneOf"] = [rows if form["type"] == "array" else form for form in settings["events"]["oneOf"]]
    for name in OPEN:
        names = settings[name]["propertyNames"]
        names["enum"] = [*names["enum"], *own]
    return made
