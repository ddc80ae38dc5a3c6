"""Islands of a topology with their consumers and generators, each served as one pot."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.dispatch import merit_loops
from gridmodel.dispatch.batch import Batch
from gridmodel.dispatch.islands import Topology
from gridmodel.dispatch.lp import Consumers
from gridmodel.dispatch.merit import Island
from gridmodel.network import Grid, GridLinks


@dataclass(frozen=True, slots=True)
class Part:
    """One island of a topology, with its consumers and generators."""

    consumers: Ints
    plants: Ints
    island: Island
    pot: merit_loops.Pot


def parts_of(grid: Grid, consumers: Consumers, topology: Topology) -> list[Part]:
    """Return the islands of a topology that have consumers and generators."""
    of_generator, of_consumer = topology.island[grid.generator_bus], topology.island[consumers.bus]
    parts = []
    for island in np.unique(of_consumer):
        here, plants = np.flatnonzero(of_consumer == island), np.flatnonzero(of_generator == island)
        if len(plants):
            groups = [np.flatnonzero(np.isin(plants, members)) for members, _ in grid.groups]
            cost, region = consumers.cost[here], consumers.region[here]
            pot = Island(cost, region, grid.regions, grid.generator_cost[plants], groups)
            parts.append(Part(here, plants, pot, pot.pot(here, plants)))
    return parts


def by_loops(batch: Batch, parts: list[Part], *, whole: bool) -> tuple[Floats, Floats]:
    """Serve every island by loops over snapshots; `whole` says that they are one."""
    empty = np.empty_like if whole and parts else np.zeros_like
    given = np.ascontiguousarray(batch.demand), np.ascontiguousarray(batch.available)
    made = empty(given[0]), empty(given[1])
    caps = np.ascontiguousarray(batch.delivery), np.ascontiguousarray(batch.groups)
    for part in parts:
        merit_loops.serve(part.pot, given, caps, made)
    return made


def with_ties(grid: Grid) -> Grid:
    """Return a grid whose ties are links among the generators, after all others."""
    ties = grid.ties
    if ties is None:
        return grid
    own = len(grid.generator_bus)
    return replace(
        grid,
        generator_bus=np.append(grid.generator_bus, ties.end),
        generator_cost=np.append(grid.generator_cost, ties.cost),
        links=GridLinks(generator=own + np.arange(len(ties.end)), start=ties.start, arrives=ties.arrives),
    )  # fmt: skip


def overlap(grid: Grid) -> bool:
    """Return whether two groups share a generator."""
    members = [member for group, _ in grid.groups for member in group]
    return len(members) != len(set(members))
