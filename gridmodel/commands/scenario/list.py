"""`gridmodel scenario list`."""

from __future__ import annotations

from typing import Any

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems


@click.command("list")
@json_option
@report_problems
def list_scenarios(as_json: bool) -> None:
    """List the bundled scenarios."""
    from gridmodel.inputs.files import bundled
    from gridmodel.scenario import load_scenario

    rows = []
    for name in bundled("scenarios"):
        found = load_scenario(name)
        row: dict[str, Any] = {"name": name, "title": found.name, "network": found.network}
        days = round((found.end - found.start).total_seconds() / 86400, 1)
        row |= {"start": f"{found.start:%F}", "end": f"{found.end:%F}", "days": days}
        rows.append(row | {"members": found.draws})
    if as_json:
        print_json(rows)
    else:
        columns = ("Scenario", "start", ">days", ">members", "~title")
        order = ("name", "start", "days", "members", "title")
        print_table(
            "", columns, [tuple(f"{row[key]:g}" if key == "days" else row[key] for key in order) for row in rows]
        )
