"""`gridmodel network scaffold`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import FilePath, echo, json_option, print_json, report_problems

ONE = {
    "buses": "bus", "regions": "region", "lines": "line", "transformers": "transformer", "generators": "generator",
    "technologies": "technology", "interconnectors": "interconnector", "profiles": "profile", "sources": "source",
}  # fmt: skip
"""Words for a table with one row."""


@click.command("scaffold", short_help="Write our tables from a network of another program.")
@click.argument("case")
@click.argument("folder", metavar="DIR", type=FilePath())
@click.option(
    "--regions", metavar="COLUMN|FILE", help="Regions: a column of the buses, or a CSV file of bus and region."
)
@click.option("--country", default="NET", show_default=True, help="Short name of the whole, for events.")
@click.option("--timezone", default="UTC", show_default=True, help="Clock of scenarios and profiles.")
@json_option
@report_problems
def scaffold(  # noqa: PLR0917 - the options of a command
    case: str, folder: Path, regions: str | None, country: str, timezone: str, as_json: bool
) -> None:
    """Write our tables from a network of another program, to fill in.

    CASE is a file or folder of any format that is read. DIR becomes a folder of our own tables: regions with their
    demand but without people, buses, lines, transformers, generators. Named as CASE with the end .tables and put beside
    it, what is filled in is added to a run of CASE itself.
    """
    from gridmodel.interchange.scaffold import scaffold_network

    made = scaffold_network(case, folder, regions=regions, country=country, timezone=timezone)
    counts = {name: len(frame) for name, frame in made.tables.items() if len(frame)}
    if as_json:
        print_json({"path": str(folder), "rows": counts})
        return
    told = (f"{count} {ONE.get(name, name) if count == 1 else name}" for name, count in counts.items())
    echo(f"Wrote {folder}: {', '.join(told)}.")
    echo("Fill in the people of regions.csv, and add heat_systems.csv and water_systems.csv where you know them.")
