"""Scores of forecasts: how far an ensemble is from what happened, in its own unit, and how sure that is.

Rows of one week depend on each other, so every interval comes from whole weeks drawn again (block bootstrap).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.results.scores import BAND, band, fair_crps, rank

__all__ = ["BAND", "band", "by_weeks", "fair_crps", "interval", "rank", "skill"]

DRAWS = 4000
"""Times that weeks are drawn again."""
SEED = 2026


def by_weeks(weeks: Ints, statistic: Callable[[Ints], float], draws: int = DRAWS) -> Floats:
    """Return a statistic of rows whose weeks are drawn again, shape ``(draw,)``.

    Parameters
    ----------
    weeks
        Number of the week of each row, shape ``(row,)``.
    statistic
        Of positions of rows.
    """
    rng = np.random.default_rng(SEED)
    names = np.unique(weeks)
    rows = [np.flatnonzero(weeks == name) for name in names]
    made = []
    for _ in range(draws):
        chosen = rng.integers(0, len(names), len(names))
        made.append(statistic(np.concatenate([rows[place] for place in chosen])))
    return np.array(made)


def interval(values: Floats, share: float = 0.9) -> tuple[float, float]:
    """Return the middle part of some values."""
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def skill(crps: Floats, reference: Floats, weeks: Ints) -> tuple[float, float, float]:
    """Return the skill ``1 − mean crps / mean reference`` and the ends of its 90 % interval over weeks."""
    drawn = by_weeks(weeks, lambda rows: 1.0 - crps[rows].mean() / reference[rows].mean())
    return (float(1.0 - crps.mean() / reference.mean()), *interval(drawn))
