"""How long buildings keep their heat: a range of time constants for each archetype, and the draught in the cold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats

Values = npt.ArrayLike

RANGES_H: Mapping[str, tuple[float, float]] = {
    "panel_5_9_storey_uninsulated": (24.0, 51.0),
    "panel_16_storey_corner_flat": (19.5, 46.0),
    "panel_improved_project": (30.5, 77.0),
    "brick_khrushchovka": (27.0, 100.0),
    "stalinka_thick_brick": (36.0, 120.0),
    "post_2007_insulated": (56.0, 110.0),
    "detached_old": (12.0, 35.0),
    "masonry_insulated": (30.0, 75.0),
    "timber_frame": (9.0, 24.0),
}
"""Time constants of the draughtiest and of the slowest buildings of known archetypes, where a network gives none. [h]
Low ends of panel and brick: a builder's estimates of November 2025, 10 °C after 8.5 and 10 h at −5 °C; of the others,
the same ratio to the derived curve [D]. High ends: accumulation coefficients of MDS 41-6.2000, 51, 46, 77 and 100 h
[B]; of the others, background knowledge [B]. Ours: both ends of `detached_old` are houses whose walls are followed
layer by layer, of light timber and of masonry, with `own_radiator_lag_h` and `own_room_lag_h`; a ratio of draughty
flats would count a draught twice that its losses have."""
NORM_WIND_M_S = 3.0
"""Wind at which archetypes have the ventilation of their table. [m/s] January norm of Kyiv. [B]"""
NORM_DIFFERENCE_K = 25.0
"""Temperature difference of the same. [K] 20 °C inside, −5 °C outside."""
WIND_OVER_STACK = 0.6
"""Weight of the square of wind over that of the temperature difference in what drives leaks. [K s²/m²] Sherman and
Grimsrud (1980), LBL-10852: 0.8 for two storeys among other houses, less for taller ones. [B]"""


def time_constant_h(central_h: Values, low_h: Values, high_h: Values, place: Values) -> Floats:
    """Return the time constant of buildings at a place of their range. [h]

    Parameters
    ----------
    central_h
        That of the archetype, at place 0.5. [h]
    low_h, high_h
        Ends of the range, at places 0 and 1; missing where the archetype has no range. [h]
    place
        From 0 to 1. [1]

    Notes
    -----
    Geometric between the ends and the archetype: ``τ_c (τ_low / τ_c)^(1 − 2 p)`` below 0.5 and
    ``τ_c (τ_high / τ_c)^(2 p − 1)`` above. Ours: the estimates of experts and the norms are factors apart, and nothing
    says what lies between.

    Examples
    --------
    >>> time_constant_h(40.0, 10.0, 90.0, [0.0, 0.25, 0.5, 0.75, 1.0])
    array([10., 20., 40., 60., 90.])
    """
    central = np.asarray(central_h, dtype=float)
    low, high = (np.where(np.isnan(end), central, end) for end in map(np.asarray, (low_h, high_h)))
    far = 2.0 * np.asarray(place, dtype=float) - 1.0
    end = np.where(far < 0, low, high)
    return np.asarray(central * (end / central) ** np.abs(far))


def draught_factor(wind_m_s: Values, difference_k: Values = NORM_DIFFERENCE_K) -> Floats:
    """Return the ventilation of homes over that of the January norm. [1]

    Parameters
    ----------
    wind_m_s
        Wind at 10 m. [m/s]
    difference_k
        Indoors minus outdoors. [K]

    Notes
    -----
    ``√((ΔT + 0.6 v²) / (25 + 0.6 · 3²))``: leaks follow the root of the pressure of stack and wind (Sherman and
    Grimsrud 1980).

    Examples
    --------
    >>> draught_factor([3.0, 10.0]).round(2)
    array([1.  , 1.67])
    """
    wind, difference = np.asarray(wind_m_s, dtype=float), np.asarray(difference_k, dtype=float)
    drive = np.maximum(difference, 0.0) + WIND_OVER_STACK * wind**2
    return np.asarray(np.sqrt(drive / (NORM_DIFFERENCE_K + WIND_OVER_STACK * NORM_WIND_M_S**2)))
