"""Merit order and sharing in closed form: the optimum of an island whose lines are not limiting.

Without line limits an island is one pot: generators are used cheapest first, consumers are served
highest shed cost first, and consumers of equal shed cost share. With a limit per region on what its own network
can pass on, and limits on disjoint groups of generators, the greedy order is still optimal (the feasible
sets are polymatroids: Edmonds 1970). Everything here is vectorised over snapshots, and each row's result
is the same bits whatever the number of rows: sums run over the last axis of contiguous arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gridmodel.arrays import Floats, Ints, row_sum
from gridmodel.dispatch import block_loops, merit_loops
from gridmodel.dispatch.merit_loops import Pot

LONG = 8
"""Mean number of columns of a sum from which numpy adds them up. Ours: beyond, it is as quick as a loop."""


class Gather:
    """Sums columns that share an index; made once for an index, used for many arrays.

    Examples
    --------
    >>> Gather(np.array([2, 0, 2]), 3)(np.array([[1.0, 2.0, 4.0]]))
    array([[2., 0., 5.]])
    """

    def __init__(self, index: Ints, count: int) -> None:
        self._count = count
        self._order = np.argsort(index, kind="stable")
        self._sorted = bool((self._order == np.arange(len(index))).all())
        self._keys, self._starts = np.unique(index[self._order], return_index=True)
        ends = np.append(self._starts, len(index))
        order, ends, keys = (np.asarray(table, dtype=np.intp) for table in (self._order, ends, self._keys))
        self.tables: tuple[Ints, Ints, Ints] = order, ends, keys
        """Columns, those of one sum side by side; where each sum starts, and their number; its index: for loops."""
        self._by_loops = len(index) <= LONG * len(self._keys)

    @property
    def parts(self) -> tuple[Ints, Ints, Ints]:
        """Columns, those of one sum side by side; how many each sum has; and its index."""
        return self._order, np.diff(self._starts, append=len(self._order)), self._keys

    def __call__(self, values: Floats) -> Floats:
        """Return the sums, shape ``(row, column)`` to ``(row, count)``, the same bits for any number of rows."""
        if self._by_loops and merit_loops.COMPILED and len(values) >= merit_loops.LEAST:
            room = np.empty if len(self._starts) == self._count else np.zeros
            found = room((len(values), self._count))
            block_loops.gather(np.ascontiguousarray(values), self.tables, found)
            return found
        sums = 0 < len(self._starts) < len(self._order)
        ordered = values if self._sorted and sums else values.take(self._order, axis=1)
        if sums:
            ordered = np.add.reduceat(ordered, self._starts, axis=1)
        if len(self._starts) == self._count:
            return ordered
        total = np.zeros((len(values), self._count))
        total[:, self._keys] = ordered
        return total


def gather(values: Floats, index: Ints, count: int) -> Floats:
    """Sum columns that share an index; see `Gather`."""
    return gatherer(index, count)(values)


def gatherer(index: Ints, count: int) -> Gather:
    """Return what sums columns that share an index, made once."""
    return _gatherer(index.tobytes(), index.dtype.str, count)


@lru_cache(maxsize=512)
def _gatherer(index: bytes, kind: str, count: int) -> Gather:
    return Gather(np.frombuffer(index, dtype=kind), count)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Quotient, 0 where the whole is 0."""
    shape = part.shape if part.shape == whole.shape else np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)


