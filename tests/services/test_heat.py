import dataclasses
import itertools

import numpy as np
import pytest
from conftest import EXAMPLES, LONG
from hypothesis import given, settings
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.arrays import moved
from gridmodel.network import read_network
from gridmodel.sampling import draw_settings
from gridmodel.scenario import make_scenario
from gridmodel.services.heat import HeatServices, build_homes, own_shares, step_homes, warm_start
from gridmodel.services.heat.returning import Speeds, Waiting, nobody_waits
from gridmodel.services.heat.source import full_networks, refilled
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, NO_CIRCULATION, REFILLING, moves
from gridmodel.vocabulary import ARCHETYPES, HEAT_STATES, OWN_HEAT

PANEL = gm.heat.Building(
    floor_area_m2=1.0, internal_surface_m2=4.5, mass_area_m2=3.0, capacity_j_per_k=260e3,
    h_window_w_per_k=0.5, h_opaque_w_per_k=0.95, h_ventilation_w_per_k=0.5,
)  # fmt: skip


def test_one_step_matches_the_standard_worked_by_hand():
    # H_is 15.525, H_ms 27.3, H_1 = 1/(1/0.5 + 1/15.525) = 0.484399, H_2 = 0.984399, H_3 = 0.950138
    h1 = 1 / (1 / 0.5 + 1 / 15.525)
    h2 = h1 + 0.5
    h3 = 1 / (1 / h2 + 1 / 27.3)
    radiant = 0.5 * 4.0 + 0.5 * 60.0
    to_mass, to_surface, to_air = radiant * 3 / 4.5, radiant * (1 - 3 / 4.5 - 0.5 / (9.1 * 4.5)), 0.5 * 4 + 0.5 * 60
    total = to_mass + 0.95 * -20 + h3 * (to_surface + 0.5 * -20 + h1 * (to_air / 0.5 - 20)) / h2
    c = 260e3 / 3600
    after = (18 * (c - 0.5 * (h3 + 0.95)) + total) / (c + 0.5 * (h3 + 0.95))
    mean = (18 + after) / 2
    surface = (27.3 * mean + to_surface + 0.5 * -20 + h1 * (-20 + to_air / 0.5)) / (27.3 + 0.5 + h1)
    air = (15.525 * surface + 0.5 * -20 + to_air) / (15.525 + 0.5)
    got = gm.heat.step(PANEL, mass_c=18.0, outdoor_c=-20.0, heating_w=60.0, internal_w=4.0)
    assert [got.mass_c, got.mass_mean_c, got.surface_c, got.air_c] == pytest.approx(
        [after, mean, surface, air], abs=1e-12
    )


def test_the_need_holds_the_set_point():
    need = gm.heat.heating_need(PANEL, mass_c=17.0, outdoor_c=-22.0, set_point_c=20.0, internal_w=3.0)
    assert gm.heat.step(PANEL, mass_c=17.0, outdoor_c=-22.0, heating_w=need, internal_w=3.0).air_c == pytest.approx(
        20.0
    )


def test_no_heat_is_needed_in_a_warm_house_and_never_more_than_the_limit():
    assert gm.heat.heating_need(PANEL, mass_c=25.0, outdoor_c=20.0, set_point_c=18.0) == 0.0
    assert gm.heat.heating_need(PANEL, mass_c=0.0, outdoor_c=-30.0, set_point_c=20.0, limit_w=70.0) == 70.0


def test_an_unheated_house_ends_where_losses_equal_gains():
    mass = np.array(20.0)
    for _ in range(3000):
        mass = gm.heat.step(PANEL, mass_c=mass, outdoor_c=-10.0, internal_w=3.0).mass_c
    rooms = gm.heat.step(PANEL, mass_c=mass, outdoor_c=-10.0, internal_w=3.0)
    lost = 0.5 * (rooms.air_c + 10) + 0.5 * (rooms.surface_c + 10) + 0.95 * (rooms.mass_c + 10)
    # the standard hands radiant gains to the surfaces less the share that leaves by the windows
    gains = 3.0 - 1.5 * 0.5 / (9.1 * 4.5)
    assert lost == pytest.approx(gains, abs=1e-6)


