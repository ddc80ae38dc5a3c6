"""Reports as a result would have had them: a plain function of it and of a row of observations for each kind.

A plan was made the day before with what was known then, so it is compared with the model's order of the day before; a
report is compared with what was served. The mean over sub-queues is the mean over people in the queues; the least and
the most cut sub-queue are a spread over people, a range over hours is a spread over hours, and neither is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.services.cohorts import SUBQUEUES

DAY = np.timedelta64(24, "h")
QUEUES = 6.0
"""Queues of a region, of two sub-queues each. [1]"""
SMALL = 1e-3
"""Share of homes below which an event has disconnected nobody. [1]"""
Row = Mapping[str, Any]
"""`from` and `to`, local times; `scope`; perhaps `regions`, the regions of the scope."""


def _between(result: xr.Dataset, start: Any, end: Any) -> xr.Dataset:  # noqa: ANN401 - a time of pandas or numpy
    """Return the steps whose local time is within a span, of the variables that are looked at: all would be copied."""
    local = result["local_time"].to_numpy().astype("datetime64[s]")
    return result.isel(time=np.flatnonzero((local >= np.datetime64(start, "s")) & (local < np.datetime64(end, "s"))))


def regions_of(result: xr.Dataset, row: Row) -> list[str]:
    """Return the regions of a row: those that it lists as `regions`, else its scope, else the whole country."""
    listed, known = row.get("regions"), [str(name) for name in result["region"].to_numpy()]
    if isinstance(listed, list | tuple):
        return [str(name) for name in listed]
    return [str(row["scope"])] if str(row["scope"]) in known else known


def _weights(result: xr.Dataset, row: Row) -> xr.DataArray:
    """Return the weight of each region in a scope: its people, or 1 of a single region."""
    people = result["population"]
    weights = people.where(result["region"].isin(regions_of(result, row)), 0.0)
    return weights / weights.sum()


def _members(values: xr.DataArray) -> Floats:
    return np.asarray(values.transpose("member", ...).to_numpy(), dtype=float)


def _order(result: xr.Dataset, row: Row, back: np.timedelta64) -> xr.DataArray:
    """Return the share of sub-queues off in each hour of a row's span, or of the same hours before. [1]"""
    here = _between(
        result[["subqueues_off"]], np.datetime64(row["from"], "s") - back, np.datetime64(row["to"], "s") - back
    )
    return (here["subqueues_off"] * _weights(result, row)).sum("region") / SUBQUEUES


def order_day_before(result: xr.Dataset, row: Row) -> Floats:
    """Return hours off a day of the mean sub-queue, by the order of the day before, shape ``(member,)``. [h]

    ``24 · mean of (sub-queues off / 12)`` over hours; a timetable's mean over its twelve sub-queues is the same number.
    """
    return 24.0 * _members(_order(result, row, DAY).mean("time"))


def order_middle_day_before(result: xr.Dataset, row: Row) -> Floats:
    """Return the middle of the least and the most cut hour of the order of the day before, as hours a day. [h]

    The operator announced a range over hours ("2 to 4 queues"); a queue is 4 h a day if it holds all day.
    """
    order = _order(result, row, DAY)
    return 24.0 * _members((order.min("time") + order.max("time")) / 2.0)


def hours_served(result: xr.Dataset, row: Row) -> Floats:
    """Return hours off a day of the mean person in the queues, damage included, by what was served. [h]

    ``1 − (1 − q)(1 − b)`` with the share ``q`` of sub-queues off and the share ``b`` of people on broken feeders.
    """
    here = _between(result[["people_off_by_damage", "subqueues_off"]], row["from"], row["to"])
    broken = (here["people_off_by_damage"] / result["population"]).clip(0.0, 1.0)
    off = 1.0 - (1.0 - here["subqueues_off"] / SUBQUEUES) * (1.0 - broken)
    return 24.0 * _members((off * _weights(result, row)).sum("region").mean("time"))


