import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.services.water import build_waterworks, day_of_use, full, leak, step_water
from gridmodel.simulation.inputs import run_inputs


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


@given(
    st.lists(st.tuples(*[st.floats(0, 1)] * 4, st.floats(0.2, 2.0), st.floats(0, 5000)), min_size=1, max_size=30),
    st.sampled_from([0.25, 0.5, 1.0]),
)
def test_what_pumps_give_is_drawn_or_leaks_or_is_stored_and_shares_stay_within_bounds(course, step_h):
    works = build_waterworks(read_network("three-region"))
    state = full(works, 1)
    one = np.ones((1, 3))
    for stations, power, home, burst, use, lost in course:
        before = works.storage_m3 * ((1 - state.without) * state.fill[0] + state.without * state.fill[1])
        got = step_water(
            works, state, stations_left=stations * one, plant_power=power * one, home_power=home * one,
            pump_margin=1.2, step_h=step_h, use=use, dry_risers=burst * one, burst_m3_per_h=lost * one,
        )  # fmt: skip
        state = got.state
        pumped, drawn, leaked = got.pumped_m3_per_h, got.drawn_m3_per_h, got.leaked_m3_per_h
        assert (pumped - drawn - leaked) * step_h == pytest.approx(got.stored_m3 - before, abs=1e-6)
        assert (pumped <= 1.2 * power * stations * works.demand_m3_per_h + 1e-6).all()
        assert (pumped >= -1e-6).all()
        # people who get water draw what they use: litres times people, at the hour's rate
        people = np.array([1_000_000, 600_000, 400_000])
        assert drawn == pytest.approx(got.litres * people / 24_000 * use, abs=1e-6)
        assert leaked == pytest.approx(got.mains_share * (works.loss_m3_per_h + lost), abs=1e-6)
        dry = (1 - got.mains_share) + got.dry_risers + got.dry_high_floors
        assert 1 - got.served_share == pytest.approx(dry, abs=1e-12)
        for share in (got.served_share, got.mains_share, got.dry_risers, got.dry_high_floors):
            assert (share >= 0).all()
            assert (share <= 1 + 1e-12).all()
        assert (got.stored_m3 <= works.storage_m3 * (1 + 1e-12)).all()


def test_a_network_without_water_systems_has_none(folder):
    (folder / "water_systems.csv").unlink()
    assert build_waterworks(read_network(folder)) is None
    assert gm.water.build_waterworks is build_waterworks


def test_losses_on_the_way_are_pumped_too(works):
    assert works.demand_m3_per_h == pytest.approx(
        np.array([10_000, 6_000, 4_000])
    )  # 120,000 a day at taps, half is lost


def test_use_over_the_day_is_the_textbook_curve_and_its_mean_is_one():
    use = day_of_use(np.arange(24))
    assert use.mean() == pytest.approx(1.0)
    assert (use.argmax(), use.argmin()) == (9, 2)
    assert use.max() == pytest.approx(5.6 * 24 / 100)  # 5.6 % of the day's water from 9 to 10
    assert day_of_use(np.arange(24), 0.0) == pytest.approx(1.0)
    assert day_of_use(np.array([9]), 0.5) == pytest.approx(1.172)
    assert (day_of_use(np.arange(24), 2.0) > 0).all()


def test_reservoirs_without_pumps_last_longer_through_the_night_than_through_the_morning(works):
    """60,000 m³, 5,000 m³/h of losses, 5,000 at taps times the hour of the day."""

    def hours_of_water(first):
        left, hours, state = 60_000.0, 0.0, full(works, 1)
        for hour in range(first, first + 12):
            demand = 5_000 + 5_000 * day_of_use(np.array(hour % 24))
            got = step_water(
                works, state, stations_left=np.ones((1, 3)), plant_power=np.zeros((1, 3)), home_power=np.ones((1, 3)),
                pump_margin=1.2, step_h=1.0, use=day_of_use(np.array([[hour % 24]])),
            )  # fmt: skip
            state = got.state
            assert got.mains_share[0, 0] == pytest.approx(min(left / demand, 1.0))
            hours += min(left / demand, 1.0)
            left = max(left - demand, 0.0)
            assert got.stored_m3[0, 0] == pytest.approx(left)
        return hours

    night, morning = hours_of_water(0), hours_of_water(7)
    assert morning < 6 < night
    assert (night, morning) == pytest.approx((6.704, 5.498), abs=0.001)


