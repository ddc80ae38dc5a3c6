import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.services.water import build_waterworks, full, step_water


@pytest.fixture(scope="module")
def works():
    return build_waterworks(read_network("three-region"))


def advance(works, hours, *, stations=1.0, plant=1.0, home=1.0, state=None):
    state = state or full(works, 1)
    one = np.ones((1, 3))
    shown = []
    for _ in range(hours):
        got = step_water(
            works, state, stations_left=stations * one, plant_power=plant * one, home_power=home * one,
            pump_margin=1.2, step_h=1.0,
        )  # fmt: skip
        state = got.state
        shown.append(got)
    return shown


def test_taps_run_dry_after_the_hours_that_the_reservoir_holds(works):
    served = [step.mains_share[0, 0] for step in advance(works, 8, plant=0.0)]
    assert served == pytest.approx([1, 1, 1, 1, 1, 1, 0, 0])


def test_half_the_stations_lost_leaves_half_the_city_dry_and_the_rest_served(works):
    served = [step.mains_share[0, 0] for step in advance(works, 8, stations=0.5)]
    assert served == pytest.approx([1] * 6 + [0.5, 0.5])


def test_high_floors_lose_water_with_their_power(works):
    got = advance(works, 1, home=0.25)[0]
    assert got.mains_share[0, 0] == 1.0
    assert got.served_share[0, 0] == pytest.approx(1 - 0.2 * 0.75)


def test_reservoirs_refill_with_the_margin_of_the_pumps(works):
    empty = advance(works, 10, plant=0.0)[-1].state
    stored = [step.stored_m3[0, 0] for step in advance(works, 3, state=empty)]
    assert stored == pytest.approx([2000.0, 4000.0, 6000.0])  # 0.2 of 10,000 m³/h


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_water_balance_closes_and_shares_stay_within_bounds(course):
    works = build_waterworks(read_network("three-region"))
    state = full(works, 1)
    one = np.ones((1, 3))
    for stations, power in course:
        before = works.storage_m3 * ((1 - state.without) * state.fill[0] + state.without * state.fill[1])
        got = step_water(
            works, state, stations_left=stations * one, plant_power=power * one, home_power=one, pump_margin=1.2,
            step_h=1.0,
        )  # fmt: skip
        state = got.state
        drawn = got.mains_share * works.demand_m3_per_h
        pumped = got.stored_m3 - before + drawn  # what pumps must have given
        assert (pumped <= 1.2 * power * stations * works.demand_m3_per_h + 1e-6).all()
        assert (pumped >= -1e-6).all()
        assert (got.served_share >= 0).all()
        assert (got.served_share <= 1 + 1e-12).all()
        assert (got.stored_m3 <= works.storage_m3 * (1 + 1e-12)).all()


def test_a_network_without_water_systems_has_none(folder):
    (folder / "water_systems.csv").unlink()
    assert build_waterworks(read_network(folder)) is None
    assert gm.water.build_waterworks is build_waterworks


def test_losses_on_the_way_are_pumped_too(works):
    assert works.demand_m3_per_h == pytest.approx(
        np.array([10_000, 6_000, 4_000])
    )  # 120,000 a day at taps, half is lost


def test_taps_deliver_by_the_root_of_pressure_up_to_full_service():
    assert gm.water.delivery(np.array([0.0, 17.57 / 4, 17.57, 40.0])) == pytest.approx([0, 0.5, 1, 1])


def test_sewage_backs_up_after_its_hold_where_stations_are_lost_and_never_where_power_only_rotates(works):
    one = np.ones((1, 3))
    state, shown = full(works, 1), []
    for _ in range(30):
        got = step_water(
            works, state, stations_left=one, plant_power=one, home_power=one, pump_margin=1.2, step_h=1.0,
            lift_left=0.25 * one, lift_power=0.7 * one,
        )  # fmt: skip
        state = got.state
        shown.append(got.sewage_share[0, 0])
    assert shown == pytest.approx([0, 0, 0] + [0.75] * 27)  # 4 hours; the others have power seven hours of ten


def test_sewage_backs_up_for_all_in_a_long_blackout(works):
    one, state = np.ones((1, 3)), full(works, 1)
    for _ in range(6):
        got = step_water(
            works, state, stations_left=one, plant_power=0 * one, home_power=one, pump_margin=1.2, step_h=1.0,
            lift_power=0 * one,
        )  # fmt: skip
        state = got.state
    assert got.sewage_share[0, 0] == pytest.approx(1.0)


def test_burst_risers_leave_their_homes_dry(works):
    one = np.ones((1, 3))
    got = step_water(
        works, full(works, 1), stations_left=one, plant_power=one, home_power=one, pump_margin=1.2, step_h=1.0,
        dry_risers=0.3 * one,
    )  # fmt: skip
    assert got.served_share[0, 0] == pytest.approx(0.7)
    assert got.litres[0, 0] == pytest.approx(0.7 * 120)
    assert gm.water.below_litres(got.served_share, works.litres, 50.0)[0, 0] == pytest.approx(0.3)
    assert gm.water.below_litres(got.served_share, works.litres, 150.0)[0, 0] == 1.0
