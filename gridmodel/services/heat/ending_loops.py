"""Loops over homes on district heat at the end of a step: what `ending` does array by array, the same bytes.

They wait for numba to compile them once per installation. Exponentials, logarithms and powers stay with numpy, between
two loops. A cell is a member and a region.
"""

# ruff: noqa: FURB136, PLR0915, PLR0917 - the functions min and max of numba look for NaN first; a loop is one function
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, compiler
from gridmodel.services.heat import (
    heaters,
    heaters_loops,
    leaving,
    pipes,
    rooms,
    rooms_loops,
    states,
    warming,
    water_loops,
)
from gridmodel.services.heat.heaters import DELAY_H, UPTAKE_H
from gridmodel.services.heat.heaters_loops import lacking, plug_in, plugged
from gridmodel.services.heat.leaving import LEFT_BELOW_C
from gridmodel.services.heat.pipes import INDOOR_C, SUPPLY_TERMS
from gridmodel.services.heat.rooms import MENDED_ABOVE_C
from gridmodel.services.heat.rooms_loops import count_cold, risers
from gridmodel.services.heat.states import NOBODY
from gridmodel.services.heat.warming import CONNECTED, FROZEN, REFILLING
from gridmodel.services.heat.water_loops import circulating, cool, deadline, ending, freeze
from gridmodel.vocabulary import COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C

OF_KINDS = ("floor_m2", "home_weight", "at_length", "per_wall_w", "by_heating_k")
"""Rows of a table of archetypes and cells."""
OF_CELLS = (
    "district_m2", "design_mw", "lag", "ahead_mean", "ahead_end", "riser_stays", "riser_held", "heater_uptake",
    "heater_most_w", "heater_diversity", "leave_share", "leave_after_h", "leave_tau_h",
)  # fmt: skip
"""Rows of a table of cells."""
OF_HEAT = ("need_mw", "supplied_mw", "given", "hot_given")
"""First rows of what a step shows of cells, which are those of the heat of homes."""
SHOWN = (
    *OF_HEAT, "supply_c", "hot_water", "left_share", "heater_w", "heater_homes", "dry_risers", "bursting", "deadline_h",
)  # fmt: skip
"""The same with those that follow it; kelvin and shares below thresholds come last."""
_SUPPLIED, _GIVEN, _HOT_GIVEN, _SUPPLY, _HOT, _LEFT, _DRAWN, _USING, _DRY, _BURSTING, _DEADLINE = range(1, len(SHOWN))
_KELVIN = len(SHOWN)
_COLD = _KELVIN + len(DEGREE_HOURS_BELOW_C)
ROWS = _COLD + len(COLD_THRESHOLDS_C)
"""Rows of what a step shows of cells."""
_FLOOR, _HOMES, _AT_LENGTH, _PER_WALL, _BY_HEATING = range(5)
_DISTRICT, _DESIGN, _LAG, _AHEAD, _AHEAD_END, _STAYS, _HELD, _UPTAKE, _MOST, _DIVERSITY, _LEAVE, _AFTER, _TAU = range(
    13
)
_KELVIN_BELOW_C, _COLD_BELOW_C = np.array(DEGREE_HOURS_BELOW_C), np.array(COLD_THRESHOLDS_C)

_compiled = compiler(
    __file__, heaters.__file__, heaters_loops.__file__, leaving.__file__, pipes.__file__, rooms.__file__,
    rooms_loops.__file__, states.__file__, warming.__file__, water_loops.__file__,
)  # fmt: skip


@_compiled(None)
def _weigh(share: Floats, occupied: Ints, home_weight: Floats, lives: Floats, weight: Floats) -> None:
    """Write homes in each state with rooms, shape ``(state, cell)``, and their part of all by archetype. [1]"""
    for state in range(len(occupied)):
        for cell in range(share.shape[1]):
            lives[state, cell] = share[occupied[state], cell]
            if occupied[state] == FROZEN:
                lives[state, cell] += share[REFILLING, cell]
        for kind in range(len(home_weight)):
            for cell in range(share.shape[1]):
                weight[state, kind, cell] = home_weight[kind, cell] * lives[state, cell]


