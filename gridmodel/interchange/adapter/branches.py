"""Branches of a pandapower net as its own DC power flow has them: model, labels, ratings and state.

Only the electrical constants of each branch (reactance, tap, phase shift) come from pandapower. Which buses are joined
and which branches carry power is found here, since pandapower drops lone buses, needs a reference, and checks what only
an AC power flow needs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.errors import Problems
from gridmodel.interchange.adapter.dispatchable import NO_REACTANCE, rows_of
from gridmodel.interchange.adapter.empty import scratch_net

_ENDS = {
    "line": ("from_bus", "to_bus"),
    "trafo": ("hv_bus", "lv_bus"),
    "trafo3w": ("hv_bus", "mv_bus", "lv_bus"),
    "impedance": ("from_bus", "to_bus"),
}
"""Branches, in the order of their labels, and their columns that name a bus."""
_SWITCHES = {"l": "line", "t": "trafo", "t3": "trafo3w"}
"""Table of the branch that a switch opens, by the type of the switch."""
SWITCH_X_PER_Z = 1.0 / np.sqrt(5.0)
"""Reactance over impedance of a switch between buses: pandapower's default of r = 2 x. [1]"""
_LOOKING_UP = Lock()
"""Held while pandapower looks values up in another way, which all threads see."""
SMALLEST_X = 1e-12
"""Smallest reactance that counts as one. [1] Ours: far below any branch in per unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """Buses that closed switches join into one node, and branches between nodes."""

    node: Ints
    """Node of each bus by its index in the net, -1 where the index has none."""
    live: Bools
    """True for nodes in service, shape ``(node,)``; stars of three windings come after those of buses."""
    start: Ints
    """Node at which each branch begins, shape ``(branch,)``."""
    end: Ints
    x_pu: Floats
    """Reactance times tap ratio on `base_mva`, as pandapower's DC flow has it, shape ``(branch,)``. [1]"""
    shift_rad: Floats
    base_mva: float
    rating_mw: Floats
    """Limit, infinite without one, shape ``(branch,)``."""
    in_service: Bools
    """True for branches that can carry power: in service, not opened by a switch, live at both ends."""
    labels: list[str]
    """Labels such as `line/7`."""
    rows: list[Ints]
    """Branches behind each label: three for a transformer with three windings, in the order hv, mv, lv."""


def read_branches(net: Any) -> Branches:  # noqa: ANN401 - no types in pandapower
    """Return the branches of a pandapower net in any state."""
    work = _only_branches(net)
    tables, bus_row = _constants(work)
    ends = np.real(tables["branch"][:, [0, 1]]).astype(np.intp)
    tap = np.real(tables["branch"][:, 8])
    labels, rows, rating = _labelled(net, work, len(ends))
    bus_on = np.ones(len(tables["bus"]), dtype=bool)
    bus_on[bus_row[net.bus.index]] = net.bus["in_service"].to_numpy(dtype=bool)
    status = _status(net, work, rows, len(ends))
    node, live = _joined(net, bus_row, bus_on)
    at = np.full(int(net.bus.index.max()) + 1, -1, dtype=np.intp)
    at[net.bus.index] = node[bus_row[net.bus.index]]
    start, end = node[ends[:, 0]], node[ends[:, 1]]
    return Branches(
        node=at, live=live, start=start, end=end,
        x_pu=np.real(tables["branch"][:, 3]) * np.where(tap == 0, 1.0, tap),
        shift_rad=np.deg2rad(np.real(tables["branch"][:, 9])), base_mva=float(tables["baseMVA"]), rating_mw=rating,
        in_service=status & live[start] & live[end], labels=labels, rows=rows,
    )  # fmt: skip


