"""Cohorts of homes: the sub-queues that take turns without power, and homes on feeders that are broken.

A value by cohort has the shape ``(…, cohort, member, region)``. The first cohorts are the sub-queues, each with a
twelfth of the homes on feeders that work; where networks can break, one more cohort are the homes on feeders that are
broken. Homes that change sides when a network breaks or is mended carry what they are like with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, mix, total
from gridmodel.events.timetable import GROUPS
from gridmodel.services.setup import Setup

SUBQUEUES = len(GROUPS)
"""Sub-queues of a region: six queues, each in two halves. EPRAVDA_QUEUES, MIG_ZAP."""
PEOPLE_QUANTILES = (0.1, 0.5, 0.9)
"""Quantiles over people that a result keeps. Ours: the best and the worst tenth, and the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Homes of each cohort in a step."""

    power: Floats
    """Share of their homes, or of the step, with power, shape ``(cohort, member, region)``. [1]"""
    broken: Floats | None
    """Share of all homes on broken feeders, the last cohort, shape ``(member, region)``; None without one. [1]"""

    @property
    def share(self) -> Floats:
        """Share of all homes in each cohort, of a shape that broadcasts to that of `power`. [1]"""
        return cohort_share(self.broken, len(self.power))


def cohort_count(setup: Setup) -> int:
    """Count the cohorts of a run: one where homes are a mean, else the sub-queues, and broken feeders if any break."""
    if setup.scenario.rotation == "mean":
        return 1
    return max(SUBQUEUES + int(np.isfinite(setup.timeline.delivery_mw).any()), setup.least_cohorts)


def cohort_share(broken: Floats | None, cohorts: int) -> Floats:
    """Compute the share of all homes in each cohort, of a shape that broadcasts to ``(cohort, member, region)``. [1]

    Parameters
    ----------
    broken
        Share on broken feeders, shape ``(member, region)``; None if no cohort is for them. [1]
    cohorts
        Number of cohorts.

    Examples
    --------
    >>> cohort_share(np.array([[0.4]]), 13)[[0, 12], 0, 0]
    array([0.05, 0.4 ])
    """
    if broken is None:
        return np.full((cohorts, 1, 1), 1.0 / cohorts)
    share = np.repeat(((1.0 - broken) / (cohorts - 1))[None], cohorts, axis=0)
    share[-1] = broken
    return share


def over_cohorts(values: Floats, broken: Floats | None) -> Floats:
    """Return the mean over homes of values by cohort: ``(…, cohort, member, region)`` becomes ``(…, member, region)``.

    Parameters
    ----------
    values
        Values by cohort; True counts as one.
    broken
        Share on broken feeders, the last cohort, shape ``(member, region)``; None if no cohort is for them. [1]
    """
    values = values.view(np.uint8) if values.dtype == bool else values
    *rows, cohorts, members, regions = values.shape
    queues = cohorts - (broken is not None)
    parts = [total(part[:queues]) for part in values.reshape(-1, cohorts, members, regions)]
    working = np.stack(parts).reshape(*rows, members, regions) * (1.0 / queues)
    if broken is None or not broken.any():
        return np.asarray(working, dtype=float)
    return np.asarray((1.0 - broken) * working + broken * values[..., -1, :, :])


def change_sides(values: Sequence[Floats], before: Floats, after: Floats) -> list[Floats]:
    """Return values by cohort after feeders have broken or were mended.

    Parameters
    ----------
    values
        What homes of each cohort carry, each of shape ``(…, cohort, member, region)``, broken feeders last.
    before, after
        Share of homes on broken feeders, shape ``(member, region)``. [1]

    Notes
    -----
    Every sub-queue loses, or gets back, the same part of its homes. The mean over all homes stays as it was.
    """
    member, region = np.nonzero(before != after)
    if not len(member):
        return list(values)
    was, will = before[member, region], after[member, region]
    break_, mend = np.maximum(will - was, 0.0), np.maximum(was - will, 0.0)
    changed = []
    for value in values:
        made, here, queues = value.copy(), value[..., member, region], value.shape[-3] - 1
        queued, last = here[..., :-1, :], here[..., -1, :]
        made[..., -1, member, region] = mix(last, was, np.add.reduce(queued, axis=-2) / queues, break_)
        made[..., :-1, member, region] = mix(queued, (1.0 - was) / queues, last[..., None, :], mend / queues)
        changed.append(made)
    return changed


def people_quantiles(values: Floats, broken: Floats | None) -> Floats:
    """Return quantiles over people of values by cohort, shape ``(quantile, member, region)``.

    Parameters
    ----------
    values
        Shape ``(cohort, member, region)``.
    broken
        Share on broken feeders, the last cohort, shape ``(member, region)``; None if no cohort is for them. [1]

    Notes
    -----
    The least value that at least a share `PEOPLE_QUANTILES` of people does not exceed.
    """
    cohorts = len(values)
    if broken is None or not broken.any():
        part = values if broken is None else values[:-1]
        ordered = np.sort(part, axis=0)
        places = [int(np.ceil(share * len(part) - 1e-9)) - 1 for share in PEOPLE_QUANTILES]
        return np.asarray(ordered[places])
    found = people_quantiles(values[:-1], None)
    member, region = np.nonzero(broken > 0)
    some = values[:, member, region]
    order = np.argsort(some, axis=0, kind="stable")
    weight = np.take_along_axis(cohort_share(broken, cohorts)[:, member, region], order, axis=0)
    reached = np.cumsum(weight, axis=0)
    some = np.take_along_axis(some, order, axis=0)
    cells = np.arange(len(member))
    for place, share in enumerate(PEOPLE_QUANTILES):
        at = np.minimum((reached < share - 1e-9).sum(axis=0), cohorts - 1)
        found[place, member, region] = some[at, cells]
    return found
