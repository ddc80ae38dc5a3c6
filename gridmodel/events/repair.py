"""Repair: speed of crews, order of jobs, and the step in which each job is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.sampling import Settings
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import REPAIR_GROUPS, RepairGroup, event_class

NIGHT_LOCAL_H = (22, 6)
"""Local hours at which night begins and ends. [h]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce:
    """Crews and how fast they work; the last column is for work that takes no region's crews."""

    crews: Floats
    """Crews on duty, infinite in the last column, shape ``(time, member, region + 1)``. [1]"""
    speed: Floats
    """Work done per hour, 1 in the last column, shape ``(time, member, region + 1)``. [h/h]"""
    travel_h: Floats
    """Time on the way to a job that restoration times do not contain, shape ``(member, 1)``. [h]"""
    new_transformer_h: Floats
    """Time from a strike until a new transformer is delivered, shape ``(member, 1)``. [h]"""
    spare_steps: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """First step in which each spare transformer beyond the scenario's stock is available, ascending, ``(spare,)``."""

    def part(self, members: slice) -> Workforce:
        """Return the workforce of some members; a member axis of 1 is kept."""
        crews, speed = (values if values.shape[1] == 1 else values[:, members] for values in (self.crews, self.speed))
        travel_h, new_transformer_h = (
            values if len(values) == 1 else values[members] for values in (self.travel_h, self.new_transformer_h)
        )
        return replace(self, crews=crews, speed=speed, travel_h=travel_h, new_transformer_h=new_transformer_h)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Hits as work for crews."""

    begin: Ints
    """Step of the strike, shape ``(job,)``."""
    rank: Ints
    """Priority, lowest first, shape ``(job,)``."""
    region: Ints
    """Region whose crews do it, -1 for repair by the clock or if the hit did not arrive, shape ``(member, job)``."""
    work_h: Floats
    """Work of a crew at full speed, travel included; 0 if there is nothing to do, shape ``(member, job)``. [h]"""
    until: Floats
    """Step in which a `repair` event ends it, infinite without one, shape ``(member, job)``."""
    needs_spare: Bools
    """True where it takes a spare transformer, shape ``(member, job)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """Log of repairs; a job is a hit that was sent, whether or not it arrived."""

    what: tuple[str, ...]
    """Class of each job's target."""
    begin: Ints
    """Step of the strike, shape ``(job,)``."""
    end: Floats
    """First step in which it is repaired, infinite if that is after the run, shape ``(member, job)``."""
    region: Ints
    """Region of the job, -1 at a border or if the hit did not arrive, shape ``(member, job)``."""
    state: Ints
    """Position in `DAMAGE_STATES`, -1 if the hit did not arrive, shape ``(member, job)``."""
    busy: npt.NDArray[np.int16]
    """Crews on a job, shape ``(time, member, region)``. [1]"""
    progress: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    """Of runs whose state is saved: fields of `OpenJobs` as they are throughout, and `done_h` by state, shape
    ``(state, member, job)``."""


def join(parts: Sequence[Repairs]) -> Repairs:
    """Join the repairs of several blocks of members."""
    end, region, state = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("end", "region", "state")
    )
    busy = np.concatenate([part.busy for part in parts], axis=1)
    progress = {name: np.concatenate([part.progress[name] for part in parts], axis=-2) for name in parts[0].progress}
    return Repairs(
        what=parts[0].what, begin=parts[0].begin, end=end, region=region, state=state, busy=busy, progress=progress
    )


