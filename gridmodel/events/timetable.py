"""Published outage timetables: reading them, and the share of each region that they switch off in each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.errors import Problem, Problems, nearest
from gridmodel.events.timetable_json import (
    EMERGENCY,
    GROUPS,
    HOLE,
    NOT_GIVEN,
    OTHER_YEARS,
    SLOT,
    UNKNOWN,
    HalfHours,
    note_json,
)
from gridmodel.inputs.table_schema import Column, Table
from gridmodel.inputs.tables import parse_table, read_text
from gridmodel.scenario import FIRST_YEAR, LAST_YEAR

Emergency = Literal["refuse", "off"]
"""Choices for a day of emergency shutdowns without slots: it is refused, or everyone is off."""
MAX_DAYS = 400
"""Longest timetable. [d] Ours: the length of the longest run."""
MAX_VALUES = 10_000_000
"""Most half hours of all sub-queues and regions. Ours: 27 regions have six million in `MAX_DAYS`."""
TOO_MANY = f"contains more than {MAX_VALUES:,} half hours of sub-queues"
TIMETABLE = Table(
    name="timetable",
    meaning="Rotating outages: one row per region and half hour",
    key="",
    columns=(
        Column(name="region", meaning="Region, e.g. UA-30"),
        Column(name="start", meaning="Start of the half hour, local, best with its offset: 2026-01-15T00:30+02:00"),
        *(
            Column(name=group, kind="integer", unit="1", low=0, high=1, meaning=f"1 where sub-queue {group} is off")
            for group in GROUPS
        ),
        Column(name="queues", kind="number", required=False, meaning="Queues off; not read"),
        Column(name="stage", kind="number", required=False, meaning="Emergency stage; not read"),
        Column(name="uncovered_mw", kind="number", unit="MW", required=False, meaning="Not read"),
    ),
)
"""Columns of a timetable as CSV."""


def read_timetable(
    path: str | Path, *, region: str | None = None, timezone: str = "Europe/Kyiv", emergency: Emergency = "refuse"
) -> xr.DataArray:
    """Read a timetable published by a supplier or written by `gridmodel schedule`.

    Parameters
    ----------
    path
        CSV with one column per sub-queue, or JSON: ``{"regions": {"UA-30": {"groups": {"1.1": [day, …]}}}}``, or, as
        one supplier publishes it, ``{"1.1": {"today": day, "tomorrow": day}}``, with
        ``day = {"date": …, "status": "ScheduleApplies", "slots": [{"start": 0, "end": 240, "type": "Definite"}]}`` in
        minutes since midnight. A day that waits for its schedule, or has neither slots nor a status, is unknown; of one
        with slots of type `NotPlanned` too, what no slot covers is unknown, else it is on.
    region
        Region of a JSON file that does not name one.
    timezone
        Time zone of times without an offset.
    emergency
        What becomes of days of emergency shutdowns without slots, on which no schedule applies: `refuse` them, or take
        everyone as `off`.

    Returns
    -------
    xarray.DataArray
        1 where a sub-queue is off, 0 where it is on, -1 where that is unknown, ``(time, region, group)``; time is UTC
        in half hours.

    Raises
    ------
    InputError
        With every problem of the file.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import tempfile
    >>> from pathlib import Path
    >>> table = gm.schedule.timetable(gm.run("three-region"))
    >>> path = Path(tempfile.mkdtemp()) / "mine.csv"
    >>> written = path.write_text(gm.schedule.as_csv(table))
    >>> gm.schedule.read_timetable(path).sum().item() == table["off"].sum().item()
    True
    """
    path = Path(path)
    return _array(_read(path, ZoneInfo(timezone), region, emergency))


def _read(path: Path, zone: ZoneInfo, region: str | None, emergency: Emergency) -> HalfHours:
    """Return the half hours of a file, by region and UTC time.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    problems = Problems()
    off = _noted(path, zone, region, emergency, problems)
    problems.raise_if_any()
    return off


