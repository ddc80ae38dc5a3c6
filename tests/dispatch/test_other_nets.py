"""Nets as others have them, each with the answer that is right: damaged, with links, withdrawals, storage and costs."""

import re
import warnings
from pathlib import Path

import numpy as np
import pandapower as pp
import pandas as pd
import pytest
from conftest import at_gate
from nets import empty, published

import gridmodel as gm

CASES = Path(__file__).parents[1] / "cases" / "networks"


def buses(count, kv=110.0):
    net = empty()
    for _ in range(count):
        pp.create_bus(net, kv)
    return net


def line(net, a, b, most=float("nan")):
    pp.create_line_from_parameters(net, a, b, 1.0, 0.0, 10.0, 0.0, 1.0, max_loading_percent=most)


def served(net, **more):
    return gm.dispatch(net, **more).served_mw[0].to_numpy()


def output(net, **more):
    return gm.dispatch(net, **more).generation_mw[0].to_series()


@pytest.mark.parametrize("kind", ["trafo", "impedance", "trafo3w", "xward"])
def test_a_branch_at_a_bus_out_of_service_carries_nothing_and_stops_nothing(kind):
    net = buses(2)
    low = pp.create_bus(net, 20.0)
    dead = pp.create_bus(net, 20.0, in_service=False)
    line(net, 0, 1)
    pp.create_transformer_from_parameters(net, 1, low, 40, 110, 20, 0.3, 12, 10, 0.1)
    if kind == "trafo":
        pp.create_transformer_from_parameters(net, 1, dead, 40, 110, 20, 0.3, 12, 10, 0.1)
    elif kind == "impedance":
        net.bus.loc[dead, "vn_kv"] = 110.0
        pp.create_impedance(net, 1, dead, 0.01, 0.1, 100.0)
    elif kind == "trafo3w":
        pp.create_transformer3w_from_parameters(
            net, 1, dead, low, 110, 20, 20, 40, 40, 40, 10, 11, 12, 0.3, 0.3, 0.3, 10, 0.1
        )
    else:
        pp.create_xward(net, dead, 0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 1.0)
    pp.create_ext_grid(net, 0, max_p_mw=100.0)
    pp.create_load(net, low, 30.0)
    assert served(net) == pytest.approx([30])


def test_pandapower_looks_up_voltages_its_own_way_after_a_dispatch_as_before():
    from pandapower import build_branch

    net, its_own, seen = published("case118"), build_branch.get_values, []
    gm.dispatch(net)
    assert build_branch.get_values is its_own

    def none(*_):
        seen.append(build_branch.get_values)
        raise RuntimeError("no buses")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pandapower.build_branch._build_branch_ppc", none)
        with pytest.raises(RuntimeError, match="no buses"):
            gm.dispatch(net)
    assert seen
    assert seen[0] is not its_own
    assert build_branch.get_values is its_own


def test_chains_of_closed_switches_join_their_buses_and_no_lone_one_beside_them():
    net = buses(5)
    line(net, 0, 1)
    for a, b in ((1, 2), (2, 3)):
        pp.create_switch(net, a, b, "b")
    pp.create_switch(net, 3, 4, "b", closed=False)
    pp.create_ext_grid(net, 0, max_p_mw=100.0)
    pp.create_load(net, 3, 50.0)
    pp.create_load(net, 4, 5.0)
    assert served(net) == pytest.approx([50, 0])
    net.bus.loc[2, "in_service"] = False  # a chain through a dead bus joins nothing
    assert served(net) == pytest.approx([0, 0])


def test_a_switch_with_an_impedance_carries_power_beside_a_line_as_pandapower_has_it():
    net = buses(2)
    line(net, 0, 1)
    pp.create_switch(net, 0, 1, "b", z_ohm=5.0)
    pp.create_ext_grid(net, 0, max_p_mw=100.0)
    pp.create_load(net, 1, 50.0)
    pp.rundcpp(net)
    ours = float(gm.dispatch(net).flow_mw.sel(branch="line/0")[0])
    assert ours == pytest.approx(net.res_line.p_from_mw[0])
    assert 0 < ours < 50


