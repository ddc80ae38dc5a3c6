"""What a run is asked to do: a frozen scenario whose problems are all reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.names import TECHNOLOGIES
from gridmodel.scenario.fields import LocalTime, Number, known, none_is_empty, zone
from gridmodel.scenario.parameters import Parameters

MAX_HOURS = 24 * 400
"""Longest run. [h] Ours: a year and a month."""
STEPS: dict[str, timedelta] = {
    "15min": timedelta(minutes=15),
    "30min": timedelta(minutes=30),
    "1h": timedelta(hours=1),
}
"""Lengths a step can have."""


class Scenario(Parameters):
    """One question put to the model; a run is a pure function of it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """Title of the run."""
    network: str
    """Bundled name, folder or file of the network."""
    weather: str
    """Bundled name or file of the temperatures."""
    start: LocalTime
    """First hour, local time."""
    end: LocalTime
    """End, local time, exclusive."""
    step: Literal["15min", "30min", "1h"] = "1h"
    """Length of a step."""
    timezone: Annotated[str, AfterValidator(zone)] = "Europe/Kyiv"
    """Zone of `start`, `end`, event times and daily profiles."""
    members: Annotated[int, Strict(), Field(ge=1, le=1_000_000)] = 20
    """Monte Carlo draws."""
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = 2026
    """Seed of every random stream."""
    deterministic: Annotated[bool, Strict()] = False
    """One member with expected values in place of draws."""
    import_limit_mw: Annotated[Number, Field(ge=0)] | None = None
    """Limit of imports over all borders [MW]; empty: the network's own."""
    events: Annotated[str | tuple[dict[str, Any], ...], BeforeValidator(none_is_empty)] = ()
    """Events: a CSV file (bundled name or path, relative to the scenario) or a list of rows."""
    availability: Annotated[dict[str, Annotated[Number, Field(ge=0, le=10)]], known(TECHNOLOGIES, "technology")] = (
        Field(default={})
    )
    """National factor on what a technology can give, e.g. {hydro: 0.9}."""
    mitigations: Annotated[tuple[dict[str, Any], ...], Field(max_length=0)] = ()
    """Help that has been placed; this version takes an empty list only."""
    folder: Path | None = Field(default=None, exclude=True, repr=False)
    """Folder that relative paths start from; set by the reader."""

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        for key, moment in (("start", self.start), ("end", self.end)):
            if not self.exists(moment):
                message = "is skipped by the clock that night: summer time begins"
                raise PydanticCustomError(key, message)
        hours = (self.end_utc - self.start_utc) / timedelta(hours=1)
        if hours <= 0:
            raise PydanticCustomError("end", "must be after the start")
        if hours > MAX_HOURS:
            raise PydanticCustomError("end", "must be at most 400 days after the start")
        if (self.end_utc - self.start_utc) % self.step_length or self.start_utc.minute % 15:
            raise PydanticCustomError("end", "must be a whole number of steps after the start")
        return self

    @property
    def start_utc(self) -> datetime:
        """First hour in UTC, without a zone attached."""
        return self.to_utc(self.start)

    @property
    def end_utc(self) -> datetime:
        """End in UTC, without a zone attached."""
        return self.to_utc(self.end)

    @property
    def step_length(self) -> timedelta:
        """Length of a step."""
        return STEPS[self.step]

    @property
    def step_h(self) -> float:
        """Length of a step. [h]"""
        return self.step_length / timedelta(hours=1)

    @property
    def draws(self) -> int:
        """Members that a run has: one if deterministic."""
        return 1 if self.deterministic else self.members

    def to_utc(self, local: datetime) -> datetime:
        """Local time of this scenario in UTC, without a zone attached."""
        return local.replace(tzinfo=ZoneInfo(self.timezone)).astimezone(UTC).replace(tzinfo=None)

    def exists(self, local: datetime) -> bool:
        """Whether the clock shows a local time: it skips an hour when summer time begins."""
        zone = ZoneInfo(self.timezone)
        return local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local

    def times_utc(self) -> npt.NDArray[np.datetime64]:
        """Start of every step in UTC, shape ``(time,)``."""
        step = np.timedelta64(int(self.step_length.total_seconds()), "s")
        return np.arange(np.datetime64(self.start_utc, "s"), np.datetime64(self.end_utc, "s"), step)

    def local(self, times_utc: npt.NDArray[np.datetime64]) -> npt.NDArray[np.datetime64]:
        """Local clock time of UTC times, shape as given."""
        zone = ZoneInfo(self.timezone)
        clock = [
            moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
            for moment in times_utc.astype("datetime64[s]").astype(datetime)
        ]
        return np.array(clock, dtype="datetime64[s]")

    def replace(self, **changes: object) -> Scenario:
        """Return a variant; the changes are checked like a file.

        Raises
        ------
        InputError
            If a change names no setting or its value is not allowed.
        """
        current = self.model_dump() | {"folder": self.folder}
        return make_scenario(current | changes)


def make_scenario(
    data: Mapping[str, Any],
    *,
    shown: str = "scenario",
    lines: Mapping[str, int] | None = None,
) -> Scenario:
    """Check settings and make a scenario of them.

    Parameters
    ----------
    data
        Settings by name.
    shown
        Name of the file in messages.
    lines
        Line of each setting in the file.

    Raises
    ------
    InputError
        With every problem, if there is any.
    """
    try:
        return Scenario.model_validate(dict(data))
    except ValidationError as error:
        found = [_problem(detail, shown, lines or {}) for detail in error.errors(include_url=False)]
        raise InputError(found) from None


def _problem(detail: ErrorDetails, shown: str, lines: Mapping[str, int]) -> Problem:
    """One problem out of what the checker says."""
    place = [str(part) for part in detail["loc"] if not str(part).startswith(("tuple[", "function-", "str", "int"))]
    key = place[0] if place else (detail["type"] if detail["type"] in {"start", "end"} else "")
    known = [name for name in Scenario.model_fields if name != "folder"]
    messages = {
        "missing": "is required",
        "extra_forbidden": "is no setting of a scenario",
    }
    message = messages.get(detail["type"], detail["msg"][:1].lower() + detail["msg"][1:])
    if key == "mitigations":
        message = "takes an empty list: help placed is valued by a later version"
    shows_value = detail["type"] not in {"missing", "extra_forbidden"} and not isinstance(detail["input"], dict)
    return Problem(
        message=message,
        table=shown,
        row=lines.get(key),
        field=".".join(place) or key,
        value=_short(detail["input"]) if shows_value else "",
        hint=nearest(key, known) if detail["type"] == "extra_forbidden" else "",
    )


def _short(value: object) -> str:
    try:
        return str(value)[:80]
    except ValueError:  # Python refuses to write an integer of thousands of digits
        return "a number of thousands of digits"
