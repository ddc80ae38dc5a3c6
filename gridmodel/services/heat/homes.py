"""Homes as shares: those that district heat reaches, those it does not, and those that heat themselves.

Losing half of the heat leaves half of the homes cold and the rest warm, not all of them lukewarm. Every
share has its own temperatures by archetype; a share that moves carries its heat with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.arrays import Bools, Floats, Ints, single, total
from gridmodel.network import Network
from gridmodel.network.schema import SHARE
from gridmodel.sampling import Settings, draw_settings
from gridmodel.scenario import Scenario
from gridmodel.services.heat.building import (
    SURFACE_PER_FLOOR,
    Building,
    BuildingModel,
    Response,
    Settled,
    held,
    response,
    settled,
    steady_mass,
)
from gridmodel.services.heat.inertia import RANGES_H, draught_factor, time_constant_h
from gridmodel.services.heat.own import ALWAYS_POWERED, WITH_STOVE, own_shares, shown_shares
from gridmodel.services.heat.pipes import CIRCULATING_C
from gridmodel.services.heat.returning import Waiting, nobody_waits
from gridmodel.services.heat.source import Filling, full_networks
from gridmodel.services.heat.sun import WINDOW_U_W_PER_M2K
from gridmodel.services.heat.supply import Units
from gridmodel.services.heat.warming import STATES
from gridmodel.services.layers import Layers, as_full, as_used, full
from gridmodel.vocabulary import OWN_ARCHETYPE, OWN_HEAT, OWN_HEAT_IN_TABLES

LAYERS = 6
"""Layers of homes by how early their feeder breaks. [1] Ours: then people in cold rooms are as those of single homes to
a few per cent (`tests/services/test_layers.py`)."""
BY_ROW = ("mass_c", "radiator_w", "heater_w", "cold_h")
"""Fields of homes that take turns, by row and cohort."""
IN_TURNS = (*BY_ROW, "charge_h")
"""The same with those by cohort alone."""
BY_KIND = ("own_mass_c", "own_radiator_w", "own_heater_w", "own_cold_h")
"""Fields of homes that heat themselves, by kind."""
DESIGN_INDOOR_C = 20.0
"""Rooms for which heating is built. [°C] As in the tables of the bundled networks."""
DESIGN_DIFFERENCE_K = 40.0
"""Design temperature difference where a region lacks district heat to derive it from. [K]
Ours: 20 °C inside, -20 °C outside."""
LEAST_ROWS, MOST_ROWS = 3, 5
"""Rows of homes in `OwnTurns` where gas is never short, so that gas boilers and electric heating go alike, with a stove
to fall back on and without; and where it may be. [1]"""
LEAST_KINDS, MOST_KINDS = len(OWN_HEAT), len(OWN_HEAT) + 1
"""Kinds of own heating in `HomesState`, likewise. [1]"""
ALIKE, ALIKE_KINDS = (0, 1, 2, 0, 2), (*range(LEAST_KINDS), WITH_STOVE)
"""Row, or kind, whose homes those of each are like as long as gas has been whole."""
BUILDING_M2 = 4344.0
"""Floor of a building on district heat. [m²] 4.5 million m² in 1036 buildings of one source in Kyiv, February 2026."""
LOSSES = ("h_opaque_w_per_m2k", "h_window_w_per_m2k", "h_ventilation_w_per_m2k")
"""Columns of the archetypes that give their losses."""
PUMPED = ("post_2007_insulated",)
"""Archetypes with heat points of their own, pumps included: the building code asks for them since 2008 (DBN V.2.5-39);
older blocks mix by jet pumps ("elevators"), which need none."""
FLOOR_PER_PERSON_M2 = 24.0
"""Heated floor per person where a region lacks district heat to derive it from. [m²] [B]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Homes of every region, buildings per square metre of floor; arrays broadcast to ``(kind, member, region)``."""

    kinds: tuple[str, ...]
    """Names of district-heated archetypes."""
    building: Building
    """District-heated archetypes, arrays of shape ``(archetype, 1, 1)`` or ``(archetype, member, 1)``."""
    own_building: Building
    """Homes that heat themselves, one detached archetype."""
    sun_share: Floats
    """Sun that comes in per square metre of floor, over `HeatServices.sun_w` on level ground, shape
    ``(archetype, 1, 1)`` or ``(archetype, member, 1)``. [1]"""
    own_sun_share: Floats
    """The same of homes that heat themselves, shape ``(1, 1, 1)`` or ``(1, member, 1)``. [1]"""
    response: Response
    """Response of district-heated archetypes, arrays of shape ``(archetype, 1, 1)`` or ``(archetype, member, 1)``."""
    own_response: Response
    """Response of homes that heat themselves, arrays of shape ``(1, 1, 1)`` or ``(1, member, 1)``."""
    own_model: bool = False
    """True where a model of buildings of one's own made the responses."""
    floor_m2: Floats
    """District-heated floor by archetype, shape ``(archetype, 1, region)``. [m²]"""
    own_floor_m2: Floats
    """Floor of homes that heat themselves, shape ``(region,)``. [m²]"""
    home_weight: Floats
    """Share of a region's homes in each district archetype and own heating as expected, shape ``(kind, 1, region)``.
    [1]"""
    own_share: Floats
    """Share of a region's homes in each of `OWN_KINDS` as sampled by member, shape ``(kind, member, region)``. [1]"""
    source_max_mw: Floats
    """Heat that undamaged sources can give, shape ``(region,)``. [MW]"""
    chp_share: Floats
    """Share of heat from combined heat and power, shape ``(region,)``. [1]"""
    drain_share_per_h: Floats
    """Share of buildings that crews can drain, shape ``(region,)``. [1/h]"""
    design_k: Floats
    """Design temperature difference, shape ``(region,)``. [K]"""
    radiator_w: Floats
    """Installed heating, shape ``(archetype, 1, region)``. [W/m²]"""
    own_w: Floats
    """Design heat demand of homes that heat themselves, shape ``(region,)``. [W/m²]"""
    pumped: npt.NDArray[np.bool_]
    """True for district-heated archetypes with pumps in the building, shape ``(archetype, 1, 1)``."""
    units: Units | None = None
    """Units of heat sources; None for the mean over their draws."""
    shown_own_share: Floats = field(init=False)
    """The same as `own_share` by kind of results, shape ``(own, member, region)``. [1]"""
    design_mw: Floats = field(init=False)
    """Heat that all homes on district heat need at the design temperature, shape ``(1, region)``. [MW]"""
    settled: Settled = field(init=False)
    """Where district-heated archetypes settle in constant weather, arrays of the shape of `response`."""
    own_settled: Settled = field(init=False)
    """The same of homes that heat themselves."""
    district_m2: Floats = field(init=False)
    """Floor of homes on district heat, same shape. [m²]"""
    without: Bools | None = field(init=False)
    """Regions in which no home is on district heat, same shape; None where each has some."""

    def __post_init__(self) -> None:
        """Compute what steps need of all homes together."""
        object.__setattr__(self, "shown_own_share", shown_shares(self.own_share))
        object.__setattr__(self, "design_mw", total(self.radiator_w * self.floor_m2) / 1e6)
        object.__setattr__(self, "district_m2", total(self.floor_m2))
        without = (self.district_m2 <= 0) & (total(self.home_weight[: len(self.kinds)]) <= 0)
        object.__setattr__(self, "without", without if without.any() else None)
        object.__setattr__(self, "settled", settled(self.response))
        object.__setattr__(self, "own_settled", settled(self.own_response))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTurns:
    """Homes that heat themselves, stop with their power and take turns: state that is carried from step to step.

    Arrays are in single precision, of shape ``(row, cohort, member, column)``, see `gridmodel.services.heat.turns`. A
    column is a region; where feeders may break, those of layers follow (`gridmodel.services.layers`).
    """

    FIRST_AXIS: ClassVar[Mapping[str, tuple[int, ...]]] = dict.fromkeys(BY_ROW, (LEAST_ROWS, MOST_ROWS))

    mass_c: Floats
    """Mass. [°C]"""
    radiator_w: Floats
    """Heat that their radiators give off, water in them and in pipes counted. [W/m²]"""
    heater_w: Floats
    """Heater power that they want. [W/m²]"""
    cold_h: Floats
    """Hours for which they would have been colder than people accept. [h]"""
    charge_h: Floats
    """Hours for which backup can run boilers, shape ``(cohort, member, region)``. [h]"""
    layers: Layers | None = None
    """Layers of homes, whose columns follow those of regions; None where no feeder can break."""

    def as_saved(self) -> OwnTurns:
        """Return the state with columns of all layers, 0 in those that do not count."""
        made: dict[str, Any] = {name: as_full(getattr(self, name), self.layers, LAYERS) for name in IN_TURNS}
        return replace(self, layers=full(self.layers, LAYERS), **made)

    def as_loaded(self, _like: OwnTurns) -> OwnTurns:
        """Return the state with columns of those layers only that are in use."""
        if self.layers is None:
            return self
        made: dict[str, Any] = {name: as_used(getattr(self, name), self.layers) for name in IN_TURNS}
        return replace(self, layers=self.layers.without_unused, **made)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesState:
    """State of homes, carried from step to step.

    States and kinds come first, so that each is one block of memory over members and regions.
    """

    FIXED: ClassVar[tuple[str, ...]] = ("occupied",)
    FIRST_AXIS: ClassVar[Mapping[str, tuple[int, ...]]] = dict.fromkeys(BY_KIND, (LEAST_KINDS, MOST_KINDS))

    share: Floats
    """Share of district-heated homes in each state that is kept, groups that warm up last, shape
    ``(state, member, region)``. [1]"""
    occupied: Ints
    """States that some homes are in, `connected` always among them, shape ``(occupied,)``."""
    mass_c: Floats
    """Mass by occupied state, shape ``(occupied, archetype, member, region)``. [°C]"""
    radiator_w: Floats
    """Heat that radiators give off, water in them and in pipes counted, same shape as `mass_c`. [W/m²]"""
    heater_w: Floats
    """Heater power that people want, same shape as `mass_c`. [W/m²]"""
    riser_ice: Floats
    """Ice in cold-water risers, same shape as `mass_c`. [1]"""
    riser_burst: Floats
    """Share of risers that have burst and are not mended, same shape as `mass_c`. [1]"""
    cold_h: Floats
    """Hours for which rooms would have been colder than people accept, same shape as `mass_c`. [h]"""
    coolant_c: Floats
    """Water in loops, by state with water, shape ``(2, member, region)``. [°C]"""
    ice: Floats
    """Ice in loops, same shape as `coolant_c`. [1]"""
    tested: Floats
    """Burst share that homes still in the state have been through, same shape as `coolant_c`. [1]"""
    circulates: Floats
    """Temperature of water that circulates, missing where it stands, same shape as `coolant_c`. [°C]"""
    own_mass_c: Floats
    """Mass of homes that heat themselves, shape ``(kind, member, region)``: of each kind of results, or of each of
    `OWN_KINDS` where gas may be short; without kinds that are in `turns`. [°C]"""
    own_radiator_w: Floats
    """Heat that their radiators give off, water in them and in pipes counted, same shape as `own_mass_c`. [W/m²]"""
    own_heater_w: Floats
    """Heater power that they want, same shape as `own_mass_c`. [W/m²]"""
    own_cold_h: Floats
    """Hours for which they would have been colder than people accept, same shape as `own_mass_c`. [h]"""
    own_charge_h: Floats
    """Hours for which backup can run boilers, shape ``(member, region)``. [h]"""
    filling: Filling
    """Water in heat networks."""
    waiting: Waiting
    """Homes that wait for heat, their pipes whole."""
    intact: Floats
    """Share of homes that damage to sources and network leaves reached, shape ``(member, region)``. [1]"""
    given_up: Floats
    """Share of homes that do not get heat again before the season ends, shape ``(member, region)``. [1]"""
    turns: OwnTurns | None = None
    """Homes that heat themselves and stop with their power, by cohort; None where every cut is spread over all."""

    @property
    def own_kinds(self) -> slice:
        """Kinds of own heating that it has: all, or those that are not in `turns`."""
        count = len(self.own_mass_c)
        return ALWAYS_POWERED if count < LEAST_KINDS else slice(0, count)


