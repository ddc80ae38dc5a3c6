"""Homes on district heat at the end of a step: people in the cold, heaters, risers, and water that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gridmodel.arrays import Floats, ratio, total
from gridmodel.services.heat import states, warming
from gridmodel.services.heat.case import Case, answers, heaters_wanted
from gridmodel.services.heat.homes import HomesState
from gridmodel.services.heat.pipes import supply_c
from gridmodel.services.heat.rooms import Rooms, add_cold, newly_burst, risers
from gridmodel.services.heat.supply import Heat
from gridmodel.vocabulary import COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Outcome of a step for homes on district heat beside their rooms, arrays of shape ``(…, member, region)``."""

    after: dict[str, Any]
    """Fields of the state at its end, but for those of moves and of the filling of networks."""
    weight: Floats
    """Share of all homes by state with rooms and archetype. [1]"""
    heated_c: Floats
    """Air of homes in which water circulates, their mean, by archetype. [°C]"""
    shown: dict[str, Floats]
    """Fields of `DistrictStep` by member and region, among them those of `Heat`."""
    together: Floats | None = None
    """The same in one array, shape ``(row, member, region)``, of which they are views; None where they are not."""


def ended_by_arrays(
    case: Case, state: HomesState, heat: Heat, rooms: Rooms, *, radiator_w: Floats, connected: Floats
) -> Ending:  # fmt: skip
    """Return how a step ends.

    Parameters
    ----------
    case, heat, rooms
        Case, heat and rooms of the step, by occupied state.
    state
        State after homes have moved.
    radiator_w
        Heat that radiators give at the end of the step, shape ``(occupied, archetype, member, region)``. [W/m²]
    connected
        Share of homes in which water circulates, shape ``(member, region)``. [1]
    """
    homes, settings, step_h = case.homes, case.settings, case.step_h
    share = warming.of_rooms(state.share, state.occupied)
    ice, burst, burst_mean = risers(
        state.riser_ice, state.riser_burst, rooms.air_c, share, repair_h=settings["riser_repair_h"], step_h=step_h
    )
    wanted, cold_h = heaters_wanted(
        case, rooms, state.cold_h, homes.response, share=share,
        radiator_w=(rooms.heating_w, state.radiator_w, radiator_w), mass_c=state.mass_c,
        heater_w=state.heater_w, lag_h=settings["radiator_lag_h"],
    )  # fmt: skip
    heated_c = warming.mean_of_heated(rooms.air_c, state.share, state.occupied)
    standing = _standing(case, state, heat, heated_c)
    weight = homes.home_weight[: len(homes.kinds)] * share[:, None]
    supplied = heat.supplied_mw
    cold = np.zeros((len(COLD_THRESHOLDS_C), *supplied.shape))
    kelvin = np.zeros((len(DEGREE_HOURS_BELOW_C), *supplied.shape))
    add_cold(cold, kelvin, weight, rooms.air_c)
    drawn, using, left = answers(weight, rooms, wanted, (state.cold_h, cold_h), settings)
    load = ratio(supplied, homes.design_mw * np.maximum(connected, states.NOBODY), empty=0.0)
    late_h = states.deadline_h(
        state.share, standing["coolant_c"], case.services.outdoor_c, standing["circulates"]
    )  # fmt: skip
    return Ending(
        after={
            "mass_c": rooms.mass_c, "radiator_w": radiator_w, "riser_ice": ice, "riser_burst": burst,
            "heater_w": wanted, "cold_h": cold_h, **standing,
        },
        weight=weight,
        heated_c=heated_c,
        shown={
            "need_mw": heat.need_mw, "supplied_mw": supplied, "supply_c": supply_c(load),
            "hot_water": connected * heat.hot_water, "left_share": left, "heater_w": drawn, "heater_homes": using,
            "dry_risers": total(weight * burst_mean, axes=2) if burst_mean.max() > 0 else np.zeros_like(supplied),
            "bursting": newly_burst(weight, state.riser_burst, burst), "deadline_h": late_h, "kelvin": kelvin,
            "cold_share": cold,
        },
    )  # fmt: skip


def _standing(case: Case, state: HomesState, heat: Heat, heated_c: Floats) -> dict[str, Floats]:
    """Fields of a state with water that stands still cooler, or frozen; where it circulates its heat makes it warm.

    Parameters
    ----------
    heated_c
        Rooms of homes in which water circulates, from which water without heat takes its warmth, shape
        ``(archetype, member, region)``. [°C]
    """
    homes = case.homes
    circulates = states.circulating_c(heat.given, heated_c, homes.floor_m2, homes.district_m2)
    coolant, ice = states.stand_still(
        state.coolant_c, state.ice, case.services.outdoor_c, circulates, step_h=case.step_h
    )
    tested = np.where(np.isnan(circulates), state.tested, 0.0) if state.tested.max() > 0 else state.tested
    return {"coolant_c": coolant, "ice": ice, "tested": tested, "circulates": circulates}
