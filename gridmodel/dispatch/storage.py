"""Plant with limited energy: reservoirs, pumped storage and batteries have megawatt-hours as well as megawatts.

A day plan puts their energy where shedding is deepest: the least shed energy, and of all plans that reach it the one
whose shed is flattest. What a set of such plants can serve hour by hour is a polymatroid (a sum of them, each bounded
by its power and its energy), and on a polymatroid the plan that makes the squares of what remains shed least is the
flattest and also sheds the least energy (Fujishige 1980, lexicographically optimal bases). The squares are made least
plant by plant, in rounds: each plant in turn is best placed against what the others leave, in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import storage_loops
from gridmodel.dispatch.merit import gather, ratio
from gridmodel.dispatch.storage_loops import SETTLED_MW

ROUNDS = 12
"""Rounds in which each plant is placed anew. Ours: the shed energy is then the least to 0.1 % (see the tests)."""


def level_off(deficit_mw: Floats, power_mw: Floats, energy_mwh: Floats, *, step_h: float) -> Floats:
    """Place one plant's energy so that what remains of a deficit is as flat as possible.

    Parameters
    ----------
    deficit_mw
        Missing power, shape ``(snapshot, hour)``. [MW]
    power_mw
        Most that the plant can give, shape ``(snapshot, hour)``. [MW]
    energy_mwh
        Its energy, shape ``(snapshot,)``. [MWh]
    step_h
        Length of an hour of the plan. [h]

    Returns
    -------
    numpy.ndarray
        Output ``clip(deficit − λ, 0, power)``, shape ``(snapshot, hour)``; the level λ ≥ 0 is the lowest that the
        energy allows. [MW]

    Examples
    --------
    >>> level_off(np.array([[50.0, 90.0, 70.0]]), np.full((1, 3), 60.0), np.array([60.0]), step_h=1.0)
    array([[ 0., 40., 20.]])
    """
    missing = np.maximum(deficit_mw, 0.0)
    output = np.minimum(missing, power_mw)
    short = row_sum(output) * step_h > energy_mwh
    if not short.any():
        return output
    some, most, energy = missing[short], power_mw[short], energy_mwh[short] / step_h
    hours, rows = some.shape[1], np.arange(len(some))
    levels = np.concatenate([some, np.maximum(some - most, 0.0), np.zeros((len(some), 1))], axis=1)
    order = levels.argsort(axis=1, kind="stable")
    levels = levels[rows[:, None], order]
    opens = np.repeat([-1, 1, 0], [hours, hours, 1])
    running = opens[order[:, :-1]].cumsum(axis=1)  # hours above a level
    between = (levels[:, 1:] - levels[:, :-1]) * running
    given = np.zeros(levels.shape)  # falls from level to level, to nothing at the highest
    given[:, :-1] = between[:, ::-1].cumsum(axis=1)[:, ::-1]
    high = (given > energy[:, None]).sum(axis=1)  # first level that the energy can keep
    low = np.maximum(high - 1, 0)
    above, below = given[rows, low], given[rows, high]
    part = ratio(above - energy, above - below)
    level = levels[rows, low] + part * (levels[rows, high] - levels[rows, low])
    placed = np.minimum(np.maximum(some - level[:, None], 0.0), most)
    total = row_sum(placed)
    output[short] = placed * np.where(total > energy, ratio(energy, total), 1.0)[:, None]  # rounding makes no energy
    return output


def day_plan(deficit_mw: Floats, power_mw: Floats, energy_mwh: Floats, island: Ints, *, step_h: float) -> Floats:
    """Plan the energy of all plants for the rest of a day.

    Parameters
    ----------
    deficit_mw
        Missing power in each island without these plants, shape ``(snapshot, hour, island)``. [MW]
    power_mw
        Most that each plant can give, shape ``(snapshot, plant, hour)``. [MW]
    energy_mwh
        Energy of each plant, shape ``(snapshot, plant)``. [MWh]
    island
        Island of each plant, shape ``(plant,)``.
    step_h
        Length of an hour of the plan. [h]

    Returns
    -------
    numpy.ndarray
        Output, shape ``(snapshot, plant, hour)``. [MW]
    """
    if storage_loops.COMPILED and len(deficit_mw) >= storage_loops.LEAST:
        return _by_loops(deficit_mw, power_mw, energy_mwh, island, step_h=step_h)
    output = np.zeros_like(power_mw)
    missing = np.moveaxis(deficit_mw, -1, 0).copy()  # island, snapshot, hour
    open_ = np.flatnonzero((missing > 0).any(axis=(0, 2)))
    for _ in range(ROUNDS):
        moved = np.zeros(len(open_))
        for plant in range(power_mw.shape[1]):
            before = output[open_, plant]
            rest = missing[island[plant], open_] + before
            after = level_off(rest, power_mw[open_, plant], energy_mwh[open_, plant], step_h=step_h)
            missing[island[plant], open_] = rest - after
            output[open_, plant] = after
            moved = np.maximum(moved, np.abs(after - before).max(axis=-1, initial=0.0))
        open_ = open_[moved > SETTLED_MW]
        if not len(open_):
            break
    return output


def _by_loops(deficit_mw: Floats, power_mw: Floats, energy_mwh: Floats, island: Ints, *, step_h: float) -> Floats:
    """Return what `day_plan` does, a snapshot at a time: the same bytes."""
    output, missing = np.zeros(power_mw.shape), np.moveaxis(deficit_mw, -1, 1).copy()  # snapshot, island, hour
    given = np.ascontiguousarray(power_mw), np.ascontiguousarray(energy_mwh), np.asarray(island)
    storage_loops.plan(missing, *given, step_h, ROUNDS, SETTLED_MW, output)
    return output


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Energy of plant with limited energy, and its plan."""

    remaining_mwh: Floats
    """Energy, shape ``(snapshot, plant)``. [MWh]"""
    planned_mw: Floats
    """Plan for the rest of the day, from this step on, shape ``(snapshot, plant, hour)``. [MW]"""
    taken_mw: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    """Planned charging that cuts consumers, same shape; empty where none is planned. [MW]"""
    charged: Bools = field(default_factory=lambda: np.zeros((1, 1), dtype=bool))
    """True for plant that has charged since its plan was made, shape ``(snapshot, plant)``."""
    spared_mwh: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    """Energy that an order has spared since the clock struck, which counts from the next hour on, same shape. [MWh]"""
    beyond_mw: Floats = field(default_factory=lambda: np.zeros((1, 1)))
    """Power that the least cuts have needed beyond the plan since the clock struck, as the mean of an hour, same shape:
    below 0 where they left some of the plan. [MW]"""

    def most_mw(
        self, power_mw: Floats, efficiency: Floats, *, step_h: float, over_h: float | None = None, begun: bool = False
    ) -> Floats:  # fmt: skip
        """Compute the most that each plant may give from this step on, shape ``(snapshot, plant)``. [MW]

        Its plan for this step and whatever energy no later hour of the plan needs, never above its power or its energy.
        What the plan takes before such an hour counts for it: the least that is in store after any hour of the plan is
        what may be given.

        Parameters
        ----------
        power_mw
            Most that each plant can give, shape ``(snapshot, plant)``. [MW]
        efficiency
            Energy given back per energy taken, shape ``(plant,)``. [1]
        step_h
            Length of the step. [h]
        over_h
            Time for which energy that no hour of the plan needs must last, without what an order has spared since the
            clock struck; all that there is may be given within the step by default. [h]
        begun
            Whether what has been needed of it since the clock struck counts as well: then it is what there was for the
            hour.
        """
        if self.taken_mw.size:
            change_mw = efficiency[:, None] * self.taken_mw[:, :, 1:] - self.planned_mw[:, :, 1:]
            later: Floats = -np.cumsum(change_mw, axis=2).min(axis=2, initial=0.0) * step_h
        else:
            later = _sum_of_hours(self.planned_mw[:, :, 1:]) * step_h
        most_mw = np.maximum(self.remaining_mwh - later, 0.0) / step_h
        if over_h is not None:
            now_mw = np.minimum(self.planned_mw[:, :, 0], most_mw)
            beyond_mwh = np.maximum((most_mw - now_mw) * step_h - self.spared_mwh, 0.0)
            if begun:
                beyond_mwh = np.maximum(beyond_mwh + self.beyond_mw, 0.0)
            most_mw = now_mw + beyond_mwh / over_h
        return np.minimum(power_mw, most_mw)

    def use(
        self, output_mw: Floats, charge_mw: Floats, efficiency: Floats, *, step_h: float,
        needed_mw: Floats | None = None,
    ) -> Stock:  # fmt: skip
        """Return the stock after a step.

        Parameters
        ----------
        output_mw, charge_mw
            Power given and taken, shape ``(snapshot, plant)``. [MW]
        efficiency
            Energy given back per energy taken, shape ``(plant,)``. [1]
        step_h
            Length of the step. [h]
        needed_mw
            Power that the least cuts need, same shape; None if it is what is given. [MW]
        """
        needed = output_mw if needed_mw is None else needed_mw
        if storage_loops.COMPILED and len(output_mw) >= storage_loops.LEAST:
            return self._use_by_loop((output_mw, charge_mw, needed), efficiency, step_h)
        remaining = np.maximum(self.remaining_mwh + (charge_mw * efficiency - output_mw) * step_h, 0.0)
        return Stock(
            remaining_mwh=remaining, planned_mw=self.planned_mw[:, :, 1:], taken_mw=self.taken_mw[:, :, 1:],
            charged=self.charged | (charge_mw > SETTLED_MW),
            spared_mwh=self.spared_mwh + np.maximum(needed - output_mw, 0.0) * step_h,
            beyond_mw=self.beyond_mw + (needed - self.planned_mw[:, :, 0]) * step_h,
        )  # fmt: skip

    def _use_by_loop(self, moved_mw: tuple[Floats, Floats, Floats], efficiency: Floats, step_h: float) -> Stock:
        """Return what `use` does; power is given, taken and needed. [MW]"""
        remaining, spared, beyond = np.empty((3, *self.remaining_mwh.shape))
        charged, shape = np.empty(remaining.shape, dtype=bool), remaining.shape
        before = tuple(
            np.ascontiguousarray(values if values.shape == shape else np.broadcast_to(values, shape))
            for values in (self.remaining_mwh, self.charged, self.spared_mwh, self.beyond_mw)
        )
        moved = tuple(np.ascontiguousarray(values) for values in (*moved_mw, self.planned_mw[:, :, 0]))
        storage_loops.use(before, moved, efficiency, step_h, (remaining, charged, spared, beyond))
        return Stock(
            remaining_mwh=remaining, planned_mw=self.planned_mw[:, :, 1:], taken_mw=self.taken_mw[:, :, 1:],
            charged=charged, spared_mwh=spared, beyond_mw=beyond,
        )  # fmt: skip

    def as_the_clock_strikes(self) -> Stock:
        """Return the stock with nothing spared or needed in the hour that begins."""
        nothing = np.zeros(self.remaining_mwh.shape)
        return replace(self, spared_mwh=nothing, beyond_mw=nothing)


def _sum_of_hours(planned_mw: Floats) -> Floats:
    """Sum what is planned over hours, shape ``(snapshot, plant, hour)`` to ``(snapshot, plant)``. [MW]"""
    if not planned_mw.size or len(planned_mw) < storage_loops.LEAST or not storage_loops.COMPILED:
        return row_sum(planned_mw)
    whole = np.empty(planned_mw.shape[:2])
    storage_loops.later(planned_mw, whole)
    return whole


def island_deficit(demand_mw: Floats, supply_mw: Floats, island_of_region: Ints, islands: int) -> Floats:
    """Compute the deficit of each island, shape ``(snapshot, hour, island)``. [MW]

    Parameters
    ----------
    demand_mw
        Demand of each region that its network can pass on, shape ``(snapshot, hour, region)``. [MW]
    supply_mw
        Power that other plant can give in each island, shape ``(snapshot, hour, island)``. [MW]
    island_of_region
        Island of each region's load, shape ``(region,)``.
    islands
        Number of islands.
    """
    flat = demand_mw.reshape(-1, demand_mw.shape[-1])
    load = gather(flat, island_of_region, islands).reshape(*demand_mw.shape[:-1], islands)
    return np.asarray(load - supply_mw)
