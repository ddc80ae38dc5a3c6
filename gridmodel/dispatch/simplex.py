"""Solve snapshots whose lines are limiting with a small dual simplex: few rows, every variable between two bounds.

The variables are outputs and loads. Flows are sums of them, so the tableau needs a row only for the balance of
each island and for the few limits that bind; a limit is added once a solution breaks it. The tableau is a dictionary
(Chvátal 1983): it writes each basic variable as a sum of the others. Because every variable has two bounds, any basis
becomes dual feasible once each non-basic variable is put at the right bound, and a single step may move many of them
from one bound to the other (the long-step rule, Fourer 1994). The row that leaves is the one whose excess is largest
for its length (Devex: Harris 1973): that takes fewer steps, and steps that lose fewer digits. Columns of variables that
can no longer move are dropped.

Two costs are minimised in lexicographic order: the real cost, then a second cost without ties that picks one of the
optima. With this order no two steps tie, so the method cannot cycle. Among the optima, the lowest served share of each
sharing group is then raised as far as possible. The method asks for full supply; whenever a row shows that this is
impossible, it lowers the level to what that row allows. Loads that the last such row blocks are then held at that
level, and the others are raised further. A level is lowered only as far as a sum of rows of the programme, worked out
anew, proves that it must be: rounding of the tableau lowers none.

Every function is plain Python on arrays. With numba the functions are compiled on first use. This takes some
forty-five seconds of processor time, once per installation, because the compiled code is stored beside the module.
Without numba the innermost functions are numpy calls (`tableau`), which are slower and give the same bits.
"""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, compiler
from gridmodel.dispatch import tableau as twin
from gridmodel.dispatch.tableau import FEASIBLE_MW, LANES, SMALL, SOUND, TASTED, Flags, Programme, Tableau

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
"""Largest excess over the bound of a row. [MW] Ours: a watt, the tolerance of the other checks of the dispatch. It is
also what a row may miss where nothing can move it: rounding alone does that where rows are nearly parallel."""
WORST = 0.5
"""Share of the largest excess from which a row that is broken is added. [1] Ours: the others may be met by then."""
RENEWED = 20
"""Steps after which the rows of a tableau may be worked out anew. Ours: fewer lose no digits worth the time."""
BROKEN = 1e-8
"""The same as a share of the largest output or load, where that is more. [1] Ours: what rounding leaves on grids whose
limits are nearly parallel, two orders below the 1e-6 that the dispatch promises."""
HELD = 1e-9
"""How far a share that is held at its level may move when others are raised. [1] Ours: far below what a result shows,
and enough that rounding does not leave others without an answer where rows are nearly parallel."""
GIVES_MW = (0.0, 1e-7, 1e-6)
"""By how much a load that is held at its level may give way besides, in one attempt after the other. [MW] Ours: nothing
where that leaves an answer; else up to a watt, the tolerance of rows: far loads weigh less on a limit."""
DEAREST = 1e9
"""Largest second reduced cost before the second cost is chosen anew. [1] Ours: beyond, rounding decides its sign."""
LONGEST = 1e60
"""Largest weight of a row before weights and second cost begin anew. [1] Ours: far from overflow."""
STURDY = 1e-3
"""Smallest pivot, since rows were worked out anew, above which rows of a tableau keep their digits. [1] Ours: levels
are then what they say; below, they are proved."""
GOLDEN = 0.6180339887498949
"""Fraction whose multiples leave numbers between 0 and 1 evenly spread: second costs without ties."""
ROOM = 400
"""Most rows of a tableau. Ours: it limits memory; a snapshot that needs more rows is solved by HiGHS (`lp`)."""

_compiled = compiler(__file__, twin.__file__)


@_compiled(twin.plain_products)
def _products(tableau: Tableau) -> None:
    """Compute the value of each basic variable."""
    width = tableau.size[2]
    whole = width - width % LANES
    value = tableau.value
    for i in range(tableau.size[0]):
        line = tableau.body[2 + i]
        a = b = c = d = e = f = g = h = 0.0
        for j in range(0, whole, LANES):
            a += line[j] * value[j]
            b += line[j + 1] * value[j + 1]
            c += line[j + 2] * value[j + 2]
            d += line[j + 3] * value[j + 3]
            e += line[j + 4] * value[j + 4]
            f += line[j + 5] * value[j + 5]
            g += line[j + 6] * value[j + 6]
            h += line[j + 7] * value[j + 7]
        found = ((a + b) + (c + d)) + ((e + f) + (g + h))
        for j in range(whole, width):
            found += line[j] * value[j]
        tableau.basic[i] = tableau.fixed[i] + found


@_compiled(None)
def _add_line(line: Floats, factor: float, other: Floats, width: int) -> None:
    """Add a multiple of another line."""
    for j in range(width):
        line[j] += factor * other[j]


