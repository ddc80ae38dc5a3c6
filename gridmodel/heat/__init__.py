"""What the cold does to homes: building physics, and the shares of homes with and without heat."""

from gridmodel.heat.building import Building, Temperatures, heating_need, steady_mass, step
from gridmodel.heat.homes import Homes, HomesState, HomesStep, build_homes, step_homes, warm_start

__all__ = [
    "Building",
    "Homes",
    "HomesState",
    "HomesStep",
    "Temperatures",
    "build_homes",
    "heating_need",
    "steady_mass",
    "step",
    "step_homes",
    "warm_start",
]
