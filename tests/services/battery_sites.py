"""Batteries behind the meter of one region step by step, and single sites that each have one of their own."""

import numpy as np

from gridmodel.sampling import Settings
from gridmodel.scenario.backup_systems import SYSTEMS
from gridmodel.services.behind_meter import Feeders, build_batteries, full_batteries, step_batteries
from gridmodel.services.cohorts import Cohorts

HEAT, HOSPITAL, TELECOM = (SYSTEMS.index(name) for name in ("heat", "hospital", "telecom"))


def batteries(*, charge_h=4.0, **hours):
    names = {f"{name}_battery_h": hours.get(name, 0.0) for name in SYSTEMS}
    values = names | {"battery_charge_h": charge_h, "battery_efficiency": 0.8, "critical_on_cut_feeders": 0.25}
    demand = np.full((1, len(SYSTEMS)), 10.0)
    return build_batteries(demand, Settings({name: np.asarray(value) for name, value in values.items()}))


def course(made, cohorts, *, step_h=1.0, broken=0.0, critical=1.0, outside=None):
    """Steps of one region: the share of each cohort that is on, of broken feeders, and of critical ones with power.

    The first two axes of `cohorts` are steps and cohorts, and the others may have one value for all steps.
    """
    cohorts = np.asarray(cohorts, dtype=float).reshape(len(cohorts), -1)
    broken, critical = (np.broadcast_to(one, len(cohorts)) for one in (broken, critical))
    apart = None if outside is None else np.array([[outside]])
    state, steps = full_batteries(made, (1, 1), cohorts=cohorts.shape[1]), []
    for on, out, reached in zip(cohorts, broken, critical, strict=True):
        homes = Cohorts(power=on[:, None, None], outside=apart)
        feeders = Feeders(
            cohorts=homes, homes=(1 - out) * (homes.share * homes.power).sum(axis=0).reshape(1, 1) if apart is not None
            else np.array([[(1 - out) * on.mean()]]), broken=np.array([[out]]), critical=np.array([[reached]]),
        )  # fmt: skip
        steps.append(step_batteries(made, state, feeders, step_h=step_h))
        state = steps[-1].state
    return steps


def of(steps, name, system):
    return np.array([getattr(step, name)[0, 0, system] for step in steps])


def single_sites(on, *, step_h=1.0, full_h=2.0, charge_h=4.0):
    """Share of sites on their own batteries in each step, and their mean energy: each with its own, on or off."""
    energy, shares, left = np.full(on.shape[1:], full_h), [], []
    for now in on:
        given = np.where(now, 0.0, np.minimum(energy, step_h))
        energy = energy - given + np.where(now, np.minimum(full_h - energy, full_h / charge_h * step_h), 0.0)
        shares.append(given.mean() / step_h)
        left.append(energy.mean())
    return np.array(shares), np.array(left)
