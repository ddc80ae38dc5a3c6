"""Snapshots whose lines are limiting, of one topology: the small programme that `simplex` solves.

Variables are outputs and consumers; every limit is a row over them. Rows come in this order: the balance of each
island that has both, limits of delivery, groups and transfers, then branches, which on a large grid are made only
once a solution breaks them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints
from gridmodel.dispatch import simplex
from gridmodel.dispatch.islands import DENSE_BUSES, Topology
from gridmodel.dispatch.lp import Consumers
from gridmodel.dispatch.tableau import Programme
from gridmodel.network import Grid

Flags = npt.NDArray[np.bool_]

GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
TURNS = 20
"""Rounds in which rows of violated branches are added before the other solver takes over. Ours: bounds the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshots:
    """Numbers of some snapshots."""

    demand_mw: Floats
    """Shape ``(snapshot, consumer)``."""
    available_mw: Floats
    """Shape ``(snapshot, generator)``."""
    rating_mw: Floats
    """Infinite where a branch is out, shape ``(snapshot, branch)``."""
    delivery_mw: Floats
    """Shape ``(snapshot, region)``."""
    group_mw: Floats
    """Shape ``(snapshot, group)``."""


class Frame:
    """Parts that the programmes of all topologies share: variables, costs and the rows without branches."""

    def __init__(self, grid: Grid, consumers: Consumers, *, sharing: bool) -> None:
        self.generators = len(grid.generator_bus)
        self.transfers = grid.transfers
        self.dense = grid.buses <= DENSE_BUSES
        self.bus = np.concatenate([grid.generator_bus, consumers.bus])
        self.sign = np.concatenate([np.ones(self.generators), -np.ones(len(consumers.bus))])
        self.cost = np.concatenate([grid.generator_cost, -consumers.cost])
        none = np.zeros(0, dtype=np.intp)
        links = grid.links
        self.link, self.link_start = (none, none) if links is None else (links.generator, links.start)
        self.link_draws = np.zeros(0) if links is None else 1.0 / links.arrives
        turn = np.arange(1, len(self.cost) + 1) * GOLDEN
        self.ties = np.stack([0.5 + turn % 1.0, 0.5 + (turn * GOLDEN) % 1.0])
        levels, level = np.unique(-consumers.cost, return_inverse=True)
        self.group = np.concatenate([np.full(self.generators, -1), level]).astype(np.intp)
        self.groups = len(levels) if sharing else 0
        self.rows = np.zeros((grid.regions + len(grid.groups), len(self.bus)))
        self.rows[consumers.region, self.generators + np.arange(len(consumers.bus))] = 1.0
        for number, (members, _) in enumerate(grid.groups):
            self.rows[grid.regions + number, members] = 1.0


class Limited:
    """The programme of one topology; snapshots only set its bounds."""

    def __init__(self, frame: Frame, topology: Topology) -> None:
        self._frame, self._topology = frame, topology
        at = topology.island[frame.bus]
        sends = topology.island[frame.link_start]
        both = np.bincount(at[: frame.generators], minlength=topology.islands) > 0
        both &= np.bincount([*at[frame.generators :], *sends], minlength=topology.islands) > 0
        self._live = both[at]
        self._live[frame.link] &= both[sends]
        self._base = int(both.sum())
        islands = np.flatnonzero(both)[:, None]
        balance = np.where(at == islands, frame.sign, 0.0)
        balance[:, frame.link] -= np.where(sends == islands, frame.link_draws, 0.0)
        shift = topology.spread.shift_flow_mw
        self._limits = np.array([limit - sign @ shift[members] for members, sign, limit in frame.transfers])
        transfers = [sign @ self._branch_rows(members) for members, sign, _ in frame.transfers]
        branches = [self._branch_rows(np.arange(len(shift)))] if frame.dense else []
        self._columns = np.vstack([balance, frame.rows, *transfers, *branches]).T.copy()

    def solve(self, snapshots: Snapshots) -> tuple[Flags, Floats, Floats]:
        """Find the least cost, levelled.

        Returns
        -------
        tuple
            Whether each answer is proved, shape ``(snapshot,)``; served, ``(snapshot, consumer)``, and output,
            ``(snapshot, generator)``. [MW]
        """
        most = np.concatenate([snapshots.available_mw, snapshots.demand_mw], axis=1) * self._live
        count = len(most)
        shift = self._topology.spread.shift_flow_mw
        upper = [
            np.zeros((count, self._base)), snapshots.delivery_mw, snapshots.group_mw,
            np.broadcast_to(self._limits, (count, len(self._limits))),
        ]  # fmt: skip
        high = np.concatenate(upper, axis=1)
        low = np.where(np.arange(high.shape[1]) < self._base, 0.0, -np.inf) * np.ones((count, 1))
        branch_low, branch_high = -snapshots.rating_mw - shift, snapshots.rating_mw - shift
        if self._frame.dense:
            low, high = np.concatenate([low, branch_low], axis=1), np.concatenate([high, branch_high], axis=1)
            proved, point = self._run(self._columns, most, low, high, self._frame.groups)
        else:
            parts = [
                self._grow(most[i : i + 1], low[i : i + 1], high[i : i + 1], branch_low[i], branch_high[i])
                for i in range(count)
            ]
            proved, point = (np.concatenate(part) for part in zip(*parts, strict=True))
        return proved, point[:, self._frame.generators :], point[:, : self._frame.generators]

    def _branch_rows(self, branches: Ints) -> Floats:
        frame, spread = self._frame, self._topology.spread.rows(branches)
        rows = np.asarray(spread[:, frame.bus] * frame.sign)
        rows[:, frame.link] -= spread[:, frame.link_start] * frame.link_draws
        return rows

    def _run(self, columns: Floats, most: Floats, low: Floats, high: Floats, groups: int) -> tuple[Flags, Floats]:
        may = (np.isfinite(high) | np.isfinite(low)).any(axis=0)  # a row without bounds in any snapshot is not a row
        if not may.all():
            columns, low, high = np.ascontiguousarray(columns[:, may]), low[:, may].copy(), high[:, may].copy()
        shed = np.sum(-self._frame.cost[self._frame.generators :] * most[:, self._frame.generators :], axis=1)
        frame = self._frame
        programme = Programme(columns, self._base, frame.cost, frame.ties, frame.group, groups)
        proved, point = simplex.solve_many(programme, most, low, high, shed)
        return proved, point

    def _grow(
        self, most: Floats, low: Floats, high: Floats, branch_low: Floats, branch_high: Floats
    ) -> tuple[Flags, Floats]:
        """Solve one snapshot of a large grid: add branches that its answer breaks until none remain, optimum first."""
        known = np.array([], dtype=np.intp)
        columns = self._columns
        proved, point = np.zeros(1, dtype=bool), most
        for groups in dict.fromkeys((0, self._frame.groups)):
            for _ in range(TURNS):
                proved, point = self._run(
                    columns, most, np.concatenate([low, branch_low[None, known]], axis=1),
                    np.concatenate([high, branch_high[None, known]], axis=1), groups,
                )  # fmt: skip
                injection = np.bincount(
                    self._frame.bus, point[0] * self._frame.sign, len(self._topology.island)
                ).astype(float)
                np.subtract.at(injection, self._frame.link_start, point[0][self._frame.link] * self._frame.link_draws)
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
