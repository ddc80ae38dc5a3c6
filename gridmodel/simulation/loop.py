"""The loop: from the inputs of a run to its result, all members at once, step by step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.services.registry import SIGNALS, module_of
from gridmodel.services.setup import Service, Shown, Started
from gridmodel.simulation.inputs import RunInputs
from gridmodel.simulation.record import Record
from gridmodel.simulation.state import Snapshot, loaded, snapshot

Progress = Callable[[int, int], None]
"""Called with the number of steps done and of all steps."""
Watch = Callable[[int, str, Shown], None]
"""Called with each step, the name of a service, and what it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything that is carried from step to step."""

    services: Mapping[str, Any]
    """State of each service, by its name."""
    seen: Mapping[str, Floats]
    """Latest values that services show each other."""


def simulate(
    inputs: RunInputs, *, progress: Progress | None = None, keep: Collection[str] | None = None,
    save: Callable[[Snapshot], object] | None = None,
) -> xr.Dataset:  # fmt: skip
    """Step through time and return the result.

    Parameters
    ----------
    inputs
        Inputs of the run.
    progress
        Called after each step with the number of steps done and of all steps.
    keep
        Variables of the result, all by default; the others take no memory.
    save
        Takes the states that the scenario asks for, one after the other.
    """
    record, before = empty_record(inputs, keep), inputs.saving.before

    def note(step: int, state: State) -> None:
        if save is not None and step in before:
            save(
                snapshot(inputs.scenario, before[step], state.services, state.seen, running=inputs.services, step=step)
            )

    last = advance(inputs, record, len(inputs.clock.times), progress=progress, before=note)
    note(len(inputs.clock.times), last)
    return record.dataset()


def empty_record(inputs: RunInputs, keep: Collection[str] | None = None) -> Record:
    """Return a record with room for some variables, or for all."""
    return Record(inputs, _started(inputs), keep)


def advance(
    inputs: RunInputs, record: Record, steps: int, *, progress: Progress | None = None, begin: int | None = None,
    state: State | None = None, before: Callable[[int, State], None] | None = None, watch: Watch | None = None,
) -> State:  # fmt: skip
    """Take steps of a run, note what they show, and return the state after the last.

    Parameters
    ----------
    inputs, record
        Inputs of the run, and where it is noted.
    steps
        Step before which to stop.
    progress
        Called after each step with the number of steps done and of all steps.
    begin, state
        Step to begin with, and the state that was reached there; the start of the run by default.
    before
        Called before each step with its number and the state.
    watch
        Called after each service of each step.
    """
    running = _running(inputs)
    state = state or first_state(inputs)
    for step in range(inputs.begin if begin is None else begin, steps):
        if before is not None:
            before(step, state)
        state = _step(inputs, running, state, step, record=record, watch=watch)
        if progress is not None:
            progress(step + 1 - inputs.begin, steps - inputs.begin)
    return state


def _running(inputs: RunInputs) -> list[tuple[str, Service]]:
    return [(service.name, module_of(service)) for service in inputs.services]


def first_state(inputs: RunInputs) -> State:
    """Return the state before the first step: signals that are not shown yet have the value that is declared.

    Where the run begins from a saved state, that is returned. The step before is taken from the usual start, to know
    what a state of this run consists of.

    Raises
    ------
    InputError
        With everything in which a saved state does not fit.
    """
    shape = inputs.shape
    seen: dict[str, Floats] = {name: np.full(shape, signal.empty) for name, signal in SIGNALS.items()}
    seen |= {name: np.full(shape, signal.empty) for own in inputs.services for name, signal in own.signals.items()}
    usual = State(services={name: begun.state for name, begun in _started(inputs).items()}, seen=seen)
    saved = inputs.saving.state
    if saved is None:
        return usual
    like = _step(inputs, _running(inputs), usual, 0)
    services, last = loaded(
        saved, like.services, like.seen, running=inputs.services, plants=inputs.plants,
        fresh=usual.services,
    )  # fmt: skip
    return State(services=services, seen=last)


def _started(inputs: RunInputs) -> dict[str, Started]:
    """Return every service of a run before the first step, by name."""
    return {service.name: module_of(service).start(inputs.parts[service.name]) for service in inputs.services}


def _step(
    inputs: RunInputs, running: list[tuple[str, Service]], state: State, step: int, *, record: Record | None = None,
    watch: Watch | None = None,
) -> State:  # fmt: skip
    """Take one step: each service sees this step's values of those before it, and the last step's of those after it."""
    after, seen = dict(state.services), dict(state.seen)
    for name, module in running:
        after[name], shown = module.step(inputs.parts[name], state.services[name], seen, step)
        if record is not None:
            record.note(step, name, shown)
        if watch is not None:
            watch(step, name, shown)
        seen |= {key: values for key, values in shown.items() if isinstance(values, np.ndarray)}
    return State(services=after, seen=seen)
