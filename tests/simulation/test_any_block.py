"""Members by themselves and with others: a long outage in frost, in which homes move between all states."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from conftest import LONG

import gridmodel as gm
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate

EVENTS = [
    {"time": "2026-01-06 06:00", "target": "TR-1/heat_source", "kind": "strike", "hits_before_interception": 4,
     "interception": 0.3},
    {"time": "2026-01-06 06:00", "target": "TR-1/water_pumping", "kind": "outage", "share": {"uniform": [0.2, 0.9]},
     "duration_h": 100},
    {"time": "2026-01-06 08:00", "target": "TR-2/delivery", "kind": "limit", "share": {"uniform": [0.3, 0.9]},
     "duration_h": 40},
    {"time": "2026-01-07 05:00", "target": "TR-3/generation", "kind": "strike", "hits_before_interception": 4,
     "interception": 0.3},
    {"time": "2026-01-11 20:00", "target": "TR-1/heat_source", "kind": "outage", "share": {"uniform": [0.2, 0.9]},
     "duration_h": 60},
]  # fmt: skip
MEMBERS = 64
CUTS = 5


@pytest.fixture(scope="module")
def frost(tmp_path_factory):
    """Weather of sixteen days between -15 and -1 °C."""
    times = pd.date_range("2025-12-31", periods=400, freq="h")
    hours = np.arange(len(times))
    air_c = -8.0 - 4.5 * np.sin(2 * np.pi * hours / 24) - 2.5 * np.sin(2 * np.pi * hours / 150)
    table = pd.DataFrame({"time": times.strftime("%Y-%m-%dT%H:%MZ")})
    for place in (1, 2, 3):
        table[f"TR-{place}"] = np.round(air_c - 0.4 * place, 1)
    path = tmp_path_factory.mktemp("frost") / "frost.csv"
    table.to_csv(path, index=False)
    return path


@pytest.mark.gate  # at each edit: water in loops, in `test_draining.py`
@pytest.mark.parametrize("seed", range(12) if LONG else (1,))
def test_members_are_the_same_to_the_byte_in_blocks_of_any_size(frost, seed):
    drawn = np.random.default_rng(seed)
    scenario = gm.load_scenario("three-region").replace(
        weather=str(frost), start="2026-01-05 05:00", end="2026-01-15 17:00", deterministic=False, members=MEMBERS,
        seed=seed, events=EVENTS, rotation=str(drawn.choice(["queues", "mean"])), cascade=str(drawn.choice(["none", "full"])),
        demand_factor={"uniform": [0.9, 1.3]}, availability={"thermal_coal": {"uniform": [0.4, 1.0]}},
        forced_outages={"thermal_coal": {"mttf_h": 40, "mttr_h": 8}},
    )  # fmt: skip
    whole = simulate(run_inputs(scenario))
    assert float(whole["home_share"].sel(heat_state="frozen").max()) > 0.01  # there is something to depend on
    edges = [0, *sorted(drawn.choice(np.arange(1, MEMBERS), CUTS, replace=False).tolist()), MEMBERS]
    for first, last in pairwise(edges):
        part = simulate(run_inputs(scenario, range(first, last)))
        apart = [
            name for name, values in part.data_vars.items()
            if values.dims[0] == "member"
            and values.to_numpy().tobytes() != whole[name].to_numpy()[first:last].tobytes()
        ]  # fmt: skip
        assert not apart, (first, last)


@pytest.mark.parametrize("rotation", ["queues", "mean"])
def test_members_whose_gas_is_whole_do_not_depend_on_those_whose_gas_is_short(frost, rotation):
    shortage = {"time": "2026-01-05 08:00", "target": "TR/fuel", "kind": "limit", "share": {"choice": [1.0, 0.5]}}
    outage = {"time": "2026-01-05 06:00", "target": "TR-2/delivery", "kind": "limit", "share": 0.3}
    scenario = gm.load_scenario("three-region").replace(
        weather=str(frost), start="2026-01-05 05:00", end="2026-01-06 05:00", deterministic=False, members=6, seed=1,
        events=[shortage, outage], rotation=rotation,
    )  # fmt: skip
    inputs = run_inputs(scenario)
    fuel = inputs.parts["heat"].fuel[-1, :, 0]
    assert set(fuel) == {1.0, 0.5}
    whole = simulate(inputs)
    assert float(whole["people_without_heat"][fuel == 1.0].max()) > 0
    for member in np.flatnonzero(fuel == 1.0):
        part = simulate(run_inputs(scenario, [int(member)]))
        apart = [
            name for name, values in part.data_vars.items()
            if values.dims[0] == "member"
            and values.to_numpy().tobytes() != whole[name].to_numpy()[[member]].tobytes()
        ]  # fmt: skip
        assert not apart, member


def test_members_without_batteries_show_what_those_show_who_have_some(frost):
    scenario = gm.load_scenario("three-region").replace(
        weather=str(frost), start="2026-01-06 05:00", end="2026-01-06 17:00", deterministic=False, members=6, seed=1,
        events=[EVENTS[2]], rotation="queues", heat_battery_h={"choice": [0, 4]}, telecom_battery_h={"choice": [0, 4]},
    )  # fmt: skip
    whole = simulate(run_inputs(scenario))
    hours = whole["drawn_value"].sel(setting=["heat_battery_h", "telecom_battery_h"]).max("setting")
    assert 0 < int((hours > 0).sum()) < 6
    assert float(whole["battery_mwh"][hours == 0].max()) == 0
    for member in range(6):
        part = simulate(run_inputs(scenario, [member]))
        assert list(part.data_vars) == list(whole.data_vars), member
        apart = [
            name for name, values in part.data_vars.items()
            if values.dims[0] == "member"
            and values.to_numpy().tobytes() != whole[name].to_numpy()[[member]].tobytes()
        ]  # fmt: skip
        assert not apart, member
