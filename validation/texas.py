"""Compare the run `texas-2021` with what was reported hour by hour: ``python -m validation.texas``.

Writes `docs/validation/texas-2021.md` and its picture. `score` gives the numbers alone. What was reported is in
`validation/texas-2021`, with its sources in the README there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.services.heat.pipes import burst_share, cool_water, grow_ice
from gridmodel.studies.run import run

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "validation" / "texas-2021"
PAGE = ROOT / "docs" / "validation" / "texas-2021.md"
PICTURE = PAGE.with_suffix(".svg")
FIRST, LAST = "2021-02-15 00:00", "2021-02-17 23:00"
"""Hours that are scored, local time."""
ZONES = {
    "coast": "TX-COAST", "east": "TX-EAST", "far_west": "TX-FAR-WEST", "north": "TX-NORTH",
    "north_central": "TX-NORTH-CENTRAL", "south": "TX-SOUTH", "south_central": "TX-SOUTH-CENTRAL", "west": "TX-WEST",
}  # fmt: skip
TARGETS = {"mean_absolute_error_gw": 2.8, "nash_sutcliffe": 0.56, "energy_error": 0.067, "peak_error": 0.16}
"""What the model of Wu et al. (2021) reaches after calibration to the event: largest errors, least efficiency."""
PIPES = {"low": (20.0, 0.5, 0.2), "high": (5.0, 1.0, 0.5)}
"""Bounds for water pipes in attics and outer walls: time constant [h], part of the way from 10 °C to outdoors that
their surroundings are at, share of homes that have them [1]. [B]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hourly:
    """Reported and modelled order by hour, in GW."""

    reported: pd.Series
    median: pd.Series
    low: pd.Series
    high: pd.Series
    rule: pd.Series
    """Need less what was available, as reported, floor 0: what the model must beat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A number of the model with its 90 % band beside one that was reported."""

    what: str
    kind: str
    reported: str
    median: float
    low: float
    high: float
    unit: str
    source: str
    inside: bool
    error: float


def facts(name: str) -> pd.DataFrame:
    """Return a table of what was reported, by local time."""
    return pd.read_csv(FACTS / f"{name}.csv", index_col=0, parse_dates=True)


def scenario(members: int | None = None) -> Scenario:
    """Return the bundled scenario, with another number of members if one is given."""
    made = load_scenario("texas-2021")
    return made if members is None else made.replace(members=members)


