"""A whole run beside a warm HiGHS loop on the dispatch of as many snapshots: ``python benchmarks/whole.py``.

HiGHS does not solve the dispatch of the run. Its snapshots are those of ``snapshots.py national``: hours of the same
month on the same grid with noise of demand by region and random damage, without limits of regions and groups. It is timed
on 5,040 of them, and that time is taken times ten, for the 50,400 hours of the members of the run. For seconds at a time a
machine that others share is up to a third slower, or twice. So HiGHS, a run of each way of taking turns and, with
``--beside FOLDER``, runs of another state of gridmodel take a few steps each, one after the other on one core, until all
are done: each meets the same phases. Ratios are of whole sums, in each of several rounds.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rows import ONE_THREAD, Row, parser, tell

HERE = Path(__file__).resolve().parent
MEMBERS, SNAPSHOTS, STEPS = 100, 5_040, 504
TURNS = 84
"""Turns in which a run, and HiGHS, come to their end."""
ROUNDS = 3
MARK = "turn: "
"""Beginning of lines by which processes speak with one another."""
GOALS = {"queues": 0.35, "mean": 0.2}
"""Goal for the time of a run over that of the warm HiGHS loop, by how homes take turns without power. [1]"""
PARTS = {
    ("services.power.step", "step_power"): "electricity",
    ("services.power.serve", "serve"): "its dispatch",
    ("services.power.consumers", "demand_ahead"): "demand ahead",
    ("services.power.storage", "planned"): "day plans",
    ("services.heat.cells", "step_cells"): "homes",
    ("services.water", "step_water"): "water",
    ("services.backup", "step_backup"): "generators",
    ("simulation.record", "note"): "record",
    ("simulation.inputs", "run_inputs"): "set-up",
}
"""Functions whose time is shown, by module and name. Parts overlap: electricity contains its dispatch, which contains
day plans; demand ahead is a part of electricity, of day plans and of set-up."""


class Turn:
    """Waits for its turn at some steps, and tells the processor time since the last one."""

    def __init__(self, steps: int) -> None:
        """Divide a number of steps into turns."""
        self._each, self._begun = steps // TURNS, 0.0

    def begin(self) -> None:
        """Wait for the first turn."""
        sys.stdin.readline()
        self._begun = time.process_time()

    def __call__(self, step: int, *_: object) -> None:
        """End a turn before a step, if one ends there."""
        if step and step % self._each == 0:
            self.end()
            self.begin()

    def end(self) -> None:
        """Tell the time of a turn."""
        _say(str(time.process_time() - self._begun))


def _say(text: str) -> None:
    """Tell who waits on the other side; what libraries print as well is told apart."""
    sys.stdout.write(f"{MARK}{text}\n")
    sys.stdout.flush()


def measure(rotation: str) -> None:
    """Take a run through its turns, after some steps of one that does not count.

    Parameters
    ----------
    rotation
        How homes take turns without power.
    """
    import gridmodel as gm
    from gridmodel.simulation.inputs import run_inputs
    from gridmodel.simulation.loop import advance, empty_record, simulate

    scenario = gm.load_scenario("january-2026").replace(members=MEMBERS, rotation=rotation)
    simulate(
        run_inputs(scenario)
    )  # imports, compiling where numba is, and memory that the machine has not handed out before
    turn = Turn(STEPS)
    _say("ready")
    turn.begin()
    inputs = run_inputs(scenario)
    record = empty_record(inputs)
    advance(inputs, record, len(inputs.clock.times), before=turn)
    record.dataset()
    turn.end()


def solve(path: str) -> None:
    """Take a warm HiGHS loop through its turns.

    Parameters
    ----------
    path
        File of snapshots.
    """
    from engine import highs, load

    data, turn = load(path, SNAPSHOTS), Turn(SNAPSHOTS)
    _say("ready")
    highs(data, 1, lambda number: turn(number) if number else turn.begin())
    turn.end()


def profile(rotation: str) -> None:
    """Profile a run of few members after a first one.

    Parameters
    ----------
    rotation
        How homes take turns without power.
    """
    import gridmodel as gm
    from gridmodel.simulation.inputs import run_inputs
    from gridmodel.simulation.loop import simulate

    scenario = gm.load_scenario("january-2026").replace(members=20, rotation=rotation)
    simulate(run_inputs(scenario))
    profiler = cProfile.Profile()
    profiler.runcall(lambda: simulate(run_inputs(scenario)))
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    parts = parts_of({key: cumulative for key, (_, _, _, cumulative, _) in stats.items()}, Path(gm.__file__).parent)
    whole = sum(own for _, _, own, _, _ in stats.values())
    sys.stdout.write(json.dumps({"parts": parts, "profiled": whole}))


def parts_of(cumulative_s: Mapping[tuple[str, int, str], float], package: Path) -> dict[str, float]:
    """Return the time of each of `PARTS`. [s]

    Parameters
    ----------
    cumulative_s
        Time of each function, calls of others included, by file, line and name, as the profiler gives it. [s]
    package
        Folder of the package that is profiled.
    """
    spent: dict[str, float] = {}
    for (file, _, name), seconds in cumulative_s.items():
        path = Path(file)
        if path.is_relative_to(package):
            part = PARTS.get((".".join(path.relative_to(package).with_suffix("").parts), name))
            if part:
                spent[part] = spent.get(part, 0.0) + seconds
    return spent


def profiled(rotation: str, env: dict[str, str]) -> dict[str, Any]:
    """Return what `profile` finds, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "profile", rotation], capture_output=True, check=True, env=env)
    return dict(json.loads(done.stdout))


