"""A store says how a sweep differs from the one that began it, and does not say where files were."""

import shutil

import pytest
from click.testing import CliRunner
from conftest import sampled

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import InputError
from gridmodel.inputs.files import ROOT
from gridmodel.studies.sweep import engine, run_sweep
from gridmodel.studies.sweep.changes import check_changes

KEEP = ["shed_mw"]


@pytest.fixture
def base():
    return gm.load_scenario("three-region").replace(end="2026-01-05 01:00", events=[])


def differences(base, target, changes):
    with pytest.raises(InputError) as caught:
        run_sweep(base, check_changes(base, changes), target, keep=KEEP, resume=True)
    return [(problem.field, problem.message) for problem in caught.value.problems]


@pytest.mark.gate  # at each edit: a store of another sweep, in `test_sweeps.py`
def test_another_grid_is_told_by_what_differs(base, tmp_path):
    many = list(range(100, 200))
    grid = {"import_limit_mw": many, "seed": [1]}
    target = tmp_path / "s.zarr"
    with pytest.MonkeyPatch.context() as patch:  # what was begun counts, not what was done
        patch.setattr("gridmodel.studies.sweep.api.run_units", lambda *_: None)
        run_sweep(base, check_changes(base, grid), target, keep=KEEP)
    name = "changes grid import_limit_mw"
    assert differences(base, target, grid | {"import_limit_mw": [*many[:50], 777, *many[51:]]}) == [
        (f"{name} 51", "was begun with 150, not 777")
    ]
    assert differences(base, target, grid | {"import_limit_mw": [*many, 300, 400]}) == [
        (name, "was begun with nothing more, not 300, 400")
    ]
    assert differences(base, target, grid | {"import_limit_mw": [*reversed(many)]}) == [
        (f"{name} 1", "was begun with 100, not 199")
    ]
    assert differences(base, target, {"import_limit_mw": many, "seed": [1, 2], "heat_battery_h": [3]}) == [
        ("changes grid heat_battery_h", "was begun with none, not [3]"),
        ("changes grid seed", "was begun with [1], not [1, 2]"),
    ]
    ((field, message),) = differences(base, target, {"seed": [1], "import_limit_mw": many})
    assert field == "changes"
    assert message.startswith('was begun with {"grid": [["import_limit_mw"')
    assert differences(base.replace(feeder_limits=False), target, grid) == [
        ("scenario feeder_limits", "was begun with true, not false")
    ]


def test_a_row_of_a_long_list_is_told_by_its_number(base, tmp_path):
    rows = [{"time": f"2026-01-05 00:{minute:02}", "target": "TR-1/nuclear", "kind": "outage", "share": 0.01} for minute in range(30)]  # fmt: skip
    mine = base.replace(events=rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gridmodel.studies.sweep.api.run_units", lambda *_: None)
        run_sweep(mine, check_changes(mine, {"seed": [1]}), tmp_path / "s.zarr", keep=KEEP)
    other = base.replace(events=[*rows[:7], rows[7] | {"share": 0.02}, *rows[8:]])
    assert differences(other, tmp_path / "s.zarr", {"seed": [1]}) == [
        ("scenario events 8 share", "was begun with 0.01, not 0.02")
    ]


SCENARIO = """\
name: mine
network: {network}
weather: {weather}
timezone: UTC
start: 2026-01-05 00:00
end: 2026-01-05 02:00
members: 2
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of somebody's own files, named once by their paths and once as they lie beside the scenario."""
    where = tmp_path / "home-of-anna" / "work"
    shutil.copytree(ROOT / "networks" / "three-region", where / "net")
    for name in ("cold", "mild"):
        (where / name).mkdir()
        shutil.copyfile(ROOT / "weather" / "three-region.csv", where / name / "w.csv")
    (where / "paths.yaml").write_text(SCENARIO.format(network=where / "net", weather=where / "cold" / "w.csv"))
    (where / "beside.yaml").write_text(SCENARIO.format(network="net", weather="cold/w.csv"))
    monkeypatch.chdir(where)
    return where


def call(*words):
    got = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    assert got.exit_code == 0, got.output


def told(folder):
    """Files that say where something was on the computer that made them."""
    paths = [folder] if folder.is_file() else [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in paths if b"home-of-anna" in path.read_bytes()]


@pytest.mark.parametrize("name", sampled(["paths", "beside"], 2))
@pytest.mark.gate  # at each edit: a run says no path of this machine, in `test_received_run.py`
def test_nothing_that_is_handed_on_says_where_files_were(place, name, monkeypatch):
    connected = engine.connected  # workers are threads of this process here: those of others are tested beside
    monkeypatch.setattr("gridmodel.studies.sweep.api.connected", lambda _, scheduler: connected(None, scheduler))
    monkeypatch.setattr("sys.argv", ["gridmodel", "run", f"{place}/{name}.yaml", f"--output={place}/run"])
    call("run", place / f"{name}.yaml", f"--output={place}/run")
    call("report", "run", "-o", "page.html")
    call("export", "run", "netcdf", "-o", "out.nc")
    call("export", "run", "geojson", "-o", "out.geojson")
    call("quantiles", "run", "shed_mw", "-o", "q.nc")
    shutil.copytree("run", "other")
    call("compare", "run", "other", "--html", "two.html")
    call("sweep", f"{name}.yaml", "-o", "store")
    call("quantiles", "store", "shed_mw", "-o", "qs.nc")
    for made in ("run", "page.html", "out.nc", "out.geojson", "q.nc", "two.html", "store", "qs.nc"):
        assert told(place / made) == []
    call("run", "--from", "run", "-o", "again")
    assert (place / "again" / "result.nc").read_bytes() == (place / "run" / "result.nc").read_bytes()
    shutil.rmtree(place / "store" / "shed_mw")
    call("sweep", f"{name}.yaml", "-o", "store", "--resume")


@pytest.mark.gate  # at each edit: another grid is told by what differs
def test_files_of_the_same_name_are_told_apart_without_their_folders(place, monkeypatch):
    files = [str(place / "cold" / "w.csv"), str(place / "mild" / "w.csv")]
    base = gm.load_scenario(place / "paths.yaml")
    whole = engine.simulate

    def breaks(made, **options):
        if "mild" in str(made.scenario.weather):
            raise FileNotFoundError(2, "No such file or directory", str(place / "mild" / "x.csv"))
        return whole(made, **options)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "simulate", breaks)
        report = run_sweep(base, check_changes(base, {"weather": files}), place / "store", keep=KEEP)
    assert (report.done, len(report.failed)) == (1, 1)
    assert told(place / "store") == []
    found = gm.sweep(base, {"weather": files}, store=place / "store", keep=KEEP, resume=True)
    assert found["weather"].to_numpy().tolist() == ["cold/w.csv", "mild/w.csv"]
    assert told(place / "store") == []
    (place / "cold" / "w.csv").write_text((place / "cold" / "w.csv").read_text().replace("-10.00", "-11.00", 1))
    with pytest.raises(InputError, match="was made with other inputs"):
        run_sweep(base, check_changes(base, {"weather": files}), place / "store", keep=KEEP, resume=True)


