"""Homes on district heat that move between states in a step, each share with its temperatures, ice and heaters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from gridmodel.arrays import Bools, Floats, Flow, Ints, for_loops, mix, moved, ratio, that_move, total, widened
from gridmodel.sampling import Settings
from gridmodel.services.heat import flows_loops, moving_loops, states, warming, water_loops
from gridmodel.services.heat.bursting import burst_beside_crews, newly_burst
from gridmodel.services.heat.draining import drained
from gridmodel.services.heat.homes import Homes, HomesState
from gridmodel.services.heat.pipes import COOLING_TAU_H, leaving_water_c
from gridmodel.services.heat.returning import STAGES, Speeds, Waiting
from gridmodel.services.heat.states import CONNECTED, FROZEN, NO_CIRCULATION, REFILLING
from gridmodel.services.heat.warming import ROOMS

WARM_C = 30.0
"""Water above which homes whose water circulates stay where they are. [°C] Ours: far above any rule to drain."""
REMEMBERED = 2
"""Settings whose speeds are remembered. Ours: a run needs one, and two may be stepped in turn."""
WIDE = ("mass_c", "radiator_w", "heater_w", "riser_ice", "riser_burst", "cold_h")
"""Values that homes take along, by occupied state and archetype."""
_ROOMS_OF_WAYS = np.array(flows_loops.ROOMS_OF)[flows_loops.WAYS]
"""States whose rooms homes leave and enter with each flow, shape ``(flow, 2)``."""


def moved_homes(
    homes: Homes, state: HomesState, settings: Settings, *, reach: Floats, intact: Floats, outdoor_c: Floats,
    step_h: float, crews_per_building: Floats | None = None, fading: Floats | None = None,
) -> HomesState:  # fmt: skip
    """Return the state after homes have moved.

    Parameters
    ----------
    homes, state, settings
        Homes, their state before, and settings by member.
    reach
        Homes in which water can circulate, of a shape that broadcasts to ``(member, region)``. [1]
    intact
        Homes that damage to sources and network leaves reached, likewise. [1]
    outdoor_c
        Outdoors, shape ``(region,)`` or ``(member, region)``. [°C]
    step_h
        Length of the step. [h]
    crews_per_building
        Crews that were sent to drain pipes for each building, beside those of the region; None for none. [1]
    fading
        Share of homes up to which those that lose heat do so one after the other, and not all as the step begins, shape
        ``(member, region)``; None for none. [1]
    """
    whole = widened(intact, state.intact.shape)
    if _all_stay(state, reach, whole):
        return state if whole is state.intact else replace(state, intact=whole)
    new = settings["heat_given_up_share"] * np.maximum(state.intact - intact, 0.0)
    given_up = np.minimum(state.given_up + new, 1.0)
    reach, water_c = np.minimum(reach, 1.0 - given_up), state.coolant_c
    standing_c = np.where(np.isnan(state.circulates), water_c, np.inf)
    if fading is not None:
        seen = warming.shown(state.share)
        lost = np.maximum(seen[CONNECTED] - reach, 0.0)
        water_c, standing_c[NO_CIRCULATION] = _water_of_leavers(water_c, seen, lost, fading, outdoor_c, step_h=step_h)
    by_loops = moving_loops.COMPILED and state.mass_c.size >= moving_loops.LEAST
    drains, bursts, tested = (ends_by_loops if by_loops else ends_by_arrays)(
        state, settings, standing_c, outdoor_c, _crew_share_per_h(homes, settings, crews_per_building), step_h=step_h
    )
    done = (_moved_by_loops if by_loops else _moved_by_arrays)(
        homes, state, settings, _Acts(reach, drains, bursts, [water_c, state.ice, tested], step_h)
    )
    state = _with_room(state, done.lived_in)
    after = done.after | done.take_along(state)
    return replace(state, tested=done.tested, intact=whole, given_up=given_up, **after)


def ends_by_arrays(
    state: HomesState, settings: Settings, standing_c: Floats, outdoor_c: Floats, crew_share_per_h: Floats, *,
    step_h: float,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Homes whose loops crews drain in a step, those whose pipes burst, and the burst share that they are tested at.

    Parameters
    ----------
    state, settings, outdoor_c, step_h
        As `moved_homes` takes them.
    standing_c
        Water that crews go by, infinite where it circulates, shape ``(2, member, region)``. [°C]
    crew_share_per_h
        Share of homes that crews can drain in an hour, of a shape that broadcasts to ``(member, region)``. [1/h]

    Returns
    -------
    tuple
        By state with water, shape ``(2, member, region)`` each. [1]
    """
    drains = drained(
        state.share, standing_c, outdoor_c, crew_share_per_h=crew_share_per_h,
        coolant_below_c=settings["drain_below_coolant_c"], lead_h=settings["drain_lead_h"], step_h=step_h,
    )  # fmt: skip
    bursts, tested = newly_burst(
        state.share, state.coolant_c, state.ice, state.tested, outdoor_c, circulates=state.circulates, drains=drains,
        step_h=step_h,
    )  # fmt: skip
    return drains.share, bursts, tested