def _noted(
    path: Path, zone: ZoneInfo, region: str | None, emergency: Emergency, problems: Problems, *,
    of_run: Callable[[datetime], bool] = lambda _: True,
) -> HalfHours:  # fmt: skip
    """Return the half hours of a file that can be read, by region and UTC time; note what is wrong with the others.

    Emergency shutdowns outside the half hours of a run are unknown, without a word.
    """
    off: HalfHours = {}
    text = read_text(path, problems, shown=path.name)
    if text is None:
        return off
    if path.suffix == ".json":
        note_json(text, region, zone, problems, off, shown=path.name)
    else:
        _from_csv(text, zone, problems, off, shown=path.name)
    _check_emergency(off, emergency, problems, shown=path.name, zone=zone, of_run=of_run)
    _check_extent(off, problems, shown=path.name)
    return off


def _check_emergency(
    off: HalfHours, emergency: Emergency, problems: Problems, *, shown: str, zone: ZoneInfo,
    of_run: Callable[[datetime], bool],
) -> None:  # fmt: skip
    """Take half hours of emergency shutdowns as off, or note the regions and local days that have any."""
    days: dict[tuple[str, str], None] = {}
    for (region, moment), row in off.items():
        if (row == EMERGENCY).any():
            told = of_run(moment)
            row[row == EMERGENCY] = 1 if told else UNKNOWN
            if told:
                days[region, _local_day(moment, zone)] = None
    for region, day in days if emergency == "refuse" else ():
        message = "has emergency shutdowns without slots: no schedule applies, and who is off is not known"
        hint = "give everyone who is off a Definite slot from 0 to 1440"
        problems.add(message, table=shown, field=f"{region}.groups", value=day, hint=hint)


def _local_day(moment: datetime, zone: ZoneInfo) -> str:
    """Return the local day of a UTC time, as files name their days."""
    return f"{moment.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d}"


def _check_extent(off: Mapping[tuple[str, datetime], object], problems: Problems, *, shown: str) -> None:
    """Check that a timetable is not empty, and no larger than any that is published."""
    if not off:
        if not problems.found:
            problems.add("contains no half hours", table=shown)
        return
    moments, regions = {moment for _, moment in off}, {region for region, _ in off}
    span = max(moments) - min(moments)
    if span > timedelta(days=MAX_DAYS):
        problems.add(f"must span at most {MAX_DAYS} days", table=shown, value=f"{min(moments)} to {max(moments)}")
    elif len(regions) * (span / SLOT + 1) * len(GROUPS) > MAX_VALUES:
        problems.add(TOO_MANY, table=shown)


def examine_timetable(
    path: Path, regions: Sequence[str] | None, *, first: np.datetime64 | None, end: np.datetime64 | None, timezone: str
) -> tuple[xr.DataArray | None, list[Problem]]:
    """Read a timetable, and check as much of it as can be checked against a run.

    Parameters
    ----------
    path, timezone
        As in `read_timetable`.
    regions
        Regions of the run; None if they are not known.
    first, end
        Start and end of the run in UTC; None if one is not known.

    Returns
    -------
    tuple
        The timetable as `read_timetable` returns it, None if there is nothing in it; and all problems.
    """
    problems, zone = Problems(), ZoneInfo(timezone)
    named = _noted(path, zone, None, "refuse", problems, of_run=partial(_of_run, first=first, end=end))
    broken = bool(problems.found)
    for name in dict.fromkeys(region for region, _ in named):
        if regions is not None and name not in regions:
            hint = nearest(name, regions)
            problems.add("is not a region of this network", table=path.name, field="region", value=name, hint=hint)
    if not named or (broken and any("must span" in one.message or one.message == TOO_MANY for one in problems.found)):
        return None, problems.found
    off = _array(named)
    begins = off["time"].to_numpy()
    late = first is not None and begins[-1] + np.timedelta64(30, "m") <= first
    early = end is not None and begins[0] >= end
    if (late or early) and not broken:  # a line that could not be read may be the one that covers it
        span = f"{str(begins[0])[:16]} to {str(begins[-1])[:16]} UTC"
        problems.add("does not cover any time of the run", table=path.name, field="start", value=span)
    if first is not None and end is not None:
        _check_known(named, first, end, problems, shown=path.name, zone=zone)
    return off, problems.found


