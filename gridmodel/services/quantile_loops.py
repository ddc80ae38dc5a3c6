"""Loops over people's quantiles: what `gridmodel.services.quantiles` does array by array, a block of cells at a time.

Groups are ordered by a network of comparisons, the same for every cell, so that a processor orders eight cells at once.
It waits for numba to compile it once per installation. Quantiles are values of the groups, so that the bytes are those
of a sort.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else a sort is quicker."""
WIDTH = 128
"""Cells of a block. Ours: its values fit a processor's nearest cache."""

_compiled = compiler(__file__)


@lru_cache(maxsize=64)
def network(count: int) -> Ints:
    """Return the pairs that are compared one after the other to order a number of values, shape ``(pair, 2)``.

    References
    ----------
    Batcher 1968, odd-even merge sort, for any number of values as in Knuth, The Art of Computer Programming 3, 5.2.2 M.

    Examples
    --------
    >>> network(3).tolist()
    [[0, 2], [0, 1], [1, 2]]
    """
    pairs: list[tuple[int, int]] = []
    most = 1 << max(count - 1, 1).bit_length() - 1
    apart = most
    while apart:
        half, offset, reach = most, 0, apart
        while True:
            pairs += [(place, place + reach) for place in range(count - reach) if place & apart == offset]
            if half == apart:
                break
            reach, half, offset = half - apart, half >> 1, apart
        apart >>= 1
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


@_compiled(None)
def of_queues(  # noqa: PLR0917 - numba takes no keywords
    values: Floats, apart: Floats, pairs: Ints, low: Ints, high: Ints, some: Bools, few: Bools, found: Floats
) -> None:  # fmt: skip
    """Write quantiles over people in sub-queues and of those outside them, as `people_quantiles` returns them.

    Parameters
    ----------
    values
        Values of sub-queues, shape ``(sub-queue, cell)``.
    apart
        Value outside, shape ``(cell,)``.
    pairs
        As `network` returns them.
    low, high, some, few
        Among which values in ascending order a quantile lies, each of shape ``(quantile, cell)``.
    found
        Written: shape ``(quantile, cell)``.
    """
    groups, cells = values.shape
    block = np.zeros(groups * WIDTH, values.dtype)
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        for group in range(groups):
            block[group * WIDTH : group * WIDTH + count] = values[group, first : first + count]
        for pair in range(len(pairs)):
            one = block[pairs[pair, 0] * WIDTH : (pairs[pair, 0] + 1) * WIDTH]
            other = block[pairs[pair, 1] * WIDTH : (pairs[pair, 1] + 1) * WIDTH]
            for k in range(WIDTH):
                left, right = one[k], other[k]
                swap = right < left
                one[k] = right if swap else left
                other[k] = left if swap else right
        for quantile in range(len(low)):
            for k in range(count):
                cell = first + k
                outside, most = apart[cell], block[high[quantile, cell] * WIDTH + k]
                value = outside if few[quantile, cell] or outside < most else most
                least = block[low[quantile, cell] * WIDTH + k]
                found[quantile, cell] = least if some[quantile, cell] and value < least else value


@_compiled(None)
def of_groups(values: Floats, weights: Floats, pairs: Ints, parts: Floats, found: Floats) -> None:
    """Write quantiles over people of groups of any size, as `quantiles_of` returns them.

    Parameters
    ----------
    values, weights
        Values, and the share of people in each group, each of shape ``(group, cell)``.
    pairs
        As `network` returns them.
    parts
        Shares of people that are to be reached, ascending.
    found
        Written: shape ``(part, cell)``.
    """
    groups, cells = values.shape
    block, share = np.zeros(groups * WIDTH, values.dtype), np.zeros(groups * WIDTH)
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        for group in range(groups):
            block[group * WIDTH : group * WIDTH + count] = values[group, first : first + count]
            share[group * WIDTH : group * WIDTH + count] = weights[group, first : first + count]
        for pair in range(len(pairs)):
            i, j = pairs[pair, 0] * WIDTH, pairs[pair, 1] * WIDTH
            one, other = block[i : i + WIDTH], block[j : j + WIDTH]
            share_of_one, share_of_other = share[i : i + WIDTH], share[j : j + WIDTH]
            for k in range(WIDTH):
                left, right, of_left, of_right = one[k], other[k], share_of_one[k], share_of_other[k]
                swap = right < left
                one[k] = right if swap else left
                other[k] = left if swap else right
                share_of_one[k] = of_right if swap else of_left
                share_of_other[k] = of_left if swap else of_right
        for k in range(count):
            part, reached = 0, 0.0
            for group in range(groups):
                reached += share[group * WIDTH + k]
                while part < len(parts) and (reached >= parts[part] or group == groups - 1):
                    found[part, first + k] = block[group * WIDTH + k]
                    part += 1
