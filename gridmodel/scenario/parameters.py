"""Numbers of the physics that a scenario may override."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from gridmodel.scenario.fields import (
    Days,
    Factor,
    Hours,
    Known,
    Number,
    RepairDays,
    Share,
    StateShares,
    all_states,
    distinct,
    ordered,
    sums_to_one,
)
from gridmodel.vocabulary import CLASSES, DAMAGE_STATES

DAMAGE_CLASSES = (*(name for name in CLASSES if name not in {"crew", "fuel"}), "generator", "branch")
"""Classes that have repair times; `generator` and `branch` are single components of a user's own network."""
RepairGroup = Literal["hospital", "heat", "water", "substation", "generation", "feeder"]
REPAIR_GROUPS: tuple[RepairGroup, ...] = get_args(RepairGroup)
"""What crews go to, the first first."""


class Parameters(BaseModel):
    """Numbers of the physics that a scenario may override.

    Those marked [B] are unconfirmed: background knowledge or a modelling choice, listed as such in the docs.
    A pair of numbers is a range that each member draws from; a deterministic run takes one number of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    temperature_slope: Annotated[Number, Field(gt=0, le=10)] | None = None
    """National rise of demand per kelvin of cold [GW/K]; empty: the network's own sum (0.20 for Ukraine)."""
    temperature_slope_factor: Annotated[tuple[Factor, Factor], AfterValidator(ordered)] = (0.9, 1.5)
    """Range of the national factor on the slope, drawn once a member; a deterministic run takes 1 (or the end nearest
    to it)."""
    heating_threshold_c: Annotated[Number, Field(ge=-50, le=40)] = 15.0
    """Temperature below which heating needs electricity [°C]."""
    critical_on_cut_feeders: Share = 0.15
    """Share of heat and water plant that hangs on feeders cut with the rest [B, 0-0.4]. Its megawatts are counted
    with the consumers that are cut: the critical share was measured as what stays on while others are off."""
    recharge: Literal["overnight", "surplus"] = "overnight"
    """How pumped storage and batteries refill: taken as full at midnight, outside the balance [B], or only from
    generation that nobody else needs, with their losses."""
    cascade: Literal["none", "overload", "full"] = "none"
    """What damage sets off at once: nothing, branches that trip on overload, or frequency, relays, units and
    blackouts as well."""
    overload_trip_factor: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Flow over the limit of a branch at which its protection trips it [B]."""
    branch_reclose_h: Hours = 1.0
    """Time until a branch or interconnector that tripped is closed again [h] [B]."""
    tie_overload_factor: Annotated[Number, Field(ge=1, le=5)] = 1.5
    """Flow over the capacity of an interconnector that holds for the moment; beyond it all of an island open [B]."""
    primary_reserve_share: Share = 0.05
    """Reserve that acts at once, as a share of the capacity that runs, if there is headroom [B]."""
    reserve_lag_s: Annotated[Number, Field(ge=0.5, le=60)] = 5.0
    """Time constant of that reserve [s] [B]."""
    reserve_full_hz: Annotated[Number, Field(ge=0.05, le=2)] = 0.2
    """Fall of frequency that calls all of it [Hz] (Regulation (EU) 2017/1485, annex V)."""
    load_relief_per_hz: Annotated[Number, Field(ge=0, le=0.1)] = 0.01
    """Load that goes with each hertz of frequency [1/Hz] (UCTE Operation Handbook, policy 1)."""
    relay_first_hz: Annotated[Number, Field(ge=48.5, le=49.8)] = 49.0
    """Frequency of the first stage of load shedding by relays [Hz] (Regulation (EU) 2017/2196, annex)."""
    relay_last_hz: Annotated[Number, Field(ge=47, le=48.5)] = 48.0
    """Frequency of its last stage [Hz] (the same)."""
    relay_stages: Annotated[int, Strict(), Field(ge=2, le=20)] = 6
    """Stages, evenly apart [1] (the same: at least six)."""
    relay_first_share: Share = 0.05
    """Share of the load that the first stage takes (the same: at least 5 %)."""
    relay_share: Share = 0.45
    """Share of the load that all stages take together, none of it critical [B]; the code lets it be near a half."""
    relay_delay_s: Annotated[Number, Field(ge=0, le=5)] = 0.2
    """Time from the threshold to the open breaker [s] [B]."""
    relay_restore_h: Hours = 0.5
    """Time until load that relays took may be served again [h] [B]."""
    unit_trip_hz: Annotated[Number, Field(ge=40, le=49)] = 47.5
    """Frequency below which units trip [Hz] (Regulation (EU) 2016/631, article 13)."""
    loss_split: Share = 1.0
    """Share of lost heat capacity that disconnects buildings; the rest dilutes the heat of all [B]."""
    reconnection_tau_h: Annotated[tuple[Hours, Hours], AfterValidator(ordered)] = (30.0, 80.0)
    """Time constant of the return of disconnected buildings, the whole chain of refill, crews and warm-up [h];
    a deterministic run takes its geometric middle."""
    set_point_c: Annotated[Number, Field(ge=5, le=30)] = 20.0
    """Indoor temperature that heating holds [°C] [B]."""
    internal_gain_w_per_m2: Annotated[Number, Field(ge=0, le=50)] = 3.0
    """Heat of people, cooking and appliances in a home [W/m²] [B]."""
    heating_air_share: Share = 0.5
    """Share of a radiator's heat that goes to the air; the rest is radiant."""
    own_heat_margin: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Installed heating of homes that heat themselves over their design need [B]; it lets them catch up."""
    own_heat_powered_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.3, 0.8)
    """Share of gas boilers in homes that needs power [B], a range drawn once a member: it decides how many homes cool
    in a blackout. A deterministic run takes 0.5, which is what the tables hold."""
    appliance_share: Share = 0.5
    """Share of internal gains that is of appliances and stops with power [B]."""
    cooker_w_per_m2: Annotated[Number, Field(ge=0, le=50)] = 10.0
    """Heat of gas cookers that people burn in cold homes, while there is gas [W/m²] [B]: set so that an unheated panel
    flat is near +1 °C after 10 to 16 days of January 2026 in Kyiv, as reported."""
    settled_for_c: Annotated[Number, Field(ge=0, le=25)] = 14.0
    """Temperature that people settle for with heaters and cookers [°C] [B]."""
    radiator_lag_h: Annotated[Number, Field(ge=0.01, le=5)] = 0.55
    """Time that water in radiators and pipes holds their heat [h] [B]: 11 L a kilowatt, 40 K warmer than the room."""
    heater_feedback: Annotated[bool, Strict()] = True
    """Whether homes with power and without heat plug in electric heaters."""
    heater_uptake: Share = 0.6
    """Most homes that do so [B, 0.4-0.8]."""
    heater_cap_kw: Annotated[Number, Field(ge=0, le=20)] = 2.0
    """Most that heaters of one dwelling draw [kW] [B, 1.5-3]."""
    heater_diversity: Share = 0.7
    """Share of heaters that draw at the same time [B]."""
    feeder_limits: Annotated[bool, Strict()] = True
    """Whether feeders trip on heaters."""
    feeder_limit_kw: Annotated[Number, Field(gt=0, le=50)] = 1.6
    """Load a dwelling at which its feeder trips [kW] [B]: twice the design load of a block with gas cookers."""
    cold_load_pickup: Annotated[bool, Strict()] = True
    """Whether load returns higher than it went."""
    pickup_per_h: Annotated[Number, Field(ge=0, le=2)] = 0.25
    """Rise of thermostatic load an hour of outage, up to `pickup_most` [1/h] [B]."""
    pickup_most: Annotated[Number, Field(ge=0, le=3)] = 1.0
    """Most that thermostatic load is above normal when power returns [1] [B]."""
    pickup_thermostatic_share: Share = 0.3
    """Share of household load that thermostats drive [B]."""
    pickup_tau_h: Annotated[Number, Field(ge=0.05, le=24)] = 1.0
    """Time constant of its return to normal [h] [B, 0.5-3]."""
    heat_source_trip_below: Share = 0.3
    """Share of power below which heat sources without generators trip [B]."""
    chp_heat_only_share: Share = 0.8
    """Heat that combined heat and power still gives without its turbines [B]."""
    heat_network_leak_per_h: Annotated[Number, Field(ge=0, le=1)] = 0.0025
    """Leak of heat networks, share of their water an hour [1/h] [B]."""
    heat_network_make_up_per_h: Annotated[Number, Field(ge=0, le=1)] = 0.0075
    """Most that make-up plant adds [1/h] [B]."""
    heat_network_margin: Share = 0.04
    """Share of its water that a heat network can lack before circulation stops [B]."""
    drain_below_outdoor_c: Annotated[Number, Field(ge=-50, le=10)] = -3.0
    """Outdoor temperature at or below which loops are drained [°C], procedure of Kyiv."""
    drain_below_coolant_c: Annotated[Number, Field(ge=0, le=60)] = 10.0
    """Water temperature below which they are [°C], reported of January 2026."""
    burst_repair_days: Annotated[Number, Field(gt=0, le=1000)] = 22.0
    """Mean time to mend burst systems [d], Alchevsk 2006."""
    burst_refill_h: Annotated[Number, Field(gt=0, le=1000)] = 72.0
    """Time constant of their refill and warm-up [h], Alchevsk 2006."""
    riser_repair_h: Annotated[Number, Field(gt=0, le=10_000)] = 72.0
    """Time constant of the mending of burst cold-water risers once homes are warm [h] [B]."""
    backup_start_probability: Share = 0.9
    """Chance that a generator starts [B]."""
    hospital_w_per_person: Annotated[Number, Field(ge=0, le=1000)] = 5.0
    """Power of hospitals, by people of the region [W] [B]."""
    hospital_autonomy_h: Annotated[Number, Field(ge=0, le=1000)] = 24.0
    """Hours that hospitals' fuel lasts [h] [B, 8-72]."""
    telecom_w_per_person: Annotated[Number, Field(ge=0, le=1000)] = 3.0
    """Power of telecom, by people of the region [W] [B]."""
    telecom_autonomy_h: Annotated[Number, Field(ge=0, le=1000)] = 4.0
    """Hours that telecom's batteries and fuel last [h] [B, 2-8]."""
    fuel_trucks_per_million: Annotated[Number, Field(ge=0, le=1000)] = 3.0
    """Fuel trucks a million people [B]."""
    truck_load_mwh: Annotated[Number, Field(gt=0, le=1000)] = 17.5
    """Electricity that a truck's load makes [MWh] [B]: 5 m³ at 3.5 kWh/L."""
    truck_trip_h: Annotated[Number, Field(gt=0, le=1000)] = 6.0
    """Time of a truck's round [h] [B]."""
    pump_margin: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Pumping capacity of a waterworks over its mean demand [B]; it lets reservoirs refill."""
    damage_state_probabilities: Annotated[StateShares, AfterValidator(all_states), AfterValidator(sums_to_one)] = Field(
        default={"none": 0.1, "slight": 0.3, "moderate": 0.3, "extensive": 0.2, "complete": 0.1}
    )
    """Chance of each damage state of a unit that is hit [B]."""
    damage_capacity_left: Annotated[StateShares, AfterValidator(all_states)] = Field(
        default={"none": 1.0, "slight": 0.95, "moderate": 0.6, "extensive": 0.3, "complete": 0.0}
    )
    """Capacity that a unit has left in each damage state."""
    repair_days: Annotated[
        dict[str, Annotated[RepairDays, Known(DAMAGE_STATES, "damage state")]], Known(DAMAGE_CLASSES, "class")
    ] = Field(default={})
    """Mean and standard deviation of repair times by class and damage state [d]; others keep their default."""
    repair_priority: Annotated[tuple[RepairGroup, ...], AfterValidator(distinct)] = REPAIR_GROUPS
    """What crews of a region go to first; groups that are left out come last. `generation` after `substation` [B]."""
    repair_crews_per_million: Annotated[Number, Field(ge=0, le=10_000)] = 20.0
    """Repair crews of a region per million of its people, at least one a region; one crew works on one job [B]."""
    crew_travel_h: Annotated[Number, Field(ge=0, le=1_000)] = 2.0
    """Time that a crew takes to get to a job; cold, night and alerts slow it like work [h] [B]."""
    cold_work_below_c: Annotated[Number, Field(ge=-60, le=40)] = -15.0
    """Outdoor temperature below which repair is slower [°C] [B]."""
    cold_work_speed: Annotated[Number, Field(ge=0.01, le=1)] = 0.6
    """Speed of repair below that temperature [B]."""
    night_work_speed: Annotated[Number, Field(ge=0.01, le=1)] = 0.7
    """Speed of repair from 22 to 6 by the clock [B]."""
    spare_transformers: Annotated[int, Strict(), Field(ge=0, le=100_000)] = 10
    """Spare transformers in the country; extensive or complete damage to `delivery`, `transfer` or a transformer takes
    one [B]."""
    new_transformer_days: Days = 102.7
    """Time from a strike until a new transformer works where no spare was left [d] (Geoscience Australia, SIRA)."""
