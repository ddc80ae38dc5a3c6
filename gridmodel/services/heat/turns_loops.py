"""Loops over homes that take turns: what `gridmodel.services.heat.turns` does array by array, home by home.

numpy takes some hundred passes over arrays that no longer fit a processor's nearest cache; loops over blocks of cells
take one, in about a sixth of the time. They wait for numba to compile them once per installation. Every line is one of
+ − × ÷ or a comparison in single precision, in the order of its numpy twin, logarithms included
(`gridmodel.services.heat.logarithm`): the bytes are the same.

All values of a block lie in one array at places known when it is compiled, so that a processor works on eight homes at
once: a compiler does that only where it can tell that no two arrays share memory.
"""

# ruff: noqa: C901, FURB136, PLR0912, PLR0915 - a loop is one function; the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, available, compiler
from gridmodel.services.heat import block_loops, logarithm
from gridmodel.services.heat.block_loops import WIDTH, load, store
from gridmodel.services.heat.logarithm import LEAST_SIGNIFICAND, LOG_2, MOST, SERIES, SIGNIFICAND_BITS

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
BACKED, ELECTRIC, WITH_STOVE = 1, 3, (2, 4)
"""Rows that differ from the first: none from `ELECTRIC` on burns gas."""
FIELDS = (
    "air_mass", "air_heating", "air_gains", "mass_mass", "mass_heating", "mass_gains", "set_c", "settled_c",
    "installed_w", "of_stove_w", "at_once", "by_fall", "by_mass", "falls", "lag_h", "stays",
    "more_at_length", "steps_of_lag", "lags_of_step", "moves", "heating_for_gains",
)  # fmt: skip
"""Rows of a table of buildings and settings."""
_AIR_MASS, _AIR_HEATING, _AIR_GAINS, _MASS_MASS, _MASS_HEATING, _MASS_GAINS, _SET, _SETTLED = range(8)
_INSTALLED, _OF_STOVE, _AT_ONCE, _BY_FALL, _BY_MASS, _FALLS, _LAG, _STAYS = range(8, 16)
_MORE, _STEPS, _LAGS, _MOVES, _FOR_GAINS = range(16, 21)
_OF_AIR, _OF_MASS, _FUEL, _COOKER, _ON, _GAINS, _BACKUP, _BEFORE, _RADIATOR, _HEATER, _LOG = range(21, 32)
_RUN, _BY_HEAT, _OF_STOVES, _GIVEN, _MADE, _AFTER, _LACKS, _AIR, _NEW_MASS, _SWING, _COLD = range(32, 43)
_ABOVE_ONE, _POWER, _SIGNIFICAND = 43, 44, 45
_VALUES = 46
"""Rows of a block: buildings and settings, what acts on homes, and what follows."""
_BARE, _BARE_MASS, _ASKED, _PUSH, _AWAY, _ENDS, _STORE, _HALF_FALL = range(8)
_ASKED_OF_STOVE, _KEPT = 8, 9
"""Rows of what homes of a block ask."""
_ONE, _TWO, _ZERO, _HALF = np.float32(1.0), np.float32(2.0), np.float32(0.0), np.float32(0.5)
_THIRD, _FIFTH, _SEVENTH, _NINTH = SERIES
_WHOLE, _WHOLE_BITS = np.float32(2.0**23), np.float32(2.0**23).view(np.int32)
"""Number whose bits are its own and, added to them, those of a small whole number: so one becomes a number."""
_LEAST_SWING_K = np.float32(1e-4)

_compiled = compiler(__file__, block_loops.__file__, logarithm.__file__)


