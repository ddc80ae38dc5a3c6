"""Who may talk to a sweep, and what happens when workers, clocks and versions misbehave."""

import os
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from types import SimpleNamespace

import dask
import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from conftest import sampled
from distributed import Client, KilledWorker, LocalCluster, get_worker
from ports import answer, listening

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.errors import InputError
from gridmodel.inputs.files import ROOT
from gridmodel.studies.sweep import SweepStoppedError, engine, run_sweep
from gridmodel.studies.sweep.changes import check_changes
from gridmodel.studies.sweep.security import temporary_security

KEEP = ["shed_mw"]


@pytest.fixture
def base(three):
    return three(deterministic=False, members=1, end="2026-01-05 02:00")


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "127.0.0.1:9", "ws://h:9", "wss://h:9", "TCP://h:9", "TLS://h:9", "ucx://h:9"])  # fmt: skip
def test_a_scheduler_without_tls_needs_an_explicit_word(base, tmp_path, address, monkeypatch):
    monkeypatch.setattr(engine, "CONNECT_S", 0.01)
    with pytest.raises(
        InputError, match=r"does not use TLS: whoever reaches the scheduler can run code as you.*trust_network"
    ):
        gm.sweep(base, None, store=tmp_path / "s.zarr", scheduler=address)
    if address.startswith("tcp"):
        with pytest.raises(InputError, match="no scheduler answers at"):
            gm.sweep(base, None, store=tmp_path / "s.zarr", scheduler=address, trust_network=True)
        got = CliRunner().invoke(
            main, ["sweep", "three-region", "-o", str(tmp_path / "s.zarr"), "--scheduler", address]
        )
        assert (got.exit_code, "--trust-network" in got.stderr) == (1, True)
    assert not list(tmp_path.iterdir())


def test_keys_that_are_missing_or_broken_are_said_at_once(base, tmp_path):
    with pytest.raises(
        InputError, match=r"no keys for tls://127\.0\.0\.1:9 are known \(Dask's configuration names them"
    ):
        gm.sweep(base, None, store=tmp_path / "s.zarr", scheduler="tls://127.0.0.1:9")
    (tmp_path / "key.pem").write_text("no key")
    files = {
        f"distributed.comm.tls.{name}": str(tmp_path / "key.pem") for name in ("ca-file", "client.cert", "client.key")
    }
    with dask.config.set(files), pytest.raises(InputError, match=r"the keys for .* cannot be read"):
        gm.sweep(base, None, store=tmp_path / "s.zarr", scheduler="tls://127.0.0.1:9")


def configured(security, folder):
    """Dask's configuration of the keys of a cluster, in files as for outside schedulers."""
    for name in ("ca_file", "client_cert", "client_key"):
        (folder / f"{name}.pem").write_text(getattr(security, f"tls_{name}"))
    places = {"ca-file": "ca_file", "client.cert": "client_cert", "client.key": "client_key"}
    return {f"distributed.comm.tls.{key}": str(folder / f"{name}.pem") for key, name in places.items()}


@pytest.mark.gate  # at each edit: keys that are missing, and a scheduler without TLS, above
def test_a_scheduler_with_tls_serves_those_who_have_its_key_and_a_lost_one_loses_nothing(base, tmp_path):
    changes, security = check_changes(base, {"seed": [1, 2, 3]}), temporary_security()
    run_sweep(base, changes, tmp_path / "here.zarr", keep=KEEP)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, security=security, dashboard_address="127.0.0.1:0"
    ) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        for stranger in ({"security": temporary_security()}, {"address": address.replace("tls", "tcp")}):
            with pytest.raises(OSError, match=r"TLS certificate does not match|closed|Timed out"):
                Client(**({"address": address, "timeout": 2, "set_as_default": False} | stranger))
        with dask.config.set(configured(security, tmp_path)):
            run_sweep(base, changes, tmp_path / "far.zarr", keep=KEEP, scheduler=address)
        assert tree(tmp_path / "far.zarr") == tree(tmp_path / "here.zarr")

        def lose(done, total, failed):
            if done == 1:  # as the network does
                cluster.loop.add_callback(lambda: [one.comm.abort() for one in cluster.scheduler.client_comms.values()])

        with pytest.raises(SweepStoppedError, match="lost the scheduler"):
            run_sweep(base, changes, tmp_path / "lost.zarr", keep=KEEP, scheduler=cluster, progress=lose)
    assert run_sweep(base, changes, tmp_path / "lost.zarr", keep=KEEP, resume=True).kept >= 1
    assert tree(tmp_path / "lost.zarr") == tree(tmp_path / "here.zarr")


