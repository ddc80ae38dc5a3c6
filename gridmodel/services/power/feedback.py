"""What stands between demand and the grid: heaters, feeders that trip or are off by timetable, load that returns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.need import on_share
from gridmodel.services.power.serve import HOUSEHOLD, PowerStep
from gridmodel.vocabulary import CAUSES, TIERS

if TYPE_CHECKING:
    from gridmodel.services.power.inputs import PowerInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What is carried from step to step, each of shape ``(member, region)``."""

    heater_mw: Floats
    """Power of heaters that homes want. [MW]"""
    heater_homes: Floats
    """Share of homes that want them. [1]"""
    pickup: Floats
    """Thermostatic load above normal, as a share of it. [1]"""
    off_share: Floats
    """Share of households without power. [1]"""
    off_h: Floats
    """Hours that some have been without. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What feedback adds to a step's demand, each of shape ``(member, region)``."""

    heater_mw: Floats
    """Heaters. [MW]"""
    pickup_mw: Floats
    """Load that returns higher than it went. [MW]"""
    tripped: Floats
    """Share of household load on feeders that trip. [1]"""
    on: Floats | None = None
    """Share of each tier that a timetable leaves on, shape ``(region, tier)``; nothing if none is imposed. [1]"""

    def to(self, need: Floats) -> Floats:
        """Demand of each load with what is added, shape ``(member, load)``. [MW]"""
        whole = need.reshape(len(need), -1, len(TIERS)).copy()
        whole[..., HOUSEHOLD] += self.heater_mw + self.pickup_mw
        return whole.reshape(need.shape)

    def reached(self, need: Floats) -> Floats:
        """Demand on feeders that are on and do not trip, shape ``(member, load)``. [MW]"""
        left = need.reshape(len(need), -1, len(TIERS)).copy()
        left[..., HOUSEHOLD] *= 1.0 - self.tripped
        if self.on is not None:
            left *= self.on
        return left.reshape(need.shape)


def no_feedback(members: int, regions: int) -> Feedback:
    """State before the first step."""
    none = np.zeros((members, regions))
    return Feedback(heater_mw=none, heater_homes=none, pickup=none, off_share=none, off_h=none)


def added(plan: PowerInputs, now: int, need: Floats, state: Feedback) -> Added:
    """What feedback adds to demand.

    Parameters
    ----------
    need
        Demand of each load without it, shape ``(member, load)``. [MW]

    Notes
    -----
    Homes with heaters on draw what all do and their heaters. Where that is more than a feeder holds, as many of their
    feeders trip as brings the load of the rest of them to the limit, and are switched on again in the next step.
    """
    household = need.reshape(len(need), -1, len(TIERS))[..., HOUSEHOLD]
    pickup = household * plan.settings["pickup_thermostatic_share"] * state.pickup
    tripped = np.zeros_like(household)
    if plan.scenario.feeder_limits:
        dwellings = plan.dwellings
        each_kw = 1000.0 * ((household + pickup) / dwellings + ratio(state.heater_mw, state.heater_homes * dwellings))
        over = np.clip(1.0 - ratio(plan.settings["feeder_limit_kw"], each_kw), 0.0, 1.0)
        whole_kw = 1000.0 * (household + pickup + state.heater_mw) / dwellings
        share = np.minimum(ratio(state.heater_homes * each_kw, whole_kw), 1.0)
        tripped = np.where(state.heater_homes > 0, over * share, 0.0)
    return Added(heater_mw=state.heater_mw, pickup_mw=pickup, tripped=tripped, on=on_share(plan, now))


def with_tripped(power: PowerStep, need: Floats, extra: Added) -> PowerStep:
    """Return the step with load on feeders that trip or are off counted as not served, its cause a limit.

    Parameters
    ----------
    need
        Demand of each load, all feeders included, shape ``(member, load)``. [MW]
    """
    if extra.on is None and not extra.tripped.any():
        return power
    cause = power.cause_mw.copy()
    cause[..., CAUSES.index("limit")] += need - power.need_mw
    return replace(power, need_mw=need, cause_mw=cause)


def after(plan: PowerInputs, state: Feedback, home_power: Floats, heater_mw: Floats, heater_homes: Floats) -> Feedback:
    """State after a step.

    Parameters
    ----------
    home_power
        Share of homes that had power, shape ``(member, region)``. [1]
    heater_mw, heater_homes
        What homes want next, shape ``(member, region)``. [MW], [1]

    Notes
    -----
    Delayed exponential (Lang, Anderson and Fouad 1982): load that comes back after ``t`` hours is higher by
    ``min(0.25 t, 1)`` of its thermostatic part and falls to normal with a time constant of an hour.
    """
    step_h, settings = plan.scenario.step_h, plan.settings
    off = np.clip(1.0 - home_power, 0.0, 1.0)
    back = np.maximum(state.off_share - off, 0.0)
    excess = np.minimum(settings["pickup_per_h"] * state.off_h, settings["pickup_most"])
    pickup = state.pickup * np.exp(-step_h / settings["pickup_tau_h"]) + back * excess
    pickup = np.minimum(pickup, settings["pickup_most"]) if plan.scenario.cold_load_pickup else np.zeros_like(off)
    hours = np.where(off > 1e-6, state.off_h + step_h, 0.0)
    return Feedback(heater_mw=heater_mw, heater_homes=heater_homes, pickup=pickup, off_share=off, off_h=hours)
