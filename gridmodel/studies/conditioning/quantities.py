"""Quantities that can be observed: what each is in a result, in which units it is given, and how far both may err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results import observed
from gridmodel.results.observed import Row

QUEUE_H = 4.0
"""Hours off a day that a queue is, if it is off all day: a sixth of the consumers in the queues. [h]"""
LASTING_D = 10.0
"""Time in which an error of the model falls to 1/e. [d] [B] Ours: between two waves of strikes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A quantity. Errors are standard deviations in its unit; relative ones are parts of the reported value.

    The larger of the two counts.
    """

    operator: Callable[[xr.Dataset, Row], Floats]
    """Values that a report would have given, shape ``(member,)``."""
    meaning: str
    units: Mapping[str, float]
    """Units that a row may have, with the factor to the first of them."""
    needs: tuple[str, ...]
    """Variables of a result."""
    report: float
    """Error of a report."""
    model: float
    """Error of the model that a scope has for itself; what a quantity has in common everywhere has the same."""
    report_part: float = 0.0
    model_part: float = 0.0
    low: float = 0.0
    high: float = inf
    back: bool = False
    """True where the day before is compared."""
    country: bool = False
    """True where only the whole country has it."""
    one_region: bool = False
    """True where only single regions have it."""

    @property
    def unit(self) -> str:
        """Return the unit in which values are kept."""
        return next(iter(self.units))

    def report_sd(self, value: float) -> float:
        """Return the usual error of a report of a value."""
        return max(self.report, self.report_part * abs(value))

    def model_sd(self, value: float) -> float:
        """Return the error of the model beside a value."""
        return max(self.model, self.model_part * abs(value))


_H = {"h": 1.0}
_SHARE = {"1": 1.0, "%": 0.01}
_PEOPLE = {"people": 1.0, "thousand people": 1e3, "million people": 1e6}
_MW = {"MW": 1.0, "GW": 1e3}
_GWH = {"GWh": 1.0, "MWh": 1e-3}
QUANTITIES: Mapping[str, Quantity] = {
    "hours_off_plan": Quantity(
        operator=observed.order_day_before, units=_H, needs=("subqueues_off", "population"), high=24.0, back=True,
        meaning="hours off a day of the mean sub-queue in a timetable; beside it the model's order of the day before",
        report=1.0, model=1.5,
    ),
    "hours_off_range": Quantity(
        operator=observed.order_middle_day_before, units={"h": 1.0, "queues": QUEUE_H}, high=24.0, back=True,
        needs=("subqueues_off", "population"), report=2.0, model=1.5,
        meaning="middle of a range over hours that the operator announced, as hours a day or as queues",
    ),
    "hours_off": Quantity(
        operator=observed.hours_served, units=_H, needs=("subqueues_off", "people_off_by_damage", "population"),
        meaning="hours off a day of the mean person in the queues, damage included, as it was", high=24.0,
        report=2.0, model=1.5,
    ),
    "queues": Quantity(
        operator=observed.queues_off, units={"queues": 1.0}, needs=("subqueues_off", "population"), high=6.0,
        meaning="mean number of queues off, of six", report=0.25, model=0.4,
    ),
    "share_off": Quantity(
        operator=observed.share_off, units=_SHARE, needs=("people_without_power", "population"), high=1.0,
        meaning="mean share of people without power", report=0.05, model=0.06,
    ),
    "people_off": Quantity(
        operator=observed.people_off, units=_PEOPLE, needs=("people_without_power", "population"),
        meaning="mean number of people without power", report=1e4, report_part=0.2, model=1e4, model_part=0.25,
    ),
    "homes_without_heat": Quantity(
        operator=observed.homes_without_heat, units=_SHARE, needs=("home_share", "population"), high=1.0,
        meaning="mean share of homes, or of buildings, on district heat that have none", report=0.03, report_part=0.2,
        model=0.05, model_part=0.25,
    ),
    "people_without_water": Quantity(
        operator=observed.people_without_water, units=_PEOPLE, needs=("people_without_water", "population"),
        meaning="most people without water in an hour", report=1e4, report_part=0.25, model=2e4, model_part=0.4,
    ),
    "deficit": Quantity(
        operator=observed.deficit, units=_MW, needs=("shed_mw", "population"), report=200.0, report_part=0.05,
        meaning="most power that is missing in an hour", model=400.0, model_part=0.05,
    ),
    "missing_share": Quantity(
        operator=observed.missing_share, units=_SHARE, needs=("shed_mw", "demand_mw"), high=1.0, country=True,
        meaning="largest share of demand that is missing in an hour", report=0.02, model=0.03,
    ),
    "served_share": Quantity(
        operator=observed.served_share, units=_SHARE, needs=("served_mw", "demand_mw"), high=1.0,
        meaning="share of demand that is served", report=0.05, model=0.06,
    ),
    "generation": Quantity(
        operator=observed.generation, units=_MW, needs=("generation_mw", "population"), report=200.0, report_part=0.05,
        meaning="mean generation without imports", model=300.0, model_part=0.05,
    ),
    "imports": Quantity(
        operator=observed.mean_import, units=_MW, needs=("import_mw",), report=20.0, report_part=0.05, country=True,
        meaning="mean imports", model=100.0, model_part=0.1,
    ),
    "import_energy": Quantity(
        operator=observed.imported, units=_GWH, needs=("import_mw",), report=0.5, report_part=0.03, country=True,
        meaning="energy imported", model=2.0, model_part=0.1,
    ),
    "peak_import": Quantity(
        operator=observed.peak_import, units={"GW": 1.0, "MW": 1e-3}, needs=("import_mw",), report=0.02,
        report_part=0.05, country=True, meaning="highest imports in an hour", model=0.1, model_part=0.1,
    ),
    "homes_still_cold": Quantity(
        operator=observed.still_cold, units=_SHARE, needs=("home_share",), high=1.0, one_region=True,
        meaning="part of the homes disconnected by an event at `from` that have no heat yet at `to`",
        report=0.05, model=0.1,
    ),
    "people_still_dry": Quantity(
        operator=observed.still_dry, units=_SHARE, needs=("people_without_water",), high=1.0, one_region=True,
        back=True, meaning="people without water at `to` over the most in the first day from `from`",
        report=0.05, model=0.15,
    ),
    "indoor_temperature": Quantity(
        operator=observed.homes_c, units={"degC": 1.0}, low=-40.0, high=40.0, report=1.0, model=1.5,
        needs=("indoor_temperature", "home_share", "archetype_share", "population"),
        meaning="mean temperature in homes on district heat",
    ),
}  # fmt: skip
"""Quantities by name. Errors [B] are ours: two timetables of one zone and day differ by 2 to 3 h; deficits are stated
in half gigawatts; people and buildings are counted by different services, a fifth apart."""


def lasting(days: Floats) -> Floats:
    """Return the correlation of errors of the model between days, shape ``(row, row)``. [1]

    Parameters
    ----------
    days
        Middle of each row, shape ``(row,)``. [d]
    """
    return np.asarray(np.exp(-np.abs(np.subtract.outer(days, days)) / LASTING_D))
