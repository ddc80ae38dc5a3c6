"""`gridmodel quantiles`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmodel.commands.common import (
    FilePath,
    all_of,
    echo,
    report_problems,
    writing,
)
from gridmodel.commands.opened import opened
from gridmodel.commands.progress import UnitBar

if TYPE_CHECKING:
    import xarray as xr


@click.command(short_help="Quantiles over members, hour by hour.")
@click.argument("store", type=FilePath())
@click.argument("variables", nargs=-1, required=True, metavar="VARIABLE...")
@click.option("-o", "--output", required=True, type=FilePath(), help="netCDF file to write.")
@click.option("--level", "levels", multiple=True, type=click.FloatRange(0, 1), help="Level of a quantile; repeatable.")
@report_problems
def quantiles(store: Path, variables: tuple[str, ...], output: Path, levels: tuple[float, ...]) -> None:
    """Compute quantiles over members, hour by hour, of a sweep or a run.

    The store is read by region and block of time, so that any number of members fits in memory. Default levels: 0.05,
    0.5, 0.95.
    """
    from gridmodel.inputs.writing import replaced
    from gridmodel.results.metrics import QUANTILES
    from gridmodel.results.run_folder import check_ending, check_file
    from gridmodel.results.statistics import check_quantiles, member_quantiles

    levels = levels or QUANTILES
    with ExitStack() as held:

        def read() -> xr.Dataset:
            found = held.enter_context(opened(store))
            check_quantiles(found, variables, levels)
            return found

        found = all_of(read, lambda: check_ending(output, [".nc"]), lambda: check_file(output, [store]))
        with UnitBar() as advance:
            made = member_quantiles(found, variables, levels, progress=lambda a, b: advance(a, b, 0))
    with writing(output), replaced(output) as file:
        made.to_netcdf(file, engine="netcdf4")
    echo(f"Wrote {output}: {', '.join(variables)}")
