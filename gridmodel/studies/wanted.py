"""Needs of a run as options: what could be sent to whom, in units that are sent, at usual costs, and what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.inputs.spreadsheet import csv_text
from gridmodel.network.read import Network
from gridmodel.results.metrics import step_h
from gridmodel.results.needs import needs
from gridmodel.scenario import KINDS, Mitigation, Scenario
from gridmodel.studies.mitigation import Purchase, plan

COLUMNS = ("name", "kind", "region", "size", "cost_eur", "available_from", "target")
"""Columns of a file of options."""
MOST_UNITS = 40
"""Most units of one kind in one option. Ours: a whole convoy; what is needed beyond it no one sends in days."""


def options_for(result: xr.Dataset, scenario: Scenario, network: Network, region: str = "") -> list[Mitigation]:
    """Return options that meet the needs of a run in its bad case, rounded up to units that are sent, at usual costs.

    Parameters
    ----------
    result
        Result of the scenario.
    scenario, network
        What it was run with.
    region
        Id of a region, whose needs alone are met; empty for every region. Imports and spare transformers help all.
    """
    raise NotImplementedError


def plan_options(
    scenario: Scenario, options: Sequence[Mitigation], *, budget_eur: float,
    progress: Callable[[int], None] | None = None,
) -> Purchase:  # fmt: skip
    """Choose among options as `gridmodel.plan` does."""
    return plan(scenario, options, budget_eur=budget_eur, progress=progress)


def options_table(options: Sequence[Mitigation]) -> str:
    """Return options as a file that `gridmodel plan` reads."""
    rows = [[one.name, one.kind, one.region, f"{one.size:.10g}", f"{one.cost_eur:.10g}",
             "" if one.available_from is None else f"{one.available_from:%Y-%m-%d %H:%M}", one.target]
            for one in options]  # fmt: skip
    return csv_text([[*COLUMNS], *rows])
