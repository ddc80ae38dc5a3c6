"""Loops over a block of snapshots beside those of `merit_loops`: sums by place, islands that hold, what loads get.

Each gives the bytes of its numpy twin, which is named in it; those who call them look whether `merit_loops` are
compiled.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gridmodel import vocabulary
from gridmodel.arrays import Bools, Floats, Ints, compiler
from gridmodel.dispatch import merit_loops
from gridmodel.dispatch.merit_loops import _LANES, _part_sum
from gridmodel.vocabulary import CAUSES

_DISCONNECTED, _DEFICIT, _ISLAND_DEFICIT, _LIMIT = map(
    CAUSES.index, ("disconnected", "deficit", "island_deficit", "limit")
)

_compiled = compiler(__file__, merit_loops.__file__, vocabulary.__file__)


class Where(NamedTuple):
    """Islands that a pattern of branches leaves, and groups of generators. Sums are tables of `merit.Gather`."""

    islands: int
    """Number of islands."""
    of_generator: Ints
    """Island of each generator."""
    generators: tuple[Ints, Ints, Ints]
    """Sums of generators by island."""
    loads: tuple[Ints, Ints, Ints]
    """Sums of loads by island."""
    members: Ints
    """Generators of each group, group by group."""
    groups: Ints
    """Where each group starts among them, and their number."""


@_compiled(None)
def gather(values: Floats, parts: tuple[Ints, Ints, Ints], sums: Floats) -> None:
    """Write sums of columns that share an index, as `gridmodel.dispatch.merit.Gather` does.

    Parameters
    ----------
    values
        Shape ``(row, column)``.
    parts
        Columns, those of one sum side by side; where each sum starts among them, and their number; its index.
    sums
        Written: shape ``(row, count)``; those without a column are left as they are.
    """
    order, starts, keys = parts
    here = np.empty(len(order))
    for row in range(np.uintp(len(values))):  # without a sign, places are not looked at from the end
        first = np.uintp(0)
        for part in range(np.uintp(len(keys))):
            end, key = np.uintp(starts[part + np.uintp(1)]), np.uintp(keys[part])
            if end - first == np.uintp(1):
                sums[row, key] = values[row, np.uintp(order[first])]
            elif end - first > np.uintp(_LANES):
                for k in range(first, end):
                    here[k] = values[row, np.uintp(order[k])]
                sums[row, key] = _part_sum(here, int(first), int(end))
            else:
                rest = -0.0
                for k in range(first + np.uintp(1), end):
                    rest += values[row, np.uintp(order[k])]
                sums[row, key] = values[row, np.uintp(order[first])] + rest
            first = end


@_compiled(None)
def _held(
    row: int, given: tuple[Floats, Floats], island: Ints, units: tuple[Floats, Bools, Bools], alive: Bools
) -> None:
    """Write which islands of a snapshot live, until all do."""
    (load_mw, available_mw), (least_mw, forming, border) = given, units
    alive[:] = False
    left = len(alive)
    for k in range(np.uintp(len(island))):
        here = np.uintp(island[k])
        if alive[here] or not available_mw[row, k] > 0.0:
            continue
        if border[k] or (forming[k] and least_mw[k] <= load_mw[row, here]):
            alive[here] = True
            left -= 1
            if left == 0:
                return


@_compiled(None)
def hold(
    load_mw: Floats, available_mw: Floats, island: Ints, units: tuple[Floats, Bools, Bools], held_mw: Floats
) -> None:
    """Write the most that generators can give on islands that live, as `gridmodel.dispatch.islands.hold_islands` does.

    Parameters
    ----------
    load_mw
        Load of each island, shape ``(snapshot, island)``. [MW]
    available_mw
        Most that each generator can give, shape ``(snapshot, generator)``. [MW]
    island
        Island of each generator, shape ``(generator,)``.
    units
        Lowest stable output of a unit of each generator [MW], those that can hold an island, and borders, each of
        shape ``(generator,)``.
    held_mw
        Written: shaped as `available_mw`. [MW]
    """
    alive = np.empty(load_mw.shape[1], np.bool_)
    for row in range(np.uintp(len(held_mw))):
        _held(row, (load_mw, available_mw), island, units, alive)
        for k in range(np.uintp(len(island))):
            held_mw[row, k] = available_mw[row, k] if alive[np.uintp(island[k])] else 0.0


@_compiled(None)
def live(
    given: tuple[Floats, Floats], where: Where, of_region: Ints, units: tuple[Floats, Bools, Bools],
    made: tuple[Floats, Bools, Bools],
) -> None:  # fmt: skip
    """Write the most that generators can give on islands that live, and what is on them.

    Parameters
    ----------
    given
        Demand of each load, shape ``(snapshot, load)``, and most that each generator can give,
        ``(snapshot, generator)``. [MW]
    where
        Islands.
    of_region
        Island of each region, shape ``(region,)``.
    units
        As of `hold`.
    made
        Written: most that generators can give, ``(snapshot, generator)`` [MW]; regions on islands that live,
        ``(snapshot, region)``; and generators on them, ``(snapshot, generator)``.
    """
    (demand_mw, available_mw), (held_mw, region, generator) = given, made
    of_island, alive = np.zeros((len(demand_mw), where.islands)), np.empty(where.islands, np.bool_)
    gather(demand_mw, where.loads, of_island)
    for row in range(np.uintp(len(held_mw))):
        _held(row, (of_island, available_mw), where.of_generator, units, alive)
        if alive.all():
            region[row], generator[row], held_mw[row] = True, True, available_mw[row]
            continue
        for place in range(np.uintp(len(of_region))):
            region[row, place] = alive[np.uintp(of_region[place])]
        for k in range(np.uintp(len(where.of_generator))):
            generator[row, k] = alive[np.uintp(where.of_generator[k])]
            held_mw[row, k] = available_mw[row, k] if generator[row, k] else 0.0


@_compiled(None)
def of_loads(
    wanted: tuple[Floats, Floats, Ints], answer: tuple[Floats, Floats], where: tuple[Bools, Bools],
    made: tuple[Floats, Floats], causes: bool,
) -> None:  # fmt: skip
    """Write what loads are served out of what consumers are, and why not more, as `dispatch.causes.by_cause` does.

    Parameters
    ----------
    wanted
        Demand of each load, ``(snapshot, load)``, and consumer, ``(snapshot, consumer)``, and the consumer of each
        load. [MW]
    answer
        Served, and served without limits, ``(snapshot, consumer)``. [MW]
    where
        True for consumers on islands without a source, and on the main one, ``(snapshot, consumer)``, or one row for
        all.
    made
        Written: served, ``(snapshot, load)``, and demand that is not served by cause, ``(snapshot, load, cause)``,
        where that is above 0. [MW]
    causes
        Whether to write that.
    """
    (demand_mw, demand, consumer), (served, lifted), (cut_off, main), (served_mw, cause) = wanted, answer, where, made
    each = np.uintp(len(cut_off) > 1), np.uintp(len(main) > 1)
    for row in range(np.uintp(len(demand_mw))):
        for load in range(np.uintp(len(consumer))):
            place = np.uintp(consumer[load])
            own, whole = demand_mw[row, load], demand[row, place]
            got = own * (served[row, place] / whole) if whole > 0.0 else own * 0.0
            served_mw[row, load] = got if got < own else own
        if not causes:
            continue
        apart, first = cut_off[row * each[0]], main[row * each[1]]
        for load in range(np.uintp(len(consumer))):
            place = np.uintp(consumer[load])
            own, whole = demand_mw[row, load], demand[row, place]
            shed = whole - served[row, place]
            if not shed > 0.0:
                continue
            part = own / whole if whole > 0.0 else 0.0
            if apart[place]:
                cause[row, load, _DISCONNECTED] = shed * part
                continue
            short = whole - lifted[row, place]
            short = short if short > 0.0 else 0.0
            short = short if short < shed else shed
            cause[row, load, _LIMIT] = (shed - short) * part
            cause[row, load, _DEFICIT if first[place] else _ISLAND_DEFICIT] = short * part
