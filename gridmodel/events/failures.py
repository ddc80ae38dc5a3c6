"""Forced outages: units that fail and are repaired independently of events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import InputError, Problem
from gridmodel.events.past import Noted, Seam
from gridmodel.network import GridIndex, Network
from gridmodel.sampling import Settings, drawn_along, of_member
from gridmodel.scenario import Scenario


def forced_outages(
    scenario: Scenario,
    network: Network,
    index: GridIndex,
    stream_numbers: Sequence[int],
    *,
    settings: Settings,
    steps: int,
    outdoor_c: Floats | None = None,
    seam: Seam | None = None,
    noted: Noted | None = None,
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
    outdoor_c
        Outdoor temperature, below which units fail more often where the scenario says so, shape ``(time, region)`` or
        ``(time, member, region)``. [°C]
    seam
        State from which the run goes on; None where it begins anew.
    noted
        Takes the units that work before states to be saved; None without any.

    Returns
    -------
    numpy.ndarray or None
        Shape ``(time, member, generator)``; the member axis is 1 if deterministic. [1]

    Raises
    ------
    InputError
        If the state is of other units.

    Notes
    -----
    Each unit is a Markov chain of two states in continuous time, observed at the start of each step and stationary from
    the first: with ``λ = 1/MTTF``, ``μ = 1/MTTR``, ``A = μ/(λ + μ)`` and ``e = exp(−(λ + μ)Δt)``, a unit that works has
    failed one step later with probability ``(1 − A)(1 − e)``, and a failed one works with ``A(1 − e)`` (Billinton and
    Allan, Reliability Evaluation of Engineering Systems, 1992, chapter 9). One uniform number per step decides: below
    the second probability the unit works, above 1 minus the first it does not, and in between nothing changes.
    Cold is a common mode: ``λ(t) = (1 + k · max(0, T0 − T(t))) / MTTF`` with the temperature of the region, the same
    for all its units, so that they fail together more often than by chance; repair takes as long as ever.
    """
    if not scenario.forced_outages:
        return None
    table, count = network.tables["generators"], len(index.generators)
    units = table["units"].to_numpy(dtype=np.intp)
    members = 1 if scenario.deterministic else len(stream_numbers)
    share = np.ones((steps, members, count))
    for technology in scenario.forced_outages:
        rows = np.flatnonzero((table["technology"] == technology).to_numpy() & (units > 0))
        if not len(rows):
            continue
        mttf_h, mttr_h = (settings.of(f"forced_outages.{technology}.{name}", 0) for name in ("mttf_h", "mttr_h"))
        rate = _rate_in_cold(settings, technology, outdoor_c, index.generator_region[rows], steps)
        mttf_h, mttr_h = (of_member(np.atleast_1d(value), 1) for value in (mttf_h, mttr_h))
        works = mttf_h / (mttf_h + rate * mttr_h)
        changes = -np.expm1(-scenario.step_h * (rate / mttf_h + 1.0 / mttr_h))
        size = len(rows) if scenario.deterministic else int(units[rows].sum())
        known = _known(seam, technology, (members, size))
        if scenario.deterministic:
            share[:, :, rows] = _expected(works, changes, known)
            _note(noted, technology, share[:, :, rows])
            continue
        works, changes = (np.broadcast_to(values, (steps, members, len(rows))) for values in (works, changes))
        first, courses = np.concatenate([[0], np.cumsum(units[rows])[:-1]]), []
        elapsed = 0 if seam is None else seam.elapsed
        for place, number in enumerate(stream_numbers):
            chances = [np.repeat(values[:, place], units[rows], axis=1) for values in (works, changes)]
            draw = partial(np.random.Generator.random, size=(elapsed + steps, size))
            uniform = drawn_along(scenario, number, f"forced_outages.{technology}", elapsed, draw)[elapsed:]
            up = _chain(uniform, chances[0], chances[1], None if known is None else known[place] > 0)
            share[:, place, rows] = np.add.reduceat(up, first, axis=1, dtype=float) / units[rows]
            courses.append(up if noted is not None and noted.steps else up[:0])
        _note(noted, technology, np.stack(courses, axis=1))
    return share


def _known(seam: Seam | None, technology: str, shape: tuple[int, int]) -> Floats | None:
    """Return which units worked in the first step of a run that goes on from a state; None if that does not know.

    Raises
    ------
    InputError
        If the state is of other units.
    """
    known = None if seam is None else seam.working.get(technology)
    if seam is not None and known is not None and known.shape != shape:
        message = f"is {known.shape[0]} × {known.shape[1]}, and must be {shape[0]} × {shape[1]}"
        raise InputError([Problem(message=message, table=seam.shown, field=f"working.{technology}")])
    return known


def _note(noted: Noted | None, technology: str, course: npt.NDArray[Any]) -> None:
    """Note the share of units that works, shape ``(time, member, unit)``, before each state to be saved."""
    if noted is not None and noted.steps:
        noted.working[technology] = course[[step - 1 for step in noted.steps]].astype(float)


def _rate_in_cold(
    settings: Settings, technology: str, outdoor_c: Floats | None, region: Ints, steps: int
) -> Floats:  # fmt: skip
    """Return the rate of failures over the usual one, shape ``(time, member, generator)``, 1 where equal. [1]"""
    path = f"forced_outages.{technology}"
    below_c, per_k = (settings.of(f"{path}.{name}", 2) for name in ("cold_below_c", "cold_rate_per_k"))
    if outdoor_c is None or not np.any(per_k):
        return np.ones((steps, 1, 1))
    cold = outdoor_c[:, None] if outdoor_c.ndim < 3 else outdoor_c
    below_c, per_k = (value.reshape(-1, 1) if value.ndim else value for value in (below_c, per_k))
    return np.asarray(1.0 + per_k * np.maximum(below_c - cold[..., region], 0.0))


def _expected(works: Floats, changes: Floats, first: Floats | None = None) -> Floats:
    """Return the expected share that works, from the stationary one of the first step on, shape as given. [1]

    Parameters
    ----------
    works, changes
        Stationary share, and chance of a change in a step, shape ``(time, 1, plant)``; the last axis may be 1.
    first
        Share in the first step, shape ``(1, plant)``; the stationary one by default. [1]
    """
    if first is None and (works == works[:1]).all():
        return works
    course = [works[0] if first is None else first]
    for at, moves in zip(works[:-1], changes[:-1], strict=True):
        course.append(course[-1] + (at - course[-1]) * moves)
    return np.stack(course)


def _chain(
    uniform: Floats, works: Floats, changes: Floats, first: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Return whether each unit works, shape ``(time, unit)``, from one uniform number per step and unit.

    The chances are of the same shape; those of a step lead to the next. In the first step units work as `first` says,
    by default with the stationary chance.
    """
    changes = np.concatenate([changes[:1], changes[:-1]])
    later = np.concatenate([works[:1], works[:-1]])
    up = uniform < later * changes
    decided = up | (uniform >= 1.0 - (1.0 - later) * changes)
    up[0], decided[0] = uniform[0] < works[0] if first is None else first, True
    steps = np.arange(len(uniform))[:, None]
    last = np.maximum.accumulate(np.where(decided, steps, 0), axis=0)
    return np.take_along_axis(up, last, axis=0)
