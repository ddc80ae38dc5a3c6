"""Sub-queues and layers, home by home and array by array: the same bytes. Without numba the loops are plain Python."""

from dataclasses import fields

import numpy as np
import pytest

from gridmodel.arrays import single
from gridmodel.services import layers_loops, quantile_loops
from gridmodel.services.cohorts import over_cohorts
from gridmodel.services.layers import Layers, folded, folded_quantiles, over_homes, power_of, split
from gridmodel.services.power import choosing_loops, turns_loops
from gridmodel.services.power.choosing import choose
from gridmodel.services.power.turns import Turns, coming_back, depths, laid, turned
from gridmodel.services.power.turns_loops import LEVELS
from gridmodel.services.quantiles import people_quantiles

MEMBERS, REGIONS, COHORTS = 5, 3, 13
SETTINGS = {"pickup_tau_h": 1.0, "pickup_per_h": 0.25, "pickup_most": 1.0}
FIELDS = ("run_h", "total_h", "part_edge_share", "part_h", "pickup_share")


def some_layers(rng, count):
    edges = np.sort(rng.uniform(0.0, 1.0, (count - 1, MEMBERS, 2)), axis=0) * (np.arange(MEMBERS)[:, None] > 1)
    return Layers(regions=np.array([0, 2]), edge_share=edges)


def some_turns(rng, layers):
    shape = (COHORTS, MEMBERS, REGIONS + (0 if layers is None else layers.columns))
    run_h = np.round(rng.uniform(-5.0, 9.0, (12, MEMBERS, REGIONS)) * 4.0) / 4.0
    run_h[:4] = run_h[4]  # some are off, or on, for as long as others
    off = rng.uniform(0.0, 1.0, shape) * (rng.random(shape) < 0.6)
    return Turns(
        run_h=single(run_h), total_h=single(np.round(rng.uniform(0.0, 50.0, shape))), part_edge_share=single(off[None]),
        part_h=single(rng.uniform(0.0, 9.0, (1, *shape)) * (off > 0)), pickup_share=single(rng.uniform(0.0, 1.0, shape)),
        depth_share=np.zeros((MEMBERS, REGIONS)), owed_h=np.zeros((MEMBERS, REGIONS)), layers=layers,
    )  # fmt: skip


@pytest.mark.parametrize("anew", [True, False])
@pytest.mark.parametrize("alike", [True, False])
def test_loops_choose_the_sub_queues_that_arrays_choose(monkeypatch, anew, alike):
    rng = np.random.default_rng(1)
    turns = some_turns(rng, None)
    depth = np.round(rng.uniform(0.0, 1.0, (MEMBERS, REGIONS)), 2)
    depth[0], depth[1], depth[2] = 0.0, 1.0, 0.5
    block = 4.0 if alike else rng.integers(2, 6, (MEMBERS, 1)).astype(float)
    rest = 2.0 if alike else rng.integers(1, 4, (MEMBERS, REGIONS)).astype(float)
    for some in (depth, depth * (depth == 0.5)):  # cut nearly everywhere, and in few cells
        found = []
        for loops in (False, True):
            monkeypatch.setattr(choosing_loops, "COMPILED", loops)
            found.append(choose(some, turns, rotation="queues", block_h=block, rest_h=rest, anew=anew))
        assert found[0].tobytes() == found[1].tobytes()
        assert found[1].mean(axis=0) == pytest.approx(some)


