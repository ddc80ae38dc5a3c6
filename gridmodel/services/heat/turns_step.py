"""Result of a step of homes that heat themselves and stop with their power, sub-queue by sub-queue."""

from __future__ import annotations

from dataclasses import dataclass

from gridmodel.arrays import Floats, Ints
from gridmodel.services.cohorts import Cohorts


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsStep:
    """Result of a step of homes that take turns."""

    air_c: Floats
    """Air, shape ``(row, cohort, member, region)``. [°C]"""
    heating_w: Floats
    """Heat that boilers and stoves make, same shape; radiators give it to rooms later. [W/m²]"""
    gains_w: Floats
    """Gains of people and appliances, shape ``(cohort, member, region)``. [W/m²]"""
    power: Floats
    """Share with power, same shape. [1]"""
    backup: Floats
    """Share of the step for which backup runs boilers, same shape. [1]"""
    cohorts: Cohorts
    """Power and weight of each cohort."""
    cold_share: Floats
    """Share of a region's homes below each threshold, shape ``(threshold, member, region)``. [1]"""
    kelvin: Floats
    """Kelvin below 18 and 12 °C, times the share of a region's homes, shape ``(threshold, member, region)``. [K]"""
    cold_places: Ints
    """Places below 12 °C for some of the step, in the flat array of `air_c`."""
    cold_part: Floats
    """Share of a region's homes at each of them, times the part of the step. [1]"""
    heater_w: Floats
    """Heaters that they want plugged in next, shape ``(member, region)``. [W/m²]"""
    heater_homes: Floats
    """Share of a region's homes that want them, shape ``(member, region)``. [1]"""
    left_share: Floats
    """Share of a region's people who have left them, shape ``(member, region)``. [1]"""
    kind_c: Floats
    """Mean air of each row, shape ``(row, member, region)``. [°C]"""
    quantiles_c: Floats
    """Quantiles over people of the air of the first row, shape ``(quantile, member, region)``. [°C]"""
