"""Homes that heat themselves and stop with their power, sub-queue by sub-queue.

Only they differ by whose turn it is: a boiler that has been off for hours leaves its home cold while the next street is
warm. Homes on district heat, and those with gravity boilers and stoves, differ by half of their gains, and stay a mean.

Arrays are of shape ``(row, cohort, member, region)`` and in single precision, which is exact to a ten-thousandth of a
kelvin: a step carries twelve times as many homes and must not take twelve times as long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, single, total
from gridmodel.sampling import Settings, of_cells
from gridmodel.services.cohorts import Cohorts, over_cohorts
from gridmodel.services.heat import turns_loops
from gridmodel.services.heat.counted import Counted, count_cold
from gridmodel.services.heat.heaters import Course, plugged_in
from gridmodel.services.heat.homes import ALIKE, LEAST_ROWS, Homes, OwnTurns
from gridmodel.services.heat.leaving import LEFT_BELOW_C, left_share
from gridmodel.services.heat.own import bridged, falling_w, mean_with_stove_c, stove_w, through_radiators
from gridmodel.services.heat.turns_by_loops import step_by_loops
from gridmodel.services.heat.turns_line import (
    ELECTRIC_STOVE,
    KINDS,
    POWERED,
    STOVE,
    Acts,
    Line,
    line_of,
    row_share,
)
from gridmodel.services.heat.turns_step import TurnsStep
from gridmodel.services.quantiles import people_quantiles

WITH_STOVE = slice(STOVE, None, ELECTRIC_STOVE - STOVE)
"""Rows with a stove to fall back on, of three rows or of five."""
SHOWN = KINDS[:ELECTRIC_STOVE]
"""Kinds of own heating of rows that results show."""


def shown_c(kind_c: Floats, own_share: Floats) -> Floats:
    """Return the mean air of the kinds of `SHOWN`, shape ``(kind, member, region)``. [°C]

    Parameters
    ----------
    kind_c
        Mean air of each row, shape ``(row, member, region)``. [°C]
    own_share
        As in `row_share`.
    """
    if len(kind_c) == LEAST_ROWS:
        return kind_c[list(ALIKE[: len(SHOWN)])]
    found = kind_c[: len(SHOWN)].copy()
    found[STOVE] = mean_with_stove_c(kind_c[STOVE], kind_c[ELECTRIC_STOVE], own_share)
    return found


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
    if turns_loops.COMPILED:
        return step_by_loops(
            homes, state, settings, cohorts, outdoor_c=outdoor_c, fuel=fuel, sun_w=sun_w, step_h=step_h,
            heaters=heaters,
        )  # fmt: skip
    on = single(cohorts.power)
    line = line_of(homes, settings, on.shape[1:])
    gains = on * line.appliances_w + line.people_w
    sun = None if sun_w is None else sun_w[0]
    backup, charge = bridged(
        state.charge_h, on, lasts_h=line.backup_h, charge_ratio=line.charge_ratio, step_h=step_h
    )  # fmt: skip
    backup, charge = single(backup), single(charge)
    cooker_w = line.whole(settings["cooker_w_per_m2"] * fuel)
    gas = None if (fuel >= 1.0).all() else line.whole(fuel)
    acts = _Step(line, on, backup, gains, gas, cooker_w, outdoor_c, sun, step_h)
    rooms = _by_arrays(state, acts)
    air, mass = rooms.air_c, rooms.mass_c
    wanted, cold_h = _plugged(state, rooms, line, on, settings, step_h=step_h, heaters=heaters)
    after = OwnTurns(
        mass_c=mass, radiator_w=rooms.radiator_w, heater_w=wanted, cold_h=cold_h, charge_h=charge, layers=state.layers
    )
    share, none, plugged = row_share(homes.own_share, len(mass)), np.zeros(air.shape[2:]), wanted.max() > 0
    counted = count_cold(air, rooms.swing_k, share, cohorts, listed_c=LEFT_BELOW_C)
    return after, TurnsStep(
        air_c=air, heating_w=rooms.heating_w, gains_w=gains, power=on, backup=backup, cohorts=cohorts,
        cold_share=counted.share, kelvin=counted.kelvin, cold_places=counted.places, cold_part=counted.homes,
        heater_w=_of_rows(wanted, share, cohorts) if plugged else none,
        heater_homes=_of_rows(wanted > 0, share, cohorts) if plugged else none,
        left_share=_left(counted, (state.cold_h, cold_h), settings),
        kind_c=over_cohorts(air, cohorts.outside),
        quantiles_c=people_quantiles(air[POWERED], cohorts.outside),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Step:
    """All that acts on homes in a step, of shape ``(cohort, member, region)``, or of one that broadcasts to it."""

    line: Line
    on: Floats
    backup: Floats
    gains: Floats
    gas: Floats | None
    """Gas supply, shape ``(member, region)``; None where it is whole. [1]"""
    cooker_w: Floats
    outdoor_c: Floats
    sun: Floats | None
    step_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rooms:
    """Rooms at the end of a step, arrays of shape ``(row, cohort, member, region)``."""

    air_c: Floats
    mass_c: Floats
    heating_w: Floats
    """Heat that boilers and stoves make. [W/m²]"""
    radiator_w: Floats
    missing_w: Floats | None
    """Heat that heaters would have to add; None where all rooms are as warm as people accept. [W/m²]"""
    swing_k: Floats
    """Half of what the air changes by within the step. [K]"""


def _by_arrays(state: OwnTurns, acts: _Step) -> _Rooms:
    """Heat rooms, array by array."""
    line, on, gains, sun = acts.line, acts.on, acts.gains, acts.sun
    air = _sum_of_acts(state.mass_c, gains, line.air, acts.outdoor_c, sun)
    mass = _sum_of_acts(state.mass_c, gains, line.mass, acts.outdoor_c, sun)
    heater = state.heater_w * on if state.heater_w.max() > 0 else None
    running = _running(on, acts.backup, acts.gas, rows=len(air))
    wanted_w = _wanted(air, heater, line, running)
    heat, given, radiator = _heated(
        wanted_w, mass - state.mass_c, state.radiator_w, line, running, step_h=acts.step_h
    )  # fmt: skip
    air += given * line.air.heating
    rises = radiator - state.radiator_w
    air -= rises * line.by_fall
    lacks = line.settled_c - air if air.min() < line.settled_c.max() else None
    given *= line.mass.heating
    mass += given
    if heater is not None:
        mass += heater * line.mass.heating
        air += heater * line.air.heating
    missing = None if lacks is None else _cook(lacks, air, mass, line, acts.cooker_w)
    return _Rooms(
        air_c=air, mass_c=mass, heating_w=heat, radiator_w=radiator, missing_w=missing,
        swing_k=_swing_k(mass - state.mass_c, rises, line),
    )  # fmt: skip


def _constant(acts: Acts, outdoor_c: Floats, sun: Floats | None) -> Floats:
    """Return the part of air, or mass, that outdoor air and sun make, of a shape that broadcasts to cells. [°C]"""
    return single(acts.outdoor * outdoor_c if sun is None else acts.outdoor * outdoor_c + acts.sun * sun)


def _sum_of_acts(mass_c: Floats, gains: Floats, acts: Acts, outdoor_c: Floats, sun: Floats | None) -> Floats:
    """Return air, or mass, without heating: shape of `mass_c`. [°C]"""
    by_cohort = gains * acts.gains
    by_cohort += _constant(acts, outdoor_c, sun)
    found = mass_c * acts.mass
    found += by_cohort
    return found


def _running(on: Floats, backup: Floats, fuel: Floats | None, *, rows: int) -> Floats:
    """Return the share of the step for which boilers of each row run, ``(row, cohort, member, region)``. [1]

    Parameters
    ----------
    on, backup
        Share of the step with power, and that for which backup replaces it, shape ``(cohort, member, region)``. [1]
    fuel
        Gas supply, shape ``(member, region)``; None where it is whole. [1]
    rows
        Number of rows.
    """
    gas = on if fuel is None else on * fuel
    kept = gas + (backup if fuel is None else backup * fuel)
    return np.stack([gas, kept, gas, on, on][:rows])


def _wanted(air_c: Floats, heater_w: Floats | None, line: Line, running: Floats) -> Floats:
    """Return the heat that would hold the set point while it is on, from the air without it: shape of `air_c`. [W/m²]

    Parameters
    ----------
    air_c
        Air without heating. [°C]
    heater_w
        Heaters; None where none is on. [W/m²]
    line
        Buildings and settings.
    running
        Share of the step for which boilers run, shape of `air_c`; a stove burns for the rest. [1]
    """
    heat = line.set_c - air_c
    by_heat = running * (line.air.heating - line.at_once)
    by_heat += line.at_once
    by_heat[WITH_STOVE] = line.air.heating
    heat /= by_heat
    if heater_w is not None:
        heat -= heater_w
    return np.clip(heat, 0.0, np.inf, out=heat)  # in single precision many times quicker than a maximum


def _cook(lacks_c: Floats, air_c: Floats, mass_c: Floats, line: Line, cooker_w: Floats) -> Floats:
    """Warm rooms that are colder than people accept with cookers, and return what heaters would have to add. [W/m²]

    Parameters
    ----------
    lacks_c
        Kelvin that are missing; it is changed. [K]
    air_c, mass_c
        Air and mass, which cookers warm. [°C]
    line
        Buildings.
    cooker_w
        Most that cookers give, shape ``(member, region)``. [W/m²]
    """
    lacks_c /= line.air.gains
    np.clip(lacks_c, 0.0, np.inf, out=lacks_c)
    cooker = np.minimum(lacks_c, cooker_w)
    lacks_c -= cooker
    lacks_c *= line.air.gains / line.air.heating
    mass_c += cooker * line.mass.gains
    cooker *= line.air.gains
    air_c += cooker
    return lacks_c


def _plugged(
    state: OwnTurns, rooms: _Rooms, line: Line, on: Floats, settings: Settings, *, step_h: float, heaters: bool
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return heaters that homes want next, and how long rooms have been cold; nothing is missing if all are warm.

    Whether boilers run in the next step is a matter of whose turn it is, so that what is missing is that of this one.
    """
    if rooms.missing_w is not None:
        course = Course(
            heating_w=rooms.heating_w, before_w=state.radiator_w, radiator_w=rooms.radiator_w, lag_h=line.lag_h,
            walls_c=(state.mass_c, rooms.mass_c), per_wall_w=line.by_mass / line.at_once, by_heating_k=None,
            heater_w=state.heater_w, power=on, at_length=line.air.heating / line.at_once,
        )  # fmt: skip
        wanted, cold_h = plugged_in(
            rooms.missing_w, state.cold_h, settings, step_h=step_h, heaters=heaters, course=course
        )  # fmt: skip
        return single(wanted), single(cold_h)
    if state.cold_h.max() > 0 or state.heater_w.max() > 0:
        return single(np.zeros_like(state.mass_c)), single(np.zeros_like(state.mass_c))
    return state.heater_w, state.cold_h