def ends_by_loops(
    state: HomesState, settings: Settings, standing_c: Floats, outdoor_c: Floats, crew_share_per_h: Floats, *,
    step_h: float,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return what `ends_by_arrays` does, cell by cell: the same bytes."""
    cells, pair = state.share.shape[1:], standing_c.shape
    share = for_loops(state.share, state.share.shape)
    coolant_c, ice, before, circulates = (
        for_loops(one, pair) for one in (state.coolant_c, state.ice, state.tested, state.circulates)
    )
    outside_c, quotients = for_loops(outdoor_c, cells), np.empty((2, *coolant_c.shape))
    _, rule = _speeds(settings, cells, step_h)
    water_loops.cooling(for_loops(standing_c, pair), coolant_c, outside_c, rule, quotients)
    drains, tested, bursts = np.empty_like(coolant_c), np.empty_like(coolant_c), np.zeros_like(coolant_c)
    bursting, places = np.empty((3, coolant_c.size)), np.empty(coolant_c.size, dtype=np.intp)
    count = water_loops.drain_and_burst(
        share, (ice, before, circulates), (outside_c, for_loops(crew_share_per_h, cells)), np.log(quotients), step_h,
        (drains, tested), bursting, places,
    )  # fmt: skip
    if count:
        bursts.reshape(-1)[places[:count]] = burst_beside_crews(*bursting[:, :count])
    return drains.reshape(pair), bursts.reshape(pair), tested.reshape(pair)


@dataclass(frozen=True, slots=True)
class _Acts:
    """Causes of moves in a step, arrays of shape ``(member, region)``; of states with water one before the other."""

    reach: Floats
    """Homes in which water can circulate. [1]"""
    drains: Floats
    """Homes whose loops crews drain, by state with water. [1]"""
    bursts: Floats
    """Homes whose pipes burst, by state with water. [1]"""
    water: list[Floats]
    """Temperature of the water that homes bring, ice, and the burst share that they have been tested at, likewise.
    [°C], [1], [1]"""
    step_h: float


@dataclass(frozen=True, slots=True)
class _Moved:
    """Homes after they have moved."""

    take_along: Callable[[HomesState], dict[str, Floats]]
    """It takes a state that has room for all of them and returns fields by occupied state and archetype afterwards."""
    lived_in: Bools
    """True for states that homes are in before or after, shape ``(state,)``."""
    tested: Floats
    """Burst share that the homes still in a state with water have been tested at, shape ``(2, member, region)``. [1]"""
    after: dict[str, Any]
    """Fields of the state afterwards that depend on no rooms."""


def _moved_by_arrays(homes: Homes, state: HomesState, settings: Settings, acts: _Acts) -> _Moved:
    """Move homes, flow by flow.

    Parameters
    ----------
    homes, state, settings
        As `moved_homes` takes them.
    acts
        What moves them.
    """
    speeds = Speeds(
        quick_h=settings["restart_h"], slow_h=settings["reconnection_tau_h"], slow_share=settings["slow_return_share"]
    )  # fmt: skip
    flows, waiting = states.moves(
        warming.shown(state.share), reach=acts.reach, drains=acts.drains, bursts=acts.bursts,
        waiting=state.waiting, speeds=speeds,
        burst_repair_h=24.0 * settings["burst_repair_days"], refill_h=settings["burst_refill_h"], step_h=acts.step_h,
    )  # fmt: skip
    flows = that_move(flows)
    filled = [flow for flow in flows if max(flow[:2]) <= NO_CIRCULATION]
    if warming.heated_places(state.occupied).stop > 1 or any(CONNECTED in flow[:2] for flow in flows):
        walls_c = total(np.moveaxis(state.mass_c * _floor_part(homes), 1, 0))
        flows = that_move(warming.kept_apart(flows, state.share, state.occupied, walls_c))
    share, _ = moved(state.share, [], flows)
    after: dict[str, Any] = {"share": share, "waiting": waiting}
    tested = acts.water[-1]
    if filled:
        _, (after["coolant_c"], after["ice"], tested) = moved(_apart(warming.shown(share), filled), acts.water, filled)
    return _Moved(partial(taken_along, flows=flows), _lived_in(state.share, share), tested, after)


def _floor_part(homes: Homes) -> Floats:
    """Part of the floor on district heat of each archetype, of a shape that broadcasts to its homes. [1]"""
    return np.asarray(homes.floor_m2 / np.maximum(homes.district_m2, 1.0))


_FLOORS: dict[tuple[int, tuple[int, ...]], tuple[Homes, Floats]] = {}
"""Parts of the floor by archetype and cell of the latest homes, which are kept so that no others take their numbers."""


def _floor_rows(homes: Homes, cells: tuple[int, ...]) -> Floats:
    """Return what `_floor_part` does, by archetype and cell, found once. [1]"""
    key = (id(homes), cells)
    if key not in _FLOORS:
        while len(_FLOORS) >= REMEMBERED:
            del _FLOORS[next(iter(_FLOORS))]
        part = _floor_part(homes)
        _FLOORS[key] = homes, for_loops(part, (len(part), *cells))
    return _FLOORS[key][1]


_Speeds = tuple[tuple[Floats, ...], tuple[Floats, Floats]]
_SPEEDS: dict[tuple[int, tuple[int, ...], float], tuple[Settings, _Speeds]] = {}
"""Speeds by the latest settings, which are kept so that no others take their numbers."""


def _speeds(settings: Settings, cells: tuple[int, ...], step_h: float) -> _Speeds:
    """Return the speeds that `flows_loops.move` takes, and the rule to drain loops that `water_loops.cooling` takes.

    They are found once for the settings of some cells.
    """
    key = (id(settings), cells, step_h)
    if key not in _SPEEDS:
        while len(_SPEEDS) >= REMEMBERED:
            del _SPEEDS[next(iter(_SPEEDS))]
        ages = [STAGES * step_h / settings[name] for name in ("restart_h", "reconnection_tau_h")]
        lasts_h = 24.0 * settings["burst_repair_days"], settings["burst_refill_h"]
        stays = [np.exp(-age) for age in ages]
        others = settings["slow_return_share"], *(1.0 - np.exp(-step_h / hours) for hours in lasts_h)
        quick_and_slow = (np.stack([for_loops(one, cells) for one in both]) for both in (ages, stays))
        ahead, below_c = np.expm1(settings["drain_lead_h"] / COOLING_TAU_H), settings["drain_below_coolant_c"]
        rule = for_loops(ahead, cells), for_loops(below_c, cells)
        _SPEEDS[key] = settings, ((*quick_and_slow, *(for_loops(one, cells) for one in others)), rule)
    return _SPEEDS[key][1]


def _moved_by_loops(homes: Homes, state: HomesState, settings: Settings, acts: _Acts) -> _Moved:
    """Return what `_moved_by_arrays` does, cell by cell: the same bytes."""
    cells, step_h, waiting, ways = state.share.shape[1:], acts.step_h, state.waiting, flows_loops.WAYS

    def flat(*values: Floats) -> tuple[Floats, ...]:
        """Return values of every cell, some of which have none of their own."""
        return tuple(for_loops(one, (*one.shape[:-2], *cells)) for one in values)

    share, stages, slow, mass_c = flat(state.share, waiting.stages, waiting.slow, state.mass_c)
    places = _places(state.occupied)
    amounts, later = np.empty((len(ways), share.shape[1])), np.empty_like(stages)
    made = np.empty_like(share), amounts, later, np.empty_like(slow), np.empty((len(acts.water), 2, share.shape[1]))
    some = np.zeros(len(share), dtype=bool), np.zeros(len(ways), dtype=bool), np.zeros(1, dtype=bool)
    flows_loops.move(
        share, (mass_c, _floor_rows(homes, cells), places), flat(acts.reach, acts.drains, acts.bursts), (stages, slow),
        _speeds(settings, cells, step_h)[0], flat(*acts.water), made, some,
    )  # fmt: skip
    after: dict[str, Any] = {
        "share": made[0].reshape(state.share.shape),
        "waiting": Waiting(stages=later.reshape(waiting.stages.shape), slow=made[3].reshape(cells)),
    }
    tested = acts.water[-1]
    if some[2].any():
        after["coolant_c"], after["ice"], tested = made[4].reshape(len(acts.water), 2, *cells)
    return _Moved(partial(_taken_by_loops, amounts=amounts, moves=some[1]), some[0], tested, after)


def _places(occupied: Ints) -> Ints:
    """Return the place of each state among those that are occupied, -1 without any."""
    places = np.full(warming.STATES, -1)
    places[occupied] = np.arange(len(occupied))
    return places


def _crew_share_per_h(homes: Homes, settings: Settings, crews_per_building: Floats | None) -> Floats:
    """Share of homes that crews can drain in an hour, those that were sent included. [1/h]"""
    if crews_per_building is None or not crews_per_building.any():
        return homes.drain_share_per_h
    return np.asarray(homes.drain_share_per_h + settings["drain_crew_buildings_per_h"] * crews_per_building)


def _water_of_leavers(
    water_c: Floats, seen: Floats, lost: Floats, fading: Floats, outdoor_c: Floats, *, step_h: float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Water in loops as homes that lose heat in the step bring it, and that of all that stand, which crews go by.

    Parameters
    ----------
    water_c
        Before the step, by state with water, shape ``(2, member, region)``. [°C]
    seen
        Share in each state that a result shows, shape ``(state, member, region)``. [1]
    lost
        Homes that lose heat, shape ``(member, region)``. [1]
    fading
        Up to how many of them do so one after the other, same shape. [1]

    Notes
    -----
    Without those that join them one after the other in the step, a few that were let go in the hour before would be
    drained alone.
    """
    stood = seen[NO_CIRCULATION]
    stands_c, leaves_c = water_c[NO_CIRCULATION], water_c[CONNECTED]
    late_c = leaving_water_c(leaves_c, outdoor_c, mix(stands_c, stood, leaves_c, lost), step_h=step_h)
    part = ratio(np.minimum(lost, fading), lost, empty=0.0)
    leaves_c = leaves_c + part * (late_c - leaves_c)
    joined_c = np.where(part > 0, mix(stands_c, stood, leaves_c, lost), stands_c)
    return np.stack([leaves_c, stands_c]), joined_c


def _between_rooms(state: HomesState, flows: list[Flow]) -> list[Flow]:
    """Return moves between places of occupied states, those within the same rooms left out."""
    place = {int(name): position for position, name in enumerate(state.occupied)}
    rooms = [(ROOMS[source], ROOMS[target], amount) for source, target, amount in flows]
    return [(place[one], place[other], amount) for one, other, amount in rooms
            if one != other and one in place and other in place]  # fmt: skip


def _all_stay(state: HomesState, reach: Floats, intact: Floats) -> bool:
    """Return whether all homes are connected and stay so: water that circulates neither is drained nor bursts pipes."""
    return bool(
        len(state.occupied) == 1
        and np.minimum(reach, 1.0 - state.given_up).min() >= 1.0
        and (intact is state.intact or (intact >= state.intact).all())
        and state.coolant_c[CONNECTED].min() > WARM_C
        and state.waiting.stages.max() <= 0
    )


def holding(state: HomesState, share: Floats) -> HomesState:
    """State with room for every state that homes are in before or after they move, and for no other."""
    return _with_room(state, _lived_in(state.share, share))


def _lived_in(before: Floats, after: Floats) -> Bools:
    """Return the states that homes are in, by their share before and after they move, shape ``(state,)``."""
    return np.asarray(((before > 0) | (after > 0)).any(axis=(1, 2)))


def _with_room(state: HomesState, lived_in: Bools) -> HomesState:
    """State with room for some states, shape ``(state,)``, that of homes that never lose heat, and no other."""
    lived_in[CONNECTED] = True
    lived_in[FROZEN] |= lived_in[REFILLING]
    occupied = warming.ORDER[lived_in[warming.ORDER]]
    if occupied.tobytes() == state.occupied.tobytes():
        return state
    before = {int(name): place for place, name in enumerate(state.occupied)}
    known = np.array([int(name) in before for name in occupied])
    source = [before[int(name)] for name in occupied[known]]

    def fitted(values: Floats) -> Floats:
        made = np.zeros((len(occupied), *values.shape[1:]))
        made[known] = values[source]
        return made

    made: dict[str, Any] = {name: fitted(getattr(state, name)) for name in WIDE}
    return replace(state, occupied=occupied, **made)


def taken_along(state: HomesState, flows: list[Flow]) -> dict[str, Floats]:
    """Fields by occupied state and archetype after moves, those within the same rooms left out."""
    between = _between_rooms(state, flows)
    if not between:
        return {}
    carried = [name for name in WIDE if getattr(state, name).any()]
    together = np.stack([getattr(state, name) for name in carried], axis=1)
    _, (wide,) = moved(warming.of_rooms(state.share, state.occupied), [together], between)
    return {name: wide[:, place] for place, name in enumerate(carried)}


def _taken_by_loops(state: HomesState, amounts: Floats, moves: Bools) -> dict[str, Floats]:
    """Return what `taken_along` does, room by room: the same bytes.

    Parameters
    ----------
    state
        State before the moves.
    amounts
        Share of all that moves, by `flows_loops.WAYS`, shape ``(flow, cell)``. [1]
    moves
        True for flows with which somebody moves, shape ``(flow,)``.
    """
    before = tuple(np.ascontiguousarray(getattr(state, name)) for name in WIDE)
    made, some = np.empty((len(WIDE), *state.mass_c.shape)), np.zeros(len(WIDE), dtype=bool)
    share = np.ascontiguousarray(state.share)
    moving_loops.carry(before, share, state.occupied, _ROOMS_OF_WAYS, (moves, amounts), made, some)
    return {name: mixed for name, mixed, carried in zip(WIDE, made, some.tolist(), strict=True) if carried}


def _apart(after: Floats, filled: list[Flow]) -> Floats:
    """Shares of the two states with water before their exchange with each other, all other moves done."""
    share = after[:2].copy()
    for source, target, amount in filled:
        share[source] += amount
        share[target] -= amount
    return np.clip(share, 0.0, None)