def test_quarter_hours_and_hours_agree_after_a_day():
    def after(step_s):
        mass = 18.0
        for _ in range(int(86400 / step_s)):
            mass = gm.heat.step(PANEL, mass_c=mass, outdoor_c=-20.0, heating_w=30.0, step_s=step_s).mass_c
        return mass

    assert after(900) == pytest.approx(after(3600), abs=0.2)


def test_a_steady_house_stays_as_it_is():
    mass = gm.heat.steady_mass(PANEL, outdoor_c=-12.0, set_point_c=20.0, internal_w=3.0)
    need = gm.heat.heating_need(PANEL, mass_c=mass, outdoor_c=-12.0, set_point_c=20.0, internal_w=3.0)
    rooms = gm.heat.step(PANEL, mass_c=mass, outdoor_c=-12.0, heating_w=need, internal_w=3.0)
    assert rooms.mass_c == pytest.approx(float(mass), abs=1e-9)
    assert rooms.air_c == pytest.approx(20.0)


def test_arrays_give_what_single_numbers_give():
    masses, outs = np.array([5.0, 18.0]), np.array([[-20.0], [0.0]])
    many = gm.heat.step(PANEL, mass_c=masses, outdoor_c=outs, heating_w=20.0).air_c
    for i in range(2):
        for j in range(2):
            one = gm.heat.step(PANEL, mass_c=masses[j], outdoor_c=outs[i, 0], heating_w=20.0).air_c
            assert many[i, j] == one


@given(st.floats(-40, 10), st.floats(0, 100), st.floats(-10, 30))
def test_colder_outside_or_less_heat_never_makes_a_room_warmer(outdoor, heating, mass):
    base = gm.heat.step(PANEL, mass_c=mass, outdoor_c=outdoor, heating_w=heating).air_c
    assert gm.heat.step(PANEL, mass_c=mass, outdoor_c=outdoor - 1, heating_w=heating).air_c < base
    assert gm.heat.step(PANEL, mass_c=mass, outdoor_c=outdoor, heating_w=heating * 0.9).air_c <= base


@given(st.floats(-40, 10), st.floats(0, 100), st.floats(-10, 30), st.sampled_from([900.0, 3600.0]))
def test_the_line_that_a_step_is_gives_what_the_step_gives(outdoor, heating, mass, step_s):
    line = gm.heat.response(PANEL, step_s=step_s)
    whole = gm.heat.step(PANEL, mass_c=mass, outdoor_c=outdoor, heating_w=heating, internal_w=3.0, step_s=step_s)
    assert line.air_c(mass, outdoor, 3.0, heating) == pytest.approx(float(whole.air_c), abs=1e-9)
    assert line.mass_c(mass, outdoor, heating, 3.0) == pytest.approx(float(whole.mass_c), abs=1e-9)


SPEEDS = Speeds(quick_h=np.array(12.0), slow_h=np.array(50.0), slow_share=np.array(1.0))
SHARES = st.lists(st.floats(0.01, 1), min_size=5, max_size=5)


@given(SHARES, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0.25, 1))
def test_homes_that_change_state_carry_what_they_have_and_none_is_lost(weights, reach, drain, burst, step_h):
    share = np.array(weights)[:, None, None] / sum(weights)
    warmth = np.array([[18.0, 4.0, 2.0, -5.0, 7.0], [19.0, 9.0, 1.0, -8.0, 3.0]]).T[:, :, None, None]
    pair = share[:2]
    flows, _ = moves(
        share, reach=np.array([[reach]]), drains=drain * pair, bursts=burst * pair * 0.5, waiting=nobody_waits(1, 1),
        speeds=SPEEDS, burst_repair_h=np.array(528.0), refill_h=np.array(72.0), step_h=step_h,
    )  # fmt: skip
    after, (carried,) = moved(share, [warmth], flows)
    assert after.sum() == pytest.approx(1.0)
    assert (after >= -1e-12).all()
    assert (carried * after[:, None]).sum(axis=0) == pytest.approx((warmth * share[:, None]).sum(axis=0))
    assert (carried >= -8.0 - 1e-9).all()
    assert (carried <= 19.0 + 1e-9).all()
    assert after[CONNECTED, 0, 0] <= max(reach, 0) + 1e-9


