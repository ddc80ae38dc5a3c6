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
    """Columns of its consumers in their order."""
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
        return float(found)
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
    return float(found)


@_compiled(None)
def _half(count: int) -> int:
    return count // 2 - count // 2 % _LANES


@_compiled(None)
def _pairwise(values: Floats, first: int, count: int) -> float:
    """Sum some numbers as numpy does, long rows by halves.

    The function does not call itself: numba 0.68 crashes on one that does and comes out of its cache.
    """
    if count <= _HALVED:
        return float(_in_lanes(values, first, count))
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
            return float(found)
        left[depth - 1], on_right[depth - 1] = found, True
        sizes[depth] = sizes[depth - 1] - _half(sizes[depth - 1])


@_compiled(None)
def _row_sum(values: Floats, count: int) -> float:
    """Sum the first numbers of a row as `gridmodel.arrays.row_sum` does."""
    if not 0 < count <= NARROW:
        return float(0.0 + _pairwise(values, 0, count))
    found = values[0]
    for k in range(1, count):
        found += values[k]
    return float(found)


@_compiled(None)
def _part_sum(values: Floats, first: int, end: int) -> float:
    """Sum a part of a row as `gridmodel.dispatch.merit.Gather` does."""
    if end - first > _LANES:
        return float(values[first] + _pairwise(values, first + 1, end - first - 1))
    found = -0.0
    for k in range(first + 1, end):
        found += values[k]
    return float(values[first] + found)


@_compiled(None)
def _within_groups(pot: Pot, available: Floats, limits: Floats, usable: Floats) -> None:
    """Write what generators may give within the limits of their groups, cheapest first."""
    plants, places, members = pot.plants, pot.group_members, np.empty(len(pot.plants))
    for row in range(len(usable)):
        here = np.uintp(row)  # without a sign, places are not looked at from the end; so in the loops below
        for place in range(np.uintp(len(plants))):
            usable[here, place] = available[here, np.uintp(plants[place])]
        room = 0.0
        for level in range(len(pot.group)):
            if level == 0 or pot.group[level] != pot.group[level - 1]:
                room = limits[row, pot.group[level]]
            first, end = pot.group_levels[level], pot.group_levels[level + 1]
            for k in range(first, end):
                members[k - first] = usable[row, places[k]]
            whole = _row_sum(members, end - first)
            allowed = whole if whole < room else room
            share = allowed / whole if whole > 0.0 else 0.0
            for k in range(first, end):
                usable[row, places[k]] *= share
            room -= allowed


@_compiled(None)
def _levels(starts: Ints, usable: Floats, levels: Floats, below: Floats) -> None:
    """Write what generators of each level of cost may give, and those up to it."""
    for row in range(len(usable)):
        here, so_far = usable[row], -0.0
        for level in range(len(starts) - 1):
            levels[row, level] = _part_sum(here, starts[level], starts[level + 1])
            so_far += levels[row, level]
            below[row, level] = so_far


@_compiled(None)
def _want(pot: Pot, tier: int, demand: Floats, here: Floats) -> None:
    """Write what consumers of one shed cost demand, by region."""
    consumers, parts, region = pot.consumers, pot.parts, pot.region
    wanted = np.empty(len(consumers))
    begin, stop = np.uintp(pot.tiers[tier]), np.uintp(pot.tiers[tier + 1])
    for row in range(np.uintp(len(here))):
        for place in range(np.uintp(here.shape[1])):
            here[row, place] = 0.0
        for part in range(begin, stop):
            first, end = np.uintp(parts[part]), np.uintp(parts[part + np.uintp(1)])
            if end - first == np.uintp(1):
                here[row, np.uintp(region[part])] = demand[row, np.uintp(consumers[first])]
                continue
            for k in range(first, end):
                wanted[k] = demand[row, np.uintp(consumers[k])]
            here[row, np.uintp(region[part])] = _part_sum(wanted, int(first), int(end))


@_compiled(None)
def _level_of(  # noqa: PLR0917 - numba takes no keywords
    amount: float, whole: float, demand: Floats, cap: Floats, top: Floats, order: Ints
) -> float:
    """Find the level to which an amount serves places whose caps are below their demand; write what caps allow."""
    for i in range(len(demand)):
        most = cap[i] / demand[i] if demand[i] > 0.0 else 1.0
        top[i] = most if most < 1.0 else 1.0
        k = i
        while k > 0 and top[order[k - 1]] > top[i]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = i
    full = reached = 0.0
    for place in order:
        filled = top[place] * demand[place]
        full += filled
        reached += demand[place]
        capped, still = full - filled, whole - (reached - demand[place])
        if capped + top[place] * still >= amount:
            return (amount - capped) / still if still > 0.0 else 1.0
    return 1.0


