"""Consumers of electricity: their demand in a step, or in the steps ahead with the cold of that step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, Ints, ratio
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
    """Share of consumers in the queues that an imposed timetable switches off, shape ``(time + day, region)``; None
    without a timetable. [1]"""
    series_mw: Floats | None = None
    """Demand that a file gives, shape ``(time + day, region)``; None without one. [MW]"""
    replaced: bool = False
    """True if the file replaces the model, False if it scales it."""
    heated: bool = True
    """True if the heat of homes is followed, so that they may plug in heaters."""

    def on_share(self, when: int | slice, kept: Floats | None) -> Floats | None:
        """Return the share of each tier that the timetable leaves on, None without one. [1]

        Parameters
        ----------
        when
            Step, or steps.
        kept
            Share of each tier outside the queues, shape ``(…, region, tier)``; None for none. [1]

        Returns
        -------
        numpy.ndarray
            Shape ``(region, tier)``, with the members of `kept` in front, and for steps ``(…, step, region, tier)``.

        Notes
        -----
        Sub-queues hold neither critical consumers nor any others outside the queues.
        """
        if self.timetable_off is None:
            return None
        off = np.repeat(self.timetable_off[when][..., None], len(TIERS), axis=-1)
        off[..., CRITICAL] = 0.0
        if kept is not None:
            off = off * (1.0 - (kept[..., None, :, :] if isinstance(when, slice) else kept))
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
        With `temperature_slope_factor` and `demand_factor` of each member, `heating_threshold_c` and
        `heating_saturates_c`.
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

    Notes
    -----
    A file that scales is multiplied by the member's model over the model with a factor of 1 on the slope.
    """
    cold_mw = _cold_mw(consumers, settings, step, factor=settings.of("temperature_slope_factor", 0), rows=rows)
    shape = consumers.shape[step : step + steps, None]
    tiers = consumers.tier_share
    if tiers.ndim > 2:
        tiers = (tiers if rows is None else tiers[rows])[:, None]
    level = settings.of("demand_factor", 3)
    level = level if rows is None or not level.ndim else level[rows]
    if consumers.series_mw is None:
        made = demand_mw(consumers.reference_mw, tiers, shape, cold_mw=cold_mw[:, None, :])
        return np.ascontiguousarray(made * level)
    given = consumers.series_mw[step : step + steps]
    total = np.broadcast_to(given, (len(cold_mw), *given.shape))
    if not consumers.replaced:
        usual_mw = _cold_mw(consumers, settings, step, factor=np.ones(1), rows=rows)
        modelled, usual = (
            np.maximum(consumers.reference_mw * shape + cold[:, None, :], 0.0) for cold in (cold_mw, usual_mw)
        )
        total = given * ratio(modelled, usual, empty=1.0)
    return np.ascontiguousarray(total[..., None] * tiers * (1.0 if consumers.replaced else level))


def _cold_mw(consumers: Consumers, settings: Settings, step: int, *, factor: Floats, rows: Ints | None) -> Floats:
    """Return the demand that the cold of a step adds, shape ``(member, region)``, or one row for all. [MW]"""
    found = cold_demand_mw(
        consumers.effective_c[step], consumers.reference_c, consumers.slope_mw_per_k, factor=factor,
        threshold_c=settings["heating_threshold_c"], saturates_c=settings["heating_saturates_c"],
    )  # fmt: skip
    return found if rows is None or len(found) == 1 else found[rows]
