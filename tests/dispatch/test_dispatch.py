from dataclasses import replace

import numpy as np
import pytest
from grids import cases, grid_of, optimum
from hypothesis import given

from gridmodel import InputError
from gridmodel.dispatch import Dispatcher, hold_islands, lp
from gridmodel.dispatch.merit import Island, level_fill
from gridmodel.network import GridLinks
from gridmodel.vocabulary import CAUSES


def solve(grid, need, available, **more):
    one = {name: np.atleast_2d(np.asarray(value, float)) for name, value in more.items() if value is not None}
    return Dispatcher(grid).solve(
        np.atleast_2d(np.asarray(need, float)), np.atleast_2d(np.asarray(available, float)), **one
    )


def told(got):
    return dict(zip(CAUSES, got.cause_mw[0].sum(axis=0), strict=True))


def test_with_enough_generation_everyone_is_served_cheapest_first():
    grid = grid_of(buses=2, branches=[(0, 1, 100, 1e4)], generators=[(0, 50), (1, 10)], loads=[(0, 1e3), (1, 1e3)])
    got = solve(grid, [40, 60], [100, 70])
    assert got.served_mw[0] == pytest.approx([40, 60])
    assert got.generation_mw[0] == pytest.approx([30, 70])
    assert got.flow_mw[0] == pytest.approx([-10])


def test_short_supply_is_shared_in_proportion_and_critical_is_served_first():
    grid = grid_of(
        buses=2, branches=[(0, 1, 100, 1e4)], generators=[(0, 50)], loads=[(0, 1e4), (0, 3e3), (1, 1e4), (1, 3e3)]
    )
    got = solve(grid, [30, 70, 60, 140], [195])
    assert got.served_mw[0] == pytest.approx([30, 35, 60, 70])
    assert got.cause_mw[0].sum(axis=0) == pytest.approx([0, 0, 105, 0])


def test_an_island_without_external_grid_is_served_from_its_own_plant():
    grid = grid_of(buses=2, branches=[], generators=[(1, 50)], loads=[(0, 3e3), (1, 3e3)])
    got = solve(grid, [100, 80], [50])
    assert got.served_mw[0] == pytest.approx([0, 50])
    assert told(got)["disconnected"] == pytest.approx(100)
    assert told(got)["island_deficit"] == pytest.approx(30)


def test_with_all_plants_out_the_answer_is_all_shed_and_the_cause_a_deficit():
    grid = grid_of(buses=1, branches=[], generators=[(0, 50)], loads=[(0, 3e3)])
    got = solve(grid, [100], [0])
    assert got.served_mw[0] == pytest.approx([0])
    assert got.cause_mw[0, 0] == pytest.approx([0, 0, 100, 0])


def test_a_full_line_makes_the_near_side_whole_and_the_cause_a_limit():
    grid = grid_of(buses=2, branches=[(0, 1, 100, 30)], generators=[(0, 50)], loads=[(0, 3e3), (1, 3e3)])
    got = solve(grid, [100, 100], [200])
    assert got.served_mw[0] == pytest.approx([100, 30])
    assert got.cause_mw[0].sum(axis=0) == pytest.approx([0, 0, 0, 70])


def test_a_delivery_limit_holds_and_its_share_of_the_shed_is_a_limit():
    grid = grid_of(
        buses=2, branches=[(0, 1, 100, 1e4)], generators=[(0, 50)], loads=[(0, 1e4), (0, 3e3), (1, 1e4), (1, 3e3)]
    )
    got = solve(grid, [30, 70, 30, 70], [160], delivery_mw=[[50, np.inf]])
    assert got.served_mw[0] == pytest.approx([30, 20, 30, 70])
    # without the limit both would lose 20 of their 70
    assert got.cause_mw[0].sum(axis=0) == pytest.approx([0, 0, 20, 30])


def test_imports_stay_within_the_limit_of_their_group():
    grid = grid_of(
        buses=1, branches=[], generators=[(0, 50), (0, 150), (0, 150)], loads=[(0, 3e3)], groups=[([1, 2], 30)]
    )
    got = solve(grid, [100], [40, 20, 60])
    assert got.generation_mw[0] == pytest.approx([40, 7.5, 22.5])
    assert got.served_mw[0] == pytest.approx([70])


