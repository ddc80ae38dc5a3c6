"""Energy of reservoirs, pumped storage and batteries through a run: refilled, planned, used."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Stock, Topology, day_plan, island_deficit
from gridmodel.dispatch.merit import gather, ratio
from gridmodel.services.power.conditions import (
    Conditions,
    available_ahead,
    delivery_limit,
    group_limits,
    within_groups,
)
from gridmodel.services.power.consumers import demand_ahead
from gridmodel.services.power.system import PowerSystem


def first_stock(system: PowerSystem) -> Stock:
    """Return full reservoirs and storage with nothing planned yet."""
    limited = system.fleet.limited
    full = np.broadcast_to(system.fleet.day_mwh[limited], (system.members, len(limited))).copy()
    return Stock(remaining_mwh=full, planned_mw=np.zeros((system.members, len(limited), 0)))


def planned(system: PowerSystem, step: int, stock: Stock, there: Conditions) -> Stock:
    """Return the stock with a plan for the rest of the day.

    Reservoirs have their day's water at local midnight. Pumped storage and batteries are full then as well if they
    are taken as recharged overnight. A plan is made at midnight and made anew when damage changes, on the cold and
    the damage of that moment.
    """
    fleet, limited = system.fleet, system.fleet.limited
    steps = int(system.clock.remaining[step])
    remaining, rows = stock.remaining_mwh, np.flatnonzero(system.capacity.changed[step])
    if system.clock.midnight[step]:
        full = np.broadcast_to(fleet.day_mwh[limited], remaining.shape)
        keep = fleet.charges[limited] & (system.options.recharge == "surplus")
        remaining, rows = np.where(keep, remaining, full), np.arange(len(remaining))
    if not len(limited):
        return Stock(remaining_mwh=remaining, planned_mw=np.zeros((len(remaining), 0, 1)))
    if not len(rows):
        return Stock(remaining_mwh=remaining, planned_mw=stock.planned_mw)
    made = np.zeros((len(remaining), len(limited), steps))
    if stock.planned_mw.shape[2] == steps:
        made[:] = stock.planned_mw
    for part, topology in system.dispatcher.by_topology(there.branch_share[rows]):
        here = rows[part]
        made[here] = _plan_for(system, step, here, topology, remaining[here])
    return Stock(remaining_mwh=remaining, planned_mw=made)


def _plan_for(system: PowerSystem, step: int, rows: Ints, topology: Topology, remaining_mwh: Floats) -> Floats:
    """Plan for some members that share a topology, shape ``(row, plant, step)``. [MW]"""
    grid, limited, steps = system.grid, system.fleet.limited, int(system.clock.remaining[step])
    power = available_ahead(system, step, steps=steps, rows=rows)
    other = power.copy()
    other[:, :, limited] = 0.0
    other = within_groups(other, grid.groups, group_limits(system, step, rows))
    of_generator = topology.island[grid.generator_bus]
    supply = gather(other.reshape(-1, other.shape[2]), of_generator, topology.islands)
    by_tier = demand_ahead(system.consumers, system.settings, step, steps=steps, rows=rows)
    demand = row_sum(by_tier)
    on = system.consumers.on_share(slice(step, step + steps))  # it is published, so plans know it
    reached = demand if on is None else row_sum(by_tier * on)
    deficit = island_deficit(
        np.minimum(reached, delivery_limit(system, step, rows)[:, None]),
        supply.reshape(len(rows), steps, topology.islands), topology.island[system.index.region_bus], topology.islands,
    )  # fmt: skip
    most = np.ascontiguousarray(np.moveaxis(power[:, :, limited], 1, 2))
    return day_plan(deficit, most, remaining_mwh, of_generator[limited], step_h=system.clock.step_h)


def charging(system: PowerSystem, demand_mw: Floats, there: Conditions, stock: Stock) -> tuple[Floats, Bools]:
    """Compute what pumped storage and batteries may take from the surplus of their island, and which are idle then.

    The surplus is what other plant can give beyond the demand of regions, `demand_mw` of shape ``(member, region)``;
    plant that plans to give does not take, and what has no plan to give does not give while there is a surplus. Nothing
    is taken where storage counts as recharged overnight. Both are of shape ``(member, plant)``, the first in MW.
    """
    fleet, limited, grid = system.fleet, system.fleet.limited, system.grid
    takes, idle = np.zeros(stock.remaining_mwh.shape), np.zeros(stock.remaining_mwh.shape, dtype=bool)
    if system.options.recharge != "surplus" or not fleet.charges[limited].any():
        return takes, idle
    room = np.maximum(fleet.day_mwh[limited] - stock.remaining_mwh, 0.0)
    most = np.minimum(fleet.p_max_mw[limited], ratio(room, fleet.efficiency[limited]) / system.clock.step_h)
    wants = np.where(fleet.charges[limited] & (stock.planned_mw[:, :, 0] <= 0), most, 0.0)
    other = there.available_mw.copy()
    other[:, limited] = 0.0
    other = within_groups(other, grid.groups, there.group_mw)
    for rows, topology in system.dispatcher.by_topology(there.branch_share):
        of_plant = topology.island[grid.generator_bus]
        supply = gather(other[rows], of_plant, topology.islands)
        load = gather(demand_mw[rows], topology.island[system.index.region_bus], topology.islands)
        wanted = gather(wants[rows], of_plant[limited], topology.islands)
        spare = np.maximum(supply - load, 0.0)
        takes[rows] = wants[rows] * np.minimum(ratio(spare, wanted), 1.0)[:, of_plant[limited]]
        idle[rows] = fleet.charges[limited] & (spare > 0)[:, of_plant[limited]]
    return takes, idle
