"""Electricity that homes need and get in a step, and homes that are off by rotation or by damage."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, row_sum
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.consumers import HOUSEHOLD
from gridmodel.services.power.order import INDUSTRY, OTHERS
from gridmodel.vocabulary import CAUSES, MECHANISMS

ROUNDING = 1e-12
"""Share of homes that rounding may leave. [1] Ours: less than a person in any region."""
DAMAGE = (CAUSES.index("disconnected"), *range(len(CAUSES), len(CAUSES) + len(MECHANISMS)))
"""Places of causes that are damage: islands without a source, and cascades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeLoad:
    """Load of homes, each of shape ``(member, region)``: megawatts, or parts of one where homes have no demand."""

    demand: Floats
    """Demand of all feeders."""
    working: Floats
    """That of feeders that neither are broken nor trip."""
    served: Floats
    """Part of it that is served."""
    torn: Floats
    """Part that is not, because an island has no source or a cascade took it."""

    def without(self, concentrated_mw: Floats, reached_mw: Floats) -> HomeLoad:
        """Return the load as if all homes took alike, so that shares of it are shares of homes.

        Parameters
        ----------
        concentrated_mw
            Load that returns on feeders that are on, beyond a part like that of all load, shape ``(member, region)``.
            [MW]
        reached_mw
            Load of homes on these feeders, it included, same shape. [MW]
        """
        alike = np.where(reached_mw > 0, ratio(reached_mw - concentrated_mw, reached_mw), 1.0)
        return replace(self, served=self.served * alike, torn=self.torn * alike)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesOff:
    """Shares of homes without power by what keeps it from them, each of shape ``(member, region)``. [1]"""

    by_rotation: Floats
    """Homes on feeders that work, cut because power is short or cannot be brought to the region, or by a timetable."""
    by_damage: Floats
    """Homes on broken or tripped feeders, on a dead island, or cut by relays and what follows: all others."""


def home_load(
    demand_mw: Floats, served_mw: Floats, cause_mw: Floats, *, tripped: Floats, broken: Floats | None
) -> HomeLoad:  # fmt: skip
    """Return the load of homes that have a demand.

    Parameters
    ----------
    demand_mw, served_mw
        Shape ``(member, region, tier)``. [MW]
    cause_mw
        What the dispatch does not serve by cause, shape ``(member, region, tier, cause)``. [MW]
    tripped, broken
        Share of household load on feeders that trip, and share of feeders that are broken, shape
        ``(member, region)``; None where none can break. [1]
    """
    working = demand_mw[..., HOUSEHOLD] * (1.0 - tripped)
    if broken is not None:
        working *= 1.0 - broken
    return HomeLoad(
        demand=demand_mw[..., HOUSEHOLD], working=working, served=served_mw[..., HOUSEHOLD],
        torn=_torn(cause_mw[..., HOUSEHOLD, :]),
    )  # fmt: skip


def with_others(
    homes: HomeLoad, demand_mw: Floats, served_mw: Floats, cause_mw: Floats, live: Bools, *, broken: Floats | None,
    spread: bool, kept: Floats | None, industry_mw: Floats | None,
) -> HomeLoad:  # fmt: skip
    """Return the load of homes with, where they have no demand, the parts that a very small one would have.

    Parameters
    ----------
    homes
        Load of homes that have a demand.
    demand_mw, served_mw, cause_mw, broken
        As in `home_load`.
    live
        True where the bus of a region is live, shape ``(member, region)``.
    spread
        True where what broken feeders cannot take is spread over all, as with a mean.
    kept
        Share of each tier outside the queues, of a shape that broadcasts to ``(member, region, tier)``; None for none.
        [1]
    industry_mw
        Industry's demand that its limits take, shape ``(member, region)``; None without an order. [MW]

    Notes
    -----
    Ours: people who live where no household demand is known are cut as others who are not critical. What cascades take
    reaches these alike, unless an order is followed; what else they lack on feeders that work, limits for industry
    aside, comes from all queues alike, ``q = lacks / queued``, and only then from who is outside. Where nobody is in a
    queue, critical consumers count as well, and a region without any demand has power if its bus is live.
    """
    works = np.ones(live.shape) if broken is None else 1.0 - broken
    got_to = np.ones(live.shape) if spread else works
    left, torn_mw = demand_mw * got_to[..., None], _torn(cause_mw)
    torn = np.minimum(ratio(_of_others(torn_mw), _of_others(left)), 1.0)
    lacks, apart = left - served_mw, torn  # an order cuts what relays took with the rest
    if industry_mw is None:
        lacks -= torn_mw
    else:
        apart = np.zeros_like(torn)
        left[..., INDUSTRY] = np.maximum(left[..., INDUSTRY] - industry_mw, 0.0)
        lacks[..., INDUSTRY] -= industry_mw
    outside = np.zeros_like(left) if kept is None else left * kept
    queued, missing = _of_others(left - outside), np.maximum(_of_others(lacks), 0.0)
    of_queues = np.minimum(ratio(missing, queued), 1.0)
    of_outside = np.minimum(ratio(np.maximum(missing - queued, 0.0), _of_others(outside)), 1.0)
    home_outside = 0.0 if kept is None else kept[..., HOUSEHOLD]
    cut = (1.0 - home_outside) * of_queues + home_outside * of_outside
    every = row_sum(demand_mw)
    of_all = np.clip(np.where(every > 0, 1.0 - ratio(row_sum(served_mw), every * got_to), ~live), 0.0, 1.0)
    depth = np.where(queued > 0, np.minimum(apart + cut, 1.0), of_all)
    torn = np.where(queued > 0, torn, ratio(row_sum(torn_mw), every))
    empty = homes.demand <= 0
    return HomeLoad(
        demand=np.where(empty, 1.0, homes.demand),
        working=np.where(empty, works, homes.working),
        served=np.where(empty, got_to * (1.0 - depth), homes.served),
        torn=np.where(empty, got_to * torn, homes.torn),
    )


def homes_off(homes: HomeLoad, home_share: Floats, live: Bools) -> HomesOff:
    """Compute the shares of homes off by rotation and by damage; together they are all homes without power.

    Parameters
    ----------
    homes
        Load of homes.
    home_share
        Share of homes with power, shape ``(member, region)``. [1]
    live
        True where the bus of a region is live, same shape.
    """
    off = np.clip(1.0 - home_share, 0.0, 1.0)
    cut = ratio(np.maximum(homes.working - homes.served - homes.torn, 0.0), homes.demand)
    rotation = np.where(live, np.where(cut > off - ROUNDING, off, cut), 0.0)
    return HomesOff(by_rotation=rotation, by_damage=off - rotation)


def _torn(cause_mw: Floats) -> Floats:
    """Return what is not served because of damage, of the shape of `cause_mw` without its last axis. [MW]"""
    return row_sum(cause_mw[..., [place for place in DAMAGE if place < cause_mw.shape[-1]]])


def _of_others(values: Floats) -> Floats:
    """Return the sum over tiers that are not critical, shape ``(member, region)``."""
    return row_sum(values[..., list(OTHERS)])
