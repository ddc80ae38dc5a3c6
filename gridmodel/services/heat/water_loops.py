"""Loops over standing water, cell by cell: what `draining`, `bursting` and `states` do array by array, the same bytes.

They wait for numba to compile them once per installation. Every line is one of + − × ÷ or a comparison in the order of
its numpy twin, and logarithms stay with numpy, between two loops. A cell is a member and a region.
"""

# ruff: noqa: FURB136, PLR0915, PLR0917 - the functions min and max of numba look for NaN first; a loop is one function
from __future__ import annotations

import math

import numpy as np

from gridmodel.arrays import Floats, Ints, available, compiler
from gridmodel.services.heat import pipes
from gridmodel.services.heat.pipes import BARELY_K, BURST_FROM, CIRCULATING_C, COOLING_TAU_H, PLUG_K_H, SOMEBODY

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""
LEAST = 4_000
"""Fewest rooms, in all cells, that the loops serve. Ours: as `rooms_loops.LEAST`."""

_compiled = compiler(__file__, pipes.__file__)


@_compiled(None)
def _within(value: float, low: float, high: float) -> float:
    value = value if value > low else low
    return value if value < high else high


@_compiled(None)
def cooling(
    standing_c: Floats, coolant_c: Floats, outdoor_c: Floats, rule: tuple[Floats, Floats], quotients: Floats
) -> None:  # fmt: skip
    """Write the quotients whose logarithms say when crews are sent, and when water is at 0 °C.

    Parameters
    ----------
    standing_c
        Water that crews go by, infinite where it circulates, shape ``(2, cell)``. [°C]
    coolant_c
        Water, same shape. [°C]
    outdoor_c
        Outdoors, shape ``(cell,)``. [°C]
    rule
        Water as crews are sent over degrees of frost, and the warmest that it is then, same shape. [1], [°C]
    quotients
        Written: both, 1 where it does not freeze, shape ``(2, 2, cell)``. [1]
    """
    ahead, below_c = rule
    for cell in range(len(outdoor_c)):
        outside_c = outdoor_c[cell]
        freezing = outside_c < -BARELY_K
        soon_c = -outside_c * ahead[cell]
        from_c = soon_c if soon_c < below_c[cell] else below_c[cell]
        for state in range(2):
            water_c = standing_c[state, cell] if standing_c[state, cell] > from_c else from_c
            quotients[0, state, cell] = (water_c - outside_c) / (from_c - outside_c) if freezing else 1.0
            water_c = coolant_c[state, cell] if coolant_c[state, cell] > 0.0 else 0.0
            quotients[1, state, cell] = (water_c - outside_c) / -outside_c if freezing else 1.0


@_compiled(None)
def grown(ice: float, outside_c: float, zero_h: float, step_h: float) -> float:
    """Return the ice of standing water after a step."""
    hours = _within(step_h - zero_h, 0.0, step_h) if outside_c < 0.0 else step_h
    return float(_within(ice - outside_c * hours / PLUG_K_H, 0.0, 1.0))


