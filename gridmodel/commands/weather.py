"""`gridmodel weather`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems

if TYPE_CHECKING:
    import xarray as xr

    from gridmodel.errors import Problem

SPELL_DAYS = 5
"""Plateau of a cold spell whose length is not given. [d] The design temperature is that of five days."""
F = TypeVar("F", bound=Callable[..., Any])

_READING = (
    click.option("--regions", metavar="NETWORK", help="Turn a grid or several places to the regions of a network."),
    click.option("--region", default="", metavar="ID", help="Region whose weather a file of one place is."),
    click.option(
        "--how", type=click.Choice(["nearest", "area"]), default="nearest", help="How a grid becomes regions."
    ),
    click.option("--timezone", default="", help="Of times and days that do not state one: Europe/Kyiv, +02:00."),
    click.option("--unit", default="", help="Of numbers that do not state one: degC, K, degF or tenths."),
    click.option("--fill", type=click.Choice(["linear"]), help="Fill gaps along a line."),
    click.option(
        "--fill-limit-h", type=click.IntRange(min=1), default=6, show_default=True, help="Longest gap filled."
    ),
)


class _Reading(click.Command):
    """Command whose help ends with the formats that are read, from their registry."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from gridmodel.weather.registry import formats

        super().format_epilog(ctx, formatter)
        with formatter.section("Formats, detected by content"):
            formatter.write_dl([(each.name, f"{each.meaning}.".replace("`", "")) for each in formats()])


def reading_options(command: F) -> F:
    """Add the options that state about a file what it does not state itself."""
    for option in reversed(_READING):
        command = option(command)
    return command


@click.group(short_help="Show, check, convert, make temperatures.")
def weather() -> None:
    """Show, check, convert and generate temperature series."""


@weather.command("list")
@json_option
@report_problems
def list_weather(as_json: bool) -> None:
    """List the bundled temperature series."""
    from gridmodel.inputs.files import bundled
    from gridmodel.weather import load_weather

    rows = []
    for name in bundled("weather"):
        data = load_weather(name)
        row = {"name": name, **_span(data), "regions": data.sizes["region"]}
        rows.append(row | {"mean_c": round(float(data.mean()), 1), "lowest_c": round(float(data.min()), 1)})
    if as_json:
        print_json(rows)
    else:
        columns = ("Weather", "first day", "last day", ">regions", ">mean, °C", ">lowest, °C")
        shown = [row | {key: row[key][:10] for key in ("first_utc", "last_utc")} for row in rows]
        print_table("", columns, [tuple(row.values()) for row in shown])


@weather.command("show", cls=_Reading, short_help="Show a series and its indices of cold.")
@click.argument("name")
@reading_options
@json_option
@report_problems
def show_weather(name: str, as_json: bool, **reading: str | int | None) -> None:
    """Show a temperature series and its indices of cold: NAME is a bundled name or a file.

    Days are UTC. Cold days have a mean below -10 °C; spells last five days or more; heating degree-days count below
    17 °C. Of a file with members, means over members are shown, and the lowest and highest of all.
    """
    data = _read(name, reading)
    regions = {str(region): _facts(data.sel(region=region)) for region in data["region"].to_numpy()}
    if as_json:
        print_json({"name": name, **_span(data), "regions": regions})
        return
    span = _span(data)
    members = f", {data.sizes['member']} members" if "member" in data.dims else ""
    click.echo(f"{name}: hourly, {span['first_utc']} to {span['last_utc']} UTC, {len(regions)} regions{members}")
    columns = ("Region", ">mean, °C", ">lowest, °C", "at, UTC", ">highest, °C")
    print_table("", columns, [(key, *_row(v)) for key, v in regions.items()])
    indexed = {key: v["indices"] for key, v in regions.items() if "indices" in v}
    if indexed:
        heads = ("Region", ">days in spells", ">spells", ">longest, d", ">spells of 3 d, d", ">degree-days, K d")
        print_table("Indices of cold", heads, [(key, *(f"{x:g}" for x in v.values())) for key, v in indexed.items()])


