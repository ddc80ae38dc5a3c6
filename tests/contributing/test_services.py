"""The worked examples of services and backup systems, carried out in a scratch copy of the package."""

import ast
import json
import re

import numpy as np
import pytest
import scratch
import xarray as xr
from scratch import contents, copy_package, touched

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.results.run_folder import write_result
from gridmodel.scenario import make_scenario

GUIDES = ROOT / "docs" / "contributing"
pytestmark = pytest.mark.skipif(not GUIDES.is_dir(), reason="pages stay in the checkout")
EVENTS = [{"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.1}]
CASE = {
    "name": "a", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": "2026-01-05 00:00",
    "end": "2026-01-06 00:00", "members": 5, "seed": 3, "events": EVENTS, "critical_second_feed_share": 0.0,
}  # fmt: skip
RUN = f"""
import gridmodel as gm
from gridmodel.scenario import make_scenario
made = make_scenario({CASE})
result = gm.run(made)
"""


SYSTEMS = ')  # fmt: skip\n"""Systems with'
SERVICES, IMPORTS = ')\n"""Services in the order', "from gridmodel.services.declare"


@pytest.fixture
def copy(tmp_path):
    return copy_package(tmp_path / "copy")


def python(folder, code):
    done = scratch.python(folder, "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (GUIDES / page).read_text(encoding="utf-8"), re.DOTALL)


def insert(path, before, text):
    whole = path.read_text(encoding="utf-8")
    assert whole.count(before) == 1
    path.write_text(whole.replace(before, text + before), encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "module", "place"),
    [
        ("backup-system.md", "scenario/backup_systems.py", SYSTEMS),
        ("service.md", "services/registry.py", SERVICES),
        ("service.md", "services/registry.py", IMPORTS),
    ],
)
def test_the_code_of_a_worked_example_is_python_and_the_place_where_it_goes_is_there_once(page, module, place):
    assert (ROOT / "gridmodel" / module).read_text(encoding="utf-8").count(place) == 1
    for block in blocks(page, "python"):
        ast.parse(block)


@pytest.mark.gate  # at each edit: the code and its place, above
def test_a_system_with_generators_is_one_row_and_moves_no_draw_of_the_others(copy, tmp_path):
    write_result(gm.run(make_scenario(CASE)), tmp_path / "plain.nc")  # the checkout is what the copy was before
    plain, before = xr.load_dataset(tmp_path / "plain.nc"), contents(copy)
    (row,) = blocks("backup-system.md", "python")
    insert(copy / "gridmodel/scenario/backup_systems.py", SYSTEMS, f"{row.rstrip()},\n")
    assert touched(before, contents(copy)) == {"gridmodel/scenario/backup_systems.py"}
    told = python(copy, RUN + """
from gridmodel.results.run_folder import write_result
write_result(result, "result.nc")
print(gm.load_scenario('three-region').replace(gas_autonomy_h=3).gas_autonomy_h)
from gridmodel.results.needs import needs
print(sorted(set(needs(result).index.get_level_values(1))))
""")  # fmt: skip
    more = xr.load_dataset(copy / "result.nc")
    assert more["system"].to_numpy().tolist() == [*plain["system"].to_numpy(), "gas"]
    for name in plain.data_vars:
        old = more[name].sel(system=plain["system"]) if "system" in plain[name].dims else more[name]
        assert np.array_equal(old.to_numpy(), plain[name].to_numpy(), equal_nan=plain[name].dtype.kind == "f"), name
    gas = more["backup_share"].sel(system="gas")
    assert float(gas.sel(region="TR-1").max()) > 0.2
    assert told.splitlines()[0] == "3.0"
    assert "generators_gas_mw" in told


@pytest.mark.long
def test_a_row_of_a_system_brings_its_words_to_the_page_on_words(copy):
    (row,) = blocks("backup-system.md", "python")
    insert(copy / "gridmodel/scenario/backup_systems.py", SYSTEMS, f"{row.rstrip()},\n")
    page = python(copy, f"import sys\nsys.path.insert(1, {str(ROOT)!r})\n"
                  "from docs.vocabulary import vocabulary_page\nprint(vocabulary_page())")  # fmt: skip
    assert "| `gas` | gas distribution |" in page


@pytest.mark.gate  # at each edit: the code and its place, above
def test_a_service_stands_in_summaries_maps_plots_exports_and_rankings_by_itself(copy):
    before = contents(copy)
    module, line = blocks("service.md", "python")
    (copy / "gridmodel/services/signal.py").write_text(module, encoding="utf-8")
    registry = copy / "gridmodel/services/registry.py"
    insert(registry, IMPORTS, "from gridmodel.services import signal\n")
    insert(registry, SERVICES, f"    {line.strip()},\n")
    for language, words in json.loads(blocks("service.md", "json")[0]).items():
        path = copy / f"gridmodel/output/lang/{language}.json"
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | words), encoding="utf-8")
    allowed = {"gridmodel/services/signal.py", "gridmodel/services/registry.py"}
    allowed |= {f"gridmodel/output/lang/{path.name}" for path in (ROOT / "gridmodel/output/lang").glob("*.json")}
    assert touched(before, contents(copy)) == allowed

    told = json.loads(python(copy, RUN + """
import io, json
from pathlib import Path
import numpy as np
from rich.console import Console
from gridmodel.commands.summary import print_summary
from gridmodel.output.export import as_csv, as_geojson, as_hxl
from gridmodel.output.plot import SERVICES, people
from gridmodel.output.report.payload import payload
from gridmodel.results.comparison import compare
dark = result["dark_share"].sel(system="telecom") * result["population"]
screen = Console(file=io.StringIO(), width=80)
print_summary(result, Path("x"), screen=screen)
page = payload(result)
help_ = [{"name": "lines", "kind": "import", "size": 100.0}]
figure = people(result)
print(json.dumps({
    "exact": bool(np.array_equal(result["people_without_signal"].to_numpy(), dark.transpose("member", "time", "region").to_numpy())),
    "some": float(result["people_without_signal"].max()),
    "summary": float(gm.summarise(result)["mean"]["person_hours_without_signal"]),
    "terminal": "no mobile signal" in screen.file.getvalue(),
    "layer": page["layers"]["signal"],
    "national": max(page["national"]["signal"]["typical"]),
    "plot": "no mobile signal" in [line.get_label() for line in figure.axes[0].lines],
    "csv": "person_hours_without_signal" in as_csv(result),
    "geojson": "person_hours_without_signal" in as_geojson(result),
    "hxl": "#affected+telecom+hours" in as_hxl(result),
    "compared": "person_hours_without_signal" in set(compare(result, result).index.get_level_values("metric")),
    "ranking": list(gm.rank_mitigations(made, help_).columns),
}))
"""))  # fmt: skip
    assert told["exact"]
    assert told["some"] > 100_000
    assert told["summary"] > 0
    assert told["national"] > 0
    assert told["layer"] == "people_without_signal"
    assert {"signal_h", "signal_h_se"} <= set(told["ranking"])
    assert all(told[name] for name in ("terminal", "plot", "csv", "geojson", "hxl", "compared"))
