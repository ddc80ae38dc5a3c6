"""One step of electricity: demand, dispatch, and the homes and plant that have power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridmodel.arrays import Bools, Floats, row_sum, widened
from gridmodel.dispatch import Stock
from gridmodel.dispatch.merit import ratio
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.power.cascade import CascadeState, CascadeStep
from gridmodel.services.power.conditions import delivery_limit
from gridmodel.services.power.consumers import CRITICAL, HOUSEHOLD, demand_ahead
from gridmodel.services.power.feedback import Added, Heaters, Interruption, added_demand, interrupted, shape_of_step
from gridmodel.services.power.feeders import broken_share, on_feeders_that_work, on_second_feeds
from gridmodel.services.power.homes import HomeLoad, HomesOff, home_load, homes_off, with_others
from gridmodel.services.power.order import OTHERS, TOLERANCE, counted_mw
from gridmodel.services.power.reserve import Peak
from gridmodel.services.power.serve import Ordered, Served, serve
from gridmodel.services.power.storage import first_stock
from gridmodel.services.power.system import PowerSystem
from gridmodel.services.power.taking_turns import returns_of, take_turns
from gridmodel.services.power.turns import Turns
from gridmodel.vocabulary import CAUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerState:
    """State of electricity that is carried from step to step."""

    stock: Stock
    """Energy of reservoirs and storage, and its plan."""
    interruption: Interruption
    """Homes without power so far, all of a region as one."""
    turns: Turns | None = None
    """The same by cohort; None where every cut is spread over all homes."""
    subqueues: Floats | None = None
    """Sub-queues that are off by order, not by a timetable, of twelve, as the step ends, shape ``(member, region)``;
    None without one. [1]"""
    ordered_mw: Floats | None = None
    """Order as its operator counts it as the step ends, same shape; None where none is followed. [MW]"""
    cascade: CascadeState | None = None
    """Marks of cascades; None before the first step and where they are not followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerShares:
    """Shares that have power, each of shape ``(member, region)``. [1]"""

    homes: Floats
    """Homes."""
    plant: Floats
    """Heat and water plant."""
    critical: Floats
    """Critical consumers on feeders that are not cut with the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerStep:
    """Outcome of a step of electricity."""

    state: PowerState
    """State at its end."""
    demand_mw: Floats
    """Demand, all feeders included, shape ``(member, region, tier)``. [MW]"""
    added: Added
    """Demand that feedback adds, part of the demand."""
    served_mw: Floats
    """Shape ``(member, region, tier)``. [MW]"""
    cause_mw: Floats
    """Demand that is not served by cause, then by mechanism if cascades are followed, shape
    ``(member, region, tier, cause)``. [MW]"""
    generation_mw: Floats
    """Shape ``(member, generator)``. [MW]"""
    flow_mw: Floats
    """Shape ``(member, branch)``. [MW]"""
    branch_share: Floats
    """Remaining share of each branch's rating, 0 where it is out, shape ``(member, branch)``. [1]"""
    charging_mw: Floats
    """Power that plant with limited energy takes from the grid, shape ``(member, plant)``. [MW]"""
    shares: PowerShares
    """Homes and plant that have power."""
    off: HomesOff
    """Homes that do not."""
    cohorts: Cohorts
    """Homes of each cohort, on feeders that work, that have power: one cohort where every cut is spread over all."""
    broken: Floats | None
    """Share of homes on broken feeders, shape ``(member, region)``; None where none can break. [1]"""
    cascade: CascadeStep | None
    """Outcome of the cascade that events set off; None where cascades are not followed."""
    ordered: Ordered | None
    """Outcome of the order; None where the optimum is followed to the megawatt."""
    ordered_mw: Floats | None
    """Order as its operator counts it, mean of the step, shape ``(member, region)``; None where none is followed.
    [MW]"""


