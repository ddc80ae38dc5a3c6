"""`gridmodel export`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import (
    FilePath,
    all_of,
    echo,
    language_option,
    report_problems,
    run_argument,
)

FORMS = ("csv", "hxl", "geojson", "cap", "trigger", "netcdf")
"""Formats, listed here so that help imports no library."""


@click.command(short_help="Write results for other tools.")
@run_argument
@click.argument("form", metavar="FORMAT", type=click.Choice(FORMS))
@click.option("-o", "--output", type=FilePath(dir_okay=False), required=True, help="File to write.")
@language_option("Language of a trigger sheet.")
@report_problems
def export(run: str, form: str, output: Path, *, lang: str) -> None:
    """Write the results of a run for other tools.

    RUN is a folder that "gridmodel run" wrote. FORMAT is csv (one row per region, units under the header, opens in
    Excel), hxl (the same with HXL tags), geojson (regions as points at oblast centres), cap (a draft alert, CAP 1.2),
    trigger (a page of triggers for early action) or netcdf (means and quantiles over members by hour and region,
    CF-1.11).
    """
    from gridmodel.output.export import ENDINGS
    from gridmodel.output.export import export as write
    from gridmodel.results.run_folder import check_ending, check_file, read_result

    with all_of(
        lambda: read_result(run),
        lambda: check_ending(output, ENDINGS[form], of=form),
        lambda: check_file(output, [run]),
    ) as result:
        write(result, form, output, lang=lang)
    echo(f"Wrote {output}")
