"""Particle filter: members that go from knot to knot, are weighted by what was reported, chosen again, and moved.

Between two knots a member goes on from its own state with settings that took a step of their walk (`walk`) and random
numbers of its own. Reports that end before the next knot weigh it. Where few members would carry nearly all weight, the
weights are taken in part by part (tempering): after each part members are chosen in proportion to it (systematic
resampling) and moved by a Metropolis step, which runs the segment anew with other settings and random numbers and keeps
the better with a chance that leaves the distribution as it is. All of it is exact as members grow in number (Del Moral,
Doucet and Jasra 2006, doi 10.1111/j.1467-9868.2006.00553.x; moves of normal scores as in Cotter and others 2013,
doi 10.1214/13-STS421, whose chance of acceptance needs the likelihood alone).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import xarray as xr

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.scenario.fields import MAX_MEMBERS
from gridmodel.simulation.held_state import HeldState, together
from gridmodel.studies.conditioning.errors import Errors
from gridmodel.studies.conditioning.observations import Observation
from gridmodel.studies.conditioning.segments import Engine, Members, chosen, one_after_the_other
from gridmodel.studies.conditioning.walk import first_scores, noise, persistence, uniform, walked

LEAST_SHARE = 0.5
"""Share of members below which the effective number makes weights be taken in parts. [1] As is usual."""
MOST_ROUNDS = 3
"""Most parts of the weights of a segment, each with a move. Ours: what is left then shows in the effective number."""
STEP = 0.5
"""Length of a move of normal scores, `z' = √(1 − β²) z + β ξ`. [1] Ours: half of a free draw."""
LOOKS_BACK = timedelta(days=2)
"""Time before a row that it may look at: a day, as timetables do, and more than any difference of clocks."""
KINDS = 3
"""Kinds of moves, in turns: settings; random numbers; both."""


@dataclass(slots=True)
class Particles:
    """Members at a knot, all of equal weight."""

    members: Members
    """Their numbers and settings in each segment so far."""
    state: HeldState | None
    history: xr.Dataset | None
    """Variables that observations look at, up to the knot and as far back as those that are to come do."""
    modelled: Floats
    """Values that they give of each row so far, shape ``(row, member)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Course of a segment."""

    rows: int
    """Rows that were learned from."""
    rounds: int
    """Times that members were moved."""
    effective: float
    """Effective number of members: the square of all over the sum of squares of how often each is there. [1]"""
    accepted: float | None
    """Share of moves that were accepted; None without any. [1]"""
    evidence: float
    """Logarithm of the density of its rows."""


@dataclass(slots=True)
class Filter:
    """Filter over the segments of a run."""

    engine: Engine
    rows: Sequence[Observation]
    """In the order in which they end."""
    ends: Sequence[int]
    """Number of rows that end by the end of each segment that is learned from."""
    keep: tuple[str, ...]
    """Variables that rows look at."""
    members: int
    learn: bool = True
    """False for members that no report weighs: the prior."""
    begun: tuple[xr.Dataset, HeldState | None] | None = None
    """Course of the first segment, if it is known: the prior and the posterior begin alike."""
    errors: Errors = field(init=False)
    predicted: list[Floats] = field(default_factory=list)
    """Values that members gave of the rows of each segment before these were learned, shape ``(row, member)`` each."""
    passed: list[Passed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.errors = Errors.of(self.rows if self.learn else ())

    def begin(self) -> Particles:
        """Return members before the first segment."""
        settings = len(self.engine.names)
        none = Members(
            numbers=np.zeros((0, self.members), dtype=np.int64), scores=np.zeros((0, self.members, settings))
        )
        return Particles(none, None, None, np.zeros((0, self.members)))

    def step(self, segment: int, before: Particles) -> Particles:
        """Take members through a segment, and learn from its rows.

        Parameters
        ----------
        segment
            Number of the segment.
        before
            Members at its start.
        """
        known, last = len(before.modelled), self.ends[segment] if segment < len(self.ends) else len(before.modelled)
        now = self._first(segment, before, last)
        self.predicted.append(now.modelled[known:])
        if last == known or not self.learn:
            self.passed.append(Passed(rows=0, rounds=0, effective=now.effective(), accepted=None, evidence=0.0))
            return self._particles(now, before)
        weight = self.errors.log_likelihood(now.modelled, known)
        taken, rounds, moved, evidence = 0.0, 0, list[float](), 0.0
        while True:
            part = _part(weight, 1.0 - taken, len(weight)) if rounds < MOST_ROUNDS else 1.0 - taken
            evidence += _log_mean(part * weight)
            order = systematic(_normal(part * weight), float(self._uniform(f"{segment}.{rounds}.choose", (1,))[0]))
            now, weight, taken = now.of(order), weight[order], taken + part
            if taken >= 1.0 - 1e-12:
                break
            rounds += 1
            other = self._moved(segment, rounds, before, now, last)
            theirs = self.errors.log_likelihood(other.modelled, known)
            chance = np.log(self._uniform(f"{segment}.{rounds}.accept", (self.members,)))
            better = chance < taken * (theirs - weight)
            now, weight = now.or_of(other, better), np.where(better, theirs, weight)
            moved.append(float(better.mean()))
        self.passed.append(
            Passed(
                rows=last - known, rounds=rounds, effective=now.effective(), evidence=evidence,
                accepted=float(np.mean(moved)) if moved else None,
            )
        )  # fmt: skip
        return self._particles(now, before)

    def _particles(self, now: _Tried, before: Particles) -> Particles:
        """Return members of equal weight, with as much of their past as rows that are not scored yet look at."""
        order, left = now.ancestor, self.rows[len(now.modelled) :]
        history = None
        if left:
            past = None if before.history is None else chosen(before.history, order)
            since = self.engine.scenario.to_utc(min(one.start for one in left)) - LOOKS_BACK
            whole = one_after_the_other(past, now.made)
            history = whole.isel(time=whole["time"].to_numpy() >= np.datetime64(since, "s"))
        members = before.members.of(order).after(now.numbers, now.scores)
        return Particles(members, now.state, history, now.modelled)

    def _uniform(self, what: str, shape: tuple[int, ...]) -> Floats:
        return np.asarray(uniform(self.engine.scenario, what, shape))

    def _first(self, segment: int, before: Particles, last: int) -> _Tried:
        """Return members at the end of a segment, each from the one of its place before."""
        ancestor = np.arange(self.members)
        if segment == 0:
            _, free = first_scores(self.engine.scenario, self.members)
            numbers = np.arange(self.members)
        else:
            free = noise(self.engine.scenario, f"{segment}.walk", before.members.scores.shape[1:])
            numbers = own_numbers(segment, 0, self.members)
        return self._run(segment, before, ancestor, free, numbers, last)

    def _moved(self, segment: int, turn: int, before: Particles, now: _Tried, last: int) -> _Tried:
        """Return members that are proposed in place of others, from the same members before."""
        kind = (np.arange(self.members) + turn) % KINDS
        step = noise(self.engine.scenario, f"{segment}.{turn}.move", now.free.shape)
        free = np.where((kind != 1)[:, None], np.sqrt(1.0 - STEP**2) * now.free + STEP * step, now.free)
        numbers = np.where(kind != 0, own_numbers(segment, turn, self.members), now.numbers)
        return self._run(segment, before, now.ancestor, free, numbers, last)

    def _run(  # noqa: PLR0917 - what a member is made of
        self, segment: int, before: Particles, ancestor: Ints, free: Floats, numbers: Ints, last: int
    ) -> _Tried:  # fmt: skip
        engine = self.engine
        scores = free
        if segment > 0:
            correlation = persistence(engine.names, engine.segments[segment - 1].days)
            scores = walked(before.members.scores[-1][ancestor], free, correlation)
        members = before.members.of(ancestor).after(numbers, scores)
        state = None if before.state is None else before.state.of(ancestor)
        made, after = self._made(segment, members, state, first=bool(segment == 0 and (numbers == ancestor).all()))
        history = None if before.history is None else chosen(before.history, ancestor)
        whole = one_after_the_other(history, made)
        rows = self.rows[len(before.modelled) : last]
        said = [one.what.operator(whole, one.row) for one in rows]
        modelled = np.concatenate([before.modelled[:, ancestor], np.reshape(said, (len(rows), self.members))])
        return _Tried(ancestor, free, numbers, scores, after, made, modelled)

    def _made(
        self, segment: int, members: Members, state: HeldState | None, *, first: bool
    ) -> tuple[xr.Dataset, HeldState | None]:  # fmt: skip
        """Run members through a segment, or return what they are known to have done in it."""
        if first and self.begun is not None:
            known, after = self.begun
            self.begun = None
            return known[[name for name in self.keep if name in known]], after
        made = self.engine.run(segment, members, state, self.keep, save=segment + 1 < len(self.engine.segments))
        self.begun = made if first else self.begun
        return made


@dataclass(slots=True)
class _Tried:
    """Members at the end of a segment, before they are settled."""

    ancestor: Ints
    """Place of each among the members before."""
    free: Floats
    """Standard normal numbers of the walk, shape ``(member, setting)``."""
    numbers: Ints
    scores: Floats
    state: HeldState | None
    made: xr.Dataset
    modelled: Floats

    def of(self, order: Ints) -> _Tried:
        """Return some of them, each as often as it is named."""
        state = None if self.state is None else self.state.of(order)
        return _Tried(
            self.ancestor[order], self.free[order], self.numbers[order], self.scores[order], state,
            chosen(self.made, order), self.modelled[:, order],
        )  # fmt: skip

    def or_of(self, other: _Tried, theirs: Bools) -> _Tried:
        """Return them, and others in the place of some."""
        count = len(self.ancestor)
        order = np.where(theirs, np.arange(count) + count, np.arange(count))
        state = None
        if self.state is not None and other.state is not None:
            state = together([self.state, other.state]).of(order)
        made = xr.concat(
            [self.made, other.made], dim="member", data_vars="minimal", coords="minimal", compat="override",
            join="override", combine_attrs="override",
        )  # fmt: skip
        row = theirs[:, None]
        return _Tried(
            np.where(theirs, other.ancestor, self.ancestor), np.where(row, other.free, self.free),
            np.where(theirs, other.numbers, self.numbers), np.where(row, other.scores, self.scores), state,
            chosen(made, order), np.where(theirs, other.modelled, self.modelled),
        )  # fmt: skip

    def effective(self) -> float:
        """Return the effective number of members."""
        _, count = np.unique(np.column_stack([self.ancestor, self.numbers, self.scores]), axis=0, return_counts=True)
        return effective(count.astype(float))


def own_numbers(segment: int, turn: int, members: int) -> Ints:
    """Return numbers of random streams that no other turn of any segment has, shape ``(member,)``."""
    return MAX_MEMBERS + (segment * (MOST_ROUNDS + 1) + turn) * members + np.arange(members)


def effective(weight: Floats) -> float:
    """Return the effective number of members of some weights: the square of their sum over the sum of squares. [1]

    Kong, Liu and Wong (1994, Journal of the American Statistical Association 89, 278).

    Examples
    --------
    >>> effective(np.array([1.0, 1.0, 2.0]))
    2.6666666666666665
    """
    return float(weight.sum() ** 2 / (weight**2).sum())


def systematic(weight: Floats, start: float) -> Ints:
    """Choose as many members as there are, each about as often as its weight says.

    Parameters
    ----------
    weight
        Weights that sum to 1, shape ``(member,)``.
    start
        Uniform number.

    Notes
    -----
    Systematic resampling (Kitagawa 1996): one uniform number for all; a member of weight w is there ⌊N w⌋ or ⌈N w⌉
    times.

    Examples
    --------
    >>> systematic(np.array([0.5, 0.25, 0.25, 0.0]), 0.5)
    array([0, 0, 1, 2])
    """
    edges = np.cumsum(weight)
    edges /= edges[-1]
    places = (np.arange(len(weight)) + start) / len(weight)
    return np.minimum(np.searchsorted(edges, places, side="right"), len(weight) - 1)


def _normal(log_weight: Floats) -> Floats:
    """Return weights of logarithms that sum to 1."""
    made = np.exp(log_weight - log_weight.max())
    return np.asarray(made / made.sum())


def _log_mean(log_weight: Floats) -> float:
    """Return the logarithm of the mean of weights."""
    most = log_weight.max()
    return float(most + np.log(np.exp(log_weight - most).mean()))


def _part(log_weight: Floats, left: float, members: int) -> float:
    """Return the largest part of the logarithms of weights that leaves enough members, at most what is left."""
    least = LEAST_SHARE * members
    if effective(_normal(left * log_weight)) >= least:
        return left
    low, high = 0.0, left
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if effective(_normal(middle * log_weight)) >= least else (low, middle)
    return max(low, 1e-9)
