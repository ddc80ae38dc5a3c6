"""States of links that lose power while they are on, however little they carry: on one way, the other, or off."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from gridmodel.arrays import Bools, Floats

MOST_STATES = 81
"""Most combinations of states that are all tried: four lines that run both ways. Ours: bounds the time; beyond it lines
are switched off one by one for as long as that lowers the cost."""


def cheapest(lines: list[str], count: int, cost_of: Callable[[Bools], Floats], *, most: int = MOST_STATES) -> Bools:
    """Return which links are on in each snapshot at least cost, shape ``(snapshot, link)``.

    Parameters
    ----------
    lines
        Line of each link; at most one link of a line is on.
    count
        Number of snapshots.
    cost_of
        Cost of each snapshot, ``(snapshot,)``, where the links of an array ``(snapshot, link)`` are on. [EUR/h]
    most
        Most combinations that are all tried.
    """
    links = [[place for place, name in enumerate(lines) if name == line] for line in dict.fromkeys(lines)]
    states = [[*members, -1] for members in links]
    first = np.zeros(len(lines), dtype=bool)
    first[[members[0] for members in links]] = True
    best = np.tile(first, (count, 1))
    least = cost_of(best)
    if np.prod([len(members) for members in states], dtype=float) <= most:
        for chosen in product(*states):
            on = np.zeros(len(lines), dtype=bool)
            on[[place for place in chosen if place >= 0]] = True
            if not (on == first).all():
                best, least = _better(best, least, np.tile(on, (count, 1)), cost_of)
        return best
    improves = True
    while improves:
        before = least.copy()
        for members, options in zip(links, states, strict=True):
            for choice in options:
                on = best.copy()
                on[:, members] = False
                if choice >= 0:
                    on[:, choice] = True
                best, least = _better(best, least, on, cost_of)
        improves = bool((least < before).any())
    return best


def _better(best: Bools, least: Floats, on: Bools, cost_of: Callable[[Bools], Floats]) -> tuple[Bools, Floats]:
    cost = cost_of(on)
    lower = cost < least - 1e-9 * np.maximum(1.0, np.abs(least))
    return np.where(lower[:, None], on, best), np.where(lower, cost, least)
