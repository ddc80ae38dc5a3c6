"""Convert a network folder to a pandapower net: its power flow converges, and every pandapower plot works."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmodel.interchange.adapter.derived import mark_derived
from gridmodel.interchange.adapter.empty import empty_net
from gridmodel.network.grid import SHED_COST_EUR_PER_MWH, load_buses
from gridmodel.network.read import Network
from gridmodel.vocabulary import TIERS

if TYPE_CHECKING:
    from pandapower import pandapowerNet

REACTIVE_PER_ACTIVE = 0.05
"""Reactive over active power of loads: 0.2, three quarters of it compensated on the spot. [1] [B]"""
VOLTAGE_PU = 1.0
"""Voltage set point of generators. [1] Ours: the nominal voltage."""
LOSSES = 0.02
"""Generation reserved for losses of the lines in the base state. [1] Ours: a round allowance for AC losses."""
SYNCHRONOUS = ("nuclear", "thermal_coal", "thermal_gas", "chp", "chp_industrial", "hydro", "pumped_storage")
"""Technologies that control a bus voltage: `gen` in pandapower, the others are `sgen`. Of those that a network lists
it is each with inertia."""
PEAK_PROFILE = {"solar": 0.0, "wind": 0.3, "evening": 1.0, "reservoir": 1.0, "": 1.0}
"""Profiles at the evening peak, the time of the base state. [1]"""

EXTRA_TABLES = {
    "region": "regions", "limit": "limits", "heat_system": "heat_systems", "water_system": "water_systems",
    "profile": "profiles", "archetype": "archetypes", "technology": "technologies", "source": "sources",
}  # fmt: skip
"""Our tables that a pandapower net carries unchanged: its name for each, and ours."""
COUNTRY_TABLE = "country"
"""Table of one row with the settings of `network.toml`; lists in it are joined by semicolons."""
EXTRA_COLUMNS = {"date": "published"}
"""Columns of these tables with another name there: pandas reads a column `date` in JSON as a time."""
GENERATOR_COLUMNS = {
    "region": "region", "technology": "technology", "units": "units", "capacity_mw": "p_max_mw",
    "available_mw": "p_available_mw", "energy_mwh_per_day": "energy_mwh_per_day", "storage_mwh": "storage_mwh",
    "efficiency": "efficiency", "storage_kind": "storage_kind", "min_stable_pu": "min_stable_pu",
    "restart_h": "restart_h", "black_start": "black_start", "grid_forming": "grid_forming", "profile": "profile",
    "source": "source", "confidence": "confidence", "row": "row",
}  # fmt: skip
"""Columns of `gen` and `sgen` for what our generators have, and our names for them; `row` is their order."""
BRANCH_COLUMNS = ("region", "source", "confidence")
"""Our columns that lines and transformers keep."""
TRANSFORMER_VALUES = (
    "sn_mva", "vn_hv_kv", "vn_lv_kv", "vk_percent", "vkr_percent", "pfe_kw", "i0_percent", "max_loading_percent",
)  # fmt: skip
"""Columns of transformers that pandapower takes as they are."""
IMPORT = "import"
"""Technology of an `sgen` that represents a border."""


def to_pandapower(network: Network) -> pandapowerNet:
    """Make a pandapower net from a network folder.

    Parameters
    ----------
    network
        Checked tables.

    Returns
    -------
    pandapower.pandapowerNet
        The slack is the largest nuclear (else largest) synchronous generator, with a limit; borders are
        `sgen`, and `ext_grid` is empty.
    """
    import pandapower as pp

    net = empty_net(name=network.name, f_hz=50.0)
    bus = _add_buses(pp, net, network)
    _add_branches(pp, net, network, bus)
    served, output, imported = base_state(network)
    _add_loads(pp, net, network, bus, served)
    _add_generation(pp, net, network, bus, output=output, imported=imported)
    for name, table in EXTRA_TABLES.items():
        if table in network.tables and (table != "technologies" or len(network.tables[table])):
            net[name] = network.tables[table].rename(columns=EXTRA_COLUMNS)
    if network.about is not None:
        said = asdict(network.about)
        row = {name: ";".join(value) if isinstance(value, tuple) else value for name, value in said.items()}
        net[COUNTRY_TABLE] = pd.DataFrame([row])
    mark_derived(net)
    return net


def base_state(network: Network) -> tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the served share of the reference demand, output of generators and imports at the evening peak.

    All generators run at the same share of their available power, imports within the sum of the border capacities,
    with `LOSSES` reserved for the lines: this is a starting point for a power flow, not a dispatch.

    Returns
    -------
    tuple
        Served share [1]; output of each generator, shape ``(generator,)``; imports, shape ``(border,)``. [MW]
    """
    tables = network.tables
    generators, borders = tables["generators"], tables["interconnectors"]
    profile = generators["profile"].map(PEAK_PROFILE).fillna(1.0).to_numpy(dtype=float)
    available = np.concatenate([generators["p_available_mw"].to_numpy(dtype=float) * profile, borders["p_max_mw"]])
    ids = [*generators["id"], *borders["id"]]
    limits = tables["limits"]
    for members, limit in limits[limits["kind"] == "group"][["members", "limit_mw"]].itertuples(index=False):
        places = [ids.index(name) for name in members.split(";")]
        total = available[places].sum()
        if total > limit:
            available[places] *= limit / total
    demand = float(tables["regions"]["reference_demand_mw"].sum())
    total = float(available.sum())
    served = min(1.0, total / (1.0 + LOSSES) / demand) if demand else 1.0
    output = available * min(1.0, demand * served * (1.0 + LOSSES) / total if total else 0.0)
    return served, output[: len(generators)], output[len(generators) :]


