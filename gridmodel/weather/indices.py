"""Compute indices of cold as climatology defines them: cold spells, heating degree-days, wind chill.

Names and defaults follow xclim (0.62), where cold spells are counted from July to June (``YS-JUL``); here the
period is the whole series. ``make check-indices`` compares the numbers.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gridmodel.errors import InputError, Problem

COLD_SPELL_C = -10.0
"""Daily mean temperature below which a day is cold. [degC] xclim."""
HEATING_BASE_C = 17.0
"""Base temperature of heating degree-days. [degC] xclim."""


def daily_mean(temperature: xr.DataArray, *, utc_offset_h: int = 0) -> xr.DataArray:
    """Compute means of whole days; a day with fewer than 24 hours at either end is left out.

    Parameters
    ----------
    temperature
        Hourly, any dimensions besides `time`, UTC. [degC]
    utc_offset_h
        Hours that the days are ahead of UTC. [h]

    Returns
    -------
    xarray.DataArray
        The same dimensions, `time` at the start of each local day. [degC]

    Raises
    ------
    InputError
        If the series is shorter than a whole day, or the offset is not of whole hours.
    """
    if utc_offset_h != int(utc_offset_h):
        message = "must be whole hours, since values are hourly: take the nearest"
        raise InputError([Problem(message=message, field="utc_offset_h", value=f"{utc_offset_h:g}")])
    local = temperature["time"].to_numpy().astype("datetime64[h]") + np.timedelta64(int(utc_offset_h), "h")
    skip = int(-local[0].astype(np.int64) % 24)
    count = (len(local) - skip) // 24
    if count < 1:
        raise InputError("the series is shorter than a whole day: indices are counted over whole days")
    whole = temperature.isel(time=slice(skip, skip + 24 * count))
    days = whole.coarsen(time=24).mean()
    return days.assign_coords(time=local[skip::24][:count].astype("datetime64[D]").astype("datetime64[ns]"))


def _run_lengths(cold: xr.DataArray, window: int) -> xr.DataArray:
    """Return the length of each run of at least `window` cold days, at its last day; 0 elsewhere."""
    values = np.moveaxis(cold.transpose("time", ...).to_numpy(), 0, -1)
    so_far = np.zeros(values.shape, dtype=np.int64)
    for day in range(values.shape[-1]):
        before = so_far[..., day - 1] if day else 0
        so_far[..., day] = np.where(values[..., day], before + 1, 0)
    last = np.concatenate([~values[..., 1:], np.ones((*values.shape[:-1], 1), dtype=bool)], axis=-1)
    ends = np.where(last & (so_far >= window), so_far, 0)
    ordered = cold.transpose("time", ...)
    return ordered.copy(data=np.moveaxis(ends, -1, 0))


def _named(found: xr.DataArray, name: str, units: str, words: str) -> xr.DataArray:
    return found.rename(name).assign_attrs(units=units, long_name=words)


def cold_spell_days(tas: xr.DataArray, *, thresh_c: float = COLD_SPELL_C, window: int = 5) -> xr.DataArray:
    """Count the days that belong to cold spells: runs of at least `window` days with a mean below `thresh_c`.

    Parameters
    ----------
    tas
        Daily mean temperature, dimension `time` and any others. [degC]
    thresh_c
        A day below is cold. [degC]
    window
        Shortest spell. [d]

    Returns
    -------
    xarray.DataArray
        Without `time`. [d]

    References
    ----------
    xclim, ``cold_spell_days``: threshold -10 degC, window 5, operator ``<``.
    """
    found = _run_lengths(tas < thresh_c, window).sum("time")
    return _named(found, "cold_spell_days", "d", f"Days in spells of {window} days or more below {thresh_c:g} degC")


def cold_spell_frequency(tas: xr.DataArray, *, thresh_c: float = COLD_SPELL_C, window: int = 5) -> xr.DataArray:
    """Count the cold spells: runs of at least `window` days with a mean below `thresh_c`.

    Parameters
    ----------
    tas
        Daily mean temperature, dimension `time` and any others. [degC]
    thresh_c
        A day below is cold. [degC]
    window
        Shortest spell. [d]

    Returns
    -------
    xarray.DataArray
        Without `time`. [1]

    References
    ----------
    xclim, ``cold_spell_frequency``: threshold -10 degC, window 5, operator ``<``.
    """
    found = (_run_lengths(tas < thresh_c, window) > 0).sum("time")
    return _named(found, "cold_spell_frequency", "1", f"Spells of {window} days or more below {thresh_c:g} degC")


def cold_spell_max_length(tas: xr.DataArray, *, thresh_c: float = COLD_SPELL_C, window: int = 1) -> xr.DataArray:
    """Return the length of the longest cold spell; 0 if there is none of at least `window` days.

    Parameters
    ----------
    tas
        Daily mean temperature, dimension `time` and any others. [degC]
    thresh_c
        A day below is cold. [degC]
    window
        Shortest spell that counts. [d]

    Returns
    -------
    xarray.DataArray
        Without `time`. [d]

    References
    ----------
    xclim, ``cold_spell_max_length``: threshold -10 degC, window 1, operator ``<``.
    """
    found = _run_lengths(tas < thresh_c, window).max("time")
    return _named(found, "cold_spell_max_length", "d", f"Longest spell below {thresh_c:g} degC")


def cold_spell_total_length(tas: xr.DataArray, *, thresh_c: float = COLD_SPELL_C, window: int = 3) -> xr.DataArray:
    """Return the total length of the cold spells of at least `window` days.

    Parameters
    ----------
    tas
        Daily mean temperature, dimension `time` and any others. [degC]
    thresh_c
        A day below is cold. [degC]
    window
        Shortest spell that counts. [d]

    Returns
    -------
    xarray.DataArray
        Without `time`. [d]

    References
    ----------
    xclim, ``cold_spell_total_length``: threshold -10 degC, window 3, operator ``<``.
    """
    found = _run_lengths(tas < thresh_c, window).sum("time")
    words = f"Days in spells of {window} days or more below {thresh_c:g} degC"
    return _named(found, "cold_spell_total_length", "d", words)


def heating_degree_days(tas: xr.DataArray, *, thresh_c: float = HEATING_BASE_C) -> xr.DataArray:
    """Sum over days how far the mean is below a base temperature; warmer days do not count.

    Parameters
    ----------
    tas
        Daily mean temperature, dimension `time` and any others. [degC]
    thresh_c
        Base temperature. [degC]

    Returns
    -------
    xarray.DataArray
        Without `time`. [K d]

    References
    ----------
    xclim, ``heating_degree_days``: base 17 degC.
    """
    found = (thresh_c - tas).clip(min=0).sum("time")
    return _named(found, "heating_degree_days", "K d", f"Heating degree-days below {thresh_c:g} degC")


def wind_chill(temperature_c: xr.DataArray, wind_km_per_h: xr.DataArray) -> xr.DataArray:
    """Compute the wind chill: the temperature at which still air cools bare skin as fast.

    Parameters
    ----------
    temperature_c
        Air temperature. [degC]
    wind_km_per_h
        Wind at 10 m. [km/h]

    Returns
    -------
    xarray.DataArray
        Missing above freezing, where it is not defined. [degC]

    Notes
    -----
    From 5 km/h on ``13.12 + 0.6215 T - 11.37 V^0.16 + 0.3965 T V^0.16``; below, ``T + (-1.59 + 0.1345 T) V / 5``.

    References
    ----------
    Environment Canada and the US National Weather Service (2001); as in xclim, ``wind_chill_index``.
    """
    felt = wind_km_per_h.clip(min=0) ** 0.16
    windy = 13.12 + 0.6215 * temperature_c - 11.37 * felt + 0.3965 * temperature_c * felt
    calm = temperature_c + (-1.59 + 0.1345 * temperature_c) * wind_km_per_h / 5
    chill = calm.where(wind_km_per_h < 5, windy).where(temperature_c <= 0)
    return _named(chill, "wind_chill", "degC", "Wind chill")


def all_indices(temperature: xr.DataArray, *, utc_offset_h: int = 0) -> xr.Dataset:
    """Compute every index of daily means of an hourly series.

    Parameters
    ----------
    temperature
        Hourly, UTC. [degC]
    utc_offset_h
        Hours that the days are ahead of UTC. [h]

    Returns
    -------
    xarray.Dataset
        One variable per index, without `time`.
    """
    tas = daily_mean(temperature, utc_offset_h=utc_offset_h)
    found = (
        cold_spell_days(tas),
        cold_spell_frequency(tas),
        cold_spell_max_length(tas),
        cold_spell_total_length(tas),
        heating_degree_days(tas),
    )
    return xr.Dataset({str(index.name): index for index in found})
