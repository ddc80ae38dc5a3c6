"""Convert any pandapower net to the arrays that dispatch needs, with branches as in pandapower's DC power flow."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import Problems
from gridmodel.interchange.adapter.branches import (
    branch_labels,
    branch_model,
    branch_status,
    bus_places,
    check_reactance,
)
from gridmodel.interchange.adapter.dispatchable import check_net, in_service, rows_of
from gridmodel.network.grid import Grid

if TYPE_CHECKING:
    from pandapower import pandapowerNet


MUST_SERVE = 10.0
"""Shed cost of fixed withdrawals (shunts, wards, dc lines, motors) over the dearest load's. [1] Ours: served first."""
LEAST_SHED_COST = 1000.0
"""Lowest default cost of shedding. [EUR/MWh]"""
DEAREST_TO_SHED = 10.0
"""Default cost of shedding over the dearest generator's. [1]"""
_SOURCES = ("gen", "sgen", "ext_grid")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignGrid:
    """pandapower net for dispatch. Fixed withdrawals come after the loads, fixed injections after the generators."""

    grid: Grid
    loads: list[int]
    """Index of each load in ``net.load``."""
    need_mw: Floats
    """Demand of each load and fixed withdrawal by the tables; negative loads as they are. [MW]"""
    generators: list[str]
    """Labels such as `gen/3`; after them come fixed injections and one source per load."""
    available_mw: Floats
    """Available power of each by the tables, infinite for an ext_grid without limit. [MW]"""
    branches: list[str]
    """Labels such as `line/7`."""
    rows: list[Ints]
    """Branches of the grid behind each label (three for a trafo3w); the flow of the first is shown."""
    in_service: npt.NDArray[np.bool_]
    """True for branches of the grid that are in service by the tables and switches."""
    delivery_mw: Floats
    """`delivery` limit of each region, infinite without one. [MW]"""


def read_foreign(net: pandapowerNet) -> ForeignGrid:
    """Return the arrays of a pandapower net.

    Parameters
    ----------
    net
        Any net: several voltage levels, two- and three-winding transformers, impedances, switches, elements out
        of service, parallel circuits, phase shifters, several or no `ext_grid`, isolated buses, negative loads.

    Raises
    ------
    InputError
        Naming every wrong element: at a missing bus, without reactance, a line between voltages, not a number, or of a
        kind that this version does not support.
    """
    problems = Problems()
    check_net(net, problems)
    problems.raise_if_any()
    ppc, lookup = branch_model(net)
    place, live = bus_places(net, ppc, lookup)
    branches, rows, rating = branch_labels(net, lookup, ppc["branch"])
    status = branch_status(net, ppc, branches, rows)
    check_reactance(ppc, status, branches, rows, problems)
    problems.raise_if_any()
    loads = rows_of(net, "load")
    load_bus = place[_buses(net, "load")]
    demand = _demand(net)
    sources = _sources(net, place)
    fixed = _fixed(net, place)
    withdrawn = fixed[fixed["p_mw"] > 0]
    injected = fixed[fixed["p_mw"] < 0]
    cost = sources["cost"].to_numpy(dtype=float)
    shed_cost = _shed_cost(net, cost)
    regions, names = _regions(net)
    ends = np.real(ppc["branch"][:, [0, 1]]).astype(np.intp)
    tap = np.where(np.real(ppc["branch"][:, 8]) == 0, 1.0, np.real(ppc["branch"][:, 8]))
    highest = float(shed_cost.max(initial=LEAST_SHED_COST))
    labels = [str(name) for name in sources.index]
    grid = Grid(
        buses=len(live),
        branch_from=ends[:, 0],
        branch_to=ends[:, 1],
        susceptance_mw=float(ppc["baseMVA"]) / (np.where(status, np.real(ppc["branch"][:, 3]), 1.0) * tap),
        shift_rad=np.deg2rad(np.real(ppc["branch"][:, 9])),
        rating_mw=rating,
        generator_bus=_apart(np.concatenate([sources["bus"], injected["bus"], load_bus]).astype(np.intp), len(live)),
        generator_cost=np.concatenate([cost, np.zeros(len(injected) + len(loads))]),
        load_bus=np.concatenate([load_bus, withdrawn["bus"]]).astype(np.intp),
        load_cost=np.concatenate([shed_cost, np.full(len(withdrawn), highest * MUST_SERVE)]),
        load_region=np.concatenate([regions, np.full(len(withdrawn), len(names))]).astype(np.intp),
        regions=len(names) + 1,
        stand_ins=len(loads),
        groups=_groups(net, sources, problems),
        transfers=_transfers(net, ppc, ends, place),
    )
    problems.raise_if_any()
    dead = ~live[ends].all(axis=1)
    return ForeignGrid(
        grid=grid,
        loads=[int(index) for index in loads.index],
        need_mw=np.concatenate([demand, withdrawn["p_mw"]]),
        generators=labels,
        available_mw=np.concatenate([sources["available"], -injected["p_mw"]]).astype(float),
        branches=branches,
        rows=rows,
        in_service=status & ~dead,
        delivery_mw=_delivery(net, names, problems),
    )


