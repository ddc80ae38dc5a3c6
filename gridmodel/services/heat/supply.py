"""Supply of district heat: units of a region's sources, the homes that they reach, and who gets heat that is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gridmodel.arrays import Floats, ratio, total
from gridmodel.sampling import Settings, of_member, purpose_of, stream

UNITS = "heat_source_units"
"""Name of the random stream of the sizes of units and of the power that each needs to run."""
WHOLE = 1e-9
"""Share of power from which all counts as there. [1] Ours: rounding of sums of shares."""
ROUNDING = 1e-12
"""Part by which a need may exceed what is there and still be met. [1] Ours: radiators and their source are sized by one
sum, taken in different orders."""
HELD_ABOVE_K = 0.25
"""How far above their floor operators hold rooms. [K] Ours: radiators lag half an hour behind the heat that comes, so
that rooms held at the floor itself would be a little below it in every hour in which it grows colder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units of the heat sources of every region, drawn per member, in the order in which they get power."""

    needs: Floats
    """Powered share of the region from which each unit runs, ascending, shape ``(member, region, unit)``. [1]"""
    running: Floats
    """Share of capacity that runs with the first units, none to all, shape ``(member, region, unit + 1)``. [1]"""
    whole_from: Floats = field(init=False)
    """Powered share of the region from which all units run, shape ``(member, region)``. [1]"""

    def __post_init__(self) -> None:
        """Find out when all units run."""
        exist = np.isfinite(self.needs)
        last = np.where(exist, self.needs, 0.0).max(axis=-1)
        object.__setattr__(self, "whole_from", np.where(exist.any(axis=-1), last, np.inf))


def draw_units(counts: Sequence[int], seed: int, stream_numbers: Sequence[int], *, spread: Floats) -> Units:
    """Draw the sizes of units, and how much of its power each needs to run.

    Parameters
    ----------
    counts
        Number of units of each region.
    seed
        Seed of the scenario.
    stream_numbers
        Number of each member's random streams.
    spread
        Standard deviation of the logarithm of sizes, shape ``()`` or ``(member,)``. [1]

    Notes
    -----
    Sizes are log-normal and sum to one; the order of power is the order of drawing, which is random as the sizes are.
    A unit at the margin has part of its power and runs if that is above its own threshold, uniform between none and
    all: a feeder that is on supplies it, one that is off does not. So the share that runs is, in the mean over draws,
    the share that has power, whatever the sizes. Ours: a threshold on a whole region made a kilowatt of backup worth
    more than megawatts of boilers.
    """
    most, regions = max(*counts, 1), len(counts)
    normal, threshold = np.empty((2, len(stream_numbers), regions, most))
    for place, number in enumerate(stream_numbers):
        own = stream(seed, number, purpose_of(UNITS))
        normal[place], threshold[place] = own.standard_normal((regions, most)), own.random((regions, most))
    exists = np.arange(most) < np.asarray(counts)[:, None]
    sizes = np.where(exists, np.exp(normal * of_member(np.asarray(spread), 2)), 0.0)
    sizes /= np.maximum(sizes.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
    running = np.zeros((*sizes.shape[:-1], most + 1))
    np.cumsum(sizes, axis=-1, out=running[..., 1:])
    every = np.asarray(counts)[:, None]
    running[:, (np.arange(most + 1) >= every) & (every > 0)] = 1.0  # not a rounding less
    needs = running[..., :-1] + (1.0 - threshold) * sizes
    return Units(needs=np.where(exists, needs, np.inf), running=running)


def running(power: Floats, backup: Floats, units: Units | None = None) -> Floats:
    """Share of sources that run on the electricity available. [1]

    Parameters
    ----------
    power
        Share that the grid supplies, shape ``(member, region)``. [1]
    backup
        Share that generators of their own supply, shape ``(member, region)``. [1]
    units
        Units, each of which runs or stands; None for the mean over their draws, which is the powered share itself.

    Examples
    --------
    >>> running(np.array([0.2, 0.7]), np.array([0.1, 0.3]))
    array([0.3, 1. ])
    """
    powered = np.asarray(power + backup)
    whole = powered >= 1.0 - WHOLE
    if units is None or whole.all():
        return np.where(whole, 1.0, powered)
    count = np.count_nonzero(powered[..., None] >= units.needs - WHOLE, axis=-1)
    first = np.arange(count.size).reshape(count.shape) * units.running.shape[-1]
    return np.where(whole, 1.0, units.running.take(first + count))


def reach(network: Floats, source: Floats, on: Floats, *, loss_split: Floats, mobile: Floats) -> Floats:
    """Share of homes in which water can circulate: what sources that run and pipes reach, and mobile boilers. [1]

    Parameters
    ----------
    network
        Buildings that the heat network reaches. [1]
    source
        Capacity of sources that damage leaves. [1]
    on
        Sources that run: they have power and make-up water. [1]
    loss_split
        Part of lost capacity that takes its homes with it. [1]
    mobile
        Share of homes that mobile boilers can heat, each at its building, so that it needs no network. [1]

    Examples
    --------
    >>> reach(0.5, 1.0, 0.8, loss_split=1.0, mobile=0.1).item()
    0.5
    """
    return np.minimum(network * (1.0 - loss_split * (1.0 - source)) * on + mobile, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Heat that connected homes need and get."""

    need_w: Floats
    """Heat that holds the set point, shape ``(heated, archetype, member, region)``. [W/m²]"""
    heat_w: Floats
    """Heat that they get, same shape. [W/m²]"""
    need_mw: Floats
    """Need of all connected homes, shape ``(member, region)``. [MW]"""
    supplied_mw: Floats
    """Heat that they get, shape ``(member, region)``. [MW]"""
    given: Floats
    """Share of the need that is met, shape ``(member, region)``. [1]"""
    hot_water: Floats
    """Share of their hot water that they get, shape ``(member, region)``. [1]"""


