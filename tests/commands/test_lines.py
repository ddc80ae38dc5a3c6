"""Lines of a terminal of 80 columns: nothing is cut or broken within a number, no brackets within brackets, one case."""

import io
import re
from functools import cache

import pytest
from click.testing import CliRunner
from conftest import at_gate
from rich.console import Console

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.commands.common import wrapped
from gridmodel.commands.summary import print_summary
from gridmodel.errors import Problem
from gridmodel.output.languages import languages
from gridmodel.results.run_folder import write_run

WIDE = 80
SEVERAL = re.compile(
    r"\b(typical(ly)?|bad cases?|one member in twenty|median|members)\b|\bтипово|\bгірш|варіант(ів|и)|медіана"
)
"""Words that say something of several cases; expected values are none."""
LATE = {"kind": "fuel_truck", "region": "TR-1", "size": 2, "available_from": "2026-01-09 12:00"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Runs of the three regions: `one` of expected values, `two` of three members."""
    folder = tmp_path_factory.mktemp("lines")
    base = gm.load_scenario("three-region").replace(mitigations=[LATE])
    for name, asked in (("one", base), ("two", base.replace(deterministic=False, members=3))):
        with pytest.warns(UserWarning, match="is not before the end of the run"):
            result = gm.run(asked)
        write_run(result, asked, folder / name, command=["gridmodel"], seconds={})
    return folder


@pytest.fixture(scope="module")
def told(home):
    """What run, deadlines and schedule print of a run in a language, each asked once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(WIDE))
        yield cache(lambda run, lang: printed(home, run, lang))


def printed(home, run, lang):
    screen = Console(width=WIDE, record=True, force_terminal=False, highlight=False, markup=False, file=io.StringIO())
    with gm.open_run(home / run) as result:
        print_summary(result, home / run, screen=screen, lang=lang)
    calls = (["deadlines"], ["schedule"], ["schedule", "--region", "TR-1"])
    texts = [CliRunner().invoke(main, [first, str(home / run), *rest, "--lang", lang], catch_exceptions=False).stdout
             for first, *rest in calls]  # fmt: skip
    return [screen.export_text(), *texts]


@pytest.mark.parametrize("lang", at_gate(languages(), 2, first=1))
def test_nothing_is_cut_broken_or_bracketed_twice_in_80_columns(told, lang):
    for text in told("two", lang):
        assert "…" not in text
        assert max(len(line.rstrip()) for line in text.splitlines()) <= WIDE
        assert not re.search(r"\([^()]*\(", text)
        assert "Northland" in text  # no name of a region is broken into two lines


@pytest.mark.parametrize("lang", languages())
def test_a_run_of_expected_values_is_told_in_words_of_one_case(told, lang):
    for text in told("one", lang):
        assert not SEVERAL.findall(text)


def test_help_that_comes_after_the_end_of_a_run_is_said(told):
    line = " ".join(told("one", "en")[0].split())
    assert "Comes after the end of the run, so that it changes nothing: fuel_truck 2026-01-09 12:00" in line
    assert "після кінця розрахунку" in told("one", "uk")[0]


def test_lines_break_at_plain_spaces_and_not_before_a_percent_sign():
    assert wrapped("aaaa 310\u202f000 bb", 8) == "aaaa\n310\u202f000\nbb"
    assert wrapped("  aaaa 15 % bb", 8) == "  aaaa\n15 % bb"
    assert wrapped("aaaaaa 15 %", 10) == "aaaaaa\n15 %"  # 11 signs: what is glued counts
    assert wrapped("two  spaces\nnext", 80) == "two  spaces\nnext"


def test_a_hint_with_brackets_of_its_own_stands_behind_a_semicolon():
    assert str(Problem(message="is none", hint="nearest: UA-18 (Zhytomyr)")) == "is none; nearest: UA-18 (Zhytomyr)"
    assert str(Problem(message="is none", hint="nearest: UA-18")) == "is none (nearest: UA-18)"
