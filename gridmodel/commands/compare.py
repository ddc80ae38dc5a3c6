"""`gridmodel compare`."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import combinations
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    FilePath,
    console,
    echo,
    echo_lines,
    echo_problems,
    json_option,
    language_option,
    print_json,
    print_table,
    report_problems,
    rounded,
    writing,
)
from gridmodel.commands.places import regions_asked

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from gridmodel.errors import Problem, Problems
    from gridmodel.network import Network
    from gridmodel.regions import Regions
    from gridmodel.scenario import Scenario

SIZES = {"h": 1e6, "K h": 1e6, "MWh": 1e3, "h d-1": 1.0}
"""Size of the printed unit in the unit of the file."""


@click.command(short_help="Compare runs, with intervals.")
@click.argument("runs", nargs=-1, metavar="RUN RUN… | SCENARIO")
@click.option("--with", "help_", multiple=True, metavar="KIND:SIZE[@REGION]",
              help="Run SCENARIO without and with this measure, e.g. import:300, mobile_boiler:50@UA-30.")  # fmt: skip
@click.option("--region", "regions", multiple=True, help="Region to show, e.g. UA-30 [country, what differs].")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: one row per run, region and metric.")
@click.option("--html", type=FilePath(dir_okay=False), help="Write a page of the runs side by side.")
@language_option("Language of that page.")
@json_option
@report_problems
def compare(
    runs: tuple[str, ...], help_: tuple[str, ...], regions: tuple[str, ...], *, as_csv: bool, as_json: bool,
    html: Path | None, lang: str,
) -> None:  # fmt: skip
    """Compare runs with the first one, by region and metric, with 95 % intervals.

    RUN is a folder that "gridmodel run" wrote. Runs with the same seed are compared member by member. Runs that
    differ in regional events are refused: a comparison varies conditions and help. With --with, a scenario is run
    without and with the given measures, on the same members.
    """
    if as_csv and as_json:
        raise click.UsageError("Give only one of --csv and --json.")
    _check_runs(runs, help_)
    with ExitStack() as opened:
        results, chosen = _asked(runs, help_, regions, html, opened)
        first, *others = results
        from gridmodel.inputs.spreadsheet import frame_csv
        from gridmodel.results.comparison import compare as differences

        tables = {name: differences(results[first], results[name]) for name in others}
        if html is not None:
            _write_page(results, html, lang)
        baseline = results[first][["region_name"]].load()
    if as_csv:
        echo_lines(frame_csv(_joined(tables)), nl=False)
    elif as_json:
        import json

        rows = json.loads(_joined(tables).reset_index().to_json(orient="records"))
        print_json({"first": runs[0], "differences": rows})
    else:
        called = {
            str(id_): str(name)
            for id_, name in zip(*(baseline[name].to_numpy() for name in ("region", "region_name")), strict=True)
        }
        for name, table in tables.items():
            _print(f"{name}, less {runs[0]}", table, chosen, called)


def _check_runs(runs: tuple[str, ...], help_: tuple[str, ...]) -> None:
    """Check that there is something to compare.

    Raises
    ------
    UsageError
        If there is nothing to compare.
    """
    if help_ and len(runs) != 1:
        raise click.UsageError("Give exactly one scenario with --with.")
    if not help_ and len(runs) < 2:
        raise click.UsageError("Give at least two runs, or a scenario and --with.")
    if len(set(runs)) < len(runs):
        raise click.UsageError("Give each run once: a run does not differ from itself.")


def _asked(
    runs: tuple[str, ...], help_: tuple[str, ...], regions: tuple[str, ...], html: Path | None, opened: ExitStack
) -> tuple[dict[str, xr.Dataset], tuple[str, ...]]:
    """Return results by name and the ids of regions, once nothing is wrong with anything that is asked for.

    Raises
    ------
    InputError
        With everything that is wrong, before anything is run.
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.regions import regions_of_result
    from gridmodel.results.run_folder import PAGES, check_ending, check_file

    problems, chosen = Problems(), []
    if html is not None:
        problems.of(lambda: check_ending(html, PAGES))
        problems.of(lambda: check_file(html, runs))
    if help_:
        scenarios, known = _helped(runs[0], help_, problems)
        results = {}
    else:
        results, scenarios = _read(runs, opened, problems), {}
        known = regions_of_result(next(iter(results.values()))) if results else None
    if known is not None:
        chosen = problems.of(lambda: regions_asked(regions, known, "these runs")) or []
    if problems.found:
        raise InputError(dict.fromkeys(problems.found))
    return results or _run(scenarios), tuple(chosen)


