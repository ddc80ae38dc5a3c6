"""Make `forecast.csv`, the sample forecast of the docs: seven nights of six places, as Open-Meteo writes them.

It is made up: the series of the bundled scenario `next-cold-spell`, in six places. Run without arguments.
"""

from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
PLACES = {"UA-18": (50.25, 28.66), "UA-30": (50.45, 30.52), "UA-46": (49.84, 24.03), "UA-51": (46.48, 30.73),
          "UA-12": (48.46, 35.05), "UA-63": (49.99, 36.23)}  # fmt: skip
"""Region and its place."""
START, END = "2026-11-30T22:00Z", "2026-12-07T22:00Z"
"""Local midnight to local midnight."""


def text() -> str:
    """Return the file."""
    made = pd.read_csv(HERE.parent / "weather" / "next-cold-spell.csv", index_col="time")
    made = made[(made.index >= START) & (made.index < END)]
    lines = ["location_id,latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation"]
    lines += [f"{place},{lat},{lon},150.0,0,GMT,GMT" for place, (lat, lon) in enumerate(PLACES.values())]
    lines += ["", "location_id,time,temperature_2m (°C)"]
    for place, region in enumerate(PLACES):
        lines += [f"{place},{moment.removesuffix('Z')},{value:.1f}" for moment, value in made[region].items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "forecast.csv").write_text(text(), encoding="utf-8")
