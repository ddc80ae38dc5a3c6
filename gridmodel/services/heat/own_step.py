"""One step of homes that heat themselves, but for those that take turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.sampling import Settings
from gridmodel.services.heat import own_loops
from gridmodel.services.heat.case import Case, HeatServices, answers, gains_w_of, heaters_wanted
from gridmodel.services.heat.causes import OwnCold
from gridmodel.services.heat.homes import LEAST_KINDS, Homes, HomesState
from gridmodel.services.heat.own import (
    FALLS_BACK,
    STOVES,
    WITH_STOVE,
    bridged,
    falling_w,
    own_heat_w,
    own_lag_h,
    running_share,
    stove_w,
    through_radiators,
)
from gridmodel.services.heat.own_by_loops import rooms_by_loops
from gridmodel.services.heat.rooms import Acts, Rooms, heaters_on, rooms_after, sun_in


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStep:
    """Result of a step of homes that heat themselves, but for those that take turns, of all members and regions."""

    rooms: Rooms
    """Their rooms, shape ``(own, member, region)``."""
    after: Mapping[str, Any]
    """Fields of the state at its end."""
    kinds: slice
    """Kinds of own heating that they have."""
    weight: Floats
    """Share of a region's homes in each kind, shape ``(own, member, region)``. [1]"""
    heater_w: Floats
    """Heaters that they want plugged in next, shape ``(member, region)``. [W/m²]"""
    heater_homes: Floats
    """Share of a region's homes that want them, same shape. [1]"""
    left_share: Floats
    """Share of a region's people who have left them, same shape. [1]"""
    cold: OwnCold
    """All that causes of those below 12 °C follow from."""


def step_own(
    homes: Homes, state: HomesState, settings: Settings, services: HeatServices, *, step_h: float, heaters: bool
) -> OwnStep:  # fmt: skip
    """Heat homes that heat themselves, but for those that take turns, and compute how warm they are.

    Parameters
    ----------
    homes, state, settings, services, step_h, heaters
        As `step_homes` takes them.
    """
    case, kinds = Case(homes, settings, services, step_h, heaters), state.own_kinds
    backup, charge_h = bridged(
        state.own_charge_h, services.home_power, lasts_h=settings["own_backup_h"],
        charge_ratio=settings["own_backup_charge_ratio"], step_h=step_h,
    )  # fmt: skip
    gains, weight = gains_w_of(case), (homes.shown_own_share if kinds.stop == LEAST_KINDS else homes.own_share)[kinds]
    rooms, radiator = _own(case, state, gains, backup)
    wanted, cold_h = heaters_wanted(
        case, rooms, state.own_cold_h, homes.own_response, share=None,
        radiator_w=(rooms.heating_w, state.own_radiator_w, radiator), mass_c=state.own_mass_c,
        heater_w=state.own_heater_w, lag_h=own_lag_h(settings),
    )  # fmt: skip
    drawn, using, left = answers(weight, rooms, wanted, (state.own_cold_h, cold_h), settings)
    return OwnStep(
        rooms=rooms,
        after={
            "own_mass_c": rooms.mass_c, "own_radiator_w": radiator, "own_heater_w": wanted, "own_cold_h": cold_h,
            "own_charge_h": charge_h,
        },
        kinds=kinds, weight=weight, heater_w=drawn, heater_homes=using, left_share=left,
        cold=OwnCold(
            homes=homes, kinds=kinds, weight=weight, air_c=rooms.air_c, heating_w=rooms.heating_w, backup=backup,
            gains_w=gains, outdoor_c=services.outdoor_c, home_power=services.home_power, fuel=services.fuel,
        ),
    )  # fmt: skip


def _own(case: Case, state: HomesState, gains: Floats, backup: Floats) -> tuple[Rooms, Floats]:
    """Rooms of homes that heat themselves, and what their radiators give off at the end, ``(own, member, region)``.

    Parameters
    ----------
    backup
        Share of the step for which inverters and small generators run boilers, shape ``(member, region)``. [1]
    """
    homes, services, settings = case.homes, case.services, case.settings
    heater, sun = heaters_on(state.own_heater_w, services.home_power), sun_in(services.sun_w, homes.own_sun_share)
    on = running_share(power=services.home_power, fuel=services.fuel, backup=backup, kinds=state.own_kinds)
    if not own_loops.COMPILED or on.size < own_loops.LEAST:
        return _own_by_arrays(case, state, gains, on=on, heater=heater, sun=sun)
    kept, acts = homes.own_response, (services.outdoor_c, gains, sun)
    return rooms_by_loops(
        homes, state, settings, on=on, heater_w=heater, acts_c=(kept.air_of_acts(*acts), kept.mass_of_acts(*acts)),
        cooker_w=settings["cooker_w_per_m2"] * services.fuel, step_h=case.step_h,
    )  # fmt: skip


def _own_by_arrays(
    case: Case, state: HomesState, gains: Floats, *, on: Floats, heater: Floats | None, sun: Floats | None
) -> tuple[Rooms, Floats]:  # fmt: skip
    """Return what `_own` does, array by array.

    Parameters
    ----------
    on
        Share of the step for which own heating runs, shape ``(own, member, region)``. [1]
    heater
        Heaters that are on, same shape; None where none is. [W/m²]
    sun
        Sun through windows; None at night. [W/m²]
    """
    homes, settings, services, kinds = case.homes, case.settings, case.services, state.own_kinds
    kept = homes.own_response
    bare = kept.air_c(state.own_mass_c, services.outdoor_c, gains, sun_w=sun)
    at, falls_back = STOVES - (kinds.start or 0), kinds.stop > WITH_STOVE
    idle, share = 1.0 - on[FALLS_BACK] if falls_back else None, on
    if falls_back:
        share = on.copy()
        share[FALLS_BACK] = 1.0  # the stove burns for the rest
    demand = settings["set_point_c"] - bare
    demand /= kept.air_while_on(share)
    if heater is not None:
        demand -= heater
    np.maximum(demand, 0.0, out=demand)
    asked, able = own_heat_w(demand, homes.own_w, on=on, margin=settings["own_heat_margin"])
    installed = homes.own_w * settings["own_heat_margin"]
    gained = kept.mass_c(state.own_mass_c, services.outdoor_c, demand, gains, sun) - state.own_mass_c
    falls = falling_w(gained, kept.air_by_mass / kept.air_at_once, on=on, limited=demand >= installed)
    heating, given, radiator = through_radiators(
        state.own_radiator_w, asked, able, installed, lag_h=own_lag_h(settings), step_h=case.step_h, falls_w=falls
    )  # fmt: skip
    bare += kept.air_by_fall * (state.own_radiator_w - radiator)
    heating[at] = given[at] = asked[at]
    if idle is not None:
        stove = stove_w(
            demand[FALLS_BACK], homes.own_w * settings["own_fallback_stove_heat"], idle=idle,
            boiler_w=heating[FALLS_BACK], radiator_w=given[FALLS_BACK],
        )  # fmt: skip
        given[FALLS_BACK] += stove
        heating[FALLS_BACK] += stove
    acts = Acts(state.own_mass_c, bare, given, heater, gains, sun)
    rooms = rooms_after(kept, acts, settings, outdoor_c=services.outdoor_c, fuel=services.fuel)
    return replace(rooms, heating_w=heating), radiator
