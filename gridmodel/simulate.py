"""The loop: from a scenario to a labelled result, all members at once, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.demand import cold_demand_mw, demand_mw, effective_temperature
from gridmodel.errors import InputError, Problem
from gridmodel.events import Purpose, Timeline, build_timeline, load_events, stream
from gridmodel.files import find
from gridmodel.heat import Homes, HomesState, build_homes, step_homes, warm_start
from gridmodel.names import ARCHETYPES, CAUSES, HEAT_STATES, OWN_HEAT, TECHNOLOGIES, TIERS, VARIABLES
from gridmodel.network import Labels, Network, build_grid, profile_values, read_network
from gridmodel.people import without_all
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.supply import Dispatched, Dispatcher, hold_islands
from gridmodel.supply.merit import gather, ratio, row_sum
from gridmodel.version import __version__
from gridmodel.water import WaterState, Waterworks, build_waterworks, full, step_water
from gridmodel.weather import HISTORY_DAYS, load_weather, weather_for

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Called with the steps done and the steps there are."""

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")
MAX_RESULT_BYTES = 12_000_000_000
"""Largest result that is held in memory. [byte] Ours: half of a common workstation's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Numbers that each member draws once."""

    slope_factor: Floats
    """Factor on the temperature slope of demand, shape ``(member,)``. [1]"""
    reconnection_tau_h: Floats
    """Time constant of the return of heat, shape ``(member, 1)``. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a run needs, read and checked; nothing here changes while it goes."""

    scenario: Scenario
    network: Network
    labels: Labels
    dispatcher: Dispatcher
    homes: Homes | None
    waterworks: Waterworks | None
    timeline: Timeline
    draws: Draws
    times: npt.NDArray[np.datetime64]
    """UTC start of every step, shape ``(time,)``."""
    outdoor_c: Floats
    """Shape ``(time, region)``. [°C]"""
    before_c: Floats
    """Mean of the days before the start, shape ``(region,)``. [°C]"""
    cold_degrees_c: Floats
    """Effective temperature, shape ``(time, region)``. [°C]"""
    shape: Floats
    """Daily shape of demand, shape ``(time,)``. [1]"""
    available_mw: Floats
    """What generators can give before damage, shape ``(time, generator)``. [MW]"""


def run(scenario: Scenario | str | Path, *, progress: Progress | None = None) -> xr.Dataset:
    """Run a scenario.

    Parameters
    ----------
    scenario
        A scenario, a bundled name, or the path of a scenario file.
    progress
        Called after each step with the steps done and the steps there are.

    Returns
    -------
    xarray.Dataset
        Every variable of `gridmodel.names.VARIABLES` that the network has data for, with units. Heat and
        water are left out where the network has no systems of that kind.

    Raises
    ------
    InputError
        With every problem of the scenario's files.
    """
    made = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    return simulate(plan(made), progress=progress)


def plan(scenario: Scenario) -> Plan:
    """Read and check everything a scenario names, and draw what members draw once.

    Raises
    ------
    InputError
        With every problem of network, weather and events together.
    """
    problems: list[Problem] = []
    network, weather, events = None, None, None
    try:
        network = read_network(scenario.network, beside=scenario.folder)
    except InputError as error:
        _check_weather(scenario, error.problems)
        raise InputError(error.problems) from None
    try:
        weather = weather_for(scenario, network.regions)
    except InputError as error:
        problems += error.problems
    try:
        events = load_events(scenario, network)
    except InputError as error:
        problems += error.problems
    if weather is None or events is None:
        raise InputError(problems)
    grid, labels = build_grid(network)
    times = scenario.times_utc()
    local = scenario.local(times)
    members = list(range(scenario.draws))
    _check_size(scenario, network, len(times))
    profiles = network.tables["profiles"]
    start = np.datetime64(scenario.start_utc, "ns")
    earlier = weather.sel(time=slice(start - np.timedelta64(HISTORY_DAYS, "D"), start - np.timedelta64(1, "h")))
    return Plan(
        scenario=scenario,
        network=network,
        labels=labels,
        dispatcher=Dispatcher(grid),
        homes=build_homes(network, scenario),
        waterworks=build_waterworks(network),
        timeline=build_timeline(events, scenario, network, labels, members),
        draws=draw(scenario, members),
        times=times,
        outdoor_c=_at(weather, times),
        before_c=earlier.to_numpy().mean(axis=0),
        cold_degrees_c=_at(effective_temperature(weather), times),
        shape=profile_values(profiles, "demand", local),
        available_mw=_available(network, scenario, local),
    )