def _read(runs: tuple[str, ...], opened: ExitStack, problems: Problems) -> dict[str, xr.Dataset]:
    """Open results by name, lazily, until what is opened is closed; note what cannot be read or compared."""
    results = {run: problems.of(partial(_open, run, opened)) for run in runs}
    found = {run: result for run, result in results.items() if result is not None}
    if len(found) == len(runs):
        problems.of(lambda: _check_events(found))
    return found


def _open(run: str, opened: ExitStack) -> xr.Dataset:
    from gridmodel.results.run_folder import read_result

    return opened.enter_context(read_result(run))


def _check_events(results: dict[str, xr.Dataset]) -> None:
    """Check that the events of results can be compared.

    Raises
    ------
    InputError
        If they cannot.
    """
    from gridmodel.results.comparable import check_plant, country_of
    from gridmodel.results.comparison import ASKED, asked_of, check_asked
    from gridmodel.results.run_folder import events_of, manifest_of

    first = next(iter(results.values()))
    names = [str(name) for name in first["region"].to_numpy()]
    check_plant(results)
    country = country_of(first)
    manifests = {run: manifest_of(run) for run in results}
    asked = {
        run: {name: events_of(about, name) if about else asked_of(results[run], name) for name in ASKED}
        for run, about in manifests.items()
    }
    for one, run in combinations(results, 2):
        check_asked(asked[one], asked[run], run, names, country)


def _write_page(results: dict[str, xr.Dataset], path: Path, lang: str) -> None:
    from gridmodel.output.report import write_side_by_side

    with writing(path):
        write_side_by_side(results, path, lang=lang)
    echo(f"Wrote {path}", err=True)


def _helped(
    scenario: str, help_: tuple[str, ...], problems: Problems
) -> tuple[dict[str, Scenario], Regions | None]:  # fmt: skip
    """Return a scenario without and with measures, by name, and its regions; note every problem of both."""
    from gridmodel.errors import Problems
    from gridmodel.interchange import examine_runnable
    from gridmodel.simulation.files import quiet_problems, read_known

    draft = problems.of(lambda: read_known(scenario))
    problems.found += [] if draft is None else draft.problems
    given = [(text, row) for text in help_ if (row := _row(text, problems)) is not None]
    if draft is None:
        return {}, None
    asked, unsure, network = draft.scenario, draft.unknown, None
    if not unsure & {"network", "network_regions"}:
        found = Problems().of(
            lambda: examine_runnable(asked.network, beside=asked.folder, regions=asked.network_regions)
        )
        network = None if found is None else found[0]
    placed = [one for text, row in given for one in _placed(text, row, asked, network, unsure, problems)]
    if draft.problems or problems.found:
        problems.found += [] if draft.problems else quiet_problems(asked)
        return {}, None if network is None else network.places
    made = asked.replace(mitigations=[*(one.model_dump() for one in asked.mitigations), *placed])
    problems.found += quiet_problems(made)
    return {scenario: asked, f"{scenario} with {', '.join(help_)}": made}, None if network is None else network.places


def _run(scenarios: dict[str, Scenario]) -> dict[str, xr.Dataset]:
    """Run scenarios, once it is told what is in vain in any of them."""
    from gridmodel.simulation.unmeant import unmeant
    from gridmodel.studies.run import first_inputs, run_from

    first = {name: first_inputs(scenario) for name, scenario in scenarios.items()}
    echo_problems(problem for made in first.values() for problem in unmeant(made))
    return {name: run_from(first[name], scenario) for name, scenario in scenarios.items()}


def _placed(  # noqa: PLR0917 - a measure, and all that it is compared with
    text: str, row: dict[str, object], scenario: Scenario, network: Network | None, unsure: Collection[str],
    problems: Problems,
) -> list[dict[str, object]]:  # fmt: skip
    """Return the row of a measure if it is right and fits the network; what is wrong is noted as it was written."""
    from gridmodel.errors import InputError
    from gridmodel.scenario import Mitigation
    from gridmodel.services.measures import check_measures

    try:
        one = Mitigation.model_validate(row)
    except InputError as error:
        problems.found += [_of_option(problem, text, problem.field) for problem in error.problems]
        return []
    if network is not None and one.region:
        one = one.model_copy(update={"region": network.places.find(one.region) or one.region})
    alone = scenario.model_copy(update={"mitigations": (one,)})
    wrong = check_measures(alone, network, unknown=unsure)
    problems.found += [_of_option(problem, text, problem.field) for problem in wrong]
    return [] if wrong else [one.model_dump()]


