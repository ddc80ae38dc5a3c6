"""Demand between homes and the grid: heaters, feeders that trip or are off by timetable, load that returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.dispatch.merit import ratio
from gridmodel.sampling import Settings
from gridmodel.services.power.consumers import HOUSEHOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Heaters:
    """Electric heaters that homes want plugged in, each of shape ``(member, region)``."""

    wanted_mw: Floats
    """Power of these heaters. [MW]"""
    home_share: Floats
    """Share of homes that want them. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """Homes without power, carried from step to step, each of shape ``(member, region)``."""

    off_share: Floats
    """Share of homes without power. [1]"""
    off_h: Floats
    """Hours for which some have been without. [h]"""
    pickup_share: Floats
    """Thermostatic load above normal at the end of the step, as a share of it. [1]"""

    @classmethod
    def none(cls, members: int, regions: int) -> Interruption:
        """Return the state before the first step: all homes have power."""
        zero = np.zeros((members, regions))
        return cls(off_share=zero, off_h=zero, pickup_share=zero)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Homes that are expected back in a step."""

    depth_share: Floats
    """Share of homes in the queues that are expected off, shape ``(member, region)``. [1]"""
    queue_off: Floats
    """Share of each sub-queue that is, shape ``(sub-queue, member, region)``. [1]"""
    brings: Floats
    """Load that those bring at once who are back then, over thermostatic load, ``(cohort, member, column)``. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """Load that returns in a step, as a share of thermostatic load, each of shape ``(member, region)``."""

    share: Floats
    """Mean of the step. [1]"""
    peak_share: Floats | None = None
    """Excess over that as the step begins, of homes that are not off again; None where every cut is spread over
    all. [1]"""
    off_share: Floats | None = None
    """Part of `share` of homes that are off again; None where no home is known to be. [1]"""
    expected: Expected | None = None
    """Homes that are expected back; None where nobody is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Demand that a step adds, and feeders that are off in it, each of shape ``(member, region)``."""

    heater_mw: Floats
    """Heaters. [MW]"""
    pickup_mw: Floats
    """Load that returns higher than before the outage. [MW]"""
    tripped_share: Floats
    """Share of household load on feeders that trip. [1]"""
    on_share: Floats | None = None
    """Share of each tier that a timetable leaves on, shape ``(region, tier)`` or ``(member, region, tier)``; None
    without a timetable. [1]"""
    pickup_off_mw: Floats | None = None
    """Part of the load that returns of homes that are off again, on broken feeders or by a timetable; None where no
    home is known to be. [MW]"""
    pickup_peak_mw: Floats | None = None
    """Load that returns as the step begins beyond its mean, of homes that are not off again; None where that is
    nobody's concern. [MW]"""

    def to(self, demand_mw: Floats) -> Floats:
        """Return demand with what is added, shape ``(member, region, tier)``. [MW]"""
        whole = demand_mw.copy()
        whole[..., HOUSEHOLD] += self.heater_mw + self.pickup_mw
        return whole

    @property
    def reached_pickup_mw(self) -> Floats:
        """Return load that returns, on feeders that work and are on, shape ``(member, region)``. [MW]"""
        off_mw = 0.0 if self.pickup_off_mw is None else self.pickup_off_mw
        return np.asarray((self.pickup_mw - off_mw) * (1.0 - self.tripped_share))

    @property
    def peak_mw(self) -> Floats | None:
        """Return load beyond the mean of the step as it begins, on feeders that work and are on, ``(member, region)``.

        None where that is nobody's concern.
        """
        return None if self.pickup_peak_mw is None else self.pickup_peak_mw * (1.0 - self.tripped_share)

    def concentrated_mw(self, broken: Floats | None) -> Floats | None:
        """Return what these feeders have of it beyond a part like that of all load, shape ``(member, region)``. [MW]

        Homes whose load returns have power again, so that nearly all of it is on feeders that are on.

        Parameters
        ----------
        broken
            Share of feeders that are broken, same shape; None where none can break. [1]

        Returns
        -------
        numpy.ndarray or None
            None where no home is known to be off.
        """
        if self.pickup_off_mw is None:
            return None
        on = 1.0 if broken is None else 1.0 - broken
        if self.on_share is not None:
            on = on * self.on_share[..., HOUSEHOLD]
        return np.asarray((self.pickup_mw * (1.0 - on) - self.pickup_off_mw) * (1.0 - self.tripped_share))

    def reached(self, demand_mw: Floats) -> Floats:
        """Return demand on feeders that are on and do not trip, shape ``(member, region, tier)``. [MW]"""
        reached = demand_mw.copy()
        reached[..., HOUSEHOLD] *= 1.0 - self.tripped_share
        if self.on_share is not None:
            reached *= self.on_share
        return reached


