"""Layout of a network: nodes with places, and the corridors between them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem
from gridmodel.interchange.pandapower_schema import SWITCHED
from gridmodel.network.grid import build_grid
from gridmodel.network.plain import PlainNet
from gridmodel.network.read import Network

MOST_LAID_OUT = 3000
"""Buses without coordinates that are given a place. Ours: more take minutes and show nothing."""
_STRESS_NODES = 200
"""Buses of a part up to which its layout keeps distances (Kamada and Kawai); a larger one is placed by springs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridMap:
    """A network as nodes and corridors."""

    name: str
    nodes: pd.DataFrame
    """label, x, y, kind (`region`, `border` or `bus`), vn_kv (highest)."""
    corridors: pd.DataFrame
    """start, end (positions of nodes), vn_kv, kind (`line`, `transformer` or `switch`), circuits, in_service, and
    branches: positions of its branches in a `Grid`, empty for a network of another program."""
    inside: int
    """Branches with both ends at one node, which are not drawn."""
    note: str
    """Origin of the places."""


def region_map(network: Network) -> GridMap:
    """Place regions at their centres, borders at their buses, and a corridor for each pair of them and voltage.

    Parameters
    ----------
    network
        A folder of our own tables.
    """
    regions, buses = network.tables["regions"], network.tables["buses"]
    borders = dict(
        zip(network.tables["interconnectors"]["bus"], network.tables["interconnectors"]["border"], strict=True)
    )
    labels, kinds = list(regions["name_en"]), ["region"] * len(regions)
    places = list(zip(regions["centre_lon"].astype(float), regions["centre_lat"].astype(float), strict=True))
    node_of_region = {name: place for place, name in enumerate(network.regions)}
    node: list[int] = []
    known: dict[tuple[str, float, float], int] = {}
    for bus, region, lat, lon in buses[["id", "region", "lat", "lon"]].itertuples(index=False):
        if region:
            node.append(node_of_region[region])
            continue
        label = str(borders.get(bus, bus))
        if (label, lat, lon) not in known:
            known[label, lat, lon] = len(labels)
            labels, kinds, places = [*labels, label], [*kinds, "border"], [*places, (lon, lat)]
        node.append(known[label, lat, lon])
    grid, names = build_grid(network)
    kv = buses["vn_kv"].to_numpy(dtype=float)
    circuits = np.concatenate([network.tables[name]["parallel"] for name in ("lines", "transformers")]).astype(float)
    at = np.array(node, dtype=np.intp)
    rows = pd.DataFrame({
        "start": at[grid.branch_from], "end": at[grid.branch_to],
        "vn_kv": np.maximum(kv[grid.branch_from], kv[grid.branch_to]),
        "kind": ["line"] * len(network.tables["lines"]) + ["transformer"] * len(network.tables["transformers"]),
        "circuits": circuits, "in_service": True, "branch": np.arange(len(names.branches)),
    })  # fmt: skip
    highest = pd.Series(kv).groupby(at).max()
    x, y = _on_a_plane(places)
    nodes = pd.DataFrame({"label": labels, "x": x, "y": y, "kind": kinds, "vn_kv": highest.reindex(range(len(labels)))})
    corridors, inside = _corridors(rows)
    return GridMap(name=network.name, nodes=nodes, corridors=corridors, inside=inside,
                   note="Regions stand at their centres.")  # fmt: skip


def bus_map(net: PlainNet) -> GridMap:
    """Place buses at their coordinates, or by a layout of the graph, with the branches between them.

    Parameters
    ----------
    net
        Plain tables with valid references.

    Raises
    ------
    InputError
        If coordinates are missing and there are too many buses to place.
    """
    bus = net.table("bus")
    place = {int(number): position for position, number in enumerate(bus.index)}
    rows = pd.DataFrame(
        [row for row in _joins(net, place) if row[0] is not None],
        columns=["start", "end", "vn_kv", "kind", "circuits", "in_service"],
    ).assign(branch=-1)
    coordinates = _coordinates(net)
    missing = int(np.isnan(coordinates).any(axis=1).sum())
    filled = _filled(coordinates, rows) if missing < len(bus) else coordinates
    if missing == len(bus) or np.isnan(filled).any():
        _check_size(net, len(bus))
        filled = _laid_out(len(bus), rows)
        note = "The file has no coordinates of all buses: places come from a layout of the graph, so this is not a map."
        x, y = filled.T
    else:
        x, y = _on_a_plane([tuple(pair) for pair in filled])
        note = "Buses stand at the coordinates of the file."
        note += f" {missing:,} without coordinates are drawn between their neighbours." if missing else ""
    named = net.column("bus", "name", "")
    labels = [str(name) if isinstance(name, str) and name else str(number) for number, name in named.items()]
    nodes = pd.DataFrame({"label": labels, "x": x, "y": y, "kind": "bus", "vn_kv": net.numbers("bus", "vn_kv")})
    corridors, inside = _corridors(rows)
    return GridMap(name=net.name or net.shown, nodes=nodes, corridors=corridors, inside=inside, note=note)


def _check_size(net: PlainNet, buses: int) -> None:
    """Check that a net without coordinates can be drawn.

    Raises
    ------
    InputError
        If it is too large.
    """
    if buses > MOST_LAID_OUT:
        message = f"has {buses:,} buses and no coordinates: at most {MOST_LAID_OUT:,} can be placed without them"
        raise InputError([Problem(message=message, table=net.shown, field="geo", hint="write bus.geo")])


