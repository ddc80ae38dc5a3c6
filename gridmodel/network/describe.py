"""Facts about a network: regions, voltage levels, capacity, cover of demand, connectivity."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.network.model import NetworkTables
from gridmodel.network.plain import PlainNet
from gridmodel.network.topology import connectivity, places


def describe(network: NetworkTables | PlainNet) -> dict[str, Any]:
    """Return the facts of a network, ready for JSON: regions, voltage levels, capacity, cover of demand, connectivity.

    Parameters
    ----------
    network
        Checked tables of a network folder, or plain tables of another program.

    Returns
    -------
    dict
        Powers in MW. With `places` (bridges, articulation points, smaller parts by name) only for a user's own network.
    """
    facts = _describe_plain(network) if isinstance(network, PlainNet) else _describe_own(network)
    facts["connectivity"] = asdict(connectivity(network))
    return facts if network.bundled else facts | {"places": places(network)}


def _describe_own(network: NetworkTables) -> dict[str, Any]:
    tables = network.tables
    regions, generators, limits = tables["regions"], tables["generators"], tables["limits"]
    imports = float(tables["interconnectors"]["p_max_mw"].sum())
    block = limits[(limits["kind"] == "group") & (limits["id"] == "import")]["limit_mw"]
    passes = min([imports, *block])
    technologies = {}
    for name in network.technologies:
        part = generators[generators["technology"] == name]
        if len(part):
            technologies[name] = _capacity(part["p_max_mw"].sum(), part["p_available_mw"].sum())
    by_region = {}
    for row in regions.to_dict("records"):
        part = generators[generators["region"] == row["id"]]
        need, have = float(row["reference_demand_mw"]), float(part["p_available_mw"].sum())
        kinds = part.groupby("technology")["p_max_mw"].sum()
        by_region[str(row["id"])] = {
            "name": row["name_en"],
            "zone": row["zone"],
            "people": int(row["population"]),
            "need_mw": round(need, 1),
            **_capacity(part["p_max_mw"].sum(), have),
            "cover": _cover(have, need),
            "technologies": {name: round(float(kinds[name]), 1) for name in network.technologies if name in kinds},
        }
    need, have = float(regions["reference_demand_mw"].sum()), float(generators["p_available_mw"].sum())
    return {
        "name": network.name,
        "regions": len(regions),
        "buses": len(tables["buses"]),
        "lines": len(tables["lines"]),
        "transformers": len(tables["transformers"]),
        "voltage_levels": _levels(tables["buses"]["vn_kv"]),
        "national": {
            "people": int(regions["population"].sum()),
            "need_mw": round(need, 1),
            "import_mw": round(passes, 1),
            **_capacity(generators["p_max_mw"].sum(), have),
            "cover": _cover(have + passes, need),
        },
        "technologies": technologies,
        "by_region": by_region,
    }


def _describe_plain(net: PlainNet) -> dict[str, Any]:
    bus = net.table("bus")
    sources = sources_of(net)
    load = net.table("load")
    need_mw = needs_of(net)
    zone = _zones(net)
    here = pd.Series([zone.get(number, "") for number in load.get("bus", [])], dtype=object)
    technologies = {
        str(name): _capacity(part["capacity_mw"].sum(), part["available_mw"].sum(), _FINE) | _unlimited(part)
        for name, part in sources.groupby("technology", sort=False)
    }
    by_region = {}
    for name in sorted({*zone.values()} - {""}):
        part = sources[np.array([zone.get(number, "") == name for number in sources["bus"]], dtype=bool)]
        need = float(need_mw[(here == name).to_numpy(dtype=bool)].sum())
        by_region[name] = {
            "buses": sum(1 for value in zone.values() if value == name),
            "need_mw": round(need, _FINE),
            **_capacity(part["capacity_mw"].sum(), part["available_mw"].sum(), _FINE),
            "cover": _cover(float(part["available_mw"].sum()), need),
        } | _unlimited(part)
    total = float(need_mw.sum())
    return {
        "name": net.name or net.shown,
        "regions": len(by_region),
        "buses": len(bus),
        "lines": len(net.table("line")),
        "transformers": len(net.table("trafo")) + len(net.table("trafo3w")),
        "voltage_levels": _levels(bus["vn_kv"]),
        "national": {
            "need_mw": round(total, _FINE),
            **_capacity(sources["capacity_mw"].sum(), sources["available_mw"].sum(), _FINE),
            "cover": _cover(float(sources["available_mw"].sum()), total),
        }
        | _unlimited(sources),
        "technologies": technologies,
        "by_region": by_region,
    }


def needs_of(net: PlainNet) -> npt.NDArray[np.float64]:
    """Return the demand of each load: `need_mw` if given, else `p_mw` times `scaling`; 0 if out of service. [MW]"""
    taken_mw = net.numbers("load", "p_mw", 0.0) * net.numbers("load", "scaling", 1.0)
    given_mw = net.numbers("load", "need_mw")
    return np.asarray(np.where(np.isfinite(given_mw), given_mw, taken_mw) * net.active("load"))


def sources_of(net: PlainNet) -> pd.DataFrame:
    """Return the generators and outside grids of a net of another program.

    Returns
    -------
    pandas.DataFrame
        bus, technology (the table's name if the file gives none), capacity_mw (the limit, else what is fed in),
        available_mw (the same, 0 if out of service) and unlimited: whether it is a connection to an outside grid
        without a limit, whose capacity counts as 0.
    """
    parts = []
    for table in ("gen", "sgen", "ext_grid"):
        frame = net.table(table)
        if frame.empty:
            continue
        fed = net.numbers(table, "p_mw", 0.0) * net.numbers(table, "scaling", 1.0)
        most = net.numbers(table, "max_p_mw")
        capacity = np.where(np.isfinite(most), most, np.maximum(fed, 0.0))
        said = net.column(table, "technology" if "technology" in frame else "type", None)
        parts.append(pd.DataFrame({
            "bus": frame["bus"].to_numpy(), "capacity_mw": capacity, "available_mw": capacity * net.active(table),
            "unlimited": (table == "ext_grid") & ~np.isfinite(most) & net.active(table),
            "technology": [name if isinstance(name, str) and name else table for name in said],
        }))  # fmt: skip
    empty = pd.DataFrame({
        "bus": [], "capacity_mw": np.zeros(0), "available_mw": np.zeros(0), "unlimited": np.zeros(0, dtype=bool),
        "technology": [],
    })  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else empty


def _zones(net: PlainNet) -> dict[int, str]:
    """Return the region, else the zone, of each bus; empty if the file gives neither."""
    bus = net.table("bus")
    said = net.column("bus", "region" if "region" in bus else "zone", "")
    names = ["" if pd.isna(name) else str(name) for name in said]
    return {int(number): whole_number(name) for number, name in zip(bus.index, names, strict=True)}


def whole_number(name: str) -> str:
    """Return the name of a zone; one that is a whole number without its decimal point.

    Examples
    --------
    >>> whole_number("3.0"), whole_number("North"), whole_number("1.0.0")
    ('3', 'North', '1.0.0')
    """
    return name[:-2] if name.endswith(".0") and name[:-2].isdecimal() else name


def _levels(vn_kv: pd.Series) -> dict[str, int]:
    levels = vn_kv.astype(float).value_counts().sort_index(ascending=False)
    return {f"{float(str(kv)):g}": int(count) for kv, count in levels.items()}


_FINE = 6
"""Decimals of megawatts of a network of another program, which may be one of a village. Ours."""


def _capacity(capacity_mw: float, available_mw: float, decimals: int = 1) -> dict[str, Any]:
    return {"capacity_mw": round(float(capacity_mw), decimals), "available_mw": round(float(available_mw), decimals)}


def _unlimited(sources: pd.DataFrame) -> dict[str, Any]:
    """Return how many connections to an outside grid have no limit, so that they cover any demand; else nothing."""
    count = int(sources["unlimited"].astype(bool).sum())
    return {"unlimited_grids": count, "cover": None} if count else {}


def _cover(have_mw: float, need_mw: float) -> float | None:
    """Return the share of demand that can be covered; None without demand. [1]"""
    return round(have_mw / need_mw, 3) if need_mw > 0 else None
