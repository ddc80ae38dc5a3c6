"""`gridmodel network convert`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    json_option,
    print_json,
    report_problems,
)
from gridmodel.commands.network.formats import WritingCommand, complete_written, written_format


@click.command("convert", cls=WritingCommand, short_help="Write a network in another format.")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO", type=FilePath())
@click.option(
    "--to", metavar="FORMAT", callback=written_format, shell_complete=complete_written,
    help="Format of TO, if its name leaves it open.",
)  # fmt: skip
@json_option
@report_problems
def convert(source: str, target: Path, to: str | None, as_json: bool) -> None:
    """Write a network in another format, and list what that format cannot keep.

    FROM is a bundled name, a folder or a file of any format that can be read. The suffix of TO decides its format. A TO
    without a suffix becomes a folder: of gridmodel's tables if FROM has them, otherwise of pandapower's, or as --to
    says. Existing files are never overwritten. Results are not kept.
    """
    import warnings

    from gridmodel.interchange import convert_network

    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", UserWarning)
        made = convert_network(source, target, to=to)
    for warning in noted:
        if warning.category is UserWarning:
            echo(f"warning: {warning.message}", err=True)
    if as_json:
        print_json({"path": str(made.path), "format": made.form, "not_kept": made.not_kept})
        return
    for line in made.not_kept:
        echo(f"not kept: {line}", err=True)
    echo(f"Wrote {made.path} ({made.form}).")
