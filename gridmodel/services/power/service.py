"""Electricity as a service of a run: built, started, and taken through a step."""

from __future__ import annotations

import numpy as np

from gridmodel.arrays import Floats, row_sum
from gridmodel.dispatch.merit import gather
from gridmodel.services.cohorts import SUBQUEUES
from gridmodel.services.power.build import build_power
from gridmodel.services.power.consumers import CRITICAL, HOUSEHOLD
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.serve import Ordered
from gridmodel.services.power.step import PowerState, PowerStep, first_state, step_power
from gridmodel.services.power.system import PowerSystem
from gridmodel.services.power.turns import hours_off
from gridmodel.services.setup import Seen, Setup, Shown, Started
from gridmodel.vocabulary import CAUSES, MECHANISMS, ORDER_CAUSE, TECHNOLOGIES, TIERS


def build(setup: Setup) -> PowerSystem:
    """Build the power system."""
    return build_power(setup)


def start(system: PowerSystem) -> Started:
    """Return the state before the first step, and the timetable if one is imposed."""
    consumers = system.consumers
    absent = set() if consumers.heated else {"heater_mw"}
    outside = system.queues.outside_share(0)
    shown = {"outside_queues_share": np.broadcast_to(outside, (system.members, outside.shape[-1]))}
    if consumers.timetable_off is None:
        absent.add("timetable_off_share")
    else:
        shown["timetable_off_share"] = consumers.timetable_off[: len(system.clock.midnight)]
    if system.options.rotation == "mean":
        absent |= {"hours_off_quantile", "subqueues_off"}
    ordering = system.options.rotation != "mean" and system.options.cuts != "optimum"
    if not ordering:
        absent |= {"cut_stage", "shed_optimum_mw", "industry_limited_mw", "ordered_mw"}
    causes = [*CAUSES, *(MECHANISMS if system.options.cascade != "none" else ()), *([ORDER_CAUSE] if ordering else [])]
    labels = {} if causes == [*CAUSES] else {"cause": causes}
    if system.index.technologies != TECHNOLOGIES:
        labels["technology"] = [*system.index.technologies]
    return Started(state=first_state(system), shown=shown, labels=labels, absent=frozenset(absent))


def step(system: PowerSystem, state: PowerState, seen: Seen, number: int) -> tuple[PowerState, Shown]:
    """Serve demand with the capacity of this step."""
    heaters = Heaters(wanted_mw=seen["heater_wanted_mw"], home_share=seen["heater_wanted_share"])
    done = step_power(system, state, number, heaters, _charging(seen))
    shares, people = done.shares, system.consumers.population
    shown = {
        **_shown(system, done, number),
        "power": done,
        "service_power_share": shares.plant,
        "home_power_share": shares.homes,
        "critical_power_share": shares.critical,
        "cohort_power_share": done.cohorts.power,
        "broken_feeder_share": done.broken if done.broken is not None else np.zeros_like(shares.homes),
        "outside_home_share": done.cohorts.outside if done.cohorts.outside is not None else np.zeros_like(shares.homes),
        "people_without_power": people * np.clip(1.0 - shares.homes, 0.0, 1.0),
        "people_off_by_rotation": people * done.off.by_rotation,
        "people_off_by_damage": people * done.off.by_damage,
    }
    if done.ordered is not None and done.ordered_mw is not None:
        shown |= _of_order(done.ordered, done.ordered_mw)
        shown["shed_optimum_mw"] = row_sum(done.demand_mw - done.served_mw - done.ordered.more_mw)
    elif done.cohorts.off is not None:
        shown["subqueues_off"] = np.where(done.off.by_rotation > 0, SUBQUEUES * done.cohorts.off, 0.0)
    if done.state.turns is not None:
        shown["hours_off_quantile"] = np.moveaxis(hours_off(done.state.turns), 0, -1)
    return done.state, shown


def _of_order(ordered: Ordered, counted_mw: Floats) -> Shown:
    """Return what is ordered, nothing on dead islands; `counted_mw` is the order as its operator counts it. [MW]"""
    shown: Shown = {
        "subqueues_off": ordered.subqueues, "cut_stage": ordered.stage, "industry_limited_mw": ordered.industry_mw,
        "ordered_mw": counted_mw,
    }  # fmt: skip
    if ordered.live.all():
        return shown
    return {name: np.where(ordered.live, values, 0.0) for name, values in shown.items()}


def _charging(seen: Seen) -> Floats | None:
    """Return the load of batteries behind the meter, shape ``(member, region, tier)``; None without any. [MW]"""
    critical, homes = seen["critical_charging_mw"], seen["home_charging_mw"]
    if not (critical.any() or homes.any()):
        return None
    load = np.zeros((*homes.shape, len(TIERS)))
    load[..., CRITICAL], load[..., HOUSEHOLD] = critical, homes
    return load


def _shown(system: PowerSystem, power: PowerStep, number: int) -> Shown:
    """Return demand, served demand, causes of shedding, generation and remaining energy."""
    index, regions, kinds = system.index, system.grid.regions, len(system.index.technologies)
    own = np.flatnonzero(index.technology >= 0)
    borders = np.flatnonzero(index.technology < 0)
    cell = index.generator_region[own] * kinds + index.technology[own]
    output = gather(np.take(power.generation_mw, own, axis=1), cell, regions * kinds)
    limited = index.technology[system.fleet.limited]
    remaining, placed = power.state.stock.remaining_mwh, system.capacity.battery_available[number]
    if len(placed):  # a battery that has not arrived adds no energy yet
        arrived = remaining[:, -len(placed) :] * placed
        remaining = np.concatenate([remaining[:, : -len(placed)], arrived], axis=1)
    return {
        "demand_mw": power.demand_mw,
        "served_mw": power.served_mw,
        "shed_mw": power.demand_mw - power.served_mw,
        "shed_cause_mw": row_sum(np.moveaxis(power.cause_mw, 2, -1)),
        "generation_mw": output.reshape(len(output), regions, kinds),
        "import_mw": row_sum(np.take(power.generation_mw, borders, axis=1)),
        "storage_mwh": gather(remaining, limited, kinds),
        "charging_mw": gather(power.charging_mw, limited, kinds),
        "pickup_mw": power.added.pickup_mw,
        "feeder_tripped_share": power.added.tripped_share,
        "heater_mw": power.added.heater_mw,
    }
