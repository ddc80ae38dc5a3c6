"""Shares that remain after strikes and waves: expected, or sampled and repaired by crews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.errors import InputError, Problem
from gridmodel.events.damage import DamageModel, Hits, after_one_hit, damage_of, draw_hits, expected_remaining
from gridmodel.events.past import Noted, OpenJobs, Seam, check_jobs
from gridmodel.events.read import Event
from gridmodel.events.repair import Begun, Jobs, Repairs, Workforce, finish, join, ranks, work_off
from gridmodel.events.sizes import Sizes
from gridmodel.events.targets import Target
from gridmodel.events.waves import Landed, Wave
from gridmodel.sampling import Purpose, Settings, number_at, of_member, stream
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import DAMAGE_STATES

MAX_CELLS = 2e7
"""Most numbers in memory while strikes are sampled. Ours: some 200 MB, which a common workstation has to spare."""
PER_PLACE = 40
"""Numbers that a place for a hit takes while hits of a block are drawn and repaired. [1] Ours: arrays of both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A strike and its target, or what a wave sends to one class."""

    event: Event
    what: str
    """Class that is hit."""
    target: Target
    begin: int
    """Step in which it happens."""
    until: Floats
    """Step from which the first later `repair` event ends it on each row of the target, infinite without one, shape
    ``(row,)``."""
    transformer: bool
    """True if extensive or complete damage takes a spare transformer."""
    sent: Floats
    """Hits before interception, shape ``()`` or ``(member,)``. [1]"""
    most: int
    """Most hits that any member can have: length of the hit axis, so that a member is the same in any subset. [1]"""
    interception: Floats
    """Share that is intercepted, shape ``()`` or ``(member,)``. [1]"""
    duration_h: Floats
    """Duration of its damage by the clock, infinite if crews repair it, shape ``()`` or ``(member,)``. [h]"""
    number: int = 0
    """Number that its random streams are named after."""
    early: bool = False
    """True if it is from before the state from which the run goes on."""
    wave: Wave | None = None
    """Wave that it is part of; None for a strike."""
    place: int = 0
    """Place of the class among those of the wave."""

    def part(self, members: slice) -> Strike:
        """Return the strike of some members."""
        by_member = {name: getattr(self, name) for name in ("sent", "interception", "duration_h")}
        return replace(self, **{name: value[members] if value.ndim else value for name, value in by_member.items()})

    @property
    def clock(self) -> bool:
        """Return whether its damage lasts for a duration that the event gives, by the clock."""
        return bool(np.isfinite(self.duration_h).all())

    @property
    def units(self) -> int:
        """Return the number of units of the target."""
        return int(self.target.units.sum())

    def likely(self, settings: Settings) -> int:
        """Return the most hits that need memory at once: those of a wave are far fewer than have a place in the log."""
        if self.wave is None:
            return self.most
        chances = [settings.of(f"{flight.weapon}_damage_chance", 0) for flight in self.wave.flights]
        return self.wave.most(self.place, float(max((np.max(chance) for chance in chances), default=0.0)))

    def expected(self, settings: Settings, region: int, worked_h: Floats) -> Floats:
        """Compute the mean share of its capacity that the target has in a region, shape ``(time,)``. [1]

        Parameters
        ----------
        settings
            Settings of one member.
        region
            The region.
        worked_h
            Hours of repair since the strike, negative while crews are on the way, shape ``(time,)``. [h]
        """
        if self.wave is None:
            return expected_remaining(
                settings, what=self.what, units=self.units, hits=self.sent, interception=self.interception,
                worked_h=worked_h, fixed_h=self.duration_h,
            )  # fmt: skip
        one = after_one_hit(settings, what=self.what, worked_h=worked_h, fixed_h=self.duration_h)
        return self.wave.expected(self.place, region, one, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Hits of one strike and what they hit, each of shape ``(member, hit)``."""

    strike: Strike
    unit: Ints
    """Unit of the target, -1 if the hit did not arrive."""
    position: Ints
    """Position of the unit's row among the rows of the target."""
    state: Ints
    """Position in `DAMAGE_STATES`, -1 if the hit did not arrive."""
    remaining: Floats
    """Share of the unit's capacity that remains. [1]"""
    work_h: Floats
    """Hours of work, or by the clock. [h]"""

    @property
    def region(self) -> Ints:
        """Region of the unit, -1 at a border or if the hit did not arrive, shape ``(member, hit)``."""
        return np.where(self.unit >= 0, self.strike.target.region[self.position], -1)


