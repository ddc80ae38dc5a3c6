"""Two workers against one on the same sweep, and the memory of a large one.

Usage: ``python benchmarks/sweep.py [--members N] [--large N] [--json]``: ``--large 10000`` also runs that many members in 2 GB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from rows import ONE_THREAD, Row, parser, tell

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
    options = parser(__doc__)
    options.add_argument("--members", type=int, default=1000)
    options.add_argument("--large", type=int, default=0)
    asked = options.parse_args()
    rows: list[Row] = []

    def note(
        members: int, workers: str, took: float, peak: int, *, beside: str = "", ratio: float | None = None
    ) -> None:
        spent = f"{took:.0f} s, {peak / 1e6:,.0f} MB"
        name = f"sweep of January 2026, {members:,} members, {workers}"
        rows.append(Row(measured=name, took=spent, beside=beside, ratio=ratio))

    with tempfile.TemporaryDirectory() as folder:
        seconds: dict[int, float] = {}
        for workers in (1, 2):
            seconds[workers], peak = watched(sweep(Path(folder, f"{workers}.zarr"), asked.members, workers))
            if workers == 1:
                note(asked.members, "one worker", seconds[1], peak)
            else:
                note(asked.members, "two workers", seconds[2], peak, beside="one worker", ratio=seconds[2] / seconds[1])
        if tree(Path(folder, "1.zarr")) != tree(Path(folder, "2.zarr")):
            raise SystemExit("two workers wrote other bytes than one")
        if asked.large:
            took, peak = watched(sweep(Path(folder, "large.zarr"), asked.large, 2))
            each = seconds[2] / asked.members
            beside = f"a sweep of {asked.members:,}, two workers, in proportion"
            note(asked.large, "two workers", took, peak, beside=beside, ratio=took / asked.large / each)
    tell(rows, as_json=asked.json)


if __name__ == "__main__":
    main()
