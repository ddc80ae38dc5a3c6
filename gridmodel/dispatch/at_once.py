"""Tables of a grid for loops that take a whole block of snapshots, and the closed form of a block by one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints
from gridmodel.dispatch import merit_loops, whole_loops
from gridmodel.dispatch.batch import Batch
from gridmodel.dispatch.block_loops import Where
from gridmodel.dispatch.islands import DenseSpread, Topology
from gridmodel.dispatch.merit import Gather
from gridmodel.network import Grid
from gridmodel.vocabulary import CAUSES


@dataclass(frozen=True, slots=True)
class Found:
    """Closed form of snapshots, by consumer, and limits that it meets."""

    served: Floats
    output: Floats
    flow: Floats
    broken: npt.NDArray[np.bool_]
    """True where it breaks a limit of a branch or a transfer, shape ``(snapshot,)``."""
    reached: npt.NDArray[np.bool_]
    """True where it meets a limit of a region, same shape."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over a grid."""

    by_consumer: Gather
    """Of loads by consumer."""
    generators: Gather
    """Of generators by bus."""
    consumers: Gather
    """Of consumers by bus."""
    regions: Gather
    """Of consumers by region."""


def table_of(grid: Grid, topology: Topology, consumer: Ints, sums: Sums) -> whole_loops.Table | None:
    """Return what the loop reads that dispatches one island from end to end; None where it does not.

    `consumer` is that of each load.
    """
    spread = topology.spread
    if topology.islands > 1 or not len(grid.generator_bus) or grid.stand_ins or grid.transfers:
        return None
    if not isinstance(spread, DenseSpread) or not spread.by_loops:
        return None
    main = np.ones((1, int(consumer.max()) + 1), dtype=bool)
    return whole_loops.Table(
        consumer=consumer, by_consumer=sums.by_consumer.tables, generators=sums.generators.tables,
        consumers=sums.consumers.tables, regions=sums.regions.tables, spread=spread.by_bus,
        shift_mw=spread.shift_flow_mw, rating_mw=np.asarray(grid.rating_mw, dtype=float),
        cut_off=np.zeros(main.shape, dtype=bool), main=main,
    )  # fmt: skip


def closed_form(
    pot: merit_loops.Pot, table: whole_loops.Table, given: Batch, tolerance_mw: float, *, causes: bool
) -> tuple[Floats, Found, tuple[Floats, Floats] | None]:
    """Serve snapshots of one island by one loop; the demand of `given` is that of loads.

    Returns
    -------
    tuple
        Demand of consumers, ``(snapshot, consumer)`` [MW]; the closed form; and as from `causes.of_loads`, None where
        it meets a limit.
    """
    loads, count = np.ascontiguousarray(given.demand), len(given.demand)
    demand = np.empty((count, table.main.shape[1]))
    served, output, flow = np.empty(demand.shape), np.empty(given.available.shape), np.empty(given.share.shape)
    met = np.empty(count, dtype=bool), np.empty(count, dtype=bool)
    made = np.empty(loads.shape), np.zeros((*loads.shape, len(CAUSES)))
    share = given.share if given.share.strides[0] else given.share[:1].copy()  # one row stands for all
    limits = np.ascontiguousarray(given.groups), np.ascontiguousarray(given.delivery), np.ascontiguousarray(share)
    some = whole_loops.solve(
        pot, table, (loads, np.ascontiguousarray(given.available)), (*limits, tolerance_mw),
        (demand, served, output, flow), met, made, causes,
    )  # fmt: skip
    return demand, Found(served, output, flow, *met), None if some else made


def groups_of(grid: Grid) -> tuple[Ints, Ints]:
    """Return generators of each group, group by group, and where each group starts among them, and their number."""
    groups = [members for members, _ in grid.groups]
    starts = np.cumsum([0, *(len(members) for members in groups)], dtype=np.intp)
    return np.concatenate([np.zeros(0, dtype=np.intp), *groups]), starts


def where_of(grid: Grid, topology: Topology, groups: tuple[Ints, Ints]) -> Where:
    """Return the islands of a topology as tables for loops; `groups` as from `groups_of`."""
    of_generator = topology.island[grid.generator_bus]
    return Where(
        islands=topology.islands, of_generator=of_generator,
        generators=Gather(of_generator, topology.islands).tables,
        loads=Gather(topology.island[grid.load_bus], topology.islands).tables, members=groups[0], groups=groups[1],
    )  # fmt: skip