def _apart(bus: Ints, buses: int) -> Ints:
    """Return buses of sources; those out of service are moved away from the loads there."""
    return np.where(bus == buses - 2, buses - 1, bus)


def _buses(net: Any, table: str) -> Ints:  # noqa: ANN401
    return np.asarray(rows_of(net, table)["bus"].to_numpy(dtype=np.intp))


def _demand(net: Any) -> Floats:  # noqa: ANN401
    """Return the demand of each load by the tables; 0 where it is out of service. [MW]"""
    loads = rows_of(net, "load")
    if not len(loads):
        return np.zeros(0)
    scaling = loads["scaling"].to_numpy(dtype=float) if "scaling" in loads else 1.0
    demand = loads["p_mw"].to_numpy(dtype=float) * scaling
    if "need_mw" in loads:
        given = loads["need_mw"].to_numpy(dtype=float)
        demand = np.where(np.isfinite(given), given, demand)
    return np.where(loads["in_service"].to_numpy(dtype=bool), demand, 0.0)


def _sources(net: Any, place: Ints) -> pd.DataFrame:  # noqa: ANN401
    """Return every generator with bus, available power, cost and name, by label; 0 MW out of service."""
    parts = []
    costs = rows_of(net, "poly_cost")
    for table in _SOURCES:
        frame = rows_of(net, table)
        if not len(frame):
            continue
        scaling = frame["scaling"].fillna(1.0) if table == "sgen" and "scaling" in frame else 1.0
        limit = frame["max_p_mw"] if "max_p_mw" in frame else pd.Series(np.nan, index=frame.index)
        fallback = pd.Series(np.inf, index=frame.index) if table == "ext_grid" else frame["p_mw"] * scaling
        available = limit.astype(float).fillna(fallback).clip(lower=0.0)
        active = frame["in_service"].astype(bool)
        if table == "ext_grid" and (np.isinf(available) & active).any():
            warnings.warn("an ext_grid without max_p_mw is taken as unlimited", stacklevel=4)
        own = (
            costs[costs["et"] == table].groupby("element")["cp1_eur_per_mw"].sum()
            if len(costs)
            else pd.Series(dtype=float)
        )
        part = pd.DataFrame({
            "bus": place[frame["bus"].to_numpy(dtype=np.intp)],
            "available": np.where(active, available, 0.0),
            "cost": own.reindex(frame.index).fillna(0.0).to_numpy(dtype=float),
            "name": [str(name) for name in frame["name"]],
        })  # fmt: skip
        part.index = pd.Index([f"{table}/{index}" for index in frame.index])
        parts.append(part)
    empty = pd.DataFrame({"bus": [], "available": [], "cost": [], "name": []})
    return pd.concat(parts) if parts else empty


def _fixed(net: Any, place: Ints) -> pd.DataFrame:  # noqa: ANN401
    """Return fixed power that leaves (positive) or enters a bus: shunts, wards, dc lines, motors, storage. [MW]"""
    found: list[tuple[Ints, Floats]] = []

    def add(frame: pd.DataFrame, bus: str, p_mw: Floats) -> None:
        found.append((place[frame[bus].to_numpy(dtype=np.intp)], np.asarray(p_mw, dtype=float)))

    def column(frame: pd.DataFrame, name: str, default: float = 1.0) -> Floats:
        return np.asarray(
            frame[name].fillna(default).to_numpy(dtype=float) if name in frame else np.full(len(frame), default)
        )

    for table, parts in (("shunt", ("p_mw",)), ("ward", ("ps_mw", "pz_mw")), ("xward", ("ps_mw", "pz_mw")),
                         ("storage", ("p_mw",)), ("asymmetric_load", ("p_a_mw", "p_b_mw", "p_c_mw"))):  # fmt: skip
        frame = in_service(rows_of(net, table))
        if len(frame):
            scale = column(frame, "step") if table == "shunt" else column(frame, "scaling")
            add(frame, "bus", sum((column(frame, part, 0.0) for part in parts), np.zeros(len(frame))) * scale)
    motors = in_service(rows_of(net, "motor"))
    if len(motors):
        power = column(motors, "pn_mech_mw", 0.0) / (column(motors, "efficiency_percent", 100.0) / 100.0)
        add(motors, "bus", power * column(motors, "loading_percent", 100.0) / 100.0 * column(motors, "scaling"))
    links = in_service(rows_of(net, "dcline"))
    if len(links):
        power = column(links, "p_mw", 0.0)
        add(links, "from_bus", power)
        add(
            links,
            "to_bus",
            -(power * (1.0 - column(links, "loss_percent", 0.0) / 100.0) - column(links, "loss_mw", 0.0)),
        )
    bus = np.concatenate([part for part, _ in found]) if found else np.array([], dtype=np.intp)
    return pd.DataFrame({"bus": bus, "p_mw": np.concatenate([part for _, part in found]) if found else np.array([])})


