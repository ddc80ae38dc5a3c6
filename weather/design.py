"""Make `design-cold-spell.csv`, `mild-january.csv` and `next-cold-spell.csv` from the climate of Ukraine.

Run without arguments to rewrite them beside this file, with ``--check`` to compare (exit 1 if they differ).
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.network import read_network
from gridmodel.weather import design_cold_spell, generate_weather
from gridmodel.weather.daily import wave
from gridmodel.weather.generator.climate import clock
from gridmodel.weather.generator.generate import SPELL_SWING_K
from gridmodel.weather.generator.tables import find_climate
from gridmodel.weather.regions import read_centres
from gridmodel.weather.write import as_csv

HERE = Path(__file__).resolve().parent
UKRAINE = HERE.parent / "networks" / "ukraine"
SPELL = {"start": "2026-01-07T22:00", "end": "2026-01-22T22:00"}
"""Local midnight to local midnight: 4 usual days, 2 of fall, 5 of plateau, 2 of rise, 2 usual days."""
SPELL_DAYS = 5
MILD = {"start": "2025-12-31T22:00", "end": "2026-01-31T22:00"}
"""The whole of January, local time."""
MILD_SEED, MILD_MEMBERS, MILD_CLOSE_K = 2026, 500, 0.5
"""Members that the mild January is picked from: of those whose mean in Kyiv is near the norm and one deviation, the one
whose warmest hour anywhere is the least warm: mild without a spell of spring."""
NEXT = {"start": "2026-11-26T22:00", "end": "2026-12-09T22:00"}
"""Local midnight to local midnight: four days before the run of the scenario, its week, and two days more."""
NEXT_CORNERS = ("2026-11-30T22:00", "2026-12-02T12:00", "2026-12-06T08:00", "2026-12-08T08:00")
"""Begin and end of the fall to the plateau, and of the rise from it, UTC: four nights are in the plateau."""
NEXT_NIGHT_C, NEXT_DEEP = -23.0, ("NORTH", "CENTRE")
"""Lowest temperature of the nights of the plateau, and the zones that reach it. [degC]"""
NEXT_ELSEWHERE = 0.6
"""Fall elsewhere, as a part of the mean fall in those zones. [-] Ours: a spell that is deepest in the north and centre,
of which the others get the edge."""
ROUNDING_C = 0.011
"""Largest difference that ``--check`` passes over: one step of the last digit. [K]"""


def cold_spell(regions: list[str]) -> xr.DataArray:
    """Return five days at the design temperature of each region. [degC]"""
    return design_cold_spell(SPELL_DAYS, **SPELL, regions=regions)


def mild_january(regions: list[str]) -> xr.DataArray:
    """Pick a member whose mean in Kyiv is one deviation above the norm: one January in seven is milder. [degC]"""
    kyiv = pd.read_csv(UKRAINE / "climate" / "norms.csv", index_col="site").loc["Kyiv"]
    winters = generate_weather(**MILD, members=MILD_MEMBERS, seed=MILD_SEED, regions=regions)
    means = winters.sel(region="UA-30").astype(float).mean("time").to_numpy()
    near = np.abs(means - kyiv["jan_mean_c"] - kyiv["sd_monthly_jan_k"]) <= MILD_CLOSE_K
    warmest = winters.max(("time", "region")).to_numpy()
    place = int(np.where(near, warmest, np.inf).argmin())
    return winters.isel(member=place, drop=True)


def next_cold_spell(regions: list[str]) -> xr.DataArray:
    """Return four nights of -23 degC in the north and centre, in the first week of December 2026. [degC]

    The norm of December, a fall along a line, the plateau, a rise, the norm again; throughout the wave of the day of
    `design_cold_spell`.
    """
    climate, network = find_climate(regions, None), read_network("ukraine")
    site = pd.read_csv(UKRAINE / "climate" / "sites.csv", index_col="region")["site"]
    norms = pd.read_csv(UKRAINE / "climate" / "norms.csv", index_col="site")["dec_mean_c"]
    norm = norms.loc[site.loc[regions]].to_numpy(dtype=float)
    zone = dict(zip(network.regions, network.zones, strict=True))
    deep = np.array([zone[region] in NEXT_DEEP for region in regions])
    fall = norm - SPELL_SWING_K - NEXT_NIGHT_C
    fall = np.where(deep, fall, NEXT_ELSEWHERE * fall[deep].mean())
    hours = np.arange(*(np.datetime64(NEXT[name], "h") for name in ("start", "end"))).astype("datetime64[s]")
    corners = [np.datetime64(moment, "s").astype(float) for moment in NEXT_CORNERS]
    depth = np.interp(hours.astype(float) + 1800.0, corners, [0.0, 1.0, 1.0, 0.0])[:, None]
    values = norm - depth * fall + SPELL_SWING_K * wave(clock(hours, climate.utc_offset_h))[:, None]
    coords = {"time": hours.astype("datetime64[ns]"), "region": np.array(regions, dtype=object)}
    return xr.DataArray(values, coords, ("time", "region"), name="temperature", attrs={"units": "degC"})


def main() -> int:
    """Rewrite or check the series, and return the exit status."""
    parser = argparse.ArgumentParser(description="Make the series that are no weather of the past.")
    parser.add_argument("--check", action="store_true", help="compare the files, exit 1 if they differ")
    check = parser.parse_args().check
    regions = [str(name) for name in read_centres(UKRAINE)["id"]]
    stale = 0
    for name, make in {
        "design-cold-spell": cold_spell,
        "mild-january": mild_january,
        "next-cold-spell": next_cold_spell,
    }.items():
        path, data = HERE / f"{name}.csv", make(regions)
        if not check:
            path.write_text(as_csv(data), "utf-8", newline="\n")
            sys.stderr.write(f"wrote {path.name}\n")
        elif not _same(path, data):
            stale += 1
            sys.stderr.write(f"{path.name} is not what this script makes\n")
    return min(stale, 1)


def _same(path: Path, data: xr.DataArray) -> bool:
    if not path.is_file():
        return False
    table = pd.read_csv(path)
    times = [f"{time}Z" for time in data["time"].to_numpy().astype("datetime64[m]")]
    same_shape = [*table.columns] == ["time", *data["region"].to_numpy()] and [*table["time"]] == times
    return same_shape and np.abs(table.iloc[:, 1:].to_numpy(float) - data.to_numpy()).max() <= ROUNDING_C


if __name__ == "__main__":
    sys.exit(main())
