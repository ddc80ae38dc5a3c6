"""Homes that take turns with their power, counted by how cold they are: for the part of a step for which they are.

A light house loses several kelvin within the first hour without power. Counted by its mean, an hour that ends below a
threshold would be none at all, and the count would depend on the length of a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.services.cohorts import Cohorts
from gridmodel.vocabulary import COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C

LEAST_SWING_K = 1e-4
"""Swing below which a room has one temperature. [K] Ours: far above rounding, far below what anyone feels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Cold homes of a step."""

    share: Floats
    """Share of a region's homes below each threshold, shape ``(threshold, member, region)``. [1]"""
    kelvin: Floats
    """Kelvin below 18 and 12 °C, times the share of a region's homes, shape ``(threshold, member, region)``. [K]"""
    places: Ints
    """Places below 12 °C for some of the step, in the flat array of rows, cohorts, members and regions; ascending."""
    homes: Floats
    """Share of a region's homes at each place, times the part of the step for which they are below 12 °C. [1]"""


def count_cold(air_c: Floats, swing_k: Floats, share: Floats, cohorts: Cohorts, *, listed_c: float) -> Counted:
    """Count homes below each threshold, and the kelvin that they lack.

    Parameters
    ----------
    air_c
        Air, mean of the step, shape ``(row, cohort, member, region)``. [°C]
    swing_k
        Half of what it changes by within the step, same shape, 0 or more. [K]
    share
        Share of a region's homes in each row, shape ``(row, member, region)``. [1]
    cohorts
        Homes of each cohort.
    listed_c
        Threshold whose homes are listed. [°C]

    Notes
    -----
    Air is taken as a straight line through the step, from ``mean − swing`` to ``mean + swing``: below a threshold that
    is ``z`` above the mean for a part ``p = (z + swing) / (2 swing)`` of the step, between 0 and 1, by
    ``p² swing + max(z − swing, 0)`` kelvin on average.
    """
    shape = air_c.shape[-2:]
    cells = shape[0] * shape[1]
    found = np.zeros((len(COLD_THRESHOLDS_C), cells))
    kelvin = np.zeros((len(DEGREE_HOURS_BELOW_C), cells))
    places: Ints = np.flatnonzero(air_c - swing_k < np.float32(COLD_THRESHOLDS_C[0]))
    listed_at, listed = places, np.zeros(0)
    cell = _cell_of(air_c.shape[0] * air_c.shape[1], cells).take(places)
    air, swing = air_c.reshape(-1).take(places), swing_k.reshape(-1).take(places)
    homes = np.broadcast_to(share[:, None] * cohorts.share, air_c.shape).reshape(-1).take(places)
    steep = 0.5 / np.maximum(swing, np.float32(LEAST_SWING_K))
    for number, limit in enumerate(COLD_THRESHOLDS_C):
        if number:  # those below a threshold are among those below the one before
            some = np.flatnonzero(air - swing < np.float32(limit))
            places, cell = places.take(some), cell.take(some)
            air, swing, homes, steep = (values.take(some) for values in (air, swing, homes, steep))
        above = np.float32(limit) - air
        part = above * steep
        part += np.float32(0.5)
        np.clip(part, 0.0, 1.0, out=part)
        below = part * homes
        found[number] = np.bincount(cell, weights=below, minlength=cells)
        if limit == listed_c:
            listed_at, listed = places, below
        if limit in DEGREE_HOURS_BELOW_C:
            part *= part
            part *= swing
            above -= swing
            part += np.clip(above, 0.0, np.inf, out=above)
            part_homes = part * homes
            kelvin[DEGREE_HOURS_BELOW_C.index(limit)] = np.bincount(cell, weights=part_homes, minlength=cells)
    return Counted(
        share=found.reshape(-1, *shape), kelvin=kelvin.reshape(-1, *shape), places=listed_at, homes=listed
    )  # fmt: skip


@lru_cache(maxsize=8)
def _cell_of(blocks: int, cells: int) -> Ints:
    """Return the cell of each place in a flat array of blocks of cells."""
    return np.tile(np.arange(cells), blocks)
