"""Statistics of winter weather, from the tables of a country's climate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.errors import Problems, nearest
from gridmodel.weather.generator.anomalies import remembered, remembered_transposed, skewed, unskewed
from gridmodel.weather.generator.tables import ClimateTables
from gridmodel.weather.regions import distance_km
from gridmodel.weather.series import HOUR, Array, Times

WINTER_MONTHS = (11, 12, 1, 2, 3)
"""Months that can be generated; November varies as December does, March as February."""

_PADDING_DAYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    """Statistics of the days of one period at its sites; all shapes ``(day, site)`` unless said otherwise."""

    days: Times
    """Local days, one more at either end than the hours, shape ``(day,)``."""
    mean_c: Array
    """Norm. [degC]"""
    sd_k: Array
    """Standard deviation of the daily anomaly. [K]"""
    slow_share: Array
    """Part of the variance that belongs to slow swings of a season, shape ``(day, 1)``. [-]"""
    slow_memory: float
    """Correlation of slow swings with those of the day before. [-]"""
    fast_memory: float
    """Correlation of fast swings with those of the day before. [-]"""
    cold_side_spread: float
    """How many times wider anomalies are on the cold side than on the warm one. [-]"""
    offset_h: int
    """Hours that local days are ahead of UTC. [h]"""
    range_k: Array
    """Mean daily range, shape ``(site,)``. [K]"""
    to_noons: Array
    """From daily means to the values at noon that a line joins, shape ``(day, day)``. [-]"""
    slow_factor: Array
    """Lower Cholesky factor of the correlation of slow swings between sites, shape ``(site, site)``. [-]"""
    fast_factor: Array
    """Lower Cholesky factor of the correlation of fast swings between sites, shape ``(site, site)``. [-]"""

    def swings(self, slow: Array, fast: Array) -> Array:
        """Return standard normal days of independent normal shocks, all ``(..., day, site)``. [-]"""
        share = self.slow_share
        return np.asarray(
            np.sqrt(share) * remembered(slow @ self.slow_factor.T, self.slow_memory)
            + np.sqrt(1 - share) * remembered(fast @ self.fast_factor.T, self.fast_memory)
        )

    def covariance(self, weights: Array) -> Array:
        """Return the covariance of every day of `swings` with weighted sums of them, both ``(sum, day, site)``. [-]"""
        share = self.slow_share
        slow = remembered_transposed(np.sqrt(share) * weights, self.slow_memory) @ self.slow_factor
        fast = remembered_transposed(np.sqrt(1 - share) * weights, self.fast_memory) @ self.fast_factor
        return self.swings(slow, fast)

    def anomalies(self, swings: Array) -> Array:
        """Return the anomalies that swings stand for, the same shape. [K]"""
        return self.sd_k * skewed(swings, self.cold_side_spread)

    def swings_of(self, anomalies_k: Array, days: npt.NDArray[np.int64], sites: npt.NDArray[np.int64]) -> Array:
        """Return the swings of anomalies at some days and sites, shape ``(..., given)``. [-]"""
        return unskewed(anomalies_k / self.sd_k[days, sites], self.cold_side_spread)

    def hourly(self, days: Array, hours: Times) -> Array:
        """Return hours, ``(..., hour, site)``, along lines from noon to noon whose daily means are `days`. [degC]"""
        noons = self.to_noons @ days
        since = np.asarray((hours - self.days[0]) / HOUR, dtype=np.float64) + self.offset_h + 0.5 - 12
        before, share = (since // 24).astype(np.int64), (since % 24 / 24)[:, None]
        return np.asarray(noons[..., before, :] * (1 - share) + noons[..., before + 1, :] * share)

    def place_of(self, hours: Times) -> npt.NDArray[np.int64]:
        """Return the place of the local day of each hour among the days, shape ``(hour,)``."""
        return np.asarray(((hours + self.offset_h * HOUR).astype("datetime64[D]") - self.days[0]).astype(np.int64))


def clock(hours: Times, offset_h: int) -> Array:
    """Return the local time of the middle of each hour, so many hours ahead of UTC. [h]"""
    return np.asarray((hours - hours.astype("datetime64[D]")) / HOUR + offset_h + 0.5) % 24


def period(start: str | datetime, end: str | datetime, problems: Problems) -> Times:
    """Return the hours from a start to an end, UTC; none and a problem if they are not part of one winter."""
    stamps = []
    for field, value in (("start", start), ("end", end)):
        try:
            stamp = pd.Timestamp(value)
            stamp = stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo is not None else stamp
            stamps.append(np.datetime64(stamp, "h").astype("datetime64[s]"))
        except (ValueError, TypeError):
            problems.add("is not a UTC time such as 2026-01-08 00:00", field=field, value=value)
    if len(stamps) < 2:
        return np.array([], dtype="datetime64[s]")
    if not stamps[0] < stamps[1]:
        problems.add("must be after the start", field="end", value=end)
        return np.array([], dtype="datetime64[s]")
    if stamps[1] - stamps[0] > np.timedelta64(152, "D"):
        problems.add("must be in the same winter as the start", field="end", value=end)
        return np.array([], dtype="datetime64[s]")
    hours: Times = stamps[0] + np.arange(int((stamps[1] - stamps[0]) / HOUR)) * HOUR
    months = pd.DatetimeIndex(hours).month
    if not months.isin(WINTER_MONTHS).all():
        problems.add("must be from November to March: other months have no norms", field="start", value=start)
    return hours


def places_of(
    regions: Sequence[str] | None, tables: ClimateTables, problems: Problems
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Find the sites of some regions.

    Parameters
    ----------
    regions
        Ids of regions of the climate; None for all of them.
    tables
        The climate.
    problems
        Collects unknown ids.

    Returns
    -------
    tuple
        The ids, and the place of each id's site among the rows of `norms`, shape ``(region,)``. All sites are
        generated, whatever the regions, so that a region's weather does not depend on what else is asked for.
    """
    row_of = {str(site): row for row, site in enumerate(tables.norms["site"])}
    site_of = tables.site_of
    names = list(site_of) if regions is None else [str(name) for name in regions]
    for name in names:
        if name not in site_of:
            problems.add("has no site in the climate", field="regions", value=name, hint=nearest(name, site_of))
    places = [row_of[site_of[name]] for name in names if name in site_of]
    return names, np.array(places, dtype=np.int64)


