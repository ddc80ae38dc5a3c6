"""Feeders that are broken, and the one depth to which all others are cut.

What broken feeders cannot take leaves the demand first. What is left is short everywhere alike: one national depth
holds for all load that can be cut, and feeders that work get what broken ones cannot take.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, row_sum
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.consumers import CRITICAL


def broken_share(limit_mw: Floats, demand_mw: Floats) -> Floats:
    """Compute the share of a region's feeders that cannot be served, shape ``(member, region)``. [1]

    Parameters
    ----------
    limit_mw
        Most that the region's network can pass on, infinite without a limit, shape ``(member, region)``. [MW]
    demand_mw
        Demand of all its feeders, same shape. [MW]

    Notes
    -----
    ``b = max(0, 1 − limit / demand)``: feeders are alike, and those that work carry all of their demand.

    Examples
    --------
    >>> broken_share(np.array([850.0, np.inf]), np.array([1700.0, 900.0]))
    array([0.5, 0. ])
    """
    return np.asarray(np.clip(1.0 - ratio(np.minimum(limit_mw, demand_mw), demand_mw), 0.0, 1.0)) * (demand_mw > 0)


def on_feeders_that_work(demand_mw: Floats, broken: Floats, second_feed: Floats) -> Floats:
    """Compute the demand that is left of each tier, shape ``(member, region, tier)``. [MW]

    Parameters
    ----------
    demand_mw
        Demand of all feeders, same shape. [MW]
    broken
        Share of feeders that cannot be served, shape ``(member, region)``. [1]
    second_feed
        Share of critical consumers with a second feed that works, of a shape that broadcasts to that of `broken`. [1]
    """
    left = demand_mw * (1.0 - broken)[..., None]
    left[..., CRITICAL] += on_second_feeds(demand_mw, broken, second_feed)
    return left


def on_second_feeds(demand_mw: Floats, broken: Floats, second_feed: Floats) -> Floats:
    """Compute the demand that second feeds carry past broken feeders, shape ``(member, region)``. [MW]

    Parameters
    ----------
    demand_mw
        Demand of all feeders, shape ``(member, region, tier)``. [MW]
    broken
        Share of feeders that cannot be served, shape ``(member, region)``. [1]
    second_feed
        Share of critical consumers with a second feed that works, of a shape that broadcasts to that of `broken`. [1]
    """
    return np.asarray(demand_mw[..., CRITICAL] * broken * second_feed)


def national_depth(need_mw: Floats, broken: Floats, sheddable: Floats, supply_mw: Floats) -> Floats:
    """Compute the depth to which all load that can be cut is cut, shape ``(member,)``. [1]

    Parameters
    ----------
    need_mw
        Need of each region, shape ``(member, region)``. [MW]
    broken
        Share of its feeders that cannot be served, same shape. [1]
    sheddable
        Share of its need that may be cut, neither critical nor exempt, same shape. [1]
    supply_mw
        Supply of the country, shape ``(member,)``. [MW]

    Notes
    -----
    The depth k solves ``Σ need · (1 − broken) · (1 − k · sheddable) = supply``; it is 0 where supply suffices, and 1
    where it does not even cover what must not be cut. Without other limits the dispatch finds the same.
    """
    left = need_mw * (1.0 - broken)
    lacks = row_sum(left) - supply_mw
    return np.asarray(np.clip(ratio(lacks, row_sum(left * sheddable)), 0.0, 1.0))


def day_with_power_h(broken: Floats, depth: Floats) -> Floats:
    """Compute the hours of a day for which homes have power, mean over a region, shape ``(member, region)``. [h]

    Parameters
    ----------
    broken
        Share of feeders that cannot be served, shape ``(member, region)``. [1]
    depth
        Share of the time for which sheddable load on the others is cut, shape ``(member,)``. [1]
    """
    return np.asarray(24.0 * (1.0 - broken) * (1.0 - depth[:, None]))
