"""The loop: from a scenario to a labelled result, all members at once, step by step."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.services.backup import HEAT, WATER, BackupStep, full_tanks, step_backup
from gridmodel.services.heat import HeatServices, HomesState, HomesStep, step_homes, warm_start
from gridmodel.services.power import (
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
from gridmodel.services.water import WaterState, WaterStep, full, step_water
from gridmodel.simulation.inputs import RunInputs
from gridmodel.simulation.record import Record

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps there are."""


def simulate(inputs: RunInputs, *, progress: Progress | None = None, keep: Collection[str] | None = None) -> xr.Dataset:
    """Step through time; the loop reads as the method.

    Parameters
    ----------
    inputs
        What to run.
    progress
        Called after each step with the steps done and the steps there are.
    keep
        Variables of the result, all by default; the others take no memory.
    """
    record = Record(inputs, keep)
    advance(inputs, record, len(inputs.times), progress=progress)
    return record.dataset()


def advance(
    inputs: RunInputs, record: Record, steps: int, *, progress: Progress | None = None, begin: int = 0,
    state: State | None = None, seen: Callable[[int, State], None] | None = None,
) -> None:  # fmt: skip
    """Go through the first steps of a run, and note what they show.

    Parameters
    ----------
    inputs, record
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
    state = state or _start(inputs)
    for now in range(begin, steps):
        if seen is not None:
            seen(now, state)
        state = _step(inputs, now, state, record)
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


def _start(inputs: RunInputs) -> State:
    """Homes long held at the set point, reservoirs and tanks full, nothing plugged in."""
    members, regions = len(inputs.members), len(inputs.network.regions)
    homes = None
    if inputs.homes is not None:
        homes = warm_start(inputs.homes, inputs.settings, inputs.before_c, members)
    return State(
        electricity=first_state(inputs),
        feedback=no_feedback(members, regions),
        fuel_mwh=full_tanks(inputs.backup),
        homes=homes,
        water=full(inputs.waterworks, members) if inputs.waterworks else None,
        mains=np.ones((members, regions)),
    )


def _step(inputs: RunInputs, now: int, state: State, record: Record) -> State:
    """One step: power, backup, heat, water, people; what one service does to another is felt in the next step."""
    normal = need_of(inputs, now)
    extra = added(inputs, now, normal, state.feedback)
    need = extra.to(normal)
    served = serve(inputs, now, extra.reached(need), state.electricity, normal=normal)
    power = with_tripped(served, need, extra)
    share = power_shares(inputs, power)
    backup = _backup(inputs, now, share, state.fuel_mwh)
    record.power(now, power, extra)
    record.backup(now, share, backup)
    heat = None
    heater, users = np.zeros_like(share.homes), np.zeros_like(share.homes)
    if inputs.homes is not None and state.homes is not None:
        heat = _heat(inputs, now, share, backup, state)
        record.heat(now, heat)
        heater, users = heat.heater_mw, heat.heater_homes
    water = None
    if inputs.waterworks is not None and state.water is not None:
        water = _water(inputs, now, share, backup, state.water, heat=heat)
        record.water(now, water)
    record.people(now, share, water)
    return State(
        electricity=power.state,
        feedback=after(inputs, state.feedback, share.homes, heater, users),
        fuel_mwh=backup.fuel_mwh,
        homes=heat.state if heat else None,
        water=water.state if water else None,
        mains=water.mains_share if water else state.mains,
    )


def _backup(inputs: RunInputs, now: int, power: PowerShares, fuel_mwh: Floats) -> BackupStep:
    grid = np.stack([power.plant, power.plant, power.critical, power.homes], axis=-1)
    trucks = inputs.settings["fuel_trucks_per_million"] * inputs.population / 1e6 + inputs.aid.trucks[now]
    return step_backup(
        inputs.backup, fuel_mwh, inputs.settings, power=grid, extra_mw=inputs.aid.backup_mw[now], trucks=trucks,
        step_h=inputs.scenario.step_h,
    )  # fmt: skip


def _heat(inputs: RunInputs, now: int, power: PowerShares, backup: BackupStep, state: State) -> HomesStep:
    assert inputs.homes is not None  # noqa: S101 - only called with homes
    assert state.homes is not None  # noqa: S101
    time = inputs.timeline
    services = HeatServices(
        outdoor_c=inputs.outdoor_c[now],
        source=time.heat_source[now],
        network=time.heat_network[now],
        chp=time.chp[now],
        plant_power=power.plant,
        backup=backup.share[..., HEAT],
        home_power=power.homes,
        fuel=time.fuel[now],
        mains=state.mains,
        mobile_mw=inputs.aid.mobile_mw[now],
    )
    return step_homes(
        inputs.homes, state.homes, inputs.settings, services, step_h=inputs.scenario.step_h,
        heaters=inputs.scenario.heater_feedback,
    )  # fmt: skip


def _water(
    inputs: RunInputs, now: int, power: PowerShares, backup: BackupStep, state: WaterState, *, heat: HomesStep | None
) -> WaterStep:
    assert inputs.waterworks is not None  # noqa: S101 - only called with waterworks
    running = np.minimum(power.plant + backup.share[..., WATER], 1.0)
    return step_water(
        inputs.waterworks, state, stations_left=inputs.timeline.water_pumping[now],
        plant_power=running, home_power=power.homes, pump_margin=inputs.settings["pump_margin"],
        step_h=inputs.scenario.step_h, dry_risers=heat.dry_risers if heat else 0.0,
        lift_left=inputs.timeline.wastewater[now], lift_power=running,
    )  # fmt: skip
