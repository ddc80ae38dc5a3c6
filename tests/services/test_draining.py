"""Draining: crews, frost and the loops that burst, beside single buildings and closed forms."""

import math

import numpy as np
import pandas as pd
import pytest
from conftest import sampled
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.arrays import moved
from gridmodel.scenario import make_scenario
from gridmodel.services.heat.bursting import burst_beside_crews, newly_burst
from gridmodel.services.heat.draining import drain_from_c, drained, wanted_h
from gridmodel.services.heat.returning import Speeds, nobody_waits
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, NO_CIRCULATION, moves, stand_still

RULE = {"coolant_below_c": np.array(10.0)}
LEAD_H = 7.3
SPEEDS = Speeds(quick_h=np.array(12.0), slow_h=np.array(80.0), slow_share=np.array(0.5))
HOURS = 144
"""Six days without sources."""
GRID = np.round(np.arange(0.0, -25.0 - 1e-9, -0.05), 9)
"""Outdoor temperatures, 0 to -25 °C. [°C]"""


def six_days(outdoor_c, crews_per_h, *, lead_h=LEAD_H, step_h=1.0, hours=HOURS):
    """Share drained and burst after hours without sources, by the functions that a run uses; a region a temperature."""
    places = len(outdoor_c)
    share = np.zeros((5, 1, places))
    share[NO_CIRCULATION] = 1.0
    water, ice, tested = (np.full((2, 1, places), value) for value in (60.0, 0.0, 0.0))
    circulates = np.full((2, 1, places), np.nan)
    waiting = nobody_waits(1, places)
    for _ in range(round(hours / step_h)):
        drains = drained(share, water, outdoor_c, crew_share_per_h=np.full(places, crews_per_h), lead_h=np.array(lead_h),
                         step_h=step_h, **RULE)  # fmt: skip
        bursts, tested = newly_burst(
            share, water, ice, tested, outdoor_c, circulates=circulates, drains=drains, step_h=step_h
        )
        flows, waiting = moves(share, reach=np.zeros((1, places)), drains=drains.share, bursts=bursts, waiting=waiting,
                      speeds=SPEEDS, burst_repair_h=np.array(np.inf), refill_h=np.array(72.0), step_h=step_h)  # fmt: skip
        share, _ = moved(share, [], flows)
        water, ice = stand_still(water, ice, outdoor_c, circulates, step_h=step_h)
    return share[DRAINED, 0], share[FROZEN, 0]


def burst_undrained(outdoor_c, hours):
    """Closed form: water of 60 °C is at zero after 5 h ln((60 - T) / -T); 80 to 160 K h of frost burst all pipes."""
    frost = np.maximum(-outdoor_c, 1e-9)
    frost_h = np.maximum(hours - 5 * np.log((60 + frost) / frost), 0)
    return np.clip((frost_h * frost - 80) / 80, 0, 1)


def test_without_crews_as_many_loops_burst_as_the_closed_form_says():
    none = six_days(GRID, 0.0)[1]
    assert none == pytest.approx(burst_undrained(GRID, HOURS), abs=1e-9)
    assert none[GRID == -2.0] == 1.0  # as before


def test_with_unlimited_crews_no_loop_bursts_at_any_temperature():
    assert six_days(GRID, 1.0)[1].max() == 0.0


@pytest.mark.parametrize("crews_per_h", sampled([0.0, 0.005, 0.02, 0.05, 1.0], 2, first=1))
def test_the_share_that_bursts_has_no_cliff_grows_with_the_cold_and_is_at_most_what_bursts_undrained(crews_per_h):
    burst = six_days(GRID, crews_per_h)[1]
    assert (np.diff(burst) >= -1e-12).all()
    assert (burst <= six_days(GRID, 0.0)[1] + 1e-12).all()
    for around in (-2.0, -3.0, -3.1, -10.0, -20.0):  # jumps must shrink with the grid: at most 2.5 a kelvin
        fine = around + np.arange(-0.25, 0.25, 0.0025)
        assert np.abs(np.diff(six_days(fine, crews_per_h)[1])).max() <= 2.5 * 0.0025
    assert np.abs(np.diff(burst)).max() <= 2.5 * 0.05


