"""Blocks of cells that compiled loops work on: all values of a block lie in one array, a row for each quantity.

Those who call them name this file to their compiler too, so that a change in it is noticed.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, compiler

WIDTH = 128
"""Cells of a block. Ours: its values fit a processor's nearest caches."""

_compiled = compiler(__file__)


@_compiled(None)
def load(block: Floats, row: int, values: Floats, first: int, count: int) -> None:
    """Copy values of the cells of a block, which lie side by side from a place on, into one of its rows."""
    into, there = np.uintp(row * WIDTH), np.uintp(first)  # without a sign, they are not looked at from the end
    for k in range(np.uintp(count)):
        block[into + k] = values[there + k]


@_compiled(None)
def store(block: Floats, row: int, values: Floats, first: int, count: int) -> None:
    """Copy one of the rows of a block to where the values of its cells are."""
    found, there = np.uintp(row * WIDTH), np.uintp(first)
    for k in range(np.uintp(count)):
        values[there + k] = block[found + k]
