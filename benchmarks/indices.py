"""Set our indices of cold beside xclim's on the same generated winters, and stop where they differ.

Usage: ``python benchmarks/indices.py XCLIM_PYTHON [--write]``: that interpreter has xclim, this one has gridmodel.
``--write`` also writes the case that the tests hold: the series, and what xclim made of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import gridmodel as gm
from gridmodel.weather import indices

HERE = Path(__file__).resolve().parent
CASE = HERE.parent / "tests" / "cases" / "indices-xclim"
AGREE = 1e-9
"""Difference at which two numbers are the same."""
ASKED = [
    {"index": "cold_spell_days", "thresh_c": -10.0, "window": 5},
    {"index": "cold_spell_days", "thresh_c": -5.0, "window": 3},
    {"index": "cold_spell_frequency", "thresh_c": -10.0, "window": 5},
    {"index": "cold_spell_frequency", "thresh_c": -5.0, "window": 1},
    {"index": "cold_spell_max_length", "thresh_c": -10.0, "window": 1},
    {"index": "cold_spell_max_length", "thresh_c": -10.0, "window": 4},
    {"index": "cold_spell_total_length", "thresh_c": -10.0, "window": 3},
    {"index": "cold_spell_total_length", "thresh_c": 0.0, "window": 7},
    {"index": "heating_degree_days", "thresh_c": 17.0},
    {"index": "heating_degree_days", "thresh_c": -3.5},
    *({"index": f"cold_spell_{name}"} for name in ("days", "frequency", "max_length", "total_length")),
    {"index": "heating_degree_days"},
]
"""Indices at thresholds and windows that are given, and at the defaults of either side."""


def series() -> tuple[xr.DataArray, pd.DataFrame, pd.DataFrame]:
    """Hours of one winter; daily means of several, to 0.01 K; air and wind."""
    drawn = gm.generate_weather("2025-11-01", "2026-04-01", members=4, seed=2026, regions=["UA-30", "UA-51", "UA-63"])
    days = indices.daily_mean(drawn.astype(float)).round(2)
    daily = {
        f"{region}/{member}": days.sel(member=member, region=region).to_numpy()
        for member in days["member"].to_numpy()
        for region in days["region"].to_numpy()
    }
    edges = np.full(days.sizes["time"], 20.0)
    edges[:9] = [-10.0, -10.01, -10.01, -10.01, -10.01, -10.01, -10.0, 17.0, 17.01]  # the thresholds themselves
    edges[-5:] = -30.0  # a spell that ends with the series
    table = pd.DataFrame(
        daily | {"edges": edges}, index=pd.Index(days["time"].to_numpy().astype("datetime64[D]"), name="time")
    )
    grid = [
        (air, wind)
        for air in (-40.0, -20.0, -5.5, -0.01, 0.0, 0.01, 12.0)
        for wind in (0.0, 2.5, 4.99, 5.0, 5.01, 30.0, 90.0)
    ]
    return drawn.isel(member=0, drop=True).astype(float), table, pd.DataFrame(grid, columns=["tas_c", "wind_km_per_h"])


def ours(hourly: xr.DataArray, daily: pd.DataFrame, wind: pd.DataFrame) -> dict[str, object]:
    """What gridmodel makes of them, in the shape of `xclim_indices.py`."""
    tas = xr.DataArray(daily.to_numpy(), dims=["time", "series"])
    found = {}
    for asked in ASKED:
        options = {key: value for key, value in asked.items() if key != "index"}
        index = getattr(indices, str(asked["index"]))(tas, **options)
        name = " ".join(str(part) for part in asked.values())
        found[name] = dict(zip(daily.columns, index.to_numpy().tolist(), strict=True))
    air, speed = (xr.DataArray(wind[name].to_numpy()) for name in wind)
    chill = indices.wind_chill(air, speed).to_numpy()
    return {
        "indices": found,
        "wind_chill_c": [None if np.isnan(value) else value for value in chill.tolist()],
        "daily_mean_c": indices.daily_mean(hourly).transpose("time", "region").to_numpy().tolist(),
    }


def flat(found: object, path: str = "") -> dict[str, float | None]:
    """Every number by its path."""
    entries = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else None
    if entries is None:
        return {path: found}
    return {key: value for name, item in entries for key, value in flat(item, f"{path}/{name}").items()}


def main() -> None:
    """Print the largest difference of each kind."""
    hourly, daily, wind = series()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hourly.to_netcdf(folder / "hourly.nc", engine="scipy")
        daily.to_csv(folder / "daily.csv")
        wind.to_csv(folder / "wind.csv", index=False)
        (folder / "asked.json").write_text(json.dumps(ASKED), "utf-8")
        got = subprocess.run(
            [sys.argv[1], str(HERE / "xclim_indices.py"), name], check=True, capture_output=True, text=True
        )
    theirs = json.loads(got.stdout)
    release = theirs.pop("xclim")
    mine, other = flat(ours(hourly, daily, wind)), flat(theirs)
    if mine.keys() != other.keys():
        raise SystemExit(f"not the same numbers: {sorted(mine.keys() ^ other.keys())[:5]}")
    gaps: dict[str, list[float]] = {}
    for path, value in mine.items():
        missing = (value is None) != (other[path] is None)
        gap = np.inf if missing else abs((value or 0.0) - (other[path] or 0.0))
        gaps.setdefault(path.split("/")[1] if "indices" not in path else path.split("/")[2], []).append(gap)
    sys.stdout.write(f"xclim {release}\n\n| what | numbers | largest difference |\n|---|---|---|\n")
    sys.stdout.writelines(f"| {name} | {len(found)} | {max(found):.1e} |\n" for name, found in gaps.items())
    if max(map(max, gaps.values())) > AGREE:
        raise SystemExit("they differ")
    if "--write" in sys.argv:
        CASE.mkdir(exist_ok=True)
        daily.to_csv(CASE / "daily.csv", lineterminator="\n")
        wind.to_csv(CASE / "wind.csv", index=False, lineterminator="\n")
        kept = {"xclim": release, "asked": ASKED, **{key: theirs[key] for key in ("indices", "wind_chill_c")}}
        (CASE / "xclim.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
