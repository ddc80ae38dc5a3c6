"""Crews that empty heating loops before they freeze: when they are sent, and how many homes they reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.services.heat.pipes import BARELY_K, COOLING_TAU_H
from gridmodel.services.heat.states import CONNECTED, NO_CIRCULATION

Values = npt.ArrayLike


@dataclass(frozen=True, slots=True, kw_only=True)
class Drains:
    """Loops that crews drain in a step, by state with water, arrays of shape ``(2, member, region)``."""

    share: Floats
    """Share of homes whose loops they drain if none bursts before. [1]"""
    per_h: Floats
    """Share that they drain in an hour while there are loops left. [1/h]"""
    from_h: Floats
    """Time of the step from which they do. [h]"""


def drain_from_c(outdoor_c: Values, *, coolant_below_c: Values, lead_h: Values) -> Floats:
    """Temperature of standing water from which crews drain its loop, 0 where it does not freeze. [°C]

    Parameters
    ----------
    outdoor_c
        Outdoors. [°C]
    coolant_below_c
        Loops are not drained while their water is warmer. [°C]
    lead_h
        Notice that crews need: they drain once the water would be at 0 °C within it. [h]

    Notes
    -----
    Water that is ``lead`` hours from 0 °C is at ``−T_x (exp(lead/τ) − 1)``. Ours, from the procedure of Kyiv: at −3 °C
    or colder, loops are drained once their water is below 10 °C, from which it takes ``τ ln(13/3) = 7.3 h`` to 0 °C
    at −3 °C and less when it is colder. A lead of 7.3 h says the same there, and goes on in milder frost without a
    jump. That water must be below 10 °C keeps crews away from an outage of an hour.

    Examples
    --------
    >>> drain_from_c([-20.0, -3.5, -1.0, 2.0], coolant_below_c=10.0, lead_h=7.3)
    array([10.  , 10.  ,  3.31,  0.  ])
    """
    soon = np.maximum(-np.asarray(outdoor_c, dtype=float), 0.0) * np.expm1(
        np.asarray(lead_h, dtype=float) / COOLING_TAU_H
    )
    return np.asarray(np.minimum(soon, coolant_below_c))


def wanted_h(coolant_c: Floats, outdoor_c: Floats, from_c: Floats, *, step_h: float) -> Floats:
    """Hours of a step in which crews may drain a loop: those after its water has cooled to a temperature. [h]

    Parameters
    ----------
    coolant_c
        Water at the start of the step. [°C]
    outdoor_c
        Outdoors. [°C]
    from_c
        Temperature from which loops are drained, of `drain_from_c`. [°C]
    step_h
        Length of the step. [h]

    Notes
    -----
    ``Δt − τ ln((T − T_x)/(T_from − T_x))``: crews are sent at that moment, not at the next full step, so that the
    length of a step decides nothing.

    Examples
    --------
    >>> wanted_h(np.array([9.0, 11.0, 60.0]), np.array(-20.0), np.array(10.0), step_h=1.0)
    array([1.        , 0.83605089, 0.        ])
    """
    freezing = outdoor_c < -BARELY_K
    ahead = np.where(freezing, np.maximum(coolant_c, from_c) - outdoor_c, 1.0)
    behind = np.where(freezing, from_c - outdoor_c, 1.0)
    return np.asarray(np.where(freezing, np.clip(step_h - COOLING_TAU_H * np.log(ahead / behind), 0.0, step_h), 0.0))


def drained(
    share: Floats,
    coolant_c: Floats,
    outdoor_c: Floats,
    *,
    crew_share_per_h: Floats,
    coolant_below_c: Floats,
    lead_h: Floats,
    step_h: float,
) -> Drains:
    """Return the loops that crews drain in a step.

    Parameters
    ----------
    share
        Share in each state, shape ``(state, member, region)``. [1]
    coolant_c
        Water in loops, by state with water, infinite where it circulates, shape ``(2, member, region)``. [°C]
    outdoor_c
        Shape ``(member, region)`` or ``(region,)``. [°C]
    crew_share_per_h
        Share of buildings that crews can drain, shape ``(region,)`` or ``(member, region)``. [1/h]
    coolant_below_c, lead_h
        Rule, as `drain_from_c` takes it. [°C], [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    The same crews drain both kinds of homes: those long without circulation first, and what is left of their time goes
    to those whose water has just stopped.
    """
    from_c = drain_from_c(outdoor_c, coolant_below_c=coolant_below_c, lead_h=lead_h)
    hours = wanted_h(coolant_c, np.asarray(outdoor_c), from_c, step_h=step_h)
    can = crew_share_per_h * hours
    idle = np.minimum(share[NO_CIRCULATION], can[NO_CIRCULATION])
    left = np.maximum(crew_share_per_h * step_h - idle, 0.0)
    can[CONNECTED] = np.minimum(can[CONNECTED], left)
    per_h = np.divide(can, hours, out=np.zeros_like(can), where=hours > 0)
    return Drains(share=np.minimum(share[:2], can), per_h=per_h, from_h=step_h - hours)
