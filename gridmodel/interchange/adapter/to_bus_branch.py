"""Convert a pandapower net to buses and branches in per unit, as in MATPOWER and PyPSA, with the same power flow.

Branches are those of pandapower's own equations. Closed switches merge their buses, a transformer with three windings
is three with a bus between them, and a branch whose end a switch has opened ends at a bus of its own.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import InputError, Problem
from gridmodel.interchange.adapter.branches import limits_of, thermal_ratings
from gridmodel.interchange.adapter.injections import costs_of, loads_of, sources_of
from gridmodel.interchange.adapter.power_flow import quietly
from gridmodel.interchange.bus_branch import BusBranch
from gridmodel.interchange.geometry import point_of
from gridmodel.interchange.names import label_of

if TYPE_CHECKING:
    from pandapower import pandapowerNet


NOT_TAKEN = ("svc", "ssc", "tcsc", "vsc", "vsc_stacked", "vsc_bipolar", "bus_dc", "line_dc", "load_dc", "source_dc")
"""Tables that buses and branches cannot represent: a net with any is refused, since its power flow would differ."""
_F, _T, _R, _X, _B, _TAP, _SHIFT, _STATUS, _G, _G_ASYM, _B_ASYM = 0, 1, 2, 3, 4, 8, 9, 10, 23, 24, 25
_TYPE, _PD, _QD, _GS, _BS, _KV = 1, 2, 3, 4, 5, 9
"""Columns of pypower's matrices, as pandapower fills them."""
_DEAD = 4
"""Type of a bus out of service."""
_LINE_LIKE = ("line", "impedance", "switch")
_WINDINGS = ("hv", "mv", "lv")


def bus_branch(net: pandapowerNet) -> BusBranch:
    """Return the buses and branches of a pandapower net.

    Parameters
    ----------
    net
        The net; it is copied.

    Returns
    -------
    BusBranch
        Positions run over pandapower's buses in their order, then over the internal buses that it adds. Beyond the
        columns of `BusBranch`, buses have `number` (one more than pandapower's) and `region`; branches `thermal_mva`
        and `length_km`; sources `link`, the number of the direct-current link whose end they are, else -1.

    Raises
    ------
    InputError
        If it has no reference, or elements that buses and branches cannot represent.
    """
    _refuse(net)
    work = _stripped(net)
    tables, lookup = _equations(work)
    bus, place = _buses(work, tables["bus"], lookup["bus"], lookup["aux"])
    branch = _branches(work, tables["branch"], lookup["branch"], place)
    branch = _without_loops(bus, branch, float(tables["baseMVA"]))
    at = np.full(int(work.bus.index.max()) + 1, -1, dtype=np.intp)
    at[work.bus.index] = place[lookup["bus"][work.bus.index]]
    sources = sources_of(net, work, at, bus)
    drawn = np.real(tables["bus"][:, _PD]), np.real(tables["bus"][:, _QD])
    loads = loads_of(net, at, bus, drawn, place)
    return BusBranch(
        name=str(net.name or ""), base_mva=float(tables["baseMVA"]), f_hz=float(net.f_hz), buses=bus, branches=branch,
        sources=sources, loads=loads, costs=costs_of(net, sources),
    )  # fmt: skip


def _refuse(net: Any) -> None:  # noqa: ANN401 - no types in pandapower
    """Refuse a net that buses and branches cannot represent.

    Raises
    ------
    InputError
        With every such table.
    """
    found = [
        Problem(message=f"has {len(net[name])} rows, which buses and branches cannot represent", table=name,
                hint="choose a pandapower format")
        for name in NOT_TAKEN if isinstance(net.get(name), pd.DataFrame) and len(net[name])
    ]  # fmt: skip
    slack = net.gen["slack"].to_numpy(dtype=bool) & net.gen["in_service"].to_numpy(dtype=bool)
    if not net.ext_grid["in_service"].any() and not slack.any():
        message = "is missing: the format needs a reference, an ext_grid or a gen with slack"
        found.append(Problem(message=message, table="ext_grid"))
    if found:
        raise InputError(found)


