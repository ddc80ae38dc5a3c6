"""`gridmodel network check`."""

from __future__ import annotations

import click

from gridmodel.commands.common import (
    echo,
    json_option,
    print_json,
    report_problems,
)
from gridmodel.commands.network.formats import ReadingCommand


@click.command("check", cls=ReadingCommand, short_help="List every problem of a network.")
@click.argument("file")
@click.option("--strict", is_flag=True, help="Exit with status 1 on warnings too.")
@json_option
@report_problems
def check(file: str, strict: bool, as_json: bool) -> None:
    """Check a network and list every problem with its place.

    FILE is a bundled name, or a folder or file of any format that can be read. Checked are structure, plausibility,
    sources, and whether DC and AC power flow can be solved. Exit status 1 if there is an error.
    """
    from dataclasses import asdict

    from gridmodel.interchange import check_network

    found = check_network(file)
    errors = sum(problem.severity == "error" for problem in found)
    if as_json:
        print_json([asdict(problem) for problem in found])
    else:
        for problem in found:
            echo(f"{problem.severity}: {problem}")
        counts = ((errors, "error"), (len(found) - errors, "warning"))
        said = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
        echo(f"{said}." if found else "No problems found.")
    if errors or (strict and found):
        raise SystemExit(1)
