"""Commands in processes that can be killed: imports once, then forks one process for each line of stdin.

``python zygote.py`` reads lines of JSON ``[folder, words]``; for each it prints the number of the process, and, once that
has ended, its exit status.
"""

import importlib
import json
import os
import sys

from click.testing import CliRunner

from gridmodel.commands import main

NEEDED = (
    "studies.run",
    "output.report",
    "output.export",
    "output.network_picture",
    "interchange",
    "results.outage_schedule",
    "weather",
    "results.run_folder",
)


def run() -> None:
    for name in NEEDED:  # once, and not in each process
        importlib.import_module(f"gridmodel.{name}")
    for line in sys.stdin:
        folder, words = json.loads(line)
        os.chdir(folder)
        process = os.fork()
        if process == 0:
            got = CliRunner().invoke(main, words)
            os._exit(got.exit_code)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    run()
