"""`gridmodel report`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    language_option,
    report_problems,
    run_argument,
    writing,
)
from gridmodel.commands.places import regions_asked

if TYPE_CHECKING:
    import xarray as xr

    from gridmodel.network import Network


@click.command(short_help="Write the report of a run as one page.")
@run_argument
@click.option("-o", "--output", type=FilePath(dir_okay=False), help="File [report.html beside the result].")
@click.option("--region", default="", metavar="NAME",
              help="The sheet of one region, two printed pages, by name or id [the page of the country].")  # fmt: skip
@language_option("Language shown first; the page of the country contains all.")
@click.option("--marking", default="", help='Distribution marking on every page, e.g. "For official use".')
@click.option("--baseline", type=FilePath(), help="Run of the same scenario without events: says what these add.")
@report_problems
def report(run: str, output: Path | None, *, region: str, lang: str, marking: str, baseline: Path | None) -> None:
    """Write the report of a run as one page for planners.

    The page is one HTML file that opens without a network: what happens and how certain it is, deadlines, what to send,
    a map, charts with their tables, and every input. RUN is a folder that "gridmodel run" wrote. With --region it is a
    sheet of that region, for its duty officer.
    """
    from gridmodel.output.report import write
    from gridmodel.results.run_folder import manifest_of

    with ExitStack() as opened:
        result, without, chosen, target = _asked(run, output, region, lang, marking, baseline, opened)
        beside, about = _beside(run), manifest_of(run)
        with writing(target):
            if chosen:
                _write_sheet(run, result, target, chosen, lang=lang, marking=marking)
            else:
                write(
                    result, target, manifest=about, lang=lang, marking=marking, network=_network(beside, about),
                    without=without, events=_rows(about),
                )  # fmt: skip
    echo(f"Wrote {target}")


def _asked(  # noqa: PLR0917 - what the command is given
    run: str, output: Path | None, region: str, lang: str, marking: str, baseline: Path | None, opened: ExitStack
) -> tuple[xr.Dataset, xr.Dataset | None, str, Path]:
    """Open the run and the one without events, and check all that is asked for, before anything is written.

    Returns
    -------
    tuple
        The results, the id of the region or an empty text, and the file to write.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.output.report.page import check_choices
    from gridmodel.regions import regions_of_result
    from gridmodel.results.run_folder import PAGES, REPORT, check_ending, check_file, manifest_of, read_result

    problems = Problems()
    problems.of(lambda: manifest_of(run))
    result = problems.of(lambda: opened.enter_context(read_result(run)))
    without = None if baseline is None else problems.of(lambda: opened.enter_context(read_result(baseline)))
    chosen = ""
    if result is not None and region:
        known = regions_of_result(result)
        chosen = "".join(problems.of(lambda: regions_asked([region], known, "this run")) or [])
    problems.of(lambda: check_choices(lang, marking))
    target = output or _beside(run) / (f"sheet-{chosen}.html" if chosen else REPORT)
    problems.of(lambda: check_ending(target, PAGES))
    if result is not None or output is not None:
        problems.of(lambda: check_file(target, [run, *([] if baseline is None else [baseline])]))
    if result is None or problems.found:
        raise InputError(dict.fromkeys(problems.found))
    return result, without, chosen, target


def _beside(run: str) -> Path:
    """Return the folder of a run."""
    return Path(run) if Path(run).is_dir() else Path(run).parent


def _write_sheet(run: str, result: xr.Dataset, target: Path, region: str, *, lang: str, marking: str) -> None:
    """Write the sheet of one region, with what the region has itself if the inputs of the run can be read."""
    import warnings

    from gridmodel.errors import InputError
    from gridmodel.network import read_network
    from gridmodel.output.sheet import Beside, write
    from gridmodel.results.run_folder import read_manifest
    from gridmodel.studies.brief import own_means

    known = Beside()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            scenario = read_manifest(Path(run))
            network = read_network(scenario.network, beside=scenario.folder)
        outlines = network.outlines
        known = Beside(own=own_means(network, scenario, region), outlines=outlines,
                       planned=scenario.mitigations,
                       source=outlines.credit(lang))  # fmt: skip
    except (InputError, OSError):
        echo(
            "The inputs of the run cannot be read: the sheet leaves out its map and what the region has.",
            err=True,
        )
    write(result, target, region, lang=lang, marking=marking, beside=known)


def _network(folder: Path, manifest: dict[str, Any]) -> Network | None:
    """Return the run's own copy of its network, for its map; None for a bundled one, or if it cannot be read."""
    from gridmodel.errors import InputError, Problems
    from gridmodel.network import read_network
    from gridmodel.results.own_inputs import confined

    beside = confined(manifest, folder, Problems(), shown="manifest.json") if manifest.get("scenario") else None
    own = None if beside is None else beside.own.get("network")
    try:
        return None if own is None else read_network(own[1])
    except InputError:
        return None


def _rows(manifest: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the rows of a file of events that a manifest contains."""
    rows = manifest.get("event_rows")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None
