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
from gridmodel.interchange.adapter.branches import Branches, check_reactance, read_branches
from gridmodel.interchange.adapter.costs import FREE, Costs, Curve
from gridmodel.interchange.adapter.dc_links import Links, links_of, read_links
from gridmodel.interchange.adapter.dispatchable import acts, check_net, in_service, rows_of, taken_mw
from gridmodel.network.grid import Grid, GridLinks

if TYPE_CHECKING:
    from pandapower import pandapowerNet


MUST_SERVE = 10.0
"""Shed cost of fixed withdrawals (shunts, wards, motors, standing losses) over the dearest load's. [1]
Ours: served first."""
LEAST_SHED_COST = 1000.0
"""Lowest default cost of shedding. [EUR/MWh]"""
DEAREST_TO_SHED = 10.0
"""Default cost of shedding over the dearest generator's. [1]"""
LINK_COST = 1e-6
"""Cost of what a link sends, that no power runs in a circle. [EUR/MWh]
Ours: far below any price; no result counts it."""
_SOURCES = ("gen", "sgen", "ext_grid")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignGrid:
    """pandapower net for dispatch.

    Loads of the grid are the net's loads, then withdrawals of generators, then fixed ones, then standing losses of
    links. Its generators are pieces of the labelled ones, then fixed injections, then links, then one source per load.
    """

    grid: Grid
    loads: list[int]
    """Index of each load in ``net.load``."""
    need_mw: Floats
    """Demand of each load, withdrawal and standing loss by the tables; negative loads as they are. [MW]"""
    generators: list[str]
    """Labels such as `gen/3`."""
    most_mw: Floats
    """Available power of each by the tables, infinite for an ext_grid without limit. [MW]"""
    least_mw: Floats
    """Minimum output of each by the tables. [MW]"""
    constant: Floats
    """Cost of each while it has power available, whatever its output. [EUR/h]"""
    piece: Ints
    """Position among `generators` of each piece of cost, shape ``(piece,)``."""
    piece_start_mw: Floats
    """Output of the generator at which each piece begins."""
    piece_width_mw: Floats
    """Size of each piece, infinite for the last of a generator."""
    square: Floats
    """Quadratic part of the cost of each generator, of which pieces are chords, shape ``(generator,)``. [EUR/MWh²]"""
    end_mw: Floats
    """Output at which the chord of the last piece of each generator ends."""
    whole_mw: float
    """Demand in all up to which pieces are made."""
    curved: bool
    """Whether any cost is other than a price."""
    available_mw: Floats
    """Available power of pieces, fixed injections and links by the tables. [MW]"""
    withdrawals: Ints
    """Position among `generators` of each block that one withdraws; their demand follows that of the loads."""
    standing: Ints
    """Position among `links` of those with a standing loss, which ends `need_mw`."""
    links: Links
    cost: Floats
    """Cost of each generator of the grid, links at their own. [EUR/MWh]"""
    branches: list[str]
    """Labels such as `line/7`; those of dc lines, such as `dcline/0`, are the last."""
    rows: list[Ints]
    """Branches of the grid behind each label: three for a trafo3w, none for a dc line. The flow of the first is
    shown."""
    in_service: npt.NDArray[np.bool_]
    """True for branches of the grid that are in service by the tables and switches."""
    delivery_mw: Floats
    """`delivery` limit of each region, infinite without one. [MW]"""
    node: Ints
    """Node of each bus by its index in the net; -1 where the index has none."""

    def in_pieces(self, most_mw: Floats) -> Floats:
        """Split the power of generators into that of their pieces, ``(…, generator)`` to ``(…, piece)``. [MW]"""
        return np.clip(most_mw[..., self.piece] - self.piece_start_mw, 0.0, self.piece_width_mw)

    def whole(self, output_mw: Floats) -> Floats:
        """Sum pieces to generators, ``(snapshot, piece)`` to ``(snapshot, generator)``. [MW]"""
        total = np.zeros((len(output_mw), len(self.generators)))
        for row, given in zip(total, output_mw[:, : len(self.piece)], strict=True):
            np.add.at(row, self.piece, given)
        return total