def test_crews_that_come_before_the_frost_save_what_they_reach_at_minus_two_as_at_minus_three_point_one():
    """At -2.0 °C six days burst every loop while none were drained there, at -3.1 °C crews drained them all."""
    drained_share, burst = six_days(np.array([-2.0, -3.1]), 0.05)
    assert drained_share == pytest.approx([1.0, 1.0])
    assert burst == pytest.approx([0.0, 0.0])


def single_buildings(outdoor_c, crews_per_h, *, count=2000, tick_h=0.02, hours=HOURS, lead_h=LEAD_H):
    """Buildings one by one: each has its own water and bursts at its own amount of ice; crews go down a list."""
    water, ice = [60.0] * count, [0.0] * count
    bursts_at = [0.5 + 0.5 * ((one * 797) % count + 0.5) / count for one in range(count)]
    state, free = ["standing"] * count, 0.0
    for _ in range(round(hours / tick_h)):
        free = min(free + crews_per_h * count * tick_h, 1.0 + crews_per_h * count * tick_h)
        # all that still stand were lost together, so one pipe tells for them
        alive = [one for one in range(count) if state[one] == "standing"]
        if not alive:
            break
        first = alive[0]
        warm, frost = water[first], ice[first]
        to_zero_h = 5 * math.log((warm - outdoor_c) / -outdoor_c)
        if to_zero_h >= tick_h:
            warm = outdoor_c + (warm - outdoor_c) * math.exp(-tick_h / 5)
        else:
            warm, frost = 0.0, frost - outdoor_c * (tick_h - to_zero_h) / 160
        for one in alive:
            water[one], ice[one] = warm, frost
            if frost >= bursts_at[one]:
                state[one] = "burst"
        soon = warm < 10 and 5 * math.log((warm - outdoor_c) / -outdoor_c) <= lead_h
        for one in alive:
            if free < 1 or not soon:
                break
            if state[one] == "standing":
                state[one], free = "drained", free - 1
    return state.count("drained") / count, state.count("burst") / count


@pytest.mark.parametrize(
    ("outdoor_c", "crews_per_h"),
    [
        pytest.param(-2.0, 0.012, marks=pytest.mark.long),
        (-3.1, 0.02),
        pytest.param(-8.0, 0.03, marks=pytest.mark.long),
        (-20.0, 0.05),
    ],
)
def test_shares_drained_and_burst_are_those_of_single_buildings(outdoor_c, crews_per_h):
    drained_share, burst = six_days(np.array([outdoor_c]), crews_per_h, step_h=0.25)
    one_by_one = single_buildings(outdoor_c, crews_per_h)
    assert 0.05 < one_by_one[1] < 0.95  # both happen
    assert (drained_share[0], burst[0]) == pytest.approx(one_by_one, abs=0.01)


@pytest.mark.parametrize("outdoor_c", sampled([-1.0, -2.5, -3.0, -12.0], 2, first=1))
def test_steps_of_15_30_and_60_minutes_drain_and_burst_the_same(outdoor_c):
    got = [six_days(np.array([outdoor_c]), 0.02, step_h=step_h) for step_h in (0.25, 0.5, 1.0)]
    for some in got[:2]:
        assert np.ravel(some) == pytest.approx(np.ravel(got[2]), abs=1e-9)


def by_minutes(outdoor_c, crews_per_h, *, hours=48, minute_h=1 / 60):
    """Share that bursts, by an explicit simulation in steps of a minute that has no line in common with a run."""
    frost = -outdoor_c
    water, kelvin_h = np.full(len(frost), 60.0), np.zeros(len(frost))
    whole, burst, limit = np.ones(len(frost)), np.zeros(len(frost)), np.zeros(len(frost))
    for _ in range(round(hours / minute_h)):
        sent = (water < 10) & (5 * np.log((water + frost) / frost) <= LEAD_H)
        whole = whole - np.where(sent, np.minimum(crews_per_h * minute_h, whole), 0.0)
        kelvin_h += np.where(water <= 0, frost * minute_h, 0.0)
        water = np.maximum(water - (water + frost) * minute_h / 5, 0.0)
        reached = np.clip(kelvin_h / 80 - 1, 0, 1)  # pipes burst between 80 and 160 K h
        breaks = np.where(limit < 1, whole * (reached - limit) / np.where(limit < 1, 1 - limit, 1.0), 0.0)
        whole, burst, limit = whole - breaks, burst + breaks, reached
    return burst