def build_homes(
    network: Network, scenario: Scenario, settings: Settings, *, draught: Floats | None = None,
    clearness: float | None = None, model: BuildingModel | None = None,
) -> Homes | None:  # fmt: skip
    """Build the homes of a network, or return None if it lacks heat systems.

    Parameters
    ----------
    network, scenario, settings
        As in a run.
    draught
        Factor of the wind on ventilation, shape ``(region,)`` or ``(member, region)``; that of the setting `wind_m_s`
        if None. [1]
    clearness
        Part of the sun of a step that reaches level ground; the setting `sun_clearness` if None. [1]
    model
        Model of buildings; that of ISO 13790 by default.

    Notes
    -----
    Radiators, boilers and stoves are built for the region's design temperature, rooms at 20 °C. Where the table lacks
    it, the design temperature difference is ``source_max / Σ floor · H'``: sources and radiators of one size.
    """
    table = network.tables["heat_systems"]
    if table.empty:
        return None
    table = table.set_index("region").loc[network.regions]
    archetypes = network.tables["archetypes"].set_index("id")
    names = tuple(column.removeprefix(SHARE) for column in map(str, table) if column.startswith(SHARE))
    own_kind = (
        archetypes[archetypes["heats_itself"]] if archetypes["heats_itself"].any() else archetypes.loc[[OWN_ARCHETYPE]]
    )
    kinds = archetypes.loc[list(names)]
    share = table[[SHARE + name for name in names]].to_numpy(dtype=float).T
    floor = table["floor_area_m2"].to_numpy(dtype=float) * share
    loss, own_loss = (kind[list(LOSSES)].to_numpy(dtype=float).sum(axis=1) for kind in (kinds, own_kind))
    source = table["source_max_mw_th"].to_numpy(dtype=float)
    mixed = (floor * loss[:, None]).sum(axis=0)
    sized = (mixed > 0) & (source > 0)
    design_k = np.divide(source * 1e6, mixed, out=np.full(len(source), DESIGN_DIFFERENCE_K), where=sized)
    design_c = table["design_temperature_c"].to_numpy(dtype=float)
    design_k = np.where(np.isnan(design_c), design_k, DESIGN_INDOOR_C - design_c)
    district = table["district_heat_share"].to_numpy(dtype=float)
    own = table[[f"own_heat_{name.removeprefix('own_')}" for name in OWN_HEAT_IN_TABLES]].to_numpy(dtype=float).T
    draught = draught_factor(settings["wind_m_s"]) if draught is None else draught
    building, own_building = (
        _per_floor(some, settings, draught, open_share=open_share)
        for some, open_share in ((kinds, settings["open_stairwell_share"]), (own_kind, 0.0))
    )
    clear = settings["sun_clearness"] if clearness is None else clearness
    sun_share = clear * settings["sun_window_share"] / WINDOW_U_W_PER_M2K
    share_to_air, step_s = settings["heating_air_share"], scenario.step_h * 3600.0
    buildings = buildings_of(table["floor_area_m2"].to_numpy(dtype=float))
    people = network.tables["regions"]["population"].to_numpy(dtype=float)
    apart = np.divide(1.0 - district, district, out=np.zeros(len(people)), where=district > 0)
    in_tables = ((1.0 - district) * own)[:, None]
    expected = own_shares(in_tables, draw_settings(scenario.replace(deterministic=True), [0]))
    weight = np.concatenate([(district * share)[:, None], shown_shares(expected)])
    return Homes(
        kinds=names,
        building=building,
        own_building=own_building,
        sun_share=np.asarray(building.h_window_w_per_k, dtype=float) * sun_share,
        own_sun_share=np.asarray(own_building.h_window_w_per_k, dtype=float) * sun_share,
        response=(model or response)(building, heating_air_share=share_to_air, step_s=step_s),
        own_response=(model or response)(own_building, heating_air_share=share_to_air, step_s=step_s),
        own_model=model is not None,
        floor_m2=(floor * (district > 0))[:, None],  # a floor without people on it is nobody's
        own_floor_m2=np.where(district > 0, floor.sum(axis=0) * apart, people * FLOOR_PER_PERSON_M2),
        home_weight=weight,
        own_share=own_shares(in_tables, settings),
        source_max_mw=source,
        chp_share=table["chp_share"].to_numpy(dtype=float),
        drain_share_per_h=table["drain_buildings_per_h"].to_numpy(dtype=float) / buildings,
        design_k=design_k,
        radiator_w=(design_k * loss[:, None])[:, None],
        own_w=design_k * own_loss[0],
        pumped=np.isin(names, PUMPED)[:, None, None],
    )


