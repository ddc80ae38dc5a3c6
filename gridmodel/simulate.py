"""The loop: from a scenario to a labelled result, all members at once, step by step."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.backup import HEAT, WATER, BackupStep, full_tanks, step_backup
from gridmodel.cascadelog import joined_log
from gridmodel.electricity import (
    Feedback,
    PowerShares,
    PowerState,
    added,
    after,
    first_state,
    need_of,
    no_feedback,
    power_shares,
    serve,
    with_tripped,
)
from gridmodel.errors import InputError, Problem, nearest
from gridmodel.heat import HeatServices, HomesState, HomesStep, step_homes, warm_start
from gridmodel.metrics import METRIC_NAMES, estimate, per_member, sure_enough
from gridmodel.prepare import Plan, check_size, plan
from gridmodel.record import Record
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.water import WaterState, WaterStep, full, step_water

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
        [part.drop_dims("cascade_step", errors="ignore") for part in parts], dim="member",
        data_vars="minimal", coords="minimal", compat="override", join="override", combine_attrs="override",
    )  # fmt: skip
    if scenario.cascade != "none":
        result = result.merge(joined_log(parts), combine_attrs="override")
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
    advance(plan, record, len(plan.times), progress=progress)
    return record.dataset()


def advance(
    plan: Plan, record: Record, steps: int, *, progress: Progress | None = None, begin: int = 0,
    state: State | None = None, seen: Callable[[int, State], None] | None = None,
) -> None:  # fmt: skip
    """Go through the first steps of a run, and note what they show.

    Parameters
    ----------
    plan, record
        What to run, and where to.
    steps
        Where to stop.
    progress
        Called after each step with the steps done and the steps there are.
    begin, state
        Where to begin, and the state that was reached there; from the start without it.
    seen
        Called before each step with its number and the state.
    """
    state = state or _start(plan)
    for now in range(begin, steps):
        if seen is not None:
            seen(now, state)
        state = _step(plan, now, state, record)
        if progress is not None:
            progress(now + 1, steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is carried from step to step."""

    electricity: PowerState
    feedback: Feedback
    fuel_mwh: Floats
    homes: HomesState | None
    water: WaterState | None
    mains: Floats
    """Share of streets with water in the step before, shape ``(member, region)``. [1]"""


def _start(plan: Plan) -> State:
    """Homes long held at the set point, reservoirs and tanks full, nothing plugged in."""
    members, regions = len(plan.members), len(plan.network.regions)
    homes = None
    if plan.homes is not None:
        homes = warm_start(plan.homes, plan.numbers, plan.before_c, members)
    return State(
        electricity=first_state(plan),
        feedback=no_feedback(members, regions),
        fuel_mwh=full_tanks(plan.backup),
        homes=homes,
        water=full(plan.waterworks, members) if plan.waterworks else None,
        mains=np.ones((members, regions)),
    )


def _step(plan: Plan, now: int, state: State, record: Record) -> State:
    """One step: power, backup, heat, water, people; what one service does to another is felt in the next step."""
    normal = need_of(plan, now)
    extra = added(plan, now, normal, state.feedback)
    need = extra.to(normal)
    served = serve(plan, now, extra.reached(need), state.electricity, normal=normal)
    power = with_tripped(served, need, extra)
    share = power_shares(plan, power)
    backup = _backup(plan, now, share, state.fuel_mwh)
    record.power(now, power, extra)
    record.backup(now, share, backup)
    heat = None
    heater, users = np.zeros_like(share.homes), np.zeros_like(share.homes)
    if plan.homes is not None and state.homes is not None:
        heat = _heat(plan, now, share, backup, state)
        record.heat(now, heat)
        heater, users = heat.heater_mw, heat.heater_homes
    water = None
    if plan.waterworks is not None and state.water is not None:
        water = _water(plan, now, share, backup, state.water, heat=heat)
        record.water(now, water)
    record.people(now, share, water)
    return State(
        electricity=power.state,
        feedback=after(plan, state.feedback, share.homes, heater, users),
        fuel_mwh=backup.fuel_mwh,
        homes=heat.state if heat else None,
        water=water.state if water else None,
        mains=water.mains_share if water else state.mains,
    )


def _backup(plan: Plan, now: int, power: PowerShares, fuel_mwh: Floats) -> BackupStep:
    grid = np.stack([power.plant, power.plant, power.critical, power.homes], axis=-1)
    trucks = plan.numbers["fuel_trucks_per_million"] * plan.population / 1e6 + plan.aid.trucks[now]
    return step_backup(
        plan.backup, fuel_mwh, plan.numbers, power=grid, extra_mw=plan.aid.backup_mw[now], trucks=trucks,
        step_h=plan.scenario.step_h,
    )  # fmt: skip


def _heat(plan: Plan, now: int, power: PowerShares, backup: BackupStep, state: State) -> HomesStep:
    assert plan.homes is not None  # noqa: S101 - only called with homes
    assert state.homes is not None  # noqa: S101
    time = plan.timeline
    services = HeatServices(
        outdoor_c=plan.outdoor_c[now],
        source=time.heat_source[now],
        network=time.heat_network[now],
        chp=time.chp[now],
        plant_power=power.plant,
        backup=backup.share[..., HEAT],
        home_power=power.homes,
        fuel=time.fuel[now],
        mains=state.mains,
        mobile_mw=plan.aid.mobile_mw[now],
    )
    return step_homes(
        plan.homes, state.homes, plan.numbers, services, step_h=plan.scenario.step_h,
        heaters=plan.scenario.heater_feedback,
    )  # fmt: skip


def _water(
    plan: Plan, now: int, power: PowerShares, backup: BackupStep, state: WaterState, *, heat: HomesStep | None
) -> WaterStep:
    assert plan.waterworks is not None  # noqa: S101 - only called with waterworks
    running = np.minimum(power.plant + backup.share[..., WATER], 1.0)
    return step_water(
        plan.waterworks, state, stations_left=plan.timeline.water_pumping[now],
        plant_power=running, home_power=power.homes, pump_margin=plan.numbers["pump_margin"],
        step_h=plan.scenario.step_h, dry_risers=heat.dry_risers if heat else 0.0,
        lift_left=plan.timeline.wastewater[now], lift_power=running,
    )  # fmt: skip