def _of_run(moment: datetime, *, first: np.datetime64 | None, end: np.datetime64 | None) -> bool:
    """Return whether a half hour touches a run, of which a start or end that is not known lies outside the file."""
    at = np.datetime64(moment, "m")
    return bool((first is None or first - np.timedelta64(30, "m") < at) and (end is None or at < end))


def _check_known(
    named: HalfHours, first: np.datetime64, end: np.datetime64, problems: Problems, *, shown: str, zone: ZoneInfo
) -> None:  # fmt: skip
    """Note the regions and days of a run that a file names without saying who is off in all their half hours."""
    broken = bool(problems.found)  # a day that could not be read may be the one that is missing
    days: dict[tuple[str, str, int], tuple[datetime, str]] = {}
    for (region, moment), row in named.items():
        if _of_run(moment, first=first, end=end):
            for kind in (UNKNOWN, HOLE) if broken else (UNKNOWN, HOLE, NOT_GIVEN):
                if (row == kind).any():
                    group = GROUPS[int(np.argmax(row == kind))]
                    days.setdefault((region, _local_day(moment, zone), kind), (moment, group))
    for (region, day, kind), (moment, group) in days.items():
        message, hint = "is unknown: its schedule is not published yet", _PUBLISHED
        if kind == HOLE:
            message = f"is known in part: no slot of sub-queue {group} covers the half hour from {moment:%H:%M} UTC"
            hint = "cover all of the day with slots, Definite or NotPlanned, or end the run before it"
        elif kind == NOT_GIVEN:
            message = f"is unknown for sub-queue {group}, which lacks it, while others have it"
            hint = "give this day to every sub-queue, or end the run before it"
        problems.add(message, table=shown, field=f"{region}.groups", value=day, hint=hint)


_PUBLISHED = "end the run before it, or give slots or the status NoOutages"


def gaps(off: xr.DataArray, first: np.datetime64, end: np.datetime64, *, shown: str) -> list[Problem]:
    """Return a warning for each set of regions of which a timetable leaves out the same half hours of a run.

    Parameters
    ----------
    off
        Result of `read_timetable`. Regions that it does not have are not told.
    first, end
        Start and end of the run, UTC.
    shown
        Name of the file.
    """
    half = np.timedelta64(30, "m")
    begin = first.astype("datetime64[m]")
    begin -= (begin - begin.astype("datetime64[D]")) % half
    times = np.arange(begin, end.astype("datetime64[m]"), half)
    known = (off.to_numpy() != UNKNOWN).any(axis=2)
    at = off["time"].to_numpy().astype("datetime64[m]")
    place = np.clip(np.searchsorted(at, times), 0, len(at) - 1)
    missing = ~(known[place] & (at[place] == times)[:, None])
    regions: dict[tuple[int, ...], list[str]] = {}
    for column, region in enumerate(off["region"].to_numpy()):
        if missing[:, column].any():
            regions.setdefault(tuple(np.flatnonzero(missing[:, column]).tolist()), []).append(str(region))
    found = []
    for places, names in regions.items():
        begins = str(times[places[0]]).replace("T", " ")
        message = (
            f"says nothing of {len(places)} of the {len(times)} half hours of the run, from {begins} UTC: nobody is "
            "off by the timetable then, and what is short is cut as without one"
        )
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        found.append(Problem(message=message, severity="warning", table=shown, field=", ".join(names[:5]) + more))
    return found