@pytest.mark.parametrize("change", ["dead", "absent", "out", "voltage"])
def test_dispatch_needs_no_reference_and_no_agreement_of_voltages(change):
    net = buses(3)
    line(net, 0, 1)
    pp.create_gen(net, 0, 1.0, vm_pu=1.02, max_p_mw=20.0)
    pp.create_load(net, 1, 15.0)
    if change == "dead":
        net.bus.loc[2, "in_service"] = False
        pp.create_ext_grid(net, 2, max_p_mw=50.0)
    elif change == "out":
        pp.create_ext_grid(net, 0, max_p_mw=50.0, in_service=False)
    elif change == "voltage":
        pp.create_ext_grid(net, 0, vm_pu=1.0, max_p_mw=0.0)
    assert served(net) == pytest.approx([15])
    assert output(net)["gen/0"] == pytest.approx(15)


@pytest.mark.filterwarnings("ignore:an ext_grid without max_p_mw:UserWarning")
@pytest.mark.parametrize("name", at_gate(["case14", "case118"], 2))
def test_published_nets_without_their_reference_are_served_by_the_rest(name):
    net = published(name)
    net.ext_grid["in_service"] = False
    net.gen["slack"] = False
    got = gm.dispatch(net)
    assert float(got.served_mw.sum()) == pytest.approx(min(net.load.p_mw.sum(), net.gen.max_p_mw.sum()), rel=1e-6)


def test_dead_plant_serves_no_lone_bus_and_a_lone_bus_serves_itself():
    net = buses(5)
    line(net, 0, 1)
    pp.create_switch(net, 1, 2, "b")
    net.bus.loc[4, "in_service"] = False
    pp.create_ext_grid(net, 0, max_p_mw=50.0)
    pp.create_load(net, 2, 15.0)
    pp.create_load(net, 3, 7.0)
    pp.create_gen(net, 4, 5.0, max_p_mw=5.0)
    pp.create_sgen(net, 4, 5.0)
    assert served(net) == pytest.approx([15, 0])
    assert output(net)[["gen/0", "sgen/0"]].tolist() == [0, 0]
    pp.create_sgen(net, 3, 4.0)
    assert served(net) == pytest.approx([15, 4])
    net.sgen.loc[1, "in_service"] = False
    pp.create_load(net, 4, 5.0)  # where the plant is dead as well
    assert served(net) == pytest.approx([15, 0, 0])


def direct_current(sends=10.0, *, dead=False, **more):
    net = buses(2)
    pp.create_load(net, 1, 50.0)
    pp.create_gen(net, 1, 1.0, max_p_mw=1.0)
    pp.create_ext_grid(net, 1 if dead else 0, max_p_mw=0.0 if dead else sends)
    net.bus.loc[0, "in_service"] = not dead
    pp.create_dcline(
        net, 0, 1, vm_from_pu=1.0, vm_to_pu=1.0, **{"p_mw": 30.0, "loss_percent": 10.0, "loss_mw": 1.0} | more
    )
    return net


def test_a_dc_line_delivers_what_its_sending_side_has_less_its_losses():
    got = gm.dispatch(direct_current())
    assert float(got.served_mw[0, 0]) == pytest.approx(1 + 10 * 0.9 - 1)
    assert float(got.flow_mw.sel(branch="dcline/0")[0]) == pytest.approx(10)
    assert served(direct_current(100.0)) == pytest.approx([1 + 30 * 0.9 - 1])  # no more than p_mw
    assert served(direct_current(100.0, max_p_mw=50.0)) == pytest.approx([1 + 50 * 0.9 - 1])


def test_a_dc_line_that_is_dead_or_costs_more_than_it_brings_is_off():
    assert served(direct_current(dead=True)) == pytest.approx([1])
    assert served(direct_current(0.5)) == pytest.approx([1])  # 0.45 would arrive, 1 would be lost
    out = direct_current()
    import xarray as xr

    off = xr.DataArray([[0.0]], {"snapshot": [0], "branch": ["dcline/0"]}, ("snapshot", "branch"))
    assert served(out, branch_available=off) == pytest.approx([1])


