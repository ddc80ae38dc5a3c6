"""Rooms one by one and array by array: the same bytes. Without numba the loops are plain Python."""

import numpy as np
import pytest

from gridmodel.services.heat import rooms_loops
from gridmodel.services.heat.rooms import add_cold, risers
from gridmodel.vocabulary import COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C

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
        cold, kelvin = (np.zeros((len(of), MEMBERS, REGIONS)) for of in (COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C))
        add_cold(cold, kelvin, weight, air_c)
        add_cold(cold, kelvin, own_weight, own_air_c)
        found.append((cold, kelvin))
    for arrays, one_by_one in zip(*found, strict=True):
        assert arrays.tobytes() == one_by_one.tobytes()
        assert arrays.max() > 1.0


@pytest.mark.parametrize("loops", [False, True])
def test_homes_that_are_counted_in_two_calls_are_as_those_that_are_counted_in_one(monkeypatch, loops):
    monkeypatch.setattr(rooms_loops, "COMPILED", loops)
    rng = np.random.default_rng(2)
    weight, air_c = rng.random((9, MEMBERS, REGIONS)), rng.uniform(5.0, 21.0, (9, MEMBERS, REGIONS))
    found = []
    for parts in ([slice(None)], [slice(0, 4), slice(4, None)]):
        cold, kelvin = (np.zeros((len(of), MEMBERS, REGIONS)) for of in (COLD_THRESHOLDS_C, DEGREE_HOURS_BELOW_C))
        for part in parts:
            add_cold(cold, kelvin, weight[part], air_c[part])
        found.append((cold.tobytes(), kelvin.tobytes()))
    assert found[0] == found[1]
    assert (cold.sum(axis=(1, 2)) > 1.0).all()


@pytest.mark.parametrize("repair", ["by member", "one"])
def test_loops_freeze_burst_and_mend_the_risers_that_arrays_do(monkeypatch, repair):
    rng = np.random.default_rng(4)
    shape = (4, 5, MEMBERS, REGIONS)
    air_c = rng.uniform(-40.0, 20.0, shape)
    ice, burst = (rng.uniform(0.0, 1.0, shape) * (rng.random(shape) < 0.5) for _ in range(2))
    air_c[:, :, 2], ice[:, :, 2], burst[:, :, 2] = 1.0, 0.0, 0.0  # nothing happens
    share = rng.random((4, MEMBERS, REGIONS))
    share[1, 3] = 0.0  # nobody is there
    repair_h = rng.uniform(20.0, 90.0, (MEMBERS, 1)) if repair == "by member" else np.array(48.0)
    found = []
    monkeypatch.setattr(rooms_loops, "LEAST", 1)
    for loops in (False, True):
        monkeypatch.setattr(rooms_loops, "COMPILED", loops)
        found.append(risers(ice, burst, air_c, share, repair_h=repair_h, step_h=2.0))
    for arrays, one_by_one in zip(*found, strict=True):
        assert arrays.tobytes() == one_by_one.tobytes()
    iced, has_burst, mean = found[1]
    assert (iced > ice).any()
    assert (iced < ice).any()
    assert (has_burst > burst).any()
    assert ((has_burst < burst) & (mean > has_burst)).any()
    for before, after in ((ice, iced), (burst, has_burst), (burst, mean)):
        assert after[:, :, 2].tobytes() == before[:, :, 2].tobytes()
        assert after[1, :, 3].tobytes() == before[1, :, 3].tobytes()