def settled(**changes):
    base = {"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05", "end": "2026-01-06", "deterministic": True}  # fmt: skip
    scenario = make_scenario(base | changes)
    settings = draw_settings(scenario, [0])
    return scenario, build_homes(read_network("three-region"), scenario, settings), settings


BARE = {"cooker_w_per_m2": 0.0, "internal_gain_w_per_m2": 0.0, "heater_feedback": False}
"""A block that nobody warms."""


def course(town, hours, *, outdoor=-10.0, **services):
    """Steps of a town under constant services; what is not named is whole."""
    scenario, homes, settings = town
    state = warm_start(homes, settings, np.full(3, outdoor), 1)
    one = np.ones((1, 3))
    whole = dict.fromkeys(("source", "network", "chp", "plant_power", "home_power", "fuel", "mains"), 1.0)
    whole |= {"backup": 0.0, "mobile_mw": 0.0} | services
    shown = []
    for _ in range(hours):
        there = HeatServices(outdoor_c=np.full(3, outdoor), **{name: value * one for name, value in whole.items()})
        got = step_homes(homes, state, settings, there, step_h=scenario.step_h, heaters=scenario.heater_feedback)
        state = got.state
        shown.append(got)
    return shown


def idle_air(steps, archetype=0):
    """Air of homes without heat, over the states that they are in."""
    cold = [(step.air_c[0, 0, archetype, 1:], step.share[1:, 0, 0]) for step in steps]
    return np.array([np.nansum(air * share) / share.sum() for air, share in cold])


@pytest.fixture
def town():
    return settled()


def test_without_damage_every_home_stays_at_the_set_point_at_the_design_temperature(town):
    got = course(town, 200, outdoor=-20.0)[-1]
    assert got.air_c[0, 0, : len(ARCHETYPES), CONNECTED] == pytest.approx(20.0, abs=1e-6)
    assert got.cold_share.max() == 0.0
    assert (got.supplied_mw == got.need_mw).all()
    assert got.heater_mw.max() == 0.0
    assert np.isnan(got.deadline_h).all()


def test_losing_half_the_source_leaves_half_the_homes_cold_and_the_rest_warm(town):
    got = course(town, 48, source=0.5)[-1]
    assert got.share[CONNECTED, 0, 0] == pytest.approx(0.5)
    assert got.air_c[0, 0, 0, CONNECTED] == pytest.approx(20.0, abs=1e-6)
    assert got.air_c[0, 0, 0, DRAINED] < 8.0


def test_with_loss_split_zero_the_loss_dilutes_all_homes():
    got = course(settled(loss_split=0.0, **BARE), 48, source=0.55)[-1]
    assert got.share[:, 0, 0] == pytest.approx([1.0, 0.0, 0.0, 0.0, 0.0])
    assert 12.0 < got.air_c[0, 0, 0, CONNECTED] < 18.0
    assert np.isnan(got.air_c[0, 0, 0, NO_CIRCULATION])


def test_an_idle_panel_block_at_minus_twenty_cools_as_fast_as_was_derived():
    air = idle_air(course(settled(set_point_c=18.0, **BARE), 20, outdoor=-20.0, network=0.0, home_power=0.0))
    assert 18.0 - air[0] <= 4.0  # radiators are warm at first
    assert 5 <= np.flatnonzero(air <= 10.0)[0] <= 7
    assert 12 <= np.flatnonzero(air <= 5.0)[0] <= 15


