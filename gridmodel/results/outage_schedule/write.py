"""Formats of an outage schedule: CSV, JSON, and a calendar for each sub-queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.events.timetable_json import GROUPS
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
        Text of the file; `gridmodel.schedule.read_timetable` reads it back.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> print(gm.schedule.as_csv(table).splitlines()[0])
    region,start,1.1,1.2,2.1,2.2,3.1,3.2,4.1,4.2,5.1,5.2,6.1,6.2,queues,stage,uncovered_mw
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

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> gm.schedule.as_json(table)["regions"]["TR-2"]["groups"]["1.1"][0]["slots"][0]  # off from midnight to four
    {'start': 0, 'end': 240, 'type': 'Definite'}
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
    """Return the calendar of one sub-queue of one region (RFC 5545), with one event per stretch without power.

    Parameters
    ----------
    table
        Result of `timetable`.
    region
        Id of the region.
    group
        Sub-queue, "1.1" to "6.2".

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> gm.schedule.as_ics(table, "TR-2", "1.1").count("BEGIN:VEVENT")
    8
    """
    return next(text for _, _, text in all_ics(table.sel(region=[region], group=[group])))


def all_ics(table: xr.Dataset) -> Iterator[tuple[str, str, str]]:
    """Yield the calendar of every sub-queue of every region: region, sub-queue, and text as of `as_ics`.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> [(region, group) for region, group, _ in gm.schedule.all_ics(table)][:2]
    [('TR-1', '1.1'), ('TR-1', '1.2')]
    """
    when = [f"{moment:%Y%m%dT%H%M%S}Z" for moment in _utc_moments(table)]
    ends = [f"{moment + _SLOT:%Y%m%dT%H%M%S}Z" for moment in _utc_moments(table)]
    off = table["off"].transpose("region", "group", "time").to_numpy()
    stages = table["stage"].transpose("region", "time").to_numpy()
    regions, names = table["region"].to_numpy(), table["region_name"].to_numpy()
    for place, region in enumerate(regions):
        for number, group in enumerate(table["group"].to_numpy()):
            form = _Form(str(region), f"{names[place]} {group}", str(group))
            events = [
                form.event(when[first], ends[last - 1], int(stages[place, first:last].max()), made=when[0])
                for first, last in stretches(off[place, number])
            ]
            yield str(region), str(group), form.calendar(events)


class _Form:
    """The lines of a calendar in which names stand, each escaped and folded by the library once."""

    def __init__(self, region: str, name: str, group: str) -> None:
        self.name = _one_line(name)
        self.uid = f"{_one_line(region)}-{group}-"
        self.head = _head() + _lines("X-WR-CALNAME", self.name)
        self.uid_of_any = _lines("UID", f"{self.uid}{_ANY}@gridmodel")
        self.summaries: dict[int, str] = {}

    def event(self, begin: str, end: str, worst: int, *, made: str) -> str:
        """Return the lines of one stretch without power."""
        if worst not in self.summaries:
            more = f" ({STAGES[worst]})" if worst else ""
            self.summaries[worst] = _lines("SUMMARY", f"No power, {self.name}{more}")
        moment = begin[: len(_ANY)]
        whole = self.uid_of_any.count(_ANY) == 1  # or the line is folded there
        uid = self.uid_of_any.replace(_ANY, moment) if whole else _lines("UID", f"{self.uid}{moment}@gridmodel")
        return (
            f"BEGIN:VEVENT\r\n{uid}DTSTAMP:{made}\r\nDTSTART:{begin}\r\nDTEND:{end}\r\n"
            f"{self.summaries[worst]}END:VEVENT\r\n"
        )

    def calendar(self, events: Sequence[str]) -> str:
        """Return the whole calendar."""
        return "".join((self.head, *events, _END))


_END = "END:VCALENDAR\r\n"
_ANY = "00000000T0000"
"""Place of the time in a UID."""


@cache
def _head() -> str:
    """Return the first lines of every calendar."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//gridmodel//outage timetable//EN")
    calendar.add("CALSCALE", "GREGORIAN")
    return str(calendar.to_ical(sorted=False).decode("utf-8")).removesuffix(_END)


def _lines(name: str, text: str) -> str:
    """Return a property of text, escaped and folded."""
    from icalendar import Parameters, vText
    from icalendar.parser import Contentline

    return f"{Contentline.from_parts(name, Parameters(), vText(text)).to_ical().decode('utf-8')}\r\n"


def calendar_names(regions: Sequence[str]) -> list[str]:
    """Return names of files for regions: safe on every system, and different even where case does not matter.

    Parameters
    ----------
    regions
        Ids of regions, whatever they contain.

    Examples
    --------
    >>> import gridmodel as gm
    >>> gm.schedule.calendar_names(["UA-30", "../x", "ua-30"])
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
