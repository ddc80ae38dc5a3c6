"""Loops over homes that take turns: what `gridmodel.services.heat.turns` does array by array, home by home.

numpy takes some hundred passes over arrays that no longer fit a processor's nearest cache; loops over blocks of cells
take one, in about a tenth of the time. Every line is one of + − × ÷ or a comparison in single precision, in the order
of its numpy twin, logarithms included (`gridmodel.services.heat.logarithm`): the bytes are the same.

All values of a block lie in one array at places known when it is compiled, so that a processor works on eight homes at
once: a compiler does that only where it can tell that no two arrays share memory.
"""

# ruff: noqa: C901, FURB136, PLR0912, PLR0913, PLR0915, PLR0917 - a loop is one function; those of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, available, compiler
from gridmodel.services.heat import block_loops, logarithm, turns_cold_loops, turns_rows
from gridmodel.services.heat.block_loops import WIDTH, load, store
from gridmodel.services.heat.logarithm import LEAST_SIGNIFICAND, LOG_2, MOST, SERIES, SIGNIFICAND_BITS
from gridmodel.services.heat.turns_cold_loops import (
    close_up,
    count_below,
    count_lacking,
    homes_below,
    list_below,
    list_lacking,
    mark_cold,
    stay_cold,
    wait_to_leave,
)  # fmt: skip
from gridmodel.services.heat.turns_rows import (
    AFTER,
    AIR,
    AIR_GAINS,
    AIR_HEATING,
    AIR_MASS,
    APPLIANCES,
    ASKED,
    AT_ONCE,
    AWAY,
    BACKUP,
    BACKUP_H,
    BARE,
    BARE_MASS,
    BEFORE,
    BY_FALL,
    BY_HEAT,
    BY_MASS,
    CHARGE,
    COLD_H,
    COOKER,
    EACH,
    ENDS,
    FALLS,
    FIELDS,
    FOR_GAINS,
    FOUND,
    FUEL,
    GAINS,
    GIVEN,
    HALF_FALL,
    HEATER,
    HOURS,
    INSTALLED,
    KELVIN,
    LACKS,
    LAG,
    LAGS,
    LOADED,
    LOG,
    LOW,
    MADE,
    MASS_GAINS,
    MASS_HEATING,
    MASS_MASS,
    MEAN,
    MORE,
    MOVES,
    NEW_MASS,
    NONE,
    OF_AIR,
    OF_COHORTS,
    OF_LAST,
    OF_MASS,
    OF_QUEUE,
    OF_STOVE,
    ON,
    OUTSIDE,
    PEOPLE,
    PUSH,
    RADIATOR,
    RATIO,
    RUN,
    SET,
    SETTLED,
    STAYS,
    STEPS,
    STORE,
    SWING,
    VALUES,
    WANTED,
    WIDE_VALUES,
)

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
BACKED, ELECTRIC, WITH_STOVE = 1, 3, (2, 4)
"""Rows that differ from the first: none from `ELECTRIC` on burns gas."""
_LOADED = len(LOADED)
_AIR_OUTDOOR, _AIR_SUN, _MASS_OUTDOOR, _MASS_SUN = range(_LOADED, len(FIELDS))
_ONE, _TWO, _ZERO, _HALF = np.float32(1.0), np.float32(2.0), np.float32(0.0), np.float32(0.5)
_THIRD, _FIFTH, _SEVENTH, _NINTH = SERIES

_compiled = compiler(
    __file__, block_loops.__file__, logarithm.__file__, turns_cold_loops.__file__, turns_rows.__file__
)  # fmt: skip


