"""Storage that shifts peaks: it charges in hours of little shedding, by cutting, to spare more in the deepest."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, Ints, row_sum
from gridmodel.dispatch.storage import ROUNDS, SETTLED_MW, level_off

HALVINGS = 40
"""Halvings of the interval that contains a level. Ours: a megawatt in 10¹² of the deepest shedding."""


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
    at the level λ. The level λ is the lowest that the energy, with what is charged, allows. Charging that does not fit
    is left out where shedding is deepest.

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
    low = np.zeros(len(deficit_mw))
    high = np.maximum(deficit_mw, 0.0).max(axis=1)
    for _ in range(HALVINGS):
        level = 0.5 * (low + high)
        given = np.clip(deficit_mw - level[:, None], 0.0, power_mw)
        taken = np.clip(efficiency * level[:, None] - deficit_mw, 0.0, charge_mw)
        stored = np.minimum(efficiency * row_sum(taken) * step_h, room_mwh)
        enough = energy_mwh + stored >= row_sum(given) * step_h
        low, high = np.where(enough, low, level), np.where(enough, level, high)
    most = row_sum(np.clip(efficiency * high[:, None] - deficit_mw, 0.0, charge_mw)) * step_h
    amount = np.minimum(most, room_mwh / efficiency)
    deepest = np.maximum(deficit_mw, 0.0).max(axis=1, keepdims=True) + charge_mw.max(axis=1, keepdims=True)
    taken = level_off(deepest - deficit_mw, charge_mw, amount, step_h=step_h)
    stored = efficiency * row_sum(taken) * step_h
    return level_off(deficit_mw, power_mw, energy_mwh + stored, step_h=step_h), taken


def shifting_plan(  # noqa: PLR0917 - those of `day_plan`, and what charging needs
    deficit_mw: Floats, power_mw: Floats, charge_mw: Floats, energy_mwh: Floats, room_mwh: Floats, island: Ints, *,
    efficiency: Floats, step_h: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Plan charging and output of all stores for the rest of a day.

    Parameters
    ----------
    deficit_mw
        Missing power in each island without these stores, shape ``(snapshot, hour, island)``. [MW]
    power_mw
        Most that each can give, shape ``(snapshot, plant, hour)``. [MW]
    charge_mw
        Most that each may take by cutting, shape ``(plant,)``; 0 for those that do not. [MW]
    energy_mwh, room_mwh
        Energy, and what each can still take up, shape ``(snapshot, plant)``. [MWh]
    island
        Island of each store, shape ``(plant,)``.
    efficiency
        Energy given back per energy taken, shape ``(plant,)``. [1]
    step_h
        Length of an hour of the plan. [h]

    Returns
    -------
    tuple of numpy.ndarray
        Output and charging, each of shape ``(snapshot, plant, hour)``. [MW]

    Notes
    -----
    As `day_plan`, store by store in rounds. Charging comes before the deepest hour of the island, as what is
    taken later is of no use to it.
    """
    given, taken = np.zeros_like(power_mw), np.zeros_like(power_mw)
    rest = np.moveaxis(deficit_mw, -1, 0).copy()  # island, snapshot, hour
    hours = np.arange(rest.shape[2])
    before = hours < rest.argmax(axis=2)[:, :, None]
    open_ = np.flatnonzero((rest > 0).any(axis=(0, 2)))
    for _ in range(ROUNDS):
        moved = np.zeros(len(open_))
        for plant, place in enumerate(island):
            was = given[open_, plant]
            others = rest[place, open_] + was - taken[open_, plant]
            output, charging = shift(
                others, power_mw[open_, plant], np.where(before[place, open_], charge_mw[plant], 0.0),
                energy_mwh[open_, plant], room_mwh[open_, plant], efficiency=float(efficiency[plant]), step_h=step_h,
            )  # fmt: skip
            given[open_, plant], taken[open_, plant] = output, charging
            rest[place, open_] = others - output + charging
            moved = np.maximum(moved, np.abs(output - was).max(axis=-1, initial=0.0))
        open_ = open_[moved > SETTLED_MW]
        if not len(open_):
            break
    return given, taken
