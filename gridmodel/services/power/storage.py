"""Energy of reservoirs, pumped storage and batteries through a run: refilled, planned, used or held back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Stock, Topology, day_plan, island_deficit, refilled_plan, shifting_plan
from gridmodel.dispatch.merit import gather, gatherer, ratio
from gridmodel.services.power import plant_loops
from gridmodel.services.power.conditions import (
    Conditions,
    available_ahead,
    delivery_limit,
    group_limits,
    of_rows,
    within_groups,
)
from gridmodel.services.power.consumers import CRITICAL, demand_ahead
from gridmodel.services.power.system import PowerSystem


def first_stock(system: PowerSystem) -> Stock:
    """Return full reservoirs, and pumped storage and batteries as full as `storage_start` says; nothing is planned.

    Batteries that are placed as a measure, the last plant with limited energy, arrive charged.
    """
    fleet, limited = system.fleet, system.fleet.limited
    placed = np.arange(len(limited)) >= len(limited) - system.capacity.battery_available.shape[1]
    start = np.where(fleet.charges[limited] & ~placed, system.settings["storage_start"], 1.0)
    full = np.broadcast_to(start * fleet.day_mwh[limited], (system.members, len(limited))).copy()
    charged = np.zeros(full.shape, dtype=bool)
    return Stock(remaining_mwh=full, planned_mw=np.zeros((*full.shape, 0)), charged=charged).as_the_clock_strikes()


def of_the_hour(system: PowerSystem, step: int, stock: Stock) -> Stock:
    """Return the stock with what has happened to it since the clock struck, which is nothing at full hours."""
    return stock.as_the_clock_strikes() if system.clock.full_hour(step) else stock


def planned(system: PowerSystem, step: int, stock: Stock, there: Conditions) -> Stock:
    """Return the stock with a plan for the rest of the day.

    Reservoirs have their day's water at local midnight. Pumped storage and batteries are full then as well if they
    are taken as recharged overnight. A plan is made at midnight and made anew when damage changes, on the cold and
    the damage of that moment; storage that a surplus has filled since then has another (`planned_again`). Reserve has
    no plan.
    """
    fleet, limited = system.fleet, system.fleet.limited
    steps = int(system.clock.remaining[step])
    remaining, anew = stock.remaining_mwh, step == system.capacity.planned_anew
    rows = np.flatnonzero(system.capacity.changed[step] | anew)
    if system.clock.midnight[step]:
        refilled = ~fleet.charges[limited]
        if system.options.recharge == "overnight" and step > 0:
            refilled = np.ones_like(refilled)
        full = np.broadcast_to(fleet.day_mwh[limited], remaining.shape)
        remaining, rows = np.where(refilled, full, remaining), np.arange(len(remaining))
    if not len(limited):
        return replace(stock, remaining_mwh=remaining, planned_mw=np.zeros((len(remaining), 0, 1)))
    if not len(rows):
        return replace(stock, remaining_mwh=remaining)
    made, taken = np.zeros((2, len(remaining), len(limited), steps))
    if stock.planned_mw.shape[2] == steps:
        made[:] = stock.planned_mw
        if stock.taken_mw.size:
            taken[:] = stock.taken_mw
    for part, topology in system.dispatcher.by_topology(there.branch_share[rows]):
        here = rows[part]
        made[here], taken[here] = _plan_for(system, step, here, topology, remaining[here])
    some, charged = system.options.recharge == "cutting", stock.charged.copy()
    charged[rows] = False
    return replace(
        stock, remaining_mwh=remaining, planned_mw=made, taken_mw=taken if some else taken[:0], charged=charged
    )


def planned_again(
    system: PowerSystem, step: int, stock: Stock, there: Conditions, charges: tuple[Floats, Bools]
) -> tuple[Stock, Floats, Bools]:  # fmt: skip
    """Return the stock with another plan for storage that a surplus has filled since its plan was made.

    It is made once the surplus of its island is over, for all pumped storage and batteries of a member, against what
    reservoirs are planned to give. Ours: what is charged after midnight would otherwise go to the first hours that
    lack anything; another plan in every hour takes a tenth more time, and spreads what an order leaves in reservoirs
    over so many hours that less of it is used.

    Parameters
    ----------
    system
        Power system.
    step
        Number of the step.
    stock
        Energy and plan.
    there
        Conditions of the step.
    charges
        What storage may take, and which is idle in a surplus, as from `charging`.

    Returns
    -------
    tuple
        The stock, and the same of what storage may take: what plans to give takes nothing.
    """
    takes_mw, idle = charges
    if system.options.recharge != "surplus" or not stock.charged.any():
        return stock, takes_mw, idle
    stores = np.flatnonzero(system.fleet.charges[system.fleet.limited] & ~system.fleet.reserve[system.fleet.limited])
    rows = np.flatnonzero((stock.charged & ~idle)[:, stores].any(axis=1))
    if not len(rows):
        return stock, takes_mw, idle
    made, charged = stock.planned_mw.copy(), stock.charged.copy()
    for part, topology in system.dispatcher.by_topology(there.branch_share[rows]):
        here = rows[part]
        made[here[:, None], stores] = _stores_anew(system, step, here, topology, stock, stores=stores)
    charged[rows] = False
    return replace(stock, planned_mw=made, charged=charged), np.where(made[:, :, 0] > 0, 0.0, takes_mw), idle


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ahead:
    """Deficits and plant that some members that share a topology have ahead of them on the rest of the day."""

    deficit_mw: Floats
    """Missing power without plant with limited energy, negative for a surplus, shape ``(row, step, island)``. [MW]"""
    power_mw: Floats
    """Most that plant with limited energy can give, shape ``(row, plant, step)``. [MW]"""
    island: Ints
    """Its island, shape ``(plant,)``."""


def _ahead(system: PowerSystem, step: int, rows: Ints, topology: Topology) -> _Ahead:
    """Compute what the plans of some members that share a topology go by."""
    steps = int(system.clock.remaining[step])
    power, supply = _plant_ahead(system, step, rows, topology)
    by_tier = demand_ahead(system.consumers, system.settings, step, steps=steps, rows=rows)
    kept = system.queues.kept_share(step)
    some = kept if kept is None or kept.ndim == 2 or len(kept) == 1 else kept[rows]
    on = system.consumers.on_share(slice(step, step + steps), some)  # it is published, so plans know it
    reached = row_sum(by_tier if on is None else by_tier * on)
    deficit = island_deficit(
        np.minimum(reached, delivery_limit(system, step, rows)[:, None]),
        supply, topology.island[system.index.region_bus], topology.islands,
    )  # fmt: skip
    of_plant = topology.island[system.grid.generator_bus[system.fleet.limited]]
    return _Ahead(deficit_mw=deficit, power_mw=power, island=of_plant)


def _plant_ahead(system: PowerSystem, step: int, rows: Ints, topology: Topology) -> tuple[Floats, Floats]:
    """Compute the most that plant can give in a step and those after it on the rest of the day. [MW]

    That with limited energy is of shape ``(row, plant, step)``, all other by island ``(row, step, island)``.
    """
    grid, limited, steps = system.grid, system.fleet.limited, int(system.clock.remaining[step])
    if plant_loops.COMPILED and len(rows) >= plant_loops.LEAST:
        power, supply = np.empty((len(rows), len(limited), steps)), np.zeros((len(rows), steps, topology.islands))
        whole = system.capacity.available_mw[step : step + steps]
        share = np.ascontiguousarray(of_rows(system.capacity.generator_share[step], rows))
        plant_loops.ahead(
            (share, whole if whole.ndim > 2 else whole[:, None], group_limits(system, step, rows)), rows, limited,
            system.dispatcher.where(topology), (power, supply),
        )  # fmt: skip
        return power, supply
    every = available_ahead(system, step, steps=steps, rows=rows)
    other = every.copy()
    other[:, :, limited] = 0.0
    other = within_groups(other, grid.groups, group_limits(system, step, rows))
    supply = gather(other.reshape(-1, other.shape[2]), topology.island[grid.generator_bus], topology.islands)
    power = np.ascontiguousarray(np.moveaxis(every[:, :, limited], 1, 2))
    return power, supply.reshape(len(rows), steps, topology.islands)


def _plan_for(
    system: PowerSystem, step: int, rows: Ints, topology: Topology, remaining_mwh: Floats
) -> tuple[Floats, Floats]:
    """Plan output and charging for some members that share a topology, each ``(row, plant, step)``. [MW]"""
    fleet, limited = system.fleet, system.fleet.limited
    ahead = _ahead(system, step, rows, topology)
    most = ahead.power_mw
    most[:, fleet.reserve[limited]] = 0.0
    if system.options.recharge != "cutting":
        output = day_plan(ahead.deficit_mw, most, remaining_mwh, ahead.island, step_h=system.clock.step_h)
        return output, np.zeros_like(output)
    may_take = np.where(fleet.charges[limited, None], most, 0.0)
    room = np.maximum(fleet.day_mwh[limited] - remaining_mwh, 0.0)
    return shifting_plan(
        ahead.deficit_mw, most, may_take, remaining_mwh, room, ahead.island,
        efficiency=fleet.efficiency[limited], step_h=system.clock.step_h,
    )  # fmt: skip


def _stores_anew(
    system: PowerSystem, step: int, rows: Ints, topology: Topology, stock: Stock, *, stores: Ints
) -> Floats:  # fmt: skip
    """Plan output of some stores, places among plant with limited energy, against the plan of all other such plant.

    They share a surplus that may refill them as in `charging`, with those that are held back as reserve. [MW]
    """
    fleet, limited = system.fleet, system.fleet.limited
    ahead = _ahead(system, step, rows, topology)
    others, may_take = stock.planned_mw[rows], np.where(fleet.charges[limited, None], ahead.power_mw, 0.0)
    others[:, stores] = 0.0
    deficit, (given, wanted) = ahead.deficit_mw, (_by_island(values, ahead, topology) for values in (others, may_take))
    part = np.minimum(ratio(np.maximum(-deficit, 0.0), wanted), 1.0)
    surplus = may_take * np.moveaxis(part, 1, 2)[:, ahead.island]
    remaining = stock.remaining_mwh[rows[:, None], stores]
    room = np.maximum(fleet.day_mwh[limited][stores] - remaining, 0.0)
    return refilled_plan(
        deficit - given, ahead.power_mw[:, stores], surplus[:, stores], remaining, room, ahead.island[stores],
        efficiency=fleet.efficiency[limited][stores], step_h=system.clock.step_h,
    )  # fmt: skip


def _by_island(power_mw: Floats, ahead: _Ahead, topology: Topology) -> Floats:
    """Add up power of plant, shape ``(row, plant, step)``, by island, shape ``(row, step, island)``. [MW]"""
    by_step = np.ascontiguousarray(np.moveaxis(power_mw, 1, 2))
    summed = gather(by_step.reshape(-1, by_step.shape[2]), ahead.island, topology.islands)
    return np.asarray(summed.reshape(ahead.deficit_mw.shape))


def ready_mw(
    system: PowerSystem, there: Conditions, stock: Stock, *, over_h: float | None = None, begun: bool = False
) -> Floats:  # fmt: skip
    """Compute what plant with limited energy can give if reserve is called, shape ``(member, plant)``. [MW]

    That is its plan, and what no hour of it needs, also of storage that a surplus holds to its plan or that is reserve;
    the latter must last for the step, or `over_h`; if an hour has `begun`, with what has been needed of it.
    """
    limited = system.fleet.limited
    available_mw, efficiency = there.available_mw[:, limited], system.fleet.efficiency[limited]
    return stock.most_mw(available_mw, efficiency, step_h=system.clock.step_h, over_h=over_h, begun=begun)


def usable_mw(system: PowerSystem, demand_mw: Floats, there: Conditions, could_mw: Floats) -> Floats:
    """Compute the most that plant with limited energy may give in a step, shape ``(member, plant)``. [MW]

    Parameters
    ----------
    system
        Power system.
    demand_mw
        Demand, shape ``(member, region, tier)``. [MW]
    there
        Conditions of the step.
    could_mw
        What each could give if reserve is called (`ready_mw`), same shape. [MW]

    Notes
    -----
    Reserve is held back: it gives what critical consumers of its island would lack with everything else there is, each
    unit in proportion to what it could give. Ours: nobody keeps a reserve for homes that are in the queues anyway.
    """
    fleet, limited, grid = system.fleet, system.fleet.limited, system.grid
    held = fleet.reserve[limited]
    if not held.any():
        return could_mw
    most = could_mw.copy()
    other = there.available_mw.copy()
    other[:, limited] = np.where(held, 0.0, most)
    other = within_groups(other, grid.groups, there.group_mw)
    critical = np.ascontiguousarray(demand_mw[..., CRITICAL])
    for rows, topology in system.dispatcher.by_topology(there.branch_share):
        of_plant = topology.island[grid.generator_bus]
        load = gather(critical[rows], topology.island[system.index.region_bus], topology.islands)
        lacks = np.maximum(load - gather(other[rows], of_plant, topology.islands), 0.0)
        could = gather(np.where(held, most[rows], 0.0), of_plant[limited], topology.islands)
        part = np.minimum(ratio(lacks, could), 1.0)[:, of_plant[limited]]
        most[rows] = np.where(held, most[rows] * part, most[rows])
    return most


def charging(system: PowerSystem, demand_mw: Floats, there: Conditions, stock: Stock) -> tuple[Floats, Bools]:
    """Compute what pumped storage and batteries may take in a step, and which are idle then.

    They take from the surplus of their island, which is what other plant can give beyond the demand of regions,
    `demand_mw` of shape ``(member, region)``; and what their plan takes by cutting. Plant that plans to give does not
    take, and what takes or has no plan to give in a surplus does not give more than its plan. Nothing is taken where
    storage counts as recharged overnight, and no more than damage leaves of the power to give. Both are of shape
    ``(member, plant)``, the first in MW.
    """
    fleet, limited = system.fleet, system.fleet.limited
    if system.options.recharge == "overnight" or not fleet.charges[limited].any():
        return np.zeros(stock.remaining_mwh.shape), np.zeros(stock.remaining_mwh.shape, dtype=bool)
    patterns = system.dispatcher.by_topology(there.branch_share)
    if len(patterns) == 1 and plant_loops.COMPILED and len(demand_mw) >= plant_loops.LEAST:
        wants, takes, idle = _charging_by_loop(system, demand_mw, there, stock, patterns[0][1])
    else:
        wants = _wanted_mw(system, there.available_mw[:, limited], stock)
        takes, idle = _of_surplus(system, demand_mw, there, wants)
    if stock.taken_mw.size:
        takes = np.maximum(takes, np.minimum(stock.taken_mw[:, :, 0], wants))
        idle |= takes > 0
    return takes, idle


def _charging_by_loop(
    system: PowerSystem, demand_mw: Floats, there: Conditions, stock: Stock, topology: Topology
) -> tuple[Floats, Floats, Bools]:
    """Return what storage wants and takes of a surplus, in MW, and what of it is idle, if all have the same islands."""
    fleet, limited = system.fleet, system.fleet.limited
    where = system.dispatcher.where(topology)
    wants, takes = np.empty(stock.remaining_mwh.shape), np.empty(stock.remaining_mwh.shape)
    idle = np.empty(takes.shape, dtype=bool)
    sums = tuple(
        gatherer(island, topology.islands).tables
        for island in (topology.island[system.index.region_bus], where.of_generator[limited])
    )
    plants = limited, fleet.day_mwh[limited], fleet.efficiency[limited], fleet.charges[limited]
    plant_loops.charging(
        plants, (stock.remaining_mwh, np.ascontiguousarray(stock.planned_mw[:, :, 0]), system.clock.step_h),
        tuple(np.ascontiguousarray(values) for values in (there.available_mw, there.group_mw, demand_mw)),
        where, sums, (wants, takes, idle),
    )  # fmt: skip
    return wants, takes, idle


def cut_for_mw(
    system: PowerSystem, demand_mw: Floats, there: Conditions, stock: Stock, *, power_mw: Floats
) -> Floats:  # fmt: skip
    """Compute what plans take in a step beyond the surplus of the island, by cutting, ``(member, plant)``. [MW]

    Parameters
    ----------
    system, demand_mw, there, stock
        As in `charging`.
    power_mw
        Most that plant with limited energy can give, shape ``(member, plant)``. [MW]
    """
    if not stock.taken_mw.size:
        return np.zeros(stock.remaining_mwh.shape)
    wants = _wanted_mw(system, power_mw, stock)
    of_surplus, _ = _of_surplus(system, demand_mw, there, wants)
    return np.asarray(np.maximum(np.minimum(stock.taken_mw[:, :, 0], wants) - of_surplus, 0.0))


def _wanted_mw(system: PowerSystem, power_mw: Floats, stock: Stock) -> Floats:
    """Return what plant that does not plan to give has power and room to take, shape ``(member, plant)``. [MW]"""
    fleet, limited = system.fleet, system.fleet.limited
    room = np.maximum(fleet.day_mwh[limited] - stock.remaining_mwh, 0.0)
    most = np.minimum(power_mw, ratio(room, fleet.efficiency[limited]) / system.clock.step_h)
    return np.where(fleet.charges[limited] & (stock.planned_mw[:, :, 0] <= 0), most, 0.0)


def _of_surplus(
    system: PowerSystem, demand_mw: Floats, there: Conditions, wants_mw: Floats
) -> tuple[Floats, Bools]:  # fmt: skip
    """Share the surplus of each island out to what its plant wants of it, and say which charges in an island with one.

    Parameters
    ----------
    system, demand_mw, there
        As in `charging`.
    wants_mw
        Most that each takes, shape ``(member, plant)``. [MW]
    """
    fleet, limited, grid = system.fleet, system.fleet.limited, system.grid
    takes, idle = np.zeros(wants_mw.shape), np.zeros(wants_mw.shape, dtype=bool)
    other = there.available_mw.copy()
    other[:, limited] = 0.0
    other = within_groups(other, grid.groups, there.group_mw)
    for rows, topology in system.dispatcher.by_topology(there.branch_share):
        of_plant = topology.island[grid.generator_bus]
        supply = gather(other[rows], of_plant, topology.islands)
        load = gather(demand_mw[rows], topology.island[system.index.region_bus], topology.islands)
        wanted = gather(wants_mw[rows], of_plant[limited], topology.islands)
        spare = np.maximum(supply - load, 0.0)
        takes[rows] = wants_mw[rows] * np.minimum(ratio(spare, wanted), 1.0)[:, of_plant[limited]]
        idle[rows] = fleet.charges[limited] & (spare > 0)[:, of_plant[limited]]
    return takes, idle
