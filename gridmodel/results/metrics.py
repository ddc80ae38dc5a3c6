"""Metrics of a result: one function per metric, each with one value per member.

A metric is a function of the dataset alone, so it also runs on a file written last year. Summarise last:
keep the members, and take means, standard errors and quantiles at the end.

References
----------
Terms follow IEEE Std 1366 (SAIDI) and Billinton and Allan, Reliability Evaluation of Power Systems (1996):
ENS energy not served, EENS its expectation, LOLE/LOLH expected time with loss of load, LOLEv expected number
of loss-of-load events, CVaR the mean beyond a quantile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.hours_until import hours_to_drain, hours_to_dry_taps, hours_until_below
from gridmodel.results.loss_of_load import (
    SHED_TOLERANCE_MW,
    cvar95_mwh,
    deepest_mw,
    ens_mwh,
    ens_share,
    lole_h,
    lolev,
    longest_event_h,
    shed_mw,
    tail_mean,
)
from gridmodel.results.person_hours import (
    degree_hours_below_18,
    hours_without_power_per_day,
    person_degree_hours,
    person_hours,
    person_hours_by_cause,
    saidi_h,
)
from gridmodel.results.steps import as_run, check_result, named, step_h, variable, variant_dims
from gridmodel.services.declare import Split
from gridmodel.services.registry import COUNTS, SPLITS
from gridmodel.vocabulary import DEGREE_HOURS_BELOW_C

__all__ = [
    "BY_REGION", "LONG_H", "METRICS", "METRIC_NAMES", "METRIC_VARIABLES", "OFF_BY", "QUANTILES",
    "SHED_TOLERANCE_MW", "Estimate", "cvar95_mwh", "deepest_mw", "degree_hours_below_18", "ens_mwh", "ens_share",
    "estimate", "hours_to_drain", "hours_to_dry_taps", "hours_until_below", "hours_without_power_per_day", "lole_h",
    "lolev", "longest_event_h", "missing_variables", "off_by", "per_member", "person_degree_hours", "person_hours",
    "person_hours_by_cause", "regional_causes", "saidi_h", "shed_mw", "step_h", "summarise", "summarise_regions",
    "sure_enough", "tail_mean", "typical_and_bad", "worst_hour",
]  # fmt: skip

QUANTILES = (0.05, 0.50, 0.95)
"""Quantiles shown beside a mean."""
BY_REGION = {"p50": 0.50, "p95": 0.95}
"""Quantiles of a metric of a region, by the suffix of their name: what is typical, and the bad case."""
OFF_BY = {"rotation": "people_off_by_rotation", "damage": "people_off_by_damage"}
"""Counts of people without power by what keeps it from them, which add up to all of these."""
LONG_H = 12.0
"""Hours a day without power whose chance is shown. [h/d] Ours: half of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over members, and its uncertainty."""

    mean: float
    standard_error: float
    """Standard error of the mean; missing for a single member."""
    p05: float
    p50: float
    p95: float


def _person_degree_hours(threshold_c: float) -> Callable[[xr.Dataset], xr.DataArray]:
    """Return a function of a result: person-degree-hours of all regions together, ``(member,)``. [K h]"""

    def everywhere(result: xr.Dataset) -> xr.DataArray:
        hours = person_degree_hours(result, threshold_c)
        return named(hours.sum("region", skipna=False), "K h", str(hours.attrs["long_name"]))

    return everywhere


def worst_hour(result: xr.Dataset, name: str = "shed_mw") -> int:
    """Return the position of the step in which the mean over members is highest.

    Parameters
    ----------
    name
        Variable that is looked at, summed over all but members and time.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> at = gm.metrics.worst_hour(result)
    >>> str(result["local_time"].values[at])[:16]
    '2026-01-05T00:00'
    """
    step_h(result)
    values = variable(result, name)
    places = [dim for dim in values.dims if dim not in {"time", "member"}]
    return int(np.argmax(values.sum(places).mean("member").to_numpy()))


def estimate(values: xr.DataArray | Floats) -> Estimate:
    """Compute the mean with its standard error, and quantiles, of one value per member.

    Parameters
    ----------
    values
        One value per member, shape ``(member,)``.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> gm.metrics.estimate(np.array([1.0, 3.0])).standard_error
    1.0
    """
    data = np.asarray(values, dtype=float).reshape(-1)
    error = float(data.std(ddof=1) / np.sqrt(len(data))) if len(data) > 1 else float("nan")
    low, middle, high = np.quantile(data, QUANTILES)
    return Estimate(mean=float(data.mean()), standard_error=error, p05=float(low), p50=float(middle), p95=float(high))


METRICS: dict[str, tuple[str, Callable[[xr.Dataset], xr.DataArray]]] = {
    "energy_not_served": ("MWh", ens_mwh),
    "energy_not_served_share": ("1", ens_share),
    "loss_of_load_hours": ("h", lole_h),
    "loss_of_load_events": ("1", lolev),
    "longest_event": ("h", longest_event_h),
    "deepest_shedding": ("MW", deepest_mw),
    "saidi": ("h", saidi_h),
    "degree_hours_below_18c": ("K h", degree_hours_below_18),
    **{f"person_degree_hours_below_{limit:g}c": ("K h", _person_degree_hours(limit)) for limit in DEGREE_HOURS_BELOW_C},
}
"""Metrics of a summary: unit and function."""
_VARIABLES = {
    "energy_not_served_share": ("shed_mw", "demand_mw"),
    "saidi": ("people_without_power", "population"),
    "degree_hours_below_18c": ("degree_hours_below_18c", "population"),
    **{
        f"person_degree_hours_below_{limit:g}c": (f"degree_hours_below_{limit:g}c", "population")
        for limit in DEGREE_HOURS_BELOW_C
    },
}
"""Variables that a metric of `METRICS` is computed from, if it is not `shed_mw` alone."""
_OF_MEMBER = {"degree_hours_below_18c": "degree_hours_below_18c_total"}
"""Names of metrics beside the variables of a result, where one has the same name."""


def per_member(result: xr.Dataset) -> xr.Dataset:
    """Compute every metric of a result, one value per member.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.

    Returns
    -------
    xarray.Dataset
        The metrics of `METRICS` and person-hours of the whole run, each ``(member,)`` with its unit. Metrics whose
        variables are not in the result are left out.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.per_member(result)["loss_of_load_hours"].to_numpy()
    array([48.])
    """
    check_result(result)
    found = {_OF_MEMBER.get(name, name): METRICS[name][1](result) for name in _there(result)}
    for count in COUNTS:
        if count.variable in result:
            found[count.metric] = person_hours(result, count.variable)
    return xr.Dataset({name: values.drop_vars(set(values.coords) - {"member"}) for name, values in found.items()})


def sure_enough(values: Floats, share: float) -> bool:
    """Return whether the standard error of a mean is at most a share of it; False for a mean of zero.

    Examples
    --------
    >>> sure_enough(np.array([1.0, 3.0]), 0.5), sure_enough(np.array([1.0, 3.0]), 0.4), sure_enough(np.zeros(9), 0.5)
    (True, False, False)
    """
    known = estimate(values)
    return known.mean != 0 and known.standard_error <= share * abs(known.mean)


METRIC_NAMES = (
    *(_OF_MEMBER.get(name, name) for name in METRICS),
    *(count.metric for count in COUNTS),
)
"""Metrics with one value per member."""


METRIC_VARIABLES = frozenset(
    (
        *(name for metric in METRICS for name in _VARIABLES.get(metric, ("shed_mw",))),
        *(count.variable for count in COUNTS),
    )
)
"""Variables that they are made of."""


def summarise(result: xr.Dataset) -> pd.DataFrame:
    """Compute the metrics of a result with their uncertainty.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, its file opened, or a sweep; also some of its regions, members or hours.

    Returns
    -------
    pandas.DataFrame
        Of a sweep, the same for each variant, whose settings stand before the metric in the index; members that are
        missing are left out. One row per metric, columns ``unit, mean, standard_error, p05, p50, p95``. Person-hours
        are of the whole run, ``…_worst_hour`` counts people in the step with most of them on average, ``…_peak`` in the
        step of each member with most of them, and person-hours by cause add up to those of the count. Metrics whose
        variables are not in the result are left out.

    Raises
    ------
    InputError
        If the result was resampled, or regions, members or steps were summed or averaged away.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.summarise(result).loc["energy_not_served", "mean"].item()  # MWh
    24000.0
    """
    leading = variant_dims(result)
    if not leading:
        return _summary(as_run(result))
    labels = [
        result[dim].to_numpy().tolist() if dim in result.coords else [*range(result.sizes[dim])] for dim in leading
    ]
    found = {}
    for place in product(*(range(len(values)) for values in labels)):
        part = as_run(_members_there(result.isel(dict(zip(leading, place, strict=True)))))
        key = tuple(values[at] for values, at in zip(labels, place, strict=True))
        found[key if len(key) > 1 else key[0]] = _summary(part.drop_vars(leading, errors="ignore"))
    return pd.concat(found, names=[*leading, "metric"])


def _members_there(part: xr.Dataset) -> xr.Dataset:
    """Return one variant of a sweep without members that are missing; one member of gaps if all are."""
    names = [str(name) for name in part.data_vars if "member" in part[name].dims and part[name].dtype.kind == "f"]
    if not names or "member" not in part.dims:
        return part
    few = min(names, key=lambda name: part[name].size)
    known = part[few].notnull()  # noqa: PD004 - of xarray
    there = known.any([dim for dim in part[few].dims if dim != "member"]).to_numpy()
    return part.isel(member=np.flatnonzero(there) if there.any() else [0])


def _summary(result: xr.Dataset) -> pd.DataFrame:
    """Return the metrics of one run, as `summarise` does."""
    rows: dict[str, tuple[str, Estimate]] = {}
    for name in _there(result):
        unit, function = METRICS[name]
        rows[name] = unit, estimate(function(result))
    for name in _stored(result):
        rows[name] = str(result[name].attrs.get("units", "")), estimate(result[name])
    if "shed_mw" in result:
        rows["energy_not_served_cvar95"] = "MWh", estimate(np.array([cvar95_mwh(result)]))
    for count in COUNTS:
        name = count.variable
        if name in result:
            worst = variable(result, name).isel(time=worst_hour(result, name)).sum("region")
            rows[count.metric] = "h", estimate(person_hours(result, name))
            rows[f"{name}_worst_hour"] = "1", estimate(worst)
            rows[f"{name}_peak"] = "1", estimate(variable(result, name).sum("region").max("time"))
    for split in _splits(result):
        hours = person_hours_by_cause(result, split.variable)
        for cause in map(str, result[split.dim].to_numpy()):
            rows[split.metric(cause)] = "h", estimate(hours.sel({split.dim: cause}))
    frame = pd.DataFrame(
        [[unit, e.mean, e.standard_error, e.p05, e.p50, e.p95] for unit, e in rows.values()],
        index=pd.Index(rows, name="metric"),
        columns=["unit", "mean", "standard_error", "p05", "p50", "p95"],
    )
    return frame


def _stored(result: xr.Dataset) -> list[str]:
    """Return the metrics that a sweep stores by member and whose variables it does not contain."""
    return [
        name for name in METRIC_NAMES
        if name in result and result[name].dims == ("member",) and missing_variables(result, name)
    ]  # fmt: skip


def _splits(result: xr.Dataset) -> list[Split]:
    """Return the counts by cause that a result contains."""
    return [split for split in SPLITS if split.variable in result]


def off_by(result: xr.Dataset) -> dict[str, float]:
    """Compute the shares of rotation and of damage in person-hours without power, means over members. [1]

    Returns
    -------
    dict
        By `OFF_BY`, those above 0; empty where everybody has power, or where a result does not say.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> {name: round(share, 3) for name, share in off_by(result).items()}
    {'rotation': 0.895, 'damage': 0.105}
    """
    result = as_run(result)
    step_h(result)
    if _lacking(result, tuple(OFF_BY.values())):
        return {}
    hours = {name: float(person_hours(result, off).mean()) for name, off in OFF_BY.items()}
    whole = sum(hours.values())
    return {name: one / whole for name, one in hours.items() if one > 0}


def regional_causes(result: xr.Dataset) -> dict[str, xr.DataArray]:
    """Compute person-hours of each region by cause, ``(member, region)`` each, by name of the metric. [h]"""
    found = {}
    hours_a_step = step_h(result)
    for split in _splits(result):
        hours = variable(result, split.variable).sum("time", dtype=float) * hours_a_step
        for cause in map(str, result[split.dim].to_numpy()):
            one = hours.sel({split.dim: cause}, drop=True).transpose("member", "region")
            found[split.metric(cause)] = named(one, "h", f"Person-hours: {split.count}, {cause}")
    return found


def _there(result: xr.Dataset) -> list[str]:
    """Return the metrics of `METRICS` that a result has the variables for."""
    return [name for name in METRICS if not _lacking(result, _VARIABLES.get(name, ("shed_mw",)))]


def missing_variables(result: xr.Dataset, metric: str) -> list[str]:
    """Return the variables that a metric of `METRIC_NAMES` needs and a result does not contain.

    Examples
    --------
    >>> missing_variables(xr.Dataset({"shed_mw": 0.0}), "energy_not_served_share")
    ['demand_mw']
    """
    counted = {count.metric: (count.variable,) for count in COUNTS}
    named = {_OF_MEMBER.get(name, name): _VARIABLES.get(name, ("shed_mw",)) for name in METRICS}
    return _lacking(result, {**named, **counted}[metric])


def _lacking(result: xr.Dataset, variables: Iterable[str]) -> list[str]:
    return [name for name in variables if name not in result]


def summarise_regions(result: xr.Dataset) -> pd.DataFrame:
    """Compute hours without power per day, and person-hours of each service and cause, by region.

    Columns whose variables are not in the result are left out.

    Returns
    -------
    pandas.DataFrame
        Means over members; of all but causes, which only add up as means, also ``…_p50``, which is typical, and
        ``…_p95``: one member in twenty is worse. `members_over_12_h`: members in which homes of the region are without
        power for more than `LONG_H` a day.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.summarise_regions(result)["hours_without_power_per_day"].round(2).to_dict()
    {'TR-1': 7.65, 'TR-2': 10.71, 'TR-3': 7.65}
    """
    result = as_run(result)
    step_h(result)
    columns: dict[str, xr.DataArray] = {}
    found = {}
    if not _lacking(result, ("shed_mw", "demand_mw")):
        found["hours_without_power_per_day"] = hours_without_power_per_day(result)
    for count in COUNTS:
        if count.variable in result:
            found[count.metric] = result[count.variable].sum("time") * step_h(result)
    for name, values in found.items():
        columns |= {name: values.mean("member"), **typical_and_bad(name, values)}
    if "hours_without_power_per_day" in found:
        columns["members_over_12_h"] = (found["hours_without_power_per_day"] > LONG_H).sum("member")
    columns |= {name: values.mean("member") for name, values in regional_causes(result).items()}
    regions = pd.Index([str(region) for region in result["region"].to_numpy()], name="region")
    frame = pd.DataFrame({name: values.to_numpy() for name, values in columns.items()}, index=regions)
    frame.insert(0, "region_name", result["region_name"].to_numpy())
    return frame


def typical_and_bad(name: str, values: xr.DataArray) -> dict[str, xr.DataArray]:
    """Compute the quantiles of `BY_REGION` of values by member and region, by name with its suffix.

    Parameters
    ----------
    name
        Name of the metric, to which the suffixes are added.
    values
        Dimensions ``(member, region)``.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import xarray as xr
    >>> one = xr.DataArray([[1.0], [3.0], [2.0]], dims=("member", "region"))
    >>> {name: value.item() for name, value in gm.metrics.typical_and_bad("x", one).items()}
    {'x_p50': 2.0, 'x_p95': 2.9}
    """
    return {
        f"{name}_{suffix}": values.quantile(level, "member").drop_vars("quantile")
        for suffix, level in BY_REGION.items()
    }
