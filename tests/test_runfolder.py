import hashlib
import json

import numpy as np
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.runfolder import FILES, check_target, read_result, write_run


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
    assert summary["metrics"]["energy_not_served"]["mean"] == pytest.approx(12_000)
    assert summary["regions"]["TR-1"]["region_name"] == "Northland"
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["scenario"]["seed"] == 2026
    path = gm.files.ROOT / "weather" / "three-region.csv"
    assert manifest["inputs"]["weather/three-region.csv"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def test_the_file_reads_back_as_it_was_and_follows_cf(run, tmp_path):
    write(run, tmp_path / "out")
    with read_result(tmp_path / "out") as again:
        assert again.attrs["Conventions"].startswith("CF-")
        xr.testing.assert_allclose(again.load(), run[1])
        assert np.array_equal(again["local_time"], run[1]["local_time"])
        assert again["demand_mw"].attrs["units"] == "MW"


def test_the_same_seed_gives_the_same_bytes(run, three, tmp_path):
    write(run, tmp_path / "one")
    write((run[0], gm.run(run[0])), tmp_path / "two")
    for name in ("result.nc", "summary.csv", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_a_run_replaces_a_run_and_nothing_else(run, tmp_path):
    write(run, tmp_path / "out")
    write(run, tmp_path / "out")
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(gm.InputError, match="holds 'thesis\\.txt'"):
        write(run, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(gm.InputError, match="is a file"):
        check_target(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out"]


def test_what_is_no_run_folder_is_refused(tmp_path):
    with pytest.raises(gm.InputError, match="no run folder"):
        read_result(tmp_path)
    (tmp_path / "result.nc").write_bytes(b"not a file of ours")
    with pytest.raises(gm.InputError, match="cannot be read"):
        read_result(tmp_path)
