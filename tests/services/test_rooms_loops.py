"""Rooms one by one and array by array: the same bytes. Without numba the loops are plain Python."""

import numpy as np
import pytest

from gridmodel.services.heat import rooms_loops
from gridmodel.services.heat.rooms import cold_homes
from gridmodel.vocabulary import COLD_THRESHOLDS_C

MEMBERS, REGIONS = 7, 3


@pytest.mark.parametrize("warm", ["none", "district", "own"])
def test_loops_count_the_cold_homes_that_arrays_count(monkeypatch, warm):
    rng = np.random.default_rng(1)
    weight, own_weight = rng.random((4, 5, MEMBERS, REGIONS)), rng.random((3, MEMBERS, REGIONS))
    air_c, own_air_c = rng.uniform(5.0, 21.0, weight.shape), rng.uniform(5.0, 21.0, own_weight.shape)
    air_c[0, :, 0], own_air_c[:, 1] = COLD_THRESHOLDS_C[0], COLD_THRESHOLDS_C[2]  # just warm enough
    if warm == "district":
        air_c += 30.0
    if warm == "own":
        own_air_c += 30.0
    found = []
    for loops in (False, True):
        monkeypatch.setattr(rooms_loops, "COMPILED", loops)
        monkeypatch.setattr(rooms_loops, "LEAST", 1)
        found.append(cold_homes(weight, own_weight, air_c, own_air_c))
    for arrays, one_by_one in zip(*found, strict=True):
        assert arrays.tobytes() == one_by_one.tobytes()
        assert arrays.max() > 1.0
