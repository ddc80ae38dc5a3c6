"""Pictures of docs/heat.md: ``python docs/heat.py`` (needs the extra `plot`)."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib import pyplot as plt

import gridmodel as gm
from gridmodel.arrays import moved
from gridmodel.network import read_network
from gridmodel.sampling import draw_settings
from gridmodel.scenario import make_scenario
from gridmodel.services.heat import heaters, states
from gridmodel.services.heat.bursting import newly_burst
from gridmodel.services.heat.draining import drained
from gridmodel.services.heat.inertia import RANGES_H
from gridmodel.services.heat.own import through_radiators
from gridmodel.services.heat.returning import Speeds, nobody_waits

HERE = Path(__file__).resolve().parent
CASES = HERE.parent / "tests" / "cases"
OWN_LAG_H = 0.55 + 0.4
"""Time for which homes that heat themselves store heat before their walls have it, the sum of its two defaults. [h]"""


def building_of(row: dict[str, Any], capacity: float = 1.0) -> gm.heat.Building:
    """Return an archetype, its capacity multiplied by a factor."""
    return gm.heat.Building(
        floor_area_m2=1.0, internal_surface_m2=4.5, mass_area_m2=row["mass_area_per_floor_area"],
        capacity_j_per_k=capacity * row["capacity_j_per_m2k"], h_window_w_per_k=row["h_window_w_per_m2k"],
        h_opaque_w_per_k=row["h_opaque_w_per_m2k"], h_ventilation_w_per_k=row["h_ventilation_w_per_m2k"],
    )  # fmt: skip


def unheated(
    row: dict[str, Any], outdoor_c: float, hours: int, capacity: float = 1.0
) -> tuple[npt.NDArray[np.float64], list[float]]:
    """Return hours and air of an archetype that loses its heat at 18 °C."""
    building, step_h = building_of(row, capacity), 0.25
    mass, air = gm.heat.steady_mass(building, outdoor_c=outdoor_c, set_point_c=18.0), [18.0]
    emitted = float(gm.heat.heating_need(building, mass_c=mass, outdoor_c=outdoor_c, set_point_c=18.0))
    stays = np.exp(-step_h / 0.55)
    for _ in range(int(hours / step_h)):
        held = emitted * 0.55 * (1 - stays) / step_h
        rooms = gm.heat.step(building, mass_c=mass, outdoor_c=outdoor_c, heating_w=held, step_s=900.0)
        emitted, mass = emitted * stays, rooms.mass_c
        air.append(float(rooms.air_c))
    return np.arange(len(air)) * step_h, air


def inertia(axes: plt.Axes) -> None:
    """Flats that lose their heat at -5 °C, the range that is drawn, and what experts estimate."""
    table = read_network("ukraine").tables["archetypes"].set_index("id", drop=False)
    with (CASES / "cooling" / "estimates.csv").open(encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    names = (("panel_5_9_storey_uninsulated", "panel post-1970"), ("brick_khrushchovka", "brick khrushchovka"))
    for color, (name, estimated) in zip(("C0", "C3"), names, strict=True):
        row = table.loc[name].to_dict()
        losses = sum(row[f"h_{part}_w_per_m2k"] for part in ("opaque", "window", "ventilation"))
        own_h = row["capacity_j_per_m2k"] / 3600.0 / losses
        ends = [unheated(row, -5.0, 36, end_h / own_h)[1] for end_h in RANGES_H[name]]
        hours, air = unheated(row, -5.0, 36)
        axes.fill_between(hours, *ends, color=color, alpha=0.15)
        axes.plot(hours, air, color=color, label=name.replace("_", " "))
        seen = np.array([[float(p["hours"]), float(p["T_in_C"])] for p in points if p["building"] == estimated])
        axes.plot(*seen.T, "o", color=color, label=f"estimate, {estimated}")
    axes.set(xlabel="hours without heat at −5 °C", ylabel="air, °C", xlim=(0, 36))
    axes.legend(fontsize=6, frameon=False)


def through_own(
    stored_w: npt.NDArray[np.float64], need_w: float, installed_w: float, on: float, step_h: float = 0.25
) -> tuple[float, npt.NDArray[np.float64]]:
    """Return what the walls of a home that heats itself get in a step, and at its end."""
    asked, able, installed = (np.array([value]) for value in (on * need_w, on * installed_w, installed_w))
    _, given, after = through_radiators(stored_w, asked, able, installed, lag_h=np.array(OWN_LAG_H), step_h=step_h)
    return float(given[0]), after


def cut(axes: plt.Axes) -> None:
    """Detached homes that lose their power at -15 °C: ends of the range, without stores, and walls layer by layer."""
    row = read_network("ukraine").tables["archetypes"].set_index("id").loc["detached_old"].to_dict()
    with (CASES / "cooling" / "layered.csv").open(encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    for end, houses, color in ((1, ("brick", "clay"), "C3"), (0, ("timber",), "C0")):
        tau_h = RANGES_H["detached_old"][end]
        building = building_of(row, tau_h * 2.75 * 3600.0 / row["capacity_j_per_m2k"])
        for lag_h, style in ((OWN_LAG_H, "-"), (0.0, ":")):
            there = {"outdoor_c": -15.0, "set_point_c": 20.0, "internal_w": 3.0}
            mass, air = gm.heat.steady_mass(building, **there), [20.0]
            heat_w = float(gm.heat.heating_need(building, mass_c=mass, **there))
            for step in range(48):
                stays = [np.exp(-(step + part) / 4 / lag_h) if lag_h else 0.0 for part in (0, 1)]
                given = heat_w * (stays[0] - stays[1]) * lag_h * 4
                rooms = gm.heat.step(
                    building, mass_c=mass, outdoor_c=-15.0, heating_w=given, internal_w=1.5, step_s=900.0
                )
                mass = rooms.mass_c
                air.append(float(rooms.air_c))
            label = f"time constant {tau_h:g} h" + ("" if lag_h else ", nothing stored")
            axes.plot(np.array([0.0, *(np.arange(48) + 0.5)]) / 4, air, style, color=color, label=label)
        for house, marker in zip(houses, "os", strict=False):
            seen = np.array([[float(p["hour"]), float(p["air_c"])] for p in points if p["house"] == house])
            axes.plot(*seen.T, marker, color=color, ms=3, label=f"{house}, layer by layer")
    axes.axhline(12, color="0.7", lw=0.8)
    axes.set(xlabel="hours without power at −15 °C", ylabel="air, °C", xlim=(0, 12))
    axes.legend(fontsize=6, frameon=False)


def own(axes: plt.Axes) -> None:
    """Detached homes at -10 °C by share of time with power: the law, and single homes that take turns of two hours."""
    row = read_network("ukraine").tables["archetypes"].set_index("id").loc["detached_old"].to_dict()
    building, design_w = building_of(row), 110.0
    for margin, color in ((1.2, "C1"), (1.6, "C0")):
        law, single = [], []
        shares = np.array([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0])
        for share in shares:
            for turns, found in ((False, law), (True, single)):
                mass, air = gm.heat.steady_mass(building, outdoor_c=-10.0, set_point_c=20.0), []
                stored = np.zeros(1)
                for step in range(24 * 4 * 8):
                    need = gm.heat.heating_need(
                        building,
                        mass_c=mass,
                        outdoor_c=-10.0,
                        set_point_c=20.0,
                        step_s=900.0,
                        limit_w=margin * design_w,
                    )
                    on = float(step % 16 < 16 * share) if turns else share
                    heat_w, stored = through_own(stored, float(need), margin * design_w, on)
                    rooms = gm.heat.step(building, mass_c=mass, outdoor_c=-10.0, heating_w=heat_w, step_s=900.0)
                    mass = rooms.mass_c
                    air.append(float(rooms.air_c))
                found.append(np.mean(air[-16:]))
        axes.plot(shares, law, color=color, label=f"installed {margin:g} × design")
        axes.plot(shares, single, "o", color=color, ms=3)
    axes.axhline(12, color="0.7", lw=0.8)
    axes.set(
        xlabel="share of time with power, four-hour turns", ylabel="air after eight days at −10 °C, °C", xlim=(0, 1)
    )
    axes.legend(fontsize=6, frameon=False)


def turns(axes: plt.Axes) -> None:
    """Homes of two sub-queues at -10 °C, six hours on and six off, and the mean over all homes."""
    row = read_network("ukraine").tables["archetypes"].set_index("id").loc["detached_old"].to_dict()
    building, hours = building_of(row), np.arange(4 * 24 * 4)
    for label, color, later_h in (("one sub-queue", "C0", 0), ("another", "C1", 6), ("mean over all", "0.6", None)):
        mass, air = gm.heat.steady_mass(building, outdoor_c=-10.0, set_point_c=20.0, internal_w=3.0), []
        stored = np.zeros(1)
        for step in hours:
            on = 0.5 if later_h is None else float((step / 4 + later_h) % 12 < 6)
            there = {"mass_c": mass, "outdoor_c": -10.0, "internal_w": 1.5 + 1.5 * on, "step_s": 900.0}
            need = gm.heat.heating_need(building, set_point_c=20.0, limit_w=1.6 * 110.0, **there)
            heat_w, stored = through_own(stored, float(need), 1.6 * 110.0, on)
            rooms = gm.heat.step(building, heating_w=heat_w, **there)
            mass = rooms.mass_c
            air.append(float(rooms.air_c))
        axes.plot(hours[-192:] / 4 - 48, air[-192:], color=color, label=label)
    axes.axhline(12, color="0.7", lw=0.8)
    axes.set(xlabel="h", ylabel="air at −10 °C, °C", xlim=(0, 48), ylim=(0, 26))
    axes.legend(fontsize=6, frameon=False, ncols=3, loc="upper left")


def cooling(axes: plt.Axes) -> None:
    """Air of archetypes that lose their heat at -20 °C, without people's own warmth."""
    table = read_network("ukraine").tables["archetypes"]
    for row in table.to_dict("records"):
        hours, air = unheated(row, -20.0, 48)
        axes.plot(hours, air, label=row["id"].replace("_", " "))
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
    axes.set(
        xlabel="hours colder than people accept", ylabel="share of homes with a heater on", xlim=(0, 12), ylim=(0, 0.7)
    )


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


