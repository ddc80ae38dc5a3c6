"""Picture of docs/weather.md: ``python docs/weather.py`` (needs the extra `plot`)."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

import gridmodel as gm

HERE = Path(__file__).resolve().parent
CASE = HERE.parent / "tests" / "cases" / "station-extremes"
CLIMATE = HERE.parent / "networks" / "ukraine" / "climate"
ERROR_K = {12.5: 1.2, 50.0: 1.8}
"""Standard error of a level of so many winters that fifty winters tell. [K]"""


def station(axes: plt.Axes, site: str, levels: pd.DataFrame) -> None:
    """Levels of one station as departures from January's mean, and ours."""
    region = pd.read_csv(CLIMATE / "sites.csv").query("site == @site")["region"].iloc[0]
    norm = pd.read_csv(CLIMATE / "norms.csv", index_col="site").loc[site, "jan_mean_c"]
    years = np.geomspace(2, 100, 12)
    for days, color in ((5, "C0"), (1, "C3")):
        ours = [
            float(gm.weather.return_levels(days, return_period_years=float(each), regions=[region])["level_c"][0])
            for each in years
        ]
        label = "coldest day" if days == 1 else f"coldest {days} days"
        axes.plot(years, np.array(ours) - norm, color=color, label=f"{label}, generated")
        rows = levels.query("site == @site and days == @days")
        error = [ERROR_K[each] for each in rows["winters"]]
        below = rows["level_c"] - rows["january_c"]
        axes.errorbar(rows["winters"], below, error, fmt="o", ms=3, lw=1, color=color, label=f"{label}, station")
    axes.set(title=site, xscale="log", xlim=(1.8, 110), ylim=(-27, -6))
    axes.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    axes.minorticks_off()


def main() -> None:
    """Write the picture."""
    mpl.rcParams |= {"svg.hashsalt": "gridmodel", "font.size": 7, "axes.spines.top": False, "axes.spines.right": False}
    levels = pd.read_csv(CASE / "levels.csv").query("confidence == 'high'")
    figure, grid = plt.subplots(2, 3, figsize=(7.2, 4.4), layout="constrained", sharex=True, sharey=True)
    for axes, site in zip(grid.flat, levels["site"].unique(), strict=True):
        station(axes, str(site), levels)
    grid[0, 0].legend(fontsize=5, frameon=False)
    figure.supxlabel("winters, of which one is as cold or colder")
    figure.supylabel("below the mean of January, K")
    figure.savefig(HERE / "weather-levels.svg", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
