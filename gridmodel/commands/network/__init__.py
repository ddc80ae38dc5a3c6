"""`gridmodel network`: one file per verb."""

from __future__ import annotations

import click

from gridmodel.commands.network.check import check
from gridmodel.commands.network.convert import convert
from gridmodel.commands.network.diff import diff
from gridmodel.commands.network.list import list_networks
from gridmodel.commands.network.plot import plot_network
from gridmodel.commands.network.scaffold import scaffold
from gridmodel.commands.network.show import show_network

__all__ = ["network"]


@click.group(short_help="Show, compare, check, convert, draw, scaffold networks.")
def network() -> None:
    """Show, compare, check, convert, draw and scaffold networks."""


VERBS = (list_networks, show_network, diff, check, convert, plot_network, scaffold)
"""Commands of the group."""
for verb in VERBS:
    network.add_command(verb)
