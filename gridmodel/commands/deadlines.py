"""`gridmodel deadlines`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    console,
    echo_lines,
    json_option,
    print_json,
    print_table,
    report_problems,
    run_argument,
)

if TYPE_CHECKING:
    import pandas as pd


@click.command(short_help="Time until homes are cold and taps dry.")
@run_argument
@click.option("--since", help='Local time from which hours are counted, e.g. "2026-01-13 00:00" [start of the run].')
@click.option("--region", "regions", multiple=True, metavar="NAME",
              help="Region, by name or id; repeatable [all].")  # fmt: skip
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: one row per region and deadline.")
@json_option
@report_problems
def deadlines(
    run: str, since: str | None, *, regions: tuple[str, ...], as_csv: bool, as_json: bool
) -> None:  # fmt: skip
    """Show how much time each region has until homes are cold, pipes must be drained, taps are dry, fuel is used up.

    RUN is a folder that "gridmodel run" wrote. Times are local. Typical is the median of the members; one member in
    twenty is earlier, and more people are affected, than in the bad case.
    """
    from gridmodel.inputs.spreadsheet import frame_csv
    from gridmodel.regions import regions_of_result
    from gridmodel.results.deadlines import deadlines as find_deadlines
    from gridmodel.results.run_folder import read_result

    if as_csv and as_json:
        raise click.UsageError("Give only one of --csv and --json.")
    with read_result(run) as result:
        chosen = regions_of_result(result).asked(regions, "this run")
        table = find_deadlines(result, since=since)
        begin = since or str(result.attrs["start"])
        end = str(result.attrs["end"])
    if chosen:
        table = table.loc[chosen]
    if as_csv:
        echo_lines(frame_csv(table, date_format="%Y-%m-%d %H:%M"), nl=False)
    elif as_json:
        import json

        data = json.loads(table.reset_index().to_json(orient="records", date_format="iso", date_unit="s"))
        print_json({"since": begin, "until": end, "deadlines": data})
    else:
        _print(table, begin, end)


def _print(table: pd.DataFrame, begin: str, end: str) -> None:
    """Print one table per deadline, the earliest region first; regions that never reach it are counted."""
    screen = console()
    screen.print(f"Local times. Hours count from {begin}; the run ends {end}")
    nowhere, several = [], int(table["members"].max()) > 1
    wide = ("~Region", ">h", "typical", "bad case", ">members", ">people", ">bad case")
    columns = wide if several else ("~Region", ">h", "when", ">people")
    for name in table.index.unique("deadline"):
        rows: pd.DataFrame = table.loc[(slice(None), name), :].droplevel("deadline")
        reached = rows[rows["reached_share"] > 0]
        reached = reached.sort_values(["hours_p50", "hours_p05"], kind="stable", na_position="last")
        cells = [_cells(row, several) for _, row in reached.iterrows()]
        title = str(rows["deadline_is"].iloc[0])
        if not cells:
            nowhere.append(title)
            continue
        print_table(title[:1].upper() + title[1:], columns, cells, screen=screen)
        never, where = len(rows) - len(reached), "not in any member" if several else "not in"
        if never:
            screen.print(f"  {where}: {never} other region{'s' if never > 1 else ''}")
    if nowhere:
        screen.print(f"Not in any {'member of any ' if several else ''}region: {'; '.join(nowhere)}")
    if several:
        screen.print("Typical: the median of the members. Bad case: one member in twenty is earlier.")
        screen.print("later: after the end of the run in so many members that no time can be given")
        screen.print("people: most affected at once. Bad case: one member in twenty has more.")
    else:
        screen.print("later: after the end of the run; people: most affected at once")


def _cells(row: pd.Series[Any], several: bool) -> tuple[str, ...]:
    """Return the texts of one region: typical and bad case with several members, else single numbers."""
    hours, typical, people = _hours(row["hours_p50"]), _moment(row["local_p50"]), _people(row["people_p50"])
    if not several:
        return str(row["region_name"]), hours, typical, people
    chance = f"{round(row['reached_share'] * row['members'])} of {row['members']}"
    bad = _moment(row["local_p05"])
    return str(row["region_name"]), hours, typical, bad, chance, people, _people(row["people_p95"])


def _hours(value: float) -> str:
    return "later" if value != value else f"{value:,.0f}"  # noqa: PLR0124 - NaN


def _moment(value: pd.Timestamp) -> str:
    return "later" if value != value else f"{value:%m-%d %H:%M}"  # noqa: PLR0124 - NaT


def _people(value: float) -> str:
    if value != value:  # noqa: PLR0124 - NaN
        return ""
    return f"{value / 1e6:.1f} M" if value >= 1e6 else f"{value / 1e3:,.0f} k"
