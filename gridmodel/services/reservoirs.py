"""Reservoirs of a city's two parts, with pumping stations and without: what they give, and water that changes sides."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, mix, ratio


def drawn(
    stored_m3: Floats, pumps_m3_per_h: Floats, demand_m3_per_h: Floats, *, full_m3: Floats, step_h: float
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Share of the demand that is met, water from pumping stations, and water stored at the end, by part of the city.

    Parameters
    ----------
    stored_m3
        Water in the reservoirs before the step, shape ``(2, member, region)``. [m³]
    pumps_m3_per_h
        Most that pumping stations give to the part that has them, shape ``(member, region)``. [m³/h]
    demand_m3_per_h
        Demand, same shape. [m³/h]
    full_m3
        Full reservoirs, shape ``(region,)``. [m³]
    step_h
        Length of the step. [h]
    """
    after = np.zeros_like(stored_m3)
    after[0] = pumps_m3_per_h
    there = stored_m3 / step_h
    there += after
    supply = ratio(np.minimum(there, demand_m3_per_h, out=there), demand_m3_per_h, empty=1.0)
    given = supply * demand_m3_per_h
    after -= given
    after *= step_h
    after += stored_m3
    np.clip(after, 0.0, full_m3, out=after)
    given += (after - stored_m3) / step_h
    return supply, given, after


def regroup(fill: Floats, before: Floats, after: Floats) -> Floats:
    """Compute fills after parts of the city have lost or regained their stations, water moved with them."""
    if (after == before).all():
        return fill
    lost = np.maximum(after - before, 0.0)
    back = np.maximum(before - after, 0.0)
    return np.stack([mix(fill[0], 1.0 - before - lost, fill[1], back), mix(fill[1], before - back, fill[0], lost)])


def dry_street(without: Floats, supply: Floats, there: Floats, demand: Floats, off_m3_per_h: Floats) -> Floats:
    """Share of people whose street is dry: pumps damaged, without power, reservoirs empty, shape ``(3, …)``. [1]

    Parameters
    ----------
    without
        Share of the city without its pumping stations. [1]
    supply
        Part of demand that is met, with and without stations, shape ``(2, …)``. [1]
    there, demand
        Water where stations work, and the demand there. [m³/h]
    off_m3_per_h
        What pumps would give on top if all had power. [m³/h]

    Notes
    -----
    What pumps without power would have given counts as theirs, up to all that lacks. The rest lacks with all pumps
    running: reservoirs are empty, and use and leaks are more than pumps give.
    """
    lacks = np.maximum(demand - there, 0.0)
    off = np.divide(np.minimum(off_m3_per_h, lacks), lacks, out=np.zeros_like(lacks), where=lacks > 0)
    dry = (1.0 - without) * (1.0 - supply[0])
    return np.stack([without * (1.0 - supply[1]), dry * off, dry * (1.0 - off)])