def first_state(system: PowerSystem) -> PowerState:
    """Return the state before the first step: all homes have power, and storage is as the scenario says."""
    members, regions = system.members, system.grid.regions
    taking_turns = system.options.rotation != "mean"
    ordering = taking_turns and system.options.cuts != "optimum"
    outside = widened(system.queues.homes_outside, (members, regions)) if system.options.homes_outside else None
    return PowerState(
        stock=first_stock(system), interruption=Interruption.none(members, regions),
        turns=Turns.none(
            system.options.cohorts, members, regions, outside=outside, breaking=system.options.breaking
        ) if taking_turns else None,
        subqueues=np.zeros((members, regions)) if ordering else None,
        ordered_mw=np.zeros((members, regions)) if ordering else None,
    )  # fmt: skip


def step_power(
    system: PowerSystem, state: PowerState, step: int, heaters: Heaters, charging_mw: Floats | None = None
) -> PowerStep:
    """Take electricity through a step.

    Parameters
    ----------
    system
        Power system.
    state
        State after the step before.
    step
        Number of the step.
    heaters
        Heaters that homes want plugged in, as the heat of the step before leaves them.
    charging_mw
        Load of batteries behind the meter, shape ``(member, region, tier)``; None without any. [MW]
    """
    settings, options, interruption, turns = system.settings, system.options, state.interruption, state.turns
    before_charging = normal = demand_ahead(system.consumers, settings, step)[:, 0]
    broken = _broken(system, step, normal) if turns is not None and turns.layers is not None else None
    if charging_mw is not None:
        normal = before_charging + charging_mw
    turns, returns = returns_of(system, turns, interruption, step, broken)
    consumers = system.consumers
    added = added_demand(
        before_charging[..., HOUSEHOLD], consumers.dwellings, heaters, returns, settings,
        design_kw=consumers.feeder_design_kw if options.feeder_limits else None,
        on_share=consumers.on_share(step, system.queues.kept_share(step)),
        charging_mw=None if charging_mw is None else charging_mw[..., HOUSEHOLD],
    )  # fmt: skip
    demand = added.to(normal)
    concentrated_mw = added.concentrated_mw(broken)
    reached, above_mw = _reached(system, added, demand, broken, charging_mw)
    if concentrated_mw is not None:
        reached[..., HOUSEHOLD] += concentrated_mw
    got = serve(
        system, state.stock, state.cascade, step, demand_mw=reached, subqueues=state.subqueues, above_mw=above_mw,
        peak=_peak(system, added),
    )  # fmt: skip
    told_broken = _broken_of_mean(system, step, before_charging) if turns is None else broken
    homes = _home_load(system, step, demand, got, tripped=added.tripped_share, broken=told_broken)
    if concentrated_mw is not None:
        homes = homes.without(concentrated_mw, reached[..., HOUSEHOLD])
    shares = power_shares(
        _critical_share(system, demand, reached, got, broken),
        homes=ratio(homes.served, homes.demand),
        cut=settings["critical_on_cut_feeders"],
    )
    off = homes_off(homes, shares.homes, got.live)
    if turns is None:
        cohorts = Cohorts(power=shares.homes[None])
        interruption = interrupted(
            interruption, shares.homes, settings, step_h=system.clock.step_h, cold_load_pickup=options.cold_load_pickup
        )  # fmt: skip
    else:
        depth = np.where(homes.working > 0, 1.0 - ratio(homes.served, homes.working), 1.0 - shares.homes)
        turns, cohorts = take_turns(
            system, turns, step, depth, tripped=added.tripped_share, broken=broken, expected=returns.expected
        )  # fmt: skip
    ordered_mw, ordered_at_end_mw = _counted(state, got.ordered)
    return PowerStep(
        state=PowerState(
            stock=got.stock, interruption=interruption, turns=turns,
            subqueues=None if got.ordered is None else got.ordered.at_end,
            ordered_mw=ordered_at_end_mw,
            cascade=None if got.cascade is None else got.cascade.state,
        ),
        demand_mw=demand,
        added=added,
        served_mw=got.served_mw,
        cause_mw=with_order(with_feeders(got.cause_mw, off_mw=demand - reached), got.ordered),
        generation_mw=got.generation_mw,
        flow_mw=got.flow_mw,
        branch_share=got.branch_share,
        charging_mw=got.charging_mw,
        shares=shares,
        off=off,
        cohorts=cohorts,
        broken=broken,
        cascade=got.cascade,
        ordered=got.ordered,
        ordered_mw=ordered_mw,
    )  # fmt: skip