def _per_floor(
    kinds: pd.DataFrame, settings: Settings, draught: Floats, *, open_share: Floats | float
) -> Building:  # fmt: skip
    """Buildings of one square metre of floor, arrays of shape ``(kind, 1, 1)`` or ``(kind, member, 1)``.

    Losses are those of the table, with the draught of the wind and of open stairwells, which houses that heat
    themselves do not have; capacity follows the time constant that the member draws. What of the mass takes part within
    hours is not known, while losses are by norms of heating: so the time constant moves the capacity alone, and
    undamaged homes need the same heat.
    """

    def column(name: str) -> Floats:
        return np.asarray(kinds[name].to_numpy(dtype=float)[:, None, None])

    one = np.ones((len(kinds), 1, 1))
    opaque, window, vent = map(column, LOSSES)
    central_h = column("capacity_j_per_m2k") / 3600.0 / (opaque + window + vent)
    known = np.array([RANGES_H.get(str(name), (np.nan, np.nan)) for name in kinds.index])[:, :, None, None]
    ends = (column("time_constant_low_h"), column("time_constant_high_h"))
    low_h, high_h = (np.where(np.isnan(end), known[:, place], end) for place, end in enumerate(ends))
    drawn_h = time_constant_h(central_h, low_h, high_h, settings["building_inertia"])
    open_w = open_share * settings["open_stairwell_w_per_m2k"]
    return Building(
        floor_area_m2=one,
        internal_surface_m2=SURFACE_PER_FLOOR * one,
        mass_area_m2=column("mass_area_per_floor_area"),
        capacity_j_per_k=column("capacity_j_per_m2k") * (drawn_h / central_h),
        h_window_w_per_k=window,
        h_opaque_w_per_k=opaque,
        h_ventilation_w_per_k=vent * draught + open_w,
    )


