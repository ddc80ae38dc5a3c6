"""The days before a forecast, which demand follows and a forecast seldom has."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gridmodel.weather.series import HOUR, Array
from gridmodel.weather.wind_and_sun import BESIDE

DAY_H = 24


def with_run_up(data: xr.DataArray, start: np.datetime64, days: int) -> tuple[xr.DataArray, int]:
    """Return a series from some days before a start; hours that it lacks take the mean of its first day.

    Parameters
    ----------
    data
        ``temperature(time, region)``, hourly, perhaps with `member`; of wind and sun as of the temperature. [degC]
    start
        Start of the run, UTC.
    days
        Days that are needed before it. [d]

    Returns
    -------
    tuple
        The series, and the number of hours that were made.

    Notes
    -----
    The mean is that of the first 24 hours, of each member and region by itself. Ours: of days that a file leaves out
    nothing better is known; a fall of the temperature that came before is missed.
    """
    first = data["time"].to_numpy()[0].astype("datetime64[s]")
    begin = start - np.timedelta64(days, "D")
    missing = max(0, int((first - begin) / HOUR))
    if missing == 0:
        return data.sel(time=slice(begin.astype("datetime64[ns]"), None)), 0
    hours = (begin + np.arange(missing) * HOUR).astype("datetime64[ns]")
    axis = data.get_axis_num("time")

    def longer(part: xr.DataArray) -> Array:
        values = np.moveaxis(part.transpose(*data.dims).to_numpy(), axis, 0)
        mean = values[:DAY_H].mean(axis=0, keepdims=True)
        return np.moveaxis(np.concatenate([np.repeat(mean, missing, axis=0), values]), 0, axis)

    coords: dict[str, object] = {name: data[name].to_numpy() for name in ("member", "region") if name in data.coords}
    coords["time"] = np.concatenate([hours, data["time"].to_numpy()])
    for name in BESIDE:
        if name in data.coords:
            coords[name] = (data.dims, longer(data[name]), data[name].attrs)
    return xr.DataArray(longer(data), coords, data.dims, "temperature", attrs=data.attrs), missing