@_compiled(None)
def _run(block: Floats, row: int, short_gas: bool) -> None:
    """Compute the share of the step for which boilers of a row run, and the air per heat that it asks for."""
    for k in range(WIDTH):
        block[_RUN * WIDTH + k] = block[_ON * WIDTH + k]
    if short_gas and row < ELECTRIC:
        for k in range(WIDTH):
            block[_RUN * WIDTH + k] *= block[_FUEL * WIDTH + k]
    if row == BACKED and short_gas:
        for k in range(WIDTH):
            block[_RUN * WIDTH + k] += block[_BACKUP * WIDTH + k] * block[_FUEL * WIDTH + k]
    elif row == BACKED:
        for k in range(WIDTH):
            block[_RUN * WIDTH + k] += block[_BACKUP * WIDTH + k]
    for k in range(WIDTH):
        block[_BY_HEAT * WIDTH + k] = block[_RUN * WIDTH + k] * block[_MORE * WIDTH + k] + block[_AT_ONCE * WIDTH + k]
    if row in WITH_STOVE:
        for k in range(WIDTH):
            block[_BY_HEAT * WIDTH + k] = block[_AIR_HEATING * WIDTH + k]


@_compiled(None)
def _ask(block: Floats, kept: Floats, heaters: bool) -> None:
    """Compute what homes of a block ask of boilers, and the quotients of which the logarithm is to be taken."""
    for k in range(WIDTH):
        before, installed = block[_BEFORE * WIDTH + k], block[_INSTALLED * WIDTH + k]
        run, gains = block[_RUN * WIDTH + k], block[_GAINS * WIDTH + k]
        air = gains * block[_AIR_GAINS * WIDTH + k] + block[_OF_AIR * WIDTH + k]
        air = before * block[_AIR_MASS * WIDTH + k] + air
        mass = gains * block[_MASS_GAINS * WIDTH + k] + block[_OF_MASS * WIDTH + k]
        mass = before * block[_MASS_MASS * WIDTH + k] + mass
        wanted = (block[_SET * WIDTH + k] - air) / block[_BY_HEAT * WIDTH + k]
        if heaters:
            wanted -= block[_HEATER * WIDTH + k] * block[_ON * WIDTH + k]
        wanted = wanted if wanted > _ZERO else _ZERO
        falls = ((mass - before) + wanted * block[_MASS_HEATING * WIDTH + k]) * block[_FALLS * WIDTH + k]
        falls *= _ONE if (run >= _ONE) & (wanted < installed) else _ZERO
        asked = (wanted if wanted < installed else installed) * run
        able = run * installed
        most = asked * block[_STEPS * WIDTH + k]
        falls = falls if falls > _ZERO else _ZERO
        falls = falls if falls < most else most
        store = falls * block[_LAGS * WIDTH + k]
        falls *= _HALF
        beyond = (block[_RADIATOR * WIDTH + k] - falls) - asked
        short = beyond < _ZERO
        push = (able - asked) * (_ONE if short else _ZERO)
        push -= asked * (_ONE if (able >= installed) & (not short) else _ZERO)
        push += store
        after = push * block[_MOVES * WIDTH + k] + beyond * block[_STAYS * WIDTH + k]
        after *= _ONE if (after < _ZERO) == short else _ZERO
        hours = -(beyond / push)
        block[_LOG * WIDTH + k] = hours if hours > _ZERO else _ZERO
        kept[_BARE * WIDTH + k] = air
        kept[_BARE_MASS * WIDTH + k] = mass
        kept[_ASKED * WIDTH + k] = asked
        kept[_PUSH * WIDTH + k] = push
        kept[_AWAY * WIDTH + k] = beyond
        kept[_ENDS * WIDTH + k] = after
        kept[_STORE * WIDTH + k] = store
        kept[_HALF_FALL * WIDTH + k] = falls
        kept[_ASKED_OF_STOVE * WIDTH + k] = wanted


