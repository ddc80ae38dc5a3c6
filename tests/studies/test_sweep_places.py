"""Stores in odd places, and the signals that end a sweep: each is a right result or a sentence."""

import errno
import os
import signal
from contextlib import contextmanager

import numpy as np
import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import common, main
from gridmodel.errors import InputError
from gridmodel.studies.sweep import engine, open_sweep, run_sweep
from gridmodel.studies.sweep.changes import check_changes

KEEP = ["shed_mw"]
SWEEP = """\
scenario: three-region
set: {deterministic: false, members: 1, end: 2026-01-05 02:00, events: []}
grid: {seed: [1, 2, 3]}
keep: [shed_mw]
"""


@pytest.fixture
def base(three):
    return three(deterministic=False, members=1, end="2026-01-05 02:00")


@pytest.fixture
def call(tmp_path, monkeypatch):
    """A sweep from the command line, in this process."""
    monkeypatch.chdir(tmp_path)
    whole = engine.connected
    monkeypatch.setattr("gridmodel.studies.sweep.api.connected", lambda _workers, scheduler: whole(None, scheduler))
    (tmp_path / "sweep.yaml").write_text(SWEEP)
    return lambda *args: CliRunner().invoke(main, ["sweep", "sweep.yaml", *map(str, args)], catch_exceptions=False)


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_tilde_is_the_folder_of_its_user(base, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "work")
    found = gm.sweep(base, None, store="~/s.zarr", keep=KEEP)
    assert (tmp_path / "home" / "s.zarr" / "zarr.json").is_file()
    assert found.identical(open_sweep("~/s.zarr"))
    got = CliRunner().invoke(
        main, ["quantiles", "~/s.zarr", "shed_mw", "-o", str(tmp_path / "q.nc")], catch_exceptions=False
    )
    assert got.exit_code == 0, got.output
    assert not list((tmp_path / "work").iterdir())
    with pytest.raises(InputError, match="names a user whose folder is unknown"):
        gm.sweep(base, None, store="~nobody-of-this-name/s.zarr")


@pytest.mark.gate  # at each edit: a tilde is the folder of its user
def test_a_name_that_is_not_utf_8_is_a_name(base, tmp_path, monkeypatch, call):
    odd = os.path.join(os.fsencode(tmp_path), b"caf\xe9 \xd0\xb9")  # noqa: PTH118 - bytes
    try:
        os.mkdir(odd)  # noqa: PTH102
    except OSError:
        pytest.skip("a file system of UTF-8 names only")
    here = os.fsdecode(odd)
    (tmp_path / "sweep.yaml").rename(f"{here}/sweep.yaml")
    monkeypatch.chdir(here)
    got = call("-o", f"{here}/s.zarr")
    assert got.exit_code == 0, got.output
    assert "caf\\udce9" in got.stdout
    assert open_sweep(f"{here}/s.zarr")["shed_mw"].sizes["seed"] == 3
    (tmp_path / "s.zarr").symlink_to(f"{here}/s.zarr")
    assert "0 units run, 3 kept" in call("-o", f"{here}/s.zarr", "--resume").stdout
    os.remove(os.path.join(odd, b"s.zarr", b"shed_mw", b"c", b"0", b"0", b"0", b"0", b"0"))  # noqa: PTH107, PTH118
    got = CliRunner().invoke(main, ["quantiles", f"{here}/s.zarr", "shed_mw", "-o", "q.nc"], catch_exceptions=False)
    assert (got.exit_code, "is missing" in got.stderr) == (1, True)


@contextmanager
def locked(folder):
    """A folder that may be read but not written; root, who may write anywhere, becomes nobody for that."""
    modes = {
        path: path.stat().st_mode
        for path in [*folder.parents, folder, *folder.rglob("*")]
        if path.stat().st_uid == os.geteuid()
    }
    root = os.geteuid() == 0
    for path in modes:
        path.chmod(0o555 if path.is_dir() and path.is_relative_to(folder) else 0o755 if path.is_dir() else 0o444)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="rights as of POSIX")
