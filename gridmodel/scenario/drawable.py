"""Numbers of a scenario that can be distributions, and the reasons why other settings cannot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from gridmodel.errors import Problem, nearest
from gridmodel.scenario.distributions import PARTS, Bounds, Distribution, distribution_schema, parse_distribution
from gridmodel.scenario.origin import Origin
from gridmodel.scenario.weapons import WEAPON_SETTINGS
from gridmodel.vocabulary import DAMAGE_CLASSES, DAMAGE_STATES, TECHNOLOGIES

Resolve = Callable[[dict[str, Any]], dict[str, Any]]
Levels = tuple[tuple[str, ...], ...]

BY_NAME: Mapping[str, Levels] = {
    "availability": (TECHNOLOGIES,),
    "forced_outages": (TECHNOLOGIES, ("mttf_h", "mttr_h", "cold_below_c", "cold_rate_per_k")),
    "damage_state_probabilities": (DAMAGE_STATES,),
    "damage_capacity_left": (DAMAGE_STATES,),
    "repair_days": (DAMAGE_CLASSES, DAMAGE_STATES, ("mean", "standard_deviation")),
}
"""Settings that contain numbers by name, level by level; gridmodel names the two places of a list."""
OPEN = ("availability", "forced_outages", "repair_days")
"""Those of them whose first names can also be technologies that the network lists."""
CHANCES = "damage_state_probabilities"
"""The setting whose numbers are shares of one whole."""
DAMAGE = (CHANCES, "damage_capacity_left", "unit_size_spread", "wave_concentration", *WEAPON_SETTINGS)
"""Settings that say how badly something is damaged: drawn like hits, so a sensitivity does not rank them."""
_FILE = "it is a title or the name of a file, not a number"
_SWITCH = "it is a switch, not a number"
_METHOD = "it chooses a method and is not a number"
_UNITS = "it gives the number of units, which is the same for all members; `unit_size_spread` varies their sizes"
_PERIOD = "all members live through the same steps"
NEVER: Mapping[str, str] = {
    **dict.fromkeys(
        ("name", "network", "network_regions", "weather", "timetable", "demand", "supply", "start_state", "folder"),
        _FILE,
    ),
    **dict.fromkeys(("start", "end", "step", "timezone", "save_states"), _PERIOD),
    "members": "it is the number of members",
    "stop_at": "it says when there are enough members",
    "sampling": "it says how members draw",
    "seed": "it names the random streams of all members",
    "deterministic": "it says whether anything is drawn",
    "mitigations": "help is decided, not uncertain; compare runs with different sizes",
    **dict.fromkeys(("cascade", "recharge", "demand_use", "rotation", "cuts"), _METHOD),
    "supply_range": "each column of `supply` wanders within it",
    "healing_days": "each zone draws from it",
    "supply_autocorrelation_h": "it says how slowly the columns of `supply` wander",
    "demand_lag_weights": "it is a list of weights, which describe one network",
    **dict.fromkeys(("heater_feedback", "feeder_limits", "cold_load_pickup"), _SWITCH),
    "repair_priority": "it is an order, not a number",
    **dict.fromkeys(("delivery_unit_mw", "heat_network_unit_mw_th"), _UNITS),
    **dict.fromkeys(("vulnerable_weight", "help_weights"), "it is a judgement of those who rank help, not uncertain"),
}
"""Settings that cannot have a distribution, and why. `events` is in neither list: numbers in its rows can."""


@dataclass(slots=True)
class Taken:
    """Settings, and the distributions that were taken out of them."""

    plain: dict[str, Any]
    """Settings, with the median in place of each distribution."""
    distributions: dict[str, Distribution] = field(default_factory=dict)
    """Distributions by the path of the number: `availability.hydro`."""
    written: dict[str, Any] = field(default_factory=dict)
    """Each setting that contains a distribution, as a file gives it."""
    problems: list[Problem] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Settings whose problems are already reported in full."""


