"""Cold: indices beside xclim's, and extremes of generated winters beside stations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from references_rows import Row

from gridmodel.weather import indices, return_levels

CASES = Path(__file__).resolve().parents[1] / "tests" / "cases"
CLIMATE = Path(__file__).resolve().parents[1] / "networks" / "ukraine" / "climate"
XCLIM = "xclim {release}, `tests/cases/indices-xclim`; `make check-indices` asks xclim anew"
CODE = "DBN V.2.6-14-97, table 10: one winter in 12.5 and in 50, six stations; `tests/cases/station-extremes`"
DEPARTURES = (
    "Levels are departures from the mean January of the same source, since the code's winters are those up to 1980. One station's level of 12.5 winters "
    "has a standard error of 1.2 K, that of 50 winters 1.8 K; the rows are means over stations, and `tests/weather` holds each."
)


def cold() -> list[Row]:
    """Compare indices of cold of thirteen series, and wind chill."""
    case = CASES / "indices-xclim"
    kept = json.loads((case / "xclim.json").read_text(encoding="utf-8"))
    daily = pd.read_csv(case / "daily.csv", index_col="time", parse_dates=True)
    tas = xr.DataArray(daily.to_numpy(), dims=["time", "series"])
    gaps: dict[str, list[float]] = {}
    for asked in kept["asked"]:
        options = {key: value for key, value in asked.items() if key != "index"}
        ours = getattr(indices, asked["index"])(tas, **options).to_numpy()
        theirs = kept["indices"][" ".join(str(part) for part in asked.values())]
        gaps.setdefault(asked["index"], []).append(float(np.abs(ours - [theirs[name] for name in daily.columns]).max()))
    wind = pd.read_csv(case / "wind.csv")
    chill = indices.wind_chill(*(xr.DataArray(wind[name].to_numpy()) for name in wind)).to_numpy()
    theirs = np.array([np.nan if value is None else value for value in kept["wind_chill_c"]])
    gaps["wind_chill"] = [
        float(np.nanmax(np.abs(chill - theirs))) if (np.isnan(chill) == np.isnan(theirs)).all() else np.inf
    ]
    source = XCLIM.format(release=kept["xclim"])
    return [
        Row(part="Cold: indices", what=f"`{name}`: largest difference from xclim", source=source, theirs=0.0, ours=max(found),
            absolute=1e-9)
        for name, found in gaps.items()
    ]  # fmt: skip


def stations() -> list[Row]:
    """Compare levels of cold days and spells."""
    table = pd.read_csv(CASES / "station-extremes" / "levels.csv").query("confidence == 'high'")
    norms = pd.read_csv(CLIMATE / "norms.csv", index_col="site")
    region = pd.read_csv(CLIMATE / "sites.csv").drop_duplicates("site").set_index("site")["region"]
    rows = []
    for (days, winters), found in table.groupby(["days", "winters"]):
        sites = [str(region[site]) for site in found["site"]]
        level = return_levels(int(days), return_period_years=float(winters), regions=sites)["level_c"].to_numpy()
        ours = float((level - norms.loc[found["site"], "jan_mean_c"].to_numpy()).mean())
        theirs = float((found["level_c"] - found["january_c"]).mean())
        what = f"coldest {f'{days} days in a row' if days > 1 else 'day'}, one winter in {winters:g}: below January [K]"
        rows.append(Row(part="Cold: extremes of stations", what=what, source=CODE, theirs=theirs, ours=ours, absolute=1.0,
                        note=DEPARTURES))  # fmt: skip
    return rows
