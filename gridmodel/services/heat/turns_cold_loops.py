"""Loops over cold homes that take turns: how many there are, for how long, and who plugs heaters in or leaves.

They go on with blocks of `gridmodel.services.heat.turns_loops` while these are near the processor. Every line is one of
+ − × ÷ or a comparison in the order of its numpy twin: the bytes are the same. Exponentials stay with numpy, which
takes those of lists of homes.
"""

# ruff: noqa: FURB136, PLR0913, PLR0915, PLR0917 - a loop is one function; those of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, compiler
from gridmodel.services.heat import block_loops, turns_rows
from gridmodel.services.heat.block_loops import WIDTH
from gridmodel.services.heat.turns_rows import (
    AFTER,
    AIR,
    BEFORE,
    COLD_H,
    FOUND,
    HEATER,
    HOURS,
    KELVIN,
    LACKS,
    LAGS,
    LOW,
    MADE,
    MARK,
    NEW_MASS,
    ON,
    PART,
    PER_ONCE,
    PER_WALL,
    RADIATOR,
    SHORT,
    SWING,
)  # fmt: skip

_ONE, _ZERO, _HALF = np.float32(1.0), np.float32(0.0), np.float32(0.5)
_LEAST_SWING_K = np.float32(1e-4)

_compiled = compiler(__file__, block_loops.__file__, turns_rows.__file__)


@_compiled(None)
def homes_below(block: Floats, limit: np.float32, count: int) -> int:
    """Return how many homes of a block are below a threshold for some of the step."""
    homes = 0
    for k in range(np.uintp(count)):
        homes += 1 if block[LOW * WIDTH + k] < limit else 0
    return homes


@_compiled(None)
def count_below(block: Floats, wide: Floats, people: int, limit: np.float32, rows: tuple[int, int]) -> None:
    """Add up homes of a block below a threshold as `counted.count_cold` does.

    Parameters
    ----------
    block, wide
        Values of the block.
    people
        Row of the share of a region's homes that are in the block.
    limit
        Threshold. [°C]
    rows
        Rows of shares of homes, and of the kelvin that they lack, or -1: they are added to.
    """
    homes, into = np.uintp(people * WIDTH), np.uintp(rows[0] * WIDTH)
    for k in range(WIDTH):
        swing = block[SWING * WIDTH + k]
        steep = _HALF / (swing if swing > _LEAST_SWING_K else _LEAST_SWING_K)
        part = (limit - block[AIR * WIDTH + k]) * steep + _HALF
        part = part if part > _ZERO else _ZERO
        part = part if part < _ONE else _ONE
        block[PART * WIDTH + k] = part if block[LOW * WIDTH + k] < limit else _ZERO
    for k in range(np.uintp(WIDTH)):
        wide[into + k] += block[PART * WIDTH + k] * wide[homes + k]
    if rows[1] >= 0:
        into = np.uintp(rows[1] * WIDTH)
        for k in range(WIDTH):
            part, swing = block[PART * WIDTH + k], block[SWING * WIDTH + k]
            more = (limit - block[AIR * WIDTH + k]) - swing
            lacks = part * part * swing + (more if more > _ZERO else _ZERO)
            block[SHORT * WIDTH + k] = lacks if block[LOW * WIDTH + k] < limit else _ZERO
        for k in range(np.uintp(WIDTH)):
            wide[into + k] += block[SHORT * WIDTH + k] * wide[homes + k]


@_compiled(None)
def count_lacking(block: Floats, count: int) -> int:
    """Return how many homes of a block are colder than people accept."""
    lacking = 0
    for k in range(np.uintp(count)):
        lacking += 1 if block[LACKS * WIDTH + k] > _ZERO else 0
    return lacking


@_compiled(None)
def stay_cold(block: Floats, step_h: np.float32) -> None:
    """Write for how long homes of a block have been cold at the end of a step, as `heaters.plugged_in` does."""
    for k in range(WIDTH):
        missing, heating, before, after = (
            block[LACKS * WIDTH + k], block[MADE * WIDTH + k], block[RADIATOR * WIDTH + k], block[AFTER * WIDTH + k]
        )  # fmt: skip
        given = heating - (after - before) * block[LAGS * WIDTH + k]
        heater = block[HEATER * WIDTH + k] * block[ON * WIDTH + k]
        mean = missing + block[PER_ONCE * WIDTH + k] * (missing - heater)
        walls_k = block[NEW_MASS * WIDTH + k] - block[BEFORE * WIDTH + k]
        half = _HALF * block[PER_WALL * WIDTH + k] * walls_k
        first, last = mean + given + half - before, mean + given - half - after
        cold = block[COLD_H * WIDTH + k] + step_h
        cold = step_h * (last / (last - first)) if first < _ZERO else cold
        cold = cold if last > _ZERO else _ZERO
        block[HOURS * WIDTH + k] = cold if missing > _ZERO else _ZERO


