"""Energy of reservoirs, pumped storage and batteries through a run: refilled, planned, used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Stock, Topology, day_plan, island_deficit
from gridmodel.dispatch.merit import gather, ratio
from gridmodel.services.power.conditions import Conditions, delivery, group_limits, power_ahead
from gridmodel.services.power.need import forecast

if TYPE_CHECKING:
    from gridmodel.services.power.inputs import PowerInputs


def first_stock(plan: PowerInputs) -> Stock:
    """Full reservoirs and storage, nothing planned yet."""
    members, limited = len(plan.members), plan.plant.limited
    left = np.broadcast_to(plan.plant.day_mwh[limited], (members, len(limited))).copy()
    return Stock(left_mwh=left, planned_mw=np.zeros((members, len(limited), 0)))


def planned(plan: PowerInputs, now: int, stock: Stock, there: Conditions) -> Stock:
    """Stock with a plan for the rest of the day.

    Reservoirs have their day's water at local midnight. Pumped storage and batteries are full then as well if they
    are taken as recharged overnight. A plan is made at midnight and made anew when damage changes, on the cold and
    the damage of that moment.
    """
    limited = plan.plant.limited
    hours = int(plan.hours_left[now])
    left, rows = stock.left_mwh, np.flatnonzero(plan.changed[now])
    if plan.midnight[now]:
        full = np.broadcast_to(plan.plant.day_mwh[limited], left.shape)
        keep = plan.plant.charges[limited] & (plan.scenario.recharge == "surplus")
        left, rows = np.where(keep, left, full), np.arange(len(left))
    if not len(limited):
        return Stock(left_mwh=left, planned_mw=np.zeros((len(left), 0, 1)))
    if not len(rows):
        return Stock(left_mwh=left, planned_mw=stock.planned_mw)
    made = np.zeros((len(left), len(limited), hours))
    if stock.planned_mw.shape[2] == hours:
        made[:] = stock.planned_mw
    for part, topology in plan.dispatcher.by_topology(there.branch_share[rows]):
        here = rows[part]
        made[here] = _plan_for(plan, now, here, topology, left[here])
    return Stock(left_mwh=left, planned_mw=made)


def _plan_for(plan: PowerInputs, now: int, rows: Ints, topology: Topology, left: Floats) -> Floats:
    """PowerInputs of some members that share a topology, shape ``(member, plant, hour)``. [MW]"""
    grid, limited, hours = plan.dispatcher.grid, plan.plant.limited, int(plan.hours_left[now])
    power = power_ahead(plan, now, hours, rows)
    other = power.copy()
    other[:, :, limited] = 0.0
    limits = group_limits(plan, now, rows)
    for number, (members, _) in enumerate(grid.groups):
        total = row_sum(other[:, :, members])
        other[:, :, members] *= np.minimum(ratio(limits[:, number, None], total), 1.0)[:, :, None]
    of_generator = topology.island[grid.generator_bus]
    supply = gather(other.reshape(-1, other.shape[2]), of_generator, topology.islands)
    need = forecast(plan, now, hours, rows)
    reached = need if plan.timetable_off is None else forecast(plan, now, hours, rows, timetable=True)
    deficit = island_deficit(
        np.minimum(reached, delivery(plan, now, need, rows)), supply.reshape(len(rows), hours, topology.islands),
        topology.island[plan.index.region_bus], topology.islands,
    )  # fmt: skip
    most = np.ascontiguousarray(np.moveaxis(power[:, :, limited], 1, 2))
    return day_plan(deficit, most, left, of_generator[limited], step_h=plan.scenario.step_h)


def charging(plan: PowerInputs, need: Floats, there: Conditions, stock: Stock) -> tuple[Floats, Bools]:
    """What pumped storage and batteries may take from the surplus of their island, and which stand idle meanwhile.

    The surplus is what other plant can give beyond what is needed; plant that plans to give does not take, and what
    has no plan to give does not give while there is a surplus. Nothing of this where storage is taken as recharged
    overnight. Both are of shape ``(member, plant)``, the first in MW.
    """
    limited, grid = plan.plant.limited, plan.dispatcher.grid
    takes, idle = np.zeros(stock.left_mwh.shape), np.zeros(stock.left_mwh.shape, dtype=bool)
    if plan.scenario.recharge != "surplus" or not plan.plant.charges[limited].any():
        return takes, idle
    room = np.maximum(plan.plant.day_mwh[limited] - stock.left_mwh, 0.0)
    most = np.minimum(plan.plant.p_max_mw[limited], ratio(room, plan.plant.efficiency[limited]) / plan.scenario.step_h)
    wants = np.where(plan.plant.charges[limited] & (stock.planned_mw[:, :, 0] <= 0), most, 0.0)
    other = there.available_mw.copy()
    other[:, limited] = 0.0
    for number, (members, _) in enumerate(grid.groups):
        total = row_sum(other[:, members])
        other[:, members] *= np.minimum(ratio(there.group_mw[:, number], total), 1.0)[:, None]
    for rows, topology in plan.dispatcher.by_topology(there.branch_share):
        of_plant = topology.island[grid.generator_bus]
        supply = gather(other[rows], of_plant, topology.islands)
        load = gather(need[rows], topology.island[plan.index.region_bus], topology.islands)
        wanted = gather(wants[rows], of_plant[limited], topology.islands)
        spare = np.maximum(supply - load, 0.0)
        takes[rows] = wants[rows] * np.minimum(ratio(spare, wanted), 1.0)[:, of_plant[limited]]
        idle[rows] = plan.plant.charges[limited] & (spare > 0)[:, of_plant[limited]]
    return takes, idle
