import re
import runpy
import subprocess
import sys

import pytest

from gridmodel.files import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / "README.md").is_file(), reason="pages stay in the checkout")


@pytest.fixture(scope="module")
def pages():
    return runpy.run_path(str(ROOT / "docs" / "make.py"))["PAGES"]


@pytest.mark.parametrize(
    "name", ["variables.md", "parameters.md", "tables.md", "repair.md", "calibration.md", "run.svg"]
)
def test_a_page_is_what_the_code_makes(pages, name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages[name](), "run: python docs/make.py"


@pytest.mark.parametrize("page", ["README.md", "docs/electricity.md"])
def test_the_examples_of_a_page_run(page):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        subprocess.run([sys.executable, "-W", "error", "-c", block], check=True, timeout=120)


def test_every_link_of_the_readme_leads_somewhere():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / target).exists(), target