def test_a_plant_in_two_groups_limits_what_is_missing_by_both_and_the_line_by_the_rest():
    # groups of 10 MW each over plants 0 and 1, and 1 and 2: 20 of 30 MW, plant 1 off; the line to the load lets 12 pass
    grid = grid_of(
        buses=2, branches=[(0, 1, 100, 12)], generators=[(0, 50), (0, 50), (0, 50)], loads=[(1, 3e3)],
        groups=[([0, 1], 10), ([1, 2], 10)],
    )  # fmt: skip
    got = solve(grid, [30], [10, 10, 10])
    assert got.served_mw[0] == pytest.approx([12])
    assert told(got) == pytest.approx({"disconnected": 0, "island_deficit": 0, "deficit": 10, "limit": 8})


def test_what_islands_lack_beyond_a_limit_that_they_share_is_a_deficit_and_no_limit():
    # one plant of 30 MW in each island, 30 MW together: of 20 and 40 MW each gets half, where both alone give 50
    two = {"buses": 2, "branches": [], "generators": [(0, 50), (1, 50)], "groups": [([0, 1], 30)]}
    got = solve(grid_of(loads=[(0, 3e3), (1, 3e3)], **two), [20, 40], [30, 30])
    assert got.served_mw[0] == pytest.approx([10, 20])
    assert told(got) == pytest.approx({"disconnected": 0, "island_deficit": 10, "deficit": 20, "limit": 0})


def test_a_limit_of_a_region_beside_one_that_islands_share_is_told_by_what_it_costs():
    # the region of bus 1 may take 5 MW, so that bus 0 has 20 of the 30 that the group gives; without that limit the
    # islands would share as above: 10 of 20 and 20 of 40, so that 15 of the 35 MW are off for the limit of the region
    grid = grid_of(
        buses=2, branches=[], generators=[(0, 50), (1, 50)], loads=[(0, 3e3), (1, 3e3)], groups=[([0, 1], 30)]
    )
    got = solve(grid, [20, 40], [30, 30], delivery_mw=[[np.inf, 5]])
    assert got.served_mw[0] == pytest.approx([20, 5])
    assert told(got) == pytest.approx({"disconnected": 0, "island_deficit": 0, "deficit": 20, "limit": 15})


def test_a_line_beside_a_limit_that_islands_share_is_told_by_what_it_costs():
    # bus 1 hangs on bus 2 by a line of 5 MW, bus 2 has the plant; the same figures
    grid = grid_of(
        buses=3, branches=[(2, 1, 100, 5)], generators=[(0, 50), (2, 50)], loads=[(0, 3e3), (1, 3e3)],
        groups=[([0, 1], 30)],
    )  # fmt: skip
    got = solve(grid, [20, 40], [30, 30])
    assert got.served_mw[0] == pytest.approx([20, 5])
    assert told(got) == pytest.approx({"disconnected": 0, "island_deficit": 0, "deficit": 20, "limit": 15})


def test_what_islands_that_links_join_lack_beyond_a_limit_that_they_share_with_others_is_a_deficit_too():
    # the figures of the first of these: the plant of bus 0 reaches the 20 MW of bus 1 by a link, bus 2 is alone
    grid = grid_of(
        buses=3, branches=[], generators=[(0, 50), (2, 50), (1, 0), (0, 0)], loads=[(1, 3e3), (2, 3e3)],
        groups=[([0, 1], 30)],
    )  # fmt: skip
    links = GridLinks(generator=np.array([2, 3]), start=np.array([0, 1]), arrives=np.ones(2))
    got = solve(replace(grid, links=links), [20, 40], [30, 30, 100, 100])
    assert got.served_mw[0] == pytest.approx([10, 20])
    assert told(got) == pytest.approx({"disconnected": 0, "island_deficit": 10, "deficit": 20, "limit": 0})