@_compiled(twin.plain_sums)
def sums(columns: Floats, weight: Floats) -> Floats:
    """Sum columns, each times its weight."""
    out = np.zeros(columns.shape[1])
    for j in range(len(weight)):
        if weight[j] != 0.0:
            _add_line(out, weight[j], columns[j], len(out))
    return out


@_compiled(None)
def _side(tableau: Tableau, j: int, zero: float) -> bool:
    """Return whether the sign of its reduced cost puts the variable of a column at its upper bound."""
    body = tableau.body
    if abs(body[0, j]) <= zero:
        body[0, j] = 0.0
    if body[0, j] != 0.0:
        return bool(body[0, j] < 0.0)
    if body[1, j] != 0.0:
        return bool(body[1, j] < 0.0)
    return bool(tableau.upper[j])


@_compiled(twin.plain_stand)
def _stand(tableau: Tableau, zero: float) -> None:
    """Put the variable of each column at the bound that the sign of its reduced cost requires."""
    for j in range(tableau.size[2]):
        up = _side(tableau, j, zero)
        variable = tableau.column[j]
        tableau.upper[j] = up
        tableau.value[j] = tableau.high[variable] if up else tableau.low[variable]


@_compiled(None)
def _before(first: Floats, second: Floats, k: int, m: int) -> bool:
    """Return whether a candidate comes before another one."""
    return bool(first[k] < first[m] or (first[k] == first[m] and second[k] < second[m]))


