"""Sources of district heat: what damage, fuel, electricity and water leave of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats

Values = npt.ArrayLike


def source_left(damage_left: Values, chp_left: Values, chp_share: Values, *, heat_only: Values) -> Floats:
    """Share of source capacity that remains after damage. [1]

    Parameters
    ----------
    damage_left
        Share of the sources that remains after events. [1]
    chp_left
        Share of the region's combined heat and power that remains as power plant. [1]
    chp_share
        Share of heat from combined heat and power. [1]
    heat_only
        Share of its heat that such a plant still gives without its turbines (peak boilers, reducing stations). [1]

    Examples
    --------
    >>> source_left(1.0, 0.5, 0.4, heat_only=0.75).item()
    0.95
    """
    lost = 1.0 - np.asarray(chp_left, dtype=float)
    through = 1.0 - np.asarray(chp_share, dtype=float) * lost * (1.0 - np.asarray(heat_only, dtype=float))
    return np.asarray(np.asarray(damage_left, dtype=float) * through)


def running(power: Values, backup: Values, *, trip_below: Values) -> Floats:
    """Share of sources that run on the electricity available. [1]

    Parameters
    ----------
    power
        Share that the grid supplies. [1]
    backup
        Share that generators of their own supply. [1]
    trip_below
        Share below which burners and network pumps trip without a generator. [1]

    Examples
    --------
    >>> running([0.2, 0.2, 0.5], [0.0, 0.1, 0.0], trip_below=0.3)
    array([0. , 0.3, 0.5])
    """
    grid, own = np.asarray(power, dtype=float), np.asarray(backup, dtype=float)
    share = np.minimum(grid + own, 1.0)
    return np.asarray(np.where((grid < trip_below) & (own <= 0), 0.0, share))


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
