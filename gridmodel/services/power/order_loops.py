"""Loops over members that turn the least that must be cut into an order, and say what follows from it.

Each gives the bytes of what `gridmodel.services.power.order` and `serve` do array by array.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

import math

import numpy as np

from gridmodel import vocabulary
from gridmodel.arrays import Bools, Floats, available, compiler
from gridmodel.dispatch import merit_loops
from gridmodel.dispatch.merit_loops import _row_sum
from gridmodel.vocabulary import TIERS

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 8
"""Fewest members that the loop takes. Ours: fewer are not worth the time to load compiled code."""
_CRITICAL, _INDUSTRY = TIERS.index("critical"), TIERS.index("industry")

_compiled = compiler(__file__, merit_loops.__file__, vocabulary.__file__)


@_compiled(None)
def _but_critical(values: Floats) -> float:
    """Sum the values of tiers that sub-queues hold."""
    found, first = 0.0, True
    for tier in range(len(values)):
        if tier != _CRITICAL:
            found = values[tier] if first else found + values[tier]
            first = False
    return float(found)


@_compiled(None)
def order(  # noqa: C901, PLR0912, PLR0915, PLR0917 - numba takes no keywords; views of arrays cost time in a loop
    loads: tuple[Floats, Floats, Floats], limits: tuple[Floats, Floats, Floats], queues: float, tolerance: float,
    whole: bool, made: tuple[Floats, Floats, Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Write the parts of an order without a timetable, of which none returns within the step.

    Parameters
    ----------
    loads
        Demand on feeders that work [MW], what the optimum serves of it [MW], and the share outside the queues [1],
        each of shape ``(member, region, tier)``.
    limits
        Most of industry's demand that its limits take, ``(member, region)`` [1], reserve that is to be freed,
        ``(member,)`` [MW], and sub-queues that stay off, ``(member, region)`` [1].
    queues
        Number of sub-queues.
    tolerance
        Share of demand below which a cut is rounding. [1]
    whole
        True if sub-queues are switched whole.
    made
        Written: served, shape ``(member, region, tier)`` [MW]; sub-queues off [1], industry's demand that its limits
        take, the volume, and the base [MW], each of shape ``(member, region)``.
    """
    (reached_mw, served_mw, kept), (limit, reserve_mw, at_least) = loads, limits
    most_mw, count, industry_mw, volume_mw, base_mw = made
    regions, tiers = reached_mw.shape[1:]
    every, cut, can_cut, part = np.empty(regions), np.empty(regions), np.empty(regions), np.empty(tiers)
    for member in range(len(reached_mw)):
        for region in range(regions):
            reached, served = reached_mw[member, region], served_mw[member, region]
            for tier in range(tiers):
                missing = reached[tier] - served[tier]
                part[tier] = missing if missing > 0.0 else 0.0
            every[region], cut[region] = _but_critical(reached), _but_critical(part)
            left = every[region] - cut[region]
            can_cut[region] = left if left > 0.0 else 0.0
        could = _row_sum(can_cut, regions)
        freed = reserve_mw[member] if reserve_mw[member] < could else could
        share = freed / could if could > 0.0 else 0.0
        for region in range(regions):
            reached, served, outside = reached_mw[member, region], served_mw[member, region], kept[member, region]
            volume = cut[region] + can_cut[region] * share
            volume = volume if volume > tolerance * every[region] else 0.0
            industry = limit[member, region] * reached[_INDUSTRY]
            industry = volume if volume < industry else industry
            for tier in range(tiers):
                left = reached[tier]
                if tier == _INDUSTRY:
                    left = left - industry if left - industry > 0.0 else 0.0
                part[tier] = left * outside[tier]
                most_mw[member, region, tier] = left - part[tier]
            kept_mw = _but_critical(part)
            base = every[region] - kept_mw - industry
            base = base if base > 0.0 else 0.0
            rest, stays = volume - industry, at_least[member, region]
            off = queues * (rest / base if base > 0.0 else 0.0)
            if whole:
                off, stays = math.ceil(off - queues * tolerance), stays - queues * tolerance
                stays = math.ceil(stays if stays > 0.0 else 0.0)
            off = off if off > stays else stays
            off = off if off > 0.0 else 0.0
            off = off if off < queues else queues
            on = 1.0 - off / queues
            beyond = rest > base * (1.0 + tolerance)
            last = 0.0
            if beyond:
                missing = cut[region] - base - industry
                missing = missing if missing > 0.0 else 0.0
                gone = missing / kept_mw if kept_mw > 0.0 else 0.0
                last = 1.0 - (gone if gone < 1.0 else 1.0)
            for tier in range(tiers):
                most = part[tier] + most_mw[member, region, tier] * on
                if beyond:
                    other = part[tier] * last if industry > 0.0 else served[tier]
                    most = most if most < other else other
                if tier == _CRITICAL:
                    most = served[tier]
                most_mw[member, region, tier] = most if most > 0.0 else 0.0
            count[member, region], industry_mw[member, region] = off, industry
            volume_mw[member, region], base_mw[member, region] = volume, base


