"""Standing water, cell by cell and array by array: the same bytes. Without numba the loops are plain Python."""

from dataclasses import replace

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.services.heat import water_loops
from gridmodel.services.heat.homes import warm_start
from gridmodel.services.heat.moving import ends_by_arrays, ends_by_loops
from gridmodel.services.heat.pipes import BARELY_K, CIRCULATING_C, COOLING_TAU_H
from gridmodel.services.heat.states import circulating_c, deadline_h, stand_still
from gridmodel.services.heat.warming import STATES
from gridmodel.simulation.inputs import run_inputs

MEMBERS, REGIONS, KINDS = 60, 3, 5
PAIR = (2, MEMBERS, REGIONS)
NEAR_ZERO_C = (0.0, -0.0, -0.5 * BARELY_K, -BARELY_K, -2.0 * BARELY_K, 0.5 * BARELY_K)
"""Outdoors at which it is decided whether water freezes."""


def standing_water(rng):
    """Water, ice and burst share of loops, and the water that circulates; some are just at 0 °C, whole or burst."""
    water_c = np.where(rng.random(PAIR) < 0.3, 0.0, rng.uniform(-1.0, 60.0, PAIR))
    ice, tested = (np.clip(rng.uniform(-0.5, 1.5, PAIR), 0.0, 1.0) for _ in range(2))
    circulates = np.where(rng.random(PAIR) < 0.6, np.nan, rng.uniform(20.0, 60.0, PAIR))
    outdoor_c = rng.uniform(-30.0, 5.0, PAIR[1:])
    outdoor_c.flat[: 2 * len(NEAR_ZERO_C)] = np.repeat(NEAR_ZERO_C, 2)
    return water_c, ice, tested, circulates, outdoor_c


def logarithms(quotients):
    """Logarithms of some quotients, after which nothing may be read."""
    return np.concatenate([np.log(quotients), [np.nan]])


def stand_by_loops(water_c, ice, outdoor_c, circulates):
    """Return what `stand_still` does, and the burst share that homes are tested at if it was one before."""
    water_c, ice, circulates = (one.reshape(2, -1) for one in (water_c, ice, circulates))
    outside_c = np.broadcast_to(outdoor_c, PAIR[1:]).flatten()
    (cooled_c, tested, iced), quotients = np.empty((3, *water_c.shape)), np.empty(water_c.size)
    stays, one = float(np.exp(-1.0 / COOLING_TAU_H)), np.ones(water_c.shape)
    count = water_loops.cool((water_c, one), outside_c, circulates, stays, (cooled_c, tested), quotients)
    water_loops.freeze((water_c, ice), outside_c, circulates, logarithms(quotients[:count]), 1.0, iced)
    return cooled_c.reshape(PAIR), iced.reshape(PAIR), tested.reshape(PAIR)


@pytest.mark.parametrize("outdoors", ["by member", "by region"])
@pytest.mark.parametrize("water", ["some", "none", "none above zero", "all"])
def test_loops_cool_and_freeze_the_water_that_arrays_do(outdoors, water):
    water_c, ice, _, circulates, outdoor_c = standing_water(np.random.default_rng(3))
    if water == "none":
        circulates = np.full(PAIR, 40.0)
    elif water == "none above zero":
        water_c = np.zeros(PAIR)
    elif water == "all":
        circulates, outdoor_c = np.full(PAIR, np.nan), np.minimum(outdoor_c, -1.0)
    outdoor_c = outdoor_c if outdoors == "by member" else outdoor_c[-1]
    after_c, iced, tested = stand_by_loops(water_c, ice, outdoor_c, circulates)
    for arrays, cells in zip(
        stand_still(water_c, ice, outdoor_c, circulates, step_h=1.0), (after_c, iced), strict=True
    ):
        assert arrays.tobytes() == cells.tobytes()
    there = np.isnan(circulates)
    assert (tested == there).all()
    assert (after_c[~there] == circulates[~there]).all()
    assert (iced[~there] == 0.0).all()
    assert ((iced > ice) & there).any() == (water != "none")
    assert ((iced < ice) & there).any() == (water in {"some", "none above zero"} and outdoors == "by member")


