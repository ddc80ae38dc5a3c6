"""Loops over members on plant: what it can give, what storage takes, reserve that is left, and what an order spares.

Each gives the bytes of its numpy twin, which is named in it.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, available, compiler
from gridmodel.dispatch import block_loops, merit_loops
from gridmodel.dispatch.block_loops import Where, gather
from gridmodel.dispatch.merit_loops import _row_sum

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 8
"""Fewest members that the loops take. Ours: fewer are not worth the time to load compiled code."""

_compiled = compiler(__file__, block_loops.__file__, merit_loops.__file__)


@_compiled(None)
def _wanted(
    plants: tuple[Ints, Floats, Floats, Bools], energy: tuple[Floats, Floats, float], available_mw: Floats,
    wants_mw: Floats,
) -> None:  # fmt: skip
    """Write what plant that does not plan to give has power and room to take, as `storage._wanted_mw` returns it."""
    (limited, day_mwh, efficiency, charges), (remaining_mwh, planned_mw, step_h) = plants, energy
    for member in range(np.uintp(len(wants_mw))):  # without a sign, places are not looked at from the end
        for plant in range(np.uintp(len(limited))):
            wants_mw[member, plant] = 0.0
            if charges[plant] and planned_mw[member, plant] <= 0.0:
                room = day_mwh[plant] - remaining_mwh[member, plant]
                room = room if room > 0.0 else 0.0
                most = (room / efficiency[plant] if efficiency[plant] > 0.0 else 0.0) / step_h
                power = available_mw[member, np.uintp(limited[plant])]
                wants_mw[member, plant] = power if power < most else most


@_compiled(None)
def _other(other_mw: Floats, group_mw: Floats, limited: Ints, where: Where, here: Floats) -> None:
    """Cut what plant can give to what that without limited energy can within groups, as `conditions.within_groups`."""
    for plant in range(np.uintp(len(limited))):
        other_mw[np.uintp(limited[plant])] = 0.0
    for group in range(len(group_mw)):
        first, end = where.groups[group], where.groups[group + 1]
        for k in range(first, end):
            here[k - first] = other_mw[where.members[k]]
        whole = _row_sum(here, end - first)
        share = group_mw[group] / whole if whole > 0.0 else 0.0
        share = share if share < 1.0 else 1.0
        for k in range(first, end):
            other_mw[where.members[k]] *= share


@_compiled(None)
def ahead(
    given: tuple[Floats, Floats, Floats], rows: Ints, limited: Ints, where: Where, made: tuple[Floats, Floats]
) -> None:
    """Write what plant can give in some steps, as `storage._plant_ahead` returns it.

    Parameters
    ----------
    given
        Remaining share of each generator, ``(row, generator)``, or one row for all [1]; most that it can give before
        that, ``(step, member, generator)``, or one member for all; and limits of groups, ``(row, group)``. [MW]
    rows
        Numbers of the members.
    limited
        Positions of plant with limited energy among the generators.
    where
        Islands.
    made
        Written: what that plant can give, ``(row, plant, step)``; added to: all other, ``(row, step, island)``. [MW]
    """
    (share, whole_mw, group_mw), (power_mw, supply_mw) = given, made
    steps, count = whole_mw.shape[0], np.uintp(share.shape[1])
    other_mw, here = np.empty((steps, share.shape[1])), np.empty(len(where.members))
    for row in range(np.uintp(len(rows))):
        member = np.uintp(rows[row] if whole_mw.shape[1] > 1 else 0)
        own = row if len(share) > 1 else np.uintp(0)
        for step in range(np.uintp(steps)):
            for k in range(count):
                other_mw[step, k] = share[own, k] * whole_mw[step, member, k]
            for plant in range(np.uintp(len(limited))):
                power_mw[row, plant, step] = other_mw[step, np.uintp(limited[plant])]
            _other(other_mw[step], group_mw[row], limited, where, here)
        gather(other_mw, where.generators, supply_mw[row])


@_compiled(None)
def charging(  # noqa: PLR0917 - numba takes no keywords
    plants: tuple[Ints, Floats, Floats, Bools], energy: tuple[Floats, Floats, float],
    given: tuple[Floats, Floats, Floats], where: Where, sums: tuple[tuple[Ints, Ints, Ints], tuple[Ints, Ints, Ints]],
    made: tuple[Floats, Floats, Bools],
) -> None:  # fmt: skip
    """Write what storage takes of the surplus of its island, as `storage.charging` returns it but for plans that cut.

    Parameters
    ----------
    plants
        Positions of plant with limited energy among the generators, its energy of a day [MWh], its efficiency [1], and
        whether it charges, each of shape ``(plant,)``.
    energy
        Energy in store [MWh], plan for this step [MW], each of shape ``(member, plant)``, and length of a step [h].
    given
        Most that generators can give, ``(member, generator)``, limits of groups, ``(member, group)``, and demand,
        ``(member, region)``. [MW]
    where
        Islands.
    sums
        Sums of regions and of plant with limited energy by island, tables of `gridmodel.dispatch.merit.Gather`.
    made
        Written: what it has power and room to take, what it takes [MW], and what of it is idle, each of shape
        ``(member, plant)``.
    """
    (limited, _, _, charges), (available_mw, group_mw, demand_mw), (wants_mw, takes_mw, idle) = plants, given, made
    _wanted(plants, energy, available_mw, wants_mw)
    other_mw, here = available_mw.copy(), np.empty(len(where.members))
    for member in range(len(other_mw)):
        _other(other_mw[member], group_mw[member], limited, where, here)
    shape = len(other_mw), where.islands
    supply, load, wanted = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    gather(other_mw, where.generators, supply)
    gather(demand_mw, sums[0], load)
    gather(wants_mw, sums[1], wanted)
    for member in range(np.uintp(len(takes_mw))):
        for plant in range(np.uintp(len(limited))):
            island = np.uintp(where.of_generator[np.uintp(limited[plant])])
            spare, whole = supply[member, island] - load[member, island], wanted[member, island]
            spare = spare if spare > 0.0 else 0.0
            share = spare / whole if whole > 0.0 else 0.0
            takes_mw[member, plant] = wants_mw[member, plant] * (share if share < 1.0 else 1.0)
            idle[member, plant] = charges[plant] and spare > 0.0


@_compiled(None)
def lacking(  # noqa: PLR0917 - numba takes no keywords
    reserve_mw: Floats, given: tuple[Floats, Floats, Floats], alive: Bools, limits: tuple[Ints, Floats],
    groups: tuple[Ints, Ints, Floats], lacking_mw: Floats,
) -> None:  # fmt: skip
    """Write the part of a reserve that the optimum leaves nobody for, as `reserve.reserve_lacking_mw` returns it.

    Parameters
    ----------
    reserve_mw
        Reserve that is kept, shape ``(member,)``. [MW]
    given
        Most that generators can give, and what they give, each of shape ``(member, generator)``, and what storage
        takes, ``(member, load)``. [MW]
    alive
        Generators on live islands, shape ``(member, generator)``.
    limits
        Positions of plant with limited energy among the generators, and the most that it can give where that is more
        than it gives, shape ``(member, plant)``. [MW]
    groups
        Generators of each group, group by group, where each group starts among them, and their number, and the limits
        of groups, ``(member, group)``. [MW]
    lacking_mw
        Written: shape ``(member,)``. [MW]
    """
    (available_mw, generation_mw, charging_mw), (limited, limited_mw), (members, starts, group_mw) = (
        given, limits, groups
    )  # fmt: skip
    room, here, gives = np.empty(available_mw.shape[1]), np.empty(len(members)), np.empty(len(members))
    for member in range(np.uintp(len(lacking_mw))):
        for k in range(np.uintp(len(room))):
            left = (available_mw[member, k] if alive[member, k] else 0.0) - generation_mw[member, k]
            room[k] = left if left > 0.0 else 0.0
        for plant in range(np.uintp(len(limited))):
            at = np.uintp(limited[plant])
            now = generation_mw[member, at]
            able = limited_mw[member, plant] if limited_mw[member, plant] > now else now
            left = (able if alive[member, at] else 0.0) - now
            room[at] = left if left > 0.0 else 0.0
        free = _row_sum(room, len(room)) + _row_sum(charging_mw[member], charging_mw.shape[1])
        for group in range(group_mw.shape[1]):
            first, end = starts[group], starts[group + 1]
            for k in range(first, end):
                here[k - first], gives[k - first] = room[members[k]], generation_mw[member, members[k]]
            rest = group_mw[member, group] - _row_sum(gives, end - first)
            beyond = _row_sum(here, end - first) - (rest if rest > 0.0 else 0.0)
            free -= beyond if beyond > 0.0 else 0.0
        found = reserve_mw[member] - free
        lacking_mw[member] = found if found > 0.0 else 0.0


@_compiled(None)
def sparing(optimum: tuple[Floats, Floats], most_mw: Floats, limited: Ints, available_mw: Floats) -> None:
    """Cap stored-energy plant so that what an order saves stays in storage, as `serve._sparing_storage` does.

    Parameters
    ----------
    optimum
        What the optimum serves, ``(member, load)``, and generates, ``(member, generator)``. [MW]
    most_mw
        What the order leaves of loads and charging, ``(member, load)``. [MW]
    limited
        Positions of plant with limited energy among the generators.
    available_mw
        Most that generators can give, ``(member, generator)``; that of such plant is written. [MW]
    """
    (served_mw, generation_mw), given = optimum, np.empty(len(limited))
    for member in range(np.uintp(len(most_mw))):
        for plant in range(np.uintp(len(limited))):
            given[plant] = generation_mw[member, np.uintp(limited[plant])]
        spared = _row_sum(served_mw[member], served_mw.shape[1]) - _row_sum(most_mw[member], most_mw.shape[1])
        spared, whole = spared if spared > 0.0 else 0.0, _row_sum(given, len(given))
        share = spared / whole if whole > 0.0 else 0.0
        used = 1.0 - (share if share < 1.0 else 1.0)
        for plant in range(np.uintp(len(limited))):
            available_mw[member, np.uintp(limited[plant])] = given[plant] * used