@pytest.mark.parametrize("pickup", [True, False])
@pytest.mark.parametrize("by_member", [True, False])
@pytest.mark.parametrize("count", [None, 1, 4])
def test_loops_take_homes_through_a_step_as_arrays_do(monkeypatch, count, by_member, pickup):
    rng = np.random.default_rng(2)
    layers = None if count is None else some_layers(rng, count)
    turns = some_turns(rng, layers)
    power = np.round(rng.uniform(-0.1, 1.1, (COHORTS, MEMBERS, REGIONS)), 1).clip(0.0, 1.0)
    queue_off = rng.integers(0, 2, (12, MEMBERS, REGIONS)).astype(float)
    broken = None if count is None else rng.uniform(0.0, 1.0, (MEMBERS, REGIONS))
    of_members = rng.uniform(0.5, 1.5, (MEMBERS, 1)) if by_member else 1.0
    settings = {name: value * of_members for name, value in SETTINGS.items()}
    found = []
    expected_on = rng.uniform(0.0, 1.0, laid(turns, broken).total_h.shape)
    for loops in (False, True):
        monkeypatch.setattr(turns_loops, "COMPILED", loops)
        monkeypatch.setattr(layers_loops, "COMPILED", loops)
        found.append(turned(
            laid(turns, broken), power, queue_off, settings, step_h=0.5, pickup=pickup, broken=broken,
            expected=coming_back(laid(turns, broken), expected_on, settings) if pickup else None,
        ))  # fmt: skip
    arrays, loops = ({one.name: getattr(step, one.name) for one in fields(step)} for step in found)
    for name in FIELDS:
        assert arrays[name].dtype == loops[name].dtype == np.float32
        assert arrays[name].tobytes() == loops[name].tobytes(), name
    assert arrays["owed_h"].tobytes() == loops["owed_h"].tobytes()
    assert (loops["owed_h"].min() < 0) == pickup
    assert loops["part_h"].max() > 1.0
    assert (loops["pickup_share"].max() > 0) == pickup


@pytest.mark.parametrize("pickup", [True, False])
@pytest.mark.parametrize("by_member", [True, False])
@pytest.mark.parametrize("breaking", [None, np.array([0, 2])])
def test_loops_take_parts_of_cohorts_through_many_steps_as_arrays_do(monkeypatch, breaking, by_member, pickup):
    rng = np.random.default_rng(6)
    before = [Turns.none(COHORTS, MEMBERS, REGIONS, breaking=breaking)] * 2
    off, levels = np.zeros((COHORTS, MEMBERS, REGIONS)), []
    of_members = rng.uniform(0.5, 1.5, (MEMBERS, 1)) if by_member else 1.0
    settings = {name: value * of_members for name, value in SETTINGS.items()}
    for step in range(40):
        off = np.where(rng.random(off.shape) < 0.02, 0.0, np.clip(off + rng.uniform(-0.1, 0.2, off.shape), 0.0, 1.0))
        off *= step < 38
        broken = rng.uniform(0.0, 1.0, (MEMBERS, REGIONS)) * rng.integers(0, 2, (MEMBERS, REGIONS))
        for which, loops in enumerate((False, True)):
            monkeypatch.setattr(turns_loops, "COMPILED", loops)
            monkeypatch.setattr(layers_loops, "COMPILED", loops)
            share = None if breaking is None else broken * (step < 38)
            before[which] = turned(
                laid(before[which], share), 1.0 - off, np.ceil(off[:12]), settings, step_h=0.25, pickup=pickup,
                broken=share,
            )  # fmt: skip
        for name in FIELDS:
            mine, theirs = (getattr(turns, name) for turns in before)
            assert mine.dtype == theirs.dtype == np.float32
            assert mine.shape == theirs.shape
            assert mine.tobytes() == theirs.tobytes(), (step, name)
        levels.append(len(before[0].part_h))
        parts = before[0].part_edge_share
        assert (np.diff(parts, axis=0) >= 0).all()
        assert (before[0].pickup_share.max() > 0) == (pickup and step > 0)
    assert max(levels) == LEVELS
    assert levels[:3] == [1, 2, 3]


@pytest.mark.parametrize("precision", ["f4", "f8"])
@pytest.mark.parametrize("count", [1, 4])
def test_loops_over_layers_give_the_bytes_of_arrays(monkeypatch, count, precision):
    rng = np.random.default_rng(count)
    layers = some_layers(rng, count)
    power = rng.uniform(0.0, 1.0, (COHORTS, MEMBERS, REGIONS)).astype(precision)
    values = rng.normal(size=(2, 3, MEMBERS, REGIONS + layers.columns)).astype(precision)
    broken = rng.uniform(0.0, 1.0, (MEMBERS, REGIONS))
    given = [values, values[0, 0], np.asfortranarray(values)]
    found = []
    for loops in (False, True):
        monkeypatch.setattr(layers_loops, "COMPILED", loops)
        found.append([power_of(power, layers, broken), *(folded(one, layers) for one in given)])
    for arrays, loops in zip(*found, strict=True):
        assert arrays.dtype == loops.dtype
        assert arrays.tobytes() == loops.tobytes()
    assert layers.used.any() == (count > 1)


