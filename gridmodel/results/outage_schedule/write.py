"""Formats of an outage schedule: CSV, JSON, and a calendar for each sub-queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.events.timetable import GROUPS
from gridmodel.inputs.spreadsheet import csv_text
from gridmodel.results.outage_schedule.table import SLOT_MIN, STAGES
from gridmodel.results.own_inputs import safe_name

STATUS = {0: "ScheduleApplies", 1: "EmergencyShutdowns", 2: "EmergencyShutdowns"}
"""Status of a day by its highest stage, in the terms that suppliers publish."""
_SLOT = timedelta(minutes=SLOT_MIN)


def as_csv(table: xr.Dataset) -> str:
    """Return CSV with one row per region and half hour: start with UTC offset, sub-queues (1 off, 0 on), stage, …

    Returns
    -------
    str
        Text of the file; `gridmodel.results.outage_schedule.read` reads it back.
    """
    starts = [moment.isoformat(timespec="minutes") for moment in moments(table)]
    off = table["off"].transpose("region", "time", "group").to_numpy()
    extra = {name: table[name].transpose("region", "time").to_numpy() for name in ("queues", "stage", "uncovered_mw")}
    rows: list[list[Any]] = [["region", "start", *GROUPS, "queues", "stage", "uncovered_mw"]]
    for place, region in enumerate(table["region"].to_numpy()):
        for slot, start in enumerate(starts):
            queues, stage, short = (extra[name][place, slot] for name in extra)
            rows.append([str(region), start, *off[place, slot], f"{queues:g}", stage, f"{short:.3f}"])
    return csv_text(rows)


def as_json(table: xr.Dataset) -> dict[str, Any]:
    """Return groups "1.1" to "6.2" of each region, by day, as stretches in minutes since local midnight.

    On a day when the clock changes, elapsed minutes count, so they end at 1380 or 1500.
    """
    regions = {}
    for place, region in enumerate(table["region"].to_numpy()):
        one = table.isel(region=place)
        days = _days(one)
        groups = {group: [_day(one, group, rows) for rows in days] for group in GROUPS}
        regions[str(region)] = {"name": str(one["region_name"].item()), "groups": groups}
    keep = ("title", "timezone", "source", "certainty", "longest_h", "members")
    return {name: table.attrs[name] for name in keep} | {"regions": regions}


def as_ics(table: xr.Dataset, region: str, group: str) -> str:
    """Return the calendar of one sub-queue of one region (RFC 5545), with one event per stretch without power."""
    from icalendar import Calendar, Event, vText

    one = table.sel(region=region)
    name = _one_line(f"{one['region_name'].item()} {group}")
    when = _utc_moments(one)
    stage = one["stage"].to_numpy()
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//gridmodel//outage timetable//EN")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("X-WR-CALNAME", vText(name))
    for first, last in stretches(one["off"].sel(group=group).to_numpy()):
        worst = int(stage[first:last].max())
        event = Event()
        event.add("UID", f"{_one_line(region)}-{group}-{when[first]:%Y%m%dT%H%M}@gridmodel")
        event.add("DTSTAMP", when[0])
        event.add("DTSTART", when[first])
        event.add("DTEND", when[last - 1] + _SLOT)
        event.add("SUMMARY", f"No power, {name}" + (f" ({STAGES[worst]})" if worst else ""))
        calendar.add_component(event)
    return str(calendar.to_ical(sorted=False).decode("utf-8"))


def calendar_names(regions: Sequence[str]) -> list[str]:
    """Return names of files for regions: safe on every system, and different even where case does not matter.

    Examples
    --------
    >>> calendar_names(["UA-30", "../x", "ua-30"])
    ['UA-30', '_._x', 'ua-30_2']
    """
    found: list[str] = []
    taken: set[str] = set()
    for region in regions:
        first = safe_name(region).lstrip("-") or "_"
        name, count = first, 1
        while name.casefold() in taken:
            count += 1
            name = f"{first}_{count}"
        taken.add(name.casefold())
        found.append(name)
    return found


def _one_line(text: str) -> str:
    """Return a text with spaces in place of signs that nobody sees."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def moments(table: xr.Dataset) -> list[datetime]:
    """Return the start of every slot, as local time with its UTC offset."""
    zone = ZoneInfo(str(table.attrs["timezone"]))
    return [moment.astimezone(zone) for moment in _utc_moments(table)]


def _utc_moments(table: xr.Dataset) -> list[datetime]:
    seconds = table["time"].to_numpy().astype("datetime64[s]").astype(datetime)
    return [moment.replace(tzinfo=UTC) for moment in seconds]


def stretches(off: npt.NDArray[np.generic]) -> list[tuple[int, int]]:
    """Return the first slot, and the slot after the last, of every stretch off.

    Examples
    --------
    >>> stretches(np.array([0, 1, 1, 0, 1]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], off.astype(np.int64), [0]])))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _days(one: xr.Dataset) -> list[npt.NDArray[np.intp]]:
    days = one["local_time"].to_numpy().astype("datetime64[D]")
    return [np.flatnonzero(days == day) for day in np.unique(days)]


def _day(one: xr.Dataset, group: str, rows: npt.NDArray[np.intp]) -> dict[str, Any]:
    """Return one day of one group: its midnight, status, and stretches off and on."""
    today = one.isel(time=rows)
    starts = moments(today)
    midnight = starts[0].replace(hour=0, minute=0, fold=0)
    before = round((starts[0].astimezone(UTC) - midnight.astimezone(UTC)) / timedelta(minutes=1))
    off = today["off"].sel(group=group).to_numpy()
    cuts = [0, *(np.flatnonzero(np.diff(off)) + 1).tolist(), len(off)]
    slots = [
        {"start": before + first * SLOT_MIN, "end": before + last * SLOT_MIN,
         "type": "Definite" if off[first] else "NotPlanned"}
        for first, last in pairwise(cuts)
    ]  # fmt: skip
    status = STATUS[int(today["stage"].max())]
    return {"date": midnight.isoformat(timespec="minutes"), "status": status, "slots": slots}
