"""Homes without a demand of their own: as many are off as of others in the queues, and by the same cause."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import at_gate
from services.power_systems import two_regions

import gridmodel as gm
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.step import first_state, step_power
from gridmodel.services.power.turns import mean_over_homes

NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
NO_HOMES = [0.1, 0.0, 0.45, 0.45]
"""Shares of critical consumers, households, business and industry."""
SLIVER = 1e-6
"""Share of households in demand that is as good as none: 100 W of a region's 100 MW."""
QUEUES = {"rotation": "queues", "cohorts": 12}


def system_of(tiers=NO_HOMES, *, supply_mw=500.0, limit_mw=np.inf, rotation="queues", cuts="optimum", **more):
    """A and B need 100 MW each, B's homes as ever; plant in A gives `supply_mw`, and A's network passes `limit_mw` on."""
    limit = np.full((4, 1, 2), np.inf)
    limit[:, 0, 0] = limit_mw
    out = np.zeros((4, 1, 3))
    out[..., 0] = supply_mw / 120.0
    turns = {"rotation": rotation, "cuts": cuts, "cold_load_pickup": False}
    if rotation != "mean":
        turns |= {"cohorts": 12 + bool(more.get("queues", {}).get("shared", np.zeros(1)).any())}
        turns |= {"homes_outside": turns["cohorts"] > 12}
        turns |= {"breaking": np.array([0]) if np.isfinite(limit_mw) else None}
    shares = np.array([tiers, [0.1, 0.5, 0.2, 0.2]])
    queues = {"tier_share": shares} | more["queues"] if "queues" in more else None
    return two_regions(
        capacity={"generator_share": out, "delivery_mw": limit} | more.get("capacity", {}),
        options=turns | more.get("options", {}), consumers={"tier_share": shares}, queues=queues,
        settings={"rotation_block_h": 2.0, "rotation_rest_h": 1.0, "critical_second_feed_share": 0.5, "reserve_mw": 0.0,
                  "industry_limit_share": 0.0} | more.get("settings", {}),
    )  # fmt: skip


def steps_of(system, count=3):
    """Take some steps, and check in each what always holds of who is off."""
    state, made = first_state(system), []
    for step in range(count):
        done = step_power(system, state, step, NONE)
        state, off = done.state, 1 - done.shares.homes
        assert done.off.by_rotation + done.off.by_damage == pytest.approx(off, abs=1e-12)
        assert min(done.off.by_rotation.min(), done.off.by_damage.min()) >= -1e-12
        if state.turns is not None:
            assert mean_over_homes(state.turns.off_share, state.turns) == pytest.approx(off, abs=1e-6)
        made.append(done)
    return made


ROTATIONS = [("queues", "optimum"), ("fixed", "optimum"), ("mean", "optimum"), ("queues", "order"), ("fixed", "order")]


@pytest.mark.parametrize(("rotation", "cuts"), ROTATIONS)
def test_a_plain_shortage_is_rotation_for_homes_without_demand(rotation, cuts):
    # of 200 MW 20 are critical, and 100 are there: 80 of 180 are served, so 5/9 are off, 7 of 12 sub-queues by order
    done = steps_of(system_of(supply_mw=100.0, rotation=rotation, cuts=cuts))[0]
    off = 5 / 9 if cuts == "optimum" else 7 / 12
    assert done.off.by_rotation[0] == pytest.approx([off, off])
    assert done.off.by_damage[0] == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(("rotation", "cuts"), ROTATIONS)
def test_a_dead_island_is_damage_for_homes_without_demand(rotation, cuts):
    system = system_of(rotation=rotation, cuts=cuts, capacity={"branch_share": np.zeros((4, 1, 1))})
    system = replace(system, consumers=replace(system.consumers, tier_share=np.array([[0.1, 0.5, 0.2, 0.2], NO_HOMES])))
    done = steps_of(system)[0]
    assert done.off.by_rotation[0] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert done.off.by_damage[0] == pytest.approx([0.0, 1.0], abs=1e-12)


