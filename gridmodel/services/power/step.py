"""One step of electricity: demand, dispatch, and the homes and plant that have power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, row_sum
from gridmodel.dispatch import Stock
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.cascade import CascadeState, CascadeStep
from gridmodel.services.power.consumers import CRITICAL, HOUSEHOLD, demand_ahead
from gridmodel.services.power.feedback import Added, Heaters, Interruption, added_demand, interrupted
from gridmodel.services.power.serve import serve
from gridmodel.services.power.storage import first_stock
from gridmodel.services.power.system import PowerSystem
from gridmodel.vocabulary import CAUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerState:
    """State of electricity that is carried from step to step."""

    stock: Stock
    """Energy of reservoirs and storage, and its plan."""
    interruption: Interruption
    """Homes without power so far."""
    cascade: CascadeState | None = None
    """Marks of cascades; None before the first step and where they are not followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerShares:
    """Shares that have power, each of shape ``(member, region)``. [1]"""

    homes: Floats
    """Homes."""
    plant: Floats
    """Heat and water plant."""
    critical: Floats
    """Critical consumers on feeders that are not cut with the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerStep:
    """Outcome of a step of electricity."""

    state: PowerState
    """State at its end."""
    demand_mw: Floats
    """Demand, all feeders included, shape ``(member, region, tier)``. [MW]"""
    added: Added
    """Demand that feedback adds, part of the demand."""
    served_mw: Floats
    """Shape ``(member, region, tier)``. [MW]"""
    cause_mw: Floats
    """Demand that is not served by cause, then by mechanism if cascades are followed, shape
    ``(member, region, tier, cause)``. [MW]"""
    generation_mw: Floats
    """Shape ``(member, generator)``. [MW]"""
    flow_mw: Floats
    """Shape ``(member, branch)``. [MW]"""
    branch_share: Floats
    """Remaining share of each branch's rating, 0 where it is out, shape ``(member, branch)``. [1]"""
    charging_mw: Floats
    """Power that plant with limited energy takes from the grid, shape ``(member, plant)``. [MW]"""
    shares: PowerShares
    """Homes and plant that have power."""
    cascade: CascadeStep | None
    """Outcome of the cascade that events set off; None where cascades are not followed."""


def first_state(system: PowerSystem) -> PowerState:
    """Return the state before the first step: all homes have power, and storage is as the scenario says."""
    return PowerState(
        stock=first_stock(system), interruption=Interruption.none(system.members, system.grid.regions)
    )  # fmt: skip


def step_power(
    system: PowerSystem, state: PowerState, step: int, heaters: Heaters, charging_mw: Floats | None = None
) -> PowerStep:
    """Take electricity through a step.

    Parameters
    ----------
    system
        Power system.
    state
        State after the step before.
    step
        Number of the step.
    heaters
        Heaters that homes want plugged in, as the heat of the step before leaves them.
    charging_mw
        Load of batteries behind the meter, shape ``(member, region, tier)``; None without any. [MW]
    """
    consumers, settings, options = system.consumers, system.settings, system.options
    normal = demand_ahead(consumers, settings, step)[:, 0]
    if charging_mw is not None:
        normal = normal + charging_mw
    added = added_demand(
        normal[..., HOUSEHOLD], consumers.dwellings, heaters, state.interruption, settings,
        design_kw=consumers.feeder_design_kw, feeder_limits=options.feeder_limits, on_share=consumers.on_share(step),
    )  # fmt: skip
    demand = added.to(normal)
    reached = added.reached(demand)
    got = serve(system, state.stock, state.cascade, step, demand_mw=reached)
    shares = power_shares(demand, got.served_mw, got.live, cut=settings["critical_on_cut_feeders"])
    after = interrupted(
        state.interruption, shares.homes, settings, step_h=system.clock.step_h,
        cold_load_pickup=options.cold_load_pickup,
    )  # fmt: skip
    return PowerStep(
        state=PowerState(
            stock=got.stock, interruption=after, cascade=None if got.cascade is None else got.cascade.state
        ),
        demand_mw=demand,
        added=added,
        served_mw=got.served_mw,
        cause_mw=with_feeders(got.cause_mw, off_mw=demand - reached),
        generation_mw=got.generation_mw,
        flow_mw=got.flow_mw,
        branch_share=got.branch_share,
        charging_mw=got.charging_mw,
        shares=shares,
        cascade=got.cascade,
    )


def with_feeders(cause_mw: Floats, *, off_mw: Floats) -> Floats:
    """Add demand on feeders that trip or are off to what is not served because of a limit.

    Parameters
    ----------
    cause_mw
        Demand that is not served by cause, shape ``(member, region, tier, cause)``. [MW]
    off_mw
        Demand on feeders that trip or are off, shape ``(member, region, tier)``. [MW]
    """
    if not off_mw.any():
        return cause_mw
    cause = cause_mw.copy()
    cause[..., CAUSES.index("limit")] += off_mw
    return cause


def power_shares(demand_mw: Floats, served_mw: Floats, live: Bools, *, cut: Floats) -> PowerShares:
    """Compute the shares of homes and of heat and water plant that have power.

    Plant is critical, but a share of it is on feeders that are cut with the homes around it. A tier without demand
    has the share of its region, and a region without demand has power if its bus is live.

    Parameters
    ----------
    demand_mw, served_mw
        Shape ``(member, region, tier)``. [MW]
    live
        True where the bus of a region is live, shape ``(member, region)``.
    cut
        Share of plant on feeders that are cut, for arrays of shape ``(member, region)``. [1]
    """
    whole = row_sum(demand_mw)
    region = np.where(whole > 0, ratio(row_sum(served_mw), whole), live)
    share = np.where(demand_mw > 0, ratio(served_mw, demand_mw), region[..., None])
    homes, critical = (np.ascontiguousarray(share[..., tier]) for tier in (HOUSEHOLD, CRITICAL))
    plants = (1.0 - cut) * critical + cut * np.minimum(homes, critical)
    return PowerShares(homes=homes, plant=plants, critical=critical)
