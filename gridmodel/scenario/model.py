"""What a run is asked to do: a frozen scenario whose problems are all reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    Strict,
    Tag,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.scenario.distributions import Bounds, Distribution
from gridmodel.scenario.drawable import bounds_in, numbers_in, take_distributions, widen
from gridmodel.scenario.fields import (
    MAX_MEMBERS,
    Known,
    LocalTime,
    Number,
    Share,
    count_or_auto,
    none_is_empty,
    zone,
)
from gridmodel.scenario.help import Mitigation
from gridmodel.scenario.origin import Origin
from gridmodel.scenario.parameters import Parameters
from gridmodel.vocabulary import TECHNOLOGIES

MAX_HOURS = 24 * 400
"""Longest run. [h] Ours: a year and a month."""
STEPS: dict[str, timedelta] = {
    "15min": timedelta(minutes=15),
    "30min": timedelta(minutes=30),
    "1h": timedelta(hours=1),
}
"""Lengths a step can have."""


def _form(events: object) -> str:
    """Tell the name of a file of events from rows, so that what is wrong with either is said once."""
    return "file" if isinstance(events, str) else "rows"


class StopAt(BaseModel):
    """When `members: auto` has drawn enough."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    metric: str = "energy_not_served"
    """Metric of the summary that must be known well enough."""
    share: Annotated[Number, Field(gt=0, le=1)] = 0.05
    """Standard error over mean at which to stop."""
    max_members: Annotated[int, Strict(), Field(ge=2, le=MAX_MEMBERS)] = 1000
    """Most members that are drawn, sure or not."""


