"""A loop over cold homes that take turns: what `gridmodel.services.heat.causes` asks of all of them, home by home.

It waits for numba to compile it once per installation. Every line is one of + − × ÷ or a comparison in the order of its
numpy twin: the bytes are the same.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
WITHOUT_POWER, WITHOUT_GAS, WARMING_UP, BEYOND_INSTALLED = range(4)
"""Rows of what is found."""

_compiled = compiler(__file__)


@_compiled(None)
def add(  # noqa: PLR0917 - numba takes no keywords
    homes: tuple[Ints, Floats, Floats], by_cohort: tuple[Floats, Floats, Floats],
    settles: tuple[Floats, Floats, Floats], no_gas: Bools, rows: tuple[int, int], limits: tuple[float, np.floating],
    found: Floats,
) -> None:  # fmt: skip
    """Add cold homes to the first cause that applies to them.

    Parameters
    ----------
    homes
        Places of cold homes in a flat array by row, cohort and cell; people of each; and heating of all homes by place.
        [1], [W/m²]
    by_cohort
        Homes with power, backup and gains, by cohort and cell. [1], [1], [W/m²]
    settles
        Where buildings settle: by outdoor air, in °C, and per unit of heating and gains, by cell. [K m²/W]
    no_gas
        Cells in which gas is short.
    rows
        Row of boilers with backup, and the first row that burns no gas.
    limits
        Air below which homes are cold, and power below which it is short. [°C], [1]
    found
        Changed: people by cause and cell, shape ``(4, cell)``. [1]
    """
    (low, people, heating_w), (power, backup, gains_w), (outdoor_c, by_heating, by_gains) = homes, by_cohort, settles
    cells, cohorts = found.shape[1], len(power)
    for n in range(len(low)):
        row = low[n] // cohorts
        of_cohort = low[n] - row * cohorts
        cell = of_cohort % cells
        air_c = outdoor_c[cell] + by_heating[cell] * heating_w[low[n]] + by_gains[cell] * gains_w[of_cohort]
        if air_c >= limits[0]:
            found[WARMING_UP, cell] += people[n]
            continue
        on = power[of_cohort]
        if row == rows[0]:
            on += backup[of_cohort]
        if on < limits[1]:
            found[WITHOUT_POWER, cell] += people[n]
        elif row < rows[1] and no_gas[cell]:
            found[WITHOUT_GAS, cell] += people[n]
        else:
            found[BEYOND_INSTALLED, cell] += people[n]
