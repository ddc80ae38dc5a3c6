"""Loss of load: energy that is not served, and how often, how long and how deep load is shed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.steps import named, step_h, variable

SHED_TOLERANCE_MW = 0.01
"""National shedding that counts as loss of load. [MW] Ours: above rounding, below anything that matters."""


def shed_mw(result: xr.Dataset) -> xr.DataArray:
    """National shedding, ``(member, time)``. [MW]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.shed_mw(result).max().item()
    500.0
    """
    return named(variable(result, "shed_mw").sum(("region", "tier"), skipna=False), "MW", "National shedding")


def ens_mwh(result: xr.Dataset) -> xr.DataArray:
    """Energy not served, ENS, ``(member,)``; its mean is EENS. [MWh]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.ens_mwh(result).item()  # 500 MW for 48 h
    24000.0
    """
    return named(shed_mw(result).sum("time", skipna=False) * step_h(result), "MWh", "Energy not served")


def ens_share(result: xr.Dataset) -> xr.DataArray:
    """Energy not served over energy demand, ``(member,)``. [1]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.ens_share(result).item()  # 500 of 2,000 MW
    0.25
    """
    needed = variable(result, "demand_mw").sum(("region", "tier", "time"), skipna=False) * step_h(result)
    return named((ens_mwh(result) / needed).where(needed != 0, 0.0), "1", "Energy not served over energy demand")


def lole_h(result: xr.Dataset) -> xr.DataArray:
    """Hours with loss of load anywhere, ``(member,)``; the mean is LOLE in hours (LOLH). [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.lole_h(result).item()
    48.0
    """
    hours = _lost(result).sum("time") * step_h(result)
    return named(_where_known(hours, result), "h", "Hours with loss of load")


def lolev(result: xr.Dataset) -> xr.DataArray:
    """Loss-of-load events, ``(member,)``: stretches of hours with loss of load; the mean is LOLEv. [1]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.lolev(result).item()  # one that lasts throughout
    1.0
    """
    step_h(result, whole=True)
    return named(_where_known(_over_time(_lost(result), 0), result), "1", "Loss-of-load events")


def longest_event_h(result: xr.Dataset) -> xr.DataArray:
    """Longest loss-of-load event, ``(member,)``. [h]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.longest_event_h(result).item()
    48.0
    """
    length = step_h(result, whole=True)
    hours = _over_time(_lost(result), 1) * length
    return named(_where_known(hours, result), "h", "Longest loss-of-load event")


def deepest_mw(result: xr.Dataset) -> xr.DataArray:
    """Deepest national shedding, ``(member,)``. [MW]

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.deepest_mw(result).item()
    500.0
    """
    step_h(result)
    return named(shed_mw(result).max("time", skipna=False), "MW", "Deepest national shedding")


def cvar95_mwh(result: xr.Dataset) -> float:
    """Conditional value at risk of ENS: mean of the worst twentieth of members. [MWh]

    Notes
    -----
    With ``n`` members the worst ``n / 20`` are averaged, the last of them in part (Rockafellar and Uryasev, 2000).

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> gm.metrics.cvar95_mwh(result)  # of a single member: its energy not served
    24000.0
    """
    return tail_mean(ens_mwh(result).to_numpy(), 0.95)


def tail_mean(values: Floats, level: float) -> float:
    """Mean of the largest ``1 - level`` of the values, one of them in part.

    Examples
    --------
    >>> tail_mean(np.array([1.0, 2.0, 3.0, 10.0]), 0.5)
    6.5
    """
    ordered = np.sort(values)[::-1]
    weight = np.clip((1.0 - level) * len(ordered) - np.arange(len(ordered)), 0.0, 1.0)
    return float((ordered * weight).sum() / weight.sum())


def _lost(result: xr.Dataset) -> xr.DataArray:
    """Return whether load is lost, ``(…, member, time)``."""
    return shed_mw(result) > SHED_TOLERANCE_MW


def _where_known(values: xr.DataArray, result: xr.Dataset) -> xr.DataArray:
    """Return values of members, NaN where the shedding of a step is missing: a member that a sweep lacks is not 0."""
    return values.where(shed_mw(result).notnull().all("time"))


def _over_time(lost: xr.DataArray, which: int) -> xr.DataArray:
    """Return the number of stretches (0) or the length of the longest (1), without the dimension of time."""

    def count(values: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        rows = _runs(values.reshape(-1, values.shape[-1]))[which]
        return rows.reshape(values.shape[:-1])

    counted: xr.DataArray = xr.apply_ufunc(count, lost, input_core_dims=[["time"]], dask="parallelized",
                                           output_dtypes=[int], dask_gufunc_kwargs={"allow_rechunk": True})  # fmt: skip
    return counted


def _runs(lost: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the number of stretches and the length of the longest, each of shape ``(member,)``."""
    steps = np.arange(1, lost.shape[1] + 1)
    starts = lost & ~np.pad(lost, ((0, 0), (1, 0)))[:, :-1]
    last_off = np.maximum.accumulate(np.where(lost, 0, steps), axis=1)
    lengths = np.where(lost, steps - last_off, 0)
    return starts.sum(axis=1), lengths.max(axis=1)
