"""What a run is asked to do: a frozen scenario, read from YAML with every problem reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from gridmodel.errors import InputError, Problem, Problems, nearest
from gridmodel.files import find
from gridmodel.names import CLASSES, DAMAGE_STATES, TECHNOLOGIES
from gridmodel.tables import read_text

MAX_HOURS = 24 * 400
"""Longest run. [h] Ours: a year and a month."""
MAX_CHARACTERS = 1_000_000
"""Longest scenario file that is read. Ours."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years that a run can lie in. Ours: what calendars and time zones are known for."""
STEPS: dict[str, timedelta] = {
    "15min": timedelta(minutes=15),
    "30min": timedelta(minutes=30),
    "1h": timedelta(hours=1),
}
"""Lengths a step can have."""


def _local_time(value: object) -> object:
    """Read `2026-01-08 00:00` and the dates YAML makes of it.

    Raises
    ------
    PydanticCustomError
        If it is no local time.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        for form in (
            "%Y-%m-%d %H:%M",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%d",
        ):
            try:
                return datetime.strptime(value, form)
            except ValueError:
                continue
    raise PydanticCustomError("local_time", "is not a local time such as 2026-01-08 00:00")


def _naive(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise PydanticCustomError("local_time", "must be local time without an offset; `timezone` names the zone")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("local_time", "must lie in the years 1900 to 2200")
    if value.second or value.microsecond:
        raise PydanticCustomError("local_time", "must be given to the minute")
    return value


def _ordered(value: tuple[float, float]) -> tuple[float, float]:
    if not value[0] <= value[1]:
        raise PydanticCustomError("range", "must be [low, high] with low <= high")
    return value


def _known(names: tuple[str, ...], what: str) -> AfterValidator:
    def check(value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if name not in names:
                hint = nearest(name, names)
                raise PydanticCustomError(
                    "known", "has no {what} {name}: {hint}", {"what": what, "name": repr(name), "hint": hint}
                )
        return value

    return AfterValidator(check)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("zone", "is no time zone such as Europe/Kyiv") from None
    return value


def _all_states(value: dict[str, Any]) -> dict[str, Any]:
    if set(value) != set(DAMAGE_STATES):
        states = ", ".join(DAMAGE_STATES)
        raise PydanticCustomError("states", "must give each of {states}", {"states": states})
    return value


def _sums_to_one(value: dict[str, float]) -> dict[str, float]:
    if abs(sum(value.values()) - 1) > 1e-9:
        raise PydanticCustomError("sum", "must sum to 1")
    return value


def _none_is_empty(value: object) -> object:
    return () if value is None else value


LocalTime = Annotated[datetime, BeforeValidator(_local_time), AfterValidator(_naive)]
Number = Annotated[float, Strict()]
Share = Annotated[Number, Field(ge=0, le=1)]
Factor = Annotated[Number, Field(ge=0.01, le=100)]
Hours = Annotated[Number, Field(ge=0.1, le=10_000)]
Days = Annotated[Number, Field(ge=0, le=10_000)]
StateShares = dict[str, Share]
RepairDays = dict[str, tuple[Days, Days]]
DAMAGE_CLASSES = (*(name for name in CLASSES if name not in {"crew", "fuel"}), "generator", "branch")
"""Classes that have repair times; `generator` and `branch` are single components of a user's own network."""


