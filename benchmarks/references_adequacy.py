"""Indices of generating capacity that were published: RBTS, RTS-79, and areas that help each other over ties.

Indices by enumeration ask `gm.dispatch` what each state of the units serves; indices by simulation are those of `gm.run` on
a network folder of one region, with a technology for each kind of unit and the load hour by hour from a file.
"""

from __future__ import annotations

import copy
import itertools
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pandapower as pp
import pandas as pd
import xarray as xr
from references_rows import Row

import gridmodel as gm

Array = npt.NDArray[np.float64]

WEEKS = """86.2 90.0 87.8 83.4 88.0 84.1 83.2 80.6 74.0 73.7 71.5 72.7 70.4 75.0 72.1 80.0 75.4 83.7 87.0 88.0 85.6 81.1 90.0
88.7 89.6 86.1 75.5 81.6 80.1 88.0 72.2 77.6 80.0 72.9 72.6 70.5 78.0 69.5 72.4 72.4 74.3 74.4 80.0 88.1 88.5 90.9 94.0 89.0
94.2 97.0 100.0 95.2"""
"""Peak of each week over that of the year. [%] IEEE Reliability Test System (1979), table 1."""
DAYS = "93 100 98 96 94 77 75"
"""Peak of each day over that of its week, Monday first. [%] The same, table 2."""
HOURS = {
    "winter": (
        "67 63 60 59 59 60 74 86 95 96 96 95 95 95 93 94 99 100 100 96 91 83 73 63",
        "78 72 68 66 64 65 66 70 80 88 90 91 90 88 87 87 91 100 99 97 94 92 87 81",
    ),
    "summer": (
        "64 60 58 56 56 58 64 76 87 95 99 100 99 100 100 97 96 96 93 92 92 93 87 72",
        "74 70 66 65 64 62 62 66 81 86 91 93 93 92 91 91 92 94 95 95 100 93 88 80",
    ),
    "between": (
        "63 62 60 58 59 65 72 85 95 99 100 99 93 92 90 88 90 92 96 98 96 90 80 70",
        "75 73 69 66 65 65 68 74 83 89 92 94 91 90 90 86 85 88 92 100 97 95 90 85",
    ),
}
"""Hours over the peak of their day, weekdays and weekends; winter is weeks 1-8 and 44-52, summer 18-30. [%] Table 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A test system of generating capacity."""

    name: str
    peak_mw: float
    """Highest load of the year. [MW]"""
    units: tuple[tuple[int, int, float, float], ...]
    """Units of a kind: how many, of how many megawatts, forced outage rate [1], mean time to repair [h]."""
    lole_h: float
    """Published, with the load hour by hour. [h/a]"""
    eens_mwh: float
    """Published, the same. [MWh/a]"""
    source: str


RBTS = System(
    name="RBTS",
    peak_mw=185.0,
    units=((2, 5, 0.01, 45), (1, 10, 0.02, 45), (4, 20, 0.015, 55), (1, 20, 0.025, 45), (1, 40, 0.02, 60), (2, 40, 0.03, 45)),
    lole_h=1.0919,
    eens_mwh=9.8613,
    source="R. Billinton et al.: A reliability test system for educational purposes, basic data and basic results, IEEE "
    "Transactions on Power Systems 4(3), 1989, and 5(1), 1990; Billinton and Li, Reliability Assessment of Electric Power "
    "Systems Using Monte Carlo Methods, 1994",
)  # fmt: skip
RTS_79 = System(
    name="RTS-79",
    peak_mw=2850.0,
    units=((5, 12, 0.02, 60), (4, 20, 0.10, 50), (6, 50, 0.01, 20), (4, 76, 0.02, 40), (3, 100, 0.04, 50), (4, 155, 0.04, 40),
           (3, 197, 0.05, 50), (1, 350, 0.08, 100), (2, 400, 0.12, 150)),
    lole_h=9.3942,
    eens_mwh=1176.0,
    source="IEEE Committee Report: IEEE Reliability Test System, IEEE Transactions on Power Apparatus and Systems PAS-98(6), "
    "1979; R. N. Allan, R. Billinton, N. Abdel-Gawad: The IEEE reliability test system, extensions to and evaluation of the "
    "generating system, IEEE Transactions on Power Systems 1(4), 1986",
)  # fmt: skip
PRAS = "NREL PRAS, `PRASCore.jl/src/Systems/TestData.jl`: values that its own tests hold, by enumeration"
SECOND_HAND = (
    "Published values and tables are as later papers and programs quote them; the papers themselves are not open. The load model is that "
    "of 1979 for both systems, 52 weeks of 168 h: its energy is 15,297 GWh and its load factor 61.44 %, as the paper says."
)
SAME_RATE = (
    "Mean times to failure are chosen so that outage rates are the rounded ones that the indices were published with. Members are years; of the "
    "load of a run nothing is reserved, and cuts are spread over all (`rotation: mean`)."
)


