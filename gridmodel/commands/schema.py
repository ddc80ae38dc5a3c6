"""`gridmodel schema`."""

from __future__ import annotations

import click

from gridmodel.commands.common import print_json, report_problems


@click.command(short_help="Print the JSON Schema of an input file.")
@click.argument("what", type=click.Choice(["scenario", "sweep", "events", "network"]))
@click.option("--network", metavar="NETWORK", help="Also allow the technologies that this network lists.")
@report_problems
def schema(what: str, network: str | None) -> None:
    """Print the JSON Schema of a scenario, a sweep, a file of events or a network."""
    own = () if network is None else _own_technologies(network)
    if what == "scenario":
        from gridmodel.events import scenario_schema

        print_json(scenario_schema(own))
    elif what == "sweep":
        from gridmodel.studies.sweep import SweepFile

        print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **SweepFile.model_json_schema()})
    elif what == "events":
        from gridmodel.events import events_schema

        print_json(events_schema(own))
    else:
        from gridmodel.network import network_schema

        print_json(network_schema())


def _own_technologies(network: str) -> tuple[str, ...]:
    from gridmodel.network import read_network

    return read_network(network).own_technologies
