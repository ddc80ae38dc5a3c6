"""Loop over cells in which homes move between states: what `states.moves`, `warming.kept_apart` and `moved` do.

It waits for numba to compile it once per installation. Every line is one of + − × ÷ or a comparison in the order of its
numpy twins, and exponentials stay with numpy: the bytes are the same. A cell is a member and a region.
"""

# ruff: noqa: PLR0917 - numba takes no keywords
from __future__ import annotations

import numpy as np

from gridmodel.arrays import EMPTY, Bools, Floats, Ints, compiler
from gridmodel.services import number_loops
from gridmodel.services.heat import returning, states, warming
from gridmodel.services.heat.returning import LAST, PARTS
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, NO_CIRCULATION, REFILLING
from gridmodel.services.heat.warming import AS_WARM_K, HEATED, ROOMS, STATES, WARMING
from gridmodel.services.number_loops import less, more

ROOMS_OF = tuple(ROOMS[state] for state in range(STATES))
"""State whose rooms stand for those of each state."""


def _loses(target: int) -> list[tuple[int, int]]:
    """Moves of heated homes that lose heat: those that came back last go first."""
    return [(state, target) for state in reversed(HEATED)]


def _returns(source: int) -> list[tuple[int, int]]:
    """Moves of homes that come back: a new coldest group, and those of a share in which nobody is."""
    return [(source, WARMING[-1]), (source, CONNECTED)]


WAYS = np.array([
    (NO_CIRCULATION, DRAINED), (NO_CIRCULATION, FROZEN), (FROZEN, REFILLING),
    *_loses(NO_CIRCULATION), *_returns(NO_CIRCULATION), *_returns(DRAINED), *_loses(DRAINED), *_loses(FROZEN),
    *_returns(REFILLING),
    *((group, target) for place, group in enumerate(WARMING) for target in (HEATED[place], CONNECTED)),
])  # fmt: skip
"""State that each flow leaves and the one that it enters, in the order of `warming.kept_apart`, shape ``(flow, 2)``."""
_STANDS, _BACK, _DRAINED_BACK, _DRAINS, _BURSTS, _REFILLED_BACK, _MERGES = 3, 7, 9, 11, 15, 19, 21
"""First flow of each kind of move of heated homes."""

_compiled = compiler(__file__, returning.__file__, states.__file__, warming.__file__, number_loops.__file__)


@_compiled(None)
def _come_back(
    waits: Floats, room: float, ages: Floats, stays: Floats, stages: Floats, cell: int, back: Floats, later: Floats
) -> None:
    """Write homes of a cell that come back, by part, and those that are then on their way, as `come_back` does."""
    everyone = left = 0.0
    for part in range(PARTS):
        way = stages[0, part, cell] + stages[1, part, cell]
        kept = less(waits[part], way) / way if way > 0.0 else 0.0
        everyone += way * kept
        left += more(waits[part] - way * kept, 0.0)
    reached = less(room, everyone) / everyone if everyone > 0.0 else 0.0
    sets_out = less(more(room - everyone, 0.0) / left, 1.0) if left > 0.0 else 0.0
    for part in range(PARTS):
        way = stages[0, part, cell] + stages[1, part, cell]
        kept = less(waits[part], way) / way if way > 0.0 else 0.0
        slow = 1 if part == PARTS - 1 else 0
        first = stages[0, part, cell] * (kept * reached) + more(waits[part] - way * kept, 0.0) * sets_out
        second = stages[1, part, cell] * (kept * reached)
        after_first = first * stays[slow, cell]
        after_second = (second + first * ages[slow, cell]) * stays[slow, cell]
        share = more(first + second - after_first - after_second, 0.0)
        last = (waits[part] - share < LAST) and (first + second >= waits[part] - EMPTY)
        back[part] = waits[part] if last else share
        later[0, part, cell] = 0.0 if last else after_first
        later[1, part, cell] = 0.0 if last else after_second


@_compiled(None)
def _lose(here: Floats, amount: float, amounts: Floats, first: int, cell: int) -> None:
    """Write a loss of heated homes as taken from those that came back last, as `warming._last_first` does."""
    for row in range(len(HEATED)):
        place = len(HEATED) - 1 - row
        takes = less(amount, here[place])
        takes = takes if takes > EMPTY else 0.0
        amounts[first + row, cell] = takes
        here[place] -= takes
        amount -= takes


@_compiled(None)
def _return(amount: float, amounts: Floats, first: int, cell: int) -> None:
    """Write homes that come back as a new coldest group, and as connected where nobody is in so small a share."""
    many = amount if amount > EMPTY else 0.0
    amounts[first, cell], amounts[first + 1, cell] = many, amount - many


