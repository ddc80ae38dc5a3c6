"""Generators and interconnectors as arrays: unit size, restart, inertia, storage."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.network.read import Network
from gridmodel.network.schema import TABLES

EFFICIENCY = {"battery": 0.88, "pumped_storage": 0.75}
"""Round-trip efficiency of storage if a table does not give it. [1] [B]"""
INERTIA_S = {
    "nuclear": 5.0, "thermal_coal": 4.0, "thermal_gas": 4.0, "chp": 4.0, "chp_industrial": 3.0, "gas_engine": 1.0,
    "hydro": 3.0, "pumped_storage": 3.0, "bioenergy": 3.0, "solar": 0.0, "wind": 0.0, "battery": 0.0,
}  # fmt: skip
"""Inertia constant on the rating of the units that run. [s] [B] Textbook ranges (Kundur 1994, section 3.9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Every generator, then every interconnector, each array of shape ``(generator,)``."""

    border: Bools
    """True for interconnectors."""
    unit_mw: Floats
    """Size of one unit, 0 for an interconnector. [MW]"""
    p_max_mw: Floats
    """Capacity. [MW]"""
    min_stable_pu: Floats
    """Lowest stable output of a unit. [1]"""
    grid_forming: Bools
    """True where the units can hold the voltage and frequency of an island."""
    black_start: Bools
    """True where the units can start a black island."""
    restart_h: Floats
    """Time to restart after a trip. [h]"""
    inertia_s: Floats
    """Inertia constant. [s]"""
    day_mwh: Floats
    """Energy at the start of a day, infinite where energy is not limited. [MWh]"""
    charges: Bools
    """True where the energy comes from the grid: pumped storage and batteries."""
    efficiency: Floats
    """Round-trip efficiency. [1]"""
    reserve: Bools
    """True for storage that is held back for critical consumers."""
    limited: Ints = field(init=False)
    """Positions of generators whose energy is limited."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "limited", np.flatnonzero(np.isfinite(self.day_mwh)))


def build_fleet(network: Network) -> Fleet:
    """Return the fleet of a network.

    Notes
    -----
    Energy of a day is the lower of `energy_mwh_per_day` and `storage_mwh`. A generator with `storage_mwh` that is not a
    hydro reservoir, and not of a technology that the network lists as one that does not charge, takes its energy from
    the grid.
    """
    table = network.tables["generators"]
    borders = network.tables["interconnectors"]
    none = np.zeros(len(borders))

    def column(name: str, empty: float = 0.0) -> Floats:
        return np.asarray(np.nan_to_num(table[name].to_numpy(dtype=float), nan=empty))

    technology, own = table["technology"], _own_technologies(network)
    storage = column("storage_mwh", np.inf)
    given = table["efficiency"].to_numpy(dtype=float)
    usual = technology.map(EFFICIENCY | own["efficiency"].dropna().to_dict()).fillna(1.0).to_numpy(dtype=float)
    no = np.zeros(len(borders), dtype=bool)
    return Fleet(
        border=np.append(np.zeros(len(table), dtype=bool), np.ones(len(borders), dtype=bool)),
        unit_mw=np.append(column("p_max_mw") / column("units", 1.0), none),
        p_max_mw=np.append(column("p_max_mw"), borders["p_max_mw"].to_numpy(dtype=float)),
        min_stable_pu=np.append(column("min_stable_pu"), none),
        grid_forming=np.append(table["grid_forming"].to_numpy(dtype=bool), no),
        black_start=np.append(table["black_start"].to_numpy(dtype=bool), no),
        restart_h=np.append(column("restart_h"), none),
        inertia_s=np.append(technology.map(INERTIA_S | own["inertia_s"].to_dict()).to_numpy(dtype=float), none),
        day_mwh=np.append(np.minimum(column("energy_mwh_per_day", np.inf), storage), none + np.inf),
        charges=np.append(
            np.isfinite(storage) & ~technology.isin(["hydro", *own.index[~own["charges"]]]).to_numpy(), no
        ),
        reserve=np.append((_kind(table) == "reserve") & np.isfinite(storage), no),
        efficiency=np.append(np.where(np.isnan(given) | (given <= 0), usual, given), none + 1.0),
    )


def _own_technologies(network: Network) -> pd.DataFrame:
    """Return the technologies that a network lists, by name, with `inertia_s`, `efficiency` and `charges`."""
    table = network.tables.get("technologies")
    return TABLES["technologies"].empty().set_index("id") if table is None else table.set_index("id")


def _kind(table: pd.DataFrame) -> pd.Series:
    """Return the use of each generator's storage, empty where the table does not say."""
    return table["storage_kind"] if "storage_kind" in table else pd.Series("", index=table.index)