@_compiled(None)
def _mean_of_heated(values: Floats, share: Floats, occupied: Ints, groups: int, mean: Floats) -> None:
    """Write the mean over homes in which water circulates, shape ``(kind, cell)``."""
    for kind in range(len(mean)):
        for cell in range(mean.shape[1]):
            there = share[CONNECTED, cell]
            whole, most = there, values[0, kind, cell] * there
            for group in range(1, groups):
                whole += share[occupied[group], cell]
                most += values[group, kind, cell] * share[occupied[group], cell]
            mean[kind, cell] = most / whole if whole > there else values[0, kind, cell]


@_compiled(None)
def _kinds_of_rooms(air_c: Floats, ice: Floats, burst: Floats, cold_h: Floats) -> tuple[bool, bool, bool]:
    """Return whether some rooms count as cold, have ice or burst risers or get them, and have been too cold before."""
    cold = iced = waited = 0
    for room in range(len(air_c)):
        cold += 1 if air_c[room] < COLD_THRESHOLDS_C[0] else 0
    if cold:
        for room in range(len(air_c)):
            iced += 1 if air_c[room] < 0.0 else 0
    for room in range(len(air_c)):
        iced += 1 if ice[room] > 0.0 else 0
        iced += 1 if burst[room] > 0.0 else 0
        waited += 1 if cold_h[room] > 0.0 else 0
    return cold > 0, iced > 0, waited > 0


@_compiled(None)
def _count_risers(weight: Floats, burst: Floats, after: Floats, mean: Floats, dry: Floats, bursting: Floats) -> None:
    """Add homes whose risers have burst, mean of a step, and those whose risers burst in it, shape ``(cell,)``. [1]"""
    for state in range(len(weight)):
        for kind in range(weight.shape[1]):
            for cell in range(weight.shape[2]):
                homes, new = weight[state, kind, cell], after[state, kind, cell] - burst[state, kind, cell]
                dry[cell] += homes * mean[state, kind, cell]
                bursting[cell] += homes * (new if new > 0.0 else 0.0)


@_compiled(None)
def _leaving(
    air_c: Floats, before_h: Floats, hours: Floats, table: Floats, found: tuple[Ints, Ints], exponents: Floats
) -> int:  # fmt: skip
    """Write the rooms that people have left, and minus the hours since the first did over their time constant. [1]

    Parameters
    ----------
    air_c
        Air, shape ``(room, cell)``. [°C]
    before_h, hours
        Hours in the cold before the step and at its end, of which the longer count, same shape. [h]
    table
        By `OF_CELLS`.
    found
        Written: cells of the rooms, and their places in the flat array of rooms.
    exponents
        Written.
    """
    (where, places), count, cells = found, 0, air_c.shape[1]
    for room in range(len(air_c)):
        for cell in range(cells):
            if air_c[room, cell] < LEFT_BELOW_C:
                before, longer = before_h[room, cell], hours[room, cell]
                waited = (before if before > longer else longer) - table[_AFTER, cell]
                if waited > 0.0:
                    where[count], places[count] = cell, room * cells + cell
                    exponents[count] = -waited / table[_TAU, cell]
                    count += 1
    return count


