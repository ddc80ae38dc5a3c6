"""Every fenced block of every page is run by some test: here, or by the one that is named beside the page."""

import pathlib
import re
import shlex
import shutil

import guards
import pytest
from click.testing import CliRunner
from conftest import LONG
from pandapower import to_json
from pandapower.networks import case39
from ruamel.yaml import YAML

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the list of files is git's")

ELSEWHERE = {
    "README.md": (5, "house/test_readme_commands.py"),
    "docs/commands.md": (None, "house/test_docs.py"),
    "docs/contributing/backup-system.md": (1, "contributing/test_services.py"),
    "docs/contributing/country.md": (12, "network/test_country_page.py"),
    "docs/contributing/event-kind.md": (2, "events/test_new_kind.py"),
    "docs/contributing/language.md": (2, "output/test_languages.py"),
    "docs/contributing/network-format.md": (2, "interchange/test_network_format_page.py"),
    "docs/contributing/service.md": (4, "contributing/test_services.py"),
    "docs/contributing/weather-format.md": (2, "weather/test_weather_formats.py"),
    "docs/electricity.md": (4, "house/test_docs.py"),
    "docs/own-country.md": (10, "network/test_own_country_page.py"),
    "docs/python.md": (7, "simulation/test_in_python.py"),
    "docs/start/engineer.md": (8, "house/test_start_pages.py"),
    "docs/start/planner.md": (5, "house/test_start_pages.py"),
    "docs/start/researcher.md": (3, "house/test_start_pages.py"),
    "docs/uk/planner.md": (6, "house/test_start_pages.py"),
    "docs/uncertainty.md": (2, "house/test_docs.py"),
}
"""Pages whose blocks a test of their own runs: number of blocks (None: the page is made from the code), and the test."""
HERE = (
    "docs/any-network.md", "docs/conditioning.md", "docs/events.md", "docs/files.md", "docs/index.md", "docs/planning.md",
    "docs/report.md", "docs/schedule.md", "docs/sweeps.md", "docs/weather.md", "scenarios/waves/README.md", "weather/README.md",
)  # fmt: skip
NOT_RUN = {
    "make run": "the gate sets up, and runs the tests",
    "git config diff.gridmodel": "interchange/test_network_diff.py sets the same driver",
    "# yaml-language-server": "a comment, which `scenario new --schema` writes",
    "Weighted person-hours": "made by docs/planning.py",
    "machine-1$": "a cluster of several machines; studies/test_sweep_cluster.py has one of processes",
    "from dask_jobqueue": "a cluster with a queue",
    "distributed:": "settings of Dask: house/test_docs.py",
    "python weather/reconstruct.py": "house/test_data.py runs it with --check",
    "T_i(t) =": "a formula",
}
"""Blocks that are not run here, by their beginning, and why."""
SMALL = (
    (r"(?<!runs/)\b(january-2026|next-cold-spell)\b(?!\.zarr)", "three-region"), (r"(?<!ukraine )UA-30\b", "TR-1"), (r"(?<=region: )(Житомирська|Zhytomyr)", "TR-1"), ("2026-01-20", "2026-01-06"),
    ("2026-01-18 00:00", "2026-01-05 06:00"), ("2026-01-18T0000", "2026-01-05T0600"), ("2026-01-2[29] 00:00", "2026-01-06 00:00"),
    ("2026-01-12 00:00", "2026-01-05 12:00"),
)  # fmt: skip
"""The three regions in place of the country, for all but the long tests."""
ONLY_LONG = re.compile(
    r"^gridmodel (brief|condition|forecast-log|sweep|quantiles|sensitivity|plan)\b|spell|calm\.yaml|tuesday|openmeteo|day-five|Zhytomyr"
    r"|gm\.condition"
)
"""What needs the country, or minutes."""


def small(text):
    for there, here in SMALL:
        text = text if LONG else re.sub(there, here, text)
    return text


