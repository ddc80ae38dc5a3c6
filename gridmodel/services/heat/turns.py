"""Homes that heat themselves and stop with their power, sub-queue by sub-queue.

Only they differ by whose turn it is: a boiler that has been off for hours leaves its home cold while the next street is
warm. Homes on district heat, and those with gravity boilers and stoves, differ by half of their gains, and stay a mean.

Arrays are of shape ``(row, cohort, member, region)`` and in single precision, which is exact to a ten-thousandth of a
kelvin: a step carries twelve times as many homes and must not take twelve times as long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats
from gridmodel.sampling import Settings, of_cells
from gridmodel.services.cohorts import Cohorts, change_sides, over_cohorts, people_quantiles
from gridmodel.services.heat.heaters import plugged_in
from gridmodel.services.heat.homes import Homes, OwnTurns
from gridmodel.services.heat.leaving import LEFT_BELOW_C, left_share
from gridmodel.services.heat.own import bridged
from gridmodel.vocabulary import COLD_THRESHOLDS_C, OWN_HEAT

Singles = npt.NDArray[np.float32]
POWERED, BACKED, STOVE, ELECTRIC = range(4)
"""Rows of homes: boilers that have nothing but the grid, those with backup, those with a stove, electric heating. As
long as gas is whole, the first and the last are alike, and homes with electric heating count with the first."""
KINDS = tuple(map(OWN_HEAT.index, ("own_gas_powered", "own_gas_backed", "own_with_stove", "own_electric")))
"""Kind of own heating of each row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsStep:
    """Result of a step of homes that take turns."""

    air_c: Singles
    """Air, shape ``(row, cohort, member, region)``. [°C]"""
    heating_w: Singles
    """Heat of their own heating, same shape. [W/m²]"""
    gains_w: Singles
    """Gains of people and appliances, shape ``(cohort, member, region)``. [W/m²]"""
    power: Singles
    """Share with power, same shape. [1]"""
    backup: Singles
    """Share of the step for which backup runs boilers, same shape. [1]"""
    cohorts: Cohorts
    """Power and weight of each cohort."""
    cold_share: Floats
    """Share of a region's homes below each threshold, shape ``(threshold, member, region)``. [1]"""
    kelvin: Floats
    """Kelvin below 18 °C, sum over homes, shape ``(member, region)``. [K]"""
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


def row_share(own_share: Floats, rows: int) -> Floats:
    """Share of a region's homes in each row, shape ``(row, member, region)``. [1]

    Parameters
    ----------
    own_share
        Share in each kind of own heating, shape ``(own, member, region)``. [1]
    rows
        Number of rows: without one for electric heating, those homes are in the first.
    """
    share = own_share[list(KINDS[:rows])]
    if rows == ELECTRIC:
        share[POWERED] += own_share[KINDS[ELECTRIC]]
    return share


def step_turns(
    homes: Homes, state: OwnTurns, settings: Settings, cohorts: Cohorts, *, outdoor_c: Floats, fuel: Floats,
    sun_w: Floats | None, step_h: float, heaters: bool,
) -> tuple[OwnTurns, TurnsStep]:  # fmt: skip
    """Heat homes that take turns with their power, as `own_heat_w` and `rooms_after` do for a mean.

    Parameters
    ----------
    homes, state, settings
        Homes, their state before, and settings by member.
    cohorts
        Homes with power.
    outdoor_c
        Outdoors, shape ``(region,)`` or ``(member, region)``. [°C]
    fuel
        Gas supply, of a shape that broadcasts to ``(member, region)``. [1]
    sun_w
        Sun through windows, of a shape that broadcasts to ``(1, member, region)``; None at night. [W/m²]
    step_h
        Length of the step. [h]
    heaters
        True if people plug heaters in.

    Returns
    -------
    tuple
        State at the end of the step, and its result.
    """
    state = _reconnected(state, cohorts.broken)
    kept, on = homes.own_response, _single(cohorts.power)
    appliances = settings["internal_gain_w_per_m2"] * settings["appliance_share"]
    gains = on * _single(appliances) + _single(settings["internal_gain_w_per_m2"] - appliances)
    acts_air, acts_mass = kept.air_outdoor[0] * outdoor_c, kept.mass_outdoor[0] * outdoor_c
    if sun_w is not None:
        acts_air, acts_mass = acts_air + (kept.air_sun * sun_w)[0], acts_mass + (kept.mass_sun * sun_w)[0]
    air = state.mass_c * _single(kept.air_mass)
    air += gains * _single(kept.air_gains) + _single(acts_air)
    heater = state.heater_w * on if state.heater_w.any() else None
    backup, charge = bridged(
        state.charge_h, on, lasts_h=cast("Floats", _single(settings["own_backup_h"])),
        charge_ratio=cast("Floats", _single(settings["own_backup_charge_ratio"])), step_h=step_h,
    )  # fmt: skip
    heat = _single(settings["set_point_c"]) - air
    heat *= _single(1.0 / kept.air_heating)
    if heater is not None:
        heat -= heater
    np.maximum(heat, 0.0, out=heat)
    _limit(heat, homes, settings, on=on, backup=_single(backup), fuel=fuel)
    mass = state.mass_c * _single(kept.mass_mass)
    mass += gains * _single(kept.mass_gains) + _single(acts_mass)
    air += heat * _single(kept.air_heating)
    lacks = _single(settings["settled_for_c"]) - air if air.min() < settings["settled_for_c"].max() else None
    whole = heat if heater is None else heat + heater
    mass += whole * _single(kept.mass_heating)
    if heater is not None:
        air += heater * _single(kept.air_heating)
    wanted, cold_h = np.zeros((), dtype=np.float32), np.zeros((), dtype=np.float32)
    if lacks is not None:
        lacks *= _single(1.0 / kept.air_gains)
        np.maximum(lacks, 0.0, out=lacks)
        cooker = np.minimum(lacks, _single(settings["cooker_w_per_m2"] * fuel))
        lacks -= cooker
        air += cooker * _single(kept.air_gains)
        cooker *= _single(kept.mass_gains)
        mass += cooker
        lacks *= _single(kept.air_gains / kept.air_heating)
        wanted, cold_h = plugged_in(
            cast("Floats", lacks), cast("Floats", state.cold_h), settings, step_h=step_h, heaters=heaters
        )  # fmt: skip
    elif state.cold_h.any() or state.heater_w.any():
        wanted, cold_h = np.zeros_like(mass), np.zeros_like(mass)
    else:
        wanted, cold_h = state.heater_w, state.cold_h
    after = OwnTurns(
        mass_c=mass, heater_w=_single(wanted), cold_h=_single(cold_h), charge_h=_single(charge), broken=state.broken
    )
    share = row_share(homes.own_share, len(mass))
    cold, kelvin = _cold(air, share, cohorts.broken)
    return after, TurnsStep(
        air_c=air, heating_w=heat, gains_w=gains, power=on, backup=_single(backup), cohorts=cohorts,
        cold_share=cold, kelvin=kelvin,
        heater_w=_of_rows(after.heater_w, share, cohorts.broken) if lacks is not None else np.zeros_like(kelvin),
        heater_homes=_of_rows(after.heater_w > 0, share, cohorts.broken) if lacks is not None else np.zeros_like(kelvin),
        left_share=_left(air, after.cold_h, share, settings, cohorts.broken),
        kind_c=over_cohorts(cast("Floats", air), cohorts.broken),
        quantiles_c=people_quantiles(cast("Floats", air[POWERED]), cohorts.broken),
    )  # fmt: skip


