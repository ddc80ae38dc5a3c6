"""Settings of a scenario without effect, or against its network: warnings beside a run that can be made."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

import numpy as np

from gridmodel.errors import InputError, Problem, gathered
from gridmodel.events.timetable import examine_timetable, gaps
from gridmodel.inputs.files import find_timetable
from gridmodel.network.plausible import exempt_message, odd_storage, unmet_exempt
from gridmodel.scenario import Scenario
from gridmodel.scenario.groups.cascade import CascadeSettings
from gridmodel.services.demand_units import demand_problems
from gridmodel.services.measures import late_help
from gridmodel.services.power.protection import ends_of, vain_protection
from gridmodel.simulation.idle_events import idle_events
from gridmodel.simulation.inputs import RunInputs

OF_ORDER = ("reserve_mw", "industry_limit_share", "restore_share_per_h")
"""Settings that an optimum leaves out."""
OF_TURNS = ("rotation_block_h", "rotation_rest_h")
"""Settings of sub-queues that take turns."""
OF_HEATERS = ("heater_uptake", "heater_cap_kw", "heater_diversity")
OF_PICKUP = ("pickup_per_h", "pickup_most", "pickup_thermostatic_share", "pickup_tau_h")
OF_CASCADE = tuple(name for name in CascadeSettings.model_fields if name != "cascade")
OF_FREQUENCY = tuple(
    name for name in OF_CASCADE
    if name.startswith("relay_") or name in {"reserve_lag_s", "reserve_full_hz", "load_relief_per_hz", "unit_trip_hz"}
)  # fmt: skip
OF_STORAGE = ("recharge", "storage_start")
SLACK = 1e-6
"""Relative difference that is rounding. [1]"""


def unmeant(made: RunInputs, *, late: bool = True) -> list[Problem]:
    """Return warnings of what a run takes otherwise than it reads: settings without effect, more than there is, gaps.

    Parameters
    ----------
    made
        Inputs of the run. Only settings that differ from their defaults are told.
    late
        Whether help that comes after the end is told too.
    """
    scenario = made.scenario
    given = scenario.given()
    idle = [(name, reason) for name, reason in _idle(made) if name.partition(".")[0] in given]
    told = [_warning(scenario, name, f"has no effect {reason}") for name, reason in dict(idle).items()]
    told += [*_rounded(made, given), *_imports(made, given), *_demand(made), *_timetable(made)]
    told += [*_supply(made), *_beside_supply(made)]
    told += [*_exempt(made), *_storage(made), *_availability(made), *_protection(made, given), *idle_events(made)]
    return [*(late_help(scenario, scenario.mitigations) if late else ()), *told]


def warn(problems: Iterable[Problem], *, stacklevel: int) -> None:
    """Warn of problems in Python, each once and many of one kind as one, as commands print them.

    Parameters
    ----------
    problems
        Warnings.
    stacklevel
        Which caller the warning stands at: 1 is the function that calls this.

    Warns
    -----
    UserWarning
        Of each.
    """
    for problem in gathered(problems):
        warnings.warn(str(problem), UserWarning, stacklevel=stacklevel + 1)


def _warning(scenario: Scenario, path: str, message: str) -> Problem:
    """Return a warning at a setting, with the value that was given."""
    origin, given = scenario.origin, scenario.given()
    value, keys = given[path.partition(".")[0]], path.split(".")[1:]
    for key in keys:
        value = value[key]
    shown = "" if isinstance(value, Mapping) else f"{value:g}" if isinstance(value, float) else str(value)
    shown = f"[{', '.join(f'{end:g}' for end in value)}]" if isinstance(value, tuple) else shown
    return Problem(message=message, severity="warning", table=origin.shown, row=origin.line(path.split(".")),
                   field=path, value=shown)  # fmt: skip


def _idle(made: RunInputs) -> Iterator[tuple[str, str]]:
    """Yield the settings without effect in a run, and why."""
    scenario = made.scenario
    mean = scenario.rotation == "mean"
    switches: Sequence[tuple[bool, Sequence[str], str]] = (
        (scenario.cuts == "optimum", OF_ORDER, "with `cuts: optimum`"),
        (mean, OF_ORDER, "with `rotation: mean`, which takes the optimum"),
        (mean and scenario.cuts != "optimum", ("cuts",), "with `rotation: mean`, which takes the optimum"),
        (mean, ("critical_second_feed_share",), "with `rotation: mean`"),
        (scenario.rotation != "queues", OF_TURNS, f"with `rotation: {scenario.rotation}`: no sub-queues take turns"),
        (not scenario.heater_feedback, OF_HEATERS, "with `heater_feedback: false`"),
        (not scenario.feeder_limits, ("feeder_limit_factor", "feeder_limit_kw"), "with `feeder_limits: false`"),
        (scenario.feeder_limit_kw is not None, ("feeder_limit_factor",), "beside `feeder_limit_kw`"),
        (not scenario.cold_load_pickup, OF_PICKUP, "with `cold_load_pickup: false`"),
        (scenario.cascade == "none", OF_CASCADE, "without a `cascade`"),
        (scenario.cascade == "overload", OF_FREQUENCY, "with `cascade: overload`, which follows no frequency"),
        (scenario.demand is None, ("demand_use",), "without a file of `demand`"),
        (made.demand_mw is not None and scenario.demand_use == "replace", ("demand_factor",),
         "with `demand_use: replace`, which takes the file as it is"),
        (scenario.supply is None, ("supply_range", "supply_autocorrelation_h"), "without a file of `supply`"),
        (made.supply is not None and made.supply.import_limit_mw is not None, ("import_limit_mw",),
         "beside the column import_limit_mw of `supply`, which replaces it"),
        (scenario.deterministic or scenario.members != "auto", ("stop_at",), "without `members: auto`"),
        (not made.parts["power"].fleet.charges.any(), OF_STORAGE,
         "on a network without pumped storage and batteries"),
    )  # fmt: skip
    for holds, names, reason in switches:
        yield from ((name, reason) for name in names if holds)
    known = set(made.network.tables["generators"]["technology"])
    for setting in ("availability", "forced_outages"):
        for name in getattr(scenario, setting):
            if name not in known:
                yield f"{setting}.{name}", f"on a network without {name}"


def _exempt(made: RunInputs) -> Iterator[Problem]:
    """Yield the regions of which more is exempt than firms have."""
    regions = made.network.tables["regions"]
    for _, region in regions[unmet_exempt(regions)].iterrows():
        yield Problem(message=exempt_message(region), severity="warning", table=f"{made.network.name}/regions.csv",
                      field=f"{region['id']}: share_exempt", value=f"{region['share_exempt']:g}")  # fmt: skip


def _storage(made: RunInputs) -> Iterator[Problem]:
    """Yield what the check of the network tells of its stores, by the id of the generator."""
    plants = made.network.tables["generators"]
    for place, said in odd_storage(plants):
        yield replace(
            said, table=f"{made.network.name}/generators.csv", field=f"{plants['id'].iloc[place]}: {said.field}"
        )


def _availability(made: RunInputs) -> Iterator[Problem]:
    """Yield factors on what is available that ask for more than the capacity of plant."""
    scenario, plants = made.scenario, made.network.tables["generators"]
    for name in scenario.availability:
        own = plants[plants["technology"] == name]
        factor = ends_of(scenario, f"availability.{name}", 1.0)[0]  # of a range the least: its end may be at the most
        asked = own["p_available_mw"].to_numpy(dtype=float) * factor
        most = own["p_max_mw"].to_numpy(dtype=float)
        if factor > 1 and (asked > most * (1 + SLACK)).any():
            gives = np.minimum(asked, most).sum()
            message = f"gives {gives:,.0f} MW of {name}, not {asked.sum():,.0f}: no plant gives more than its capacity"
            yield _warning(scenario, f"availability.{name}", message)


def _protection(made: RunInputs, given: Mapping[str, object]) -> Iterator[Problem]:
    """Yield settings of relays that never act, or that act as others."""
    if made.scenario.cascade == "full":
        for names, message in vain_protection(made.scenario, made.network, given):
            yield from [_warning(made.scenario, name, message) for name in names if name in given][:1]


def _rounded(made: RunInputs, given: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the hours of turns that act as the next whole hour, which they are counted in."""
    scenario = made.scenario
    for name in OF_TURNS:
        hours = getattr(scenario, name)
        whole = scenario.rotation != "queues" or hours % 1 == 0 or scenario.step_h < 1 or name in scenario.distributions
        if name in given and not whole:
            yield _warning(scenario, name, f"acts as {ceil(hours)} h: sub-queues change at full hours")