def _on_a_plane(places: Iterable[tuple[float, float]]) -> tuple[Floats, Floats]:
    """East and north, degrees of longitude shortened to those of latitude where the numbers can be degrees."""
    lon, lat = np.array(list(places), dtype=float).reshape(-1, 2).T
    degrees = bool((np.abs(lat) <= 85).all() and (np.abs(lon) <= 180).all())
    return lon * (math.cos(math.radians(float(lat.mean()))) if degrees and len(lat) else 1.0), lat


def _corridors(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """One row for all branches between two nodes at one voltage, and how many join a node to itself."""
    apart = rows[rows["start"] != rows["end"]]
    low, high = np.minimum(apart["start"], apart["end"]), np.maximum(apart["start"], apart["end"])
    sides = apart.assign(start=low.astype(int), end=high.astype(int))
    grouped = sides.groupby(["start", "end", "vn_kv", "kind"], sort=True)
    table = grouped.agg(
        circuits=("circuits", "sum"), in_service=("in_service", "any"), branches=("branch", list)
    ).reset_index()
    return table, len(rows) - len(apart)


_ENDS = {
    "line": (("from_bus", "to_bus"),), "impedance": (("from_bus", "to_bus"),), "tcsc": (("from_bus", "to_bus"),),
    "dcline": (("from_bus", "to_bus"),), "trafo": (("hv_bus", "lv_bus"),),
    "trafo3w": (("hv_bus", "mv_bus"), ("hv_bus", "lv_bus")),
}  # fmt: skip
"""Tables that join buses, and the columns that name them."""


def _joins(net: PlainNet, place: dict[int, int]) -> Iterable[tuple[Any, ...]]:
    """Yield start, end, voltage, kind, circuits and service of everything that joins two buses."""
    kv = net.numbers("bus", "vn_kv")
    switch = net.table("switch")
    closed = net.column("switch", "closed", True).to_numpy(dtype=bool)
    opened: set[tuple[str, int]] = set()
    for bus, element, kind, shut in zip(
        *(switch.get(name, []) for name in ("bus", "element", "et")), closed, strict=True
    ):
        if kind == "b":
            first, second = place[int(bus)], place[int(element)]
            yield first, second, float(kv[first]), "switch", 1.0, bool(shut)
        elif not shut:
            opened.add((SWITCHED[kind], int(element)))
    for table, pairs in _ENDS.items():
        frame, on, circuits = net.table(table), net.active(table), net.numbers(table, "parallel", 1.0)
        kind = "transformer" if table.startswith("trafo") else "line"
        for start, end in pairs if len(frame) else ():
            for number, one, other, many, active in zip(
                frame.index, frame[start], frame[end], circuits, on, strict=True
            ):
                first, second = place[int(one)], place[int(other)]
                live = bool(active) and (table, int(number)) not in opened
                yield first, second, float(max(kv[first], kv[second])), kind, float(many), live


def _coordinates(net: PlainNet) -> Floats:
    """Coordinates of buses as the file has them, missing where it has none, shape ``(bus, 2)``."""
    bus, old = net.table("bus"), net.table("bus_geodata")
    found = np.full((len(bus), 2), np.nan)
    if {"x", "y"} <= set(old.columns):
        found[:] = old[["x", "y"]].apply(pd.to_numeric, errors="coerce").reindex(bus.index).to_numpy(dtype=float)
    for row, cell in enumerate(bus.get("geo", ())):
        shape = json.loads(cell) if isinstance(cell, str) and cell else {}
        if shape.get("type") == "Point":
            found[row] = [float(number) for number in shape["coordinates"][:2]]
    return found


def _filled(coordinates: Floats, rows: pd.DataFrame) -> Floats:
    """Coordinates, and for buses without any the mean of their neighbours'; missing where no way leads to any."""
    found = coordinates.copy()
    ends = rows[["start", "end"]].to_numpy(dtype=np.intp)
    both = np.concatenate([ends, ends[:, ::-1]])
    while np.isnan(found).any():
        unknown = np.asarray(np.isnan(found).any(axis=1), dtype=np.bool_).reshape(-1)
        useful = both[unknown[both[:, 0]] & ~unknown[both[:, 1]]]
        if not len(useful):
            break
        count = np.bincount(useful[:, 0], minlength=len(found))
        for axis in (0, 1):
            total = np.bincount(useful[:, 0], found[useful[:, 1], axis], minlength=len(found))
            found[count > 0, axis] = total[count > 0] / count[count > 0]
    return found


def _laid_out(buses: int, rows: pd.DataFrame) -> Floats:
    """Places by the graph alone, its parts side by side, the same every time, shape ``(bus, 2)``."""
    import networkx as nx

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(buses))
    graph.add_edges_from(rows[["start", "end"]].itertuples(index=False))
    found = np.zeros((buses, 2))
    left = 0.0
    for part in sorted(nx.connected_components(graph), key=lambda members: (-len(members), min(members))):
        own: nx.Graph[int] = graph.subgraph(sorted(part))
        width = math.sqrt(len(part))
        if len(part) <= _STRESS_NODES:
            spots = nx.kamada_kawai_layout(own)
        else:
            spots = nx.spring_layout(own, seed=1, iterations=100)
        for node, spot in spots.items():
            found[node] = (np.asarray(spot) + 1.0) * width / 2 + (left, 0.0)
        left += width * 1.2
    return found