def take_distributions(
    data: Mapping[str, Any],
    allowed: Mapping[str, Bounds],
    *,
    pairs: Collection[str],
    origin: Origin,
    own: Sequence[str] = (),
) -> Taken:
    """Separate distributions from plain settings.

    Parameters
    ----------
    data
        Settings as a file gives them.
    allowed
        Bounds of the numbers that can have one, by path.
    pairs
        Settings that are a range of two numbers.
    origin
        Where they are in the file.
    own
        Technologies that the network lists.
    """
    taken = Taken(dict(data))
    for name, value in data.items():
        taker = _Taker(allowed, taken)
        if name in BY_NAME or (name in allowed and isinstance(value, Mapping)):
            taken.plain[name], written = taker.take(name, value, levels_of(name, own), wide=name in pairs)
            if any(path.partition(".")[0] == name for path in taken.distributions):
                taken.written[name] = written
            if name == CHANCES and name in taken.written and (wrong := _whole(taken)):
                taker.messages += wrong
                taken.refused |= {name}
        elif name in NEVER:
            taker.messages = [(path, f"cannot have a distribution: {NEVER[name]}") for path in _written_in(value, name)]
            taken.refused |= {name} if taker.messages else set()
        taken.problems += [
            Problem(message=message, table=origin.shown, row=origin.line(path.split(".")), field=path)
            for path, message in taker.messages
        ]
    return taken


def levels_of(name: str, own: Sequence[str] = ()) -> Levels:
    """Return the names of the numbers of a setting, level by level, with technologies that the network lists."""
    levels = BY_NAME.get(name, ())
    return ((*levels[0], *own), *levels[1:]) if name in OPEN else levels


@dataclass(slots=True)
class _Taker:
    """Takes the distributions out of one setting."""

    allowed: Mapping[str, Bounds]
    taken: Taken
    messages: list[tuple[str, str]] = field(default_factory=list)
    """Path and what is wrong with the distribution there."""

    def take(self, path: str, value: object, levels: Levels, *, wide: bool = False) -> tuple[Any, Any]:
        """Return the plain value of a setting, and the value with its distributions as a file gives them.

        Parameters
        ----------
        levels
            Names below this one.
        wide
            True for a range, both ends of which become the median.
        """
        if not levels:
            return self._number(path, value, wide=wide) if isinstance(value, Mapping) else (value, value)
        if isinstance(value, Mapping):
            both = {key: self._named(f"{path}.{key}", key, item, levels) for key, item in value.items()}
            kept = {key: pair for key, pair in both.items() if pair is not None}
            return {key: pair[0] for key, pair in kept.items()}, {key: pair[1] for key, pair in kept.items()}
        if isinstance(value, list | tuple) and len(levels) == 1 and len(value) == len(levels[0]):
            pairs = [self.take(f"{path}.{key}", item, ()) for key, item in zip(levels[0], value, strict=True)]
            return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return value, value

    def _named(self, path: str, key: object, item: object, levels: Levels) -> tuple[Any, Any] | None:
        """Return what `take` returns for one name; None if an unknown name has a distribution."""
        if key in levels[0]:
            return self.take(path, item, levels[1:])
        if next(_written_in(item, path), None) is None:
            return item, item
        self.messages.append((path, f"is not a known name ({nearest(str(key), levels[0])})"))
        return None

    def _number(self, path: str, value: Mapping[Any, Any], *, wide: bool) -> tuple[Any, Any]:
        """Return the median of a distribution, and the distribution as written; any allowed number if it is wrong."""
        bounds = self.allowed[path]
        found, message = parse_distribution(value, bounds)
        middle: float = bounds.some() if found is None else found.middle()
        middle = int(middle) if bounds.whole else middle
        if found is None:
            self.messages.append((path, message))
        else:
            self.taken.distributions[path] = found
        return (middle, middle) if wide else middle, None if found is None else found.written()


WHOLE = 1e-9
"""How far probabilities may be from summing to 1. Ours: rounding of decimals."""


