"""Dispatch of a step under given conditions, and what lives by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmodel.arrays import Bools, Floats
from gridmodel.dispatch import Dispatched, hold_islands
from gridmodel.dispatch.merit import gather
from gridmodel.services.power.conditions import Conditions

if TYPE_CHECKING:
    from gridmodel.services.power.inputs import PowerInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What is on an island that something holds."""

    region: Bools
    """Bus of each region, shape ``(member, region)``."""
    generator: Bools
    """Bus of each generator, shape ``(member, generator)``."""


def dispatched(
    plan: PowerInputs, need: Floats, takes: Floats, there: Conditions, *, most_mw: Floats | None = None
) -> tuple[Dispatched, Live]:
    """Dispatch under given conditions; also what lives.

    Parameters
    ----------
    need
        Demand of each load, shape ``(member, load)``. [MW]
    takes
        What limited plant may take, shape ``(member, plant)``. [MW]
    most_mw
        Most that each load and then each plant that charges is served, all of it by default; whether an island can be
        held goes by the need. [MW]
    """
    grid, plant = plan.dispatcher.grid, plan.plant
    held = np.empty(there.available_mw.shape)
    region = np.empty((len(need), grid.regions), dtype=bool)
    generator = np.empty(held.shape, dtype=bool)
    wanted = np.concatenate([need, takes[:, plan.index.charges]], axis=1)
    for rows, topology in plan.dispatcher.by_topology(there.branch_share):
        held[rows] = hold_islands(
            grid, topology, need_mw=wanted[rows], available_mw=there.available_mw[rows], unit_mw=plant.unit_mw,
            min_stable_pu=plant.min_stable_pu, grid_forming=plant.grid_forming, border=plant.border,
        )  # fmt: skip
        alive = gather(held[rows], topology.island[grid.generator_bus], topology.islands) > 0
        region[rows] = alive[:, topology.island[plan.index.region_bus]]
        generator[rows] = alive[:, topology.island[grid.generator_bus]]
    got = plan.dispatcher.solve(
        wanted if most_mw is None else np.minimum(wanted, most_mw), held, branch_share=there.branch_share,
        delivery_mw=there.delivery_mw, group_mw=there.group_mw,
    )  # fmt: skip
    return got, Live(region=region, generator=generator)


def with_any(plan: PowerInputs, branch_share: Floats, flag: Bools) -> Bools:
    """Whether any flagged generator is on each region's island, shape ``(member, region)``."""
    found = np.empty((len(flag), plan.dispatcher.grid.regions), dtype=bool)
    for rows, topology in plan.dispatcher.by_topology(branch_share):
        on = gather(flag[rows].astype(float), topology.island[plan.dispatcher.grid.generator_bus], topology.islands)
        found[rows] = (on > 0)[:, topology.island[plan.index.region_bus]]
    return found
