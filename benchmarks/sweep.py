"""Two workers against one on the same sweep, and the memory of a large one.

Usage: ``python benchmarks/sweep.py [--members N] [--large N]``: ``--large 10000`` also runs that many members in 2 GB.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
KEEP = ["--keep", "shed_mw", "--keep", "people_without_power", "--keep", "people_without_heat", "--keep", "import_mw"]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a store."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def watched(command: list[str]) -> tuple[float, int]:
    """Seconds, and the highest sum of resident memory of all its processes. [s, byte]"""
    begun, peak = time.perf_counter(), 0
    going = subprocess.Popen(command, env=os.environ | ONE_THREAD, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    whole = psutil.Process(going.pid)
    while going.poll() is None:
        total = 0
        for process in [whole, *_children(whole)]:
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
        peak = max(peak, total)
        time.sleep(0.2)
    if going.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {going.returncode}")
    return time.perf_counter() - begun, peak


def sweep(store: Path, members: int, workers: int) -> list[str]:
    """Command of a sweep."""
    return [
        sys.executable, "-m", "gridmodel", "sweep", "january-2026", "--members", str(members), *KEEP,
        "--workers", str(workers), "--memory", "2GB", "-o", str(store),
    ]  # fmt: skip


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=4000)
    parser.add_argument("--large", type=int, default=0)
    asked = parser.parse_args()
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores; January 2026, 504 h; one thread a worker", "",
             "| members | workers | seconds | times one worker | peak memory, MB |", "|---|---|---|---|---|"]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        seconds: dict[int, float] = {}
        for workers in (1, 2):
            seconds[workers], peak = watched(sweep(Path(folder, f"{workers}.zarr"), asked.members, workers))
            ratio = seconds[1] / seconds[workers]
            lines.append(
                f"| {asked.members:,} | {workers} | {seconds[workers]:.0f} | {ratio:.2f} | {peak / 1e6:,.0f} |"
            )
        if tree(Path(folder, "1.zarr")) != tree(Path(folder, "2.zarr")):
            raise SystemExit("two workers wrote other bytes than one")
        if asked.large:
            took, peak = watched(sweep(Path(folder, "large.zarr"), asked.large, 2))
            lines.append(f"| {asked.large:,} | 2 | {took:.0f} | | {peak / 1e6:,.0f} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
