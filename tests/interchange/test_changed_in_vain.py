"""A net with our tables of which something was changed that no run would see is refused, and told what to change."""

import subprocess
import sys

import pandapower as pp
import pytest
from conftest import at_gate
from nets import bundled

import gridmodel as gm

SCENARIO = {"name": "x", "weather": "three-region", "start": "2026-01-06 00:00", "end": "2026-01-06 02:00"}


def scale(table, column, by):
    def change(net):
        net[table][column] = net[table][column] * by

    return change


def off(table, column="in_service", value=False):
    def change(net):
        net[table].loc[net[table].index[0], column] = value

    return change


IN_VAIN = {
    "load.p_mw": scale("load", "p_mw", 1.2),
    "load.scaling": off("load", "scaling", 1.2),
    "gen.max_p_mw": scale("gen", "max_p_mw", 0.5),
    "gen.in_service": off("gen"),
    "line.in_service": off("line"),
    "bus.in_service": off("bus"),
    "switch": lambda net: pp.create_switch(net, 0, 0, "l"),
    "load.p_mw/need_mw": lambda net: pp.create_load(net, 0, 10.0),
}


@pytest.mark.parametrize("name", IN_VAIN)
def test_a_change_that_no_run_would_see_is_refused_with_what_to_change(name):
    net = bundled("three-region")
    IN_VAIN[name](net)
    with pytest.raises(
        gm.InputError, match=rf"does not take, in [^:]*{name}.*: it takes our tables.*gm.dispatch\(net\)"
    ):
        gm.Scenario(**SCENARIO, network=net)


TAKEN = {
    "population": scale("region", "population", 2.0),
    "demand": scale("region", "reference_demand_mw", 1.1),
    "available": scale("gen", "available_mw", 0.5),
    "border": off("sgen", "max_p_mw", 5.0),
    "current": scale("line", "max_i_ka", 0.5),
    "a generator less": lambda net: net.__setitem__("gen", net.gen.drop(index=net.gen.index[-1])),
}


@pytest.fixture(scope="module")
def before():
    """The network of a scenario on the net as it is."""
    return gm.Scenario(**SCENARIO, network=bundled("three-region")).network


@pytest.mark.parametrize("name", at_gate(TAKEN, 2))
def test_a_change_of_our_tables_is_taken(before, name):
    net = bundled("three-region")
    TAKEN[name](net)
    assert gm.Scenario(**SCENARIO, network=net).network != before


def test_a_power_flow_or_a_dispatch_of_the_net_changes_nothing(before):
    net = bundled("three-region")
    pp.runpp(net)
    gm.dispatch(net)
    assert gm.Scenario(**SCENARIO, network=net).network == before


@pytest.mark.gate  # at each edit: nets of one process
def test_a_net_read_by_pandapower_is_the_same_network_whatever_was_imported_before(before, tmp_path):
    pp.to_json(bundled("three-region"), str(tmp_path / "net.json"))
    code = f"""
import pandapower as pp
net = pp.from_json({str(tmp_path / "net.json")!r})
import gridmodel as gm
print(gm.Scenario(**{SCENARIO!r}, network=net).network)
"""
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == before
