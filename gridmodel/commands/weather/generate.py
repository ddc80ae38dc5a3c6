"""`gridmodel weather generate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmodel.commands.common import (
    counted,
    echo,
    report_problems,
)

if TYPE_CHECKING:
    import xarray as xr

SPELL_DAYS = 5
"""Length of the plateau of a cold spell if none is given. [d] The design temperature is a mean of five days."""


@click.command("generate", short_help="Write a synthetic winter or cold spell.")
@click.argument("out")
@click.option("--start", required=True, help="First hour, UTC, e.g. 2026-01-08T00:00.")
@click.option("--end", required=True, help="Hour after the last, UTC.")
@click.option("--members", type=click.IntRange(min=1), default=1, show_default=True, help="Number of winters.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the random numbers.")
@click.option("--design-cold-spell", "days", type=click.IntRange(min=1), metavar="DAYS",
              help="Instead, a plateau of DAYS at the design temperature of each region.")  # fmt: skip
@click.option("--return-period", "years", type=float, metavar="YEARS",
              help="Plateau as cold as one winter in YEARS (2 to 100), of 5 days unless DAYS is given.")  # fmt: skip
@click.option("--regions", metavar="NETWORK", help="Only the regions of a network; by its own climate if it has one.")
@report_problems
def generate_weather(
    *, out: str, start: str, end: str, members: int, seed: int, days: int | None, years: float | None,
    regions: str | None,
) -> None:  # fmt: skip
    """Write a synthetic winter: OUT ends in .csv (one member) or .nc.

    With --return-period, write a cold spell that occurs once in so many years in the climate of the generator: the mean
    of its plateau is the level that the coldest DAYS in a row fall below in one winter in YEARS. In the bundled
    climate, design temperatures are 3 to 6 K colder than levels of 12.5 years; docs/weather.md explains why.
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.weather import design_cold_spell, write_weather
    from gridmodel.weather import generate_weather as generate
    from gridmodel.weather.generator.tables import climate_of_network
    from gridmodel.weather.regions import read_centres
    from gridmodel.weather.write import check_out

    spell, problems = days is not None or years is not None, Problems()
    if spell and members > 1:
        problems.add("must be 1: a cold spell is one series, not drawn at random", field="members", value=members)
    problems.of(lambda: check_out(out, several=members > 1))
    centres = None if regions is None else problems.of(lambda: read_centres(regions))
    wanted = None if centres is None else [str(name) for name in centres["id"]]
    own = None if wanted is None else problems.of(lambda: climate_of_network(regions))
    count = 1 if problems.found else members

    def made() -> xr.DataArray:
        if spell:
            return design_cold_spell(
                days or SPELL_DAYS, start=start, end=end, regions=wanted, return_period_years=years, seed=seed,
                climate=own,
            )  # fmt: skip
        return generate(start, end, members=count, seed=seed, regions=wanted, climate=own)

    data = problems.of(made)
    if data is None or problems.found:
        raise InputError(problems.found)
    data = data.isel(member=0, drop=True) if members == 1 and not spell else data
    target = write_weather(data, Path(out))
    echo(f"Wrote {target}: {counted(data.sizes['time'], 'hour')}, {counted(data.sizes['region'], 'region')}")
