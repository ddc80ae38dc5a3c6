"""`gridmodel schema`."""

from __future__ import annotations

import click

from gridmodel.commands.common import print_json


@click.command(short_help="Print the JSON Schema of an input file.")
@click.argument("what", type=click.Choice(["scenario", "sweep", "events", "network"]))
def schema(what: str) -> None:
    """Print the JSON Schema of a scenario, a sweep, a file of events or a network."""
    if what == "scenario":
        from gridmodel.events import scenario_schema

        print_json(scenario_schema())
    elif what == "sweep":
        from gridmodel.studies.sweep import SweepFile

        print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **SweepFile.model_json_schema()})
    elif what == "events":
        from gridmodel.events import events_schema

        print_json(events_schema())
    else:
        from gridmodel.network import network_schema

        print_json(network_schema())
