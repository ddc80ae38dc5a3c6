"""Needs of a run as options: what could be sent, in units that are sent, at usual costs, and what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.inputs.spreadsheet import csv_text
from gridmodel.network.model import NetworkTables
from gridmodel.results.deadlines import deadlines
from gridmodel.results.needs import needs
from gridmodel.scenario import KINDS, Mitigation, Scenario
from gridmodel.scenario.help import OPTION_COLUMNS
from gridmodel.studies.buildings import people_per_building
from gridmodel.studies.grouping import ASIDE, TRUCK_M3_PER_DAY
from gridmodel.studies.mitigation import Purchase, bought, read_plan
from gridmodel.studies.valued import MOST_RUNS, Values

LOT_SHARE = 1 / 8
"""Largest part of a budget that one option takes, unless one unit costs more. [1] Ours: a budget that is spent in eight
lots says what the next euro buys; what acts without a run comes in several lots, the rest in one of twice the size."""
MOST_LOTS = 8
"""Most lots of one kind in one region."""
ARRIVES_H = 24
"""Hours after the start at which help arrives. [h] Ours: it is asked for when the forecast is read."""
HELP_OF = {
    "warm_places": "warming_points",
    "drain_people": "drain_crew",
    "water_m3_per_day": "water_truck",
    "generators_heat_mw": "mobile_generator",
    "generators_water_mw": "mobile_generator",
    "fuel_m3": "fuel_truck",
    "power_mw": "battery",
}
"""Kind of help that meets a need. Of other needs the model has no help, so that it knows no time of its delivery."""
WEEK_H = 168.0
"""Time for which the costs of imports are meant. [h]"""
TANKER_M3 = 50.0
"""Diesel that one tanker brings in a cold spell. [m3] [B] Ten loads of 5 m³."""
LEAST_CONNECTED = 0.1
"""Least share of homes that are connected from which the need of all is concluded. [1] Ours."""
MORE_CREWS = 5
"""Repair crews in an option. Ours: a convoy of a neighbour."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Need of a region that a kind of help meets."""

    kind: str
    units: int
    """Units of the kind that meet it in the bad case."""
    target: str = ""


def options_for(
    result: xr.Dataset, scenario: Scenario, network: NetworkTables, region: str = "", *, budget_eur: float
) -> list[Mitigation]:  # fmt: skip
    """Return options that meet the needs of a run in its bad case, in units that are sent, at the likely usual costs.

    Parameters
    ----------
    result
        Result of the scenario.
    scenario
        What it was run with.
    network
        Tables of its network.
    region
        Id of a region, whose needs alone are met; empty for every region, with imports and spare transformers for all.
    budget_eur
        Budget, of which one option takes at most twice `LOT_SHARE`, so that several can be bought. [EUR]
    """
    table, times, people = needs(result), deadlines(result), people_per_building(network)
    names = dict(zip(map(str, result["region"].to_numpy()), map(str, result["region_name"].to_numpy()), strict=True))
    since = None
    if (scenario.end - scenario.start) > timedelta(hours=2 * ARRIVES_H):
        since = scenario.start + timedelta(hours=ARRIVES_H)
    weeks = weeks_of(scenario)
    found: list[Mitigation] = []
    for place in [region] if region else list(names):
        for lack in _lacks(result, table, times, scenario, place, building_people=people.get(place, 0.0)):
            found += _lots(lack, place, names[place], budget_eur, since, several=bool(region))
    if region:  # a region neither imports nor keeps the stock of the country
        return found
    damaged = bool(scenario.events)
    missing = table[table.index.get_level_values("need") == "power_mw"]["p50"].sum() if len(table) else 0.0
    national = [Lack("import", ceil(float(missing) / KINDS["import"].sent))] if missing > 0 else []
    national += [Lack("spare_transformers", 1)] if damaged and not scenario.deterministic else []
    for lack in national:
        found += _lots(lack, "", "", budget_eur, since, price=weeks if lack.kind == "import" else 1.0)
    return found


def weeks_of(scenario: Scenario) -> float:
    """Return the length of a run, by which imports are paid. [week]"""
    return (scenario.end - scenario.start) / timedelta(hours=WEEK_H)


