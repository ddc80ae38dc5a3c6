"""Homes that warm up after a loss of heat, worked out beside the code by single homes that come back one by one."""

import itertools

import numpy as np
import pytest
from conftest import EXAMPLES, LONG
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import BARE, course, settled

import gridmodel as gm
from gridmodel.arrays import moved
from gridmodel.services.heat import warming
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, NO_CIRCULATION, REFILLING
from gridmodel.services.heat.warming import AS_WARM_K, WARMING, kept_apart

COLD_C = np.array([18.0, 16.0, 12.0])
WARMEST, MIDDLE, COLDEST = WARMING
SHARES = st.lists(st.floats(0, 1), min_size=warming.STATES, max_size=warming.STATES).filter(
    lambda parts: sum(parts) > 0
)


def outage(lost, hours, **changes):
    """A town at −20 °C whose source loses a share of its homes for some hours, and its settings."""
    return settled(**(BARE | {"restart_h": [12.0, 12.0], "slow_return_share": [0.0, 0.0]} | changes)), {
        "source": lambda hour: 1.0 - lost if hour < hours else 1.0, "outdoor": -20.0,
    }  # fmt: skip


def person_hours(steps, step_h=1.0):
    """Person-hours of a share of 1 below 18, 16 and 12 °C in the first region."""
    return np.sum([step.cold_share[:3, 0, 0] for step in steps], axis=0) * step_h


# Single homes


def single_homes(town, steps, first):
    """Air of homes that lose heat at the start and come back in one step each, shape ``(step, home that comes back)``.

    Homes are stepped by the standard, each on its own; the last one never comes back.
    """
    _, homes, values = town
    panel = gm.heat.Building(**{
        name: float(np.ravel(getattr(homes.building, name))[0]) for name in gm.heat.Building.__dataclass_fields__
    })  # fmt: skip
    lag_h, most_w, back = values["radiator_lag_h"].item(), homes.radiator_w[0, 0, 0], np.arange(first, steps + 1)
    around = {"outdoor_c": -20.0, "set_point_c": 20.0}
    mass = np.full(len(back), gm.heat.steady_mass(panel, **around))
    radiator, air = np.minimum(gm.heat.heating_need(panel, mass_c=mass, **around), most_w), []
    for step in range(steps):
        need = np.minimum(gm.heat.heating_need(panel, mass_c=mass, **around), most_w)
        comes = np.where(step >= back, need, 0.0)
        given = comes + (radiator - comes) * lag_h * (1 - np.exp(-1 / lag_h))
        radiator = comes + (radiator - comes) * np.exp(-1 / lag_h)
        rooms = gm.heat.step(panel, mass_c=mass, outdoor_c=-20.0, heating_w=given)
        mass = rooms.mass_c
        air.append(rooms.air_c)
    return np.array(air)


@pytest.mark.parametrize(("lost", "hours", "slow"), [
    (0.6, 24, 0.0), (1.0, 48, 0.5),
    *(pytest.param(*case, marks=pytest.mark.long) for case in ((0.6, 60, 0.5), (0.9, 24, 0.5), (0.9, 60, 0.0))),
])  # fmt: skip
def test_person_hours_in_the_cold_are_those_of_single_homes_that_come_back_one_after_the_other(lost, hours, slow):
    town, services = outage(lost, hours, slow_return_share=[slow, slow])
    steps = course(town, hours + 120, **services)
    heated = np.array([step.share[CONNECTED, 0, 0] for step in steps])
    comes_back = np.append(np.diff(heated)[hours - 1 :], 1.0 - heated[-1])
    assert comes_back.sum() == pytest.approx(lost)
    air = single_homes(town, len(steps), hours)
    alone = [((air < limit) * comes_back).sum() for limit in COLD_C]
    district = town[1].home_weight[:-6, 0, 0].sum()
    assert person_hours(steps) / district == pytest.approx(alone, rel=0.015)


def test_homes_that_never_lost_heat_stay_warm_while_others_come_back():
    town, services = outage(0.6, 24)
    district = town[1].home_weight[:-6, 0, 0].sum()
    steps = course(town, 120, **services)
    for step in steps:
        assert step.rooms_c[CONNECTED, 0, 0, 0] > 19.75  # half a kelvin of half of the homes, at most
        assert step.cold_share[0, 0, 0] <= 0.6 * district + 1e-9
    # of those that come back all are below 12 °C at first
    below = [step.cold_share[2, 0, 0] / district for step in steps[23:28]]
    assert below == pytest.approx([0.6] * 5, abs=1e-9)
    assert steps[27].share[CONNECTED, 0, 0] > 0.44


