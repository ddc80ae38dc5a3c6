"""Run a sweep and open its store."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.inputs.content import InMemory
from gridmodel.inputs.memory import TAKES, given_object, on_disk
from gridmodel.scenario import Scenario, load_scenario
from gridmodel.simulation.unmeant import warn
from gridmodel.studies.sweep import store as stores
from gridmodel.studies.sweep.changes import Changes, check_changes
from gridmodel.studies.sweep.engine import Progress, Report, SweepStoppedError, address_of, connected, run_units
from gridmodel.studies.sweep.job import Job, check_keep, make_job

if TYPE_CHECKING:
    from distributed import Client
    from distributed.deploy.cluster import Cluster

__all__ = ["Report", "SweepStoppedError", "open_sweep", "run_sweep", "sweep"]

CLOSED = ("tls://", "inproc://")
"""Beginnings of addresses at which a scheduler takes only those who have its key, or who are in this process."""
_UNITS = {"": 1, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
PROCESS_BYTES = 350_000_000
"""Memory of a process before its first unit. [byte] Ours: measured for an import and a small run on Linux."""


def sweep(  # noqa: PLR0913 - one argument an option
    scenario: Scenario | str | Path,
    changes: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | None = None,
    *,
    store: str | Path,
    keep: Sequence[str] | None = None,
    workers: int | None = None,
    scheduler: str | Cluster | Client | None = None,
    resume: bool = False,
    memory: str | float = "2GB",
    trust_network: bool = False,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a scenario with changes, each with all its members, into one store.

    Parameters
    ----------
    scenario
        The base: a scenario, a bundled name, or the path of a file.
    changes
        A mapping from settings to lists of values (every combination is run, and each setting becomes a dimension),
        or a list of mappings (each is run, along a dimension `variant`); none for one large run. Only
        conditions and help: damage is refused.
    store
        Folder of the Zarr store.
    keep
        Variables to keep step by step; by default those that metrics are made of. Metrics are always kept by member.
    workers
        Processes on this machine; by default the work is done in this process. A script that starts processes needs
        the usual ``if __name__ == "__main__":``.
    scheduler
        Address of a Dask scheduler, ``tls://host:port``, a Dask cluster or a client, instead of `workers`.
    resume
        Continue an existing store.
    memory
        Memory of all processes on this machine together, e.g. ``"2GB"``.
    trust_network
        Whether a scheduler may be one without TLS: whoever reaches it can run code as you.
    progress
        Called with the numbers of units done, of all units, and of failed units.

    Returns
    -------
    xarray.Dataset
        The store, lazily opened: the changed settings, then the dimensions of a result. What failed is missing, and
        a warning says so.

    Raises
    ------
    InputError
        With every problem of scenario, changes and store.
    SweepStoppedError
        If the sweep could not go on; what is done is kept.

    Warns
    -----
    UserWarning
        Of settings without effect, and of what is against the network, in any variant (of those that differ by numbers
        alone, in the first); and of units that failed.
    """
    base = _with_files(scenario if isinstance(scenario, Scenario) else load_scenario(scenario))
    problems = Problems()
    changes = _named(changes)
    made = problems.of(lambda: check_changes(base, changes))
    problems.of(lambda: check_keep(keep or (), base))
    if made is None or problems.found:
        raise InputError(problems.found)
    report = run_sweep(
        base, made, _place(store), keep=keep, workers=workers, scheduler=scheduler, resume=resume, memory=memory,
        trust_network=trust_network, progress=progress, told=partial(warn, stacklevel=3),
    )  # fmt: skip
    if report.failed:
        first = next(iter(report.failed.values()))
        message = f"{len(report.failed)} of {report.units} units failed and are missing, the first with {first}"
        warnings.warn(message, stacklevel=2)
    return stores.open_store(_place(store), quiet=True)


def _with_files(base: Scenario) -> Scenario:
    """Return a scenario whose content in memory is in files, for workers in other processes."""
    held: dict[str, Any] = {
        name: on_disk(value) for name in TAKES if isinstance(value := getattr(base, name), InMemory)
    }  # fmt: skip
    return base.replace(**held) if held else base


def _named(
    changes: Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | None,
) -> Mapping[str, Sequence[Any]] | Sequence[Mapping[str, Any]] | None:
    """Return changes in which objects such as arrays of weather are the paths of their content."""

    def named(name: str, value: object) -> object:
        return on_disk(given_object(name, value)) if name in FILES else value

    if isinstance(changes, Mapping):
        return {name: [named(name, value) for value in values] if isinstance(values, list | tuple) else values
                for name, values in changes.items()}  # fmt: skip
    listed: Any = changes  # what is neither is told where changes are checked
    if not isinstance(listed, list | tuple):
        return changes
    return [
        {name: named(name, value) for name, value in one.items()} if isinstance(one, Mapping) else one for one in listed
    ]


FILES = ("network", "weather", "timetable", "demand", "supply", "start_state")
"""Settings of which a change may be an object."""