@weather.command("check", cls=_Reading, short_help="Check a temperature file: every problem at once.")
@click.argument("file")
@reading_options
@json_option
@report_problems
def check_weather(file: str, as_json: bool, **reading: str | int | None) -> None:
    """Check a temperature file: every problem at once, exit status 1 if there is an error."""
    from dataclasses import asdict

    from gridmodel.errors import InputError
    from gridmodel.weather import read_weather

    found: list[Problem]
    try:
        data, found = read_weather(file, **_chosen(reading))
        summary: dict[str, Any] = {**_span(data), "regions": data.sizes["region"]}
    except InputError as error:
        if not as_json:
            raise
        found, summary = error.problems, {}
    if as_json:
        print_json({"file": file, **summary, "problems": [asdict(problem) for problem in found]})
        raise SystemExit(0 if summary else 1)
    _say(found)
    hours = f"{summary['first_utc']} to {summary['last_utc']} UTC"
    click.echo(f"{file} can be used: hourly, {hours}, {summary['regions']} regions")


@weather.command("convert", cls=_Reading, short_help="Write a temperature file in our own format.")
@click.argument("source", metavar="IN")
@click.argument("out")
@reading_options
@report_problems
def convert_weather(source: str, out: str, **reading: str | int | None) -> None:
    """Write a temperature file in our own format: OUT ends in .csv or .nc."""
    from gridmodel.weather import write_weather

    data = _read(source, reading)
    target = write_weather(data, out)
    click.echo(f"Wrote {target}: {data.sizes['time']} hours, {data.sizes['region']} regions")
    if "history" in data.attrs:
        click.echo(f"{data.attrs['history']}.", err=True)


@weather.command("generate", short_help="Generate winters or a cold spell.")
@click.argument("out")
@click.option("--start", required=True, help="First hour, UTC, such as 2026-01-08T00:00.")
@click.option("--end", required=True, help="Hour after the last, UTC.")
@click.option("--members", type=click.IntRange(min=1), default=1, show_default=True, help="Number of winters.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the random numbers.")
@click.option("--design-cold-spell", "days", type=click.IntRange(min=1), metavar="DAYS",
              help="Instead a plateau of DAYS at the design temperature of each region.")  # fmt: skip
@click.option("--return-period", "years", type=float, metavar="YEARS",
              help="The plateau is as cold as one winter in YEARS (2 to 100); 5 days if none are given.")  # fmt: skip
@click.option("--regions", metavar="NETWORK", help="Only the regions of a network; by its own climate if it has one.")
@report_problems
def generate_weather(
    *, out: str, start: str, end: str, members: int, seed: int, days: int | None, years: float | None,
    regions: str | None,
) -> None:  # fmt: skip
    """Generate possible winters: OUT ends in .csv (one member) or .nc.

    With --return-period, a cold spell that comes once in so many years in the climate of these winters: the mean of its
    plateau is the level that the coldest DAYS in a row of one winter in YEARS fall below. In the bundled climate,
    design temperatures are 3 to 6 K colder than levels of 12.5 years; docs/weather.md says why.
    """
    from gridmodel.errors import InputError, Problem
    from gridmodel.weather import design_cold_spell, write_weather
    from gridmodel.weather import generate_weather as generate
    from gridmodel.weather.generator.tables import climate_of_network
    from gridmodel.weather.regions import read_centres

    spell = days is not None or years is not None
    if spell and members > 1:
        message = "must be 1: a cold spell is one series, not drawn at random"
        raise InputError([Problem(message=message, field="members", value=str(members))])
    wanted = None if regions is None else [str(name) for name in read_centres(regions)["id"]]
    own = climate_of_network(regions)
    if spell:
        data = design_cold_spell(
            days or SPELL_DAYS, start=start, end=end, regions=wanted, return_period_years=years, seed=seed, climate=own
        )
    else:
        data = generate(start, end, members=members, seed=seed, regions=wanted, climate=own)
        data = data.isel(member=0, drop=True) if members == 1 else data
    target = write_weather(data, Path(out))
    click.echo(f"Wrote {target}: {data.sizes['time']} hours, {data.sizes['region']} regions")


def _chosen(reading: dict[str, str | int | None]) -> dict[str, Any]:
    return reading | {"fill": reading["fill"] or ""}


def _read(name: str, reading: dict[str, str | int | None]) -> xr.DataArray:
    from gridmodel.weather import read_weather

    data, found = read_weather(name, **_chosen(reading))
    _say(found)
    return data


def _say(found: list[Problem]) -> None:
    for problem in found:
        click.echo(f"{problem.severity}: {problem}", err=True)


def _facts(data: xr.DataArray) -> dict[str, Any]:
    """Return the facts that are shown about one region."""
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


def _span(data: xr.DataArray) -> dict[str, Any]:
    first, last = (str(data["time"].to_numpy()[place])[:16] for place in (0, -1))
    return {"first_utc": first, "last_utc": last}