def test_the_room_shown_for_connected_homes_is_the_mean_over_all_that_are_heated():
    town, services = outage(0.6, 24)
    step = course(town, 40, **services)[-1]
    share, place = step.state.share[:, 0, 0], list(step.state.occupied)
    groups = [state for state in (CONNECTED, *WARMING) if state in place]
    assert len(groups) == 1 + len(WARMING)
    air = [step.rooms_c[place.index(state), 0, 0, 0] for state in groups]
    assert step.air_c[0, 0, 0, CONNECTED] == pytest.approx(np.average(air, weights=share[groups]))
    assert step.share[CONNECTED, 0, 0] == pytest.approx(share[groups].sum())
    assert step.share[:, 0, 0].sum() == pytest.approx(1.0)
    assert (np.diff([step.state.mass_c[place.index(state), 0, 0, 0] for state in groups]) < 0).all()


def test_homes_are_all_with_those_that_never_lost_heat_once_their_walls_are_as_warm():
    town, services = outage(0.6, 12, heat_given_up_share=0.0)
    steps = course(town, 240, **(services | {"outdoor": -5.0}))
    assert steps[30].state.share[list(WARMING), 0, 0].sum() > 0.1
    assert list(steps[-1].state.occupied) == [CONNECTED]


def test_heat_that_groups_of_homes_give_off_is_heat_that_sources_gave():
    town, services = outage(0.7, 12)
    stays = np.exp(-1 / town[2]["radiator_lag_h"].item())

    def held(state):
        return (warming.of_rooms(state.share, state.occupied) * state.radiator_w[:, 0])[:, 0, 0].sum() * 10e6 / 1e6

    steps = course(town, 60, **services)
    for before, after in itertools.pairwise(steps):
        given = after.supplied_mw[0, 0] * (1 - stays) + held(before.state) * stays
        assert held(after.state) == pytest.approx(given, rel=1e-9)
        assert after.supplied_mw[0, 0] <= after.need_mw[0, 0] + 1e-9


# Groups


def groups(amounts, walls_c, flows):
    """Share by state after moves, of homes in states of given walls; states that are not named are empty."""
    share = np.zeros((warming.STATES, 1, 1))
    share[list(amounts), 0, 0] = list(amounts.values())
    occupied = np.array([state for state in warming.ORDER if state in amounts or state == CONNECTED])
    walls = np.array([walls_c.get(int(state), 0.0) for state in occupied])[:, None, None]
    flows = [(source, target, np.array([[amount]])) for source, target, amount in flows]
    after, _ = moved(share, [], kept_apart(flows, share, occupied, walls))
    assert after.sum() == pytest.approx(share.sum())
    return {state: round(float(amount), 9) for state, amount in enumerate(after[:, 0, 0]) if amount > 0}


def test_the_two_neighbours_merge_that_differ_least_by_hand():
    amounts = {CONNECTED: 0.2, WARMEST: 0.2, MIDDLE: 0.1, COLDEST: 0.1, DRAINED: 0.4}
    walls_c = {CONNECTED: 19.0, WARMEST: 12.0, MIDDLE: 9.0, COLDEST: 7.0, DRAINED: 2.0}
    # 0.2 · 0.1 / 0.3 · 9 = 0.6; 0.1 · 0.1 / 0.2 · 4 = 0.2; 0.1 · 0.05 / 0.15 · 25 = 0.83
    after = groups(amounts, walls_c, [(DRAINED, CONNECTED, 0.05)])
    assert after == {CONNECTED: 0.2, WARMEST: 0.2, MIDDLE: 0.2, COLDEST: 0.05, DRAINED: 0.35}
    # 0.1 · 0.001 / 0.101 · 25 = 0.025: few that come back join the coldest
    after = groups(amounts, walls_c, [(DRAINED, CONNECTED, 0.001)])
    assert after == {CONNECTED: 0.2, WARMEST: 0.2, MIDDLE: 0.1, COLDEST: 0.101, DRAINED: 0.399}


@pytest.mark.parametrize(("gap_k", "together"), [(0.9 * AS_WARM_K, True), (1.1 * AS_WARM_K, False)])
def test_homes_join_those_that_never_lost_heat_once_they_are_as_warm(gap_k, together):
    amounts, walls_c = {CONNECTED: 0.2, WARMEST: 0.1, DRAINED: 0.7}, {CONNECTED: 19.0, WARMEST: 19.0 - gap_k}
    after = groups(amounts, walls_c, [(DRAINED, CONNECTED, 0.1)])
    assert after[CONNECTED] == pytest.approx(0.3 if together else 0.2)
    assert after[COLDEST] == pytest.approx(0.1)