def warming(axes: plt.Axes) -> None:
    """A source that loses six in ten homes for a day at −20 °C: homes in the cold, and the rooms of those connected."""
    scenario = make_scenario({
        "name": "warming", "network": "three-region", "weather": "three-region", "start": "2026-01-05",
        "end": "2026-01-06", "deterministic": True, "heater_feedback": False,
    })  # fmt: skip
    chosen = draw_settings(scenario, [0])
    homes = gm.heat.build_homes(read_network("three-region"), scenario, chosen)
    if homes is None:
        return
    one, outdoor = np.ones((1, 3)), np.full(3, -20.0)
    state, below, off, never = gm.heat.warm_start(homes, chosen, outdoor, 1), [], [], []
    for hour in range(120):
        whole = dict.fromkeys(("network", "chp", "plant_power", "home_power", "fuel", "mains"), one)
        services = gm.heat.HeatServices(
            outdoor_c=outdoor, source=one * (0.4 if hour < 24 else 1.0), backup=0 * one, mobile_mw=0 * one, **whole
        )
        got = gm.heat.step_homes(homes, state, chosen, services, step_h=1.0, heaters=False)
        state = got.state
        district = homes.home_weight[: len(homes.kinds), 0, 0].sum()
        below.append(got.cold_share[[0, 2], 0, 0] / district)
        off.append(1.0 - got.share[states.CONNECTED, 0, 0])
        never.append(got.rooms_c[states.CONNECTED, 0, 0, 0])
    for values, color, label in (
        (np.array(below)[:, 0], "C1", "below 18 °C"), (np.array(below)[:, 1], "C0", "below 12 °C"),
        (np.array(off), "C3", "without heat"),
    ):  # fmt: skip
        axes.plot(np.arange(120) + 0.5, values, color=color, label=label)
    axes.set(xlabel="hours since the loss", ylabel="share of homes on district heat", xlim=(0, 120), ylim=(0, 0.75))
    axes.legend(fontsize=6, frameon=False, title=f"rooms that never lost heat: {min(never):.1f} °C at least",
                title_fontsize=6)  # fmt: skip


