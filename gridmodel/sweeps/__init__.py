"""Many runs: a scenario with changes, on one machine or many, in one store that loses nothing."""

from gridmodel.sweeps.api import Report, SweepStoppedError, open_sweep, run_sweep, sweep
from gridmodel.sweeps.changes import Changes, check_changes, sample_changes
from gridmodel.sweeps.file import SweepFile, load_sweep

__all__ = [
    "Changes",
    "Report",
    "SweepFile",
    "SweepStoppedError",
    "check_changes",
    "load_sweep",
    "open_sweep",
    "run_sweep",
    "sample_changes",
    "sweep",
]
