"""States of homes on district heat, and how homes move between them."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import EMPTY, Bools, Floats, Flow, total
from gridmodel.services.heat.pipes import CIRCULATING_C, SOMEBODY, cool_water, grow_ice, hours_to_zero
from gridmodel.services.heat.returning import Speeds, Waiting, come_back
from gridmodel.vocabulary import HEAT_STATES

CONNECTED, NO_CIRCULATION, DRAINED, FROZEN, REFILLING = (
    HEAT_STATES.index(name) for name in ("connected", "no_circulation", "drained", "frozen", "refilling")
)

NOBODY = 1e-9
"""Least share of connected homes that a load is taken over. [1] Ours: none divides by zero."""


def moves(
    share: Floats,
    *,
    reach: Floats,
    drains: Floats,
    bursts: Floats,
    waiting: Waiting,
    speeds: Speeds,
    burst_repair_h: Floats,
    refill_h: Floats,
    step_h: float,
) -> tuple[list[Flow], Waiting]:
    """Compute the moves of homes in a step, and the homes that wait for heat at its end.

    Parameters
    ----------
    share
        Share in each state that a result shows, shape ``(state, member, region)``. [1]
    reach
        Share that sources and network can reach, shape ``(member, region)``. [1]
    drains
        Share that crews drain, by state with water, shape ``(2, member, region)``. [1]
    bursts
        Share whose pipes burst, by state with water, shape ``(2, member, region)``. [1]
    waiting
        Homes that wait for heat, their pipes whole.
    speeds
        Speeds of their return.
    burst_repair_h, refill_h
        Mean time to mend burst systems, and then to refill and warm them. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    Homes lose heat at once. Those whose pipes are whole come back as `come_back` says, quickly where loops are full and
    slowly in a share of those that were drained; burst ones are mended first and then refilled.
    """
    wet = share[:2]
    gone, burst = np.minimum(bursts + drains, wet), np.minimum(bursts, wet)
    broken = share[FROZEN] + share[REFILLING] + burst[0] + burst[1]
    connected = wet[0] - gone[0]
    aim = np.maximum(np.minimum(reach, 1.0 - broken), 0.0)
    slow = np.minimum(waiting.slow, share[DRAINED])
    back = come_back(
        np.stack([wet[1] - gone[1], share[DRAINED] - slow, slow]), waiting.stages, np.maximum(aim - connected, 0.0),
        mean_h=(speeds.quick_h, speeds.quick_h, speeds.slow_h), step_h=step_h,
    )  # fmt: skip
    lost = np.where(connected - aim > EMPTY, connected - aim, 0.0)
    after = connected - lost + back.share[0] + back.share[1] + back.share[2]
    mended = share[FROZEN] * (1.0 - np.exp(-step_h / burst_repair_h))
    refilled = share[REFILLING] * (1.0 - np.exp(-step_h / refill_h))
    refilled = np.minimum(refilled, np.maximum(reach - after, 0.0))
    flows = [
        (CONNECTED, NO_CIRCULATION, lost),
        (NO_CIRCULATION, CONNECTED, back.share[0]),
        (DRAINED, CONNECTED, back.share[1] + back.share[2]),
        (CONNECTED, DRAINED, gone[0] - burst[0]),
        (NO_CIRCULATION, DRAINED, gone[1] - burst[1]),
        (CONNECTED, FROZEN, burst[0]),
        (NO_CIRCULATION, FROZEN, burst[1]),
        (FROZEN, REFILLING, mended),
        (REFILLING, CONNECTED, refilled),
    ]
    drained_now = gone[0] - burst[0] + gone[1] - burst[1]
    return flows, Waiting(stages=back.stages, slow=slow - back.share[2] + speeds.slow_share * drained_now)


def circulating_c(given: Floats, heated_c: Floats, floor_m2: Floats, district_m2: Floats) -> Floats:
    """Temperature of water that circulates, missing where it stands, by state with water. [°C]

    Parameters
    ----------
    given
        Part of the heat that homes need which they get, shape ``(member, region)``. [1]
    heated_c
        Rooms of homes in which water circulates, from which water without heat takes its warmth, shape
        ``(archetype, member, region)``. [°C]
    floor_m2
        Floor of homes on district heat, of a shape that broadcasts to it. [m²]
    district_m2
        The same of all archetypes, of a shape that broadcasts to ``(member, region)``. [m²]
    """
    circulates = np.empty((2, *given.shape))
    circulates[CONNECTED], circulates[NO_CIRCULATION] = CIRCULATING_C, np.nan
    if given.min() < 1.0:
        rooms_c = np.maximum(total(heated_c * floor_m2) / np.maximum(district_m2, 1.0), 0.0)
        warm_c = rooms_c + (CIRCULATING_C - rooms_c) * given
        circulates[CONNECTED] = np.where(given < 1.0, warm_c, CIRCULATING_C)
    return circulates


def stand_still(
    coolant_c: Floats, ice: Floats, outdoor_c: Floats, circulates: Floats, *, step_h: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Water and ice in loops after a step, by state with water, shape ``(2, member, region)`` each.

    Parameters
    ----------
    coolant_c, ice
        Before. [°C], [1]
    outdoor_c
        Temperature around exposed pipes, shape ``(member, region)`` or ``(region,)``. [°C]
    circulates
        Temperature of water that circulates, missing where it stands, same shape as `coolant_c`. [°C]
    step_h
        Length of the step. [h]

    Notes
    -----
    Loops of a state that nobody is in stand and freeze too, whoever else there is: rounding leaves a trace of them in
    what homes bring that come later, and members would depend on those that are run with them.
    """
    stands, after = np.isnan(circulates), circulates.copy()
    for state, there in enumerate(stands):
        if there.any():
            np.copyto(after[state], cool_water(coolant_c[state], outdoor_c, step_h=step_h), where=there)
    return after, _grown(coolant_c, ice, outdoor_c, stands, step_h=step_h)


def ice_after(coolant_c: Floats, ice: Floats, outdoor_c: Floats, circulates: Floats, *, step_h: float) -> Floats:
    """Return the ice of `stand_still` alone."""
    return _grown(coolant_c, ice, outdoor_c, np.isnan(circulates), step_h=step_h)


def _grown(coolant_c: Floats, ice: Floats, outdoor_c: Floats, stands: Bools, *, step_h: float) -> Floats:
    """Return the ice in loops after a step, none where water moves, shape ``(2, member, region)``."""
    grown, freezing = np.zeros(stands.shape), outdoor_c < 0
    for state, there in enumerate(stands):
        if there.any():  # most water circulates, and logarithms take time
            hours = np.clip(step_h - hours_to_zero(coolant_c[state], outdoor_c), 0.0, step_h)
            if not freezing.all():
                hours = np.where(freezing, hours, step_h)
            np.copyto(grown[state], grow_ice(ice[state], outdoor_c, hours=hours), where=there)
    return grown


def deadline_h(share: Floats, coolant_c: Floats, outdoor_c: Floats, circulates: Floats) -> Floats:
    """Hours until the first standing loops are at 0 °C, missing where none stand or it is not freezing.

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region)``. [h]
    """
    stands = (share[:2] > SOMEBODY) & np.isnan(circulates)
    if not stands.any():
        return np.full(share.shape[1:], np.nan)
    first = np.where(stands, hours_to_zero(coolant_c, outdoor_c), np.inf).min(axis=0)
    return np.where(np.isfinite(first), first, np.nan)
