"""Rules for the pages: their links lead somewhere, and what they name exists."""

import re

import click
import guards
import pytest

from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the list of files is git's")
NAMES = (guards.unknown_commands, guards.unknown_names, guards.unknown_words)


@pytest.fixture(scope="module")
def pages():
    return {path: path.read_text(encoding="utf-8") for path in guards.tracked_files() if path.suffix == ".md"}


def worked_example(path):
    """True for a page that adds a thing which does not exist yet; a test of its own runs what the page says."""
    return path.parent.name == "contributing" and path.name != "README.md"


def about_gridmodel(pages):
    return {path: text for path, text in pages.items() if "tests" not in path.relative_to(ROOT).parts}


def test_every_relative_link_of_every_page_leads_to_a_file_and_a_heading(pages):
    found = {str(path.relative_to(ROOT)): dead for path, text in pages.items()
             if (dead := guards.dead_links(path, text))}  # fmt: skip
    assert not found


def test_following_links_from_the_readme_reaches_every_page(pages):
    known = {path: text for path, text in about_gridmodel(pages).items() if ".github" not in path.parts}
    assert not guards.unreachable(ROOT / "README.md", known)


@pytest.mark.parametrize("guard", NAMES, ids=lambda guard: guard.__name__)
def test_every_command_name_and_setting_that_a_page_names_exists(pages, guard):
    found = {str(path.relative_to(ROOT)): problems for path, text in about_gridmodel(pages).items()
             if (guard is guards.unknown_commands or not worked_example(path)) and (problems := guard(text))}  # fmt: skip
    assert not found


@pytest.mark.parametrize(
    ("page", "problems"),
    [
        ("[here](other.md) [there](other.md#a-heading) ![picture](a.svg) [up](#top-of-it)\n\n# Top of it\n", []),
        ("[gone](gone.md)", ["gone.md: there is no such file"]),
        ("[![picture](gone.svg)](other.md)", ["gone.svg: there is no such file"]),
        ("see [one].\n\n[one]: gone.md", ["gone.md: there is no such file"]),
        ('<img src="gone.png" width="9">', ["gone.png: there is no such file"]),
        ("[there](other.md#no-heading)", ["other.md#no-heading: that page has no such heading"]),
        ("[here](#no-heading)", ["#no-heading: that page has no such heading"]),
        ("`[not](a-link.md)`\n\n```\n[nor](this.md)\n```\n[web](https://example.org/x.md)", []),
    ],
)
def test_planted_dead_links_are_seen(tmp_path, page, problems):
    (tmp_path / "other.md").write_text("# A heading\n", encoding="utf-8")
    (tmp_path / "a.svg").touch()
    assert guards.dead_links(tmp_path / "page.md", page) == problems


def test_a_planted_page_that_nothing_links_to_is_seen(tmp_path):
    start, linked, alone = (tmp_path / name for name in ("README.md", "linked.md", "alone.md"))
    assert guards.unreachable(start, {start: "[a](linked.md)", linked: "", alone: "[a](linked.md)"}) == [alone]


@pytest.mark.parametrize(
    ("guard", "text", "told"),
    [
        (guards.unknown_commands, "```\ngridmodel runn x\n```", "there is no command runn"),
        (guards.unknown_commands, "`gridmodel network chek mine`", "there is no command chek"),
        (guards.unknown_commands, "`gridmodel weather check|convrt`", "there is no command convrt"),
        (guards.unknown_commands, "```\ngridmodel run x \\\n   --membres 5\n```", "run has no option --membres"),
        (guards.unknown_commands, "`gridmodel report RUN --ac-check`", "report has no option --ac-check"),
        (guards.unknown_commands, "`run --wach`", "run has no option --wach"),
        (guards.unknown_commands, "use `--wach`", "no command has --wach"),
        (guards.unknown_names, "`gm.deadline(result)`", "gm.deadline does not exist"),
        (guards.unknown_names, "```python\ngm.weather.read_all()\n```", "gm.weather.read_all does not exist"),
        (guards.unknown_names, "`gridmodel.studies.none_such`", "gridmodel.studies.none_such does not exist"),
        (guards.unknown_names, "`gm.design_cold_spell(return_years=)`", "gm.design_cold_spell takes no return_years"),
        (guards.unknown_words, "`heat_source_mwh`", "`heat_source_mwh` is not a name"),
        (guards.unknown_words, "the setting `demand_mw`", "`demand_mw` is not a setting"),
        (guards.unknown_words, "| setting | x |\n|---|---|\n| `membres` | y |", "`membres` is not a setting"),
        (guards.unknown_words, "| x | variable |\n|---|---|\n| y | `members` |", "`members` is not a variable"),
        (guards.unknown_words, "with `cascades: full`", "`cascades:` is not a key"),
        (guards.unknown_words, "```yaml\nmembres: 5\n```", "`membres:` is not a key"),
    ],
)
def test_a_planted_name_that_does_not_exist_is_seen(guard, text, told):
    (problem,) = guard(text)
    assert told in problem


@pytest.mark.parametrize(
    "text",
    [
        "```\n$ gridmodel run mine.yaml --json | head -5 --lines  # --nothing\n```",
        "`gridmodel run --from runs/x/manifest.json`, `gridmodel --version`, `gridmodel weather check|convert --help`",
        "`git diff --no-ext-diff`, `pip install 'gridmodel[sweep]'`, `--fill linear`, `compare --with`",
        "`gm.design_cold_spell(return_period_years=)`, `gm.schedule`, `gm.plot.network`, `gridmodel.yaml`",
        "the setting `members`, `demand_mw`, `p_max_mw`, `recharge: surplus`, `t2m`, `xclim_indices.py`",
    ],
)
def test_names_that_exist_and_those_of_other_programs_raise_no_alarm(text):
    assert [problem for guard in NAMES for problem in guard(text)] == []


@pytest.fixture(scope="module")
def site():
    return (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_the_site_names_every_page_of_docs_in_its_navigation(pages, site):
    """`make docs` refuses a page that it does not name; here the tests say so too."""
    named = set(re.findall(r"[\w/.-]+\.md", site.partition("\nnav:\n")[2]))
    ours = {path.relative_to(ROOT / "docs").as_posix() for path in pages if path.is_relative_to(ROOT / "docs")}
    assert ours <= named


def test_the_site_fetches_nothing_and_its_search_works_from_a_folder(site):
    """The theme would fetch the script by which a search works without a server, unless the site has one of that name."""
    assert not re.search(r"https?://", site)
    (script,) = re.findall(r"polyfills: \[(site/[\w-]*iframe-worker[\w-]*\.js)\]", site)
    text = (ROOT / "docs" / script).read_text(encoding="utf-8")
    assert "window.Worker = window.IFrameWorker" in text
    assert "http" not in text


def test_every_command_that_the_help_of_another_names_exists():
    problems, waiting = [], [main]
    while waiting:
        command = waiting.pop()
        text = " ".join((command.help or "").split())
        problems += guards.unknown_commands(
            " ".join(f"`{found}`" for found in re.findall(r"[`\"](gridmodel [^`\"]+)[`\"]", text))
        )
        waiting += command.commands.values() if isinstance(command, click.Group) else []
    assert problems == []


def test_the_help_of_plot_names_every_kind_of_picture():
    words = set(re.findall(r"\w+", main.commands["plot"].help))
    assert set(main.commands["plot"].params[1].type.choices) <= words
