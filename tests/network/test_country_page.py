"""The worked example of a country: its files are taken from the page and run."""

import re
import runpy

import numpy as np
import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

PAGE = ROOT / "docs" / "contributing" / "country.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")
FILES = ("network.toml", "regions.csv", "buses.csv", "lines.csv", "generators.csv", "transformers.csv",
         "interconnectors.csv", "sources.csv")  # fmt: skip


@pytest.fixture
def steppe(tmp_path, monkeypatch):
    """Folder with the network, weather and scenario of the page."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = {kind: re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL) for kind in ("toml", "csv", "python", "yaml")}
    (tmp_path / "steppe").mkdir()
    for name, block in zip(FILES, [*blocks["toml"], *blocks["csv"]], strict=True):
        assert f"`steppe/{name}`" in text
        (tmp_path / "steppe" / name).write_text(block, encoding="utf-8")
    (tmp_path / "script.py").write_text(blocks["python"][0], encoding="utf-8")
    (tmp_path / "steppe.yaml").write_text(blocks["yaml"][0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path("script.py")
    return tmp_path


def test_the_country_of_the_page_has_no_problems(steppe):
    assert [str(problem) for problem in gm.check_network(steppe / "steppe") if problem.severity == "error"] == []


def test_a_run_on_it_has_its_clock_its_names_and_its_week(steppe):
    result = gm.run(gm.load_scenario(steppe / "steppe.yaml"))
    assert str(result["time"].to_numpy()[0])[:16] == "2026-01-08T19:00"
    assert str(result["local_time"].to_numpy()[0])[:16] == "2026-01-09T00:00"
    assert result.attrs["timezone"] == "Asia/Almaty"
    assert result["region_name_kk"].to_numpy().tolist() == ["Солтүстік", "Оңтүстік"]
    assert "region_name_uk" not in result.coords
    demand = result["demand_mw"].sum("tier").isel(member=0, region=0).to_numpy()
    assert demand[24:].mean() < 0.9 * demand[:24].mean()
    hydro = result["generation_mw"].sel(technology="hydro").isel(member=0).sum("region").to_numpy()
    assert np.all(hydro[12:18] < hydro[11])


def test_its_regions_are_found_by_name_in_its_language(steppe):
    assert CliRunner().invoke(main, ["run", "steppe.yaml", "-o", "out"]).exit_code == 0
    got = CliRunner().invoke(main, ["schedule", "out", "--region", "солтүстік"])
    assert got.exit_code == 0, got.output
