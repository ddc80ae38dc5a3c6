"""Homes that heat themselves in long cuts: backup, stoves to fall back on, boilers that catch up, people who leave."""

import numpy as np
import pytest
from conftest import LONG
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import BARE, course, settled

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.services.heat import build_homes, own, own_shares
from gridmodel.services.heat.leaving import left_share
from gridmodel.services.heat.own import OWN_KINDS, bridged, shown_shares
from gridmodel.services.heat.states import CONNECTED
from gridmodel.vocabulary import ARCHETYPES, OWN_HEAT

DETACHED = gm.heat.Building(
    floor_area_m2=1.0, internal_surface_m2=4.5, mass_area_m2=2.5, capacity_j_per_k=200e3,
    h_window_w_per_k=0.45, h_opaque_w_per_k=1.7, h_ventilation_w_per_k=0.6,
)  # fmt: skip
DESIGN_W = 2.75 * 40.0


def own_air(step):
    """Return the air of homes that heat themselves, by kind."""
    return dict(zip(OWN_HEAT, step.air_c[0, 0, len(ARCHETYPES) :, CONNECTED], strict=True))


def test_kinds_of_own_heating_are_split_by_hand():
    # 0.4 powered, 0.4 gravity, 0.15 stove, 0.05 electric; 0.3 of the powered have backup and 0.25 a stove
    _, _, numbers = settled(own_backup_share=[0.3, 0.3], own_fallback_stove_share=[0.25, 0.25])
    got = own_shares(np.array([0.4, 0.4, 0.15, 0.05])[:, None, None], numbers)[:, 0, 0]
    by_kind = dict(zip(OWN_KINDS, got, strict=True))
    assert by_kind == pytest.approx({
        "own_gas_powered": 0.4 * (1 - 0.3 - 0.25), "own_gas_gravity": 0.4, "own_stove": 0.15, "own_electric": 0.05 * 0.75,
        "own_gas_backed": 0.4 * 0.3, "own_with_stove": 0.25 * 0.4, "own_electric_with_stove": 0.25 * 0.05,
    })  # fmt: skip
    assert got.sum() == pytest.approx(1.0)
    assert shown_shares(got[:, None, None])[OWN_HEAT.index("own_with_stove")] == pytest.approx(0.25 * (0.4 + 0.05))


def test_an_inverter_keeps_a_boiler_on_for_as_long_as_it_lasts_and_no_longer():
    steps = course(settled(own_backup_h=10.0, **BARE), 20, home_power=0.0)
    air = np.array([own_air(step)["own_gas_backed"] for step in steps])
    assert air[:10] == pytest.approx(np.full(10, 20.0), abs=1e-6)
    assert (np.diff(air[9:]) < 0).all()
    assert air[10] < 19.0
    dark = course(settled(own_backup_h=10.0, **BARE), 1, home_power=0.0)[0]
    assert air[10] == pytest.approx(own_air(dark)["own_gas_powered"])  # cools as if the power had just gone


def test_an_inverter_charges_while_there_is_power():
    # two hours of battery, nine hours of grid in ten at four hours of boiler an hour: full again at once
    share, charge = bridged(np.array(0.0), np.array(0.9), lasts_h=2.0, charge_ratio=4.0, step_h=1.0)
    assert (share, charge) == (0.0, 2.0)
    # a grid that is on for a fifth of the time charges 0.8 h and the boiler uses 0.8 h: it never stops
    charge = np.array(1.0)
    for _ in range(100):
        share, charge = bridged(charge, np.array(0.2), lasts_h=16.0, charge_ratio=4.0, step_h=1.0)
    assert share == pytest.approx(0.8)
    assert charge == pytest.approx(1.0)
    # at a tenth it charges 0.4 h where 0.9 h are wanted
    for _ in range(100):
        share, charge = bridged(charge, np.array(0.1), lasts_h=16.0, charge_ratio=4.0, step_h=1.0)
    assert share == pytest.approx(0.4)


