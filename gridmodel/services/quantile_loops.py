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


@_compiled(None)
def _ordered(values: Floats, queues: int, pairs: Ints) -> Floats:
    """Return values of sub-queues in ascending order, shape ``(sub-queue, cell)``."""
    made = values[:queues].copy()
    cells = made.shape[1]
    for first in range(0, cells, WIDTH):
        after = min(first + WIDTH, cells)
        for pair in range(len(pairs)):
            one, other = made[pairs[pair, 0], first:after], made[pairs[pair, 1], first:after]
            for k in range(after - first):
                left, right = one[k], other[k]
                swap = right < left
                one[k] = right if swap else left
                other[k] = left if swap else right
    return made


@_compiled(None)
def _list_layers(  # noqa: PLR0917
    edges: Floats, at: tuple[int, int, int, int], ordered: Floats, apart: Floats, share: tuple[float, float],
    lists: tuple[Ints, Floats, Floats], others: tuple[Floats, Floats],
) -> tuple[int, int]:  # fmt: skip
    """Write which columns of a cell have homes, the least value in each and the weight of its sub-queues.

    Those outside the queues are written in ascending order, with their weights.

    Returns
    -------
    tuple
        How many columns there are, and how many values outside the queues.
    """
    (member, place, region, last), (column, head, weight), (of_other, other_weight) = at, lists, others
    count, number, low = 0, 0, 0.0
    for layer in range(len(edges) + 1):
        high = edges[layer, member, place] if layer < len(edges) else 1.0
        wide, low = high - low, high
        if not wide > 0.0:
            continue
        column[count] = region + layer * edges.shape[2] if layer < len(edges) else last
        head[count], weight[count] = ordered[0, column[count]], wide * share[0]
        if share[1] > 0.0:
            value, into = apart[column[count]], number
            while into > 0 and of_other[into - 1] > value:
                of_other[into], other_weight[into] = of_other[into - 1], other_weight[into - 1]
                into -= 1
            of_other[into], other_weight[into] = value, wide * share[1]
            number += 1
        count += 1
    return count, number


@_compiled(None)
def _merge(  # noqa: PLR0917
    ordered: Floats, lists: tuple[Ints, Floats, Floats], others: tuple[Floats, Floats], counts: tuple[int, int],
    place: Ints, parts: Floats, found: Floats,
) -> None:  # fmt: skip
    """Write quantiles of a cell: the values of its columns, and those outside, are counted from the least one on."""
    (column, head, weight), (of_other, other_weight), (count, number) = lists, others, counts
    place[:] = 0
    part, reached, other = 0, 0.0, 0
    value = head[0]
    while part < len(parts):
        first, least = 0, head[0]
        for one in range(1, count):
            is_less = head[one] < least
            first = one if is_less else first
            least = head[one] if is_less else least
        if other < number and of_other[other] <= least:
            value = of_other[other]
            reached += other_weight[other]
            other += 1
        elif place[first] < len(ordered):
            value = least
            reached += weight[first]
            place[first] += 1
            is_left = place[first] < len(ordered)
            head[first] = ordered[place[first], column[first]] if is_left else np.inf
        else:
            reached = np.inf  # all people are counted
        while part < len(parts) and reached >= parts[part]:
            found[part] = value
            part += 1


@_compiled(None)
def of_layers(  # noqa: PLR0917
    values: Floats, queues: int, outside: Floats, breaking: Ints, edges: Floats, pairs: Ints, parts: Floats,
    found: Floats,
) -> None:  # fmt: skip
    """Write quantiles over people where layers are in use, as `gridmodel.services.layers.folded_quantiles` does.

    Parameters
    ----------
    values
        Values by cohort, shape ``(cohort, member · column)``.
    queues
        Number of cohorts in the queues.
    outside
        Share of homes outside the queues, the last cohort, shape ``(member, region)``; 0 without one. [1]
    breaking
        Places of regions with layers, shape ``(breaking,)``.
    edges
        Edges between layers, shape ``(layer − 1, member, breaking)``. [1]
    pairs
        As `network` returns them for the cohorts in the queues.
    parts
        Shares of people that are to be reached, ascending.
    found
        Changed where layers are in use, shape ``(part, member, region)``.
    """
    (members, regions), some, most = outside.shape, len(breaking), len(edges) + 1
    ordered, apart, columns = _ordered(values, queues, pairs), values[len(values) - 1], regions + len(edges) * some
    lists = np.empty(most, np.int64), np.empty(most, values.dtype), np.empty(most)
    others, place = (np.empty(most, values.dtype), np.empty(most)), np.empty(most, np.int64)
    for member in range(members):
        first = member * columns
        for number in range(some):
            region = breaking[number]
            if edges[-1, member, number] <= 0.0:
                continue
            left = outside[member, region]
            at = (member, number, first + regions + number, first + region)
            counts = _list_layers(edges, at, ordered, apart, ((1.0 - left) / queues, left), lists, others)
            _merge(ordered, lists, others, counts, place, parts, found[:, member, region])
