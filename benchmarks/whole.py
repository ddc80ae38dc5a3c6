"""A whole run beside a warm HiGHS loop on the dispatch of as many snapshots: ``python benchmarks/whole.py``.

HiGHS does not solve the dispatch of the run. Its snapshots are those of ``snapshots.py national``: hours of the same
month on the same grid with noise of demand by region and random damage, without limits of regions and groups. It is timed
on 5,040 of them, and that time is taken times ten, for the 50,400 hours of the members of the run. Runs of each way of
taking turns and of HiGHS follow one another in rounds, each in a process of its own: for seconds at a time a machine
that others share is up to a third slower, runs more so than HiGHS. The fastest time of all rounds counts on every side.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rows import ONE_THREAD, Row, parser, tell

HERE = Path(__file__).resolve().parent
MEMBERS, SNAPSHOTS = 100, 5_040
ROUNDS, REPEATS = 4, 2
"""Rounds, and runs that are timed in each after a first one; the fastest counts, since others on the machine only make
it slower."""
GOALS = {"queues": 0.35, "mean": 0.2}
"""Goal for the time of a run over that of the warm HiGHS loop, by how homes take turns without power. [1]"""
PARTS = {
    ("services.power.step", "step_power"): "electricity",
    ("services.power.serve", "serve"): "its dispatch",
    ("services.power.consumers", "demand_ahead"): "demand ahead",
    ("services.power.storage", "planned"): "day plans",
    ("services.heat.cells", "step_cells"): "homes",
    ("services.water", "step_water"): "water",
    ("services.backup", "step_backup"): "generators",
    ("simulation.record", "note"): "record",
    ("simulation.inputs", "run_inputs"): "set-up",
}
"""Functions whose time is shown, by module and name. Parts overlap: electricity contains its dispatch, which contains
day plans; demand ahead is a part of electricity, of day plans and of set-up."""


def measure(rotation: str) -> None:
    """Time some runs.

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
    took = []
    for _ in range(REPEATS):
        begun = time.process_time()
        result = simulate(run_inputs(scenario))
        took.append(time.process_time() - begun)
        steps = int(result.sizes["time"])
        del result
    sys.stdout.write(json.dumps({"seconds": took, "steps": steps}))


def profile(rotation: str) -> None:
    """Profile a run of few members after a first one.

    Parameters
    ----------
    rotation
        How homes take turns without power.
    """
    import gridmodel as gm
    from gridmodel.simulation.inputs import run_inputs
    from gridmodel.simulation.loop import simulate

    scenario = gm.load_scenario("january-2026").replace(members=20, rotation=rotation)
    simulate(run_inputs(scenario))
    profiler = cProfile.Profile()
    profiler.runcall(lambda: simulate(run_inputs(scenario)))
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    parts = parts_of({key: cumulative for key, (_, _, _, cumulative, _) in stats.items()}, Path(gm.__file__).parent)
    whole = sum(own for _, _, own, _, _ in stats.values())
    sys.stdout.write(json.dumps({"parts": parts, "profiled": whole}))


def parts_of(cumulative_s: Mapping[tuple[str, int, str], float], package: Path) -> dict[str, float]:
    """Return the time of each of `PARTS`. [s]

    Parameters
    ----------
    cumulative_s
        Time of each function, calls of others included, by file, line and name, as the profiler gives it. [s]
    package
        Folder of the package that is profiled.
    """
    spent: dict[str, float] = {}
    for (file, _, name), seconds in cumulative_s.items():
        path = Path(file)
        if path.is_relative_to(package):
            part = PARTS.get((".".join(path.relative_to(package).with_suffix("").parts), name))
            if part:
                spent[part] = spent.get(part, 0.0) + seconds
    return spent


def measured(what: str, rotation: str, env: dict[str, str]) -> dict[str, Any]:
    """Return what `measure` or `profile` finds, in a process of its own."""
    command = [sys.executable, __file__, what, rotation]
    done = subprocess.run(command, capture_output=True, check=True, env=env)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Run all and print the ratios."""
    asked = parser(__doc__).parse_args()
    env = os.environ | ONE_THREAD
    runs: dict[str, list[float]] = {rotation: [] for rotation in GOALS}
    told = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "national.npz"
        subprocess.run([sys.executable, HERE / "snapshots.py", "national", str(SNAPSHOTS), path], check=True, env=env)
        command = [sys.executable, HERE / "engine.py", "highs", path, str(SNAPSHOTS), "100"]
        for _ in range(ROUNDS):
            told.append(subprocess.run(command, capture_output=True, text=True, check=True, env=env))
            for rotation, seconds in runs.items():
                found = measured("measure", rotation, env)
                seconds.extend(found["seconds"])
                steps = found["steps"]
    times = [float(json.loads(done.stdout.strip().splitlines()[-1])["seconds"]) / SNAPSHOTS for done in told]
    each = min(times)
    snapshots = MEMBERS * steps
    highs = each * snapshots
    name = f"a warm HiGHS loop on {snapshots:,} other snapshots of the grid"
    told_s = f"{highs:.1f} s, {each * 1e3:.3g} ms each of {SNAPSHOTS:,} (up to {max(times) * 1e3:.3g})"
    rows = [Row(measured=name, took=told_s)]
    for rotation, seconds in runs.items():
        least, most = min(seconds), max(seconds)
        what, took = f"run of January 2026, {MEMBERS} members, {steps} h, rotation {rotation}", f"{least:.1f} s"
        took += f" of processor time (up to {most:.1f})"
        rows.append(Row(measured=what, took=took, beside=name, ratio=least / highs, most=GOALS[rotation]))
        profiled = measured("profile", rotation, env)
        whole = profiled["profiled"]
        parts = sorted(profiled["parts"].items(), key=lambda part: -part[1])
        rows += [
            Row(measured=f"{part}, 20 members, rotation {rotation}, under the profiler", took=f"{spent:.2f} s",
                beside="all of that run", ratio=spent / whole)
            for part, spent in parts
        ]  # fmt: skip
    tell(rows, as_json=asked.json)


if __name__ == "__main__":
    asked_for = {"measure": measure, "profile": profile}.get(" ".join(sys.argv[1:2]))
    asked_for(sys.argv[2]) if asked_for else main()
