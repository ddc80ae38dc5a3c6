"""Degree-hours: each room below a threshold counts by itself, before anything is averaged, and people add up."""

import numpy as np
import pytest
from towns import BARE, course, settled

import gridmodel as gm
from gridmodel.results.metrics import METRICS, per_member, person_degree_hours
from gridmodel.scenario import make_scenario
from gridmodel.services.cohorts import Cohorts
from gridmodel.services.heat.counted import count_cold
from gridmodel.services.heat.rooms import add_cold


def kelvin_below(*degrees):
    """Kelvin below 18 and 12 °C of two kinds of homes that heat alike, half of a region each."""
    air = np.array(degrees).reshape(1, -1, 1, 1)
    kelvin = np.zeros((2, 1, 1))
    add_cold(np.zeros((4, 1, 1)), kelvin, np.full(air.shape, 0.5), air)
    return kelvin


def test_two_rooms_in_two_hours_count_six_hundred_below_18_and_one_hundred_below_12():
    # 100 people. Hour 1: half at 16 °C, half at 10 °C: 0.5 × 2 + 0.5 × 8 = 5 K below 18 and 0.5 × 2 = 1 K below 12; the
    # mean room of 13 °C would have none below 12. Hour 2: half at 16 °C, half at 20 °C: 1 K and 0 K.
    hours = np.array([kelvin_below(16.0, 10.0), kelvin_below(16.0, 20.0)])[:, :, 0, 0]
    assert hours == pytest.approx(np.array([[5.0, 1.0], [1.0, 0.0]]))
    assert 100 * hours.sum(axis=0) == pytest.approx([600.0, 100.0])


def test_people_in_warm_rooms_count_nothing():
    assert kelvin_below(18.0, 25.0).tolist() == [[[0.0]], [[0.0]]]


@pytest.mark.parametrize("apart", [None, 0.3])
@pytest.mark.parametrize("most_k", [0.0, 3.0], ids=["steady", "cooling"])
def test_homes_that_take_turns_count_one_by_one(apart, most_k):
    """Two kinds in twelve sub-queues, with a thirteenth cohort of homes outside them: a loop over homes.

    Each is followed through the step along a straight line, at 2,000 moments.
    """
    rng = np.random.default_rng(7)
    cohorts = 12 if apart is None else 13
    air = rng.uniform(2.0, 24.0, (2, cohorts, 3, 2)).astype(np.float32)
    share = rng.uniform(0.1, 0.4, (2, 3, 2))
    outside = None if apart is None else np.full((3, 2), apart)
    swing = rng.uniform(0.0, most_k, air.shape).astype(np.float32)
    got = count_cold(air, swing, share, Cohorts(power=np.ones(air.shape[1:]), outside=outside), listed_c=12.0)
    moments = (np.arange(2000) + 0.5) / 1000 - 1
    for member, region in np.ndindex(3, 2):
        kelvin, below = np.zeros(2), np.zeros(4)
        for kind, cohort in np.ndindex(2, cohorts):
            weight = 1 / 12 if apart is None else apart if cohort == 12 else (1 - apart) / 12
            home, there = share[kind, member, region] * weight, (kind, cohort, member, region)
            room = float(air[there]) + moments * float(swing[there])
            kelvin += [home * np.maximum(limit - room, 0.0).mean() for limit in (18.0, 12.0)]
            below += [home * (room < limit).mean() for limit in (18.0, 16.0, 12.0, 10.0)]
        assert got.kelvin[:, member, region] == pytest.approx(kelvin, rel=1e-4)
        assert got.share[:, member, region] == pytest.approx(below, abs=1e-4)
    listed = np.bincount(got.places % air[0, 0].size, weights=got.homes, minlength=air[0, 0].size)
    assert listed == pytest.approx(got.share[2].ravel(), abs=1e-12)


def test_a_room_held_at_a_threshold_is_not_below_it():
    air = np.full((1, 12, 1, 1), 18.0, np.float32)
    got = count_cold(air, np.zeros_like(air), np.ones((1, 1, 1)), Cohorts(power=air[0]), listed_c=12.0)
    assert not got.share.any()
    assert not got.kelvin.any()


