"""Homes that have heat again while their walls are still cold, kept apart from those that never lost it.

In each region they are a few groups, from the warmest to the coldest, each with rooms of its own. Homes
that come back join the coldest. A result counts them all among `connected`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gridmodel.arrays import EMPTY, Floats, Flow, Ints
from gridmodel.vocabulary import HEAT_STATES

GROUPS = 3
"""Groups of homes that warm up. Ours: person-hours below 12 to 18 °C are then within one percent of those of single
homes that come back one after the other; with two groups two percent off, with one 15 % where a slow part is late."""
AS_WARM_K = 0.5
"""Difference of walls up to which homes that warm up count among those that never lost heat. [K] Ours: their rooms have
then long been at the set point, and after a new loss they are an hour of cooling apart."""
CONNECTED, FROZEN, REFILLING = (HEAT_STATES.index(name) for name in ("connected", "frozen", "refilling"))
WARMING = tuple(range(len(HEAT_STATES), len(HEAT_STATES) + GROUPS))
"""Places of the groups among the states of homes, the warmest first, behind those that a result shows."""
HEATED = (CONNECTED, *WARMING)
"""States in which water circulates."""
STATES = len(HEAT_STATES) + GROUPS
"""Number of states that are kept."""
ROOMS = {state: FROZEN if state == REFILLING else state for state in range(STATES)}
"""State whose rooms stand for those of each state. Homes with burst pipes have the same rooms until they are heated,
mended or not. Ours: they have been cold for days on end, and a set of rooms costs time in every step."""
ORDER = np.array([*HEATED, *(state for state in range(CONNECTED + 1, len(HEAT_STATES)) if ROOMS[state] == state)])
"""States with rooms of their own, heated ones first, so that they are one block of memory."""


def heated_places(occupied: Ints) -> slice:
    """Return the places of heated states among those that are occupied, which are kept in `ORDER`."""
    return _heated_places(occupied.tobytes(), occupied.dtype.str)


@lru_cache(maxsize=1_024)  # a step asks twenty times
def _heated_places(occupied: bytes, kind: str) -> slice:
    return slice(0, 1 + int(np.count_nonzero(np.frombuffer(occupied, dtype=kind) >= len(HEAT_STATES))))


def heated(share: Floats, occupied: Ints) -> Floats:
    """Return the share of homes in which water circulates, shape ``(member, region)``. [1]

    Parameters
    ----------
    share
        Share in each state that is kept, shape ``(state, member, region)``. [1]
    occupied
        States with rooms that some homes are in.
    """
    whole: Floats = share[CONNECTED]
    for state in occupied[1 : heated_places(occupied).stop]:
        whole = whole + share[state]
    return whole


def shown(share: Floats) -> Floats:
    """Return the share in each state that a result shows, shape ``(heat_state, member, region)``. [1]

    Parameters
    ----------
    share
        Share in each state that is kept, shape ``(state, member, region)``. [1]
    """
    states = share[: len(HEAT_STATES)].copy()
    for group in share[len(HEAT_STATES) :]:
        states[CONNECTED] += group
    return states


def of_rooms(share: Floats, occupied: Ints) -> Floats:
    """Return the share of homes in each state with rooms, shape ``(occupied, member, region)``. [1]

    Parameters
    ----------
    share
        Share in each state that is kept, shape ``(state, member, region)``. [1]
    occupied
        States with rooms that some homes are in.
    """
    rooms = share[occupied]
    if occupied[-1] == FROZEN:
        rooms[-1] += share[REFILLING]
    return rooms


def mean_of_heated(values: Floats, share: Floats, occupied: Ints) -> Floats:
    """Return the mean over homes in which water circulates, shape ``(archetype, member, region)``.

    Parameters
    ----------
    values
        By state with rooms, shape ``(occupied, archetype, member, region)``.
    share
        Share in each state that is kept, shape ``(state, member, region)``. [1]
    occupied
        States with rooms that some homes are in.
    """
    places = heated_places(occupied)
    if places.stop == 1:
        return np.asarray(values[CONNECTED])
    whole, mean = heated(share, occupied), values[CONNECTED] * share[CONNECTED]
    some = whole > share[CONNECTED]
    for place in range(1, places.stop):
        mean += values[place] * share[occupied[place]]
    mean /= np.where(some, whole, 1.0)
    return np.asarray(np.where(some, mean, values[CONNECTED]))


def kept_apart(flows: Sequence[Flow], share: Floats, occupied: Ints, walls_c: Floats) -> list[Flow]:
    """Return moves between the states that are kept from those between the states that a result shows.

    Parameters
    ----------
    flows
        Moves between states that a result shows, all at once.
    share
        Share in each state that is kept, before them, shape ``(state, member, region)``. [1]
    occupied
        States with rooms that some homes are in.
    walls_c
        Mass of their homes, mean over archetypes, shape ``(occupied, member, region)``. [°C]

    Notes
    -----
    Homes that come back are a new coldest group. To make room for it the two neighbours merge whose merging changes the
    spread of temperatures least, ``w₁ w₂ / (w₁ + w₂) · (T₁ − T₂)²`` (Ward 1963); those that never lost heat merge with
    the warmest group only within `AS_WARM_K`, and then always do. Homes that lose heat are first those that came back
    last: the parts of sources and networks that heat reaches are nested, as for homes that wait. A share so small that
    nobody is in it would not bring its own temperature to an empty group, and goes to those that never lost heat.
    """
    here, found = share[list(HEATED)], [flow for flow in flows if CONNECTED not in flow[:2]]
    row = {int(state): place for place, state in enumerate(occupied)}
    comes, brings = np.zeros(share.shape[1:]), np.zeros(share.shape[1:])
    for source, target, amount in flows:
        if source == CONNECTED:
            found += _last_first(here, target, amount)
        elif target == CONNECTED:
            many = np.where(amount > EMPTY, amount, 0.0)
            found += [(source, WARMING[-1], many), (source, CONNECTED, amount - many)]
            comes, brings = comes + amount, brings + amount * walls_c[row[ROOMS[source]]]
    cold_c = np.divide(brings, comes, out=brings, where=comes > 0)
    groups_c = [walls_c[row[state]] if state in row else cold_c for state in HEATED]
    joined = _joined(np.concatenate([here, comes[None]]), np.stack([*groups_c, cold_c]))
    dust = np.where(here <= EMPTY, here, 0.0)
    dusty = bool(dust.any())
    groups = here - dust if dusty else here
    for place, source in enumerate(WARMING):
        if source in row:
            found.append((source, HEATED[place], (joined <= place) * groups[place + 1]))
            if dusty:
                found.append((source, CONNECTED, dust[place + 1]))
    return found


def _last_first(here: Floats, target: int, amount: Floats) -> list[Flow]:
    """Return a loss of heated homes as taken from those that came back last; what is left is written into `here`."""
    found = []
    for place in reversed(range(len(HEATED))):
        takes = np.minimum(amount, here[place])
        takes = np.where(takes > EMPTY, takes, 0.0)
        found.append((HEATED[place], target, takes))
        here[place] -= takes
        amount = amount - takes
    return found


def _joined(share: Floats, walls_c: Floats) -> Ints:
    """Return the group that merges with its next colder one; those behind it move up, shape ``(member, region)``."""
    there = share > EMPTY
    both = there[:-1] & there[1:]
    gap_k = walls_c[:-1] - walls_c[1:]
    pair = share[:-1] + share[1:]
    cost = np.divide(share[:-1] * share[1:] * gap_k**2, pair, out=np.zeros_like(gap_k), where=both)
    as_warm = np.abs(gap_k[0]) <= AS_WARM_K
    cost[0] = np.where(both[0], np.where(as_warm, -1.0, np.inf), 0.0)
    return np.asarray(cost.argmin(axis=0))
