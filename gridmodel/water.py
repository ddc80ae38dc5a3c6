"""Water: reservoirs filled by pumps that need power, and high floors that need it too.

A share of pumping stations that is lost leaves its part of the city to its own reservoirs, which run dry;
the rest of the city keeps its water. Each part is carried apart, and a part that changes sides takes its
water with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gridmodel.network import Network

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterworks:
    """Water systems of every region, each array of shape ``(region,)``."""

    storage_m3: Floats
    """Reservoirs. [m³]"""
    demand_m3_per_h: Floats
    """Mean demand with losses on the way. [m³/h]"""
    high_floor_share: Floats
    """Share of people on floors that need a booster pump in the building. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterState:
    """What is carried from step to step; fills are shares of each part's reservoirs."""

    fill: Floats
    """Parts with and without pumping stations, shape ``(member, region, 2)``. [1]"""
    without: Floats
    """Share of the city without its pumping stations, shape ``(member, region)``. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterStep:
    """What a step shows, each of shape ``(member, region)``."""

    state: WaterState
    """State at its end."""
    stored_m3: Floats
    """Water in the reservoirs at its end. [m³]"""
    mains_share: Floats
    """Share of people whose street has water. [1]"""
    served_share: Floats
    """Share of people whose taps run, high floors included. [1]"""


def build_waterworks(network: Network) -> Waterworks | None:
    """Water systems of a network, or nothing where it has none."""
    table = network.tables["water_systems"]
    if table.empty:
        return None
    table = table.set_index("region").loc[network.regions]
    column = {name: table[name].to_numpy(dtype=float) for name in ("demand_m3_per_day", "loss_share", "storage_m3")}
    return Waterworks(
        storage_m3=column["storage_m3"],
        demand_m3_per_h=column["demand_m3_per_day"] / (1.0 - column["loss_share"]) / 24.0,
        high_floor_share=table["high_floor_share"].to_numpy(dtype=float),
    )


def full(waterworks: Waterworks, members: int) -> WaterState:
    """Full reservoirs, all stations there."""
    regions = len(waterworks.storage_m3)
    return WaterState(fill=np.ones((members, regions, 2)), without=np.zeros((members, regions)))


def step_water(
    waterworks: Waterworks,
    state: WaterState,
    *,
    stations_left: Floats,
    plant_power: Floats,
    home_power: Floats,
    pump_margin: float,
    step_h: float,
) -> WaterStep:
    """Pump, draw, and see whose taps run.

    Parameters
    ----------
    stations_left
        Share of pumping stations that work, shape ``(member, region)``. [1]
    plant_power
        Share of them that has power, shape ``(member, region)``. [1]
    home_power
        Share of homes that have power, shape ``(member, region)``. [1]
    pump_margin
        Pumping capacity over mean demand. [1]
    step_h
        Length of the step. [h]

    Notes
    -----
    Per part: ``supply = min(1, fill · h / Δt + pumped)`` with ``pumped = margin · power`` (0 where the stations
    are lost) and ``h`` the hours that full reservoirs last; ``fill' = min(1, fill + (pumped − supply) Δt / h)``.
    ``served = Σ parts · supply · (1 − high · (1 − home power))``.
    """
    without = 1.0 - stations_left
    fill = _regroup(state.fill, state.without, without)
    parts = np.stack([1.0 - without, without], axis=-1)
    lasts_h = np.maximum(waterworks.storage_m3 / np.maximum(waterworks.demand_m3_per_h, 1e-12), 1e-9)[:, None]
    pumped = np.stack([pump_margin * plant_power, np.zeros_like(plant_power)], axis=-1)
    supply = np.minimum(1.0, fill * lasts_h / step_h + pumped)
    fill = np.clip(fill + (pumped - supply) * step_h / lasts_h, 0.0, 1.0)
    mains = parts[..., 0] * supply[..., 0] + parts[..., 1] * supply[..., 1]
    return WaterStep(
        state=WaterState(fill=fill, without=without),
        stored_m3=waterworks.storage_m3 * (parts[..., 0] * fill[..., 0] + parts[..., 1] * fill[..., 1]),
        mains_share=mains,
        served_share=mains * (1.0 - waterworks.high_floor_share * (1.0 - home_power)),
    )


def _regroup(fill: Floats, before: Floats, after: Floats) -> Floats:
    """Fills after parts of the city have lost or regained their stations, water moved with them."""
    lost = np.maximum(after - before, 0.0)
    back = np.maximum(before - after, 0.0)
    with_share, without_share = 1.0 - before - lost, before - back
    with_fill = _mix(fill[..., 0], with_share, fill[..., 1], back)
    without_fill = _mix(fill[..., 1], without_share, fill[..., 0], lost)
    return np.stack([with_fill, without_fill], axis=-1)


def _mix(stays: Floats, share: Floats, comes: Floats, coming: Floats) -> Floats:
    total = share + coming
    empty = total <= 1e-12
    return np.where(empty, comes, (stays * share + comes * coming) / np.where(empty, 1.0, total))
