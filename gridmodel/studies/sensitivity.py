"""Sensitivity: shares of the variance of a metric by uncertain setting, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, nearest
from gridmodel.results.metrics import METRIC_NAMES, missing_variables, per_member
from gridmodel.sampling import CHANCE, saltelli_rows
from gridmodel.scenario.by_technology import folded
from gridmodel.services.registry import SERVICES

FEWEST_ROWS = 8
"""Fewest rows of a Saltelli design. Ours: with fewer, intervals are too wide to use."""
FEWEST_MEMBERS = 50
"""Fewest members of a given sample. Ours: with fewer, intervals are too wide to use."""
ALWAYS_THERE = ("shed_mw", "demand_mw", "people_without_power")
"""Variables of every run, whatever systems its network has."""
RESAMPLES = 200
"""Bootstrap resamples for the intervals. Ours: enough for the second digit of an interval."""


def sensitivity(result: xr.Dataset, metric: str = "energy_not_served", *, seed: int = 0) -> pd.DataFrame:
    """Compute the share of the variance of a metric that each sampled setting explains.

    Parameters
    ----------
    result
        A run, or the store of a sweep without changes. With ``sampling: saltelli`` in its scenario, first- and
        total-order indices of Sobol; with any other, first-order indices from the members as they are.
    metric
        A per-member metric.
    seed
        Seed of the resampling behind the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per setting, the most influential first, columns `first_order`, `first_order_error`, `total_order`,
        `total_order_error`; an error is half of the 95 % interval. Unknown values are missing. In a Saltelli
        design the row `chance` is for everything that is sampled and is not a setting. Settings by technology or class
        of damage have one row together, `availability`, `forced_outages` and `repair_days`.

    Raises
    ------
    InputError
        If the metric does not exist, the sweep has changes, no setting is sampled, or there are too few members.

    Notes
    -----
    First order is ``V[E(Y|X)] / V[Y]``, the part of the variance that knowing a setting would remove; total order is
    ``1 − V[E(Y|all others)] / V[Y]``, the part that not knowing it alone leaves. Estimators of Saltelli et al. (2010)
    and of Plischke, Borgonovo and Smith (2013), as implemented in SALib. Damage is never a setting here: conditions
    and help only. A row of several settings has the sum of their indices, which of independent settings leaves out what
    they do only together (first order) or counts it more than once (total order); errors are added as if independent.
    A ranking of technologies would be one of targets.
    """
    values = _values(result, metric)
    settings = [str(name) for name in result["setting"].to_numpy()]
    drawn = result["drawn_value"].transpose("member", "setting").to_numpy()
    if result.attrs.get("sampling") == "saltelli":
        return _ordered(_saltelli(values, settings, seed), "Sobol indices of a Saltelli design")
    known = [values[~np.isnan(values)] for values in drawn.T]  # variants may draw other settings
    moving = [place for place, values in enumerate(known) if len(values) and values.min() < values.max()]
    there = ~np.isnan(values) & ~np.isnan(drawn[:, moving]).any(axis=1)
    if not moving:
        message = "has no uncertain setting: give a setting a range or a distribution"
        raise InputError([Problem(message=message, field="scenario")])
    if there.sum() < FEWEST_MEMBERS:
        message = f"has {int(there.sum())} members; at least {FEWEST_MEMBERS} are needed"
        raise InputError([Problem(message=message, field="members")])
    names = [settings[place] for place in moving]
    return _ordered(_given(values[there], drawn[np.ix_(there, moving)], names, seed), "first order, from given members")


def _values(result: xr.Dataset, metric: str) -> Floats:
    """Return the metric of each member.

    Raises
    ------
    InputError
        If the metric does not exist, or the result lacks what it is computed from.
    """
    if metric not in METRIC_NAMES:
        message = "is not a per-member metric"
        raise InputError([Problem(message=message, field="metric", value=metric, hint=nearest(metric, METRIC_NAMES))])
    found = result[metric] if metric in result else per_member(result).get(metric)
    if found is None:
        message = _why_missing(result, metric)
        raise InputError([Problem(message=message, field="metric", value=metric)])
    if found.dims != ("member",):
        names = ", ".join(map(str, found.dims[:-1]))
        chosen = ", ".join(f'"{name}": …' for name in names.split(", "))  # settings such as availability.hydro
        one = "isel(variant=0)" if names == "variant" else f"sel({{{chosen}}})"
        message = "is a dimension of the sweep, and settings are ranked in one variant; choose one variant"
        hint = (
            "sweep it alone, with its values under `set:` and without a grid, or in Python "
            f"gm.sensitivity(gm.open_sweep(STORE).{one})"
        )
        raise InputError([Problem(message=message, field=names, hint=hint)])
    return np.asarray(found.to_numpy(), dtype=float)


def _why_missing(result: xr.Dataset, metric: str) -> str:
    """Return why a result lacks a metric: its network has no such systems, or variables were not kept."""
    missing = missing_variables(result, metric)
    owned = {name for service in SERVICES for name in service.variables if {*missing} & {*service.variables}}
    whole = "energy_not_served" in result or all(name in result for name in ALWAYS_THERE)
    if whole and not any(name in result for name in owned):
        return "needs heat or water systems; this network has none"
    noun = "variable" if len(missing) == 1 else "variables"
    return f"needs the {noun} {' and '.join(missing)}, which this result does not contain"


def _saltelli(values: Floats, settings: list[str], seed: int) -> pd.DataFrame:
    """Compute first- and total-order indices from complete rows of a Saltelli design.

    Raises
    ------
    InputError
        If complete rows are too few.
    """
    from SALib.analyze import sobol

    size = len(settings) + 3
    row, _ = saltelli_rows(range(len(values)), len(settings))
    rows = int(row[-1]) + (1 if len(values) % size == 0 else 0)
    whole = values[: rows * size]
    whole = whole[~np.repeat(np.isnan(whole.reshape(rows, size)).any(axis=1), size)]
    if len(whole) < FEWEST_ROWS * size:
        message = (
            f"gives {len(whole) // size} rows of {size} members; use {FEWEST_ROWS * size} or more, best {size} · 2^k"
        )
        raise InputError([Problem(message=message, field="members", value=str(len(values)))])
    names = [*settings, CHANCE]
    if np.ptp(whole) == 0:
        return _table(names, {})
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    found = sobol.analyze(problem, whole, calc_second_order=False, num_resamples=RESAMPLES, seed=_nonzero(seed))
    return _table(names, found)


def _given(values: Floats, drawn: Floats, names: list[str], seed: int) -> pd.DataFrame:
    """Compute first-order indices from any independent sample."""
    from SALib.analyze import delta

    if np.ptp(values) == 0:
        return _table(names, {})
    bounds = np.column_stack([drawn.min(axis=0), drawn.max(axis=0)]).tolist()
    problem = {"num_vars": len(names), "names": names, "bounds": bounds}
    state = np.random.get_state()  # noqa: NPY002 - SALib seeds the global generator, which is not ours to leave changed
    try:
        found = delta.analyze(
            problem, drawn, values, num_resamples=RESAMPLES, method="sobol", seed=_nonzero(seed)
        )  # fmt: skip
    finally:
        np.random.set_state(state)  # noqa: NPY002 - the same
    return _table(names, {name: found[name] for name in ("S1", "S1_conf")})


def _nonzero(seed: int) -> int:
    """Return a seed that SALib takes for one: it takes 0 for none."""
    return seed + 1


def _table(names: list[str], found: dict[str, Any]) -> pd.DataFrame:
    """Return indices as a table; unknown values are missing."""
    columns = {"first_order": "S1", "first_order_error": "S1_conf", "total_order": "ST", "total_order_error": "ST_conf"}
    missing = np.full(len(names), np.nan)
    data = {name: np.asarray(found.get(key, missing), dtype=float) for name, key in columns.items()}
    table = pd.DataFrame(data, index=pd.Index(names, name="setting"))
    return _folded(table)


def _folded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with one row for the parts of a setting that are not ranked one by one."""
    names = [folded(str(name)) for name in table.index]
    if len({*names}) == len(names):
        return table.set_axis(pd.Index(names, name="setting"))
    errors = [name for name in table if str(name).endswith("_error")]
    squared = table.assign(**{str(name): table[name] ** 2 for name in errors})
    summed = squared.groupby(pd.Index(names, name="setting"), sort=False).sum(min_count=1)
    return summed.assign(**{str(name): np.sqrt(summed[name]) for name in errors})[list(table)]


def _ordered(table: pd.DataFrame, method: str) -> pd.DataFrame:
    """Return the table with the most influential setting first, and the method noted."""
    by = table["total_order"].fillna(table["first_order"])
    ordered = table.loc[by.sort_values(ascending=False, kind="stable").index]
    ordered.attrs["method"] = method
    return ordered