def expected_shares(
    strikes: Sequence[Strike], scenario: Scenario, workforce: Workforce, settings: Settings, *, size: int,
    worked: dict[int, Floats] | None = None, seam: Seam | None = None, noted: Noted | None = None,
) -> Floats:  # fmt: skip
    """Compute the mean shares of one array of the timeline, as if neither crews nor spare transformers ran short.

    Parameters
    ----------
    strikes
        Strikes on this array.
    scenario
        It gives the length of a step.
    workforce
        Speed of the work; the number of crews is not used.
    settings
        Settings of one member: damage, repair times.
    size
        Rows of the array.
    worked
        Steps of work since strikes from before a state, by their place among `strikes`, as `Past` has them.
    seam
        State from which the run goes on; None where it begins anew.
    noted
        Notes for states to be saved; None without any.

    Returns
    -------
    numpy.ndarray
        Shape ``(time, 1, row)``. [1]
    """
    steps = np.arange(len(workforce.speed))[:, None]
    share = np.ones((len(steps), 1, size))
    for place, strike in enumerate(strikes):
        target = strike.target
        speeds = (steps >= strike.begin) * (
            np.ones_like(workforce.speed[:, 0]) if strike.clock else workforce.speed[:, 0]
        )
        done = _steps_of_work(speeds, None if worked is None else worked.get(place), 0 if seam is None else seam.step)
        if noted is not None:
            noted.worked_steps.append([done[[max(step - 1, 0), step]] for step in noted.steps])
        for region in np.unique(target.region):
            here = target.region == region
            done_h = done[:-1, region] * scenario.step_h
            mean = strike.expected(settings, region, done_h - (0.0 if strike.clock else workforce.travel_h[0, 0]))
            open_ = (steps >= strike.begin) & (steps < strike.until[here])
            share[:, 0, target.rows[here]] *= np.where(open_, mean[:, None], 1.0)
    return share


def _steps_of_work(speeds: Floats, worked: Floats | None, first: int) -> Floats:
    """Return the steps of work at full speed before each step and before the end, shape ``(time + 1, region + 1)``. [1]

    Parameters
    ----------
    speeds
        Work of each step, shape ``(time, region + 1)``. [1]
    worked
        Work before the step before `first`, and before `first`, shape ``(2, region + 1)``; None if there was none. [1]
    first
        First step that counts.
    """
    if worked is None:
        return np.concatenate([np.zeros((1, speeds.shape[1])), np.cumsum(speeds, axis=0)])
    later = np.cumsum(np.concatenate([worked[1:], speeds[first:]]), axis=0)
    return np.concatenate([np.repeat(worked[:1], first, axis=0), later])


def drawn_shares(
    strikes: Sequence[Strike],
    scenario: Scenario,
    workforce: Workforce,
    members: Sequence[int],
    settings: Settings,
    *,
    sizes: Callable[[str, Settings, Sequence[int]], Sizes],
    seam: Seam | None = None,
    noted: Noted | None = None,
    damage: DamageModel = damage_of,
) -> tuple[dict[str, Floats], Repairs]:
    """Sample the strikes of all members and repair them, in blocks of members so that memory stays bounded.

    Parameters
    ----------
    strikes
        All strikes: they compete for crews.
    scenario
        Seed, length of a step, order of repair.
    workforce
        Crews and speed.
    members
        Numbers that name the random streams of the members.
    settings
        Settings by member: damage, repair times, stock of spares.
    sizes
        Returns the sizes of the units of an array of the timeline, for some members.
    seam
        State from which the run goes on; None where it begins anew.
    noted
        Notes for states to be saved; None without any.
    damage
        Model of what hits do.

    Returns
    -------
    tuple
        Share that remains in each array that is struck, shape ``(time, member, row)``, and the log of repairs.
    """
    hits = sum(strike.likely(settings) for strike in strikes)
    places = sum(strike.most for strike in strikes)
    block = max(1, int(MAX_CELLS / max(1, hits * len(workforce.speed), places * PER_PLACE)))
    shares: list[dict[str, Floats]] = []
    repairs: list[Repairs] = []
    for first in range(0, len(members), block):
        part = slice(first, first + block)
        known = settings.part(part)
        drawn = _of_past(strikes, seam, part)
        landed: dict[str, list[Landed]] = {}
        for strike in strikes[len(drawn) :]:
            wave, moment = strike.wave, scenario.to_utc(strike.event.start)
            numbers = [number_at(member, moment) for member in members[part]]
            if wave is not None:
                if wave.name not in landed:
                    landed[wave.name] = wave.part(part).draw(scenario.seed, numbers, known)
                drawn.append(_hits_of_wave(strike.part(part), landed[wave.name][strike.place], known, damage))
                continue
            streams = [stream(scenario.seed, number, Purpose.STRIKES + strike.number) for number in numbers]
            drawn.append(_hits(strike.part(part), streams, known, damage))
        earlier = None if seam is None or seam.past.jobs is None else seam.past.jobs.part(part)
        done = _repair(drawn, scenario, workforce.part(part), known, seam=seam, earlier=earlier, noted=noted)
        ends = np.split(done.end, np.cumsum([hit.unit.shape[1] for hit in drawn])[:-1], axis=1)
        together: dict[str, list[tuple[Hit, Floats]]] = {}
        for hit, end in zip(drawn, ends, strict=True):
            together.setdefault(hit.strike.target.key, []).append((hit, end))
        steps = len(workforce.speed)
        shares.append(
            {key: _share(listed, steps, sizes(key, known, members[part])) for key, listed in together.items()}
        )
        repairs.append(done)
    if len(shares) == 1:
        return shares[0], repairs[0]
    return {key: np.concatenate([part[key] for part in shares], axis=1) for key in shares[0]}, join(repairs)


