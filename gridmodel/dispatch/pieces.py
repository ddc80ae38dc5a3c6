"""Pieces of the cost of generators: cut anew, and made finer where outputs are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.interchange import ForeignGrid

MOST_PARTS = 64
"""Most parts into which a piece is cut at once. Ours: bounds the size of the programme."""


def cut(  # noqa: PLR0917 - one array for each property of a piece
    foreign: ForeignGrid, source: Ints, start_mw: Floats, width_mw: Floats, slope: Floats, less: Floats | None = None
) -> ForeignGrid:
    """Return a grid with other pieces of the same generators.

    Parameters
    ----------
    source
        Old piece of which each new one is a part, in order, shape ``(piece,)``.
    start_mw, width_mw
        Beginning and size of new pieces, shape ``(piece,)``.
    slope
        Cost of new pieces, shape ``(piece,)``. [EUR/MWh]
    less
        What dispatch takes them to be cheaper by; default 0. [EUR/MWh]
    """
    old = len(foreign.piece)
    rest = np.arange(old, len(foreign.cost))
    whole = np.append(source, rest)
    grid, links = foreign.grid, foreign.grid.links
    cost = np.append(slope, foreign.cost[rest])
    seen = np.append(slope if less is None else slope - less, grid.generator_cost[rest])
    available = np.clip(foreign.most_mw[foreign.piece[source]] - start_mw, 0.0, width_mw)
    made = replace(
        grid,
        generator_bus=grid.generator_bus[whole],
        generator_cost=seen,
        groups=tuple((np.flatnonzero(np.isin(whole, members)), limit) for members, limit in grid.groups),
        links=None if links is None else replace(links, generator=links.generator + len(source) - old),
    )
    return replace(
        foreign, grid=made, piece=foreign.piece[source], piece_start_mw=start_mw, piece_width_mw=width_mw, cost=cost,
        available_mw=np.append(available, foreign.available_mw[old:]),
    )  # fmt: skip


def must_run(foreign: ForeignGrid) -> ForeignGrid:
    """Return a grid whose generators are dispatched from their minimum output up, at the same reported cost.

    The part below the minimum is taken as cheaper than any other by twice the dearest cost, which stays well below the
    cost of shedding: no load is cut so that a generator can run, and where load is too low it runs below its minimum.
    """
    least = foreign.least_mw[foreign.piece]
    start, width = foreign.piece_start_mw, foreign.piece_width_mw
    old = len(start)
    source = np.repeat(np.arange(old), np.where((start < least) & (least < start + width), 2, 1))
    second = np.append(False, source[1:] == source[:-1])[: len(source)]
    first = np.append(second[1:], False)[: len(source)]
    begin = np.where(second, least[source], start[source])
    size = np.where(first, least[source], start[source] + width[source]) - begin
    bonus = 2.0 * float(np.abs(foreign.cost).max(initial=0.0)) + 1.0
    below = np.where(begin < least[source], bonus, 0.0)
    return cut(foreign, source, begin, size, foreign.cost[source], below)


def finer(foreign: ForeignGrid, output_mw: Floats, allowed: Floats) -> ForeignGrid | None:
    """Return a grid with finer pieces of quadratic costs where outputs are; None if they are fine enough.

    Parameters
    ----------
    foreign
        A grid that was dispatched.
    output_mw
        Output, shape ``(snapshot, generator)``.
    allowed
        Most by which the cost may exceed the least one, shape ``(snapshot,)``. [EUR/h]

    Notes
    -----
    At the prices of an optimum of the pieces, the optimum of the square lies in a piece that touches the output, since
    the slope of a chord is that of the square in its middle. There the chord over a width w lies at most square·w²/4
    above it; so the sum over generators bounds how much dearer an optimum of the pieces is than that of the squares.
    """
    square, start = foreign.square[foreign.piece], foreign.piece_start_mw
    last = np.append(foreign.piece[1:] != foreign.piece[:-1], True)[: len(start)]
    end = np.where(last, np.maximum(foreign.end_mw[foreign.piece], start), start + foreign.piece_width_mw)
    width = end - start
    share = np.maximum(allowed, 0.0) / max(int((foreign.square > 0).sum()), 1)
    output = output_mw[:, foreign.piece]
    slack = 1e-6 * np.maximum(1.0, end)
    touches: Bools = (output >= start - slack) & (output <= np.where(last, np.inf, end + slack))
    wanted = width / 2.0 * np.sqrt(square / np.maximum(share, 1e-9)[:, None])
    parts = np.where(touches & (square > 0), np.ceil(wanted - 1e-9), 1.0).max(axis=0, initial=1.0)
    parts = np.clip(parts, 1, MOST_PARTS).astype(np.intp)
    if (parts == 1).all():
        return None
    source = np.repeat(np.arange(len(start)), parts)
    place = np.arange(len(source)) - np.repeat(np.cumsum(parts) - parts, parts)
    size = (width / parts)[source]
    begin = start[source] + place * size
    chord = foreign.cost[source] + square[source] * (2.0 * begin + size - start[source] - end[source])
    endless = last[source] & (place == parts[source] - 1)
    return cut(foreign, source, begin, np.where(endless, np.inf, size), chord)
