"""Read a sweep from YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gridmodel.errors import InputError, Problem, Problems, nearest, worded
from gridmodel.inputs.files import find
from gridmodel.inputs.tables import read_text
from gridmodel.results.own_inputs import SETTINGS as INPUTS
from gridmodel.results.own_inputs import path_of
from gridmodel.scenario import Scenario, make_scenario
from gridmodel.scenario.model import Draft, make_draft
from gridmodel.scenario.origin import Origin
from gridmodel.scenario.read import parse_yaml, read_draft
from gridmodel.simulation.files import quiet_problems
from gridmodel.studies.sweep.changes import Changes, check_changes, sample_changes
from gridmodel.studies.sweep.job import check_keep
from gridmodel.studies.sweep.places import FILE_THAT_CHANGES, Asked, Places, given_files, wrong_files

_MODEL = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Samples(BaseModel):
    """Changes that are sampled from distributions."""

    model_config = _MODEL

    count: Annotated[int, Strict(), Field(ge=1, le=100_000)]
    """Number of variants."""
    settings: Annotated[dict[str, dict[str, list[float]]], Field(min_length=1)]
    """Distribution of each setting, written as in a scenario."""
    method: Literal["random", "latin_hypercube", "sobol"] = "sobol"
    """Method of sampling."""
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = 0
    """Seed of these samples; members of a variant follow the seed of the scenario."""


class SweepFile(BaseModel):
    """A base scenario and its changes: a grid, variants or samples, or none for one large run."""

    model_config = _MODEL

    scenario: str
    """Bundled name or file of the base, relative to this file."""
    set: dict[str, Any] = Field(default={})
    """Settings that replace those of the base's file in every variant."""
    grid: Annotated[dict[str, list[Any]], Field(min_length=1)] | None = None
    """Settings and the values of each; every combination is run."""
    variants: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = None
    """Changes, each a mapping of settings; each is run."""
    samples: Samples | None = None
    """Changes that are sampled from distributions."""
    keep: Annotated[list[str], Field(min_length=1)] | None = None
    """Hourly variables to keep, by name; without it those that metrics need."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("grid", "variants", "samples") if getattr(self, name) is not None]
        if len(given) > 1:
            raise PydanticCustomError("kinds", "take one of grid, variants and samples, not {given}", {"given": given})
        return self


def load_sweep(
    name: str | Path, *, keep: Sequence[str] | None = None, **changes: object
) -> tuple[Scenario, Changes, tuple[str, ...] | None]:
    """Read a sweep file, or a scenario to be run as one variant.

    Parameters
    ----------
    name
        Path of a YAML file with a `scenario:`, or anything that `load_scenario` takes.
    keep
        Variables to keep, in place of the file's.
    changes
        Settings of the base in place of the file's, e.g. `members`.

    Returns
    -------
    tuple
        The base, the changes, and the variables to keep.

    Raises
    ------
    InputError
        With every problem of the file, of its base and of all that this names.
    """
    path = find("scenarios", str(name))
    problems = Problems()
    made, lines, base_name = _read(path, name, problems)
    draft = problems.of(lambda: read_draft(base_name)) if made.scenario else None
    if draft is None:
        folder = (path.resolve().parent / (made.scenario or path.name)).parent
        nowhere = make_scenario(_NOWHERE | {"folder": folder})
        draft = Draft(scenario=nowhere, problems=[], unknown=frozenset(_NOWHERE))
    base = draft.scenario
    problems.found += draft.problems
    settings, places = {**made.set, **changes}, Places(path.name, lines, made)
    if settings:
        base = places.of_set(problems, lambda: base.replace(**settings)) or base
    asked = places.of_changes(problems, lambda: _changes(made))
    checked = places.of_changes(problems, lambda: check_changes(base, asked))
    kept = tuple(keep) if keep is not None else None if made.keep is None else tuple(made.keep)
    places.of_keep(problems, lambda: check_keep(kept or (), base))
    _check_files(places, draft, settings, asked, problems)
    if checked is None or problems.found:
        raise InputError(dict.fromkeys(problems.found))
    return base, checked, kept


def _read(path: Path, name: str | Path, problems: Problems) -> tuple[SweepFile, dict[str, int], str | Path]:
    """Return a sweep file as far as it is right, the line of each entry, and the name of its base.

    Raises
    ------
    InputError
        If it is not a sweep file at all.
    """
    if path.is_dir():
        raise InputError([Problem(message="is a folder, not a sweep file", table=str(path))])
    text = read_text(path, problems, shown=path.name)
    problems.raise_if_any()
    data, lines = parse_yaml(text or "", shown=path.name)
    if "network" in data and "scenario" not in data:
        return SweepFile(scenario=str(name)), lines, name
    if data and not set(data) & set(SweepFile.model_fields):
        message = f"is not a sweep file: it contains none of {', '.join(SweepFile.model_fields)}"
        raise InputError([Problem(message=message, table=path.name)])
    made = _parse(data, lines, path.name, problems)
    beside = path.resolve().parent / made.scenario
    return made, lines, beside if beside.is_file() else made.scenario


def _check_files(places: Places, draft: Draft, settings: Mapping[str, Any], asked: Asked, problems: Problems) -> None:
    """Note files of `set` and of changes that are missing; if anything is wrong, all that is wrong with any file."""
    mixed, unknown = _mixed(draft, settings)
    made = places.made
    for setting in [name for name in INPUTS if name in made.set and name not in unknown]:
        places.of_set(problems, partial(path_of, mixed, setting))
    for variant in given_files(mixed, asked):
        places.of_changes(problems, partial(path_of, variant, FILE_THAT_CHANGES))
    if problems.found:
        places.of_set(problems, lambda: _raise(quiet_problems(mixed, unknown)))
        places.of_changes(problems, lambda: _raise(wrong_files(mixed, unknown, asked)))


def _mixed(draft: Draft, settings: Mapping[str, Any]) -> tuple[Scenario, frozenset[str]]:
    """Return a base with what is right of its file and of the settings in place of the file's, and what is unknown."""
    base = draft.scenario
    if not settings:
        return base, draft.unknown
    try:
        made = make_draft({**base.model_dump(), "folder": base.folder, **settings})
    except InputError:
        return base, draft.unknown
    return made.scenario, (draft.unknown - {*settings}) | made.unknown


