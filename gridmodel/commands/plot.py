"""`gridmodel plot`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    report_problems,
    run_argument,
    writing,
)
from gridmodel.commands.places import regions_asked

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
    from gridmodel.errors import InputError, Problem
    from gridmodel.inputs.writing import replaced
    from gridmodel.output.plot import draw
    from gridmodel.regions import regions_of_result
    from gridmodel.results.run_folder import check_file, read_result

    check_file(output, [run])
    if output.suffix.lower() not in SUFFIXES:
        message = f"must end in {', '.join(SUFFIXES)}"
        raise InputError([Problem(message=message, field="--output", value=str(output))])
    with read_result(run) as result:
        chosen = None if region is None else regions_asked([region], regions_of_result(result), "this run")[0]
        figure = draw(result, kind, chosen)
    with writing(output), replaced(output) as made:
        figure.savefig(made, dpi=dpi)
    echo(f"Wrote {output}")
