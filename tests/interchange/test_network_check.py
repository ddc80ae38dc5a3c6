import json
import shutil

import pandapower as pp
import pytest
from click.testing import CliRunner
from conftest import sampled
from nets import published

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT, bundled

PLANTED = [  # table, line, column, what is written: each a mistake of its own
    ("regions", 2, "population", "-5"), ("regions", 3, "population", "12.5"), ("regions", 4, "centre_lat", "95"),
    ("regions", 5, "centre_lon", "east"), ("regions", 6, "vulnerable_share", "1.2"), ("regions", 7,
        "reference_demand_mw", "60000"),
    ("regions", 8, "reference_temperature_c", "-95"), ("regions", 9, "household_customers", "9"), ("regions", 10,
        "zone", "A>B"),
    ("regions", 11, "heating_slope_mw_per_k", "nan"), ("regions", 12, "source", "GOSSIP"), ("regions", 13,
        "confidence", "sure"),
    ("regions", 14, "name_en", ""), ("regions", 15, "heating_slope_mw_per_k", "900"),
    ("buses", 2, "vn_kv", "0"), ("buses", 3, "lat", "north"), ("buses", 4, "lon", "200"), ("buses", 5, "region",
        "UA-99"),
    ("buses", 6, "confidence", ""), ("buses", 8, "source", "RUMOUR"),
    ("lines", 2, "from_bus", "UA-46-751"), ("lines", 3, "length_km", "-3"), ("lines", 4, "x_ohm_per_km", "0"),
    ("lines", 5, "x_ohm_per_km", "28.9"), ("lines", 6, "r_ohm_per_km", "2.0"), ("lines", 7, "max_i_ka", "lots"),
    ("lines", 8, "parallel", "0"), ("lines", 9, "parallel", "1.5"), ("lines", 10, "max_loading_percent", "-1"),
    ("lines", 11, "reactor_percent", "140"), ("lines", 12, "max_i_ka", "330"), ("lines", 13, "region", "UA"),
    ("lines", 14, "length_km", "19800"), ("lines", 15, "c_nf_per_km", "inf"),
    ("transformers", 2, "hv_bus", "nowhere"), ("transformers", 3, "sn_mva", "0"), ("transformers", 4, "vkr_percent",
        "50"),
    ("transformers", 5, "vk_percent", "60"), ("transformers", 6, "i0_percent", "30"), ("transformers", 7, "parallel",
        "x"),
    ("generators", 2, "technology", "nucular"), ("generators", 3, "p_available_mw", "99000"), ("generators", 4,
        "units", "0"),
    ("generators", 5, "black_start", "yes"), ("generators", 6, "bus", "UA-XX"), ("generators", 7, "profile", "moon"),
    ("generators", 8, "min_stable_pu", "3"), ("generators", 9, "restart_h", "9000"), ("generators", 10,
        "cost_eur_per_mwh", "80000"),
    ("generators", 11, "p_max_mw", ""), ("interconnectors", 2, "p_max_mw", "-1"), ("interconnectors", 3, "bus",
        "PL-401"),
    ("limits", 2, "limit_mw", "many"),
    ("heat_systems", 2, "district_heat_share", "31"), ("heat_systems", 3, "source_max_mw_th", "9"),
    ("heat_systems", 4, "floor_area_m2", "77"), ("heat_systems", 5, "own_heat_stove", "0.9"), ("heat_systems", 6,
        "source_units", "0"),
    ("water_systems", 2, "loss_share", "1"), ("water_systems", 3, "storage_m3", "90000000"), ("water_systems", 4,
        "pump_mw", "900"),
    ("water_systems", 5, "demand_m3_per_day", "7"), ("water_systems", 6, "region", "UA-05"), ("profiles", 2, "hour",
        "25"),
]  # fmt: skip


