"""Repair: how fast crews work, which job they take first, and when each hit is whole again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from gridmodel.arrays import Bools, Floats, Ints
from gridmodel.sampling import Settings
from gridmodel.scenario import REPAIR_GROUPS, Scenario
from gridmodel.vocabulary import TECHNOLOGIES

NIGHT_LOCAL_H = (22, 6)
"""Clock hours between which it is night. [h]"""
GROUP_OF: Mapping[str, str] = {
    **dict.fromkeys((*TECHNOLOGIES, "generation", "generator"), "generation"),
    **dict.fromkeys(("heat_source", "heat_network"), "heat"),
    **dict.fromkeys(("water_pumping", "wastewater"), "water"),
    **dict.fromkeys(("transfer", "delivery", "import", "branch"), "substation"),
}
"""Group of a class in `repair_priority`. No event names a hospital or a feeder yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce:
    """Crews and how fast they work; the last column stands for what no region's crews do."""

    crews: Floats
    """Crews on duty, infinite in the last column, shape ``(time, member, region + 1)``."""
    speed: Floats
    """Work done in an hour, 1 in the last column, shape ``(time, member, region + 1)``. [h/h]"""
    travel_h: Floats
    """Work that getting to a job takes, shape ``(member, 1)``. [h]"""
    new_transformer_h: Floats
    """Time from a strike to a new transformer, shape ``(member, 1)``. [h]"""
    spare_steps: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    """First step in which each spare transformer beyond the scenario's stock is there, in order, ``(spare,)``."""

    def part(self, members: slice) -> Workforce:
        """Return the workforce of some members; an axis of 1 stands for all."""
        crews, speed = (values if values.shape[1] == 1 else values[:, members] for values in (self.crews, self.speed))
        travel_h, new_transformer_h = (
            values if len(values) == 1 else values[members] for values in (self.travel_h, self.new_transformer_h)
        )
        return replace(self, crews=crews, speed=speed, travel_h=travel_h, new_transformer_h=new_transformer_h)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """Hits as work to be done."""

    begin: Ints
    """Step of the strike, shape ``(job,)``."""
    rank: Ints
    """Place in the order of priority, lowest first, shape ``(job,)``."""
    region: Ints
    """Region whose crews do it, -1 for work by the clock and where nothing arrived, shape ``(member, job)``."""
    work_h: Floats
    """Crew hours at full speed, travel included; 0 where there is nothing to do, shape ``(member, job)``. [h]"""
    until: Floats
    """Step at which a `repair` event makes it whole, infinite where none does, shape ``(member, job)``."""
    needs_spare: Bools
    """Whether it takes a transformer, shape ``(member, job)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """What the repair log of a run is made of; a job is a hit that was sent, whether or not it arrived."""

    what: tuple[str, ...]
    """Class of each job's target."""
    begin: Ints
    """Step of the strike, shape ``(job,)``."""
    end: Floats
    """First step in which it is whole again, infinite where the run ends before, shape ``(member, job)``."""
    region: Ints
    """Region it is in, -1 at a border or where nothing arrived, shape ``(member, job)``."""
    state: Ints
    """Place among `DAMAGE_STATES`, -1 where nothing arrived, shape ``(member, job)``."""
    busy: npt.NDArray[np.int16]
    """Crews on a job, shape ``(time, member, region)``."""


def join(parts: Sequence[Repairs]) -> Repairs:
    """Return the repairs of all members, given those of some at a time."""
    end, region, state = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("end", "region", "state")
    )
    busy = np.concatenate([part.busy for part in parts], axis=1)
    return Repairs(what=parts[0].what, begin=parts[0].begin, end=end, region=region, state=state, busy=busy)


