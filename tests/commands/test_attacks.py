"""Attacks on every entry point, one folder each, in this process: nothing runs, nothing outside is touched, no traceback."""

import collections
import os
import shutil
import sys
import tempfile
import time
import warnings
from pathlib import Path

import attacks
import hostile
import matplotlib.font_manager  # noqa: F401 - makes its cache before the watch begins
import pytest
from audited import watched
from click.testing import CliRunner
from conftest import LONG, at_gate
from memory import begin_peak, peak_mb

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.results.run_folder import write_run

STARTS = {"os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.startfile", "pty.spawn", "subprocess.Popen", "pickle.find_class",
          "socket.connect", "socket.getaddrinfo", "urllib.Request", "webbrowser.open"}  # fmt: skip
"""Audit events of starting something or of reaching for the network."""
PLACES = {
    "open",
    "os.listdir",
    "os.scandir",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "shutil.rmtree",
    "os.truncate",
    "os.utime",
}
WATCH = {"home": Path("/"), "seen": []}
LIBRARIES = tuple(
    {
        str(Path(path).resolve())
        for path in (
            sys.prefix,
            sys.base_prefix,
            "/usr",
            "/lib",
            "/proc/self",
            "/dev/null",
            "/dev/urandom",
            "/etc/localtime",
            ROOT,
        )
    }
)
"""Places that the program and its libraries may read."""
CLUSTERS = os.path.realpath(os.path.join(tempfile.gettempdir(), "dask-scratch-space"))  # noqa: PTH118 - as compared
"""Folders of clusters of other tests in this process, which Dask looks through when they are collected."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _is_library():
    """Return whether Dask names an object of this process by pickling it, or numba loads what it has compiled."""
    frame = sys._getframe()
    while frame is not None and not frame.f_code.co_filename.endswith(("dask/tokenize.py", "numba/core/caching.py")):
        frame = frame.f_back
    return frame is not None


def _watch(event, args):
    if event in STARTS:
        if event != "pickle.find_class" or not _is_library():
            WATCH["seen"].append(event)
    elif event in PLACES:
        writes = event != "open" or (isinstance(args[2], int) and args[2] & WRITING)
        looks = event in {"os.listdir", "os.scandir"}
        for one in args[: 2 if event in {"os.rename", "os.link", "os.symlink"} else 1]:
            if not isinstance(one, str | bytes | os.PathLike) or event == "os.symlink":
                continue
            path = os.path.realpath(WATCH["home"] / os.fsdecode(one))
            inside = path == str(WATCH["home"]) or path.startswith(f"{WATCH['home']}/")
            compiled = "__pycache__" in path  # where numba is, libraries keep what it compiles
            known = path.startswith(LIBRARIES) and (looks or not writes or compiled)
            if not inside and not known and not path.startswith((WATCH["scratch"], CLUSTERS)):
                WATCH["seen"].append(f"{event} {path}")


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """Valid files, and folders, by name."""
    where = tmp_path_factory.mktemp("valid")
    shutil.copytree(ROOT / "networks" / "three-region", where / "net")
    (where / "net" / "network.toml").write_text('country = "TR"\ntimezone = "UTC"\n')
    (where / "frost.csv").write_text(
        "time,TR-1,TR-2,TR-3\n" + "".join(f"2026-01-01T{hour:02d}:00Z,-1,-2,-3\n" for hour in range(24))
    )
    (where / "x.yaml").write_text(attacks.SCENARIO)
    scenario = gm.load_scenario(where / "x.yaml")
    write_run(gm.run(scenario), scenario, where / "run", command=["gridmodel"], seconds={})
    gm.run(scenario, save_states=["2026-01-05 01:00"], states=where)
    (where / "state-2026-01-05T0100.nc").rename(where / "state.nc")
    later = attacks.SCENARIO.replace("00:00\nend", "01:00\nend")
    (where / "from.yaml").write_text(f"{later}start_state: state.nc\n")
    gm.sweep(scenario, {"import_limit_mw": [100, 200]}, store=where / "store", keep=["shed_mw"])
    return where


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    where = tmp_path_factory.mktemp("attacks")
    (where / "outside").mkdir()
    for name in ("secret.csv", "secret.txt", "secret"):
        (where / "outside" / name).write_text(f"{attacks.SECRET},{attacks.SECRET}\n1,2\n")
    return where


def begin(valid, home, parts):
    if home.exists():
        shutil.rmtree(home)
    home.mkdir()
    for part in parts:
        if (valid / part).is_dir():
            shutil.copytree(valid / part, home / part)
        else:
            shutil.copyfile(valid / part, home / part)


def outcome(home, words, *, own=False):
    """Call a command; return what is wrong with what it did."""
    WATCH.update(home=home.resolve(), seen=[], scratch=str(home.parent / "no scratch"))
    begun = time.process_time()
    with warnings.catch_warnings(), watched(_watch):
        warnings.simplefilter("ignore")
        got = CliRunner().invoke(main, list(words))
    wrong = [f"touched {one}" for one in dict.fromkeys(WATCH["seen"])] if not own else []
    if got.exception is not None and not isinstance(got.exception, SystemExit):
        wrong.append(f"raised {got.exception!r:.200}")
    if got.exit_code not in {0, 1, 2} or "Traceback" in got.output:
        wrong.append(f"exit status {got.exit_code}")
    if time.process_time() - begun > 10:
        wrong.append(f"took {time.process_time() - begun:.0f} s")
    if attacks.SECRET in got.output:
        wrong.append("quotes the secret")
    return got, wrong


def chosen():
    """Attacks of the quick suite: six or more of each entry point, spread; all in the long one."""
    found = collections.defaultdict(list)
    for attack in attacks.CORPUS:
        found[attack.entry].append(attack)
    return attacks.CORPUS if LONG else [one for group in found.values() for one in group[:: max(1, len(group) // 6)]]


def test_the_corpus_has_hundreds_of_attacks_over_every_entry_point():
    whole = len(hostile.NETWORKS) + len(hostile.WEATHER) + len(hostile.SCENARIOS) + len(hostile.OTHERS)
    counts = collections.Counter(attack.entry for attack in attacks.CORPUS)
    assert set(counts) == {
        "network",
        "weather",
        "scenario",
        "events",
        "options",
        "timetable",
        "state",
        "run",
        "manifest",
        "store",
        "sweep",
        "words",
    }
    assert min(counts.values()) >= 8
    assert len(attacks.CORPUS) + whole >= 1_000
    assert len(chosen()) >= (1_000 if LONG else 70)
    assert len({(attack.entry, attack.name) for attack in attacks.CORPUS}) == len(attacks.CORPUS)


@pytest.mark.parametrize(
    "words",
    at_gate([("network", "check", "net"), ("network", "show", "net"), ("weather", "check", "frost.csv"), ("scenario", "check", "x.yaml"), ("deadlines", "run"), ("report", "run"),
     ("run", "--from", "run", "-o", "again"), ("run", "from.yaml", "-o", "new"), ("quantiles", "store", "shed_mw", "-o", "q.nc")], 4), ids=" ".join,
)  # fmt: skip
@pytest.mark.gate  # at each edit: the corpus has hundreds of attacks
def test_what_the_attacks_start_from_is_valid(valid, place, words, monkeypatch):
    home = place / "home"
    begin(valid, home, ("net", "frost.csv", "x.yaml", "from.yaml", "state.nc", "run", "store"))
    monkeypatch.chdir(home)
    got, wrong = outcome(home, words)
    assert got.exit_code == 0, got.output
    assert not wrong


@pytest.mark.parametrize("part", at_gate(range(4), 4))
@pytest.mark.gate  # at each edit: hostile files, in `test_hostile.py`
def test_no_attack_runs_anything_or_reaches_out_or_ends_in_a_traceback(valid, place, monkeypatch, part):
    home, failures = place / "home", []
    monkeypatch.setenv("HOME", str(place / "outside"))
    before = {path.name: path.read_bytes() for path in (place / "outside").iterdir()}
    memory = begin_peak()
    slow = {}
    for attack in chosen()[part::4]:
        begun = time.process_time()
        begin(valid, home, attack.parts)
        monkeypatch.chdir(home)
        attack.change(home)
        got, wrong = outcome(home, attack.words, own=attack.own)
        if attack.refused and got.exit_code == 0:
            wrong.append("is taken as right")
        if not got.output.strip() and got.exit_code:
            wrong.append("says nothing")
        if [path for path in (home / "canary", place / "canary", ROOT / "canary") if path.exists()]:
            wrong.append("made a canary")
        wrong += [f"copied the secret to {path.name}" for path in home.rglob("*")
                  if path.is_file() and not path.is_symlink() and attacks.SECRET.encode() in path.read_bytes()]  # fmt: skip
        if {path.name: path.read_bytes() for path in (place / "outside").iterdir() if path.is_file()} != before:
            wrong.append("changed what is outside")
        failures += [f"{attack.entry}: {attack.name}: {one}: {got.output[-300:]!r}" for one in wrong]
        monkeypatch.chdir(place)
        slow[f"{attack.entry}: {attack.name}"] = time.process_time() - begun
    sys.stdout.write(f"{len(slow)} attacks in {sum(slow.values()):.0f} s of processor time\n")
    assert not failures, f"{len(failures)}:\n" + "\n".join(failures)
    assert peak_mb() - memory < 500
