"""Storage that a surplus of its island holds to its plan, freed where that surplus does not reach its own region."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Dispatched, Stock
from gridmodel.dispatch.merit import gather, ratio
from gridmodel.services.power.cascade import Asked
from gridmodel.services.power.consumers import CRITICAL
from gridmodel.services.power.islands import Live, dispatched
from gridmodel.services.power.order import TOLERANCE_MW
from gridmodel.services.power.storage import cut_for_mw
from gridmodel.services.power.system import PowerSystem
from gridmodel.vocabulary import CAUSES

LIMIT = CAUSES.index("limit")
T = TypeVar("T", bound=np.generic)
Outcome = tuple[Asked, Dispatched, Live]
"""Inputs of a dispatch, its answer, and which islands are live."""


def freed(
    system: PowerSystem, asked: Asked, solved: Dispatched, live: Live, *, idle: Bools, usable_mw: Floats,
    power_mw: Floats, stock: Stock,
) -> Outcome:  # fmt: skip
    """Dispatch again, with storage free to give, members with storage in a region that a surplus does not reach.

    Ours: plans know islands, not lines. Storage is freed where consumers of its region are cut whom the region's
    network could supply. It gives no more beyond its plan than is served in addition, so that it displaces no other
    plant, unless less would be served so; and it takes only what its plan cuts for, nothing of a surplus that the plan
    counts on. Whatever its plan, and whether or not it is reserve, it gives what critical consumers of its region lack
    because of lines. A member for whom nothing more is served stays as it is.

    Parameters
    ----------
    system
        Power system.
    asked
        Inputs of the dispatch, with storage held to its plan.
    solved, live
        Its outcome.
    idle
        True for storage that is held to its plan, shape ``(member, plant)``.
    usable_mw
        Most that plant with limited energy may give if it is not held, same shape. [MW]
    power_mw
        Most that it can give while its energy lasts, same shape. [MW]
    stock
        Energy and plan.

    Returns
    -------
    tuple
        Inputs, outcome and live islands of all members.
    """
    plants, loads = system.fleet.limited, asked.demand_mw.shape[1]
    if not len(plants) or not (asked.demand_mw - solved.served_mw[:, :loads] > TOLERANCE_MW).any():
        return asked, solved, live
    critical_short_mw = _critical_short(system, asked, solved)
    if not idle.any() and not critical_short_mw.any():
        return asked, solved, live
    held_mw, took_mw = asked.there.available_mw[:, plants], asked.takes_mw.copy()
    most_mw = np.minimum(power_mw, stock.remaining_mwh / system.clock.step_h)
    critical_mw = _shared_out(system, critical_short_mw, np.maximum(most_mw - held_mw, 0.0))
    took_mw[:, system.index.charges] = solved.served_mw[:, loads:]
    frees = idle & _short(system, asked, solved)[:, system.index.generator_region[plants]]
    cut_mw = cut_for_mw(system, _by_region(system, asked.demand_mw), asked.there, stock, power_mw=power_mw)
    takes_mw = np.where(critical_mw > 0, 0.0, np.where(frees, np.minimum(cut_mw, took_mw), took_mw))
    most_mw = np.where(frees & (takes_mw <= 0), np.maximum(usable_mw, held_mw), held_mw)
    most_mw = np.maximum(most_mw, held_mw + critical_mw)
    rows = np.flatnonzero(((most_mw > held_mw + TOLERANCE_MW) | (takes_mw < took_mw - TOLERANCE_MW)).any(axis=1))
    if not len(rows):
        return asked, solved, live
    others = replace(asked, takes_mw=takes_mw)
    free = _with_storage(system, others, rows, most_mw[rows])
    served_mw = _served(free)
    more_mw = served_mw - _served((asked, solved, live))[rows]
    beyond_mw = np.maximum(free[1].generation_mw[:, plants] - held_mw[rows], 0.0)
    needed_mw = np.maximum(more_mw - row_sum(took_mw[rows] - takes_mw[rows]), 0.0)
    gains = more_mw > TOLERANCE_MW
    found = _put((asked, solved, live), rows, free, gains)
    too_much = np.flatnonzero(gains & (row_sum(beyond_mw) > needed_mw + TOLERANCE_MW))
    if len(too_much):
        part = ratio(needed_mw, row_sum(beyond_mw))[too_much, None]
        less = _with_storage(system, others, rows[too_much], held_mw[rows[too_much]] + part * beyond_mw[too_much])
        found = _put(found, rows[too_much], less, _served(less) >= served_mw[too_much] - TOLERANCE_MW)
    return found


def _short(system: PowerSystem, asked: Asked, solved: Dispatched) -> Bools:
    """Return the regions in which consumers are cut whom the region's network could supply, ``(member, region)``."""
    loads = asked.demand_mw.shape[1]
    wanted, served = (_by_region(system, values) for values in (asked.demand_mw, solved.served_mw[:, :loads]))
    return np.asarray(np.minimum(wanted, asked.there.delivery_mw) - served > TOLERANCE_MW)