def test_taking_a_branch_out_may_serve_more_as_in_any_dc_grid():
    branches = [(0, 2, 100, 50), (0, 1, 100, 100), (1, 2, 100, 100)]
    grid = grid_of(buses=3, branches=branches, generators=[(0, 10)], loads=[(2, 3e3)])
    assert solve(grid, [100], [200]).served_mw[0, 0] == pytest.approx(75)
    assert solve(grid, [100], [200], branch_share=[[0, 1, 1]]).served_mw[0, 0] == pytest.approx(100)


def test_a_line_of_no_rating_that_is_out_limits_nothing():
    # 0 MW times an endless share was no number, with a warning; the other line lets 30 of 50 MW pass
    branches = [(0, 1, 100, 0.0), (0, 1, 100, 30.0)]
    grid = grid_of(buses=2, branches=branches, generators=[(0, 10)], loads=[(1, 3e3)])
    got = solve(grid, [50], [100], branch_share=[[0, 1]])
    assert got.served_mw[0] == pytest.approx([30])
    assert np.abs(solve(grid, [50], [100]).flow_mw[0, 0]) <= 1e-6


def test_a_phase_shift_drives_flow_without_any_injection():
    grid = grid_of(
        buses=2, branches=[(0, 1, 100, 1e4, 0.1), (0, 1, 100, 1e4, 0.0)], generators=[(0, 1)], loads=[(1, 3e3)]
    )
    got = solve(grid, [0], [0])
    assert got.flow_mw[0] == pytest.approx([-5, 5])


@pytest.mark.parametrize("unanswered", [0, 2])
@pytest.mark.parametrize("need", [36.0, 0.0])
def test_phase_shifts_beyond_every_limit_are_told_also_where_the_solver_ends_without_an_answer(
    monkeypatch, need, unanswered
):
    # flows are 2e7 (a - 0.01) and twice 2e4 a: below 100 MW on the second, a is below 0.005, and the first at -100,000;
    # to a need of 36 MW, the third attempt finds no answer at all
    branches = [(0, 1, 2e7, 100, 0.01), (0, 1, 2e4, 100, 0.0), (0, 1, 2e4, 1e5, 0.0)]
    grid = grid_of(buses=2, branches=branches, generators=[(0, 20)], loads=[(1, 3e3)])
    monkeypatch.setattr(lp, "ATTEMPTS", lp.ATTEMPTS[unanswered:])
    with pytest.raises(InputError, match="no dispatch keeps the limits of branches: phase shifts drive flows"):
        solve(grid, [need], [0])


def test_where_a_limit_binds_the_least_served_gets_as_much_as_it_can():
    # bus 2 hangs on a line of 10; buses 0 and 1 share what is left of 100 at one level
    branches = [(0, 1, 100, 1e4), (1, 2, 100, 10)]
    grid = grid_of(buses=3, branches=branches, generators=[(0, 10)], loads=[(0, 3e3), (1, 3e3), (2, 3e3)])
    got = solve(grid, [100, 50, 50], [100])
    assert got.served_mw[0] == pytest.approx([60, 30, 10], abs=1e-5)


@given(cases())
def test_the_optimum_is_that_of_an_independent_programme(case):
    grid, need, available, share, delivery = case
    got = solve(grid, need, available, branch_share=share, delivery_mw=delivery)
    exact, _ = optimum(grid, need, available, share=share, delivery=delivery)
    cost = (grid.generator_cost * got.generation_mw[0]).sum() + (grid.load_cost * (need - got.served_mw[0])).sum()
    assert cost == pytest.approx(exact, rel=1e-6, abs=1e-3)


@given(cases())
def test_balance_closes_in_every_island_and_no_limit_is_broken(case):
    grid, need, available, share, delivery = case
    got = solve(grid, need, available, branch_share=share, delivery_mw=delivery)
    served, output, flow = got.served_mw[0], got.generation_mw[0], got.flow_mw[0]
    island = Dispatcher(grid).topology(share > 0).island
    for i in range(island.max() + 1):
        supply = output[island[grid.generator_bus] == i].sum()
        assert supply == pytest.approx(served[island[grid.load_bus] == i].sum(), rel=1e-6, abs=1e-6)
    assert (served >= 0).all()
    assert (served <= need).all()
    assert (output <= available + 1e-9).all()
    assert (np.abs(flow)[share > 0] <= (grid.rating_mw * share)[share > 0] + 1e-4).all()
    for region in range(grid.regions):
        assert served[grid.load_region == region].sum() <= delivery[region] + 1e-5
    for members, limit in grid.groups:
        assert output[members].sum() <= limit + 1e-5


