"""Shares that move between states and carry what they have with them: heat of homes, water of a city."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EMPTY = 1e-12
"""Share at and below which nobody is in a state or moves. Ours."""
Flow = tuple[int, int, Floats]
"""From which state, to which, and what share of all moves, shape ``(member, region)``."""


def row_sum(values: Floats) -> Floats:
    """Sum over the last axis, the same bits for any number of rows."""
    return np.asarray(np.add.reduce(np.ascontiguousarray(values), axis=-1))


def total(values: Floats, axes: int = 1) -> Floats:
    """Sum over the first axes, one after the other, the same bits for any number of members and regions.

    Parameters
    ----------
    values
        Shape ``(…, member, region)``.
    axes
        How many axes to sum over.

    Examples
    --------
    >>> total(np.ones((3, 4, 2, 1)), axes=2)
    array([[12.],
           [12.]])
    """
    left = values.shape[axes:]
    flat = values.reshape(-1, int(np.prod(left)))
    if flat.shape[1] == 1:  # a lone column would be summed in another order
        return np.asarray(np.add.reduce(np.repeat(flat, 2, axis=1), axis=0)[:1]).reshape(left)
    return np.asarray(np.add.reduce(flat, axis=0)).reshape(left)


def mix(stays: Floats, share: Floats, comes: Floats, coming: Floats) -> Floats:
    """Mean of what stays and what comes, by share; exactly what stays where nobody comes.

    Examples
    --------
    >>> mix(np.array(20.0), np.array(0.3), np.array(5.0), np.array(0.1)).item()
    16.25
    """
    some, part = _arriving(share, coming)
    return np.where(some, stays + part * (comes - stays), stays)


def _arriving(share: Floats, coming: Floats) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Whether somebody comes, and what part of all they are then."""
    return coming > EMPTY, coming / np.maximum(np.maximum(share, 0.0) + coming, EMPTY)


def moved(share: Floats, values: Sequence[Floats], flows: Sequence[Flow]) -> tuple[Floats, list[Floats]]:
    """Shares and what they carry after they have moved.

    Parameters
    ----------
    share
        Share in each state, shape ``(state, member, region)``. [1]
    values
        What each carries per share, shape ``(state, …, member, region)``.
    flows
        Moves, all at once: none may take more than there is.

    Returns
    -------
    tuple
        Shares and values after. What is carried in sum is as before.
    """
    flows = [flow for flow in flows if (flow[2] > 0).any()]
    if not flows:
        return share, list(values)
    after = share.copy()
    for source, _, amount in flows:
        after[source] = np.maximum(after[source] - amount, 0.0)
    changed = [dict[int, Floats]() for _ in values]
    for source, target, amount in flows:
        some, part = _arriving(after[target], amount)
        for value, made in zip(values, changed, strict=True):
            stays = made.get(target, value[target])
            made[target] = np.where(some, stays + part * (value[source] - stays), stays)
        after[target] += amount
    carried = [
        np.stack([made.get(state, part) for state, part in enumerate(value)])
        for value, made in zip(values, changed, strict=True)
    ]
    return after, carried
