"""The tableau that `simplex` works on, and numpy twins of its inner functions, used without numba.

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
SOUND = 1e-2
"""Smallest share of a row's largest coefficient that a step divides by, where there is a choice. [1]
Ours: smaller ones lose digits."""


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
    """State of one snapshot. Variables are numbered: outputs and loads, then the sum of each row."""

    body: Floats
    """Rows 0 and 1: both reduced costs; then each basic variable as a sum of the others, ``(2 + row, column)``."""
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
    used: Flags
    """True where a row of the programme is in the tableau."""
    open: Flags
    """True where a variable is being raised with the level."""
    held: Flags
    """True where the last row that lowered the level blocks a variable."""
    size: Ints
    """Rows in the tableau, and steps taken, shape ``(2,)``."""
    level: Floats
    """Level of the share that is being raised, shape ``(1,)``."""


def plain_products(body: Floats, rows: int, value: Floats, out: Floats) -> None:
    """Compute the value of each basic variable."""
    out[:rows] = np.einsum("rc,c->r", body[2 : 2 + rows], value, optimize=False)


def plain_sums(columns: Floats, weight: Floats) -> Floats:
    """Sum columns, each times its weight."""
    return np.asarray(np.einsum("jr,j->r", columns, weight, optimize=False))


def plain_stand(tableau: Tableau, zero: float) -> None:
    """Put the variable of each column at the bound that its reduced costs ask for."""
    first, second = tableau.body[0], tableau.body[1]
    first[np.abs(first) <= zero] = 0.0
    tableau.upper[:] = np.where(first != 0.0, first < 0.0, np.where(second != 0.0, second < 0.0, tableau.upper))
    tableau.value[:] = np.where(tableau.upper, tableau.high[tableau.column], tableau.low[tableau.column])


def plain_enter(tableau: Tableau, line: Floats, missing: float) -> int:
    """Return the column that enters so that a basic variable rises by what is missing; -1 if none can raise it."""
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


def plain_exchange(tableau: Tableau, r: int, q: int) -> None:
    """Exchange the variables of a column and a row."""
    body = tableau.body[: 2 + tableau.size[0]]
    line = -body[2 + r] / body[2 + r, q]
    line[q] = 1.0 / body[2 + r, q]
    factor = body[:, q].copy()
    factor[2 + r] = 0.0
    body[:, q] = 0.0
    body += factor[:, None] * line
    body[2 + r] = line