@given(st.floats(0, 20), st.floats(0, 1), st.floats(0, 8))
def test_an_inverter_gives_the_same_in_one_hour_as_in_four_quarters(charge_h, power, ratio):
    whole, after = bridged(np.array(charge_h), np.array(power), lasts_h=20.0, charge_ratio=ratio, step_h=1.0)
    charge, given_h = np.array(charge_h), 0.0
    for _ in range(4):
        share, charge = bridged(charge, np.array(power), lasts_h=20.0, charge_ratio=ratio, step_h=0.25)
        given_h += 0.25 * share
    assert whole <= given_h + 1e-9  # quarters also use what the first of them charged
    assert given_h - whole <= ratio * power + 1e-9
    assert 0.0 <= charge <= 20.0
    assert 0.0 <= after <= 20.0


def test_no_home_has_both_backup_and_a_stove():
    # of 0.25 of all homes with boilers that need power 0.7 have backup; 0.6 would have a stove, and the other 0.3 do
    _, _, numbers = settled(own_backup_share=[0.7, 0.7], own_fallback_stove_share=[0.6, 0.6])
    got = own_shares(np.full((4, 1, 1), 0.25), numbers)[:, 0, 0]
    found = [got[OWN_HEAT.index(name)] for name in ("own_gas_powered", "own_gas_backed", "own_electric")]
    assert found == pytest.approx([0.0, 0.25 * 0.7, 0.25 * 0.4], abs=1e-12)
    assert got.sum() == pytest.approx(1.0)


def test_a_boiler_with_backup_needs_gas_as_any_other():
    # power for half of the time and an inverter for a quarter, with half of the gas
    half, run = np.full((1, 1), 0.5), {}
    for name in ("own_gas_powered", "own_gas_gravity", "own_stove", "own_electric", "own_gas_backed"):
        place = OWN_HEAT.index(name)
        kinds = slice(place, place + 1)
        run[name] = own.running_share(power=half, fuel=half, backup=half / 2, kinds=kinds).item()
    assert run == pytest.approx({
        "own_gas_powered": 0.25, "own_gas_gravity": 0.5, "own_stove": 1.0, "own_electric": 0.5, "own_gas_backed": 0.375,
    })  # fmt: skip


def test_homes_that_heat_themselves_have_floors_of_the_size_that_homes_on_district_heat_have(folder, replace_cell):
    # four fifths of all homes have 10 million m², so that the other fifth has a quarter of it; elsewhere half have half
    replace_cell("heat_systems", 2, "district_heat_share", "0.8")
    scenario, _, numbers = settled()
    homes = build_homes(read_network(str(folder)), scenario, numbers)
    assert homes.own_floor_m2 == pytest.approx([2.5e6, 6e6, 4e6])


def steady_air(heat_w, outdoor):
    """Return the air of a detached home under constant heat: balances of air, surfaces and mass, solved on their own."""
    h_is, h_ms, vent, window, opaque = 3.45 * 4.5, 9.1 * 2.5, 0.6, 0.45, 1.7
    radiant = 0.5 * heat_w
    to_mass = radiant * 2.5 / 4.5
    to_surface = radiant - to_mass - radiant * window / (9.1 * 4.5)
    balance = [[h_is + vent, -h_is, 0], [-h_is, h_is + window + h_ms, -h_ms], [0, -h_ms, h_ms + opaque]]
    comes = [vent * outdoor + 0.5 * heat_w, window * outdoor + to_surface, opaque * outdoor + to_mass]
    return float(np.linalg.solve(balance, comes)[0])


def test_a_stove_to_fall_back_on_holds_what_its_heat_holds():
    got = own_air(course(settled(own_fallback_stove_heat=0.6, **BARE), 400, home_power=0.0)[-1])
    assert got["own_with_stove"] == pytest.approx(steady_air(0.6 * DESIGN_W, -10.0), abs=0.01)
    assert 14.0 < got["own_with_stove"] < 15.5  # 66 W/m² over at most 2.75 W/(m² K) above -10 °C
    assert got["own_gas_powered"] < -9.0
    without = own_air(course(settled(own_fallback_stove_heat=0.0, **BARE), 400, home_power=0.0)[-1])
    assert without["own_with_stove"] == pytest.approx(without["own_gas_powered"])


