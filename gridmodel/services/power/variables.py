"""Variables that electricity adds to a result."""

from __future__ import annotations

from gridmodel.services.cohorts import PEOPLE_QUANTILES
from gridmodel.services.declare import MTR, Count, Declaration, Variable
from gridmodel.vocabulary import CAUSES, ORDER_STAGES, TECHNOLOGIES, TIERS

DECLARATION = Declaration(
    name="power",
    module="gridmodel.services.power.service",
    variables={
        "demand_mw": Variable((*MTR, "tier"), "MW", "Electricity demand"),
        "served_mw": Variable((*MTR, "tier"), "MW", "Electricity served"),
        "shed_mw": Variable((*MTR, "tier"), "MW", "Electricity demand not served"),
        "shed_cause_mw": Variable((*MTR, "cause"), "MW", "Electricity not served, by cause"),
        "generation_mw": Variable((*MTR, "technology"), "MW", "Electricity generated"),
        "import_mw": Variable(("member", "time"), "MW", "Electricity imported"),
        "storage_mwh": Variable(
            ("member", "time", "technology"),
            "MWh",
            "Energy remaining in reservoirs (the day's water), pumped storage and batteries",
            "time: point (end of step)",
        ),
        "charging_mw": Variable(("member", "time", "technology"), "MW", "Electricity taken to refill storage"),
        "service_power_share": Variable(MTR, "1", "Share of heat and water plant that has power"),
        "outside_queues_share": Variable(
            ("member", "region"), "1", "Share of demand that rotating outages never reach, at the start", ""
        ),
        "heater_mw": Variable(
            MTR,
            "MW",
            "Demand of electric heaters in homes without enough heat, part of demand_mw",
            present="with homes that are heated",
        ),
        "pickup_mw": Variable(MTR, "MW", "Demand that a return of power brings (cold-load pick-up), part of demand_mw"),
        "feeder_tripped_share": Variable(MTR, "1", "Share of household load on feeders that trip on heaters"),
        "timetable_off_share": Variable(
            ("time", "region"),
            "1",
            "Share of consumers in the queues that the imposed timetable switches off",
            present="with `timetable`",
        ),
        "people_without_power": Variable(MTR, "1", "People without power, the sum of the next two"),
        "people_off_by_rotation": Variable(
            MTR, "1", "People whose feeder works and is off because power is short, or by a timetable"
        ),
        "people_off_by_damage": Variable(
            MTR, "1", "People without power because feeders are broken or tripped, or their island is dead"
        ),
        "subqueues_off": Variable(
            MTR,
            "1",
            "Sub-queues that are off by rotation or by an imposed timetable, of twelve",
            kind="f4",
            present="unless `rotation: mean`",
        ),
        "cut_stage": Variable(
            MTR,
            "1",
            "Stage of the order, by number",
            kind="f4",
            flags=ORDER_STAGES,
            present="unless `rotation: mean` or `cuts: optimum`",
        ),
        "industry_limited_mw": Variable(
            MTR,
            "MW",
            "Industry's demand that its limits take, part of shed_mw",
            present="unless `rotation: mean` or `cuts: optimum`",
        ),
        "ordered_mw": Variable(
            MTR,
            "MW",
            "Order without limits for industry and beyond a timetable, each feeder at what it carried when it was "
            "switched off",
            present="unless `rotation: mean` or `cuts: optimum`",
        ),
        "shed_optimum_mw": Variable(
            MTR,
            "MW",
            "Least that could be shed, all sub-queues cut to the megawatt: a lower bound of shed_mw",
            present="unless `rotation: mean` or `cuts: optimum`",
        ),
        "hours_off_quantile": Variable(
            (*MTR, "people_quantile"),
            "h",
            "Hours without power since the start, that so large a share of people does not exceed",
            "time: point (end of step)",
            kind="f4",
            present="unless `rotation: mean`",
        ),
    },
    signals={
        "home_power_share": Variable(MTR, "1", "Share of homes that have power"),
        "critical_power_share": Variable(MTR, "1", "Share of critical consumers that have power"),
        "cohort_power_share": Variable(
            ("cohort", "member", "region"), "1", "Share of homes of each cohort, on feeders that work, with power"
        ),
        "broken_feeder_share": Variable(MTR, "1", "Share of homes on broken feeders"),
        "outside_home_share": Variable(
            MTR,
            "1",
            "Share of homes on feeders that work which are outside the queues, 0 where they are not kept apart",
        ),
    },
    counts=(
        Count(variable="people_without_power", key="power", words="no power", ranked=3, hxl="#affected+power+hours"),
        Count(variable="people_off_by_rotation", hxl="#affected+power+rotation+hours"),
        Count(variable="people_off_by_damage", hxl="#affected+power+damage+hours"),
    ),
    reads=("heater_wanted_mw", "heater_wanted_share", "critical_charging_mw", "home_charging_mw"),
    labels={
        "tier": TIERS,
        "technology": TECHNOLOGIES,
        "cause": CAUSES,
        "people_quantile": tuple(f"{share:g}" for share in PEOPLE_QUANTILES),
    },
)

CASCADE_VARIABLES: dict[str, Variable] = {
    "frequency_nadir_hz": Variable(
        ("member", "time"),
        "Hz",
        "Lowest frequency of any island in the step, the nominal one where nothing happens",
        "time: minimum",
    ),
    "cascade_member": Variable(("cascade_step",), "1", "Member of an entry of the cascade's log", ""),
    "cascade_time": Variable(("cascade_step",), "", "Start of its step, UTC", ""),
    "cascade_round": Variable(("cascade_step",), "1", "Its round, from 0; -1 for what returns", ""),
    "cascade_mechanism": Variable(("cascade_step",), "", "What happened", ""),
    "cascade_place": Variable(("cascade_step",), "", "Region, or `border`", ""),
    "cascade_technology": Variable(("cascade_step",), "", "Technology, where it is plant", ""),
    "cascade_mw": Variable(("cascade_step",), "MW", "Power concerned: lost, given, shed, tripped or back", ""),
    "cascade_hz": Variable(
        ("cascade_step",), "Hz", "Lowest frequency of the place, missing where none was computed", ""
    ),
}
"""Variables of a run with `cascade: overload` (the log) or `full` (frequency too)."""