SWEEPS = {
    "a grid and a file": (
        "scenario: three-region\ngrid: {weather: [nothere.csv, three-region], sede: [1]}\n",
        ["x.yaml:2: grid.sede: is not a setting", "x.yaml:2: grid.weather: 'nothere.csv' is neither"],
    ),
    "two files of a grid": (
        "scenario: three-region\ngrid:\n  weather: [nothere.csv, neither.csv]\n",
        ["x.yaml:3: grid.weather: 'nothere.csv' is neither", "x.yaml:3: grid.weather: 'neither.csv' is neither"],
    ),
    "a setting and a file": (
        "scenario: three-region\nset:\n  timetable: nothere.csv\n  sede: 1\n",
        ["x.yaml:4: set.sede: is not a setting", "x.yaml:3: set.timetable: 'nothere.csv' does not exist"],
    ),
    "files alone": (
        "scenario: three-region\nset:\n  timetable: nothere.csv\n  weather: none.csv\n",
        ["x.yaml:3: set.timetable: 'nothere.csv' does not exist", "x.yaml:4: set.weather: 'none.csv' is neither"],
    ),
    "variants": (
        "scenario: three-region\nset: {start: soon}\nvariants:\n  - {import_limit_mw: 5}\n  - {import_limit_mw: -5}\n  - {weather: no.csv}\n",
        ["x.yaml:2: set.start: 'soon' is not", "x.yaml:5: variants.1.import_limit_mw: '-5'", "x.yaml:6: variants.2.weather: 'no.csv' is neither"],
    ),
    "samples": (
        "scenario: three-region\nsamples:\n  count: 0\n  settings:\n    import_limit_mw: {uniform: [3]}\n    events: {uniform: [1, 2]}\n",
        ["x.yaml:3: samples.count:", "x.yaml:5: samples.settings.import_limit_mw: uniform takes", "x.yaml:6: samples.settings.events: says what"],
    ),
    "rows": (
        "scenario: three-region\nset:\n  events:\n    - {time: 2026-01-05 01:00, target: TR-1/nuclear, kind: outrage}\ngrid: {seed: [x]}\n",
        ["x.yaml:4: set.events.0.kind: 'outrage' is not", "x.yaml:5: grid.seed: 'x' must be"],
    ),
    "everywhere": (
        "scenario: nowhere.yaml\nset: {membrs: 3, seed: x, timetable: nothere.csv}\ngrid:\n  weather: [nothere.csv]\n  events: [1]\nkeep: [shed_mww, 5]\nextra: 1\n",
        [
            "x.yaml:6: keep.1: must be", "x.yaml:7: extra: is not a field", "scenario: 'nowhere.yaml' is neither", "x.yaml:2: set.membrs: is not", "x.yaml:2: set.seed: 'x' must be",
            "x.yaml:2: set.timetable: 'nothere.csv' does", "x.yaml:4: grid.weather: 'nothere.csv' is", "x.yaml:5: grid.events: says", "x.yaml:6: keep: 'shed_mww' is not a variable",
        ],
    ),
}  # fmt: skip
"""Sweep files with mistakes, and the beginning of each sentence about them."""


@pytest.mark.parametrize("name", SWEEPS)
def test_mistakes_of_a_sweep_file_are_told_in_one_pass_with_their_lines(name, tmp_path, monkeypatch):
    text, expected = SWEEPS[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    got = CliRunner().invoke(main, ["sweep", "x.yaml", "-o", "store"])
    assert got.exit_code == 1, got.output
    said = [line.removeprefix("error: ") for line in got.stderr.splitlines() if line.startswith("error: ")]
    for words in expected:
        assert [line for line in said if line.startswith(words)], (words, said)
    assert len(said) == len(expected), said