def _check_weather(scenario: Scenario, problems: list[Problem]) -> None:
    """Add what is wrong with the weather file itself, where the network cannot be read."""
    try:
        load_weather(find("weather", scenario.weather, beside=scenario.folder))
    except InputError as error:
        problems += error.problems


def _check_size(scenario: Scenario, network: Network, steps: int) -> None:
    """Refuse a run whose result would not fit in memory.

    Raises
    ------
    InputError
        If there are too many members for one run.
    """
    per_cell = 8 * (3 * len(TIERS) + len(CAUSES) + len(TECHNOLOGIES) + 20) + 4 * 2 * (len(ARCHETYPES) + len(OWN_HEAT))
    size = per_cell * scenario.draws * steps * len(network.regions)
    if size > MAX_RESULT_BYTES:
        most = int(scenario.draws * MAX_RESULT_BYTES / size)
        message = f"would need {size / 1e9:.0f} GB at once; a single run of this length takes at most {most} members"
        raise InputError([Problem(message=message, field="members", value=str(scenario.draws))])


def draw(scenario: Scenario, members: list[int]) -> Draws:
    """Draw what each member draws once.

    A deterministic run takes the geometric middle of the time constant, and for the slope the factor 1, or the end of
    its range that is nearest to 1.
    """
    low_tau, high_tau = scenario.reconnection_tau_h
    if scenario.deterministic:
        factor = np.clip(1.0, *scenario.temperature_slope_factor)
        return Draws(slope_factor=np.array([factor]), reconnection_tau_h=np.array([[np.sqrt(low_tau * high_tau)]]))
    uniform = np.array([stream(scenario.seed, member, Purpose.PARAMETERS).random(2) for member in members])
    low, high = scenario.temperature_slope_factor
    tau = low_tau * (high_tau / low_tau) ** uniform[:, 1:]
    return Draws(slope_factor=low + (high - low) * uniform[:, 0], reconnection_tau_h=tau)


def _at(weather: xr.DataArray, times: npt.NDArray[np.datetime64]) -> Floats:
    """Hourly values at step starts, linear between hours, shape ``(time, region)``."""
    hours = weather["time"].to_numpy().astype("datetime64[s]")
    position = (times.astype("datetime64[s]") - hours[0]) / np.timedelta64(3600, "s")
    low = np.minimum(position.astype(int), len(hours) - 1)
    high = np.minimum(low + 1, len(hours) - 1)
    part = (position - low)[:, None]
    values = weather.to_numpy()
    return np.asarray(values[low] * (1.0 - part) + values[high] * part)


def _available(network: Network, scenario: Scenario, local: npt.NDArray[np.datetime64]) -> Floats:
    """What generators and interconnectors can give before damage, shape ``(time, generator)``. [MW]"""
    table = network.tables["generators"]
    profiles = network.tables["profiles"]
    borders = network.tables["interconnectors"]["p_max_mw"].to_numpy(dtype=float)
    shapes = {name: profile_values(profiles, name, local) for name in table["profile"].unique()}
    by_hour = np.column_stack([shapes[name] for name in table["profile"]]) if len(table) else np.ones((len(local), 0))
    factor = table["technology"].map(lambda name: scenario.availability.get(name, 1.0)).to_numpy(dtype=float)
    own = np.minimum(table["p_available_mw"].to_numpy(dtype=float) * factor, table["p_max_mw"].to_numpy(dtype=float))
    return np.hstack([own * by_hour, np.broadcast_to(borders, (len(local), len(borders)))])


def simulate(plan: Plan, *, progress: Progress | None = None) -> xr.Dataset:
    """Step through time; the loop reads as the method."""
    record = _Record(plan)
    members = plan.scenario.draws
    homes = warm_start(plan.homes, plan.scenario, plan.before_c, members) if plan.homes else None
    water = full(plan.waterworks, members) if plan.waterworks else None
    for now in range(len(plan.times)):
        need = need_of(plan, now)
        power, live = _dispatch(plan, now, need)
        record.power(now, need, power)
        share = _power_shares(plan, need, power, live)
        homes = _heat(plan, now, share, homes, record) if homes else None
        water = _water(plan, now, share, water, record) if water else None
        record.people(now, share)
        if progress is not None:
            progress(now + 1, len(plan.times))
    return record.dataset()