def units(axes: plt.Axes) -> None:
    """Sources that run by the share that has power: draws of nineteen units, and their mean."""
    share = np.linspace(0, 1, 201)
    drawn = gm.heat.draw_units([19], 2026, range(200), spread=np.array(1.0))
    ran = np.array([gm.heat.running(np.full((200, 1), one), np.zeros((200, 1)), drawn)[:, 0] for one in share])
    axes.plot(share, ran[:, :5], color="0.75", lw=0.8)
    axes.plot(share, ran.mean(axis=1), color="C0", label="mean of 200 draws")
    axes.set(xlabel="share of sources with power", ylabel="share of sources that run", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize=6, frameon=False)


def draining(axes: plt.Axes) -> None:
    """Loops that burst in six days without sources, by outdoor temperature and by crews."""
    outdoor = np.arange(-25.0, 0.0, 0.05)
    for crews_per_h, color in ((0.0, "C3"), (0.01, "C1"), (0.02, "C0"), (0.04, "C2"), (1.0, "0.5")):
        share = np.zeros((5, 1, len(outdoor)))
        share[states.NO_CIRCULATION] = 1.0
        water, ice, tested, stands = (np.full((2, 1, len(outdoor)), value) for value in (60.0, 0.0, 0.0, np.nan))
        waiting, speeds = (
            nobody_waits(1, len(outdoor)),
            Speeds(quick_h=np.array(12.0), slow_h=np.array(80.0), slow_share=np.array(0.5)),
        )
        for _ in range(4 * 144):
            drains = drained(
                share, water, outdoor, crew_share_per_h=np.array([crews_per_h]), coolant_below_c=np.array(10.0),
                lead_h=np.array(7.3), step_h=0.25,
            )  # fmt: skip
            bursts, tested = newly_burst(
                share, water, ice, tested, outdoor, circulates=stands, drains=drains, step_h=0.25
            )
            water, ice = states.stand_still(water, ice, outdoor, stands, step_h=0.25)
            flows, waiting = states.moves(
                share, reach=np.zeros((1, len(outdoor))), drains=drains.share, bursts=bursts, waiting=waiting,
                speeds=speeds, burst_repair_h=np.array(np.inf), refill_h=np.array(72.0), step_h=0.25,
            )  # fmt: skip
            share, _ = moved(share, [], flows)
        label = {0.0: "nobody drains", 1.0: "crews for all"}.get(crews_per_h, f"{crews_per_h:.0%} of buildings an hour")
        axes.plot(outdoor, share[states.FROZEN, 0], color=color, label=label)
    axes.set(xlabel="°C outside", ylabel="share of loops burst", xlim=(-25, 0), ylim=(-0.02, 1.3))
    axes.legend(fontsize=6, frameon=False, ncols=3, loc="upper left")


