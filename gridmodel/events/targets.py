"""Rows of the timeline's arrays that an event acts on, with their units and regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.events.read import Event
from gridmodel.network import GridIndex, Network
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import EVENT_CLASSES, EventClass, event_class


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
    """Region of each row, for alerts and repairs, of a corridor the first end within the target; -1 at a border, shape
    ``(row,)``."""


def find_target(event: Event, network: Network, index: GridIndex, scenario: Scenario, what: str = "") -> Target:
    """Find the rows that an event acts on.

    Parameters
    ----------
    event
        A checked event.
    network
        Its tables contain the units.
    index
        Generators, interconnectors and branches, by position.
    scenario
        It gives the megawatts of units that no table counts.
    what
        Class whose rows they are; that of the event if empty.
    """
    what = what or event.what
    row = event_class(what)
    units = units_of(row.array, network, scenario)
    if row.place == "border":
        return Target(row.array, np.array([0]), units, np.array([-1]))
    if row.place == "region":
        return Target(row.array, event.regions, units[event.regions], event.regions)
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
        region = np.where(np.isin(ends[rows, 0], event.regions), ends[rows, 0], ends[rows, 1])
    return Target(row.array, rows, units[rows], region)


def units_of(array: str, network: Network, scenario: Scenario) -> Ints:
    """Return the units of every row of an array of the timeline, shape ``(row,)``. [1]

    Parameters
    ----------
    array
        `EventClass.array`.
    network
        Its tables count the units of plants, heat sources and waterworks, and the parallel circuits of branches.
    scenario
        It gives the megawatts of one unit of `delivery` and `heat_network`.

    Notes
    -----
    A region has one unit of what is neither counted nor measured, and of what it lacks.
    """
    tables = network.tables
    if array == "generator":
        return np.array([*tables["generators"]["units"], *[1] * len(tables["interconnectors"])], dtype=np.intp)
    if array == "branch":
        return np.array([*tables["lines"]["parallel"], *tables["transformers"]["parallel"]], dtype=np.intp)
    if array == "import":
        return np.array([1])
    return _units_of_regions(next(row for row in EVENT_CLASSES.values() if row.array == array), network, scenario)


def _units_of_regions(row: EventClass, network: Network, scenario: Scenario) -> Ints:
    """Return the units of a class in every region, at least one."""
    if row.size:
        table, column, setting = row.size
        size_mw = _by_region(table, column, network)
        return np.maximum(1, np.rint(size_mw / float(getattr(scenario, setting)))).astype(np.intp)
    if row.units:
        return np.maximum(1, _by_region(row.table, row.units, network)).astype(np.intp)
    return np.ones(len(network.regions), dtype=np.intp)


def _by_region(table: str, column: str, network: Network) -> Floats:
    """Return a column of a table by region, 0 where it has no row, shape ``(region,)``."""
    key = "id" if table == "regions" else "region"
    values = network.tables[table].set_index(key)[column].reindex(network.regions)
    return values.fillna(0.0).to_numpy(dtype=float)


def existing(target: Target, what: str, network: Network) -> Target:
    """Return the rows of a target whose region has anything of its class: what is nowhere cannot be hit.

    Parameters
    ----------
    target
        Rows of a class.
    what
        The class.
    network
        Its tables say where it is.
    """
    row = event_class(what)
    if row.place != "region" or not row.table or not row.capacity:
        return target
    there = _by_region(row.table, row.capacity, network)[target.region] > 0
    return Target(target.key, target.rows[there], target.units[there], target.region[there])
