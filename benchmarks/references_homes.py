"""Buildings: values of ISO 13790's hourly method that were published, and the steady state of the standard."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
from references_rows import Row

import gridmodel as gm

PART = "Homes: ISO 13790, the simple hourly method"
SIMULATOR = (
    "RC_BuildingSimulator (Jayathissa et al., Applied Energy 202, 2017), ETH Zürich: an office of 34.3 m², values that its own tests hold to two "
    "decimals (without heating, with it, at its most, with cooling)"
)
STANDARD = "ISO 13790:2008, annex C and equation 64, at rest: `H_ve + 1 / (1 / H_is + 1 / (H_w + 1 / (1 / H_em + 1 / H_ms)))` times the difference"
COOLING = "Cooling is what heating would have to be below zero: gridmodel has none, and the row solves for it with `gm.heat.step`."
BESTEST = "ASHRAE 140-2020, tables B8-5a to c: six detailed programs on cases 600FF and 900FF of BESTEST; weather of Denver (725650 TMY3)"
NO_WEATHER = (
    "BESTEST needs the weather of Denver (725650 TMY3), which no Python package that was found carries. Neither that of another place "
    "nor a made-up year can stand for it; `make references EPW=file` takes it from a file."
)
NOT_DETAILED = (
    "BESTEST, outside, most likely because the six programs follow walls in layers, and long-wave exchange with the sky by the hour, where the hourly "
    "method has one capacity and the standard's flat loss to the sky. Homes come out 0.6 to 0.8 K too cold on average, in their warmest hour 0.7 and 2.9 K, and "
    "in the coldest hour of the heavy building 2.8 K: on the safe side. Air is from our reader of EPW, the sun on each facade from the same file (isotropic "
    "sky, 0.2 of the ground); losses, capacities and the window are those with which the Buildings library of Modelica runs the same method on the same "
    "case, areas of mass 2.5 and 2.7 of the floor, and nothing was fitted."
)
FREE_FLOAT = {
    "600FF": {"highest": (62.4, 68.4), "lowest": (-13.8, -9.9), "mean": (24.3, 26.1)},
    "900FF": {"highest": (43.3, 46.0), "lowest": (0.6, 2.2), "mean": (24.5, 25.7)},
}
"""Air of the year, lowest and highest of six programs. [°C]"""


def office() -> gm.heat.Building:
    """Return the office of RC_BuildingSimulator's tests: 4.9 m by 7 m by 3.1 m, 13.5 m² of windows in 15.19 m² of facade."""
    width, depth, height, windows, facade = 4.9, 7.0, 3.1, 13.5, 15.19
    floor = width * depth
    return gm.heat.Building(
        floor_area_m2=floor,
        internal_surface_m2=2 * (floor + width * height + depth * height),
        mass_area_m2=2.5 * floor,
        capacity_j_per_k=165_000 * floor,
        h_window_w_per_k=1.1 * windows,
        h_opaque_w_per_k=0.2 * (facade - windows),
        h_ventilation_w_per_k=1200 * floor * height * (1.5 + 0.5) / 3600,
    )


def panel() -> gm.heat.Building:
    """Return a square metre of a panel block of the bundled networks."""
    return gm.heat.Building(floor_area_m2=1.0, internal_surface_m2=4.5, mass_area_m2=3.0, capacity_j_per_k=260_000,
                            h_window_w_per_k=0.5, h_opaque_w_per_k=0.95, h_ventilation_w_per_k=0.5)  # fmt: skip


def needed(building: gm.heat.Building, set_point_c: float, **acts: float) -> float:
    """Return the heat that brings the air to a temperature, negative where it has to be cooled. [W]"""
    free = float(gm.heat.step(building, **acts).air_c)
    heated = float(gm.heat.step(building, heating_w=1.0, **acts).air_c)
    return (set_point_c - free) / (heated - free)