def build_workforce(
    scenario: Scenario,
    settings: Settings,
    *,
    population: Floats,
    remaining: Floats,
    alert: Bools,
    outdoor_c: Floats | None = None,
    extra_crews: Floats | None = None,
    spare_steps: Ints | None = None,
) -> Workforce:
    """Compute the crews on duty and the speed at which they work.

    Parameters
    ----------
    scenario
        Its period gives the nights.
    settings
        Settings by member: crews per million people and their share at night, speed in the cold, travel.
    population
        People by region, shape ``(region,)``. [1]
    remaining
        Share of crews that remains after events, shape ``(time, member, region)``. [1]
    alert
        Whether an alert lasts, shape ``(time, member, region)``; the member axis may be 1.
    outdoor_c
        Outdoor temperature, shape ``(time, region)`` or ``(time, member, region)``; if None, cold slows nothing. [°C]
    extra_crews
        Crews in addition to the region's own, any shape that broadcasts to ``(time, member, region)``. [1]
    spare_steps
        First step in which each spare transformer beyond the scenario's stock is available, ascending, shape
        ``(spare,)``.

    Notes
    -----
    A region has a number of crews per million people, at least one, times the share that remains; the product is
    rounded down. From 22 to 6 by the clock it has `night_crew_share` of them, at least one where there is one by day.
    Restoration times of facilities are elapsed times, with ordinary nights and ways in them, so that a job with a crew
    in mild weather takes exactly as long as its source says: crews work at speed 1, times `cold_work_speed` below
    `cold_work_below_c`, and not at all while an alert lasts. Ours: the simplest rule in which cold, alerts and too few
    crews lengthen repair independently; the numbers of cold are unconfirmed [B].
    """
    own = np.maximum(1.0, settings.of("repair_crews_per_million", 1) * (population / 1e6))
    crews = np.asarray(own * remaining)
    if extra_crews is not None:
        crews = crews + extra_crews
    hour = scenario.local(scenario.times_utc()).astype("datetime64[h]").astype(np.int64) % 24
    night = ((hour >= NIGHT_LOCAL_H[0]) | (hour < NIGHT_LOCAL_H[1]))[:, None, None]
    on_duty = np.floor(crews + 1e-9)
    late = np.maximum(np.floor(crews * settings.of("night_crew_share", 1) + 1e-9), np.minimum(on_duty, 1.0))
    speed = np.where(alert, 0.0, 1.0)
    if outdoor_c is not None:
        by_member = outdoor_c if outdoor_c.ndim > 2 else outdoor_c[:, None, :]
        cold = by_member < settings.of("cold_work_below_c", 1)
        speed = speed * np.where(cold, settings.of("cold_work_speed", 1), 1.0)
    return Workforce(
        crews=_with_column(np.where(night, late, on_duty), np.inf),
        speed=_with_column(speed, 1.0),
        travel_h=np.atleast_2d(settings.of("crew_travel_h", 1)),
        new_transformer_h=np.atleast_2d(24.0 * settings.of("new_transformer_days", 1)),
        spare_steps=np.zeros(0, dtype=np.intp) if spare_steps is None else spare_steps,
    )


def _with_column(values: Floats, value: float) -> Floats:
    """Add a last column for work that takes no region's crews."""
    return np.concatenate([values, np.full((*values.shape[:-1], 1), value)], axis=-1)


def ranks(scenario: Scenario, classes: tuple[str, ...]) -> Ints:
    """Return the priority of each class, shape ``(job,)``; groups that the scenario leaves out share the last place."""
    place: dict[RepairGroup | None, int] = {group: number for number, group in enumerate(scenario.repair_priority)}
    last = len(REPAIR_GROUPS)
    of_class = {what: place.get(event_class(what).repair_group, last) for what in {*classes}}
    return np.array([of_class[what] for what in classes], dtype=np.intp)


def without_spare(jobs: Jobs, stock: int | Floats) -> Bools:
    """Return which jobs need a spare transformer when the stock is used up, shape ``(member, job)``.

    Notes
    -----
    The stock is national. Spares are allotted at the strike: by time, then priority, then position in the log.
    """
    return (_turn(jobs) > stock) & jobs.needs_spare