@_compiled(None)
def drain_and_burst(
    share: Floats, loops: tuple[Floats, Floats, Floats], acts: tuple[Floats, Floats], logs: Floats, step_h: float,
    made: tuple[Floats, Floats], bursting: Floats, places: Ints,
) -> int:  # fmt: skip
    """Write loops that crews drain and what ice does to the others; return how many kinds of homes burst pipes.

    Parameters
    ----------
    share
        Homes in the states with water, in the first two rows, shape ``(state, cell)``. [1]
    loops
        Ice, burst share that homes have been tested at, and temperature of water that circulates, missing where it
        stands, each of shape ``(2, cell)``. [1], [1], [°C]
    acts
        Outdoors, and share of homes that crews can drain in an hour, shape ``(cell,)``. [°C], [1/h]
    logs
        Logarithms of what `cooling` writes.
    step_h
        Length of the step. [h]
    made
        Written: homes whose loops crews drain if none bursts before, and burst share that homes are then tested at,
        shape ``(2, cell)`` each. [1]
    bursting
        Written: what `bursting.burst_beside_crews` takes, a row each, of those kinds of homes whose pipes burst.
    places
        Written: state and cell of each as one number.
    """
    (ice, tested, circulates), (outdoor_c, crews), (drains, after) = loops, acts, made
    count, cells = 0, len(outdoor_c)
    for cell in range(cells):
        outside_c, crew = outdoor_c[cell], crews[cell]
        freezing = outside_c < -BARELY_K
        plug_h = PLUG_K_H / -outside_c if freezing else PLUG_K_H
        first_h = _within(step_h - COOLING_TAU_H * logs[0, 0, cell], 0.0, step_h) if freezing else 0.0
        idle_h = _within(step_h - COOLING_TAU_H * logs[0, 1, cell], 0.0, step_h) if freezing else 0.0
        idle_can, stood = crew * idle_h, share[1, cell]
        idle = stood if stood < idle_can else idle_can
        left, can = crew * step_h - idle, crew * first_h
        left = left if left > 0.0 else 0.0
        first_can = can if can < left else left
        for state in range(2):
            hours, can = (idle_h, idle_can) if state == 1 else (first_h, first_can)
            there, had = share[state, cell], tested[state, cell]
            drains[state, cell] = there if there < can else can
            zero_h = COOLING_TAU_H * logs[1, state, cell] if freezing else np.inf
            still = math.isnan(circulates[state, cell])
            now = grown(ice[state, cell], outside_c, zero_h, step_h) if still else 0.0
            new = _within((now - BURST_FROM) / (1.0 - BURST_FROM), 0.0, 1.0)
            new, whole = new if new > had else had, 1.0 - had
            after[state, cell] = new
            if freezing and new > had and whole > 0.0:
                part, all_h = (new - had) / whole, (1.0 - BURST_FROM) * plug_h * whole
                last_h = zero_h + (1.0 - ice[state, cell]) * plug_h
                last_h = last_h if last_h < step_h else step_h
                per_h = can / hours if hours > 0.0 else 0.0
                alone_h = last_h - part * all_h - (step_h - hours)
                alone_h = alone_h if alone_h > 0.0 else 0.0
                there -= per_h * alone_h
                bursting[0, count], bursting[1, count] = there if there > 0.0 else 0.0, part
                bursting[2, count], places[count] = per_h * all_h, state * cells + cell
                count += 1
    return count


@_compiled(None)
def circulating(given: Floats, heated_c: Floats, floor_m2: Floats, district_m2: Floats, circulates: Floats) -> None:
    """Write the temperature of water that circulates, missing where it stands.

    Parameters
    ----------
    given
        Part of the heat that homes need which they get, shape ``(cell,)``. [1]
    heated_c
        Rooms of homes in which water circulates, shape ``(archetype, cell)``. [°C]
    floor_m2
        Floor of homes on district heat, same shape. [m²]
    district_m2
        The same of all archetypes, shape ``(cell,)``. [m²]
    circulates
        Written, shape ``(2, cell)``. [°C]
    """
    for cell in range(len(given)):
        share = given[cell]
        circulates[0, cell], circulates[1, cell] = CIRCULATING_C, np.nan
        if share < 1.0:
            rooms_c = heated_c[0, cell] * floor_m2[0, cell]
            for kind in range(1, len(heated_c)):
                rooms_c += heated_c[kind, cell] * floor_m2[kind, cell]
            floor = district_m2[cell]
            rooms_c /= floor if floor > 1.0 else 1.0
            rooms_c = rooms_c if rooms_c > 0.0 else 0.0
            circulates[0, cell] = rooms_c + (CIRCULATING_C - rooms_c) * share


@_compiled(None)
def _cools(water_c: float, outside_c: float, moving_c: float) -> bool:
    """Return whether water stands, is above 0 °C, and will freeze."""
    return bool(water_c > 0.0 and outside_c < -BARELY_K and math.isnan(moving_c))


