"""Variables that heat adds to a result."""

from __future__ import annotations

import math

from gridmodel.services.declare import MTR, Count, Declaration, Split, Variable, Worth
from gridmodel.vocabulary import ARCHETYPES, HEAT_CAUSES, HEAT_STATES, OWN_HEAT

DECLARATION = Declaration(
    name="heat",
    module="gridmodel.services.heat.service",
    variables={
        "heat_demand_mw_th": Variable(MTR, "MW", "District heat needed to hold the set point in connected homes"),
        "heat_supplied_mw_th": Variable(MTR, "MW", "District heat supplied to connected homes"),
        "heat_network_supply_c": Variable(
            MTR, "degC", "Supply temperature of the heat network at its load, 18 degC without any"
        ),
        "hot_water_share": Variable(
            MTR, "1", "Share of homes on district heat that get hot water from it, 1 where there are none"
        ),
        "deadline_to_drain": Variable(
            MTR,
            "h",
            "Hours until the first loops without circulation are at 0 degC, missing where none can freeze",
            empty=math.nan,
        ),
        "home_share": Variable(
            (*MTR, "heat_state"),
            "1",
            "Share of district-heated homes in each heat state, all connected where there are none",
        ),
        "indoor_temperature": Variable(
            (*MTR, "archetype", "heat_state"),
            "degC",
            "Indoor air temperature; homes that heat themselves are under `connected`, `own_with_stove` is the mean "
            "over boilers and electric heating, empty states are missing",
            kind="f4",
            empty=math.nan,
        ),
        "boiler_home_c_quantile": Variable(
            (*MTR, "people_quantile"),
            "degC",
            "Air that so large a share of people in homes with a gas boiler that needs power does not exceed",
            kind="f4",
            present="unless `rotation: mean`",
        ),
        "people_without_heat": Variable(MTR, "1", "People of homes below 12 degC"),
        "people_without_heat_cause": Variable(
            (*MTR, "heat_cause"), "1", "People of homes below 12 degC, by what keeps heat from them", kind="f4"
        ),
        "people_away_for_warmth": Variable(
            MTR, "1", "People who have left homes below 12 degC to stay in the warmth, part of people_without_heat"
        ),
        "people_below_18c": Variable(MTR, "1", "People in homes below 18 degC"),
        "people_below_16c": Variable(MTR, "1", "People in homes below 16 degC"),
        "people_below_10c": Variable(MTR, "1", "People in homes below 10 degC"),
        "vulnerable_without_heat": Variable(
            MTR, "1", "Old, ill and small children among people in homes below 12 degC"
        ),
        "degree_hours_below_18c": Variable(
            MTR, "K h", "Mean over homes of degree-hours below 18 degC in the step", "time: sum"
        ),
        "degree_hours_below_12c": Variable(
            MTR, "K h", "Mean over homes of degree-hours below 12 degC in the step", "time: sum"
        ),
        "vulnerable_share": Variable(
            ("member", "region"), "1", "Share of people who are old, ill or small children", ""
        ),
        "archetype_share": Variable(
            ("region", "archetype"),
            "1",
            "Share of the region's homes in the tables, before members draw shares of own heating",
            "",
        ),
    },
    signals={
        "heater_wanted_mw": Variable(MTR, "MW", "Power of heaters that homes want plugged in next"),
        "heater_wanted_share": Variable(MTR, "1", "Share of homes that want them"),
        "dry_riser_share": Variable(MTR, "1", "Share of homes whose cold-water risers have burst"),
        "bursting_buildings": Variable(MTR, "1", "Buildings whose cold-water risers burst in the step"),
    },
    counts=(
        Count(
            variable="people_without_heat",
            key="heat",
            words="home below 12 °C",
            hxl="#affected+heat+hours",
        ),
        Count(variable="people_below_18c", hxl="#affected+heat+below18+hours"),
        Count(variable="people_below_16c", hxl="#affected+heat+below16+hours"),
        Count(variable="people_below_10c", hxl="#affected+heat+below10+hours"),
    ),
    worths=(
        Worth(
            key="below_18c",
            service="heat",
            place=1,
            variable="degree_hours_below_18c",
            words="below 18 °C",
            weight=1 / 6,
            weight_range=(1 / 12, 1 / 3),
            of="degree_hours",
            vulnerable=True,
        ),
        Worth(
            key="below_12c",
            service="heat",
            place=1,
            variable="degree_hours_below_12c",
            words="below 12 °C",
            weight=1 / 6,
            weight_range=(0.0, 1 / 2),
            of="degree_hours",
            vulnerable=True,
        ),
    ),
    splits=(
        Split(
            variable="people_without_heat_cause",
            count="people_without_heat",
            dim="heat_cause",
            key="heat_causes",
            words="Why homes are cold",
        ),
    ),
    reads=(
        "service_power_share",
        "home_power_share",
        "cohort_power_share",
        "broken_feeder_share",
        "outside_home_share",
        "backup_share",
        "mains_share",
    ),
    labels={"archetype": (*ARCHETYPES, *OWN_HEAT), "heat_state": HEAT_STATES, "heat_cause": HEAT_CAUSES},
)