def test_the_sweep_of_a_thread_opens_no_port_that_answers(base, tmp_path):
    before, seen = set(listening([os.getpid()])), []

    def look(done, total, failed):
        seen.extend(set(listening([os.getpid()])) - before)

    run_sweep(base, check_changes(base, None), tmp_path / "s.zarr", keep=KEEP, progress=look)
    assert {host for host, _ in seen} <= {"127.0.0.1"}


@pytest.mark.long
def test_no_port_of_the_processes_of_a_sweep_lets_a_stranger_in():
    before = set(listening([os.getpid()]))
    with engine.connected(1, None) as client:
        pids = [os.getpid(), *(one.pid for one in psutil.Process().children(recursive=True))]
        ports = set(listening(pids)) - before
        assert len(ports) >= 4
        assert {host for host, _ in ports} == {"127.0.0.1"}
        assert {answer(*port) for port in ports} <= {404, b""}
        (folder,) = {Path(where) for where in client.submit(_path_of_code).result()}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert str(temporary_security().tls_ca_file)[:20] not in " ".join(client.submit(_surroundings).result())
    assert not folder.exists()


def _path_of_code():
    return [str(Path(one).parents[1]) for one in sys.path if Path(one).name.startswith("worker-")]


def _surroundings():
    return [*sys.argv, *os.environ.values()]


@pytest.mark.gate  # at each edit: a sweep in this process
def test_workers_look_for_code_in_a_folder_of_their_own(base, tmp_path, monkeypatch):
    """Not in /tmp/dask-scratch-space, which another user may have made."""
    folders = []

    def look(made, **options):
        folders.append(Path(get_worker().local_directory).parents[1])
        folders.append(stat.S_IMODE(folders[0].stat().st_mode))
        raise InputError("enough")

    monkeypatch.setattr(engine, "simulate", look)
    with pytest.raises(SweepStoppedError):
        run_sweep(base, check_changes(base, None), tmp_path / "s.zarr", keep=KEEP)
    where, mode = folders
    assert mode == 0o700
    assert where.name.startswith("gridmodel-sweep-")
    assert not where.exists()


@pytest.mark.parametrize("workers", [None, pytest.param(2, marks=pytest.mark.gate)])  # at each edit: in this process
def test_a_sweep_leaves_nothing_in_the_folder_for_temporary_files(base, tmp_path, monkeypatch, workers):
    """Dask's scheduler makes `dask-scratch-space` there, which is the working folder where nothing else can be written."""
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spare))
    run_sweep(base, check_changes(base, None), tmp_path / "s.zarr", keep=KEEP, workers=workers)
    assert list(spare.iterdir()) == []


def test_keys_outlive_a_clock_that_is_set_by_years():
    from cryptography import x509

    made = x509.load_pem_x509_certificate(temporary_security().tls_ca_file.encode())
    for years in (-9, 9):
        then = datetime.now(tz=UTC) + timedelta(days=365 * years)
        assert made.not_valid_before_utc < then < made.not_valid_after_utc
    assert temporary_security().tls_client_key != temporary_security().tls_client_key


