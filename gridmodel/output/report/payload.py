"""Numbers of a report, ready for JSON: what is typical and ranges over members, averaged to what a screen can show."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.network.model import NetworkTables
from gridmodel.output.languages import languages, region_names
from gridmodel.output.outline_map import drawn_map, network_of
from gridmodel.output.report.advice import options_csv, plan_command
from gridmodel.output.report.damage import cascades, repairs
from gridmodel.output.tile_map import tile_grid
from gridmodel.results.comparison import regional
from gridmodel.results.metrics import LONG_H, QUANTILES, summarise
from gridmodel.results.needs import DIESEL_KWH_PER_L, NEEDS, generators_mw
from gridmodel.results.outage_schedule import timetable
from gridmodel.results.own_inputs import events_shown
from gridmodel.results.sendable import LEAST_PART, UNIT_OF, sendable
from gridmodel.results.severity import severity
from gridmodel.results.sheet import HOUR_SPREAD_H, PART_H
from gridmodel.results.standing import standing
from gridmodel.results.steps import step_h
from gridmodel.results.summary_json import summary_json
from gridmodel.results.water_need import BRIDGED_H, WATER_L
from gridmodel.scenario import unconfirmed
from gridmodel.scenario.backup_systems import SYSTEM_TABLE, SYSTEMS
from gridmodel.services.registry import SHOWN_COUNTS, SPLITS, WORTHS
from gridmodel.vocabulary import RECHARGE_WORDS, TECHNOLOGIES

MOST_STEPS = 672
"""Most steps in a chart; longer runs are averaged over blocks. Ours: four weeks of hours."""
LAYERS = {count.key: count.variable for count in SHOWN_COUNTS}
"""Layers of the map, and the variables that they count."""
CROWD_SHARE = 0.01
"""Share of the country's people whose chance to be without a service is shown. [1] Ours: 300,000 in Ukraine."""
ASSUMED = (
    "critical_on_cut_feeders", "loss_split", "heater_uptake", "drain_lead_h", "pump_margin", "repair_crews_per_million",
    "fuel_trucks_per_million",
)  # fmt: skip
"""Settings that stand in the sentences on assumptions, where they are single numbers."""