def test_an_unheated_kyiv_flat_is_near_one_degree_after_ten_to_sixteen_days_of_january():
    outdoor = gm.load_weather("cold-wave-2026").sel(region="UA-30", time=slice("2026-01-09", "2026-01-24")).to_numpy()
    _, homes, settings = settled()
    state = warm_start(homes, settings, np.full(3, -5.0), 1)
    one, air = np.ones((1, 3)), []
    for degrees in outdoor:
        there = HeatServices(
            outdoor_c=np.full(3, degrees), source=one, network=0 * one, chp=one, plant_power=one, backup=0 * one,
            home_power=0.4 * one, fuel=one, mains=one, mobile_mw=0 * one,
        )  # fmt: skip
        got = step_homes(homes, state, settings, there, step_h=1.0)
        state = got.state
        air.append(idle_air([got])[0])
    assert np.mean(air[240:384]) == pytest.approx(1.0, abs=1.5)  # reported: Kyiv, 10 to 16 days without heat


def test_standing_water_reaches_zero_in_six_to_eight_hours_and_a_plug_in_twelve_to_eighteen():
    water, ice, hours = np.array(60.0), np.array(0.0), []
    for hour in range(24):
        frozen = np.clip(1.0 - gm.heat.hours_to_zero(water, -20.0), 0.0, 1.0)
        water, ice = gm.heat.cool_water(water, -20.0, step_h=1.0), gm.heat.grow_ice(ice, -20.0, hours=frozen)
        hours.append((hour + 1, float(water), float(ice)))
    zero = next(hour for hour, degrees, _ in hours if degrees <= 0)
    plug = next(hour for hour, _, frost in hours if frost >= 1)
    assert 6 <= zero <= 8
    assert 12 <= plug <= 18


@given(st.floats(0, 80), st.floats(-40, 10), st.sampled_from([2, 4]))
def test_water_cools_the_same_in_one_step_as_in_several(water, outside, parts):
    several = np.array(water)
    for _ in range(parts):
        several = gm.heat.cool_water(several, outside, step_h=1.0 / parts)
    assert several == pytest.approx(float(gm.heat.cool_water(water, outside, step_h=1.0)), abs=1e-9)


def test_loops_are_drained_by_rule_and_burst_where_crews_are_too_few(town):
    steps = course(town, 48, outdoor=-20.0, network=0.0)
    share = np.array([step.share[:, 0, 0] for step in steps])
    crews = 100 * 4344 / 10e6
    assert share[3, DRAINED] == 0.0  # water above 10 °C
    assert share[4, DRAINED] == pytest.approx(crews * (5 - 5 * np.log(80 / 30)))  # below it after 4.9 hours
    per_hour = np.diff(share[:, DRAINED])
    assert per_hour.max() <= crews + 1e-9  # buildings that crews can drain
    assert share[-1, FROZEN] > 0.3
    assert share[9, FROZEN] == 0.0  # less than half a plug
    # half a plug after 5 ln 4 + 80/20 = 10.93 h, so that by the eleventh ice bursts 0.017 of the loops that crews have
    # not drained until then, less what they drain in the four minutes that are left
    half_h = 5 * np.log(4) + 80 / 20
    there, part = share[9, NO_CIRCULATION] - crews * (half_h - 10), (11 - half_h) * 20 / 80
    drained_first = crews * 80 / 20 * (part + (1 - part) * np.log(1 - part))
    assert share[10, FROZEN] == pytest.approx(there * part - drained_first, rel=1e-9)
    assert steps[0].deadline_h[0, 0] == pytest.approx(5.0 * np.log(80 / 20) - 1.0)
    more = course((town[0], dataclasses.replace(town[1], drain_share_per_h=np.ones(3)), town[2]), 48, outdoor=-20.0,
                  network=0.0)  # fmt: skip
    assert more[-1].share[FROZEN, 0, 0] == pytest.approx(0.0, abs=1e-9)


