"""The lesser and the greater of two numbers in compiled loops: those of numba look for NaN first, which takes time.

Those who call them name this file to their compiler too, so that a change in it is noticed.
"""

# ruff: noqa: FURB136 - see above
from __future__ import annotations

from gridmodel.arrays import compiler

_compiled = compiler(__file__)


@_compiled(None)
def less(one: float, other: float) -> float:
    """Return the lesser of two numbers."""
    return one if one < other else other


@_compiled(None)
def more(one: float, other: float) -> float:
    """Return the greater of two numbers."""
    return one if one > other else other
