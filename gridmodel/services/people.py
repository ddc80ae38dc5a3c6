"""People without several services at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.services.declare import MTR, Count, Declaration, Variable
from gridmodel.services.setup import Seen, Setup, Shown, Started

DECLARATION = Declaration(
    name="people",
    module="gridmodel.services.people",
    variables={
        "people_without_all": Variable(
            MTR, "1", "People without power, heat (12 degC) and water at once, rotation independent of heat"
        ),
        "people_without_all_low": Variable(MTR, "1", "Least that the three shares allow (Fréchet)"),
        "people_without_all_high": Variable(MTR, "1", "Most that the three shares allow (Fréchet)"),
    },
    counts=(Count(variable="people_without_all", key="all", words="without all three", hxl="#affected+all+hours"),),
    reads=("home_power_share", "people_without_heat", "people_without_water", "mains_share"),
)


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
    A person without power is without water if the street is dry or the floor is high:
    ``P = heat · power · (dry + (1 − dry) · high)``. The bounds are those of Fréchet (1935):
    ``max(0, p + h + w − 2)`` and ``min(p, h, w)``.
    """
    dry = dry_street + (1.0 - dry_street) * high_floor_share
    high = np.minimum(np.minimum(no_power, no_heat), no_water)
    low = np.minimum(np.maximum(no_power + no_heat + no_water - 2.0, 0.0), high)  # rounding must not cross them
    return Together(estimate=np.clip(no_heat * no_power * dry, low, high), low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People of every region."""

    population: Floats
    """People, shape ``(region,)``. [1]"""
    high_floor_share: Floats
    """Share on floors that need power for water, shape ``(region,)``. [1]"""


def build(setup: Setup) -> Crowd | None:
    """Count people; None where the network lacks heat or water systems, so that no one can lack all three."""
    water = setup.network.tables["water_systems"]
    if water.empty or setup.network.tables["heat_systems"].empty:
        return None
    high = water.set_index("region").loc[setup.network.regions, "high_floor_share"].to_numpy(dtype=float)
    return Crowd(population=setup.population, high_floor_share=high)


def start(_crowd: Crowd) -> Started:
    """Return an empty state: nothing is carried from step to step."""
    return Started(state=None)


def step(crowd: Crowd, state: None, seen: Seen, _step: int) -> tuple[None, Shown]:
    """Count those without all three services in this step."""
    people = np.maximum(crowd.population, 1.0)
    both = without_all(
        no_power=np.clip(1.0 - seen["home_power_share"], 0.0, 1.0), no_heat=seen["people_without_heat"] / people,
        no_water=seen["people_without_water"] / people, dry_street=1.0 - seen["mains_share"],
        high_floor_share=crowd.high_floor_share,
    )  # fmt: skip
    return state, {
        "people_without_all": crowd.population * both.estimate,
        "people_without_all_low": crowd.population * both.low,
        "people_without_all_high": crowd.population * both.high,
    }
