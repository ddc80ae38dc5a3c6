"""One step of homes: they move between states, are heated, and cool."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gridmodel.draws import Numbers
from gridmodel.heat import states
from gridmodel.heat.building import Response
from gridmodel.heat.heaters import uptake, wanted_w
from gridmodel.heat.homes import Homes, HomesState, own_shares
from gridmodel.heat.pipes import CIRCULATING_C, burst_share, grow_ice, supply_c
from gridmodel.heat.source import make_up, running, source_left
from gridmodel.heat.states import CONNECTED, NO_CIRCULATION
from gridmodel.mixing import Flow, moved, total
from gridmodel.names import ARCHETYPES, COLD_THRESHOLDS_C, HEAT_STATES

Floats = npt.NDArray[np.float64]

LITTLE = 0.05
"""Share of the heat that is needed below which water stands still. Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatServices:
    """What homes and heat sources depend on, each of shape ``(member, region)`` unless said."""

    outdoor_c: Floats
    """Shape ``(region,)`` or ``(member, region)``. [°C]"""
    source: Floats
    """Capacity of sources that damage leaves. [1]"""
    network: Floats
    """Buildings that the heat network reaches. [1]"""
    chp: Floats
    """Combined heat and power that is left as power plant. [1]"""
    plant_power: Floats
    """Share of sources that the grid supplies. [1]"""
    backup: Floats
    """Share of sources that their own generators supply. [1]"""
    home_power: Floats
    """Share of homes that have power. [1]"""
    fuel: Floats
    """Gas that there is. [1]"""
    mains: Floats
    """Share of make-up water that came in the step before. [1]"""
    mobile_mw: Floats
    """Heat of mobile boilers. [MW]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesStep:
    """What a step shows."""

    state: HomesState
    """State at its end."""
    need_mw: Floats
    """Heat that connected homes need, shape ``(member, region)``. [MW]"""
    supplied_mw: Floats
    """Heat that they get, shape ``(member, region)``. [MW]"""
    rooms_c: Floats
    """Air by state that is held, shape ``(member, region, archetype, held)``. [°C]"""
    own_c: Floats
    """Air of homes that heat themselves, shape ``(member, region, own)``. [°C]"""
    cold_share: Floats
    """Share of homes below each threshold, shape ``(member, region, threshold)``. [1]"""
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
    dry_risers: Floats
    """Share of a region's homes whose cold-water risers have burst, shape ``(member, region)``. [1]"""

    @property
    def air_c(self) -> Floats:
        """Air, shape ``(member, region, kind, heat_state)``; missing where a state is empty. [°C]

        Homes that heat themselves stand under `connected`.
        """
        members, regions, kinds, _ = self.rooms_c.shape
        air = np.full((members, regions, kinds + self.own_c.shape[-1], len(HEAT_STATES)), np.nan)
        self.put_air(air)
        return air

    def put_air(self, air: npt.NDArray[np.floating]) -> None:
        """Write the air into an array that is missing throughout, shaped as `air_c`."""
        kinds = self.rooms_c.shape[2]
        for place, name in enumerate(self.state.held):
            lived_in = self.state.share[..., name, None] > 1e-9
            air[:, :, :kinds, name] = np.where(lived_in, self.rooms_c[..., place], np.nan)
        air[:, :, kinds:, CONNECTED] = self.own_c


