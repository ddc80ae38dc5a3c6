"""The tables of a network folder: one list for the reader, the checks, the JSON Schema and the docs."""

from __future__ import annotations

from typing import Any

from gridmodel.inputs.country import LANGUAGE, country_schema
from gridmodel.inputs.table_schema import ELEMENT_ID, PLACE_ID, Column, Table, json_schema
from gridmodel.network.outlines import outlines_schema
from gridmodel.regions import NAME
from gridmodel.vocabulary import ARCHETYPES, FURTHER_ARCHETYPES, GAS_FIRED, OWN_TECHNOLOGY, TECHNOLOGIES

CONFIDENCES = ("high", "medium", "low", "assumed")
"""Confidence in a row; `high` means that the statement was found in a source, not that the number is true."""
SHARE = "share_"
"""Beginning of the columns of heat systems that give the share of an archetype."""
ARCHETYPE = "[a-z][a-z0-9_]{0,63}"
"""Regular expression of the names of archetypes."""
STORAGE_KINDS = ("shifting", "reserve")
"""Uses of storage."""
DAY_TYPES = ("all", "weekday", "weekend")
"""Days that a profile is for."""

_PROVENANCE = (
    Column(name="source", meaning="Keys into sources.csv, separated by semicolons"),
    Column(name="confidence", choices=CONFIDENCES, meaning="Confidence in the row"),
)


def _id(meaning: str, *, name: str = "id", pattern: str = ELEMENT_ID) -> Column:
    """Return a column of names that other tables, events and files refer to."""
    return Column(name=name, meaning=meaning, pattern=pattern)


def _text(name: str, meaning: str, *, required: bool = True, choices: tuple[str, ...] = ()) -> Column:
    return Column(name=name, meaning=meaning, required=required, choices=choices)


MOST_UNITS = 2000
"""Most heat sources of a region. [1] Ours: the boiler houses of a large oblast; each has a size of its own."""
MOST_IN_A_ROW = 100_000
"""Most units of a row. [1] Ours: far more than any region has, and few enough to draw what becomes of each."""
MOST_INERTIA_S = 20.0
"""Largest inertia constant. [s] Ours: twice that of the heaviest turbine sets (Kundur 1994, section 3.9)."""
MOST_LOSS = 20.0
"""Largest loss of a kind per floor. [W/(m² K)] Ours: ten times a hut; the model of rooms ends at 40."""


def _number(name: str, unit: str, meaning: str, *, high: float = 1e9, required: bool = True) -> Column:
    """Return a column of numbers from zero up."""
    return Column(name=name, kind="number", unit=unit, meaning=meaning, low=0.0, high=high, required=required)


def _flag(name: str, meaning: str) -> Column:
    """Return a column of yes or no, false where it is left out."""
    return Column(name=name, kind="boolean", meaning=meaning, required=False)


def _positive(name: str, unit: str, meaning: str, *, high: float = 1e9) -> Column:
    return Column(name=name, kind="number", unit=unit, meaning=meaning, above=0.0, high=high)


def _time_constant(end: str, which: str) -> Column:
    """Return a column of an end of the range of time constants of buildings."""
    meaning = f"Capacity over losses of the {which} of these buildings; empty: as known for the archetype"
    return Column(
        name=f"time_constant_{end}_h", kind="number", unit="h", meaning=meaning, above=0.0, high=1e4, required=False
    )


def _share(name: str, meaning: str, *, required: bool = True) -> Column:
    return Column(name=name, kind="number", unit="1", meaning=meaning, low=0.0, high=1.0, required=required)


def _efficiency(meaning: str) -> Column:
    """Return a column of round-trip efficiencies, which may be empty."""
    return Column(name="efficiency", kind="number", unit="1", meaning=meaning, low=0.0, high=1.0,
                  required=False)  # fmt: skip


def _count(name: str, meaning: str, *, low: float = 1, high: float = 1e9) -> Column:
    return Column(name=name, kind="integer", unit="1", meaning=meaning, low=low, high=high)


def _latitude(name: str = "lat") -> Column:
    return Column(name=name, kind="number", unit="deg", low=-90.0, high=90.0, meaning="Latitude of the centre")