def buildings_of(floor_m2: Floats) -> Floats:
    """Return the buildings on district heat by their floor, at least 1 in a region; same shape. [1]

    Examples
    --------
    >>> buildings_of(np.array([0.0, 8688.0]))
    array([1., 2.])
    """
    return np.maximum(floor_m2 / BUILDING_M2, 1.0)


def warm_start(
    homes: Homes, settings: Settings, outdoor_c: Floats, members: int, *, cohorts: int = 1,
    gas_may_lack: bool = True, breaking: Ints | None = None,
) -> HomesState:  # fmt: skip
    """Return the state of homes that have long been at the set point.

    Parameters
    ----------
    settings
        Set point and gains.
    outdoor_c
        Mean outdoor temperature before the start, shape ``(region,)`` or ``(member, region)``. [°C]
    members
        Number of members.
    cohorts
        Number of cohorts that take turns without power; 1 where every cut is spread over all homes.
    gas_may_lack
        True if gas may be short; homes with electric heating then have rows of their own in `OwnTurns`, and those of
        them with a stove to fall back on are a kind of their own, in place of sharing those of gas boilers.
    breaking
        Places of regions whose feeders may break, shape ``(breaking,)``; None for none.
    """

    def long_held(building: Building, kept: Response) -> Floats:
        gains = settings["internal_gain_w_per_m2"]
        if homes.own_model:
            return held(kept, outdoor_c=outdoor_c, set_point_c=settings["set_point_c"], internal_w=gains)
        return steady_mass(
            building, outdoor_c=outdoor_c, set_point_c=settings["set_point_c"],
            internal_w=gains, heating_air_share=settings["heating_air_share"],
        )  # fmt: skip

    regions, kinds, states = len(homes.source_max_mw), len(homes.kinds), STATES
    mass = np.broadcast_to(long_held(homes.building, homes.response), (kinds, members, regions))
    share = np.zeros((states, members, regions))
    share[0] = 1.0
    of_own = MOST_KINDS if gas_may_lack else LEAST_KINDS
    own = np.broadcast_to(long_held(homes.own_building, homes.own_response), (of_own, members, regions)).copy()
    own_warm = _steady_w(homes.own_response, settings, own, outdoor_c)
    np.minimum(own_warm, homes.own_w * settings["own_heat_margin"], out=own_warm)
    first = (own[0], own_warm[0])
    if cohorts > 1:
        own, own_warm = own[ALWAYS_POWERED].copy(), own_warm[ALWAYS_POWERED].copy()
    whole, pair = np.zeros((1, kinds, members, regions)), np.zeros((2, members, regions))
    turns = None
    if cohorts > 1:
        charge = np.broadcast_to(settings["own_backup_h"], (members, regions))
        layers = Layers.none(breaking, members, count=1)
        cold, rows = np.zeros((members, regions)), MOST_ROWS if gas_may_lack else LEAST_ROWS
        alike = {
            name: np.array(np.broadcast_to(single(value), (rows, cohorts, members, regions)))
            for name, value in zip(IN_TURNS, (*first, cold, cold, charge), strict=True)
        }
        turns = OwnTurns(**alike | {"charge_h": alike["charge_h"][0]}, layers=layers)
    steady = _steady_w(homes.response, settings, mass, outdoor_c)
    warm = np.broadcast_to(np.minimum(steady, homes.radiator_w), mass.shape)
    return HomesState(
        share=share,
        occupied=np.array([0]),
        mass_c=mass[None].copy(),
        radiator_w=warm[None].copy(),
        heater_w=whole,
        riser_ice=whole,
        riser_burst=whole,
        cold_h=whole,
        coolant_c=pair + CIRCULATING_C,
        ice=pair,
        tested=pair,
        circulates=pair + np.array([CIRCULATING_C, np.nan])[:, None, None],
        own_mass_c=own,
        own_radiator_w=own_warm,
        own_heater_w=np.zeros_like(own),
        own_cold_h=np.zeros_like(own),
        own_charge_h=np.broadcast_to(settings["own_backup_h"], (members, regions)).astype(float),
        filling=full_networks((members, regions)),
        waiting=nobody_waits(members, regions),
        intact=np.ones((members, regions)),
        given_up=np.zeros((members, regions)),
        turns=turns,
    )


def _steady_w(kept: Response, settings: Settings, mass_c: Floats, outdoor_c: Floats) -> Floats:
    """Return the heating under which the mass stays as it is, with the gains of all appliances. [W/m²]"""
    lost = mass_c * (1.0 - kept.mass_mass) - kept.mass_outdoor * outdoor_c
    steady = (lost - kept.mass_gains * settings["internal_gain_w_per_m2"]) / kept.mass_heating
    return np.asarray(np.maximum(steady, 0.0))
