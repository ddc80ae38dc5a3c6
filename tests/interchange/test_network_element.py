import json

import pandapower as pp
import pytest
from click.testing import CliRunner
from nets import published

from gridmodel.commands import main
from gridmodel.errors import InputError
from gridmodel.interchange import find_element
from gridmodel.interchange.open import read_any
from gridmodel.network import TABLES, read_network


def show(*words, columns="80"):
    return CliRunner(env={"COLUMNS": columns}).invoke(main, ["network", "show", *words])


@pytest.fixture
def foreign(tmp_path):
    """A net of another program with every kind of attachment: switches, costs, three windings, names."""
    net = published("example_multivoltage")
    pp.create_poly_cost(net, 0, "gen", cp1_eur_per_mw=7.0)
    net.bus["zone"] = ["north" if kv > 100 else "south" for kv in net.bus["vn_kv"]]
    pp.to_json(net, tmp_path / "net.json")
    return tmp_path / "net.json"


def test_a_region_has_its_buses_lines_of_either_end_plants_systems_and_sources():
    found = find_element(read_network("three-region"), "TR-3")
    assert (found.table, found.fields["name_en"], found.fields["population"]) == ("regions", "Eastland", 400000)
    assert {table: [row["id"] for row in rows] for table, rows in found.attached.items()} == {
        "buses": ["TR-3-330"],
        "lines": ["TR-2-330--TR-3-330", "TR-1-330--TR-3-330", "TR-3-330--NB-330"],
        "generators": ["TR-3/hydro"],
        "heat_systems": ["TR-3/heat"],
        "water_systems": ["TR-3/water"],
        "sources": ["OURS"],
    }
    assert found.derived == {"capacity_mw": 200.0, "available_mw": 200.0, "cover": 0.5}


def test_a_bus_a_line_a_plant_a_border_and_a_limit_have_what_names_them_and_what_they_name():
    network = read_network("three-region")

    def attached(name):
        found = find_element(network, name).attached
        return {table: {row["id"] for row in rows} for table, rows in found.items() if table != "sources"}

    assert attached("TR-1-330")["lines"] >= {"TR-1-330--TR-2-330", "TR-1-330--TR-3-330"}
    assert attached("TR-1-330")["regions"] == {"TR-1"}
    assert attached("TR-1-330")["generators"] == {"TR-1/nuclear"}
    assert attached("TR-1-330--TR-2-330") == {"buses": {"TR-1-330", "TR-2-330"}, "regions": {"TR-1"}}
    assert attached("plant/TR-1/nuclear") == {"buses": {"TR-1-330"}, "regions": {"TR-1"}}
    assert attached("border/NB-330") == {"buses": {"NB-330"}, "limits": {"import"}}
    assert attached("import") == {"interconnectors": {"NB-330"}}
    assert attached("SOUTH") == {"regions": {"TR-2", "TR-3"}}


def test_the_rating_of_a_line_is_that_of_all_its_circuits_at_their_limit():
    found = find_element(read_network("three-region"), "TR-1-330--TR-2-330").derived
    assert found == {"vn_kv": 330.0, "rating_mva": pytest.approx(3**0.5 * 330 * 1.65 * 0.75, abs=0.05)}
    need = find_element(read_network("three-region"), "TR-1-330").derived
    assert need == {"need_mw": 1000.0}


def test_an_element_is_found_by_number_by_name_and_in_any_case(foreign):
    net = read_any(foreign)[0]
    for name in ("trafo/0", "EHV-HV-Trafo", "ehv-hv-trafo", "trafo/EHV-HV-Trafo"):
        assert (find_element(net, name).table, find_element(net, name).id) == ("trafo", "0")
    assert find_element(read_network("ukraine"), "м. київ").id == "UA-30"


