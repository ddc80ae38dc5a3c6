"""Make `networks/texas-2021` and the series of `scenarios/texas-2021` from the facts in `validation/texas-2021`.

Run without arguments to write them, with ``--check`` to compare them with what would be written (exit 1 if they
differ). The README of the network gives sources and derivations in words. "[B]" marks a value that no source confirms.
Nothing here looks at load that was shed, at generation of thermal plant, or at what was available; of load that was
served only imports are taken, which are it less generation.
"""

import argparse
import sys
from math import radians, sin, sqrt
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "validation" / "texas-2021"
NETWORK = ROOT / "networks" / "texas-2021"
SERIES = ROOT / "scenarios" / "texas-2021"

ZONES = pd.DataFrame(
    [
        ("coast", "TX-COAST", "Coast", "Costa", "HOUSTON", 29.7, -95.5, 6883809, 0.58, "CENSUS", "medium"),
        ("east", "TX-EAST", "East", "Este", "NORTH", 32.0, -95.3, 974518, 0.62, "CENSUS", "low"),
        ("far_west", "TX-FAR-WEST", "Far West", "Lejano Oeste", "WEST", 31.7, -102.5, 519785, 0.50, "CENSUS", "medium"),
        ("north", "TX-NORTH", "North", "Norte", "NORTH", 33.9, -99.3, 492677, 0.48, "CENSUS", "low"),
        (
            "north_central",
            "TX-NORTH-CENTRAL",
            "North Central",
            "Centro Norte",
            "NORTH",
            32.6,
            -97.3,
            8780325,
            0.60,
            "CENSUS",
            "high",
        ),
        ("south", "TX-SOUTH", "South", "Sur", "SOUTH", 27.3, -98.2, 2403611, 0.80, "CENSUS", "high"),
        (
            "south_central",
            "TX-SOUTH-CENTRAL",
            "South Central",
            "Centro Sur",
            "SOUTH",
            30.0,
            -97.9,
            5068232,
            0.64,
            "CENSUS",
            "high",
        ),
        ("west", "TX-WEST", "West", "Oeste", "WEST", 31.7, -99.9, 585299, 0.53, "CENSUS", "medium"),
    ],
    columns=["zone", "id", "name_en", "name_es", "group", "lat", "lon", "people", "electric", "source", "confidence"],
).set_index("zone")
"""Weather zones: names, load zone, centre, people on the grid in 2020, and homes that heat with electricity."""

# people and demand
PEOPLE_PER_HOME = 2.75
"""People in a household. CENSUS, background knowledge."""
VULNERABLE_SHARE = 0.20
"""People above 65 or below 5. [1] Census 2020, background knowledge."""
HOME_KW, HOME_ELECTRIC_KW = 2.0, 3.4
"""Load of a home at the peak of winter, and what electric heating adds. [kW] [B]: half of the peak of the state."""
CRITICAL_SHARE, EXEMPT_SHARE = 0.10, 0.10
"""Demand that is served first, and that of firms on transmission lines that are never switched. [1] [B]"""
INDUSTRY_OF_FIRMS = {"far_west": 0.85, "coast": 0.55}
"""Industry in the demand that is neither of homes nor critical: oil fields, petrochemistry. [1] [B]"""
INDUSTRY_ELSEWHERE = 0.45
"""The same in other zones. [1] [B]: a fifth of the state's peak with the two."""
PEAK_DAY = "2021-02-16"
"""Day whose highest forecast is the reference."""

# network
KV = 345.0
"""Voltage that corridors between zones are reduced to. [kV]"""
OHM_PER_KM = 0.37
"""Reactance of a 345 kV line, by which a corridor gets the length that its susceptance has. [ohm/km]"""
RESISTANCE_OHM_PER_KM = 0.037
"""Its resistance. [ohm/km] [B]"""
LEAST_KA = 0.5
"""Rating of a circuit at 345 kV at least: corridors of lower voltage become fewer circuits. [kA]"""
IMPORT_COST = 150
"""Cost of imports. [EUR/MWh] [B]"""

