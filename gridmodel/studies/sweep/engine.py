"""Units on Dask: a cluster of this machine, or one that is already there; the same code path for both."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from gridmodel.errors import InputError, Problem
from gridmodel.results.handed_on import text_without_folders
from gridmodel.results.metrics import per_member
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import simulate
from gridmodel.studies.processes import StudyStoppedError, interrupts_held
from gridmodel.studies.sweep import store as stores
from gridmodel.studies.sweep.inspected import DONE, FAILED
from gridmodel.studies.sweep.job import Job, current_versions, input_hashes

if TYPE_CHECKING:
    from distributed import Client
    from distributed.deploy.cluster import Cluster

ATTEMPTS = 2
"""Attempts at a unit before it counts as failed. Ours: one retry, in case of a short disturbance."""
AHEAD = 3
"""Units that wait for each thread. Ours: enough never to be idle, few enough to stop soon."""
DIES = "its worker died each time, also with no other unit beside it: it may need more memory, or a library crashes"
"""Error of a unit that kills its workers."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Error numbers of a disk that cannot take more."""
CONNECT_S = 30
"""Time within which a scheduler must answer. [s] Ours: a busy one answers within seconds."""
OURS: dict[str, Any] = {
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.worker-ttl": None,
    "distributed.scheduler.allowed-failures": 1,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.tick.interval": "1s",
}
"""Settings of Dask in processes that we start. Giving back each freed array to the system and sampling the stack a
hundred times a second, as Dask does by itself, take a third of the time of a worker (`benchmarks/sweep.py`). Pages
about the sweep would be open to every user of this machine. Workers that seem silent after the clock was set are not
dead: their nannies see those that are. A unit whose worker dies twice is run alone, see `run_units`."""

Progress = Callable[[int, int, int], None]
"""Callback that takes the number of units done, of all units, and of failed units."""


class SweepStoppedError(StudyStoppedError):
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
def connected(workers: int | None, scheduler: str | Cluster | Client | None) -> Iterator[Client]:
    """Yield a client of a cluster: one already there, `workers` processes of this machine, or a thread of this process.

    Processes talk by TLS with a key of their own, since other users reach every port of a machine and a scheduler runs
    whatever it is sent; a thread needs no port. Workers look for code in their own folder, so that it must not lie in
    one that somebody else may have made, as Dask's `/tmp/dask-scratch-space`.

    Raises
    ------
    InputError
        If no scheduler answers.
    SweepStoppedError
        If the workers do not start.
    """
    import dask
    from distributed import Client, LocalCluster, Worker

    from gridmodel.studies.sweep.security import temporary_security

    if isinstance(scheduler, Client):
        yield scheduler  # it stays open: it is its owner's
        return
    if scheduler is not None:
        with _outside(scheduler) as client:
            yield client
        return

    class Here(Worker):
        """A worker in this process whose server of pages, which has none, is not open to the network."""

        def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as of Dask
            super().__init__(*args, **{**options, "dashboard": False, "dashboard_address": "127.0.0.1:0"})

    security = None if workers is None else temporary_security()
    scratch = TemporaryDirectory(prefix="gridmodel-sweep-", ignore_cleanup_errors=True)
    ours = OURS | {"temporary-directory": scratch.name}  # of the scheduler too, which takes no folder
    with dask.config.set(ours), interrupts_held():
        try:
            cluster = LocalCluster(
                n_workers=workers or 1, threads_per_worker=1, processes=workers is not None,
                host=None if workers is None else "127.0.0.1",
                dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False}, security=security,
                worker_class=Here if workers is None else None, protocol="inproc://" if workers is None else "tls://",
                local_directory=scratch.name, memory_limit=0, silence_logs=logging.CRITICAL,
            )  # fmt: skip
        except RuntimeError as error:  # each worker reads the script that starts it, and must not start a sweep itself
            message = 'the workers did not start; a script that starts some needs `if __name__ == "__main__":`'
            scratch.cleanup()
            raise SweepStoppedError(message) from error
    try:
        with Client(cluster, set_as_default=False) as client:
            yield client
    finally:
        with interrupts_held():
            cluster.close()
        scratch.cleanup()


def address_of(scheduler: str | Cluster | Client) -> str:
    """Return the address of a scheduler, a cluster or a client's scheduler."""
    if isinstance(scheduler, str):
        return scheduler
    whose: Any = scheduler
    return str(whose.scheduler_address if hasattr(whose, "scheduler_address") else whose.scheduler.address)


def _outside(scheduler: str | Cluster) -> Client:
    """Return a client of a scheduler that is already there; keys are those of a cluster, or of Dask's configuration.

    Raises
    ------
    InputError
        If it does not answer.
    """
    from distributed import Client
    from distributed.comm.addressing import get_address_host_port

    address = address_of(scheduler)
    if scheduler == address and address.startswith("tls://"):
        _check_keys(address)  # a client that cannot read its keys or its address never lets its process end
    try:
        if not address.startswith("inproc://"):
            get_address_host_port(address)
        return Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(f"no scheduler answers at {address}: {error}") from None


def _check_keys(address: str) -> None:
    """Check that Dask's configuration names the keys for a scheduler with TLS.

    Raises
    ------
    InputError
        If it does not, or they cannot be read.
    """
    from distributed.security import Security

    hint = "Dask's configuration names them under distributed.comm.tls: see docs/sweeps.md"
    try:
        found = Security().get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:
        raise InputError([Problem(message=f"the keys for {address} cannot be read: {error}", hint=hint)]) from None
    if found is None:
        raise InputError([Problem(message=f"no keys for {address} are known", hint=hint)])