@_compiled(None)
def _run(block: Floats, row: int, short_gas: bool) -> None:
    """Compute the share of the step for which boilers of a row run, the air per heat that it asks for, and gains."""
    for k in range(WIDTH):
        block[RUN * WIDTH + k] = block[ON * WIDTH + k]
        block[GAINS * WIDTH + k] = block[ON * WIDTH + k] * block[APPLIANCES * WIDTH + k] + block[PEOPLE * WIDTH + k]
    if short_gas and row < ELECTRIC:
        for k in range(WIDTH):
            block[RUN * WIDTH + k] *= block[FUEL * WIDTH + k]
    if row == BACKED and short_gas:
        for k in range(WIDTH):
            block[RUN * WIDTH + k] += block[BACKUP * WIDTH + k] * block[FUEL * WIDTH + k]
    elif row == BACKED:
        for k in range(WIDTH):
            block[RUN * WIDTH + k] += block[BACKUP * WIDTH + k]
    for k in range(WIDTH):
        block[BY_HEAT * WIDTH + k] = block[RUN * WIDTH + k] * block[MORE * WIDTH + k] + block[AT_ONCE * WIDTH + k]
    if row in WITH_STOVE:
        for k in range(WIDTH):
            block[BY_HEAT * WIDTH + k] = block[AIR_HEATING * WIDTH + k]


@_compiled(None)
def _bridge(block: Floats, step: np.float32) -> None:
    """Compute for which share of the step backup runs boilers and what it has left, as `own.bridged` does."""
    for k in range(WIDTH):
        power, charge = block[ON * WIDTH + k], block[CHARGE * WIDTH + k]
        off, lasts = _ONE - power, charge / step
        share = lasts if lasts < off else off
        after = charge + step * (block[RATIO * WIDTH + k] * power - share)
        after = after if after > _ZERO else _ZERO
        block[BACKUP * WIDTH + k] = share
        block[CHARGE * WIDTH + k] = after if after < block[BACKUP_H * WIDTH + k] else block[BACKUP_H * WIDTH + k]


@_compiled(None)
def _ask(block: Floats, heaters: bool) -> None:
    """Compute what homes of a block ask of boilers, and the quotients of which the logarithm is to be taken."""
    for k in range(WIDTH):
        before, installed = block[BEFORE * WIDTH + k], block[INSTALLED * WIDTH + k]
        run, gains = block[RUN * WIDTH + k], block[GAINS * WIDTH + k]
        air = gains * block[AIR_GAINS * WIDTH + k] + block[OF_AIR * WIDTH + k]
        air = before * block[AIR_MASS * WIDTH + k] + air
        mass = gains * block[MASS_GAINS * WIDTH + k] + block[OF_MASS * WIDTH + k]
        mass = before * block[MASS_MASS * WIDTH + k] + mass
        wanted = (block[SET * WIDTH + k] - air) / block[BY_HEAT * WIDTH + k]
        if heaters:
            wanted -= block[HEATER * WIDTH + k] * block[ON * WIDTH + k]
        wanted = wanted if wanted > _ZERO else _ZERO
        falls = ((mass - before) + wanted * block[MASS_HEATING * WIDTH + k]) * block[FALLS * WIDTH + k]
        falls = falls if (run >= _ONE) & (wanted < installed) & (falls > _ZERO) else _ZERO
        asked = (wanted if wanted < installed else installed) * run
        able = run * installed
        most = asked * block[STEPS * WIDTH + k]
        falls = falls if falls < most else most
        store = falls * block[LAGS * WIDTH + k]
        falls *= _HALF
        beyond = (block[RADIATOR * WIDTH + k] - falls) - asked
        short = beyond < _ZERO
        gives = able if short else (_ZERO if able >= installed else asked)
        push = (gives - asked) + store
        after = push * block[MOVES * WIDTH + k] + beyond * block[STAYS * WIDTH + k]
        after = after if (after < _ZERO) == short else _ZERO
        hours = -(beyond / push)
        block[LOG * WIDTH + k] = hours if hours > _ZERO else _ZERO
        block[BARE * WIDTH + k] = air
        block[BARE_MASS * WIDTH + k] = mass
        block[ASKED * WIDTH + k] = asked
        block[PUSH * WIDTH + k] = push
        block[AWAY * WIDTH + k] = beyond
        block[ENDS * WIDTH + k] = after
        block[STORE * WIDTH + k] = store
        block[HALF_FALL * WIDTH + k] = falls
        block[WANTED * WIDTH + k] = wanted


