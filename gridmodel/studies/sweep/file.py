"""Read a sweep from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.inputs.files import find
from gridmodel.inputs.tables import read_text
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.scenario.origin import Origin
from gridmodel.scenario.read import parse_yaml
from gridmodel.studies.sweep.changes import Changes, check_changes, sample_changes

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


def load_sweep(name: str | Path, **changes: object) -> tuple[Scenario, Changes, tuple[str, ...] | None]:
    """Read a sweep file, or a scenario to be run as one variant.

    Parameters
    ----------
    name
        Path of a YAML file with a `scenario:`, or anything that `load_scenario` takes.
    changes
        Settings of the base in place of the file's, e.g. `members`.

    Returns
    -------
    tuple
        The base, the changes, and the variables to keep.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    path = find("scenarios", str(name))
    problems = Problems()
    if path.is_dir():
        raise InputError([Problem(message="is a folder, not a sweep file", table=str(path))])
    text = read_text(path, problems, shown=path.name)
    problems.raise_if_any()
    data, lines = parse_yaml(text or "", shown=path.name)
    if "network" in data and "scenario" not in data:
        base = load_scenario(name)
        return base.replace(**changes) if changes else base, check_changes(base, None), None
    if data and not set(data) & set(SweepFile.model_fields):
        message = f"is not a sweep file: it contains none of {', '.join(SweepFile.model_fields)}"
        raise InputError([Problem(message=message, table=path.name)])
    made = _parse(data, lines, path.name)
    beside = path.resolve().parent / made.scenario
    base = load_scenario(beside if beside.is_file() else made.scenario)
    settings = {**made.set, **changes}
    base = base.replace(**settings) if settings else base
    asked: Any = made.grid if made.grid is not None else made.variants
    if made.samples is not None:
        drawn = made.samples
        asked = sample_changes(drawn.settings, drawn.count, method=drawn.method, seed=drawn.seed)
    return base, check_changes(base, asked), None if made.keep is None else tuple(made.keep)


def _parse(data: dict[str, Any], lines: dict[str, int], shown: str) -> SweepFile:
    try:
        return SweepFile.model_validate(data)
    except ValidationError as error:
        found = []
        for detail in error.errors(include_url=False):
            place = [str(part) for part in detail["loc"]]
            key = place[0] if place else ""
            unknown = detail["type"] == "extra_forbidden"
            message = {"missing": "is required", "extra_forbidden": "is not a field of a sweep file"}.get(
                detail["type"], detail["msg"][:1].lower() + detail["msg"][1:]
            )
            hint = nearest(key, SweepFile.model_fields) if unknown else ""
            line = Origin(shown, lines).line(place)
            found.append(Problem(message=message, table=shown, row=line, field=".".join(place), hint=hint))
        raise InputError(found) from None