def _single(values: npt.ArrayLike) -> Singles:
    """Return values in single precision."""
    return np.asarray(values, dtype=np.float32)


def _reconnected(state: OwnTurns, broken: Floats | None) -> OwnTurns:
    """Return the state after feeders have broken or were mended: homes take their warmth and batteries along."""
    if broken is None or (broken == state.broken).all():
        return state
    names = ("mass_c", "heater_w", "cold_h", "charge_h")
    moved = change_sides([getattr(state, name) for name in names], state.broken, broken)
    return replace(state, broken=broken, **dict(zip(names, moved, strict=True)))


def _limit(heat: Singles, homes: Homes, settings: Settings, *, on: Singles, backup: Singles, fuel: Floats) -> None:
    """Bring heat that would hold the set point to what each kind can give: `own_heat_w` by row."""
    installed = _single(homes.own_w * settings["own_heat_margin"])
    gas = on if (fuel >= 1.0).all() else on * _single(fuel)
    stove = np.minimum(heat[STOVE], _single(homes.own_w * settings["own_fallback_stove_heat"]))
    np.minimum(heat, installed, out=heat)
    heat[POWERED] *= gas
    heat[BACKED] *= gas + backup if gas is on else gas + backup * _single(fuel)
    heat[STOVE] *= gas
    stove *= 1.0 - gas
    heat[STOVE] += stove
    if len(heat) > ELECTRIC:
        heat[ELECTRIC] *= on


def _of_rows(values: Singles | Bools, share: Floats, broken: Floats | None) -> Floats:
    """Return the sum over homes of values of shape ``(row, cohort, member, region)``: ``(member, region)``."""
    return np.asarray(np.add.reduce(over_cohorts(values, broken) * share, axis=0))  # type: ignore[arg-type]


def _cold(air: Singles, share: Floats, broken: Floats | None) -> tuple[Floats, Floats]:
    """Share of homes below each threshold, and kelvin below the first, as `cold_homes` gives them."""
    cold, coldest = np.zeros((len(COLD_THRESHOLDS_C), *share.shape[1:])), air.min()
    if coldest >= COLD_THRESHOLDS_C[0]:
        return cold, cold[0].copy()
    for found, limit in zip(cold, COLD_THRESHOLDS_C, strict=True):
        if coldest < limit:
            found[...] = _of_rows(air < np.float32(limit), share, broken)
    below = np.float32(COLD_THRESHOLDS_C[0]) - air
    np.maximum(below, 0.0, out=below)
    return cold, _of_rows(below, share, broken)


def _left(air: Singles, cold_h: Singles, share: Floats, settings: Settings, broken: Floats | None) -> Floats:
    """Share of people who have left homes below 12 °C, as `people_left` gives it."""
    none = np.zeros(share.shape[1:])
    if air.min() >= LEFT_BELOW_C or not cold_h.any():
        return none
    cells = np.flatnonzero((cold_h > _single(settings["leave_after_h"])) & (air < np.float32(LEFT_BELOW_C)))
    if not len(cells):
        return none
    gone = np.zeros_like(air)
    most, after_h, tau_h = (
        of_cells(settings[f"leave_{name}"], cells, air.shape) for name in ("share", "after_h", "tau_h")
    )
    gone.flat[cells] = left_share(cast("Floats", cold_h.ravel()[cells]), most=most, after_h=after_h, tau_h=tau_h)
    return _of_rows(gone, share, broken)