def test_a_stove_to_fall_back_on_burns_only_while_the_boiler_is_off():
    # half the time at -35 °C both give all that they can: 0.5 · 1.2 · 110 and 0.5 · 0.6 · 110 W/m²
    got = own_air(course(settled(own_heat_margin=1.2, **BARE), 400, outdoor=-35.0, home_power=0.5)[-1])
    assert got["own_with_stove"] == pytest.approx(steady_air((0.6 + 0.3) * DESIGN_W, -35.0), abs=0.01)


def taking_turns(cycle_h, on_h, hours=240, outdoor=-10.0, margin=1.6):
    """Return the mean air over the last cycle of a home whose boiler has power for some hours of each cycle."""
    mass = gm.heat.steady_mass(DETACHED, outdoor_c=outdoor, set_point_c=20.0)
    air = []
    for step in range(hours * 4):
        has_power = (step / 4) % cycle_h < on_h
        need = gm.heat.heating_need(
            DETACHED, mass_c=mass, outdoor_c=outdoor, set_point_c=20.0, step_s=900.0, limit_w=margin * DESIGN_W
        )
        got = gm.heat.step(
            DETACHED, mass_c=mass, outdoor_c=outdoor, heating_w=float(need) if has_power else 0.0, step_s=900.0
        )
        mass = got.mass_c
        air.append(float(got.air_c))
    return float(np.mean(air[-4 * cycle_h :]))


@pytest.mark.parametrize(
    ("cycle_h", "on_h"), [(4, 1), *(pytest.param(*case, marks=pytest.mark.gate) for case in ((4, 2), (4, 3))), (8, 4)]
)
def test_a_boiler_that_catches_up_keeps_a_home_as_warm_as_a_single_home_that_takes_turns(cycle_h, on_h):
    share = own_air(course(settled(**BARE), 240, home_power=on_h / cycle_h)[-1])["own_gas_powered"]
    assert share == pytest.approx(taking_turns(cycle_h, on_h), abs=2.5)


@pytest.mark.gate  # at each edit: stoves, by what their heat holds
def test_a_larger_boiler_catches_up_and_a_smaller_one_does_not():
    # half the time at -16 °C the small one is on without pause and gives 0.5 · 1.2 · 110 W/m²; the large one does not
    small, large = (
        own_air(course(settled(own_heat_margin=margin, **BARE), 400, outdoor=-16.0, home_power=0.5)[-1])
        for margin in (1.2, 1.8)
    )
    assert small["own_gas_powered"] == pytest.approx(steady_air(0.5 * 1.2 * DESIGN_W, -16.0), abs=0.01)
    assert large["own_gas_powered"] > small["own_gas_powered"] + 4.0
    assert large["own_gas_powered"] == pytest.approx(taking_turns(2, 1, outdoor=-16.0, margin=1.8), abs=1.0)


def test_people_leave_cold_homes_after_a_day_and_are_counted_among_those_without_heat():
    town = settled(leave_share=[0.4, 0.4], own_backup_h=0.0, **BARE)
    steps = course(town, 100, outdoor=-20.0, network=0.0, home_power=0.0)
    left = np.array([step.left_share[0, 0] for step in steps])
    cold = np.array([step.cold_share[2, 0, 0] for step in steps])
    assert left[:24].max() == 0.0
    hours = steps[-1].state.own_cold_h[0, 0, 0]
    of_own = 0.4 * (1 - np.exp(-(hours - 24.0) / 48.0))
    assert 0.0 < left[-1] <= of_own * cold[-1] + 1e-9
    assert left[-1] == pytest.approx(of_own * cold[-1], rel=0.1)
    stay = course(
        settled(leave_share=[0.0, 0.0], own_backup_h=0.0, **BARE), 100, outdoor=-20.0, network=0.0, home_power=0.0
    )
    assert stay[-1].cold_share[2, 0, 0] == cold[-1]  # a home that people left is no warmer
    assert max(step.left_share.max() for step in stay) == 0.0


