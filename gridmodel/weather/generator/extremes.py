"""Return levels: how cold a spell is that comes once in so many years, in the climate of the generator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import xarray as xr

from gridmodel.errors import Problems
from gridmodel.weather.generator.climate import climate_of, period, places_of
from gridmodel.weather.generator.tables import ClimateTables, find_climate
from gridmodel.weather.series import Array

WINTERS = 10_000
"""Winters that a return level is counted in. [1]
Ours: a hundred of them are beyond a level of 100 years."""
LONGEST_YEARS = 100.0
"""Longest return period. [a]
Ours: variability is fitted to some decades, and beyond a hundred years a level would say more about the assumed shape
of the tail than about weather."""
LONGEST_DAYS = 30
"""Longest spell. [d] Ours: a month, the time scale of the norms."""

_WINTER = ("2025-11-01", "2026-04-01")
"""First day and the day after the last of any winter without 29 February."""
_FAST, _SLOW = 2002, 2004
"""Purposes of the random numbers, beside those of the generator; they never change."""
_BLOCK = 50
"""Winters of one stream; it never changes."""


def return_levels(
    days: int = 5,
    *,
    return_period_years: float,
    regions: Sequence[str] | None = None,
    seed: int = 0,
    climate: str | Path | None = None,
) -> xr.Dataset:
    """Return the mean temperature of the coldest days in a row that a winter falls below once in so many years.

    Parameters
    ----------
    days
        Length of the spell. [d]
    return_period_years
        One winter in so many is colder, from 2 to 100. [a]
    regions
        Ids of regions of the climate; None for all of them.
    seed
        Of the simulated winters.
    climate
        Network whose `climate/` gives norms and parameters: a bundled name or a folder. If None, the bundled climate
        that has the regions.

    Returns
    -------
    xarray.Dataset
        ``level_c(region)`` [degC] and ``standard_error_k(region)`` [K], that of the count of winters alone.

    Raises
    ------
    InputError
        With every problem of the arguments and the climate.

    Notes
    -----
    The lowest running mean of `days` daily means is taken of each of 10,000 winters (November to March) of the norms
    and anomalies of `generate_weather`; the level is its quantile ``1 / return_period_years``. No distribution of
    extremes is fitted, so levels belong to the winters of `generate_weather` (its hourly noise, which makes
    a single day colder by less than 0.1 K, is left out). Each region has its own level; that all of them are so cold
    at once is rarer.

    **They belong to the climate of the norms.** In the bundled climate levels of 12.5 years are 1 to 5 K milder than
    design temperatures (colder in one winter of 12.5), whose records are of colder decades; below the mean January of
    either they lie equally deep, within 2 K or so. The standard error is that of the count alone: see docs/weather.md.

    Examples
    --------
    >>> import gridmodel as gm
    >>> levels = gm.weather.return_levels(5, return_period_years=10, regions=["UA-30"])
    >>> round(float(levels["level_c"][0]))
    -18
    """
    problems = Problems()
    tables = find_climate(regions, climate)
    names, place = places_of(regions, tables, problems)
    check_levels(days, return_period_years, seed, tables, problems)
    problems.raise_if_any()
    level, error = _quantile(_lowest(days, seed, tables), 1 / return_period_years)
    return xr.Dataset(
        {
            "level_c": ("region", level[place], {"units": "degC"}),
            "standard_error_k": ("region", error[place], {"units": "K"}),
        },
        {"region": np.array(names, dtype=object)},
        {"days": days, "return_period_years": return_period_years, "winters": WINTERS, "seed": seed},
    )


def check_levels(days: int, return_period_years: float, seed: int, tables: ClimateTables, problems: Problems) -> None:
    """Note arguments for which a level does not exist."""
    if not 1 <= days <= LONGEST_DAYS:
        problems.add(f"must be from 1 to {LONGEST_DAYS} days", field="days", value=days)
    if not 2 <= return_period_years <= LONGEST_YEARS:
        message = (
            f"must be from 2 to {LONGEST_YEARS:g} years: the climate was fitted to {tables.fitted_winters} winters"
        )
        problems.add(message, field="return_period_years", value=f"{return_period_years:g}")
    if seed < 0:
        problems.add("must not be negative", field="seed", value=seed)


@lru_cache(maxsize=8)
def _lowest(days: int, seed: int, tables: ClimateTables) -> Array:
    """Return the lowest mean of so many days of each winter, coldest winter first, shape ``(winter, site)``. [degC]"""
    climate = climate_of(period(*_WINTER, Problems()), tables)
    inside = (climate.days >= np.datetime64(_WINTER[0])) & (climate.days < np.datetime64(_WINTER[1]))
    found = []
    for block in range(WINTERS // _BLOCK):
        fast, slow = (
            np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(block, purpose))).standard_normal(
                (_BLOCK, *climate.mean_c.shape)
            )
            for purpose in (_FAST, _SLOW)
        )
        drawn = climate.anomalies(climate.swings(slow, fast))
        sums = np.cumsum(climate.mean_c[inside] + drawn[:, inside], axis=1)
        sums[:, days:] -= sums[:, :-days].copy()
        found.append(sums[:, days - 1 :].min(axis=1) / days)
    ordered = np.sort(np.concatenate(found), axis=0)
    ordered.flags.writeable = False  # the cache gives it to the next level
    return ordered


def _quantile(ordered: Array, share: float) -> tuple[Array, Array]:
    """Return the quantile of sorted rows, and half the distance between the ranks one error of the count away."""
    count = len(ordered)
    ranks = share * count + np.sqrt(count * share * (1 - share)) * np.array([-1.0, 0.0, 1.0]) - 0.5
    below, middle, above = (
        (1 - rank % 1) * ordered[int(rank)] + rank % 1 * ordered[int(rank) + 1] for rank in np.maximum(ranks, 0.0)
    )
    return np.asarray(middle), np.asarray((above - below) / 2)
