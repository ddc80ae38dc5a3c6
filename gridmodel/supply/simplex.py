"""A small dual simplex for snapshots whose lines are limiting: few rows, every variable between two bounds.

Outputs and loads are the variables; flows are sums of them (`Rows`), so only the balance of each island and the few
limits that bind are rows of the tableau. The tableau is a dictionary (Chvátal 1983): each basic variable as a sum
of the others. As every variable has two bounds, any basis is made dual feasible by standing each non-basic variable
at the right one, and each step may pass many of them on its way (the long-step rule: Fourer 1994). Limits enter
when a solution breaks them.

Two costs are minimised, one after the other: the real one, and a second one without ties that decides among its
optima by rule (a lexicographic order, so that no two steps are alike and none is taken twice). Among the optima the
lowest served share of each sharing group is then raised as far as it goes: ask for all, and as long as some row
shows that this can't be had, lower the level to what that row allows. What that last row holds stays where it is,
and the rest is raised further.

Every function is plain Python on arrays. With numba they are compiled on first use, which that user pays once, as
numba keeps the code beside the module; without it the few inner ones are numpy calls, and it all is slower, not other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

FEASIBLE_MW = 1e-7
"""How far a value may be beyond a bound. [MW] Ours."""
SMALL = 1e-9
"""Below this a coefficient counts as 0 in the choice of a step. [1] Ours."""
SOUND = 1e-2
"""Smallest share of a row's largest coefficient that a step divides by, where there is a choice. [1] Ours."""
ZERO_COST = 1e-11
"""Below this share of the highest cost a reduced cost counts as 0. [1] Ours."""
GAP = 1e-8
"""Share of the cost that the proof of optimality may leave open. [1] Ours: the promise is 1e-6."""
GAP_FLOOR = 1e-4
"""What it may leave open at any rate. [EUR/h] Ours: a microwatt of shed."""
BROKEN_MW = 1e-6
"""How far an answer may break a row. [MW] Ours: the same as counts as a violation elsewhere."""
ROOM = 400
"""Most rows that a tableau holds. Ours."""
STEPS = 2_000
"""Steps after which a snapshot is given up. Ours: some tens are usual, some hundred on a thousand buses."""
DONE, RAISED, FAILED = 0, 1, 2

try:
    from numba import njit
except ImportError:
    COMPILED = False
else:
    COMPILED = True


