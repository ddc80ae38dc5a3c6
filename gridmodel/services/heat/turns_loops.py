"""Loops over homes that take turns: what `gridmodel.services.heat.turns` does array by array, home by home.

numpy takes some eighty passes over arrays that no longer fit a processor's nearest cache; a loop takes three, in about
half of the time. It waits for numba to compile it once per installation. Every line is one of + − × ÷ or a comparison
in single precision, in the order of its numpy twin, and logarithms stay with numpy: the bytes are the same.
"""

# ruff: noqa: C901, FURB136, PLR0915 - a loop is one function; the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
STOVE, BACKED, ELECTRIC = 2, 1, 3
"""Rows whose power differs from that of the first."""
FIELDS = (
    "air_mass", "air_heating", "air_gains", "mass_mass", "mass_heating", "mass_gains", "set_c", "settled_c",
    "installed_w", "of_stove_w", "at_once", "by_fall", "by_mass", "falls", "lag_h", "stays",
    "more_at_length", "steps_of_lag", "lags_of_step", "moves", "heating_for_gains",
)  # fmt: skip
"""Rows of a table of buildings and settings."""
_AIR_MASS, _AIR_HEATING, _AIR_GAINS, _MASS_MASS, _MASS_HEATING, _MASS_GAINS, _SET, _SETTLED = range(8)
_INSTALLED, _OF_STOVE, _AT_ONCE, _BY_FALL, _BY_MASS, _FALLS, _LAG, _STAYS = range(8, 16)
_MORE, _STEPS, _LAGS, _MOVES, _FOR_GAINS = range(16, 21)
_ONE, _ZERO, _HALF = np.float32(1.0), np.float32(0.0), np.float32(0.5)
_LEAST_SWING_K = np.float32(1e-4)

_compiled = compiler(__file__)


@_compiled(None)
def until_heated(  # noqa: PLR0917 - numba takes no keywords
    state: tuple[Floats, Floats, Floats], on: Floats, backup: Floats, gains: Floats, fuel: Floats, table: Floats,
    constant: Floats, made: tuple[Floats, ...], given: Floats,
) -> None:  # fmt: skip
    """Write what homes ask of boilers, and the time for which these run at full but for its logarithm.

    Parameters
    ----------
    state
        Mass, heat of radiators and heaters before the step, each of shape ``(row, cohort, cell)``.
    on, backup, gains
        Shape ``(cohort, cell)``.
    fuel
        Gas supply, shape ``(cell,)``; empty where it is whole. [1]
    table
        Buildings and settings by `FIELDS`, shape ``(field, cell)``.
    constant
        Air and mass by outdoor air and sun, shape ``(2, cell)``. [°C]
    made
        Air, mass, heat asked, push, distance from what is asked before and after, store, and half of a fall: arrays of
        the shape of `state` that are written, then the heat asked of stoves, shape ``(cohort, cell)``.
    given
        Written: quotients of which the logarithm is to be taken, shape of `state`.
    """
    mass_c, radiator_w, heater_w = state
    air_c, after_c, ask, pushed, away, ends, stored, half, of_stove = made
    heaters, short_gas = len(heater_w) > 0, len(fuel) > 0
    for r in range(mass_c.shape[0]):
        for q in range(mass_c.shape[1]):
            for k in range(mass_c.shape[2]):
                run = on[q, k]
                if short_gas and r != ELECTRIC:
                    run *= fuel[k]
                if r == BACKED:
                    run += backup[q, k] * fuel[k] if short_gas else backup[q, k]
                before, installed = mass_c[r, q, k], table[_INSTALLED, k]
                air = before * table[_AIR_MASS, k] + (gains[q, k] * table[_AIR_GAINS, k] + constant[0, k])
                mass = before * table[_MASS_MASS, k] + (gains[q, k] * table[_MASS_GAINS, k] + constant[1, k])
                by_heat = run * table[_MORE, k] + table[_AT_ONCE, k]
                if r == STOVE:
                    by_heat = table[_AIR_HEATING, k]
                wanted = (table[_SET, k] - air) / by_heat
                if heaters:
                    wanted -= heater_w[r, q, k] * on[q, k]
                wanted = wanted if wanted > _ZERO else _ZERO
                if r == STOVE:
                    of_stove[q, k] = wanted
                falls = ((mass - before) + wanted * table[_MASS_HEATING, k]) * table[_FALLS, k]
                falls *= _ONE if (run >= _ONE) & (wanted < installed) else _ZERO
                asked = (wanted if wanted < installed else installed) * run
                able = run * installed
                most = asked * table[_STEPS, k]
                falls = falls if falls > _ZERO else _ZERO
                falls = falls if falls < most else most
                store = falls * table[_LAGS, k]
                falls *= _HALF
                beyond = (radiator_w[r, q, k] - falls) - asked
                short = beyond < _ZERO
                push = (able - asked) * (_ONE if short else _ZERO)
                push -= asked * (_ONE if (able >= installed) & (not short) else _ZERO)
                push += store
                after = push * table[_MOVES, k] + beyond * table[_STAYS, k]
                after *= _ONE if (after < _ZERO) == short else _ZERO
                hours = -(beyond / push)
                given[r, q, k] = hours if hours > _ZERO else _ZERO
                air_c[r, q, k] = air
                after_c[r, q, k] = mass
                ask[r, q, k] = asked
                pushed[r, q, k] = push
                away[r, q, k] = beyond
                ends[r, q, k] = after
                stored[r, q, k] = store
                half[r, q, k] = falls