def payload(
    result: xr.Dataset, *, manifest: Mapping[str, Any] | None = None, summary: Mapping[str, Any] | None = None,
    network: NetworkTables | None = None, without: xr.Dataset | None = None,
    events: Sequence[Mapping[str, object]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return everything that the page shows.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    manifest
        Manifest of the run (`gridmodel.results.manifest.manifest`), if known.
    summary
        `gridmodel.results.summary_json.summary_json` of the result; computed if omitted.
    network
        Network of the run, for outlines and sources; by default the bundled one that the result names.
    without
        The same scenario without events, to tell the standing deficit from what events add.
    events
        Rows of the events of the run, where a file has them.

    Returns
    -------
    dict
        Ready for JSON. `summary` is that of `summary.json`; the rest is made from the same result.

    Examples
    --------
    >>> import gridmodel as gm
    >>> result = gm.run("three-region")
    >>> shown = gm.report.payload(result)
    >>> [region["id"] for region in shown["regions"]]
    ['TR-1', 'TR-2', 'TR-3']
    """
    thin = _Thin(result)
    network = network_of(result) if network is None else network
    summary = summary_json(result, summarise(result)) if summary is None else summary
    return {
        "summary": summary,
        "deterministic": bool(int(result.attrs["deterministic"])),
        "storage": _storage(str(result.attrs.get("storage", ""))),
        "step_h": thin.step_h,
        "t": thin.local_minutes,
        "told": {"spread_h": HOUR_SPREAD_H, "part_h": PART_H},
        "words": declared_words() | own_words(result),
        "systems": SYSTEMS,
        "layers": {name: variable for name, variable in LAYERS.items() if variable in result},
        "splits": {
            split.key: {str(cause): split.metric(str(cause)) for cause in result[split.dim].to_numpy()}
            for split in SPLITS
            if split.variable in result
        },
        "national": _national(result, thin),
        "regions": _regions(result, thin),
        "chances": _chances(result),
        "map": None if network is None else drawn_map(result, network.outlines),
        "sources": _sources(network),
        "assumed": _assumed(result),
        "standing": None if without is None else _standing(result, without, events),
        "cascades": cascades(result),
        "repairs": repairs(result),
        "long_h": LONG_H,
        "water_l": WATER_L,
        "bridged_h": BRIDGED_H,
        "diesel_kwh_per_l": DIESEL_KWH_PER_L,
        "plan": plan_command(manifest or {}, result.sizes["member"]),
        "options": options_csv(summary["needs"]),
        "events": events_shown(manifest or {}),
        "unconfirmed": _unconfirmed(manifest or {}),
        "manifest": dict(manifest or {}),
    }


def _storage(words: str) -> str:
    """Return the key of a result's words for how storage refills; other words as they are."""
    return next((f"recharge_{key}" for key, known in RECHARGE_WORDS.items() if words == known), words)


def _chances(result: xr.Dataset) -> dict[str, int]:
    """Count the members in which, at some time, `CROWD_SHARE` of the country's people or more lack each service."""
    least = CROWD_SHARE * float(result["population"].sum())
    return {
        name: int((result[variable].sum("region").max("time") >= least).sum())
        for name, variable in LAYERS.items()
        if variable in result
    }


def _sources(network: NetworkTables | None) -> list[dict[str, str]]:
    """Return the sources of a network, for a table."""
    names = ("publisher", "date", "licence_note", "url")
    if network is None or "sources" not in network.tables:
        return []
    rows = network.tables["sources"]
    rows = rows[rows["url"].astype(str) != ""]
    return [{name: str(row[name] or "") for name in names} for row in rows.to_dict("records")]


def _assumed(result: xr.Dataset) -> dict[str, float]:
    """Return the settings of `ASSUMED` that are single numbers in the scenario of a result."""
    settings = json.loads(str(result.attrs.get("scenario", "{}")))
    assumed = {name: settings.get(name) for name in ASSUMED}
    return {name: float(value) for name, value in assumed.items() if isinstance(value, int | float)}


def _standing(
    result: xr.Dataset, without: xr.Dataset, events: Sequence[Mapping[str, object]] | None
) -> dict[str, object]:
    """Return what would be missing without events too, and what they add of what the network has."""
    found = standing(result, without, events)
    return {"share": found.share, "more": found.more}


def own_words(result: xr.Dataset) -> dict[str, str]:
    """Return words for the technologies that the network of a result lists: their names."""
    named = map(str, result["technology"].to_numpy()) if "technology" in result.coords else ()
    return {f"t_{name}": name.replace("_", " ") for name in named if name not in TECHNOLOGIES}


def declared_words() -> dict[str, str]:
    """Return English words of what services and tables declare, for languages that have none of their own."""
    shown = {count.key: count.words for count in SHOWN_COUNTS}
    metrics = {worth.metric: f"{worth.words}, person-hours" for worth in WORTHS}
    metrics |= {count.metric: f"{count.words}, person-hours" for count in SHOWN_COUNTS}
    totals = {f"ph_{key}": f"{words}, thousand person-hours" for key, words in shown.items()}
    systems = {f"sys_{system.name}": system.words for system in SYSTEM_TABLE}
    return shown | metrics | totals | systems | {f"n_{name}": words for name, (_, words) in NEEDS.items()}


class _Thin:
    """Averages series over blocks of steps, so that a long run still makes a small page."""

    def __init__(self, result: xr.Dataset) -> None:
        steps = result.sizes["time"]
        self.block = max(1, math.ceil(steps / MOST_STEPS))
        self.starts = np.arange(0, steps, self.block)
        self.lengths = np.diff(np.append(self.starts, steps))
        self.step_h = step_h(result, whole=True) * self.block
        minutes = result["local_time"].to_numpy()[self.starts].astype("datetime64[m]").astype(np.int64)
        self.local_minutes: list[int] = minutes.tolist()

    def __call__(self, values: Floats) -> Floats:
        """Return means over blocks along the last axis."""
        if self.block == 1:
            return values.astype(float)
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1) / self.lengths)


