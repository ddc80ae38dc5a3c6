"""Needs: how much help of each kind every region needs, and by when, with ranges over members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.deadlines import deadlines, people_to_drain
from gridmodel.results.metrics import BY_REGION, QUANTILES
from gridmodel.results.sendable import LEAST_PART, UNIT_OF, sendable
from gridmodel.results.steps import as_run, of_steps, step_h
from gridmodel.results.water_need import litres_to_bring
from gridmodel.scenario.backup_systems import SYSTEM_TABLE
from gridmodel.vocabulary import OWN_HEAT

DIESEL_KWH_PER_L = 3.5
"""Electricity that a litre of diesel makes in a generator. [kWh/L] [B] As in `truck_load_mwh` of a scenario."""
BEGINS_SHARE = 0.01
"""Share of a member's peak from which a need counts as begun. [1] Ours: equal to `FIRST_SHARE` of the deadlines."""
_NOTHING = 0.05
"""Amount, in the unit of a need, up to which it has not begun. Ours: it is printed as zero."""
COLD_C, WARM_C = 12.0, 18.0
"""Indoor temperature below which homes count as cold, and from which they are warm. [°C]"""
NEEDS = {
    "warm_places": ("1", "places to get warm"),
    "drain_people": ("1", "people in homes whose heating pipes must be drained"),
    "water_m3_per_day": ("m3/d", "drinking water to bring"),
    **{f"generators_{system.name}_mw": ("MW", f"generators for {system.words}") for system in SYSTEM_TABLE},
    "fuel_m3": ("m3", "diesel that generators in place burn in the run"),
    "power_mw": ("MW", "power that is missing"),
}
"""Kinds of need: unit and meaning."""
DEADLINE_OF = {"warm_places": "homes_12c", "drain_people": "drain"}
"""Deadline at which a need begins, where it has one."""
COLUMNS = (
    "region_name", "need_is", "unit", "mean", "p05", "p50", "p95", "from_local", "peak_local", "homes", "needed_share",
    "members",
)  # fmt: skip
"""Columns of the table, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """One need in every region."""

    name: str
    amount: Floats
    """Shape ``(member, time, region)``, in the unit of the need."""
    total: bool = False
    """True where the amounts of all steps are added; otherwise the peak counts."""


def needs(result: xr.Dataset, times: pd.DataFrame | None = None) -> pd.DataFrame:
    """Compute how much help every region needs.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    times
        `gridmodel.results.deadlines.deadlines` of the result if they are known; computed without.

    Returns
    -------
    pandas.DataFrame
        Index ``(region, need)``, needs of `NEEDS`; a region that needs nothing of a kind in any member has no row.
        ``mean, p05, p50, p95`` over members of the peak (fuel: of the whole run): `p50` is typical, and one member in
        twenty is worse than `p95`; these three are rounded up to what people send
        (`gridmodel.results.sendable.sendable`), the mean is not. `from_local`: local time by which it should be there:
        only one member in twenty needs it earlier; missing if fewer members ever need it. `peak_local`: the middle of
        the peaks of the members that need it, each at its own step; `homes`: the kind of building of most of the first
        cold homes, with `warm_places` only. `needed_share`: share of the `members` that need anything that would be
        sent.

    Notes
    -----
    ``warm_places``: people in homes below 12 °C. ``drain_people``: those whose district heat stands still in frost, or
    is drained or frozen. ``water_m3_per_day``: `WATER_L` for each person-day of a day beyond the first hours
    (`BRIDGED_H`) without water, of the day with the most. ``generators_…``: power that heat sources, waterworks,
    hospitals and telecom lack after grid and their own generators. ``fuel_m3``: what generators in place burn, at
    `DIESEL_KWH_PER_L`. ``power_mw``: load not served.
    """
    step_h(result, whole=True)
    result = as_run(result)
    found = [row for need in _kinds(result) for row in _rows(result, need)]
    index = pd.MultiIndex.from_tuples([key for key, _ in found], names=["region", "need"])
    frame = pd.DataFrame([row for _, row in found], index=index, columns=list(COLUMNS))
    for name in ("from_local", "peak_local"):
        frame[name] = pd.to_datetime(frame[name])
    return _with_deadlines(frame, result, deadlines(result) if times is None else times)


def _kinds(result: xr.Dataset) -> Iterator[_Need]:
    """Yield every need that the variables of a result give."""
    if "people_without_heat" in result:
        yield _Need(name="warm_places", amount=of_steps(result["people_without_heat"]))
    standing = people_to_drain(result)
    if standing is not None:
        yield _Need(name="drain_people", amount=standing)
    if "people_without_water" in result:
        yield _Need(name="water_m3_per_day", amount=litres_to_bring(result))
    if {"dark_share", "backup_share", "system_need_mw"} <= set(result.data_vars):
        burnt = np.zeros([result.sizes[name] for name in ("member", "time", "region")])
        for system in result["system"].to_numpy():
            need = result["system_need_mw"].sel(system=system)
            lacks = of_steps(result["dark_share"].sel(system=system) * need)
            yield _Need(name=f"generators_{system}_mw", amount=lacks)
            burnt = burnt + of_steps(result["backup_share"].sel(system=system) * need)
        hours = step_h(result, whole=True)
        yield _Need(name="fuel_m3", amount=burnt * hours / DIESEL_KWH_PER_L, total=True)
    yield _Need(name="power_mw", amount=of_steps(result["shed_mw"].sum("tier")))


def needed_from(result: xr.Dataset, since: np.datetime64) -> dict[str, dict[str, float]]:
    """Return what is needed from a local time on, as help that arrives then finds it, by need and quantile.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    since
        Local time from which amounts count.

    Returns
    -------
    dict
        ``p50`` and ``p95`` over members of the peak from then on, as `needs` rounds them, summed over regions; without
        needs that are added over the run.
    """
    step_h(result, whole=True)
    result = as_run(result)
    later = result["local_time"].to_numpy() >= since
    found = {}
    for need in _kinds(result):
        if need.total or not later.any():
            continue
        peak = need.amount[:, later].max(axis=1)
        amounts = sendable(np.quantile(peak, [*BY_REGION.values()], axis=0), NEEDS[need.name][0]).sum(axis=1)
        found[need.name] = dict(zip(BY_REGION, map(float, amounts), strict=True))
    return found


def generators_mw(result: xr.Dataset) -> Floats | None:
    """Return generators for all systems of a region together, each at its own peak, shape ``(member, region)``. [MW]

    Generators stay where they are brought, so peaks of systems add up though they come at different hours. None if the
    result does not say what its systems lack.
    """
    peaks = [need.amount.max(axis=1) for need in _kinds(result) if need.name.startswith("generators_")]
    return np.sum(peaks, axis=0) if peaks else None


def _rows(result: xr.Dataset, need: _Need) -> Iterator[tuple[tuple[str, str], tuple[object, ...]]]:
    """Return the rows of one need, one per region that has it."""
    unit, words = NEEDS[need.name]
    peak = need.amount.max(axis=1)
    size = need.amount.sum(axis=1) if need.total else peak
    low, middle, high = sendable(np.quantile(size, QUANTILES, axis=0), unit)
    least = LEAST_PART * UNIT_OF[unit]
    begun = (need.amount >= BEGINS_SHARE * peak[:, None]) & (need.amount > _NOTHING)
    first = np.where(begun.any(axis=1), begun.argmax(axis=1), result.sizes["time"])
    since = np.quantile(first, 0.05, axis=0, method="inverted_cdf").astype(np.intp)
    local = np.append(result["local_time"].to_numpy().astype("datetime64[ns]"), np.datetime64("NaT", "ns"))
    most, needed = need.amount.argmax(axis=1), size >= least
    names = result["region_name"].to_numpy()
    for place in np.flatnonzero(needed.any(axis=0)):
        of = needed[:, place]
        numbers = (float(value[place]) for value in (size.mean(axis=0), low, middle, high))
        peaks = int(np.quantile(most[of, place], 0.5, method="inverted_cdf"))
        moments, counts = (local[since[place]], local[peaks]), (float(of.mean()), len(of))
        key = (str(result["region"].to_numpy()[place]), need.name)
        yield key, (str(names[place]), words, unit, *numbers, *moments, "", *counts)


def _with_deadlines(frame: pd.DataFrame, result: xr.Dataset, table: pd.DataFrame) -> pd.DataFrame:
    """Set the time by which warm places and draining crews should be there to the deadlines of homes and pipes."""
    steps = {moment: step for step, moment in enumerate(result["local_time"].to_numpy().astype("datetime64[ns]"))}
    for need, deadline in DEADLINE_OF.items():
        rows = table[table.index.get_level_values("deadline") == deadline].droplevel("deadline")
        for region, moment in rows["local_p05"].items():
            key = (str(region), need)
            if key not in frame.index:
                continue
            frame.loc[key, "from_local"] = moment
            if deadline == "homes_12c" and not pd.isna(moment):
                frame.loc[key, "homes"] = _coldest(result.sel(region=region), steps[moment.to_datetime64()])
    return frame


def _coldest(one: xr.Dataset, step: int) -> str:
    """Return the kind of building of most homes of a region below 12 °C in a step; empty if unknown.

    People in homes below 12 °C who are in none on district heat are put to the kinds of own heating by their number and
    their mean kelvin below 18 °C. Ours.
    """
    if not {"indoor_temperature", "home_share", "archetype_share"} <= set(one.data_vars):
        return ""
    moment = one.isel(time=step)
    cold = (moment["indoor_temperature"] < COLD_C).transpose("archetype", "member", "heat_state").to_numpy()
    share = np.broadcast_to(moment["home_share"].transpose("member", "heat_state").to_numpy(), cold.shape)
    whole = moment["archetype_share"].to_numpy()
    own = np.isin(moment["archetype"].to_numpy(), OWN_HEAT)
    homes = np.where(own, cold.any(axis=2).mean(axis=1), (cold * share).sum(axis=2).mean(axis=1)) * whole
    people = float(moment["people_without_heat"].mean("member")) / max(float(moment["population"]), 1.0)
    air = moment["indoor_temperature"].max("heat_state").mean("member").to_numpy()
    lacking = np.where(own, np.nan_to_num(np.maximum(WARM_C - air, 0.0)) * whole, 0.0)
    rest = people - homes[~own].sum()
    if lacking.any() and rest > homes[own].max():  # homes take turns: some are cold where their kind on average is not
        homes[own] = rest * lacking[own] / lacking.sum()
    return str(moment["archetype"].to_numpy()[homes.argmax()]) if homes.max() > 0 else ""
