"""Rooms over a step: what their radiators, heaters and stoves give them, and how many of them are cold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, above_mean, for_loops, total, widened
from gridmodel.sampling import Settings
from gridmodel.services.heat import heaters_loops, rooms_loops
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.pipes import BURST_FROM, PLUG_K_H, burst_share, grow_ice
from gridmodel.vocabulary import COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C

MENDED_ABOVE_C = 5.0
"""Rooms above which burst risers are mended. [°C] Ours: nobody mends them where water would freeze again."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Heat that acts on some rooms, arrays of shape ``(…, kind, member, region)`` or that broadcast to it."""

    mass_c: Floats
    bare_c: Floats
    """Air without heating and heaters. [°C]"""
    heating_w: Floats
    heater_w: Floats | None
    """Heaters; None where none is on. [W/m²]"""
    gains_w: Floats
    sun_w: Floats | None
    """Sun through windows; None at night. [W/m²]"""


@dataclass(frozen=True, slots=True)
class Rooms:
    """Rooms after a step."""

    mass_c: Floats
    air_c: Floats
    missing_w: Floats | None
    """Heater power that would hold the lowest temperature people accept; None where all rooms are warmer. [W/m²]"""
    heating_w: Floats
    """Heat of radiators, or that homes which heat themselves make. [W/m²]"""


def heaters_on(wanted_w: Floats, home_power: Floats) -> Floats | None:
    """Power of heaters that homes want and that have power; None where nobody wants them. [W/m²]"""
    return wanted_w * home_power if wanted_w.max() > 0 else None


def sun_in(level_w: Floats | None, share: Floats) -> Floats | None:
    """Sun through windows, shape ``(kind, …, region)``; None at night. [W/m²]"""
    return None if level_w is None else share * level_w


def emitted(radiator_w: Floats, heating_w: Floats, *, lag_h: Floats, step_h: float) -> tuple[Floats, Floats]:
    """Heat that radiators give off, mean of the step and at its end.

    They follow the heat that comes with a lag: the water in them and in pipes stores some of it.
    """
    stays = np.exp(-step_h / lag_h)
    ahead = radiator_w - heating_w
    given = ahead * ((1.0 - stays) * lag_h / step_h)
    given += heating_w
    ahead *= stays
    ahead += heating_w
    return given, ahead


def rooms_after(kept: Response, acts: Acts, settings: Settings, *, outdoor_c: Floats, fuel: Floats) -> Rooms:
    """Rooms heated by radiators, heaters, people, and stoves where they would be colder than people accept.

    Parameters
    ----------
    kept
        Response of the buildings.
    acts
        What acts on them.
    settings
        With `settled_for_c` and `cooker_w_per_m2`.
    outdoor_c
        Outdoors, shape ``(region,)`` or ``(member, region)``. [°C]
    fuel
        Gas supply, shape ``(member, region)``. [1]
    """
    air = kept.air_heating * acts.heating_w
    air += acts.bare_c
    lacks_w = settings["settled_for_c"] - air
    heat = acts.heating_w if acts.heater_w is None else acts.heating_w + acts.heater_w
    if acts.heater_w is not None:
        air += kept.air_heating * acts.heater_w
    mass = kept.mass_c(acts.mass_c, outdoor_c, heat, acts.gains_w, acts.sun_w)
    if lacks_w.max() <= 0:
        return Rooms(mass_c=mass, air_c=air, missing_w=None, heating_w=acts.heating_w)
    lacks_w /= kept.air_gains
    np.maximum(lacks_w, 0.0, out=lacks_w)
    stove = np.minimum(lacks_w, settings["cooker_w_per_m2"] * fuel)
    lacks_w -= stove
    lacks_w *= kept.air_gains / kept.air_heating
    air += kept.air_gains * stove
    stove *= kept.mass_gains
    mass += stove
    return Rooms(mass_c=mass, air_c=air, missing_w=lacks_w, heating_w=acts.heating_w)