def build_workforce(
    scenario: Scenario,
    settings: Settings,
    *,
    population: Floats,
    left: Floats,
    alert: Bools,
    outdoor_c: Floats | None = None,
    extra_crews: Floats | None = None,
    spare_steps: Ints | None = None,
) -> Workforce:
    """Crews on duty and the speed at which they work.

    Parameters
    ----------
    scenario
        Its period gives the night.
    settings
        Crews per million, speeds, threshold, travel.
    population
        People by region, shape ``(region,)``. [1]
    left
        Share of crews that events leave, shape ``(time, member, region)``. [1]
    alert
        Whether an alert lasts, shape ``(time, member, region)``; the member axis may be 1.
    outdoor_c
        Outdoor temperature, shape ``(time, region)`` or ``(time, member, region)``; without it, no cold slows. [°C]
    extra_crews
        Crews that are added to the region's own, any shape that fits ``(time, member, region)``.
    spare_steps
        First step in which each spare transformer beyond the scenario's stock is there, in order, shape ``(spare,)``.

    Notes
    -----
    Crews are a number per million people, at least one, times what events leave, and only whole ones work. Speed is
    the product of three factors: 0 while an alert lasts, `cold_work_speed` below `cold_work_below_c`, and
    `night_work_speed` from 22 to 6 by the clock. Ours; the numbers are unconfirmed [B].
    """
    own = np.maximum(1.0, settings.of("repair_crews_per_million", 1) * (population / 1e6))
    crews = np.asarray(own * left)
    if extra_crews is not None:
        crews = crews + extra_crews
    hour = scenario.local(scenario.times_utc()).astype("datetime64[h]").astype(np.int64) % 24
    night = ((hour >= NIGHT_LOCAL_H[0]) | (hour < NIGHT_LOCAL_H[1]))[:, None, None]
    speed = np.where(alert, 0.0, 1.0) * np.where(night, settings.of("night_work_speed", 1), 1.0)
    if outdoor_c is not None:
        met = outdoor_c if outdoor_c.ndim > 2 else outdoor_c[:, None, :]
        cold = met < settings.of("cold_work_below_c", 1)
        speed = speed * np.where(cold, settings.of("cold_work_speed", 1), 1.0)
    return Workforce(
        crews=_with_column(np.floor(crews + 1e-9), np.inf),
        speed=_with_column(speed, 1.0),
        travel_h=np.atleast_2d(settings.of("crew_travel_h", 1)),
        new_transformer_h=np.atleast_2d(24.0 * settings.of("new_transformer_days", 1)),
        spare_steps=np.zeros(0, dtype=np.intp) if spare_steps is None else spare_steps,
    )


def _with_column(values: Floats, value: float) -> Floats:
    """Add a last column for what no region's crews do."""
    return np.concatenate([values, np.full((*values.shape[:-1], 1), value)], axis=-1)


def ranks(scenario: Scenario, classes: tuple[str, ...]) -> Ints:
    """Place of each class in the order of priority, shape ``(job,)``; groups that are not listed share the last."""
    place: dict[str, int] = {group: number for number, group in enumerate(scenario.repair_priority)}
    last = len(REPAIR_GROUPS)
    return np.array([place.get(GROUP_OF[what], last) for what in classes], dtype=np.intp)


def without_spare(jobs: Jobs, stock: int | Floats) -> Bools:
    """Which jobs find no spare transformer in the stock, shape ``(member, job)``.

    Notes
    -----
    The stock is national. It is given out at the strike: by time, then priority, then place in the log.
    """
    return (_turn(jobs) > stock) & jobs.needs_spare


def _turn(jobs: Jobs) -> Ints:
    """How many spare transformers were asked for by the time of each job, its own included, ``(member, job)``."""
    order = np.lexsort((np.arange(len(jobs.begin)), jobs.rank, jobs.begin))
    turn = np.zeros(jobs.needs_spare.shape, dtype=np.intp)
    turn[:, order] = np.cumsum(jobs.needs_spare[:, order], axis=1)
    return turn