def climate_of(hours: Times, tables: ClimateTables) -> Climate:
    """Compute the statistics of the days of a period.

    Parameters
    ----------
    hours
        Hours of the period, UTC.
    tables
        Norms and parameters.
    """
    sites, shared = tables.norms, tables.parameters
    local = (hours + tables.utc_offset_h * HOUR).astype("datetime64[D]")
    days = np.arange(local[0] - _PADDING_DAYS, local[-1] + _PADDING_DAYS + 1)
    months = pd.DatetimeIndex(days).month.to_numpy()
    year = pd.DatetimeIndex(days)[0].year + (pd.DatetimeIndex(days)[0].month > 6)
    number = (days - np.datetime64(f"{year}-01-01", "D")).astype(np.float64)
    monthly = sites[["dec_mean_c", "jan_mean_c", "feb_mean_c"]].to_numpy(float)
    spans = [np.arange(a, b, dtype=float) for a, b in ((-31, 0), (0, 31), (31, 59))]
    means = np.array([[np.mean(span**power) for power in range(3)] for span in spans])
    parabola = np.linalg.solve(means, monthly.T)
    january = sites["sigma_daily_jan_k"].to_numpy(float)
    later = january * (sites["sd_monthly_feb_k"] / sites["sd_monthly_jan_k"]).to_numpy(float)
    early, late = np.isin(months, (11, 12))[:, None], np.isin(months, (2, 3))[:, None]
    lat, lon = sites["lat"].to_numpy(float), sites["lon"].to_numpy(float)
    apart_km = distance_km(lat, lon, lat, lon)
    slow, fast = (
        np.linalg.cholesky(np.exp(-apart_km / shared[name]))
        for name in ("slow_correlation_length_km", "correlation_length_km")
    )
    return Climate(
        days=days,
        mean_c=np.stack([number**power for power in range(3)], axis=1) @ parabola,
        sd_k=np.where(early, shared["december_spread"] * january, np.where(late, later, january)),
        slow_share=np.where(early, shared["december_slow_share"], shared["slow_share"]),
        slow_memory=shared["slow_memory"],
        fast_memory=shared["fast_memory"],
        cold_side_spread=shared["cold_side_spread"],
        to_noons=np.asarray(np.linalg.inv(_means_of_noons(len(days))), dtype=np.float64),
        offset_h=tables.utc_offset_h,
        range_k=sites["daily_range_jan_k"].to_numpy(float),
        slow_factor=slow,
        fast_factor=fast,
    )


def _means_of_noons(count: int) -> Array:
    """Return the matrix from values at noon to daily means of the lines between, shape ``(day, day)``; level beyond."""
    middle = np.arange(24) + 0.5 - 12
    side = np.clip(middle, 0, None).sum() / 24**2
    matrix = np.diag(np.full(count, 1 - 2 * side)) + side * (np.eye(count, k=1) + np.eye(count, k=-1))
    matrix[0, 0] += side
    matrix[-1, -1] += side
    return np.asarray(matrix)