def step_homes(
    homes: Homes, state: HomesState, numbers: Numbers, services: HeatServices, *, step_h: float,
    heaters: bool = True,
) -> HomesStep:  # fmt: skip
    """Move homes between states, heat them, and see how warm they are.

    Parameters
    ----------
    homes
        Homes of every region.
    state
        State before the step.
    numbers
        Numbers of the physics.
    services
        What there is in the step.
    step_h
        Length of the step. [h]
    heaters
        Whether people plug heaters in.
    """
    case = _Case(homes, numbers, services, step_h, heaters)
    lacking = make_up(
        state.lacking, services.mains, leak_per_h=numbers["heat_network_leak_per_h"],
        make_up_per_h=numbers["heat_network_make_up_per_h"], step_h=step_h,
    )  # fmt: skip
    left = source_left(services.source, services.chp, homes.chp_share, heat_only=numbers["chp_heat_only_share"])
    on = running(services.plant_power, services.backup, trip_below=numbers["heat_source_trip_below"])
    on = on * np.where(lacking < numbers["heat_network_margin"], 1.0, services.mains)
    capacity = homes.source_max_mw * left * services.fuel * on + services.mobile_mw
    state = _moved(case, replace(state, lacking=lacking), left)
    power = services.home_power[..., None, None]
    appliance = 1.0 - numbers.of("appliance_share", 3) * (1.0 - power)
    gains = np.broadcast_to(numbers.of("internal_gain_w_per_m2", 3) * appliance, power.shape)
    heater = state.heater_w * power
    heat = _district_heat(case, state, heater[..., CONNECTED], gains[..., 0], capacity)
    heating = np.zeros_like(state.mass_c)
    heating[..., CONNECTED] = heat.need_w * heat.given[..., None]
    part = _Part(
        state.mass_c, state.radiator_w, heating, heater, services.outdoor_c[..., None, None],
        services.fuel[..., None, None], gains,
    )  # fmt: skip
    rooms = _rooms(homes.response, part, numbers, axes=3, lag_h=numbers.of("radiator_lag_h", 3), step_h=step_h)
    return _shown(case, state, heat, rooms=rooms, own=_own(case, state))


@dataclass(frozen=True, slots=True)
class _Case:
    """What does not change within a step."""

    homes: Homes
    numbers: Numbers
    services: HeatServices
    step_h: float
    heaters: bool


@dataclass(frozen=True, slots=True)
class _Heat:
    """Heat from sources."""

    need_w: Floats
    """What connected homes need, shape ``(member, region, archetype)``. [W/m²]"""
    need_mw: Floats
    """The same of all of them, shape ``(member, region)``. [MW]"""
    given: Floats
    """Share of it that they get, shape ``(member, region)``. [1]"""


@dataclass(frozen=True, slots=True)
class _Part:
    """What acts on some rooms, arrays that broadcast."""

    mass_c: Floats
    radiator_w: Floats
    heating_w: Floats
    heater_w: Floats
    outdoor_c: Floats
    fuel: Floats
    gains_w: Floats


@dataclass(frozen=True, slots=True)
class _Rooms:
    """Rooms after a step."""

    mass_c: Floats
    air_c: Floats
    radiator_w: Floats
    missing_w: Floats
    """Heater power that would hold the temperature people settle for. [W/m²]"""


def _rooms(
    kept: Response, part: _Part, numbers: Numbers, *, axes: int, lag_h: Floats | None, step_h: float
) -> _Rooms:  # fmt: skip
    """Heat rooms by radiators, heaters, people and stoves.

    Radiators follow the heat that comes with a lag: the water in them and in pipes holds some of it.
    """
    if lag_h is None:
        emitted, after = part.heating_w, part.radiator_w
    else:
        stays = np.exp(-step_h / lag_h)
        ahead = part.radiator_w - part.heating_w
        after = part.heating_w + ahead * stays
        emitted = part.heating_w + ahead * (1.0 - stays) * lag_h / step_h
    heat = emitted + part.heater_w
    bare = kept.air_c(part.mass_c, part.outdoor_c, emitted, part.gains_w)
    lacks = np.maximum(numbers.of("settled_for_c", axes) - bare, 0.0)
    stove = np.minimum(lacks / kept.air_gains, numbers.of("cooker_w_per_m2", axes) * part.fuel)
    gains = part.gains_w + stove
    return _Rooms(
        mass_c=kept.mass_c(part.mass_c, part.outdoor_c, heat, gains),
        air_c=kept.air_c(part.mass_c, part.outdoor_c, heat, gains),
        radiator_w=after,
        missing_w=np.maximum(lacks - kept.air_gains * stove, 0.0) / kept.air_heating,
    )


