"""Your own country in a day: every script and command of the page, in its order."""

import re
import runpy

import pytest
from click.testing import CliRunner

from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

PAGE = ROOT / "docs" / "own-country.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")


@pytest.mark.gate  # at each edit: the country of `test_country_page.py`
def test_every_script_and_command_of_the_page_runs_in_order_and_the_model_beats_the_rule(tmp_path, monkeypatch, capsys):
    text = PAGE.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    saved, ran = [], []
    for found in re.finditer(r"```(\w*)\n(.*?)```", text, re.DOTALL):
        kind, block = found.groups()
        if kind in {"python", "yaml"}:  # saved under the last name before it, and not run by that
            saved.append(re.findall(r"`(\w+\.(?:py|yaml))`", text[: found.start()])[-1])
            (tmp_path / saved[-1]).write_text(block, encoding="utf-8")
            continue
        for line in block.splitlines():
            program, *words = line.split()
            if program == "python":
                runpy.run_path(words[0], run_name="__main__")
            else:
                assert program == "gridmodel"
                got = CliRunner().invoke(main, words)
                assert got.exit_code == 0, (line, got.output)
            ran.append(line)
    assert saved == ["facts.py", "derive.py", "mine.yaml", "compare.py"]
    assert [line for line in ran if line.startswith("python")] == [
        "python facts.py",
        "python derive.py",
        "python compare.py",
    ]
    assert len(ran) == 10
    said = capsys.readouterr().out
    model, rule = (float(found) for found in re.findall(r"error (\d+) MW", said))
    assert model < 0.8 * rule, said