def missing_share(result: xr.Dataset, row: Row) -> Floats:
    """Return the largest share of need that is missing in an hour of the country. [1]"""
    here = _between(result[["shed_mw", "demand_mw"]], row["from"], row["to"])
    both = ("region", "tier")
    return _members((here["shed_mw"].sum(both) / here["demand_mw"].sum(both)).max("time"))


def served_share(result: xr.Dataset, row: Row) -> Floats:
    """Return the share of need that is served over a span. [1]"""
    here = _between(result[["served_mw", "demand_mw"]], row["from"], row["to"]).sel(region=regions_of(result, row))
    both = ("region", "tier", "time")
    return _members(here["served_mw"].sum(both) / here["demand_mw"].sum(both))


def _hours(result: xr.Dataset) -> float:
    """Return the length of a step. [h]"""
    times = result["time"].to_numpy()
    return float((times[1] - times[0]) / np.timedelta64(1, "h"))


def imported(result: xr.Dataset, row: Row) -> Floats:
    """Return the energy imported over a span. [GWh]"""
    here = _between(result[["import_mw"]], row["from"], row["to"])
    return _members(here["import_mw"].sum("time")) * _hours(result) / 1000.0


def most_imported(result: xr.Dataset, row: Row) -> Floats:
    """Return the energy imported on the day of a span with the most. [GWh]"""
    here = _between(result[["import_mw"]], row["from"], row["to"])
    days = here["local_time"].to_numpy().astype("datetime64[D]")
    by_day = here["import_mw"].assign_coords(day=("time", days)).groupby("day").sum()
    return _members(by_day.max("day")) * _hours(result) / 1000.0


def peak_import(result: xr.Dataset, row: Row) -> Floats:
    """Return the highest import of an hour in a span. [GW]"""
    return _members(_between(result[["import_mw"]], row["from"], row["to"])["import_mw"].max("time")) / 1000.0


def still_cold(result: xr.Dataset, row: Row) -> Floats:
    """Return the part of the homes that an event disconnected which are without heat at the end of a span. [1]

    Homes that were without heat in the hour before it are left out of both.
    """
    start, hour = np.datetime64(row["from"], "s").astype("datetime64[h]"), np.timedelta64(1, "h")
    end = np.datetime64(row["to"], "s").astype("datetime64[h]")
    lost = 1.0 - result["home_share"].sel(heat_state="connected", region=row["scope"])
    held = lost.to_dataset(name="lost").assign_coords(local_time=result["local_time"])
    before, begun, left = (
        _members(_between(held, at, at + hour)["lost"].mean("time"))
        for at in (start - hour, start + 2 * hour, end - hour)
    )
    fell = begun - before
    return np.asarray(np.clip(np.divide(left - before, fell, out=np.zeros_like(fell), where=fell > SMALL), 0.0, None))


def still_dry(result: xr.Dataset, row: Row) -> Floats:
    """Return the people without water at the end of a span over the most in its first day. [1]

    The most of the day before the event is left out of both: high floors are dry whenever their turn comes.
    """
    start, end, hour = np.datetime64(row["from"], "s"), np.datetime64(row["to"], "s"), np.timedelta64(1, "h")
    dry = result["people_without_water"].sel(region=row["scope"]).to_dataset(name="dry")
    dry = dry.assign_coords(local_time=result["local_time"])
    before, most = (
        _members(_between(dry, first, last)["dry"].max("time"))
        for first, last in ((start - DAY, start), (start, start + DAY))
    )
    left = _members(_between(dry, end - hour, end)["dry"].mean("time"))
    fell = most - before
    return np.asarray(np.clip(np.divide(left - before, fell, out=np.zeros_like(left), where=fell > 1.0), 0.0, None))


def queues_off(result: xr.Dataset, row: Row) -> Floats:
    """Return the mean number of queues off by order over a span, of six. [1]"""
    here = _between(result[["subqueues_off"]], row["from"], row["to"])
    return _members((here["subqueues_off"] * _weights(result, row)).sum("region").mean("time")) / (SUBQUEUES / QUEUES)


