"""Units on Dask: a cluster of this machine, or one that is already there; the same code path for both."""

from __future__ import annotations

import errno
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gridmodel.errors import GridModelError, InputError
from gridmodel.results.metrics import per_member
from gridmodel.results.run_folder import input_hashes
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate
from gridmodel.studies.sweep import store as stores
from gridmodel.studies.sweep.job import Job

if TYPE_CHECKING:
    from distributed import Client

ATTEMPTS = 2
"""Attempts at a unit before it counts as failed. Ours: one retry, in case of a short disturbance."""
AHEAD = 3
"""Units that wait for each thread. Ours: enough never to be idle, few enough to stop soon."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Error numbers of a disk that cannot take more."""
CONNECT_S = 30
"""Time within which a scheduler must answer. [s] Ours: a busy one answers within seconds."""
OURS = {
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "1s",
}
"""Settings of Dask in processes that we start. Giving back each freed array to the system and sampling the stack a
hundred times a second, as Dask does by itself, take a third of the time of a worker (`benchmarks/sweep.py`)."""

Progress = Callable[[int, int, int], None]
"""Callback that takes the number of units done, of all units, and of failed units."""


class SweepStoppedError(GridModelError):
    """A sweep that ended early; finished units are kept."""


@dataclass(slots=True)
class Report:
    """Outcome of a sweep."""

    units: int
    """Units of the sweep."""
    kept: int
    """Units that were finished before."""
    done: int = 0
    """Units that were run."""
    failed: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Settings and error of each unit that failed."""


@contextmanager
def connected(workers: int | None, scheduler: str | None) -> Iterator[Client]:
    """Yield a client of a cluster: one already there, `workers` processes of this machine, or a thread of this process.

    Raises
    ------
    InputError
        If no scheduler answers.
    SweepStoppedError
        If the workers do not start.
    """
    import dask
    from distributed import Client, LocalCluster
    from distributed.comm.addressing import get_address_host_port

    if scheduler is not None:
        try:
            if not scheduler.startswith("inproc://"):
                get_address_host_port(scheduler)  # a client that cannot read its address never lets its process end
            client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            message = f"no scheduler answers at {scheduler}: {error}"
            raise InputError(message) from None
        with client:
            yield client
        return
    with dask.config.set(OURS), _interrupts_held():
        try:
            cluster = LocalCluster(
                n_workers=workers or 1, threads_per_worker=1, processes=workers is not None,
                host=None if workers is None else "127.0.0.1",
                dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=logging.CRITICAL,
            )  # fmt: skip
        except RuntimeError as error:  # each worker reads the script that starts it, and must not start a sweep itself
            message = 'the workers did not start; a script that starts some needs `if __name__ == "__main__":`'
            raise SweepStoppedError(message) from error
    try:
        with Client(cluster, set_as_default=False) as client:
            yield client
    finally:
        with _interrupts_held():
            cluster.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C for a moment, until workers have started or ended.

    A terminal sends it to every process of the sweep. Workers that start while it is held never see one, so that they
    do not die of it with their traceback on the screen; this process ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it lifts the mask of the thread that starts it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@lru_cache(maxsize=4)
def _job(store: str, token: str) -> Job:  # noqa: ARG001 - a store made anew under the same name has another token
    return stores.read_job(Path(store))


def run_unit(store: str, token: str, unit: int) -> dict[str, Any]:
    """Run one unit and write it; this runs in a worker.

    Parameters
    ----------
    store
        Path of the store, which every worker must reach.
    token
        Tells stores of the same path apart.
    unit
        Number of the unit.

    Returns
    -------
    dict
        The unit and the hash of what was written.

    Raises
    ------
    InputError
        If an input is not what it was when the sweep began.
    """
    job = _job(store, token)
    variant, members = job.place(unit)
    scenario = job.variant(variant)
    changed = [name for name, found in input_hashes(scenario).items() if job.inputs.get(name) != found]
    if changed:
        raise InputError(f"{', '.join(changed)}: has changed since the sweep began")
    result = simulate(run_inputs(scenario, members), keep=job.needed)
    values = result.merge(per_member(result))
    return {"unit": unit, "sha256": stores.write_unit(Path(store), job, unit, values)}


@dataclass(slots=True)
class _Hand:
    """Hands units to a cluster and knows which is which."""

    client: Client
    store: str
    token: str
    tried: dict[int, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)

    def out(self, unit: int) -> Any:  # noqa: ANN401 - a future, which Dask leaves untyped
        """Hand out a unit, for the first time or again."""
        self.tried[unit] = self.tried.get(unit, 0) + 1
        key = f"{self.token}-{unit}-{self.tried[unit]}"
        self.units[key] = unit
        return self.client.submit(run_unit, self.store, self.token, unit, pure=False, key=key)


def run_units(client: Client, store: Path, job: Job, pending: list[int], progress: Progress | None) -> Report:
    """Run units, mark those that are done, and continue after failures.

    Raises
    ------
    SweepStoppedError
        If the scheduler is lost, the disk is full, or an input has changed.
    """
    from distributed import as_completed

    report = Report(units=job.units, kept=job.units - len(pending))
    hand = _Hand(client, str(store), uuid4().hex)
    waiting = iter(pending)
    tell = progress or (lambda *_: None)
    tell(report.kept, report.units, 0)
    room = _room(client, AHEAD)
    first = [hand.out(unit) for _, unit in zip(range(room), waiting, strict=False)]
    running: Any = as_completed(first, loop=client.loop)
    for future in running:
        unit = hand.units.pop(future.key)
        error = _error_of(future, client)
        if error is not None and hand.tried[unit] < ATTEMPTS:
            running.add(hand.out(unit))
            continue
        if error is None:
            stores.mark(store, stores.DONE, unit, future.result())
            report.done += 1
        else:
            report.failed[unit] = _failure(job, unit, error)
            stores.mark(store, stores.FAILED, unit, report.failed[unit])
        future.release()
        tell(report.kept + report.done, report.units, len(report.failed))
        room = _room(client, room)
        for _, following in zip(range(room - running.count()), waiting, strict=False):
            running.add(hand.out(following))
    return report


def _room(client: Client, otherwise: int) -> int:
    """Return how many units may be out at once: some for each thread at the moment, as workers come and go."""
    try:
        threads: dict[str, int] = client.nthreads()
        return AHEAD * max(1, sum(threads.values()))
    except OSError:  # a scheduler that is lost says so with its next unit
        return otherwise


def _error_of(future: Any, client: Client) -> BaseException | None:  # noqa: ANN401 - Dask leaves it untyped
    """Return the error of a unit, if it failed.

    Raises
    ------
    SweepStoppedError
        If no further unit can end well.
    """
    if future.status == "finished":
        return None
    if future.status != "error" or client.status != "running":
        raise SweepStoppedError("lost the scheduler")
    error = future.exception()
    if isinstance(error, OSError) and error.errno in FULL:
        raise SweepStoppedError(f"the store cannot be written: {error.strerror}")
    if isinstance(error, InputError):
        raise SweepStoppedError(str(error))
    return error if isinstance(error, BaseException) else RuntimeError(str(error))


def _failure(job: Job, unit: int, error: BaseException) -> dict[str, Any]:
    """Return the settings of a unit and what went wrong."""
    variant, members = job.place(unit)
    return {
        "unit": unit,
        "changes": job.what.of(variant),
        "members": [members.start, members.stop - 1],
        "error": f"{type(error).__name__}: {error}"[:2000],
    }
