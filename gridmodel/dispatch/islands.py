"""Islands of a grid and how power spreads over their branches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu

from gridmodel.arrays import Floats, Ints, row_sum
from gridmodel.dispatch import block_loops, merit_loops
from gridmodel.dispatch.merit import gather
from gridmodel.network import Grid

DENSE_BUSES = 300
"""Size up to which flows come from a table of flow per injection, and beyond which from sparse factors.
[bus] Ours: the table stays small."""


class Spread(Protocol):
    """Spread of power over the branches in service."""

    shift_flow_mw: Floats
    """Flow that phase shifts drive without any injection, shape ``(branch,)``. [MW]"""

    def flows(self, injection_mw: Floats) -> Floats:
        """Compute the flow of each branch, ``(snapshot, branch)``, from bus injections ``(snapshot, bus)``. [MW]"""
        ...

    def rows(self, branches: Ints) -> Floats:
        """Flow per injection (PTDF) of some branches, shape ``(branch, bus)``. [MW/MW]"""
        ...


class DenseSpread:
    """Flow per injection as a table: quick for many snapshots of a small grid."""

    def __init__(self, grid: Grid, susceptance_mw: Floats, keep: Ints) -> None:
        laplacian = np.bincount(
            np.concatenate([
                grid.branch_from * grid.buses + grid.branch_from, grid.branch_to * grid.buses + grid.branch_to,
                grid.branch_from * grid.buses + grid.branch_to, grid.branch_to * grid.buses + grid.branch_from,
            ]),
            np.concatenate([susceptance_mw, susceptance_mw, -susceptance_mw, -susceptance_mw]),
            grid.buses * grid.buses,
        ).reshape(grid.buses, grid.buses)  # fmt: skip
        angle = np.zeros_like(laplacian)
        if len(keep):
            angle[np.ix_(keep, keep)] = np.linalg.inv(laplacian[np.ix_(keep, keep)])
        self._spread = susceptance_mw[:, None] * (angle[grid.branch_from] - angle[grid.branch_to])
        self.by_bus = np.ascontiguousarray(self._spread.T)
        self.shift_flow_mw = _shift_flow(self, grid, susceptance_mw)

    def flows(self, injection_mw: Floats) -> Floats:
        """Flow of each branch; the same bits for any number of snapshots."""
        return np.asarray(np.einsum("sb,bl->sl", injection_mw, self.by_bus, optimize=False))

    @property
    def by_loops(self) -> bool:
        """Whether loops that add up product after product give the same bits: not along a lone branch."""
        return self.by_bus.shape[1] > 1 and _rounds_products()

    def rows(self, branches: Ints) -> Floats:
        """Flow per injection of some branches."""
        return self._spread[branches]


@cache
def _rounds_products() -> bool:
    """Return whether numpy rounds a product before it adds it up; on some processors it does both in one."""
    near = 1.0 + 2.0**-30
    injection, spread = np.array([[near * near, near]]), np.array([[-1.0, -1.0], [near, near]])
    return not np.einsum("sb,bl->sl", injection, spread, optimize=False).any()


class SparseSpread:
    """Flow per injection by sparse factors: little work for each branch pattern of a large grid."""

    def __init__(self, grid: Grid, susceptance_mw: Floats, keep: Ints) -> None:
        self._grid, self._susceptance, self._keep = grid, susceptance_mw, keep
        start, end = grid.branch_from, grid.branch_to
        laplacian = coo_array(
            (
                np.concatenate([susceptance_mw, susceptance_mw, -susceptance_mw, -susceptance_mw]),
                (np.concatenate([start, end, start, end]), np.concatenate([start, end, end, start])),
            ),
            shape=(grid.buses, grid.buses),
        ).tocsc()
        self._factor = splu(laplacian[keep][:, keep].tocsc(), options={"SymmetricMode": True}) if len(keep) else None
        self.shift_flow_mw = _shift_flow(self, grid, susceptance_mw)

    def flows(self, injection_mw: Floats) -> Floats:
        """Flow of each branch; the same bits for any number of snapshots."""
        angle = self._angles(injection_mw)
        start, end = self._grid.branch_from, self._grid.branch_to
        return np.asarray(self._susceptance * (angle.take(start, axis=1) - angle.take(end, axis=1)))

    def rows(self, branches: Ints) -> Floats:
        """Flow per injection of some branches."""
        ends = np.zeros((len(branches), self._grid.buses))
        ends[np.arange(len(branches)), self._grid.branch_from[branches]] += 1.0
        ends[np.arange(len(branches)), self._grid.branch_to[branches]] -= 1.0
        return np.asarray(self._susceptance[branches, None] * self._angles(ends))

    def _angles(self, injection_mw: Floats) -> Floats:
        """Angle of each bus, a snapshot at a time, since a solve of many at once has other last bits."""
        angle = np.zeros_like(injection_mw)
        if self._factor is not None:
            for row, injection in zip(angle, injection_mw[:, self._keep], strict=True):
                row[self._keep] = self._factor.solve(injection)
        return angle


def _shift_flow(spread: Spread, grid: Grid, susceptance_mw: Floats) -> Floats:
    pushed = susceptance_mw * grid.shift_rad
    if not pushed.any():
        return np.zeros_like(pushed)
    at_bus = np.bincount(grid.branch_from, pushed, grid.buses) - np.bincount(grid.branch_to, pushed, grid.buses)
    return np.asarray(spread.flows(at_bus.astype(float)[None])[0] - pushed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """One pattern of branches in service."""

    in_service: npt.NDArray[np.bool_]
    """Shape ``(branch,)``."""
    island: Ints
    """Island of each bus, shape ``(bus,)``."""
    islands: int
    """Number of islands."""
    spread: Spread
    """Spread of power over the branches; 0 on branches out of service."""


def label_islands(buses: int, start: Ints, end: Ints) -> tuple[int, Ints]:
    """Count islands and number the one of each bus, shape ``(bus,)``, in the order of their first buses.

    Each bus takes the lowest label at either end of its branches, then the label of that label, until none changes
    (Shiloach and Vishkin 1982). On the small grids of the time loop this is quicker than building a sparse matrix.

    Examples
    --------
    >>> label_islands(4, np.array([3, 1]), np.array([1, 0]))
    (2, array([0, 0, 1, 0]))
    """
    label = np.arange(buses)
    while True:
        lowest = np.minimum(label[start], label[end])
        new = label.copy()
        np.minimum.at(new, label[start], lowest)
        np.minimum.at(new, label[end], lowest)
        new = new[new]
        if np.array_equal(new, label):
            first = label == np.arange(buses)
            return int(first.sum()), np.asarray((np.cumsum(first) - 1)[label], dtype=np.intp)
        label = new


def make_topology(grid: Grid, in_service: npt.NDArray[np.bool_]) -> Topology:
    """Find the islands and flow spread of one pattern of branches in service.

    The last bus of each island takes up the balance; a balanced injection gives the same flows whichever does.
    """
    start, end = grid.branch_from[in_service], grid.branch_to[in_service]
    count, island = label_islands(grid.buses, start, end)
    keep = np.ones(grid.buses, dtype=bool)
    last = np.zeros(count, dtype=np.intp)
    np.maximum.at(last, island, np.arange(grid.buses))
    keep[last] = False
    susceptance = np.where(in_service, grid.susceptance_mw, 0.0)
    kind = DenseSpread if grid.buses <= DENSE_BUSES else SparseSpread
    return Topology(
        in_service=in_service,
        island=island,
        islands=count,
        spread=kind(grid, susceptance, np.flatnonzero(keep)),
    )


def hold_islands(
    grid: Grid,
    topology: Topology,
    *,
    demand_mw: Floats,
    available_mw: Floats,
    unit_mw: Floats,
    min_stable_pu: Floats,
    grid_forming: npt.NDArray[np.bool_],
    border: npt.NDArray[np.bool_],
) -> Floats:
    """Take the power from islands that nothing can hold.

    An island lives if it has a grid-forming unit with power available whose minimum stable output its load
    can take, or a border to a live neighbour. Without either, all its generation is 0.

    Parameters
    ----------
    demand_mw
        Demand of each load, shape ``(snapshot, load)``. [MW]
    available_mw
        Most that each generator can give, shape ``(snapshot, generator)``. [MW]
    unit_mw
        Size of one unit, shape ``(generator,)``. [MW]
    min_stable_pu
        Lowest stable output of a unit, shape ``(generator,)``. [1]
    grid_forming
        True for generators that can hold an island, shape ``(generator,)``.
    border
        True for interconnectors, shape ``(generator,)``.

    Returns
    -------
    numpy.ndarray
        Most that each generator can give, shape ``(snapshot, generator)``. [MW]
    """
    load = gather(demand_mw, topology.island[grid.load_bus], topology.islands)
    at, least_mw = topology.island[grid.generator_bus], min_stable_pu * unit_mw
    if merit_loops.COMPILED and len(load) >= merit_loops.LEAST:
        held_mw = np.empty(available_mw.shape)
        block_loops.hold(load, np.ascontiguousarray(available_mw), at, (least_mw, grid_forming, border), held_mw)
        return held_mw
    fits = grid_forming & (least_mw <= load[:, at]) & (available_mw > 0)
    holds = fits | (border & (available_mw > 0))
    alive = gather(holds.astype(float), at, topology.islands) > 0
    return np.where(alive[:, at], available_mw, 0.0)


def main_island(load_mw: Floats) -> Ints:
    """Return the island with the most load in each snapshot, the first of equals, shape ``(snapshot,)``."""
    return np.asarray(load_mw.argmax(axis=1), dtype=np.intp)


def flows(topology: Topology, injection_mw: Floats) -> Floats:
    """Compute the flow of each branch, shape ``(snapshot, branch)``, from bus injections ``(snapshot, bus)``. [MW]"""
    return np.asarray(topology.spread.flows(injection_mw) + topology.spread.shift_flow_mw)


__all__ = ["Topology", "flows", "hold_islands", "main_island", "make_topology", "row_sum"]
