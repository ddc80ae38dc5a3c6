"""`gridmodel weather convert`."""

from __future__ import annotations

import click

from gridmodel.commands.common import (
    echo,
    report_problems,
)
from gridmodel.commands.weather.reading import ReadingCommand, read, reading_options


@click.command("convert", cls=ReadingCommand, short_help="Convert a temperature file to our format.")
@click.argument("source", metavar="IN")
@click.argument("out")
@reading_options
@report_problems
def convert_weather(source: str, out: str, **reading: str | int | None) -> None:
    """Write a temperature file in the format of gridmodel.

    OUT ends in .csv or .nc.
    """
    from gridmodel.weather import write_weather

    data = read(source, reading)
    target = write_weather(data, out)
    echo(f"Wrote {target}: {data.sizes['time']} hours, {data.sizes['region']} regions")
    if "history" in data.attrs:
        echo(f"{data.attrs['history']}.", err=True)
