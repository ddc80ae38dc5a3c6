"""Loops that burst while crews drain them."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.services.heat.draining import Drains
from gridmodel.services.heat.pipes import BARELY_K, BURST_FROM, PLUG_K_H, burst_share, hours_to_zero
from gridmodel.services.heat.states import ice_after

AGES = 1e3
"""Times that crews need to drain all homes after which it is as if there were none. [1] Ours: exp(−1,000) is 0."""


def newly_burst(
    share: Floats, coolant_c: Floats, ice: Floats, burst: Floats, outdoor_c: Floats, *, circulates: Floats,
    drains: Drains, step_h: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Share of homes whose pipes burst in a step, and the share of pipes that has been through it.

    Parameters
    ----------
    share
        Share in each state before, shape ``(state, member, region)``. [1]
    coolant_c, ice
        Water and ice in loops before, by state with water, shape ``(2, member, region)`` each. [°C], [1]
    burst
        Burst share that the homes still in the state have been tested at, same shape. [1]
    outdoor_c
        Temperature around exposed pipes, shape ``(member, region)`` or ``(region,)``. [°C]
    circulates
        Temperature of water that circulates, missing where it stands, same shape as `ice`. [°C]
    drains
        Loops that crews drain in the step.
    step_h
        Length of the step. [h]

    Notes
    -----
    Crews are sent when loops are at 0 °C at the latest, and so before the first of them bursts. Until then they drain
    alone, then while ice bursts pipes as `burst_beside_crews` says, and once a plug is whole nothing is left to drain.
    Ice grows evenly, so that the time of the step's last burst and the share of pipes that burst in it tell when its
    first one was. All of it is exact within a step, whose length decides nothing.
    """
    grown = ice_after(coolant_c, ice, outdoor_c, circulates, step_h=step_h)
    tested = np.maximum(burst_share(grown), burst)
    whole = 1.0 - burst
    freezing = outdoor_c < -BARELY_K
    grows = (tested > burst) & (whole > 0) & freezing
    part = np.divide(tested - burst, whole, out=np.zeros_like(tested), where=grows)
    if not grows.any():
        return part, tested
    plug_h = PLUG_K_H / np.where(freezing, -outdoor_c, 1.0)
    all_h = (1.0 - BURST_FROM) * plug_h * whole
    last_h = np.minimum(hours_to_zero(coolant_c, outdoor_c) + (1.0 - ice) * plug_h, step_h)
    alone_h = np.maximum(last_h - part * all_h - drains.from_h, 0.0)
    there = np.maximum(share[:2] - drains.per_h * alone_h, 0.0)
    return burst_beside_crews(there, part, drains.per_h * all_h), tested


def burst_beside_crews(there: Floats, part: Floats, crews: Floats) -> Floats:
    """Share of homes whose pipes burst while crews drain them, arrays of one shape. [1]

    Parameters
    ----------
    there
        Homes with whole pipes when the first burst. [1]
    part
        Part of their pipes that burst if nobody drains them. [1]
    crews
        Share that crews drain in the time in which all would burst. [1]

    Notes
    -----
    Ours: in a part ``dx`` of that time ``h dx/(1 − x)`` of ``h`` homes with whole pipes burst and ``c dx`` are drained.
    So ``h = (1 − x)(h₀ + c ln(1 − x))``, of which none is left from ``x = 1 − exp(−h₀/c)`` on, and
    ``h₀ x − c (x + (1 − x) ln(1 − x))`` burst up to ``x``.

    Examples
    --------
    >>> burst_beside_crews(np.array([0.8, 0.8, 0.8]), np.array([0.5, 0.5, 1.0]), np.array([0.0, 0.4, 0.4])).round(4)
    array([0.4   , 0.3386, 0.4541])
    """
    lasts = np.divide(there, crews, out=np.full_like(part, np.inf), where=AGES * crews > there)
    part = np.minimum(part, -np.expm1(-lasts))
    drained_first = part + (1.0 - part) * np.log1p(-part, out=np.zeros_like(part), where=part < 1)
    return np.asarray(np.maximum(there * part - crews * drained_first, 0.0))