def need_of(plan: Plan, now: int) -> Floats:
    """Demand of each load, shape ``(member, load)``. [MW]"""
    regions = plan.network.tables["regions"]
    column = {name: regions[name].to_numpy(dtype=float) for name in
              ("reference_demand_mw", "reference_temperature_c", "heating_slope_mw_per_k")}  # fmt: skip
    slope = column["heating_slope_mw_per_k"]
    if plan.scenario.temperature_slope is not None and slope.sum() > 0:
        slope = slope * (1000.0 * plan.scenario.temperature_slope / slope.sum())
    cold = cold_demand_mw(
        plan.cold_degrees_c[now], column["reference_temperature_c"], slope,
        factor=plan.draws.slope_factor, threshold_c=plan.scenario.heating_threshold_c,
    )  # fmt: skip
    shares = regions[[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float)
    need = demand_mw(column["reference_demand_mw"], shares, float(plan.shape[now]), cold_mw=cold)
    return np.ascontiguousarray(need).reshape(len(need), -1)


def _dispatch(plan: Plan, now: int, need: Floats) -> tuple[Dispatched, npt.NDArray[np.bool_]]:
    """Serve the step's demand with what damage leaves; also whether each region's bus is live, ``(member, region)``."""
    time, members = plan.timeline, len(need)
    grid = plan.dispatcher.grid
    available = np.broadcast_to(plan.available_mw[now] * time.generator[now], (members, len(plan.labels.generators)))
    branch = np.broadcast_to(time.branch[now], (members, len(plan.labels.branches)))
    table = plan.network.tables["generators"]
    borders = len(plan.labels.generators) - len(table)
    groups = _group_limits(plan, now, members)
    place = plan.labels.import_group
    if place >= 0:  # a border that may pass nothing holds no island
        available = np.where((plan.labels.technology < 0) & (groups[:, [place]] <= 0), 0.0, available)
    held = np.empty(available.shape)
    live = np.empty((members, grid.regions), dtype=bool)
    load_bus = grid.load_bus[:: len(TIERS)]
    for rows, topology in plan.dispatcher.by_topology(branch):
        held[rows] = hold_islands(
            grid, topology, need_mw=need[rows], available_mw=available[rows],
            unit_mw=np.append((table["p_max_mw"] / table["units"]).to_numpy(dtype=float), np.zeros(borders)),
            min_stable_pu=np.append(table["min_stable_pu"].to_numpy(dtype=float), np.zeros(borders)),
            grid_forming=np.append(table["grid_forming"].to_numpy(dtype=bool), np.zeros(borders, dtype=bool)),
            border=plan.labels.technology < 0,
        )  # fmt: skip
        supply = gather(held[rows], topology.island[grid.generator_bus], topology.islands)
        live[rows] = supply[:, topology.island[load_bus]] > 0
    region_need = gather(need, grid.load_region, grid.regions)
    passed_on = np.where(time.delivery[now] < 1.0, time.delivery[now] * region_need, np.inf)
    delivery = np.minimum(np.minimum(passed_on, time.delivery_mw[now]), plan.labels.delivery_mw)
    got = plan.dispatcher.solve(
        need, held, branch_share=branch, delivery_mw=np.broadcast_to(delivery, region_need.shape),
        group_mw=groups,
    )  # fmt: skip
    return got, live


def _group_limits(plan: Plan, now: int, members: int) -> Floats:
    """Limit of each group of generators, that of imports as the scenario and the events say. [MW]"""
    limits = np.array([limit for _, limit in plan.dispatcher.grid.groups])
    limits = np.broadcast_to(limits, (members, len(limits))).copy()
    place = plan.labels.import_group
    if place >= 0:
        if plan.scenario.import_limit_mw is not None:
            limits[:, place] = plan.scenario.import_limit_mw
        borders = float(plan.network.tables["interconnectors"]["p_max_mw"].sum())
        limit = np.minimum(np.minimum(limits[:, place], borders), plan.timeline.import_mw[now])
        limits[:, place] = limit * plan.timeline.import_share[now]
    return limits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Power:
    """Shares that have power, each of shape ``(member, region)``."""

    homes: Floats
    plant: Floats


def _power_shares(plan: Plan, need: Floats, power: Dispatched, live: npt.NDArray[np.bool_]) -> _Power:
    """Homes and heat and water plant that have power.

    Plant is critical, but a share of it hangs on feeders that are cut with the homes around it. A tier that needs
    nothing fares as its region does, and a region that needs nothing has power if its bus is live.
    """
    shape = (len(need), plan.dispatcher.grid.regions, len(TIERS))
    needed, served = need.reshape(shape), power.served_mw.reshape(shape)
    whole = needed.sum(axis=-1)
    region = np.where(whole > 0, ratio(served.sum(axis=-1), whole), live)
    share = np.where(needed > 0, ratio(served, needed), region[..., None])
    cut = plan.scenario.critical_on_cut_feeders
    homes = share[..., HOUSEHOLD]
    return _Power(homes=homes, plant=(1.0 - cut) * share[..., CRITICAL] + cut * np.minimum(homes, share[..., CRITICAL]))


def _heat(plan: Plan, now: int, power: _Power, state: HomesState, record: _Record) -> HomesState:
    assert plan.homes is not None  # noqa: S101 - state exists only with homes
    time = plan.timeline
    members = plan.scenario.draws
    shape = (members, plan.dispatcher.grid.regions)
    got = step_homes(
        plan.homes, state, plan.scenario, outdoor_c=plan.outdoor_c[now],
        source_left=np.broadcast_to(time.heat_source[now], shape),
        network_left=np.broadcast_to(time.heat_network[now], shape),
        plant_power=power.plant, home_power=power.homes, fuel=np.broadcast_to(time.fuel[now], shape),
        tau_h=plan.draws.reconnection_tau_h,
    )  # fmt: skip
    keep = record.arrays
    keep["heat_demand_mw_th"][:, now], keep["heat_supplied_mw_th"][:, now] = got.need_mw, got.supplied_mw
    keep["home_share"][:, now], keep["indoor_temperature"][:, now] = got.home_share, got.air_c
    keep["degree_hours_below_18c"][:, now] = got.degree_hours
    names = ("people_below_18c", "people_below_16c", "people_without_heat", "people_below_10c")
    for place, name in enumerate(names):
        keep[name][:, now] = record.population * np.clip(got.cold_share[..., place], 0.0, 1.0)
    return got.state


def _water(plan: Plan, now: int, power: _Power, state: WaterState, record: _Record) -> WaterState:
    assert plan.waterworks is not None  # noqa: S101 - state exists only with waterworks
    stations = np.broadcast_to(plan.timeline.water_pumping[now], power.plant.shape)
    got = step_water(
        plan.waterworks, state, stations_left=stations, plant_power=power.plant, home_power=power.homes,
        pump_margin=plan.scenario.pump_margin, step_h=plan.scenario.step_h,
    )  # fmt: skip
    keep = record.arrays
    keep["water_stored_m3"][:, now], keep["water_served_share"][:, now] = got.stored_m3, got.served_share
    keep["people_without_water"][:, now] = record.population * (1.0 - got.served_share)
    record.dry_street = 1.0 - got.mains_share
    return got.state


class _Record:
    """Arrays that the loop fills, and the dataset they become."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.coords: dict[str, list[object] | npt.NDArray[np.generic]] = {
            "member": np.arange(plan.scenario.draws),
            "time": plan.times.astype("datetime64[ns]"),
            "region": list(plan.network.regions),
            "tier": list(TIERS),
            "cause": list(CAUSES),
            "technology": list(TECHNOLOGIES),
            "archetype": [*ARCHETYPES, *OWN_HEAT],
            "heat_state": list(HEAT_STATES),
        }
        absent = set()
        if plan.homes is None:
            absent |= {n for n in VARIABLES if n.startswith(("heat_", "home_", "indoor_", "people_below", "degree_"))}
            absent |= {"people_without_heat", "archetype_share"}
        if plan.waterworks is None:
            absent |= {name for name in VARIABLES if "water" in name}
        if plan.homes is None or plan.waterworks is None:
            absent |= {name for name in VARIABLES if name.startswith("people_without_all")}
        self.arrays = {
            name: np.zeros([len(self.coords[dim]) for dim in variable.dims],
                           dtype=np.float32 if name == "indoor_temperature" else np.float64)
            for name, variable in VARIABLES.items() if name not in absent
        }  # fmt: skip
        self.population: Floats = plan.network.tables["regions"]["population"].to_numpy(dtype=float)
        self.dry_street: Floats = np.zeros((plan.scenario.draws, len(self.population)))
        self.arrays["population"][:] = self.population
        self.arrays["outdoor_temperature"][:] = plan.outdoor_c
        if plan.homes is not None:
            self.arrays["archetype_share"][:] = plan.homes.home_weight
        labels = plan.labels
        own = labels.technology >= 0
        self._own = np.flatnonzero(own)
        self._cell = labels.generator_region[own] * len(TECHNOLOGIES) + labels.technology[own]
        self._borders = np.flatnonzero(~own)

    def power(self, now: int, need: Floats, power: Dispatched) -> None:
        """Note demand, what was served, why not, and what ran."""
        keep, regions = self.arrays, len(self.population)
        shape = (len(need), regions, len(TIERS))
        served = power.served_mw.reshape(shape)
        keep["demand_mw"][:, now], keep["served_mw"][:, now] = need.reshape(shape), served
        keep["shed_mw"][:, now] = need.reshape(shape) - served
        keep["shed_cause_mw"][:, now] = power.cause_mw.reshape(*shape, len(CAUSES)).sum(axis=2)
        output = gather(np.take(power.generation_mw, self._own, axis=1), self._cell, regions * len(TECHNOLOGIES))
        keep["generation_mw"][:, now] = output.reshape(len(need), regions, len(TECHNOLOGIES))
        keep["import_mw"][:, now] = row_sum(np.take(power.generation_mw, self._borders, axis=1))

    def people(self, now: int, power: _Power) -> None:
        """Note how many are without power, and without all services."""
        keep = self.arrays
        keep["service_power_share"][:, now] = power.plant
        no_power = np.clip(1.0 - power.homes, 0.0, 1.0)
        keep["people_without_power"][:, now] = self.population * no_power
        if "people_without_all" not in keep or self.plan.waterworks is None:
            return
        crowd = np.maximum(self.population, 1.0)
        both = without_all(
            no_power=no_power, no_heat=keep["people_without_heat"][:, now] / crowd,
            no_water=keep["people_without_water"][:, now] / crowd, dry_street=self.dry_street,
            high_floor_share=self.plan.waterworks.high_floor_share,
        )  # fmt: skip
        keep["people_without_all"][:, now] = self.population * both.estimate
        keep["people_without_all_low"][:, now] = self.population * both.low
        keep["people_without_all_high"][:, now] = self.population * both.high

    def dataset(self) -> xr.Dataset:
        """Return the labelled result."""
        plan = self.plan
        used = {dim for name in self.arrays for dim in VARIABLES[name].dims}
        coords = {
            name: (name, values if name in {"member", "time"} else np.array(values, dtype=object))
            for name, values in self.coords.items()
            if name in used
        }
        regions = plan.network.tables["regions"]
        data = xr.Dataset(
            {name: (VARIABLES[name].dims, values) for name, values in self.arrays.items()},
            coords={
                **coords,
                "local_time": ("time", plan.scenario.local(plan.times).astype("datetime64[ns]")),
                "region_name": ("region", regions["name_en"].to_numpy(dtype=object)),
            },
        )
        for name in self.arrays:
            variable = VARIABLES[name]
            data[name].attrs = {"units": variable.units, "long_name": variable.long_name}
            if variable.cell_methods:
                data[name].attrs["cell_methods"] = variable.cell_methods
        data["time"].attrs = {"long_name": "Start of the step, UTC", "standard_name": "time"}
        data["local_time"].attrs = {"long_name": f"Start of the step, clock time in {plan.scenario.timezone}"}
        data.attrs = self._attributes()
        return data

    def _attributes(self) -> dict[str, object]:
        plan = self.plan
        scenario = plan.scenario
        return {
            "title": scenario.name,
            "Conventions": "CF-1.11",
            "source": f"gridmodel {__version__}",
            "network": scenario.network,
            "weather": scenario.weather,
            "start": f"{scenario.start:%Y-%m-%d %H:%M}",
            "end": f"{scenario.end:%Y-%m-%d %H:%M}",
            "timezone": scenario.timezone,
            "step_h": scenario.step_h,
            "seed": np.int64(scenario.seed),
            "deterministic": np.int8(scenario.deterministic),
            "storage": "taken as recharged overnight, outside the balance: an unconfirmed assumption",
        }
