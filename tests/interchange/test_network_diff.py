import json
import shutil
import subprocess
import sys

import pandapower as pp
import pytest
from click.testing import CliRunner
from nets import published

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT


def test_nothing_differs_between_a_network_and_itself():
    found = gm.diff_networks("three-region", "three-region")
    assert not found
    assert found.effects["flows"]["branches_that_change"] == 0


def test_a_changed_cell_is_named_with_both_values_and_what_it_does(folder, replace_cell):
    replace_cell("generators", 2, "p_available_mw", "500")
    found = gm.diff_networks("three-region", folder)
    (row,) = found.rows.to_dict("records")
    assert row == {"table": "generators", "id": "TR-1/nuclear", "change": "changed", "field": "p_available_mw",
                   "before": 600.0, "after": 500.0}  # fmt: skip
    assert found.effects["national"]["available_mw"] == [1300.0, 1200.0]
    assert found.effects["technologies"]["nuclear"]["available_mw"] == [600.0, 500.0]
    assert found.effects["flows"]["branches_that_change"] > 0
    assert "flows_mw" not in found.effects["flows"]  # one of the two is bundled


def test_a_line_taken_out_is_removed_and_changes_how_the_grid_hangs_together(folder):
    path = folder / "lines.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    before = gm.diff_networks(folder, folder).effects["connectivity"]["bridges"][0]
    kept = [line for line in lines if not line.startswith("TR-2-330--TR-3-330")]
    other = folder.parent / "other"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    (other / "lines.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    found = gm.diff_networks(folder, other)
    assert list(found.rows["change"]) == ["removed"] * (len(lines) - len(kept))
    assert found.effects["connectivity"]["bridges"][1] > before
    assert found.effects["flows"]["flows_mw"]  # both are the user's own


def test_one_table_is_compared_with_one_of_its_kind_and_no_other(folder, replace_cell):
    whole = ROOT / "networks" / "three-region"
    replace_cell("regions", 3, "population", "7")
    found = gm.diff_networks(whole / "regions.csv", folder / "regions.csv")
    assert list(found.rows["field"]) == ["population"]
    with pytest.raises(gm.InputError, match="is a table of buses, but the other file is one of regions"):
        gm.diff_networks(whole / "regions.csv", whole / "buses.csv")


@pytest.mark.gate  # at each edit: the function that it calls
def test_the_command_prints_rows_and_json_and_refuses_what_is_not_there(folder, replace_cell):
    replace_cell("generators", 2, "p_available_mw", "500")
    call = CliRunner().invoke
    shown = call(main, ["network", "diff", "three-region", str(folder)])
    assert shown.exit_code == 0
    assert "p_available_mw" in shown.stdout
    data = json.loads(call(main, ["network", "diff", "three-region", str(folder), "--json"]).stdout)
    assert data["rows"][0]["id"] == "TR-1/nuclear"
    assert "Nothing differs." in call(main, ["network", "diff", "three-region", "three-region"]).stdout
    assert call(main, ["network", "diff", "three-region", "nowhere"]).exit_code == 1


def test_show_counts_what_holds_a_bundled_network_together_and_names_it_on_ones_own(folder):
    call = CliRunner().invoke
    bundled = json.loads(call(main, ["network", "show", "three-region", "--json"]).stdout)
    own = json.loads(call(main, ["network", "show", str(folder), "--json"]).stdout)
    assert "places" not in bundled
    assert len(own["places"]["bridges"]) == bundled["connectivity"]["bridges"]
    assert bundled["national"]["cover"] == 0.75


@pytest.mark.parametrize(
    "what",
    [["diff", "three-region", "three-region"], ["check", "three-region"]],
)
@pytest.mark.long  # of every run: a difference that git shows, below
def test_nothing_but_the_answer_is_printed(what):
    command = [sys.executable, "-m", "gridmodel", "network", *what]
    got = subprocess.run(command, capture_output=True, text=True, check=True)
    assert got.stderr == ""
    assert len(got.stdout.splitlines()) == 1


def test_a_table_removed_as_a_whole_is_said_before_its_rows(folder):
    (folder / "limits.csv").unlink()
    found = gm.diff_networks("three-region", folder).rows.to_dict("records")
    whole, row = [entry for entry in found if entry["table"] == "limits"]
    assert (whole["change"], whole["field"], whole["before"], whole["after"]) == ("table removed", "rows", 1, None)
    assert (row["change"], row["id"]) == ("removed", "import")
    shown = CliRunner().invoke(main, ["network", "diff", str(folder), "three-region"]).stdout
    assert "table added" in shown
    assert " import " not in shown.partition("Effects")[0]  # its rows are counted, not printed


def test_a_header_alone_is_a_table_that_is_there(folder):
    header = (folder / "limits.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "limits.csv").write_text(header + "\n", encoding="utf-8")
    assert list(gm.diff_networks("three-region", folder).rows["change"]) == ["removed"]


@pytest.mark.parametrize("whole", ["three-region", "three-region/lines.csv"])
def test_nothing_on_one_side_adds_or_removes_every_row(whole):
    path = ROOT / "networks" / whole
    added, removed = gm.diff_networks("/dev/null", path), gm.diff_networks(path, "/dev/null")
    assert set(added.rows["change"]) == {"table added", "added"}
    assert set(removed.rows["change"]) == {"table removed", "removed"}
    assert ("lines", "TR-1-330--TR-2-330") in set(zip(added.rows["table"], added.rows["id"], strict=True))
    assert added.effects == {}
    assert not gm.diff_networks("/dev/null", "/dev/null")


def test_rows_removed_and_numbers_changed_are_json_without_nan(folder, replace_cell):
    replace_cell("generators", 2, "p_available_mw", "500")
    (folder / "limits.csv").unlink()
    got = CliRunner().invoke(main, ["network", "diff", "three-region", str(folder), "--json"], catch_exceptions=False)
    rows = json.loads(got.stdout)["rows"]
    assert {row["change"] for row in rows} == {"changed", "removed", "table removed"}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.gate  # at each edit: the command without git, in this file
def test_git_shows_tables_that_were_changed_added_and_removed(folder):
    def git(*words):
        got = subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder.parent,
                             capture_output=True, text=True, check=True)  # fmt: skip
        assert words[0] != "diff" or got.stderr == ""  # nothing but the answer is printed
        return got.stdout

    git("init", "-q")
    driver = f'sh -c \'{sys.executable} -m gridmodel network diff "$2" "$5"\' --'
    git("config", "diff.gridmodel.command", driver)
    (folder.parent / ".gitattributes").write_text("*.csv diff=gridmodel\n", encoding="utf-8")
    limits = (folder / "limits.csv").read_bytes()
    (folder / "limits.csv").unlink()
    git("add", "-A")
    git("commit", "-qm", "first")
    (folder / "limits.csv").write_bytes(limits)
    (folder / "water_systems.csv").unlink()
    lines = folder / "lines.csv"
    lines.write_text(lines.read_text(encoding="utf-8").replace(",0.323,", ",0.4,", 1), encoding="utf-8")
    git("add", "-A")
    said = git("diff", "--cached")
    for words in ("limits          table added", "water_systems         table removed", "x_ohm_per_km   0.323"):
        assert "".join(words.split()) in "".join(said.split())


def renumbered(tmp_path):
    """Two files of one named net, whose second has other numbers and one other load."""
    net = published("case9")
    for table in ("bus", "line", "gen", "load"):
        net[table]["name"] = [f"{table} {number}" for number in net[table].index]
    pp.to_json(net, tmp_path / "one.json")
    pp.toolbox.reindex_buses(net, {bus: 8 - bus for bus in net.bus.index})
    net.bus = net.bus.sort_index()
    pp.toolbox.reindex_elements(net, "line", list(net.line.index[::-1]))
    net.load.loc[net.load["name"] == "load 1", "p_mw"] += 10.0
    pp.to_json(net, tmp_path / "other.json")
    return tmp_path / "one.json", tmp_path / "other.json"


def test_rows_with_names_are_matched_by_name_whatever_their_numbers(tmp_path):
    found = gm.diff_networks(*renumbered(tmp_path))
    (row,) = found.rows.to_dict("records")
    assert (row["table"], row["id"], row["field"], row["after"] - row["before"]) == ("load", "load 1", "p_mw", 10.0)
    assert found.effects["flows"]["branches_in_both"] == 9
    assert found.effects["flows"]["largest_change_mw"] == pytest.approx(10.0)
    assert "line/line 0" in found.effects["flows"]["flows_mw"]


def test_names_that_stand_twice_or_were_all_changed_leave_rows_to_their_numbers(tmp_path):
    net = published("case9")
    net.line["name"] = [f"line {max(number, 1)}" for number in net.line.index]  # the first two alike
    net.load["name"] = ["a", "b", "c"]
    pp.to_json(net, tmp_path / "one.json")
    net.line.loc[2, "length_km"] = 3.0
    net.load["name"] = ["x", "y", "z"]
    pp.to_json(net, tmp_path / "other.json")
    rows = gm.diff_networks(tmp_path / "one.json", tmp_path / "other.json").rows.to_dict("records")
    assert {(row["table"], row["id"], row["field"]) for row in rows} == {
        ("line", "2", "length_km"), ("load", "0", "name"), ("load", "1", "name"), ("load", "2", "name")}  # fmt: skip


@pytest.mark.gate  # at each edit: rows matched by name
def test_a_folder_and_what_it_was_converted_to_are_the_same(tmp_path):
    target = tmp_path / "three.json"
    CliRunner().invoke(main, ["network", "convert", "three-region", str(target)], catch_exceptions=False)
    found = gm.diff_networks("three-region", target)
    assert not found
    assert found.effects["flows"]["branches_in_both"] == 4


def test_what_reading_noted_is_not_dropped(tmp_path):
    (tmp_path / "net").mkdir()
    for name, text in {"network": "name\nn\n", "buses": "name,v_nom\na,110\nb,110\n",
                       "links": "name,bus0,bus1\nk,a,b\n",
                       "generators": "name,bus,control\ng,a,Slack\n",
                       "lines": "name,bus0,bus1,x,s_nom\nl,a,b,1,10\n"}.items():  # fmt: skip
        (tmp_path / "net" / f"{name}.csv").write_text(text, encoding="utf-8")
    path = str(tmp_path / "net")
    got = CliRunner().invoke(main, ["network", "diff", path, path, "--json"], catch_exceptions=False)
    assert got.exit_code == 0
    assert "links.csv" in got.stderr
    noted = json.loads(got.stdout)["warnings"]
    assert [problem["severity"] for problem in noted] == ["warning"] * len(noted)
    assert len(noted) >= 2  # of both sides


def test_a_net_without_generators_has_no_capacity(tmp_path):
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "network.csv").write_text("name,pypsa_version\nbare,1.0.0\n", encoding="utf-8")
    (folder / "buses.csv").write_text("name,v_nom\na,110\nb,110\n", encoding="utf-8")
    (folder / "lines.csv").write_text("name,bus0,bus1,x,r,s_nom\nab,a,b,4,1,100\n", encoding="utf-8")
    (folder / "loads.csv").write_text("name,bus,p_set\nl,b,5\n", encoding="utf-8")
    got = CliRunner().invoke(main, ["network", "show", str(folder), "--json"], catch_exceptions=False)
    assert got.exit_code == 0, got.output
    national = json.loads(got.stdout)["national"]
    assert (national["capacity_mw"], national["available_mw"], national["need_mw"]) == (0, 0, 5)
    shutil.copytree(folder, tmp_path / "other")
    (tmp_path / "other" / "loads.csv").write_text("name,bus,p_set\nl,b,6\n", encoding="utf-8")
    changed = CliRunner().invoke(main, ["network", "diff", str(folder), str(tmp_path / "other"), "--json"])
    assert changed.exception is None or isinstance(changed.exception, SystemExit), changed.output
    assert '"capacity_mw"' in changed.stdout
