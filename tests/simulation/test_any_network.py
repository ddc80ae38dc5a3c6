"""Networks of other programs run as they are: files, objects, regions by column or mapping, tables beside them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandapower as pp
import pytest
from click.testing import CliRunner
from nets import empty, published

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.interchange import write_net

CASES = Path(__file__).parents[1] / "cases" / "networks"
DAY = {
    "start": "2026-01-12 00:00",
    "end": "2026-01-12 03:00",
    "weather": "cold-wave-2026",
    "members": 2,
    "name": "short",
}


def short(network, **more):
    return gm.run(gm.Scenario(**DAY | {"network": str(network), "timezone": "UTC"} | more))


def two_zones():
    """Zone A has the plant, and a load behind a line of 30 MW; zone B hangs on it by two lines."""
    net = empty()
    a, b, c, d = (pp.create_bus(net, 110.0, zone=zone, name=f"bus {zone}{n}") for n, zone in enumerate("AABB"))
    for start, end, most in ((a, b, 30.0), (a, c, 200.0), (c, d, 20.0)):
        pp.create_line_from_parameters(
            net, start, end, 10.0, 0.1, 0.4, 0.0, most / np.sqrt(3) / 110, max_loading_percent=100.0
        )
    pp.create_gen(net, a, 0.0, max_p_mw=150.0, type="lignite")
    pp.create_ext_grid(net, a, max_p_mw=20.0)
    for bus, p_mw in ((a, 10.0), (b, 50.0), (c, 40.0), (d, 60.0)):
        pp.create_load(net, bus, p_mw)
    return net


@pytest.fixture(scope="module")
def zones(tmp_path_factory):
    path = tmp_path_factory.mktemp("nets") / "zones.json"
    write_net(two_zones(), path)
    return path


def test_a_run_serves_each_region_what_dispatch_serves_its_buses(zones):
    result = short(zones, rotation="mean")
    served = result.served_mw.sum("tier").isel(time=1, member=0).to_series()
    exact = gm.dispatch(two_zones()).served_mw[0].to_numpy()
    assert exact == pytest.approx([10, 30, 40, 20])  # by hand: the lines of 30 and 20 MW bind
    assert served.to_dict() == pytest.approx({"A": 40, "B": 60})
    assert float(result.shed_cause_mw.sel(cause="limit").sum("region").isel(time=1, member=0)) == pytest.approx(60)
    assert (
        float(result.generation_mw.sum("region").sel(technology="thermal_coal").isel(time=1, member=0)) > 0
        if "region" in result.generation_mw.dims
        else True
    )


def test_damage_acts_on_regions_and_branches_of_any_file(zones):
    events = [{"time": "2026-01-12 01:00", "target": "A/thermal_coal", "kind": "outage", "share": 0.5, "duration_h": 1}]
    result = short(zones, rotation="mean", events=events)
    shed = result.shed_mw.sum(("region", "tier")).isel(member=0).to_numpy()
    assert shed[0] == pytest.approx(60)
    assert shed[1] == pytest.approx(160 - 75 - 20)  # 75 and 20 MW are left
    assert shed[2] == pytest.approx(60)


def test_regions_come_from_a_column_or_a_file_that_the_user_names(zones, tmp_path):
    net = two_zones()
    net.bus["district"] = ["x", "y", "y", "y"]
    path = tmp_path / "net.json"
    write_net(net, path)
    found = short(path, network_regions="district")
    assert found.demand_mw.sum("tier").isel(time=0, member=0).to_series().to_dict() == pytest.approx(
        {"x": 10, "y": 150}
    )
    mapping = tmp_path / "where.csv"
    mapping.write_text("bus,region\nbus/0,north\nbus A1,north\nbus/2,south\nbus/3,south\n", encoding="utf-8")
    found = short(path, network_regions=str(mapping))
    assert list(found.region.to_numpy()) == ["north", "south"]
    with pytest.raises(gm.InputError, match="'nowhere' is not a column of buses"):
        short(path, network_regions="nowhere")


def test_regions_named_beside_our_own_tables_are_told_once_to_have_no_effect(tmp_path):
    path = tmp_path / "short.yaml"
    path.write_text(
        "name: x\nnetwork: three-region\nweather: three-region\ntimezone: UTC\ndeterministic: true\n"
        "start: 2026-01-05\nend: 2026-01-05 03:00\nnetwork_regions: where.csv\n"
        "mitigations: [{kind: fuel_truck, size: 1, region: Northland}]\n"
    )
    with pytest.raises(gm.InputError, match=r"network_regions: 'where.csv' does not exist"):
        gm.run(path, progress=False)
    (tmp_path / "where.csv").write_text("bus,region\nB1,north\n")
    with pytest.warns(
        UserWarning, match="'where.csv' is not used, because three-region has regions of its own"
    ) as told:
        result = gm.run(path, progress=False)
    assert list(result["region"].to_numpy()) == ["TR-1", "TR-2", "TR-3"]
    assert len(told) == 1


@pytest.mark.gate  # at each edit: a run serves what dispatch serves
def test_a_pandapower_net_in_memory_and_a_pypsa_folder_run(tmp_path):
    result = short(CASES / "pypsa_sign")
    assert float(result.served_mw.sum(("region", "tier")).mean()) == pytest.approx(50)
    net = published("case39")
    from gridmodel.simulation.bare import scenario_of_net

    scenario = scenario_of_net(net).replace(end="2026-01-12 02:00", members=1)
    found = gm.run(scenario)
    assert float(found.demand_mw.sum(("region", "tier")).isel(time=0, member=0)) == pytest.approx(net.load.p_mw.sum())
    with pytest.raises(gm.InputError, match="is neither a scenario"):
        gm.run({"not": "a net"})


def test_a_link_brings_a_run_what_its_limit_lets_it(tmp_path):
    path = tmp_path / "link.nc"
    shutil.copyfile(CASES / "link.nc", path)
    with pytest.warns(UserWarning, match="dispatched within their limits"):
        result = short(path)
    assert float(result.served_mw.sum(("region", "tier")).mean()) == pytest.approx(100)


def test_tables_beside_a_file_bring_people_and_a_clock(zones, tmp_path):
    path = tmp_path / "zones.json"
    shutil.copyfile(zones, path)
    run = CliRunner().invoke(main, ["network", "scaffold", str(path), str(tmp_path / "zones.tables"), "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["rows"]["regions"] == 2
    assert not [one for one in gm.check_network(tmp_path / "zones.tables") if one.severity == "error"]
    regions = tmp_path / "zones.tables" / "regions.csv"
    lines = regions.read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("population")
    rows = [line.split(",") for line in lines[1:]]
    for row in rows:
        row[place] = "1000"
    regions.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
    result = short(path, rotation="mean")
    without = result.people_without_power.sum("region").isel(time=1, member=0)
    assert float(without) > 0
    first = CliRunner().invoke(main, ["network", "scaffold", str(path), str(tmp_path / "others.tables")])
    assert ", 1 source." in first.output
    again = CliRunner().invoke(main, ["network", "scaffold", str(path), str(tmp_path / "zones.tables")])
    assert again.exit_code == 1
    assert "exists already" in again.stderr


@pytest.mark.gate  # at each edit: a received run is repeated, in `test_received_run.py`
def test_a_run_with_tables_beside_its_file_is_repeated_from_its_folder_alone(zones, tmp_path):
    path = tmp_path / "here" / "zones.json"
    path.parent.mkdir()
    shutil.copyfile(zones, path)
    beside = tmp_path / "here" / "zones.tables"
    assert CliRunner().invoke(main, ["network", "scaffold", str(path), str(beside)]).exit_code == 0
    regions = beside / "regions.csv"
    header, *rows = regions.read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("population")
    cells = [[*row.split(",")[:place], "1000", *row.split(",")[place + 1 :]] for row in rows]
    regions.write_text("\n".join([header, *map(",".join, cells)]) + "\n", encoding="utf-8")
    out, again = tmp_path / "out", tmp_path / "again"
    done = CliRunner().invoke(main, ["run", str(path), "--members", "1", "-o", str(out)])
    assert done.exit_code == 0, done.output + done.stderr
    assert (out / "inputs" / "network" / "zones.tables" / "regions.csv").is_file()
    assert "inputs/network/zones.tables/regions.csv" in json.loads((out / "manifest.json").read_text())["inputs"]
    shutil.rmtree(path.parent)
    done = CliRunner().invoke(main, ["run", "--from", str(out), "-o", str(again)])
    assert done.exit_code == 0, done.output + done.stderr
    first, second = gm.open_run(out), gm.open_run(again)
    assert float(first.people_without_power.max()) > 0
    assert first.people_without_power.equals(second.people_without_power)


def test_tables_beside_a_file_are_no_link_that_leads_away(zones, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    shutil.copyfile(zones, tmp_path / "in" / "zones.json")
    (tmp_path / "out" / "regions.csv").write_text("SECRET\n")
    (tmp_path / "in" / "zones.tables").symlink_to(tmp_path / "out")
    assert short(tmp_path / "in" / "zones.json").sizes["region"] == 2


@pytest.mark.gate  # at each edit: a net in memory
def test_a_network_file_runs_in_one_command(zones, tmp_path):
    run = CliRunner().invoke(main, ["run", str(zones), "--members", "1", "-o", str(tmp_path / "out"), "--json"])
    assert run.exit_code == 0, run.output + run.stderr
    assert (tmp_path / "out" / "report.html").is_file()
    assert json.loads(run.stdout)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.m", b"PK\x03\x04junk", "a.m: is a broken archive"),
        ("a.zip", b"PK\x03\x04junk", "a.zip: is a broken archive"),
        ("a.txt", b"\x80\x04pickle\x00", "a.txt: looks like a pickle"),
        ("a.dat", b"\x00\x01\x02", "a.dat: is not a known network file"),
        ("a.scenario", b"name: [", "a.scenario:1: is not YAML"),
    ],
)
def test_what_is_not_text_is_told_as_a_network_and_text_as_a_scenario(tmp_path, monkeypatch, name, content, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    got = CliRunner().invoke(main, ["run", name, "-o", "out"])
    assert got.exit_code == 1
    assert said in got.stderr
    assert not (tmp_path / "out").exists()