def _turn(jobs: Jobs) -> Ints:
    """Count the spare transformers requested up to and including each job, shape ``(member, job)``."""
    order = np.lexsort((np.arange(len(jobs.begin)), jobs.rank, jobs.begin))
    turn = np.zeros(jobs.needs_spare.shape, dtype=np.intp)
    turn[:, order] = np.cumsum(jobs.needs_spare[:, order], axis=1)
    return turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Work that is done before the first step in which crews work."""

    first: int = 0
    """That step."""
    done_h: Floats | None = None
    """Work done by then, shape ``(member, job)``; None if there is none. [h]"""
    end: Floats | None = None
    """First step after the work, infinite while it goes on, same shape; None if none is done."""


def work_off(  # noqa: PLR0915 - one loop, and what it begins with and leaves
    jobs: Jobs, workforce: Workforce, *, step_h: float, begun: Begun | None = None, note_at: Sequence[int] = (),
    noted: Floats | None = None,
) -> tuple[Floats, npt.NDArray[np.int16]]:  # fmt: skip
    """Repair jobs, step by step.

    Parameters
    ----------
    jobs
        Jobs of some members.
    workforce
        Crews and their speed.
    step_h
        Length of a step. [h]
    begun
        Work that is done before; none by default.
    note_at
        Steps at whose beginning the work done so far is noted, ascending.
    noted
        Array that takes the notes, shape ``(note, member, job)``. [h]

    Returns
    -------
    tuple
        First step after the work is done, infinite if that is after the run, shape ``(member, job)``; and crews on a
        job, shape ``(time, member, region)``.

    Notes
    -----
    Ours: list scheduling with preemption, the simplest rule that follows a published order of priority. A job takes
    one crew. At the start of each step the crews of a region go to its open jobs, by priority, then by time of the
    strike, then by position in the log, so that a job of higher priority takes a crew from one of lower priority, which
    keeps the work done so far. A crew that finishes within a step is free from the next.
    """
    steps, regions = workforce.crews.shape[0], workforce.crews.shape[2]
    members, count = jobs.region.shape
    by, column = _line_up(jobs, regions)
    most = by.shape[1]
    work_h, until = (np.take_along_axis(values, by, axis=1) for values in (jobs.work_h, jobs.until))
    begin = jobs.begin[by]
    everyone = np.arange(members)[:, None]
    heads = np.concatenate([np.ones((members, 1), dtype=bool), column[:, 1:] != column[:, :-1]], axis=1)[:, :most]
    first = np.maximum.accumulate(np.where(heads, np.arange(most), 0), axis=1)
    region = np.minimum(column, regions - 1)
    cell = everyone * regions + region
    begun = Begun() if begun is None else begun
    done_h = np.zeros(region.shape) if begun.done_h is None else np.take_along_axis(begun.done_h, by, axis=1)
    end = np.where(work_h > 0, np.inf, begin)
    if begun.end is not None:
        end = np.minimum(end, np.take_along_axis(begun.end, by, axis=1))
    busy = np.zeros((steps, members, regions), dtype=np.int16)
    noted = np.zeros((len(note_at), members, count)) if noted is None else noted
    notes = [(place, when) for place, when in enumerate(note_at)]
    for step in range(max(begun.first, int(jobs.begin.min())), steps):
        while notes and notes[0][1] <= step:
            np.put_along_axis(noted[notes.pop(0)[0]], by, done_h, axis=1)
        waiting = (begin <= step) & (step < until) & (done_h < work_h)
        if not waiting.any():
            if step >= jobs.begin.max():
                break
            continue
        so_far: Ints = np.cumsum(waiting, axis=1)
        turn: Ints = so_far - np.take_along_axis(so_far - waiting, first, axis=1)
        at_work = waiting & (turn <= _of(workforce.crews[step], everyone, region))
        done_h += at_work * _of(workforce.speed[step], everyone, region) * step_h
        end[waiting & (done_h >= work_h)] = step + 1
        busy[step] = np.bincount(cell[at_work], minlength=members * regions).reshape(members, regions)
    for place, _ in notes:
        np.put_along_axis(noted[place], by, done_h, axis=1)
    result = np.broadcast_to(jobs.begin, (members, count)).astype(float)
    np.put_along_axis(result, by, end, axis=1)
    return result, busy[:, :, :-1]


def _line_up(jobs: Jobs, regions: int) -> tuple[Ints, Ints]:
    """Sort jobs by region and, within it, in the order in which crews take them; jobs without work are left out.

    Returns
    -------
    tuple of numpy.ndarray
        Position of each job in the log and its column of the workforce, each of shape ``(member, place)``.
    """
    order = np.lexsort((np.arange(len(jobs.begin)), jobs.begin, jobs.rank))
    idle = jobs.work_h <= 0
    column = np.where(idle, regions, np.where(jobs.region < 0, regions - 1, jobs.region))
    most = int((~idle).sum(axis=1).max())
    by = order[np.argsort(column[:, order], axis=1, kind="stable")][:, :most]
    return by, np.take_along_axis(column, by, axis=1)


def _of(values: Floats, everyone: Ints, region: Ints) -> Floats:
    """Return the value at each job's member and region, shape ``(member, job)``."""
    return values[everyone, region] if len(values) > 1 else values[0, region]


def finish(
    jobs: Jobs, end: Floats, *, stock: int | Floats, lead_steps: Floats, spare_steps: Ints | None = None
) -> Floats:  # fmt: skip
    """Compute the first step in which each job is done, spare transformers included, shape ``(member, job)``.

    Parameters
    ----------
    jobs
        Jobs of some members.
    end
        First step after the work, shape ``(member, job)``.
    stock
        Spare transformers in the country, shape ``()`` or ``(member, 1)``. [1]
    lead_steps
        Steps from the strike until a new transformer is delivered, shape ``(member, 1)``.
    spare_steps
        First step in which each spare beyond the stock is available, ascending, shape ``(spare,)``.

    Notes
    -----
    A job without a spare transformer is worked on like the others, but is not done before a new one is delivered or a
    spare beyond the stock is available: the first of these goes to the first job that lacks one.
    """
    arrives = np.broadcast_to(jobs.begin + np.ceil(lead_steps), jobs.needs_spare.shape)
    if spare_steps is not None and len(spare_steps):
        place = np.clip(_turn(jobs) - np.asarray(stock, dtype=np.intp) - 1, 0, len(spare_steps))
        arrives = np.minimum(arrives, np.append(spare_steps.astype(float), np.inf)[place])
    ready = np.where(without_spare(jobs, stock), np.maximum(end, arrives), end)
    return np.asarray(np.minimum(ready, jobs.until))
