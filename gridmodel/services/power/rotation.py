"""Rotation: sub-queues chosen half hour by half hour, so that none is off longer than another.

Three wishes pull against each other: equal hours off, no long stretch, and stretches long enough to plan a day by.
Equal hours are kept without exception: each day has a quota per sub-queue, and a choice is only made if the rest of
the day can still meet all quotas (the condition of Gale and Ryser, 1957, on 0-1 matrices with given margins).
Within that, each day is planned with several lengths of stretch off and on; of the plans that keep the bound, the
one that switches least often is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools
from gridmodel.events.timetable_json import GROUPS
from gridmodel.services.cohorts import SUBQUEUES

Ints = npt.NDArray[np.int64]

RESTS = (4, 2, 1)
"""Half hours for which a stretch on is kept, where possible. Ours: two hours, one, or none in particular."""
ORDER = np.argsort([group[-1] for group in GROUPS], kind="stable")
"""Sub-queues in the order in which ties fall to them: 1.1, 2.1 … 6.2, so that the halves of a queue are apart."""


def first_in_order(count: Ints) -> Bools:
    """Return the sub-queues that are off where the same are off throughout: the first of the order.

    Parameters
    ----------
    count
        Sub-queues that must be off, 0 to 12, shape ``(…,)``. [1]

    Returns
    -------
    numpy.ndarray
        True where a sub-queue is off, shape ``(…, sub-queue)``.

    Examples
    --------
    >>> [GROUPS[place] for place in np.flatnonzero(first_in_order(np.array(3)))]
    ['1.1', '2.1', '3.1']
    """
    return np.asarray(np.argsort(ORDER) < count[..., None])


@dataclass(slots=True)
class _State:
    """State of each sub-queue, arrays of shape ``(…, region, sub-queue)``."""

    total: Ints
    """Half hours off so far."""
    run: Ints
    """Half hours that the present state has lasted: above 0 off, below 0 on."""


def allot(count: Ints, days: Ints, *, longest: int) -> Bools:
    """Choose which sub-queues are off.

    Parameters
    ----------
    count
        Sub-queues that must be off, 0 to 12, shape ``(slot, region)``. [1]
    days
        Number of the local day of each slot, not falling, shape ``(slot,)``. A day may have 46, 48 or 50 slots.
    longest
        Slots that a stretch should not exceed. [1]

    Returns
    -------
    numpy.ndarray
        True where a sub-queue is off, shape ``(slot, region, sub-queue)``. In every slot exactly `count` are off. On
        every day, and over all days so far, two sub-queues of a region differ by at most one slot.

    Notes
    -----
    A stretch is longer than `longest` only where the count leaves no other way that this method finds: with 11 of 12
    off, each is on in one slot of twelve.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> count = np.full((48, 1), 3)  # a day on which three of twelve sub-queues are always off
    >>> off = gm.schedule.allot(count, np.zeros(48, dtype=int), longest=8)
    >>> off.shape, off.sum(axis=0).tolist()
    ((48, 1, 12), [[12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12]])
    """
    slots, regions = count.shape
    off = np.zeros((slots, regions, SUBQUEUES), dtype=bool)
    zero = np.zeros((regions, SUBQUEUES), dtype=np.int64)
    state = _State(total=zero, run=zero - 10 * longest)
    holds = sorted({max(1, longest * part // 8) for part in (8, 6, 4, 2, 1)} | {1}, reverse=True)
    layouts = np.array([(hold, rest, longest) for rest in RESTS for hold in holds])
    for day in np.unique(days):
        rows = np.flatnonzero(days == day)
        off[rows], state = _day(count[rows], state, layouts=layouts, longest=longest)
    return off


def _day(count: Ints, state: _State, *, layouts: Ints, longest: int) -> tuple[Bools, _State]:
    """Plan one day once for each row of `layouts`; return the best of each region and the state at its end."""
    slots, regions = count.shape
    shape = (len(layouts), regions, SUBQUEUES)
    quota = np.broadcast_to(_quota(count.sum(axis=0), state.total), shape).copy()
    run = np.broadcast_to(state.run, shape).copy()
    room = _room(count)
    off = np.zeros((slots, *shape), dtype=bool)
    worst, switched = np.zeros(shape[:2], dtype=np.int64), np.zeros(shape[:2], dtype=np.int64)
    for slot in range(slots):
        wish = _wish(run, quota, layouts)
        due = np.broadcast_to(count[slot], shape[:2])
        chosen = _choose(wish, quota, due, room[slot + 1])
        quota -= chosen
        switched += (chosen != (run > 0)).sum(axis=-1)
        run = np.where(chosen, np.maximum(run, 0) + 1, np.minimum(run, 0) - 1)
        worst = np.maximum(worst, run.max(axis=-1))
        off[slot] = chosen
    best = (np.maximum(worst, longest) * 10_000 + switched).argmin(axis=0)
    everyone = np.arange(regions)
    taken = off[:, best, everyone]
    return taken, _State(total=state.total + taken.sum(axis=0), run=run[best, everyone])


def _quota(total: Ints, before: Ints) -> Ints:
    """Compute the slots off of each sub-queue on one day: equal, the remainder to those with the fewest so far."""
    rank = _rank(before * SUBQUEUES + np.argsort(ORDER))
    return total[:, None] // SUBQUEUES + (rank < (total % SUBQUEUES)[:, None])


def _rank(key: Ints) -> Ints:
    """Compute the rank of each entry along the last axis, the smallest 0."""
    return np.argsort(np.argsort(key, axis=-1, kind="stable"), axis=-1, kind="stable")


def _room(count: Ints) -> Ints:
    """Compute the most that any k sub-queues can be off from each slot on, ``(slot + 1, region, k)``, k 1 to 12."""
    capped = np.minimum(count[:, :, None], np.arange(1, SUBQUEUES + 1))
    later = np.cumsum(capped[::-1], axis=0)[::-1]
    return np.concatenate([later, np.zeros((1, *later.shape[1:]), dtype=np.int64)])


def _wish(run: Ints, quota: Ints, layouts: Ints) -> Ints:
    """Compute the order in which sub-queues are best switched off, the smallest first.

    A layout is how long a stretch off is kept, how long one on, and the bound. Those that have been off a short while
    stay off; then come those that have been on for longest, those whose stretch could end, those that have just been
    switched on; last, those at the bound, the longest at the very end.
    """
    hold, rest, bound = (column[:, None, None] for column in layouts.T)
    off = np.where(run < hold, run, np.where(run < bound, 4000, 8000) + run)
    on = np.where(-run >= rest, 2000, 6000) + np.maximum(run, -1000)
    key = np.where(quota > 0, np.where(run > 0, off, on), 20_000)
    return _rank((key * 100 + np.clip(50 - quota, 0, 99)) * SUBQUEUES + np.argsort(ORDER))


def _choose(wish: Ints, quota: Ints, due: Ints, room: Ints) -> Bools:
    """Take the first `due` of the wished order, changed only where the quotas of the day could not be met."""
    chosen = wish < due[..., None]
    broken = ~_fits(quota - chosen, room)
    if broken.any():
        place = np.nonzero(broken)
        chosen[place] = _repair(wish[place], quota[place], due[place], room[place[1]])
    return chosen


def _fits(quota: Ints, room: Ints) -> Bools:
    """Return whether quotas can be met in the remaining slots (Gale and Ryser)."""
    ordered = -np.sort(-quota, axis=-1)
    return np.asarray((quota >= 0).all(axis=-1) & (np.cumsum(ordered, axis=-1) <= room).all(axis=-1))


def _repair(wish: Ints, quota: Ints, due: Ints, room: Ints) -> Bools:
    """Go through the wished order one by one, and take who can be taken; arrays of shape ``(case, sub-queue)``."""
    cases = np.arange(len(wish))
    order = np.argsort(wish, axis=-1, kind="stable")
    chosen, open_ = np.zeros(wish.shape, dtype=bool), np.ones(wish.shape, dtype=bool)
    for place in range(SUBQUEUES):
        who = order[:, place]
        tried = chosen.copy()
        tried[cases, who] = True
        open_[cases, who] = False
        remaining = due - tried.sum(axis=-1)
        most = _rank(np.where(open_, -quota, SUBQUEUES * 100))
        rest = open_ & (most < remaining[:, None])
        good = (remaining >= 0) & (rest.sum(axis=-1) == remaining) & _fits(quota - (tried | rest), room)
        chosen = np.where(good[:, None], tried, chosen)
    return chosen
