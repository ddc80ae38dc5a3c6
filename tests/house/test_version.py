"""The version is given in one place, and the changelog and the citation agree with it."""

import re
import subprocess
import sys
import tomllib

import pytest

from gridmodel import __version__
from gridmodel.inputs.files import ROOT


def test_the_newest_heading_of_the_changelog_is_the_version():
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == __version__


def test_the_citation_names_the_version():
    assert re.findall(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE) == [
        __version__
    ]


@pytest.mark.gate  # at each edit: the headings of the changelog
def test_wheel_command_manifest_and_store_take_the_version_from_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "gridmodel/version.py"
    given = [
        path for path in (ROOT / "gridmodel").rglob("*.py") if re.search(r"__version__ = ", path.read_text("utf-8"))
    ]
    assert given == [ROOT / "gridmodel" / "version.py"]
    code = "from gridmodel.results.run_folder import manifest; import gridmodel as gm; from gridmodel.studies.sweep.job import current_versions as v; print(manifest(gm.load_scenario('three-region'), command=[], seconds={})['gridmodel'], v()['gridmodel'])"
    got = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert got.stdout.split() == [__version__] * 2
    said = subprocess.run([sys.executable, "-m", "gridmodel", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == f"gridmodel {__version__}\n"