# generation: technology, unit size [MW], minimum output, restart [h], black start, grid forming, cost [EUR/MWh]
FUELS = {
    "nuclear": ("nuclear", 1250, 0.5, 48, False, True, 10),
    "coal": ("thermal_coal", 600, 0.5, 14, False, True, 30),
    "ng": ("thermal_gas", 150, 0.4, 6, False, True, 50),
    "hydro": ("hydro", 30, 0.1, 0.3, True, True, 5),
    "solar": ("solar", 150, 0.0, 0.1, False, False, 0),
    "wind": ("wind", 150, 0.0, 0.1, False, False, 0),
    "other": ("bioenergy", 50, 0.3, 6, False, True, 60),
}
WIND, SUN = 0.35, 0.5
"""Output of wind in any hour and of sun at noon on an ordinary day of winter. [1] [B]; a run of 2021 has series."""
HYDRO_AVAILABLE = 0.30
"""Hydropower that is there on a day of winter. [1] [B]: the state's reservoirs are small."""
TIES = [
    ("SPP-NORTH", "SPP", "north", 220),
    ("SPP-EAST", "SPP", "east", 600),
    ("CFE-LAREDO", "CFE", "south", 100),
    ("CFE-RAILROAD", "CFE", "south", 300),
    ("CFE-EAGLE-PASS", "CFE", "south", 30),
]
"""Direct-current ties: name, neighbour, zone, capacity [MW]. ERCOT_2016."""
IMPORT_MW = [("2021-02-13 00:00", 1200), ("2021-02-15 00:00", 800)]
"""Imports, local time [MW]: neighbours were short too from the 15th on. TIES_2021."""

# homes and water
GAS_STOPS_SHARE = 0.9
"""Homes with gas whose heating stops without power. [1] RECS2015: 4.7 of 5.2 million."""
OTHER_HEAT_SHARE = 0.04
"""Homes with propane, wood or nothing, as stoves. [1] RECS2020, remainder."""
DESIGN_C = {
    "coast": -1,
    "east": -5,
    "far_west": -7,
    "north": -8,
    "north_central": -6,
    "south": 1,
    "south_central": -3,
    "west": -7,
}
"""Outdoor temperature that heating is designed for: near ASHRAE's 99.6 % values, not checked. [°C] [B]"""
WATER_M3 = 0.45
"""Water used per person and day. [m³] [B]"""
STORAGE_M3_PER_HOME = 0.757
"""Storage that rules ask for per connection: 200 US gallons. TAC290"""
PUMP_KWH_PER_M3, SEWAGE_KWH_PER_M3 = 0.5, 0.5
"""Electricity for water and for wastewater. [kWh/m³] [B]"""


def facts(name: str) -> pd.DataFrame:
    """Return a table of the facts by local time."""
    return pd.read_csv(FACTS / f"{name}.csv", index_col=0, parse_dates=True)


