"""People who leave cold homes to stay in the warmth."""

from __future__ import annotations

import math

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.sampling import Settings, of_cells
from gridmodel.vocabulary import COLD_THRESHOLDS_C

LEFT_BELOW_C = COLD_THRESHOLDS_C[2]
"""Indoor temperature below which people leave, that of `people_without_heat`. [°C]"""


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


def people_left(weight: Floats, air_c: Floats, cold_h: tuple[Floats, Floats], settings: Settings) -> Floats:
    """Return the share of people who have left homes below 12 °C, shape ``(member, region)``. [1]

    Parameters
    ----------
    weight
        Share of people in each kind of home, shape ``(…, member, region)``. [1]
    air_c
        Air, same shape. [°C]
    cold_h
        Hours for which it has been colder than people accept, before the step and at its end, of which the longer
        count, same shape each. [h]
    settings
        With `leave_share`, `leave_after_h` and `leave_tau_h`.
    """
    shape, size = air_c.shape, math.prod(air_c.shape[-2:])
    cells = np.flatnonzero(air_c < LEFT_BELOW_C)
    hours = np.maximum(*(one.reshape(-1).take(cells) for one in cold_h))
    late = np.flatnonzero(hours > settings["leave_after_h"].min())
    if not len(late):
        return np.zeros(shape[-2:])
    cells = cells.take(late)
    most, after_h, tau_h = of_cells([settings[f"leave_{name}"] for name in ("share", "after_h", "tau_h")], cells, shape)
    share = left_share(hours.take(late), most=most, after_h=after_h, tau_h=tau_h) * weight.reshape(-1).take(cells)
    gone = np.bincount(cells % size, weights=share, minlength=size)
    return np.asarray(gone, dtype=float).reshape(shape[-2:])
