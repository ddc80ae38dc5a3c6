"""One step of all homes: on district heat, heating themselves, and by turns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.sampling import Settings
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat import air_loops, warming
from gridmodel.services.heat.case import HeatServices
from gridmodel.services.heat.causes import Why
from gridmodel.services.heat.causes_in_turns import InTurns
from gridmodel.services.heat.district import DistrictStep, step_district
from gridmodel.services.heat.homes import LEAST_KINDS, Homes, HomesState, OwnTurns
from gridmodel.services.heat.layered import by_region, in_columns, of_layers
from gridmodel.services.heat.own import ELECTRIC_WITH_STOVE, WITH_STOVE, mean_with_stove_c
from gridmodel.services.heat.own_step import OwnStep, step_own
from gridmodel.services.heat.rooms import add_cold, sun_in
from gridmodel.services.heat.states import CONNECTED
from gridmodel.services.heat.turns import SHOWN, shown_c, step_turns
from gridmodel.services.heat.turns_step import TurnsStep
from gridmodel.vocabulary import HEAT_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesStep:
    """Result of a step."""

    state: HomesState
    """State at its end."""
    need_mw: Floats
    """Heat that connected homes need, shape ``(member, region)``. [MW]"""
    supplied_mw: Floats
    """Heat that they get, shape ``(member, region)``. [MW]"""
    rooms_c: Floats
    """Air by occupied state, shape ``(occupied, archetype, member, region)``. [°C]"""
    own_c: Floats
    """Air of homes that heat themselves, by kind of results, mean of cohorts, shape ``(own, member, region)``. [°C]"""
    own_quantiles_c: Floats | None
    """Quantiles over people of the air of homes with a boiler that needs power, shape ``(quantile, member, region)``;
    None where every cut is spread over all homes. [°C]"""
    cold_share: Floats
    """Share of homes below each threshold, shape ``(threshold, member, region)``. [1]"""
    why: Why
    """All that causes of homes below 12 °C follow from."""
    left_share: Floats
    """Share of people who have left homes below 12 °C, shape ``(member, region)``. [1]"""
    degree_hours: Floats
    """Degree-hours below 18 °C, mean over homes, shape ``(member, region)``. [K h]"""
    degree_hours_12c: Floats
    """The same below 12 °C. [K h]"""
    heater_mw: Floats
    """Power of heaters that homes want plugged in next, shape ``(member, region)``. [MW]"""
    heater_homes: Floats
    """Share of a region's homes that want them, shape ``(member, region)``. [1]"""
    deadline_h: Floats
    """Hours until the first standing loops are at 0 °C, shape ``(member, region)``. [h]"""
    supply_c: Floats
    """Supply temperature of the heat network, shape ``(member, region)``. [°C]"""
    hot_water: Floats
    """Share of homes on district heat that get hot water from it, shape ``(member, region)``. [1]"""
    dry_risers: Floats
    """Share of a region's homes whose risers have burst, mean of the step, shape ``(member, region)``. [1]"""
    bursting: Floats
    """Share of a region's homes whose cold-water risers burst in the step, shape ``(member, region)``. [1]"""

    district: DistrictStep
    """Result of homes on district heat."""

    @property
    def share(self) -> Floats:
        """Share of district-heated homes in each state that a result shows, shape ``(state, member, region)``. [1]"""
        return warming.shown(self.state.share)

    @property
    def air_c(self) -> Floats:
        """Air, shape ``(member, region, kind, heat_state)``; missing where a state is empty. [°C]

        Homes that heat themselves are listed under `connected`.
        """
        _, kinds, members, regions = self.rooms_c.shape
        air = np.empty((members, regions, kinds + len(self.own_c), len(HEAT_STATES)))
        self.put_air(air)
        return air

    def put_air(self, air: npt.NDArray[np.floating]) -> None:
        """Write the air into an array shaped like `air_c`."""
        kinds = self.rooms_c.shape[1]
        if air_loops.COMPILED and air.size >= air_loops.LEAST:
            own_c = np.ascontiguousarray(self.own_c).reshape(len(self.own_c), -1)
            self.district.put_air_by_loop(air, np.arange(own_c.shape[1]), own_c)
            return
        air[...] = np.nan
        self.district.put_air(air[:, :, :kinds])
        air[:, :, kinds:, CONNECTED] = self.own_c.transpose(1, 2, 0)


def step_homes(
    homes: Homes, state: HomesState, settings: Settings, services: HeatServices, *, step_h: float,
    heaters: bool = True,
) -> HomesStep:  # fmt: skip
    """Move homes between states, heat them, and compute how warm they are.

    Parameters
    ----------
    homes
        Homes of every region.
    state
        State before the step.
    settings
        Settings by member.
    services
        Services of the step.
    step_h
        Length of the step. [h]
    heaters
        True if people plug heaters in.
    """
    turns = asked = None
    if services.cohorts is not None and state.turns is not None:
        after_turns, turns = heat_turns(
            homes, state.turns, settings, services, services.cohorts, step_h=step_h, heaters=heaters
        )  # fmt: skip
        state, asked = replace(state, turns=after_turns), asked_in_turns(homes, after_turns, turns, services)
    own = step_own(homes, state, settings, services, step_h=step_h, heaters=heaters)
    district = step_district(homes, state, settings, services, step_h=step_h, heaters=heaters)
    return all_homes(homes, district, own, turns, asked, step_h=step_h)


