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
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem
from gridmodel.results.steps import as_run, check_result, step_h, variable, variant_dims
from gridmodel.services.declare import Split
from gridmodel.services.registry import COUNTS, SPLITS
from gridmodel.vocabulary import DEGREE_HOURS_BELOW_C

SHED_TOLERANCE_MW = 0.01
"""National shedding that counts as loss of load. [MW] Ours: above rounding, below anything that matters."""
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


def shed_mw(result: xr.Dataset) -> xr.DataArray:
    """National shedding, ``(member, time)``. [MW]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.shed_mw(result).max().item()
    500.0
    """
    return _named(variable(result, "shed_mw").sum(("region", "tier"), skipna=False), "MW", "National shedding")


def ens_mwh(result: xr.Dataset) -> xr.DataArray:
    """Energy not served, ENS, ``(member,)``; its mean is EENS. [MWh]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.ens_mwh(result).item()  # 500 MW for 48 h
    24000.0
    """
    return _named(shed_mw(result).sum("time", skipna=False) * step_h(result), "MWh", "Energy not served")


def ens_share(result: xr.Dataset) -> xr.DataArray:
    """Energy not served over energy demand, ``(member,)``. [1]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.ens_share(result).item()  # 500 of 2,000 MW
    0.25
    """
    needed = variable(result, "demand_mw").sum(("region", "tier", "time"), skipna=False) * step_h(result)
    return _named((ens_mwh(result) / needed).where(needed != 0, 0.0), "1", "Energy not served over energy demand")


def lole_h(result: xr.Dataset) -> xr.DataArray:
    """Hours with loss of load anywhere, ``(member,)``; the mean is LOLE in hours (LOLH). [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.lole_h(result).item()
    48.0
    """
    hours = _lost(result).sum("time") * step_h(result)
    return _named(_where_known(hours, result), "h", "Hours with loss of load")


def lolev(result: xr.Dataset) -> xr.DataArray:
    """Loss-of-load events, ``(member,)``: stretches of hours with loss of load; the mean is LOLEv. [1]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.lolev(result).item()  # one that lasts throughout
    1.0
    """
    step_h(result, whole=True)
    return _named(_where_known(_over_time(_lost(result), 0), result), "1", "Loss-of-load events")


def longest_event_h(result: xr.Dataset) -> xr.DataArray:
    """Longest loss-of-load event, ``(member,)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.longest_event_h(result).item()
    48.0
    """
    length = step_h(result, whole=True)
    hours = _over_time(_lost(result), 1) * length
    return _named(_where_known(hours, result), "h", "Longest loss-of-load event")


def deepest_mw(result: xr.Dataset) -> xr.DataArray:
    """Deepest national shedding, ``(member,)``. [MW]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.deepest_mw(result).item()
    500.0
    """
    step_h(result)
    return _named(shed_mw(result).max("time", skipna=False), "MW", "Deepest national shedding")


def cvar95_mwh(result: xr.Dataset) -> float:
    """Conditional value at risk of ENS: mean of the worst twentieth of members. [MWh]

    Notes
    -----
    With ``n`` members the worst ``n / 20`` are averaged, the last of them in part (Rockafellar and Uryasev, 2000).

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.cvar95_mwh(result)  # of a single member: its energy not served
    24000.0
    """
    return tail_mean(ens_mwh(result).to_numpy(), 0.95)


def tail_mean(values: Floats, level: float) -> float:
    """Mean of the largest ``1 - level`` of the values, one of them in part.

    Examples
    --------
    >>> tail_mean(np.array([1.0, 2.0, 3.0, 10.0]), 0.5)
    6.5
    """
    ordered = np.sort(values)[::-1]
    weight = np.clip((1.0 - level) * len(ordered) - np.arange(len(ordered)), 0.0, 1.0)
    return float((ordered * weight).sum() / weight.sum())


