"""Inputs of a run: everything a scenario names, read and checked, and what members draw once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem
from gridmodel.events import EveningDemand, Event, Timeline, build_timeline, chp_remaining, forced_outages
from gridmodel.events.damage import damage_of
from gridmodel.events.past import Noted, Seam
from gridmodel.inputs.series import Series
from gridmodel.interchange import examine_runnable
from gridmodel.network import GridIndex, Network, build_grid
from gridmodel.network.schema import SHARE
from gridmodel.sampling import Ensemble, Settings, draw_settings, number_streams, weather_members
from gridmodel.scenario import Scenario
from gridmodel.services.declare import Declaration
from gridmodel.services.heat.service import mean_draught
from gridmodel.services.measures import Measures, build_measures, with_batteries
from gridmodel.services.models import Models
from gridmodel.services.power.build_consumers import DaySoFar, build_consumers, evening_demand
from gridmodel.services.power.demand import effective_temperature
from gridmodel.services.registry import SERVICES, module_of
from gridmodel.services.setup import Clock, Setup, Weather
from gridmodel.services.supply import Supply, build_supply
from gridmodel.services.swapped import Swapped
from gridmodel.simulation.files import imposed, read_files
from gridmodel.simulation.held_state import HeldState
from gridmodel.simulation.same_run import network_hash
from gridmodel.simulation.save_times import save_steps
from gridmodel.simulation.state import Before, SavedState, Saving
from gridmodel.vocabulary import CAUSES, OWN_HEAT, TIERS, event_class
from gridmodel.weather import HISTORY_DAYS, weather_of

MAX_RESULT_BYTES = 12_000_000_000
"""Largest result that is kept in memory. [byte] Ours: half the memory of a common workstation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs(Setup):
    """Everything that a run needs, read and checked; nothing here changes while it runs."""

    parts: Mapping[str, Any]
    """Systems that services built, by the name of the service; those for which the network has nothing are missing."""
    saving: Saving = field(default_factory=Saving)
    """State that the run begins from, and what states to be saved contain beside those of services."""

    @property
    def plants(self) -> tuple[tuple[int, int, int], ...]:
        """Return numbers of plants that are axes of a state, as `gridmodel.services.carried.Widened` takes them."""
        fleet, more = self.parts["power"].fleet, self.more_batteries
        own, whole, limited = len(self.network.tables["generators"]), len(fleet.border), len(fleet.limited)
        return (limited - more, limited, limited - more), (whole - more, whole, own - more)

    @property
    def services(self) -> list[Declaration]:
        """Services of the run, in the order of a step; those of one's own come last."""
        return [service for service in (*SERVICES, *own_services(self.models)) if service.name in self.parts]


def own_services(models: Swapped) -> list[Declaration]:
    """Return the declarations of services of one's own."""
    return [replace(service.DECLARATION, own=service) for service in models.services]


def run_inputs(
    scenario: Scenario, members: Sequence[int] | None = None, models: Models | None = None
) -> RunInputs:  # fmt: skip
    """Read and check everything a scenario names, and draw what members draw once.

    Parameters
    ----------
    scenario
        Scenario to run.
    members
        Numbers of the members to run, all of the scenario's by default; their results do not depend on each other.
    models
        Models of one's own.

    Raises
    ------
    InputError
        With every problem of network, weather and events together.
    """
    given: object = models
    if given is not None and not isinstance(given, Models):
        message = "must be gm.Models(buildings=…, damage=…, services=[…])"
        raise InputError([Problem(message=message, field="models", value=type(given).__name__)])
    models = models or Models()
    models.check(SERVICES, deterministic=scenario.deterministic)
    return with_services(*_setup(scenario, members, models.checked()))


def with_services(setup: Setup, saving: Saving | None = None) -> RunInputs:
    """Let every service build what it needs."""
    asked = (*SERVICES, *own_services(setup.models))
    built = {service.name: module_of(service).build(setup) for service in asked}
    parts = {name: system for name, system in built.items() if system is not None}
    saving = Saving() if saving is None else saving
    return RunInputs(parts=parts, saving=saving, **{part.name: getattr(setup, part.name) for part in fields(Setup)})