def test_at_two_below_loops_are_drained_before_they_freeze_as_at_four_below(town):
    crews = (town[0], dataclasses.replace(town[1], drain_share_per_h=np.ones(3)), town[2])
    for outdoor in (-2.0, -4.0):
        share = course(crews, 144, outdoor=outdoor, network=0.0)[-1].share[:, 0, 0]
        assert share[DRAINED] == pytest.approx(1.0)
        assert share[FROZEN] == 0.0
    assert course(crews, 48, outdoor=1.0, network=0.0)[-1].share[DRAINED, 0, 0] == 0.0


def test_loops_whose_water_circulates_are_never_drained_however_warm_the_rule_lets_it_be():
    steps = course(settled(drain_below_coolant_c=60.0, drain_lead_h=240.0), 5, outdoor=-25.0)
    assert steps[-1].share[DRAINED].max() == 0.0


def test_burst_systems_come_back_far_later_than_drained_ones():
    share = np.zeros((5, 1, 1))
    share[DRAINED], share[FROZEN] = 0.5, 0.5
    back, waiting = [], Waiting(stages=np.zeros((2, 3, 1, 1)), slow=np.full((1, 1), 0.5))
    for _ in range(24 * 60):
        flows, waiting = moves(
            share, reach=np.ones((1, 1)), drains=np.zeros((2, 1, 1)), bursts=np.zeros((2, 1, 1)), waiting=waiting,
            speeds=SPEEDS, burst_repair_h=np.array(22 * 24.0), refill_h=np.array(72.0), step_h=1.0,
        )  # fmt: skip
        share, _ = moved(share, [], flows)
        back.append(share[:, 0, 0].copy())
    back = np.array(back)
    assert back[24 * 7, DRAINED] < 0.02
    assert back[24 * 7, FROZEN] + back[24 * 7, REFILLING] > 0.4
    assert back[24 * 22, FROZEN] == pytest.approx(0.5 * np.exp(-1), abs=0.01)


def test_a_gas_boiler_that_needs_power_fails_without_it_and_the_others_do_not():
    got = course(settled(**BARE), 48, home_power=0.0)[-1]
    own = dict(zip(OWN_HEAT, got.air_c[0, 0, len(ARCHETYPES) :, CONNECTED], strict=True))
    assert own["own_gas_powered"] < 0.0
    assert own["own_electric"] < 0.0
    assert own["own_gas_gravity"] == pytest.approx(20.0, abs=1e-6)
    assert own["own_stove"] == pytest.approx(20.0, abs=1e-6)


def test_own_heating_catches_up_when_power_comes_back_for_part_of_the_time(town):
    got = course(town, 300, home_power=0.9, outdoor=-5.0)[-1]
    assert got.air_c[0, 0, len(ARCHETYPES), CONNECTED] == pytest.approx(20, abs=0.5)


def test_the_share_of_boilers_that_need_power_is_drawn_and_moves_only_gas_boilers():
    scenario, _, _ = settled(deterministic=False)
    own = np.array([0.4, 0.4, 0.15, 0.05])[:, None, None] * 0.5 * np.ones(3)
    fixed = {"own_backup_share": [0.0, 0.0], "own_fallback_stove_share": [0.0, 0.0]}
    shares = own_shares(own, draw_settings(scenario.replace(**fixed), range(200)))
    assert shares.sum(axis=0) == pytest.approx(np.broadcast_to(0.5, (200, 3)))
    powered = shares[0, :, 0] / shares[:2, :, 0].sum(axis=0)
    assert 0.3 <= powered.min() < 0.35
    assert 0.75 < powered.max() <= 0.8
    assert shares[2:4] == pytest.approx(np.broadcast_to(own[2:], (2, 200, 3)))
    assert not shares[4:].any()


