"""Cohorts of homes: the sub-queues that take turns without power, and homes outside them.

A value by cohort has the shape ``(…, cohort, member, region)``. The first cohorts are the sub-queues, each with a
twelfth of the homes that are in the queues. Where some homes share feeders with critical consumers, those are one more
cohort. Where feeders break, homes are in layers as well, each with all cohorts (`gridmodel.services.layers`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gridmodel.arrays import Floats, Ints, for_loops
from gridmodel.events.timetable_json import GROUPS
from gridmodel.scenario import Scenario
from gridmodel.services import layers_loops
from gridmodel.services.setup import Setup

SUBQUEUES = len(GROUPS)
"""Sub-queues of a region: six queues, each in two halves. EPRAVDA_QUEUES, MIG_ZAP."""
PEOPLE_QUANTILES = (0.1, 0.5, 0.9)
"""Quantiles over people that a result keeps. Ours: the best and the worst tenth, and the middle."""
_BY_LOOPS = (np.dtype(np.float32), np.dtype(np.uint8))
"""Types of values whose mean over homes is taken by loops, where these are compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Homes of each cohort in a step."""

    power: Floats
    """Share of their homes, or of the step, with power, shape ``(cohort, member, region)``. [1]"""
    outside: Floats | None = None
    """Share of homes outside the queues, the last cohort, shape ``(member, region)``; None without one. [1]"""
    off: Floats | None = None
    """Share of homes in the queues, on feeders that work, which are off, same shape; None without queues. [1]"""

    @property
    def share(self) -> Floats:
        """Share of all homes in each cohort, of a shape that broadcasts to that of `power`. [1]"""
        return cohort_share(len(self.power), self.outside)


def homes_may_be_outside(scenario: Scenario) -> bool:
    """Return whether a scenario has homes outside the queues, in whichever of its members."""
    shared = "shared_feeder_share"
    if scenario.rotation == "mean":
        return False
    return shared in scenario.distributions or getattr(scenario, shared)[1] > 0


def breaking_regions(setup: Setup) -> Ints:
    """Return the places of regions in which events of a run, or of the state it begins from, break feeders."""
    if setup.scenario.rotation == "mean":
        return np.zeros(0, dtype=np.intp)
    limited = np.isfinite(setup.timeline.delivery_mw).any(axis=(0, 1))
    return np.union1d(np.flatnonzero(limited), np.array(setup.layered_before, dtype=np.intp))


def cohort_count(scenario: Scenario) -> int:
    """Count the cohorts of a run: one where homes are a mean, else the sub-queues and, if it exists, one outside."""
    return 1 if scenario.rotation == "mean" else SUBQUEUES + int(homes_may_be_outside(scenario))


def cohort_share(cohorts: int, outside: Floats | None = None) -> Floats:
    """Compute the share of all homes in each cohort, of a shape that broadcasts to ``(cohort, member, region)``. [1]

    Parameters
    ----------
    cohorts
        Number of cohorts.
    outside
        Share of homes outside the queues, shape ``(member, region)``; None if no cohort is for them. [1]

    Examples
    --------
    >>> cohort_share(13, np.array([[0.4]]))[[0, 12], 0, 0]
    array([0.05, 0.4 ])
    """
    if outside is None:
        return np.full((cohorts, 1, 1), 1.0 / cohorts)
    made = np.empty((cohorts, *outside.shape))
    made[:-1] = (1.0 - outside) / (cohorts - 1)
    made[-1] = outside
    return made


def over_cohorts(values: Floats, outside: Floats | None = None) -> Floats:
    """Return the mean over homes of values by cohort: ``(…, cohort, member, region)`` becomes ``(…, member, region)``.

    Parameters
    ----------
    values
        Values by cohort; True counts as one.
    outside
        Share of homes outside the queues, the last cohort, shape ``(member, region)``; None without one. [1]
    """
    values = values.view(np.uint8) if values.dtype == bool else values
    if outside is not None and layers_loops.COMPILED and values.dtype in _BY_LOOPS:
        return _by_loops(values, outside)
    queues = values.shape[-3] - (outside is not None)
    working = _sum_of_first(values, queues) * (1.0 / queues)
    if outside is not None:
        working = (1.0 - outside) * working + outside * values[..., queues, :, :]
    return np.asarray(working, dtype=float)


def _by_loops(values: Floats, outside: Floats) -> Floats:
    """Return what `over_cohorts` returns, cell by cell: the same bytes."""
    *rows, cohorts, members, width = values.shape
    each: Any = 1.0 / (cohorts - 1) if values.dtype == np.uint8 else np.float32(1.0 / (cohorts - 1))
    flat = np.ascontiguousarray(values).reshape(-1, cohorts, members * width)
    made = np.empty((len(flat), members * width))
    layers_loops.over_cohorts(flat, each, for_loops(outside, (members, width)), made)
    return made.reshape(*rows, members, width)


def _sum_of_first(values: Floats, queues: int) -> Floats:
    """Return the sum over the first cohorts, one after the other, the same bits for any number of rows and cells.

    Values of type ``uint8`` are flags, and their sum is below 256.
    """
    first = np.ascontiguousarray(values)[..., :queues, :, :]
    if first.shape[-2] * first.shape[-1] == 1:  # a lone column would be summed in another order
        return np.asarray(np.add.reduce(np.repeat(first, 2, axis=-1), axis=-3, dtype=first.dtype)[..., :1])
    return np.asarray(np.add.reduce(first, axis=-3, dtype=first.dtype))
