"""Solve snapshots whose lines are limiting with a small dual simplex: few rows, every variable between two bounds.

The variables are outputs and loads. Flows are sums of them (`Rows`), so the tableau needs a row only for the balance of
each island and for the few limits that bind; a limit is added once a solution breaks it. The tableau is a dictionary
(Chvátal 1983): it writes each basic variable as a sum of the others. Because every variable has two bounds, any basis
becomes dual feasible once each non-basic variable is put at the right bound, and a single step may move many of them
from one bound to the other (the long-step rule, Fourer 1994).

Two costs are minimised in lexicographic order: the real cost, then a second cost without ties that picks one of the
optima. With this order no two steps tie, so the method cannot cycle. Among the optima, the lowest served share of each
sharing group is then raised as far as possible. The method asks for full supply; whenever a row shows that this is
impossible, it lowers the level to what that row allows. Loads that the last such row blocks are then held at that
level, and the others are raised further.

Every function is plain Python on arrays. With numba the functions are compiled on first use. This takes about ten
seconds and happens once per installation, because the compiled code is stored beside the module. Without numba the
innermost functions are numpy calls, which are slower and add numbers in a different order: answers agree to 12 digits.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, compiler
from gridmodel.dispatch import tableau as twin
from gridmodel.dispatch.tableau import FEASIBLE_MW, SMALL, SOUND, Flags, Programme, Tableau

STEPS = 2_000
"""Steps after which the solver gives up on a snapshot.
Ours: most snapshots take a few tens of steps, networks of a thousand buses a few hundred."""
ZERO_COST = 1e-11
"""Share of the highest cost below which a reduced cost counts as 0. [1] Ours: above the error of rounding."""
GAP = 1e-8
"""Largest gap between cost and lower bound, as a share of the cost, at which an answer counts as optimal. [1]
Ours: a hundredth of the 1e-6 that the dispatch promises."""
GAP_FLOOR = 1e-4
"""Gap that is allowed whatever the cost. [EUR/h] Ours: worth about a tenth of a watt of shed load."""
BROKEN_MW = 1e-6
"""Largest excess over the bound of a row. [MW] Ours: a watt, the tolerance of the other checks of the dispatch."""
ROOM = 400
"""Most rows of a tableau. Ours: it limits memory; a snapshot that needs more rows is solved by HiGHS (`lp`)."""

_compiled = compiler(__file__, twin.__file__)


@_compiled(twin.plain_products)
def _products(body: Floats, rows: int, value: Floats, out: Floats) -> None:
    """Compute the value of each basic variable."""
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


@_compiled(twin.plain_sums)
def sums(columns: Floats, weight: Floats) -> Floats:
    """Sum columns, each times its weight."""
    out = np.zeros(columns.shape[1])
    for j in range(columns.shape[0]):
        if weight[j] != 0.0:
            for r in range(columns.shape[1]):
                out[r] += columns[j, r] * weight[j]
    return out


@_compiled(twin.plain_stand)
def _stand(tableau: Tableau, zero: float) -> None:
    """Put the variable of each column at the bound that the sign of its reduced cost requires."""
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


@_compiled(None)
def _swap(good: Ints, ratio: Floats, gain: Floats, k: int, m: int) -> None:
    """Exchange two candidates."""
    good[k], good[m] = good[m], good[k]
    gain[k], gain[m] = gain[m], gain[k]
    for i in range(2):
        ratio[k, i], ratio[m, i] = ratio[m, i], ratio[k, i]


@_compiled(None)
def _before(ratio: Floats, k: int, first: float, second: float) -> bool:
    """Return whether a candidate comes before a pair of ratios."""
    return bool(ratio[k, 0] < first or (ratio[k, 0] == first and ratio[k, 1] < second))


@_compiled(None)
def _candidates(tableau: Tableau, line: Floats, good: Ints, ratio: Floats, gain: Floats) -> int:
    """Find columns that can raise a basic variable, their ratios of reduced cost to coefficient, and their gains."""
    n = 0
    for j in range(len(line)):
        up = tableau.upper[j]
        step = -line[j] if up else line[j]
        if step <= SMALL:
            continue
        room = tableau.high[tableau.column[j]] - tableau.low[tableau.column[j]]
        if room > 0.0:
            good[n] = j
            ratio[n, 0] = abs(tableau.body[0, j]) / step
            ratio[n, 1] = (-tableau.body[1, j] if up else tableau.body[1, j]) / step
            gain[n] = step * room
            n += 1
    return n


@_compiled(None)
def _reaching(good: Ints, ratio: Floats, gain: Floats, n: int, missing: float) -> int:
    """Return the first candidate, by ratio, up to which the gains add up to what is missing, found by quickselect.

    Candidates with smaller ratios are moved in front of it.
    """
    begin, end, left = 0, n, missing
    while end - begin > 1:
        middle = (begin + end) // 2
        first, second = ratio[middle]
        edge, part = begin, 0.0
        for k in range(begin, end):
            if _before(ratio, k, first, second):
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
    return begin


@_compiled(twin.plain_enter)
def _enter(tableau: Tableau, line: Floats, missing: float) -> int:
    """Return the column that enters so that a basic variable rises by what is missing; -1 if it cannot rise that far.

    Columns are taken in the order of their ratios of reduced cost to coefficient. Each moves to its other bound, until
    one of them can cover the rest. If its coefficient is too small to divide by, the last column before it with a large
    enough coefficient enters instead.
    """
    good, ratio, gain = np.empty(len(line), np.intp), np.empty((len(line), 2)), np.empty(len(line))
    n = _candidates(tableau, line, good, ratio, gain)
    if n == 0 or np.sum(gain[:n]) < missing - FEASIBLE_MW:
        return -1
    last = _reaching(good, ratio, gain, n, missing - FEASIBLE_MW)
    largest = 0.0
    for k in range(n):
        largest = max(largest, abs(line[good[k]]))
    sound = -1
    for k in range(last + 1):
        if abs(line[good[k]]) >= SOUND * largest and (sound < 0 or _before(ratio, sound, ratio[k, 0], ratio[k, 1])):
            sound = k
    return int(good[last] if sound < 0 else good[sound])


@_compiled(twin.plain_exchange)
def _exchange(tableau: Tableau, r: int, q: int) -> None:
    """Exchange the variables of a column and a row."""
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


@_compiled(None)
def _allowed_level(tableau: Tableau, r: int, sign: float) -> float:
    """Return the highest level at which a row can still be met; negative if the row does not depend on the level."""
    line, leaving = tableau.body[2 + r], tableau.row[r]
    most, slope = tableau.high[leaving], 0.0
    if sign > 0 and tableau.open[leaving]:
        most, slope = 0.0, tableau.high[leaving]
    elif sign > 0:
        most = -tableau.low[leaving]
    for j in range(len(line)):
        factor, variable = sign * line[j], tableau.column[j]
        if factor > 0.0:
            most += factor * tableau.high[variable]
        elif tableau.open[variable]:
            slope -= factor * tableau.high[variable]
        else:
            most += factor * tableau.low[variable]
    return max(most / slope, 0.0) if slope > SMALL else -1.0


@_compiled(None)
def _lower_level(tableau: Tableau, r: int, sign: float) -> bool:
    """Lower the level to what an infeasible row allows, and note what that row blocks; return False if it cannot."""
    level = _allowed_level(tableau, r, sign)
    if level < 0.0 or level >= tableau.level[0]:
        return False
    tableau.level[0] = level
    tableau.held[:] = False
    tableau.held[tableau.row[r]] = sign > 0
    for j in range(len(tableau.column)):
        if sign * tableau.body[2 + r, j] < -SMALL:
            tableau.held[tableau.column[j]] = True
    for variable in range(len(tableau.open)):
        if tableau.open[variable]:
            tableau.low[variable] = level * tableau.high[variable]
    return True


@_compiled(None)
def _worst(tableau: Tableau) -> tuple[int, float, float]:
    """Return the row that breaks its bounds most (-1 if none), 1 if it must rise or -1, and by how much [MW]."""
    worst, r, sign = FEASIBLE_MW, -1, 0.0
    for i in range(tableau.size[0]):
        variable = tableau.row[i]
        below = tableau.low[variable] - tableau.basic[i]
        above = tableau.basic[i] - tableau.high[variable]
        if below > worst:
            worst, r, sign = below, i, 1.0
        if above > worst:
            worst, r, sign = above, i, -1.0
    return r, sign, worst


@_compiled(None)
def settle(tableau: Tableau, zero: float) -> bool:
    """Take steps until every basic variable is within its bounds; return False if that fails.

    Parameters
    ----------
    tableau
        Changed in place.
    zero
        Reduced cost below which it counts as 0. [EUR/MWh]
    """
    while tableau.size[1] < STEPS:
        _stand(tableau, zero)
        _products(tableau.body, tableau.size[0], tableau.value, tableau.basic)
        r, sign, missing = _worst(tableau)
        if r < 0:
            return True
        tableau.size[1] += 1
        q = _enter(tableau, sign * tableau.body[2 + r], missing)
        if q >= 0:
            _exchange(tableau, r, q)
            tableau.row[r], tableau.column[q] = tableau.column[q], tableau.row[r]
            tableau.upper[q] = sign < 0
        elif not _lower_level(tableau, r, sign):
            return False
    return False


@_compiled(None)
def point_of(tableau: Tableau, count: int) -> Floats:
    """Return the values of outputs and loads."""
    every = np.zeros(len(tableau.low))
    for j in range(len(tableau.column)):
        every[tableau.column[j]] = tableau.value[j]
    for i in range(tableau.size[0]):
        every[tableau.row[i]] = tableau.basic[i]
    return every[:count]


@_compiled(None)
def add_row(tableau: Tableau, columns: Floats, number: int) -> bool:
    """Add a row of the programme to the tableau; return False if it does not fit."""
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


@_compiled(None)
def _add_broken(tableau: Tableau, columns: Floats) -> int:
    """Add the rows that the solution breaks to the tableau; return how many, or -1 if they do not fit."""
    count = columns.shape[0]
    total = sums(columns, point_of(tableau, count))
    beyond = np.maximum(tableau.low[count:] - total, total - tableau.high[count:])
    beyond[tableau.used] = 0.0
    worst = beyond.max()
    if worst <= FEASIBLE_MW:
        return 0
    added = 0
    for number in np.flatnonzero(beyond > 0.5 * worst):
        if not add_row(tableau, columns, number):
            return -1
        added += 1
    return added


@_compiled(None)
def _solve(tableau: Tableau, columns: Floats, zero: float) -> bool:
    """Settle, add the rows that are broken, and repeat; return False if that fails."""
    added = 1
    while added > 0 and settle(tableau, zero):
        added = _add_broken(tableau, columns)
    return added == 0


@_compiled(None)
def _hold_optimum(tableau: Tableau) -> None:
    """Fix every variable that is at the same bound in every optimum."""
    for j in range(len(tableau.column)):
        if tableau.body[0, j] != 0.0:
            variable = tableau.column[j]
            if tableau.upper[j]:
                tableau.low[variable] = tableau.high[variable]
            else:
                tableau.high[variable] = tableau.low[variable]


@_compiled(None)
def _ask_for_all(tableau: Tableau) -> None:
    """Set the level to 1: ask for full supply."""
    tableau.level[0] = 1.0
    tableau.held[:] = True
    for variable in range(len(tableau.open)):
        if tableau.open[variable]:
            tableau.low[variable] = tableau.high[variable]


@_compiled(None)
def _keep_held(tableau: Tableau) -> bool:
    """Fix the loads that are held at their level; return False if none is held."""
    moved = False
    for variable in range(len(tableau.open)):
        if tableau.open[variable] and tableau.held[variable]:
            tableau.high[variable] = tableau.low[variable]
            tableau.open[variable] = False
            moved = True
    return moved


@_compiled(None)
def _level_group(tableau: Tableau, columns: Floats, members: Ints, zero: float) -> bool:
    """Raise the lowest served share of a group, then the next lowest, and so on; return False if that fails."""
    for variable in members:
        tableau.open[variable] = tableau.high[variable] > tableau.low[variable]
    while np.any(tableau.open):
        _ask_for_all(tableau)
        if not _solve(tableau, columns, zero) or not _keep_held(tableau):
            return False
    return True


@_compiled(None)
def _unproved(  # noqa: PLR0917 - compiled functions take no arguments by name only
    programme: Programme, most: Floats, row_low: Floats, row_high: Floats, dual: Floats, point: Floats
) -> float:
    """Return the gap between the cost and the lower bound that the duals give: 0 at the optimum. [EUR/h]"""
    gap = 0.0
    numbers = np.flatnonzero(dual != 0.0)
    for j in range(len(most)):
        priced = programme.cost[j]
        for number in numbers:
            priced -= programme.columns[j, number] * dual[number]
        gap += programme.cost[j] * point[j] - min(priced * most[j], 0.0)
    for number in numbers:
        gap -= min(dual[number] * row_low[number], dual[number] * row_high[number])
    return gap


@_compiled(None)
def solve_one(
    programme: Programme, tie: Floats, most: Floats, row_low: Floats, row_high: Floats
) -> tuple[float, float, Floats]:
    """Find the dispatch of one snapshot at least cost, with served shares levelled.

    Parameters
    ----------
    programme
        Coefficients and costs.
    tie
        Second cost, which decides between optima, shape ``(variable,)``.
    most
        Upper bound of each variable; the lower one is 0. [MW]
    row_low, row_high
        Bounds of each row. [MW]

    Returns
    -------
    tuple
        Gap between the cost and its lower bound, infinite if no answer was found [EUR/h]; largest excess over the bound
        of a row [MW]; and the variables [MW].
    """
    columns = programme.columns
    count, rows = columns.shape
    room = min(ROOM, rows)
    tableau = Tableau(
        np.empty((2 + room, count)), np.arange(count), np.zeros(room, np.intp), np.zeros(count, np.bool_),
        np.concatenate((np.zeros(count), row_low)), np.concatenate((most, row_high)), np.zeros(count), np.zeros(room),
        np.zeros(rows, np.bool_), np.zeros(count + rows, np.bool_), np.zeros(count + rows, np.bool_),
        np.zeros(2, np.intp), np.ones(1),
    )  # fmt: skip
    tableau.body[0] = programme.cost
    tableau.body[1] = tie
    zero = ZERO_COST * np.max(np.abs(programme.cost))
    for number in range(programme.base):
        add_row(tableau, columns, number)
    good = _solve(tableau, columns, zero)
    dual = np.zeros(rows)
    for j in range(count):
        if tableau.column[j] >= count:
            dual[tableau.column[j] - count] = tableau.body[0, j]
    if programme.groups:
        _hold_optimum(tableau)
    for number in range(programme.groups):
        good = good and _level_group(tableau, columns, np.flatnonzero(programme.group == number), zero)
    if not good:
        return np.inf, np.inf, most
    point = np.minimum(np.maximum(point_of(tableau, count), 0.0), most)
    total = sums(columns, point)
    beyond = np.max(np.maximum(row_low - total, total - row_high))
    return _unproved(programme, most, row_low, row_high, dual, point), beyond, point


@_compiled(None)
def solve_many(
    programme: Programme, most: Floats, row_low: Floats, row_high: Floats, shed: Floats
) -> tuple[Flags, Floats]:
    """Run `solve_one` for each snapshot, and again with another second cost if the answer is not proved optimal.

    Parameters
    ----------
    programme
        Coefficients and costs.
    most, row_low, row_high
        As in `solve_one`, one row for each snapshot.
    shed
        Cost of each snapshot if no one were served, which scales the allowed gap, shape ``(snapshot,)``. [EUR/h]

    Returns
    -------
    tuple
        Whether each answer is proved optimal, and the variables, shape ``(snapshot, variable)``. [MW]
    """
    proved = np.zeros(len(most), np.bool_)
    points = np.zeros(most.shape)
    for s in range(len(most)):
        for tie in programme.ties:
            gap, beyond, point = solve_one(programme, tie, most[s], row_low[s], row_high[s])
            total = shed[s] + np.sum(programme.cost * point)
            points[s] = point
            if abs(gap) <= GAP * max(total, 0.0) + GAP_FLOOR and beyond <= BROKEN_MW:
                proved[s] = True
                break
    return proved, points
