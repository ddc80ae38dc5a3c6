"""`gridmodel schedule`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmodel.commands.common import (
    FilePath,
    all_of,
    console,
    counted,
    echo,
    echo_lines,
    json_option,
    language_option,
    print_json,
    print_table,
    report_problems,
    run_argument,
    tenths,
    writing,
)
from gridmodel.commands.places import named_regions
from gridmodel.commands.said import Said

if TYPE_CHECKING:
    import xarray as xr


@click.command(short_help="Outage schedule of a run.")
@run_argument
@click.option("--region", "regions", multiple=True, metavar="NAME", help="Region, by name or id; repeatable [all].")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="One local day, e.g. 2026-01-20 [all].")
@click.option("--certainty", type=float, default=0.5, help="Share of members whose deficit is covered [0.5].")
@click.option("--longest-h", type=float, default=4.0, help="Longest stretch off in hours, if possible [4].")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: one row per region and half hour.")
@click.option("--ics", type=FilePath(), help="Write a calendar per region and sub-queue to this folder.")
@language_option("Language of the tables.")
@json_option
@report_problems
def schedule(
    run: str, regions: tuple[str, ...], day: datetime | None, *, certainty: float, longest_h: float, as_csv: bool,
    ics: Path | None, lang: str, as_json: bool,
) -> None:  # fmt: skip
    """Make the outage schedule that a run implies.

    Each region has six queues of two halves; their half hours off follow from the deficit. RUN is a folder that
    "gridmodel run" wrote. With one region, its worst day (or --day) is drawn.
    """
    from gridmodel.output.languages import region_names
    from gridmodel.regions import regions_of_result
    from gridmodel.results import outage_schedule
    from gridmodel.results.run_folder import check_calendars, read_result

    if as_csv + as_json + (ics is not None) > 1:
        raise click.UsageError("Give only one of --csv, --json and --ics.")
    with read_result(run) as result:
        chosen = named_regions(regions, regions_of_result(result)) or None
        table = all_of(
            lambda: outage_schedule.timetable(result, certainty=certainty, longest_h=longest_h, regions=chosen),
            lambda: _one_day(result, day),
            *([] if ics is None else [partial(check_calendars, ics)]),
        )
        shown = _one_day(table, day)
        here = result.sel(region=table["region"].to_numpy())
        say, drawing = Said(lang), len(regions) == 1 and not (as_csv or as_json or ics is not None)
        drawn = (day or _worst_day(table)) if drawing else None
        left_out, hours = _left_out(here, say), _hours(here, drawn or day)
        shown, table = (_named(one, region_names(here, lang)) for one in (shown, table))
    if as_csv:
        echo_lines(outage_schedule.as_csv(shown), nl=False)
    elif as_json:
        made = outage_schedule.as_json(shown)
        for region, value in hours.items():
            made["regions"][region]["hours_without_power_per_day"] = value
        print_json(made)
    elif ics is not None:
        _write_calendars(shown, ics)
    else:
        if drawn is not None:
            _draw(table, drawn, next(iter(hours.values())), say)
        else:
            _list(shown, hours, say)
        _say(left_out)


def _hours(result: xr.Dataset, day: datetime | None) -> dict[str, float]:
    """Return hours a day without power of the mean person, median of the members, by region; of one local day if given.

    It is the number of summaries, pages and exports; hours of a schedule are those of its queues.
    """
    import numpy as np

    from gridmodel.results.metrics import hours_without_power_per_day

    if day is not None:
        local = result["local_time"].to_numpy().astype("datetime64[D]")
        result = result.isel(time=np.flatnonzero(local == np.datetime64(day, "D")))
    middle = hours_without_power_per_day(result).median("member")
    return dict(zip(map(str, result["region"].to_numpy()), map(float, middle.to_numpy()), strict=True))


def _mean(hours: float, say: Said, *, several: bool) -> str:
    """Return the hours of the mean person on the day that is drawn; with several members they are typical ones."""
    told = "Without power on this day, mean person: {h} h" + (", typical" if several else "")
    return say(told, h=say.number(tenths(hours)))


def _named(table: xr.Dataset, names: list[str]) -> xr.Dataset:
    """Return a schedule with the names of its regions in a language."""
    return table.assign_coords(region_name=("region", names))


def _one_day(table: xr.Dataset, day: datetime | None) -> xr.Dataset:
    """Return the half hours of one local day, or all of them."""
    import numpy as np

    from gridmodel.errors import InputError, Problem

    if day is None:
        return table
    rows = np.flatnonzero(table["local_time"].to_numpy().astype("datetime64[D]") == np.datetime64(day, "D"))
    if not len(rows):
        message = f"is not in the run ({table.attrs['start']} to {table.attrs['end']})"
        raise InputError([Problem(message=message, field="--day", value=f"{day:%Y-%m-%d}")])
    return table.isel(time=rows)


def _worst_day(table: xr.Dataset) -> datetime:
    """Return the local day with most hours off of a schedule of one region."""
    import numpy as np

    days = table["local_time"].to_numpy().astype("datetime64[D]")
    totals = {str(date): float(table["queues"].isel(time=days == date).sum()) for date in np.unique(days)}
    return datetime.fromisoformat(max(totals, key=lambda one: totals[one]))


def _write_calendars(table: xr.Dataset, folder: Path) -> None:
    from gridmodel.inputs.writing import write_many
    from gridmodel.results.outage_schedule import all_ics, calendar_names

    regions = [str(region) for region in table["region"].to_numpy()]
    names = dict(zip(regions, calendar_names(regions), strict=True))
    with writing(folder):
        count = write_many(folder, ((f"{names[region]}-{group}.ics", text) for region, group, text in all_ics(table)))
    echo(f"Wrote {counted(count, 'calendar')} to {folder}")


def _list(table: xr.Dataset, homes: dict[str, float], say: Said) -> None:
    """Print hours without power of the mean person; of queues hours off, longest stretch and emergency stages."""
    from gridmodel.results.outage_schedule import hours_off, longest_stretch_h, mean_hours_off

    hours, mean = hours_off(table), mean_hours_off(table)
    spread = (hours.max("group") - hours.min("group")).max("day")
    longest, highest = longest_stretch_h(table).max("group"), table["queues"].max("time")
    emergency = (table["stage"] > 0).sum("time") * 0.5
    beyond = (table["stage"] == 2).sum("time") * 0.5
    rows = []
    for region in table["region"].to_numpy():
        at = {"region": region}
        numbers = (mean, spread, longest, highest, emergency, beyond)
        cells = (say.number(f"{float(values.sel(at)):.1f}".removesuffix(".0")) for values in numbers)
        off = say.number(tenths(homes[str(region)]))
        rows.append((f"{region} {table['region_name'].sel(at).item()}", off, *cells))
    columns = say.heads(("Hours", ">all", ">turns", ">span", ">spell", ">queues", ">over 4", ">beyond"))
    title = "Outage schedule: mean day, worst spread between sub-queues, highest stage"
    print_table(say(title), columns, rows)
    console().print(
        say("all: hours a day of the mean person. turns: of homes in the queues. spell: longest at a stretch.")
    )
    _explain(table, say)


def _explain(table: xr.Dataset, say: Said) -> None:
    """Print what the schedule covers, and what to do where it is not enough."""
    screen = console()
    members = table.attrs["members"]
    share = float(table["covered_share"].mean())
    covers = "Covers the deficit of {share} of half hours; critical feeders are not in any queue."
    of_members = "Covers the deficit of {share} of half hours of {n} members; critical feeders are not in any queue."
    screen.print(say(of_members if members > 1 else covers, share=f"{100 * share:.0f}\u00a0%", n=members))
    if table.attrs["rotation"] == "fixed":
        screen.print(say("The same sub-queues are off for as long as it lasts, as in the run (rotation: fixed)."))
    if table.attrs["imposed"]:
        screen.print(say("What the imposed timetable has off is in it: how many sub-queues, not which."))
    if bool((table["stage"] == 2).any()):
        short = float(table["uncovered_mw"].max())
        beyond = ("Beyond the scheme: even with every queue off, up to {mw} MW are missing in a region, "
                  "so critical feeders are cut too.")  # fmt: skip
        screen.print(say(beyond, mw=say.number(f"{short:,.0f}")))
    elif bool((table["stage"] > 0).any()):
        above = "Above 4 queues suppliers declare emergency stages; their published schedule no longer applies."
        screen.print(say(above))


def _left_out(result: xr.Dataset, say: Said) -> str:
    """Return what the hours of a schedule leave out and the run has; empty if nothing."""
    parts = []
    ordered = {"subqueues_off", "people_off_by_damage"} <= set(result.data_vars)  # else a schedule has all that is shed
    if ordered and float(result["people_off_by_damage"].max()) >= 1:
        parts.append(say("homes on broken feeders, who are off for longer"))
    shared, drawn = "shared_feeder_share", {"drawn_value", "setting"} <= set(result.variables)
    if drawn and shared in result["setting"].to_numpy() and float(result["drawn_value"].sel(setting=shared).max()) > 0:
        parts.append(say("homes outside the queues, who lower the mean of the run"))
    return say("Not in these hours: {what}.", what="; ".join(parts)) if parts else ""


def _say(line: str) -> None:
    """Print a line, if it is not empty."""
    if line:
        console().print(line)


def _draw(table: xr.Dataset, day: datetime, of_mean_h: float, say: Said) -> None:
    """Draw one region and day: one row per sub-queue, one column per half hour, and the hours of the mean person."""
    from gridmodel.results.outage_schedule import GROUPS, longest_stretch_h
    from gridmodel.results.outage_schedule.write import moments

    today = _one_day(table, day).isel(region=0)
    screen = console()
    told = {"region": today["region_name"].item(), "date": f"{day:%Y-%m-%d}"}
    screen.print(say("{region}, {date}: # off, . on, one column per half hour", **told))
    starts = moments(today)
    hours = "".join(f"{start:%H}" if not start.minute and not start.hour % 2 else "" for start in starts)
    ruler = "".join(f"{hours[2 * place : 2 * place + 2]:<4}" for place in range(len(hours) // 2))
    screen.print(f"     {ruler}")
    for group in GROUPS:
        off = today["off"].sel(group=group).to_numpy()
        hours_off = f"{say.number(f'{off.sum() / 2:g}')} {say('h')}"
        screen.print(f"{group}  {''.join('#' if cell else '.' for cell in off)}  {hours_off}")
    if bool((today["stage"] > 0).any()):
        screen.print(f"     {''.join('.e!'[int(stage)] for stage in today['stage'].to_numpy())}  {say('stage')}")
        screen.print("     " + say("e emergency stage: more than four queues; ! critical feeders are cut too"))
    longest = float(longest_stretch_h(table).max())
    screen.print(say("Longest stretch off in the run: {h} h", h=say.number(f"{longest:g}")))
    _explain(today, say)
    _say(_mean(of_mean_h, say, several=table.attrs["members"] > 1))
