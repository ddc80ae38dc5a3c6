"""Generate possible winters at many sites, and the cold spell that heating is designed for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from scipy.linalg import pinvh

from gridmodel.errors import Problems, nearest
from gridmodel.weather.daily import wave
from gridmodel.weather.generator.climate import Climate, climate_of, clock, period, places_of
from gridmodel.weather.generator.extremes import check_levels, return_levels
from gridmodel.weather.generator.tables import ClimateTables, find_climate
from gridmodel.weather.series import Array, Times

SPELL_RAMP_DAYS = 2
"""Length of the fall to a design cold spell, and of the rise after it. [d]
Ours: about the time that a change of air mass takes."""
SPELL_SWING_K = 3.0
"""Height of the daily wave in a design cold spell. [K]
Ours: a little over half the mean daily range in January, as the sky is clear in a cold spell."""
HISTORY_DAYS = 4
"""Days of usual weather before a design cold spell falls. [d] As many as a run needs before its start."""
_BLOCK = 32
"""Members that are worked out at once; results do not depend on it. Ours: some megabytes, and few steps of Python."""
MAX_VALUES = 500_000_000
"""Most values that are generated at once. Ours: 2 GB in single precision, which a common workstation has."""


class Purpose(IntEnum):
    """Purpose of a stream of random numbers; the numbers are part of every result and never change."""

    DAYS = 2000
    HOURS = 2001
    SLOW = 2003


def generate_weather(
    start: str | datetime,
    end: str | datetime,
    *,
    members: int = 1,
    seed: int = 0,
    regions: Sequence[str] | None = None,
    given: pd.DataFrame | None = None,
    climate: str | Path | None = None,
) -> xr.DataArray:
    """Generate possible winters.

    Parameters
    ----------
    start, end
        First hour and the hour after the last, UTC, from November to March.
    members
        Number of winters; ten are the first ten of twenty.
    seed
        Of the random numbers.
    regions
        Ids of regions of the climate; None for all of them.
    given
        Daily means that every member must have: index local days, columns ids of regions, NaN where free. The
        days around and the other regions follow as far as they are correlated. [degC]
    climate
        Network whose `climate/` gives norms and parameters: a bundled name or a folder. If None, the bundled climate
        that has the regions.

    Returns
    -------
    xarray.DataArray
        ``temperature(member, time, region)``, hourly, UTC, single precision. [degC]

    Raises
    ------
    InputError
        With every problem of period, members, regions, given values and climate.

    Notes
    -----
    ``T(t) = m(t) + s g(y(d)) + d R w(t) / 2 + n(t)``: the norm ``m`` (a parabola whose means over December, January
    and February are those of `norms.csv`); daily swings ``y = sqrt(a) y_slow + sqrt(1 - a) y_fast``, each an AR(1)
    with its own memory and correlated between sites by ``exp(-distance / length)`` with its own length; the stretched
    cold side ``g`` (`skewed`) and the month's standard deviation ``s``, joined by lines that keep the daily means; the
    wave ``w`` of an average day on the share ``d`` of the mean daily range ``R``; hourly noise ``n``. Streams are
    ``SeedSequence(seed, spawn_key=(member, purpose))``. Given daily means bend ``y`` as they would any normal vector.

    docs/weather.md compares the bundled climate with stations: levels of return periods, spread, memory and likeness.

    References
    ----------
    Richardson, C. W. (1981), Water Resources Research 17(1), 182-190. Wilks, D. S. (1998), Journal of Hydrology
    210(1-4), 178-191.

    Examples
    --------
    >>> import gridmodel as gm
    >>> gm.generate_weather("2026-01-01", "2026-01-03", members=2, regions=["UA-30"]).shape
    (2, 48, 1)
    """
    problems = Problems()
    hours = period(start, end, problems)
    tables = find_climate(regions, climate)
    names, place = places_of(regions, tables, problems)
    if members < 1 or members * hours.size * place.size > MAX_VALUES:
        message = f"must be at least 1, and members x hours x regions at most {MAX_VALUES}"
        problems.add(message, field="members", value=members)
    if seed < 0:
        problems.add("must not be negative", field="seed", value=seed)
    problems.raise_if_any()
    statistics = climate_of(hours, tables)
    places = dict(zip(names, place.tolist(), strict=True))
    bend = _conditions(given, statistics, hours, places, problems) if given is not None else None
    regular = (
        tables.parameters["diurnal_share"] / 2 * statistics.range_k * wave(clock(hours, statistics.offset_h))[:, None]
    )
    result = np.empty((members, len(hours), len(place)), dtype=np.float32)
    for first in range(0, members, _BLOCK):
        drawn = [_drawn(seed, member, statistics, len(hours)) for member in range(first, min(first + _BLOCK, members))]
        fast, slow, shocks = (np.stack(parts) for parts in zip(*drawn, strict=True))
        swings, noise = statistics.swings(slow, fast), _noise(shocks, tables)
        if bend is not None:
            swings = bend.apply(swings, noise, hours, statistics)
        days = statistics.mean_c + statistics.anomalies(swings)
        result[first : first + len(drawn)] = (statistics.hourly(days, hours) + regular + noise)[..., place]
    return _array(result, hours, names, ("member", "time", "region"), f"generated: seed {seed}")


def design_cold_spell(
    days: int = 5,
    *,
    start: str | datetime,
    end: str | datetime,
    regions: Sequence[str] | None = None,
    return_period_years: float | None = None,
    seed: int = 0,
    climate: str | Path | None = None,
) -> xr.DataArray:
    """Return a cold spell at the temperature that heating is designed for, or that comes once in so many years.

    Parameters
    ----------
    days
        Length of the plateau. [d]
    start, end
        First hour and the hour after the last, UTC. The fall begins four days after the start.
    regions
        Ids of regions of the climate; None for all of them.
    return_period_years
        The plateau's mean is the level of `return_levels` for its length: one winter in so many is colder in the
        region. If None, the design temperature. [a]
    seed
        Of the winters in which levels are counted.
    climate
        Network whose `climate/` gives norms and parameters: a bundled name or a folder. If None, the bundled climate
        that has the regions.

    Returns
    -------
    xarray.DataArray
        ``temperature(time, region)``, hourly, UTC. [degC]

    Raises
    ------
    InputError
        With every problem; also if the spell does not fit between start and end.

    Notes
    -----
    The norm of January, a fall of two days along a line, the plateau with each region's temperature as its mean,
    a rise of two days, the norm again; throughout a wave of 3 K up and down, lowest at 06:30 local time. Ours: a plain
    shape for planning. The design temperatures are those of `norms.csv`, which names their source.

    Examples
    --------
    >>> import gridmodel as gm
    >>> spell = gm.design_cold_spell(3, start="2026-01-05", end="2026-01-19", regions=["UA-30"])
    >>> spell.resample(time="D").mean().min().item()  # °C
    -22.0
    """
    problems = Problems()
    hours = period(start, end, problems)
    tables = find_climate(regions, climate)
    names, place = places_of(regions, tables, problems)
    needed = HISTORY_DAYS + 2 * SPELL_RAMP_DAYS + days
    if days < 1 and return_period_years is None:
        problems.add("must be at least one day", field="days", value=days)
    if days >= 1 and hours.size and hours.size < 24 * needed:
        problems.add(f"leaves {hours.size} hours; a plateau of {days} days needs {24 * needed}", field="end", value=end)
    if return_period_years is not None:
        check_levels(days, return_period_years, seed, tables, problems)
    problems.raise_if_any()
    norm, depth_c = (tables.norms[name].to_numpy(float)[place] for name in ("jan_mean_c", "design_temperature_c"))
    words = f"design cold spell, plateau of {days} days"
    if return_period_years is not None:
        years = return_period_years
        levels = return_levels(days, return_period_years=years, regions=regions, seed=seed, climate=climate)
        depth_c, words = levels["level_c"].to_numpy(), f"{words} of {return_period_years:g} years: seed {seed}"
    since = (np.arange(len(hours)) + 0.5) / 24 - HISTORY_DAYS
    corners = np.cumsum([0, SPELL_RAMP_DAYS, days, SPELL_RAMP_DAYS])
    depth = np.interp(since, corners, [0.0, 1.0, 1.0, 0.0])[:, None]
    values = norm + depth * (depth_c - norm) + SPELL_SWING_K * wave(clock(hours, tables.utc_offset_h))[:, None]
    return _array(np.asarray(values), hours, names, ("time", "region"), words)


def _array(
    values: npt.NDArray[np.floating], hours: Times, names: list[str], dims: tuple[str, ...], words: str
) -> xr.DataArray:
    coords: dict[str, object] = {"time": hours.astype("datetime64[ns]"), "region": np.array(names, dtype=object)}
    if "member" in dims:
        coords["member"] = np.arange(len(values))
    attrs = {"units": "degC", "standard_name": "air_temperature", "long_name": "Air temperature", "history": words}
    return xr.DataArray(values, coords, dims, "temperature", attrs=attrs | {"source": "gridmodel weather generator"})


def _drawn(seed: int, member: int, climate: Climate, hours: int) -> tuple[Array, Array, Array]:
    """Draw the shocks of one member: fast and slow ones, ``(day, site)``, and those of hours, ``(hour, site)``. [-]"""
    rng = {p: np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(member, int(p)))) for p in Purpose}
    days = climate.mean_c.shape
    return (
        rng[Purpose.DAYS].standard_normal(days),
        rng[Purpose.SLOW].standard_normal(days),
        rng[Purpose.HOURS].standard_normal((hours, days[1])),
    )


def _noise(shocks: Array, tables: ClimateTables) -> Array:
    """Return hourly local noise, independent between sites, of shocks ``(member, hour, site)``, the same shape. [K]"""
    from scipy.signal import lfilter

    memory = tables.parameters["noise_memory"]
    scaled = shocks * tables.parameters["noise_sd_k"]
    scaled[:, 1:] *= np.sqrt(1 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], scaled, axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conditions:
    """Daily means that are imposed, and how swings bend to them."""

    days: npt.NDArray[np.int64]
    """Place of each given day, shape ``(given,)``."""
    sites: npt.NDArray[np.int64]
    """Place of the site of each given day, shape ``(given,)``."""
    values_c: Array
    """Given daily means, shape ``(given,)``. [degC]"""
    gain: Array
    """Change of each day's swing for each unit missing in each given one, shape ``(day, site, given)``. [-]"""

    def apply(self, swings: Array, noise: Array, hours: Times, climate: Climate) -> Array:
        """Return swings that meet the given means, noise included, shape ``(member, day, site)``. [-]"""
        first = np.searchsorted(climate.place_of(hours), self.days)  # given days are whole, and hours in order
        local = noise[:, first[:, None] + np.arange(24), self.sites[:, None]].mean(axis=2)
        wanted_k = self.values_c - climate.mean_c[self.days, self.sites] - local
        misfit = climate.swings_of(wanted_k, self.days, self.sites) - swings[:, self.days, self.sites]
        return np.asarray(swings + (self.gain @ misfit[:, None, :, None])[..., 0])