def test_a_waterworks_with_a_reservoir_carries_the_morning_that_its_pumps_alone_do_not(works):
    """At 9 o'clock 1.344 times the mean of taps; of a tenth of losses 1.31 of the mean, and pumps give 1.2."""
    tight = dataclasses.replace(works, loss_m3_per_h=0.1 * works.demand_m3_per_h)
    bare = dataclasses.replace(tight, storage_m3=np.zeros(3))
    shown = {}
    for name, case in (("with", tight), ("without", bare)):
        got = step_water(
            case, full(case, 1), stations_left=np.ones((1, 3)), plant_power=np.ones((1, 3)),
            home_power=np.ones((1, 3)), pump_margin=1.2, step_h=1.0, use=day_of_use(np.array([[9]])),
        )  # fmt: skip
        shown[name] = got.served_share[0, 0]
    assert shown == pytest.approx({"with": 1.0, "without": 1.2 / (0.1 + 0.9 * 1.344)})


def test_pumps_at_part_of_their_power_serve_that_part_of_the_streets_once_reservoirs_are_empty(works):
    """No law of pressure: what flows is what counts, so three quarters of the pumps give 0.9 of the mean."""
    served = [step.mains_share[0, 0] for step in advance(works, 80, plant=0.75)]
    assert served[58] == 1.0
    assert served[-1] == pytest.approx(0.9)  # 60,000 m³ last sixty hours at 1,000 m³/h


def test_dry_taps_draw_nothing_so_that_reservoirs_last_longer(works):
    """Half of the 10,000 m³/h is lost on the way; a fifth lives high, so without power taps draw 4,000."""
    served = [step.mains_share[0, 0] for step in advance(works, 8, plant=0.0, home=0.0)]
    assert served == pytest.approx([1, 1, 1, 1, 1, 1, 6000 / 9000, 0])


def test_burst_buildings_take_water_from_the_rest_while_the_street_has_some(works):
    """A tenth of homes burst: taps draw 4,500, mains lose 5,000, bursts 2,500 m³/h: 12,000 m³/h empty 60,000 in five."""
    one, state = np.ones((1, 3)), full(works, 1)
    shown = []
    for _ in range(7):
        got = step_water(
            works, state, stations_left=one, plant_power=0 * one, home_power=one, pump_margin=1.2, step_h=1.0,
            dry_risers=0.1 * one, burst_m3_per_h=np.array([[2500.0, 0, 0]]),
        )  # fmt: skip
        state = got.state
        shown.append(got)
    assert [step.mains_share[0, 0] for step in shown] == pytest.approx([1, 1, 1, 1, 1, 0, 0])
    assert [step.leaked_m3_per_h[0, 0] for step in shown] == pytest.approx([7500] * 5 + [0, 0])
    assert [step.served_share[0, 0] for step in shown] == pytest.approx([0.9] * 5 + [0, 0])
    pumped = step_water(  # pumps at full power cannot keep up with them either: 12,000 of 14,500
        works, state, stations_left=one, plant_power=one, home_power=one, pump_margin=1.2, step_h=1.0,
        dry_risers=0.1 * one, burst_m3_per_h=np.array([[5000.0, 0, 0]]),
    )  # fmt: skip
    assert pumped.mains_share[0, 0] == pytest.approx(12_000 / 14_500)
    assert pumped.served_share[0, 0] == pytest.approx(0.9 * 12_000 / 14_500)


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_a_building_that_bursts_loses_its_flow_for_as_long_as_it_takes_to_shut_a_valve(step_h):
    """Ten buildings at once: ten times six hours in all, of which 1 - exp(-12 / 6) in the first twelve."""
    leaking, hours = np.full(1, 10.0), 0.0
    for _ in range(round(12 / step_h)):
        mean, leaking = leak(leaking, np.zeros(1), shut_off_h=6.0, step_h=step_h)
        hours += mean[0] * step_h
    assert hours == pytest.approx(60 * (1 - np.exp(-2)))
    assert leaking[0] == pytest.approx(10 * np.exp(-2))


@pytest.mark.parametrize("step_h", [0.25, 0.5, 1.0])
def test_buildings_that_burst_one_after_the_other_leak_as_by_the_second_whatever_the_step(step_h):
    """Twelve in two hours, beside four that leaked before."""
    leaking, hours, by_second, leaked_h = np.full(1, 4.0), 0.0, 4.0, 0.0
    for _ in range(round(2 / step_h)):
        mean, leaking = leak(leaking, np.full(1, 6.0 * step_h), shut_off_h=6.0, step_h=step_h)
        hours += mean[0] * step_h
    for _ in range(7200):
        before, by_second = by_second, by_second + 12 / 7200 - by_second / (6 * 3600)
        leaked_h += (before + by_second) / 7200
    assert leaking[0] == pytest.approx(by_second, abs=1e-3)
    assert hours == pytest.approx(leaked_h, abs=1e-3)


