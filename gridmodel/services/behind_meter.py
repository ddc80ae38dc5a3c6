"""Batteries behind the meter: they bridge hours without the grid, and charge as load when it is back.

A battery serves the place where it stands, so energy is followed by the feeders that places hang on: those of homes
that are broken, those of each cohort that work, and critical feeders that are off and on. Telecom hangs on feeders of
homes, hospitals on critical ones, and of heat and water plant a share on either. Within a class places are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import EMPTY, Bools, Floats, mix, ratio, row_sum, total
from gridmodel.sampling import Settings
from gridmodel.scenario import Scenario
from gridmodel.scenario.backup_systems import SYSTEM_TABLE
from gridmodel.services.cohorts import Cohorts

NONE = 1e-6
"""Share of places up to which none has power. [1] Ours: rounding of the dispatch."""
BROKEN, OFF, ON = 0, -2, -1
"""Places of classes: broken feeders of homes, and critical feeders that are off and on."""
QUEUES = slice(1, -2)
"""Places of the cohorts, on feeders of homes that work."""
_AT_HOMES = np.array([system.grid == "home_power_share" for system in SYSTEM_TABLE])
_PLANT = np.array([system.grid == "service_power_share" for system in SYSTEM_TABLE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Batteries:
    """Batteries of systems, of shapes that broadcast to ``(member, region, system)``."""

    demand_mw: Floats
    """Power that each system needs. [MW]"""
    full_h: Floats
    """Hours for which full batteries supply it. [h]"""
    charge_h: Floats
    """Time in which the grid charges them from empty. [h]"""
    efficiency: Floats
    """Energy given back per energy taken. [1]"""
    home_share: Floats
    """Share of places that hang on feeders of homes, the rest on critical ones. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeders:
    """Feeders that have power in a step."""

    cohorts: Cohorts
    """Homes on feeders that work."""
    homes: Floats
    """Share of all homes with power, shape ``(member, region)``. [1]"""
    broken: Floats
    """Share of homes on broken feeders, same shape. [1]"""
    critical: Floats
    """Share of critical feeders with power, same shape. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """State of batteries that is carried from step to step."""

    energy_h: Floats
    """Hours for which the batteries of a place last, mean of each class, shape ``(class, member, region, system)``:
    broken feeders, cohorts, critical feeders that are off, and those that are on. [h]"""
    broken_share: Floats
    """Share of feeders of homes that are broken, shape ``(member, region)``. [1]"""
    off_share: Floats
    """Share of critical feeders that are off, same shape. [1]"""
    asked_pu: Floats
    """Load that the grid was asked for, as what it charges over the power that the system needs, shape
    ``(member, region, system)``. [1]"""
    owed_h: Floats
    """Charging for which the grid has yet to be asked, below 0 where it was asked for too much, same
    shape. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridged:
    """Outcome of a step, arrays of shape ``(member, region, system)``."""

    state: Charged
    """State at its end."""
    share: Floats
    """Share of each system that batteries supply. [1]"""
    energy_mwh: Floats
    """Their energy at its end. [MWh]"""
    wanted_mw: Floats
    """Load that charging adds in the next step. [MW]"""
    ending: Ending | None
    """Batteries that end within the step; None where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Places whose batteries end within a step, arrays of shape ``(member, region, system)``."""

    share: Floats
    """Share of each system that they are. [1]"""
    after: Floats
    """Part of the step that is left then, their mean; 1 where there are none. [1]"""


BATTERY_SETTINGS = tuple(f"{system.name}_battery_h" for system in SYSTEM_TABLE)
"""Settings that say for how long batteries of each system last."""


def batteries_may_be(scenario: Scenario) -> bool:
    """Return whether a scenario has batteries behind the meter, in whichever of its members."""
    drawn = scenario.distributions
    return any(
        (drawn[name].quantile(np.nextafter(np.ones(()), 0.0)) if name in drawn else getattr(scenario, name)) > 0
        for name in BATTERY_SETTINGS
    )


def build_batteries(demand_mw: Floats, settings: Settings) -> Batteries:
    """Return the batteries of a run.

    Parameters
    ----------
    demand_mw
        Power that each system needs, shape ``(…, region, system)``. [MW]
    settings
        With `battery_charge_h`, `battery_efficiency`, `critical_on_cut_feeders`, and ``<system>_battery_h`` of each
        system.
    """
    hours = settings.together(BATTERY_SETTINGS)
    return Batteries(
        demand_mw=demand_mw, full_h=hours[:, None, :] if hours.ndim > 1 else hours,
        charge_h=settings.of("battery_charge_h", 2), efficiency=settings.of("battery_efficiency", 2),
        home_share=np.where(_PLANT, settings.of("critical_on_cut_feeders", 2), _AT_HOMES),
    )  # fmt: skip


def full_batteries(batteries: Batteries, shape: tuple[int, int], *, cohorts: int) -> Charged:
    """Return full batteries before the first step, for a shape ``(member, region)`` and a number of cohorts."""
    places = (*shape, len(SYSTEM_TABLE))
    energy = np.broadcast_to(batteries.full_h, (cohorts + 3, *places)).astype(float)
    return Charged(
        energy_h=energy, broken_share=np.zeros(shape), off_share=np.zeros(shape), asked_pu=np.zeros(places),
        owed_h=np.zeros(places),
    )  # fmt: skip


