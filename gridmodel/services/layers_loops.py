"""Loops over layers of homes: what `gridmodel.services.layers` does array by array, the same bytes.

They wait for numba to compile them once per installation.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, available, compiler

COMPILED = available()
"""True where numba is installed; else numpy is quicker."""

_compiled = compiler(__file__)


@_compiled(None)
def splits(edges: Floats, breaking: Ints, broken: Floats, most: int, limits: tuple[float, float]) -> bool:
    """Return whether any layer is to be split, as `gridmodel.services.layers.split` finds.

    Parameters
    ----------
    edges
        Edges between layers, shape ``(layer − 1, member, breaking)``. [1]
    breaking
        Places of regions with layers, shape ``(breaking,)``.
    broken
        Share of feeders that are broken, shape ``(member, region)``. [1]
    most
        Most layers.
    limits
        Least distance of a new edge from the others, times the number of edges that are left and one, and from either
        end. [1]
    """
    spacing, narrowest = limits
    for member in range(len(broken)):
        for place in range(len(breaking)):
            share = broken[member, breaking[place]]
            if not narrowest < share < 1.0 - narrowest:
                continue
            free = most - 1
            for layer in range(len(edges)):
                free -= 1 if edges[layer, member, place] > 0.0 else 0
            found = free > 0
            for layer in range(len(edges)):
                edge = edges[layer, member, place]
                found = found and not (edge > 0.0 and abs(edge - share) < spacing / (free + 1))
            if found:
                return True
    return False


@_compiled(None)
def _works(edges: Floats, member: int, place: int, broken: float, works: Floats) -> None:
    """Write the share of each layer of a region on feeders that work, `broken` being that of all which are broken."""
    low, some = 0.0, edges.shape[2]
    for layer in range(len(edges) + 1):
        high = edges[layer, member, place] if layer < len(edges) else 1.0
        wide = high - low
        part = (broken - low) / wide if wide > 0.0 else 0.0
        part = part if part > 0.0 else 0.0
        works[layer * some + place] = 1.0 - (part if part < 1.0 else 1.0)
        low = high


@_compiled(None)
def power_of(power: Floats, breaking: Ints, edges: Floats, broken: Floats, made: Floats) -> None:
    """Write the share of homes with power, as `gridmodel.services.layers.power_of` does.

    Parameters
    ----------
    power
        Share of homes of each cohort on feeders that work, shape ``(cohort, member, region)``. [1]
    breaking
        Places of regions with layers, shape ``(breaking,)``.
    edges
        Edges between layers, shape ``(layer − 1, member, breaking)``. [1]
    broken
        Share of feeders that are broken, shape ``(member, region)``. [1]
    made
        Written, shape ``(cohort, member, region + (layer − 1) · breaking)``. [1]
    """
    regions, some, last = power.shape[2], len(breaking), len(edges)
    works = np.empty((last + 1) * some)
    for member in range(power.shape[1]):
        for place in range(some):
            _works(edges, member, place, broken[member, breaking[place]], works)
        for cohort in range(power.shape[0]):
            row, on = made[cohort, member], power[cohort, member]
            for region in range(regions):
                row[region] = on[region]
            for layer in range(last):
                for place in range(some):
                    row[regions + layer * some + place] = on[breaking[place]] * works[layer * some + place]
            for place in range(some):
                row[breaking[place]] = on[breaking[place]] * works[last * some + place]


@_compiled(None)
def _of_all(working: float, apart: float, outside: float) -> float:
    """Return the mean over homes in the queues and those outside them."""
    return (1.0 - outside) * working + outside * apart


@_compiled(None)
def _of_queues(values: Floats, queues: int) -> Floats:
    """Return the mean of the first cohorts, summed one after the other, shape ``(cell,)``."""
    working, each = values[0].copy(), np.float32(1.0 / queues)
    for queue in range(1, queues):
        of_queue = values[queue]
        for k in range(len(working)):
            working[k] += of_queue[k]
    for k in range(len(working)):
        working[k] *= each
    return np.asarray(working)


@_compiled(None)
def over_cohorts(values: Floats, each: float, outside: Floats, made: Floats) -> None:
    """Write means over homes of all cohorts, as `gridmodel.services.cohorts.over_cohorts` does.

    Parameters
    ----------
    values
        Values by cohort, shape ``(value, cohort, cell)``.
    each
        Share of the homes in the queues that is in each of them. [1]
    outside
        Share of homes outside the queues, the last cohort, shape ``(cell,)``. [1]
    made
        Written, shape ``(value, cell)``.
    """
    for number in range(len(values)):
        working, apart, mean = values[number, 0].copy(), values[number, -1], made[number]
        for queue in range(1, values.shape[1] - 1):
            of_queue = values[number, queue]
            for k in range(len(working)):
                working[k] += of_queue[k]
        for k in range(len(working)):
            mean[k] = _of_all(working[k] * each, apart[k], outside[k])


@_compiled(None)
def over_homes(  # noqa: PLR0917 - numba takes no keywords
    values: Floats, queues: int, outside: Floats, breaking: Ints, edges: Floats, made: Floats
) -> None:  # fmt: skip
    """Write means over homes of all cohorts and layers, as `gridmodel.services.layers.over_homes` does.

    Parameters
    ----------
    values
        Values by cohort in single precision, shape ``(cohort, member · column)``.
    queues
        Number of cohorts in the queues.
    outside
        Share of homes outside the queues, the last cohort, shape ``(member, region)``; 0 without one. [1]
    breaking
        Places of regions with layers, shape ``(breaking,)``.
    edges
        Edges between layers, shape ``(layer − 1, member, breaking)``. [1]
    made
        Written, shape ``(member, region)``.
    """
    (members, regions), some = made.shape, len(breaking)
    working, apart, columns = _of_queues(values, queues), values[len(values) - 1], regions + len(edges) * some
    for member in range(members):
        first = member * columns
        for region in range(regions):
            made[member, region] = _of_all(working[first + region], apart[first + region], outside[member, region])
        for place in range(some):
            region, mean, low = breaking[place], 0.0, 0.0
            for layer in range(len(edges)):
                at, high = first + regions + layer * some + place, edges[layer, member, place]
                mean += _of_all(working[at], apart[at], outside[member, region]) * (high - low)
                low = high
            if low > 0.0:
                made[member, region] = mean + made[member, region] * (1.0 - low)


@_compiled(None)
def fold(values: Floats, breaking: Ints, widths: Floats, used: Bools, made: Floats) -> None:
    """Write means over homes of all layers, as `gridmodel.services.layers.folded` does.

    Parameters
    ----------
    values
        Means over homes of each column, shape ``(value, member, region + (layer − 1) · breaking)``.
    breaking
        Places of regions with layers, shape ``(breaking,)``.
    widths
        Share of homes in each layer, shape ``(layer, member, breaking)``. [1]
    used
        Where layers are in use, shape ``(member, breaking)``.
    made
        Changed where they are, shape ``(value, member, region)``.
    """
    regions, some, last = made.shape[2], len(breaking), len(widths) - 1
    for number in range(values.shape[0]):
        for member in range(values.shape[1]):
            for place in range(some):
                if not used[member, place]:
                    continue
                mean = 0.0
                for layer in range(last):
                    column = regions + layer * some + place
                    mean += values[number, member, column] * widths[layer, member, place]
                mean += values[number, member, breaking[place]] * widths[last, member, place]
                made[number, member, breaking[place]] = mean
