"""Who can be cut: consumers outside the queues, worked out by hand."""

import numpy as np
import pytest
from services.power_systems import two_regions

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.sampling import draw_settings, number_streams
from gridmodel.services.power.cascade import Off
from gridmodel.services.power.feedback import Heaters
from gridmodel.services.power.queues import (
    Queues,
    build_queues,
    check_queues,
    joined_kept,
    kept_share,
    split_kept,
    with_critical,
)
from gridmodel.services.power.step import first_state, step_power
from gridmodel.simulation.inputs import run_inputs

NONE = Heaters(wanted_mw=np.zeros((1, 2)), home_share=np.zeros((1, 2)))
USUAL = np.array([0.3, 0.3, 0.2, 0.2])
SURE = {"critical_share_factor": [1.0, 1.0], "shared_feeder_share": [0.0, 0.0], "outside_queues_spread": 0.0}
FACTOR_ON = {"share_critical": "critical_share_factor", "share_exempt": "exempt_share_factor"}
PLAIN = {"heater_feedback": False, "cold_load_pickup": False}


def test_exempt_demand_is_industry_then_business_and_never_homes():
    assert kept_share(USUAL, np.array(0.1), np.array(0.0)) == pytest.approx([0, 0, 0, 0.5])
    assert kept_share(USUAL, np.array(0.25), np.array(0.0)) == pytest.approx([0, 0, 0.25, 1])
    assert kept_share(USUAL, np.array(0.9), np.array(0.0)) == pytest.approx([0, 0, 1, 1])


def test_shared_feeders_keep_the_same_share_of_all_who_are_not_exempt():
    kept = kept_share(USUAL, np.array(0.25), np.array(0.2))
    assert kept == pytest.approx([0, 0.2, 0.25 + 0.2 * 0.75, 1])
    queues = Queues(tier_share=USUAL[None], exempt=np.array([0.25]), shared=np.array([0.2]),
                    exempt_remaining=np.ones((1, 1, 1)))  # fmt: skip
    # 0.30 critical, 0.25 exempt, a fifth of the other 0.45
    assert queues.outside_share(0).ravel() == pytest.approx([0.30 + 0.25 + 0.09])


def test_a_larger_critical_share_takes_from_all_others_in_proportion():
    assert with_critical(USUAL[None], np.array([1.5]))[0] == pytest.approx(
        [0.45, 0.55 * 3 / 7, 0.55 * 2 / 7, 0.55 * 2 / 7]
    )
    assert with_critical(USUAL[None], np.array([9.0]))[0] == pytest.approx([1, 0, 0, 0])
    all_critical = np.array([[1.0, 0.0, 0.0, 0.0]])  # nobody else to take the rest
    assert with_critical(all_critical, np.array([1.0]))[0] == pytest.approx([1, 0, 0, 0])
    members = with_critical(np.tile(USUAL, (2, 1)), np.array([[1.0, 0.5], [2.0, 1.0]]))
    assert members.sum(axis=-1) == pytest.approx(1)
    assert members[..., 0] == pytest.approx(np.array([[0.3, 0.15], [0.6, 0.3]]))


def test_loads_are_split_and_joined_without_losing_a_megawatt():
    random = np.random.default_rng(3)
    demand, kept = random.uniform(0, 50, (4, 12)), random.uniform(0, 1, (4, 3, 4))
    loads, part = split_kept(demand, kept)
    assert loads.shape == (4, 15)
    assert joined_kept(loads, part) == pytest.approx(demand)
    causes = np.stack([loads, 2 * loads], axis=-1)
    assert joined_kept(causes, part) == pytest.approx(np.stack([demand, 2 * demand], axis=-1))
    none = split_kept(demand, np.zeros((4, 3, 4)))
    assert joined_kept(*none).tobytes() == demand.tobytes()


def outside(**changes):
    """Region A has 20 MW of exempt industry and half of its business; B nobody. 200 MW are needed, 120 there."""
    queues = {"exempt": np.array([0.3, 0.0])} | changes.pop("queues", {})
    capacity = {"import_mw": np.zeros((4, 1)), "generator_share": np.tile([1.0, 0.0, 1.0], (4, 1, 1))}
    return two_regions(queues=queues, capacity=capacity | changes.pop("capacity", {}), **changes)


