"""What a command writes never takes the place of what it reads, nor of a part of a run."""

import hashlib
import json
import shutil

import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.results.run_folder import write_run

OPTIONS = "name,kind,region,size,cost_eur,available_from,target\n"


@pytest.fixture
def here(tmp_path, monkeypatch, run_of_three):
    """Folder with a run, a scenario and options."""
    shutil.copytree(run_of_three, tmp_path / "run")
    (tmp_path / "s.yaml").write_text(
        "name: x\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05\nend: 2026-01-05 03:00\n"
        "deterministic: true\n"
    )
    (tmp_path / "options.csv").write_text(OPTIONS + "import,import,,50,10,,\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 1, done.output
    return done.output


def contents(folder):
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "words",
    [
        "export run csv -o run/result.nc",
        "export run/result.nc netcdf -o run/../run/result.nc",
        "quantiles run shed_mw -o run/result.nc",
        "report run -o run/result.nc",
        "report run -o run/manifest.json",
        "export run csv -o run/summary.csv",
        "plan s.yaml options.csv --html s.yaml",
        "plan s.yaml options.csv --html options.csv",
        "compare run other --html other/result.nc",
        "schedule run --ics run",
        "network plot grid.json -o grid.json",
    ],
)
def test_what_is_read_or_part_of_a_run_is_never_replaced(here, words):
    shutil.copytree(here / "run", here / "other")
    (here / "grid.json").write_text("{}")
    before = contents(here)
    assert any(said in refused(*words.split()) for said in ("choose another", "must end in"))
    assert contents(here) == before


def test_files_beside_a_run_and_its_page_are_replaced(here):
    for words in ("export run csv -o run.csv", "report run", "quantiles run shed_mw -o run/mine.nc"):
        for _ in range(2):
            assert CliRunner().invoke(main, words.split()).exit_code == 0


def test_a_folder_that_is_missing_is_told_before_anything_is_run(here, monkeypatch):
    monkeypatch.setattr("gridmodel.studies.mitigation.rank_mitigations", lambda *_, **__: pytest.fail("was run"))
    assert "no/x.html: cannot be written: its folder does not exist" in refused(
        "plan", "s.yaml", "options.csv", "--html", "no/x.html"
    )


def test_levels_of_quantiles_are_numbers_and_nothing_is_given_twice(here):
    said = refused(
        "quantiles", "run", "shed_mw", "shed_mw", "-o", "q.nc", "--level", "nan", "--level", "0.5", "--level", "0.5"
    )
    assert all(part in said for part in ("'nan' is not a level", "'shed_mw' is given twice", "'0.5' is given twice"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [('"gridmodel":', '"seconds_more": NaN, "gridmodel":', "NaN is not a number of JSON"),
     ('"gridmodel":', '"scenario": {}, "gridmodel":', "duplicate key 'scenario'")],
)  # fmt: skip
def test_a_manifest_that_is_not_json_or_says_a_thing_twice_is_refused(here, old, new, said):
    path = here / "run" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert f"run/manifest.json: is not JSON: {said}" in refused("report", "run")


def test_every_row_of_the_options_is_told_with_what_the_network_and_the_columns_say(here):
    rows = (
        "b,mobile_boiler,,20,1,,\nc,mobile_boiler,Nowhere,20,1,,\nd,import,,-4,1,,\ne,bla,,4,1,,\nf,import,,4,1,soon,\n"
    )
    (here / "options.csv").write_text(OPTIONS + rows)
    said = refused("plan", "s.yaml", "options.csv")
    told = [line.split(": ")[1] for line in said.splitlines() if line.startswith("error")]
    assert told == [f"options.csv:{row}" for row in (2, 3, 4, 5, 6)]


def test_measures_of_a_comparison_are_told_as_they_were_written(here):
    said = refused("compare", "s.yaml", "--with", "import:nan", "--with", "bla")
    assert "--with: 'import:nan'" in said
    assert "--with: 'bla'" in said
    assert "--with import:-3 size: '-3.0' must be greater than 0" in refused("compare", "s.yaml", "--with", "import:-3")


def test_events_in_files_are_compared_by_what_they_say_and_not_by_their_names(here, three):
    for folder, place, file in (("one", 1, "e.csv"), ("two", 2, "e.csv"), ("same", 1, "other.csv")):
        (here / folder).mkdir()
        (here / folder / file).write_text(
            f"time,target,kind,share,duration_h\n2026-01-05 01:00,TR-{place}/delivery,outage,0.5,2\n"
        )
        scenario = three(end="2026-01-05 04:00", events=str(here / folder / file))
        write_run(gm.run(scenario), scenario, here / f"run-{folder}", command=["gridmodel"], seconds={})
    runs = {folder: gm.run(three(end="2026-01-05 04:00", events=str(here / folder / file)))
            for folder, file in (("one", "e.csv"), ("two", "e.csv"), ("same", "other.csv"))}  # fmt: skip
    with pytest.raises(gm.InputError, match="ranks help"):
        gm.compare(runs["one"], runs["two"])
    assert (gm.compare(runs["one"], runs["same"])["difference"] == 0).all()
    del runs["two"].attrs["inputs"]
    with pytest.raises(gm.InputError, match="does not say its hash"):
        gm.compare(runs["one"], runs["two"])


def test_results_without_a_manifest_are_compared_by_what_they_say_themselves(here):
    for folder in ("alone", "again"):
        (here / folder).mkdir()
        shutil.copyfile(here / "run" / "result.nc", here / folder / "result.nc")
    done = CliRunner().invoke(main, ["compare", "run", "alone", "again", "--json"])
    assert done.exit_code == 0, done.output
    assert {row["difference"] for row in json.loads(done.stdout)["differences"]} == {0.0}
