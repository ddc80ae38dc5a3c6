"""Cohorts of homes: the sub-queues that take turns without power, homes outside them, and those on broken feeders.

A value by cohort has the shape ``(…, cohort, member, region)``. The first cohorts are the sub-queues, each with a
twelfth of the homes that are in the queues and on feeders that work. Where some homes share feeders with critical
consumers, those on feeders that work are one more cohort; where networks can break, the last are the homes on feeders
that are broken, whether they were in the queues or not. Homes that change sides when a network breaks or is mended
carry what they are like with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, mix, total
from gridmodel.events.timetable import GROUPS
from gridmodel.scenario import Scenario
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
    outside: Floats | None = None
    """Share of homes outside the queues, the cohort after the sub-queues, same shape; None without one. [1]"""

    @property
    def share(self) -> Floats:
        """Share of all homes in each cohort, of a shape that broadcasts to that of `power`. [1]"""
        return cohort_share(self.broken, len(self.power), self.outside)


def homes_may_be_outside(scenario: Scenario) -> bool:
    """Return whether a scenario has homes outside the queues, in whichever of its members."""
    shared = "shared_feeder_share"
    if scenario.rotation == "mean":
        return False
    return shared in scenario.distributions or getattr(scenario, shared)[1] > 0


def feeders_may_break(setup: Setup) -> bool:
    """Return whether events of a run break feeders."""
    return setup.scenario.rotation != "mean" and bool(np.isfinite(setup.timeline.delivery_mw).any())


def cohort_count(setup: Setup) -> int:
    """Count the cohorts of a run: one where homes are a mean, else the sub-queues, and the two others if they exist."""
    if setup.scenario.rotation == "mean":
        return 1
    made = SUBQUEUES + int(homes_may_be_outside(setup.scenario)) + int(feeders_may_break(setup))
    return max(made, setup.least_cohorts)


def cohort_share(broken: Floats | None, cohorts: int, outside: Floats | None = None) -> Floats:
    """Compute the share of all homes in each cohort, of a shape that broadcasts to ``(cohort, member, region)``. [1]

    Parameters
    ----------
    broken
        Share on broken feeders, shape ``(member, region)``; None if no cohort is for them. [1]
    cohorts
        Number of cohorts.
    outside
        Share of homes outside the queues, same shape; None if no cohort is for them. [1]

    Examples
    --------
    >>> cohort_share(np.array([[0.4]]), 13)[[0, 12], 0, 0]
    array([0.05, 0.4 ])
    >>> cohort_share(np.array([[0.4]]), 14, np.array([[0.1]]))[[0, 12, 13], 0, 0]
    array([0.045, 0.06 , 0.4  ])
    """
    working = _of_working(outside, cohorts - (broken is not None))
    return working if broken is None else np.concatenate([(1.0 - broken) * working, broken[None]])


def _of_working(outside: Floats | None, cohorts: int) -> Floats:
    """Return the share of homes on feeders that work in each cohort, shape ``(cohort, 1 or member, 1 or region)``."""
    if outside is None:
        return np.full((cohorts, 1, 1), 1.0 / cohorts)
    return np.concatenate([np.repeat(((1.0 - outside) / (cohorts - 1))[None], cohorts - 1, axis=0), outside[None]])


def over_cohorts(values: Floats, broken: Floats | None, outside: Floats | None = None) -> Floats:
    """Return the mean over homes of values by cohort: ``(…, cohort, member, region)`` becomes ``(…, member, region)``.

    Parameters
    ----------
    values
        Values by cohort; True counts as one.
    broken
        Share on broken feeders, the last cohort, shape ``(member, region)``; None if no cohort is for them. [1]
    outside
        Share of homes outside the queues, the cohort after the sub-queues, same shape; None without one. [1]
    """
    values = values.view(np.uint8) if values.dtype == bool else values
    *rows, cohorts, members, regions = values.shape
    queues = cohorts - (broken is not None) - (outside is not None)
    parts = [total(part[:queues]) for part in values.reshape(-1, cohorts, members, regions)]
    working = np.stack(parts).reshape(*rows, members, regions) * (1.0 / queues)
    if outside is not None:
        working = (1.0 - outside) * working + outside * values[..., queues, :, :]
    if broken is None or not broken.any():
        return np.asarray(working, dtype=float)
    return np.asarray((1.0 - broken) * working + broken * values[..., -1, :, :])


def change_sides(
    values: Sequence[Floats], before: Floats, after: Floats, outside: Floats | None = None
) -> list[Floats]:  # fmt: skip
    """Return values by cohort after feeders have broken or were mended.

    Parameters
    ----------
    values
        What homes of each cohort carry, each of shape ``(…, cohort, member, region)``, broken feeders last.
    before, after
        Share of homes on broken feeders, shape ``(member, region)``. [1]
    outside
        Share of homes outside the queues, same shape; None without a cohort for them. [1]

    Notes
    -----
    Every other cohort loses, or gets back, the same part of its homes. The mean over all homes stays as it was.
    """
    member, region = np.nonzero(before != after)
    if not len(member):
        return list(values)
    was, will = before[member, region], after[member, region]
    break_, mend = np.maximum(will - was, 0.0), np.maximum(was - will, 0.0)
    part = _of_working(None if outside is None else outside[member, region], values[0].shape[-3] - 1)
    part = part.reshape(len(part), -1)
    changed = []
    for value in values:
        made, here = value.copy(), value[..., member, region]
        working, last = here[..., :-1, :], here[..., -1, :]
        made[..., -1, member, region] = mix(last, was, np.add.reduce(working * part, axis=-2), break_)
        made[..., :-1, member, region] = mix(working, (1.0 - was) * part, last[..., None, :], mend * part)
        changed.append(made)
    return changed


def people_quantiles(values: Floats, broken: Floats | None, outside: Floats | None = None) -> Floats:
    """Return quantiles over people of values by cohort, shape ``(quantile, member, region)``.

    Parameters
    ----------
    values
        Shape ``(cohort, member, region)``.
    broken
        Share on broken feeders, the last cohort, shape ``(member, region)``; None if no cohort is for them. [1]

    outside
        Share of homes outside the queues, the cohort after the sub-queues, same shape; None without one. [1]

    Notes
    -----
    The least value that at least a share `PEOPLE_QUANTILES` of people does not exceed.
    """
    cohorts = len(values)
    queues = cohorts - (broken is not None) - (outside is not None)
    ordered = np.sort(values[:queues], axis=0)
    if outside is None:
        found = np.asarray(ordered[[int(np.ceil(share * queues - 1e-9)) - 1 for share in PEOPLE_QUANTILES]])
    else:
        found = np.stack([_of_two(ordered, values[queues], outside, share) for share in PEOPLE_QUANTILES])
    if broken is None or not broken.any():
        return found
    member, region = np.nonzero(broken > 0)
    some = values[:, member, region]
    order = np.argsort(some, axis=0, kind="stable")
    share = np.broadcast_to(cohort_share(broken, cohorts, outside), values.shape)
    weight = np.take_along_axis(share[:, member, region], order, axis=0)
    reached = np.cumsum(weight, axis=0)
    some = np.take_along_axis(some, order, axis=0)
    cells = np.arange(len(member))
    for place, part in enumerate(PEOPLE_QUANTILES):
        at = np.minimum((reached < part - 1e-9).sum(axis=0), cohorts - 1)
        found[place, member, region] = some[at, cells]
    return found


def _of_two(ordered: Floats, apart: Floats, outside: Floats, share: float) -> Floats:
    """Return a quantile over people in sub-queues and of those outside them, shape ``(member, region)``.

    It is the value outside, unless so many in the queues are below, or above, that it is one of theirs.

    Parameters
    ----------
    ordered
        Values of sub-queues in ascending order, shape ``(sub-queue, member, region)``.
    apart
        Value outside, shape ``(member, region)``.
    outside
        Share of people outside, same shape. [1]
    share
        The quantile. [1]
    """
    queues, least = len(ordered), share - 1e-9
    each = np.maximum(1.0 - outside, 1e-12) / queues
    most = np.minimum(np.ceil(least / each), queues + 1).astype(np.intp)
    fewest = np.maximum(np.ceil((least - outside) / each), 0.0).astype(np.intp)
    low, high = (
        np.take_along_axis(ordered, np.clip(place - 1, 0, queues - 1)[None], axis=0)[0] for place in (fewest, most)
    )
    found = np.where(most > queues, apart, np.minimum(apart, high))
    return np.where(fewest > 0, np.maximum(found, low), found)
