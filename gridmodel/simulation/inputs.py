"""Before the loop: everything a scenario names, read and checked, and what members draw once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.dispatch import Dispatcher
from gridmodel.errors import InputError, Problem
from gridmodel.events import Event, Timeline, build_timeline, forced_outages, load_events
from gridmodel.events.timetable import imposed_share, read_timetable
from gridmodel.inputs.files import find, find_timetable
from gridmodel.network import (
    Fleet,
    GridIndex,
    Network,
    build_fleet,
    build_grid,
    profile_values,
    read_network,
    with_charging,
)
from gridmodel.network.read import CLOCK_HINT, NO_CLOCK
from gridmodel.sampling import Settings, chance_of, draw_settings, weather_members
from gridmodel.scenario import Scenario
from gridmodel.services.backup import Backup, build_backup
from gridmodel.services.heat import Homes, build_homes
from gridmodel.services.measures import Aid, build_aid, check_help, more_import_mw, with_batteries
from gridmodel.services.power.demand import effective_temperature
from gridmodel.services.water import Waterworks, build_waterworks
from gridmodel.vocabulary import ARCHETYPES, CAUSES, OWN_HEAT, TECHNOLOGIES, TIERS
from gridmodel.weather import HISTORY_DAYS, load_weather, weather_for

MAX_RESULT_BYTES = 12_000_000_000
"""Largest result that is held in memory. [byte] Ours: half of a common workstation's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs:
    """All that a run needs, read and checked; nothing here changes while it goes."""

    scenario: Scenario
    members: tuple[int, ...]
    """Numbers of the members that are run: all of them, or a block."""
    chances: tuple[int, ...]
    """Number under which each of them draws what is no setting: its own, but in a Saltelli design."""
    network: Network
    """With a generator for each battery placed."""
    index: GridIndex
    plant: Fleet
    dispatcher: Dispatcher
    homes: Homes | None
    waterworks: Waterworks | None
    backup: Backup
    aid: Aid
    timeline: Timeline
    settings: Settings
    times: npt.NDArray[np.datetime64]
    """UTC start of every step, shape ``(time,)``."""
    outdoor_c: Floats
    """Shape ``(time, region)``, or ``(time, member, region)`` where members meet different weather. [°C]"""
    before_c: Floats
    """Mean of the days before the start, shape ``(region,)`` or ``(member, region)``. [°C]"""
    cold_degrees_c: Floats
    """Effective temperature, shape as `outdoor_c`. [°C]"""
    population: Floats
    """People, shape ``(region,)``. [1]"""
    dwellings: Floats
    """Household connections, at least one, shape ``(region,)``. [1]"""
    reference_mw: Floats
    """Demand at the weekday's peak on the reference day, shape ``(region,)``. [MW]"""
    reference_c: Floats
    """Effective temperature of that day, shape ``(region,)``. [°C]"""
    slope_mw_per_k: Floats
    """Rise of demand per kelvin of cold, shape ``(region,)`` or ``(member, region)``. [MW/K]"""
    tier_share: Floats
    """Share of each tier, shape ``(region, tier)``. [1]"""
    shape: Floats
    """Daily shape of demand, of the steps and of a day beyond them, shape ``(time + day,)``. [1]"""
    available_mw: Floats
    """What generators can give before damage, shape ``(time + day, generator)``, or with a member axis between. [MW]"""
    midnight: npt.NDArray[np.bool_]
    """Which steps begin a local day; the first step counts as one, shape ``(time,)``."""
    timetable_off: Floats | None
    """Share that a timetable switches off of what is not critical, shape ``(time + day, region)``. [1]"""
    more_import_mw: Floats
    """Imports beyond the limit that help brings, shape ``(time,)``. [MW]"""
    hours_left: npt.NDArray[np.intp]
    """Steps from each to the end of its local day, itself included, shape ``(time,)``."""
    changed: npt.NDArray[np.bool_]
    """Where damage differs from the step before, shape ``(time, member)``."""