BY_MINUTES = {-10.0: 0.2369, -16.0: 0.4702, -20.0: 0.5673, -23.0: 0.6207, -25.0: 0.6497}
"""Loops that burst where crews drain 0.0434 an hour, by `by_minutes` in steps of a hundredth of a minute. [1]"""


@pytest.mark.parametrize("crews_per_h", sampled([0.0434, 0.005, 0.02, 0.1], 2))
def test_whatever_the_step_as_many_loops_burst_as_by_the_minute_and_never_fewer_where_it_is_colder(crews_per_h):
    """Loops begin to burst, are all drained and have whole plugs at any moment of a step."""
    outdoor_c = np.arange(-5.0, -30.01, -0.5)
    minutes = by_minutes(outdoor_c, crews_per_h)
    assert (np.diff(minutes) >= 0).all()
    for step_h in (0.25, 0.5, 1.0):
        burst = six_days(outdoor_c, crews_per_h, step_h=step_h, hours=48)[1]
        assert burst == pytest.approx(minutes, abs=0.002)  # steps of six seconds are within 0.0001
        assert (np.diff(burst) >= -1e-12).all()
        if crews_per_h == 0.0434:
            assert burst[np.isin(outdoor_c, list(BY_MINUTES))] == pytest.approx(list(BY_MINUTES.values()), abs=1e-4)


def test_crews_drain_nothing_in_the_part_of_an_hour_in_which_the_plug_is_whole():
    """At -20 °C, 0.9 of a plug is a whole one after 48 minutes, in which crews could drain 0.08 and not 0.1."""
    one = np.zeros((2, 1, 1))
    share = np.zeros((5, 1, 1))
    share[NO_CIRCULATION] = 0.2
    outdoor_c, stands, tested = np.array([-20.0]), np.full_like(one, np.nan), one + 0.8
    drains = drained(
        share, one, outdoor_c, crew_share_per_h=np.array([0.1]), lead_h=np.array(LEAD_H), step_h=1.0, **RULE
    )
    bursts, reached = newly_burst(
        share, one, one + 0.9, tested, outdoor_c, circulates=stands, drains=drains, step_h=1.0
    )
    # no loop is left after a part 1 - exp(-0.2 / 0.08) of them
    assert bursts[NO_CIRCULATION, 0, 0] == pytest.approx(0.2 - 0.08 * (1 - math.exp(-2.5)), abs=1e-12)
    assert reached[NO_CIRCULATION, 0, 0] == pytest.approx(1.0)


def test_crews_drain_whole_loops_in_the_part_of_an_hour_before_the_first_bursts():
    """At -20 °C, ice of 0.45 is half a plug after 24 minutes and 0.575 after an hour: 0.15 of pipes burst."""
    one = np.zeros((2, 1, 1))
    share = np.zeros((5, 1, 1))
    share[NO_CIRCULATION] = 0.5
    outdoor_c, stands = np.array([-20.0]), np.full_like(one, np.nan)
    drains = drained(
        share, one, outdoor_c, crew_share_per_h=np.array([0.1]), lead_h=np.array(LEAD_H), step_h=1.0, **RULE
    )
    bursts, _ = newly_burst(share, one, one + 0.45, one, outdoor_c, circulates=stands, drains=drains, step_h=1.0)
    # 0.04 are drained before; then 0.4 in the four hours in which all would burst, of which 0.15 are 36 minutes
    want = 0.46 * 0.15 - 0.4 * (0.15 + 0.85 * math.log(0.85))
    assert bursts[NO_CIRCULATION, 0, 0] == pytest.approx(want, abs=1e-12)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 5))
def test_what_bursts_beside_crews_is_what_short_steps_add_up_to(there, part, crews):
    whole, burst, ticks = there, 0.0, 2000
    for tick in range(ticks):
        x = part * tick / ticks
        breaks = whole * (part / ticks) / (1 - x)
        whole, burst = max(whole - breaks - crews * part / ticks, 0.0), burst + breaks
    got = burst_beside_crews(np.array([there]), np.array([part]), np.array([crews]))[0]
    assert got == pytest.approx(burst, abs=0.001)
    assert 0 <= got <= there * part


