"""Mitigation measures: the generators, heat, trucks, crews, spares and batteries that they add in each step."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import Problem
from gridmodel.network import Network, load_buses
from gridmodel.network.plant import PLACED
from gridmodel.scenario import Mitigation, Scenario
from gridmodel.scenario.backup_systems import SYSTEMS
from gridmodel.scenario.groups.period import SKIPPED

SYSTEM_OF = {"waterworks": "water", "heat_source": "heat"}
"""System of `SYSTEMS` that a mobile generator supplies, by its target."""
SAMPLED_ONLY = ("repair_crew", "spare_transformers")
"""Measures without effect in a deterministic run, where neither crews nor spares run short."""
BATTERY_H = 2.0
"""Hours for which a battery can give its full power. [h] [B] As the batteries of the bundled networks."""
BATTERY = {
    "technology": "battery", "units": 1, "min_stable_pu": 0.0, "restart_h": 0.06, "black_start": False,
    "grid_forming": False, "cost_eur_per_mwh": 130.0,
}  # fmt: skip
"""Columns of `generators` for a battery, except its size. [B] As the batteries of the bundled networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Capacity that the mitigation measures of a scenario add in each step."""

    backup_mw: Floats
    """Backup generators, shape ``(time, region, system)``. [MW]"""
    mobile_mw: Floats
    """Heat of mobile boilers, shape ``(time, region)``. [MW]"""
    trucks: Floats
    """Fuel trucks, shape ``(time, region)``. [1]"""
    crews: Floats
    """Repair crews, shape ``(time, region)``. [1]"""
    drain_crews: Floats
    """Crews that drain pipes, shape ``(time, region)``. [1]"""
    spare_steps: Ints
    """First step in which each spare transformer is available, ascending, shape ``(spare,)``."""
    battery_available: Floats
    """1 in steps in which a battery is available, else 0, shape ``(time, battery)``. [1]"""


def no_measures(steps: int, regions: int) -> Measures:
    """Return measures that add nothing."""
    none = np.zeros((steps, regions))
    return Measures(
        backup_mw=np.zeros((steps, regions, len(SYSTEMS))), mobile_mw=none, trucks=none.copy(), crews=none.copy(),
        drain_crews=none.copy(), spare_steps=np.zeros(0, dtype=np.intp), battery_available=np.zeros((steps, 0)),
    )  # fmt: skip


def build_measures(scenario: Scenario, network: Network) -> Measures:
    """Compute what the measures of a scenario add, each from the step in which it is available.

    Parameters
    ----------
    scenario
        Its `mitigations`, checked by `check_measures`.
    network
        Network in which they are placed, without their batteries.
    """
    made = no_measures(len(scenario.times_utc()), len(network.regions))
    for measure in scenario.mitigations:
        if measure.region:
            place = network.regions.index(measure.region)
            size = measure.size * _available(scenario, measure.available_from)
            if measure.kind == "mobile_generator":
                made.backup_mw[:, place, SYSTEMS.index(SYSTEM_OF[measure.target])] += size
            elif measure.kind == "mobile_boiler":
                made.mobile_mw[:, place] += size
            elif measure.kind == "fuel_truck":
                made.trucks[:, place] += size
            elif measure.kind == "repair_crew":
                made.crews[:, place] += size
            elif measure.kind == "drain_crew":
                made.drain_crews[:, place] += size
    batteries = [_available(scenario, measure.available_from) for measure in _of(scenario, "battery")]
    spares = [
        np.full(int(measure.size), np.count_nonzero(_available(scenario, measure.available_from) == 0), dtype=np.intp)
        for measure in _of(scenario, "spare_transformers")
    ]
    return replace(
        made, spare_steps=np.sort(np.concatenate([made.spare_steps, *spares])),
        battery_available=np.column_stack(batteries) if batteries else made.battery_available,
    )  # fmt: skip


def with_batteries(network: Network, scenario: Scenario) -> Network:
    """Add a row to `generators` for each battery among the measures; without one, return the network itself.

    Notes
    -----
    A battery is at the load bus of its region, fully charged, and stores `BATTERY_H` hours of its power. Events do not
    hit measures: build the timeline with the network without batteries.
    """
    table, placed = network.tables["generators"], list(_of(scenario, "battery"))
    if not placed:
        return network
    feeding = load_buses(network)
    usual = {column: np.nan if table[column].dtype.kind == "f" else "" for column in table}
    rows = [
        usual | BATTERY | {
            "id": f"{measure.region}{PLACED}{number}", "region": measure.region,
            "bus": feeding[measure.region], "p_max_mw": measure.size, "p_available_mw": measure.size,
            "storage_mwh": BATTERY_H * measure.size,
        }
        for number, measure in enumerate(placed, start=1)
    ]  # fmt: skip
    longer = {column: [*table[column], *(row[column] for row in rows)] for column in table}
    made = pd.DataFrame(longer).astype({"units": np.int64, **dict.fromkeys(("black_start", "grid_forming"), bool)})
    return replace(network, tables=network.tables | {"generators": made})


def _of(scenario: Scenario, kind: str) -> list[Mitigation]:
    """Return the measures of one kind."""
    return [measure for measure in scenario.mitigations if measure.kind == kind]


def check_measures(scenario: Scenario, network: Network | None, *, unknown: Collection[str] = ()) -> list[Problem]:
    """Return the problems of measures that do not fit a network, have no effect in a run, or begin in a skipped hour.

    Parameters
    ----------
    scenario
        Its `mitigations`.
    network
        Network in which they are placed; of one with errors, the tables without any count. None if its regions are not
        known.
    unknown
        Settings whose value is not known.
    """
    problems = []
    known = {} if network is None else {name: set(network.tables[name]["region"]) for name in network.tables
                                        if name in {"heat_systems", "water_systems"} - network.broken}  # fmt: skip
    heated, watered = known.get("heat_systems"), known.get("water_systems")
    borders = network is None or "interconnectors" in network.broken or len(network.tables["interconnectors"]) > 0
    sampled = not scenario.deterministic or "deterministic" in unknown
    for number, measure in enumerate(scenario.mitigations, start=1):
        message, hint = "", ""
        heats = measure.region and (measure.kind in {"mobile_boiler", "drain_crew"} or measure.target == "heat_source")
        if network is not None and measure.region and measure.region not in network.regions:
            message, hint = network.places.unknown(measure.region, "this network")
        elif heated is not None and heats and measure.region not in heated:
            message = "has no district heat"
        elif (
            watered is not None
            and measure.region
            and measure.region not in watered
            and (measure.target == "waterworks" or measure.kind == "water_truck")
        ):
            message = "has no waterworks"
        elif measure.kind == "import" and not borders:
            message = "import needs an interconnector, and this network has none"
        elif measure.kind in SAMPLED_ONLY and not sampled:
            message = f"{measure.kind} has no effect in a deterministic run, where neither crews nor spares run short"
            hint = "deterministic: false"
        if message:
            place = scenario.origin.row("mitigations", number, "region")
            problems.append(Problem(message=message, **place, field="region", value=measure.region, hint=hint))
    return problems + ([] if "timezone" in unknown else _skipped(scenario))


def _skipped(scenario: Scenario) -> list[Problem]:
    """Return the problems of measures that begin in an hour that the clock skips."""
    return [
        Problem(message=SKIPPED, **scenario.origin.row("mitigations", number, "available_from"), field="available_from",
                value=f"{one.available_from:%Y-%m-%d %H:%M}")
        for number, one in enumerate(scenario.mitigations, start=1)
        if one.available_from is not None and not scenario.exists(one.available_from)
    ]  # fmt: skip


def late_help(scenario: Scenario, help_: Iterable[Mitigation]) -> list[Problem]:
    """Return a warning for each measure that comes when a run is over, so that it changes nothing.

    Parameters
    ----------
    scenario
        Run.
    help_
        Its measures, or some that it could have.
    """
    found = []
    for number, one in enumerate(help_, start=1):
        if one.available_from is not None and one.available_from >= scenario.end:
            message = f"is not before the end of the run, {scenario.end:%Y-%m-%d %H:%M}, so that it changes nothing"
            place = scenario.origin.row("mitigations", number, "available_from")
            found.append(Problem(message=message, severity="warning", **place, field="available_from",
                                 value=f"{one.available_from:%Y-%m-%d %H:%M}"))  # fmt: skip
    return found


def more_import_mw(scenario: Scenario) -> Floats:
    """Compute the imports that measures allow beyond the scenario's limit, shape ``(time,)``. [MW]

    Notes
    -----
    The capacity of the borders and limits set by events still apply.
    """
    more = np.zeros(len(scenario.times_utc()))
    for measure in scenario.mitigations:
        if measure.kind == "import":
            more += measure.size * _available(scenario, measure.available_from)
    return more


def _available(scenario: Scenario, since: datetime | None) -> Floats:
    """Return 1 in steps that begin at or after a local time, else 0, shape ``(time,)``; None means always."""
    times = scenario.times_utc()
    if since is None:
        return np.ones(len(times))
    return np.asarray(times >= np.datetime64(scenario.to_utc(since), "s"), dtype=np.float64)