@_compiled(None)
def look(
    before: tuple[Floats, Floats, Floats, Floats, Floats, Floats], water: tuple[Floats, Floats],
    homes: tuple[Floats, Ints, int], acts: Floats, tables: tuple[Floats, Floats],
    times: tuple[float, float, bool], after: Floats, made: tuple[Floats, Floats, Floats, Floats],
    found: tuple[Ints, Ints, Floats, Floats, Floats],
) -> tuple[int, int, int, int, bool, bool]:  # fmt: skip
    """Write what needs no logarithms and exponentials, and of what it needs them.

    Parameters
    ----------
    before
        Mass, heat of radiators, heaters, hours in the cold, ice in risers and their burst share before the step, by
        state with rooms, archetype, member and region. [°C], [W/m²], [W/m²], [h], [1], [1]
    water
        Water in loops before it, and burst share that homes have been tested at, by state with water, member and
        region. [°C], [1]
    homes
        Share of homes by state, member and region; states with rooms; and number of those that are heated. [1]
    acts
        Outdoors, power, and share of homes in which water circulates, in the first rows of a shape ``(act, member,
        region)``. [°C], [1], [1]
    tables
        By `OF_KINDS`, archetype and cell; and by `OF_CELLS` and cell.
    times
        Length of the step; part of the difference to the outside that standing water keeps in it; and true if some
        rooms are colder than people accept. [h], [1]
    after
        What `district_loops.heated` writes of rooms, shape ``(6, state, archetype, member, region)``.
    made
        Written: share of all homes, ice in risers, burst share, its mean over the step, hours in the cold and heaters
        that people want, of the shape of rooms; mean air of heated homes by archetype, if they are of several states;
        water that circulates, water, its ice, and burst share, by state with water; and what is shown of cells, whose
        first rows are known, by `SHOWN`.
    found
        Written: cells of cold rooms, and their places; those of rooms that people have left behind these; what rooms
        lack; exponents; and quotients. [W/m²], [1]

    Returns
    -------
    tuple
        Number of cold rooms; of rooms that people have left; of quotients of ice, and of deadlines; whether risers have
        changed; and whether some rooms have been too cold before.
    """
    (states, kinds), cells = before[0].shape[:2], tables[1].shape[1]
    shape, size = (states, kinds, cells), states * kinds * cells
    mass_c, radiator_w, heater_w, cold_h, ice, burst = (
        before[0].reshape(shape), before[1].reshape(shape), before[2].reshape(shape), before[3].reshape(shape),
        before[4].reshape(shape), before[5].reshape(shape),
    )  # fmt: skip
    (all_homes, occupied, groups), (of_kinds, of_cells), (step_h, stays, cold) = homes, tables, times
    share, on = all_homes.reshape((len(all_homes), cells)), acts.reshape((len(acts), cells))
    rooms_after, rooms_made = after.reshape((6, states, kinds, cells)), made[0].reshape((6, states, kinds, cells))
    heated_c, loops, shown = (
        made[1].reshape((-1, cells)),
        made[2].reshape((4, 2, cells)),
        made[3].reshape((ROWS, cells)),
    )
    (where, places, lacks_w, exponents, quotients), air_c = found, rooms_after[3]
    weight, lives = rooms_made[0], np.empty((states, cells))
    _weigh(share, occupied, of_kinds[_HOMES], lives, weight)
    shown[_HOT + 1 :] = 0.0
    counts, iced, waited = _kinds_of_rooms(
        air_c.reshape(size), ice.reshape(size), burst.reshape(size), cold_h.reshape(size)
    )
    flat = (states * kinds, cells)
    if counts:
        count_cold(
            weight.reshape(flat), air_c.reshape(flat), _KELVIN_BELOW_C, _COLD_BELOW_C, shown[_KELVIN:_COLD],
            shown[_COLD:],
        )  # fmt: skip
    if iced:
        risers(
            (ice, burst), air_c, lives, of_cells[_STAYS], of_cells[_HELD], step_h, MENDED_ABOVE_C,
            (rooms_made[1], rooms_made[2], rooms_made[3]),
        )  # fmt: skip
        _count_risers(weight, burst, rooms_made[2], rooms_made[3], shown[_DRY], shown[_BURSTING])
    lack = leave = 0
    if cold:
        rooms_made[4:] = 0.0
        hours = rooms_made[4].reshape(size)
        lack = lacking(
            rooms_after[5], lives,
            (cold_h, rooms_after[1], radiator_w, rooms_after[2], mass_c, rooms_after[4], heater_w),
            (of_kinds[_AT_LENGTH], of_kinds[_PER_WALL], of_kinds[_BY_HEATING]),
            (on[1], of_cells[_LAG], of_cells[_AHEAD], of_cells[_AHEAD_END]), (step_h, DELAY_H, UPTAKE_H), hours,
            (where, places, lacks_w, exponents),
        )  # fmt: skip
        leave = _leaving(
            air_c.reshape(flat), cold_h.reshape(flat), hours.reshape(flat), of_cells,
            (where[size + 1 :], places[size:]), exponents[2 * lack :],
        )  # fmt: skip
    heated_air_c = air_c[0]
    if groups > 1:
        _mean_of_heated(air_c, share, occupied, groups, heated_c)
        heated_air_c = heated_c
    circulating(shown[_GIVEN], heated_air_c, of_kinds[_FLOOR], of_cells[_DISTRICT], loops[0])
    coolant_c, tested = water[0].reshape((2, cells)), water[1].reshape((2, cells))
    still = cool((coolant_c, tested), on[0], loops[0], stays, (loops[1], loops[3]), quotients)
    late = ending(share, loops[1], on[0], loops[0], quotients[still:])
    for cell in range(cells):
        there = on[2, cell]
        whole = of_cells[_DESIGN, cell] * (there if there > NOBODY else NOBODY)
        load = shown[_SUPPLIED, cell] / whole if whole > 0.0 else 0.0
        load = load if load > 0.0 else 0.0
        shown[_SUPPLY, cell] = load if load < 1.0 else 1.0
        shown[_HOT, cell] = there * shown[_HOT_GIVEN, cell]
    return lack, leave, still, late, iced, waited


