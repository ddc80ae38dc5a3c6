"""Buildings: values of ISO 13790's hourly method that were published, and the steady state of the standard."""

from __future__ import annotations

from references_rows import Row

import gridmodel as gm

PART = "Homes: ISO 13790, the simple hourly method"
SIMULATOR = (
    "RC_BuildingSimulator (Jayathissa et al., Applied Energy 202, 2017), ETH Zürich: an office of 34.3 m², values that its own tests hold to two "
    "decimals (`test_NoHVACNoLight`, `test_HeatingRequired`, `test_MaxHeatingRequired`, `test_CoolingRequired`)"
)
STANDARD = "ISO 13790:2008, annex C and equation 64, at rest: `H_ve + 1 / (1 / H_is + 1 / (H_w + 1 / (1 / H_em + 1 / H_ms)))` times the difference"
COOLING = "Cooling is what heating would have to be below zero: gridmodel has none, and the row solves for it with `gm.heat.step`."
BESTEST = "BESTEST (ASHRAE 140, IEA task 12), cases 600FF and 900FF"
NO_WEATHER = (
    "The weather of the test (DRYCOLD.TMY; Denver, 725650 TMY3, since 2020) is in no Python package that was found, and neither that of another place nor a "
    "made-up year can stand for it. The method would leave out what the test is about as well: sun on walls and long-wave exchange with the sky "
    "are not followed here, and sun through windows comes from level ground."
)


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


def rows() -> list[Row]:
    """Compare everything."""
    free = Row(
        part=PART, what="BESTEST, free float: highest and lowest air of the year [°C]", source=BESTEST, note=NO_WEATHER
    )
    return [*offices(), steady(), free]
