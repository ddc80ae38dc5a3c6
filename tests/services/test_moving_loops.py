"""What homes take along when they move, cell by cell and array by array: the same bytes."""

from dataclasses import replace

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.services.heat import moving_loops
from gridmodel.services.heat.homes import warm_start
from gridmodel.services.heat.moving import WIDE, taken_along
from gridmodel.services.heat.states import CONNECTED, DRAINED, NO_CIRCULATION
from gridmodel.services.heat.warming import STATES, WARMING
from gridmodel.simulation.inputs import run_inputs

MEMBERS = 40
FLOWS = [(0, 2), (2, 0), (3, 1), (1, 0), (0, 3)]
"""Places that homes leave and enter: some leave what others enter."""


@pytest.mark.parametrize("one_region", [False, True])
def test_loops_carry_what_arrays_carry(monkeypatch, one_region):
    scenario = gm.load_scenario("three-region").replace(deterministic=False, members=MEMBERS)
    system, rng = run_inputs(scenario).parts["heat"], np.random.default_rng(5)
    regions = len(system.population)
    share = rng.dirichlet(np.ones(STATES), (MEMBERS, regions)).transpose(2, 0, 1)
    share[DRAINED, 0] = 0.0  # nobody was where some come to
    occupied = np.array([CONNECTED, WARMING[0], NO_CIRCULATION, DRAINED])
    shape = (len(occupied), len(system.homes.kinds), MEMBERS, regions)
    made = {name: rng.uniform(-5.0, 20.0, shape) for name in WIDE} | {"riser_burst": np.zeros(shape)}
    start = warm_start(system.homes, system.settings, np.zeros(regions), MEMBERS)
    state = replace(start, share=share, occupied=occupied, **made)
    flows = [
        (source, target, 0.3 * share[occupied[source]] * (rng.random(shape[2:]) < 0.6)) for source, target in FLOWS
    ]
    flows[0][2][3] = 1e-13  # nobody
    if one_region:  # as cells apart are
        cut = {name: values[..., :1] for name, values in made.items()}
        state = replace(state, share=share[..., :1], **cut)
        flows = [(source, target, amount[:, :1]) for source, target, amount in flows]
    found = []
    monkeypatch.setattr(moving_loops, "LEAST", 1)
    for loops in (False, True):
        monkeypatch.setattr(moving_loops, "COMPILED", loops)
        found.append(taken_along(state, flows))
    arrays, one_by_one = found
    assert arrays.keys() == one_by_one.keys() == set(WIDE) - {"riser_burst"}
    assert {name for name in arrays if arrays[name].tobytes() != one_by_one[name].tobytes()} == set()
    assert {name for name in arrays if (arrays[name] == getattr(state, name)).all()} == set()