@_compiled(None)
def _walls(mass_c: Floats, floor: Floats, walls_c: Floats) -> None:
    """Write the mass of homes in occupied states, mean over archetypes, shape ``(occupied, cell)``. [°C]"""
    for place in range(len(mass_c)):
        for cell in range(mass_c.shape[2]):
            walls_c[place, cell] = mass_c[place, 0, cell] * floor[0, cell]
        for kind in range(1, mass_c.shape[1]):
            for cell in range(mass_c.shape[2]):
                walls_c[place, cell] += mass_c[place, kind, cell] * floor[kind, cell]


@_compiled(None)
def _joined(share: Floats, walls_c: Floats) -> int:
    """Return the group that merges with its next colder one, as `warming._joined` does."""
    found, least = 0, np.inf
    for place in range(len(share) - 1):
        cost, gap_k = 0.0, walls_c[place] - walls_c[place + 1]
        if share[place] > EMPTY and share[place + 1] > EMPTY:
            cost = share[place] * share[place + 1] * (gap_k * gap_k) / (share[place] + share[place + 1])
            if place == 0:
                cost = -1.0 if abs(gap_k) <= AS_WARM_K else np.inf
        if cost < least:
            found, least = place, cost
    return found


@_compiled(None)
def _merge(
    rooms_c: Floats, places: Ints, here: Floats, walls_c: Floats, comes: tuple[float, float, float], amounts: Floats,
    cell: int,
) -> None:  # fmt: skip
    """Write moves between groups of heated homes: they make room for those whose loops stood, were drained or burst."""
    whole = brings = 0.0
    sources = (NO_CIRCULATION, DRAINED, REFILLING)
    for row in range(len(sources)):
        if comes[row] > 0.0:
            whole += comes[row]
            brings += comes[row] * rooms_c[places[ROOMS_OF[sources[row]]], cell]
    cold_c = brings / whole if whole > 0.0 else 0.0
    for place in range(len(HEATED)):
        walls_c[place] = rooms_c[places[HEATED[place]], cell] if places[HEATED[place]] >= 0 else cold_c
    here[len(HEATED)], walls_c[len(HEATED)] = whole, cold_c
    joined = _joined(here, walls_c)
    for place in range(len(WARMING)):
        group = here[place + 1]
        nobody, row = group <= EMPTY, _MERGES + 2 * place
        amounts[row, cell] = group if joined <= place and not nobody else 0.0
        amounts[row + 1, cell] = group if nobody else 0.0


@_compiled(None)
def _settle(share: Floats, amounts: Floats, after: Floats, lived_in: Bools, moves: Bools, cell: int) -> None:
    """Write shares after all moves, and the states that somebody is in and the flows with which somebody moves."""
    for state in range(STATES):
        after[state, cell] = share[state, cell]
        if share[state, cell] > 0.0:
            lived_in[state] = True
    for flow in range(len(WAYS)):
        if amounts[flow, cell] > 0.0:
            source = WAYS[flow, 0]
            after[source, cell] = more(after[source, cell] - amounts[flow, cell], 0.0)
    for flow in range(len(WAYS)):
        if amounts[flow, cell] > 0.0:
            moves[flow] = lived_in[WAYS[flow, 1]] = True
            after[WAYS[flow, 1], cell] += amounts[flow, cell]


@_compiled(None)
def _circulating(share: Floats, cell: int) -> float:
    """Return the share of homes in which water circulates, as `warming.shown` adds it up."""
    whole = share[CONNECTED, cell]
    for group in WARMING:
        whole += share[group, cell]
    return float(whole)


@_compiled(None)
def _exchanged(after: Floats, lost: float, back: float, cell: int) -> tuple[float, float]:
    """Return the parts of standing and of circulating water that have just come from the other state."""
    circulates = more(more(_circulating(after, cell) + lost - back, 0.0) - lost, 0.0)
    stands = more(more(after[NO_CIRCULATION, cell] - lost + back, 0.0) - back, 0.0)
    stops = lost / more(stands + lost, EMPTY) if lost > EMPTY else 0.0
    starts = back / more(circulates + back, EMPTY) if back > EMPTY else 0.0
    return stops, starts


@_compiled(None)
def _mix(values: Floats, parts: tuple[float, float], mixed: Floats, value: int, cell: int) -> None:
    """Write a value of water after parts of its two states have come from the other one."""
    (stops, starts), circulates, stands = parts, values[0, cell], values[1, cell]
    mixed[value, 0, cell] = circulates * (1.0 - starts) + stands * starts if starts > 0.0 else circulates
    mixed[value, 1, cell] = stands * (1.0 - stops) + circulates * stops if stops > 0.0 else stands