def in_turn(commands: Sequence[Sequence[str]], envs: Sequence[Mapping[str, str]]) -> list[float]:
    """Let processes take their turns one after the other, on one core, and return the time of each. [s]

    Parameters
    ----------
    commands, envs
        Arguments of this file, and variables of the environment, of each process.
    """
    running = _begun(commands, envs)
    spent = [0.0] * len(running)
    for one in running:
        _line(one)  # it is ready
    for _ in range(TURNS):
        for place, one in enumerate(running):
            spent[place] += _turn_of(one)
    for one in running:
        one.communicate()
    return spent


def _begun(commands: Sequence[Sequence[str]], envs: Sequence[Mapping[str, str]]) -> list[subprocess.Popen[str]]:
    """Begin processes on the last of the cores that this one may use, where a system lets one choose."""
    cores = getattr(os, "sched_getaffinity", lambda _: set[int]())(0)
    if cores:  # children take it over
        os.sched_setaffinity(0, {max(cores)})
    running = [
        subprocess.Popen(
            [sys.executable, __file__, *command],
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command, env in zip(commands, envs, strict=True)
    ]
    if cores:
        os.sched_setaffinity(0, cores)
    return running


def _turn_of(process: subprocess.Popen[str]) -> float:
    """Let a process take a turn, and return its processor time. [s]"""
    if process.stdin is not None:
        process.stdin.write("\n")
        process.stdin.flush()
    return float(_line(process))


def _line(process: subprocess.Popen[str]) -> str:
    """Return what a process says next."""
    for line in process.stdout or ():
        if line.startswith(MARK):
            return line.removeprefix(MARK).strip()
    raise SystemExit(f"{process.args!r} ended before its turns did")


def main() -> None:
    """Run all and print the ratios."""
    asking = parser(__doc__)
    asking.add_argument(
        "--beside", metavar="FOLDER", help="checkout of another state of gridmodel, whose runs are timed too"
    )
    asked = asking.parse_args()
    here = os.environ | ONE_THREAD
    there = here if asked.beside is None else here | {"PYTHONPATH": _before(asked.beside, here.get("PYTHONPATH", ""))}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "national.npz")
        subprocess.run([sys.executable, HERE / "snapshots.py", "national", str(SNAPSHOTS), path], check=True, env=here)
        commands = [["solve", path], *(["measure", rotation] for rotation in GOALS)]
        envs = [here] * len(commands)
        if asked.beside is not None:
            commands, envs = [*commands, *commands[1:]], [*envs, *([there] * len(GOALS))]
        rounds = [in_turn(commands, envs) for _ in range(ROUNDS)]
    times = [spent[0] * MEMBERS * STEPS / SNAPSHOTS for spent in rounds]
    loop = f"a warm HiGHS loop on {MEMBERS * STEPS:,} other snapshots of the grid"
    rows = [
        Row(measured=loop, took=f"{_told(times)} s, {min(times) / MEMBERS / STEPS * 1e3:.3g} ms each of {SNAPSHOTS:,}")
    ]
    for place, (rotation, goal) in enumerate(GOALS.items(), start=1):
        what = f"run of January 2026, {MEMBERS} members, {STEPS} h, rotation {rotation}"
        mine = [spent[place] for spent in rounds]
        took = f"{_told(mine)} s of processor time"
        rows.append(Row(measured=what, took=took, beside=loop, ratio=_middle(mine, times), most=goal))
        if asked.beside is not None:
            before = [spent[place + len(GOALS)] for spent in rounds]
            took += f", beside {_told(before)} s"
            rows.append(Row(measured=what, took=took, beside="another state", ratio=_middle(mine, before)))
        found = profiled(rotation, here)
        parts = sorted(found["parts"].items(), key=lambda part: -part[1])
        rows += [
            Row(measured=f"{part}, 20 members, rotation {rotation}, under the profiler", took=f"{spent:.2f} s",
                beside="all of that run", ratio=spent / found["profiled"])
            for part, spent in parts
        ]  # fmt: skip
    tell(rows, as_json=asked.json)


def _before(folder: str, path: str) -> str:
    return os.pathsep.join([str(Path(folder).resolve()), *([path] if path else [])])


def _told(seconds: Sequence[float]) -> str:
    return f"{min(seconds):.1f} to {max(seconds):.1f}"


def _middle(seconds: Sequence[float], beside: Sequence[float]) -> float:
    """Return the middle one of the ratios of rounds."""
    return statistics.median(one / other for one, other in zip(seconds, beside, strict=True))


if __name__ == "__main__":
    asked_for: Callable[[str], None] | None = {"measure": measure, "solve": solve, "profile": profile}.get(
        " ".join(sys.argv[1:2])
    )
    asked_for(sys.argv[2]) if asked_for else main()
