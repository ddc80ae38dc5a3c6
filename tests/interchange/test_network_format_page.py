import re

import pytest
from scratch import contents, copy_package, python, touched

from gridmodel.inputs.files import ROOT

PAGE = ROOT / "docs" / "contributing" / "network-format.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")

USE = """
import pathlib, sys, warnings
import numpy as np
import pandapower as pp
import pandapower.networks as nw
from click.testing import CliRunner
import gridmodel as gm
from gridmodel.commands import main
from gridmodel.interchange.kinds import KINDS
from gridmodel.interchange.registry import FORMATS, kept_table, read_table, written_table

here = pathlib.Path(sys.argv[1])
assert pathlib.Path(gm.__file__).is_relative_to(here)
assert set(FORMATS["edges"].content.fates) <= set(KINDS)

net = gm.load_network(here / "page.edges")
assert net.bus["name"].tolist() == ["north", "south", "east"]
assert net.line[["from_bus", "to_bus"]].to_numpy().tolist() == [[0, 1], [1, 2]]
(here / "unnamed").write_bytes((here / "page.edges").read_bytes())
assert gm.load_network(here / "unnamed").line["length_km"].tolist() == [120.0, 80.0]

case = nw.case9()
case.line.loc[3, "in_service"] = False
pp.to_json(case, here / "case.json")
made = gm.convert_network(here / "case.json", here / "case.edges")
assert made.not_kept[-2:] == ["lines out of service (1)", "buses without a line (1)"], made.not_kept
assert "quadratic terms of costs (3)" in made.not_kept
back = gm.load_network(here / "case.edges")
kept = case.line[case.line["in_service"]]
np.testing.assert_array_equal(back.line["x_ohm_per_km"], kept["x_ohm_per_km"])
assert len(back.bus) == 8

(here / "wrong.edges").write_text("from,to,vn_kv,length_km,x_ohm_per_km\\na,b,330,-1,0.3\\n")
try:
    gm.load_network(here / "wrong.edges")
except gm.InputError as error:
    assert (error.problems[0].row, error.problems[0].field) == (2, "length_km")
else:
    raise AssertionError("a negative length was read")

(here / "strange.txt").write_text("nothing that is known")
try:
    gm.load_network(here / "strange.txt")
except gm.InputError as error:
    assert "edge list (.edges)" in str(error)
else:
    raise AssertionError("a strange file was read")

shown = CliRunner().invoke(main, ["network", "convert", "--help"]).output
assert shown.count("edge list (.edges)") == 2, shown
assert "edge list" in kept_table()[0]
assert any("edge list" in line for line in read_table())
assert any("`edges`" in line for line in written_table())
"""


@pytest.mark.gate  # at each edit: formats of the registry, in `test_network_write.py`
def test_the_format_of_the_page_works_when_its_one_file_is_added(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (example,) = re.findall(r"```\n(from,to,.*?)```", page, re.DOTALL)
    copy = copy_package(tmp_path / "copy")
    before = contents(copy)
    (place,) = re.findall(r"The whole of `(gridmodel/\S+\.py)`", page)
    (copy / place).write_text(code, encoding="utf-8")
    (tmp_path / "page.edges").write_text(example, encoding="utf-8")
    got = python(copy, "-W", "ignore", "-c", USE, str(tmp_path), cwd=tmp_path)
    assert got.returncode == 0, got.stderr[-3000:]
    assert touched(before, contents(copy)) == {place}
