"""How a network hangs together: counts, through networkx."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gridmodel.network.read import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Connectivity:
    """How many parts, and how many places hang on a single connection. Counts only: no place is named."""

    components: int
    """Parts that are not connected to each other."""
    bridges: int
    """Corridors of a single circuit or unit whose loss splits a part."""
    articulation_points: int
    """Buses whose loss splits a part."""


def connectivity(network: Network) -> Connectivity:
    """Count components, bridges and articulation points.

    Parameters
    ----------
    network
        Tables of the network; corridors with several circuits or units are no bridges.
    """
    import networkx as nx

    graph: nx.MultiGraph[Any] = nx.MultiGraph()
    graph.add_nodes_from(network.tables["buses"]["id"])
    for table, ends in (("lines", ("from_bus", "to_bus")), ("transformers", ("hv_bus", "lv_bus"))):
        for start, end, parallel in network.tables[table][[*ends, "parallel"]].itertuples(index=False):
            for _ in range(min(int(parallel), 2)):
                graph.add_edge(start, end)
    simple: nx.Graph[Any] = nx.Graph(graph)
    lone = sum(1 for start, end in nx.bridges(simple) if graph.number_of_edges(start, end) == 1)
    return Connectivity(
        components=nx.number_connected_components(simple),
        bridges=lone,
        articulation_points=sum(1 for _ in nx.articulation_points(simple)),
    )
