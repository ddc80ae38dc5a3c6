"""One step of homes on district heat: they move between states, are heated as far as there is heat, and cool."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, ratio, total, widened
from gridmodel.sampling import Settings
from gridmodel.services.heat import air_loops, district_loops, warming
from gridmodel.services.heat.case import Case, HeatServices, gains_w_of
from gridmodel.services.heat.causes import Cold, Way
from gridmodel.services.heat.causes_in_turns import COLD
from gridmodel.services.heat.district_by_loops import stepped_by_loops
from gridmodel.services.heat.ending import Ending, ended_by_arrays
from gridmodel.services.heat.homes import Homes, HomesState
from gridmodel.services.heat.moving import moved_homes
from gridmodel.services.heat.rooms import Acts, Rooms, emitted, heaters_on, rooms_after, sun_in
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
from gridmodel.services.heat.warming import ROOMS
from gridmodel.vocabulary import HEAT_STATES

REMEMBERED = 2
"""Homes whose supply is remembered. Ours: a run needs one, and two may be stepped in turn."""


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
    together: Floats | None = None
    """All values of a region in one array, shape ``(row, member, region)``, of which they are views; None where they
    are not."""

    def put_air(self, air: npt.NDArray[np.floating]) -> None:
        """Write the air where homes are into an array of shape ``(member, region, archetype, heat_state)``. [°C]"""
        share = self.state.share
        place = {int(name): rooms_c for name, rooms_c in zip(self.state.occupied, self.rooms_c, strict=True)}
        place[CONNECTED] = self.heated_c
        for name in range(len(HEAT_STATES)):
            if ROOMS[name] not in place:
                continue
            lived_in = (self.connected if name == CONNECTED else share[name]) > air_loops.LIVED_IN
            rooms_c = place[ROOMS[name]]
            if lived_in.all():
                air[..., name] = rooms_c.transpose(1, 2, 0)
            else:
                air[lived_in, :, name] = rooms_c[:, lived_in].T

    def put_air_by_loop(self, air: npt.NDArray[np.floating], cells: Ints, own_c: Floats) -> None:
        """Write the air of some cells, missing where no homes are, and of those that heat themselves. [°C]

        Parameters
        ----------
        air
            Shape ``(member, region, kind, heat_state)``.
        cells
            Places of the cells of this step among members and their regions.
        own_c
            Homes that heat themselves, shape ``(own, cell)``; those of no kind are left alone.
        """
        place = {int(name): number for number, name in enumerate(self.state.occupied)}
        row = np.array([place.get(ROOMS[name], -1) for name in range(len(HEAT_STATES))])
        kinds = len(self.heated_c)
        rooms_c = np.ascontiguousarray(self.rooms_c).reshape(-1, kinds, len(cells))
        heated_c, connected = np.ascontiguousarray(self.heated_c), np.ascontiguousarray(self.connected)
        share = np.ascontiguousarray(self.state.share).reshape(-1, len(cells))
        air_loops.put(air, cells, (rooms_c, heated_c.reshape(kinds, -1)), (share, connected.reshape(-1)), row, own_c)


def step_district(
    homes: Homes, state: HomesState, settings: Settings, services: HeatServices, *, step_h: float, heaters: bool,
) -> DistrictStep:  # fmt: skip
    """Move homes on district heat between states, heat them, and compute how warm they are.

    Parameters
    ----------
    homes, state, settings, services, step_h, heaters
        As `step_homes` takes them.
    """
    case = Case(homes, settings, services, step_h, heaters)
    filling = refilled(
        state.filling, widened(services.mains, state.intact.shape), leak_per_h=settings["heat_network_leak_per_h"],
        make_up_per_h=settings["heat_network_make_up_per_h"], margin=settings["heat_network_margin"], step_h=step_h,
    )  # fmt: skip
    gains, sun = gains_w_of(case), sun_in(services.sun_w, homes.sun_share)
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
    heat, rooms, ending = (_stepped_by_loops if by_loops else _stepped_by_arrays)(case, state, on)
    way = Way(
        source=supply.remaining, powered=supply.powered, filled=supply.filled, network=services.network,
        reach=supply.reach, held=held,
    )  # fmt: skip
    return DistrictStep(
        state=replace(state, filling=filling, **ending.after),
        rooms_c=rooms.air_c,
        heated_c=ending.heated_c,
        connected=connected,
        together=ending.together,
        cold=Cold(
            homes=homes,
            settings=settings,
            some=ending.shown["cold_share"][COLD] > 0,
            share=state.share,
            occupied=state.occupied,
            weight=ending.weight,
            rooms_c=rooms.air_c,
            heat=heat,
            capacity_mw=supply.capacity_mw,
            gains_w=gains,
            outdoor_c=outdoor,
            home_power=services.home_power,
            way=way,
        ),
        **ending.shown,
    )


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
    enough: bool = False
    """True if it is known that sources give all homes what they need at the design temperature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Acting:
    """Acts on rooms on district heat in a step, beside its services, arrays that broadcast to their shapes."""

    gains_w: Floats
    """Gains of people and appliances. [W/m²]"""
    sun_w: Floats | None
    """Sun through windows; None at night. [W/m²]"""
    connected: Floats
    """Share of homes in which water circulates, shape ``(member, region)``. [1]"""
    capacity_mw: Floats
    """Heat that sources can give. [MW]"""


