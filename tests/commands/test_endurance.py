"""Many runs in one process keep memory, descriptors and threads; a command that is killed leaves the old or the new."""

import gc
import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import LONG

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.writing import LEFTOVER, write_text
from gridmodel.results.run_folder import read_result

SCENARIO = (
    "name: mine\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05 00:00\n"
    "end: 2026-01-05 03:00\nmembers: 2\n"
)  # fmt: skip
RUNS = 200 if LONG else 2
FIRST = 3 if LONG else 2
KILLS = 50


def memory_mb():
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def held():
    gc.collect()
    return memory_mb(), len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


@pytest.mark.gate  # at each edit: comparisons that fail leave no file open
def test_many_runs_in_one_process_keep_memory_descriptors_and_threads(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(SCENARIO)
    Path("bad.yaml").write_text(SCENARIO.replace("three-region", "nowhere"))
    for number in range(RUNS + FIRST):
        if number == FIRST:  # libraries have been imported and have filled their caches
            memory, descriptors, threads = held()
        got = CliRunner().invoke(main, ["run", "mine.yaml", "-o", "run", "--overwrite", "--seed", str(number)])
        assert got.exit_code == 0, got.output
        assert CliRunner().invoke(main, ["run", "bad.yaml"]).exit_code == 1
        assert CliRunner().invoke(main, ["deadlines", "run"]).exit_code == 0
        gm.check_weather("three-region")
    now = held()
    assert now[1] <= descriptors
    assert now[2] <= threads
    assert now[0] - memory < (40 if LONG else 25), (memory, now)


def content(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "next"
    }


class Zygote:
    """A process that starts commands which can be killed."""

    def __init__(self):
        script = Path(__file__).parents[1] / "zygote.py"
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def call(self, folder, words, *, after=None):
        """Run a command, killed after some seconds; return its exit status and how long it took."""
        begun = time.monotonic()
        self.process.stdin.write(json.dumps([str(folder), words, after]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline()), time.monotonic() - begun

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def zygote():
    started = Zygote()
    yield started
    started.close()


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """A folder in which every command finds something to replace."""
    where = tmp_path_factory.mktemp("old")
    (where / "mine.yaml").write_text(SCENARIO)
    scenario = gm.load_scenario(where / "mine.yaml")
    from gridmodel.results.run_folder import write_run

    write_run(gm.run(scenario.replace(seed=1)), scenario, where / "run", command=["gridmodel"], seconds={})
    for name in ("out.nc", "out.html", "out.csv", "out.svg"):
        (where / name).write_text("old")
    return where


COMMANDS = (
    ["run", "mine.yaml", "-o", "run", "--overwrite"], ["report", "run", "-o", "out.html"], ["export", "run", "netcdf", "-o", "out.nc"],
    ["export", "run", "csv", "-o", "out.csv"], ["network", "convert", "three-region", "new.json"], ["weather", "convert", "three-region", "out.csv"],
    ["schedule", "run", "--ics", "calendars"], ["network", "plot", "three-region", "-o", "out.svg"],
)  # fmt: skip


@pytest.mark.long  # of every run: a process that is killed while it replaces a folder, in `test_faults.py`
def test_a_command_that_is_killed_at_any_moment_leaves_the_old_or_the_new_and_leftovers_are_cleared(
    old, tmp_path, zygote
):
    chance = random.Random(9)  # noqa: S311
    known = {}
    killed = 0
    for number in range(KILLS):
        words = COMMANDS[number % len(COMMANDS)]
        home = tmp_path / str(number)
        if " ".join(words) not in known:  # how long it takes, and what it makes
            shutil.copytree(old, home)
            status, seconds = zygote.call(home, words)
            assert status == 0
            known[" ".join(words)] = seconds, content(home)
            shutil.rmtree(home)
        seconds, new = known[" ".join(words)]
        shutil.copytree(old, home)
        before = content(home)
        status, _ = zygote.call(home, words, after=chance.uniform(0.3 if number % 2 else 0.0, 1.0) * seconds)
        killed += status == signal.SIGKILL
        for place in (home, home / "calendars"):
            if place.is_dir():
                write_text(place / "next", "x")  # the next command that writes there
        after = content(home)
        assert not [path for path in home.rglob("*") if path.name.startswith(LEFTOVER)], words
        assert set(before) <= set(after), words
        for name, found in after.items():
            if name.endswith(".svg") and found != before[name]:  # its ids are drawn anew each time
                assert (home / name).read_text().rstrip().endswith("</svg>")
            elif not name.startswith("run/") or words[0] != "run":
                assert found in {before.get(name), new.get(name)}, (words, name)
        read_result(home / "run").close()  # hashes say whether it is of two runs
        if words[0] == "run" and after["run/manifest.json"] == before["run/manifest.json"]:
            assert after == before
        shutil.rmtree(home)
    assert killed > KILLS / 4
