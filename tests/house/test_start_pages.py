"""The pages that a newcomer begins with: every command, file and script of them, in their order."""

import re
import runpy
import shlex

import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

DOCS = ROOT / "docs"
pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="pages stay in the checkout")


@pytest.mark.parametrize(("page", "commands", "scripts"), [
    ("start/engineer", 10, 3), ("start/researcher", 0, 3), pytest.param("start/planner", 5, 0, marks=pytest.mark.long),
    pytest.param("uk/planner", 7, 0, marks=pytest.mark.long),
])  # fmt: skip
@pytest.mark.gate  # at each edit: names on pages, in `test_pages.py`
def test_every_command_and_script_of_the_page_runs_in_order(page, commands, scripts, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ran = []
    for kind, block in re.findall(r"```(\w*)\n(.*?)```", (DOCS / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL):
        if kind == "python":
            (tmp_path / "script.py").write_text(block, encoding="utf-8")
            runpy.run_path("script.py", run_name="__main__")
            ran.append(kind)
        elif kind == "csv":
            (tmp_path / "options.csv").write_text(block, encoding="utf-8")
        elif kind == "yaml":
            (tmp_path / "cold.yaml").write_text(block, encoding="utf-8")
        else:
            ran += [_run(line) for line in block.splitlines() if line != "make run"]
    assert (len(ran) - ran.count("python"), ran.count("python")) == (commands, scripts)
    assert capsys.readouterr().out or not scripts


def _run(line):
    """Run a command as the page has it, with two members, the fewest that show a range."""
    given = shlex.split(re.sub(r"--members \d+", "--members 2", line))[1:]
    got = CliRunner().invoke(main, given)
    assert got.exit_code == 0, (line, got.output)
    return line


def test_the_page_of_python_has_every_public_name_and_no_other():
    text = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^::: gridmodel\.(\w+)$", text, re.MULTILINE))
    assert named == set(gm.__all__) - {"__version__"}
    for module, names in re.findall(
        r"^::: gridmodel\.(\w+)\n    options: \{ members: \[(.*)\] \}$", text, re.MULTILINE
    ):
        for name in names.split(", "):
            assert hasattr(getattr(gm, module), name), f"gm.{module}.{name}"