def run_inputs(scenario: Scenario, members: Sequence[int] | None = None) -> RunInputs:
    """Read and check everything a scenario names, and draw what members draw once.

    Parameters
    ----------
    scenario
        What to run.
    members
        Numbers of the members to run, all of the scenario's by default; each comes out the same in any company.

    Raises
    ------
    InputError
        With every problem of network, weather and events together.
    """
    own, weather, events, timetable_off = _read(scenario)
    network, aid = with_batteries(own, scenario), build_aid(scenario, own)
    grid, index = build_grid(network)
    plant = build_fleet(network)
    if scenario.recharge == "surplus":
        grid, index = with_charging(grid, index, plant.limited, plant.charges[plant.limited])
    times = scenario.times_utc()
    clock = scenario.local(_with_a_day_more(times, scenario))
    midnight, hours_left = _days(clock, len(times))
    chosen = tuple(range(scenario.draws) if members is None else members)
    _check_network_size(len(chosen), network, len(times))
    settings, chances = draw_settings(scenario, chosen), chance_of(scenario, chosen)
    met = _meeting(weather, scenario, chances)
    outdoor_c = met(_at(weather, times))
    timeline = _timeline(events, scenario, own, aid=aid, chances=chances, settings=settings, outdoor_c=outdoor_c)
    start = np.datetime64(scenario.start_utc, "ns")
    earlier = weather.sel(time=slice(start - np.timedelta64(HISTORY_DAYS, "D"), start - np.timedelta64(1, "h")))
    return RunInputs(
        scenario=scenario,
        members=chosen,
        chances=chances,
        network=network,
        index=index,
        plant=plant,
        dispatcher=Dispatcher(grid),
        homes=build_homes(network, scenario, settings),
        waterworks=build_waterworks(network),
        backup=build_backup(network, scenario, chances, settings),
        aid=aid,
        timeline=timeline,
        settings=settings,
        times=times,
        outdoor_c=outdoor_c,
        before_c=met(earlier.to_numpy().mean(axis=0)),
        cold_degrees_c=met(_at(effective_temperature(weather), times)),
        population=network.tables["regions"]["population"].to_numpy(dtype=float),
        dwellings=np.maximum(network.tables["regions"]["household_customers"].to_numpy(dtype=float), 1.0),
        reference_mw=network.tables["regions"]["reference_demand_mw"].to_numpy(dtype=float),
        reference_c=network.tables["regions"]["reference_temperature_c"].to_numpy(dtype=float),
        slope_mw_per_k=_slope(network, settings),
        tier_share=network.tables["regions"][[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float),
        shape=profile_values(network.tables["profiles"], "demand", clock, network.week),
        available_mw=_available(network, settings, clock, aid.battery_there),
        midnight=midnight,
        timetable_off=timetable_off,
        more_import_mw=more_import_mw(scenario),
        hours_left=hours_left,
        changed=timeline.changes(len(chosen)),
    )


def _read(scenario: Scenario) -> tuple[Network, xr.DataArray, tuple[Event, ...], Floats | None]:
    """Network, weather, events and timetable of a scenario.

    Raises
    ------
    InputError
        With every problem of all of them together.

    Warns
    -----
    UserWarning
        If neither the scenario nor the network names a time zone.
    """
    problems: list[Problem] = []
    network, weather, events, timetable_off = None, None, None, None
    try:
        network = read_network(scenario.network, beside=scenario.folder)
    except InputError as error:
        _check_files(scenario, error.problems)
        raise InputError(error.problems) from None
    if scenario.timezone is None and network.about is None:
        message = f"{network.name}: {NO_CLOCK}; {CLOCK_HINT}, or give the scenario a `timezone:`"
        warnings.warn(message, UserWarning, stacklevel=3)
    try:
        weather = weather_for(scenario, network.regions)
    except InputError as error:
        problems += error.problems
    try:
        events = load_events(scenario, network)
    except InputError as error:
        problems += error.problems
    try:
        timetable_off = _timetable(scenario, network)
    except InputError as error:
        problems += error.problems
    problems += check_help(scenario, network)
    if weather is None or events is None or problems:
        raise InputError(problems)
    return network, weather, tuple(events), timetable_off


def _timetable(scenario: Scenario, network: Network) -> Floats | None:
    """Share that a scenario's timetable switches off, shape ``(time + day, region)``; nothing if it has none.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    if scenario.timetable is None:
        return None
    times = scenario.times_utc()
    return imposed_share(
        find_timetable(scenario.timetable, beside=scenario.folder), regions=network.regions, steps=len(times),
        times=_with_a_day_more(times, scenario), step_h=scenario.step_h, timezone=scenario.local_timezone,
    )  # fmt: skip


def _slope(network: Network, settings: Settings) -> Floats:
    """Rise of demand per kelvin of cold, the network's own or scaled to the scenario's sum. [MW/K]"""
    slope = network.tables["regions"]["heating_slope_mw_per_k"].to_numpy(dtype=float)
    if "temperature_slope" not in settings or slope.sum() <= 0:
        return np.asarray(slope)
    return np.asarray(slope * (1000.0 * settings["temperature_slope"] / slope.sum()))


def _with_a_day_more(times: npt.NDArray[np.datetime64], scenario: Scenario) -> npt.NDArray[np.datetime64]:
    """Steps of the run and of 25 hours after it: a plan for the day looks to its end, whenever the run ends."""
    step = np.timedelta64(int(scenario.step_length.total_seconds()), "s")
    return np.append(times, times[-1] + step * np.arange(1, int(25 / scenario.step_h) + 1))


def _days(clock: npt.NDArray[np.datetime64], steps: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Which steps begin a local day, and how many steps each day has left, each of shape ``(time,)``."""
    day = clock.astype("datetime64[D]")
    begins = np.append(True, day[1:] != day[:-1])
    last = np.searchsorted(day, day[:steps], side="right")
    return begins[:steps], last - np.arange(steps)


def _timeline(
    events: Sequence[Event],
    scenario: Scenario,
    network: Network,
    *,
    aid: Aid,
    chances: Sequence[int],
    settings: Settings,
    outdoor_c: Floats,
) -> Timeline:
    """What events leave of the network, less the units that fail of themselves; batteries placed stay whole."""
    _, index = build_grid(network)
    timeline = build_timeline(
        events, scenario, network, index, chances, settings=settings, outdoor_c=outdoor_c,
        extra_crews=aid.crews[:, None, :] if aid.crews.any() else None, spare_steps=aid.spare_steps,
    )  # fmt: skip
    working = forced_outages(
        scenario, network, index, chances, settings=settings, steps=len(timeline.generator)
    )  # fmt: skip
    left = timeline.generator if working is None else timeline.generator * working
    at = np.full(aid.battery_there.shape[1], len(network.tables["generators"]))
    return replace(timeline, generator=np.insert(left, at, 1.0, axis=-1) if len(at) else left)


def _meeting(weather: xr.DataArray, scenario: Scenario, chances: Sequence[int]) -> Callable[[Floats], Floats]:
    """Function from the values of all members of the weather to those that the members of a run meet.

    A deterministic run meets their mean.
    """
    if "member" not in weather.dims:
        return lambda values: values
    if scenario.deterministic:
        return lambda values: values.mean(axis=-2)
    drawn = weather_members(scenario, chances, weather.sizes["member"])
    return lambda values: np.ascontiguousarray(values[..., drawn, :])


def _check_files(scenario: Scenario, problems: list[Problem]) -> None:
    """Add what is wrong with weather and timetable themselves, where the network cannot be read."""
    try:
        if scenario.timetable is not None:
            read_timetable(find_timetable(scenario.timetable, beside=scenario.folder), timezone=scenario.local_timezone)
    except InputError as error:
        problems += error.problems
    try:
        load_weather(find("weather", scenario.weather, beside=scenario.folder))
    except InputError as error:
        problems += error.problems


def check_size(scenario: Scenario, members: int) -> None:
    """Refuse a run of so many members whose result would not fit in memory.

    Raises
    ------
    InputError
        If there are too many members for one run, or the network cannot be read.
    """
    network = read_network(scenario.network, beside=scenario.folder)
    _check_network_size(members, network, len(scenario.times_utc()))


def _check_network_size(members: int, network: Network, steps: int) -> None:
    """Refuse a run whose result would not fit in memory.

    Raises
    ------
    InputError
        If there are too many members for one run.
    """
    per_cell = 8 * (3 * len(TIERS) + len(CAUSES) + len(TECHNOLOGIES) + 20) + 4 * 2 * (len(ARCHETYPES) + len(OWN_HEAT))
    size = per_cell * members * steps * len(network.regions)
    if size > MAX_RESULT_BYTES:
        most = int(members * MAX_RESULT_BYTES / size)
        message = f"would need {size / 1e9:.0f} GB at once; a single run of this length takes at most {most} members"
        hint = "gridmodel sweep takes any number"
        raise InputError([Problem(message=message, field="members", value=str(members), hint=hint)])


def _at(weather: xr.DataArray, times: npt.NDArray[np.datetime64]) -> Floats:
    """Hourly values at step starts, linear between hours, shape ``(time, …, region)``."""
    hours = weather["time"].to_numpy().astype("datetime64[s]")
    position = (times.astype("datetime64[s]") - hours[0]) / np.timedelta64(3600, "s")
    low = np.minimum(position.astype(int), len(hours) - 1)
    high = np.minimum(low + 1, len(hours) - 1)
    part = (position - low).reshape(-1, *[1] * (weather.ndim - 1))
    values = weather.to_numpy()
    return np.asarray(values[low] * (1.0 - part) + values[high] * part)


def _available(
    network: Network, settings: Settings, local: npt.NDArray[np.datetime64], battery_there: Floats
) -> Floats:  # fmt: skip
    """What generators and interconnectors can give before damage, shape ``(time, …, generator)``. [MW]"""
    table = network.tables["generators"]
    profiles = network.tables["profiles"]
    borders = network.tables["interconnectors"]["p_max_mw"].to_numpy(dtype=float)
    shapes = {name: profile_values(profiles, name, local, network.week) for name in table["profile"].unique()}
    by_hour = np.column_stack([shapes[name] for name in table["profile"]]) if len(table) else np.ones((len(local), 0))
    placed = battery_there.shape[1]
    if placed:
        by_hour[:, -placed:] = battery_there[np.minimum(np.arange(len(local)), len(battery_there) - 1)]
    names = [f"availability.{name}" for name in table["technology"]]
    factor = settings.together(names, np.ones(len(names)))
    own = np.minimum(table["p_available_mw"].to_numpy(dtype=float) * factor, table["p_max_mw"].to_numpy(dtype=float))
    by_member = own * (by_hour[:, None, :] if own.ndim > 1 else by_hour)
    return np.concatenate([by_member, np.broadcast_to(borders, (*by_member.shape[:-1], len(borders)))], axis=-1)
