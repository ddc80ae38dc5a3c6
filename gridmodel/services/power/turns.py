"""Turns without power: which sub-queues of a region are off in a step, and how long each has been.

A dispatcher knows what is missing now and what was off before, not what will be missing. So the choice is causal:
sub-queues that are off stay off for a block, then those take over that have been off for the fewest hours. Where less
than a whole sub-queue is to be off, a part of one is: its homes are the same until the block ends.

Homes of a cohort go off and return in one order: those who went off last are the first to return. So the homes that are
off fall into parts that went off together, the oldest first, each with its own hours. Ours: in which order suppliers
switch the feeders of a sub-queue is not published; a clock of all that are off would make a short outage beside a long
one bring the load of their mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from gridmodel.arrays import Floats, Ints, single
from gridmodel.sampling import Settings
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.services.layers import (
    Layers,
    as_full,
    as_used,
    folded_quantiles,
    follow,
    full,
    over_homes,
    power_of,
    split,
)
from gridmodel.services.power import turns_loops
from gridmodel.services.power.choosing_loops import TOLERANCE
from gridmodel.services.power.feedback import mean_of_step
from gridmodel.services.power.off_parts import in_use, with_level, with_room
from gridmodel.services.power.turns_loops import LEVELS, ROUNDING
from gridmodel.services.quantiles import people_quantiles

Rotation = Literal["queues", "fixed", "mean"]
"""How homes take turns without power."""
LONG_ON_H = -10_000.0
"""State of sub-queues before a run: on for longer than any rest. [h]"""
LAYERS = 12
"""Layers by how early feeders break. [1] Ours: then quantiles over people are as those of single homes to a few per
cent (`tests/services/test_layers.py`)."""
_CLOCKS = ("total_h", "part_edge_share", "part_h", "pickup_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Homes without power by cohort, carried from step to step, each of shape ``(cohort, member, column)``.

    Those of parts have a first axis of levels, ``(level, cohort, member, column)``. A run begins with one; levels are
    added as they come into use, and left out once they are in use nowhere. How many there are changes no value of those
    that are in use. One that is not has 0 hours and no homes: its edge is that of the level below it.

    A column is a region; where feeders may break, those of layers follow (`gridmodel.services.layers`). Arrays are in
    single precision, which is exact to a second in a winter.
    """

    run_h: Floats
    """Hours for which a sub-queue has been off, or below 0 on, shape ``(sub-queue, member, region)``. [h]"""
    total_h: Floats
    """Hours without power so far, mean over its homes. [h]"""
    part_edge_share: Floats
    """Share of its homes in this part of those without power and in all that went off before it. [1]"""
    part_h: Floats
    """Hours for which those of this part have been without, 0 in levels that are not in use. [h]"""
    pickup_share: Floats
    """Thermostatic load above normal at the end of the step, as a share of it. [1]"""
    depth_share: Floats
    """Share of homes in the queues, on feeders that work, off in the step before, shape ``(member, region)``. [1]"""
    owed_h: Floats
    """Load that returned less than was asked for, over thermostatic load, below 0, shape ``(member, region)``. [h]"""
    others_depth_share: Floats | None = None
    """The same share of homes outside the queues; None without such homes. [1]"""
    outside: Floats | None = None
    """Share of homes outside the queues, the last cohort, shape ``(member, region)``; None without one. [1]"""
    layers: Layers | None = None
    """Layers of homes; None where no feeder can break."""

    @property
    def off_share(self) -> Floats:
        """Return the share of homes without power. [1]"""
        return np.asarray(self.part_edge_share[-1])

    @classmethod
    def none(
        cls, cohorts: int, members: int, regions: int, *, outside: Floats | None = None, breaking: Ints | None = None
    ) -> Turns:  # fmt: skip
        """Return the state before the first step: all homes have long had power.

        Parameters
        ----------
        cohorts, members, regions
            Numbers of them.
        outside
            Share of homes outside the queues, shape ``(member, region)``; None without a cohort for them. [1]
        breaking
            Places of regions in which feeders may break, shape ``(breaking,)``; None for none.
        """
        layers = Layers.none(breaking, members, count=1)
        zero, nobody = single(np.zeros((cohorts, members, regions))), np.zeros((members, regions))
        return cls(
            run_h=single(np.full((SUBQUEUES, members, regions), LONG_ON_H)), total_h=zero,
            part_edge_share=zero[None], part_h=zero[None], pickup_share=zero, depth_share=nobody, owed_h=nobody,
            others_depth_share=None if outside is None else nobody, outside=outside, layers=layers,
        )  # fmt: skip

    def as_saved(self) -> Turns:
        """Return the state with all levels of parts, and columns of all layers, 0 in those that do not count."""
        made: dict[str, Any] = {name: as_full(getattr(self, name), self.layers, LAYERS) for name in _CLOCKS}
        while len(made["part_h"]) < LEVELS:
            made |= with_level(made["part_edge_share"], made["part_h"])
        return replace(self, layers=full(self.layers, LAYERS), **made)

    def as_loaded(self, _like: Turns) -> Turns:
        """Return the state with those levels of parts, and columns of those layers, only that are in use."""
        made: dict[str, Any] = in_use(self.part_edge_share, self.part_h)
        if self.layers is None:
            return replace(self, **made)
        made = {name: as_used(made.get(name, getattr(self, name)), self.layers) for name in _CLOCKS}
        return replace(self, layers=self.layers.without_unused, **made)


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
    if turns_loops.COMPILED and depth.shape == outside.shape:
        made = np.empty((2, *depth.shape))
        turns_loops.depths(_flat(depth), _flat(outside), made.reshape(2, -1))
        return made[0], made[1]
    within = 1.0 - outside
    queued = np.minimum(np.divide(depth, within, out=np.ones_like(depth), where=within > 0), 1.0)
    whole = np.rint(SUBQUEUES * queued)
    queued = np.where(np.abs(SUBQUEUES * queued - whole) < ROUNDING, whole / SUBQUEUES, queued)
    beyond = np.maximum(depth - within, 0.0)
    beyond = np.where(beyond > ROUNDING, beyond, 0.0)
    return queued, np.minimum(np.divide(beyond, outside, out=np.zeros_like(beyond), where=outside > 0), 1.0)


