"""Options: mitigation measures that could be placed, read from a file or a list, and checked before any run."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.tables import Column, Table, parse_table, read_text
from gridmodel.network import read_network
from gridmodel.scenario import KINDS, TARGETS, Mitigation, Scenario
from gridmodel.scenario.help import wrong_help
from gridmodel.scenario.origin import Place
from gridmodel.services.measures import check_measures
from gridmodel.simulation.files import read_files, read_scenario

OPTIONS = Table(
    name="options",
    meaning="Measures that could be placed: one row per option",
    key="name",
    columns=(
        Column(name="name", meaning="Name of the option"),
        Column(name="kind", choices=tuple(KINDS), meaning="Kind of measure"),
        Column(name="region", required=False, meaning="Region in which it is placed; empty for the whole country"),
        Column(name="size", kind="number", above=0.0, high=1e7, meaning="MW, or a number of places, crews, trucks"),
        Column(name="cost_eur", kind="number", unit="EUR", low=0.0, high=1e12, meaning="Cost"),
        Column(name="available_from", required=False, meaning="Local time from which it helps; empty: from the start"),
        Column(name="target", choices=TARGETS, required=False, meaning="Site of a mobile generator"),
    ),
)
"""Columns of a file of options."""


def load_options(path: str | Path) -> list[Mitigation]:
    """Read options from a CSV file.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    return [option for option, _ in read_options(path)]


def read_options(path: str | Path) -> list[tuple[Mitigation, Place]]:
    """Read options from a CSV file, each with its line.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    path, problems = Path(path), Problems()
    text = read_text(path, problems, shown=path.name)
    problems.raise_if_any()
    rows = parse_table(text or "", OPTIONS, problems, shown=path.name)
    found = []
    for row, line in zip(rows.frame.to_dict("records"), rows.lines, strict=True):
        since, message = _time(str(row["available_from"]))
        if message:
            problems.add(message, table=path.name, row=line, field="available_from", value=row["available_from"])
        if row["kind"] in KINDS:
            size = float(row["size"]) if np.isfinite(row["size"]) else None  # parse_table reported what is not a number
            target = row["target"] if row["target"] in {"", *TARGETS} else None  # the same
            told = wrong_help(str(row["kind"]), region=str(row["region"]), target=target, size=size)
            for key, said in told:
                problems.add(said, table=path.name, row=line, field=key, value=size if key == "size" else row[key])
        if not problems.found:
            found += _option(
                {**{str(key): value for key, value in row.items()}, "available_from": since},
                Place(table=path.name, row=line),
                problems,
            )
    if not rows.lines and not problems.found:
        problems.add("contains no options", table=path.name)
    problems.raise_if_any()
    return found


def _option(values: Mapping[str, Any], place: Place, problems: Problems) -> list[tuple[Mitigation, Place]]:
    """Return the option of a row with its place; nothing and the problems noted if a value is not allowed."""
    try:
        return [(Mitigation.model_validate(values), place)]
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            key = str(detail["loc"][0]) if detail["loc"] else ""
            said = detail["msg"][:1].lower() + detail["msg"][1:]
            problems.add(said, **place, field=key, value=values.get(key, ""))
        return []


def _time(text: str) -> tuple[datetime | None, str]:
    """Return the local time of a cell, and the problem with it, if any."""
    if not text:
        return None, ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None, "is not a local time such as 2026-01-13 00:00"
    return (None, "must be local time without an offset") if moment.tzinfo is not None else (moment, "")


def given_options(
    scenario: Scenario | str | Path, options: Sequence[Mitigation | Mapping[str, Any]] | str | Path
) -> tuple[Scenario, list[Mitigation]]:
    """Read and check scenario and options.

    Raises
    ------
    InputError
        With every problem.
    """
    made = scenario if isinstance(scenario, Scenario) else read_asked(scenario, options)
    try:
        return made, _options_of(made, options)
    except InputError as error:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            raise InputError([*error.problems, *read_files(made).problems]) from None


def read_asked(name: str | Path, options: object, changes: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario for which options are compared; if it has errors, those of a file of options are reported too.

    Parameters
    ----------
    name
        A bundled name or the path of a YAML file.
    options
        Path of the file of options, or options themselves.
    changes
        Settings in place of the file's.

    Raises
    ------
    InputError
        With every problem.
    """
    try:
        return read_scenario(name, changes)
    except InputError as error:
        more: list[Problem] = []
        if isinstance(options, str | Path):
            try:
                read_options(options)
            except InputError as other:
                more = other.problems
        raise InputError([*error.problems, *more]) from None


def _options_of(made: Scenario, options: Sequence[Mitigation | Mapping[str, Any]] | str | Path) -> list[Mitigation]:
    """Return the options for a scenario, each with a name.

    Raises
    ------
    InputError
        With every problem of the options.
    """
    if made.members == "auto" and not made.deterministic:
        message = "must be a number, because options are compared member by member"
        raise InputError([Problem(message=message, field="members", value="auto")])
    if isinstance(options, str | Path):
        return _checked_options(made, read_options(options))
    rows = [one.model_dump() if isinstance(one, Mitigation) else dict(one) for one in options]
    try:
        listed = list(made.replace(mitigations=tuple(rows)).mitigations)
    except InputError as error:
        given = [(problem, problem.field.replace("mitigations", "options", 1)) for problem in error.problems]
        raise InputError([replace(problem, table="", row=None, field=key) for problem, key in given]) from None
    if not listed:
        raise InputError([Problem(message="contains no options", field="options")])
    named = [one if one.name else one.model_copy(update={"name": f"option {place}"})
             for place, one in enumerate(listed, start=1)]  # fmt: skip
    return _checked_options(made, [(one, Place(table=one.name, row=None)) for one in named])


def _checked_options(scenario: Scenario, options: Sequence[tuple[Mitigation, Place]]) -> list[Mitigation]:
    """Return options with the ids of regions that they name, once they fit the network, before anything is run.

    Raises
    ------
    InputError
        With every problem, at the line or name of its option.
    """
    try:
        network = read_network(scenario.network, beside=scenario.folder)
    except InputError:
        # the run itself says what is wrong with the network, and where the scenario names it
        return [option for option, _ in options]
    problems = Problems()
    ids = {option.region: network.places.find(option.region) or option.region for option, _ in options}
    named = [(option.model_copy(update={"region": ids[option.region]}), place) for option, place in options]
    for option, place in named:
        alone = scenario.model_copy(update={"mitigations": (option,)})
        problems.found += [replace(problem, **place) for problem in check_measures(alone, network)]
    problems.raise_if_any()
    return [option for option, _ in named]
