"""Loops over parts of homes that are off: what `gridmodel.services.power.turns` does array by array, the same bytes.

Cells, those of all members and columns, lie side by side, and a block of them is taken at a time. All values of a block
lie in one array at places known when it is compiled, so that a processor works on eight cells at once. The loops wait
for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the precision and the
order of its numpy twin: the bytes are the same.
"""

# ruff: noqa: FURB136, PLR0915 - the functions min and max of numba look for NaN first; a loop is one function
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, available, compiler
from gridmodel.services import cohorts
from gridmodel.services.cohorts import SUBQUEUES

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
ROUNDING = 1e-6
"""Part of a sub-queue below which a cut is rounding of the dispatch. [1] As in the order."""
LEVELS = 4
"""Most parts of a cohort that differ in hours without power. [1] Ours: beside sixty parts, load that returns in random
courses of three days is the same in steps of an hour and 0.03 % more in quarters of one (single courses to 0.3 %); with
three 0.2 % (2.3 %), and 8 % more where a cut deepens in each quarter for five hours. More parts take time in every
step, as feeders that trip leave some off everywhere."""
WIDTH = 256
"""Cells of a block. Ours: as long as it fits the nearest cache, fewer blocks begin."""
_SLOPE, _LIMIT, _LEFT, _OFF, _TOTAL, _PICKUP, _WANTED, _CAME, _EDGES = range(9)
_HOURS = _EDGES + LEVELS
_AFTER = _HOURS + LEVELS
_VALUES = _AFTER + LEVELS
"""Rows of a block: settings, homes of a cohort, and by level edges and hours of its parts, and edges a step later."""
_LAST = LEVELS - 1
_JOINS = np.float32(ROUNDING)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)

_compiled = compiler(__file__, cohorts.__file__)


@_compiled(None)
def depths(depth: Floats, outside: Floats, made: Floats) -> None:
    """Write how deeply homes in the queues and those outside them are cut, as `gridmodel.services.power.turns.depths`.

    Parameters
    ----------
    depth
        Share of homes on feeders that work which must be off, shape ``(cell,)``. [1]
    outside
        Share of them outside the queues, same shape. [1]
    made
        Written: shape ``(2, cell)``. [1]
    """
    of_queues, of_others = made
    for k in range(len(depth)):
        cut, apart = depth[k], outside[k]
        within = 1.0 - apart
        queued = cut / within if within > 0.0 else 1.0
        queued = queued if queued < 1.0 else 1.0
        whole = np.rint(SUBQUEUES * queued)
        of_queues[k] = whole / SUBQUEUES if abs(SUBQUEUES * queued - whole) < ROUNDING else queued
        beyond = cut - within if cut - within > ROUNDING else 0.0
        others = beyond / apart if apart > 0.0 else 0.0
        of_others[k] = others if others < 1.0 else 1.0


@_compiled(None)
def run(run_h: Floats, off: Floats, least: float, step: np.float32, made: Floats) -> None:
    """Write hours for which sub-queues have been off, or below 0 on, a step later, shape ``(sub-queue · cell,)``.

    Parameters
    ----------
    run_h
        Hours before it, same shape.
    off
        Share of each that is off in it, same shape. [1]
    least
        Share above which one is. [1]
    step
        Length of the step. [h]
    made
        Written, same shape. [h]
    """
    for k in range(len(run_h)):
        before, now = run_h[k], off[k] > least
        before = before if (before > _ZERO) == now else _ZERO
        made[k] = before + (step if now else -step)


@_compiled(None)
def _bounded(value: np.float32, limit: np.float32) -> np.float32:
    """Return a value from 0 to a limit."""
    value = value if value > _ZERO else _ZERO
    return value if value < limit else limit


@_compiled(None)
def _lesser(value: np.float32, other: np.float32) -> np.float32:
    """Return the lesser of two values."""
    return value if value < other else other


@_compiled(None)
def _load(block: Floats, row: int, values: Floats, first: int, count: int) -> None:
    """Copy values of the cells of a block, which lie side by side from a place on, into one of its rows."""
    into, there = np.uintp(row * WIDTH), np.uintp(first)  # without a sign, they are not looked at from the end
    for k in range(np.uintp(count)):
        block[into + k] = values[there + k]


@_compiled(None)
def _store(block: Floats, row: int, values: Floats, first: int, count: int) -> None:
    """Copy one of the rows of a block to where the values of its cells are."""
    found, there = np.uintp(row * WIDTH), np.uintp(first)
    for k in range(np.uintp(count)):
        values[there + k] = block[found + k]


