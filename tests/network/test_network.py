import json
import shutil

import networkx as nx
import numpy as np
import pandapower as pp
import pytest
from jsonschema import Draft202012Validator
from nets import bundled as bundled_net

import gridmodel as gm
from gridmodel.dispatch import Dispatcher
from gridmodel.dispatch.islands import flows
from gridmodel.inputs.files import ROOT, bundled
from gridmodel.network import build_grid, connectivity, describe, network_schema, profile_values, read_network

REAL = ("ukraine", "ukraine-2021")


@pytest.mark.parametrize(
    ("name", "regions", "buses", "lines", "units"), [("ukraine", 24, 48, 57, 15), ("ukraine-2021", 25, 52, 65, 17)]
)
def test_bundled_networks_have_the_documented_size(name, regions, buses, lines, units):
    tables = read_network(name).tables
    assert len(tables["regions"]) == regions
    assert abs(len(tables["buses"]) - buses) <= 1
    assert abs(len(tables["lines"]) - lines) <= 1
    assert abs(len(tables["transformers"]) - units) <= 1
    assert len(tables["interconnectors"]) == 10


@pytest.mark.parametrize(("name", "need"), [("ukraine", 18_000), ("ukraine-2021", 24_600)])
def test_ac_and_dc_power_flow_converge_without_overload_or_odd_voltage(name, need):
    net = bundled_net(name)
    pp.runpp(net, numba=False)
    assert net.converged
    assert net.load["need_mw"].sum() == pytest.approx(need)
    assert net.res_bus["vm_pu"].between(0.95, 1.06).all()
    assert (net.res_line["loading_percent"] <= net.line["max_loading_percent"]).all()
    assert (net.res_trafo["loading_percent"] <= net.trafo["max_loading_percent"]).all()
    slack = net.gen["slack"]
    assert slack.sum() == 1
    assert (net.res_gen["p_mw"][slack] <= net.gen["max_p_mw"][slack]).all()
    assert net.ext_grid.empty
    pp.rundcpp(net)
    assert net.res_line["p_from_mw"].notna().all()


@pytest.mark.parametrize("name", [*REAL, "three-region"])
def test_flows_are_those_of_pandapowers_dc_power_flow(name):
    net = bundled_net(name)
    net.trafo["i0_percent"] = 0.0  # pandapower folds iron losses into its transformer reactance
    net.trafo["pfe_kw"] = 0.0
    pp.rundcpp(net)
    network = read_network(name)
    grid, _ = build_grid(network)
    injection = np.zeros((1, grid.buses))
    np.add.at(injection[0], net.gen["bus"], net.res_gen["p_mw"])
    np.add.at(injection[0], net.sgen["bus"], net.sgen["p_mw"])
    np.add.at(injection[0], net.load["bus"], -net.load["p_mw"])
    ours = flows(Dispatcher(grid).topology(), injection)[0]
    theirs = np.concatenate([net.res_line["p_from_mw"], net.res_trafo["p_hv_mw"]])
    assert ours == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("name", REAL)
def test_every_bus_is_connected(name):
    assert connectivity(read_network(name)).components == 1
    net = bundled_net(name)
    assert nx.number_connected_components(nx.Graph(pp.topology.create_nxgraph(net))) == 1


def test_generation_that_can_be_there_at_the_evening_peak_is_what_was_stated():
    table = read_network("ukraine").tables["generators"]
    factor = table["technology"].map({"solar": 0.0, "wind": 0.3}).fillna(1.0)
    assert (table["p_available_mw"] * factor).sum() == pytest.approx(11_300, rel=0.01)


def test_bundled_generation_names_technologies_and_no_plants():
    for name in REAL:
        table = read_network(name).tables["generators"]
        assert (table["id"] == table["region"] + "/" + table["technology"]).all()
        assert not table["id"].duplicated().any()


