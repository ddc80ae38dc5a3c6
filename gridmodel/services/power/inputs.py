"""Inputs of electricity: the grid, its plant, and what acts on them over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.dispatch import Dispatcher
from gridmodel.events import Timeline
from gridmodel.network import Fleet, GridIndex, Network, build_fleet, build_grid, profile_values, with_charging
from gridmodel.sampling import Settings
from gridmodel.scenario import Scenario
from gridmodel.services.measures import more_import_mw
from gridmodel.services.setup import Setup
from gridmodel.vocabulary import TIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerInputs:
    """Interim."""

    scenario: Scenario
    members: tuple[int, ...]
    network: Network
    timeline: Timeline
    settings: Settings
    index: GridIndex
    plant: Fleet
    dispatcher: Dispatcher
    cold_degrees_c: Floats
    population: Floats
    dwellings: Floats
    reference_mw: Floats
    reference_c: Floats
    slope_mw_per_k: Floats
    tier_share: Floats
    shape: Floats
    available_mw: Floats
    midnight: Bools
    timetable_off: Floats | None
    more_import_mw: Floats
    hours_left: Ints
    changed: Bools
    battery_available: Floats


def build_power(setup: Setup) -> PowerInputs:
    """Interim."""
    network, scenario = setup.network, setup.scenario
    grid, index = build_grid(network)
    plant = build_fleet(network)
    if scenario.recharge == "surplus":
        grid, index = with_charging(grid, index, plant.limited, plant.charges[plant.limited])
    regions = network.tables["regions"]
    return PowerInputs(
        scenario=scenario, members=setup.members, network=network, timeline=setup.timeline, settings=setup.settings,
        index=index, plant=plant, dispatcher=Dispatcher(grid), cold_degrees_c=setup.weather.effective_c,
        population=setup.population,
        dwellings=np.maximum(regions["household_customers"].to_numpy(dtype=float), 1.0),
        reference_mw=regions["reference_demand_mw"].to_numpy(dtype=float),
        reference_c=regions["reference_temperature_c"].to_numpy(dtype=float),
        slope_mw_per_k=_slope(network, setup.settings),
        tier_share=regions[[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float),
        shape=profile_values(network.tables["profiles"], "demand", setup.clock.local, network.week),
        available_mw=_available(network, setup.settings, setup.clock.local, setup.measures.battery_available),
        midnight=setup.clock.midnight, timetable_off=setup.timetable_off, more_import_mw=more_import_mw(scenario),
        hours_left=setup.clock.remaining, changed=setup.timeline.changes(len(setup.members)),
        battery_available=setup.measures.battery_available,
    )  # fmt: skip


def _slope(network: Network, settings: Settings) -> Floats:
    """Rise of demand per kelvin of cold, the network's own or scaled to the scenario's sum. [MW/K]"""
    slope = network.tables["regions"]["heating_slope_mw_per_k"].to_numpy(dtype=float)
    if "temperature_slope" not in settings or slope.sum() <= 0:
        return np.asarray(slope)
    return np.asarray(slope * (1000.0 * settings["temperature_slope"] / slope.sum()))


def _available(
    network: Network, settings: Settings, local: npt.NDArray[np.datetime64], battery_available: Floats
) -> Floats:  # fmt: skip
    """What generators and interconnectors can give before damage, shape ``(time, …, generator)``. [MW]"""
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