def _by_region(system: PowerSystem, of_loads: Floats) -> Floats:
    """Add up values of loads, shape ``(member, region · tier)``, by region. [MW]"""
    return row_sum(of_loads.reshape(len(of_loads), system.grid.regions, -1))


def _critical_short(system: PowerSystem, asked: Asked, solved: Dispatched) -> Floats:
    """Compute what critical consumers lack because of lines, shape ``(member, region)``. [MW]"""
    regions, loads = system.grid.regions, asked.demand_mw.shape[1]
    limit_mw = solved.cause_mw[:, :loads, LIMIT].reshape(len(asked.demand_mw), regions, -1)[..., CRITICAL]
    if not (limit_mw > TOLERANCE_MW).any():
        return np.zeros(limit_mw.shape)
    wanted_mw = asked.demand_mw.reshape(len(limit_mw), regions, -1)[..., CRITICAL]
    short_mw = limit_mw - np.maximum(wanted_mw - asked.there.delivery_mw, 0.0)
    return np.where(short_mw > TOLERANCE_MW, short_mw, 0.0)


def _shared_out(system: PowerSystem, short_mw: Floats, more_mw: Floats) -> Floats:
    """Share what is short in each region, ``(member, region)``, out to its storage, ``(member, plant)``. [MW]

    Each gives in proportion to what it could give in addition, `more_mw`.
    """
    region = system.index.generator_region[system.fleet.limited]
    whole_mw = gather(more_mw, region, system.grid.regions)
    return np.asarray(more_mw * np.minimum(ratio(short_mw, whole_mw), 1.0)[:, region])


def _with_storage(system: PowerSystem, asked: Asked, rows: Ints, most_mw: Floats) -> Outcome:
    """Dispatch some members with other limits of plant with limited energy, of shape ``(row, plant)``. [MW]"""
    available_mw = asked.there.available_mw[rows]
    available_mw[:, system.fleet.limited] = most_mw
    there = replace(asked.there.take(rows), available_mw=available_mw)
    some = Asked(demand_mw=asked.demand_mw[rows], takes_mw=asked.takes_mw[rows], there=there)
    return some, *dispatched(system, some.demand_mw, some.takes_mw, there)


def _served(outcome: Outcome) -> Floats:
    """Return what consumers are served, shape ``(member,)``. [MW]"""
    asked, solved, _ = outcome
    return row_sum(solved.served_mw[:, : asked.demand_mw.shape[1]])


def _put(into: Outcome, rows: Ints, values: Outcome, chosen: Bools) -> Outcome:
    """Return an outcome of all members with that of the chosen rows in its place."""
    if not chosen.any():
        return into
    places = rows[chosen]

    def merged(old: npt.NDArray[T], new: npt.NDArray[T]) -> npt.NDArray[T]:
        whole = old.copy()
        whole[places] = new[chosen]
        return whole

    (asked, solved, live), (again, answer, lives) = into, values
    available_mw = merged(asked.there.available_mw, again.there.available_mw)
    asked = replace(
        asked, takes_mw=merged(asked.takes_mw, again.takes_mw), there=replace(asked.there, available_mw=available_mw)
    )
    solved = replace(
        solved,
        served_mw=merged(solved.served_mw, answer.served_mw), cause_mw=merged(solved.cause_mw, answer.cause_mw),
        generation_mw=merged(solved.generation_mw, answer.generation_mw),
        flow_mw=merged(solved.flow_mw, answer.flow_mw),
    )  # fmt: skip
    live = Live(region=merged(live.region, lives.region), generator=merged(live.generator, lives.generator))
    return asked, solved, live
