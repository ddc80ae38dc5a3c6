"""Rows of what was reported and foretold, as a terminal of 80 columns has them."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

LARGER = {
    "MW": ((1e3, "GW"),), "people": ((1e6, "million"), (1e3, "thousand")),
}  # fmt: skip
"""Units in which large values are shown, the largest first: how many of the usual one each is, and its name."""
DIGITS = 3


def shown_in(unit: str, values: Sequence[float]) -> tuple[str, float]:
    """Return the unit in which values are shown, and the factor to it from the usual one; shares are in percent.

    Examples
    --------
    >>> shown_in("people", [0.0, 4_200_000.0]), shown_in("1", [0.2]), shown_in("h", [6.0])
    (('million', 1e-06), ('%', 100.0), ('h', 1.0))
    """
    if unit == "1":
        return "%", 100.0
    most = max(map(abs, values))
    return next(((name, 1.0 / size) for size, name in LARGER.get(unit, ()) if most >= size), (unit, 1.0))


def band(values: Sequence[float], factor: float = 1.0, decimals: int = DIGITS) -> str:
    """Return median and 90 % band of three quantiles, all with the decimals that give the highest three digits.

    Examples
    --------
    >>> band([6.04, 10.7, 15.66]), band([0.0, 0.0424, 0.214], 100.0)
    ('10.7 (6.0 to 15.7)', '4.2 (0.0 to 21.4)')
    """
    low, middle, high = (f"{value * factor:,.{_decimals(values, factor, decimals)}f}" for value in values)
    return f"{middle} ({low} to {high})"


def _decimals(values: Sequence[float], factor: float, most: int) -> int:
    largest = max(abs(value * factor) for value in values)
    return 0 if largest == 0 else min(max(DIGITS - 1 - floor(log10(largest)), 0), most)


def what(quantity: str, unit: str) -> str:
    """Return a quantity in words, which may wrap, and its unit.

    Examples
    --------
    >>> what("homes_without_heat", "%")
    'homes without heat, %'
    """
    return f"{quantity.replace('_', ' ')}, {unit}"


def when(moment: str) -> str:
    """Return month and day of a time such as 2026-01-09 02:00, and the hour unless it is midnight.

    Examples
    --------
    >>> when("2026-01-09 00:00"), when("2026-01-09 02:00")
    ('01-09', '01-09 02:00')
    """
    return moment[5:].removesuffix(" 00:00")