@_compiled(None)
def left_on(optimum_mw: Floats, order: tuple[Floats, Floats], tolerance_mw: float, made: tuple[Bools, Floats]) -> None:
    """Write for whom an order leaves less on than the optimum serves, or something else, and the most that it leaves.

    Parameters
    ----------
    optimum_mw
        What the optimum serves of loads of tiers, and then of plant that charges, ``(member, load)``. [MW]
    order
        What the order leaves of each tier, ``(member, region, tier)``, and industry's demand that its limits take,
        ``(member, region)``. [MW]
    tolerance_mw
        Power that counts as rounding. [MW]
    made
        Written: whether they differ, ``(member,)``; and the most that loads are served, shaped as `optimum_mw`. [MW]
    """
    (served_mw, industry_mw), (differs, most_mw) = order, made
    regions, tiers = np.uintp(served_mw.shape[1]), np.uintp(served_mw.shape[2])  # without a sign, as in `merit_loops`
    for member in range(np.uintp(len(most_mw))):
        found = False
        for region in range(regions):
            more = 0.0
            for tier in range(tiers):
                load = region * tiers + tier
                most_mw[member, load] = served_mw[member, region, tier]
                less = optimum_mw[member, load] - most_mw[member, load]
                more = less if tier == 0 else more + less
            found |= more > tolerance_mw or industry_mw[member, region] > tolerance_mw
        for other in range(regions * tiers, np.uintp(most_mw.shape[1])):
            most_mw[member, other] = optimum_mw[member, other]
        differs[member] = found


@_compiled(None)
def stages(  # noqa: PLR0917 - numba takes no keywords
    solved: tuple[Floats, Floats, Floats], off: tuple[Floats, Floats, Floats], alive: Bools, struck: Bools,
    limits: tuple[float, float, float], made: tuple[Floats, Floats],
) -> None:  # fmt: skip
    """Write the number of the stage, as `order.stage_of` returns it, and what is served less than by the optimum.

    Parameters
    ----------
    solved
        Demand, ``(member, region, tier)``, what the optimum serves, and what is served, each ``(member, load)`` with
        those of tiers first. [MW]
    off
        Sub-queues off in the step and in the one before [1], and industry's demand that its limits take [MW], each
        ``(member, region)``.
    alive
        Regions on live islands, ``(member, region)``.
    struck
        Members whom damage has just struck, ``(member,)``.
    limits
        Sub-queues up to which schedules hold; and the share of the demand, and the power [MW], that count as rounding.
    made
        Written: the stage, ``(member, region)``; and what is served less, ``(member, region, tier)``. [MW]
    """
    (demand_mw, optimum_mw, served_mw), (subqueues, before, industry_mw), (stage, more_mw) = solved, off, made
    regions, tiers = np.uintp(demand_mw.shape[1]), np.uintp(demand_mw.shape[2])  # without a sign, as in `left_on`
    for member in range(np.uintp(len(stage))):
        for region in range(regions):
            for tier in range(tiers):
                load = region * tiers + tier
                more_mw[member, region, tier] = optimum_mw[member, load] - served_mw[member, load]
            critical = demand_mw[member, region, _CRITICAL]
            short = critical - served_mw[member, region * tiers + np.uintp(_CRITICAL)]
            queues, found = subqueues[member, region], 0.0
            if short > limits[1] * critical + limits[2] and alive[member, region]:
                found = 4.0
            elif queues > limits[0] or (struck[member] and queues > before[member, region]):
                found = 3.0
            elif queues > 0.0:
                found = 2.0
            elif industry_mw[member, region] > 0.0:
                found = 1.0
            stage[member, region] = found