@_compiled(None)
def _take_logarithms(block: Floats, bits: Ints) -> None:
    """Put the logarithms of one and the quotients of a block in their place, as `log1p_single` computes them.

    Parameters
    ----------
    block
        Values of the block.
    bits
        The same memory, as whole numbers.
    """
    for k in range(WIDTH):
        quotient = block[_LOG * WIDTH + k]
        block[_LOG * WIDTH + k] = quotient if quotient < MOST else MOST
        block[_ABOVE_ONE * WIDTH + k] = block[_LOG * WIDTH + k] + _ONE
    for k in range(WIDTH):
        number = bits[_ABOVE_ONE * WIDTH + k]
        power = np.int32(np.int32(number - LEAST_SIGNIFICAND) >> SIGNIFICAND_BITS)
        bits[_POWER * WIDTH + k] = np.int32(power + _WHOLE_BITS)
        bits[_SIGNIFICAND * WIDTH + k] = np.int32(number - np.int32(power << SIGNIFICAND_BITS))
    for k in range(WIDTH):
        beyond, whole = block[_SIGNIFICAND * WIDTH + k] - _ONE, block[_ABOVE_ONE * WIDTH + k]
        part = beyond / (beyond + _TWO)
        square = part * part
        terms = square * (square * (square * (square * _NINTH + _SEVENTH) + _FIFTH) + _THIRD)
        twice = part + part
        lost = (block[_LOG * WIDTH + k] - (whole - _ONE)) / whole
        block[_LOG * WIDTH + k] = ((block[_POWER * WIDTH + k] - _WHOLE) * LOG_2 + (twice * terms + twice)) + lost


@_compiled(None)
def _load_cells(
    block: Floats, by_cell: tuple[Floats, Floats, Floats, Floats], first: int, cells: int, count: int
) -> None:
    """Copy what is the same for all homes of a cell into a block."""
    table, constant, fuel, cooker_w = by_cell
    for field in range(_OF_AIR):
        load(block, field, table, field * cells + first, count)
    load(block, _OF_AIR, constant, first, count)
    load(block, _OF_MASS, constant, cells + first, count)
    load(block, _COOKER, cooker_w, first, count)
    if len(fuel):
        load(block, _FUEL, fuel, first, count)


@_compiled(None)
def _give(block: Floats, kept: Floats, step: np.float32, per_step: np.float32) -> None:
    """Compute what boilers of a block make, and what their radiators give."""
    for k in range(WIDTH):
        hours = block[_LOG * WIDTH + k] * block[_LAG * WIDTH + k]
        hours = hours if hours < step else step
        push = kept[_PUSH * WIDTH + k] * hours * per_step + kept[_ASKED * WIDTH + k]
        ends = kept[_ENDS * WIDTH + k]
        block[_GIVEN * WIDTH + k] = (kept[_AWAY * WIDTH + k] - ends) * block[_LAGS * WIDTH + k] + push
        block[_MADE * WIDTH + k] = push - kept[_STORE * WIDTH + k]
        block[_AFTER * WIDTH + k] = (ends + kept[_ASKED * WIDTH + k]) - kept[_HALF_FALL * WIDTH + k]


@_compiled(None)
def _burn(block: Floats, kept: Floats) -> None:
    """Add the heat of stoves that homes of a block fall back on."""
    for k in range(WIDTH):
        given, boiler = block[_GIVEN * WIDTH + k], block[_MADE * WIDTH + k]
        idle, held = _ONE - block[_RUN * WIDTH + k], given - boiler
        held = held if held > _ZERO else _ZERO
        stove = idle * kept[_ASKED_OF_STOVE * WIDTH + k] - held
        stove = stove if stove > _ZERO else _ZERO
        most = idle * block[_OF_STOVE * WIDTH + k]
        stove = stove if stove < most else most
        block[_GIVEN * WIDTH + k] = given + stove
        block[_MADE * WIDTH + k] = boiler + stove


