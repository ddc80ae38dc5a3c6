"""Changes of a sweep: settings of a scenario, as a grid or a list; conditions and help only."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.inputs.technologies import own_technologies
from gridmodel.sampling import CHANCE, DESIGN, purpose_of, stream
from gridmodel.scenario import Distribution, Scenario, drawable
from gridmodel.scenario.by_technology import moves_apart
from gridmodel.scenario.described import fields_of
from gridmodel.scenario.distributions import parse_distribution
from gridmodel.scenario.weapons import WEAPON_SETTINGS
from gridmodel.vocabulary import TECHNOLOGIES

MAX_VARIANTS = 100_000
"""Most variants of one sweep. Ours: more would take weeks, and each needs files of its own."""
TARGETS = (
    "says what is damaged and how badly. Sweeps vary conditions and help (weather, demand, imports, fuel, crews, "
    "interception, availability of a technology in the whole country, mitigations), because this tool ranks help and "
    "never targets"
)
"""Reason why damage cannot be a dimension."""
ATTACK = (
    "describes an attack, of which sweeps vary interception only: this tool ranks help and never looks for what does "
    "most harm; a run draws it where it is uncertain"
)
"""Reason why the properties of waves cannot be a dimension."""
SHAPE = "changes the shape of the result; give it under `set` or in the scenario, and make a store for each"
"""Reason why a period or a number of members cannot be a dimension."""
TOGETHER = (
    "changes technologies one by one; in one sweep only one technology can be available to another share, or all that "
    "change rise and fall together, because a ranking of technologies would be one of targets"
)
"""Reason why technologies cannot be changed apart from each other."""
FAILING = (
    "says which technologies fail on their own; give it under `set` or in the scenario, with distributions of what is "
    "uncertain, because a ranking of technologies would be one of targets"
)
"""Reason why forced outages cannot be a dimension."""
REFUSED: Mapping[str, str] = {
    "events": TARGETS,
    **dict.fromkeys(("damage_state_probabilities", "damage_capacity_left", "unit_size_spread"), TARGETS),
    **dict.fromkeys(("delivery_unit_mw", "heat_network_unit_mw_th"), TARGETS),
    "forced_outages": FAILING,
    **dict.fromkeys(("wave_concentration", *WEAPON_SETTINGS), ATTACK),
    "network": "may have other regions or other damage by region; make a store for each network",
    "timetable": "says which regions are switched off and when; make a store for each timetable",
    "demand": "says how much each region uses; make a store for each demand",
    "supply": "is a file of series; make a store for each supply",
    "start_state": "is what members have been through; make a store for each state",
    "save_states": "says which states one run saves, and a sweep saves none",
    "name": "is a title, not a condition",
    "folder": "is where files are, not a condition",
    **dict.fromkeys(("start", "end", "step", "timezone", "members", "stop_at", "deterministic", "sampling"), SHAPE),
}
"""Settings that cannot be dimensions, with the reason."""
BY_NAME: Mapping[str, tuple[str, ...]] = {"availability": TECHNOLOGIES}
"""Settings of which one name can be changed alone; others are given as a whole."""
_PLACE = re.compile(r"^[A-Z]{2,}(-[A-Z0-9]+)*$")
"""Pattern of the ids of regions, zones and countries."""
_TARGET_WORDS = frozenset(
    {"event", "events", "target", "targets", "region", "regions", "component", "components",
     "profile", "profiles", "wave", "waves", "weapon", "weapons"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changes:
    """Variants of a scenario: all combinations of some values, or one after another."""

    dims: tuple[tuple[str, tuple[Any, ...]], ...]
    """A grid's settings and their values, in order; empty for a list."""
    listed: tuple[Mapping[str, Any], ...]
    """A list's changes; empty for a grid."""

    @property
    def names(self) -> list[str]:
        """Settings that are changed, in order."""
        return list(dict.fromkeys(name for change in self.listed for name in change)) or [name for name, _ in self.dims]

    @property
    def sizes(self) -> dict[str, int]:
        """Dimensions that the changes make, and their lengths."""
        return {"variant": len(self.listed)} if self.listed else {name: len(values) for name, values in self.dims}

    def __len__(self) -> int:
        """Return how many variants there are; one without changes."""
        return len(self.listed) or int(np.prod([len(values) for _, values in self.dims], dtype=np.int64))

    def position(self, number: int) -> tuple[int, ...]:
        """Return the position of a variant along each dimension."""
        return tuple(int(place) for place in np.unravel_index(number, tuple(self.sizes.values()))) if self.sizes else ()

    def of(self, number: int) -> dict[str, Any]:
        """Return the changes that make a variant."""
        if self.listed:
            return dict(self.listed[number])
        return {name: values[place] for (name, values), place in zip(self.dims, self.position(number), strict=True)}

    def written(self) -> dict[str, Any]:
        """Return the changes as plain data."""
        if self.listed:
            return {"list": [dict(change) for change in self.listed]}
        return {"grid": [[name, list(values)] for name, values in self.dims]}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Changes:
        """Read what `written` gave."""
        dims = tuple((name, tuple(values)) for name, values in data.get("grid", ()))
        return cls(dims, tuple(data.get("list", ())))