@_compiled(None)
def move(  # noqa: PLR0915 - a loop is one function
    share: Floats, rooms: tuple[Floats, Floats, Ints], acts: tuple[Floats, Floats, Floats],
    waiting: tuple[Floats, Floats], speeds: tuple[Floats, ...], water: tuple[Floats, Floats, Floats],
    made: tuple[Floats, Floats, Floats, Floats, Floats], some: tuple[Bools, Bools, Bools],
) -> None:  # fmt: skip
    """Move homes between states.

    Parameters
    ----------
    share
        Share in each state that is kept, shape ``(state, cell)``. [1]
    rooms
        Mass of homes in occupied states, shape ``(occupied, archetype, cell)``; part of the floor of each archetype,
        ``(archetype, cell)``; and place among occupied states of each state, -1 without any. [°C], [1]
    acts
        Share that sources and network can reach, shape ``(cell,)``; shares that crews drain, and whose pipes burst, by
        state with water, ``(2, cell)``. [1]
    waiting
        Homes that wait, as `returning.Waiting` has them, shapes ``(stage, part, cell)`` and ``(cell,)``. [1]
    speeds
        Step over the mean time of a stage and its negative exponential, quick and slow, shape ``(2, cell)`` each; share
        of slow buildings, and of burst systems that are mended, and refilled, in the step, ``(cell,)``. [1]
    water
        Temperature, ice and burst share of loops by state with water, shape ``(2, cell)`` each. [°C], [1], [1]
    made
        Written: share afterwards; flows by `WAYS`, shape ``(flow, cell)``; homes that wait; and water that homes have
        taken along, ``(3, 2, cell)``.
    some
        Changed to true for states that homes are in before or after; for flows with which somebody moves; and if
        somebody moves between the states with water, shape ``(1,)``.
    """
    (reach, drains, bursts), (stages, slow_before) = acts, waiting
    ages, stays, slow_share, mends, refills = speeds
    (mass_c, floor, places), (water_c, ice, tested) = rooms, water
    after, amounts, later, slow_after, mixed = made
    waits, back, here, walls_c = np.empty(PARTS), np.empty(PARTS), np.empty(len(HEATED) + 1), np.empty(len(HEATED) + 1)
    rooms_c = np.empty((len(mass_c), share.shape[1]))
    _walls(mass_c, floor, rooms_c)
    for cell in range(share.shape[1]):
        seen = _circulating(share, cell)
        stood, drained, frozen = share[NO_CIRCULATION, cell], share[DRAINED, cell], share[FROZEN, cell]
        gone, burst = less(bursts[0, cell] + drains[0, cell], seen), less(bursts[0, cell], seen)
        stood_gone, stood_burst = less(bursts[1, cell] + drains[1, cell], stood), less(bursts[1, cell], stood)
        broken = frozen + share[REFILLING, cell] + burst + stood_burst
        connected = seen - gone
        aim = more(less(reach[cell], 1.0 - broken), 0.0)
        slow = less(slow_before[cell], drained)
        waits[0], waits[1], waits[2] = stood - stood_gone, drained - slow, slow
        _come_back(waits, more(aim - connected, 0.0), ages, stays, stages, cell, back, later)
        lost = connected - aim if connected - aim > EMPTY else 0.0
        left = more(reach[cell] - (connected - lost + back[0] + back[1] + back[2]), 0.0)
        refilled = less(share[REFILLING, cell] * refills[cell], left)
        comes = (back[0], back[1] + back[2], refilled)
        slow_after[cell] = slow - back[2] + slow_share[cell] * (gone - burst + stood_gone - stood_burst)
        amounts[0, cell], amounts[1, cell] = stood_gone - stood_burst, stood_burst
        amounts[2, cell] = frozen * mends[cell]
        for place in range(len(HEATED)):
            here[place] = share[HEATED[place], cell]
        _lose(here, lost, amounts, _STANDS, cell)
        _return(comes[0], amounts, _BACK, cell)
        _return(comes[1], amounts, _DRAINED_BACK, cell)
        _lose(here, gone - burst, amounts, _DRAINS, cell)
        _lose(here, burst, amounts, _BURSTS, cell)
        _return(comes[2], amounts, _REFILLED_BACK, cell)
        _merge(rooms_c, places, here, walls_c, comes, amounts, cell)
        _settle(share, amounts, after, some[0], some[1], cell)
        if lost > 0.0 or back[0] > 0.0:
            some[2][0] = True
        parts = _exchanged(after, lost, back[0], cell)
        _mix(water_c, parts, mixed, 0, cell)
        _mix(ice, parts, mixed, 1, cell)
        _mix(tested, parts, mixed, 2, cell)