@lru_cache(maxsize=4)
def _job(store: str, token: str, places: str) -> Job:  # noqa: ARG001 - a store made anew under the same name has another token
    return stores.read_job(Path(store)).placed(places)


def run_unit(store: str, token: str, places: str, unit: int) -> dict[str, Any]:
    """Run one unit and write it; this runs in a worker.

    Parameters
    ----------
    store
        Path of the store, which every worker must reach.
    token
        Tells stores of the same path apart.
    places
        Where files are, see `Job.places`.
    unit
        Number of the unit.

    Returns
    -------
    dict
        The unit and the hash of each chunk that was written.

    Raises
    ------
    InputError
        If an input is not what it was when the sweep began, or this worker has other versions.
    """
    job = _job(store, token, places)
    theirs = job.versions
    mine = {name: found for name, found in current_versions().items() if theirs.get(name) != found}
    other = [f"{name} {found}, not {theirs.get(name)}" for name, found in mine.items()]
    if other:
        raise InputError(f"a worker has {', '.join(other)}; install the same on every machine")
    variant, members = job.place(unit)
    scenario = job.variant(variant)
    changed = [name for name, found in input_hashes(scenario).items() if job.inputs.get(name) != found]
    if changed:
        raise InputError(f"{', '.join(changed)}: has changed since the sweep began")
    result = simulate(run_inputs(scenario, members), keep=job.needed)
    values = result.merge(per_member(result))
    return {"unit": unit, "files": stores.write_unit(Path(store), job, unit, values)}


@dataclass(slots=True)
class _Hand:
    """Hands units to a cluster and knows which is which."""

    client: Client
    store: str
    token: str
    places: str
    tried: dict[int, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    aside: list[int] = field(default_factory=list)
    """Units whose workers died, to be run one at a time after all others."""
    alone: set[int] = field(default_factory=set)
    """Units that were."""

    def out_alone(self) -> Any:  # noqa: ANN401 - as below
        """Hand out a unit that was put aside; no other must be out."""
        unit = self.aside.pop(0)
        self.alone.add(unit)
        return self.out(unit)

    def out(self, unit: int) -> Any:  # noqa: ANN401 - a future, which Dask leaves untyped
        """Hand out a unit, for the first time or again."""
        self.tried[unit] = self.tried.get(unit, 0) + 1
        key = f"{self.token}-{unit}-{self.tried[unit]}"
        self.units[key] = unit
        return self.client.submit(run_unit, self.store, self.token, self.places, unit, pure=False, key=key)


def run_units(client: Client, store: Path, job: Job, pending: list[int], progress: Progress | None) -> Report:
    """Run units, mark those that are done, and continue after failures.

    A unit whose worker died may have been killed by another that waited on the same worker. It is put aside and run
    alone at the end, so that only those which kill their worker by themselves count as failed.

    Raises
    ------
    SweepStoppedError
        If the scheduler is lost, the disk is full, or an input has changed.
    """
    report = Report(units=job.units, kept=job.units - len(pending))
    tell = progress or (lambda *_: None)
    tell(report.kept, report.units, 0)
    for unit, about, error in _ended(client, _Hand(client, str(store), uuid4().hex, job.places), pending):
        try:
            if error is None:
                stores.mark(store, DONE, unit, about)
                report.done += 1
            else:
                report.failed[unit] = _failure(job, unit, error)
                stores.mark(store, FAILED, unit, _handed_on(job, report.failed[unit]))
        except OSError as broken:
            raise SweepStoppedError(f"the store cannot be written: {broken.strerror}") from None
        tell(report.kept + report.done, report.units, len(report.failed))
    return report


def _ended(
    client: Client, hand: _Hand, pending: list[int]
) -> Iterator[tuple[int, dict[str, Any], BaseException | None]]:
    """Hand out units, and yield each when it has ended: its number, what it wrote, and its error."""
    from distributed import KilledWorker, as_completed

    waiting = iter(pending)
    room = _room(client, AHEAD)
    first = [hand.out(unit) for _, unit in zip(range(room), waiting, strict=False)]
    running: Any = as_completed(first, loop=client.loop)
    for future in running:
        unit = hand.units.pop(future.key)
        error = _error_of(future, client)
        died = isinstance(error, KilledWorker)
        if died and unit not in hand.alone:
            hand.aside.append(unit)
        elif error is not None and not died and hand.tried[unit] < ATTEMPTS:
            running.add(hand.out(unit))
            continue
        else:
            yield unit, future.result() if error is None else {}, RuntimeError(DIES) if died else error
        future.release()
        room = _room(client, room)
        for _, following in zip(range(room - running.count()), waiting, strict=False):
            running.add(hand.out(following))
        if hand.aside and running.is_empty():
            running.add(hand.out_alone())


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


def _handed_on(job: Job, failure: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a failure without the paths of this computer."""
    variant, _ = job.place(int(failure["unit"]))
    said = text_without_folders(str(failure["error"]))
    return {**failure, "changes": job.handed_on().what.of(variant), "error": said}


def _failure(job: Job, unit: int, error: BaseException) -> dict[str, Any]:
    """Return the settings of a unit and what went wrong."""
    variant, members = job.place(unit)
    return {
        "unit": unit,
        "changes": job.what.of(variant),
        "members": [members.start, members.stop - 1],
        "error": f"{type(error).__name__}: {error}"[:2000],
    }
