"""`gridmodel run`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmodel.commands.common import json_option, print_json, report_problems
from gridmodel.commands.watch import Watch

if TYPE_CHECKING:
    import xarray as xr

    from gridmodel.scenario import Scenario


@click.command()
@click.argument("scenario", default="january-2026")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the results [runs/SCENARIO].")
@click.option("--members", type=click.IntRange(min=1), help="Monte Carlo draws, in place of the scenario's.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, in place of the scenario's.")
@click.option("--watch", is_flag=True, help="Show time, temperature and damage of each step while it goes.")
@json_option
@report_problems
def run(
    scenario: str, output: Path | None, *, members: int | None, seed: int | None, watch: bool, as_json: bool
) -> None:
    """Run a scenario and show what happens.

    SCENARIO is a bundled name or a YAML file; without it, January 2026 is run. The folder of results holds
    result.nc, summary.csv, summary.json, manifest.json and report.html, a page that opens without a network.
    """
    from gridmodel.errors import InputError, Problem
    from gridmodel.metrics import summarise
    from gridmodel.runfolder import check_target, summary_json, write_run
    from gridmodel.scenario import load_scenario
    from gridmodel.simulate import plan, simulate

    begun = time.perf_counter()
    asked = load_scenario(scenario)
    if members is not None and asked.deterministic:
        message = "does not go with a deterministic scenario, which has one member"
        raise InputError([Problem(message=message, field="--members", value=str(members))])
    changes = {"members": members, "seed": seed}
    asked = asked.replace(**{name: value for name, value in changes.items() if value is not None})
    folder = output or Path("runs") / Path(scenario).stem
    check_target(folder)
    made = plan(asked)
    read = time.perf_counter()
    with Watch(made) if watch else _progress(asked) as advance:
        result = simulate(made, progress=advance)
    done = time.perf_counter()
    write_run(result, asked, folder, command=_command(), seconds={"read": read - begun, "simulate": done - read})
    _write_report(result, folder)
    if as_json:
        print_json(summary_json(result, summarise(result)) | {"folder": str(folder)})
    else:
        from gridmodel.commands.summary import print_summary

        print_summary(result, folder)


def _write_report(result: xr.Dataset, folder: Path) -> None:
    """Write the page of a run beside its numbers."""
    from gridmodel.errors import InputError, Problem
    from gridmodel.report import write
    from gridmodel.runfolder import REPORT, read_manifest

    try:
        write(result, folder / REPORT, manifest=read_manifest(folder))
    except OSError as error:
        message = f"cannot be written: {error.strerror}; the numbers of the run are in the folder"
        raise InputError([Problem(message=message, table=str(folder / REPORT))]) from None


def _command() -> list[str]:
    """Return the command line without the place where the program is installed."""
    return ["gridmodel", *sys.argv[1:]]


class _progress:  # noqa: N801 - reads as a function
    """Progress bar on stderr, silent when that is no terminal."""

    def __init__(self, scenario: Scenario) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        terminal = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=terminal, transient=True, disable=not terminal.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(f"{scenario.draws} members, steps", total=None)

    def __enter__(self) -> _progress:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)
