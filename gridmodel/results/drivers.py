"""Settings that move a headline most, as far as the members of a run can tell."""

from __future__ import annotations

from math import factorial

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.metrics import ens_mwh, person_hours
from gridmodel.scenario.by_technology import folded

BY_CHANCE = 0.05
"""Chance at which any of the settings would be named although none matters. [1] Ours."""

TOLD = 3
"""Most settings that are named as moving a headline. Ours: a line holds no more."""
COLD = "people_without_heat"
"""Count of the headline on cold homes."""


def moved_by(result: xr.Dataset) -> dict[str, list[dict[str, object]]]:
    """Return up to `TOLD` settings that move each headline most, the strongest first, by the headline's metric.

    Headlines are unserved energy and person-hours below 12 °C; those that are the same in every member are left out.

    Returns
    -------
    dict
        Rows ``setting, rank_correlation``; an empty list where members cannot tell. Empty for a Saltelli design, whose
        members repeat each other's values: `gridmodel.sensitivity` gives its indices.
    """
    if "drawn_value" not in result or not independent(result):
        return {}
    headlines = {"energy_not_served": ens_mwh(result)} if "shed_mw" in result else {}
    if COLD in result:
        headlines["person_hours_without_heat"] = person_hours(result, COLD)
    return {
        metric: [{"setting": name, "rank_correlation": value} for name, value in drivers(result, values)[:TOLD]]
        for metric, values in headlines.items()
        if np.ptp(values.to_numpy()) > 0
    }


def independent(result: xr.Dataset) -> bool:
    """Return whether members draw their settings independently of each other: those of a Saltelli design do not."""
    return bool(result.attrs.get("sampling") != "saltelli")


def drivers(result: xr.Dataset, values: xr.DataArray) -> list[tuple[str, float]]:
    """Return the settings whose draws go with a headline, with Spearman's rank correlation, the strongest first.

    Settings by technology or class of damage count as one, under the name of the whole and with the strongest of its
    correlations: a ranking of technologies would be one of targets.

    Parameters
    ----------
    result
        A run, with `drawn_value`.
    values
        Headline, one value per member.

    Returns
    -------
    list of tuple
        Name and correlation, from -1 to 1, of the settings whose correlation chance explains in less than `BY_CHANCE`
        of runs with as many settings (Student's t of a rank correlation, divided among them); empty where members are
        too few to tell, or not `independent`.

    Examples
    --------
    >>> drawn = xr.DataArray(
    ...     np.array([[1.0, 5.0], [2.0, 4.0], [3.0, 9.0], [4.0, 1.0], [5.0, 2.0], [6.0, 8.0]]),
    ...     dims=("member", "setting"),
    ...     coords={"setting": ["first", "second"]},
    ... )
    >>> drivers(xr.Dataset({"drawn_value": drawn}), xr.DataArray(np.arange(6.0) ** 2, dims="member"))
    [('first', 1.0)]
    """
    from scipy.special import stdtrit

    if "drawn_value" not in result or result.sizes["member"] < 3 or not independent(result):
        return []
    names = [str(name) for name in result["setting"].to_numpy()]
    drawn = result["drawn_value"].transpose("setting", "member").to_numpy()
    headline = np.asarray(values.to_numpy(), dtype=float)
    moved = {
        name: _rank_correlation(row, headline)
        for name, row in zip(names, drawn, strict=True)
        if np.ptp(row) > 0 and np.ptp(headline) > 0
    }
    if not moved or 2.0 / factorial(min(len(headline), 20)) > BY_CHANCE / len(
        moved
    ):  # not even the same order would tell
        return []
    free = len(headline) - 2
    student = float(stdtrit(free, 1.0 - BY_CHANCE / 2.0 / len(moved)))
    least = student / np.sqrt(free + student**2)
    strongest: dict[str, float] = {}
    for name, value in moved.items():
        if abs(value) >= max(least, abs(strongest.get(folded(name), 0.0))):
            strongest[folded(name)] = value
    return sorted(((name, round(value, 4)) for name, value in strongest.items()), key=lambda one: -abs(one[1]))


def _rank_correlation(one: Floats, other: Floats) -> float:
    """Return Spearman's rank correlation; equal values share the mean of their ranks."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - 0.5 * (count - 1))[place])
