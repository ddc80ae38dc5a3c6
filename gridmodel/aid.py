"""What help that has been placed changes in a run."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problem, nearest
from gridmodel.network import Network
from gridmodel.scenario import Scenario

Floats = npt.NDArray[np.float64]


def check_help(scenario: Scenario, network: Network) -> list[Problem]:
    """Problems of help that a network has no place for."""
    problems = []
    heated = set(network.tables["heat_systems"]["region"])
    for number, help_ in enumerate(scenario.mitigations, start=1):
        message, hint = "", ""
        if help_.region and help_.region not in network.regions:
            message, hint = "is no region of this network", nearest(help_.region, network.regions)
        elif help_.kind == "mobile_boiler" and help_.region not in heated:
            message = "has no district heat that a boiler could feed"
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


def with_boilers(scenario: Scenario, network: Network, left: Floats) -> Floats:
    """Share of heat sources that is left, mobile boilers counted in, shape as `left`: ``(time, member, region)``.

    Notes
    -----
    A boiler replaces capacity that is lost; it does not raise a heat network above what it was built for.
    """
    table = network.tables["heat_systems"].groupby("region")["source_max_mw_th"].sum()
    raised = left
    for help_ in scenario.mitigations:
        if help_.kind == "mobile_boiler":
            place = network.regions.index(help_.region)
            gain = help_.size / max(float(table[help_.region]), 1e-9) * _there(scenario, help_.available_from)
            raised = raised.copy()
            raised[:, :, place] = np.minimum(raised[:, :, place] + gain[:, None], np.maximum(raised[:, :, place], 1.0))
    return raised


def _there(scenario: Scenario, since: datetime | None) -> Floats:
    """1 in steps that begin when help has come, shape ``(time,)``."""
    times = scenario.times_utc()
    if since is None:
        return np.ones(len(times))
    return np.asarray(times >= np.datetime64(scenario.to_utc(since), "s"), dtype=np.float64)
