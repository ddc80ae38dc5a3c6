"""Numbers of the physics that a scenario may override."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from gridmodel.names import CLASSES, DAMAGE_STATES
from gridmodel.scenario.fields import (
    Factor,
    Hours,
    Number,
    RepairDays,
    Share,
    StateShares,
    all_states,
    known,
    ordered,
    sums_to_one,
)

DAMAGE_CLASSES = (*(name for name in CLASSES if name not in {"crew", "fuel"}), "generator", "branch")
"""Classes that have repair times; `generator` and `branch` are single components of a user's own network."""


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
        dict[str, Annotated[RepairDays, known(DAMAGE_STATES, "damage state")]], known(DAMAGE_CLASSES, "class")
    ] = Field(default={})
    """Mean and standard deviation of repair times by class and damage state [d]; others keep their default."""
