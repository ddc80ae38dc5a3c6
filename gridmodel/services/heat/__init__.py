"""Homes in the cold: building physics, heat sources, and the shares of homes in each state."""

from gridmodel.services.heat.advance import HomesStep, step_homes
from gridmodel.services.heat.building import Building, Response, Temperatures, heating_need, response, steady_mass, step
from gridmodel.services.heat.case import HeatServices
from gridmodel.services.heat.heaters import uptake, wanted_w
from gridmodel.services.heat.homes import Homes, HomesState, build_homes, warm_start
from gridmodel.services.heat.own import own_shares
from gridmodel.services.heat.pipes import burst_share, cool_water, grow_ice, hours_to_zero, supply_c
from gridmodel.services.heat.returning import Speeds, Waiting, come_back, still_cold
from gridmodel.services.heat.source import make_up, source_left
from gridmodel.services.heat.supply import Units, draw_units, homes_held, reach, running, share_out

__all__ = [
    "Building",
    "HeatServices",
    "Homes",
    "HomesState",
    "HomesStep",
    "Response",
    "Speeds",
    "Temperatures",
    "Units",
    "Waiting",
    "build_homes",
    "burst_share",
    "come_back",
    "cool_water",
    "draw_units",
    "grow_ice",
    "heating_need",
    "homes_held",
    "hours_to_zero",
    "make_up",
    "own_shares",
    "reach",
    "response",
    "running",
    "share_out",
    "source_left",
    "steady_mass",
    "step",
    "step_homes",
    "still_cold",
    "supply_c",
    "uptake",
    "wanted_w",
    "warm_start",
]