def apply(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return a variant of a scenario; `availability.hydro` and the like change one name of a setting.

    Parameters
    ----------
    changes
        Settings and their values.
    """
    flat: dict[str, Any] = {}
    written = scenario.model_dump()
    for path, value in changes.items():
        name, _, key = path.partition(".")
        flat[name] = {**flat.get(name, written[name]), key: value} if key else value
    return scenario.replace(**flat)


def check_changes(
    scenario: Scenario, changes: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | None
) -> Changes:
    """Check the changes of a sweep.

    Parameters
    ----------
    scenario
        The base.
    changes
        A mapping from settings to lists of values (every combination is run), or a list of mappings from settings to
        a value (each is run).

    Raises
    ------
    InputError
        With every problem: an unknown setting, one that is neither a condition nor help, a value that is not allowed.
    """
    problems = Problems()
    if isinstance(changes, Mapping):
        made = Changes(_grid(changes, problems), ())
    else:
        given: Sequence[Any] = changes or ()
        listed = [dict(change) if isinstance(change, Mapping) else {} for change in given]
        if changes is not None and (not listed or not all(listed)):
            problems.add("must be a list of changes, each a mapping of settings", field="variants")
        made = Changes((), tuple(listed))
    own = own_technologies(scenario.network, scenario.folder) or ()
    refused = {name for name in made.names if not _is_right(name, problems, own)}
    if _tells_technologies_apart(scenario, made, refused):
        problems.add(TOGETHER, field="availability")
    if len(made) > MAX_VARIANTS:
        problems.add(f"makes {len(made):,} variants; a store takes at most {MAX_VARIANTS:,}", field="changes")
    else:
        problems.found += _wrong_values(scenario, made, refused)
    problems.raise_if_any()
    return made


def _tells_technologies_apart(scenario: Scenario, changes: Changes, refused: Collection[str]) -> bool:
    """Return whether the variants differ in the availability of several technologies that move apart."""
    name = "availability"
    paths = [path for path in changes.names if path.partition(".")[0] == name and path not in refused]
    base = scenario.model_dump()[name]
    if len(changes.dims) and len(paths) > 1:  # every combination of their values
        return sum(len(values) > 1 for path, values in changes.dims if path in paths) > 1
    listed = changes.listed or [{path: value} for path, values in changes.dims if path in paths for value in values]
    found = []
    for change in listed if paths else ():
        whole = change.get(name, base)
        own = {path.partition(".")[2]: value for path, value in change.items() if path.startswith(f"{name}.")}
        found.append({**(whole if isinstance(whole, Mapping) else {}), **own})
    return moves_apart(found)


def _is_right(name: object, problems: Problems, own: Sequence[str]) -> bool:
    """Return whether a setting can be a dimension, and report it otherwise."""
    before = len(problems.found)
    _check_name(str(name), problems, own)
    return len(problems.found) == before


def _grid(changes: Mapping[str, Any], problems: Problems) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    dims: list[tuple[str, tuple[Any, ...]]] = []
    for name, given in changes.items():
        values = given.tolist() if isinstance(given, np.ndarray) else given
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Sequence) or not values:
            problems.add("must be a list of values, at least one", field=str(name), value=values)
            continue
        plain = [value.item() if isinstance(value, np.generic) else value for value in values]
        twice = [value for place, value in enumerate(plain) if value in plain[:place]]
        if twice:
            problems.add("is in the list twice", field=str(name), value=twice[0])
        dims.append((str(name), tuple(plain)))
    return tuple(dims)


def _check_name(path: str, problems: Problems, own: Sequence[str]) -> None:
    """Report a setting that cannot be a dimension, with the reason; `own` are technologies that the network lists."""
    name, dot, key = path.partition(".")
    words = re.split(r"[./:\s]", path)
    if name in REFUSED:
        problems.add(REFUSED[name], field=path)
    elif "/" in path or ":" in path or words[0].casefold() in _TARGET_WORDS or any(map(_PLACE.match, words)):
        problems.add(TARGETS, field=path)
    elif name not in fields_of(Scenario):
        known = [setting for setting in fields_of(Scenario) if setting not in REFUSED]
        problems.add("is not a setting of a scenario", field=path, hint=nearest(name, known))
    elif dot and (name not in BY_NAME or key not in (*BY_NAME[name], *own)):
        hint = nearest(key, BY_NAME[name]) if name in BY_NAME else f"give {name} as a whole"
        problems.add("does not have this part", field=path, hint=hint)


def _wrong_values(scenario: Scenario, changes: Changes, refused: Collection[str]) -> list[Problem]:
    """Return a problem for every value that is not allowed, each once, of the settings that can be changed."""
    found: dict[str, Problem] = {}
    single = [{name: value} for name, values in changes.dims for value in values]
    for whole in [*single, *changes.listed]:
        change = {name: value for name, value in whole.items() if name not in refused}
        if not change:
            continue
        try:
            apply(scenario, change)
        except InputError as error:
            for problem in error.problems:
                shown = problem.value or json.dumps(next(iter(change.values())), default=str)[:80]
                named = Problem(message=problem.message, field=problem.field, value=shown, hint=problem.hint)
                found.setdefault(str(named), named)
    return list(found.values())


def sample_changes(
    settings: Mapping[str, Mapping[str, Sequence[float]]],
    count: int,
    *,
    method: str = "sobol",
    seed: int = 0,
    scenario: Scenario | None = None,
) -> list[dict[str, float]]:
    """Sample changes from distributions, for a list of variants.

    Parameters
    ----------
    settings
        Distribution of each setting, written as in a scenario: ``{"import_limit_mw": {"uniform": [900, 1700]}}``.
    count
        Variants.
    method
        `random`, `latin_hypercube` or `sobol`.
    seed
        Seed of the random numbers.
    scenario
        Scenario of the sweep, whose network may list technologies of its own; by default none does.

    Returns
    -------
    list of dict
        Changes of each variant, to be given to `sweep`.

    Raises
    ------
    InputError
        With every problem of the distributions.

    Examples
    --------
    >>> import gridmodel as gm
    >>> drawn = gm.sample_changes({"import_limit_mw": {"uniform": [0, 80]}}, 4)
    >>> sorted(int(change["import_limit_mw"] // 20) for change in drawn)  # one in each quarter
    [0, 1, 2, 3]
    """
    problems, found = Problems(), dict[str, Distribution]()
    own = () if scenario is None else own_technologies(scenario.network, scenario.folder) or ()
    if count < 1:
        problems.add("must be at least 1", field="count", value=count)
    if method not in {"random", "latin_hypercube", "sobol"}:
        problems.add("is not a method; use random, latin_hypercube or sobol", field="method", value=method)
    for path, written in settings.items():
        before = len(problems.found)
        _check_name(path, problems, own)
        if len(problems.found) > before:
            continue
        if path not in drawable(own):
            problems.add("is not a number that can be sampled", field=path, hint=nearest(path, drawable(own)))
            continue
        made, message = parse_distribution(written, drawable(own)[path])
        if made is None:
            problems.add(message, field=path)
        else:
            found[path] = made
    if sum(path.partition(".")[0] == "availability" for path in found) > 1:
        problems.add(TOGETHER, field="availability")
    problems.raise_if_any()
    share = _shares(list(found), count, method, seed)
    columns = {path: made.quantile(share[:, place]) for place, (path, made) in enumerate(found.items())}
    return [{path: float(values[row]) for path, values in columns.items()} for row in range(count)]


def _shares(names: list[str], count: int, method: str, seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Sample points in the unit cube, shape ``(count, setting)``."""
    from scipy.stats import qmc

    if method == "sobol":
        sampler = qmc.Sobol(d=len(names), scramble=True, rng=stream(seed, DESIGN, purpose_of(CHANCE)))
        return np.asarray(sampler.random_base2((count - 1).bit_length())[:count])
    streams = [stream(seed, DESIGN, purpose_of(f"changes.{name}")) for name in names]
    if method == "latin_hypercube":
        return np.column_stack([qmc.LatinHypercube(d=1, rng=own).random(count)[:, 0] for own in streams])
    return np.column_stack([own.random(count) for own in streams])


def combinations(changes: Changes) -> list[int]:
    """Return variants that together contain every value which is not a number: inputs to read before a sweep begins."""

    def key(number: int) -> str:
        words = {n: v for n, v in changes.of(number).items() if not isinstance(v, int | float)}
        return json.dumps(words, sort_keys=True, default=str)

    firsts: dict[str, int] = {}
    for number in itertools.islice(range(len(changes)), MAX_VARIANTS):
        firsts.setdefault(key(number), number)
    return list(firsts.values())
