"""Heat as a service of a run: its homes built, started, and taken through a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from gridmodel.arrays import Floats, Ints, total
from gridmodel.sampling import Settings
from gridmodel.scenario.backup_systems import SYSTEMS
from gridmodel.services.cohorts import Cohorts, breaking_regions, cohort_count, homes_may_be_outside
from gridmodel.services.heat.case import HeatServices
from gridmodel.services.heat.cells import CellsState, CellsStep, step_cells
from gridmodel.services.heat.homes import Homes, build_homes, buildings_of, warm_start
from gridmodel.services.heat.inertia import draught_factor
from gridmodel.services.heat.layered import Columns, columns_of
from gridmodel.services.heat.sun import level_sun_w_per_m2
from gridmodel.services.heat.supply import draw_units
from gridmodel.services.setup import Seen, Setup, Shown, Started, Weather
from gridmodel.vocabulary import OWN_HEAT

BACKUP = SYSTEMS.index("heat")
COLD = ("people_below_18c", "people_below_16c", "people_without_heat", "people_below_10c")
"""Counts of people below each of `COLD_THRESHOLDS_C`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatSystem:
    """Homes and heat sources of a run, and what acts on them over time."""

    homes: Homes
    settings: Settings
    step_h: float
    heaters: bool
    """True if people plug heaters in."""
    population: Floats
    """People, shape ``(region,)``. [1]"""
    vulnerable_share: Floats
    """Share of people who are old, ill or small children, shape ``(member, region)``. [1]"""
    buildings_per_share: Floats
    """Buildings on district heat for a share of 1 of the region's homes, shape ``(region,)``. [1]"""
    members: int
    cohorts: int
    """Number of cohorts of homes that take turns without power; 1 where every cut is spread over all homes."""
    homes_outside: bool
    """True if one of the cohorts is for homes outside the queues."""
    breaking: Ints
    """Places of regions whose feeders may break, shape ``(breaking,)``."""
    columns: Mapping[int, Columns] | None
    """Columns of homes that take turns, by number of layers; None where no feeder can break."""
    before_c: Floats
    """Mean of the days before the start, shape ``(region,)`` or ``(member, region)``. [°C]"""
    outdoor_c: Floats
    """Shape ``(time, region)`` or ``(time, member, region)``. [°C]"""
    source: Floats
    """Remaining capacity of sources, shape ``(time, member, region)``, as for the next four. [1]"""
    network: Floats
    """Buildings that the heat network reaches. [1]"""
    chp: Floats
    """Combined heat and power that damage leaves. [1]"""
    turbines: Floats
    """Share of it whose turbines work. [1]"""
    fuel: Floats
    """Gas supply. [1]"""
    gas_may_lack: bool
    """True if gas may be short in some member."""
    mobile_mw: Floats
    """Heat of mobile boilers, shape ``(time, region)``. [MW]"""
    crews_per_building: Floats
    """Crews that were sent to drain pipes for each building on district heat, shape ``(time, region)``. [1]"""
    sun_w: Floats
    """Irradiance on level ground, shape ``(time, region)`` or ``(time, member, region)``: as the weather gives it;
    otherwise extraterrestrial, which `Homes.sun_share` takes times `sun_clearness`. [W/m²]"""


def build(setup: Setup) -> HeatSystem | None:
    """Build the homes of a network; None if it lacks heat systems."""
    weather = setup.weather
    wind = mean_draught(weather)
    clearness = None if weather.ghi_w_m2 is None else 1.0
    homes = build_homes(setup.network, setup.scenario, setup.settings, draught=wind, clearness=clearness,
                        model=setup.models.buildings)  # fmt: skip
    if homes is None:
        return None
    events, scenario, clock = setup.timeline, setup.scenario, setup.clock
    regions = setup.network.tables["regions"]
    lat, lon = (regions[f"centre_{name}"].to_numpy(dtype=float) for name in ("lat", "lon"))
    middle = clock.times + np.timedelta64(round(1800.0 * clock.step_h), "s")
    district = total(homes.home_weight[: len(homes.floor_m2)])[0]
    buildings = buildings_of(total(homes.floor_m2)[0])
    in_table = setup.network.tables["heat_systems"].set_index("region").loc[setup.network.regions]
    if not scenario.deterministic:
        spread = setup.settings.of("heat_source_spread", 0)
        counts = [*map(int, in_table["source_units"])]
        homes = replace(homes, units=draw_units(counts, scenario.seed, setup.streams, spread=spread))
    breaking = breaking_regions(setup)
    return HeatSystem(
        homes=homes, breaking=breaking, columns=columns_of(homes, breaking), settings=setup.settings,
        step_h=setup.clock.step_h, heaters=scenario.heater_feedback,
        population=setup.population,
        vulnerable_share=vulnerable_share(setup),
        buildings_per_share=np.divide(buildings, district, out=np.zeros_like(buildings), where=district > 0),
        members=len(setup.members), cohorts=cohort_count(scenario), homes_outside=homes_may_be_outside(scenario),
        before_c=setup.weather.before_c, outdoor_c=setup.weather.outdoor_c,
        source=events.heat_source, network=events.heat_network, chp=events.chp,
        turbines=events.turbines, fuel=events.fuel, gas_may_lack=events.gas_may_lack,
        mobile_mw=setup.measures.mobile_mw,
        crews_per_building=setup.measures.drain_crews / buildings_of(in_table["floor_area_m2"].to_numpy(dtype=float)),
        sun_w=level_sun_w_per_m2(middle, lat, lon) if weather.ghi_w_m2 is None else weather.ghi_w_m2,
    )  # fmt: skip


