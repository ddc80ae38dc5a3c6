"""Writers of PyPSA networks, as a folder of CSV or as NetCDF, with every digit.

Attributes and units are those of the PyPSA documentation, "Components"; the model of branches that of "Power flow".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.arrays import Floats
from gridmodel.interchange.bus_branch import BusBranch, connected_parts, with_slack
from gridmodel.interchange.names import distinct
from gridmodel.interchange.writers.pandapower import write_csv

Tables = dict[str, pd.DataFrame]

SNAPSHOT = "now"
"""PyPSA's name for a single snapshot."""


def pypsa_tables(net: BusBranch) -> Tables:
    """Return components with their attributes, indexed by name; those without rows are left out.

    Parameters
    ----------
    net
        Buses and branches of a pandapower net.

    Notes
    -----
    PyPSA has no buses out of service: they are left out, with what is connected to them. A direct-current link is a
    `Link` for its power, with a generator of 0 MW at either end that holds the voltage there. `s_nom` is the thermal
    rating, `s_max_pu` the limit over it, infinite without a limit. `p_set` of a reference is what its part lacks
    without losses: since version 1.0, PyPSA's `optimize` holds every generator at its `p_set`.
    """
    live = net.buses["in_service"].to_numpy(dtype=bool)
    names = np.array(distinct(net.buses["name"]), dtype=object)
    branches = net.branches[live[_ints(net.branches["from_bus"])] & live[_ints(net.branches["to_bus"])]]
    ac_line = _is_line(net, branches)
    sources = net.sources.assign(cost=0.0, cost2=0.0)
    if len(net.costs):
        at = _ints(net.costs["source"])
        sources.loc[at, "cost"] = net.costs["cp1_eur_per_mw"].to_numpy(dtype=float)
        sources.loc[at, "cost2"] = net.costs["cp2_eur_per_mw2"].to_numpy(dtype=float)
    sources = sources[live[_ints(sources["bus"])]].reset_index(drop=True)
    sources = with_slack(sources, branches, len(net.buses))
    linked = _links(sources, names)
    loads = net.loads[live[_ints(net.loads["bus"])]]
    sources = _balanced(sources, loads, connected_parts(branches, len(net.buses)))
    sources.loc[(sources["link"] >= 0).to_numpy(), ["p_mw", "min_p_mw", "max_p_mw"]] = 0.0
    tables = {
        "carriers": _carriers(sources), "buses": _buses(net, sources, names)[live],
        "lines": _lines(net, branches[ac_line], names), "transformers": _transformers(net, branches[~ac_line], names),
        "links": linked, "generators": _generators(sources, names), "loads": _loads(loads, names),
        "shunt_impedances": _shunts(net, names, live),
    }  # fmt: skip
    return {name: table for name, table in tables.items() if len(table)}


def write_folder(net: BusBranch, path: Path, *, name: str) -> None:
    """Write CSV files into an existing, empty folder."""
    tables = pypsa_tables(net)
    for table, frame in tables.items():
        rows = [[label, *row] for label, row in zip(frame.index, frame.itertuples(index=False), strict=True)]
        write_csv(path / f"{table}.csv", [["name", *frame.columns], *rows])
    write_csv(path / "network.csv", [["name", *_META], [net.name or name, *_META.values()]])
    write_csv(path / "snapshots.csv", [["snapshot", *_WEIGHTS], [SNAPSHOT, *([1.0] * len(_WEIGHTS))]])


def write_netcdf(net: BusBranch, path: Path, *, name: str) -> None:
    """Write a NetCDF file."""
    import xarray as xr

    data: dict[str, Any] = {}
    coords: dict[str, Any] = {"snapshots": np.array([SNAPSHOT], dtype=object)}
    for table, frame in pypsa_tables(net).items():
        dim = f"{table}_i"
        coords[dim] = frame.index.to_numpy(dtype=object)
        data |= {f"{table}_{column}": (dim, frame[column].to_numpy()) for column in frame.columns}
    data |= {f"snapshots_{weight}": ("snapshots", np.ones(1)) for weight in _WEIGHTS}
    attributes = {"network_name": net.name or name, **{f"network_{key}": value for key, value in _META.items()}}
    flags = {key: {"dtype": "int8"} for key, (_, values) in data.items() if values.dtype == bool}
    whole = xr.Dataset({key: (dim, values.astype("int8") if key in flags else values)
                        for key, (dim, values) in data.items()}, coords, attributes)  # fmt: skip
    whole.to_netcdf(path, engine="netcdf4", format="NETCDF4")


