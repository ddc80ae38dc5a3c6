"""What is there in a step: plant, branches and limits as the timeline leaves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridmodel.arrays import Floats, Ints, row_sum
from gridmodel.vocabulary import TIERS

if TYPE_CHECKING:
    from gridmodel.services.power.inputs import PowerInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What is there, for each member."""

    available_mw: Floats
    """What each generator can give, shape ``(member, generator)``. [MW]"""
    branch_share: Floats
    """Rating that each branch has left, 0 where it is out, shape ``(member, branch)``. [1]"""
    group_mw: Floats
    """Limit of each group of generators, shape ``(member, group)``. [MW]"""
    delivery_mw: Floats
    """Most that each region's network can pass on, shape ``(member, region)``. [MW]"""

    def take(self, rows: Ints) -> Conditions:
        """Some of the members."""
        return Conditions(**{name: getattr(self, name)[rows] for name in self.__slots__})


def conditions(plan: PowerInputs, now: int, need_mw: Floats) -> Conditions:
    """What damage and limits leave.

    Parameters
    ----------
    need_mw
        Need of each region, shape ``(member, region)``; a share of delivery is of it. [MW]
    """
    everyone = np.arange(len(plan.members))
    available = power_ahead(plan, now, 1, everyone)[:, 0]
    groups = group_limits(plan, now, everyone)
    place = plan.index.import_group
    if place >= 0:  # a border that may pass nothing holds no island
        available = np.where(plan.plant.border & (groups[:, [place]] <= 0), 0.0, available)
    branches = len(plan.index.branches)
    return Conditions(
        available_mw=available,
        branch_share=np.broadcast_to(plan.timeline.branch[now], (len(everyone), branches)),
        group_mw=groups,
        delivery_mw=delivery(plan, now, need_mw, everyone),
    )


def power_ahead(plan: PowerInputs, now: int, hours: int, rows: Ints) -> Floats:
    """What generators can give from now on with the damage of now, shape ``(member, hour, generator)``. [MW]"""
    left = of_rows(plan.timeline.generator[now], rows)
    whole = plan.available_mw[now : now + hours]
    if whole.ndim > 2:  # members have their own
        whole = np.moveaxis(whole[:, rows], 0, 1)
    ahead = left[:, None, :] * whole
    return np.asarray(np.broadcast_to(ahead, (len(rows), *ahead.shape[1:])))


def delivery(plan: PowerInputs, now: int, need_mw: Floats, rows: Ints) -> Floats:
    """Most that each region's network can pass on, shape of the need: member, …, region. [MW]"""
    between = [1] * (need_mw.ndim - 2)
    share, most = (
        of_rows(values[now], rows).reshape(-1, *between, need_mw.shape[-1])
        for values in (plan.timeline.delivery, plan.timeline.delivery_mw)
    )
    passed_on = np.where(share < 1.0, share * need_mw, np.inf)
    return np.asarray(np.minimum(np.minimum(passed_on, most), plan.index.delivery_mw))


def group_limits(plan: PowerInputs, now: int, rows: Ints) -> Floats:
    """Limit of each group of generators, that of imports as the scenario and the events say. [MW]"""
    limits = np.array([limit for _, limit in plan.dispatcher.grid.groups])
    limits = np.broadcast_to(limits, (len(rows), len(limits))).copy()
    place = plan.index.import_group
    if place >= 0:
        if "import_limit_mw" in plan.settings:
            limits[:, place] = of_rows(np.atleast_1d(plan.settings.of("import_limit_mw", 0)), rows)
        borders = float(plan.plant.p_max_mw[plan.plant.border].sum())
        events = of_rows(plan.timeline.import_mw[now], rows)
        limit = np.minimum(np.minimum(limits[:, place] + plan.more_import_mw[now], borders), events)
        limits[:, place] = limit * of_rows(plan.timeline.import_share[now], rows)
    return limits


def of_rows(values: Floats, rows: Ints) -> Floats:
    """Values of some members; one row stands for all of them."""
    return values if len(values) == 1 else values[rows]


def regional(plan: PowerInputs, need: Floats) -> Floats:
    """Need by region out of need by load, shape ``(member, region)``. [MW]"""
    grid = plan.dispatcher.grid
    count = grid.regions * len(TIERS)
    return row_sum(need[:, :count].reshape(len(need), grid.regions, len(TIERS)))
