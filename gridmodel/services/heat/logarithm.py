"""Logarithms in single precision from + − × ÷ alone, so that compiled loops take them without leaving a block.

Those of numpy come from the C library, whose bytes a compiled loop would have to meet call by call.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats

SIGNIFICAND_BITS = np.int32(23)
"""Bits of a number in single precision that hold its significand (IEEE 754)."""
LEAST_SIGNIFICAND = np.float32(np.sqrt(0.5)).view(np.int32)
"""Bits of the least significand: those of a number are taken from √½ to √2, so that a series is short."""
LOG_2, MOST = np.float32(np.log(2.0)), np.float32(1e30)
"""Logarithm of two, and the number that stands for all that are above it, infinity included."""
SERIES = tuple(np.float32(1.0 / power) for power in (3, 5, 7, 9))
"""Coefficients of ``artanh(s) = s + s³/3 + s⁵/5 + …``, cut off at less than 1e-9 for ``|s| < 0.172``."""


def log1p_single(values: Floats, out: Floats) -> Floats:
    """Compute the natural logarithm of one and values in single precision, to three units in the last place.

    Parameters
    ----------
    values
        0 or above.
    out
        Written; it may be `values`.

    Notes
    -----
    ``1 + x = 2^p m`` with ``m`` from √½ to √2 by its bits, and ``ln m = 2 artanh((m − 1) / (m + 1))``. With ``w`` for
    ``1 + x`` as it is rounded, ``ln(1 + x) = ln w + (1 + x − w) / w`` to first order in what was lost.

    Examples
    --------
    >>> log1p_single(np.array([0.0, 1.0, np.inf], np.float32), np.empty(3, np.float32)).round(4)
    array([ 0.    ,  0.6931, 69.0776], dtype=float32)
    """
    least = np.minimum(values, MOST)
    whole = least + np.float32(1.0)
    bits = whole.view(np.int32)
    power = (bits - LEAST_SIGNIFICAND) >> SIGNIFICAND_BITS
    part = (bits - (power << SIGNIFICAND_BITS)).view(np.float32)
    part -= np.float32(1.0)
    part /= part + np.float32(2.0)
    square = part * part
    terms = square * SERIES[-1]
    for coefficient in SERIES[-2::-1]:
        terms += coefficient
        terms *= square
    part += part
    terms *= part
    terms += part
    least -= whole - np.float32(1.0)
    least /= whole
    np.multiply(power.astype(np.float32), LOG_2, out=out)
    out += terms
    out += least
    return out
