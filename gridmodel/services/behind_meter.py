"""Batteries behind the meter: they bridge hours without the grid, and charge as load when it is back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, row_sum
from gridmodel.sampling import Settings
from gridmodel.scenario.backup_systems import SYSTEM_TABLE

NONE = 1e-6
"""Share of places up to which none has power. [1] Ours: rounding of the dispatch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batteries:
    """Batteries of systems, of shapes that broadcast to ``(member, region, system)``."""

    demand_mw: Floats
    """Power that each system needs. [MW]"""
    full_mwh: Floats
    """Energy of full batteries. [MWh]"""
    charge_h: Floats
    """Time in which the grid charges them from empty. [h]"""
    efficiency: Floats
    """Energy given back per energy taken. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """Batteries after a step, each array of shape ``(member, region, system)``."""

    energy_mwh: Floats
    """Energy at its end. [MWh]"""
    share: Floats
    """Share of each system that they supply. [1]"""
    wanted_mw: Floats
    """Load that charging adds in the next step. [MW]"""


def build_batteries(demand_mw: Floats, settings: Settings) -> Batteries | None:
    """Return the batteries of a run; None if no system has any.

    Parameters
    ----------
    demand_mw
        Power that each system needs, shape ``(…, region, system)``. [MW]
    settings
        With `battery_charge_h`, `battery_efficiency`, and ``<system>_battery_h`` of each system.
    """
    names = [f"{system.name}_battery_h" for system in SYSTEM_TABLE]
    hours = settings.together(names)
    if not hours.any():
        return None
    hours = hours[:, None, :] if hours.ndim > 1 else hours
    return Batteries(
        demand_mw=demand_mw, full_mwh=hours * demand_mw, charge_h=settings.of("battery_charge_h", 2),
        efficiency=settings.of("battery_efficiency", 2),
    )  # fmt: skip


def step_batteries(batteries: Batteries, before: Charged, power: Floats, *, step_h: float) -> Charged:
    """Bridge what the grid does not supply, and charge from it where it does.

    Parameters
    ----------
    batteries
        Batteries.
    before
        Energy, and the load of charging that the grid was asked for, after the step before.
    power
        Share of each system that the grid supplies, shape ``(member, region, system)``. [1]
    step_h
        Length of the step. [h]

    Notes
    -----
    The share that they supply is ``min(1 − power, energy / (demand Δt))``; of the load that was asked for, the grid
    supplies the same share as of the system. What is asked for next is ``min((full − energy) / (η Δt),
    full / (η charge_h))``, and nothing where no place has power: like all demand it is that of all places, and those
    that are on get it.
    """
    lasts = np.divide(
        before.energy_mwh, batteries.demand_mw * step_h, out=np.zeros_like(before.energy_mwh),
        where=np.broadcast_to(batteries.demand_mw > 0, before.energy_mwh.shape),
    )  # fmt: skip
    share = np.maximum(np.minimum(1.0 - power, lasts), 0.0)
    taken = batteries.efficiency * before.wanted_mw * power
    energy = before.energy_mwh + (taken - share * batteries.demand_mw) * step_h
    energy = np.clip(energy, 0.0, batteries.full_mwh)
    room = (batteries.full_mwh - energy) / step_h
    wanted = (power > NONE) * np.minimum(room, batteries.full_mwh / batteries.charge_h) / batteries.efficiency
    return Charged(energy_mwh=energy, share=share, wanted_mw=wanted)


def full_batteries(batteries: Batteries, shape: tuple[int, ...]) -> Charged:
    """Return full batteries before the first step, for a shape ``(member, region, system)``."""
    energy = np.broadcast_to(batteries.full_mwh, shape).copy()
    return Charged(energy_mwh=energy, share=np.zeros(shape), wanted_mw=np.zeros(shape))


def load_by_tier(wanted_mw: Floats) -> tuple[Floats, Floats]:
    """Return the load of charging among critical consumers, and among homes, each ``(member, region)``. [MW]

    Systems that hang on the feeders of homes charge there.
    """
    homes = np.array([system.grid == "home_power_share" for system in SYSTEM_TABLE])
    return row_sum(wanted_mw[..., ~homes]), row_sum(wanted_mw[..., homes])