@pytest.fixture
def spoilt(tmp_path):
    target = tmp_path / "mine"
    shutil.copytree(ROOT / "networks" / "ukraine", target)
    for table, line, column, value in PLANTED:
        path = target / f"{table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[line - 1] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def test_sixty_planted_mistakes_are_reported_in_one_pass_each_at_its_place(spoilt):
    assert len({(table, line, column) for table, line, column, _ in PLANTED}) >= 60
    found = gm.check_network(spoilt)
    places = {(problem.table, problem.row, part) for problem in found for part in problem.field.split(" … ")}
    sums = {(problem.table, problem.row) for problem in found if " … " in problem.field}
    missed = [
        (table, line, column)
        for table, line, column, _ in PLANTED
        if (f"mine/{table}.csv", line, column) not in places
        and not (column.startswith("own_heat") and (f"mine/{table}.csv", line) in sums)
    ]
    assert missed == []


@pytest.mark.parametrize("name", sorted(bundled("networks")))
def test_every_bundled_network_passes_the_strict_check(name):
    got = CliRunner().invoke(main, ["network", "check", name, "--strict"], catch_exceptions=False)
    assert (got.exit_code, got.output) == (0, "No problems found.\n")


def test_a_net_in_memory_is_checked_at_its_elements():
    net = published("case9")
    net.line.loc[3, "x_ohm_per_km"] = 0.0
    net.load.loc[1, "bus"] = 77
    found = gm.check_network(net)
    assert [(problem.table, problem.field, problem.severity) for problem in found] == [("net/load/1", "bus", "error")]
    net.load.loc[1, "bus"] = 4
    found = gm.check_network(net)
    assert ("net/line/3", "x_ohm_per_km", "error") in [(p.table, p.field, p.severity) for p in found]


def test_an_odd_number_is_a_warning_and_fails_only_when_strict(folder, replace_cell):
    replace_cell("lines", 2, "x_ohm_per_km", "3.2")
    got = CliRunner().invoke(main, ["network", "check", str(folder), "--json"], catch_exceptions=False)
    (problem,) = json.loads(got.output)
    assert (got.exit_code, problem["severity"], problem["table"], problem["row"]) == (0, "warning", "mine/lines.csv", 2)
    assert CliRunner().invoke(main, ["network", "check", str(folder), "--strict"]).exit_code == 1


def test_a_net_that_finds_no_power_flow_is_said_to(tmp_path):
    net = published("case9")
    net.load["p_mw"] *= 20
    assert any("AC power flow finds no solution" in problem.message for problem in gm.check_network(net))


def odd(net):
    """Places and fields of a foreign net that are said to be implausible."""
    found = gm.check_network(net)
    return [
        (p.table, p.field, p.severity)
        for p in found
        if "is implausible (" in p.message or "is the share of demand" in p.message
    ]


@pytest.mark.gate  # at each edit: sixty planted mistakes
def test_slips_of_ten_in_a_foreign_net_are_warnings_each_at_its_element():
    net = published("example_multivoltage")
    assert odd(net) == []
    line = net.line.index[net.bus.vn_kv.reindex(net.line.from_bus).to_numpy() == 110][0]
    net.line.loc[line, "x_ohm_per_km"] *= 10
    net.line.loc[line, "r_ohm_per_km"] *= 100
    net.line.loc[line, "max_i_ka"] = 6.0
    net.line.loc[3, "length_km"] = 2500.0
    net.trafo.loc[0, "vk_percent"] = 65.0
    net.trafo3w.loc[0, "vk_mv_percent"] = 0.9
    net.trafo3w.loc[0, "vkr_mv_percent"] = 0.1
    assert odd(net) == [
        ("net/line/3", "length_km", "warning"),
        (f"net/line/{line}", "x_ohm_per_km", "warning"),
        (f"net/line/{line}", "r_ohm_per_km", "warning"),
        (f"net/line/{line}", "max_i_ka", "warning"),
        ("net/trafo/0", "vk_percent", "warning"),
        ("net/trafo3w/0", "vk_mv_percent", "warning"),
    ]
    net.line["in_service"], net.trafo["in_service"], net.trafo3w["in_service"] = False, False, False
    assert odd(net) == []  # what is out of service carries nothing


FEW = ("case118", "create_cigre_network_lv", "mv_oberrhein")
MORE = ("case14", "case57", "case_illinois200", "create_cigre_network_mv", "simple_mv_open_ring_net")


