"""Sudden losses of a step: damage, which nobody could announce, and neither returns nor limits."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.conditions import of_rows
from gridmodel.services.power.system import PowerSystem

ROUNDING = 1e-12
"""Share of what was there by which less is rounding. [1] Ours: shares are products of a few numbers."""


def struck(system: PowerSystem, step: int, rows: Ints) -> Bools:
    """Return which of some members lose plant, branches or delivery to damage in a step, shape ``(row,)``.

    Parameters
    ----------
    system
        Power system.
    step
        Number of the step, one at least.
    rows
        Numbers of the members.
    """
    capacity = system.capacity
    is_, was, limit = (
        of_rows(values, rows)
        for values in (
            capacity.delivery_mw[step], capacity.delivery_mw[step - 1], capacity.announced.delivery_mw[step]
        )
    )  # fmt: skip
    delivery = np.broadcast_to(((is_ < was) & (is_ < limit)).any(axis=1), len(rows))
    return np.asarray(lose_at_once(system, step, rows) | delivery)


def lose_at_once(system: PowerSystem, step: int, rows: Ints) -> Bools:
    """Return which of some members lose plant or branches in a step, which may set off a cascade, shape ``(row,)``."""
    capacity = system.capacity
    share, limit = capacity.branch_share, capacity.announced.branch
    is_, was = (_damage(of_rows(share[at], rows), of_rows(limit[at], rows)) for at in (step, step - 1))
    plant = (kept_at_once(system, step, rows) < 1.0).any(axis=1)
    return np.asarray(plant | (_kept(is_, was) <= 1.0 - ROUNDING).any(axis=1))


def kept_at_once(system: PowerSystem, step: int, rows: Ints) -> Floats:
    """Compute the share of the step before that each generator keeps at once, shape ``(row, generator)``. [1]

    Damage to plant and to interconnectors is a sudden loss; lower gas pressure, and limits of plant or of imports, are
    not.
    """
    capacity, index = system.capacity, system.index
    gas = index.burns_gas

    def whole(step: int) -> Floats:
        fuel = np.where(gas, of_rows(capacity.fuel_share[step], rows)[:, index.generator_region], 1.0)
        limit = fuel * of_rows(capacity.announced.generator[step], rows)
        shape = (len(rows), len(gas))
        return _damage(
            np.broadcast_to(of_rows(capacity.generator_share[step], rows), shape), np.broadcast_to(limit, shape)
        )

    kept = _kept(whole(step), whole(step - 1))
    ties, tied = (of_rows(capacity.ties[when], rows)[:, None] for when in (step, step - 1))
    kept = np.where(system.fleet.border & (tied > 0), kept * np.minimum(ratio(ties, tied), 1.0), kept)
    return np.asarray(np.where(kept > 1.0 - ROUNDING, 1.0, kept))


def _damage(share: Floats, limit: Floats) -> Floats:
    """Return the share that damage alone leaves; NaN where announced limits leave nothing to lose, shape as given."""
    return np.asarray(np.where(limit > 0, ratio(share, limit), np.nan))


def _kept(is_: Floats, was: Floats) -> Floats:
    """Return the share that is kept of what damage had left, 1 where nothing was there, shape as given."""
    return np.where(np.isnan(was) | np.isnan(is_) | (was <= 0), 1.0, np.minimum(ratio(is_, was), 1.0))
