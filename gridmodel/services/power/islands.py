"""Dispatch of a step under given conditions, and which islands are live in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, row_sum
from gridmodel.dispatch import Dispatched, Topology, block_loops, hold_islands, merit_loops
from gridmodel.dispatch.merit import gather
from gridmodel.services.power import kept_loops
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
    charges = takes_mw[:, system.index.charges]
    wanted, part = _split(demand_mw, charges, there.kept_share)
    held, live = _held(system, wanted, there)
    if most_mw is None:
        most = wanted
    elif part is None:
        most = np.minimum(wanted, most_mw)
    elif kept_loops.COMPILED and len(wanted) >= kept_loops.LEAST:
        kept_loops.bound(np.ascontiguousarray(most_mw), wanted, part)
        most = wanted
    else:
        part = np.minimum(part, most_mw[:, : demand_mw.shape[1]].reshape(part.shape))
        most = np.minimum(wanted, _most_of_loads(most_mw, part))
    got = system.dispatcher.solve(
        most, held, branch_share=there.branch_share,
        delivery_mw=there.delivery_mw, group_mw=there.group_mw, causes=causes,
    )  # fmt: skip
    if part is not None:
        got = _joined(got, part, demand_mw, causes=causes)
    return got, live


def _split(demand_mw: Floats, charges_mw: Floats, kept: Floats | None) -> tuple[Floats, Floats | None]:
    """Return loads, with those outside the queues apart if any are, and plants that charge, ``(member, load)``. [MW]

    The second is the part of each tier that is apart, shape ``(member, region, tier)``; None if none is. [MW]
    """
    if kept is None:
        return np.concatenate([demand_mw, charges_mw], axis=1), None
    if not kept_loops.COMPILED or len(demand_mw) < kept_loops.LEAST:
        loads, part = split_kept(demand_mw, kept)
        return np.concatenate([loads, charges_mw], axis=1), part
    after = demand_mw.shape[1] + kept.shape[1]
    wanted, part = np.empty((len(demand_mw), after + charges_mw.shape[1])), np.empty(kept.shape)
    wanted[:, after:] = charges_mw
    kept_loops.split(np.ascontiguousarray(demand_mw), np.ascontiguousarray(kept), wanted, part)
    return wanted, part


def _held(system: PowerSystem, wanted_mw: Floats, there: Conditions) -> tuple[Floats, Live]:
    """Return the most that generators can give on islands that can be held, ``(member, generator)`` [MW], and these."""
    grid, fleet = system.grid, system.fleet
    patterns = system.dispatcher.by_topology(there.branch_share)
    if len(patterns) == 1 and merit_loops.COMPILED and len(wanted_mw) >= merit_loops.LEAST:
        return _held_by_loops(system, wanted_mw, there.available_mw, patterns[0][1])
    found = []
    for rows, topology in patterns:
        held = hold_islands(
            grid, topology, demand_mw=wanted_mw[rows], available_mw=there.available_mw[rows], unit_mw=fleet.unit_mw,
            min_stable_pu=fleet.min_stable_pu, grid_forming=fleet.grid_forming, border=fleet.border,
        )  # fmt: skip
        at = topology.island[grid.generator_bus]
        alive = gather(held, at, topology.islands) > 0
        found.append((held, alive.take(topology.island[system.index.region_bus], axis=1), alive.take(at, axis=1)))
    if len(patterns) == 1:  # all members, in their order
        held, region, generator = found[0]
        return held, Live(region=region, generator=generator)
    held = np.empty(there.available_mw.shape)
    region = np.empty((len(held), grid.regions), dtype=bool)
    generator = np.empty(held.shape, dtype=bool)
    for (rows, _), some in zip(patterns, found, strict=True):
        held[rows], region[rows], generator[rows] = some
    return held, Live(region=region, generator=generator)


def _held_by_loops(
    system: PowerSystem, wanted_mw: Floats, available_mw: Floats, topology: Topology
) -> tuple[Floats, Live]:
    """Return what `_held` does where all members have the same islands."""
    grid, fleet = system.grid, system.fleet
    held, generator = np.empty(available_mw.shape), np.empty(available_mw.shape, dtype=bool)
    region = np.empty((len(held), grid.regions), dtype=bool)
    block_loops.live(
        (np.ascontiguousarray(wanted_mw), np.ascontiguousarray(available_mw)), system.dispatcher.where(topology),
        topology.island[system.index.region_bus],
        (fleet.min_stable_pu * fleet.unit_mw, fleet.grid_forming, fleet.border), (held, region, generator),
    )  # fmt: skip
    return held, Live(region=region, generator=generator)


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
    if kept_loops.COMPILED and len(served) >= kept_loops.LEAST:
        served_mw, cause_mw = np.empty((len(served), served.shape[1] - regions)), got.cause_mw[:, : demand_mw.shape[1]]
        kept_loops.join(served, part_mw, np.ascontiguousarray(demand_mw), served_mw, 1.0 - ROUNDING)
        if causes:
            cause_mw = np.empty(cause_mw.shape)
            kept_loops.join_causes(got.cause_mw, part_mw, cause_mw)
        return replace(got, served_mw=served_mw, cause_mw=cause_mw)
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