def test_a_dc_line_runs_backward_where_its_limits_or_its_power_say_so():
    net = buses(2)
    pp.create_load(net, 0, 50.0)
    pp.create_ext_grid(net, 1, max_p_mw=100.0)
    pp.create_dcline(net, 0, 1, p_mw=-20.0, loss_percent=10.0, loss_mw=0.0, vm_from_pu=1.0, vm_to_pu=1.0)
    got = gm.dispatch(net)
    assert float(got.served_mw[0, 0]) == pytest.approx(18)
    assert float(got.flow_mw.sel(branch="dcline/0")[0]) == pytest.approx(-18)
    net.dcline["p_mw"] = 0.0
    assert served(net) == pytest.approx([0])
    net.dcline["min_p_mw"] = -40.0
    assert served(net) == pytest.approx([36])


def test_causes_of_what_a_dc_line_cannot_bring_are_told_over_what_it_joins():
    cause = gm.dispatch(direct_current(100.0, loss_mw=0.0)).shed_cause_mw[0, 0].to_series()
    assert cause["limit"] == pytest.approx(50 - 28)  # without the limit of the line there is power for all
    cause = gm.dispatch(direct_current(10.0, loss_mw=0.0)).shed_cause_mw[0, 0].to_series()
    assert cause["deficit"] == pytest.approx(39)  # 11 in all, of which the line loses 1
    assert cause["limit"] == pytest.approx(1)


def test_a_link_of_pypsa_carries_up_to_its_nominal_power_both_ways():
    with pytest.warns(UserWarning, match="dispatched within their limits"):
        net = gm.load_network(CASES / "link.nc")
    got = gm.dispatch(net)
    assert float(got.shed_cause_mw.sum()) == 0
    assert float(got.flow_mw.sel(branch="link/0")[0]) == pytest.approx(100)
    net.load.loc[net.load.need_mw.isna(), "p_mw"] = 400.0
    assert float(gm.dispatch(net).served_mw.sum()) == pytest.approx(300)


@pytest.mark.parametrize(("table", "create"), [("sgen", pp.create_sgen), ("gen", pp.create_gen)])
def test_a_negative_generator_is_demand(table, create):
    net = buses(2)
    line(net, 0, 1)
    pp.create_ext_grid(net, 0, max_p_mw=100.0)
    pp.create_load(net, 1, 15.0)
    create(net, 1, -40.0)
    for most in (np.nan, 0.0, -10.0):
        net[table]["max_p_mw"] = most
        found = output(net)
        assert found["ext_grid/0"] == pytest.approx(55)
        assert found[f"{table}/0"] == pytest.approx(-40)
    net.ext_grid["max_p_mw"] = 27.5  # it shares what is missing with the load
    assert output(net)[f"{table}/0"] == pytest.approx(-20)
    assert served(net) == pytest.approx([7.5])


def test_dispatchable_loads_of_matpower_are_demand_shed_at_their_own_cost():
    assert output(gm.load_network(CASES / "dispatchable.m"))["ext_grid/0"] == pytest.approx(120)
    net = gm.load_network(CASES / "pwl.m")
    got = gm.dispatch(net)
    found = got.generation_mw[0].to_series()
    assert found.tolist() == pytest.approx([100, -40, 40])  # 100 at 10, the rest at 50
    assert float(got.cost[0]) == pytest.approx(100 * 10 + 40 * 50)
    net.ext_grid["max_p_mw"] = 20.0  # 20 MW are missing: the load that pays 200 goes first
    assert gm.dispatch(net).generation_mw[0].to_series().tolist() == pytest.approx([100, -20, 20])