def level_fill(amount: Floats, demand: Floats, cap: Floats) -> Floats:
    """Share an amount so that the least served gets as much as it can: one level, unless a cap is below it.

    Parameters
    ----------
    amount
        Amount to share, at most the sum of what `demand` and `cap` allow, shape ``(snapshot,)``. [MW]
    demand
        Demand of each place, shape ``(snapshot, place)``. [MW]
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
    whole = row_sum(demand)
    if (cap >= demand).all():
        return _in_proportion(amount, demand, whole)
    return _capped(amount, demand, cap, whole)


def _in_proportion(amount: Floats, demand: Floats, whole: Floats) -> Floats:
    """Share an amount among places that can all take their demand, whose sum is `whole`."""
    return np.asarray(demand * np.minimum(np.maximum(ratio(amount, whole), 0.0), 1.0)[:, None])


def _capped(amount: Floats, demand: Floats, cap: Floats, whole: Floats) -> Floats:
    """Share an amount as `level_fill` does where caps are below the demand, whose sum is `whole`."""
    top = np.where(demand > 0, np.minimum(ratio(cap, demand), 1.0), 1.0)
    order = np.argsort(top, axis=1, kind="stable")
    top_sorted = np.take_along_axis(top, order, axis=1)
    demand_sorted = np.take_along_axis(demand, order, axis=1)
    capped = np.cumsum(top_sorted * demand_sorted, axis=1) - top_sorted * demand_sorted
    open_demand = whole[:, None] - (np.cumsum(demand_sorted, axis=1) - demand_sorted)
    reached = capped + top_sorted * open_demand >= amount[:, None]
    place = reached.argmax(axis=1)[:, None]
    open_here = np.take_along_axis(open_demand, place, axis=1)[:, 0]
    rest = amount - np.take_along_axis(capped, place, axis=1)[:, 0]
    # all are full where rounding leaves the amount just beyond the last step, or nothing is open at it
    level = np.where(reached.any(axis=1) & (open_here > 0), ratio(rest, open_here), 1.0)
    return np.asarray(demand * np.minimum(np.clip(level, 0.0, 1.0)[:, None], top))


def within_groups(available: Floats, levels: Sequence[Sequence[Ints]], limits: Sequence[Floats]) -> Floats:
    """Cut the power of generators to the limits of their groups, dearest first, equal costs in proportion.

    Parameters
    ----------
    available
        Most that each generator can give, shape ``(snapshot, generator)``. [MW]
    levels
        Members of each group by cost, cheapest first. Where groups share generators one is cut after the other: all
        limits hold, and more may be cut than they require.
    limits
        Limit of each group, each of shape ``(snapshot,)``. [MW]
    """
    usable = available.copy()
    for members, limit in zip(levels, limits, strict=True):
        room = limit
        for here in members:
            total = row_sum(usable[:, here])
            allowed = np.minimum(total, room)
            usable[:, here] *= ratio(allowed, total)[:, None]
            room = room - allowed
    return usable


class Island:
    """One island as one pot, and the order in which it is served and run; made once, used for many hours."""

    def __init__(self, shed_cost: Floats, place: Ints, regions: int, cost: Floats, groups: Sequence[Ints]) -> None:
        costs, self._level_of = np.unique(cost, return_inverse=True)
        self._level = Gather(self._level_of, len(costs))
        self._groups = [[members[cost[members] == level] for level in np.unique(cost[members])] for members in groups]
        self._demand: list[tuple[Ints, Ints | None, Gather, int]] = []
        for level in np.unique(shed_cost)[::-1]:
            members = np.flatnonzero(shed_cost == level)
            worth = int(np.searchsorted(costs, level))
            here = place[members]
            alone = np.array_equal(here, np.arange(regions))  # each region has one consumer of this cost
            self._demand.append((members, None if alone else here, Gather(here, regions), worth))

    def serve(
        self, demand: Floats, available: Floats, *, cap: Floats, group_limits: Sequence[Floats]
    ) -> tuple[Floats, Floats]:
        """Serve consumers and run generators, lines aside.

        Parameters
        ----------
        demand
            Demand of each consumer, shape ``(snapshot, consumer)``. [MW]
        available
            Most that each generator can give, shape ``(snapshot, generator)``. [MW]
        cap
            Most that each region can be served, shape ``(snapshot, region)``. [MW]
        group_limits
            Limit of each group of generators, each of shape ``(snapshot,)``. [MW]

        Returns
        -------
        tuple of numpy.ndarray
            Served, shape ``(snapshot, consumer)``, and output, shape ``(snapshot, generator)``. [MW]
        """
        usable = within_groups(available, self._groups, group_limits)
        levels = self._level(usable)
        below = np.cumsum(levels, axis=1)
        served = np.zeros_like(demand)
        room = cap
        limited = bool(np.isfinite(cap).any())
        total = np.zeros(len(demand))
        for members, place, by_region, worth in self._demand:
            wanted = demand.take(members, axis=1)
            here = by_region(wanted)
            spare = np.maximum((below[:, worth - 1] if worth else 0.0) - total, 0.0)
            whole = row_sum(here)
            if not limited or (room >= here).all():
                given = _in_proportion(np.minimum(whole, spare), here, whole)
            else:
                given = _capped(np.minimum(row_sum(np.minimum(here, room)), spare), here, room, whole)
            share = np.minimum(ratio(given, here), 1.0)
            served[:, members] = wanted * (share if place is None else share.take(place, axis=1))
            if limited:
                room = np.maximum(room - given, 0.0)
            total = total + row_sum(given)
        used = np.minimum(np.maximum(row_sum(served)[:, None] - (below - levels), 0.0), levels)
        return served, usable * ratio(used, levels).take(self._level_of, axis=1)

    def pot(self, consumers: Ints, plants: Ints) -> Pot:
        """Return tables for the loops that serve the island; `consumers` and `plants` are its columns in all arrays."""
        order, sizes, _ = self._level.parts
        place = np.argsort(order)
        of_groups = [(number, place[here]) for number, levels in enumerate(self._groups) for here in levels]
        tiers = [(members[by_region.parts[0]], *by_region.parts[1:]) for members, _, by_region, _ in self._demand]
        first = np.concatenate([members for members, _, _ in tiers])
        return Pot(
            plants=plants[order],
            levels=_starts(sizes),
            group_members=_joined([members for _, members in of_groups]),
            group_levels=_starts([len(members) for _, members in of_groups]),
            group=np.array([number for number, _ in of_groups], dtype=np.intp),
            consumers=consumers[first],
            by_column=consumers,
            parts=_starts(_joined([sizes for _, sizes, _ in tiers])),
            region=_joined([regions for _, _, regions in tiers]),
            tiers=_starts([len(regions) for _, _, regions in tiers]),
            worth=np.array([worth for *_, worth in self._demand], dtype=np.intp),
        )


def _starts(sizes: Sequence[int] | Ints) -> Ints:
    """Return where parts of some sizes start, and where the last one ends."""
    return np.concatenate([np.zeros(1, dtype=np.intp), np.cumsum(sizes, dtype=np.intp)])


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.intp), *parts])
