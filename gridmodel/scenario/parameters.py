"""Numbers of the physics that a scenario may override."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from gridmodel.names import CLASSES, DAMAGE_STATES
from gridmodel.scenario.fields import (
    Days,
    Factor,
    Hours,
    Number,
    RepairDays,
    Share,
    StateShares,
    all_states,
    distinct,
    known,
    ordered,
    sums_to_one,
)

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
