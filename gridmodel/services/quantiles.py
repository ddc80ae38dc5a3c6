"""Quantiles over people of what homes of each cohort have."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.services import quantile_loops
from gridmodel.services.cohorts import PEOPLE_QUANTILES


def people_quantiles(values: Floats, outside: Floats | None = None) -> Floats:
    """Return quantiles over people of values by cohort, shape ``(quantile, member, region)``.

    Parameters
    ----------
    values
        Shape ``(cohort, member, region)``.
    outside
        Share of homes outside the queues, the last cohort, shape ``(member, region)``; None without one. [1]

    Notes
    -----
    The least value that at least a share `PEOPLE_QUANTILES` of people does not exceed.
    """
    queues = len(values) - (outside is not None)
    if outside is not None and quantile_loops.COMPILED:
        return _by_loops(values, outside)
    ordered = np.sort(values[:queues], axis=0)
    if outside is None:
        return np.asarray(ordered[[int(np.ceil(share * queues - 1e-9)) - 1 for share in PEOPLE_QUANTILES]])
    return _of_two(ordered, values[queues], outside)


def quantiles_of(values: Floats, weights: Floats) -> Floats:
    """Return quantiles over people as `people_quantiles` does, of groups of any size.

    Parameters
    ----------
    values
        Shape ``(group, member, region)``.
    weights
        Share of people in each group, same shape. [1]
    """
    groups, shape = len(values), values.shape[1:]
    if quantile_loops.COMPILED:
        flat, of = (np.ascontiguousarray(array).reshape(groups, -1) for array in (values, weights))
        found = np.empty((len(PEOPLE_QUANTILES), flat.shape[1]), values.dtype)
        quantile_loops.of_groups(flat, of, quantile_loops.network(groups), np.array(PEOPLE_QUANTILES) - 1e-9, found)
        return found.reshape(-1, *shape)
    some, share = (np.ascontiguousarray(array.reshape(groups, -1).T) for array in (values, weights))
    order = np.argsort(some, axis=1)  # in which order equal values come does not matter
    order += np.arange(len(some))[:, None] * groups
    reached = np.cumsum(share.take(order), axis=1)
    at = [np.minimum((reached < part - 1e-9).sum(axis=1), groups - 1) for part in PEOPLE_QUANTILES]
    place = np.take_along_axis(order, np.stack(at, axis=1), axis=1)
    return np.asarray(some.take(place).T.reshape(len(PEOPLE_QUANTILES), *shape))


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
    flat, cell = ordered.reshape(-1), np.arange(outside.size).reshape(outside.shape)
    found = np.where(few, apart, np.minimum(apart, flat.take(high * outside.size + cell)))
    return np.where(some, np.maximum(found, flat.take(low * outside.size + cell)), found)


def _by_loops(values: Floats, outside: Floats) -> Floats:
    """Return what `_of_two` does, from values of sub-queues in any order and, last, of those outside them."""
    queues, cells = len(values) - 1, outside.size
    flat = np.ascontiguousarray(values).reshape(len(values), cells)
    low, high = _rows(outside.tobytes(), outside.shape, queues)
    found = np.empty((len(PEOPLE_QUANTILES), cells), values.dtype)
    quantile_loops.of_queues(flat[:queues], flat[queues], quantile_loops.routes(queues)[0], low, high, found)
    return found.reshape(-1, *outside.shape)


@lru_cache(maxsize=8)
def _rows(outside: bytes, shape: tuple[int, int], queues: int) -> tuple[Ints, Ints]:
    """Return what `_places` does as rows of a block, ``(quantile, cell)``: one is below all values, one above."""
    low, high, some, few = (one.reshape(len(one), -1) for one in _places(outside, shape, queues))
    rows = quantile_loops.routes(queues)[1]
    return np.where(some, rows[low], queues + 2), np.where(few, queues + 3, rows[high])


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
        Places of the lowest and of the highest value that a quantile can have among values in ascending order, and
        True where a lowest exists, and where a highest does not.
    """
    share = np.frombuffer(outside).reshape(shape)
    least = np.array(PEOPLE_QUANTILES)[:, None, None] - 1e-9
    each = np.maximum(1.0 - share, 1e-12) / queues
    most = np.minimum(np.ceil(least / each), queues + 1).astype(np.intp)
    fewest = np.maximum(np.ceil((least - share) / each), 0.0).astype(np.intp)
    low, high = (np.clip(place - 1, 0, queues - 1) for place in (fewest, most))
    return low, high, fewest > 0, most > queues