@given(cases())
def test_causes_add_up_to_what_is_shed(case):
    grid, need, available, share, delivery = case
    got = solve(grid, need, available, branch_share=share, delivery_mw=delivery)
    assert got.cause_mw.sum(axis=2) == pytest.approx(need[None] - got.served_mw, abs=1e-6)
    assert (got.cause_mw >= 0).all()


@given(cases(limits=False))
def test_loads_of_equal_cost_in_an_island_without_limits_are_cut_alike(case):
    grid, need, available, share, _ = case
    got = solve(grid, need, available, branch_share=share)
    if got.programmes:
        return
    island = Dispatcher(grid).topology(share > 0).island[grid.load_bus]
    for i in np.unique(island):
        for cost in np.unique(grid.load_cost):
            here = (island == i) & (grid.load_cost == cost) & (need > 0)
            shares = got.served_mw[0, here] / need[here]
            assert np.ptp(shares) < 1e-9 if here.any() else True


@given(cases())
def test_no_load_is_served_less_than_another_unless_raising_it_is_impossible(case):
    """Max-min fairness: raising the lowest share of a group must cost someone."""
    grid, need, available, share, delivery = case
    got = solve(grid, need, available, branch_share=share, delivery_mw=delivery)
    exact, _ = optimum(grid, need, available, share=share, delivery=delivery)
    for cost in np.unique(grid.load_cost):
        members = np.flatnonzero((grid.load_cost == cost) & (need > 0))
        if len(members) < 2:
            continue
        shares = got.served_mw[0, members] / need[members]
        worst = members[shares.argmin()]
        if shares.min() > 1 - 1e-6:
            continue
        # ask for 2 points more for the worst, none of the others below the old minimum plus 2 points
        floor = min(shares.min() + 0.02, 1.0)
        forced = need.copy()
        raised = grid.load_cost.copy()
        raised[members] = cost
        lower = np.where(np.isin(np.arange(len(need)), members), floor * need, 0.0)
        assert not _reachable(grid, forced, available, share, delivery, lower, exact), (worst, shares)


def _reachable(grid, need, available, share, delivery, lower, exact):
    """Whether the optimal cost can be had with every load at least at a lower bound: split each load in two, the
    lower part dear beyond all measure."""
    k = len(need)
    split = grid_of(
        buses=grid.buses,
        branches=list(zip(grid.branch_from, grid.branch_to, grid.susceptance_mw, grid.rating_mw, grid.shift_rad, strict=True)),
        generators=list(zip(grid.generator_bus, grid.generator_cost, strict=True)),
        loads=[(b, 1e6) for b in grid.load_bus] + list(zip(grid.load_bus, grid.load_cost, strict=True)),
        regions=np.tile(grid.load_region, 2), groups=grid.groups, transfers=grid.transfers,
    )  # fmt: skip
    cost, served = optimum(split, np.concatenate([lower, need - lower]), available, share=share, delivery=delivery)
    if (served[:k] < lower - 1e-5).any():
        return False
    return cost <= exact + 1e-3 + 1e-7 * abs(exact)


@given(cases())
def test_a_snapshot_gives_the_same_bits_alone_and_in_any_batch(case):
    grid, need, available, share, delivery = case
    scale = np.linspace(0.4, 1.6, 7)[:, None]
    needs, plants = need * scale, available * scale[::-1]
    shares, limits = np.tile(share, (7, 1)), np.tile(delivery, (7, 1))
    batch = Dispatcher(grid).solve(needs, plants, branch_share=shares, delivery_mw=limits)
    for row in (0, 3, 6):
        one = slice(row, row + 1)
        alone = Dispatcher(grid).solve(needs[one], plants[one], branch_share=shares[one], delivery_mw=limits[one])
        for name in ("served_mw", "generation_mw", "flow_mw", "cause_mw"):
            assert getattr(alone, name).tobytes() == getattr(batch, name)[one].tobytes()