def off_share(off: xr.DataArray, times: npt.NDArray[np.datetime64], step_h: float) -> xr.DataArray:
    """Compute the share of each region's consumers in the queues that a timetable switches off in each step.

    Parameters
    ----------
    off
        Result of `read_timetable`, or `off` of `gridmodel.results.outage_schedule.timetable`.
    times
        UTC start of every step, shape ``(time,)``.
    step_h
        Length of a step: 0.25, 0.5 or 1. [h]

    Returns
    -------
    xarray.DataArray
        Mean over sub-queues and the step, ``(time, region)``; missing where that is unknown, 0 before the first and
        after the last half hour of the timetable. [1]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> times = result["time"].to_numpy()
    >>> share = gm.schedule.off_share(table["off"], times, step_h=1.0)
    >>> round(share.sel(region="TR-2").max().item(), 3)  # five queues of six
    0.833
    """
    known = off.astype(float).where(off != UNKNOWN)
    share = known.mean("group", skipna=False).transpose("time", "region")
    quarters = round(step_h * 4)
    fine = (times.astype("datetime64[m]")[:, None] + np.arange(quarters) * np.timedelta64(15, "m")).reshape(-1)
    at = share["time"].to_numpy().astype("datetime64[m]")
    place = np.searchsorted(at, fine, side="right") - 1
    inside = (place >= 0) & (fine - at[np.maximum(place, 0)] < np.timedelta64(30, "m"))
    values = np.where(inside[:, None], share.to_numpy()[np.maximum(place, 0)], 0.0)
    mean = values.reshape(len(times), quarters, -1).mean(axis=1)
    coords = {"time": times.astype("datetime64[ns]"), "region": share["region"].to_numpy()}
    return xr.DataArray(mean, coords, ("time", "region"), attrs={"units": "1", "long_name": "Share off by timetable"})


def _from_csv(text: str, zone: ZoneInfo, problems: Problems, off: HalfHours, *, shown: str) -> None:
    rows = parse_table(text, TIMETABLE, problems, shown=shown)
    cells = rows.frame[list(GROUPS)].fillna(0).clip(0, 1).to_numpy(dtype=np.int8)
    for place, line in enumerate(rows.lines):
        start, region = str(rows.frame["start"].iloc[place]), str(rows.frame["region"].iloc[place])
        moment, message = _moment(start, zone)
        if moment is not None and (region, moment) in off:
            message = "duplicates a line above for this region"
        if message and start:
            problems.add(message, table=shown, row=line, field="start", value=start)
        elif moment is not None:
            off[region, moment] = cells[place]


def _moment(text: str, zone: ZoneInfo) -> tuple[datetime | None, str]:
    """Return the UTC time of a cell, or None and the reason."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None, "is not a time such as 2026-01-15T00:30+02:00"
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None, OTHER_YEARS
    if moment.tzinfo is None:
        first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first != second:
            return None, "does not exist or occurs twice that night; give the offset from UTC"
        moment = first
    if moment.minute % 30 or moment.second or moment.microsecond:
        return None, "is not the start of a half hour"
    return moment.astimezone(UTC).replace(tzinfo=None), ""


def _array(off: HalfHours) -> xr.DataArray:
    """Return one array of all regions; a half hour that the file lacks for a region or sub-queue is unknown."""
    regions = list(dict.fromkeys(region for region, _ in off))
    first, last = min(moment for _, moment in off), max(moment for _, moment in off)
    times = pd.date_range(first, last, freq="30min")
    values = np.full((len(times), len(regions), len(GROUPS)), UNKNOWN, dtype=np.int8)
    for (region, moment), row in off.items():
        values[round((moment - first) / SLOT), regions.index(region)] = np.maximum(row, UNKNOWN)
    coords = {"time": times.to_numpy(), "region": np.array(regions, object), "group": np.array(GROUPS, object)}
    return xr.DataArray(values, coords, ("time", "region", "group"), attrs={"units": "1", "long_name": "Sub-queue off"})