def share_out(
    need_w: Floats, floor_w: Floats | None, *, floor_m2: Floats, capacity_mw: Floats, hot_water_mw: Floats
) -> Heat:
    """Share out heat by the operators' order: rooms at their floor, then warmer rooms, then hot water.

    Parameters
    ----------
    need_w
        Heat that holds the set point, shape ``(…, archetype, member, region)``. [W/m²]
    floor_w
        Heat that holds the floor, at most the need, same shape; None where nothing is short. [W/m²]
    floor_m2
        Connected floor, same shape. [m²]
    capacity_mw
        Heat that sources can give, shape ``(member, region)``. [MW]
    hot_water_mw
        Heat for hot water, shape ``(member, region)``. [MW]

    Notes
    -----
    Hot water is the first to go. Then the supply temperature is lowered for all alike: each kind of building gets what
    holds the floor, and the same share of what it needs beyond. Heat that does not hold the floor is shared in
    proportion (`homes_held` disconnects homes before that).
    """
    axes = need_w.ndim - 2
    need_mw = total(need_w * floor_m2, axes) / 1e6
    if floor_w is None:
        heat_w, supplied_mw = need_w, np.minimum(need_mw, capacity_mw)
    else:
        least_mw = total(floor_w * floor_m2, axes) / 1e6
        over = ratio(capacity_mw - least_mw, need_mw - least_mw, empty=1.0)
        held = ratio(capacity_mw, least_mw, empty=1.0)
        lowered = floor_w * np.clip(held, 0.0, 1.0) + (need_w - floor_w) * np.clip(over, 0.0, 1.0)
        heat_w = np.where(need_mw > capacity_mw * (1.0 + ROUNDING), lowered, need_w)
        supplied_mw = np.minimum(need_mw, capacity_mw)
    spare_mw = np.maximum(capacity_mw - supplied_mw, 0.0)
    hot = ratio(np.minimum(spare_mw, hot_water_mw), hot_water_mw, empty=1.0)
    return Heat(
        need_w=need_w, heat_w=heat_w, need_mw=need_mw, supplied_mw=supplied_mw,
        given=ratio(supplied_mw, need_mw, empty=1.0), hot_water=hot,
    )  # fmt: skip


