"""Electricity demand from people and cold: a daily shape, and a rise with the temperature of several days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats

LAG_WEIGHTS = (1.0, 0.5, 0.25, 0.125)
"""Weights of a day and the three before it. [1] Half a day's weight each day further back, as in BDEW profiles
and the smoothing of Staffell, Pfenninger and Johnson (2023), Nature Energy."""
HEATING_THRESHOLD_C = 15.0
"""Temperature below which heating needs electricity. [°C] Default for Ukraine, derived from neighbours' 12-16."""


def effective_temperature(temperature: xr.DataArray, weights: Sequence[float] = LAG_WEIGHTS) -> xr.DataArray:
    """Compute the temperature that demand follows: means of 24 hours, lagged over days.

    At noon of a local day this is ``(T_d + T_(d-1)/2 + T_(d-2)/4 + T_(d-3)/8) / 1.875`` of daily means; between
    noons it moves with the window, so that it has no steps.

    Parameters
    ----------
    temperature
        Hourly, ``(time, region)``. [degC]
    weights
        Weights of a day and of those before it. [1]

    Returns
    -------
    xarray.DataArray
        Same shape. [degC] Near the ends of the series the windows contain fewer hours.

    Notes
    -----
    ``T_eff(t) = Σ_i w_i M(t - 24 h · i) / Σ_i w_i`` with ``M`` the mean from 12 hours before to 11 hours after.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> import pandas as pd
    >>> import xarray as xr
    >>> hours = pd.date_range("2026-01-01", periods=240, freq="h")
    >>> cold = np.where(np.arange(240) < 120, 0.0, -15.0)[:, None]  # 15 K colder from the sixth day on
    >>> weather = xr.DataArray(cold, {"time": hours}, ("time", "region"))
    >>> gm.demand.effective_temperature(weather)[[108, 132, 156, 180, 204], 0].values  # noons
    array([  0.,  -8., -12., -14., -15.])
    """
    values = temperature.transpose("time", ...).to_numpy()
    hours = len(values)
    summed = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    low = np.clip(np.arange(hours) - 12, 0, hours)
    high = np.clip(np.arange(hours) + 12, 0, hours)
    width = (high - low).reshape(-1, *[1] * (values.ndim - 1))
    day = (summed[high] - summed[low]) / width
    total = np.zeros_like(values)
    weight = np.zeros(hours)
    for lag, share in enumerate(weights):
        start = min(24 * lag, hours)
        total[start:] += share * day[: hours - start]
        weight[start:] += share
    weight[weight <= 0] = np.nan  # before the first day that has a weight
    result = total / weight.reshape(-1, *[1] * (values.ndim - 1))
    return temperature.transpose("time", ...).copy(data=result).assign_attrs(long_name="Effective temperature")


def demand_mw(
    reference_mw: Floats,
    tier_share: Floats,
    shape: Floats | float,
    *,
    cold_mw: Floats,
) -> Floats:
    """Compute demand by region and tier.

    Parameters
    ----------
    reference_mw
        Demand at the weekday's peak on the reference day, shape ``(region,)``. [MW]
    tier_share
        Share of each tier, shape ``(…, region, tier)``. [1]
    shape
        Daily shape, 1 at the weekday's peak. [1]
    cold_mw
        Demand that colder weather than the reference day's adds, shape ``(member, region)``. [MW]

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region, tier)``; the cold is borne by all tiers in proportion. [MW]

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> tiers = np.array([[0.1, 0.5, 0.2, 0.2]])
    >>> gm.demand.demand_mw(np.array([1000.0]), tiers, 0.8, cold_mw=np.array([[100.0]])).round(1)
    array([[[ 90., 450., 180., 180.]]])
    """
    total = np.maximum(reference_mw * shape + cold_mw, 0.0)
    return np.asarray(total[..., None] * tier_share)


def cold_demand_mw(
    effective_c: Floats,
    reference_c: Floats,
    slope_mw_per_k: Floats,
    *,
    factor: Floats,
    threshold_c: float | Floats = HEATING_THRESHOLD_C,
    saturates_c: float | Floats = -np.inf,
) -> Floats:
    """Compute the demand that the cold adds to the reference day's: ``slope · [HD(T_eff) − HD(T_ref)]``.

    Heating degrees are ``HD(T) = max(0, threshold − max(T, saturation))``: electric heating draws no more than what is
    installed. Ours: demand is linear as far as it was observed, to −25 °C, and heating has a margin over its design.

    Parameters
    ----------
    effective_c
        Effective temperature, shape ``(region,)`` or ``(member, region)``. [°C]
    reference_c
        That of the reference day, shape ``(region,)``. [°C]
    slope_mw_per_k
        Rise per kelvin of cold, shape ``(region,)`` or ``(member, region)``. [MW/K]
    factor
        National factor on the slope, shape ``(member,)``. [1]
    threshold_c
        Temperature below which heating needs electricity, one for all or shape ``(member, 1)``. [°C]
    saturates_c
        Temperature at and below which all that is installed is on, one for all or shape ``(member, 1)``. [°C]

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region)``; negative on milder days. [MW]

    Examples
    --------
    >>> import gridmodel as gm
    >>> import numpy as np
    >>> gm.demand.cold_demand_mw(np.array([-20.0]), np.array([-9.0]), np.array([200.0]), factor=np.array([1.0]))
    array([[2200.]])
    """
    coldest = np.maximum(threshold_c - saturates_c, 0.0)
    degrees = np.minimum(np.maximum(threshold_c - effective_c, 0.0), coldest) - np.minimum(
        np.maximum(threshold_c - reference_c, 0.0), coldest
    )
    return np.asarray(factor[:, None] * slope_mw_per_k * degrees)
