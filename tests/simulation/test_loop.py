from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from conftest import EXAMPLES, LONG
from hypothesis import given, settings
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.scenario import make_scenario
from gridmodel.services.heat.cells import CellsStep
from gridmodel.services.registry import VARIABLES
from gridmodel.simulation.inputs import run_inputs, setup_of, with_services
from gridmodel.simulation.loop import advance, empty_record, simulate
from gridmodel.vocabulary import CAUSES

BALANCE = 1e-6
"""Relative error that a balance may have."""


def check_invariants(result: xr.Dataset) -> None:
    """Balance, bounds and sums that hold in every run."""
    supply = result["generation_mw"].sum(("region", "technology")) + result["import_mw"]
    served = result["served_mw"].sum(("region", "tier")) + result["charging_mw"].sum("technology")
    assert (np.abs(supply - served) <= BALANCE * np.maximum(served, 1)).all()
    assert (result["served_mw"] >= 0).all()
    assert (result["served_mw"] <= result["demand_mw"]).all()
    shed = result["shed_mw"].sum("tier")
    assert np.allclose(result["shed_cause_mw"].sum("cause"), shed, atol=1e-6)
    assert (result["shed_cause_mw"] >= 0).all()
    for name in result.data_vars:
        if str(name).startswith("people"):
            assert (result[name] >= 0).all(), name
            assert (result[name] <= result["population"] * (1 + 1e-12)).all(), name
    assert np.allclose(result["home_share"].sum("heat_state"), 1)
    assert (result["heat_supplied_mw_th"] <= result["heat_demand_mw_th"] * (1 + 1e-12)).all()
    assert (result["people_below_10c"] <= result["people_without_heat"] * (1 + 1e-9)).all()
    assert (result["people_without_heat"] <= result["people_below_16c"] * (1 + 1e-9)).all()
    assert (result["people_without_all_low"] <= result["people_without_all"] + 1e-6).all()
    assert (result["people_without_all"] <= result["people_without_all_high"] + 1e-6).all()
    assert (result["water_served_share"] <= 1 + 1e-12).all()


@st.composite
def outages(draw):
    """Events of every class and kind on the three regions."""
    place = st.sampled_from(["TR", "SOUTH", "TR-1", "TR-2", "TR-3"])
    events = []
    for _ in range(draw(st.integers(1, 6))):
        what = draw(st.sampled_from(["generation", "delivery", "heat_source", "heat_network", "water_pumping",
                                     "transfer", "import", "fuel"]))  # fmt: skip
        row = {"time": f"2026-01-05 {draw(st.integers(0, 23)):02d}:00",
               "target": f"{'TR' if what == 'import' else draw(place)}/{what}"}  # fmt: skip
        kind = "limit" if what == "fuel" else draw(st.sampled_from(["outage", "limit", "strike"]))
        if kind == "strike":
            row |= {
                "hits_before_interception": draw(st.integers(0, 12)),
                "interception": draw(st.sampled_from([0, 0.5, 0.8])),
            }
        else:
            row |= {"share": draw(st.sampled_from([0.0, 0.3, 0.7, 1.0])), "duration_h": draw(st.integers(1, 30))}
        events.append(row | {"kind": kind})
    return events


