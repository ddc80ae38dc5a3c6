"""`gridmodel condition`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    FilePath,
    all_of,
    console,
    counted,
    echo,
    echo_problems,
    ended_by_signals,
    json_option,
    print_json,
    print_table,
    report_problems,
    rounded,
)
from gridmodel.commands.told import band, shown_in, what, when

if TYPE_CHECKING:
    import xarray as xr

MOST_ROWS, MOST_SETTINGS, MOST_NEXT = 30, 8, 16
"""Most lines of each table on the terminal; the page and posterior.json have all."""
SHOWN_DAYS = (0, 2, 6)
"""Days of the timetables that are shown on the terminal, the first being 0."""


@click.command(short_help="Bring a scenario up to date by what is reported.")
@click.argument("scenario")
@click.argument("observations", type=FilePath(dir_okay=False))
@click.option("-o", "--output", type=FilePath(), required=True, help="Folder of the posterior, as of a run.")
@click.option("--until", help="Local midnight up to which is learned [the one after the last observation].")
@click.option("--members", type=click.IntRange(min=1), help="Members, instead of the scenario's.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed, instead of the scenario's.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
@click.option("--overwrite", is_flag=True, help="Replace another run in the folder.")
@json_option
@report_problems
def condition(
    *, scenario: str, observations: Path, output: Path, until: str | None, members: int | None, seed: int | None,
    workers: int, overwrite: bool, as_json: bool,
) -> None:  # fmt: skip
    """Bring a scenario up to date by what is reported, and run on to its end.

    SCENARIO is a bundled name or a YAML file; OBSERVATIONS is a CSV file with from, to, scope, quantity and value, and
    perhaps low, high, spread, unit and source. The folder has all that a run has, and posterior.json: each report
    beside prior and posterior, what comes next, settings that moved. A study that was stopped goes on where it was if
    the same command is given again.
    """
    from gridmodel.output import report
    from gridmodel.results.posterior import shown_of
    from gridmodel.results.run_folder import check_target, write_run
    from gridmodel.studies.conditioning.api import answer, ask
    from gridmodel.studies.conditioning.store import Knots

    begun = time.perf_counter()
    asked = all_of(
        lambda: ask(scenario, observations, until=until, members=members, seed=seed),
        lambda: check_target(output, overwrite=overwrite),
    )
    echo_problems(asked.warnings)
    least, most = asked.member_hours
    reports = counted(len(asked.rows), "observation")
    echo(
        f"{reports} up to {asked.until:%Y-%m-%d %H:%M}; {asked.scenario.draws} members, "
        f"{least:,.0f} to {most:,.0f} member-hours.", err=True,
    )  # fmt: skip
    store = output.with_name(f"{output.name}.part")
    with _keeping(store, asked.job):
        with ended_by_signals(), _bar() as advance:
            result = answer(asked, workers=workers, store=store, progress=advance)
        seconds = {"condition": time.perf_counter() - begun}
        write_run(
            result, asked.scenario, output, command=["gridmodel", *sys.argv[1:]], seconds=seconds,
            page=lambda path, about, summary: report.write(result, path, manifest=about, summary=summary),
        )  # fmt: skip
    Knots(store, asked.job).remove()
    found = shown_of(result)
    assert found is not None  # noqa: S101 - it was made above
    if as_json:
        print_json(found | {"folder": str(output)})
    else:
        _print(result, found, output)


@contextmanager
def _keeping(store: Path, job: str) -> Iterator[None]:
    """Say what a study that ends early has kept.

    Raises
    ------
    SystemExit
        If a process has ended, or something cannot be written, as on a full disk, and an earlier part is kept; its
        problems are told.
    """
    from gridmodel.errors import InputError
    from gridmodel.studies.conditioning.store import tidied
    from gridmodel.studies.processes import StudyStoppedError

    kept = f"What was reached is kept in {store}; the same command goes on from there."
    try:
        yield
    except StudyStoppedError as error:
        echo(f"stopped: {error}", err=True)
        echo(kept if tidied(store, job) else "Nothing was written.", err=True)
        raise SystemExit(1) from None
    except InputError as error:
        if not tidied(store, job):
            raise
        echo_problems(error.problems)
        echo(kept, err=True)
        raise SystemExit(1) from None
    except (KeyboardInterrupt, OSError):
        if tidied(store, job):
            echo(kept, err=True)
        raise


def _bar() -> Any:  # noqa: ANN401 - a context manager
    from gridmodel.commands.progress import HoursBar

    return HoursBar()


def _print(result: xr.Dataset, found: dict[str, Any], folder: Path) -> None:
    """Print what was learned, how sure it is, and what comes next."""
    from gridmodel.output.languages import region_names

    screen = console()
    names = dict(zip(map(str, result["region"].to_numpy()), region_names(result, "en"), strict=True))
    screen.print(str(result.attrs["title"]), style="bold")
    screen.print(f"Worth {rounded(found['effective'])} independent members of {found['members']}.")
    if "warning" in found:
        screen.print(found["warning"], style="bold")
    rows = [_reported(one) for one in found["rows"][:MOST_ROWS]]
    columns: tuple[str, ...] = ("~From", "~Where", "~What", ">Reported", ">Prior", ">Posterior", "~")
    print_table(
        "What was reported, and the model before and after it: median (90 % band)", columns, rows, screen=screen
    )
    if any(one["disagrees"] for one in found["rows"][:MOST_ROWS]):
        screen.print("* disagrees: as far from what all other reports say as one report in fifty is.")
    if len(found["rows"]) > MOST_ROWS:
        screen.print(f"and {len(found['rows']) - MOST_ROWS} more in posterior.json")
    coming = [_next(one) for one in found["next"][:MOST_NEXT]]
    if coming:
        columns = ("~Day", "~What", ">Prior", ">Posterior")
        print_table("What reports of the whole country would say next", columns, coming, screen=screen)
    days, regions = _timetables(found["timetables"], names)
    if regions:
        print_table(
            f"What timetables would say next, from all {found['members']} members: hours off a day",
            ("~Where", *(f">{day}" for day in days)), regions, screen=screen,
        )  # fmt: skip
        if not found["timetables_from"]:
            screen.print("No report is of hours or queues off: these are the members before reports, and errors.")
    settings = [
        (one["setting"], band(one["prior"], decimals=2), band(one["posterior"], decimals=2), f"{one['moved_sd']:+.1f}")
        for one in found["settings"][:MOST_SETTINGS]
    ]
    columns = ("~Setting", ">Prior", ">Posterior", ">sd")
    print_table("Settings that moved most, in standard deviations (sd)", columns, settings, screen=screen)
    screen.print(f"Results are in {folder}", soft_wrap=True)


def _reported(one: dict[str, Any]) -> tuple[str, ...]:
    """Return the line of a report."""
    unit, factor = shown_in(one["unit"], [one["value"], *one["prior"], *one["posterior"]])
    return (
        when(one["from"]), one["scope"], what(one["quantity"], unit), rounded(one["value"] * factor),
        band(one["prior"], factor), band(one["posterior"], factor), "*" if one["disagrees"] else "",
    )  # fmt: skip


def _next(one: dict[str, Any]) -> tuple[str, ...]:
    """Return the line of what would be reported of the whole country."""
    unit, factor = shown_in(one["unit"], [*one["prior"], *one["posterior"]])
    return (
        when(one["from"]), what(one["quantity"], unit), band(one["prior"], factor), band(one["posterior"], factor)
    )  # fmt: skip


def _timetables(rows: list[dict[str, Any]], names: Mapping[str, str]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return some of the days that are foretold, and a line for each region with its band on each of them."""
    listed = list(dict.fromkeys(one["from"][5:10] for one in rows))
    days = [listed[place] for place in SHOWN_DAYS if place < len(listed)]
    by_region: dict[str, list[str]] = {}
    for one in rows:
        if one["from"][5:10] in days:
            by_region.setdefault(names[one["scope"]], []).append(band(one["posterior"]))
    return days, [(region, *bands) for region, bands in by_region.items()]