def _moved(case: _Case, state: HomesState, left: Floats) -> HomesState:
    """State after homes have moved.

    Parameters
    ----------
    left
        Share of source capacity that is left, shape ``(member, region)``. [1]
    """
    homes, numbers, services, step_h = case.homes, case.numbers, case.services, case.step_h
    mobile = np.divide(services.mobile_mw, homes.source_max_mw, out=np.zeros_like(left), where=homes.source_max_mw > 0)
    reach = services.network * (1.0 - numbers["loss_split"] * (1.0 - np.minimum(left + mobile, 1.0)))
    bursts, tested = states.newly_burst(state.share, state.ice, state.tested)
    drains = states.drained(
        state.share, state.coolant_c, services.outdoor_c, crew_share=homes.drain_share_per_h * step_h,
        below_c=numbers["drain_below_outdoor_c"], coolant_below_c=numbers["drain_below_coolant_c"],
    )  # fmt: skip
    flows = states.moves(
        state.share, reach=reach, drains=drains, bursts=bursts, tau_h=numbers["reconnection_tau_h"],
        burst_repair_h=24.0 * numbers["burst_repair_days"], refill_h=numbers["burst_refill_h"], step_h=step_h,
    )  # fmt: skip
    share, _ = moved(state.share, [], flows)
    state = _holding(state, share)
    place = {int(name): position for position, name in enumerate(state.held)}
    between = [(place[one], place[other], amount) for one, other, amount in flows if one in place and other in place]
    wide = [state.mass_c, state.radiator_w, state.heater_w, state.riser_ice, state.riser_burst, state.cold_h]
    _, carried = moved(state.share[..., state.held], wide, between)
    mass, radiator, heater, ice, burst, cold = carried
    filled = [flow for flow in flows if max(flow[:2]) <= NO_CIRCULATION]
    water = [state.coolant_c, state.ice, tested]
    _, (coolant, frost, tested) = moved(_apart(share, filled), water, filled)
    return replace(
        state, share=share, mass_c=mass, radiator_w=radiator, heater_w=heater, riser_ice=ice, riser_burst=burst,
        cold_h=cold, coolant_c=coolant, ice=frost, tested=tested,
    )  # fmt: skip


def _holding(state: HomesState, share: Floats) -> HomesState:
    """State with room for every state that homes are in before or after they move, and for no other."""
    lived_in = np.asarray(((state.share > 0) | (share > 0)).any(axis=(0, 1)))
    lived_in[CONNECTED] = True
    held = np.flatnonzero(lived_in)
    if np.array_equal(held, state.held):
        return state
    known = np.isin(held, state.held)
    source = np.searchsorted(state.held, held[known])

    def fitted(values: Floats) -> Floats:
        made = np.zeros((*values.shape[:-1], len(held)))
        made[..., known] = values[..., source]
        return made

    names = ("mass_c", "radiator_w", "heater_w", "riser_ice", "riser_burst", "cold_h")
    return replace(state, held=held, **{name: fitted(getattr(state, name)) for name in names})


def _apart(after: Floats, filled: list[Flow]) -> Floats:
    """Shares of the two states with water before their exchange with each other, all other moves done."""
    share = after[..., :2].copy()
    for source, target, amount in filled:
        share[..., source] += amount
        share[..., target] -= amount
    return np.clip(share, 0.0, None)


