"""Batches of snapshots whose branches leave the same islands, and the patterns of branches that are in service."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints, row_sum
from gridmodel.dispatch.islands import Topology
from gridmodel.dispatch.limited import Snapshots
from gridmodel.dispatch.lp import State
from gridmodel.dispatch.whole_loops import LEAST_SHARE
from gridmodel.network import Grid

Parts = list[tuple[slice, Topology]]
"""Snapshots that follow one another, and their topology; all topologies leave the same islands."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs of snapshots whose topologies leave the same islands, by consumer."""

    demand: Floats
    available: Floats
    share: Floats
    delivery: Floats
    groups: Floats
    limited: bool = True
    """Whether branches and transfers have limits."""

    def lift(self, rows: Ints) -> Batch:
        """Return some of the snapshots without regional limits."""
        free = np.full((len(rows), self.delivery.shape[1]), np.inf)
        return Batch(self.demand[rows], self.available[rows], self.share[rows], free, self.groups[rows])

    def unlimited(self) -> Batch:
        """Return the snapshots without limits of regions, branches and transfers, for a programme."""
        return replace(self, delivery=np.full(self.delivery.shape, np.inf), limited=False)

    def snapshots(self, rows: Ints, grid: Grid) -> Snapshots:
        """Return some of the snapshots as bounds of a programme."""
        share = self.share[rows]
        transfers = self._transfers(grid)
        return Snapshots(
            demand_mw=self.demand[rows],
            available_mw=self.available[rows],
            rating_mw=np.where(share > 0, self._rating(grid) * np.where(share > 0, share, 1.0), np.inf),
            delivery_mw=self.delivery[rows],
            group_mw=self.groups[rows],
            transfer_mw=np.broadcast_to(transfers, (len(rows), len(transfers))),
        )

    def state(self, row: int, grid: Grid) -> State:
        """Return one snapshot."""
        finite = np.where(self.share[row] > 0, self.share[row], 1.0)
        return State(
            demand_mw=self.demand[row],
            available_mw=self.available[row],
            rating_mw=self._rating(grid) * finite,
            delivery_mw=self.delivery[row],
            group_mw=self.groups[row],
            transfer_mw=self._transfers(grid),
        )

    def breaks(self, grid: Grid, flow_mw: Floats, by_mw: float) -> npt.NDArray[np.bool_]:
        """Return which snapshots break a limit of a branch or a transfer by more than that."""
        share = self.share if self.share.strides[0] else self.share[:1]  # one row stands for all
        rating = np.where(share > 0, grid.rating_mw * np.maximum(share, LEAST_SHARE), np.inf)
        broken = (np.abs(flow_mw) > rating + by_mw).any(axis=1)
        for members, sign, limit in grid.transfers:
            broken |= row_sum(flow_mw[:, members] * sign) > limit + by_mw
        return np.asarray(broken)

    def _rating(self, grid: Grid) -> Floats:
        return grid.rating_mw if self.limited else np.full(len(grid.rating_mw), np.inf)

    def _transfers(self, grid: Grid) -> Floats:
        own = np.array([limit for _, _, limit in grid.transfers])
        return own if self.limited else np.full(len(own), np.inf)


def by_pattern(share: Floats) -> list[tuple[Ints, npt.NDArray[np.bool_]]]:
    """Return the snapshots of each pattern of branches in service, and the pattern."""
    if len(share) and not share.strides[0]:  # one row stands for all
        return [(np.arange(len(share)), share[0] > 0)]
    in_service = share > 0
    if (in_service == in_service[:1]).all():
        return [(np.arange(len(in_service)), in_service[0].copy())] if len(in_service) else []
    places: dict[bytes, list[int]] = {}
    for row, key in enumerate(np.packbits(in_service, axis=1)):
        places.setdefault(key.tobytes(), []).append(row)
    return [(np.array(rows, dtype=np.intp), in_service[rows[0]].copy()) for rows in places.values()]


def one_after_another(parts: list[tuple[Ints, Topology]]) -> Parts:
    """Return parts whose snapshots stand one after the other, as slices."""
    ends = np.cumsum([len(rows) for rows, _ in parts])
    return [(slice(end - len(rows), end), topology) for end, (rows, topology) in zip(ends, parts, strict=True)]


def among(parts: Parts, chosen: npt.NDArray[np.bool_]) -> list[tuple[Ints, Topology]]:
    """Return the snapshots of each part that are chosen, of the parts that have any."""
    places = np.arange(len(chosen))
    found = [(places[rows][chosen[rows]], topology) for rows, topology in parts]
    return [(rows, topology) for rows, topology in found if len(rows)]