@_compiled(None)
def cool(
    loops: tuple[Floats, Floats], outdoor_c: Floats, circulates: Floats, stays: float, made: tuple[Floats, Floats],
    quotients: Floats,
) -> int:  # fmt: skip
    """Write water in loops after a step, and the quotients whose logarithms say when it is at 0 °C.

    Parameters
    ----------
    loops
        Water before it, and burst share that homes have been tested at, shape ``(2, cell)`` each. [°C], [1]
    outdoor_c
        Outdoors, shape ``(cell,)``. [°C]
    circulates
        Temperature of water that circulates, missing where it stands, shape ``(2, cell)``. [°C]
    stays
        Part of the difference to the outside that standing water keeps in a step. [1]
    made
        Written: those after it; where water circulates, pipes are as if they had never been tested.
    quotients
        Written: one after the other, none where water circulates, is at 0 °C or does not freeze. [1]

    Returns
    -------
    int
        Number of quotients.
    """
    (coolant_c, tested), (cooled_c, still_tested), count = loops, made, 0
    for state in range(2):
        for cell in range(len(outdoor_c)):
            moving_c = circulates[state, cell]
            if not math.isnan(moving_c):
                cooled_c[state, cell], still_tested[state, cell] = moving_c, 0.0
                continue
            water_c, outside_c = coolant_c[state, cell], outdoor_c[cell]
            if _cools(water_c, outside_c, moving_c):
                quotients[count] = (water_c - outside_c) / -outside_c
                count += 1
            after_c, least_c = outside_c + (water_c - outside_c) * stays, water_c if water_c < 0.0 else 0.0
            cooled_c[state, cell] = after_c if after_c > least_c else least_c
            still_tested[state, cell] = tested[state, cell]
    return count


@_compiled(None)
def freeze(
    loops: tuple[Floats, Floats], outdoor_c: Floats, circulates: Floats, logs: Floats, step_h: float, iced: Floats
) -> None:  # fmt: skip
    """Write ice in loops after a step.

    Parameters
    ----------
    loops
        Water and ice before it, shape ``(2, cell)`` each. [°C], [1]
    outdoor_c, circulates
        As `cool` takes them.
    logs
        Logarithms of what it writes.
    step_h
        Length of the step. [h]
    iced
        Written: ice after it. [1]
    """
    (coolant_c, ice), count = loops, 0
    for state in range(2):
        for cell in range(len(outdoor_c)):
            iced[state, cell] = 0.0
            if not math.isnan(circulates[state, cell]):
                continue
            outside_c, zero_h = outdoor_c[cell], 0.0
            if _cools(coolant_c[state, cell], outside_c, circulates[state, cell]):
                zero_h = COOLING_TAU_H * logs[count]
                count += 1
            zero_h = np.inf if outside_c < 0.0 and outside_c >= -BARELY_K else zero_h
            iced[state, cell] = grown(ice[state, cell], outside_c, zero_h, step_h)


@_compiled(None)
def _ends(share: float, outside_c: float, moving_c: float) -> bool:
    """Return whether loops of somebody stand and will freeze."""
    return bool(share > SOMEBODY and outside_c < -BARELY_K and math.isnan(moving_c))


@_compiled(None)
def ending(share: Floats, coolant_c: Floats, outdoor_c: Floats, circulates: Floats, quotients: Floats) -> int:
    """Write the quotients whose logarithms say when standing loops are at 0 °C; return how many there are.

    Parameters
    ----------
    share
        Homes in the states with water, in the first two rows, shape ``(state, cell)``. [1]
    coolant_c
        Water, shape ``(2, cell)``. [°C]
    outdoor_c, circulates
        As `cool` takes them.
    quotients
        Written: one after the other. [1]
    """
    count = 0
    for state in range(2):
        for cell in range(len(outdoor_c)):
            outside_c = outdoor_c[cell]
            if _ends(share[state, cell], outside_c, circulates[state, cell]):
                water_c = coolant_c[state, cell] if coolant_c[state, cell] > 0.0 else 0.0
                quotients[count] = (water_c - outside_c) / -outside_c
                count += 1
    return count


@_compiled(None)
def deadline(share: Floats, outdoor_c: Floats, circulates: Floats, logs: Floats, deadline_h: Floats) -> None:
    """Write the hours until the first standing loops are at 0 °C, missing where none stand or it is not freezing.

    Parameters
    ----------
    share, outdoor_c, circulates
        As `ending` takes them.
    logs
        Logarithms of what it writes.
    deadline_h
        Written, shape ``(cell,)``. [h]
    """
    count = 0
    for cell in range(len(outdoor_c)):
        deadline_h[cell] = np.nan
    for state in range(2):
        for cell in range(len(outdoor_c)):
            if _ends(share[state, cell], outdoor_c[cell], circulates[state, cell]):
                hours = COOLING_TAU_H * logs[count]
                deadline_h[cell] = deadline_h[cell] if deadline_h[cell] <= hours else hours
                count += 1
