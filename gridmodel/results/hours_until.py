"""Hours until: when homes are cold, taps are dry and loops without circulation freeze."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gridmodel.results.steps import named, step_h, variable


def hours_until_below(result: xr.Dataset, threshold_c: float) -> xr.DataArray:
    """Hours from the start until homes of any kind are below a temperature, infinite where none are. [h]

    Parameters
    ----------
    threshold_c
        Indoor air, e.g. 18, 16, 12, 10, 5 or 0. [°C]

    Returns
    -------
    xarray.DataArray
        Dimensions ``(member, region)``. A kind of home that nobody lives in does not count.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_until_below(result, 12).isel(member=0).to_series().to_dict()
    {'TR-1': 17.0, 'TR-2': inf, 'TR-3': inf}
    """
    step_h(result, whole=True)
    air, shares = variable(result, "indoor_temperature"), variable(result, "archetype_share")
    below = ((air < threshold_c) & (shares > 0)).any(("archetype", "heat_state"))
    return named(_first_h(below, result), "h", f"Hours until homes are below {threshold_c:g} degC")


def hours_to_dry_taps(result: xr.Dataset) -> xr.DataArray:
    """Hours from the start until a region's reservoirs are empty, infinite where never, ``(member, region)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_to_dry_taps(result).isel(member=0).to_series().to_dict()
    {'TR-1': inf, 'TR-2': inf, 'TR-3': inf}
    """
    step_h(result, whole=True)
    stored = variable(result, "water_stored_m3")
    full = stored.max(("member", "time"))
    empty = (stored <= 0.01 * full) & (full > 0)
    return named(_first_h(empty, result) + step_h(result), "h", "Hours until reservoirs are empty")


def hours_to_drain(result: xr.Dataset) -> xr.DataArray:
    """Hours from the start until a standing loop is at 0 °C, infinite if none stands, ``(member, region)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.hours_to_drain(result).sel(region="TR-2").item()  # its loops never stand
    inf
    """
    hours = step_h(result, whole=True)
    elapsed = xr.DataArray((np.arange(result.sizes["time"]) + 1) * hours, dims="time")  # at the end of a step
    moment = (variable(result, "deadline_to_drain") + elapsed).fillna(np.inf).min("time")
    return named(moment, "h", "Hours until the first loop without circulation freezes")


def _first_h(reached: xr.DataArray, result: xr.Dataset) -> xr.DataArray:
    """Return hours from the start to the first step in which a condition is met, infinite where it never is. [h]"""
    first = reached.argmax("time") * step_h(result, whole=True)
    return first.where(reached.any("time"), np.inf)
