"""The summary of a run, as a person reads it in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from gridmodel.commands.common import console, print_table, rounded
from gridmodel.metrics import (
    Estimate,
    ens_mwh,
    ens_share,
    estimate,
    hours_without_power_per_day,
    person_hours,
    worst_hour,
)

if TYPE_CHECKING:
    from rich.console import Console

SERVICES = (
    ("power", "people_without_power", "no power"),
    ("heat", "people_without_heat", "home below 12 °C"),
    ("water", "people_without_water", "no water"),
    ("all", "people_without_all", "none of the three"),
)
"""Services of the summary: short name, variable, words."""
WORST = 5
"""Regions that are listed."""


def print_summary(result: xr.Dataset, folder: Path, *, screen: Console | None = None) -> None:
    """Print title, unserved energy, worst hour, regions, people, and where the results are."""
    screen = screen or console()
    attrs = result.attrs
    members = result.sizes["member"]
    draws = "expected values" if attrs["deterministic"] else f"{members} member{'s' if members > 1 else ''}"
    ranges = "; ranges hold 90 % of the members" if members > 1 else ""
    screen.print(str(attrs["title"]), style="bold")
    screen.print(f"{attrs['network']}, {result.sizes['region']} regions")
    screen.print(f"{attrs['start']} to {attrs['end']} ({attrs['timezone']})")
    screen.print(f"{draws}, seed {attrs['seed']}{ranges}")
    energy, share = estimate(ens_mwh(result) / 1000.0), estimate(100.0 * ens_share(result))
    worst = worst_hour(result)
    when = str(result["local_time"].to_numpy()[worst])[:16].replace("T", " ")
    moment = result.isel(time=worst)
    need = moment["demand_mw"].sum(("region", "tier")) / 1000.0
    missing = moment["shed_mw"].sum(("region", "tier")) / 1000.0
    screen.print()
    screen.print(f"Unserved energy  {_value(energy, 'GWh')}; {_value(share, '% of need')}")
    if energy.p95 <= 0:
        screen.print("Worst hour       none: every hour is served in full")
    else:
        deficit = f"{_value(estimate(missing), 'GW')} of {rounded(float(need.mean()))} GW missing"
        screen.print(f"Worst hour       {when}, {deficit}")
        _print_regions(result, screen)
    _print_people(result, screen)
    screen.print(f"Results are in {folder}", soft_wrap=True)


def _value(number: Estimate, unit: str) -> str:
    """Mean and, where there are several members, the 90 % range."""
    if np.isnan(number.standard_error):
        return f"{rounded(number.mean)} {unit}"
    return f"{rounded(number.mean)} {unit} ({rounded(number.p05)} to {rounded(number.p95)})"


def _print_regions(result: xr.Dataset, screen: Console) -> None:
    """Regions whose homes are longest without power."""
    hours = hours_without_power_per_day(result)
    mean = hours.mean("member").to_numpy()
    shown = np.round(mean, 1)  # regions that read alike stand in file order
    order = np.argsort(-shown, kind="stable")[:WORST]
    names = result["region_name"].to_numpy()
    rows = []
    for place in order:
        number = estimate(hours.isel(region=place))
        span = "" if np.isnan(number.standard_error) else f"{number.p05:.1f} to {number.p95:.1f}"
        rows.append((names[place], f"{number.mean:.1f}", span))
    alike = int((shown == shown[order[-1]]).sum() - (shown[order] == shown[order[-1]]).sum())
    if alike:
        rows.append((f"and {alike} more", f"{shown[order[-1]]:.1f}", ""))
    print_table("Homes without power, hours a day", ("Region", ">mean", ">range"), rows, screen=screen)


def _print_people(result: xr.Dataset, screen: Console) -> None:
    """People without each service at its worst hour, and person-hours."""
    rows = []
    for _, name, words in SERVICES:
        if name not in result:
            continue
        at = worst_hour(result, name)
        people = estimate(result[name].isel(time=at).sum("region") / 1e6)
        hours = estimate(person_hours(result, name) / 1e6)
        when = str(result["local_time"].to_numpy()[at])[5:16].replace("T", " ") if people.p95 > 0 else "–"
        span = "" if np.isnan(people.standard_error) else f"{people.p05:.2f} to {people.p95:.2f}"
        rows.append((words, f"{people.mean:.2f}", span, when, f"{rounded(hours.mean)} M"))
    columns = ("Million people", ">mean", ">range", "at", ">person-hours")
    print_table("People without, at the worst hour of each", columns, rows, screen=screen)
