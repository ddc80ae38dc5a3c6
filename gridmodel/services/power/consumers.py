"""Consumers of electricity: their demand in a step, or in the steps ahead with the cold of that step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.sampling import Settings
from gridmodel.services.power.demand import cold_demand_mw, demand_mw
from gridmodel.vocabulary import TIERS

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumers:
    """Consumers of each region, and what their demand follows."""

    population: Floats
    """People, shape ``(region,)``. [1]"""
    dwellings: Floats
    """Homes, at least one, shape ``(region,)``. [1]"""
    reference_mw: Floats
    """Demand at the weekday's peak on the reference day, shape ``(region,)``. [MW]"""
    reference_c: Floats
    """Effective temperature of the reference day, shape ``(region,)``. [°C]"""
    slope_mw_per_k: Floats
    """Rise of demand per kelvin of cold, shape ``(region,)`` or ``(member, region)``. [MW/K]"""
    tier_share: Floats
    """Share of each tier, shape ``(region, tier)`` or ``(member, region, tier)``. [1]"""
    shape: Floats
    """Daily shape, 1 at the weekday's peak, shape ``(time + day,)``. [1]"""
    effective_c: Floats
    """Temperature that demand follows, shape ``(time, region)`` or ``(time, member, region)``. [°C]"""
    feeder_design_kw: Floats
    """Load per dwelling that feeders were built for, shape ``(region,)``. [kW]"""
    timetable_off: Floats | None
    """Share of consumers, critical ones aside, that an imposed timetable switches off, shape
    ``(time + day, region)``; None without a timetable. [1]"""
    heated: bool = True
    """True if the heat of homes is followed, so that they may plug in heaters."""

    def on_share(self, when: int | slice) -> Floats | None:
        """Return the share of each tier that the timetable leaves on, shape ``(…, region, tier)``; None without one.

        Critical consumers are not in any sub-queue. [1]
        """
        if self.timetable_off is None:
            return None
        off = np.repeat(self.timetable_off[when][..., None], len(TIERS), axis=-1)
        off[..., CRITICAL] = 0.0
        return np.asarray(1.0 - off)


def demand_ahead(
    consumers: Consumers, settings: Settings, step: int, *, steps: int = 1, rows: Ints | None = None
) -> Floats:  # fmt: skip
    """Compute the demand of a step and of those after it, all at the cold of the first.

    Parameters
    ----------
    consumers
        Consumers of each region.
    settings
        With `temperature_slope_factor` of each member, `heating_threshold_c` and `heating_saturates_c`.
    step
        First step.
    steps
        Number of steps.
    rows
        Positions of the members, by default of all.

    Returns
    -------
    numpy.ndarray
        Shape ``(member, step, region, tier)``. [MW]
    """
    cold_mw = cold_demand_mw(
        consumers.effective_c[step], consumers.reference_c, consumers.slope_mw_per_k,
        factor=settings.of("temperature_slope_factor", 0), threshold_c=settings["heating_threshold_c"],
        saturates_c=settings["heating_saturates_c"],
    )  # fmt: skip
    shape = consumers.shape[step : step + steps, None]
    tiers = consumers.tier_share
    if rows is not None:
        cold_mw = cold_mw[rows]
        tiers = tiers[rows] if tiers.ndim > 2 else tiers
    tiers = tiers[:, None] if tiers.ndim > 2 else tiers
    return np.ascontiguousarray(demand_mw(consumers.reference_mw, tiers, shape, cold_mw=cold_mw[:, None, :]))
