"""Connectivity of a network: counts, and on a user's own network also places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridmodel.network.model import NetworkTables
from gridmodel.network.plain import PlainNet

if TYPE_CHECKING:
    import networkx as nx

_ENDS = {
    "line": (("from_bus", "to_bus"),),
    "trafo": (("hv_bus", "lv_bus"),),
    "trafo3w": (("hv_bus", "mv_bus"), ("hv_bus", "lv_bus")),
    "impedance": (("from_bus", "to_bus"),),
    "tcsc": (("from_bus", "to_bus"),),
}
"""Tables of pandapower that join buses, and the columns that name the buses."""
_SWITCHED = {"l": "line", "t": "trafo", "t3": "trafo3w"}
"""Table of the branch that a switch opens, by the type of the switch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connectivity:
    """Number of connected parts and of single points of failure. Counts only: no place is named."""

    components: int
    """Parts that are not connected to each other."""
    bridges: int
    """Corridors of a single circuit or unit whose loss splits a part."""
    articulation_points: int
    """Buses whose loss splits a part."""


def connectivity(network: NetworkTables | PlainNet) -> Connectivity:
    """Count components, bridges and articulation points.

    Parameters
    ----------
    network
        Tables of the network; a corridor with several circuits or units is not a bridge.
    """
    import networkx as nx

    graph = _graph(network)
    simple: nx.Graph[Any] = nx.Graph(graph)
    return Connectivity(
        components=nx.number_connected_components(simple),
        bridges=len(_lone(graph, simple)),
        articulation_points=sum(1 for _ in nx.articulation_points(simple)),
    )


def places(network: NetworkTables | PlainNet) -> dict[str, list[Any]]:
    """Return bridges and articulation points by name, and the buses of every part but the largest.

    On a bundled network the lists are empty: single places are named only on a user's own.
    """
    import networkx as nx

    if network.bundled:
        return {"bridges": [], "articulation_points": [], "smaller_parts": []}
    graph = _graph(network)
    simple: nx.Graph[Any] = nx.Graph(graph)
    parts = sorted((sorted(part, key=str) for part in nx.connected_components(simple)), key=len, reverse=True)
    return {
        "bridges": sorted((sorted(pair, key=str) for pair in _lone(graph, simple)), key=str),
        "articulation_points": sorted(nx.articulation_points(simple), key=str),
        "smaller_parts": parts[1:],
    }


def _lone(graph: nx.MultiGraph[Any], simple: nx.Graph[Any]) -> list[tuple[Any, Any]]:
    """Return corridors of one circuit whose loss splits a part."""
    import networkx as nx

    return [(start, end) for start, end in nx.bridges(simple) if graph.number_of_edges(start, end) == 1]


def _graph(network: NetworkTables | PlainNet) -> nx.MultiGraph[Any]:
    """Return buses joined by branches in service; two edges stand for two circuits or more."""
    import networkx as nx

    graph: nx.MultiGraph[Any] = nx.MultiGraph()
    if isinstance(network, PlainNet):
        bus = network.table("bus")
        graph.add_nodes_from(int(number) for number in bus.index[network.active("bus")])
        edges = _plain_edges(network)
    else:
        graph.add_nodes_from(network.tables["buses"]["id"])
        edges = _own_edges(network)
    for start, end, parallel in edges:
        if start in graph and end in graph and start != end:
            for _ in range(min(parallel, 2)):
                graph.add_edge(start, end)
    return graph


def _own_edges(network: NetworkTables) -> Iterator[tuple[Any, Any, int]]:
    for table, ends in (("lines", ("from_bus", "to_bus")), ("transformers", ("hv_bus", "lv_bus"))):
        for start, end, parallel in network.tables[table][[*ends, "parallel"]].itertuples(index=False):
            yield start, end, int(parallel)


def _plain_edges(net: PlainNet) -> Iterator[tuple[Any, Any, int]]:
    opened = _opened(net)
    for table, pairs in _ENDS.items():
        frame = net.table(table)
        if frame.empty:
            continue
        on = net.active(table)
        circuits = net.numbers(table, "parallel", 1.0)
        for start, end in pairs:
            rows = zip(frame.index, net.numbers(table, start), net.numbers(table, end), circuits, on, strict=True)
            for number, first, second, parallel, active in rows:
                if active and (table, int(number)) not in opened:
                    yield int(first), int(second), int(parallel)
    yield from _couplers(net)


def _couplers(net: PlainNet) -> Iterator[tuple[Any, Any, int]]:
    """Yield closed switches between buses, twice each: a busbar coupler never counts as a bridge."""
    switch = net.table("switch")
    if switch.empty:
        return
    closed = net.column("switch", "closed", True).to_numpy(dtype=bool)
    for first, second, kind, shut in zip(switch["bus"], switch["element"], switch["et"], closed, strict=True):
        if kind == "b" and shut:
            yield int(first), int(second), 2


def _opened(net: PlainNet) -> set[tuple[str, int]]:
    """Return branches that a switch has opened at one end."""
    switch = net.table("switch")
    if switch.empty:
        return set()
    closed = net.column("switch", "closed", True).to_numpy(dtype=bool)
    rows = zip(switch["et"], switch["element"], closed, strict=True)
    return {(_SWITCHED[kind], int(element)) for kind, element, shut in rows if kind in _SWITCHED and not shut}
