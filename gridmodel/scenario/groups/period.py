"""The question: which network, in which weather, from when to when, on which clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, InstanceOf, PrivateAttr, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from gridmodel.inputs.country import network_timezone
from gridmodel.inputs.files import Confined
from gridmodel.regions import UTC_NAME, is_on_clock, local_times, utc_time
from gridmodel.scenario.fields import Group, LocalTime, Name, known_timezone

MAX_HOURS = 24 * 400
"""Longest run. [h] Ours: a year and a month, so that a winter with its history always fits."""
MAX_STATES = 100
"""Most states that a run saves. Ours: one each four days of the longest run."""
STEPS: dict[str, timedelta] = {
    "15min": timedelta(minutes=15),
    "30min": timedelta(minutes=30),
    "1h": timedelta(hours=1),
}
"""Lengths of a step that a scenario can choose."""


NOT_AFTER = "must be after the start"
"""Message about an end that is not."""
NOT_WHOLE = "must be a whole number of steps after the start"
"""Message about an end within a step."""
SKIPPED = "is skipped by the clock that night: summer time begins"
"""Message about a local time that does not exist."""


def wrong_period(
    start: datetime | None, end: datetime | None, *, step: str | None, clock: str
) -> list[tuple[str, str]]:  # fmt: skip
    """Return what is wrong with the dates of a run: the setting and a message for each problem.

    Parameters
    ----------
    start, end
        Local times; None if one is not known.
    step
        Length of a step, a key of `STEPS`; None if it is not known.
    clock
        Time zone of the run.
    """
    known = {name: moment for name, moment in (("start", start), ("end", end)) if moment is not None}
    found = [(name, SKIPPED) for name, moment in known.items() if not is_on_clock(moment, clock)]
    if start is None or end is None or found:
        return found
    first = utc_time(start, clock)
    on_quarter = first.minute % 15 == 0
    if not on_quarter:
        found.append(("start", "must be a quarter of an hour: minute 0, 15, 30 or 45"))
    length = utc_time(end, clock) - first
    if length <= timedelta(0):
        found.append(("end", NOT_AFTER))
    elif length > timedelta(hours=MAX_HOURS):
        found.append(("end", "must be at most 400 days after the start"))
    elif on_quarter and length % (STEPS[step] if step in STEPS else min(STEPS.values())):
        found.append(("end", NOT_WHOLE))
    return found


class PeriodSettings(Group):
    """The question: which network, in which weather, from when to when, on which clock."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """Title of the run."""
    network: Name
    """Bundled name, folder or file of the network."""
    network_regions: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Regions of a network file of another program: a column of its buses, such as `area`, or a CSV file with the
    columns `bus` and `region`; empty: the column `region`, else `zone`."""
    weather: Name
    """Bundled name or file of the temperatures."""
    start: LocalTime
    """First hour, local time."""
    end: LocalTime
    """End of the last hour, local time."""
    step: Literal["15min", "30min", "1h"] = "1h"
    """Length of a step."""
    timezone: Annotated[str, AfterValidator(known_timezone)] | None = None
    """Time zone of `start`, `end`, event times and daily profiles; empty: the network's own."""
    start_state: Annotated[str, Field(min_length=1)] | None = None
    """Saved state that the run begins from: a file, relative to the scenario, of the time of `start`; empty: homes are
    warm, tanks and reservoirs full, and nothing is damaged."""
    save_states: Annotated[tuple[LocalTime, ...], Field(max_length=MAX_STATES)] = ()
    """Local times at which the state is saved, each at the start of a step or at the end of the run."""
    folder: Path | SkipJsonSchema[InstanceOf[Confined]] | None = Field(default=None, exclude=True, repr=False)
    """Folder that relative paths start from, or the only files that may be opened; set by the reader."""
    _clock: str = PrivateAttr(default=UTC_NAME)
    _lead: int = PrivateAttr(default=0)

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        self._clock = self.timezone or network_timezone(self.network, self.folder)
        found = wrong_period(self.start, self.end, step=self.step, clock=self._clock)
        if found:
            said = "; ".join(f"{name} {message}" for name, message in found)
            raise PydanticCustomError("period", "{said}", {"said": said, "found": found})
        return self

    @property
    def local_timezone(self) -> str:
        """Time zone of the run: `timezone` if it is given, else the network's, UTC if that names none."""
        return self._clock

    @property
    def start_utc(self) -> datetime:
        """First hour in UTC, without a zone attached."""
        return self.to_utc(self.start) - self._lead * self.step_length

    def leading(self, steps: int) -> Self:
        """Return the same run with some steps before its start, which no result shows."""
        made = self.model_copy()
        made._lead = steps  # noqa: SLF001 - of the same class
        return made

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

    def to_utc(self, local: datetime) -> datetime:
        """Return a local time of this scenario in UTC, without a zone attached."""
        return utc_time(local, self._clock)

    def exists(self, local: datetime) -> bool:
        """Return whether the clock shows a local time: it skips an hour when summer time begins."""
        return is_on_clock(local, self._clock)

    def times_utc(self) -> npt.NDArray[np.datetime64]:
        """Return the start of every step in UTC, shape ``(time,)``."""
        step = np.timedelta64(int(self.step_length.total_seconds()), "s")
        return np.arange(np.datetime64(self.start_utc, "s"), np.datetime64(self.end_utc, "s"), step)

    def local(self, times_utc: npt.NDArray[np.datetime64]) -> npt.NDArray[np.datetime64]:
        """Return the local clock time of UTC times, shape as given."""
        return local_times(times_utc, self._clock)