def _raise(problems: Sequence[Problem]) -> None:
    """Raise problems, if there are any.

    Raises
    ------
    InputError
        If there are.
    """
    if problems:
        raise InputError(problems)


_NOWHERE = {"name": "-", "network": "three-region", "weather": "three-region", "start": "2026-01-05 00:00",
            "end": "2026-01-06 00:00", "timezone": "UTC"}  # fmt: skip
"""Settings in place of a base that cannot be read, so that changes are checked all the same."""


def _changes(made: SweepFile) -> Asked:
    """Return the changes of a sweep file.

    Raises
    ------
    InputError
        With every problem of their distributions.
    """
    if made.samples is not None:
        drawn = made.samples
        return sample_changes(drawn.settings, drawn.count, method=drawn.method, seed=drawn.seed)
    return made.grid if made.grid is not None else made.variants


def _parse(data: dict[str, Any], lines: dict[str, int], shown: str, problems: Problems) -> SweepFile:
    """Return a sweep file as far as it is right; without a base if that is wrong."""
    try:
        return SweepFile.model_validate(data)
    except ValidationError as error:
        wrong = [detail["loc"] for detail in error.errors(include_url=False) if detail["loc"]]
        for detail in error.errors(include_url=False):
            place = [str(part) for part in detail["loc"]]
            key = place[0] if place else ""
            unknown = detail["type"] == "extra_forbidden"
            message = {"missing": "is required", "extra_forbidden": "is not a field of a sweep file"}.get(
                detail["type"], worded(detail["type"], detail["msg"], detail.get("ctx", {}))
            )
            hint = nearest(key, SweepFile.model_fields) if unknown else ""
            line = Origin(shown, lines).line(place)
            problems.add(message, table=shown, row=line, field=".".join(place), hint=hint)
    rest = {name: _without(value, name, wrong) for name, value in data.items() if (name,) not in wrong}
    if not wrong:  # all is right but that there are several kinds of changes
        rest = {name: value for name, value in data.items() if name in {"scenario", "set", "keep"}}
    rest = {name: value for name, value in rest.items() if value not in ({}, [])}
    rest = {"scenario": "", **rest}
    return _parse(rest, lines, shown, problems) if rest != data else SweepFile(scenario="")


def _without(value: Any, name: str, wrong: Sequence[tuple[int | str, ...]]) -> Any:  # noqa: ANN401 - any value of a field
    """Return a field without the entries that are wrong; empty if it is one whose entries belong together."""
    entries = {place[1] for place in wrong if place[0] == name and len(place) > 1}
    if not entries:
        return value
    if name == "grid" and isinstance(value, dict):
        return {key: one for key, one in value.items() if key not in entries}
    if name in {"variants", "keep"} and isinstance(value, list):
        return [one for number, one in enumerate(value) if number not in entries]
    if name == "samples" and isinstance(value, dict) and isinstance(value.get("settings"), dict):
        odd = {place[2] for place in wrong if place[:2] == ("samples", "settings") and len(place) > 2}
        settings = {key: one for key, one in value["settings"].items() if key not in odd}
        kept = {key: one for key, one in value.items() if key not in entries} | {"settings": settings}
        return {"count": 1, **kept} if settings else {}
    return {}
