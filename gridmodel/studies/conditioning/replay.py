"""Paths of members, run again with every variable: what a member does depends on its numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from gridmodel.arrays import Ints
from gridmodel.scenario import Scenario
from gridmodel.simulation.held_state import HeldState, together
from gridmodel.studies.conditioning.assembled import Assembled
from gridmodel.studies.conditioning.filter import own_numbers
from gridmodel.studies.conditioning.segments import Engine, Members, Segment, without_log
from gridmodel.studies.conditioning.walk import noise, persistence, walked

CREWS = "crews_busy"
"""Variable that a posterior does not show, nor the log of hits."""


def distinct(members: Members) -> tuple[Ints, Ints]:
    """Return the places of members that differ, and for each member the number of the one that it is like."""
    count = len(members)
    rows = np.concatenate(
        [members.numbers.T.astype(float), np.moveaxis(members.scores, 1, 0).reshape(count, -1)], axis=1
    )
    _, first, like = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return np.asarray(first), np.asarray(like).reshape(-1)


def carried_on(engine: Engine, members: Members) -> Members:
    """Return members up to the end of the run, with settings that go on walking and random numbers of their own."""
    for segment in range(len(members.numbers), len(engine.segments)):
        free = noise(engine.scenario, f"{segment}.walk", members.scores.shape[1:])
        correlation = persistence(engine.names, engine.segments[segment - 1].days)
        members = members.after(own_numbers(segment, 0, len(members)), walked(members.scores[-1], free, correlation))
    return members


def replayed(
    engine: Engine, members: Members, keep: Sequence[str] | None = None, segments: int | None = None, *,
    folder: Path | None = None,
) -> tuple[xr.Dataset, HeldState | None]:  # fmt: skip
    """Run the paths of members, each once however many share it.

    Parameters
    ----------
    engine
        Runs segments.
    members
        Members, with the segments that are run.
    keep
        Variables of the result; None for all that a posterior shows.
    segments
        Number of segments; None for all.
    folder
        Where processes hand over results in files; None for pipes, which suit a few variables.

    Returns
    -------
    tuple
        Result, and the state of the members at its end; None at the end of the run.
    """
    count = len(engine.segments) if segments is None else segments
    steps = steps_before(engine.scenario, engine.segments[:count])
    whole = Assembled(len(members), steps[-1])
    state: HeldState | None = None
    like = np.zeros(0, dtype=np.intp)
    for segment in range(count):
        path = members.up_to(segment)
        first, now = distinct(path)
        before = None if state is None else state.of(like[first])
        states = []
        for block, made, after in engine.blocks(
            segment, path.of(first), before, keep, save=segment + 1 < len(engine.segments), folder=folder
        ):
            places = np.flatnonzero((now >= block.start) & (now < block.stop))
            whole.put(without_hits(made), now[places] - block.start, places, steps[segment])
            states += [after] if after is not None else []
            del made  # before the next block takes as much memory
        state, like = together(states) if states else None, now
    return whole.dataset(), None if state is None else state.of(like)


def steps_before(scenario: Scenario, segments: Sequence[Segment]) -> list[int]:
    """Return the number of steps of a run before each segment, and of all of them."""
    moments = [segments[0].start, *(one.end for one in segments)]
    begin = scenario.to_utc(segments[0].start)
    return [round((scenario.to_utc(moment) - begin) / scenario.step_length) for moment in moments]


def without_hits(result: xr.Dataset) -> xr.Dataset:
    """Return a result without the log of hits and the crews at work on them, which would tell where hits were."""
    return without_log(result).drop_vars(CREWS, errors="ignore")
