"""A fault at the n-th write, for every n: the old content is intact, nothing is left behind, and a sentence says so."""

import errno
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from audited import watched
from click.testing import CliRunner
from conftest import LONG

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs import writing
from gridmodel.inputs.files import ROOT
from gridmodel.inputs.writing import LEFTOVER, clear_leftovers, replaced_folder, write_text
from gridmodel.results.run_folder import read_result, write_run
from gridmodel.simulation.state import Snapshot
from gridmodel.studies import brief
from gridmodel.studies.sweep import engine

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
FAULT = {"left": 0, "where": Path("/nowhere")}


def _fail(event, args):
    if event not in {"open", "os.rename", "os.mkdir", "os.link", "os.chmod"}:
        return
    if event == "open" and not (isinstance(args[2], int) and args[2] & WRITING):
        return
    if not isinstance(args[0], str | bytes | os.PathLike):
        return
    if not os.path.abspath(os.fsdecode(args[0])).startswith(str(FAULT["where"])):  # noqa: PTH100 - no links followed
        return
    FAULT["left"] -= 1
    if FAULT["left"] == 0:
        raise OSError(errno.ENOSPC, "No space left on device")


def content(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(run_of_three, tmp_path_factory):
    where = tmp_path_factory.mktemp("faults")
    shutil.copytree(run_of_three, where / "run")
    return where


def begin(made, where):
    """Fill an empty folder with runs and old files; return what is there."""
    for path in where.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(made / "run", where / "run")
    shutil.copytree(made / "run", where / "other")
    for name in ("out", "out.svg", "out.html", "out.csv", "out.nc"):
        (where / name).write_text("old")
    return content(where)


COMMANDS = (
    ("run", "three-region", "-o", "run", "--overwrite"), ("run", "three-region", "-o", "deep/new/run"), ("report", "run"),
    ("run", "three-region", "-o", "run", "--overwrite", "--save-state", "2026-01-05 02:00"),
    ("export", "run", "csv", "-o", "out"), ("export", "run", "netcdf", "-o", "out"), ("schedule", "run", "--ics", "calendars", "--region", "TR-1"),
    ("plot", "run", "balance", "-o", "out.svg"), ("network", "plot", "three-region", "-o", "out.html"), ("network", "convert", "three-region", "new.json"),
    ("network", "convert", "three-region", "new"), ("weather", "convert", "three-region", "out.csv"), ("weather", "convert", "three-region", "out.nc"),
    ("scenario", "new", "new.yaml"), ("quantiles", "run", "shed_mw", "-o", "out.nc"), ("compare", "run", "other", "--html", "out.html"),
)  # fmt: skip
ALIKE = (COMMANDS[0], COMMANDS[5], COMMANDS[10], COMMANDS[11])
"""Those that write as another one does: a run with a state replaces a folder too, and folders and files have others."""
COSTLY = tuple(COMMANDS[place] for place in (1, 2, 4, 7, 8, 9, 14, 15))
"""Those of the gate: pages, pictures, files beside those that each edit writes, and a run in a new folder."""


@pytest.fixture
def computed(made, monkeypatch):
    """Have `gridmodel run` write a result that is there already: what matters here is how it is written."""
    with read_result(made / "run") as found:
        result = found.load()

    def again(inputs, *, save, **_options):
        for _ in inputs.saving.before:
            save(Snapshot(local=datetime(2026, 1, 5, 2), arrays={"services.a": np.zeros(3)}, texts={"format": "1"}))
        return result.copy()

    monkeypatch.setattr("gridmodel.simulation.loop.simulate", again)


EACH = range(1, 200) if LONG else [1, 4, 16, 199]
"""Writes that fail. Commands write one file after the other in the same way, so the quick suite skips some of many."""


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(args, marks=pytest.mark.long if args in ALIKE else pytest.mark.gate if args in COSTLY else ())
        for args in COMMANDS
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("computed")
def test_a_fault_at_any_write_leaves_what_was_there(made, tmp_path, args, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = begin(made, tmp_path)
    for number in EACH:
        FAULT.update(left=number, where=tmp_path)
        with watched(_fail):
            got = CliRunner().invoke(main, list(args))
        assert got.exception is None or isinstance(got.exception, SystemExit), (number, got.exc_info)
        assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".gridmodel")], number
        if FAULT["left"] > 0:  # there were fewer writes
            assert got.exit_code == 0, got.output
            assert number > 1
            return
        if got.exit_code == 0:  # a fault of tidying up only
            assert "written" not in got.stderr
            before = begin(made, tmp_path)
            continue
        assert "cannot be written: No space left on device" in got.stderr, (number, got.output)
        after = content(tmp_path)
        assert {name: after.get(name) for name in before} == before, number
        if args[0] != "schedule":  # calendars are many files, each whole
            assert after == before, number
    pytest.fail("writes without end")


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    """A sweep of two units in this process, which takes its results from a drawer, with a fault at a write."""
    monkeypatch.chdir(tmp_path)
    whole, drawer, connected = engine.simulate, {}, engine.connected
    monkeypatch.setattr("gridmodel.studies.sweep.api.connected", lambda _workers, scheduler: connected(None, scheduler))

    def simulate(made, **options):
        if made.scenario.seed not in drawer:
            drawer[made.scenario.seed] = whole(made, **options)
        return drawer[made.scenario.seed]

    monkeypatch.setattr(engine, "simulate", simulate)
    (tmp_path / "sweep.yaml").write_text(
        "scenario: three-region\nset: {deterministic: false, members: 1, end: 2026-01-05 02:00, events: []}\ngrid: {seed: [1, 2]}\nkeep: [shed_mw]\n"
    )

    def call(store, *options, number):
        FAULT.update(left=number, where=tmp_path)
        with watched(_fail):
            got = CliRunner().invoke(main, ["sweep", "sweep.yaml", "-o", store, *options])
        assert got.exception is None or isinstance(got.exception, SystemExit), (number, got.exc_info)
        assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".gridmodel")], number
        assert not (tmp_path / f"{store}.lock").exists()
        return got

    return call