def _imports(made: RunInputs, given: Mapping[str, object]) -> Iterator[Problem]:
    """Yield a limit of imports that the borders never let come to bear."""
    scenario, fleet = made.scenario, made.parts["power"].fleet
    borders = float(fleet.p_max_mw[fleet.border].sum())
    message = f"is more than the borders of this network carry, {borders:,.0f} MW, which are the limit then"
    if made.supply is not None and made.supply.import_limit_mw is not None:
        if made.supply.import_limit_mw.min() > borders * (1 + SLACK):
            yield Problem(message=message, severity="warning", table=Path(str(scenario.supply)).name,
                          field="import_limit_mw", value=f"{made.supply.least_import_mw:.10g}")  # fmt: skip
        return
    drawn = scenario.distributions.get("import_limit_mw")
    least = scenario.import_limit_mw if drawn is None else drawn.end(0.0)
    if "import_limit_mw" in given and least is not None and least > borders * (1 + SLACK):
        yield _warning(scenario, "import_limit_mw", message)


def _supply(made: RunInputs) -> Iterator[Problem]:
    """Yield what a file of supply says beyond the network, or of technologies that it lacks."""
    if made.supply is None:
        return
    scenario, table = made.scenario, made.network.tables["generators"]
    shown = Path(str(scenario.supply)).name
    low, high = scenario.supply_range
    if not low <= 1 <= high:
        yield _warning(scenario, "supply_range", "does not contain 1, so that no member has what the file says")
    installed = table.groupby("technology")["p_max_mw"].sum()
    exact = made.supply.megawatts
    columns = {**{f"{name}_mw": name for name in exact.output}, **{f"{name}_out_mw": name for name in exact.out}}
    columns |= {name: name for name in made.supply.availability}
    for column, name in columns.items():
        if name not in installed.index:
            yield Problem(message=f"has no effect: the network has no {name}", severity="warning", table=shown,
                          field=column)  # fmt: skip
            continue
        given = (
            exact.out.get(name) if column.endswith("_out_mw") else exact.output.get(name) if column != name else None
        )
        most = 0.0 if given is None else float(np.max(given))
        if most > installed[name] * (1 + SLACK):
            taken = "nothing of it is left" if column.endswith("_out_mw") else "taken as it is"
            yield Problem(message=f"is more than the {installed[name]:,.0f} MW that the network has: {taken}",
                          severity="warning", table=shown, field=column, value=f"{most:g}")  # fmt: skip