def laid(turns: Turns, broken: Floats | None) -> Turns:
    """Return turns with the layers that a step needs, so that each is broken whole or not at all.

    Parameters
    ----------
    turns
        Turns before the step.
    broken
        Share of feeders that are broken, shape ``(member, region)``; None where none can break. [1]
    """
    if turns.layers is None or broken is None:
        return turns
    found = split(turns.layers, broken, most=LAYERS)
    if found is None:
        return turns
    moved: dict[str, Any] = {name: follow(getattr(turns, name), found) for name in _CLOCKS}
    return replace(turns, layers=found.after, **moved)


def coming_back(turns: Turns, on: Floats, settings: Settings) -> Floats:
    """Compute the load that homes which come back bring at once, as a share of thermostatic load. [1]

    Parameters
    ----------
    turns
        Turns before they do.
    on
        Share of homes that have power then, shape ``(cohort, member, column)``. [1]
    settings
        With `pickup_per_h` and `pickup_most`.

    Returns
    -------
    numpy.ndarray
        Same shape.
    """
    if turns_loops.COMPILED:
        return _coming_by_loops(turns, on, settings)
    edges, hours = turns.part_edge_share, turns.part_h
    off = single(1.0) - single(on)
    np.clip(off, 0.0, 1.0, out=off)
    back, came = edges - np.minimum(edges, off), np.zeros_like(off)
    if back.max() > 0:
        back[1:] -= back[:-1].copy()
        back *= (single(settings["pickup_per_h"]) * hours).clip(0.0, single(settings["pickup_most"]))
        for of_part in back:
            came += of_part
    return np.asarray(came)


