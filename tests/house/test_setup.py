"""The gate, the hooks before a commit and the workflow of the code host run the same checks."""

import re
import tomllib
from importlib.machinery import PathFinder

import pytest
from _pytest.mark.expression import Expression
from ruamel.yaml import YAML

from gridmodel import arrays
from gridmodel.inputs.files import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the files stay in the checkout")


def yaml(*place):
    return YAML(typ="safe", pure=True).load(ROOT.joinpath(*place))


def commands_of(target):
    rule = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return [line.strip().replace("$(BIN)", ".venv/bin") for line in rule[1].splitlines()]


def test_hooks_before_a_commit_run_what_make_lint_runs_and_download_nothing():
    (local,) = yaml(".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"
    assert {hook["language"] for hook in local["hooks"]} == {"system"}
    assert [hook["entry"] for hook in local["hooks"]] == commands_of("lint")


def rules():
    """Return what each target of the Makefile waits for, and its commands."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.findall(r"^([\w./-]+(?: [\w./-]+)*):(?!=)(.*)\n((?:\t.*\n)*)", text, re.MULTILINE)
    made = {}
    for names, waits, commands in found:
        for name in names.split():
            if not waits.strip().startswith("export"):
                made[name] = (waits.split(), commands.replace("$(BIN)", ".venv/bin"))
    return made


@pytest.mark.parametrize(
    "target", ["check-cf", "check-files", "check-indices", "references", "bench", "lint", "release"]
)
def test_a_target_calls_only_programs_of_environments_that_it_installs_into(target):
    made, waiting, before = rules(), [target], ""
    while waiting:
        waits, commands = made.get(waiting.pop(), ([], ""))
        waiting += waits
        before += commands if waits or commands else ""
    called = set(re.findall(r"(\.venv[\w-]*)/bin/(?!pip)", made[target][1]))
    assert called
    for place in called:
        assert f"{place}/bin/pip install" in before, place
    runs_package = re.findall(r"(\.venv[\w-]*)/bin/python (?:-m validation|benchmarks/)", made[target][1])
    for place in runs_package:
        assert re.search(rf"{place}/bin/pip install.* -e ", before), place


def test_a_folder_named_numba_beside_a_script_is_not_the_library(tmp_path, monkeypatch):
    (tmp_path / "numba").mkdir()
    monkeypatch.setattr(arrays, "find_spec", lambda name: PathFinder.find_spec(name, [str(tmp_path)]))
    assert not arrays.available()


def selected(target, marks):
    """Return whether a target runs a test with some marks."""
    (line,) = commands_of(target)
    asked = re.search(r'-m "(.*)"', line)
    return not asked or Expression.compile(asked[1]).evaluate(lambda name, **_: name in marks)


@pytest.mark.parametrize("marks", [(), ("gate",), ("long",), ("gate", "long")], ids=" ".join)
def test_the_gate_runs_every_test_that_is_not_long_once_and_the_long_suite_all(marks):
    called = re.findall(r"^(?:\w+=\w+ )?make (test[\w-]*)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    assert called == ["test", "test-gate"]
    assert sum(selected(target, marks) for target in called) == ("long" not in marks)
    assert selected("test-long", marks)
    assert selected("test", marks) == (not marks)


def test_whoever_marks_a_test_for_the_gate_names_what_each_edit_tries_instead():
    for path in (ROOT / "tests").rglob("test_*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not line.startswith("@pytest.mark.gate") or "# at each edit: " in line, (path.name, line)


def test_the_workflow_runs_the_gate_on_every_supported_python_and_may_only_read():
    flow = yaml(".github", "workflows", "gate.yml")
    (job,) = flow["jobs"].values()
    assert flow["permissions"] == {"contents": "read"}
    assert ".ci/run" in [step.get("run") for step in job["steps"]]
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", action) for action in uses)
    first = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert first == ">=" + job["strategy"]["matrix"]["python"][0]


@pytest.mark.parametrize("name", ["bug", "data", "science"])
def test_each_issue_form_asks_for_something_and_names_its_fields_once(name):
    form = yaml(".github", "ISSUE_TEMPLATE", f"{name}.yml")
    assert {"name", "description", "body"} <= set(form)
    fields = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(fields) == len(set(fields))
    assert any(part.get("validations", {}).get("required") for part in form["body"])
    required = {"data": "licence", "science": "reference"}
    assert name not in required or required[name] in fields