def _only_branches(net: Any) -> Any:  # noqa: ANN401
    """Return a net of the buses and branches alone, all in service, without switches.

    A switch with an impedance between buses is one more impedance. A branch out of service may name a bus that does not
    exist; it is put at the first bus.
    """
    work = scratch_net(f_hz=float(net.f_hz), sn_mva=float(net.sn_mva))
    work["bus"] = net.bus.assign(in_service=True)
    first = net.bus.index[0]
    for table, columns in _ENDS.items():
        frame = rows_of(net, table)
        if len(frame):
            ends = {name: frame[name].where(frame[name].isin(net.bus.index), first) for name in columns}
            work[table] = frame.assign(in_service=True, **ends)
    for name in ("trafo_characteristic_table", "characteristic"):
        if isinstance(net.get(name), pd.DataFrame):
            work[name] = net[name]
    joins = _couplers(net)
    joins = joins[joins["z_ohm"].to_numpy(dtype=float) > 0] if len(joins) else joins
    if len(joins):
        kv = net.bus["vn_kv"].reindex(joins["bus"]).to_numpy(dtype=float)
        x_pu = joins["z_ohm"].to_numpy(dtype=float) * SWITCH_X_PER_Z / kv**2
        values = ("rft_pu", "rtf_pu", "gf_pu", "bf_pu", "gt_pu", "bt_pu")
        more = pd.DataFrame(0.0, index=range(len(joins)), columns=list(values))
        more = more.assign(
            from_bus=joins["bus"].to_numpy(), to_bus=joins["element"].to_numpy(), xft_pu=x_pu, xtf_pu=x_pu,
            sn_mva=1.0, in_service=True,
        )  # fmt: skip
        parts = [part for part in (work["impedance"], more) if len(part)]
        work["impedance"] = pd.concat(parts, ignore_index=True)
    return work


def _couplers(net: Any) -> pd.DataFrame:  # noqa: ANN401
    """Return closed switches between two buses in service."""
    switches = rows_of(net, "switch")
    if not len(switches):
        return switches
    closed = (switches["et"] == "b") & switches["closed"].astype(bool)
    on = net.bus.index[net.bus["in_service"].to_numpy(dtype=bool)]
    found = switches[closed & switches["bus"].isin(on) & switches["element"].isin(on)]
    return found if "z_ohm" in found else found.assign(z_ohm=0.0)


def _constants(work: Any) -> tuple[dict[str, Any], Ints]:  # noqa: ANN401
    """Return pandapower's matrices of buses and branches, and the row of each bus index."""
    from pandapower.auxiliary import _add_ppc_options, _select_is_elements_numba
    from pandapower.build_branch import _build_branch_ppc
    from pandapower.build_bus import _build_bus_ppc
    from pandapower.pd2ppc import _init_ppc

    work["_options"] = {}
    _add_ppc_options(
        work, calculate_voltage_angles=True, trafo_model="t", check_connectivity=False, mode="pf", switch_rx_ratio=2,
        enforce_q_lims=False, enforce_p_lims=False, recycle=None, voltage_depend_loads=False, init_vm_pu="flat",
        init_va_degree="flat",
    )  # fmt: skip
    with warnings.catch_warnings(), np.errstate(all="ignore"), _looked_up_at_once():
        warnings.simplefilter("ignore")
        work["_is_elements"] = _select_is_elements_numba(work)
        tables = _init_ppc(work, mode="pf")
        _build_bus_ppc(work, tables)
        _build_branch_ppc(work, tables)
    return tables, np.asarray(work["_pd2ppc_lookups"]["bus"], dtype=np.intp)


@contextmanager
def _looked_up_at_once() -> Iterator[None]:
    """Let pandapower look up voltages of transformers by numpy.

    It has a compiled loop for them. Where numba is installed, loading that loop takes longer than a dispatch.
    """
    from pandapower import build_branch

    with _LOOKING_UP:
        compiled = build_branch.get_values
        build_branch.get_values = _values_at
        try:
            yield
        finally:
            build_branch.get_values = compiled


def _values_at(source: Floats, selection: Ints, lookup: Ints) -> Floats:
    """Return values by index, through the row of each index."""
    return source[lookup[np.asarray(selection, dtype=np.intp)]]


def _labelled(net: Any, work: Any, count: int) -> tuple[list[str], list[Ints], Floats]:  # noqa: ANN401
    """Return labels, the branches behind them, and the rating of every branch; infinite without one. [MVA]"""
    rating = np.full(count, np.inf)
    labels: list[str] = []
    rows: list[Ints] = []
    for name, columns in _ENDS.items():
        frame = rows_of(net, name)
        if not len(frame):
            continue
        first = int(work["_pd2ppc_lookups"]["branch"][name][0])
        windings = 3 if len(columns) == 3 else 1
        labels += [f"{name}/{index}" for index in frame.index]
        rows += [first + position + len(frame) * np.arange(windings) for position in range(len(frame))]
        for winding, limit in enumerate(limits_of(net, name, frame)):
            start = first + winding * len(frame)
            rating[start : start + len(frame)] = limit
    return labels, rows, rating


