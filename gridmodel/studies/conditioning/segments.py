"""One segment of a run, from a knot to the next, for many members: in blocks, on one process or several.

What a member does depends on nothing but its own numbers, so that blocks and processes change no bit.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from itertools import pairwise
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats, Ints
from gridmodel.sampling import Branched, Ensemble
from gridmodel.scenario import Scenario
from gridmodel.services.carried import arrays_of
from gridmodel.simulation.held_state import Axes, HeldState, axes_of, held, together
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import advance, empty_record, simulate
from gridmodel.simulation.state import Snapshot, carried_names
from gridmodel.studies.conditioning.handed import Handed
from gridmodel.studies.conditioning.walk import shares
from gridmodel.studies.processes import StudyStoppedError, interrupts_held

BLOCK, LEAST_BLOCK = 200, 25
"""Most members that are run at once, and fewest where blocks are shared out among workers. Ours: a step costs as much
for no member as for some fifty more."""
HIDDEN = ("job", "cascade_step")
"""Dimensions of variables that tell hits and what they set off one by one: a posterior shows none of them."""
AHEAD = 2
"""Blocks of each process that are on their way while others are put in place. Ours."""
LOST = "a process of the study was ended: the system may lack memory, so take fewer workers, or fewer members"
"""Words for a process that has died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Time between two knots."""

    start: datetime
    """Local time, as `end`."""
    end: datetime

    @property
    def days(self) -> float:
        """Return its length. [d]"""
        return (self.end - self.start) / timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Members of a segment: what each has of its own."""

    numbers: Ints
    """Number of the random streams in each segment so far, shape ``(segment, member)``."""
    scores: Floats
    """Normal scores of settings in each segment so far, shape ``(segment, member, setting)``."""

    def of(self, members: Ints) -> Members:
        """Return some members, each as often as it is named."""
        return Members(numbers=self.numbers[:, members], scores=self.scores[:, members])

    def after(self, numbers: Ints, scores: Floats) -> Members:
        """Return them with one more segment."""
        return Members(
            numbers=np.concatenate([self.numbers, numbers[None]]), scores=np.concatenate([self.scores, scores[None]])
        )

    def up_to(self, segment: int) -> Members:
        """Return them as they were after a segment."""
        return Members(numbers=self.numbers[: segment + 1], scores=self.scores[: segment + 1])

    def __len__(self) -> int:
        return int(self.numbers.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Block of members of a segment, as a process takes it."""

    scenario: Scenario
    """With the block as its ensemble."""
    keep: tuple[str, ...] | None
    """Variables to keep; None for all."""
    axes: Axes
    """Axis of the members in each array of the state."""
    path: Path | None = None
    """File in which to hand over the result."""


Done = tuple[xr.Dataset | Handed, HeldState | None]
"""Result of a block and the state at its end, as a process hands them over."""


def knots(scenario: Scenario, until: datetime, every_d: float) -> list[Segment]:
    """Return the segments of a run: from knot to knot up to `until`, and in the same steps on to the end.

    Parameters
    ----------
    scenario
        It gives the period.
    until
        Local time up to which is learned, a midnight.
    every_d
        Days between knots. [d]
    """
    first = datetime.combine(scenario.start, time()) + timedelta(days=0 if scenario.start.time() == time() else 1)
    moments, moment = [scenario.start], first + timedelta(days=every_d)
    for end in (until, scenario.end):
        while moment < end:
            moments.append(moment)
            moment += timedelta(days=every_d)
        if moments[-1] < end:
            moments.append(end)
        moment = end + timedelta(days=every_d)
    return [Segment(start=a, end=b) for a, b in pairwise(moments)]


def axes_of_scenario(scenario: Scenario) -> Axes:
    """Return the axis of the members in each array of the state of a scenario's runs."""
    states = []
    for members in (2, 3):
        made = run_inputs(scenario.replace(members=members, save_states=[]))
        state = advance(made, empty_record(made, ()), made.begin + 1)
        names = [name for name in carried_names(made.services) if name in state.seen]
        arrays = arrays_of(state.services, "services") | arrays_of({name: state.seen[name] for name in names}, "seen")
        states.append(Snapshot(local=scenario.start, arrays=arrays, texts={}))
    return axes_of(*states)


def streams_of(members: Members, segments: Sequence[Segment], scenario: Scenario) -> tuple[int, ...]:
    """Return the numbers of the random streams of members, with a branch at the start of each later segment."""
    moments = [np.datetime64(scenario.to_utc(segment.start), "s") for segment in segments[1 : len(members.numbers)]]
    return tuple(
        Branched(int(column[0]), [(moment, int(one)) for moment, one in zip(moments, column[1:], strict=True)])
        for column in members.numbers.T
    )


class Engine:
    """Run segments of a scenario, block by block, on one process or several."""

    def __init__(
        self, scenario: Scenario, segments: Sequence[Segment], names: Sequence[str], *, workers: int = 1,
        note: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        """Take a scenario without an ensemble, its segments, and the names of its settings."""
        self.scenario, self.segments, self.names, self.workers = scenario, segments, list(names), workers
        self.axes = axes_of_scenario(scenario)
        self.note = note
        self._pool: ProcessPoolExecutor | None = None

    @contextmanager
    def started(self) -> Iterator[Engine]:
        """Keep processes for as long as they are needed."""
        if self.workers < 2:
            yield self
            return
        self._pool = pool = ProcessPoolExecutor(
            self.workers, mp_context=get_context("spawn"), initializer=end_with_parent
        )  # fmt: skip
        try:
            yield self
        except BaseException:
            for process in list((pool._processes or {}).values()):  # noqa: SLF001 - what they do is for nothing
                process.kill()
            raise
        finally:
            self._pool = None
            pool.shutdown(cancel_futures=True)

    def run(
        self, segment: int, members: Members, state: HeldState | None, keep: Collection[str] | None, *,
        save: bool = True,
    ) -> tuple[xr.Dataset, HeldState | None]:  # fmt: skip
        """Run members through a segment.

        Parameters
        ----------
        segment
            Number of the segment.
        members
            Members, with this segment.
        state
            State of each at its start; None at the start of the run.
        keep
            Variables of the result; None for all.
        save
            Whether the state at its end is needed.

        Returns
        -------
        tuple
            Result of the segment without the log of hits, which is of another length in each block, and the state at
            its end.
        """
        parts, states = [], []
        for _, made, after in self.blocks(segment, members, state, keep, save=save):
            parts.append(without_log(made))
            states += [after] if after is not None else []
        return joined(parts), together(states) if len(states) == len(parts) else None

    def blocks(
        self, segment: int, members: Members, state: HeldState | None, keep: Collection[str] | None, *,
        save: bool = True, folder: Path | None = None,
    ) -> Iterator[tuple[range, xr.Dataset, HeldState | None]]:  # fmt: skip
        """Run members through a segment as `run` does, and give each block as soon as it is done.

        No more than two blocks for each process, and one, are on their way at a time. Processes hand over large arrays
        in files of a folder, if one is given; each is removed when the next block is asked for.
        """
        ensemble = self.ensemble(segment, members, state)
        base = self.base(segment, save=save)

        def task(block: range) -> Task:
            return Task(
                scenario=base.model_copy(update={"members": len(block)}).with_ensemble(_part(ensemble, block)),
                keep=None if keep is None else tuple(sorted(keep)), axes=self.axes,
                path=None if folder is None or self._pool is None else folder / f"block-{segment}-{block.start}.bin",
            )  # fmt: skip

        waiting: deque[tuple[range, Callable[[], Done]]] = deque()
        for block in blocks_of(len(members), self.workers):
            waiting.append((block, self._begun(task(block))))
            if len(waiting) > AHEAD * self.workers:
                yield from self._done(*waiting.popleft())
        while waiting:
            yield from self._done(*waiting.popleft())

    def _begun(self, task: Task) -> Callable[[], Done]:
        """Begin a block where there are processes, and return what waits for it, or runs it.

        Raises
        ------
        StudyStoppedError
            If a process has ended before.
        """
        if self._pool is None:
            return partial(run_task, task)
        try:
            with interrupts_held():  # a process may be started
                return self._pool.submit(run_task, task).result
        except BrokenProcessPool:
            raise StudyStoppedError(LOST) from None

    def _done(
        self, block: range, wait: Callable[[], Done]
    ) -> Iterator[tuple[range, xr.Dataset, HeldState | None]]:  # fmt: skip
        """Wait for a block, and note it.

        Raises
        ------
        StudyStoppedError
            If a process has ended before.
        """
        try:
            made, state = wait()
        except BrokenProcessPool:
            raise StudyStoppedError(LOST) from None
        if self.note is not None:
            self.note(len(block))
        if not isinstance(made, Handed):
            yield block, made, state
            return
        try:
            yield block, made.taken(), state
        finally:
            made.path.unlink()

    def ensemble(self, segment: int, members: Members, state: HeldState | None) -> Ensemble:
        """Return members as a run takes them."""
        return Ensemble(
            streams=streams_of(members, self.segments, self.scenario), state=state,
            shares=shares(self.names, members.scores[segment]), until=self.segments[segment].end,
        )  # fmt: skip

    def base(self, segment: int, *, save: bool) -> Scenario:
        """Return the scenario of a segment."""
        here = self.segments[segment]
        return self.scenario.model_copy(
            update={"start": here.start, "save_states": (here.end,) if save else ()}
        )  # fmt: skip


def blocks_of(members: int, workers: int = 1) -> list[range]:
    """Return blocks of about equal size, as many for each worker where they are not too small for that."""
    count = -(-members // BLOCK)
    shared = -(-count // workers) * workers
    count = shared if members >= shared * LEAST_BLOCK else count
    edges = [members * place // count for place in range(count + 1)]
    return [range(a, b) for a, b in pairwise(edges)]


def _part(ensemble: Ensemble, block: Sequence[int]) -> Ensemble:
    """Return a block of members."""
    state = ensemble.state
    return replace(ensemble.part(block), state=state.of(block) if isinstance(state, HeldState) else None)


def end_with_parent() -> None:
    """End this process when the one that began it was killed, instead of waiting for work for ever."""

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def run_task(task: Task) -> Done:
    """Run a block."""
    saved: list[Snapshot] = []
    result = simulate(run_inputs(task.scenario), keep=task.keep, save=saved.append)
    count = len(task.scenario.ensemble.streams)
    state = held(saved[-1], task.scenario, task.axes, count) if saved else None
    return result if task.path is None else Handed.over(result, task.path), state


def without_log(result: xr.Dataset) -> xr.Dataset:
    """Return a result without what tells hits and what they set off one by one."""
    return result.drop_dims([dim for dim in HIDDEN if dim in result.dims])


def joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return the result of the members of several blocks, numbered from 0."""
    made: xr.Dataset = parts[0]
    if len(parts) > 1:
        made = xr.concat(
            parts, dim="member", data_vars="minimal", coords="minimal", compat="override", join="override",
            combine_attrs="override",
        )  # fmt: skip
    return made.assign_coords(member=np.arange(made.sizes["member"]))


def chosen(result: xr.Dataset, members: Ints) -> xr.Dataset:
    """Return some members of a result, each as often as it is named, numbered from 0."""
    return result.isel(member=members).assign_coords(member=np.arange(len(members)))


def one_after_the_other(first: xr.Dataset | None, second: xr.Dataset) -> xr.Dataset:
    """Return the result of two segments; what has no time is that of the second."""
    if first is None:
        return second
    timed = [name for name in second.data_vars if "time" in second[name].dims and name in first]
    made: xr.Dataset = xr.concat(
        [first[timed], second[timed]], dim="time", data_vars="minimal", coords="minimal", compat="override",
        join="override", combine_attrs="override",
    )  # fmt: skip
    rest = [name for name in second.data_vars if name not in timed]
    return made.merge(second[rest], compat="override", combine_attrs="override")[list(second.data_vars)]
