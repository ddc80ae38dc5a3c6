"""The order of a dispatcher: what is cut in a step, in whole sub-queues, where the optimum would cut to the megawatt.

The dispatch finds the least that must be cut. A dispatcher sets a volume for the hour, keeps a reserve, limits industry
first, and leaves the rest to distribution companies, which switch whole sub-queues and round up. What homes feel is the
order; the optimum is its lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch.merit import ratio
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.services.power import order_loops
from gridmodel.services.power.consumers import CRITICAL
from gridmodel.vocabulary import TIERS

SCHEDULED = 8
"""Sub-queues up to which hourly schedules hold; beyond, suppliers declare emergency cuts. [1] Volumes of half a queue
to four were set in schedules, 4.5 to 5 in emergency cuts (EPRAVDA_QUEUES, UNN_7FEB)."""
TOLERANCE = 1e-6
"""Share of demand below which a cut is rounding. [1] Ours: far below any deficit that matters."""
TOLERANCE_MW = 1e-6
"""Power by which two answers of the dispatch may differ by rounding. [MW] Ours: a watt, by which the dispatch itself
may exceed a limit."""
INDUSTRY = TIERS.index("industry")
OTHERS = tuple(place for place in range(len(TIERS)) if place != CRITICAL)
"""Tiers that sub-queues hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Order of a step."""

    served_mw: Floats
    """Most that is served of each tier, shape ``(member, region, tier)``. [MW]"""
    subqueues: Floats
    """Sub-queues that it switches off beyond a timetable, of twelve, mean of the step, shape ``(member, region)``.
    [1]"""
    at_end: Floats
    """Those of them that are off as the step ends, same shape. [1]"""
    industry_mw: Floats
    """Industry's demand that its limits take, shape ``(member, region)``. [MW]"""
    volume_mw: Floats
    """Volume that was to be cut, the least and the reserve, shape ``(member, region)``. [MW]"""
    base_mw: Floats
    """Demand in the queues that industry's limits leave, off or not, shape ``(member, region)``. [MW]"""

    def put(self, rows: Ints, some: Order, chosen: Bools) -> Order:
        """Return the order with that of some members replaced by the chosen of those given."""
        whole = {part.name: getattr(self, part.name).copy() for part in fields(self)}
        for name, values in whole.items():
            values[rows] = getattr(some, name)[chosen]
        return Order(**whole)


