"""Commands now, at the state before all was made faster, and beside pandapower: ``python benchmarks/base.py FOLDER``.

FOLDER is a checkout of the earlier state, which `make bench` makes in `.bench-base`. Each command is run in turn with
both, with the same packages beside them, three times, and the fastest counts: processor time of all its processes. What a
run contains has grown since: sub-queues that take turns, a second dispatch for them, homes that warm up, causes, help.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from rows import ONE_THREAD, Row, parser, tell

ROUNDS = 3
MEMBERS = 200
KEEP = ["--keep", "shed_mw", "--keep", "people_without_power", "--keep", "people_without_heat", "--keep", "import_mw"]
ALONE = """
import pandapower.networks, gridmodel as gm
net = pandapower.networks.case118()
net.ext_grid["max_p_mw"] = 1e4
gm.dispatch(net)
"""
AGAIN = 100
"""Times that a dispatch is repeated, so that imports do not count for most of it."""
BEFORE = "the state before all was made faster"
PANDAPOWER = "`import pandapower`"
GOALS = {  # greatest ratio that is aimed at, by command and what it is beside
    ("`gridmodel --help`", PANDAPOWER): 0.15,
    ('`gm.run("three-region")`, without a page', PANDAPOWER): 0.6,
    ("`gridmodel run three-region`, page included", PANDAPOWER): 1.0,
    ("`gm.dispatch` of pandapower's case118", BEFORE): 1.0,
    (f"`gm.dispatch` of it, and {AGAIN} times more", BEFORE): 1.0,
    (f"`gridmodel sweep january-2026`, {MEMBERS} members", BEFORE): 1.5,
}
COMMANDS = {
    PANDAPOWER: ["-c", "import pandapower"],
    "`gridmodel --help`": ["-m", "gridmodel", "--help"],
    "`gm.run(\"three-region\")`, without a page": ["-c", "import gridmodel as gm; gm.run('three-region')"],
    "`gridmodel run three-region`, page included": ["-m", "gridmodel", "run", "three-region", "-o", "{out}"],
    "`gm.dispatch` of pandapower's case118": ["-c", ALONE],
    f"`gm.dispatch` of it, and {AGAIN} times more": ["-c", f"{ALONE}for _ in range({AGAIN}):\n    gm.dispatch(net)\n"],
    f"`gridmodel sweep january-2026`, {MEMBERS} members": [
        "-m", "gridmodel", "sweep", "january-2026", "--members", str(MEMBERS), *KEEP, "--workers", "1", "--memory", "2GB", "-o", "{out}",
    ],
}  # fmt: skip


ROOT = Path(__file__).resolve().parents[1]


def seconds(state: Path, arguments: list[str]) -> float:
    """Run a command of a state of the package and return its processor time. [s]"""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *(one.format(out=Path(folder, "out")) for one in arguments)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        # numba imports what it finds, such as coverage: with other packages beside them, starts could not be compared
        env = os.environ | ONE_THREAD | {"PYTHONPATH": str(state)}
        subprocess.run(command, check=True, capture_output=True, cwd=folder, env=env)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    options = parser(__doc__)
    options.add_argument("folder", type=Path, help="checkout of the earlier state")
    asked = options.parse_args()
    base, rows, unit = asked.folder.resolve(strict=True), [], None
    for name, arguments in COMMANDS.items():
        both = [(seconds(base, arguments), seconds(ROOT, arguments)) for _ in range(ROUNDS)]
        old, new = (min(times) for times in zip(*both, strict=True))
        unit = unit or new
        for beside, other in ((BEFORE, old), (PANDAPOWER, unit)):
            if name != beside:
                took = f"{new:.2f} s of processor time, beside {other:.2f} s"
                most = GOALS.get((name, beside))
                rows.append(Row(measured=name, took=took, beside=beside, ratio=new / other, most=most))
    tell(rows, as_json=asked.json)


if __name__ == "__main__":
    main()