@_compiled(None)
def _reaching(  # noqa: C901, PLR0912 - one loop
    first: Floats, second: Floats, gain: Floats, missing: float
) -> int:
    """Return the first candidate, by ratio, up to which the gains add up to what is missing, found by quickselect.

    A candidate is written to both lists, and only the end of the right one moves: a processor guesses no branch wrong.
    """
    m, left, tasted = len(gain), missing, TASTED
    if m == 1:
        return 0
    lists = np.empty((3, m + 1), np.intp)
    place, below, above = lists[0], lists[1], lists[2]
    for k in range(m):
        place[k] = k
    while m > 1:
        k = place[m // 2]
        for part in range(tasted):
            other = place[part * m // TASTED]
            if _before(first, second, other, k):
                k = other
        tasted = 0
        few = many = 0
        got = 0.0
        for i in range(m):
            c = place[i]
            is_below = (first[c] < first[k]) | ((first[c] == first[k]) & (second[c] < second[k]))
            below[few] = above[many] = c
            got += gain[c] if is_below else 0.0
            few += 1 if is_below else 0
            many += 1 if (not is_below) & (c != k) else 0
        if got >= left:
            place, below, m = below, place, few
        elif got + gain[k] >= left or many == 0:
            place[0], m = k, 1
        else:
            left -= got + gain[k]
            place, above, m = above, place, many
    return int(place[0])


@_compiled(None)
def _rising(tableau: Tableau, r: int, sign: float, good: Ints, numbers: Floats) -> int:
    """List the columns that can raise a basic variable, their steps and the room that each has; return how many."""
    n, line = 0, tableau.body[2 + r]
    step, room = numbers[0], numbers[3]
    for j in range(tableau.size[2]):
        size = -sign * line[j] if tableau.upper[j] else sign * line[j]
        variable = tableau.column[j]
        good[n], step[n], room[n] = j, size, tableau.high[variable] - tableau.low[variable]
        n += 1 if (size > SMALL) & (room[n] > 0.0) else 0
    return n


@_compiled(twin.plain_enter)
def _enter(tableau: Tableau, r: int, sign: float, missing: float) -> int:
    """Return the column that enters so that a basic variable rises by what is missing; -1 if it cannot rise that far.

    Columns are taken in the order of their ratios of reduced cost to coefficient. Each moves to its other bound, until
    one of them can cover the rest. If its coefficient is too small to divide by, the last column before it with a large
    enough coefficient enters instead.
    """
    width, body = tableau.size[2], tableau.body
    good, place, numbers = np.empty(width + 1, np.intp), np.empty(width + 1, np.intp), np.empty((4, width + 1))
    step, first, second, gain = numbers[0], numbers[1], numbers[2], numbers[3]
    n = _rising(tableau, r, sign, good, numbers)
    whole, largest = 0.0, 0.0
    for k in range(n):
        j = good[k]
        first[k] = abs(body[0, j]) / step[k]
        second[k] = (-body[1, j] if tableau.upper[j] else body[1, j]) / step[k]
        gain[k] *= step[k]
        whole += gain[k]
        largest = max(largest, step[k])
    if n == 0 or whole < missing - FEASIBLE_MW:
        return -1
    last = _reaching(first, second, gain[:n], missing - FEASIBLE_MW)
    few, least = 0, SOUND * largest
    for k in range(n):
        place[few] = k
        few += 1 if (first[k] <= first[last]) & (step[k] >= least) else 0
    sound = -1
    for k in place[:few]:
        if not _before(first, second, last, k) and (sound < 0 or _before(first, second, sound, k)):
            sound = k
    return int(good[last] if sound < 0 else good[sound])


@_compiled(None)
def _move(tableau: Tableau, q: int, zero: float) -> None:
    """Put the variable of each column but one at its bound, and the basic variables where that leaves them."""
    rows, width = tableau.size[0], tableau.size[2]
    moved, n = np.empty(width, np.intp), 0
    for j in range(width):
        up = _side(tableau, j, zero)
        if up == tableau.upper[j] or j == q:
            continue
        tableau.upper[j] = up
        if tableau.high[tableau.column[j]] != tableau.low[tableau.column[j]]:
            moved[n] = j
            n += 1
    whole = n * LANES > width
    for k in range(n):
        j = moved[k]
        bound = tableau.high[tableau.column[j]] if tableau.upper[j] else tableau.low[tableau.column[j]]
        change = bound - tableau.value[j]
        tableau.value[j] = bound
        for i in range(0 if whole else rows):
            tableau.basic[i] += tableau.body[2 + i, j] * change
    if whole:
        _products(tableau)


@_compiled(twin.plain_exchange)
def _exchange(tableau: Tableau, r: int, q: int, sign: float, zero: float) -> None:
    """Exchange the variables of a column and a row, and move all others to where that puts them."""
    body, basic, weight = tableau.body, tableau.basic, tableau.weight
    rows, width = tableau.size[0], tableau.size[2]
    leaving, pivot = tableau.row[r], body[2 + r, q]
    tableau.level[1] = min(tableau.level[1], abs(pivot))
    line = -body[2 + r, :width] / pivot
    line[q] = 1.0 / pivot
    for i in range(2):
        factor = body[i, q]
        if factor != 0.0:
            body[i, q] = 0.0
            _add_line(body[i], factor, line, width)
    _move(tableau, q, zero)
    bound = tableau.low[leaving] if sign > 0 else tableau.high[leaving]
    step = (bound - basic[r]) / pivot
    own, fixed = weight[r], -tableau.fixed[r] / pivot
    for i in range(rows):
        factor = body[2 + i, q]
        basic[i] += factor * step
        tableau.fixed[i] += factor * fixed
        share = factor / pivot
        weight[i] = max(weight[i], share * share * own)
        if i != r and factor != 0.0:
            body[2 + i, q] = 0.0
            _add_line(body[2 + i], factor, line, width)
    basic[r], tableau.fixed[r] = tableau.value[q] + step, fixed
    tableau.value[q] = bound
    weight[r] = max(own / (pivot * pivot), 1.0)
    for j in range(width):
        body[2 + r, j] = line[j]
    tableau.row[r], tableau.column[q] = tableau.column[q], leaving
    tableau.upper[q] = sign < 0


@_compiled(twin.plain_allowed_levels)
def _allowed_levels(  # noqa: C901, PLR0912 - one loop
    tableau: Tableau, first: int, end: int
) -> Floats:
    """Return the highest level at which each of some rows can still be met, infinite if it does not depend on that.

    Shape ``(2, row)``: for rows that must rise, and for rows that must fall.
    """
    column, low, high, is_open = tableau.column, tableau.low, tableau.high, tableau.open
    found = np.full((2, end - first), np.inf)
    for r in range(first, end):
        line, leaving = tableau.body[2 + r], tableau.row[r]
        for side in range(2):
            sign = 1.0 - 2.0 * side
            most, slope, felt = high[leaving], 0.0, 0.0
            if side == 0 and is_open[leaving]:
                most, slope, felt = 0.0, high[leaving], 1.0
            elif side == 0:
                most = -low[leaving]
            most += sign * tableau.fixed[r]
            for j in range(tableau.size[2]):
                factor, variable = sign * line[j], column[j]
                if factor > 0.0:
                    most += factor * high[variable]
                elif is_open[variable]:
                    slope -= factor * high[variable]
                    felt = max(felt, -factor)
                else:
                    most += factor * low[variable]
            if slope > SMALL and felt > SMALL:
                found[side, r - first] = max(most / slope, 0.0)
    return found


@_compiled(None)
def _eliminate(every: Floats) -> None:
    """Solve linear equations in place, right-hand sides after the square, by elimination with pivots in each column."""
    rows = len(every)
    for i in range(rows):
        best = i + np.argmax(np.abs(every[i:, i]))
        line = every[best] / every[best, i]
        every[best] = every[i]
        every[i] = line
        for k in range(rows):
            if k != i and every[k, i] != 0.0:
                every[k] -= every[k, i] * line


@_compiled(twin.plain_solved)
def _solved(every: Floats) -> Floats:
    """Solve linear equations, right-hand side after the square, by elimination with pivots in each column."""
    rows = len(every)
    for i in range(rows):
        best = i
        for k in range(i + 1, rows):
            best = k if abs(every[k, i]) > abs(every[best, i]) else best
        line, other = every[i, i:], every[best, i:]
        for j in range(rows + 1 - i if best > i else 0):
            line[j], other[j] = other[j], line[j]
        for k in range(i + 1, rows):
            factor = every[k, i] / line[0]
            if factor != 0.0:
                _add_line(every[k, i:], -factor, line, rows + 1 - i)
    found = every[:, rows].copy()
    for i in range(rows - 1, -1, -1):
        found[i] /= every[i, i]
        for k in range(i):
            found[k] -= found[i] * every[k, i]
    return found


@_compiled(None)
def _multipliers(tableau: Tableau, columns: Floats, r: int) -> Floats:
    """Return how often each row of the programme goes into a row of the tableau, found anew by elimination.

    Rows whose own sum is a basic variable go into no other row, so that they need no equation.
    """
    count, basic = columns.shape[0], tableau.row[: tableau.size[0]]
    found = np.zeros(columns.shape[1])
    binding = tableau.used.copy()
    binding[basic[basic >= count] - count] = False
    numbers, places = np.flatnonzero(binding), np.flatnonzero(basic < count)
    every = np.zeros((len(places), len(places) + 1))  # a line for each output or load that is a basic variable
    own = basic[r] - count
    if own >= 0:
        found[own] = -1.0
    for i in range(len(places)):
        weight = columns[basic[places[i]]]
        every[i, :-1] = weight[numbers]
        if own >= 0:
            every[i, -1] = weight[own]
        elif places[i] == r:
            every[i, -1] = 1.0
    found[numbers] = _solved(every)
    return found


@_compiled(None)
def _proved_level(tableau: Tableau, columns: Floats, r: int, sign: float) -> float:
    """Return the level that a row allows, as `_allowed_levels`, from the rows of the programme that it is a sum of.

    Any sum of rows bounds the level, so that this holds however much rounding the tableau has gathered.
    """
    count, leaving = columns.shape[0], tableau.row[r]
    times = _multipliers(tableau, columns, r)
    live = np.flatnonzero(~tableau.gone[:count])
    weight, still = np.zeros(len(tableau.low)), 0.0
    for number in np.flatnonzero(times != 0.0):
        weight[live] -= times[number] * columns[live, number]
        weight[count + number] = times[number]
        still -= times[number] * tableau.still[number]
    weight[leaving] += 1.0
    weight *= sign
    most, slope = tableau.high[leaving], 0.0
    if sign > 0 and tableau.open[leaving]:
        most, slope = 0.0, tableau.high[leaving]
    elif sign > 0:
        most = -tableau.low[leaving]
    most += sign * still
    for variable in np.flatnonzero(weight != 0.0):
        factor = weight[variable]
        if factor > 0.0:
            most += factor * tableau.high[variable]
        elif tableau.open[variable]:
            slope -= factor * tableau.high[variable]
        else:
            most += factor * tableau.low[variable]
    return max(most / slope, 0.0) if slope > SMALL else np.inf


@_compiled(None)
def _sure_level(tableau: Tableau, columns: Floats, r: int, sign: float, allowed: float) -> float:
    """Return the level that a row allows: what its tableau says, or what is proved, if the tableau lost its digits."""
    if tableau.level[1] > STURDY:
        return allowed
    proved = _proved_level(tableau, columns, r, sign)
    return float(proved if allowed < proved - HELD else allowed)


@_compiled(None)
def _lower_to(tableau: Tableau, level: float, r: int, sign: float) -> None:
    """Lower the level to what an infeasible row allows, and note what that row blocks."""
    tableau.level[0] = level
    tableau.held[:] = False
    tableau.held[tableau.row[r]] = sign > 0
    for j in np.flatnonzero(sign * tableau.body[2 + r, : tableau.size[2]] < -SMALL):
        tableau.held[tableau.column[j]] = True
    for variable in np.flatnonzero(tableau.open):
        tableau.low[variable] = level * tableau.high[variable]


@_compiled(None)
def _lower_level(tableau: Tableau, columns: Floats, r: int, sign: float) -> bool:
    """Lower the level to what an infeasible row allows; return False if it cannot."""
    level = float(_allowed_levels(tableau, r, r + 1)[0 if sign > 0 else 1, 0])
    if level >= tableau.level[0]:
        return False
    level = _sure_level(tableau, columns, r, sign, level)
    if level >= tableau.level[0]:
        return False
    _lower_to(tableau, level, r, sign)
    return True


@_compiled(twin.plain_worst)
def _worst(tableau: Tableau, tolerance: float) -> tuple[int, float, float]:
    """Return the row that breaks its bounds most for its length (-1 if none), 1 if it must rise or -1, and by how much.

    The excess is in MW.
    """
    worst, r, sign, missing = -1.0, -1, 0.0, 0.0
    for i in range(tableau.size[0]):
        variable = tableau.row[i]
        below = tableau.low[variable] - tableau.basic[i]
        above = tableau.basic[i] - tableau.high[variable]
        most = max(below, above)
        if most > tolerance and most * most / tableau.weight[i] > worst:
            worst, r, missing = most * most / tableau.weight[i], i, most
            sign = 1.0 if below > above else -1.0
    return r, sign, missing


@_compiled(None)
def _renew(tableau: Tableau, columns: Floats) -> None:
    """Work the rows of the tableau out again from the programme, which drops the rounding of all steps before.

    The rows of the programme, each with its sum on the other side, are solved for the basic variables by elimination.
    """
    count, rows, width = columns.shape[0], tableau.size[0], tableau.size[2]
    numbers = np.flatnonzero(tableau.used)
    every = np.zeros((rows, rows + width + 1))
    variables = np.concatenate((tableau.row[:rows], tableau.column[:width]))
    own = np.flatnonzero(variables < count)
    for k in range(rows):
        weight = columns[:, numbers[k]].copy()
        every[k, own] = weight[variables[own]]
        every[k, np.flatnonzero(variables == count + numbers[k])] = -1.0
        still = 0.0
        for variable in np.flatnonzero(tableau.gone[:count]):
            still += weight[variable] * tableau.low[variable]
        if tableau.gone[count + numbers[k]]:
            still -= tableau.low[count + numbers[k]]
        every[k, rows + width] = still
    _eliminate(every)
    for i in range(rows):
        tableau.body[2 + i, :width] = -every[i, rows : rows + width]
        tableau.fixed[i] = -every[i, rows + width]
    tableau.size[3] = tableau.size[1]
    tableau.level[1] = 1.0 / max(np.max(np.abs(tableau.body[2 : 2 + rows, :width])), 1.0) if width else 1.0


@_compiled(None)
def _at_best(tableau: Tableau, r: int, sign: float) -> float:
    """Put every column at the bound that is best for a row; return what the row still misses. [MW]"""
    leaving = tableau.row[r]
    for j in range(tableau.size[2]):
        step, variable = sign * tableau.body[2 + r, j], tableau.column[j]
        if step != 0.0:
            tableau.upper[j] = step > 0.0
            tableau.value[j] = tableau.high[variable] if step > 0.0 else tableau.low[variable]
    _products(tableau)
    basic = tableau.basic[r]
    return float(tableau.low[leaving] - basic if sign > 0 else basic - tableau.high[leaving])


@_compiled(None)
def _pin(tableau: Tableau, r: int, sign: float, zero: float) -> bool:
    """Take a row to its bound where only rounding keeps it away; return False if more does.

    Where limits are nearly parallel, a row may have coefficients of many millions, and what it misses with every
    column at its best bound is rounding. The column of the largest coefficient takes that up: its variable passes its
    bound by less than `FEASIBLE_MW`, and the coefficients of the tableau are small again. The second cost is chosen
    anew, so that its optimum is where the variables are.
    """
    missing = _at_best(tableau, r, sign)
    q = np.argmax(np.abs(tableau.body[2 + r, : tableau.size[2]]))
    if missing > FEASIBLE_MW * abs(tableau.body[2 + r, q]):
        return False
    up = tableau.upper[: tableau.size[2]].copy()
    _exchange(tableau, r, q, sign, zero)
    up[q] = tableau.upper[q]
    tableau.upper[: len(up)] = up
    _anchor(tableau)
    return True


@_compiled(None)
def _anchor(tableau: Tableau) -> None:
    """Choose the second cost anew, so that its optimum is where the columns stand; weights begin at 1 again."""
    tableau.weight[: tableau.size[0]] = 1.0
    for j in range(tableau.size[2]):
        size = 0.5 + (tableau.column[j] * GOLDEN) % 1.0
        tableau.body[1, j] = -size if tableau.upper[j] else size


@_compiled(None)
def _step(tableau: Tableau, r: int, sign: float, missing: float, zero: float) -> bool:
    """Bring the variable of a row to its bound; return False if no column can."""
    tableau.size[1] += 1
    q = _enter(tableau, r, sign, missing)
    if q < 0:
        return False
    _exchange(tableau, r, q, sign, zero)
    if tableau.level[1] > STURDY:
        return True
    worn = np.max(np.abs(tableau.body[1, : tableau.size[2]])) > DEAREST
    worn |= np.max(tableau.weight[: tableau.size[0]]) > LONGEST
    if worn and np.any(tableau.open):
        _anchor(tableau)
    return True


@_compiled(None)
def _unblock(tableau: Tableau, columns: Floats, r: int, sign: float, zero: float) -> bool:
    """Find a way on from a row that no step can meet; return False if there is none.

    The level is lowered, else the rows are worked out anew, else the row is taken to its bound.
    """
    if _lower_level(tableau, columns, r, sign):
        return True
    if tableau.size[1] > tableau.size[3] + 1:
        _renew(tableau, columns)
        return True
    tableau.size[1] += 1
    return bool(np.any(tableau.open) and _pin(tableau, r, sign, zero))


@_compiled(None)
def settle(tableau: Tableau, columns: Floats, zero: float) -> bool:
    """Take steps until every basic variable is within its bounds; return False if that fails.

    Parameters
    ----------
    tableau
        Changed in place.
    columns
        Coefficients of the programme, shape ``(variable, row)``.
    zero
        Reduced cost below which it counts as 0. [EUR/MWh]
    """
    tolerance, fresh = FEASIBLE_MW, True
    _stand(tableau, zero)
    _products(tableau)
    while tableau.size[1] < STEPS:
        r, sign, missing = _worst(tableau, tolerance)
        if r < 0 and fresh:
            return True
        if r >= 0 and _step(tableau, r, sign, missing, zero):
            fresh = False
            continue
        # rounding alone may be in the way: values are worked out anew, then the tableau, then a watt may be missing
        if r >= 0 and fresh and not _unblock(tableau, columns, r, sign, zero):
            if missing > BROKEN_MW or tolerance == BROKEN_MW:
                return False
            tolerance = BROKEN_MW
        _stand(tableau, zero)
        _products(tableau)
        fresh = True
    return False


@_compiled(None)
def _values(tableau: Tableau) -> Floats:
    """Return the value of every variable, those of rows that are not in the tableau aside. [MW]"""
    every = tableau.low.copy()
    for j in range(tableau.size[2]):
        every[tableau.column[j]] = tableau.value[j]
    for i in range(tableau.size[0]):
        every[tableau.row[i]] = tableau.basic[i]
    return every


@_compiled(None)
def point_of(tableau: Tableau) -> Floats:
    """Return the values of outputs and loads. [MW]"""
    return np.asarray(_values(tableau)[: len(tableau.point)])


@_compiled(twin.plain_new_row)
def _new_row(tableau: Tableau, weight: Floats, line: Floats) -> tuple[float, float]:
    """Write a row of the programme as a sum of the columns; return its constant part and its largest size. [MW]"""
    count = len(weight)
    reach = fixed = 0.0
    for j in range(tableau.size[2]):
        line[j] = weight[tableau.column[j]] if tableau.column[j] < count else 0.0
    for variable in range(count):
        reach += abs(weight[variable]) * tableau.high[variable]
        if tableau.gone[variable]:
            fixed += weight[variable] * tableau.low[variable]
    for i in range(tableau.size[0]):
        variable = tableau.row[i]
        if variable < count and weight[variable] != 0.0:
            _add_line(line, weight[variable], tableau.body[2 + i], tableau.size[2])
            fixed += weight[variable] * tableau.fixed[i]
    return fixed, reach


@_compiled(None)
def add_row(tableau: Tableau, columns: Floats, number: int) -> bool:
    """Add a row of the programme to the tableau; return False if it does not fit."""
    count, rows = columns.shape[0], tableau.size[0]
    if 2 + rows >= len(tableau.body):
        return False
    fixed, reach = _new_row(tableau, columns[:, number].copy(), tableau.body[2 + rows, : tableau.size[2]])
    variable = count + number
    tableau.fixed[rows], tableau.weight[rows] = fixed, 1.0
    tableau.low[variable] = max(tableau.low[variable], -reach)
    tableau.high[variable] = min(tableau.high[variable], reach)
    tableau.row[rows] = variable
    tableau.used[number] = True
    tableau.size[0] = rows + 1
    return True


@_compiled(None)
def _add_broken(tableau: Tableau, columns: Floats, least: float) -> int:
    """Add the rows that the solution breaks to the tableau; return how many, or -1 if they do not fit.

    Rows are added whose excess is more than the share `least` of the largest one.

    Where the rows in the tableau no longer add up, for rounding, they are worked out anew, which counts as one added.
    """
    count, rows = columns.shape
    every = _values(tableau)
    tableau.total[:rows] += sums(columns, every[:count] - tableau.point)
    tableau.point[:] = every[:count]
    total, used = tableau.total[:rows], np.flatnonzero(tableau.used[:rows])
    # a level that is held must be right to the last digit
    fewest = 0 if tableau.level[1] <= STURDY and np.any(tableau.open) else RENEWED
    if tableau.size[1] > tableau.size[3] + fewest and np.any(np.abs(total[used] - every[count + used]) > FEASIBLE_MW):
        _renew(tableau, columns)
        return 1
    beyond = np.maximum(tableau.low[count : count + rows] - total, total - tableau.high[count : count + rows])
    beyond[used] = 0.0
    worst = beyond.max()
    if worst <= FEASIBLE_MW:
        return 0
    added = 0
    for number in np.flatnonzero(beyond > least * worst):
        if not add_row(tableau, columns, number):
            return -1
        added += 1
    return added


@_compiled(None)
def solve(tableau: Tableau, columns: Floats, zero: float, least: float) -> bool:
    """Settle, add the rows that are broken (`_add_broken`), and repeat; return False if that fails."""
    added = 1
    while added > 0 and settle(tableau, columns, zero):
        added = _add_broken(tableau, columns, least)
    return added == 0


@_compiled(twin.plain_drop)
def _drop(tableau: Tableau) -> None:
    """Take the columns of variables that can no longer move out of the tableau."""
    rows, width, body = tableau.size[0], tableau.size[2], tableau.body
    for i in range(rows):
        total = 0.0
        for j in range(width):
            variable = tableau.column[j]
            if not tableau.high[variable] > tableau.low[variable]:
                total += body[2 + i, j] * tableau.low[variable]
        tableau.fixed[i] += total
    kept = 0
    for j in range(width):
        variable = tableau.column[j]
        if not tableau.high[variable] > tableau.low[variable]:
            tableau.gone[variable] = True
            continue
        if kept < j:
            tableau.column[kept], tableau.upper[kept], tableau.value[kept] = (
                variable,
                tableau.upper[j],
                tableau.value[j],
            )
            for i in range(2 + rows):
                body[i, kept] = body[i, j]
        kept += 1
    tableau.size[2] = kept


@_compiled(None)
def hold_optimum(tableau: Tableau) -> None:
    """Fix every variable that is at the same bound in every optimum."""
    for j in range(tableau.size[2]):
        if tableau.body[0, j] != 0.0:
            variable = tableau.column[j]
            if tableau.upper[j]:
                tableau.low[variable] = tableau.high[variable]
            else:
                tableau.high[variable] = tableau.low[variable]
    _drop(tableau)


@_compiled(None)
def _ask_for_all(tableau: Tableau, columns: Floats) -> None:
    """Ask for full supply, or as much of it as each row by itself allows.

    Rows are taken from the lowest level that they seem to allow: mostly the first one alone has to be proved.
    """
    tableau.level[0] = 1.0
    tableau.held[:] = True
    for variable in np.flatnonzero(tableau.open):
        tableau.low[variable] = tableau.high[variable]
    allowed = _allowed_levels(tableau, 0, tableau.size[0]).T.copy().reshape(-1)
    level, lowest = 1.0, -1
    for _ in range(len(allowed)):
        place = int(np.argmin(allowed))
        if allowed[place] >= level:
            break
        sure = _sure_level(tableau, columns, place // 2, 1.0 - 2.0 * (place % 2), allowed[place])
        allowed[place] = np.inf
        if sure < level:
            level, lowest = sure, place
    if lowest >= 0:
        _lower_to(tableau, level, lowest // 2, 1.0 - 2.0 * (lowest % 2))


@_compiled(None)
def _keep_held(tableau: Tableau, give: float) -> bool:
    """Fix the loads that are held at their level; return False if none is held."""
    moved = False
    for variable in np.flatnonzero(tableau.open & tableau.held):
        need = tableau.high[variable]
        tableau.low[variable] = max(max(tableau.level[0] - HELD, 0.0) * need - give, 0.0)
        tableau.high[variable] = min(min(tableau.level[0] + HELD, 1.0) * need + give, need)
        tableau.open[variable] = False
        moved = True
    return moved


@_compiled(None)
def sum_gone(tableau: Tableau, columns: Floats) -> None:
    """Sum what outputs and loads that no longer move add to each row of the programme."""
    count, rows = columns.shape
    tableau.still[:rows] = sums(columns, np.where(tableau.gone[:count], tableau.low[:count], 0.0))


@_compiled(None)
def level_groups(tableau: Tableau, programme: Programme, zero: float, give: float) -> tuple[bool, Floats]:
    """Raise the lowest served share of each group, then the next lowest, and so on.

    Returns
    -------
    tuple
        False if no level was found; and the variables [MW], those of the round before where rounding leaves no answer.
    """
    point, found = point_of(tableau), False
    sum_gone(tableau, programme.columns)
    for number in range(programme.groups):
        for variable in np.flatnonzero(programme.group == number):
            tableau.open[variable] = tableau.high[variable] > tableau.low[variable]
        while np.any(tableau.open):
            _ask_for_all(tableau, programme.columns)
            if not solve(tableau, programme.columns, zero, WORST) or not _keep_held(tableau, give):
                return found, point
            point, found = point_of(tableau), True
    return True, point


@_compiled(twin.plain_unproved)
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


@_compiled(twin.plain_cost)
def cost_of(programme: Programme, point: Floats) -> float:
    """Return the cost of outputs and loads. [EUR/h]"""
    total = 0.0
    for j in range(len(point)):
        total += programme.cost[j] * point[j]
    return total


@_compiled(None)
def zero_of(programme: Programme) -> float:
    """Return the reduced cost below which it counts as 0. [EUR/MWh]"""
    return float(ZERO_COST * np.max(np.abs(programme.cost)))


@_compiled(None)
def begin(programme: Programme, tie: Floats, most: Floats, low: Floats, high: Floats) -> Tableau:
    """Return the tableau of one snapshot before its first step.

    Parameters
    ----------
    programme
        Coefficients and costs.
    tie
        Second cost, which decides between optima, shape ``(variable,)``.
    most
        Upper bound of each variable; the lower one is 0. [MW]
    low, high
        Bounds of each row, those that may still come included. [MW]
    """
    count, rows = len(most), len(low)
    room = min(ROOM, rows)
    own = np.flatnonzero(most > 0.0)
    width = len(own)
    column = np.arange(count)
    column[:width] = own
    gone = np.zeros(count + rows, np.bool_)
    gone[:count] = ~(most > 0.0)
    tableau = Tableau(
        np.empty((2 + room, width)), np.zeros(room), column, np.zeros(room, np.intp), np.zeros(count, np.bool_),
        np.concatenate((np.zeros(count), low)), np.concatenate((most, high)), np.zeros(count), np.zeros(room),
        np.ones(room), np.zeros(rows, np.bool_), gone, np.zeros(count + rows, np.bool_),
        np.zeros(count + rows, np.bool_), np.zeros(count), np.zeros(rows), np.zeros(rows),
        np.array([0, 0, width, 0]), np.ones(2),
    )  # fmt: skip
    tableau.body[0] = programme.cost[own]
    tableau.body[1] = tie[own]
    for number in range(programme.base):
        add_row(tableau, programme.columns, number)
    return tableau


@_compiled(None)
def duals(tableau: Tableau, rows: int) -> Floats:
    """Return the price of each row at the optimum. [EUR/MWh]"""
    count = len(tableau.point)
    dual = np.zeros(rows)
    for j in range(tableau.size[2]):
        if tableau.column[j] >= count:
            dual[tableau.column[j] - count] = tableau.body[0, j]
    return dual


@_compiled(None)
def judge(  # noqa: PLR0917 - compiled functions take no arguments by name only
    programme: Programme, most: Floats, row_low: Floats, row_high: Floats, dual: Floats, found: Floats
) -> tuple[float, float, Floats]:
    """Return the gap to the lower bound [EUR/h], the largest excess over a row [MW], and the variables [MW]."""
    point = np.minimum(np.maximum(found, 0.0), most)
    total = sums(programme.columns, point)
    beyond = np.max(np.maximum(row_low - total, total - row_high))
    return _unproved(programme, most, row_low, row_high, dual, point), beyond, point


@_compiled(None)
def is_proved(programme: Programme, gap: float, beyond: float, point: Floats, shed: float) -> bool:
    """Return whether an answer is optimal and breaks no row; `shed` is the cost if no one were served. [EUR/h]"""
    most = max(BROKEN_MW, BROKEN * np.max(point))
    return bool(abs(gap) <= GAP * max(shed + cost_of(programme, point), 0.0) + GAP_FLOOR and beyond <= most)


@_compiled(None)
def solve_one(  # noqa: PLR0917 - compiled functions take no arguments by name only
    programme: Programme, tie: Floats, most: Floats, row_low: Floats, row_high: Floats, give: float
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
    give
        By how much a load that is held at its level may give way (`GIVES_MW`). [MW]

    Returns
    -------
    tuple
        Gap between the cost and its lower bound, infinite if no answer was found [EUR/h]; largest excess over the bound
        of a row [MW]; and the variables [MW].
    """
    zero = zero_of(programme)
    tableau = begin(programme, tie, most, row_low, row_high)
    good = solve(tableau, programme.columns, zero, WORST)
    dual = duals(tableau, len(row_low))
    point = point_of(tableau)
    if good and programme.groups:
        hold_optimum(tableau)
        good, point = level_groups(tableau, programme, zero, give)
    if not good:
        return np.inf, np.inf, most
    gap, beyond, point = judge(programme, most, row_low, row_high, dual, point)
    return gap, beyond, point


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
        for attempt in range(len(programme.ties) * len(GIVES_MW)):
            tie, give = programme.ties[attempt % len(programme.ties)], GIVES_MW[attempt // len(programme.ties)]
            gap, beyond, point = solve_one(programme, tie, most[s], row_low[s], row_high[s], give)
            points[s] = point
            if is_proved(programme, gap, beyond, point, shed[s]):
                proved[s] = True
                break
    return proved, points
