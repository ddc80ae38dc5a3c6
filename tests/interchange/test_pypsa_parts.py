"""What a PyPSA file says elsewhere: types, optimised sizes, other carriers, scenarios. Answers by hand or by PyPSA."""

import importlib.util
import math
import warnings
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from hostile import folder

import gridmodel as gm

CASES = Path(__file__).parents[1] / "cases" / "networks"


def network(path, **tables):
    return folder(path, network="name\nx\n", **tables)


def loaded(path):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        net = gm.load_network(path)
    return net, [str(one.message) for one in said]


BUSES = "name,v_nom,carrier\na,380,AC\nb,380,AC\n"
LINES = "name,bus0,bus1,x,r,s_nom,type,length,num_parallel\n"


def test_a_line_with_a_standard_type_has_its_impedance_as_pypsa_works_it_out(tmp_path):
    path = network(tmp_path / "n", buses=BUSES, lines=LINES + "l,a,b,7,7,100,490-AL1/64-ST1A 380.0,100,2\n")
    (line,) = loaded(path)[0].line.itertuples()
    assert line.r_ohm_per_km == pytest.approx(0.059 * 100 / 2)
    assert line.x_ohm_per_km == pytest.approx(0.253 * 100 / 2)
    assert line.c_nf_per_km == pytest.approx(11 * 100 * 2)


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        ("s_nom", ["0", "0", "50"], "lines.csv:2: s_nom: 'l0, l1' is 0 at 2 of 3, where PyPSA lets nothing through"),
        ("r", ["0.1", "0.1", "0.1"], "lines.csv:2: s_nom: 'l0, l1, l2' is 0 at 3 of 3, where PyPSA lets nothing"),
        ("s_nom,s_max_pu", ["80,1", "80,0", "inf,1"], "lines.csv:3: s_max_pu: 'l1' is 0 at 1 of 3, where PyPSA"),
    ],
)
def test_lines_that_pypsa_lets_carry_nothing_are_told_to_be_taken_as_unlimited(header, rows, told, tmp_path):
    lines = "".join(f"l{place},a,b,10,{row}\n" for place, row in enumerate(rows))
    path = network(tmp_path / "n", buses=BUSES, lines=f"name,bus0,bus1,x,{header}\n{lines}")
    net, said = loaded(path)
    assert ["taken as unlimited" in line and told in line for line in said if "is 0 at" in line] == [True]
    assert np.isfinite(net.line.max_i_ka).sum() == sum(row in {"50", "80,1"} for row in rows)


def test_lines_that_are_unlimited_or_not_there_are_not_told_and_a_negative_rating_is_refused(tmp_path):
    header = "name,bus0,bus1,x,s_nom,active\n"
    path = network(tmp_path / "n", buses=BUSES, lines=f"{header}l,a,b,10,inf,True\nm,a,b,10,0,False\n")
    assert not any("is 0 at" in line for line in loaded(path)[1])
    path = network(tmp_path / "m", buses=BUSES, lines=f"{header}l,a,b,10,-5,True\n")
    with pytest.raises(gm.InputError, match=r"lines\.csv:2: s_nom: '-5' must be 0 or more"):
        gm.load_network(path)


def test_a_transformer_with_a_standard_type_has_its_impedance_rating_and_tap(tmp_path):
    rows = "name,bus0,bus1,type,tap_position\nt,a,b,160 MVA 380/110 kV,2\n"
    path = network(tmp_path / "n", buses="name,v_nom\na,380\nb,110\n", transformers=rows)
    (trafo,) = loaded(path)[0].trafo.itertuples()
    z, y = (
        complex(0.0025, math.sqrt(0.122**2 - 0.0025**2)),
        complex(60 / 160e3, -math.sqrt(0.0006**2 - (60 / 160e3) ** 2)),
    )
    assert trafo.sn_mva == 160
    assert trafo.vk_percent == pytest.approx(100 * abs(z + z**2 * y / 4), rel=1e-9)
    assert trafo.vn_hv_kv == pytest.approx(380 * 1.03)


