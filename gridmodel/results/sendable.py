"""Amounts that people send: rounded up to whole units and two digits, for nobody sends 1,109,084 places or 0.125 MW."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats

UNIT_OF = {"1": 50.0, "m3/d": 1.0, "m3": 1.0, "MW": 0.1}
"""Smallest amount that is sent, by unit of a need: a room with 50 places, a cubic metre in a tank, a generator of 100 kW
on a trailer. Ours."""
LEAST_PART = 0.1
"""Part of a unit below which nothing is sent. [1] Ours: five people find room with neighbours."""
DIGITS = 2
"""Significant digits of an amount. Ours: no need is known better."""
_EXACT = 1e-6
"""Part of a unit that counts as rounding."""


def sendable(amount: Floats | float, unit: str) -> Floats:
    """Round an amount up to what people send; nothing below a tenth of a unit.

    Parameters
    ----------
    amount
        Amount of a need.
    unit
        Unit of the need, of `UNIT_OF`.

    Examples
    --------
    >>> sendable(np.array([39.0, 0.0, 4.0, 1_109_084.0]), "1").tolist()
    [50.0, 0.0, 0.0, 1200000.0]
    >>> sendable(np.array([0.125, 12.41]), "MW").tolist()
    [0.2, 13.0]
    """
    given = np.asarray(amount, dtype=float)
    least = UNIT_OF[unit]
    size = np.floor(np.log10(np.maximum(given, least)))
    unit_of_digits = np.maximum(10.0 ** (size - DIGITS + 1), least)
    whole = np.ceil(given / unit_of_digits - _EXACT) * unit_of_digits
    return np.asarray(np.where(given >= LEAST_PART * least, np.round(whole, 6), 0.0))
