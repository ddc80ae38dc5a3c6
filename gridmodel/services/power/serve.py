"""Dispatch of a step with its storage and cascades."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Dispatched, Stock
from gridmodel.dispatch.merit import ratio
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.services.power.cascade import Asked, CascadeState, CascadeStep, follow
from gridmodel.services.power.conditions import Conditions, conditions
from gridmodel.services.power.consumers import CRITICAL
from gridmodel.services.power.islands import Live, dispatched
from gridmodel.services.power.order import TOLERANCE, make_order, reserve_lacking_mw, stage_of
from gridmodel.services.power.storage import charging, planned, usable_mw
from gridmodel.services.power.system import PowerSystem

SOLVED = ("served_mw", "generation_mw", "flow_mw")
"""Fields of an answer of the dispatch that an order changes."""


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
    ordered: Ordered | None = None
    """Cuts of the order beyond the least possible; None where the optimum is followed to the megawatt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Outcome of the order of a step."""

    subqueues: Floats
    """Sub-queues off, of twelve, shape ``(member, region)``. [1]"""
    stage: Floats
    """Number of its stage, same shape."""
    more_mw: Floats
    """Power served less than by the optimum, shape ``(member, region, tier)``: below 0 where industry's limits spare
    others, never so for a region. [MW]"""
    industry_mw: Floats
    """Industry's demand that its limits take, shape ``(member, region)``. [MW]"""
    base_mw: Floats
    """Demand in the queues, off or not, same shape. [MW]"""


def serve(
    system: PowerSystem, stock: Stock, cascade: CascadeState | None, step: int, *, demand_mw: Floats,
    subqueues: Floats | None = None,
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
    subqueues
        Sub-queues that were off in the step before, shape ``(member, region)``; None where no order is followed. [1]
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
    ordered = None
    if subqueues is not None:
        can = asked.there.available_mw if after is None else after.state.before.available_mw
        there = replace(asked.there, available_mw=can, branch_share=share)
        got, ordered = _follow_order(
            system, step, got, there, live, demand_mw=demand_mw, takes_mw=takes, before=subqueues
        )  # fmt: skip
        if after is not None:
            served = got.served_mw[:, : by_load.shape[1]]
            before = replace(
                after.state.before, generation_mw=got.generation_mw, served_mw=served, flow_mw=got.flow_mw
            )  # fmt: skip
            after = replace(after, state=replace(after.state, before=before))
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
        ordered=ordered,
    )


def _follow_order(
    system: PowerSystem, step: int, got: Dispatched, there: Conditions, live: Live, *, demand_mw: Floats,
    takes_mw: Floats, before: Floats,
) -> tuple[Dispatched, Ordered]:  # fmt: skip
    """Dispatch what the order leaves on, for members for whom it cuts more than the optimum.

    Parameters
    ----------
    got
        The optimum.
    there
        Conditions of the step, with the marks of cascades.
    live
        Regions and generators on live islands.
    demand_mw
        Demand on feeders that are on, shape ``(member, region, tier)``. [MW]
    takes_mw
        Most that plant with limited energy may take, shape ``(member, plant)``. [MW]
    before
        Sub-queues that were off in the step before, shape ``(member, region)``. [1]
    """
    settings, grid = system.settings, system.grid
    loads = demand_mw.shape[1] * demand_mw.shape[2]
    optimum = got.served_mw[:, :loads].reshape(demand_mw.shape)
    can = np.where(live.generator, there.available_mw, 0.0)
    groups = [(members, there.group_mw[:, place]) for place, (members, _) in enumerate(grid.groups)]
    order = make_order(
        demand_mw, optimum, industry_limit=settings["industry_limit_share"],
        reserve_mw=reserve_lacking_mw(settings.of("reserve_mw", 0), can, got.generation_mw, groups),
        at_least=_stays_off(system, step, before), kept=there.kept_share, whole=system.options.cuts == "order",
    )  # fmt: skip
    less = (row_sum(optimum - order.served_mw) > TOLERANCE).any(axis=1)
    rows: Ints | slice = slice(None) if less.all() else np.flatnonzero(less)  # a slice copies nothing
    if less.any():
        less_mw, wanted, takes, some = order.served_mw[rows], demand_mw[rows], takes_mw[rows], there.take(rows)
        most = np.concatenate([less_mw.reshape(len(less_mw), -1), got.served_mw[rows, loads:]], axis=1)
        wanted = wanted.reshape(len(wanted), -1)

        def solved(part: Ints | slice, available_mw: Floats) -> Dispatched:
            here = replace(some.take(part), available_mw=available_mw)
            return dispatched(system, wanted[part], takes[part], here, most_mw=most[part], causes=False)[0]

        again = solved(slice(None), _sparing_stores(system, got, can, most, rows))
        missed = np.flatnonzero((most - again.served_mw > TOLERANCE).any(axis=1))
        if len(missed):  # what stores hold back cannot be brought from elsewhere
            _put(again, missed, solved(missed, can[rows][missed]))
        if not less.all():
            whole = {name: getattr(got, name).copy() for name in SOLVED}
            again = _put(replace(got, **whole), rows, again)
        got = replace(got, **{name: getattr(again, name) for name in SOLVED})
    served = got.served_mw[:, :loads].reshape(demand_mw.shape)
    lacks = demand_mw[..., CRITICAL] - served[..., CRITICAL] > TOLERANCE * demand_mw[..., CRITICAL] + TOLERANCE
    stage = stage_of(
        order.subqueues, before, order.industry_mw, struck=system.capacity.changed[step],
        critical_short=lacks & live.region,
    )  # fmt: skip
    return got, Ordered(
        subqueues=order.subqueues, stage=stage, more_mw=optimum - served, industry_mw=order.industry_mw,
        base_mw=order.base_mw,
    )  # fmt: skip


def _stays_off(system: PowerSystem, step: int, before: Floats) -> Floats:
    """Return the sub-queues that stay off, shape ``(member, region)``: what cannot yet be switched on again. [1]

    Whole sub-queues change at full hours; feeders at any time.
    """
    by_hour = system.options.cuts == "order"
    if by_hour and not system.clock.full_hour(step):
        return before
    rate = SUBQUEUES * system.settings["restore_share_per_h"] * (1.0 if by_hour else system.clock.step_h)
    return np.asarray(np.maximum(before - rate, 0.0))


def _put(into: Dispatched, rows: Ints | slice, values: Dispatched) -> Dispatched:
    """Write the answers for some members over those for all, and return these."""
    for name in SOLVED:
        getattr(into, name)[rows] = getattr(values, name)
    return into


def _sparing_stores(
    system: PowerSystem, got: Dispatched, can: Floats, most_mw: Floats, rows: Ints | slice
) -> Floats:  # fmt: skip
    """Return the most that plant gives where what an order spares stays in reservoirs and storage first.

    Contracts of imports and plant that burns fuel run on; the energy of stores can be used later in the day.

    Parameters
    ----------
    got
        The optimum of all members.
    can
        Most that live plant can give, shape ``(member, generator)``. [MW]
    most_mw
        What the order leaves of loads and charging, shape ``(row, load)``. [MW]
    rows
        Members of the rows.
    """
    limited, available = system.fleet.limited, can[rows].copy()
    if not len(limited):
        return available
    given = got.generation_mw[rows][:, limited]
    spared = np.maximum(row_sum(got.served_mw[rows]) - row_sum(most_mw), 0.0)
    kept = 1.0 - np.minimum(ratio(spared, row_sum(given)), 1.0)
    available[:, limited] = given * kept[:, None]
    return available
