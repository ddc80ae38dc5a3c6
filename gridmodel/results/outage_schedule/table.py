"""From a result to an outage schedule: sub-queues off in each half hour, and deficits beyond the scheme."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Bools, Floats
from gridmodel.errors import InputError, Problem
from gridmodel.events.timetable_json import GROUPS
from gridmodel.regions import local_times, regions_of_result
from gridmodel.results.steps import as_run, step_h
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.services.power.rotation import allot, first_in_order
from gridmodel.vocabulary import ORDER_STAGES

SLOT_MIN = 30
"""Length of a slot. [min]"""
SCHEME_QUEUES = 4.0
"""Queues up to which the hourly timetable applies; beyond, suppliers declare emergency stages. [1] Volumes of 0.5 to 4
queues were set in hourly timetables, 4.5 to 5 stages in emergency ones (EPRAVDA_QUEUES, UNN_7FEB)."""
LONGEST_H = 4.0
"""Stretch without power that the timetable does not exceed where it can. [h] [B]"""
TOLERANCE = 1e-6
"""Share of demand, and megawatts, below which a difference is rounding. Ours: far below any deficit that matters."""
STAGES = ("the timetable applies", "emergency stage", "beyond the scheme")
"""Meaning of the numbers of `stage`."""
LAST_STAGE = len(ORDER_STAGES) - 1
"""Stage of an order in which critical consumers are cut."""


def timetable(
    result: xr.Dataset, *, certainty: float = 0.5, longest_h: float = LONGEST_H, regions: list[str] | None = None
) -> xr.Dataset:
    """Make the outage schedule that a result implies.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    certainty
        Share of members whose deficit the timetable covers in each half hour, above 0 and at most 1.
    longest_h
        Stretch without power that should not be exceeded, a whole number of half hours. [h]
    regions
        Regions of the schedule; by default all.

    Returns
    -------
    xarray.Dataset
        Half hours by region: `off` of each sub-queue (dimension ``group``, "1.1" to "6.2"), `queues` that are off,
        `stage` (0 the timetable applies, 1 emergency stage: more than four queues, 2 beyond the scheme: even with all
        queues off critical consumers are cut), `uncovered_mw` that the scheme cannot shed, `covered_share` of members
        whose deficit is covered.

    Raises
    ------
    InputError
        If a region is unknown or a number is out of range.

    Notes
    -----
    A run whose homes take turns says how many sub-queues are off (`subqueues_off`), by order, by an imposed timetable
    or as the optimum leaves them, and the schedule has as many. With ``rotation: fixed`` the same are off throughout. For
    others, sub-queues have equal shares of the demand in the queues [B], so that ``n = ceil(12 · shed / demand)`` of
    them must be off; who is outside the queues at the start of the run (`outside_queues_share`), critical feeders among
    them, is in none. Within a slot the deepest step counts.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> table["queues"].sel(region="TR-2").max().item()  # of six
    5.0
    """
    step_h(result, whole=True)
    result = as_run(result)
    found = _check(result, certainty, longest_h, regions)
    chosen = result if regions is None else result.sel(region=found)
    share, beyond_mw = _deficit(chosen)
    times, share = _slots(result, share)
    _, beyond_mw = _slots(result, beyond_mw)
    asked = np.quantile(share, certainty, axis=0, method="inverted_cdf")
    uncovered = np.quantile(beyond_mw, certainty, axis=0, method="inverted_cdf")
    count = np.minimum(np.ceil(SUBQUEUES * asked - TOLERANCE), SUBQUEUES).astype(np.int64)
    local = local_times(times, str(result.attrs["timezone"]))
    days = local.astype("datetime64[D]").astype(np.int64)
    fixed = _rotation(result) == "fixed"
    off = first_in_order(count) if fixed else allot(count, days, longest=round(longest_h * 60 / SLOT_MIN))
    stage = np.where(count > SCHEME_QUEUES * 2, 1, 0)
    stage = np.where(uncovered > TOLERANCE, 2, stage)
    covered = (SUBQUEUES * share <= count + SUBQUEUES * TOLERANCE) & (beyond_mw <= TOLERANCE)
    return _dataset(result, chosen, times, local, {
        "off": off, "queues": count / 2.0, "stage": stage, "uncovered_mw": uncovered,
        "covered_share": covered.mean(axis=0),
    }, certainty=certainty, longest_h=longest_h)  # fmt: skip


def hours_off(table: xr.Dataset) -> xr.DataArray:
    """Return hours off of each sub-queue on each local day, ``(day, region, group)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> gm.schedule.hours_off(table).sel(region="TR-2", group="1.1").to_numpy()  # two days
    array([10., 15.])
    """
    days = table["local_time"].dt.floor("D").rename("day")
    hours = table["off"].astype(float).groupby(days).sum("time") * (SLOT_MIN / 60.0)
    return hours.assign_attrs(units="h", long_name="Hours off per day")


def mean_hours_off(table: xr.Dataset) -> xr.DataArray:
    """Return hours off in 24 of homes in the queues, mean of the whole schedule, ``(region,)``. [h]

    A first or last day that is in it in part counts by its hours, as in `gm.metrics.hours_without_power_per_day`.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> float(gm.schedule.mean_hours_off(table).sel(region="TR-2"))
    12.5
    """
    hours = 24.0 * table["off"].astype(float).mean(("time", "group"))
    return hours.assign_attrs(units="h", long_name="Hours off in 24, mean of the schedule")


def longest_stretch_h(table: xr.Dataset) -> xr.DataArray:
    """Return the longest stretch without power of each sub-queue, ``(region, group)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> table = gm.schedule.timetable(result)
    >>> gm.schedule.longest_stretch_h(table).max("group").to_series().to_dict()
    {'TR-1': 4.0, 'TR-2': 4.0, 'TR-3': 4.0}
    """
    off = table["off"].transpose("time", "region", "group").to_numpy().astype(bool)
    place = np.arange(1, len(off) + 1)[:, None, None]
    since = np.maximum.accumulate(np.where(off, 0, place), axis=0)
    longest = np.where(off, place - since, 0).max(axis=0, initial=0) * (SLOT_MIN / 60.0)
    coords = {name: table[name] for name in ("region", "group")}
    return xr.DataArray(longest, coords, ("region", "group"), attrs={"units": "h", "long_name": "Longest stretch off"})


def _check(result: xr.Dataset, certainty: float, longest_h: float, regions: list[str] | None) -> list[str]:
    """Check what is asked for, and return the ids of the regions.

    Raises
    ------
    InputError
        With every problem.
    """
    known = regions_of_result(result)
    ids = {name: known.find(name) for name in regions or []}
    wrong = {name: known.unknown(name, "this run") for name, region in ids.items() if region is None}
    problems = [
        Problem(message=message, field="region", value=name, hint=hint) for name, (message, hint) in wrong.items()
    ]
    if not 0 < certainty <= 1:
        message = "must be more than 0 and at most 1"
        problems.append(Problem(message=message, field="certainty", value=str(certainty)))
    if not 0.5 <= longest_h <= 24 or (longest_h * 2) % 1:
        message = "must be a whole number of half hours from 0.5 to 24"
        problems.append(Problem(message=message, field="longest_h", value=str(longest_h)))
    if problems:
        raise InputError(problems)
    return [region for region in dict.fromkeys(ids.values()) if region is not None]


def _rotation(result: xr.Dataset) -> str:
    """Return how homes take turns in a result; empty if it does not say."""
    return str(json.loads(str(result.attrs.get("scenario", "{}"))).get("rotation", ""))


def _deficit(result: xr.Dataset) -> tuple[Floats, Floats]:
    """Return the share of sub-queues that is off, and critical megawatts shed beyond, ``(member, time, region)``.

    Where the run follows an order, only its last stage is beyond the scheme, and else only what critical consumers lack
    while every sub-queue is off: what broken feeders take is not.
    """
    critical = (result["tier"] == "critical").to_numpy()
    dims = ("member", "time", "region", "tier")
    demand = result["demand_mw"].transpose(*dims).to_numpy()
    shed = result["shed_mw"].transpose(*dims).to_numpy()
    beyond = np.maximum(shed[..., critical].sum(axis=-1), 0.0)
    if "subqueues_off" in result.data_vars:
        share = np.round(result["subqueues_off"].transpose(*dims[:3]).to_numpy(), 4) / SUBQUEUES
    else:
        cuttable = demand[..., ~critical].sum(axis=-1)
        if "outside_queues_share" in result.data_vars:
            cuttable = cuttable * _queued(result, _first(demand), critical)[:, None]
        lost = shed[..., ~critical].sum(axis=-1)
        share = np.divide(lost, cuttable, out=np.zeros(lost.shape), where=cuttable > 0)
    if "cut_stage" in result.data_vars:
        last = np.round(result["cut_stage"].transpose(*dims[:3]).to_numpy()) >= LAST_STAGE
    else:
        last = np.ceil(SUBQUEUES * share - TOLERANCE) >= SUBQUEUES
    return np.clip(share, 0.0, 1.0), np.where(last, beyond, 0.0)


def _first(demand_mw: Floats) -> Floats:
    """Return the demand of the first step in which a region has any, ``(member, region, tier)``. [MW]"""
    first = (demand_mw.sum(axis=-1) > 0).argmax(axis=1)
    return np.asarray(np.take_along_axis(demand_mw, first[:, None, :, None], axis=1)[:, 0])


def _queued(result: xr.Dataset, first_mw: Floats, critical: Bools) -> Floats:
    """Return the share of demand that is not critical which is in the queues, ``(member, region)``. [1]

    Parameters
    ----------
    result
        With `outside_queues_share`, of which critical consumers are a part.
    first_mw
        Demand of a first step, shape ``(member, region, tier)``. [MW]
    critical
        True for critical tiers, shape ``(tier,)``.
    """
    whole, others = first_mw.sum(axis=-1), first_mw[..., ~critical].sum(axis=-1)
    outside = result["outside_queues_share"].transpose("member", "region").to_numpy()
    queued = np.divide((1.0 - outside) * whole, others, out=np.ones(whole.shape), where=others > 0)
    return np.asarray(np.clip(queued, 0.0, 1.0), dtype=float)


def _slots(result: xr.Dataset, values: Floats) -> tuple[npt.NDArray[np.datetime64], Floats]:
    """Return the half hours that the steps touch, and the largest value in each, ``(member, slot, region)``."""
    quarters = round(step_h(result, whole=True) * 4)
    begin = result["time"].to_numpy()[0].astype("datetime64[m]")
    quarter = begin + np.arange(values.shape[1] * quarters) * np.timedelta64(15, "m")
    slot = quarter.astype(np.int64) // SLOT_MIN
    first = np.flatnonzero(np.diff(slot, prepend=slot[0] - 1))
    deepest = np.maximum.reduceat(np.repeat(values, quarters, axis=1), first, axis=1)
    return (slot[first] * SLOT_MIN).astype("datetime64[m]").astype("datetime64[ns]"), deepest


def _dataset(
    result: xr.Dataset, chosen: xr.Dataset, times: npt.NDArray[np.datetime64], local: npt.NDArray[np.datetime64],
    arrays: dict[str, npt.NDArray[np.generic]], *, certainty: float, longest_h: float,
) -> xr.Dataset:  # fmt: skip
    dims = ("time", "region")
    about = {
        "off": ("1", "1 where the sub-queue is off"),
        "queues": ("1", "Queues off, of six"),
        "stage": ("1", f"0 {STAGES[0]}, 1 {STAGES[1]}, 2 {STAGES[2]}"),
        "uncovered_mw": ("MW", "Deficit that remains with every queue off"),
        "covered_share": ("1", "Share of members whose deficit is covered"),
    }
    types = {"off": np.int8, "stage": np.int8}
    data = {
        name: ((*dims, "group") if name == "off" else dims, values.astype(types.get(name, np.float64)))
        for name, values in arrays.items()
    }
    made = xr.Dataset(data, coords={
        "time": times, "region": chosen["region"].to_numpy(), "group": np.array(GROUPS, dtype=object),
        "local_time": ("time", local.astype("datetime64[ns]")),
        "region_name": ("region", chosen["region_name"].to_numpy()),
    })  # fmt: skip
    for name, (units, words) in about.items():
        made[name].attrs = {"units": units, "long_name": words}
    keep = ("title", "timezone", "source", "start", "end")
    made.attrs = {name: str(result.attrs.get(name, "")) for name in keep}
    made.attrs |= {"certainty": certainty, "longest_h": longest_h, "members": int(result.sizes["member"])}
    made.attrs |= {"rotation": _rotation(result), "imposed": int("timetable_off_share" in result.data_vars)}
    return made