@_compiled(None)
def heated(  # noqa: PLR0917
    state: tuple[Floats, Floats, Floats], on: Floats, fuel: Floats, table: Floats, cooker_w: Floats, step: np.float32,
    per_step: np.float32, made: tuple[Floats, ...], logarithm: Floats,
) -> int:  # fmt: skip
    """Write rooms, radiators and boilers at the end of the step, and return how many homes are too cold for people.

    Parameters
    ----------
    state, on, fuel, table
        As in `until_heated`.
    cooker_w
        Most that cookers give, shape ``(cell,)``. [W/m²]
    step, per_step
        Length of the step, and one over it. [h], [1/h]
    made
        As `until_heated` wrote them. Changed are air, mass, the push, which becomes what boilers make, the distances,
        which become what heaters would have to add and what radiators give, and the half of a fall, which becomes half
        of what the air changes by.
    logarithm
        Logarithms of one and the quotients, shape of `state`.
    """
    mass_c, radiator_w, heater_w = state
    air_c, after_c, ask, pushed, away, ends, stored, half, of_stove = made
    heaters, short_gas, cold = len(heater_w) > 0, len(fuel) > 0, 0
    for r in range(mass_c.shape[0]):
        for q in range(mass_c.shape[1]):
            for k in range(mass_c.shape[2]):
                before, heating = mass_c[r, q, k], table[_AIR_HEATING, k]
                hours = logarithm[r, q, k] * table[_LAG, k]
                hours = hours if hours < step else step
                push = pushed[r, q, k] * hours * per_step + ask[r, q, k]
                given = (away[r, q, k] - ends[r, q, k]) * table[_LAGS, k] + push
                boiler = push - stored[r, q, k]
                radiator = (ends[r, q, k] + ask[r, q, k]) - half[r, q, k]
                if r == STOVE:
                    run = on[q, k] * fuel[k] if short_gas else on[q, k]
                    idle, held = _ONE - run, given - boiler
                    held = held if held > _ZERO else _ZERO
                    stove = idle * of_stove[q, k] - held
                    stove = stove if stove > _ZERO else _ZERO
                    most = idle * table[_OF_STOVE, k]
                    stove = stove if stove < most else most
                    given += stove
                    boiler += stove
                air = air_c[r, q, k] + given * heating
                rises = radiator - radiator_w[r, q, k]
                air -= rises * table[_BY_FALL, k]
                lacks = table[_SETTLED, k] - air
                mass = after_c[r, q, k] + given * table[_MASS_HEATING, k]
                if heaters:
                    heater = heater_w[r, q, k] * on[q, k]
                    mass += heater * table[_MASS_HEATING, k]
                    air += heater * heating
                cold += 1 if lacks > _ZERO else 0
                lacks /= table[_AIR_GAINS, k]
                lacks = lacks if lacks > _ZERO else _ZERO
                cooker = lacks if lacks < cooker_w[k] else cooker_w[k]
                mass += cooker * table[_MASS_GAINS, k]
                air += cooker * table[_AIR_GAINS, k]
                swing = (mass - before) * table[_BY_MASS, k] + rises * table[_AT_ONCE, k]
                air_c[r, q, k] = air
                after_c[r, q, k] = mass
                pushed[r, q, k] = boiler
                away[r, q, k] = (lacks - cooker) * table[_FOR_GAINS, k]
                ends[r, q, k] = radiator
                half[r, q, k] = (swing if swing > _ZERO else -swing) * _HALF
    return cold


@_compiled(None)
def count(  # noqa: PLR0917
    air_c: Floats, swing_k: Floats, share: Floats, of_cohort: Floats, limits: Floats, kelvin_of: Ints, listed: int,
    sums: tuple[Floats, Floats], of_listed: tuple[Ints, Floats],
) -> int:  # fmt: skip
    """Add up homes below thresholds as `count_cold` does, and return the number of places that are listed.

    Parameters
    ----------
    air_c, swing_k
        Shape ``(row, cohort, cell)``. [°C], [K]
    share
        Share of a region's homes in each row, shape ``(row, cell)``. [1]
    of_cohort
        Share of them in each cohort, shape ``(cohort, 1)`` or ``(cohort, cell)``. [1]
    limits
        Thresholds, from the highest. [°C]
    kelvin_of
        Row of `kelvin` for each of them, or -1.
    listed
        Number of the threshold whose homes are listed.
    sums
        Changed: shares of homes, ``(threshold, cell)``, and the kelvin that they lack.
    of_listed
        Written: places below that threshold in the flat array of `air_c`, and the homes at them.
    """
    (found, kelvin), (places, homes) = sums, of_listed
    cells, cohorts, number = air_c.shape[2], air_c.shape[1], 0
    each = of_cohort.shape[1] > 1
    for r in range(air_c.shape[0]):
        for q in range(cohorts):
            for k in range(cells):
                air, swing = air_c[r, q, k], swing_k[r, q, k]
                low = air - swing
                if low < limits[0]:
                    people = share[r, k] * of_cohort[q, k if each else 0]
                    steep = _HALF / (swing if swing > _LEAST_SWING_K else _LEAST_SWING_K)
                    for t in range(len(limits)):
                        if not low < limits[t]:
                            break
                        above = limits[t] - air
                        part = above * steep + _HALF
                        part = part if part > _ZERO else _ZERO
                        part = part if part < _ONE else _ONE
                        below = part * people
                        found[t, k] += below
                        if t == listed:
                            places[number] = (r * cohorts + q) * cells + k
                            homes[number] = below
                            number += 1
                        if kelvin_of[t] >= 0:
                            more = above - swing
                            lacks = part * part * swing + (more if more > _ZERO else _ZERO)
                            kelvin[kelvin_of[t], k] += lacks * people
    return number
