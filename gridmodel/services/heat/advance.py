"""One step of homes: they move between states, are heated, and cool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, ratio, total, widened
from gridmodel.sampling import Settings
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat import district_loops, heaters_loops, own_loops, states, warming, water_loops
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.causes import COLD, Cold, InTurns, OwnCold, Way, Why
from gridmodel.services.heat.district_by_loops import heated_by_loops
from gridmodel.services.heat.heaters import Course, plugged_in
from gridmodel.services.heat.heaters_by_loops import plugged_in_by_loops
from gridmodel.services.heat.homes import LEAST_KINDS, Homes, HomesState, OwnTurns
from gridmodel.services.heat.layered import Columns, by_region, in_columns, of_layers
from gridmodel.services.heat.leaving import people_left
from gridmodel.services.heat.moving import moved_homes
from gridmodel.services.heat.own import (
    ELECTRIC_WITH_STOVE,
    FALLS_BACK,
    STOVES,
    WITH_STOVE,
    bridged,
    falling_w,
    mean_with_stove_c,
    own_heat_w,
    own_lag_h,
    running_share,
    stove_w,
    through_radiators,
)
from gridmodel.services.heat.own_by_loops import rooms_by_loops
from gridmodel.services.heat.pipes import supply_c
from gridmodel.services.heat.rooms import (
    Acts,
    Rooms,
    add_cold,
    emitted,
    heaters_on,
    newly_burst,
    plugged,
    risers,
    rooms_after,
    sun_in,
)
from gridmodel.services.heat.source import refilled, source_left
from gridmodel.services.heat.states import CONNECTED
from gridmodel.services.heat.supply import (
    HELD_ABOVE_K,
    ROUNDING,
    Heat,
    capacity_mw,
    homes_held,
    pumped,
    reach,
    running,
    share_out,
)
from gridmodel.services.heat.turns import SHOWN, TurnsStep, shown_c, step_turns
from gridmodel.services.heat.warming import ROOMS
from gridmodel.vocabulary import COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C, HEAT_STATES


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictStep:
    """Result of a step of homes on district heat, arrays of shape ``(member, region)`` where nothing else is said."""

    state: HomesState
    """State at its end; what it says of homes that heat themselves is that of its start."""
    need_mw: Floats
    """Heat that connected homes need. [MW]"""
    supplied_mw: Floats
    """Heat that they get. [MW]"""
    rooms_c: Floats
    """Air by occupied state, shape ``(occupied, archetype, member, region)``. [°C]"""
    heated_c: Floats
    """Air of homes in which water circulates, their mean, shape ``(archetype, member, region)``. [°C]"""
    connected: Floats
    """Share of district-heated homes in which water circulates. [1]"""
    cold_share: Floats
    """Share of a region's homes below each threshold, shape ``(threshold, member, region)``. [1]"""
    kelvin: Floats
    """Kelvin below 18 and 12 °C, times the share of a region's homes, shape ``(threshold, member, region)``. [K]"""
    cold: Cold
    """All that causes of those below 12 °C follow from."""
    left_share: Floats
    """Share of a region's people who have left them. [1]"""
    heater_w: Floats
    """Heaters that they want plugged in next. [W/m²]"""
    heater_homes: Floats
    """Share of a region's homes that want them. [1]"""
    deadline_h: Floats
    """Hours until the first standing loops are at 0 °C. [h]"""
    supply_c: Floats
    """Supply temperature of the heat network. [°C]"""
    hot_water: Floats
    """Share of homes on district heat that get hot water from it. [1]"""
    dry_risers: Floats
    """Share of a region's homes whose cold-water risers have burst, mean of the step. [1]"""
    bursting: Floats
    """Share of a region's homes whose cold-water risers burst in the step. [1]"""

    def put_air(self, air: npt.NDArray[np.floating]) -> None:
        """Write the air where homes are into an array of shape ``(member, region, archetype, heat_state)``. [°C]"""
        share = self.state.share
        place = {int(name): rooms_c for name, rooms_c in zip(self.state.occupied, self.rooms_c, strict=True)}
        place[CONNECTED] = self.heated_c
        for name in range(len(HEAT_STATES)):
            if ROOMS[name] not in place:
                continue
            lived_in = (self.connected if name == CONNECTED else share[name]) > 1e-9
            rooms_c = place[ROOMS[name]]
            if lived_in.all():
                air[..., name] = rooms_c.transpose(1, 2, 0)
            else:
                air[lived_in, :, name] = rooms_c[:, lived_in].T


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


