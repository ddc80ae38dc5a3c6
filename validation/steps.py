"""How far a run depends on the length of its step: ``python -m validation.steps``.

Three cold days of January 2026 in steps of 15, 30 and 60 minutes, the same draws, without damage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.metrics import ens_mwh, person_degree_hours, person_hours
from gridmodel.results.steps import step_h
from gridmodel.scenario import load_scenario
from gridmodel.studies.run import run

STEPS = ("15min", "30min", "1h")


def of_cause(cause: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """Return what computes the energy that one cause leaves unserved, nothing where a run does not have it. [MWh]"""

    def energy_mwh(result: xr.Dataset) -> xr.DataArray:
        found = result["shed_cause_mw"]
        return found.where(found["cause"] == cause, 0.0).sum(("time", "region", "cause"), dtype=float) * step_h(result)

    return energy_mwh


COUNTED: dict[str, Callable[[xr.Dataset], xr.DataArray]] = {
    "unserved energy": ens_mwh,
    **{f"unserved energy: {cause}": of_cause(cause) for cause in ("deficit", "limit", "order")},
    "without power": lambda result: person_hours(result, "people_without_power"),
    "without water": lambda result: person_hours(result, "people_without_water"),
    "below 18 °C": lambda result: person_hours(result, "people_below_18c"),
    "below 12 °C": lambda result: person_hours(result, "people_without_heat"),
    "below 10 °C": lambda result: person_hours(result, "people_below_10c"),
    "degree-hours below 18 °C": lambda result: person_degree_hours(result, 18),
    "degree-hours below 12 °C": lambda result: person_degree_hours(result, 12),
}
"""Headlines, by name: energy, person-hours, and person-degree-hours."""


def headlines(step: str, rotation: str, members: int) -> Floats:
    """Return the headlines of a run, mean over its members, shape ``(headline,)``."""
    how: dict[str, Any] = {"step": step, "rotation": rotation}
    result = run(
        load_scenario("january-2026").replace(
            members=members, **how, start="2026-01-12 00:00", end="2026-01-15 00:00", events=[]
        )
    )
    return np.array([float(count(result).mean()) for count in COUNTED.values()])


def main(members: int = 4) -> None:
    """Print by how much headlines in steps of 30 and 60 minutes differ from those of 15."""
    for rotation in ("queues", "mean"):
        quarters, halves, hours = (headlines(step, rotation, members) for step in STEPS)
        sys.stdout.write(f"rotation: {rotation}, from 15 minutes to     30 min    1 h\n")
        for name, quarter, *longer in zip(COUNTED, quarters, halves, hours, strict=True):
            shown = [f"{other / quarter - 1:+8.1%}" if quarter > 0 else "    none" for other in longer]
            sys.stdout.write(f"  {name:<36} {' '.join(shown)}\n")


if __name__ == "__main__":
    main()
