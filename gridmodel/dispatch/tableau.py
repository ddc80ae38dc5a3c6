"""The tableau that `simplex` works on, and numpy twins of its inner functions, used without numba.

A twin adds the same numbers in the same order as the loop that it stands for, so that answers have the same bits: sums
along a row go by `LANES` partial sums (`lane_sums`) or one by one (`cumsum`), sums over rows row by row.
Its numbers and records are compiled into the functions of `simplex`; see `compiled` for how long that code is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints

Flags = npt.NDArray[np.bool_]

FEASIBLE_MW = 1e-7
"""Excess of a value over a bound that is ignored. [MW] Ours: a tenth of a watt."""
SMALL = 1e-9
"""Below this a coefficient counts as 0 in the choice of a step. [1] Ours: rounding is smaller."""
LANES = 8
"""Partial sums of a sum along a row. Ours: as many as a processor adds at once."""
SOUND = 1e-2
"""Smallest share of a row's largest coefficient that a step divides by, where there is a choice. [1]
Ours: smaller ones lose digits."""


TASTED = 4
"""Candidates of which the lowest is tried first when the entering column is sought. Ours: it mostly is a low one."""


class Programme(NamedTuple):
    """A programme whose snapshots differ in their bounds only."""

    columns: Floats
    """Coefficients, shape ``(variable, row)``."""
    base: int
    """Number of rows, the first ones, that are in the tableau from the start."""
    cost: Floats
    """Cost to be minimised, shape ``(variable,)``. [EUR/MWh]"""
    ties: Floats
    """Costs that decide among its optima, one row for each try, shape ``(try, variable)``."""
    group: Ints
    """Sharing group of each variable, -1 for none, shape ``(variable,)``; levelled in this order."""
    groups: int
    """Number of sharing groups; 0 levels nothing."""


class Tableau(NamedTuple):
    """State of one snapshot. Variables are numbered: outputs and loads, then the sum of each row.

    Variables that can no longer move have no column: what they add to each row is in `fixed`.
    """

    body: Floats
    """Rows 0 and 1: both reduced costs; then each basic variable as a sum of the others, ``(2 + row, column)``."""
    fixed: Floats
    """Sum of what variables without a column add to the variable of each row. [MW]"""
    column: Ints
    """Variable of each column."""
    row: Ints
    """Variable of each row."""
    upper: Flags
    """True where the variable of a column is at its upper bound."""
    low: Floats
    """Lower bound of each variable. [MW]"""
    high: Floats
    """Upper bound of each variable. [MW]"""
    value: Floats
    """Value of the variable of each column. [MW]"""
    basic: Floats
    """Value of the variable of each row. [MW]"""
    weight: Floats
    """Square of the length of each row, about, by which its excess is judged (Devex: Harris 1973)."""
    used: Flags
    """True where a row of the programme is in the tableau."""
    gone: Flags
    """True where a variable has no column because it can no longer move."""
    open: Flags
    """True where a variable is being raised with the level."""
    held: Flags
    """True where the last row that lowered the level blocks a variable."""
    point: Floats
    """Outputs and loads for which `total` was last worked out. [MW]"""
    total: Floats
    """Sum of each row of the programme there. [MW]"""
    still: Floats
    """Sum, in each row of the programme, of outputs and loads without a column, from where levels begin. [MW]"""
    size: Ints
    """Rows in the tableau, steps taken, columns in use, and steps when rows were last renewed, shape ``(4,)``."""
    level: Floats
    """Level of the share that is being raised, and the smallest pivot since rows were last renewed, shape ``(2,)``."""


def lane_sums(terms: Floats) -> Floats:
    """Sum each row of terms: `LANES` partial sums, which are added in pairs, then what is left over, one by one."""
    rows, width = terms.shape
    whole = width - width % LANES
    found = np.zeros(rows)
    if whole:
        part = np.add.reduce(np.ascontiguousarray(terms[:, :whole].reshape(rows, -1, LANES).transpose(1, 0, 2)), axis=0)
        part = part[:, ::2] + part[:, 1::2]
        part = part[:, ::2] + part[:, 1::2]
        found = part[:, 0] + part[:, 1]
    for j in range(whole, width):
        found = found + terms[:, j]
    return np.asarray(found)


def row_by_row(terms: Floats) -> Floats:
    """Sum terms over the first axis, row by row."""
    if terms.shape[1] == 1:  # a lone column would be summed in another order
        return np.cumsum(terms[:, 0])[-1:] if len(terms) else np.zeros(1)
    return np.asarray(np.add.reduce(np.ascontiguousarray(terms), axis=0))


def one_by_one(terms: Floats) -> float:
    """Sum terms from the first to the last."""
    return float(np.cumsum(terms)[-1]) if len(terms) else 0.0


def plain_products(tableau: Tableau) -> None:
    """Compute the value of each basic variable."""
    rows, width = tableau.size[0], tableau.size[2]
    sums = lane_sums(tableau.body[2 : 2 + rows, :width] * tableau.value[:width])
    tableau.basic[:rows] = tableau.fixed[:rows] + sums


def plain_sums(columns: Floats, weight: Floats) -> Floats:
    """Sum columns, each times its weight."""
    there = np.flatnonzero(weight)
    return row_by_row(columns[there] * weight[there, None])


def plain_upper(tableau: Tableau, zero: float) -> Flags:
    """Return the bound at which the sign of its reduced cost puts the variable of each column; True: the upper."""
    width = tableau.size[2]
    first, second = tableau.body[0, :width], tableau.body[1, :width]
    first[np.abs(first) <= zero] = 0.0
    return np.where(first != 0.0, first < 0.0, np.where(second != 0.0, second < 0.0, tableau.upper[:width]))


def plain_stand(tableau: Tableau, zero: float) -> None:
    """Put the variable of each column at the bound that its reduced costs ask for."""
    width = tableau.size[2]
    variable = tableau.column[:width]
    tableau.upper[:width] = plain_upper(tableau, zero)
    tableau.value[:width] = np.where(tableau.upper[:width], tableau.high[variable], tableau.low[variable])


def plain_enter(  # noqa: PLR0915 - step by step as its twin
    tableau: Tableau, r: int, sign: float, missing: float
) -> int:
    """Return the column that enters so that a basic variable rises by what is missing; -1 if none can raise it."""
    width = tableau.size[2]
    variable, up = tableau.column[:width], tableau.upper[:width]
    step = np.where(up, -sign, sign) * tableau.body[2 + r, :width]
    room = tableau.high[variable] - tableau.low[variable]
    good = np.flatnonzero((step > SMALL) & (room > 0))
    step = step[good]
    gain = step * room[good]
    left = missing - FEASIBLE_MW
    if not len(good) or one_by_one(gain) < left:
        return -1
    first = np.abs(tableau.body[0, good]) / step
    second = np.where(up[good], -tableau.body[1, good], tableau.body[1, good]) / step
    place, tries = np.arange(len(good)), 0
    while len(place) > 1:
        k = int(place[len(place) // 2])
        for part in range(TASTED if tries == 0 else 0):
            other = int(place[part * len(place) // TASTED])
            if first[other] < first[k] or (first[other] == first[k] and second[other] < second[k]):
                k = other
        tries += 1
        less = (first[place] < first[k]) | ((first[place] == first[k]) & (second[place] < second[k]))
        below = place[less]
        part_gain = one_by_one(gain[below])
        above = place[~less & (place != k)]
        if part_gain >= left:
            place = below
        elif part_gain + gain[k] >= left or not len(above):
            place = np.array([k])
        else:
            left -= part_gain + gain[k]
            place = above
    last = place[0]
    passed = (first < first[last]) | ((first == first[last]) & (second <= second[last]))
    sound = np.flatnonzero(passed & (step >= SOUND * step.max()))
    if not len(sound):
        return int(good[last])
    sound = sound[first[sound] == first[sound].max()]
    return int(good[sound[np.argmax(second[sound])]])


def plain_exchange(  # noqa: PLR0915 - step by step as its twin
    tableau: Tableau, r: int, q: int, sign: float, zero: float
) -> None:
    """Exchange the variables of a column and a row."""
    rows, width = tableau.size[0], tableau.size[2]
    body = tableau.body[: 2 + rows, :width]
    leaving, pivot = tableau.row[r], body[2 + r, q]
    tableau.level[1] = min(tableau.level[1], abs(pivot))
    line = -body[2 + r] / pivot
    line[q] = 1.0 / pivot
    for i in range(2):
        factor = body[i, q]
        if factor != 0.0:
            body[i, q] = 0.0
            body[i] += factor * line
    upper = plain_upper(tableau, zero)
    variable = tableau.column[:width]
    target = np.where(upper, tableau.high[variable], tableau.low[variable])
    target[q] = tableau.value[q]
    moved = np.flatnonzero(target != tableau.value[:width])
    tableau.upper[:width] = upper
    basic, entering = tableau.basic[:rows], body[2:, q].copy()
    if len(moved) * LANES > width:
        tableau.value[:width] = target
        plain_products(tableau)
    else:
        for j in moved:
            basic += body[2:, j] * (target[j] - tableau.value[j])
        tableau.value[:width] = target
    bound = tableau.low[leaving] if sign > 0 else tableau.high[leaving]
    step = (bound - basic[r]) / pivot
    basic += entering * step
    basic[r] = tableau.value[q] + step
    fixed = -tableau.fixed[r] / pivot
    tableau.fixed[:rows] += entering * fixed
    tableau.fixed[r] = fixed
    tableau.value[q] = bound
    weight = tableau.weight[:rows]
    share = entering / pivot
    own = weight[r]
    np.maximum(weight, share * share * own, out=weight)
    weight[r] = max(own / (pivot * pivot), 1.0)
    factor = entering
    factor[r] = 0.0
    there = np.flatnonzero(factor)
    body[2 + there, q] = 0.0
    body[2 + there] += factor[there, None] * line
    body[2 + r] = line
    tableau.row[r], tableau.column[q] = tableau.column[q], leaving
    tableau.upper[q] = sign < 0


def plain_worst(tableau: Tableau, tolerance: float) -> tuple[int, float, float]:
    """Return the row that breaks its bounds most for its length (-1 if none), its direction, and by how much [MW]."""
    rows = tableau.size[0]
    variable, value = tableau.row[:rows], tableau.basic[:rows]
    below, above = tableau.low[variable] - value, value - tableau.high[variable]
    missing = np.maximum(below, above)
    broken = missing > tolerance
    if not broken.any():
        return -1, 0.0, 0.0
    r = int(np.argmax(np.where(broken, missing * missing / tableau.weight[:rows], -1.0)))
    return r, 1.0 if below[r] > above[r] else -1.0, float(missing[r])


def plain_solved(every: Floats) -> Floats:
    """Solve linear equations, right-hand side after the square, by elimination with pivots in each column."""
    rows = len(every)
    for i in range(rows):
        best = i + int(np.argmax(np.abs(every[i:, i])))
        every[[i, best]] = every[[best, i]]
        below = every[i + 1 :]
        factor = below[:, i] / every[i, i]
        below[:, i:] -= factor[:, None] * every[i, i:]
    found = every[:, rows].copy()
    for i in range(rows - 1, -1, -1):
        found[i] /= every[i, i]
        found[:i] -= found[i] * every[:i, i]
    return found


def plain_allowed_levels(tableau: Tableau, first: int, end: int) -> Floats:
    """Return the highest level at which each of some rows can still be met, infinite if it does not depend on that."""
    rows = range(first, end)
    return np.array([[_allowed_level(tableau, r, sign) for r in rows] for sign in (1.0, -1.0)])


def _allowed_level(tableau: Tableau, r: int, sign: float) -> float:
    width = tableau.size[2]
    leaving, variable = tableau.row[r], tableau.column[:width]
    most, slope, felt = tableau.high[leaving], 0.0, 0.0
    if sign > 0 and tableau.open[leaving]:
        most, slope, felt = 0.0, tableau.high[leaving], 1.0
    elif sign > 0:
        most = -tableau.low[leaving]
    factor = sign * tableau.body[2 + r, :width]
    high, is_open = tableau.high[variable], tableau.open[variable]
    rises = factor > 0.0
    term = factor * np.where(rises | is_open, high, tableau.low[variable])
    most = one_by_one(np.append(most + sign * tableau.fixed[r], np.where(rises | ~is_open, term, 0.0)))
    slope = one_by_one(np.append(slope, np.where(rises | ~is_open, 0.0, -term)))
    felt = max(felt, np.max(-factor[is_open], initial=0.0))
    return max(most / slope, 0.0) if slope > SMALL and felt > SMALL else np.inf


def plain_drop(tableau: Tableau) -> None:
    """Take the columns of variables that can no longer move out of the tableau."""
    rows, width = tableau.size[0], tableau.size[2]
    variable = tableau.column[:width].copy()
    moves = tableau.high[variable] > tableau.low[variable]
    if moves.all():
        return
    body = tableau.body[: 2 + rows, :width]
    stays = body[2:, ~moves] * tableau.low[variable[~moves]]
    tableau.fixed[:rows] += row_by_row(stays.T)
    tableau.gone[variable[~moves]] = True
    count = int(moves.sum())
    tableau.body[: 2 + rows, :count] = body[:, moves]
    for part in (tableau.column, tableau.upper, tableau.value):
        part[:count] = part[:width][moves]
    tableau.size[2] = count


def plain_new_row(tableau: Tableau, weight: Floats, line: Floats) -> tuple[float, float]:
    """Write a row of the programme as a sum of the columns; return its constant part and its largest size. [MW]"""
    count, rows, width = len(weight), tableau.size[0], tableau.size[2]
    variable = tableau.column[:width]
    own = variable < count
    line[:] = np.where(own, weight[np.where(own, variable, 0)], 0.0)
    gone = np.flatnonzero(tableau.gone[:count])
    fixed = one_by_one(np.append(0.0, weight[gone] * tableau.low[gone]))
    for i in np.flatnonzero(tableau.row[:rows] < count):
        here = weight[tableau.row[i]]
        if here != 0.0:
            line += here * tableau.body[2 + i, :width]
            fixed += here * tableau.fixed[i]
    return fixed, one_by_one(np.abs(weight) * tableau.high[:count])


def plain_unproved(  # noqa: PLR0917 - as its twin
    programme: Programme, most: Floats, row_low: Floats, row_high: Floats, dual: Floats, point: Floats
) -> float:
    """Return the gap between the cost and the lower bound that the duals give: 0 at the optimum. [EUR/h]"""
    priced = programme.cost.copy()
    numbers = np.flatnonzero(dual)
    for number in numbers:
        priced -= programme.columns[:, number] * dual[number]
    gap = one_by_one(programme.cost * point - np.minimum(priced * most, 0.0))
    for number in numbers:
        gap -= min(dual[number] * row_low[number], dual[number] * row_high[number])
    return gap


def plain_cost(programme: Programme, point: Floats) -> float:
    """Return the cost of outputs and loads. [EUR/h]"""
    return one_by_one(programme.cost * point)
