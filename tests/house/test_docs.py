import re
import runpy
import sys
from pathlib import Path

import dask
import numpy as np
import pytest
from conftest import LONG
from distributed.security import Security

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.scenario import Scenario
from gridmodel.studies.sweep import engine, load_sweep

pytestmark = pytest.mark.skipif(not (ROOT / "README.md").is_file(), reason="pages stay in the checkout")


@pytest.fixture(scope="module")
def pages():
    return runpy.run_path(str(ROOT / "docs" / "make.py"))["PAGES"]


@pytest.mark.parametrize(
    "name",
    [
        "files.md",
        "variables.md",
        "parameters.md",
        "tables.md",
        "events.md",
        pytest.param("repair.md", marks=pytest.mark.long),
        "intervals.md",
        pytest.param("weather.md", marks=pytest.mark.long),
        "contributing/README.md",
        "commands.md",
        "vocabulary.md",
        pytest.param("planning.md", marks=pytest.mark.long),
        "architecture-rooms.svg",
        "architecture-run.svg",
        pytest.param("run.svg", marks=pytest.mark.long),
    ],
)
def test_a_page_is_what_the_code_makes(pages, name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages[name](), "run: python docs/make.py"


@pytest.mark.parametrize("page", ["README.md", "docs/electricity.md"])
@pytest.mark.gate  # at each edit: names on pages, in `test_pages.py`
def test_the_examples_of_a_page_run(page, tmp_path, capsys, monkeypatch, january):
    if page == "README.md" and not LONG:  # the long run is not made anew, all around it is called
        monkeypatch.setattr(gm, "run", lambda scenario: january.isel(member=slice(scenario.members)))
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:  # each by itself, as it is copied; a warning is an error here as in every test
        (tmp_path / "block.py").write_text(block, encoding="utf-8")
        runpy.run_path(str(tmp_path / "block.py"), run_name="__main__")
    assert capsys.readouterr().out


@pytest.mark.long  # of every run: the examples of the README, above
def test_the_example_goes_from_a_scenario_to_a_tornado_plot_and_an_exceedance_curve(tmp_path, monkeypatch, capsys):
    path = ROOT / "docs" / "example.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200
    monkeypatch.setattr(sys, "argv", [str(path), str(tmp_path)])
    runpy.run_path(str(path), run_name="__main__")
    assert "import_limit_mw" in capsys.readouterr().out
    for name in ("tornado.svg", "exceedance.svg"):
        assert "</svg>" in (tmp_path / name).read_text(encoding="utf-8")


def test_the_page_of_sweeps_gives_workers_of_others_the_settings_that_ours_have(tmp_path):
    page = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    keys, block = re.findall(r"```yaml\n(distributed:.*?)```", page, re.DOTALL)
    (tmp_path / "gridmodel.yaml").write_text(block, encoding="utf-8")
    found = dask.config.collect(paths=[str(tmp_path)], env={})
    for name in ("distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_", "distributed.worker.profile.enabled"):
        assert dask.config.get(name, config=found) == engine.OURS[name]
    (tmp_path / "gridmodel.yaml").write_text(keys, encoding="utf-8")
    read = dask.config.collect(paths=[str(tmp_path)], env={})
    with dask.config.set(dask.config.merge(dask.config.config, read)):
        made = Security()
    assert made.require_encryption
    for role in ("scheduler", "worker", "client"):
        tls = made.get_tls_config_for_role(role)
        assert [Path(tls[part]).name for part in ("ca_file", "cert", "key")] == ["cert.pem", "cert.pem", "key.pem"]


@pytest.mark.parametrize("page", ["uncertainty.md", "sweeps.md"])
def test_every_yaml_of_a_page_is_what_the_readers_take(page, tmp_path):
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    base = "name: x\nnetwork: ukraine\nweather: cold-wave-2026\nstart: 2026-01-08\nend: 2026-01-09\n"
    for block in blocks:
        if block.startswith("distributed:"):  # a reader of its own: Dask
            continue
        (tmp_path / "page.yaml").write_text(block if "scenario:" in block else base + block, encoding="utf-8")
        if block.startswith("samples:"):
            (tmp_path / "page.yaml").write_text(f"scenario: january-2026\n{block}", encoding="utf-8")
        (gm.load_scenario if "members: auto" in block else load_sweep)(tmp_path / "page.yaml")


def test_the_page_of_parameters_has_every_setting_of_a_scenario():
    page = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    told = page.split("## What can have a distribution")[0]
    missing = [name for name in Scenario.model_fields if name != "folder" and f"\n| `{name}` |" not in told]
    assert missing == []


@pytest.mark.filterwarnings("ignore:.*more than the borders:UserWarning")
def test_the_files_of_demand_and_supply_that_a_page_shows_can_be_read(three, tmp_path):
    """In UTC: a run that begins at midnight of Kyiv finds its first hour at 22:00."""
    page = (ROOT / "docs" / "electricity.md").read_text(encoding="utf-8")
    demand, supply = re.findall(r"```\n(time,.*?)```", page, re.DOTALL)
    (tmp_path / "demand.csv").write_text(demand, encoding="utf-8")
    (tmp_path / "supply.csv").write_text(supply, encoding="utf-8")
    files = {name: str(tmp_path / f"{name}.csv") for name in ("demand", "supply")}
    period = {"start": "2026-01-06 00:00", "end": "2026-01-06 03:00", "timezone": "Europe/Kyiv"}
    changes = {"demand_use": "replace", "heater_feedback": False, "cold_load_pickup": False}
    demand_mw = gm.run(three(**changes, **files, **period))["demand_mw"].sum("tier")[0]
    assert demand_mw.to_numpy() == pytest.approx(np.array([[960, 585, 390], [930, 570, 380], [915, 560, 372]]))