def _stripped(net: Any) -> Any:  # noqa: ANN401
    """Return a copy without loads and sgens, which are written one by one, and with dc links as two generators."""
    import pandapower as pp

    work = copy.deepcopy(net)
    for name in ("load", "sgen"):
        work[name] = work[name].iloc[:0]
    for table in ("controller", "measurement"):
        if table in work:
            work[table] = work[table].iloc[:0]
    work.gen["link"] = -1
    for row in net.dcline.itertuples():
        sent = abs(row.p_mw)
        arrives = sent * (1 - row.loss_percent / 100) - row.loss_mw
        forward = row.p_mw > 0
        ends = (("from", -sent if forward else arrives), ("to", arrives if forward else -sent))
        for side, p_mw in ends:
            limits = {f"{most}_q_mvar": getattr(row, f"{most}_q_{side}_mvar", np.nan) for most in ("min", "max")}
            label = f"{label_of(row.name, 'dcline', row.Index)} {side}"
            index = pp.create_gen(
                work, getattr(row, f"{side}_bus"), p_mw=p_mw, vm_pu=getattr(row, f"vm_{side}_pu"), name=label,
                in_service=bool(row.in_service), min_p_mw=min(p_mw, 0.0), max_p_mw=max(p_mw, 0.0), **limits,
            )  # fmt: skip
            work.gen.loc[index, "link"] = row.Index
    work.gen["link"] = work.gen["link"].fillna(-1).astype(int)
    return work


