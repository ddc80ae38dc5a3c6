"""Sun that reaches level ground, and what windows let in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats

SOLAR_CONSTANT_W_PER_M2 = 1361.0
"""Sun above the air, across its rays. [W/m²] Kopp and Lean (2011)."""
WINDOW_U_W_PER_M2K = 2.7
"""Loss of a square metre of window, by which archetypes have an area of windows. [W/(m² K)] [B]"""


def level_sun_w_per_m2(times: npt.NDArray[np.datetime64], lat: Floats, lon: Floats) -> Floats:
    """Return the extraterrestrial irradiance on level ground, shape ``(time, region)``. [W/m²]

    Parameters
    ----------
    times
        UTC, shape ``(time,)``.
    lat, lon
        Places, shape ``(region,)``. [°]

    Notes
    -----
    ``S · max(sin h, 0)`` with ``sin h = sin φ sin δ + cos φ cos δ cos ω`` and the declination of Cooper (1969),
    ``δ = 23.45° sin(2π (284 + n) / 365)``. The equation of time, at most a quarter of an hour, is left out.
    """
    day = (times - times.astype("datetime64[Y]")) / np.timedelta64(1, "D")
    hour = 24.0 * (day % 1.0)
    tilt = np.radians(23.45) * np.sin(2.0 * np.pi * (284.0 + np.floor(day) + 1.0) / 365.0)
    turn = np.radians(15.0 * (hour[:, None] - 12.0) + lon)
    height = np.sin(np.radians(lat)) * np.sin(tilt)[:, None]
    height = height + np.cos(np.radians(lat)) * np.cos(tilt)[:, None] * np.cos(turn)
    return np.asarray(SOLAR_CONSTANT_W_PER_M2 * np.maximum(height, 0.0))
