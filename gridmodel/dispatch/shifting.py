"""Storage that charges ahead of shedding: by cutting in hours of little of it, or from a surplus before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch.merit import ratio
from gridmodel.dispatch.storage import ROUNDS, day_plan, level_off
from gridmodel.dispatch.storage_loops import SETTLED_MW

FEW_ROUNDS = 3
"""The same where stores charge in any hour, whose plan is soon made again. Ours: one store needs one round, and a round
takes milliseconds."""


def shift(
    deficit_mw: Floats, power_mw: Floats, charge_mw: Floats, energy_mwh: Floats, room_mwh: Floats, *,
    efficiency: float, step_h: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Place one store's charging and output so that what is shed is as flat as its losses make worth while.

    Parameters
    ----------
    deficit_mw
        Missing power, negative where there is a surplus, shape ``(snapshot, hour)``. [MW]
    power_mw
        Most that the store can give, same shape. [MW]
    charge_mw
        Most that it can take, same shape; 0 in hours in which it may not. [MW]
    energy_mwh
        Its energy, shape ``(snapshot,)``. [MWh]
    room_mwh
        Energy that it can still take up, same shape. [MWh]
    efficiency
        Energy given back per energy taken. [1]
    step_h
        Length of an hour of the plan. [h]

    Returns
    -------
    tuple of numpy.ndarray
        Output and charging, each of shape ``(snapshot, hour)``. [MW]

    Notes
    -----
    Least squares of what is shed, ``Σ max(0, deficit − output + charging)²``, so that ``output = clip(deficit − λ, 0,
    power)`` and ``charging = clip(η λ − deficit, 0, charge)``: a megawatt-hour taken at the level η λ spares η of one
    at the level λ. In store there is never less than nothing nor more than it holds, in the order of hours. So the
    level is one for all hours between which energy can be moved: it falls only after an hour that leaves the store
    empty and rises only after one that leaves it full (conditions of Karush, Kuhn and Tucker). In the last such
    stretch it is the lowest, not below 0, that the energy allows. A level below 0 leaves out what does not fit of a
    surplus, where the surplus is least.

    Examples
    --------
    >>> given, taken = shift(
    ...     np.array([[10.0, 100.0]]),
    ...     np.full((1, 2), 60.0),
    ...     np.array([[60.0, 0.0]]),
    ...     np.zeros(1),
    ...     np.array([99.0]),
    ...     efficiency=0.5,
    ...     step_h=1.0,
    ... )
    >>> given.round(3), taken.round(3)  # level 84 in the deep hour, 42 where it charges: 32 taken, 16 given
    (array([[ 0., 16.]]), array([[32.,  0.]]))
    """
    given, taken = np.zeros_like(power_mw), np.zeros_like(power_mw)
    may = charge_mw.any(axis=1) & (efficiency > 0)
    given[~may] = level_off(deficit_mw[~may], power_mw[~may], energy_mwh[~may], step_h=step_h)
    if may.any():
        store = _Store(
            deficit_mw=deficit_mw[may], power_mw=power_mw[may], charge_mw=charge_mw[may],
            full_mwh=energy_mwh[may] + room_mwh[may], efficiency=efficiency, step_h=step_h,
        )  # fmt: skip
        given[may], taken[may] = _in_order(store, *store.at(_levels(store, energy_mwh[may])), energy_mwh[may])
    return given, taken


