import ast
import re

import pytest
from scratch import copy_package, python

from gridmodel.events.kinds import KINDS
from gridmodel.inputs.files import ROOT

PAGE = ROOT / "docs" / "contributing" / "event-kind.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")


@pytest.fixture(scope="module")
def blocks():
    row, example = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return row, example


@pytest.fixture(scope="module")
def said(tmp_path_factory, blocks):
    """What the page's example and wrong events say with the page's row at the end of the table of kinds, in a copy."""
    folder = tmp_path_factory.mktemp("copy")
    path = copy_package(folder) / "gridmodel" / "events" / "kinds.py"
    start, table = path.read_text(encoding="utf-8").split("\nKINDS: ")
    assert table.count("\n}\n") == 1
    longer = table.replace("\n}\n", f"\n{blocks[0]}}}\n")
    path.write_text(f"{start}\nKINDS: {longer}", encoding="utf-8")
    return run(folder, f"{blocks[1]}\nprint({MARK!r})\n{WRONG}")


def run(folder, code):
    return python(folder, "-W", "error", "-c", code)


MARK = "-- the example has run --"
WRONG = """
import gridmodel as gm
from gridmodel.events import load_events
from gridmodel.network import read_network

row = {"time": "2026-01-05 06:00", "target": "TR/fuel", "kind": "brownout", "share": 0.5, "value": 3.0}
try:
    load_events(gm.load_scenario("three-region").replace(events=[row]), read_network("three-region"))
except gm.InputError as error:
    print(error)
"""


def test_the_row_of_the_page_fits_the_table_of_kinds_and_its_example_is_python(blocks):
    table = (ROOT / "gridmodel" / "events" / "kinds.py").read_text(encoding="utf-8").partition("\nKINDS: ")[2]
    assert table.count("\n}\n") == 1
    ast.parse(f"{{{blocks[0]}}}")
    ast.parse(blocks[1])


@pytest.mark.gate  # at each edit: the row and the example, above
def test_the_row_of_the_page_is_all_that_a_new_kind_needs(said):
    assert said.returncode == 0, said.stderr
    assert MARK in said.stdout


@pytest.mark.gate  # at each edit: what rows of kinds say, in `test_kinds.py`
def test_a_new_kind_is_checked_by_what_its_row_says(said):
    _, _, told = said.stdout.partition(MARK)
    assert "duration_h: is required by kind brownout" in told
    assert "value: '3.0' is not used by kind brownout" in told
    assert "does not apply to fuel, which takes limit, repair" in told


@pytest.mark.long
def test_the_example_of_the_page_fails_without_its_row(blocks):
    got = run(ROOT, blocks[1])
    assert got.returncode != 0
    assert f"is not one of {', '.join(KINDS)}" in got.stderr
