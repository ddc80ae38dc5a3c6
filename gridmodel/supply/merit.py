"""Merit order and sharing in closed form: the optimum of an island whose lines are not limiting.

Without line limits an island is one pot: generators are used cheapest first, consumers are served dearest
shed cost first, and consumers of equal shed cost share. With a limit per region on what its own network
can pass on, and limits on disjoint groups of generators, the greedy order is still optimal (the feasible
sets are polymatroids: Edmonds 1970). Everything here is vectorised over snapshots, and each row's result
is the same bits whatever the number of rows: sums run over the last axis of contiguous arrays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


def row_sum(values: Floats) -> Floats:
    """Sum over the last axis, the same bits for any number of rows."""
    return np.asarray(np.add.reduce(np.ascontiguousarray(values), axis=-1))


def gather(values: Floats, index: Ints, count: int) -> Floats:
    """Sum columns that share an index, shape ``(row, column)`` to ``(row, count)``.

    Examples
    --------
    >>> gather(np.array([[1.0, 2.0, 4.0]]), np.array([2, 0, 2]), 3)
    array([[2., 0., 5.]])
    """
    total = np.zeros((len(values), count))
    if len(index):
        order = np.argsort(index, kind="stable")
        keys, starts = np.unique(index[order], return_index=True)
        total[:, keys] = np.add.reduceat(np.take(values, order, axis=1), starts, axis=1)
    return total


def ratio(part: Floats, whole: Floats) -> Floats:
    """Quotient, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.broadcast_shapes(part.shape, whole.shape)), where=whole > 0)


def level_fill(amount: Floats, need: Floats, cap: Floats) -> Floats:
    """Share an amount so that the least served gets as much as it can: one level, unless a cap is below it.

    Parameters
    ----------
    amount
        What there is to share, at most the sum of what `need` and `cap` allow, shape ``(snapshot,)``. [MW]
    need
        What each wants, shape ``(snapshot, place)``. [MW]
    cap
        Most that each can take, shape ``(snapshot, place)``. [MW]

    Returns
    -------
    numpy.ndarray
        Shares, shape ``(snapshot, place)``: ``min(level * need, cap)``. [MW]

    Examples
    --------
    >>> level_fill(np.array([90.0]), np.array([[100.0, 100.0]]), np.array([[20.0, np.inf]]))
    array([[20., 70.]])
    """
    top = np.where(need > 0, np.minimum(ratio(cap, need), 1.0), 1.0)
    order = np.argsort(top, axis=1, kind="stable")
    top_sorted = np.take_along_axis(top, order, axis=1)
    need_sorted = np.take_along_axis(need, order, axis=1)
    capped = np.cumsum(top_sorted * need_sorted, axis=1) - top_sorted * need_sorted
    open_need = row_sum(need)[:, None] - (np.cumsum(need_sorted, axis=1) - need_sorted)
    reached = capped + top_sorted * open_need >= amount[:, None]
    place = reached.argmax(axis=1)[:, None]
    open_here = np.take_along_axis(open_need, place, axis=1)[:, 0]
    rest = amount - np.take_along_axis(capped, place, axis=1)[:, 0]
    # all are full where rounding leaves the amount just beyond the last step, or nothing is open at it
    level = np.where(reached.any(axis=1) & (open_here > 0), ratio(rest, open_here), 1.0)
    return np.asarray(need * np.minimum(np.clip(level, 0.0, 1.0)[:, None], top))


def within_groups(available: Floats, cost: Floats, groups: Sequence[tuple[Ints, Floats]]) -> Floats:
    """Cut what generators can give to the limits of their groups, dearest first, equal costs in proportion.

    Parameters
    ----------
    available
        What each generator can give, shape ``(snapshot, generator)``. [MW]
    cost
        Cost of each, shape ``(generator,)``. [EUR/MWh]
    groups
        Members and limit of each group, limit of shape ``(snapshot,)``; groups share no member. [MW]
    """
    usable = available.copy()
    for members, limit in groups:
        left = limit
        for level in np.unique(cost[members]):
            here = members[cost[members] == level]
            total = row_sum(available[:, here])
            allowed = np.minimum(total, left)
            usable[:, here] = available[:, here] * ratio(allowed, total)[:, None]
            left = left - allowed
    return usable


def serve(  # noqa: PLR0917 - the arrays of one island
    need: Floats, need_cost: Floats, place: Ints, cap: Floats, usable: Floats, cost: Floats
) -> tuple[Floats, Floats]:
    """Serve consumers and run generators of one island, lines aside.

    Parameters
    ----------
    need
        Need of each consumer, shape ``(snapshot, consumer)``. [MW]
    need_cost
        Shed cost of each, shape ``(consumer,)``; equal costs share. [EUR/MWh]
    place
        Region of each, shape ``(consumer,)``.
    cap
        Most that each region can be served, shape ``(snapshot, region)``. [MW]
    usable
        What each generator can give, shape ``(snapshot, generator)``. [MW]
    cost
        Cost of each generator, shape ``(generator,)``. [EUR/MWh]

    Returns
    -------
    tuple of numpy.ndarray
        Served, shape ``(snapshot, consumer)``, and output, shape ``(snapshot, generator)``. [MW]
    """
    served = np.zeros_like(need)
    left = cap.copy()
    total = np.zeros(len(need))
    regions = cap.shape[1]
    for level in np.unique(need_cost)[::-1]:
        members = np.flatnonzero(need_cost == level)
        here = gather(need[:, members], place[members], regions)
        worth = row_sum(usable[:, cost < level])
        amount = np.minimum(row_sum(np.minimum(here, left)), np.maximum(worth - total, 0.0))
        given = level_fill(amount, here, left)
        served[:, members] = need[:, members] * np.minimum(ratio(given, here), 1.0)[:, place[members]]
        left = np.maximum(left - given, 0.0)
        total = total + row_sum(given)
    return served, _run(row_sum(served), usable, cost)


def _run(total: Floats, usable: Floats, cost: Floats) -> Floats:
    """Output of generators for a total, cheapest first, equal costs in proportion."""
    output = np.zeros_like(usable)
    left = total
    for level in np.unique(cost):
        here = np.flatnonzero(cost == level)
        there = row_sum(usable[:, here])
        used = np.minimum(there, left)
        output[:, here] = usable[:, here] * ratio(used, there)[:, None]
        left = left - used
    return output