@_compiled(None)
def _take_logarithms(block: Floats) -> None:
    """Put the logarithms of one and the quotients of a block in their place, as `log1p_single` computes them."""
    for k in range(WIDTH):
        quotient = block[LOG * WIDTH + k]
        quotient = quotient if quotient < MOST else MOST
        whole = quotient + _ONE
        number = np.float32(whole).view(np.int32)
        power = np.int32(np.int32(number - LEAST_SIGNIFICAND) >> SIGNIFICAND_BITS)
        beyond = np.int32(number - np.int32(power << SIGNIFICAND_BITS)).view(np.float32) - _ONE
        part = beyond / (beyond + _TWO)
        square = part * part
        terms = square * (square * (square * (square * _NINTH + _SEVENTH) + _FIFTH) + _THIRD)
        twice = part + part
        lost = (quotient - (whole - _ONE)) / whole
        block[LOG * WIDTH + k] = (np.float32(power) * LOG_2 + (twice * terms + twice)) + lost


@_compiled(None)
def _load_cells(
    block: Floats, by_cell: tuple[Floats, Floats, Floats, Floats], first: int, cells: int, count: int
) -> None:
    """Copy what is the same for all homes of a cell into a block."""
    table, constant, fuel, cooker_w = by_cell
    for field in range(_LOADED):
        load(block, field, table, field * cells + first, count)
    load(block, OF_AIR, constant, first, count)
    load(block, OF_MASS, constant, cells + first, count)
    load(block, COOKER, cooker_w, first, count)
    if len(fuel):
        load(block, FUEL, fuel, first, count)


@_compiled(None)
def _give(block: Floats, step: np.float32, per_step: np.float32) -> None:
    """Compute what boilers of a block make, and what their radiators give."""
    for k in range(WIDTH):
        hours = block[LOG * WIDTH + k] * block[LAG * WIDTH + k]
        hours = hours if hours < step else step
        push = block[PUSH * WIDTH + k] * hours * per_step + block[ASKED * WIDTH + k]
        ends = block[ENDS * WIDTH + k]
        block[GIVEN * WIDTH + k] = (block[AWAY * WIDTH + k] - ends) * block[LAGS * WIDTH + k] + push
        block[MADE * WIDTH + k] = push - block[STORE * WIDTH + k]
        block[AFTER * WIDTH + k] = (ends + block[ASKED * WIDTH + k]) - block[HALF_FALL * WIDTH + k]


@_compiled(None)
def _burn(block: Floats) -> None:
    """Add the heat of stoves that homes of a block fall back on."""
    for k in range(WIDTH):
        given, boiler = block[GIVEN * WIDTH + k], block[MADE * WIDTH + k]
        idle, held = _ONE - block[RUN * WIDTH + k], given - boiler
        held = held if held > _ZERO else _ZERO
        stove = idle * block[WANTED * WIDTH + k] - held
        stove = stove if stove > _ZERO else _ZERO
        most = idle * block[OF_STOVE * WIDTH + k]
        stove = stove if stove < most else most
        block[GIVEN * WIDTH + k] = given + stove
        block[MADE * WIDTH + k] = boiler + stove