@pytest.mark.parametrize("cuts", ["optimum", "order"])
@pytest.mark.parametrize("rotation", ["queues", "fixed"])
def test_half_of_the_feeders_broken_is_damage_and_the_shortage_on_the_others_rotation(rotation, cuts):
    # with second feeds for half: 200 - 45 - 2.5 = 152.5 MW are left, 17.5 of them critical; of the 135 others
    # 110 - 17.5 = 92.5 are served: 31.5 % are cut, four of twelve sub-queues by order
    done = steps_of(system_of(supply_mw=110.0, limit_mw=50.0, rotation=rotation, cuts=cuts))[0]
    cut = 1 - 92.5 / 135 if cuts == "optimum" else 4 / 12
    assert done.off.by_damage[0] == pytest.approx([0.5, 0.0], abs=1e-12)
    assert done.off.by_rotation[0] == pytest.approx([0.5 * cut, cut])


def test_with_a_mean_half_of_the_feeders_broken_is_damage_as_for_homes_with_demand():
    # A's 50 MW leave 40 of 90 to others: 5/9 are off, half of all because of feeders. B has 60 - 10 of 90: 4/9
    done = steps_of(system_of(supply_mw=110.0, limit_mw=50.0, rotation="mean"))[0]
    assert done.off.by_damage[0] == pytest.approx([0.5, 0.0], abs=1e-12)
    assert done.off.by_rotation[0] == pytest.approx([5 / 9 - 0.5, 4 / 9])


@pytest.mark.parametrize("rotation", ["queues", "fixed", "mean"])
@pytest.mark.parametrize("cuts", ["optimum", "order"])
def test_broken_feeders_alone_are_never_rotation(rotation, cuts):
    done = steps_of(system_of(limit_mw=50.0, rotation=rotation, cuts="optimum" if rotation == "mean" else cuts))[0]
    beyond = 1 / 18 if rotation == "mean" else 0.0  # critical consumers come first: 40 of 90 are served
    assert done.off.by_damage[0] == pytest.approx([0.5, 0.0], abs=1e-12)
    assert done.off.by_rotation[0] == pytest.approx([beyond, 0.0], abs=1e-12)


OUTSIDE = {"exempt": np.array([0.3, 0.1]), "shared": np.array([0.2, 0.2])}
CASES = {
    "short": {"supply_mw": 100.0},
    "shorter than all queues": {"supply_mw": 40.0},
    "broken": {"limit_mw": 40.0},
    "both": {"supply_mw": 90.0, "limit_mw": 60.0},
    "all broken": {"supply_mw": 90.0, "limit_mw": 0.0},
    "a line": {"options": {}, "line": 30.0},
    "no island": {"capacity": {"branch_share": np.zeros((4, 1, 1))}},
    "cascade": {"cascade": True},
    "cascade in a shortage": {"cascade": True, "supply_mw": 150.0},
}  # fmt: skip


def case_of(case, tiers, rotation, cuts, outside):
    """One of `CASES`, with tiers of A."""
    given = dict(CASES[case])
    line, cascade = given.pop("line", 1000.0), given.pop("cascade", False)
    if outside:
        given["queues"] = OUTSIDE
    system = system_of(
        tiers, rotation=rotation, cuts=cuts, settings={"industry_limit_share": 0.0 if outside else 0.1}, **given
    )
    if cascade:
        changed, share_of = np.zeros((4, 1), dtype=bool), system.capacity.generator_share.copy()
        changed[1], share_of[1:, 0, 0] = True, 0.6 * share_of[1:, 0, 0]
        system = replace(system, capacity=replace(system.capacity, changed=changed, generator_share=share_of),
                         options=replace(system.options, cascade="full"))  # fmt: skip
    if line < 1000.0:
        grid = replace(system.grid, rating_mw=np.array([line]))
        system = replace(system, dispatcher=type(system.dispatcher)(grid))
    return system


# with firms outside the queues, what relays take beyond a shortage is known as a mean of all tiers only
COURSES = [(one, some) for one in CASES for some in (False, True) if not some or "cascade in" not in one]


@pytest.mark.parametrize(("case", "outside"), COURSES)
@pytest.mark.parametrize(("rotation", "cuts"), ROTATIONS)
def test_no_demand_is_the_limit_of_a_small_demand(rotation, cuts, case, outside):
    def found(share):
        system = case_of(case, [0.1, share, 0.45, 0.45 - share], rotation, cuts, outside)
        return [(d.off.by_rotation, d.off.by_damage, d.cohorts.power, d.shares.plant) for d in steps_of(system)]

    for without, small in zip(found(0.0), found(SLIVER), strict=True):
        for one, other in zip(without, small, strict=True):
            assert one == pytest.approx(other, abs=1e-4)