def test_loops_that_burst_do_not_depend_on_who_else_is_without_heat():
    drawn = np.random.default_rng(1)
    shape, outdoor_c = (2, 1, 40), drawn.uniform(-30.0, 3.0, 40)
    ice = drawn.uniform(0, 1, shape)
    water, tested = drawn.choice([0.0, 3.0, 60.0], shape), np.clip(2 * ice - 1, 0, 1)
    circulates = drawn.choice([60.0, np.nan, np.nan], shape)
    share = np.concatenate([drawn.uniform(0, 0.5, shape), np.zeros((3, 1, 40))])

    def step(part):
        rule = {**RULE, "crew_share_per_h": np.array(0.05), "lead_h": np.array(LEAD_H), "step_h": 1.0}
        drains = drained(share[..., part], water[..., part], outdoor_c[part], **rule)
        return newly_burst(share[..., part], water[..., part], ice[..., part], tested[..., part], outdoor_c[part],
                           circulates=circulates[..., part], drains=drains, step_h=1.0)  # fmt: skip

    together = step(slice(None))
    assert 10 < (together[0] > 0).sum() < 70
    for one in range(40):
        alone = step(slice(one, one + 1))
        assert [values.tobytes() for values in alone] == [values[..., one : one + 1].tobytes() for values in together]


def test_crews_are_sent_within_the_step_in_which_the_water_gets_cold_enough():
    # 11 °C at -20 °C are at 10 °C after 5 h ln(31/30)
    assert wanted_h(np.array(11.0), np.array(-20.0), np.array(10.0), step_h=1.0) == pytest.approx(
        1 - 5 * math.log(31 / 30)
    )
    assert wanted_h(np.array(np.inf), np.array(-20.0), np.array(10.0), step_h=1.0) == 0.0  # it circulates


@given(st.one_of(st.floats(-40, -0.01), st.floats(0, 5)), st.floats(0, 60), st.floats(0, 48))
def test_crews_are_sent_when_the_rule_in_words_says_so(outdoor, water, lead):
    """Below 10 °C and at 0 °C within the lead."""
    from_c = drain_from_c(outdoor, lead_h=lead, **RULE)
    to_zero_h = 5 * math.log((water - outdoor) / -outdoor) if outdoor < -1e-6 else math.inf
    if min(abs(water - 10), abs(to_zero_h - lead)) > 1e-6:
        assert (water < from_c) == (water < 10 and to_zero_h < lead)


@pytest.mark.parametrize("outdoor", [-3.05, -5.0, -10.0, -25.0])
def test_at_three_below_and_colder_crews_follow_the_procedure_of_kyiv(outdoor):
    """Loops are drained once their water is below 10 °C; in milder frost later."""
    lead = make_scenario({"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC",
                          "start": "2026-01-05", "end": "2026-01-06"}).drain_lead_h  # fmt: skip
    assert lead == pytest.approx(5 * math.log(13 / 3), abs=0.05)
    assert drain_from_c(outdoor, lead_h=lead, **RULE) == 10.0
    assert drain_from_c(-2.5, lead_h=lead, **RULE) < 9.0


def test_without_any_notice_crews_come_when_the_water_is_at_zero():
    drained_share, burst = six_days(np.array([-2.0, -20.0]), 1.0, lead_h=0.0)
    assert drained_share == pytest.approx(1.0)
    assert burst == pytest.approx(0.0)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0, 1), st.floats(-30, 2), st.floats(0, 60),
       st.floats(0, 60), st.sampled_from([0.25, 1.0]))  # fmt: skip
def test_crews_drain_no_more_homes_than_their_time_allows_and_none_that_they_need_not(
    parts, crews, outdoor, first_c, second_c, step_h
):
    share = np.zeros((5, 1, 1))
    share[[CONNECTED, NO_CIRCULATION, DRAINED], 0, 0] = np.array(parts) / max(sum(parts), 1.0)
    got = drained(share, np.array([first_c, second_c])[:, None, None], np.array([outdoor]), step_h=step_h,
                  crew_share_per_h=np.array([crews]), lead_h=np.array(LEAD_H), **RULE).share  # fmt: skip
    assert got.sum() <= crews * step_h + 1e-12
    assert (got <= share[:2]).all()
    assert (got >= 0).all()
    if outdoor >= 0:
        assert got.sum() == 0


