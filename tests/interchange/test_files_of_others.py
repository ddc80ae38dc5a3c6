"""What an engineer meets who brings a file of another program: its name, its buses, its regions, its dispatch."""

import warnings

import numpy as np
import pandapower as pp
import pandas as pd
import pytest
from click.testing import CliRunner
from nets import published

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import InputError
from gridmodel.interchange import write_net
from gridmodel.interchange.adapter.to_bus_branch import bus_branch
from gridmodel.interchange.readers.powsybl import _forget_limits, _under
from gridmodel.interchange.readers.powsybl_child import _in_order
from gridmodel.interchange.registry import format_of
from gridmodel.interchange.scaffold import scaffold_network
from gridmodel.interchange.writers.pypsa import pypsa_tables

CDF = """\
 08/19/93 UW ARCHIVE           100.0  1962 W IEEE 3 Bus Test Case
BUS DATA FOLLOWS                             3 ITEMS
  10 North     HV  1  1  3 1.000    0.0      0.0      0.0     50.0     0.0   100.0  1.000     0.0     0.0   0.0    0.0       0
   7 South     HV  1  1  0 1.000    0.0     60.0      0.0      0.0     0.0   100.0  0.000     0.0     0.0   0.0    0.0       0
   9 East      HV  1  1  2 1.000    0.0      0.0      0.0     10.0     0.0   100.0  1.000    50.0   -50.0   0.0    0.0       0
-999
BRANCH DATA FOLLOWS                          3 ITEMS
  10    7  1  1 1 0  0.00000   0.10000     0.0000     0     0     0    0 0  0.0       0.0 0.0    0.0     0.0    0.0   0.0
  10    9  1  1 1 0  0.00000   0.10000     0.0000     0     0     0    0 0  0.0       0.0 0.0    0.0     0.0    0.0   0.0
   7    9  1  1 1 0  0.00000   0.10000     0.0000     0     0     0    0 0  0.0       0.0 0.0    0.0     0.0    0.0   0.0
-999
LOSS ZONES FOLLOWS                     1 ITEMS
  1 ALL
-99
INTERCHANGE DATA FOLLOWS                 0 ITEMS
-9
TIE LINES FOLLOWS                     0 ITEMS
-999
END OF DATA
"""
"""Three equal lines in a ring. 60 MW are drawn at South, 50 given at North and 10 at East: each source sends two thirds
of it straight and a third around, so North to South carries 2/3 · 50 + 1/3 · 10 = 36.67 MW, East to South 23.33 MW."""


@pytest.mark.parametrize("name", ["ieee3cdf.txt", "case.cdf", "CASE.CDF", "plain"])
def test_an_ieee_cdf_file_is_known_by_its_second_line_whatever_its_name(name, tmp_path):
    (tmp_path / name).write_text(CDF, encoding="utf-8")
    assert format_of(tmp_path / name).name == "ieee-cdf"


def test_a_text_whose_second_line_says_something_else_is_no_network(tmp_path):
    (tmp_path / "notes.txt").write_text("notes\nabout BUS DATA FOLLOWS\n", encoding="utf-8")
    with pytest.raises(InputError, match="not a known network file"):
        format_of(tmp_path / "notes.txt")


def test_a_file_reaches_powsybl_under_the_ending_that_it_knows(tmp_path):
    (tmp_path / "made").mkdir()
    path = tmp_path / "case.CDF"
    path.write_text(CDF, encoding="utf-8")
    copy = _under(".txt", path, tmp_path / "made")
    assert copy.name == "case.txt"
    assert copy.read_text(encoding="utf-8") == CDF
    assert _under(".txt", copy, tmp_path) == copy


def test_an_ieee_cdf_file_flows_as_by_hand(tmp_path):
    pytest.importorskip("pypowsybl")
    path = tmp_path / "case.cdf"
    path.write_text(CDF, encoding="utf-8")
    with pytest.warns(UserWarning, match="nothing of what generators can give"):
        net = gm.load_network(path)
    assert net.bus["name"].tolist() == ["South HV", "East HV", "North HV"]  # buses 7, 9 and 10
    pp.rundcpp(net)
    flow = {frozenset(pair): abs(mw) for *pair, mw in
            zip(net.line["from_bus"], net.line["to_bus"], net.res_line["p_from_mw"], strict=True)}  # fmt: skip
    assert flow[frozenset({0, 2})] == pytest.approx(110 / 3)
    assert flow[frozenset({0, 1})] == pytest.approx(70 / 3)
    with pytest.warns(UserWarning, match="an ext_grid without max_p_mw is taken as unlimited"):
        assert gm.dispatch(net)["served_mw"].sum().item() == pytest.approx(60)