def _conditions(
    given: pd.DataFrame, climate: Climate, hours: Times, place_of_region: dict[str, int], problems: Problems
) -> _Conditions:
    """Prepare Gaussian conditioning on daily means, ``x' = x + K A' (A K A')^-1 (b - A x)``, without the large K."""
    found = _given(given, climate, hours, place_of_region, problems)
    days, sites = (np.array([key[axis] for key in found], dtype=np.int64) for axis in (0, 1))
    rows = np.zeros((len(found), *climate.mean_c.shape))
    rows[np.arange(len(found)), days, sites] = 1.0
    reach = np.moveaxis(climate.covariance(rows), 0, -1)
    inner = reach[days, sites]
    gain = reach @ pinvh((inner + inner.T) / 2)
    return _Conditions(days=days, sites=sites, values_c=np.array(list(found.values())), gain=gain)


def _given(
    given: pd.DataFrame, climate: Climate, hours: Times, place_of_region: dict[str, int], problems: Problems
) -> dict[tuple[int, int], float]:
    """Return given daily means by day and site; problems are raised."""
    found: dict[tuple[int, int], float] = {}
    whole = np.flatnonzero(np.bincount(climate.place_of(hours), minlength=len(climate.days)) == 24)
    stamps = [pd.to_datetime(str(stamp), errors="coerce") for stamp in given.index]
    for region in given.columns:
        if str(region) not in place_of_region:
            hint = nearest(str(region), place_of_region)
            problems.add("is not generated", field="given", value=region, hint=hint)
            continue
        values = pd.to_numeric(given[region], errors="coerce").to_numpy(float)
        for stamp, value in zip(stamps, values, strict=True):
            day = int((np.datetime64(stamp, "D") - climate.days[0]).astype(np.int64)) if not pd.isna(stamp) else -1
            key = (day, place_of_region[str(region)])
            if np.isnan(value):
                continue
            if day not in whole:
                problems.add("is not a whole local day of the period", field="given", value=stamp)
            elif abs(found.setdefault(key, value) - value) > 1e-9:
                problems.add("is given twice for the same site", field="given", value=f"{stamp}, {region}")
    if not found:
        problems.add("contains no values", field="given")
    problems.raise_if_any()
    return found
