"""Who is served in a step, and what that means for homes and for heat and water plant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridmodel.arrays import Bools, Floats, row_sum
from gridmodel.dispatch import Stock
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.cascade import Asked, CascadeState, CascadeStep, follow
from gridmodel.services.power.conditions import conditions, regional
from gridmodel.services.power.islands import dispatched
from gridmodel.services.power.storage import charging, first_stock, planned
from gridmodel.vocabulary import TIERS

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")

if TYPE_CHECKING:
    from gridmodel.services.power.inputs import PowerInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerState:
    """What electricity carries from step to step."""

    stock: Stock
    cascade: CascadeState | None = None
    """What events have set off, if that is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerStep:
    """What a step of electricity shows."""

    state: PowerState
    """State at its end."""
    need_mw: Floats
    """Need of consumers, shape ``(member, load)``. [MW]"""
    served_mw: Floats
    """Shape ``(member, load)``. [MW]"""
    cause_mw: Floats
    """What is not served by cause, then by mechanism if cascades are followed, ``(member, load, cause)``. [MW]"""
    generation_mw: Floats
    """Shape ``(member, generator)``. [MW]"""
    flow_mw: Floats
    """Shape ``(member, branch)``. [MW]"""
    branch_share: Floats
    """Rating that each branch has left, 0 where it is out, shape ``(member, branch)``. [1]"""
    charging_mw: Floats
    """What limited plant takes from the grid, shape ``(member, plant)``. [MW]"""
    live: Bools
    """Whether each region's bus is live, shape ``(member, region)``."""
    cascade: CascadeStep | None = None
    """What events set off, if that is followed."""


def first_state(plan: PowerInputs) -> PowerState:
    """State before the first step."""
    return PowerState(stock=first_stock(plan))


def serve(plan: PowerInputs, now: int, need: Floats, state: PowerState, *, normal: Floats | None = None) -> PowerStep:
    """Serve the step's demand with what damage leaves.

    Parameters
    ----------
    need
        Demand of each load, shape ``(member, load)``. [MW]
    normal
        The same without what feedback adds, by default `need`: a share of delivery is of it, for heaters make a damaged
        network no wider. [MW]
    """
    there = conditions(plan, now, regional(plan, need if normal is None else normal))
    stock = planned(plan, now, state.stock, there)
    limited, step_h = plan.plant.limited, plan.scenario.step_h
    takes, idle = charging(plan, regional(plan, need), there, stock)
    most = stock.most_mw(there.available_mw[:, limited], step_h=step_h)
    available = there.available_mw.copy()
    available[:, limited] = np.where(idle, np.minimum(most, stock.planned_mw[:, :, 0]), most)
    asked = Asked(need=need, takes=takes, there=replace(there, available_mw=available))
    got, live = dispatched(plan, need, takes, asked.there)
    cascade, share = None, there.branch_share
    if plan.scenario.cascade != "none":
        got, live, cascade = follow(plan, now, state.cascade, asked, plain=got, live=live)
        share = cascade.branch_share
    loads = need.shape[1]
    charge = np.zeros(takes.shape)
    charge[:, plan.index.charges] = got.served_mw[:, loads:]
    used = stock.use(got.generation_mw[:, limited], charge, plan.plant.efficiency[limited], step_h=step_h)
    return PowerStep(
        state=PowerState(stock=used, cascade=cascade.state if cascade else None),
        need_mw=need,
        served_mw=got.served_mw[:, :loads],
        cause_mw=got.cause_mw[:, :loads],
        generation_mw=got.generation_mw,
        flow_mw=got.flow_mw,
        branch_share=share,
        charging_mw=charge,
        live=live.region,
        cascade=cascade,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerShares:
    """Shares that have power, each of shape ``(member, region)``."""

    homes: Floats
    plant: Floats
    critical: Floats
    """Critical consumers on feeders that are not cut with the rest."""


def power_shares(plan: PowerInputs, power: PowerStep) -> PowerShares:
    """Homes and heat and water plant that have power.

    Plant is critical, but a share of it hangs on feeders that are cut with the homes around it. A tier that needs
    nothing fares as its region does, and a region that needs nothing has power if its bus is live.
    """
    shape = (len(power.need_mw), plan.dispatcher.grid.regions, len(TIERS))
    needed, served = power.need_mw.reshape(shape), power.served_mw.reshape(shape)
    whole = row_sum(needed)
    region = np.where(whole > 0, ratio(row_sum(served), whole), power.live)
    share = np.where(needed > 0, ratio(served, needed), region[..., None])
    cut = plan.settings["critical_on_cut_feeders"]
    homes, critical = share[..., HOUSEHOLD], share[..., CRITICAL]
    plants = (1.0 - cut) * critical + cut * np.minimum(homes, critical)
    return PowerShares(homes=homes, plant=plants, critical=critical)