def regions(need: pd.DataFrame) -> pd.DataFrame:
    """Return people and demand by zone.

    The slope of the grid is that of daily means of the forecast over those of temperature, by people; homes with
    electric heating share it.
    """
    daily = need.sum(axis=1).groupby(need.index.date).mean()
    weather = pd.read_csv(ROOT / "weather" / "texas-2021.csv", index_col="time", parse_dates=True)
    local = weather.index.tz_convert("Etc/GMT+6")
    cold = weather.groupby(local.date).mean()
    felt = cold.loc[daily.index, ZONES["id"]].to_numpy() @ (ZONES["people"] / ZONES["people"].sum()).to_numpy()
    slope = -np.polyfit(felt, daily, 1)[0]
    electric = ZONES["people"] * ZONES["electric"] / (ZONES["people"] * ZONES["electric"]).sum()
    rows = []
    for zone, row in ZONES.iterrows():
        peak = need.loc[PEAK_DAY, zone].max()
        homes = row["people"] / PEOPLE_PER_HOME
        of_homes = min(homes * (HOME_KW + HOME_ELECTRIC_KW * row["electric"]) / 1000 / peak, 0.75)
        firms = 1 - CRITICAL_SHARE - of_homes
        industry = firms * INDUSTRY_OF_FIRMS.get(zone, INDUSTRY_ELSEWHERE)
        shares = [round(of_homes, 3), round(firms - industry, 3)]
        rows.append(
            {
                "id": row["id"],
                "name_en": row["name_en"],
                "name_es": row["name_es"],
                "zone": row["group"],
                "centre_lat": row["lat"],
                "centre_lon": row["lon"],
                "weather_site": "",
                "population": row["people"],
                "vulnerable_share": VULNERABLE_SHARE,
                "household_customers": round(homes),
                "reference_demand_mw": round(peak),
                "reference_temperature_c": round(cold.loc[pd.Timestamp(PEAK_DAY).date(), row["id"]], 1),
                "share_critical": CRITICAL_SHARE,
                "share_household": shares[0],
                "share_business": shares[1],
                "share_industry": round(1 - CRITICAL_SHARE - sum(shares), 3),
                "share_exempt": EXEMPT_SHARE,
                "heating_slope_mw_per_k": round(slope * electric[zone], 1),
                "feeder_design_kw": "",
                "source": f"{row['source']};WU2021;BK;OURS",
                "confidence": "low",
            }
        )
    return pd.DataFrame(rows)


def buses() -> pd.DataFrame:
    """Return a bus for each zone, and one for each tie."""
    rows = [
        (f"{row['id']}-345", KV, row["id"], row["lat"], row["lon"], "OURS", "assumed") for _, row in ZONES.iterrows()
    ]
    rows += [
        (f"{name}-345", KV, "", *ZONES.loc[zone, ["lat", "lon"]], "ERCOT_2016", "medium") for name, _, zone, _ in TIES
    ]
    return pd.DataFrame(rows, columns=["id", "vn_kv", "region", "lat", "lon", "source", "confidence"])


def lines() -> pd.DataFrame:
    """Return the corridors, with the susceptance and rating of all their circuits, and short lines to the ties."""
    columns = [
        "id",
        "from_bus",
        "to_bus",
        "length_km",
        "r_ohm_per_km",
        "x_ohm_per_km",
        "c_nf_per_km",
        "max_i_ka",
        "parallel",
        "max_loading_percent",
        "reactor_percent",
        "region",
        "source",
        "confidence",
    ]
    rows = []
    for row in pd.read_csv(FACTS / "synthetic_corridors.csv").itertuples():
        one, other = (f"{ZONES.loc[zone, 'id']}-345" for zone in (row.from_zone, row.to_zone))
        whole_ka = row.rating_mw_sum / (sqrt(3) * KV)
        circuits = max(min(row.circuits, int(whole_ka / LEAST_KA)), 1)
        reactance = KV**2 * circuits / row.susceptance_mw_per_rad_sum
        rows.append(
            (
                f"{one}--{other}",
                one,
                other,
                round(reactance / OHM_PER_KM, 1),
                RESISTANCE_OHM_PER_KM,
                OHM_PER_KM,
                12,
                round(whole_ka / circuits, 3),
                circuits,
                100,
                0,
                ZONES.loc[row.from_zone, "id"],
                "WU2021;OURS",
                "low",
            )
        )
    for name, _, zone, most in TIES:
        one = f"{ZONES.loc[zone, 'id']}-345"
        rows.append(
            (
                f"{one}--{name}-345",
                one,
                f"{name}-345",
                10,
                RESISTANCE_OHM_PER_KM,
                OHM_PER_KM,
                12,
                round(max(most / (sqrt(3) * KV), LEAST_KA), 3),
                1,
                100,
                0,
                ZONES.loc[zone, "id"],
                "OURS",
                "assumed",
            )
        )
    return pd.DataFrame(rows, columns=columns)


