"""Turns without power: which sub-queues of a region are off in a step, and how long each has been.

A dispatcher knows what is missing now and what was off before, not what will be missing. So the choice is causal:
sub-queues that are off stay off for a block, then those take over that have been off for the fewest hours. Where less
than a whole sub-queue is to be off, a part of one is: its homes are the same until the block ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, single
from gridmodel.sampling import Settings
from gridmodel.services.cohorts import SUBQUEUES, change_sides, over_cohorts
from gridmodel.services.power.rotation import ORDER

Rotation = Literal["queues", "fixed", "mean"]
"""How homes take turns without power."""
LONG_ON_H = -10_000.0
"""State of sub-queues before a run: on for longer than any rest. [h]"""
TOLERANCE = 1e-9
"""Part of a sub-queue, and hours, below which a difference is rounding. Ours: far below one home."""
ROUNDING = 1e-6
"""Part of a sub-queue below which a cut is rounding of the dispatch. [1] As in the order."""
_CLASS, _MINUTES = np.int32(10**8), 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Homes without power by cohort, carried from step to step, each of shape ``(cohort, member, region)``.

    Arrays are in single precision, which is exact to a second in a winter.
    """

    run_h: Floats
    """Hours for which a sub-queue has been off, or below 0 on, shape ``(sub-queue, member, region)``. [h]"""
    total_h: Floats
    """Hours without power so far, mean over its homes. [h]"""
    off_share: Floats
    """Share of its homes without power. [1]"""
    off_h: Floats
    """Hours for which these have been without, mean over them. [h]"""
    pickup_share: Floats
    """Thermostatic load above normal at the end of the step, as a share of it. [1]"""
    broken: Floats | None
    """Share of homes on broken feeders, the last cohort, shape ``(member, region)``; None without one. [1]"""
    outside: Floats | None = None
    """Share of homes outside the queues, the cohort after the sub-queues, same shape; None without one. [1]"""

    @classmethod
    def none(cls, cohorts: int, members: int, regions: int, *, outside: Floats | None = None) -> Turns:
        """Return the state before the first step: all homes have long had power."""
        zero = single(np.zeros((cohorts, members, regions)))
        return cls(
            run_h=single(zero[:SUBQUEUES] + LONG_ON_H), total_h=zero, off_share=zero, off_h=zero, pickup_share=zero,
            broken=None if cohorts == SUBQUEUES + (outside is not None) else np.zeros((members, regions)),
            outside=outside,
        )  # fmt: skip


def depths(depth: Floats, outside: Floats | None) -> tuple[Floats, Floats | None]:
    """Compute how deeply homes in the queues are cut, and those outside them, each of shape ``(member, region)``. [1]

    Parameters
    ----------
    depth
        Share of homes on feeders that work which must be off, same shape. [1]
    outside
        Share of them outside the queues, same shape; None where nobody is. [1]

    Notes
    -----
    Homes outside the queues are cut after all that are in them, as the dispatch cuts their load. Cuts within a
    millionth of whole sub-queues are whole: what is left is rounding of the dispatch, not a thirteenth of homes.

    Examples
    --------
    >>> depths(np.array([0.6, 0.95]), np.array([0.1, 0.1]))
    (array([0.66666667, 1.        ]), array([0. , 0.5]))
    """
    if outside is None:
        return depth, None
    within = 1.0 - outside
    queued = np.minimum(np.divide(depth, within, out=np.ones_like(depth), where=within > 0), 1.0)
    whole = np.rint(SUBQUEUES * queued)
    queued = np.where(np.abs(SUBQUEUES * queued - whole) < ROUNDING, whole / SUBQUEUES, queued)
    beyond = np.maximum(depth - within, 0.0)
    beyond = np.where(beyond > ROUNDING, beyond, 0.0)
    return queued, np.minimum(np.divide(beyond, outside, out=np.zeros_like(beyond), where=outside > 0), 1.0)


def choose(
    depth: Floats, turns: Turns, *, rotation: Rotation, block_h: float | Floats, rest_h: float | Floats,
    anew: bool = True,
) -> Floats:  # fmt: skip
    """Choose the sub-queues that are off in a step.

    Parameters
    ----------
    depth
        Share of homes in the queues, on feeders that work, which must be off, shape ``(member, region)``. [1]
    turns
        Turns so far.
    rotation
        `queues` take turns, or with `fixed` the first in their order are off.
    block_h
        Hours for which a sub-queue that is off is kept off where possible, of a shape that broadcasts. [h]
    rest_h
        Hours for which one that is on again is kept on where possible. [h]
    anew
        True where sub-queues may be exchanged, as at full hours; else only as many change as the depth asks for.

    Returns
    -------
    numpy.ndarray
        Share of each sub-queue that is off, shape ``(sub-queue, member, region)``; its mean is the depth. [1]

    Notes
    -----
    First those stay off whose block has not ended; then come those that are on and rested, the fewest hours off so far
    first; then those whose block has ended, for as long again; then those that are not rested; last, all others. If
    fewer are to be off than are within their block, the longest off come back first. Ours: the order in which suppliers
    choose is not published; blocks and equal hours are.
    """
    count = SUBQUEUES * depth
    if not (count > TOLERANCE).any():
        return np.zeros((SUBQUEUES, *depth.shape))
    if rotation == "fixed":
        return np.clip(count - np.argsort(ORDER)[:, None, None], 0.0, 1.0)
    key = _key(turns, block_h=block_h if anew else np.inf, rest_h=rest_h if anew else 0.0)
    whole = np.minimum(np.floor(count + TOLERANCE), SUBQUEUES - 1)
    last = np.take_along_axis(np.sort(key, axis=0), whole.astype(np.intp)[None], axis=0)
    part = np.maximum(count - whole, 0.0)
    return np.where(key == last, part, key < last)