def _peak(system: PowerSystem, added: Added) -> Peak | None:
    """Return the peak of load that returns, which an order of whole sub-queues covers; None without one."""
    if added.peak_mw is None or system.options.cuts != "order":
        return None
    above_h, below_h = shape_of_step(system.settings, step_h=system.clock.step_h)
    return Peak(mw=added.peak_mw, above_h=above_h, below_h=below_h)


def _reached(
    system: PowerSystem, added: Added, demand: Floats, broken: Floats | None, charging_mw: Floats | None
) -> tuple[Floats, Floats | None]:  # fmt: skip
    """Return the demand on feeders that work and are on, ``(member, region, tier)``, and what of it is above limits.

    The second comes on top of what an event leaves, shape ``(member, region)``; None where no feeder can break. [MW]
    """
    reached = added.reached(demand)
    if broken is None:
        return reached, None
    second_feed = system.settings["critical_second_feed_share"]
    above_mw = on_second_feeds(reached, broken, second_feed) + added.reached_pickup_mw
    if charging_mw is not None:
        above_mw += row_sum(charging_mw) * (1.0 - broken)
    return on_feeders_that_work(reached, broken, second_feed), above_mw


def _home_load(
    system: PowerSystem, step: int, demand_mw: Floats, got: Served, *, tripped: Floats, broken: Floats | None
) -> HomeLoad:  # fmt: skip
    """Return the load of homes; where they have no demand, in the parts that a very small one would have.

    Parameters
    ----------
    demand_mw
        Demand of all feeders, shape ``(member, region, tier)``. [MW]
    got
        Outcome of the dispatch.
    tripped, broken
        As in `home_load`.
    """
    homes = home_load(demand_mw, got.served_mw, got.cause_mw, tripped=tripped, broken=broken)
    if (homes.demand > 0).all():
        return homes
    return with_others(
        homes, demand_mw, got.served_mw, got.cause_mw, got.live, broken=broken,
        spread=system.options.rotation == "mean", kept=system.queues.kept_share(step),
        industry_mw=None if got.ordered is None else got.ordered.industry_mw,
    )  # fmt: skip


def _counted(state: PowerState, ordered: Ordered | None) -> tuple[Floats | None, Floats | None]:
    """Return the order as its operator counts it, mean of a step and as it ends, each ``(member, region)``. [MW]

    None without an order.
    """
    if ordered is None or state.subqueues is None or state.ordered_mw is None:
        return None, None
    mean_mw = counted_mw(state.ordered_mw, state.subqueues, ordered.by_order, ordered.base_mw)
    if ordered.at_end is ordered.by_order:
        return mean_mw, mean_mw
    return mean_mw, counted_mw(state.ordered_mw, state.subqueues, ordered.at_end, ordered.base_mw)


def _broken(system: PowerSystem, step: int, demand_mw: Floats) -> Floats:
    """Compute the share of feeders that events leave without service, shape ``(member, region)``. [1]

    A limit that the network itself has is not damage: it stays with the dispatch.

    Parameters
    ----------
    demand_mw
        Demand without what feedback and batteries that charge add, shape ``(member, region, tier)``: feeders do not
        break because of these. [MW]
    """
    whole = row_sum(demand_mw)
    limit = delivery_limit(system, step, np.arange(system.members))
    return broken_share(np.where(limit < system.index.delivery_mw, limit, np.inf), whole)


def _broken_of_mean(system: PowerSystem, step: int, demand_mw: Floats) -> Floats | None:
    """Return the same where every cut is spread over all homes; None in a step without limits of events.

    The dispatch has these limits then; only people off by damage and by rotation are told apart by them.
    """
    limited = np.isfinite(system.capacity.delivery_mw[step]).any()
    return _broken(system, step, demand_mw) if limited else None


