"""`gridmodel weather`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems

if TYPE_CHECKING:
    import xarray as xr


@click.group()
def weather() -> None:
    """Look at temperature series."""


@weather.command("list")
@json_option
@report_problems
def list_weather(as_json: bool) -> None:
    """List the bundled temperature series."""
    from gridmodel.files import bundled
    from gridmodel.weather import load_weather

    rows = []
    for name in bundled("weather"):
        data = load_weather(name)
        row = {"name": name, **_span(data), "regions": data.sizes["region"]}
        rows.append(row | {"mean_c": round(float(data.mean()), 1), "lowest_c": round(float(data.min()), 1)})
    if as_json:
        print_json(rows)
    else:
        columns = ("Weather", "first hour, UTC", "last hour, UTC", ">regions", ">mean, °C", ">lowest, °C")
        print_table("", columns, [tuple(row.values()) for row in rows])


@weather.command("show")
@click.argument("name")
@json_option
@report_problems
def show_weather(name: str, as_json: bool) -> None:
    """Show a temperature series: NAME is a bundled name or a file."""
    from gridmodel.weather import load_weather

    data = load_weather(name)
    lowest = data.argmin("time").to_numpy()
    regions: dict[str, dict[str, Any]] = {
        str(region): {
            "mean_c": round(float(data.sel(region=region).mean()), 1),
            "lowest_c": round(float(data.sel(region=region).min()), 1),
            "lowest_at_utc": str(data["time"].to_numpy()[lowest[place]])[:16],
            "highest_c": round(float(data.sel(region=region).max()), 1),
        }
        for place, region in enumerate(data["region"].to_numpy())
    }
    if as_json:
        print_json({"name": name, **_span(data), "regions": regions})
        return
    span = _span(data)
    click.echo(f"{name}: hourly, {span['first_utc']} to {span['last_utc']} UTC, {len(regions)} regions")
    rows = [
        (key, v["mean_c"], v["lowest_c"], str(v["lowest_at_utc"]).replace("T", " "), v["highest_c"])
        for key, v in regions.items()
    ]
    print_table("", ("Region", ">mean, °C", ">lowest, °C", "at, UTC", ">highest, °C"), rows)


def _span(data: xr.DataArray) -> dict[str, Any]:
    first, last = (str(data["time"].to_numpy()[place])[:16] for place in (0, -1))
    return {"first_utc": first, "last_utc": last}