def invoke(line):
    words = shlex.split(line, comments=True)
    out = None
    if ">" in words:
        out, words = words[-1], words[: words.index(">")]
    posterior = words[1] == "plan" and words[2].startswith("runs/")  # it has members of its own
    if words[1] in {"run", "brief", "plan"} and "--members" not in words and not posterior:
        words += ["--members", "2"] if LONG or words[1] != "run" else []
    least = "10" if words[1] == "condition" else "2"
    words = [(least if before == "--members" else word) for before, word in zip(["", *words], words, strict=False)]
    got = CliRunner().invoke(main, words[1:])
    # two members are too few to rank unknowns by: `commands/test_sweep_commands.py` has enough
    few = words[1] == "sensitivity" and "has 2 members; at least 50 are needed" in got.output
    assert got.exit_code == (1 if few else 0), (line, got.output)
    if out:
        with pathlib.Path(out).open("w", encoding="utf-8") as file:
            file.write(got.stdout)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, request):
    """Folder of a reader who has made the runs and files that pages name."""
    place = tmp_path_factory.mktemp("desk")
    made = request.getfixturevalue("run_of_three") if not LONG else place / "first"
    if LONG:
        assert CliRunner().invoke(main, ["run", "january-2026", "--members", "2", "-o", str(made)]).exit_code == 0
    for name in ("january-2026", "calm", "warm"):
        shutil.copytree(made, place / "runs" / name)
    shutil.copytree(
        ROOT / "docs", place / "docs", ignore=lambda _, names: [name for name in names if not name.endswith(".csv")]
    )
    shutil.copy(ROOT / "docs" / "forecast.csv", place / "tuesday.csv")
    shutil.copy(ROOT / "docs" / "forecast.csv", place / "openmeteo.json")
    net = place / "case39.m"
    gm.convert_network("three-region", net)
    areas = re.sub(
        r"^(\t[12] \S+ \S+ \S+ \S+ \S+) 1 ", r"\1 2 ", net.read_text(encoding="utf-8"), count=2, flags=re.MULTILINE
    )
    (place / "case_ACTIVSg2000.m").write_text(areas, encoding="utf-8")
    gm.convert_network("three-region", place / "grid.nc")
    to_json(case39(), str(place / "case.json"))
    gm.convert_network("three-region", place / "net.json")
    (place / "districts.csv").write_text("bus,region\n0,WEST\n1,EAST\n2,EAST\n3,EAST\n", encoding="utf-8")
    short = "weather: three-region\ntimezone: UTC\nstart: 2026-01-05 00:00\nend: 2026-01-05 06:00\n"
    (place / "cold.yaml").write_text(f"name: cold\nnetwork: grid.nc\n{short}", encoding="utf-8")
    gm.load_scenario(small("january-2026")).replace(import_limit_mw=100).save(place / "colder.yaml")
    gm.load_scenario("next-cold-spell").replace(events=[]).save(place / "calm.yaml")
    options = re.findall(r"```csv\n(.*?)```", (ROOT / "docs" / "planning.md").read_text(encoding="utf-8"), re.DOTALL)
    (place / "options.csv").write_text(small(options[0]), encoding="utf-8")
    reports = (ROOT / "docs" / "day-five.csv").read_text(encoding="utf-8")
    later = re.sub(r"2026-01-(\d\d)", lambda found: f"2026-01-{int(found[1]) + 5}", reports)
    (place / "later.csv").write_text(later, encoding="utf-8")
    return place


@pytest.mark.gate  # at each edit: names of commands, options and settings on pages, in `test_pages.py`
@pytest.mark.parametrize("page", HERE)
def test_the_blocks_of_the_page_run_in_their_order(page, desk, monkeypatch):
    monkeypatch.chdir(desk)
    names = {"gm": gm}
    for language, block in [found[1:] for found in guards.FENCE.findall((ROOT / page).read_text(encoding="utf-8"))]:
        if any(block.startswith(start) for start in NOT_RUN):
            continue
        lines = [small(line) for line in block.replace("\\\n", " ").splitlines() if line.strip()]
        kept = [new for new, old in zip(lines, block.replace("\\\n", " ").splitlines(), strict=False)
                if LONG or not ONLY_LONG.search(old)]  # fmt: skip
        if language == "python" and len(kept) == len(lines):
            exec("\n".join(lines), names)  # noqa: S102
        elif language == "yaml" and block.startswith(("# sweep", "samples:")):
            (desk / "sweep.yaml").write_text(block, encoding="utf-8")  # house/test_docs.py reads each
        elif language == "yaml" and page != "docs/events.md":  # whose rows events/test_waves.py reads
            changes = YAML(typ="safe", pure=True).load(small(block))
            gm.load_scenario(small("january-2026")).replace(**changes, **({"members": 2} if LONG else {})).save(
                desk / "page.yaml", overwrite=True
            )
            assert [problem for problem in gm.check_scenario(desk / "page.yaml") if problem.severity == "error"] == []
        elif language == "csv" or block.startswith("time,"):
            _table(page, block)
        elif language not in {"yaml", "python"}:
            assert all(line.startswith("gridmodel ") for line in lines), block
            for line in kept:
                invoke(line)


def _table(page, block):
    """Read a table of events; that of options is read by the command of its page."""
    if page != "docs/events.md":
        assert block.startswith("name,kind,"), block
        return
    with pathlib.Path("rows.csv").open("w", encoding="utf-8") as file:
        file.write(block)
    gm.load_scenario("winter-2025-26").replace(events="rows.csv").save("page.yaml", overwrite=True)
    assert [problem for problem in gm.check_scenario("page.yaml") if problem.severity == "error"] == []


def test_no_page_has_a_block_that_no_test_runs():
    told = {}
    for path in guards.tracked_files():
        page = path.relative_to(ROOT).as_posix()
        if path.suffix != ".md" or page.startswith(("tests/", ".github/")):
            continue
        count = len(guards.FENCE.findall(path.read_text(encoding="utf-8")))
        if count and page not in HERE and (page not in ELSEWHERE or ELSEWHERE[page][0] not in {None, count}):
            told[page] = count
    assert told == {}, "run the blocks in a test, and say here which"


@pytest.mark.parametrize("page", ELSEWHERE)
def test_the_test_that_is_named_reads_the_page(page):
    test = (ROOT / "tests" / ELSEWHERE[page][1]).read_text(encoding="utf-8")
    name = page.rpartition("/")[2].removesuffix(".md")
    assert re.search(rf"\b{re.escape(name)}\b", test), page
    assert "test_sweep_cluster" not in "".join(NOT_RUN.values()) or list(
        (ROOT / "tests").rglob("test_sweep_cluster.py")
    )