@given(cases())
def test_order_of_loads_and_generators_does_not_matter(case):
    grid, need, available, share, delivery = case
    rng = np.random.default_rng(7)
    loads, plants = rng.permutation(len(need)), rng.permutation(len(available))
    place = np.argsort(plants)
    other = grid_of(
        buses=grid.buses,
        branches=list(zip(grid.branch_from, grid.branch_to, grid.susceptance_mw, grid.rating_mw, grid.shift_rad, strict=True)),
        generators=list(zip(grid.generator_bus[plants], grid.generator_cost[plants], strict=True)),
        loads=list(zip(grid.load_bus[loads], grid.load_cost[loads], strict=True)), regions=grid.load_region[loads],
        groups=[(place[m], limit) for m, limit in grid.groups], transfers=grid.transfers,
    )  # fmt: skip
    one = solve(grid, need, available, branch_share=share, delivery_mw=delivery)
    two = solve(other, need[loads], available[plants], branch_share=share, delivery_mw=delivery)
    assert two.served_mw[0].sum() == pytest.approx(one.served_mw[0].sum(), abs=1e-4)
    if not one.programmes:
        assert two.served_mw[0] == pytest.approx(one.served_mw[0, loads], abs=1e-6)


def test_level_fill_shares_at_one_level_below_the_caps():
    got = level_fill(np.array([90.0, 30.0]), np.full((2, 3), 50.0), np.array([[10.0, np.inf, np.inf]] * 2))
    assert got == pytest.approx(np.array([[10, 40, 40], [10, 10, 10]]))


def alone(supply_mw, *, costs=(10.0, 50.0), shed_cost=1000.0, groups=(), limits=()):
    """Return what is served and given in one pot of one region that wants 100 MW, with two plants."""
    island = Island(np.array([shed_cost]), np.array([0]), 1, np.array(costs), [np.array(one) for one in groups])
    served, given_ = island.serve(
        np.array([[100.0]]), np.array([supply_mw]), cap=np.array([[np.inf]]),
        group_limits=[np.array([limit]) for limit in limits],
    )  # fmt: skip
    return served[0].tolist(), given_[0].tolist()


def test_plant_that_costs_as_much_as_shedding_is_not_run_to_serve():
    # 60 MW at 10 €/MWh are worth their cost to load at 50 €/MWh, and 60 MW at 50 €/MWh are not
    assert alone([60.0, 60.0], shed_cost=50.0) == ([60.0], [60.0, 0.0])
    assert alone([60.0, 60.0], shed_cost=50.1) == ([100.0], [60.0, 40.0])


def test_the_limit_of_a_group_cuts_its_dearest_plant_first_and_equal_costs_in_proportion():
    # 80 MW of a group of two plants: 60 of the cheap one and 20 of the dear one
    served, given_ = alone([60.0, 60.0], groups=[[0, 1]], limits=[80.0])
    assert served == pytest.approx([80.0])
    assert given_ == pytest.approx([60.0, 20.0])
    _, given_ = alone([60.0, 20.0], costs=(10.0, 10.0), groups=[[0, 1]], limits=[40.0])
    assert given_ == pytest.approx([30.0, 10.0])


@pytest.mark.parametrize(
    ("load", "min_stable", "forming", "alive"),
    [
        pytest.param(100.0, 0.5, True, True, id="a unit that fits holds the island"),
        pytest.param(20.0, 0.5, True, False, id="a unit whose lowest output is too much does not"),
        pytest.param(100.0, 0.0, False, False, id="solar alone does not"),
    ],
)
def test_an_island_lives_only_with_a_unit_that_can_hold_it(load, min_stable, forming, alive):
    grid = grid_of(buses=1, branches=[], generators=[(0, 1)], loads=[(0, 3e3)])
    held = hold_islands(
        grid, Dispatcher(grid).topology(), demand_mw=np.array([[load]]), available_mw=np.array([[80.0]]),
        unit_mw=np.array([80.0]), min_stable_pu=np.array([min_stable]), grid_forming=np.array([forming]),
        border=np.array([False]),
    )  # fmt: skip
    assert (held[0, 0] > 0) == alive