def run_sweep(  # noqa: PLR0913 - as `sweep`
    scenario: Scenario,
    changes: Changes,
    store: Path,
    *,
    keep: Sequence[str] | None = None,
    workers: int | None = None,
    scheduler: str | Cluster | Client | None = None,
    resume: bool = False,
    memory: str | float = "2GB",
    trust_network: bool = False,
    progress: Progress | None = None,
    told: Callable[[list[Problem]], None] | None = None,
) -> Report:
    """Run a sweep, and return its outcome; see `sweep`. `told` takes warnings of its scenarios before anything is run.

    Raises
    ------
    InputError
        With every problem of scenario and store.
    SweepStoppedError
        If the sweep could not go on; what is done is kept.
    """
    target = _place(store).absolute()
    wrong = asked_wrong(
        target, workers=workers, scheduler=scheduler, resume=resume, memory=memory, trust_network=trust_network,
        shown=str(store),
    )  # fmt: skip
    if wrong:
        raise InputError(wrong)
    memory_bytes = read_memory(memory)
    job, empty, warnings_ = make_job(scenario, changes, keep=keep, memory_bytes=memory_bytes)
    if scheduler is None:
        _check_memory(job.unit_bytes(empty[0]), memory_bytes, workers)
    if told is not None:
        told(warnings_)
    with stores.locked(target):
        if target.exists() and not resume:  # since it was looked at
            raise InputError([_taken(str(store))])
        pending = list(range(job.units))
        if target.exists():
            job = stores.check_same(target, job)
            done = _mended(target, job, empty[0])
            pending = [unit for unit in range(job.units) if unit not in done]
        if not pending:
            return Report(units=job.units, kept=job.units)
        with connected(workers, scheduler) as client:
            if not target.exists():  # only now, so that nothing is written where no scheduler answers
                stores.create(target, job, empty[0])
            return run_units(client, target, job, pending, progress)


def asked_wrong(
    store: str | Path, *, workers: int | None, scheduler: str | Cluster | Client | None, resume: bool,
    memory: str | float, trust_network: bool, shown: str = "",
) -> list[Problem]:  # fmt: skip
    """Return what is wrong with where and how a sweep is to be run, whatever is wrong with its scenario and changes."""
    problems = Problems()
    problems.of(lambda: read_memory(memory))
    _check_how(workers, scheduler, problems, trust_network=trust_network)
    target = problems.of(lambda: _place(store))
    if target is not None and os.path.lexists(target) and not resume:
        problems.found.append(_taken(shown or str(store)))
    return problems.found


def _taken(shown: str) -> Problem:
    message, hint = "already exists", "continue a sweep with --resume, or choose another store"
    return Problem(message=message, table=shown, hint=hint)


def _mended(store: Path, job: Job, empty: xr.Dataset) -> set[int]:
    """Make again what is damaged of a store, and return the units that are done.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    try:
        stores.repair(store, job, empty)
        return stores.done_units(store, job)
    except OSError as error:
        raise InputError([Problem(message=f"cannot be written: {error.strerror}", table=str(store))]) from None


def _place(store: str | Path) -> Path:
    """Return the path of a store, with `~` as the folder of its user.

    Raises
    ------
    InputError
        If the user is unknown.
    """
    try:
        return Path(store).expanduser()
    except RuntimeError:
        raise InputError([Problem(message="names a user whose folder is unknown", table=str(store))]) from None


def open_sweep(store: str | Path) -> xr.Dataset:
    """Open the store of a sweep, lazily: data are read only when needed, and compared with their hashes when they are.

    Units that are missing or failed are NaN, and a warning counts them.

    Parameters
    ----------
    store
        Folder of the store.

    Raises
    ------
    InputError
        If it is not the store of a sweep, is damaged, or not as `gridmodel.results.result_schema` says. Damage of
        values is noticed where they are read.
    """
    return stores.open_store(_place(store))


def read_memory(text: str | float) -> int:
    """Return the bytes in `2GB`, `800 MB`, `1.5GiB` or a number.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> read_memory("1.5GB"), read_memory("2GiB")
    (1500000000, 2147483648)
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?I?)B?\s*", str(text).upper())
    if not found or found[2] not in _UNITS:
        message = "is not a size; write for example 2GB or 800MB"
        raise InputError([Problem(message=message, field="memory", value=str(text)[:80])])
    return int(float(found[1]) * _UNITS[found[2]])


def _check_how(
    workers: int | None, scheduler: str | Cluster | Client | None, problems: Problems, *, trust_network: bool
) -> None:  # fmt: skip
    """Note workers and a scheduler that do not go together, one through which others can run code, and missing Dask."""
    if workers is not None and scheduler is not None:
        problems.add("cannot be given with a scheduler, which has its own", field="workers")
    if scheduler is not None and not trust_network and not address_of(scheduler).startswith(CLOSED):
        message = "does not use TLS: whoever reaches the scheduler can run code as you"
        hint = "use one with TLS, tls://…, or say --trust-network (trust_network=True) if nobody else is there"
        problems.add(message, field="scheduler", value=address_of(scheduler)[:80], hint=hint)
    if workers is not None and workers < 1:
        problems.add("must be at least 1", field="workers", value=workers)
    try:
        import cryptography  # noqa: F401
        import distributed  # noqa: F401
        import zarr  # noqa: F401
    except ImportError as error:
        message = f"needs {error.name}, which is not installed; install it with: pip install 'gridmodel[sweep]'"
        problems.add(message, field="sweep")


def _check_memory(unit_bytes: int, memory_bytes: int, workers: int | None) -> None:
    """Check that the processes on this machine stay within a memory limit.

    Raises
    ------
    InputError
        If they would not.
    """
    each = PROCESS_BYTES + unit_bytes
    needed = each if workers is None else PROCESS_BYTES + workers * each
    if needed > memory_bytes:
        who = "one worker needs" if (workers or 1) == 1 else f"{workers} workers need"
        message = f"is too little: {who} about {needed / 1e6:,.0f} MB"
        fit = int((memory_bytes - PROCESS_BYTES) // each)
        hint = f"enough for {fit} worker{'s' * (fit > 1)}" if fit > 0 and (workers or 1) > 1 else ""
        raise InputError([Problem(message=message, field="memory", value=f"{memory_bytes / 1e6:,.0f} MB", hint=hint)])
