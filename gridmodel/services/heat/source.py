"""Sources of district heat: what damage, fuel, electricity and water leave of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats

Values = npt.ArrayLike


def source_left(damage_left: Values, chp_left: Values, chp_share: Values, *, turbines: Values = 1.0,
                heat_only: Values = 1.0) -> Floats:  # fmt: skip
    """Share of source capacity that remains after damage, and after turbines have failed. [1]

    Parameters
    ----------
    damage_left
        Share of the sources that remains after events. [1]
    chp_left
        Share of the region's combined heat and power that remains after events, which take its heat as well. [1]
    chp_share
        Share of heat from combined heat and power. [1]
    turbines
        Share of what remains of it whose turbines work. [1]
    heat_only
        Share of its heat that a plant still gives while its turbines do not (peak boilers, reducing stations). [1]

    Examples
    --------
    >>> source_left(1.0, 0.5, 0.4).item()
    0.8
    >>> source_left(1.0, 1.0, 0.4, turbines=0.5, heat_only=0.75).item()
    0.95
    """
    works = np.asarray(turbines, dtype=float)
    gives = np.asarray(chp_left, dtype=float) * (works + (1.0 - works) * np.asarray(heat_only, dtype=float))
    return np.asarray(np.asarray(damage_left, dtype=float) * (1.0 - np.asarray(chp_share, dtype=float) * (1.0 - gives)))


def make_up(
    lacking: Values, mains: Values, *, leak_per_h: Values, make_up_per_h: Values, step_h: float
) -> Floats:  # fmt: skip
    """Share of a heat network's water that is missing after a step. [1]

    Parameters
    ----------
    lacking
        Missing share before the step. [1]
    mains
        Share of make-up water that comes. [1]
    leak_per_h, make_up_per_h
        Leak, and most that make-up plant can add, as shares of the network's volume per hour. [1/h]
    step_h
        Length of the step. [h]

    Examples
    --------
    >>> make_up(0.0, 0.0, leak_per_h=0.0025, make_up_per_h=0.0075, step_h=16).item()
    0.04
    """
    added = np.asarray(make_up_per_h, dtype=float) * np.asarray(mains, dtype=float)
    after = np.asarray(lacking, dtype=float) + (np.asarray(leak_per_h, dtype=float) - added) * step_h
    return np.asarray(np.clip(after, 0.0, 1.0))