def numbers(text: str) -> Array:
    """Return the numbers of a table."""
    return np.array(text.split(), dtype=float)


def load_of_year(peak_mw: float) -> Array:
    """Return the load of RTS-79 hour by hour, from a Monday on, shape ``(8736,)``. [MW]"""
    shape = {season: np.concatenate([np.tile(numbers(week), 5), np.tile(numbers(end), 2)])
             for season, (week, end) in HOURS.items()}  # fmt: skip
    days = np.repeat(numbers(DAYS), 24) / 100
    weeks = []
    for place, share in enumerate(numbers(WEEKS)):
        season = "winter" if place < 8 or place >= 43 else "summer" if 17 <= place < 30 else "between"
        weeks.append(peak_mw * share / 100 * days * shape[season] / 100)
    return np.concatenate(weeks)


def capacity(system: System) -> tuple[Array, Array]:
    """Return the capacities that may work, and how likely each is, by enumeration of the kinds of units. [MW], [1]"""
    chance = np.ones(1)
    for count, mw, rate, _ in system.units:
        for _ in range(count):
            longer = np.zeros(len(chance) + mw)
            longer[: len(chance)] += rate * chance
            longer[mw:] += (1 - rate) * chance
            chance = longer
    level = np.flatnonzero(chance > 1e-14)
    return level.astype(float), chance[level]


@cache
def _empty() -> pp.pandapowerNet:
    """Return a net without elements: making one takes longer than copying it."""
    return pp.create_empty_network()


def served_mw(capacity_mw: Array, load_mw: float) -> Array:
    """Return what `gm.dispatch` serves of one load with each capacity, shape of `capacity_mw`. [MW]"""
    net = copy.deepcopy(_empty())
    bus = pp.create_bus(net, 230.0)
    pp.create_load(net, bus, p_mw=load_mw)
    pp.create_gen(net, bus, p_mw=0.0, max_p_mw=float(capacity_mw.max()))
    most = xr.DataArray(capacity_mw[:, None], {"snapshot": np.arange(len(capacity_mw)), "generator": ["gen/0"]},
                        ("snapshot", "generator"))  # fmt: skip
    return gm.dispatch(net, generation_max_mw=most)["served_mw"].to_numpy()[:, 0]


def enumerated(system: System, load_mw: Array) -> tuple[float, float]:
    """Return LOLE and EENS over some hours. [h], [MWh]"""
    level, chance = capacity(system)
    can = served_mw(level, float(level.max()))
    loads, hours = np.unique(load_mw.round(9), return_counts=True)
    lost = np.maximum(loads[:, None] - can, 0.0)
    return float(hours @ ((lost > 1e-6) @ chance)), float(hours @ (lost @ chance))


