"""Check that a pandapower net can be dispatched."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.errors import Problems
from gridmodel.interchange.adapter.cells import check_cells

NO_REACTANCE = "has no reactance: DC power flow needs one"
"""Message for a branch in service without one; a negative one exists in published cases and is accepted."""
_UNKNOWN = ("svc", "ssc", "tcsc", "vsc", "line_dc", "bus_dc", "load_dc", "source_dc", "b2b_vsc", "asymmetric_sgen")
"""Tables whose elements in service this version does not support."""
HIGHEST_BUS = 10_000_000
"""Highest number of a bus. Ours: there are arrays with a place for every number up to the highest."""
_NUMBERS = {
    "load": ("p_mw", "scaling"), "gen": ("p_mw", "scaling"), "sgen": ("p_mw", "scaling"),
    "poly_cost": ("cp1_eur_per_mw",),
}  # fmt: skip
"""Columns that must be finite numbers."""


def rows_of(net: Any, table: str) -> pd.DataFrame:  # noqa: ANN401 - no types in pandapower
    """Return a table of a net; empty if it has none."""
    frame = net.get(table)
    return frame if isinstance(frame, pd.DataFrame) else pd.DataFrame()


def in_service(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in service."""
    return frame[frame["in_service"].to_numpy(dtype=bool)] if len(frame) else frame


def acts(storage: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows of `storage` dispatch may use: controllable, with a `min_p_mw` below 0, at which they give."""
    if "controllable" not in storage or "min_p_mw" not in storage:
        return np.zeros(len(storage), dtype=bool)
    chosen = np.array([flag is True or flag == 1 for flag in storage["controllable"]], dtype=bool)
    return np.asarray(chosen & (_given(storage, "min_p_mw", 0.0) < 0))


def taken_mw(table: str, frame: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return what generators withdraw, the most that they can give, and the least; each shape ``(row,)``. [MW]

    A generator whose `p_mw` is negative, and that has no `max_p_mw` above 0, withdraws that power, or its `need_mw` if
    it has one: it is demand.
    Storage gives at a negative power.
    """
    if table == "storage":
        zero = np.zeros(len(frame))
        return zero, -_given(frame, "min_p_mw", 0.0), zero
    scaling = _given(frame, "scaling", 1.0) if table != "ext_grid" else np.ones(len(frame))
    power = _given(frame, "p_mw", 0.0) * scaling if table != "ext_grid" else np.full(len(frame), np.inf)
    most = _given(frame, "max_p_mw", np.nan)
    given = np.maximum(np.where(np.isnan(most), power, most), 0.0)
    need = np.maximum(_given(frame, "need_mw", 0.0), 0.0)
    taken = np.where(given > 0, 0.0, np.where(need > 0, need, np.where(power < 0, -power, 0.0)))
    least = np.clip(_given(frame, "min_p_mw", 0.0), 0.0, given)
    return taken, given, least


def _given(frame: pd.DataFrame, name: str, default: float) -> Floats:
    """Return a column as numbers, with a default where it is missing."""
    if name not in frame:
        return np.full(len(frame), default)
    return np.asarray(frame[name].astype(float).fillna(default).to_numpy())


_ENDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("load", "gen", "sgen", "ext_grid", "shunt", "ward", "xward", "motor", "storage"), ("bus",)),
    **dict.fromkeys(("line", "impedance", "dcline"), ("from_bus", "to_bus")),
    "asymmetric_load": ("bus",),
    "trafo": ("hv_bus", "lv_bus"),
    "trafo3w": ("hv_bus", "mv_bus", "lv_bus"),
}
"""Columns of each table that name a bus."""


def check_net(net: Any, problems: Problems) -> None:  # noqa: ANN401
    """Note missing buses, lines between voltages, values that are not numbers, and unsupported elements.

    Parameters
    ----------
    net
        Object to check, which should be a pandapower net.
    problems
        Collects what is wrong.

    Raises
    ------
    InputError
        At once if it is not a net, or has no buses.
    """
    if not isinstance(getattr(net, "bus", None), pd.DataFrame):
        problems.add("is not a pandapower net", field="net", value=type(net).__name__)
    elif not len(net.bus):
        problems.add("has no buses", field="net")
    problems.raise_if_any()
    _check_buses(net, problems)
    check_cells(net, problems)
    problems.raise_if_any()
    known = set(net.bus.index)
    _check_ends(net, known, problems)
    _check_numbers(net, problems)
    _check_voltages(net, problems)
    check_links(net, known, problems)
    for table in _UNKNOWN:
        frame = rows_of(net, table)
        if len(in_service(frame) if "in_service" in frame else frame):
            problems.add("has elements in service, which dispatch does not support", table=table)


def _check_buses(net: Any, problems: Problems) -> None:  # noqa: ANN401
    """Note buses whose number no array has a place for."""
    for index in net.bus.index:
        if not 0 <= index <= HIGHEST_BUS:
            problems.add(f"must be numbered from 0 to {HIGHEST_BUS:,}", table=f"bus/{index}")
    problems.raise_if_any()


def _check_ends(net: Any, known: set[Any], problems: Problems) -> None:  # noqa: ANN401
    """Note elements in service at buses that do not exist."""
    for table, columns in _ENDS.items():
        frame = in_service(rows_of(net, table))
        for column in columns if len(frame) else ():
            for index, bus in frame.loc[~frame[column].isin(known), column].items():
                problems.add("is at a bus that does not exist", table=f"{table}/{index}", field=column, value=bus)