class Unit(BaseModel):
    """How often a unit fails of itself, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    mttf_h: Annotated[Number, Field(gt=0, le=1e6)]
    """Mean time to failure of a unit that works [h]."""
    mttr_h: Annotated[Number, Field(gt=0, le=1e6)]
    """Mean time to repair of one that does not [h]."""


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
    members: Annotated[
        Annotated[int, Strict(), Field(ge=1, le=MAX_MEMBERS)] | Literal["auto"], BeforeValidator(count_or_auto)
    ] = 20
    """Monte Carlo draws; `auto`: as many as `stop_at` asks for."""
    stop_at: StopAt = StopAt()
    """Where `members: auto` stops."""
    sampling: Literal["random", "latin_hypercube", "sobol", "saltelli"] = "random"
    """How numbers of the physics are drawn: independently, or spread evenly; `saltelli` is for sensitivity alone."""
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = 2026
    """Seed of every random stream."""
    deterministic: Annotated[bool, Strict()] = False
    """One member with expected values in place of draws."""
    import_limit_mw: Annotated[Number, Field(ge=0)] | None = None
    """Limit of imports over all borders [MW]; empty: the network's own."""
    events: Annotated[
        Annotated[
            Annotated[str, Tag("file")] | Annotated[tuple[dict[str, Any], ...], Tag("rows")], Discriminator(_form)
        ],
        BeforeValidator(none_is_empty),
    ] = ()
    """Events: a CSV file (bundled name or path, relative to the scenario) or a list of rows."""
    availability: Annotated[dict[str, Annotated[Number, Field(ge=0, le=10)]], Known(TECHNOLOGIES, "technology")] = (
        Field(default={})
    )
    """National factor on what a technology can give, e.g. {hydro: 0.9}."""
    interception: Share | None = None
    """Share of hits that is intercepted in every strike; empty: as each event says."""
    forced_outages: Annotated[dict[str, Unit], Known(TECHNOLOGIES, "technology")] = Field(default={})
    """Units that fail of themselves, by technology, e.g. {nuclear: {mttf_h: 1500, mttr_h: 60}}; they come on top of
    what the network's availability already leaves out."""
    mitigations: Annotated[tuple[Mitigation, ...], BeforeValidator(none_is_empty)] = ()
    """Help that has been placed: a list of rows with kind, size, region, available_from and more."""
    timetable: Annotated[str, Field(min_length=1)] | None = None
    """Published outage timetable that is imposed: a CSV or JSON file, relative to the scenario; empty: none."""
    folder: Path | None = Field(default=None, exclude=True, repr=False)
    """Folder that relative paths start from; set by the reader."""
    _distributions: dict[str, Distribution] = PrivateAttr(default_factory=dict)
    _as_given: dict[str, Any] = PrivateAttr(default_factory=dict)
    _origin: Origin = PrivateAttr(default_factory=Origin)

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
        if self.members == "auto" and self.sampling in {"latin_hypercube", "saltelli"}:
            message = "needs a number of members, not auto: its members are drawn as one set"
            raise PydanticCustomError("sampling", message)
        return self

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Settings as a file holds them: a distribution in place of its middle."""
        data: dict[str, Any] = handler(self)
        return data | self._as_given

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Schema in which a number may also be a distribution."""
        schema: dict[str, Any] = handler.resolve_ref_schema(handler(core_schema))
        for _, leaf in numbers_in(schema, handler.resolve_ref_schema):
            widen(leaf)
        return schema

    @property
    def distributions(self) -> Mapping[str, Distribution]:
        """Numbers that members draw from a distribution, by path: `heating_threshold_c`, `availability.hydro`.

        The setting itself holds the distribution's median, which a deterministic run takes.
        """
        return self._distributions

    @property
    def origin(self) -> Origin:
        """Where the settings stand in the file that they were read from."""
        return self._origin

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
        """Members that a run has, at most: one if deterministic."""
        if self.deterministic:
            return 1
        return self.stop_at.max_members if self.members == "auto" else self.members

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
        made = make_scenario(current | changes)
        made._origin = self._origin.without(changes)  # noqa: SLF001 - of the same class
        return made


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
        Line of each entry in the file, by its path.

    Raises
    ------
    InputError
        With every problem, if there is any.
    """
    origin = Origin(shown, lines or {})
    pairs = {name for name, field in Scenario.model_fields.items() if isinstance(field.default, tuple)}
    taken = take_distributions(data, drawable(), pairs=pairs, origin=origin)
    found, scenario = taken.problems, None
    try:
        scenario = Scenario.model_validate(taken.plain)
    except ValidationError as error:
        made = [_problem(detail, origin) for detail in error.errors(include_url=False)]
        found += [problem for problem in made if problem.field.partition(".")[0] not in taken.refused]
    if found or scenario is None:
        raise InputError(found)
    scenario.distributions.update(taken.distributions)  # type: ignore[attr-defined]  # only here, before anyone sees it
    scenario._as_given.update(taken.written)  # noqa: SLF001 - the same
    scenario._origin = origin  # noqa: SLF001 - the same
    return scenario


@cache
def drawable() -> Mapping[str, Bounds]:
    """Bounds of every number that can have a distribution, by path: `heating_threshold_c`, `availability.hydro`."""
    schema = Scenario.model_json_schema()
    numbers = numbers_in(schema, lambda entry: schema["$defs"][entry["$ref"].rpartition("/")[2]])
    return {path: bounds for path, leaf in numbers if (bounds := bounds_in(leaf)) is not None}


def _problem(detail: ErrorDetails, origin: Origin) -> Problem:
    """One problem out of what the checker says."""
    place = [str(part) for part in detail["loc"]]
    if place[:1] == ["events"]:
        del place[1:2]  # whether a file or rows
    key = place[0] if place else (detail["type"] if detail["type"] in {"start", "end", "sampling"} else "")
    known = [name for name in Scenario.model_fields if name != "folder"]
    messages = {
        "missing": "is required",
        "extra_forbidden": f"is no part of {key}" if len(place) > 1 else "is no setting of a scenario",
        "dict_type": "must be a mapping such as {name: value}",
        "model_type": "must be a mapping such as {name: value}",
        "tuple_type": "must be a list" + (" of rows, or the name of a file" if place == ["events"] else ""),
    }
    message = messages.get(detail["type"], detail["msg"][:1].lower() + detail["msg"][1:])
    shows_value = detail["type"] not in {"missing", "extra_forbidden"} and not isinstance(detail["input"], dict)
    return Problem(
        message=message,
        table=origin.shown,
        row=origin.line(place or [key]),
        field=".".join(place) or key,
        value=_short(detail["input"]) if shows_value else "",
        hint=nearest(key, known) if detail["type"] == "extra_forbidden" and len(place) == 1 else "",
    )


def _short(value: object) -> str:
    try:
        return str(value)[:80]
    except ValueError:  # Python refuses to write an integer of thousands of digits
        return "a number of thousands of digits"