def test_buses_have_the_name_and_the_order_of_their_file():
    drawn = pd.DataFrame(
        {"name": ["North  HV", "South", "", "South"], "bus_id": ["VL1_0", "VL1_1", "VL2_0", "VL3_0"]},
        index=pd.Index(["B10", "B7", "B9", "B8"], name="id"),
    )
    buses, names = _in_order(pd.DataFrame(index=drawn["bus_id"].tolist()), drawn)
    assert [names[name] for name in buses.index] == ["B7", "B8", "B9", "North HV"]  # two are called South, one nothing


def test_a_bus_that_several_of_the_file_make_keeps_the_name_of_the_reader():
    drawn = pd.DataFrame(
        {"name": ["a", "b", "c"], "bus_id": ["V_0", "V_0", "W_0"]}, index=pd.Index(["x", "y", "z"], name="id")
    )
    buses, names = _in_order(pd.DataFrame(index=["V_0", "W_0"]), drawn)
    assert list(buses.index) == ["V_0", "W_0"]
    assert names == {"V_0": "V_0", "W_0": "c"}


def test_a_limit_that_stands_for_none_is_forgotten():
    sources = {"min_p_mw": [-9999.0, 0.0, None], "max_p_mw": [9999.0, 80.0, None]}
    _forget_limits(sources)
    assert sources == {"min_p_mw": [None, 0.0, None], "max_p_mw": [None, 80.0, None]}


