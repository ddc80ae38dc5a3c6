"""States of homes on district heat, and how homes move between them."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import EMPTY, Floats, Flow
from gridmodel.services.heat.pipes import burst_share, cool_water, grow_ice, hours_to_zero
from gridmodel.vocabulary import HEAT_STATES

CONNECTED, NO_CIRCULATION, DRAINED, FROZEN, REFILLING = (
    HEAT_STATES.index(name) for name in ("connected", "no_circulation", "drained", "frozen", "refilling")
)
WATERFILLED = (CONNECTED, NO_CIRCULATION)
"""States whose loops contain water; it stands still where circulation has stopped."""


def reconnect(connected: Floats, reach: Floats, *, tau_h: Floats, step_h: float) -> Floats:
    """Share of homes with circulation after a step.

    Parameters
    ----------
    connected
        Before, shape ``(member, region)``. [1]
    reach
        Share that sources and network can reach, shape ``(member, region)``. [1]
    tau_h
        Time constant of the return, the whole chain of refill, crews and warm-up, shape ``(member, 1)``. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    Loss is at once; the gap to what can be reached closes as ``exp(−t/τ)`` (fitted to Kyiv, January 2026).

    Examples
    --------
    >>> reconnect(np.array([[1.0]]), np.array([[0.5]]), tau_h=np.array([[50.0]]), step_h=1.0)
    array([[0.5]])
    """
    back = reach - (reach - connected) * np.exp(-step_h / tau_h)
    return np.where(connected > reach, reach, back)


def fit_tau_h(hours: Floats, left: Floats) -> float:
    """Time constant of a return, fitted by least squares of the logarithm. [h]

    Parameters
    ----------
    hours
        Since all were lost, shape ``(observation,)``. [h]
    left
        Share still without heat at that time, shape ``(observation,)``. [1]

    Notes
    -----
    ``ln(left) = −t/τ``, so ``τ = −Σ t² / Σ t ln(left)``.

    Examples
    --------
    >>> round(fit_tau_h(np.array([10.0, 20.0]), np.exp([-0.2, -0.4])), 9)
    50.0
    """
    return float(-(hours**2).sum() / (hours * np.log(left)).sum())


def moves(
    share: Floats,
    *,
    reach: Floats,
    drains: Floats,
    bursts: Floats,
    tau_h: Floats,
    burst_repair_h: Floats,
    refill_h: Floats,
    step_h: float,
) -> list[Flow]:
    """Compute the moves of homes in a step.

    Parameters
    ----------
    share
        Share in each state, shape ``(state, member, region)``. [1]
    reach
        Share that sources and network can reach, shape ``(member, region)``. [1]
    drains
        Share that crews drain, by state with water, shape ``(2, member, region)``. [1]
    bursts
        Share whose pipes burst, by state with water, shape ``(2, member, region)``. [1]
    tau_h
        Time constant of the return of homes whose pipes are whole. [h]
    burst_repair_h, refill_h
        Mean time to mend burst systems, and then to refill and warm them. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    Homes whose pipes are whole come back along one curve, which is the whole chain of refill, crews and warm-up;
    burst ones are mended first and then refilled, and the curve does not apply to them.
    """
    wet = share[:2]
    gone, burst = np.minimum(bursts + drains, wet), np.minimum(bursts, wet)
    broken = share[FROZEN] + share[REFILLING] + burst[0] + burst[1]
    connected = wet[0] - gone[0]
    aim = np.minimum(reach, 1.0 - broken)
    after = reconnect(connected, np.maximum(aim, 0.0), tau_h=tau_h, step_h=step_h)
    lost, back = np.maximum(connected - after, 0.0), np.maximum(after - connected, 0.0)
    idle, drained = wet[1] - gone[1], share[DRAINED]
    waiting = idle + drained
    of_idle = np.divide(idle, waiting, out=np.ones_like(idle), where=waiting > EMPTY)
    back = np.minimum(back, waiting)
    mended = share[FROZEN] * (1.0 - np.exp(-step_h / burst_repair_h))
    refilled = share[REFILLING] * (1.0 - np.exp(-step_h / refill_h))
    refilled = np.minimum(refilled, np.maximum(reach - after, 0.0))
    return [
        (CONNECTED, NO_CIRCULATION, lost),
        (NO_CIRCULATION, CONNECTED, back * of_idle),
        (DRAINED, CONNECTED, back * (1.0 - of_idle)),
        (CONNECTED, DRAINED, gone[0] - burst[0]),
        (NO_CIRCULATION, DRAINED, gone[1] - burst[1]),
        (CONNECTED, FROZEN, burst[0]),
        (NO_CIRCULATION, FROZEN, burst[1]),
        (FROZEN, REFILLING, mended),
        (REFILLING, CONNECTED, refilled),
    ]


def stand_still(
    share: Floats, coolant_c: Floats, ice: Floats, outdoor_c: Floats, circulates: Floats, *, step_h: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Water and ice in loops after a step, by state with water, shape ``(2, member, region)`` each.

    Parameters
    ----------
    share
        Share in each state, shape ``(state, member, region)``; loops of empty states stay as they are. [1]
    coolant_c, ice
        Before. [°C], [1]
    outdoor_c
        Temperature around exposed pipes, shape ``(member, region)`` or ``(region,)``. [°C]
    circulates
        Temperature of water that circulates, missing where it stands, same shape as `coolant_c`. [°C]
    step_h
        Length of the step. [h]
    """
    moving = ~np.isnan(circulates)
    if not (share[:2] > 0)[~moving].any():
        return np.where(moving, circulates, coolant_c), np.where(moving, 0.0, ice)
    outside = np.broadcast_to(outdoor_c, coolant_c.shape)
    frozen_h = np.clip(step_h - hours_to_zero(coolant_c, outside), 0.0, step_h)
    after = cool_water(coolant_c, outside, step_h=step_h)
    grown = grow_ice(ice, outside, hours=np.where(outside < 0, frozen_h, step_h))
    return np.where(moving, circulates, after), np.where(moving, 0.0, grown)


def newly_burst(share: Floats, ice: Floats, burst: Floats) -> tuple[Floats, Floats]:
    """Share of homes whose pipes burst in a step, and the share of pipes that has been through it.

    Parameters
    ----------
    share
        Share in each state, shape ``(state, member, region)``. [1]
    ice
        In loops, by state with water, shape ``(2, member, region)``. [1]
    burst
        Burst share that the homes still in the state have been tested at, same shape as `ice`. [1]
    """
    tested = np.maximum(burst_share(ice), burst)
    part = np.divide(tested - burst, 1.0 - burst, out=np.zeros_like(tested), where=burst < 1.0)
    return share[:2] * part, tested


def deadline_h(share: Floats, coolant_c: Floats, outdoor_c: Floats, circulates: Floats) -> Floats:
    """Hours until the first standing loops are at 0 °C, missing where none stand or it is not freezing.

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region)``. [h]
    """
    stands = (share[:2] > 1e-9) & np.isnan(circulates)
    if not stands.any():
        return np.full(share.shape[1:], np.nan)
    first = np.where(stands, hours_to_zero(coolant_c, outdoor_c), np.inf).min(axis=0)
    return np.where(np.isfinite(first), first, np.nan)
