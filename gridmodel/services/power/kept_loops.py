"""Loops over members: loads outside the queues split from those of their tiers, and joined to them again.

Each gives the bytes of what `gridmodel.services.power.islands` does array by array.
"""

# ruff: noqa: FURB136, PLR1730 - the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 8
"""Fewest members that the loops take. Ours: fewer are not worth the time to load compiled code."""

_compiled = compiler(__file__)


@_compiled(None)
def split(demand_mw: Floats, kept: Floats, wanted_mw: Floats, part_mw: Floats) -> None:
    """Write the loads that `gridmodel.services.power.queues.split_kept` returns.

    Parameters
    ----------
    demand_mw
        Shape ``(member, region · tier)``. [MW]
    kept
        Share of each tier outside the queues, shape ``(member, region, tier)``. [1]
    wanted_mw
        Written: what can be cut of each load, then what cannot of each region; what comes after these is left as it
        is. [MW]
    part_mw
        Written: what cannot be cut of each tier, shaped as `kept`. [MW]
    """
    regions, tiers = np.uintp(kept.shape[1]), np.uintp(kept.shape[2])  # without a sign, as in `join`
    for member in range(np.uintp(len(kept))):
        for region in range(regions):
            whole = 0.0
            for tier in range(tiers):
                load = region * tiers + tier
                part = demand_mw[member, load] * kept[member, region, tier]
                part_mw[member, region, tier] = part
                wanted_mw[member, load] = demand_mw[member, load] - part
                whole = part if tier == 0 else whole + part
            wanted_mw[member, regions * tiers + region] = whole


@_compiled(None)
def bound(most_mw: Floats, wanted_mw: Floats, part_mw: Floats) -> None:
    """Write the most that split loads are served over what they want; what can be cut goes first.

    Parameters
    ----------
    most_mw
        Most that loads of tiers and then plants that charge are served, shape ``(member, load + plant)``. [MW]
    wanted_mw, part_mw
        As `split` writes them, with plants that charge at the end of the first; written. [MW]
    """
    regions, tiers = np.uintp(part_mw.shape[1]), np.uintp(part_mw.shape[2])  # without a sign, as in `join`
    loads = regions * tiers
    for member in range(np.uintp(len(part_mw))):
        for region in range(regions):
            whole = 0.0
            for tier in range(tiers):
                load = region * tiers + tier
                most, part = most_mw[member, load], part_mw[member, region, tier]
                part = part if part < most else most
                part_mw[member, region, tier] = part
                whole = part if tier == 0 else whole + part
                most -= part
                if most < wanted_mw[member, load]:
                    wanted_mw[member, load] = most
            if whole < wanted_mw[member, loads + region]:
                wanted_mw[member, loads + region] = whole
        for plant in range(loads, np.uintp(most_mw.shape[1])):
            if most_mw[member, plant] < wanted_mw[member, plant + regions]:
                wanted_mw[member, plant + regions] = most_mw[member, plant]


@_compiled(None)
def _whole(part_mw: Floats) -> float:
    """Sum the parts of the tiers of a region."""
    found = part_mw[0]
    for tier in range(1, len(part_mw)):
        found += part_mw[tier]
    return float(found)


@_compiled(None)
def join(served: Floats, part_mw: Floats, demand_mw: Floats, served_mw: Floats, exact: float) -> None:
    """Write what loads are served, with consumers outside the queues in their tiers.

    Parameters
    ----------
    served
        As of the loads of `split` and then plants that charge, shape ``(member, load + region + plant)``. [MW]
    part_mw
        Part of each tier in the load of its region that cannot be cut, shape ``(member, region, tier)``. [MW]
    demand_mw
        Demand of loads, shape ``(member, load)``. [MW]
    served_mw
        Written: shape ``(member, load + plant)``. [MW]
    exact
        Share of the demand from which exactly the demand is served. [1]
    """
    members, regions, tiers = part_mw.shape
    loads, some = regions * tiers, False  # where nothing is, nothing is added: the sign of 0 stays
    for member in range(members):
        for place in range(loads, loads + regions):
            some |= served[member, place] != 0.0
    count, apart = np.uintp(tiers), np.uintp(loads)  # without a sign, places are not looked at from the end
    for member in range(np.uintp(members)):
        for region in range(np.uintp(regions)):
            whole = _whole(part_mw[member, region])
            for tier in range(count):
                load = region * count + tier
                found, wanted = served[member, load], demand_mw[member, load]
                if some:
                    share = part_mw[member, region, tier] / whole if whole > 0.0 else 0.0
                    found += served[member, apart + region] * share
                served_mw[member, load] = wanted if found >= wanted * exact else found
        for plant in range(apart, np.uintp(served_mw.shape[1])):
            served_mw[member, plant] = served[member, plant + np.uintp(regions)]


@_compiled(None)
def join_causes(cause: Floats, part_mw: Floats, cause_mw: Floats) -> None:
    """Write why loads are not served, with consumers outside the queues in their tiers.

    Parameters
    ----------
    cause
        Not served by cause, as of the loads of `split` and then plants that charge, shape
        ``(member, load + region + plant, cause)``. [MW]
    part_mw
        As `join` takes it.
    cause_mw
        Written: shape ``(member, load, cause)``. [MW]
    """
    members, regions, tiers = part_mw.shape
    loads, some = regions * tiers, False
    for member in range(members):
        for place in range(loads, loads + regions):
            for k in range(cause.shape[2]):
                some |= cause[member, place, k] != 0.0
    count, apart, causes = np.uintp(tiers), np.uintp(loads), np.uintp(cause.shape[2])
    for member in range(np.uintp(members)):
        for region in range(np.uintp(regions)):
            whole = _whole(part_mw[member, region])
            for tier in range(count):
                load = region * count + tier
                share = part_mw[member, region, tier] / whole if whole > 0.0 else 0.0
                for k in range(causes):
                    more = cause[member, apart + region, k] * share
                    cause_mw[member, load, k] = cause[member, load, k] + more if some else cause[member, load, k]
