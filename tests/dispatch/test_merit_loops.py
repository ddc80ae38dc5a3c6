"""Islands served snapshot by snapshot and array by array: the same bytes. Without numba the loops run as plain Python."""

import numpy as np
import pytest
from conftest import at_gate

from gridmodel.arrays import row_sum
from gridmodel.dispatch import merit_loops
from gridmodel.dispatch.engine import Dispatcher
from gridmodel.dispatch.islands import hold_islands, make_topology
from gridmodel.dispatch.merit import Gather, Island
from gridmodel.network import Grid

REGIONS = 7


def an_island(rng, consumers, plants, *, groups):
    """An island with ties of cost, some regions without consumers, and disjoint groups of generators."""
    tiers = np.array([40.0, 300.0, 8000.0])
    cost = rng.choice([10.0, 25.0, 40.0, 90.0, 400.0], plants)
    place = rng.choice([0, 1, 2, 4, 5, 6], consumers)
    order = rng.permutation(plants)
    members = [np.sort(order[: plants // 4]), np.sort(order[plants // 4 : plants // 3])] if groups else []
    return Island(rng.choice(tiers, consumers), place, REGIONS, cost, members), len(members)


def numbers(rng, rows, consumers, plants, groups, caps):
    demand = rng.uniform(0.0, 50.0, (rows, consumers)) * (rng.random((rows, consumers)) < 0.8)
    demand[: rows // 4] = 0.0
    available = rng.uniform(0.0, 60.0 * consumers / plants, (rows, plants)) * (rng.random((rows, plants)) < 0.8)
    cap = np.full((rows, REGIONS), np.inf)
    if caps:
        cap = np.round(rng.uniform(0.0, 12.0 * consumers, (rows, REGIONS)) / REGIONS) * (rng.random(cap.shape) < 0.9)
        cap[::3] = np.inf
        cap[1::3, ::2] = np.inf
    limits = rng.uniform(0.0, 200.0, (rows, groups))
    limits[::5] = np.inf
    return demand, available, cap, limits


@pytest.mark.parametrize("caps", [False, True])
@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize(("consumers", "plants"), [(5, 3), (40, 30), (330, 290)])
def test_loops_serve_an_island_with_the_bytes_of_arrays_for_any_number_of_snapshots(consumers, plants, groups, caps):
    rng = np.random.default_rng([consumers, groups, caps])
    island, count = an_island(rng, consumers, plants, groups=groups)
    here, run = np.arange(1, 2 * consumers, 2), np.arange(plants) + 2  # other islands have the other columns
    rows = 12
    demand, available, cap, limits = numbers(rng, rows, 2 * consumers, plants + 4, count, caps)
    made = np.zeros_like(demand), np.zeros_like(available)
    with np.errstate(all="ignore"):
        merit_loops.serve(island.pot(here, run), (demand, available), (cap, limits), made)
    for part in (slice(None), slice(3, 4), slice(5, 8)):
        served, output = island.serve(
            demand[part][:, here], available[part][:, run], cap=cap[part],
            group_limits=[limits[part, number] for number in range(count)],
        )  # fmt: skip
        assert made[0][part][:, here].tobytes() == served.tobytes()
        assert made[1][part][:, run].tobytes() == output.tobytes()
    assert made[0][:, ::2].max() == made[1][:, :2].max() == 0.0
    assert made[0].sum(axis=1) == pytest.approx(made[1].sum(axis=1))
    assert made[0].max() > 0


@pytest.mark.parametrize("count", at_gate([1, 2, 6, 7, 8, 9, 128, 129, 136, 137, 300, 1031], 4))
def test_loops_add_up_a_row_in_the_order_of_numpy(count):
    rng = np.random.default_rng(count)
    row = rng.normal(size=count) * 10.0 ** rng.uniform(-8.0, 8.0, count)
    assert merit_loops._row_sum(row, count) == row_sum(row[None])[0]
    assert merit_loops._part_sum(row, 0, count) == Gather(np.zeros(count, dtype=int), 1)(row[None])[0, 0]


@pytest.mark.parametrize("groups", [[[1, 3]], [[1, 3], [0, 3, 4]]], ids=["apart", "that share a plant"])
@pytest.mark.parametrize("cut", [False, True])
def test_a_batch_is_dispatched_with_the_same_bytes_with_and_without_loops_in_one_island_and_two(
    monkeypatch, cut, groups
):
    rng = np.random.default_rng(3)
    buses, rows = 6, 40
    grid = Grid(
        buses=buses, regions=buses, branch_from=np.arange(5), branch_to=np.arange(1, 6),
        susceptance_mw=np.full(5, 1e4), shift_rad=np.zeros(5), rating_mw=np.full(5, 25.0),
        generator_bus=np.array([0, 1, 3, 4, 4]), generator_cost=np.array([10.0, 30.0, 20.0, 30.0, 900.0]),
        load_bus=np.tile(np.arange(buses), 2), load_cost=np.repeat([500.0, 3000.0], buses),
        load_region=np.tile(np.arange(buses), 2), groups=tuple((np.array(members), 40.0) for members in groups),
    )  # fmt: skip
    need = rng.uniform(0.0, 20.0, (rows, 2 * buses)) * (rng.random((rows, 2 * buses)) < 0.9)
    available = rng.uniform(0.0, 60.0, (rows, 5))
    share = np.ones((rows, 5))
    share[:, 2] = 0.0 if cut else 1.0
    delivery = np.where(rng.random((rows, buses)) < 0.3, rng.uniform(0.0, 20.0, (rows, buses)), np.inf)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(merit_loops, "COMPILED", loops)
        for size in (rows, merit_loops.LEAST - 1):
            engine, parts = Dispatcher(grid), []
            for first in range(0, rows, size):
                part = slice(first, first + size)
                parts.append(engine.solve(
                    need[part], available[part], branch_share=share[part], delivery_mw=delivery[part]
                ))  # fmt: skip
            found.append([
                np.concatenate([getattr(one, name) for one in parts]).tobytes()
                for name in ("served_mw", "generation_mw", "flow_mw", "cause_mw")
            ])  # fmt: skip
            assert 0 < sum(one.programmes for one in parts) < rows
    assert found[0] == found[1] == found[2] == found[3]


@pytest.mark.parametrize(("columns", "count"), [(40, 50), (40, 20), (40, 7), (90, 2), (0, 3)])
def test_loops_add_up_columns_by_place_with_the_bytes_of_arrays(monkeypatch, columns, count):
    rng = np.random.default_rng(columns + count)
    sums = Gather(rng.integers(0, count, columns), count)
    values = rng.normal(size=(merit_loops.LEAST, columns)) * 10.0 ** rng.uniform(-8.0, 8.0, columns)
    values[:, ::3] = -0.0
    found = []
    for loops in (False, True):
        monkeypatch.setattr(merit_loops, "COMPILED", loops)
        found.append([sums(values).tobytes(), sums(np.asfortranarray(values)).tobytes()])
    assert found[0] == found[1]


def test_loops_hold_the_islands_that_arrays_hold(monkeypatch):
    rng = np.random.default_rng(6)
    buses, plants, rows = 6, 14, 30
    grid = Grid(
        buses=buses, regions=buses, branch_from=np.arange(5), branch_to=np.arange(1, 6),
        susceptance_mw=np.full(5, 1e4), shift_rad=np.zeros(5), rating_mw=np.full(5, 25.0),
        generator_bus=rng.integers(0, buses, plants), generator_cost=np.full(plants, 10.0), load_bus=np.arange(buses),
        load_cost=np.full(buses, 500.0), load_region=np.arange(buses),
    )  # fmt: skip
    topology = make_topology(grid, np.array([True, False, True, False, True]))
    given = {
        "demand_mw": rng.uniform(0.0, 20.0, (rows, buses)),
        "available_mw": rng.uniform(0.0, 9.0, (rows, plants)) * (rng.random((rows, plants)) < 0.4),
        "unit_mw": rng.uniform(5.0, 90.0, plants), "min_stable_pu": rng.uniform(0.0, 1.0, plants),
        "grid_forming": rng.random(plants) < 0.6, "border": rng.random(plants) < 0.1,
    }  # fmt: skip
    found = []
    for loops in (False, True):
        monkeypatch.setattr(merit_loops, "COMPILED", loops)
        found.append(hold_islands(grid, topology, **given))
    assert found[0].tobytes() == found[1].tobytes()
    assert 0 < found[0].sum() < given["available_mw"].sum()