def _shed_cost(net: Any, generator_cost: Floats) -> Floats:  # noqa: ANN401
    loads = rows_of(net, "load")
    default = max(LEAST_SHED_COST, DEAREST_TO_SHED * float(generator_cost.max(initial=0.0)))
    given = loads["shed_cost"].to_numpy(dtype=float) if "shed_cost" in loads else np.full(len(loads), np.nan)
    return np.asarray(np.where(np.isfinite(given), given, default))


def _regions(net: Any) -> tuple[Ints, list[str]]:  # noqa: ANN401
    """Return the region of each load, and the names of regions: `load.region`, else `bus.region`, else `bus.zone`."""
    loads = rows_of(net, "load")
    if "region" in loads:
        of_load = loads["region"]
    else:
        by_bus = net.bus["region"] if "region" in net.bus else net.bus["zone"]
        of_load = by_bus.reindex(loads["bus"])
    names, position = np.unique([str(name) for name in of_load], return_inverse=True)
    return position.reshape(-1).astype(np.intp), [str(name) for name in names]


def _limits(net: Any, kind: str) -> list[tuple[str, float]]:  # noqa: ANN401
    frame = rows_of(net, "limit")
    if not len(frame):
        return []
    rows = frame[frame["kind"] == kind]
    return [(str(members), float(limit)) for members, limit in zip(rows["members"], rows["limit_mw"], strict=True)]


def _delivery(net: Any, names: list[str], problems: Problems) -> Floats:  # noqa: ANN401
    """Return the `delivery` limit of each region; the last one, of fixed withdrawals, is infinite. [MW]"""
    delivery = np.full(len(names) + 1, np.inf)
    for member, limit in _limits(net, "delivery"):
        if member not in names:
            problems.add("is not a region of a load", table="limit", field="members", value=member)
        else:
            delivery[names.index(member)] = min(delivery[names.index(member)], limit)
    problems.raise_if_any()
    return delivery


def _groups(net: Any, sources: pd.DataFrame, problems: Problems) -> tuple[tuple[Ints, float], ...]:  # noqa: ANN401
    """Return `group` limits; members are labels such as `gen/3`, or names."""
    place = {str(name): position for position, name in enumerate(sources["name"])}
    place |= {str(label): position for position, label in enumerate(sources.index)}
    found = []
    for members, limit in _limits(net, "group"):
        names = members.split(";")
        for name in names:
            if name not in place:
                problems.add("is not a generator", table="limit", field="members", value=name)
        found.append((np.array([place[name] for name in names if name in place], dtype=np.intp), limit))
    return tuple(found)


def _transfers(net: Any, ppc: dict[str, Any], ends: Ints, place: Ints) -> tuple[tuple[Ints, Floats, float], ...]:  # noqa: ANN401
    """Return `transfer` limits A>B between zones of buses."""
    zone = np.full(len(ppc["bus"]) + 2, "", dtype=object)
    zone[place[net.bus.index.to_numpy(dtype=np.intp)]] = [str(name) for name in net.bus["zone"]]
    zone[-2:] = ""
    start, end = zone[ends[:, 0]], zone[ends[:, 1]]
    found = []
    for members, limit in _limits(net, "transfer"):
        source, target = members.split(">")
        forward, backward = (start == source) & (end == target), (start == target) & (end == source)
        branches = np.flatnonzero(forward | backward)
        found.append((branches, np.where(forward[branches], 1.0, -1.0), limit))
    return tuple(found)
