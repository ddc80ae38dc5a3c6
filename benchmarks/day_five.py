"""Conditioning beside a plain sweep and a run: ``python benchmarks/day_five.py [--members N] [--alone]``.

Both read, run and write all that they do for a user; a sweep keeps four variables, a posterior all of them. Members in
total are those of the study's member-hours over the hours of the scenario: prior, moves and posterior. `--alone` leaves
out the run, which holds on one core what the others share among two.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from rows import Row, parser, tell
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
    options = parser(__doc__)
    options.add_argument("--members", type=int, default=400)
    options.add_argument("--alone", action="store_true")
    asked = options.parse_args()
    run, many = [sys.executable, "-m", "gridmodel"], f"January 2026, {asked.members:,} members"
    swept = f"a sweep of {asked.members:,}, two workers"
    with tempfile.TemporaryDirectory() as folder:
        store, place = Path(folder, "s.zarr"), Path(folder, "posterior")
        watched(sweep(Path(folder, "first.zarr"), 2, 2))  # numba compiles once per installation
        plain, peak = watched(sweep(store, asked.members, 2))
        rows = [Row(measured=f"sweep of {many}, two workers", took=f"{plain:.0f} s, {peak / 1e9:.1f} GB")]
        command = [*run, "condition", "january-2026", str(REPORTS), "--members", str(asked.members)]
        took, peak = watched([*command, "--workers", "2", "-o", str(place)])
        every = in_total(place, asked.members)
        name, spent = f"conditioning of {many}, two workers", f"{took:.0f} s, {peak / 1e9:.1f} GB"
        rows += [
            Row(measured=name, took=spent, beside=swept, ratio=took / plain),
            Row(
                measured=name, took=f"{spent}, at most {every:,.0f} members in total",
                beside="a sweep of as many as in total, in proportion", ratio=took / plain * asked.members / every,
                most=3.0,
            ),
        ]  # fmt: skip
        if not asked.alone:
            took, peak = watched(
                [*run, "run", "january-2026", "--members", str(asked.members), "-o", str(Path(folder, "run"))]
            )
            spent = f"{took:.0f} s, {peak / 1e9:.1f} GB"
            rows.append(Row(measured=f"`gridmodel run` of {many}", took=spent, beside=swept, ratio=took / plain))
    tell(rows, as_json=asked.json)


if __name__ == "__main__":
    main()