def _key(turns: Turns, *, block_h: float | Floats, rest_h: float | Floats) -> npt.NDArray[np.int32]:
    """Return numbers by which sub-queues are switched off, the smallest first, no two alike in a region."""
    run, total = turns.run_h, turns.total_h[:SUBQUEUES]
    off = run > 0
    within = np.where(run < block_h - TOLERANCE, 0, np.where(run < 2 * np.asarray(block_h) - TOLERANCE, 2, 4))
    kind = np.where(off, within, np.where(run <= TOLERANCE - np.asarray(rest_h), 1, 3))
    value = np.rint(np.where(off, run, total) * (_MINUTES * SUBQUEUES)).astype(np.int32)
    value -= value % SUBQUEUES
    value += kind.astype(np.int32) * _CLASS
    value += np.argsort(ORDER).astype(np.int32)[:, None, None]
    return np.asarray(value)


def reconnected(turns: Turns, broken: Floats | None) -> Turns:
    """Return the turns after feeders have broken or were mended, each home with its hours.

    Parameters
    ----------
    turns
        Turns before.
    broken
        Share of homes on broken feeders, shape ``(member, region)``; None without such a cohort. [1]
    """
    if broken is None or turns.broken is None or (broken == turns.broken).all():
        return turns
    hours, before = turns.off_share * turns.off_h, turns.broken
    total, off, hours, pickup = change_sides(
        [turns.total_h, turns.off_share, hours, turns.pickup_share], before, broken, turns.outside
    )  # fmt: skip
    clock = np.divide(hours, off, out=np.zeros_like(off), where=off > 0)
    return Turns(
        run_h=turns.run_h, total_h=total, off_share=off, off_h=clock, pickup_share=pickup, broken=broken,
        outside=turns.outside,
    )  # fmt: skip


def turned(turns: Turns, power: Floats, queue_off: Floats, settings: Settings, *, step_h: float, pickup: bool) -> Turns:
    """Compute how long homes have been without power, a step later.

    Parameters
    ----------
    turns
        Turns a step earlier.
    power
        Share of homes of each cohort that had power in the step, shape ``(cohort, member, region)``. [1]
    queue_off
        Share of each sub-queue that was switched off in it, shape ``(sub-queue, member, region)``. [1]
    settings
        With `pickup_per_h`, `pickup_most` and `pickup_tau_h`.
    step_h
        Length of the step. [h]
    pickup
        Whether load returns higher than before the outage.

    Notes
    -----
    Delayed exponential (Lang, Anderson and Fouad 1982) for each cohort: homes that come back after ``t`` hours bring
    ``min(0.25 t, 1)`` of their thermostatic load on top of it, which falls with a time constant of an hour. Hours
    count for homes that stay off; those that join them begin at 0.
    """
    off = single(1.0 - power)
    np.clip(off, 0.0, 1.0, out=off)
    is_off, steps = off > TOLERANCE, single(step_h)
    clock = np.zeros_like(off)
    stay = np.minimum(off, turns.off_share)
    np.divide(turns.off_h * stay, off, out=clock, where=is_off)
    clock += steps * is_off
    excess = np.zeros_like(off)
    if pickup:
        back = turns.off_share - stay
        excess = turns.pickup_share * single(np.exp(-step_h / settings["pickup_tau_h"]))
        if back.any():
            most = single(settings["pickup_most"])
            back *= np.minimum(single(settings["pickup_per_h"]) * turns.off_h, most)
            excess += back
            np.minimum(excess, most, out=excess)
    now = queue_off > TOLERANCE
    run = turns.run_h * ((turns.run_h > 0) == now)
    run += np.where(now, steps, -steps)
    return Turns(
        run_h=run, total_h=turns.total_h + off * steps, off_share=off, off_h=clock, pickup_share=excess,
        broken=turns.broken, outside=turns.outside,
    )  # fmt: skip


def returning(turns: Turns, settings: Settings, *, step_h: float) -> Floats:
    """Compute the thermostatic load above normal, mean of the next step, as a share of it, ``(member, region)``. [1]

    Parameters
    ----------
    turns
        Turns before the step.
    settings
        With `pickup_tau_h`.
    step_h
        Length of the step. [h]

    Notes
    -----
    The mean of ``exp(−t / τ)`` over the step, so that the energy of a return does not depend on the step.
    """
    tau = settings["pickup_tau_h"]
    mean = (1.0 - np.exp(-step_h / tau)) * tau / step_h
    return over_cohorts(turns.pickup_share, turns.broken, turns.outside) * mean
