"""Build the power system of a run from its set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.dispatch import Dispatcher
from gridmodel.network import build_fleet, profile_values, with_charging, with_kept
from gridmodel.services.cohorts import breaking_regions, cohort_count, homes_may_be_outside
from gridmodel.services.measures import more_import_mw
from gridmodel.services.megawatts import with_megawatts
from gridmodel.services.power.build_consumers import consumers_of
from gridmodel.services.power.queues import build_queues
from gridmodel.services.power.system import Capacity, Options, PowerSystem
from gridmodel.services.setup import Setup


def build_power(setup: Setup) -> PowerSystem:
    """Build the power system; pumped storage and batteries that refill from the grid are loads as well."""
    network, scenario = setup.network, setup.scenario
    grid, index = setup.grid
    fleet = build_fleet(network)
    queues = build_queues(scenario, network, setup.streams, setup.settings, setup.timeline.exempt)
    if queues.kept_share(0) is not None:
        grid = with_kept(grid, index)
    if scenario.recharge != "overnight":
        cutting = scenario.recharge == "cutting"
        grid, index = with_charging(grid, index, fleet.limited, fleet.charges[fleet.limited], cutting=cutting)
    return PowerSystem(
        members=len(setup.members), dispatcher=Dispatcher(grid), index=index, fleet=fleet,
        consumers=consumers_of(setup, queues.tier_share), queues=queues,
        capacity=_capacity(setup), clock=setup.clock, settings=setup.settings,
        options=Options(
            recharge=scenario.recharge, cascade=scenario.cascade, feeder_limits=scenario.feeder_limits,
            cold_load_pickup=scenario.cold_load_pickup, rotation=scenario.rotation, cuts=scenario.cuts,
            cohorts=cohort_count(scenario), breaking=breaking_regions(setup),
            homes_outside=homes_may_be_outside(scenario), nominal_hz=network.frequency_hz,
        ),
    )  # fmt: skip


def _capacity(setup: Setup) -> Capacity:
    """Collect the capacity of plant and grid that events and weather leave and measures add."""
    timeline, battery_available = setup.timeline, setup.measures.battery_available
    return Capacity(
        available_mw=_available(setup, battery_available),
        generator_share=timeline.generator, fuel_share=timeline.fuel, branch_share=timeline.branch,
        delivery_mw=timeline.delivery_mw, import_mw=timeline.import_mw,
        import_share=timeline.import_share, ties=timeline.ties, announced=timeline.announced,
        more_import_mw=more_import_mw(setup.scenario),
        changed=timeline.changes(len(setup.members)), battery_available=battery_available,
        planned_anew=setup.begin if setup.more_batteries else -1,
        import_by_date_mw=None if setup.supply is None else setup.supply.import_limit_mw,
    )  # fmt: skip


def _available(setup: Setup, battery_available: Floats) -> Floats:
    """Compute the most that generators and interconnectors can give before damage, ``(time, …, generator)``. [MW]"""
    network, settings, local = setup.network, setup.settings, setup.clock.local
    table = network.tables["generators"]
    profiles = network.tables["profiles"]
    borders = network.tables["interconnectors"]["p_max_mw"].to_numpy(dtype=float)
    shapes = {name: profile_values(profiles, name, local, network.week) for name in table["profile"].unique()}
    by_hour = np.column_stack([shapes[name] for name in table["profile"]]) if len(table) else np.ones((len(local), 0))
    placed = battery_available.shape[1]
    if placed:
        by_hour[:, -placed:] = battery_available[np.minimum(np.arange(len(local)), len(battery_available) - 1)]
    names = [f"availability.{name}" for name in table["technology"]]
    factor = settings.together(names, np.ones(len(names)))
    by_date = None if setup.supply is None else _factor_by_date(setup.supply.availability, list(table["technology"]))
    if by_date is not None:
        factor = factor * by_date
    own = np.minimum(table["p_available_mw"].to_numpy(dtype=float) * factor, table["p_max_mw"].to_numpy(dtype=float))
    hours = by_hour[:, None, :] if own.ndim > 1 else by_hour
    if setup.supply is not None:
        by_member = with_megawatts(own * hours, list(table["technology"]), setup.supply.megawatts)
        return np.concatenate([by_member, np.broadcast_to(borders, (*by_member.shape[:-1], len(borders)))], axis=-1)
    found = np.empty((*np.broadcast_shapes(own.shape, hours.shape)[:-1], len(names) + len(borders)))
    np.multiply(own, hours, out=found[..., : len(names)])  # the largest array of a run: written once
    found[..., len(names) :] = borders
    return found


def _factor_by_date(availability: Mapping[str, Floats], technology: Sequence[str]) -> Floats | None:
    """Return the factor on each generator by date, ``(time + day, member, generator)``; None if none has one."""
    if not availability:
        return None
    shape = np.broadcast_shapes(*(values.shape for values in availability.values()))
    whole = np.ones((*shape, len(technology)))
    for place, name in enumerate(technology):
        if name in availability:
            whole[..., place] = availability[name]
    return whole
