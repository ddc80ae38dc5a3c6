"""One step of homes: they move between states, are heated, and cool."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Flow, moved, total
from gridmodel.sampling import Settings
from gridmodel.services.heat import states
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.causes import COLD, Cold, Way, Why
from gridmodel.services.heat.draining import drained
from gridmodel.services.heat.heaters import plugged_in
from gridmodel.services.heat.homes import Homes, HomesState
from gridmodel.services.heat.leaving import people_left
from gridmodel.services.heat.own import bridged, own_heat_w
from gridmodel.services.heat.pipes import CIRCULATING_C, burst_share, grow_ice, supply_c
from gridmodel.services.heat.returning import Speeds
from gridmodel.services.heat.source import make_up, source_left
from gridmodel.services.heat.states import CONNECTED, NO_CIRCULATION
from gridmodel.services.heat.supply import (
    HELD_ABOVE_K,
    Heat,
    capacity_mw,
    homes_held,
    pumped,
    reach,
    running,
    share_out,
)
from gridmodel.vocabulary import COLD_THRESHOLDS_C, HEAT_STATES

WARM_C = 30.0
"""Water above which homes whose water circulates stay where they are. [°C] Ours: far above any rule to drain."""


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
    """Share of make-up water that came in the step before. [1]"""
    mobile_mw: Floats
    """Heat of mobile boilers. [MW]"""
    turbines: Floats = field(default_factory=lambda: np.ones(()))
    """Share of combined heat and power whose turbines work. [1]"""
    sun_w: Floats | None = None
    """Sun on level ground without air; None at night. [W/m²]"""


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
    """Air of homes that heat themselves, shape ``(own, member, region)``. [°C]"""
    cold_share: Floats
    """Share of homes below each threshold, shape ``(threshold, member, region)``. [1]"""
    why: Why
    """All that causes of homes below 12 °C follow from."""
    left_share: Floats
    """Share of people who have left homes below 12 °C, shape ``(member, region)``. [1]"""
    degree_hours: Floats
    """Mean over homes below 18 °C, shape ``(member, region)``. [K h]"""
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
    """Share of a region's homes whose cold-water risers have burst, shape ``(member, region)``. [1]"""

    @property
    def air_c(self) -> Floats:
        """Air, shape ``(member, region, kind, heat_state)``; missing where a state is empty. [°C]

        Homes that heat themselves are listed under `connected`.
        """
        _, kinds, members, regions = self.rooms_c.shape
        air = np.full((members, regions, kinds + len(self.own_c), len(HEAT_STATES)), np.nan)
        self.put_air(air)
        return air

    def put_air(self, air: npt.NDArray[np.floating]) -> None:
        """Write the air into an array of missing values, shaped like `air_c`."""
        kinds = self.rooms_c.shape[1]
        for rooms_c, name in zip(self.rooms_c, self.state.occupied, strict=True):
            lived_in = self.state.share[name] > 1e-9
            if lived_in.all():
                air[:, :, :kinds, name] = np.moveaxis(rooms_c, 0, -1)
            else:
                air[lived_in, :kinds, name] = rooms_c[:, lived_in].T
        air[:, :, kinds:, CONNECTED] = np.moveaxis(self.own_c, 0, -1)


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
    design_mw = total(homes.radiator_w * homes.floor_m2) / 1e6
    case = _Case(homes, settings, services, step_h, heaters, design_mw)
    lacking = make_up(
        state.lacking, services.mains, leak_per_h=settings["heat_network_leak_per_h"],
        make_up_per_h=settings["heat_network_make_up_per_h"], step_h=step_h,
    )  # fmt: skip
    state = replace(state, lacking=lacking)
    gains = settings["internal_gain_w_per_m2"] * (1.0 - settings["appliance_share"] * (1.0 - services.home_power))
    kept, outdoor = homes.response, services.outdoor_c
    sun = _sun(services.sun_w, homes.sun_share)
    supply = _supply(case, lacking)
    held = _held(case, state, supply, gains, sun)
    state = _moved(case, state, replace(supply, reach=held))
    heater = state.heater_w * services.home_power
    bare = kept.air_c(state.mass_c, outdoor, gains, sun_w=sun)
    heat = _district_heat(case, state, bare[CONNECTED] + kept.air_heating * heater[CONNECTED], supply)
    heating = np.zeros_like(state.mass_c)
    heating[CONNECTED] = heat.heat_w
    emitted, radiator = _emitted(state.radiator_w, heating, lag_h=settings["radiator_lag_h"], step_h=step_h)
    part = _Part(state.mass_c, bare, emitted, heater, gains, sun)
    rooms = _rooms(case, kept, part)
    backup, charge_h = bridged(
        state.own_charge_h, services.home_power, lasts_h=settings["own_backup_h"],
        charge_ratio=settings["own_backup_charge_ratio"], step_h=step_h,
    )  # fmt: skip
    own = _own(case, state, gains, backup)
    given = _Given(supply, held, gains, backup)
    return _shown(
        case, replace(state, radiator_w=radiator, own_charge_h=charge_h), heat, rooms=rooms, own=own, given=given
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """Values that do not change within a step."""

    homes: Homes
    settings: Settings
    services: HeatServices
    step_h: float
    heaters: bool
    design_mw: Floats
    """Heat that all homes need at the design temperature, shape ``(1, region)`` or ``(member, region)``. [MW]"""


@dataclass(frozen=True, slots=True)
class _Supply:
    """Supply of heat in a step, arrays of shape ``(member, region)``."""

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


@dataclass(frozen=True, slots=True)
class _Given:
    """Values of a step from which causes of cold homes follow, arrays that broadcast to ``(member, region)``."""

    supply: _Supply
    held: Floats
    """Homes that stay connected. [1]"""
    gains_w: Floats
    """Gains of people and appliances. [W/m²]"""
    own_backup: Floats
    """Share of the step for which backup runs boilers. [1]"""


@dataclass(frozen=True, slots=True)
class _Part:
    """Heat that acts on some rooms, arrays of shape ``(…, kind, member, region)`` or that broadcast to it."""

    mass_c: Floats
    bare_c: Floats
    """Air without heating and heaters. [°C]"""
    heating_w: Floats
    heater_w: Floats
    gains_w: Floats
    sun_w: Floats | None
    """Sun through windows; None at night. [W/m²]"""


@dataclass(frozen=True, slots=True)
class _Rooms:
    """Rooms after a step."""

    mass_c: Floats
    air_c: Floats
    missing_w: Floats
    """Heater power that would hold the lowest temperature people accept. [W/m²]"""
    heating_w: Floats
    """Heat of radiators, or of their own heating. [W/m²]"""


def _sun(level_w: Floats | None, share: Floats) -> Floats | None:
    """Sun through windows, shape ``(kind, …, region)``; None at night. [W/m²]"""
    return None if level_w is None else share * level_w


def _emitted(radiator_w: Floats, heating_w: Floats, *, lag_h: Floats, step_h: float) -> tuple[Floats, Floats]:
    """Heat that radiators give off, mean of the step and at its end.

    They follow the heat that comes with a lag: the water in them and in pipes stores some of it.
    """
    stays = np.exp(-step_h / lag_h)
    ahead = radiator_w - heating_w
    emitted = ahead * ((1.0 - stays) * lag_h / step_h)
    emitted += heating_w
    ahead *= stays
    ahead += heating_w
    return emitted, ahead


def _rooms(case: _Case, kept: Response, part: _Part) -> _Rooms:
    """Rooms heated by radiators, heaters, people, and stoves where they would be colder than people accept."""
    settings, services = case.settings, case.services
    air = part.bare_c + kept.air_heating * part.heating_w
    lacks_w = (settings["settled_for_c"] - air) / kept.air_gains
    lacks_w = np.maximum(lacks_w, 0.0, out=lacks_w)
    stove = np.minimum(lacks_w, settings["cooker_w_per_m2"] * services.fuel)
    heat = part.heating_w + part.heater_w
    air += kept.air_heating * part.heater_w
    air += kept.air_gains * stove
    mass = kept.mass_c(part.mass_c, services.outdoor_c, heat, part.gains_w, part.sun_w)
    mass += kept.mass_gains * stove
    lacks_w -= stove
    lacks_w *= kept.air_gains / kept.air_heating
    return _Rooms(mass_c=mass, air_c=air, missing_w=lacks_w, heating_w=part.heating_w)


def _supply(case: _Case, lacking: Floats) -> _Supply:
    """Compute the homes that sources and network reach, and the heat that they can give.

    Parameters
    ----------
    lacking
        Share of the network's water that is missing, shape ``(member, region)``. [1]
    """
    homes, settings, services = case.homes, case.settings, case.services
    powered = running(services.plant_power, services.backup, homes.units)
    filled = np.where(lacking < settings["heat_network_margin"], 1.0, services.mains)
    on = powered * filled
    remaining = source_left(services.source, services.chp, homes.chp_share)
    able = source_left(
        services.source, services.chp, homes.chp_share, turbines=services.turbines,
        heat_only=settings["chp_heat_only_share"],
    )  # fmt: skip
    mobile = np.divide(
        services.mobile_mw, case.design_mw, out=np.zeros_like(on), where=case.design_mw > 0
    )  # fmt: skip
    split, one = settings["loss_split"], np.ones(())
    return _Supply(
        intact=reach(services.network, remaining, one, loss_split=split, mobile=np.zeros_like(on)),
        reach=reach(services.network, remaining, on, loss_split=split, mobile=mobile),
        capacity_mw=capacity_mw(homes.source_max_mw, able, on, fuel=services.fuel, mobile_mw=services.mobile_mw,
                                settings=settings),
        remaining=1.0 - split * (1.0 - remaining), powered=powered, filled=filled,
    )  # fmt: skip


def _floor_w(case: _Case, warm_c: Floats) -> Floats:
    """Heat that holds rooms at the operators' floor, shape ``(archetype, member, region)``. [W/m²]

    Parameters
    ----------
    warm_c
        Air without heating, same shape. [°C]
    """
    target = case.settings["heat_floor_c"] + HELD_ABOVE_K
    return np.clip((target - warm_c) / case.homes.response.air_heating, 0.0, case.homes.radiator_w)


def _held(case: _Case, state: HomesState, supply: _Supply, gains: Floats, sun: Floats | None) -> Floats:
    """Homes that stay connected: those that are reached, fewer if heat does not hold the rooms of all at the floor."""
    homes, services = case.homes, case.services
    short = supply.capacity_mw < state.share[CONNECTED] * case.design_mw
    if not short.any():
        return supply.reach
    warm = homes.response.air_c(state.mass_c[0], services.outdoor_c, gains, sun_w=sun)
    warm = warm + homes.response.air_heating * state.heater_w[0] * services.home_power
    held = homes_held(_floor_w(case, warm), floor_m2=homes.floor_m2, capacity_mw=supply.capacity_mw)
    return np.where(short, np.minimum(supply.reach, held), supply.reach)


def _moved(case: _Case, state: HomesState, supply: _Supply) -> HomesState:
    """State after homes have moved."""
    homes, settings, services, step_h = case.homes, case.settings, case.services, case.step_h
    reach = np.minimum(supply.reach, 1.0 - state.given_up)
    if len(state.occupied) == 1 and (reach >= 1.0).all() and (supply.intact >= state.intact).all():
        warm = state.coolant_c[CONNECTED] > WARM_C  # water that circulates neither is drained nor bursts its pipes
        if warm.all() and not state.waiting.stages.any():
            return replace(state, intact=supply.intact)
    new = settings["heat_given_up_share"] * np.maximum(state.intact - supply.intact, 0.0)
    given_up = np.minimum(state.given_up + new, 1.0)
    bursts, tested = states.newly_burst(state.share, state.ice, state.tested)
    standing_c = np.where(np.isnan(state.circulates), state.coolant_c, np.inf)
    drains = drained(
        state.share, standing_c, services.outdoor_c, crew_share_per_h=homes.drain_share_per_h,
        coolant_below_c=settings["drain_below_coolant_c"], lead_h=settings["drain_lead_h"], step_h=step_h,
    )  # fmt: skip
    speeds = Speeds(
        quick_h=settings["restart_h"], slow_h=settings["reconnection_tau_h"], slow_share=settings["slow_return_share"]
    )  # fmt: skip
    flows, waiting = states.moves(
        state.share, reach=np.minimum(supply.reach, 1.0 - given_up), drains=drains, bursts=bursts,
        waiting=state.waiting, speeds=speeds,
        burst_repair_h=24.0 * settings["burst_repair_days"], refill_h=settings["burst_refill_h"], step_h=step_h,
    )  # fmt: skip
    share, _ = moved(state.share, [], flows)
    state = holding(state, share)
    place = {int(name): position for position, name in enumerate(state.occupied)}
    between = [(place[one], place[other], amount) for one, other, amount in flows if one in place and other in place]
    wide = [state.mass_c, state.radiator_w, state.heater_w, state.riser_ice, state.riser_burst, state.cold_h]
    _, carried = moved(state.share[state.occupied], wide, between)
    mass, radiator, heater, ice, burst, cold = carried
    filled = [flow for flow in flows if max(flow[:2]) <= NO_CIRCULATION]
    water = [state.coolant_c, state.ice, tested]
    _, (coolant, frost, tested) = moved(_apart(share, filled), water, filled)
    return replace(
        state, share=share, mass_c=mass, radiator_w=radiator, heater_w=heater, riser_ice=ice, riser_burst=burst,
        cold_h=cold, coolant_c=coolant, ice=frost, tested=tested, waiting=waiting, intact=supply.intact,
        given_up=given_up,
    )  # fmt: skip


def holding(state: HomesState, share: Floats) -> HomesState:
    """State with room for every state that homes are in before or after they move, and for no other."""
    lived_in = np.asarray(((state.share > 0) | (share > 0)).any(axis=(1, 2)))
    lived_in[CONNECTED] = True
    occupied = np.flatnonzero(lived_in)
    if np.array_equal(occupied, state.occupied):
        return state
    known = np.isin(occupied, state.occupied)
    source = np.searchsorted(state.occupied, occupied[known])

    def fitted(values: Floats) -> Floats:
        made = np.zeros((len(occupied), *values.shape[1:]))
        made[known] = values[source]
        return made

    names = ("mass_c", "radiator_w", "heater_w", "riser_ice", "riser_burst", "cold_h")
    made: dict[str, Any] = {name: fitted(getattr(state, name)) for name in names}
    return replace(state, occupied=occupied, **made)


def _apart(after: Floats, filled: list[Flow]) -> Floats:
    """Shares of the two states with water before their exchange with each other, all other moves done."""
    share = after[:2].copy()
    for source, target, amount in filled:
        share[source] += amount
        share[target] -= amount
    return np.clip(share, 0.0, None)


def _district_heat(case: _Case, state: HomesState, warm_c: Floats, supply: _Supply) -> Heat:
    """Compute the heat that connected homes need and get.

    Parameters
    ----------
    warm_c
        Air of connected homes without it, shape ``(archetype, member, region)``. [°C]
    """
    homes, settings, capacity = case.homes, case.settings, supply.capacity_mw
    need = np.clip((settings["set_point_c"] - warm_c) / homes.response.air_heating, 0.0, homes.radiator_w)
    connected = state.share[CONNECTED]
    short = (capacity < connected * case.design_mw).any()
    heat = share_out(
        need, np.minimum(_floor_w(case, warm_c), need) if short else None, floor_m2=connected * homes.floor_m2,
        capacity_mw=capacity, hot_water_mw=settings["hot_water_share"] * connected * case.design_mw,
    )  # fmt: skip
    return pumped(
        heat, homes.radiator_w, homes.pumped * settings["building_pump_share"], floor_m2=connected * homes.floor_m2,
        home_power=case.services.home_power,
    )  # fmt: skip


def _own(case: _Case, state: HomesState, gains: Floats, backup: Floats) -> _Rooms:
    """Rooms of homes that heat themselves, shape ``(own, member, region)``.

    Parameters
    ----------
    backup
        Share of the step for which inverters and small generators run boilers, shape ``(member, region)``. [1]
    """
    homes, settings, services = case.homes, case.settings, case.services
    kept, power = homes.own_response, services.home_power
    heater = state.own_heater_w * power
    sun = _sun(services.sun_w, homes.own_sun_share)
    bare = kept.air_c(state.own_mass_c, services.outdoor_c, gains, sun_w=sun)
    demand = np.maximum((settings["set_point_c"] - bare) / kept.air_heating - heater, 0.0)
    heating = own_heat_w(
        demand, homes.own_w, power=power, fuel=services.fuel, backup=backup, margin=settings["own_heat_margin"],
        stove_heat=settings["own_fallback_stove_heat"],
    )  # fmt: skip
    return _rooms(case, kept, _Part(state.own_mass_c, bare, heating, heater, gains, sun))


def _shown(case: _Case, state: HomesState, heat: Heat, *, rooms: _Rooms, own: _Rooms, given: _Given) -> HomesStep:
    """Return the result of the step, with the state at its end.

    Parameters
    ----------
    rooms
        Rooms of the occupied states, shape ``(occupied, archetype, member, region)``.
    own
        Rooms of homes that heat themselves.
    given
        Values from which causes of cold homes follow.
    """
    homes, services, step_h = case.homes, case.services, case.step_h
    end = replace(state, mass_c=rooms.mass_c, own_mass_c=own.mass_c)
    end = _standing(case, _heaters(case, end, rooms=rooms, own=own), heat, rooms.air_c[CONNECTED])
    ice, burst = _risers(state, rooms.air_c, case.settings, step_h)
    end = replace(end, riser_ice=ice, riser_burst=burst)
    weight = homes.home_weight[: len(homes.kinds)] * state.share[state.occupied][:, None]
    own_weight = np.broadcast_to(homes.own_share, own.air_c.shape)
    cold, below = _cold(weight, own_weight, rooms.air_c, own.air_c)
    drawn, using = _plugged(weight, end.heater_w) + _plugged(own_weight, end.own_heater_w)
    supplied = heat.supplied_mw
    design_mw = case.design_mw * np.maximum(state.share[CONNECTED], 1e-9)
    load = np.divide(supplied, design_mw, out=np.zeros_like(supplied), where=design_mw > 0)
    return HomesStep(
        state=end,
        need_mw=heat.need_mw,
        supplied_mw=supplied,
        rooms_c=rooms.air_c,
        own_c=own.air_c,
        cold_share=cold,
        why=Why(
            homes=homes, settings=case.settings, share=cold[COLD],
            cold=Cold(
                share=state.share, occupied=state.occupied, weight=weight, rooms_c=rooms.air_c, heat=heat,
                capacity_mw=given.supply.capacity_mw, own_weight=own_weight, own_c=own.air_c,
                own_heating_w=own.heating_w, own_backup=given.own_backup, gains_w=given.gains_w,
                outdoor_c=services.outdoor_c, home_power=services.home_power, fuel=services.fuel,
            ),
            way=Way(
                source=given.supply.remaining, powered=given.supply.powered, filled=given.supply.filled,
                network=services.network, reach=given.supply.reach, held=given.held,
            ),
        ),
        left_share=(
            people_left(weight, rooms.air_c, end.cold_h, case.settings)
            + people_left(own_weight, own.air_c, end.own_cold_h, case.settings)
        ),
        degree_hours=below * step_h,
        heater_mw=drawn * (total(homes.floor_m2) + homes.own_floor_m2) / 1e6,
        heater_homes=using,
        deadline_h=states.deadline_h(end.share, end.coolant_c, services.outdoor_c, end.circulates),
        supply_c=supply_c(load),
        hot_water=end.share[CONNECTED] * heat.hot_water,
        dry_risers=total(weight * burst, axes=2) if burst.any() else np.zeros_like(supplied),
    )  # fmt: skip


def _standing(case: _Case, state: HomesState, heat: Heat, air_c: Floats) -> HomesState:
    """State with water that stands still cooler, or frozen; where it circulates it is as warm as its heat makes it.

    Parameters
    ----------
    air_c
        Rooms of connected homes, from which water without heat takes its warmth, shape ``(archetype, member, region)``.
        [°C]
    """
    flowing = np.full(heat.given.shape, CIRCULATING_C)
    if (heat.given < 1.0).any():
        floor = case.homes.floor_m2
        rooms_c = np.maximum(total(air_c * floor) / np.maximum(total(floor), 1.0), 0.0)
        flowing = np.where(heat.given < 1.0, rooms_c + (CIRCULATING_C - rooms_c) * heat.given, CIRCULATING_C)
    circulates = np.stack([flowing, np.full(heat.given.shape, np.nan)])
    coolant, ice = states.stand_still(
        state.share, state.coolant_c, state.ice, case.services.outdoor_c, circulates, step_h=case.step_h
    )
    tested = np.where(np.isnan(circulates), state.tested, 0.0)
    return replace(state, coolant_c=coolant, ice=ice, tested=tested, circulates=circulates)


def _heaters(case: _Case, state: HomesState, *, rooms: _Rooms, own: _Rooms) -> HomesState:
    """State with the heaters that people plug in where rooms would be colder without them than people accept."""
    lived_in = (state.share[state.occupied] > 0)[:, None]
    (wanted, cold_h), (own_wanted, own_cold_h) = (
        plugged_in(missing_w, before_h, case.settings, step_h=case.step_h, heaters=case.heaters)
        for missing_w, before_h in (
            (np.where(lived_in, rooms.missing_w, 0.0), state.cold_h), (own.missing_w, state.own_cold_h)
        )
    )  # fmt: skip
    return replace(state, heater_w=wanted, own_heater_w=own_wanted, cold_h=cold_h, own_cold_h=own_cold_h)


def _risers(state: HomesState, air_c: Floats, settings: Settings, step_h: float) -> tuple[Floats, Floats]:
    """Ice in cold-water risers and the share of them that has burst; mended where homes are warm again."""
    ice, burst = state.riser_ice, state.riser_burst
    cells = np.nonzero(((air_c < 0) | (ice > 0) | (burst > 0)).any(axis=1) & (state.share[state.occupied] > 0))
    if not len(cells[0]):
        return ice, burst
    occupied, member, region = cells
    air, lasts_h = air_c[occupied, :, member, region], np.broadcast_to(settings["riser_repair_h"], ice.shape[2:])
    kept = np.where(air > 5.0, np.exp(-step_h / lasts_h[member, region])[:, None], 1.0)
    ice, burst = ice.copy(), burst.copy()
    grown = grow_ice(ice[occupied, :, member, region], air, hours=step_h)
    ice[occupied, :, member, region] = grown
    new = np.where(air < 0, burst_share(grown), 0.0)
    burst[occupied, :, member, region] = np.maximum(burst[occupied, :, member, region] * kept, new)
    return ice, burst


def _cold(weight: Floats, own_weight: Floats, air_c: Floats, own_air_c: Floats) -> tuple[Floats, Floats]:
    """Share of homes below each threshold, shape ``(threshold, member, region)``, and mean kelvin below 18 °C."""
    every = np.concatenate([weight.reshape(-1, *weight.shape[2:]), own_weight])
    degrees = np.concatenate([air_c.reshape(-1, *air_c.shape[2:]), own_air_c])
    below = np.subtract(COLD_THRESHOLDS_C[0], degrees)
    np.maximum(below, 0.0, out=below)
    below *= every
    kelvin, cold = total(below), []
    for limit in COLD_THRESHOLDS_C:
        np.less(degrees, limit, out=below, casting="unsafe")
        below *= every
        cold.append(total(below))
    return np.stack(cold), kelvin


def _plugged(weight: Floats, heater_w: Floats) -> Floats:
    """Heater power and the share of homes with one, shape ``(2, member, region)``. [W/m²], [1]"""
    if not heater_w.any():
        return np.zeros((2, *heater_w.shape[-2:]))
    axes = heater_w.ndim - 2
    return np.stack([total(heater_w * weight, axes), total((heater_w > 0) * weight, axes)])
