import runpy
import sys
from pathlib import Path

import highspy
import numpy as np
import pytest

import gridmodel as gm
from gridmodel.inputs.files import ROOT

HERE = ROOT / "benchmarks"
pytestmark = pytest.mark.skipif(not HERE.is_dir(), reason="benchmarks stay in the checkout")


@pytest.mark.skipif(
    not hasattr(highspy.Highs, "changeRowsBounds"), reason="the benchmark sets many rows at once, newer than HiGHS 1.10"
)
@pytest.mark.parametrize(
    ("grid", "count", "given"),
    [
        ("national", 10, 1),
        ("case118", 4, 0),
        pytest.param("national", 200, 2, marks=pytest.mark.long),
        pytest.param("case118", 12, 2, marks=pytest.mark.long),
    ],
)
@pytest.mark.gate  # at each edit: published grids, in `test_dispatch_nets.py`
def test_engines_agree_on_the_snapshots_of_the_benchmark(tmp_path, monkeypatch, grid, count, given):
    path = tmp_path / "snapshots.npz"
    monkeypatch.setattr(sys, "argv", ["snapshots.py", grid, str(count), str(path)])
    runpy.run_path(str(HERE / "snapshots.py"), run_name="__main__")
    sys.path.insert(0, str(HERE))
    try:
        import engine

        data = engine.load(str(path), count)
        _, ours = engine.gridmodel(data, 100)
        _, warm = engine.highs(data, 100)
        pandapower = engine.rundcopp(engine.load(str(path), given), 1)[1] if given else np.array([])
    finally:
        sys.path.remove(str(HERE))
    assert ours == pytest.approx(warm, rel=1e-6)
    answered = np.isfinite(pandapower)
    assert pandapower[answered] == pytest.approx(ours[:given][answered], rel=1e-6)


def test_the_options_of_the_benchmark_are_of_every_kind_and_can_be_read(tmp_path):
    from gridmodel.scenario import KINDS
    from gridmodel.studies.options import load_options

    sys.path.insert(0, str(HERE))
    try:
        import plan
    finally:
        sys.path.remove(str(HERE))
    (tmp_path / "options.csv").write_text(plan.OPTIONS, encoding="utf-8")
    options = load_options(tmp_path / "options.csv")
    assert {one.kind for one in options} == set(KINDS)
    assert len(options) == 14


def test_parts_of_a_run_are_told_by_module_and_name_and_each_of_them_exists():
    whole = runpy.run_path(str(HERE / "whole.py"))
    package = Path(gm.__file__).parent
    for module, name in whole["PARTS"]:
        source = (package / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
        assert f"def {name}(" in source
    note, water = package / "simulation" / "record.py", package / "services" / "water.py"
    profile = {
        (str(note), 92, "note"): 2.0,
        (str(package / "simulation" / "cascade_journal.py"), 30, "note"): 30.0,
        (str(water), 237, "step_water"): 1.0,
        (str(water), 500, "step"): 4.0,
        ("gridmodel/elsewhere/simulation/record.py", 92, "note"): 500.0,
    }
    assert whole["parts_of"](profile, package) == {"record": 2.0, "water": 1.0}