def offices() -> list[Row]:
    """Compare the office."""
    building, acts = office(), {"internal_w": 10.0, "heating_air_share": 1.0}

    def row(what: str, theirs: float, ours: float, *, note: str = "") -> Row:
        return Row(part=PART, what=what, source=SIMULATOR, theirs=theirs, ours=float(ours), absolute=0.00501, note=note)

    mild = acts | {"solar_w": 2000.0, "mass_c": 22.0, "outdoor_c": 10.0}
    cold = acts | {"solar_w": 2000.0, "mass_c": 20.0, "outdoor_c": 10.0}
    colder = acts | {"solar_w": 2000.0, "mass_c": 19.0, "outdoor_c": 5.0}
    hot = acts | {"solar_w": 4000.0, "mass_c": 24.0, "outdoor_c": 25.0}
    need = float(gm.heat.heating_need(building, set_point_c=20.0, **cold))
    most = float(gm.heat.heating_need(building, set_point_c=20.0, limit_w=12 * 34.3, **colder))
    spare = needed(building, 26.0, **hot)
    return [
        row("no heating at 10 °C: mass, mean of the hour [°C]", 22.33, gm.heat.step(building, **mild).mass_mean_c),
        row("heating to 20 °C at 10 °C [W]", 328.09, need),
        row("the same: mass [°C]", 20.46, gm.heat.step(building, heating_w=need, **cold).mass_mean_c),
        row("at 5 °C, at most 12 W/m²: heating [W]", 411.6, most),
        row("the same: mass [°C]", 19.39, gm.heat.step(building, heating_w=most, **colder).mass_mean_c),
        row("cooling to 26 °C at 25 °C [W]", -264.75, spare, note=COOLING),
        row("the same: mass [°C]", 25.15, gm.heat.step(building, heating_w=spare, **hot).mass_mean_c),
    ]


def steady() -> Row:
    """Compare the heat of a panel block that has long been at 20 °C, −10 °C outdoors, with the closed form."""
    building, outdoor, inside = panel(), -10.0, 20.0
    at_rest = {"outdoor_c": outdoor, "set_point_c": inside, "heating_air_share": 1.0}
    mass = gm.heat.steady_mass(building, **at_rest)
    ours = float(gm.heat.heating_need(building, mass_c=mass, **at_rest))
    h_is, h_ms = 3.45 * 4.5, 9.1 * 3.0
    walls = 1 / (1 / 0.95 + 1 / h_ms)
    theirs = (0.5 + 1 / (1 / h_is + 1 / (0.5 + walls))) * (inside - outdoor)
    return Row(part=PART, what="panel block at rest, 20 °C inside, −10 °C outside [W/m²]", source=STANDARD, theirs=theirs, ours=ours,
               rel=1e-9)  # fmt: skip


def bestest_building(case: str) -> gm.heat.Building:
    """Return the building of BESTEST: 8 m by 6 m by 2.7 m, 12 m² of windows to the south, light (600) or heavy (900)."""
    floor, capacity, mass = 48.0, *((51_290.0, 2.5) if case == "600FF" else (249_272.0, 2.7))
    opaque = WALL_U * sum(WALLS_M2.values()) + ROOF_U * floor + 0.0377 * floor
    return gm.heat.Building(
        floor_area_m2=floor, internal_surface_m2=171.6, mass_area_m2=mass * floor, capacity_j_per_k=capacity * floor,
        h_window_w_per_k=3.1 * WINDOW_M2, h_opaque_w_per_k=1 / (1 / opaque - 1 / (9.1 * mass * floor)),
        h_ventilation_w_per_k=0.414 * 129.6 * 1.2 * 1006 / 3600,
    )  # fmt: skip


WINDOW_M2, WALL_U, ROOF_U = 12.0, 0.534, 0.327
WALLS_M2 = {0.0: 9.6, 90.0: 16.2, -90.0: 16.2, 180.0: 21.6}
"""Walls by the direction that they face, from south to the west. [m²]"""