def _of_past(strikes: Sequence[Strike], seam: Seam | None, members: slice) -> list[Hit]:
    """Return the hits of strikes from before a state, for some members.

    Raises
    ------
    InputError
        If the state has other hits than its strikes.
    """
    if seam is None:
        return []
    before = [strike for strike in strikes if strike.early]
    jobs = seam.past.jobs
    if jobs is None:
        if any(strike.most for strike in before):
            raise InputError(
                [Problem(message="is missing: its events have strikes", table=seam.shown, field="past.jobs")]
            )
        return []
    check_jobs(
        jobs, [strike.most for strike in before], [strike.units for strike in before],
        [len(strike.target.rows) for strike in before], seam.shown,
    )  # fmt: skip
    edges = np.cumsum([0, *(strike.most for strike in before)])
    return [
        Hit(
            strike=strike.part(members), unit=here.unit, position=here.position, state=here.state,
            remaining=here.remaining, work_h=here.work_h,
        )
        for strike, first, last in zip(before, edges[:-1], edges[1:], strict=True)
        for here in [jobs.of(slice(first, last)).part(members)]
    ]  # fmt: skip


def _hits(
    strike: Strike, streams: Sequence[np.random.Generator], settings: Settings, damage: DamageModel
) -> Hit:  # fmt: skip
    """Sample the hits of one strike for some members."""
    drawn = draw_hits(
        streams, settings, what=strike.what, units=strike.units, hits=strike.sent,
        interception=strike.interception, most=strike.most,
        damage=damage,
    )  # fmt: skip
    return _hit(strike, drawn)


def _hits_of_wave(strike: Strike, landed: Landed, settings: Settings, damage: DamageModel) -> Hit:
    """Sample what the hits of a wave on one class do, for some members."""
    drawn = damage(
        landed.unit, settings, what=strike.what, state_at=landed.state_at, days_at=landed.days_at
    )  # fmt: skip
    return _hit(strike, drawn)


def _hit(strike: Strike, drawn: Hits) -> Hit:
    """Return hits with the rows that their units are in."""
    edges = np.cumsum(strike.target.units)
    position = np.minimum(np.searchsorted(edges, drawn.unit, side="right"), len(edges) - 1)
    work_h = drawn.repair_h
    if strike.clock:
        work_h = np.where(drawn.unit >= 0, of_member(strike.duration_h, 1), 0.0)
    return Hit(
        strike=strike, unit=drawn.unit, position=position, state=drawn.state, remaining=drawn.remaining, work_h=work_h
    )


