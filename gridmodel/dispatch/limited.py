"""Snapshots whose lines are limiting, of one topology: the small programme that `simplex` solves.

Variables are outputs and consumers; every limit is a row over them. Rows come in this order: the balance of each
island that has both, limits of delivery, groups and transfers, then branches, which on a large grid are made only
once a solution breaks them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

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

EVERY = 0.0
"""Share of the largest excess from which a branch of a large grid is added. [1] Ours: all at once, since to choose the
column of a step costs as much there as to work on many more rows."""


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
    transfer_mw: Floats
    """Shape ``(snapshot, transfer)``."""


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
        self.frame, self._topology = frame, topology
        at = topology.island[frame.bus]
        sends = topology.island[frame.link_start]
        both = np.bincount(at[: frame.generators], minlength=topology.islands) > 0
        both &= np.bincount([*at[frame.generators :], *sends], minlength=topology.islands) > 0
        self._live = both[at]
        self._live[frame.link] &= both[sends]
        self.base = int(both.sum())
        islands = np.flatnonzero(both)[:, None]
        balance = np.where(at == islands, frame.sign, 0.0)
        balance[:, frame.link] -= np.where(sends == islands, frame.link_draws, 0.0)
        shift = topology.spread.shift_flow_mw
        self._shifted = np.array([sign @ shift[members] for members, sign, _ in frame.transfers])
        transfers = [sign @ self.branch_rows(members) for members, sign, _ in frame.transfers]
        branches = [self.branch_rows(np.arange(len(shift)))] if frame.dense else []
        self._known: dict[int, Floats] = {}
        self.columns = np.vstack([balance, frame.rows, *transfers, *branches]).T.copy()

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
            np.zeros((count, self.base)), snapshots.delivery_mw, snapshots.group_mw,
            snapshots.transfer_mw - self._shifted,
        ]  # fmt: skip
        high = np.concatenate(upper, axis=1)
        low = np.where(np.arange(high.shape[1]) < self.base, 0.0, -np.inf) * np.ones((count, 1))
        branch_low, branch_high = -snapshots.rating_mw - shift, snapshots.rating_mw - shift
        if self.frame.dense:
            low, high = np.concatenate([low, branch_low], axis=1), np.concatenate([high, branch_high], axis=1)
            proved, point = self._run(self.columns, most, low, high, self.frame.groups)
        else:
            parts = [self._grow(most[i], low[i], high[i], branch_low[i], branch_high[i]) for i in range(count)]
            proved, point = (np.concatenate(part) for part in zip(*parts, strict=True))
        return proved, point[:, self.frame.generators :], point[:, : self.frame.generators]

    def branch_rows(self, branches: Ints) -> Floats:
        """Coefficients of the flows of some branches, shape ``(branch, variable)``."""
        frame, spread = self.frame, self._topology.spread.rows(branches)
        rows = np.asarray(spread[:, frame.bus] * frame.sign)
        rows[:, frame.link] -= spread[:, frame.link_start] * frame.link_draws
        return rows

    def known_rows(self, branches: Ints) -> Floats:
        """Coefficients of the flows of some branches, each branch worked out once."""
        new = [branch for branch in branches.tolist() if branch not in self._known]
        if new:
            self._known |= dict(zip(new, self.branch_rows(np.array(new)), strict=True))
        return np.array([self._known[branch] for branch in branches.tolist()])

    def _run(self, columns: Floats, most: Floats, low: Floats, high: Floats, groups: int) -> tuple[Flags, Floats]:
        may = (np.isfinite(high) | np.isfinite(low)).any(axis=0)  # a row without bounds in any snapshot is not a row
        if not may.all():
            columns, low, high = np.ascontiguousarray(columns[:, may]), low[:, may].copy(), high[:, may].copy()
        shed = np.sum(-self.frame.cost[self.frame.generators :] * most[:, self.frame.generators :], axis=1)
        frame = self.frame
        programme = Programme(columns, self.base, frame.cost, frame.ties, frame.group, groups)
        proved, point = simplex.solve_many(programme, most, low, high, shed)
        return proved, point

    def _grow(
        self, most: Floats, low: Floats, high: Floats, branch_low: Floats, branch_high: Floats
    ) -> tuple[Flags, Floats]:
        """Solve one snapshot of a large grid: add branches that its answer breaks until none remain, optimum first.

        Each step starts from the tableau of the step before, so the answer depends on nothing but the snapshot.
        """
        point, frame = most, self.frame
        shed = float(np.sum(-frame.cost[frame.generators :] * most[frame.generators :]))
        for give, tie in product(simplex.GIVES_MW, frame.ties):
            rows = _Rows(self, most, low, high, branch_low, branch_high, tie)
            good, found = rows.widen(rows.settle)
            dual = simplex.duals(rows.tableau, len(rows.tableau.used))
            if good and frame.groups:
                simplex.hold_optimum(rows.tableau)
                rows.keep()
                good, found = rows.widen(partial(rows.level, give))
            if not good:
                continue
            known = rows.programme.columns.shape[1]
            bounds = rows.low[:known], rows.high[:known]
            gap, beyond, point = simplex.judge(rows.programme, most, *bounds, dual[:known], found)
            if simplex.is_proved(rows.programme, gap, beyond, point, shed):
                return np.ones(1, dtype=bool), point[None]
        return np.zeros(1, dtype=bool), point[None]

    def flows(self, point: Floats) -> Floats:
        """Flow of each branch, phase shifts aside, from outputs and loads."""
        frame = self.frame
        injection = np.bincount(frame.bus, point * frame.sign, len(self._topology.island)).astype(float)
        if len(frame.link):
            np.subtract.at(injection, frame.link_start, point[frame.link] * frame.link_draws)
        flow: Floats = self._topology.spread.flows(injection[None])[0]
        return flow


class _Rows:
    """Programme and tableau of one snapshot of a large grid, to which rows of branches are added."""

    def __init__(  # noqa: PLR0917 - bounds of a snapshot
        self, limited: Limited, most: Floats, low: Floats, high: Floats, branch_low: Floats, branch_high: Floats,
        tie: Floats,
    ) -> None:  # fmt: skip
        self._limited, self._low, self._high = limited, branch_low, branch_high
        frame, columns = limited.frame, limited.columns
        free = np.full(simplex.ROOM, np.inf)
        self.low, self.high = np.concatenate([low, -free]), np.concatenate([high, free])
        self.programme = Programme(columns, limited.base, frame.cost, frame.ties, frame.group, frame.groups)
        self.zero = simplex.zero_of(self.programme)
        self.tableau = simplex.begin(self.programme, tie, most, self.low, self.high)
        self._known = np.zeros(0, dtype=np.intp)
        self._kept: list[Floats] = []

    def settle(self) -> tuple[bool, Floats]:
        """Find the optimum from where the tableau is; return whether there is one, and the variables [MW]."""
        good = simplex.solve(self.tableau, self.programme.columns, self.zero, EVERY)
        return bool(good), simplex.point_of(self.tableau)

    def level(self, give: float) -> tuple[bool, Floats]:
        """Level from the optimum that was kept; return whether that worked, and the variables [MW].

        `give` is by how much a load that is held at its level may give way. [MW]
        """
        body, *others = self._kept
        self.tableau.body[: len(body), : body.shape[1]] = body
        for old, kept in zip(self.tableau[1:], others, strict=True):
            old[...] = kept
        self._admit(0, self.programme.columns.shape[1])
        good, point = simplex.level_groups(self.tableau, self.programme, self.zero, give)
        return bool(good), point

    def keep(self) -> None:
        """Keep the tableau as it is now, its body as far as it is in use."""
        body, *others = self.tableau
        rows, width = 2 + int(self.tableau.size[0]), int(self.tableau.size[2])
        self._kept = [body[:rows, :width].copy(), *(part.copy() for part in others)]

    def widen(self, solve: Callable[[], tuple[bool, Floats]]) -> tuple[bool, Floats]:
        """Solve, and again with the branches that the answer breaks, until it breaks none."""
        good, found = solve()
        for _ in range(TURNS):
            if not good:
                break
            flow = self._limited.flows(found)
            broken = np.maximum(self._low - flow, flow - self._high)
            broken[self._known] = 0.0
            new = np.flatnonzero(broken > simplex.BROKEN_MW)
            if not len(new):
                return True, found
            first = self.programme.columns.shape[1]
            end = first + len(new)
            if end > len(self.low):
                break
            self._known = np.concatenate([self._known, new])
            columns = np.concatenate([self.programme.columns, self._limited.known_rows(new).T], axis=1)
            self.programme = self.programme._replace(columns=columns)
            self.low[first:end], self.high[first:end] = self._low[new], self._high[new]
            self._admit(first, end)
            good, found = solve()
        return False, found

    def _admit(self, first: int, end: int) -> None:
        """Tell the tableau the bounds of rows that are not in it."""
        tableau, count = self.tableau, len(self.tableau.point)
        new = first + np.flatnonzero(~tableau.used[first:end])
        tableau.low[count + new], tableau.high[count + new] = self.low[new], self.high[new]
        tableau.point[:] = 0.0
        tableau.total[:] = 0.0
