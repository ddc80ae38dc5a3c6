"""`gridmodel network`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems
from gridmodel.commands.network_formats import ReadingCommand, WritingCommand, complete_written, written_format


@click.group(short_help="Look at, check and convert networks.")
def network() -> None:
    """Look at networks."""


@network.command("list")
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
        print_table("", ("Network", ">regions", ">buses", ">people", ">need, MW"), cells)


@network.command("show", short_help="Show a network, or one element of it.")
@click.argument("name")
@click.argument("element", required=False)
@json_option
@report_problems
def show_network(name: str, element: str | None, as_json: bool) -> None:
    """Show what a network holds, or one element of it with everything attached to it.

    NAME is a bundled name, a folder, or a file of another program. ELEMENT is a bus, line, transformer, plant,
    region, zone, limit … by id, number or name, with its table before it where several have it: UA-30,
    UA-12/nuclear, bus/3, interconnectors/PL-400. It shows what the tables hold, not what hangs on it.

    Bridges and articulation points are counted; they are named, with --json, on a network of your own only.
    """
    from dataclasses import asdict

    from gridmodel.commands.network_show import print_element, print_network
    from gridmodel.interchange import find_element
    from gridmodel.interchange.open import read_any
    from gridmodel.network import describe

    read, noted = read_any(name)
    for problem in noted:
        click.echo(f"{problem.severity}: {problem}", err=True)
    if element is None:
        facts = describe(read)
        print_json(facts) if as_json else print_network(facts)
    else:
        found = find_element(read, element)
        print_json(asdict(found)) if as_json else print_element(found)


@network.command("diff", short_help="Which rows differ, and what that does.")
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

    from gridmodel.commands.network_diff import print_difference
    from gridmodel.interchange import diff_networks

    found = diff_networks(before, after)
    for problem in found.warnings:
        click.echo(f"{problem.severity}: {problem}", err=True)
    if as_json:
        noted = [asdict(problem) for problem in found.warnings]
        print_json({"rows": found.rows.to_dict("records"), "effects": found.effects, "warnings": noted})
    else:
        print_difference(found)


@network.command("check", cls=ReadingCommand)
@click.argument("file")
@click.option("--strict", is_flag=True, help="Let warnings fail as well.")
@json_option
@report_problems
def check(file: str, strict: bool, as_json: bool) -> None:
    """Check a network: every problem at once, each at its place.

    FILE is a bundled name, or a folder or file of any format that is read. What is checked: structure, plausibility,
    sources, and whether DC and AC power flow solve. Exit 1 on errors.
    """
    from dataclasses import asdict

    from gridmodel.interchange import check_network

    found = check_network(file)
    errors = sum(problem.severity == "error" for problem in found)
    if as_json:
        print_json([asdict(problem) for problem in found])
    else:
        for problem in found:
            click.echo(f"{problem.severity}: {problem}")
        counts = ((errors, "error"), (len(found) - errors, "warning"))
        said = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
        click.echo(f"{said}." if found else "Nothing is wrong.")
    if errors or (strict and found):
        raise SystemExit(1)


@network.command("convert", cls=WritingCommand)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO", type=click.Path(path_type=Path))
@click.option(
    "--to",
    metavar="FORMAT",
    callback=written_format,
    shell_complete=complete_written,
    help="Format of TO, if its name leaves it open.",
)
@json_option
@report_problems
def convert(source: str, target: Path, to: str | None, as_json: bool) -> None:
    """Write a network in another format, and say what that cannot hold.

    FROM is a bundled name, a folder or a file of any format that is read. The suffix of TO decides its format. A TO
    without suffix becomes a folder: of our own tables if FROM contains them, otherwise of pandapower's, or as --to
    says. Nothing is overwritten. Results are not kept.
    """
    import warnings

    from gridmodel.interchange import convert_network

    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", UserWarning)
        made = convert_network(source, target, to=to)
    for warning in noted:
        if warning.category is UserWarning:
            click.echo(f"warning: {warning.message}", err=True)
    if as_json:
        print_json({"path": str(made.path), "format": made.form, "not_kept": made.not_kept})
        return
    for line in made.not_kept:
        click.echo(f"not kept: {line}", err=True)
    click.echo(f"Wrote {made.path} ({made.form}).")


@network.command("plot", short_help="Draw a network, with the loading of a run.")
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File: .png, .svg, .pdf, or .html, a page with the numbers that loads nothing.",
)
@click.option("--run", help='Folder that "gridmodel run" wrote: lines show loading, regions what is not served.')
@click.option("--hour", help="Hour of the run: worst, a step, or a local time, 2026-01-20 18:00 [worst].")
@click.option("--member", type=click.IntRange(min=0), help="Draw of the run [its first].")
@click.option("--dpi", type=click.IntRange(50, 1200), help="Dots per inch of a PNG [150].")
@report_problems
def plot_network(
    name: str, output: Path, *, run: str | None, hour: str | None, member: int | None, dpi: int | None
) -> None:
    """Draw a network: voltage by colour, and with --run loading and shed of one hour.

    NAME is a bundled name, a folder, or a file of another program. Our own networks are drawn region by region at
    their centres; others bus by bus at their coordinates, or, where there are none, as a layout of the graph, which
    the picture says. Needs the extra "plot".
    """
    from gridmodel.commands.network_plot import plot_to

    plot_to(name, output, run=run, hour=hour, member=member, dpi=dpi)
    click.echo(f"Wrote {output}")