@dataclass(frozen=True, slots=True, kw_only=True)
class _Store:
    """One store and what is missing without it; arrays as those of `shift`."""

    deficit_mw: Floats
    power_mw: Floats
    charge_mw: Floats
    full_mwh: Floats
    """Energy that it holds, shape ``(snapshot,)``. [MWh]"""
    efficiency: float
    step_h: float

    def of(self, rows: Ints) -> _Store:
        """Return the store in some snapshots."""
        return _Store(
            deficit_mw=self.deficit_mw[rows], power_mw=self.power_mw[rows], charge_mw=self.charge_mw[rows],
            full_mwh=self.full_mwh[rows], efficiency=self.efficiency, step_h=self.step_h,
        )  # fmt: skip

    def at(self, level_mw: Floats) -> tuple[Floats, Floats]:
        """Return output and charging at a level, shape ``(snapshot, hour)`` or ``(snapshot, 1)``. [MW]"""
        given = np.clip(self.deficit_mw - np.maximum(level_mw, 0.0), 0.0, self.power_mw)
        return given, np.clip(self.efficiency * level_mw - self.deficit_mw, 0.0, self.charge_mw)

    def kinks(self) -> Floats:
        """Return levels between which output and charging are linear, rising, shape ``(snapshot, level)``. [MW]

        Below the second nothing is charged; above the last all is charged and nothing given.
        """
        starts = self.deficit_mw / self.efficiency
        zero = np.zeros((len(starts), 1))
        found = [
            zero,
            self.deficit_mw,
            self.deficit_mw - self.power_mw,
            starts,
            starts + self.charge_mw / self.efficiency,
        ]
        levels = np.sort(np.concatenate(found, axis=1), axis=1)
        return np.concatenate([levels[:, :1] - 1.0, levels], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """Energy in store at one level from an hour on; arrays of shape ``(snapshot,)``."""

    start: Ints
    """First hour."""
    stored_mwh: Floats
    """Energy before it. [MWh]"""

    def of(self, rows: Ints) -> _Course:
        """Return the course in some snapshots."""
        return _Course(start=self.start[rows], stored_mwh=self.stored_mwh[rows])

    def energy(self, store: _Store, level_mw: Floats) -> Floats:
        """Compute the energy after each hour, without the bounds of the store, shape ``(snapshot, hour)``. [MWh]"""
        given, taken = store.at(level_mw[:, None])
        change = (store.efficiency * taken - given) * store.step_h
        change[np.arange(change.shape[1]) < self.start[:, None]] = 0.0
        return np.asarray(self.stored_mwh[:, None] + np.cumsum(change, axis=1))

    def too_low(self, store: _Store, level_mw: Floats) -> Bools:
        """Return where a level empties the store before it fills it, or is below 0 for nothing."""
        energy = self.energy(store, level_mw)
        empties, fills = _first(energy < 0), _first(energy > store.full_mwh[:, None])
        return np.asarray((empties < fills) | ((empties == fills) & (level_mw < 0)))


def _levels(store: _Store, energy_mwh: Floats) -> Floats:
    """Compute the level of each hour, shape ``(snapshot, hour)``, stretch by stretch. [MW]"""
    snapshots, hours = store.deficit_mw.shape
    kinks, level = store.kinks(), np.zeros((snapshots, hours))
    course = _Course(start=np.zeros(snapshots, dtype=np.intp), stored_mwh=energy_mwh.copy())
    open_ = np.arange(snapshots)
    while len(open_):
        before = course.start[open_]
        found, course.start[open_], course.stored_mwh[open_] = _stretch(store.of(open_), kinks[open_], course.of(open_))
        place = np.arange(hours)
        inside = (place >= before[:, None]) & (place < course.start[open_, None])
        level[open_] = np.where(inside, found[:, None], level[open_])
        open_ = open_[course.start[open_] < hours]
    return level


def _stretch(store: _Store, kinks: Floats, course: _Course) -> tuple[Floats, Ints, Floats]:
    """Compute the level of a stretch, the hour after it, and the energy in store then, each ``(snapshot,)``.

    The level is between two kinks, where the energy after each hour is linear in it.
    """
    rows, hours = np.arange(len(kinks)), store.deficit_mw.shape[1]
    low, high = np.zeros(len(kinks), dtype=np.intp), np.full(len(kinks), kinks.shape[1] - 1)
    while (high - low > 1).any():
        middle = (low + high) // 2
        poor = course.too_low(store, kinks[rows, middle])
        low, high = np.where(poor, middle, low), np.where(poor, high, middle)
    below, above = kinks[rows, low], kinks[rows, high]
    least, most = course.energy(store, below), course.energy(store, above)
    full, rise = store.full_mwh[:, None], most - least
    # part of the way between the kinks at which the store is just not emptied, and just not more than filled
    empty = np.where(least >= 0, 0.0, np.where(most > 0, ratio(-least, rise), 1.0))
    brim = np.where(most <= full, 1.0, np.where(least < full, ratio(full - least, rise), 0.0))
    needed, allowed = np.maximum.accumulate(empty, axis=1), np.minimum.accumulate(brim, axis=1)
    clash = _first(needed > allowed)
    last = np.maximum(clash - 1, 0)
    needs, allows = needed[rows, last], allowed[rows, last]
    zero, at_end = ratio(-below, above - below), clash == hours  # where the level is 0
    fills = np.where(at_end, zero > allows, empty[rows, np.minimum(clash, hours - 1)] > allows)
    through = at_end & (needs <= zero) & (zero <= allows)
    level = below + np.where(through, zero, np.where(fills, allows, needs)) * (above - below)
    end = np.where(fills, _first(allowed <= allows[:, None]), _first(needed >= needs[:, None])) + 1
    end = np.where(through, hours, np.maximum(end, course.start + 1))
    return level, end, np.where(fills, store.full_mwh, 0.0)


def _in_order(store: _Store, given_mw: Floats, taken_mw: Floats, energy_mwh: Floats) -> tuple[Floats, Floats]:
    """Bound output and charging by what is in store, hour by hour, so that rounding makes no energy.

    What is below a watt is left out: it would be a plan to give, and plant with one does not charge.
    """
    given, taken = (np.where(values < SETTLED_MW, 0.0, values) for values in (given_mw, taken_mw))
    stored = energy_mwh.copy()
    for hour in range(given.shape[1]):
        fits = np.maximum(store.full_mwh - stored, 0.0) / store.efficiency / store.step_h
        taken[:, hour] = np.minimum(taken[:, hour], fits)
        given[:, hour] = np.minimum(given[:, hour], stored / store.step_h)
        change = store.efficiency * taken[:, hour] - given[:, hour]
        stored = np.maximum(stored + change * store.step_h, 0.0)
    return given, taken


def _first(flags: Bools) -> Ints:
    """Return the first hour that is flagged, as many as there are hours where none is, shape ``(snapshot,)``."""
    return np.asarray(np.where(flags.any(axis=1), flags.argmax(axis=1), flags.shape[1]))


def shifting_plan(  # noqa: PLR0917 - those of `day_plan`, and what charging needs
    deficit_mw: Floats, power_mw: Floats, charge_mw: Floats, energy_mwh: Floats, room_mwh: Floats, island: Ints, *,
    efficiency: Floats, step_h: float, any_hour: bool = False,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Plan charging and output of all stores for the rest of a day.

    Parameters
    ----------
    deficit_mw
        Missing power in each island without these stores, shape ``(snapshot, hour, island)``. [MW]
    power_mw
        Most that each can give, shape ``(snapshot, plant, hour)``. [MW]
    charge_mw
        Most that each may take, by cutting too, shape ``(snapshot, plant, hour)``; 0 for those that do not. [MW]
    energy_mwh, room_mwh
        Energy, and what each can still take up, shape ``(snapshot, plant)``. [MWh]
    island
        Island of each store, shape ``(plant,)``.
    efficiency
        Energy given back per energy taken, shape ``(plant,)``. [1]
    step_h
        Length of an hour of the plan. [h]
    any_hour
        True if stores may charge in any hour; False if only before the deepest hour of their island, as what cutting
        takes later is of no use to it.

    Returns
    -------
    tuple of numpy.ndarray
        Output and charging, each of shape ``(snapshot, plant, hour)``. [MW]

    Notes
    -----
    As `day_plan`, store by store in rounds.
    """
    given, taken = np.zeros_like(power_mw), np.zeros_like(power_mw)
    rest = np.moveaxis(deficit_mw, -1, 0).copy()  # island, snapshot, hour
    hours = np.arange(rest.shape[2])
    before = (hours < rest.argmax(axis=2)[:, :, None]) | any_hour
    open_ = np.flatnonzero((rest > 0).any(axis=(0, 2)))
    for _ in range(FEW_ROUNDS if any_hour else ROUNDS):
        moved = np.zeros(len(open_))
        for plant, place in enumerate(island):
            was = given[open_, plant]
            others = rest[place, open_] + was - taken[open_, plant]
            output, charging = shift(
                others, power_mw[open_, plant], np.where(before[place, open_], charge_mw[open_, plant], 0.0),
                energy_mwh[open_, plant], room_mwh[open_, plant], efficiency=float(efficiency[plant]), step_h=step_h,
            )  # fmt: skip
            given[open_, plant], taken[open_, plant] = output, charging
            rest[place, open_] = others - output + charging
            moved = np.maximum(moved, np.abs(output - was).max(axis=-1, initial=0.0))
        open_ = open_[moved > SETTLED_MW]
        if not len(open_):
            break
    return given, taken


def refilled_plan(  # noqa: PLR0917 - those of `day_plan`, and what charging needs
    deficit_mw: Floats, power_mw: Floats, surplus_mw: Floats, energy_mwh: Floats, room_mwh: Floats, island: Ints, *,
    efficiency: Floats, step_h: float,
) -> Floats:  # fmt: skip
    """Plan the energy that stores contain, where a surplus may refill them before the day is over.

    Parameters
    ----------
    deficit_mw, power_mw, energy_mwh, room_mwh, island, efficiency, step_h
        As in `shifting_plan`.
    surplus_mw
        Most that each may take of the surplus of its island, shape ``(snapshot, plant, hour)``. [MW]

    Returns
    -------
    numpy.ndarray
        Output, shape ``(snapshot, plant, hour)``, of no more than is in store now. [MW]

    Notes
    -----
    What may be used before a store is refilled is as in `shifting_plan`, which foresees it; what is left goes to the
    hours after that, for which the plan is made again once the store is refilled. Ours: a surplus that does not come
    then leaves later hours what was meant for them.

    Examples
    --------
    100 MWh are refilled between two hours that lack as much: the first may use them all.

    >>> refilled_plan(
    ...     np.array([100.0, -200.0, 100.0]).reshape(1, 3, 1),
    ...     np.full((1, 1, 3), 100.0),
    ...     np.array([[[0.0, 100.0, 0.0]]]),
    ...     np.array([[100.0]]),
    ...     np.zeros((1, 1)),
    ...     np.array([0]),
    ...     efficiency=np.ones(1),
    ...     step_h=1.0,
    ... )
    array([[[100.,   0.,   0.]]])
    """
    lacks = (np.moveaxis(deficit_mw, -1, 1) > 0)[:, island]
    refills = (surplus_mw > 0) & np.logical_or.accumulate(lacks[..., ::-1], axis=-1)[..., ::-1]  # before what lacks
    refills &= (room_mwh[..., None] > SETTLED_MW * step_h) | np.logical_or.accumulate(lacks, axis=-1)
    until = ~np.logical_or.accumulate(refills, axis=-1)
    some = (refills.any(axis=-1) & (lacks & until).any(axis=-1)).any(axis=-1)
    output = np.zeros_like(power_mw)
    if not some.all():
        output[~some] = day_plan(deficit_mw[~some], power_mw[~some], energy_mwh[~some], island, step_h=step_h)
    if some.any():
        deficit, power, energy, until = deficit_mw[some], power_mw[some], energy_mwh[some], until[some]
        given, _ = shifting_plan(
            deficit, power, np.where(refills[some], surplus_mw[some], 0.0), energy, room_mwh[some], island,
            efficiency=efficiency, step_h=step_h, any_hour=True,
        )  # fmt: skip
        given[~until] = 0.0
        left = np.maximum(energy - row_sum(given) * step_h, 0.0)
        output[some] = given + day_plan(
            deficit, np.where(until, 0.0, power), left, island, step_h=step_h
        )  # fmt: skip
    return output
