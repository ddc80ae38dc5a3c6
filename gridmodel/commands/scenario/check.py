"""`gridmodel scenario check`."""

from __future__ import annotations

import click

from gridmodel.commands.common import (
    counted,
    echo,
    echo_problems,
    report_problems,
)


@click.command("check", short_help="Check a scenario and all its inputs.")
@click.argument("name")
@report_problems
def check_scenario(name: str) -> None:
    """Check a scenario with its network, weather, events, timetable and measures, without running it.

    NAME is a bundled name or a file. All problems are reported at once: what is right is checked whatever is wrong
    beside it.
    """
    from gridmodel.simulation.files import read_scenario
    from gridmodel.simulation.inputs import run_inputs
    from gridmodel.simulation.unmeant import unmeant

    found = read_scenario(name)
    made = run_inputs(found)
    echo_problems(unmeant(made))
    counts = (
        (found.draws, "member"),
        (len(made.clock.times) - made.begin, "step"),
        (len(made.network.regions), "region"),
    )
    size = ", ".join(counted(count, word) for count, word in counts)
    echo(f"{name} can run: {size}.")
