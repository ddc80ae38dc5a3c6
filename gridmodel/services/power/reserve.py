"""Reserve that an order keeps, and the peak of load that returns within its hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, Ints, row_sum
from gridmodel.dispatch import Dispatched, Stock
from gridmodel.services.power import plant_loops
from gridmodel.services.power.cascade import CascadeStep
from gridmodel.services.power.conditions import Conditions
from gridmodel.services.power.islands import Live
from gridmodel.services.power.storage import ready_mw
from gridmodel.services.power.system import PowerSystem

ORDER_H = 1.0
"""Time for which storage must last, beyond its plan, to count towards the reserve. [h] Ours: that of an order, which is
by the hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Demand that falls within a step, of which a dispatch takes the mean."""

    mw: Floats
    """Demand beyond that mean as the step begins, shape ``(member, region)``. [MW]"""
    above_h: Floats
    """Energy above the mean over that, of a shape that broadcasts to ``(member, plant)``. [h]"""
    below_h: Floats
    """Part of the step in which it is below, same shape. [h]"""

    def covered_mw(self, given_mw: Floats, could_mw: Floats, power_mw: Floats) -> Floats:
        """Compute what plant with limited energy can give as the step begins, shape ``(member, plant)``. [MW]

        It may give less when demand has fallen, and what it could give beyond its plan lasts longer.

        Parameters
        ----------
        given_mw
            What it gives, mean of the step, same shape. [MW]
        could_mw
            What it could give for an hour, same shape. [MW]
        power_mw
            Most that it can give, same shape. [MW]
        """
        energy_mwh = np.maximum(could_mw - given_mw, 0.0) * ORDER_H + given_mw * self.below_h
        return np.minimum(given_mw + energy_mwh / self.above_h, np.maximum(power_mw, given_mw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Power that plant with limited energy could give beyond the least cuts, arrays of shape ``(member, plant)``."""

    could_mw: Floats
    """Most that it could give for an hour if reserve is called. [MW]"""
    power_mw: Floats
    """Most that it could give for a moment. [MW]"""
    peak: Peak | None
    """Demand beyond its mean as the step begins, which an order covers; None for none."""


def ready_of(
    system: PowerSystem, there: Conditions, stock: Stock, could_mw: Floats, *, peak: Peak | None,
    cascaded: CascadeStep | None,
) -> Ready:  # fmt: skip
    """Return what plant with limited energy could give beyond the least cuts.

    Parameters
    ----------
    there
        Conditions of the step.
    stock
        Storage before it.
    could_mw
        What plant could give for the step, shape ``(member, plant)``: for an hour where that is one. [MW]
    peak
        As in `Ready`.
    cascaded
        Outcome of a cascade; None where none is followed.
    """
    if system.clock.step_h < ORDER_H:
        could_mw = ready_mw(system, there, stock, over_h=ORDER_H, begun=True)
    power_mw = there.available_mw[:, system.fleet.limited]
    if cascaded is not None:
        on_share = cascaded.on_share[:, system.fleet.limited]
        could_mw, power_mw = could_mw * on_share, power_mw * on_share
    return Ready(could_mw=could_mw, power_mw=power_mw, peak=peak)


def lacking_mw(
    system: PowerSystem, optimum: Dispatched, conditions: Conditions, live: Live, ready: Ready
) -> Floats:  # fmt: skip
    """Compute the part of the reserve, and of the peak of the step, that nobody is left for, shape ``(member,)``. [MW]

    Parameters
    ----------
    optimum
        Least that must be cut, as dispatched: storage counts with what it takes.
    conditions
        Those of the step, with the marks of cascades.
    live
        Regions and generators on live islands.
    ready
        What plant with limited energy could give beyond that.
    """
    reserve_mw, limited = system.settings.of("reserve_mw", 0), system.fleet.limited
    found_mw, peak = np.zeros(len(ready.could_mw)), ready.peak
    given_mw = optimum.generation_mw[:, limited]
    by_loop = plant_loops.COMPILED and len(given_mw) >= plant_loops.LEAST
    groups = [(members, conditions.group_mw[:, place]) for place, (members, _) in enumerate(system.grid.groups)]
    charging_mw = optimum.served_mw[:, optimum.served_mw.shape[1] - len(system.index.charges) :]

    def beyond(needed_mw: Floats, limited_mw: Floats) -> Floats:
        """Return what is lacking of some reserve if plant with limited energy can give so much. [MW]"""
        if by_loop:
            return _lacking_by_loop(system, optimum, conditions, live.generator, needed_mw, limited_mw)
        able_mw = conditions.available_mw.copy()
        able_mw[:, limited] = np.maximum(given_mw, limited_mw)
        able_mw = np.where(live.generator, able_mw, 0.0)
        return reserve_lacking_mw(needed_mw, able_mw, optimum.generation_mw, groups, charging_mw=charging_mw)

    if reserve_mw.any():
        found_mw = beyond(reserve_mw, ready.could_mw)
    if peak is not None and peak.mw.any():
        peak_mw = row_sum(np.where(live.region, peak.mw, 0.0))  # nobody orders anything on a dead island
        covered_mw = peak.covered_mw(given_mw, ready.could_mw, ready.power_mw)
        found_mw = np.maximum(found_mw, beyond(reserve_mw + peak_mw, covered_mw))
    return found_mw


def _lacking_by_loop(  # noqa: PLR0917 - what `beyond` has at hand
    system: PowerSystem, optimum: Dispatched, conditions: Conditions, alive: Bools, needed_mw: Floats,
    limited_mw: Floats,
) -> Floats:  # fmt: skip
    """Compute what is lacking of some reserve, the bytes of `reserve_lacking_mw`, shape ``(member,)``. [MW]"""
    found_mw, reserve_mw = np.empty(len(alive)), np.empty(len(alive))
    reserve_mw[...] = needed_mw
    charging_mw = optimum.served_mw[:, optimum.served_mw.shape[1] - len(system.index.charges) :]
    available_mw, generation_mw, takes_mw, most_mw, group_mw = (
        np.ascontiguousarray(values) for values in (
            conditions.available_mw, optimum.generation_mw, charging_mw, limited_mw, conditions.group_mw
        )
    )  # fmt: skip
    members, starts = system.dispatcher.groups
    plant_loops.lacking(
        reserve_mw, (available_mw, generation_mw, takes_mw), np.ascontiguousarray(alive),
        (system.fleet.limited, most_mw), (members, starts, group_mw), found_mw,
    )  # fmt: skip
    return found_mw


def reserve_lacking_mw(
    reserve_mw: Floats, available_mw: Floats, generation_mw: Floats, groups: list[tuple[Ints, Floats]], *,
    charging_mw: Floats,
) -> Floats:  # fmt: skip
    """Compute the part of the reserve that the optimum leaves nobody for, shape ``(member,)``. [MW]

    Parameters
    ----------
    reserve_mw
        Reserve that is kept, shape ``()`` or ``(member,)``. [MW]
    available_mw, generation_mw
        Most that live generators can give, and what they give, shape ``(member, generator)``. [MW]
    groups
        Generators of each group and its limit, shape ``(member,)``: reserve beyond it is none. [MW]
    charging_mw
        What storage takes, which can stop at once, shape ``(member, load)``. [MW]
    """
    room = np.maximum(available_mw - generation_mw, 0.0)
    free = row_sum(room) + row_sum(charging_mw)
    for members, limit in groups:
        within = row_sum(room[:, members])
        free -= np.maximum(within - np.maximum(limit - row_sum(generation_mw[:, members]), 0.0), 0.0)
    return np.maximum(reserve_mw - free, 0.0)
