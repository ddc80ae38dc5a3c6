"""Ranking a list of help beside one run of the same scenario, in one process: ``python benchmarks/plan.py``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import ONE_THREAD, Row, parser, tell

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


def measure(members: int | None, *, as_json: bool) -> None:
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
    took = (
        f"{ranking:.1f} s of processor time, beside {run:.1f} s; {count} runs begun; {min(ratios)[0]:.1f} to "
        f"{max(ratios)[0]:.1f} times in {ROUNDS} rounds"
    )
    name = f"ranking of {len(options)} options in {SCENARIO}, {scenario.members} members"
    tell([Row(measured=name, took=took, beside="one run of it", ratio=ratio, most=10)], as_json=as_json)


def main() -> None:
    """Measure in a process of its own, with one thread."""
    options = parser(__doc__)
    options.add_argument("--members", type=int, help="members, in place of the scenario's")
    options.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.here:
        measure(asked.members, as_json=asked.json)
        return
    more = [] if asked.members is None else ["--members", str(asked.members)]
    more += ["--json"] if asked.json else []
    subprocess.run([sys.executable, __file__, "--here", *more], check=True, env=os.environ | ONE_THREAD)


if __name__ == "__main__":
    main()
