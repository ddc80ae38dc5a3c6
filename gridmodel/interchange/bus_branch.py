"""Buses and branches in per unit, as MATPOWER and PyPSA have them, and their conversion to pandapower's tables.

A branch is a π: series impedance, shunt admittance halved at its ends, an ideal transformer at its first bus.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.network.plain import PlainNet


@dataclass(frozen=True, slots=True, kw_only=True)
class BusBranch:
    """A network of buses and branches. Powers in MW and Mvar, impedances per unit on `base_mva`."""

    name: str
    base_mva: float
    f_hz: float
    buses: pd.DataFrame
    """name, vn_kv, zone, in_service, gs_mw, bs_mvar (at 1 pu), min_vm_pu, max_vm_pu, and region, lat, lon where
    known."""
    branches: pd.DataFrame
    """name, from_bus, to_bus (positions), r_pu, x_pu, g_pu, b_pu, tap, shift_degree, rate_mva, in_service, line."""
    sources: pd.DataFrame
    """name, bus, kind (gen, sgen or ext_grid), p_mw, q_mvar, vm_pu, va_degree, limits, in_service, technology, and
    need_mw, what one that withdraws would take."""
    loads: pd.DataFrame
    """name, bus, p_mw, q_mvar, in_service."""
    costs: pd.DataFrame = field(default_factory=pd.DataFrame)
    """source (position), cp0_eur, cp1_eur_per_mw, cp2_eur_per_mw2."""
    pieces: pd.DataFrame = field(default_factory=pd.DataFrame)
    """source (position), points: areas from, to and slope of piecewise linear costs."""
    links: pd.DataFrame = field(default_factory=pd.DataFrame)
    """name, from_bus, to_bus (positions), arrives, min_p_mw, max_p_mw, cost_eur_per_mw, in_service."""
    direct: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Direct-current lines, in the columns of pandapower's table `dcline`."""
    lines: dict[str, list[int]] = field(default_factory=dict)
    """Line of the file for each row of buses, branches, sources and loads; empty if the format has no lines."""


def to_plain(net: BusBranch, *, shown: str, path: Path | None) -> PlainNet:
    """Return pandapower's tables for buses and branches, with the same power flow.

    Notes
    -----
    A branch without tap and shift between buses of one voltage is a line, any other a transformer: its series
    impedance becomes the short-circuit voltage, and its charging two shunts, one at either end, which is what a π is.
    pandapower puts the ideal transformer at the side of the higher voltage; if the file has it at the lower one, ratio
    and shift are inverted and the impedance is converted.
    """
    buses = net.buses
    tables: dict[str, pd.DataFrame] = {
        "bus": pd.DataFrame({
            "name": buses["name"].to_numpy(), "vn_kv": buses["vn_kv"].to_numpy(dtype=float), "type": "b",
            "zone": buses["zone"].to_numpy(), "in_service": buses["in_service"].to_numpy(dtype=bool),
            "min_vm_pu": buses["min_vm_pu"].to_numpy(dtype=float),
                "max_vm_pu": buses["max_vm_pu"].to_numpy(dtype=float),
        })
    }  # fmt: skip
    if "region" in buses and (buses["region"] != "").any():
        tables["bus"]["region"] = buses["region"].to_numpy()
    if "area" in buses and len(set(buses["area"])) > 1:
        tables["bus"]["area"] = buses["area"].to_numpy()
    if "lat" in buses:
        tables["bus"]["geo"] = [_point(lon, lat) for lon, lat in zip(buses["lon"], buses["lat"], strict=True)]
    is_line = _is_line(net)
    tables["line"] = _line_table(net, is_line)
    tables["trafo"], charging = _trafo_table(net, ~is_line)
    tables["shunt"] = _shunts(net, charging)
    tables |= _source_tables(net)
    tables["load"] = net.loads.assign(scaling=1.0).reset_index(drop=True)
    tables["link"] = net.links
    tables["dcline"] = net.direct
    lines = _lines(net, is_line)
    return PlainNet(
        name=net.name, shown=shown, path=path, f_hz=net.f_hz, sn_mva=net.base_mva,
        tables={name: table for name, table in tables.items() if len(table)},
        lines=lines, labels=dict.fromkeys(lines, shown),
    )  # fmt: skip