@_compiled(None)
def _warm(block: Floats, kept: Floats, heaters: bool) -> None:
    """Compute rooms of a block, and what heaters would have to add."""
    for k in range(WIDTH):
        given, heating, before = block[_GIVEN * WIDTH + k], block[_AIR_HEATING * WIDTH + k], block[_BEFORE * WIDTH + k]
        air = kept[_BARE * WIDTH + k] + given * heating
        rises = block[_AFTER * WIDTH + k] - block[_RADIATOR * WIDTH + k]
        air -= rises * block[_BY_FALL * WIDTH + k]
        lacks = block[_SETTLED * WIDTH + k] - air
        mass = kept[_BARE_MASS * WIDTH + k] + given * block[_MASS_HEATING * WIDTH + k]
        if heaters:
            heater = block[_HEATER * WIDTH + k] * block[_ON * WIDTH + k]
            mass += heater * block[_MASS_HEATING * WIDTH + k]
            air += heater * heating
        block[_COLD * WIDTH + k] = _ONE if lacks > _ZERO else _ZERO
        lacks /= block[_AIR_GAINS * WIDTH + k]
        lacks = lacks if lacks > _ZERO else _ZERO
        cooker = lacks if lacks < block[_COOKER * WIDTH + k] else block[_COOKER * WIDTH + k]
        mass += cooker * block[_MASS_GAINS * WIDTH + k]
        air += cooker * block[_AIR_GAINS * WIDTH + k]
        swing = (mass - before) * block[_BY_MASS * WIDTH + k] + rises * block[_AT_ONCE * WIDTH + k]
        block[_AIR * WIDTH + k] = air
        block[_NEW_MASS * WIDTH + k] = mass
        block[_LACKS * WIDTH + k] = (lacks - cooker) * block[_FOR_GAINS * WIDTH + k]
        block[_SWING * WIDTH + k] = (swing if swing > _ZERO else -swing) * _HALF


@_compiled(None)
def heated(  # noqa: PLR0917
    state: tuple[Floats, Floats, Floats], by_cohort: tuple[Floats, Floats, Floats],
    by_cell: tuple[Floats, Floats, Floats, Floats], shape: tuple[int, int, int], step: np.float32,
    per_step: np.float32, made: tuple[Floats, ...],
) -> int:  # fmt: skip
    """Write rooms, radiators and boilers at the end of the step, and return how many homes are too cold for people.

    Parameters
    ----------
    state
        Mass, heat of radiators and heaters before the step, by row, cohort and cell, as all arrays here in one axis.
        [°C], [W/m²], [W/m²]
    by_cohort
        Homes with power, backup and gains, by cohort and cell. [1], [1], [W/m²]
    by_cell
        Buildings and settings by `FIELDS` and cell; air and mass by outdoor air and sun, likewise; gas supply by cell,
        empty where it is whole; and the most that cookers give. [°C], [1], [W/m²]
    shape
        Number of rows, cohorts and cells.
    step, per_step
        Length of the step, and one over it. [h], [1/h]
    made
        Written, by row, cohort and cell: air, mass, what boilers make, what heaters would have to add, what
        radiators give, and half of what the air changes by.
    """
    rows, cohorts, cells = shape
    air_c, after_c, boiler_w, missing_w, after_w, swing_k = made
    (mass_c, radiator_w, heater_w), (on, backup, gains) = state, by_cohort
    heaters, short_gas, cold = len(heater_w) > 0, len(by_cell[2]) > 0, 0
    block, kept = np.zeros(_VALUES * WIDTH, np.float32), np.zeros(_KEPT * WIDTH, np.float32)
    bits = block.view(np.int32)
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        _load_cells(block, by_cell, first, cells, count)
        for q in range(cohorts):
            load(block, _ON, on, q * cells + first, count)
            load(block, _BACKUP, backup, q * cells + first, count)
            load(block, _GAINS, gains, q * cells + first, count)
            for r in range(rows):
                home = (r * cohorts + q) * cells + first
                load(block, _BEFORE, mass_c, home, count)
                load(block, _RADIATOR, radiator_w, home, count)
                if heaters:
                    load(block, _HEATER, heater_w, home, count)
                _run(block, r, short_gas)
                _ask(block, kept, heaters)
                _take_logarithms(block, bits)
                _give(block, kept, step, per_step)
                if r in WITH_STOVE:
                    _burn(block, kept)
                _warm(block, kept, heaters)
                for k in range(count):
                    cold += 1 if block[_COLD * WIDTH + k] > _ZERO else 0
                store(block, _AIR, air_c, home, count)
                store(block, _NEW_MASS, after_c, home, count)
                store(block, _MADE, boiler_w, home, count)
                store(block, _LACKS, missing_w, home, count)
                store(block, _AFTER, after_w, home, count)
                store(block, _SWING, swing_k, home, count)
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
