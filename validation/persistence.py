"""Forecasts without a model: what was last reported, or the mean of the last week, with their own residuals around it.

Residuals are those of all rows of other weeks at the same lead, later ones too: more than anybody had at the time, so
that the comparison favours these forecasts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints
from validation.learning import MOST_H, Reports

OLDEST_D = 14
"""Days after which a report is no longer carried on. [d]"""
WEEK_D = 7
Guess = Callable[[Reports, int, int, Bools], tuple[float, int]]
"""Value and tier of its source, of a row at a lead, from rows that may be used; the value is missing without any."""


def last_report(reports: Reports, row: int, lead_d: int, usable: Bools) -> tuple[float, int]:
    """Return what was last reported: of the oblast, else the mean of the last day of its group, else of the country."""
    cut = reports.day[row] - lead_d
    recent = usable & (reports.day <= cut) & (reports.day > cut - OLDEST_D)
    tiers = (
        recent & (reports.oblast == reports.oblast[row]), recent & (reports.group == reports.group[row]), recent
    )  # fmt: skip
    for tier, here in enumerate(tiers):
        if here.any():
            newest = here & (reports.day == reports.day[here].max())
            return float(reports.value_h[newest].mean()), tier
    return np.nan, -1


def week_mean(reports: Reports, row: int, lead_d: int, usable: Bools) -> tuple[float, int]:
    """Return the mean of all that was reported in the week before; of two weeks where the last was silent."""
    cut = reports.day[row] - lead_d
    for tier, days in enumerate((WEEK_D, 2 * WEEK_D)):
        here = usable & (reports.day <= cut) & (reports.day > cut - days)
        if here.any():
            return float(reports.value_h[here].mean()), tier
    return np.nan, -1


def with_residuals(  # noqa: PLR0917 - what a forecast without a model knows
    reports: Reports, guess: Guess, rows: Sequence[int], lead_d: int, usable: Bools, weeks: Ints
) -> dict[int, Floats]:
    """Return an ensemble for each row that has a guess: it and the residuals of other weeks around it. [h]"""
    oblasts = np.flatnonzero(usable & (reports.oblast >= 0)).tolist()
    guesses = {int(row): guess(reports, int(row), lead_d, usable) for row in oblasts}
    made = {}
    for row in rows:
        value, tier = guesses[row]
        others = [
            reports.value_h[other] - found
            for other, (found, of_tier) in guesses.items()
            if of_tier == tier and weeks[other] != weeks[row] and np.isfinite(found)
        ]
        if np.isfinite(value) and len(others) > 1:
            made[row] = np.clip(value + np.array(others), 0.0, MOST_H)
    return made
