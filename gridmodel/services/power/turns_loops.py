"""Loops over sub-queues that take turns: what `gridmodel.services.power.turns` does array by array, home by home.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the precision
and the order of its numpy twin: the bytes are the same.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
ROUNDING = 1e-6
"""Part of a sub-queue below which a cut is rounding of the dispatch. [1] As in the order."""
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
def _make_room(  # noqa: PLR0917
    edges: Floats, part_h: Floats, off: Floats, per_h: np.float32, limit: np.float32, made: Floats
) -> None:  # fmt: skip
    """Write edges and hours of parts, two merged where all levels are in use and homes join those that are off."""
    last = len(edges) - 1
    made[0], made[1] = edges, part_h
    for column in range(len(off)):
        if part_h[last, column] > _ZERO and off[column] > edges[last, column] + _JOINS:
            _merge(made[0, :, column], made[1, :, column], per_h, limit)


@_compiled(None)
def _joined(edge: Floats, hours: Floats, off: Floats) -> bool:
    """Return whether more homes are off than before in any column in which this level is in use."""
    found = False
    for column in range(len(off)):
        found |= (hours[column] > _ZERO) & (off[column] > edge[column] + _JOINS)
    return found


@_compiled(None)
def _any_above(values: Floats) -> bool:
    """Return whether any value is above 0."""
    found = False
    for value in values:
        found |= value > _ZERO
    return found


@_compiled(None)
def coming(  # noqa: PLR0917 - numba takes no keywords
    on: Floats, edges: Floats, part_h: Floats, per_h: Floats, most: Floats, came: Floats
) -> None:  # fmt: skip
    """Write what homes that come back bring at once, as `gridmodel.services.power.turns.coming_back` computes it.

    Parameters
    ----------
    on
        Share of homes with power then, shape ``(cohort, member, column)``. [1]
    edges, part_h
        Edges of parts and hours for which their homes have been without, shape ``(level, cohort, member, column)``.
    per_h, most
        Pick-up per hour without power, and the most of it, shape ``(member,)``. [1/h], [1]
    came
        Written, shape of `on`. [1]
    """
    columns, levels = on.shape[2], len(part_h)
    nearer = np.empty(columns, np.float32)
    for cohort in range(on.shape[0]):
        for member in range(on.shape[1]):
            slope, limit = per_h[member], most[member]
            nearer[:] = _ZERO
            for level in range(levels):
                if level > 0 and not _any_above(part_h[level, cohort, member]):
                    break  # nor is any level above it in use
                for column in range(columns):
                    was = edges[level, cohort, member, column]
                    above = was - _lesser(was, _bounded(_ONE - on[cohort, member, column], _ONE))
                    found = (above - nearer[column]) * _bounded(slope * part_h[level, cohort, member, column], limit)
                    came[cohort, member, column] = found + (came[cohort, member, column] if level > 0 else _ZERO)
                    nearer[column] = above


@_compiled(None)
def _joins(on: Floats, edge: Floats, hours: Floats) -> bool:
    """Return whether more homes are off than before in any cell in which this level is in use."""
    for cohort in range(on.shape[0]):
        for member in range(on.shape[1]):
            found = False
            for column in range(on.shape[2]):
                off = _bounded(_ONE - on[cohort, member, column], _ONE)
                was = edge[cohort, member, column] + _JOINS
                found |= (hours[cohort, member, column] > _ZERO) & (off > was)
            if found:
                return True
    return False


@_compiled(None)
def _aged(  # noqa: PLR0917
    edge: Floats, hours: Floats, off: Floats, is_in: Bools, step: np.float32, clock: Floats, edges_after: Floats
) -> tuple[bool, bool]:  # fmt: skip
    """Write a level of parts a step later; return whether it, and whether the next, is in use anywhere."""
    used, next_is = False, False
    for column in range(len(off)):
        share, was, time = off[column], edge[column], hours[column]
        clock[column] = time + step if is_in[column] else _ZERO
        used |= is_in[column]
        is_in[column] = (time > _ZERO) & (share > was + _JOINS)
        next_is |= is_in[column]
        edges_after[column] = was if is_in[column] else share
    return used, next_is


@_compiled(None)
def turned(  # noqa: PLR0917 - numba takes no keywords
    on: Floats, before: tuple[Floats, Floats, Floats], per_h: Floats, most: Floats, step: np.float32,
    most_levels: int, made: tuple[Floats, Floats, Floats],
) -> int:  # fmt: skip
    """Write how long homes have been without power, a step later, as `gridmodel.services.power.turns.turned` does.

    Parameters
    ----------
    on
        Share of homes with power, shape ``(cohort, member, column)``, as all arrays here but those of parts and of
        settings. [1]
    before
        Hours in all, edges of parts and hours for which their homes have been without, both of shape
        ``(level, cohort, member, column)``, a step earlier.
    per_h, most
        Pick-up per hour without power, and the most of it, shape ``(member,)``. [1/h], [1]
    step
        Length of the step. [h]
    most_levels
        Most levels of parts.
    made
        Written: the same as `before`, at the end of the step.

    Returns
    -------
    int
        Number of levels in use; where it is more than there are, nothing was written.
    """
    (total_h, edges, part_h), (total, edges_after, clock) = before, made
    levels, columns, count = len(part_h), on.shape[2], 1
    joins = _joins(on, edges[levels - 1], part_h[levels - 1])
    if joins and levels < most_levels:
        return levels + 1
    merged = np.empty((2, levels, columns), np.float32)
    off, is_in = np.empty(columns, np.float32), np.empty(columns, np.bool_)
    for cohort in range(on.shape[0]):
        for member in range(on.shape[1]):
            for column in range(columns):
                off[column] = _bounded(_ONE - on[cohort, member, column], _ONE)
                is_in[column] = off[column] > _JOINS
                total[cohort, member, column] = total_h[cohort, member, column] + off[column] * step
            full = joins and _joined(edges[levels - 1, cohort, member], part_h[levels - 1, cohort, member], off)
            if full:
                before_it, hours = edges[:, cohort, member], part_h[:, cohort, member]
                _make_room(before_it, hours, off, per_h[member], most[member], merged)
            goes_on = True
            for level in range(levels):
                clock_of, edge_of = clock[level, cohort, member], edges_after[level, cohort, member]
                if not goes_on:
                    clock_of[:], edge_of[:] = _ZERO, off
                    continue
                edge = merged[0, level] if full else edges[level, cohort, member]
                hours = merged[1, level] if full else part_h[level, cohort, member]
                used, goes_on = _aged(edge, hours, off, is_in, step, clock_of, edge_of)
                count = level + 1 if used and level >= count else count
    return count


@_compiled(None)
def returned(  # noqa: PLR0917 - numba takes no keywords
    came: Floats, expected: Floats, pickup: Floats, stays: Floats, most: Floats, made: tuple[Floats, Floats]
) -> None:  # fmt: skip
    """Write the load that returns as a step ends, as `gridmodel.services.power.turns.turned` does.

    Parameters
    ----------
    came, expected
        What homes bring that have come back, and what was expected, shape ``(cohort, member, column)``. [1]
    pickup
        Pick-up as the step begins, same shape. [1]
    stays, most
        Part of it that is left after a step, and the most of it, shape ``(member,)``. [1]
    made
        Written: pick-up as it ends, and what was expected in vain, shape of `came`. [1]
    """
    excess, missed = made
    for cohort in range(came.shape[0]):
        for member in range(came.shape[1]):
            limit, left = most[member], stays[member]
            for column in range(came.shape[2]):
                soon = _lesser(came[cohort, member, column], expected[cohort, member, column])
                fallen = (pickup[cohort, member, column] + soon) * left
                excess[cohort, member, column] = _bounded(fallen + (came[cohort, member, column] - soon), limit)
                missed[cohort, member, column] = expected[cohort, member, column] - soon