def _add_buses(pp: Any, net: Any, network: Network) -> dict[str, int]:  # noqa: ANN401 - no types in pandapower
    buses = network.tables["buses"]
    zone = dict(zip(network.regions, network.zones, strict=True))
    index = pp.create_buses(
        net,
        len(buses),
        vn_kv=buses["vn_kv"].to_numpy(dtype=float),
        name=buses["id"].to_numpy(),
        zone=[zone.get(region) for region in buses["region"]],
        min_vm_pu=0.9,
        max_vm_pu=1.1,
        geodata=list(zip(buses["lon"], buses["lat"], strict=True)),
    )
    for column in ("region", "source", "confidence"):
        net.bus[column] = buses[column].to_numpy()
    return dict(zip(buses["id"], (int(i) for i in index), strict=True))


def _add_branches(pp: Any, net: Any, network: Network, bus: dict[str, int]) -> None:  # noqa: ANN401
    lines, transformers = network.tables["lines"], network.tables["transformers"]
    if len(lines):
        pp.create_lines_from_parameters(
            net,
            [bus[name] for name in lines["from_bus"]],
            [bus[name] for name in lines["to_bus"]],
            length_km=lines["length_km"].to_numpy(dtype=float),
            r_ohm_per_km=lines["r_ohm_per_km"].to_numpy(dtype=float),
            x_ohm_per_km=lines["x_ohm_per_km"].to_numpy(dtype=float),
            c_nf_per_km=lines["c_nf_per_km"].to_numpy(dtype=float),
            max_i_ka=lines["max_i_ka"].to_numpy(dtype=float),
            parallel=lines["parallel"].to_numpy(dtype=int),
            max_loading_percent=lines["max_loading_percent"].to_numpy(dtype=float),
            name=lines["id"].to_numpy(),
        )
    if len(transformers):
        ends = ([bus[name] for name in transformers[end]] for end in ("hv_bus", "lv_bus"))
        rated = {name: transformers[name].to_numpy(dtype=float) for name in TRANSFORMER_VALUES}
        pp.create_transformers_from_parameters(
            net, *ends, **rated, parallel=transformers["parallel"].to_numpy(dtype=int),
            name=transformers["id"].to_numpy(),
        )  # fmt: skip
    for column in BRANCH_COLUMNS:
        net.line[column] = lines[column].to_numpy()
        net.trafo[column] = transformers[column].to_numpy()
    net.line["reactor_percent"] = lines["reactor_percent"].to_numpy(dtype=float)
    _add_reactors(pp, net, lines[lines["reactor_percent"] > 0], network.tables["buses"], bus)


def _add_reactors(pp: Any, net: Any, lines: pd.DataFrame, buses: pd.DataFrame, bus: dict[str, int]) -> None:  # noqa: ANN401
    """Add half of a line's reactors at each of its ends; they take a share of what its capacitance gives."""
    if lines.empty:
        return
    vn_kv = lines["from_bus"].map(buses.set_index("id")["vn_kv"])
    farad = lines["c_nf_per_km"] * 1e-9 * lines["length_km"] * lines["parallel"]
    q_mvar = vn_kv**2 * 2 * np.pi * net.f_hz * farad * lines["reactor_percent"] / 100 / 2
    ends = [bus[name] for pair in zip(lines["from_bus"], lines["to_bus"], strict=True) for name in pair]
    pp.create_shunts(
        net, ends, q_mvar=q_mvar.to_numpy().repeat(2), name=(lines["id"] + " reactor").to_numpy().repeat(2)
    )


