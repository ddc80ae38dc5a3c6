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
from functools import lru_cache

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, mix, total
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
    working = _of_working(outside, cohorts - (broken is not None), 2 if broken is None else broken.ndim)
    return working if broken is None else np.concatenate([(1.0 - broken) * working, broken[None]])


def _of_working(outside: Floats | None, cohorts: int, axes: int) -> Floats:
    """Return the share of homes on feeders that work in each cohort, shape ``(cohort, …)`` with some more axes."""
    if outside is None:
        return np.full((cohorts, *[1] * axes), 1.0 / cohorts)
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
    queues = values.shape[-3] - (broken is not None) - (outside is not None)
    working = _sum_of_first(values, queues) * (1.0 / queues)
    if outside is not None:
        working = (1.0 - outside) * working + outside * values[..., queues, :, :]
    if broken is None or not broken.any():
        return np.asarray(working, dtype=float)
    return np.asarray((1.0 - broken) * working + broken * values[..., -1, :, :])


def _sum_of_first(values: Floats, queues: int) -> Floats:
    """Return the sum over the first cohorts, one after the other, the same bits for any number of rows and cells.

    Values of type ``uint8`` are flags, and their sum is below 256.
    """
    first = np.ascontiguousarray(values)[..., :queues, :, :]
    if first.shape[-2] * first.shape[-1] == 1:  # a lone column would be summed in another order
        return np.asarray(np.add.reduce(np.repeat(first, 2, axis=-1), axis=-3, dtype=first.dtype)[..., :1])
    return np.asarray(np.add.reduce(first, axis=-3, dtype=first.dtype))


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
    cells = np.flatnonzero(before != after)
    if not len(cells):
        return list(values)
    was, will = before.take(cells), after.take(cells)
    break_, mend = np.maximum(will - was, 0.0), np.maximum(was - will, 0.0)
    cohorts, every = values[0].shape[-3], before.size
    flats = [np.ascontiguousarray(value).reshape(-1, cohorts, every) for value in values]
    ends = np.cumsum([len(flat) for flat in flats])
    here = np.concatenate([flat.take(cells, axis=-1) for flat in flats])  # all values together
    working, last = here[:, :-1], here[:, -1]
    part = _of_working(None if outside is None else outside.take(cells), cohorts - 1, 1)
    made = np.empty_like(here)
    made[:, -1] = mix(last, was, total(np.moveaxis(working * part, -2, 0)), break_)
    made[:, :-1] = mix(working, (1.0 - was) * part, last[:, None], mend * part)
    found = []
    for value, flat, rows in zip(values, flats, np.split(made, ends[:-1]), strict=True):
        after = flat.copy()
        after[..., cells] = rows
        found.append(after.reshape(value.shape))
    return found


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
        found = _of_two(ordered, values[queues], outside)
    if broken is None or not broken.any():
        return found
    member, region = np.nonzero(broken > 0)
    some = values[:, member, region]
    order = np.argsort(some, axis=0, kind="stable")
    share = cohort_share(broken[member, region], cohorts, None if outside is None else outside[member, region])
    weight = np.take_along_axis(share, order, axis=0)
    reached = np.cumsum(weight, axis=0)
    some = np.take_along_axis(some, order, axis=0)
    cells = np.arange(len(member))
    for place, part in enumerate(PEOPLE_QUANTILES):
        at = np.minimum((reached < part - 1e-9).sum(axis=0), cohorts - 1)
        found[place, member, region] = some[at, cells]
    return found


def _of_two(ordered: Floats, apart: Floats, outside: Floats) -> Floats:
    """Return quantiles over people in sub-queues and of those outside them, shape ``(quantile, member, region)``.

    Each is the value outside, unless so many in the queues are below, or above, that it is one of theirs.

    Parameters
    ----------
    ordered
        Values of sub-queues in ascending order, shape ``(sub-queue, member, region)``.
    apart
        Value outside, shape ``(member, region)``.
    outside
        Share of people outside, same shape. [1]
    """
    low, high, some, few = _places(outside.tobytes(), outside.shape, len(ordered))
    flat = ordered.reshape(-1)
    found = np.where(few, apart, np.minimum(apart, flat.take(high)))
    return np.where(some, np.maximum(found, flat.take(low)), found)


@lru_cache(maxsize=8)  # the share outside the queues seldom changes
def _places(outside: bytes, shape: tuple[int, int], queues: int) -> tuple[Ints, Ints, Bools, Bools]:
    """Return between which values of sub-queues quantiles over people lie, each ``(quantile, member, region)``.

    Parameters
    ----------
    outside
        Share of people outside the queues. [1]
    shape
        Number of members and of regions.
    queues
        Number of sub-queues.

    Returns
    -------
    tuple of numpy.ndarray
        Places of the lowest and of the highest value that a quantile can have, in the flat array of values in
        ascending order, and True where there is a lowest, and where there is no highest.
    """
    share = np.frombuffer(outside).reshape(shape)
    least = np.array(PEOPLE_QUANTILES)[:, None, None] - 1e-9
    each = np.maximum(1.0 - share, 1e-12) / queues
    most = np.minimum(np.ceil(least / each), queues + 1).astype(np.intp)
    fewest = np.maximum(np.ceil((least - share) / each), 0.0).astype(np.intp)
    cell = np.arange(share.size).reshape(shape)
    low, high = (np.clip(place - 1, 0, queues - 1) * share.size + cell for place in (fewest, most))
    return low, high, fewest > 0, most > queues
