"""`gridmodel forecast-log`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gridmodel.commands.common import (
    FilePath,
    console,
    echo,
    echo_lines,
    json_option,
    print_json,
    print_table,
    report_problems,
    rounded,
)
from gridmodel.commands.told import band, shown_in, what, when

log_option = click.option(
    "--log", type=FilePath(dir_okay=False), help="File of the log [forecast-log.jsonl beside the folder]."
)


@click.group(name="forecast-log", short_help="Date forecasts before the event, and score them after it.")
def forecast_log() -> None:
    """Date and hash posteriors before the event, and score them against what is reported after it."""


@forecast_log.command(short_help="Date and hash a posterior.")
@click.argument("posterior", type=FilePath())
@log_option
@json_option
@report_problems
def add(posterior: Path, *, log: Path | None, as_json: bool) -> None:
    """Date and hash the POSTERIOR in a folder that `gridmodel condition` wrote, before the event.

    Each line of the log has the hash of the line before it. Give the hash that is printed to somebody else, who can
    then vouch for the date.
    """
    from gridmodel.studies.conditioning.forecast_log import add as date_it
    from gridmodel.studies.conditioning.forecast_log import log_of

    line = date_it(posterior, log=log)
    if as_json:
        print_json(line)
    else:
        echo(f"Dated {line['dated']}: {line['title']}")
        echo(f"result.nc {line['files']['result.nc']}")
        echo(f"Wrote {log_of(posterior, log)}")


@forecast_log.command(short_help="Score a dated posterior.")
@click.argument("posterior", type=FilePath())
@click.argument("observations", type=FilePath(dir_okay=False))
@log_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: one row per report.")
@json_option
@report_problems
def score(posterior: Path, observations: Path, *, log: Path | None, as_csv: bool, as_json: bool) -> None:
    """Score a POSTERIOR that was dated against OBSERVATIONS of the time after the one up to which it learned.

    CRPS is the mean distance of what happened to what was foretold, less half the mean distance between two members; 0
    is perfect. Errors of reports and of the model are in what was foretold.
    """
    if as_csv and as_json:
        raise click.UsageError("Give only one of --csv and --json.")
    from gridmodel.inputs.spreadsheet import frame_csv
    from gridmodel.studies.conditioning.forecast_log import score as score_it

    found = score_it(posterior, observations, log=log)
    if as_csv:
        echo_lines(frame_csv(found.set_index("from"), date_format="%Y-%m-%d %H:%M"), nl=False)
        return
    if as_json:
        rows = found.assign(**{name: found[name].dt.strftime("%Y-%m-%d %H:%M") for name in ("from", "to")})
        print_json({"dated": found.attrs["dated"], "rows": rows.to_dict("records")})
        return
    screen = console()
    cells = [_line({str(name): value for name, value in one.items()}) for one in found.to_dict("records")]
    columns = ("~From", "~Where", "~What", ">Reported", ">Foretold", ">CRPS", "~")
    print_table(f"Foretold on {found.attrs['dated']}: median (90 % band)", columns, cells, screen=screen)
    screen.print(f"{int(found['inside'].sum())} of {len(found)} inside the 90 % band.")
    late = int((~found["blind"]).sum())
    if late:
        screen.print(f"{late} began before the forecast was dated, so these do not count as forecasts.", style="bold")


def _line(one: dict[str, Any]) -> tuple[str, ...]:
    """Return the line of a row that is scored."""
    bands = [one["low"], one["median"], one["high"]]
    unit, factor = shown_in(one["unit"], [one["value"], *bands])
    return (
        when(f"{one['from']:%Y-%m-%d %H:%M}"), one["scope"], what(one["quantity"], unit),
        rounded(one["value"] * factor), band(bands, factor), rounded(one["crps"] * factor),
        "" if one["inside"] else "outside",
    )  # fmt: skip
