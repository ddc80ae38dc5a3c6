"""How many people are without each service, and without several at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Share of people without power, heat and water at once, each of shape ``(member, region)``. [1]"""

    estimate: Floats
    """Rotation of power independent of heat; high floors lose water with their power."""
    low: Floats
    """Least that the three shares allow."""
    high: Floats
    """Most that the three shares allow."""


def without_all(
    *, no_power: Floats, no_heat: Floats, no_water: Floats, dry_street: Floats, high_floor_share: Floats
) -> Together:
    """Share of people without all three services.

    Parameters
    ----------
    no_power, no_heat, no_water
        Share without each, shape ``(member, region)``. [1]
    dry_street
        Share whose street has no water, shape ``(member, region)``. [1]
    high_floor_share
        Share on floors that need power for water, shape ``(region,)``. [1]

    Notes
    -----
    Who has no power has no water if the street is dry or the floor is high:
    ``P = heat · power · (dry + (1 − dry) · high)``. The bounds are those of Fréchet (1935):
    ``max(0, p + h + w − 2)`` and ``min(p, h, w)``.
    """
    dry = dry_street + (1.0 - dry_street) * high_floor_share
    high = np.minimum(np.minimum(no_power, no_heat), no_water)
    low = np.minimum(np.maximum(no_power + no_heat + no_water - 2.0, 0.0), high)  # rounding must not cross them
    return Together(estimate=np.clip(no_heat * no_power * dry, low, high), low=low, high=high)