def setup_of(scenario: Scenario, members: Sequence[int] | None = None) -> Setup:
    """Read and check what services are built from.

    Parameters
    ----------
    scenario, members
        As in `run_inputs`.

    Raises
    ------
    InputError
        With every problem of network, weather and events together.
    """
    return _setup(scenario, members)[0]


def _setup(
    scenario: Scenario, members: Sequence[int] | None, models: Models | None = None
) -> tuple[Setup, Saving]:  # fmt: skip
    """Return what services are built from, and what concerns states to begin from and to save.

    Raises
    ------
    InputError
        As `setup_of`.
    """
    ensemble = _ensemble_of(scenario, members)
    files = read_files(scenario, held=_held(ensemble))
    if files.problems or files.network is None or files.weather is None:
        raise InputError(files.problems)
    own, events, state = files.network, files.events, files.state
    scenario, events = _until(scenario, events, None if ensemble is None else ensemble.until)
    begin = 0 if state is None else 1
    scenario, elapsed = scenario.leading(begin), 0 if state is None else state.elapsed - begin
    series = weather_of(files.weather, own.regions)
    demand_mw = _demand(files.demand, own, scenario)
    network, measures = with_batteries(own, scenario), build_measures(scenario, own)
    grid = build_grid(own)
    clock = _clock(scenario)
    timetable_off = imposed(files.timetable, own.regions, _with_a_day_more(clock.times, scenario), scenario.step_h)
    chosen = tuple(range(scenario.draws) if members is None else members)
    saves = save_steps(scenario, chosen)
    state = state if state is None or ensemble is not None else state.of(chosen)
    _check_network_size(len(chosen), network, len(clock.times))
    settings = draw_settings(scenario, chosen, ensemble)
    streams = number_streams(scenario, chosen) if ensemble is None else ensemble.streams
    weather = _weather(series, scenario, clock, streams, state)
    evening, today = None, {step: list[Floats]() for step in saves}
    if saves or any(event_class(what).lowest for event in events for what in event.classes):
        consumers = build_consumers(
            own, clock, settings, weather, series_mw=demand_mw, replaced=scenario.demand_use == "replace"
        )
        so_far = None if state is None else DaySoFar(begin=begin, demand_mw=state.evening_mw, elapsed=state.elapsed)
        evening = evening_demand(consumers, settings, clock, so_far=so_far, note_at=today)
    noted = Noted(steps=saves)
    timeline = _timeline(
        events, scenario, own, index=grid[1], measures=measures, stream_numbers=streams, settings=settings,
        outdoor_c=weather.outdoor_c, evening=evening, seam=None if state is None else state.seam(begin), noted=noted,
        models=models or Models(),
    )  # fmt: skip
    setup = Setup(
        scenario=scenario, network=network, grid=grid if network is own else build_grid(network), clock=clock,
        settings=settings, weather=weather, timeline=timeline, measures=measures, members=chosen, streams=streams,
        timetable_off=timetable_off, demand_mw=demand_mw,
        supply=_supply(files.supply, scenario, streams, elapsed, own.technologies),
        models=models or Models(), begin=begin, layered_before=() if state is None else state.layered,
        more_batteries=0 if state is None else state.more_batteries, events=tuple(events),
    )  # fmt: skip
    return setup, Saving(
        state=state,
        before={
            step: Before(
                past=timeline.pasts[step], evening_mw=today[step][0], elapsed=elapsed + step,
                working={name: course[place] for name, course in noted.working.items()},
                draught=mean_draught(weather), network_hash=network_hash(scenario),
            ) for place, step in enumerate(saves)
        },
    )  # fmt: skip


def _ensemble_of(scenario: Scenario, members: Sequence[int] | None) -> Ensemble | None:
    """Return the members that a study chose, those that are run; None where the scenario draws its own."""
    whole: Ensemble | None = scenario.ensemble
    if whole is None or members is None:
        return whole
    held = whole.state
    return replace(whole.part(members), state=held.of(members) if isinstance(held, HeldState) else None)


def _held(ensemble: Ensemble | None) -> HeldState | None:
    """Return the state in memory that members go on from; None where they begin anew."""
    return ensemble.state if ensemble is not None and isinstance(ensemble.state, HeldState) else None


