"""`gridmodel weather show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    counted,
    echo,
    json_option,
    print_json,
    print_table,
    report_problems,
)
from gridmodel.commands.weather.reading import ReadingCommand, read, reading_options, span

if TYPE_CHECKING:
    import xarray as xr


@click.command("show", cls=ReadingCommand, short_help="Show a series and its indices of cold.")
@click.argument("name")
@reading_options
@json_option
@report_problems
def show_weather(name: str, as_json: bool, **reading: str | int | None) -> None:
    """Show a temperature series and its indices of cold.

    NAME is a bundled name or a file. Days are UTC. Cold days have a mean below -10 °C; cold spells last five days or
    more; heating degree-days count below 17 °C. For a file with members, means over members are shown, and the lowest
    and highest of all members.
    """
    data = read(name, reading)
    regions = {str(region): _facts(data.sel(region=region)) for region in data["region"].to_numpy()}
    if as_json:
        print_json({"name": name, **span(data), "regions": regions})
        return
    covered = span(data)
    members = f", {counted(data.sizes['member'], 'member')}" if "member" in data.dims else ""
    hours = f"{covered['first_utc']} to {covered['last_utc']} UTC"
    echo(f"{name}: hourly, {hours}, {counted(len(regions), 'region')}{members}")
    columns = ("Region", ">mean, °C", ">lowest, °C", "at, UTC", ">highest, °C")
    print_table("", columns, [(key, *_row(v)) for key, v in regions.items()])
    indexed = {key: v["indices"] for key, v in regions.items() if "indices" in v}
    if indexed:
        heads = ("Region", ">days in spells", ">spells", ">longest, d", ">spells of 3 d, d", ">degree-days, K d")
        print_table("Indices of cold", heads, [(key, *(f"{x:g}" for x in v.values())) for key, v in indexed.items()])


def _facts(data: xr.DataArray) -> dict[str, Any]:
    """Return mean, extremes and indices of one region."""
    from gridmodel.weather.indices import all_indices

    coldest = data.stack(step=[str(dim) for dim in data.dims])
    lowest = coldest.isel(step=int(coldest.to_numpy().argmin()))
    facts: dict[str, Any] = {
        "mean_c": round(float(data.mean()), 1),
        "lowest_c": round(float(lowest), 1),
        "lowest_at_utc": str(lowest["time"].to_numpy())[:16],
        "highest_c": round(float(data.max()), 1),
    }
    if data.sizes["time"] >= 48:
        facts["indices"] = {str(name): round(float(x.mean()), 1) for name, x in all_indices(data).items()}
    return facts


def _row(facts: dict[str, Any]) -> tuple[Any, ...]:
    return facts["mean_c"], facts["lowest_c"], facts["lowest_at_utc"].replace("T", " "), facts["highest_c"]
