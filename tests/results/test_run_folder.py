import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.results.run_folder import FILES, check_target, read_manifest, read_result, write_run


@pytest.fixture
def run(three):
    scenario = three(deterministic=False, members=2)
    return scenario, gm.run(scenario)


def write(run, folder):
    scenario, result = run
    write_run(result, scenario, folder, command=["gridmodel", "run"], seconds={"simulate": 0.1})


def test_a_run_folder_holds_result_summary_and_manifest(run, tmp_path):
    write(run, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["metrics"]["energy_not_served"]["mean"] == pytest.approx(gm.metrics.ens_mwh(run[1]).mean().item())
    assert summary["regions"]["TR-1"]["region_name"] == "Northland"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["scenario"]["seed"] == 2026
    path = ROOT / "weather" / "three-region.csv"
    assert manifest["inputs"]["weather/three-region.csv"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_the_file_reads_back_as_it_was_and_follows_cf(run, tmp_path):
    write(run, tmp_path / "out")
    with read_result(tmp_path / "out") as again:
        assert again.attrs["Conventions"].startswith("CF-")
        xr.testing.assert_allclose(again.load(), run[1])
        assert np.array_equal(again["local_time"], run[1]["local_time"])
        assert again["demand_mw"].attrs["units"] == "MW"


@pytest.mark.gate  # at each edit: a run is repeated to the byte
def test_the_same_seed_gives_the_same_bytes(run, three, tmp_path):
    write(run, tmp_path / "one")
    write((run[0], gm.run(run[0])), tmp_path / "two")
    for name in ("result.nc", "summary.csv", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


@pytest.mark.gate  # at each edit: a second run, in `test_commands.py`
def test_a_run_replaces_a_run_and_nothing_else(run, tmp_path):
    write(run, tmp_path / "out")
    write(run, tmp_path / "out")
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(gm.InputError, match="contains 'thesis\\.txt'"):
        write(run, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(gm.InputError, match="is a file"):
        check_target(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out"]


def test_what_is_no_run_folder_is_refused(tmp_path):
    with pytest.raises(gm.InputError, match="not a run folder"):
        read_result(tmp_path)
    (tmp_path / "result.nc").write_bytes(b"not a file of ours")
    with pytest.raises(gm.InputError, match="cannot be read"):
        read_result(tmp_path)


def test_a_run_that_is_named_without_the_folder_runs_is_hinted_at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "result.nc").touch()
    with pytest.raises(gm.InputError, match=r"mine: does not exist.*\(nearest: runs.mine\)"):
        read_result("mine")


def test_a_run_that_is_not_there_is_told_with_those_beside_it(tmp_path):
    for name in ("january-2026", "calm"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "result.nc").touch()
    runs = tmp_path / "runs"
    with pytest.raises(gm.InputError, match=r"exist \(nearest: january-2026\)$"):
        read_result(runs / "january2026")
    with pytest.raises(gm.InputError, match=r"exist \(known: calm, january-2026\)$"):
        read_result(runs / "x")
    with pytest.raises(gm.InputError, match=r"january: does not exist$"):
        read_result(tmp_path / "walks" / "january")


def test_dots_and_links_in_the_name_of_the_folder_cannot_reach_what_is_not_a_run(run, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    (tmp_path / "in" / "keep.txt").write_text("precious")
    with pytest.raises(gm.InputError, match="contains 'keep"):
        write(run, Path("new/.."))
    assert (tmp_path / "in" / "keep.txt").read_text() == "precious"
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["keep.txt"]


def test_a_file_that_only_shares_its_name_with_a_runs_is_not_replaced(run, tmp_path):
    (tmp_path / "res").mkdir()
    (tmp_path / "res" / "summary.csv").write_text("my,data")
    with pytest.raises(gm.InputError, match=r"contains 'summary\.csv'"):
        write(run, tmp_path / "res")
    assert (tmp_path / "res" / "summary.csv").read_text() == "my,data"


@pytest.mark.gate  # at each edit: a folder that replaces an empty one, in `test_faults.py`
def test_an_empty_folder_a_link_to_one_and_the_current_one_can_be_written_to(run, tmp_path, monkeypatch):
    for name in ("real", "here"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(run, tmp_path / "link")
    monkeypatch.chdir(tmp_path / "here")
    write(run, Path())
    for name in ("real", "here"):
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == sorted(FILES)


def test_a_name_too_long_for_the_file_system_is_refused_before_the_run():
    with pytest.raises(gm.InputError, match="cannot be reached"):
        check_target(Path("x" * 300))


def test_a_run_is_repeated_to_the_byte_from_its_manifest_and_not_with_other_inputs(three, folder, tmp_path):
    scenario = three(deterministic=False, members=3, network=str(folder), import_limit_mw={"uniform": [50, 150]})
    write((scenario, gm.run(scenario)), tmp_path / "one")
    again = read_manifest(tmp_path / "one" / "manifest.json")
    assert again.distributions == scenario.distributions
    write((again, gm.run(again)), tmp_path / "two")
    for name in ("result.nc", "summary.csv", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    path = tmp_path / "one" / "inputs" / "network" / "mine" / "generators.csv"
    path.write_text(path.read_text().replace("600,600", "600,590"))
    with pytest.raises(gm.InputError, match=r"generators\.csv: has changed since the run"):
        read_manifest(tmp_path / "one")
    path.unlink()
    with pytest.raises(gm.InputError, match=r"generators.*(is missing|has changed)"):
        read_manifest(tmp_path / "one")
    with pytest.raises(gm.InputError, match="cannot be read"):
        read_manifest(tmp_path / "nowhere")
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(gm.InputError, match="not the manifest"):
        read_manifest(tmp_path / "bad.json")


def test_another_netcdf_file_is_no_result(tmp_path):
    xr.Dataset({"x": ("time", [1.0])}).to_netcdf(tmp_path / "result.nc", engine="netcdf4")
    with pytest.raises(gm.InputError, match="is not the result of a run"):
        read_result(tmp_path)


def test_a_network_toml_added_since_the_run_is_a_changed_input_whoever_gave_the_time_zone(three, folder, tmp_path):
    text = (folder / "network.toml").read_text(encoding="utf-8")
    (folder / "network.toml").unlink()
    scenario = three(network=str(folder), timezone="UTC")
    write((scenario, gm.run(scenario)), tmp_path / "out")
    assert read_manifest(tmp_path / "out").timezone == "UTC"
    (tmp_path / "out" / "inputs" / "network" / "mine" / "network.toml").write_text(text, encoding="utf-8")
    with pytest.raises(gm.InputError, match=r"network\.toml: has changed since the run"):
        read_manifest(tmp_path / "out")
    path = tmp_path / "out" / "manifest.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(data | {"optional_inputs": 1}), encoding="utf-8")
    with pytest.raises(gm.InputError, match="not the manifest"):
        read_manifest(path)
