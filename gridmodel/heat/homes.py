"""Homes as shares: those that district heat reaches, those it does not, and those that heat themselves.

Losing half of the heat leaves half of the homes cold and the rest warm, not all of them lukewarm. Every
share has its own temperatures by archetype; a share that moves carries its heat with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.heat.building import SURFACE_PER_FLOOR, Building, heating_need, steady_mass, step
from gridmodel.names import ARCHETYPES, COLD_THRESHOLDS_C, HEAT_STATES, OWN_HEAT
from gridmodel.network import Network
from gridmodel.scenario import Scenario

Floats = npt.NDArray[np.float64]

DESIGN_DIFFERENCE_K = 40.0
"""Design temperature difference where a region has no district heat to tell it. [K] Ours: 20 inside, -20 outside."""

CONNECTED, COLD = (HEAT_STATES.index(name) for name in ("connected", "no_circulation"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Homes of every region; buildings are per square metre of floor."""

    building: Building
    """District-heated archetypes, arrays of shape ``(archetype,)``."""
    own_building: Building
    """Homes that heat themselves, one detached archetype."""
    floor_m2: Floats
    """District-heated floor by archetype, shape ``(region, archetype)``. [m²]"""
    home_weight: Floats
    """Share of a region's homes in each district archetype and own heating, shape ``(region, kind)``. [1]"""
    source_max_mw: Floats
    """Heat that undamaged sources can give, shape ``(region,)``. [MW]"""
    radiator_w: Floats
    """Installed heating, shape ``(region, archetype)``. [W/m²]"""
    own_w: Floats
    """Installed heating of homes that heat themselves, shape ``(region, 1)``. [W/m²]"""
    own_needs_power: npt.NDArray[np.bool_]
    """Which own heating stops without power, shape ``(own,)``."""
    own_needs_gas: npt.NDArray[np.bool_]
    """Which burns gas, shape ``(own,)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesState:
    """What is carried from step to step."""

    mass_c: Floats
    """Shape ``(member, region, archetype, heat_state)``. [°C]"""
    own_mass_c: Floats
    """Shape ``(member, region, own)``. [°C]"""
    connected: Floats
    """Share of district-heated homes with circulation, shape ``(member, region)``. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesStep:
    """What a step shows."""

    state: HomesState
    """State at its end."""
    need_mw: Floats
    """Heat that connected homes need, shape ``(member, region)``. [MW]"""
    supplied_mw: Floats
    """Heat that they get, shape ``(member, region)``. [MW]"""
    air_c: Floats
    """Shape ``(member, region, kind, heat_state)``; missing where a state is empty. [°C]"""
    home_share: Floats
    """Shape ``(member, region, heat_state)``. [1]"""
    cold_share: Floats
    """Share of homes below each threshold, shape ``(member, region, threshold)``. [1]"""
    degree_hours: Floats
    """Mean over homes below 18 °C, shape ``(member, region)``. [K h]"""


def build_homes(network: Network, scenario: Scenario) -> Homes | None:
    """Homes of a network, or nothing where it has no heat systems.

    Notes
    -----
    Radiators are sized like the sources: the design temperature difference of a region is
    ``source_max / Σ floor · H'``, and each archetype's radiators cover it.
    """
    table = network.tables["heat_systems"]
    if table.empty:
        return None
    table = table.set_index("region").loc[network.regions]
    kinds = network.tables["archetypes"].set_index("id").loc[list(ARCHETYPES)]
    share = table[[f"share_{name}" for name in ARCHETYPES]].to_numpy(dtype=float)
    floor = table["floor_area_m2"].to_numpy(dtype=float)[:, None] * share
    loss = (
        kinds[["h_opaque_w_per_m2k", "h_window_w_per_m2k", "h_ventilation_w_per_m2k"]].to_numpy(dtype=float).sum(axis=1)
    )
    source = table["source_max_mw_th"].to_numpy(dtype=float)
    mixed = (floor * loss).sum(axis=1)
    sized = (mixed > 0) & (source > 0)
    design_k = np.divide(source * 1e6, mixed, out=np.full(len(source), DESIGN_DIFFERENCE_K), where=sized)
    district = table["district_heat_share"].to_numpy(dtype=float)[:, None]
    own = table[[f"own_heat_{name.removeprefix('own_')}" for name in OWN_HEAT]].to_numpy(dtype=float)
    detached = ARCHETYPES.index("detached_old")
    return Homes(
        building=_per_floor(kinds.to_numpy(dtype=object), kinds.columns.to_list()),
        own_building=_per_floor(kinds.to_numpy(dtype=object)[detached : detached + 1], kinds.columns.to_list()),
        floor_m2=floor,
        home_weight=np.concatenate([district * share, (1.0 - district) * own], axis=1),
        source_max_mw=source,
        radiator_w=design_k[:, None] * loss,
        own_w=design_k[:, None] * loss[detached] * scenario.own_heat_margin,
        own_needs_power=np.isin(OWN_HEAT, ("own_gas_powered", "own_electric")),
        own_needs_gas=np.isin(OWN_HEAT, ("own_gas_powered", "own_gas_gravity")),
    )


