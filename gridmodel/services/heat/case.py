"""Acts on homes in a step, and how people answer where their rooms are cold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.sampling import Settings
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat import heaters_loops
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.heaters import Course, plugged_in
from gridmodel.services.heat.heaters_by_loops import plugged_in_by_loops
from gridmodel.services.heat.homes import Homes
from gridmodel.services.heat.layered import Columns
from gridmodel.services.heat.leaving import people_left
from gridmodel.services.heat.rooms import Rooms, plugged


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatServices:
    """Services that homes and heat sources depend on, each of a shape that broadcasts to ``(member, region)``."""

    outdoor_c: Floats
    """Outdoors. [°C]"""
    source: Floats
    """Remaining capacity of sources. [1]"""
    network: Floats
    """Buildings that the heat network reaches. [1]"""
    chp: Floats
    """Combined heat and power that damage leaves. [1]"""
    plant_power: Floats
    """Share of sources that the grid supplies. [1]"""
    backup: Floats
    """Share of sources that their own generators supply. [1]"""
    home_power: Floats
    """Share of homes that have power. [1]"""
    fuel: Floats
    """Gas supply. [1]"""
    mains: Floats
    """Share of streets that had water in the step before, for make-up. [1]"""
    mobile_mw: Floats
    """Heat of mobile boilers. [MW]"""
    crews_per_building: Floats = field(default_factory=lambda: np.zeros(()))
    """Crews that were sent to drain pipes, beside those of the region, for each building on district heat. [1]"""
    turbines: Floats = field(default_factory=lambda: np.ones(()))
    """Share of combined heat and power whose turbines work. [1]"""
    sun_w: Floats | None = None
    """Irradiance on level ground: as the weather gives it; otherwise extraterrestrial, which `Homes.sun_share` takes
    times `sun_clearness`; None at night. [W/m²]"""
    cohorts: Cohorts | None = None
    """Homes with power by cohort, on feeders that work; None where every cut is spread over all homes."""
    broken: Floats | None = None
    """Share of feeders that are broken, shape ``(member, region)``; None where none can break. [1]"""
    columns: Mapping[int, Columns] | None = None
    """Columns of homes that take turns, by number of layers; None where no feeder can break."""
    healthy: bool = False
    """True if nothing lacks but power in homes and water in mains, in any cell and in every step that says so: what
    comes from sources is then found once."""


@dataclass(frozen=True, slots=True)
class Case:
    """Values that do not change within a step."""

    homes: Homes
    settings: Settings
    services: HeatServices
    step_h: float
    heaters: bool


def gains_w_of(case: Case) -> Floats:
    """Gains of people and appliances, of a shape that broadcasts to ``(member, region)``. [W/m²]"""
    settings, home_power = case.settings, case.services.home_power
    return settings["internal_gain_w_per_m2"] * (1.0 - settings["appliance_share"] * (1.0 - home_power))


def heaters_wanted(
    case: Case, rooms: Rooms, cold_h: Floats, kept: Response, *, share: Floats | None,
    radiator_w: tuple[Floats, Floats, Floats], mass_c: Floats, heater_w: Floats, lag_h: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Heaters that people plug in where rooms would be colder than people accept, and hours for which they are.

    Parameters
    ----------
    rooms
        Rooms after the step.
    cold_h
        Hours before the step. [h]
    kept
        Response of the buildings.
    share
        Homes on district heat in the rooms, shape ``(state, member, region)``; as much heat comes to them in the next
        step. None for homes that heat themselves, whose boilers may stop with their power, or start with it. [1]
    radiator_w
        Heat that comes to radiators, and what they give before the step and at its end. [W/m²]
    mass_c
        Mass before the step. [°C]
    heater_w
        Heaters that they wanted for it. [W/m²]
    lag_h
        Time for which radiators store heat. [h]
    """
    if rooms.missing_w is None:
        none = cold_h if cold_h.max() <= 0 else np.zeros_like(cold_h)
        return none, none
    missing_w, power, settings = rooms.missing_w, case.services.home_power, case.settings
    if heaters_loops.COMPILED and missing_w.size >= heaters_loops.LEAST:
        course_of = (cold_h, *radiator_w, mass_c, rooms.mass_c, heater_w)
        return plugged_in_by_loops(
            kept, settings, missing_w, course_of, power, share=share, lag_h=lag_h, step_h=case.step_h,
            heaters=case.heaters,
        )  # fmt: skip
    if share is not None:
        missing_w = np.where((share > 0)[:, None], missing_w, 0.0)
    once = kept.air_at_once
    course = Course(
        heating_w=radiator_w[0], before_w=radiator_w[1], radiator_w=radiator_w[2], walls_c=(mass_c, rooms.mass_c),
        heater_w=heater_w, power=power, lag_h=lag_h, at_length=kept.air_heating / once,
        per_wall_w=kept.air_by_mass / once, by_heating_k=None if share is None else kept.mass_heating,
    )  # fmt: skip
    return plugged_in(missing_w, cold_h, settings, step_h=case.step_h, heaters=case.heaters, course=course)


def answers(
    weight: Floats, rooms: Rooms, heater_w: Floats, cold_h: tuple[Floats, Floats], settings: Settings
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Heaters of homes, the share of homes with one, and that of people who have left, ``(member, region)`` each.

    Of the hours before the step and at its end the longer count: who has left stays away until the room is warm.
    """
    if rooms.missing_w is None:  # all rooms are warm
        none = np.zeros(weight.shape[-2:])
        return none, none, none
    return *plugged(weight, heater_w), people_left(weight, rooms.air_c, cold_h, settings)
