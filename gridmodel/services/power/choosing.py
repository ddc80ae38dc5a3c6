"""Choice of the sub-queues that are off in a step, by their turns so far."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.services.power import choosing_loops
from gridmodel.services.power.choosing_loops import CLASS, MINUTES, SECOND, TOLERANCE
from gridmodel.services.power.rotation import ORDER
from gridmodel.services.power.turns import Rotation, Turns
from gridmodel.services.quantile_loops import network


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
    if rotation != "fixed" and choosing_loops.COMPILED:
        return _by_loops(count, turns, block_h if anew else np.inf, rest_h if anew else 0.0)
    cells = np.flatnonzero(count > TOLERANCE)
    if rotation == "fixed" and len(cells):
        return np.clip(count - np.argsort(ORDER)[:, None, None], 0.0, 1.0)
    if 2 * len(cells) > depth.size:  # then it is quicker to choose everywhere
        every = np.where(count > TOLERANCE, count, 0.0).reshape(-1)
        return _chosen(every, turns, slice(None), block_h, rest_h, anew=anew).reshape(SUBQUEUES, *depth.shape)
    off = np.zeros((SUBQUEUES, depth.size))
    if len(cells):
        off[:, cells] = _chosen(count.take(cells), turns, cells, block_h, rest_h, anew=anew)
    return off.reshape(SUBQUEUES, *depth.shape)


def _by_loops(count: Floats, turns: Turns, block_h: float | Floats, rest_h: float | Floats) -> Floats:
    """Choose the sub-queues that are off, a block of cells at a time: the same bytes."""
    cells, regions = count.size, count.shape[1]
    run_h, total_h = (
        np.ascontiguousarray(values).reshape(SUBQUEUES, cells)
        for values in (turns.run_h, turns.total_h[:SUBQUEUES, :, :regions])
    )

    def at(values: Floats | float) -> Floats:
        """Return hours of every cell, or of all of them alike, with one axis."""
        array = np.asarray(values, dtype=float)
        return array.reshape(1) if array.size == 1 else np.broadcast_to(array, count.shape).reshape(cells)

    off, pairs = np.empty((SUBQUEUES, cells)), network(SUBQUEUES)
    wanted = np.ascontiguousarray(count).reshape(cells)
    choosing_loops.chosen(wanted, run_h, total_h, at(block_h), at(rest_h), np.argsort(ORDER), pairs, off)
    return off.reshape(SUBQUEUES, *count.shape)


def _chosen(
    count: Floats, turns: Turns, cells: Ints | slice, block_h: float | Floats, rest_h: float | Floats, *, anew: bool
) -> Floats:  # fmt: skip
    """Choose the sub-queues that are off in some cells, shape ``(sub-queue, cell)``. [1]

    Parameters
    ----------
    count
        Number of sub-queues that are to be off, shape ``(cell,)``. [1]
    cells
        Places of the cells among those of all members and regions.
    """
    key = _key(turns, cells, block_h=block_h if anew else np.inf, rest_h=rest_h if anew else 0.0)
    whole = np.minimum(np.floor(count + TOLERANCE), SUBQUEUES - 1)
    last = np.take_along_axis(np.sort(key, axis=0), whole.astype(np.intp)[None], axis=0)
    return np.asarray((key == last) * np.maximum(count - whole, 0.0) + (key < last))


def _key(
    turns: Turns, cells: Ints | slice, *, block_h: float | Floats, rest_h: float | Floats
) -> npt.NDArray[np.int32]:  # fmt: skip
    """Return numbers by which sub-queues are switched off in some cells, the smallest first, no two alike in one."""

    def at(values: Floats | float) -> Floats:
        """Return values of a shape that broadcasts to ``(member, region)`` at the cells."""
        array = np.asarray(values)
        return np.broadcast_to(array, turns.run_h.shape[1:]).reshape(-1)[cells] if array.size > 1 else array.reshape(-1)

    run, total_h = (
        _at_cells(values, cells) for values in (turns.run_h, turns.total_h[:SUBQUEUES, :, : turns.run_h.shape[-1]])
    )
    block, rest = at(block_h), at(rest_h)
    is_off = run > 0
    off = is_off.view(np.int8)  # products with masks are quicker than a choice
    begun = np.ceil(run - SECOND)  # blocks end at full hours, though some begin between them
    kind = 2 * (begun >= block - TOLERANCE).view(np.int8) + 2 * (begun >= 2 * block - TOLERANCE).view(np.int8)
    kind *= off
    kind += (1 - off) * (3 - 2 * (run <= TOLERANCE - rest).view(np.int8))
    hours = run.clip(0.0, np.inf)
    hours += total_h * ~is_off
    value = np.rint(hours * (MINUTES * SUBQUEUES)).astype(np.int32)
    value //= SUBQUEUES  # whole minutes, and room below them for the order
    value *= SUBQUEUES
    value += kind.astype(np.int32) * CLASS
    value += np.argsort(ORDER).astype(np.int32)[:, None]
    return np.asarray(value)


def _at_cells(values: Floats, cells: Ints | slice) -> Floats:
    """Return values of shape ``(sub-queue, member, region)`` at some cells, shape ``(sub-queue, cell)``."""
    flat = values.reshape(len(values), -1)
    return flat[:, cells] if isinstance(cells, slice) else flat.take(cells, axis=1)
