"""Set-up of a run: parts that every service is built from, and the form of its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.events import Event, Timeline
from gridmodel.network import Grid, GridIndex, Network
from gridmodel.sampling import Settings
from gridmodel.scenario import Scenario
from gridmodel.services.measures import Measures
from gridmodel.services.supply import Supply
from gridmodel.services.swapped import Swapped

Writer = Callable[[npt.NDArray[Any]], None]
"""Writes values into all cells of its step, shape ``(member, region, …)``, whatever is there."""
Shown = Mapping[str, Any]
"""Values that a service shows, by variable or signal: values of shape ``(member, region, …)``, or a `Writer` of
them. Any other name is for those who watch the run."""
Seen = Mapping[str, Floats]
"""Latest values by variable or signal: of this step for services that come earlier in the registry, of the step before
for the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Steps of a run, and of 25 hours after it, which a plan for the last day looks into."""

    times: npt.NDArray[np.datetime64]
    """UTC start of every step, shape ``(time,)``."""
    local: npt.NDArray[np.datetime64]
    """Clock time of every step and of those of a day more, shape ``(time + day,)``."""
    midnight: Bools
    """True in steps that begin a local day; the first step counts as one, shape ``(time,)``."""
    remaining: Ints
    """Steps from each to the end of its local day, itself included, shape ``(time,)``."""
    step_h: float
    """Length of a step. [h]"""
    since_h: Floats = field(init=False, repr=False, compare=False)
    """Time from when the clock struck an hour to the start of each step, shape ``(time + day,)``. [h]"""

    def __post_init__(self) -> None:
        since = self.local - self.local.astype("datetime64[h]")
        object.__setattr__(self, "since_h", np.asarray(since / np.timedelta64(1, "h"), dtype=float))

    def full_hour(self, step: int) -> bool:
        """Return whether a step is the first since the clock struck an hour; the first step counts as one.

        A run that starts at half past may have no step that begins with an hour. In a night in which the clock is set
        back an hour strikes twice.
        """
        return step == 0 or bool(self.since_h[step] < self.step_h)

    def hour_left_h(self, step: int) -> float:
        """Return the time from the start of a step until the clock strikes, at least that of the step. [h]"""
        return max(1.0 - float(self.since_h[step]), self.step_h)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Weather that members meet."""

    outdoor_c: Floats
    """Shape ``(time, region)``, or ``(time, member, region)`` where members meet different weather. [°C]"""
    before_c: Floats
    """Mean of the days before the start, shape ``(region,)`` or ``(member, region)``. [°C]"""
    effective_c: Floats
    """Temperature that demand follows, same shape as `outdoor_c`. [°C]"""
    wind_m_s: Floats | None = None
    """Wind, same shape; None where the weather does not say it. [m/s]"""
    draught: Floats | None = None
    """Mean factor of the wind on the ventilation of homes, shape ``(region,)`` or ``(member, region)``, where a state
    from which the run begins has it; None otherwise. [1]"""
    ghi_w_m2: Floats | None = None
    """Sun on level ground, mean of the hour, same shape; None where the weather does not say it. [W/m²]"""
    history: str = ""
    """History that its file gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Parts that services are built from; nothing here changes during a run."""

    scenario: Scenario
    network: Network
    """With a generator for each battery placed."""
    grid: tuple[Grid, GridIndex]
    """The network as arrays."""
    clock: Clock
    settings: Settings
    weather: Weather
    timeline: Timeline
    measures: Measures
    members: tuple[int, ...]
    """Numbers of the members that are run: all of them, or a block."""
    streams: tuple[int, ...]
    """Number of the random streams of each for all but settings: its own, except in a Saltelli design."""
    demand_mw: Floats | None
    """Demand that a file gives, shape ``(time + day, region)``; None without one. [MW]"""
    supply: Supply | None
    """Imports and availability by date; None without a file."""
    timetable_off: Floats | None
    """Share of consumers in the queues that a timetable switches off, shape ``(time + day, region)``; None without
    one. [1]"""
    begin: int = 0
    """First step that is run: 1 where a run begins from a state; the step before only says what a state contains."""
    layered_before: tuple[int, ...] = ()
    """Places of regions whose homes are in layers in the state from which the run begins."""
    models: Swapped = field(default_factory=Swapped)
    """Models of one's own."""
    events: tuple[Event, ...] = ()
    """Events that the timeline is built from."""
    more_batteries: int = 0
    """Batteries placed beyond those of the state from which the run begins; plans are made anew with them."""

    @property
    def population(self) -> Floats:
        """People, shape ``(region,)``. [1]"""
        return np.asarray(self.network.tables["regions"]["population"].to_numpy(dtype=float))

    @property
    def shape(self) -> tuple[int, int]:
        """Return the number of members and of regions."""
        return len(self.members), len(self.network.regions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A service before the first step."""

    state: Any
    """State that it carries from step to step."""
    shown: Shown = field(default_factory=dict)
    """Variables that do not change from step to step, whole."""
    labels: Mapping[str, Sequence[object] | npt.NDArray[np.generic]] = field(default_factory=dict)
    """Labels of dimensions that depend on the run."""
    absent: frozenset[str] = frozenset()
    """Variables that it declares and this run lacks."""


class Service(Protocol):
    """A module of a service."""

    def build(self, setup: Setup, /) -> Any:  # noqa: ANN401 - each service has its own
        """Build what the service needs, or return None where the network has nothing for it."""

    def start(self, system: Any, /) -> Started:  # noqa: ANN401
        """Return the state before the first step."""

    def step(self, system: Any, state: Any, seen: Seen, step: int, /) -> tuple[Any, Shown]:  # noqa: ANN401
        """Return the state after a step, and what the step shows."""