def work_off(jobs: Jobs, workforce: Workforce, *, step_h: float) -> tuple[Floats, npt.NDArray[np.int16]]:
    """Work the jobs off, step by step.

    Parameters
    ----------
    jobs
        What there is to do.
    workforce
        Crews and their speed.
    step_h
        Length of a step. [h]

    Returns
    -------
    tuple
        First step after the last of the work, infinite where the run ends before, shape ``(member, job)``; and crews
        on a job, shape ``(time, member, region)``.

    Notes
    -----
    Ours. A job takes one crew. At the start of each step the crews of a region go to its open jobs, first by
    priority, then by time of the strike, then by place in the log, so that a graver job takes a crew off a lesser
    one; the lesser keeps what has been done. A crew that is done within a step is free from the next.
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
    done_h = np.zeros(region.shape)
    end = np.where(work_h > 0, np.inf, begin)
    busy = np.zeros((steps, members, regions), dtype=np.int16)
    for now in range(int(jobs.begin.min()), steps):
        waiting = (begin <= now) & (now < until) & (done_h < work_h)
        if not waiting.any():
            if now >= jobs.begin.max():
                break
            continue
        so_far: Ints = np.cumsum(waiting, axis=1)
        turn: Ints = so_far - np.take_along_axis(so_far - waiting, first, axis=1)
        at_work = waiting & (turn <= _of(workforce.crews[now], everyone, region))
        done_h += at_work * _of(workforce.speed[now], everyone, region) * step_h
        end[waiting & (done_h >= work_h)] = now + 1
        busy[now] = np.bincount(cell[at_work], minlength=members * regions).reshape(members, regions)
    result = np.broadcast_to(jobs.begin, (members, count)).astype(float)
    np.put_along_axis(result, by, end, axis=1)
    return result, busy[:, :, :-1]


def _line_up(jobs: Jobs, regions: int) -> tuple[Ints, Ints]:
    """Jobs in the order in which crews take them, by region; those without work come last and are left out.

    Returns
    -------
    tuple
        Place of each in the log and its column among those of the workforce, each of shape ``(member, place)``.
    """
    order = np.lexsort((np.arange(len(jobs.begin)), jobs.begin, jobs.rank))
    idle = jobs.work_h <= 0
    column = np.where(idle, regions, np.where(jobs.region < 0, regions - 1, jobs.region))
    most = int((~idle).sum(axis=1).max())
    by = order[np.argsort(column[:, order], axis=1, kind="stable")][:, :most]
    return by, np.take_along_axis(column, by, axis=1)


def _of(values: Floats, everyone: Ints, region: Ints) -> Floats:
    """Values of each job's member and region, of shape ``(member, job)``."""
    return values[everyone, region] if len(values) > 1 else values[0, region]


def finish(
    jobs: Jobs, end: Floats, *, stock: int | Floats, lead_steps: Floats, spare_steps: Ints | None = None
) -> Floats:  # fmt: skip
    """First step in which each job is whole, shape ``(member, job)``.

    Parameters
    ----------
    jobs
        What there is to do.
    end
        First step after the work, shape ``(member, job)``.
    stock
        Spare transformers in the country, one number for all members or shape ``(member, 1)``.
    lead_steps
        Steps from the strike to a new transformer, shape ``(member, 1)``.
    spare_steps
        First step in which each spare beyond the stock is there, in order, shape ``(spare,)``.

    Notes
    -----
    A job that finds no spare transformer is worked on like the others, but is not whole before a new one is there, or
    the spare beyond the stock that its turn gives it: the first to come goes to the first that lacks one.
    """
    arrives = np.broadcast_to(jobs.begin + np.ceil(lead_steps), jobs.needs_spare.shape)
    if spare_steps is not None and len(spare_steps):
        place = np.clip(_turn(jobs) - np.asarray(stock, dtype=np.intp) - 1, 0, len(spare_steps))
        arrives = np.minimum(arrives, np.append(spare_steps.astype(float), np.inf)[place])
    ready = np.where(without_spare(jobs, stock), np.maximum(end, arrives), end)
    return np.asarray(np.minimum(ready, jobs.until))
