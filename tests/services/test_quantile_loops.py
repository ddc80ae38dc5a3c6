"""Quantiles over people by loops, by sorts, and home by home."""

import numpy as np
import pytest

from gridmodel.services import quantile_loops
from gridmodel.services.cohorts import PEOPLE_QUANTILES, cohort_share
from gridmodel.services.quantiles import people_quantiles, quantiles_of

MEMBERS, REGIONS = 60, 3  # more cells than a block of the loops has


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12, 13, 26, 39, 65])
def test_the_network_of_comparisons_orders_any_values(count):
    """By the zero-one principle, a network that orders all vectors of zeros and ones orders everything."""
    rng = np.random.default_rng(count)
    values = np.concatenate([np.triu(np.ones((count, count))), rng.integers(0, 2, (2_000, count))]).astype(float)
    if count <= 13:
        values = (np.arange(1 << count)[:, None] >> np.arange(count) & 1).astype(float)
    for one, other in quantile_loops.network(count):
        assert one < other
        low, high = values[:, one].copy(), values[:, other].copy()
        values[:, one], values[:, other] = np.minimum(low, high), np.maximum(low, high)
    assert (np.diff(values, axis=1) >= 0).all()


def some_values(groups, seed):
    """Values of groups, many of them alike."""
    return np.random.default_rng(seed).integers(0, 9, (groups, MEMBERS, REGIONS)).astype("f4") / np.float32(3.0)


@pytest.mark.parametrize("outside", [0.0, 0.04, 0.3, 0.95, 1.0])
def test_quantiles_in_queues_are_the_same_bytes_by_loops_and_those_of_single_homes(monkeypatch, outside):
    values, share = some_values(13, 1), np.full((MEMBERS, REGIONS), outside)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(quantile_loops, "COMPILED", loops)
        found.append(people_quantiles(values, share))
    assert found[0].dtype == found[1].dtype
    assert found[0].tobytes() == found[1].tobytes()
    homes = np.rint(cohort_share(13, share)[:, 0, 0] * 1_200).astype(int)
    for member in range(0, MEMBERS, 20):
        ordered = np.sort(np.repeat(values[:, member, 0], homes))
        by_home = ordered[[int(np.ceil(part * len(ordered) - 1e-6)) - 1 for part in PEOPLE_QUANTILES]]
        assert (found[1][:, member, 0] == by_home).all()


@pytest.mark.parametrize("groups", [13, 26, 65])
def test_quantiles_of_groups_are_the_same_bytes_by_loops_and_those_of_single_homes(monkeypatch, groups):
    values = some_values(groups, groups)
    homes = np.random.default_rng(groups).integers(0, 40, values.shape)
    homes[:, 0] = 0
    homes[0, 0] = 1  # all people in one group
    weights = homes / homes.sum(axis=0)
    found = []
    for loops in (False, True):
        monkeypatch.setattr(quantile_loops, "COMPILED", loops)
        found.append(quantiles_of(values, weights))
    assert found[0].dtype == found[1].dtype
    assert found[0].tobytes() == found[1].tobytes()
    for member in range(0, MEMBERS, 20):
        ordered = np.sort(np.repeat(values[:, member, 1], homes[:, member, 1]))
        by_home = ordered[[int(np.ceil(part * len(ordered) - 1e-6)) - 1 for part in PEOPLE_QUANTILES]]
        assert (found[1][:, member, 1] == by_home).all()
