"""A sweep on a cluster of four workers on two hosts, over TLS, beside the same on this machine.

Usage, as root on Linux with ``ip`` and ``openssl``: ``python benchmarks/cluster.py [SCENARIO] [--members N]``. The hosts are two
network namespaces, each with an address, two workers and a wire of its own to the scheduler; keys, settings and stores lie in a
folder that they share, as `docs/sweeps.md` says. It takes down all that it put up, and fails where a byte differs.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

HOSTS, WORKERS_EACH, PORT = 2, 2, 8786
NETWORK = "10.213.47"
"""Private addresses: that of the scheduler ends in 1, those of the hosts follow."""
CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "2", "-subj", "/CN=sweep"]
PATIENCE_S = 60.0
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def ip(*words: str, check: bool = True) -> None:
    """Run ``ip``; what it says is not shown where it may fail."""
    subprocess.run(["ip", *words], check=check, stderr=None if check else subprocess.DEVNULL)  # noqa: S607 - root's own


@contextmanager
def hosts(name: str) -> Iterator[list[str]]:
    """Put up network namespaces that are joined by a bridge, and take them down."""
    made = [f"{name}-{number}" for number in range(HOSTS)]
    try:
        ip("link", "add", name, "type", "bridge")
        ip("addr", "add", f"{NETWORK}.1/24", "dev", name)
        ip("link", "set", name, "up")
        for number, host in enumerate(made):
            ip("netns", "add", host)
            ip("link", "add", f"{host}-w", "type", "veth", "peer", "name", "wire", "netns", host)
            ip("link", "set", f"{host}-w", "master", name, "up")
            ip("-n", host, "addr", "add", f"{NETWORK}.{number + 2}/24", "dev", "wire")
            for device in ("lo", "wire"):
                ip("-n", host, "link", "set", device, "up")
        yield made
    finally:
        for host in made:
            ip("netns", "del", host, check=False)
        ip("link", "del", name, check=False)


@contextmanager
def started(command: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    """Start a process, and end it."""
    with log.open("w", encoding="utf-8") as file:
        going = subprocess.Popen(command, env=env, stdout=file, stderr=file)
        try:
            yield
        finally:
            going.terminate()
            going.wait(PATIENCE_S)


def dask(part: str) -> list[str]:
    """Return the command of a scheduler or worker."""
    return [sys.executable, "-m", f"distributed.cli.dask_{part}"]


def keys(folder: Path) -> None:
    """Make a key that only we can read, and the settings of Dask that ask for it."""
    folder.mkdir(mode=0o700)
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run([*CERTIFICATE, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    key.chmod(0o600)
    both = f"{{cert: {certificate}, key: {key}}}"
    (folder / "keys.yaml").write_text(
        f"distributed:\n  comm:\n    require-encryption: true\n    tls:\n      ca-file: {certificate}\n"
        f"      scheduler: {both}\n      worker: {both}\n      client: {both}\n  worker: {{profile: {{enabled: false}}}}\n",
        encoding="utf-8",
    )


def sweep(scenario: str, members: int, store: Path, env: dict[str, str], *words: str) -> float:
    """Run a sweep, and return the time that it takes. [s]"""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "gridmodel", "sweep", scenario, "--members", str(members), "--keep", "shed_mw"]
    subprocess.run([*command, *words, "-o", str(store)], env=env, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file of a store."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main() -> None:
    """Print both times, and check that the stores are equal to the byte."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?", default="january-2026")
    parser.add_argument("--members", type=int, default=400)
    asked = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("openssl"):
        raise SystemExit("needs root, ip and openssl, to put up network namespaces and make a key")
    with tempfile.TemporaryDirectory() as text, ExitStack() as open_until_here:
        folder = Path(text)
        keys(folder / "keys")
        env = os.environ | ONE_THREAD | {"DASK_CONFIG": str(folder / "keys"), "PYTHONSAFEPATH": "1"}
        alone_s = sweep(asked.scenario, asked.members, folder / "alone.zarr", env, "--workers", "1")
        made = open_until_here.enter_context(hosts(f"gm{os.getpid() % 10_000}"))
        address = f"tls://{NETWORK}.1:{PORT}"
        scheduler = [
            *dask("scheduler"),
            "--protocol",
            "tls",
            "--host",
            f"{NETWORK}.1",
            "--port",
            str(PORT),
            "--no-dashboard",
        ]
        open_until_here.enter_context(started(scheduler, env, folder / "scheduler.log"))
        for host in made:
            worker = ["ip", "netns", "exec", host, *dask("worker"), address, "--nthreads", "1", "--no-dashboard"]
            worker += ["--nworkers", str(WORKERS_EACH)]
            open_until_here.enter_context(started(worker, env, folder / f"{host}.log"))
        cluster_s = sweep(asked.scenario, asked.members, folder / "cluster.zarr", env, "--scheduler", address)
        seen = [sum(f"{NETWORK}.{number + 2}:" in line and "Start worker" in line
                    for line in (folder / f"{host}.log").read_text(encoding="utf-8").splitlines())
                for number, host in enumerate(made)]  # fmt: skip
        if tree(folder / "alone.zarr") != tree(folder / "cluster.zarr"):
            raise SystemExit("the cluster wrote other bytes than one worker")
    sys.stdout.write(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores; {asked.scenario}, {asked.members:,} members, "
        f"four workers in two network namespaces, TLS\n"
        f"one worker here {alone_s:.0f} s, the cluster {cluster_s:.0f} s; workers by host {seen}; equal to the byte\n"
    )


if __name__ == "__main__":
    main()