def thinned(result: xr.Dataset, values: xr.DataArray) -> tuple[list[int], list[float]]:
    """Return local minutes since 1970 and values ``(time,)`` of a result, averaged to what a chart shows."""
    thin = _Thin(result)
    return thin.local_minutes, thin(values.to_numpy().astype(float)).tolist()


def _national(result: xr.Dataset, thin: _Thin) -> dict[str, Any]:
    """Return series of the whole country: typical and, with several members, range; causes as means, which add up."""
    series = {
        "need": _band(result["demand_mw"].sum(("region", "tier")), thin),
        "served": _band(result["served_mw"].sum(("region", "tier")), thin),
        "import": _band(result["import_mw"], thin),
    }
    for name, variable in LAYERS.items():
        if variable in result:
            series[name] = _band(result[variable].sum("region"), thin)
    mean = result["shed_cause_mw"].mean("member").sum("region").transpose("cause", "time").to_numpy()
    causes = {str(name): _short(thin(mean[place])) for place, name in enumerate(result["cause"].to_numpy())}
    return {**series, "causes": causes, **_by_cause(result, thin)}


def _by_cause(data: xr.Dataset, thin: _Thin) -> dict[str, dict[str, list[float | None]]]:
    """Return people by cause of cold homes and dry taps, mean over members; causes of nobody are left out."""
    people = {}
    for split in SPLITS:
        if split.variable in data:
            mean = data[split.variable].mean("member")
            mean = (mean.sum("region") if "region" in mean.dims else mean).transpose(split.dim, "time").astype(float)
            people[split.key] = {
                str(name): _short(thin(values))
                for name, values in zip(data[split.dim].to_numpy(), mean.to_numpy(), strict=True)
                if values.any()
            }
    return people


def _band(values: xr.DataArray, thin: _Thin) -> dict[str, list[float | None]]:
    """Return the median over members and, with several members, the range that covers 90 % of them, by step."""
    by_member = thin(values.transpose("member", "time").to_numpy())
    if len(by_member) == 1:
        return {"typical": _short(by_member[0])}
    low, typical, high = np.quantile(by_member, QUANTILES, axis=0)
    return {"typical": _short(typical), "low": _short(low), "high": _short(high)}


def _regions(result: xr.Dataset, thin: _Thin) -> list[dict[str, Any]]:
    """Return every region: its place on the map, its totals and series."""
    column, row = tile_grid(result)
    totals = {name: values.to_numpy() for name, values in regional(result).items()}
    off_long = (totals["hours_without_power_per_day"] > LONG_H).sum(axis=0)
    generators = generators_mw(result)
    names = {code: region_names(result, code) for code in languages()}
    table = timetable(result)
    classes = severity(result)[["class_p50", "class_p95"]].to_numpy()
    queues = table["queues"].transpose("region", "time").to_numpy()
    slots = table["off"].transpose("region", "group", "time").to_numpy()
    first = table["local_time"].to_numpy()[0].astype("datetime64[m]").astype(np.int64)
    regions = []
    for place, region in enumerate(result["region"].to_numpy()):
        one = result.isel(region=place)
        regions.append({
            "id": str(region), "names": {code: all_names[place] for code, all_names in names.items()},
            "column": int(column[place]), "row": int(row[place]),
            "people": float(result["population"].to_numpy()[place]),
            "totals": {name: _typical(values[:, place]) for name, values in totals.items()},
            "members_off_long": int(off_long[place]),
            "severity": {"p50": int(classes[place, 0]), "p95": int(classes[place, 1])},
            "generators": None if generators is None else _generators(generators[:, place]),
            "series": _series(one, thin),
            "outage_schedule": {"start": int(first), "queues": float(queues[place].max()),
                                "off": ["".join(map(str, cells)) for cells in slots[place]]},
        })  # fmt: skip
    return regions