def connected_parts(branches: pd.DataFrame, buses: int) -> npt.NDArray[np.intp]:
    """Return the number of the part of each bus that branches in service join, shape ``(bus,)``."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    on = branches["in_service"].to_numpy(dtype=bool)
    ends = branches[["from_bus", "to_bus"]].to_numpy(dtype=np.intp)[on]
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(buses, buses))
    _, part = connected_components(graph, directed=False)
    return np.asarray(part, dtype=np.intp)


def with_slack(sources: pd.DataFrame, branches: pd.DataFrame, buses: int) -> pd.DataFrame:
    """Return sources with one reference per connected part: the marked one, else the first, as in PyPSA.

    One that withdraws is none: a reference gives whatever is missing, and its own demand would be lost.
    """
    part = connected_parts(branches, buses)
    kinds = sources["kind"].to_numpy(dtype=object).copy()
    gives = ~((sources["p_mw"].astype(float) < 0) & (sources["max_p_mw"].astype(float) <= 0)).to_numpy(dtype=bool)
    active = sources["in_service"].to_numpy(dtype=bool) & gives
    kinds[~gives & (kinds == "ext_grid")] = "gen"
    home = part[sources["bus"].to_numpy(dtype=np.intp)]
    for island in np.unique(home):
        here = np.flatnonzero((home == island) & active)
        marked = [place for place in here if kinds[place] == "ext_grid"]
        chosen = marked[0] if marked else (here[0] if len(here) else None)
        for place in marked[1:]:
            kinds[place] = "gen"
        if chosen is not None:
            kinds[chosen] = "ext_grid"
    return sources.assign(kind=kinds)


def _point(lon: float, lat: float) -> str | None:
    known = np.isfinite(lon) and np.isfinite(lat)
    return f'{{"coordinates": [{float(lon)!r}, {float(lat)!r}], "type": "Point"}}' if known else None


def _ends(net: BusBranch) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return (
        net.branches["from_bus"].to_numpy(dtype=np.intp),
        net.branches["to_bus"].to_numpy(dtype=np.intp),
    )


def _is_line(net: BusBranch) -> npt.NDArray[np.bool_]:
    kv = net.buses["vn_kv"].to_numpy(dtype=float)
    start, end = _ends(net)
    plain = (net.branches["tap"].to_numpy(dtype=float) == 1.0) & (
        net.branches["shift_degree"].to_numpy(dtype=float) == 0.0
    )
    return np.asarray(plain & (kv[start] == kv[end]) & net.branches["line"].to_numpy(dtype=bool))


def _line_table(net: BusBranch, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    rows = net.branches[chosen]
    kv = net.buses["vn_kv"].to_numpy(dtype=float)[rows["from_bus"].to_numpy(dtype=np.intp)]
    ohm = kv**2 / net.base_mva
    limited = rows["rate_mva"].to_numpy(dtype=float) > 0
    return pd.DataFrame({
        "name": rows["name"].to_numpy(), "from_bus": rows["from_bus"].to_numpy(dtype=np.int64),
        "to_bus": rows["to_bus"].to_numpy(dtype=np.int64), "length_km": 1.0,
        "r_ohm_per_km": rows["r_pu"].to_numpy(dtype=float) * ohm,
            "x_ohm_per_km": rows["x_pu"].to_numpy(dtype=float) * ohm,
        "c_nf_per_km": rows["b_pu"].to_numpy(dtype=float) / ohm / (2e-9 * np.pi * net.f_hz),
            "g_us_per_km": rows["g_pu"].to_numpy(dtype=float) / ohm * 1e6,
        "max_i_ka": np.where(limited, rows["rate_mva"].to_numpy(dtype=float) / (np.sqrt(3) * kv), np.nan), "df": 1.0,
        "parallel": 1, "in_service": rows["in_service"].to_numpy(dtype=bool),
        "max_loading_percent": np.where(limited, 100.0, np.nan),
    })  # fmt: skip


def _trafo_table(net: BusBranch, chosen: npt.NDArray[np.bool_]) -> tuple[pd.DataFrame, list[_Shunt]]:
    """Return transformers, and the shunts at their ends."""
    rows = net.branches[chosen]
    kv = net.buses["vn_kv"].to_numpy(dtype=float)
    start, end = rows["from_bus"].to_numpy(dtype=np.int64), rows["to_bus"].to_numpy(dtype=np.int64)
    turned = kv[start] < kv[end]
    hv, lv = np.where(turned, end, start), np.where(turned, start, end)
    tap = rows["tap"].to_numpy(dtype=float)
    r, x, g, b = (rows[name].to_numpy(dtype=float) for name in ("r_pu", "x_pu", "g_pu", "b_pu"))
    scale = np.where(turned, tap**2, 1.0)
    ratio = np.where(turned, 1.0 / tap, tap)
    z = np.hypot(r, x) * np.where(x < 0, -1.0, 1.0)
    limited = rows["rate_mva"].to_numpy(dtype=float) > 0
    rating = np.where(limited, rows["rate_mva"].to_numpy(dtype=float), net.base_mva)
    percent = 100.0 * rating / net.base_mva * scale
    table = pd.DataFrame({
        "name": rows["name"].to_numpy(), "hv_bus": hv, "lv_bus": lv, "sn_mva": rating, "vn_hv_kv": kv[hv] * ratio,
        "vn_lv_kv": kv[lv], "vk_percent": z * percent, "vkr_percent": r * percent,
        "pfe_kw": 0.0, "i0_percent": 0.0,
        "shift_degree": rows["shift_degree"].to_numpy(dtype=float) * np.where(turned, -1.0, 1.0),
        "parallel": 1, "df": 1.0, "in_service": rows["in_service"].to_numpy(dtype=bool),
        "max_loading_percent": np.where(limited, 100.0, np.nan),
    })  # fmt: skip
    half = net.base_mva / 2
    on = rows["in_service"].to_numpy(dtype=bool)
    shunts = [
        (int(bus), float(p), -float(q), f"{name} charging", bool(state))
        for ends, share in ((start, 1.0 / tap**2), (end, np.ones(len(tap))))
        for bus, p, q, name, state in zip(ends, g * half * share, b * half * share, rows["name"], on, strict=True)
        if p != 0 or q != 0
    ]
    return table, shunts


_Shunt = tuple[int, float, float, str, bool]
"""Bus, MW and Mvar drawn at 1 pu, name, True where in service."""


def _shunts(net: BusBranch, charging: list[_Shunt]) -> pd.DataFrame:
    kv = net.buses["vn_kv"].to_numpy(dtype=float)
    p, q = net.buses["gs_mw"].to_numpy(dtype=float), net.buses["bs_mvar"].to_numpy(dtype=float)
    own = [(int(n), p[n], -q[n], str(net.buses["name"].iloc[n]), True) for n in np.flatnonzero((p != 0) | (q != 0))]
    table = pd.DataFrame([*own, *charging], columns=["bus", "p_mw", "q_mvar", "name", "in_service"])
    return table.assign(vn_kv=kv[table["bus"].to_numpy(dtype=np.intp)], step=1, max_step=1)


_LIMITS = ("min_p_mw", "max_p_mw", "min_q_mvar", "max_q_mvar")


def _source_tables(net: BusBranch) -> dict[str, pd.DataFrame]:
    """Return `gen`, `sgen`, `ext_grid`, and their costs."""
    found: dict[str, pd.DataFrame] = {}
    parts, stepped = [], []
    for kind, columns in (
        ("ext_grid", ("name", "bus", "vm_pu", "va_degree", "in_service", *_LIMITS)),
        ("gen", ("name", "bus", "p_mw", "vm_pu", "in_service", *_LIMITS)),
        ("sgen", ("name", "bus", "p_mw", "q_mvar", "in_service", *_LIMITS)),
    ):
        positions = np.flatnonzero((net.sources["kind"] == kind).to_numpy())
        rows = net.sources.iloc[positions]
        extra = [name for name in ("technology", "need_mw") if name in rows and rows[name].notna().any()]
        table = rows[[*columns, *extra]].reset_index(drop=True)
        found[kind] = table if kind == "ext_grid" else table.assign(scaling=1.0)
        if len(net.costs):
            cost = net.costs[net.costs["source"].isin(positions)]
            element = np.searchsorted(positions, cost["source"].to_numpy(dtype=np.intp))
            parts.append(cost.drop(columns="source").assign(element=element, et=kind))
        if len(net.pieces):
            steps = net.pieces[net.pieces["source"].isin(positions)]
            element = np.searchsorted(positions, steps["source"].to_numpy(dtype=np.intp))
            stepped.append(steps.drop(columns="source").assign(element=element, et=kind, power_type="p"))
    if parts:
        found["poly_cost"] = pd.concat(parts, ignore_index=True)
    if stepped:
        found["pwl_cost"] = pd.concat(stepped, ignore_index=True)
    return found


def _lines(net: BusBranch, is_line: npt.NDArray[np.bool_]) -> dict[str, list[int]]:
    """Return lines of the file, by pandapower's tables."""
    found: dict[str, list[int]] = {}

    def pick(name: str, table: str, chosen: Any) -> None:  # noqa: ANN401 - any index of an array
        if name in net.lines:
            found[table] = [int(line) for line in np.asarray(net.lines[name])[chosen]]

    pick("buses", "bus", slice(None))
    pick("branches", "line", is_line)
    pick("branches", "trafo", ~is_line)
    pick("loads", "load", slice(None))
    pick("direct", "dcline", slice(None))
    for kind in ("gen", "sgen", "ext_grid"):
        pick("sources", kind, (net.sources["kind"] == kind).to_numpy())
    return found
