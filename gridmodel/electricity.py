"""One step of electricity: what is needed, what is there, who is served, and what that means for plant and homes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.demand import cold_demand_mw, demand_mw
from gridmodel.names import TIERS
from gridmodel.prepare import Plan
from gridmodel.supply import Dispatched, hold_islands
from gridmodel.supply.merit import gather, ratio

Floats = npt.NDArray[np.float64]

CRITICAL, HOUSEHOLD = TIERS.index("critical"), TIERS.index("household")


def need_of(plan: Plan, now: int) -> Floats:
    """Demand of each load, shape ``(member, load)``. [MW]"""
    regions = plan.network.tables["regions"]
    column = {name: regions[name].to_numpy(dtype=float) for name in
              ("reference_demand_mw", "reference_temperature_c", "heating_slope_mw_per_k")}  # fmt: skip
    slope = column["heating_slope_mw_per_k"]
    if "temperature_slope" in plan.numbers and slope.sum() > 0:
        slope = slope * (1000.0 * plan.numbers["temperature_slope"] / slope.sum())
    cold = cold_demand_mw(
        plan.cold_degrees_c[now], column["reference_temperature_c"], slope,
        factor=plan.numbers.of("temperature_slope_factor", 0), threshold_c=plan.numbers["heating_threshold_c"],
    )  # fmt: skip
    shares = regions[[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float)
    need = demand_mw(column["reference_demand_mw"], shares, float(plan.shape[now]), cold_mw=cold)
    return np.ascontiguousarray(need).reshape(len(need), -1)


def serve(plan: Plan, now: int, need: Floats) -> tuple[Dispatched, npt.NDArray[np.bool_]]:
    """Serve the step's demand with what damage leaves; also whether each region's bus is live, ``(member, region)``."""
    time, members = plan.timeline, len(need)
    grid = plan.dispatcher.grid
    available = np.broadcast_to(plan.available_mw[now] * time.generator[now], (members, len(plan.labels.generators)))
    branch = np.broadcast_to(time.branch[now], (members, len(plan.labels.branches)))
    table = plan.network.tables["generators"]
    borders = len(plan.labels.generators) - len(table)
    groups = _group_limits(plan, now, members)
    place = plan.labels.import_group
    if place >= 0:  # a border that may pass nothing holds no island
        available = np.where((plan.labels.technology < 0) & (groups[:, [place]] <= 0), 0.0, available)
    held = np.empty(available.shape)
    live = np.empty((members, grid.regions), dtype=bool)
    load_bus = grid.load_bus[:: len(TIERS)]
    for rows, topology in plan.dispatcher.by_topology(branch):
        held[rows] = hold_islands(
            grid, topology, need_mw=need[rows], available_mw=available[rows],
            unit_mw=np.append((table["p_max_mw"] / table["units"]).to_numpy(dtype=float), np.zeros(borders)),
            min_stable_pu=np.append(table["min_stable_pu"].to_numpy(dtype=float), np.zeros(borders)),
            grid_forming=np.append(table["grid_forming"].to_numpy(dtype=bool), np.zeros(borders, dtype=bool)),
            border=plan.labels.technology < 0,
        )  # fmt: skip
        supply = gather(held[rows], topology.island[grid.generator_bus], topology.islands)
        live[rows] = supply[:, topology.island[load_bus]] > 0
    region_need = gather(need, grid.load_region, grid.regions)
    passed_on = np.where(time.delivery[now] < 1.0, time.delivery[now] * region_need, np.inf)
    delivery = np.minimum(np.minimum(passed_on, time.delivery_mw[now]), plan.labels.delivery_mw)
    got = plan.dispatcher.solve(
        need, held, branch_share=branch, delivery_mw=np.broadcast_to(delivery, region_need.shape),
        group_mw=groups,
    )  # fmt: skip
    return got, live


def _group_limits(plan: Plan, now: int, members: int) -> Floats:
    """Limit of each group of generators, that of imports as the scenario and the events say. [MW]"""
    limits = np.array([limit for _, limit in plan.dispatcher.grid.groups])
    limits = np.broadcast_to(limits, (members, len(limits))).copy()
    place = plan.labels.import_group
    if place >= 0:
        if "import_limit_mw" in plan.numbers:
            limits[:, place] = plan.numbers.of("import_limit_mw", 0)
        borders = float(plan.network.tables["interconnectors"]["p_max_mw"].sum())
        limit = np.minimum(np.minimum(limits[:, place], borders), plan.timeline.import_mw[now])
        limits[:, place] = limit * plan.timeline.import_share[now]
    return limits


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerShares:
    """Shares that have power, each of shape ``(member, region)``."""

    homes: Floats
    plant: Floats


def power_shares(plan: Plan, need: Floats, power: Dispatched, live: npt.NDArray[np.bool_]) -> PowerShares:
    """Homes and heat and water plant that have power.

    Plant is critical, but a share of it hangs on feeders that are cut with the homes around it. A tier that needs
    nothing fares as its region does, and a region that needs nothing has power if its bus is live.
    """
    shape = (len(need), plan.dispatcher.grid.regions, len(TIERS))
    needed, served = need.reshape(shape), power.served_mw.reshape(shape)
    whole = needed.sum(axis=-1)
    region = np.where(whole > 0, ratio(served.sum(axis=-1), whole), live)
    share = np.where(needed > 0, ratio(served, needed), region[..., None])
    cut = plan.numbers["critical_on_cut_feeders"]
    homes = share[..., HOUSEHOLD]
    return PowerShares(
        homes=homes, plant=(1.0 - cut) * share[..., CRITICAL] + cut * np.minimum(homes, share[..., CRITICAL])
    )
