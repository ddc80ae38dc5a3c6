"""Loops over parts of homes that are off: what `gridmodel.services.power.turns` does array by array, the same bytes.

Cells, those of all members and columns, lie side by side, and a block of them is taken at a time, so that what is known
of a block stays in a processor's nearest cache. The loops wait for numba to compile them once per installation. Every
line is one of + − × ÷ or a comparison in the precision and the order of its numpy twin: the bytes are the same.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
ROUNDING = 1e-6
"""Part of a sub-queue below which a cut is rounding of the dispatch. [1] As in the order."""
WIDTH = 256
"""Cells of a block. Ours: as long as it fits the nearest cache, fewer blocks begin."""
_JOINS = np.float32(ROUNDING)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)

_compiled = compiler(__file__)


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
def _any_above(values: Floats) -> bool:
    """Return whether any value is above 0, as the greatest of their bits is then: whole numbers are compared faster."""
    bits = values.view(np.int32)
    most = np.int32(0)
    for k in range(len(bits)):
        most = bits[k] if bits[k] > most else most
    return bool(most > 0)


@_compiled(None)
def _off(on: Floats, off: Floats) -> None:
    """Write the share of homes without power."""
    for k in range(len(on)):
        off[k] = _bounded(_ONE - on[k], _ONE)


@_compiled(None)
def _brings(hours: Floats, settings: tuple[Floats, Floats], brings: Floats) -> None:
    """Write what homes of a part bring each when they come back."""
    slope, limit = settings
    for k in range(len(brings)):
        brings[k] = _bounded(slope[k] * hours[k], limit[k])


@_compiled(None)
def _come(  # noqa: PLR0917 - numba takes no keywords
    edges: Floats, part_h: Floats, at: int, off: Floats, settings: tuple[Floats, Floats], room: Floats, came: Floats
) -> None:  # fmt: skip
    """Write what homes of a block, from a place on, bring that come back; three rows of room change."""
    until = at + len(off)
    nearer, above, brings = room[0, : len(off)], room[1, : len(off)], room[2, : len(off)]
    nearer[:], came[:] = _ZERO, _ZERO
    for level in range(len(part_h)):
        edge, hours = edges[level, at:until], part_h[level, at:until]
        if level > 0 and not _any_above(hours):
            break  # nor is any level above it in use
        _brings(hours, settings, brings)
        for k in range(len(off)):
            above[k] = edge[k] - _lesser(edge[k], off[k])
        for k in range(len(off)):
            came[k] = (above[k] - nearer[k]) * brings[k] + came[k]
        nearer, above = above, nearer


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
    cells, room = len(slope), np.empty((4, WIDTH), np.float32)
    for cohort in range(len(on) // max(cells, 1)):
        for first in range(0, cells, WIDTH):
            after = min(first + WIDTH, cells)
            at, until = cohort * cells + first, cohort * cells + after
            off, settings = room[3, : after - first], (slope[first:after], limit[first:after])
            _off(on[at:until], off)
            _come(edges, part_h, at, off, settings, room, came[at:until])


@_compiled(None)
def _merge(edge: Floats, hours: Floats, per_h: np.float32, limit: np.float32) -> None:
    """Make one part of the two neighbours whose homes bring most nearly the same, so that the last level is free."""
    last, first, least = len(edge) - 1, 0, np.float32(np.inf)
    for level in range(last):
        gap = _bounded(per_h * hours[level], limit) - _bounded(per_h * hours[level + 1], limit)
        if gap < least:
            first, least = level, gap
    share = edge[first] - edge[first - 1] if first > 0 else edge[first]
    other = edge[first + 1] - edge[first]
    wide = share + other if share + other > _JOINS else _JOINS
    hours[first] = (share * hours[first] + other * hours[first + 1]) / wide
    for level in range(first, last):
        edge[level] = edge[level + 1]
        if level > first:
            hours[level] = hours[level + 1]
    hours[last] = _ZERO


@_compiled(None)
def _joins(edge: Floats, hours: Floats, off: Floats) -> bool:
    """Return whether more homes are off than before in any cell of a block in which this level is in use."""
    found = np.int32(0)
    for k in range(len(off)):
        found |= np.int32((hours[k] > _ZERO) & (off[k] > edge[k] + _JOINS))
    return bool(found > 0)


@_compiled(None)
def _copy(values: Floats, into: Floats) -> None:
    """Copy values of a block."""
    for k in range(len(values)):
        into[k] = values[k]


@_compiled(None)
def _make_room(  # noqa: PLR0917
    edges: Floats, part_h: Floats, at: int, off: Floats, settings: tuple[Floats, Floats], made: tuple[Floats, Floats]
) -> None:  # fmt: skip
    """Write edges and hours of parts, two merged where all levels are in use and homes join those that are off."""
    (edges_after, hours_after), (slope, limit), last = made, settings, len(edges) - 1
    for level in range(len(edges)):
        _copy(edges[level, at : at + len(off)], edges_after[level])
        _copy(part_h[level, at : at + len(off)], hours_after[level])
    for k in range(len(off)):
        if hours_after[last, k] > _ZERO and off[k] > edges_after[last, k] + _JOINS:
            _merge(edges_after[:, k], hours_after[:, k], slope[k], limit[k])


@_compiled(None)
def _aged(  # noqa: PLR0917
    edge: Floats, hours: Floats, off: Floats, is_in: Floats, step: np.float32, clock: Floats, edges_after: Floats
) -> None:  # fmt: skip
    """Write a level of parts a step later; `is_in` is above 0 where it is in use, and then where the next one is."""
    for k in range(len(off)):
        clock[k] = hours[k] + step if is_in[k] > _ZERO else _ZERO
    for k in range(len(off)):
        stays = (hours[k] > _ZERO) & (off[k] > edge[k] + _JOINS)
        is_in[k] = _ONE if stays else _ZERO
        edges_after[k] = edge[k] if stays else off[k]


@_compiled(None)
def _age(  # noqa: PLR0917
    edges: Floats, part_h: Floats, at: int, off: Floats, is_in: Floats, step: np.float32,
    made: tuple[Floats, Floats, int],
) -> int:  # fmt: skip
    """Write the levels of parts of a block a step later, one more than there were if so many are asked for.

    Returns
    -------
    int
        How many of them are in use.
    """
    (edges_after, clock, there), used, until = made, 0, at + len(off)
    for k in range(len(off)):
        is_in[k] = _ONE if off[k] > _JOINS else _ZERO
    for level in range(len(clock)):
        hours_of, edge_of = clock[level, there : there + len(off)], edges_after[level, there : there + len(off)]
        used = level + 1 if used == level and _any_above(is_in) else used
        if used > level and level < len(part_h):
            _aged(edges[level, at:until], part_h[level, at:until], off, is_in, step, hours_of, edge_of)
            continue
        for k in range(len(off)):
            hours_of[k] = step if used > level and is_in[k] > _ZERO else _ZERO
        _copy(off, edge_of)
    return used


@_compiled(None)
def _return(  # noqa: PLR0917
    came: Floats, wanted: Floats, pickup: Floats, bounds: tuple[Floats, Floats], soon: Floats,
    made: tuple[Floats, Floats],
) -> None:  # fmt: skip
    """Write pick-up of a block as a step ends, and what was expected in vain."""
    (excess, missed), (left, limit) = made, bounds
    for k in range(len(came)):
        soon[k] = _lesser(came[k], wanted[k])
        missed[k] = wanted[k] - soon[k]
    for k in range(len(came)):
        excess[k] = _bounded((pickup[k] + soon[k]) * left[k] + (came[k] - soon[k]), limit[k])


@_compiled(None)
def _add(before: Floats, off: Floats, step: np.float32, after: Floats) -> None:
    """Write hours without power in all of a block, a step later."""
    for k in range(len(off)):
        after[k] = before[k] + off[k] * step


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
    cells, room, nobody = len(slope), np.empty((7, WIDTH), np.float32), np.zeros(WIDTH, np.float32)
    merged = np.empty((len(part_h), WIDTH), np.float32), np.empty((len(part_h), WIDTH), np.float32)
    levels, in_vain = 1, False
    for cohort in range(len(on) // max(cells, 1)):
        for first in range(0, cells, WIDTH):
            after = min(first + WIDTH, cells)
            at, until, count = cohort * cells + first, cohort * cells + after, after - first
            off, settings = room[3, :count], (slope[first:after], limit[first:after])
            _off(on[at:until], off)
            _add(total_h[at:until], off, step, total[at:until])
            if len(missed):
                came, wanted = room[4, :count], expected[at:until] if len(expected) else nobody[:count]
                _come(edges, part_h, at, off, settings, room, came)
                bounds, written = (left[first:after], limit[first:after]), (excess[at:until], missed[at:until])
                _return(came, wanted, pickup[at:until], bounds, room[5, :count], written)
                in_vain |= _any_above(missed[at:until])
            is_in, there = room[6, :count], (edges_after, clock, at)
            if len(part_h) == len(clock) and _joins(edges[-1, at:until], part_h[-1, at:until], off):
                _make_room(edges, part_h, at, off, settings, merged)
                used = _age(merged[0], merged[1], 0, off, is_in, step, there)
            else:
                used = _age(edges, part_h, at, off, is_in, step, there)
            levels = used if used > levels else levels
    return levels, in_vain
