"""Loops over snapshots whose stores are planned and used: what `gridmodel.dispatch.storage` does array by array.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the order of
its numpy twin, and sums are in the order in which numpy adds up a row: the bytes are the same. Levels of a deficit are
walked from the highest, only as far as the energy goes.
"""

# ruff: noqa: FURB136, PLR0917 - the functions min and max of numba look for NaN first; it takes no keywords
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, available, compiler
from gridmodel.dispatch import merit_loops
from gridmodel.dispatch.merit_loops import _row_sum

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 8
"""Fewest snapshots that the loop serves. Ours: as `merit_loops.LEAST`."""

SETTLED_MW = 1e-6
"""Change of every plan below which rounds end for a member. [MW] Ours: a watt."""

_compiled = compiler(__file__, merit_loops.__file__)


@_compiled(None)
def _sort(values: Floats) -> None:
    """Sort a few numbers, ascending; hours beside each other are nearly sorted."""
    for i in range(1, len(values)):
        value, k = values[i], i
        while k > 0 and values[k - 1] > value:
            values[k] = values[k - 1]
            k -= 1
        values[k] = value


@_compiled(None)
def _level(tops: Floats, bottoms: Floats, energy: float) -> float:
    """Return the level down to which some energy covers a deficit; 0 where it covers all. [MW]

    Parameters
    ----------
    tops, bottoms
        Level from which a plant gives power in each hour, and at which it gives all that it can; sorted here. [MW]
    energy
        Its energy over the length of an hour. [MW]
    """
    _sort(tops)
    _sort(bottoms)
    top, bottom, high, given = len(tops), len(bottoms), tops[len(tops) - 1], 0.0
    while True:
        next_top, next_bottom = tops[top - 1] if top > 0 else 0.0, bottoms[bottom - 1] if bottom > 0 else 0.0
        low = next_top if next_top > next_bottom else next_bottom
        more = given + (high - low) * (bottom - top)  # in so many hours the plant gives power and could give more
        if more > energy:
            return float(low + (more - energy) / (more - given) * (high - low))
        if top > 0 and next_top >= next_bottom:
            top -= 1
        elif bottom > 0:
            bottom -= 1
        else:
            return 0.0
        high, given = low, more


@_compiled(None)
def _level_off(
    rest: Floats, power: Floats, energy: float, step_h: float, levels: tuple[Floats, Floats], placed: Floats
) -> None:
    """Write one plant's output as `storage.level_off` places it, shape ``(hour,)``; `levels` is room for its own."""
    (tops, bottoms), hours = levels, len(rest)
    for hour in range(hours):
        missing = rest[hour] if rest[hour] > 0.0 else 0.0
        placed[hour] = missing if missing < power[hour] else power[hour]
        tops[hour] = missing
        bottoms[hour] = missing - power[hour] if missing > power[hour] else 0.0
    if not _row_sum(placed, hours) * step_h > energy:
        return
    energy /= step_h
    level = _level(tops, bottoms, energy)
    for hour in range(hours):
        over = rest[hour] - level if rest[hour] > level else 0.0
        placed[hour] = over if over < power[hour] else power[hour]
    total = _row_sum(placed, hours)
    if total > energy:
        for hour in range(hours):
            placed[hour] *= energy / total


@_compiled(None)
def plan(
    missing: Floats, power: Floats, energy: Floats, island: Ints, step_h: float, rounds: int, settled: float,
    output: Floats,
) -> None:  # fmt: skip
    """Write the output of all plants for the rest of a day.

    Parameters
    ----------
    missing
        Missing power without these plants, shape ``(snapshot, island, hour)``; changed to what remains. [MW]
    power, energy, island, step_h
        As `storage.day_plan` takes them.
    rounds, settled
        Most rounds, and the change of every plan up to which they end. [1], [MW]
    output
        Written, zeros before, shape ``(snapshot, plant, hour)``. [MW]
    """
    hours = missing.shape[2]
    levels, rest, placed = (np.empty(hours), np.empty(hours)), np.empty(hours), np.empty(hours)
    for row in range(len(missing)):
        if not (missing[row] > 0.0).any():
            continue
        for _ in range(rounds):
            moved = 0.0
            for plant in range(len(island)):
                there = island[plant]
                for hour in range(hours):
                    rest[hour] = missing[row, there, hour] + output[row, plant, hour]
                _level_off(rest, power[row, plant], energy[row, plant], step_h, levels, placed)
                for hour in range(hours):
                    change = abs(placed[hour] - output[row, plant, hour])
                    moved = change if change > moved else moved
                    missing[row, there, hour] = rest[hour] - placed[hour]
                    output[row, plant, hour] = placed[hour]
            if not moved > settled:
                break


@_compiled(None)
def later(planned_mw: Floats, whole_mw: Floats) -> None:
    """Write the sum of what is planned for some hours, ``(snapshot, plant)``. [MW]

    Parameters
    ----------
    planned_mw
        Shape ``(snapshot, plant, hour)``. [MW]
    whole_mw
        Written. [MW]
    """
    hours = np.empty(planned_mw.shape[2])
    for row in range(np.uintp(planned_mw.shape[0])):  # without a sign, places are not looked at from the end
        for plant in range(np.uintp(planned_mw.shape[1])):
            for hour in range(np.uintp(len(hours))):
                hours[hour] = planned_mw[row, plant, hour]
            whole_mw[row, plant] = _row_sum(hours, len(hours))


@_compiled(None)
def use(
    stock: tuple[Floats, Bools, Floats, Floats], moved: tuple[Floats, Floats, Floats, Floats], efficiency: Floats,
    step_h: float, made: tuple[Floats, Bools, Floats, Floats],
) -> None:  # fmt: skip
    """Write what `gridmodel.dispatch.storage.Stock.use` leaves in store.

    Parameters
    ----------
    stock
        Energy [MWh], plant that has charged, energy spared [MWh], and power needed beyond the plan [MW], each of shape
        ``(snapshot, plant)``.
    moved
        Power given, taken, needed, and planned, same shape. [MW]
    efficiency
        Energy given back per energy taken, ``(plant,)``. [1]
    step_h
        Length of the step. [h]
    made
        Written: the same as of `stock` after the step.
    """
    (energy, charged, spared, beyond), (output, charge, needed, planned) = stock, moved
    for row in range(np.uintp(len(energy))):
        for plant in range(np.uintp(len(efficiency))):
            given, taken = output[row, plant], charge[row, plant]
            left = energy[row, plant] + (taken * efficiency[plant] - given) * step_h
            made[0][row, plant] = left if left > 0.0 else 0.0
            made[1][row, plant] = charged[row, plant] or taken > SETTLED_MW
            rest = needed[row, plant] - given
            made[2][row, plant] = spared[row, plant] + (rest if rest > 0.0 else 0.0) * step_h
            made[3][row, plant] = beyond[row, plant] + (needed[row, plant] - planned[row, plant]) * step_h
