"""Daily anomalies: memory from day to day, likeness between sites, and a cold side that is wider than the warm one."""

from __future__ import annotations

import numpy as np

from gridmodel.weather.series import Array


def skewed(normal: Array, spread: float) -> Array:
    """Stretch the cold side of standard normal values, and keep mean and variance.

    Parameters
    ----------
    normal
        Values of a standard normal distribution, any shape. [-]
    spread
        How many times wider the cold side becomes than the warm one; 1 changes nothing. [-]

    Returns
    -------
    numpy.ndarray
        Values of mean 0 and variance 1, in the same order, the shape of `normal`. [-]

    Notes
    -----
    ``(k u - m) / s`` with ``k = spread`` below zero and 1 above, ``m = (1 - spread) / sqrt(2 pi)`` and
    ``s^2 = (1 + spread^2) / 2 - m^2``. Each tail falls off as a normal distribution does. Ours: frost reaches far below
    the norm and thaws are held near it, while levels of 50 winters at stations lie no farther beyond those of 12.5
    than a normal tail puts them (docs/weather.md).

    Examples
    --------
    >>> skewed(np.array([-1.0, 0.0, 1.0]), 1.0).tolist()
    [-1.0, 0.0, 1.0]
    """
    shift, scale = _shift_and_scale(spread)
    return np.asarray((np.where(normal < 0, spread * normal, normal) - shift) / scale)


def unskewed(values: Array, spread: float) -> Array:
    """Return the standard normal values that `skewed` makes `values` of.

    Parameters
    ----------
    values
        Values of mean 0 and variance 1 with a stretched cold side, any shape. [-]
    spread
        How many times wider the cold side is than the warm one. [-]

    Returns
    -------
    numpy.ndarray
        Shape of `values`. [-]

    Examples
    --------
    >>> unskewed(skewed(np.array([-1.5, 0.5]), 2.0), 2.0).round(12).tolist()
    [-1.5, 0.5]
    """
    shift, scale = _shift_and_scale(spread)
    before = values * scale + shift
    return np.asarray(np.where(before < 0, before / spread, before))


def _shift_and_scale(spread: float) -> tuple[float, float]:
    """Return mean and standard deviation of standard normal values whose cold side is stretched."""
    shift = (1 - spread) / np.sqrt(2 * np.pi)
    return float(shift), float(np.sqrt((1 + spread**2) / 2 - shift**2))


def remembered(shocks: Array, memory: float) -> Array:
    """Return AR(1) days of standard normal shocks, stationary from the first day.

    Parameters
    ----------
    shocks
        Independent from day to day, shape ``(..., day, site)``. [-]
    memory
        Correlation of a day with the day before. [-]

    Returns
    -------
    numpy.ndarray
        Shape of `shocks`; each day has the variance of its shock. [-]
    """
    days = shocks * np.sqrt(1 - memory**2)
    days[..., 0, :] = shocks[..., 0, :]
    for day in range(1, days.shape[-2]):
        days[..., day, :] += memory * days[..., day - 1, :]
    return np.asarray(days)


def remembered_transposed(weights: Array, memory: float) -> Array:
    """Return the part of each shock in weighted sums of AR(1) days: the transpose of `remembered`.

    Parameters
    ----------
    weights
        Weight of each day in each sum, shape ``(sum, day, site)``. [-]
    memory
        Correlation of a day with the day before. [-]

    Returns
    -------
    numpy.ndarray
        Shape of `weights`. [-]
    """
    back = weights.copy()
    for day in range(back.shape[-2] - 1, 0, -1):
        back[..., day - 1, :] += memory * back[..., day, :]
    back[..., 1:, :] *= np.sqrt(1 - memory**2)
    return np.asarray(back)
