"""Electric heaters that people plug in where heat is lost and power is on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.sampling import Settings, of_cells

Values = npt.ArrayLike

DELAY_H = 0.5
"""Hours until the first heater is switched on. [h] Reported by the grid operator in October 2025."""
UPTAKE_H = 3.0
"""Time constant of the uptake after that. [h] [B]"""
DWELLING_M2 = 60.0
"""Floor of a dwelling. [m²] [B]"""


def uptake(cold_h: Values, *, most: Values) -> Floats:
    """Share of homes with a heater on, after some hours without heat. [1]

    Notes
    -----
    ``u = u_max (1 − exp(−(t − 0.5 h) / 3 h))``.

    Examples
    --------
    >>> uptake([0.0, 0.5, 100.0], most=0.6)
    array([0. , 0. , 0.6])
    """
    waited = np.maximum(np.asarray(cold_h, dtype=float) - DELAY_H, 0.0)
    return np.asarray(np.asarray(most, dtype=float) * (1.0 - np.exp(-waited / UPTAKE_H)))


def wanted_w(missing_w: Values, share: Values, *, cap_kw: Values, diversity: Values) -> Floats:
    """Heater power that homes want, on average over all of them. [W/m²]

    Parameters
    ----------
    missing_w
        Power that would hold the lowest temperature people accept. [W/m²]
    share
        Share of homes with a heater on. [1]
    cap_kw
        Most that heaters of one dwelling draw. [kW]
    diversity
        Share of them that draw at the same time. [1]

    Examples
    --------
    >>> wanted_w(100.0, 0.6, cap_kw=2.0, diversity=0.7).item()
    14.0
    """
    most = 1000.0 * np.asarray(cap_kw, dtype=float) / DWELLING_M2
    each = np.minimum(np.maximum(np.asarray(missing_w, dtype=float), 0.0), most)
    return np.asarray(np.asarray(share, dtype=float) * each * np.asarray(diversity, dtype=float))


def plugged_in(
    missing_w: Floats, cold_h: Floats, settings: Settings, *, step_h: float, heaters: bool = True
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return the heater power that homes want, and the hours for which their rooms have been cold. [W/m²], [h]

    Parameters
    ----------
    missing_w
        Heater power that would hold the lowest temperature people accept, shape ``(…, member, region)``. [W/m²]
    cold_h
        Hours before the step, same shape. [h]
    settings
        With `heater_uptake`, `heater_cap_kw` and `heater_diversity`.
    step_h
        Length of the step. [h]
    heaters
        True if people plug heaters in.
    """
    wanted, hours = np.zeros(missing_w.size, missing_w.dtype), np.zeros(cold_h.size, cold_h.dtype)
    cells = np.flatnonzero(missing_w > 0)  # most rooms are warm
    cold = cold_h.reshape(-1).take(cells) + step_h
    hours[cells] = cold
    if len(cells) and heaters:
        most, cap_kw, diversity = of_cells(
            [settings[f"heater_{name}"] for name in ("uptake", "cap_kw", "diversity")], cells, missing_w.shape
        )
        share = uptake(cold, most=most)
        wanted[cells] = wanted_w(missing_w.reshape(-1).take(cells), share, cap_kw=cap_kw, diversity=diversity)
    return wanted.reshape(missing_w.shape), hours.reshape(cold_h.shape)
