"""A run and a sweep of an earlier version are read, summed up, shown and repeated."""

import lzma
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm
from gridmodel.results.run_folder import manifest_of, read_manifest, read_result
from gridmodel.studies.sweep import open_sweep

CASE = Path(__file__).parents[1] / "cases" / "old-run"


@pytest.fixture
def old(tmp_path):
    """The run folder and, beside it, the store."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("manifest.json", "summary.csv"):
        shutil.copyfile(CASE / name, folder / name)
    (folder / "result.nc").write_bytes(lzma.decompress((CASE / "result.nc.xz").read_bytes()))
    with tarfile.open(CASE / "store.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return folder


def test_an_old_run_is_read_and_sums_up_as_it_did(old):
    recorded = pd.read_csv(old / "summary.csv", index_col=0)
    with read_result(old) as result:
        table = gm.summarise(result)
    shared = recorded.index.intersection(table.index)
    assert set(shared) == set(recorded.index)
    columns = ["mean", "p05", "p50", "p95"]
    np.testing.assert_allclose(table.loc[shared, columns].astype(float), recorded.loc[shared, columns], rtol=1e-9)


@pytest.mark.gate  # at each edit: an old run sums up as it did
def test_an_old_run_is_shown_in_a_report(old, tmp_path):
    with read_result(old) as result:
        gm.report.write(result, tmp_path / "report.html", manifest=manifest_of(old))
    assert "a run of before" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.gate  # at each edit: an old run sums up as it did
@pytest.mark.filterwarnings("ignore:.*has no effect:UserWarning")
def test_an_old_manifest_repeats_its_run_on_its_own_clock(old):
    with pytest.warns(UserWarning, match=r"was written by gridmodel 0\.1\.0, this is .*: results may differ"):
        scenario = read_manifest(old)
    assert scenario.timezone == "Europe/Kyiv"
    # the law of that time: nobody but critical consumers, all at the share of the table, is outside the queues
    queues = {"critical_share_factor": [1.0, 1.0], "shared_feeder_share": [0.0, 0.0], "outside_queues_spread": 0.0}
    again = gm.run(scenario.replace(**queues))
    with read_result(old) as result:
        assert np.array_equal(again["time"], result["time"])
        for name in (
            "demand_mw",
            "served_mw",
            "shed_mw",
            "generation_mw",
            "people_without_power",
            "people_without_heat",
        ):
            # load that returns is the mean of its step since then, which is 0.05 % of demand less
            assert again[name].sum().item() == pytest.approx(result[name].sum().item(), rel=2e-3), name


def test_an_old_store_is_opened_and_has_what_it_was_asked_for(old):
    with pytest.warns(UserWarning, match="by an earlier version, without hashes of everything"):
        store = open_sweep(old.parent / "store.zarr")
    assert store["import_limit_mw"].to_numpy().tolist() == [100, 200]
    served = store["energy_not_served"].mean("member").to_numpy()
    assert served.tolist() == pytest.approx([3612, 3015], abs=0.5)
    assert store["shed_mw"].sizes["time"] == 6
