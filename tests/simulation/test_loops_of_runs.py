"""Whole runs by the loops of dispatch and power, as plain Python, and by arrays: the same bytes."""

import sys
from datetime import timedelta

import numpy as np
import pytest

import gridmodel as gm

LOOPS = ("gridmodel.dispatch.", "gridmodel.services.power.")
OWN = {
    "order and reserve": {"reserve_mw": 600.0, "recharge": "cutting", "industry_limit_share": 0.3},
    "optimum": {"cuts": "optimum", "recharge": "surplus"},
    "mean": {"rotation": "mean", "recharge": "overnight", "deterministic": False},
}


@pytest.mark.parametrize("name", OWN)
def test_a_run_by_loops_has_the_bytes_of_one_by_arrays(monkeypatch, name):
    scenario = gm.load_scenario("design-cold-spell")
    hours = {"end": scenario.start + timedelta(hours=20)}
    scenario = scenario.replace(members=9, seed=4, **hours, **OWN[name])
    made = []
    for loops in (False, True):
        for module in [one for key, one in sys.modules.items() if key.startswith(LOOPS) and hasattr(one, "COMPILED")]:
            monkeypatch.setattr(module, "COMPILED", loops)
        with np.errstate(all="ignore"):
            made.append(gm.run(scenario))
    arrays, loops = made
    assert float(arrays["shed_mw"].max()) > 0
    for variable in arrays.data_vars:
        if arrays[variable].dtype != object:
            assert arrays[variable].to_numpy().tobytes() == loops[variable].to_numpy().tobytes(), variable