def test_a_network_that_lacks_make_up_water_stops_after_the_hours_that_its_margin_lasts():
    steps = course(settled(**BARE), 24, mains=0.0)
    supplied = np.array([step.supplied_mw[0, 0] for step in steps])
    assert np.flatnonzero(supplied == 0)[0] == 15  # 0.25 % an hour of a margin of 4 %


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("mains", [0.0, 0.34, 0.9])
def test_networks_in_dry_streets_stand_after_sixteen_hours_and_the_others_never(step_h, mains):
    """Each part of the city fills its own: what is made up where streets have water does not reach the others."""
    water, course = full_networks((1, 1)), {"leak_per_h": 0.0025, "make_up_per_h": 0.0075, "margin": 0.04}
    stands = []
    for _ in range(round(40 / step_h)):
        water = refilled(water, np.full((1, 1), mains), **course, step_h=step_h)
        stands.append(water.empty_share[0, 0])
    assert np.flatnonzero(stands)[0] + 1 == round(16 / step_h)
    assert stands[-1] == pytest.approx(1 - mains)


def test_networks_whose_street_dries_up_later_stand_their_own_sixteen_hours_later():
    """A twentieth is dry from the start, 0.65 more for ten hours and again four hours later, in which it takes in 2 %."""
    water, stands = full_networks((1, 1)), []
    for dry in [0.05] * 20 + [0.7] * 10 + [0.05] * 4 + [0.7] * 20 + [0.05] * 2 + [0.0]:
        water = refilled(
            water, np.full((1, 1), 1 - dry), leak_per_h=0.0025, make_up_per_h=0.0075, margin=0.04, step_h=1.0
        )
        stands.append(water.empty_share[0, 0])
    # after ten hours 2.5 % are missing; those with water meanwhile, 0.3 of 0.95, dilute that to 1.7 %, which is made up
    assert stands == pytest.approx([0] * 15 + [0.05] * 34 + [0.7] * 5 + [0.05] * 2 + [0.0])


def test_networks_that_leak_more_than_can_be_made_up_are_full_until_their_street_is_dry_whoever_is_beside_them():
    """Two percent an hour of a margin of four: the second hour without water ends circulation, and no hour before."""
    alone, beside, stands = full_networks((1, 1)), full_networks((2, 1)), []
    rates = {"leak_per_h": 0.02, "make_up_per_h": 0.0075, "margin": 0.04, "step_h": 1.0}
    for mains in [1.0] * 10 + [0.0] * 3:
        alone = refilled(alone, np.full((1, 1), mains), **rates)
        beside = refilled(beside, np.array([[mains], [0.0]]), **rates)
        for name in ("wet", "dry", "dry_share", "empty_share"):
            assert getattr(beside, name)[:1].tobytes() == getattr(alone, name).tobytes(), (mains, name)
        stands.append(alone.empty_share[0, 0])
    assert stands == [0.0] * 11 + [1.0] * 2


def test_homes_of_dry_streets_lose_circulation_and_the_others_keep_it():
    steps = course(settled(**BARE), 24, mains=0.34)
    circulates = [step.share[CONNECTED, 0, 0] for step in steps]
    assert circulates == pytest.approx([1.0] * 15 + [0.34] * 9)


def test_damage_to_a_plant_of_heat_and_power_takes_its_heat_and_a_turbine_that_fails_a_fifth_of_it(town):
    homes = dataclasses.replace(town[1], chp_share=np.full(3, 0.5))
    hit = course((town[0], homes, town[2]), 3, chp=0.0)[-1]
    assert hit.share[CONNECTED, 0, 0] == pytest.approx(0.5)
    failed = course((town[0], homes, settled(hot_water_share=0.0)[2]), 100, outdoor=-20.0, turbines=0.0)[-1]
    assert failed.share[CONNECTED, 0, 0] == pytest.approx(1.0)
    assert failed.supplied_mw[0, 0] == pytest.approx(780 * (1 - 0.5 * 0.2))


def test_mobile_boilers_heat_as_many_homes_as_they_can(town):
    got = course(town, 3, source=0.5, mobile_mw=78.0)[-1]
    assert got.share[CONNECTED, 0, 0] == pytest.approx(0.6)  # 78 of 780 MW


