"""Loops over rooms: what `gridmodel.services.heat.rooms` does array by array, the same bytes.

They wait for numba to compile them once per installation.
"""

from __future__ import annotations

from gridmodel.arrays import Floats, available, compiler
from gridmodel.services.heat import pipes
from gridmodel.services.heat.pipes import BURST_FROM, PLUG_K_H

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""

LEAST = 4_000
"""Fewest rooms, in all members and regions, that the loops serve. Ours: with fewer, months of steps save less than it
takes to load compiled code."""

_compiled = compiler(__file__, pipes.__file__)


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
        Thresholds, descending, the first of both alike. [°C]
    kelvin
        Changed: mean over homes of the kelvin below each threshold, shape ``(threshold, cell)``. [K]
    cold
        Changed: share of homes below each threshold, shape ``(threshold, cell)``. [1]
    """
    for room in range(len(weight)):
        some = 0
        for cell in range(weight.shape[1]):
            some += 1 if air_c[room, cell] < cold_below_c[0] else 0
        if not some:  # they would add zeros
            continue
        for place in range(len(kelvin_below_c)):
            limit = kelvin_below_c[place]
            for cell in range(weight.shape[1]):
                lacks = limit - air_c[room, cell]
                kelvin[place, cell] += max(lacks, 0.0) * weight[room, cell]
        for place in range(len(cold_below_c)):
            limit = cold_below_c[place]
            for cell in range(weight.shape[1]):
                cold[place, cell] += weight[room, cell] if air_c[room, cell] < limit else 0.0


@_compiled(None)
def above_mean(first: float, last: float) -> float:
    """Return what `gridmodel.arrays.above_mean` does."""
    top, bottom, rises = max(last, 0.0), max(first, 0.0), last - first
    return (top - bottom) * (top + bottom) / (2.0 * rises) if rises > 0.0 else bottom


@_compiled(None)
def risers(  # noqa: PLR0917 - numba takes no keywords
    before: tuple[Floats, Floats], air_c: Floats, share: Floats, stays: Floats, held: Floats, step_h: float,
    mended_above_c: float, after: tuple[Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Write ice in cold-water risers, the share of them that has burst, and its mean over the step.

    Parameters
    ----------
    before
        Ice and burst share before the step, each of shape ``(state, kind, cell)``. [1]
    air_c
        Air of the homes, same shape. [°C]
    share
        Homes by state, shape ``(state, cell)``. [1]
    stays, held
        Part of burst risers that is not mended at the end of a step, and in its mean, shape ``(cell,)``. [1]
    step_h
        Length of the step. [h]
    mended_above_c
        Rooms above which burst risers are mended. [°C]
    after
        Written: ice, burst share and its mean, each of the shape of those before. [1]
    """
    (ice, burst), (iced, has_burst, mean) = before, after
    for state in range(len(share)):
        for kind in range(air_c.shape[1]):
            for cell in range(share.shape[1]):
                ices, had, air = ice[state, kind, cell], burst[state, kind, cell], air_c[state, kind, cell]
                iced[state, kind, cell], has_burst[state, kind, cell], mean[state, kind, cell] = ices, had, had
                if not share[state, cell] > 0.0 or (air >= 0.0 and ices <= 0.0 and had <= 0.0):
                    continue
                grown = min(max(ices - air * step_h / PLUG_K_H, 0.0), 1.0)
                new = min(max((grown - BURST_FROM) / (1.0 - BURST_FROM), 0.0), 1.0) if air < 0.0 else 0.0
                mended = air > mended_above_c
                left = had * stays[cell] if mended else had
                holds = had * held[cell] if mended else had
                if new > had:
                    first = (ices - BURST_FROM) / (1.0 - BURST_FROM)
                    last = first + -air * step_h / PLUG_K_H / (1.0 - BURST_FROM)
                    holds += above_mean(first - had, last - had) - above_mean(first - 1.0, last - 1.0)
                iced[state, kind, cell], mean[state, kind, cell] = grown, holds
                has_burst[state, kind, cell] = max(left, new)
