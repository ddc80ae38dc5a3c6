"""Loop over cells that writes the air of homes where they are, all kinds of a cell one after the other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest values that the loop writes. Ours: fewer are not worth the time to load compiled code."""
LIVED_IN = 1e-9
"""Share of homes above which the air of a state is shown. [1]"""

_compiled = compiler(__file__)


@_compiled(None)
def _copy(values: Floats, cell: int, shown: npt.NDArray[np.floating]) -> None:
    """Copy the air of all kinds of a cell."""
    for kind in range(np.uintp(len(values))):  # without a sign, places are not looked at from the end
        shown[kind] = values[kind, cell]


@_compiled(None)
def put(  # noqa: PLR0917 - numba takes no keywords
    air: npt.NDArray[np.floating], cells: Ints, rooms: tuple[Floats, Floats], shares: tuple[Floats, Floats],
    row: Ints, own_c: Floats,
) -> None:  # fmt: skip
    """Write the air of some cells, a member and a region each, as `put_air` of a step does.

    Parameters
    ----------
    air
        Written where homes are: shape ``(member, region, kind, heat_state)``, kinds of homes that heat themselves last.
        [°C]
    cells
        Places of the cells among members and their regions.
    rooms
        Air by occupied state, ``(occupied, archetype, cell)``, and of homes in which water circulates,
        ``(archetype, cell)``. [°C]
    shares
        Homes in each state, ``(state, cell)``, and those in which water circulates, ``(cell,)``. [1]
    row
        Occupied state of each heat state; -1 where that is empty, -2 where water circulates.
    own_c
        Air of homes that heat themselves, ``(own, cell)``, shown in the latter state. [°C]
    """
    (rooms_c, heated_c), (share, connected) = rooms, shares
    kinds, regions = len(heated_c), np.uintp(air.shape[1])
    for cell in range(np.uintp(len(cells))):
        there = np.uintp(cells[cell])
        found = air[there // regions, there % regions]
        for state in range(np.uintp(len(row))):
            place = row[state]
            if place == -2:
                _copy(own_c, cell, found[kinds:, state])
            if place == -2 and connected[cell] > LIVED_IN:
                _copy(heated_c, cell, found[:kinds, state])
            elif place >= 0 and share[state, cell] > LIVED_IN:
                _copy(rooms_c[place], cell, found[:kinds, state])