def write_year(system: System, folder: Path, members: int) -> Path:
    """Write a network folder, weather, load and scenario of a year, and return the path of the scenario."""
    net, mark = folder / "net", "OWN,assumed"
    net.mkdir()
    tables = {
        "sources": ["key,url,publisher,date,licence_note", "OWN,,IEEE,1979,facts"],
        "regions": [
            "id,name_en,zone,centre_lat,centre_lon,population,vulnerable_share,household_customers,reference_demand_mw,"
            "reference_temperature_c,share_critical,share_household,share_business,share_industry,heating_slope_mw_per_k,"
            "source,confidence",
            f"XA-1,System,ONE,45,0,1000000,0.2,400000,{system.peak_mw},15,0.1,0.4,0.3,0.2,0,{mark}",
        ],
        "buses": ["id,vn_kv,region,lat,lon,source,confidence", f"XA-1-230,230,XA-1,45,0,{mark}"],
        "lines": [
            "id,from_bus,to_bus,length_km,r_ohm_per_km,x_ohm_per_km,c_nf_per_km,max_i_ka,parallel,max_loading_percent,"
            "reactor_percent,region,source,confidence"
        ],
        "transformers": [
            "id,hv_bus,lv_bus,sn_mva,vn_hv_kv,vn_lv_kv,vk_percent,vkr_percent,pfe_kw,i0_percent,parallel,"
            "max_loading_percent,region,source,confidence"
        ],
        "interconnectors": ["id,border,bus,p_max_mw,cost_eur_per_mwh,source,confidence"],
        "technologies": ["id,inertia_s,gas_fired,charges,efficiency,source,confidence"],
        "generators": [
            "id,region,bus,technology,units,p_max_mw,p_available_mw,min_stable_pu,restart_h,black_start,grid_forming,"
            "cost_eur_per_mwh,profile,source,confidence"
        ],
        "profiles": [
            "profile,day_type,hour,value,source,confidence", *(f"demand,all,{hour},1,{mark}" for hour in range(24))
        ],
    }  # fmt: skip
    outages = []
    for place, (count, mw, rate, repair_h) in enumerate(system.units):
        kind = f"unit_{chr(97 + place)}_{mw}"
        tables["technologies"].append(f"{kind},3,,,,{mark}")
        tables["generators"].append(
            f"XA-1/{kind},XA-1,XA-1-230,{kind},{count},{count * mw},{count * mw},0,1,true,true,10,,{mark}"
        )
        outages.append(f"  {kind}: {{mttf_h: {repair_h * (1 - rate) / rate:.9g}, mttr_h: {repair_h}}}")
    for name, lines in tables.items():
        (net / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (net / "network.toml").write_text('country = "XA"\ntimezone = "UTC"\nlanguages = ["en"]\n', encoding="utf-8")
    for name, first, values in (
        ("weather", "2023-12-27", np.full(370 * 24, 10.0)),
        ("demand", "2024-01-01", load_of_year(system.peak_mw)),
    ):
        times = pd.date_range(first, periods=len(values), freq="h").strftime("%Y-%m-%dT%H:%MZ")
        pd.DataFrame({"XA-1": values}, index=pd.Index(times, name="time")).to_csv(folder / f"{name}.csv")
    path = folder / "year.yaml"
    path.write_text(
        "\n".join([
            f"name: {system.name}", "network: net", "weather: weather.csv", "timezone: UTC", "start: 2024-01-01 00:00",
            "end: 2024-12-30 00:00", f"members: {members}", "demand: demand.csv", "demand_use: replace", "rotation: mean",
            "reserve_mw: 0", "cold_load_pickup: false", "heater_feedback: false", "forced_outages:", *outages, "",
        ]),
        encoding="utf-8",
    )  # fmt: skip
    return path


def simulated(system: System, *, years: int, at_once: int = 100) -> list[Array]:
    """Return hours with loss of load and energy not served of so many years of `gm.run`, each ``(year,)``. [h], [MWh]"""
    found = []
    with TemporaryDirectory() as name:
        path = write_year(system, Path(name), at_once)
        for seed in range(1, years // at_once + 1):
            result = gm.run(gm.load_scenario(path).replace(seed=seed))
            found.append([gm.metrics.lole_h(result).to_numpy(), gm.metrics.ens_mwh(result).to_numpy()])
    return [np.concatenate(values) for values in zip(*found, strict=True)]


def indices(system: System, *, years: int) -> list[Row]:
    """Compare the indices of a system, by enumeration and, where years are asked for, by simulation."""
    part = f"Generating capacity: {system.name}"
    names = ("LOLE [h/a]", "EENS [MWh/a]")
    published = (system.lole_h, system.eens_mwh)
    exact = enumerated(system, load_of_year(system.peak_mw))
    rows = [
        Row(part=part, what=f"{name}, every state dispatched", source=system.source, theirs=theirs, ours=ours, rel=1e-3,
            note=SECOND_HAND)
        for name, theirs, ours in zip(names, published, exact, strict=True)
    ]  # fmt: skip
    if years:
        for name, theirs, values in zip(names, published, simulated(system, years=years), strict=True):
            mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
            interval = (float(mean - 1.96 * error), float(mean + 1.96 * error))
            what = f"{name}, `gm.run` of {years} years"
            rows.append(Row(part=part, what=what, source=system.source, theirs=theirs, ours=float(mean), interval=interval,
                            note=SAME_RATE))  # fmt: skip
    return rows


def constant_load() -> list[Row]:
    """Compare RBTS at a constant load of 185 MW."""
    values = enumerated(RBTS, np.full(8760, RBTS.peak_mw))
    return [
        Row(part="Generating capacity: RBTS", what=f"{name}, load always at its peak", source=RBTS.source, theirs=theirs,
            ours=ours, rel=1e-4, note=SECOND_HAND)
        for name, theirs, ours in zip(("LOLE [h/a]", "EENS [MWh/a]"), (73.0728, 823.2555), values, strict=True)
    ]  # fmt: skip


LOAD_MW = np.array([[19, 20, 21, 20], [20, 21, 21, 22], [22, 21, 23, 22]], dtype=float)
WIND_MW = np.array([[4, 3, 2, 3], [6, 5, 3, 4], [2, 1, 2, 1]], dtype=float)
UNITS_MW = np.array(
    [[10, 10, 10, 10], [10, 10, 10, 10], [10, 10, 10, 10], [10, 10, 15, 10], [20, 20, 25, 20]], dtype=float
)
AREA = (0, 1, 1, 2, 2)
"""The three areas of PRAS: load and wind by area and hour, units by hour and their area; each unit fails with 0.1."""


def areas(load_mw: Array, capacity_mw: Array, ties: list[tuple[int, int, float]], up: Array | None = None) -> Array:
    """Return what areas lose in each state, shape ``(state, area)``. [MW]

    Parameters
    ----------
    load_mw
        Shape ``(area,)``. [MW]
    capacity_mw
        Shape ``(state, area)``. [MW]
    ties
        Areas at both ends, and limit; lines of equal reactance. [MW]
    up
        Whether each tie works, shape ``(state, tie)``; all by default.
    """
    net = copy.deepcopy(_empty())
    buses = [pp.create_bus(net, 110.0) for _ in load_mw]
    for one, other, mw in ties:
        pp.create_line_from_parameters(net, buses[one], buses[other], 1.0, 0.0, 1.0, 0.0, mw / 110 / np.sqrt(3),
                                       max_loading_percent=100.0)  # fmt: skip
    for bus, mw in zip(buses, load_mw, strict=True):
        pp.create_load(net, bus, p_mw=mw)
        pp.create_gen(net, bus, p_mw=0.0, max_p_mw=1.0)

    def table(values: Array, dim: str, kind: str) -> xr.DataArray:
        names = [f"{kind}/{place}" for place in range(values.shape[1])]
        return xr.DataArray(values, {"snapshot": np.arange(len(values)), dim: names}, ("snapshot", dim))

    working = None if up is None else table(up, "branch", "line")
    got = gm.dispatch(net, generation_max_mw=table(capacity_mw, "generator", "gen"), branch_available=working)
    return load_mw - got["served_mw"].to_numpy()


def states(count: int, works: float) -> tuple[Array, Array]:
    """Return every state of so many units, ``(state, unit)``, and how likely each is."""
    up = np.array(list(itertools.product([0.0, 1.0], repeat=count)))
    return up, np.where(up > 0, works, 1 - works).prod(axis=1)


def three_areas(tie_mw: float) -> tuple[float, float]:
    """Return LOLE and EENS of four hours of three areas. [h], [MWh]"""
    up, chance = states(5, 0.9)
    lole = eens = 0.0
    for hour in range(4):
        most = np.tile(WIND_MW[:, hour], (len(up), 1))
        np.add.at(most.T, list(AREA), (up * UNITS_MW[:, hour]).T)
        lost = areas(LOAD_MW[:, hour], most, [(0, 1, tie_mw), (0, 2, tie_mw), (1, 2, tie_mw)]).sum(axis=1)
        lole, eens = lole + float(chance @ (lost > 1e-6)), eens + float(chance @ lost)
    return lole, eens


def by_hand() -> tuple[Array, Array]:
    """Return the expected loss of each of three areas in a row, by dispatch and by hand. [MW]

    Areas of 50 MW in a row; those at the ends have two units of 50 MW, the middle has none; ties of 30 MW; units fail with 0.1.
    The middle gets what an end can spare, at most 30 MW from each. An end with one unit serves itself first in no particular
    order: cuts are shared where ties allow it, so that only the sum is worked out by hand: 150 MW less what is served.
    """
    up, chance = states(4, 0.9)
    most = 50.0 * np.stack([up[:, 0] + up[:, 1], np.zeros(len(up)), up[:, 2] + up[:, 3]], axis=1)
    ours = areas(np.full(3, 50.0), most, [(0, 1, 30.0), (1, 2, 30.0)]).sum(axis=1)
    # by the number of units that work at the ends: 2 and 2 serve all; 2 and 1 serve 50 + 50 and 30 in the middle; 2 and 0
    # serve 50 and send 30 on; 1 and 1 serve 100; 1 and 0 serve 50; none serve nothing
    table = {(2, 2): 0.0, (1, 2): 20.0, (0, 2): 70.0, (1, 1): 50.0, (0, 1): 100.0, (0, 0): 150.0}
    counted = [tuple(sorted((int(a + b), int(c + d)))) for a, b, c, d in up]
    return np.array([chance @ ours]), np.array([chance @ np.array([table[pair] for pair in counted])])


def ties() -> list[Row]:
    """Compare areas that help each other over ties."""
    part = "Areas with ties"
    up, chance = states(3, 0.9)
    lost = areas(np.array([8.0, 9.0]), 15.0 * up[:, :2], [(0, 1, 8.0)], up[:, 2:])
    two = (float(chance @ (lost.sum(axis=1) > 1e-6)), float(chance @ lost.sum(axis=1)))
    found, wide = three_areas(8.0), three_areas(1e4)
    rows = [
        Row(part=part, what=what, source=PRAS, theirs=theirs, ours=ours, rel=1e-6, absolute=1e-6)
        for what, theirs, ours in (
            ("two areas, a tie of 8 MW that fails with 0.1: LOLE [h]", 0.19, two[0]),
            ("the same: EENS [MWh]", 0.647, two[1]),
            ("three areas without limits, four hours: LOLE [h]", 1.17877, wide[0]),
            ("the same: EENS [MWh]", 11.73276, wide[1]),
            ("three areas on a triangle of ties of 8 MW: LOLE [h]", 1.3756, found[0]),
        )
    ]
    law = (
        "On a triangle PRAS lets power flow as it likes up to each limit; here it divides by Kirchhoff's law, which can only lose more "
        f"({number_of(found[1])} in place of 12.12885 MWh: in the hour of the highest load 0.197 MWh cannot be brought round). An independent "
        "programme on bus angles gives ours, one without angles theirs."
    )
    rows.append(
        Row(
            part=part,
            what="the same: EENS [MWh]",
            source=PRAS,
            theirs=12.12885,
            ours=found[1],
            rel=1e-6,
            known=0.2,
            note=law,
        )
    )
    ours, hand = by_hand()
    rows.append(Row(part=part, what="three areas in a row, ties of 30 MW: expected loss [MW]", source="By hand: beside the code in "
                    "`benchmarks/references_adequacy.py`", theirs=float(hand[0]), ours=float(ours[0]), rel=1e-9))  # fmt: skip
    return rows


def number_of(value: float) -> str:
    """Write a number to five decimals."""
    return f"{value:.5f}"


def rows(*, years: int) -> list[Row]:
    """Compare everything; without years nothing is simulated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [*indices(RTS_79, years=years), *indices(RBTS, years=years), *constant_load(), *ties()]