def hours_without_power_per_day(result: xr.Dataset) -> xr.DataArray:
    """Hours per day without power of the mean person, mean over the run, ``(member, region)``. [h/d]

    Rotation and damage together, so that these hours times people and days are the person-hours without power. The
    hours that an outage schedule announces are others: those of homes in its queues, in whole sub-queues. Results
    without the count of people take the share of households' demand that is shed, or of all that is not critical where
    households have none.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_without_power_per_day(result).isel(member=0).round(2).to_series().to_dict()
    {'TR-1': 7.65, 'TR-2': 10.71, 'TR-3': 7.65}
    """
    step_h(result)
    if "people_without_power" in result:
        people = variable(result, "population")
        off = (variable(result, "people_without_power") / people).where(people != 0, 0.0)
        hours = (off.mean("time", skipna=False) * 24.0).transpose(..., "member", "region")
        return _named(hours, "h d-1", "Hours per day without power")
    need, shed = variable(result, "demand_mw"), variable(result, "shed_mw")
    homes, others = need.sel(tier="household", drop=True), need["tier"] != "critical"
    need, shed = (
        values.sel(tier="household", drop=True).where(homes != 0, values[{"tier": others}].sum("tier", skipna=False))
        for values in (need, shed)
    )
    share = (shed / need).where(need != 0, 0.0)
    hours = share.mean("time", skipna=False) * 24.0
    return _named(hours.transpose(..., "member", "region"), "h d-1", "Hours per day without power")


def person_hours(result: xr.Dataset, name: str) -> xr.DataArray:
    """Person-hours of a variable that counts people, ``(member,)``. [h]

    Parameters
    ----------
    name
        E.g. `people_without_power`.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> round(gm.metrics.person_hours(result, "people_without_power").item())
    34285714
    """
    hours = variable(result, name).sum(("region", "time"), skipna=False) * step_h(result)
    return _named(hours, "h", f"Person-hours: {name}")


def person_hours_by_cause(result: xr.Dataset, name: str) -> xr.DataArray:
    """Person-hours of a variable that splits a count of people by cause, ``(member, cause)``. [h]

    Parameters
    ----------
    name
        `people_without_heat_cause` or `people_without_water_cause`.

    Notes
    -----
    Sums are taken in double precision, which results do not have for such variables, so that causes add up to the
    person-hours of the count within their rounding.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> hours = gm.metrics.person_hours_by_cause(result, "people_without_water_cause").isel(member=0)
    >>> [str(cause) for cause in hours["water_cause"].values[hours.values > 0]]
    ['pumps_damaged', 'high_floor_without_power']
    """
    hours = variable(result, name).sum(("region", "time"), dtype=float, skipna=False) * step_h(result)
    return _named(hours, "h", f"Person-hours: {name}")


def saidi_h(result: xr.Dataset) -> xr.DataArray:
    """Hours without power of the mean person, SAIDI by people in place of customers, ``(member,)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> round(gm.metrics.saidi_h(result).item(), 2)  # 34,285,714 person-hours of 2,000,000 people
    17.14
    """
    hours = person_hours(result, "people_without_power") / max(float(variable(result, "population").sum()), 1.0)
    return _named(hours, "h", "Hours without power of the mean person")


def degree_hours_below_18(result: xr.Dataset) -> xr.DataArray:
    """Degree-hours below 18 °C in the mean person's home, ``(member,)``. [K h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.degree_hours_below_18(result).attrs["units"]
    'K h'
    """
    step_h(result)
    people = variable(result, "population")
    total = (variable(result, "degree_hours_below_18c").sum("time", skipna=False) * people).sum("region", skipna=False)
    return _named(total / max(float(people.sum()), 1.0), "K h", "Degree-hours below 18 degC in the mean home")


def person_degree_hours(result: xr.Dataset, threshold_c: float) -> xr.DataArray:
    """Sum over people and hours of the kelvin by which their rooms are below a temperature, ``(member, region)``. [K h]

    Parameters
    ----------
    threshold_c
        Indoor air: 18 or 12. [°C]

    Raises
    ------
    InputError
        If the run does not have them: its network has no heat systems, or an older version made it.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.person_degree_hours(result, 12).dims
    ('member', 'region')
    """
    check_result(result)
    name = f"degree_hours_below_{threshold_c:g}c"
    if name not in result:
        message = "is not in this run: its network has no heat systems, or an older version made it; run it again"
        raise InputError([Problem(message=message, field=name)])
    step_h(result)
    hours = (variable(result, name).sum("time", skipna=False) * variable(result, "population")).transpose(
        ..., "member", "region"
    )
    return _named(hours, "K h", f"Person-degree-hours below {threshold_c:g} degC")


def _person_degree_hours(threshold_c: float) -> Callable[[xr.Dataset], xr.DataArray]:
    """Return a function of a result: person-degree-hours of all regions together, ``(member,)``. [K h]"""

    def everywhere(result: xr.Dataset) -> xr.DataArray:
        hours = person_degree_hours(result, threshold_c)
        return _named(hours.sum("region", skipna=False), "K h", str(hours.attrs["long_name"]))

    return everywhere