def test_pipes_that_burst_in_a_run_take_water_from_the_rest(three):
    """TR-1 without heat, and without pumps from two hours before the first pipes burst: only leaks differ."""
    events = [{"time": "2026-01-05 00:00", "target": "TR-1/heat_network", "kind": "outage", "share": 0.9},
              {"time": "2026-01-07 15:00", "target": "TR-1/water_pumping", "kind": "outage", "share": 1.0}]  # fmt: skip
    cold = {"cooker_w_per_m2": 0.0, "internal_gain_w_per_m2": 0.0, "heater_feedback": False, "settled_for_c": 0.0}
    none, some = (
        gm.run(three(events=events, end="2026-01-08", burst_leak_m3_per_h=flow, **cold))
        .sel(region="TR-1").isel(member=0).transpose("time", ...)
        for flow in (0.0, 2.0)
    )  # fmt: skip
    # ice grows evenly: burst are e at the end of the first hour with bursts and r more in the next, of which people with
    # dry taps show the means, e² / 2r and e + r / 2
    burst = some["people_dry_risers"].to_numpy() / 500_000 * 10e6 / 4344  # buildings of 4,344 m² each
    step = int(np.flatnonzero(burst)[0])
    first, second = burst[step : step + 2]
    each = (np.sqrt(2 * first + 2 * second) - np.sqrt(2 * first)) ** 2
    lost, leaking, stays = 0.0, 0.0, np.exp(-1 / 6)
    for new in (np.sqrt(2 * each * first), each):
        lost += 2.0 * 6 * (leaking * (1 - stays) + new * (1 - 6 * (1 - stays)))
        leaking = leaking * stays + new * 6 * (1 - stays)
        assert float(some["people_dry_street"][step]) == 0
        gap = float(none["water_stored_m3"][step] - some["water_stored_m3"][step])
        assert gap == pytest.approx(lost, rel=0.03), step
        step += 1
    assert lost > 300
    assert float(some["people_dry_street"].sum()) > float(none["people_dry_street"].sum())


def test_people_are_dry_for_one_reason_each(works):
    """Streets half dry; of the rest 0.3 have burst pipes; of the rest a fifth lives high and has power half the time."""
    one = np.ones((1, 3))
    empty = dataclasses.replace(full(works, 1), fill=np.zeros((2, 1, 3)))
    pumps = (5_000 + 5_000 * 0.7 * 0.9) / 2 / 12_000  # half of what is needed
    got = step_water(
        works, empty, stations_left=one, plant_power=pumps * one, home_power=0.5 * one, pump_margin=1.2, step_h=1.0,
        dry_risers=0.3 * one,
    )  # fmt: skip
    assert 1 - got.mains_share[0, 0] == pytest.approx(0.5)
    assert got.dry_risers[0, 0] == pytest.approx(0.5 * 0.3)
    assert got.dry_high_floors[0, 0] == pytest.approx(0.5 * 0.7 * 0.2 * 0.5)
    assert got.served_share[0, 0] == pytest.approx(0.5 * 0.7 * 0.9)


def test_the_reasons_for_dry_taps_of_a_run_add_up_and_never_exceed_the_people(three):
    events = [{"time": "2026-01-05 02:00", "target": "TR-1/water_pumping", "kind": "outage", "share": 0.5},
              {"time": "2026-01-05 02:00", "target": "TR/heat_network", "kind": "outage", "share": 0.9}]  # fmt: skip
    result = gm.run(three(events=events, end="2026-01-09", deterministic=False, members=2, cooker_w_per_m2=0.0,
                          internal_gain_w_per_m2=0.0, heater_feedback=False, settled_for_c=0.0))  # fmt: skip
    parts = [result[f"people_dry_{name}"] for name in ("street", "risers", "high_floors")]
    for part in parts:
        assert part.max() > 0
    whole = sum(parts).to_numpy()
    assert result["people_without_water"].to_numpy() == pytest.approx(whole, abs=1e-6)
    assert (result["people_without_water"] <= result["population"] + 1e-6).all()


def test_a_run_draws_by_the_clock_of_its_place(three):
    """TR-1 without stations: 60,000 m³ less losses of 5,000 and taps times the hour of the clock on the wall."""
    event = {"time": "2026-01-05 00:00", "target": "TR/water_pumping", "kind": "outage", "share": 1.0}
    for zone in ("UTC", "America/New_York"):
        result = gm.run(three(events=[event], timezone=zone, end="2026-01-05 04:00"))
        taps = result["water_served_share"].sel(region="TR-1").to_numpy().ravel()
        left = 60_000 - np.cumsum(5_000 + 5_000 * taps * day_of_use(np.arange(4)))  # the run begins at local midnight
        assert result["water_stored_m3"].sel(region="TR-1").to_numpy().ravel() == pytest.approx(left)