@pytest.mark.parametrize("frost", ["some", "all"])
def test_loops_know_when_the_water_is_at_0_c_that_arrays_do(frost):
    rng = np.random.default_rng(5)
    water_c, _, _, circulates, outdoor_c = standing_water(rng)
    outdoor_c = np.minimum(outdoor_c, -1.0) if frost == "all" else outdoor_c
    share = rng.random((STATES, *PAIR[1:])) * (rng.random((STATES, *PAIR[1:])) < 0.6)
    flat, loops = share.reshape(STATES, -1), (outdoor_c.reshape(-1), circulates.reshape(2, -1))
    quotients, late_h = np.empty(water_c.size), np.empty(outdoor_c.size)
    count = water_loops.ending(flat, water_c.reshape(2, -1), *loops, quotients)
    water_loops.deadline(flat, *loops, logarithms(quotients[:count]), late_h)
    arrays = deadline_h(share, water_c, outdoor_c, circulates)
    assert arrays.tobytes() == late_h.reshape(PAIR[1:]).tobytes()
    assert {bool(one) for one in np.isnan(late_h)} == {True, False}
    assert len(np.unique(late_h[late_h > 0.0])) > MEMBERS // 2


@pytest.mark.parametrize("given", ["some", "all"])
@pytest.mark.parametrize("members", [1, MEMBERS])
@pytest.mark.parametrize("kinds", [1, KINDS])
@pytest.mark.parametrize("regions", [1, REGIONS])
def test_loops_mix_the_water_that_arrays_mix(given, members, kinds, regions):
    rng = np.random.default_rng(4)
    part = (
        np.minimum(rng.uniform(0.0, 1.5, (MEMBERS, regions)), 1.0) if given == "some" else np.ones((MEMBERS, regions))
    )
    heated_c, floor_m2 = (
        rng.uniform(-5.0, 20.0, (kinds, MEMBERS, regions)),
        rng.uniform(0.0, 9.0, (kinds, members, regions)),
    )
    heated_c[:, :9], floor_m2[:, :1, 0] = -1.0, 0.0  # frozen rooms, and no floor
    arrays, cells = circulating_c(part, heated_c, floor_m2, floor_m2.sum(axis=0)), np.empty((2, *part.shape))
    whole_m2 = np.broadcast_to(floor_m2.sum(axis=0), part.shape).flatten()
    floor_m2 = np.broadcast_to(floor_m2, heated_c.shape).reshape(kinds, -1)
    water_loops.circulating(part.reshape(-1), heated_c.reshape(kinds, -1), floor_m2, whole_m2, cells.reshape(2, -1))
    assert arrays.tobytes() == cells.tobytes()
    assert np.isnan(cells[1]).all()
    assert ((cells[0] < CIRCULATING_C) == (part < 1.0)).all()


@pytest.mark.parametrize("crews", ["of regions", "sent", "none"])
@pytest.mark.parametrize("frost", [True, False])
def test_loops_drain_and_burst_the_pipes_that_arrays_do(crews, frost):
    scenario = gm.load_scenario("three-region").replace(deterministic=False, members=MEMBERS)
    system, rng = run_inputs(scenario).parts["heat"], np.random.default_rng(6)
    water_c, ice, tested, circulates, outdoor_c = standing_water(rng)
    outdoor_c = outdoor_c if frost else np.abs(outdoor_c)
    share = rng.dirichlet(np.ones(STATES), PAIR[1:]).transpose(2, 0, 1)
    share[:2, :5] = 0.0  # nobody has water
    state = replace(
        warm_start(system.homes, system.settings, np.zeros(REGIONS), MEMBERS), share=share, coolant_c=water_c, ice=ice,
        tested=tested, circulates=circulates,
    )  # fmt: skip
    standing_c = np.where(np.isnan(circulates), water_c + 0.5, np.inf)
    can = {"of regions": np.array([0.01, 0.1, 0.5]), "sent": rng.random(PAIR[1:]), "none": np.zeros(REGIONS)}[crews]
    arrays, cells = (
        ends(state, system.settings, standing_c, outdoor_c, can, step_h=1.0) for ends in (ends_by_arrays, ends_by_loops)
    )
    for one, other in zip(arrays, cells, strict=True):
        assert one.tobytes() == other.tobytes()
    drains, bursts, _ = cells
    assert (drains > 0.0).any(axis=(1, 2)).tolist() == [frost and crews != "none"] * 2
    assert (bursts > 0.0).any(axis=(1, 2)).tolist() == [frost] * 2
    assert (drains[:, :5] == 0.0).all()
    assert (bursts[:, :5] == 0.0).all()
