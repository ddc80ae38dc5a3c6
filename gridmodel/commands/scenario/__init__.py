"""`gridmodel scenario`: one file per verb."""

from __future__ import annotations

import click

from gridmodel.commands.scenario.check import check_scenario
from gridmodel.commands.scenario.forecast import forecast_scenario
from gridmodel.commands.scenario.list import list_scenarios
from gridmodel.commands.scenario.new import new_scenario
from gridmodel.commands.scenario.show import show_scenario

__all__ = ["scenario"]


@click.group()
def scenario() -> None:
    """Write, check and show scenarios."""


VERBS = (list_scenarios, show_scenario, new_scenario, forecast_scenario, check_scenario)
"""Commands of the group."""
for verb in VERBS:
    scenario.add_command(verb)