@pytest.mark.parametrize(("step", "step_h"), [("1h", 1.0), ("15min", 0.25)])
def test_degree_hours_below_twelve_are_kelvin_times_the_step(step, step_h):
    got = course(settled(set_point_c=9.0, step=step, cooker_w_per_m2=0.0, heater_feedback=False), 12, outdoor=-10.0)[-1]
    assert got.degree_hours_12c == pytest.approx(np.full((1, 3), 3.0 * step_h), abs=1e-6)
    assert got.degree_hours == pytest.approx(np.full((1, 3), 9.0 * step_h), abs=1e-6)


def test_a_course_of_cooling_homes_is_the_sum_over_its_rooms():
    town = settled(**BARE)
    for got in course(town, 30, outdoor=-15.0, source=0.0, network=0.5)[::6]:
        air, share, homes = got.air_c[0], got.share[:, 0], town[1]
        people = homes.home_weight[: len(homes.kinds), 0]
        for place, below in ((18.0, got.degree_hours), (12.0, got.degree_hours_12c)):
            district = sum(
                people[kind, region] * share[state, region] * max(place - air[region, kind, state], 0.0)
                for region, kind, state in np.ndindex(1, len(people), len(share))
                if share[state, region] > 0
            )
            own = sum(
                homes.shown_own_share[kind, 0, 0] * max(place - got.own_c[kind, 0, 0], 0.0)
                for kind in range(len(got.own_c))
            )
            assert below[0, 0] == pytest.approx(district + own, rel=1e-9)


OUT = [{"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 1.0}]


@pytest.fixture(scope="module")
def dark():
    base = {"name": "dark", "network": "three-region", "weather": "three-region", "timezone": "UTC", "deterministic": True,
            "start": "2026-01-05 00:00", "end": "2026-01-07 00:00", "events": OUT, "rotation": "mean"}  # fmt: skip
    return gm.run(make_scenario(base))


def test_person_degree_hours_are_sums_over_people_and_grow_in_proportion_to_them(dark):
    twice = dark.assign(population=2 * dark["population"])
    for limit in (18, 12):
        name = f"degree_hours_below_{limit}c"
        by_hand = float((dark[name].sum("time") * dark["population"]).sum())
        assert by_hand > 0
        assert float(person_degree_hours(dark, limit).sum()) == pytest.approx(by_hand)
        assert float(person_degree_hours(twice, limit).sum()) == pytest.approx(2 * by_hand)
        assert METRICS[f"person_degree_hours_below_{limit}c"][1](dark).item() == pytest.approx(by_hand)
        assert f"person_degree_hours_below_{limit}c" in per_member(dark)


def test_the_bounds_of_degree_hours_by_people_below_each_threshold_hold(dark):
    """A person below 12 °C is at least 6 K below 18, and no room is colder than outdoors."""
    people = dark["population"]
    below_18 = dark["degree_hours_below_18c"] * people
    below_12 = dark["degree_hours_below_12c"] * people
    six = below_12 + 6 * dark["people_without_heat"]
    assert (below_18 >= six - 1e-6).all()
    assert (below_12 <= dark["people_without_heat"] * (12 - dark["outdoor_temperature"]) + 1e-6).all()
    assert float(below_12.max()) > 0


def test_a_result_of_before_says_which_variable_it_lacks(dark):
    old = dark.drop_vars(["degree_hours_below_12c"])
    with pytest.raises(gm.InputError, match="degree_hours_below_12c: is not in this run"):
        person_degree_hours(old, 12)
    assert "person_degree_hours_below_12c" not in per_member(old)


def test_vulnerable_people_are_those_of_the_tables_times_a_factor(three):
    for factor, share in ((1.0, 0.25), (1.4, 0.35), (4.0, 1.0)):
        result = gm.run(three(vulnerable_share_factor=factor, end="2026-01-05 03:00"))
        assert result["vulnerable_share"].to_numpy() == pytest.approx(np.full((1, 3), share))