def test_homes_that_came_back_last_are_the_first_to_lose_heat_again():
    amounts = {CONNECTED: 0.4, WARMEST: 0.2, COLDEST: 0.1, FROZEN: 0.2, REFILLING: 0.1}
    walls_c = {CONNECTED: 19.0, WARMEST: 12.0, COLDEST: 5.0}
    after = groups(amounts, walls_c, [(CONNECTED, NO_CIRCULATION, 0.15)])
    assert after == {CONNECTED: 0.4, WARMEST: 0.15, NO_CIRCULATION: 0.15, FROZEN: 0.2, REFILLING: 0.1}


def test_a_share_that_nobody_is_in_makes_no_group():
    amounts, walls_c = {CONNECTED: 0.5, WARMEST: 1e-14, DRAINED: 0.5}, {CONNECTED: 19.0, WARMEST: 12.0}
    after = groups(amounts, walls_c, [(DRAINED, CONNECTED, 1e-13)])
    assert set(after) == {CONNECTED, DRAINED}


@given(SHARES, st.floats(0, 1), st.lists(st.floats(-20, 20), min_size=warming.STATES, max_size=warming.STATES))
def test_no_home_is_lost_between_groups_and_none_is_cooled_that_never_lost_heat(parts, moves, walls_c):
    share = np.array(parts)[:, None, None] / sum(parts)
    walls = np.array(walls_c)[:, None, None]
    back = [(source, CONNECTED, share[source] * moves) for source in (NO_CIRCULATION, DRAINED, REFILLING)]
    flows = kept_apart(back, share, warming.ORDER, walls[warming.ORDER])
    after, (carried,) = moved(share, [walls], flows)
    assert after.sum() == pytest.approx(1.0)
    assert (after >= 0).all()
    assert (after * carried).sum() == pytest.approx((share * walls).sum(), abs=1e-9)
    if share[CONNECTED] > 1e-9:
        assert abs(carried[CONNECTED] - walls[CONNECTED]).item() <= AS_WARM_K + 1e-9


# What follows for people


@pytest.mark.gate  # at each edit: warming by hand
def test_a_longer_outage_never_means_fewer_hours_in_the_cold():
    hours = [person_hours(course(town, 180, **services))
             for town, services in (outage(0.6, hours, slow_return_share=[0.5, 0.5]) for hours in (24, 36, 48, 60))]  # fmt: skip
    assert (np.diff(hours, axis=0) > 0).all()


@settings(max_examples=EXAMPLES if LONG else 3, deadline=None)
@given(
    st.fixed_dictionaries({"lost": st.floats(0.1, 0.9), "hours": st.integers(6, 50), "restart": st.floats(1, 80),
                           "slow": st.floats(0, 0.7)}),
    st.sampled_from(["lost", "hours", "restart", "slow"]), st.floats(0.1, 1.0),
)  # fmt: skip
@pytest.mark.gate  # at each edit: a longer outage
def test_a_worse_loss_and_a_slower_return_never_mean_fewer_hours_in_the_cold(case, name, more):
    step = {"lost": 0.1, "hours": 14, "restart": 40.0, "slow": 0.3}[name] * more
    worse = case | {name: case[name] + (max(round(step), 1) if name == "hours" else step)}
    better, worse = (
        person_hours(course(town, 150, **services)) for town, services in (
            outage(one["lost"], one["hours"], restart_h=[one["restart"]] * 2, slow_return_share=[one["slow"]] * 2)
            for one in (case, worse)
        )
    )  # fmt: skip
    assert (worse >= better * 0.99).all()


@pytest.mark.gate  # at each edit: steps of heat, in `test_heat.py`
def test_steps_of_15_30_and_60_minutes_give_the_same_person_hours_after_heat_is_back():
    hours = []
    for step_h, name in ((1.0, "1h"), (0.5, "30min"), (0.25, "15min")):
        town, services = outage(0.8, 18, slow_return_share=[0.5, 0.5], step=name)
        hours.append(person_hours(course(town, 72, **services), step_h))
    assert hours[1] == pytest.approx(hours[0], rel=0.03)
    assert hours[2] == pytest.approx(hours[0], rel=0.03)