def risers(
    ice: Floats, burst: Floats, air_c: Floats, share: Floats, *, repair_h: Floats, step_h: float
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Ice in cold-water risers, the share of them that has burst, and its mean over the step; mended in warm homes.

    Parameters
    ----------
    ice, burst
        Before the step, by occupied state, shape ``(occupied, archetype, member, region)``. [1]
    air_c
        Air of the homes, same shape. [°C]
    share
        Homes by occupied state, shape ``(occupied, member, region)``. [1]
    repair_h
        Mean time to mend a riser. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    Ice grows evenly in a step, and with it what has burst; what is mended falls as ``exp(−t/repair)``. Means are exact,
    so that people with dry taps do not depend on how long a step is.
    """
    if air_c.min() >= 0 and ice.max() <= 0 and burst.max() <= 0:
        return ice, burst, burst
    if rooms_loops.COMPILED and air_c.size >= rooms_loops.LEAST:
        return _risers_by_loop(ice, burst, air_c, share, repair_h=repair_h, step_h=step_h)
    cells = np.nonzero(((air_c < 0) | (ice > 0) | (burst > 0)).any(axis=1) & (share > 0))
    if not len(cells[0]):
        return ice, burst, burst
    occupied, member, region = cells
    air, had = air_c[occupied, :, member, region], burst[occupied, :, member, region]
    iced = ice[occupied, :, member, region]
    ice, burst, mean = ice.copy(), burst.copy(), burst.copy()
    grown = grow_ice(iced, air, hours=step_h)
    ice[occupied, :, member, region] = grown
    new, left, held, mended = np.where(air < 0, burst_share(grown), 0.0), had, had, air > MENDED_ABOVE_C
    if mended.any():
        ages = (step_h / widened(repair_h, ice.shape[2:])[member, region])[:, None]
        left = np.where(mended, had * np.exp(-ages), had)
        held = np.where(mended, had * (-np.expm1(-ages) / ages), had)
    rises = new > had
    if rises.any():
        first, grows = (iced - BURST_FROM) / (1.0 - BURST_FROM), np.where(air < 0, -air, 0.0) * step_h / PLUG_K_H
        last = first + grows / (1.0 - BURST_FROM)
        held = held + (above_mean(first - had, last - had) - above_mean(first - 1.0, last - 1.0)) * rises
    burst[occupied, :, member, region] = np.maximum(left, new)
    mean[occupied, :, member, region] = held
    return ice, burst, mean


def _risers_by_loop(
    ice: Floats, burst: Floats, air_c: Floats, share: Floats, *, repair_h: Floats, step_h: float
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return what `risers` does, room by room: the same bytes."""
    ages = for_loops(step_h / repair_h, share.shape[1:])
    before = for_loops(ice, ice.shape), for_loops(burst, ice.shape)
    after = tuple(np.empty_like(before[0]) for _ in range(3))
    rooms_loops.risers(
        before, for_loops(air_c, ice.shape), for_loops(share, share.shape), np.exp(-ages), -np.expm1(-ages) / ages,
        step_h, MENDED_ABOVE_C, after,
    )  # fmt: skip
    iced, has_burst, mean = (one.reshape(ice.shape) for one in after)
    return iced, has_burst, mean


def newly_burst(weight: Floats, before: Floats, after: Floats) -> Floats:
    """Share of a region's homes whose risers burst in a step, whatever is mended elsewhere, ``(member, region)``. [1]

    Parameters
    ----------
    weight
        Share of a region's homes by occupied state, shape ``(occupied, archetype, member, region)``. [1]
    before, after
        Share of risers that has burst before `risers` and after it, same shape. [1]
    """
    if after is before:
        return np.zeros(weight.shape[2:])
    return total(weight * np.maximum(after - before, 0.0), axes=2)


def add_cold(cold: Floats, kelvin: Floats, weight: Floats, air_c: Floats) -> None:
    """Add some homes to the share of homes below each threshold, and to the kelvin below 18 and 12 °C.

    The room of each home counts by itself. Homes are added one after the other, so that it makes no difference in how
    many calls they are.

    Parameters
    ----------
    cold
        Changed: share of homes below each of `COLD_THRESHOLDS_C`, shape ``(threshold, member, region)``. [1]
    kelvin
        Changed: kelvin below each of `DEGREE_HOURS_BELOW_C`, mean over homes, likewise. [K]
    weight
        Share of a region's homes, shape ``(…, member, region)``. [1]
    air_c
        Their air, same shape. [°C]
    """
    coldest, shape = air_c.min(), air_c.shape[-2:]
    if coldest >= COLD_THRESHOLDS_C[0]:  # they would add zeros
        return
    if rooms_loops.COMPILED and weight.size >= rooms_loops.LEAST:
        limits, size = (np.array(DEGREE_HOURS_BELOW_C), np.array(COLD_THRESHOLDS_C)), math.prod(shape)
        flat = (np.ascontiguousarray(one).reshape(-1, size) for one in (weight, air_c))
        rooms_loops.count_cold(*flat, *limits, kelvin.reshape(-1, size), cold.reshape(-1, size))
        return
    share, degrees = weight.reshape(-1, *shape), air_c.reshape(-1, *shape)
    added = np.empty((len(degrees) + 1, *shape))  # on top of what is counted
    below = added[1:]
    for counted, limit in zip(kelvin, DEGREE_HOURS_BELOW_C, strict=True):
        if coldest < limit:
            added[0] = counted
            np.subtract(limit, degrees, out=below)
            np.maximum(below, 0.0, out=below)
            below *= share
            counted[...] = total(added)
    for counted, limit in zip(cold, COLD_THRESHOLDS_C, strict=True):
        if coldest < limit:
            added[0] = counted
            np.less(degrees, limit, out=below, casting="unsafe")
            below *= share
            counted[...] = total(added)


def plugged(weight: Floats, heater_w: Floats) -> tuple[Floats, Floats]:
    """Heater power and the share of homes with one, shape ``(member, region)`` each. [W/m²], [1]"""
    if heaters_loops.COMPILED and weight.size >= heaters_loops.LEAST:
        shape, size = weight.shape[-2:], math.prod(weight.shape[-2:])
        drawn, using = np.zeros(size), np.zeros(size)
        rooms = (for_loops(one, weight.shape).reshape(-1, size) for one in (weight, heater_w))
        heaters_loops.plugged(*rooms, drawn, using)
        return drawn.reshape(shape), using.reshape(shape)
    if heater_w.max() <= 0:
        none = np.zeros(heater_w.shape[-2:])
        return none, none
    axes = heater_w.ndim - 2
    return total(heater_w * weight, axes), total((heater_w > 0) * weight, axes)
