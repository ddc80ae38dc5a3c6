"""Paths of members, run again with every variable: what a member does depends on its numbers alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from gridmodel.arrays import Ints
from gridmodel.simulation.held_state import HeldState
from gridmodel.studies.conditioning.segments import Engine, Members, chosen, one_after_the_other
from gridmodel.studies.conditioning.walk import noise, persistence, walked

HIDDEN = ("job", "cascade_step")
"""Dimensions of variables that tell hits and what they set off one by one: a posterior shows none of them."""
CREWS = "crews_busy"
"""Variable that a posterior does not show either."""


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
    from gridmodel.scenario.fields import MAX_MEMBERS
    from gridmodel.studies.conditioning.filter import MOST_ROUNDS

    for segment in range(len(members.numbers), len(engine.segments)):
        free = noise(engine.scenario, f"{segment}.walk", members.scores.shape[1:])
        correlation = persistence(engine.names, engine.segments[segment - 1].days)
        numbers = MAX_MEMBERS + segment * (MOST_ROUNDS + 1) * len(members) + np.arange(len(members))
        members = members.after(numbers, walked(members.scores[-1], free, correlation))
    return members


def replayed(
    engine: Engine, members: Members, keep: Sequence[str] | None = None, segments: int | None = None
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

    Returns
    -------
    tuple
        Result, and the state of the members at its end; None at the end of the run.
    """
    whole: xr.Dataset | None = None
    state: HeldState | None = None
    like, last = np.zeros(0, dtype=np.intp), len(engine.segments)
    count = last if segments is None else segments
    for segment in range(count):
        path = members.up_to(segment)
        first, now = distinct(path)
        before = None if state is None else state.of(like[first])
        made, state = engine.run(segment, path.of(first), before, keep, save=segment + 1 < last)
        whole = one_after_the_other(whole, without_hits(chosen(made, now)))
        like = now
    assert whole is not None  # noqa: S101 - a run has a segment
    return whole, None if state is None else state.of(like)


def without_hits(result: xr.Dataset) -> xr.Dataset:
    """Return a result without the log of hits and the crews at work on them, which would tell where hits were."""
    return result.drop_dims([dim for dim in HIDDEN if dim in result.dims]).drop_vars(CREWS, errors="ignore")
