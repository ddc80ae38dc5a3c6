"""`gridmodel plot`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    report_problems,
    run_argument,
    writing,
)
from gridmodel.commands.places import regions_asked

if TYPE_CHECKING:
    import xarray as xr

    from gridmodel.errors import Problems

KINDS = (
    "balance", "causes", "generation", "heat_causes", "people", "temperature", "timetable", "tiles", "water_causes",
)  # fmt: skip
"""Kinds of picture, listed here so that help imports no plotting library."""
SUFFIXES = (".png", ".svg", ".pdf")
"""Endings of the files that can be written."""


@click.command(short_help="Draw a picture of a run.")
@run_argument
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.option("-o", "--output", type=FilePath(), required=True, help="File: .png, .svg or .pdf.")
@click.option("--region", help="One region, e.g. UA-30 [the country]; required for temperature and timetable.")
@click.option("--dpi", type=click.IntRange(50, 1200), default=150, help="Dots per inch of a PNG [150].")
@report_problems
def plot(run: str, kind: str, output: Path, *, region: str | None, dpi: int) -> None:
    """Draw a picture of a run for another document.

    RUN is a folder that "gridmodel run" wrote. KIND is balance, causes, generation, heat_causes, people, temperature,
    timetable, tiles or water_causes. Needs the extra "plot".
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.inputs.writing import replaced
    from gridmodel.output.plot import draw
    from gridmodel.results.run_folder import check_file, read_result

    problems = Problems()
    problems.of(lambda: check_file(output, [run]))
    if output.suffix.lower() not in SUFFIXES:
        problems.add(f"must end in {', '.join(SUFFIXES)}", field="--output", value=output)
    with ExitStack() as opened:
        result = problems.of(lambda: opened.enter_context(read_result(run)))
        chosen = None if result is None else _chosen(result, region, problems)
        figure = None if result is None else problems.of(lambda: draw(result, kind, chosen))
    if figure is None or problems.found:
        raise InputError(problems.found)
    with writing(output), replaced(output) as made:
        figure.savefig(made, dpi=dpi)
    echo(f"Wrote {output}")


def _chosen(result: xr.Dataset, region: str | None, problems: Problems) -> str | None:
    """Return the id of a region; where it is wrong, which is noted, one with which the kind of picture is checked."""
    from gridmodel.regions import regions_of_result

    if region is None:
        return None
    known = regions_of_result(result)
    found = problems.of(lambda: regions_asked([region], known, "this run"))
    return found[0] if found else known.ids[0]
