"""Batteries behind the meter: they bridge hours without the grid, and charge as load when it is back.

A battery serves the place where it stands, so energy is followed by the feeders that places hang on: those of homes
that are broken, those of each cohort that work, and critical feeders that are off and on. Telecom hangs on feeders of
homes, hospitals on critical ones, and of heat and water plant a share on either. Within a class places are alike, but
for cohorts that are off in part (`gridmodel.services.battery_parts`); where homes are a mean, all are one cohort that
shares every hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import EMPTY, Bools, Floats, Ints, mix, ratio, row_sum, total
from gridmodel.sampling import Settings
from gridmodel.scenario import Scenario
from gridmodel.scenario.backup_systems import SYSTEM_TABLE
from gridmodel.services.battery_parts import (
    NONE,
    Bridging,
    Parts,
    bridge,
    joined_by,
    mean_energy,
    told_apart,
    with_parts,
)
from gridmodel.services.cohorts import Cohorts

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
    followed: Ints
    """Places of systems that may have batteries on feeders of homes, shape ``(followed,)``."""


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
    broken feeders, cohorts without their parts, critical feeders that are off, and those that are on. [h]"""
    parts: Parts | None
    """Parts of cohorts that are off apart from the rest; None where homes are a mean."""
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
        followed=np.flatnonzero(_AT_HOMES | (_PLANT & (hours.reshape(-1, len(SYSTEM_TABLE)) > 0).any(axis=0))),
    )  # fmt: skip


