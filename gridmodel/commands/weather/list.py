"""`gridmodel weather list`."""

from __future__ import annotations

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems
from gridmodel.commands.weather.reading import span


@click.command("list")
@json_option
@report_problems
def list_weather(as_json: bool) -> None:
    """List the bundled temperature series."""
    from gridmodel.inputs.files import bundled
    from gridmodel.weather import load_weather

    rows = []
    for name in bundled("weather"):
        data = load_weather(name)
        row = {"name": name, **span(data), "regions": data.sizes["region"]}
        rows.append(row | {"mean_c": round(float(data.mean()), 1), "lowest_c": round(float(data.min()), 1)})
    if as_json:
        print_json(rows)
    else:
        columns = ("Weather", "first day", "last day", ">regions", ">mean, °C", ">lowest, °C")
        shown = [row | {key: row[key][:10] for key in ("first_utc", "last_utc")} for row in rows]
        print_table("", columns, [tuple(row.values()) for row in shown])
