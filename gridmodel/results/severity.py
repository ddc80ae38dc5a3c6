"""Severity of what people lack in a region, in five classes, for those who plan help by such classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.metrics import hours_without_power_per_day
from gridmodel.results.water_need import staying_dry

CLASSES = ("minimal", "stress", "severe", "extreme", "catastrophic")
"""Classes 1 to 5. The scale is that of the Joint and Intersectoral Analysis Framework (JIAF 2.0, technical manual,
2022), the thresholds are ours."""
THRESHOLDS: dict[str, tuple[float, float, float, float]] = {
    "hours_without_power_per_day": (4.0, 8.0, 16.0, np.inf),
    "share_below_12c": (0.01, 0.05, 0.20, 0.50),
    "share_staying_dry": (0.01, 0.05, 0.20, 0.50),
    "share_without_all": (0.005, 0.02, 0.05, 0.20),
}
"""Values from which a region is in class 2, 3, 4 and 5, by criterion: hours a day without power of the mean person,
most people at once in homes below 12 °C, without water for more than half a day, and without power, heat and water.
[B] Ours: four hours a day are borne in any winter, sixteen leave no day; a fifth of a region in cold homes is more
than it can shelter, and half of it more than the country can. Power alone makes no class 5, since people get by
without it where it is warm."""


def severity_by_member(result: xr.Dataset) -> dict[str, Floats]:
    """Return the class by each criterion that a result has, each of shape ``(member, region)``: 1 to 5."""
    people = np.maximum(result["population"].to_numpy().astype(float), 1.0)
    found: dict[str, Floats] = {}
    if {"shed_mw", "demand_mw"} <= set(result.data_vars):
        hours = hours_without_power_per_day(result).transpose("member", "region")
        found["hours_without_power_per_day"] = np.asarray(hours.to_numpy(), dtype=float)
    for name, variable in (("share_below_12c", "people_without_heat"), ("share_without_all", "people_without_all")):
        if variable in result:
            found[name] = np.asarray(result[variable].max("time").transpose("member", "region").to_numpy()) / people
    if "people_without_water" in result:
        found["share_staying_dry"] = staying_dry(result).max(axis=1) / people
    return {
        name: np.asarray(1.0 + np.searchsorted(THRESHOLDS[name], values, side="right"), dtype=float)
        for name, values in found.items()
    }


def severity(result: xr.Dataset) -> pd.DataFrame:
    """Return the severity class of every region: the highest that any criterion reaches.

    Returns
    -------
    pandas.DataFrame
        Index ``region``; `class_p50`, typical, and `class_p95`, the bad case (one member in twenty is worse), both
        whole; `by`, the criterion of the typical class (empty in class 1); `members_from_3`, members in class 3 or
        above.
    """
    by = severity_by_member(result)
    names = list(by)
    every = np.stack([by[name] for name in names])
    highest = every.max(axis=0)
    typical, bad = np.quantile(highest, (0.5, 0.95), axis=0, method="inverted_cdf").astype(int)
    each = np.quantile(every, 0.5, axis=1, method="inverted_cdf")
    reason = np.array(names, dtype=object)[each.argmax(axis=0)]
    frame = {"class_p50": typical, "class_p95": bad, "by": np.where(each.max(axis=0) > 1, reason, ""),
             "members_from_3": (highest >= 3).sum(axis=0)}  # fmt: skip
    return pd.DataFrame(frame, index=pd.Index(result["region"].to_numpy().astype(str), name="region"))