def _until(scenario: Scenario, events: list[Event], until: datetime | None) -> tuple[Scenario, list[Event]]:
    """Return a run that stops before its end, and the events before that."""
    if until is None or until >= scenario.end:
        return scenario, events
    before = [event for event in events if scenario.to_utc(event.start) < scenario.to_utc(until)]
    return scenario.model_copy(update={"end": until}), before


def _clock(scenario: Scenario) -> Clock:
    """Return the steps of a scenario."""
    times = scenario.times_utc()
    local = scenario.local(_with_a_day_more(times, scenario))
    midnight, remaining = _days(local, len(times))
    return Clock(times=times, local=local, midnight=midnight, remaining=remaining, step_h=scenario.step_h)


def _weather(
    series: xr.DataArray, scenario: Scenario, clock: Clock, streams: Sequence[int], state: SavedState | None
) -> Weather:  # fmt: skip
    """Return the weather that members meet."""
    met = _meeting(series, scenario, streams)
    start = np.datetime64(scenario.start_utc, "ns")
    effective = effective_temperature(series, scenario.demand_lag_weights)
    if state is not None:  # the step before the start may be before the first that has all the days of its weights
        effective = effective.bfill("time") if bool(effective.isnull().any()) else effective
    earlier = series.sel(time=slice(start - np.timedelta64(HISTORY_DAYS, "D"), start - np.timedelta64(1, "h")))
    return Weather(
        outdoor_c=met(_mean_of_steps(series, clock)), before_c=met(earlier.to_numpy().mean(axis=0)),
        effective_c=met(_mean_of_steps(effective, clock)), draught=None if state is None else state.draught,
        wind_m_s=met(_mean_of_steps(series["wind_m_s"], clock)) if "wind_m_s" in series.coords else None,
        ghi_w_m2=met(_in_hour(series["ghi_w_m2"], clock.times)) if "ghi_w_m2" in series.coords else None,
        history=str(series.attrs.get("history", "")),
    )  # fmt: skip


def _with_a_day_more(times: npt.NDArray[np.datetime64], scenario: Scenario) -> npt.NDArray[np.datetime64]:
    """Return the steps of the run and of 25 hours after it: a plan for a day needs all of it, whenever the run ends."""
    step = np.timedelta64(int(scenario.step_length.total_seconds()), "s")
    return np.append(times, times[-1] + step * np.arange(1, int(25 / scenario.step_h) + 1))


