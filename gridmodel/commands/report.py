"""`gridmodel report`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import (
    FilePath,
    echo,
    language_option,
    report_problems,
    run_argument,
    writing,
)


@click.command(short_help="Write the report of a run as one page.")
@run_argument
@click.option("-o", "--output", type=FilePath(dir_okay=False), help="File [report.html beside the result].")
@language_option("Language shown first; the page contains all.")
@click.option("--marking", default="", help='Distribution marking on every page, e.g. "For official use".')
@report_problems
def report(run: str, output: Path | None, *, lang: str, marking: str) -> None:
    """Write the report of a run as one page for planners.

    The page is one HTML file that opens without a network: what happens and how certain it is, deadlines, what to send,
    a map, charts with their tables, and every input. RUN is a folder that "gridmodel run" wrote.
    """
    from gridmodel.output.report import write
    from gridmodel.results.run_folder import REPORT, manifest_of, read_result

    beside = Path(run) if Path(run).is_dir() else Path(run).parent
    target = output or beside / REPORT
    with read_result(run) as result, writing(target):
        write(result, target, manifest=manifest_of(run), lang=lang, marking=marking)
    echo(f"Wrote {target}")
