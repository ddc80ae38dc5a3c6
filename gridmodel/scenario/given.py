"""Types that each setting of a scenario takes; made from the groups of settings by `python docs/make.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

    from gridmodel.inputs.memory import TablesLike
    from gridmodel.scenario.groups.generation import Unit
    from gridmodel.scenario.groups.sampling import StopAt
    from gridmodel.scenario.help import Mitigation

Moment: TypeAlias = "str | date | np.datetime64"
"""Local time: a text, a date, or one with hours and minutes, which is a date too."""
Number: TypeAlias = "float | np.floating[Any] | np.integer[Any]"
Whole: TypeAlias = "int | np.integer[Any]"
Switch: TypeAlias = "bool | np.bool_"
Drawn: TypeAlias = Mapping[str, Sequence[float]]
"""Distribution from which each member draws: {"uniform": [0.1, 0.3]}."""


class _Optional(TypedDict, total=False):
    """Settings that have a default."""

    demand: str | Path | xr.DataArray | pd.DataFrame | None
    demand_use: Literal["scale", "replace"]
    demand_lag_weights: Sequence[Number]
    temperature_slope: Number | Drawn | None
    temperature_slope_factor: Sequence[Number] | Number | Drawn
    demand_factor: Number | Drawn
    heating_threshold_c: Number | Drawn
    heating_saturates_c: Number | Drawn
    critical_on_cut_feeders: Number | Drawn
    heater_feedback: Switch
    heater_uptake: Number | Drawn
    heater_cap_kw: Number | Drawn
    heater_diversity: Number | Drawn
    feeder_limits: Switch
    feeder_limit_factor: Number | Drawn
    feeder_limit_kw: Number | Drawn | None
    cold_load_pickup: Switch
    pickup_per_h: Number | Drawn
    pickup_most: Number | Drawn
    pickup_thermostatic_share: Number | Drawn
    pickup_tau_h: Number | Drawn
    critical_share_factor: Sequence[Number] | Number | Drawn
    exempt_share_factor: Sequence[Number] | Number | Drawn
    shared_feeder_share: Sequence[Number] | Number | Drawn
    outside_queues_spread: Number | Drawn
    recharge: Literal["surplus", "cutting", "overnight"]
    storage_start: Number | Drawn
    rotation: Literal["queues", "fixed", "mean"]
    cuts: Literal["order", "feeders", "optimum"]
    reserve_mw: Number | Drawn
    industry_limit_share: Number | Drawn
    restore_share_per_h: Number | Drawn
    rotation_block_h: Number | Drawn
    rotation_rest_h: Number | Drawn
    critical_second_feed_share: Number | Drawn
    cascade: Literal["none", "overload", "full"]
    overload_trip_factor: Number | Drawn
    branch_reclose_h: Number | Drawn
    tie_overload_factor: Number | Drawn
    primary_reserve_share: Number | Drawn
    reserve_lag_s: Number | Drawn
    reserve_full_hz: Number | Drawn
    load_relief_per_hz: Number | Drawn
    relay_first_hz: Number | Drawn | None
    relay_last_hz: Number | Drawn | None
    relay_stages: Whole | Drawn
    relay_first_share: Number | Drawn
    relay_share: Number | Drawn
    relay_delay_s: Number | Drawn
    relay_restore_h: Number | Drawn
    unit_trip_hz: Number | Drawn | None
    loss_split: Number | Drawn
    heat_source_spread: Number | Drawn
    restart_h: Sequence[Number] | Number | Drawn
    reconnection_tau_h: Sequence[Number] | Number | Drawn
    slow_return_share: Sequence[Number] | Number | Drawn
    heat_given_up_share: Number | Drawn
    hot_water_share: Number | Drawn
    heat_floor_c: Number | Drawn
    set_point_c: Number | Drawn
    internal_gain_w_per_m2: Number | Drawn
    heating_air_share: Number | Drawn
    building_inertia: Sequence[Number] | Number | Drawn
    wind_m_s: Number | Drawn
    open_stairwell_share: Number | Drawn
    open_stairwell_w_per_m2k: Number | Drawn
    sun_clearness: Number | Drawn
    sun_window_share: Number | Drawn
    own_heat_margin: Number | Drawn
    own_backup_share: Sequence[Number] | Number | Drawn
    own_backup_h: Number | Drawn
    own_backup_charge_ratio: Number | Drawn
    own_fallback_stove_share: Sequence[Number] | Number | Drawn
    own_fallback_stove_heat: Number | Drawn
    leave_share: Sequence[Number] | Number | Drawn
    leave_after_h: Number | Drawn
    leave_tau_h: Number | Drawn
    own_heat_powered_share: Sequence[Number] | Number | Drawn
    appliance_share: Number | Drawn
    cooker_w_per_m2: Number | Drawn
    settled_for_c: Number | Drawn
    radiator_lag_h: Number | Drawn
    own_radiator_lag_h: Number | Drawn
    own_room_lag_h: Number | Drawn
    building_pump_share: Number | Drawn
    chp_heat_only_share: Number | Drawn
    heat_network_leak_per_h: Number | Drawn
    heat_network_make_up_per_h: Number | Drawn
    heat_network_margin: Number | Drawn
    drain_below_coolant_c: Number | Drawn
    drain_lead_h: Number | Drawn
    drain_crew_buildings_per_h: Number | Drawn
    burst_repair_days: Number | Drawn
    burst_refill_h: Number | Drawn
    riser_repair_h: Number | Drawn
    heat_battery_h: Number | Drawn
    water_battery_h: Number | Drawn
    hospital_w_per_person: Number | Drawn
    hospital_autonomy_h: Number | Drawn
    hospital_battery_h: Number | Drawn
    telecom_w_per_person: Number | Drawn
    telecom_autonomy_h: Number | Drawn
    telecom_battery_h: Number | Drawn
    battery_charge_h: Number | Drawn
    battery_efficiency: Number | Drawn
    backup_start_probability: Number | Drawn
    fuel_trucks_per_million: Number | Drawn
    truck_load_mwh: Number | Drawn
    truck_trip_h: Number | Drawn
    pump_margin: Number | Drawn
    water_day_swing: Number | Drawn
    burst_leak_m3_per_h: Number | Drawn
    burst_shut_off_h: Number | Drawn
    missile_damage_chance: Number | Drawn
    missile_interception_correlation: Number | Drawn
    ballistic_damage_chance: Number | Drawn
    ballistic_interception_correlation: Number | Drawn
    drone_damage_chance: Number | Drawn
    drone_interception_correlation: Number | Drawn
    damage_state_probabilities: Mapping[str, Number | Drawn]
    damage_capacity_left: Mapping[str, Number | Drawn]
    unit_size_spread: Number | Drawn
    delivery_unit_mw: Number
    heat_network_unit_mw_th: Number
    wave_concentration: Sequence[Number] | Number | Drawn
    healing_days: Sequence[Number] | Number | Drawn
    repair_days: Mapping[str, Mapping[str, Sequence[Number | Drawn]]]
    repair_priority: Sequence[Literal["hospital", "heat", "water", "substation", "generation", "feeder"]]
    repair_crews_per_million: Number | Drawn
    night_crew_share: Number | Drawn
    crew_travel_h: Number | Drawn
    cold_work_below_c: Number | Drawn
    cold_work_speed: Number | Drawn
    spare_transformers: Whole | Drawn
    new_transformer_days: Number | Drawn
    vulnerable_share_factor: Number | Drawn
    vulnerable_weight: Number
    help_weights: Mapping[str, Number | Drawn]
    network_regions: str | None
    step: Literal["15min", "30min", "1h"]
    timezone: str | None
    start_state: str | Path | None
    save_states: Sequence[Moment]
    folder: Path | None
    members: Whole | Literal["auto"]
    stop_at: StopAt | Mapping[str, Any]
    sampling: Literal["random", "latin_hypercube", "sobol", "saltelli"]
    seed: Whole
    deterministic: Switch
    import_limit_mw: Number | Drawn | None
    availability: Mapping[str, Number | Drawn]
    supply: str | Path | xr.DataArray | pd.DataFrame | None
    supply_range: Sequence[Number]
    supply_autocorrelation_h: Number
    forced_outages: Mapping[str, Unit | Mapping[str, Any]]
    events: str | Path | pd.DataFrame | Sequence[Mapping[str, Any]]
    interception: Number | Drawn | None
    timetable: str | Path | pd.DataFrame | None
    mitigations: pd.DataFrame | Sequence[Mitigation | Mapping[str, Any]] | None


class Given(_Optional):
    """Settings of a new scenario."""

    name: str
    network: str | Path | TablesLike | dict[str, Any]
    weather: str | Path | xr.DataArray | xr.Dataset | pd.DataFrame
    start: Moment
    end: Moment


class Changes(_Optional, total=False):
    """Settings of a variant."""

    name: str
    network: str | Path | TablesLike | dict[str, Any]
    weather: str | Path | xr.DataArray | xr.Dataset | pd.DataFrame
    start: Moment
    end: Moment