@_compiled(None)
def mark_cold(block: Floats, limit: np.float32, lanes: Ints, count: int) -> int:
    """List cells of a block with homes below a threshold or colder than people accept, and return their number."""
    for k in range(WIDTH):
        is_cold = (block[LOW * WIDTH + k] < limit) | (block[LACKS * WIDTH + k] > _ZERO)
        block[MARK * WIDTH + k] = _ONE if is_cold else _ZERO
    number = np.uintp(0)
    for k in range(np.uintp(count)):  # without a branch, which a processor would guess wrong
        lanes[number] = k
        number += np.uintp(block[MARK * WIDTH + k] > _ZERO)
    return int(np.intp(number))


@_compiled(None)
def list_lacking(
    block: Floats, lanes: Ints, some: int, times_h: tuple[np.float32, np.float32, np.float32], number: int,
    cells: Ints, lacks_w: Floats, cold_h: Floats, exponents: Floats,
) -> int:  # fmt: skip
    """List homes of a block that are colder than people accept, after those listed before, and return how many are.

    Parameters
    ----------
    block, lanes, some
        Block, what `mark_cold` lists of it, and their number.
    times_h
        Length of the step, and `heaters.DELAY_H` and `heaters.UPTAKE_H`. [h]
    number
        Homes listed before.
    cells, lacks_w, cold_h, exponents
        Written: cells of the block; what heaters would have to add there; hours in the cold; and minus the hours of
        uptake before the next step and at its end over its time constant, two numbers each. [W/m²], [h], [1]
    """
    step_h, delay_h, uptake_h = times_h
    last = np.uintp(number)
    for n in range(np.uintp(some)):
        k = np.uintp(lanes[n])
        cold, lacks = block[HOURS * WIDTH + k], block[LACKS * WIDTH + k]
        waited, waits = cold - delay_h, cold + step_h - delay_h
        cells[last], lacks_w[last], cold_h[last] = k, lacks, cold
        exponents[last + last] = -(waited if waited > _ZERO else _ZERO) / uptake_h
        exponents[last + last + np.uintp(1)] = -(waits if waits > _ZERO else _ZERO) / uptake_h
        last += np.uintp(lacks > _ZERO)
    return int(np.intp(last))


@_compiled(None)
def list_below(
    block: Floats, wide: Floats, lanes: Ints, some: int, rows: tuple[int, int], first: tuple[int, int],
    limits: Floats, kelvin_of: Ints, listed: int, late_h: np.float32, numbers: tuple[int, int], places: Ints,
    homes: Floats, left: Ints, left_homes: Floats, left_h: Floats,
) -> tuple[int, int]:  # fmt: skip
    """List homes of a block below a threshold and those that people leave, and add up homes from that threshold on.

    Parameters
    ----------
    block, wide, lanes, some
        Values of the block, what `mark_cold` lists of it, and their number.
    rows
        Row of the share of a region's homes that are in the block, and of hours in the cold at the end of the step.
    first
        First cell of the block, and its place in the flat array of homes.
    limits, kelvin_of, listed
        Thresholds from the highest, the sum of kelvin of each or -1, and the one whose homes are listed. [°C]
    late_h
        Hours after which the first people leave. [h]
    numbers
        Homes of both lists before.
    places, homes
        Written: places below the threshold, and the share of a region's homes at each, times the part of the step. [1]
    left, left_homes, left_h
        Written: cells that people leave, the same share there, and hours in the cold. [1], [h]

    Returns
    -------
    tuple
        Homes of both lists.
    """
    people, hours = np.uintp(rows[0] * WIDTH), np.uintp(rows[1] * WIDTH)
    below, leaving = np.uintp(numbers[0]), np.uintp(numbers[1])
    for n in range(np.uintp(some)):
        k = np.uintp(lanes[n])
        low = block[LOW * WIDTH + k]
        if not low < limits[listed]:
            continue
        air, swing, share = block[AIR * WIDTH + k], block[SWING * WIDTH + k], wide[people + k]
        steep = _HALF / (swing if swing > _LEAST_SWING_K else _LEAST_SWING_K)
        for t in range(listed, len(limits)):
            if not low < limits[t]:
                break
            above = limits[t] - air
            part = above * steep + _HALF
            part = part if part > _ZERO else _ZERO
            part = part if part < _ONE else _ONE
            wide[np.uintp((FOUND + t) * WIDTH) + k] += part * share
            if t == listed:
                homes[below] = part * share
            if kelvin_of[t] >= 0:
                more = above - swing
                lacks = part * part * swing + (more if more > _ZERO else _ZERO)
                wide[np.uintp((KELVIN + kelvin_of[t]) * WIDTH) + k] += lacks * share
        before, after = block[COLD_H * WIDTH + k], block[hours + k]
        longer = before if before > after else after
        places[below] = first[1] + np.intp(k)
        left[leaving], left_homes[leaving], left_h[leaving] = first[0] + np.intp(k), homes[below], longer
        below += np.uintp(1)
        leaving += np.uintp(longer > late_h)
    return int(np.intp(below)), int(np.intp(leaving))