@pytest.mark.parametrize("jump", sampled([-400 * 86_400, 400 * 86_400], 2), ids=["back", "ahead"])
@pytest.mark.gate  # at each edit: keys outlive a clock
def test_a_clock_that_jumps_costs_nothing(base, tmp_path, jump, monkeypatch):
    import distributed

    now = distributed.metrics.time

    def set_clock(done, total, failed):
        for module in ("scheduler", "worker", "client", "core"):
            monkeypatch.setattr(f"distributed.{module}.time", lambda: now() + jump, raising=False)

    changes = check_changes(base, {"seed": [1, 2]})
    report = run_sweep(base, changes, tmp_path / "s.zarr", keep=KEEP, progress=set_clock)
    monkeypatch.undo()
    assert (report.done, report.failed) == (2, {})
    with engine.connected(None, None) as client:
        assert client.cluster.scheduler.worker_ttl is None  # it would take workers for dead that are not


@pytest.mark.gate  # at each edit: a unit that fails, in `test_sweeps.py`
def test_a_unit_that_kills_its_workers_fails_alone(base, tmp_path, monkeypatch):
    """Dask blames all units that wait on a worker for its death; only that which does it alone is to blame."""
    whole, tried = engine.simulate, []

    def dies(made, **options):
        tried.append(made.scenario.seed)
        if made.scenario.seed == 2 or (made.scenario.seed == 3 and tried.count(3) == 1):
            raise KilledWorker("unit", SimpleNamespace(address="there"), 1)
        return whole(made, **options)

    monkeypatch.setattr(engine, "simulate", dies)
    report = run_sweep(base, check_changes(base, {"seed": [1, 2, 3, 4]}), tmp_path / "s.zarr", keep=KEEP)
    assert report.done == 3
    assert list(report.failed) == [1]
    assert "its worker died each time, also with no other unit beside it" in report.failed[1]["error"]
    assert (sorted(tried[:4]), tried[4:]) == ([1, 2, 3, 4], [2, 3])


def dies_for_good(store, token, places, unit):
    """As `engine.run_unit`, but one unit ends its process."""
    if unit == 1:
        os._exit(3)
    return RUN_UNIT(store, token, places, unit)


RUN_UNIT = engine.run_unit


@pytest.mark.long
def test_a_worker_that_dies_again_and_again_costs_one_unit(base, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "run_unit", dies_for_good)
    changes = check_changes(base, {"seed": [1, 2, 3, 4]})
    report = run_sweep(base, changes, tmp_path / "s.zarr", keep=KEEP, workers=1)
    assert (report.done, list(report.failed)) == (3, [1])
    assert "its worker died each time" in report.failed[1]["error"]
    monkeypatch.undo()
    found = gm.sweep(base, {"seed": [1, 2, 3, 4]}, store=tmp_path / "s.zarr", keep=KEEP, resume=True)
    assert not np.isnan(found["energy_not_served"].to_numpy()).any()


@pytest.mark.gate  # at each edit: a store of another version, in `test_sweeps.py`
def test_a_worker_with_another_version_stops_the_sweep_and_says_which(base, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "current_versions", lambda: {"gridmodel": "0.0.1", "numpy": np.__version__})
    with pytest.raises(
        SweepStoppedError, match=r"a worker has gridmodel 0\.0\.1, not .*; install the same on every machine"
    ):
        run_sweep(base, check_changes(base, None), tmp_path / "s.zarr", keep=KEEP)


@pytest.mark.long
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or not which("ip") or not which("openssl"),
    reason="needs root, ip and openssl, to put up network namespaces",
)
def test_four_workers_on_two_hosts_write_the_bytes_of_one_worker_here(base, tmp_path):
    base.save(tmp_path / "scenario.yaml")
    words = [str(tmp_path / "scenario.yaml"), "--members", "8"]
    got = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "cluster.py", *words], capture_output=True, text=True, check=False
    )
    assert (got.returncode, "workers by host [2, 2]; equal to the byte" in got.stdout) == (0, True), got.stderr
