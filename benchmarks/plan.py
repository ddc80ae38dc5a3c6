"""Ranking a list of help beside one run of the same scenario, in one process: ``python benchmarks/plan.py``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = "january-2026"
OPTIONS = """\
name,kind,region,size,cost_eur,available_from,target
more imports,import,,300,500000,2026-01-12 00:00,
still more imports,import,,300,900000,2026-01-20 00:00,
boilers in Kyiv,mobile_boiler,UA-30,200,900000,,
boilers in Dnipro,mobile_boiler,UA-12,100,450000,2026-01-15 00:00,
generators at waterworks,mobile_generator,UA-30,20,300000,,waterworks
generators at heat sources,mobile_generator,UA-59,2,60000,,heat_source
fuel trucks,fuel_truck,UA-30,10,100000,,
battery in Kyiv,battery,UA-30,50,2000000,,
crews in Kyiv,repair_crew,UA-30,20,50000,,
spare transformers,spare_transformers,,2,800000,,
places to get warm in Kyiv,warming_points,UA-30,50000,400000,,
places to get warm in Chernihiv,warming_points,UA-74,20000,160000,,
crews that drain pipes in Kyiv,drain_crew,UA-30,10,30000,,
tankers of water for Kyiv,water_truck,UA-30,20,60000,,
"""
"""Fourteen options of every kind, as a planner lists them: some come later."""
ROUNDS = 3
"""Times that both are timed, one after the other; the middle ratio is shown."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def measure(members: int | None) -> None:
    """Time runs and rankings alternately, in processor time."""
    import gridmodel as gm
    from gridmodel.studies.options import load_options

    scenario = gm.load_scenario(SCENARIO)
    scenario = scenario if members is None else scenario.replace(members=members)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "options.csv"
        path.write_text(OPTIONS, encoding="utf-8")
        options = load_options(path)
    gm.run(scenario.replace(end="2026-01-08 03:00", events=()))  # imports, and compiling where numba is
    ratios = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        gm.run(scenario)
        run = time.process_time() - begun
        runs: list[int] = []
        begun = time.process_time()
        gm.rank_mitigations(scenario, options, progress=runs.append)
        ranking = time.process_time() - begun
        ratios.append((ranking / run, run, ranking, len(runs)))
    ratio, run, ranking, count = sorted(ratios)[ROUNDS // 2]
    lines = [
        f"one run of {SCENARIO}, {scenario.members} members: {run:.2f} s of processor time",
        f"ranking of {len(options)} options: {ranking:.2f} s, {count} runs begun",
        f"ratio {ratio:.1f} (goal 10; {min(ratios)[0]:.1f} to {max(ratios)[0]:.1f} in {ROUNDS} rounds)",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    """Measure in a process of its own, with one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, help="members, in place of the scenario's")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        measure(asked.members)
        return
    members = [] if asked.members is None else ["--members", str(asked.members)]
    subprocess.run([sys.executable, __file__, "--here", *members], check=True, env=os.environ | ONE_THREAD)


if __name__ == "__main__":
    main()
