"""Options: mitigation measures that could be placed, read from a file or a list, and checked before any run."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.table_schema import Column, Table
from gridmodel.inputs.tables import parse_table, read_text
from gridmodel.interchange import examine_runnable
from gridmodel.results.posterior import learned_of
from gridmodel.results.run_folder import read_manifest, read_result
from gridmodel.scenario import KINDS, TARGETS, Mitigation, Scenario
from gridmodel.scenario.help import wrong_help
from gridmodel.scenario.model import Draft
from gridmodel.scenario.origin import Place
from gridmodel.services.measures import check_measures, late_help
from gridmodel.simulation.files import read_known
from gridmodel.studies.conditioning import posterior_scenario

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
    found, problems = _rows(Path(path))
    problems.raise_if_any()
    return found


def _rows(path: Path) -> tuple[list[tuple[Mitigation, Place]], Problems]:
    """Return the options of a file whose rows are right, each with its line, and the problems of the others."""
    problems = Problems()
    text = read_text(path, problems, shown=path.name)
    if problems.found:
        return [], problems
    rows = parse_table(text or "", OPTIONS, problems, shown=path.name)
    wrong = {problem.row for problem in problems.found}
    found: list[tuple[Mitigation, Place]] = []
    if None in wrong:  # of the table as a whole
        return found, problems
    for row, line in zip(rows.frame.to_dict("records"), rows.lines, strict=True):
        mine = Problems()
        _check_row(row, Place(table=path.name, row=line), mine)
        if line not in wrong and not mine.found:
            values = {str(key): value for key, value in row.items()} | {
                "available_from": _time(row["available_from"])[0]
            }
            found += _option(values, Place(table=path.name, row=line), mine)
        problems.found += mine.found
    if not rows.lines and not problems.found:
        problems.add("contains no options", table=path.name)
    return found, problems


def _check_row(row: Mapping[Hashable, Any], place: Place, problems: Problems) -> None:
    """Note what is wrong in a row beside what its columns allow."""
    message = _time(row["available_from"])[1]
    if message:
        problems.add(message, **place, field="available_from", value=row["available_from"])
    if row["kind"] in KINDS:
        size = float(row["size"]) if np.isfinite(row["size"]) else None  # parse_table reported what is not a number
        target = row["target"] if row["target"] in {"", *TARGETS} else None  # the same
        for key, said in wrong_help(str(row["kind"]), region=str(row["region"]), target=target, size=size):
            problems.add(said, **place, field=key, value=size if key == "size" else row[key])


def _option(values: Mapping[str, Any], place: Place, problems: Problems) -> list[tuple[Mitigation, Place]]:
    """Return the option of a row with its place; nothing and the problems noted if a value is not allowed."""
    try:
        return [(Mitigation.model_validate(values), place)]
    except InputError as error:
        for problem in error.problems:
            key = problem.field.partition(".")[0]
            problems.add(problem.message, **place, field=key, value=values.get(key, ""))
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
    return made, _options_of(made, options)


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
    problems = Problems()
    draft = problems.of(lambda: _posterior(Path(name), changes) if Path(name).is_dir() else read_known(name, changes))
    problems.found += [] if draft is None else draft.problems
    if draft is not None and not problems.found:
        return draft.scenario
    if isinstance(options, str | Path):
        if draft is None:
            problems.of(lambda: read_options(options))
        else:
            problems.of(lambda: _options_of_file(draft.scenario, options, draft.unknown))
    raise InputError(problems.found)


def _posterior(folder: Path, changes: Mapping[str, Any] | None) -> Draft:
    """Return the scenario of the folder of a posterior, from the time on up to which was learned.

    Raises
    ------
    InputError
        If it is not one, or a change is asked for.
    """
    problems = Problems()
    for name in changes or ():
        problems.add("does not go with a posterior, which has its own", field=name)
    with read_result(folder) as result:
        if learned_of(result) is None:
            problems.add("is not a posterior, as `gridmodel condition` writes it: name a scenario", table=str(folder))
        problems.raise_if_any()
        return Draft(scenario=posterior_scenario(result, read_manifest(folder, posterior=True)), problems=[])


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
        return _options_of_file(made, options)
    rows = [one.model_dump() if isinstance(one, Mitigation) else dict(one) for one in options]
    try:
        asked = list(made.replace(mitigations=tuple(rows)).mitigations)
    except InputError as error:
        given = [(problem, problem.field.replace("mitigations", "options", 1)) for problem in error.problems]
        raise InputError([replace(problem, table="", row=None, field=key) for problem, key in given]) from None
    if not asked:
        raise InputError([Problem(message="contains no options", field="options")])
    named = [one if one.name else one.model_copy(update={"name": f"option {place}"})
             for place, one in enumerate(asked, start=1)]  # fmt: skip
    return _checked_options(made, [(one, Place(table=one.name, row=None)) for one in named])


def _options_of_file(made: Scenario, options: str | Path, unknown: Collection[str] = ()) -> list[Mitigation]:
    """Return the options in a file for a scenario, of which some settings may not be known.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    listed, problems = _rows(Path(options))
    checked = problems.of(lambda: _checked_options(made, listed, unknown))
    problems.found.sort(key=lambda problem: problem.row or 0)
    problems.raise_if_any()
    return checked or []


def _checked_options(
    scenario: Scenario, options: Sequence[tuple[Mitigation, Place]], unknown: Collection[str] = ()
) -> list[Mitigation]:
    """Return options with the ids of regions that they name, once they fit the network, before anything is run.

    Raises
    ------
    InputError
        With every problem, at the line or name of its option.

    Warns
    -----
    UserWarning
        Of each option that comes too late to change anything.
    """
    for option, place in options if not {"end", "timezone"} & {*unknown} else ():
        for late in late_help(scenario, [option]):
            warnings.warn(str(replace(late, **place)), UserWarning, stacklevel=2)
    if "network" in unknown:
        return [option for option, _ in options]
    try:
        network, wrong = examine_runnable(scenario.network, beside=scenario.folder, regions=scenario.network_regions)
        if network is None or wrong:
            raise InputError(wrong)
    except InputError:
        # the run itself says what is wrong with the network, and where the scenario names it
        return [option for option, _ in options]
    problems = Problems()
    ids = {option.region: network.places.find(option.region) or option.region for option, _ in options}
    named = [(option.model_copy(update={"region": ids[option.region]}), place) for option, place in options]
    for option, place in named:
        alone = scenario.model_copy(update={"mitigations": (option,)})
        problems.found += [replace(problem, **place) for problem in check_measures(alone, network, unknown=unknown)]
    problems.raise_if_any()
    return [option for option, _ in named]