@pytest.mark.parametrize("step", ["15min", "30min"])
def test_water_of_short_steps_is_that_of_hours(three, step):
    event = {"time": "2026-01-05 00:00", "target": "TR/water_pumping", "kind": "outage", "share": 1.0}
    hours, short = (
        gm.run(three(events=[event], end="2026-01-05 06:00", step=length))["water_stored_m3"].sel(region="TR-1")
        for length in ("1h", step)
    )
    every = round(short.sizes["time"] / hours.sizes["time"])
    assert short.to_numpy().ravel()[every - 1 :: every] == pytest.approx(hours.to_numpy().ravel(), rel=1e-6)


def test_burst_buildings_of_a_run_are_those_of_their_homes(three):
    """All 500,000 people of TR-1 on district heat live in 10,000,000 m² of 4,344 m² a building."""
    inputs = run_inputs(three(end="2026-01-05 01:00"))
    assert inputs.parts["heat"].buildings_per_share[0] * 0.5 == pytest.approx(10e6 / 4344)


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


def test_stations_that_are_lost_are_not_among_those_that_wait_for_their_turn(works):
    # a quarter is left and has power for 0.4 of the time: of four hours' hold it fills 0.6 - 0.4 an hour and is full
    # after twenty; then 0.75 and 0.6 of the quarter back up
    one = np.ones((1, 3))
    state, shown = full(works, 1), []
    for _ in range(30):
        got = step_water(
            works, state, stations_left=one, plant_power=one, home_power=one, pump_margin=1.2, step_h=1.0,
            lift_left=0.25 * one, lift_power=0.4 * one,
        )  # fmt: skip
        state = got.state
        shown.append(got.sewage_share[0, 0])
    assert shown[:19] == pytest.approx([0] * 3 + [0.75] * 16)
    assert shown[20:] == pytest.approx([0.75 + 0.25 * 0.6] * 10)


def test_sewage_backs_up_for_all_in_a_long_blackout(works):
    one, state = np.ones((1, 3)), full(works, 1)
    for _ in range(6):
        got = step_water(
            works, state, stations_left=one, plant_power=0 * one, home_power=one, pump_margin=1.2, step_h=1.0,
            lift_power=0 * one,
        )  # fmt: skip
        state = got.state
    assert got.sewage_share[0, 0] == pytest.approx(1.0)


def sewage_course(works, steps, *, step_h=1.0):
    """Share of people whose sewage backs up, at mean use, by stations of each step: ``lift_…`` of `step_water`."""
    one, state, shown = np.ones((1, 3)), full(works, 1), []
    for lifts in steps:
        got = step_water(
            works, state, stations_left=one, plant_power=one, home_power=one, pump_margin=1.2, step_h=step_h,
            **{f"lift_{name}": value * one for name, value in lifts.items()},
        )  # fmt: skip
        state = got.state
        shown.append(float(got.sewage_share[0, 0]))
    return shown


@pytest.mark.parametrize("own", [0.1, 0.4, 0.9])
@pytest.mark.parametrize("torn", [0.0, 1.0])
def test_stations_without_generators_back_up_in_a_blackout_however_many_others_run(works, own, torn):
    """Wells hold four hours. The same stations stay dark, whatever share of all has power."""
    shown = sewage_course(works, [{"power": own, "own": own, "torn": torn}] * 8)
    assert shown == pytest.approx([0, 0, 0] + [1 - own] * 5)


def test_stations_that_take_turns_with_the_grid_keep_their_wells_empty_beside_those_with_generators(works):
    """0.3 run on generators, the others have the grid four hours of seven; three hours of ten are too few."""
    assert max(sewage_course(works, [{"power": 0.7, "own": 0.3}] * 100)) == 0.0
    shown = sewage_course(works, [{"power": 0.51, "own": 0.3}] * 20)  # 0.21 of 0.7: 0.7 h of sewage an hour, 0.3 pumped
    assert shown == pytest.approx([0] * 9 + [0.7 * 0.7] * 11)  # four hours at 0.4


def test_stations_on_broken_feeders_back_up_and_those_that_take_turns_do_not(works):
    """0.4 are dark, three quarters of them as their feeders are broken: 0.3 only fill, 0.1 of 0.7 are off in turn."""
    assert sewage_course(works, [{"power": 0.6, "torn": 0.75}] * 8) == pytest.approx([0, 0, 0] + [0.3] * 5)


