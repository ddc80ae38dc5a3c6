"""Dispatch of a step with its storage and cascades."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Dispatched, Stock
from gridmodel.dispatch.merit import ratio
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.services.power import order_loops, plant_loops
from gridmodel.services.power.behind_lines import freed
from gridmodel.services.power.cascade import Asked, CascadeState, CascadeStep, follow
from gridmodel.services.power.conditions import Conditions
from gridmodel.services.power.conditions import conditions as conditions_at
from gridmodel.services.power.consumers import CRITICAL
from gridmodel.services.power.islands import Live, dispatched
from gridmodel.services.power.order import (
    SCHEDULED,
    TOLERANCE,
    TOLERANCE_MW,
    Order,
    make_order,
    stage_of,
)
from gridmodel.services.power.reserve import ORDER_H, Peak, Ready, lacking_mw, ready_of
from gridmodel.services.power.storage import charging, of_the_hour, planned, planned_again, ready_mw, usable_mw
from gridmodel.services.power.struck import struck
from gridmodel.services.power.system import PowerSystem

AT_ONCE_PER_H = 100.0
"""Share of the demand in the queues from which all returns at once. [1/h] Ours: the most that can be given."""
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
    """Demand that the optimum does not serve, by cause and, if cascades are followed, by mechanism, shape
    ``(member, region, tier, cause)``; `step_power` adds what the order cuts beyond it. [MW]"""
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
    """Outcome of the order of a step.

    On a dead island nobody orders anything. All that is off there counts as off all the same, because it returns no
    faster than what an order has switched off.
    """

    subqueues: Floats
    """Sub-queues off by order or timetable, of twelve, mean of the step, shape ``(member, region)``. [1]"""
    by_order: Floats
    """Those of the order alone, same shape. [1]"""
    at_end: Floats
    """Those of the order that are off as the step ends, same shape. [1]"""
    stage: Floats
    """Number of its stage, same shape."""
    more_mw: Floats
    """Power served less than by the optimum, shape ``(member, region, tier)``: below 0 where industry's limits spare
    others, never so for a region. [MW]"""
    industry_mw: Floats
    """Industry's demand that its limits take, shape ``(member, region)``. [MW]"""
    base_mw: Floats
    """Demand in the queues, off or not, same shape. [MW]"""
    live: Bools
    """True where the bus of a region is live, same shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """Least that must be cut, and what it is worked out from."""

    optimum: Dispatched
    """Its dispatch."""
    conditions: Conditions
    """Conditions, with the plant that is live."""
    demand_mw: Floats
    """Demand on feeders that are on, shape ``(member, region, tier)``. [MW]"""
    takes_mw: Floats
    """Most that plant with limited energy may take, shape ``(member, plant)``. [MW]"""

    @property
    def loads(self) -> int:
        """Return the number of loads of tiers; those of storage come after them."""
        return math.prod(self.demand_mw.shape[1:])

    def by_tier(self, solved: Dispatched) -> Floats:
        """Return what a dispatch serves, shape ``(member, region, tier)``. [MW]"""
        return solved.served_mw[:, : self.loads].reshape(self.demand_mw.shape)

    def take(self, rows: Ints) -> Least:
        """Return that of some members."""
        return Least(
            optimum=replace(self.optimum, **{name: getattr(self.optimum, name)[rows] for name in SOLVED}),
            conditions=self.conditions.take(rows), demand_mw=self.demand_mw[rows], takes_mw=self.takes_mw[rows],
        )  # fmt: skip


def serve(
    system: PowerSystem, stock: Stock, cascade: CascadeState | None, step: int, *, demand_mw: Floats,
    subqueues: Floats | None = None, above_mw: Floats | None = None, peak: Peak | None = None,
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
        Sub-queues that were off by order as the step before ended, shape ``(member, region)``; None where none is
        followed. [1]
    above_mw
        Part of the demand that comes on top of what an event leaves, shape ``(member, region)``; None where no feeder
        can break. [MW]
    peak
        Demand beyond its mean as the step begins, which an order covers; None for none.
    """
    conditions = conditions_at(system, step, above_mw=above_mw)
    stock = planned(system, step, of_the_hour(system, step, stock), conditions)
    limited, step_h = system.fleet.limited, system.clock.step_h
    stock, takes_mw, idle = planned_again(
        system, step, stock, conditions, charging(system, row_sum(demand_mw), conditions, stock)
    )  # fmt: skip
    could_mw = ready_mw(system, conditions, stock, over_h=system.clock.hour_left_h(step) if step_h < ORDER_H else None)
    limited_mw = usable_mw(system, demand_mw, conditions, could_mw)
    available_mw = conditions.available_mw.copy()
    available_mw[:, limited] = np.where(idle, np.minimum(limited_mw, stock.planned_mw[:, :, 0]), limited_mw)
    by_load = demand_mw.reshape(len(demand_mw), -1)
    inputs = Asked(demand_mw=by_load, takes_mw=takes_mw, there=replace(conditions, available_mw=available_mw))
    solved, live = dispatched(system, by_load, takes_mw, inputs.there)
    inputs, solved, live = freed(
        system, inputs, solved, live, idle=idle, usable_mw=limited_mw, power_mw=conditions.available_mw[:, limited],
        stock=stock,
    )  # fmt: skip
    takes_mw = inputs.takes_mw
    cascaded, branch_share = None, conditions.branch_share
    if system.options.cascade != "none":
        solved, live, cascaded = follow(system, step, cascade, inputs, plain=solved, live=live)
        branch_share = cascaded.branch_share
    ordered, needed_mw = None, solved.generation_mw[:, limited]
    if subqueues is not None:
        ready = ready_of(system, conditions, stock, could_mw, peak=peak, cascaded=cascaded)
        capacity_mw = inputs.there.available_mw if cascaded is None else cascaded.state.before.available_mw
        conditions = replace(inputs.there, available_mw=capacity_mw, branch_share=branch_share)
        solved, ordered = _follow_order(
            system, step, solved, conditions, live, demand_mw=demand_mw, takes_mw=takes_mw, before=subqueues,
            ready=ready,
        )  # fmt: skip
        if cascaded is not None:
            cascaded = _after_order(cascaded, solved, loads=by_load.shape[1])
    loads = by_load.shape[1]
    charge = np.zeros(takes_mw.shape)
    charge[:, system.index.charges] = solved.served_mw[:, loads:]
    return Served(
        stock=stock.use(
            solved.generation_mw[:, limited],
            charge,
            system.fleet.efficiency[limited],
            step_h=step_h,
            needed_mw=needed_mw,
        ),
        served_mw=solved.served_mw[:, :loads].reshape(demand_mw.shape),
        cause_mw=solved.cause_mw[:, :loads].reshape(*demand_mw.shape, -1),
        generation_mw=solved.generation_mw,
        flow_mw=solved.flow_mw,
        branch_share=branch_share,
        charging_mw=charge,
        live=live.region,
        cascade=cascaded,
        ordered=ordered,
    )


