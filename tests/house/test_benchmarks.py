import runpy
import sys
from importlib.metadata import version
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


@pytest.fixture
def every(monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    import every

    return every


def test_a_table_has_the_latest_time_and_the_ratio_of_each_run(every):
    def run(took, ratio):
        return {"rows": [{"measured": "run", "took": took, "beside": "loop", "ratio": ratio, "most": 0.35}]}

    large = {"measured": "large sweep", "took": "300 s", "beside": "", "ratio": None}
    first, second = run("3 s", 0.354), run("2.9 s", 0.31)
    first["rows"].append(large)
    *_, repeated, once = every.joined([first, second])
    assert repeated == "| run | 2.9 s | loop | 0.35; 0.31 | at most 0.35 |"
    assert once == "| large sweep | 300 s |  |  |  |"
    (_, _, missed) = every.joined([first | {"rows": first["rows"][:1]}, run("4 s", 0.36)])
    assert missed == "| run | 4 s | loop | 0.35; 0.36 | at most 0.35, missed |"


@pytest.mark.parametrize(("ratio", "missed"), [(24.4, True), (24.6, False), (3766.4, False)])
def test_a_goal_is_reached_or_missed_as_its_ratio_is_shown(every, ratio, missed):
    row = every.Row(measured="dispatch", took="", beside="HiGHS", ratio=ratio, least=25)
    assert row.missed(ratio) == missed


def test_a_new_table_leaves_what_was_written_by_hand(every):
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    made = every.written(page, ["today", "", "| a table |"])
    assert "| a table |" in made
    assert made.endswith(page[page.index("## What it shows") :])
    assert every.written(made, ["today", "", "| a table |"]) == made


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


def test_parts_of_a_run_are_told_by_module_and_name_and_each_of_them_exists(monkeypatch):
    monkeypatch.syspath_prepend(HERE)
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


@pytest.mark.parametrize(
    ("answered", "told"),
    [([True, True], ["cost within 2e-10"]), ([True, False], ["cost within 2e-10", "no answer for 1"]),
     ([False], ["no answer for 1"])],
)  # fmt: skip
def test_an_engine_without_any_answer_is_not_said_to_agree(monkeypatch, answered, told):
    monkeypatch.syspath_prepend(HERE)
    import run

    assert run.agreed(2e-10, np.array(answered)) == told


def test_versions_beside_the_table_are_those_of_the_packages(every, monkeypatch):
    monkeypatch.setattr(every, "OURS", ("numpy", "highspy"))
    monkeypatch.setattr(every, "THEIRS", ("xarray",))
    ours = f"numpy {np.__version__}, highspy {version('highspy')}"
    assert every.versions(sys.executable) == f"{ours}; PyPSA beside them: xarray {version('xarray')}"