@_compiled(None)
def finish(
    counts: tuple[int, int, int], water: tuple[Floats, Floats], homes: Floats, outdoor_c: Floats, tables: Floats,
    times: tuple[float, bool], made: tuple[Floats, Floats, Floats],
    found: tuple[Ints, Ints, Floats, Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Write the rest.

    Parameters
    ----------
    counts
        First numbers that `look` returns.
    water
        Water and ice in loops before the step. [°C], [1]
    homes, outdoor_c
        Share of homes by state; and outdoors, by member and region. [1], [°C]
    tables
        By `OF_CELLS` and cell.
    times
        Length of the step, and true if people plug heaters in. [h]
    made
        Written further: as `look` takes it, but for heated homes.
    found
        As `look` writes it, with exponentials and logarithms in place of exponents and quotients, and the load of
        sources to the power of `pipes.SUPPLY_EXPONENT`.
    """
    (lack, leave, still), (step_h, plugs_in), cells = counts, times, tables.shape[1]
    (where, places, lacks_w, exponentials, logs, powers), size = found, len(found[2])
    power = powers.reshape(cells)
    loops, shown = made[1].reshape((4, 2, cells)), made[2].reshape((ROWS, cells))
    rooms_made = made[0].reshape((6, made[0].size // 6))
    on, share = outdoor_c.reshape(cells), homes.reshape((len(homes), cells))
    if lack > 0 and plugs_in:
        plug_in(
            lack, (where, places, lacks_w, exponentials), rooms_made[4],
            (tables[_UPTAKE], tables[_MOST], tables[_DIVERSITY]), (step_h, DELAY_H, UPTAKE_H), rooms_made[5],
        )  # fmt: skip
        flat = (size // cells, cells)
        plugged(rooms_made[0].reshape(flat), rooms_made[5].reshape(flat), shown[_DRAWN], shown[_USING])
    for n in range(leave):
        cell = where[size + 1 + n]
        gone = tables[_LEAVE, cell] * (1.0 - exponentials[2 * lack + n])
        shown[_LEFT, cell] += gone * rooms_made[0, places[size + n]]
    coolant_c, ice = water[0].reshape((2, cells)), water[1].reshape((2, cells))
    freeze((coolant_c, ice), on, loops[0], logs, step_h, loops[2])
    deadline(share, on, loops[0], logs[still:], shown[_DEADLINE])
    for cell in range(cells):
        shown[_SUPPLY, cell] = INDOOR_C + SUPPLY_TERMS[0] * power[cell] + SUPPLY_TERMS[1] * shown[_SUPPLY, cell]
