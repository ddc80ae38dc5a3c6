"""Loops over people's quantiles: what `gridmodel.services.quantiles` does array by array, a block of cells at a time.

Groups are ordered by a network of comparisons, the same for every cell, so that a processor orders eight cells at once.
It waits for numba to compile it once per installation. Quantiles are values of the groups, so that the bytes are those
of a sort.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gridmodel.arrays import Floats, Ints, available, compiler

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


@lru_cache(maxsize=64)
def routes(count: int) -> tuple[Ints, Ints]:
    """Return rows of a block that are compared to order a number of values, and the row of each value in the end.

    Results are written to two rows that are free: some processors are slow to write a part of what they have just read.

    Returns
    -------
    tuple
        Two rows that are compared, and those of the lesser and of the other, of ``count + 2`` rows, shape
        ``(pair, 4)``; rows in ascending order of their values, shape ``(count,)``.

    Examples
    --------
    >>> routes(2)[0].tolist(), routes(2)[1].tolist()
    ([[0, 1, 2, 3]], [2, 3])
    """
    row, free, found = [*range(count)], [count, count + 1], []
    for one, other in network(count):
        found.append([row[one], row[other], *free])
        (row[one], row[other]), free = free, [row[one], row[other]]
    return np.array(found, dtype=np.intp).reshape(-1, 4), np.array(row, dtype=np.intp)


@_compiled(None)
def _order(block: Floats, ways: Ints) -> None:
    """Put the values of each cell of a block in ascending order, in the rows that `routes` returns."""
    for pair in range(len(ways)):
        one = block[ways[pair, 0] * WIDTH : (ways[pair, 0] + 1) * WIDTH]
        other = block[ways[pair, 1] * WIDTH : (ways[pair, 1] + 1) * WIDTH]
        lesser = block[ways[pair, 2] * WIDTH : (ways[pair, 2] + 1) * WIDTH]
        greater = block[ways[pair, 3] * WIDTH : (ways[pair, 3] + 1) * WIDTH]
        for k in range(WIDTH):
            left, right = one[k], other[k]
            swap = right < left
            lesser[k] = right if swap else left
            greater[k] = left if swap else right


@_compiled(None)
def of_queues(  # noqa: PLR0917 - numba takes no keywords
    values: Floats, apart: Floats, ways: Ints, low: Ints, high: Ints, found: Floats
) -> None:  # fmt: skip
    """Write quantiles over people in sub-queues and of those outside them, as `people_quantiles` returns them.

    Parameters
    ----------
    values
        Values of sub-queues, shape ``(sub-queue, cell)``.
    apart
        Value outside, shape ``(cell,)``.
    ways
        Rows that are compared, as `routes` returns them.
    low, high
        Rows of the lowest and the highest value that a quantile can have, each of shape ``(quantile, cell)``; two rows
        after the others are below, and above, all values.
    found
        Written: shape ``(quantile, cell)``.
    """
    groups, cells = values.shape
    block = np.zeros((groups + 4) * WIDTH, values.dtype)
    block[(groups + 2) * WIDTH : (groups + 3) * WIDTH] = -np.inf
    block[(groups + 3) * WIDTH :] = np.inf
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        for group in range(groups):
            block[group * WIDTH : group * WIDTH + count] = values[group, first : first + count]
        _order(block, ways)
        outside = apart[first : first + count]
        for quantile in range(len(low)):
            least, most = low[quantile, first : first + count], high[quantile, first : first + count]
            into = found[quantile, first : first + count]
            for k in range(np.uintp(count)):
                below, above = block[np.uintp(least[k]) * WIDTH + k], block[np.uintp(most[k]) * WIDTH + k]
                value = min(above, outside[k])
                into[k] = max(value, below)


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
def _list_layers(  # noqa: PLR0917
    values: Floats, edges: Floats, at: tuple[int, int, int, int], share: tuple[float, float], block: Floats, slot: int,
    lists: tuple[Floats, Floats, Floats],
) -> tuple[int, int]:  # fmt: skip
    """Write the values of columns of a cell that have homes into a block from a slot on, and the weight of each.

    Those outside the queues are written in ascending order, with their weights.

    Returns
    -------
    tuple
        How many columns there are, and how many values outside the queues.
    """
    (member, place, region, last), (weight, of_other, other_weight) = at, lists
    count, number, low, queues = 0, 0, 0.0, len(block) // WIDTH - 2
    for layer in range(len(edges) + 1):
        high = edges[layer, member, place] if layer < len(edges) else 1.0
        wide, low = high - low, high
        if not wide > 0.0:
            continue
        column = region + layer * edges.shape[2] if layer < len(edges) else last
        weight[count] = wide * share[0]
        for queue in range(queues):
            block[queue * WIDTH + slot + count] = values[queue, column]
        if share[1] > 0.0:
            value, into = values[len(values) - 1, column], number
            while into > 0 and of_other[into - 1] > value:
                of_other[into], other_weight[into] = of_other[into - 1], other_weight[into - 1]
                into -= 1
            of_other[into], other_weight[into] = value, wide * share[1]
            number += 1
        count += 1
    return count, number


@_compiled(None)
def _lowest(head: Floats, count: int) -> tuple[int, float]:
    """Return which of the columns of a cell has the least value, and the least of the others."""
    first, second = 0, np.inf
    for one in range(1, count):
        if head[one] < head[first]:
            first, second = one, head[first]
        elif head[one] < second:
            second = head[one]
    return first, second


@_compiled(None)
def _advance(  # noqa: PLR0917
    block: Floats, rows: Ints, at: tuple[int, int], room: tuple[Floats, Ints], weight: float,
    until: tuple[float, float], reached: float,
) -> tuple[float, float]:  # fmt: skip
    """Count values of a column, at least one, until another has a lesser one or so many people are reached.

    Returns
    -------
    tuple
        The last value, and the share of people that is reached.
    """
    (column, first), (head, place), (second, part) = at, room, until
    value = head[first]
    while place[first] < len(rows) and head[first] <= second:
        value = head[first]
        reached += weight
        place[first] += 1
        head[first] = block[rows[place[first]] * WIDTH + column] if place[first] < len(rows) else np.inf
        if reached >= part:
            break
    return value, reached


@_compiled(None)
def _merge(  # noqa: PLR0917
    block: Floats, rows: Ints, slot: int, lists: tuple[Floats, Floats, Floats], counts: tuple[int, int],
    room: tuple[Floats, Ints], parts: Floats, found: Floats,
) -> None:  # fmt: skip
    """Write quantiles of a cell: the values of its columns, and those outside, are counted from the least one on."""
    (weight, of_other, other_weight), (count, number), (head, place) = lists, counts, room
    for one in range(count):
        head[one], place[one] = block[rows[0] * WIDTH + slot + one], 0
    part, reached, other = 0, 0.0, 0
    value = float(head[0])
    while part < len(parts):
        first, second = _lowest(head, count)
        apart = of_other[other] if other < number else np.inf
        if other < number and apart <= head[first]:
            value = apart
            reached += other_weight[other]
            other += 1
        elif place[first] < len(rows):
            until = min(second, apart), parts[part]
            value, reached = _advance(block, rows, (slot + first, first), room, weight[first], until, reached)
        else:
            reached = np.inf  # all people are counted
        while part < len(parts) and reached >= parts[part]:
            found[part] = value
            part += 1


@_compiled(None)
def of_layers(  # noqa: PLR0917
    values: Floats, queues: int, outside: Floats, breaking: Ints, edges: Floats, ways: tuple[Ints, Ints],
    parts: Floats, found: Floats,
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
    ways
        As `routes` returns them for the cohorts in the queues.
    parts
        Shares of people that are to be reached, ascending.
    found
        Changed where layers are in use, shape ``(part, member, region)``.
    """
    (members, regions), some, most = outside.shape, len(breaking), len(edges) + 1
    columns, cells = regions + len(edges) * some, max(WIDTH // most, 1)
    block = np.zeros((queues + 2) * WIDTH, values.dtype)
    lists = np.empty((cells, most)), np.empty((cells, most), values.dtype), np.empty((cells, most))
    counts, room = np.empty((cells, 4), np.int64), (np.empty(most, values.dtype), np.empty(most, np.int64))
    cell = 0
    for at in range(members * some):
        member, number = at // some, at % some
        if edges[-1, member, number] > 0.0:
            region, first = breaking[number], member * columns
            of_cell = lists[0][cell], lists[1][cell], lists[2][cell]
            share = ((1.0 - outside[member, region]) / queues, outside[member, region])
            count, others = _list_layers(
                values, edges, (member, number, first + regions + number, first + region), share, block, cell * most,
                of_cell,
            )  # fmt: skip
            counts[cell, 0], counts[cell, 1], counts[cell, 2], counts[cell, 3] = count, others, member, region
            cell += 1
        if cell == cells or at == members * some - 1:
            _order(block, ways[0])
            for one in range(cell):
                of_cell, of_one = (lists[0][one], lists[1][one], lists[2][one]), counts[one]
                into = found[:, of_one[2], of_one[3]]
                _merge(block, ways[1], one * most, of_cell, (of_one[0], of_one[1]), room, parts, into)
            cell = 0