def _after_order(cascaded: CascadeStep, solved: Dispatched, *, loads: int) -> CascadeStep:
    """Return the outcome of a cascade with the dispatch that an order leaves as what comes before the next."""
    before = replace(
        cascaded.state.before, generation_mw=solved.generation_mw, served_mw=solved.served_mw[:, :loads],
        flow_mw=solved.flow_mw,
    )  # fmt: skip
    return replace(cascaded, state=replace(cascaded.state, before=before))


def _follow_order(
    system: PowerSystem, step: int, optimum: Dispatched, conditions: Conditions, live: Live, *, demand_mw: Floats,
    takes_mw: Floats, before: Floats, ready: Ready,
) -> tuple[Dispatched, Ordered]:  # fmt: skip
    """Dispatch what the order leaves on, for members for whom it cuts more than the optimum, or others.

    Parameters
    ----------
    optimum
        Least that must be cut, as dispatched.
    conditions
        Those of the step, with the marks of cascades.
    live
        Regions and generators on live islands.
    demand_mw
        Demand on feeders that are on, shape ``(member, region, tier)``. [MW]
    takes_mw
        Most that plant with limited energy may take, shape ``(member, plant)``. [MW]
    before
        Sub-queues that were off by order as the step before ended, shape ``(member, region)``. [1]
    ready
        What plant with limited energy could give beyond the optimum.
    """
    by_timetable, whole = _by_timetable(system, step), system.options.cuts == "order"
    capacity_mw = np.where(live.generator, conditions.available_mw, 0.0)
    least = Least(
        optimum=optimum, conditions=replace(conditions, available_mw=capacity_mw), demand_mw=demand_mw,
        takes_mw=takes_mw,
    )  # fmt: skip
    optimum_mw = least.by_tier(optimum)
    stays, returns = _stays_off(system, step, before, whole=whole)
    order = make_order(
        demand_mw, optimum_mw, industry_limit=system.settings["industry_limit_share"],
        reserve_mw=lacking_mw(system, optimum, conditions, live, ready),
        at_least=stays, kept=conditions.kept_share, by_timetable=by_timetable, whole=whole, returns=returns,
    )  # fmt: skip
    solved, lacking = _left_on(system, least, order)
    if lacking:
        order, solved = _spare_critical(system, step, least, order, solved, before=before)
    every, were = (off if by_timetable is None else off + by_timetable for off in (order.subqueues, before))
    stage, more_mw = _told(
        least, order, solved, off=(every, were), live=live, struck=_struck(system, step, order.subqueues, before)
    )
    return solved, Ordered(
        subqueues=every, by_order=order.subqueues, at_end=order.at_end, stage=stage,
        more_mw=more_mw, industry_mw=order.industry_mw, base_mw=order.base_mw, live=live.region,
    )  # fmt: skip