@pytest.mark.parametrize("outside", [True, False])
@pytest.mark.parametrize("count", [None, 1, 4])
def test_loops_give_the_bytes_of_means_over_homes(monkeypatch, count, outside):
    rng = np.random.default_rng(7)
    layers = None if count is None else some_layers(rng, count)
    share = rng.uniform(0.0, 0.4, (MEMBERS, REGIONS)) if outside else None
    found = []
    for precision in ("f4", "f8"):
        values = rng.normal(size=(COHORTS, MEMBERS, REGIONS + (0 if layers is None else layers.columns)))
        for loops in (False, True):
            monkeypatch.setattr(layers_loops, "COMPILED", loops)
            found.append(over_homes(values.astype(precision), layers, share))
    for arrays, loops in zip(found[::2], found[1::2], strict=True):
        assert arrays.shape == loops.shape == (MEMBERS, REGIONS)
        assert arrays.tobytes() == loops.tobytes()


@pytest.mark.parametrize("kind", ["f4", "u1", "bool"])
@pytest.mark.parametrize("width", [1, REGIONS])
def test_loops_give_the_bytes_of_means_over_cohorts(monkeypatch, kind, width):
    rng = np.random.default_rng(9)
    share, found = rng.uniform(0.0, 0.4, (MEMBERS, width)), []
    values = (rng.uniform(0.0, 1.0, (2, COHORTS, MEMBERS, width)) * (1 if kind == "f4" else 2)).astype(kind)
    for loops in (False, True):
        monkeypatch.setattr(layers_loops, "COMPILED", loops)
        found.append([over_cohorts(one, share[: one.shape[-2]]) for one in (values, values[0], values[..., :1, :])])
    for arrays, loops in zip(*found, strict=True):
        assert arrays.shape == loops.shape
        assert arrays.dtype == loops.dtype == float
        assert arrays.tobytes() == loops.tobytes()


@pytest.mark.parametrize("count", [1, 4])
def test_loops_split_the_layers_that_arrays_split(monkeypatch, count):
    rng = np.random.default_rng(10)
    splits = []
    for number in range(40):
        layers = some_layers(rng, count)
        broken = np.round(rng.uniform(0.0, 1.0, (MEMBERS, REGIONS)), 1) * (rng.random((MEMBERS, REGIONS)) < 0.2)
        if number % 2 and count > 1:
            broken[:, [0, 2]] = layers.edge_share[-1]
        found = []
        for loops in (False, True):
            monkeypatch.setattr(layers_loops, "COMPILED", loops)
            found.append(split(layers, broken, most=count + number % 3))
        arrays, loops = found
        assert (arrays is None) == (loops is None)
        if arrays is not None:
            assert arrays.after.edge_share.tobytes() == loops.after.edge_share.tobytes()
        splits.append(loops is not None)
    assert set(splits) == {False, True}


def test_loops_cut_who_arrays_cut(monkeypatch):
    rng = np.random.default_rng(11)
    depth = rng.integers(0, 13, (200, REGIONS)) / 12 + rng.choice([0.0, 1e-8, -1e-7, 0.03], (200, REGIONS))
    outside, found = rng.choice([0.0, 0.2, 0.35, 1.0], depth.shape), []
    for loops in (False, True):
        monkeypatch.setattr(turns_loops, "COMPILED", loops)
        found.append(depths(depth.clip(0.0, 1.0), outside))
    for arrays, loops in zip(*found, strict=True):
        assert arrays.tobytes() == loops.tobytes()
    assert ((found[1][1] > 0) & (found[1][1] < 1)).any()


@pytest.mark.parametrize("precision", ["f4", "f8"])
@pytest.mark.parametrize("outside", [0.0, 0.3, 1.0, None])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_loops_give_the_bytes_of_quantiles_over_people_of_layers(monkeypatch, count, outside, precision):
    rng = np.random.default_rng(8)
    layers = some_layers(rng, count)
    values = rng.integers(-5, 9, (COHORTS, MEMBERS, REGIONS + layers.columns)).astype(precision) / 3
    share = None if outside is None else np.full((MEMBERS, REGIONS), outside)
    before, found = people_quantiles(values[..., :REGIONS], share), []
    for loops in (False, True):
        monkeypatch.setattr(quantile_loops, "COMPILED", loops)
        found.append(folded_quantiles(before, values, layers, share))
    assert found[0].dtype == found[1].dtype == precision
    assert found[0].tobytes() == found[1].tobytes()
    assert (found[0] != before).any() == (count > 1)