def vulnerable_share(setup: Setup) -> Floats:
    """Return the share of vulnerable people in every region, as the tables and a factor have it. [1]

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region)``.
    """
    table = setup.network.tables["regions"]["vulnerable_share"].to_numpy(dtype=float)
    share = np.minimum(table * setup.settings["vulnerable_share_factor"], 1.0)
    return np.array(np.broadcast_to(share, setup.shape))


def mean_draught(weather: Weather) -> Floats | None:
    """Return the mean factor of the wind on ventilation, ``(region,)`` or ``(member, region)``; None without wind. [1]

    A run that begins from a state has that of the run which saved it: what homes leak is a property of their building.
    """
    if weather.wind_m_s is None:
        return None
    if weather.draught is not None:
        return weather.draught
    return total(draught_factor(weather.wind_m_s)) / len(weather.wind_m_s)


def start(system: HeatSystem) -> Started:
    """Return homes that have long been at the set point, with nothing plugged in."""
    state = warm_start(
        system.homes, system.settings, system.before_c, system.members, cohorts=system.cohorts,
        gas_may_lack=system.gas_may_lack, breaking=system.breaking,
    )  # fmt: skip
    return Started(
        state=CellsState(every=state),
        shown={
            "archetype_share": system.homes.home_weight[:, 0].T, "vulnerable_share": system.vulnerable_share,
        },
        labels={"archetype": (*system.homes.kinds, *OWN_HEAT)},
        absent=frozenset({"boiler_home_c_quantile"} if system.cohorts == 1 else ()),
    )  # fmt: skip


def step(system: HeatSystem, state: CellsState, seen: Seen, number: int) -> tuple[CellsState, Shown]:
    """Heat homes with the power of this step and the water of the step before."""
    services = HeatServices(
        outdoor_c=system.outdoor_c[number],
        source=system.source[number],
        network=system.network[number],
        chp=system.chp[number],
        turbines=system.turbines[number],
        plant_power=seen["service_power_share"],
        backup=np.ascontiguousarray(seen["backup_share"][..., BACKUP]),
        home_power=seen["home_power_share"],
        fuel=system.fuel[number],
        mains=seen["mains_share"],
        mobile_mw=system.mobile_mw[number],
        crews_per_building=system.crews_per_building[number],
        sun_w=system.sun_w[number] if system.sun_w[number].any() else None,
        cohorts=_cohorts(system, seen),
        broken=None if system.columns is None else seen["broken_feeder_share"],
        columns=system.columns,
    )
    heat = step_cells(
        system.homes, state, system.settings, services, step_h=system.step_h, heaters=system.heaters
    )  # fmt: skip
    return heat.state, _shown(system, heat)


def _cohorts(system: HeatSystem, seen: Seen) -> Cohorts | None:
    """Return the homes of each cohort; None where every cut is spread over all homes."""
    if system.cohorts == 1:
        return None
    outside = seen["outside_home_share"] if system.homes_outside else None
    return Cohorts(power=seen["cohort_power_share"], outside=outside)


def _shown(system: HeatSystem, done: CellsStep) -> Shown:
    """Return the variables and signals of a step."""
    heat = done.values
    people = dict(zip(COLD, system.population * np.clip(heat.cold_share, 0.0, 1.0), strict=True))
    spread = {}
    if heat.own_quantiles_c is not None:
        spread["boiler_home_c_quantile"] = np.moveaxis(heat.own_quantiles_c, 0, -1)
    return {
        **spread,
        "heat_demand_mw_th": heat.need_mw,
        "heat_supplied_mw_th": heat.supplied_mw,
        "heat_network_supply_c": heat.supply_c,
        "hot_water_share": heat.hot_water,
        "deadline_to_drain": heat.deadline_h,
        "home_share": done.put_shares,
        "indoor_temperature": done.put_air,
        "degree_hours_below_18c": heat.degree_hours,
        "degree_hours_below_12c": heat.degree_hours_12c,
        **people,
        "people_without_heat_cause": partial(done.put_causes, population=system.population),
        "people_away_for_warmth": system.population * heat.left_share,
        "vulnerable_without_heat": system.vulnerable_share * people["people_without_heat"],
        "heater_wanted_mw": heat.heater_mw,
        "heater_wanted_share": heat.heater_homes,
        "dry_riser_share": heat.dry_risers,
        "bursting_buildings": heat.bursting * system.buildings_per_share,
    }
