"""Loops over rooms: what `gridmodel.services.heat.rooms` does array by array, the same bytes.

They wait for numba to compile them once per installation.
"""

from __future__ import annotations

from gridmodel.arrays import Floats, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""

LEAST = 4_000
"""Fewest rooms, in all members and regions, that the loops serve. Ours: with fewer, months of steps save less than it
takes to load compiled code."""

_compiled = compiler(__file__)


@_compiled(None)
def count_cold(  # noqa: PLR0917 - numba takes no keywords
    weight: Floats, air_c: Floats, kelvin_below_c: Floats, cold_below_c: Floats, kelvin: Floats, cold: Floats
) -> None:  # fmt: skip
    """Add homes that are cold, room by room.

    Parameters
    ----------
    weight
        Share of a region's homes, shape ``(room, cell)``. [1]
    air_c
        Their air, same shape. [°C]
    kelvin_below_c, cold_below_c
        Thresholds, descending. [°C]
    kelvin
        Changed: mean over homes of the kelvin below each threshold, shape ``(threshold, cell)``. [K]
    cold
        Changed: share of homes below each threshold, shape ``(threshold, cell)``. [1]
    """
    for room in range(len(weight)):
        for place in range(len(kelvin_below_c)):
            limit = kelvin_below_c[place]
            for cell in range(weight.shape[1]):
                lacks = limit - air_c[room, cell]
                kelvin[place, cell] += max(lacks, 0.0) * weight[room, cell]
        for place in range(len(cold_below_c)):
            limit = cold_below_c[place]
            for cell in range(weight.shape[1]):
                cold[place, cell] += weight[room, cell] if air_c[room, cell] < limit else 0.0