def _heated(
    wanted_w: Floats, gained_k: Floats, radiator_w: Floats, line: Line, running: Floats, *, step_h: float
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return the heat that boilers and stoves make, what of it the walls get, and what radiators give at the end.

    Parameters
    ----------
    wanted_w
        Heat that would hold the set point, shape ``(row, cohort, member, region)``; it is changed. [W/m²]
    gained_k
        What walls gain without it, same shape; it is changed. [K]
    radiator_w
        What radiators give before the step, same shape. [W/m²]
    line
        Buildings and settings.
    running
        Share of the step for which boilers run, same shape; it is changed. [1]
    step_h
        Length of the step. [h]
    """
    of_stove, idle = wanted_w[WITH_STOVE].copy(), 1.0 - running[WITH_STOVE]
    gained_k += wanted_w * line.mass.heating
    falls_w = falling_w(gained_k, line.falls, on=running, limited=wanted_w >= line.installed_w)
    np.minimum(wanted_w, line.installed_w, out=wanted_w)
    wanted_w *= running
    running *= line.installed_w
    made, given, after = through_radiators(
        radiator_w, wanted_w, running, line.installed_w, lag_h=line.lag_h, step_h=step_h, falls_w=falls_w
    )  # fmt: skip
    stove = stove_w(of_stove, line.of_stove_w, idle=idle, boiler_w=made[WITH_STOVE], radiator_w=given[WITH_STOVE])
    given[WITH_STOVE] += stove
    made[WITH_STOVE] += stove
    return made, given, after


def _of_rows(values: Floats | Bools, share: Floats, cohorts: Cohorts) -> Floats:
    """Return the sum over homes of values of shape ``(row, cohort, member, region)``: ``(member, region)``."""
    return total(over_cohorts(values, cohorts.outside) * share)  # type: ignore[arg-type]


def _swing_k(rises_c: Floats, rises_w: Floats, line: Line) -> Floats:
    """Return half of what the air changes by within a step, 0 or more, by row and cohort. [K]

    Parameters
    ----------
    rises_c, rises_w
        What walls, and the heat of radiators, rise by; both are changed. [K], [W/m²]
    line
        Buildings.
    """
    rises_c *= line.by_mass
    rises_w *= line.at_once
    rises_c += rises_w
    np.abs(rises_c, out=rises_c)
    rises_c *= np.float32(0.5)
    return rises_c


def _left(counted: Counted, cold_h: tuple[Floats, Floats], settings: Settings) -> Floats:
    """Share of people who have left homes below 12 °C, for the part of the step for which these are counted.

    Parameters
    ----------
    counted
        Cold homes of the step, those below 12 °C listed.
    cold_h
        Hours for which rooms have been colder than people accept, before the step and at its end, of which the longer
        count: who has left stays away until the room is warm; shape ``(row, cohort, member, region)`` each. [h]
    """
    every = cold_h[0].shape
    shape, hours = every[-2:], np.maximum(*(one.reshape(-1).take(counted.places) for one in cold_h))
    late = np.flatnonzero(hours > single(settings["leave_after_h"].min()))
    if not len(late):
        return np.zeros(shape)
    cells, size = counted.places.take(late), math.prod(shape)
    most, after_h, tau_h = of_cells([settings[f"leave_{name}"] for name in ("share", "after_h", "tau_h")], cells, every)
    gone = left_share(hours.take(late), most=most, after_h=after_h, tau_h=tau_h) * counted.homes.take(late)
    return np.asarray(np.bincount(cells % size, weights=gone, minlength=size), dtype=float).reshape(shape)