def test_nobody_leaves_a_home_that_heaters_keep_bearable():
    town = settled(leave_share=[0.4, 0.4], heater_uptake=1.0, heater_diversity=1.0, heater_cap_kw=6.0)
    got = course(town, 60, outdoor=0.0, network=0.0)[-1]
    assert got.state.cold_h.max() > 24.0
    assert np.nanmin(got.air_c[0, 0, : len(ARCHETYPES), 1:]) > 12.0
    assert got.left_share.max() == 0.0


def test_people_return_when_their_home_is_warm_again():
    town = settled(leave_share=[0.4, 0.4], own_backup_h=0.0, **BARE)
    cold = course(town, 80, home_power=0.0)
    assert cold[-1].left_share[0, 0] > 0.0
    warm = course(town, 40, state=cold[-1].state)
    assert warm[-1].left_share.max() == 0.0


def test_as_many_leave_as_the_time_constant_says():
    got = left_share(np.array([24.0, 24.0 + 48.0]), most=0.4, after_h=24.0, tau_h=48.0)
    assert got == pytest.approx([0.0, 0.4 * (1 - np.exp(-1))])


HELP = {"own_heat_margin": (1.2, 2.0), "own_backup_h": (0.0, 16.0), "own_fallback_stove_heat": (0.2, 0.7)}
SHARES = {"own_backup_share": 0.5, "own_fallback_stove_share": 0.4}


@settings(max_examples=6, deadline=None)
@given(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]), st.floats(-25, 0), st.floats(0, 1))
def test_more_backup_stoves_or_boiler_never_cool_a_home(power, fuel, outdoor, part):
    base = {name: low + part * (high - low) / 2 for name, (low, high) in HELP.items()}
    base |= {name: [part * most / 2] * 2 for name, most in SHARES.items()}
    cold = course(settled(**base), 30, outdoor=outdoor, home_power=power, fuel=fuel)[-1]
    for name, (_, high) in HELP.items():
        more = course(settled(**(base | {name: high})), 30, outdoor=outdoor, home_power=power, fuel=fuel)[-1]
        assert more.cold_share.sum() <= cold.cold_share.sum() + 1e-9, name
    for name, most in SHARES.items():
        more = course(settled(**(base | {name: [most, most]})), 30, outdoor=outdoor, home_power=power, fuel=fuel)[-1]
        assert more.cold_share.sum() <= cold.cold_share.sum() + 1e-9, name


@pytest.mark.gate  # at each edit: stoves and catching up, each by itself
def test_with_nuclear_power_halved_far_fewer_homes_freeze_than_without_backup_stoves_and_catching_up():
    scenario = gm.load_scenario("january-2026").replace(
        deterministic=True,
        availability={"nuclear": 0.5},
        events=[],
        start="2026-01-13 00:00",
        end="2026-01-23 00:00" if LONG else "2026-01-19 00:00",
    )
    bare = {"own_heat_margin": 1.2, "own_backup_share": [0.0, 0.0], "own_fallback_stove_share": [0.0, 0.0]}
    worst = {}
    for name, changes in (("now", {}), ("bare", bare)):
        cold = gm.run(scenario.replace(**changes))["people_without_heat"].sum("region")
        worst[name] = float(cold.sum("time").mean()), float(cold.max("time").mean())
    assert worst["bare"][1] > 6e6  # nothing of the kind was reported
    # fewer would be cold if those in the queues had power at times: most days all twelve sub-queues are off
    assert worst["now"][0] < 0.75 * worst["bare"][0]
    assert worst["now"][1] < 0.83 * worst["bare"][1]
