"""Heaters that people plug in, room by room and array by array: the same bytes."""

import numpy as np
import pytest

from gridmodel.sampling import Settings
from gridmodel.services.heat import heaters_loops
from gridmodel.services.heat.building import Response
from gridmodel.services.heat.heaters import Course, plugged_in
from gridmodel.services.heat.heaters_by_loops import TABLES, plugged_in_by_loops
from gridmodel.services.heat.rooms import plugged

KINDS, STEP_H = 5, 2.0
SHAPES = {"own": (KINDS, 7, 3), "district": (4, KINDS, 7, 3), "cells": (4, KINDS, 9, 1), "one cell": (2, KINDS, 1, 1)}
ACTS = ("mass", "outdoor", "heating", "gains", "sun")


def some_response(rng, shape):
    """Response of buildings that are alike where they heat themselves, and by archetype and member else."""
    size = (1 if len(shape) == 3 else KINDS, shape[-2], 1)
    air = {f"air_{act}": rng.uniform(0.1, 0.4, size) for act in ACTS}
    return Response(**air, **{f"mass_{act}": rng.uniform(0.05, 0.2, size) for act in ACTS})


def some_rooms(rng, shape):
    """Rooms that lack heat or none, whose radiators and walls become warmer or colder."""
    missing_w = rng.uniform(-30.0, 60.0, shape).clip(0.0)
    cold_h, heater_w = rng.uniform(0.0, 6.0, shape), rng.uniform(0.0, 20.0, shape)
    cold_h[..., 0, :] = 0.0
    heating_w, before_w, after_w = (rng.uniform(0.0, 60.0, shape) for _ in range(3))
    before_c = rng.uniform(-5.0, 15.0, shape)
    walls_c = before_c + rng.uniform(-3.0, 3.0, shape)
    walls_c[..., -1, :], after_w[..., -1, :] = before_c[..., -1, :], heating_w[..., -1, :]  # nothing changes
    return missing_w, (cold_h, heating_w, before_w, after_w, before_c, walls_c, heater_w)


def some_settings(rng, members, varied):
    sizes = {"uptake": (0.3, 0.7), "cap_kw": (0.5, 2.5), "diversity": (0.5, 0.9)}
    return Settings({
        f"heater_{name}": rng.uniform(*ends, members) if varied else np.array(ends[1]) for name, ends in sizes.items()
    })  # fmt: skip


def by_arrays(kept, settings, missing_w, rooms, power, *, share, lag_h, heaters=True):
    cold_h, heating_w, before_w, after_w, before_c, walls_c, heater_w = rooms
    once = kept.air_at_once
    course = Course(
        heating_w=heating_w, before_w=before_w, radiator_w=after_w, walls_c=(before_c, walls_c), heater_w=heater_w,
        power=power, lag_h=lag_h, at_length=kept.air_heating / once, per_wall_w=kept.air_by_mass / once,
        by_heating_k=None if share is None else kept.mass_heating,
    )  # fmt: skip
    there = missing_w if share is None else np.where((share > 0)[:, None], missing_w, 0.0)
    return plugged_in(there, cold_h, settings, step_h=STEP_H, heaters=heaters, course=course)


@pytest.mark.parametrize("varied", [False, True], ids=["one setting", "settings by member"])
@pytest.mark.parametrize("case", SHAPES)
def test_loops_plug_in_the_heaters_that_arrays_do(case, varied):
    rng, shape = np.random.default_rng(5), SHAPES[case]
    kept, (missing_w, rooms) = some_response(rng, shape), some_rooms(rng, shape)
    power, settings = rng.random(shape[-2:]), some_settings(rng, shape[-2], varied)
    lag_h = rng.uniform(0.5, 4.0, (shape[-2], 1)) if varied else np.array(1.5)
    share = None
    if len(shape) > 3:
        share = rng.random((shape[0], *shape[2:]))
        share[1] = 0.0
    for heaters in (True, False):
        some = {"share": share, "lag_h": lag_h, "heaters": heaters}
        arrays = by_arrays(kept, settings, missing_w, rooms, power, **some)
        one_by_one = plugged_in_by_loops(kept, settings, missing_w, rooms, power, step_h=STEP_H, **some)
        for first, second in zip(arrays, one_by_one, strict=True):
            assert first.shape == second.shape == shape
            assert first.tobytes() == second.tobytes()
        wanted_w, hours = one_by_one
        assert (wanted_w.max() > 0.0) == heaters
        assert not hours[missing_w <= 0.0].any()
        if share is not None:
            assert not hours[1].any()
        if case != "one cell":
            lacking = missing_w > 0.0
            if share is not None:
                lacking &= (share > 0.0)[:, None]
            assert ((hours > 0.0) & (hours < rooms[0])).any()  # anew, in the step
            assert (lacking & (hours == 0.0)).any()  # warm at its end
            assert (hours == rooms[0] + STEP_H).any()


def test_loops_find_other_buildings_settings_and_lags_in_tables_of_their_own():
    rng, shape = np.random.default_rng(6), SHAPES["own"]
    missing_w, rooms = some_rooms(rng, shape)
    power, found = rng.random(shape[-2:]), set()
    for _ in range(2 * TABLES):
        kept, settings = some_response(rng, shape), some_settings(rng, shape[-2], varied=True)
        for lag_h in (np.array(1.0), np.array(2.0)):
            some = {"share": None, "lag_h": lag_h, "heaters": True}
            made = plugged_in_by_loops(kept, settings, missing_w, rooms, power, step_h=STEP_H, **some)
            wanted_w, hours = by_arrays(kept, settings, missing_w, rooms, power, **some)
            assert (made[0].tobytes(), made[1].tobytes()) == (wanted_w.tobytes(), hours.tobytes())
            found.add(wanted_w.tobytes())
    assert len(found) == 4 * TABLES


@pytest.mark.parametrize("case", SHAPES)
def test_loops_add_the_heaters_that_arrays_add(monkeypatch, case):
    rng, shape = np.random.default_rng(7), SHAPES[case]
    weight, heater_w = (rng.random(shape) * (rng.random(shape) < 0.6) for _ in range(2))
    heater_w[-1], found = 0.0, []
    monkeypatch.setattr(heaters_loops, "LEAST", 1)
    for loops in (False, True):
        monkeypatch.setattr(heaters_loops, "COMPILED", loops)
        found.append(plugged(weight, heater_w))
    for arrays, one_by_one in zip(*found, strict=True):
        assert arrays.shape == one_by_one.shape == shape[-2:]
        assert arrays.tobytes() == one_by_one.tobytes()
    assert found[1][0].sum() == pytest.approx((weight * heater_w).sum())
    assert found[1][1].sum() == pytest.approx(weight[heater_w > 0.0].sum())
