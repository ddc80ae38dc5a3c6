"""Homes that move between states, cell by cell and flow by flow: the same bytes. Without numba the loop is plain Python."""

from dataclasses import replace

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.services.heat import moving_loops
from gridmodel.services.heat.homes import warm_start
from gridmodel.services.heat.moving import WIDE, moved_homes
from gridmodel.services.heat.returning import PARTS, STAGES, Waiting
from gridmodel.services.heat.states import CONNECTED, DRAINED, FROZEN, REFILLING
from gridmodel.services.heat.warming import ORDER, STATES, WARMING
from gridmodel.simulation.inputs import run_inputs

MEMBERS = 60


def in_every_state(homes, settings, regions, rng):
    """Homes of which some are in every state, others in few; here and there a share is so small that nobody is in it."""
    share = rng.dirichlet(np.ones(STATES), (MEMBERS, regions)).transpose(2, 0, 1)
    share *= rng.random(share.shape) < 0.7
    share[DRAINED, 0], share[WARMING[1], 1], share[WARMING[2], 2] = 0.0, 1e-13, 0.0
    share[CONNECTED] += 1.0 - share.sum(axis=0)
    shape = (len(ORDER), len(homes.kinds), MEMBERS, regions)
    walls = {name: rng.uniform(-5.0, 20.0, shape) for name in WIDE}
    walls["mass_c"][1, :, :20] = walls["mass_c"][0, :, :20] - 0.2  # almost as warm as those that never lost heat
    circulates, standing = rng.uniform(20.0, 60.0, (MEMBERS, regions)), rng.uniform(-2.0, 20.0, (MEMBERS, regions))
    return replace(
        warm_start(homes, settings, np.zeros(regions), MEMBERS), share=share, occupied=ORDER, **walls,
        coolant_c=np.stack([circulates, standing]), ice=rng.random((2, MEMBERS, regions)),
        tested=0.5 * rng.random((2, MEMBERS, regions)),
        circulates=np.stack([np.where(rng.random(circulates.shape) < 0.5, np.nan, circulates), np.full(circulates.shape, np.nan)]),
        waiting=Waiting(
            stages=0.1 * rng.random((STAGES, PARTS, MEMBERS, regions)), slow=0.2 * rng.random((MEMBERS, regions))
        ),
    )  # fmt: skip


@pytest.mark.parametrize("fades", [False, True])
def test_loops_move_the_homes_that_arrays_move(monkeypatch, fades):
    scenario = gm.load_scenario("three-region").replace(deterministic=False, members=MEMBERS)
    system, rng = run_inputs(scenario).parts["heat"], np.random.default_rng(7)
    regions = len(system.population)
    state = in_every_state(system.homes, system.settings, regions, rng)
    reach = rng.random((MEMBERS, regions))
    reach[::3], reach[1::7] = 1.0, 0.0
    acts = {
        "reach": reach, "intact": np.maximum(reach, rng.random(reach.shape)), "step_h": 1.0,
        "outdoor_c": np.linspace(-25.0, 5.0, MEMBERS * regions).reshape(MEMBERS, regions),
        "fading": 0.2 * rng.random(reach.shape) if fades else None,
    }  # fmt: skip
    found = []
    monkeypatch.setattr(moving_loops, "LEAST", 1)
    for loops in (False, True):
        monkeypatch.setattr(moving_loops, "COMPILED", loops)
        after = [moved_homes(system.homes, state, system.settings, **acts)]
        for reached in (np.ones_like(reach), 0.5 * reach):  # as a step does, until most states are empty
            after.append(moved_homes(system.homes, after[-1], system.settings, **acts | {"reach": reached}))
        found.append(after)
    for arrays, cells in zip(*found, strict=True):
        assert arrays.occupied.tolist() == cells.occupied.tolist()
        for name in (*WIDE, "share", "coolant_c", "ice", "tested", "given_up", "intact"):
            assert getattr(arrays, name).tobytes() == getattr(cells, name).tobytes(), name
        for name in ("stages", "slow"):
            assert getattr(arrays.waiting, name).tobytes() == getattr(cells.waiting, name).tobytes(), name
    share = np.stack([state.share, *(after.share for after in found[0])])
    assert (np.diff(share, axis=0) != 0).any(axis=(0, 2, 3)).all()  # homes of every state moved
    np.testing.assert_allclose(share.sum(axis=1), 1.0, atol=1e-9)


def test_loops_leave_homes_alone_where_nobody_moves(monkeypatch):
    """Crews and ice are far away, sources reach all, and the one share that waits is that of burst pipes."""
    scenario = gm.load_scenario("three-region").replace(deterministic=False, members=MEMBERS)
    system = run_inputs(scenario).parts["heat"]
    start = warm_start(system.homes, system.settings, np.zeros(3), MEMBERS)
    share = start.share.copy()
    share[CONNECTED, 0], share[FROZEN, 0] = 0.75, 0.25
    wide = {name: np.repeat(getattr(start, name), 2, axis=0) for name in WIDE}
    state = replace(start, share=share, occupied=np.array([CONNECTED, FROZEN]), **wide)
    whole = np.ones((MEMBERS, 3))
    found = []
    monkeypatch.setattr(moving_loops, "LEAST", 1)
    for loops in (False, True):
        monkeypatch.setattr(moving_loops, "COMPILED", loops)
        found.append(
            moved_homes(
                system.homes, state, system.settings, reach=whole, intact=whole, outdoor_c=np.full(3, 5.0), step_h=1.0
            )
        )
    arrays, cells = found
    assert arrays.share.tobytes() == cells.share.tobytes()
    assert (cells.share[:, 1:] == state.share[:, 1:]).all()
    assert (cells.share[REFILLING, 0] > 0.0).all()
    np.testing.assert_allclose(cells.share[FROZEN, 0] + cells.share[REFILLING, 0], 0.25, rtol=1e-12)
