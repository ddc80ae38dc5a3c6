"""Forced outages: units that fail and are repaired independently of events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.network import GridIndex, Network
from gridmodel.sampling import Settings, purpose_of, stream
from gridmodel.scenario import Scenario


def forced_outages(
    scenario: Scenario,
    network: Network,
    index: GridIndex,
    stream_numbers: Sequence[int],
    *,
    settings: Settings,
    steps: int,
) -> Floats | None:
    """Sample the share of each generator's units that work; None if the scenario has no forced outages.

    Parameters
    ----------
    scenario
        Technologies whose units fail; a deterministic run takes the expected share.
    network
        Its generators have units.
    index
        Generators by position; interconnectors follow them and do not fail.
    stream_numbers
        Numbers that name the random streams of the members (`sampling.number_streams`).
    settings
        Mean times to failure and repair, by member.
    steps
        Steps of the run.

    Returns
    -------
    numpy.ndarray or None
        Shape ``(time, member, generator)``; the member axis is 1 if deterministic. [1]

    Notes
    -----
    Each unit is a Markov chain of two states in continuous time, observed at the start of each step and stationary from
    the first: with ``λ = 1/MTTF``, ``μ = 1/MTTR``, ``A = μ/(λ + μ)`` and ``e = exp(−(λ + μ)Δt)``, a unit that works has
    failed one step later with probability ``(1 − A)(1 − e)``, and a failed one works with ``A(1 − e)`` (Billinton and
    Allan, Reliability Evaluation of Engineering Systems, 1992, chapter 9). One uniform number per step decides: below
    the second probability the unit works, above 1 minus the first it does not, and in between nothing changes.
    """
    if not scenario.forced_outages:
        return None
    table = network.tables["generators"]
    count = len(index.generators)
    units = table["units"].to_numpy(dtype=np.intp)
    members = 1 if scenario.deterministic else len(stream_numbers)
    share = np.ones((steps, members, count))
    for technology in scenario.forced_outages:
        rows = np.flatnonzero((table["technology"] == technology).to_numpy() & (units > 0))
        if not len(rows):
            continue
        mttf_h, mttr_h = (settings.of(f"forced_outages.{technology}.{name}", 0) for name in ("mttf_h", "mttr_h"))
        works = np.broadcast_to(mttf_h / (mttf_h + mttr_h), members)
        if scenario.deterministic:
            share[:, :, rows] = works[:, None]
            continue
        changes = np.broadcast_to(-np.expm1(-scenario.step_h * (1.0 / mttf_h + 1.0 / mttr_h)), members)
        first = np.concatenate([[0], np.cumsum(units[rows])[:-1]])
        for place, number in enumerate(stream_numbers):
            own = stream(scenario.seed, number, purpose_of(f"forced_outages.{technology}"))
            up = _chain(own.random((steps, int(units[rows].sum()))), works=works[place], changes=changes[place])
            share[:, place, rows] = np.add.reduceat(up, first, axis=1, dtype=float) / units[rows]
    return share


def _chain(uniform: Floats, *, works: float, changes: float) -> npt.NDArray[np.bool_]:
    """Return whether each unit works, shape ``(time, unit)``, from one uniform number per step and unit."""
    up = uniform < works * changes
    decided = up | (uniform >= 1.0 - (1.0 - works) * changes)
    up[0], decided[0] = uniform[0] < works, True
    steps = np.arange(len(uniform))[:, None]
    last = np.maximum.accumulate(np.where(decided, steps, 0), axis=0)
    return np.take_along_axis(up, last, axis=0)
