"""Loop over members that turns the least that must be cut into an order, the bytes of `order.make_order`."""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

import math

import numpy as np

from gridmodel import vocabulary
from gridmodel.arrays import Floats, available, compiler
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