def _beside_supply(made: RunInputs) -> Iterator[Problem]:
    """Yield a file of supply that ends before the run, and settings that its megawatts replace."""
    if made.supply is None:
        return
    scenario, shown = made.scenario, Path(str(made.scenario.supply)).name
    if made.supply.held_from:
        message = (
            f"is the last row, before the start of the run at {scenario.start_utc:%Y-%m-%d %H:%M}: its values hold"
        )
        yield Problem(message=f"{message} throughout", severity="warning", table=shown, field="time",
                      value=f"{made.supply.held_from} UTC")  # fmt: skip
    for name in made.supply.megawatts.output:
        if name in scenario.availability:
            yield _warning(scenario, f"availability.{name}", f"has no effect beside the column {name}_mw of `supply`")


def _demand(made: RunInputs) -> list[Problem]:
    """Return the regions whose demand by a file may be in another unit; the run refuses what is sure."""
    if made.demand_mw is None:
        return []
    found = demand_problems(made.demand_mw, made.network, shown=Path(str(made.scenario.demand)).name)
    return [replace(problem, severity="warning") for problem in found]


def _timetable(made: RunInputs) -> list[Problem]:
    """Return the half hours of the run of which a timetable says nothing."""
    scenario = made.scenario
    if scenario.timetable is None:
        return []
    try:
        path = find_timetable(scenario.timetable, beside=scenario.folder)
    except InputError as error:  # gone since the run was read
        return error.problems
    first, end = (np.datetime64(moment, "s") for moment in (scenario.start_utc, scenario.end_utc))
    off, problems = examine_timetable(path, None, first=first, end=end, timezone=scenario.local_timezone)
    return problems if off is None or problems else gaps(off, first, end, shown=path.name)
