"""Snapshots whose lines are limiting, of one topology: the small programme that `simplex` solves.

Variables are outputs and consumers; every limit is a row over them. Rows come in this order: the balance of each
island that has both, limits of delivery, groups and transfers, then branches, which on a large grid are made only
once a solution breaks them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.network import Grid
from gridmodel.supply import simplex
from gridmodel.supply.islands import DENSE_BUSES, Topology
from gridmodel.supply.lp import Consumers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
TURNS = 20
"""How often rows of broken branches are added before a snapshot is given up. Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """Numbers of some snapshots."""

    need_mw: Floats
    """Shape ``(snapshot, consumer)``."""
    available_mw: Floats
    """Shape ``(snapshot, generator)``."""
    rating_mw: Floats
    """Infinite where a branch is out, shape ``(snapshot, branch)``."""
    delivery_mw: Floats
    """Shape ``(snapshot, region)``."""
    group_mw: Floats
    """Shape ``(snapshot, group)``."""


class Limited:
    """The programme of one topology; snapshots only set its bounds."""

    def __init__(self, grid: Grid, topology: Topology, consumers: Consumers, *, sharing: bool) -> None:
        self._topology = topology
        self._generators = len(grid.generator_bus)
        self._cost = np.concatenate([grid.generator_cost, -consumers.cost])
        turn = np.arange(1, len(self._cost) + 1) * GOLDEN
        self._ties = np.stack([0.5 + turn % 1.0, 0.5 + (turn * GOLDEN) % 1.0])
        levels, level = np.unique(-consumers.cost, return_inverse=True)
        self._group = np.concatenate([np.full(self._generators, -1), level]).astype(np.intp)
        self._groups = len(levels) if sharing else 0
        self._bus = np.concatenate([grid.generator_bus, consumers.bus])
        self._sign = np.concatenate([np.ones(self._generators), -np.ones(len(consumers.bus))])
        at = topology.island[self._bus]
        both = np.isin(np.arange(topology.islands), at[: self._generators])
        both &= np.isin(np.arange(topology.islands), at[self._generators :])
        self._live = both[at]
        self._base = int(both.sum())
        place = np.cumsum(both) - 1
        balance = np.zeros((self._base, len(at)))
        balance[place[at[self._live]], np.flatnonzero(self._live)] = self._sign[self._live]
        self._limits = np.array([limit for _, _, limit in grid.transfers])
        fixed = np.concatenate([balance, *self._regional(grid, consumers)])
        self._dense = grid.buses <= DENSE_BUSES
        branches = self._branch_rows(np.arange(len(grid.branch_from))) if self._dense else fixed[:0]
        self._columns = np.ascontiguousarray(np.concatenate([fixed, branches]).T)

    def solve(self, snapshots: Snapshots) -> tuple[Flags, Floats, Floats]:
        """Least cost, levelled.

        Returns
        -------
        tuple
            Whether each answer is proved, shape ``(snapshot,)``; served, ``(snapshot, consumer)``, and output,
            ``(snapshot, generator)``. [MW]
        """
        most = np.concatenate([snapshots.available_mw, snapshots.need_mw], axis=1) * self._live
        count = len(most)
        shift = self._topology.spread.shift_flow_mw
        upper = [
            np.zeros((count, self._base)), snapshots.delivery_mw, snapshots.group_mw,
            np.broadcast_to(self._limits, (count, len(self._limits))),
        ]  # fmt: skip
        high = np.concatenate(upper, axis=1)
        low = np.where(np.arange(high.shape[1]) < self._base, 0.0, -np.inf) * np.ones((count, 1))
        branch_low, branch_high = -snapshots.rating_mw - shift, snapshots.rating_mw - shift
        if self._dense:
            low, high = np.concatenate([low, branch_low], axis=1), np.concatenate([high, branch_high], axis=1)
            proved, point = self._run(self._columns, most, low, high, self._groups)
        else:
            parts = [
                self._grow(most[i : i + 1], low[i : i + 1], high[i : i + 1], branch_low[i], branch_high[i])
                for i in range(count)
            ]
            proved, point = (np.concatenate(part) for part in zip(*parts, strict=True))
        return proved, point[:, self._generators :], point[:, : self._generators]

    def _regional(self, grid: Grid, consumers: Consumers) -> tuple[Floats, Floats, Floats]:
        """Rows of deliveries, groups and transfers, each of shape ``(row, variable)``."""
        delivery = np.zeros((grid.regions, len(self._bus)))
        delivery[consumers.region, self._generators + np.arange(len(consumers.bus))] = 1.0
        groups = np.zeros((len(grid.groups), len(self._bus)))
        for number, (members, _) in enumerate(grid.groups):
            groups[number, members] = 1.0
        transfers = np.zeros((len(grid.transfers), len(self._bus)))
        for number, (members, sign, _) in enumerate(grid.transfers):
            transfers[number] = sign @ self._branch_rows(members)
            self._limits[number] -= sign @ self._topology.spread.shift_flow_mw[members]
        return delivery, groups, transfers

    def _branch_rows(self, branches: Ints) -> Floats:
        return np.asarray(self._topology.spread.rows(branches)[:, self._bus] * self._sign)

    def _run(self, columns: Floats, most: Floats, low: Floats, high: Floats, groups: int) -> tuple[Flags, Floats]:
        may = np.isfinite(high).any(axis=0) | np.isfinite(low).any(axis=0)  # rows that no snapshot can break are no rows
        if not may.all():
            columns, low, high = np.ascontiguousarray(columns[:, may]), low[:, may], high[:, may]
        shed = np.sum(-self._cost[self._generators :] * most[:, self._generators :], axis=1)
        proved, point = simplex.solve_many(
            columns, self._base, self._cost, self._ties, most, low, high, self._group, groups, shed
        )
        return proved, point

    def _grow(  # noqa: PLR0917 - bounds of one snapshot
        self, most: Floats, low: Floats, high: Floats, branch_low: Floats, branch_high: Floats
    ) -> tuple[Flags, Floats]:
        """One snapshot of a large grid: add the branches that an answer breaks until none is; first the optimum."""
        known = np.array([], dtype=np.intp)
        columns = self._columns
        for groups in dict.fromkeys((0, self._groups)):
            for _ in range(TURNS):
                proved, point = self._run(
                    columns, most, np.concatenate([low, branch_low[None, known]], axis=1),
                    np.concatenate([high, branch_high[None, known]], axis=1), groups,
                )  # fmt: skip
                injection = np.bincount(self._bus, point[0] * self._sign, len(self._topology.island))
                flow = self._topology.spread.flows(injection[None])[0]
                broken = np.maximum(branch_low - flow, flow - branch_high) > simplex.BROKEN_MW
                broken[known] = False
                if not broken.any() or not proved[0]:
                    break
                known = np.concatenate([known, np.flatnonzero(broken)])
                columns = np.ascontiguousarray(np.concatenate([self._columns.T, self._branch_rows(known)]).T)
            else:
                return np.zeros(1, dtype=bool), point
        return proved, point