@_compiled(None)
def _any_above(values: Floats) -> bool:
    """Return whether any value is above 0, as the greatest of their bits is then: whole numbers are compared faster."""
    bits = values.view(np.int32)
    most = np.int32(0)
    for k in range(len(bits)):
        most = bits[k] if bits[k] > most else most
    return bool(most > 0)


@_compiled(None)
def _load_parts(block: Floats, parts: tuple[Floats, Floats], at: int, count: int) -> None:
    """Copy parts of a block into it; in levels beyond theirs nobody is."""
    edges, hours = parts
    for level in range(len(hours)):
        _load(block, _EDGES + level, edges[level], at, count)
        _load(block, _HOURS + level, hours[level], at, count)


@_compiled(None)
def _count_off(block: Floats) -> None:
    """Turn the share of homes of a block with power into that of homes without."""
    for k in range(WIDTH):
        block[_OFF * WIDTH + k] = _bounded(_ONE - block[_OFF * WIDTH + k], _ONE)


@_compiled(None)
def _come(block: Floats) -> None:
    """Compute what homes of a block bring that come back."""
    for k in range(WIDTH):
        off, slope, limit = block[_OFF * WIDTH + k], block[_SLOPE * WIDTH + k], block[_LIMIT * WIDTH + k]
        came, nearer = _ZERO, _ZERO
        for level in range(LEVELS):
            edge = block[(_EDGES + level) * WIDTH + k]
            above = edge - _lesser(edge, off)
            came = (above - nearer) * _bounded(slope * block[(_HOURS + level) * WIDTH + k], limit) + came
            nearer = above
        block[_CAME * WIDTH + k] = came


@_compiled(None)
def coming(  # noqa: PLR0917 - numba takes no keywords
    on: Floats, edges: Floats, part_h: Floats, per_h: Floats, most: Floats, columns: int, came: Floats
) -> None:  # fmt: skip
    """Write what homes that come back bring at once, as `gridmodel.services.power.turns.coming_back` computes it.

    Parameters
    ----------
    on
        Share of homes with power then, shape ``(cohort · cell,)``. [1]
    edges, part_h
        Edges of parts and hours for which their homes have been without, shape ``(level, cohort · cell)``.
    per_h, most
        Pick-up per hour without power, and the most of it, shape ``(member,)``. [1/h], [1]
    columns
        Number of columns: cells are those of all members.
    came
        Written, shape of `on`. [1]
    """
    slope, limit = np.repeat(per_h, columns), np.repeat(most, columns)
    cells, block = len(slope), np.zeros(_VALUES * WIDTH, np.float32)
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        _load(block, _SLOPE, slope, first, count)
        _load(block, _LIMIT, limit, first, count)
        for at in range(first, len(on), cells):
            _load(block, _OFF, on, at, count)
            _load_parts(block, (edges, part_h), at, count)
            _count_off(block)
            _come(block)
            _store(block, _CAME, came, at, count)


@_compiled(None)
def _merge(block: Floats, k: int) -> None:
    """Make one part of the two neighbours whose homes bring most nearly the same, so that the last level is free."""
    edge, hours = block[_EDGES * WIDTH + k : _HOURS * WIDTH : WIDTH], block[_HOURS * WIDTH + k : _AFTER * WIDTH : WIDTH]
    per_h, limit = block[_SLOPE * WIDTH + k], block[_LIMIT * WIDTH + k]
    first, least = 0, np.float32(np.inf)
    for level in range(_LAST):
        gap = _bounded(per_h * hours[level], limit) - _bounded(per_h * hours[level + 1], limit)
        if gap < least:
            first, least = level, gap
    share = edge[first] - edge[first - 1] if first > 0 else edge[first]
    other = edge[first + 1] - edge[first]
    wide = share + other if share + other > _JOINS else _JOINS
    hours[first] = (share * hours[first] + other * hours[first + 1]) / wide
    for level in range(first, _LAST):
        edge[level] = edge[level + 1]
        if level > first:
            hours[level] = hours[level + 1]
    hours[_LAST] = _ZERO


@_compiled(None)
def _make_room(block: Floats, count: int) -> None:
    """Merge two parts where all levels are in use and homes join those that are off."""
    found = np.int32(0)
    for k in range(WIDTH):
        found |= np.int32(
            (block[(_HOURS + _LAST) * WIDTH + k] > _ZERO)
            & (block[_OFF * WIDTH + k] > block[(_EDGES + _LAST) * WIDTH + k] + _JOINS)
        )
    if not found:
        return
    for k in range(count):
        if (
            block[(_HOURS + _LAST) * WIDTH + k] > _ZERO
            and block[_OFF * WIDTH + k] > block[(_EDGES + _LAST) * WIDTH + k] + _JOINS
        ):
            _merge(block, k)


