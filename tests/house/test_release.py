"""What is said about the package more than once: requirements, version."""

import re
import tomllib

import pytest

from gridmodel import __version__
from gridmodel.inputs.files import ROOT

RELEASE = ROOT / "docs" / "release"
pytestmark = pytest.mark.skipif(not RELEASE.is_dir(), reason="the recipe stays in the checkout")


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def least(requirements):
    """Return each package and its oldest release; conda's names differ in three."""
    found = (re.match(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", one.replace(" ", "")) for one in requirements)
    conda = {"isal": "python-isal", "tzdata": "python-tzdata"}
    return {conda.get(one[1].lower(), one[1].lower()): one[2] for one in found if one}


def test_the_recipe_needs_what_the_package_needs(project):
    recipe = (RELEASE / "meta.yaml").read_text(encoding="utf-8")
    needed = least(re.findall(r"^    - ([\w.-]+ >=[\d.]+)$", recipe, re.MULTILINE))
    assert needed.pop("python") == project["requires-python"].removeprefix(">=")
    assert needed == least(project["dependencies"])
    assert f'version = "{__version__}"' in recipe


def test_the_oldest_releases_that_are_tested_are_those_that_the_package_allows(project):
    extras = project["optional-dependencies"]
    wanted = least(
        [*project["dependencies"], *(one for name in ("files", "sweep", "plot", "test") for one in extras[name])]
    )
    lines = (RELEASE / "minimum.txt").read_text(encoding="utf-8").split()
    tested = least(re.sub(r"==([\d.]+?)(\.\*)?$", r">=\1", line) for line in lines)
    assert tested == wanted