def test_a_reference_in_pypsa_gives_what_its_island_lacks():
    net = pp.create_empty_network()
    buses = [pp.create_bus(net, 110.0) for _ in range(4)]
    for start, end in ((0, 1), (2, 3)):
        pp.create_line_from_parameters(net, buses[start], buses[end], 1, 0.1, 0.4, 0, 1)
    pp.create_ext_grid(net, buses[0])
    pp.create_gen(net, buses[1], p_mw=30, max_p_mw=100)
    pp.create_gen(net, buses[1], p_mw=7, max_p_mw=9, in_service=False)
    pp.create_ext_grid(net, buses[2])
    pp.create_sgen(net, buses[3], p_mw=25, q_mvar=0)
    pp.create_load(net, buses[0], 50)
    pp.create_load(net, buses[1], 40, in_service=False)
    pp.create_load(net, buses[3], 5)
    pp.create_load(net, buses[3], 15)
    made = pypsa_tables(bus_branch(net))["generators"]
    first = made[made["control"] == "Slack"].set_index("bus")["p_set"]
    assert first.tolist() == [50 - 30, 5 + 15 - 25]
    on = made[made["active"]]
    assert on["p_set"].sum() == pytest.approx(50 + 20)  # as `optimize` of PyPSA needs it, which holds every p_set


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """Case 39 as pandapower's JSON and as a MATPOWER case."""
    where = tmp_path_factory.mktemp("case")
    write_net(published("case39"), where / "case39.json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gm.convert_network(where / "case39.json", where / "case39.m")
    return where


def test_flows_of_two_formats_are_compared_by_what_branches_join(case):
    text = (case / "case39.m").read_text(encoding="utf-8")
    head, start, rest = text.partition("mpc.branch = [\n")
    rows, end, tail = rest.partition("];")
    lines = rows.strip("\n").split("\n")
    (case / "turned.m").write_text(head + start + "\n".join(lines[::-1]) + "\n" + end + tail, encoding="utf-8")
    found = gm.diff_networks(case / "case39.json", case / "turned.m")
    assert not found, found.rows.to_string()
    assert found.effects["flows"]["branches_in_both"] == len(lines)
    assert found.effects["flows"]["branches_that_change"] == 0


def test_a_flow_that_changes_between_two_formats_is_named_by_its_buses(case):
    net = published("case39")
    net.load.loc[0, "p_mw"] += 40.0
    write_net(net, case / "more.json")
    flows = gm.diff_networks(case / "more.json", case / "case39.m").effects["flows"]
    assert 0 < flows["branches_that_change"] <= flows["branches_in_both"]
    assert all("–" in name for name in flows["flows_mw"])
    assert flows["largest_change_mw"] <= 40.0


def test_zones_that_are_numbers_are_not_said_to_be_lost(case, tmp_path):
    said = gm.convert_network(case / "case39.json", tmp_path / "numbers.m").not_kept
    assert not any("zone" in line for line in said)
    net = published("case39")
    net.bus["zone"] = "North"
    write_net(net, tmp_path / "named.json")
    said = gm.convert_network(tmp_path / "named.json", tmp_path / "named.m").not_kept
    assert any("zones of buses (39): numbered" in line for line in said)


def called(*words):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CliRunner().invoke(main, [str(word) for word in words])


def scaffolded(path, table, folder):
    """Return the regions of a network whose buses a table places."""
    (folder / "regions.csv").write_text("bus,region\n" + table, encoding="utf-8")
    done = called("network", "scaffold", path, folder / "made", "--regions", folder / "regions.csv")
    return done, pd.read_csv(folder / "made" / "buses.csv") if done.exit_code == 0 else None


def test_a_row_of_regions_that_is_no_bus_is_an_error(case, tmp_path):
    rows = "".join(f"{number},West\n" for number in range(40))  # the case counts from 1: there is no bus 0
    done, _ = scaffolded(case / "case39.m", rows, tmp_path)
    assert done.exit_code == 1
    assert "'0' is not a bus of the network" in done.output
    assert "'1'" not in done.output


def test_buses_go_by_number_where_no_name_is_one(tmp_path):
    net = published("case39")
    net.bus["name"] = [f"Bus {number + 1}" for number in net.bus.index]
    write_net(net, tmp_path / "named.json")
    rows = "".join(f"{number},{'West' if number < 10 else 'East'}\n" for number in net.bus.index)
    done, buses = scaffolded(tmp_path / "named.json", rows, tmp_path)
    assert done.exit_code == 0, done.output
    assert (buses["region"] == np.where(buses["id"].str[4:].astype(int) < 10, "West", "East")).all()


def test_buses_that_no_row_of_regions_names_are_told(case, tmp_path):
    (tmp_path / "regions.csv").write_text("bus,region\n1,West\nbus/1,West\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="37 of 39 buses have no region in the table"):
        scaffold_network(case / "case39.m", tmp_path / "made", regions=str(tmp_path / "regions.csv"))


def test_regions_that_the_tables_beside_a_file_lack_come_with_a_remedy(case, tmp_path):
    path = tmp_path / "case39.m"
    path.write_bytes((case / "case39.m").read_bytes())
    assert called("network", "scaffold", path, tmp_path / "case39.tables").exit_code == 0
    (tmp_path / "one.csv").write_text("bus,region\n" + "".join(f"{n},West\n" for n in range(1, 40)), encoding="utf-8")
    done = called("run", path, "--regions", tmp_path / "one.csv", "-o", tmp_path / "run")
    assert done.exit_code == 1
    assert "'West' is a region of the network, but not a row" in done.output
    assert "move case39.tables away" in done.output


def test_show_says_of_a_file_what_the_file_says(tmp_path):
    net = published("create_cigre_network_mv")
    net.bus["zone"] = None
    net.load["p_mw"] *= 0.001
    write_net(net, tmp_path / "village.json")
    text = called("network", "show", tmp_path / "village.json").output
    assert "reference day" not in text
    assert "no region is named" in text
    assert "the outside grid has no limit" in text
    assert f"Demand: {net.load['p_mw'].sum():.3g} MW" in text
    facts = called("network", "show", tmp_path / "village.json", "bus/0").output
    assert "reference day" not in facts


def test_show_names_zones_as_a_run_does(case):
    text = called("network", "show", case / "case39.json").output
    assert "1.0" not in text
    assert "3 regions" in text


def test_a_run_without_people_tells_energy_and_counts_nobody(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a path that is long breaks lines
    net = published("case14")
    net.gen["max_p_mw"], net.ext_grid["max_p_mw"] = 20.0, 79.5  # 4 · 20 + 79.5 of 259 MW: 38.4 % are missing
    write_net(net, tmp_path / "case.json")
    (tmp_path / "calm.yaml").write_text(
        "name: calm\nnetwork: case.json\nweather: cold-wave-2026\nstart: 2026-01-12 00:00\n"
        "end: 2026-01-13 00:00\nmembers: 2\nrotation: mean\n",
        encoding="utf-8",
    )
    text = called("run", "calm.yaml", "-o", "run").output
    assert ", 1 region\n" in text
    assert "Nobody lives in this network" in text
    assert "Homes without power" not in text
    assert "person-hours" not in text
    assert "Unserved energy by region, GWh" in text
    row = next(line for line in text.splitlines() if line.strip().startswith("1 "))
    assert row.split()[-2:] == ["38.4", "%"]
    assert float(row.split()[1]) == pytest.approx(24 * (259 - 159.5) / 1000, rel=0.01)