def step_district(
    homes: Homes, state: HomesState, settings: Settings, services: HeatServices, *, step_h: float, heaters: bool,
) -> DistrictStep:  # fmt: skip
    """Move homes on district heat between states, heat them, and compute how warm they are.

    Parameters
    ----------
    homes, state, settings, services, step_h, heaters
        As `step_homes` takes them.
    """
    case = _Case(homes, settings, services, step_h, heaters)
    filling = refilled(
        state.filling, widened(services.mains, state.intact.shape), leak_per_h=settings["heat_network_leak_per_h"],
        make_up_per_h=settings["heat_network_make_up_per_h"], margin=settings["heat_network_margin"], step_h=step_h,
    )  # fmt: skip
    gains, sun = _gains_w(case), sun_in(services.sun_w, homes.sun_share)
    outdoor = services.outdoor_c
    supply = _supply(case, filling.empty_share)
    held, fading = _held(case, state, supply, gains, sun)
    state = moved_homes(
        homes, state, settings, reach=held, intact=supply.intact, outdoor_c=outdoor, step_h=step_h,
        crews_per_building=services.crews_per_building, fading=fading,
    )  # fmt: skip
    connected = warming.heated(state.share, state.occupied)
    on = _Acting(gains_w=gains, sun_w=sun, connected=connected, capacity_mw=supply.capacity_mw)
    by_loops = district_loops.COMPILED and state.mass_c.size >= district_loops.LEAST
    heat, rooms, radiator = (_heated_by_loops if by_loops else _heated_by_arrays)(case, state, on)
    after: dict[str, Any] = {"filling": filling, "radiator_w": radiator}
    way = Way(
        source=supply.remaining, powered=supply.powered, filled=supply.filled, network=services.network,
        reach=supply.reach, held=held,
    )  # fmt: skip
    return _district_shown(
        case, state, after, heat, rooms=rooms, connected=connected, capacity_mw=supply.capacity_mw, gains=gains, way=way
    )


def step_own(
    homes: Homes, state: HomesState, settings: Settings, services: HeatServices, *, step_h: float, heaters: bool
) -> OwnStep:  # fmt: skip
    """Heat homes that heat themselves, but for those that take turns, and compute how warm they are.

    Parameters
    ----------
    homes, state, settings, services, step_h, heaters
        As `step_homes` takes them.
    """
    case, kinds = _Case(homes, settings, services, step_h, heaters), state.own_kinds
    backup, charge_h = bridged(
        state.own_charge_h, services.home_power, lasts_h=settings["own_backup_h"],
        charge_ratio=settings["own_backup_charge_ratio"], step_h=step_h,
    )  # fmt: skip
    gains, weight = _gains_w(case), (homes.shown_own_share if kinds.stop == LEAST_KINDS else homes.own_share)[kinds]
    rooms, radiator = _own(case, state, gains, backup)
    wanted, cold_h = _plugged_in(
        case, rooms, state.own_cold_h, homes.own_response, share=None,
        radiator_w=(rooms.heating_w, state.own_radiator_w, radiator), mass_c=state.own_mass_c,
        heater_w=state.own_heater_w, lag_h=own_lag_h(settings),
    )  # fmt: skip
    drawn, using, left = _answers(weight, rooms, wanted, (state.own_cold_h, cold_h), settings)
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


