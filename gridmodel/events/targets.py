"""Rows of the timeline's arrays that an event acts on, with their units and regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Ints
from gridmodel.events.read import Event
from gridmodel.network import GridIndex, Network
from gridmodel.vocabulary import event_class


@dataclass(frozen=True, slots=True)
class Target:
    """Rows of one array of the timeline."""

    key: str
    """Name of the array: `EventClass.array`."""
    rows: Ints
    """Positions in it, shape ``(row,)``."""
    units: Ints
    """Units of each row, shape ``(row,)``. [1]"""
    region: Ints
    """Region of each row, for alerts and repairs; -1 at a border, shape ``(row,)``."""


def find_target(event: Event, network: Network, index: GridIndex) -> Target:
    """Find the rows that an event acts on.

    Parameters
    ----------
    event
        A checked event.
    network
        Its tables contain the units.
    index
        Generators, interconnectors and branches, by position.
    """
    row = event_class(event.what)
    if row.place == "border":
        return Target(row.array, np.array([0]), np.array([1]), np.array([-1]))
    if row.place == "region":
        return Target(row.array, event.regions, _units_in_regions(event, network), event.regions)
    units = _units(row.array, network)
    if row.place == "component":
        names = index.generators if row.array == "generator" else index.branches
        rows = np.array([names.index(event.component)], dtype=np.intp)
        region = np.resize(event.regions, 1) if len(event.regions) else np.array([-1])
    elif row.place == "plant":
        technologies = [index.technologies.index(name) for name in row.technologies or index.technologies]
        rows = np.flatnonzero(np.isin(index.generator_region, event.regions) & np.isin(index.technology, technologies))
        region = index.generator_region[rows]
    else:
        ends = index.branch_region
        rows = np.flatnonzero(np.isin(ends, event.regions).any(axis=1) & (ends[:, 0] != ends[:, 1]))
        region = ends[rows, 0]
    return Target(row.array, rows, units[rows], region)


def _units(array: str, network: Network) -> Ints:
    """Return the units of every row of the array of generators, or the parallel circuits of every branch."""
    tables = network.tables
    if array == "generator":
        return np.array([*tables["generators"]["units"], *[1] * len(tables["interconnectors"])], dtype=np.intp)
    return np.array([*tables["lines"]["parallel"], *tables["transformers"]["parallel"]], dtype=np.intp)


def _units_in_regions(event: Event, network: Network) -> Ints:
    """Return the units that each region of an event has of its class, 1 if they are not counted."""
    row = event_class(event.what)
    if not row.units:
        return np.ones(len(event.regions), dtype=np.intp)
    by_region = network.tables[row.table].set_index("region")[row.units].reindex(network.regions).fillna(1)
    return by_region.to_numpy(dtype=np.intp)[event.regions]