def turned(
    turns: Turns, power: Floats, queue_off: Floats, settings: Settings, *, step_h: float, pickup: bool,
    broken: Floats | None = None, expected: Floats | None = None,
) -> Turns:  # fmt: skip
    """Compute how long homes have been without power, a step later.

    Parameters
    ----------
    turns
        Turns a step earlier, with the layers of the step (`laid`).
    power
        Share of homes of each cohort, on feeders that work, with power in the step, ``(cohort, member, region)``. [1]
    queue_off
        Share of each sub-queue that was switched off in it, shape ``(sub-queue, member, region)``. [1]
    settings
        With `pickup_per_h`, `pickup_most` and `pickup_tau_h`.
    step_h
        Length of the step. [h]
    pickup
        Whether load returns higher than before the outage.
    broken
        Share of feeders that were broken, shape ``(member, region)``; None where none can break. [1]
    expected
        What homes expected back were to bring, shape ``(cohort, member, column)`` (`coming_back`); None for nobody. [1]

    Notes
    -----
    Delayed exponential (Lang, Anderson and Fouad 1982) for each part of each cohort: homes that come back after ``t``
    hours bring ``min(0.25 t, 1)`` of their thermostatic load on top of it, which falls with a time constant of an hour.
    Where fewer homes of a cohort are off than before, those of its newest parts have come back; where more are, they
    are a new part, whose hours begin at 0. Load of homes that were expected has fallen through the step, that of others
    begins after it, and that of homes which did not come is taken from what follows.
    """
    on = single(power)
    if turns.layers is not None and broken is not None:
        on = power_of(on, turns.layers, broken)
    run = _run(turns.run_h, queue_off, step_h)
    take = _by_loops if turns_loops.COMPILED else _by_arrays
    after, missed = take(turns, on, settings, expected, step_h=step_h, pickup=pickup)
    owed_h = turns.owed_h
    if missed is not None:
        owed_h = owed_h - mean_over_homes(missed, turns) * mean_of_step(settings, step_h=step_h) * step_h
    return replace(turns, run_h=run, owed_h=owed_h, **after)


def _run(run_h: Floats, queue_off: Floats, step_h: float) -> Floats:
    """Return hours for which sub-queues have been off, or below 0 on, a step later, ``(sub-queue, member, region)``."""
    if turns_loops.COMPILED:
        made = single(np.empty(run_h.shape, np.float32))
        turns_loops.run(_flat(run_h), _flat(queue_off), TOLERANCE, np.float32(step_h), _flat(made))
        return made
    now, steps = queue_off > TOLERANCE, single(step_h)
    return np.asarray(run_h * ((run_h > 0) == now) + ((2.0 * steps) * now - steps))


def _by_arrays(
    turns: Turns, on: Floats, settings: Settings, expected: Floats | None, *, step_h: float, pickup: bool
) -> tuple[dict[str, Any], Floats | None]:  # fmt: skip
    """Return clocks of homes a step later, and what was expected in vain, None for nothing, as `turned` takes them.

    Parameters
    ----------
    on
        Share of homes of each column with power, shape ``(cohort, member, column)``. [1]
    turns, settings, expected, step_h, pickup
        As `turned` takes them.
    """
    after = _clocks(turns, on, settings, step_h=step_h)
    if not pickup:
        return after | {"pickup_share": np.zeros_like(turns.total_h)}, None
    excess, missed = _returned(turns, coming_back(turns, on, settings), expected, settings, step_h=step_h)
    return after | {"pickup_share": excess}, missed if missed.any() else None


def _clocks(turns: Turns, on: Floats, settings: Settings, *, step_h: float) -> dict[str, Any]:
    """Return hours without power a step later; `on` is the share of homes with power. [1]"""
    off, steps = single(1.0 - on), single(step_h)
    np.clip(off, 0.0, 1.0, out=off)
    per_h, most = single(settings["pickup_per_h"]), single(settings["pickup_most"])
    edges, hours, stays = with_room(turns.part_edge_share, turns.part_h, off, per_h, most)
    clock = hours + steps
    clock[0] *= off > ROUNDING
    clock[1:] *= stays[:-1]
    after = off[None] if len(clock) == 1 else np.where(stays, edges, off)
    return {"total_h": turns.total_h + off * steps, **in_use(after, clock)}


