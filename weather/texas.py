"""Derive `texas-2021.csv` from a table of temperatures of ten cities, every three hours in whole degrees.

The table itself is not bundled (a commercial weather service, republished with the WiDS Texas Datathon 2021: use the
facts, do not redistribute the table). Run ``python weather/texas.py TABLE.csv`` to make the series again, with
``--check`` to compare (exit 1 if it differs). TABLE has `time_local` (Central Standard Time) and a column for each
city.

Between the readings a monotone cubic (Fritsch and Carlson 1980) is drawn, a zone has the mean of its cities, and a
centred mean over five hours smooths the steps of whole degrees. Nothing is shifted: the table is 1 to 3 K milder than
airports at the lowest minima (Dallas −16 °C, where −19 °C were measured on 16 February).
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.interpolate import PchipInterpolator

HERE = Path(__file__).resolve().parent
OUT = HERE / "texas-2021.csv"
CITIES = {
    "TX-COAST": ("Houston",),
    "TX-EAST": ("Tyler",),
    "TX-FAR-WEST": ("Midland",),
    "TX-NORTH": ("Wichita Falls",),
    "TX-NORTH-CENTRAL": ("Dallas",),
    "TX-SOUTH": ("Corpus Christi", "Brownsville"),
    "TX-SOUTH-CENTRAL": ("Austin", "San Antonio"),
    "TX-WEST": ("Abilene",),
}
"""Cities that stand for each zone."""
UTC_OFFSET_H = 6
"""Hours that UTC is ahead of Central Standard Time. [h]"""
SMOOTHED_H = 5
"""Hours of the centred mean. [h] Ours: less than two readings."""
FIRST, LAST = "2021-02-10 00:00", "2021-02-21 00:00"
"""Period of the series in local time, the end exclusive: from four days before the run."""


def made(table: Path) -> str:
    """Return the text of the series."""
    raw = pd.read_csv(table, index_col="time_local", parse_dates=True)
    hours = pd.date_range(raw.index[0], raw.index[-1], freq="h")
    at = (hours - raw.index[0]) / pd.Timedelta(hours=1)
    read = np.asarray((raw.index - raw.index[0]) / pd.Timedelta(hours=1))
    drawn = pd.DataFrame({city: PchipInterpolator(read, raw[city])(at) for city in raw}, index=hours)
    zones = pd.DataFrame({zone: drawn[list(cities)].mean(axis=1) for zone, cities in CITIES.items()})
    smooth = zones.rolling(SMOOTHED_H, center=True, min_periods=1).mean()
    chosen = smooth[(smooth.index >= FIRST) & (smooth.index < LAST)]
    chosen.index = (chosen.index + pd.Timedelta(hours=UTC_OFFSET_H)).strftime("%Y-%m-%dT%H:%MZ")
    return chosen.round(1).to_csv(index_label="time", float_format="%.1f", lineterminator="\n")


def main() -> None:
    """Write the series, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=Path)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    given = parser.parse_args()
    text = made(given.table)
    if given.check:
        sys.exit(text != OUT.read_text(encoding="utf-8"))
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
