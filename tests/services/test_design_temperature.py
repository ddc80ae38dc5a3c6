"""Homes are built for a design temperature of their region, whatever its sources can give."""

import numpy as np
import pandas as pd
import pytest
from conftest import at_gate

import gridmodel as gm


@pytest.fixture
def frost(three, folder):
    """Three regions at −20 °C for five days, without the feedback of heaters; columns of heat systems are changed."""
    hours = pd.date_range("2025-12-31", "2026-01-11", freq="1h")
    rows = [f"{hour:%Y-%m-%dT%H:%MZ},-20,-20,-20" for hour in hours]
    (folder.parent / "frost.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")

    def run(settings=None, **columns):
        path = folder / "heat_systems.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for name, value in columns.items():
            table[name] = str(value)
        table.to_csv(path, index=False)
        data = three(network=str(folder), weather=str(folder.parent / "frost.csv"), end="2026-01-10", heater_feedback=False,
                     step="1h", **(settings or {}))  # fmt: skip
        return gm.run(data)

    return run


def stove_c(result):
    """Homes with a stove at the end. [°C]"""
    return float(result["indoor_temperature"].sel(region="TR-1", archetype="own_stove", heat_state="connected")[0, -1])


@pytest.mark.gate  # at each edit: sources too small for their city
def test_homes_that_heat_themselves_do_not_depend_on_the_sources_of_the_city(frost):
    rooms = [stove_c(frost(source_max_mw_th=mw, design_temperature_c=-22)) for mw in (780, 300, 0)]
    assert rooms[0] == pytest.approx(20.0, abs=0.01)
    assert rooms == pytest.approx([rooms[0]] * 3, abs=1e-6)
    assert stove_c(frost(source_max_mw_th=780, design_temperature_c=5)) < 15  # built for 15 K, at 40 K


@pytest.mark.gate  # at each edit: sources too small for their city
def test_an_empty_cell_takes_the_sources_as_it_did_without_the_column(frost):
    without = frost()["indoor_temperature"].to_numpy()
    assert np.array_equal(frost(design_temperature_c="")["indoor_temperature"].to_numpy(), without, equal_nan=True)


def test_sources_too_small_for_their_city_follow_the_order_of_the_operators(frost):
    """Hot water goes first, rooms are held at 12 °C, and the homes that cannot be are disconnected."""
    result = frost(source_max_mw_th=400, design_temperature_c=-22, settings={"hot_water_share": 0.15})
    one = result.isel(member=0, time=-1).sel(region="TR-1")
    assert float(one["hot_water_share"]) == pytest.approx(0.0, abs=1e-6)
    assert float(one["indoor_temperature"].sel(archetype="panel_5_9_storey_uninsulated", heat_state="connected")) > 12.0
    # to hold 12.25 °C takes 60 W/m² once walls are cold, 600 MW: between 460/600 and all, as walls still give heat
    assert 0.76 < float(one["home_share"].sel(heat_state="connected")) < 0.95
    # capacity for hot water counts with that for rooms once hot water is off: 400 MW and 15 % more
    assert float(one["heat_supplied_mw_th"]) == pytest.approx(460, rel=0.02)


@pytest.mark.parametrize("column", at_gate(["share_brick_khrushchovka", "share_detached_old"], 2))
def test_an_empty_share_of_an_archetype_is_none(frost, column):
    result = frost(**{column: ""})
    assert not np.isnan(result["people_without_heat"].to_numpy()).any()
    assert float(result["archetype_share"].sel(archetype=column.removeprefix("share_")).sum()) == 0


def test_what_needs_no_power_is_stopped_by_no_outage(three, folder):
    dark = [{"time": "2026-01-05 00:00", "target": "TR/generation", "kind": "outage", "share": 1.0},
            {"time": "2026-01-05 00:00", "target": "TR/import", "kind": "outage", "share": 1.0}]  # fmt: skip
    lost = []
    for need in (0, 1e-9, 16):
        for table in ("heat_systems", "water_systems"):
            path = folder / f"{table}.csv"
            frame = pd.read_csv(path, dtype=str, keep_default_na=False).assign(pump_mw=str(need))
            frame.to_csv(path, index=False)
        result = gm.run(three(network=str(folder), events=dark))
        district = result["home_share"].sel(heat_state="connected")
        lost.append((float(1 - district.min()), float(result["people_dry_street"].max())))
    assert lost[0] == (0.0, 0.0)
    assert lost[2][0] > 0.5
    assert lost[2][1] > 0


@pytest.mark.parametrize(("table", "column", "value", "said"), [
    ("heat_systems", "source_units", "1000000000", "must be at most 2000"),
    ("heat_systems", "design_temperature_c", "15", "must be at most 10"),
    ("archetypes", "h_window_w_per_m2k", "100", "must be at most 20"),
    ("archetypes", "time_constant_low_h", "500", "is above time_constant_high_h"),
])  # fmt: skip
def test_numbers_beyond_the_model_are_refused_by_their_cell(folder, table, column, value, said):
    path = folder / f"{table}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame[column] = frame.get(column, "")
    if column == "time_constant_low_h":
        frame["time_constant_high_h"] = "100"
    frame.loc[0, column] = value
    frame.to_csv(path, index=False)
    found = [str(problem) for problem in gm.check_network(str(folder)) if problem.severity == "error"]
    assert any(f"{table}.csv:2: {column}: '{value}' {said}" in line for line in found), found