@dataclass(frozen=True, slots=True)
class _Case:
    """Values that do not change within a step."""

    homes: Homes
    settings: Settings
    services: HeatServices
    step_h: float
    heaters: bool


@dataclass(frozen=True, slots=True)
class _Supply:
    """Supply of heat in a step, arrays that broadcast to ``(member, region)``."""

    intact: Floats
    """Homes that damage to sources and network leaves reached. [1]"""
    reach: Floats
    """Homes in which water can circulate. [1]"""
    capacity_mw: Floats
    """Heat that sources can give. [MW]"""
    remaining: Floats
    """Homes whose sources damage has left. [1]"""
    powered: Floats
    """Sources that have power. [1]"""
    filled: Floats
    """Networks with enough water to circulate. [1]"""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Acting:
    """What acts on rooms on district heat in a step, beside its services, arrays that broadcast to their shapes."""

    gains_w: Floats
    """Gains of people and appliances. [W/m²]"""
    sun_w: Floats | None
    """Sun through windows; None at night. [W/m²]"""
    connected: Floats
    """Share of homes in which water circulates, shape ``(member, region)``. [1]"""
    capacity_mw: Floats
    """Heat that sources can give. [MW]"""


def _gains_w(case: _Case) -> Floats:
    """Gains of people and appliances, of a shape that broadcasts to ``(member, region)``. [W/m²]"""
    settings, home_power = case.settings, case.services.home_power
    return settings["internal_gain_w_per_m2"] * (1.0 - settings["appliance_share"] * (1.0 - home_power))


def _supply(case: _Case, empty: Floats) -> _Supply:
    """Compute the homes that sources and network reach, and the heat that they can give.

    Parameters
    ----------
    empty
        Networks with too little water to circulate, shape ``(member, region)``. [1]
    """
    homes, settings, services = case.homes, case.settings, case.services
    powered = on = running(services.plant_power, services.backup, homes.units)
    filled = np.ones(())
    if empty.any():
        filled = 1.0 - empty
        on = powered * filled
    remaining = able = source_left(services.source, services.chp, homes.chp_share)
    if (services.turbines < 1.0).any():
        able = source_left(
            services.source, services.chp, homes.chp_share, turbines=services.turbines,
            heat_only=settings["chp_heat_only_share"],
        )  # fmt: skip
    split, none = settings["loss_split"], np.zeros(())
    mobile = ratio(services.mobile_mw, homes.design_mw, empty=0.0) if services.mobile_mw.any() else none
    intact = reach(services.network, remaining, np.ones(()), loss_split=split, mobile=none)
    reached = reach(services.network, remaining, on, loss_split=split, mobile=mobile)
    if homes.without is not None:  # where nobody has district heat, nobody loses it
        intact, reached = np.where(homes.without, 1.0, intact), np.where(homes.without, 1.0, reached)
    return _Supply(
        intact=intact,
        reach=reached,
        capacity_mw=capacity_mw(homes.source_max_mw, able, on, fuel=services.fuel, mobile_mw=services.mobile_mw,
                                settings=settings),
        remaining=1.0 - split * (1.0 - remaining), powered=powered, filled=filled,
    )  # fmt: skip


def _floor_w(case: _Case, warm_c: Floats, *, per_watt: Floats | None = None) -> Floats:
    """Heat that holds rooms at the operators' floor, shape ``(archetype, member, region)``. [W/m²]

    Parameters
    ----------
    warm_c
        Air without heating, same shape. [°C]
    per_watt
        Air per heating; that of the mean of a step if None. [K m²/W]
    """
    target = case.settings["heat_floor_c"] + HELD_ABOVE_K
    return _heat_to(target, warm_c, case.homes, per_watt=per_watt)


