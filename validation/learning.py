"""What the model says after it has seen what was reported so far.

Members of the scenario are one half of what is unknown; the other is that no member is the world. Both halves are
Gaussian near their middle, so reports are taken in by the ensemble Kalman filter with perturbed observations (Burgers,
van Leeuwen and Evensen 1998, doi 10.1175/1520-0493(1998)126<1719:ASITEK>2.0.CO;2): covariances between what is to be
foretold and what was reported come from the members, tapered with the days between the two so that chance correlations
of few members do not count, plus an error of the model that lasts (`OBLAST_SD_H`, `GROUP_SD_H`). Numbers here were set
before anything was scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints

OBLAST_SD_H, GROUP_SD_H = 1.5, 1.5
"""Error of the model that an oblast has for itself, and that it shares with its group. [h] Ours: timetables of two
oblasts of one zone on one day differ by 2 to 3 h."""
LASTING_D = 10.0
"""Time in which such an error falls to 1/e. [d] Ours: between two waves of strikes."""
NOISE_SD_H = 1.0
"""Error of a single report of the mean over sub-queues. [h] Ours: half hours, sub-queues that were not published."""
COARSE_SD_H = 2.0
"""The same of a range over hours or a round number. [h]"""
TAPER_D = 21.0
"""Days over which what members say of two dates together counts for less. [d]"""
MOST_H = 24.0
"""Hours of a day. [h]"""
SEEDS = tuple(range(2026, 2035))
"""Seeds of the random errors. Ours: with one alone a score is a matter of luck in its second digit, so that all of them
are taken together."""


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


def lasting(reports: Reports) -> Floats:
    """Return the covariance of the lasting error of the model between rows, shape ``(row, row)``. [h²]"""
    days = np.exp(-np.abs(np.subtract.outer(reports.day, reports.day)) / LASTING_D)
    own = np.equal.outer(reports.oblast, reports.oblast)
    shared = np.equal.outer(reports.group, reports.group)
    return np.asarray(days * (OBLAST_SD_H**2 * own + GROUP_SD_H**2 * shared))


def errors(reports: Reports, seeds: Sequence[int] = SEEDS) -> tuple[Floats, Floats]:
    """Draw the lasting errors of the model and those of single reports, each of shape ``(row, seed · member)``. [h]

    Parameters
    ----------
    reports
        All rows.
    seeds
        Seeds. Each member is there once for each of them; those of one seed stand together, and do not depend on the
        other seeds.
    """
    rows, members = reports.model_h.shape
    drawn = [np.random.default_rng(seed).standard_normal((2, rows, members)) for seed in seeds]
    lasts, single = np.concatenate(drawn, axis=2)
    factor = np.linalg.cholesky(lasting(reports) + 1e-9 * np.eye(rows))
    return factor @ lasts, reports.noise_h[:, None] * single


def learned(reports: Reports, known: Bools, wanted: Ints, drawn: tuple[Floats, Floats] | None = None) -> Floats:
    """Return what the model says of some rows once others are known, shape ``(wanted, seed · member)``. [h]

    Parameters
    ----------
    reports
        All rows.
    known
        True for rows that have been reported, shape ``(row,)``.
    wanted
        Positions of the rows that are foretold.
    drawn
        Result of `errors`, which is the same whatever is known; drawn here if it is not given.
    """
    lasts, noise = errors(reports) if drawn is None else drawn
    copies = noise.shape[1] // reports.model_h.shape[1]
    world = np.tile(reports.model_h[wanted], copies) + lasts[wanted]
    if known.any():
        seen = np.flatnonzero(known)
        gain = _gain(reports, seen, wanted)
        miss = reports.value_h[seen, None] - np.tile(reports.model_h[seen], copies) - lasts[seen] - noise[seen]
        world += gain @ miss
    return np.asarray(np.clip(world + noise[wanted], 0.0, MOST_H))


def _gain(reports: Reports, seen: Ints, wanted: Ints) -> Floats:
    """Return by how much rows that are foretold move with a miss of those seen, shape ``(wanted, seen)``. [1]"""
    members = reports.model_h.shape[1]
    apart = reports.model_h - reports.model_h.mean(axis=1, keepdims=True)
    days = np.exp(-np.abs(np.subtract.outer(reports.day, reports.day)) / TAPER_D)
    spread = apart @ apart.T / (members - 1) * days + lasting(reports)
    inner = spread[np.ix_(seen, seen)] + np.diag(reports.noise_h[seen] ** 2)
    return np.asarray(np.linalg.solve(inner, spread[np.ix_(seen, wanted)]).T)
