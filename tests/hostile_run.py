"""Read every file of a folder in one process, watched: ``python hostile_run.py FOLDER NAMES.json`` prints JSON."""

import json
import os
import sys
from pathlib import Path

import gridmodel as gm
from gridmodel.events.timetable import read_timetable
from gridmodel.results.run_folder import read_manifest, read_result
from gridmodel.studies.options import load_options
from gridmodel.studies.run import run
from gridmodel.studies.sweep import load_sweep

WATCHED = {
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "pickle.find_class",
    "socket.connect",
    "os.fork",
}


def main() -> None:
    where, names = Path(sys.argv[1]), json.loads(sys.argv[2])
    gm.load_network("three-region")  # everything is imported before the watch begins
    gm.load_weather("three-region")
    seen: list[str] = []

    def watch(event: str, args: tuple[object, ...]) -> None:
        if event in WATCHED or (event == "open" and "secret" in str(args[0])):
            seen.append(f"{event} {str(args[:1])[:100]}")

    sys.addaudithook(watch)
    os.chdir(where)
    readers = {
        "network": gm.load_network,
        "weather": gm.load_weather,
        "scenario": lambda path: run(gm.load_scenario(path)),
        "timetable": read_timetable,
        "options": load_options,
        "sweep": load_sweep,
        "run": read_result,
        "manifest": lambda path: read_manifest(Path(path)),
    }
    results = {}
    for name, kind in names.items():
        seen.clear()
        try:
            readers[kind](str(where / name))
            outcome, problems = "read", []
        except gm.InputError as error:
            outcome, problems = "refused", [str(problem) for problem in error.problems]
        except Exception as error:  # noqa: BLE001 - a traceback is what the test looks for
            outcome, problems = type(error).__name__, [str(error)[:300]]
        results[name] = {"outcome": outcome, "problems": problems, "seen": list(seen)}
    # not ru_maxrss, which a child takes over from whoever started it
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    sys.stdout.write(json.dumps({"results": results, "peak_mb": peak}))


if __name__ == "__main__":
    main()
