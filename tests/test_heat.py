import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.heat import build_homes, step_homes, warm_start
from gridmodel.heat.homes import CONNECTED, move_heat, reconnect
from gridmodel.names import ARCHETYPES, HEAT_STATES, OWN_HEAT
from gridmodel.network import read_network

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


@given(st.floats(0, 1), st.floats(0, 1))
def test_homes_that_change_state_carry_their_heat(before, after):
    mass = np.array([[[[18.0, 4.0]]]])
    moved = move_heat(mass, np.array([[before]]), np.array([[after]]))
    held = before * 18.0 + (1 - before) * 4.0
    assert after * moved[0, 0, 0, 0] + (1 - after) * moved[0, 0, 0, 1] == pytest.approx(held, abs=1e-9)
    assert (moved >= 4.0 - 1e-9).all()
    assert (moved <= 18.0 + 1e-9).all()


def test_half_the_homes_come_back_in_tau_times_log_two():
    share = np.array([[0.0]])
    for _ in range(50):
        share = reconnect(share, np.array([[1.0]]), tau_h=np.array([[50 / np.log(2)]]), step_h=1.0)
    assert share[0, 0] == pytest.approx(0.5)


@pytest.fixture
def town(three):
    scenario = three()
    homes = build_homes(read_network("three-region"), scenario)
    return scenario, homes


def advance(town, hours, *, source=1.0, network=1.0, power=1.0, plant=1.0, fuel=1.0, outdoor=-10.0):
    scenario, homes = town
    state = warm_start(homes, scenario, np.full(3, outdoor), 1)
    one = np.ones((1, 3))
    for _ in range(hours):
        got = step_homes(
            homes, state, scenario, outdoor_c=np.full(3, outdoor), source_left=source * one, network_left=network * one,
            plant_power=plant * one, home_power=power * one, fuel=fuel * one, tau_h=np.array([[50.0]]),
        )  # fmt: skip
        state = got.state
    return got


def test_without_damage_every_home_stays_at_the_set_point_at_the_design_temperature(town):
    got = advance(town, 200, outdoor=-20.0)
    air = got.air_c[0, 0, : len(ARCHETYPES), CONNECTED]
    assert air == pytest.approx(20.0, abs=1e-6)
    assert got.cold_share.max() == 0.0
    assert (got.supplied_mw == got.need_mw).all()


def test_losing_half_the_source_leaves_half_the_homes_cold_and_the_rest_warm(town):
    got = advance(town, 48, source=0.5)
    assert got.home_share[0, 0] == pytest.approx([0.5, 0.5])
    assert got.air_c[0, 0, 0, CONNECTED] == pytest.approx(20.0, abs=1e-6)
    assert got.air_c[0, 0, 0, 1] < 5.0


def test_with_loss_split_zero_the_loss_dilutes_all_homes(town):
    scenario, homes = town
    got = advance((scenario.replace(loss_split=0.0), homes), 48, source=0.5)
    assert got.home_share[0, 0] == pytest.approx([1.0, 0.0])
    assert 5.0 < got.air_c[0, 0, 0, CONNECTED] < 15.0
    assert np.isnan(got.air_c[0, 0, 0, 1])


def test_a_gas_boiler_that_needs_power_fails_without_it_and_the_others_do_not(town):
    got = advance(town, 48, power=0.0)
    own = dict(zip(OWN_HEAT, got.air_c[0, 0, len(ARCHETYPES) :, CONNECTED], strict=True))
    assert own["own_gas_powered"] < 0.0
    assert own["own_electric"] < 0.0
    assert own["own_gas_gravity"] == pytest.approx(20.0, abs=1e-6)
    assert own["own_stove"] == pytest.approx(20.0, abs=1e-6)


def test_own_heating_catches_up_when_power_comes_back_for_part_of_the_time(town):
    assert advance(town, 300, power=0.9, outdoor=-5.0).air_c[0, 0, len(ARCHETYPES), CONNECTED] == pytest.approx(
        20, abs=1e-3
    )


@given(
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 0.5),
)  # fmt: skip
def test_less_of_any_service_never_warms_homes(town_source, network, power, less):
    from gridmodel.scenario import make_scenario

    scenario = make_scenario(
        {"name": "x", "network": "three-region", "weather": "three-region", "start": "2026-01-05", "end": "2026-01-06"}
    )
    town = scenario, build_homes(read_network("three-region"), scenario)
    base = advance(town, 12, source=town_source, network=network, power=power).cold_share.sum()
    for worse in ({"source": town_source * less}, {"network": network * less}, {"power": power * less}):
        values = {"source": town_source, "network": network, "power": power} | worse
        assert advance(town, 12, **values).cold_share.sum() >= base - 1e-9


def test_leakier_archetypes_cool_faster(town):
    air = advance(town, 12, network=0.0, outdoor=-20.0).air_c[0, 0, :, 1]
    named = dict(zip(ARCHETYPES, air, strict=False))
    order = ["panel_16_storey_corner_flat", "panel_5_9_storey_uninsulated", "panel_improved_project",
             "brick_khrushchovka", "stalinka_thick_brick", "post_2007_insulated"]  # fmt: skip
    values = [named[name] for name in order]
    assert values == sorted(values)


def test_the_states_of_homes_are_the_ones_documented():
    assert HEAT_STATES == ("connected", "no_circulation")


def test_radiators_give_at_most_what_covers_the_design_difference_and_own_boilers_a_fifth_more(town):
    scenario, homes = town
    assert homes.radiator_w[0, 0] == pytest.approx(1.95 * 40)
    assert homes.own_w[0, 0] == pytest.approx(2.75 * 40 * 1.2)
    state = warm_start(homes, scenario, np.full(3, -10.0), 1)
    import dataclasses

    frozen = dataclasses.replace(state, mass_c=np.zeros_like(state.mass_c), own_mass_c=np.zeros_like(state.own_mass_c))
    one = np.ones((1, 3))
    got = step_homes(
        homes, frozen, scenario, outdoor_c=np.full(3, -10.0), source_left=one, network_left=one, plant_power=one,
        home_power=one, fuel=one, tau_h=np.array([[50.0]]),
    )  # fmt: skip
    assert got.need_mw[0, 0] == pytest.approx(780.0)  # 10 million m² at 78 W
