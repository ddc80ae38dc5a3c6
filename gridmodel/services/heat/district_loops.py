"""Loops over rooms on district heat: what `gridmodel.services.heat.district` does array by array, room by room.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the order of
its numpy twins in `building`, `supply` and `rooms`, and exponentials stay with numpy: the bytes are the same. All
values of a block of cells lie in one array, as in `gridmodel.services.heat.own_loops`.
"""

# ruff: noqa: FURB136, PLR0917 - the functions min and max of numba look for NaN first; it takes no keywords
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, available, compiler
from gridmodel.services.heat import block_loops, supply
from gridmodel.services.heat.block_loops import WIDTH, load, store
from gridmodel.services.heat.supply import ROUNDING

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest rooms, by state, archetype and cell, that the loops serve. Ours: as `rooms_loops.LEAST`."""
OF_BUILDINGS = (
    "air_mass", "air_outdoor", "air_heating", "air_gains", "mass_mass", "mass_outdoor", "mass_heating", "mass_gains",
    "gains_for_heating", "pump_share", "air_sun", "mass_sun", "sun_share",
)  # fmt: skip
"""Rows of a table of buildings, those that sun needs last."""
OF_SETTINGS = ("set_c", "held_c", "settled_c", "stays", "moves", "cooker_w", "hot_share", "design_mw")
"""Rows of a table of settings and regions."""
ACTS = ("outdoor_c", "power", "connected", "gains_w", "fuel", "capacity_mw", "sun_w")
"""Rows of what acts on all homes of a cell, those that `ending_loops` takes first."""
_AIR_MASS, _AIR_OUTDOOR, _AIR_HEATING, _AIR_GAINS, _MASS_MASS, _MASS_OUTDOOR, _MASS_HEATING, _MASS_GAINS = range(8)
_FOR_HEATING, _PUMP, _AIR_SUN, _MASS_SUN, _SUN_SHARE = range(8, 13)
_SET, _HELD, _SETTLED, _STAYS, _MOVES, _COOKER, _HOT, _DESIGN = range(13, 21)
_OUTDOOR, _POWER, _CONNECTED, _GAINS, _FUEL, _CAPACITY, _SUN = range(21, 28)
_INSTALLED, _FLOOR, _SHARE, _BEFORE, _RADIATOR, _HEATER, _OF_AIR, _OF_MASS, _BARE, _WARM = range(28, 38)
_LEAST, _NEED, _HEAT, _AFTER, _AIR, _MASS, _LACKS = range(38, 45)
_HOLDS, _BEYOND, _LOWERS, _LACKING, _OTHER_MW, _NEED_MW, _SUPPLIED_MW, _GIVEN, _HOT_GIVEN = range(45, 54)
_VALUES = 54
"""Rows of a block: buildings, settings, what acts on cells, rooms before and after the step, and heat of cells."""

_compiled = compiler(__file__, block_loops.__file__, supply.__file__)


@_compiled(None)
def _spread(block: Floats, rows: int, values: Floats, start: int, apart: int, part: tuple[int, int], each: int) -> None:
    """Copy values, each of which serves some cells side by side, into the first rows of a block."""
    first, count = part
    for row in range(rows):
        if each == 1:
            load(block, row, values, start + row * apart + first, count)
            continue
        place, done = first // each, 0
        while done < count:
            last, value = min((place + 1) * each - first, count), values[start + row * apart + place]
            for k in range(np.uintp(row * WIDTH + done), np.uintp(row * WIDTH + last)):
                block[k] = value
            place, done = place + 1, last


@_compiled(None)
def _load_cells(block: Floats, settings: Floats, acts: Floats, cells: int, part: tuple[int, int]) -> None:
    """Copy what is the same for all homes of a cell into a block."""
    for row in range(len(OF_SETTINGS)):
        load(block, _SET + row, settings, row * cells + part[0], part[1])
    for row in range(len(ACTS)):
        load(block, _OUTDOOR + row, acts, row * cells + part[0], part[1])
    for k in range(WIDTH):
        block[_LACKING * WIDTH + k] = 0.0


@_compiled(None)
def _load_kind(
    block: Floats, buildings: Floats, floors: Floats, kind: int, shape: tuple[int, int, int, int, int],
    part: tuple[int, int], sun: bool,
) -> None:  # fmt: skip
    """Copy an archetype into a block, and compute what outdoors, gains and sun make of its air and mass."""
    (_, _, kinds, cells, each), (first, count) = shape, part
    groups = cells // each
    rows = len(OF_BUILDINGS) if sun else _AIR_SUN
    _spread(block, rows, buildings, kind * groups, kinds * groups, part, each)
    for row in range(2):
        load(block, _INSTALLED + row, floors, (row * kinds + kind) * cells + first, count)
    for k in range(WIDTH):
        outdoor, gains = block[_OUTDOOR * WIDTH + k], block[_GAINS * WIDTH + k]
        air = block[_AIR_OUTDOOR * WIDTH + k] * outdoor + block[_AIR_GAINS * WIDTH + k] * gains
        mass = block[_MASS_OUTDOOR * WIDTH + k] * outdoor + block[_MASS_GAINS * WIDTH + k] * gains
        through = block[_SUN_SHARE * WIDTH + k] * block[_SUN * WIDTH + k]
        block[_OF_AIR * WIDTH + k] = air + block[_AIR_SUN * WIDTH + k] * through
        block[_OF_MASS * WIDTH + k] = mass + block[_MASS_SUN * WIDTH + k] * through


@_compiled(None)
def _load_rooms(block: Floats, homes: tuple[Floats, Floats, Floats], room: int, count: int) -> None:
    """Copy rooms before the step into a block, with the power of heaters that are on, and compute their air without."""
    mass_c, radiator_w, heater_w = homes
    load(block, _BEFORE, mass_c, room, count)
    load(block, _RADIATOR, radiator_w, room, count)
    load(block, _HEATER, heater_w, room, count)
    for k in range(WIDTH):
        air = block[_AIR_MASS * WIDTH + k] * block[_BEFORE * WIDTH + k] + block[_OF_AIR * WIDTH + k]
        block[_BARE * WIDTH + k] = air
        block[_HEATER * WIDTH + k] *= block[_POWER * WIDTH + k]
        block[_WARM * WIDTH + k] = air + block[_AIR_HEATING * WIDTH + k] * block[_HEATER * WIDTH + k]


@_compiled(None)
def _ask(block: Floats, short: bool) -> None:
    """Compute the heat that brings rooms of a block to the set point and, where heat is short, to their floor."""
    for k in range(WIDTH):
        heat = (block[_SET * WIDTH + k] - block[_WARM * WIDTH + k]) / block[_AIR_HEATING * WIDTH + k]
        heat = heat if heat > 0.0 else 0.0
        installed = block[_INSTALLED * WIDTH + k]
        block[_NEED * WIDTH + k] = block[_HEAT * WIDTH + k] = heat if heat < installed else installed
    if short:
        for k in range(WIDTH):
            heat = (block[_HELD * WIDTH + k] - block[_WARM * WIDTH + k]) / block[_AIR_HEATING * WIDTH + k]
            heat = heat if heat > 0.0 else 0.0
            installed, need = block[_INSTALLED * WIDTH + k], block[_NEED * WIDTH + k]
            heat = heat if heat < installed else installed
            block[_LEAST * WIDTH + k] = heat if heat < need else need


@_compiled(None)
def _count(block: Floats, row: int, parts: Floats, place: int) -> None:
    """Write the heat of connected homes, of which a row of a block has that of a square metre, as a part of a sum."""
    heat, there = np.uintp(row * WIDTH), np.uintp(place * WIDTH)
    for k in range(np.uintp(WIDTH)):
        floor_m2 = block[np.uintp(_SHARE * WIDTH) + k] * block[np.uintp(_FLOOR * WIDTH) + k]
        parts[there + k] = block[heat + k] * floor_m2


@_compiled(None)
def _add(block: Floats, row: int, parts: Floats, place: int, rooms: int) -> None:
    """Write the sum of parts, one after the other, into a row of a block. [MW]"""
    whole, there = np.uintp(row * WIDTH), np.uintp(place * WIDTH)
    for k in range(np.uintp(WIDTH)):
        block[whole + k] = parts[there + k]
    for room in range(1, rooms):
        there = np.uintp((place + room) * WIDTH)
        for k in range(np.uintp(WIDTH)):
            block[whole + k] += parts[there + k]
    for k in range(np.uintp(WIDTH)):
        block[whole + k] /= 1e6


@_compiled(None)
def _share_out(block: Floats) -> None:
    """Compute what part of the heat for their floor and beyond homes of each cell get, and whether heat is short."""
    for k in range(WIDTH):
        capacity, need, least = (
            block[_CAPACITY * WIDTH + k], block[_NEED_MW * WIDTH + k], block[_OTHER_MW * WIDTH + k]
        )  # fmt: skip
        over = (capacity - least) / (need - least) if need - least > 0.0 else 1.0
        held = capacity / least if least > 0.0 else 1.0
        over, held = over if over > 0.0 else 0.0, held if held > 0.0 else 0.0
        block[_BEYOND * WIDTH + k] = over if over < 1.0 else 1.0
        block[_HOLDS * WIDTH + k] = held if held < 1.0 else 1.0
        block[_LOWERS * WIDTH + k] = 1.0 if need > capacity * (1.0 + ROUNDING) else 0.0


@_compiled(None)
def _give(block: Floats, short: bool, pumps: bool) -> None:
    """Compute the heat that rooms of a block get of what they need."""
    if short:
        for k in range(WIDTH):
            need, least = block[_NEED * WIDTH + k], block[_LEAST * WIDTH + k]
            lowered = least * block[_HOLDS * WIDTH + k] + (need - least) * block[_BEYOND * WIDTH + k]
            block[_HEAT * WIDTH + k] = lowered if block[_LOWERS * WIDTH + k] > 0.0 else need
    if pumps:
        for k in range(WIDTH):
            comes, floor_m2 = block[_HEAT * WIDTH + k], block[_SHARE * WIDTH + k] * block[_FLOOR * WIDTH + k]
            lacks = comes - block[_POWER * WIDTH + k] * block[_INSTALLED * WIDTH + k]
            lacks = block[_PUMP * WIDTH + k] * (lacks if lacks > 0.0 else 0.0)
            block[_HEAT * WIDTH + k] = comes - lacks
            before = block[_LACKING * WIDTH + k]
            block[_LACKING * WIDTH + k] = 1.0 if (lacks > 0.0) & (floor_m2 > 0.0) else before


@_compiled(None)
def _warm(block: Floats, count: int) -> int:
    """Compute what radiators of a block give, and how warm rooms are; return how many are colder than people accept."""
    for k in range(WIDTH):
        heat, heating = block[_HEAT * WIDTH + k], block[_AIR_HEATING * WIDTH + k]
        ahead = block[_RADIATOR * WIDTH + k] - heat
        given = ahead * block[_MOVES * WIDTH + k] + heat
        block[_AFTER * WIDTH + k] = ahead * block[_STAYS * WIDTH + k] + heat
        air = heating * given + block[_BARE * WIDTH + k]
        block[_LACKS * WIDTH + k] = block[_SETTLED * WIDTH + k] - air
        given += block[_HEATER * WIDTH + k]
        block[_AIR * WIDTH + k] = air + heating * block[_HEATER * WIDTH + k]
        mass = block[_MASS_MASS * WIDTH + k] * block[_BEFORE * WIDTH + k] + block[_OF_MASS * WIDTH + k]
        block[_MASS * WIDTH + k] = mass + block[_MASS_HEATING * WIDTH + k] * given
    cold = 0
    for k in range(count):
        cold += 1 if block[_LACKS * WIDTH + k] > 0.0 else 0
    return cold


@_compiled(None)
def _cook(block: Floats) -> None:
    """Add the heat of cookers where rooms of a block are colder than people accept."""
    for k in range(WIDTH):
        gains, cooker = block[_AIR_GAINS * WIDTH + k], block[_COOKER * WIDTH + k] * block[_FUEL * WIDTH + k]
        lacks = block[_LACKS * WIDTH + k] / gains
        lacks = lacks if lacks > 0.0 else 0.0
        cooker = lacks if lacks < cooker else cooker
        block[_LACKS * WIDTH + k] = (lacks - cooker) * block[_FOR_HEATING * WIDTH + k]
        block[_AIR * WIDTH + k] += gains * cooker
        block[_MASS * WIDTH + k] += cooker * block[_MASS_GAINS * WIDTH + k]


@_compiled(None)
def _settle(block: Floats, parts: Floats, rooms: int, pumps: bool) -> None:
    """Compute the heat of cells of a block, and the part of need and hot water that is met."""
    for other in range(2):
        _add(block, _NEED_MW - other, parts, other * rooms, rooms)
    for k in range(WIDTH):
        need, capacity = block[_NEED_MW * WIDTH + k], block[_CAPACITY * WIDTH + k]
        supplied = need if need < capacity else capacity
        spare = capacity - supplied
        spare = spare if spare > 0.0 else 0.0
        hot = block[_HOT * WIDTH + k] * block[_CONNECTED * WIDTH + k] * block[_DESIGN * WIDTH + k]
        block[_HOT_GIVEN * WIDTH + k] = (spare if spare < hot else hot) / hot if hot > 0.0 else 1.0
        if pumps:
            supplied = block[_OTHER_MW * WIDTH + k] if block[_LACKING * WIDTH + k] > 0.0 else supplied
        block[_SUPPLIED_MW * WIDTH + k] = supplied
        block[_GIVEN * WIDTH + k] = supplied / need if need > 0.0 else 1.0


@_compiled(None)
def _lower(
    block: Floats, homes: tuple[Floats, Floats, Floats], share: Floats, buildings: Floats, floors: Floats,
    shape: tuple[int, int, int, int, int], part: tuple[int, int], some: tuple[bool, bool, bool], parts: Floats,
) -> None:  # fmt: skip
    """Compute how heat that is short is shared out in a block."""
    _, groups, kinds, cells, _ = shape
    for kind in range(kinds):
        _load_kind(block, buildings, floors, kind, shape, part, some[0])
        for group in range(groups):
            place = group * kinds + kind
            load(block, _SHARE, share, group * cells + part[0], part[1])
            _load_rooms(block, homes, place * cells + part[0], part[1])
            _ask(block, some[1])
            for other in range(2):
                _count(block, _NEED - other, parts, other * groups * kinds + place)
    for other in range(2):
        _add(block, _NEED_MW - other, parts, other * groups * kinds, groups * kinds)
    _share_out(block)


@_compiled(None)
def _heat(
    block: Floats, heated: bool, some: tuple[bool, bool, bool], parts: Floats, place: tuple[int, int]
) -> None:  # fmt: skip
    """Compute the heat that rooms of a block get, none if they are not heated.

    Parameters
    ----------
    place
        Place among the parts of the sum of needs, and number of parts to each sum.
    """
    if not heated:
        for k in range(WIDTH):
            block[_HEAT * WIDTH + k] = 0.0
        return
    _ask(block, some[1])
    _give(block, some[1], some[2])
    for other in range(2):
        _count(block, _NEED + other, parts, place[0] + other * place[1])


@_compiled(None)
def _is_short(block: Floats, count: int) -> bool:
    """Return whether sources give less than homes of some cell of a block may need."""
    some = 0
    for k in range(count):
        most = block[_CONNECTED * WIDTH + k] * block[_DESIGN * WIDTH + k]
        some += 1 if block[_CAPACITY * WIDTH + k] < most else 0
    return some > 0


@_compiled(None)
def _is_pumped(block: Floats, count: int) -> bool:
    """Return whether some building of a block has pumps."""
    some = 0
    for k in range(count):
        some += 1 if block[_PUMP * WIDTH + k] > 0.0 else 0
    return some > 0


@_compiled(None)
def _put_rooms(block: Floats, rows: tuple[int, int], rooms: Floats, size: int, room: int, count: int) -> None:
    """Write some of the rows of rooms of a block."""
    for row in range(*rows):
        store(block, _NEED + row, rooms, row * size + room, count)


@_compiled(None)
def _put_cells(block: Floats, of_cells: Floats, cells: int, part: tuple[int, int]) -> None:
    """Write the heat of cells of a block."""
    for row in range(4):
        store(block, _NEED_MW + row, of_cells, row * cells + part[0], part[1])


@_compiled(None)
def _lacks_power(acts: Floats, cells: int) -> bool:
    """Return whether homes of some cell lack power."""
    some = 0
    for cell in range(cells):
        some += 0 if acts[(_POWER - _OUTDOOR) * cells + cell] >= 1.0 else 1
    return some > 0


@_compiled(None)
def _of_groups(shares: tuple[Floats, Ints], groups: int, cells: int) -> Floats:
    """Return the share of homes by heated state and cell, an array of one axis. [1]"""
    everyone, occupied, share = shares[0].reshape(shares[0].size), shares[1], np.empty(groups * cells)
    for group in range(groups):
        for cell in range(cells):
            share[group * cells + cell] = everyone[occupied[group] * cells + cell]
    return share


@_compiled(None)
def heated(
    before: tuple[Floats, Floats, Floats], shares: tuple[Floats, Ints], tables: tuple[Floats, Floats, Floats],
    on_cells: Floats, shape: tuple[int, int, int, int, int], some: tuple[bool, bool], of_rooms: Floats,
    of_cells: Floats,
) -> int:  # fmt: skip
    """Write the heat that homes need and get and their rooms after the step, and return how many are too cold.

    Parameters
    ----------
    before
        Mass and heat of radiators before the step, and heaters that people want, of shape ``(occupied, archetype,
        member, region)``. [°C], [W/m²], [W/m²]
    shares
        Share of homes, shape ``(state, member, region)``; and occupied states. [1]
    tables
        Arrays of one axis: buildings by `OF_BUILDINGS`, archetype, and cell or group of cells; installed heating and
        floor by archetype and cell; settings by `OF_SETTINGS` and cell. [W/m²], [m²]
    on_cells
        What acts on homes by `ACTS`, shape ``(act, member, region)``; the last row does not count at night.
    shape
        Number of occupied states, of heated ones, of archetypes, of cells, and of cells to a group.
    some
        True if the sun shines, and if some buildings have pumps.
    of_rooms
        Written, shape ``(6, occupied, archetype, member, region)``: heat that heated homes need; and for all, heat that
        comes to radiators, and that they give at the end, air, mass, and, if some are cold, what heaters would have to
        add. [W/m²], [W/m²], [W/m²], [°C], [°C], [W/m²]
    of_cells
        Written, in the first rows of a shape ``(row, member, region)``: heat that is needed, and supplied; share of the
        need that is met, and of hot water. [MW], [MW], [1], [1]
    """
    (states, groups, kinds, cells, _), (sun, some_pumped), cold = shape, some, 0
    (buildings, floors, settings), size = tables, states * kinds * cells
    homes = before[0].reshape(size), before[1].reshape(size), before[2].reshape(size)
    acts, rooms, found_of = on_cells.reshape(on_cells.size), of_rooms.reshape(6 * size), of_cells.reshape(of_cells.size)
    share, pumps = _of_groups(shares, groups, cells), some_pumped and _lacks_power(acts, cells)
    block, parts = np.zeros(_VALUES * WIDTH), np.empty(2 * groups * kinds * WIDTH)
    for first in range(0, cells, WIDTH):
        part, count = (first, min(WIDTH, cells - first)), min(WIDTH, cells - first)
        _load_cells(block, settings, acts, cells, part)
        short = _is_short(block, count)
        if short:
            _lower(block, homes, share, buildings, floors, shape, part, (sun, short, pumps), parts)
        for kind in range(kinds):
            _load_kind(block, buildings, floors, kind, shape, part, sun)
            here = sun, short, pumps and _is_pumped(block, count)
            for state in range(states):
                place = state * kinds + kind
                _load_rooms(block, homes, place * cells + first, count)
                if state < groups:
                    load(block, _SHARE, share, state * cells + first, count)
                _heat(block, state < groups, here, parts, (place, groups * kinds))
                found = _warm(block, count)
                if found:
                    _cook(block)
                if found and not cold:
                    rooms[5 * size :] = 0.0
                cold += found
                rows = 0 if state < groups else 1, 6 if found else 5
                _put_rooms(block, rows, rooms, size, place * cells + first, count)
        _settle(block, parts, groups * kinds, pumps)
        _put_cells(block, found_of, cells, part)
    return cold