def scored(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the hours that are scored."""
    return frame.loc[FIRST:LAST]


def is_scored(result: xr.Dataset) -> npt.NDArray[np.bool_]:
    """Return True for the steps of a run that are scored, shape ``(time,)``."""
    local = result["local_time"].to_numpy()
    return np.asarray((local >= np.datetime64(FIRST)) & (local <= np.datetime64(LAST)))


def by_hour(values: xr.DataArray, q: float = 0.5) -> pd.Series:
    """Return a quantile over members of values by time, in the hours that are scored."""
    local = pd.DatetimeIndex(values["local_time"].to_numpy())
    return pd.Series(values.quantile(q, "member").to_numpy(), index=local).loc[FIRST:LAST]


def hourly(result: xr.Dataset) -> Hourly:
    """Return the order by hour."""
    order = result["ordered_mw"].sum("region") / 1000.0
    shed = scored(facts("shed_mw")) / 1000.0
    need = scored(facts("need_forecast_mw")).sum(axis=1) / 1000.0
    return Hourly(
        reported=shed["shed_mw"], median=by_hour(order), low=by_hour(order, 0.05), high=by_hour(order, 0.95),
        rule=(need - shed["generation_available_mw"]).clip(lower=0.0),
    )  # fmt: skip


def errors(model: pd.Series, reported: pd.Series) -> dict[str, float]:
    """Return the four scores of a course over time; energy and peak as shares of what was reported, with their sign."""
    gap = model - reported
    spread = ((reported - reported.mean()) ** 2).sum()
    return {
        "mean_absolute_error_gw": float(gap.abs().mean()), "nash_sutcliffe": float(1.0 - (gap**2).sum() / spread),
        "energy_error": float(model.sum() / reported.sum() - 1.0),
        "peak_error": float(model.max() / reported.max() - 1.0),
    }  # fmt: skip


def reached(found: Mapping[str, float]) -> dict[str, bool]:
    """Return whether each target is reached."""
    return {
        name: found[name] > target if name == "nash_sutcliffe" else abs(found[name]) < target
        for name, target in TARGETS.items()
    }


def scores(course: Hourly) -> dict[str, float]:
    """Return the scores of an order by hour, those of the rule as ``rule_…``, and coverage and width of the band."""
    inside = (course.low <= course.reported) & (course.reported <= course.high)
    rule = {f"rule_{name}": value for name, value in errors(course.rule, course.reported).items()}
    band = {"band_coverage": float(inside.mean()), "band_width_gw": float((course.high - course.low).mean())}
    return errors(course.median, course.reported) | rule | band


def rows(result: xr.Dataset) -> list[Row]:
    """Return every number beside what was reported."""
    seen = pd.read_csv(FACTS / "observations.csv").set_index("what")
    found = []
    for what, values in numbers(result).items():
        row = seen.loc[what]
        low, median, high = (float(np.quantile(values, q)) for q in (0.05, 0.5, 0.95))
        value = float(row["value"])
        least, most = (value if np.isnan(row[end]) else float(row[end]) for end in ("low", "high"))
        reported = f"{value:g}" if least == most else f"{value:g} ({least:g} to {most:g})"
        rounding = 0.005 * abs(value)
        inside = low - rounding <= most and least <= high + rounding
        found.append(Row(
            what=what, kind=str(row["kind"]), reported=reported, median=median, low=low, high=high,
            unit=str(row["unit"]), source=str(row["source"]), inside=inside, error=median - value,
        ))  # fmt: skip
    return found


def numbers(result: xr.Dataset) -> dict[str, Floats]:
    """Return what the model says of each number, by member."""
    days = result.isel(time=is_scored(result))
    output = days["generation_mw"].sum(("region", "time")) / 1000.0
    people, off = float(result["population"].sum()), result["people_without_power"]
    affected = off.max("time").sum("region")
    most_out = facts("capacity_out_mw")["ng"].max() / 1000.0
    burning, dry = output.sel(technology=["thermal_gas", "thermal_coal"]), result["people_without_water"].max("time")
    need = result["demand_mw"].sum(("region", "tier")).max("time") / 1000.0
    made = {
        "Highest hour of demand": need,
        "Gas-fired plant out at most": xr.full_like(need, most_out),
        "Output of wind and sun 15 to 17 February": output.sel(technology=["wind", "solar"]).sum("technology"),
        "Output of gas and coal 15 to 17 February": burning.sum("technology"),
        "Load served 15 to 17 February": days["served_mw"].sum(("region", "tier", "time")) / 1000.0,
        "Homes and firms without power at once": off.sum("region").max("time") / 2.75 / 1e6,
        "People who lost power at some time": 100.0 * affected / people,
        "Hours off of those who lost power": off.sum(("region", "time")) / affected,
        "People without running water at some time": 100.0 * dry.sum("region") / people,
    }  # fmt: skip
    return {what: values.to_numpy() for what, values in made.items()} | {"Homes with burst pipes": burst_homes(result)}


def burst_homes(result: xr.Dataset) -> Floats:
    """Bound the homes whose pipes burst, as a percentage, shape ``(member, )`` twice: all low bounds, then all high.

    With `rotation: fixed` the homes that are off at one time are among those that are off when more are. So the share
    that is off throughout a stretch is the least share in it, and in that stretch standing water cools and freezes.
    """
    off = (result["people_without_power"] / result["population"]).transpose("time", "member", "region").to_numpy()
    outdoor = result["outdoor_temperature"].transpose("time", "region").to_numpy()
    people = result["population"].to_numpy()
    found = []
    for tau_h, way, share in PIPES.values():
        around = 10.0 + way * (outdoor - 10.0)
        burst = np.zeros(off.shape[1:])
        for begin in range(len(off) - 1):
            burst = np.maximum(burst, _burst_from(off[begin:], around[begin:], tau_h))
        found.append(100.0 * share * (burst @ people) / people.sum())
    return np.concatenate(found)


def _burst_from(off: Floats, around_c: Floats, tau_h: float) -> Floats:
    """Return the share of homes whose pipes burst in a stretch without power from the first step on."""
    water, ice = np.full(around_c.shape[1], 15.0), np.zeros(around_c.shape[1])
    kept, burst = off[0].copy(), np.zeros_like(off[0])
    for step, around in enumerate(around_c):
        kept = np.minimum(kept, off[step])
        if not kept.any():
            break
        water = cool_water(water, around, step_h=1.0, tau_h=tau_h)
        ice = np.where(water <= 0.0, grow_ice(ice, around, hours=1.0), ice)
        burst = np.maximum(burst, kept * burst_share(ice))
    return np.asarray(burst)


def resampled(result: xr.Dataset, rounds: int = 200) -> pd.DataFrame:
    """Return the scores of the median of as many members, drawn from them with repetition, a row for each round."""
    order = result["ordered_mw"].sum("region").transpose("member", "time").to_numpy()[:, is_scored(result)] / 1000.0
    reported = scored(facts("shed_mw"))["shed_mw"] / 1000.0
    rng = np.random.default_rng(0)
    made = [np.median(order[rng.integers(len(order), size=len(order))], axis=0) for _ in range(rounds)]
    return pd.DataFrame([errors(pd.Series(course, index=reported.index), reported) for course in made])


def zones(result: xr.Dataset) -> pd.DataFrame:
    """Return the share of demand not served by zone over the three days, reported and modelled. [%]"""
    need, served = (scored(facts(name)).sum() for name in ("need_forecast_mw", "served_mw"))
    days = result.isel(time=is_scored(result))
    share = 100.0 * days["shed_mw"].sum(("tier", "time")) / days["demand_mw"].sum(("tier", "time"))
    low, median, high = (share.quantile(q, "member") for q in (0.05, 0.5, 0.95))
    made = [
        (place, 100.0 - 100.0 * served[zone] / need[zone], *(float(q.sel(region=place)) for q in (median, low, high)))
        for zone, place in ZONES.items()
    ]  # fmt: skip
    return pd.DataFrame(made, columns=["region", "reported", "median", "low", "high"])


def drivers(result: xr.Dataset) -> pd.Series:
    """Return the rank correlation of what members drew with the energy of their order, the largest first."""
    energy = pd.Series(result["ordered_mw"].sum(("region", "time")).to_numpy()).rank()
    drawn = result["drawn_value"]
    found = {
        str(name): float(pd.Series(values).rank().corr(energy))
        for name, values in zip(
            drawn["setting"].to_numpy(), drawn.transpose("setting", "member").to_numpy(), strict=True
        )
        if np.ptp(values) > 0
    }
    return pd.Series(dict(sorted(found.items(), key=lambda item: -abs(item[1]))))


def write() -> dict[str, float]:
    """Run the scenario, write its page and picture, and return its scores."""
    from validation.texas_page import draw, page

    result = run(scenario())
    course = hourly(result)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    draw(course, PICTURE)
    PAGE.write_text(page(result), encoding="utf-8", newline="\n")
    return scores(course)


if __name__ == "__main__":
    write()
