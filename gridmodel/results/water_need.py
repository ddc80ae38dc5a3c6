"""Drinking water to bring: person-days of those whose taps stay dry, not a moment's pressure."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.results.steps import of_steps

WATER_L = 15.0
"""Drinking and hygiene water that a person needs. [L/d] Sphere Handbook (2018), water supply standard 2.1."""
BRIDGED_H = 12.0
"""Hours without water that a home bridges with what it keeps in kettles and bottles. [h] [B] Ours: half a day."""
DAY_H = 24.0
"""Hours over which the water to bring is averaged. [h] Trucks are ordered by the day."""


def staying_dry(result: xr.Dataset) -> Floats:
    """Return people whose taps have been dry for more than `BRIDGED_H`, shape ``(member, time, region)``. [1]

    Dry streets and burst pipes are dry for the same people as long as they are; of high floors without pressure only
    those on broken feeders are, since rotation gives the others water again within hours. So the least number over the
    last hours is the number of people who were dry through all of them. Ours: exact where it falls or rises only.
    Results without these parts (older ones) count everyone without water.
    """
    window = round(BRIDGED_H / float(result.attrs["step_h"])) + 1
    return _least(_of_the_same(result), window)


def litres_to_bring(result: xr.Dataset) -> Floats:
    """Return water to bring by the end of each step, as a daily amount, shape ``(member, time, region)``. [m³/d]

    `WATER_L` for every person-day of the last `DAY_H` beyond the first `BRIDGED_H` without water.
    """
    step_h = float(result.attrs["step_h"])
    dry_h = np.cumsum(staying_dry(result), axis=1) * step_h
    steps = round(DAY_H / step_h)
    before = np.zeros_like(dry_h)
    before[:, steps:] = dry_h[:, :-steps]
    return np.asarray((dry_h - before) / DAY_H * WATER_L / 1000.0)


def _of_the_same(result: xr.Dataset) -> Floats:
    """Return people without water who stay so until something is mended or filled, ``(member, time, region)``."""
    if not {"people_dry_street", "people_dry_risers", "people_dry_high_floors"} <= set(result.data_vars):
        return of_steps(result["people_without_water"])
    found = of_steps(result["people_dry_street"]) + of_steps(result["people_dry_risers"])
    if {"people_off_by_damage", "people_without_power"} <= set(result.data_vars):
        broken, off = of_steps(result["people_off_by_damage"]), of_steps(result["people_without_power"])
        part = np.divide(broken, off, out=np.zeros_like(off), where=off > 0)
        found = found + of_steps(result["people_dry_high_floors"]) * np.clip(part, 0.0, 1.0)
    return found


def _least(values: Floats, window: int) -> Floats:
    """Return the least of the last values along time; nothing where the run has fewer."""
    from scipy.ndimage import minimum_filter1d  # the start of a run would wait for it

    found = np.asarray(minimum_filter1d(values, window, axis=1, mode="nearest", origin=(window - 1) // 2))
    found[:, : window - 1] = 0.0
    return found
