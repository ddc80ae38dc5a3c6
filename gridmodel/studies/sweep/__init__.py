"""Many runs: a scenario with changes, on one machine or many, in one store that loses nothing."""

from gridmodel.studies.sweep.api import Report, SweepStoppedError, open_sweep, run_sweep, sweep
from gridmodel.studies.sweep.changes import Changes, check_changes, sample_changes
from gridmodel.studies.sweep.file import SweepFile, load_sweep

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
