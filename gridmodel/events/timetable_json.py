"""Days of sub-queues as suppliers publish them in JSON: what their slots and status say of each half hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from gridmodel.errors import InputError, Problems, nearest, worded
from gridmodel.inputs.json_text import parse_json
from gridmodel.scenario import FIRST_YEAR, LAST_YEAR

GROUPS = tuple(f"{queue}.{half}" for queue in range(1, 7) for half in (1, 2))
"""Names of the sub-queues: 1.1, 1.2 … 6.2."""
SLOT = timedelta(minutes=30)
"""Length of a slot."""
UPDATED = "updatedOn"
"""Key of the time of publication, which stands among the days of a sub-queue, or beside the sub-queues."""
OTHER_YEARS = f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}"
MAX_JSON = 500_000
"""Most values of a JSON timetable. Ours: a month of 27 regions has a quarter of that."""
MAX_TOLD = 20
"""Most errors of the form of a file that are told one by one. Ours: a screen."""

EMERGENCY = 2
"""Value of a half hour of emergency shutdowns, before it becomes off or a problem."""
UNKNOWN = -1
"""Value of a half hour of which the file does not say whether power is on."""
NOT_GIVEN = -2
"""Value of a sub-queue in a half hour of which only others are given, before it becomes unknown."""
HOLE = -3
"""Value of a half hour that the slots of its day leave out, before it becomes unknown."""
HalfHours = dict[tuple[str, datetime], npt.NDArray[np.int8]]
"""Value of each sub-queue by region and UTC time."""


class _Stretch(BaseModel, extra="ignore"):
    """One stretch of a day, in minutes since midnight."""

    start: int = Field(ge=0, le=1500)
    end: int = Field(ge=0, le=1500)
    type: Literal["Definite", "NotPlanned"]

    def __str__(self) -> str:
        return f"{self.start}-{self.end} {self.type}"


class _Day(BaseModel, extra="ignore"):
    """One day of a sub-queue."""

    date: datetime
    slots: list[_Stretch]
    status: Literal["ScheduleApplies", "EmergencyShutdowns", "WaitingForSchedule", "NoOutages"] | None = None


def _listed(days: object) -> object:
    """Return days that have names, such as today and tomorrow, as a list."""
    return list(days.values()) if isinstance(days, Mapping) else days


_Groups = dict[str, Annotated[list[_Day], BeforeValidator(_listed)]]


class _Region(BaseModel, extra="ignore"):
    """Days of every sub-queue of a region."""

    groups: _Groups


def note_json(
    text: str, region: str | None, zone: ZoneInfo, problems: Problems, off: HalfHours, *, shown: str
) -> None:  # fmt: skip
    """Enter the half hours of a JSON text, and note what is wrong with it.

    Parameters
    ----------
    text
        The text.
    region
        Region, where the text does not name any.
    zone
        Time zone of dates without an offset.
    problems, off
        Take up what is found.
    shown
        Name of the file in messages.
    """
    for name, groups in _regions(text, region, problems, shown=shown):
        for group in groups:
            if group not in GROUPS:
                hint = nearest(group, GROUPS)
                problems.add("is not a sub-queue", table=shown, field=f"{name}.groups", value=group, hint=hint)
        for column, group in enumerate(GROUPS):
            if group not in groups:
                problems.add(f"sub-queue {group} is missing", table=shown, field=f"{name}.groups")
                continue
            for number, day in enumerate(groups[group], start=1):
                field = f"{name}.groups.{group}, day {number}"
                _put_day(day, column, name, zone, problems, off, {"table": shown, "field": field})


def _regions(
    text: str, region: str | None, problems: Problems, *, shown: str
) -> Iterator[tuple[str, Mapping[str, list[_Day]]]]:
    """Return the regions of a JSON text and their groups."""
    before: tuple[str, ...] = ()
    try:
        data = parse_json(text, shown, most=MAX_JSON, strict=True)
        data = _without_update(data)
        if isinstance(data, dict) and "regions" in data:
            known = TypeAdapter(dict[str, _Region]).validate_python(data["regions"])
            yield from ((name, found.groups) for name, found in known.items())
        elif region is None:
            problems.add("does not name a region; say which one it is for", table=shown, field="region")
        elif not isinstance(data, dict) or not set(data) & set(GROUPS):
            problems.add(f"contains none of the sub-queues {GROUPS[0]} to {GROUPS[-1]}", table=shown)
        else:
            before = (region, "groups")
            yield region, TypeAdapter(_Groups).validate_python(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details[:MAX_TOLD]:
            _note(detail, before, problems, shown=shown)
        if len(details) > MAX_TOLD:
            problems.add(f"has {len(details) - MAX_TOLD} more problems of this kind", table=shown)
    except InputError as error:
        problems.found += error.problems


def _note(detail: ErrorDetails, before: Sequence[str], problems: Problems, *, shown: str) -> None:
    """Note an error of the form of a file at its place: region, sub-queue, day, slot and key."""
    place = [*before, *detail["loc"]]
    said, given = worded(detail["type"], detail["msg"], detail.get("ctx", {})), detail["input"]
    if detail["type"].startswith("datetime"):
        said = "must be a time such as 2026-01-15T00:00:00+02:00"
    elif detail["type"] == "list_type" and len(place) == 3:
        said = "must be a list of days, or days by name: {today: day, tomorrow: day}"
    elif detail["type"] == "dict_type" and not place:
        said = "must have the regions by name: {UA-30: {groups: …}}"
    shows = detail["type"] != "missing" and not isinstance(given, dict | list)
    problems.add(said, table=shown, field=_path(place) or "regions", value=given if shows else "")


def _path(place: Sequence[int | str]) -> str:
    """Return the path of a value in words.

    Examples
    --------
    >>> _path(["UA-30", "groups", "1.1", 0, "slots", 1, "end"])
    'UA-30.groups.1.1, day 1, slot 2, end'
    """
    names = ".".join(str(part) for part in place[:3])
    more = [str(part) for part in place[4:] if not isinstance(part, int)]
    slot = [f"slot {part + 1}" for part in place[4:] if isinstance(part, int)]
    more = [part for part in more if part != "slots"] if slot else more
    return ", ".join([names, *(f"day {int(part) + 1}" for part in place[3:4]), *slot, *more])


def _without_update(data: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return groups, or regions with groups, without the times of their publication."""
    if not isinstance(data, dict):
        return data
    if isinstance(data.get("regions"), dict):
        regions = {
            name: found | {"groups": _without_update(found["groups"])}
            if isinstance(found, dict) and "groups" in found
            else found
            for name, found in data["regions"].items()
        }
        return data | {"regions": regions}
    groups = {name: found for name, found in data.items() if name != UPDATED}
    return {
        name: {key: day for key, day in found.items() if key != UPDATED} if isinstance(found, dict) else found
        for name, found in groups.items()
    }