def _repair(
    drawn: Sequence[Hit], scenario: Scenario, workforce: Workforce, settings: Settings, *, seam: Seam | None,
    earlier: OpenJobs | None, noted: Noted | None,
) -> Repairs:  # fmt: skip
    """Repair the hits of some members, on those from before a state from where work stands."""
    sent = [hit.unit.shape[1] for hit in drawn]
    region, state, work_h, until = (
        np.concatenate(parts, axis=1)
        for parts in zip(
            *((hit.region, hit.state, hit.work_h, hit.strike.until[hit.position]) for hit in drawn), strict=True
        )
    )
    begin, clock, transformer = (
        np.repeat([getattr(hit.strike, name) for hit in drawn], sent) for name in ("begin", "clock", "transformer")
    )
    what = tuple(np.repeat([hit.strike.what for hit in drawn], sent).tolist())
    grave = state >= DAMAGE_STATES.index("extensive")
    known = 0 if earlier is None else earlier.unit.shape[1]
    travel_h = np.where(clock | (work_h <= 0) | (np.arange(len(begin)) < known), 0.0, workforce.travel_h)
    jobs = Jobs(
        begin=begin,
        rank=ranks(scenario, what),
        region=np.where(clock, -1, region),
        work_h=work_h + travel_h,
        until=until,
        needs_spare=grave & transformer & ~clock,
    )
    begun, was = _begun(earlier, seam, work_h.shape)
    note_at = () if noted is None else noted.steps
    done_h = np.zeros((len(note_at), *work_h.shape))
    worked, busy = work_off(jobs, workforce, step_h=scenario.step_h, begun=begun, note_at=note_at, noted=done_h)
    lead_steps = workforce.new_transformer_h / scenario.step_h
    end = finish(
        jobs, worked, stock=settings.of("spare_transformers", 1), lead_steps=lead_steps,
        spare_steps=workforce.spare_steps,
    )  # fmt: skip
    end = np.where(np.isfinite(was), was, end)
    kept = {}
    if noted is not None:
        unit, position, remaining = (
            np.concatenate([getattr(hit, name) for hit in drawn], axis=1) for name in ("unit", "position", "remaining")
        )
        kept = {
            "unit": unit, "position": position, "remaining": remaining, "work_h": jobs.work_h, "worked": worked,
            "done_h": done_h,
        }  # fmt: skip
    return Repairs(what=what, begin=begin, end=end, region=region, state=state, busy=busy, progress=kept)


def _begun(earlier: OpenJobs | None, seam: Seam | None, shape: tuple[int, ...]) -> tuple[Begun, Floats]:
    """Return the work from before a state, and the step in which each job was repaired by then, else infinite."""
    done_h, worked, ended = np.zeros(shape), np.full(shape, np.inf), np.full(shape, np.inf)
    if seam is None or earlier is None:
        return Begun(first=0 if seam is None else seam.step), ended
    known = earlier.unit.shape[1]
    done_h[:, :known] = earlier.done_h
    worked[:, :known], ended[:, :known] = earlier.worked + seam.step, earlier.end + seam.step
    return Begun(first=seam.step, done_h=done_h, end=worked), ended


def first_alike(unit: Ints) -> Ints:
    """Return the first place in its row that has the same unit as each, shape as given.

    Examples
    --------
    >>> first_alike(np.array([[4, 2, 4, 2, 7]]))
    array([[0, 1, 0, 1, 4]])
    """
    order = np.argsort(unit, axis=1, kind="stable")
    ordered = np.take_along_axis(unit, order, axis=1)
    heads = np.concatenate([np.ones((len(unit), 1), dtype=bool), ordered[:, 1:] != ordered[:, :-1]], axis=1)
    first = np.maximum.accumulate(np.where(heads, np.arange(unit.shape[1]), 0), axis=1)
    found = np.empty_like(order)
    np.put_along_axis(found, order, np.take_along_axis(order, first, axis=1), axis=1)
    return found


def _share(listed: Sequence[tuple[Hit, Floats]], steps: int, sizes: Sizes) -> Floats:
    """Compute shares, multiplying hits on a unit until they are repaired, shape ``(time, member, row)``."""
    columns = []
    for hit, end in listed:
        target = hit.strike.target
        row = target.rows[hit.position]
        before = (np.cumsum(target.units) - target.units)[hit.position]
        unit = np.where(hit.unit < 0, -1, sizes.first[row] + hit.unit - before)
        columns.append((unit, row, hit.remaining, np.full(unit.shape, hit.strike.begin), end))
    unit, row, remaining, begin, end = (np.concatenate(parts, axis=1) for parts in zip(*columns, strict=True))
    used = (unit >= 0).any(axis=0)  # a wave has places for far more hits than it makes
    # in the order of time, in which a run from a saved state has them: sums in another differ in their last bits
    order = np.flatnonzero(used)[np.argsort(begin[0, used], kind="stable")]
    unit, row, begin = unit[:, order], row[:, order], begin[:, order]
    remaining, end = remaining[:, order], end[:, order]
    everyone, step = np.arange(len(unit)), np.arange(steps)[:, None]
    share = np.ones((steps, len(unit), len(sizes.first)))
    if not unit.shape[1]:
        return share
    slot = first_alike(unit)
    state = np.ones((steps, *unit.shape))
    for place in range(unit.shape[1]):
        open_ = (step >= begin[:, place]) & (step < end[:, place])
        state[:, everyone, slot[:, place]] *= np.where(open_ & (unit[:, place] >= 0), remaining[:, place], 1.0)
    for place in range(unit.shape[1]):
        leads = (slot[:, place] == place) & (unit[:, place] >= 0)
        lost = np.where(leads, 1.0 - state[:, :, place], 0.0)
        share[:, everyone, row[:, place]] -= lost * sizes.share[everyone, unit[:, place]]
    return np.clip(share, 0.0, 1.0)
