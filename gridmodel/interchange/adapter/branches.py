"""Branches of a pandapower net as its own DC power flow has them: model, labels, ratings and state."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import Problems
from gridmodel.interchange.adapter.dispatchable import NO_REACTANCE, in_service, rows_of

_BRANCHES = ("line", "trafo", "trafo3w", "impedance")


def branch_model(net: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401
    """Return branches as in pandapower's own DC power flow, with every island.

    The net is copied and given a reference if it has none, since pandapower needs one even to build its tables; islands
    are neither searched for nor dropped. Branches out of service are put in service in
    the copy, so that every one has its row; their state is read from the net itself.
    """
    import pandapower as pp
    from pandapower.converter.pypower.to_ppc import to_ppc

    work = copy.deepcopy(net)
    for table in _BRANCHES:
        if len(rows_of(work, table)):
            work[table]["in_service"] = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not (
            in_service(work.ext_grid).shape[0] or (len(work.gen) and (work.gen["slack"] & work.gen["in_service"]).any())
        ):
            alive = work.bus.index[work.bus["in_service"]]
            pp.create_ext_grid(work, alive[0] if len(alive) else work.bus.index[0])
        ppc = to_ppc(work, calculate_voltage_angles=True, check_connectivity=False, init="flat", mode="pf")
    return ppc, work["_pd2ppc_lookups"]


def bus_places(net: Any, ppc: dict[str, Any], lookup: dict[str, Any]) -> tuple[Ints, npt.NDArray[np.bool_]]:  # noqa: ANN401
    """Return the position of each bus index, and which positions are live.

    Two positions lie beyond pandapower's: loads on buses out of service go to the first, sources to the second,
    so that they do not meet.
    """
    count = len(ppc["bus"])
    place = np.full(int(net.bus.index.max()) + 1 if len(net.bus) else 1, count, dtype=np.intp)
    found = np.asarray(lookup["bus"], dtype=np.intp)
    in_service = net.bus.index[net.bus["in_service"].to_numpy(dtype=bool)].to_numpy(dtype=np.intp)
    place[in_service] = np.where(found[in_service] >= 0, found[in_service], count)
    live = np.append(np.real(ppc["bus"][:, 1]) != 4, [False, False])  # 4 is pypower's type of a bus out of service
    return place, live


def branch_labels(net: Any, lookup: dict[str, Any], table: Any) -> tuple[list[str], list[Ints], Floats]:  # noqa: ANN401
    """Return labels, the branches behind them, and the rating of every branch; infinite without one. [MVA]"""
    rating = np.full(len(table), np.inf)
    labels: list[str] = []
    rows: list[Ints] = []
    for name in _BRANCHES:
        frame = rows_of(net, name)
        if name not in lookup["branch"] or not len(frame):
            continue
        first, last = lookup["branch"][name]
        windings = (last - first) // len(frame)
        labels += [f"{name}/{index}" for index in frame.index]
        rows += [first + position + len(frame) * np.arange(windings) for position in range(len(frame))]
        for winding, limit in enumerate(limits_of(net, name, frame)):
            start = first + winding * len(frame)
            rating[start : start + len(frame)] = limit
    return labels, rows, rating


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


def branch_status(net: Any, ppc: dict[str, Any], branches: list[str], rows: list[Ints]) -> npt.NDArray[np.bool_]:  # noqa: ANN401
    """Return which branches are in service: by pandapower for switches, by the tables for the elements themselves."""
    status = np.asarray(np.real(ppc["branch"][:, 10]) > 0)
    for label, members in zip(branches, rows, strict=True):
        table, index = label.split("/")
        status[members] &= bool(rows_of(net, table)["in_service"].loc[int(index)])
    return status


def check_reactance(
    ppc: dict[str, Any], status: npt.NDArray[np.bool_], branches: list[str], rows: list[Ints], problems: Problems
) -> None:
    """Note branches in service without reactance; a negative one exists in published cases and is accepted."""
    reactance = np.real(ppc["branch"][:, 3])
    wrong = status & ~(np.abs(reactance) > 1e-12)
    for label, members in zip(branches, rows, strict=True):
        if wrong[members].any():
            problems.add(NO_REACTANCE, table=label, field="x")
