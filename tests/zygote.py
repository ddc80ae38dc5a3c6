"""Commands in processes that can be killed: imports once, then forks one process for each line of stdin.

``python zygote.py`` reads lines of JSON ``[folder, words, seconds]``; for each it starts a command, kills it after so many
seconds (not if null), and prints its exit status.
"""

import importlib
import json
import os
import signal
import sys
import time

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
    importlib.import_module("gridmodel.output.report.vega").vega()  # what each page carries
    for line in sys.stdin:
        folder, words, seconds = json.loads(line)
        os.chdir(folder)
        process = os.fork()
        if process == 0:
            got = CliRunner().invoke(main, words)
            os._exit(got.exit_code)
        if seconds is not None:
            time.sleep(seconds)
            os.kill(process, signal.SIGKILL)  # one that has ended is kept until it is waited for
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    run()