def test_bundled_tables_fit_the_json_schema():
    checker = Draft202012Validator(network_schema())
    for name in bundled("networks"):
        tables = read_network(name).tables
        data = {
            table: json.loads(frame.to_json(orient="records"))
            for table, frame in tables.items() if len(frame)
        }  # fmt: skip
        for rows in data.values():
            for row in rows:
                for key, value in row.items():
                    row[key] = None if value == "" else value
        data.setdefault("transformers", [])
        data.setdefault("interconnectors", [])
        checker.validate(data)


def test_extra_tables_ride_on_the_pandapower_net():
    net = bundled_net("ukraine")
    assert len(net["region"]) == 24
    assert set(net.load["tier"]) == {"critical", "household", "business", "industry"}
    assert {"limit", "heat_system", "water_system", "profile"} <= set(net.keys())


@pytest.mark.parametrize(
    ("table", "line", "column", "value", "message"),
    [
        ("regions", 2, "population", "-5", "must be at least 0"),
        ("regions", 2, "population", "1.5", "whole number"),
        ("regions", 3, "share_critical", "0.4", "sum of these shares"),
        ("regions", 3, "id", "TR-1", "duplicates line 2"),
        ("lines", 2, "to_bus", "TR-9-330", "not in buses.csv (nearest: TR-"),
        ("lines", 2, "to_bus", "TR-1-330", "joins a bus to itself"),
        ("lines", 3, "x_ohm_per_km", "0", "must be more than 0"),
        ("lines", 3, "max_i_ka", "lots", "is not a number"),
        ("buses", 2, "vn_kv", "750", "only a transformer can"),
        ("generators", 2, "technology", "nucular", "nearest: nuclear"),
        ("generators", 2, "p_available_mw", "900", "more than p_max_mw"),
        ("generators", 2, "p_max_mw", "-600", "must be at least 0"),
        ("generators", 2, "grid_forming", "yes", "true or false"),
        ("generators", 2, "p_max_mw", "nan", "not a finite number"),
        ("generators", 2, "profile", "moon", "not in profiles.csv"),
        ("generators", 2, "source", "GOSSIP", "not in sources.csv"),
        ("limits", 2, "members", "XX", "is not a generator or interconnector"),
        ("heat_systems", 2, "region", "TR-2", "has more than one row"),
        ("profiles", 2, "hour", "7", "must give each hour"),
        ("water_systems", 2, "loss_share", "1", "must be at most 0.95"),
        ("archetypes", 2, "mass_area_per_floor_area", "9", "must be at most 4"),
        ("profiles", 2, "value", "9", "must be at most 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said_with_its_place(folder, replace_cell, table, line, column, value, message):
    replace_cell(table, line, column, value)
    with pytest.raises(gm.InputError) as caught:
        read_network(folder)
    assert message in str(caught.value)
    assert f"mine/{table}.csv" in str(caught.value) or table == "buses"


def test_a_transformer_whose_real_part_exceeds_the_whole_is_refused(tmp_path):
    import shutil

    shutil.copytree(ROOT / "networks" / "ukraine", tmp_path / "net")
    path = tmp_path / "net" / "transformers.csv"
    lines = path.read_text().splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index("vkr_percent")] = "50"
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    with pytest.raises(gm.InputError, match=r"transformers\.csv:2: vkr_percent: '50' must be less than vk_percent"):
        read_network(tmp_path / "net")


def test_problems_of_many_tables_are_reported_in_one_pass(folder, replace_cell):
    replace_cell("regions", 2, "population", "many")
    replace_cell("lines", 2, "length_km", "-1")
    replace_cell("generators", 3, "bus", "nowhere")
    (folder / "buses.csv").write_text(
        (folder / "buses.csv").read_text().replace("source,confidence", "source,confidance")
    )
    (folder / "regoins.csv").write_text("id\n")
    (folder / "profiles.csv").unlink()
    with pytest.raises(gm.InputError) as caught:
        read_network(folder)
    text = str(caught.value)
    for place in ("regions.csv:2: population", "lines.csv:2: length_km", "generators.csv:3: bus", "buses.csv:1: confidance",
                  "regoins.csv: is not a table", "profiles.csv: is missing"):  # fmt: skip
        assert place in text


def test_a_single_file_or_an_unknown_name_is_refused_with_a_hint(tmp_path):
    with pytest.raises(gm.InputError, match="nearest: ukraine"):
        gm.load_network("ukrane")
    path = tmp_path / "net.json"
    path.write_text("{}")
    with pytest.raises(gm.InputError, match="not a pandapower network"):
        gm.load_network(path)


def test_profiles_follow_weekdays_and_hours():
    profiles = read_network("ukraine").tables["profiles"]
    times = np.array(["2026-01-08T17:00", "2026-01-10T17:00", "2026-01-10T12:30"], "datetime64[s]")  # Thu, Sat
    assert profile_values(profiles, "demand", times) == pytest.approx([1.0, 0.965, 0.905])


def test_connectivity_is_counted_and_no_place_is_named():
    facts = describe(read_network("ukraine"))
    assert set(facts["connectivity"]) == {"components", "bridges", "articulation_points"}
    assert all(isinstance(value, int) for value in facts["connectivity"].values())


@pytest.mark.parametrize("how", ["folder", "dangling", "upper"])
def test_a_table_that_is_no_file_is_not_taken_for_none(folder, how):
    path = folder / "limits.csv"
    text = path.read_text()
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how == "dangling":
        path.symlink_to("nowhere")
    else:
        (folder / "limits.CSV").write_text(text)
    with pytest.raises(gm.InputError, match=r"limits\.(csv: is not a file|CSV: is not a table)"):
        read_network(folder)


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("limits", "members", "NB-330;NB-330", "names a member twice"),
        ("interconnectors", "id", "TR-1/nuclear", "is the id of a generator too"),
        ("regions", "zone", "A>B", "must not be the id of a region or contain"),
        ("regions", "zone", "TR-2", "must not be the id of a region or contain"),
        ("regions", "population", "١٢٣", "is not a number"),
        ("regions", "population", "1_000", "is not a number"),
    ],
)
def test_names_that_would_be_misread_are_refused(folder, replace_cell, table, column, value, message):
    replace_cell(table, 2, column, value)
    with pytest.raises(gm.InputError, match=message):
        read_network(folder)