def _heat_to(target_c: Floats, warm_c: Floats, homes: Homes, *, per_watt: Floats | None = None) -> Floats:
    """Heat that brings rooms to a temperature, up to what radiators give, shape ``(archetype, member, region)``. [W/m²]

    Parameters
    ----------
    target_c
        The temperature. [°C]
    warm_c
        Air without heating, shape of the result. [°C]
    per_watt
        As `_floor_w` takes it.
    """
    heat_w = target_c - warm_c
    heat_w /= homes.response.air_heating if per_watt is None else per_watt
    np.maximum(heat_w, 0.0, out=heat_w)
    return np.minimum(heat_w, homes.radiator_w, out=heat_w)


def _held(
    case: _Case, state: HomesState, supply: _Supply, gains: Floats, sun: Floats | None
) -> tuple[Floats, Floats | None]:  # fmt: skip
    """Homes that stay connected or may be: those that are reached, fewer if heat does not hold the rooms of all.

    Returns
    -------
    tuple
        Share of homes, mean of the step, and by how much less that is than in the step before because walls have
        cooled; None where heat lets nobody go. Of shapes that broadcast to ``(member, region)``. [1]

    Notes
    -----
    What holds the floor grows along a straight line as walls cool: by as much from the step before to this one as twice
    from its start to its middle. Homes that this lets go leave one after the other; others, as the step begins.
    """
    homes, services, kept = case.homes, case.services, case.homes.response
    short = supply.capacity_mw * (1.0 + ROUNDING) < supply.reach * homes.design_mw
    if not short.any():
        return supply.reach, None
    places = warming.heated_places(state.occupied)
    mass, share, heater = state.mass_c[places], state.share[state.occupied[places]], state.heater_w[places]
    warm = bare = kept.air_c(mass, services.outdoor_c, gains, sun_w=sun)
    heater = heater * services.home_power
    if heater.any():
        warm = bare + kept.air_heating * heater

    def held_by(floor_w: Floats) -> Floats:
        floor_mw = total(np.moveaxis(floor_w * homes.floor_m2, 1, 0)) / 1e6 * share
        held = homes_held(share, floor_mw, design_mw=homes.design_mw, capacity_mw=supply.capacity_mw)
        return np.where(short, np.minimum(supply.reach, held), supply.reach)

    floor_w = _floor_w(case, warm)
    held = held_by(floor_w)
    if not (held < supply.reach).any():
        return held, None
    cools_k = 0.5 * kept.air_by_mass * (mass - kept.mass_c(mass, services.outdoor_c, heater, gains, sun))
    first_w = _floor_w(case, bare + kept.air_at_once * heater + cools_k, per_watt=kept.air_at_once)
    return held, np.maximum(held_by(np.maximum(2.0 * first_w - floor_w, 0.0)) - held, 0.0)


def _heated_by_loops(case: _Case, state: HomesState, on: _Acting) -> tuple[Heat, Rooms, Floats]:
    """Return what `_heated_by_arrays` does, room by room: the same bytes."""
    services = case.services
    acts = {
        "outdoor_c": services.outdoor_c, "gains_w": on.gains_w, "power": services.home_power, "fuel": services.fuel,
        "capacity_mw": on.capacity_mw, "connected": on.connected,
    }  # fmt: skip
    if services.sun_w is not None:
        acts["sun_w"] = services.sun_w
    return heated_by_loops(case.homes, state, case.settings, acts=acts, step_h=case.step_h)


