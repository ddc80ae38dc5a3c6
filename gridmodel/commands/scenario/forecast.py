"""`gridmodel scenario forecast`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    echo_problems,
    report_problems,
)


@click.command("forecast", short_help="Write a scenario of your own weather forecast.")
@click.argument("forecast", type=FilePath(text=True))
@click.option("--wave", default="", metavar="SIZE", help="Strikes: light, moderate or heavy waves on the country.")
@click.option("--interception", metavar="SHARE", help="Share intercepted, 0.8 or 80%, in place of the table's range.")
@click.option("-o", "--output", "file", type=FilePath(), help="Scenario to be written [FORECAST.yaml, in this folder].")
@click.option("--overwrite", is_flag=True, help="Replace the scenario and its weather if they exist.")
@click.option("--start", default="", metavar="TIME", help="Local start of the run [first hour, or that of issue].")
@click.option(
    "--spread",
    type=click.Choice(["inverse-distance", "nearest"]),
    default="inverse-distance",
    show_default=True,
    help="How sites become regions.",
)
@click.option("--one-site", is_flag=True, help="All regions take the temperature of the file's only site.")
@click.option("--timezone", default="", help="Time zone of times without one, e.g. Europe/Kyiv or +02:00 [UTC].")
@click.option("--unit", default="", help="Unit of numbers without one: degC, K, degF or tenths.")
@click.option("--fill", type=click.Choice(["linear"]), help="Fill gaps by linear interpolation.")
@click.option(
    "--fill-limit-h", type=click.IntRange(min=1), default=6, show_default=True, help="Longest gap that is filled."
)
@report_problems
def forecast_scenario(forecast: str, file: Path | None, fill: str | None, **options: Any) -> None:  # noqa: ANN401 - options
    """Write a scenario of the weather in FORECAST, ready to run.

    FORECAST is a file of Open-Meteo (members of an ensemble and a time of issue are used), a table with dates such as
    01.12.2026 02:00 and a column for each region, by id or name in English or Ukrainian, or any other that "gridmodel
    weather check" reads. Fewer sites than regions are spread by distance. The days before the forecast that a run needs
    take the mean of its first day.

    The scenario begins with the damage that stands, and with the ranges of the bundled next-cold-spell, each with its
    reason. Waves come in the coldest nights, and always aim at the whole country. The weather is written beside it.
    """  # fmt: skip
    from gridmodel.studies.forecast import write_forecast

    written = write_forecast(forecast, file, fill=fill or "", **options)
    echo_problems(written.warnings)
    for note in written.notes:
        echo(f"{note[:1].upper()}{note[1:]}.", err=True)
    echo(f"Wrote {written.scenario} and {written.weather}; run it with: gridmodel run {written.scenario}")