@_compiled(None)
def close_up(places: Ints, homes: Floats, ends: Ints, cells: int) -> int:
    """Move listed homes to the front of their lists, and return how many there are.

    Parameters
    ----------
    places, homes
        Changed: places and shares of homes, those of each row and cohort from `cells` times its number on.
    ends
        Where those of each row and cohort end.
    cells
        Number of cells.
    """
    number = 0
    for room in range(len(ends)):
        for n in range(room * cells, ends[room]):
            places[number], homes[number] = places[n], homes[n]
            number += 1
    return number


@_compiled(None)
def wait_to_leave(left: Ints, left_h: Floats, number: int, times_h: tuple[Floats, Floats], exponents: Floats) -> None:
    """Write minus the hours for which people have left over the time constant with which they do, as `left_share` does.

    Parameters
    ----------
    left, left_h, number
        Cells that people leave, hours in the cold there, and how many of them are listed. [h]
    times_h
        Hours after which the first people leave, and the time constant with which others follow, by cell. [h]
    exponents
        Written. [1]
    """
    after_h, tau_h = times_h
    for n in range(number):
        cell = left[n]
        waited = left_h[n] - after_h[cell]
        exponents[n] = -(waited if waited > 0.0 else 0.0) / tau_h[cell]


@_compiled(None)
def leave(left: Ints, left_homes: Floats, stays: Floats, most: Floats, share: Floats) -> None:
    """Add people who leave cold homes.

    Parameters
    ----------
    left, left_homes, stays
        Cells, shares of homes, and exponentials of what `wait_to_leave` writes. [1]
    most
        Most who leave, by cell. [1]
    share
        Changed: share of a region's people, by cell. [1]
    """
    for n in range(len(stays)):
        cell = left[n]
        share[cell] += most[cell] * (1.0 - stays[n]) * left_homes[n]


@_compiled(None)
def plug_in(
    lists: tuple[Ints, Floats, Floats, Floats], ends: Ints, shape: tuple[int, int, int],
    times_h: tuple[np.float32, np.float32, np.float32], heaters: tuple[Floats, Floats, Floats],
    people: tuple[Floats, Floats], found: tuple[Floats, Floats, Floats],
) -> None:  # fmt: skip
    """Write the heater power that homes want, and add up heaters of regions, as `heaters.plugged_in` does.

    Parameters
    ----------
    lists, times_h
        What `list_lacking` writes, with exponentials in place of their exponents, and its times.
    ends
        Where lists end for each block, row and cohort.
    shape
        Number of rows, cohorts and cells.
    heaters
        Most homes that plug one in, most that a heater draws, and share of them that draw at the same time, each of
        shape ``(cell,)``. [1], [W/m²], [1]
    people
        Share of a region's homes in each row, by row and cell; and of those outside the queues, by cell, empty without
        any. [1]
    found
        Changed, zeros before: heater power by row, cohort and cell; its mean over homes, and the share of homes with a
        heater, by cell. [W/m²], [W/m²], [1]
    """
    (rows, cohorts, cells), (lanes, lacks_w, cold_h, stays) = shape, lists
    (step_h, delay_h, uptake_h), (most, most_w, diversity), (share, outside) = times_h, heaters, people
    (wanted_w, drawn_w, using), number, room = found, 0, 0
    queues = cohorts - 1 if len(outside) else cohorts
    part, each = 1.0 / queues, np.float32(1.0 / queues)
    sums, counts = np.zeros((2, WIDTH), np.float32), np.zeros((2, WIDTH))
    for first in range(0, cells, WIDTH):
        count = min(WIDTH, cells - first)
        for row in range(rows):
            begin = number
            for cohort in range(cohorts):
                home, of = (row * cohorts + cohort) * cells + first, 0 if cohort < queues else 1
                for n in range(number, ends[room]):
                    k, cold = lanes[n], cold_h[n]
                    waited, waits = cold - delay_h, cold + step_h - delay_h
                    waited, waits = waited if waited > _ZERO else _ZERO, waits if waits > _ZERO else _ZERO
                    without = uptake_h * (stays[2 * n] - stays[2 * n + 1])
                    uptake = most[first + k] * (waits - waited - without) / step_h
                    lacks, limit = float(lacks_w[n]), most_w[first + k]
                    wanted = np.float32(uptake * (lacks if lacks < limit else limit) * diversity[first + k])
                    wanted_w[home + k] = wanted
                    sums[of, k] += wanted
                    counts[of, k] += 1.0 if wanted > _ZERO else 0.0
                number = ends[room]
                room += 1
            if number == begin:
                continue
            for k in range(count):
                drawn, using_one = sums[0, k] * each, counts[0, k] * part
                weight = share[row * cells + first + k]
                if len(outside):
                    apart = outside[first + k]
                    drawn_w[first + k] += ((1.0 - apart) * drawn + apart * sums[1, k]) * weight
                    using[first + k] += ((1.0 - apart) * using_one + apart * counts[1, k]) * weight
                else:
                    drawn_w[first + k] += float(drawn) * weight
                    using[first + k] += using_one * weight
            sums[:], counts[:] = _ZERO, 0.0
