"""Feeders that are broken, and the demand that is left on the others.

What broken feeders cannot take leaves the demand before anything is dispatched, so that feeders that work get it.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats
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
