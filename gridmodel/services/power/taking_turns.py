"""Turns in a step: what those bring who come back, and who is off.

Who comes back is known when a step has been served, which depends on what they bring. So it is expected that as many
are off as in the step before: turns and broken feeders then say who is back, and their load counts in this step. What
was expected in vain is taken from later load that returns, and who comes back unexpectedly brings it in the next step.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridmodel.arrays import Floats, widened
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.layers import power_of
from gridmodel.services.power.choosing import choose
from gridmodel.services.power.feedback import Expected, Interruption, Returns, mean_of_step
from gridmodel.services.power.system import PowerSystem
from gridmodel.services.power.turns import (
    Turns,
    coming_back,
    depths,
    laid,
    returning,
    returning_off,
    turned,
)

MOSTLY_BROKEN = 0.9
"""Share of broken feeders from which as many homes are expected off, once feeders are mended, as before they broke. [1]
Ours: what is cut on the few that work says nothing of what the region will lack, and few homes are on them."""


def returns_of(
    system: PowerSystem, turns: Turns | None, interruption: Interruption, step: int, broken: Floats | None
) -> tuple[Turns | None, Returns]:  # fmt: skip
    """Return the load that returns in a step, and the turns from which it has been asked.

    Parameters
    ----------
    turns
        Turns before the step; None where every cut is spread over all homes.
    interruption
        Homes without power so far, all of a region as one.
    broken
        Share of feeders that are broken, shape ``(member, region)``; None where none can break. [1]

    Returns
    -------
    tuple
        The turns have the layers of the step.
    """
    step_h = system.clock.step_h
    mean = mean_of_step(system.settings, step_h=step_h)
    if turns is None:
        return None, Returns(share=interruption.pickup_share * mean)
    turns = laid(turns, broken)
    expected = _expected(system, turns, step, broken)
    begins = returning(turns, None if expected is None else expected.brings)
    if not begins.any():
        return turns, Returns(share=begins, expected=expected)
    share = begins * mean
    off, peak = _off_again(system, turns, step, broken), begins
    if off is not None:
        peak, off = peak - off, off * mean
    if turns.owed_h.any():  # taken from homes that have power, where it was counted
        taken = np.minimum(-turns.owed_h / step_h, share if off is None else np.maximum(share - off, 0.0))
        share = share - taken
        turns = replace(turns, owed_h=turns.owed_h + taken * step_h)
    return turns, Returns(share=share, peak_share=peak * (1.0 - mean), off_share=off, expected=expected)


def _expected(system: PowerSystem, turns: Turns, step: int, broken: Floats | None) -> Expected | None:
    """Return the homes that are back if as many are off as before; None where nobody is."""
    if not system.options.cold_load_pickup or not turns.off_share.any():
        return None
    depth, timetable = turns.depth_share, system.consumers.timetable_off
    if timetable is not None and step > 0:
        depth = np.clip(depth + (timetable[step] - timetable[step - 1]), 0.0, 1.0)
    queue_off = _choose(system, turns, step, depth)
    on = powered(queue_off, turns.others_depth_share)
    if turns.layers is not None and broken is not None:
        on = power_of(on, turns.layers, broken)
    return Expected(depth_share=depth, queue_off=queue_off, brings=coming_back(turns, on, system.settings))


def _off_again(system: PowerSystem, turns: Turns, step: int, broken: Floats | None) -> Floats | None:
    """Return the load that would return of homes on broken feeders or off by a timetable, ``(member, region)``. [1]

    None where no home is known to be off.
    """
    timetable = system.consumers.timetable_off
    if timetable is None and (broken is None or not broken.any()):
        return None
    on = None
    if timetable is not None:
        shape = turns.depth_share.shape
        queue_off = _choose(system, turns, step, widened(timetable[step], shape))
        on = powered(queue_off, None if turns.outside is None else np.zeros(shape))
    return returning_off(turns, on=on, broken=broken)


def take_turns(
    system: PowerSystem, turns: Turns, step: int, depth: Floats, *, tripped: Floats, broken: Floats | None,
    expected: Expected | None,
) -> tuple[Turns, Cohorts]:  # fmt: skip
    """Choose the sub-queues that are off, and count the hours of their homes.

    Parameters
    ----------
    turns
        Turns before the step, with its layers.
    depth
        Share of homes on feeders that work which are off, shape ``(member, region)``. [1]
    tripped
        Share of homes on feeders that trip, same shape. [1]
    broken
        Share of feeders that are broken, same shape; None where none can break. [1]
    expected
        As in `Returns`.
    """
    of_queues, of_others = depths(np.clip(depth, 0.0, 1.0), turns.outside)
    queue_off = _chosen(system, turns, step, of_queues, expected)
    power = powered(queue_off, of_others)
    if tripped.any():
        power *= 1.0 - tripped
    turns = turned(
        turns, power, queue_off, system.settings, step_h=system.clock.step_h, pickup=system.options.cold_load_pickup,
        broken=broken, expected=None if expected is None else expected.brings,
    )  # fmt: skip
    cohorts = Cohorts(power=power, outside=turns.outside, off=of_queues)
    timetable = system.consumers.timetable_off
    if broken is not None and (few := broken >= (MOSTLY_BROKEN if timetable is None else 1.0)).any():
        of_queues = np.where(few, turns.depth_share if timetable is None else timetable[step], of_queues)
        if of_others is not None and turns.others_depth_share is not None:
            of_others = np.where(few, turns.others_depth_share, of_others)
    turns = replace(turns, depth_share=of_queues, others_depth_share=of_others)
    return turns, cohorts


def _chosen(
    system: PowerSystem, turns: Turns, step: int, depth: Floats, expected: Expected | None
) -> Floats:  # fmt: skip
    """Return the sub-queues that are off: those that were expected wherever as many are. [1]"""
    if expected is None:
        return _choose(system, turns, step, depth)
    differs = depth != expected.depth_share
    if not differs.any():
        return expected.queue_off
    others = _choose(system, turns, step, np.where(differs, depth, 0.0))
    return np.where(differs, others, expected.queue_off)


def _choose(system: PowerSystem, turns: Turns, step: int, depth: Floats) -> Floats:
    """Choose the sub-queues that are off in a step, as `choose`: from the share of homes in the queues that are. [1]"""
    settings = system.settings
    return choose(
        depth, turns, rotation=system.options.rotation, block_h=settings["rotation_block_h"],
        rest_h=settings["rotation_rest_h"], anew=system.clock.full_hour(step),
    )  # fmt: skip


def powered(queue_off: Floats, others_off: Floats | None) -> Floats:
    """Return the homes on feeders that work which are on, by cohort, from the shares that are switched off. [1]"""
    if others_off is None:
        return np.asarray(1.0 - queue_off)
    power = np.empty((len(queue_off) + 1, *queue_off.shape[1:]))
    np.subtract(1.0, queue_off, out=power[:-1])
    np.subtract(1.0, others_off, out=power[-1])
    return power
