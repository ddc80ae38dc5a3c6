"""Standard types of PyPSA: public constants of lines and transformers, and what follows from them.

Source: PyPSA 1.4 (MIT), `pypsa/data/standard_types`, after pandapower's; Heuck et al. (2013), Elektrische
Energieversorgung; Oeding and Oswald (2011), Elektrische Kraftwerke und Netze.
"""

from __future__ import annotations

import math

LINE_TYPES: dict[str, tuple[float, float, float, float]] = {
    "149-AL1/24-ST1A 10.0": (50.0, 0.194, 0.315, 11.25),
    "149-AL1/24-ST1A 110.0": (50.0, 0.194, 0.41, 8.75),
    "149-AL1/24-ST1A 20.0": (50.0, 0.194, 0.337, 10.5),
    "15-AL1/3-ST1A 0.4": (50.0, 1.8769, 0.35, 11.0),
    "184-AL1/30-ST1A 110.0": (50.0, 0.1571, 0.4, 8.8),
    "184-AL1/30-ST1A 20.0": (50.0, 0.1571, 0.33, 10.75),
    "24-AL1/4-ST1A 0.4": (50.0, 1.2012, 0.335, 11.25),
    "243-AL1/39-ST1A 110.0": (50.0, 0.1188, 0.39, 9.0),
    "243-AL1/39-ST1A 20.0": (50.0, 0.1188, 0.32, 11.0),
    "305-AL1/39-ST1A 110.0": (50.0, 0.0949, 0.38, 9.2),
    "34-AL1/6-ST1A 10.0": (50.0, 0.8342, 0.36, 9.7),
    "34-AL1/6-ST1A 20.0": (50.0, 0.8342, 0.382, 9.15),
    "48-AL1/8-ST1A 0.4": (50.0, 0.5939, 0.3, 12.2),
    "48-AL1/8-ST1A 10.0": (50.0, 0.5939, 0.35, 10.1),
    "48-AL1/8-ST1A 20.0": (50.0, 0.5939, 0.372, 9.5),
    "48-AL1/8-ST1A 110.0": (50.0, 0.5939, 0.46, 8.0),
    "70-AL1/11-ST1A 10.0": (50.0, 0.4132, 0.339, 10.4),
    "70-AL1/11-ST1A 20.0": (50.0, 0.4132, 0.36, 9.7),
    "70-AL1/11-ST1A 110.0": (50.0, 0.4132, 0.45, 8.4),
    "94-AL1/15-ST1A 0.4": (50.0, 0.306, 0.29, 13.2),
    "94-AL1/15-ST1A 10.0": (50.0, 0.306, 0.33, 10.75),
    "94-AL1/15-ST1A 20.0": (50.0, 0.306, 0.35, 10.0),
    "94-AL1/15-ST1A 110.0": (50.0, 0.306, 0.44, 8.65),
    "122-AL1/20-ST1A 10.0": (50.0, 0.2376, 0.323, 11.1),
    "122-AL1/20-ST1A 20.0": (50.0, 0.2376, 0.344, 10.3),
    "122-AL1/20-ST1A 110.0": (50.0, 0.2376, 0.43, 8.5),
    "490-AL1/64-ST1A 220.0": (50.0, 0.059, 0.285, 10.0),
    "490-AL1/64-ST1A 380.0": (50.0, 0.059, 0.253, 11.0),
    "490-AL1/64-ST1A 110.0": (50.0, 0.059, 0.37, 9.75),
    "679-AL1/86-ST1A 110.0": (50.0, 0.042, 0.36, 9.95),
    "679-AL1/86-ST1A 220.0": (50.0, 0.042, 0.275, 11.7),
    "679-AL1/86-ST1A 380.0": (50.0, 0.042, 0.25, 14.6),
    "N2XS(FL)2Y 1x120 RM/35 64/110 kV": (50.0, 0.153, 0.166, 112.0),
    "N2XS(FL)2Y 1x185 RM/35 64/110 kV": (50.0, 0.099, 0.156, 125.0),
    "N2XS(FL)2Y 1x240 RM/35 64/110 kV": (50.0, 0.075, 0.149, 135.0),
    "N2XS(FL)2Y 1x300 RM/35 64/110 kV": (50.0, 0.06, 0.144, 144.0),
    "NA2XS2Y 1x95 RM/25 6/10 kV": (50.0, 0.313, 0.123, 315.0),
    "NA2XS2Y 1x185 RM/25 6/10 kV": (50.0, 0.161, 0.11, 406.0),
    "NA2XS2Y 1x240 RM/25 6/10 kV": (50.0, 0.122, 0.105, 456.0),
    "NA2XS2Y 1x150 RM/25 12/20 kV": (50.0, 0.206, 0.116, 250.0),
    "NA2XS2Y 1x185 RM/25 12/20 kV": (50.0, 0.161, 0.117, 273.0),
    "NA2XS2Y 1x240 RM/25 12/20 kV": (50.0, 0.122, 0.112, 304.0),
    "NA2XS2Y 1x120 RM/25 12/20 kV": (50.0, 0.253, 0.119, 230.0),
    "NA2XS2Y 1x70 RM/25 12/20 kV": (50.0, 0.443, 0.132, 190.0),
    "NA2XS2Y 1x95 RM/25 12/20 kV": (50.0, 0.313, 0.132, 216.0),
    "NA2XS2Y 1x150 RM/25 6/10 kV": (50.0, 0.206, 0.11, 360.0),
    "NA2XS2Y 1x120 RM/25 6/10 kV": (50.0, 0.253, 0.113, 340.0),
    "NA2XS2Y 1x70 RM/25 6/10 kV": (50.0, 0.443, 0.123, 280.0),
    "NAYY 4x120 SE": (50.0, 0.225, 0.08, 264.0),
    "NAYY 4x150 SE": (50.0, 0.208, 0.08, 261.0),
    "NAYY 4x50 SE": (50.0, 0.642, 0.083, 210.0),
    "Al/St 240/40 2-bundle 220.0": (50.0, 0.06, 0.301, 12.5),
    "Al/St 240/40 3-bundle 300.0": (50.0, 0.04, 0.265, 13.2),
    "Al/St 240/40 4-bundle 380.0": (50.0, 0.03, 0.246, 13.8),
    "Al/St 490/64 4-bundle 380.0": (50.0, 0.015, 0.16, 16.5),
    "HTLS 4-bundle 380.0": (50.0, 0.02, 0.26, 13.9),
    "Al/St 560/50 4-bundle 750.0": (50.0, 0.013, 0.276, 13.13),
    "HVDC XLPE 1000": (0.0, 0.0022, 1e-06, 10000.0),
    "HVDC Oil filled 1400": (0.0, 0.00264, 1e-06, 10000.0),
}
"""f_nom [Hz], r_per_length [ohm/km], x_per_length [ohm/km], c_per_length [nF/km], by name."""

