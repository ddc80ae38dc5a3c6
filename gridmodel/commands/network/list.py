"""`gridmodel network list`."""

from __future__ import annotations

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems


@click.command("list")
@json_option
@report_problems
def list_networks(as_json: bool) -> None:
    """List the bundled networks."""
    from gridmodel.inputs.files import bundled
    from gridmodel.network import read_network

    rows = []
    for name in bundled("networks"):
        found = read_network(name)
        regions = found.tables["regions"]
        row = {"name": name, "regions": len(regions), "buses": len(found.tables["buses"])}
        row |= {"people": int(regions["population"].sum())}
        rows.append(row | {"need_mw": round(float(regions["reference_demand_mw"].sum()), 1)})
    if as_json:
        print_json(rows)
    else:
        cells = [(r["name"], r["regions"], r["buses"], f"{r['people']:,}", f"{r['need_mw']:,.0f}") for r in rows]
        print_table("", ("Network", ">regions", ">buses", ">people", ">demand, MW"), cells)
