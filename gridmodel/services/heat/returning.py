"""Return of homes whose pipes are whole: a quick part, and a slow part among those whose loops were drained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import EMPTY, Floats

STAGES = 2
"""Stages that homes pass through. Ours: a restart of source and network, then the valves of each building; two fit the
returns of Kyiv better than one, after which most homes would be back at once, and as well as three."""
LAST = 1e-7
"""Share at which the last homes come back at once. [1] Ours: less than one home in any region."""
PARTS = 3
"""Homes whose loops are full, quick and slow ones among those whose loops were drained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """Speeds of the return, each for arrays of shape ``(member, region)``."""

    quick_h: Floats
    """Mean time from the return of heat to a building's own. [h]"""
    slow_h: Floats
    """The same of the slow part. [h]"""
    slow_share: Floats
    """Share of buildings that are slow once their loops have been drained. [1]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Homes that wait for heat, their pipes whole."""

    stages: Floats
    """Share of homes that are on their way back, shape ``(stage, part, member, region)``. [1]"""
    slow: Floats
    """Share of homes that are drained and slow, shape ``(member, region)``. [1]"""


def nobody_waits(members: int, regions: int) -> Waiting:
    """Return the state in which all homes have heat."""
    return Waiting(stages=np.zeros((STAGES, PARTS, members, regions)), slow=np.zeros((members, regions)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Homes that come back in a step."""

    share: Floats
    """Homes by part, shape ``(part, member, region)``. [1]"""
    stages: Floats
    """Homes that are on their way at its end, shape ``(stage, part, member, region)``. [1]"""


def come_back(
    waiting: Floats, stages: Floats, room: Floats, *, mean_h: Sequence[Floats | float], step_h: float
) -> Back:  # fmt: skip
    """Take homes that wait for heat through a step.

    Parameters
    ----------
    waiting
        Homes without circulation by part, shape ``(part, member, region)``. [1]
    stages
        Homes among them that are on their way, shape ``(stage, part, member, region)``. [1]
    room
        Homes that wait and that sources and network reach, shape ``(member, region)``. [1]
    mean_h
        Mean time from the return of heat to a building's own, by part. [h]
    step_h
        Length of the step. [h]

    Notes
    -----
    A home sets out once it is reached and passes through two stages of the same mean length, each memoryless, so that
    the share still cold `t` hours later is ``(1 + x) exp(−x)`` with ``x = 2 t / mean``; the step is the exact solution.
    Homes that heat stops reaching start anew: a second failure costs as much time as the first.

    Examples
    --------
    >>> all_wait, none = np.array([[[1.0]]]), np.zeros((2, 1, 1, 1))
    >>> back = come_back(all_wait, none, np.ones((1, 1)), mean_h=[12.0], step_h=6.0)
    >>> round(1 - back.share.item(), 9) == round(2 * float(np.exp(-1)), 9)
    True
    """
    if not (waiting > 0).any():
        return Back(share=np.zeros_like(waiting), stages=np.zeros_like(stages))
    under_way = stages[0] + stages[1]
    kept = np.divide(np.minimum(waiting, under_way), under_way, out=np.zeros_like(waiting), where=under_way > 0)
    under_way = under_way * kept
    everyone = _sum(under_way)
    reached = np.divide(np.minimum(room, everyone), everyone, out=np.zeros_like(everyone), where=everyone > 0)
    rest = np.maximum(waiting - under_way, 0.0)
    left = _sum(rest)
    sets_out = np.divide(np.maximum(room - everyone, 0.0), left, out=np.zeros_like(left), where=left > 0)
    first, second = stages * (kept * reached)
    first = first + rest * np.minimum(sets_out, 1.0)
    after = np.empty_like(stages)
    for part, mean in enumerate(mean_h):
        x = STAGES * step_h / np.asarray(mean, dtype=float)
        stays = np.exp(-x)
        after[0, part] = first[part] * stays
        after[1, part] = (second[part] + first[part] * x) * stays
    share = np.maximum(first + second - after[0] - after[1], 0.0)
    last = (waiting - share < LAST) & (first + second >= waiting - EMPTY)
    return Back(share=np.where(last, waiting, share), stages=np.where(last, 0.0, after))


def _sum(parts: Floats) -> Floats:
    """Return the sum over parts, in their order."""
    whole = np.array(parts[0])
    for part in parts[1:]:
        whole += part
    return whole


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