def read_foreign(  # noqa: PLR0915 - one statement for each array
    net: pandapowerNet, *, need_mw: float = 0.0, most_mw: Floats | None = None
) -> ForeignGrid:
    """Return the arrays of a pandapower net.

    Parameters
    ----------
    net
        Any net: several voltage levels, two- and three-winding transformers, impedances, switches, elements out
        of service, parallel circuits, phase shifters, several or no `ext_grid`, lone buses, negative loads, dc lines.
    need_mw, most_mw
        Demand in all, and available power of each generator, up to which pieces of cost are made if these are more
        than by the tables.

    Raises
    ------
    InputError
        Naming every wrong element: at a missing bus, without reactance, a line between voltages, not a number, or of a
        kind that this version does not support.
    """
    problems = Problems()
    check_net(net, problems)
    problems.raise_if_any()
    branches = read_branches(net)
    check_reactance(branches, problems)
    problems.raise_if_any()
    place = _places(net, branches)
    count = len(branches.live) + 2
    loads = rows_of(net, "load")
    load_bus = place[_buses(net, "load")]
    demand = _demand(net)
    costs = Costs(net)
    sources = _sources(net, place)
    fixed = _fixed(net, place)
    drawn, injected = fixed[fixed["p_mw"] > 0], fixed[fixed["p_mw"] < 0]
    links = read_links(net, place, dead=len(branches.live))
    most = sources["available"].to_numpy(dtype=float)
    whole = max(_total(demand, sources, drawn, links), need_mw)
    reach = np.minimum(most if most_mw is None else np.maximum(most, most_mw), whole)
    curves = [
        costs.of(table, element, limit)
        for table, element, limit in zip(sources["table"], sources["element"], reach, strict=True)
    ]
    piece, start, width, slope = _in_pieces(curves)
    gives = sources["taken"].to_numpy(dtype=float) == 0
    usual = max(LEAST_SHED_COST, DEAREST_TO_SHED * float(slope[gives[piece]].max(initial=0.0)))
    shed_cost = _shed_cost(net, usual)
    named = list(zip(sources["table"], sources["element"], sources["taken"].astype(float), strict=True))
    blocks = [(place, *block) for place in np.flatnonzero(~gives) for block in costs.worth(*named[place], usual)]
    costs.tell()
    withdrawals = np.array([place for place, _, _ in blocks], dtype=np.intp)
    block_mw = np.array([mw for _, mw, _ in blocks], dtype=float)
    taken_cost = [worth for _, _, worth in blocks]
    taking = sources.iloc[withdrawals]
    regions, names, of_bus = _regions(net)
    taken_region = np.array([of_bus.get(int(index), len(names)) for index in taking["at"]], dtype=np.intp)
    dearest = float(max([*shed_cost, *taken_cost, LEAST_SHED_COST]))
    standing = np.flatnonzero(links.standing_mw > 0)
    last = len(drawn) + len(standing)
    bus = [sources["bus"].to_numpy(dtype=np.intp)[piece], injected["bus"].to_numpy(dtype=np.intp), links.end, load_bus]
    made = len(piece) + len(injected)
    own_cost = np.concatenate([slope, np.zeros(len(injected)), links.cost / links.arrives, np.zeros(len(loads))])
    tie = np.concatenate([np.zeros(made), LINK_COST / links.arrives, np.zeros(len(loads))])
    grid = Grid(
        buses=count,
        branch_from=branches.start,
        branch_to=branches.end,
        susceptance_mw=branches.base_mva / np.where(branches.in_service, branches.x_pu, 1.0),
        shift_rad=branches.shift_rad,
        rating_mw=branches.rating_mw,
        generator_bus=_apart(np.concatenate(bus).astype(np.intp), count),
        generator_cost=own_cost + tie,
        load_bus=np.concatenate([load_bus, taking["bus"], drawn["bus"], links.end[standing]]).astype(np.intp),
        load_cost=np.concatenate([shed_cost, taken_cost, np.full(last, dearest * MUST_SERVE)]),
        load_region=np.concatenate([regions, taken_region, np.full(last, len(names))]).astype(np.intp),
        regions=len(names) + 1,
        stand_ins=len(loads),
        groups=_groups(net, sources, piece, problems),
        transfers=_transfers(net, branches, place, count),
        links=GridLinks(
            generator=made + np.arange(len(links.labels)), start=links.start, arrives=links.arrives
        ) if links.labels else None,
    )  # fmt: skip
    problems.raise_if_any()
    carriers = [f"dcline/{index}" for index in rows_of(net, "dcline").index]
    carriers += [f"link/{index}" for index in links_of(net).index]
    return ForeignGrid(
        grid=grid,
        loads=[int(index) for index in loads.index],
        need_mw=np.concatenate([demand, block_mw, drawn["p_mw"], links.standing_mw[standing]]),
        generators=[str(name) for name in sources.index],
        most_mw=most,
        least_mw=sources["least"].to_numpy(dtype=float),
        constant=np.array([curve.constant for curve in curves], dtype=float),
        piece=piece,
        piece_start_mw=start,
        piece_width_mw=width,
        square=np.array([curve.square for curve in curves], dtype=float),
        end_mw=np.array([curve.end_mw for curve in curves], dtype=float),
        whole_mw=whole,
        curved=costs.curved,
        available_mw=np.concatenate([
            np.clip(most[piece] - start, 0.0, width), -injected["p_mw"], links.most_mw * links.arrives,
        ]).astype(float),
        withdrawals=withdrawals,
        standing=standing,
        links=links,
        cost=own_cost,
        branches=[*branches.labels, *carriers],
        rows=[*branches.rows, *[np.zeros(0, dtype=np.intp)] * len(carriers)],
        in_service=branches.in_service,
        delivery_mw=_delivery(net, names, problems),
        node=branches.node,
    )  # fmt: skip


