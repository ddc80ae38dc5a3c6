"""Electricity as a service of a run: built, started, and taken through a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, row_sum
from gridmodel.dispatch.merit import gather
from gridmodel.services.power.feedback import Added, Feedback, added, after, no_feedback, with_tripped
from gridmodel.services.power.inputs import PowerInputs, build_power
from gridmodel.services.power.need import need_of
from gridmodel.services.power.serve import PowerState, PowerStep, first_state, power_shares, serve
from gridmodel.services.setup import Seen, Setup, Shown, Started
from gridmodel.vocabulary import CAUSES, MECHANISMS, TECHNOLOGIES, TIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Interim."""

    power: PowerState
    feedback: Feedback
    home_power: Floats | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Electricity of a run."""

    power: PowerInputs
    heated: bool
    """True if homes may plug in heaters."""


def build(setup: Setup) -> Part:
    """Build the grid, its plant and its consumers."""
    return Part(power=build_power(setup), heated=not setup.network.tables["heat_systems"].empty)


def start(part: Part) -> Started:
    """Nothing plugged in, storage as at its start."""
    power = part.power
    absent = set() if part.heated else {"heater_mw"}
    shown = {}
    if power.timetable_off is None:
        absent.add("timetable_off_share")
    else:
        shown["timetable_off_share"] = power.timetable_off[: len(power.midnight)]
    labels = {} if power.scenario.cascade == "none" else {"cause": [*CAUSES, *MECHANISMS]}
    members, regions = len(power.members), len(power.population)
    state = State(power=first_state(power), feedback=no_feedback(members, regions), home_power=None)
    return Started(state=state, shown=shown, labels=labels, absent=frozenset(absent))


def step(part: Part, state: State, seen: Seen, now: int) -> tuple[State, Shown]:
    """Serve what is needed with what there is."""
    power, feedback = part.power, state.feedback
    if state.home_power is not None:
        feedback = after(power, feedback, state.home_power, seen["heater_wanted_mw"], seen["heater_wanted_share"])
    normal = need_of(power, now)
    extra = added(power, now, normal, feedback)
    need = extra.to(normal)
    served = serve(power, now, extra.reached(need), state.power, normal=normal)
    done = with_tripped(served, need, extra)
    share = power_shares(power, done)
    shown = {
        **_shown(part, done, extra, now),
        "power": done,
        "service_power_share": share.plant,
        "home_power_share": share.homes,
        "critical_power_share": share.critical,
        "people_without_power": power.population * np.clip(1.0 - share.homes, 0.0, 1.0),
    }
    return State(power=done.state, feedback=feedback, home_power=share.homes), shown


def _shown(part: Part, power: PowerStep, extra: Added, now: int) -> Shown:
    """Demand, what was served, why not, what ran, and what energy is left."""
    inputs = part.power
    index, regions = inputs.index, len(inputs.population)
    members = len(power.need_mw)
    shape = (members, regions, len(TIERS))
    need, served = power.need_mw.reshape(shape), power.served_mw.reshape(shape)
    own = np.flatnonzero(index.technology >= 0)
    borders = np.flatnonzero(index.technology < 0)
    cell = index.generator_region[own] * len(TECHNOLOGIES) + index.technology[own]
    output = gather(np.take(power.generation_mw, own, axis=1), cell, regions * len(TECHNOLOGIES))
    limited = index.technology[inputs.plant.limited]
    left, placed = power.state.stock.left_mwh, inputs.battery_available[now]
    if len(placed):  # the last of limited plant; what has not come yet is no energy of the country
        left = np.concatenate([left[:, : -len(placed)], left[:, -len(placed) :] * placed], axis=1)
    return {
        "demand_mw": need,
        "served_mw": served,
        "shed_mw": need - served,
        "shed_cause_mw": row_sum(np.moveaxis(power.cause_mw.reshape(*shape, -1), 2, -1)),
        "generation_mw": output.reshape(members, regions, len(TECHNOLOGIES)),
        "import_mw": row_sum(np.take(power.generation_mw, borders, axis=1)),
        "storage_mwh": gather(left, limited, len(TECHNOLOGIES)),
        "charging_mw": gather(power.charging_mw, limited, len(TECHNOLOGIES)),
        "pickup_mw": extra.pickup_mw,
        "feeder_tripped_share": extra.tripped,
        "heater_mw": extra.heater_mw,
    }