@pytest.mark.parametrize("course", at_gate(COURSES, 3))
@pytest.mark.parametrize(("rotation", "cuts"), ROTATIONS)
def test_critical_consumers_without_demand_have_power_as_those_with_a_small_one(rotation, cuts, course):
    case, outside = course

    def found(share):
        tiers = [share, 0.5, 0.25, 0.25 - share]
        return [(d.shares.critical, d.shares.plant) for d in steps_of(case_of(case, tiers, rotation, cuts, outside))]

    for without, small in zip(found(0.0), found(SLIVER), strict=True):
        for one, other in zip(without, small, strict=True):
            assert one == pytest.approx(other, abs=1e-4)


@pytest.mark.parametrize("rotation", ["queues", "fixed", "mean"])
def test_a_timetable_takes_nothing_from_critical_consumers_without_demand(rotation):
    system = system_of([0.0, 0.5, 0.25, 0.25], rotation=rotation)
    system = replace(system, consumers=replace(system.consumers, timetable_off=np.full((29, 2), 0.5)))
    assert steps_of(system)[0].shares.critical[0] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("rotation", ["queues", "fixed", "mean"])
def test_a_timetable_is_rotation_for_homes_without_demand(rotation):
    # a quarter of the queues is off by timetable, and a fifth of homes shares feeders that it does not reach
    timetable = np.full((29, 2), 0.25)
    shared = {} if rotation == "mean" else {"queues": OUTSIDE}
    system = system_of(rotation=rotation, **shared)
    system = replace(system, consumers=replace(system.consumers, timetable_off=timetable))
    done = steps_of(system)[0]
    off = 0.25 if rotation == "mean" else 0.25 * 0.8
    assert done.off.by_rotation[0] == pytest.approx([off, off])
    assert done.off.by_damage[0] == pytest.approx([0.0, 0.0], abs=1e-12)


def test_a_region_without_any_demand_has_power_as_long_as_its_bus_is_live():
    nothing = {"reference_mw": np.array([100.0, 0.0]), "slope_mw_per_k": np.zeros(2)}
    for lines, off in ((np.ones((4, 1, 1)), 0.0), (np.zeros((4, 1, 1)), 1.0)):
        system = system_of(supply_mw=60.0, capacity={"branch_share": lines})
        done = steps_of(replace(system, consumers=replace(system.consumers, **nothing)))[0]
        assert done.off.by_damage[0] == pytest.approx([0.0, off])
        assert done.off.by_rotation[0] == pytest.approx([4 / 9, 0.0])


def test_homes_have_their_turns_in_hours_in_which_only_some_have_no_demand():
    # four hours in which half of all others are cut; in the second and third no household demand is given
    both = [system_of(tiers, supply_mw=110.0) for tiers in ([0.1, 0.5, 0.2, 0.2], NO_HOMES)]
    state, hours = first_state(both[0]), np.zeros(12)
    for step in range(4):
        done = step_power(both[step in {1, 2}], state, step, NONE)
        state = done.state
        assert done.off.by_rotation[0] == pytest.approx([0.5, 0.5])
        hours += 1 - done.cohorts.power[:, 0, 0]
    assert hours == pytest.approx(np.full(12, 2.0))  # blocks of two hours, half of all sub-queues in each


def test_heaters_trip_no_feeders_of_which_nothing_says_what_they_were_built_for(three, folder, replace_cell):
    # half of Northland's heat is out; without a household demand its feeders would be built for 0 kW a dwelling
    for tier, share in (("household", "0.0"), ("business", "0.35"), ("industry", "0.35")):
        replace_cell("regions", 2, f"share_{tier}", share)
    cold = {"time": "2026-01-05 00:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.5}
    found = gm.run(three(network=str(folder), events=[cold])).sel(region="TR-1")
    assert float(found["heater_mw"].max()) > 10
    assert float(found["feeder_tripped_share"].max()) == 0
    assert float(found["people_off_by_damage"].max()) == pytest.approx(0, abs=1e-6)
    assert float(found["people_off_by_rotation"].min()) > 300_000
