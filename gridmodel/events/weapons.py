"""Weapons of a wave, read from a cell: numbers and interception by type, each a number or a distribution."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gridmodel.errors import InputError, Problems, nearest
from gridmodel.inputs.json_text import each_once, refused
from gridmodel.inputs.shares import comma_hint, list_hint, plain_share, share_hint, split_by_comma
from gridmodel.inputs.table_schema import Column
from gridmodel.inputs.tables import range_message
from gridmodel.scenario import Distribution
from gridmodel.scenario.distributions import Bounds, parse_distribution
from gridmodel.scenario.read import parse_yaml
from gridmodel.scenario.weapons import WEAPONS

FORM = "{missile: {number: 40, interception: 0.7}}"
"""Form of the cell, for messages."""
SHORT = 5_000
"""Longest cell that is read as JSON. [characters] Ours: far beyond three types of weapon."""
REMEMBERED = 1_000
"""Cells that are read once. Ours: waves of one night are often alike."""
MOST = 10_000
"""Most weapons of one type in a wave. Ours: ten times what was ever reported of one night."""
PARTS: Mapping[str, Column] = {
    "number": Column(name="number", kind="integer", low=0, high=MOST),
    "interception": Column(name="interception", kind="number", low=0.0, high=1.0),
}
"""Numbers of one type of weapon, with their limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvo:
    """Weapons of one type in a wave."""

    number: int = 0
    """How many are sent; the median if that is drawn. [1]"""
    interception: float = 0.0
    """Mean share that is intercepted; the median if that is drawn. [1]"""
    drawn: Mapping[str, Distribution] = field(default_factory=dict)
    """Distributions of its numbers, where they have one."""


def read_weapons(cell: str, problems: Problems, at: Mapping[str, Any]) -> dict[str, Salvo]:
    """Read the weapons of a wave; everything that is wrong is noted.

    Parameters
    ----------
    cell
        YAML, such as ``{drone: {number: {uniform: [100, 300]}, interception: 80%}}``.
    problems
        Receives what is wrong.
    at
        Table and line of the event.

    Examples
    --------
    >>> read_weapons("{drone: {number: 300, interception: 83%}}", Problems(), {})["drone"].interception
    0.83
    """
    try:
        given = _parsed(cell)
    except InputError:
        message = f"must give the number and interception of each type, such as {FORM}"
        problems.add(message, **at, field="weapons", value=cell, hint=_unclosed(cell))
        return {}
    if not given:
        problems.add(f"must name at least one type, such as {FORM}", **at, field="weapons", value=cell)
    found: dict[str, Salvo] = {}
    split = split_by_comma(given)
    for name, value in given.items():
        if name not in WEAPONS:
            hint = split.get(name) or nearest(name, WEAPONS) or f"known: {', '.join(WEAPONS)}"
            problems.add("is not a weapon", **at, field="weapons", value=name, hint=hint)
        salvo = _salvo(name, value, problems, at) if name in WEAPONS or isinstance(value, Mapping) else Salvo()
        found |= {name: salvo} if name in WEAPONS else {}
    return found


def _unclosed(cell: str) -> str:
    """Return a hint at braces of a cell that do not match; empty if they do."""
    opened, closed = cell.count("{"), cell.count("}")
    return "" if opened == closed else f"{opened} {{ and {closed} }}: each {{ needs its }}"


@lru_cache(maxsize=REMEMBERED)
def _parsed(cell: str) -> Mapping[str, Any]:
    """Return the mapping that a cell gives, as JSON, which rows in a scenario become, or else as YAML.

    Raises
    ------
    InputError
        If it is neither.
    """
    try:
        found = json.loads(cell, object_pairs_hook=each_once, parse_constant=refused) if len(cell) < SHORT else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else parse_yaml(cell, shown="")[0]


def read_interception(given: str | float | Mapping[str, Any], problems: Problems) -> Any:  # noqa: ANN401 - as given
    """Return a mean share that is intercepted, as an event gives it: a number, or a distribution.

    Parameters
    ----------
    given
        Share from 0 to 1, percentage such as `80%`, or a distribution, perhaps as text.
    problems
        Receives what is wrong.

    Examples
    --------
    >>> read_interception("80%", Problems()), read_interception("{uniform: [0.6, 0.9]}", Problems())
    (0.8, {'uniform': [0.6, 0.9]})
    """
    value: Any = given
    if isinstance(given, str) and not given.strip():
        problems.add("is empty; give a share such as 0.8 or 80%, or leave it out", field="interception")
        return None
    if isinstance(given, str):
        try:
            value = parse_yaml(f"interception: {given}", shown="")[0]["interception"]
        except InputError:
            value = given
    _number(value, PARTS["interception"], problems, {"field": "interception"})
    return plain_share(value)


def _salvo(name: str, value: object, problems: Problems, at: Mapping[str, Any]) -> Salvo:
    """Return the weapons of one type."""
    here = f"weapons.{name}"
    if not isinstance(value, Mapping):
        problems.add(f"must be given as {FORM.replace('missile', name)[1:-1]}", **at, field=here, value=value)
        return Salvo()
    split = split_by_comma(value)
    for key in value:
        if key not in PARTS:
            hint = split.get(str(key)) or nearest(str(key), PARTS)
            problems.add("is not a number of a weapon", **at, field=here, value=key, hint=hint)
    for key in PARTS:
        if value.get(key) is None:
            problems.add("is required", **at, field=f"{here}.{key}")
    plain, drawn = {"number": 0.0, "interception": 0.0}, dict[str, Distribution]()
    for key, column in PARTS.items():
        if value.get(key) is not None:
            number, made = _number(value[key], column, problems, {**at, "field": f"{here}.{key}"})
            plain[key] = number
            drawn |= {} if made is None else {key: made}
    return Salvo(number=int(plain["number"]), interception=plain["interception"], drawn=drawn)


def _number(
    value: object, column: Column, problems: Problems, at: Mapping[str, Any]
) -> tuple[float, Distribution | None]:  # fmt: skip
    """Return a number, or the median of a distribution and the distribution; 0 if it is wrong."""
    given = plain_share(value) if column.name == "interception" else value
    if isinstance(given, Mapping):
        bounds = Bounds(low=column.low, high=column.high, whole=column.kind == "integer")
        made, message = parse_distribution(given, bounds)
        if made is not None:
            return made.middle(), made
        problems.add(message, **at, value=value, hint=_right_form(value, column))
        return 0.0, None
    if isinstance(given, bool) or not isinstance(given, int | float):
        message = "is not a number, or a distribution such as {uniform: [low, high]}"
    elif not math.isfinite(given):
        message = "is not a finite number"
    elif column.kind == "integer" and given % 1:
        message = "is not a whole number"
    else:
        message = range_message(float(given), column)
        if not message:
            return float(given), None
    problems.add(message, **at, value=value, hint=_right_form(value, column))
    return 0.0, None


def _right_form(value: object, column: Column) -> str:
    """Return the right form of a number; empty if nothing is near."""
    if isinstance(value, list):
        return list_hint(value)
    if column.name != "interception":
        return comma_hint(value) if isinstance(value, str) else ""
    return share_hint(value) or "a share from 0 to 1, or 80%"
