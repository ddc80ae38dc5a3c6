"""All benchmarks in one table: ``python benchmarks/every.py PEERS_PYTHON BASE_PYTHON [--large N] [--write]``.

Each run is added to `.bench.jsonl` in the checkout. The table has the times of the latest, and the ratios of up to three
runs of the same commit on the same machine, so that chance shows. `--write` puts it into `docs/benchmarks.md`.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rows import Row, parser, table, where

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / ".bench.jsonl"
PAGE = HERE.parent / "docs" / "benchmarks.md"
SHOWN = "## What it shows"
"""Heading of the page from which it is written by hand."""
HEADING = """\
# Benchmarks

Printed by `make bench`; [benchmarks/](../benchmarks/README.md) says what is timed. A ratio is the time over that of what it is *beside*, each measured in
the same run: of another engine beside gridmodel, more is better; of gridmodel beside something else, less. Each ratio is given once for each run.
Dispatch is processor time on one thread; sweeps, conditioning and the run beside them are time on the clock.
"""
RUNS = 3
OURS = ("numpy", "numba", "pandapower", "highspy", "xarray", "dask")
THEIRS = ("pypsa", "linopy", "highspy")
"""Packages whose versions are told: of this environment, and of that of the peers."""
VERSIONS = (
    "from importlib.metadata import version; import sys; print(*(f'{n} {version(n)}' for n in sys.argv[1:]), sep=', ')"
)


def parts(peers: str, base: str, large: int) -> list[list[str]]:
    """Commands of all benchmarks."""
    return [
        ["run.py", peers], ["whole.py"], ["sweep.py", *(["--large", str(large)] if large else [])], ["day_five.py"],
        ["plan.py"], ["two_thousand.py", peers], ["base.py", base],
    ]  # fmt: skip


def measured(command: Sequence[str]) -> list[Row]:
    """Run a benchmark and return its rows."""
    sys.stderr.write(f"{command[0]} …\n")
    done = subprocess.run(
        [sys.executable, str(HERE / command[0]), *command[1:], "--json"], stdout=subprocess.PIPE, text=True, check=True
    )
    return [Row(**row) for row in json.loads(done.stdout.strip().splitlines()[-1])]


def joined(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Return the lines of the table of some runs, the latest last.

    Parameters
    ----------
    runs
        Runs with their rows, as `main` keeps them. A row that a run lacks is shown without its ratio.
    """
    found: dict[tuple[str, str], list[Row]] = {}
    for run in runs:
        for row in (Row(**values) for values in run["rows"]):
            found.setdefault((row.measured, row.beside), []).append(row)
    latest = [rows[-1] for rows in found.values()]
    return table(latest, [[row.ratio for row in rows] for rows in found.values()])


def written(page: str, lines: Sequence[str]) -> str:
    """Return the page with another table; what is written by hand stays."""
    return "\n".join([HEADING, *lines, "", page[page.index(SHOWN) :]])


def commit() -> str:
    """Return the commit that is measured, marked if files differ from it, other than the page that is written here."""
    git = shutil.which("git")
    if git is None:
        return "unknown"

    def told(*asked: str) -> str:
        command = [git, "-C", str(HERE.parent), *asked]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    name = told("describe", "--always", "--abbrev=12", "--exclude=*") or "unknown"
    page = PAGE.relative_to(HERE.parent).as_posix()
    return f"{name}-dirty" if told("status", "--porcelain", "--untracked-files=no", "--", f":!{page}") else name


def versions(peers: str) -> str:
    """Return the versions of what is measured and compared."""

    def told(python: str, *names: str) -> str:
        done = subprocess.run([python, "-c", VERSIONS, *names], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return f"{told(sys.executable, *OURS)}; PyPSA beside them: {told(peers, *THEIRS)}"


def main() -> None:
    """Run all, keep what was found, and print the table."""
    options = parser(__doc__)
    options.add_argument("peers")
    options.add_argument("base")
    options.add_argument("--large", type=int, default=0, help="members of one more sweep")
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    asked = options.parse_args()
    peers, base = (str(Path(python).absolute()) for python in (asked.peers, asked.base))
    rows = [row for command in parts(peers, base, asked.large) for row in measured(command)]
    run = {
        "commit": commit(), "machine": platform.node(), "time": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "rows": [asdict(row) for row in rows],
    }  # fmt: skip
    with KEPT.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")
    every = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]
    alike = [one for one in every if (one["commit"], one["machine"]) == (run["commit"], run["machine"])][-RUNS:]
    times = ", ".join(one["time"] for one in alike)
    lines = [
        f"{where()}; commit {run['commit']}; runs that ended at {times} (UTC)",
        versions(peers),
        "",
        *joined(alike),
    ]
    if asked.json:
        sys.stdout.write(json.dumps(run) + "\n")
    else:
        sys.stdout.write("\n".join(lines) + "\n")
    if asked.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")


if __name__ == "__main__":
    main()
