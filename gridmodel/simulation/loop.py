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


def simulate(inputs: RunInputs, *, progress: Progress | None = None, keep: Collection[str] | None = None) -> xr.Dataset:
    """Step through time and return the result.

    Parameters
    ----------
    inputs
        Inputs of the run.
    progress
        Called after each step with the number of steps done and of all steps.
    keep
        Variables of the result, all by default; the others take no memory.
    """
    record = empty_record(inputs, keep)
    advance(inputs, record, len(inputs.clock.times), progress=progress)
    return record.dataset()


def empty_record(inputs: RunInputs, keep: Collection[str] | None = None) -> Record:
    """Return a record with room for some variables, or for all."""
    return Record(inputs, _started(inputs), keep)


def advance(
    inputs: RunInputs, record: Record, steps: int, *, progress: Progress | None = None, begin: int = 0,
    state: State | None = None, before: Callable[[int, State], None] | None = None, watch: Watch | None = None,
) -> None:  # fmt: skip
    """Take steps of a run, and note what they show.

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
    running = [(service.name, module_of(service)) for service in inputs.services]
    state = state or first_state(inputs)
    for step in range(begin, steps):
        if before is not None:
            before(step, state)
        state = _step(inputs, running, state, step, record=record, watch=watch)
        if progress is not None:
            progress(step + 1, steps)


def first_state(inputs: RunInputs) -> State:
    """Return the state before the first step: signals that are not shown yet have the value that is declared."""
    shape = inputs.shape
    seen: dict[str, Floats] = {name: np.full(shape, signal.empty) for name, signal in SIGNALS.items()}
    return State(services={name: begun.state for name, begun in _started(inputs).items()}, seen=seen)


def _started(inputs: RunInputs) -> dict[str, Started]:
    """Return every service of a run before the first step, by name."""
    return {service.name: module_of(service).start(inputs.parts[service.name]) for service in inputs.services}


def _step(
    inputs: RunInputs, running: list[tuple[str, Service]], state: State, step: int, *, record: Record,
    watch: Watch | None,
) -> State:  # fmt: skip
    """Take one step: each service sees this step's values of those before it, and the last step's of those after it."""
    after, seen = dict(state.services), dict(state.seen)
    for name, module in running:
        after[name], shown = module.step(inputs.parts[name], state.services[name], seen, step)
        record.note(step, name, shown)
        if watch is not None:
            watch(step, name, shown)
        seen |= {key: values for key, values in shown.items() if isinstance(values, np.ndarray)}
    return State(services=after, seen=seen)