class Parameters(BaseModel):
    """Numbers of the physics that a scenario may override.

    Those marked [B] are unconfirmed: background knowledge or a modelling choice, listed as such in the docs.
    A pair of numbers is a range that each member draws from; a deterministic run takes one number of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    temperature_slope: Annotated[Number, Field(gt=0, le=10)] | None = None
    """National rise of demand per kelvin of cold [GW/K]; empty: the network's own sum (0.20 for Ukraine)."""
    temperature_slope_factor: Annotated[tuple[Factor, Factor], AfterValidator(_ordered)] = (0.9, 1.5)
    """Range of the national factor on the slope, drawn once a member; a deterministic run takes 1 (or the end nearest
    to it)."""
    heating_threshold_c: Annotated[Number, Field(ge=-50, le=40)] = 15.0
    """Temperature below which heating needs electricity [°C]."""
    critical_on_cut_feeders: Share = 0.15
    """Share of heat and water plant that hangs on feeders cut with the rest [B, 0-0.4]. Its megawatts are counted
    with the consumers that are cut: the critical share was measured as what stays on while others are off."""
    loss_split: Share = 1.0
    """Share of lost heat capacity that disconnects buildings; the rest dilutes the heat of all [B]."""
    reconnection_tau_h: Annotated[tuple[Hours, Hours], AfterValidator(_ordered)] = (30.0, 80.0)
    """Time constant of the return of disconnected buildings, the whole chain of refill, crews and warm-up [h];
    a deterministic run takes its geometric middle."""
    set_point_c: Annotated[Number, Field(ge=5, le=30)] = 20.0
    """Indoor temperature that heating holds [°C] [B]."""
    internal_gain_w_per_m2: Annotated[Number, Field(ge=0, le=50)] = 3.0
    """Heat of people, cooking and appliances in a home [W/m²] [B]."""
    heating_air_share: Share = 0.5
    """Share of a radiator's heat that goes to the air; the rest is radiant."""
    own_heat_margin: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Installed heating of homes that heat themselves over their design need [B]; it lets them catch up."""
    pump_margin: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Pumping capacity of a waterworks over its mean demand [B]; it lets reservoirs refill."""
    damage_state_probabilities: Annotated[StateShares, AfterValidator(_all_states), AfterValidator(_sums_to_one)] = (
        Field(default={"none": 0.1, "slight": 0.3, "moderate": 0.3, "extensive": 0.2, "complete": 0.1})
    )
    """Chance of each damage state of a unit that is hit [B]."""
    damage_capacity_left: Annotated[StateShares, AfterValidator(_all_states)] = Field(
        default={"none": 1.0, "slight": 0.95, "moderate": 0.6, "extensive": 0.3, "complete": 0.0}
    )
    """Capacity that a unit has left in each damage state."""
    repair_days: Annotated[
        dict[str, Annotated[RepairDays, _known(DAMAGE_STATES, "damage state")]], _known(DAMAGE_CLASSES, "class")
    ] = Field(default={})
    """Mean and standard deviation of repair times by class and damage state [d]; others keep their default."""


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
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Kyiv"
    """Zone of `start`, `end`, event times and daily profiles."""
    members: Annotated[int, Strict(), Field(ge=1, le=1_000_000)] = 20
    """Monte Carlo draws."""
    seed: Annotated[int, Strict(), Field(ge=0, lt=2**63)] = 2026
    """Seed of every random stream."""
    deterministic: Annotated[bool, Strict()] = False
    """One member with expected values in place of draws."""
    import_limit_mw: Annotated[Number, Field(ge=0)] | None = None
    """Limit of imports over all borders [MW]; empty: the network's own."""
    events: Annotated[str | tuple[dict[str, Any], ...], BeforeValidator(_none_is_empty)] = ()
    """Events: a CSV file (bundled name or path, relative to the scenario) or a list of rows."""
    availability: Annotated[dict[str, Annotated[Number, Field(ge=0, le=10)]], _known(TECHNOLOGIES, "technology")] = (
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


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name
        A bundled name or the path of a YAML file.

    Raises
    ------
    InputError
        With every problem of the file: line, setting, what came, what is allowed.

    Examples
    --------
    >>> load_scenario("january-2026").step
    '1h'
    """
    path = find("scenarios", str(name))
    problems = Problems()
    if path.is_dir():
        raise InputError([Problem(message="is a folder, not a scenario file", table=str(path))])
    text = read_text(path, problems, shown=path.name)
    problems.raise_if_any()
    data, lines = parse_yaml(text or "", shown=path.name)
    return make_scenario({**data, "folder": path.resolve().parent}, shown=path.name, lines=lines)


def parse_yaml(text: str, *, shown: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Settings and their lines in a YAML text; no object but plain data is ever made.

    Raises
    ------
    InputError
        If the text is not a YAML mapping.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError([Problem(message="is larger than 1 MB", table=shown)])
    loaded = _load_yaml(text, shown)
    if not isinstance(loaded, dict):
        raise InputError([Problem(message="must be a mapping of settings, one `name: value` a line", table=shown)])
    position = loaded.lc.key  # type: ignore[attr-defined]  # what the round-trip reader adds to a mapping
    lines = {str(key): position(key)[0] + 1 for key in loaded}
    return {str(key): _plain(value) for key, value in loaded.items()}, lines


def _load_yaml(text: str, shown: str) -> object:
    """What a YAML text holds; anchors, which can grow without bound, are refused.

    Raises
    ------
    InputError
        If it is no YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    message, line = "", None
    try:
        for event in YAML(typ="rt", pure=True).parse(text):
            if getattr(event, "anchor", None):
                message, line = "uses a YAML anchor or alias; write the values out", event.start_mark.line + 1
                break
        else:
            return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else None
        message = f"is not YAML: {(error.problem or 'syntax error').splitlines()[0]}"
    except RecursionError:
        message = "is nested too deep"
    except (YAMLError, ValueError, OverflowError) as error:
        message = f"is not YAML: {str(error)[:200]}"
    raise InputError([Problem(message=message, table=shown, row=line)])


def _plain(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """Plain Python data out of the reader's own containers and numbers."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