def make_order(
    reached_mw: Floats, served_mw: Floats, *, industry_limit: Floats, reserve_mw: Floats, at_least: Floats,
    kept: Floats | None = None, by_timetable: Floats | None = None, whole: bool = True, returns: Floats | None = None,
) -> Order:  # fmt: skip
    """Turn the least that must be cut into an order.

    Parameters
    ----------
    reached_mw
        Demand on feeders that work, shape ``(member, region, tier)``. [MW]
    served_mw
        What the optimum serves of it, same shape. [MW]
    industry_limit
        Most of industry's demand that its limits take, of a shape that broadcasts to ``(member, region)``; firms
        outside the queues give the same part of theirs. [1]
    reserve_mw
        Reserve that is to be freed on top, shape ``(member,)``; regions share it by what is still served. [MW]
    at_least
        Sub-queues that stay off until the hour ends, or may not return yet, shape ``(member, region)``; where they are
        whole, a part of one is all of it. [1]
    kept
        Share of each tier outside the queues, shape ``(member, region, tier)``; None for none.
        [1]
    by_timetable
        Sub-queues that an imposed timetable has off already, of twelve, of a shape that broadcasts to
        ``(member, region)``; None without one. [1]
    whole
        True if sub-queues are switched whole; False if feeders are switched to the megawatt.
    returns
        Sub-queues that return within the step, one feeder after the other, of those `at_least` that are off before it,
        of a shape that broadcasts to ``(member, region)``; None if `at_least` stay off for all of it. [1]

    Returns
    -------
    Order
        No region is served more than by the optimum; critical consumers are served as by the optimum.

    Notes
    -----
    ``n = ⌈12 · (volume − industry) / base⌉`` sub-queues, with the base all that is in the queues, less what industry's
    limits take of it: a sub-queue has a twelfth of it. Under a timetable that has ``t`` off, the base is in the other
    ``12 − t``, and with these the order's are whole: ``n = ⌈t + (12 − t) · (volume − industry) / base⌉ − t``. Where all
    twelve do not suffice, what is missing after limits for industry is cut from who is outside, all alike. Exempt firms
    are outside the queues, and not free of limits: nearly all industry of a region may be exempt. Ours, unconfirmed.
    """
    others, by_loop = list(OTHERS), order_loops.COMPILED and len(reached_mw) >= order_loops.LEAST
    if by_loop and kept is not None and by_timetable is None and returns is None:
        return _by_loop((reached_mw, served_mw, kept), (industry_limit, reserve_mw, at_least), whole=whole)
    reached, served = reached_mw[..., others], served_mw[..., others]
    every, cut = row_sum(reached), row_sum(np.maximum(reached - served, 0.0))
    can_cut = np.maximum(every - cut, 0.0)
    freed = np.minimum(reserve_mw, row_sum(can_cut))
    volume = cut + can_cut * ratio(freed, row_sum(can_cut))[:, None]
    volume = np.where(volume > TOLERANCE * every, volume, 0.0)
    industry = np.minimum(volume, industry_limit * reached_mw[..., INDUSTRY])
    left = reached_mw.copy()
    left[..., INDUSTRY] = np.maximum(left[..., INDUSTRY] - industry, 0.0)
    outside = np.zeros_like(left) if kept is None else left * kept
    queued, base = left - outside, np.maximum(every - row_sum(outside[..., others]) - industry, 0.0)
    left_on = np.full(1, float(SUBQUEUES)) if by_timetable is None else SUBQUEUES - by_timetable
    count = left_on * ratio(volume - industry, base)
    if whole:
        count = _whole(count - SUBQUEUES * TOLERANCE, by_timetable)
        at_least = _whole(np.maximum(at_least - SUBQUEUES * TOLERANCE, 0.0), by_timetable)
    if returns is None:
        count = at_end = np.clip(np.maximum(count, at_least), 0.0, left_on)
    else:
        count, at_end = (
            np.clip(off, 0.0, left_on) for off in returning(at_least, np.clip(count, 0.0, left_on), returns)
        )
    on = (1.0 - ratio(count, left_on))[..., None]
    most = outside + queued * on
    beyond = volume - industry > base * (1.0 + TOLERANCE)
    if beyond.any():
        most = np.where(
            beyond[..., None], np.minimum(most, _last_served_mw(outside, served_mw, cut - base, industry)), most
        )
    most[..., CRITICAL] = served_mw[..., CRITICAL]
    base = base if by_timetable is None else ratio(SUBQUEUES * base, left_on)
    return Order(
        served_mw=np.maximum(most, 0.0), subqueues=count, at_end=at_end, industry_mw=industry, volume_mw=volume,
        base_mw=base,
    )  # fmt: skip


def _by_loop(
    loads: tuple[Floats, Floats, Floats], limits: tuple[Floats, Floats, Floats], *, whole: bool
) -> Order:  # fmt: skip
    """Return what `make_order` does without a timetable where none returns within the step: the same bytes.

    Parameters
    ----------
    loads
        Demand, what the optimum serves, and the share outside the queues, as `make_order` takes them.
    limits
        Limits for industry, the reserve, and what stays off, likewise.
    """
    reached_mw, served_mw, kept = (np.ascontiguousarray(values) for values in loads)
    industry_limit, reserve_mw, at_least = limits
    shape = reached_mw.shape[:2]
    limit, stays = np.empty(shape), np.empty(shape)
    limit[...], stays[...] = industry_limit, at_least
    most_mw, (count, industry_mw, volume_mw, base_mw) = np.empty(reached_mw.shape), np.empty((4, *shape))
    order_loops.order(
        (reached_mw, served_mw, kept), (limit, np.ascontiguousarray(reserve_mw), stays), float(SUBQUEUES), TOLERANCE,
        whole, (most_mw, count, industry_mw, volume_mw, base_mw),
    )  # fmt: skip
    return Order(
        served_mw=most_mw, subqueues=count, at_end=count, industry_mw=industry_mw, volume_mw=volume_mw, base_mw=base_mw
    )