def _equations(work: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401
    """Return the matrices that pandapower makes, with every row, and the rows of its elements.

    `to_ppc` does the same, but leaves out what is not in service.
    """
    from pandapower.auxiliary import _add_ppc_options
    from pandapower.pd2ppc import _pd2ppc

    work["_options"] = {}
    _add_ppc_options(
        work, calculate_voltage_angles=True, trafo_model="t", check_connectivity=True, mode="pf", switch_rx_ratio=2,
        enforce_q_lims=False, enforce_p_lims=False, recycle=None, voltage_depend_loads=False, init_vm_pu="flat",
        init_va_degree="flat",
    )  # fmt: skip
    with quietly():
        tables, _ = _pd2ppc(work)
    return tables, work["_pd2ppc_lookups"]


def _buses(work: Any, rows: Floats, lookup: Ints, aux: dict[str, Any]) -> tuple[pd.DataFrame, Ints]:  # noqa: ANN401
    """Return buses, and the position of each row of pandapower's matrix, -1 where it is not a bus."""
    place = np.full(len(rows), -1, dtype=np.intp)
    order: list[int] = []
    names: list[str] = []
    numbers: list[int] = []
    firsts: list[int] = []
    for index in map(int, np.sort(work.bus.index)):
        row = int(lookup[index])
        if place[row] < 0:
            place[row] = len(order)
            order.append(row)
            names.append(label_of(work.bus["name"].loc[index], "bus", index))
            numbers.append(index + 1)
            firsts.append(index)
    called = {
        int(lookup[at]): f"{label_of(name, table, index)} {word}"
        for table, word in (("trafo3w", "star"), ("xward", "source"))
        for at, index, name in zip(aux.get(table, []), work[table].index, work[table]["name"], strict=False)
    }
    highest = max(numbers)
    for row in map(int, np.flatnonzero((place < 0) & (np.real(rows[:, _TYPE]) != _DEAD))):
        place[row] = len(order)
        order.append(row)
        highest += 1
        numbers.append(highest)
        names.append(called.get(row, f"open end {highest}"))
    return _bus_table(work, rows[order], names, numbers, firsts), place


def _bus_table(work: Any, rows: Floats, names: list[str], numbers: list[int], firsts: list[int]) -> pd.DataFrame:  # noqa: ANN401
    made = len(rows) - len(firsts)
    own = work.bus.loc[firsts]

    def column(name: str, missing: object) -> list[Any]:
        values = own[name].tolist() if name in own else [None] * len(own)
        return [missing if pd.isna(value) else value for value in values] + [missing] * made

    points = [point_of(value) for value in column("geo", None)]
    return pd.DataFrame({
        "name": names, "number": numbers, "vn_kv": np.real(rows[:, _KV]), "zone": [str(z) for z in column("zone", "")],
        "region": [str(region) for region in column("region", "")], "in_service": np.real(rows[:, _TYPE]) != _DEAD,
        "gs_mw": np.real(rows[:, _GS]), "bs_mvar": np.real(rows[:, _BS]),
        "min_vm_pu": np.array(column("min_vm_pu", 0.0), dtype=float),
        "max_vm_pu": np.array(column("max_vm_pu", 2.0), dtype=float),
        "lon": [lon for lon, _ in points], "lat": [lat for _, lat in points],
    })  # fmt: skip


def _branches(work: Any, rows: Any, lookup: dict[str, tuple[int, int]], place: Ints) -> pd.DataFrame:  # noqa: ANN401
    """Return branches with a bus at both ends."""
    parts = []
    for table, (first, last) in lookup.items():
        frame = work[table] if table != "switch" else work.switch[work["_impedance_bb_switches"]]
        windings = (last - first) // len(frame)
        ratings = thermal_ratings(work, table, frame), limits_of(work, table, frame)
        named = "name" in frame
        for winding in range(windings):
            chosen = slice(first + winding * len(frame), first + (winding + 1) * len(frame))
            end = f" {_WINDINGS[winding]}" if windings > 1 else ""
            names = frame["name"] if named else [None] * len(frame)
            thermal, limit = (part[winding] if winding < len(part) else np.full(len(frame), np.nan) for part in ratings)
            parts.append(pd.DataFrame({
                "name": [f"{label_of(n, table, index)}{end}" for n, index in zip(names, frame.index, strict=True)],
                **{name: np.real(rows[chosen, at]) for name, at in _BRANCH_COLUMNS.items()},
                "rate_mva": np.where(np.isfinite(limit), limit, 0.0),
                "thermal_mva": np.where(np.isfinite(thermal), thermal, 0.0),
                "length_km": frame["length_km"].to_numpy(dtype=float) if table == "line" else 0.0,
                "line": table in _LINE_LIKE,
            }))  # fmt: skip
    empty = pd.DataFrame(columns=["name", *_BRANCH_COLUMNS, "rate_mva", "thermal_mva", "length_km", "line"])
    found: pd.DataFrame = pd.concat(parts, ignore_index=True) if parts else empty
    for end in ("from_bus", "to_bus"):
        found[end] = place[found[end].to_numpy(dtype=np.intp)]
    found["tap"] = found["tap"].where(found["tap"] != 0, 1.0)
    found["in_service"] = found["in_service"] > 0
    both = (found["from_bus"] >= 0) & (found["to_bus"] >= 0)
    return found[both].reset_index(drop=True)


_BRANCH_COLUMNS = {
    "from_bus": _F, "to_bus": _T, "r_pu": _R, "x_pu": _X, "g_pu": _G, "b_pu": _B, "g_asym": _G_ASYM, "b_asym": _B_ASYM,
    "tap": _TAP, "shift_degree": _SHIFT, "in_service": _STATUS,
}  # fmt: skip


def _without_loops(buses: pd.DataFrame, branches: pd.DataFrame, base_mva: float) -> pd.DataFrame:
    """Return branches between different buses; the draw of the others, and unequal charging, become shunts at buses.

    A branch from a bus to itself is one beside a closed switch: its only effect is to draw a current.
    """
    column = {name: branches[name].to_numpy(dtype=float) for name in _BRANCH_COLUMNS if name != "in_service"}
    on = branches["in_service"].to_numpy(dtype=bool)
    start, end = column["from_bus"].astype(np.intp), column["to_bus"].astype(np.intp)
    drawn = np.where(on, (column["g_asym"] + 1j * column["b_asym"]) / 2, 0.0)
    loop = start == end
    if loop.any():
        tap = column["tap"] * np.exp(1j * np.deg2rad(column["shift_degree"]))
        series = np.divide(1.0, column["r_pu"] + 1j * column["x_pu"], where=loop, out=np.zeros(len(loop), complex))
        half = (column["g_pu"] + 1j * column["b_pu"]) / 2
        whole = (series + half) / np.abs(tap) ** 2 + series + half - series / np.conj(tap) - series / tap
        drawn = drawn + np.where(loop & on, whole, 0.0)
    _add(buses, "gs_mw", end, drawn.real * base_mva)
    _add(buses, "bs_mvar", end, drawn.imag * base_mva)
    kept: pd.DataFrame = branches[~loop].drop(columns=["g_asym", "b_asym"])
    return kept.reset_index(drop=True)


def _add(table: pd.DataFrame, column: str, rows: Ints, values: Floats) -> None:
    """Add values to rows of a column; a row may be named more than once."""
    whole = table[column].to_numpy(dtype=float).copy()
    np.add.at(whole, rows, values)
    table[column] = whole