def check_links(net: Any, known: set[Any], problems: Problems) -> None:  # noqa: ANN401
    """Note links of a net that are at buses that do not exist, or whose limits are not numbers."""
    frame = rows_of(net, "link")
    numbers = ("arrives", "min_p_mw", "max_p_mw", "cost_eur_per_mw")
    if not {"from_bus", "to_bus", "in_service", *numbers} <= set(frame.columns):
        return
    for column in ("from_bus", "to_bus"):
        for index, bus in frame.loc[~frame[column].isin(known), column].items():
            problems.add("is at a bus that does not exist", table=f"link/{index}", field=column, value=bus)
    for column in numbers:
        values = pd.to_numeric(frame[column], errors="coerce")
        _note("link", column, values[~np.isfinite(values)], "is not a number", problems)


_NOT_NEGATIVE: dict[str, tuple[str, ...]] = {
    "load": ("shed_cost",),
    "line": ("max_loading_percent", "max_i_ka"),
    "trafo": ("max_loading_percent", "sn_mva"),
    "trafo3w": ("max_loading_percent",),
}
"""Columns that may be absent or empty, but not negative."""


def _note(table: str, column: str, wrong: pd.Series, message: str, problems: Problems) -> None:
    """Note the wrong rows of a column; `wrong` has their values."""
    for index, value in wrong.items():
        problems.add(message, table=f"{table}/{index}", field=column, value=value)


def _check_numbers(net: Any, problems: Problems) -> None:  # noqa: ANN401 - one loop for each kind of check
    """Note powers and costs that are not a number, limits below zero, lines without reactance."""
    for table, column in ((table, column) for table, columns in _NUMBERS.items() for column in columns):
        frame = rows_of(net, table)
        frame = in_service(frame) if "in_service" in frame else frame
        if column in frame:
            values = frame[column].astype(float)
            _note(table, column, values[~np.isfinite(values)], "is not a number", problems)
    for table, columns in _NOT_NEGATIVE.items():
        frame = in_service(rows_of(net, table))
        for column in (name for name in columns if name in frame):
            values = frame[column].astype(float)
            _note(table, column, values[values < 0], "must be at least 0", problems)
    for table in ("gen", "sgen", "ext_grid"):
        frame = in_service(rows_of(net, table))
        if "max_p_mw" in frame:
            most = frame["max_p_mw"].astype(float)
            wrong = most[(most < 0) & ~(_given(frame, "p_mw", 0.0) < 0)]
            _note(table, "max_p_mw", wrong, "must be at least 0 unless p_mw is a withdrawal", problems)
    lines = in_service(rows_of(net, "line"))
    if len(lines):
        _note("line", "x_ohm_per_km", lines.loc[lines["x_ohm_per_km"] == 0, "x_ohm_per_km"], NO_REACTANCE, problems)
    _check_losses(net, problems)
    _check_points(net, problems)
    _check_limits(net, problems)


def _check_losses(net: Any, problems: Problems) -> None:  # noqa: ANN401
    """Note direct-current lines that would give more than they take."""
    direct = in_service(rows_of(net, "dcline"))
    for column, most in (("loss_percent", 100.0), ("loss_mw", np.inf)):
        if column in direct:
            lost = direct[column].astype(float)
            allowed = f"between 0 and {most:g}" if np.isfinite(most) else "at least 0"
            _note("dcline", column, lost[(lost < 0) | (lost > most)], f"must be {allowed}", problems)


def _check_points(net: Any, problems: Problems) -> None:  # noqa: ANN401
    """Note piecewise costs that are not steps."""
    for index, points in rows_of(net, "pwl_cost").get("points", pd.Series(dtype=object)).items():
        if not _are_steps(points):
            message = "must be rows of three numbers, from MW, to MW, cost, that do not overlap"
            problems.add(message, table=f"pwl_cost/{index}", field="points")


def _are_steps(points: Any) -> bool:  # noqa: ANN401 - a cell of a net
    """Return whether a cell has areas from, to and slope, each with a length, that do not overlap."""
    try:
        steps = np.array(sorted(points), dtype=float)
    except (TypeError, ValueError):
        return False
    if steps.ndim != 2 or not len(steps) or steps.shape[1] != 3 or np.isnan(steps).any():
        return False
    start, end, slope = steps.T
    return bool((start < end).all() and (start[1:] >= end[:-1] - 1e-9).all() and np.isfinite(slope).all())


def _check_limits(net: Any, problems: Problems) -> None:  # noqa: ANN401
    """Note limits that are not numbers of 0 or more, and transfers that are not written A>B between zones."""
    zones = {str(name) for name in net.bus["zone"]} if "zone" in net.bus else set()
    for index, row in rows_of(net, "limit").iterrows():
        place = f"limit/{index}"
        if not float(row["limit_mw"]) >= 0:
            problems.add("must be a number of 0 or more", table=place, field="limit_mw", value=row["limit_mw"])
        members = str(row["members"])
        if row["kind"] == "transfer" and (members.count(">") != 1 or not set(members.split(">")) <= zones):
            problems.add("must name two zones of buses, A>B", table=place, field="members", value=members)


def _check_voltages(net: Any, problems: Problems) -> None:  # noqa: ANN401
    """Note lines whose ends differ in voltage by more than a quarter."""
    lines = in_service(rows_of(net, "line"))
    if not len(lines):
        return
    known = net.bus.index
    both = lines[lines["from_bus"].isin(known) & lines["to_bus"].isin(known)]
    start, end = (net.bus["vn_kv"].reindex(both[column]).to_numpy(dtype=float) for column in ("from_bus", "to_bus"))
    for index in both.index[~np.isclose(start, end, rtol=0.25)]:
        problems.add("joins buses of different voltage: use a transformer", table=f"line/{index}")