def test_a_type_of_the_file_goes_before_a_standard_one_and_an_unknown_one_is_told_with_the_nearest(tmp_path):
    own = "name,f_nom,r_per_length,x_per_length,c_per_length\nmine,50,0.1,0.2,10\n"
    path = network(tmp_path / "n", buses=BUSES, line_types=own, lines=LINES + "l,a,b,,,100,mine,10,1\n")
    assert loaded(path)[0].line.x_ohm_per_km.tolist() == pytest.approx([2.0])
    path = network(tmp_path / "m", buses=BUSES, lines=LINES + "l,a,b,,,100,490-AL1/64-ST1A 38.0,10,1\n")
    with pytest.raises(gm.InputError, match=r"is not a standard type .*490-AL1/64-ST1A 380\.0"):
        gm.load_network(path)


def test_lines_of_direct_current_share_flows_by_resistance(tmp_path):
    buses = "name,v_nom,carrier\na,200,DC\nb,200,DC\n"
    lines = "name,bus0,bus1,x,r,s_nom\nl,a,b,0,1,1000\nm,a,b,0,3,1000\n"
    path = network(
        tmp_path / "n",
        buses=buses,
        lines=lines,
        generators="name,bus,p_nom\ng,a,500\n",
        loads="name,bus,p_set\nd,b,400\n",
    )
    net, said = loaded(path)
    assert any("share flows by resistance" in one for one in said)
    assert gm.dispatch(net).flow_mw[0].sel(branch=["line/0", "line/1"]).to_numpy() == pytest.approx([300, 100])


def test_a_file_that_was_solved_has_the_size_that_was_found():
    net, said = loaded(CASES / "solved.nc")
    assert gm.dispatch(net).served_mw.sum().item() == pytest.approx(100)
    assert any("p_nom_opt, of 1 extendable" in one for one in said)


@pytest.mark.parametrize(("optimised", "served"), [("0", 50.0), ("-1e-12", 50.0), ("30", 30.0)])
def test_an_extendable_generator_that_was_never_solved_keeps_its_size(tmp_path, optimised, served):
    rows = f"name,bus,p_nom,p_nom_extendable,p_nom_opt\ng,a,50,True,{optimised}\n"
    path = network(tmp_path / "n", buses=BUSES, generators=rows, loads="name,bus,p_set\nd,a,80\n")
    assert gm.dispatch(loaded(path)[0]).served_mw.sum().item() == pytest.approx(served)


def test_of_a_file_with_other_carriers_electricity_is_taken_and_the_rest_is_named():
    net, said = loaded(CASES / "sector.nc")
    assert net.bus["name"].tolist() == ["el"]
    assert net.load["p_mw"].sum() == 100
    answer = gm.dispatch(net)
    assert answer.served_mw.sum().item() == pytest.approx(100)
    assert answer.cost.item() == pytest.approx(0)  # wind alone
    (left,) = [one for one in said if "only electricity is taken" in one]
    assert "gas (1), heat (1)" in left
    assert "1 loads" in left


def test_a_turbine_gives_what_its_fuel_lets_it_and_a_link_from_an_empty_store_gives_nothing(tmp_path):
    buses = "name,v_nom,carrier\na,380,AC\ngas,1,gas\nh2,1,H2\n"
    links = "name,bus0,bus1,p_nom,efficiency\nccgt,gas,a,100,0.5\nocgt,gas,a,100,0.3\nfuel cell,h2,a,100,0.6\n"
    path = network(
        tmp_path / "n", buses=buses, links=links, generators="name,bus,p_nom\nwell,gas,80\n",
        stores="name,bus,e_nom,e_initial\ns,h2,1000,0\n", loads="name,bus,p_set\nd,a,500\n",
    )  # fmt: skip
    # the well's 80 MW are shared evenly: 40 x 0.5 + 40 x 0.3
    assert gm.dispatch(loaded(path)[0]).served_mw.sum().item() == pytest.approx(32)


def test_a_cost_of_a_link_is_of_what_it_takes_and_becomes_one_of_what_it_gives(tmp_path):
    # half arrives of what a turbine takes at 10 €/MWh: 20 €/MWh, and 800 € for 40 MW
    path = network(
        tmp_path / "n", buses="name,v_nom,carrier\na,380,AC\ngas,1,gas\n", loads="name,bus,p_set\nd,a,40\n",
        links="name,bus0,bus1,p_nom,efficiency,marginal_cost\nccgt,gas,a,100,0.5,10\n", generators="name,bus,p_nom\nwell,gas,100\n",
    )  # fmt: skip
    answer = gm.dispatch(loaded(path)[0])
    assert answer.served_mw.sum().item() == pytest.approx(40)
    assert answer.cost.item() == pytest.approx(800)