def _heated_by_arrays(case: _Case, state: HomesState, on: _Acting) -> tuple[Heat, Rooms, Floats]:
    """Heat that homes on district heat need and get, their rooms, and what radiators give at the end of the step.

    Parameters
    ----------
    state
        State after homes have moved.
    on
        What acts on them.
    """
    kept, services, settings, places = (
        case.homes.response, case.services, case.settings, warming.heated_places(state.occupied)
    )  # fmt: skip
    heater = heaters_on(state.heater_w, services.home_power)
    bare = kept.air_c(state.mass_c, services.outdoor_c, on.gains_w, sun_w=on.sun_w)
    warm = bare[places] if heater is None else bare[places] + kept.air_heating * heater[places]
    heat = _district_heat(case, state, warm, connected=on.connected, capacity_mw=on.capacity_mw)
    heating = heat.heat_w
    if len(heating) < len(state.mass_c):
        heating = np.zeros_like(state.mass_c)
        heating[places] = heat.heat_w
    given_w, radiator = emitted(state.radiator_w, heating, lag_h=settings["radiator_lag_h"], step_h=case.step_h)
    acts = Acts(state.mass_c, bare, given_w, heater, on.gains_w, on.sun_w)
    rooms = rooms_after(kept, acts, settings, outdoor_c=services.outdoor_c, fuel=services.fuel)
    return heat, replace(rooms, heating_w=heating), radiator


def _district_heat(
    case: _Case, state: HomesState, warm_c: Floats, *, connected: Floats, capacity_mw: Floats
) -> Heat:  # fmt: skip
    """Compute the heat that connected homes need and get.

    Parameters
    ----------
    warm_c
        Air of homes in heated states without it, shape ``(heated, archetype, member, region)``. [°C]
    connected
        Share of homes in which water circulates, shape ``(member, region)``. [1]
    capacity_mw
        Heat that sources can give, of a shape that broadcasts to it. [MW]
    """
    homes, settings = case.homes, case.settings
    need = _heat_to(settings["set_point_c"], warm_c, homes)
    groups = state.share[state.occupied[warming.heated_places(state.occupied)]]
    floor_m2, design_mw = groups[:, None] * homes.floor_m2, connected * homes.design_mw
    short = (capacity_mw < design_mw).any()
    heat = share_out(
        need, np.minimum(_floor_w(case, warm_c), need) if short else None, floor_m2=floor_m2,
        capacity_mw=capacity_mw, hot_water_mw=settings["hot_water_share"] * connected * homes.design_mw,
    )  # fmt: skip
    return pumped(
        heat, homes.radiator_w, homes.pumped * settings["building_pump_share"], floor_m2=floor_m2,
        home_power=case.services.home_power,
    )  # fmt: skip


def _own(case: _Case, state: HomesState, gains: Floats, backup: Floats) -> tuple[Rooms, Floats]:
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
    case: _Case, state: HomesState, gains: Floats, *, on: Floats, heater: Floats | None, sun: Floats | None
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