def _typical(values: Floats) -> dict[str, float | None]:
    """Return the median and the bad case of one value per member, and the share of members in which it is above 0."""
    _, median, high = np.quantile(values, QUANTILES)
    return {"p50": _number(median), "p95": _number(high), "needed_share": float((values > 0.0).mean())}


def _generators(values_mw: Floats) -> dict[str, float | None]:
    """Return the same of generators of all systems [MW], rounded to what can be sent."""
    median, high = sendable(np.quantile(values_mw, QUANTILES[1:]), "MW").tolist()
    return {"p50": median, "p95": high, "needed_share": float((values_mw >= LEAST_PART * UNIT_OF["MW"]).mean())}


def _series(one: xr.Dataset, thin: _Thin) -> dict[str, Any]:
    """Return the series of one region."""
    series: dict[str, Any] = {
        "need": _band(one["demand_mw"].sum("tier"), thin),
        "served": _band(one["served_mw"].sum("tier"), thin),
        "outdoors": _short(thin(_outdoors(one))),
    }
    for name, variable in LAYERS.items():
        if variable in one:
            series[name] = _band(one[variable], thin)
    if "indoor_temperature" in one:
        series["indoors"] = _indoors(one, thin)
        share = one["home_share"].mean("member").transpose("heat_state", "time").to_numpy()
        states = one["heat_state"].to_numpy()
        series["heat_state"] = {str(state): _short(thin(share[place])) for place, state in enumerate(states)}
    series |= _by_cause(one, thin)
    if "water_stored_m3" in one:
        series["stored"] = _band(one["water_stored_m3"], thin)
    if "backup_fuel_h" in one:
        remaining = one["backup_fuel_h"].median("member").transpose("system", "time").to_numpy()
        series["backup"] = {
            f"sys_{name}": _short(thin(remaining[place])) for place, name in enumerate(one["system"].to_numpy())
        }
    if "crews_busy" in one:
        series["crews"] = _band(one["crews_busy"], thin)
    return series


def _outdoors(one: xr.Dataset) -> Floats:
    """Return outdoor temperature, median over members if their weather differs, shape ``(time,)``. [°C]"""
    air = one["outdoor_temperature"]
    return np.asarray((air.median("member") if "member" in air.dims else air).to_numpy(), dtype=float)


def _indoors(one: xr.Dataset, thin: _Thin) -> dict[str, list[float | None]]:
    """Return the indoor temperature of the coldest homes of each kind of building, median over members. [°C]

    Members in which no such home is lived in are left out.
    """
    air = np.ascontiguousarray(one["indoor_temperature"].transpose("archetype", "heat_state", "member", "time"))
    share = one["archetype_share"].to_numpy()
    coldest_c = {}
    for place, kind in enumerate(one["archetype"].to_numpy()):
        if share[place] > 0:
            coldest = np.fmin.reduce(air[place], axis=0).astype(float)  # missing where all are
            coldest_c[str(kind)] = _short(thin(_median(coldest)))
    return coldest_c


def _median(values: Floats) -> Floats:
    """Return the median over members ``(member, time)``, without those that are missing; missing if all are."""
    known = np.isfinite(values).sum(axis=0)
    ordered = np.sort(values, axis=0)  # missing values come last
    low, high = (
        np.take_along_axis(ordered, np.maximum(at, 0)[None], axis=0)[0] for at in ((known - 1) // 2, known // 2)
    )
    return np.asarray(0.5 * (low + high))


def _short(values: Floats) -> list[float | None]:
    """Round to the digits that a chart can show; unknown values are null."""
    size = float(np.nanmax(np.abs(values), initial=0.0)) if np.isfinite(values).any() else 0.0
    digits = 0 if size >= 1000 else 1 if size >= 20 else 3
    return [None if not math.isfinite(value) else round(value, digits) for value in values.tolist()]


def _number(value: float) -> float | None:
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _unconfirmed(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the unconfirmed settings, with the values of the run."""
    scenario = manifest.get("scenario", {})
    return [
        {"name": name, "value": str(scenario[name]), "words": words}
        for name, words in unconfirmed().items()
        if name in scenario
    ]
