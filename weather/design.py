"""Make `design-cold-spell.csv` and `mild-january.csv` from the climate of Ukraine.

Run without arguments to rewrite both beside this file, with ``--check`` to compare (exit 1 if they differ).
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.weather import design_cold_spell, generate_weather
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


def main() -> int:
    """Rewrite or check both series, and return the exit status."""
    parser = argparse.ArgumentParser(description="Make the design cold spell and the mild January.")
    parser.add_argument("--check", action="store_true", help="compare the files, exit 1 if they differ")
    check = parser.parse_args().check
    regions = [str(name) for name in read_centres(UKRAINE)["id"]]
    stale = 0
    for name, make in {"design-cold-spell": cold_spell, "mild-january": mild_january}.items():
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
