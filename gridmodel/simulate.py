"""The loop: from a scenario to a labelled result, all members at once, step by step."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.electricity import PowerShares, first_state, need_of, power_shares, serve
from gridmodel.errors import InputError, Problem, nearest
from gridmodel.heat import HomesState, step_homes, warm_start
from gridmodel.metrics import METRIC_NAMES, estimate, per_member, sure_enough
from gridmodel.prepare import Plan, check_size, plan
from gridmodel.record import Record
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.water import WaterState, full, step_water

__all__ = ["Plan", "Progress", "plan", "run", "simulate"]

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Called with the steps done and the steps there are."""
AUTO_BLOCK = 50
"""Members between two looks at whether they are enough. Ours: rare enough that looking does not bias the mean much."""


def run(scenario: Scenario | str | Path, *, progress: Progress | None = None) -> xr.Dataset:
    """Run a scenario.

    Parameters
    ----------
    scenario
        A scenario, a bundled name, or the path of a scenario file.
    progress
        Called after each step with the steps done and the steps there are.

    Returns
    -------
    xarray.Dataset
        Every variable of `gridmodel.names.VARIABLES` that the network has data for, with units. Heat and
        water are left out where the network has no systems of that kind, the repair log where no strike is drawn.

    Raises
    ------
    InputError
        With every problem of the scenario's files.
    """
    made = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if made.members == "auto" and not made.deterministic:
        return _until_sure(made, progress)
    return simulate(plan(made), progress=progress)


def _until_sure(scenario: Scenario, progress: Progress | None) -> xr.Dataset:
    """Run block after block of members until the metric of `stop_at` is known well enough, or there are too many.

    Raises
    ------
    InputError
        If there is no such metric.
    """
    rule = scenario.stop_at
    if rule.metric not in METRIC_NAMES:
        hint = nearest(rule.metric, METRIC_NAMES)
        message = "is no metric that has a value a member"
        raise InputError([Problem(message=message, field="stop_at.metric", value=rule.metric, hint=hint)])
    check_size(scenario, rule.max_members)
    parts: list[xr.Dataset] = []
    values: Floats = np.zeros(0)
    for first in range(0, rule.max_members, AUTO_BLOCK):
        block = range(first, min(first + AUTO_BLOCK, rule.max_members))
        parts.append(simulate(plan(scenario, block), progress=progress))
        found = per_member(parts[-1])
        if rule.metric not in found:
            message = "needs heat or water systems, which this network has not"
            raise InputError([Problem(message=message, field="stop_at.metric", value=rule.metric)])
        values = np.concatenate([values, found[rule.metric].to_numpy()])
        if sure_enough(values, rule.share):
            break
    result: xr.Dataset = xr.concat(
        parts, dim="member", data_vars="minimal", coords="minimal", compat="override", join="override",
        combine_attrs="override",
    )  # fmt: skip
    reached = estimate(values)
    error = reached.standard_error / abs(reached.mean) if reached.mean else float("nan")
    result.attrs["stop_at"] = (
        f"{len(values)} members: standard error of {rule.metric} is {100.0 * error:.2g} % of its mean"
    )
    return result


def simulate(plan: Plan, *, progress: Progress | None = None, keep: Collection[str] | None = None) -> xr.Dataset:
    """Step through time; the loop reads as the method.

    Parameters
    ----------
    plan
        What to run.
    progress
        Called after each step with the steps done and the steps there are.
    keep
        Variables of the result, all by default; the others take no memory.
    """
    record = Record(plan, keep)
    electricity = first_state(plan)
    members = len(plan.members)
    homes = warm_start(plan.homes, plan.scenario, plan.before_c, members) if plan.homes else None
    water = full(plan.waterworks, members) if plan.waterworks else None
    for now in range(len(plan.times)):
        power = serve(plan, now, need_of(plan, now), electricity)
        electricity = power.state
        record.power(now, power)
        share = power_shares(plan, power)
        homes = _heat(plan, now, share, homes, record) if homes else None
        water = _water(plan, now, share, water, record) if water else None
        record.people(now, share)
        if progress is not None:
            progress(now + 1, len(plan.times))
    return record.dataset()


def _heat(plan: Plan, now: int, power: PowerShares, state: HomesState, record: Record) -> HomesState:
    assert plan.homes is not None  # noqa: S101 - state exists only with homes
    time = plan.timeline
    members = len(plan.members)
    shape = (members, plan.dispatcher.grid.regions)
    got = step_homes(
        plan.homes, state, plan.scenario, outdoor_c=plan.outdoor_c[now],
        source_left=np.broadcast_to(time.heat_source[now], shape),
        network_left=np.broadcast_to(time.heat_network[now], shape),
        plant_power=power.plant, home_power=power.homes, fuel=np.broadcast_to(time.fuel[now], shape),
        tau_h=plan.numbers["reconnection_tau_h"],
    )  # fmt: skip
    keep = record.arrays
    keep["heat_demand_mw_th"][:, now], keep["heat_supplied_mw_th"][:, now] = got.need_mw, got.supplied_mw
    keep["home_share"][:, now], keep["indoor_temperature"][:, now] = got.home_share, got.air_c
    keep["degree_hours_below_18c"][:, now] = got.degree_hours
    names = ("people_below_18c", "people_below_16c", "people_without_heat", "people_below_10c")
    for place, name in enumerate(names):
        keep[name][:, now] = record.population * np.clip(got.cold_share[..., place], 0.0, 1.0)
    return got.state


def _water(plan: Plan, now: int, power: PowerShares, state: WaterState, record: Record) -> WaterState:
    assert plan.waterworks is not None  # noqa: S101 - state exists only with waterworks
    stations = np.broadcast_to(plan.timeline.water_pumping[now], power.plant.shape)
    got = step_water(
        plan.waterworks, state, stations_left=stations, plant_power=power.plant, home_power=power.homes,
        pump_margin=plan.scenario.pump_margin, step_h=plan.scenario.step_h,
    )  # fmt: skip
    keep = record.arrays
    keep["water_stored_m3"][:, now], keep["water_served_share"][:, now] = got.stored_m3, got.served_share
    keep["people_without_water"][:, now] = record.population * (1.0 - got.served_share)
    record.dry_street = 1.0 - got.mains_share
    return got.state