def test_blocks_of_a_withdrawal_are_shed_from_the_one_that_is_worth_least():
    """40 MW are asked for: 20 at 100 €/MWh and 20 at 50, beside plant at 60."""
    net = buses(1)
    index = pp.create_gen(net, 0, 0.0, max_p_mw=60.0)
    pp.create_poly_cost(net, index, "gen", cp1_eur_per_mw=60.0)
    pp.create_sgen(net, 0, -40.0, max_p_mw=0.0)
    pp.create_pwl_cost(net, 0, "sgen", [[-40, -20, 50], [-20, 0, 100]])
    assert output(net)[["gen/0", "sgen/0"]].tolist() == pytest.approx([20, -20])
    assert float(gm.dispatch(net).cost[0]) == pytest.approx(20 * 60 + 20 * 50)
    net.pwl_cost = net.pwl_cost.iloc[:0]
    pp.create_poly_cost(net, 0, "sgen", cp1_eur_per_mw=100.0, cp2_eur_per_mw2=1.0)  # 100 - 2x is 60 at x = 20
    assert output(net)["sgen/0"] == pytest.approx(-20, abs=40 / 64)
    net.poly_cost.loc[1, "cp2_eur_per_mw2"] = -1.0  # the last megawatts are worth most: they are taken at their mean
    with pytest.warns(UserWarning, match="falling slopes"):
        assert output(net)["sgen/0"] == pytest.approx(-40)


CASE = """function mpc = c
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [ 1 3 0 0 0 0 1 1 0 110 1 1.1 .9; 2 1 0 0 0 0 1 1 0 110 1 1.1 .9; ];
mpc.gen = [
{rows}
];
mpc.branch = [ 1 2 0 .1 0 0 0 0 0 0 1 -360 360; ];
mpc.gencost = [ 2 0 0 2 {first} 0; 2 0 0 2 {second} 0; ];
"""


def test_a_dispatchable_load_of_matpower_asks_for_pmin_whatever_pg_is(tmp_path):
    """MATPOWER User's Manual, 6.4.2: PMIN is its demand; PG is what was served in the solution that was saved."""
    plant, load = "1 0 0 0 0 1 100 1 100 0", "2 -10 0 0 0 1 100 1 0 -40"
    path = tmp_path / "c.m"
    path.write_text(CASE.format(rows=f"{plant};\n{load};", first=10, second=200))
    net = gm.load_network(path)
    assert net.sgen.p_mw.tolist() == [-10]
    assert output(net).tolist() == pytest.approx([-40, 40])
    path.write_text(CASE.format(rows=f"{load.replace('-10', '0')};\n{plant};", first=200, second=10))
    assert output(gm.load_network(path)).tolist() == pytest.approx([-40, 40])


def test_a_dispatchable_load_at_the_reference_bus_is_demand_and_no_source(tmp_path):
    plant, load = "1 0 0 0 0 1 100 1 100 0", "1 -40 0 0 0 1 100 1 0 -40"
    path = tmp_path / "c.m"
    path.write_text(CASE.format(rows=f"{load};\n{plant};", first=200, second=10))
    net = gm.load_network(path)
    assert net.ext_grid.max_p_mw.tolist() == [100]
    assert output(net).tolist() == pytest.approx([-40, 40])


def test_a_generator_of_pypsa_that_withdraws_is_not_made_the_reference_of_its_part(tmp_path):
    (tmp_path / "network.csv").write_text("name\nx\n")
    (tmp_path / "buses.csv").write_text("name,v_nom\nA,110\n")
    (tmp_path / "generators.csv").write_text(
        "name,bus,p_nom,p_set,sign,control,marginal_cost\nw,A,20,7,-1,Slack,0\ng,A,50,0,1,PQ,10\n"
    )
    found = output(gm.load_network(tmp_path))
    assert sorted(found) == pytest.approx([-7, 7])


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ({"loss_percent": -20.0}, "loss_percent: '-20.0' must be between 0 and 100"),
        ({"loss_percent": 150.0}, "loss_percent: '150.0' must be between 0 and 100"),
        ({"loss_mw": -5.0}, "loss_mw: '-5.0' must be at least 0"),
    ],
)
def test_a_dc_line_that_would_make_power_of_nothing_is_refused(loss, message):
    with pytest.raises(gm.InputError, match=re.escape(message)):
        gm.dispatch(direct_current(**loss))


