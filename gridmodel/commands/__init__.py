"""Commands: each reads, calls the library, and writes; none of them computes. One file per verb."""

from __future__ import annotations

import gc
import io
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from gridmodel.commands.brief import brief
from gridmodel.commands.common import lost_output
from gridmodel.commands.compare import compare
from gridmodel.commands.condition import condition
from gridmodel.commands.deadlines import deadlines
from gridmodel.commands.export import export
from gridmodel.commands.forecast_log import forecast_log
from gridmodel.commands.network import network
from gridmodel.commands.plan import plan
from gridmodel.commands.plot import plot
from gridmodel.commands.quantiles import quantiles
from gridmodel.commands.report import report
from gridmodel.commands.run import run
from gridmodel.commands.scenario import scenario
from gridmodel.commands.schedule import schedule
from gridmodel.commands.schema import schema
from gridmodel.commands.sensitivity import sensitivity
from gridmodel.commands.sweep import sweep
from gridmodel.commands.weather import weather
from gridmodel.errors import visible
from gridmodel.version import __version__

__all__ = ["main"]

OBJECTS = 200_000
"""New objects after which Python looks for garbage. [1] Ours: by default it looks after 700, and a tenth of the time
of a short run goes on looking through modules just imported."""


class _Main(click.Group):
    """Group of all commands; click alone would exit with status 1 on a closed pipe, as if something were wrong."""

    def make_context(self, info_name: str | None, args: list[str], **extra: Any) -> click.Context:  # type: ignore[override]  # noqa: ANN401
        with lost_output(), _shown_safely():  # --help, --version
            return super().make_context(info_name, args, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        with lost_output(), _shown_safely():
            return super().invoke(ctx)


@contextmanager
def _shown_safely() -> Iterator[None]:
    """Escape what steers a terminal in messages of click, which repeat the words of the command line."""
    try:
        yield
    except click.ClickException as error:
        error.message = visible(error.message)  # type: ignore[misc]  # click gives no other way
        raise


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gridmodel", message="%(prog)s %(version)s")
def main() -> None:
    """Compute who loses power, heat and water when a grid is damaged in deep cold.

    A civil-protection tool: data are public and at oblast level, results are needs by region, and it ranks help, never
    targets. Start with "gridmodel run".
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without a degree sign gets a question mark
            stream.reconfigure(errors="replace")
    warnings.formatwarning = _one_line
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])


def _one_line(message: Warning | str, *_: object, **__: object) -> str:
    """Return a warning as a user reads it: without the place in the code that gave it."""
    return f"warning: {visible(str(message))}\n"


COMMANDS = (
    run, brief, condition, report, deadlines, schedule, compare, plan, sweep, quantiles, sensitivity, plot, export,
    network, weather, scenario, schema, forecast_log,
)  # fmt: skip
"""All commands; their help is in alphabetical order."""
for command in COMMANDS:
    main.add_command(command)
