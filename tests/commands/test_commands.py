import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import at_gate, sampled
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from gridmodel.commands import main
from gridmodel.commands.common import rounded
from gridmodel.events import scenario_schema
from gridmodel.inputs.files import ROOT, bundled


@pytest.fixture
def cli(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    return call


def as_an_editor_reads(path):
    """Plain YAML 1.2, in which times are text."""
    loader = YAML(typ="safe", pure=True)
    stamp = "tag:yaml.org,2002:timestamp"
    loader.Constructor = type("Plain", (loader.Constructor,), {})
    loader.Constructor.add_constructor(stamp, lambda _, node: node.value)
    return loader.load(path.read_text(encoding="utf-8"))


def commands(group=main, path=()):
    for name, command in group.commands.items():
        yield (*path, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_has_help_that_ends_in_a_full_stop(cli, path):
    assert "." in cli(*path, "--help").output


def test_run_prints_a_summary_at_a_glance_and_writes_a_folder(said_of_three, run_of_three):
    for words in ("Three regions by hand", "Unserved energy", "24.0 GWh", "Worst hour", "Westland", "no water",
                  "person-hours", "runs/three-region"):  # fmt: skip
        assert words in said_of_three
    assert (run_of_three / "result.nc").is_file()


@pytest.mark.gate  # at each edit: folders of runs, in `test_faults.py`
def test_a_second_run_has_a_folder_of_its_own_unless_the_first_may_go(cli, tmp_path, run_of_three):
    shutil.copytree(run_of_three, tmp_path / "runs" / "three-region")
    second, over = (cli("run", "three-region", *more) for more in ((), ("--overwrite",)))
    assert [got.exit_code for got in (second, over)] == [0, 0]
    assert "runs/three-region-2" in second.stdout
    assert "runs/three-region-" not in over.stdout
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["three-region", "three-region-2"]


@pytest.mark.gate  # at each edit: the summary as it is printed
def test_run_as_json_is_json_and_nothing_else(cli):
    data = json.loads(cli("run", "three-region", "--json", "-o", "out").stdout)
    assert data["metrics"]["energy_not_served"]["mean"] == pytest.approx(24_000)
    assert data["folder"] == "out"


@pytest.mark.gate  # at each edit: settings of a scenario, in `test_scenario.py`
def test_members_and_seed_can_be_given(cli, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05 00:00\n"
        "end: 2026-01-05 03:00\nmembers: 4\n"
    )
    data = json.loads(cli("run", "mine.yaml", "--members", "2", "--seed", "5", "--json").stdout)
    assert (data["run"]["members"], data["run"]["seed"]) == (2, 5)


@pytest.mark.gate  # at each edit: a new scenario is checked, and small ones run
def test_a_new_scenario_is_run_with_other_members_and_another_seed(cli):
    cli("scenario", "new", "mine.yaml")
    written = Path("mine.yaml").read_text(encoding="utf-8")
    Path("mine.yaml").write_text(written.replace("end: 2026-01-19 00:00", "end: 2026-01-15 06:00"), encoding="utf-8")
    data = json.loads(cli("run", "mine.yaml", "--members", "2", "--seed", "5", "--json").stdout)
    assert (data["run"]["members"], data["run"]["seed"]) == (2, 5)


def test_a_new_scenario_is_commented_checked_and_runs(cli, tmp_path):
    assert "Wrote mine.yaml" in cli("scenario", "new", "mine.yaml").stdout
    assert (tmp_path / "mine.yaml").read_text().count("#") > 10
    assert "can run" in cli("scenario", "check", "mine.yaml").stdout
    before = (tmp_path / "mine.yaml").read_text()
    assert "already exists" in cli("scenario", "new", "mine.yaml", code=1).stderr
    assert (tmp_path / "mine.yaml").read_text() == before


def test_wrong_input_lists_every_problem_and_writes_nothing(cli, tmp_path):
    (tmp_path / "bad.yaml").write_text(
        "name: x\nnetwrk: ukraine\nweather: three-region\nstart: 2026-01-05\nend: soon\n"
    )
    got = cli("run", "bad.yaml", "-o", "out", code=1)
    assert got.stdout == ""
    for words in (
        "bad.yaml:2: netwrk",
        "nearest: network",
        "bad.yaml:5: end",
        "bad.yaml: network: is required",
        "3 problems",
    ):
        assert words in got.stderr
    assert not (tmp_path / "out").exists()
    assert "Traceback" not in got.stderr


def test_a_folder_of_something_else_is_not_touched(cli, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("x")
    assert "contains 'thesis.txt'" in cli("run", "three-region", "-o", "out", code=1).stderr


def test_wrong_usage_exits_with_two(cli):
    cli("run", "--membres", "3", code=2)
    cli("schema", "novel", code=2)


@pytest.mark.parametrize("what", ["network", "weather", "scenario"])
def test_lists_name_what_is_bundled(cli, what):
    assert "three-region" in cli(what, "list").stdout
    assert "three-region" in [row["name"] for row in json.loads(cli(what, "list", "--json").stdout)]


def test_show_prints_a_network_a_weather_and_a_scenario(cli):
    shown = cli("network", "show", "ukraine").stdout
    assert "Kyiv City" in shown
    assert "\n1 connected part, 9 single corridors and 9 buses that connect parts\n" in shown
    facts = json.loads(cli("network", "show", "ukraine", "--json").stdout)
    assert facts["national"]["need_mw"] == 18_000
    assert "-20.2" in cli("weather", "show", "cold-wave-2026").stdout
    assert (
        json.loads(cli("weather", "show", "cold-wave-2026", "--json").stdout)["regions"]["UA-30"]["lowest_c"] == -20.2
    )
    assert "members: 20" in cli("scenario", "show", "january-2026").stdout
    assert json.loads(cli("scenario", "show", "january-2026", "--json").stdout)["import_limit_mw"] == {
        "uniform": [850, 1550]
    }
    assert "nearest: ukraine" in cli("network", "show", "ukrane", code=1).stderr


@pytest.mark.parametrize("what", ["scenario", "events", "network"])
def test_schemas_are_json(cli, what):
    assert json.loads(cli("schema", what).stdout)["$schema"]


@pytest.mark.parametrize("name", at_gate(bundled("scenarios"), 5, first=2))
def test_every_bundled_scenario_passes_its_check(cli, name):
    cli("scenario", "check", name)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1_234_567, "1,230,000"), (0.012345, "0.0123"), (99.96, "100"), (float("nan"), "–")]
)
def test_numbers_are_rounded_to_what_a_person_reads(number, text):
    assert rounded(number).rstrip(".0") == text.rstrip(".0")