def _lacks(
    result: xr.Dataset, table: pd.DataFrame, times: pd.DataFrame, scenario: Scenario, region: str, *,
    building_people: float,
) -> Iterator[Lack]:  # fmt: skip
    """Yield what a region lacks in its bad case."""
    here = table.xs(region, level="region")["p95"] if region in table.index.get_level_values("region") else {}
    need = {str(name): float(value) for name, value in dict(here).items()}
    yield from _in_units(need, scenario, building_people)
    one = result.sel(region=region)
    if {"heat_demand_mw_th", "heat_supplied_mw_th", "home_share"} <= set(result.data_vars):
        bad = float(np.quantile(_heat_short_mw(one), 0.95))
        if bad >= KINDS["mobile_boiler"].sent:
            yield Lack("mobile_boiler", _units("mobile_boiler", bad))
    fuel = times.loc[region]["reached_share"]
    if (fuel[[str(name).startswith("fuel_") for name in fuel.index]] > 0).any():
        yield Lack("fuel_truck", max(ceil(need.get("fuel_m3", 0.0) / TANKER_M3), 1))
    if "crews_busy" in result and float(one["crews_busy"].max()) > 0 and not scenario.deterministic:
        yield Lack("repair_crew", MORE_CREWS)


def _in_units(need: Mapping[str, float], scenario: Scenario, building_people: float) -> Iterator[Lack]:
    """Yield the kinds of help that needs ask for by their amount."""
    drained = building_people * max(scenario.drain_crew_buildings_per_h * scenario.drain_lead_h, 1e-9)
    kinds = (
        ("generators_heat_mw", KINDS["mobile_generator"].sent, "heat_source"),
        ("generators_water_mw", KINDS["mobile_generator"].sent, "waterworks"),
        ("drain_people", drained, ""),
        ("water_m3_per_day", TRUCK_M3_PER_DAY, ""),
        ("warm_places", KINDS["warming_points"].sent, ""),
        ("power_mw", KINDS["battery"].sent, ""),
    )
    for name, each, target in kinds:
        if need.get(name, 0.0) > 0 and each > 0:
            yield Lack(HELP_OF[name], max(ceil(need[name] / each - 1e-9), 1), target)


def _heat_short_mw(one: xr.Dataset) -> Floats:
    """Return the most heat that homes of a region lack, with those whose water stands still, shape ``(member,)``. [MW]

    What connected homes need says what all would: ``need / connected − supplied``.
    """
    connected = np.maximum(one["home_share"].sel(heat_state="connected"), LEAST_CONNECTED)
    short = one["heat_demand_mw_th"] / connected - one["heat_supplied_mw_th"]
    return np.asarray(short.max("time").to_numpy(), dtype=float)


def _units(kind: str, size: float) -> int:
    """Return the units of a kind that are at least of a size."""
    return max(ceil(size / KINDS[kind].sent - 1e-9), 1)


def _lots(
    lack: Lack, region: str, name: str, budget_eur: float, since: object, *, price: float = 1.0, several: bool = True
) -> Iterator[Mitigation]:  # fmt: skip
    """Yield options that meet what a region lacks, as far as a budget reaches; what needs no run in several lots."""
    kind = KINDS[lack.kind]
    each = kind.cost_eur[1] * price
    several = several and lack.kind in ASIDE
    share = budget_eur * LOT_SHARE * (1 if several else 2)
    units = min(lack.units, max(int(share // each), 1))
    if each > budget_eur:
        return
    lots = min(ceil(lack.units / units), MOST_LOTS) if several else 1
    what = f"{kind.meaning}, {lack.target.replace('_', ' ')}" if lack.target else kind.meaning
    for number in range(lots):
        of = min(units, lack.units - number * units)
        words = ", ".join(part for part in (what, name, f"lot {number + 1}" if lots > 1 else "") if part)
        yield Mitigation.model_validate({
            "kind": lack.kind, "size": float(f"{of * kind.sent:.10g}"), "region": region, "target": lack.target,
            "cost_eur": float(round(of * each)), "available_from": since, "name": words,
        })  # fmt: skip


def plan_options(
    scenario: Scenario, options: Sequence[Mitigation], *, budget_eur: float,
    progress: Callable[[int], None] | None = None,
) -> Purchase:  # fmt: skip
    """Choose among options as `gridmodel.plan` does, with at most so many runs as a briefing may take.

    It warns of nothing: the briefing does.
    """
    values = Values(*read_plan(scenario, options, None, budget_eur), progress, most_runs=MOST_RUNS - 4)
    return bought(values, budget_eur=budget_eur)


def options_table(options: Sequence[Mitigation]) -> str:
    """Return options as a file that `gridmodel plan` reads."""
    rows = [[one.name, one.kind, one.region, f"{one.size:.10g}", f"{one.cost_eur:.10g}",
             "" if one.available_from is None else f"{one.available_from:%Y-%m-%d %H:%M}", one.target]
            for one in options]  # fmt: skip
    return csv_text([[*OPTION_COLUMNS], *rows])