def _district_heat(case: _Case, state: HomesState, heater: Floats, gains: Floats, capacity: Floats) -> _Heat:
    """Heat that connected homes need and get.

    Parameters
    ----------
    heater, gains
        Heat of heaters and of people and appliances, shape ``(member, region, archetype)``. [W/m²]
    capacity
        Heat that sources can give, shape ``(member, region)``. [MW]
    """
    homes, numbers, services = case.homes, case.numbers, case.services
    kept = homes.response
    warm = (
        kept.air_mass[:, 0] * state.mass_c[..., CONNECTED]
        + kept.air_outdoor[:, 0] * services.outdoor_c[..., None]
        + kept.air_heating[:, 0] * heater
        + kept.air_gains[:, 0] * gains
    )
    need = np.clip((numbers.of("set_point_c", 2) - warm) / kept.air_heating[:, 0], 0.0, homes.radiator_w)
    whole = state.share[..., CONNECTED] * total(need * homes.floor_m2) / 1e6
    given = np.divide(np.minimum(whole, capacity), whole, out=np.ones_like(whole), where=whole > 0)
    return _Heat(need, whole, given)


def _own(case: _Case, state: HomesState) -> _Rooms:
    """Rooms of homes that heat themselves, shape ``(member, region, own)``."""
    homes, numbers, services = case.homes, case.numbers, case.services
    kept, power = homes.own_response, services.home_power[..., None]
    on = np.where(homes.own_needs_power, power, 1.0) * np.where(homes.own_needs_gas, services.fuel[..., None], 1.0)
    gains = numbers.of("internal_gain_w_per_m2", 2) * (1.0 - numbers.of("appliance_share", 2) * (1.0 - power))
    heater = state.own_heater_w * power
    outdoor = services.outdoor_c[..., None]
    bare = kept.air_c(state.own_mass_c, outdoor, heater, gains)
    need = np.maximum((numbers.of("set_point_c", 2) - bare) / kept.air_heating, 0.0)
    heating = np.minimum(need, on * homes.own_w * numbers.of("own_heat_margin", 2))
    part = _Part(state.own_mass_c, heating, heating, heater, outdoor, services.fuel[..., None], gains)
    return _rooms(kept, part, numbers, axes=2, lag_h=None, step_h=case.step_h)


def _shown(case: _Case, state: HomesState, heat: _Heat, *, rooms: _Rooms, own: _Rooms) -> HomesStep:
    """What the step shows, and the state at its end.

    Parameters
    ----------
    rooms
        Rooms of the states that are held, shape ``(member, region, archetype, held)``.
    own
        Rooms of homes that heat themselves.
    """
    homes, services, step_h = case.homes, case.services, case.step_h
    end = replace(state, mass_c=rooms.mass_c, radiator_w=rooms.radiator_w, own_mass_c=own.mass_c)
    end = _standing(case, _heaters(case, end, heat, rooms=rooms, own=own), heat)
    ice, burst = _risers(state, rooms.air_c, case.numbers, step_h)
    end = replace(end, riser_ice=ice, riser_burst=burst)
    weight, own_weight = _weights(homes, state, own_shares(homes, case.numbers))
    people_cold, below = _cold(weight, own_weight, rooms.air_c, own.air_c)
    drawn = total(end.heater_w * weight, axes=2) + total(end.own_heater_w * own_weight)
    using = total(weight * (end.heater_w > 0), axes=2) + total(own_weight * (end.own_heater_w > 0))
    supplied = heat.need_mw * heat.given
    design_mw = (homes.radiator_w * homes.floor_m2).sum(axis=1) / 1e6 * np.maximum(state.share[..., CONNECTED], 1e-9)
    load = np.divide(supplied, design_mw, out=np.zeros_like(supplied), where=design_mw > 0)
    return HomesStep(
        state=end,
        need_mw=heat.need_mw,
        supplied_mw=supplied,
        rooms_c=rooms.air_c,
        own_c=own.air_c,
        cold_share=people_cold,
        degree_hours=below * step_h,
        heater_mw=drawn * (homes.floor_m2.sum(axis=1) + homes.own_floor_m2) / 1e6,
        heater_homes=using,
        deadline_h=states.deadline_h(end.share, end.coolant_c, services.outdoor_c, end.circulates),
        supply_c=supply_c(load),
        dry_risers=total(weight * burst, axes=2),
    )