def _returned(
    turns: Turns, came: Floats, expected: Floats | None, settings: Settings, *, step_h: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return pick-up as a step ends, and what was expected in vain, each of shape ``(cohort, member, column)``. [1]

    Parameters
    ----------
    came
        What homes bring that have come back, same shape. [1]
    expected
        As in `turned`.
    """
    wanted = np.zeros_like(came) if expected is None else expected
    left = np.exp(-step_h / settings["pickup_tau_h"])
    soon = np.minimum(came, wanted)
    excess = (turns.pickup_share + soon) * single(left)
    excess += came - soon
    return np.clip(excess, 0.0, single(settings["pickup_most"]), out=excess), wanted - soon


def _of_members(values: Floats, members: int) -> Floats:
    """Return values of every member, or of all of them alike, shape ``(member,)``."""
    flat = np.ascontiguousarray(single(values)).reshape(-1)
    return flat if len(flat) == members else flat.repeat(members)


def _coming_by_loops(turns: Turns, on: Floats, settings: Settings) -> Floats:
    """Return what `coming_back` returns, a block of cells at a time: the same bytes."""
    per_h, most = (_of_members(settings[name], on.shape[1]) for name in ("pickup_per_h", "pickup_most"))
    came = single(np.empty(on.shape, np.float32))
    turns_loops.coming(_flat(single(on)), *_flat_parts(turns), per_h, most, on.shape[2], _flat(came))
    return came


def _by_loops(
    turns: Turns, on: Floats, settings: Settings, expected: Floats | None, *, step_h: float, pickup: bool
) -> tuple[dict[str, Any], Floats | None]:  # fmt: skip
    """Return what `_by_arrays` returns, a block of cells at a time: the same bytes."""
    shape, levels = on.shape, min(len(turns.part_h) + 1, LEVELS)
    left = np.exp(-step_h / settings["pickup_tau_h"])
    of_members = tuple(
        _of_members(values, shape[1]) for values in (settings["pickup_per_h"], settings["pickup_most"], left)
    )
    before = _flat(turns.total_h), _flat(turns.pickup_share), *_flat_parts(turns)
    total_h, pickup_share = (single(empty(shape, np.float32)) for empty in (np.empty, np.empty if pickup else np.zeros))
    edges, hours = (single(np.empty((levels, *shape), np.float32)) for _ in range(2))
    missed = single(np.empty(shape if pickup else 0, np.float32))
    used, in_vain = turns_loops.turned(
        _flat(on), missed[:0].reshape(-1) if expected is None else _flat(expected), before, of_members, shape[2],
        np.float32(step_h), (_flat(total_h), _flat(pickup_share), *(one.reshape(levels, -1) for one in (edges, hours))),
        _flat(missed),
    )  # fmt: skip
    after = {
        "total_h": total_h, "pickup_share": pickup_share, "part_edge_share": edges[:used], "part_h": hours[:used],
    }  # fmt: skip
    return after, missed if in_vain else None


def _flat(values: Floats) -> Floats:
    """Return values side by side, of all cohorts, members and columns."""
    return np.ascontiguousarray(values).reshape(-1)


def _flat_parts(turns: Turns) -> tuple[Floats, Floats]:
    """Return edges of parts and hours for which their homes have been without, shape ``(level, cohort · cell)``."""
    edges, hours = (np.ascontiguousarray(values) for values in (turns.part_edge_share, turns.part_h))
    return edges.reshape(len(edges), -1), hours.reshape(len(hours), -1)


def returning(turns: Turns, expected: Floats | None = None) -> Floats:
    """Compute the thermostatic load above normal as a step begins, as a share of it, shape ``(member, region)``. [1]

    Parameters
    ----------
    turns
        Turns before the step.
    expected
        What homes that are expected back bring, shape ``(cohort, member, column)``; None for nobody. [1]
    """
    return mean_over_homes(turns.pickup_share if expected is None else turns.pickup_share + expected, turns)


def returning_off(turns: Turns, *, on: Floats | None, broken: Floats | None) -> Floats:
    """Compute the part of it of homes that are off again, shape ``(member, region)``. [1]

    Parameters
    ----------
    turns
        Turns before the step, with its layers (`laid`).
    on
        Share of homes of each cohort that a timetable leaves on, shape ``(cohort, member, region)``; None without a
        timetable. [1]
    broken
        Share of feeders that are broken in the step, shape ``(member, region)``; None where none can break. [1]
    """
    works = np.ones((1, *turns.run_h.shape[1:])) if on is None else on
    if turns.layers is not None and broken is not None:
        works = power_of(works, turns.layers, broken)
    return mean_over_homes(turns.pickup_share * single(1.0 - works), turns)


def mean_over_homes(values: Floats, turns: Turns) -> Floats:
    """Return the mean over homes of values by cohort and column, shape ``(member, region)``."""
    return over_homes(values, turns.layers, turns.outside)


def hours_off(turns: Turns) -> Floats:
    """Return quantiles over people of the hours without power so far, shape ``(quantile, member, region)``. [h]"""
    regions = turns.run_h.shape[-1]
    found = people_quantiles(turns.total_h[..., :regions], turns.outside)
    return found if turns.layers is None else folded_quantiles(found, turns.total_h, turns.layers, turns.outside)
