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
    """Sum over the last axes, the same bits for any number of members.

    Parameters
    ----------
    values
        Shape ``(member, …)``.
    axes
        How many axes to sum over.

    Examples
    --------
    >>> total(np.ones((2, 3, 4)), axes=2)
    array([12., 12.])
    """
    flat = np.ascontiguousarray(values)
    return row_sum(flat if axes == 1 else flat.reshape(*values.shape[: values.ndim - axes], -1))


def mix(stays: Floats, share: Floats, comes: Floats, coming: Floats) -> Floats:
    """Mean of what stays and what comes, by share; exactly what stays where nobody comes.

    Examples
    --------
    >>> mix(np.array(20.0), np.array(0.3), np.array(5.0), np.array(0.1)).item()
    16.25
    """
    share = np.maximum(share, 0.0)
    mixed = (stays * share + comes * coming) / np.maximum(share + coming, EMPTY)
    return np.where(coming > EMPTY, mixed, stays)


def moved(share: Floats, values: Sequence[Floats], flows: Sequence[Flow]) -> tuple[Floats, list[Floats]]:
    """Shares and what they carry after they have moved.

    Parameters
    ----------
    share
        Share in each state, shape ``(member, region, state)``. [1]
    values
        What each carries per share, shape ``(member, region, …, state)``.
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
    after, carried = share.copy(), [value.copy() for value in values]
    for source, _, amount in flows:
        after[..., source] = np.maximum(after[..., source] - amount, 0.0)
    for source, target, amount in flows:
        for value, result in zip(values, carried, strict=True):
            some = amount.reshape(*amount.shape, *[1] * (value.ndim - 3))
            here = after[..., target].reshape(some.shape)
            result[..., target] = mix(result[..., target], here, value[..., source], some)
        after[..., target] += amount
    return after, carried