@pytest.mark.gate  # at each edit: faults at writes of a sweep, in `test_faults.py`
def test_a_folder_that_cannot_be_written_is_said_and_what_is_in_it_can_be_read(base, tmp_path):
    changes, where = check_changes(base, {"seed": [1]}), tmp_path / "where"
    where.mkdir()
    run_sweep(base, changes, where / "s.zarr", keep=KEEP)
    expected, before = open_sweep(where / "s.zarr").load(), content(tmp_path)
    with locked(where):
        assert open_sweep(where / "s.zarr").load().identical(expected)
        for store, resume in (("s.zarr", True), ("new.zarr", False), ("deep/new.zarr", False)):
            with pytest.raises(InputError, match="cannot be written: Permission denied"):
                run_sweep(base, changes, where / store, keep=KEEP, resume=resume)
    assert content(tmp_path) == before


def test_a_store_in_place_of_a_file_or_a_folder_of_something_else_is_said(base, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for store, message in (
        ("file", "is not the store"),
        ("folder", "is not the store"),
        ("file/s.zarr", "cannot be written"),
    ):
        with pytest.raises(InputError, match=message):
            gm.sweep(base, None, store=tmp_path / store, resume=True)
    assert sorted(content(tmp_path)) == ["file"]


@pytest.mark.parametrize(
    ("name", "said"),
    [pytest.param("SIGTERM", "ended by a signal", marks=pytest.mark.long), ("SIGHUP", "its terminal was closed")],
)
@pytest.mark.gate  # at each edit: a signal that is ignored, and faults at writes of a sweep
def test_a_signal_stops_a_sweep_with_a_word_and_nothing_is_lost(call, tmp_path, name, said, monkeypatch, request):
    """Ctrl-C, in processes: `test_sweeps.py`. Whoever runs the tests by `nohup` ignores that of a closed terminal."""
    number = getattr(signal, name)
    found = signal.signal(number, signal.SIG_DFL)
    request.addfinalizer(lambda: signal.signal(number, found))

    def press(_bar, done, _total, _failed):
        if done == 1:
            signal.raise_signal(number)

    with monkeypatch.context() as patch:
        patch.setattr("gridmodel.commands.progress.UnitBar.__call__", press)
        got = call("-o", "s.zarr")
    assert (got.exit_code, got.stdout) == (128 + number, "")
    assert got.stderr == f"stopped: {said}\nFinished units are kept in s.zarr; continue with --resume.\n"
    assert signal.getsignal(number) == signal.SIG_DFL
    assert "2 units run, 1 kept" in call("-o", "s.zarr", "--resume").stdout


def test_a_signal_that_is_ignored_stays_so(monkeypatch):
    """As `nohup` ignores that of a terminal which is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with common.ended_by_signals():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_terminal_that_is_gone_ends_a_command_without_a_traceback(monkeypatch):
    def gone(*_, **__):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("click.echo", gone)
    monkeypatch.setattr(common, "_hush", lambda *_: None)
    got = CliRunner().invoke(main, ["schema", "sweep"])
    assert (got.exit_code, type(got.exception)) == (129, SystemExit)


@pytest.mark.gate  # at each edit: faults at writes of a sweep, in `test_faults.py`
def test_a_disk_that_fails_between_writing_and_reading_is_said_truly(call, monkeypatch):
    def fails(*_, **__):
        raise InputError("s.zarr/region/c/0: cannot be read: Input/output error")

    monkeypatch.setattr("gridmodel.studies.sweep.store.open_store", fails)
    got = call("-o", "s.zarr")
    assert got.exit_code == 1
    assert got.stderr == (
        "error: s.zarr/region/c/0: cannot be read: Input/output error\nFinished units are kept in s.zarr; continue with --resume.\n"
    )


@pytest.mark.gate  # at each edit: a second sweep on a store is refused
def test_a_lock_that_is_left_behind_by_a_killed_process_does_not_stay_in_the_way(base, tmp_path):
    (tmp_path / "s.zarr.lock").write_text("")
    gm.sweep(base, None, store=tmp_path / "s.zarr", keep=KEEP)
    assert [path.name for path in tmp_path.iterdir()] == ["s.zarr"]
    assert np.isfinite(open_sweep(tmp_path / "s.zarr")["saidi"].to_numpy()).all()