def test_consumers_outside_the_queues_stay_on_and_all_others_are_cut_as_deeply_everywhere():
    system = outside()
    done = step_power(system, first_state(system), 0, NONE)
    # 20 MW critical and 30 exempt; 70 are left for 150: homes of A and B alike
    served = done.served_mw[0]
    assert served[0] == pytest.approx([10, 50 * 7 / 15, 10 + 10 * 7 / 15, 20])
    assert served[1] == pytest.approx([10, 50 * 7 / 15, 20 * 7 / 15, 20 * 7 / 15])
    assert done.shares.homes[0] == pytest.approx([7 / 15, 7 / 15])
    assert done.cause_mw.sum(axis=-1) == pytest.approx(done.demand_mw - done.served_mw)


def test_consumers_outside_the_queues_are_cut_before_critical_ones_and_after_all_others():
    system = outside(capacity={"generator_share": np.tile([0.25, 0.0, 1.0], (4, 1, 1))})
    done = step_power(system, first_state(system), 0, NONE)  # 30 MW: 20 critical, 10 of 30 exempt
    assert done.served_mw[0, 0] == pytest.approx([10, 0, 10 / 3, 20 / 3])
    assert done.served_mw[0, 1] == pytest.approx([10, 0, 0, 0])


def test_an_event_that_frees_exempt_demand_puts_it_into_the_queues():
    freed = np.ones((4, 1, 2))
    freed[1:, :, 0] = 1 / 3  # 10 MW of industry stay outside
    system = outside(queues={"exempt_remaining": freed})
    state = first_state(system)
    for step, kept in ((0, 30), (1, 10)):
        done = step_power(system, state, step, NONE)
        assert done.shares.homes[0] == pytest.approx([(100 - kept) / (180 - kept)] * 2)
        state = done.state


def test_with_a_cascade_that_sets_off_nothing_the_step_is_the_same():
    plain, followed = outside(), outside(options={"cascade": "full"})
    one, two = (step_power(system, first_state(system), 0, NONE) for system in (plain, followed))
    assert two.served_mw.tobytes() == one.served_mw.tobytes()
    assert Off.nothing(followed).any.tolist() == [False]


def test_the_share_outside_is_of_the_whole_run_and_stands_in_its_result(three, folder):
    path = folder / "regions.csv"
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head + ",share_exempt", rows[0] + ",0.25", rows[1] + ",", rows[2] + ",0"]) + "\n")
    got = gm.run(three(network=str(folder), end="2026-01-05 02:00", **SURE, **PLAIN))
    assert got["outside_queues_share"].isel(member=0).to_numpy() == pytest.approx([0.55, 0.3, 0.3])
    # 2,000 MW, 1,500 there: 600 critical, 250 exempt, 650 for 1,150
    homes = (got["served_mw"] / got["demand_mw"]).sel(tier="household").isel(member=0, time=0).to_numpy()
    assert homes == pytest.approx([650 / 1150] * 3)
    freed = {"time": "2026-01-05 01:00", "target": "TR/exempt", "kind": "limit", "share": 0.2}
    got = gm.run(three(network=str(folder), end="2026-01-05 02:00", events=[freed], **SURE, **PLAIN))
    homes = (got["served_mw"] / got["demand_mw"]).sel(tier="household").isel(member=0).to_numpy()
    assert homes[0] == pytest.approx([650 / 1150] * 3)
    assert homes[1] == pytest.approx([850 / 1350] * 3)
    assert got["shed_mw"].sel(tier="critical").sum() == pytest.approx(0)


def queues_of(three, members=8, **changes):
    scenario = three(deterministic=False, members=members, **changes)
    numbers = tuple(range(members))
    settings = draw_settings(scenario, numbers)
    network = read_network("three-region")
    return build_queues(scenario, network, number_streams(scenario, numbers), settings, np.ones((1, 1, 3))), settings


