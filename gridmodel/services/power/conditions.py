"""Conditions of a step: plant, branches and limits as damage and measures leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Floats, Ints, row_sum, widened
from gridmodel.dispatch.merit import ratio
from gridmodel.services.power.system import PowerSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Plant, branches and limits of each member."""

    available_mw: Floats
    """Most that each generator can give, shape ``(member, generator)``. [MW]"""
    branch_share: Floats
    """Remaining share of each branch's rating, 0 where it is out, shape ``(member, branch)``. [1]"""
    group_mw: Floats
    """Limit of each group of generators, shape ``(member, group)``. [MW]"""
    delivery_mw: Floats
    """Most that each region's network can pass on, shape ``(member, region)``. [MW]"""
    kept_share: Floats | None = None
    """Share of each tier outside the queues, of what a timetable leaves on, shape ``(member, region, tier)``; None if
    nobody is. [1]"""

    def take(self, rows: Ints | slice) -> Conditions:
        """Return the conditions of some members."""
        return Conditions(
            available_mw=self.available_mw[rows], branch_share=self.branch_share[rows], group_mw=self.group_mw[rows],
            delivery_mw=self.delivery_mw[rows], kept_share=None if self.kept_share is None else self.kept_share[rows],
        )  # fmt: skip


def conditions(system: PowerSystem, step: int, *, above_mw: Floats | None = None) -> Conditions:
    """Compute what damage and limits leave in a step.

    Parameters
    ----------
    system
        Power system.
    step
        Number of the step.
    above_mw
        Demand that comes on top of what an event leaves, shape ``(member, region)``; None where no feeder can break.
        [MW]
    """
    everyone = np.arange(system.members)
    available = available_ahead(system, step, steps=1, rows=everyone)[:, 0]
    groups = group_limits(system, step, everyone)
    place = system.index.import_group
    if place >= 0 and groups[:, place].min() <= 0:  # a border that may pass nothing cannot hold an island
        available = np.where(system.fleet.border & (groups[:, [place]] <= 0), 0.0, available)
    branch = system.capacity.branch_share[step]
    kept = system.queues.kept_share(step)
    if kept is not None and (on := system.consumers.on_share(step, kept)) is not None:
        kept = ratio(kept, on)
    return Conditions(
        available_mw=available,
        branch_share=widened(branch, (system.members, branch.shape[-1])),
        group_mw=groups,
        delivery_mw=delivery_limit(system, step, everyone, above_mw=above_mw),
        kept_share=None if kept is None else widened(kept, (system.members, *kept.shape[-2:])),
    )


def available_ahead(system: PowerSystem, step: int, *, steps: int, rows: Ints) -> Floats:
    """Compute the most that generators can give in a step and those after it, all with the damage of the first.

    Returns
    -------
    numpy.ndarray
        Shape ``(row, step, generator)``. [MW]
    """
    share = of_rows(system.capacity.generator_share[step], rows)
    whole = system.capacity.available_mw[step : step + steps]
    if whole.ndim > 2:  # members have their own, or one course that is the same for all
        whole = np.moveaxis(whole[:, rows] if whole.shape[1] > 1 else whole, 0, 1)
    ahead = share[:, None, :] * whole
    return widened(ahead, (len(rows), *ahead.shape[1:]))


def delivery_limit(
    system: PowerSystem, step: int, rows: Ints, *, above_mw: Floats | None = None
) -> Floats:  # fmt: skip
    """Compute the most that each region's network can pass on, shape ``(row, region)``. [MW]

    What an event leaves is what feeders that work can carry; `above_mw` of the rows comes on top of it, within the
    limit of the network itself: what second feeds carry, and load that returns or charges on feeders that work, an
    overload of some hours.
    """
    events = of_rows(system.capacity.delivery_mw[step], rows)
    if above_mw is not None:
        events = events + above_mw
    most = np.minimum(events, system.index.delivery_mw)
    return widened(most, (len(rows), most.shape[-1]))


def group_limits(system: PowerSystem, step: int, rows: Ints) -> Floats:
    """Compute the limit of each group of generators, shape ``(row, group)``. [MW]

    The limit of imports is the lowest of the grid's or the scenario's plus what measures add, the capacity of the
    borders, and what events set; events may leave only a share of it.
    """
    limits = np.empty((len(rows), len(system.grid.groups)))
    limits[...] = [limit for _, limit in system.grid.groups]
    place, capacity = system.index.import_group, system.capacity
    if place >= 0:
        if capacity.import_by_date_mw is not None:
            limits[:, place] = of_rows(capacity.import_by_date_mw[step], rows)
        elif "import_limit_mw" in system.settings:
            limits[:, place] = of_rows(np.atleast_1d(system.settings.of("import_limit_mw", 0)), rows)
        borders = float(system.fleet.p_max_mw[system.fleet.border].sum())
        events = of_rows(capacity.import_mw[step], rows)
        limit = np.minimum(np.minimum(limits[:, place] + capacity.more_import_mw[step], borders), events)
        limits[:, place] = limit * of_rows(capacity.import_share[step], rows)
    return limits


def within_groups(power_mw: Floats, groups: Sequence[tuple[Ints, float]], group_mw: Floats) -> Floats:
    """Cut the power of each group of generators to its limit, all of the group in proportion.

    Parameters
    ----------
    power_mw
        Shape ``(member, …, generator)``. [MW]
    groups
        Positions of the generators of each group, and the grid's limit, which is not used.
    group_mw
        Limit of each group, shape ``(member, group)``. [MW]

    Returns
    -------
    numpy.ndarray
        Shape of `power_mw`. [MW]
    """
    cut = power_mw.copy()
    between = [1] * (power_mw.ndim - 2)
    for number, (members, _) in enumerate(groups):
        total = row_sum(cut[..., members])
        cut[..., members] *= np.minimum(ratio(group_mw[:, number].reshape(-1, *between), total), 1.0)[..., None]
    return cut


def of_rows(values: Floats, rows: Ints) -> Floats:
    """Return the values of some members; a single row applies to all members."""
    return values if len(values) == 1 else values[rows]
