"""Numbers of a folder that are allowed but implausible: those that an engineer would ask about.

Bounds are ours: wide around textbooks and the bundled networks, so that an error by a factor of ten is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gridmodel.arrays import Bools, Floats
from gridmodel.errors import Problem, Problems
from gridmodel.inputs.tables import Rows
from gridmodel.regions import NAME, folded


@dataclass(frozen=True, slots=True)
class Bound:
    """Range in which a number usually lies."""

    table: str
    field: str
    low: float
    high: float
    unit: str
    what: str = ""
    """Quantity that is compared, if it is not the field itself."""


LINES = {  # from this voltage on [kV]: ohm/km of x, of r, and kA of a circuit
    600.0: ((0.15, 0.40), (0.003, 0.06), (1.0, 8.0)),
    300.0: ((0.15, 0.45), (0.005, 0.12), (0.4, 6.0)),
    150.0: ((0.10, 0.55), (0.01, 0.30), (0.2, 4.0)),
    60.0: ((0.08, 0.55), (0.01, 0.80), (0.1, 3.0)),
    0.0: ((0.04, 0.80), (0.01, 6.0), (0.02, 2.5)),
}
"""Per kilometre of one circuit, by nominal voltage."""

VK_PERCENT = (3.0, 30.0)
"""Short-circuit voltage of a transformer. [%]"""
SAME = 1e-6
"""Relative difference that is rounding. [1]"""
LONGEST_KM = 1500.0
"""Length of a line. [km]"""
COVER = (0.3, 4.0)
"""Usual share of demand that generation and interconnectors can cover. [1]"""

STORE_H = (0.05, 8760.0)
"""Hours for which a store gives its full power: from a battery for frequency alone to a reservoir of a year. [h]"""

BOUNDS = (
    Bound("transformers", "vk_percent", *VK_PERCENT, "%"),
    Bound("transformers", "i0_percent", 0.0, 5.0, "%"),
    Bound("transformers", "sn_mva", 1.0, 3000.0, "MVA"),
    Bound("lines", "length_km", 0.1, LONGEST_KM, "km"),
    Bound("generators", "restart_h", 0.0, 240.0, "h"),
    Bound("generators", "cost_eur_per_mwh", 0.0, 1000.0, "EUR/MWh"),
    Bound("heat_systems", "tank_h", 0.0, 720.0, "h"),
    Bound("heat_systems", "source_units", 1.0, 500.0, ""),
    Bound("archetypes", "h_opaque_w_per_m2k", 0.05, 4.0, "W/(m2 K)"),
    Bound("archetypes", "h_window_w_per_m2k", 0.05, 3.0, "W/(m2 K)"),
    Bound("archetypes", "h_ventilation_w_per_m2k", 0.05, 4.0, "W/(m2 K)"),
    Bound("archetypes", "capacity_j_per_m2k", 5e4, 2e6, "J/(m2 K)"),
    Bound("water_systems", "tank_h", 0.0, 720.0, "h"),
    Bound("water_systems", "wastewater_hold_h", 0.0, 72.0, "h"),
)
"""Bounds of single numbers."""


def check_plausible(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note numbers that are allowed but implausible, as warnings at their rows.

    Parameters
    ----------
    rows
        Tables of a folder as read, with or without errors; missing cells are skipped.
    problems
        Collects warnings.
    folder
        Name of the folder in messages.
    """
    for bound in BOUNDS:
        values = rows[bound.table].frame[bound.field].to_numpy(dtype=float)
        _compare(rows, bound, values, problems, folder=folder)
    _check_names(rows, problems, folder=folder)
    _check_lines(rows, problems, folder=folder)
    _check_people(rows, problems, folder=folder)
    _check_exempt(rows, problems, folder=folder)
    _check_systems(rows, problems, folder=folder)
    _check_supply(rows, problems, folder=folder)
    plants = rows["generators"]
    for place, said in odd_storage(plants.frame):
        problems.found.append(replace(said, table=f"{folder}/generators.csv", row=plants.lines[place]))