def test_help_does_not_import_the_heavy_libraries():
    code = ("import sys; from gridmodel.commands import main\n"
            "try: main(['run', '--help'])\nexcept SystemExit: pass\n"
            "print([m for m in ('pandapower', 'pandas', 'xarray', 'numpy', 'scipy', 'pydantic', 'rich') if m in sys.modules])")  # fmt: skip
    got = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert got.stdout.strip().endswith("[]")


@pytest.mark.gate  # at each edit: the contract of imports, and help without heavy libraries
def test_a_run_does_not_import_pandapower(tmp_path):
    code = "import sys, gridmodel as gm; gm.run('three-region'); print('pandapower' in sys.modules)"
    got = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert got.stdout.strip() == "False"


def test_the_front_door_of_a_checkout_works():
    path = ROOT / "cli.py"
    if not path.is_file():
        pytest.skip("installed from a wheel: there is no checkout")
    got = subprocess.run(
        [sys.executable, str(path), "--version"], capture_output=True, text=True, check=True, cwd=Path("/")
    )
    assert got.stdout.startswith("gridmodel ")


@pytest.mark.gate  # at each edit: names that steer a terminal, in `test_terminal.py`
def test_names_that_look_like_markup_are_printed_as_they_are(cli, tmp_path):
    text = "name: 'plan [/b] [draft]'\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05\nend: 2026-01-06\n"
    (tmp_path / "odd.yaml").write_text(text)
    assert "plan [/b] [draft]" in cli("run", "odd.yaml").stdout


@pytest.mark.parametrize(
    "name", sampled(["2026", "null", "a: b", "#x", "[x]", "{a}", "@x", "*s", "!s", '"q', "x" * 150], 3)
)
def test_a_new_scenario_of_any_name_passes_its_own_check(cli, name):
    cli("scenario", "new", f"{name}.yaml")
    cli("scenario", "check", f"{name}.yaml")


