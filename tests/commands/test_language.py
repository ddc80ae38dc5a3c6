"""What commands print in another language, and that every message of a command has a translation."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import at_gate

import gridmodel.commands
from gridmodel.commands import main
from gridmodel.output.languages import FOLDER

HERE = Path(gridmodel.commands.__file__).parent
BOOK = json.loads((FOLDER / "terminal" / "uk.json").read_text(encoding="utf-8"))


def cli(*args):
    got = CliRunner().invoke(main, list(map(str, args)), catch_exceptions=False, env={"COLUMNS": "160"})
    assert got.exit_code == 0, got.output
    return got.stdout


@pytest.mark.parametrize("command", at_gate(["deadlines", "schedule"], 2))
def test_tables_are_printed_in_ukrainian(run_of_three, command):
    text = cli(command, run_of_three, "--lang", "uk")
    assert re.search(r"[а-яіїєґ]{5}", text)
    assert not re.search(r"\b(the|of|in|members|people|hours)\b", text)
    assert cli(command, run_of_three) != text


@pytest.mark.gate  # at each edit: tables in Ukrainian
def test_a_run_is_summed_up_in_ukrainian_and_in_english_as_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = cli("run", "three-region", "-o", "a", "--lang", "uk")
    assert "Бракує електроенергії" in text
    assert "Люди без кожної послуги на її піку" in text
    assert "Unserved energy" in cli("run", "three-region", "-o", "b")


@pytest.mark.parametrize("command", [pytest.param("run", marks=pytest.mark.gate), "deadlines", "schedule"])
def test_numbers_are_written_with_a_decimal_comma_in_ukrainian(run_of_three, command, tmp_path):
    given = ("three-region", "-o", tmp_path / "a") if command == "run" else (run_of_three,)
    text = cli(command, *given, "--lang", "uk")
    body = re.sub(r"\S*/\S*|UA-\d+|\d+\.\d\.\d", "", text)
    assert not re.findall(r"\d\.\d|[1-9]\d*,\d{3}\b", body)
    if command != "deadlines":
        assert re.search(r"\d,\d", body)


def test_every_message_has_a_translation_with_the_same_blanks():
    said = set()
    for file in ("brief.py", "deadlines.py", "schedule.py", "summary.py", "watch.py"):
        text = (HERE / file).read_text(encoding="utf-8")
        said |= set(re.findall(r'say\(\s*"((?:[^"\\]|\\.)*)"', text))
    assert len(said) > 20
    assert said - set(BOOK) == set()
    for english, other in BOOK.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", other)), english
