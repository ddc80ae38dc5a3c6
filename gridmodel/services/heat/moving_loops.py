"""Loops over homes that move between states: what `gridmodel.arrays.moved` does array by array, the same bytes.

They wait for numba to compile them once per installation.
"""

# ruff: noqa: FURB136, PLR0917 - the functions min and max of numba look for NaN first; it takes no keywords
from __future__ import annotations

import numpy as np

from gridmodel.arrays import EMPTY, Bools, Floats, Ints, available, compiler
from gridmodel.services.heat import warming
from gridmodel.services.heat.warming import FROZEN, REFILLING, STATES

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest rooms, in all cells, that the loops serve. Ours: as `rooms_loops.LEAST`."""

_compiled = compiler(__file__, warming.__file__)


@_compiled(None)
def arriving(share: Floats, ways: Ints, moves: Bools, amounts: Floats, rows: Ints, parts: Floats) -> int:
    """Write the part of homes in the state that a flow enters which have come with it; return how many flows do.

    Parameters
    ----------
    share
        Share in each state before, shape ``(state, cell)``; changed to that after all have moved. [1]
    ways
        States that flows leave and enter, -1 for none, shape ``(flow, 2)``. Flows within a state bring nothing.
    moves
        True for flows with which somebody moves, shape ``(flow,)``.
    amounts
        Share of all that moves, shape ``(flow, cell)``. [1]
    rows
        Written: flows that enter another state, in their order, shape ``(flow,)``.
    parts
        Written: a row for each of them, 0 where nobody moves, shape ``(flow, cell)``. [1]
    """
    count = 0
    for flow in range(len(ways)):
        source, target = ways[flow, 0], ways[flow, 1]
        if moves[flow] and source != target and source >= 0 and target >= 0:
            rows[count] = flow
            count += 1
            for cell in range(share.shape[1]):
                stays = share[source, cell] - amounts[flow, cell]
                share[source, cell] = stays if stays > 0.0 else 0.0
    for row in range(count):
        flow, target = rows[row], ways[rows[row], 1]
        for cell in range(share.shape[1]):
            amount, there = amounts[flow, cell], share[target, cell]
            whole = (there if there > 0.0 else 0.0) + amount
            part = amount / (whole if whole > EMPTY else EMPTY)
            parts[row, cell] = part if amount > EMPTY else 0.0
            share[target, cell] += amount
    return count


@_compiled(None)
def take_along(values: Floats, ways: Ints, rows: Ints, parts: Floats, mixed: Floats) -> bool:
    """Mix what flows carry into what homes in the states that they enter have; return whether some have anything.

    Parameters
    ----------
    values
        What homes have before, shape ``(state, kind, cell)``.
    ways, rows, parts
        As `arriving` takes and writes them; of rows, only those that it has written.
    mixed
        Written: what they have afterwards, same shape as `values`.
    """
    some = False
    for state in range(values.shape[0]):
        for kind in range(values.shape[1]):
            for cell in range(values.shape[2]):
                mixed[state, kind, cell] = values[state, kind, cell]
                some |= values[state, kind, cell] != 0.0
    if not some:
        return False
    for row in range(len(rows)):
        source, target = ways[rows[row], 0], ways[rows[row], 1]
        for kind in range(values.shape[1]):
            for cell in range(values.shape[2]):
                part, stays = parts[row, cell], mixed[target, kind, cell]
                comes = stays * (1.0 - part) + values[source, kind, cell] * part
                mixed[target, kind, cell] = comes if part > 0.0 else stays
    return True


@_compiled(None)
def carry(
    before: tuple[Floats, Floats, Floats, Floats, Floats, Floats], share: Floats, occupied: Ints, rooms: Ints,
    flows: tuple[Bools, Floats], made: Floats, some: Bools,
) -> None:  # fmt: skip
    """Take along all that homes have.

    Parameters
    ----------
    before
        What they have before, shape ``(occupied, kind, member, region)`` each.
    share
        Share in each state before, shape ``(state, member, region)``. [1]
    occupied
        States with rooms that some homes are in, shape ``(occupied,)``.
    rooms
        States whose rooms homes leave and enter with each flow, shape ``(flow, 2)``.
    flows
        True for flows with which somebody moves, shape ``(flow,)``; and share of all that moves, ``(flow, cell)``. [1]
    made
        Written: what they have afterwards where that may have changed, shape ``(value, occupied, kind, member,
        region)``.
    some
        Changed to true for values that may have, shape ``(value,)``.
    """
    (states, kinds), (moves, amounts) = before[0].shape[:2], flows
    cells, places = amounts.shape[1], np.full(STATES, -1)
    all_homes, there = share.reshape((len(share), cells)), np.empty((states, cells))
    for place in range(states):
        places[occupied[place]] = place
        for cell in range(cells):
            there[place, cell] = all_homes[occupied[place], cell]
            if occupied[place] == FROZEN:
                there[place, cell] += all_homes[REFILLING, cell]
    ways, rows, parts = np.empty(rooms.shape, np.intp), np.empty(len(rooms), np.intp), np.empty(amounts.shape)
    for flow in range(len(rooms)):
        ways[flow, 0], ways[flow, 1] = places[rooms[flow, 0]], places[rooms[flow, 1]]
    count = arriving(there, ways, moves, amounts, rows, parts)
    if not count:
        return
    shape, mixed = (states, kinds, cells), made.reshape((len(before), states, kinds, cells))
    for value in range(len(before)):
        some[value] = take_along(before[value].reshape(shape), ways, rows[:count], parts, mixed[value])
