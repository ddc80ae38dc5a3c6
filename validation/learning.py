"""What the model says after it has seen what was reported so far.

Members of the scenario are one half of what is unknown; the other is that no member is the world. Both halves are Gaussian
near their middle, so reports are taken in by the ensemble Kalman filter with perturbed observations (Burgers, van Leeuwen and
Evensen 1998, doi 10.1175/1520-0493(1998)126<1719:ASITEK>2.0.CO;2): covariances between what is to be foretold and what was
reported come from the members, tapered with the days between the two so that chance correlations of a hundred members do
not count, plus an error of the model that lasts. How large that error is and how long it lasts is learned too, from what was
reported by the day of issue and nothing later: the most likely of some sizes (`SIZES_H`, `LASTING_D`) under a prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints

SIZES_H = (0.75, 1.5, 3.0)
"""Standard deviations that are tried for each error of the model that lasts: of an oblast, of its group, of the country. [h]"""
USUAL_H, USUAL_D = 1.5, 10.0
"""What is most likely before any report: timetables of two oblasts of one zone on one day differ by 2 to 3 h; between two
waves of strikes lie ten days. [h, d] Ours."""
LASTING_D = (5.0, 10.0, 20.0, 40.0)
"""Times in which such an error falls to 1/e that are tried. [d]"""
PRIOR_SPREAD = 0.7
"""Standard deviation of the logarithm of each of these before any report: a factor of two either way. [1] Ours."""
NOISE_SD_H = 1.0
"""Error of a single report of the mean over sub-queues. [h] Ours: half hours, sub-queues that were not published."""
COARSE_SD_H = 2.0
"""The same of a range over hours or a round number. [h]"""
TAPER_D = 21.0
"""Days over which what members say of two dates together counts for less. [d]"""
MOST_H = 24.0
"""Hours of a day. [h]"""
SEED = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Rows that are foretold or learned from."""

    day: Ints
    """Day of each row, shape ``(row,)``. [d]"""
    oblast: Ints
    """Number of its oblast, shape ``(row,)``; -1 for the whole country."""
    group: Ints
    """Number of its group, shape ``(row,)``; -1 for the whole country."""
    noise_h: Floats
    """Standard deviation of the error of a single report, shape ``(row,)``. [h]"""
    value_h: Floats
    """What was reported, shape ``(row,)``. [h]"""
    model_h: Floats
    """What members say, shape ``(row, member)``. [h]"""


@dataclass(frozen=True, slots=True)
class Errors:
    """Error of the model that lasts."""

    oblast_h: float = USUAL_H
    group_h: float = USUAL_H
    country_h: float = USUAL_H
    lasting_d: float = USUAL_D

    def covariance(self, reports: Reports) -> Floats:
        """Return its covariance between rows, shape ``(row, row)``. [h²]"""
        days = np.exp(-np.abs(np.subtract.outer(reports.day, reports.day)) / self.lasting_d)
        own, shared = (np.equal.outer(places, places) for places in (reports.oblast, reports.group))
        return np.asarray(days * (self.oblast_h**2 * own + self.group_h**2 * shared + self.country_h**2))

    def unlikely(self) -> float:
        """Return half the squared distance to what is usual, in standard deviations of the logarithm."""
        parts = (self.oblast_h / USUAL_H, self.group_h / USUAL_H, self.country_h / USUAL_H, self.lasting_d / USUAL_D)
        return 0.5 * sum((np.log(part) / PRIOR_SPREAD) ** 2 for part in parts)


CANDIDATES: Sequence[Errors] = [
    Errors(*sizes, lasting) for *sizes, lasting in product(SIZES_H, SIZES_H, SIZES_H, LASTING_D)
]  # fmt: skip


def of_members(reports: Reports) -> Floats:
    """Return the tapered covariance of what members say, shape ``(row, row)``. [h²]"""
    apart = reports.model_h - reports.model_h.mean(axis=1, keepdims=True)
    days = np.exp(-np.abs(np.subtract.outer(reports.day, reports.day)) / TAPER_D)
    return np.asarray(apart @ apart.T / (reports.model_h.shape[1] - 1) * days)


def most_likely(reports: Reports, known: Bools) -> Errors:
    """Return the errors under which what is known is most likely, given what is usual.

    Notes
    -----
    ``−½ (rᵀ C⁻¹ r + log det C) − distance to what is usual``, ``r`` reports less the mean member, ``C`` the covariance of
    members, errors and noise together.
    """
    seen = np.flatnonzero(known)
    if not len(seen):
        return Errors()
    base = of_members(reports)[np.ix_(seen, seen)] + np.diag(reports.noise_h[seen] ** 2)
    miss = reports.value_h[seen] - reports.model_h[seen].mean(axis=1)
    part = Reports(
        day=reports.day[seen], oblast=reports.oblast[seen], group=reports.group[seen], noise_h=reports.noise_h[seen],
        value_h=reports.value_h[seen], model_h=reports.model_h[seen],
    )  # fmt: skip

    def score(errors: Errors) -> float:
        factor = np.linalg.cholesky(base + errors.covariance(part))
        scaled = np.linalg.solve(factor, miss)
        return float(-0.5 * scaled @ scaled - np.log(np.diag(factor)).sum() - errors.unlikely())

    return max(CANDIDATES, key=score)


def learned(reports: Reports, known: Bools, wanted: Ints, errors: Errors | None = None) -> Floats:
    """Return what the model says of some rows once others are known, shape ``(wanted, member)``. [h]

    Parameters
    ----------
    reports
        All rows.
    known
        True for rows that have been reported, shape ``(row,)``.
    wanted
        Positions of the rows that are foretold.
    errors
        Error of the model that lasts; None for the most likely by what is known.
    """
    rng = np.random.default_rng(SEED)
    rows, members = reports.model_h.shape
    error = (most_likely(reports, known) if errors is None else errors).covariance(reports)
    factor = np.linalg.cholesky(error + 1e-9 * np.eye(rows))
    world = reports.model_h + factor @ rng.standard_normal((rows, members))
    noise = reports.noise_h[:, None] * rng.standard_normal((rows, members))
    if known.any():
        seen = np.flatnonzero(known)
        spread = of_members(reports) + error
        inner = spread[np.ix_(seen, seen)] + np.diag(reports.noise_h[seen] ** 2)
        miss = reports.value_h[seen, None] - world[seen] - noise[seen]
        world = world[wanted] + spread[np.ix_(wanted, seen)] @ np.linalg.solve(inner, miss)
    else:
        world = world[wanted]
    return np.asarray(np.clip(world + noise[wanted], 0.0, MOST_H))