def all_homes(
    homes: Homes, district: DistrictStep, own: OwnStep, turns: TurnsStep | None, asked: InTurns | None, *,
    step_h: float,
) -> HomesStep:  # fmt: skip
    """Return the result of all homes.

    Parameters
    ----------
    homes
        Homes of every region.
    district, own
        Results of homes on district heat, whose counts of cold homes are added to, and of those that heat themselves.
    turns
        Result of homes that take turns, by cohort; None where every cut is spread over all.
    asked
        What causes of these follow from.
    step_h
        Length of the step. [h]
    """
    cold, kelvin = district.cold_share, district.kelvin
    add_cold(cold, kelvin, own.weight, own.rooms.air_c)
    own_c, drawn, using, left = _shown_c(homes, own), own.heater_w, own.heater_homes, own.left_share
    if turns is not None:
        own_c = np.empty(homes.shown_own_share.shape)
        own_c[own.kinds] = own.rooms.air_c
        own_c[list(SHOWN)] = shown_c(turns.kind_c, homes.own_share)
        cold, kelvin = cold + turns.cold_share, kelvin + turns.kelvin
        drawn, using, left = drawn + turns.heater_w, using + turns.heater_homes, left + turns.left_share
    return HomesStep(
        state=replace(district.state, **own.after),
        need_mw=district.need_mw,
        supplied_mw=district.supplied_mw,
        rooms_c=district.rooms_c,
        own_c=own_c,
        own_quantiles_c=None if turns is None else turns.quantiles_c,
        cold_share=cold,
        why=Why(cold=district.cold, own=own.cold, turns=asked),
        left_share=district.left_share + left,
        degree_hours=kelvin[0] * step_h,
        degree_hours_12c=kelvin[1] * step_h,
        heater_mw=(district.heater_w + drawn) * (homes.district_m2 + homes.own_floor_m2) / 1e6,
        heater_homes=district.heater_homes + using,
        deadline_h=district.deadline_h,
        supply_c=district.supply_c,
        hot_water=district.hot_water,
        dry_risers=district.dry_risers,
        bursting=district.bursting,
        district=district,
    )


def _shown_c(homes: Homes, own: OwnStep) -> Floats:
    """Return the air of homes that heat themselves by kind of results, shape ``(own, member, region)``. [°C]"""
    air_c = own.rooms.air_c
    if len(air_c) <= LEAST_KINDS:
        return air_c
    shown = air_c[:LEAST_KINDS].copy()
    shown[WITH_STOVE] = mean_with_stove_c(air_c[WITH_STOVE], air_c[ELECTRIC_WITH_STOVE], homes.own_share)
    return shown


def heat_turns(
    homes: Homes, state: OwnTurns, settings: Settings, services: HeatServices, cohorts: Cohorts, *, step_h: float,
    heaters: bool,
) -> tuple[OwnTurns, TurnsStep]:  # fmt: skip
    """Heat homes that stop with their power, by cohort.

    Parameters
    ----------
    homes, settings, services, step_h, heaters
        As `step_homes` takes them.
    state
        State of these homes before the step.
    cohorts
        Those with power.
    """
    sun, every = sun_in(services.sun_w, homes.own_sun_share), services.columns
    outdoor, fuel, there = services.outdoor_c, services.fuel, cohorts
    if every is not None and services.broken is not None:
        state, there = in_columns(state, cohorts, services.broken, every)
    columns = of_layers(every, state.layers)
    if columns is not None and services.broken is not None:
        homes, outdoor, fuel = columns.homes, columns.of(outdoor), columns.of(fuel)
        sun = None if sun is None else columns.of(sun)
    after, turns = step_turns(
        homes, state, settings, there, outdoor_c=outdoor, fuel=fuel, sun_w=sun, step_h=step_h, heaters=heaters
    )  # fmt: skip
    return after, by_region(turns, after.layers, cohorts)


def asked_in_turns(homes: Homes, state: OwnTurns, turns: TurnsStep, services: HeatServices) -> InTurns:
    """Return what causes of homes that stop with their power follow from.

    Parameters
    ----------
    homes, services
        As `step_homes` takes them.
    state, turns
        State of these homes after the step, and its result.
    """
    columns, outdoor, fuel = of_layers(services.columns, state.layers), services.outdoor_c, services.fuel
    if columns is not None:
        homes, outdoor, fuel = columns.homes, columns.of(outdoor), columns.of(fuel)
    return InTurns(homes=homes, turns=turns, outdoor_c=outdoor, fuel=fuel, layers=state.layers)
