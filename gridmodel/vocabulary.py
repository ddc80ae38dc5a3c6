"""The words of the model: tiers, technologies, classes, states, and every variable of a result."""

from __future__ import annotations

from dataclasses import dataclass

TIERS = ("critical", "household", "business", "industry")
"""Consumers, in the order of their columns; `critical` is served first, the others share."""

TECHNOLOGIES = (
    "nuclear",
    "thermal_coal",
    "thermal_gas",
    "chp",
    "chp_industrial",
    "gas_engine",
    "hydro",
    "pumped_storage",
    "solar",
    "wind",
    "bioenergy",
    "battery",
)
"""Kinds of generation."""

GAS_FIRED = ("thermal_gas", "chp", "chp_industrial", "gas_engine")
"""Technologies that a `fuel` limit reaches (gas pressure)."""

ARCHETYPES = (
    "panel_5_9_storey_uninsulated",
    "panel_16_storey_corner_flat",
    "panel_improved_project",
    "brick_khrushchovka",
    "stalinka_thick_brick",
    "post_2007_insulated",
    "detached_old",
)
"""Buildings on district heat; homes that heat themselves are `detached_old`."""

OWN_HEAT = ("own_gas_powered", "own_gas_gravity", "own_stove", "own_electric")
"""Homes that heat themselves, by what they burn and whether that needs power."""

HEAT_STATES = ("connected", "no_circulation", "drained", "frozen", "refilling")
"""States of a home on district heat: heated; cut off with water standing in its loop; loop drained; loop burst by ice;
burst loop mended and being refilled."""

SYSTEMS = ("heat", "water", "hospital", "telecom")
"""Services with generators of their own."""

CAUSES = ("disconnected", "island_deficit", "deficit", "limit")
"""Why a megawatt is missing; they add up to what is shed."""

MECHANISMS = ("under_frequency", "unit_trip", "branch_trip", "blackout")
"""What a cascade adds to the causes: load that relays took; load that lacks units or interconnectors that tripped and
are not back; load that lacks branches that tripped; load of an island that is black."""

CASCADE_STEPS = ("loss", "reserve", "tie_opening", "under_frequency", "unit_trip", "branch_trip", "blackout", "return")
"""What a cascade's log tells: what an event took at once, what neighbours or reserve gave, interconnectors that opened,
load that relays took, output and branches that tripped, load that went black, and what came back later."""

CLASSES = (
    *TECHNOLOGIES,
    "generation",
    "transfer",
    "delivery",
    "heat_source",
    "heat_network",
    "water_pumping",
    "wastewater",
    "import",
    "fuel",
    "crew",
)
"""What an event can name in a region, a zone or the country."""

EVENT_KINDS = ("outage", "limit", "strike", "alert", "repair")
"""What can happen to a target."""

DAMAGE_STATES = ("none", "slight", "moderate", "extensive", "complete")
"""States a hit unit can be in."""

COLD_THRESHOLDS_C = (18.0, 16.0, 12.0, 10.0)
"""Indoor temperatures that people are counted below. [°C] WHO (2018) for 18; Collins (1986) for 16 and 12;
10 is where a dwelling is left with children and old people."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a result."""

    dims: tuple[str, ...]
    """Dimensions, in order."""
    units: str
    """Unit as written in the file."""
    long_name: str
    """What it is, in words."""
    cell_methods: str = "time: mean"
    """CF cell method: how a value stands for its step."""


_MTR = ("member", "time", "region")