def test_the_same_crews_drain_homes_long_without_circulation_and_then_those_that_have_just_stopped():
    share = np.zeros((5, 1, 1))
    share[[CONNECTED, NO_CIRCULATION], 0, 0] = 0.5, 0.3
    frozen = np.zeros((2, 1, 1))
    rule = {**RULE, "lead_h": np.array(LEAD_H), "step_h": 1.0}
    for crews, want in ((0.2, [0.0, 0.2]), (0.4, [0.1, 0.3]), (1.0, [0.5, 0.3])):
        got = drained(share, frozen, np.array([-10.0]), crew_share_per_h=np.array([crews]), **rule).share
        assert got[:, 0, 0] == pytest.approx(want)


def test_more_crews_and_more_notice_never_burst_more_loops():
    places = np.arange(-25.0, 0.0, 0.5)
    by_crews = np.array([six_days(places, crews)[1] for crews in (0.0, 0.005, 0.01, 0.02, 0.05, 0.2)])
    by_lead = np.array([six_days(places, 0.02, lead_h=lead)[1] for lead in (0.0, 2.0, 7.3, 24.0)])
    assert (np.diff(by_crews, axis=0) <= 1e-12).all()
    assert (np.diff(by_lead, axis=0) <= 1e-12).all()


@pytest.mark.parametrize("outdoor_c", sampled([-5.0, -10.0, -16.0, -20.0, -23.0], 5, first=2))
@pytest.mark.gate  # at each edit: steps of draining by hand, above
def test_an_hourly_run_bursts_what_one_of_quarters_of_an_hour_does(three, tmp_path, outdoor_c):
    """0.0031 to 0.6207 of the homes by a simulation apart from this code, in steps of a minute."""
    hours = pd.date_range("2025-12-31", "2026-01-10", freq="1h")
    rows = [f"{hour:%Y-%m-%dT%H:%MZ},{outdoor_c},{outdoor_c},{outdoor_c}" for hour in hours]
    (tmp_path / "cold.csv").write_text("\n".join(["time,TR-1,TR-2,TR-3", *rows]) + "\n")
    event = {"time": "2026-01-05 01:00", "target": "TR-1/heat_source", "kind": "outage", "share": 1.0}
    got = []
    for step in ("1h", "30min", "15min"):
        result = gm.run(three(weather=str(tmp_path / "cold.csv"), events=[event], step=step, end="2026-01-07 12:00"))
        homes = result["home_share"].isel(member=0, time=-1).sel(region="TR-1")
        got.append(float(homes.sel(heat_state=["frozen", "refilling"]).sum()))
    known = {-5.0: 0.0031, -10.0: 0.2368, -16.0: 0.4702, -20.0: 0.5673, -23.0: 0.6207}[outdoor_c]
    assert got == pytest.approx([known] * 3, abs=0.001)
    assert got[0] == pytest.approx(got[2], abs=0.0001)


def test_water_of_loops_does_not_depend_on_who_else_is_without_heat():
    water, ice = np.array([[[60.0, 4.0]], [[30.0, 0.0]]]), np.array([[[0.0, 0.1]], [[0.4, 0.2]]])
    circulates = np.array([[[60.0, np.nan]], [[np.nan, np.nan]]])  # homes of the first have heat, and none stand
    outdoor_c = np.array([[-12.0, -20.0]])
    both = stand_still(water, ice, outdoor_c, circulates, step_h=1.0)
    for one in range(2):
        alone = stand_still(*(values[..., one : one + 1] for values in (water, ice, outdoor_c, circulates)), step_h=1.0)
        assert [values.tobytes() for values in alone] == [values[..., one : one + 1].tobytes() for values in both]
    assert both[1][1, 0, 0] == 0.4  # 30 °C does not freeze within the hour
    assert both[1][0, 0, 1] > 0.1
