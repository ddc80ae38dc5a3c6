"""Minimum output of generators: what lies below it runs before anything else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridmodel.interchange import ForeignGrid


def must_run(foreign: ForeignGrid) -> ForeignGrid:
    """Return a grid whose generators are dispatched from their minimum output up, at the same reported cost.

    The part below the minimum is taken as cheaper than any other by twice the dearest cost, which stays well below the
    cost of shedding: no load is cut so that a generator can run, and where load is too low it runs below its minimum.
    """
    old = len(foreign.piece)
    least = foreign.least_mw[foreign.piece]
    start, width = foreign.piece_start_mw, foreign.piece_width_mw
    cuts = (start < least) & (least < start + width)
    source = np.repeat(np.arange(old), np.where(cuts, 2, 1))
    second = np.append(False, source[1:] == source[:-1]) if old else np.zeros(0, dtype=bool)
    first = np.append(second[1:], False) if old else second
    begin = np.where(second, least[source], start[source])
    size = np.where(first, least[source] - start[source], np.where(second, start[source] + width[source] - begin,
                                                                   width[source]))  # fmt: skip
    whole = np.append(source, np.arange(old, len(foreign.cost)))
    grid = foreign.grid
    bonus = 2.0 * float(np.abs(foreign.cost).max(initial=0.0)) + 1.0
    below = np.append(begin < least[source], np.zeros(len(whole) - len(source), dtype=bool))
    links = grid.links
    more = len(source) - old
    made = replace(
        grid,
        generator_bus=grid.generator_bus[whole],
        generator_cost=grid.generator_cost[whole] - np.where(below, bonus, 0.0),
        groups=tuple((np.flatnonzero(np.isin(whole, members)), limit) for members, limit in grid.groups),
        links=None if links is None else replace(links, generator=links.generator + more),
    )
    available = np.append(
        np.clip(foreign.most_mw[foreign.piece[source]] - begin, 0.0, size), foreign.available_mw[old:]
    )
    return replace(
        foreign, grid=made, piece=foreign.piece[source], piece_start_mw=begin, piece_width_mw=size,
        cost=foreign.cost[whole], available_mw=available,
    )  # fmt: skip