def _standing(case: _Case, state: HomesState, heat: _Heat) -> HomesState:
    """State with water that has stood still cooler, or frozen."""
    stands = (heat.given < LITTLE) & (heat.need_mw > 0)
    circulates = np.stack([np.where(stands, np.nan, CIRCULATING_C), np.full(heat.given.shape, np.nan)], axis=-1)
    coolant, ice = states.stand_still(
        state.coolant_c, state.ice, case.services.outdoor_c, circulates, step_h=case.step_h
    )
    tested = np.where(np.isnan(circulates), state.tested, 0.0)
    return replace(state, coolant_c=coolant, ice=ice, tested=tested, circulates=circulates)


def _heaters(case: _Case, state: HomesState, heat: _Heat, *, rooms: _Rooms, own: _Rooms) -> HomesState:
    """State with the heaters that people plug in."""
    numbers, step_h = case.numbers, case.step_h
    cold_h = state.cold_h + step_h
    cold_h[..., CONNECTED] = np.where(heat.given < 1.0 - 1e-9, cold_h[..., CONNECTED], 0.0)
    own_cold_h = np.where(own.missing_w > 0, state.own_cold_h + step_h, 0.0)
    most = numbers.of("heater_uptake", 2) if case.heaters else np.zeros(())
    if not (rooms.missing_w > 0).any() or not case.heaters:
        wanted = np.zeros_like(state.mass_c)
    else:
        wanted = wanted_w(
            rooms.missing_w, uptake(cold_h, most=most)[..., None, :], cap_kw=numbers.of("heater_cap_kw", 3),
            diversity=numbers.of("heater_diversity", 3),
        )  # fmt: skip
    own_wanted = wanted_w(
        own.missing_w, uptake(own_cold_h, most=most), cap_kw=numbers.of("heater_cap_kw", 2),
        diversity=numbers.of("heater_diversity", 2),
    )  # fmt: skip
    return replace(state, heater_w=wanted, own_heater_w=own_wanted, cold_h=cold_h, own_cold_h=own_cold_h)


def _risers(state: HomesState, air_c: Floats, numbers: Numbers, step_h: float) -> tuple[Floats, Floats]:
    """Ice in cold-water risers and the share of them that has burst; mended where homes are warm again."""
    if not ((air_c < 0).any() or state.riser_ice.any() or state.riser_burst.any()):
        return state.riser_ice, state.riser_burst
    ice = grow_ice(state.riser_ice, air_c, hours=step_h)
    mended = state.riser_burst * np.where(air_c > 5.0, np.exp(-step_h / numbers.of("riser_repair_h", 3)), 1.0)
    return ice, np.maximum(mended, np.where(air_c < 0, burst_share(ice), 0.0))


def _weights(homes: Homes, state: HomesState, own_share: Floats) -> tuple[Floats, Floats]:
    """Share of a region's homes in each archetype and state, and in each kind of own heating."""
    weight = homes.home_weight[:, : len(ARCHETYPES), None] * state.share[:, :, None, state.held]
    return weight, np.broadcast_to(own_share, state.own_mass_c.shape)


def _cold(weight: Floats, own_weight: Floats, air_c: Floats, own_air_c: Floats) -> tuple[Floats, Floats]:
    """Share of homes below each threshold, and mean kelvin below 18 °C."""
    flat = weight.reshape(*weight.shape[:2], -1)
    every = np.concatenate([flat, own_weight], axis=-1)
    degrees = np.concatenate([air_c.reshape(flat.shape), own_air_c], axis=-1)
    cold = [total(every * (degrees < limit)) for limit in COLD_THRESHOLDS_C]
    return np.stack(cold, axis=-1), total(every * np.maximum(COLD_THRESHOLDS_C[0] - degrees, 0.0))
