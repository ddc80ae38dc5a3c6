"""Forced outages: units that fail of themselves and are repaired, apart from all events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats
from gridmodel.network import GridIndex, Network
from gridmodel.sampling import Settings, purpose_of, stream
from gridmodel.scenario import Scenario


def forced_outages(
    scenario: Scenario, network: Network, index: GridIndex, chances: Sequence[int], *, settings: Settings, steps: int
) -> Floats | None:
    """Share of its units that each generator has working, or nothing where no technology fails of itself.

    Parameters
    ----------
    scenario
        Technologies whose units fail; a deterministic one takes the expected share.
    network
        Its generators have units.
    index
        What generators stand for; interconnectors come after the generators and do not fail.
    chances
        Numbers under which members draw.
    settings
        Their mean times to failure and repair.
    steps
        Steps of the run.

    Returns
    -------
    numpy.ndarray
        Shape ``(time, member, generator)``; the member axis is 1 if deterministic. [1]

    Notes
    -----
    Each unit is a Markov chain of two states in continuous time, seen at the start of each step and stationary from
    the first: with ``λ = 1/MTTF``, ``μ = 1/MTTR``, ``A = μ/(λ + μ)`` and ``e = exp(−(λ + μ)Δt)`` a unit that works has
    failed a step later with chance ``(1 − A)(1 − e)`` and one that does not works with ``A(1 − e)`` (Billinton and
    Allan, Reliability Evaluation of Engineering Systems, 1992, chapter 9). One uniform number a step decides: below
    the second chance it works, above one less the first it does not, between them nothing changes.
    """
    if not scenario.forced_outages:
        return None
    table = network.tables["generators"]
    count = len(index.generators)
    units = table["units"].to_numpy(dtype=np.intp)
    members = 1 if scenario.deterministic else len(chances)
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
        for place, number in enumerate(chances):
            drawn = stream(scenario.seed, number, purpose_of(f"forced_outages.{technology}"))
            up = _chain(drawn.random((steps, int(units[rows].sum()))), works=works[place], changes=changes[place])
            share[:, place, rows] = np.add.reduceat(up, first, axis=1, dtype=float) / units[rows]
    return share


def _chain(uniform: Floats, *, works: float, changes: float) -> npt.NDArray[np.bool_]:
    """Whether each unit works, shape ``(time, unit)``, from one uniform number a step and unit."""
    up = uniform < works * changes
    decided = up | (uniform >= 1.0 - (1.0 - works) * changes)
    up[0], decided[0] = uniform[0] < works, True
    steps = np.arange(len(uniform))[:, None]
    last = np.maximum.accumulate(np.where(decided, steps, 0), axis=0)
    return np.take_along_axis(up, last, axis=0)