def test_an_element_of_another_program_has_buses_switches_costs_and_all_that_is_on_it(foreign):
    net = read_any(foreign)[0]
    trafo = find_element(net, "trafo/0").attached
    assert [row["id"] for row in trafo["bus"]] == [
        int(net.table("trafo")["hv_bus"][0]),
        int(net.table("trafo")["lv_bus"][0]),
    ]
    assert {row["et"] for row in trafo["switch"]} == {"t"}
    assert [row["cp1_eur_per_mw"] for row in find_element(net, "gen/0").attached["poly_cost"]] == [7.0]
    assert [row["id"] for row in find_element(net, "poly_cost/0").attached["gen"]] == [0]
    three = find_element(net, "trafo3w/0")
    assert len(three.attached["bus"]) == 3
    assert all("trafo3w" in find_element(net, f"bus/{row['id']}").attached for row in three.attached["bus"])
    coupler = net.table("switch")[net.table("switch")["et"] == "b"].iloc[0]
    for bus in (coupler["bus"], coupler["element"]):
        assert int(coupler.name) in [row["id"] for row in find_element(net, f"bus/{bus}").attached["switch"]]


def test_a_zone_of_another_program_holds_every_element_on_its_buses(foreign):
    net = read_any(foreign)[0]
    found = find_element(net, "north")
    buses = {row["id"] for row in found.attached["bus"]}
    assert buses == {int(number) for number in net.table("bus").index[net.table("bus")["vn_kv"] > 100]}
    lines = net.table("line")
    inside = lines.index[lines["from_bus"].isin(buses) | lines["to_bus"].isin(buses)]
    assert {row["id"] for row in found.attached["line"]} == set(map(int, inside))
    assert found.derived["need_mw"] > 0


def test_an_unknown_name_is_said_with_the_nearest_and_a_name_of_several_with_what_to_say():
    with pytest.raises(
        InputError, match=r"nearest: UA-56/nuclear, UA-68/nuclear|nearest: UA-68/nuclear, UA-56/nuclear"
    ):
        find_element(read_network("ukraine"), "UA-66/nuclear")
    with pytest.raises(InputError, match=r"2 elements .choose one of buses/PL-400, interconnectors/PL-400"):
        find_element(read_network("ukraine"), "PL-400")
    got = show("ukraine", "nowhere-at-all-in-it")
    assert (got.exit_code, "is not an element of the network" in got.stderr) == (1, True)


@pytest.mark.parametrize("name", ["UA-30", "UA-46", "UA-46-750--UA-56-750", "UA-46-750--UA-46-330", "UA-05/hydro",
                                  "buses/PL-400", "import", "UA-30/heat", "UA-30/water", "WEST"])  # fmt: skip
def test_an_element_is_printed_whole_in_80_columns(name):
    got = show("ukraine", name)
    assert got.exit_code == 0, got.output
    assert max(map(len, got.output.splitlines())) <= 80
    assert "…" not in got.output
    data = json.loads(show("ukraine", name, "--json").stdout)
    for rows in data["attached"].values():
        assert all(row["id"] in "".join(got.output.split()) for row in rows)


@pytest.mark.parametrize("name", ["UA-46", "UA-46-750--HU-750", "UA-12-330", "UA-77/hydro"])
def test_nothing_is_said_of_what_hangs_on_an_element_of_a_bundled_network(name):
    data = json.loads(show("ukraine", name, "--json").stdout)
    tables = read_network("ukraine").tables
    columns = {name: {column.name for column in TABLES[name].fitted(list(tables[name])).columns} for name in TABLES}
    assert set(data) == {"network", "table", "id", "fields", "derived", "attached"}
    assert set(data["fields"]) <= columns[data["table"]]
    assert set(data["derived"]) <= {"need_mw", "capacity_mw", "available_mw", "cover", "vn_kv", "rating_mva"}
    for table, rows in data["attached"].items():
        assert all(set(row) <= columns[table] | {"id"} for row in rows)


def test_json_of_an_element_has_no_missing_and_no_endless_values(foreign):
    data = json.loads(show(str(foreign), "bus/13", "--json").stdout)
    assert data["fields"]["vn_kv"] == 380.0
    assert None not in data["fields"].values()


@pytest.mark.gate  # at each edit: the same of runs, in `test_terminal.py`
def test_names_that_steer_a_terminal_are_printed_without_it(tmp_path):
    net = published("case9")
    net.bus["name"] = [f"bus {number}" for number in net.bus.index]
    net.bus.loc[0, "name"] = "\x1b[2Jgone"
    net.name = "\x1b]0;title\x07"
    pp.to_json(net, tmp_path / "net.json")
    for words in ([], ["bus/0"], ["line/0"]):
        got = show(str(tmp_path / "net.json"), *words)
        assert got.exit_code == 0
        assert "\x1b" not in got.output
        assert "\x07" not in got.output
