"""Indices by xclim: ``python benchmarks/xclim_indices.py FOLDER`` reads `hourly.nc`, `daily.csv` and `wind.csv` there.

Runs in an environment of its own, without gridmodel, and prints JSON.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from xclim import indices


def main() -> None:
    """Print every index of every column, wind chill of every row, and daily means of the hours."""
    folder = Path(sys.argv[1])
    table = pd.read_csv(folder / "daily.csv", index_col="time", parse_dates=True)
    tas = xr.DataArray(
        table.to_numpy(), {"time": table.index.to_numpy(), "series": list(table.columns)}, ["time", "series"],
        attrs={"units": "degC", "cell_methods": "time: mean"},
    )  # fmt: skip
    found = {}
    for asked in json.loads((folder / "asked.json").read_text(encoding="utf-8")):
        options = {"freq": "YS-JUL"}
        options |= {"thresh": f"{asked['thresh_c']} degC"} if "thresh_c" in asked else {}
        options |= {"window": asked["window"]} if "window" in asked else {}
        index = getattr(indices, asked["index"])(tas, **options)
        if index.sizes["time"] != 1:
            raise SystemExit("the series is not within one year from July to June")
        name = " ".join(str(part) for part in asked.values())
        found[name] = dict(zip(table.columns, index.isel(time=0).to_numpy().tolist(), strict=True))
    wind = pd.read_csv(folder / "wind.csv").to_xarray()
    air, speed = (wind[name].assign_attrs(units=unit) for name, unit in (("tas_c", "degC"), ("wind_km_per_h", "km/h")))
    chill = indices.wind_chill_index(tas=air, sfcWind=speed).to_numpy()
    hourly = xr.open_dataarray(folder / "hourly.nc", engine="scipy")
    days = hourly.resample(time="D").mean().transpose("time", "region")
    json.dump(
        {
            "xclim": version("xclim"),
            "indices": found,
            "wind_chill_c": [None if np.isnan(value) else value for value in chill.tolist()],
            "daily_mean_c": days.to_numpy().tolist(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
