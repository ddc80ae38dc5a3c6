"""A file read in this process, watched."""

import contextlib
import warnings
from pathlib import Path

from audited import watched
from memory import begin_peak, peak_mb

import gridmodel as gm
from gridmodel.events.timetable import read_timetable
from gridmodel.results.run_folder import read_manifest, read_result
from gridmodel.studies.options import load_options
from gridmodel.studies.run import run
from gridmodel.studies.sweep import load_sweep

STARTS = {
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "pickle.find_class",
    "socket.connect",
    "os.fork",
}
READERS = {
    "network": gm.load_network,
    "weather": gm.load_weather,
    "scenario": lambda path: run(gm.load_scenario(path)),
    "timetable": read_timetable,
    "options": load_options,
    "sweep": load_sweep,
    "run": read_result,
    "manifest": lambda path: read_manifest(Path(path)),
}
SEEN = []


def _watch(event, args):
    if event in STARTS or (event == "open" and "secret" in str(args[0])):
        SEEN.append(f"{event} {str(args[:1])[:100]}")


def get_ready():
    """Import everything, before the watch begins."""
    gm.load_network("three-region")
    gm.load_weather("three-region")


def read(where, name, kind):
    """Read a file of a folder; return what became of it, and how much memory was taken at most. [MB]"""
    before = begin_peak()
    with contextlib.chdir(where), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        SEEN.clear()
        try:
            with watched(_watch):
                READERS[kind](str(where / name))
            outcome, problems = "read", [str(one.message) for one in told]
        except gm.InputError as error:
            outcome, problems = "refused", [str(problem) for problem in error.problems]
        except Exception as error:  # noqa: BLE001 - a traceback is what the test looks for
            outcome, problems = type(error).__name__, [str(error)[:300]]
    return {"outcome": outcome, "problems": problems, "seen": list(SEEN), "peak_mb": peak_mb() - before}
