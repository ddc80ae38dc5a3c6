"""`gridmodel weather check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    counted,
    echo,
    echo_problems,
    json_option,
    print_json,
    report_problems,
)
from gridmodel.commands.weather.reading import ReadingCommand, chosen, reading_options, span

if TYPE_CHECKING:
    from gridmodel.errors import Problem


@click.command("check", cls=ReadingCommand, short_help="List every problem of a temperature file.")
@click.argument("file")
@reading_options
@json_option
@report_problems
def check_weather(file: str, as_json: bool, **reading: str | int | None) -> None:
    """Check a temperature file and list every problem.

    Exit status 1 if there is an error.
    """
    from dataclasses import asdict

    from gridmodel.errors import InputError
    from gridmodel.weather import read_weather

    found: list[Problem]
    try:
        data, found = read_weather(file, **chosen(reading))
        summary: dict[str, Any] = {**span(data), "regions": data.sizes["region"]}
        summary |= {"members": data.sizes["member"]} if "member" in data.dims else {}
    except InputError as error:
        if not as_json:
            raise
        found, summary = error.problems, {}
    if as_json:
        print_json({"file": file, **summary, "problems": [asdict(problem) for problem in found]})
        raise SystemExit(0 if summary else 1)
    echo_problems(found)
    hours = f"{summary['first_utc']} to {summary['last_utc']} UTC"
    members = f", {counted(summary['members'], 'member')}" if "members" in summary else ""
    echo(f"{file} can be used: hourly, {hours}, {counted(summary['regions'], 'region')}{members}")