VARIABLES: dict[str, Variable] = {
    "outdoor_temperature": Variable(
        ("time", "region"), "degC", "Outdoor air temperature; by member too where members meet different weather"
    ),
    "demand_mw": Variable((*_MTR, "tier"), "MW", "Electricity needed"),
    "served_mw": Variable((*_MTR, "tier"), "MW", "Electricity served"),
    "shed_mw": Variable((*_MTR, "tier"), "MW", "Electricity needed and not served"),
    "shed_cause_mw": Variable((*_MTR, "cause"), "MW", "Electricity not served, by cause"),
    "generation_mw": Variable((*_MTR, "technology"), "MW", "Electricity generated"),
    "import_mw": Variable(("member", "time"), "MW", "Electricity imported"),
    "storage_mwh": Variable(
        ("member", "time", "technology"),
        "MWh",
        "Energy left in reservoirs (the day's water), pumped storage and batteries",
        "time: point (end of step)",
    ),
    "charging_mw": Variable(("member", "time", "technology"), "MW", "Electricity taken to refill storage"),
    "service_power_share": Variable(_MTR, "1", "Share of heat and water plant that has power"),
    "heat_demand_mw_th": Variable(_MTR, "MW", "District heat needed to hold the set point in connected homes"),
    "heat_supplied_mw_th": Variable(_MTR, "MW", "District heat supplied to connected homes"),
    "heat_network_supply_c": Variable(_MTR, "degC", "Supply temperature of the heat network at its load"),
    "heater_mw": Variable(_MTR, "MW", "Demand of electric heaters in homes without enough heat, part of demand_mw"),
    "pickup_mw": Variable(_MTR, "MW", "Demand that a return of power brings (cold-load pick-up), part of demand_mw"),
    "feeder_tripped_share": Variable(_MTR, "1", "Share of household load on feeders that trip on heaters"),
    "timetable_off_share": Variable(
        ("time", "region"), "1", "Share of consumers that are not critical off by the timetable imposed"
    ),
    "deadline_to_drain": Variable(
        _MTR, "h", "Hours until the first loops without circulation are at 0 degC, missing where there is no danger"
    ),
    "home_share": Variable((*_MTR, "heat_state"), "1", "Share of district-heated homes in each heat state"),
    "indoor_temperature": Variable(
        (*_MTR, "archetype", "heat_state"),
        "degC",
        "Indoor air temperature; homes that heat themselves stand under `connected`, empty states are missing",
    ),
    "water_stored_m3": Variable(_MTR, "m3", "Water in the reservoirs", "time: point (end of step)"),
    "water_served_share": Variable(_MTR, "1", "Share of people whose taps run"),
    "litres_per_person_day": Variable(_MTR, "L", "Water that a person gets, mean over all people, as a daily amount"),
    "backup_share": Variable((*_MTR, "system"), "1", "Share of each system that runs on generators of its own"),
    "dark_share": Variable((*_MTR, "system"), "1", "Share of each system without any power"),
    "system_need_mw": Variable(("member", "region", "system"), "MW", "Power that each system needs", ""),
    "backup_fuel_h": Variable(
        (*_MTR, "system"), "h", "Hours that generators' fuel lasts at full output", "time: point (end of step)"
    ),
    "people_without_power": Variable(_MTR, "1", "People without power"),
    "people_without_heat": Variable(_MTR, "1", "People in homes below 12 degC"),
    "people_below_18c": Variable(_MTR, "1", "People in homes below 18 degC"),
    "people_below_16c": Variable(_MTR, "1", "People in homes below 16 degC"),
    "people_below_10c": Variable(_MTR, "1", "People in homes below 10 degC"),
    "people_without_water": Variable(_MTR, "1", "People whose taps are dry"),
    "people_below_50l": Variable(_MTR, "1", "People who get less than 50 L of water a day"),
    "people_below_15l": Variable(_MTR, "1", "People who get less than 15 L of water a day"),
    "people_with_sewage_backup": Variable(_MTR, "1", "People whose sewage backs up"),
    "people_without_all": Variable(
        _MTR, "1", "People without power, heat (12 degC) and water at once, rotation independent of heat"
    ),
    "people_without_all_low": Variable(_MTR, "1", "Least that the three shares allow (Fréchet)"),
    "people_without_all_high": Variable(_MTR, "1", "Most that the three shares allow (Fréchet)"),
    "degree_hours_below_18c": Variable(
        _MTR, "K h", "Mean over homes of degree-hours below 18 degC in the step", "time: sum"
    ),
    "drawn_value": Variable(
        ("member", "setting"),
        "as the setting",
        "What each member drew for each setting with a range or distribution",
        "",
    ),
    "vulnerable_without_heat": Variable(_MTR, "1", "Old, ill and small children among people in homes below 12 degC"),
    "crews_busy": Variable(_MTR, "1", "Repair crews on a job, sheltering ones among them"),
    "repair_begin": Variable(("job",), "UTC", "Strike that made the job; a job is a hit that was sent", ""),
    "repair_end": Variable(
        ("member", "job"), "UTC", "First step in which it is whole again; missing where the run ends before", ""
    ),
    "repair_region": Variable(
        ("member", "job"), "1", "Region of the job; -1 at a border and where the hit did not arrive", ""
    ),
    "repair_class": Variable(("job",), "1", "Class of the job", ""),
    "repair_state": Variable(("member", "job"), "1", "Damage state; -1 where the hit did not arrive", ""),
    "population": Variable(("region",), "1", "People", ""),
    "archetype_share": Variable(("region", "archetype"), "1", "Share of the region's homes", ""),
}
"""Every variable that `gridmodel.run` returns; the docs page is made from this table."""

NEEDS_WATER = frozenset({
    "water_stored_m3", "water_served_share", "litres_per_person_day", "people_without_water", "people_below_50l",
    "people_below_15l", "people_with_sewage_backup",
})  # fmt: skip
"""Variables that a network without water systems has not."""
NEEDS_HEAT = frozenset({
    "heat_demand_mw_th", "heat_supplied_mw_th", "heat_network_supply_c", "heater_mw", "deadline_to_drain", "home_share",
    "indoor_temperature", "people_without_heat", "people_below_18c", "people_below_16c", "people_below_10c",
    "vulnerable_without_heat", "degree_hours_below_18c", "archetype_share",
})  # fmt: skip
"""Variables that a network without heat systems has not; `people_without_all…` need both."""

CASCADE_VARIABLES: dict[str, Variable] = {
    "frequency_nadir_hz": Variable(
        ("member", "time"),
        "Hz",
        "Lowest frequency of any island in the step, 50 where nothing happens",
        "time: minimum",
    ),
    "cascade_member": Variable(("cascade_step",), "1", "Member that an entry of the cascade's log is of", ""),
    "cascade_time": Variable(("cascade_step",), "", "Start of its step, UTC", ""),
    "cascade_round": Variable(("cascade_step",), "1", "Its round, from 0; -1 for what returns", ""),
    "cascade_mechanism": Variable(("cascade_step",), "", "What happened", ""),
    "cascade_place": Variable(("cascade_step",), "", "Region, or `border`", ""),
    "cascade_technology": Variable(("cascade_step",), "", "Technology, where it is plant", ""),
    "cascade_mw": Variable(("cascade_step",), "MW", "Power concerned: lost, given, shed, tripped or back", ""),
    "cascade_hz": Variable(
        ("cascade_step",), "Hz", "Lowest frequency of the place, missing where none was reckoned", ""
    ),
}
"""What a result holds besides if `cascade` is `overload` (the log) or `full` (frequency too)."""

REPAIR_LOG = ("crews_busy", "repair_begin", "repair_end", "repair_region", "repair_class", "repair_state")
"""Variables of runs that draw strikes."""
