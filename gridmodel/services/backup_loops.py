"""Loop over generators: what `gridmodel.services.backup` does array by array, system by system: the same bytes.

It waits for numba to compile it once per installation. Every line is one of + − × ÷ or a comparison in the order of its
numpy twins.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, available, compiler
from gridmodel.services import number_loops
from gridmodel.services.number_loops import less, more

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 2_000
"""Fewest systems, in all cells, that the loop serves. Ours: fewer are not worth the time to load compiled code."""
_THERE, _BURNS, _NEEDS, _FULL, _OUTPUT = range(5)

_compiled = compiler(__file__, number_loops.__file__)


@_compiled(None)
def run(  # noqa: PLR0917 - numba takes no keywords
    power: Floats, fuel_mwh: Floats, table: Floats, needless: Bools, bring_mwh: Floats, order: Ints, step_h: float,
    made: tuple[Floats, Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Run generators where nothing else supplies, burn fuel, and refuel by priority.

    Parameters
    ----------
    power
        Share of each system that has power, shape ``(cell, system)``, where a cell is a member and a region. [1]
    fuel_mwh
        Fuel before the step, same shape. [MWh]
    table
        Share that generators can supply, power that fuel has to last for, that is needed, fuel in full tanks, and power
        of generators that start, shape ``(5, cell, system)``. [1], [MW], [MW], [MWh], [MW]
    needless
        True for systems that need no power, shape ``(cell, system)``; of length 0 without any.
    bring_mwh
        Fuel that trucks bring, shape ``(cell,)``. [MWh]
    order
        Systems by priority.
    step_h
        Length of the step. [h]
    made
        Written: fuel at the end, share that runs, share without power, and hours that the fuel lasts, shape
        ``(cell, system)`` each. [MWh], [1], [1], [h]
    """
    fuel, share, dark, fuel_h = made
    some = len(needless) > 0
    for cell in range(np.uintp(len(power))):  # without a sign, places are not looked at from the end
        for system in range(np.uintp(power.shape[1])):
            lacks = 1.0 - power[cell, system]
            lasts = fuel_mwh[cell, system] / (table[_BURNS, cell, system] * step_h)
            runs = more(less(less(lacks, table[_THERE, cell, system]), lasts), 0.0)
            if some and needless[cell, system]:
                runs = lacks
            burnt = runs * table[_NEEDS, cell, system] * step_h
            fuel[cell, system] = more(fuel_mwh[cell, system] - burnt, 0.0)
            share[cell, system] = runs
            dark[cell, system] = less(more(lacks - runs, 0.0), 1.0)
        brings = bring_mwh[cell]
        for place in range(np.uintp(len(order))):
            first = np.uintp(order[place])
            given = less(more(table[_FULL, cell, first] - fuel[cell, first], 0.0), brings)
            fuel[cell, first] += given
            brings -= given
        for system in range(np.uintp(power.shape[1])):
            fuel_h[cell, system] = fuel[cell, system] / table[_OUTPUT, cell, system]
