"""Loops over sub-queues that take turns: what `gridmodel.services.power.turns` does array by array, home by home.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the precision
and the order of its numpy twin: the bytes are the same.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, available, compiler
from gridmodel.services.cohorts import SUBQUEUES

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
TOLERANCE = 1e-9
"""Part of a sub-queue, and hours, below which a difference is rounding. Ours: far below one home."""
CLASS, MINUTES, SECOND = np.int32(10**8), 60.0, np.float32(1 / 3600)
"""Distance between kinds of sub-queues in their order, minutes of an hour, and a second in hours."""
_TICKS, _NEGLIGIBLE, _TINY = np.float32(MINUTES * SUBQUEUES), np.float32(TOLERANCE), np.finfo(np.float32).tiny
_ZERO, _ONE, _TWO = np.float32(0.0), np.float32(1.0), np.float32(2.0)

_compiled = compiler(__file__)


@_compiled(None)
def _kind(run: np.float32, block: float, rest: float) -> int:
    """Return the kind of a sub-queue by which it is switched off: the lower, the sooner."""
    if run > _ZERO:
        begun = np.ceil(run - SECOND)
        return (2 if begun >= block - TOLERANCE else 0) + (2 if begun >= 2 * block - TOLERANCE else 0)
    return 1 if run <= TOLERANCE - rest else 3


@_compiled(None)
def _rank(  # noqa: PLR0917
    run_h: Floats, total_h: Floats, block: float, rest: float, order: Ints, key: Ints, ranked: Ints
) -> None:
    """Write numbers by which the sub-queues of a cell are switched off, and these from the smallest."""
    for queue in range(SUBQUEUES):
        run = run_h[queue]
        hours = run if run > _ZERO else _ZERO + total_h[queue]
        minutes = np.int64(np.rint(hours * _TICKS)) // SUBQUEUES * SUBQUEUES
        key[queue] = minutes + _kind(run, block, rest) * np.int64(CLASS) + order[queue]
        place = queue
        while place > 0 and ranked[place - 1] > key[queue]:
            ranked[place] = ranked[place - 1]
            place -= 1
        ranked[place] = key[queue]


@_compiled(None)
def chosen(  # noqa: PLR0917 - numba takes no keywords
    count: Floats, run_h: Floats, total_h: Floats, block_h: Floats, rest_h: Floats, order: Ints, off: Floats
) -> None:
    """Write the sub-queues that are off, as `gridmodel.services.power.turns.choose` does.

    Parameters
    ----------
    count
        Number of sub-queues that are to be off, shape ``(member, region)``. [1]
    run_h, total_h
        Hours off, or below 0 on, and in all, shapes ``(sub-queue, member, region)`` and the same with more columns. [h]
    block_h, rest_h
        Hours that sub-queues are kept off, and on, shape ``(member, region)``, or ``(1, 1)``. [h]
    order
        Place of each sub-queue in the order in which equal ones are switched off.
    off
        Written: share of each that is off, zeros before, shape ``(sub-queue, member, region)``. [1]
    """
    key = np.empty(SUBQUEUES, np.int64)
    ranked = np.empty(SUBQUEUES, np.int64)
    each_block, each_rest = block_h.size > 1, rest_h.size > 1
    for member in range(count.shape[0]):
        for region in range(count.shape[1]):
            if not count[member, region] > TOLERANCE:
                continue
            block = block_h[member, region] if each_block else block_h[0, 0]
            rest = rest_h[member, region] if each_rest else rest_h[0, 0]
            _rank(run_h[:, member, region], total_h[:, member, region], block, rest, order, key, ranked)
            whole = np.floor(count[member, region] + TOLERANCE)
            whole = whole if whole < SUBQUEUES - 1 else SUBQUEUES - 1.0
            last, part = ranked[np.int64(whole)], count[member, region] - whole
            for queue in range(SUBQUEUES):
                if key[queue] < last:
                    off[queue, member, region] = 1.0
                elif key[queue] == last:
                    off[queue, member, region] = part if part > 0.0 else 0.0


@_compiled(None)
def turned(  # noqa: PLR0917 - numba takes no keywords
    on: Floats, before: tuple[Floats, Floats, Floats, Floats], stays: Floats, per_h: Floats, most: Floats,
    step: np.float32, made: tuple[Floats, Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Write how long homes have been without power, a step later, as `gridmodel.services.power.turns.turned` does.

    Parameters
    ----------
    on
        Share of homes with power, shape ``(cohort, member, column)``, as all arrays here but those of settings. [1]
    before
        Share without, hours for which these have been without, pick-up, and hours in all, a step earlier.
    stays, per_h, most
        Part of pick-up that is left after a step, pick-up per hour without power, and the most of it, shape
        ``(member,)``; empty where load returns as it was. [1], [1/h], [1]
    step
        Length of the step. [h]
    made
        Written: the same as `before`, at the end of the step.
    """
    (off_share, off_h, pickup, total_h), (off_after, clock, excess, total) = before, made
    for cohort in range(on.shape[0]):
        for member in range(on.shape[1]):
            for column in range(on.shape[2]):
                was, hours = off_share[cohort, member, column], off_h[cohort, member, column]
                off = _ONE - on[cohort, member, column]
                off = off if off > _ZERO else _ZERO
                off = off if off < _ONE else _ONE
                is_off = _ONE if off > _NEGLIGIBLE else _ZERO
                stay = off if off < was else was
                found = hours * stay / (off if off > _TINY else _TINY) * is_off
                clock[cohort, member, column] = found + step * is_off
                off_after[cohort, member, column] = off
                total[cohort, member, column] = total_h[cohort, member, column] + off * step
                more = _ZERO
                if len(stays):
                    limit, brings = most[member], per_h[member] * hours
                    brings = brings if brings > _ZERO else _ZERO
                    more = (was - stay) * (brings if brings < limit else limit)
                    more += pickup[cohort, member, column] * stays[member]
                    more = more if more > _ZERO else _ZERO
                    more = more if more < limit else limit
                excess[cohort, member, column] = more