def _told(
    least: Least, order: Order, solved: Dispatched, *, off: tuple[Floats, Floats], live: Live, struck: Bools
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the number of the stage, ``(member, region)``, and what is served less than by the optimum. [MW]

    `off` are sub-queues off in the step and in the one before, with those of a timetable; `struck` as of `stage_of`.
    """
    demand_mw, (every, were) = least.demand_mw, off
    if order_loops.COMPILED and len(every) >= order_loops.LEAST:
        stage, more_mw = np.empty(every.shape), np.empty(demand_mw.shape)
        demand, optimum, served, queues, before, industry = (
            np.ascontiguousarray(values) for values in (
                demand_mw, least.optimum.served_mw, solved.served_mw, every, were, order.industry_mw
            )
        )  # fmt: skip
        order_loops.stages(
            (demand, optimum, served), (queues, before, industry), live.region, struck,
            (float(SCHEDULED), TOLERANCE, TOLERANCE_MW), (stage, more_mw),
        )  # fmt: skip
        return stage, more_mw
    served_mw, critical_mw = least.by_tier(solved), demand_mw[..., CRITICAL]
    lacks = critical_mw - served_mw[..., CRITICAL] > TOLERANCE * critical_mw + TOLERANCE_MW
    stage = stage_of(every, were, order.industry_mw, struck=struck, critical_short=lacks & live.region)
    return stage, least.by_tier(least.optimum) - served_mw


def _left_on(system: PowerSystem, least: Least, order: Order) -> tuple[Dispatched, bool]:
    """Dispatch what an order leaves on; return as well whether any of it may not be served."""
    optimum = least.optimum
    differs, left_on_mw = _differs(least, order)
    if not differs.any():
        return optimum, False
    rows: Ints | slice = slice(None) if differs.all() else np.flatnonzero(differs)  # a slice copies nothing
    takes_mw, of_rows, most_mw = least.takes_mw[rows], least.conditions.take(rows), left_on_mw[rows]
    asked_mw = least.demand_mw[rows].reshape(len(most_mw), -1)

    def dispatch(part: Ints | slice, available_mw: Floats) -> Dispatched:
        at = replace(of_rows.take(part), available_mw=available_mw)
        return dispatched(system, asked_mw[part], takes_mw[part], at, most_mw=most_mw[part], causes=False)[0]

    kept_mw = _sparing_storage(system, optimum, of_rows.available_mw, most_mw, rows)
    again = dispatch(slice(None), kept_mw)
    missed = np.flatnonzero((most_mw - again.served_mw > TOLERANCE_MW).any(axis=1))
    if len(missed):  # what storage keeps back cannot be brought from elsewhere
        whole_mw = of_rows.available_mw[missed]
        whole = dispatch(missed, whole_mw)
        less_mw, fewer = _giving_what_is_missed(system, again, whole, kept_mw[missed], missed)
        _put(again, missed, whole)
        if len(fewer):
            less = dispatch(missed[fewer], less_mw)
            enough = row_sum(less.served_mw) >= row_sum(whole.served_mw[fewer]) - TOLERANCE_MW
            _put(again, missed[fewer][enough], less, enough)
    if not differs.all():
        copies = {name: getattr(optimum, name).copy() for name in SOLVED}
        again = _put(replace(optimum, **copies), rows, again)
    solved = replace(optimum, **{name: getattr(again, name) for name in SOLVED})
    return solved, len(missed) > 0


def _differs(least: Least, order: Order) -> tuple[Bools, Floats]:
    """Return for whom an order differs from the optimum, and what it leaves on, ``(member, load)``. [MW]"""
    served_mw, loads = least.optimum.served_mw, least.loads
    if order_loops.COMPILED and len(served_mw) >= order_loops.LEAST:
        differs, most_mw = np.empty(len(served_mw), dtype=bool), np.empty(served_mw.shape)
        optimum_mw, left_on_mw, industry_mw = (
            np.ascontiguousarray(values) for values in (served_mw, order.served_mw, order.industry_mw)
        )
        order_loops.left_on(optimum_mw, (left_on_mw, industry_mw), TOLERANCE_MW, (differs, most_mw))
        return differs, most_mw
    more = row_sum(least.by_tier(least.optimum) - order.served_mw) > TOLERANCE_MW
    limited = order.industry_mw > TOLERANCE_MW  # spares homes where no more is cut
    differs = np.asarray((more | limited).any(axis=1))
    return differs, np.concatenate([order.served_mw.reshape(-1, loads), served_mw[:, loads:]], axis=1)


def _spare_critical(
    system: PowerSystem, step: int, least: Least, order: Order, solved: Dispatched, *, before: Floats
) -> tuple[Order, Dispatched]:  # fmt: skip
    """Order less where that spares critical consumers whom the optimum serves; return the order and its dispatch.

    Ours: on a ring, load that is cut may be what keeps a line below its limit, and the nearer cuts are to the optimum,
    the nearer flows are to its own. A dispatcher first gives up the reserve, then lets feeders be switched one by one
    in place of whole sub-queues; they return no faster than they can.

    Parameters
    ----------
    least
        Optimum, and what it is made from.
    order, solved
        Order, and the dispatch of what it leaves on.
    before
        Sub-queues that were off by order in the step before, shape ``(member, region)``. [1]
    """
    short_mw = _critical_short(least, solved)
    rows = np.flatnonzero(short_mw)
    for whole in (True, False) if system.options.cuts == "order" else (False,):
        if not len(rows):
            break
        stays, returns = _stays_off(system, step, before, whole=whole)
        some = least.take(rows)
        less = make_order(
            some.demand_mw, some.by_tier(some.optimum), reserve_mw=np.zeros(len(rows)),
            industry_limit=system.settings.of_rows("industry_limit_share", rows, 1),
            at_least=stays[rows], kept=some.conditions.kept_share,
            by_timetable=_by_timetable(system, step), whole=whole,
            returns=None if returns is None else np.broadcast_to(returns, before.shape)[rows],
        )  # fmt: skip
        again, _ = _left_on(system, some, less)
        left_mw = _critical_short(some, again)
        gains = left_mw < short_mw[rows] - TOLERANCE_MW
        order, solved = order.put(rows[gains], less, gains), _put(solved, rows[gains], again, gains)
        short_mw[rows[gains]] = left_mw[gains]
        rows = rows[left_mw > 0]
    return order, solved


def _critical_short(least: Least, solved: Dispatched) -> Floats:
    """Compute what critical consumers get less than by the optimum, 0 if that is rounding, shape ``(member,)``. [MW]"""
    critical_mw = least.demand_mw[..., CRITICAL]
    short_mw = least.by_tier(least.optimum)[..., CRITICAL] - least.by_tier(solved)[..., CRITICAL]
    return row_sum(np.where(short_mw > TOLERANCE * critical_mw + TOLERANCE_MW, short_mw, 0.0))


def _by_timetable(system: PowerSystem, step: int) -> Floats | None:
    """Return the sub-queues that an imposed timetable has off, of twelve, shape ``(region,)``; None without one. [1]"""
    off = system.consumers.timetable_off
    return None if off is None else np.asarray(SUBQUEUES * off[step])


def _struck(system: PowerSystem, step: int, subqueues: Floats, before: Floats) -> Bools:
    """Return the members of whom damage has just struck, of those that cut more, shape ``(member,)``.

    Parameters
    ----------
    subqueues, before
        Sub-queues off by order in the step, and in the one before, shape ``(member, region)``. [1]
    """
    changed = system.capacity.changed[step]
    if not changed.any():
        return np.zeros(len(subqueues), dtype=bool)
    found = changed & (subqueues > before).any(axis=1)
    rows = np.flatnonzero(found)
    if len(rows):
        found[rows] = struck(system, step, rows)
    return np.asarray(found)


def _stays_off(
    system: PowerSystem, step: int, before: Floats, *, whole: bool
) -> tuple[Floats, Floats | None]:  # fmt: skip
    """Return the sub-queues that stay off, as what cannot yet be switched on again, and those that return of them. [1]

    Whole sub-queues change at full hours, and at least one returns, so that cuts end; so do single feeders in their
    place, and within an hour only those that all return at once. Feeders return one after the other within a step: then
    those that are off before it are returned, of shape ``(member, region)``, and as many as may return, of a shape that
    broadcasts to it.
    """
    share = system.settings["restore_share_per_h"]
    if system.options.cuts == "order" and system.clock.full_hour(step):
        return np.maximum(before - np.maximum(SUBQUEUES * share, 1.0), 0.0), None
    if whole:
        return before, None
    if system.options.cuts == "order":
        return np.where(share < AT_ONCE_PER_H, before, 0.0), None
    return before, np.where(share < AT_ONCE_PER_H, SUBQUEUES * share * system.clock.step_h, np.inf)


def _put(
    into: Dispatched, rows: Ints | slice, values: Dispatched, chosen: Bools | slice = slice(None)
) -> Dispatched:  # fmt: skip
    """Write the answers for some members, the chosen of those given, over those for all, and return these."""
    for name in SOLVED:
        getattr(into, name)[rows] = getattr(values, name)[chosen]
    return into


def _giving_what_is_missed(
    system: PowerSystem, spared: Dispatched, whole: Dispatched, kept_mw: Floats, missed: Ints
) -> tuple[Floats, Ints]:  # fmt: skip
    """Cap stored-energy plant so that it gives no more of what it keeps back than is served in addition.

    Parameters
    ----------
    spared
        Dispatch of all rows with plant that keeps back what the order saves.
    whole
        That of the rows which it leaves short, with all that this plant has.
    kept_mw
        Most that plant could give in the first of them, shape ``(missed, generator)``. [MW]
    missed
        Those rows.

    Returns
    -------
    tuple
        Most that plant may give, shape ``(fewer, generator)``, in MW, and the rows of `whole` in which that is less.
    """
    limited = system.fleet.limited
    beyond_mw = np.maximum(whole.generation_mw[:, limited] - kept_mw[:, limited], 0.0)
    more_mw = np.maximum(row_sum(whole.served_mw) - row_sum(spared.served_mw[missed]), 0.0)
    fewer = np.flatnonzero(row_sum(beyond_mw) > more_mw + TOLERANCE_MW)
    less_mw = kept_mw[fewer]
    less_mw[:, limited] += beyond_mw[fewer] * ratio(more_mw, row_sum(beyond_mw))[fewer, None]
    return less_mw, fewer


def _sparing_storage(
    system: PowerSystem, optimum: Dispatched, capacity_mw: Floats, most_mw: Floats, rows: Ints | slice
) -> Floats:  # fmt: skip
    """Cap stored-energy plant so that what the order saves stays in storage, shape ``(row, generator)``. [MW]

    Imports under contract and plant that burns fuel run on; stored energy can be used later in the day.

    Parameters
    ----------
    optimum
        Dispatch of all members before the order.
    capacity_mw
        Most that live plant can give, shape ``(row, generator)``. [MW]
    most_mw
        What the order leaves of loads and charging, shape ``(row, load)``. [MW]
    rows
        Members of the rows.
    """
    limited, available_mw = system.fleet.limited, capacity_mw.copy()
    if not len(limited):
        return available_mw
    if plant_loops.COMPILED and len(most_mw) >= plant_loops.LEAST:
        solved = tuple(np.ascontiguousarray(values[rows]) for values in (optimum.served_mw, optimum.generation_mw))
        plant_loops.sparing(solved, np.ascontiguousarray(most_mw), limited, available_mw)
        return available_mw
    given_mw = optimum.generation_mw[rows][:, limited]
    spared_mw = np.maximum(row_sum(optimum.served_mw[rows]) - row_sum(most_mw), 0.0)
    used_share = 1.0 - np.minimum(ratio(spared_mw, row_sum(given_mw)), 1.0)
    available_mw[:, limited] = given_mw * used_share[:, None]
    return available_mw