def _put_day(  # noqa: PLR0917 - the parts of one day
    day: _Day, column: int, region: str, zone: ZoneInfo, problems: Problems, off: HalfHours, place: dict[str, Any]
) -> None:
    """Enter one day of one sub-queue."""
    if not FIRST_YEAR <= day.date.year <= LAST_YEAR:
        problems.add(OTHER_YEARS, **place, value=day.date.isoformat())
        return
    local = day.date if day.date.tzinfo is not None else day.date.replace(tzinfo=zone)
    midnight = local.astimezone(UTC).replace(tzinfo=None)
    if local.hour or local.minute or local.second:
        problems.add("must be midnight, local time", **place, value=day.date.isoformat())
        return
    length = (local.astimezone(zone).replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)
    taken = _values(day, round((length.replace(tzinfo=None) - midnight) / SLOT), problems, place)
    for slot, value in enumerate(taken.tolist()):
        row = off.setdefault((region, midnight + slot * SLOT), np.full(len(GROUPS), NOT_GIVEN, dtype=np.int8))
        if value >= 0 and row[column] >= 0 and row[column] != value:
            problems.add("gives the same half hours in two ways", **place, value=day.date.isoformat())
            return
        row[column] = value if value >= 0 or row[column] == NOT_GIVEN else row[column]


def _values(day: _Day, slots: int, problems: Problems, place: dict[str, Any]) -> npt.NDArray[np.int8]:
    """Return what a day says of each of its half hours; note slots that contradict each other or its status.

    Between slots that are off alone power is on; where others say that it is on, half hours that no slot has are not
    known.
    """
    said = np.full(slots, HOLE, dtype=np.int8)
    for stretch in day.slots:
        first, last, value = stretch.start / 30, stretch.end / 30, int(stretch.type == "Definite")
        if first % 1 or last % 1 or not first < last <= slots:
            message = f"must be whole half hours within the day of {slots * 30} minutes, the start before the end"
            problems.add(message, **place, value=f"{stretch.start}-{stretch.end}")
            continue
        part = said[int(first) : int(last)]
        if (part == 1 - value).any():
            message = "overlaps a slot that says the opposite: power is off and on in the same half hours"
            problems.add(message, **place, value=stretch, hint="give each half hour to one slot")
        part[:] = np.maximum(part, value)
    return _with_status(day, said, problems, place)


def _with_status(
    day: _Day, said: npt.NDArray[np.int8], problems: Problems, place: dict[str, Any]
) -> npt.NDArray[np.int8]:  # fmt: skip
    """Return what slots say of half hours, with what the status of the day says."""
    definite = [stretch for stretch in day.slots if stretch.type == "Definite"]
    if not day.slots:
        return np.full(len(said), _without_slots(day), dtype=np.int8)
    if definite and day.status in {"NoOutages", "WaitingForSchedule"}:
        message = f"contradicts the slot {definite[0]}, in which power is off"
        hint = "make the status ScheduleApplies, or take the Definite slots out"
        problems.add(message, **place, value=day.status, hint=hint)
        return np.maximum(said, 0)
    if day.status == "WaitingForSchedule":
        return np.full(len(said), UNKNOWN, dtype=np.int8)
    if day.status == "NoOutages" or len(definite) == len(day.slots):
        return np.maximum(said, 0)
    return said


def _without_slots(day: _Day) -> int:
    """Return the value of every half hour of a day without slots."""
    if day.status == "EmergencyShutdowns":
        return EMERGENCY
    return 0 if day.status in {"ScheduleApplies", "NoOutages"} else UNKNOWN
