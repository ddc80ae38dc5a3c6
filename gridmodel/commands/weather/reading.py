"""Options that describe a file of temperatures, and reading it with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gridmodel.commands.common import echo_problems

if TYPE_CHECKING:
    import xarray as xr


F = TypeVar("F", bound=Callable[..., Any])

_READING = (
    click.option("--regions", metavar="NETWORK", help="Convert a grid or several places to the regions of a network."),
    click.option("--region", default="", metavar="ID", help="Region of a file with one place."),
    click.option(
        "--how", type=click.Choice(["nearest", "area"]), default="nearest", help="How a grid is converted to regions."
    ),
    click.option("--spread", type=click.Choice(["nearest", "inverse-distance"]),
                 help="Give every region the weather of the few places that there are."),
    click.option("--start", default="", metavar="TIME", help="First hour that is read, UTC, e.g. 2026-01-08."),
    click.option("--end", default="", metavar="TIME", help="Hour after the last that is read, UTC."),
    click.option("--year", type=int, metavar="YEAR", help="Year on which a typical year is laid."),
    click.option("--timezone", default="", help="Time zone of times without one, e.g. Europe/Kyiv or +02:00."),
    click.option("--unit", default="", help="Unit of numbers without one: degC, K, degF or tenths."),
    click.option("--fill", type=click.Choice(["linear"]), help="Fill gaps by linear interpolation."),
    click.option(
        "--fill-limit-h", type=click.IntRange(min=1), default=6, show_default=True, help="Longest gap that is filled."
    ),
)  # fmt: skip


class ReadingCommand(click.Command):
    """Command whose help ends with the formats that can be read, from their registry."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of formats."""
        from gridmodel.weather.registry import formats

        super().format_epilog(ctx, formatter)
        with formatter.section("Formats, detected by content"):
            formatter.write_dl([(each.name, f"{each.meaning}.".replace("`", "")) for each in formats()])


def reading_options(command: F) -> F:
    """Add the options that describe what a file does not say itself."""
    for option in reversed(_READING):
        command = option(command)
    return command


def chosen(reading: dict[str, str | int | None]) -> dict[str, Any]:
    """Return the reading options as `gridmodel.weather.read_weather` takes them."""
    return reading | {name: reading[name] or "" for name in ("fill", "spread")}


def read(name: str, reading: dict[str, str | int | None]) -> xr.DataArray:
    """Read temperatures with the reading options, and print warnings to stderr."""
    from gridmodel.weather import read_weather

    data, found = read_weather(name, **chosen(reading))
    echo_problems(found)
    return data


def span(data: xr.DataArray) -> dict[str, Any]:
    """Return the first and last hour of a series."""
    first, last = (str(data["time"].to_numpy()[place])[:16] for place in (0, -1))
    return {"first_utc": first, "last_utc": last}
