"""Day plans snapshot by snapshot and array by array: the same bytes. Without numba the loop is plain Python."""

import numpy as np
import pytest

from gridmodel.dispatch import storage_loops
from gridmodel.dispatch.storage import day_plan

ROWS = 25


@pytest.mark.parametrize("step_h", [0.5, 1.0])
@pytest.mark.parametrize("hours", [1, 4, 24, 150])
@pytest.mark.parametrize("ties", [False, True])
def test_loops_plan_the_energy_that_arrays_plan(monkeypatch, hours, step_h, ties):
    rng = np.random.default_rng([hours, ties])
    deficit = rng.uniform(-200.0, 400.0, (ROWS, hours, 2))
    power = rng.uniform(0.0, 150.0, (ROWS, 4, 1)) * (rng.random((ROWS, 4, hours)) > 0.2)
    energy = rng.uniform(0.0, 60.0 * hours, (ROWS, 4))
    if ties:
        deficit, power = np.round(deficit, -2), np.round(power, -2)
    deficit[3], power[4], energy[5], energy[6], energy[7] = -1.0, 0.0, 0.0, 1e6, 1e-3
    island, found = np.array([0, 1, 0, 1]), []
    monkeypatch.setattr(storage_loops, "LEAST", 1)
    for loops in (False, True):
        monkeypatch.setattr(storage_loops, "COMPILED", loops)
        found.append(day_plan(deficit, power, energy, island, step_h=step_h))
    assert found[0].tobytes() == found[1].tobytes()
    assert (found[0].sum(axis=-1) * step_h > 0.99 * energy).any()  # energy binds
    assert (found[0].sum(axis=-1) * step_h < 0.5 * energy).any()  # power does