@given(outages(), st.integers(0, 2**32), st.sampled_from(["1h", "30min", "15min"]))
@settings(max_examples=max(3, EXAMPLES // 30))
def test_balances_close_and_nobody_is_counted_twice_under_any_outages(events, seed, step):
    scenario = make_scenario({
        "name": "any", "network": "three-region", "weather": "three-region", "timezone": "UTC", "step": step,
        "start": "2026-01-05", "end": "2026-01-06", "members": 3, "seed": seed, "events": events,
    })  # fmt: skip
    check_invariants(gm.run(scenario))


def test_balances_close_on_the_real_network(january):
    check_invariants(january)


def test_every_variable_is_in_the_table_with_its_dims_and_units(january):
    elsewhere = {name for name, variable in VARIABLES.items() if variable.present} - {"heater_mw"}
    assert set(january.data_vars) == set(VARIABLES) - elsewhere  # tested where they are
    for name, variable in VARIABLES.items():
        if name in elsewhere:
            continue
        assert january[name].dims == variable.dims
        assert january[name].attrs["units"] == variable.units
        assert january[name].attrs["long_name"]
    assert list(january["cause"].to_numpy()) == list(CAUSES)


def test_three_regions_share_three_quarters_of_their_need(three):
    result = gm.run(three())
    share = (result["served_mw"] / result["demand_mw"]).isel(member=0, time=0)
    assert np.allclose(share.sel(tier="critical"), 1.0)
    assert np.allclose(share.sel(tier=["household", "business", "industry"]), 0.45 / 0.70)
    assert float(result["import_mw"][0, 0]) == pytest.approx(200)
    assert result["people_without_power"].isel(member=0, time=0).to_numpy() == pytest.approx(
        np.array([1e6, 6e5, 4e5]) * (1 - 0.45 / 0.70)
    )


def test_an_import_limit_of_the_scenario_holds(three):
    assert float(gm.run(three(import_limit_mw=120))["import_mw"].max()) == pytest.approx(120)
    assert float(gm.run(three(import_limit_mw=0))["import_mw"].max()) == 0


def test_availability_scales_a_technology_and_never_beyond_its_capacity(three):
    less = gm.run(three(availability={"thermal_coal": 0.5}))["generation_mw"].isel(member=0, time=0)
    assert float(less.sel(technology="thermal_coal").sum()) == pytest.approx(250)
    with pytest.warns(UserWarning, match="gives 500 MW of thermal_coal, not 1,000"):
        more = gm.run(three(availability={"thermal_coal": 2.0}))["generation_mw"].isel(member=0, time=0)
    assert float(more.sel(technology="thermal_coal").sum()) == pytest.approx(500)


def test_half_the_heat_source_lost_leaves_half_the_homes_cold(three):
    event = {"time": "2026-01-05 06:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.5}
    result = gm.run(three(events=[event], end="2026-01-07"))
    shares = result["home_share"].isel(member=0).sel(region="TR-1")
    assert np.allclose(shares.isel(time=5), [1, 0, 0, 0, 0])
    assert np.allclose(shares.isel(time=6), [0.5, 0.5, 0, 0, 0])
    air = (
        result["indoor_temperature"]
        .isel(member=0, time=-1)
        .sel(region="TR-1", archetype="panel_5_9_storey_uninsulated")
    )
    assert float(air.sel(heat_state="connected")) == pytest.approx(20, abs=0.01)
    assert float(air.sel(heat_state="drained")) < 12


def test_plant_on_cut_feeders_loses_power_with_the_homes_around_it(three):
    result = gm.run(three(critical_on_cut_feeders=0.4))
    assert result["service_power_share"].isel(member=0, time=0).to_numpy() == pytest.approx(0.6 + 0.4 * 0.45 / 0.70)
    spared = gm.run(three(critical_on_cut_feeders=0.0))
    assert np.allclose(spared["service_power_share"], 1)


def test_the_state_at_a_step_of_a_longer_run_is_that_of_the_shorter(three):
    events = [{"time": "2026-01-05 03:00", "target": "TR-1/heat_source", "kind": "strike",
               "hits_before_interception": 9, "interception": 0.3}]  # fmt: skip
    short = gm.run(three(events=events, deterministic=False, members=3))
    long = gm.run(three(events=events, deterministic=False, members=3, end="2026-01-08 00:00"))
    for name in short.data_vars:
        same = long[name].isel(time=slice(0, 24)) if "time" in long[name].dims else long[name]
        if name == "repair_end":  # the shorter run does not see what ends after it
            same = same.where(same <= short["time"][-1] + np.timedelta64(1, "h"))
        assert short[name].to_numpy().tobytes() == np.ascontiguousarray(same.to_numpy()).tobytes(), name


@pytest.mark.gate  # at each edit: any company, in `test_sampling.py`
def test_ten_members_are_the_first_ten_of_twenty_to_the_last_bit():
    scenario = gm.load_scenario("january-2026")
    strike = {"time": "2026-01-08 06:00", "target": "UA/generation", "kind": "strike", "hits_before_interception": 40}
    scenario = scenario if LONG else scenario.replace(end="2026-01-10", events=[strike | {"interception": 0.3}])
    ten, twenty = (gm.run(scenario.replace(members=members)) for members in (10, 20))
    for name in ten.data_vars:
        first = twenty[name].isel(member=slice(0, 10)) if "member" in twenty[name].dims else twenty[name]
        assert ten[name].to_numpy().tobytes() == np.ascontiguousarray(first.to_numpy()).tobytes(), name


def test_a_network_without_heat_and_water_runs_for_electricity_alone(three, folder):
    (folder / "heat_systems.csv").unlink()
    (folder / "water_systems.csv").unlink()
    result = gm.run(three(network=str(folder)))
    assert "people_without_power" in result
    assert not [name for name in result.data_vars if "heat" in str(name) or "water" in str(name)]
    assert gm.summarise(result).loc["energy_not_served", "mean"] == pytest.approx(12_000)


def test_problems_of_weather_and_events_are_reported_together(three):
    bad = {"time": "2026-01-05 06:00", "target": "TR-8/heat_source", "kind": "outage", "share": 0.5}
    with pytest.raises(gm.InputError) as caught:
        gm.run(three(events=[bad], end="2026-02-01"))
    assert len(caught.value.problems) >= 2


def test_a_run_too_large_for_memory_is_refused_before_it_starts():
    with pytest.raises(gm.InputError, match="takes at most"):
        gm.run(gm.load_scenario("january-2026").replace(members=100_000))


@given(st.floats(0.1, 1.0))
@settings(max_examples=max(3, EXAMPLES // 60))
@pytest.mark.gate  # at each edit: homes of colder weather, in `test_heat.py`
def test_colder_weather_never_means_fewer_cold_people_or_less_demand(factor):
    base = {"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05", "end": "2026-01-06", "deterministic": True,
            "events": [{"time": "2026-01-05 01:00", "target": "TR/heat_network", "kind": "outage", "share": factor}]}  # fmt: skip
    made = setup_of(make_scenario(base))
    met = made.weather
    frost = replace(met, outdoor_c=met.outdoor_c - 8, before_c=met.before_c - 8, effective_c=met.effective_c - 8)
    warm, cold = (simulate(with_services(replace(made, weather=weather))) for weather in (met, frost))
    for name in ("people_without_heat", "people_below_18c", "people_without_power"):
        assert float(cold[name].sum()) >= float(warm[name].sum()) - 1e-6
    assert (cold["demand_mw"] >= warm["demand_mw"]).all()


@pytest.mark.gate  # at each edit: colder weather, below
def test_less_of_anything_never_helps_in_expectation():
    day = "2026-01-05"
    hit = {"time": f"{day} 02:00", "kind": "strike", "interception": 0.3}
    struck = [hit | {"target": f"TR/{what}", "hits_before_interception": hits}
              for what, hits in (("generation", 6), ("heat_source", 4), ("water_pumping", 4))]  # fmt: skip
    base = make_scenario({
        "name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": day,
        "end": "2026-01-07" if LONG else "2026-01-06 12:00", "members": 40 if LONG else 3, "seed": 3, "repair_crews_per_million": 4.0,
        "import_limit_mw": 150, "events": struck,
    })  # fmt: skip
    less = {"import_limit_mw": {"import_limit_mw": 50}, "crews": {"repair_crews_per_million": 1.0}}
    less["fuel"] = {"events": [*struck, {"time": f"{day} 00:00", "target": "TR/fuel", "kind": "limit", "share": 0.5}]}
    for what in ("generation", "heat_source", "water_pumping"):
        out = {"time": f"{day} 01:00", "target": f"TR/{what}", "kind": "outage", "share": 0.3}
        less[what] = {"events": [*struck, out]}
    names = ("people_without_power", "people_without_heat", "people_below_18c", "people_without_water")

    def lacking(scenario):
        return np.array([float(result[name].sum()) for result in [gm.run(scenario)] for name in names])

    usual = lacking(base)
    for what, changes in less.items():
        assert (lacking(base.replace(**changes)) >= usual * (1 - 1e-9)).all(), what


@pytest.mark.gate  # at each edit: published grids, in `test_dispatch_nets.py`
def test_strikes_on_corridors_and_plants_of_the_real_grid_are_served_exactly_member_by_member():
    strike = {"kind": "strike", "interception": 0.4}
    events = [
        strike | {"time": f"2026-01-08 {hour:02d}:00", "target": target, "hits_before_interception": hits}
        for hour, target, hits in [
            (2, "UA/thermal_coal", 12),
            (3, "UA/transfer", 60),
            (4, "UA/nuclear", 3),
            (5, "UA-30/heat_source", 6),
        ]
    ]
    scenario = gm.load_scenario("january-2026").replace(
        end="2026-01-09 00:00", events=tuple(events), members=6 if LONG else 4, rotation="mean"
    )
    six = gm.run(scenario)
    check_invariants(six)
    assert float(six["shed_cause_mw"].sel(cause="limit").sum()) > 0  # the programme was needed
    two = gm.run(scenario.replace(members=2))
    for name in two.data_vars:
        first = six[name].isel(member=slice(0, 2)) if "member" in six[name].dims else six[name]
        assert two[name].to_numpy().tobytes() == np.ascontiguousarray(first.to_numpy()).tobytes(), name


@pytest.mark.parametrize(("kind", "share", "left"), [("limit", 0.5, 60), ("outage", 0.25, 90)])
def test_a_share_of_import_is_a_share_of_the_limit_that_holds(three, kind, share, left):
    event = {"time": "2026-01-05 00:00", "target": "TR/import", "kind": kind, "share": share}
    result = gm.run(three(import_limit_mw=120, events=[event]))
    assert float(result["import_mw"].max()) == pytest.approx(left)


def test_a_border_that_may_pass_nothing_holds_no_island(three, folder, replace_cell):
    replace_cell("generators", 4, "grid_forming", "false")
    out = [{"time": "2026-01-05 00:00", "target": f"TR-{i}/generation", "kind": "outage", "share": 1.0} for i in (1, 2)]
    dark = gm.run(three(network=str(folder), events=out, import_limit_mw=0))
    assert float(dark["served_mw"].sum()) == 0
    held = gm.run(three(network=str(folder), events=out, import_limit_mw=10))
    assert float(held["generation_mw"].isel(time=0).sum()) == pytest.approx(200)


def test_a_deterministic_run_takes_the_number_of_a_range_that_is_nearest_to_one(three):
    colder = {"events": (), "temperature_slope_factor": (2.0, 2.0)}
    base = three(weather="cold-wave-2026", network="ukraine", timezone="Europe/Kyiv")
    one, two = gm.run(base), gm.run(base.replace(**colder))
    assert float(abs(one["demand_mw"] - two["demand_mw"]).max()) > 1


CUT_OFF = [
    {"time": "2026-01-05 00:00", "target": target, "kind": "outage", "share": 1.0}
    for target in ("line:TR-1-330--TR-2-330", "line:TR-1-330--TR-3-330", "gen:TR-1/nuclear")
]


@pytest.mark.parametrize(
    "cells",
    [
        {"reference_demand_mw": "0", "heating_slope_mw_per_k": "0"},
        {"share_household": "0", "share_business": "0.5"},
        {"share_critical": "0", "share_business": "0.5"},
    ],
    ids=["no need at all", "no households", "no critical consumers"],
)
def test_a_region_cut_off_has_no_power_even_where_it_needs_none(three, folder, replace_cell, cells):
    for column, value in cells.items():
        replace_cell("regions", 2, column, value)
    result = gm.run(three(network=str(folder), events=CUT_OFF)).isel(member=0, time=0).sel(region="TR-1")
    assert float(result["people_without_power"]) == pytest.approx(1_000_000)
    assert float(result["service_power_share"]) == pytest.approx(0.0)


def test_homes_that_heat_themselves_stay_warm_where_there_is_no_district_heat(three, folder, replace_cell):
    for column in ("district_heat_share", "source_max_mw_th"):
        replace_cell("heat_systems", 2, column, "0")
    result = gm.run(three(network=str(folder))).isel(member=0).sel(region="TR-1")
    assert float(result["people_without_heat"].max()) <= 0.45 * 1_000_000 + 1  # those that need power, at most


@pytest.mark.parametrize("floor_m2", ["0", "10000000"], ids=["no floor", "a floor that is nobody's"])
def test_nobody_loses_district_heat_and_no_pipes_are_to_be_drained_where_there_is_none(
    three, folder, replace_cell, floor_m2
):
    changes = {"district_heat_share": "0", "source_max_mw_th": "0", "floor_area_m2": floor_m2}
    for column, value in changes.items():
        replace_cell("heat_systems", 2, column, value)
    dark = [{"time": "2026-01-05 03:00", "target": "TR/delivery", "kind": "limit", "share": 0.0}]
    result = gm.run(three(network=str(folder), events=dark))
    here, beside = (result.isel(member=0).sel(region=region) for region in ("TR-1", "TR-2"))
    assert np.isnan(here["deadline_to_drain"]).all()
    assert float(beside["deadline_to_drain"].min()) == 0.0
    assert (here["home_share"].sel(heat_state="connected") == 1.0).all()
    assert float(beside["home_share"].sel(heat_state="connected").min()) < 0.5
    assert (here["hot_water_share"] == 1.0).all()
    assert (here["heat_demand_mw_th"] == 0.0).all()
    reached = gm.deadlines(result)["reached_share"]
    assert (reached["TR-1", "drain"], reached["TR-2", "drain"]) == (0.0, 1.0)
    # mean heater of two kilowatts per 60 m² at most, for each of a million people 24 m²
    assert float(here["heater_mw"].max()) <= 24e6 * 2e-3 / 60


def test_a_country_without_people_has_no_missing_numbers(three, folder, replace_cell):
    for line in (2, 3, 4):
        replace_cell("regions", line, "population", "0")
    table = gm.summarise(gm.run(three(network=str(folder))))
    assert table["mean"].notna().all()


def test_problems_of_network_and_weather_are_reported_together(three, folder, replace_cell):
    replace_cell("regions", 2, "population", "-1")
    with pytest.raises(gm.InputError) as caught:
        gm.run(three(network=str(folder), weather="no-such-weather"))
    assert "population" in str(caught.value)
    assert "no-such-weather" in str(caught.value)


@pytest.mark.gate  # at each edit: draws in `test_sampling.py`
def test_what_members_draw_spreads_over_its_range_evenly():
    from gridmodel.sampling import draw_settings

    scenario = gm.load_scenario("january-2026").replace(members=4000)
    got = draw_settings(scenario, range(4000))
    factor = got.of("temperature_slope_factor", 0)
    assert factor.mean() == pytest.approx(1.2, abs=0.01)
    assert (factor.min(), factor.max()) == (
        pytest.approx(0.9, abs=0.01),
        pytest.approx(1.5, abs=0.01),
    )
    tau = got["reconnection_tau_h"][:, 0]
    assert np.median(tau) == pytest.approx(np.sqrt(60 * 125), rel=0.02)  # log-uniform
    assert (tau >= 60).all()
    assert (tau <= 125).all()


def test_between_the_middles_of_hours_the_temperature_is_on_the_line_between_them(three):
    plain = {"weather": "cold-wave-2026", "network": "ukraine", "timezone": "Europe/Kyiv"}
    hour, half, quarter = (
        gm.run(three(**plain, step=step))["outdoor_temperature"].to_numpy() for step in ("1h", "30min", "15min")
    )
    assert np.allclose(half[1], 0.75 * hour[0] + 0.25 * hour[1])
    assert np.allclose(quarter[2], 0.875 * hour[0] + 0.125 * hour[1])
    assert np.allclose(quarter[5], 0.875 * hour[1] + 0.125 * hour[0])
    # steps of an hour have its mean, but for the bend of the line: 1/8 of each neighbour in place of 1/4 of itself
    mean = 0.75 * hour[1:-1] + 0.125 * (hour[:-2] + hour[2:])
    for parts, number in ((half, 2), (quarter, 4)):
        assert np.allclose(parts.reshape(-1, number, parts.shape[1]).mean(axis=1)[1:-1], mean)


def test_quarters_of_an_hour_need_as_much_heat_as_hours_while_it_becomes_colder(three):
    weather = gm.load_weather("three-region")  # by 1 K an hour from the start on: half a kelvin if quarters led hours
    since_h = (weather["time"].to_numpy() - np.datetime64("2026-01-05T00")) / np.timedelta64(1, "h")
    falling = weather.copy(data=np.broadcast_to(-np.clip(since_h, 0.0, 30.0)[:, None], weather.shape).copy())
    hours, quarters = (
        gm.run(three(weather=falling, timezone="UTC", events=[], step=step))["heat_demand_mw_th"].isel(member=0).mean("time")
        for step in ("1h", "15min")
    )  # fmt: skip
    assert np.allclose(quarters, hours, rtol=0.002)


def test_half_the_step_gives_the_same_energy_and_nearly_the_same_cold(three):
    events = [
        {"time": "2026-01-05 03:00", "target": "TR-1/heat_network", "kind": "outage", "share": 0.6, "duration_h": 5}
    ]
    plain = {"events": events, "heater_feedback": False, "cold_load_pickup": False}  # demand then depends on no step
    hour, half = gm.run(three(**plain)), gm.run(three(**plain, step="30min"))
    assert gm.metrics.ens_mwh(hour).item() == pytest.approx(gm.metrics.ens_mwh(half).item())
    share = [run["home_share"].sel(region="TR-1", heat_state="connected")[0, -1].item() for run in (hour, half)]
    assert share[0] == pytest.approx(share[1], abs=1e-2)  # whom crews drain is known once a step
    cold = [gm.metrics.person_hours(run, "people_without_heat").item() for run in (hour, half)]
    assert cold[0] == pytest.approx(cold[1], rel=0.15)


def test_homes_start_as_if_long_held_at_the_set_point(three):
    first = gm.run(three())["indoor_temperature"].isel(member=0, time=0).sel(heat_state="connected")
    boilers = first["archetype"].isin(["own_gas_powered", "own_electric", "own_with_stove"])  # a third is without power
    assert np.allclose(first.sel(archetype=~boilers), 20.0, atol=0.3)
    assert np.allclose(first.sel(archetype=boilers), 20.0, atol=2.0)


@pytest.mark.parametrize(
    ("wide", "steps"),
    [(0, 12), *(pytest.param(*case, marks=pytest.mark.gate) for case in ((1 << 40, 12), (512, 1))), (512, 5)],
)
def test_a_result_is_the_same_however_its_steps_are_gathered_and_written(three, monkeypatch, wide, steps):
    event = {"time": "2026-01-05 03:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.5}
    scenario = three(events=[event], end="2026-01-05 17:00")
    usual = gm.run(scenario)
    monkeypatch.setattr("gridmodel.simulation.record.WIDE", wide)
    monkeypatch.setattr("gridmodel.simulation.record.STEPS", steps)
    xr.testing.assert_equal(gm.run(scenario), usual)


@pytest.mark.parametrize("wide", [0, 1 << 40])
def test_all_cells_of_a_step_are_written_whatever_was_there(three, monkeypatch, wide):
    monkeypatch.setattr("gridmodel.simulation.record.WIDE", wide)
    monkeypatch.setattr("gridmodel.simulation.record.STEPS", 5)
    events = [{"time": "2026-01-05 03:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.5},
              {"time": "2026-01-05 05:00", "target": "TR-2/water_pumping", "kind": "outage", "share": 0.5}]  # fmt: skip
    inputs = run_inputs(three(events=events, end="2026-01-06 00:00"))
    clean, used = empty_record(inputs), empty_record(inputs)
    steps = len(inputs.clock.times)
    advance(inputs, clean, steps)
    advance(inputs, used, steps)
    for name in used._written:
        used.arrays[name][...] = 7.0
    for values in used._gathered.values():
        values[...] = 7.0
    advance(inputs, used, steps)
    xr.testing.assert_equal(used.dataset(), clean.dataset())


def test_zeros_that_are_negative_are_kept(three):
    record = empty_record(run_inputs(three(end="2026-01-05 06:00")))
    minus = np.full_like(record.arrays["shed_mw"][:, 0], -0.0)
    for step in range(6):
        record.note(step, "any", {"shed_mw": minus})
    record.write()
    assert np.signbit(record.arrays["shed_mw"]).all()


def test_zeros_replace_what_was_noted_before(three):
    record = empty_record(run_inputs(three(end="2026-01-05 06:00")))
    zeros = np.zeros_like(record.arrays["generation_mw"][:, 0])
    for step, values in enumerate((zeros, zeros + 1.0, zeros, zeros + 2.0, zeros + 3.0)):
        record.note(step, "any", {"generation_mw": values})
    for step in (3, 4):
        record.note(step, "any", {"generation_mw": zeros})
    record.write()
    assert record.arrays["generation_mw"].max(axis=(0, 2, 3)).tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]


def test_values_that_no_result_keeps_are_not_even_computed(three, monkeypatch):
    inputs = run_inputs(three(end="2026-01-05 06:00"))
    whole = simulate(inputs)

    def refuse(*_given):
        raise AssertionError("nobody keeps it")

    for name in ("put_air", "put_shares", "put_causes"):
        monkeypatch.setattr(CellsStep, name, refuse)
    some = simulate(inputs, keep={"shed_mw", "people_without_heat"})
    assert set(some.data_vars) == {"shed_mw", "people_without_heat"}
    xr.testing.assert_equal(some, whole[list(some.data_vars)])
