"""Shares as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor


def whole_percent(shares: Mapping[str, float]) -> dict[str, int]:
    """Return shares that add up to 1 in whole per cent that add up to 100, those rounded down most taken up first.

    Examples
    --------
    >>> whole_percent({"a": 0.784, "b": 0.138, "c": 0.05, "d": 0.028})
    {'a': 78, 'b': 14, 'c': 5, 'd': 3}
    >>> whole_percent({"a": 0.966, "b": 0.017, "c": 0.017})
    {'a': 96, 'b': 2, 'c': 2}
    """
    least = {name: floor(100 * share + 1e-9) for name, share in shares.items()}
    order = sorted(shares, key=lambda name: least[name] - 100 * shares[name])
    for name in order[: max(round(100 * sum(shares.values())) - sum(least.values()), 0)]:
        least[name] += 1
    return least
