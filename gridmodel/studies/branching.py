"""Branching: a run with measures continues from the day in which it first differs from the run without them.

The result is that of a whole run, bit for bit: a run depends on its inputs alone, so it cannot differ before they do.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.scenario import Scenario
from gridmodel.simulation.inputs import RunInputs, run_inputs
from gridmodel.simulation.loop import State, advance, empty_record

MOST_STATES = 32
"""Days whose beginning is kept, of a longer run every second, third … one. Ours: bounds memory."""
OF_TIMELINE = frozenset({"repairs", "crews", "spare_steps", "pasts", "events"})
"""Fields that only explain the timeline; the timeline itself is compared."""
OF_SCENARIO = frozenset(
    {"scenario", "network", "grid", "index", "dispatcher", "settings", "members", "streams", "saving"}
)
"""Fields that are equal in scenarios that differ only in measures, except generators of batteries."""


class Trunk:
    """A run, and the states from which runs that differ only in measures can continue."""

    def __init__(self, scenario: Scenario, keep: Collection[str]) -> None:
        """Run a scenario, keep some variables, and the states at the beginning of days."""
        self.inputs = run_inputs(scenario)
        self.keep = keep
        self.steps = len(self.inputs.clock.times)
        midnights = np.flatnonzero(self.inputs.clock.midnight)
        kept = set(midnights[:: max(1, -(-len(midnights) // MOST_STATES))].tolist())
        self._states: dict[int, State] = {}

        def note(step: int, state: State) -> None:
            if step in kept:
                self._states[step] = copy.deepcopy(state)

        self._record = empty_record(self.inputs, keep)
        advance(self.inputs, self._record, self.steps, before=note)
        self.result = self._record.dataset()

    def with_help(self, scenario: Scenario) -> tuple[xr.Dataset, int]:
        """Run the same scenario with other measures; return its result and the number of steps computed for it.

        Parameters
        ----------
        scenario
            Scenario of the trunk, except for `mitigations`.
        """
        other = run_inputs(scenario)
        at = first_difference(self.inputs, other)
        if at is None:
            return self.result, 0
        begin = max((step for step in self._states if step <= at), default=0)
        record = empty_record(other, self.keep)
        for name in record.kept:
            if "time" in record.dims[name]:
                axis = record.dims[name].index("time")
                before = (slice(None),) * axis + (slice(begin),)
                record.arrays[name][before] = self._record.arrays[name][before]
        state = copy.deepcopy(self._states[begin]) if begin > other.begin else None
        advance(other, record, self.steps, begin=begin if state else None, state=state)
        return record.dataset(), self.steps - begin


def first_difference(one: RunInputs, other: RunInputs) -> int | None:
    """Return the first step in which the inputs of two runs differ, of one scenario except for measures; None if equal.

    Inputs without a time axis, and inputs of different shapes, differ from the first step.
    """
    if len(one.network.tables["generators"]) != len(other.network.tables["generators"]):
        return 0
    return min(_differences(one, other, len(one.clock.times)), default=None)


def _differences(here: object, there: object, steps: int) -> Iterator[int]:
    """Yield the step from which each part of the inputs differs, of those that do."""
    if is_dataclass(here) and type(here) is type(there):
        for part in fields(here):
            if part.name not in OF_SCENARIO | OF_TIMELINE:
                yield from _differences(getattr(here, part.name), getattr(there, part.name), steps)
    elif isinstance(here, Mapping) and isinstance(there, Mapping) and here.keys() == there.keys():
        for name in here:
            yield from _differences(here[name], there[name], steps)
    elif isinstance(here, np.ndarray) and isinstance(there, np.ndarray):
        yield from _first(here, there, steps)
    elif here is not there and here != there:
        yield 0


def _first(here: npt.NDArray[np.generic], there: npt.NDArray[np.generic], steps: int) -> Iterator[int]:
    """Yield the first row in which arrays differ, if any; the first step if rows are not steps."""
    if here.shape[:1] != there.shape[:1] or here.ndim != there.ndim:
        yield 0
        return
    try:
        differs = np.asarray(here != there)
    except ValueError:
        yield 0
        return
    numbers = here.dtype.kind == "f" and there.dtype.kind == "f"
    if numbers:
        differs = differs & ~(np.isnan(here) & np.isnan(there))
    if not differs.size:
        return
    rows = np.flatnonzero(differs.reshape(len(differs), -1).any(axis=1)) if differs.ndim else np.flatnonzero(differs)
    if len(rows):
        yield min(int(rows[0]), steps - 1) if len(here) >= steps else 0
