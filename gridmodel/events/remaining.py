"""Shares that remain of everything that events act on, step by step and member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.events.past import Past
from gridmodel.events.repair import Repairs
from gridmodel.network import GridIndex, Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Capacity that announced events leave, those of gas aside, each of shape ``(time, member, …)``."""

    generator: Floats
    """Share of each generator and interconnector. [1]"""
    branch: Floats
    """Share of each branch's rating. [1]"""
    delivery_mw: Floats
    """Power that each region's network may pass on, infinite if unlimited. [MW]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Shares that remain, each of shape ``(time, member, …)``; the member axis is 1 if members do not differ."""

    generator: Floats
    """Capacity of each generator and interconnector, fuel included. [1]"""
    branch: Floats
    """Rating of each branch, 0 where it is out. [1]"""
    delivery_mw: Floats
    """Power that each region's network can pass on, infinite if unlimited. [MW]"""
    import_mw: Floats
    """Limit on imports, infinite if events set none, shape ``(time, member)``. [MW]"""
    import_share: Floats
    """Share of the scenario's import limit that remains, shape ``(time, member)``. [1]"""
    ties: Floats
    """Share of interconnectors that outages and strikes leave, limits aside, shape ``(time, member)``. [1]"""
    announced: Announced
    """Capacity that announced limits alone would leave, to tell them from damage."""
    heat_source: Floats
    """Capacity of heat sources, by region. [1]"""
    heat_network: Floats
    """Buildings that the heat network reaches, by region. [1]"""
    water_pumping: Floats
    """Pumping stations that work, by region. [1]"""
    chp: Floats
    """Combined heat and power that damage leaves, regardless of fuel, by region; 1 if the region has none. [1]"""
    turbines: Floats
    """Combined heat and power whose turbines work, by region; 1 if the region has none. [1]"""
    wastewater: Floats
    """Sewage lift stations that work, by region. [1]"""
    fuel: Floats
    """Gas that is available, by region. [1]"""
    gas_may_lack: bool
    """True if an event may limit gas, whatever these members draw: so that none depends on those it is run with."""
    exempt: Floats
    """Exempt consumers that stay out of the queues, by region. [1]"""
    repairs: Repairs | None = None
    """Log of the damage by strikes; None if no strike is sampled."""
    pasts: Mapping[int, Past] = field(default_factory=dict)
    """Damage before each step at which the state is to be saved."""

    def changes(self, members: int) -> npt.NDArray[np.bool_]:
        """Return where the power system differs from the step before, shape ``(time, member)``; False in the first."""
        changed = np.zeros((len(self.generator), members), dtype=bool)
        for name in ("generator", "branch", "delivery_mw", "import_mw", "import_share", "ties"):
            values = getattr(self, name)
            moved = values[1:] != values[:-1]
            changed[1:] |= moved.any(axis=-1) if moved.ndim > 2 else moved
        return changed


def chp_remaining(remaining: Floats, network: Network, index: GridIndex) -> Floats:
    """Return the share of each region's combined heat and power that remains, weighted by capacity. [1]

    Parameters
    ----------
    remaining
        Share of each generator, interconnectors after them or left out, shape ``(time, member, generator)``. [1]
    network
        Its table of generators.
    index
        Generators by position.

    Returns
    -------
    numpy.ndarray
        Shape ``(time, member, region)``; 1 where a region has none.
    """
    table = network.tables["generators"]
    plants = np.flatnonzero((table["technology"] == "chp").to_numpy())
    capacity = table["p_max_mw"].to_numpy(dtype=float)[plants]
    of_region = np.zeros((len(plants), len(network.regions)))
    of_region[np.arange(len(plants)), index.generator_region[plants]] = capacity
    whole = of_region.sum(axis=0)
    kept = np.einsum("tmg,gr->tmr", remaining[..., plants], of_region, optimize=False)
    return np.asarray(np.divide(kept, whole, out=np.ones_like(kept), where=whole > 0))