def returning(before: Floats, needed: Floats, returns: Floats) -> tuple[Floats, Floats]:
    """Compute the sub-queues that are off while feeders return one after the other, mean of a step and at its end. [1]

    Parameters
    ----------
    before
        Those that are off before the step, shape ``(member, region)``. [1]
    needed
        Those that stay off, same shape. [1]
    returns
        Those that may return within the step, of a shape that broadcasts; infinite if all return at once. [1]

    Notes
    -----
    What is off beyond need falls along a straight line, and stays at nothing once it is there, so that what is cut
    does not depend on the length of steps. What is needed is cut from the start.

    Examples
    --------
    Five are off and two stay off: two return within the first step, one in the first half of the second.

    >>> mean, at_end = returning(np.array([5.0, 3.0]), np.array(2.0), np.array(2.0))
    >>> mean, at_end
    (array([4.  , 2.25]), array([3., 2.]))
    """
    above = np.maximum(before - needed, 0.0)
    left = np.maximum(above - returns, 0.0)
    return needed + 0.5 * (above + left) * np.minimum(above / returns, 1.0), needed + left


def _last_served_mw(outside: Floats, served_mw: Floats, beyond_queues_mw: Floats, industry: Floats) -> Floats:
    """Return the most that is served where all in the queues is off, shape ``(member, region, tier)``. [MW]

    Parameters
    ----------
    outside
        Demand outside the queues that limits for industry leave, same shape. [MW]
    served_mw
        What the optimum serves, same shape. [MW]
    beyond_queues_mw
        What is missing beyond all that is in the queues, shape ``(member, region)``. [MW]
    industry
        Part of it that limits for industry take, same shape: where they take none, the optimum is followed. [MW]
    """
    missing = np.maximum(beyond_queues_mw - industry, 0.0)
    share = 1.0 - np.minimum(ratio(missing, row_sum(outside[..., list(OTHERS)])), 1.0)
    return np.asarray(np.where(industry[..., None] > 0, outside * share[..., None], served_mw))


def _whole(count: Floats, by_timetable: Floats | None) -> Floats:
    """Round sub-queues up, so that with those of a timetable they are whole where any are ordered."""
    if by_timetable is None:
        return np.ceil(count)
    return np.where(count > 0, np.ceil(by_timetable + count) - by_timetable, 0.0)


def counted_mw(ordered_mw: Floats, before: Floats, subqueues: Floats, base_mw: Floats) -> Floats:
    """Compute the order as its operator counts it, shape ``(member, region)``. [MW]

    Parameters
    ----------
    ordered_mw
        The same a step earlier. [MW]
    before, subqueues
        Sub-queues off by order a step earlier and now, of twelve, same shape. [1]
    base_mw
        Demand in the queues now, off or not, same shape. [MW]

    Notes
    -----
    A feeder counts at what it carried when it was switched off, whatever it would carry later: of the demand of an hour
    an operator knows what is metered. Feeders that return take with them what is counted for the mean of those that
    are off. Ours: orders are sums of such instructions, so that they rise less than the demand of a morning does.

    Examples
    --------
    Two of twelve are switched off at 120 MW and another at 240 MW; then one and a half of the three return.

    >>> counted_mw(np.array(20.0), np.array(2.0), np.array(3.0), np.array(240.0))
    array(40.)
    >>> counted_mw(np.array(40.0), np.array(3.0), np.array(1.5), np.array(300.0))
    array(20.)
    """
    remaining = np.divide(subqueues, before, out=np.ones_like(ordered_mw), where=before > 0)
    more = np.maximum(subqueues - before, 0.0) / SUBQUEUES * base_mw
    return np.asarray(ordered_mw * np.minimum(remaining, 1.0) + more)


def stage_of(
    subqueues: Floats, before: Floats, industry_mw: Floats, *, struck: Bools, critical_short: Bools
) -> Floats:  # fmt: skip
    """Return the number of the stage in `ORDER_STAGES`, shape ``(member, region)``.

    Parameters
    ----------
    subqueues, before
        Sub-queues off in the step and, of the order, in the one before, with those of a timetable, shape
        ``(member, region)``. [1]
    industry_mw
        Industry's demand that its limits take, same shape. [MW]
    struck
        True for members whom damage has just struck, shape ``(member,)``: what is cut on top was not announced.
    critical_short
        True where critical consumers on feeders that work are cut, shape ``(member, region)``.
    """
    stage = np.where(industry_mw > 0, 1, 0)
    stage = np.where(subqueues > 0, 2, stage)
    stage = np.where((subqueues > SCHEDULED) | (struck[:, None] & (subqueues > before)), 3, stage)
    return np.asarray(np.where(critical_short, 4, stage), dtype=float)
