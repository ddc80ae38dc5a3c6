"""Return of homes whose pipes are whole: a quick part whose loops are full, a slow part whose loops were drained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import EMPTY, Floats

STAGES = 2
"""Stages that homes pass through. Ours: a restart of source and network, then the valves of each building; two fit the
returns of Kyiv better than one, after which most homes would be back at once, and as well as three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Homes that come back in a step."""

    share: Floats
    """Homes by part, quick and slow, shape ``(2, member, region)``. [1]"""
    stages: Floats
    """Homes that are on their way at its end, shape ``(stage, 2, member, region)``. [1]"""


def come_back(
    waiting: Floats, stages: Floats, room: Floats, *, quick_h: Floats, slow_h: Floats, step_h: float
) -> Back:  # fmt: skip
    """Take homes that wait for heat through a step.

    Parameters
    ----------
    waiting
        Homes without circulation by part, quick and slow, shape ``(2, member, region)``. [1]
    stages
        Homes among them that are on their way, shape ``(stage, 2, member, region)``. [1]
    room
        Homes that wait and that sources and network reach, shape ``(member, region)``. [1]
    quick_h, slow_h
        Mean time from the return of heat to a building's own, by part. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    A home sets out once it is reached and passes through two stages of the same mean length, each memoryless, so that
    the share still cold `t` hours later is ``(1 + x) exp(−x)`` with ``x = 2 t / mean``; the step is the exact solution.
    Homes that are no longer reached start anew: a second failure costs as much time as the first.

    Examples
    --------
    >>> none = np.zeros((2, 2, 1, 1))
    >>> back = come_back(np.array([[[1.0]], [[0.0]]]), none, np.ones((1, 1)), quick_h=12.0, slow_h=80.0, step_h=6.0)
    >>> round(1 - back.share.sum(), 9) == round(2 * np.exp(-1), 9)
    True
    """
    if not (waiting > EMPTY).any():
        return Back(share=np.zeros_like(waiting), stages=np.zeros_like(stages))
    under_way = stages.sum(axis=0)
    kept = np.divide(np.minimum(waiting, under_way), under_way, out=np.zeros_like(waiting), where=under_way > 0)
    under_way = under_way * kept
    everyone = under_way[0] + under_way[1]
    reached = np.divide(np.minimum(room, everyone), everyone, out=np.zeros_like(room), where=everyone > 0)
    rest = np.maximum(waiting - under_way, 0.0)
    more = np.maximum(room - everyone, 0.0)
    left = rest[0] + rest[1]
    sets_out = np.minimum(np.divide(more, left, out=np.zeros_like(more), where=left > 0), 1.0)
    first, second = stages * (kept * reached)
    first = first + rest * sets_out
    x = np.stack(np.broadcast_arrays(*(STAGES * step_h / np.asarray(mean, dtype=float) for mean in (quick_h, slow_h))))
    x = x.reshape(2, *x.shape[1:], *[1] * (waiting.ndim - x.ndim))
    stays = np.exp(-x)
    after = np.stack([first * stays, (second + first * x) * stays])
    return Back(share=np.maximum(first + second - after[0] - after[1], 0.0), stages=after)


def still_cold(hours: Floats, *, quick_h: float, slow_h: float, slow_share: float = 0.0) -> Floats:
    """Share of homes still without heat some hours after it could come back to all of them. [1]

    Parameters
    ----------
    hours
        Since then; before it, all are cold. [h]
    quick_h, slow_h
        Mean time of return by part. [h]
    slow_share
        Share of the slow part. [1]

    Notes
    -----
    ``(1 + x) exp(−x)`` with ``x = 2 t / mean`` for each part. Fitted to four events in Kyiv, winter 2025/26
    (`tests/cases/kyiv-reconnection`).

    Examples
    --------
    >>> still_cold(np.array([0.0, 12.0]), quick_h=12.0, slow_h=80.0).round(3)
    array([1.   , 0.406])
    """
    parts = []
    for mean in (quick_h, slow_h):
        x = STAGES * np.maximum(hours, 0.0) / mean
        parts.append((1.0 + x) * np.exp(-x))
    return np.asarray((1.0 - slow_share) * parts[0] + slow_share * parts[1])