@_compiled(None)
def _age(block: Floats, step: np.float32) -> None:
    """Take hours in all and parts of a block through a step: a level is in use where the one below stays as it is.

    Edges have other rows afterwards: some processors are slow to write a part of what they have just read.
    """
    for k in range(WIDTH):
        off = block[_OFF * WIDTH + k]
        block[_TOTAL * WIDTH + k] += off * step
        is_in = off > _JOINS
        for level in range(LEVELS):
            edge, hours = block[(_EDGES + level) * WIDTH + k], block[(_HOURS + level) * WIDTH + k]
            stays = (hours > _ZERO) & (off > edge + _JOINS)
            block[(_HOURS + level) * WIDTH + k] = hours + step if is_in else _ZERO
            block[(_AFTER + level) * WIDTH + k] = edge if stays else off
            is_in = stays


@_compiled(None)
def _return(block: Floats) -> None:
    """Compute pick-up of a block as a step ends, and in place of what was expected what was so in vain."""
    for k in range(WIDTH):
        came, wanted = block[_CAME * WIDTH + k], block[_WANTED * WIDTH + k]
        soon = _lesser(came, wanted)
        after = (block[_PICKUP * WIDTH + k] + soon) * block[_LEFT * WIDTH + k] + (came - soon)
        block[_WANTED * WIDTH + k] = wanted - soon
        block[_PICKUP * WIDTH + k] = _bounded(after, block[_LIMIT * WIDTH + k])


@_compiled(None)
def turned(  # noqa: PLR0917
    on: Floats, expected: Floats, before: tuple[Floats, Floats, Floats, Floats],
    of_members: tuple[Floats, Floats, Floats], columns: int, step: np.float32,
    made: tuple[Floats, Floats, Floats, Floats], missed: Floats,
) -> tuple[int, bool]:  # fmt: skip
    """Write how long homes have been without power, a step later, as `gridmodel.services.power.turns.turned` does.

    Parameters
    ----------
    on
        Share of homes with power, shape ``(cohort · cell,)``, as all arrays here but those of parts and of members. [1]
    expected
        What homes were to bring that were expected back, empty for nobody. [1]
    before
        Hours in all, pick-up, edges of parts and hours for which their homes have been without, both of shape
        ``(level, cohort · cell)``, a step earlier.
    of_members
        Pick-up per hour without power, the most of it, and the part of it that is left after a step, shape
        ``(member,)``. [1/h], [1], [1]
    columns
        Number of columns: cells are those of all members.
    step
        Length of the step. [h]
    made
        Written: the same as `before` at the end of the step; parts may have one level more. Pick-up is left as it is
        if `missed` is empty.
    missed
        Written: what was expected in vain; empty if no load returns. [1]

    Returns
    -------
    tuple
        Number of levels in use, and whether anything was expected in vain.
    """
    (total_h, pickup, edges, part_h), (total, excess, edges_after, clock) = before, made
    per_h, most, stays = of_members
    slope, limit, left = np.repeat(per_h, columns), np.repeat(most, columns), np.repeat(stays, columns)
    cells, block, levels, in_vain = len(slope), np.zeros(_VALUES * WIDTH, np.float32), 1, False
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        _load(block, _SLOPE, slope, first, count)
        _load(block, _LIMIT, limit, first, count)
        _load(block, _LEFT, left, first, count)
        for at in range(first, len(on), cells):
            _load(block, _OFF, on, at, count)
            _load(block, _TOTAL, total_h, at, count)
            block[(_HOURS + len(part_h)) * WIDTH : _AFTER * WIDTH] = _ZERO
            _load_parts(block, (edges, part_h), at, count)
            _count_off(block)
            if len(missed):
                _load(block, _PICKUP, pickup, at, count)
                if len(expected):
                    _load(block, _WANTED, expected, at, count)
                else:
                    block[_WANTED * WIDTH : _CAME * WIDTH] = _ZERO
                _come(block)
                _return(block)
                _store(block, _PICKUP, excess, at, count)
                _store(block, _WANTED, missed, at, count)
                in_vain = in_vain or _any_above(block[_WANTED * WIDTH : _WANTED * WIDTH + count])
            if len(part_h) == LEVELS:
                _make_room(block, count)
            _age(block, step)
            _store(block, _TOTAL, total, at, count)
            for level in range(len(clock)):
                row = (_HOURS + level) * WIDTH
                levels = level + 1 if levels == level and _any_above(block[row : row + count]) else levels
                _store(block, _HOURS + level, clock[level], at, count)
                _store(block, _AFTER + level, edges_after[level], at, count)
    return levels, in_vain