def _places(net: Any, branches: Branches) -> Ints:  # noqa: ANN401
    """Return the node of each bus; two beyond the others are of what is out of service.

    Loads there go to the first of the two, sources to the second, so that they do not meet.
    """
    count = len(branches.live)
    named = [rows_of(net, name)[column] for name, column in _AT if column in rows_of(net, name)]
    highest = max([len(branches.node) - 1, *(int(column.max()) for column in named if len(column))])
    place = np.full(highest + 1, count, dtype=np.intp)
    on = net.bus.index[net.bus["in_service"].to_numpy(dtype=bool)].to_numpy(dtype=np.intp)
    place[on] = branches.node[on]
    return place


_AT = (
    ("load", "bus"),
    *((name, "bus") for name in _SOURCES),
    ("dcline", "from_bus"),
    ("dcline", "to_bus"),
    ("link", "from_bus"),
    ("link", "to_bus"),
)
"""Columns of buses of elements that are kept where they are out of service, whether or not there is such a bus."""


def _apart(bus: Ints, buses: int) -> Ints:
    """Return buses of sources; those out of service are moved away from the loads there."""
    return np.where(bus == buses - 2, buses - 1, bus)


def _buses(net: Any, table: str) -> Ints:  # noqa: ANN401
    frame = rows_of(net, table)
    return np.asarray(frame["bus"].to_numpy(dtype=np.intp)) if len(frame) else np.zeros(0, dtype=np.intp)


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
    """Return every generator by label, with what it can give, takes and must give; 0 MW out of service."""
    parts = []
    for table in (*_SOURCES, "storage"):
        frame = rows_of(net, table)
        if table == "storage" and len(frame):
            frame = frame[acts(frame)]
        if not len(frame):
            continue
        taken, given, least = taken_mw(table, frame)
        active = frame["in_service"].to_numpy(dtype=bool)
        if table == "ext_grid" and (np.isinf(given) & active).any():
            warnings.warn("an ext_grid without max_p_mw is taken as unlimited", stacklevel=4)
        part = pd.DataFrame({
            "bus": place[frame["bus"].to_numpy(dtype=np.intp)], "at": frame["bus"].to_numpy(dtype=np.intp),
            "available": np.where(active, given, 0.0), "taken": np.where(active, taken, 0.0),
            "least": np.where(active, least, 0.0), "name": [str(name) for name in frame["name"]],
            "table": table, "element": frame.index,
        })  # fmt: skip
        part.index = pd.Index([f"{table}/{index}" for index in frame.index])
        parts.append(part)
    names = ("bus", "at", "available", "taken", "least", "name", "table", "element")
    return pd.concat(parts) if parts else pd.DataFrame({name: [] for name in names})


def _total(demand: Floats, sources: pd.DataFrame, drawn: pd.DataFrame, links: Links) -> float:
    """Return the most that could be served: more is not needed of any source. [MW]"""
    lost = 1.0 / min([1.0, *links.arrives])
    taken = float(sources["taken"].sum()) + float(drawn["p_mw"].sum()) + float(links.standing_mw.sum())
    return float((np.maximum(demand, 0.0).sum() + taken) * lost ** len(links.labels))


