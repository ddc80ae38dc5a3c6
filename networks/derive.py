"""Recompute the derived columns of the bundled networks.

Each network folder holds *primary* columns, restated from the sources named in its ``sources.csv``, and
*derived* columns, which follow from the primary ones, the constants below and the weather files. Run
without arguments to rewrite the derived columns, with ``--check`` to compare them with what would be written
(exit 1 if they differ). The README of each folder gives the formulas in words.

"[B]" marks a value that no source confirms: a named default, to be replaced by anyone who knows better.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]

HERE = Path(__file__).resolve().parent

# people and demand
PEOPLE_PER_CUSTOMER = 2.5
"""People behind one household meter. [people] Assumed."""
VULNERABLE_SHARE = 0.25
"""People who need help first: small children, old, ill or disabled people. [1] Assumed, one value for all."""
EXEMPT_SHARE = {"UA-30": 0.0}
"""Share of demand outside the queues that is not critical, by region. [1] [B]"""
EXEMPT_SHARE_ELSEWHERE = 0.20
"""The same in other regions in the winter of 2025/26: hours of outages before 21 January imply 0.53 to 0.72 outside the
queues together, with critical consumers and shared feeders, in Kyiv 0.33 to 0.42. [1] [B]"""
CRITICAL_SHARE = 0.30
"""Share of demand that rotation spares. [1] [B], from one regional statement of 33 % (2023)."""
HEATING_SLOPE_MW_PER_K = 200.0
"""Growth of national demand per kelvin of cooling. [MW/K] Published: 180 to 200 (2023); range 120 to 250."""
LOCAL_OFFSET = pd.Timedelta(hours=2)
"""Kyiv winter time minus UTC. [h]"""

# network
OPERATIONAL_MW_PER_CIRCUIT = {750: 2100.0, 400: 1000.0, 330: 700.0, 220: 250.0}
"""Load that one circuit carries in normal operation, by nominal voltage in kV. [MW] Handbook class values [B]."""
REACTOR_PERCENT = 90.0
"""Charging that shunt reactors take up on 750 kV lines and on 400 kV lines across the border. [%] Assumed."""
BORDER_BUSES = {
    "PL": ("PL-400",),
    "SK": ("SK-400",),
    "HU": ("HU-400", "HU-220", "HU-750"),
    "RO": ("RO-400", "RO-400S"),
    "MD": ("MD-330",),
}
"""Border buses that take part in block imports. Assumed."""
IMPORT_COST_EUR_PER_MWH = 150.0
"""Place of imports in the merit order: after all own generation. [EUR/MWh] [B]"""

# generation
RESERVOIR_H = 14.0
"""Hours of a day for which reservoirs' water lasts at the output of the evening; a day plan says which. [h] [B]"""
UNIT_BLOCK_MW = {"solar": 50.0, "wind": 50.0, "chp_industrial": 50.0, "gas_engine": 10.0, "bioenergy": 10.0}
"""Size of one assumed unit where the number of units is not known. [MW] Assumed."""
COST_EUR_PER_MWH = {
    "solar": 0,
    "wind": 0,
    "nuclear": 10,
    "hydro": 15,
    "chp": 60,
    "chp_industrial": 65,
    "bioenergy": 70,
    "thermal_coal": 80,
    "pumped_storage": 90,
    "thermal_gas": 110,
    "gas_engine": 120,
    "battery": 130,
}
"""Merit order; only the order matters, not the amounts. [EUR/MWh] [B]"""
EFFICIENCY = {"battery": 0.88, "pumped_storage": 0.75}
"""Energy given back per energy stored. [1] [B]"""
PROFILE = {
    "solar": "solar",
    "wind": "wind",
}
"""Profile that scales the available power of a technology by local hour."""
INVERTER_BASED = ("solar", "wind", "battery")
"""Technologies that cannot form a grid on their own."""
SOLAR_PEAK = 0.09
"""Output of solar at midday in January as a share of capacity. [1] Assumed, from a range of 0.05 to 0.12."""
SOLAR_DAY = (8, 16)
"""Local hours between which solar delivers in January. [h] Assumed."""
WIND_FACTOR = 0.30
"""Mean winter output of wind as a share of capacity, all hours alike. [1] Assumed; near 0 in calm frost."""

