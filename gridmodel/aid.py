"""Help that has been placed, as what it adds: generators, heat, fuel trucks, by step and region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problem, nearest
from gridmodel.names import SYSTEMS
from gridmodel.network import Network
from gridmodel.scenario import Scenario

Floats = npt.NDArray[np.float64]

SYSTEM_OF = {"waterworks": "water", "heat_source": "heat"}
"""System on backup that a mobile generator's target is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """What help adds."""

    backup_mw: Floats
    """Generators, shape ``(time, region, system)``. [MW]"""
    mobile_mw: Floats
    """Heat of mobile boilers, shape ``(time, region)``. [MW]"""
    trucks: Floats
    """Fuel trucks, shape ``(time, region)``. [1]"""


def no_aid(steps: int, regions: int) -> Aid:
    """No help."""
    none = np.zeros((steps, regions))
    return Aid(backup_mw=np.zeros((steps, regions, len(SYSTEMS))), mobile_mw=none, trucks=none.copy())


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
    return aid


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
        if message:
            place = "mitigations, row"
            problems.append(
                Problem(message=message, table=place, row=number, field="region", value=help_.region, hint=hint)
            )
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