def _compiled(plain: Callable[..., Any] | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function of loops, or put its numpy twin in its place where there is no numba."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if COMPILED:
            made: Callable[..., Any] = njit(cache=True)(function)
            return made
        return plain or function

    return decorate


class Tableau(NamedTuple):
    """Where one snapshot stands. Variables are numbered: outputs and loads, then the sum of each row."""

    body: Floats
    """Rows 0 and 1: both reduced costs; then each basic variable as a sum of the others, ``(2 + row, column)``."""
    column: Ints
    """Variable of each column."""
    row: Ints
    """Variable of each row."""
    upper: Flags
    """Whether the variable of each column stands at its upper bound."""
    low: Floats
    """Lower bound of each variable. [MW]"""
    high: Floats
    """Upper bound of each variable. [MW]"""
    value: Floats
    """Value of the variable of each column. [MW]"""
    basic: Floats
    """Value of the variable of each row. [MW]"""
    used: Flags
    """Whether each row of the programme is in the tableau."""
    open: Flags
    """Whether each variable is being raised with the level."""
    held: Flags
    """Whether the last row that lowered the level holds each variable."""
    size: Ints
    """Rows in the tableau, and steps taken, shape ``(2,)``."""
    level: Floats
    """Level of the share that is being raised, shape ``(1,)``."""


def _plain_products(body: Floats, rows: int, value: Floats, out: Floats) -> None:
    out[:rows] = np.einsum("rc,c->r", body[2 : 2 + rows], value, optimize=False)


@_compiled(_plain_products)
def _products(body: Floats, rows: int, value: Floats, out: Floats) -> None:
    """Value of each basic variable."""
    count = len(value)
    whole = count - count % 4
    for i in range(rows):
        line = body[2 + i]
        a = b = c = d = 0.0
        for j in range(0, whole, 4):
            a += line[j] * value[j]
            b += line[j + 1] * value[j + 1]
            c += line[j + 2] * value[j + 2]
            d += line[j + 3] * value[j + 3]
        for j in range(whole, count):
            a += line[j] * value[j]
        out[i] = (a + b) + (c + d)


def _plain_sums(columns: Floats, weight: Floats) -> Floats:
    return np.asarray(np.einsum("jr,j->r", columns, weight, optimize=False))


@_compiled(_plain_sums)
def _sums(columns: Floats, weight: Floats) -> Floats:
    """Sum of columns, each times its weight."""
    out = np.zeros(columns.shape[1])
    for j in range(columns.shape[0]):
        if weight[j] != 0.0:
            for r in range(columns.shape[1]):
                out[r] += columns[j, r] * weight[j]
    return out


def _plain_stand(tableau: Tableau, zero: float) -> None:
    first, second = tableau.body[0], tableau.body[1]
    first[np.abs(first) <= zero] = 0.0
    tableau.upper[:] = np.where(first != 0.0, first < 0.0, np.where(second != 0.0, second < 0.0, tableau.upper))
    tableau.value[:] = np.where(tableau.upper, tableau.high[tableau.column], tableau.low[tableau.column])


@_compiled(_plain_stand)
def _stand(tableau: Tableau, zero: float) -> None:
    """Stand the variable of each column at the bound that its reduced costs ask for."""
    body, upper = tableau.body, tableau.upper
    for j in range(len(upper)):
        if abs(body[0, j]) <= zero:
            body[0, j] = 0.0
        if body[0, j] != 0.0:
            upper[j] = body[0, j] < 0.0
        elif body[1, j] != 0.0:
            upper[j] = body[1, j] < 0.0
        variable = tableau.column[j]
        tableau.value[j] = tableau.high[variable] if upper[j] else tableau.low[variable]


def _plain_enter(tableau: Tableau, line: Floats, missing: float) -> int:
    room = tableau.high[tableau.column] - tableau.low[tableau.column]
    good = np.flatnonzero((room > 0) & np.where(tableau.upper, line < -SMALL, line > SMALL))
    step = np.abs(line[good])
    second = np.where(tableau.upper[good], -tableau.body[1, good], tableau.body[1, good]) / step
    order = np.lexsort((second, np.abs(tableau.body[0, good]) / step))
    reached = np.cumsum((step * room[good])[order]) >= missing - FEASIBLE_MW
    if not reached.any():
        return -1
    passed = order[: reached.argmax() + 1]
    sound = passed[step[passed] >= SOUND * step.max()]
    return int(good[sound[-1] if len(sound) else passed[-1]])


@_compiled()
def _swap(good: Ints, ratio: Floats, gain: Floats, k: int, m: int) -> None:
    """Let two candidates change places."""
    good[k], good[m] = good[m], good[k]
    gain[k], gain[m] = gain[m], gain[k]
    for i in range(2):
        ratio[k, i], ratio[m, i] = ratio[m, i], ratio[k, i]


@_compiled(_plain_enter)
def _enter(tableau: Tableau, line: Floats, missing: float) -> int:
    """Column that enters so that a basic variable rises by what is missing; -1 if nothing can raise it so far.

    Columns are passed in the order of their ratios of reduced cost to coefficient, each moving to its other bound,
    until the rest is within reach of one, found by halving (quickselect). Where that one's coefficient is too small
    to divide by, the last sound one before it enters.
    """
    count = len(line)
    body, upper = tableau.body, tableau.upper
    good, ratio, gain = np.empty(count, np.intp), np.empty((count, 2)), np.empty(count)
    total, largest, n = 0.0, 0.0, 0
    for j in range(count):
        step = -line[j] if upper[j] else line[j]
        if step <= SMALL:
            continue
        variable = tableau.column[j]
        room = tableau.high[variable] - tableau.low[variable]
        if room > 0.0:
            good[n] = j
            ratio[n, 0] = abs(body[0, j]) / step
            ratio[n, 1] = (-body[1, j] if upper[j] else body[1, j]) / step
            gain[n] = step * room
            total += gain[n]
            largest = max(largest, step)
            n += 1
    left = missing - FEASIBLE_MW
    if n == 0 or total < left:
        return -1
    begin, end = 0, n
    while end - begin > 1:
        middle = (begin + end) // 2
        one, two = ratio[middle]
        edge, part = begin, 0.0
        for k in range(begin, end):
            if ratio[k, 0] < one or (ratio[k, 0] == one and ratio[k, 1] < two):
                part += gain[k]
                _swap(good, ratio, gain, k, edge)
                middle = k if middle == edge else middle
                edge += 1
        _swap(good, ratio, gain, middle, edge)
        if part >= left:
            end = edge
        elif part + gain[edge] >= left or edge + 1 == end:
            begin, end = edge, edge + 1
        else:
            left -= part + gain[edge]
            begin = edge + 1
    last = begin
    sound = -1
    for k in range(begin + 1):
        if abs(line[good[k]]) >= SOUND * largest and (
            sound < 0 or ratio[k, 0] > ratio[sound, 0] or (ratio[k, 0] == ratio[sound, 0] and ratio[k, 1] > ratio[sound, 1])
        ):
            sound = k
    return good[last] if sound < 0 else good[sound]


def _plain_exchange(tableau: Tableau, r: int, q: int) -> None:
    body = tableau.body[: 2 + tableau.size[0]]
    line = -body[2 + r] / body[2 + r, q]
    line[q] = 1.0 / body[2 + r, q]
    factor = body[:, q].copy()
    factor[2 + r] = 0.0
    body[:, q] = 0.0
    body += factor[:, None] * line
    body[2 + r] = line


@_compiled(_plain_exchange)
def _exchange(tableau: Tableau, r: int, q: int) -> None:
    """Let the variable of a column and that of a row change places."""
    body = tableau.body
    pivot = body[2 + r, q]
    line = -body[2 + r] / pivot
    line[q] = 1.0 / pivot
    for i in range(2 + tableau.size[0]):
        factor = body[i, q]
        if i == 2 + r or factor == 0.0:
            continue
        body[i, q] = 0.0
        for j in range(len(line)):
            body[i, j] += factor * line[j]
    body[2 + r] = line


@_compiled()
def _lower_level(tableau: Tableau, r: int, sign: float) -> int:
    """Lower the level to what a row allows that can't be met, and note what that row holds."""
    line = tableau.body[2 + r]
    leaving = tableau.row[r]
    slope = 0.0
    if sign < 0:
        most = tableau.high[leaving]
    elif tableau.open[leaving]:
        most, slope = 0.0, tableau.high[leaving]
    else:
        most = -tableau.low[leaving]
    for j in range(len(line)):
        factor = sign * line[j]
        variable = tableau.column[j]
        if factor > 0.0:
            most += factor * tableau.high[variable]
        elif tableau.open[variable]:
            slope -= factor * tableau.high[variable]
        else:
            most += factor * tableau.low[variable]
    if slope <= SMALL:
        return FAILED
    level = max(most / slope, 0.0)
    if level >= tableau.level[0]:
        return FAILED
    tableau.level[0] = level
    tableau.held[:] = False
    tableau.held[leaving] = sign > 0
    for j in range(len(line)):
        variable = tableau.column[j]
        if sign * line[j] < -SMALL:
            tableau.held[variable] = True
    for variable in range(len(tableau.open)):
        if tableau.open[variable]:
            tableau.low[variable] = level * tableau.high[variable]
    return RAISED


@_compiled()
def _settle(tableau: Tableau, zero: float) -> int:
    """Take steps until every basic variable is within its bounds."""
    while tableau.size[1] < STEPS:
        rows = tableau.size[0]
        _stand(tableau, zero)
        _products(tableau.body, rows, tableau.value, tableau.basic)
        worst, r, sign = FEASIBLE_MW, -1, 0.0
        for i in range(rows):
            variable = tableau.row[i]
            below = tableau.low[variable] - tableau.basic[i]
            above = tableau.basic[i] - tableau.high[variable]
            if below > worst:
                worst, r, sign = below, i, 1.0
            if above > worst:
                worst, r, sign = above, i, -1.0
        if r < 0:
            return DONE
        tableau.size[1] += 1
        q = _enter(tableau, sign * tableau.body[2 + r], worst)
        if q < 0:
            if _lower_level(tableau, r, sign) == FAILED:
                return FAILED
            continue
        _exchange(tableau, r, q)
        tableau.row[r], tableau.column[q] = tableau.column[q], tableau.row[r]
        tableau.upper[q] = sign < 0
    return FAILED


@_compiled()
def _point(tableau: Tableau, count: int) -> Floats:
    """Values of outputs and loads."""
    every = np.zeros(len(tableau.low))
    for j in range(len(tableau.column)):
        every[tableau.column[j]] = tableau.value[j]
    for i in range(tableau.size[0]):
        every[tableau.row[i]] = tableau.basic[i]
    return every[:count]


@_compiled()
def _add_row(tableau: Tableau, columns: Floats, number: int) -> bool:
    """Put a row of the programme into the tableau."""
    count = columns.shape[0]
    rows = tableau.size[0]
    if 2 + rows >= len(tableau.body):
        return False
    weight = columns[:, number].copy()
    reach = np.sum(np.abs(weight) * tableau.high[:count])
    line = np.zeros(count)
    for j in range(count):
        if tableau.column[j] < count:
            line[j] = weight[tableau.column[j]]
    for i in range(rows):
        variable = tableau.row[i]
        if variable < count and weight[variable] != 0.0:
            line += weight[variable] * tableau.body[2 + i]
    tableau.body[2 + rows] = line
    variable = count + number
    tableau.low[variable] = max(tableau.low[variable], -reach)
    tableau.high[variable] = min(tableau.high[variable], reach)
    tableau.row[rows] = variable
    tableau.used[number] = True
    tableau.size[0] = rows + 1
    return True


@_compiled()
def _add_broken(tableau: Tableau, columns: Floats) -> int:
    """Put rows that the solution breaks into the tableau: how many, -1 if there is no room."""
    count = columns.shape[0]
    total = _sums(columns, _point(tableau, count))
    beyond = np.maximum(tableau.low[count:] - total, total - tableau.high[count:])
    beyond[tableau.used] = 0.0
    worst = beyond.max()
    if worst <= FEASIBLE_MW:
        return 0
    added = 0
    for number in np.flatnonzero(beyond > 0.5 * worst):
        if not _add_row(tableau, columns, number):
            return -1
        added += 1
    return added


@_compiled()
def _solve(tableau: Tableau, columns: Floats, zero: float) -> int:
    """Settle, add what is broken, and again."""
    while True:
        if _settle(tableau, zero) == FAILED:
            return FAILED
        added = _add_broken(tableau, columns)
        if added <= 0:
            return DONE if added == 0 else FAILED


@_compiled()
def _hold_optimum(tableau: Tableau) -> None:
    """Hold every variable that is at a bound in every optimum."""
    for j in range(len(tableau.column)):
        if tableau.body[0, j] != 0.0:
            variable = tableau.column[j]
            if tableau.upper[j]:
                tableau.low[variable] = tableau.high[variable]
            else:
                tableau.high[variable] = tableau.low[variable]


@_compiled()
def _level_group(tableau: Tableau, columns: Floats, members: Ints, zero: float) -> int:
    """Raise the lowest served share of a group, then the next, until all are as high as they go."""
    for variable in members:
        tableau.open[variable] = tableau.high[variable] > tableau.low[variable]
    while np.any(tableau.open):
        tableau.level[0] = 1.0
        tableau.held[:] = True
        for variable in members:
            if tableau.open[variable]:
                tableau.low[variable] = tableau.high[variable]
        if _solve(tableau, columns, zero) == FAILED:
            return FAILED
        moved = False
        for variable in members:
            if tableau.open[variable] and tableau.held[variable]:
                tableau.high[variable] = tableau.low[variable]
                tableau.open[variable] = False
                moved = True
        if not moved:
            return FAILED
    return DONE


@_compiled()
def _unproved(
    columns: Floats, cost: Floats, most: Floats, row_low: Floats, row_high: Floats, dual: Floats, point: Floats
) -> float:
    """How much of the cost a lower bound from the duals leaves open: 0 at the optimum."""
    gap = 0.0
    numbers = np.flatnonzero(dual != 0.0)
    for j in range(len(cost)):
        priced = cost[j]
        for number in numbers:
            priced -= columns[j, number] * dual[number]
        gap += cost[j] * point[j] - min(priced * most[j], 0.0)
    for number in numbers:
        gap -= min(dual[number] * row_low[number], dual[number] * row_high[number])
    return gap


@_compiled()
def solve_one(
    columns: Floats, base: int, cost: Floats, tie: Floats, most: Floats, row_low: Floats, row_high: Floats,
    group: Ints, groups: int,
) -> tuple[float, float, Floats]:  # fmt: skip
    """Least cost, levelled, of one snapshot.

    Parameters
    ----------
    columns
        Coefficients, shape ``(variable, row)``.
    base
        How many rows, the first ones, are in the tableau from the start.
    cost, tie
        Cost to be minimised and cost that decides among its optima, shape ``(variable,)``.
    most
        Upper bound of each variable; the lower one is 0. [MW]
    row_low, row_high
        Bounds of each row. [MW]
    group
        Sharing group of each variable, -1 where it has none; groups are levelled in their order.
    groups
        Number of sharing groups; 0 levels nothing.

    Returns
    -------
    tuple
        How much of the cost is not proved to be needed, infinite if no answer was found; how far a row is broken
        [MW]; and the variables [MW].
    """
    count, rows = columns.shape
    room = min(ROOM, rows)
    tableau = Tableau(
        np.empty((2 + room, count)), np.arange(count), np.zeros(room, np.intp), np.zeros(count, np.bool_),
        np.concatenate((np.zeros(count), row_low)), np.concatenate((most, row_high)), np.zeros(count), np.zeros(room),
        np.zeros(rows, np.bool_), np.zeros(count + rows, np.bool_), np.zeros(count + rows, np.bool_),
        np.zeros(2, np.intp), np.ones(1),
    )  # fmt: skip
    tableau.body[0] = cost
    tableau.body[1] = tie
    zero = ZERO_COST * np.max(np.abs(cost))
    for number in range(base):
        _add_row(tableau, columns, number)
    if _solve(tableau, columns, zero) == FAILED:
        return np.inf, np.inf, most
    dual = np.zeros(rows)
    for j in range(count):
        if tableau.column[j] >= count:
            dual[tableau.column[j] - count] = tableau.body[0, j]
    if groups:
        _hold_optimum(tableau)
    for number in range(groups):
        if _level_group(tableau, columns, np.flatnonzero(group == number), zero) == FAILED:
            return np.inf, np.inf, most
    point = np.minimum(np.maximum(_point(tableau, count), 0.0), most)
    total = _sums(columns, point)
    beyond = np.max(np.maximum(row_low - total, total - row_high))
    return _unproved(columns, cost, most, row_low, row_high, dual, point), beyond, point


@_compiled()
def solve_many(
    columns: Floats, base: int, cost: Floats, ties: Floats, most: Floats, row_low: Floats, row_high: Floats,
    group: Ints, groups: int, shed: Floats,
) -> tuple[Flags, Floats]:  # fmt: skip
    """`solve_one` for each snapshot, a second time in another order of ties where the first gives no proof.

    Parameters
    ----------
    ties
        Costs that decide among optima, one row for each try, shape ``(try, variable)``.
    most, row_low, row_high
        As in `solve_one`, one row for each snapshot.
    shed
        What each snapshot would cost if nobody were served, the scale of its proof, shape ``(snapshot,)``. [EUR/h]

    Returns
    -------
    tuple
        Whether each answer is proved, and the variables, shape ``(snapshot, variable)``. [MW]
    """
    proved = np.zeros(len(most), np.bool_)
    points = np.zeros(most.shape)
    for s in range(len(most)):
        for tie in ties:
            gap, beyond, point = solve_one(
                columns, base, cost, tie, most[s], row_low[s], row_high[s], group, groups
            )  # fmt: skip
            total = shed[s] + np.sum(cost * point)
            points[s] = point
            if gap <= GAP * max(total, 0.0) + GAP_FLOOR and beyond <= BROKEN_MW:
                proved[s] = True
                break
    return proved, points