# heat and water
FLOOR_AREA_M2_PER_PERSON = 17.9
"""District-heated floor area per person served. [m²] Kyiv: 4.5 million m² / 8 % / (3.3 million · 0.95)."""
INDOOR_C = 20.0
"""Room temperature that the design load holds. [°C] [B]"""
ARCHETYPE_SHARES = {
    "panel_5_9_storey_uninsulated": 0.35,
    "panel_16_storey_corner_flat": 0.05,
    "panel_improved_project": 0.20,
    "brick_khrushchovka": 0.20,
    "stalinka_thick_brick": 0.07,
    "post_2007_insulated": 0.13,
    "detached_old": 0.00,
}
"""Building types among district-heated homes, by floor area. [1] [B], one mix for the whole country."""
OWN_HEAT_SHARES = {"gas_powered": 0.40, "gas_gravity": 0.40, "stove": 0.15, "electric": 0.05}
"""How the other homes are heated; half of the gas boilers need power. [1] [B]"""
SOURCE_UNIT_MW_TH = 200.0
"""Size of one heat source where their number is not known. [MW of heat] Assumed."""
CHP_HEAT_SHARE = 0.24
"""Share of the country's district heat from CHP. [1] National share; regions have it in proportion to their plant."""
CHP_HEAT_MOST = 0.9
"""Most of a region's heat that CHP can give. [1] Assumed: boiler houses serve the outskirts everywhere."""
HEAT_PUMPING_MW_PER_MW_TH = 0.0215
"""Electricity a heat source and its network need per heat sent out: 25 kWh/Gcal. [MW/MW] [B]"""
BACKUP_SHARE = 0.30
"""Backup generation as a share of pumping power, for heat and for water. [1] [B]"""
TANK_H = 24.0
"""Fuel that backup generators have at hand, at full load. [h] [B]"""

BUILDING_M2 = 4344.0
"""Floor area of one district-heated building. [m²] 4.5 million m² in 1,036 buildings."""
DRAINED_SHARE_PER_H = 0.04
"""Buildings a region can drain in an hour. [1/h] Kyiv drained about half of its 12,000 within half a day."""

WATER_M3_PER_PERSON_DAY = 0.120
"""Water used at the taps. [m³/day] [B]"""
WATER_LOSS_SHARE = 0.35
"""Share of the water sent out that leaks. [1] Published range 0.23 to 0.44."""
WATER_STORAGE_H = 6.0
"""Clean-water storage at mean supply. [h] [B]"""

WATER_KWH_PER_M3 = 0.9
"""Electricity per water sent out. [kWh/m³] [B]"""

WASTEWATER_KWH_PER_M3 = 0.7
"""Electricity per wastewater lifted and treated. [kWh/m³] [B]"""
WASTEWATER_HOLD_H = 4.0
"""Time until lift stations overflow without power. [h] [B]"""
HIGH_FLOOR_SHARE_OF_URBAN = 0.30
"""Urban residents who live above the reach of street pressure. [1] [B]"""
HIGH_FLOOR_SHARE = {"UA-30": 0.45}
"""Residents above the reach of street pressure where the default is too low. [1] [B]"""
PEOPLE_PER_WATER_UNIT = 100_000
"""People served by one pumping unit. [people] Assumed."""

