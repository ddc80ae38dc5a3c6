"""Your own country in a day: every script and command of the page, in its order."""

import re
import runpy

import pytest
from click.testing import CliRunner

from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

PAGE = ROOT / "docs" / "own-country.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")


def test_every_script_and_command_of_the_page_runs_in_order_and_the_model_beats_the_rule(tmp_path, monkeypatch, capsys):
    text = PAGE.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    scripts, ran = 0, []
    for kind, block in re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL):
        if kind == "python":
            scripts += 1
            (tmp_path / f"script{scripts}.py").write_text(block, encoding="utf-8")
            runpy.run_path(f"script{scripts}.py", run_name="__main__")
        elif kind == "yaml":
            (tmp_path / "mine.yaml").write_text(block, encoding="utf-8")
        else:
            for line in block.splitlines():
                got = CliRunner().invoke(main, line.split()[1:])
                assert got.exit_code == 0, (line, got.output)
                ran.append(line)
    assert scripts == 3
    assert len(ran) == 7
    said = capsys.readouterr().out
    model, rule = (float(found) for found in re.findall(r"error (\d+) MW", said))
    assert model < 0.8 * rule, said
