import json
import re
from importlib import import_module
from pathlib import Path

import pytest
import xarray as xr
from click.testing import CliRunner

from gridmodel.commands import main
from gridmodel.studies.sweep import engine

sweep = import_module("gridmodel.commands.sweep")
SWEEP = """\
scenario: three-region
set: {deterministic: false, members: 60, end: 2026-01-05 02:00, events: [], import_limit_mw: {uniform: [50, 150]}}
keep: [shed_mw]
"""


@pytest.fixture
def cli(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole = engine.connected  # in this process: what a command does with processes is tried elsewhere
    monkeypatch.setattr("gridmodel.studies.sweep.api.connected", lambda _workers, scheduler: whole(None, scheduler))
    (tmp_path / "sweep.yaml").write_text(SWEEP)

    def call(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    return call


@pytest.mark.gate  # at each edit: failed units and bad input at the command line
def test_a_sweep_is_run_summed_up_and_explained_at_the_command_line(cli, tmp_path):
    shown = cli("sweep", "sweep.yaml", "-o", "s.zarr").stdout
    assert "Three regions by" in shown  # the name may wrap
    assert "60 members; store: s.zarr" in shown
    assert "Typical, the median of the members (bad case: one in twenty is worse)" in shown
    assert re.search(r"\d \([\d.,]+\)", shown)
    data = json.loads(cli("sweep", "sweep.yaml", "-o", "s.zarr", "--resume", "--json").stdout)
    assert data["variants"][0]["metrics"]["energy_not_served"]["standard_error"] > 0
    energy = data["variants"][0]["metrics"]["energy_not_served"]
    assert energy["p50"] < energy["p95"]
    assert "Wrote q.nc" in cli("quantiles", "s.zarr", "shed_mw", "-o", "q.nc").stdout
    with xr.open_dataset(tmp_path / "q.nc") as found:
        assert found["shed_mw"].dims[0] == "quantile"
    title, *table = cli("sensitivity", "s.zarr").stdout.splitlines()
    assert title == "Sensitivity of energy_not_served: first order, from given members"
    assert [line.split() for line in table if "first order" in line] == [["setting", "first", "order"]]
    assert any("import_limit_mw" in line for line in table)
    told = json.loads(cli("sensitivity", "s.zarr", "--json").stdout)
    assert told["settings"]["import_limit_mw"]["first_order"] > 0.6
    assert told["settings"]["import_limit_mw"]["total_order"] is None


def test_one_member_and_one_more_variant_are_told_as_one(cli, monkeypatch):
    monkeypatch.setattr(sweep, "MOST_SHOWN", 1)
    base = "scenario: three-region\nset: {end: 2026-01-05 01:00, events: [], timezone: UTC}\nkeep: [shed_mw]\n"
    Path("two.yaml").write_text(f"{base}grid: {{seed: [1, 2]}}\n", encoding="utf-8")
    shown = cli("sweep", "two.yaml", "-o", "two.zarr").stdout
    assert "and 1 more variant\n" in shown
    assert "; 1 member; store: two.zarr" in shown


@pytest.mark.gate  # at each edit: a unit that fails, in `test_sweeps.py`
def test_failed_units_and_bad_input_set_the_exit_status(cli, tmp_path, monkeypatch):
    assert "already exists" in cli("sweep", "sweep.yaml", "-o", ".", code=1).stderr
    assert "never targets" in _grid(cli, tmp_path, "events: [[]]").stderr
    assert "ukrane" in cli("sweep", "ukrane", "-o", "s.zarr", code=1).stderr

    def breaks(made, **options):
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(engine, "simulate", breaks)
    got = cli("sweep", "sweep.yaml", "-o", "failing.zarr", code=1)
    assert "members 0 to 49: ZeroDivisionError: by design" in got.stderr
    assert "2 of 2 units failed" in got.stderr


def _grid(cli, tmp_path, line):
    (tmp_path / "grid.yaml").write_text(f"scenario: three-region\ngrid:\n  {line}\n")
    return cli("sweep", "grid.yaml", "-o", "s.zarr", code=1)


@pytest.mark.gate  # at each edit: a run is repeated to the byte, in `test_run_folder.py`
def test_run_from_a_manifest_repeats_a_run_exactly(cli, tmp_path):
    cli("run", "three-region", "-o", "one")
    cli("run", "--from", "one/manifest.json", "-o", "two")
    assert (tmp_path / "one" / "result.nc").read_bytes() == (tmp_path / "two" / "result.nc").read_bytes()
    assert "does not go with --from" in cli("run", "--from", "one", "--seed", "3", code=1).stderr


def test_the_schema_of_a_sweep_knows_its_parts(cli):
    made = json.loads(cli("schema", "sweep").stdout)
    assert {"scenario", "set", "grid", "variants", "samples", "keep"} == set(made["properties"])
    number = json.loads(cli("schema", "scenario").stdout)["properties"]["temperature_slope"]
    assert any(branch.get("title") == "Distribution" for branch in number["anyOf"])


@pytest.mark.parametrize("command", [("quantiles", "shed_mw", "-o", "q.nc"), ("sensitivity",)])
def test_a_store_that_is_not_there_is_told_with_the_stores_and_runs_beside_it(cli, tmp_path, command):
    for name in ("calm/result.nc", "january.zarr/zarr.json"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    name, *rest = command
    assert (
        "error: janury.zarr: does not exist (nearest: january.zarr)" in cli(name, "janury.zarr", *rest, code=1).stderr
    )
    assert "error: x: does not exist (known: calm, january.zarr)" in cli(name, "x", *rest, code=1).stderr
    assert "error: no/x: does not exist\n" in cli(name, "no/x", *rest, code=1).stderr