@pytest.mark.filterwarnings("error")
def test_a_dc_line_without_end_carries_what_there_is():
    assert served(direct_current(100.0, max_p_mw=np.inf, loss_mw=0.0)) == pytest.approx([50])
    assert served(direct_current(100.0, min_p_mw=-np.inf, loss_mw=0.0)) == pytest.approx([28])


@pytest.mark.parametrize(
    "points",
    [[], [[0, 10]], [[0, np.nan, 5]], [[50, 0, 5]], [[0, 50, 5], [20, 60, 9]], [[0, 50, np.inf]], "0", None, 5.0],
)
def test_points_of_costs_that_are_no_steps_are_refused_by_name(points):
    net = buses(1)
    pp.create_gen(net, 0, 0.0, max_p_mw=10.0)
    pp.create_pwl_cost(net, 0, "gen", [[0, 10, 5]])
    net.pwl_cost["points"] = pd.Series([points], dtype=object)
    with pytest.raises(gm.InputError, match="pwl_cost/0: points: must be rows of three numbers"):
        gm.dispatch(net)


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("load", "p_mw", "x", "'x' is not a number"),
        ("load", "scaling", np.nan, "'nan' is not a number"),
        ("load", "shed_cost", np.inf, "'inf' is not a finite number"),
        ("gen", "max_p_mw", "big", "'big' is not a number"),
        ("gen", "scaling", np.inf, "'inf' is not a number"),
        ("gen", "need_mw", "x", "'x' is not a number"),
        ("line", "parallel", 0, "'0' must be at least 1"),
        ("line", "in_service", "False", "'False' is not true or false"),
        ("line", "in_service", np.nan, "'nan' is not true or false"),
        ("bus", "vn_kv", 0.0, "'0.0' must be more than 0 kV"),
        ("bus", "in_service", None, "'None' is not true or false"),
        ("dcline", "max_p_mw", "x", "'x' is not a number"),
        ("poly_cost", "cp0_eur", "x", "'x' is not a number"),
        ("poly_cost", "cp2_eur_per_mw2", np.inf, "'inf' is not a finite number"),
    ],
)
def test_a_cell_of_a_net_in_memory_that_is_no_number_or_flag_is_refused_by_name(table, column, value, message):
    net = direct_current()
    line(net, 0, 1)
    pp.create_poly_cost(net, 0, "gen", cp1_eur_per_mw=1.0)
    net[table][column] = pd.Series([value] * len(net[table]), index=net[table].index)
    with pytest.raises(gm.InputError, match=re.escape(f"{table}/0: {column}: {message}")):
        gm.dispatch(net)


def test_a_limit_that_is_endless_downwards_is_none():
    """As a conversion of pandapower writes the reactive power of an outside grid."""
    net = direct_current()
    line(net, 0, 1)
    net.gen["min_q_mvar"], net.gen["max_q_mvar"] = -np.inf, np.inf
    assert gm.dispatch(net)["served_mw"].sum() > 0


@pytest.mark.parametrize("number", [-3, 3_000_000_000])
def test_buses_are_numbered_within_what_an_array_holds(number):
    net = buses(1)
    pp.create_load(net, 0, 1.0)
    net.bus.index = [number]
    net.load["bus"] = np.array([number], dtype=np.int64)
    with pytest.raises(gm.InputError, match=f"bus/{number}: must be numbered from 0 to 10,000,000"):
        gm.dispatch(net)


def test_a_generator_of_pypsa_with_a_negative_sign_withdraws():
    found = output(gm.load_network(CASES / "pypsa_sign"))
    assert found.tolist() == pytest.approx([0, 50])  # H may take up to 10 but asks for nothing


