"""Faults put into the physics one at a time, each of which some test must notice: ``make mutants``.

A mutant replaces one piece of a module in a scratch copy of the checkout and runs the tests of its neighbourhood there.
One that passes them all has survived: a test is missing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scratch import copy_package, python

from gridmodel.inputs.files import ROOT

POWER = ("tests/services/test_power.py", "tests/simulation/test_paper.py", "tests/simulation/test_loop.py")
DISPATCH = ("tests/dispatch/test_dispatch.py", "tests/dispatch/test_dispatch_limits.py")
STORAGE = ("tests/dispatch/test_storage.py",)
CAUSES = ("tests/services/test_causes.py",)
CASCADE = ("tests/services/test_cascade.py", "tests/services/test_rounds.py")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault."""

    says: str
    """What is wrong with it."""
    module: str
    """File within the package."""
    old: str
    """Text that it replaces; it stands in the file once."""
    new: str
    tests: tuple[str, ...]
    """Files of tests, one of which must fail."""


MUTANTS = (
    Mutant("yesterday's cold weighs as much as today's", "services/power/demand.py",
           "total[start:] += share * day[: hours - start]", "total[start:] += day[: hours - start] / 4 * 1.875",
           ("tests/services/test_demand.py",)),
    Mutant("demand falls with the cold", "services/power/demand.py",
           "np.maximum(threshold_c - reference_c, 0.0), coldest", "np.maximum(threshold_c + reference_c, 0.0), coldest",
           ("tests/services/test_demand.py",)),
    Mutant("load returns no higher after a long outage than after a short one", "services/power/feedback.py",
           'settings["pickup_per_h"] * before.off_h', 'settings["pickup_per_h"]', ("tests/services/test_feedback.py",)),
    Mutant("pick-up never falls back", "services/power/feedback.py",
           'np.exp(-step_h / settings["pickup_tau_h"])', "1.0", ("tests/services/test_feedback.py",)),
    Mutant("a delivery limit that is a share lets heaters add capacity", "services/power/serve.py",
           "there = conditions(system, step, row_sum(normal_mw))", "there = conditions(system, step, row_sum(demand_mw))",
           ("tests/services/test_feedback.py", *POWER)),
    Mutant("a damaged network passes on the whole need", "services/power/conditions.py",
           "np.where(share < 1.0, share * demand_mw, np.inf)", "np.where(share < 0.0, share * demand_mw, np.inf)", POWER),
    Mutant("imports exceed the borders", "services/power/conditions.py",
           "np.minimum(np.minimum(limits[:, place] + capacity.more_import_mw[step], borders), events)",
           "np.minimum(limits[:, place] + capacity.more_import_mw[step], events)", POWER),
    Mutant("a group of generators passes its limit", "dispatch/merit.py",
           "allowed = np.minimum(total, room)", "allowed = total", DISPATCH),
    Mutant("the dearest plant runs first", "dispatch/merit.py",
           "np.clip(row_sum(served)[:, None] - (below - levels), 0.0, levels)",
           "np.clip(row_sum(served)[:, None] - (below[:, -1:] - below), 0.0, levels)", DISPATCH),
    Mutant("storage gives the energy that later hours need", "dispatch/storage.py",
           "np.maximum(self.remaining_mwh - later, 0.0)", "np.maximum(self.remaining_mwh, 0.0)", STORAGE),
    Mutant("storage loses nothing on its way round", "dispatch/storage.py",
           "(charge_mw * efficiency - output_mw)", "(charge_mw - output_mw)", STORAGE),
    Mutant("load does not fall with the frequency", "dispatch/frequency.py",
           "drawn = remaining * (1.0 - response.load_relief_per_hz * (NOMINAL_HZ - hz))", "drawn = remaining", CASCADE),
    Mutant("relays take critical load too", "dispatch/frequency.py",
           "np.minimum(load_mw[..., None] * np.cumsum(shares, axis=-1), most_mw[..., None])",
           "load_mw[..., None] * np.cumsum(shares, axis=-1)", CASCADE),
    Mutant("people without all three need no power to have water upstairs", "services/people.py",
           "dry = dry_street + (1.0 - dry_street) * high_floor_share", "dry = dry_street + 0.0 * high_floor_share",
           ("tests/services/test_people.py",)),
    Mutant("homes without a source also lack power at it", "services/heat/causes.py",
           "        left = left * share\n", "        left = left * 1.0\n", CAUSES),
    Mutant("homes that wait are taken for those that the source does not reach", "services/heat/causes.py",
           "rest = np.maximum(gone - broken, 0.0)", "rest = gone", CAUSES),
    Mutant("stoves stop for want of power", "services/heat/causes.py",
           "lacks_power = NEEDS_POWER[..., 0] & (power < 1.0 - WHOLE)", "lacks_power = power < 1.0 - WHOLE", CAUSES),
    Mutant("all that lacks in the street is for want of power", "services/water.py",
           "np.minimum(off_m3_per_h, lacks)", "lacks", CAUSES),
)  # fmt: skip


def place(mutant: Mutant) -> Path:
    """Return the file that a mutant changes."""
    return ROOT / "gridmodel" / mutant.module


def survives(mutant: Mutant, folder: Path) -> bool:
    """Put the fault into a copy of the checkout, run its tests, and take it out again; True if all of them pass."""
    path = folder / "gridmodel" / mutant.module
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace(mutant.old, mutant.new), encoding="utf-8")
    args = ("-m", "pytest", "-x", "-q", "-n0", "-m", "not long", "-p", "no:cacheprovider", "-W", "ignore")
    done = python(folder, *args, *mutant.tests)
    shutil.copy2(place(mutant), path)
    if done.returncode not in {0, 1}:
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
    return done.returncode == 0


def copy_checkout(folder: Path) -> Path:
    """Copy what tests need."""
    copy_package(folder)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "docs", "validation", "benchmarks", "cli.py"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def main() -> int:
    """Try every mutant, print what became of it, and return 1 if any survived."""
    caught = 0
    with tempfile.TemporaryDirectory() as name:
        folder = copy_checkout(Path(name))
        for mutant in MUTANTS:
            lives = survives(mutant, folder)
            caught += not lives
            print(f"{'SURVIVED' if lives else 'caught  '}  {mutant.module}: {mutant.says}", flush=True)  # noqa: T201
    print(f"{caught} of {len(MUTANTS)} caught")  # noqa: T201
    return int(caught < len(MUTANTS))


if __name__ == "__main__":
    sys.exit(main())