def added_demand(
    household_mw: Floats, dwellings: Floats, heaters: Heaters, returns: Returns, settings: Settings, *,
    design_kw: Floats | None, on_share: Floats | None = None, charging_mw: Floats | None = None,
) -> Added:  # fmt: skip
    """Compute what heaters and returning load add to demand, and which feeders trip on it.

    Parameters
    ----------
    household_mw
        Demand of households without it and without batteries that charge, shape ``(member, region)``. [MW]
    dwellings
        Homes, shape ``(region,)``. [1]
    heaters
        Heaters that homes want.
    returns
        Load that returns.
    settings
        With `pickup_thermostatic_share`, and `feeder_limit_kw` or else `feeder_limit_factor`.
    design_kw
        Load per dwelling that feeders were built for, shape ``(region,)``; None where none trips. [kW]
    on_share
        Share of each tier that a timetable leaves on, shape ``(region, tier)`` or ``(member, region, tier)``. [1]
    charging_mw
        Load of batteries that charge on the feeders of homes, which no thermostat controls, shape
        ``(member, region)``; None without any. [MW]

    Notes
    -----
    Homes with heaters on draw what all homes do plus their heaters. Where that is more than a feeder can carry, enough
    of their feeders trip to bring the load of the rest to the limit; they are switched on again in the next step.
    A feeder carries what its homes draw without heaters, as it does every evening, so that a little heater power trips
    few feeders.
    """
    thermostatic_mw = household_mw * settings["pickup_thermostatic_share"]
    pickup = thermostatic_mw * returns.share
    tripped = np.zeros_like(household_mw)
    if design_kw is not None:
        homes = heaters.home_share
        feeder_mw = household_mw if charging_mw is None else household_mw + charging_mw
        base_kw = 1000.0 * (feeder_mw + pickup) / dwellings
        each_kw = base_kw + 1000.0 * ratio(heaters.wanted_mw, homes * dwellings)
        over = np.clip(1.0 - ratio(np.maximum(_feeder_limit_kw(settings, design_kw), base_kw), each_kw), 0.0, 1.0)
        whole_kw = 1000.0 * (feeder_mw + pickup + heaters.wanted_mw) / dwellings
        share = np.minimum(ratio(homes * each_kw, whole_kw), 1.0)
        tripped = np.where(homes > 0, over * share, 0.0)
    off_mw, peak_mw = (
        None if share is None else thermostatic_mw * share for share in (returns.off_share, returns.peak_share)
    )
    return Added(
        heater_mw=heaters.wanted_mw, pickup_mw=pickup, tripped_share=tripped, on_share=on_share, pickup_off_mw=off_mw,
        pickup_peak_mw=peak_mw,
    )  # fmt: skip


def _feeder_limit_kw(settings: Settings, design_kw: Floats) -> Floats:
    """Return the load per dwelling at which feeders trip, of a shape that broadcasts to ``(member, region)``. [kW]"""
    if "feeder_limit_kw" in settings:
        return settings["feeder_limit_kw"]
    return np.asarray(settings["feeder_limit_factor"] * design_kw)


def mean_of_step(settings: Settings, *, step_h: float) -> Floats:
    """Return the mean of ``exp(−t / τ)`` over a step, of a shape that broadcasts to ``(member, region)``. [1]

    What returns falls within the step too; so counted, its energy does not depend on the step.

    Parameters
    ----------
    settings
        With `pickup_tau_h`.
    step_h
        Length of the step. [h]
    """
    tau_h = settings["pickup_tau_h"]
    left = np.exp(-step_h / tau_h)
    return np.asarray((1.0 - left) * tau_h / step_h)


def shape_of_step(settings: Settings, *, step_h: float) -> tuple[Floats, Floats]:
    """Compute how ``exp(−t / τ)`` lies about its mean over a step, each of a shape that broadcasts. [h]

    Parameters
    ----------
    settings
        With `pickup_tau_h`.
    step_h
        Length of the step. [h]

    Returns
    -------
    tuple
        Area above the mean over the height at the start, and time below it.

    Notes
    -----
    With the mean m it is crossed at ``t = −τ ln m``, and the area above is ``τ (1 − m) − m t``.
    """
    tau_h, mean = settings["pickup_tau_h"], mean_of_step(settings, step_h=step_h)
    crossed_h = -tau_h * np.log(mean)
    return np.asarray(tau_h - mean * crossed_h / (1.0 - mean)), np.asarray(step_h - crossed_h)


def interrupted(
    before: Interruption, home_share: Floats, settings: Settings, *, step_h: float, cold_load_pickup: bool
) -> Interruption:  # fmt: skip
    """Compute how homes have been without power, a step later.

    Parameters
    ----------
    before
        Interruption a step earlier.
    home_share
        Share of homes that had power in the step, shape ``(member, region)``. [1]
    settings
        With `pickup_per_h`, `pickup_most` and `pickup_tau_h`.
    step_h
        Length of the step. [h]
    cold_load_pickup
        Whether load returns higher than before the outage.

    Notes
    -----
    Delayed exponential (Lang, Anderson and Fouad 1982): load that comes back after ``t`` hours is higher by
    ``min(0.25 t, 1)`` of its thermostatic part and falls to normal with a time constant of an hour.
    """
    off = np.clip(1.0 - home_share, 0.0, 1.0)
    back = np.maximum(before.off_share - off, 0.0)
    excess = np.minimum(settings["pickup_per_h"] * before.off_h, settings["pickup_most"])
    pickup = before.pickup_share * np.exp(-step_h / settings["pickup_tau_h"]) + back * excess
    pickup = np.minimum(pickup, settings["pickup_most"]) if cold_load_pickup else np.zeros_like(off)
    hours = np.where(off > 1e-6, before.off_h + step_h, 0.0)
    return Interruption(off_share=off, off_h=hours, pickup_share=pickup)
