"""Demand: how it rises in the cold, what heaters add, how it returns after an outage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from gridmodel.scenario.fields import Factor, Group, Name, Number, Share, ordered, some_weight


class DemandSettings(Group):
    """Demand: how it rises in the cold, what heaters add, how it returns after an outage."""

    demand: Annotated[Name, Field(min_length=1)] | None = None
    """Demand by region and hour: a CSV file with a column `time` (UTC) and one for each region [MW], relative to the
    scenario; empty: the model alone."""
    demand_use: Literal["scale", "replace"] = "scale"
    """Use of `demand`: `scale` lets the model vary about the file, which is met at a `temperature_slope_factor` of 1;
    `replace` takes the file for all members as it is."""
    demand_lag_weights: Annotated[tuple[Annotated[Number, Field(ge=0, le=100)], ...], Field(min_length=1, max_length=4),
                                  AfterValidator(some_weight)] = (1.0, 0.5, 0.25, 0.125)  # fmt: skip
    """Weights of a day and up to three before it in the temperature that demand follows [1]: as in BDEW profiles; four
    days fit Ukraine, one ([1.0]) fits Texas. Reference temperatures of a network are seen with its own weights."""
    temperature_slope: Annotated[Number, Field(ge=1e-6, le=10)] | None = None
    """Rise of national demand with each kelvin of cold [GW/K]; empty: the sum in the network (0.20 for Ukraine)."""
    temperature_slope_factor: Annotated[tuple[Factor, Factor], AfterValidator(ordered)] = (0.9, 1.5)
    """Range of the national factor on the slope, drawn once per member; a deterministic run takes 1 (or the end nearest
    to it)."""
    demand_factor: Annotated[Number, Field(ge=0.01, le=10)] = 1.0
    """Factor on the demand of all consumers, heaters and returning load aside [1] [B, 0.9-1.1 for Ukraine]: what people
    and firms save or use beyond the reference day, in any weather, so that demand is uncertain on that day too."""
    heating_threshold_c: Annotated[Number, Field(ge=-50, le=40)] = 15.0
    """Outdoor temperature below which demand rises with the cold [°C]."""
    heating_saturates_c: Annotated[Number, Field(ge=-60, le=10)] = -30.0
    """Effective temperature at and below which all electric heating that is installed is on [°C] [B, -35 to -25]: a
    fifth more than a design difference of 40 K."""
    critical_on_cut_feeders: Share = 0.15
    """Share of heat and water plant that is on feeders cut with the rest [B, 0-0.4]. Its megawatts are counted
    with the consumers that are cut: the critical share was measured as what stays on while others are off."""
    heater_feedback: Annotated[bool, Strict()] = True
    """Whether homes with power and rooms colder than people accept plug in electric heaters."""
    heater_uptake: Share = 0.6
    """Most homes that do so [B, 0.4-0.8]."""
    heater_cap_kw: Annotated[Number, Field(ge=0, le=20)] = 2.0
    """Most that heaters of one dwelling draw [kW] [B, 1.5-3]."""
    heater_diversity: Share = 0.7
    """Share of heaters that draw at the same time [B]."""
    feeder_limits: Annotated[bool, Strict()] = True
    """Whether feeders trip on heaters."""
    feeder_limit_factor: Annotated[Number, Field(ge=0.01, le=20)] = 2.0
    """Load at which a feeder trips, over what it was built for [1] [B, 1.5-3]; networks say what that is
    (`feeder_design_kw` of a region, 0.8 kW a dwelling for blocks with gas cookers)."""
    feeder_limit_kw: Annotated[Number, Field(ge=0.01, le=50)] | None = None
    """Load per dwelling at which its feeder trips, the same everywhere [kW]; empty: by `feeder_limit_factor`."""
    cold_load_pickup: Annotated[bool, Strict()] = True
    """Whether load is higher after an outage than before it."""
    pickup_per_h: Annotated[Number, Field(ge=0, le=2)] = 0.25
    """Rise of thermostatic load per hour of outage, up to `pickup_most` [1/h] [B]."""
    pickup_most: Annotated[Number, Field(ge=0, le=3)] = 1.0
    """Largest excess of thermostatic load over normal when power returns [1] [B]."""
    pickup_thermostatic_share: Share = 0.3
    """Share of household load that thermostats control [B]."""
    pickup_tau_h: Annotated[Number, Field(ge=0.05, le=24)] = 1.0
    """Time constant with which load returns to normal after an outage [h] [B, 0.5-3]."""