_SUPPLIES: dict[tuple[int, int, tuple[int, ...]], tuple[Homes, Settings, _Supply]] = {}
"""Supply of the latest homes and settings if nothing lacks, both kept so that no others take their numbers."""


def _supply(case: Case, empty: Floats) -> _Supply:
    """Return what `_supplied` does, found once where nothing lacks."""
    if not case.services.healthy or empty.max() > 0:
        return _supplied(case, empty)
    key = (id(case.homes), id(case.settings), empty.shape)
    if key not in _SUPPLIES:
        while len(_SUPPLIES) >= REMEMBERED:
            del _SUPPLIES[next(iter(_SUPPLIES))]
        found = _supplied(case, empty)
        found = replace(found, intact=widened(found.intact, empty.shape), enough=not _short(case, found).any())
        _SUPPLIES[key] = case.homes, case.settings, found
    return _SUPPLIES[key][2]


def _short(case: Case, supply: _Supply) -> Bools:
    """Return where sources may give less than homes need."""
    return np.asarray(supply.capacity_mw * (1.0 + ROUNDING) < supply.reach * case.homes.design_mw)


def _supplied(case: Case, empty: Floats) -> _Supply:
    """Compute the homes that sources and network reach, and the heat that they can give.

    Parameters
    ----------
    empty
        Networks with too little water to circulate, shape ``(member, region)``. [1]
    """
    homes, settings, services = case.homes, case.settings, case.services
    powered = on = running(services.plant_power, services.backup, homes.units)
    filled = np.ones(())
    if empty.max() > 0:
        filled = 1.0 - empty
        on = powered * filled
    remaining = able = source_left(services.source, services.chp, homes.chp_share)
    if services.turbines.min() < 1.0:
        able = source_left(
            services.source, services.chp, homes.chp_share, turbines=services.turbines,
            heat_only=settings["chp_heat_only_share"],
        )  # fmt: skip
    split, none = settings["loss_split"], np.zeros(())
    mobile = ratio(services.mobile_mw, homes.design_mw, empty=0.0) if services.mobile_mw.max() > 0 else none
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


def _held(
    case: Case, state: HomesState, supply: _Supply, gains: Floats, sun: Floats | None
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
    if supply.enough:
        return supply.reach, None
    short = _short(case, supply)
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


def _floor_w(case: Case, warm_c: Floats, *, per_watt: Floats | None = None) -> Floats:
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


def _stepped_by_loops(case: Case, state: HomesState, on: _Acting) -> tuple[Heat, Rooms, Ending]:
    """Return what `_stepped_by_arrays` does, room by room: the same bytes."""
    services = case.services
    acts = {
        "outdoor_c": services.outdoor_c, "gains_w": on.gains_w, "power": services.home_power, "fuel": services.fuel,
        "capacity_mw": on.capacity_mw, "connected": on.connected,
    }  # fmt: skip
    if services.sun_w is not None:
        acts["sun_w"] = services.sun_w
    return stepped_by_loops(case, state, acts=acts)


def _stepped_by_arrays(case: Case, state: HomesState, on: _Acting) -> tuple[Heat, Rooms, Ending]:
    """Heat that homes on district heat need and get, their rooms, and how the step ends.

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
    rooms = replace(rooms, heating_w=heating)
    return heat, rooms, ended_by_arrays(case, state, heat, rooms, radiator_w=radiator, connected=on.connected)


def _district_heat(
    case: Case, state: HomesState, warm_c: Floats, *, connected: Floats, capacity_mw: Floats
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
