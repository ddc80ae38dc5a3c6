"""Where an event acts: which rows of what kind of thing, how many units they have, in which regions they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Ints
from gridmodel.events.read import Event
from gridmodel.network import GridIndex, Network
from gridmodel.vocabulary import TECHNOLOGIES


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of thing, which rows of it, and their units."""

    key: str
    rows: Ints
    units: Ints
    region: Ints
    """Region of each row, for alerts and repairs; -1 at a border."""


def find_target(event: Event, network: Network, index: GridIndex) -> Target:
    """Rows and units that an event reaches."""
    tables = network.tables
    regions = event.regions
    own = np.isin(index.generator_region, regions)
    units = np.array([*tables["generators"]["units"], *[1] * len(tables["interconnectors"])], dtype=np.intp)
    circuits = np.array([*tables["lines"]["parallel"], *tables["transformers"]["parallel"]], dtype=np.intp)
    if event.what in {"generator", "branch"}:
        names = index.generators if event.what == "generator" else index.branches
        rows = np.array([names.index(event.component)], dtype=np.intp)
        count = units if event.what == "generator" else circuits
        return Target(event.what, rows, count[rows], np.resize(regions, 1) if len(regions) else np.array([-1]))
    if event.what == "generation" or event.what in TECHNOLOGIES:
        of_kind = index.technology >= 0
        if event.what != "generation":
            of_kind = index.technology == TECHNOLOGIES.index(event.what)
        rows = np.flatnonzero(own & of_kind)
        return Target("generator", rows, units[rows], index.generator_region[rows])
    if event.what == "transfer":
        ends = index.branch_region
        rows = np.flatnonzero(np.isin(ends, regions).any(axis=1) & (ends[:, 0] != ends[:, 1]))
        return Target("branch", rows, circuits[rows], ends[rows, 0])
    if event.what == "import":
        return Target("import", np.array([0]), np.array([1]), np.array([-1]))
    units_of = {
        "heat_source": ("heat_systems", "source_units"),
        "water_pumping": ("water_systems", "units"),
        "wastewater": ("water_systems", "units"),
    }
    count = np.ones(len(regions), dtype=np.intp)
    if event.what in units_of:
        table, column = units_of[event.what]
        by_region = tables[table].set_index("region")[column].reindex(network.regions).fillna(1)
        count = by_region.to_numpy(dtype=np.intp)[regions]
    return Target(event.what, regions, count, regions)