# fmt: off
URBAN_SHARE = {
    "UA-05": 0.517, "UA-07": 0.518, "UA-09": 0.870, "UA-12": 0.840, "UA-14": 0.908, "UA-18": 0.593,
    "UA-21": 0.369, "UA-23": 0.773, "UA-26": 0.441, "UA-30": 1.000, "UA-32": 0.616, "UA-35": 0.634,
    "UA-46": 0.607, "UA-48": 0.685, "UA-51": 0.668, "UA-53": 0.621, "UA-56": 0.471, "UA-59": 0.693,
    "UA-61": 0.455, "UA-63": 0.810, "UA-65": 0.612, "UA-68": 0.574, "UA-71": 0.569, "UA-74": 0.653,
    "UA-77": 0.429,
}
"""Urban share of residents on 1 January 2021. [1] State Statistics Service of Ukraine."""
DESIGN_TEMPERATURE_C = {
    "UA-05": -21, "UA-07": -20, "UA-09": -25, "UA-12": -23, "UA-14": -23, "UA-18": -22,
    "UA-21": -18, "UA-23": -22, "UA-26": -20, "UA-30": -22, "UA-32": -22, "UA-35": -22,
    "UA-46": -19, "UA-48": -20, "UA-51": -18, "UA-53": -23, "UA-56": -21, "UA-59": -24,
    "UA-61": -21, "UA-63": -23, "UA-65": -19, "UA-68": -21, "UA-71": -22, "UA-74": -23,
    "UA-77": -20,
}
"""Outdoor temperature heat sources are built for (coldest five days). [°C] Six from a norm, the rest [B]."""
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Values that set one network folder apart from the other."""

    name: str
    """Folder below ``networks/``."""
    industry_share: float
    """Industry's share of all consumption, before critical load is set aside. [1]"""
    household_share: float
    """Households' share of all consumption, before critical load is set aside. [1]"""
    weather: str
    """File below ``weather/`` that covers the days on which reference demand was seen."""
    reference_days: dict[str, float]
    """Local day -> weight in the reference temperature."""
    availability: dict[str, float]
    """Technology -> available share of capacity; technologies not named keep their primary value. [1]"""
    reservoir_peak_mw: float | None
    """National output of hydro and pumped storage at the peak; None keeps the primary values. [MW]"""
    exempt: bool
    """True where rotating outages spare some consumers that are not critical."""
    border_mw: dict[str, float]
    """Border -> import capability, to be shared over its buses. [MW]"""


CASES = (
    Case(
        name="ukraine",
        industry_share=0.33,
        household_share=0.38,
        weather="cold-wave-2026.csv",
        reference_days={"2026-01-15": 1.0, "2026-01-14": 0.5, "2026-01-13": 0.25, "2026-01-12": 0.125},
        availability={"solar": 1.0, "wind": 1.0},
        reservoir_peak_mw=None,
        exempt=True,
        border_mw={"HU": 1100.0, "SK": 440.0, "PL": 368.0, "RO": 422.0, "MD": 120.0},
    ),
    Case(
        name="ukraine-2021",
        industry_share=0.418,
        household_share=0.31,
        weather="frost-2021.csv",
        reference_days={f"2021-12-{day}": 1.0 for day in range(20, 27)},
        availability={
            "nuclear": 0.95,
            "thermal_coal": 0.65,
            "thermal_gas": 0.65,
            "chp": 0.65,
            "chp_industrial": 0.65,
            "bioenergy": 0.60,
            "solar": 1.0,
            "wind": 1.0,
        },
        reservoir_peak_mw=2950.0,
        exempt=False,
        border_mw=dict.fromkeys(BORDER_BUSES, 0.0),
    ),
)
"""The bundled cases: winter 2025/26 and December 2021."""