def _days(clock: npt.NDArray[np.datetime64], steps: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Return which steps begin a local day, and how many steps remain of it, each of shape ``(time,)``."""
    day = clock.astype("datetime64[D]")
    begins = np.append(True, day[1:] != day[:-1])
    last = np.searchsorted(day, day[:steps], side="right")
    return begins[:steps], last - np.arange(steps)


def _demand(series: Series | None, network: Network, scenario: Scenario) -> Floats | None:
    """Return the demand that a scenario's file gives, shape ``(time + day, region)``; None without one. [MW]

    After the run the day before is taken again.
    """
    if series is None:
        return None
    times, end = _with_a_day_more(scenario.times_utc(), scenario), np.datetime64(scenario.end_utc, "s")
    day = np.timedelta64(24, "h")
    known = np.where(times < end, times, times - ((times - end) // day + 1) * day)
    order = [series.names.index(region) for region in network.regions]
    return np.ascontiguousarray(series.at(known)[:, order])


def _supply(
    series: Series | None, scenario: Scenario, streams: Sequence[int], elapsed: int, technologies: Sequence[str]
) -> Supply | None:  # fmt: skip
    """Draw the course of supply; None without a file."""
    if series is None:
        return None
    times = _with_a_day_more(scenario.times_utc(), scenario)
    return build_supply(series, scenario, streams, times, elapsed=elapsed, technologies=technologies)


def _timeline(  # noqa: PLR0913 - one argument for each thing that acts on capacity
    events: Sequence[Event],
    scenario: Scenario,
    network: Network,
    *,
    index: GridIndex,
    measures: Measures,
    stream_numbers: Sequence[int],
    settings: Settings,
    outdoor_c: Floats,
    evening: EveningDemand | None,
    seam: Seam | None,
    noted: Noted,
    models: Models,
) -> Timeline:
    """Build the timeline of the network's capacity, less units that fail on their own; placed batteries stay whole."""
    timeline = build_timeline(
        events, scenario, network, index, stream_numbers, settings=settings, outdoor_c=outdoor_c,
        extra_crews=measures.crews[:, None, :] if measures.crews.any() else None, spare_steps=measures.spare_steps,
        evening=evening, seam=seam, save_at=noted.steps, damage=models.damage or damage_of,
    )  # fmt: skip
    working = forced_outages(
        scenario, network, index, stream_numbers, settings=settings, steps=len(timeline.generator),
        outdoor_c=outdoor_c, seam=seam, noted=noted,
    )  # fmt: skip
    remaining = timeline.generator
    if working is not None:
        remaining = remaining * working
        timeline = replace(timeline, turbines=chp_remaining(working, network, index))
    at = np.full(measures.battery_available.shape[1], len(network.tables["generators"]))
    if len(at):
        limits = np.insert(timeline.announced.generator, at, 1.0, axis=-1)
        timeline = replace(timeline, announced=replace(timeline.announced, generator=limits))
    return replace(timeline, generator=np.insert(remaining, at, 1.0, axis=-1) if len(at) else remaining)


def _meeting(weather: xr.DataArray, scenario: Scenario, stream_numbers: Sequence[int]) -> Callable[[Floats], Floats]:
    """Return a function from the values of all members of the weather to those that the members of a run meet.

    A deterministic run meets their mean.
    """
    if "member" not in weather.dims:
        return lambda values: values
    if scenario.deterministic:
        return lambda values: values.mean(axis=-2)
    drawn = weather_members(scenario, stream_numbers, weather.sizes["member"])
    return lambda values: np.ascontiguousarray(values[..., drawn, :])


def check_size(scenario: Scenario, members: int) -> None:
    """Refuse a run of so many members whose result would not fit in memory.

    Raises
    ------
    InputError
        If there are too many members for one run, or the network cannot be read.
    """
    network, problems = examine_runnable(scenario.network, beside=scenario.folder, regions=scenario.network_regions)
    if network is None or problems:
        raise InputError(problems)
    _check_network_size(members, network, len(scenario.times_utc()))


def _check_network_size(members: int, network: Network, steps: int) -> None:
    """Refuse a run whose result would not fit in memory.

    Raises
    ------
    InputError
        If there are too many members for one run.
    """
    kinds = len(OWN_HEAT) + sum(str(column).startswith(SHARE) for column in network.tables["heat_systems"])
    per_cell = 8 * (3 * len(TIERS) + len(CAUSES) + len(network.technologies) + 20) + 4 * 2 * kinds
    size = per_cell * members * steps * len(network.regions)
    if size > MAX_RESULT_BYTES:
        most = int(members * MAX_RESULT_BYTES / size)
        message = f"would need {size / 1e9:.0f} GB at once; a single run of this length takes at most {most} members"
        hint = "gridmodel sweep takes any number"
        raise InputError([Problem(message=message, field="members", value=str(members), hint=hint)])


def _in_hour(weather: xr.DataArray, times: npt.NDArray[np.datetime64]) -> Floats:
    """Return the values of the hours that steps are in, shape ``(time, …, region)``."""
    hours = weather["time"].to_numpy().astype("datetime64[s]")
    return np.asarray(weather.to_numpy()[np.searchsorted(hours, times.astype("datetime64[s]"), side="right") - 1])


def _mean_of_steps(weather: xr.DataArray, clock: Clock) -> Floats:
    """Interpolate hourly values to the middle of steps, linear between those of hours, shape ``(time, …, region)``.

    A value is that of the hour that begins at its time, as sun and profiles are, so that the steps of an hour have its
    mean, but for the bend of the line.
    """
    hours = weather["time"].to_numpy().astype("datetime64[s]")
    position = (clock.times.astype("datetime64[s]") - hours[0]) / np.timedelta64(3600, "s")
    position = np.clip(position + 0.5 * (clock.step_h - 1.0), 0.0, len(hours) - 1)
    low = position.astype(int)
    high = np.minimum(low + 1, len(hours) - 1)
    part = (position - low).reshape(-1, *[1] * (weather.ndim - 1))
    values = weather.to_numpy()
    return np.asarray(values[low] * (1.0 - part) + values[high] * part)