def test_scaling_of_generators_counts_where_no_limit_is_given():
    net = buses(1)
    pp.create_load(net, 0, 50.0)
    pp.create_gen(net, 0, 30.0, scaling=0.5)
    pp.create_sgen(net, 0, 10.0, scaling=0.5)
    net.gen["max_p_mw"] = np.nan
    assert served(net) == pytest.approx([20])


def test_storage_that_is_controllable_acts_and_a_warning_tells_of_any_other():
    net = buses(1)
    pp.create_ext_grid(net, 0, max_p_mw=10.0)
    pp.create_load(net, 0, 50.0)
    pp.create_storage(net, 0, p_mw=0.0, max_e_mwh=100.0, min_p_mw=-30.0, max_p_mw=40.0, controllable=True)
    assert served(net) == pytest.approx([40])
    assert output(net)["storage/0"] == pytest.approx(30)
    net.storage["controllable"] = False
    with pytest.warns(UserWarning, match="storage keeps its p_mw"):
        assert served(net) == pytest.approx([10])


@pytest.mark.filterwarnings("ignore:Warning. Please specify:UserWarning")
def test_piecewise_costs_are_those_of_pandapowers_optimal_power_flow():
    net = buses(2)
    line(net, 0, 1)
    pp.create_ext_grid(net, 0, min_p_mw=0.0, max_p_mw=100.0)
    pp.create_gen(net, 1, 0.0, min_p_mw=0.0, max_p_mw=100.0)
    pp.create_load(net, 1, 130.0, controllable=False)
    pp.create_pwl_cost(net, 0, "ext_grid", [[0, 20, 5], [20, 60, 30], [60, 100, 80]])
    pp.create_pwl_cost(net, 0, "gen", [[0, 50, 10], [50, 100, 40]])
    got = gm.dispatch(net)
    # 20 at 5, 50 at 10, 40 at 30, and the last 20 at 40
    assert got.generation_mw[0].to_series()[["gen/0", "ext_grid/0"]].tolist() == pytest.approx([70, 60])
    assert float(got.cost[0]) == pytest.approx(20 * 5 + 50 * 10 + 40 * 30 + 20 * 40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.rundcopp(net)
    assert float(got.cost[0]) == pytest.approx(net.res_cost, rel=1e-4)


def quadratic(load, most, squares, slope=1.0):
    """One bus with a unit for each square, all at one price."""
    net = buses(1)
    for square in squares:
        index = pp.create_gen(net, 0, 0.0, max_p_mw=most)
        pp.create_poly_cost(net, index, "gen", cp1_eur_per_mw=slope, cp2_eur_per_mw2=square, cp0_eur=7.0)
    pp.create_load(net, 0, load)
    return net


@pytest.mark.parametrize("most", [100.0, 2_000.0, 1e6])
def test_quadratic_costs_are_within_a_thousandth_of_the_closed_form_however_large_the_plant(most):
    """Two units at equal marginal cost: 0.1·2·p = 0.05·2·(90 − p) at 30 and 60 MW."""
    net = quadratic(90.0, most, (0.1, 0.05))
    exact = 0.1 * 30**2 + 0.05 * 60**2 + 90 + 14
    assert exact - 1e-6 <= float(gm.dispatch(net).cost[0]) <= exact * 1.001
    assert output(net).tolist() == pytest.approx([30, 60], abs=2)


def test_many_large_plants_beside_a_small_load_cost_what_the_closed_form_says():
    """As in pandapower's net of Iceland: each of 35 gives a thirty-fifth, of which 0.1·p² + p is the cost."""
    each = 1367.83 / 35
    got = float(gm.dispatch(quadratic(1367.83, 2_000.0, [0.1] * 35)).cost[0])
    exact = 35 * (0.1 * each**2 + each + 7)
    assert exact - 1e-6 <= got <= exact * 1.001


def test_each_snapshot_keeps_to_the_tolerance_of_squares_from_no_load_to_full_output():
    import xarray as xr

    net = quadratic(90.0, 100.0, (0.1, 0.05))
    need = np.array([0.0, 0.5, 3.0, 30.0, 140.0, 200.0])
    got = gm.dispatch(net, xr.DataArray(need[:, None], {"snapshot": range(6), "load": [0]}, ("snapshot", "load")))
    first = np.clip(need / 3, need - 100, 100)
    exact = 0.1 * first**2 + 0.05 * (need - first) ** 2 + need + 14
    assert (got.cost.to_numpy() >= exact - 1e-6).all()
    assert (got.cost.to_numpy() <= exact * 1.001).all()


def test_squares_and_minimum_output_go_together():
    """The first unit must give 50 of 90 MW: it gives no more, since the other is cheaper."""
    net = quadratic(90.0, 1_000.0, (0.1, 0.05))
    net.gen["min_p_mw"] = [50.0, 0.0]
    got = gm.dispatch(net, minimum_output=True)
    assert got.generation_mw[0].to_numpy() == pytest.approx([50, 40], abs=1)
    exact = 0.1 * 50**2 + 0.05 * 40**2 + 90 + 14
    assert float(got.cost[0]) == pytest.approx(exact, rel=5e-3)


def test_costs_follow_arrays_that_go_beyond_the_tables():
    """A table's load of 10 MW and plant of 10 MW say nothing of what 500 MW cost."""
    import xarray as xr

    def array(value, dim, name):
        return xr.DataArray([[value]], {"snapshot": [0], dim: [name]}, ("snapshot", dim))

    need, most = array(500.0, "load", 0), array(1000.0, "generator", "gen/0")
    net = quadratic(10.0, 10.0, [0.1])
    assert float(gm.dispatch(net, need, most).cost[0]) == pytest.approx(0.1 * 500**2 + 500 + 7, rel=1e-3)
    net.poly_cost = net.poly_cost.iloc[:0]
    pp.create_pwl_cost(net, 0, "gen", [[0, 50, 10], [50, 1000, 40]])
    assert float(gm.dispatch(net, need, most).cost[0]) == pytest.approx(50 * 10 + 450 * 40)


def test_falling_slopes_and_costs_of_other_things_are_told():
    net = buses(1)
    pp.create_gen(net, 0, 0.0, max_p_mw=100.0)
    pp.create_load(net, 0, 90.0)
    pp.create_pwl_cost(net, 0, "gen", [[0, 50, 40], [50, 100, 10]])
    with pytest.warns(UserWarning, match="the cost leaves out falling slopes"):
        assert float(gm.dispatch(net).cost[0]) == pytest.approx(50 * 40 + 40 * 10)
    net.pwl_cost = net.pwl_cost.iloc[:0]
    pp.create_poly_cost(net, 0, "gen", cp1_eur_per_mw=50.0, cp2_eur_per_mw2=-0.1)
    with pytest.warns(UserWarning, match="the cost leaves out falling slopes"):
        assert float(gm.dispatch(net).cost[0]) == pytest.approx(90 * (50 - 0.1 * 90))  # at the chord to 90 MW
    net.poly_cost = net.poly_cost.iloc[:0]
    pp.create_poly_cost(net, 0, "load", cp1_eur_per_mw=1.0)
    with pytest.warns(UserWarning, match="the cost leaves out costs of load"):
        gm.dispatch(net)


def test_minimum_output_runs_first_where_it_is_asked_for_and_never_sheds_a_load():
    net = buses(1)
    for cost in (10.0, 50.0):
        index = pp.create_gen(net, 0, 0.0, min_p_mw=20.0, max_p_mw=100.0)
        pp.create_poly_cost(net, index, "gen", cp1_eur_per_mw=cost)
    pp.create_load(net, 0, 90.0)
    assert output(net).tolist() == pytest.approx([90, 0])
    got = gm.dispatch(net, minimum_output=True)
    assert got.generation_mw[0].to_numpy() == pytest.approx([70, 20])
    assert float(got.cost[0]) == pytest.approx(70 * 10 + 20 * 50)
    net.load["p_mw"] = 30.0
    assert gm.dispatch(net, minimum_output=True).generation_mw.sum() == pytest.approx(30)
