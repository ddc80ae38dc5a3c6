"""Pictures of docs/heat.md: ``python docs/heat.py`` (needs the extra `plot`)."""

from __future__ import annotations

import csv
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.services.heat import heaters

HERE = Path(__file__).resolve().parent
CASES = HERE.parent / "tests" / "cases"


def cooling(axes: plt.Axes) -> None:
    """Air of archetypes that lose their heat at -20 °C, without people's own warmth."""
    table = read_network("ukraine").tables["archetypes"]
    for row in table.to_dict("records"):
        building = gm.heat.Building(
            floor_area_m2=1.0, internal_surface_m2=4.5, mass_area_m2=row["mass_area_per_floor_area"],
            capacity_j_per_k=row["capacity_j_per_m2k"], h_window_w_per_k=row["h_window_w_per_m2k"],
            h_opaque_w_per_k=row["h_opaque_w_per_m2k"], h_ventilation_w_per_k=row["h_ventilation_w_per_m2k"],
        )  # fmt: skip
        mass, air = gm.heat.steady_mass(building, outdoor_c=-20.0, set_point_c=18.0), []
        emitted = float(gm.heat.heating_need(building, mass_c=mass, outdoor_c=-20.0, set_point_c=18.0))
        for _ in range(48):
            held = emitted * 0.55 * (1 - np.exp(-1 / 0.55))
            rooms = gm.heat.step(building, mass_c=mass, outdoor_c=-20.0, heating_w=held)
            emitted, mass = emitted * np.exp(-1 / 0.55), rooms.mass_c
            air.append(float(rooms.air_c))
        axes.plot([0, *range(1, 49)], [18.0, *air], label=row["id"].replace("_", " "))
    axes.axhline(10, color="0.7", lw=0.8)
    axes.set(xlabel="hours without heat at −20 °C", ylabel="air, °C", xlim=(0, 48))
    axes.legend(fontsize=6, frameon=False)


def pipes(axes: plt.Axes) -> None:
    """Water in a loop that stands still."""
    for outside, color in ((-5, "C0"), (-10, "C1"), (-20, "C3")):
        water, ice, seen = np.array(60.0), np.array(0.0), []
        for _ in range(24 * 4):
            frozen = np.clip(0.25 - gm.heat.hours_to_zero(water, outside), 0.0, 0.25)
            water = gm.heat.cool_water(water, outside, step_h=0.25)
            ice = gm.heat.grow_ice(ice, outside, hours=frozen)
            seen.append((float(water), 60 * float(ice)))
        hours = np.arange(1, len(seen) + 1) / 4
        axes.plot(hours, [one for one, _ in seen], color=color, label=f"water, {outside} °C outside")
        axes.plot(hours, [one for _, one in seen], color=color, ls=":", label="ice (60 is a plug)")
    axes.set(xlabel="hours without circulation", ylabel="°C; ice", xlim=(0, 24))
    axes.legend(fontsize=6, frameon=False)


def uptake(axes: plt.Axes) -> None:
    """Heaters that people plug in."""
    hours = np.linspace(0, 12, 100)
    axes.plot(hours, heaters.uptake(hours, most=0.6))
    axes.set(xlabel="hours without heat", ylabel="share of homes with a heater on", xlim=(0, 12), ylim=(0, 0.7))


RETURNS = {
    "27Dec": ("27 December", "C2", "^", 0.0, 6.0), "9Jan": ("9 January", "C0", "o", 0.29, 0.0),
    "20Jan": ("20 January", "C3", "s", 0.72, 0.0), "31Jan": ("31 January, power alone", "C1", "D", 0.0, 6.7),
    "3Feb": ("3 February, source lost", "0.5", "x", None, 0.0),
}  # fmt: skip
"""Event, color, marker, slow share and hours until heat could come back, as tests/services/test_heat_return.py has them."""


def reconnection(axes: plt.Axes) -> None:
    """Kyiv after five events of the winter 2025/26 against the curves."""
    with (CASES / "kyiv-reconnection" / "observed.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["use"] != "start"]
    hours = np.linspace(0, 270, 541)
    for event, (label, color, marker, slow_share, wait) in RETURNS.items():
        points = np.array([[float(row["hours"]), float(row["buildings"]) / float(row["at_start"])]
                           for row in rows if row["event"] == event])  # fmt: skip
        points = points[points[:, 0] <= hours[-1]]
        axes.plot(*points.T, marker, ms=4, color=color, label=label)
        if slow_share is None:
            continue
        fits = [
            gm.heat.still_cold(hours - wait, quick_h=quick, slow_h=slow, slow_share=slow_share)
            for quick, slow in ((9.0, 60.0), (9.0 * 2**0.5, (60.0 * 125.0) ** 0.5), (18.0, 125.0))
        ]
        axes.fill_between(hours, fits[0], fits[2], color=color, alpha=0.12, lw=0)
        axes.plot(hours, fits[1], color=color, lw=1)
    axes.set(
        xlabel="hours since the event",
        ylabel="share still without heat",
        yscale="log",
        ylim=(0.002, 1.3),
        xlim=(0, 270),
    )
    axes.legend(fontsize=6, frameon=False)


def units(axes: plt.Axes) -> None:
    """Sources that run by the share that has power: draws of nineteen units, and their mean."""
    share = np.linspace(0, 1, 201)
    drawn = gm.heat.draw_units([19], 2026, range(200), spread=np.array(1.0))
    ran = np.array([gm.heat.running(np.full((200, 1), one), np.zeros((200, 1)), drawn)[:, 0] for one in share])
    axes.plot(share, ran[:, :5], color="0.75", lw=0.8)
    axes.plot(share, ran.mean(axis=1), color="C0", label="mean of 200 draws")
    axes.set(xlabel="share of sources with power", ylabel="share of sources that run", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize=6, frameon=False)


def pressure(axes: plt.Axes) -> None:
    """Taps by pressure, and pickup by hours off."""
    share = np.linspace(0, 1, 100)
    axes.plot(share, gm.water.delivery(gm.water.NOMINAL_M * share**2), label="taps that pumps alone can serve")
    axes.set(xlabel="share of pumps that run", ylabel="share of taps")
    axes.legend(fontsize=6, frameon=False)


def main() -> None:
    """Write every picture."""
    mpl.rcParams |= {"svg.hashsalt": "gridmodel", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    for draw in (cooling, pipes, uptake, reconnection, units, pressure):
        figure, axes = plt.subplots(figsize=(4.6, 3.0), layout="constrained")
        draw(axes)
        figure.savefig(HERE / f"heat-{draw.__name__}.svg", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    main()