def numbers(most):
    """Writes at which a fault is tried: all, or a few that are spread out."""
    return range(1, most + 1) if LONG else sorted({1, most // 2, most})


MANY = 1_000_000


@pytest.mark.gate  # at each edit: a damaged store is made whole, in `test_sweep_stores.py`
def test_a_fault_at_any_write_of_a_sweep_costs_the_units_at_work_only(tmp_path, sweep):
    assert sweep("deep/calm.zarr", number=MANY).exit_code == 0
    expected = content(tmp_path / "deep/calm.zarr")
    before = content(tmp_path)
    tried = set()
    for number in numbers(MANY - FAULT["left"]):
        got = sweep("new/s.zarr", number=number)
        store = tmp_path / "new" / "s.zarr"
        if got.exit_code:
            said = "Finished units (" if store.exists() else "othing was written"
            assert said in got.stderr, (number, got.output)
            assert "cannot be written: No space left on device" in got.stderr, (number, got.output)
        if not store.exists():
            assert got.exit_code == 1
            assert content(tmp_path) == before, number
            assert not (tmp_path / "new").exists()
            continue
        there = content(store)  # whatever is there is as it will be
        assert {name: expected.get(name) for name in there} == there, number
        if frozenset(there) not in tried:  # goes on from every state once
            tried.add(frozenset(there))
            got = sweep("new/s.zarr", "--resume", number=MANY)
            assert got.exit_code == 0, (number, got.output)
            assert content(store) == expected
        shutil.rmtree(tmp_path / "new")
    assert tried


@pytest.mark.long  # of every run: resuming after each fault above
def test_a_fault_at_any_write_of_resuming_loses_nothing_that_was_done(tmp_path, sweep):
    assert sweep("s.zarr", number=MANY).exit_code == 0
    expected = content(tmp_path / "s.zarr")

    def damage():
        (tmp_path / "s.zarr/zarr.json").write_text("{")
        shutil.rmtree(tmp_path / "s.zarr/region")
        (tmp_path / "s.zarr/saidi/c/1/0").write_bytes(b"torn")

    damage()
    assert "1 unit run, 1 kept" in sweep("s.zarr", "--resume", number=MANY).stdout
    assert content(tmp_path / "s.zarr") == expected
    most = MANY - FAULT["left"]
    for number in list(numbers(most))[::4]:
        damage()
        got = sweep("s.zarr", "--resume", number=number)
        assert got.exit_code == 0 or "cannot be written: No space left" in got.stderr, (number, got.output)
        there = content(tmp_path / "s.zarr")
        assert [
            name for name in there if there[name] != expected[name] and name not in {"zarr.json", "saidi/c/1/0"}
        ] == []
        assert "done/0.json" in there
        assert sweep("s.zarr", "--resume", number=MANY).exit_code == 0
        assert content(tmp_path / "s.zarr") == expected, number


@pytest.mark.parametrize(
    "limit",
    [
        0,
        *(pytest.param(size, marks=pytest.mark.long) for size in (1, 100, 5_000)),
        pytest.param(60_000, marks=pytest.mark.gate),
    ],
)
@pytest.mark.usefixtures("computed")
def test_a_disk_that_is_full_after_some_bytes_leaves_what_was_there(made, tmp_path, limit, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made / "run", "run")
    before = content(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for args in (
        ["run", "three-region", "-o", "run", "--overwrite"],
        ["export", "run", "netcdf", "-o", "new.nc"],
        ["report", "run"],
    ):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            got = CliRunner().invoke(main, args)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        if got.exit_code:
            assert got.exit_code == 1
            assert "cannot be written" in got.stderr, got.output
            assert content(tmp_path) == before


@pytest.mark.usefixtures("computed")
def test_a_folder_that_holds_another_run_is_refused_and_the_way_out_is_named(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made / "run", "run")
    before = content(tmp_path)
    got = CliRunner().invoke(main, ["run", "three-region", "-o", "run"])
    assert got.exit_code == 1
    assert "contains another run (replace it with --overwrite" in got.stderr
    assert content(tmp_path) == before
    assert CliRunner().invoke(main, ["run", "three-region", "-o", "run", "--overwrite"]).exit_code == 0


@pytest.mark.usefixtures("computed")
def test_a_run_with_sheets_of_regions_is_still_a_run_that_may_be_replaced(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made / "run", "run")
    for _ in range(2):  # a sheet may be written again
        assert CliRunner().invoke(main, ["report", "run", "--region", "TR-2"]).exit_code == 0
    assert (tmp_path / "run" / "sheet-TR-2.html").is_file()
    again = CliRunner().invoke(main, ["run", "three-region", "-o", "run", "--overwrite"])
    assert again.exit_code == 0, again.stderr
    assert not (tmp_path / "run" / "sheet-TR-2.html").exists()  # it told of the run that was there
    (tmp_path / "run" / "sheet.html").write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(main, ["run", "three-region", "-o", "run", "--overwrite"])
    assert "contains 'sheet.html', which was not created by gridmodel" in refused.stderr


@pytest.fixture(scope="module")
def another(tmp_path_factory):
    """A run with other imports."""
    where = tmp_path_factory.mktemp("another") / "run"
    scenario = gm.load_scenario("three-region").replace(import_limit_mw=10)
    write_run(gm.run(scenario), scenario, where, command=[], seconds={})
    return where


@pytest.mark.parametrize("name", ["result.nc", "summary.csv", "summary.json"])
def test_a_folder_of_two_runs_is_noticed(made, another, tmp_path, name):
    shutil.copytree(made / "run", tmp_path / "run")
    shutil.copytree(another, tmp_path / "other")
    shutil.copyfile(tmp_path / "other" / name, tmp_path / "run" / name)
    with pytest.raises(gm.InputError, match=f"{name}: is not the file that the manifest tells of"):
        read_result(tmp_path / "run")
    read_result(tmp_path / "other").close()


@pytest.mark.usefixtures("computed")
@pytest.mark.gate  # at each edit: a folder is replaced
def test_the_working_folder_is_replaced_file_by_file(made, tmp_path, monkeypatch):
    shutil.copytree(made / "run", tmp_path / "run")
    (tmp_path / "run" / "ac_check.csv").write_text("old")
    monkeypatch.chdir(tmp_path / "run")
    got = CliRunner().invoke(main, ["run", "three-region", "-o", ".", "--overwrite"])
    assert got.exit_code == 0, got.output
    assert not (tmp_path / "run" / "ac_check.csv").exists()
    read_result(tmp_path / "run").close()


DIES = """
import os, sys, time
from pathlib import Path
from gridmodel.inputs import writing
target = Path(sys.argv[1])
if sys.argv[2] == "between":
    rename = Path.rename
    def stop(self, to):
        if writing._NEW in self.parts:
            print("now", flush=True); time.sleep(60)
        return rename(self, to)
    Path.rename = stop
with writing.replaced_folder(target) as made:
    (made / "a").write_text("new")
    if sys.argv[2] == "filling":
        print("now", flush=True); time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
@pytest.mark.parametrize("moment", ["filling", "between"])
def test_a_process_that_is_killed_leaves_the_old_folder_or_it_is_put_back(tmp_path, how, moment):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a").write_text("old")
    process = subprocess.Popen(
        [sys.executable, "-c", DIES, str(tmp_path / "run"), moment], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "now\n"
    clear_leftovers(tmp_path)  # of a living process: left alone
    assert [path for path in tmp_path.iterdir() if path.name.startswith(LEFTOVER)]
    process.send_signal(how)
    process.wait(timeout=20)
    process.stdout.close()
    write_text(tmp_path / "other", "x")
    assert (tmp_path / "run" / "a").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "run"]


@pytest.mark.parametrize("how", ["gone", "held", "emptied"])
def test_a_folder_that_another_process_takes_for_a_leftover_is_made_again(tmp_path, how, monkeypatch):
    """Many workers write beside one store: each clears what it takes for leftovers, also what another has just made."""
    whole, seen = writing._lock, []

    def lock(folder):
        seen.append(folder)
        if len(seen) > 1:
            return whole(folder)
        if how == "held":
            raise BlockingIOError
        handle = whole(folder) if how == "emptied" else None
        folder.rmdir()
        return whole(folder) if handle is None else handle

    monkeypatch.setattr(writing, "_lock", lock)
    with writing.beside(tmp_path) as work:
        assert work.is_dir()
        assert work == seen[1] != seen[0]
    assert [path for path in tmp_path.iterdir() if path != seen[0]] == []


def test_what_only_looks_like_a_leftover_is_left_alone(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / f"{LEFTOVER}link").symlink_to(tmp_path / "real")
    (tmp_path / f"{LEFTOVER}file").write_text("x")
    clear_leftovers(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_replaces_an_empty_one_a_link_and_makes_its_parents(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    for place in ("link", "a/b/c"):
        with replaced_folder(tmp_path / place) as made_:
            (made_ / "x").write_text("1")
    assert (tmp_path / "empty" / "x").read_text() == "1"
    assert (tmp_path / "a" / "b" / "c" / "x").is_file()
    with pytest.raises(RuntimeError), replaced_folder(tmp_path / "q" / "r"):
        raise RuntimeError
    assert not (tmp_path / "q").exists()


BRIEF = ("brief", "--forecast", str(ROOT / "docs" / "forecast.csv"), "--region", "UA-18", "--exercise", "--members", "1",
         "--wave", "light", "--interception", "0.8", "-o")  # fmt: skip


@pytest.fixture(scope="module")
def briefing(tmp_path_factory):
    """A briefing that was computed once, and the folder that it was written to."""
    where, kept = tmp_path_factory.mktemp("briefing"), []
    whole = brief.make_briefing

    def keep(*args, **options):
        kept.append(whole(*args, **options))
        return kept[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(brief, "make_briefing", keep)
        assert CliRunner().invoke(main, [*BRIEF, str(where / "out")], catch_exceptions=False).exit_code == 0
    return where / "out", kept[0]


@pytest.mark.gate  # at each edit: faults at writes of the other commands
def test_a_fault_at_any_write_of_a_briefing_leaves_the_old_one_whole_or_nothing(briefing, tmp_path, monkeypatch):
    out, made = briefing

    def again(forecast, folder, **_options):
        written = brief.write_forecast(forecast, folder / "forecast.yaml", wave="light", interception="0.8")
        scenario = brief.read_scenario(str(written.scenario), {"members": 1})
        return replace(made, scenario=scenario, calm=scenario.replace(events=()), written=written)

    monkeypatch.setattr(brief, "make_briefing", again)
    shutil.copytree(out, tmp_path / "old")
    before = content(tmp_path)
    done = []
    for number in range(1, 200) if LONG else (6, 199):
        for target, more in (("old", ("--overwrite",)), ("deep/new", ())):
            FAULT.update(left=number, where=tmp_path)
            with watched(_fail):
                got = CliRunner().invoke(main, [*BRIEF, str(tmp_path / target), *more])
            assert got.exception is None or isinstance(got.exception, SystemExit), (number, got.exc_info)
            assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".gridmodel")], number
            if got.exit_code:
                assert "cannot be written: No space left on device" in got.stderr, (number, got.output)
                assert content(tmp_path) == before, number
                continue
            done.append(target)
            assert sorted(content(tmp_path / target)) == sorted(content(out))
            shutil.rmtree(tmp_path / target)
            shutil.rmtree(tmp_path / "deep", ignore_errors=True)
            if target == "old":
                shutil.copytree(out, tmp_path / "old")
        if FAULT["left"] > 0:
            break
    assert set(done) == {"old", "deep/new"}
