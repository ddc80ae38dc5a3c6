"""Wet wells of sewage lift stations: what fills them, what empties them, and whose sewage backs up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, ratio

IN_TURN, DARK, OWN = range(3)
"""Lift stations: those that the grid supplies, all of them in turn; those that nothing supplies, as they are lost or on
feeders that are broken; those that run on their own power."""
ROUNDING = 1e-9
"""Share of lift stations up to which none is dark, and what a full wet well may lack. [1] Ours: rounding of sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wells:
    """Wet wells by what supplies their lift stations, each array of shape ``(3, member, region)``, as `IN_TURN`.

    Stations that change from one to another take their wells with them: those that are full stay full, and of the
    others the mean counts.
    """

    share: Floats
    """Stations; what does not count, and may be of an earlier step, where all wells are empty. [1]"""
    full: Floats
    """Those of them whose wells are full. [1]"""
    sewage: Floats
    """Sewage in the wells of the others, over what those of all stations hold. [1]"""


def empty_wells(shape: tuple[int, ...]) -> Wells:
    """Return empty wells of stations that all have the grid's power, for a shape ``(member, region)``."""
    share, full, sewage = (np.zeros((3, *shape)) for _ in range(3))
    share[IN_TURN] = 1.0
    return Wells(share=share, full=full, sewage=sewage)


def lifted(
    wells: Wells, used: Floats, *, left: Floats | float, power: Floats | float, own: Floats | float,
    torn: Floats | float, per_step: Floats,
) -> tuple[Wells, Floats]:  # fmt: skip
    """Wet wells after a step, and the share of people whose sewage backs up, shape ``(member, region)``. [1]

    Parameters
    ----------
    wells
        Before the step.
    used
        Water that comes as sewage over mean use, shape ``(member, region)``. [1]
    left, power, own, torn
        Stations as `step_water` takes them. [1]
    per_step
        Fill that mean use adds in a step, shape ``(region,)``. [1]
    """
    dark, lost = 1.0 - np.asarray(power, dtype=float), 1.0 - np.asarray(left, dtype=float)
    dark = dark * (dark > ROUNDING)
    if not (dark.any() or lost.any() or wells.full.any() or wells.sewage.any()):
        return wells, np.zeros(used.shape)  # whatever supplies them: where all are empty, nothing comes of it
    share = np.empty_like(wells.share)
    share[OWN] = left * np.asarray(own, dtype=float)
    share[DARK] = lost + left * torn * dark
    share[IN_TURN] = np.maximum(1.0 - share[OWN] - share[DARK], 0.0)
    in_turn = np.clip(ratio(np.asarray(left * (1.0 - dark - own)), share[IN_TURN], empty=1.0), 0.0, 1.0)
    rate = np.empty_like(share)
    rate[IN_TURN] = (1.0 - in_turn) * used - in_turn
    rate[DARK], rate[OWN] = used, -1.0
    rate *= per_step
    after = _filled(_rearranged(wells, share), rate)
    return after, after.full[DARK] + after.full[IN_TURN] * (1.0 - in_turn)


def _rearranged(wells: Wells, share: Floats) -> Wells:
    """Return wells after stations have changed what supplies them: no more than must, and first those with room left.

    As of feeders, those that are lost first are mended last, so that full wells stay where others can leave.

    Parameters
    ----------
    wells
        Before.
    share
        Stations by what supplies them now, shape ``(3, member, region)``. [1]
    """
    if not (wells.full.any() or wells.sewage.any()):
        return Wells(share=share, full=wells.full, sewage=wells.sewage)
    if (share == wells.share).all():
        return wells
    tiny = np.finfo(float).tiny
    full = np.minimum(wells.full, share)
    room = np.minimum(wells.share, share)
    room -= full
    room /= np.maximum(wells.share - wells.full, tiny)
    sewage = wells.sewage * room
    into = np.maximum(share - wells.share, 0.0)
    into /= np.maximum(into[0] + into[1] + into[2], tiny)
    full_go, sewage_goes = wells.full - full, wells.sewage - sewage
    full += (full_go[0] + full_go[1] + full_go[2]) * into
    sewage += (sewage_goes[0] + sewage_goes[1] + sewage_goes[2]) * into
    return Wells(share=share, full=np.minimum(full, share, out=full), sewage=sewage)


def _filled(wells: Wells, rate: Floats) -> Wells:
    """Return wells after they have filled or emptied; full ones that empty count with the others again.

    Parameters
    ----------
    wells
        Before.
    rate
        Fill that a step adds, negative where wells empty, shape ``(3, member, region)``. [1]
    """
    full = wells.full * (rate >= 0)
    rest = wells.share - full
    sewage = rate * rest
    sewage += wells.sewage
    sewage += wells.full - full
    np.maximum(sewage, 0.0, out=sewage)
    brims = (sewage >= rest * (1.0 - ROUNDING)) & (sewage > 0)
    if brims.any():
        full, sewage = np.where(brims, wells.share, full), np.where(brims, 0.0, sewage)
    return Wells(share=wells.share, full=full, sewage=sewage)
