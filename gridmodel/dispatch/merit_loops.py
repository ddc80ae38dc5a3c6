"""Loops over snapshots: what `gridmodel.dispatch.merit.Island` does array by array, a snapshot at a time.

Arrays of a block of snapshots are so small that numpy spends its time on calls. The loops wait for numba to compile
them once per installation. Every line is one of + − × ÷ or a comparison in the order of its numpy twin, and sums are in
the order in which numpy adds up a row: the bytes are the same.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gridmodel.arrays import NARROW, Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 8
"""Fewest snapshots that the loops serve. Ours: fewer are not worth the time to load compiled code."""
_LANES = 8
"""Sums that numpy keeps side by side along a row."""
_HALVED = 128
"""Length beyond which numpy adds up the two halves of a row."""
_DEPTH = 40
"""Most times that a row is halved."""


class Pot(NamedTuple):
    """An island as one pot, and the order in which it is served and run."""

    plants: Ints
    """Columns of its generators, cheapest first."""
    levels: Ints
    """Where each level of cost starts among them, and their number."""
    group_members: Ints
    """Places among `plants` of generators in groups, group by group, cheapest first."""
    group_levels: Ints
    """Where each level of cost of a group starts among them, and their number."""
    group: Ints
    """Group of each of these levels."""
    consumers: Ints
    """Columns of its consumers, those of the highest shed cost first, then by region."""
    by_column: Ints
    """Places among `consumers` in the order of columns."""
    parts: Ints
    """Where consumers of one shed cost and region start among `consumers`, and their number."""
    region: Ints
    """Region of each of these parts."""
    tiers: Ints
    """Where each shed cost starts among the parts, and their number."""
    worth: Ints
    """Levels of cost that are cheaper than each shed cost."""


_compiled = compiler(__file__)


@_compiled(None)
def _in_lanes(values: Floats, first: int, count: int) -> float:
    """Sum a few numbers as numpy does."""
    if count < _LANES:
        found = -0.0
        for k in range(first, first + count):
            found += values[k]
        return found
    whole = first + count - count % _LANES
    a, b, c, d = values[first], values[first + 1], values[first + 2], values[first + 3]
    e, f, g, h = values[first + 4], values[first + 5], values[first + 6], values[first + 7]
    for k in range(first + _LANES, whole, _LANES):
        a += values[k]
        b += values[k + 1]
        c += values[k + 2]
        d += values[k + 3]
        e += values[k + 4]
        f += values[k + 5]
        g += values[k + 6]
        h += values[k + 7]
    found = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for k in range(whole, first + count):
        found += values[k]
    return found


@_compiled(None)
def _half(count: int) -> int:
    return count // 2 - count // 2 % _LANES


@_compiled(None)
def _pairwise(values: Floats, first: int, count: int) -> float:
    """Sum some numbers as numpy does: long rows by halves, without a function that calls itself, which is not cached."""
    if count <= _HALVED:
        return _in_lanes(values, first, count)
    sizes, left, depth = np.zeros(_DEPTH, np.intp), np.zeros(_DEPTH), 0
    on_right = np.zeros(_DEPTH, np.bool_)
    sizes[0] = count
    while True:
        while sizes[depth] > _HALVED:
            sizes[depth + 1], on_right[depth] = _half(sizes[depth]), False
            depth += 1
        found = _in_lanes(values, first, sizes[depth])
        first += sizes[depth]
        while depth > 0 and on_right[depth - 1]:
            depth -= 1
            found = left[depth] + found
        if depth == 0:
            return found
        left[depth - 1], on_right[depth - 1] = found, True
        sizes[depth] = sizes[depth - 1] - _half(sizes[depth - 1])


@_compiled(None)
def _row_sum(values: Floats, count: int) -> float:
    """Sum the first numbers of a row as `gridmodel.arrays.row_sum` does."""
    if not 0 < count <= NARROW:
        return 0.0 + _pairwise(values, 0, count)
    found = values[0]
    for k in range(1, count):
        found += values[k]
    return found


@_compiled(None)
def _part_sum(values: Floats, first: int, end: int) -> float:
    """Sum a part of a row as `gridmodel.dispatch.merit.Gather` does."""
    return values[first] if end - first == 1 else values[first] + _pairwise(values, first + 1, end - first - 1)


@_compiled(None)
def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else 0.0


@_compiled(None)
def _within_groups(pot: Pot, available: Floats, limits: Floats, usable: Floats, members: Floats) -> None:
    """Write what generators may give within the limits of their groups."""
    for place in range(len(usable)):
        usable[place] = available[pot.plants[place]]
    room = 0.0
    for level in range(len(pot.group)):
        if level == 0 or pot.group[level] != pot.group[level - 1]:
            room = limits[pot.group[level]]
        first, end = pot.group_levels[level], pot.group_levels[level + 1]
        for k in range(first, end):
            members[k - first] = usable[pot.group_members[k]]
        whole = _row_sum(members, end - first)
        allowed = whole if whole < room else room
        share = _ratio(allowed, whole)
        for k in range(first, end):
            usable[pot.group_members[k]] *= share
        room -= allowed


@_compiled(None)
def _capped(amount: float, whole: float, demand: Floats, cap: Floats, given: Floats, top: Floats, order: Ints) -> None:
    """Share an amount as `gridmodel.dispatch.merit.level_fill` does, place by place in the order of what caps allow."""
    for i in range(len(demand)):
        most = cap[i] / demand[i] if demand[i] > 0.0 else 1.0
        top[i] = most if most < 1.0 else 1.0
        k = i
        while k > 0 and top[order[k - 1]] > top[i]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = i
    level, full, reached = 1.0, 0.0, 0.0
    for place in order:
        filled = top[place] * demand[place]
        full += filled
        reached += demand[place]
        capped, still = full - filled, whole - (reached - demand[place])
        if capped + top[place] * still >= amount:
            if still > 0.0:
                level = (amount - capped) / still
            break
    level = level if level > 0.0 else 0.0
    level = level if level < 1.0 else 1.0
    for place in range(len(demand)):
        given[place] = demand[place] * (level if level < top[place] else top[place])


@_compiled(None)
def _give(spare: float, demand: Floats, room: Floats, given: Floats, spaces: tuple[Floats, Floats], order: Ints) -> None:
    """Share what is to spare among regions, each with the room that its network leaves, and take it from that room."""
    bound, top = spaces
    whole, held = _row_sum(demand, len(demand)), False
    for place in range(len(demand)):
        held |= demand[place] > room[place]
        bound[place] = demand[place] if demand[place] < room[place] else room[place]
    most = _row_sum(bound, len(bound)) if held else whole
    amount = most if most < spare else spare
    if held:
        _capped(amount, whole, demand, room, given, top, order)
    else:
        level = _ratio(amount, whole)
        level = level if level > 0.0 else 0.0
        level = level if level < 1.0 else 1.0
        for place in range(len(demand)):
            given[place] = demand[place] * level
    for place in range(len(demand)):
        left = room[place] - given[place]
        room[place] = left if left > 0.0 else 0.0


@_compiled(None)
def _run(pot: Pot, served: Floats, usable: Floats, levels: Floats, below: Floats, output: Floats) -> None:
    """Run generators, cheapest first, until they give what is served."""
    whole = _row_sum(served, len(served))
    for level in range(len(levels)):
        used = whole - (below[level] - levels[level])
        used = used if used > 0.0 else 0.0
        used = used if used < levels[level] else levels[level]
        share = _ratio(used, levels[level])
        for place in range(pot.levels[level], pot.levels[level + 1]):
            output[pot.plants[place]] = usable[place] * share


@_compiled(None)
def serve(
    pot: Pot, given: tuple[Floats, Floats], caps: tuple[Floats, Floats], made: tuple[Floats, Floats],
) -> None:  # fmt: skip
    """Write what `gridmodel.dispatch.merit.Island.serve` returns for an island.

    Parameters
    ----------
    pot
        The island.
    given
        Demand of each consumer, shape ``(snapshot, consumer)``, and most that each generator can give,
        ``(snapshot, generator)``, those of other islands included. [MW]
    caps
        Most that each region can be served, ``(snapshot, region)``, and limits of groups, ``(snapshot, group)``. [MW]
    made
        Written: served and output, shaped as `given`. [MW]
    """
    (demand, available), (cap, limits), (served, output) = given, caps, made
    regions, plants, consumers = cap.shape[1], len(pot.plants), len(pot.consumers)
    usable, members, levels, below = np.empty(plants), np.empty(plants), np.empty(len(pot.levels) - 1), np.empty(plants)
    wanted, by_column, here, shares = np.empty(consumers), np.empty(consumers), np.empty(regions), np.empty(regions)
    spaces, order = (np.empty(regions), np.empty(regions)), np.empty(regions, np.intp)
    for row in range(len(demand)):
        _within_groups(pot, available[row], limits[row], usable, members)
        so_far = 0.0
        for level in range(len(levels)):
            levels[level] = _part_sum(usable, pot.levels[level], pot.levels[level + 1])
            so_far = levels[level] if level == 0 else so_far + levels[level]
            below[level] = so_far
        for place in range(consumers):
            wanted[place] = demand[row, pot.consumers[place]]
        room, total = cap[row].copy(), 0.0
        for tier in range(len(pot.worth)):
            here[:] = 0.0
            for part in range(pot.tiers[tier], pot.tiers[tier + 1]):
                here[pot.region[part]] = _part_sum(wanted, pot.parts[part], pot.parts[part + 1])
            spare = (below[pot.worth[tier] - 1] if pot.worth[tier] > 0 else 0.0) - total
            _give(spare if spare > 0.0 else 0.0, here, room, shares, spaces, order)
            total += _row_sum(shares, regions)
            for part in range(pot.tiers[tier], pot.tiers[tier + 1]):
                share = _ratio(shares[pot.region[part]], here[pot.region[part]])
                share = share if share < 1.0 else 1.0
                for place in range(pot.parts[part], pot.parts[part + 1]):
                    wanted[place] *= share
                    served[row, pot.consumers[place]] = wanted[place]
        for k in range(consumers):
            by_column[k] = wanted[pot.by_column[k]]
        _run(pot, by_column, usable, levels, below, output[row])
