"""Homes on district heat that move between states in a step, each share with its temperatures, ice and heaters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gridmodel.arrays import Floats, Flow, for_loops, mix, moved, ratio, that_move, total, widened
from gridmodel.sampling import Settings
from gridmodel.services.heat import moving_loops, states, warming
from gridmodel.services.heat.bursting import newly_burst
from gridmodel.services.heat.draining import drained
from gridmodel.services.heat.homes import Homes, HomesState
from gridmodel.services.heat.pipes import leaving_water_c
from gridmodel.services.heat.returning import Speeds
from gridmodel.services.heat.states import CONNECTED, FROZEN, NO_CIRCULATION, REFILLING
from gridmodel.services.heat.warming import ROOMS

WARM_C = 30.0
"""Water above which homes whose water circulates stay where they are. [°C] Ours: far above any rule to drain."""
WIDE = ("mass_c", "radiator_w", "heater_w", "riser_ice", "riser_burst", "cold_h")
"""Values that homes take along, by occupied state and archetype."""


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
        return replace(state, intact=whole)
    new = settings["heat_given_up_share"] * np.maximum(state.intact - intact, 0.0)
    given_up = np.minimum(state.given_up + new, 1.0)
    seen, reach, water_c = warming.shown(state.share), np.minimum(reach, 1.0 - given_up), state.coolant_c
    standing_c = np.where(np.isnan(state.circulates), water_c, np.inf)
    if fading is not None:
        lost = np.maximum(seen[CONNECTED] - reach, 0.0)
        water_c, standing_c[NO_CIRCULATION] = _water_of_leavers(water_c, seen, lost, fading, outdoor_c, step_h=step_h)
    drains = drained(
        state.share, standing_c, outdoor_c, crew_share_per_h=_crew_share_per_h(homes, settings, crews_per_building),
        coolant_below_c=settings["drain_below_coolant_c"], lead_h=settings["drain_lead_h"], step_h=step_h,
    )  # fmt: skip
    bursts, tested = newly_burst(
        state.share, state.coolant_c, state.ice, state.tested, outdoor_c, circulates=state.circulates, drains=drains,
        step_h=step_h,
    )  # fmt: skip
    speeds = Speeds(
        quick_h=settings["restart_h"], slow_h=settings["reconnection_tau_h"], slow_share=settings["slow_return_share"]
    )  # fmt: skip
    flows, waiting = states.moves(
        seen, reach=reach, drains=drains.share, bursts=bursts,
        waiting=state.waiting, speeds=speeds,
        burst_repair_h=24.0 * settings["burst_repair_days"], refill_h=settings["burst_refill_h"], step_h=step_h,
    )  # fmt: skip
    flows = that_move(flows)
    filled = [flow for flow in flows if max(flow[:2]) <= NO_CIRCULATION]
    if warming.heated_places(state.occupied).stop > 1 or any(CONNECTED in flow[:2] for flow in flows):
        floor = homes.floor_m2 / np.maximum(homes.district_m2, 1.0)
        walls_c = total(np.moveaxis(state.mass_c * floor, 1, 0))
        flows = that_move(warming.kept_apart(flows, state.share, state.occupied, walls_c))
    share, _ = moved(state.share, [], flows)
    after: dict[str, Any] = {}
    if filled:
        water = [water_c, state.ice, tested]
        _, (after["coolant_c"], after["ice"], tested) = moved(_apart(warming.shown(share), filled), water, filled)
    state = holding(state, share)
    between = _between_rooms(state, flows)
    if between:
        after |= taken_along(state, between)
    return replace(state, share=share, tested=tested, waiting=waiting, intact=whole, given_up=given_up, **after)


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
        and (np.minimum(reach, 1.0 - state.given_up) >= 1.0).all()
        and (intact >= state.intact).all()
        and (state.coolant_c[CONNECTED] > WARM_C).all()
        and not state.waiting.stages.any()
    )


def holding(state: HomesState, share: Floats) -> HomesState:
    """State with room for every state that homes are in before or after they move, and for no other."""
    lived_in = np.asarray(((state.share > 0) | (share > 0)).any(axis=(1, 2)))
    lived_in[CONNECTED] = True
    lived_in[FROZEN] |= lived_in[REFILLING]
    occupied = warming.ORDER[lived_in[warming.ORDER]]
    if np.array_equal(occupied, state.occupied):
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


def taken_along(state: HomesState, between: list[Flow]) -> dict[str, Floats]:
    """Fields by occupied state and archetype after moves between occupied states."""
    carried = [name for name in WIDE if getattr(state, name).any()]
    share = warming.of_rooms(state.share, state.occupied)
    if moving_loops.COMPILED and state.mass_c.size >= moving_loops.LEAST:
        return _by_loops(state, carried, share, between)
    together = np.stack([getattr(state, name) for name in carried], axis=1)
    _, (wide,) = moved(share, [together], between)
    return {name: wide[:, place] for place, name in enumerate(carried)}


def _by_loops(state: HomesState, carried: list[str], share: Floats, between: list[Flow]) -> dict[str, Floats]:
    """Return some fields after moves, `share` of homes in each occupied state before them, as `moved` does."""
    cells, ways = share.shape[1:], np.array([flow[:2] for flow in between])
    amounts = np.stack([amount for _, _, amount in between]).reshape(len(between), -1)
    parts = np.empty_like(amounts)
    moving_loops.arriving(share.reshape(len(share), -1), ways, amounts, parts)
    after = {}
    for name in carried:
        before: Floats = getattr(state, name)
        after[name] = for_loops(before, before.shape).copy()
        moving_loops.take_along(for_loops(before, before.shape), ways, parts, after[name])
        after[name] = after[name].reshape(*before.shape[:2], *cells)
    return after


def _apart(after: Floats, filled: list[Flow]) -> Floats:
    """Shares of the two states with water before their exchange with each other, all other moves done."""
    share = after[:2].copy()
    for source, target, amount in filled:
        share[source] += amount
        share[target] -= amount
    return np.clip(share, 0.0, None)
