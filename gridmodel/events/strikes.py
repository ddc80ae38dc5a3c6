"""Shares that remain after strikes: expected, or sampled and repaired by crews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.events.damage import draw_hits, expected_remaining
from gridmodel.events.read import Event
from gridmodel.events.repair import Jobs, Repairs, Workforce, finish, join, ranks, work_off
from gridmodel.events.targets import Target
from gridmodel.sampling import Purpose, Settings, of_member, stream
from gridmodel.scenario import Scenario
from gridmodel.vocabulary import DAMAGE_STATES

MAX_CELLS = 2e7
"""Most numbers in memory while strikes are sampled. Ours: some 200 MB, which a common workstation has to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A strike and its target."""

    event: Event
    target: Target
    begin: int
    """Step in which it happens."""
    until: Floats
    """Step of the first later `repair` event on each row of the target, infinite without one, shape ``(row,)``."""
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
    strikes: Sequence[Strike], scenario: Scenario, workforce: Workforce, settings: Settings, *, size: int
) -> Floats:
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

    Returns
    -------
    numpy.ndarray
        Shape ``(time, 1, row)``. [1]
    """
    steps = np.arange(len(workforce.speed))[:, None]
    share = np.ones((len(steps), 1, size))
    for strike in strikes:
        event, target = strike.event, strike.target
        for region in np.unique(target.region):
            here = target.region == region
            speed = np.where(steps[:, 0] >= strike.begin, 1.0 if strike.clock else workforce.speed[:, 0, region], 0.0)
            done_h = np.concatenate([[0.0], np.cumsum(speed)[:-1]]) * scenario.step_h
            mean = expected_remaining(
                settings, what=event.what, units=strike.units, hits=strike.sent, interception=strike.interception,
                worked_h=done_h - (0.0 if strike.clock else workforce.travel_h[0, 0]), fixed_h=strike.duration_h,
            )  # fmt: skip
            open_ = (steps >= strike.begin) & (steps < strike.until[here])
            share[:, 0, target.rows[here]] *= np.where(open_, mean[:, None], 1.0)
    return share


def drawn_shares(
    strikes: Sequence[Strike],
    scenario: Scenario,
    workforce: Workforce,
    members: Sequence[int],
    settings: Settings,
    *,
    sizes: dict[str, int],
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
        Rows of each array of the timeline.

    Returns
    -------
    tuple
        Share that remains in each array that is struck, shape ``(time, member, row)``, and the log of repairs.
    """
    hits = sum(strike.most for strike in strikes)
    block = max(1, int(MAX_CELLS / (hits * (len(workforce.speed) + hits))))
    shares: list[dict[str, Floats]] = []
    repairs: list[Repairs] = []
    for first in range(0, len(members), block):
        part = slice(first, first + block)
        known = settings.part(part)
        drawn = []
        for number, strike in enumerate(strikes):
            streams = [stream(scenario.seed, member, Purpose.STRIKES + number) for member in members[part]]
            drawn.append(_hits(strike.part(part), streams, known))
        done = _repair(drawn, scenario, workforce.part(part), known)
        ends = np.split(done.end, np.cumsum([hit.unit.shape[1] for hit in drawn])[:-1], axis=1)
        together: dict[str, list[tuple[Hit, Floats]]] = {}
        for hit, end in zip(drawn, ends, strict=True):
            together.setdefault(hit.strike.target.key, []).append((hit, end))
        steps = len(workforce.speed)
        shares.append({key: _share(listed, steps, size=sizes[key]) for key, listed in together.items()})
        repairs.append(done)
    if len(shares) == 1:
        return shares[0], repairs[0]
    return {key: np.concatenate([part[key] for part in shares], axis=1) for key in shares[0]}, join(repairs)


def _hits(strike: Strike, streams: Sequence[np.random.Generator], settings: Settings) -> Hit:
    """Sample the hits of one strike for some members."""
    target = strike.target
    drawn = draw_hits(
        streams, settings, what=strike.event.what, units=strike.units, hits=strike.sent,
        interception=strike.interception, most=strike.most,
    )  # fmt: skip
    edges = np.cumsum(target.units)
    position = np.minimum(np.searchsorted(edges, drawn.unit, side="right"), len(edges) - 1)
    work_h = drawn.repair_h
    if strike.clock:
        work_h = np.where(drawn.unit >= 0, of_member(strike.duration_h, 1), 0.0)
    return Hit(
        strike=strike, unit=drawn.unit, position=position, state=drawn.state, remaining=drawn.remaining, work_h=work_h
    )


def _repair(drawn: Sequence[Hit], scenario: Scenario, workforce: Workforce, settings: Settings) -> Repairs:
    """Repair the hits of some members."""
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
    what = tuple(np.repeat([hit.strike.event.what for hit in drawn], sent).tolist())
    grave = state >= DAMAGE_STATES.index("extensive")
    jobs = Jobs(
        begin=begin,
        rank=ranks(scenario, what),
        region=np.where(clock, -1, region),
        work_h=work_h + np.where(clock | (work_h <= 0), 0.0, workforce.travel_h),
        until=until,
        needs_spare=grave & transformer & ~clock,
    )
    worked, busy = work_off(jobs, workforce, step_h=scenario.step_h)
    lead_steps = workforce.new_transformer_h / scenario.step_h
    end = finish(
        jobs, worked, stock=settings.of("spare_transformers", 1), lead_steps=lead_steps,
        spare_steps=workforce.spare_steps,
    )  # fmt: skip
    return Repairs(what=what, begin=begin, end=end, region=region, state=state, busy=busy)


def _share(listed: Sequence[tuple[Hit, Floats]], steps: int, *, size: int) -> Floats:
    """Compute shares, multiplying hits on a unit until they are repaired, shape ``(time, member, row)``."""
    units_of_row = np.ones(size, dtype=np.intp)
    for hit, _ in listed:
        units_of_row[hit.strike.target.rows] = hit.strike.target.units
    first_unit = np.concatenate([[0], np.cumsum(units_of_row)])
    columns = []
    for hit, end in listed:
        target = hit.strike.target
        row = target.rows[hit.position]
        before = (np.cumsum(target.units) - target.units)[hit.position]
        unit = np.where(hit.unit < 0, -1, first_unit[row] + hit.unit - before)
        columns.append((unit, row, hit.remaining, np.full(unit.shape, hit.strike.begin), end))
    unit, row, remaining, begin, end = (np.concatenate(parts, axis=1) for parts in zip(*columns, strict=True))
    everyone, step = np.arange(len(unit)), np.arange(steps)[:, None]
    share = np.ones((steps, len(unit), size))
    if not unit.shape[1]:
        return share
    slot = (unit[:, :, None] == unit[:, None, :]).argmax(axis=2)
    state = np.ones((steps, *unit.shape))
    for place in range(unit.shape[1]):
        open_ = (step >= begin[:, place]) & (step < end[:, place])
        state[:, everyone, slot[:, place]] *= np.where(open_ & (unit[:, place] >= 0), remaining[:, place], 1.0)
    for place in range(unit.shape[1]):
        leads = (slot[:, place] == place) & (unit[:, place] >= 0)
        lost = np.where(leads, 1.0 - state[:, :, place], 0.0)
        share[:, everyone, row[:, place]] -= lost / units_of_row[row[:, place]]
    return np.clip(share, 0.0, 1.0)