def generators() -> pd.DataFrame:
    """Return the synthetic grid's capacity by zone and fuel."""
    rows = []
    for zone, row in pd.read_csv(FACTS / "synthetic_capacity_mw.csv", index_col="zone").iterrows():
        for fuel, (kind, size, least, restart, black, forming, cost) in FUELS.items():
            most = row[fuel]
            if most > 0:
                region = ZONES.loc[zone, "id"]
                there = round(most * (HYDRO_AVAILABLE if fuel == "hydro" else 1.0), 1)
                rows.append(
                    (
                        f"{region}/{kind}",
                        region,
                        f"{region}-345",
                        kind,
                        max(round(most / size), 1),
                        round(most, 1),
                        there,
                        "",
                        "",
                        "",
                        least,
                        restart,
                        str(black).lower(),
                        str(forming).lower(),
                        cost,
                        kind if kind in {"wind", "solar"} else "",
                        "WU2021;OURS",
                        "medium",
                    )
                )
    columns = [
        "id",
        "region",
        "bus",
        "technology",
        "units",
        "p_max_mw",
        "p_available_mw",
        "energy_mwh_per_day",
        "storage_mwh",
        "efficiency",
        "min_stable_pu",
        "restart_h",
        "black_start",
        "grid_forming",
        "cost_eur_per_mwh",
        "profile",
        "source",
        "confidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def heat_systems() -> pd.DataFrame:
    """Return how homes heat themselves; nobody has district heat."""
    rows = []
    for zone, row in ZONES.iterrows():
        gas = 1 - row["electric"] - OTHER_HEAT_SHARE
        stops = round(gas * GAS_STOPS_SHARE, 3)
        shares = (stops, round(gas - stops, 3), OTHER_HEAT_SHARE, row["electric"])
        rows.append(
            (
                f"{row['id']}/heat",
                row["id"],
                0,
                0,
                DESIGN_C[zone],
                1,
                0,
                0,
                1,
                *shares,
                0,
                0,
                0,
                0,
                "RECS2020;RECS2015;BK;OURS",
                "low",
            )
        )
    columns = [
        "id",
        "region",
        "district_heat_share",
        "source_max_mw_th",
        "design_temperature_c",
        "source_units",
        "chp_share",
        "floor_area_m2",
        "share_us_apartment",
        "own_heat_gas_powered",
        "own_heat_gas_gravity",
        "own_heat_stove",
        "own_heat_electric",
        "pump_mw",
        "backup_mw",
        "tank_h",
        "drain_buildings_per_h",
        "source",
        "confidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def water_systems() -> pd.DataFrame:
    """Return waterworks with the storage that rules ask for."""
    rows = []
    for _, row in ZONES.iterrows():
        use = round(row["people"] * WATER_M3)
        pump = round(use / 0.85 / 24 * PUMP_KWH_PER_M3 / 1000, 2)
        store = round(row["people"] / PEOPLE_PER_HOME * STORAGE_M3_PER_HOME)
        sewage = round(use / 24 * SEWAGE_KWH_PER_M3 / 1000, 2)
        rows.append(
            (
                f"{row['id']}/water",
                row["id"],
                max(round(row["people"] / 100_000), 1),
                use,
                0.15,
                store,
                pump,
                round(pump * 0.2, 2),
                24,
                0.03,
                sewage,
                4,
                "TAC290;BK;OURS",
                "low",
            )
        )
    columns = [
        "id",
        "region",
        "units",
        "demand_m3_per_day",
        "loss_share",
        "storage_m3",
        "pump_mw",
        "backup_mw",
        "tank_h",
        "high_floor_share",
        "wastewater_pump_mw",
        "wastewater_hold_h",
        "source",
        "confidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def tables() -> dict[Path, str]:
    """Return the text of every file by its path."""
    need = facts("need_forecast_mw")
    ties = pd.DataFrame(
        [
            (name, neighbour, f"{name}-345", most, IMPORT_COST, "ERCOT_2016", "medium")
            for name, neighbour, _, most in TIES
        ],
        columns=["id", "border", "bus", "p_max_mw", "cost_eur_per_mwh", "source", "confidence"],
    )
    limits = pd.DataFrame(
        [
            (
                "import",
                "group",
                ";".join(name for name, *_ in TIES),
                sum(most for *_, most in TIES),
                "ERCOT_2016",
                "medium",
            )
        ],
        columns=["id", "kind", "members", "limit_mw", "source", "confidence"],
    )
    archetypes = pd.DataFrame(
        [
            ("us_apartment", 0.35, 0.30, 0.30, 165000, 2.5, 30, 70, "", "ISO13790;BK;OURS", "assumed"),
            ("us_house", 0.50, 0.40, 0.35, 165000, 2.5, 16, 49, "true", "ISO13790;BK;OURS", "low"),
        ],
        columns=[
            "id",
            "h_opaque_w_per_m2k",
            "h_window_w_per_m2k",
            "h_ventilation_w_per_m2k",
            "capacity_j_per_m2k",
            "mass_area_per_floor_area",
            "time_constant_low_h",
            "time_constant_high_h",
            "heats_itself",
            "source",
            "confidence",
        ],
    )
    shape = need.sum(axis=1)
    shape = shape.groupby(shape.index.hour).mean() / shape.groupby(shape.index.hour).mean().max()
    sun = pd.Series({hour: max(0.0, SUN * sin(radians(15 * (hour + 0.5 - 6.5)))) for hour in range(24)})
    profiles = pd.DataFrame(
        [
            (name, "all", hour, round(value, 3), source, confidence)
            for name, values, source, confidence in (
                ("demand", shape, "WU2021;OURS", "medium"),
                ("wind", pd.Series(WIND, index=range(24)), "BK;OURS", "low"),
                ("solar", sun, "BK;OURS", "low"),
            )
            for hour, value in values.items()
        ],
        columns=["profile", "day_type", "hour", "value", "source", "confidence"],
    )
    transformers = pd.DataFrame(
        columns=[
            "id",
            "hv_bus",
            "lv_bus",
            "sn_mva",
            "vn_hv_kv",
            "vn_lv_kv",
            "vk_percent",
            "vkr_percent",
            "pfe_kw",
            "i0_percent",
            "parallel",
            "max_loading_percent",
            "region",
            "source",
            "confidence",
        ]
    )
    made = {
        "regions": regions(need),
        "buses": buses(),
        "lines": lines(),
        "generators": generators(),
        "interconnectors": ties,
        "limits": limits,
        "heat_systems": heat_systems(),
        "water_systems": water_systems(),
        "archetypes": archetypes,
        "profiles": profiles,
        "transformers": transformers,
    }
    found = {NETWORK / f"{name}.csv": frame.to_csv(index=False, lineterminator="\n") for name, frame in made.items()}
    return found | series(need)


def utc(index: pd.Index) -> list[str]:
    """Return local standard times as times of a series, with their offset."""
    return [f"{time:%Y-%m-%d %H:%M}-06:00" for time in index]


def series(need: pd.DataFrame) -> dict[Path, str]:
    """Return demand and supply by date."""
    demand = need.rename(columns=ZONES["id"].to_dict())
    out, output = facts("capacity_out_mw"), facts("wind_solar_mwh")
    imports = pd.Series({pd.Timestamp(time): most for time, most in IMPORT_MW})
    supply = pd.DataFrame(
        {
            "import_limit_mw": imports.reindex(out.index, method="ffill"),
            "wind_mw": output["wind"],
            "solar_mw": output["solar"],
            "thermal_gas_out_mw": out["ng"],
            "thermal_coal_out_mw": out["coal"],
            "nuclear_out_mw": out["nuclear"],
        }
    )
    demand.index, supply.index = utc(demand.index), utc(supply.index)
    return {
        SERIES / "demand.csv": demand.to_csv(index_label="time", lineterminator="\n"),
        SERIES / "supply.csv": supply.to_csv(index_label="time", lineterminator="\n"),
    }


def main() -> None:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    given = parser.parse_args()
    made = tables()
    if given.check:
        differ = [
            path.name for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
        ]
        print("\n".join(differ))
        sys.exit(bool(differ))
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
