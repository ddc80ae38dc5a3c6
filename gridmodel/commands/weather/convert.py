"""`gridmodel weather convert`."""

from __future__ import annotations

import click

from gridmodel.commands.common import (
    all_of,
    counted,
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
    from gridmodel.weather.write import check_out

    data = all_of(lambda: read(source, reading), lambda: check_out(out, source=source))
    target = write_weather(data, out)
    named = {"time": "hour", "region": "region", "member": "member"}
    sizes = [counted(data.sizes[name], one) for name, one in named.items() if name in data.sizes]
    echo(f"Wrote {target}: {', '.join(sizes)}")
    if "history" in data.attrs:
        echo(f"{data.attrs['history']}.", err=True)