def _check_names(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note names that do not tell regions apart: of two regions, or the id of another region."""
    regions, lines = rows["regions"].frame, rows["regions"].lines
    ids = [str(region) for region in regions["id"]]
    by_id = {folded(region): region for region in ids}
    owners: dict[str, str] = {}
    for column in (str(name) for name in regions if str(name).startswith(NAME)):
        for region, name, line in zip(ids, map(str, regions[column]), lines, strict=True):
            wanted = folded(name)
            if not wanted:
                continue
            owner, also = by_id.get(wanted, region), owners.setdefault(wanted, region)
            message = f"is the id of {owner}" if owner != region else f"is also the name of {also}"
            if owner != region or also != region:
                problems.add(
                    f"{message}; use the id to tell them apart", table=f"{folder}/regions.csv", row=line, field=column,
                    value=name, severity="warning",
                )  # fmt: skip


def _compare(rows: dict[str, Rows], bound: Bound, values: Floats, problems: Problems, *, folder: str) -> None:
    """Note each value outside its bounds at its row."""
    with np.errstate(invalid="ignore"):
        odd = np.flatnonzero((values < bound.low) | (values > bound.high))
    for row in map(int, odd):
        what = f"{bound.what}: " if bound.what else ""
        problems.add(
            f"is implausible ({what}{bound.low:g} to {bound.high:g} {bound.unit} is usual)",
            table=f"{folder}/{bound.table}.csv", row=rows[bound.table].lines[row], field=bound.field,
            value=f"{values[row]:.4g}", severity="warning",
        )  # fmt: skip


def _check_lines(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Compare lines with the usual range at their voltage."""
    frame = rows["lines"].frame
    buses = rows["buses"].frame.drop_duplicates("id").set_index("id")
    kv = buses["vn_kv"].reindex(frame["from_bus"]).to_numpy(dtype=float)
    top = np.inf
    for floor, usual in LINES.items():
        here = (kv >= floor) & (kv < top)
        for field, unit, (low, high) in zip(
            ("x_ohm_per_km", "r_ohm_per_km", "max_i_ka"), ("ohm/km", "ohm/km", "kA"), usual, strict=True
        ):
            values = np.where(here, frame[field].to_numpy(dtype=float), np.nan)
            _compare(
                rows,
                Bound("lines", field, low, high, unit, f"at {floor:g} kV and more"),
                values,
                problems,
                folder=folder,
            )
        top = floor


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(frame[name].to_numpy(dtype=float))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return the ratio; missing where the whole is 0 or missing."""
    found: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return found


def _check_people(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Compare demand and households with population."""
    regions = rows["regions"].frame
    people, need = (regions[name].to_numpy(dtype=float) for name in ("population", "reference_demand_mw"))
    per_head = Bound("regions", "reference_demand_mw", 0.1, 8.0, "kW", "per person")  # oil fields, smelters: 7
    _compare(rows, per_head, _ratio(need * 1000, people), problems, folder=folder)
    homes = Bound("regions", "household_customers", 0.15, 0.9, "", "per person")
    _compare(rows, homes, _ratio(regions["household_customers"].to_numpy(dtype=float), people), problems, folder=folder)
    slope = Bound("regions", "heating_slope_mw_per_k", 0.0, 0.05, "1/K", "share of demand")
    _compare(
        rows, slope, _ratio(regions["heating_slope_mw_per_k"].to_numpy(dtype=float), need), problems, folder=folder
    )


def unmet_exempt(regions: pd.DataFrame) -> Bools:
    """Return where more demand is exempt than industry and business have, of which it is taken, shape ``(region,)``."""
    if "share_exempt" not in regions:
        return np.zeros(len(regions), dtype=bool)
    firms = regions["share_industry"].to_numpy(dtype=float) + regions["share_business"].to_numpy(dtype=float)
    return np.asarray(regions["share_exempt"].to_numpy(dtype=float) > firms + 1e-9)


def exempt_message(region: pd.Series) -> str:
    """Return what is said of a region of which more is exempt than its firms have."""
    firms = float(region["share_industry"]) + float(region["share_business"])
    return f"is more than industry and business have, {firms:g}, of which it is taken: only homes are left to cut"


def _check_exempt(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Note regions of which more is exempt than firms have."""
    regions, lines = rows["regions"].frame, rows["regions"].lines
    for row in map(int, np.flatnonzero(unmet_exempt(regions))):
        region = regions.iloc[row]
        problems.add(exempt_message(region), table=f"{folder}/regions.csv", row=lines[row], field="share_exempt",
                     value=f"{region['share_exempt']:g}", severity="warning")  # fmt: skip


def _check_systems(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Compare heat and water with population, and sources with the floor that they heat."""
    regions = rows["regions"].frame.drop_duplicates("id").set_index("id")["population"]
    heat, water = rows["heat_systems"].frame, rows["water_systems"].frame
    warm = regions.reindex(heat["region"]).to_numpy(dtype=float) * _numbers(heat, "district_heat_share")
    floor = _numbers(heat, "floor_area_m2")
    _compare(rows, Bound("heat_systems", "floor_area_m2", 8.0, 60.0, "m2", "per person on district heat"),
             _ratio(floor, warm), problems, folder=folder)  # fmt: skip
    _compare(rows, Bound("heat_systems", "source_max_mw_th", 20.0, 250.0, "W/m2", "for the heated floor"),
             _ratio(_numbers(heat, "source_max_mw_th") * 1e6, floor), problems, folder=folder)  # fmt: skip
    people = regions.reindex(water["region"]).to_numpy(dtype=float)
    daily = _numbers(water, "demand_m3_per_day")
    _compare(rows, Bound("water_systems", "demand_m3_per_day", 20.0, 600.0, "l", "per person and day"),
             _ratio(daily * 1000, people), problems, folder=folder)  # fmt: skip
    _compare(rows, Bound("water_systems", "storage_m3", 0.5, 240.0, "h", "of demand"),
             _ratio(_numbers(water, "storage_m3") * 24, daily), problems, folder=folder)  # fmt: skip
    _compare(rows, Bound("water_systems", "pump_mw", 0.05, 5.0, "kWh/m3", "for water used"),
             _ratio(_numbers(water, "pump_mw") * 24_000, daily), problems, folder=folder)  # fmt: skip


def _check_supply(rows: dict[str, Rows], problems: Problems, *, folder: str) -> None:
    """Compare generation and imports with demand, and units with their usual size."""
    generators = rows["generators"].frame
    size = generators["p_max_mw"].to_numpy(dtype=float) / np.maximum(generators["units"].to_numpy(dtype=float), 1)
    _compare(rows, Bound("generators", "p_max_mw", 0.0, 2500.0, "MW", "per unit"), size, problems, folder=folder)
    have = generators["p_available_mw"].sum() + rows["interconnectors"].frame["p_max_mw"].sum()
    need = rows["regions"].frame["reference_demand_mw"].sum()
    compare_supply(float(have), float(need), problems, table=f"{folder}/generators.csv", field="p_available_mw")


def compare_supply(have_mw: float, need_mw: float, problems: Problems, *, table: str, field: str) -> None:
    """Note generation and interconnectors that could cover far less, or far more, than the demand; see `COVER`."""
    if need_mw > 0 and not COVER[0] <= have_mw / need_mw <= COVER[1]:
        of = f"{have_mw:,.0f} of {need_mw:,.0f} MW"
        message = f"is the share of demand that generation and interconnectors can cover ({of})"
        problems.add(message, table=table, field=field, value=f"{have_mw / need_mw:.2f}", severity="warning")


def odd_storage(plants: pd.DataFrame) -> Iterator[tuple[int, Problem]]:
    """Yield warnings of stores that hardly work, or of which a cell has no effect, with their place in the table.

    Parameters
    ----------
    plants
        Table of generators.
    """
    power, stored, energy = (_numbers(plants, name) for name in ("p_max_mw", "storage_mwh", "energy_mwh_per_day"))
    kinds = plants["storage_kind"] if "storage_kind" in plants else pd.Series("", index=plants.index)
    hours = _ratio(stored, power)
    low, high = STORE_H
    for place in range(len(plants)):
        said = []
        if not low <= hours[place] <= high and not np.isnan(hours[place]):
            usual = f"{low:g} to {high:g} h at full power are usual"
            said.append(("storage_mwh", stored[place], f"is implausible: {round(hours[place], 2):,.10g} h; {usual}"))
        if abs(energy[place] - stored[place]) > SAME * max(energy[place], stored[place]):
            more, less = ("storage_mwh", "energy_mwh_per_day")[:: 1 if stored[place] > energy[place] else -1]
            least = min(energy[place], stored[place])
            message = f"has no effect beside {less} of {least:g} MWh: a day has no more than the lower of the two"
            said.append((more, max(energy[place], stored[place]), message))
        yield from ((place, _said(*one)) for one in said)
        if kinds.iloc[place] == "reserve" and np.isnan(stored[place]):
            message = "has no effect: storage_mwh is empty, so that nothing is held back"
            yield place, _said("storage_kind", "reserve", message)


def _said(field: str, value: float | str, message: str) -> Problem:
    """Return a warning at a cell of the table of generators."""
    shown = value if isinstance(value, str) else f"{value:.10g}"
    return Problem(message=message, severity="warning", table="generators.csv", field=field, value=shown)