TRANSFORMER_TYPES: dict[str, tuple[float, float, float, float, float, float, int, float, float]] = {
    "0.25 MVA 10/0.4 kV": (0.25, 4.0, 1.2, 0.6, 0.24, 150.0, 0, 0.0, 2.5),
    "0.25 MVA 20/0.4 kV": (0.25, 6.0, 1.44, 0.8, 0.32, 150.0, 0, 0.0, 2.5),
    "0.4 MVA 10/0.4 kV": (0.4, 4.0, 1.325, 0.95, 0.2375, 150.0, 0, 0.0, 2.5),
    "0.4 MVA 20/0.4 kV": (0.4, 6.0, 1.425, 1.35, 0.3375, 150.0, 0, 0.0, 2.5),
    "0.63 MVA 10/0.4 kV": (0.63, 4.0, 1.0794, 1.18, 0.1873, 150.0, 0, 0.0, 2.5),
    "0.63 MVA 20/0.4 kV": (0.63, 6.0, 1.206, 1.65, 0.2619, 150.0, 0, 0.0, 2.5),
    "100 MVA 220/110 kV": (100.0, 12.0, 0.26, 55.0, 0.06, 0.0, 0, 0.0, 1.5),
    "160 MVA 380/110 kV": (160.0, 12.2, 0.25, 60.0, 0.06, 0.0, 0, 0.0, 1.5),
    "25 MVA 110/10 kV": (25.0, 10.04, 0.276, 28.51, 0.073, 150.0, 0, 0.0, 1.5),
    "25 MVA 110/20 kV": (25.0, 11.2, 0.282, 29.0, 0.071, 150.0, 0, 0.0, 1.5),
    "40 MVA 110/10 kV": (40.0, 10.04, 0.295, 30.45, 0.076, 150.0, 0, 0.0, 1.5),
    "40 MVA 110/20 kV": (40.0, 11.2, 0.302, 31.0, 0.08, 150.0, 0, 0.0, 1.5),
    "63 MVA 110/10 kV": (63.0, 10.04, 0.31, 31.51, 0.078, 150.0, 0, 0.0, 1.5),
    "63 MVA 110/20 kV": (63.0, 11.2, 0.322, 33.0, 0.086, 150.0, 0, 0.0, 1.5),
}
"""s_nom [MVA], vsc [%], vscr [%], pfe [kW], i0 [%], phase_shift [degree], tap_side, tap_neutral, tap_step [%]."""


def line_values(kind: tuple[float, float, float, float], length_km: float, parallel: float) -> dict[str, float]:
    """Return r and x [ohm] and b [S] of a line of a standard type.

    Examples
    --------
    >>> {name: round(value, 6) for name, value in line_values(LINE_TYPES["490-AL1/64-ST1A 380.0"], 100.0, 2.0).items()}
    {'r': 2.95, 'x': 12.65, 'b': 0.000691}
    """
    f_nom, r, x, c = kind
    return {
        "r": r * length_km / parallel,
        "x": x * length_km / parallel,
        "b": 2e-9 * math.pi * f_nom * c * length_km * parallel,
    }


def transformer_values(
    kind: tuple[float, float, float, float, float, float, int, float, float], position: float, parallel: float
) -> dict[str, float]:
    """Return attributes of a transformer of a standard type; r, x, g, b are per unit of its own s_nom.

    Examples
    --------
    >>> made = transformer_values(TRANSFORMER_TYPES["160 MVA 380/110 kV"], 2.0, 1.0)
    >>> [round(made[name], 6) for name in ("s_nom", "r", "x", "tap_ratio", "phase_shift")]
    [160.0, 0.0025, 0.121974, 1.03, 0.0]
    """
    s_nom, vsc, vscr, pfe, i0, shift, side, neutral, step = kind
    r, g = vscr / 100.0, pfe / (1000.0 * s_nom)
    return {
        "r": r / parallel,
        "x": math.sqrt(max((vsc / 100.0) ** 2 - r**2, 0.0)) / parallel,
        "g": g * parallel,
        "b": -math.sqrt(max((i0 / 100.0) ** 2 - g**2, 0.0)) * parallel,
        "s_nom": s_nom,
        "phase_shift": shift,
        "tap_side": float(side),
        "tap_ratio": 1.0 + (position - neutral) * step / 100.0,
    }