def _whole(taken: Taken) -> list[tuple[str, str]]:
    """Scale the medians of probabilities to sum to one; return what is wrong if all can be 0 at once."""
    plain = taken.plain[CHANCES]
    if set(plain) != set(DAMAGE_STATES) or not all(isinstance(value, int | float) for value in plain.values()):
        return []
    drawn = {state: taken.distributions.get(f"{CHANCES}.{state}") for state in DAMAGE_STATES}
    if sum(plain[state] if found is None else found.end(0.0) for state, found in drawn.items()) <= 0:
        return [(CHANCES, "can all be 0 at once: give one of them a low end above 0")]
    total = sum(plain.values())
    if abs(total - 1) > WHOLE:
        taken.plain[CHANCES] = {state: value / total for state, value in plain.items()}
    return []


def _written_in(value: object, path: str) -> Iterator[str]:
    """Yield the paths of values that look like distributions."""
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in PARTS:
            yield path
        else:
            for key, item in value.items():
                yield from _written_in(item, f"{path}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for place, item in enumerate(value, start=1):
            yield from _written_in(item, f"{path}.{place}")


def bounds_in(schema: Mapping[str, Any]) -> Bounds | None:
    """Return the bounds of a number or a range of numbers from its JSON Schema; None for any other setting."""
    if schema.get("type") in {"number", "integer"}:
        low = schema.get("exclusiveMinimum", schema.get("minimum", -inf))
        return Bounds(
            low=low, high=schema.get("maximum", inf), open_low="exclusiveMinimum" in schema,
            whole=schema["type"] == "integer",
        )  # fmt: skip
    branches = [*schema.get("anyOf", ()), *schema.get("prefixItems", ())[:1]]
    return next((found for branch in branches if (found := bounds_in(branch)) is not None), None)


def numbers_in(schema: Mapping[str, Any], own: Sequence[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the path and schema of every number of a scenario that can be a distribution.

    Parameters
    ----------
    schema
        JSON Schema of a scenario.
    own
        Technologies that the network lists.
    """

    def resolve(entry: dict[str, Any]) -> dict[str, Any]:
        """Return the schema that a reference leads to."""
        found: dict[str, Any] = schema["$defs"][entry["$ref"].rpartition("/")[2]]
        return found

    for name, entry in schema.get("properties", {}).items():
        if name in NEVER or name == "events":
            continue
        for path, leaf in _leaves(name, entry, levels_of(name, own), resolve):
            if bounds_in(leaf) is not None:
                yield path, leaf


def _leaves(path: str, entry: dict[str, Any], levels: Levels, resolve: Resolve) -> Iterator[tuple[str, dict[str, Any]]]:
    entry = resolve(entry) if "$ref" in entry else entry
    if not levels:
        yield path, entry
        return
    for place, key in enumerate(levels[0]):
        if "prefixItems" in entry:
            child = entry["prefixItems"][place]
        else:
            child = entry.get("properties", {}).get(key) or entry["additionalProperties"]
        yield from _leaves(f"{path}.{key}", child, levels[1:], resolve)


def widen(leaf: dict[str, Any]) -> None:
    """Change the schema of a number so that it also allows a distribution."""
    if any(branch.get("title") == "Distribution" for branch in leaf.get("anyOf", ())):
        return
    number = {key: leaf.pop(key) for key in list(leaf) if key not in {"default", "description", "title"}}
    notes = dict(leaf)
    leaf.clear()
    leaf.update({"anyOf": [number, distribution_schema()], **notes})


def given_numbers(settings: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the path and value of every number that is given in a scenario, except those of ranges.

    Parameters
    ----------
    settings
        Settings by name, as in a scenario.
    """
    for name, value in settings.items():
        if name not in NEVER and name != "events":
            yield from _values(name, value, BY_NAME.get(name, ()))


def _values(path: str, value: Any, levels: Levels) -> Iterator[tuple[str, float]]:  # noqa: ANN401
    if not levels:
        if isinstance(value, int | float):
            yield path, float(value)
        return
    if isinstance(value, Mapping):  # in whatever order: names beside these are technologies that the network lists
        for key, item in value.items():
            yield from _values(f"{path}.{key}", item, levels[1:])
        return
    for place, key in enumerate(levels[0]):
        if isinstance(value, tuple):
            yield from _values(f"{path}.{key}", value[place], levels[1:])
        else:
            yield from _values(f"{path}.{key}", getattr(value, key), levels[1:])
