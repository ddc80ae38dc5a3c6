"""Loops over cells that write homes in each state and their air, all values of a cell one after the other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel import vocabulary
from gridmodel.arrays import Floats, Ints, available, compiler
from gridmodel.vocabulary import HEAT_STATES

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest values that the loops write. Ours: fewer are not worth the time to load compiled code."""
LIVED_IN = 1e-9
"""Share of homes above which the air of a state is shown. [1]"""
_STATES = len(HEAT_STATES)

_compiled = compiler(__file__, vocabulary.__file__)


@_compiled(None)
def _copy(values: Floats, cell: int, shown: npt.NDArray[np.floating]) -> None:
    """Copy the air of all kinds of a cell."""
    for kind in range(np.uintp(len(values))):  # without a sign, places are not looked at from the end
        shown[kind] = values[kind, cell]


@_compiled(None)
def _put_connected(values: Floats, cell: int, lived_in: bool, shown: npt.NDArray[np.floating]) -> None:
    """Write the air of all kinds of a cell, missing in all states but the first."""
    for kind in range(np.uintp(len(values))):
        shown[kind, 0] = values[kind, cell] if lived_in else np.nan
        for state in range(1, _STATES):
            shown[kind, state] = np.nan


@_compiled(None)
def put(  # noqa: PLR0917 - numba takes no keywords
    air: npt.NDArray[np.floating], cells: Ints, rooms: tuple[Floats, Floats], shares: tuple[Floats, Floats],
    row: Ints, own_c: Floats,
) -> None:  # fmt: skip
    """Write the air of some cells, a member and a region each, as `put_air` of a step does.

    Parameters
    ----------
    air
        Written, missing where no homes are: shape ``(member, region, kind, heat_state)``, kinds of homes that heat
        themselves last. [°C]
    cells
        Places of the cells among members and their regions.
    rooms
        Air by occupied state, ``(occupied, archetype, cell)``, and of homes in which water circulates,
        ``(archetype, cell)``. [°C]
    shares
        Homes in each state, ``(state, cell)``, and those in which water circulates, ``(cell,)``. [1]
    row
        Occupied state of each heat state, -1 where that is empty; water circulates in the first, which does not count.
    own_c
        Air of homes that heat themselves, ``(own, cell)``, shown in the first state; those of no kind are left alone.
        [°C]
    """
    (rooms_c, heated_c), (share, connected) = rooms, shares
    kinds, regions = len(heated_c), np.uintp(air.shape[1])
    for cell in range(np.uintp(len(cells))):
        there = np.uintp(cells[cell])
        found = air[there // regions, there % regions]
        _put_connected(heated_c, cell, connected[cell] > LIVED_IN, found[:kinds])
        _put_connected(own_c, cell, True, found[kinds:])
        for state in range(np.uintp(1), np.uintp(len(row))):
            place = row[state]
            if place >= 0 and share[state, cell] > LIVED_IN:
                _copy(rooms_c[place], cell, found[:kinds, state])


@_compiled(None)
def put_shares(shares: npt.NDArray[np.floating], cells: Ints, share: Floats) -> None:
    """Write the share of homes of some cells in each state.

    Parameters
    ----------
    shares
        Written, shape ``(member, region, heat_state)``. [1]
    cells
        Places of the cells among members and their regions.
    share
        Homes in each state that is kept, shape ``(state, cell)``: those after the states that are shown count in the
        first. Those of states that are left out are none. [1]
    """
    regions, kept = np.uintp(shares.shape[1]), np.uintp(len(share))
    for cell in range(np.uintp(len(cells))):
        there = np.uintp(cells[cell])
        member, region, connected = there // regions, there % regions, share[0, cell]
        for group in range(np.uintp(_STATES), kept):
            connected += share[group, cell]
        shares[member, region, 0] = connected
        for state in range(np.uintp(1), np.uintp(_STATES)):
            shares[member, region, state] = share[state, cell] if state < kept else 0.0