def test_heaters_are_plugged_in_where_heat_is_lost_and_warm_the_same_homes():
    with_heaters, without = (course(settled(heater_feedback=on), 30, network=0.0)[-1] for on in (True, False))
    assert idle_air([with_heaters])[0] > idle_air([without])[0] + 1.0
    assert without.heater_mw.max() == 0.0
    dwellings = 10e6 / 60
    assert 0 < with_heaters.heater_mw[0, 0] <= dwellings * 0.6 * 0.7 * 2.0 / 1000 + 1e-9  # uptake, diversity, 2 kW
    dark = course(settled(), 30, network=0.0, home_power=0.0)[-1]
    assert idle_air([dark])[0] < idle_air([with_heaters])[0]


def test_risers_freeze_in_homes_that_stay_below_zero_and_stay_burst_until_mended():
    steps = course(settled(**BARE), 96, outdoor=-20.0, network=0.0, home_power=0.0)
    dry = np.array([step.dry_risers[0, 0] for step in steps])
    assert dry[20] == 0.0
    assert dry[-1] > 0.4
    assert (np.diff(dry) >= -1e-12).all()


SERVICES = ("source", "network", "plant_power", "home_power", "fuel", "mains")


@settings(max_examples=EXAMPLES if LONG else 5)
@given(st.fixed_dictionaries({name: st.floats(0, 1) for name in SERVICES}), st.floats(0.05, 0.5), st.floats(-30, 0))
def test_less_of_any_service_or_colder_never_warms_homes(services, less, outdoor):
    case = settled()
    base = course(case, 12, outdoor=outdoor, **services)[-1].cold_share.sum()
    for name in set(SERVICES) - {"network"}:  # homes that are cut off leave more heat to the others
        worse = services | {name: services[name] * less}
        assert course(case, 12, outdoor=outdoor, **worse)[-1].cold_share.sum() >= base - 1e-9, name
    assert course(case, 12, outdoor=outdoor - 5, **services)[-1].cold_share.sum() >= base - 1e-9


def test_leakier_archetypes_cool_faster():
    steps = course(settled(**BARE), 12, network=0.0, outdoor=-20.0, home_power=0.0)
    order = ["panel_16_storey_corner_flat", "panel_5_9_storey_uninsulated", "panel_improved_project",
             "brick_khrushchovka", "stalinka_thick_brick", "post_2007_insulated"]  # fmt: skip
    values = [idle_air(steps[-1:], ARCHETYPES.index(name))[0] for name in order]
    assert values == sorted(values)


def test_the_states_of_homes_are_the_ones_documented():
    assert HEAT_STATES == ("connected", "no_circulation", "drained", "frozen", "refilling")


def test_heat_that_radiators_give_is_heat_that_sources_gave():
    steps = course(settled(**BARE), 48, outdoor=-12.0, network=0.5)
    lag = 0.55
    for before, after in itertools.pairwise(steps):
        given_w = after.supplied_mw[0, 0] * 1e6 / 10e6 / after.share[CONNECTED, 0, 0]
        old, new = before.state.radiator_w[CONNECTED, 0, 0, 0], after.state.radiator_w[CONNECTED, 0, 0, 0]
        assert new == pytest.approx(given_w + (old - given_w) * np.exp(-1 / lag), rel=1e-9)


def test_radiators_give_at_most_what_covers_the_design_difference_and_own_boilers_more(town):
    scenario, homes, settings = town
    assert homes.radiator_w[0, 0, 0] == pytest.approx(1.95 * 40)
    assert homes.own_w[0] * scenario.own_heat_margin == pytest.approx(2.75 * 40 * 1.6)
    state = warm_start(homes, settings, np.full(3, -10.0), 1)
    frozen = dataclasses.replace(state, mass_c=np.zeros_like(state.mass_c), own_mass_c=np.zeros_like(state.own_mass_c))
    one = np.ones((1, 3))
    there = HeatServices(outdoor_c=np.full(3, -10.0), source=one, network=one, chp=one, plant_power=one,
                         backup=0 * one, home_power=one, fuel=one, mains=one, mobile_mw=0 * one)  # fmt: skip
    got = step_homes(homes, frozen, settings, there, step_h=1.0)
    assert got.need_mw[0, 0] == pytest.approx(780.0)  # 10 million m² at 78 W