def step_batteries(batteries: Batteries, before: Charged, feeders: Feeders, *, step_h: float) -> Bridged:
    """Bridge what the grid does not supply, and charge from it where it does.

    Parameters
    ----------
    batteries
        Batteries.
    before
        State after the step before.
    feeders
        Feeders that have power.
    step_h
        Length of the step. [h]

    Notes
    -----
    In a class of which the share p of places has power, batteries supply ``min(1 − p, energy / Δt)`` and charge
    ``p · min((full − energy) / Δt, full / charge_h)``, all over the power that the places need. The grid is asked a
    step later: for what those that are on want then, if as many are, and for what has been charged before and not asked
    for. It is the demand of all places, of which those that are on get theirs, and at most what all can take, so that
    load and energy agree over a run. Ours: which feeders will be on in a step is known when it has been served.
    """
    off = np.clip(1.0 - feeders.critical, 0.0, 1.0)
    energy = np.minimum(_regrouped(before, feeders, off), batteries.full_h)
    share, on = _classes(batteries, feeders, off, energy.shape)
    most = batteries.full_h / batteries.charge_h
    given = np.maximum(np.minimum(1.0 - on, energy / step_h), 0.0)
    taken = on * np.minimum((batteries.full_h - energy) / step_h, most)
    ending = _ending(share, 1.0 - on, given)
    energy = np.clip(energy + (taken - given) * step_h, 0.0, batteries.full_h)
    wants = total(share * on * np.minimum((batteries.full_h - energy) / step_h, most))
    reached = np.where(_AT_HOMES, feeders.homes[..., None], feeders.critical[..., None])
    owed = _no_rounding(before.owed_h + (total(share * taken) - before.asked_pu * reached) * step_h)
    asked = (wants + owed / step_h) / np.where(reached > NONE, reached, 1.0)
    asked = _no_rounding(np.clip(asked, 0.0, most))
    state = Charged(energy_h=energy, broken_share=feeders.broken, off_share=off, asked_pu=asked, owed_h=owed)
    return Bridged(
        state=state, share=total(share * given), energy_mwh=total(share * energy) * batteries.demand_mw,
        wanted_mw=asked * batteries.demand_mw / batteries.efficiency, ending=ending,
    )  # fmt: skip


def _ending(share: Floats, lacks: Floats, given: Floats) -> Ending | None:
    """Return the places whose batteries end within a step: they supply all first, and then nothing.

    Parameters
    ----------
    share
        Share of places in each class, shape ``(class, member, region, system)``. [1]
    lacks, given
        Share of the places of a class without the grid, and what batteries give of it, mean of the step, same shape.
        [1]
    """
    ends = (given > 0) & (given < lacks - NONE)
    if not ends.any():
        return None
    places, supplied = total(share * lacks * ends), total(share * given * ends)
    return Ending(share=places, after=1.0 - ratio(supplied, places, empty=0.0))


def _regrouped(before: Charged, feeders: Feeders, off: Floats) -> Floats:
    """Return the energy of classes once feeders have broken, been mended, gone off or come on, as `Charged.energy_h`.

    Those who join a class bring the mean of those whom they leave: of feeders that work any may break.
    """
    energy, broken = before.energy_h, feeders.broken
    if (broken == before.broken_share).all() and (off == before.off_share).all():
        return energy
    after = np.empty_like(energy)
    queues = total(feeders.cohorts.share[..., None] * energy[QUEUES])
    was, now = before.broken_share[..., None], broken[..., None]
    after[BROKEN] = mix(energy[BROKEN], was, queues, now - was)
    after[QUEUES] = mix(energy[QUEUES], 1.0 - was, energy[BROKEN], was - now)
    was, now = before.off_share[..., None], off[..., None]
    after[OFF] = mix(energy[OFF], was, energy[ON], now - was)
    after[ON] = mix(energy[ON], 1.0 - was, energy[OFF], was - now)
    return after


def _classes(batteries: Batteries, feeders: Feeders, off: Floats, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the share of places in each class, and the share of these with power, ``(class, member, region, system)``.

    Plant on feeders of homes has power where homes and critical consumers have it, as in `service_power_share`.
    """
    at_homes, share, on = batteries.home_share, np.empty(shape), np.zeros(shape)
    share[BROKEN] = feeders.broken[..., None] * at_homes
    share[QUEUES] = ((1.0 - feeders.broken) * feeders.cohorts.share)[..., None] * at_homes
    share[OFF] = off[..., None] * (1.0 - at_homes)
    share[ON] = (1.0 - off)[..., None] * (1.0 - at_homes)
    both = ratio(np.minimum(feeders.homes, feeders.critical), feeders.homes, empty=1.0)
    on[QUEUES] = feeders.cohorts.power[..., None] * np.where(_PLANT, both[..., None], 1.0)
    on[ON] = 1.0
    return share, on


def _no_rounding(values: Floats) -> Floats:
    """Return values without those that are rounding, so that full batteries ask for nothing."""
    counts: Bools = np.abs(values) > EMPTY
    return np.where(counts, values, 0.0)


def load_by_tier(wanted_mw: Floats) -> tuple[Floats, Floats]:
    """Return the load of charging among critical consumers, and among homes, each ``(member, region)``. [MW]

    Systems that hang on the feeders of homes charge there.
    """
    return row_sum(wanted_mw[..., ~_AT_HOMES]), row_sum(wanted_mw[..., _AT_HOMES])