def with_feeders(cause_mw: Floats, *, off_mw: Floats) -> Floats:
    """Add demand on feeders that trip or are off to what is not served because of a limit.

    Parameters
    ----------
    cause_mw
        Demand that is not served by cause, shape ``(member, region, tier, cause)``. [MW]
    off_mw
        Demand on feeders that trip or are off, shape ``(member, region, tier)``. [MW]
    """
    if not off_mw.any():
        return cause_mw
    cause = cause_mw.copy()
    cause[..., CAUSES.index("limit")] += off_mw
    return cause


def with_order(cause_mw: Floats, ordered: Ordered | None) -> Floats:
    """Add what the order cuts beyond the optimum as the last cause, shape ``(member, region, tier, cause)``. [MW]

    Parameters
    ----------
    cause_mw
        Demand that the optimum does not serve by cause, same shape. [MW]
    ordered
        Outcome of the order; None where none is followed.
    """
    return cause_mw if ordered is None else np.concatenate([cause_mw, ordered.more_mw[..., None]], axis=-1)


def power_shares(critical: Floats, *, homes: Floats, cut: Floats) -> PowerShares:
    """Compute the shares of homes and of heat and water plant that have power.

    Plant is critical, but a share of it is on feeders that are cut with the homes around it.

    Parameters
    ----------
    critical
        Share of critical consumers that have power, shape ``(member, region)``. [1]
    homes
        Share of homes that have power, same shape. [1]
    cut
        Share of plant on feeders that are cut, for arrays of the same shape. [1]
    """
    plants = (1.0 - cut) * critical + cut * np.minimum(homes, critical)
    return PowerShares(homes=homes, plant=plants, critical=critical)


def critical_share(
    demand_mw: Floats, reached_mw: Floats, served_mw: Floats, optimum_mw: Floats, live: Bools, *,
    broken: Floats | None = None, second_feed: Floats | float = 1.0,
) -> Floats:  # fmt: skip
    """Compute the share of critical consumers that have power, shape ``(member, region)``. [1]

    Parameters
    ----------
    demand_mw
        Demand of all feeders, shape ``(member, region, tier)``. [MW]
    reached_mw
        Part of it on feeders that work and are on, same shape. [MW]
    served_mw, optimum_mw
        What is served of it, and what the optimum serves, same shape. [MW]
    live
        True where the bus of a region is live, shape ``(member, region)``.
    broken
        Share of feeders that are broken, same shape; None where none can break. [1]
    second_feed
        Share of critical consumers with a second feed that works, of a shape that broadcasts to the same. [1]

    Notes
    -----
    Ours: critical consumers without demand have power as with a very small one, which comes before that of others:
    where the optimum serves any of these, or none can be reached, all on feeders that work or with a second feed.
    """
    need, got = demand_mw[..., CRITICAL], served_mw[..., CRITICAL]
    share = ratio(got, need)
    if (need > 0).all():
        return share
    others_mw, served = (row_sum(values[..., list(OTHERS)]) for values in (reached_mw, optimum_mw))
    first = np.where(others_mw > 0, served > TOLERANCE * others_mw, live)
    reach = 1.0 if broken is None else 1.0 - broken * (1.0 - second_feed)
    return np.where(need > 0, share, first * reach)


def _critical_share(
    system: PowerSystem, demand_mw: Floats, reached_mw: Floats, got: Served, broken: Floats | None
) -> Floats:  # fmt: skip
    """Return the share of critical consumers that have power in a step, as `critical_share`. [1]"""
    optimum_mw = got.served_mw if got.ordered is None else got.served_mw + got.ordered.more_mw
    second_feed = 1.0 if broken is None else system.settings["critical_second_feed_share"]
    return critical_share(
        demand_mw, reached_mw, got.served_mw, optimum_mw, got.live, broken=broken, second_feed=second_feed
    )