def _status(  # noqa: C901, PLR0912 - one branch for each kind of switch
    net: Any,  # noqa: ANN401
    work: Any,  # noqa: ANN401
    rows: list[Ints],
    count: int,
) -> Bools:
    """Return which branches are in service and not opened by a switch; a switch opens a single winding of three."""
    status = np.ones(count, dtype=bool)
    on = [bool(state) for name in _ENDS for state in rows_of(net, name).get("in_service", ())]
    for members, state in zip(rows, on, strict=True):
        status[members] = state
    switches = rows_of(net, "switch")
    if not len(switches):
        return status
    opened = switches[~switches["closed"].astype(bool)]
    for kind, name in _SWITCHES.items():
        frame = rows_of(net, name)
        chosen = opened[opened["et"] == kind]
        if not len(frame) or not len(chosen):
            continue
        first = int(work["_pd2ppc_lookups"]["branch"][name][0])
        position = frame.index.get_indexer(pd.Index(chosen["element"]))
        for place, bus in zip(position, chosen["bus"], strict=True):
            if place < 0:
                continue
            if name != "trafo3w":
                status[first + place] = False
                continue
            for winding, column in enumerate(_ENDS[name]):
                if frame[column].iloc[place] == bus:
                    status[first + place + winding * len(frame)] = False
    return status


def _joined(net: Any, bus_row: Ints, on: Bools) -> tuple[Ints, Bools]:  # noqa: ANN401
    """Return the node of each row of the bus matrix, and which nodes are in service."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    joins = _couplers(net)
    joins = joins[~(joins["z_ohm"].to_numpy(dtype=float) > 0)] if len(joins) else joins
    a, b = (bus_row[joins[name].to_numpy(dtype=np.intp)] if len(joins) else bus_row[:0] for name in ("bus", "element"))
    count, node = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(len(on), len(on))), directed=False)
    live = np.zeros(count, dtype=bool)
    live[node[on]] = True
    return np.asarray(node, dtype=np.intp), live


def check_reactance(branches: Branches, problems: Problems) -> None:
    """Note branches in service without reactance; a negative one exists in published cases and is accepted."""
    wrong = branches.in_service & ~(np.abs(branches.x_pu) > SMALLEST_X)
    for label, members in zip(branches.labels, branches.rows, strict=True):
        if wrong[members].any():
            problems.add(NO_REACTANCE, table=label, field="x")


def thermal_ratings(net: Any, name: str, frame: pd.DataFrame) -> list[Floats]:  # noqa: ANN401
    """Return the thermal rating of each branch of a table, by winding; NaN if the table gives none. [MVA]"""
    if name == "line":
        kv = net.bus["vn_kv"].reindex(frame["from_bus"]).to_numpy(dtype=float)
        amperes = _column(frame, "max_i_ka", np.nan) * _column(frame, "df", 1.0) * _column(frame, "parallel", 1.0)
        return [np.sqrt(3) * kv * amperes]
    if name == "trafo":
        return [_column(frame, "sn_mva", np.nan) * _column(frame, "df", 1.0) * _column(frame, "parallel", 1.0)]
    if name == "trafo3w":
        return [_column(frame, f"sn_{side}_mva", np.nan) for side in ("hv", "mv", "lv")]
    return [np.full(len(frame), np.nan)]


def limits_of(net: Any, name: str, frame: pd.DataFrame) -> list[Floats]:  # noqa: ANN401
    """Return the limit of each branch, by winding: rating times `max_loading_percent`, else infinite. [MVA]"""
    share = _column(frame, "max_loading_percent", np.nan) / 100.0
    limits = [winding * share for winding in thermal_ratings(net, name, frame)]
    return [np.where(np.isfinite(limit), limit, np.inf) for limit in limits]


def _column(frame: pd.DataFrame, key: str, default: float) -> Floats:
    values = frame[key] if key in frame else pd.Series(default, index=frame.index)
    return np.asarray(values.to_numpy(dtype=float))