_META = {"pypsa_version": "1.0.0"}
"""Version of PyPSA whose attributes are written."""
_WEIGHTS = ("objective", "stores", "generators")
"""Weights of a snapshot."""


def _ints(values: pd.Series) -> npt.NDArray[np.intp]:
    return np.asarray(values.to_numpy(dtype=np.intp))


def _balanced(sources: pd.DataFrame, loads: pd.DataFrame, part: npt.NDArray[np.intp]) -> pd.DataFrame:
    """Return sources whose references give what the demand of their part is above what others give there."""
    on = sources["in_service"].to_numpy(dtype=bool)
    reference = on & (sources["kind"] == "ext_grid").to_numpy() & (sources["link"] < 0).to_numpy()
    home, fed = part[_ints(sources["bus"])], sources["p_mw"].fillna(0.0).to_numpy(dtype=float)
    drawn = loads["p_mw"].to_numpy(dtype=float) * loads["in_service"].to_numpy(dtype=bool)
    need = np.bincount(part[_ints(loads["bus"])], weights=drawn, minlength=len(part))
    given = np.bincount(home, weights=fed * (on & ~reference), minlength=len(part))
    return sources.assign(p_mw=np.where(reference, (need - given)[home], fed))


def _is_line(net: BusBranch, branches: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which branches are lines: those without a tap, a phase shift or a change of voltage."""
    kv = net.buses["vn_kv"].to_numpy(dtype=float)
    same = kv[_ints(branches["from_bus"])] == kv[_ints(branches["to_bus"])]
    plain = (branches["line"] & (branches["tap"] == 1.0) & (branches["shift_degree"] == 0.0)).to_numpy(dtype=bool)
    return np.asarray(plain & same)


def _table(names: list[str], columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(names, name="name", dtype=object))


def _carriers(sources: pd.DataFrame) -> pd.DataFrame:
    found = ["AC", *(["DC"] if (sources["link"] >= 0).any() else [])]
    found += sorted({str(name) for name in sources["technology"].dropna() if str(name)} - set(found))
    return _table(found, {"nice_name": found})


def _buses(net: BusBranch, sources: pd.DataFrame, names: npt.NDArray[Any]) -> pd.DataFrame:
    buses, volts = net.buses, np.ones(len(net.buses))
    holds = sources[sources["in_service"].to_numpy(dtype=bool) & (sources["kind"] != "sgen").to_numpy()]
    volts[_ints(holds["bus"])] = holds["vm_pu"].to_numpy(dtype=float)
    return _table(list(names), {
        "v_nom": buses["vn_kv"].to_numpy(dtype=float), "carrier": "AC", "x": buses["lon"].fillna(0.0).to_numpy(float),
        "y": buses["lat"].fillna(0.0).to_numpy(float), "v_mag_pu_set": volts,
        "v_mag_pu_min": buses["min_vm_pu"].to_numpy(float), "v_mag_pu_max": buses["max_vm_pu"].to_numpy(float),
        "zone": buses["zone"].to_numpy(object), "region": buses["region"].to_numpy(object),
    })  # fmt: skip


def _ends(branches: pd.DataFrame, names: npt.NDArray[Any]) -> dict[str, Any]:
    return {"bus0": names[_ints(branches["from_bus"])], "bus1": names[_ints(branches["to_bus"])]}


def _lines(net: BusBranch, lines: pd.DataFrame, names: npt.NDArray[Any]) -> pd.DataFrame:
    kv = net.buses["vn_kv"].to_numpy(dtype=float)[_ints(lines["from_bus"])]
    ohm = kv**2 / net.base_mva
    r, x, g, b, thermal, limit = _columns(lines)
    rated = np.where(thermal > 0, thermal, np.where(limit > 0, limit, np.inf))
    return _table(distinct(lines["name"]), {
        **_ends(lines, names), "r": r * ohm, "x": x * ohm, "g": g / ohm, "b": b / ohm, "s_nom": rated,
        "s_max_pu": _over(limit, rated), "length": lines["length_km"].to_numpy(dtype=float), "carrier": "AC",
        "active": lines["in_service"].to_numpy(dtype=bool),
    })  # fmt: skip


def _transformers(net: BusBranch, branches: pd.DataFrame, names: npt.NDArray[Any]) -> pd.DataFrame:
    r, x, g, b, thermal, limit = _columns(branches)
    rated = np.where(thermal > 0, thermal, np.where(limit > 0, limit, net.base_mva))
    share = rated / net.base_mva
    return _table(distinct(branches["name"]), {
        **_ends(branches, names), "model": "pi", "r": r * share, "x": x * share, "g": g / share, "b": b / share,
        "s_nom": rated, "s_max_pu": _over(limit, rated), "tap_ratio": branches["tap"].to_numpy(dtype=float),
        "tap_side": np.zeros(len(branches), dtype=np.int64),
        "phase_shift": branches["shift_degree"].to_numpy(dtype=float),
        "active": branches["in_service"].to_numpy(dtype=bool),
    })  # fmt: skip


def _columns(branches: pd.DataFrame) -> list[Floats]:
    return [
        np.asarray(branches[name].to_numpy(dtype=float))
        for name in ("r_pu", "x_pu", "g_pu", "b_pu", "thermal_mva", "rate_mva")
    ]


def _over(limit: Floats, rated: Floats) -> Floats:
    """Return the limit over the rating; infinite without a limit, 1 without a rating. [1]"""
    share = np.divide(limit, rated, out=np.full(len(rated), np.inf), where=(limit > 0) & np.isfinite(rated))
    return np.where(np.isfinite(rated), share, 1.0)


def _links(sources: pd.DataFrame, names: npt.NDArray[Any]) -> pd.DataFrame:
    rows = []
    for _, ends in sources[sources["link"] >= 0].groupby("link", sort=True):
        if len(ends) < 2:  # one end is at a dead bus
            continue
        giving, taking = ends.sort_values("p_mw", kind="stable").to_dict("records")
        sent = -giving["p_mw"]
        rows.append({
            "name": str(giving["name"]).rpartition(" ")[0], "bus0": names[giving["bus"]], "bus1": names[taking["bus"]],
            "carrier": "DC", "p_set": sent, "efficiency": taking["p_mw"] / sent if sent else 1.0, "p_nom": sent,
            "active": bool(giving["in_service"]),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    return table.drop(columns="name").set_axis(distinct(table["name"]), axis="index") if rows else table


def _generators(sources: pd.DataFrame, names: npt.NDArray[Any]) -> pd.DataFrame:
    p = sources["p_mw"].to_numpy(dtype=float)
    grid = (sources["table"] == "ext_grid").to_numpy()
    most = sources["max_p_mw"].to_numpy(dtype=float)
    least = sources["min_p_mw"].to_numpy(dtype=float)
    most = np.where(np.isfinite(most), most, np.where(grid, np.inf, np.maximum(p, 0.0)))
    least = np.where(np.isfinite(least), least, np.where(grid, -np.inf, np.minimum(p, 0.0)))
    rated = np.where(most > 0, most, np.where(np.isfinite(least), np.abs(least), 0.0))
    finite = np.isfinite(rated) & (rated > 0)
    control = sources["kind"].map({"ext_grid": "Slack", "gen": "PV", "sgen": "PQ"}).to_numpy(object)
    return _table(distinct(sources["name"]), {
        "bus": names[_ints(sources["bus"])], "control": control, "p_set": p,
        "q_set": sources["q_mvar"].to_numpy(dtype=float), "p_nom": rated,
        "p_min_pu": np.divide(least, rated, out=np.where(grid, -1.0, 0.0), where=finite & np.isfinite(least)),
        "p_max_pu": np.divide(most, rated, out=np.ones(len(p)), where=finite),
        "carrier": sources["technology"].fillna("").astype(str).to_numpy(object),
        "marginal_cost": sources["cost"].to_numpy(dtype=float),
        "marginal_cost_quadratic": sources["cost2"].to_numpy(dtype=float),
        "active": sources["in_service"].to_numpy(dtype=bool),
    })  # fmt: skip


def _loads(loads: pd.DataFrame, names: npt.NDArray[Any]) -> pd.DataFrame:
    return _table(distinct(loads["name"]), {
        "bus": names[_ints(loads["bus"])], "p_set": loads["p_mw"].to_numpy(dtype=float),
        "q_set": loads["q_mvar"].to_numpy(dtype=float), "active": loads["in_service"].to_numpy(dtype=bool),
    })  # fmt: skip


def _shunts(net: BusBranch, names: npt.NDArray[Any], live: npt.NDArray[np.bool_]) -> pd.DataFrame:
    p, q = net.buses["gs_mw"].to_numpy(dtype=float), net.buses["bs_mvar"].to_numpy(dtype=float)
    kv = net.buses["vn_kv"].to_numpy(dtype=float)
    at = np.flatnonzero(((p != 0) | (q != 0)) & live)
    return _table(distinct(f"{name} shunt" for name in names[at]), {
        "bus": names[at], "g": p[at] / kv[at] ** 2, "b": q[at] / kv[at] ** 2,
    })  # fmt: skip