def _longitude(name: str = "lon") -> Column:
    return Column(name=name, kind="number", unit="deg", low=-180.0, high=180.0, meaning="Longitude of the centre")


def _table(name: str, meaning: str, *columns: Column, required: bool = True, key: str = "id") -> Table:
    return Table(name=name, meaning=meaning, columns=(*columns, *_PROVENANCE), required=required, key=key)


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "regions",
            "Regions: people, demand, and the temperature at which it was observed",
            _id("Region id, e.g. UA-30", pattern=PLACE_ID),
            _text("name_en", "Name in English"),
            Column(
                name="name_<language>",
                meaning="Name in a further language of the network, e.g. name_uk",
                required=False,
                family=NAME + LANGUAGE,
            ),
            _id("Group of regions, e.g. NORTH", name="zone", pattern=PLACE_ID),
            _latitude("centre_lat"),
            _longitude("centre_lon"),
            _text("weather_site", "Climate site that stands for the region", required=False),
            _count("population", "People", low=0),
            _share("vulnerable_share", "Share of vulnerable people: old people, ill people, small children"),
            _number("household_customers", "1", "Household connections"),
            _number("reference_demand_mw", "MW", "Demand at the weekday's peak on the reference day"),
            Column(
                name="reference_temperature_c",
                kind="number",
                unit="degC",
                low=-60.0,
                high=40.0,
                meaning="Effective temperature of the reference day",
            ),
            _share("share_critical", "Share of demand that is served first"),
            _share("share_household", "Share of demand of households"),
            _share("share_business", "Share of demand of services and farms"),
            _share("share_industry", "Share of demand of industry"),
            _share(
                "share_exempt",
                "Share of demand that is exempt from outages: taken from industry, then from business; empty: none",
                required=False,
            ),
            _number("heating_slope_mw_per_k", "MW/K", "Rise of demand per kelvin of cooling"),
            _number(
                "feeder_design_kw",
                "kW",
                "Load per dwelling that feeders were built for; empty: that of households on the reference day",
                high=100.0,
                required=False,
            ),
        ),
        _table(
            "buses",
            "One bus per voltage and region; border buses have no region",
            _id("Bus id"),
            _positive("vn_kv", "kV", "Nominal voltage"),
            _text("region", "Region, empty at a border", required=False),
            _latitude(),
            _longitude(),
        ),
        _table(
            "lines",
            "Corridors between buses, circuits of equal data in parallel",
            _id("Line id"),
            _text("from_bus", "Bus id"),
            _text("to_bus", "Bus id"),
            _positive("length_km", "km", "Length"),
            _number("r_ohm_per_km", "ohm/km", "Resistance of one circuit"),
            _positive("x_ohm_per_km", "ohm/km", "Reactance of one circuit"),
            _number("c_nf_per_km", "nF/km", "Capacitance of one circuit"),
            _positive("max_i_ka", "kA", "Thermal rating of one circuit"),
            _count("parallel", "Circuits"),
            _number("max_loading_percent", "%", "Operational limit over the thermal rating", high=1000.0),
            _number("reactor_percent", "%", "Share of charging that shunt reactors compensate", high=100.0),
            _text("region", "Region of the first bus", required=False),
        ),
        _table(
            "transformers",
            "Two-winding equivalents, units of equal data in parallel",
            _id("Transformer id"),
            _text("hv_bus", "Bus id, high voltage"),
            _text("lv_bus", "Bus id, low voltage"),
            _positive("sn_mva", "MVA", "Rating of one unit"),
            _positive("vn_hv_kv", "kV", "Rated voltage, high side"),
            _positive("vn_lv_kv", "kV", "Rated voltage, low side"),
            _positive("vk_percent", "%", "Short-circuit voltage"),
            _number("vkr_percent", "%", "Its real part"),
            _number("pfe_kw", "kW", "Iron losses of one unit"),
            _number("i0_percent", "%", "Open-loop current"),
            _count("parallel", "Units"),
            _number("max_loading_percent", "%", "Operational limit over the rating", high=1000.0),
            _text("region", "Region", required=False),
        ),
        _table(
            "generators",
            "Generation, one row per region and technology",
            _id("Generator id, e.g. UA-12/thermal_coal"),
            _text("region", "Region"),
            _text("bus", "Bus id"),
            _text("technology", f"Technology: one of {', '.join(TECHNOLOGIES)}, or a row of technologies.csv"),
            _count("units", "Units of equal size", high=MOST_IN_A_ROW),
            _number("p_max_mw", "MW", "Capacity"),
            _number("p_available_mw", "MW", "Power available at the evening peak (times the profile)"),
            _number("energy_mwh_per_day", "MWh/d", "Energy per day, if it is limited", required=False),
            _number(
                "storage_mwh",
                "MWh",
                "Storage of technologies that hold any: hydro, pumped_storage, battery, and those of technologies.csv",
                required=False,
            ),
            _efficiency("Round-trip efficiency of storage"),
            _text(
                "storage_kind",
                "Use of storage: shifting to the deepest hours (also if empty), or reserve for critical consumers",
                required=False,
                choices=STORAGE_KINDS,
            ),
            _share("min_stable_pu", "Lowest stable output of a unit"),
            _number("restart_h", "h", "Time to restart after a trip"),
            Column(name="black_start", kind="boolean", meaning="Can start a black island"),
            Column(name="grid_forming", kind="boolean", meaning="Can hold an island's voltage and frequency"),
            _number("cost_eur_per_mwh", "EUR/MWh", "Cost, for the merit order"),
            _text("profile", "Profile of the available power by hour", required=False),
        ),
        _table(
            "technologies",
            "Technologies of generators beside those that every network can have",
            _id(f"Technology, e.g. geothermal; not one of {', '.join(TECHNOLOGIES)}", pattern=OWN_TECHNOLOGY),
            _number(
                "inertia_s",
                "s",
                "Inertia constant on the rating of the units that run; 0 behind converters",
                high=MOST_INERTIA_S,
            ),
            _flag("gas_fired", f"Burns natural gas, as {', '.join(GAS_FIRED)} do: `fuel` limits reach it; empty: no"),
            _flag(
                "charges", "Takes the energy that it stores from the grid, as battery and pumped_storage do; empty: no"
            ),
            _efficiency("Round-trip efficiency of generators that give none; empty: no losses"),
            required=False,
        ),
        _table(
            "interconnectors",
            "Border buses at which power can be imported",
            _id("Interconnector id"),
            _text("border", "Neighbour"),
            _text("bus", "Bus id"),
            _number("p_max_mw", "MW", "Largest import"),
            _number("cost_eur_per_mwh", "EUR/MWh", "Cost, for the merit order"),
        ),
        _table(
            "limits",
            "Limits beyond those of single elements",
            _id("Limit id"),
            _text("kind", "What is limited", choices=("delivery", "transfer", "group")),
            _text(
                "members",
                "delivery: a region; transfer: two zones A>B; group: generators or interconnectors, separated by ;",
            ),
            _number("limit_mw", "MW", "Limit"),
            required=False,
        ),
        _table(
            "heat_systems",
            "District heat and the homes that heat themselves, one row per region",
            _id("Heat system id"),
            _text("region", "Region"),
            _share("district_heat_share", "Share of people on district heat"),
            _number(
                "source_max_mw_th", "MW", "Heat that the sources can give to rooms; capacity for hot water comes on top"
            ),
            Column(
                name="design_temperature_c",
                kind="number",
                unit="degC",
                low=-60.0,
                high=10.0,
                required=False,
                meaning="Outdoor temperature that homes are heated for; empty: where the sources reach their limit",
            ),
            _count("source_units", "Number of sources; their sizes are drawn", high=MOST_UNITS),
            _share("chp_share", "Share of heat from combined heat and power"),
            _number("floor_area_m2", "m2", "Heated floor on district heat", high=1e12),
            Column(
                name="share_<archetype>",
                kind="number",
                unit="1",
                low=0.0,
                high=1.0,
                required=False,
                default=0.0,
                meaning="Share of district-heated homes of an archetype, e.g. share_stalinka_thick_brick; empty: none",
                family=SHARE + ARCHETYPE,
            ),
            _share("own_heat_gas_powered", "Share of other homes: gas boiler that needs power"),
            _share("own_heat_gas_gravity", "Share of other homes: gas boiler that does not"),
            _share("own_heat_stove", "Share of other homes: stove"),
            _share("own_heat_electric", "Share of other homes: electric"),
            _number("pump_mw", "MW", "Electricity that sources and networks need"),
            _number("backup_mw", "MW", "Generators at sources"),
            _number("tank_h", "h", "Hours that their fuel lasts"),
            _number("drain_buildings_per_h", "1/h", "Buildings that crews can drain"),
            required=False,
        ),
        _table(
            "water_systems",
            "Water supply, one row per region",
            _id("Water system id"),
            _text("region", "Region"),
            _count("units", "Pumping stations of equal size", high=MOST_IN_A_ROW),
            _number("demand_m3_per_day", "m3/d", "Water used at the taps", high=1e12),
            Column(
                name="loss_share",
                kind="number",
                unit="1",
                low=0.0,
                high=0.95,
                meaning="Share of pumped water lost on the way",
            ),
            _number("storage_m3", "m3", "Reservoirs", high=1e12),
            _number("pump_mw", "MW", "Electricity that pumping needs"),
            _number("backup_mw", "MW", "Generators of waterworks, at pumps and lift stations alike"),
            _number("tank_h", "h", "Hours that their fuel lasts"),
            _share("high_floor_share", "Share of people on floors that need a booster pump in the building"),
            _number("wastewater_pump_mw", "MW", "Electricity that sewage lift stations need beside it"),
            _number("wastewater_hold_h", "h", "Time until sewage backs up"),
            required=False,
        ),
        _table(
            "archetypes",
            "Buildings per square metre of floor",
            _text("id", f"Archetype; those of bundled networks are {', '.join((*ARCHETYPES, *FURTHER_ARCHETYPES))}"),
            _positive("h_opaque_w_per_m2k", "W/(m2 K)", "Walls, roof, floor", high=MOST_LOSS),
            _positive("h_window_w_per_m2k", "W/(m2 K)", "Windows", high=MOST_LOSS),
            _positive("h_ventilation_w_per_m2k", "W/(m2 K)", "Ventilation and leaks", high=MOST_LOSS),
            _positive("capacity_j_per_m2k", "J/(m2 K)", "Heat capacity"),
            Column(
                name="mass_area_per_floor_area",
                kind="number",
                unit="1",
                above=0.0,
                high=4.0,
                meaning="Area of the mass over the floor; all surfaces are 4.5 times the floor",
            ),
            _time_constant("low", "most draughty"),
            _time_constant("high", "slowest"),
            Column(
                name="heats_itself",
                kind="boolean",
                required=False,
                meaning="`true` for the homes that heat themselves, at most one row; empty: `detached_old`",
            ),
            required=False,
        ),
        _table(
            "profiles",
            "Values by hour of the local day",
            _text("profile", "Profile name; `demand` is the shape of demand"),
            _text("day_type", "Days it is for", choices=DAY_TYPES),
            Column(name="hour", kind="integer", unit="h", low=0, high=23, meaning="Local hour"),
            _share("value", "Share of the reference: of the weekday's peak, or of what is available"),
            key="",
        ),
        Table(
            name="sources",
            meaning="Sources behind the keys in `source`",
            key="key",
            columns=(
                Column(name="key", meaning="Key"),
                Column(name="url", meaning="Address; empty if there is none", required=False),
                Column(name="publisher", meaning="Publisher", required=False),
                Column(name="date", meaning="Date of publication", required=False),
                Column(name="licence_note", meaning="Terms of use", required=False),
            ),
        ),
    )
}
"""Every table of a network folder, by name."""


def network_schema() -> dict[str, Any]:
    """Return the JSON Schema of a network: `network.toml` as `network`, outlines, tables as arrays of rows."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gridmodel network",
        "type": "object",
        "properties": {
            "network": country_schema(),
            "outlines": outlines_schema(),
            **{name: json_schema(table) for name, table in TABLES.items()},
        },
        "required": [name for name, table in TABLES.items() if table.required],
        "additionalProperties": False,
    }