@pytest.mark.parametrize("name", [*sampled(FEW, 3), *(pytest.param(name, marks=pytest.mark.long) for name in MORE)])
@pytest.mark.gate  # at each edit: odd numbers of single rows
def test_published_cases_are_not_flooded_with_warnings_of_odd_numbers(name):
    assert odd(published(name)) == []


def test_generation_that_cannot_be_meant_is_said_unless_an_outside_grid_gives_the_rest():
    net = published("case9")
    net.ext_grid["max_p_mw"] = 5.0
    net.gen["max_p_mw"] = 5.0
    assert odd(net) == [("net", "max_p_mw", "warning")]
    net.ext_grid["max_p_mw"] = float("nan")
    assert odd(net) == []


def test_a_matpower_case_is_compared_by_supply_and_not_by_ohm_per_km(tmp_path):
    case = """function mpc = tiny
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
 1 3 0 0 0 0 1 1 0 230 1 1.1 0.9;
 2 1 900 0 0 0 1 1 0 230 1 1.1 0.9;
];
mpc.gen = [ 1 50 0 300 -300 1 100 1 60 0; ];
mpc.branch = [ 1 2 0.001 0.01 0 900 0 0 0 0 1 -360 360; ];
"""
    path = tmp_path / "tiny.m"
    path.write_text(case, encoding="utf-8")
    (place,) = odd(path)
    assert place == ("tiny.m", "max_p_mw", "warning")


def test_empty_columns_at_the_end_of_our_tables_are_left_out_as_spreadsheets_add_them(folder):
    for table in ("regions", "lines"):
        path = folder / f"{table}.csv"
        path.write_text(
            "\n".join(f"{line},," for line in path.read_text(encoding="utf-8").splitlines()), encoding="utf-8"
        )
    assert gm.check_network(str(folder)) == []


def small_net():
    net = pp.create_empty_network()
    for _ in range(3):
        pp.create_bus(net, 110.0)
    pp.create_ext_grid(net, 0, max_p_mw=50.0)
    for start in (0, 1):
        pp.create_line_from_parameters(net, start, start + 1, 10.0, 0.1, 0.4, 0.0, 0.5, max_loading_percent=100.0)
    pp.create_load(net, 2, 30.0)
    return net


def found_in(net):
    return [str(problem) for problem in gm.check_network(net)]


def test_what_a_run_would_refuse_is_an_error_of_the_check():
    net = small_net()
    assert found_in(net) == []
    net.line.loc[1, "max_i_ka"] = -1.0
    assert found_in(net) == ["net/line/1: max_i_ka: '-1.0' must be at least 0"]
    net = small_net()
    pp.create_asymmetric_sgen(net, 1, p_a_mw=0.1, p_b_mw=0.1, p_c_mw=0.1)
    assert found_in(net) == ["net/asymmetric_sgen: has elements in service, which dispatch does not support"]
    with pytest.raises(gm.InputError, match="has elements in service, which dispatch does not support"):
        gm.dispatch(net)


def test_ratings_that_bind_nothing_are_said():
    net = small_net()
    net.load.loc[0, "p_mw"], net.line["max_i_ka"] = 40.0, 0.12  # 22.9 MVA
    assert float(gm.dispatch(net)["shed_cause_mw"].sum()) == pytest.approx(40.0 - 0.12 * 110.0 * 3**0.5)
    net.line["max_loading_percent"] = [100.0, float("nan")]
    said = "max_loading_percent: is missing: 1 of 2 ratings do not limit a dispatch or a run, as in pandapower"
    assert [text for text in found_in(net) if "max_loading" in text] == [f"net/line: {said} (100 uses ratings in full)"]
    del net.line["max_loading_percent"]
    assert any("2 of 2 ratings do not limit" in text for text in found_in(net))
    assert float(gm.dispatch(net)["shed_cause_mw"].sum()) == 0.0
    net.line["max_i_ka"] = 99.0  # means none
    assert not any("do not limit" in text for text in found_in(net))
