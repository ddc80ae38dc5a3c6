"""Build the consumers of a run from its network, weather and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, row_sum
from gridmodel.events import EveningDemand
from gridmodel.network import Network, profile_values
from gridmodel.sampling import Settings
from gridmodel.services.power.consumers import Consumers, demand_ahead
from gridmodel.services.setup import Clock, Setup, Weather
from gridmodel.vocabulary import TIERS


def consumers_of(setup: Setup, tier_share: Floats) -> Consumers:
    """Return the consumers of a run, with tiers of shape ``(region, tier)`` or ``(member, region, tier)``."""
    return build_consumers(
        setup.network, setup.clock, setup.settings, setup.weather, timetable_off=setup.timetable_off,
        tier_share=tier_share, series_mw=setup.demand_mw, replaced=setup.scenario.demand_use == "replace",
    )  # fmt: skip


def build_consumers(
    network: Network, clock: Clock, settings: Settings, weather: Weather, *,
    timetable_off: Floats | None = None, tier_share: Floats | None = None, series_mw: Floats | None = None,
    replaced: bool = False,
) -> Consumers:  # fmt: skip
    """Read the consumers of each region.

    Parameters
    ----------
    network
        Its tables contain people, their demand and its daily shape.
    clock
        Steps of the run, and of a day more.
    settings
        Settings by member.
    weather
        Temperature that demand follows.
    timetable_off
        Share of consumers in the queues that a timetable switches off, shape ``(time + day, region)``. [1]
    tier_share
        Share of each tier, those of the table by default. [1]
    series_mw
        Demand that a file gives, shape ``(time + day, region)``. [MW]
    replaced
        True if the file replaces the model, False if it scales it.
    """
    regions = network.tables["regions"]
    dwellings = np.maximum(regions["household_customers"].to_numpy(dtype=float), 1.0)
    reference_mw = regions["reference_demand_mw"].to_numpy(dtype=float)
    evening_kw = 1000.0 * reference_mw * regions["share_household"].to_numpy(dtype=float) / dwellings
    usual = regions[[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float)
    evening_kw = np.where(evening_kw > 0, evening_kw, np.inf)  # where homes have no demand nothing says what is built
    built_kw = regions["feeder_design_kw"].to_numpy(dtype=float) if "feeder_design_kw" in regions else np.nan
    return Consumers(
        population=regions["population"].to_numpy(dtype=float),
        dwellings=dwellings,
        reference_mw=reference_mw,
        reference_c=regions["reference_temperature_c"].to_numpy(dtype=float),
        slope_mw_per_k=_slope(network, settings),
        tier_share=usual if tier_share is None else tier_share,
        shape=profile_values(network.tables["profiles"], "demand", clock.local, network.week),
        effective_c=weather.effective_c,
        feeder_design_kw=np.where(np.isnan(built_kw), evening_kw, built_kw),
        timetable_off=timetable_off,
        series_mw=series_mw,
        replaced=replaced,
        heated=not network.tables["heat_systems"].empty,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySoFar:
    """Day in which a run goes on from a state."""

    begin: int
    """Step at which it goes on."""
    demand_mw: Floats
    """Highest demand of that day before, 0 where it has just begun, shape ``(member, region)``. [MW]"""
    elapsed: int
    """Steps of the run before; those of that day alone matter."""


def evening_demand(
    consumers: Consumers, settings: Settings, clock: Clock, *, so_far: DaySoFar | None = None,
    note_at: Mapping[int, list[Floats]] | None = None,
) -> EveningDemand:  # fmt: skip
    """Compute the highest demand of each local day, without heaters and load that returns.

    The evening is the highest hour of the day in any country that this is meant for; a flat or unusual shape gives
    its own highest hour. Of the day in which the run begins it is the highest of the first 24 hours, and of that in
    which it ends the hours after the end count with the cold of the last step, so that runs that begin or end at
    night know the evening too.

    Parameters
    ----------
    consumers
        Consumers of each region.
    settings
        As `demand_ahead` takes them.
    clock
        Steps of the run.
    so_far
        Day in which the run goes on from a state; None where it begins anew. The steps before count with its first day.
    note_at
        Lists that take the highest demand so far of the day of a step, before that step, by step.
    """
    steps, begin = len(clock.times), 0 if so_far is None else so_far.begin
    dates = clock.local[: steps + 1].astype("datetime64[D]")
    dates[:begin] = dates[begin]
    day = np.asarray((dates - dates[0]).astype(np.intp))
    today, day = day, day[:steps]
    by_step = [row_sum(demand_ahead(consumers, settings, step)[:, 0]) for step in range(begin, steps - 1)]
    by_step = [*([np.zeros((1, len(consumers.reference_mw)))] * begin), *by_step]
    if so_far is not None:
        by_step[0] = so_far.demand_mw
    for step, notes in (note_at or {}).items():
        last = [row_sum(demand_ahead(consumers, settings, steps - 1)[:, 0])] if step == steps else []
        earlier = [
            found for place, found in enumerate([*by_step, *last]) if place < step and today[place] == today[step]
        ]
        notes.append(
            np.max(np.broadcast_arrays(*earlier), axis=0) if earlier else np.zeros((1, len(consumers.reference_mw)))
        )
    rest = demand_ahead(consumers, settings, steps - 1, steps=int(clock.remaining[-1]))
    by_step.append(row_sum(rest).max(axis=1))
    firsts = np.searchsorted(day, np.arange(day[-1] + 1))
    lasts = np.searchsorted(day, np.arange(day[-1] + 1), side="right")
    first_day = round(24 / clock.step_h) - (0 if so_far is None else so_far.elapsed - begin)
    lasts[0] = max(lasts[0], min(steps, first_day))
    by_step = list(np.broadcast_arrays(*by_step))
    highest = [np.max(by_step[first:last], axis=0) for first, last in zip(firsts, lasts, strict=True)]
    return EveningDemand(demand_mw=np.stack(highest), day=day)


def _slope(network: Network, settings: Settings) -> Floats:
    """Return the rise of demand per kelvin of cold, scaled to the sum that the scenario gives, if any. [MW/K]"""
    slope = network.tables["regions"]["heating_slope_mw_per_k"].to_numpy(dtype=float)
    if "temperature_slope" not in settings or slope.sum() <= 0:
        return np.asarray(slope)
    return np.asarray(slope * (1000.0 * settings["temperature_slope"] / slope.sum()))
