"""`gridmodel network plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    report_problems,
    writing,
)

if TYPE_CHECKING:
    from gridmodel.errors import Problems

SUFFIXES = (".png", ".svg", ".pdf", ".html")
"""Endings of the files that can be written."""
DPI = 150
"""Default resolution of a PNG. [dots per inch]"""


@click.command("plot", short_help="Draw a network, or an hour of a run on it.")
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=FilePath(dir_okay=False),
    required=True,
    help="File: .png, .svg, .pdf, or .html, a self-contained page with the numbers.",
)
@click.option("--run", help='Folder that "gridmodel run" wrote: show the loading of lines and unserved demand.')
@click.option("--hour", help="Hour of the run: worst, a step number, or a local time, e.g. 2026-01-20 18:00 [worst].")
@click.option("--member", type=click.IntRange(min=0), help="Member of the run [the first].")
@click.option("--trust", is_flag=True, help="Open files that the run names outside its folder.")
@click.option("--dpi", type=click.IntRange(50, 1200), help="Dots per inch of a PNG [150].")
@report_problems
def plot_network(
    name: str, output: Path, *, run: str | None, hour: str | None, member: int | None, trust: bool, dpi: int | None
) -> None:
    """Draw a network, with --run the loading and unserved demand of one hour.

    NAME is a bundled name, a folder, or a file of another program. Networks of gridmodel are drawn region by region at
    their centres; others bus by bus at their coordinates, or, without coordinates, as a layout of the graph, and the
    picture says so. Needs the extra "plot".
    """
    plot_to(name, output, run=run, hour=hour, member=member, trust=trust, dpi=dpi)
    echo(f"Wrote {output}")


def plot_to(
    name: str, output: Path, *, run: str | None, hour: str | None, member: int | None, trust: bool, dpi: int | None
) -> None:
    """Draw a network, alone or in an hour of a run, and write it.

    Raises
    ------
    InputError
        With every problem: options that do not go together, files that cannot be read or written.
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.inputs.files import find, is_bundled
    from gridmodel.inputs.writing import replaced, write_text
    from gridmodel.output.network_picture import draw_map, map_and_state, page
    from gridmodel.results.run_folder import check_file

    problems = Problems()
    _check(output, problems, run=run, hour=hour, member=member, dpi=dpi)
    problems.of(lambda: check_file(output, [name, *([] if run is None else [run])]))
    made = problems.of(lambda: map_and_state(name, run, hour=hour or "worst", member=member, trust=trust))
    if made is None or problems.found:
        raise InputError(problems.found)
    drawn, state = made
    with writing(output):
        if output.suffix.lower() == ".html":
            named = not is_bundled(find("networks", name))
            write_text(output, page(drawn, state, named=named))
        else:
            with replaced(output) as place:
                draw_map(drawn, state).savefig(place, dpi=dpi or DPI)


def _check(
    output: Path, problems: Problems, *, run: str | None, hour: str | None, member: int | None, dpi: int | None
) -> None:
    """Note options that do not go together."""
    suffix = output.suffix.lower()
    if suffix not in SUFFIXES:
        problems.add(f"must end in {', '.join(SUFFIXES)}", field="--output", value=output)
    if run is None:
        for field, value in (("--hour", hour), ("--member", member)):
            if value is not None:
                problems.add("goes with --run", field=field, value=value)
    if dpi is not None and suffix in {".svg", ".pdf", ".html"}:
        problems.add("goes with a .png", field="--dpi", value=dpi)