def test_shares_outside_are_drawn_nationally_and_by_region_within_their_ranges(three):
    queues, settings = queues_of(three, members=200, outside_queues_spread=0.1)
    regional = queues.tier_share[..., 0] / 0.3 / settings["critical_share_factor"]
    assert (np.abs(regional - 1) <= 0.1 + 1e-12).all()
    assert regional.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.1)
    assert abs(np.corrcoef(regional[:, 0], regional[:, 1])[0, 1]) < 0.2
    national = settings["critical_share_factor"]
    assert (national.min() < 0.85, national.max() > 1.35) == (True, True)
    assert queues.shared.max() <= 0.22
    few, _ = queues_of(three, members=3, outside_queues_spread=0.1)
    assert few.tier_share.tobytes() == queues.tier_share[:3].tobytes()


def test_a_deterministic_run_takes_the_shares_of_the_table(three):
    inputs = run_inputs(three())
    assert inputs.parts["power"].queues.tier_share == pytest.approx(np.broadcast_to(USUAL, (1, 3, 4)))


def test_ranges_that_leave_nothing_to_cut_are_told_with_their_regions(three):
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(critical_share_factor=[1.0, 3.4]))
    (problem,) = caught.value.problems
    assert problem.field == "critical_share_factor"
    assert "leaves nothing to cut in TR-1, TR-2, TR-3" in problem.message


@pytest.mark.parametrize(
    ("given", "field", "hint"),
    [
        ({"shared_feeder_share": {"uniform": [0.5, 1.0]}}, "shared_feeder_share", "lower it, or the high end of its range"),
        ({"critical_share_factor": [1.0, 1.6], "shared_feeder_share": [0.0, 1.0]}, "shared_feeder_share", "lower it"),
        (
            {"critical_share_factor": [1.0, 2.0], "outside_queues_spread": 0.7},
            "critical_share_factor, outside_queues_spread", "lower one of them",
        ),
        (
            {"critical_share_factor": 9.0, "shared_feeder_share": 1.0, "exempt_share_factor": [0.6, 1.4]},
            "critical_share_factor, shared_feeder_share", "lower all of them",
        ),
    ],
)  # fmt: skip
def test_an_order_that_finds_nothing_to_cut_is_told_by_the_settings_that_are_the_cause(three, given, field, hint):
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(deterministic=False, **given))
    (problem,) = caught.value.problems
    assert problem.field == field
    assert problem.hint.startswith(hint)
    assert problem.message.startswith("leaves nothing" if ", " not in field else "together leave nothing")


@pytest.mark.parametrize(
    ("column", "shares"),
    [
        ("share_critical", {"share_critical": 0.9, "share_household": 0.1, "share_business": 0, "share_industry": 0}),
        ("share_exempt", {"share_critical": 0.01, "share_household": 0.0, "share_business": 0.49, "share_industry": 0.5, "share_exempt": 0.9}),
    ],
)  # fmt: skip
def test_a_network_that_leaves_nothing_to_cut_is_told_by_its_column(three, column, shares):
    network = read_network("three-region")
    network.tables["regions"].loc[1, list(shares)] = list(shares.values())
    (problem,) = check_queues(three(set_point_c=18.0), network)
    assert (problem.table, problem.field) == ("three-region/regions.csv", column)
    assert "leaves nothing to cut in TR-2:" in problem.message
    assert problem.hint == f"lower {column} of these regions, or in the scenario {FACTOR_ON[column]}"


def test_exempt_demand_that_no_region_has_is_no_target(three):
    freed = {"time": "2026-01-05 01:00", "target": "TR/exempt", "kind": "limit", "share": 0.2}
    with pytest.raises(gm.InputError, match="selects nothing"):
        run_inputs(three(events=[freed]))


def test_the_bundled_shares_outside_are_those_that_the_data_imply():
    network = read_network("ukraine")
    queues = build_queues(
        gm.load_scenario("january-2026").replace(deterministic=True), network, (0,),
        draw_settings(gm.load_scenario("january-2026").replace(deterministic=True), (0,)), np.ones((1, 1, 24)),
    )  # fmt: skip
    outside_ = dict(zip(network.regions, queues.outside_share(0)[0], strict=True))
    assert 0.33 <= outside_["UA-30"] <= 0.42
    assert all(0.53 <= share <= 0.72 for name, share in outside_.items() if name != "UA-30")