def water(axes: plt.Axes) -> None:
    """Reservoirs of six hours over a day: pumps on, pumps off from midnight or from 7, and with burst buildings."""
    works = gm.water.build_waterworks(read_network("three-region"))
    one = np.ones((1, 3))
    cases = (
        ("pumps on", "C2", 24, 0.0), ("pumps off from 0:00", "C0", 0, 0.0), ("pumps off from 7:00", "C1", 7, 0.0),
        ("off from 0:00, a fifth of blocks burst", "C3", 0, 0.2),
    )  # fmt: skip
    buildings = 10e6 / 4344
    for label, color, off, burst in cases:
        state, fill = gm.water.full(works, 1), [100.0]
        for hour in range(24):
            got = gm.water.step_water(
                works, state, stations_left=one, plant_power=one * (hour < off), home_power=one, pump_margin=1.2,
                step_h=1.0, use=gm.water.day_of_use(np.array([[hour]])), dry_risers=0.5 * burst * one,
                burst_m3_per_h=5.0 * burst * buildings * np.exp(-hour / 6.0) * one,
            )  # fmt: skip
            state = got.state
            fill.append(100 * float(state.fill[0, 0, 0]))
        axes.plot(np.arange(25), fill, color=color, label=label)
    axes.set(xlabel="hour of the day", ylabel="% of reservoirs", xlim=(0, 24), ylim=(-2, 112))
    axes.legend(fontsize=6, frameon=False)


def main() -> None:
    """Write every picture."""
    mpl.rcParams |= {"svg.hashsalt": "gridmodel", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    for draw in (cooling, inertia, cut, own, turns, pipes, draining, uptake, reconnection, warming, units, water):
        figure, axes = plt.subplots(figsize=(4.6, 3.0), layout="constrained")
        draw(axes)
        figure.savefig(HERE / f"heat-{draw.__name__}.svg", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    main()
