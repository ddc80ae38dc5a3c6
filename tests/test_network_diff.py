import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.files import ROOT


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
    with pytest.raises(gm.InputError, match="holds buses, the other file regions"):
        gm.diff_networks(whole / "regions.csv", whole / "buses.csv")


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


@pytest.mark.parametrize("what", [["check", "three-region"], ["diff", "three-region", "three-region"]])
def test_nothing_but_the_answer_is_printed(what):
    command = [sys.executable, "-m", "gridmodel", "network", *what]
    got = subprocess.run(command, capture_output=True, text=True, check=True)
    assert got.stderr == ""
    assert len(got.stdout.splitlines()) == 1