def _row(text: str, problems: Problems) -> dict[str, object] | None:
    """Return the measure written as KIND:SIZE[@REGION]; None if it is not of that form, which is noted."""
    kind, _, rest = text.partition(":")
    size, _, region = rest.partition("@")
    try:
        if isfinite(float(size)):
            return {"kind": kind, "size": float(size), "region": region, "name": text}
    except ValueError:
        pass  # told below
    message = "is not KIND:SIZE or KIND:SIZE@REGION, e.g. import:300"
    problems.add(message, field="--with", value=text)
    return None


def _of_option(problem: Problem, text: str, field: str) -> Problem:
    """Return a problem of a measure with what was written for it, in place of its number in the scenario."""
    return replace(problem, table="", row=None, field=f"--with {text} {field}".strip())


def _joined(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(tables, names=["run"])


def _print(title: str, table: pd.DataFrame, regions: tuple[str, ...], called: dict[str, str]) -> None:
    """Print the country, then the chosen regions, or the regions that differ most."""
    from gridmodel.results.comparison import EVERYWHERE

    screen, several = console(), max(table.attrs["members"]) > 1
    screen.print(title, style="bold")
    shown = [EVERYWHERE, *(regions or _most(table, EVERYWHERE))]
    for region in dict.fromkeys(shown):
        part = table.loc[region]
        rows = [
            (words, *_cells(part.loc[metric], several)) for metric, words in _words().items() if metric in part.index
        ]
        place = "The country" if region == EVERYWHERE else f"{called[region]} ({region})"
        print_table(place, ("~", ">first", ">second", ">differs", ">95 %"), rows, screen=screen)
    if several:
        screen.print("first, second: typical, the median of the members; in brackets the bad case:")
        screen.print("one member in twenty is worse. differs: mean difference of the members.")
    paired = bool(table["paired"].iloc[0])
    words = "Compared member by member: same seed, same number of members." if paired else (
        "Not paired: the seed or number of members differs, so the intervals are wider than they could be."
    )  # fmt: skip
    screen.print("M h: million person-hours of the run. M K h: million person-degree-hours.")
    screen.print("95 %: interval of the mean difference.")
    screen.print(words)


def _cells(row: pd.Series[Any], several: bool) -> tuple[str, ...]:
    """Return the texts of one metric: both runs, typical and bad case with several members, and their difference."""
    size = SIZES[str(row["unit"])]
    own = [rounded(float(row[f"{name}_p50"]) / size) for name in ("first", "second")]
    if several:
        own = [
            f"{text} ({rounded(float(row[f'{name}_p95']) / size)})"
            for text, name in zip(own, ("first", "second"), strict=True)
        ]
    low, high = float(row["low"]) / size, float(row["high"]) / size
    span = "" if low != low else f"{_signed(low)} to {_signed(high)}"  # noqa: PLR0124 - NaN
    return (*own, _signed(float(row["difference"]) / size), span)


def _most(table: pd.DataFrame, everywhere: str) -> list[str]:
    """Return up to three regions whose person-hours without power differ most."""
    change = table.xs("person_hours_without_power", level="metric")["difference"].drop(everywhere).abs()
    return [str(name) for name in change[change > 0].sort_values(ascending=False, kind="stable").index[:3]]


def _signed(value: float) -> str:
    return f"+{rounded(value)}" if value > 0 else rounded(value)


def _words() -> dict[str, str]:
    """Return the metrics that are printed, and their labels; --csv and --json contain all metrics."""
    from gridmodel.services.registry import SHOWN_COUNTS, WORTHS

    return {
        **{count.metric: f"{count.words}, M h" for count in SHOWN_COUNTS},
        **{worth.metric: f"{worth.words}, M {worth.unit}" for worth in WORTHS},
        "energy_not_served": "not served, GWh",
        "hours_without_power_per_day": "no power, h per day",
    }
