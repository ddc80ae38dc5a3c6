"""Orders and loads outside the queues, member by member and array by array: the same bytes, also without numba."""

from dataclasses import fields

import numpy as np
import pytest

from gridmodel.dispatch import Dispatched
from gridmodel.services.power import islands, kept_loops, order_loops
from gridmodel.services.power.order import make_order
from gridmodel.services.power.queues import split_kept
from gridmodel.vocabulary import CAUSES, TIERS

MEMBERS, REGIONS, PLANTS = 9, 11, 3
SHAPE = (MEMBERS, REGIONS, len(TIERS))
LOADS = REGIONS * len(TIERS)


def some_kept(rng):
    kept = rng.uniform(0.0, 1.0, SHAPE) * (rng.random(SHAPE) < 0.7)
    kept[..., TIERS.index("critical")] = 0.0
    return kept


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("limit", [0.0, 0.3, 1.0])
def test_a_loop_orders_what_arrays_order(monkeypatch, whole, limit):
    rng = np.random.default_rng(int(10 * limit))
    reached = rng.uniform(0.0, 90.0, SHAPE) * (rng.random(SHAPE) < 0.9)
    served = reached * np.clip(rng.uniform(-0.4, 1.5, SHAPE), 0.0, 1.0)
    served[0], reached[1] = reached[0], 0.0
    served[1] = 0.0
    given = {
        "industry_limit": np.full((MEMBERS, 1), limit), "reserve_mw": rng.uniform(-50.0, 200.0, MEMBERS).clip(0.0),
        "at_least": np.round(rng.uniform(-9.0, 12.0, SHAPE[:2]).clip(0.0), 1), "kept": some_kept(rng),
    }  # fmt: skip
    found = []
    for loops in (False, True):
        monkeypatch.setattr(order_loops, "COMPILED", loops)
        made = make_order(reached, served, whole=whole, **given)
        found.append({one.name: getattr(made, one.name) for one in fields(made)})
    for name, values in found[0].items():
        assert values.tobytes() == found[1][name].tobytes(), name
    assert 0.0 < found[1]["subqueues"].mean() < 12.0


@pytest.mark.parametrize("bounded", [False, True])
def test_loops_split_loads_as_arrays_do(monkeypatch, bounded):
    rng = np.random.default_rng(1)
    demand, charges = rng.uniform(0.0, 90.0, (MEMBERS, LOADS)), rng.uniform(0.0, 9.0, (MEMBERS, PLANTS))
    most = np.concatenate([demand, charges], axis=1) * rng.uniform(0.0, 1.2, (MEMBERS, LOADS + PLANTS))
    kept, found = some_kept(rng), []
    for loops in (False, True):
        monkeypatch.setattr(kept_loops, "COMPILED", loops)
        wanted, part = islands._split(demand, charges, kept)
        if bounded and loops:
            kept_loops.bound(most, wanted, part)
        elif bounded:
            part = np.minimum(part, most[:, :LOADS].reshape(part.shape))
            wanted = np.minimum(wanted, islands._most_of_loads(most, part))
        found.append((wanted.tobytes(), part.tobytes()))
    assert found[0] == found[1]


@pytest.mark.parametrize("causes", [True, False])
@pytest.mark.parametrize("apart", [0.0, 1.0])
def test_a_loop_joins_loads_as_arrays_do(monkeypatch, causes, apart):
    rng = np.random.default_rng(2)
    demand = rng.uniform(0.0, 90.0, (MEMBERS, LOADS))
    loads, part = split_kept(demand, some_kept(rng))
    wanted = np.concatenate([loads, rng.uniform(0.0, 9.0, (MEMBERS, PLANTS))], axis=1)
    served = wanted * rng.uniform(0.0, 1.4, wanted.shape).clip(0.0, 1.0)
    served[:, LOADS:-PLANTS] *= apart
    lost = (wanted - served)[..., None] * rng.dirichlet(np.ones(len(CAUSES)), wanted.shape)
    lost[:, LOADS:-PLANTS] *= apart
    got = Dispatched(
        served_mw=served, generation_mw=np.zeros((MEMBERS, 1)), flow_mw=np.zeros((MEMBERS, 1)), cause_mw=lost,
        programmes=0,
    )  # fmt: skip
    found = []
    for loops in (False, True):
        monkeypatch.setattr(kept_loops, "COMPILED", loops)
        made = islands._joined(got, part, demand, causes=causes)
        found.append((made.served_mw.tobytes(), made.cause_mw.tobytes()))
    assert found[0] == found[1]