def full_batteries(batteries: Batteries, shape: tuple[int, int], *, cohorts: int) -> Charged:
    """Return full batteries before the first step, for a shape ``(member, region)`` and a number of cohorts."""
    places = (*shape, len(SYSTEM_TABLE))
    energy = np.broadcast_to(batteries.full_h, (cohorts + 3, *places)).astype(float)
    parts = Parts.none((cohorts, *places), batteries.followed) if cohorts > 1 else None
    return Charged(
        energy_h=energy, parts=parts, broken_share=np.zeros(shape), off_share=np.zeros(shape),
        asked_pu=np.zeros(places), owed_h=np.zeros(places),
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
    regrouped, parts = _regrouped(before, feeders, off)
    full, most = _everywhere(batteries, regrouped.shape[1:])
    energy = np.minimum(regrouped, full, out=np.empty(regrouped.shape))
    share, on = _classes(batteries, feeders, off, energy.shape)
    apart: Bridging | None = None
    if parts is not None:
        parts = told_apart(parts, feeders.cohorts.power, energy[QUEUES])
        if len(parts.cell):
            apart = bridge(parts, share[QUEUES], on[QUEUES], full_h=full, step_h=step_h)
            parts = apart.state
    lacks, given = 1.0 - on, energy / step_h
    np.minimum(lacks, given, out=given)
    np.maximum(given, 0.0, out=given)
    supplied, taken = share * given, _charging(energy, on, full, most, step_h=step_h)
    ending = _ending(share, lacks, given, supplied, apart)
    got = total(share * taken)
    taken -= given
    taken *= step_h
    energy += taken
    np.clip(energy, 0.0, full, out=energy)
    wants = total(_charging(energy, share * on, full, most, step_h=step_h))
    asked, owed = _asked(before, feeders, got, wants, most, step_h=step_h)
    state = Charged(
        energy_h=energy, parts=parts, broken_share=feeders.broken, off_share=off, asked_pu=asked, owed_h=owed
    )  # fmt: skip
    stored = share * energy
    if apart is not None:
        with_parts(supplied[QUEUES], apart.state, apart.supplied)
        with_parts(stored[QUEUES], apart.state, apart.share * apart.state.energy_h)
    return Bridged(
        state=state, share=total(supplied), energy_mwh=total(stored) * batteries.demand_mw,
        wanted_mw=asked * batteries.demand_mw / batteries.efficiency, ending=ending,
    )  # fmt: skip


def _asked(
    before: Charged, feeders: Feeders, got: Floats, wants: Floats, most: Floats, *, step_h: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return what the grid is asked for, and the charging for which it has yet to be, as `Charged`.

    Parameters
    ----------
    before, feeders, step_h
        As in `step_batteries`.
    got, wants, most
        What batteries took, what those that are on want next, and what all of them can take at most, over the power
        that the system needs, shape ``(member, region, system)``. [1]
    """
    reached = np.where(_AT_HOMES, feeders.homes[..., None], feeders.critical[..., None])
    owed = _no_rounding(before.owed_h + (got - before.asked_pu * reached) * step_h)
    asked = (wants + owed / step_h) / np.where(reached > NONE, reached, 1.0)
    return _no_rounding(np.clip(asked, 0.0, most)), owed


def _everywhere(batteries: Batteries, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return hours of full batteries, and what they charge with over the power that places need, of the whole shape.

    Side by side in memory, arithmetic with the values of all classes is four times as quick.
    """
    full, most = np.empty(shape), np.empty(shape)
    full[...], most[...] = batteries.full_h, batteries.full_h / batteries.charge_h
    return full, most


def _charging(energy: Floats, on: Floats, full_h: Floats, most: Floats, *, step_h: float) -> Floats:
    """Return what batteries take where the grid supplies a share `on`, over the power that places need. [1]"""
    taken = full_h - energy
    taken /= step_h
    np.minimum(taken, most, out=taken)
    taken *= on
    return taken


def _ending(
    share: Floats, lacks: Floats, given: Floats, supplied: Floats, apart: Bridging | None
) -> Ending | None:  # fmt: skip
    """Return the places whose batteries end within a step: they supply all first, and then nothing.

    Parameters
    ----------
    share
        Share of places in each class, shape ``(class, member, region, system)``. [1]
    lacks, given
        Share of the places of a class without the grid, and what batteries give of it, mean of the step, same shape.
        [1]
    supplied
        The latter as a share of all places, same shape. [1]
    apart
        Parts of cohorts; None without any.
    """
    ends = (given > 0) & (given < lacks - NONE)
    parts_end = np.zeros(0, dtype=bool) if apart is None else (apart.given > 0) & (apart.given < 1.0 - NONE)
    if not (ends.any() or parts_end.any()):
        return None
    places = share * lacks
    places *= ends
    supplied = supplied * ends
    if apart is not None and parts_end.any():
        with_parts(places[QUEUES], apart.state, apart.share * parts_end)
        with_parts(supplied[QUEUES], apart.state, apart.supplied * parts_end)
    of_all = total(places)
    return Ending(share=of_all, after=1.0 - ratio(total(supplied), of_all, empty=0.0))


def _regrouped(before: Charged, feeders: Feeders, off: Floats) -> tuple[Floats, Parts | None]:
    """Return the energy of classes once feeders have broken, been mended, gone off or come on, as `Charged.energy_h`.

    Those who join a class bring the mean of those whom they leave: of feeders that work any may break, on or off. Those
    that are mended are any of their cohort as well, as where homes are in layers: on or off as all of it is.

    Returns
    -------
    tuple
        Energy of classes, and parts of cohorts with theirs.
    """
    energy, parts, broken = before.energy_h, before.parts, feeders.broken
    if (broken == before.broken_share).all() and (off == before.off_share).all():
        return energy, parts
    after = np.empty_like(energy)
    was, now = before.broken_share[..., None], broken[..., None]
    means = energy[QUEUES] if parts is None else mean_energy(parts, energy[QUEUES])
    queues = total(feeders.cohorts.share[..., None] * means)
    after[BROKEN] = mix(energy[BROKEN], was, queues, now - was)
    after[QUEUES] = mix(energy[QUEUES], 1.0 - was, energy[BROKEN], was - now)
    if parts is not None:
        parts = joined_by(parts, 1.0 - was, energy[BROKEN], was - now)
    was, now = before.off_share[..., None], off[..., None]
    after[OFF] = mix(energy[OFF], was, energy[ON], now - was)
    after[ON] = mix(energy[ON], 1.0 - was, energy[OFF], was - now)
    return after, parts


def _classes(batteries: Batteries, feeders: Feeders, off: Floats, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the share of places in each class, and the share of these with power, ``(class, member, region, system)``.

    Plant on feeders of homes has power where homes and critical consumers have it, as in `service_power_share`.
    """
    at_homes, share, on = np.empty(shape[1:]), np.empty(shape), np.zeros(shape)
    at_homes[...] = batteries.home_share
    share[BROKEN] = feeders.broken[..., None] * at_homes
    np.multiply(_by_system((1.0 - feeders.broken) * feeders.cohorts.share), at_homes, out=share[QUEUES])
    share[OFF] = off[..., None] * (1.0 - at_homes)
    share[ON] = (1.0 - off)[..., None] * (1.0 - at_homes)
    both = ratio(np.minimum(feeders.homes, feeders.critical), feeders.homes, empty=1.0)
    np.multiply(_by_system(feeders.cohorts.power), np.where(_PLANT, both[..., None], 1.0), out=on[QUEUES])
    on[ON] = 1.0
    return share, on


def _by_system(values: Floats) -> Floats:
    """Return values of shape ``(…,)`` for each system, shape ``(…, system)``: quicker than to broadcast them."""
    return np.repeat(values[..., None], len(SYSTEM_TABLE), axis=-1)


def _no_rounding(values: Floats) -> Floats:
    """Return values without those that are rounding, so that full batteries ask for nothing."""
    counts: Bools = np.abs(values) > EMPTY
    return np.where(counts, values, 0.0)


def load_by_tier(wanted_mw: Floats) -> tuple[Floats, Floats]:
    """Return the load of charging among critical consumers, and among homes, each ``(member, region)``. [MW]

    Systems that hang on the feeders of homes charge there.
    """
    return row_sum(wanted_mw[..., ~_AT_HOMES]), row_sum(wanted_mw[..., _AT_HOMES])
