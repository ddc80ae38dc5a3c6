"""Files that a scenario names: read and checked together, each whatever is wrong with the others."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.events import Event, examine_events
from gridmodel.events.timetable import examine_timetable, off_share
from gridmodel.inputs.country import FILE
from gridmodel.inputs.files import find_timetable
from gridmodel.inputs.series import Series
from gridmodel.interchange import examine_runnable
from gridmodel.network import Network
from gridmodel.network.read import CLOCK_HINT, NO_CLOCK
from gridmodel.results.metrics import METRIC_NAMES
from gridmodel.results.value import weight_problems
from gridmodel.scenario import Scenario
from gridmodel.scenario.model import Draft
from gridmodel.scenario.read import read_draft
from gridmodel.services.demand_units import demand_problems
from gridmodel.services.measures import check_measures
from gridmodel.services.power.protection import check_protection
from gridmodel.services.power.queues import check_queues
from gridmodel.services.supply import read_demand, read_supply
from gridmodel.simulation.held_state import HeldState
from gridmodel.simulation.save_times import check_save_times
from gridmodel.simulation.state import SavedState, examine_state
from gridmodel.weather import examine_weather


@dataclass(slots=True, kw_only=True)
class Files:
    """Inputs that a scenario names, as far as they can be read, and all that is wrong with them."""

    network: Network | None = None
    weather: xr.DataArray | None = None
    """``temperature(time, …, region)`` of the file; None if it has errors. [degC]"""
    events: list[Event] = field(default_factory=list)
    timetable: xr.DataArray | None = None
    """As `gridmodel.events.timetable.read_timetable` returns it; None without one."""
    demand: Series | None = None
    """Demand by date; None without a file. [MW]"""
    supply: Series | None = None
    """Imports and availability by date; None without a file."""
    state: SavedState | None = None
    """State that the run begins from; None without one."""
    problems: list[Problem] = field(default_factory=list)


def read_files(  # noqa: PLR0915 - one step for each file
    scenario: Scenario, unknown: Collection[str] = (), held: HeldState | None = None
) -> Files:
    """Read everything that a scenario names and check it as far as it can be checked.

    Parameters
    ----------
    scenario
        A scenario, or the placeholders of one with errors.
    unknown
        Names of the settings whose value is not known.
    held
        State in memory from which the run goes on, in place of a file.

    Warns
    -----
    UserWarning
        If neither the scenario nor the network names a time zone.
    """
    made, unsure = Files(), set(unknown)
    if "network" not in unsure:
        made.network, problems = examine_runnable(
            scenario.network, beside=scenario.folder, regions=scenario.network_regions
        )
        made.problems += problems
    network = made.network
    if scenario.timezone is None and (network is None or (network.about is None and FILE in network.broken)):
        unsure |= {"timezone"}
    foreign = network is not None and network.electrical is not None
    silent = scenario.timezone is None and network is not None and network.about is None and not foreign
    if silent and network is not None and not unsure & {"timezone"}:
        message = f"{network.name}: {NO_CLOCK}; {CLOCK_HINT}, or give the scenario a `timezone:`"
        warnings.warn(message, UserWarning, stacklevel=4)
    regions = None if network is None else network.regions
    if "weather" not in unsure:
        made.weather, problems = examine_weather(scenario, None if foreign else regions, unknown=unsure)
        made.problems += problems
        if foreign and made.weather is not None and regions is not None:
            made.weather = _everywhere(made.weather, regions)
    made.problems += _state(scenario, network, unsure, made, held)
    made.problems += check_save_times(scenario, unsure)
    if "events" not in unsure:
        past = made.state.past.rows if made.state is not None else () if scenario.start_state is not None else None
        shown = "" if made.state is None else made.state.shown
        made.events, problems = examine_events(scenario, network, unknown=unsure, past=past, shown=shown)
        made.problems += problems
    if "timetable" not in unsure and scenario.timetable is not None:
        made.timetable, problems = _timetable(scenario, scenario.timetable, regions, unsure)
        made.problems += problems
    made.problems += _series(scenario, network, unsure, made)
    made.problems += _against_the_network(scenario, network, unsure)
    made.problems += _stop_at(scenario) + _help_weights(scenario, unsure)
    made.problems = _at_their_lines(scenario, made.problems)
    return made


_NAMED = ("network", "weather", "events", "timetable", "demand", "supply", "start_state")
"""Settings that name files."""


def _at_their_lines(scenario: Scenario, problems: list[Problem]) -> list[Problem]:
    """Return problems, those of files as a whole with the place in the scenario that names them.

    A file that does not exist is told at that place, and one that cannot be read as its own problem, with a hint.
    """
    origin = scenario.origin
    lines = {name: line for name in _NAMED if (line := origin.line([name])) is not None}
    given = {name: getattr(scenario, name) for name in lines}
    files = {name: Path(value).name for name, value in given.items() if isinstance(value, str)}
    found = []
    for problem in problems:
        names = [name for name, file in files.items() if file == problem.table.partition("/")[0]]
        if problem.field in lines and not problem.table:
            found.append(replace(problem, table=origin.shown, row=lines[problem.field]))
        elif names and problem.row is None and not problem.field:
            at = f"named by {' and by '.join(f'{name} in line {lines[name]}' for name in names)} of {origin.shown}"
            found.append(replace(problem, hint="; ".join(filter(None, (problem.hint, at)))))
        else:
            found.append(problem)
    return found


def _everywhere(weather: xr.DataArray, regions: list[str]) -> xr.DataArray:
    """Return weather for the regions of a network of another program: the mean of all places where none is theirs."""
    known = [str(name) for name in weather["region"].to_numpy()]
    if set(regions) <= set(known):
        return weather
    mean = weather.mean("region", keep_attrs=True)
    parts = [
        weather.sel(region=[name]) if name in known else mean.expand_dims(region=[name], axis=-1) for name in regions
    ]
    whole: xr.DataArray = xr.concat(parts, dim="region", coords="minimal", compat="override", join="override")
    return whole.transpose(*weather.dims)


def _state(
    scenario: Scenario, network: Network | None, unsure: Collection[str], made: Files, held: HeldState | None
) -> list[Problem]:
    """Read the state that a run goes on from, of a file or in memory, and return its problems."""
    problems: list[Problem] = []
    if "start_state" not in unsure and scenario.start_state is not None:
        made.state, problems = examine_state(scenario, network, unknown=unsure)
    if held is not None and network is not None:
        made.state = held.loaded(scenario, network)
    return problems


def _timetable(
    scenario: Scenario, name: str, regions: list[str] | None, unsure: Collection[str]
) -> tuple[xr.DataArray | None, list[Problem]]:
    """Read and check the timetable of a scenario."""
    try:
        path = find_timetable(name, beside=scenario.folder)
    except InputError as error:
        return None, error.problems
    known = "timezone" not in unsure
    first = np.datetime64(scenario.start_utc, "s") if known and "start" not in unsure else None
    end = np.datetime64(scenario.end_utc, "s") if known and "end" not in unsure else None
    return examine_timetable(path, regions, first=first, end=end, timezone=scenario.local_timezone)


def _series(scenario: Scenario, network: Network | None, unsure: Collection[str], made: Files) -> list[Problem]:
    """Read the series of demand and of supply that a scenario names, and return their problems."""
    problems: list[Problem] = []
    try:
        if "demand" not in unsure:
            places = None if network is None else network.places
            made.demand = read_demand(scenario, places, unknown=unsure)
            problems += _demand_units(scenario, made)
    except InputError as error:
        problems += error.problems
    try:
        if "supply" not in unsure:
            made.supply = read_supply(scenario, unknown=unsure)
    except InputError as error:
        problems += error.problems
    return problems


def _demand_units(scenario: Scenario, made: Files) -> list[Problem]:
    """Return the problems of demand that is not in megawatts, by that of the network."""
    if made.demand is None or made.network is None or "regions" in made.network.broken:
        return []
    order = [made.demand.names.index(region) for region in made.network.regions]
    found = demand_problems(made.demand.values[:, order], made.network, shown=Path(str(scenario.demand)).name)
    return [problem for problem in found if problem.severity == "error"]


def _against_the_network(scenario: Scenario, network: Network | None, unsure: Collection[str]) -> list[Problem]:
    """Return the problems of settings and measures that do not fit the network."""
    problems: list[Problem] = []
    if "mitigations" not in unsure:
        problems += check_measures(scenario, network, unknown=unsure)
    if network is not None and not network.broken:
        problems += check_queues(scenario, network, unknown=unsure)
        problems += check_protection(scenario, network, unknown=unsure)
    return problems


def _stop_at(scenario: Scenario) -> list[Problem]:
    """Return the problem of a rule for `members: auto` whose metric does not exist."""
    metric = scenario.stop_at.metric
    if scenario.members != "auto" or scenario.deterministic or metric in METRIC_NAMES:
        return []
    row = scenario.origin.line(["stop_at", "metric"])
    return [
        Problem(message="is not a per-member metric", table=scenario.origin.shown if row else "", row=row,
                field="stop_at.metric", value=metric, hint=nearest(metric, METRIC_NAMES))
    ]  # fmt: skip


def _help_weights(scenario: Scenario, unsure: Collection[str]) -> list[Problem]:
    """Return the problems of weights of help, each at its line."""
    if "help_weights" in unsure or not scenario.help_weights:
        return []
    found = weight_problems(scenario.help_weights, "help_weights")
    rows = [scenario.origin.line(["help_weights", problem.value]) for problem in found]
    return [
        replace(problem, table=scenario.origin.shown if row else "", row=row)
        for problem, row in zip(found, rows, strict=True)
    ]


def imposed(
    off: xr.DataArray | None, regions: list[str], times: npt.NDArray[np.datetime64], step_h: float
) -> npt.NDArray[np.float64] | None:
    """Return the share of each region's consumers in the queues that a timetable switches off, ``(time, region)``. [1]

    Regions and half hours that the file does not name stay on. None without a timetable.
    """
    if off is None:
        return None
    return off_share(off.clip(min=0), times, step_h).reindex(region=regions, fill_value=0.0).to_numpy()


def read_scenario(name: str | Path, changes: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario that is to be run.

    Parameters
    ----------
    name
        A bundled name or the path of a YAML file.
    changes
        Settings in place of the file's.

    Raises
    ------
    InputError
        If a setting is wrong: with every problem of the settings and of everything that the file names, as far as it
        can be checked without what is wrong. Files named by right settings are checked where the run reads them.
    """
    found = read_known(name, changes)
    if found.problems:
        raise InputError(found.problems)
    return found.scenario