def hours_until_below(result: xr.Dataset, threshold_c: float) -> xr.DataArray:
    """Hours from the start until homes of any kind are below a temperature, infinite where none are. [h]

    Parameters
    ----------
    threshold_c
        Indoor air, e.g. 18, 16, 12, 10, 5 or 0. [°C]

    Returns
    -------
    xarray.DataArray
        Dimensions ``(member, region)``. A kind of home that nobody lives in does not count.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_until_below(result, 12).isel(member=0).to_series().to_dict()
    {'TR-1': 17.0, 'TR-2': inf, 'TR-3': inf}
    """
    step_h(result, whole=True)
    air, shares = variable(result, "indoor_temperature"), variable(result, "archetype_share")
    below = ((air < threshold_c) & (shares > 0)).any(("archetype", "heat_state"))
    return _named(_first_h(below, result), "h", f"Hours until homes are below {threshold_c:g} degC")


def hours_to_dry_taps(result: xr.Dataset) -> xr.DataArray:
    """Hours from the start until a region's reservoirs are empty, infinite where never, ``(member, region)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_to_dry_taps(result).isel(member=0).to_series().to_dict()
    {'TR-1': inf, 'TR-2': inf, 'TR-3': inf}
    """
    step_h(result, whole=True)
    stored = variable(result, "water_stored_m3")
    full = stored.max(("member", "time"))
    empty = (stored <= 0.01 * full) & (full > 0)
    return _named(_first_h(empty, result) + step_h(result), "h", "Hours until reservoirs are empty")


def hours_to_drain(result: xr.Dataset) -> xr.DataArray:
    """Hours from the start until a standing loop is at 0 °C, infinite if none stands, ``(member, region)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_to_drain(result).sel(region="TR-2").item()  # its loops never stand
    inf
    """
    hours = step_h(result, whole=True)
    elapsed = xr.DataArray((np.arange(result.sizes["time"]) + 1) * hours, dims="time")  # at the end of a step
    moment = (variable(result, "deadline_to_drain") + elapsed).fillna(np.inf).min("time")
    return _named(moment, "h", "Hours until the first loop without circulation freezes")


def _first_h(reached: xr.DataArray, result: xr.Dataset) -> xr.DataArray:
    """Return hours from the start to the first step in which a condition is met, infinite where it never is. [h]"""
    first = reached.argmax("time") * step_h(result, whole=True)
    return first.where(reached.any("time"), np.inf)


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
            found[split.metric(cause)] = _named(one, "h", f"Person-hours: {split.count}, {cause}")
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


def _named(values: xr.DataArray, units: str, long_name: str) -> xr.DataArray:
    """Return the same values under their own unit and name; what they were made of had others."""
    named = values.copy()
    named.attrs = {"units": units, "long_name": long_name}
    return named


def _lost(result: xr.Dataset) -> xr.DataArray:
    """Return whether load is lost, ``(…, member, time)``."""
    return shed_mw(result) > SHED_TOLERANCE_MW


def _where_known(values: xr.DataArray, result: xr.Dataset) -> xr.DataArray:
    """Return values of members, NaN where the shedding of a step is missing: a member that a sweep lacks is not 0."""
    return values.where(shed_mw(result).notnull().all("time"))  # noqa: PD004 - of xarray


def _over_time(lost: xr.DataArray, which: int) -> xr.DataArray:
    """Return the number of stretches (0) or the length of the longest (1), without the dimension of time."""

    def count(values: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        rows = _runs(values.reshape(-1, values.shape[-1]))[which]
        return rows.reshape(values.shape[:-1])

    counted: xr.DataArray = xr.apply_ufunc(count, lost, input_core_dims=[["time"]], dask="parallelized",
                                           output_dtypes=[int], dask_gufunc_kwargs={"allow_rechunk": True})  # fmt: skip
    return counted


def _runs(lost: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the number of stretches and the length of the longest, each of shape ``(member,)``."""
    steps = np.arange(1, lost.shape[1] + 1)
    starts = lost & ~np.pad(lost, ((0, 0), (1, 0)))[:, :-1]
    last_off = np.maximum.accumulate(np.where(lost, 0, steps), axis=1)
    lengths = np.where(lost, steps - last_off, 0)
    return starts.sum(axis=1), lengths.max(axis=1)
