"""Islands of a grid and how power spreads over their branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmodel.network import Grid
from gridmodel.supply.merit import gather, row_sum

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """One pattern of branches in service."""

    in_service: npt.NDArray[np.bool_]
    """Shape ``(branch,)``."""
    island: Ints
    """Island of each bus, shape ``(bus,)``."""
    islands: int
    """Number of islands."""
    spread: Floats
    """Flow per injection (PTDF), shape ``(branch, bus)``; 0 on branches out of service. [MW/MW]"""
    shift_flow_mw: Floats
    """Flow that phase shifts drive without any injection, shape ``(branch,)``. [MW]"""


def make_topology(grid: Grid, in_service: npt.NDArray[np.bool_]) -> Topology:
    """Islands and flow spread of one pattern of branches in service.

    The last bus of each island takes up the balance; a balanced injection gives the same flows whichever does.
    """
    start, end = grid.branch_from[in_service], grid.branch_to[in_service]
    link = coo_array((np.ones(len(start)), (start, end)), shape=(grid.buses, grid.buses))
    count, island = connected_components(link, directed=False)
    susceptance = np.where(in_service, grid.susceptance_mw, 0.0)
    incidence = np.zeros((len(in_service), grid.buses))
    rows = np.arange(len(in_service))
    incidence[rows, grid.branch_from] += 1.0
    incidence[rows, grid.branch_to] -= 1.0
    weighted = susceptance[:, None] * incidence
    last = np.zeros(grid.buses, dtype=bool)
    last[[np.flatnonzero(island == number)[-1] for number in range(count)]] = True
    spread = np.zeros_like(incidence)
    laplacian = incidence.T @ weighted
    keep = ~last
    if keep.any():
        spread[:, keep] = np.linalg.solve(laplacian[np.ix_(keep, keep)], weighted[:, keep].T).T
    pushed = susceptance * grid.shift_rad
    shift_flow = spread @ (incidence.T @ pushed) - pushed
    return Topology(
        in_service=in_service,
        island=np.asarray(island, dtype=np.intp),
        islands=int(count),
        spread=spread,
        shift_flow_mw=shift_flow,
    )


def hold_islands(
    grid: Grid,
    topology: Topology,
    *,
    need_mw: Floats,
    available_mw: Floats,
    unit_mw: Floats,
    min_stable_pu: Floats,
    grid_forming: npt.NDArray[np.bool_],
    border: npt.NDArray[np.bool_],
) -> Floats:
    """Take the power from islands that nothing can hold.

    An island lives if it has a grid-forming unit with power available whose minimum stable output its load
    can take, or a border to a live neighbour. Where neither is there, all its generation is 0.

    Parameters
    ----------
    need_mw
        Need of each load, shape ``(snapshot, load)``. [MW]
    available_mw
        What each generator can give, shape ``(snapshot, generator)``. [MW]
    unit_mw
        Size of one unit, shape ``(generator,)``. [MW]
    min_stable_pu
        Lowest stable output of a unit, shape ``(generator,)``. [1]
    grid_forming
        Which generators can hold an island, shape ``(generator,)``.
    border
        Which are interconnectors, shape ``(generator,)``.

    Returns
    -------
    numpy.ndarray
        What each generator can give, shape ``(snapshot, generator)``. [MW]
    """
    load = gather(need_mw, topology.island[grid.load_bus], topology.islands)
    at = topology.island[grid.generator_bus]
    fits = grid_forming & (min_stable_pu * unit_mw <= load[:, at]) & (available_mw > 0)
    holds = fits | (border & (available_mw > 0))
    alive = gather(holds.astype(float), at, topology.islands) > 0
    return np.where(alive[:, at], available_mw, 0.0)


def main_island(load_mw: Floats) -> Ints:
    """Island with the most load in each snapshot, the first of equals, shape ``(snapshot,)``."""
    return np.asarray(load_mw.argmax(axis=1), dtype=np.intp)


def flows(topology: Topology, injection_mw: Floats) -> Floats:
    """Flow of each branch, shape ``(snapshot, branch)``, from bus injections ``(snapshot, bus)``. [MW]"""
    spread = np.einsum("sb,lb->sl", np.ascontiguousarray(injection_mw), topology.spread, optimize=False)
    return np.asarray(spread + topology.shift_flow_mw)


__all__ = ["Topology", "flows", "hold_islands", "main_island", "make_topology", "row_sum"]
