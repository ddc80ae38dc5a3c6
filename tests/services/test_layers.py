"""Homes by how early their feeder breaks, beside single homes: each with a rank of its feeder and a sub-queue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmodel.sampling import Settings
from gridmodel.services.cohorts import PEOPLE_QUANTILES
from gridmodel.services.layers import Layers, follow, in_regions, power_of, split
from gridmodel.services.power.choosing import choose
from gridmodel.services.power.turns import Turns, depths, hours_off, laid, mean_over_homes, turned

SETTINGS = Settings({
    "pickup_per_h": np.array(0.25), "pickup_most": np.array(1.0), "pickup_tau_h": np.array(1.0),
})  # fmt: skip
HOMES = 12_000
"""Single homes: 900 in each sub-queue, 1,200 outside."""
OUTSIDE = 0.1
GROUP = np.repeat(np.arange(13), [900] * 12 + [1200])
RANK = np.concatenate([(np.arange(900) + 0.5) / 900] * 12 + [(np.arange(1200) + 0.5) / 1200])
"""Rank of each home's feeder: it is broken while the share of broken feeders is above."""


def homes_and_model(course, depth, *, rotation="queues"):
    """Hours off of single homes, and the model's turns, after each step of a course of b and of depths."""
    turns = Turns.none(13, 1, 1, outside=np.array([[OUTSIDE]]), breaking=np.array([0]))
    hours, single, model = np.zeros(HOMES), [], []
    for hour, (broken, cut) in enumerate(zip(course, depth, strict=True)):
        queued, others = depths(np.array([[cut]]), turns.outside)
        off = choose(queued, turns, rotation=rotation, block_h=4.0, rest_h=2.0)
        power = 1.0 - np.concatenate([off, others[None]])
        share = np.array([[broken]])
        turns = turned(laid(turns, share), power, off, SETTINGS, step_h=1.0, pickup=True, broken=share)
        hours = hours + np.where(broken > RANK, 1.0, 1.0 - power[GROUP, 0, 0])
        single.append(hours)
        model.append(turns)
        assert mean_over_homes(turns.total_h, turns)[0, 0] == pytest.approx(hours.mean(), rel=1e-3, abs=1e-3), hour
    return np.array(single), model


def quantiles_of_homes(hours):
    """Quantiles over homes as a result shows them."""
    return np.sort(hours)[[int(np.ceil(share * HOMES - 1e-9)) - 1 for share in PEOPLE_QUANTILES]]


def of_model(turns):
    return hours_off(turns)[:, 0, 0]


def city(days=16):
    """Broken share of a city that gets half of an evening's need, a tenth to a half, and cuts of a short country."""
    hour = np.arange(24 * days)
    need = 1.0 - 0.25 * np.cos(2 * np.pi * (hour - 6) / 24) * (hour % 24 < 18) + 0.01 * np.sin(hour / 37) - 0.1
    broken = np.where(hour < 24, 0.0, np.clip(1.0 - 0.62 / need, 0.0, 1.0))
    return broken, np.round(10.8 * np.clip(0.5 + 0.2 * np.sin(2 * np.pi * (hour - 12) / 24), 0, 1)) / 12


def test_hours_off_are_those_of_twelve_thousand_homes_where_the_broken_share_moves_by_the_hour():
    broken, depth = city()
    assert np.ptp(broken[24:]) > 0.2
    single, model = homes_and_model(broken, depth)
    expected = np.array([quantiles_of_homes(hours) for hours in single])
    got = np.array([of_model(turns) for turns in model])
    assert expected[-1, 2] - expected[-1, 0] > 90.0  # homes differ by days
    assert np.abs(got - expected).max() < 5.0
    assert np.abs(got - expected).mean() < 1.0
    low, high = model[-1].total_h.min(), model[-1].total_h.max()
    assert float(low) == pytest.approx(single[-1].min(), abs=1.5)  # the last layer is a mean of many
    assert float(high) == pytest.approx(single[-1].max(), abs=3.0)


@pytest.mark.parametrize("rotation", ["queues", "fixed"])
def test_nobody_is_off_for_more_than_a_day_in_a_day_or_gets_hours_back(rotation):
    rng = np.random.default_rng(8)
    broken, depth = rng.uniform(0.0, 1.0, 150), np.round(rng.uniform(0.0, 1.0, 150), 1)
    single, model = homes_and_model(broken, depth, rotation=rotation)
    got = np.array([of_model(turns) for turns in model])
    assert np.diff(got, axis=0).min() >= -1e-4
    assert np.diff(got, axis=0).max() <= 1.0 + 1e-4
    assert (got[24:] - got[:-24]).max() <= 24.0 + 1e-3
    expected = np.array([quantiles_of_homes(hours) for hours in single])
    assert np.abs(got - expected).mean() < 1.0  # damage of any size by the hour, of which twelve layers are left


