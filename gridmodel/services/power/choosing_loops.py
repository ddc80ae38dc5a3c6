"""Loops that choose the sub-queues which are off, as `gridmodel.services.power.choosing` does array by array.

Cells are taken a block at a time. A network of comparisons, the same for every cell, orders their sub-queues, so that a
processor orders eight cells at once. The loops wait for numba to compile them once per installation. Every line is one
of + − × ÷ or a comparison in the precision of its numpy twin: the bytes are the same.
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
WIDTH = 128
"""Cells of a block. Ours: their keys fit a processor's nearest cache."""
_TICKS, _COUNT, _NONE = np.float32(MINUTES * SUBQUEUES), np.uint32(SUBQUEUES), np.int32(-1)
_ZERO, _ONE, _TWO, _THREE, _EVER = (np.float32(value) for value in (0.0, 1.0, 2.0, 3.0, np.inf))

_compiled = compiler(__file__)


@_compiled(None)
def _bounds(block_h: Floats, rest_h: Floats, bounds: tuple[Floats, Floats, Floats]) -> None:
    """Write the hours after which blocks have ended once, and twice, and at which rests have, in single precision.

    Blocks end at full hours, and a rest at the nearest number below: comparisons with them give what they would give
    with those in double precision.
    """
    once, twice, rested = bounds
    for k in range(len(block_h)):
        once[k] = np.float32(np.ceil(block_h[k] - TOLERANCE))
        twice[k] = np.float32(np.ceil(2.0 * block_h[k] - TOLERANCE))
        least = TOLERANCE - rest_h[k]
        nearest = np.float32(least)
        rested[k] = nearest if nearest <= least else np.nextafter(nearest, -_EVER)


@_compiled(None)
def _keys(
    run_h: Floats, total_h: Floats, bounds: tuple[Floats, Floats, Floats], place: int, key: Ints
) -> None:  # fmt: skip
    """Write numbers by which a sub-queue of some cells is switched off, the smallest first."""
    once, twice, rested = bounds
    for k in range(len(key)):
        run = run_h[k]
        begun, is_off = np.ceil(run - SECOND), run > _ZERO
        ended = (_TWO if begun >= once[k] else _ZERO) + (_TWO if begun >= twice[k] else _ZERO)
        kind = np.int32(ended if is_off else (_ONE if run <= rested[k] else _THREE))
        ticks = np.uint32(np.int32(np.rint((run if is_off else total_h[k]) * _TICKS)))
        key[k] = ticks // _COUNT * _COUNT + kind * CLASS + place


@_compiled(None)
def _order(key: Ints, pairs: Ints, cells: int) -> None:
    """Put the keys of each cell in ascending order."""
    for pair in range(len(pairs)):
        one = key[pairs[pair, 0] * cells : (pairs[pair, 0] + 1) * cells]
        other = key[pairs[pair, 1] * cells : (pairs[pair, 1] + 1) * cells]
        for k in range(cells):
            left, right = one[k], other[k]
            one[k] = right if right < left else left
            other[k] = left if right < left else right


@_compiled(None)
def _until(count: Floats, ordered: Ints, last: Ints, part: Floats) -> None:
    """Write the key of the last sub-queue of each cell that is off, below all keys for none, and how much of it is."""
    cells = len(count)
    for k in range(cells):
        whole = np.floor(count[k] + TOLERANCE)
        whole = whole if whole < SUBQUEUES - 1.0 else SUBQUEUES - 1.0
        left = count[k] - whole
        part[k] = left if left > 0.0 else 0.0
        last[k] = ordered[np.int64(whole) * cells + k] if count[k] > TOLERANCE else _NONE


@_compiled(None)
def _write(key: Ints, last: Ints, part: Floats, off: Floats) -> None:
    """Write the share of a sub-queue that is off: all of those before the last one, and a part of that."""
    for k in range(len(key)):
        off[k] = 1.0 if key[k] < last[k] else (part[k] if key[k] == last[k] else 0.0)


@_compiled(None)
def _any_above(values: Floats, least: float) -> bool:
    """Return whether any value is above the least."""
    found = False
    for value in values:
        found |= value > least
    return found


@_compiled(None)
def chosen(  # noqa: PLR0917
    count: Floats, run_h: Floats, total_h: Floats, block_h: Floats, rest_h: Floats, order: Ints, pairs: Ints,
    off: Floats,
) -> None:  # fmt: skip
    """Write the sub-queues that are off, as `gridmodel.services.power.choosing.choose` does.

    Parameters
    ----------
    count
        Number of sub-queues that are to be off, shape ``(cell,)``. [1]
    run_h, total_h
        Hours off, or below 0 on, and in all, shape ``(sub-queue, cell)``. [h]
    block_h, rest_h
        Hours that sub-queues are kept off, and on, shape ``(cell,)``, or ``(1,)``. [h]
    order
        Place of each sub-queue in the order in which equal ones are switched off.
    pairs
        As `gridmodel.services.quantile_loops.network` returns them for all sub-queues.
    off
        Written: share of each that is off, shape ``(sub-queue, cell)``. [1]
    """
    key, ordered = np.empty(SUBQUEUES * WIDTH, np.int32), np.empty(SUBQUEUES * WIDTH, np.int32)
    last = np.empty(WIDTH, np.int32)
    part, block, rest = np.empty(WIDTH), np.full(WIDTH, block_h[0]), np.full(WIDTH, rest_h[0])
    bounds = np.empty(WIDTH, np.float32), np.empty(WIDTH, np.float32), np.empty(WIDTH, np.float32)
    _bounds(block, rest, bounds)
    for first in range(0, len(count), WIDTH):
        after = min(first + WIDTH, len(count))
        cells, wanted = after - first, count[first:after]
        if not _any_above(wanted, TOLERANCE):
            off[:, first:after] = 0.0
            continue
        if len(block_h) > 1:
            block[:cells] = block_h[first:after]
        if len(rest_h) > 1:
            rest[:cells] = rest_h[first:after]
        if len(block_h) > 1 or len(rest_h) > 1:
            _bounds(block, rest, bounds)
        for queue in range(SUBQUEUES):
            own = key[queue * cells : (queue + 1) * cells]
            _keys(run_h[queue, first:after], total_h[queue, first:after], bounds, order[queue], own)
        ordered[: SUBQUEUES * cells] = key[: SUBQUEUES * cells]
        _order(ordered, pairs, cells)
        _until(wanted, ordered, last, part)
        for queue in range(SUBQUEUES):
            _write(key[queue * cells : (queue + 1) * cells], last, part, off[queue, first:after])
