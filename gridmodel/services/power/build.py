"""Build the power system of a run from its set-up."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.dispatch import Dispatcher
from gridmodel.network import Network, build_fleet, build_grid, profile_values, with_charging
from gridmodel.sampling import Settings
from gridmodel.services.cohorts import cohort_count
from gridmodel.services.measures import more_import_mw
from gridmodel.services.power.consumers import Consumers
from gridmodel.services.power.system import Capacity, Options, PowerSystem
from gridmodel.services.setup import Setup
from gridmodel.vocabulary import TIERS


def build_power(setup: Setup) -> PowerSystem:
    """Build the power system; pumped storage and batteries that refill from surplus are loads as well."""
    network, scenario = setup.network, setup.scenario
    grid, index = build_grid(network)
    fleet = build_fleet(network)
    if scenario.recharge == "surplus":
        grid, index = with_charging(grid, index, fleet.limited, fleet.charges[fleet.limited])
    return PowerSystem(
        members=len(setup.members), dispatcher=Dispatcher(grid), index=index, fleet=fleet,
        consumers=_consumers(setup), capacity=_capacity(setup), clock=setup.clock, settings=setup.settings,
        options=Options(
            recharge=scenario.recharge, cascade=scenario.cascade, feeder_limits=scenario.feeder_limits,
            cold_load_pickup=scenario.cold_load_pickup, rotation=scenario.rotation, cuts=scenario.cuts,
            cohorts=cohort_count(setup),
        ),
    )  # fmt: skip


def _consumers(setup: Setup) -> Consumers:
    """Read the consumers of each region."""
    network, regions = setup.network, setup.network.tables["regions"]
    dwellings = np.maximum(regions["household_customers"].to_numpy(dtype=float), 1.0)
    reference_mw = regions["reference_demand_mw"].to_numpy(dtype=float)
    evening_kw = 1000.0 * reference_mw * regions["share_household"].to_numpy(dtype=float) / dwellings
    built_kw = regions["feeder_design_kw"].to_numpy(dtype=float) if "feeder_design_kw" in regions else np.nan
    return Consumers(
        population=setup.population,
        dwellings=dwellings,
        reference_mw=reference_mw,
        reference_c=regions["reference_temperature_c"].to_numpy(dtype=float),
        slope_mw_per_k=_slope(network, setup.settings),
        tier_share=regions[[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float),
        shape=profile_values(network.tables["profiles"], "demand", setup.clock.local, network.week),
        effective_c=setup.weather.effective_c,
        feeder_design_kw=np.where(np.isnan(built_kw), evening_kw, built_kw),
        timetable_off=setup.timetable_off,
        heated=not network.tables["heat_systems"].empty,
    )


def _capacity(setup: Setup) -> Capacity:
    """Collect the capacity of plant and grid that events and weather leave and measures add."""
    timeline, battery_available = setup.timeline, setup.measures.battery_available
    return Capacity(
        available_mw=_available(setup.network, setup.settings, setup.clock.local, battery_available),
        generator_share=timeline.generator, fuel_share=timeline.fuel, branch_share=timeline.branch,
        delivery_share=timeline.delivery, delivery_mw=timeline.delivery_mw, import_mw=timeline.import_mw,
        import_share=timeline.import_share, more_import_mw=more_import_mw(setup.scenario),
        changed=timeline.changes(len(setup.members)), battery_available=battery_available,
    )  # fmt: skip


def _slope(network: Network, settings: Settings) -> Floats:
    """Return the rise of demand per kelvin of cold, scaled to the sum that the scenario gives, if any. [MW/K]"""
    slope = network.tables["regions"]["heating_slope_mw_per_k"].to_numpy(dtype=float)
    if "temperature_slope" not in settings or slope.sum() <= 0:
        return np.asarray(slope)
    return np.asarray(slope * (1000.0 * settings["temperature_slope"] / slope.sum()))


def _available(
    network: Network, settings: Settings, local: npt.NDArray[np.datetime64], battery_available: Floats
) -> Floats:  # fmt: skip
    """Compute the most that generators and interconnectors can give before damage, ``(time, …, generator)``. [MW]"""
    table = network.tables["generators"]
    profiles = network.tables["profiles"]
    borders = network.tables["interconnectors"]["p_max_mw"].to_numpy(dtype=float)
    shapes = {name: profile_values(profiles, name, local, network.week) for name in table["profile"].unique()}
    by_hour = np.column_stack([shapes[name] for name in table["profile"]]) if len(table) else np.ones((len(local), 0))
    placed = battery_available.shape[1]
    if placed:
        by_hour[:, -placed:] = battery_available[np.minimum(np.arange(len(local)), len(battery_available) - 1)]
    names = [f"availability.{name}" for name in table["technology"]]
    factor = settings.together(names, np.ones(len(names)))
    own = np.minimum(table["p_available_mw"].to_numpy(dtype=float) * factor, table["p_max_mw"].to_numpy(dtype=float))
    by_member = own * (by_hour[:, None, :] if own.ndim > 1 else by_hour)
    return np.concatenate([by_member, np.broadcast_to(borders, (*by_member.shape[:-1], len(borders)))], axis=-1)
