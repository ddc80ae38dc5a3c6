"""A whole run beside a warm HiGHS loop on its dispatch alone, one process each: ``python benchmarks/whole.py``."""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MEMBERS, SNAPSHOTS = 100, 5_040
TARGETS = {"queues": (0.5, 0.35), "mean": (0.33, 0.2)}
"""Most that a run may take of the time of a warm HiGHS loop, and what is aimed at, by how homes take turns without
power. [1]"""
PARTS = (
    "step_power",
    "serve",
    "demand_ahead",
    "planned",
    "step_homes",
    "step_water",
    "step_backup",
    "note",
    "run_inputs",
)
"""Functions whose time is shown: electricity, its dispatch, demand and day plans, homes, water, generators, record, set-up."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def measure(rotation: str) -> None:
    """Time one run, then profile another.

    Parameters
    ----------
    rotation
        How homes take turns without power.
    """
    import gridmodel as gm
    from gridmodel.simulation.inputs import run_inputs
    from gridmodel.simulation.loop import simulate

    scenario = gm.load_scenario("january-2026").replace(members=MEMBERS, rotation=rotation)
    simulate(
        run_inputs(scenario)
    )  # imports, compiling where numba is, and memory that the machine has not handed out before
    begun = time.process_time()
    result = simulate(run_inputs(scenario))
    took = time.process_time() - begun
    profile = cProfile.Profile()
    profile.runcall(lambda: simulate(run_inputs(scenario.replace(members=20))))
    spent: dict[str, float] = {}
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, name), (_, _, _, whole, _) in stats.items():
        if "gridmodel" in file and name in PARTS:
            spent[name] = spent.get(name, 0.0) + whole
    sys.stdout.write(json.dumps({"seconds": took, "steps": int(result.sizes["time"]), "parts": spent}))


def measured(rotation: str, env: dict[str, str]) -> dict[str, Any]:
    """Measure a run in a process of its own."""
    command = [sys.executable, __file__, "measure", rotation]
    done = subprocess.run(command, capture_output=True, check=True, env=env)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Run all and print the ratios."""
    env = os.environ | ONE_THREAD
    ours = {rotation: measured(rotation, env) for rotation in TARGETS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "national.npz"
        subprocess.run([sys.executable, HERE / "snapshots.py", "national", str(SNAPSHOTS), path], check=True, env=env)
        command = [sys.executable, HERE / "engine.py", "highs", path, str(SNAPSHOTS), "100"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    each: float = json.loads(done.stdout.strip().splitlines()[-1])["seconds"] / SNAPSHOTS
    snapshots = MEMBERS * ours["mean"]["steps"]
    highs = each * snapshots
    lines = [f"warm HiGHS, dispatch of {snapshots:,} snapshots alone: {highs:.1f} s ({each * 1e3:.3g} ms each)"]
    for rotation, run in ours.items():
        parts = sorted(run["parts"].items(), key=lambda part: -part[1])
        lines += [
            f"whole run, {MEMBERS} members x {run['steps']} h, rotation {rotation}: {run['seconds']:.1f} s of processor "
            f"time, ratio {run['seconds'] / highs:.2f} (at most {TARGETS[rotation][0]:.2f}, aim {TARGETS[rotation][1]:.2f})",
            "  parts of a run of 20 members under the profiler, s: "
            + ", ".join(f"{name} {took:.2f}" for name, took in parts),
        ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    measure(sys.argv[2]) if sys.argv[1:2] == ["measure"] else main()