def _district_shown(
    case: _Case, state: HomesState, after: dict[str, Any], heat: Heat, *, rooms: Rooms, connected: Floats,
    capacity_mw: Floats, gains: Floats, way: Way,
) -> DistrictStep:  # fmt: skip
    """Return the result of homes on district heat, with the state at its end.

    Parameters
    ----------
    state
        State after homes have moved.
    after
        Fields of it at the end of the step that are known.
    rooms
        Rooms of the occupied states, shape ``(occupied, archetype, member, region)``.
    connected
        Share of homes in which water circulates, shape ``(member, region)``. [1]
    capacity_mw
        Heat that sources can give, of a shape that broadcasts to ``(member, region)``. [MW]
    gains
        Gains of people and appliances, likewise. [W/m²]
    way
        Way of heat from the source.
    """
    homes, settings, services, step_h = case.homes, case.settings, case.services, case.step_h
    share = warming.of_rooms(state.share, state.occupied)
    ice, burst, burst_mean = risers(
        state.riser_ice, state.riser_burst, rooms.air_c, share, repair_h=settings["riser_repair_h"], step_h=step_h
    )
    wanted, cold_h = _plugged_in(
        case, rooms, state.cold_h, homes.response, share=share,
        radiator_w=(rooms.heating_w, state.radiator_w, after["radiator_w"]), mass_c=state.mass_c,
        heater_w=state.heater_w, lag_h=settings["radiator_lag_h"],
    )  # fmt: skip
    heated_c = warming.mean_of_heated(rooms.air_c, state.share, state.occupied)
    end = replace(
        state, mass_c=rooms.mass_c, riser_ice=ice, riser_burst=burst, heater_w=wanted, cold_h=cold_h,
        **after, **_standing(case, state, heat, heated_c),
    )  # fmt: skip
    weight = homes.home_weight[: len(homes.kinds)] * share[:, None]
    supplied = heat.supplied_mw
    cold = np.zeros((len(COLD_THRESHOLDS_C), *supplied.shape))
    kelvin = np.zeros((len(DEGREE_HOURS_BELOW_C), *supplied.shape))
    add_cold(cold, kelvin, weight, rooms.air_c)
    drawn, using, left = _answers(weight, rooms, wanted, (state.cold_h, cold_h), settings)
    load = ratio(supplied, homes.design_mw * np.maximum(connected, 1e-9), empty=0.0)
    return DistrictStep(
        state=end,
        need_mw=heat.need_mw,
        supplied_mw=supplied,
        rooms_c=rooms.air_c,
        heated_c=heated_c,
        connected=connected,
        cold_share=cold,
        kelvin=kelvin,
        cold=Cold(
            homes=homes,
            settings=settings,
            some=cold[COLD] > 0,
            share=state.share,
            occupied=state.occupied,
            weight=weight,
            rooms_c=rooms.air_c,
            heat=heat,
            capacity_mw=capacity_mw,
            gains_w=gains,
            outdoor_c=services.outdoor_c,
            home_power=services.home_power,
            way=way,
        ),
        left_share=left,
        heater_w=drawn,
        heater_homes=using,
        deadline_h=states.deadline_h(end.share, end.coolant_c, services.outdoor_c, end.circulates),
        supply_c=supply_c(load),
        hot_water=connected * heat.hot_water,
        dry_risers=total(weight * burst_mean, axes=2) if burst_mean.any() else np.zeros_like(supplied),
        bursting=newly_burst(weight, state.riser_burst, burst),
    )


def _answers(
    weight: Floats, rooms: Rooms, heater_w: Floats, cold_h: tuple[Floats, Floats], settings: Settings
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Heaters of homes, the share of homes with one, and that of people who have left, ``(member, region)`` each.

    Of the hours before the step and at its end the longer count: who has left stays away until the room is warm.
    """
    if rooms.missing_w is None:  # all rooms are warm
        none = np.zeros(weight.shape[-2:])
        return none, none, none
    return *plugged(weight, heater_w), people_left(weight, rooms.air_c, np.maximum(*cold_h), settings)


def _standing(case: _Case, state: HomesState, heat: Heat, heated_c: Floats) -> dict[str, Any]:
    """Fields of a state with water that stands still cooler, or frozen; where it circulates its heat makes it warm.

    Parameters
    ----------
    heated_c
        Rooms of homes in which water circulates, from which water without heat takes its warmth, shape
        ``(archetype, member, region)``. [°C]
    """
    homes, by_loops = case.homes, water_loops.COMPILED and state.mass_c.size >= water_loops.LEAST
    circulates = states.circulating_c(heat.given, heated_c, homes.floor_m2, homes.district_m2, by_loops=by_loops)
    coolant, ice = states.stand_still(
        state.coolant_c, state.ice, case.services.outdoor_c, circulates, step_h=case.step_h, by_loops=by_loops
    )
    tested = np.where(np.isnan(circulates), state.tested, 0.0) if state.tested.any() else state.tested
    return {"coolant_c": coolant, "ice": ice, "tested": tested, "circulates": circulates}


def _plugged_in(
    case: _Case, rooms: Rooms, cold_h: Floats, kept: Response, *, share: Floats | None,
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
        return np.zeros_like(cold_h), np.zeros_like(cold_h)
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
