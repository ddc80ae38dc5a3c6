"""`gridmodel network`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems


@click.group(short_help="Look at, check and convert networks.")
def network() -> None:
    """Look at networks."""


@network.command("list")
@json_option
@report_problems
def list_networks(as_json: bool) -> None:
    """List the bundled networks."""
    from gridmodel.files import bundled
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
        print_table("", ("Network", ">regions", ">buses", ">people", ">need, MW"), cells)


@network.command("show")
@click.argument("name")
@json_option
@report_problems
def show_network(name: str, as_json: bool) -> None:
    """Show what a network holds: NAME is a bundled name, a folder, or a file of another program.

    Bridges and articulation points are counted; they are named, with --json, on a network of your own only.
    """
    from gridmodel.network import describe
    from gridmodel.network.open import read_any

    facts = describe(read_any(name)[0])
    if as_json:
        print_json(facts)
        return
    total, parts = facts["national"], facts["connectivity"]
    levels = ", ".join(f"{count} at {kv} kV" for kv, count in facts["voltage_levels"].items())
    people = f", {total['people']:,} people" if "people" in total else ""
    click.echo(f"{facts['name']}: {facts['regions']} regions{people}")
    click.echo(f"{facts['buses']} buses: {levels}")
    click.echo(f"{facts['lines']} lines, {facts['transformers']} transformers")
    click.echo(f"Need on the reference day: {total['need_mw']:,.0f} MW; cover {_share(total['cover'])}")
    if "import_mw" in total:
        click.echo(f"Imports: up to {total['import_mw']:,.0f} MW, in the cover")
    click.echo(
        f"{parts['components']} connected part(s), {parts['bridges']} single corridors and "
        f"{parts['articulation_points']} buses that hold parts together"
    )
    rows = [(n, f"{v['capacity_mw']:,.0f}", f"{v['available_mw']:,.0f}") for n, v in facts["technologies"].items()]
    print_table(
        "Generation (available: times the profile of the hour)",
        ("Technology", ">capacity, MW", ">available, MW"),
        rows,
    )
    by_region = [
        (key, v.get("name", ""), f"{v['need_mw']:,.0f}", f"{v['available_mw']:,.0f}", _share(v["cover"]))
        for key, v in facts["by_region"].items()
    ]
    if by_region:
        print_table("Regions", ("Id", "Name", ">need, MW", ">available, MW", ">cover"), by_region)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100.0 * value:.0f} %"


@network.command("diff")
@click.argument("before")
@click.argument("after")
@json_option
@report_problems
def diff(before: str, after: str, as_json: bool) -> None:
    """Set two networks beside each other: which rows differ, and what that does.

    BEFORE and AFTER are bundled names, folders or files of any format that is read, or one table of our own each;
    /dev/null stands for a file that is not there. Rows of other programs are matched by name where names tell them
    apart, else by number. What reading noted is printed to stderr.

    Exit status: 0 when the two were compared, whether they differ or not; 1 when one of them cannot be read; 2 when
    the command line is wrong.
    """
    from dataclasses import asdict

    from gridmodel.commands.networkdiff import print_difference
    from gridmodel.network import diff_networks

    found = diff_networks(before, after)
    for problem in found.warnings:
        click.echo(f"{problem.severity}: {problem}", err=True)
    if as_json:
        noted = [asdict(problem) for problem in found.warnings]
        print_json({"rows": found.rows.to_dict("records"), "effects": found.effects, "warnings": noted})
    else:
        print_difference(found)


@network.command("check")
@click.argument("file")
@click.option("--strict", is_flag=True, help="Let warnings fail as well.")
@json_option
@report_problems
def check(file: str, strict: bool, as_json: bool) -> None:
    """Check a network: every problem at once, each at its place.

    FILE is a bundled name, a folder or a file: our own tables, pandapower (JSON, Excel, CSV), MATPOWER, PyPSA. What is
    checked: structure, plausibility, sources, and whether DC and AC power flow solve. Exit 1 on errors.
    """
    from dataclasses import asdict

    from gridmodel.network import check_network

    found = check_network(file)
    errors = sum(problem.severity == "error" for problem in found)
    if as_json:
        print_json([asdict(problem) for problem in found])
    else:
        for problem in found:
            click.echo(f"{problem.severity}: {problem}")
        click.echo(f"{errors} errors, {len(found) - errors} warnings." if found else "Nothing is wrong.")
    if errors or (strict and found):
        raise SystemExit(1)


@network.command("convert")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO", type=click.Path(path_type=Path))
@report_problems
def convert(source: str, target: Path) -> None:
    """Write a network in another format.

    FROM is a bundled name, a folder or a file of any format that is read; TO ends in .json or .xlsx (as pandapower has
    them), or is a folder to be made, with one CSV file a table. Nothing is written over. Results are not kept.
    """
    from gridmodel.network.build import build_net, plain_of
    from gridmodel.network.convert import to_pandapower
    from gridmodel.network.formats import PlainNet
    from gridmodel.network.open import read_any
    from gridmodel.network.write import write_plain

    read, noted = read_any(source)
    for problem in noted:
        click.echo(f"{problem.severity}: {problem}", err=True)
    net = plain_of(build_net(read) if isinstance(read, PlainNet) else to_pandapower(read))
    write_plain(net, target)
    click.echo(f"Wrote {target}.")
