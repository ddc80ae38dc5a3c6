"""The coldest nights of a forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.regions import is_on_clock, local_times

WAVE_HOUR = 2
"""Local hour of a wave. [h] Ours: the waves of winter 2025/26 came between midnight and the morning."""
EVENING_HOUR, MORNING_HOUR = 18, 10
"""Local hours at which a night begins and ends, of which the lowest temperature counts. [h] Ours."""
NIGHTS_APART = 2
"""Nights from one wave to the next, at least. Ours: as in `next-cold-spell`; what is sent has to be readied."""
MOST_WAVES = 2
"""Waves in one scenario. Ours: as in `next-cold-spell`."""
_SAME_K = 0.05
"""Nights whose lowest temperatures differ by less are as cold, and the earlier is taken. [K]"""


@dataclass(frozen=True, slots=True)
class Night:
    """One night."""

    wave: np.datetime64
    """Local time of a wave in it."""
    lowest_c: float
    """Lowest temperature of the night, mean of regions by population, and of members. [degC]"""


def coldest_nights(
    data: xr.DataArray, weight: Floats, start: np.datetime64, end: np.datetime64, timezone: str
) -> list[Night]:
    """Return the nights of the waves: the coldest, and the coldest of those at least `NIGHTS_APART` from it; in order.

    Parameters
    ----------
    data
        ``temperature(time, region)``, hourly, UTC, perhaps with `member`. [degC]
    weight
        Weight of each region in the mean of the country, such as its population, shape ``(region,)``.
    start, end
        Period of the run, UTC; the end is exclusive. A night counts if its `WAVE_HOUR` is within, and if the clock does
        not skip it or the hour before, in which an alert may begin.
    timezone
        Clock of nights.
    """
    run = data.sel(time=slice(start.astype("datetime64[ns]"), end.astype("datetime64[ns]") - np.timedelta64(1, "ns")))
    mean = run.mean("member") if "member" in run.dims else run
    country_c = mean.transpose("time", "region").to_numpy() @ (weight / weight.sum())
    local = local_times(run["time"].to_numpy(), timezone)
    nights = []
    for day in np.unique(local.astype("datetime64[D]")):
        wave = day.astype("datetime64[s]") + np.timedelta64(WAVE_HOUR, "h")
        begin = wave + np.timedelta64(EVENING_HOUR - 24 - WAVE_HOUR, "h")
        finish = wave + np.timedelta64(MORNING_HOUR - WAVE_HOUR, "h")
        hours = [moment.astype(datetime) for moment in (wave, wave - np.timedelta64(1, "h"))]
        if local[0] <= wave <= local[-1] and all(is_on_clock(hour, timezone) for hour in hours):
            nights.append(Night(wave, float(country_c[(local >= begin) & (local < finish)].min())))
    chosen: list[Night] = []
    while len(chosen) < MOST_WAVES:
        apart = np.timedelta64(24 * NIGHTS_APART - 1, "h")  # an hour less: the clock may be set in between
        free = [night for night in nights if all(abs(night.wave - other.wave) >= apart for other in chosen)]
        if not free:
            break
        coldest = min(night.lowest_c for night in free)
        chosen.append(next(night for night in free if night.lowest_c <= coldest + _SAME_K))
    return sorted(chosen, key=lambda night: night.wave)
