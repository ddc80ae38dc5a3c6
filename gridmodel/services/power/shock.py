"""One event for the members that it strikes: load, reserve and protection that meet it, and its aftermath."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch.frequency import NOMINAL_HZ, Response, blocks_mw, running_mw, stage_hz, stage_shares
from gridmodel.dispatch.merit import ratio
from gridmodel.sampling import Settings
from gridmodel.services.power.consumers import CRITICAL
from gridmodel.services.power.entries import Log
from gridmodel.services.power.protection import threshold_hz
from gridmodel.services.power.system import PowerSystem
from gridmodel.vocabulary import TIERS

MOST_STAGES = 20
"""Relay stages to make room for where their number differs between members: the most that may be set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The step before an event, as it was served."""

    generation_mw: Floats
    """Shape ``(member, generator)``. [MW]"""
    available_mw: Floats
    """Most that generators could give, shape ``(member, generator)``. [MW]"""
    served_mw: Floats
    """Shape ``(member, load)``. [MW]"""
    flow_mw: Floats
    """Shape ``(member, branch)``. [MW]"""

    def take(self, rows: Ints) -> Before:
        """Return the step of some members."""
        return Before(**{name: getattr(self, name)[rows] for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """Load, reserve and protection with which struck members meet an event; nothing here changes in its rounds."""

    load_mw: Floats
    """Load before the event, shape ``(row, region)``. [MW]"""
    sheddable_mw: Floats
    """Load of it that is not critical, shape ``(row, region)``. [MW]"""
    block_mw: Floats
    """Load that each stage of relays takes, shape ``(row, region, stage)``. [MW]"""
    reserve_mw: Floats
    """Primary reserve, shape ``(row, generator)``. [MW]"""
    kinetic_mws: Floats
    """Kinetic energy of the running machines, shape ``(row, generator)``. [MW s]"""
    tie_most_mw: Floats
    """Most that interconnectors carry before they open, shape ``(row, generator)``. [MW]"""
    trip_factor: Floats
    """Flow over limit at which a branch trips, shape ``()`` or ``(row, 1)``. [1]"""
    response: Response
    """Response of load, reserve and protection to frequency."""

    def take(self, rows: Ints) -> Shock:
        """Return the shock of some rows."""
        values = {part.name: getattr(self, part.name) for part in fields(self) if part.name != "response"}
        return Shock(
            response=self.response.take(rows),
            **{name: value[rows] if value.ndim else value for name, value in values.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """State of struck members after an event."""

    black: Bools
    """True for generators on islands that went black, shape ``(row, generator)``."""
    opened: Bools
    """True for interconnectors that opened, shape ``(row, generator)``."""
    tripped: Bools
    """True for branches that tripped, shape ``(row, branch)``."""
    relay_share: Floats
    """Share of load that is not critical which relays shed, shape ``(row, region)``. [1]"""
    nadir_hz: Floats
    """Lowest frequency of any island, shape ``(row,)``. [Hz]"""
    log: Log


def make_shock(
    system: PowerSystem, rows: Ints, before: Before, *, kept: Floats, ties: Floats
) -> Shock:  # fmt: skip
    """Collect the load, reserve and protection with which struck members meet an event.

    Parameters
    ----------
    system
        Power system.
    rows
        Positions of the struck members.
    before
        How they were served in the step before, by row.
    kept
        Share of each generator that the event leaves, shape ``(row, generator)``. [1]
    ties
        Share of interconnectors that this event and those before it leave, shape ``(row,)`` or ``(1,)``. [1]
    """
    fleet, settings = system.fleet, system.settings
    held = fleet.reserve  # held back in the dispatch, and there for this
    output, available = before.generation_mw * kept, np.where(held, fleet.p_max_mw, before.available_mw) * kept
    battery = fleet.charges & (fleet.inertia_s <= 0)
    runs = np.where(battery, available, running_mw(output, available, fleet.unit_mw))
    runs[:, fleet.border] = 0.0
    answers = (fleet.inertia_s > 0) | battery
    calls = np.where(held, 1.0, settings.of_rows("primary_reserve_share", rows, 1))
    reserve = np.clip(runs - output, 0.0, calls * runs)
    carries = settings.of_rows("tie_overload_factor", rows, 1) * fleet.p_max_mw * ties[:, None]
    served = before.served_mw.reshape(len(rows), system.grid.regions, len(TIERS))
    load = row_sum(served)
    sheddable = np.maximum(load - served[..., CRITICAL], 0.0)
    taken = (settings.of_rows(name, rows, 1) for name in ("relay_first_share", "relay_share", "relay_stages"))
    shares = stage_shares(*np.broadcast_arrays(*taken), most=most_stages(settings))
    return Shock(
        load_mw=load, sheddable_mw=sheddable, block_mw=blocks_mw(load, sheddable, shares),
        reserve_mw=np.where(answers, reserve, 0.0), kinetic_mws=fleet.inertia_s * runs,
        tie_most_mw=np.where(fleet.border & (available > 0), carries, 0.0),
        trip_factor=settings.of_rows("overload_trip_factor", rows, 1),
        response=response_of(settings, rows, system.options.nominal_hz),
    )  # fmt: skip


def most_stages(settings: Settings) -> int:
    """Return how many relay stages to make room for, the same whichever members run together."""
    stages = settings.of("relay_stages", 0)
    return MOST_STAGES if stages.ndim else int(stages)


def response_of(settings: Settings, rows: Ints, nominal_hz: float = NOMINAL_HZ) -> Response:
    """Collect the response of load, reserve and protection of some members, one case each, on the scale of 50 Hz."""
    stages, scale = settings.of_rows("relay_stages", rows, 0), NOMINAL_HZ / nominal_hz
    first, last = (threshold_hz(settings, name, rows, nominal_hz) for name in ("relay_first_hz", "relay_last_hz"))
    return Response(
        relay_hz=stage_hz(*np.broadcast_arrays(first, last, stages), most=most_stages(settings)),
        reserve_lag_s=settings.of_rows("reserve_lag_s", rows, 0),
        reserve_full_hz=settings.of_rows("reserve_full_hz", rows, 0) * scale,
        load_relief_per_hz=settings.of_rows("load_relief_per_hz", rows, 0) / scale,
        relay_delay_s=settings.of_rows("relay_delay_s", rows, 0),
        unit_trip_hz=threshold_hz(settings, "unit_trip_hz", rows, nominal_hz),
    )


def relay_share(shock: Shock, stages: Bools) -> Floats:
    """Compute the share of load that is not critical which stages have shed, shape ``(row, region)``. [1]"""
    return np.minimum(ratio(row_sum(shock.block_mw * stages), shock.sheddable_mw), 1.0)