def _in_pieces(curves: list[Curve]) -> tuple[Ints, Floats, Floats, Floats]:
    """Return generator, start, width and slope of each piece of cost."""
    piece = np.array([place for place, curve in enumerate(curves) for _ in curve.slope], dtype=np.intp)
    whole = curves or [FREE]
    start, slope = (np.concatenate([getattr(curve, name) for curve in whole]) for name in ("start_mw", "slope"))
    width = np.concatenate([np.append(np.diff(curve.start_mw), np.inf) for curve in whole])
    size = len(piece)
    return piece, start[:size], width[:size], slope[:size]


def _fixed(net: Any, place: Ints) -> pd.DataFrame:  # noqa: ANN401
    """Return fixed power that leaves (positive) or enters a bus: shunts, wards, motors, storage. [MW]"""
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
        if table == "storage" and len(frame):
            frame = frame[~acts(frame)]
        if len(frame):
            scale = column(frame, "step") if table == "shunt" else column(frame, "scaling")
            add(frame, "bus", sum((column(frame, part, 0.0) for part in parts), np.zeros(len(frame))) * scale)
            if table == "storage":
                message = "storage keeps its p_mw, and does not act unless controllable, with min_p_mw below 0"
                warnings.warn(message, UserWarning, stacklevel=4)
    motors = in_service(rows_of(net, "motor"))
    if len(motors):
        power = column(motors, "pn_mech_mw", 0.0) / (column(motors, "efficiency_percent", 100.0) / 100.0)
        add(motors, "bus", power * column(motors, "loading_percent", 100.0) / 100.0 * column(motors, "scaling"))
    bus = np.concatenate([part for part, _ in found]) if found else np.array([], dtype=np.intp)
    return pd.DataFrame({"bus": bus, "p_mw": np.concatenate([part for _, part in found]) if found else np.array([])})


def _shed_cost(net: Any, default: float) -> Floats:  # noqa: ANN401
    loads = rows_of(net, "load")
    given = loads["shed_cost"].to_numpy(dtype=float) if "shed_cost" in loads else np.full(len(loads), np.nan)
    return np.asarray(np.where(np.isfinite(given), given, default))


def _regions(net: Any) -> tuple[Ints, list[str], dict[int, int]]:  # noqa: ANN401
    """Return the region of each load, the names of regions, and the place of the region of each bus.

    They are `load.region`, else `bus.region`, else `bus.zone`.
    """
    loads = rows_of(net, "load")
    by_bus = net.bus["region"] if "region" in net.bus else net.bus["zone"] if "zone" in net.bus else net.bus["name"]
    own = by_bus.reindex(loads["bus"]) if len(loads) else by_bus.iloc[:0]
    of_load = loads.get("region", own)
    names, position = np.unique([str(name) for name in of_load], return_inverse=True)
    found = {str(name): place for place, name in enumerate(names)}
    of_bus = {int(bus): found[str(name)] for bus, name in by_bus.items() if str(name) in found}
    return position.reshape(-1).astype(np.intp), [str(name) for name in names], of_bus


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


def _groups(
    net: Any,  # noqa: ANN401
    sources: pd.DataFrame,
    piece: Ints,
    problems: Problems,
) -> tuple[tuple[Ints, float], ...]:
    """Return `group` limits; members are labels such as `gen/3`, or names."""
    place = {str(name): position for position, name in enumerate(sources["name"])}
    place |= {str(label): position for position, label in enumerate(sources.index)}
    found = []
    for members, limit in _limits(net, "group"):
        names = members.split(";")
        for name in names:
            if name not in place:
                problems.add("is not a generator", table="limit", field="members", value=name)
        found.append((np.flatnonzero(np.isin(piece, [place[name] for name in names if name in place])), limit))
    return tuple(found)


def _transfers(
    net: Any,  # noqa: ANN401
    branches: Branches,
    place: Ints,
    count: int,
) -> tuple[tuple[Ints, Floats, float], ...]:
    """Return `transfer` limits A>B between zones of buses."""
    limits = _limits(net, "transfer")
    if not limits:
        return ()
    zone = np.full(count, "", dtype=object)
    zone[place[net.bus.index.to_numpy(dtype=np.intp)]] = [str(name) for name in net.bus["zone"]]
    zone[-2:] = ""
    start, end = zone[branches.start], zone[branches.end]
    found = []
    for members, limit in limits:
        source, target = members.split(">")
        forward, backward = (start == source) & (end == target), (start == target) & (end == source)
        chosen = np.flatnonzero(forward | backward)
        found.append((chosen, np.where(forward[chosen], 1.0, -1.0), limit))
    return tuple(found)