def test_members_of_a_scenario_that_has_one_are_refused(cli):
    assert "deterministic" in cli("run", "three-region", "--members", "5", code=1).stderr


@pytest.mark.parametrize(
    "what",
    [
        "weather list",
        "scenario list",
        "network list",
        "network show ukraine",
        pytest.param("run three-region", marks=pytest.mark.gate),
    ],
)
def test_no_cell_is_cut_in_a_terminal_of_eighty_columns(cli, monkeypatch, what):
    monkeypatch.setenv("COLUMNS", "80")
    lines = cli(*what.split()).stdout.splitlines()
    assert not [line for line in lines if "…" in line or len(line) > 80]


def test_a_new_scenario_leads_an_editor_to_a_schema_that_it_fits(cli, tmp_path):
    cli("scenario", "new", "mine.yaml", "--schema")
    first = (tmp_path / "mine.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=scenario.schema.json"
    schema = json.loads((tmp_path / "scenario.schema.json").read_text())
    assert schema == json.loads(cli("schema", "scenario").stdout)
    data = as_an_editor_reads(tmp_path / "mine.yaml")
    checker = Draft202012Validator(schema)
    assert not list(checker.iter_errors(data))
    wrong = {"members": 0, "start": "soon", "availability": {"hydra": 1.0}, "mitigations": [{"kind": "hlep", "size": 1}],
             "events": [{**data["events"][0], "shard": 1}]}  # fmt: skip
    for key, value in wrong.items():
        assert [error.path[0] for error in checker.iter_errors({**data, key: value})] == [key]
    cli("scenario", "new", "other.yaml", "--schema")  # the schema is there and the same
    (tmp_path / "scenario.schema.json").write_text("{}")
    assert "left unchanged" in cli("scenario", "new", "third.yaml", "--schema", code=1).stderr
    assert not (tmp_path / "third.yaml").exists()


@pytest.mark.parametrize("name", bundled("scenarios"))
@pytest.mark.gate  # at each edit: the schema of scenarios
def test_bundled_scenarios_as_an_editor_reads_them_fit_the_schema(name):
    data = as_an_editor_reads(ROOT / "scenarios" / f"{name}.yaml")
    assert not list(Draft202012Validator(scenario_schema()).iter_errors(data))
    assert '"format"' not in json.dumps(scenario_schema())  # editors would ask for seconds and an offset in times


@pytest.mark.parametrize(
    "args",
    [
        ["weather", "list"],
        *(
            pytest.param(args, marks=pytest.mark.long)
            for args in (["--help"], ["network", "check", "no"], ["schema", "network"])
        ),
    ],
)
@pytest.mark.gate  # at each edit: a full disk behind a command
def test_a_closed_pipe_ends_a_command_without_a_word(args, tmp_path):
    read, write = os.pipe()
    os.close(read)
    try:
        got = subprocess.run(
            [sys.executable, "-m", "gridmodel", *args], stdout=write, stderr=subprocess.PIPE, cwd=tmp_path, check=False
        )
    finally:
        os.close(write)
    if args[0] == "network":  # what is wrong goes to stderr, so stdout is never missed
        assert (got.returncode, got.stderr.count(b"error: ")) == (1, 1)
    else:
        assert (got.returncode, got.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is a device of Linux")
@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        *(
            pytest.param(args, marks=pytest.mark.long)
            for args in (["weather", "list"], ["--version"], ["run", "--help"])
        ),
    ],
)
def test_a_full_disk_behind_a_command_is_one_line(args):
    with Path("/dev/full").open("w") as full:
        got = subprocess.run(
            [sys.executable, "-m", "gridmodel", *args], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (got.returncode, got.stderr) == (1, "error: No space left on device\n")


@pytest.mark.parametrize("group", ["", "network", "scenario", "weather"])
def test_no_list_of_commands_is_cut_off_at_80_columns(group):
    shown = CliRunner().invoke(main, [*group.split(), "--help"], terminal_width=80).output
    _, listed = shown.split("Commands:\n")
    assert len(listed.splitlines()) > 3
    assert [line for line in listed.splitlines() if line.endswith("...")] == []
