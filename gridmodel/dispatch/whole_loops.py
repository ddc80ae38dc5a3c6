"""Loop that dispatches a block of snapshots of one island from end to end: what `engine` does array by array.

Where no limit of a line or a region is met, nothing is left to be done after it. Each function gives the bytes of its
numpy twin, which is named in it; `engine` looks whether `merit_loops` are compiled.
"""

# ruff: noqa: FURB136 - the functions min and max of numba look for NaN first
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gridmodel import vocabulary
from gridmodel.arrays import Bools, Floats, Ints, compiler
from gridmodel.dispatch import block_loops, merit_loops
from gridmodel.dispatch.block_loops import gather, of_loads
from gridmodel.dispatch.merit_loops import Pot, serve

LEAST_SHARE = 1e-12
"""Share of a rating that is left of a branch in service. [1] Ours: far below any that damage leaves."""
_compiled = compiler(__file__, block_loops.__file__, merit_loops.__file__, vocabulary.__file__)


class Table(NamedTuple):
    """Grid with one pattern of its branches in service, which leaves one island.

    Sums are tables of `gridmodel.dispatch.merit.Gather`.
    """

    consumer: Ints
    """Consumer of each load."""
    by_consumer: tuple[Ints, Ints, Ints]
    """Sums of loads by consumer."""
    generators: tuple[Ints, Ints, Ints]
    """Sums of generators by bus."""
    consumers: tuple[Ints, Ints, Ints]
    """Sums of consumers by bus."""
    regions: tuple[Ints, Ints, Ints]
    """Sums of consumers by region."""
    spread: Floats
    """Flow per injection, shape ``(bus, branch)``. [MW/MW]"""
    shift_mw: Floats
    """Flow without any injection, shape ``(branch,)``. [MW]"""
    rating_mw: Floats
    """Rating of each branch. [MW]"""
    cut_off: Bools
    """True for consumers without a source, shape ``(1, consumer)``."""
    main: Bools
    """True for those of the main island, same shape."""


@_compiled(None)
def _flows(table: Table, answer: tuple[Floats, Floats], flow: Floats) -> None:
    """Write the flow of each branch, in the order in which `numpy.einsum` adds up its products."""
    served, output = answer
    given, taken = np.zeros((len(flow), len(table.spread))), np.zeros((len(flow), len(table.spread)))
    gather(output, table.generators, given)
    gather(served, table.consumers, taken)
    spread, shift, branches = table.spread, table.shift_mw, np.uintp(flow.shape[1])
    whole = np.empty(flow.shape[1])
    for row in range(np.uintp(len(flow))):  # without a sign, places are not looked at from the end
        whole[:] = 0.0
        for bus in range(np.uintp(len(spread))):
            injection = given[row, bus] - taken[row, bus]
            if injection != 0.0:  # else what is added is 0
                for branch in range(branches):
                    whole[branch] += injection * spread[bus, branch]
        for branch in range(branches):
            flow[row, branch] = whole[branch] + shift[branch]


@_compiled(None)
def _met(
    table: Table, found: tuple[Floats, Floats], limits: tuple[Floats, Floats, float], met: tuple[Bools, Bools],
    regional: bool,
) -> bool:  # fmt: skip
    """Write which snapshots break a limit of a branch, and which meet a `regional` one; return whether any does."""
    (served, flow), (share, delivery, by_mw), (broken, reached) = found, limits, met
    most, some = np.empty(flow.shape[1]), False
    for row in range(np.uintp(len(flow))):
        if row == 0 or len(share) > 1:  # one row stands for all
            for branch in range(np.uintp(len(most))):
                left = share[row, branch]
                rating = table.rating_mw[branch] * (left if left > LEAST_SHARE else LEAST_SHARE)
                most[branch] = rating + by_mw if left > 0.0 else np.inf
        over = False
        for branch in range(np.uintp(len(most))):
            over |= abs(flow[row, branch]) > most[branch]
        broken[row], reached[row] = over, False
        some |= over
    if not regional or not (delivery < np.inf).any():
        return some
    here, regions = np.zeros(delivery.shape), np.uintp(delivery.shape[1])
    gather(served, table.regions, here)
    for row in range(np.uintp(len(flow))):
        full = False
        for region in range(regions):
            full |= here[row, region] >= delivery[row, region] - by_mw
        reached[row] = full
        some |= full
    return bool(some)


@_compiled(None)
def solve(  # noqa: PLR0917 - numba takes no keywords
    pot: Pot, table: Table, given: tuple[Floats, Floats], limits: tuple[Floats, Floats, Floats, float],
    answer: tuple[Floats, Floats, Floats, Floats], met: tuple[Bools, Bools], made: tuple[Floats, Floats], causes: bool,
) -> bool:  # fmt: skip
    """Serve a block of snapshots in closed form, and say whether that meets a limit.

    Parameters
    ----------
    pot, table
        The island, and the grid.
    given
        Demand of each load, shape ``(snapshot, load)``, and most that each generator can give,
        ``(snapshot, generator)``. [MW]
    limits
        Limits of groups, ``(snapshot, group)`` [MW]; most that each region can be served, ``(snapshot, region)`` [MW];
        remaining share of the rating of each branch, ``(snapshot, branch)``, or one row for all [1]; and the excess
        that counts as a violation [MW].
    answer
        Written: demand of consumers and what they are served, ``(snapshot, consumer)``, output,
        ``(snapshot, generator)``, and flow, ``(snapshot, branch)``. [MW]
    met
        Written: snapshots that break a limit of a branch, and, where causes are told, those that meet one of a region,
        each ``(snapshot,)``.
    made
        Written where none does: as of `block_loops.of_loads`. [MW]
    causes
        Whether to say why loads are not served.
    """
    (demand_mw, available), (groups, delivery, share, by_mw), (demand, served, output, flow) = given, limits, answer
    gather(demand_mw, table.by_consumer, demand)
    serve(pot, (demand, available), (delivery, groups), (served, output))
    _flows(table, (served, output), flow)
    some: bool = _met(table, (served, flow), (share, delivery, by_mw), met, causes)
    if not some:
        of_loads((demand_mw, demand, table.consumer), (served, served), (table.cut_off, table.main), made, causes)
    return some