def test_of_several_scenarios_the_first_is_taken(tmp_path):
    with netCDF4.Dataset(tmp_path / "s.nc", "w", format="NETCDF4") as data:
        for name, size in (("scenario", 2), ("snapshots", 1), ("buses_i", 1), ("loads_i", 1), ("loads_t_p_set_i", 1)):
            data.createDimension(name, size)
        for name, values in (
            ("scenario", ["low", "high"]),
            ("buses_i", ["a"]),
            ("loads_i", ["d"]),
            ("loads_t_p_set_i", ["d"]),
        ):
            data.createVariable(name, str, (name,))[:] = np.array(values, dtype=object)
        data.createVariable("buses_v_nom", "f8", ("scenario", "buses_i"))[:] = [[110.0], [110.0]]
        data.createVariable("loads_bus", str, ("scenario", "loads_i"))[:] = np.array([["a"], ["a"]], dtype=object)
        data.createVariable("loads_t_p_set", "f8", ("snapshots", "scenario", "loads_t_p_set_i"))[:] = [[[7.0], [9.0]]]
    net, said = loaded(tmp_path / "s.nc")
    assert net.load["p_mw"].tolist() == [7.0]
    assert any("has 2 scenarios: the first is taken" in one for one in said)


def test_a_set_point_of_a_link_that_runs_back_is_no_demand(tmp_path):
    path = network(
        tmp_path / "n", buses=BUSES, links="name,bus0,bus1,p_nom,p_min_pu,p_set\nl,a,b,100,-1,-40\n",
        generators="name,bus,p_nom,marginal_cost\ng,b,500,10\n", loads="name,bus,p_set\nd,a,60\n",
    )  # fmt: skip
    assert gm.dispatch(loaded(path)[0]).cost.item() == pytest.approx(600)


def test_a_direct_current_line_of_matpower_carries_within_its_limits_less_its_losses(tmp_path):
    case = """function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
 1 3 0 0 0 0 1 1 0 110 1 1.1 0.9;
 2 2 60 0 0 0 1 1 0 110 1 1.1 0.9;
];
mpc.gen = [
 1 0 0 9 -9 1 100 1 200 0;
 2 0 0 9 -9 1 100 1 5 0;
];
mpc.branch = [ 1 2 0.01 0.1 0 0 0 0 0 0 0 -360 360 ];
mpc.gencost = [ 2 0 0 2 10 0; 2 0 0 2 50 0 ];
mpc.dcline = [ 1 2 1 10 8 0 0 1 1 0 50 -9 9 -9 9 2 0.1 ];
mpc.reserves.req = [ 60; 20 ];
"""
    (tmp_path / "two.m").write_text(case)
    answer = gm.dispatch(loaded(tmp_path / "two.m")[0])
    assert sorted(answer.generation_mw[0].to_numpy()) == pytest.approx([5, 50])
    assert answer.served_mw.sum().item() == pytest.approx(50 * 0.9 - 2 + 5)


def test_a_cost_of_a_generator_that_is_not_there_is_passed_over(tmp_path):
    path = folder(
        tmp_path / "pp", bus="index,name,vn_kv\n0,a,110\n", gen="index,bus,p_mw,vm_pu\n0,0,5,1\n",
        poly_cost="index,element,et,cp1_eur_per_mw\n0,0,ext_grid,7\n1,0,gen,3\n",
    )  # fmt: skip
    net, said = loaded(path)
    assert net.poly_cost["et"].tolist() == ["gen"]
    assert any("the cost is ignored" in one for one in said)


def test_an_archive_is_judged_by_its_content_and_never_crashes():
    with pytest.raises(gm.InputError, match=r"interchange|PowSyBl"):
        gm.load_network(CASES / "min.zip")


def test_without_powsybl_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    (tmp_path / "a.raw").write_text("0, 100.0, 33\n")
    with pytest.raises(gm.InputError, match=r"install the extra that reads it, gridmodel\[interchange\]"):
        gm.load_network(tmp_path / "a.raw")


POWSYBL = pytest.mark.skipif(importlib.util.find_spec("pypowsybl") is None, reason="needs the extra interchange")


