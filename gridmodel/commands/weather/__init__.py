"""`gridmodel weather`: one file per verb."""

from __future__ import annotations

import click

from gridmodel.commands.weather.check import check_weather
from gridmodel.commands.weather.convert import convert_weather
from gridmodel.commands.weather.generate import generate_weather
from gridmodel.commands.weather.list import list_weather
from gridmodel.commands.weather.show import show_weather

__all__ = ["weather"]


@click.group(short_help="Show, check, convert, generate temperatures.")
def weather() -> None:
    """Show, check, convert and generate temperature series."""


VERBS = (list_weather, show_weather, check_weather, convert_weather, generate_weather)
"""Commands of the group."""
for verb in VERBS:
    weather.add_command(verb)