def share_off(result: xr.Dataset, row: Row) -> Floats:
    """Return the mean share of people without power over a span, rotation and damage together. [1]"""
    return _mean_share(result, row, "people_without_power")


def people_off(result: xr.Dataset, row: Row) -> Floats:
    """Return the mean number of people without power over a span, rotation and damage together. [1]"""
    return _mean_number(result, row, "people_without_power")


def homes_without_heat(result: xr.Dataset, row: Row) -> Floats:
    """Return the mean share of homes on district heat without it over a span, weighted by people. [1]

    Buildings are reported as often as homes; a share of buildings is taken for one of homes, all buildings alike.
    """
    here = _between(result[["home_share"]], row["from"], row["to"])
    lost = 1.0 - here["home_share"].sel(heat_state="connected")
    return _members((lost * _weights(result, row)).sum("region").mean("time"))


def people_without_water(result: xr.Dataset, row: Row) -> Floats:
    """Return the largest number of people without water in an hour of a span. [1]"""
    here = _between(result[["people_without_water"]], row["from"], row["to"])["people_without_water"]
    return _members(here.sel(region=regions_of(result, row)).sum("region").max("time"))


def deficit(result: xr.Dataset, row: Row) -> Floats:
    """Return the largest power that is missing in an hour of a span, which is how deficits are stated. [MW]"""
    here = _between(result[["shed_mw"]], row["from"], row["to"])["shed_mw"].sel(region=regions_of(result, row))
    return _members(here.sum(("region", "tier")).max("time"))


def generation(result: xr.Dataset, row: Row) -> Floats:
    """Return the mean generation over a span, imports left out. [MW]"""
    here = _between(result[["generation_mw"]], row["from"], row["to"])["generation_mw"].sel(
        region=regions_of(result, row)
    )
    return _members(here.sum(("region", "technology")).mean("time"))


def mean_import(result: xr.Dataset, row: Row) -> Floats:
    """Return the mean of imports over a span. [MW]"""
    return _members(_between(result[["import_mw"]], row["from"], row["to"])["import_mw"].mean("time"))


def homes_c(result: xr.Dataset, row: Row) -> Floats:
    """Return the mean indoor temperature of homes over a span, weighted by homes and people. [degC]"""
    here = _between(result[["home_share", "archetype_share", "indoor_temperature"]], row["from"], row["to"])
    share = here["home_share"] * here["archetype_share"]
    warm = here["indoor_temperature"]
    share = share.where(warm.notnull(), 0.0)
    both = ("archetype", "heat_state")
    mean = (warm.fillna(0.0) * share).sum(both) / share.sum(both)
    there = _weights(result, row).where(share.sum(both) > 0, 0.0)
    return _members(((mean.fillna(0.0) * there).sum("region") / there.sum("region")).mean("time"))


def _mean_number(result: xr.Dataset, row: Row, name: str) -> Floats:
    """Return the mean over a span of a number of people in a scope."""
    here = _between(result[[name]], row["from"], row["to"])[name].sel(region=regions_of(result, row))
    return _members(here.sum("region").mean("time"))


def _mean_share(result: xr.Dataset, row: Row, name: str) -> Floats:
    """Return the same as a share of its people. [1]"""
    people = float(result["population"].sel(region=regions_of(result, row)).sum())
    return np.asarray(_mean_number(result, row, name) / people)


OPERATORS: Mapping[str, Callable[[xr.Dataset, Row], Floats]] = {
    made.__name__: made
    for made in (
        order_day_before, order_middle_day_before, hours_served, missing_share, served_share, imported, most_imported,
        peak_import, still_cold, still_dry, queues_off, share_off, people_off, homes_without_heat,
        people_without_water, deficit, generation, mean_import, homes_c,
    )
}  # fmt: skip
"""Operators by the name that a row gives."""
