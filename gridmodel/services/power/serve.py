"""Dispatch of a step with its storage and cascades."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, row_sum
from gridmodel.dispatch import Stock
from gridmodel.services.power.cascade import Asked, CascadeState, CascadeStep, follow
from gridmodel.services.power.conditions import conditions
from gridmodel.services.power.islands import dispatched
from gridmodel.services.power.storage import charging, planned, usable_mw
from gridmodel.services.power.system import PowerSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Outcome of the dispatch of a step."""

    stock: Stock
    """Storage at the end of the step."""
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
    live: Bools
    """True where the bus of a region is live, shape ``(member, region)``."""
    cascade: CascadeStep | None
    """Outcome of the cascade that events set off; None where cascades are not followed."""


def serve(
    system: PowerSystem, stock: Stock, cascade: CascadeState | None, step: int, *, demand_mw: Floats
) -> Served:  # fmt: skip
    """Serve demand with the capacity that damage leaves.

    Parameters
    ----------
    system
        Power system.
    stock, cascade
        Storage and cascades after the step before.
    step
        Number of the step.
    demand_mw
        Demand on feeders that are on, shape ``(member, region, tier)``. [MW]
    """
    there = conditions(system, step)
    stock = planned(system, step, stock, there)
    limited, step_h = system.fleet.limited, system.clock.step_h
    takes, idle = charging(system, row_sum(demand_mw), there, stock)
    most = usable_mw(system, demand_mw, there, stock)
    available = there.available_mw.copy()
    available[:, limited] = np.where(idle, np.minimum(most, stock.planned_mw[:, :, 0]), most)
    by_load = demand_mw.reshape(len(demand_mw), -1)
    asked = Asked(demand_mw=by_load, takes_mw=takes, there=replace(there, available_mw=available))
    got, live = dispatched(system, by_load, takes, asked.there)
    after, share = None, there.branch_share
    if system.options.cascade != "none":
        got, live, after = follow(system, step, cascade, asked, plain=got, live=live)
        share = after.branch_share
    loads = by_load.shape[1]
    charge = np.zeros(takes.shape)
    charge[:, system.index.charges] = got.served_mw[:, loads:]
    return Served(
        stock=stock.use(got.generation_mw[:, limited], charge, system.fleet.efficiency[limited], step_h=step_h),
        served_mw=got.served_mw[:, :loads].reshape(demand_mw.shape),
        cause_mw=got.cause_mw[:, :loads].reshape(*demand_mw.shape, -1),
        generation_mw=got.generation_mw,
        flow_mw=got.flow_mw,
        branch_share=share,
        charging_mw=charge,
        live=live.region,
        cascade=after,
    )
