"""Generators and interconnectors as arrays: what a plant can do beside its megawatts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.network.read import Network

EFFICIENCY = {"battery": 0.88, "pumped_storage": 0.75}
"""Energy given back per energy taken, where a table does not say. [1] [B]"""
INERTIA_S = {
    "nuclear": 5.0, "thermal_coal": 4.0, "thermal_gas": 4.0, "chp": 4.0, "chp_industrial": 3.0, "gas_engine": 1.0,
    "hydro": 3.0, "pumped_storage": 3.0, "bioenergy": 3.0, "solar": 0.0, "wind": 0.0, "battery": 0.0,
}  # fmt: skip
"""Inertia constant on the rating of what runs. [s] [B] Textbook ranges (Kundur 1994, section 3.9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Every generator, then every interconnector, each array of shape ``(generator,)``."""

    border: Bools
    """Which are interconnectors."""
    unit_mw: Floats
    """Size of one unit, 0 at a border. [MW]"""
    p_max_mw: Floats
    """Capacity. [MW]"""
    min_stable_pu: Floats
    """Lowest stable output of a unit. [1]"""
    grid_forming: Bools
    """Which can hold an island."""
    black_start: Bools
    """Which can start a dead island."""
    restart_h: Floats
    """Time to come back after a trip. [h]"""
    inertia_s: Floats
    """Inertia constant. [s]"""
    day_mwh: Floats
    """Energy that it has at the start of a day, infinite where energy is no limit. [MWh]"""
    charges: Bools
    """Which take their energy from the grid: pumped storage and batteries."""
    efficiency: Floats
    """Energy given back per energy taken. [1]"""

    @property
    def limited(self) -> Ints:
        """Positions of plant whose energy is limited."""
        return np.flatnonzero(np.isfinite(self.day_mwh))


def build_fleet(network: Network) -> Fleet:
    """Plant of a network.

    Notes
    -----
    Energy of a day is the lower of `energy_mwh_per_day` and `storage_mwh`. What has `storage_mwh` and is no hydro
    reservoir takes its energy from the grid.
    """
    table = network.tables["generators"]
    borders = network.tables["interconnectors"]
    none = np.zeros(len(borders))

    def column(name: str, empty: float = 0.0) -> Floats:
        return np.asarray(np.nan_to_num(table[name].to_numpy(dtype=float), nan=empty))

    technology = table["technology"]
    storage = column("storage_mwh", np.inf)
    given = table["efficiency"].to_numpy(dtype=float)
    usual = technology.map(EFFICIENCY).fillna(1.0).to_numpy(dtype=float)
    no = np.zeros(len(borders), dtype=bool)
    return Fleet(
        border=np.append(np.zeros(len(table), dtype=bool), np.ones(len(borders), dtype=bool)),
        unit_mw=np.append(column("p_max_mw") / column("units", 1.0), none),
        p_max_mw=np.append(column("p_max_mw"), borders["p_max_mw"].to_numpy(dtype=float)),
        min_stable_pu=np.append(column("min_stable_pu"), none),
        grid_forming=np.append(table["grid_forming"].to_numpy(dtype=bool), no),
        black_start=np.append(table["black_start"].to_numpy(dtype=bool), no),
        restart_h=np.append(column("restart_h"), none),
        inertia_s=np.append(technology.map(INERTIA_S).to_numpy(dtype=float), none),
        day_mwh=np.append(np.minimum(column("energy_mwh_per_day", np.inf), storage), none + np.inf),
        charges=np.append(np.isfinite(storage) & (technology != "hydro").to_numpy(), no),
        efficiency=np.append(np.where(np.isnan(given) | (given <= 0), usual, given), none + 1.0),
    )