@_compiled(None)
def _give(here: Floats, spare: Floats, room: Floats, given: Floats) -> None:
    """Share what is to spare among regions, each with the room that its network leaves, and take it from both."""
    bound, top, order = np.empty(here.shape[1]), np.ones(here.shape[1]), np.empty(here.shape[1], np.intp)
    for row in range(np.uintp(len(here))):
        whole, held = _row_sum(here[row], len(bound)), False
        for place in range(np.uintp(len(bound))):
            held |= here[row, place] > room[row, place]
            bound[place] = here[row, place] if here[row, place] < room[row, place] else room[row, place]
        most = _row_sum(bound, len(bound)) if held else whole
        able = spare[row] if spare[row] > 0.0 else 0.0
        amount = most if most < able else able
        if held:
            level = _level_of(amount, whole, here[row], room[row], top, order)
        else:
            level = amount / whole if whole > 0.0 else 0.0
        level = level if level > 0.0 else 0.0
        level = level if level < 1.0 else 1.0
        for place in range(np.uintp(len(bound))):
            least = top[place] if held and top[place] < level else level
            given[row, place] = here[row, place] * least
            left = room[row, place] - given[row, place]
            room[row, place] = left if left > 0.0 else 0.0


@_compiled(None)
def _hand_out(pot: Pot, tier: int, shares: tuple[Floats, Floats], demand: Floats, served: Floats) -> None:
    """Write what consumers of one shed cost are served, out of what their regions want and are given."""
    consumers, parts, region = pot.consumers, pot.parts, pot.region
    here, given = shares
    begin, stop = np.uintp(pot.tiers[tier]), np.uintp(pot.tiers[tier + 1])
    for row in range(np.uintp(len(here))):
        for part in range(begin, stop):
            place = np.uintp(region[part])
            whole = here[row, place]
            share = given[row, place] / whole if whole > 0.0 else 0.0
            share = share if share < 1.0 else 1.0
            for k in range(np.uintp(parts[part]), np.uintp(parts[part + np.uintp(1)])):
                consumer = np.uintp(consumers[k])
                served[row, consumer] = demand[row, consumer] * share


@_compiled(None)
def _run(pot: Pot, served: Floats, numbers: tuple[Floats, Floats, Floats], output: Floats) -> None:
    """Run generators, cheapest first, until they give what is served."""
    (usable, levels, below), by_column, plants, starts = numbers, np.empty(len(pot.by_column)), pot.plants, pot.levels
    columns = pot.by_column
    for row in range(np.uintp(len(usable))):
        for k in range(np.uintp(len(by_column))):
            by_column[k] = served[row, np.uintp(columns[k])]
        whole = _row_sum(by_column, len(by_column))
        for level in range(np.uintp(levels.shape[1])):
            here = levels[row, level]
            used = whole - (below[row, level] - here)
            used = used if used > 0.0 else 0.0
            used = used if used < here else here
            share = used / here if here > 0.0 else 0.0
            for place in range(np.uintp(starts[level]), np.uintp(starts[level + np.uintp(1)])):
                output[row, np.uintp(plants[place])] = usable[row, place] * share


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
    count, regions = cap.shape
    usable, levels = np.empty((count, len(pot.plants))), np.empty((count, len(pot.levels) - 1))
    here, shares, below = np.empty((count, regions)), np.empty((count, regions)), np.empty(levels.shape)
    room, total, spare = cap.copy(), np.zeros(count), np.empty(count)
    _within_groups(pot, available, limits, usable)
    _levels(pot.levels, usable, levels, below)
    for tier in range(len(pot.worth)):
        for row in range(count):
            spare[row] = (below[row, pot.worth[tier] - 1] if pot.worth[tier] > 0 else 0.0) - total[row]
        _want(pot, tier, demand, here)
        _give(here, spare, room, shares)
        _hand_out(pot, tier, (here, shares), demand, served)
        for row in range(count):
            total[row] += _row_sum(shares[row], regions)
    _run(pot, served, (usable, levels, below), output)
