"""Wind and sun that a weather file may have beside the temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr


@dataclass(frozen=True, slots=True)
class Beside:
    """Quantity that a weather file may have beside the temperature, as a coordinate of the same shape."""

    units: str
    standard_name: str
    """CF standard name."""
    long_name: str
    most: float
    """Largest value that is read; the least is 0."""


BESIDE = {
    "wind_m_s": Beside("m s-1", "wind_speed", "Wind 10 m above ground", 90.0),
    "ghi_w_m2": Beside(
        "W m-2",
        "surface_downwelling_shortwave_flux_in_air",
        "Sun on level ground, mean of an hour",
        1500.0,
    ),
}
"""Quantities beside the temperature. Ours: bounds beyond every record at the ground."""


def beside(name: str, dims: tuple[str, ...], values: npt.NDArray[np.float64]) -> xr.Variable:
    """Return wind or sun as a coordinate, with CF attributes."""
    kind = BESIDE[name]
    attrs = {"units": kind.units, "standard_name": kind.standard_name, "long_name": kind.long_name}
    return xr.Variable(dims, values, attrs)
