"""Help that has been placed, as what it adds: generators, heat, trucks, crews, spares and batteries, by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import Problem, nearest
from gridmodel.network import Network, load_bus
from gridmodel.scenario import Mitigation, Scenario
from gridmodel.scenario.backup_systems import SYSTEMS

SYSTEM_OF = {"waterworks": "water", "heat_source": "heat"}
"""System on backup that a mobile generator's target is."""
DRAWN_ONLY = ("repair_crew", "spare_transformers")
"""Help that shows only where damage is drawn: expected damage is mended as if nothing were short."""
BATTERY_H = 2.0
"""Hours that a battery gives its power for. [h] [B] As the batteries of the bundled networks."""
BATTERY = {
    "technology": "battery", "units": 1, "min_stable_pu": 0.0, "restart_h": 0.06, "black_start": False,
    "grid_forming": False, "cost_eur_per_mwh": 130.0,
}  # fmt: skip
"""What a battery is like beside its size. [B] As the batteries of the bundled networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """What help adds."""

    backup_mw: Floats
    """Generators, shape ``(time, region, system)``. [MW]"""
    mobile_mw: Floats
    """Heat of mobile boilers, shape ``(time, region)``. [MW]"""
    trucks: Floats
    """Fuel trucks, shape ``(time, region)``. [1]"""
    crews: Floats
    """Repair crews, shape ``(time, region)``. [1]"""
    spare_steps: Ints
    """First step in which each spare transformer is there, in order, shape ``(spare,)``."""
    battery_there: Floats
    """1 where a battery has come, shape ``(time, battery)``. [1]"""


def no_aid(steps: int, regions: int) -> Aid:
    """No help."""
    none = np.zeros((steps, regions))
    return Aid(
        backup_mw=np.zeros((steps, regions, len(SYSTEMS))), mobile_mw=none, trucks=none.copy(), crews=none.copy(),
        spare_steps=np.zeros(0, dtype=np.intp), battery_there=np.zeros((steps, 0)),
    )  # fmt: skip


def build_aid(scenario: Scenario, network: Network) -> Aid:
    """Help that a scenario has placed, from the step in which it has come."""
    aid = no_aid(len(scenario.times_utc()), len(network.regions))
    for help_ in scenario.mitigations:
        if help_.region:
            place = network.regions.index(help_.region)
            size = help_.size * _there(scenario, help_.available_from)
            if help_.kind == "mobile_generator":
                aid.backup_mw[:, place, SYSTEMS.index(SYSTEM_OF[help_.target])] += size
            elif help_.kind == "mobile_boiler":
                aid.mobile_mw[:, place] += size
            elif help_.kind == "fuel_truck":
                aid.trucks[:, place] += size
            elif help_.kind == "repair_crew":
                aid.crews[:, place] += size
    there = [_there(scenario, help_.available_from) for help_ in _of(scenario, "battery")]
    spares = [
        np.full(int(help_.size), np.count_nonzero(_there(scenario, help_.available_from) == 0), dtype=np.intp)
        for help_ in _of(scenario, "spare_transformers")
    ]
    return replace(
        aid, spare_steps=np.sort(np.concatenate([aid.spare_steps, *spares])),
        battery_there=np.column_stack(there) if there else aid.battery_there,
    )  # fmt: skip


def with_batteries(network: Network, scenario: Scenario) -> Network:
    """Return the network with a row of `generators` for each battery placed, after its own; itself without one.

    Notes
    -----
    A battery stands at the load bus of its region, comes charged, and holds `BATTERY_H` hours of its power. It is help
    that is placed, so no event reaches it: build the timeline with the network as it was.
    """
    table, placed = network.tables["generators"], list(_of(scenario, "battery"))
    if not placed:
        return network
    usual = {column: np.nan if table[column].dtype.kind == "f" else "" for column in table}
    rows = [
        usual | BATTERY | {
            "id": f"{help_.region}/placed battery {number}", "region": help_.region,
            "bus": load_bus(network, help_.region), "p_max_mw": help_.size, "p_available_mw": help_.size,
            "storage_mwh": BATTERY_H * help_.size,
        }
        for number, help_ in enumerate(placed, start=1)
    ]  # fmt: skip
    longer = {column: [*table[column], *(row[column] for row in rows)] for column in table}
    made = pd.DataFrame(longer).astype({"units": np.int64, **dict.fromkeys(("black_start", "grid_forming"), bool)})
    return replace(network, tables=network.tables | {"generators": made})


def _of(scenario: Scenario, kind: str) -> list[Mitigation]:
    """Help of a kind."""
    return [help_ for help_ in scenario.mitigations if help_.kind == kind]


def check_help(scenario: Scenario, network: Network) -> list[Problem]:
    """Problems of help that a network has no place for."""
    problems = []
    heated, watered = (set(network.tables[name]["region"]) for name in ("heat_systems", "water_systems"))
    for number, help_ in enumerate(scenario.mitigations, start=1):
        message, hint = "", ""
        if help_.region and help_.region not in network.regions:
            message, hint = "is no region of this network", nearest(help_.region, network.regions)
        elif (help_.kind == "mobile_boiler" or help_.target == "heat_source") and help_.region not in heated:
            message = "has no district heat"
        elif help_.target == "waterworks" and help_.region not in watered:
            message = "has no waterworks"
        elif help_.kind == "import" and not len(network.tables["interconnectors"]):
            message = "import: this network has no interconnector"
        elif help_.kind in DRAWN_ONLY and scenario.deterministic:
            message = f"{help_.kind} changes nothing in a deterministic run, where crews and spares are no limit"
            hint = "deterministic: false"
        if message:
            place = scenario.origin.row("mitigations", number, "region")
            problems.append(Problem(message=message, **place, field="region", value=help_.region, hint=hint))
    return problems


def more_import_mw(scenario: Scenario) -> Floats:
    """Imports beyond the scenario's limit that help brings, shape ``(time,)``. [MW]

    Notes
    -----
    What the borders can pass, and a limit that an event sets, still hold.
    """
    more = np.zeros(len(scenario.times_utc()))
    for help_ in scenario.mitigations:
        if help_.kind == "import":
            more += help_.size * _there(scenario, help_.available_from)
    return more


def _there(scenario: Scenario, since: datetime | None) -> Floats:
    """1 in steps that begin when help has come, shape ``(time,)``."""
    times = scenario.times_utc()
    if since is None:
        return np.ones(len(times))
    return np.asarray(times >= np.datetime64(scenario.to_utc(since), "s"), dtype=np.float64)
