"""Water that no longer circulates: it cools, freezes and bursts, unless the loop is drained in time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats

Values = npt.ArrayLike

COOLING_TAU_H = 5.0
"""Time constant of exposed pipes. [h] Set so that 60 °C reach 0 °C in 6.9 h at −20 °C (6 to 8 h were reported)."""
CIRCULATING_C = 60.0
"""Water in pipes that circulate. [°C] [B]"""
PLUG_K_H = 160.0
"""Kelvin-hours below zero from water at 0 °C to a plug of ice. [K h] Set so that ice comes after 15 h at −20 °C (12 to
18 h were reported)."""
BURST_FROM = 0.5
"""Ice with which the first pipes burst; the last do with a whole plug. [1] [B]"""
BARELY_K = 1e-6
"""Degrees below zero from which water freezes. [K] Ours: nearer to zero it takes weeks."""
SOMEBODY = 1e-9
"""Share of homes above which loops that stand have a deadline. [1] Ours: rounding of sums of shares."""
INDOOR_C = 18.0
"""Rooms for which the supply curve is made. [°C]"""
SUPPLY_EXPONENT = 0.8
"""Power of the load in the supply curve. [1]"""
SUPPLY_TERMS = (64.5, 67.5)
"""Terms of the 150/70 supply curve. [K] Sokolov's graph with a 95/70 house loop [B]."""


def cool_water(water_c: Values, outside_c: Values, *, step_h: float, tau_h: Values = COOLING_TAU_H) -> Floats:
    """Temperature of standing water after a step, never below 0 °C: there it freezes.

    Parameters
    ----------
    water_c, outside_c
        Water before the step, and temperature around the pipe. [°C]
    step_h
        Length of the step. [h]
    tau_h
        Time constant. [h]

    Notes
    -----
    ``T' = T_x + (T − T_x) exp(−Δt/τ)``.

    Examples
    --------
    >>> cool_water(60.0, -20.0, step_h=5 * np.log(4)).item()
    0.0
    """
    water, outside = np.asarray(water_c, dtype=float), np.asarray(outside_c, dtype=float)
    after = outside + (water - outside) * np.exp(-step_h / np.asarray(tau_h, dtype=float))
    return np.asarray(np.maximum(after, np.minimum(water, 0.0)))


def hours_to_zero(water_c: Values, outside_c: Values, *, tau_h: Values = COOLING_TAU_H) -> Floats:
    """Hours until standing water is at 0 °C, infinite where it is not freezing outside. [h]

    Notes
    -----
    ``t = τ ln((T − T_x) / (0 − T_x))``.

    Examples
    --------
    >>> round(hours_to_zero(60.0, -20.0).item(), 2)
    6.93
    """
    water, outside = np.maximum(np.asarray(water_c, dtype=float), 0.0), np.asarray(outside_c, dtype=float)
    freezing = outside < -BARELY_K
    if freezing.all():
        return np.asarray(np.asarray(tau_h, dtype=float) * np.log((water - outside) / -outside))
    below_zero = np.where(freezing, outside, -1.0)
    hours = np.asarray(tau_h, dtype=float) * np.log((water - below_zero) / -below_zero)
    return np.asarray(np.where(freezing, hours, np.inf))


def leaving_water_c(water_c: Values, outside_c: Values, joined_c: Values, *, step_h: float) -> Floats:
    """Temperature from which water that comes to stand within a step cools as if it had stood from its start. [°C]

    Parameters
    ----------
    water_c
        Water that circulates, which loops have when they come to stand, evenly over the step. [°C]
    outside_c
        Temperature around the pipe. [°C]
    joined_c
        Water of all that stand, with those of the step, at its start. [°C]
    step_h
        Length of the step. [h]

    Notes
    -----
    Loops that come to stand evenly over ``s`` hours have on average ``(1 − exp(−s/τ)) τ/s`` of their difference to the
    outside left, and have ``exp(−s/τ)`` of it if they stand from the start: so they begin with ``(exp(s/τ) − 1) τ/s``
    of it. That holds until the water of all is at 0 °C; from then on what comes takes as long to cool whenever it does.

    Examples
    --------
    >>> start_c = leaving_water_c(60.0, -20.0, 60.0, step_h=1.0)
    >>> (cool_water(start_c, -20.0, step_h=1.0) - (-20.0 + 80.0 * (1.0 - np.exp(-0.2)) / 0.2)).round(9).item()
    0.0
    """
    hours = np.minimum(hours_to_zero(joined_c, outside_c), step_h)
    ages = np.maximum(hours / COOLING_TAU_H, np.finfo(float).tiny)
    above = np.asarray(water_c, dtype=float) - np.asarray(outside_c, dtype=float)
    return np.asarray(water_c + above * (np.expm1(ages) / ages - 1.0) * hours / step_h)


def grow_ice(ice: Values, around_c: Values, *, hours: Values, plug_k_h: Values = PLUG_K_H) -> Floats:
    """Ice in pipes after some hours with their water at 0 °C: 1 is a plug, 0 none. [1]

    Parameters
    ----------
    ice
        Ice before. [1]
    around_c
        Temperature around the pipe; above zero the ice thaws. [°C]
    hours
        Duration. [h]
    plug_k_h
        Kelvin-hours that make a plug. [K h]
    """
    grown = np.asarray(ice, dtype=float) - np.asarray(around_c, dtype=float) * np.asarray(hours, dtype=float) / plug_k_h
    return np.asarray(np.clip(grown, 0.0, 1.0))


def burst_share(ice: Values) -> Floats:
    """Share of pipes with so much ice that have burst: none up to half a plug, all with a whole one. [1] [B]"""
    return np.asarray(np.clip((np.asarray(ice, dtype=float) - BURST_FROM) / (1.0 - BURST_FROM), 0.0, 1.0))


def supply_c(load_share: Values, *, indoor_c: Values = INDOOR_C) -> Floats:
    """Supply temperature of a heat network that carries a share of its design load. [°C]

    Parameters
    ----------
    load_share
        Heat over design heat. [1]
    indoor_c
        Indoor temperature that the curve is made for. [°C]

    Notes
    -----
    ``T_s = T_in + 64.5 q^0.8 + 67.5 q``, which is 150 °C at full load [B].

    Examples
    --------
    >>> supply_c(1.0).item()
    150.0
    """
    load = np.clip(np.asarray(load_share, dtype=float), 0.0, 1.0)
    return np.asarray(
        np.asarray(indoor_c, dtype=float) + SUPPLY_TERMS[0] * load**SUPPLY_EXPONENT + SUPPLY_TERMS[1] * load
    )