def sun_of_year(epw: list[list[str]]) -> npt.NDArray[np.float64]:
    """Return heat of the sun in the building, less the standard's loss to the sky, shape ``(hour,)``. [W]

    Through the window with the angular factor of a double pane, through walls and roof as ISO 13790, 11.3.4 has it:
    ``R_se U A (0.6 I − F_r h_r 11 K)`` with R_se 0.04 m² K/W, h_r 4.5 W/(m² K), F_r 1 for the roof and 0.5 for walls.
    """
    level, direct, diffuse = (np.array([float(cells[place]) for cells in epw]) for place in (13, 14, 15))
    hour = np.arange(len(epw))
    day = hour // 24 + 1
    turn = 2 * np.pi * (day - 81) / 364
    noon_min = 9.87 * np.sin(2 * turn) - 7.53 * np.cos(turn) - 1.5 * np.sin(turn) + 4 * (-104.65 + 105.0)
    angle = np.radians(15 * (hour % 24 + 0.5 + noon_min / 60 - 12))
    tilt, lat = np.radians(23.45) * np.sin(2 * np.pi * (284 + day) / 365), np.radians(39.83)
    up = np.sin(lat) * np.sin(tilt) + np.cos(lat) * np.cos(tilt) * np.cos(angle)
    around = 0.5 * diffuse + 0.1 * level

    def facing(degrees: float) -> npt.NDArray[np.float64]:
        side = np.radians(degrees)
        south = np.sin(lat) * np.cos(tilt) * np.cos(angle) - np.cos(lat) * np.sin(tilt)
        return np.where(up > 0, np.maximum(np.cos(side) * south + np.sin(side) * np.cos(tilt) * np.sin(angle), 0), 0)

    def let_in(cosine: npt.ArrayLike) -> npt.NDArray[np.float64]:
        off = np.arccos(np.clip(cosine, 0, 1))
        return np.maximum(1 - 0.189 * off + 0.644 * off**2 - 0.596 * off**3, 0)

    window = WINDOW_M2 * 0.789 * (direct * facing(0.0) * let_in(facing(0.0)) + around * let_in(0.5))
    walls = sum(0.04 * WALL_U * m2 * (0.6 * (direct * facing(side) + around) - 0.5 * 4.5 * 11)
                for side, m2 in WALLS_M2.items())  # fmt: skip
    return np.asarray(window + walls + 0.04 * ROOF_U * 48 * (0.6 * level - 4.5 * 11))


def free_float(path: Path) -> list[Row]:
    """Compare the air of BESTEST's buildings without heating or cooling."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    hours = [line.split(",") for line in lines[8:] if line]
    with TemporaryDirectory() as folder:  # a typical year has months of different years; here all are of one
        one = Path(folder) / "one-year.epw"
        one.write_text(
            "\n".join([*lines[:8], *(",".join(["2001", *cells[1:]]) for cells in hours)]) + "\n", encoding="utf-8"
        )
        outdoor = gm.load_weather(one).to_numpy()[:, 0]
    sun, rows = sun_of_year(hours), []
    for case, published in FREE_FLOAT.items():
        building, mass, air = bestest_building(case), 20.0, np.zeros(len(hours))
        kept = gm.heat.response(building)
        for _ in range(2):  # the first year settles the building
            for hour, (degrees, watts) in enumerate(zip(outdoor, sun, strict=True)):
                air[hour] = kept.air_c(mass, degrees, 200.0, sun_w=watts)
                mass = float(kept.mass_c(mass, degrees, 0.0, 200.0, watts))
        found = {"highest": air.max(), "lowest": air.min(), "mean": air.mean()}
        rows += [
            Row(part=PART, what=f"BESTEST {case}: {name} air of the year [°C]", source=BESTEST, span=span, ours=float(found[name]),
                known=3.0, note=NOT_DETAILED)
            for name, span in published.items()
        ]  # fmt: skip
    return rows


def rows(epw: Path | None) -> list[Row]:
    """Compare everything; BESTEST where the weather of Denver is given."""
    if epw is not None:
        return [*offices(), steady(), *free_float(epw)]
    free = Row(part=PART, what="BESTEST 600FF and 900FF: air of the year [°C]", source=BESTEST, note=NO_WEATHER)
    return [*offices(), steady(), free]
