"""What a network holds, in numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gridmodel.names import TECHNOLOGIES
from gridmodel.network.read import Network
from gridmodel.network.topology import connectivity


def describe(network: Network) -> dict[str, Any]:
    """Regions, voltage levels, capacity by technology and region, and connectivity, ready for JSON.

    Parameters
    ----------
    network
        Checked tables. [MW, people]
    """
    tables = network.tables
    regions, generators, limits = tables["regions"], tables["generators"], tables["limits"]
    levels = tables["buses"]["vn_kv"].value_counts().sort_index(ascending=False)
    imports = float(tables["interconnectors"]["p_max_mw"].sum())
    block = limits[(limits["kind"] == "group") & (limits["id"] == "import")]["limit_mw"]
    technologies = {}
    for name in TECHNOLOGIES:
        part = generators[generators["technology"] == name]
        if len(part):
            technologies[name] = _capacity(part["p_max_mw"].sum(), part["p_available_mw"].sum())
    by_region = {}
    for row in regions.to_dict("records"):
        part = generators[generators["region"] == row["id"]]
        by_region[str(row["id"])] = {
            "name": row["name_en"],
            "zone": row["zone"],
            "people": int(row["population"]),
            "need_mw": round(float(row["reference_demand_mw"]), 1),
            **_capacity(part["p_max_mw"].sum(), part["p_available_mw"].sum()),
        }
    return {
        "name": network.name,
        "regions": len(regions),
        "buses": len(tables["buses"]),
        "voltage_levels": {f"{float(str(kv)):g}": int(count) for kv, count in levels.items()},
        "national": {
            "people": int(regions["population"].sum()),
            "need_mw": round(float(regions["reference_demand_mw"].sum()), 1),
            "import_mw": round(min([imports, *block]), 1),
            **_capacity(generators["p_max_mw"].sum(), generators["p_available_mw"].sum()),
        },
        "connectivity": asdict(connectivity(network)),
        "technologies": technologies,
        "by_region": by_region,
    }


def _capacity(capacity_mw: float, available_mw: float) -> dict[str, float]:
    return {"capacity_mw": round(float(capacity_mw), 1), "available_mw": round(float(available_mw), 1)}