def _add_loads(pp: Any, net: Any, network: Network, bus: dict[str, int], served: float) -> None:  # noqa: ANN401
    regions, feeding = network.tables["regions"], load_buses(network)
    rows = [
        {"bus": bus[feeding[region.id]], "region": region.id, "tier": tier,
         "need_mw": region.reference_demand_mw * getattr(region, f"share_{tier}")}
        for region in _rows(regions)
        for tier in TIERS
    ]  # fmt: skip
    loads = pd.DataFrame(rows)
    base_mw = loads["need_mw"].to_numpy(dtype=float) * served
    pp.create_loads(
        net, loads["bus"].to_numpy(), p_mw=base_mw, q_mvar=base_mw * REACTIVE_PER_ACTIVE,
        name=(loads["region"] + "/" + loads["tier"]).to_numpy(),
    )  # fmt: skip
    for column in ("region", "tier", "need_mw"):
        net.load[column] = loads[column].to_numpy()
    net.load["shed_cost"] = loads["tier"].map(SHED_COST_EUR_PER_MWH).to_numpy()


def _add_generation(
    pp: Any,  # noqa: ANN401
    net: Any,  # noqa: ANN401
    network: Network,
    bus: dict[str, int],
    *,
    output: npt.NDArray[np.float64],
    imported: npt.NDArray[np.float64],
) -> None:
    generators = network.tables["generators"].assign(p_mw=output)
    generators["row"] = np.arange(len(generators))
    at_peak = generators["profile"].map(PEAK_PROFILE).fillna(1.0)
    generators["most_mw"] = generators["p_available_mw"] * at_peak
    synchronous = generators["technology"].isin([*SYNCHRONOUS, *_own_synchronous(network)]).to_numpy()
    machines = generators[synchronous].reset_index(drop=True)
    others = generators[~synchronous].reset_index(drop=True)
    slack = _slack(machines)
    if len(machines):
        pp.create_gens(
            net, [bus[name] for name in machines["bus"]], p_mw=machines["p_mw"].to_numpy(), vm_pu=VOLTAGE_PU,
            name=machines["id"].to_numpy(), slack=(machines["id"] == slack).to_numpy(), min_p_mw=0.0,
            max_p_mw=machines["most_mw"].to_numpy(),
        )  # fmt: skip
    borders = network.tables["interconnectors"].assign(p_mw=imported)
    static = pd.concat([others, borders.assign(most_mw=borders["p_max_mw"])], ignore_index=True)
    if len(static):
        pp.create_sgens(
            net, [bus[name] for name in static["bus"]], p_mw=static["p_mw"].to_numpy(dtype=float),
            name=static["id"].to_numpy(), type=None, min_p_mw=0.0, max_p_mw=static["most_mw"].to_numpy(dtype=float),
        )  # fmt: skip
    for column, ours in GENERATOR_COLUMNS.items():
        net.gen[column] = machines[ours].to_numpy()
        net.sgen[column] = [*others[ours], *borders.get(ours, [_AT_A_BORDER.get(ours)] * len(borders))]
    net.sgen["border"] = [*[None] * len(others), *borders["border"]]
    for element, priced in (("gen", machines), ("sgen", static)):
        if len(priced):
            cost = priced["cost_eur_per_mwh"].to_numpy(dtype=float)
            pp.create_poly_costs(net, np.arange(len(priced)), element, cp1_eur_per_mw=cost)


_AT_A_BORDER = {"region": "", "technology": IMPORT}
"""Values of an `sgen` that represents a border, in columns that interconnectors do not have."""


def _own_synchronous(network: Network) -> list[str]:
    """Return the technologies with inertia that a network lists."""
    if not network.own_technologies:
        return []
    table = network.tables["technologies"]
    return [str(name) for name in table["id"][table["inertia_s"].to_numpy(dtype=float) > 0]]


def _slack(machines: pd.DataFrame) -> str:
    """Return the id of the largest nuclear machine, else of the largest; the first of equals."""
    nuclear = machines[machines["technology"] == "nuclear"]
    candidates = nuclear if len(nuclear) else machines
    largest = candidates["most_mw"].to_numpy(dtype=float).argmax()
    return str(candidates["id"].iloc[int(largest)])


def _rows(frame: pd.DataFrame) -> list[Any]:
    """Return rows as named tuples, whose fields the type checker cannot know."""
    return list(frame.itertuples(index=False))
