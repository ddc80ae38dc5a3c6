"""Every line that a command prints goes through one door, which shows what would steer a terminal as an escape."""

import ast
import json
import shutil
from pathlib import Path

import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import sampled

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.progress import HoursBar, StepBar, UnitBar
from gridmodel.errors import is_seen
from gridmodel.inputs.files import ROOT
from gridmodel.results.run_folder import write_run

EVIL = "N\x1b[2J\u202eth\x9b1m\u2066x\u200b"
COMMANDS = sorted((Path(gm.__file__).parent / "commands").rglob("*.py"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    where = tmp_path_factory.mktemp("terminal")
    shutil.copytree(ROOT / "networks" / "three-region", where / "net")
    path = where / "net" / "regions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Northland", EVIL), encoding="utf-8")
    (where / "mine.yaml").write_text(
        json.dumps({"name": f"title {EVIL}", "network": "net", "weather": "three-region", "timezone": "UTC", "members": 2,
                    "start": "2026-01-05 00:00", "end": "2026-01-06 00:00", "cascade": "full",
                    "events": [{"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.3, "note": EVIL}]}),
        encoding="utf-8",
    )  # fmt: skip
    scenario = gm.load_scenario(where / "mine.yaml")
    for name, made in (("run", scenario), ("other", scenario.replace(import_limit_mw=10))):
        write_run(gm.run(made), made, where / name, command=["gridmodel", EVIL], seconds={})
    (where / "options.csv").write_text(f"name,kind,region,size,cost_eur\n{EVIL},import,,50,1\n", encoding="utf-8")
    (where / "bad.yaml").write_text(json.dumps({"name": "x", EVIL: 1, "network": EVIL, "step": EVIL}))
    (where / "bad.csv").write_text(f"time,{EVIL}\n2026-01-01T00:00Z,{EVIL}\n", encoding="utf-8")
    return where


CALLS = [
    ("run", "mine.yaml", "-o", "again"), ("run", "bad.yaml"), ("run", EVIL), ("run", f"--{EVIL}"), (EVIL,), ("run", "--members", EVIL),
    ("report", "run"), ("report", EVIL), ("deadlines", "run"), ("deadlines", "run", "--csv"), ("deadlines", "run", "--json"),
    ("schedule", "run"), ("schedule", "run", "--region", "TR-1"), ("schedule", "run", "--region", EVIL), ("schedule", "run", "--csv"),
    ("compare", "run", "other"), ("compare", "run", "other", "--csv"), ("compare", "run", EVIL), ("plan", "mine.yaml", "options.csv"),
    ("network", "show", "net"), ("network", "check", "net"), ("network", "check", EVIL), ("network", "diff", "net", "three-region"),
    ("network", "show", "net", "--json"), ("scenario", "show", "mine.yaml"), ("scenario", "check", "mine.yaml"), ("scenario", "check", "bad.yaml"),
    ("weather", "show", EVIL), ("weather", "check", "bad.csv"), ("weather", "show", "bad.csv"), ("schema", EVIL), ("export", "run", EVIL, "-o", "x"),
    ("plot", "run", EVIL, "-o", "x.png"), ("network", "convert", EVIL, "x.json"), ("scenario", "new", f"{EVIL}.yaml"), ("run", "--from", EVIL),
]  # fmt: skip


@pytest.mark.parametrize("args", sampled(CALLS, 3, edit=9), ids=lambda args: " ".join(args).replace(EVIL, "EVIL"))
def test_nothing_that_a_command_prints_steers_a_terminal(home, args, monkeypatch):
    monkeypatch.chdir(home)
    got = CliRunner().invoke(main, list(args))
    assert got.exception is None or isinstance(got.exception, SystemExit), got.exception
    steers = {sign for sign in got.stdout + got.stderr if not is_seen(sign) and sign != "\n"}
    assert not steers, ascii(got.output)
    if args == ("deadlines", "run", "--json"):
        assert json.dumps(EVIL) in json.dumps(json.loads(got.stdout))


def test_a_name_with_line_ends_forges_no_line(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with xr.open_dataset(home / "run" / "result.nc") as found:
        changed = found.load()
    changed.attrs["title"] = "quiet\nerror: all is lost"
    changed.to_netcdf(tmp_path / "result.nc", engine="netcdf4")
    for args in (["schedule", "result.nc"], ["deadlines", "result.nc"]):
        assert "\nerror:" not in CliRunner().invoke(main, args).output
    got = CliRunner().invoke(main, ["run", "no\nerror: such"])
    assert "\nerror: such" not in got.stderr


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_only_the_door_prints(path):
    if path.name == "common.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            said = ast.unparse(node.func)
            assert said not in {
                "click.echo",
                "click.secho",
                "print",
                "sys.stdout.write",
                "sys.stderr.write",
                "Text",
            } or (said == "Text" and "visible(" in ast.unparse(node)), f"line {node.lineno}: {said}"


@pytest.mark.parametrize("bar", [HoursBar, UnitBar, lambda: StepBar(gm.load_scenario("three-region"))])
def test_a_bar_without_a_terminal_leaves_no_line(bar, capfd):
    with bar():
        pass
    assert capfd.readouterr() == ("", "")