def test_broken_sets_are_nested_and_the_same_homes_are_behind_them_to_the_hour():
    # 0.35, 0.55, 0.35, 0.15, 0.35 for five hours each: 25, 20, 5 and 0 hours
    course = np.repeat([0.35, 0.55, 0.35, 0.15, 0.35], 5)
    single, model = homes_and_model(course, np.zeros(25))
    layers = model[-1].layers
    assert layers.edge_share[-3:, 0, 0].tolist() == [0.15, 0.35, 0.55]
    by_layer = model[-1].total_h[0, 0, [-3, -2, -1, 0]]
    assert by_layer.tolist() == [25.0, 20.0, 5.0, 0.0]
    assert of_model(model[-1]) == pytest.approx(quantiles_of_homes(single[-1]))
    assert of_model(model[-1]).tolist() == [0.0, 5.0, 25.0]


def test_rotation_and_broken_feeders_in_one_day_add_up_home_by_home():
    # the same sub-queues off all day, and half of the feeders broken from noon: 24, 12 and 0 hours
    depth = np.full(24, 0.9 * 4 / 12)
    single, model = homes_and_model(np.repeat([0.0, 0.5], 12), depth, rotation="fixed")
    assert of_model(model[-1]) == pytest.approx(quantiles_of_homes(single[-1]))
    hours, count = np.unique(single[-1], return_counts=True)
    assert hours.tolist() == [0.0, 12.0, 24.0]
    assert count / HOMES == pytest.approx([0.35, 0.35, 0.3], abs=0.01)
    assert mean_over_homes(model[-1].total_h, model[-1])[0, 0] == pytest.approx(0.35 * 12 + 0.3 * 24, rel=1e-5)


def test_all_feeders_broken_from_the_start_are_all_homes():
    single, model = homes_and_model(np.ones(5), np.zeros(5))
    assert of_model(model[-1]).tolist() == single[-1][:3].tolist() == [5.0] * 3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_layers_hold_all_homes_in_order_whatever_breaks(course):
    layers, members = Layers.none(np.array([0]), 1, count=5), np.zeros((1, 1))
    values, mean = np.zeros((1, 1, 5)), 0.0
    for broken in course:
        share = members + broken
        found = split(layers, share)
        if found is not None:
            values, layers = follow(values, found), found.after
        off = 1.0 - power_of(np.ones((1, 1, 1)), layers, share)
        values, mean = values + off, mean + broken
        edges = layers.edge_share[:, 0, 0]
        assert (np.diff(edges) >= 0).all()
        assert layers.widths.sum() == pytest.approx(1.0)
        weights = np.append(layers.widths[-1, 0, 0], layers.widths[:-1, 0, 0])
        assert (weights * values[0, 0]).sum() == pytest.approx(mean, abs=1e-5)
        whole = values[0, 0, 1:][layers.widths[:-1, 0, 0] > 0]
        assert (np.diff(np.append(whole, values[0, 0, 0])) <= 1e-5).all()  # who breaks first is off for longest


def test_layers_of_a_state_are_taken_into_a_run_in_which_more_regions_break():
    like = {
        "t.layers.regions": np.array([0, 2]), "t.layers.edge_share": np.zeros((2, 1, 2)),
        "t.total_h": np.zeros((12, 1, 3 + 4)), "t.run_h": np.zeros((12, 1, 3)),
    }  # fmt: skip
    saved = {
        "t.layers.regions": np.array([2]), "t.layers.edge_share": np.full((2, 1, 1), 0.3),
        "t.total_h": np.arange(60.0).reshape(12, 1, 5), "t.run_h": np.ones((12, 1, 3)),
    }  # fmt: skip
    made = in_regions(saved, like, regions=3)
    assert made["t.layers.regions"].tolist() == [0, 2]
    assert made["t.layers.edge_share"][:, 0].tolist() == [[0.0, 0.3], [0.0, 0.3]]
    assert made["t.total_h"][0, 0].tolist() == [0.0, 1.0, 2.0, 0.0, 3.0, 0.0, 4.0]
    assert np.array_equal(made["t.run_h"], saved["t.run_h"])
    none = in_regions({"t.total_h": saved["t.total_h"][..., :3]}, like, regions=3)
    assert none["t.total_h"][1, 0].tolist() == [5.0, 6.0, 7.0, 0.0, 0.0, 0.0, 0.0]
    # what does not fit stays as it is, and is told
    for name in saved:
        wrong = in_regions(saved | {name: saved[name][..., :-1]}, like, regions=3)
        assert any(wrong[one].shape != values.shape for one, values in like.items()), name