def read_known(name: str | Path, changes: Mapping[str, Any] | None = None) -> Draft:
    """Read a scenario as far as it can be read, so that whatever else a command is given can be checked with it.

    Parameters
    ----------
    name, changes
        As of `read_scenario`.

    Returns
    -------
    Draft
        With every problem that `read_scenario` would raise; none if the scenario can be run as far as its settings go.

    Raises
    ------
    InputError
        With every problem, if the file is not a scenario at all.
    """
    draft = read_draft(name)
    made, problems, unknown = draft.scenario, list(draft.problems), set(draft.unknown)
    if changes:
        try:
            made = made.replace(**changes)
        except InputError as error:
            problems += error.problems
            unknown |= set(changes)
        else:
            unknown -= set(changes)
    made = with_region_ids(made)
    if problems:
        problems += quiet_problems(made, unknown)
    return Draft(scenario=made, problems=problems, unknown=frozenset(unknown))


def with_region_ids(scenario: Scenario) -> Scenario:
    """Return a scenario whose measures have the ids of their regions, which may be given by name in any language."""
    if not any(one.region for one in scenario.mitigations):
        return scenario
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the run warns, and says what is wrong with the network
            network, wrong = examine_runnable(
                scenario.network, beside=scenario.folder, regions=scenario.network_regions
            )  # fmt: skip
    except InputError:
        return scenario
    if network is None or wrong:
        return scenario
    placed = tuple(
        one.model_copy(update={"region": network.places.find(one.region) or one.region}) if one.region else one
        for one in scenario.mitigations
    )
    return scenario if placed == scenario.mitigations else scenario.model_copy(update={"mitigations": placed})


def quiet_problems(scenario: Scenario, unknown: Collection[str] = ()) -> list[Problem]:
    """Return what is wrong with everything that a scenario names; parameters as of `read_files`, which may warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return read_files(scenario, unknown).problems


def check_scenario(name: str | Path) -> list[Problem]:
    """Return everything that is wrong with a scenario and all that it names; empty if it can be run.

    Parameters
    ----------
    name
        A bundled name or the path of a YAML file.

    Returns
    -------
    list of Problem
        Of the settings, network, weather, events, timetable and measures, each with file, line, field, value and what
        is allowed. Nothing is raised for a file that is missing or cannot be read.

    Examples
    --------
    >>> import gridmodel as gm
    >>> gm.check_scenario("january-2026")
    []
    """
    try:
        found = read_scenario(name)
    except InputError as error:
        return error.problems
    return quiet_problems(found)
