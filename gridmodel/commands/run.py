"""`gridmodel run`."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from gridmodel.commands.common import (
    FilePath,
    echo_problems,
    free_folder,
    json_option,
    language_option,
    print_json,
    report_problems,
)
from gridmodel.commands.places import regions_asked
from gridmodel.commands.progress import StepBar
from gridmodel.commands.said import Said
from gridmodel.commands.watch import Watch

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd
    import xarray as xr

    from gridmodel.errors import Problem, Problems
    from gridmodel.network import Network
    from gridmodel.scenario import Scenario
    from gridmodel.scenario.model import Draft
    from gridmodel.simulation.inputs import RunInputs
    from gridmodel.simulation.state import Snapshot


@click.command(short_help="Run a scenario and show what happens.")
@click.argument("scenario", required=False)
@click.option(
    "-o", "--output", type=FilePath(),
    help="Folder of the results [runs/SCENARIO; -2, -3 … where that is taken].",
)  # fmt: skip
@click.option("--network", metavar="NETWORK", help="Network, instead of the scenario's: a name, folder or file.")
@click.option(
    "--regions",
    "network_regions",
    metavar="COLUMN|FILE",
    help="Regions of a network file: a column of its buses, or a CSV file.",
)
@click.option("--members", type=click.IntRange(min=1), help="Monte Carlo members, instead of the scenario's.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's.")
@click.option(
    "--ac-check",
    type=click.Choice(["worst", "all"]),
    help="Check the hour with most load shed, or all hours, by AC power flow (first member).",
)
@click.option("--from", "manifest", type=FilePath(), help="Repeat a run: its folder or manifest.json.")
@click.option("--trust", is_flag=True, help="With --from: open files that the manifest names outside its folder.")
@click.option(
    "--save-state", "save_states", multiple=True, metavar="TIME",
    help="Save the state at a local time, e.g. '2026-01-18 00:00'; several may be given.",
)  # fmt: skip
@click.option(
    "--from-state", type=FilePath(), metavar="FILE", help="Begin from a saved state, at its time, not at the start."
)
@click.option("--region", "regions", multiple=True, metavar="NAME",
              help="Region of which more is printed, by name or id; repeatable.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace another run in the folder.")
@click.option("--watch", is_flag=True, help="Show time, temperature and damage during the run.")
@click.option("--baseline", is_flag=True,
              help="Also run the scenario without its events, to say how much would be missing anyway.")  # fmt: skip
@language_option("Language of what is printed, but for errors.")
@json_option
@report_problems
def run(  # noqa: PLR0913 - the options of a command
    *,
    scenario: str | None,
    output: Path | None,
    network: str | None,
    network_regions: str | None,
    members: int | None,
    seed: int | None,
    ac_check: str | None,
    manifest: Path | None,
    trust: bool,
    save_states: tuple[str, ...],
    from_state: Path | None,
    regions: tuple[str, ...],
    overwrite: bool,
    watch: bool,
    baseline: bool,
    lang: str,
    as_json: bool,
) -> None:
    """Run a scenario and show what happens.

    SCENARIO is a bundled name or a YAML file; the default is January 2026. It may also be a network file of any program
    that "gridmodel network check --help" lists: then a week of its demand is run, as with --network alone. The folder
    of results contains result.nc, summary.csv, summary.json, manifest.json and report.html, a page that opens without a
    network, in inputs/ copies of the files that the scenario names, with --ac-check also ac_check.csv, and each state
    that was saved.
    """
    from gridmodel.errors import Problems
    from gridmodel.output import report
    from gridmodel.results.provenance import with_provenance
    from gridmodel.results.run_folder import write_run
    from gridmodel.simulation.loop import simulate
    from gridmodel.studies.run import quiet_run

    begun = time.perf_counter()
    problems = Problems()
    changes = {"members": members, "seed": seed, "network": network, "network_regions": network_regions}
    draft = _with_states(
        _asked(scenario, manifest, trust, changes, problems), save_states, from_state, problems,
        repeats=manifest is not None,
    )  # fmt: skip
    folder = problems.of(lambda: _target(scenario or network, manifest, output, overwrite))
    ready = _ready(draft, folder, regions, problems, baseline=baseline)
    asked, made, folder = ready.scenario, ready.made, ready.folder
    auto = asked.members == "auto" and not asked.deterministic
    saved: list[Snapshot] = []
    read = time.perf_counter()
    with Watch(made, Said(lang)) if watch and not auto else StepBar(asked) as advance:
        result = quiet_run(asked, progress=advance) if auto else simulate(made, progress=advance, save=saved.append)
    result = with_provenance(result, asked)
    without = _without_events(asked, result) if baseline else None
    done = time.perf_counter()
    seconds = {"read": read - begun, "simulate": done - read}
    checked = _check(result, asked, ac_check, seconds)
    write_run(
        result, asked, folder, command=_command(), seconds=seconds, tables=checked,
        states={state.name: state.write for state in saved},
        page=lambda path, about, summary: report.write(
            result, path, manifest=about, summary=summary, network=made.network, without=without, events=ready.events
        ),
    )  # fmt: skip
    if as_json:
        _print_json(result, folder, checked)
    else:
        _print(result, folder, ready.regions, checked, lang=lang, base=(without, ready.events))


def _print_json(result: xr.Dataset, folder: Path, checked: dict[str, pd.DataFrame]) -> None:
    """Print the summary of the run as JSON."""
    from gridmodel.results.metrics import summarise
    from gridmodel.results.summary_json import summary_json

    print_json(summary_json(result, summarise(result)) | _as_json(checked) | {"folder": str(folder)})


def _print(
    result: xr.Dataset, folder: Path, regions: list[str], checked: dict[str, pd.DataFrame], *, lang: str,
    base: tuple[xr.Dataset | None, list[dict[str, object]] | None],
) -> None:  # fmt: skip
    """Print what happens in some regions, by when, and what to ask for, and the summary of the run."""
    from gridmodel.commands.common import console
    from gridmodel.commands.summary import print_ac_check, print_cascades, print_summary
    from gridmodel.output.sheet import lead_lines

    screen = console()
    for region in regions:
        for line in lead_lines(result, region, lang=lang):
            screen.print(line)
        screen.print()
    print_summary(result, folder, without=base[0], events=base[1], lang=lang)
    print_cascades(result)
    for table in checked.values():
        print_ac_check(table)


def _target(scenario: str | None, manifest: Path | None, output: Path | None, overwrite: bool) -> Path:
    """Return the folder of the results, checked before anything is computed."""
    from gridmodel.results.run_folder import check_target

    usual = Path("runs") / (Path(scenario or "january-2026").stem if manifest is None else "repeated")
    folder = output or (usual if overwrite else free_folder(usual))
    check_target(folder, overwrite=overwrite)
    return folder


def _national_events(asked: Scenario, regions: list[str]) -> list[dict[str, object]]:
    """Return the events of a scenario, which must be those of the whole country.

    Raises
    ------
    InputError
        If it has none, or some of single regions.
    """
    from gridmodel.results.own_inputs import event_rows
    from gridmodel.results.standing import check_national

    listed: list[Any] = (event_rows(asked) or []) if isinstance(asked.events, str) else [*asked.events]
    rows = [dict(row) if isinstance(row, dict) else row.model_dump() for row in listed]
    check_national(rows, regions)
    return rows


def _without_events(asked: Scenario, result: xr.Dataset) -> xr.Dataset:
    """Run a scenario without its events, on the members of a result."""
    from gridmodel.studies.run import quiet_run

    quiet = asked.replace(events=[])
    quiet = quiet if asked.deterministic else quiet.replace(members=int(result.sizes["member"]))
    with StepBar(quiet, "without events") as advance:
        return quiet_run(quiet, progress=advance)


def _check(
    result: xr.Dataset, scenario: Scenario, hours: str | None, seconds: dict[str, float]
) -> dict[str, pd.DataFrame]:
    """Check the first member by AC power flow: tables by file name, empty if `hours` is None."""
    if hours is None:
        return {}
    from gridmodel.studies.ac_check import check_ac

    begun = time.perf_counter()
    which: Literal["worst", "all"] = "worst" if hours == "worst" else "all"
    table = check_ac(result, which, int(result["member"][0]), scenario=scenario)
    seconds["ac_check"] = time.perf_counter() - begun
    return {"ac_check.csv": table}


def _as_json(checked: dict[str, pd.DataFrame]) -> dict[str, object]:
    """Return the overview of the AC check for the JSON summary."""
    from gridmodel.studies.ac_check import overview

    return {"ac_check": overview(checked["ac_check.csv"])} if checked else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """All that a run needs, checked."""

    scenario: Scenario
    made: RunInputs
    """Inputs; of the first member alone where members are added until the result is sure."""
    folder: Path
    regions: list[str]
    """Regions of which more is printed."""
    events: list[dict[str, object]] | None
    """Events of the whole country, which a base line leaves out; None without one."""


def _ready(
    draft: Draft | None, folder: Path | None, regions: tuple[str, ...], problems: Problems, *, baseline: bool
) -> _Ready:  # fmt: skip
    """Read and check all that a run needs, before anything is computed, and print warnings.

    Raises
    ------
    InputError
        With everything that is wrong, and what was noted before.
    """
    from gridmodel.errors import InputError
    from gridmodel.simulation.inputs import run_inputs
    from gridmodel.simulation.unmeant import unmeant

    made, whole = None, draft is not None and not draft.problems
    if draft is not None and whole:
        auto = draft.scenario.members == "auto" and not draft.scenario.deterministic
        made = problems.of(lambda: run_inputs(draft.scenario, [0] if auto else None))
    network = made.network if made is not None else _network(draft)
    chosen: list[str] | None = []
    if network is not None:
        chosen = problems.of(lambda: regions_asked(regions, network.places, "the network of this run"))
    events = None
    if baseline and draft is not None and network is not None and whole:
        events = problems.of(lambda: _national_events(draft.scenario, network.regions))
    if draft is None or made is None or folder is None or chosen is None or problems.found:
        raise InputError(dict.fromkeys(_of_option(problem) for problem in problems.found))
    echo_problems(unmeant(made, late=False))  # the summary names help that comes too late
    return _Ready(scenario=draft.scenario, made=made, folder=folder, regions=chosen, events=events)


def _network(draft: Draft | None) -> Network | None:
    """Return the network of a scenario in which something is wrong; None if it cannot be read, as is told."""
    from gridmodel.errors import Problems
    from gridmodel.interchange import examine_runnable

    if draft is None or draft.unknown & {"network", "network_regions"}:
        return None
    asked = draft.scenario
    found = Problems().of(lambda: examine_runnable(asked.network, beside=asked.folder, regions=asked.network_regions))
    return None if found is None else found[0]


def _of_option(problem: Problem) -> Problem:
    """Return a problem of a time at which the state is saved, with the name of its option where no file has it."""
    if problem.row is not None or not problem.field.startswith("save_states."):
        return problem
    return replace(problem, table="", field="--save-state")


def _asked(
    name: str | None, manifest: Path | None, trust: bool, changes: dict[str, int | str | None], problems: Problems
) -> Draft | None:
    """Return the scenario of a name or a manifest with the changes of the options; None if there is none, noted."""
    from gridmodel.results.run_folder import read_manifest
    from gridmodel.scenario.model import Draft
    from gridmodel.simulation.bare import is_network, scenario_of
    from gridmodel.simulation.files import read_known

    given = {key: value for key, value in changes.items() if value is not None}

    def read() -> Draft:
        if manifest is not None:
            return Draft(scenario=read_manifest(manifest, trust=trust), problems=[])
        if name is None and "network" in given:
            return Draft(scenario=scenario_of(str(given.pop("network")), given), problems=[])
        if name is not None and "network" not in given and is_network(name):
            return Draft(scenario=scenario_of(name, given), problems=[])
        return read_known("january-2026" if name is None else name, given)

    if manifest is not None:
        options = ["SCENARIO"] * (name is not None) + [OPTION_OF.get(key, f"--{key}") for key in given]
        for option in options:
            problems.add(UNFIT, field=option)
    elif trust:
        problems.add("goes with --from", field="--trust")
    made = problems.of(read)
    problems.found += [] if made is None else made.problems
    return made


UNFIT = "does not go with --from, which repeats a run"
OPTION_OF = {"network_regions": "--regions"}
"""Options that are not named as their setting is."""


def _with_states(
    draft: Draft | None, save_states: tuple[str, ...], from_state: Path | None, problems: Problems, *, repeats: bool
) -> Draft | None:  # fmt: skip
    """Return a scenario with the state that it begins from and those that it saves; what is wrong is noted."""
    from gridmodel.scenario.model import Draft
    from gridmodel.simulation.save_times import check_save_times
    from gridmodel.simulation.state import from_state as begin_from
    from gridmodel.simulation.state import read_time

    if repeats:
        for option in ["--save-state"] * bool(save_states) + ["--from-state"] * (from_state is not None):
            problems.add(UNFIT, field=option)
        return draft
    whole = draft is not None and not draft.problems
    if from_state is not None and draft is not None and whole:
        asked = draft.scenario
        begun = problems.of(lambda: begin_from(asked, from_state))
        draft = draft if begun is None else Draft(scenario=begun, problems=[])
    elif from_state is not None:
        problems.of(lambda: read_time(from_state))
    read = [problems.of(partial(_time, text)) for text in save_states]
    times = [time_ for one in read if one is not None for time_ in one]
    if not times or draft is None:
        return draft
    asked, every = draft.scenario, [*draft.scenario.save_states, *times]
    if not whole:
        problems.found += check_save_times(asked.model_copy(update={"save_states": every}), draft.unknown)
        return draft
    saving = problems.of(lambda: asked.replace(save_states=every))
    return draft if saving is None else Draft(scenario=saving, problems=[])


def _time(text: str) -> tuple[datetime, ...]:
    """Return the local time of a text, as a scenario has it.

    Raises
    ------
    InputError
        If it is not one.
    """
    from gridmodel.simulation.bare import scenario_of

    return scenario_of("three-region", {"save_states": [text]}).save_states


def _command() -> list[str]:
    """Return the command line without the path of the program."""
    return ["gridmodel", *sys.argv[1:]]