@_compiled(None)
def _warm(block: Floats, heaters: bool) -> None:
    """Compute rooms of a block, and what heaters would have to add."""
    for k in range(WIDTH):
        given, heating, before = block[GIVEN * WIDTH + k], block[AIR_HEATING * WIDTH + k], block[BEFORE * WIDTH + k]
        air = block[BARE * WIDTH + k] + given * heating
        rises = block[AFTER * WIDTH + k] - block[RADIATOR * WIDTH + k]
        air -= rises * block[BY_FALL * WIDTH + k]
        lacks = block[SETTLED * WIDTH + k] - air
        mass = block[BARE_MASS * WIDTH + k] + given * block[MASS_HEATING * WIDTH + k]
        if heaters:
            heater = block[HEATER * WIDTH + k] * block[ON * WIDTH + k]
            mass += heater * block[MASS_HEATING * WIDTH + k]
            air += heater * heating
        lacks /= block[AIR_GAINS * WIDTH + k]
        lacks = lacks if lacks > _ZERO else _ZERO
        cooker = lacks if lacks < block[COOKER * WIDTH + k] else block[COOKER * WIDTH + k]
        mass += cooker * block[MASS_GAINS * WIDTH + k]
        air += cooker * block[AIR_GAINS * WIDTH + k]
        swing = (mass - before) * block[BY_MASS * WIDTH + k] + rises * block[AT_ONCE * WIDTH + k]
        swing = (swing if swing > _ZERO else -swing) * _HALF
        block[AIR * WIDTH + k] = air
        block[NEW_MASS * WIDTH + k] = mass
        block[LACKS * WIDTH + k] = (lacks - cooker) * block[FOR_GAINS * WIDTH + k]
        block[SWING * WIDTH + k] = swing
        block[LOW * WIDTH + k] = air - swing


@_compiled(None)
def _act(table: Floats, outdoor_c: Floats, sun_w: Floats, shape: tuple[int, int], constant: Floats) -> None:
    """Write the parts of air and mass that outdoor air and sun make, as `turns._constant` does.

    Parameters
    ----------
    table
        Buildings and settings by `FIELDS` and cell.
    outdoor_c, sun_w
        Outdoors, and sun through windows, shape ``(member, region)`` or ``(1, region)``; without rows at night. [°C],
        [W/m²]
    shape
        Number of members and of regions.
    constant
        Written: air, and then mass, by cell. [°C]
    """
    members, regions = shape
    cells = members * regions
    for part in range(2):
        by_outdoor, by_sun = (_AIR_OUTDOOR, _AIR_SUN) if part == 0 else (_MASS_OUTDOOR, _MASS_SUN)
        for member in range(members):
            outdoors = outdoor_c[member if len(outdoor_c) > 1 else 0]
            first = np.uintp(member * regions)
            begin, into = np.uintp(by_outdoor * cells) + first, np.uintp(part * cells) + first
            if len(sun_w):
                shines, of_sun = sun_w[member if len(sun_w) > 1 else 0], np.uintp(by_sun * cells) + first
                for k in range(np.uintp(regions)):
                    constant[into + k] = table[begin + k] * outdoors[k] + table[of_sun + k] * shines[k]
            else:
                for k in range(np.uintp(regions)):
                    constant[into + k] = table[begin + k] * outdoors[k]


@_compiled(None)
def _load_outside(wide: Floats, outside: Floats, queues: int, first: int, count: int) -> None:
    """Put the share of homes outside the queues, and in each sub-queue, into a block, as `cohort_share` does."""
    if len(outside):
        load(wide, OUTSIDE, outside, first, count)
        for k in range(WIDTH):
            wide[EACH * WIDTH + k] = (1.0 - wide[OUTSIDE * WIDTH + k]) / queues
    else:
        for k in range(WIDTH):
            wide[EACH * WIDTH + k] = 1.0 / queues


@_compiled(None)
def _load_people(wide: Floats, share: Floats, first: int, count: int) -> None:
    """Put the share of a region's homes of a row that is in each sub-queue, and outside these, into a block."""
    load(wide, OF_QUEUE, share, first, count)
    for k in range(WIDTH):
        every = wide[OF_QUEUE * WIDTH + k]
        wide[OF_QUEUE * WIDTH + k] = every * wide[EACH * WIDTH + k]
        wide[OF_LAST * WIDTH + k] = every * wide[OUTSIDE * WIDTH + k]


@_compiled(None)
def _add_cohort(block: Floats, is_first: bool) -> None:
    """Add the air of a cohort to the sum over those before it."""
    for k in range(WIDTH):
        air = block[AIR * WIDTH + k]
        block[OF_COHORTS * WIDTH + k] = air if is_first else block[OF_COHORTS * WIDTH + k] + air