@POWSYBL
@pytest.mark.parametrize(("kind", "suffix"), [("XIIDM", ".xiidm"), ("CGMES", ".zip"), ("UCTE", ".uct")])
def test_a_network_that_powsybl_writes_is_read_with_its_demand_and_flows(tmp_path, kind, suffix):
    pypowsybl = pytest.importorskip("pypowsybl")
    import pandapower as pp

    made = pypowsybl.network.create_ieee14()
    path = tmp_path / f"n{suffix}"
    if kind == "UCTE":
        path.write_text(UCTE)
    else:
        made.save(str(path), format=kind)
    net, _ = loaded(path)
    if kind == "UCTE":
        assert net.load["p_mw"].tolist() == [100.0]
        assert net.line["x_ohm_per_km"].tolist() == pytest.approx([20.0])
        return
    assert net.load["p_mw"].sum() == pytest.approx(259)
    pp.rundcpp(net, numba=False)
    sizes = np.sort(np.abs([*net.res_line.p_from_mw, *net.res_trafo.p_hv_mw]))
    assert sizes[-1] == pytest.approx(147.839, abs=0.01)  # case14 of MATPOWER


UCTE = """##C 2007.05.01
Hand-made
##N
##ZFR
FFR1AA1  FR1          0 3 400.00 0.00000 0.00000 -100.00 0.00000 -9000.0 9000.0 -9000.0 9000.0
FFR2AA1  FR2          0 0 400.00 100.000 0.00000 0.00000 0.00000
##L
FFR1AA1  FFR2AA1  1 0 1.0000 20.000 0.000000   5000
##T
##R
##TT
##E
"""


def plain_network(path, **tables):
    usual = {
        "buses": BUSES, "lines": LINES + "l,a,b,7,1,100,,1,1\n", "generators": "name,bus,p_nom,p_set\ng,a,200,\n",
        "loads": "name,bus,p_set\nd,b,30\n",
    }  # fmt: skip
    return network(path, **(usual | tables))


@pytest.mark.parametrize("cell", ["ten", '"30,5"', "30 MW", "1_000", "True"])
@pytest.mark.parametrize(
    ("table", "column", "text"),
    [("loads", "p_set", "name,bus,p_set\nd,b,{}\n"), ("loads", "q_set", "name,bus,q_set\nd,b,{}\n"),
     ("generators", "p_set", "name,bus,p_nom,p_set\ng,a,200,{}\n"),
     ("storage_units", "inflow", "name,bus,p_nom,inflow\ng,a,200,{}\n"),
     ("links", "p_set", "name,bus0,bus1,p_nom,p_set\nk,a,b,200,{}\n")],
)  # fmt: skip
def test_a_power_that_is_no_number_is_not_zero_but_told(tmp_path, table, column, text, cell):
    path = plain_network(tmp_path / "n", **{table: text.format(cell)})
    with pytest.raises(gm.InputError) as caught:
        gm.load_network(path)
    assert f"n/{table}.csv:2: {column}: '{cell.strip(chr(34))}' is not a number" in str(caught.value)


def test_loads_without_a_power_are_told(tmp_path):
    path = plain_network(tmp_path / "n", loads="name,bus,p_set\nd,b,30\ne,b,\nf,a,nan\n")
    net, said = loaded(path)
    assert net.load["p_mw"].tolist() == [30.0, 0.0, 0.0]
    assert any("n/loads.csv: p_set: is empty at 2 loads, which ask for 0 MW" in text for text in said)
    path = plain_network(tmp_path / "m", **{"loads-p_set": "name,d\nnow,\n"}, snapshots="name\nnow\n")
    assert any("p_set: is empty at 1 loads" in text for text in loaded(path)[1])
    _, said = loaded(plain_network(tmp_path / "k"))
    assert not any("p_set" in text for text in said)


def test_an_endless_generator_is_one_and_raises_no_warning_of_numbers(tmp_path):
    net, said = loaded(plain_network(tmp_path / "n", generators="name,bus,p_nom,control\ng,a,inf,Slack\n"))
    assert said == []
    assert net.ext_grid["min_p_mw"].tolist() == [0.0]


def test_phase_shifts_that_no_dispatch_can_hold_within_the_limits_are_told_as_that(tmp_path):
    # 10 degrees over 7 ohm of 380 kV and 0.1 per unit of 50 MVA: more than 50 MW round the loop whatever is served
    transformers = "name,bus0,bus1,x,r,s_nom,phase_shift\nt,a,b,0.1,0,50,10\n"
    net, _ = loaded(plain_network(tmp_path / "n", transformers=transformers))
    with pytest.raises(gm.InputError, match="no dispatch keeps the limits of branches: phase shifts drive flows"):
        gm.dispatch(net)
