"""People who leave cold homes to stay in the warmth."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats


def left_share(cold_h: Floats, *, most: Floats, after_h: Floats, tau_h: Floats) -> Floats:
    """Return the share of people who have left homes that have been cold for some hours. [1]

    Parameters
    ----------
    cold_h
        Hours, shape ``(…, member, region)``. [h]
    most
        Most who leave. [1]
    after_h
        Hours after which the first do. [h]
    tau_h
        Time constant with which others follow. [h]

    Notes
    -----
    ``most · (1 − exp(−(t − after) / τ))``. Ours: nothing but a total for Kyiv was reported, and that is disputed.

    Examples
    --------
    >>> left_share(np.array([10.0, 24.0, 1e6]), most=0.4, after_h=24.0, tau_h=48.0)
    array([0. , 0. , 0.4])
    """
    waited = np.maximum(cold_h - after_h, 0.0)
    return np.asarray(most * (1.0 - np.exp(-waited / tau_h)))
