"""Dispatch of a step under given conditions, and which islands are live in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, row_sum
from gridmodel.dispatch import Dispatched, hold_islands
from gridmodel.dispatch.merit import gather
from gridmodel.services.power.conditions import Conditions
from gridmodel.services.power.queues import joined_kept, kept_part, split_kept
from gridmodel.services.power.system import PowerSystem

ROUNDING = 1e-12
"""Share of a load that rounding may lack. [1] Ours: thousands of times the precision of a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Regions and generators on live islands."""

    region: Bools
    """True where the bus of a region is live, shape ``(member, region)``."""
    generator: Bools
    """True where the bus of a generator is live, shape ``(member, generator)``."""


def dispatched(
    system: PowerSystem,
    demand_mw: Floats,
    takes_mw: Floats,
    there: Conditions,
    *,
    most_mw: Floats | None = None,
    causes: bool = True,
) -> tuple[Dispatched, Live]:
    """Dispatch under given conditions, and say what is live.

    Parameters
    ----------
    system
        Power system.
    demand_mw
        Demand of each load, shape ``(member, load)``. [MW]
    takes_mw
        Most that plant with limited energy may take, shape ``(member, plant)``. [MW]
    there
        Conditions of the step.
    most_mw
        Most that each load and then each plant that charges is served, all of it by default; whether an island can be
        held follows from the demand. [MW]
    causes
        Whether to split what is not served by cause; else all causes are 0.
    """
    grid, fleet = system.grid, system.fleet
    held = np.empty(there.available_mw.shape)
    region = np.empty((len(demand_mw), grid.regions), dtype=bool)
    generator = np.empty(held.shape, dtype=bool)
    charges = takes_mw[:, system.index.charges]
    loads, part = (demand_mw, None) if there.kept_share is None else split_kept(demand_mw, there.kept_share)
    wanted = np.concatenate([loads, charges], axis=1)
    for rows, topology in system.dispatcher.by_topology(there.branch_share):
        held[rows] = hold_islands(
            grid, topology, demand_mw=wanted[rows], available_mw=there.available_mw[rows], unit_mw=fleet.unit_mw,
            min_stable_pu=fleet.min_stable_pu, grid_forming=fleet.grid_forming, border=fleet.border,
        )  # fmt: skip
        alive = gather(held[rows], topology.island[grid.generator_bus], topology.islands) > 0
        region[rows] = alive[:, topology.island[system.index.region_bus]]
        generator[rows] = alive[:, topology.island[grid.generator_bus]]
    most = wanted
    if most_mw is not None:
        by_load = most_mw
        if part is not None:
            part = np.minimum(part, most_mw[:, : demand_mw.shape[1]].reshape(part.shape))
            by_load = _most_of_loads(most_mw, part)
        most = np.minimum(wanted, by_load)
    got = system.dispatcher.solve(
        most, held, branch_share=there.branch_share,
        delivery_mw=there.delivery_mw, group_mw=there.group_mw, causes=causes,
    )  # fmt: skip
    if part is not None:
        got = _joined(got, part, demand_mw, causes=causes)
    return got, Live(region=region, generator=generator)


def _most_of_loads(most_mw: Floats, part_mw: Floats) -> Floats:
    """Return the most that loads are served where those of tiers are split; what can be cut goes first. [MW]

    Parameters
    ----------
    most_mw
        Most that loads and then plants that charge are served, shape ``(member, load + plant)``. [MW]
    part_mw
        Part of it outside the queues, shape ``(member, region, tier)``. [MW]
    """
    loads = part_mw.shape[1] * part_mw.shape[2]
    kept = part_mw.reshape(len(part_mw), loads)
    return np.concatenate([most_mw[:, :loads] - kept, row_sum(part_mw), most_mw[:, loads:]], axis=1)


def _joined(got: Dispatched, part_mw: Floats, demand_mw: Floats, *, causes: bool) -> Dispatched:
    """Return what was served by tier, with consumers outside the queues in their tiers.

    What is split and joined again is the demand but for rounding: where all of it is served, exactly the demand is.
    Causes are those of the tiers; what storage does not get to charge is nobody's loss.
    """
    _, regions, tiers = part_mw.shape
    after = regions * (tiers + 1)
    served = got.served_mw
    share = kept_part(part_mw)
    by_tier = joined_kept(served, part_mw, share)
    by_tier = np.where(by_tier >= demand_mw * (1.0 - ROUNDING), demand_mw, by_tier)
    return replace(
        got,
        served_mw=np.concatenate([by_tier, served[:, after:]], axis=1),
        cause_mw=joined_kept(got.cause_mw, part_mw, share) if causes else got.cause_mw[:, : demand_mw.shape[1]],
    )


def with_any(system: PowerSystem, branch_share: Floats, flag: Bools) -> Bools:
    """Return whether any flagged generator is on each region's island, shape ``(member, region)``."""
    grid = system.grid
    found = np.empty((len(flag), grid.regions), dtype=bool)
    for rows, topology in system.dispatcher.by_topology(branch_share):
        on = gather(flag[rows].astype(float), topology.island[grid.generator_bus], topology.islands)
        found[rows] = (on > 0)[:, topology.island[system.index.region_bus]]
    return found