def test_a_network_without_regions_is_refused(folder):
    for path in folder.glob("*.csv"):
        if path.stem not in {"profiles", "sources", "archetypes"}:
            path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(gm.InputError, match=r"regions\.csv: has no rows"):
        read_network(folder)


@pytest.mark.parametrize(
    "table", ["regions", "buses", "sources", "profiles", "archetypes", "generators", "technologies"]
)
def test_a_table_that_cannot_be_read_is_one_problem_and_none_of_those_that_name_its_rows(table, tmp_path):
    folder = shutil.copytree(ROOT / "networks" / "texas-2021", tmp_path / "net")
    path = folder / f"{table}.csv"
    text = path.read_text() if path.is_file() else "id,inertia_s\nx,1\n"
    path.write_text(text.replace(",", "|"))
    with pytest.raises(gm.InputError) as told:
        read_network(folder)
    assert [problem.table for problem in told.value.problems] == [f"net/{table}.csv"]
    assert "separates columns by bars" in str(told.value)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "net: is not the folder of a network: it has none of its tables, such as regions.csv"),
        (("manifest.json", "result.nc", "summary.csv"), "such as regions.csv (it is the folder of a run, which"),
    ],
)
def test_a_folder_that_is_no_network_is_one_problem(files, said, tmp_path):
    folder = tmp_path / "net"
    folder.mkdir()
    for name in files:
        (folder / name).touch()
    with pytest.raises(gm.InputError) as told:
        read_network(folder)
    (problem,) = told.value.problems
    assert said in str(problem)