@_compiled(None)
def _mean_of_cohorts(block: Floats, wide: Floats, queues: int, outside: bool) -> None:
    """Compute the mean over homes of air, of which that outside the queues comes last, as `over_cohorts` does."""
    each = np.float32(1.0 / queues)
    for k in range(WIDTH):
        block[OF_COHORTS * WIDTH + k] *= each
    if outside:
        for k in range(WIDTH):
            apart, air = wide[OUTSIDE * WIDTH + k], block[AIR * WIDTH + k]
            wide[MEAN * WIDTH + k] = (1.0 - apart) * block[OF_COHORTS * WIDTH + k] + apart * air
    else:
        for k in range(WIDTH):
            wide[MEAN * WIDTH + k] = block[OF_COHORTS * WIDTH + k]


@_compiled(None)
def stepped(
    state: tuple[Floats, Floats, Floats, Floats, Floats], on: Floats, by_cell: tuple[Floats, Floats, Floats],
    weather: tuple[Floats, Floats], people: tuple[Floats, Floats], shape: tuple[int, int, int, int],
    times_h: tuple[np.float32, ...], limits: tuple[Floats, Ints, int], leaving_h: tuple[Floats, Floats, np.float32],
    made: tuple[Floats, ...], sums: tuple[Floats, Floats, Floats], of_below: tuple[Ints, Floats],
    of_left: tuple[Ints, Floats, Floats, Floats], of_lacking: tuple[Ints, Floats, Floats, Floats], ends: Ints,
) -> tuple[int, int, int]:  # fmt: skip
    """Write all that `step_turns` returns but for what needs exponentials, of which it makes lists.

    Parameters
    ----------
    state
        Mass, heat of radiators, heaters and hours in the cold before the step, by row, cohort and cell, as all arrays
        here in one axis; heaters are empty where none is on; and hours that backup can run for, by cohort and cell.
        [°C], [W/m²], [W/m²], [h], [h]
    on
        Homes with power, by cohort and cell. [1]
    by_cell
        Buildings and settings by `FIELDS` and cell; gas supply by cell, empty where it is whole; and the most that
        cookers give. [1], [W/m²]
    weather
        Outdoors and sun, as `_act` takes them. [°C], [W/m²]
    people
        Share of a region's homes in each row, by row and cell; and of those outside the queues, by cell, empty without
        any. [1]
    shape
        Number of rows, cohorts, members and regions.
    times_h
        Length of the step, one over it, and `heaters.DELAY_H` and `heaters.UPTAKE_H`. [h], [1/h], [h], [h]
    limits
        Thresholds from the highest, the sum of kelvin of each or -1, and the one below which homes are listed. [°C]
    leaving_h
        Hours after which people leave and the time constant with which others follow, by cell, and the fewest hours
        after which any do. [h]
    made
        Written, by row, cohort and cell: air, mass, what boilers make, what radiators give, and hours in the cold; and
        by cohort and cell: gains, backup, and hours that it can run for. [°C], [°C], [W/m²], [W/m²], [h], [W/m²], [1],
        [h]
    sums
        Written: homes below each threshold by threshold and cell, kelvin that they lack likewise, and the mean air of
        each row by cell. [1], [K], [°C]
    of_below, of_left
        As `list_below` writes them, and minus hours over time constants as `wait_to_leave` does.
    of_lacking
        As `list_lacking` writes it.
    ends
        Written: where that list ends for each block, row and cohort.

    Returns
    -------
    tuple
        How many homes are listed as below the threshold, as left, and as lacking heat.
    """
    (rows, cohorts, members, regions), (step, per_step, delay, uptake) = shape, times_h
    (mass_c, radiator_w, heater_w, cold_h, charge_h), (table, fuel, cooker_w), outside = state, by_cell, people[1]
    air_c, after_c, boiler_w, after_w, hours, gains_w, backup, charged_h = made
    cells, queues, heaters = members * regions, cohorts - 1 if len(outside) else cohorts, len(heater_w) > 0
    (bounds, kelvin_of, listed), (counted, kelvin, mean_c), (after_h, tau_h, late_h) = limits, sums, leaving_h
    (places, below_homes), (left_at, left_homes, left_h, waits) = of_below, of_left
    lacking_at, lacks_w, lacking_h, uptakes = of_lacking
    constant, block = np.empty(2 * cells, np.float32), np.zeros(VALUES * WIDTH, np.float32)
    wide, below_ends = np.zeros(WIDE_VALUES * WIDTH), np.empty(rows * cohorts, np.intp)
    lanes = np.empty(WIDTH, np.intp)
    _act(table, weather[0], weather[1], (members, regions), constant)
    for room in range(rows * cohorts):
        below_ends[room] = room * cells
    lacking, left, part = 0, 0, 0
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        _load_outside(wide, outside, queues, first, count)
        _load_cells(block, (table, constant, fuel, cooker_w), first, cells, count)
        wide[FOUND * WIDTH :] = 0.0
        for r in range(rows):
            _load_people(wide, people[0], r * cells + first, count)
            for q in range(cohorts):
                there, home = q * cells + first, (r * cohorts + q) * cells + first
                load(block, ON, on, there, count)
                load(block, BEFORE, mass_c, home, count)
                load(block, RADIATOR, radiator_w, home, count)
                if heaters:
                    load(block, HEATER, heater_w, home, count)
                if r == BACKED:
                    load(block, CHARGE, charge_h, there, count)
                    _bridge(block, step)
                    store(block, BACKUP, backup, there, count)
                    store(block, CHARGE, charged_h, there, count)
                _run(block, r, len(fuel) > 0)
                if r == 0:
                    store(block, GAINS, gains_w, there, count)
                _ask(block, heaters)
                _take_logarithms(block)
                _give(block, step, per_step)
                if r in WITH_STOVE:
                    _burn(block)
                _warm(block, heaters)
                if q < queues:
                    _add_cohort(block, q == 0)
                store(block, AIR, air_c, home, count)
                store(block, NEW_MASS, after_c, home, count)
                store(block, MADE, boiler_w, home, count)
                store(block, AFTER, after_w, home, count)
                of, most = OF_QUEUE if q < queues else OF_LAST, homes_below(block, bounds[0], count)
                if most:
                    count_below(block, wide, of, bounds[0], (FOUND, KELVIN + kelvin_of[0] if kelvin_of[0] >= 0 else -1))
                for t in range(1, listed):
                    if most and homes_below(block, bounds[t], count):
                        row = KELVIN + kelvin_of[t] if kelvin_of[t] >= 0 else -1
                        count_below(block, wide, of, bounds[t], (FOUND + t, row))
                lacks, below = count_lacking(block, count), 0
                if most:
                    below = homes_below(block, bounds[listed], count)
                if below or lacks:
                    load(block, COLD_H, cold_h, home, count)
                if lacks:
                    stay_cold(block, step)
                store(block, HOURS if lacks else NONE, hours, home, count)
                if below or lacks:
                    some = mark_cold(block, bounds[listed], lanes, count)
                    if lacks:
                        lacking = list_lacking(
                            block, lanes, some, (step, delay, uptake), lacking, lacking_at, lacks_w, lacking_h, uptakes
                        )
                    if below:
                        room = r * cohorts + q
                        below_ends[room], left = list_below(
                            block, wide, lanes, some, (of, HOURS if lacks else NONE), (first, home), bounds, kelvin_of,
                            listed, late_h, (below_ends[room], left), places, below_homes, left_at, left_homes, left_h,
                        )  # fmt: skip
                ends[part] = lacking
                part += 1
            _mean_of_cohorts(block, wide, queues, len(outside) > 0)
            store(wide, MEAN, mean_c, r * cells + first, count)
        for t in range(len(bounds)):
            store(wide, FOUND + t, counted, t * cells + first, count)
        for t in range(len(kelvin) // cells):
            store(wide, KELVIN + t, kelvin, t * cells + first, count)
    wait_to_leave(left_at, left_h, left, (after_h, tau_h), waits)
    return close_up(places, below_homes, below_ends, cells), left, lacking
