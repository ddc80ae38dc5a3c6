"""The power system of a run: its grid, fleet and consumers, and the capacity that damage leaves over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.dispatch import Dispatcher
from gridmodel.events import Announced
from gridmodel.network import Fleet, Grid, GridIndex
from gridmodel.sampling import Settings
from gridmodel.services.power.consumers import Consumers
from gridmodel.services.power.queues import Queues
from gridmodel.services.setup import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Capacity over time; the member axis of shares and limits is 1 where all members have the same."""

    available_mw: Floats
    """Most that generators and interconnectors can give before damage, shape ``(time + day, generator)`` or
    ``(time + day, member, generator)``. [MW]"""
    generator_share: Floats
    """Remaining capacity of each generator and interconnector, fuel included, shape
    ``(time, member, generator)``. [1]"""
    fuel_share: Floats
    """Remaining gas supply, shape ``(time, member, region)``. [1]"""
    branch_share: Floats
    """Remaining share of each branch's rating, 0 where it is out, shape ``(time, member, branch)``. [1]"""
    delivery_mw: Floats
    """Power that the network of a region can pass on, infinite without a limit, shape ``(time, member, region)``.
    [MW]"""
    import_mw: Floats
    """Limit of imports that events set, infinite without one, shape ``(time, member)``. [MW]"""
    import_share: Floats
    """Remaining share of the limit of imports, shape ``(time, member)``. [1]"""
    ties: Floats
    """Share of interconnectors that outages and strikes leave, limits aside, shape ``(time, member)``. [1]"""
    announced: Announced
    """Capacity that announced limits alone would leave, to tell them from damage."""
    more_import_mw: Floats
    """Imports beyond the limit that measures add, shape ``(time,)``. [MW]"""
    import_by_date_mw: Floats | None = field(default=None)
    """Limit of imports that a file gives in place of the scenario's, shape ``(time + day, member)``; None without one.
    [MW]"""
    changed: Bools
    """True where any of these differs from the step before, shape ``(time, member)``; False in the first step."""
    battery_available: Floats
    """Share of each placed battery that has arrived, shape ``(time, battery)``. They are the last plant with limited
    energy. [1]"""
    planned_anew: int = -1
    """Step in which plans are made anew because there are more batteries than in the state before; -1 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Switches of a scenario."""

    recharge: Literal["surplus", "cutting", "overnight"] = "surplus"
    """How pumped storage and batteries refill."""
    cascade: Literal["none", "overload", "full"] = "none"
    """How far cascades are followed."""
    feeder_limits: bool = True
    """True if feeders trip on heaters."""
    nominal_hz: float = 50.0
    """Nominal frequency of the network. [Hz]"""
    cold_load_pickup: bool = True
    """True if load returns higher than before the outage."""
    rotation: Literal["queues", "fixed", "mean"] = "mean"
    """How homes take turns without power."""
    cuts: Literal["order", "feeders", "optimum"] = "optimum"
    """Whether an order cuts whole sub-queues or feeders to the megawatt, or the optimum is followed."""
    cohorts: int = 1
    """Number of cohorts of homes: 1 where every cut is spread over all."""
    breaking: Ints | None = None
    """Places of regions whose feeders may break, shape ``(breaking,)``; None for none."""
    homes_outside: bool = False
    """True if one of them is for homes outside the queues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSystem:
    """Everything that a step of electricity reads; nothing here changes during a run."""

    members: int
    """Number of members."""
    dispatcher: Dispatcher
    index: GridIndex
    fleet: Fleet
    consumers: Consumers
    capacity: Capacity
    queues: Queues
    clock: Clock
    options: Options
    settings: Settings

    @property
    def grid(self) -> Grid:
        """Return the grid."""
        return self.dispatcher.given
