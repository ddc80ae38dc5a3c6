"""Sources of district heat, worked out beside the code by loops over single units and single homes."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from conftest import EXAMPLES, LONG, at_gate, sampled
from hypothesis import given, settings
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.events import chp_remaining
from gridmodel.network import build_grid, read_network
from gridmodel.sampling import Settings, draw_settings
from gridmodel.scenario import make_scenario
from gridmodel.services.heat import HeatServices, build_homes, draw_units, running, step_homes, supply, warm_start
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, NO_CIRCULATION
from gridmodel.services.heat.supply import HELD_ABOVE_K, homes_held, pumped, share_out
from gridmodel.vocabulary import ARCHETYPES

SPREAD = np.array(1.0)


def town(network="three-region", *, members=1, **changes):
    """Scenario, homes and settings of a network."""
    base = {"name": "x", "network": network, "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05", "end": "2026-01-06", "deterministic": members == 1}  # fmt: skip
    scenario = make_scenario(base | changes)
    chosen = draw_settings(scenario, range(members))
    return scenario, build_homes(read_network(network), scenario, chosen), chosen


def course(case, hours, *, members=1, outdoor=-10.0, **services):
    """Steps under services that are constant, or are functions of the step; those not named are whole."""
    scenario, homes, chosen = case
    regions = len(homes.source_max_mw)
    state = warm_start(homes, chosen, np.full(regions, -5.0), members)
    one = np.ones((members, regions))
    whole = dict.fromkeys(("source", "network", "chp", "plant_power", "home_power", "fuel", "mains", "turbines"), 1.0)
    whole |= {"backup": 0.0, "mobile_mw": 0.0} | services
    shown = []
    for step in range(round(hours / scenario.step_h)):
        values = {name: (value(step * scenario.step_h) if callable(value) else value) for name, value in whole.items()}
        there = HeatServices(outdoor_c=np.full(regions, outdoor), **{name: v * one for name, v in values.items()})
        got = step_homes(homes, state, chosen, there, step_h=scenario.step_h, heaters=scenario.heater_feedback)
        state = got.state
        shown.append(got)
    return shown


BARE = {"cooker_w_per_m2": 0.0, "internal_gain_w_per_m2": 0.0, "heater_feedback": False}


# Units


def by_hand(sizes, thresholds, powered):
    """Power handed out unit by unit; the one at the margin runs if its part of its power is above its own threshold."""
    remaining, ran = powered, 0.0
    for size, threshold in zip(sizes, thresholds, strict=True):
        part = min(remaining / size, 1.0)
        remaining -= part * size
        if part >= threshold - 1e-9:
            ran += size
    return ran


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**32))
def test_units_that_run_are_those_that_a_loop_over_single_units_finds(power, backup, seed):
    units = draw_units([4, 1, 7], seed, range(3), spread=SPREAD)
    shape = np.ones((3, 3))
    got = running(power * shape, backup * (1 - power) * shape, units)
    powered = power + backup * (1 - power)
    for member in range(3):
        for region, count in enumerate([4, 1, 7]):
            sizes = np.diff(units.running[member, region])[:count]
            before = units.running[member, region, :count]
            thresholds = (units.needs[member, region, :count] - before) / sizes
            assert got[member, region] == pytest.approx(by_hand(sizes, thresholds, powered), abs=1e-9)


def test_units_are_of_unequal_size_and_make_up_the_whole():
    units = draw_units([19], 2026, range(400), spread=SPREAD)
    sizes = np.diff(units.running[:, 0])
    assert sizes.sum(axis=-1) == pytest.approx(1.0)
    # nineteen log-normal sizes by themselves, 20,000 times: the largest has 0.22 of the whole
    drawn = np.exp(np.random.default_rng(0).standard_normal((20_000, 19)))
    largest = (drawn / drawn.sum(axis=1, keepdims=True)).max(axis=1).mean()
    assert largest == pytest.approx(0.22, abs=0.01)
    assert sizes.max(axis=-1).mean() == pytest.approx(largest, abs=0.015)
    equal = draw_units([19], 2026, range(4), spread=np.array(0.0))
    assert np.diff(equal.running[:, 0]) == pytest.approx(1 / 19)


def test_what_runs_is_in_the_mean_over_draws_the_share_that_has_power():
    units = draw_units([1, 3, 19], 7, range(4000), spread=SPREAD)
    for powered in (0.003, 0.24, 0.29, 0.31, 0.6, 0.97):
        ran = running(np.full((4000, 3), powered), np.zeros((4000, 3)), units)
        error = ran.std(axis=0) / np.sqrt(4000)
        assert (np.abs(ran.mean(axis=0) - powered) <= 4 * error + 1e-12).all(), powered


def test_a_member_has_the_same_units_in_any_subset_and_in_any_block():
    every = draw_units([4, 2], 5, range(10), spread=np.linspace(0.5, 1.5, 10))
    some = draw_units([4, 2], 5, [7, 3], spread=np.linspace(0.5, 1.5, 10)[[7, 3]])
    assert (every.needs[[7, 3]] == some.needs).all()
    assert (every.running[[7, 3]] == some.running).all()


def test_all_units_run_where_all_have_power_and_none_where_none_has():
    units = draw_units([5], 1, range(50), spread=SPREAD)
    one = np.ones((50, 1))
    assert (running(0.7 * one, 0.3 * one, units) == 1.0).all()
    assert (running(0 * one, 0 * one, units) == 0.0).all()


@given(st.floats(0, 1), st.floats(0, 0.2))
def test_more_power_never_stops_a_unit(power, more):
    units = draw_units([6, 2], 3, range(20), spread=SPREAD)
    one = np.ones((20, 2))
    before = running(power * one, 0 * one, units)
    assert (running(min(power + more, 1.0) * one, 0 * one, units) >= before - 1e-12).all()


def cold_hours(case, members, hours=12, **services):
    """Hours below 12 °C of homes, mean over members, by region."""
    steps = course(case, hours, members=members, outdoor=-20.0, **services)
    return np.mean([step.cold_share[2] for step in steps], axis=0)


@pytest.mark.gate  # at each edit: help of one kind, above
def test_a_tiny_amount_of_any_help_has_a_tiny_expected_effect_and_more_of_it_never_harms():
    members = 3000 if LONG else 1000
    scenario, homes, chosen = town(members=members, reconnection_tau_h=[80.0, 80.0], restart_h=[12.0, 12.0],
                                   own_heat_powered_share=[0.5, 0.5], **BARE)  # fmt: skip
    units = draw_units([4, 2, 1], 11, range(members), spread=SPREAD)
    case = (scenario, dataclasses.replace(homes, units=units), chosen)
    base = cold_hours(case, members, plant_power=0.24).mean(axis=0)
    sixteen_mw = np.array([16.0, 10.0, 7.0])  # electricity of the sources, of the network's table
    for kilowatt in (1.0, 100.0, 3000.0):
        got = cold_hours(case, members, plant_power=0.24, backup=kilowatt / 1000 / sixteen_mw)
        saved = (base - got.mean(axis=0))[0]
        assert 0.0 <= saved <= 0.5 * kilowatt / 1000 / sixteen_mw[0] + 4 * 0.5 / np.sqrt(members)
    for boiler_mw in (0.01, 10.0, 100.0):
        saved = (base - cold_hours(case, members, plant_power=0.24, mobile_mw=boiler_mw).mean(axis=0))[0]
        assert 0.0 < saved <= 0.5 * boiler_mw / 780
    for more in (1e-5, 0.05):
        saved = (base - cold_hours(case, members, plant_power=0.24 + more).mean(axis=0))[0]
        assert 0.0 <= saved <= 0.5 * more + 4 * 0.5 / np.sqrt(members)


# A source that stops disconnects its homes


def lonely_home(kind, hours, *, heated, outdoor, power):
    """Air of one home by a loop of single steps: a dwelling whose source runs, or one whose source has stopped."""
    row = read_network("ukraine").tables["archetypes"].set_index("id").loc[kind]
    building = gm.heat.Building(
        floor_area_m2=1.0, internal_surface_m2=4.5, mass_area_m2=row["mass_area_per_floor_area"],
        capacity_j_per_k=row["capacity_j_per_m2k"], h_window_w_per_k=row["h_window_w_per_m2k"],
        h_opaque_w_per_k=row["h_opaque_w_per_m2k"], h_ventilation_w_per_k=row["h_ventilation_w_per_m2k"],
    )  # fmt: skip
    gains = 3.0 if power else 1.5
    mass = gm.heat.steady_mass(building, outdoor_c=-5.0, set_point_c=20.0, internal_w=3.0)
    radiator = gm.heat.heating_need(building, mass_c=mass, outdoor_c=-5.0, set_point_c=20.0, internal_w=3.0)
    for _ in range(hours):
        need = gm.heat.heating_need(building, mass_c=mass, outdoor_c=outdoor, set_point_c=20.0, internal_w=gains)
        comes = need if heated else 0.0
        lag = 0.55 * (1 - np.exp(-1 / 0.55))
        emitted, radiator = comes + (radiator - comes) * lag, comes + (radiator - comes) * np.exp(-1 / 0.55)
        rooms = gm.heat.step(building, mass_c=mass, outdoor_c=outdoor, heating_w=emitted, internal_w=gains)
        mass = rooms.mass_c
    return float(rooms.air_c)


def test_kyiv_without_power_splits_into_homes_whose_source_runs_and_homes_that_freeze():
    case = town("ukraine", weather="cold-wave-2026", start="2026-01-09", end="2026-01-10", heater_feedback=False,
                cooker_w_per_m2=0.0, building_pump_share=0.0)  # fmt: skip
    kyiv = read_network("ukraine").regions.index("UA-30")
    backup = 0.9 * 25.12 / 83.75  # nine of ten generators start
    steps = course(case, 72, outdoor=-22.0, plant_power=0.0, home_power=0.0, backup=backup)
    for step in (steps[0], steps[5]):
        assert step.share[CONNECTED, 0, kyiv] == pytest.approx(0.27, abs=0.001)  # 73 % are off at once
    people = read_network("ukraine").tables["regions"].set_index("id").loc["UA-30", "population"]
    shares = case[1].home_weight[: len(ARCHETYPES), 0, kyiv]  # of all homes of the city
    cold = 0.0
    for share, kind in zip(shares, ARCHETYPES, strict=True):
        cold += (1 - backup) * share * (lonely_home(kind, 6, heated=False, outdoor=-22.0, power=False) < 12.0)
        cold += backup * share * (lonely_home(kind, 6, heated=True, outdoor=-22.0, power=False) < 12.0)
    own = (steps[5].own_c[:, 0, kyiv] < 12.0) @ case[1].shown_own_share[:, 0, kyiv]
    assert steps[5].cold_share[2, 0, kyiv] == pytest.approx(cold + own, abs=1e-9)
    assert 0.8e6 < people * (cold + own) < 1.1e6  # and not 0.15 million, as if the heat were spread over all
    assert steps[-1].share[[DRAINED, FROZEN], 0, kyiv].sum() > 0.68
    assert steps[-1].air_c[0, kyiv, 0, CONNECTED] == pytest.approx(20.0, abs=0.5)


def test_a_short_trip_is_not_a_short_outage():
    case = town(restart_h=[12.0, 12.0], **BARE)
    steps = course(case, 40, outdoor=2.0, plant_power=lambda hour: 0.0 if 4 <= hour < 5 else 1.0)
    off = np.array([step.share[NO_CIRCULATION, 0, 0] for step in steps])
    assert off[3] == 0.0
    assert off[4] == pytest.approx(1.0)
    x = 2 * np.arange(1, 20) / 12.0
    assert off[5:24] == pytest.approx((1 + x) * np.exp(-x), abs=1e-9)


def test_circulation_stops_where_make_up_water_has_run_out():
    steps = course(town(**BARE), 24, mains=0.0)
    stands = np.array([step.share[NO_CIRCULATION, 0, 0] for step in steps])
    assert (stands[:15] == 0.0).all()
    assert stands[15] == pytest.approx(1.0)


# Heat that is short


def held_w(outdoor, air):
    """Heat that holds a panel block at an air temperature in the long run, by a loop of single steps."""
    building = gm.heat.Building(
        floor_area_m2=1.0, internal_surface_m2=4.5, mass_area_m2=3.0, capacity_j_per_k=260e3,
        h_window_w_per_k=0.5, h_opaque_w_per_k=0.95, h_ventilation_w_per_k=0.5,
    )  # fmt: skip
    mass = np.array(10.0)
    for _ in range(2000):
        need = gm.heat.heating_need(building, mass_c=mass, outdoor_c=outdoor, set_point_c=air)
        mass = gm.heat.step(building, mass_c=mass, outdoor_c=outdoor, heating_w=need).mass_c
    return float(need)


def test_hot_water_is_the_first_to_go_and_rooms_do_not_notice():
    got = course(town(hot_water_share=0.15, **BARE), 100, outdoor=-20.0, fuel=0.9)[-1]
    assert got.air_c[0, 0, 0, CONNECTED] == pytest.approx(20.0, abs=1e-6)
    # rooms need ten million times as many watts; the rest of 0.9 · 1.15 · 780 MW is for 0.15 · 780 of hot water
    assert got.need_mw[0, 0] == pytest.approx(10 * held_w(-20.0, 20.0), rel=1e-3)
    assert got.hot_water[0, 0] == pytest.approx((0.9 * 1.15 * 780 - got.need_mw[0, 0]) / (0.15 * 780))
    dry = course(town(hot_water_share=0.0, **BARE), 100, outdoor=-20.0, fuel=0.9)[-1]
    assert dry.air_c[0, 0, 0, CONNECTED] < 19.5


def test_then_all_rooms_are_cooler_alike_and_nobody_is_disconnected():
    fuel = held_w(-20.0, 16.0) / 78.0
    got = course(town(hot_water_share=0.0, **BARE), 400, outdoor=-20.0, fuel=fuel)[-1]
    assert got.share[CONNECTED, 0, 0] == 1.0
    assert got.air_c[0, 0, 0, CONNECTED] == pytest.approx(16.0, abs=0.1)


@pytest.mark.parametrize("floor", sampled([10.0, 12.0], 2))
@pytest.mark.gate  # at each edit: rooms that are held stay at the floor
def test_then_some_are_disconnected_so_that_the_rest_keep_the_floor(floor):
    fuel = 0.35
    steps = course(town(hot_water_share=0.0, heat_floor_c=floor, **BARE), 400, outdoor=-20.0, fuel=fuel)
    kept = fuel * 78.0 / held_w(-20.0, floor + HELD_ABOVE_K)
    assert steps[-1].share[CONNECTED, 0, 0] == pytest.approx(kept, abs=0.003)
    warm = [step.air_c[0, 0, 0, CONNECTED] for step in steps]
    assert min(warm) > floor
    assert warm[-1] == pytest.approx(floor + HELD_ABOVE_K, abs=0.01)


def test_rooms_that_are_held_stay_at_the_floor_while_it_grows_colder():
    scenario, homes, chosen = town(**BARE)
    state = warm_start(homes, chosen, np.full(3, -10.0), 1)
    one, held = np.ones((1, 3)), []
    for hour in range(200):
        there = HeatServices(
            outdoor_c=np.full(3, -10.0 - 10.0 * np.sin(hour / 12)), source=one, network=one, chp=one, plant_power=one,
            backup=0 * one, home_power=one, fuel=0.3 * one, mains=one, mobile_mw=0 * one,
        )  # fmt: skip
        got = step_homes(homes, state, chosen, there, step_h=scenario.step_h, heaters=False)
        state = got.state
        held.append(got.rooms_c[CONNECTED, 0, 0, 0])  # of homes that never lost heat
    assert min(held) >= 12.0


def test_each_kind_of_building_gets_what_holds_the_floor_and_the_same_share_of_the_rest():
    need, floor, area = np.array([60.0, 40.0]), np.array([30.0, 10.0]), np.array([2e6, 1e6])
    shaped = [values.reshape(2, 1, 1) for values in (need, floor, area)]
    got = share_out(shaped[0], shaped[1], floor_m2=shaped[2], capacity_mw=np.array([[100.0]]),
                    hot_water_mw=np.array([[10.0]]))  # fmt: skip
    # 70 MW hold the floor, 160 the set point: a third of the 90 between them is there
    assert got.heat_w.ravel() == pytest.approx([40.0, 20.0])
    assert [got.need_mw.item(), got.supplied_mw.item(), got.given.item()] == pytest.approx([160.0, 100.0, 0.625])
    assert got.hot_water.item() == 0.0


def test_a_mobile_boiler_serves_the_homes_that_it_can_even_where_pipes_do_not_reach():
    got = course(town(), 200, network=0.5, mobile_mw=78.0, outdoor=-20.0)[-1]
    assert got.share[CONNECTED, 0, 0] == pytest.approx(0.6, abs=0.003)
    assert got.air_c[0, 0, 0, CONNECTED] == pytest.approx(20.0, abs=1e-6)


def test_mobile_boilers_bring_fuel_of_their_own():
    # 100 MW for rooms and 15 for hot water: half of it works, with half of the gas, at 0.8 of the sources, and 10 MW come
    numbers = Settings({"hot_water_share": np.array(0.15)})
    got = supply.capacity_mw(
        np.array(100.0), np.array(0.5), np.array(0.8), fuel=np.array(0.5), mobile_mw=np.array(10.0), settings=numbers
    )
    assert got == pytest.approx(115 * 0.5 * 0.5 * 0.8 + 10)


@pytest.mark.parametrize("fuel", sampled([0.02, 0.045, 0.055, 0.3], 2, first=1))
def test_a_little_more_gas_is_worth_a_little(fuel):
    case = town(hot_water_share=0.0, **BARE)
    one, more = (course(case, 96, outdoor=-20.0, fuel=there)[-1] for there in (fuel, fuel + 0.01))
    warm, frozen = (
        [got.share[state, 0, 0] for got in (one, more)] for state in (CONNECTED, FROZEN)
    )  # fmt: skip
    assert 0.0 < warm[1] - warm[0] < 0.03
    assert abs(frozen[1] - frozen[0]) < 0.045  # crews drain 4.3 % of buildings in the hour by which the order shifts


@pytest.mark.parametrize("services", sampled([{"fuel": 0.0}, {"source": 0.0}], 2))
def test_homes_that_wait_do_not_set_out_where_there_is_no_heat_at_all(services):
    steps = course(town(loss_split=0.0, **BARE), 96, outdoor=-15.0, **services)
    warm = np.array([step.share[CONNECTED, 0, 0] for step in steps])
    first = int(warm.argmin())
    assert warm[first - 1] == 1.0  # walls hold the floor for some hours
    assert (warm[first:] == 0.0).all()
    assert steps[-1].state.waiting.stages.max() == 0.0


def test_as_many_come_back_as_their_radiators_can_fill_and_more_as_walls_grow_warm():
    quick = {"restart_h": [0.1, 0.1], "slow_return_share": [0.0, 0.0], "heat_given_up_share": 0.0}
    case = town(hot_water_share=0.0, **quick, **BARE)
    steps = course(case, 300, outdoor=-20.0, fuel=lambda hour: 0.0 if hour < 40 else 0.23)
    warm = np.array([step.share[CONNECTED, 0, 0] for step in steps])
    assert steps[39].air_c[0, 0, 0, DRAINED] < 0.0
    # radiators of all take 780 MW, of which there are 0.23; in the end the floor takes held_w of 78 W/m²
    assert warm[40] == pytest.approx(0.23)
    assert warm[-1] == pytest.approx(0.23 * 78.0 / held_w(-20.0, 12.0 + HELD_ABOVE_K), abs=5e-4)
    assert np.diff(warm[40:]).min() > -2e-4  # nobody comes to be lost again


def test_those_that_came_back_last_are_the_first_to_lose_heat_that_does_not_hold_all():
    share, floor_mw = (np.array(values).reshape(3, 1, 1) for values in ([0.5, 0.2, 0.1], [20.0, 10.0, 10.0]))
    held = [homes_held(share, floor_mw, design_mw=np.array([[100.0]]), capacity_mw=np.array([[there]])).item()
            for there in (0.0, 10.0, 25.0, 35.0, 40.0, 50.0)]  # fmt: skip
    assert held == pytest.approx([0.0, 0.25, 0.6, 0.75, 0.8, 0.9])


def boilers(sizes_mw, hours, *, outdoor, step):
    """Steps of members that are alike but for the mobile boilers of a region without gas."""
    alike = {"members": 2, "step": step, **BARE}
    scenario, _, chosen = town(**alike)
    chosen = chosen.part(np.zeros(len(sizes_mw), dtype=int))
    case = scenario, build_homes(read_network("three-region"), scenario, chosen), chosen
    return course(case, hours, members=len(sizes_mw), outdoor=outdoor, fuel=0.0, mobile_mw=sizes_mw[:, None])


@pytest.mark.parametrize(("step", "most_mw"), at_gate([("1h", 4.0), ("15min", 300.0)], 1))
def test_a_little_heat_is_worth_a_little_where_there_was_none(step, most_mw):
    # by the hour, the crews' order shifts where a little more holds homes for another hour (`a_little_more_gas`)
    sizes_mw = np.concatenate([[0.0], np.geomspace(1e-6, most_mw, 40)])
    steps = boilers(sizes_mw, 72, outdoor=-10.0, step=step)
    frozen = np.array([one.share[FROZEN, :, 0] for one in steps]).max(axis=0)
    assert frozen[0] > 0.2
    assert np.diff(frozen).max() <= 0.0
    assert np.abs(frozen[:10] - frozen[0]).max() < 1e-4  # up to a tenth of a kilowatt of 780 MW
    lacking = np.array([one.degree_hours[:, 0] for one in steps]).sum(axis=0)
    assert np.diff(lacking).max() < 0.0
    warm = np.array([one.share[CONNECTED, :, 0] for one in steps[len(steps) // 2 :]])
    assert np.diff(warm[-1]).min() > 0.0
    assert np.diff(warm, axis=0).max() < 1e-9  # nobody comes and goes


SHORT = ("fuel", "plant_power", "source", "network", "chp")


@settings(max_examples=EXAMPLES if LONG else 4, deadline=None)
@given(
    st.fixed_dictionaries({name: st.floats(0, 1) for name in SHORT}), st.sampled_from(SHORT[:-2]), st.floats(0.3, 0.95)
)
def test_less_of_what_heat_needs_never_makes_homes_warmer_in_the_long_run(services, name, less):
    case = town(**BARE)
    base, worse = (
        sum(step.cold_share.sum() for step in course(case, 48, outdoor=-15.0, **given))
        for given in (services, services | {name: services[name] * less})
    )
    assert worse >= base - 1e-6


@pytest.mark.parametrize("services", at_gate([
    {"fuel": 0.4}, {"plant_power": lambda hour: 0.3 if 6 <= hour < 15 else 1.0},
    {"network": lambda hour: 0.5 if hour < 12 else 1.0},
], 3))  # fmt: skip
def test_steps_of_a_quarter_of_half_and_of_an_hour_agree(services):
    warm = []
    for step in ("15min", "30min", "1h"):
        got = course(town(step=step, heat_given_up_share=0.0, **BARE), 48, outdoor=-5.0, **services)[-1]
        warm.append([*got.share[:2, 0, 0], got.cold_share[1, 0, 0]])
    assert warm[0] == pytest.approx(warm[2], abs=0.03)
    assert warm[1] == pytest.approx(warm[2], abs=0.03)


def test_heat_points_in_new_blocks_stop_with_the_power_of_their_homes_and_catch_up():
    heat = share_out(np.full((2, 1, 1), 50.0), None, floor_m2=np.full((2, 1, 1), 1e6), capacity_mw=np.array([[500.0]]),
                     hot_water_mw=np.array([[0.0]]))  # fmt: skip
    share = np.array([0.0, 0.3]).reshape(2, 1, 1)
    got = pumped(heat, np.full((2, 1, 1), 80.0), share, floor_m2=np.full((2, 1, 1), 1e6),
                 home_power=np.array([[0.4]]))  # fmt: skip
    # a pump that runs for 0.4 of the time moves at most 32 W of the 50, in three of ten of the second kind
    assert got.heat_w.ravel() == pytest.approx([50.0, 0.7 * 50 + 0.3 * 32])
    assert got.supplied_mw.item() == pytest.approx(50 + 44.6)
    mostly_on = pumped(heat, np.full((2, 1, 1), 80.0), share, floor_m2=np.full((2, 1, 1), 1e6),
                       home_power=np.array([[0.7]]))  # fmt: skip
    assert mostly_on.heat_w.ravel() == pytest.approx([50.0, 50.0])


# Combined heat and power


def test_chp_that_remains_is_weighted_by_capacity_and_not_by_what_is_available():
    network = read_network("ukraine")
    table = network.tables["generators"].copy()
    twin = table[table["id"] == "UA-30/chp"].assign(id="UA-30/chp 2", p_max_mw=3 * 415.5, p_available_mw=1.0)
    table = pd.concat([table, twin], ignore_index=True)
    network = dataclasses.replace(network, tables=network.tables | {"generators": table})
    _, index = build_grid(network)
    remaining = np.ones((1, 1, len(table)))
    remaining[0, 0, -1] = 0.2
    left = chp_remaining(remaining, network, index)[0, 0]
    kyiv = network.regions.index("UA-30")
    assert left[kyiv] == pytest.approx((1.0 + 3 * 0.2) / 4)
    assert np.delete(left, kyiv) == pytest.approx(1.0)


def test_a_turbine_that_fails_takes_a_fifth_of_its_heat_and_a_strike_all_of_it():
    common = {"name": "x", "network": "ukraine", "weather": "cold-wave-2026", "start": "2026-01-12", "end": "2026-01-12 03:00",
              "deterministic": True, "critical_on_cut_feeders": 0.0}  # fmt: skip
    strike = {"time": "2026-01-12 01:00", "target": "UA-30/chp", "kind": "outage", "share": 0.5}
    hit = gm.run(make_scenario(common | {"events": [strike]}))
    share = read_network("ukraine").tables["heat_systems"].set_index("region").loc["UA-30", "chp_share"]
    connected = hit["home_share"].sel(region="UA-30", heat_state="connected").isel(member=0).to_numpy()
    assert connected == pytest.approx([1.0, 1.0 - 0.5 * share, 1.0 - 0.5 * share], abs=2e-3)
    worn = gm.run(make_scenario(common | {"forced_outages": {"chp": {"mttf_h": 100.0, "mttr_h": 300.0}}}))
    kyiv = worn.sel(region="UA-30").isel(member=0, time=1)
    assert float(kyiv["home_share"].sel(heat_state="connected")) == 1.0
    # three quarters of the turbines are out: 1 - share · 0.75 · 0.2 of the capacity, hot water included, is left
    capacity = 3895.2 * 1.15 * (1 - share * 0.75 * 0.2)
    spare = capacity - float(kyiv["heat_supplied_mw_th"])
    assert float(kyiv["hot_water_share"]) == pytest.approx(min(spare / (0.15 * 3895.2), 1.0), abs=1e-3)


def test_water_that_circulates_without_heat_is_as_warm_as_the_rooms_and_with_half_of_it_halfway():
    for fuel, met in ((0.0, 0.0), (0.3, None), (1.0, 1.0)):
        got = course(town(hot_water_share=0.0, **BARE), 3, outdoor=-10.0, fuel=fuel)[-1]
        given = got.supplied_mw[0, 0] / got.need_mw[0, 0]
        assert met is None or given == pytest.approx(met)
        room = got.air_c[0, 0, 0, CONNECTED]
        assert got.state.coolant_c[CONNECTED, 0, 0] == pytest.approx(room + (60.0 - room) * given)


def test_a_share_of_homes_that_damage_disconnects_is_given_up_and_of_those_without_power_none():
    mended = {"network": lambda hour: 0.4 if hour < 2 else 1.0}
    tripped = {"plant_power": lambda hour: 0.4 if hour < 2 else 1.0}
    for services, lost in ((mended, 0.6 * 0.1), (tripped, 0.0)):
        got = course(town(heat_given_up_share=0.1, restart_h=[2.0, 2.0], **BARE), 80, outdoor=4.0, **services)[-1]
        assert got.share[NO_CIRCULATION, 0, 0] == pytest.approx(lost, abs=1e-6)
