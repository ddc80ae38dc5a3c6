"""A power system of two regions made from arrays, without a scenario or a network folder."""

import dataclasses

import numpy as np

from gridmodel.dispatch import Dispatcher
from gridmodel.events import Announced
from gridmodel.network import Fleet, Grid, GridIndex, with_kept
from gridmodel.sampling import Settings
from gridmodel.services.power.consumers import Consumers
from gridmodel.services.power.queues import Queues
from gridmodel.services.power.system import Capacity, Options, PowerSystem
from gridmodel.services.setup import Clock
from gridmodel.vocabulary import TECHNOLOGIES, TIERS

SETTINGS = {
    "temperature_slope_factor": np.ones(1), "demand_factor": 1.0, "heating_threshold_c": 15.0, "heating_saturates_c": -30.0, "critical_on_cut_feeders": 0.25,
    "pickup_thermostatic_share": 0.6, "pickup_per_h": 0.25, "pickup_most": 1.0, "pickup_tau_h": 1.0,
    "feeder_limit_kw": 1.6, "branch_reclose_h": 0.5, "relay_restore_h": 0.5, "primary_reserve_share": 0.05,
    "tie_overload_factor": 1.5, "overload_trip_factor": 1.2, "relay_first_hz": 49.0, "relay_last_hz": 48.0,
    "relay_stages": 5.0, "relay_first_share": 0.05, "relay_share": 0.45, "relay_delay_s": 0.2, "storage_start": 1.0, "reserve_lag_s": 5.0,
    "reserve_full_hz": 0.2, "load_relief_per_hz": 0.01, "unit_trip_hz": 47.5,
}  # fmt: skip
GENERATORS = ("coal in A", "storage in B", "border at A")


def two_regions(*, steps=4, capacity=None, options=None, consumers=None, settings=None, line_mw=1000.0, queues=None):
    """Regions A and B, 100 MW each, a line between them; 120 MW of coal, 50 MW and 100 MWh of storage, a 100 MW border.

    The line and all capacity are whole unless `capacity` says otherwise; its arrays are of shape ``(time, 1, …)``.
    """
    grid = Grid(
        buses=2, branch_from=np.array([0]), branch_to=np.array([1]), susceptance_mw=np.array([1e4]),
        shift_rad=np.zeros(1), rating_mw=np.array([line_mw]), generator_bus=np.array([0, 1, 0]),
        generator_cost=np.array([20.0, 40.0, 60.0]), load_bus=np.repeat([0, 1], len(TIERS)),
        load_cost=np.tile([4000.0, 1000.0, 1000.0, 1000.0], 2), load_region=np.repeat([0, 1], len(TIERS)), regions=2,
        groups=((np.array([2]), 100.0),),
    )  # fmt: skip
    index = GridIndex(
        generators=list(GENERATORS), technology=np.array([*map(TECHNOLOGIES.index, ("thermal_coal", "pumped_storage")), -1]),
        generator_region=np.array([0, 1, -1]), branches=["A--B"], branch_region=np.array([[0, 1]]),
        region_bus=np.array([0, 1]), load_tier=np.tile(np.arange(len(TIERS)), 2), delivery_mw=np.full(2, np.inf),
        groups=["import"], import_group=0,
    )  # fmt: skip
    fleet = Fleet(
        border=np.array([False, False, True]), unit_mw=np.array([60.0, 50.0, 0.0]), p_max_mw=np.array([120.0, 50.0, 100.0]),
        min_stable_pu=np.array([0.4, 0.0, 0.0]), grid_forming=np.array([True, True, False]),
        black_start=np.array([False, True, False]), restart_h=np.array([12.0, 0.5, 0.0]),
        inertia_s=np.array([4.0, 3.0, 0.0]), day_mwh=np.array([np.inf, 100.0, np.inf]),
        charges=np.array([False, True, False]), reserve=np.zeros(3, dtype=bool), efficiency=np.array([1.0, 0.75, 1.0]),
    )  # fmt: skip
    whole = {
        "available_mw": np.tile(fleet.p_max_mw, (steps + 25, 1)),
        "generator_share": np.ones((steps, 1, 3)), "fuel_share": np.ones((steps, 1, 2)),
        "branch_share": np.ones((steps, 1, 1)),
        "delivery_mw": np.full((steps, 1, 2), np.inf), "import_mw": np.full((steps, 1), np.inf),
        "import_share": np.ones((steps, 1)), "ties": np.ones((steps, 1)), "more_import_mw": np.zeros(steps),
        "announced": Announced(
            generator=np.ones((steps, 1, 3)), branch=np.ones((steps, 1, 1)), delivery_mw=np.full((steps, 1, 2), np.inf)
        ),
        "changed": np.zeros((steps, 1), dtype=bool), "battery_available": np.zeros((steps, 0)),
    }  # fmt: skip
    people = {
        "population": np.full(2, 100e3), "dwellings": np.full(2, 40e3), "feeder_design_kw": np.full(2, 0.8), "reference_mw": np.full(2, 100.0),
        "reference_c": np.zeros(2), "slope_mw_per_k": np.full(2, 2.0),
        "tier_share": np.array([[0.1, 0.5, 0.2, 0.2], [0.1, 0.5, 0.2, 0.2]]), "shape": np.ones(steps + 25),
        "effective_c": np.zeros((steps, 2)), "timetable_off": None,
    }  # fmt: skip
    outside = {
        "tier_share": people["tier_share"], "exempt": np.zeros(2), "shared": np.zeros(2),
        "exempt_remaining": np.ones((steps, 1, 2)),
    } | (queues or {})  # fmt: skip
    if queues:
        grid = with_kept(grid, index)
    times = np.datetime64("2026-01-05T00", "s") + np.arange(steps + 25) * np.timedelta64(1, "h")
    clock = Clock(
        times=times[:steps], local=times, midnight=np.arange(steps) == 0, remaining=24 - np.arange(steps), step_h=1.0
    )
    values = {
        name: np.asarray(value, dtype=float)
        for name, value in (SETTINGS | {"restore_share_per_h": 100.0, "demand_factor": 1.0} | (settings or {})).items()
    }
    return PowerSystem(
        members=1, dispatcher=Dispatcher(grid), index=index, fleet=fleet, clock=clock, settings=Settings(values),
        consumers=Consumers(**(people | (consumers or {}))), capacity=Capacity(**(whole | (capacity or {}))), queues=Queues(**outside),
        options=dataclasses.replace(Options(recharge="overnight"), **(options or {})),
    )  # fmt: skip