def _per_floor(rows: npt.NDArray[np.object_], columns: list[str]) -> Building:
    """Buildings of one square metre of floor."""
    value = {
        name: rows[:, place].astype(float) for place, name in enumerate(columns) if not isinstance(rows[0, place], str)
    }
    one = np.ones(len(rows))
    return Building(
        floor_area_m2=one,
        internal_surface_m2=SURFACE_PER_FLOOR * one,
        mass_area_m2=value["mass_area_per_floor_area"],
        capacity_j_per_k=value["capacity_j_per_m2k"],
        h_window_w_per_k=value["h_window_w_per_m2k"],
        h_opaque_w_per_k=value["h_opaque_w_per_m2k"],
        h_ventilation_w_per_k=value["h_ventilation_w_per_m2k"],
    )


def warm_start(homes: Homes, scenario: Scenario, outdoor_c: Floats, members: int) -> HomesState:
    """Homes that have long been held at the set point.

    Parameters
    ----------
    outdoor_c
        Mean outdoor temperature before the start, shape ``(region,)`` or ``(member, region)``. [°C]
    members
        Number of members.
    """
    settings = {
        "set_point_c": scenario.set_point_c,
        "internal_w": scenario.internal_gain_w_per_m2,
        "heating_air_share": scenario.heating_air_share,
    }
    mass = steady_mass(homes.building, outdoor_c=outdoor_c[..., None], **settings)
    own = steady_mass(homes.own_building, outdoor_c=outdoor_c[..., None], **settings)
    shape = (members, *mass.shape[-2:], len(HEAT_STATES))
    return HomesState(
        mass_c=np.broadcast_to(mass[..., None], shape).copy(),
        own_mass_c=np.broadcast_to(own, (members, own.shape[-2], len(OWN_HEAT))).copy(),
        connected=np.ones((members, mass.shape[-2])),
    )


def reconnect(connected: Floats, reach: Floats, *, tau_h: Floats, step_h: float) -> Floats:
    """Share of homes with circulation after a step.

    Parameters
    ----------
    connected
        Before, shape ``(member, region)``. [1]
    reach
        Share that sources and network can reach, shape ``(member, region)``. [1]
    tau_h
        Time constant of the return, the whole chain of refill, crews and warm-up, shape ``(member, 1)``. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    Loss is at once; the gap to what can be reached closes as ``exp(−t/τ)`` (fitted to Kyiv, January 2026).

    Examples
    --------
    >>> reconnect(np.array([[1.0]]), np.array([[0.5]]), tau_h=np.array([[50.0]]), step_h=1.0)
    array([[0.5]])
    """
    back = reach - (reach - connected) * np.exp(-step_h / tau_h)
    return np.where(connected > reach, reach, back)


def move_heat(mass_c: Floats, before: Floats, after: Floats) -> Floats:
    """Mass temperatures after homes have changed state, heat carried with them.

    Parameters
    ----------
    mass_c
        Shape ``(member, region, archetype, heat_state)``. [°C]
    before, after
        Share with circulation, shape ``(member, region)``. [1]
    """
    moved = mass_c.copy()
    warm, cold = mass_c[..., CONNECTED], mass_c[..., COLD]
    lost = np.maximum(before - after, 0.0)[..., None]
    gained = np.maximum(after - before, 0.0)[..., None]
    cold_share = (1.0 - np.minimum(before, after))[..., None] - gained
    moved[..., COLD] = _mix(cold, cold_share - lost, warm, lost)
    moved[..., CONNECTED] = _mix(warm, before[..., None] - lost, cold, gained)
    return moved


def _mix(stays: Floats, share: Floats, comes: Floats, coming: Floats) -> Floats:
    """Mean of two temperatures by share; an empty state takes the temperature of its neighbour."""
    share = np.maximum(share, 0.0)
    total = share + coming
    empty = total <= 1e-12
    mixed = (stays * share + comes * coming) / np.where(empty, 1.0, total)
    return np.where(empty, comes, mixed)


