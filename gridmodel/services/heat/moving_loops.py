"""Loops over homes that move between states: what `gridmodel.arrays.moved` does array by array, the same bytes.

They wait for numba to compile them once per installation.
"""

from __future__ import annotations

from gridmodel.arrays import EMPTY, Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest rooms, in all cells, that the loops serve. Ours: as `rooms_loops.LEAST`."""

_compiled = compiler(__file__)


@_compiled(None)
def arriving(share: Floats, ways: Ints, amounts: Floats, parts: Floats) -> None:
    """Write the part of homes in the state that a flow enters which have come with it, flow by flow.

    Parameters
    ----------
    share
        Share in each state before, shape ``(state, cell)``; changed to that after all have moved. [1]
    ways
        States that flows leave and enter, shape ``(flow, 2)``.
    amounts
        Share of all that moves, shape ``(flow, cell)``. [1]
    parts
        Written: 0 where nobody moves, same shape. [1]
    """
    for flow in range(len(ways)):
        source = ways[flow, 0]
        for cell in range(share.shape[1]):
            share[source, cell] = max(share[source, cell] - amounts[flow, cell], 0.0)
    for flow in range(len(ways)):
        target = ways[flow, 1]
        for cell in range(share.shape[1]):
            amount = amounts[flow, cell]
            part = amount / max(max(share[target, cell], 0.0) + amount, EMPTY)
            parts[flow, cell] = part if amount > EMPTY else 0.0
            share[target, cell] += amount


@_compiled(None)
def take_along(values: Floats, ways: Ints, parts: Floats, mixed: Floats) -> None:
    """Mix what flows carry into what homes in the states that they enter have.

    Parameters
    ----------
    values
        What homes have before, shape ``(state, kind, cell)``.
    ways, parts
        As `arriving` takes and writes them.
    mixed
        Changed, same shape as `values`, whose copy it is.
    """
    for flow in range(len(ways)):
        source, target = ways[flow, 0], ways[flow, 1]
        for kind in range(values.shape[1]):
            for cell in range(values.shape[2]):
                part, stays = parts[flow, cell], mixed[target, kind, cell]
                comes = stays * (1.0 - part) + values[source, kind, cell] * part
                mixed[target, kind, cell] = comes if part > 0.0 else stays
