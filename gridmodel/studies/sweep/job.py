"""A sweep as plain data, its work units and how large they are; the same on whichever machine reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import xarray as xr

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.inputs.files import ROOT, Confined, is_bundled
from gridmodel.results.handed_on import settings_without_folders, without_folders
from gridmodel.results.metrics import METRIC_VARIABLES, per_member
from gridmodel.results.own_inputs import SETTINGS as INPUTS
from gridmodel.results.own_inputs import files_of, hash_of, path_of
from gridmodel.sampling import drawn_settings
from gridmodel.scenario import Scenario, make_scenario, without_removed
from gridmodel.services.registry import VARIABLES
from gridmodel.simulation.inputs import RunInputs, run_inputs
from gridmodel.simulation.loop import empty_record
from gridmodel.simulation.unmeant import unmeant
from gridmodel.studies.sweep.changes import Changes, apply, combinations
from gridmodel.studies.sweep.chunks import MAX_CHUNK_BYTES
from gridmodel.studies.sweep.described import check_description, check_units
from gridmodel.studies.sweep.sealed import SEAL, hash_bytes, sealed, unsealed
from gridmodel.version import __version__, version_of

ALWAYS = ("population", "drawn_value")
"""Variables that every store contains."""
USUAL = (
    "demand_mw",
    "shed_mw",
    "population",
    "degree_hours_below_18c",
    "degree_hours_below_12c",
    *(name for name in VARIABLES if name.startswith("people_") and not name.endswith(("_low", "_high"))),
)
"""Variables that are kept unless others are asked for: all that count people, and what else metrics are made of."""
LIBRARIES = ("numpy", "scipy", "xarray", "highspy", "zarr", "numcodecs")
"""Libraries whose version may change a bit of the store."""
LAYOUT = 2
"""Version of the layout of stores: since 2 everything in a store is covered by hashes."""
CELL_BYTES = 8
MADE_CHUNK_BYTES = MAX_CHUNK_BYTES // 2
"""Largest chunk that is made, whatever memory there is. [byte] Ours: half of what is read."""
MOST_PER_UNIT, FEWEST_PER_UNIT, UNITS = 200, 50, 12
"""Members of a work unit at most and at least, and how many units a sweep is cut into between the two. Ours: a step
costs as much for no member as for some fifty more, so that few large units are done sooner than many small ones; and 12
share out evenly among 2, 3, 4, 6 or 12 workers."""
UNIT_SHARE = 1 / 5
"""Share of the memory that one unit may take at work. Ours: it leaves room for two workers and what they begin with."""
WORK_BYTES = 60_000
"""Memory of a member at work beside its results, for each region. [byte] Ours: measured on the bundled network, 100 to
400 members of `january-2026` with few variables kept, and rounded up."""
SECOND_PASS_SHARE = 1 / 10
"""Share of the memory that all members of one time block of a variable may take, for the second pass."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that a worker must know to run any unit."""

    base: Mapping[str, Any]
    """Base scenario, as in a file."""
    folder: str
    """Folder that relative paths start from; empty in a store, which does not say where files are."""
    changes: Mapping[str, Any]
    """Changes, as `Changes.written` returns them."""
    keep: tuple[str, ...]
    """Variables that are kept step by step."""
    per_unit: int
    """Members of a work unit."""
    time_block: int
    """Steps of a chunk."""
    inputs: Mapping[str, str]
    """Hash of every input file."""
    versions: Mapping[str, str]
    """Versions of this program and of the libraries that may change a bit of the store."""
    layout: int = 1
    """Layout of the store."""

    @cached_property
    def what(self) -> Changes:
        """Return the changes."""
        return Changes.read(self.changes)

    @cached_property
    def scenario(self) -> Scenario:
        """Return the base scenario."""
        return make_scenario({**without_removed(self.base), "folder": Path(self.folder)})

    @property
    def members(self) -> int:
        """Return the number of members, without reading the base."""
        return 1 if self.base["deterministic"] else int(self.base["members"])

    @property
    def blocks(self) -> int:
        """Return the number of blocks of members in each variant."""
        return -(-self.scenario.draws // self.per_unit)

    @property
    def units(self) -> int:
        """Return the number of work units."""
        return len(self.what) * self.blocks

    def place(self, unit: int) -> tuple[int, range]:
        """Return the variant and members of a work unit."""
        variant, block = divmod(unit, self.blocks)
        first = block * self.per_unit
        return variant, range(first, min(first + self.per_unit, self.scenario.draws))

    def variant(self, number: int) -> Scenario:
        """Return the scenario of a variant."""
        return apply(self.scenario, self.what.of(number))

    @property
    def needed(self) -> frozenset[str]:
        """Variables that a unit must compute: those kept and those that metrics are made of."""
        return needed(self.keep)

    def unit_bytes(self, empty: xr.Dataset) -> int:
        """Return the memory of a unit at work, from an empty result of one member. [byte]"""
        return self.per_unit * member_bytes(empty)

    def written(self) -> str:
        """Return it as JSON with a hash of itself, the same for the same sweep; without the paths of this computer."""
        return sealed(asdict(self.handed_on()))

    def handed_on(self) -> Job:
        """Return it with the names of files in place of paths that say where they are."""
        return replace(
            self, folder="", base=settings_without_folders(self.base), changes=self._renamed(self._names())
        )  # fmt: skip

    @property
    def places(self) -> str:
        """Where files are on this computer, for workers: what the store does not contain, as JSON."""
        names = {name: {short: path for path, short in pairs.items()} for name, pairs in self._names().items()}
        base = {
            name: self.base[name] for name in INPUTS if settings_without_folders(self.base)[name] != self.base[name]
        }
        return json.dumps({"folder": self.folder, "base": base, "changes": names}, sort_keys=True)

    def placed(self, places: str) -> Job:
        """Return the job of a store as it is on the computer that tells of its places."""
        told = json.loads(places)
        return replace(
            self, folder=told["folder"], base={**self.base, **told["base"]}, changes=self._renamed(told["changes"])
        )  # fmt: skip

    def _names(self) -> dict[str, dict[str, str]]:
        """Return a name for each path in the changes, by setting: as much of its end as tells it from the others."""
        found: dict[str, dict[str, str]] = {}
        for name in sorted({*INPUTS} & {*self.what.names}):
            values = sorted({one for one in _values(self.what, name) if isinstance(one, str)})
            parts = 1
            while len({without_folders(one, parts) for one in values}) < len(values) and parts < MOST_PARTS:
                parts += 1
            found[name] = {one: short for one in values if (short := without_folders(one, parts)) != one}
        return {name: pairs for name, pairs in found.items() if pairs}

    def _renamed(self, names: Mapping[str, Mapping[str, str]]) -> Mapping[str, Any]:
        """Return the changes with other names of files."""

        def new(name: str, value: Any) -> Any:  # noqa: ANN401 - any value of a setting
            return names[name].get(value, value) if name in names and isinstance(value, str) else value

        dims = tuple((name, tuple(new(name, value) for value in values)) for name, values in self.what.dims)
        listed = tuple({name: new(name, value) for name, value in change.items()} for change in self.what.listed)
        return Changes(dims, listed).written() if names else self.changes

    @classmethod
    def read(cls, text: str) -> Job:
        """Read what `written` gave, or what earlier versions wrote without a hash.

        Raises
        ------
        ValueError
            If it is damaged.
        InputError
            If it is of a newer version, or describes no sweep.
        """
        data = json.loads(text)
        if SEAL in data:
            data = unsealed(text)
        if data is None or (data.get("layout", 1) > 1 and SEAL not in json.loads(text)):
            raise ValueError("damaged")
        if data.get("layout", 1) > LAYOUT:
            by = str(data.get("versions", {}).get("gridmodel"))[:40]
            raise InputError([Problem(message=f"was made by gridmodel {by}, whose stores this version cannot read")])
        check_description(data)
        return cls(**{**data, "keep": tuple(data["keep"])})


MOST_PARTS = 20
"""Most parts of a path that are kept to tell files apart. Ours: more than folders are nested."""


def _values(changes: Changes, name: str) -> list[Any]:
    """Return the values that changes give a setting."""
    return [change[name] for change in changes.listed if name in change] or list(dict(changes.dims).get(name, ()))


def input_hashes(scenario: Scenario) -> dict[str, str]:
    """Return the SHA-256 of every file that a variant reads, by a name that does not say where it is.

    Bundled files have the names that never change. Others have that of their setting and what this says; of a path that
    says where the file is, its end and a hash, so that files of the same name are told apart.
    """
    found: dict[str, str] = {}
    for setting in INPUTS:
        path = path_of(scenario, setting)
        for file in () if path is None else files_of(path):
            if is_bundled(file):
                found[str(file.relative_to(ROOT))] = hash_of(file)
                continue
            given = str(getattr(scenario, setting))
            short = without_folders(given)
            label = given if short == given else f"{short} ({hash_bytes(given.encode())[7:15]})"
            found[f"{setting}: {label}" + (f"/{file.name}" if file != path else "")] = hash_of(file)
    return found


def needed(keep: Iterable[str]) -> frozenset[str]:
    """Return the variables that a unit computes: those that are kept, and those that metrics are made of."""
    return frozenset((*keep, *ALWAYS, *METRIC_VARIABLES))


def current_versions() -> dict[str, str]:
    """Return the versions of this program and of the libraries that may change a bit of a store."""
    return {"gridmodel": __version__, **{name: version_of(name) for name in LIBRARIES}}


def make_job(
    scenario: Scenario, changes: Changes, *, keep: Sequence[str] | None, memory_bytes: int
) -> tuple[Job, list[xr.Dataset], list[Problem]]:
    """Check a sweep against its inputs, and cut it into units.

    Parameters
    ----------
    scenario
        The base.
    changes
        Changes to the base.
    keep
        Variables to keep step by step; by default those that metrics are made of.
    memory_bytes
        Memory that all processes on one machine may take together. [byte]

    Returns
    -------
    tuple
        The job, an empty result for each variant whose inputs differ, the first variant's first, and warnings of what
        is in vain in any of these.

    Raises
    ------
    InputError
        With every problem.
    """
    names = USUAL if keep is None else tuple(dict.fromkeys(keep))
    if isinstance(scenario.folder, Confined):
        message = "is repeated from a run; sweep its scenario file, which names its files"
        raise InputError([Problem(message=message, field="scenario")])
    check_keep(names, scenario)
    empty, inputs, told = _examples(scenario, changes, names)
    absent = [name for name in names if name not in empty[0]]
    if keep is not None and absent:
        message = "does not exist here: the network has no heat or water systems"
        raise InputError([Problem(message=message, field="keep", value=name) for name in absent])
    kept = tuple(name for name in names if name in empty[0] and name not in ALWAYS)
    sizes = empty[0].sizes
    widths = {name: empty[0][name].size // sizes["time"] for name in kept if "time" in empty[0][name].dims}
    total = scenario.draws * len(changes)
    fair = min(max(-(-total // UNITS), FEWEST_PER_UNIT), MOST_PER_UNIT)
    fits = max(1, int(memory_bytes * UNIT_SHARE / member_bytes(empty[0])))
    widest = CELL_BYTES * max(widths.values(), default=1)
    step_bytes = widest * scenario.draws
    day = max(1, round(24 / scenario.step_h))
    per_unit = max(1, min(fair, fits, scenario.draws, MADE_CHUNK_BYTES // (widest * min(day, sizes["time"]))))
    steps = min(int(memory_bytes * SECOND_PASS_SHARE / step_bytes), MADE_CHUNK_BYTES // (widest * per_unit))
    problems = Problems()
    check_units(len(changes) * -(-scenario.draws // per_unit), problems)
    problems.raise_if_any()
    return (
        Job(
            base=json.loads(scenario.model_dump_json()),
            folder=str(scenario.folder or Path.cwd()),
            changes=changes.written(),
            keep=kept,
            per_unit=per_unit,
            time_block=_time_block(sizes["time"], steps, scenario.step_h),
            inputs=dict(sorted(inputs.items())),
            versions=current_versions(),
            layout=LAYOUT,
        ),
        empty,
        told,
    )


def _examples(
    scenario: Scenario, changes: Changes, names: Sequence[str]
) -> tuple[list[xr.Dataset], dict[str, str], list[Problem]]:
    """Return an empty result for each variant whose inputs differ, the hash of each input, and warnings of them.

    Raises
    ------
    InputError
        With every problem of the inputs of all variants, each once.
    """
    empty: list[xr.Dataset] = []
    inputs: dict[str, str] = {}
    told: list[Problem] = []
    wrong = Problems()
    for number in combinations(changes):
        variant = apply(scenario, changes.of(number))
        made = wrong.of(partial(run_inputs, variant, [0]))
        if made is None:
            continue
        empty.append(empty_result(made, needed(names)))
        inputs |= input_hashes(variant)
        told += unmeant(made)
        _check_shape(empty[0], empty[-1], changes.of(number))
    if wrong.found:
        raise InputError(dict.fromkeys(wrong.found))
    return empty, inputs, told


def member_bytes(empty: xr.Dataset) -> int:
    """Return the memory of a member at work and of its result, which is given empty. [byte]"""
    results = sum(values.size * CELL_BYTES for values in empty.data_vars.values() if "time" in values.dims)
    return results + WORK_BYTES * empty.sizes["region"]


def empty_result(made: RunInputs, keep: frozenset[str]) -> xr.Dataset:
    """Return the result of a run before its first step."""
    return empty_record(made, keep).dataset()


def metric_templates(empty: xr.Dataset) -> xr.Dataset:
    """Return the metrics that a run has, with their units; values are those of a result of zeros."""
    zeros = empty.map(lambda values: xr.zeros_like(values) if values.dtype.kind in "biuf" else values, keep_attrs=True)
    return per_member(zeros)


def settings_drawn(job: Job) -> list[str]:
    """Return the settings that any variant samples, in order."""
    names = drawn_settings(job.scenario)
    for number in combinations(job.what):
        names += [name for name in drawn_settings(job.variant(number)) if name not in names]
    return names


def _time_block(steps: int, fits: int, step_h: float) -> int:
    """Return the number of steps of a chunk: all, or as many whole days as fit."""
    day = max(1, round(24 / step_h))
    return steps if fits >= steps else max(day, fits // day * day)


def check_keep(names: Sequence[str], scenario: Scenario) -> None:
    """Check the names of variables to keep, and that variants have the same members.

    Raises
    ------
    InputError
        With each name that does not exist, and if members are not a number.
    """
    problems = Problems()
    for name in names:
        if name not in VARIABLES:
            problems.add("is not a variable of a result", field="keep", value=name, hint=nearest(name, VARIABLES))
    if scenario.members == "auto":
        message = "must be a number in a sweep, so that variants have the same members"
        problems.add(message, field="members", value="auto")
    problems.raise_if_any()


def _check_shape(first: xr.Dataset, other: xr.Dataset, changes: Mapping[str, Any]) -> None:
    """Check that a variant has the shape of the first.

    Raises
    ------
    InputError
        If its shape differs.
    """
    for name in first.data_vars:
        if name != "drawn_value" and (name not in other or first[name].sizes != other[name].sizes):
            message = f"gives {name} a different shape than in the first variant; make a store for each"
            raise InputError([Problem(message=message, field=", ".join(changes), value=str(dict(changes))[:80])])
