"""Scores of forecasts: how far an ensemble is from what happened, in its own unit."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats

BAND = (0.05, 0.95)
"""Ends of the band that should contain nine reports in ten."""


def fair_crps(members: Floats, value: float) -> float:
    """Compute the fair continuous ranked probability score of an ensemble, in the unit of the value.

    Parameters
    ----------
    members
        At least two, shape ``(member,)``.
    value
        What happened.

    Notes
    -----
    ``mean |x − y| − Σᵢⱼ |xᵢ − xⱼ| / (2 m (m − 1))``: the expected score of a large ensemble from the same distribution,
    whatever the number of members (Ferro 2014, doi 10.1002/qj.2270). It may be slightly negative.

    Examples
    --------
    >>> round(fair_crps(np.array([1.0, 3.0]), 2.0), 3)
    0.0
    """
    ordered = np.sort(members)
    count = len(ordered)
    weight = 2.0 * np.arange(1, count + 1) - count - 1.0
    spread = 2.0 * float(weight @ ordered) / (count * (count - 1))
    return float(np.abs(ordered - value).mean()) - 0.5 * spread


def band(members: Floats) -> tuple[float, float]:
    """Return the ends of the 90 % band of an ensemble."""
    low, high = np.quantile(members, BAND)
    return float(low), float(high)


def rank(members: Floats, value: float) -> float:
    """Return the rank of a value among members and itself, in the middle of its equals, as a share of all. [1]"""
    return float(((members < value).sum() + 0.5 * (members == value).sum() + 0.5) / (len(members) + 1))
