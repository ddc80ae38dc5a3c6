"""Conditioning beside a plain sweep and a run: ``python benchmarks/day_five.py [--members N] [--alone]``.

Both read, run and write all that they do for a user; a sweep keeps four variables, a posterior all of them. Members in
total are those of the study's member-hours over the hours of the scenario: prior, moves and posterior. `--alone` leaves
out the run, which holds on one core what the others share among two.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sweep import sweep, watched

from gridmodel.studies.conditioning.api import ask
from gridmodel.studies.conditioning.filter import MOST_ROUNDS

REPORTS = Path(__file__).resolve().parent.parent / "docs" / "day-five.csv"


def in_total(folder: Path, members: int) -> float:
    """Members that a study ran at most, as whole runs: paths that are alike up to the last report are run once."""
    asked = ask("january-2026", REPORTS, members=members)
    segments = json.loads((folder / "posterior.json").read_text(encoding="utf-8"))["segments"]
    spared = sum((MOST_ROUNDS - one["rounds"]) * part.days for one, part in zip(segments, asked.segments, strict=False))
    days = sum(one.days for one in asked.segments)
    return (asked.member_hours[1] / 24.0 - members * spared) / days


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=400)
    parser.add_argument("--alone", action="store_true")
    asked = parser.parse_args()
    run = [sys.executable, "-m", "gridmodel"]
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores; January 2026, 504 h; one thread a worker", "",
             "| command | members | members in total | workers | seconds | times the sweep | times it for as many in total | peak memory, GB |", "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        store, place = Path(folder, "s.zarr"), Path(folder, "posterior")
        watched(sweep(Path(folder, "first.zarr"), 2, 2))  # numba compiles once per installation
        plain, peak = watched(sweep(store, asked.members, 2))
        lines.append(f"| sweep | {asked.members:,} | {asked.members:,} | 2 | {plain:.0f} | 1 | 1 | {peak / 1e9:.1f} |")
        command = [*run, "condition", "january-2026", str(REPORTS), "--members", str(asked.members)]
        took, peak = watched([*command, "--workers", "2", "-o", str(place)])
        every = in_total(place, asked.members)
        lines.append(
            f"| condition | {asked.members:,} | {every:,.0f} | 2 | {took:.0f} | {took / plain:.1f} "
            f"| {took / plain * asked.members / every:.1f} | {peak / 1e9:.1f} |"
        )
        if not asked.alone:
            took, peak = watched(
                [*run, "run", "january-2026", "--members", str(asked.members), "-o", str(Path(folder, "run"))]
            )
            lines.append(
                f"| run | {asked.members:,} | {asked.members:,} | 1 | {took:.0f} | {took / plain:.1f} | {took / plain:.1f} | {peak / 1e9:.1f} |"
            )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