def step_homes(  # noqa: PLR0913 - one argument a service that homes depend on
    homes: Homes,
    state: HomesState,
    scenario: Scenario,
    *,
    outdoor_c: Floats,
    source_left: Floats,
    network_left: Floats,
    plant_power: Floats,
    home_power: Floats,
    fuel: Floats,
    tau_h: Floats,
) -> HomesStep:
    """Move homes between states, heat them, and see how warm they are.

    Parameters
    ----------
    outdoor_c
        Shape ``(region,)`` or ``(member, region)``. [°C]
    source_left
        Capacity of heat sources that is left, shape ``(member, region)``. [1]
    network_left
        Buildings that the network reaches, shape ``(member, region)``. [1]
    plant_power
        Share of heat plant that has power, shape ``(member, region)``. [1]
    home_power
        Share of homes that have power, shape ``(member, region)``. [1]
    fuel
        Gas that there is, shape ``(member, region)``. [1]
    tau_h
        Time constant of the return, shape ``(member, 1)``. [h]
    """
    step_s = scenario.step_h * 3600.0
    out = outdoor_c[..., None]
    common = {"internal_w": scenario.internal_gain_w_per_m2, "heating_air_share": scenario.heating_air_share}
    reach = network_left * (1.0 - scenario.loss_split * (1.0 - source_left))
    connected = reconnect(state.connected, reach, tau_h=tau_h, step_h=scenario.step_h)
    mass = move_heat(state.mass_c, state.connected, connected)
    warm = mass[..., CONNECTED]
    need_w = heating_need(
        homes.building, mass_c=warm, outdoor_c=out, set_point_c=scenario.set_point_c, step_s=step_s,
        limit_w=homes.radiator_w, **common,
    )  # fmt: skip
    need_mw = connected * (need_w * homes.floor_m2).sum(axis=-1) / 1e6
    supplied_mw = np.minimum(need_mw, homes.source_max_mw * source_left * fuel * plant_power)
    given = np.divide(supplied_mw, need_mw, out=np.ones_like(need_mw), where=need_mw > 0)
    heating = np.stack([need_w * given[..., None], np.zeros_like(need_w)], axis=-1)
    rooms = step(
        _last_axis(homes.building),
        mass_c=mass,
        outdoor_c=out[..., None],
        heating_w=heating,
        step_s=step_s,
        **common,
    )
    own_on = np.where(homes.own_needs_power, home_power[..., None], 1.0)
    own_on = own_on * np.where(homes.own_needs_gas, fuel[..., None], 1.0)
    own_need = heating_need(
        homes.own_building, mass_c=state.own_mass_c, outdoor_c=out, set_point_c=scenario.set_point_c,
        step_s=step_s, **common,
    )  # fmt: skip
    own_rooms = step(
        homes.own_building, mass_c=state.own_mass_c, outdoor_c=out, step_s=step_s,
        heating_w=np.minimum(own_need, own_on * homes.own_w), **common,
    )  # fmt: skip
    share = np.stack([connected, 1.0 - connected], axis=-1)
    cold, below = _cold(homes, share, rooms.air_c, own_rooms.air_c)
    return HomesStep(
        state=HomesState(mass_c=rooms.mass_c, own_mass_c=own_rooms.mass_c, connected=connected),
        need_mw=need_mw,
        supplied_mw=supplied_mw,
        air_c=_shown(share, rooms.air_c, own_rooms.air_c),
        home_share=share,
        cold_share=cold,
        degree_hours=below * scenario.step_h,
    )


def _last_axis(building: Building) -> Building:
    """Return the same buildings with an axis for the heat state."""
    fields = {name: np.asarray(getattr(building, name))[:, None] for name in Building.__dataclass_fields__}
    return Building(**fields)


def _cold(homes: Homes, share: Floats, air_c: Floats, own_air_c: Floats) -> tuple[Floats, Floats]:
    """Share of homes below each threshold, and mean kelvin below 18 °C."""
    count = len(ARCHETYPES)
    weight = homes.home_weight[:, :count, None] * share[:, :, None, :]
    own_weight = np.broadcast_to(homes.home_weight[:, count:], own_air_c.shape)
    flat = weight.reshape(*weight.shape[:2], -1)
    air = air_c.reshape(flat.shape)
    every = np.concatenate([flat, own_weight], axis=-1)
    degrees = np.concatenate([air, own_air_c], axis=-1)
    cold = [(every * (degrees < limit)).sum(axis=-1) for limit in COLD_THRESHOLDS_C]
    return np.stack(cold, axis=-1), (every * np.maximum(COLD_THRESHOLDS_C[0] - degrees, 0.0)).sum(axis=-1)


def _shown(share: Floats, air_c: Floats, own_air_c: Floats) -> Floats:
    """Temperatures with empty states missing; own-heated homes stand under `connected`."""
    district = np.where(share[:, :, None, :] > 1e-9, air_c, np.nan)
    own = np.full((*own_air_c.shape, len(HEAT_STATES)), np.nan)
    own[..., CONNECTED] = own_air_c
    return np.concatenate([district, own], axis=2)
