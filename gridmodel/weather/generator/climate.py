"""Statistics of Ukraine's winter weather, from the tables of climate and sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.errors import Problems, nearest
from gridmodel.inputs.files import ROOT
from gridmodel.weather.regions import distance_km
from gridmodel.weather.series import HOUR, Array, Times

CORRELATION_LENGTH_KM = 2000.0
"""Distance over which the correlation of daily anomalies falls to 1/e. [km] Derived from Kyiv and Odesa, NOAA GSOM."""
DECEMBER_MEMORY = 0.75
"""Lag-one correlation of daily anomalies in December. [-] Fitted to NOAA GSOM, the same in Kyiv and Odesa."""
DECEMBER_SPREAD = 0.86
"""Standard deviation of daily anomalies in December over that in January. [-] 5.5/6.5 in Kyiv, 4.8/5.5 in Odesa."""
LOCAL_OFFSET_H = 2
"""Europe/Kyiv ahead of UTC in winter; days are local. [h]"""
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
    memory: Array
    """Correlation of the anomaly with that of the day before. [-]"""
    range_k: Array
    """Mean daily range, shape ``(site,)``. [K]"""
    to_noons: Array
    """From daily means to the values at noon that a line joins, shape ``(day, day)``. [-]"""
    factor: Array
    """Lower Cholesky factor of the correlation between sites, shape ``(site, site)``. [-]"""

    def anomalies(self, shocks: Array) -> Array:
        """AR(1) days from independent normal shocks, trailing dimensions allowed, ``(day, site, ...)``. [K]"""
        fresh = np.tensordot(shocks, self.factor, axes=(1, 1)) if shocks.ndim > 2 else shocks @ self.factor.T
        fresh = np.moveaxis(fresh, -1, 1) if shocks.ndim > 2 else fresh
        memory, sd = (_like(a, shocks) for a in (self.memory, self.sd_k))
        fresh *= np.sqrt(1 - memory**2)
        fresh[0] /= np.sqrt(1 - memory[0] ** 2)
        for day in range(1, len(fresh)):
            fresh[day] += memory[day] * fresh[day - 1]
        return np.asarray(fresh * sd)

    def shocks(self, weights: Array) -> Array:
        """Transpose of `anomalies`: what each shock adds to weighted sums of anomalies, ``(day, site, sum)``."""
        memory, sd = (_like(a, weights) for a in (self.memory, self.sd_k))
        back = weights * sd
        for day in range(len(back) - 1, 0, -1):
            back[day - 1] += memory[day] * back[day]
        back *= np.sqrt(1 - memory**2)
        back[0] /= np.sqrt(1 - memory[0] ** 2)
        return np.moveaxis(np.tensordot(back, self.factor, axes=(1, 0)), -1, 1)

    def hourly(self, days: Array, hours: Times) -> Array:
        """Hours, shape ``(hour, site)``, along lines from noon to noon whose daily means are `days`."""
        noons = self.to_noons @ days
        since = np.asarray((hours - self.days[0]) / HOUR, dtype=np.float64) + LOCAL_OFFSET_H + 0.5 - 12
        before, share = (since // 24).astype(np.int64), (since % 24 / 24)[:, None]
        return np.asarray(noons[before] * (1 - share) + noons[before + 1] * share)

    def place_of(self, hours: Times) -> npt.NDArray[np.int64]:
        """Place among the days of the local day of each hour."""
        return np.asarray(((hours + LOCAL_OFFSET_H * HOUR).astype("datetime64[D]") - self.days[0]).astype(np.int64))


def _like(values: Array, other: Array) -> Array:
    """Append dimensions of length one."""
    return values.reshape(values.shape + (1,) * (other.ndim - 2))


def clock(hours: Times) -> Array:
    """Local time of the middle of each hour. [h]"""
    return np.asarray((hours - hours.astype("datetime64[D]")) / HOUR + LOCAL_OFFSET_H + 0.5) % 24


def period(start: str | datetime, end: str | datetime, problems: Problems) -> Times:
    """Hours from a start to an end, UTC; none and a problem where that is no part of one winter."""
    stamps = []
    for field, value in (("start", start), ("end", end)):
        try:
            stamp = pd.Timestamp(value)
            stamp = stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo is not None else stamp
            stamps.append(np.datetime64(stamp, "h").astype("datetime64[s]"))
        except (ValueError, TypeError):
            problems.add("is no UTC time such as 2026-01-08 00:00", field=field, value=value)
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
        problems.add("must lie from November to March: there are no norms of other months", field="start", value=start)
    return hours


def sites_of(
    regions: Sequence[str] | None, problems: Problems
) -> tuple[pd.DataFrame, list[str], npt.NDArray[np.int64]]:
    """Sites, and those of some regions.

    Parameters
    ----------
    regions
        Ids of `sites.csv`; all of them where none are named.
    problems
        Collects unknown ids.

    Returns
    -------
    tuple
        Rows of `climate.csv`, one a site, whatever the regions, so that a region's weather does not depend on what else
        is asked for; the ids; the place of each id's site among the rows, shape ``(region,)``.
    """
    folder = ROOT / "weather"
    climate = pd.read_csv(folder / "climate.csv")
    row_of = {str(site): row for row, site in enumerate(climate["site"])}
    sites = pd.read_csv(folder / "sites.csv")
    site_of = {str(region): str(site) for region, site in zip(sites["region"], sites["site"], strict=True)}
    names = list(site_of) if regions is None else [str(name) for name in regions]
    for name in names:
        if name not in site_of:
            problems.add("has no site in weather/sites.csv", field="regions", value=name, hint=nearest(name, site_of))
    places = [row_of[site_of[name]] for name in names if name in site_of]
    return climate, names, np.array(places, dtype=np.int64)


def climate_of(hours: Times, sites: pd.DataFrame) -> Climate:
    """Statistics of the days of a period.

    Parameters
    ----------
    hours
        Hours of the period, UTC.
    sites
        Rows of `climate.csv`, one a site.
    """
    local = (hours + LOCAL_OFFSET_H * HOUR).astype("datetime64[D]")
    days = np.arange(local[0] - _PADDING_DAYS, local[-1] + _PADDING_DAYS + 1)
    months = pd.DatetimeIndex(days).month.to_numpy()
    year = pd.DatetimeIndex(days)[0].year + (pd.DatetimeIndex(days)[0].month > 6)
    number = (days - np.datetime64(f"{year}-01-01", "D")).astype(np.float64)
    monthly = sites[["dec_mean_c", "jan_mean_c", "feb_mean_c"]].to_numpy(float)
    spans = [np.arange(a, b, dtype=float) for a, b in ((-31, 0), (0, 31), (31, 59))]
    means = np.array([[np.mean(span**power) for power in range(3)] for span in spans])
    parabola = np.linalg.solve(means, monthly.T)
    january, phi = sites["sigma_daily_jan_k"].to_numpy(float), sites["ar1_phi_jan"].to_numpy(float)
    later = january * (sites["sd_monthly_feb_k"] / sites["sd_monthly_jan_k"]).to_numpy(float)
    early, late = np.isin(months, (11, 12))[:, None], np.isin(months, (2, 3))[:, None]
    lat, lon = sites["lat"].to_numpy(float), sites["lon"].to_numpy(float)
    alike = np.exp(-distance_km(lat, lon, lat, lon) / CORRELATION_LENGTH_KM)
    return Climate(
        days=days,
        mean_c=np.stack([number**power for power in range(3)], axis=1) @ parabola,
        sd_k=np.where(early, DECEMBER_SPREAD * january, np.where(late, later, january)),
        memory=np.where(early, DECEMBER_MEMORY, phi),
        to_noons=np.asarray(np.linalg.inv(_means_of_noons(len(days))), dtype=np.float64),
        range_k=sites["daily_range_jan_k"].to_numpy(float),
        factor=np.linalg.cholesky(alike),
    )


def _means_of_noons(count: int) -> Array:
    """Daily means of lines from noon to noon, from their values at noon, shape ``(day, day)``; level beyond."""
    middle = np.arange(24) + 0.5 - 12
    side = np.clip(middle, 0, None).sum() / 24**2
    matrix = np.diag(np.full(count, 1 - 2 * side)) + side * (np.eye(count, k=1) + np.eye(count, k=-1))
    matrix[0, 0] += side
    matrix[-1, -1] += side
    return np.asarray(matrix)