def pumped(heat: Heat, radiator_w: Floats, share: Floats, *, floor_m2: Floats, home_power: Floats) -> Heat:
    """Return the heat that reaches rooms where heat points in the building need the power of its homes.

    Parameters
    ----------
    heat
        Heat that comes to the buildings.
    radiator_w
        Installed heating, shape ``(archetype, 1, region)``. [W/m²]
    share
        Share of homes whose heat point stops with the power of the homes around it, shape ``(archetype, member, 1)`` or
        one that broadcasts to it. [1]
    floor_m2
        Connected floor, of the shape of the heat. [m²]
    home_power
        Share of homes, or of the time, with power, shape ``(member, region)``. [1]

    Notes
    -----
    Pumps run while there is power and then move up to what radiators can give, so that homes catch up after an outage.
    Their power is a load of homes, part of the demand of that tier.
    """
    some = np.flatnonzero(share.any(axis=(1, 2)))
    if not len(some) or (home_power >= 1.0).all():
        return heat
    kinds = slice(int(some[0]), int(some[-1]) + 1)
    come_w, axes = heat.heat_w[..., kinds, :, :], heat.heat_w.ndim - 2
    lacks_w = share[kinds] * np.maximum(come_w - home_power * radiator_w[kinds], 0.0)
    heat_w = heat.heat_w.copy()
    heat_w[..., kinds, :, :] = come_w - lacks_w
    lacking = ((lacks_w > 0) & (floor_m2[..., kinds, :, :] > 0)).any(axis=tuple(range(axes)))
    supplied_mw = np.where(lacking, total(heat_w * floor_m2, axes) / 1e6, heat.supplied_mw)
    return replace(
        heat, heat_w=heat_w, supplied_mw=supplied_mw, given=ratio(supplied_mw, heat.need_mw, empty=1.0)
    )  # fmt: skip


def homes_held(share: Floats, floor_mw: Floats, *, design_mw: Floats, capacity_mw: Floats) -> Floats:
    """Share of homes that heat can hold at their floor, and for which it would be enough if they came back. [1]

    Parameters
    ----------
    share
        Share of homes that are connected, by group, those that came back last at the end, shape
        ``(group, member, region)``. [1]
    floor_mw
        Heat that holds the floor of each group, same shape. [MW]
    design_mw
        Heat that all homes need at the design temperature, shape ``(1, region)``. [MW]
    capacity_mw
        Heat that sources can give, shape ``(member, region)``. [MW]

    Notes
    -----
    Of those that are connected, the last to come are the first to go (`kept_apart`). What the others leave of the heat
    is for homes that come back: their walls are cold, and until they are warm radiators take all that they were built
    for. Ours: operators let no more in than they can heat. Counted by what homes need that are warm, or not at all
    where nobody is connected, more would come than there is heat for, and be lost again in the next hour.

    Examples
    --------
    Four fifths of the homes are warm, a tenth has just come back, and all would need 100 MW in the design frost:

    >>> share, floor_mw = (np.array(one).reshape(2, 1, 1) for one in ([0.8, 0.1], [40.0, 10.0]))
    >>> held = [
    ...     homes_held(share, floor_mw, design_mw=np.array([[100.0]]), capacity_mw=np.array([[there]]))
    ...     for there in (0.0, 20.0, 45.0, 50.0, 55.0)
    ... ]
    >>> np.round(held, 9).ravel()
    array([0.  , 0.4 , 0.85, 0.9 , 0.95])
    """
    left_mw, held = np.asarray(capacity_mw), np.zeros(())
    for homes, need_mw in zip(share, floor_mw, strict=True):
        held = held + homes * np.minimum(ratio(left_mw, need_mw, empty=1.0), 1.0)
        left_mw = np.maximum(left_mw - need_mw, 0.0)
    return held + ratio(left_mw, design_mw, empty=0.0)


def capacity_mw(
    source_mw: Floats, source: Floats, on: Floats, *, fuel: Floats, mobile_mw: Floats, settings: Settings
) -> Floats:
    """Heat that sources can give, shape ``(member, region)``. [MW]

    Parameters
    ----------
    source_mw
        Heat for rooms at the design temperature; sources are sized for hot water on top of it. [MW]
    source
        Capacity that damage and turbines that fail leave. [1]
    on
        Sources that run: they have power and make-up water. [1]
    fuel
        Gas supply. [1]
    mobile_mw
        Mobile boilers. [MW]
    settings
        With `hot_water_share`.
    """
    return np.asarray(source_mw * (1.0 + settings["hot_water_share"]) * source * fuel * on + mobile_mw)
