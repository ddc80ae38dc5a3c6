"""Dispatch of small nets in any state equals a linear programme over a reading of the tables that shares no code."""

import warnings

import numpy as np
import pandapower as pp
import pandas as pd
import pytest
from conftest import at_gate
from damaged import damaged_net, least_cost_of_tables

import gridmodel as gm
from gridmodel.interchange.adapter import empty

KNOWN = ("an ext_grid without max_p_mw", "storage keeps its p_mw")


def check_one(seed):
    net = damaged_net(seed)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        got = gm.dispatch(net)
    assert not [str(one.message) for one in told if not str(one.message).startswith(KNOWN)], seed
    exact = least_cost_of_tables(net)
    assert float(got.cost[0]) == pytest.approx(exact, rel=1e-6, abs=2e-3), seed
    need = np.where(net.load.in_service, net.load.p_mw * net.load.scaling, 0.0)
    served = got.served_mw[0].to_numpy()
    assert (np.maximum(served, 0) <= np.maximum(need, 0) + 1e-6).all(), seed
    shed = got.shed_cause_mw.sum("cause")[0].to_numpy()
    assert shed == pytest.approx(np.maximum(need, 0) - np.maximum(served, 0), abs=1e-6), seed
    dead = ~net.bus.in_service.reindex(net.load.bus).to_numpy(dtype=bool)
    assert not np.maximum(served, 0)[dead].any(), seed


@pytest.mark.parametrize("first", at_gate(range(0, 100, 10), 10))
def test_a_hundred_random_nets_in_any_state_cost_what_an_independent_programme_says(first):
    for seed in range(first, first + 10):
        check_one(seed)


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 2000, 100))
def test_a_thousand_random_nets_in_any_state_cost_what_an_independent_programme_says(first):
    for seed in range(first, first + 100):
        check_one(seed)


def test_a_dispatch_writes_nothing_into_the_empty_tables_that_nets_share():
    for seed in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gm.dispatch(damaged_net(seed))
    fresh, shared = pp.create_empty_network(), empty._template()
    assert set(shared) == set(fresh)
    for name, table in fresh.items():
        if isinstance(table, pd.DataFrame):
            pd.testing.assert_frame_equal(shared[name], table)
        else:
            assert shared[name] == table, name