def test_stations_whose_generators_run_dry_back_up_their_hold_later(works):
    steps = [{"power": 0.5, "own": 0.5}] * 6 + [{"power": 0.0}] * 6
    assert sewage_course(works, steps) == pytest.approx([0, 0, 0] + [0.5] * 6 + [1, 1, 1])


@pytest.mark.parametrize("torn", [0.0, 1.0])
def test_wells_that_are_full_stay_full_while_others_fill_and_those_lost_last_are_mended_first(works, torn):
    """A twentieth is lost for a day, 0.7 more for two hours, and two hours later for five: four until theirs are full."""
    steps = [{"left": 0.95}] * 24 + [{"left": 0.25}] * 2 + [{"left": 0.95}] * 2 + [{"left": 0.25}] * 5
    steps = [one | {"power": 0.999, "torn": torn} for one in [*steps, {"left": 0.95}, {"left": 1.0}]]
    want = [0] * 3 + [0.05] * 21 + [0.05] * 7 + [0.75] * 2 + [0.05, 0.0]
    assert sewage_course(works, steps) == pytest.approx(want, abs=0.002)


def test_sewage_of_short_steps_is_that_of_hours(works):
    rng = np.random.default_rng(0)
    hours = []
    for _ in range(40):
        own = rng.uniform(0, 0.4)
        one = {"left": rng.choice([1.0, 0.7, 0.4]), "own": own, "power": own + rng.choice([0.0, 0.2, 0.6]),
               "torn": rng.choice([0.0, 0.5])}  # fmt: skip
        hours += [one] * 3
    whole = sewage_course(works, hours)
    for parts in (2, 4):
        short = sewage_course(works, [one for one in hours for _ in range(parts)], step_h=1 / parts)
        ends = np.array(short[parts - 1 :: parts])
        assert np.abs(ends - whole).mean() < 0.01
    assert np.mean(whole) > 0.2


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=30))
def test_wells_hold_no_more_than_they_can_and_all_stations_have_one(course):
    works = build_waterworks(read_network("three-region"))
    one, state = np.ones((1, 3)), full(works, 1)
    for left, power, own, torn in course:
        got = step_water(
            works, state, stations_left=one, plant_power=one, home_power=one, pump_margin=1.2, step_h=1.0,
            lift_left=left * one, lift_power=power * one, lift_own=own * power * one, lift_torn=torn * one,
        )  # fmt: skip
        state, wells = got.state, got.state.wells
        assert wells.share.sum(axis=0) == pytest.approx(one)
        assert (wells.full <= wells.share).all()
        assert (wells.sewage <= wells.share - wells.full + 1e-12).all()
        assert min(wells.full.min(), wells.sewage.min()) >= 0
        assert (got.sewage_share <= 1 - left * power + 1e-9).all()


def sewage_of_run(three, folder, **changes):
    """A run of a week whose TR-1 has another table of water systems and gets nothing from the grid, without fuel limits."""
    path = folder / "water_systems.csv"
    table = pd.read_csv(path, keep_default_na=False).astype(object)
    for name, value in (changes | {"tank_h": 1000}).items():
        table.loc[0, name] = value
    table.to_csv(path, index=False)
    blackout = {"time": "2026-01-05 03:00", "target": "TR/delivery", "kind": "limit", "share": 0.0}
    result = gm.run(three(network=str(folder), events=[blackout], end="2026-01-06 00:00", rotation="mean",
                          backup_start_probability=1.0))  # fmt: skip
    return result.sel(region="TR-1").isel(member=0)


@pytest.mark.parametrize(("pump", "sewage", "runs"), [(9, 4, 6 / 13), (2, 4, 1.0), (9, 0, 6 / 9)])
def test_generators_of_waterworks_run_pumps_and_lift_stations_alike(three, folder, pump, sewage, runs):
    got = sewage_of_run(three, folder, pump_mw=pump, wastewater_pump_mw=sewage, backup_mw=6)
    assert float(got["system_need_mw"].sel(system="water")) == pump + sewage
    assert got["backup_share"].sel(system="water").to_numpy()[4:] == pytest.approx(runs)
    assert float(got["people_with_sewage_backup"][-1]) == pytest.approx(1_000_000 * (1 - runs), abs=1)


def test_waterworks_whose_pumps_need_no_power_deliver_while_lift_stations_stand(three, folder):
    got = sewage_of_run(three, folder, pump_mw=0, wastewater_pump_mw=4, backup_mw=0, high_floor_share=0)
    assert float(got["people_without_water"].max()) == 0.0
    assert float(got["people_with_sewage_backup"][-1]) == pytest.approx(1_000_000)


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
