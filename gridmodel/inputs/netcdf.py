"""How data are laid out in a netCDF file, so that checkers of the CF conventions find nothing."""

from __future__ import annotations

import math
from typing import Any

import xarray as xr

CHUNK_BYTES = 4_000_000
"""Largest chunk of a variable. [byte] Ours: as the netCDF library chooses for dimensions that are not records."""
TEMPERATURE: dict[str, str] = {
    "units": "degC", "long_name": "Outdoor air temperature", "standard_name": "air_temperature",
    "units_metadata": "temperature: on_scale",
}  # fmt: skip
"""CF attributes of temperatures."""
_COORDINATES: dict[str, dict[str, str]] = {
    "time": {"long_name": "Time, UTC", "standard_name": "time", "units_metadata": "leap_seconds: none"},
    "region": {"long_name": "Region"},
    "member": {"long_name": "Member of the ensemble", "standard_name": "realization", "units": "1"},
    "wind_m_s": {"long_name": "Wind at 10 m", "standard_name": "wind_speed", "units": "m s-1"},
    "ghi_w_m2": {
        "long_name": "Sun on level ground", "units": "W m-2",
        "standard_name": "surface_downwelling_shortwave_flux_in_air",
    },
}  # fmt: skip


def cf_encoding(data: xr.Dataset) -> dict[Any, dict[str, Any]]:
    """Return the encoding of every variable: texts as characters, numbers packed, chunks that suit time as the record.

    Notes
    -----
    CF recommends that other dimensions stand before time unless time is the record dimension; results keep the order
    member, time, region, …, so that steps of a member lie together.
    """
    encoding: dict[Any, dict[str, Any]] = {}
    for name, values in data.variables.items():
        made: dict[str, Any] = {"dtype": "S1"} if values.dtype.kind in "OUT" else {}
        if values.dtype.kind == "f" and (name in data.data_vars or "time" in values.dims):
            made |= {"zlib": True, "complevel": 1, "shuffle": True}
        if "time" in values.dims and values.dtype.kind not in "OUT":
            each = values.dtype.itemsize * math.prod(values.shape[1:])
            first = max(1, min(values.shape[0], CHUNK_BYTES // max(each, 1)))
            made["chunksizes"] = (first, *values.shape[1:])
        encoding[name] = made
    return encoding


def cf_dataset(data: xr.DataArray) -> xr.Dataset:
    """Return temperatures as a dataset with the attributes that the CF conventions ask for.

    Parameters
    ----------
    data
        ``temperature(time, region)``, perhaps with `member`, wind and sun. [degC]
    """
    own = {str(name): value for name, value in data.attrs.items()}
    whole = data.to_dataset(name="temperature").copy()
    for variable in whole.variables.values():
        variable.encoding = {}
    whole["temperature"].attrs = {**TEMPERATURE, **own}
    for name, attributes in _COORDINATES.items():
        if name in whole.coords:
            whole[name].attrs = {**attributes, **whole[name].attrs}
    title, history = own.get("title", "Outdoor temperatures by region"), own.get("history", "written by gridmodel")
    whole.attrs = {"Conventions": "CF-1.11", "title": title, "history": history, **whole.attrs}
    return whole