def numbers(table: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of a text table as numbers."""
    return table[column].astype(float)


def fixed(values: pd.Series, decimals: int) -> pd.Series:
    """Write numbers as text with a fixed count of decimals."""
    return values.map(lambda value: f"{value:.{decimals}f}")


def share_out(weights: pd.Series, total: float, decimals: int) -> pd.Series:
    """Split a total in proportion to weights, rounded so that the parts still add up.

    Parameters
    ----------
    weights
        One weight for each part.
    total
        What the parts add up to.
    decimals
        Decimals of each part.

    Returns
    -------
    pandas.Series
        The parts as text.

    Notes
    -----
    Largest remainder: every part is rounded down, then the parts that lost most gain one last digit each.
    """
    scale = 10**decimals
    ideal = weights / weights.sum() * total * scale
    parts = np.floor(ideal + 1e-9)
    missing = round(total * scale - parts.sum())
    winners = (ideal - parts).sort_values(ascending=False, kind="stable").index[:missing]
    parts.loc[winners] += 1
    return fixed(parts / scale, decimals)


def reference_temperature(case: Case, regions: pd.DataFrame, weather: Path) -> pd.Series:
    """Return the temperature that goes with each region's reference demand.

    Parameters
    ----------
    case
        Names the weather file, the days and their weights.
    regions
        Table of regions with their `id`.
    weather
        Folder of the weather files: hourly, UTC, one column for each region.

    Returns
    -------
    pandas.Series
        Weighted mean of local daily means, in the order of `regions`. [°C]

    Raises
    ------
    ValueError
        If the file does not cover a region or all 24 hours of a day.
    """
    path = weather / case.weather
    table = pd.read_csv(path, comment="#")
    local = pd.to_datetime(table["time"], utc=True) + LOCAL_OFFSET
    missing = sorted(set(regions["id"]) - set(table.columns))
    if missing:
        raise ValueError(f"{path}: no column for {', '.join(missing)}")
    daily = table[list(regions["id"])].groupby(local.dt.strftime("%Y-%m-%d")).agg(["mean", "count"])
    weights = pd.Series(case.reference_days)
    short = [day for day in weights.index if day not in daily.index or (daily.loc[day].xs("count", level=1) < 24).any()]
    if short:
        raise ValueError(f"{path}: hours are missing on {', '.join(short)} (local days)")
    means = daily.xs("mean", axis=1, level=1).loc[weights.index]
    return pd.Series(np.average(means, axis=0, weights=weights), index=regions.index)


def derive_regions(tables: Tables, case: Case, weather: Path) -> pd.DataFrame:
    """Return regions with customers, demand shares, heating slope and reference temperature."""
    regions = tables["regions"]
    spared = 1 - CRITICAL_SHARE
    household, industry = spared * case.household_share, spared * case.industry_share
    business = 1 - CRITICAL_SHARE - household - industry
    exempt = fixed(regions["id"].map(EXEMPT_SHARE).fillna(EXEMPT_SHARE_ELSEWHERE), 2)
    return regions.assign(
        vulnerable_share=f"{VULNERABLE_SHARE:g}",
        household_customers=fixed(numbers(regions, "population") / PEOPLE_PER_CUSTOMER, 0),
        reference_temperature_c=fixed(reference_temperature(case, regions, weather), 2),
        share_critical=f"{CRITICAL_SHARE:.4f}",
        share_household=f"{household:.4f}",
        share_business=f"{business:.4f}",
        share_industry=f"{industry:.4f}",
        **({"share_exempt": exempt} if case.exempt else {}),
        heating_slope_mw_per_k=share_out(
            numbers(regions, "reference_demand_mw") * household, HEATING_SLOPE_MW_PER_K, 3
        ),
    )


def derive_lines(tables: Tables) -> pd.DataFrame:
    """Return lines with their region, operational limit and shunt reactors."""
    lines, buses = tables["lines"], tables["buses"].set_index("id")
    region, kv = buses["region"], buses["vn_kv"].astype(int)
    voltage = lines["from_bus"].map(kv)
    thermal = np.sqrt(3) * voltage * numbers(lines, "max_i_ka")
    border = (lines["from_bus"].map(region) == "") | (lines["to_bus"].map(region) == "")
    reactors = (voltage == 750) | (voltage == 400) & border
    return lines.assign(
        max_loading_percent=fixed(100 * voltage.map(OPERATIONAL_MW_PER_CIRCUIT) / thermal, 1),
        reactor_percent=fixed(reactors * REACTOR_PERCENT, 0),
        region=lines["from_bus"].map(region),
    )


def derive_generators(tables: Tables, case: Case) -> pd.DataFrame:
    """Return generators with available power, units, energy, and what follows from the technology."""
    generators = tables["generators"]
    technology, capacity = generators["technology"], numbers(generators, "p_max_mw")
    factor = technology.map(case.availability)
    available = fixed((capacity * factor).fillna(numbers(generators, "p_available_mw")), 1)
    reservoir = technology.isin(["hydro", "pumped_storage"])
    if case.reservoir_peak_mw is not None:
        available[reservoir] = share_out(capacity[reservoir], case.reservoir_peak_mw, 1)
    blocks = np.ceil(capacity / technology.map(UNIT_BLOCK_MW))
    energy = fixed(available.astype(float) * RESERVOIR_H, 1)
    storage = generators["storage_mwh"].mask(technology == "pumped_storage", energy)
    return generators.assign(
        units=generators["units"].mask(blocks.notna(), fixed(blocks, 0)),
        p_available_mw=available,
        energy_mwh_per_day=energy.where(reservoir, storage),
        storage_mwh=storage,
        efficiency=technology.map(EFFICIENCY).map("{:g}".format, na_action="ignore").fillna(""),
        grid_forming=(~technology.isin(INVERTER_BASED)).map({True: "true", False: "false"}),
        cost_eur_per_mwh=technology.map(COST_EUR_PER_MWH).astype(str),
        profile=technology.map(PROFILE).fillna(""),
    )


def derive_interconnectors(tables: Tables, case: Case) -> pd.DataFrame:
    """Return interconnectors, each border's import capability shared over its buses by line capability."""
    borders, lines = tables["interconnectors"], tables["lines"]
    voltage = tables["buses"].set_index("id")["vn_kv"].astype(int)
    capability = lines["from_bus"].map(voltage).map(OPERATIONAL_MW_PER_CIRCUIT) * numbers(lines, "parallel")
    imports = pd.Series("0.0", index=borders.index)
    for border, buses in BORDER_BUSES.items():
        listed = borders["bus"].isin(buses)
        weights = borders.loc[listed, "bus"].map(
            lambda bus: capability[(lines["from_bus"] == bus) | (lines["to_bus"] == bus)].sum()
        )
        imports[listed] = share_out(weights, case.border_mw[border], 1)
    return borders.assign(p_max_mw=imports, cost_eur_per_mwh=f"{IMPORT_COST_EUR_PER_MWH:g}")


def derive_limits(tables: Tables, case: Case) -> pd.DataFrame:
    """Return limits: one, on the sum of all imports."""
    members = ";".join(tables["interconnectors"]["id"])
    return tables["limits"].assign(members=members, limit_mw=f"{sum(case.border_mw.values()):g}")


def derive_heat_systems(tables: Tables) -> pd.DataFrame:
    """Return heat systems: floor area, design load, pumping, backup and crews to drain buildings."""
    heat, generators = tables["heat_systems"], tables["generators"]
    archetypes = tables["archetypes"].set_index("id").filter(regex="^h_").astype(float).sum(axis=1)
    loss = sum(share * archetypes[name] for name, share in ARCHETYPE_SHARES.items())
    people = heat["region"].map(numbers(tables["regions"].set_index("id"), "population"))
    area = people * numbers(heat, "district_heat_share") * FLOOR_AREA_M2_PER_PERSON
    load = area * loss * (INDOOR_C - heat["region"].map(DESIGN_TEMPERATURE_C)) / 1e6
    pumping = load * HEAT_PUMPING_MW_PER_MW_TH
    plant = generators[generators["technology"] == "chp"]
    electric = heat["region"].map(numbers(plant, "p_max_mw").groupby(plant["region"]).sum()).fillna(0.0)
    from_chp = (CHP_HEAT_SHARE * load.sum() * electric / electric.sum() / load).clip(upper=CHP_HEAT_MOST)
    shares = {f"share_{name}": f"{share:.2f}" for name, share in ARCHETYPE_SHARES.items()}
    own = {f"own_heat_{name}": f"{share:.2f}" for name, share in OWN_HEAT_SHARES.items()}
    return heat.assign(
        source_max_mw_th=fixed(load, 1),
        design_temperature_c=heat["region"].map(DESIGN_TEMPERATURE_C).map("{:g}".format),
        source_units=fixed((load / SOURCE_UNIT_MW_TH).round().clip(lower=1), 0),
        chp_share=fixed(from_chp, 2),
        floor_area_m2=fixed(area, 0),
        **shares,
        **own,
        pump_mw=fixed(pumping, 2),
        backup_mw=fixed(pumping * BACKUP_SHARE, 2),
        tank_h=f"{TANK_H:g}",
        drain_buildings_per_h=fixed(area / BUILDING_M2 * DRAINED_SHARE_PER_H, 1),
    )


def derive_water_systems(tables: Tables) -> pd.DataFrame:
    """Return water systems: demand at the taps, storage, pumping, high floors and wastewater."""
    water = tables["water_systems"]
    people = water["region"].map(numbers(tables["regions"].set_index("id"), "population"))
    demand = people * WATER_M3_PER_PERSON_DAY
    supplied = demand / (1 - WATER_LOSS_SHARE)
    pumping = supplied * WATER_KWH_PER_M3 / 24 / 1000
    high = water["region"].map(HIGH_FLOOR_SHARE)
    return water.assign(
        units=fixed((people / PEOPLE_PER_WATER_UNIT).round().clip(lower=1), 0),
        demand_m3_per_day=fixed(demand, 0),
        loss_share=f"{WATER_LOSS_SHARE:g}",
        storage_m3=fixed(supplied * WATER_STORAGE_H / 24, 0),
        pump_mw=fixed(pumping, 3),
        backup_mw=fixed(pumping * BACKUP_SHARE, 3),
        tank_h=f"{TANK_H:g}",
        high_floor_share=fixed(high.fillna(water["region"].map(URBAN_SHARE) * HIGH_FLOOR_SHARE_OF_URBAN), 3),
        wastewater_pump_mw=fixed(demand * WASTEWATER_KWH_PER_M3 / 24 / 1000, 3),
        wastewater_hold_h=f"{WASTEWATER_HOLD_H:g}",
    )


def derive_profiles(tables: Tables) -> pd.DataFrame:
    """Return profiles; demand stays as it is, the others follow from their constants."""
    profiles = tables["profiles"]
    hour, (sunrise, sunset) = numbers(profiles, "hour"), SOLAR_DAY
    sun = np.sin(np.pi * (hour - sunrise) / (sunset - sunrise)).where(hour.between(sunrise, sunset), 0.0)
    values = {
        "solar": fixed(SOLAR_PEAK * sun.abs().round(9), 4),
        "wind": fixed(0 * hour + WIND_FACTOR, 2),
    }
    value = profiles["value"]
    for name, derived in values.items():
        value = value.mask(profiles["profile"] == name, derived)
    return profiles.assign(value=value)


def read_tables(folder: Path) -> Tables:
    """Read each table of a network folder as text, by name."""
    return {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in sorted(folder.glob("*.csv"))}


def derive(case: Case, weather: Path) -> dict[Path, str]:
    """Return the text that each file of a case should hold, by path."""
    folder = HERE / case.name
    tables = read_tables(folder)
    tables["regions"] = derive_regions(tables, case, weather)
    tables["lines"] = derive_lines(tables)
    tables["generators"] = derive_generators(tables, case)
    tables["interconnectors"] = derive_interconnectors(tables, case)
    tables["limits"] = derive_limits(tables, case)
    tables["heat_systems"] = derive_heat_systems(tables)
    tables["water_systems"] = derive_water_systems(tables)
    tables["profiles"] = derive_profiles(tables)
    return {folder / f"{name}.csv": table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()}


def main(arguments: list[str] | None = None) -> int:
    """Rewrite or check the derived columns; return the exit code."""
    parser = argparse.ArgumentParser(description="Recompute the derived columns of the bundled networks.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    parser.add_argument("--weather", type=Path, default=HERE.parent / "weather", help="folder of the weather files")
    options = parser.parse_args(arguments)
    stale = []
    for case in CASES:
        for path, text in derive(case, options.weather).items():
            if path.read_bytes() == text.encode():
                continue
            stale.append(path)
            if not options.check:
                path.write_bytes(text.encode())
    verb = "out of date" if options.check else "rewritten"
    sys.stdout.writelines(f"{path.relative_to(HERE)}: {verb}\n" for path in stale)
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
