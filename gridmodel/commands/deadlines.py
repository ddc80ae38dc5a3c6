"""`gridmodel deadlines`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    console,
    echo_lines,
    json_option,
    language_option,
    print_json,
    print_table,
    report_problems,
    run_argument,
)
from gridmodel.commands.places import regions_asked
from gridmodel.commands.said import Said

if TYPE_CHECKING:
    import pandas as pd


@click.command(short_help="Time until homes are cold and taps dry.")
@run_argument
@click.option("--since", help='Local time from which hours are counted, e.g. "2026-01-13 00:00" [start of the run].')
@click.option("--region", "regions", multiple=True, metavar="NAME",
              help="Region, by name or id; repeatable [all].")  # fmt: skip
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: one row per region and deadline.")
@language_option("Language of the tables.")
@json_option
@report_problems
def deadlines(
    run: str, since: str | None, *, regions: tuple[str, ...], as_csv: bool, lang: str, as_json: bool
) -> None:  # fmt: skip
    """Show how much time each region has until homes are cold, pipes must be drained, taps are dry, fuel is used up.

    RUN is a folder that "gridmodel run" wrote. Times are local. Typical is the median of the members. One member in
    twenty is worse than the bad case: earlier, or with more people affected.
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.inputs.spreadsheet import frame_csv
    from gridmodel.output.languages import region_names
    from gridmodel.regions import regions_of_result
    from gridmodel.results.deadlines import deadlines as find_deadlines
    from gridmodel.results.run_folder import read_result

    if as_csv and as_json:
        raise click.UsageError("Give only one of --csv and --json.")
    with read_result(run) as result:
        known = regions_of_result(result)
        problems = Problems()
        chosen = problems.of(lambda: regions_asked(regions, known, "this run"))
        table = problems.of(lambda: find_deadlines(result, since=since))
        if chosen is None or table is None:
            raise InputError(problems.found)
        begin = since or str(result.attrs["start"])
        end = str(result.attrs["end"])
        names = dict(zip(map(str, result["region"].to_numpy()), region_names(result, lang), strict=True))
    if chosen:
        table = table.loc[chosen]
    if as_csv:
        echo_lines(frame_csv(table, date_format="%Y-%m-%d %H:%M"), nl=False)
    elif as_json:
        import json

        data = json.loads(table.reset_index().to_json(orient="records", date_format="iso", date_unit="s"))
        print_json({"since": begin, "until": end, "deadlines": data})
    else:
        _print(table, begin, end, Said(lang), names)


def _print(table: pd.DataFrame, begin: str, end: str, say: Said, names: dict[str, str]) -> None:
    """Print one table per deadline, the earliest region first; regions that never reach it are counted."""
    screen = console()
    head = "Local times and hours, rounded down to the hour. Hours count from {begin}; the run ends {end}"
    screen.print(say(head, begin=begin, end=end))
    nowhere, several = [], int(table["members"].max()) > 1
    wide = ("~Region", ">h", "typical", "bad case", ">members", ">people", ">bad case")
    columns = say.heads(wide if several else ("~Region", ">h", "when", ">people"))
    for name in table.index.unique("deadline"):
        rows: pd.DataFrame = table.loc[(slice(None), name), :].droplevel("deadline")
        reached = rows[rows["reached_share"] > 0]
        reached = reached.sort_values(["hours_p50", "hours_p05"], kind="stable", na_position="last")
        cells = [(names[str(region)], *_cells(row, several, say)) for region, row in reached.iterrows()]
        title = _title(str(name), str(rows["deadline_is"].iloc[0]), say)
        if not cells:
            nowhere.append(title)
            continue
        print_table(title[:1].upper() + title[1:], columns, cells, screen=screen)
        never, where = len(rows) - len(reached), "not in any member" if several else "not in"
        if never:
            others = "{where}: {n} other region" if never == 1 else "{where}: {n} other regions"
            screen.print("  " + say(others, where=say(where), n=never))
    if nowhere:
        none = "Not in any member of any region: {what}" if several else "Not in any region: {what}"
        screen.print(say(none, what="; ".join(nowhere)))
    if several:
        screen.print(say("Typical: the median of the members. Bad case: one member in twenty is earlier."))
        screen.print(say("later: after the end of the run in so many members that no time can be given"))
        screen.print(say("people: most affected at once. Bad case: one member in twenty has more."))
    else:
        screen.print(say("later: after the end of the run; people: most affected at once"))


def _title(name: str, english: str, say: Said) -> str:
    """Return the label of a deadline."""
    if name.startswith("fuel_") and say.book:
        return f"{say.word('fuel', '')}: {say.word(f'sys_{name[5:]}', name[5:])}"
    return say.word(name, english)


def _cells(row: pd.Series[Any], several: bool, say: Said) -> tuple[str, ...]:
    """Return the texts of one region after its name: typical and bad case with several members, else single numbers."""
    hours, typical, people = (
        _hours(row["hours_p50"], say),
        _moment(row["local_p50"], say),
        _people(row["people_p50"], say),
    )
    if not several:
        return hours, typical, people
    chance = say("{n} of {members}", n=round(row["reached_share"] * row["members"]), members=row["members"])
    bad = _moment(row["local_p05"], say)
    return hours, typical, bad, chance, people, _people(row["people_p95"], say)


def _hours(value: float, say: Said) -> str:
    """Return whole hours, rounded down as the times are: who plans by them is not late."""
    from gridmodel.results.deadlines import ROUNDING

    return "–" if value != value else say.number(f"{math.floor(value + ROUNDING):,}")  # noqa: PLR0124 - NaN


def _moment(value: pd.Timestamp, say: Said) -> str:
    return say("later") if value != value else f"{value.floor('h'):%m-%d %H:%M}"  # noqa: PLR0124 - NaT


def _people(value: float, say: Said) -> str:
    if value != value:  # noqa: PLR0124 - NaN
        return ""
    return (
        say("{n} M", n=say.number(f"{value / 1e6:.1f}"))
        if value >= 1e6
        else say("{n} k", n=say.number(f"{value / 1e3:,.0f}"))
    )
